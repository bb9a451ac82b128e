//! One feature vector for each mask.

use super::upsample::interpolate::cast_interpolation;
use crate::pointer::{Buffer, extent, read};
use crate::status::{quell_status, run};
use quell::correspondence::embedding;
use quell::correspondence::upsample::Grid;
use quell::{Argument, bf16, f16};

/// Stamps the weights of one type for one type of labels.
macro_rules! weights {
    ($type:ty, $label:ty, $weights:ident) => {
        /// Fills how much of each mask lies in each cell: the numbers of its pixels there, or the sums of the weights
        /// with which they take their features from the cell.
        ///
        /// @param weights        weights_len elements, mask by mask
        /// @param weights_len    clusters grid->rows grid->columns
        /// @param labels         the label of each pixel, row by row, below clusters
        /// @param labels_len     grid->height grid->width
        /// @param grid           the cells over the image
        /// @param clusters       how many masks, at least 1
        /// @param interpolation  a quell_interpolation
        #[must_use]
        #[unsafe(no_mangle)]
        pub unsafe extern "C" fn $weights(
            weights: *mut $type,
            weights_len: usize,
            labels: *const $label,
            labels_len: usize,
            grid: *const Grid,
            clusters: usize,
            interpolation: i32,
        ) -> quell_status {
            run(|| {
                let weights = Buffer::output(Argument::Weights, weights, weights_len)?;
                let labels = Buffer::input(Argument::Labels, labels, labels_len)?;
                weights.apart_from(&[labels.range(), extent(grid)])?;
                let interpolation = cast_interpolation(interpolation)?;
                // SAFETY: checked above and before use; valid by the contract of the C ABI.
                unsafe {
                    let grid = read(Argument::Grid, grid)?;
                    embedding::fill_cell_weights(weights.slice_mut(), labels.slice(), &grid, clusters, interpolation)
                }
            })
        }
    };
}
weights!(f32, u8, quell_cell_weights_f32_u8);
weights!(f32, u16, quell_cell_weights_f32_u16);
weights!(f64, u8, quell_cell_weights_f64_u8);
weights!(f64, u16, quell_cell_weights_f64_u16);

/// Stamps the embeddings of one type of features.
macro_rules! embeddings {
    ($feature:ty as $stored:ty, $type:ty, $embeddings:ident) => {
        /// Fills each mask's embedding: the mean of the features of the cells by its weights; zeros without weight.
        ///
        /// @param embeddings      embeddings_len elements, mask by mask
        /// @param embeddings_len  clusters dimension
        /// @param weights         those of quell_cell_weights_f32_u8() or others, not negative, mask by mask
        /// @param weights_len     clusters cells
        /// @param features        the features of the cells, one cell after the other
        /// @param features_len    cells dimension
        /// @param clusters        how many masks, at least 1
        /// @param dimension       the elements of a cell's features, at least 1
        #[must_use]
        #[unsafe(no_mangle)]
        pub unsafe extern "C" fn $embeddings(
            embeddings: *mut f64,
            embeddings_len: usize,
            weights: *const $type,
            weights_len: usize,
            features: *const $feature,
            features_len: usize,
            clusters: usize,
            dimension: usize,
        ) -> quell_status {
            run(|| {
                let embeddings = Buffer::output(Argument::Embeddings, embeddings, embeddings_len)?;
                let weights = Buffer::input(Argument::Weights, weights, weights_len)?;
                let features = Buffer::input(Argument::Features, features.cast::<$stored>(), features_len)?;
                embeddings.apart_from(&[weights.range(), features.range()])?;
                // SAFETY: checked above; valid by the contract of the C ABI.
                unsafe {
                    let (embeddings, weights) = (embeddings.slice_mut(), weights.slice());
                    embedding::fill(embeddings, weights, features.slice(), clusters, dimension)
                }
            })
        }
    };
}
embeddings!(f32 as f32, f32, quell_mask_embeddings_f32);
embeddings!(f64 as f64, f64, quell_mask_embeddings_f64);
embeddings!(u16 as f16, f32, quell_mask_embeddings_f16);
embeddings!(u16 as bf16, f32, quell_mask_embeddings_bf16);
