//! The guided filter.

use super::GuideBuffer;
use super::interpolate::cast_interpolation;
use crate::correspondence::fold::*;
use crate::pointer::{Buffer, all_apart, extent, read};
use crate::status::{quell_status, run};
use quell::correspondence::image::Layout;
use quell::correspondence::upsample::guided::{self, Guided};
use quell::correspondence::upsample::{Grid, HardMasks, SoftMasks};
use quell::{Argument, bf16, f16};

/// The length of what the guided filter needs to know of an image; SIZE_MAX when that overflows.
///
/// @param height    how many rows of pixels
/// @param width     how many columns of pixels
/// @param channels  1 or 3
#[must_use]
#[unsafe(no_mangle)]
pub extern "C" fn quell_guided_statistics_len(height: usize, width: usize, channels: usize) -> usize {
    guided::statistics_len(&Grid { height, width, ..Grid::default() }, channels)
}

/// The length of the scratch of the guided filter's functions, in double precision; SIZE_MAX when that overflows.
///
/// @param height    how many rows of pixels
/// @param width     how many columns of pixels
/// @param channels  1 or 3
/// @param radius    how many pixels to each side the window has
#[must_use]
#[unsafe(no_mangle)]
pub extern "C" fn quell_guided_scratch_len(height: usize, width: usize, channels: usize, radius: usize) -> usize {
    guided::scratch_len(&Grid { height, width, ..Grid::default() }, &Guided { radius, epsilon: 1.0 }, channels)
}

/// Stamps what works on one mask or none, for one type of images.
macro_rules! guides {
    ($image:ty as $stored:ty, $type:ty, $statistics:ident, $map:ident) => {
        /// Fills what the guided filter needs to know of an image, which serves all masks.
        ///
        /// @param statistics      statistics_len elements
        /// @param statistics_len  quell_guided_statistics_len()
        /// @param scratch         memory to work in
        /// @param scratch_len     how much, at least quell_guided_scratch_len()
        /// @param guide           the image, of finite elements
        /// @param guide_len       its elements
        /// @param layout          where they stand, in an image of the grid's size with one or three channels
        /// @param grid            the cells over the image
        /// @param options         the window, and what counts as an edge
        #[must_use]
        #[unsafe(no_mangle)]
        pub unsafe extern "C" fn $statistics(
            statistics: *mut f64,
            statistics_len: usize,
            scratch: *mut f64,
            scratch_len: usize,
            guide: *const $image,
            guide_len: usize,
            layout: *const Layout,
            grid: *const Grid,
            options: *const Guided,
        ) -> quell_status {
            run(|| {
                let statistics = Buffer::output(Argument::Statistics, statistics, statistics_len)?;
                let scratch = Buffer::output(Argument::Scratch, scratch, scratch_len)?;
                // SAFETY: checked before use; valid by the contract of the C ABI.
                let guide = unsafe { GuideBuffer::open(guide.cast::<$stored>(), guide_len, layout)? };
                let [pixels, object] = guide.ranges();
                let inputs = [pixels, object, extent(grid), extent(options)];
                all_apart(&[statistics.written(), scratch.written()], &inputs)?;
                // SAFETY: checked above and before use; valid by the contract of the C ABI.
                unsafe {
                    let (grid, filter) = (read(Argument::Grid, grid)?, read(Argument::Options, options)?);
                    let (statistics, scratch) = (statistics.slice_mut(), scratch.slice_mut());
                    guided::fill_statistics(statistics, &grid, &filter, &guide.cast(), scratch)
                }
            })
        }

        /// Fills the filtered mask, one value for each pixel.
        ///
        /// @param out             out_len elements
        /// @param out_len         grid->height grid->width
        /// @param scratch         memory to work in
        /// @param scratch_len     how much, at least quell_guided_scratch_len()
        /// @param coarse          the mask's score for each cell, row by row; finite
        /// @param coarse_len      grid->rows grid->columns
        /// @param guide           the image
        /// @param guide_len       its elements
        /// @param layout          where they stand, in an image of the grid's size with one or three channels
        /// @param statistics      those of quell_guided_statistics_u8() for the same image, grid and options
        /// @param statistics_len  quell_guided_statistics_len()
        /// @param grid            the cells over the image
        /// @param options         the window, and what counts as an edge
        /// @param interpolation   a quell_interpolation: how the mask is brought to the image's size first
        #[must_use]
        #[unsafe(no_mangle)]
        pub unsafe extern "C" fn $map(
            out: *mut $type,
            out_len: usize,
            scratch: *mut f64,
            scratch_len: usize,
            coarse: *const $type,
            coarse_len: usize,
            guide: *const $image,
            guide_len: usize,
            layout: *const Layout,
            statistics: *const f64,
            statistics_len: usize,
            grid: *const Grid,
            options: *const Guided,
            interpolation: i32,
        ) -> quell_status {
            run(|| {
                let out = Buffer::output(Argument::Out, out, out_len)?;
                let scratch = Buffer::output(Argument::Scratch, scratch, scratch_len)?;
                let coarse = Buffer::input(Argument::Coarse, coarse, coarse_len)?;
                // SAFETY: checked before use; valid by the contract of the C ABI.
                let guide = unsafe { GuideBuffer::open(guide.cast::<$stored>(), guide_len, layout)? };
                let statistics = Buffer::input(Argument::Statistics, statistics, statistics_len)?;
                let [pixels, object] = guide.ranges();
                let inputs = [coarse.range(), pixels, object, statistics.range(), extent(grid), extent(options)];
                all_apart(&[out.written(), scratch.written()], &inputs)?;
                let interpolation = cast_interpolation(interpolation)?;
                // SAFETY: checked above and before use; valid by the contract of the C ABI.
                unsafe {
                    let (grid, filter) = (read(Argument::Grid, grid)?, read(Argument::Options, options)?);
                    let (out, scratch, coarse) = (out.slice_mut(), scratch.slice_mut(), &coarse.slice());
                    let (guide, statistics) = (&guide.cast(), statistics.slice());
                    guided::fill_map(out, &grid, &filter, interpolation, coarse, guide, statistics, scratch)
                }
            })
        }
    };
}
guides!(u8 as u8, f32, quell_guided_statistics_u8, quell_guided_map_u8);
guides!(u16 as f16, f32, quell_guided_statistics_f16, quell_guided_map_f16);
guides!(u16 as bf16, f32, quell_guided_statistics_bf16, quell_guided_map_bf16);
guides!(f32 as f32, f32, quell_guided_statistics_f32, quell_guided_map_f32);
guides!(f64 as f64, f64, quell_guided_statistics_f64, quell_guided_map_f64);

/// Stamps what takes all masks into a fold.
macro_rules! drivers {
    ($image:ty as $stored:ty, $fold:ident: $type:ty, $label:ty, $labels:ident, $scores:ident) => {
        drivers! {
            @one
            /// Takes all masks into a fold, each a linear function of an image around each pixel; each cell
            /// belongs to the mask of its label.
            ///
            /// @param fold            the state, whose buffers are written; it is not reset
            /// @param row             memory to work in
            /// @param row_len         how much, at least grid->width
            /// @param scratch         memory to work in
            /// @param scratch_len     how much, at least quell_guided_scratch_len()
            /// @param coarse          the label of each cell, row by row, below clusters
            /// @param coarse_len      grid->rows grid->columns
            /// @param guide           the image
            /// @param guide_len       its elements
            /// @param layout          where they stand, in an image of the grid's size with one or three channels
            /// @param statistics      those of quell_guided_statistics_u8() for the same image, grid and options
            /// @param statistics_len  quell_guided_statistics_len()
            /// @param grid            the cells over the image
            /// @param options         the window, and what counts as an edge
            /// @param clusters        how many masks
            /// @param interpolation   a quell_interpolation: how masks are brought to the image's size first
            $labels, $image as $stored, $fold, $type, $label, HardMasks labels
        }
        drivers! {
            @one
            /// Takes all masks into a fold, each a linear function of an image around each pixel; each mask
            /// has a score for each cell.
            ///
            /// @param fold            the state, whose buffers are written; it is not reset
            /// @param row             memory to work in
            /// @param row_len         how much, at least grid->width
            /// @param scratch         memory to work in
            /// @param scratch_len     how much, at least quell_guided_scratch_len()
            /// @param coarse          the scores, mask by mask, each row by row; finite
            /// @param coarse_len      clusters grid->rows grid->columns
            /// @param guide           the image
            /// @param guide_len       its elements
            /// @param layout          where they stand, in an image of the grid's size with one or three channels
            /// @param statistics      those of quell_guided_statistics_u8() for the same image, grid and options
            /// @param statistics_len  quell_guided_statistics_len()
            /// @param grid            the cells over the image
            /// @param options         the window, and what counts as an edge
            /// @param clusters        how many masks
            /// @param interpolation   a quell_interpolation: how masks are brought to the image's size first
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
            row: *mut $type,
            row_len: usize,
            scratch: *mut f64,
            scratch_len: usize,
            coarse: *const $coarse,
            coarse_len: usize,
            guide: *const $image,
            guide_len: usize,
            layout: *const Layout,
            statistics: *const f64,
            statistics_len: usize,
            grid: *const Grid,
            options: *const Guided,
            clusters: usize,
            interpolation: i32,
        ) -> quell_status {
            run(|| {
                // SAFETY: checked before use; valid by the contract of the C ABI.
                let fold = unsafe { FoldBuffers::open(Argument::Fold, fold)? };
                let row = Buffer::output(Argument::Row, row, row_len)?;
                let scratch = Buffer::output(Argument::Scratch, scratch, scratch_len)?;
                let coarse = Buffer::input(Argument::Coarse, coarse, coarse_len)?;
                // SAFETY: as above.
                let guide = unsafe { GuideBuffer::open(guide.cast::<$stored>(), guide_len, layout)? };
                let statistics = Buffer::input(Argument::Statistics, statistics, statistics_len)?;
                let [pixels, object] = guide.ranges();
                let inputs = [coarse.range(), pixels, object, statistics.range(), extent(grid), extent(options)];
                fold.apart_from(&[scratch.written(), row.written()], &inputs)?;
                let interpolation = cast_interpolation(interpolation)?;
                // SAFETY: checked above and before use; valid by the contract of the C ABI.
                unsafe {
                    let (grid, filter) = (read(Argument::Grid, grid)?, read(Argument::Options, options)?);
                    let masks = &$masks { $field: coarse.slice(), clusters };
                    let (fold, row, scratch) = (&mut fold.cast()?, row.slice_mut(), scratch.slice_mut());
                    let (guide, statistics) = (&guide.cast(), statistics.slice());
                    guided::labels(fold, &grid, &filter, interpolation, masks, guide, statistics, row, scratch)
                }
            })
        }
    };
}
drivers!(u8 as u8, quell_fold_f32_u8: f32, u8, quell_guided_labels_u8_u8, quell_guided_scores_u8_u8);
drivers!(u8 as u8, quell_fold_f32_u16: f32, u16, quell_guided_labels_u8_u16, quell_guided_scores_u8_u16);
drivers!(u16 as f16, quell_fold_f32_u8: f32, u8, quell_guided_labels_f16_u8, quell_guided_scores_f16_u8);
drivers!(u16 as f16, quell_fold_f32_u16: f32, u16, quell_guided_labels_f16_u16, quell_guided_scores_f16_u16);
drivers!(u16 as bf16, quell_fold_f32_u8: f32, u8, quell_guided_labels_bf16_u8, quell_guided_scores_bf16_u8);
drivers!(u16 as bf16, quell_fold_f32_u16: f32, u16, quell_guided_labels_bf16_u16, quell_guided_scores_bf16_u16);
drivers!(f32 as f32, quell_fold_f32_u8: f32, u8, quell_guided_labels_f32_u8, quell_guided_scores_f32_u8);
drivers!(f32 as f32, quell_fold_f32_u16: f32, u16, quell_guided_labels_f32_u16, quell_guided_scores_f32_u16);
drivers!(f64 as f64, quell_fold_f64_u8: f64, u8, quell_guided_labels_f64_u8, quell_guided_scores_f64_u8);
drivers!(f64 as f64, quell_fold_f64_u16: f64, u16, quell_guided_labels_f64_u16, quell_guided_scores_f64_u16);
