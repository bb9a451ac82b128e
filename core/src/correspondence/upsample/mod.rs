//! Other ways from a coarse mask to a fine one.
//!
//! Each gives the values of one mask at a time, a row of pixels at a time, to the same [`Fold`](super::fold::Fold)
//! that the read-out uses. All but [`guided`] mix the values of cells by weights that are not negative and sum to 1,
//! so values stay within the range of the cells, and what is the same for all masks is computed once: for a row
//! ([`joint_bilateral`], [`mix`]) or for an image ([`guided`], [`pamr`]).
//!
//! | module | weights from | memory beyond the fold, in numbers |
//! | --- | --- | --- |
//! | [`interpolate`] | positions | a row |
//! | [`joint_bilateral`] | positions and an image | a row for each cell of the window |
//! | [`guided`] | an image (not all positive) | 2 or 9 planes of `f64`, and 2 or 4 rows for each row of the window |
//! | [`pamr`] | an image | 8 planes for each dilation, and 2 planes or more |
//! | [`mix`] | the host | as many pixels as the host likes, times the cells |

mod box_mean;
mod exponential;
mod grid;
mod guide;
pub mod guided;
pub mod interpolate;
pub mod joint_bilateral;
mod masks;
pub mod mix;
pub mod pamr;

pub(super) use grid::Axis;
pub use grid::Grid;
pub use guide::Guide;
pub use masks::{Coarse, HardMasks, Masks, OneHot, SoftMasks};

use crate::Scalar;

/// The nearest number within a range; NaN stays NaN.
#[inline(always)]
fn clamped<T: Scalar>(value: T, low: T, high: T) -> T {
    let value = if value < low { low } else { value };
    if value > high { high } else { value }
}

#[cfg(test)]
mod tests {
    use super::interpolate::Interpolation;
    use super::*;
    use crate::correspondence::fold::Fold;
    use crate::correspondence::image::Layout;

    /// Rows that have no column cost nothing.
    #[test]
    fn very_many_rows_without_a_column_are_none() {
        let grid = Grid { rows: 1, columns: 1, height: usize::MAX / 8, width: 0 };
        let guide = Guide::<f32> { pixels: &[], layout: Layout::planar(1, grid.height, 0) };
        let masks = HardMasks { labels: &[0u8], clusters: 1 };
        let mut fold = Fold::<f32, u8>::new(&mut [], &mut [], None, None).unwrap();
        let mut scratch = [0f32; 64];
        let bilinear = Interpolation::Bilinear;
        interpolate::labels(&mut fold, &grid, bilinear, &masks, &mut scratch).unwrap();

        let filter = joint_bilateral::JointBilateral { sigma_space: 1.0, sigma_range: 1.0, radius: 1 };
        joint_bilateral::labels(&mut fold, &grid, &filter, &masks, &guide, &[0.0], &mut scratch).unwrap();

        let filter = guided::Guided { radius: 1, epsilon: 1.0 };
        let mut doubles = [0.0; 64];
        guided::fill_statistics(&mut [], &grid, &filter, &guide, &mut doubles).unwrap();
        guided::labels(&mut fold, &grid, &filter, bilinear, &masks, &guide, &[], &mut [], &mut doubles).unwrap();

        let refinement = pamr::Pamr { dilations: &[1], iterations: 1 };
        pamr::fill_weights::<f32, f32, f32>(&mut [], &grid, &refinement, &guide, &mut scratch).unwrap();
        pamr::labels(&mut fold, &grid, &refinement, bilinear, &masks, &[0f32; 0], &mut scratch).unwrap();
    }
}
