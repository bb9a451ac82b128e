//! Joint bilateral upsampling.

use super::GuideBuffer;
use crate::correspondence::fold::*;
use crate::pointer::{Buffer, extent, read};
use crate::status::{quell_status, run};
use quell::correspondence::image::Layout;
use quell::correspondence::upsample::joint_bilateral::{self, JointBilateral};
use quell::correspondence::upsample::{Grid, HardMasks, SoftMasks};
use quell::{Argument, bf16, f16};

/// A filter of which only the reach matters.
const fn of_radius(radius: usize) -> JointBilateral {
    JointBilateral { sigma_space: 1.0, sigma_range: 1.0, radius }
}

/// The length of the weights of one row of pixels; SIZE_MAX when that overflows.
///
/// @param rows     how many rows of cells
/// @param columns  how many columns of cells
/// @param width    how many columns of pixels
/// @param radius   how many cells to each side count
#[must_use]
#[unsafe(no_mangle)]
pub extern "C" fn quell_joint_bilateral_weights_len(rows: usize, columns: usize, width: usize, radius: usize) -> usize {
    joint_bilateral::weights_len(&Grid { rows, columns, height: 0, width }, &of_radius(radius))
}

/// The length of the scratch of quell_joint_bilateral_labels_u8_u8() and quell_joint_bilateral_scores_u8_u8();
/// SIZE_MAX when that overflows.
///
/// @param rows     how many rows of cells
/// @param columns  how many columns of cells
/// @param width    how many columns of pixels
/// @param radius   how many cells to each side count
#[must_use]
#[unsafe(no_mangle)]
pub extern "C" fn quell_joint_bilateral_scratch_len(rows: usize, columns: usize, width: usize, radius: usize) -> usize {
    joint_bilateral::scratch_len(&Grid { rows, columns, height: 0, width }, &of_radius(radius))
}

/// Stamps what does not depend on masks, for one type of images.
macro_rules! guides {
    ($image:ty as $stored:ty, $type:ty, $coarse_guide:ident, $weights:ident) => {
        /// Fills the mean of each channel of an image over each cell: (channels, rows, columns).
        ///
        /// @param coarse_guide      coarse_guide_len elements
        /// @param coarse_guide_len  layout->channels grid->rows grid->columns
        /// @param guide             the image
        /// @param guide_len         its elements
        /// @param layout            where they stand, in an image of the grid's size
        /// @param grid              the cells over the image
        #[must_use]
        #[unsafe(no_mangle)]
        pub unsafe extern "C" fn $coarse_guide(
            coarse_guide: *mut $type,
            coarse_guide_len: usize,
            guide: *const $image,
            guide_len: usize,
            layout: *const Layout,
            grid: *const Grid,
        ) -> quell_status {
            run(|| {
                let coarse_guide = Buffer::output(Argument::CoarseGuide, coarse_guide, coarse_guide_len)?;
                // SAFETY: checked before use; valid by the contract of the C ABI.
                let guide = unsafe { GuideBuffer::open(guide.cast::<$stored>(), guide_len, layout)? };
                coarse_guide.apart_from(&guide.ranges())?;
                coarse_guide.apart_from(&[extent(grid)])?;
                // SAFETY: checked above and before use; valid by the contract of the C ABI.
                unsafe {
                    let grid = read(Argument::Grid, grid)?;
                    joint_bilateral::fill_coarse_guide(coarse_guide.slice_mut(), &grid, &guide.cast())
                }
            })
        }

        /// Fills the weights of one row of pixels, which serve all masks; see quell_joint_bilateral_row_f32().
        ///
        /// @param weights           weights_len elements
        /// @param weights_len       quell_joint_bilateral_weights_len()
        /// @param guide             the image
        /// @param guide_len         its elements
        /// @param layout            where they stand, in an image of the grid's size
        /// @param coarse_guide      its mean over each cell, or another image of the cells' size and as many channels
        /// @param coarse_guide_len  layout->channels grid->rows grid->columns
        /// @param grid              the cells over the image
        /// @param options           how far the filter reaches
        /// @param row               which row of pixels
        #[must_use]
        #[unsafe(no_mangle)]
        pub unsafe extern "C" fn $weights(
            weights: *mut $type,
            weights_len: usize,
            guide: *const $image,
            guide_len: usize,
            layout: *const Layout,
            coarse_guide: *const $type,
            coarse_guide_len: usize,
            grid: *const Grid,
            options: *const JointBilateral,
            row: usize,
        ) -> quell_status {
            run(|| {
                let weights = Buffer::output(Argument::Weights, weights, weights_len)?;
                // SAFETY: checked before use; valid by the contract of the C ABI.
                let guide = unsafe { GuideBuffer::open(guide.cast::<$stored>(), guide_len, layout)? };
                let coarse_guide = Buffer::input(Argument::CoarseGuide, coarse_guide, coarse_guide_len)?;
                weights.apart_from(&guide.ranges())?;
                weights.apart_from(&[coarse_guide.range(), extent(grid), extent(options)])?;
                // SAFETY: checked above and before use; valid by the contract of the C ABI.
                unsafe {
                    let (grid, filter) = (read(Argument::Grid, grid)?, read(Argument::Options, options)?);
                    let (weights, coarse_guide) = (weights.slice_mut(), coarse_guide.slice());
                    joint_bilateral::fill_weights(weights, &grid, &filter, row, &guide.cast(), coarse_guide)
                }
            })
        }
    };
}
guides!(u8 as u8, f32, quell_joint_bilateral_coarse_guide_u8, quell_joint_bilateral_weights_u8);
guides!(u16 as f16, f32, quell_joint_bilateral_coarse_guide_f16, quell_joint_bilateral_weights_f16);
guides!(u16 as bf16, f32, quell_joint_bilateral_coarse_guide_bf16, quell_joint_bilateral_weights_bf16);
guides!(f32 as f32, f32, quell_joint_bilateral_coarse_guide_f32, quell_joint_bilateral_weights_f32);
guides!(f64 as f64, f64, quell_joint_bilateral_coarse_guide_f64, quell_joint_bilateral_weights_f64);

/// Stamps the rows of one type of scores.
macro_rules! rows {
    ($coarse:ty as $stored:ty, $type:ty, $row:ident) => {
        /// Fills one row of pixels with a mask's values: the mean of its cells by the row's weights.
        ///
        /// @param out          out_len elements
        /// @param out_len      grid->width
        /// @param weights      those of quell_joint_bilateral_weights_u8() for the same grid, options and row
        /// @param weights_len  quell_joint_bilateral_weights_len()
        /// @param coarse       the mask's score for each cell, row by row
        /// @param coarse_len   grid->rows grid->columns
        /// @param grid         the cells over the image
        /// @param options      how far the filter reaches
        /// @param row          which row of pixels
        #[must_use]
        #[unsafe(no_mangle)]
        pub unsafe extern "C" fn $row(
            out: *mut $type,
            out_len: usize,
            weights: *const $type,
            weights_len: usize,
            coarse: *const $coarse,
            coarse_len: usize,
            grid: *const Grid,
            options: *const JointBilateral,
            row: usize,
        ) -> quell_status {
            run(|| {
                let out = Buffer::output(Argument::Out, out, out_len)?;
                let weights = Buffer::input(Argument::Weights, weights, weights_len)?;
                let coarse = Buffer::input(Argument::Coarse, coarse.cast::<$stored>(), coarse_len)?;
                out.apart_from(&[weights.range(), coarse.range(), extent(grid), extent(options)])?;
                // SAFETY: checked above and before use; valid by the contract of the C ABI.
                unsafe {
                    let (grid, filter) = (read(Argument::Grid, grid)?, read(Argument::Options, options)?);
                    let (out, weights) = (out.slice_mut(), weights.slice());
                    joint_bilateral::fill_row(out, &grid, &filter, row, weights, &coarse.slice())
                }
            })
        }
    };
}
rows!(f32 as f32, f32, quell_joint_bilateral_row_f32);
rows!(f64 as f64, f64, quell_joint_bilateral_row_f64);
rows!(u16 as f16, f32, quell_joint_bilateral_row_f16);
rows!(u16 as bf16, f32, quell_joint_bilateral_row_bf16);

/// Stamps what takes all masks into a fold.
macro_rules! drivers {
    ($image:ty as $stored:ty, $fold:ident: $type:ty, $label:ty, $labels:ident, $scores:ident) => {
        drivers! {
            @one
            /// Takes all masks into a fold, by weights that depend on an image; each cell belongs to the mask of its
            /// label.
            ///
            /// @param fold              the state, whose buffers are written; it is not reset
            /// @param scratch           memory to work in
            /// @param scratch_len       how much, at least quell_joint_bilateral_scratch_len()
            /// @param coarse            the label of each cell, row by row, below clusters
            /// @param coarse_len        grid->rows grid->columns
            /// @param guide             the image
            /// @param guide_len         its elements
            /// @param layout            where they stand, in an image of the grid's size
            /// @param coarse_guide      its mean over each cell, or another image of the cells' size and as many
            ///                          channels
            /// @param coarse_guide_len  layout->channels grid->rows grid->columns
            /// @param grid              the cells over the image
            /// @param options           how far the filter reaches
            /// @param clusters          how many masks
            $labels, $image as $stored, $fold, $type, $label, HardMasks labels
        }
        drivers! {
            @one
            /// Takes all masks into a fold, by weights that depend on an image; each mask has a score for each cell.
            ///
            /// @param fold              the state, whose buffers are written; it is not reset
            /// @param scratch           memory to work in
            /// @param scratch_len       how much, at least quell_joint_bilateral_scratch_len()
            /// @param coarse            the scores, mask by mask, each row by row
            /// @param coarse_len        clusters grid->rows grid->columns
            /// @param guide             the image
            /// @param guide_len         its elements
            /// @param layout            where they stand, in an image of the grid's size
            /// @param coarse_guide      its mean over each cell, or another image of the cells' size and as many
            ///                          channels
            /// @param coarse_guide_len  layout->channels grid->rows grid->columns
            /// @param grid              the cells over the image
            /// @param options           how far the filter reaches
            /// @param clusters          how many masks
            $scores, $image as $stored, $fold, $type, $type, SoftMasks scores
        }
    };
    (
        @one $(#[$doc:meta])* $name:ident, $image:ty as $stored:ty, $fold:ident, $type:ty, $coarse:ty,
        $masks:ident $field:ident
    ) => {
        $(#[$doc])*
        #[must_use]
        #[unsafe(no_mangle)]
        pub unsafe extern "C" fn $name(
            fold: *const $fold,
            scratch: *mut $type,
            scratch_len: usize,
            coarse: *const $coarse,
            coarse_len: usize,
            guide: *const $image,
            guide_len: usize,
            layout: *const Layout,
            coarse_guide: *const $type,
            coarse_guide_len: usize,
            grid: *const Grid,
            options: *const JointBilateral,
            clusters: usize,
        ) -> quell_status {
            run(|| {
                // SAFETY: checked before use; valid by the contract of the C ABI.
                let fold = unsafe { FoldBuffers::open(Argument::Fold, fold)? };
                let scratch = Buffer::output(Argument::Scratch, scratch, scratch_len)?;
                let coarse = Buffer::input(Argument::Coarse, coarse, coarse_len)?;
                // SAFETY: as above.
                let guide = unsafe { GuideBuffer::open(guide.cast::<$stored>(), guide_len, layout)? };
                let coarse_guide = Buffer::input(Argument::CoarseGuide, coarse_guide, coarse_guide_len)?;
                let [pixels, object] = guide.ranges();
                let inputs =
                    [coarse.range(), pixels, object, coarse_guide.range(), extent(grid), extent(options)];
                fold.apart_from(&[scratch.written()], &inputs)?;
                // SAFETY: checked above and before use; valid by the contract of the C ABI.
                unsafe {
                    let (grid, filter) = (read(Argument::Grid, grid)?, read(Argument::Options, options)?);
                    let masks = $masks { $field: coarse.slice(), clusters };
                    let (fold, coarse_guide) = (&mut fold.cast()?, coarse_guide.slice());
                    let scratch = scratch.slice_mut();
                    joint_bilateral::labels(fold, &grid, &filter, &masks, &guide.cast(), coarse_guide, scratch)
                }
            })
        }
    };
}
drivers!(u8 as u8, quell_fold_f32_u8: f32, u8, quell_joint_bilateral_labels_u8_u8, quell_joint_bilateral_scores_u8_u8);
drivers!(u8 as u8, quell_fold_f32_u16: f32, u16, quell_joint_bilateral_labels_u8_u16, quell_joint_bilateral_scores_u8_u16);
drivers!(u16 as f16, quell_fold_f32_u8: f32, u8, quell_joint_bilateral_labels_f16_u8, quell_joint_bilateral_scores_f16_u8);
drivers!(u16 as f16, quell_fold_f32_u16: f32, u16, quell_joint_bilateral_labels_f16_u16, quell_joint_bilateral_scores_f16_u16);
drivers!(u16 as bf16, quell_fold_f32_u8: f32, u8, quell_joint_bilateral_labels_bf16_u8, quell_joint_bilateral_scores_bf16_u8);
drivers!(u16 as bf16, quell_fold_f32_u16: f32, u16, quell_joint_bilateral_labels_bf16_u16, quell_joint_bilateral_scores_bf16_u16);
drivers!(f32 as f32, quell_fold_f32_u8: f32, u8, quell_joint_bilateral_labels_f32_u8, quell_joint_bilateral_scores_f32_u8);
drivers!(f32 as f32, quell_fold_f32_u16: f32, u16, quell_joint_bilateral_labels_f32_u16, quell_joint_bilateral_scores_f32_u16);
drivers!(f64 as f64, quell_fold_f64_u8: f64, u8, quell_joint_bilateral_labels_f64_u8, quell_joint_bilateral_scores_f64_u8);
drivers!(f64 as f64, quell_fold_f64_u16: f64, u16, quell_joint_bilateral_labels_f64_u16, quell_joint_bilateral_scores_f64_u16);
