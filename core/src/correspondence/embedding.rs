//! One feature vector for each mask: the mean of the coarse features over the mask's pixels.
//!
//! No feature map is brought to the size of the image: how much of each mask lies in each cell says all.
//!
//! ```
//! use quell::correspondence::embedding::{fill, fill_cell_weights};
//! use quell::correspondence::upsample::{Grid, interpolate::Interpolation};
//! // Two masks in an image of 2 × 4 pixels, over 1 × 2 cells with one feature each.
//! let (labels, features) = ([0u8, 0, 0, 1, 0, 0, 1, 1], [10.0f32, 20.0]);
//! let grid = Grid { rows: 1, columns: 2, height: 2, width: 4 };
//! let mut weights = [0f32; 2 * 2];
//! fill_cell_weights(&mut weights, &labels, &grid, 2, Interpolation::Nearest)?;
//! assert_eq!(weights, [4.0, 1.0, 0.0, 3.0]);
//! let mut embeddings = [0.0; 2];
//! fill(&mut embeddings, &weights, &features, 2, 1)?;
//! assert_eq!(embeddings, [12.0, 20.0]);
//! # Ok::<(), quell::Error>(())
//! ```

use super::label::Label;
use super::rows::{LARGEST, check_magnitudes};
use super::upsample::{Grid, interpolate::Interpolation};
use crate::error::{Argument, Error, check};
use crate::{Scalar, Storage};

/// Fills how much of each mask lies in each cell: the numbers of its pixels there, or the sums of the weights with which
/// they take their features from the cell.
///
/// `labels` are (height, width), `weights` (K, cells). Whole numbers are exact in `f32` up to 2²⁴ pixels of a mask in a
/// cell. With as many cells as pixels these are the coarse masks themselves.
///
/// # Errors
///
/// [`Error::Domain`] for a `grid` without cells or too large for an index, and for no `clusters`; [`Error::Length`] for
/// `labels` or `weights`; [`Error::Domain`] for `labels` that do not exist.
pub fn fill_cell_weights<T: Scalar, L: Label>(
    weights: &mut [T],
    labels: &[L],
    grid: &Grid,
    clusters: usize,
    interpolation: Interpolation,
) -> Result<(), Error> {
    grid.check()?;
    check::not_zero(Argument::Clusters, clusters)?;
    let cells = grid.cells();
    check::length(Argument::Weights, clusters.saturating_mul(cells), weights.len())?;
    check::length(Argument::Labels, grid.pixels(), labels.len())?;
    if let Some(label) = labels.iter().find(|label| label.to_usize() >= clusters) {
        return Err(Error::Domain { argument: Argument::Labels, value: label.to_usize() as f64 });
    }
    weights.fill(T::ZERO);
    let down = interpolation.axis(grid.rows, grid.height);
    let across = interpolation.axis(grid.columns, grid.width);
    for (y, labels) in labels.chunks_exact(grid.width.max(1)).enumerate() {
        let rows = interpolation.shares(&down, y);
        for (x, label) in labels.iter().enumerate() {
            let first = label.to_usize() * cells;
            for (column, by_column) in interpolation.shares(&across, x) {
                for (row, by_row) in rows {
                    if let Some(weight) = weights.get_mut(first + row * grid.columns + column) {
                        *weight = *weight + T::from_f64(by_row * by_column);
                    }
                }
            }
        }
    }
    Ok(())
}

/// Fills the embeddings, K × D: eⁱ = Σ_q aⁱ_q·f_q / Σ_q aⁱ_q over the cells q, in double precision.
///
/// `weights` are K × cells, as [`fill_cell_weights`] gives them or any others; `features` are cells × D. A mask without
/// weight gets zeros.
///
/// # Errors
///
/// [`Error::Domain`] for no `clusters` or a `dimension` of 0; [`Error::Length`] for `features` that are not a whole
/// number of vectors, and for `weights` or `embeddings`; [`Error::Domain`] for `weights` that are negative, not finite
/// or beyond 10¹⁵⁰, and for `features` that are not finite or beyond ±10¹⁵⁰.
pub fn fill<T: Scalar, X: Storage>(
    embeddings: &mut [f64],
    weights: &[T],
    features: &[X],
    clusters: usize,
    dimension: usize,
) -> Result<(), Error> {
    check::not_zero(Argument::Clusters, clusters)?;
    let cells = check::parts(Argument::Features, features.len(), Argument::Dimension, dimension)?;
    check::length(Argument::Weights, clusters.saturating_mul(cells), weights.len())?;
    check::length(Argument::Embeddings, clusters.saturating_mul(dimension), embeddings.len())?;
    weights.iter().try_for_each(|weight| check::within(Argument::Weights, weight.to_f64(), 0.0, LARGEST).map(drop))?;
    check_magnitudes(Argument::Features, features)?;
    // Without a cell there is no weight, and nothing to read.
    let mut weights = weights.chunks_exact(cells.max(1));
    for embedding in embeddings.chunks_exact_mut(dimension.max(1)) {
        let weights = weights.next().unwrap_or(&[]);
        embedding.fill(0.0);
        let mut total = 0.0;
        for (weight, features) in weights.iter().zip(features.chunks_exact(dimension.max(1))) {
            let weight = weight.to_f64();
            if weight > 0.0 {
                total += weight;
                for (sum, x) in embedding.iter_mut().zip(features) {
                    *sum += weight * x.load().to_f64();
                }
            }
        }
        if total > 0.0 {
            embedding.iter_mut().for_each(|sum| *sum /= total);
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::{vec, vec::Vec};

    fn grid(rows: usize, columns: usize, height: usize, width: usize) -> Grid {
        Grid { rows, columns, height, width }
    }

    #[test]
    fn pixels_are_counted_in_the_cell_of_their_centre() {
        let labels = [0u8, 1, 1, 1, 0, 0, 0, 1, 2, 2, 2, 2, 2, 2, 0];
        let mut weights = [9f32; 3 * 4];
        // 3 × 5 pixels over 2 × 2 cells: the middle ones belong to the second.
        fill_cell_weights(&mut weights, &labels, &grid(2, 2, 3, 5), 3, Interpolation::Nearest).unwrap();
        assert_eq!(weights, [1.0, 1.0, 2.0, 1.0, 1.0, 2.0, 0.0, 1.0, 0.0, 0.0, 2.0, 4.0]);
    }

    #[test]
    fn bilinear_weights_add_up_to_the_pixels() {
        for (height, width, rows, columns) in
            [(8, 12, 2, 3), (5, 7, 3, 2), (3, 3, 3, 3), (2, 2, 5, 4), (1, 1, 1, 1), (4, 4, 1, 1)]
        {
            let labels: Vec<u16> = (0..height * width).map(|p| (p * p % 3) as u16).collect();
            let mut weights = vec![f64::NAN; 3 * rows * columns];
            fill_cell_weights(&mut weights, &labels, &grid(rows, columns, height, width), 3, Interpolation::Bilinear)
                .unwrap();
            for (label, weights) in weights.chunks(rows * columns).enumerate() {
                let pixels = labels.iter().filter(|&&other| usize::from(other) == label).count() as f64;
                assert!((weights.iter().sum::<f64>() - pixels).abs() < 1e-12);
            }
        }
        let mut weights = [0.0; 2];
        fill_cell_weights(&mut weights, &[0u8; 4], &grid(1, 2, 1, 4), 1, Interpolation::Bilinear).unwrap();
        assert_eq!(weights, [1.0 + 0.75 + 0.25, 0.25 + 0.75 + 1.0]);
        fill_cell_weights(&mut weights, &[0u8, 1, 1, 1], &grid(1, 1, 1, 4), 2, Interpolation::Bilinear).unwrap();
        assert_eq!(weights, [1.0, 3.0]);
    }

    #[test]
    fn a_mask_of_nothing_has_zeros() {
        let mut embeddings = [7.0; 4];
        fill(&mut embeddings, &[0.0f32, 0.0, 1.0, 3.0], &[1.0f32, 2.0, 5.0, 6.0], 2, 2).unwrap();
        assert_eq!(embeddings, [0.0, 0.0, 4.0, 5.0]);
        fill::<f64, f32>(&mut embeddings, &[], &[], 2, 2).unwrap();
        assert_eq!(embeddings, [0.0; 4]);
    }

    #[test]
    fn bad_input_changes_nothing() {
        let mut weights = [7f32; 4];
        let mut refused = |labels: &[u8], rows, columns, clusters| {
            let grid = grid(rows, columns, 2, 2);
            fill_cell_weights(&mut weights, labels, &grid, clusters, Interpolation::Nearest).unwrap_err().argument()
        };
        assert_eq!(refused(&[0, 1, 2, 0], 2, 1, 2), Argument::Labels);
        assert_eq!(refused(&[0; 3], 2, 1, 2), Argument::Labels);
        assert_eq!(refused(&[0; 4], 2, 2, 2), Argument::Weights);
        assert_eq!(refused(&[0; 4], 0, 1, 2), Argument::Rows);
        assert_eq!(refused(&[0; 4], 1, 0, 2), Argument::Columns);
        assert_eq!(refused(&[0; 4], 2, 2, 0), Argument::Clusters);
        assert_eq!(weights, [7.0; 4]);
        let mut embeddings = [7.0; 2];
        let mut refused = |weights: &[f64], features: &[f64], dimension| {
            fill(&mut embeddings, weights, features, 2, dimension).unwrap_err().argument()
        };
        for bad in [f64::NAN, f64::INFINITY, 1e151] {
            assert_eq!(refused(&[1.0, bad], &[1.0], 1), Argument::Weights);
            assert_eq!(refused(&[1.0, 1.0], &[bad], 1), Argument::Features);
        }
        assert_eq!(refused(&[1.0, -1.0], &[1.0], 1), Argument::Weights);
        assert_eq!(refused(&[1.0; 2], &[1.0; 3], 2), Argument::Features);
        assert_eq!(refused(&[1.0; 3], &[1.0], 1), Argument::Weights);
        assert_eq!(refused(&[1.0; 2], &[1.0; 2], 2), Argument::Embeddings);
        assert_eq!(refused(&[], &[], 0), Argument::Dimension);
        assert_eq!(embeddings, [7.0; 2]);
    }
}
