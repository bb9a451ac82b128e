//! One feature vector for each mask: the mean of the coarse features over the mask's pixels.
//!
//! No feature map is brought to the size of the image: how much of each mask lies in each cell says all.
//!
//! ```
//! use quell::correspondence::embedding::{Sampling, fill, fill_cell_weights};
//! // Two masks in an image of 2 × 4 pixels, over 1 × 2 cells with one feature each.
//! let (labels, features) = ([0u8, 0, 0, 1, 0, 0, 1, 1], [10.0f32, 20.0]);
//! let mut weights = [0f32; 2 * 2];
//! fill_cell_weights(&mut weights, &labels, 2, 4, 1, 2, 2, Sampling::Nearest)?;
//! assert_eq!(weights, [4.0, 1.0, 0.0, 3.0]);
//! let mut embeddings = [0.0; 2];
//! fill(&mut embeddings, &weights, &features, 2, 1)?;
//! assert_eq!(embeddings, [12.0, 20.0]);
//! # Ok::<(), quell::Error>(())
//! ```

use super::fold::Label;
use crate::error::{Argument, Error, check};
use crate::{Scalar, Storage};

/// Which cells a pixel takes its features from.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Sampling {
    /// From the cell that its centre lies in.
    #[default]
    Nearest,
    /// From the four cells around it, by bilinear interpolation between cell centres; beyond the outermost centres from
    /// the edge.
    Bilinear,
}

/// Fills how much of each mask lies in each cell: the numbers of its pixels there, or the sums of their bilinear
/// weights.
///
/// `labels` are `height` × `width`, the cells `rows` × `columns`, in any proportion to each other; `weights` are
/// K × cells. Whole numbers are exact in `f32` up to 2²⁴ pixels of a mask in a cell. With as many cells as pixels these
/// are the coarse masks themselves.
///
/// # Errors
///
/// [`Error::Domain`] for no `rows`, no `columns` or no `clusters`; [`Error::Length`] for `labels` or `weights`;
/// [`Error::Domain`] for `labels` that do not exist.
pub fn fill_cell_weights<T: Scalar, L: Label>(
    weights: &mut [T],
    labels: &[L],
    height: usize,
    width: usize,
    rows: usize,
    columns: usize,
    clusters: usize,
    sampling: Sampling,
) -> Result<(), Error> {
    for (argument, number) in [(Argument::Rows, rows), (Argument::Columns, columns), (Argument::Clusters, clusters)] {
        if number == 0 {
            return Err(Error::Domain { argument, value: 0.0 });
        }
    }
    let cells = rows.saturating_mul(columns);
    check::length(Argument::Weights, clusters.saturating_mul(cells), weights.len())?;
    check::length(Argument::Labels, height.saturating_mul(width), labels.len())?;
    if let Some(label) = labels.iter().find(|label| label.to_usize() >= clusters) {
        return Err(Error::Domain { argument: Argument::Labels, value: label.to_usize() as f64 });
    }
    weights.fill(T::ZERO);
    for (y, labels) in labels.chunks_exact(width.max(1)).enumerate() {
        let down = Cells::of(y, height, rows, sampling);
        for (x, label) in labels.iter().enumerate() {
            let across = Cells::of(x, width, columns, sampling);
            let first = label.to_usize() * cells;
            for (row, by_row) in down.shares() {
                for (column, by_column) in across.shares() {
                    if let Some(weight) = weights.get_mut(first + row * columns + column) {
                        *weight = *weight + T::from_f64(by_row * by_column);
                    }
                }
            }
        }
    }
    Ok(())
}

/// The one or two cells along an axis from which a pixel takes its features.
struct Cells {
    first: usize,
    /// The share of the cell after the first; 0 where there is none.
    next: f64,
}

impl Cells {
    fn of(pixel: usize, pixels: usize, cells: usize, sampling: Sampling) -> Cells {
        let last = cells.saturating_sub(1);
        // The pixel's centre in units of cells, from the edge of the first.
        let position = (pixel as f64 + 0.5) * cells as f64 / pixels as f64;
        let centred = match sampling {
            Sampling::Nearest => return Cells { first: (position as usize).min(last), next: 0.0 },
            Sampling::Bilinear => position - 0.5,
        };
        let first = (centred as usize).min(last);
        Cells { first, next: if centred > 0.0 && first < last { centred - first as f64 } else { 0.0 } }
    }

    fn shares(&self) -> impl Iterator<Item = (usize, f64)> {
        [(self.first, 1.0 - self.next), (self.first + 1, self.next)].into_iter().filter(|&(_, share)| share > 0.0)
    }
}

/// Fills the embeddings, K × D: eⁱ = Σ_q aⁱ_q·f_q / Σ_q aⁱ_q over the cells q, in double precision.
///
/// `weights` are K × cells, as [`fill_cell_weights`] gives them or any others; `features` are cells × D. A mask without
/// weight gets zeros.
///
/// # Errors
///
/// [`Error::Domain`] for no `clusters` or a `dimension` of 0; [`Error::Length`] for `features` that are not a whole
/// number of vectors, and for `weights` or `embeddings`; [`Error::Domain`] for `weights` that are negative or not
/// finite, and for `features` that are not finite or beyond ±10¹⁵⁰.
pub fn fill<T: Scalar, X: Storage>(
    embeddings: &mut [f64],
    weights: &[T],
    features: &[X],
    clusters: usize,
    dimension: usize,
) -> Result<(), Error> {
    for (argument, number) in [(Argument::Clusters, clusters), (Argument::Dimension, dimension)] {
        if number == 0 {
            return Err(Error::Domain { argument, value: 0.0 });
        }
    }
    let cells = features.len().checked_div(dimension).unwrap_or(0);
    check::length(Argument::Features, cells.saturating_mul(dimension), features.len())?;
    check::length(Argument::Weights, clusters.saturating_mul(cells), weights.len())?;
    check::length(Argument::Embeddings, clusters.saturating_mul(dimension), embeddings.len())?;
    weights.iter().try_for_each(|weight| check::within(Argument::Weights, weight.to_f64(), 0.0, LARGEST).map(drop))?;
    let feature = |x: &X| check::within(Argument::Features, x.load().to_f64(), -LARGEST, LARGEST).map(drop);
    features.iter().try_for_each(feature)?;
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

/// The largest magnitude of a weight or a feature: products and sums of them stay finite.
const LARGEST: f64 = 1e150;

#[cfg(test)]
mod tests {
    use super::*;
    use std::{vec, vec::Vec};

    #[test]
    fn pixels_are_counted_in_the_cell_of_their_centre() {
        let labels = [0u8, 1, 1, 1, 0, 0, 0, 1, 2, 2, 2, 2, 2, 2, 0];
        let mut weights = [9f32; 3 * 4];
        // 3 × 5 pixels over 2 × 2 cells: the middle ones belong to the second.
        fill_cell_weights(&mut weights, &labels, 3, 5, 2, 2, 3, Sampling::Nearest).unwrap();
        assert_eq!(weights, [1.0, 1.0, 2.0, 1.0, 1.0, 2.0, 0.0, 1.0, 0.0, 0.0, 2.0, 4.0]);
    }

    #[test]
    fn bilinear_weights_add_up_to_the_pixels() {
        for (height, width, rows, columns) in
            [(8, 12, 2, 3), (5, 7, 3, 2), (3, 3, 3, 3), (2, 2, 5, 4), (1, 1, 1, 1), (4, 4, 1, 1)]
        {
            let labels: Vec<u16> = (0..height * width).map(|p| (p * p % 3) as u16).collect();
            let mut weights = vec![f64::NAN; 3 * rows * columns];
            fill_cell_weights(&mut weights, &labels, height, width, rows, columns, 3, Sampling::Bilinear).unwrap();
            for (label, weights) in weights.chunks(rows * columns).enumerate() {
                let pixels = labels.iter().filter(|&&other| usize::from(other) == label).count() as f64;
                assert!((weights.iter().sum::<f64>() - pixels).abs() < 1e-12);
            }
        }
        let mut weights = [0.0; 2];
        fill_cell_weights(&mut weights, &[0u8; 4], 1, 4, 1, 2, 1, Sampling::Bilinear).unwrap();
        assert_eq!(weights, [1.0 + 0.75 + 0.25, 0.25 + 0.75 + 1.0]);
        fill_cell_weights(&mut weights, &[0u8, 1, 1, 1], 1, 4, 1, 1, 2, Sampling::Bilinear).unwrap();
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
            let sampling = Sampling::Nearest;
            fill_cell_weights(&mut weights, labels, 2, 2, rows, columns, clusters, sampling).unwrap_err().argument()
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
