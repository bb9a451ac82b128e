//! Nearest neighbour and bilinear interpolation.

use crate::correspondence::fold::*;
use crate::pointer::{Buffer, extent, read};
use crate::status::{quell_status, run};
use quell::correspondence::upsample::interpolate::{self, Interpolation};
use quell::correspondence::upsample::{Grid, HardMasks, SoftMasks};
use quell::{Argument, Error, bf16, f16};

/// How a value between the centres of cells is found.
#[repr(i32)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum quell_interpolation {
    /// The cell that the pixel's centre lies in; on the border of two, the latter.
    Nearest = 0,
    /// Linear along both axes between the centres of cells, pixel x at (x + 1/2) columns/width - 1/2; constant beyond
    /// the outermost centres.
    Bilinear = 1,
    /// Linear, with the outermost pixels at the centres of the outermost cells.
    BilinearCorners = 2,
}

pub(crate) fn cast_interpolation(interpolation: i32) -> Result<Interpolation, Error> {
    match interpolation {
        value if value == quell_interpolation::Nearest as i32 => Ok(Interpolation::Nearest),
        value if value == quell_interpolation::Bilinear as i32 => Ok(Interpolation::Bilinear),
        value if value == quell_interpolation::BilinearCorners as i32 => Ok(Interpolation::BilinearCorners),
        value => Err(Error::Unknown { argument: Argument::Interpolation, value }),
    }
}

/// Stamps the rows of one type of scores.
macro_rules! rows {
    ($coarse:ty as $stored:ty, $out:ty, $row:ident) => {
        /// Fills one row of pixels with a mask's values, interpolated between its cells.
        ///
        /// @param out            out_len elements
        /// @param out_len        grid->width
        /// @param coarse         the mask's score for each cell, row by row
        /// @param coarse_len     grid->rows grid->columns
        /// @param grid           the cells over the image
        /// @param interpolation  a quell_interpolation
        /// @param row            which row of pixels
        #[must_use]
        #[unsafe(no_mangle)]
        pub unsafe extern "C" fn $row(
            out: *mut $out,
            out_len: usize,
            coarse: *const $coarse,
            coarse_len: usize,
            grid: *const Grid,
            interpolation: i32,
            row: usize,
        ) -> quell_status {
            run(|| {
                let out = Buffer::output(Argument::Out, out, out_len)?;
                let coarse = Buffer::input(Argument::Coarse, coarse.cast::<$stored>(), coarse_len)?;
                out.apart_from(&[coarse.range(), extent(grid)])?;
                let interpolation = cast_interpolation(interpolation)?;
                // SAFETY: checked above and before use; valid by the contract of the C ABI.
                unsafe {
                    let grid = read(Argument::Grid, grid)?;
                    interpolate::fill_row(out.slice_mut(), &grid, interpolation, row, &coarse.slice())
                }
            })
        }
    };
}
rows!(f32 as f32, f32, quell_interpolate_row_f32);
rows!(f64 as f64, f64, quell_interpolate_row_f64);
rows!(u16 as f16, f32, quell_interpolate_row_f16);
rows!(u16 as bf16, f32, quell_interpolate_row_bf16);

/// The length of the scratch of quell_interpolate_labels_f32_u8() and quell_interpolate_scores_f32_u8().
///
/// @param width  how many columns of pixels
#[must_use]
#[unsafe(no_mangle)]
pub extern "C" fn quell_interpolate_scratch_len(width: usize) -> usize {
    interpolate::scratch_len(&Grid { width, ..Grid::default() })
}

/// Stamps what takes all masks into a fold.
macro_rules! drivers {
    ($fold:ident: $type:ty, $label:ty, $labels:ident, $scores:ident) => {
        drivers! {
            @one
            /// Takes all masks into a fold, interpolated between cells; each cell belongs to the mask of its label.
            ///
            /// @param fold           the state, whose buffers are written; it is not reset
            /// @param scratch        memory to work in
            /// @param scratch_len    how much, at least quell_interpolate_scratch_len(grid->width)
            /// @param coarse         the label of each cell, row by row, below clusters
            /// @param coarse_len     grid->rows grid->columns
            /// @param grid           the cells over the image
            /// @param clusters       how many masks
            /// @param interpolation  a quell_interpolation
            $labels, $fold, $type, $label, HardMasks labels
        }
        drivers! {
            @one
            /// Takes all masks into a fold, interpolated between cells; each mask has a score for each cell.
            ///
            /// @param fold           the state, whose buffers are written; it is not reset
            /// @param scratch        memory to work in
            /// @param scratch_len    how much, at least quell_interpolate_scratch_len(grid->width)
            /// @param coarse         the scores, mask by mask, each row by row
            /// @param coarse_len     clusters grid->rows grid->columns
            /// @param grid           the cells over the image
            /// @param clusters       how many masks
            /// @param interpolation  a quell_interpolation
            $scores, $fold, $type, $type, SoftMasks scores
        }
    };
    (@one $(#[$doc:meta])* $name:ident, $fold:ident, $type:ty, $coarse:ty, $masks:ident $field:ident) => {
        $(#[$doc])*
        #[must_use]
        #[unsafe(no_mangle)]
        pub unsafe extern "C" fn $name(
            fold: *const $fold,
            scratch: *mut $type,
            scratch_len: usize,
            coarse: *const $coarse,
            coarse_len: usize,
            grid: *const Grid,
            clusters: usize,
            interpolation: i32,
        ) -> quell_status {
            run(|| {
                // SAFETY: checked before use; valid by the contract of the C ABI.
                let (fold, size) = unsafe { (FoldBuffers::open(Argument::Fold, fold)?, read(Argument::Grid, grid)?) };
                let scratch = Buffer::output(Argument::Scratch, scratch, scratch_len)?;
                let coarse = Buffer::input(Argument::Coarse, coarse, coarse_len)?;
                let inputs = [coarse.range(), extent(grid)];
                fold.apart_from(&[scratch.written()], &inputs)?;
                let interpolation = cast_interpolation(interpolation)?;
                // SAFETY: checked above; valid by the contract of the C ABI.
                unsafe {
                    let masks = $masks { $field: coarse.slice(), clusters };
                    interpolate::labels(&mut fold.cast()?, &size, interpolation, &masks, scratch.slice_mut())
                }
            })
        }
    };
}
drivers!(quell_fold_f32_u8: f32, u8, quell_interpolate_labels_f32_u8, quell_interpolate_scores_f32_u8);
drivers!(quell_fold_f32_u16: f32, u16, quell_interpolate_labels_f32_u16, quell_interpolate_scores_f32_u16);
drivers!(quell_fold_f64_u8: f64, u8, quell_interpolate_labels_f64_u8, quell_interpolate_scores_f64_u8);
drivers!(quell_fold_f64_u16: f64, u16, quell_interpolate_labels_f64_u16, quell_interpolate_scores_f64_u16);
