//! Pixel-adaptive mask refinement (Araslanov and Roth 2020): masks spread to neighbours that look alike.
//!
//! With the neighbours n of pixel p, eight for each dilation d, at p + d·(±1 or 0, ±1 or 0), the image continued
//! beyond its edge by the edge itself, the weight of n is the soft-max over all neighbours of
//!
//! mean over channels of −|I(p) − I(n)|/(10⁻⁸ + 0.1·σ(p)),
//!
//! where σ(p) is the sample standard deviation of the channel over p and its neighbours, p once for each dilation.
//! One iteration replaces the mask by m(p) ← Σ w(p, n)·m(n). It starts from the interpolated coarse mask; the authors
//! interpolate with [`BilinearCorners`](Interpolation::BilinearCorners).
//!
//! Weights depend on the image alone: [`fill_weights`] once, then any number of masks. They may be stored in 16 bits.
//!
//! ```
//! use quell::correspondence::{fold::Fold, image::Layout};
//! use quell::correspondence::upsample::{Grid, Guide, HardMasks, interpolate::Interpolation, pamr::{self, Pamr}};
//! const GRID: Grid = Grid { rows: 1, columns: 2, height: 1, width: 6 };
//! // An edge in the image that is not where the cells meet.
//! let guide = Guide { pixels: &[10u8, 12, 11, 13, 200, 202], layout: Layout::planar(1, 1, 6) };
//! let refinement = Pamr { dilations: &[1, 2], iterations: 10 };
//! let mut weights = [0f32; pamr::weights_len(&GRID, 2)];
//! let mut scratch = [0f32; pamr::weights_scratch_len(&GRID, 2)];
//! pamr::fill_weights(&mut weights, &GRID, &refinement, &guide, &mut scratch)?;
//!
//! let (mut best, mut labels) = ([0f32; 6], [0u8; 6]);
//! let mut fold = Fold::new(&mut best, &mut labels, None, None)?;
//! fold.reset();
//! let masks = HardMasks { labels: &[0u8, 1], clusters: 2 };
//! let mut scratch = [0f32; pamr::scratch_len(&GRID, 2)];
//! pamr::labels(&mut fold, &GRID, &refinement, Interpolation::Bilinear, &masks, &weights, &mut scratch)?;
//! assert_eq!(labels, [0, 0, 0, 0, 1, 1]);
//! # Ok::<(), quell::Error>(())
//! ```

use super::clamped;
use super::exponential::exp_of_nonpositive;
use super::grid::Grid;
use super::guide::Guide;
use super::interpolate::{Interpolation, fill_row_unchecked};
use super::masks::{Coarse, Masks, check_coarse, check_labels};
use crate::correspondence::fold::Fold;
use crate::correspondence::image::Pixel;
use crate::correspondence::label::Label;
use crate::error::{Argument, Error, check};
use crate::slice::{part, part_mut};
use crate::{Scalar, Storage};

/// The neighbours of a pixel at one dilation.
const NEIGHBOURS: usize = 8;

/// Pixels whose sums stay in registers and in the first cache.
const TILE: usize = if cfg!(target_os = "none") { 16 } else { 128 };

/// Which neighbours a pixel has, and how often masks spread.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pamr<'a> {
    /// How far apart neighbours are, in pixels.
    pub dilations: &'a [usize],
    /// How often the mask is replaced.
    pub iterations: usize,
}

impl Pamr<'static> {
    /// The authors' setting: dilations 1, 2, 4, 8, 12, 24, ten iterations.
    pub const PUBLISHED: Pamr<'static> = Pamr { dilations: &[1, 2, 4, 8, 12, 24], iterations: 10 };
}

/// One step along an axis.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Way {
    Back,
    Stay,
    Forth,
}

impl Way {
    /// Where that leads from `index`, within `0..length`.
    fn from(self, index: usize, distance: usize, length: usize) -> usize {
        match self {
            Way::Back => index.saturating_sub(distance),
            Way::Stay => index,
            Way::Forth => index.saturating_add(distance).min(length.saturating_sub(1)),
        }
    }
}

impl Pamr<'_> {
    fn check(&self) -> Result<(), Error> {
        check::at_least(Argument::Dilations, 1, self.dilations.len())?;
        match self.dilations.iter().find(|&&dilation| dilation == 0) {
            Some(_) => Err(Error::Domain { argument: Argument::Dilations, value: 0.0 }),
            None => Ok(()),
        }
    }

    /// How many neighbours a pixel has.
    fn neighbours(&self) -> usize {
        self.dilations.len().wrapping_mul(NEIGHBOURS)
    }
}

/// The neighbours at one dilation, row by row.
const WAYS: [(Way, Way); NEIGHBOURS] = [
    (Way::Back, Way::Back),
    (Way::Back, Way::Stay),
    (Way::Back, Way::Forth),
    (Way::Stay, Way::Back),
    (Way::Stay, Way::Forth),
    (Way::Forth, Way::Back),
    (Way::Forth, Way::Stay),
    (Way::Forth, Way::Forth),
];

/// The neighbours of the pixels of a row from `start` on, in the row `source`: where they lie, or, where some are
/// beyond the edge, gathered in `buffer`.
#[inline(always)]
fn neighbours_along<'a, T: Copy>(
    buffer: &'a mut [T],
    source: &'a [T],
    (dilation, way): (usize, Way),
    start: usize,
) -> &'a [T] {
    let length = buffer.len();
    let first = match way {
        Way::Back => start.checked_sub(dilation),
        Way::Stay => Some(start),
        Way::Forth => start.checked_add(dilation),
    };
    let inside = first.and_then(|first| source.get(first..)?.get(..length));
    if let Some(inside) = inside {
        return inside;
    }
    for (offset, out) in buffer.iter_mut().enumerate() {
        if let Some(&neighbour) = source.get(way.from(start.wrapping_add(offset), dilation, source.len())) {
            *out = neighbour;
        }
    }
    buffer
}

/// The number of weights: eight for each dilation and pixel.
pub const fn weights_len(grid: &Grid, dilations: usize) -> usize {
    grid.pixels().saturating_mul(NEIGHBOURS).saturating_mul(dilations)
}

/// The length of the scratch of [`fill_weights`]: a row for each neighbour, two for each dilation, and four.
pub const fn weights_scratch_len(grid: &Grid, dilations: usize) -> usize {
    grid.width.saturating_mul(dilations.saturating_mul(NEIGHBOURS + 2).saturating_add(4))
}

/// Fills the weights of all pixels, row by row; in each row neighbour by neighbour.
///
/// They are relative to the largest, which is 1, so that few of them vanish in 16 bits. Where the pixel or a
/// neighbour is not finite in the guide, all are 0, and the pixel keeps its value. `weights` has [`weights_len`]
/// elements, `scratch` [`weights_scratch_len`].
///
/// # Errors
///
/// [`Error::Length`] for `weights`; [`Error::Length`] or [`Error::TooShort`] for a guide of another size than the
/// grid's image (as `height` or `width`) or with too few elements (as `guide`); [`Error::TooShort`] for no dilations,
/// and for `scratch`; [`Error::Domain`] for a dilation of 0, a guide without channels, and for a `grid` without cells
/// or too large for an index.
pub fn fill_weights<T: Scalar, S: Storage<Acc = T>, P: Pixel>(
    weights: &mut [S],
    grid: &Grid,
    refinement: &Pamr,
    guide: &Guide<P>,
    scratch: &mut [T],
) -> Result<(), Error> {
    grid.check()?;
    refinement.check()?;
    guide.check(grid)?;
    let dilations = refinement.dilations.len();
    check_weights(grid, refinement, weights.len())?;
    check::at_least(Argument::Scratch, weights_scratch_len(grid, dilations), scratch.len())?;
    let width = grid.width;
    let row_length = width.wrapping_mul(refinement.neighbours());
    let Some((exponents, rest)) = scratch.split_at_mut_checked(row_length) else { return Ok(()) };
    for row in grid.pixel_rows() {
        fill_exponents(exponents, rest, grid, refinement, guide, row);
        let largest = part_mut(rest, 0, width);
        largest.fill(T::from_f64(f64::NEG_INFINITY));
        for tap in 0..refinement.neighbours() {
            for (largest, &exponent) in largest.iter_mut().zip(part(exponents, tap.wrapping_mul(width), width)) {
                *largest = if exponent > *largest { exponent } else { *largest };
            }
        }
        for tap in 0..refinement.neighbours() {
            let exponents = part(exponents, tap.wrapping_mul(width), width);
            let place = row.wrapping_mul(row_length).wrapping_add(tap.wrapping_mul(width));
            for ((weight, exponent), largest) in
                part_mut(weights, place, width).iter_mut().zip(exponents).zip(&*largest)
            {
                *weight = S::store(T::from_f64(exp_of_nonpositive(exponent.to_f64() - largest.to_f64())));
            }
        }
    }
    Ok(())
}

/// The exponents of one row's weights, before they are made relative to the largest.
fn fill_exponents<T: Scalar, P: Pixel>(
    exponents: &mut [T],
    rest: &mut [T],
    grid: &Grid,
    refinement: &Pamr,
    guide: &Guide<P>,
    row: usize,
) {
    let width = grid.width;
    let count = T::from_f64(refinement.dilations.len() as f64 * (NEIGHBOURS + 1) as f64);
    let Some((means, rest)) = rest.split_at_mut_checked(width) else { return };
    let Some((deviations, rest)) = rest.split_at_mut_checked(width) else { return };
    let Some((buffer, rest)) = rest.split_at_mut_checked(width) else { return };
    let Some((own, others)) = rest.split_at_mut_checked(width) else { return };
    exponents.fill(T::ZERO);
    for channel in 0..guide.layout.channels {
        guide.fill_row(own, channel, row);
        // The rows above and below at each dilation.
        for (index, &dilation) in refinement.dilations.iter().enumerate() {
            for (side, way) in [Way::Back, Way::Forth].into_iter().enumerate() {
                let place = index.wrapping_mul(2).wrapping_add(side).wrapping_mul(width);
                guide.fill_row(part_mut(others, place, width), channel, way.from(row, dilation, grid.height));
            }
        }
        let row_at = |index: usize, down: Way| match down {
            Way::Back => part(others, index.wrapping_mul(2).wrapping_mul(width), width),
            Way::Stay => &*own,
            Way::Forth => part(others, index.wrapping_mul(2).wrapping_add(1).wrapping_mul(width), width),
        };
        // The mean from the pixel's own value on, and then the spread from the mean: squares would cancel.
        means.fill(T::ZERO);
        for (index, &dilation) in refinement.dilations.iter().enumerate() {
            for (down, right) in WAYS {
                let neighbours = neighbours_along(buffer, row_at(index, down), (dilation, right), 0);
                for ((sum, &own), &x) in means.iter_mut().zip(&*own).zip(neighbours) {
                    *sum = *sum + (x - own);
                }
            }
        }
        means.iter_mut().zip(&*own).for_each(|(mean, &own)| *mean = own + *mean / count);
        let repeated = T::from_f64(refinement.dilations.len() as f64);
        for ((sum, &mean), &own) in deviations.iter_mut().zip(&*means).zip(&*own) {
            *sum = repeated * (own - mean) * (own - mean);
        }
        for (index, &dilation) in refinement.dilations.iter().enumerate() {
            for (down, right) in WAYS {
                let neighbours = neighbours_along(buffer, row_at(index, down), (dilation, right), 0);
                for ((sum, &mean), &x) in deviations.iter_mut().zip(&*means).zip(neighbours) {
                    *sum = *sum + (x - mean) * (x - mean);
                }
            }
        }
        let factors = &mut *deviations;
        for factor in factors.iter_mut() {
            let variance = (*factor / (count - T::ONE)).to_f64();
            *factor = T::from_f64(-1.0 / ((1e-8 + 0.1 * libm::sqrt(variance)) * guide.layout.channels as f64));
        }
        let mut exponents = exponents.chunks_exact_mut(width.max(1));
        for (index, &dilation) in refinement.dilations.iter().enumerate() {
            for ((down, right), exponents) in WAYS.into_iter().zip(exponents.by_ref()) {
                let neighbours = neighbours_along(buffer, row_at(index, down), (dilation, right), 0);
                for (((exponent, &own), &factor), &x) in exponents.iter_mut().zip(&*own).zip(&*factors).zip(neighbours)
                {
                    *exponent = *exponent + (own - x).abs() * factor;
                }
            }
        }
    }
}

fn check_weights(grid: &Grid, refinement: &Pamr, length: usize) -> Result<(), Error> {
    check::length(Argument::Weights, weights_len(grid, refinement.dilations.len()), length)
}

/// The most masks that share one reading of the weights.
const GROUP: usize = 8;

/// The length of the scratch of [`labels`]: two planes for each mask that is worked on `at_once`.
pub const fn scratch_len(grid: &Grid, at_once: usize) -> usize {
    grid.pixels().saturating_mul(2).saturating_mul(at_once)
}

/// Fills the refined mask, one value for each pixel.
///
/// Values stay within the range of the coarse mask, and are its own where it is constant. `out` has one element for
/// each pixel, and so has `scratch`.
///
/// # Errors
///
/// [`Error::Length`] for `out`, `coarse`, or `weights` other than [`fill_weights`] made them; [`Error::TooShort`] for
/// no dilations, and for `scratch`; [`Error::Domain`] for a dilation of 0, and for a `grid` without cells or too
/// large for an index.
pub fn fill_map<T: Scalar, S: Storage<Acc = T>>(
    out: &mut [T],
    grid: &Grid,
    refinement: &Pamr,
    interpolation: Interpolation,
    coarse: &impl Coarse,
    weights: &[S],
    scratch: &mut [T],
) -> Result<(), Error> {
    grid.check()?;
    refinement.check()?;
    check_coarse(grid, coarse)?;
    let pixels = grid.pixels();
    check::length(Argument::Out, pixels, out.len())?;
    check_weights(grid, refinement, weights.len())?;
    check::at_least(Argument::Scratch, pixels, scratch.len())?;
    // The last iteration has to write to `out`.
    let scratch = part_mut(scratch, 0, pixels);
    let (first, second) = if refinement.iterations.is_multiple_of(2) { (out, scratch) } else { (scratch, out) };
    let mut masks = Group { count: 1, ranges: [(T::ZERO, T::ZERO); GROUP] };
    masks.begin(0, first, grid, interpolation, coarse);
    masks.refine(first, second, grid, refinement, weights);
    Ok(())
}

/// Masks that are refined together.
struct Group<T> {
    count: usize,
    /// The least and the greatest value of each.
    ranges: [(T, T); GROUP],
}

impl<T: Scalar> Group<T> {
    /// Interpolates one of the masks.
    fn begin(
        &mut self,
        index: usize,
        plane: &mut [T],
        grid: &Grid,
        interpolation: Interpolation,
        coarse: &impl Coarse,
    ) {
        for row in grid.pixel_rows() {
            let out = part_mut(plane, row.wrapping_mul(grid.width), grid.width);
            fill_row_unchecked(out, grid, interpolation, row, coarse);
        }
        let first = plane.first().copied().unwrap_or(T::ZERO);
        let (mut low, mut high) = (first, first);
        for &value in plane.iter() {
            low = if value < low { value } else { low };
            high = if value > high { value } else { high };
        }
        if let Some(range) = self.ranges.get_mut(index) {
            *range = (low, high);
        }
    }

    /// All iterations. The result is in `first` if their number is even, else in `second`.
    fn refine<S: Storage<Acc = T>>(
        &self,
        first: &mut [T],
        second: &mut [T],
        grid: &Grid,
        refinement: &Pamr,
        weights: &[S],
    ) {
        let (mut old, mut new) = (first, second);
        let row_length = refinement.neighbours().wrapping_mul(grid.width);
        for _ in 0..refinement.iterations {
            for row in grid.pixel_rows() {
                let weights = part(weights, row.wrapping_mul(row_length), row_length);
                let mut start = 0;
                while start < grid.width {
                    let length = grid.width.wrapping_sub(start).min(TILE);
                    self.refine_tile(new, old, grid, refinement, weights, (row, start, length));
                    start = start.wrapping_add(TILE);
                }
            }
            (old, new) = (new, old);
        }
    }

    /// One iteration for a part of a row. The sum of weights is taken in the same order as that of values, so that
    /// where all values are 1 the quotient is, too.
    #[inline(always)]
    fn refine_tile<S: Storage<Acc = T>>(
        &self,
        new: &mut [T],
        old: &[T],
        grid: &Grid,
        refinement: &Pamr,
        weights: &[S],
        (row, start, length): (usize, usize, usize),
    ) {
        let (mut values, mut sums) = ([[T::ZERO; TILE]; GROUP], [T::ZERO; TILE]);
        let (mut widened, mut gathered) = ([T::ZERO; TILE], [T::ZERO; TILE]);
        let mut place = start;
        for &dilation in refinement.dilations {
            for (down, right) in WAYS {
                let weights = part(weights, place, length);
                place = place.wrapping_add(grid.width);
                let weights = match T::view(weights) {
                    Some(weights) => weights,
                    None => {
                        widened.iter_mut().zip(weights).for_each(|(out, weight)| *out = weight.load());
                        part(&widened, 0, length)
                    }
                };
                sums.iter_mut().zip(weights).for_each(|(sum, &weight)| *sum = *sum + weight);
                let source = down.from(row, dilation, grid.height).wrapping_mul(grid.width);
                for (mask, values) in values.iter_mut().enumerate().take(self.count) {
                    let source = part(old, mask.wrapping_mul(grid.pixels()).wrapping_add(source), grid.width);
                    let gathered = part_mut(&mut gathered, 0, length);
                    let neighbours = neighbours_along(gathered, source, (dilation, right), start);
                    for ((value, &weight), &x) in values.iter_mut().zip(weights).zip(neighbours) {
                        *value = *value + weight * x;
                    }
                }
            }
        }
        for (mask, (values, &(low, high))) in values.iter().zip(&self.ranges).enumerate().take(self.count) {
            let place = mask.wrapping_mul(grid.pixels()).wrapping_add(row.wrapping_mul(grid.width)).wrapping_add(start);
            let own = part(old, place, length);
            let quotients = values.iter().zip(&sums).zip(own);
            for (new, ((&value, &sum), &own)) in part_mut(new, place, length).iter_mut().zip(quotients) {
                *new = if sum == T::ZERO { own } else { clamped(value / sum, low, high) };
            }
        }
    }
}

/// Takes all masks into a fold, some at once.
///
/// The fold is not reset, so it may have seen other masks: with one mask at a time a host need not have them all.
/// `scratch` has at least [`scratch_len`] elements for one mask at once; with more of it, up to eight masks share
/// each reading of the weights, which are far larger than a cache, and the result is the same.
///
/// # Errors
///
/// Those of [`fill_map`] and of [`interpolate::labels`](super::interpolate::labels).
pub fn labels<T: Scalar, L: Label, S: Storage<Acc = T>>(
    fold: &mut Fold<T, L>,
    grid: &Grid,
    refinement: &Pamr,
    interpolation: Interpolation,
    masks: &impl Masks,
    weights: &[S],
    scratch: &mut [T],
) -> Result<(), Error> {
    check_labels(fold, grid, masks)?;
    refinement.check()?;
    check_weights(grid, refinement, weights.len())?;
    check::at_least(Argument::Scratch, scratch_len(grid, 1), scratch.len())?;
    let pixels = grid.pixels();
    let at_once = scratch.len().checked_div(scratch_len(grid, 1)).unwrap_or(1).min(GROUP);
    let Some((first, rest)) = scratch.split_at_mut_checked(pixels.wrapping_mul(at_once)) else { return Ok(()) };
    let mut done = 0;
    while done < masks.count() {
        let count = masks.count().wrapping_sub(done).min(at_once);
        let mut group = Group { count, ranges: [(T::ZERO, T::ZERO); GROUP] };
        for index in 0..count {
            let plane = part_mut(first, index.wrapping_mul(pixels), pixels);
            group.begin(index, plane, grid, interpolation, &masks.mask(done.wrapping_add(index)));
        }
        group.refine(first, rest, grid, refinement, weights);
        let refined = if refinement.iterations.is_multiple_of(2) { &*first } else { &*rest };
        for index in 0..count {
            fold.push(done.wrapping_add(index), 0, part(refined, index.wrapping_mul(pixels), pixels))?;
        }
        done = done.wrapping_add(count.max(1));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::correspondence::image::Layout;

    #[test]
    fn neighbours_stop_at_the_edge() {
        let row = [10, 11, 12, 13, 14];
        let along = |way, dilation, start| {
            let mut buffer = [0; 3];
            let along = neighbours_along(&mut buffer, &row, (dilation, way), start);
            [along[0], along[1], along[2]]
        };
        assert_eq!(along(Way::Stay, 9, 1), [11, 12, 13]);
        assert_eq!(along(Way::Back, 1, 1), [10, 11, 12]);
        assert_eq!(along(Way::Back, 2, 1), [10, 10, 11]);
        assert_eq!(along(Way::Forth, 1, 1), [12, 13, 14]);
        assert_eq!(along(Way::Forth, 2, 1), [13, 14, 14]);
        assert_eq!(along(Way::Forth, usize::MAX, 0), [14; 3]);
        assert_eq!(along(Way::Back, usize::MAX, 2), [10; 3]);
    }

    #[test]
    fn in_a_flat_image_all_neighbours_are_alike() {
        const GRID: Grid = Grid { rows: 3, columns: 3, height: 3, width: 3 };
        let refinement = Pamr { dilations: &[1], iterations: 1 };
        let guide = Guide { pixels: &[7u8; 9], layout: Layout::planar(1, 3, 3) };
        let (mut weights, mut scratch) = ([f32::NAN; 72], [f32::NAN; weights_scratch_len(&GRID, 1)]);
        fill_weights(&mut weights, &GRID, &refinement, &guide, &mut scratch).unwrap();
        assert_eq!(weights, [1.0; 72]);
        let (mut map, mut scratch) = ([f32::NAN; 9], [f32::NAN; 9]);
        let coarse: &[f32] = &[0.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 0.0];
        fill_map(&mut map, &GRID, &refinement, Interpolation::Nearest, &coarse, &weights, &mut scratch).unwrap();
        // Beyond the edge are copies of the edge, not of the middle.
        assert_eq!(map, [0.125, 0.125, 0.125, 0.125, 0.0, 0.125, 0.125, 0.125, 0.125]);
    }
}
