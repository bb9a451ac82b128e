//! How far two images are apart, pixel by pixel.

mod root;

use super::image::{Layout, Pixel};
use crate::Scalar;
use crate::error::{Argument, Error, check};

/// How the channels' differences become one number.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
#[repr(i32)]
pub enum Norm {
    /// √(Σ d²) over the channels: the one of EmerDiff. A square that the type does not hold is infinite or 0.
    #[default]
    Euclidean = 0,
    /// The mean of |d| over the channels.
    MeanAbsolute = 1,
    /// The largest |d| of a channel.
    MaxAbsolute = 2,
}

impl Norm {
    /// Takes a channel's differences into sums that [`finish`](Norm::finish) completes.
    pub(crate) fn add<T: Scalar>(self, sums: &mut [T], differences: &[T]) {
        let pairs = sums.iter_mut().zip(differences);
        match self {
            Norm::Euclidean => pairs.for_each(|(sum, &d)| *sum = add_square(*sum, d)),
            Norm::MeanAbsolute => pairs.for_each(|(sum, &d)| *sum = add_absolute(*sum, d)),
            Norm::MaxAbsolute => pairs.for_each(|(sum, &d)| *sum = max_absolute(*sum, d)),
        }
    }

    pub(crate) fn finish<T: Scalar>(self, sums: &mut [T], channels: usize) {
        match self {
            Norm::Euclidean => root::replace(sums),
            Norm::MeanAbsolute => {
                let channels = T::from_f64(channels as f64);
                sums.iter_mut().for_each(|sum| *sum = *sum / channels);
            }
            Norm::MaxAbsolute => {}
        }
    }

    /// The norm of a whole row.
    pub(crate) fn fill_row<P: Pixel>(self, row: &mut [P::Acc], images: &Pair<P>, y: usize) {
        match self {
            Norm::Euclidean => images.sum(row, y, add_square),
            Norm::MeanAbsolute => images.sum(row, y, add_absolute),
            Norm::MaxAbsolute => images.sum(row, y, max_absolute),
        }
        self.finish(row, images.layout.channels);
    }
}

#[inline(always)]
fn add_square<T: Scalar>(sum: T, d: T) -> T {
    sum + d * d
}

#[inline(always)]
fn add_absolute<T: Scalar>(sum: T, d: T) -> T {
    sum + d.abs()
}

/// NaN stays, as in the sums.
#[inline(always)]
#[allow(clippy::eq_op)]
fn max_absolute<T: Scalar>(max: T, d: T) -> T {
    let d = d.abs();
    if d > max || d != d { d } else { max }
}

/// Two images of the same layout.
pub(crate) struct Pair<'a, P> {
    minus: &'a [P],
    plus: &'a [P],
    layout: &'a Layout,
}

impl<'a, P: Pixel> Pair<'a, P> {
    /// Both must be there, whole.
    pub(crate) fn new(minus: &'a [P], plus: &'a [P], layout: &'a Layout) -> Result<Pair<'a, P>, Error> {
        layout.check(Argument::Minus, minus)?;
        layout.check(Argument::Plus, plus)?;
        Ok(Pair { minus, plus, layout })
    }

    /// minus − plus in the row `y` of a channel.
    pub(crate) fn fill_difference(&self, row: &mut [P::Acc], channel: usize, y: usize) {
        self.combine(row, channel, y, |_, d| d);
    }

    /// What an operation makes of the channels' differences in the row `y`, from zero on.
    #[inline(always)]
    fn sum(&self, row: &mut [P::Acc], y: usize, operation: impl Fn(P::Acc, P::Acc) -> P::Acc) {
        // The first one need not be added to anything.
        self.combine(row, 0, y, |_, d| operation(P::Acc::ZERO, d));
        for channel in 1..self.layout.channels {
            self.combine(row, channel, y, &operation);
        }
    }

    #[inline(always)]
    fn combine(&self, row: &mut [P::Acc], channel: usize, y: usize, operation: impl Fn(P::Acc, P::Acc) -> P::Acc) {
        let stride = self.layout.column_stride;
        let (minus, plus) = (self.layout.row(self.minus, channel, y), self.layout.row(self.plus, channel, y));
        if stride == 1 {
            for ((out, &minus), &plus) in row.iter_mut().zip(minus).zip(plus) {
                *out = operation(*out, minus.widen() - plus.widen());
            }
        } else {
            let step = stride.max(1);
            for ((out, &minus), &plus) in row.iter_mut().zip(minus.iter().step_by(step)).zip(plus.iter().step_by(step))
            {
                *out = operation(*out, minus.widen() - plus.widen());
            }
        }
    }
}

/// Fills the map of the norm of `minus` − `plus` over channels, one value for each pixel, row by row.
///
/// # Errors
///
/// [`Error::Domain`] for a `layout` without channels or with columns that do not stand apart; [`Error::TooShort`] for
/// `minus` or `plus`; [`Error::Length`] for `map` that does not have an element for each pixel.
///
/// # Example
///
/// ```
/// use quell::correspondence::difference::{Norm, fill_map};
/// use quell::correspondence::image::Layout;
/// let (minus, plus) = ([3u8, 0, 7, 7], [0u8, 4, 7, 0]);
/// let mut map = [0.0; 2];
/// fill_map(&mut map, &minus, &plus, &Layout::interleaved(2, 1, 2), Norm::Euclidean)?;
/// assert_eq!(map, [5.0, 7.0]);
/// # Ok::<(), quell::Error>(())
/// ```
pub fn fill_map<P: Pixel>(
    map: &mut [P::Acc],
    minus: &[P],
    plus: &[P],
    layout: &Layout,
    norm: Norm,
) -> Result<(), Error> {
    let images = Pair::new(minus, plus, layout)?;
    check::length(Argument::Map, layout.height.saturating_mul(layout.width), map.len())?;
    for (y, row) in map.chunks_exact_mut(layout.width.max(1)).enumerate() {
        norm.fill_row(row, &images, y);
    }
    Ok(())
}

/// How large a map is: what to divide it by so that masks that change much and masks that change little compete on equal
/// terms. Any portion of a map at a time.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
#[repr(C)]
pub struct Size {
    /// The largest value. NaN is left out.
    pub max: f64,
    /// The sum of all values, each times its weight.
    pub sum: f64,
    /// The sum of the weights.
    pub weight: f64,
}

impl Size {
    /// Takes values of a map, each of weight 1.
    pub fn add<T: Scalar>(&mut self, values: &[T]) {
        values.iter().for_each(|value| self.take(value.to_f64(), 1.0));
    }

    /// Takes values of a map with a weight each: 1 within the mask and 0 outside, say, for the mean over a mask's own
    /// pixels.
    ///
    /// # Errors
    ///
    /// [`Error::Length`] for `weights` of another length than `values`.
    pub fn add_weighted<T: Scalar>(&mut self, values: &[T], weights: &[T]) -> Result<(), Error> {
        check::length(Argument::Weights, values.len(), weights.len())?;
        values.iter().zip(weights).for_each(|(value, weight)| self.take(value.to_f64(), weight.to_f64()));
        Ok(())
    }

    fn take(&mut self, value: f64, weight: f64) {
        if value > self.max {
            self.max = value;
        }
        self.sum += value * weight;
        self.weight += weight;
    }

    /// The mean, 0 of nothing.
    pub fn mean(&self) -> f64 {
        if self.weight == 0.0 { 0.0 } else { self.sum / self.weight }
    }

    /// What to divide a map by so that its largest value is 1; 1 for a map of zeros.
    pub fn divisor_by_max(&self) -> f64 {
        if self.max == 0.0 { 1.0 } else { self.max }
    }

    /// What to divide a map by so that its mean is 1; 1 for a mean of 0.
    pub fn divisor_by_mean(&self) -> f64 {
        let mean = self.mean();
        if mean == 0.0 { 1.0 } else { mean }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::vec;

    #[test]
    fn each_norm_in_each_layout() {
        // Two channels of one row of two pixels: (3, −4) and (0, 0).
        let planar = ([3.0f64, 1.0, 0.0, 2.0], [0.0, 1.0, 4.0, 2.0]);
        let interleaved = ([3.0f64, 0.0, 1.0, 2.0], [0.0, 4.0, 1.0, 2.0]);
        for (norm, expected) in [(Norm::Euclidean, 5.0), (Norm::MeanAbsolute, 3.5), (Norm::MaxAbsolute, 4.0)] {
            for ((minus, plus), layout) in
                [(planar, Layout::planar(2, 1, 2)), (interleaved, Layout::interleaved(2, 1, 2))]
            {
                let mut map = [9.0; 2];
                fill_map(&mut map, &minus, &plus, &layout, norm).unwrap();
                assert_eq!(map, [expected, 0.0]);
            }
        }
    }

    #[test]
    fn what_is_not_finite_shows() {
        let (minus, plus) = ([f32::NAN, 1.0, f32::INFINITY, 0.0], [0.0, 1.0, f32::INFINITY, f32::NEG_INFINITY]);
        for norm in [Norm::Euclidean, Norm::MeanAbsolute, Norm::MaxAbsolute] {
            let mut map = [0.0; 2];
            fill_map(&mut map, &minus, &plus, &Layout::planar(2, 1, 2), norm).unwrap();
            assert!(map[0].is_nan() && map[1] == f32::INFINITY, "{norm:?}: {map:?}");
        }
    }

    #[test]
    fn nothing_and_zeros_stay_what_they_are() {
        let mut size = Size::default();
        assert_eq!((size.mean(), size.divisor_by_mean(), size.divisor_by_max()), (0.0, 1.0, 1.0));
        size.add(&[0f32; 3]);
        assert_eq!((size.weight, size.divisor_by_mean(), size.divisor_by_max()), (3.0, 1.0, 1.0));
        size.add(&[3f32, 9.0, f32::NAN]);
        assert!(size.mean().is_nan() && size.divisor_by_max() == 9.0);
        let mut own = Size::default();
        own.add_weighted(&[3f32, 9.0, 5.0], &[0.0, 1.0, 1.0]).unwrap();
        assert_eq!(own.mean(), 7.0);
        assert!(own.add_weighted(&[3f32, 9.0], &[0.0]).is_err());
        assert_eq!(own.mean(), 7.0);
    }

    #[test]
    fn bad_input_changes_nothing() {
        let mut map = vec![7f32; 6];
        let layout = Layout::planar(2, 2, 3);
        let (short, image) = ([0f32; 11], [0f32; 12]);
        assert!(fill_map(&mut map, &short, &image, &layout, Norm::Euclidean).is_err());
        assert!(fill_map(&mut map, &image, &short, &layout, Norm::Euclidean).is_err());
        assert!(fill_map(&mut map[1..], &image, &image, &layout, Norm::Euclidean).is_err());
        assert!(fill_map(&mut map, &image, &image, &Layout::planar(0, 2, 3), Norm::Euclidean).is_err());
        assert_eq!(map, [7.0; 6]);
        assert!(fill_map::<f32>(&mut [], &[], &[], &Layout::planar(1, 0, 5), Norm::Euclidean).is_ok());
        assert!(fill_map::<f32>(&mut [], &[], &[], &Layout::planar(1, 5, 0), Norm::Euclidean).is_ok());
    }
}
