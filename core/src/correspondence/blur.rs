//! The separable Gaussian filter, row by row.
//!
//! Rows are filtered horizontally as they come and kept in a ring, out of which filtered rows are read vertically as
//! soon as all rows that they need are there. Sums run in a fixed order, centre first and then pairs from the outermost
//! inwards, w₀·x₀ + wᵣ·(x₋ᵣ + xᵣ) + … + w₁·(x₋₁ + x₁), so that results do not depend on the portions that rows come in.

use crate::Scalar;
use crate::error::{Argument, Error, check};
use crate::slice::take;

/// How a filter continues a map beyond its edge. The names are those of scipy.ndimage.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
#[repr(i32)]
pub enum Boundary {
    /// d c b a | a b c d | d c b a
    #[default]
    Reflect = 0,
    /// d c b | a b c d | c b a: what PIL and torchvision call reflect.
    Mirror = 1,
    /// a a a a | a b c d | d d d d
    Nearest = 2,
    /// a b c d | a b c d | a b c d: no row is filtered before the last one is there, and the ring holds all.
    Wrap = 3,
    /// 0 0 0 0 | a b c d | 0 0 0 0: scipy.ndimage's constant.
    Zero = 4,
}

impl Boundary {
    /// Which of `length` elements stands at `index`; `None` for a zero.
    #[inline]
    fn extend(self, index: isize, length: usize) -> Option<usize> {
        if let Ok(index) = usize::try_from(index)
            && index < length
        {
            return Some(index);
        }
        let last = length.checked_sub(1)? as isize;
        let fold = |period: isize| index.checked_rem_euclid(period).unwrap_or(0);
        Some(match self {
            Boundary::Reflect => {
                let period = last.saturating_mul(2).saturating_add(2);
                let within = fold(period);
                if within > last { period - 1 - within } else { within }
            }
            Boundary::Mirror => {
                let within = fold(last.saturating_mul(2));
                if within > last { last.saturating_mul(2) - within } else { within }
            }
            Boundary::Nearest if index < 0 => 0,
            Boundary::Nearest => last,
            Boundary::Wrap => fold(last.saturating_add(1)),
            Boundary::Zero => return None,
        } as usize)
    }
}

/// The radius at which a kernel is cut off: ⌊`truncate`·`sigma` + ½⌋, scipy.ndimage's rule.
pub const fn radius(sigma: f64, truncate: f64) -> usize {
    (truncate * sigma + 0.5) as usize
}

/// A Gaussian filter: w(j) ∝ exp(−j²/2σ²) for |j| up to the radius, Σ w = 1, along rows and along columns.
///
/// A sigma of 0 is no filter, whatever the radius. A radius may be larger than the map: reflections repeat.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
#[repr(C)]
pub struct Gaussian {
    /// The standard deviation down the columns, in pixels.
    pub sigma_y: f64,
    /// The standard deviation along the rows.
    pub sigma_x: f64,
    /// How far the kernel reaches up and down.
    pub radius_y: usize,
    /// How far it reaches to the left and to the right.
    pub radius_x: usize,
    /// What is beyond the edge.
    pub boundary: Boundary,
}

impl Gaussian {
    /// The same in both directions, cut off at 4 standard deviations, reflected: scipy.ndimage's defaults.
    pub const fn new(sigma: f64) -> Gaussian {
        Gaussian::truncated(sigma, 4.0, Boundary::Reflect)
    }

    /// The same in both directions, cut off at `truncate` standard deviations.
    pub const fn truncated(sigma: f64, truncate: f64, boundary: Boundary) -> Gaussian {
        let radius = radius(sigma, truncate);
        Gaussian { sigma_y: sigma, sigma_x: sigma, radius_y: radius, radius_x: radius, boundary }
    }

    /// A kernel of 2·`radius` + 1 pixels with torchvision's default deviation for that size, 0.3·(radius − 1) + 0.8, and
    /// its boundary: the 3×3 kernel with radius 1 has σ = 0.8.
    pub const fn of_radius(radius: usize) -> Gaussian {
        let sigma = 0.3 * (radius as f64 - 1.0) + 0.8;
        Gaussian { sigma_y: sigma, sigma_x: sigma, radius_y: radius, radius_x: radius, boundary: Boundary::Mirror }
    }

    /// Sigmas must be finite and not negative.
    pub(crate) fn check(&self) -> Result<(), Error> {
        check::non_negative(Argument::Sigma, self.sigma_y)?;
        check::non_negative(Argument::Sigma, self.sigma_x).map(drop)
    }

    /// The radius up and down, 0 without a filter.
    pub(crate) const fn reach_y(&self) -> usize {
        if self.sigma_y == 0.0 { 0 } else { self.radius_y }
    }

    const fn reach_x(&self) -> usize {
        if self.sigma_x == 0.0 { 0 } else { self.radius_x }
    }

    /// How many rows the ring holds: all that reach into a filtered one, reflected rows included.
    const fn ring_rows(&self, height: usize) -> usize {
        let rows = self.reach_y().saturating_mul(2).saturating_add(1);
        if rows > height || matches!(self.boundary, Boundary::Wrap) { height } else { rows }
    }

    /// How many filtered rows can be given once `rows` of `height` are taken.
    pub(crate) fn complete_rows(&self, rows: usize, height: usize) -> usize {
        if rows >= height {
            height
        } else if matches!(self.boundary, Boundary::Wrap) {
            0
        } else {
            rows.saturating_sub(self.reach_y())
        }
    }

    /// The length of the scratch of [`filter`], saturating.
    pub const fn scratch_len(&self, height: usize, width: usize) -> usize {
        self.ring_len(height, width, 1, 1)
    }

    /// The length of what [`Ring`] works in: kernels, rows to come that are extended at both ends, a filtered row, a row
    /// of zeros if there is need, and the ring of each plane.
    pub(crate) const fn ring_len(&self, height: usize, width: usize, inputs: usize, planes: usize) -> usize {
        let kernels = self.reach_y().saturating_add(self.reach_x()).saturating_add(2);
        let extended = self.extended(width).saturating_mul(inputs);
        let rings = self.ring_rows(height).saturating_mul(width).saturating_mul(planes);
        let rows = width.saturating_add(self.zeros(width));
        kernels.saturating_add(extended).saturating_add(rows).saturating_add(rings)
    }

    const fn extended(&self, width: usize) -> usize {
        self.reach_x().saturating_mul(2).saturating_add(width)
    }

    const fn zeros(&self, width: usize) -> usize {
        if matches!(self.boundary, Boundary::Zero) { width } else { 0 }
    }
}

/// Fills one half of a kernel, w(0), w(1), …, w(r): the whole one has 2r + 1 weights of sum 1.
///
/// In double precision, rounded once. A `sigma` of 0 gives 1, 0, 0, …
///
/// # Errors
///
/// [`Error::Domain`] for a `sigma` that is negative or not finite.
///
/// # Example
///
/// ```
/// let mut half = [0f64; 2];
/// quell::correspondence::blur::fill_kernel(&mut half, 0.8)?;
/// assert!((half[0] - 0.522).abs() < 1e-4 && (half[1] - 0.239).abs() < 1e-4);
/// # Ok::<(), quell::Error>(())
/// ```
pub fn fill_kernel<T: Scalar>(weights: &mut [T], sigma: f64) -> Result<(), Error> {
    check::non_negative(Argument::Sigma, sigma)?;
    fill_kernel_unchecked(weights, sigma);
    Ok(())
}

fn fill_kernel_unchecked<T: Scalar>(weights: &mut [T], sigma: f64) {
    // At 0 also where σ² underflows.
    let bell = |j: usize| if j == 0 { 1.0 } else { libm::exp(-0.5 / (sigma * sigma) * (j as f64 * j as f64)) };
    // The small ones first.
    let half = (1..weights.len()).rev().map(bell).sum::<f64>();
    for (j, weight) in weights.iter_mut().enumerate() {
        *weight = T::from_f64(bell(j) / (1.0 + 2.0 * half));
    }
}

/// Filters a map of `height` rows in place. `scratch` has [`Gaussian::scratch_len`] elements.
///
/// NaN spreads as far as the kernel reaches.
///
/// # Errors
///
/// [`Error::Domain`] for sigmas that are negative or not finite; [`Error::Length`] for `map`; [`Error::TooShort`] for
/// `scratch`, as for any radius that memory does not hold.
///
/// # Example
///
/// ```
/// use quell::correspondence::blur::{Gaussian, filter};
/// const FILTER: Gaussian = Gaussian::new(0.5);
/// let mut map = [0.0f64, 0.0, 1.0, 0.0, 0.0];
/// filter(&mut map, 1, 5, &FILTER, &mut [0.0; FILTER.scratch_len(1, 5)])?;
/// assert!((map.iter().sum::<f64>() - 1.0).abs() < 1e-15 && map[1] == map[3]);
/// # Ok::<(), quell::Error>(())
/// ```
pub fn filter<T: Scalar>(
    map: &mut [T],
    height: usize,
    width: usize,
    filter: &Gaussian,
    scratch: &mut [T],
) -> Result<(), Error> {
    filter.check()?;
    check::length(Argument::Map, height.saturating_mul(width), map.len())?;
    check::at_least(Argument::Scratch, filter.scratch_len(height, width), scratch.len())?;
    // However many rows there are without a column.
    if map.is_empty() {
        return Ok(());
    }
    let mut ring = Ring::new(filter, height, width, 1, scratch);
    ring.prepare();
    for y in 0..height {
        if let Some(row) = row_of(map, y, width) {
            ring.input(0).iter_mut().zip(row).for_each(|(to, from)| *to = *from);
        }
        ring.take(0, 0, y);
        // A row that is written has been taken before.
        for y in filter.complete_rows(y, height)..filter.complete_rows(y + 1, height) {
            let filtered = ring.give(0, y);
            if let Some(row) = row_of(map, y, width) {
                row.iter_mut().zip(filtered).for_each(|(to, from)| *to = *from);
            }
        }
    }
    Ok(())
}

fn row_of<T>(map: &mut [T], y: usize, width: usize) -> Option<&mut [T]> {
    let start = y.checked_mul(width)?;
    map.get_mut(start..start.checked_add(width)?)
}

/// The filter of one or several planes whose rows come one after the other.
pub(crate) struct Ring<'s, T> {
    filter: Gaussian,
    height: usize,
    width: usize,
    kernel_y: &'s mut [T],
    kernel_x: &'s mut [T],
    inputs: &'s mut [T],
    filtered: &'s mut [T],
    zeros: &'s mut [T],
    rings: &'s mut [T],
}

impl<'s, T: Scalar> Ring<'s, T> {
    /// Works in memory that holds [`Gaussian::ring_len`] elements; its contents carry on from call to call.
    pub(crate) fn new(
        filter: &Gaussian,
        height: usize,
        width: usize,
        inputs: usize,
        memory: &'s mut [T],
    ) -> Ring<'s, T> {
        let mut rest = memory;
        Ring {
            filter: *filter,
            height,
            width,
            kernel_y: take(&mut rest, filter.reach_y().saturating_add(1)),
            kernel_x: take(&mut rest, filter.reach_x().saturating_add(1)),
            inputs: take(&mut rest, filter.extended(width).saturating_mul(inputs)),
            filtered: take(&mut rest, width),
            zeros: take(&mut rest, filter.zeros(width)),
            rings: rest,
        }
    }

    /// Before the first row.
    pub(crate) fn prepare(&mut self) {
        fill_kernel_unchecked(self.kernel_y, self.filter.sigma_y);
        fill_kernel_unchecked(self.kernel_x, self.filter.sigma_x);
        self.zeros.fill(T::ZERO);
    }

    /// Where a row to come goes.
    pub(crate) fn input(&mut self, index: usize) -> &mut [T] {
        let start = index * self.filter.extended(self.width) + self.filter.reach_x();
        self.inputs.get_mut(start..start + self.width).unwrap_or_default()
    }

    fn slot(&self, plane: usize, y: usize) -> core::ops::Range<usize> {
        let rows = self.filter.ring_rows(self.height);
        let start = (plane * rows + y.checked_rem(rows).unwrap_or(0)) * self.width;
        start..start + self.width
    }

    /// Filters the row that was put into [`input`](Ring::input), row `y` of a plane, and keeps it.
    pub(crate) fn take(&mut self, index: usize, plane: usize, y: usize) {
        let (reach, boundary) = (self.filter.reach_x(), self.filter.boundary);
        let length = self.filter.extended(self.width);
        let slot = self.slot(plane, y);
        let Some(input) = self.inputs.get_mut(index * length..(index + 1) * length) else { return };
        for j in 1..=reach {
            let left = (reach - j, (j as isize).wrapping_neg());
            let right = (reach + self.width + j - 1, (self.width + j - 1) as isize);
            for (place, beyond) in [left, right] {
                let value = boundary.extend(beyond, self.width).and_then(|x| input.get(reach + x)).copied();
                if let Some(place) = input.get_mut(place) {
                    *place = value.unwrap_or(T::ZERO);
                }
            }
        }
        let Some(out) = self.rings.get_mut(slot) else { return };
        correlate(out, self.kernel_x, |j| input.get(reach.wrapping_add_signed(j)..).unwrap_or_default());
    }

    /// Row `y` of a plane, filtered, once [`Gaussian::complete_rows`] says that it can be.
    pub(crate) fn give(&mut self, plane: usize, y: usize) -> &mut [T] {
        let filtered = core::mem::take(&mut self.filtered);
        correlate(filtered, self.kernel_y, |j| {
            match self.filter.boundary.extend((y as isize).wrapping_add(j), self.height) {
                Some(y) => self.rings.get(self.slot(plane, y)).unwrap_or_default(),
                None => self.zeros,
            }
        });
        self.filtered = filtered;
        self.filtered
    }
}

/// Elements that are summed together.
const BLOCK: usize = 16;

/// Pairs of lines that are added in one sweep.
const PAIRS: usize = 4;

/// A weight and the two lines that it is for, in elements or blocks of them.
type Pair<'l, T, X> = (T, &'l [X], &'l [X]);

/// out ← Σ w(|j|)·line(j), in the order that the module states. Lines are as long as `out` or longer.
#[inline(always)]
fn correlate<'l, T: Scalar>(out: &mut [T], kernel: &[T], line: impl Fn(isize) -> &'l [T]) {
    let weight = |j: usize| kernel.get(j).copied().unwrap_or(T::ZERO);
    let pair = |j: usize| (weight(j), line((j as isize).wrapping_neg()), line(j as isize));
    let mut centre = Some((weight(0), line(0)));
    let mut j = kernel.len().saturating_sub(1);
    while j >= PAIRS {
        sweep::<T, PAIRS>(out, centre.take(), core::array::from_fn(|k| pair(j - k)));
        j -= PAIRS;
    }
    if centre.is_some() {
        sweep::<T, 0>(out, centre, []);
    }
    while j > 0 {
        sweep::<T, 1>(out, None, [pair(j)]);
        j -= 1;
    }
}

/// out ← out + w·(before + after), pair by pair, where there is no centre; else w·centre takes the place of out.
fn sweep<'l, T: Scalar, const N: usize>(out: &mut [T], centre: Option<(T, &'l [T])>, pairs: [Pair<'l, T, T>; N]) {
    let (blocks, rest) = out.as_chunks_mut::<BLOCK>();
    let end = blocks.len() * BLOCK;
    sweep_blocks(blocks, centre.map(|(w, line)| (w, cut(line, 0))), pairs.map(|(w, a, b)| (w, cut(a, 0), cut(b, 0))));
    let rest = rest.as_chunks_mut::<1>().0;
    sweep_blocks(
        rest,
        centre.map(|(w, line)| (w, cut(line, end))),
        pairs.map(|(w, a, b)| (w, cut(a, end), cut(b, end))),
    );
}

/// A line in blocks from an element on.
#[inline(always)]
fn cut<T, const B: usize>(line: &[T], start: usize) -> &[[T; B]] {
    line.get(start..).unwrap_or_default().as_chunks().0
}

#[inline(always)]
fn sweep_blocks<'l, T: Scalar, const N: usize, const B: usize>(
    out: &mut [[T; B]],
    centre: Option<(T, &'l [[T; B]])>,
    pairs: [Pair<'l, T, [T; B]>; N],
) {
    for (index, out) in out.iter_mut().enumerate() {
        let mut sums = *out;
        if let Some((w, line)) = centre {
            let Some(line) = line.get(index) else { return };
            sums = line.map(|x| w * x);
        }
        for &(w, before, after) in &pairs {
            let (Some(before), Some(after)) = (before.get(index), after.get(index)) else { return };
            for ((sum, &before), &after) in sums.iter_mut().zip(before).zip(after) {
                *sum = *sum + w * (before + after);
            }
        }
        *out = sums;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::{vec, vec::Vec};

    #[test]
    fn boundaries_continue_a_line_as_their_pictures_show() {
        let line = |boundary: Boundary, length| -> Vec<Option<usize>> {
            (-7..length as isize + 7).map(|i| boundary.extend(i, length)).collect()
        };
        let some = |indices: [usize; 18]| indices.map(Some);
        assert_eq!(line(Boundary::Reflect, 4), some([1, 2, 3, 3, 2, 1, 0, 0, 1, 2, 3, 3, 2, 1, 0, 0, 1, 2]));
        assert_eq!(line(Boundary::Mirror, 4), some([1, 0, 1, 2, 3, 2, 1, 0, 1, 2, 3, 2, 1, 0, 1, 2, 3, 2]));
        assert_eq!(line(Boundary::Nearest, 4), some([0, 0, 0, 0, 0, 0, 0, 0, 1, 2, 3, 3, 3, 3, 3, 3, 3, 3]));
        assert_eq!(line(Boundary::Wrap, 4), some([1, 2, 3, 0, 1, 2, 3, 0, 1, 2, 3, 0, 1, 2, 3, 0, 1, 2]));
        let inside = |i: &Option<usize>| i.is_some();
        assert_eq!(line(Boundary::Zero, 4).iter().filter(|i| inside(i)).count(), 4);
        for boundary in [Boundary::Reflect, Boundary::Mirror, Boundary::Nearest, Boundary::Wrap] {
            assert_eq!(line(boundary, 1), [Some(0); 15]);
            assert_eq!(boundary.extend(0, 0), None);
        }
    }

    /// Each row that a filtered one needs is still in the ring, whatever height and radius.
    #[test]
    fn the_ring_keeps_a_row_until_it_is_done_with() {
        for boundary in [Boundary::Reflect, Boundary::Mirror, Boundary::Nearest, Boundary::Wrap, Boundary::Zero] {
            for (height, radius) in (1..14).flat_map(|height| (0..30).map(move |radius| (height, radius))) {
                let filter = Gaussian { radius_y: radius, ..Gaussian::truncated(1.0, 0.0, boundary) };
                let rows = filter.ring_rows(height);
                for taken in 1..=height {
                    for out in filter.complete_rows(taken - 1, height)..filter.complete_rows(taken, height) {
                        for j in -(radius as isize)..=radius as isize {
                            let Some(row) = boundary.extend(out as isize + j, height) else { continue };
                            assert!(row < taken && row + rows >= taken, "{boundary:?} {height} {radius}");
                        }
                    }
                }
                assert_eq!((filter.complete_rows(0, height), filter.complete_rows(height, height)), (0, height));
            }
        }
    }

    #[test]
    fn kernels_are_halves_of_sum_one() {
        for (sigma, length) in [(0.3, 5), (1.0, 5), (4.0, 17), (1e6, 9), (1e200, 3), (1e-200, 3), (0.0, 3)] {
            let mut half = vec![0f64; length];
            fill_kernel(&mut half, sigma).unwrap();
            assert!((2.0 * half[1..].iter().sum::<f64>() + half[0] - 1.0).abs() < 1e-15);
            assert!(half.windows(2).all(|pair| pair[0] >= pair[1]));
        }
        assert!(fill_kernel(&mut [0f32; 2], -1.0).is_err());
        assert!(fill_kernel(&mut [0f32; 2], f64::NAN).is_err());
        assert!(fill_kernel::<f32>(&mut [], 1.0).is_ok());
    }

    #[test]
    fn sigma_zero_is_the_identity_and_a_constant_stays() {
        let mut map = [1.5f32, -2.0, f32::INFINITY, 4.0, 5.0, 6.0];
        let before = map;
        for filter in [Gaussian::new(0.0), Gaussian { sigma_y: 0.0, sigma_x: 0.0, ..Gaussian::of_radius(3) }] {
            super::filter(&mut map, 2, 3, &filter, &mut vec![0.0; filter.scratch_len(2, 3)]).unwrap();
            assert_eq!(map, before);
        }
        for boundary in [Boundary::Reflect, Boundary::Mirror, Boundary::Nearest, Boundary::Wrap] {
            let filter = Gaussian::truncated(20.0, 4.0, boundary);
            let mut map = [3f64; 6];
            super::filter(&mut map, 2, 3, &filter, &mut vec![0.0; filter.scratch_len(2, 3)]).unwrap();
            assert!(map.iter().all(|x| (x - 3.0).abs() < 1e-14));
        }
    }

    #[test]
    fn bad_input_changes_nothing() {
        let mut map = [1f32, 2.0, 3.0, 4.0];
        let filter = Gaussian::new(1.0);
        let mut scratch = vec![f32::NAN; filter.scratch_len(2, 2)];
        for (sigma, radius) in [(-1.0, 1), (f64::NAN, 1), (f64::INFINITY, 1), (1.0, usize::MAX), (1.0, usize::MAX / 2)]
        {
            let filter = Gaussian { sigma_y: sigma, radius_y: radius, ..filter };
            assert!(super::filter(&mut map, 2, 2, &filter, &mut scratch).is_err());
        }
        assert_eq!(Gaussian::new(1e300).scratch_len(2, 2), usize::MAX);
        let short = scratch.len() - 1;
        assert!(super::filter(&mut map, 2, 2, &filter, &mut scratch[..short]).is_err());
        assert!(super::filter(&mut map, 2, 3, &filter, &mut scratch).is_err());
        assert_eq!(map, [1.0, 2.0, 3.0, 4.0]);
        for (height, width) in [(0, 0), (0, 5), (5, 0), (usize::MAX, 0)] {
            let mut scratch = vec![0.0; filter.scratch_len(height, width)];
            assert!(super::filter::<f32>(&mut [], height, width, &filter, &mut scratch).is_ok());
        }
    }
}
