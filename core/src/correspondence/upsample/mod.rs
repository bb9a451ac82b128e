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
