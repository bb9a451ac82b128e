//! Pixel-adaptive mask refinement.

use super::GuideBuffer;
use super::interpolate::cast_interpolation;
use crate::correspondence::fold::*;
use crate::pointer::{Buffer, all_apart, extent, read};
use crate::status::{quell_status, run};
use quell::correspondence::image::Layout;
use quell::correspondence::upsample::pamr::{self, Pamr};
use quell::correspondence::upsample::{Grid, HardMasks, SoftMasks};
use quell::{Argument, bf16, f16};

/// The length of the weights of an image for PAMR; SIZE_MAX when that overflows.
///
/// @param height         how many rows of pixels
/// @param width          how many columns of pixels
/// @param dilations_len  how many dilations
#[must_use]
#[unsafe(no_mangle)]
pub extern "C" fn quell_pamr_weights_len(height: usize, width: usize, dilations_len: usize) -> usize {
    pamr::weights_len(&Grid { height, width, ..Grid::default() }, dilations_len)
}

/// The length of the scratch of quell_pamr_weights_u8_f32() and its kin; SIZE_MAX when that overflows.
///
/// @param width          how many columns of pixels
/// @param dilations_len  how many dilations
#[must_use]
#[unsafe(no_mangle)]
pub extern "C" fn quell_pamr_weights_scratch_len(width: usize, dilations_len: usize) -> usize {
    pamr::weights_scratch_len(&Grid { width, ..Grid::default() }, dilations_len)
}

/// The length of the scratch of quell_pamr_labels_f32_u8() and quell_pamr_scores_f32_u8(); SIZE_MAX when that overflows.
/// They take what there is: with more, several masks at once, which reads the weights less often and changes no result.
///
/// @param height   how many rows of pixels
/// @param width    how many columns of pixels
/// @param at_once  how many masks to work on at once, from 1 to 8
#[must_use]
#[unsafe(no_mangle)]
pub extern "C" fn quell_pamr_scratch_len(height: usize, width: usize, at_once: usize) -> usize {
    pamr::scratch_len(&Grid { height, width, ..Grid::default() }, at_once)
}

/// Stamps the weights of one type of images in one type of storage.
macro_rules! weights {
    ($image:ty as $stored:ty, $weight:ty as $stored_weight:ty, $type:ty, $weights:ident) => {
        /// Fills how alike each pixel of an image is to its neighbours: weights that serve all masks.
        ///
        /// @param weights        weights_len elements
        /// @param weights_len    quell_pamr_weights_len()
        /// @param scratch        memory to work in
        /// @param scratch_len    how much, at least quell_pamr_weights_scratch_len()
        /// @param guide          the image
        /// @param guide_len      its elements
        /// @param layout         where they stand, in an image of the grid's size
        /// @param dilations      how far apart neighbours are, in pixels, none 0; the authors have 1, 2, 4, 8, 12, 24
        /// @param dilations_len  how many, at least 1
        /// @param grid           the cells over the image
        #[must_use]
        #[unsafe(no_mangle)]
        pub unsafe extern "C" fn $weights(
            weights: *mut $weight,
            weights_len: usize,
            scratch: *mut $type,
            scratch_len: usize,
            guide: *const $image,
            guide_len: usize,
            layout: *const Layout,
            dilations: *const usize,
            dilations_len: usize,
            grid: *const Grid,
        ) -> quell_status {
            run(|| {
                let weights = Buffer::output(Argument::Weights, weights.cast::<$stored_weight>(), weights_len)?;
                let scratch = Buffer::output(Argument::Scratch, scratch, scratch_len)?;
                // SAFETY: checked before use; valid by the contract of the C ABI.
                let guide = unsafe { GuideBuffer::open(guide.cast::<$stored>(), guide_len, layout)? };
                let dilations = Buffer::input(Argument::Dilations, dilations, dilations_len)?;
                let [pixels, object] = guide.ranges();
                let inputs = [pixels, object, dilations.range(), extent(grid)];
                all_apart(&[weights.written(), scratch.written()], &inputs)?;
                // SAFETY: checked above and before use; valid by the contract of the C ABI.
                unsafe {
                    let grid = read(Argument::Grid, grid)?;
                    // Weights are the same for any number of iterations.
                    let refinement = Pamr { dilations: dilations.slice(), iterations: 0 };
                    let (weights, scratch) = (weights.slice_mut(), scratch.slice_mut());
                    pamr::fill_weights(weights, &grid, &refinement, &guide.cast(), scratch)
                }
            })
        }
    };
}
weights!(u8 as u8, f32 as f32, f32, quell_pamr_weights_u8_f32);
weights!(u8 as u8, u16 as f16, f32, quell_pamr_weights_u8_f16);
weights!(u8 as u8, u16 as bf16, f32, quell_pamr_weights_u8_bf16);
weights!(u16 as f16, f32 as f32, f32, quell_pamr_weights_f16_f32);
weights!(u16 as f16, u16 as f16, f32, quell_pamr_weights_f16_f16);
weights!(u16 as f16, u16 as bf16, f32, quell_pamr_weights_f16_bf16);
weights!(u16 as bf16, f32 as f32, f32, quell_pamr_weights_bf16_f32);
weights!(u16 as bf16, u16 as f16, f32, quell_pamr_weights_bf16_f16);
weights!(u16 as bf16, u16 as bf16, f32, quell_pamr_weights_bf16_bf16);
weights!(f32 as f32, f32 as f32, f32, quell_pamr_weights_f32_f32);
weights!(f32 as f32, u16 as f16, f32, quell_pamr_weights_f32_f16);
weights!(f32 as f32, u16 as bf16, f32, quell_pamr_weights_f32_bf16);
weights!(f64 as f64, f64 as f64, f64, quell_pamr_weights_f64_f64);

/// Stamps what refines one mask, for one type of weights.
macro_rules! maps {
    ($weight:ty as $stored_weight:ty, $type:ty, $map:ident) => {
        /// Fills the refined mask, one value for each pixel.
        ///
        /// @param out            out_len elements
        /// @param out_len        grid->height grid->width
        /// @param scratch        memory to work in
        /// @param scratch_len    how much, at least grid->height grid->width
        /// @param coarse         the mask's score for each cell, row by row
        /// @param coarse_len     grid->rows grid->columns
        /// @param weights        those of quell_pamr_weights_u8_f32() and its kin for the same dilations
        /// @param weights_len    quell_pamr_weights_len()
        /// @param dilations      how far apart neighbours are, in pixels, none 0
        /// @param dilations_len  how many, at least 1
        /// @param grid           the cells over the image
        /// @param interpolation  a quell_interpolation: how the mask is brought to the image's size first
        /// @param iterations     how often the mask is replaced; the authors do it 10 times
        #[must_use]
        #[unsafe(no_mangle)]
        pub unsafe extern "C" fn $map(
            out: *mut $type,
            out_len: usize,
            scratch: *mut $type,
            scratch_len: usize,
            coarse: *const $type,
            coarse_len: usize,
            weights: *const $weight,
            weights_len: usize,
            dilations: *const usize,
            dilations_len: usize,
            grid: *const Grid,
            interpolation: i32,
            iterations: usize,
        ) -> quell_status {
            run(|| {
                let out = Buffer::output(Argument::Out, out, out_len)?;
                let scratch = Buffer::output(Argument::Scratch, scratch, scratch_len)?;
                let coarse = Buffer::input(Argument::Coarse, coarse, coarse_len)?;
                let weights = Buffer::input(Argument::Weights, weights.cast::<$stored_weight>(), weights_len)?;
                let dilations = Buffer::input(Argument::Dilations, dilations, dilations_len)?;
                let inputs = [coarse.range(), weights.range(), dilations.range(), extent(grid)];
                all_apart(&[out.written(), scratch.written()], &inputs)?;
                let interpolation = cast_interpolation(interpolation)?;
                // SAFETY: checked above and before use; valid by the contract of the C ABI.
                unsafe {
                    let grid = read(Argument::Grid, grid)?;
                    let refinement = Pamr { dilations: dilations.slice(), iterations };
                    let (out, scratch, coarse) = (out.slice_mut(), scratch.slice_mut(), &coarse.slice());
                    pamr::fill_map(out, &grid, &refinement, interpolation, coarse, weights.slice(), scratch)
                }
            })
        }
    };
}
maps!(f32 as f32, f32, quell_pamr_map_f32);
maps!(f64 as f64, f64, quell_pamr_map_f64);
maps!(u16 as f16, f32, quell_pamr_map_f16);
maps!(u16 as bf16, f32, quell_pamr_map_bf16);

/// Stamps what takes all masks into a fold, for one type of weights and one of labels.
macro_rules! drivers {
    ($weight:ty as $stored_weight:ty, $fold:ident: $type:ty, $label:ty, $labels:ident, $scores:ident) => {
        drivers! {
            @one
            /// Takes all masks into a fold, each spread to neighbours that look alike; each cell belongs to the
            /// mask of its label.
            ///
            /// @param fold           the state, whose buffers are written; it is not reset
            /// @param scratch        memory to work in
            /// @param scratch_len    how much, at least quell_pamr_scratch_len() for one mask at once
            /// @param coarse         the label of each cell, row by row, below clusters
            /// @param coarse_len     grid->rows grid->columns
            /// @param weights        those of quell_pamr_weights_u8_f32() and its kin for the same dilations
            /// @param weights_len    quell_pamr_weights_len()
            /// @param dilations      how far apart neighbours are, in pixels, none 0
            /// @param dilations_len  how many, at least 1
            /// @param grid           the cells over the image
            /// @param clusters       how many masks
            /// @param interpolation  a quell_interpolation: how masks are brought to the image's size first
            /// @param iterations     how often a mask is replaced; the authors do it 10 times
            $labels, $weight as $stored_weight, $fold, $type, $label, HardMasks labels
        }
        drivers! {
            @one
            /// Takes all masks into a fold, each spread to neighbours that look alike; each mask has a score for
            /// each cell.
            ///
            /// @param fold           the state, whose buffers are written; it is not reset
            /// @param scratch        memory to work in
            /// @param scratch_len    how much, at least quell_pamr_scratch_len() for one mask at once
            /// @param coarse         the scores, mask by mask, each row by row
            /// @param coarse_len     clusters grid->rows grid->columns
            /// @param weights        those of quell_pamr_weights_u8_f32() and its kin for the same dilations
            /// @param weights_len    quell_pamr_weights_len()
            /// @param dilations      how far apart neighbours are, in pixels, none 0
            /// @param dilations_len  how many, at least 1
            /// @param grid           the cells over the image
            /// @param clusters       how many masks
            /// @param interpolation  a quell_interpolation: how masks are brought to the image's size first
            /// @param iterations     how often a mask is replaced; the authors do it 10 times
            $scores, $weight as $stored_weight, $fold, $type, $type, SoftMasks scores
        }
    };
    (
        @one $(#[$doc:meta])* $name:ident, $weight:ty as $stored_weight:ty, $fold:ident, $type:ty, $coarse:ty,
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
            weights: *const $weight,
            weights_len: usize,
            dilations: *const usize,
            dilations_len: usize,
            grid: *const Grid,
            clusters: usize,
            interpolation: i32,
            iterations: usize,
        ) -> quell_status {
            run(|| {
                // SAFETY: checked before use; valid by the contract of the C ABI.
                let fold = unsafe { FoldBuffers::open(Argument::Fold, fold)? };
                let scratch = Buffer::output(Argument::Scratch, scratch, scratch_len)?;
                let coarse = Buffer::input(Argument::Coarse, coarse, coarse_len)?;
                let weights = Buffer::input(Argument::Weights, weights.cast::<$stored_weight>(), weights_len)?;
                let dilations = Buffer::input(Argument::Dilations, dilations, dilations_len)?;
                let inputs = [coarse.range(), weights.range(), dilations.range(), extent(grid)];
                fold.apart_from(&[scratch.written()], &inputs)?;
                let interpolation = cast_interpolation(interpolation)?;
                // SAFETY: checked above and before use; valid by the contract of the C ABI.
                unsafe {
                    let grid = read(Argument::Grid, grid)?;
                    let refinement = Pamr { dilations: dilations.slice(), iterations };
                    let masks = &$masks { $field: coarse.slice(), clusters };
                    let (fold, weights, scratch) = (&mut fold.cast()?, weights.slice(), scratch.slice_mut());
                    pamr::labels(fold, &grid, &refinement, interpolation, masks, weights, scratch)
                }
            })
        }
    };
}
drivers!(f32 as f32, quell_fold_f32_u8: f32, u8, quell_pamr_labels_f32_u8, quell_pamr_scores_f32_u8);
drivers!(f32 as f32, quell_fold_f32_u16: f32, u16, quell_pamr_labels_f32_u16, quell_pamr_scores_f32_u16);
drivers!(f64 as f64, quell_fold_f64_u8: f64, u8, quell_pamr_labels_f64_u8, quell_pamr_scores_f64_u8);
drivers!(f64 as f64, quell_fold_f64_u16: f64, u16, quell_pamr_labels_f64_u16, quell_pamr_scores_f64_u16);
drivers!(u16 as f16, quell_fold_f32_u8: f32, u8, quell_pamr_labels_f16_u8, quell_pamr_scores_f16_u8);
drivers!(u16 as f16, quell_fold_f32_u16: f32, u16, quell_pamr_labels_f16_u16, quell_pamr_scores_f16_u16);
drivers!(u16 as bf16, quell_fold_f32_u8: f32, u8, quell_pamr_labels_bf16_u8, quell_pamr_scores_bf16_u8);
drivers!(u16 as bf16, quell_fold_f32_u16: f32, u16, quell_pamr_labels_bf16_u16, quell_pamr_scores_bf16_u16);
