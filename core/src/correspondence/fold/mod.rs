//! The running arg-max over masks: which mask's value is the largest at each pixel, one mask at a time.
//!
//! Memory does not grow with the number of masks: the largest value and its label for each pixel, the second largest
//! for margins if wanted, and a sum or two for confidences. Masks, and the pixels of a mask, may come in any order and
//! in any portions, and states that saw different masks [`merge`](Fold::merge): largest values, labels and second
//! largest values are the same bits whichever way. The sums of the soft-max are the same up to rounding.
//!
//! ```
//! use quell::correspondence::fold::Fold;
//! let (mut best, mut labels, mut second) = ([0f32; 3], [0u8; 3], [0f32; 3]);
//! let mut fold = Fold::new(&mut best, &mut labels, Some(&mut second), None)?;
//! fold.reset();
//! fold.push(2, 0, &[0.5, 0.1, 0.0])?;
//! fold.push(7, 0, &[0.25, 0.9, 0.0])?;
//! let mut margins = [0.0; 3];
//! fold.fill_margins(&mut margins)?;
//! assert_eq!((fold.labels(), fold.undecided(0.0)), (&[2, 7, 2][..], 1));
//! assert_eq!(margins[0], 0.25);
//! # Ok::<(), quell::Error>(())
//! ```

mod soft;

pub use super::label::Label;
pub use soft::Soft;

use super::upsample::{Axis, Grid};
use crate::Scalar;
use crate::error::{Argument, Error, check};
use crate::scalar::rounded;

/// The largest value so far at each pixel and the label of its mask, in the caller's memory.
///
/// A pixel where no mask had a value above −∞ keeps −∞ and label 0.
#[derive(Debug)]
pub struct Fold<'a, T, L> {
    best: &'a mut [T],
    labels: &'a mut [L],
    second: Option<&'a mut [T]>,
    soft: Option<Soft<'a, T>>,
}

impl<'a, T: Scalar, L: Label> Fold<'a, T, L> {
    /// Goes on with what the buffers hold, one element for each pixel; [`reset`](Fold::reset) for a start.
    ///
    /// # Errors
    ///
    /// [`Error::Length`] for `labels`, `second`, `sum` or `moment` of another length than `best`; [`Error::Domain`] for
    /// a `scale` that is negative or not finite in the type that is computed in.
    pub fn new(
        best: &'a mut [T],
        labels: &'a mut [L],
        second: Option<&'a mut [T]>,
        soft: Option<Soft<'a, T>>,
    ) -> Result<Fold<'a, T, L>, Error> {
        let pixels = best.len();
        check::length(Argument::Labels, pixels, labels.len())?;
        if let Some(second) = &second {
            check::length(Argument::Second, pixels, second.len())?;
        }
        if let Some(soft) = &soft {
            check::length(Argument::Sum, pixels, soft.sum.len())?;
            if let Some(moment) = &soft.moment {
                check::length(Argument::Moment, pixels, moment.len())?;
            }
            check::non_negative(Argument::Scale, soft.scale)?;
            rounded::<T>(Argument::Scale, soft.scale)?;
        }
        Ok(Fold { best, labels, second, soft })
    }

    /// Forgets all masks: −∞ and label 0 everywhere.
    pub fn reset(&mut self) {
        let nothing = T::from_f64(f64::NEG_INFINITY);
        self.best.fill(nothing);
        self.labels.fill(L::default());
        if let Some(second) = &mut self.second {
            second.fill(nothing);
        }
        if let Some(soft) = &mut self.soft {
            soft.sum.fill(T::ZERO);
            if let Some(moment) = &mut soft.moment {
                moment.fill(T::ZERO);
            }
        }
    }

    /// The number of pixels.
    pub fn pixels(&self) -> usize {
        self.best.len()
    }

    /// The largest values.
    pub fn best(&self) -> &[T] {
        self.best
    }

    /// The labels of the masks that have them.
    pub fn labels(&self) -> &[L] {
        self.labels
    }

    /// The second largest values, where they are kept.
    pub fn second(&self) -> Option<&[T]> {
        self.second.as_deref()
    }

    /// Takes the values of the mask `label` at the pixels from `first_pixel` on, any portion of the map.
    ///
    /// A value takes the place of the best if it is greater, or equal and of a lower label; NaN never does. −0 counts as
    /// 0. A pixel takes one value of a mask: a second one would count as another mask's.
    ///
    /// # Errors
    ///
    /// [`Error::Domain`] for a `label` that the type does not hold; [`Error::TooShort`] for `best` where the pixels go
    /// beyond its end.
    pub fn push(&mut self, label: usize, first_pixel: usize, values: &[T]) -> Result<(), Error> {
        let Some(label) = L::from_usize(label) else {
            return Err(Error::Domain { argument: Argument::Label, value: label as f64 });
        };
        check::at_least(Argument::Best, first_pixel.saturating_add(values.len()), self.best.len())?;
        self.push_unchecked(label, first_pixel, values);
        Ok(())
    }

    /// What [`push`](Fold::push) does once it has checked.
    pub(crate) fn push_unchecked(&mut self, label: L, first_pixel: usize, values: &[T]) {
        if let Some(soft) = &mut self.soft {
            let pixels = self.best.iter().skip(first_pixel).zip(values);
            soft.absorb(first_pixel, pixels.map(|(&best, &value)| (best, value, T::ONE, T::ZERO)));
        }
        let pixels = first_pixel..first_pixel.saturating_add(values.len());
        let best = self.best.get_mut(pixels.clone()).unwrap_or_default();
        let labels = self.labels.get_mut(pixels.clone()).unwrap_or_default();
        match &mut self.second {
            None => push_blocks(best, labels, values, label),
            Some(second) => {
                let second = second.get_mut(pixels).unwrap_or_default();
                for (((best, old), &value), second) in best.iter_mut().zip(labels).zip(values).zip(second) {
                    raise(second, compare(best, old, positive_zero(value), label));
                }
            }
        }
    }

    /// Takes all masks that another state has seen.
    ///
    /// # Errors
    ///
    /// [`Error::Length`] for `best` of another number of pixels, and for `second`, `sum` or `moment` that the other does
    /// not keep though this one does; [`Error::Domain`] for another `scale`.
    pub fn merge(&mut self, other: &Fold<T, L>) -> Result<(), Error> {
        let pixels = self.best.len();
        check::length(Argument::Best, pixels, other.best.len())?;
        if self.second.is_some() {
            check::length(Argument::Second, pixels, other.second.as_ref().map_or(0, |second| second.len()))?;
        }
        if let Some(soft) = &mut self.soft {
            let Some(theirs) = &other.soft else {
                return check::length(Argument::Sum, pixels, 0);
            };
            if soft.moment.is_some() {
                check::length(Argument::Moment, pixels, theirs.moment.as_ref().map_or(0, |moment| moment.len()))?;
            }
            check::within(Argument::Scale, theirs.scale, soft.scale, soft.scale)?;
            let states = self.best.iter().zip(other.best.iter()).zip(theirs.sum.iter());
            match &theirs.moment {
                None => soft.absorb(0, states.map(|((&best, &value), &sum)| (best, value, sum, T::ZERO))),
                Some(moment) => {
                    let states = states.zip(moment.iter());
                    soft.absorb(0, states.map(|(((&best, &value), &sum), &moment)| (best, value, sum, moment)));
                }
            }
        }
        let candidates = other.best.iter().zip(other.labels.iter());
        let pixels = self.best.iter_mut().zip(self.labels.iter_mut()).zip(candidates);
        match (&mut self.second, &other.second) {
            (Some(second), Some(theirs)) => {
                for (((best, old), (&value, &label)), (second, &theirs)) in
                    pixels.zip(second.iter_mut().zip(theirs.iter()))
                {
                    raise(second, compare(best, old, value, label));
                    raise(second, theirs);
                }
            }
            _ => pixels.for_each(|((best, old), (&value, &label))| {
                compare(best, old, value, label);
            }),
        }
        Ok(())
    }

    /// Fills the distance from the largest value to the second largest: ∞ after a single mask, 0 where there is no value
    /// or two are equal.
    ///
    /// # Errors
    ///
    /// [`Error::Length`] for `out` of another length than `best`, and for `second` where it is not kept.
    pub fn fill_margins(&self, out: &mut [T]) -> Result<(), Error> {
        check::length(Argument::Out, self.best.len(), out.len())?;
        let Some(second) = &self.second else {
            return check::length(Argument::Second, self.best.len(), 0);
        };
        for ((out, &best), &second) in out.iter_mut().zip(self.best.iter()).zip(second.iter()) {
            *out = difference(best, second);
        }
        Ok(())
    }

    /// Fills the soft-max of the best mask, in (0, 1], 0 where there is no value.
    ///
    /// # Errors
    ///
    /// [`Error::Length`] for `out` of another length than `best`, and for `sum` where it is not kept.
    pub fn fill_confidences(&self, out: &mut [T]) -> Result<(), Error> {
        check::length(Argument::Out, self.best.len(), out.len())?;
        let Some(soft) = &self.soft else {
            return check::length(Argument::Sum, self.best.len(), 0);
        };
        for (out, &sum) in out.iter_mut().zip(soft.sum.iter()) {
            *out = if sum > T::ZERO { T::ONE / sum } else { T::ZERO };
        }
        Ok(())
    }

    /// Fills the entropy of the soft-max over masks, in nats, 0 where there is no value.
    ///
    /// # Errors
    ///
    /// [`Error::Length`] for `out` of another length than `best`, and for `sum` or `moment` where it is not kept.
    pub fn fill_entropies(&self, out: &mut [T]) -> Result<(), Error> {
        check::length(Argument::Out, self.best.len(), out.len())?;
        let Some(soft) = &self.soft else {
            return check::length(Argument::Sum, self.best.len(), 0);
        };
        let Some(moment) = &soft.moment else {
            return check::length(Argument::Moment, self.best.len(), 0);
        };
        for ((out, &sum), &moment) in out.iter_mut().zip(soft.sum.iter()).zip(moment.iter()) {
            let entropy = T::from_f64(libm::log(sum.to_f64())) - moment / sum;
            // Rounding must not make it negative.
            *out = if sum > T::ZERO && entropy > T::ZERO { entropy } else { T::ZERO };
        }
        Ok(())
    }

    /// How many pixels are undecided: those whose largest value is not above `floor`, and those where two masks share
    /// it, if second largest values are kept.
    ///
    /// The floor of differences is 0, where no mask changed the pixel; that of scores of either sign is −∞, where there
    /// was none.
    pub fn undecided(&self, floor: f64) -> usize {
        let floor = T::from_f64(floor);
        let second = self.second.as_deref().unwrap_or_default();
        let seconds = second.iter().map(Some).chain(core::iter::repeat(None));
        self.best.iter().zip(seconds).filter(|&(&best, second)| is_undecided(best, second, floor)).count()
    }

    /// Gives each [`undecided`](Fold::undecided) pixel the label of the coarse cell that it lies in, and says how many
    /// those were.
    ///
    /// `coarse` are the labels of the grid's cells. The last thing to do: values stay, so further masks would see labels
    /// that are not theirs.
    ///
    /// # Errors
    ///
    /// [`Error::Domain`] for a `grid` without cells or too large for an index; [`Error::Length`] for `best` or `coarse`
    /// that is not of its size.
    pub fn fall_back(&mut self, floor: f64, grid: &Grid, coarse: &[L]) -> Result<usize, Error> {
        grid.check()?;
        check::length(Argument::Best, grid.pixels(), self.best.len())?;
        check::length(Argument::Coarse, grid.cells(), coarse.len())?;
        let floor = T::from_f64(floor);
        let second = self.second.as_deref().unwrap_or_default();
        let mut seconds = second.iter().map(Some).chain(core::iter::repeat(None));
        let mut pixels = self.best.iter().zip(self.labels.iter_mut());
        let mut replaced = 0;
        let (down, across) = (Axis::nearest(grid.rows, grid.height), Axis::nearest(grid.columns, grid.width));
        for y in grid.pixel_rows() {
            for (x, (&best, label)) in (0..grid.width).zip(&mut pixels) {
                if is_undecided(best, seconds.next().flatten(), floor) {
                    let cell = down.cell(y) * grid.columns + across.cell(x);
                    if let Some(&coarse) = coarse.get(cell) {
                        *label = coarse;
                    }
                    replaced += 1;
                }
            }
        }
        Ok(replaced)
    }
}

/// Pixels that are looked at together: where none of them changes hands, which is the rule, nothing is written.
const BLOCK: usize = 32;

fn push_blocks<T: Scalar, L: Label>(best: &mut [T], labels: &mut [L], values: &[T], label: L) {
    let blocks = best.chunks_mut(BLOCK).zip(labels.chunks_mut(BLOCK)).zip(values.chunks(BLOCK));
    for ((best, labels), values) in blocks {
        if best.iter().zip(values).fold(false, |any, (best, value)| any | (value >= best)) {
            push_block(best, labels, values, label);
        }
    }
}

#[inline(never)]
fn push_block<T: Scalar, L: Label>(best: &mut [T], labels: &mut [L], values: &[T], label: L) {
    for ((best, old), &value) in best.iter_mut().zip(labels).zip(values) {
        compare(best, old, positive_zero(value), label);
    }
}

/// −0 + 0 is 0: which of two zeros came first must not show.
#[inline(always)]
fn positive_zero<T: Scalar>(value: T) -> T {
    value + T::ZERO
}

/// Puts the winner's value and label in their place; the loser's value.
#[inline(always)]
fn compare<T: Scalar, L: Label>(best: &mut T, old: &mut L, value: T, label: L) -> T {
    let wins = value > *best || (value == *best && label < *old);
    let loser = if wins { *best } else { value };
    *best = if wins { value } else { *best };
    *old = if wins { label } else { *old };
    loser
}

#[inline(always)]
fn raise<T: Scalar>(second: &mut T, value: T) {
    *second = if value > *second { value } else { *second };
}

/// a − b, 0 for equal infinities.
fn difference<T: Scalar>(a: T, b: T) -> T {
    if a == b { T::ZERO } else { a - b }
}

fn is_undecided<T: Scalar>(best: T, second: Option<&T>, floor: T) -> bool {
    let above = best > floor;
    !above || second.is_some_and(|&second| second == best)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::vec;

    const NOTHING: f32 = f32::NEG_INFINITY;

    #[test]
    fn ties_go_to_the_lowest_label_and_nan_never_wins() {
        let masks: [(usize, [f32; 5]); 3] = [
            (0, [1.0, f32::NAN, NOTHING, -0.0, 2.0]),
            (1, [1.0, f32::NAN, NOTHING, 0.0, f32::INFINITY]),
            (2, [0.5, 3.0, NOTHING, 0.0, f32::INFINITY]),
        ];
        for order in [[0, 1, 2], [0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0]] {
            let (mut best, mut labels, mut second) = ([0f32; 5], [9u8; 5], [0f32; 5]);
            let mut fold = Fold::new(&mut best, &mut labels, Some(&mut second), None).unwrap();
            fold.reset();
            for (label, values) in order.map(|i| masks[i]) {
                fold.push(label, 3, &values[3..]).unwrap();
                fold.push(label, 0, &values[..3]).unwrap();
            }
            let mut margins = [9.0; 5];
            fold.fill_margins(&mut margins).unwrap();
            assert_eq!(margins, [0.0, f32::INFINITY, 0.0, 0.0, 0.0]);
            // Above a floor of 0 only the second pixel is, alone; the third has no value.
            assert_eq!((fold.undecided(0.0), fold.undecided(f64::NEG_INFINITY)), (4, 4));
            assert_eq!(labels, [0, 2, 0, 0, 1]);
            assert_eq!(best.map(f32::to_bits), [1.0, 3.0, NOTHING, 0.0, f32::INFINITY].map(f32::to_bits));
            assert_eq!(second.map(f32::to_bits), [1.0, NOTHING, NOTHING, 0.0, f32::INFINITY].map(f32::to_bits));
        }
    }

    #[test]
    fn more_masks_than_the_labels_hold_are_refused() {
        let (mut best, mut labels) = ([0f32; 2], [0u8; 2]);
        let mut fold = Fold::new(&mut best, &mut labels, None, None).unwrap();
        fold.reset();
        assert!(fold.push(255, 0, &[1.0, 1.0]).is_ok());
        assert_eq!(fold.push(256, 0, &[2.0, 2.0]), Err(Error::Domain { argument: Argument::Label, value: 256.0 }));
        assert!(fold.push(1, 1, &[2.0, 2.0]).is_err() && fold.push(1, usize::MAX, &[2.0, 2.0]).is_err());
        assert_eq!((fold.best(), fold.labels()), (&[1.0; 2][..], &[255; 2][..]));
        assert_eq!((<u16 as Label>::MAX, u16::from_usize(65536)), (65535, None));
        assert_eq!(u32::from_usize(70000).map(Label::to_usize), Some(70000));
    }

    #[test]
    fn confidences_are_those_of_the_soft_max() {
        let values = [0.3, -1.0, 2.5, 2.5];
        let scale = 1.5;
        let weights = values.map(|v: f64| (scale * v).exp());
        let total: f64 = weights.iter().sum();
        let entropy: f64 = weights.map(|w| -(w / total) * (w / total).ln()).iter().sum();
        let (mut best, mut labels, mut sum, mut moment) = ([0f64; 2], [0u16; 2], [0f64; 2], [0f64; 2]);
        let soft = Soft { sum: &mut sum, moment: Some(&mut moment), scale };
        let mut fold = Fold::new(&mut best, &mut labels, None, Some(soft)).unwrap();
        fold.reset();
        for (label, &value) in values.iter().enumerate() {
            fold.push(label, 0, &[value, f64::NAN]).unwrap();
        }
        let (mut confidences, mut entropies) = ([9.0; 2], [9.0; 2]);
        fold.fill_confidences(&mut confidences).unwrap();
        fold.fill_entropies(&mut entropies).unwrap();
        assert!((confidences[0] - weights[2] / total).abs() < 1e-15 && (entropies[0] - entropy).abs() < 1e-15);
        assert_eq!((confidences[1], entropies[1]), (0.0, 0.0));
    }

    #[test]
    fn a_soft_max_survives_infinities_and_great_distances() {
        for (values, confidence) in [
            ([f64::INFINITY, 1.0, f64::INFINITY], 0.5),
            ([f64::NEG_INFINITY, 1.0, f64::NEG_INFINITY], 1.0),
            ([1e308, -1e308, 0.0], 1.0),
            ([0.0; 3], 1.0 / 3.0),
        ] {
            let (mut best, mut labels, mut sum, mut moment) = ([0f64], [0u8], [0f64], [0f64]);
            let soft = Soft { sum: &mut sum, moment: Some(&mut moment), scale: 1.0 };
            let mut fold = Fold::new(&mut best, &mut labels, None, Some(soft)).unwrap();
            fold.reset();
            values.iter().enumerate().for_each(|(label, &value)| fold.push(label, 0, &[value]).unwrap());
            let mut out = [9.0];
            fold.fill_confidences(&mut out).unwrap();
            assert_eq!(out, [confidence]);
            fold.fill_entropies(&mut out).unwrap();
            assert!((out[0] + confidence.ln()).abs() < 1e-15, "{values:?}");
        }
    }

    #[test]
    fn undecided_pixels_fall_back_to_their_cell() {
        // 3 by 4 pixels on 1 by 2 cells, all undecided but the first.
        let (mut best, mut labels) = ([0f32; 12], [0u8; 12]);
        best[0] = 1.0;
        labels[0] = 5;
        let mut fold = Fold::new(&mut best, &mut labels, None, None).unwrap();
        let grid = Grid { rows: 1, columns: 2, height: 3, width: 4 };
        assert!(fold.fall_back(0.0, &Grid { width: 5, ..grid }, &[7, 8]).is_err());
        assert!(fold.fall_back(0.0, &Grid { rows: 2, ..grid }, &[7, 8]).is_err());
        assert!(fold.fall_back(0.0, &Grid { rows: 0, ..grid }, &[]).is_err());
        assert_eq!(fold.fall_back(0.0, &grid, &[7, 8]), Ok(11));
        assert_eq!(labels, [5, 7, 8, 8, 7, 7, 8, 8, 7, 7, 8, 8]);
        let mut nothing = Fold::<f32, u8>::new(&mut [], &mut [], None, None).unwrap();
        assert_eq!(nothing.fall_back(0.0, &Grid { height: usize::MAX / 4, width: 0, ..grid }, &[7, 8]), Ok(0));
    }

    #[test]
    fn states_that_do_not_match_are_refused() {
        let (mut best, mut labels, mut second) = (vec![0f32; 3], vec![0u8; 3], vec![0f32; 3]);
        assert!(Fold::new(&mut best, &mut labels[1..], None, None).is_err());
        assert!(Fold::new(&mut best, &mut labels, Some(&mut second[1..]), None).is_err());
        for (length, scale) in [(2, 1.0), (3, -1.0), (3, f64::NAN), (3, 1e39)] {
            let soft = Soft { sum: &mut second[..length], moment: None, scale };
            assert!(Fold::new(&mut best, &mut labels, None, Some(soft)).is_err());
        }
        let mut fold = Fold::new(&mut best, &mut labels, Some(&mut second), None).unwrap();
        assert!(fold.fill_confidences(&mut [0.0; 3]).is_err() && fold.fill_margins(&mut [0.0; 2]).is_err());
        let (mut best, mut labels) = (vec![0f32; 3], vec![0u8; 3]);
        let mut other = Fold::new(&mut best, &mut labels, None, None).unwrap();
        assert!(fold.merge(&other).is_err() && other.merge(&fold).is_ok());
        assert!(other.fill_margins(&mut [0.0; 3]).is_err());
    }
}
