//! Nearest neighbour and bilinear interpolation.
//!
//! ```
//! use quell::correspondence::fold::Fold;
//! use quell::correspondence::upsample::{Grid, HardMasks, interpolate::{self, Interpolation}};
//! let grid = Grid { rows: 1, columns: 2, height: 1, width: 4 };
//! let mut row = [0f32; 4];
//! interpolate::fill_row(&mut row, &grid, Interpolation::Bilinear, 0, &[0f32, 1.0].as_slice())?;
//! assert_eq!(row, [0.0, 0.25, 0.75, 1.0]);
//!
//! let (mut best, mut labels) = ([0f32; 4], [0u8; 4]);
//! let mut fold = Fold::new(&mut best, &mut labels, None, None)?;
//! fold.reset();
//! let masks = HardMasks { labels: &[1u8, 0], clusters: 2 };
//! interpolate::labels(&mut fold, &grid, Interpolation::Bilinear, &masks, &mut [0.0; 4])?;
//! assert_eq!(labels, [1, 1, 0, 0]);
//! # Ok::<(), quell::Error>(())
//! ```

use super::clamped;
use super::grid::{Axis, Grid};
use super::masks::{Coarse, Masks, check_coarse, check_labels};
use crate::Scalar;
use crate::correspondence::fold::Fold;
use crate::correspondence::label::Label;
use crate::error::{Argument, Error, check};
use crate::slice::part_mut;

/// How a value between the centres of cells is found.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[repr(i32)]
pub enum Interpolation {
    /// The cell that the pixel's centre lies in; on the border of two, the latter.
    Nearest = 0,
    /// Linear along both axes between the centres of cells, pixel x at (x + ½)·columns/width − ½; constant beyond the
    /// outermost centres. OpenCV's and PyTorch's default.
    #[default]
    Bilinear = 1,
    /// Linear, with the outermost pixels at the centres of the outermost cells: PyTorch's `align_corners`.
    BilinearCorners = 2,
}

impl Interpolation {
    /// Where pixels stand along one axis.
    pub(in crate::correspondence) fn axis(self, cells: usize, pixels: usize) -> Axis {
        match self {
            Interpolation::Nearest => Axis::nearest(cells, pixels),
            Interpolation::Bilinear => Axis::centres(cells, pixels),
            Interpolation::BilinearCorners => Axis::corners(cells, pixels),
        }
    }

    /// The cells along an axis from which a pixel has its value, and the share of each; where it is one, the other is the
    /// same with a share of 0.
    pub(in crate::correspondence) fn shares(self, axis: &Axis, pixel: usize) -> [(usize, f64); 2] {
        let cell = axis.cell(pixel);
        let next = axis.next(cell);
        let share = if self == Interpolation::Nearest || next == cell { 0.0 } else { axis.fraction(pixel) };
        [(cell, 1.0 - share), (next, share)]
    }
}

/// Fills one row of pixels with a mask's values.
///
/// Values stay between those of the cells that they come from, and are theirs where these are equal. `out` has
/// `grid.width` elements, `coarse` one for each cell.
///
/// # Errors
///
/// [`Error::Length`] for `out` or `coarse`; [`Error::Domain`] for a `grid` without cells or too large for an index,
/// and for a `row` that it does not have.
pub fn fill_row<T: Scalar>(
    out: &mut [T],
    grid: &Grid,
    interpolation: Interpolation,
    row: usize,
    coarse: &impl Coarse,
) -> Result<(), Error> {
    grid.check_row(row)?;
    grid.check_out(out.len())?;
    check_coarse(grid, coarse)?;
    fill_row_unchecked(out, grid, interpolation, row, coarse);
    Ok(())
}

/// The same where all is known to fit.
pub(super) fn fill_row_unchecked<T: Scalar>(
    out: &mut [T],
    grid: &Grid,
    interpolation: Interpolation,
    row: usize,
    coarse: &impl Coarse,
) {
    let rows = interpolation.axis(grid.rows, grid.height);
    let columns = interpolation.axis(grid.columns, grid.width);
    let upper = rows.cell(row);
    let (lower, share) = match interpolation {
        Interpolation::Nearest => (upper, T::ZERO),
        _ => (rows.next(upper), T::from_f64(rows.fraction(row))),
    };
    let at = |column: usize| {
        let value = |row: usize| coarse.value(row.wrapping_mul(grid.columns).wrapping_add(column));
        between(value(upper), value(lower), share)
    };
    for (column, run) in columns.runs() {
        let (start, out) = (run.start, part_mut(out, run.start, run.len()));
        let left: T = at(column);
        let right = if interpolation == Interpolation::Nearest { left } else { at(columns.next(column)) };
        if left == right {
            out.fill(left);
            continue;
        }
        for (offset, out) in out.iter_mut().enumerate() {
            *out = between(left, right, T::from_f64(columns.fraction_after(column, start.wrapping_add(offset))));
        }
    }
}

/// a + t·(b − a), kept between both; a where t is 0, whatever b is.
#[inline(always)]
fn between<T: Scalar>(a: T, b: T, t: T) -> T {
    let (low, high) = if a < b { (a, b) } else { (b, a) };
    let value = clamped(a + t * (b - a), low, high);
    if t == T::ZERO || a == b { a } else { value }
}

/// The length of the scratch of [`labels`].
pub const fn scratch_len(grid: &Grid) -> usize {
    grid.width
}

/// Takes all masks into a fold, row by row.
///
/// The fold is not reset, so it may have seen other masks. `scratch` has [`scratch_len`] elements.
///
/// # Errors
///
/// [`Error::Length`] for a `fold` of another size than the image (as `best`), or for masks of another size than the
/// grid (as `coarse`); [`Error::TooShort`] for `scratch`; [`Error::Domain`] for a `grid` without cells or too large
/// for an index, a label of no mask (as `coarse`), and for more masks than the fold's labels tell apart (as
/// `clusters`).
pub fn labels<T: Scalar, L: Label>(
    fold: &mut Fold<T, L>,
    grid: &Grid,
    interpolation: Interpolation,
    masks: &impl Masks,
    scratch: &mut [T],
) -> Result<(), Error> {
    check_labels(fold, grid, masks)?;
    check::at_least(Argument::Scratch, scratch_len(grid), scratch.len())?;
    let out = part_mut(scratch, 0, grid.width);
    for row in grid.pixel_rows() {
        for label in 0..masks.count() {
            fill_row_unchecked(out, grid, interpolation, row, &masks.mask(label));
            fold.push(label, row.wrapping_mul(grid.width), out)?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    const GRID: Grid = Grid { rows: 2, columns: 2, height: 4, width: 3 };
    const COARSE: &[f64] = &[0.0, 3.0, 8.0, 11.0];

    fn row(interpolation: Interpolation, row: usize) -> [f64; 3] {
        let mut out = [f64::NAN; 3];
        fill_row(&mut out, &GRID, interpolation, row, &COARSE).unwrap();
        out
    }

    #[test]
    fn rows_by_hand() {
        // The middle column is on the border of two cells, and halfway between their centres.
        assert_eq!([0, 1, 2, 3].map(|y| row(Interpolation::Nearest, y)[1]), [3.0, 3.0, 11.0, 11.0]);
        assert_eq!([0, 1, 2, 3].map(|y| row(Interpolation::Bilinear, y)[1]), [1.5, 3.5, 7.5, 9.5]);
        assert_eq!(row(Interpolation::BilinearCorners, 0), [0.0, 1.5, 3.0]);
        assert_eq!(row(Interpolation::BilinearCorners, 3), [8.0, 9.5, 11.0]);
    }

    #[test]
    fn what_has_no_share_is_not_read() {
        assert_eq!(between(1.0, f64::NAN, 0.0), 1.0);
        assert_eq!(between(f64::INFINITY, f64::INFINITY, 0.3), f64::INFINITY);
        assert!(between(1.0, f64::NAN, 0.5).is_nan());
        // 0.1 + 0.7·(0.7 − 0.1) and the like must not leave the range.
        for (a, b) in [(0.1, 0.7), (0.7, 0.1), (-0.3, 1e-17)] {
            let t = 1.0 - f64::EPSILON / 2.0;
            let value = between(a, b, t);
            assert!(value >= a.min(b) && value <= a.max(b));
        }
    }

    #[test]
    fn rows_that_do_not_fit_are_refused() {
        let mut out = [5.0; 3];
        let refused = |result: Result<(), Error>| result.unwrap_err().argument();
        let nearest = Interpolation::Nearest;
        assert_eq!(refused(fill_row(&mut out[..2], &GRID, nearest, 0, &COARSE)), Argument::Out);
        assert_eq!(refused(fill_row(&mut out, &GRID, nearest, 4, &COARSE)), Argument::Row);
        assert_eq!(refused(fill_row(&mut out, &GRID, nearest, 0, &&COARSE[..3])), Argument::Coarse);
        assert_eq!(out, [5.0; 3]);
    }
}
