//! Mixing by weights that the host gives, or by the attention of the pixels to the cells.

use crate::correspondence::fold::*;
use crate::pointer::{Buffer, all_apart};
use crate::status::{quell_status, run};
use quell::correspondence::upsample::mix::{self, Similarity};
use quell::correspondence::upsample::{HardMasks, SoftMasks};
use quell::{Argument, Error, bf16, f16};

/// How a query and a key become one number.
#[repr(i32)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum quell_similarity {
    /// Their inner product.
    Dot = 0,
    /// The cosine of their angle; 0 where one of them is 0.
    Cosine = 1,
}

fn cast_similarity(similarity: i32) -> Result<Similarity, Error> {
    match similarity {
        value if value == quell_similarity::Dot as i32 => Ok(Similarity::Dot),
        value if value == quell_similarity::Cosine as i32 => Ok(Similarity::Cosine),
        value => Err(Error::Unknown { argument: Argument::Similarity, value }),
    }
}

/// The length of the scratch of quell_mix_weights_f32() and all other functions that mix; SIZE_MAX when that overflows.
///
/// @param pixels  how many pixels at a time
/// @param cells   how many cells
#[must_use]
#[unsafe(no_mangle)]
pub extern "C" fn quell_mix_scratch_len(pixels: usize, cells: usize) -> usize {
    mix::scratch_len(pixels, cells)
}

/// Stamps the weights of one type of vectors.
macro_rules! weights {
    ($vector:ty as $stored:ty, $type:ty, $weights:ident) => {
        /// Fills the weights of some pixels, a row, say: the soft-max over the cells of scale times the similarity of
        /// the pixel's query and the cell's key.
        ///
        /// @param weights      weights_len elements, pixel by pixel
        /// @param weights_len  pixels times cells
        /// @param scratch      memory to work in
        /// @param scratch_len  how much, at least quell_mix_scratch_len(pixels, cells)
        /// @param queries      one vector for each pixel
        /// @param queries_len  pixels dimension
        /// @param keys         one vector for each cell
        /// @param keys_len     cells dimension
        /// @param dimension    the elements of a vector, at least 1
        /// @param scale        the factor on the similarities
        /// @param similarity   a quell_similarity
        #[must_use]
        #[unsafe(no_mangle)]
        pub unsafe extern "C" fn $weights(
            weights: *mut $type,
            weights_len: usize,
            scratch: *mut $type,
            scratch_len: usize,
            queries: *const $vector,
            queries_len: usize,
            keys: *const $vector,
            keys_len: usize,
            dimension: usize,
            scale: f64,
            similarity: i32,
        ) -> quell_status {
            run(|| {
                let weights = Buffer::output(Argument::Weights, weights, weights_len)?;
                let scratch = Buffer::output(Argument::Scratch, scratch, scratch_len)?;
                let queries = Buffer::input(Argument::Queries, queries.cast::<$stored>(), queries_len)?;
                let keys = Buffer::input(Argument::Keys, keys.cast::<$stored>(), keys_len)?;
                all_apart(&[weights.written(), scratch.written()], &[queries.range(), keys.range()])?;
                let similarity = cast_similarity(similarity)?;
                // SAFETY: checked above; valid by the contract of the C ABI.
                unsafe {
                    let (weights, scratch) = (weights.slice_mut(), scratch.slice_mut());
                    mix::fill_weights(weights, queries.slice(), keys.slice(), dimension, similarity, scale, scratch)
                }
            })
        }
    };
}
weights!(f32 as f32, f32, quell_mix_weights_f32);
weights!(f64 as f64, f64, quell_mix_weights_f64);
weights!(u16 as f16, f32, quell_mix_weights_f16);
weights!(u16 as bf16, f32, quell_mix_weights_bf16);

/// Stamps the values of one type of scores.
macro_rules! values {
    ($coarse:ty as $stored:ty, $type:ty, $values:ident) => {
        /// Fills one mask's values at some pixels: the mean of its cells by weights, whatever their sum is.
        ///
        /// @param out          out_len elements, one for each pixel
        /// @param out_len      how many
        /// @param scratch      memory to work in
        /// @param scratch_len  how much, at least quell_mix_scratch_len(out_len, coarse_len)
        /// @param coarse       the mask's score for each cell
        /// @param coarse_len   how many cells
        /// @param weights      those of quell_mix_weights_f32() or of the host, pixel by pixel
        /// @param weights_len  out_len coarse_len
        #[must_use]
        #[unsafe(no_mangle)]
        pub unsafe extern "C" fn $values(
            out: *mut $type,
            out_len: usize,
            scratch: *mut $type,
            scratch_len: usize,
            coarse: *const $coarse,
            coarse_len: usize,
            weights: *const $type,
            weights_len: usize,
        ) -> quell_status {
            run(|| {
                let out = Buffer::output(Argument::Out, out, out_len)?;
                let scratch = Buffer::output(Argument::Scratch, scratch, scratch_len)?;
                let coarse = Buffer::input(Argument::Coarse, coarse.cast::<$stored>(), coarse_len)?;
                let weights = Buffer::input(Argument::Weights, weights, weights_len)?;
                all_apart(&[out.written(), scratch.written()], &[coarse.range(), weights.range()])?;
                // SAFETY: checked above; valid by the contract of the C ABI.
                unsafe { mix::fill_values(out.slice_mut(), weights.slice(), &coarse.slice(), scratch.slice_mut()) }
            })
        }
    };
}
values!(f32 as f32, f32, quell_mix_values_f32);
values!(f64 as f64, f64, quell_mix_values_f64);
values!(u16 as f16, f32, quell_mix_values_f16);
values!(u16 as bf16, f32, quell_mix_values_bf16);

/// Stamps what takes all masks into a fold.
macro_rules! drivers {
    ($fold:ident: $type:ty, $label:ty, $labels:ident, $scores:ident) => {
        drivers! {
            @one
            /// Takes all masks into a fold, at some pixels; each cell belongs to the mask of its label.
            ///
            /// @param fold         the state, whose buffers are written; it is not reset
            /// @param scratch      memory to work in
            /// @param scratch_len  how much, at least quell_mix_scratch_len(pixels, cells)
            /// @param coarse       the label of each cell, below clusters
            /// @param coarse_len   how many, cells
            /// @param weights      those of quell_mix_weights_f32() or of the host, pixel by pixel
            /// @param weights_len  pixels cells
            /// @param clusters     how many masks
            /// @param cells        how many cells, at least 1
            /// @param first_pixel  the pixel of the first weights
            /// @param pixels       how many pixels
            $labels, $fold, $type, $label, HardMasks labels
        }
        drivers! {
            @one
            /// Takes all masks into a fold, at some pixels; each mask has a score for each cell.
            ///
            /// @param fold         the state, whose buffers are written; it is not reset
            /// @param scratch      memory to work in
            /// @param scratch_len  how much, at least quell_mix_scratch_len(pixels, cells)
            /// @param coarse       the scores, mask by mask
            /// @param coarse_len   clusters cells
            /// @param weights      those of quell_mix_weights_f32() or of the host, pixel by pixel
            /// @param weights_len  pixels cells
            /// @param clusters     how many masks
            /// @param cells        how many cells, at least 1
            /// @param first_pixel  the pixel of the first weights
            /// @param pixels       how many pixels
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
            weights: *const $type,
            weights_len: usize,
            clusters: usize,
            cells: usize,
            first_pixel: usize,
            pixels: usize,
        ) -> quell_status {
            run(|| {
                // SAFETY: checked before use; valid by the contract of the C ABI.
                let fold = unsafe { FoldBuffers::open(Argument::Fold, fold)? };
                let scratch = Buffer::output(Argument::Scratch, scratch, scratch_len)?;
                let coarse = Buffer::input(Argument::Coarse, coarse, coarse_len)?;
                let weights = Buffer::input(Argument::Weights, weights, weights_len)?;
                fold.apart_from(&[scratch.written()], &[coarse.range(), weights.range()])?;
                // SAFETY: checked above; valid by the contract of the C ABI.
                unsafe {
                    let masks = &$masks { $field: coarse.slice(), clusters };
                    let (fold, weights, scratch) = (&mut fold.cast()?, weights.slice(), scratch.slice_mut());
                    mix::labels(fold, first_pixel, pixels, weights, cells, masks, scratch)
                }
            })
        }
    };
}
drivers!(quell_fold_f32_u8: f32, u8, quell_mix_labels_f32_u8, quell_mix_scores_f32_u8);
drivers!(quell_fold_f32_u16: f32, u16, quell_mix_labels_f32_u16, quell_mix_scores_f32_u16);
drivers!(quell_fold_f64_u8: f64, u8, quell_mix_labels_f64_u8, quell_mix_scores_f64_u8);
drivers!(quell_fold_f64_u16: f64, u16, quell_mix_labels_f64_u16, quell_mix_scores_f64_u16);
