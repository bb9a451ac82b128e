//! What is upsampled: coarse masks, from labels or from scores.

use crate::correspondence::fold::Fold;
use crate::correspondence::label::Label;
use crate::error::{Argument, Error, check};
use crate::{Scalar, Storage};
use core::fmt::Debug;

use super::Grid;

/// One value for each cell of a grid.
pub trait Coarse: Copy + Debug {
    /// The number of cells.
    fn cells(&self) -> usize;
    /// The value of a cell, which has to be one.
    fn value<T: Scalar>(&self, cell: usize) -> T;
    /// The first value that is not finite.
    fn not_finite(&self) -> Option<f64>;
}

/// A score for each cell: any numbers, of which the largest wins.
impl<X: Storage> Coarse for &[X] {
    fn cells(&self) -> usize {
        self.len()
    }

    #[inline(always)]
    fn value<T: Scalar>(&self, cell: usize) -> T {
        self.get(cell).map_or(T::ZERO, |value| T::from_f64(value.load().to_f64()))
    }

    fn not_finite(&self) -> Option<f64> {
        self.iter().map(|value| value.load().to_f64()).find(|value| !value.is_finite())
    }
}

/// The cells that have one of several labels: 1 there, 0 elsewhere.
#[derive(Clone, Copy, Debug)]
pub struct OneHot<'a, L> {
    /// The labels of the cells.
    pub labels: &'a [L],
    /// The one.
    pub label: usize,
}

impl<L: Label> Coarse for OneHot<'_, L> {
    fn cells(&self) -> usize {
        self.labels.len()
    }

    #[inline(always)]
    fn value<T: Scalar>(&self, cell: usize) -> T {
        let hit = self.labels.get(cell).is_some_and(|label| label.to_usize() == self.label);
        if hit { T::ONE } else { T::ZERO }
    }

    fn not_finite(&self) -> Option<f64> {
        None
    }
}

/// Several masks over the same cells, labelled from 0 on.
pub trait Masks: Copy + Debug {
    /// One of them.
    type Mask: Coarse;
    /// How many there are.
    fn count(&self) -> usize;
    /// The mask of a label.
    fn mask(&self, label: usize) -> Self::Mask;
    /// That they are masks over so many cells.
    ///
    /// # Errors
    ///
    /// [`Error::Length`] for `coarse` of another length; [`Error::Domain`] for a label of a mask that there is not.
    fn check(&self, cells: usize) -> Result<(), Error>;
}

/// Masks that share out the cells: each cell belongs to the mask that its label names.
#[derive(Clone, Copy, Debug)]
pub struct HardMasks<'a, L> {
    /// The label of each cell, below `clusters`.
    pub labels: &'a [L],
    /// How many masks.
    pub clusters: usize,
}

impl<'a, L: Label> Masks for HardMasks<'a, L> {
    type Mask = OneHot<'a, L>;

    fn count(&self) -> usize {
        self.clusters
    }

    fn mask(&self, label: usize) -> OneHot<'a, L> {
        OneHot { labels: self.labels, label }
    }

    fn check(&self, cells: usize) -> Result<(), Error> {
        check::length(Argument::Coarse, cells, self.labels.len())?;
        match self.labels.iter().find(|label| label.to_usize() >= self.clusters) {
            Some(label) => Err(Error::Domain { argument: Argument::Coarse, value: label.to_usize() as f64 }),
            None => Ok(()),
        }
    }
}

/// Masks that each have a score for every cell, one mask after another: (`clusters`, rows, columns).
#[derive(Clone, Copy, Debug)]
pub struct SoftMasks<'a, X> {
    /// The scores.
    pub scores: &'a [X],
    /// How many masks.
    pub clusters: usize,
}

impl<'a, X: Storage> Masks for SoftMasks<'a, X> {
    type Mask = &'a [X];

    fn count(&self) -> usize {
        self.clusters
    }

    fn mask(&self, label: usize) -> &'a [X] {
        let cells = self.scores.len().checked_div(self.clusters).unwrap_or(0);
        let tail = self.scores.get(label.wrapping_mul(cells)..).unwrap_or(&[]);
        tail.get(..cells).unwrap_or(&[])
    }

    fn check(&self, cells: usize) -> Result<(), Error> {
        let expected = cells.saturating_mul(self.clusters);
        check::length(Argument::Coarse, expected, self.scores.len())
    }
}

/// One mask over the cells of a grid.
pub(super) fn check_coarse(grid: &Grid, coarse: &impl Coarse) -> Result<(), Error> {
    check::length(Argument::Coarse, grid.cells(), coarse.cells())
}

/// Pixels, cells and labels that fit each other.
pub(super) fn check_labels<T: Scalar, L: Label>(
    fold: &Fold<T, L>,
    grid: &Grid,
    masks: &impl Masks,
) -> Result<(), Error> {
    grid.check()?;
    check::length(Argument::Best, grid.pixels(), fold.pixels())?;
    check_count::<L>(masks)?;
    masks.check(grid.cells())
}

/// A type that holds the label of each mask.
pub(super) fn check_count<L: Label>(masks: &impl Masks) -> Result<(), Error> {
    match masks.count().checked_sub(1) {
        Some(last) if last > L::MAX => Err(Error::Domain { argument: Argument::Clusters, value: masks.count() as f64 }),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn masks_by_hand() {
        let hard = HardMasks { labels: &[0u8, 2, 2], clusters: 3 };
        let values = |coarse: OneHot<u8>| -> [f64; 3] { core::array::from_fn(|cell| coarse.value(cell)) };
        assert_eq!([0, 1, 2].map(|label| values(hard.mask(label))), [[1.0, 0.0, 0.0], [0.0; 3], [0.0, 1.0, 1.0]]);
        assert!(hard.check(3).is_ok());
        assert_eq!(hard.check(4), Err(Error::Length { argument: Argument::Coarse, expected: 4, actual: 3 }));
        let few = HardMasks { clusters: 2, ..hard };
        assert_eq!(few.check(3), Err(Error::Domain { argument: Argument::Coarse, value: 2.0 }));

        let soft = SoftMasks { scores: &[1.0f32, 2.0, 3.0, 4.0, f32::NAN, 6.0], clusters: 2 };
        assert_eq!(soft.mask(0), [1.0, 2.0, 3.0]);
        assert_eq!((soft.mask(1).value::<f64>(2), soft.mask(0).not_finite().is_none()), (6.0, true));
        assert!(soft.mask(1).not_finite().is_some_and(f64::is_nan));
        assert!(soft.check(3).is_ok() && soft.check(2).is_err());
        assert!(SoftMasks::<f32> { scores: &[], clusters: 0 }.mask(3).is_empty());
    }

    #[test]
    fn more_masks_than_labels() {
        let masks = |clusters| SoftMasks::<f32> { scores: &[], clusters };
        assert!(check_count::<u8>(&masks(0)).is_ok() && check_count::<u8>(&masks(256)).is_ok());
        let refused = check_count::<u8>(&masks(257));
        assert_eq!(refused, Err(Error::Domain { argument: Argument::Clusters, value: 257.0 }));
        assert!(check_count::<u16>(&masks(257)).is_ok());
    }
}
