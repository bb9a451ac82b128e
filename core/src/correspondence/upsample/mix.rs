//! Mixing by weights that the host gives, or by the attention of the pixels to the cells.
//!
//! Learned upsamplers (JAFAR, Couairon et al. 2025; AnyUp, Wimmer et al. 2025) end in softmax(Q·Kᵀ): one query for
//! each pixel, one key for each cell. The values that they mix may as well be masks. Any number of pixels at a time
//! will do: a row, a tile, an image.
//!
//! ```
//! use quell::correspondence::fold::Fold;
//! use quell::correspondence::upsample::{HardMasks, mix::{self, Similarity}};
//! // Three pixels, two cells, two features.
//! let (queries, keys) = ([1f32, 0.0, 0.9, 0.1, 0.2, 0.8], [1f32, 0.0, 0.0, 1.0]);
//! let (mut weights, mut scratch) = ([0f32; 3 * 2], [0f32; mix::scratch_len(3, 2)]);
//! mix::fill_weights(&mut weights, &queries, &keys, 2, Similarity::Dot, 10.0, &mut scratch)?;
//!
//! let (mut best, mut labels) = ([0f32; 3], [0u8; 3]);
//! let mut fold = Fold::new(&mut best, &mut labels, None, None)?;
//! fold.reset();
//! mix::labels(&mut fold, 0, 3, &weights, 2, &HardMasks { labels: &[1u8, 0], clusters: 2 }, &mut scratch)?;
//! assert_eq!(labels, [1, 1, 0]);
//! # Ok::<(), quell::Error>(())
//! ```

use super::clamped;
use super::exponential::exp_of_nonpositive;
use super::masks::{Coarse, Masks, check_count};
use crate::correspondence::fold::Fold;
use crate::correspondence::label::Label;
use crate::error::{Argument, Error, check};
use crate::scalar::rounded;
use crate::slice::{part, part_mut};
use crate::{Scalar, Storage};

/// Sums that run side by side, so that the compiler can use vector instructions.
const LANES: usize = 8;

/// How a query and a key become one number.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[repr(i32)]
pub enum Similarity {
    /// Their inner product.
    #[default]
    Dot = 0,
    /// The cosine of their angle, whatever their lengths are; 0 where one of them is 0, or so short or so long that its
    /// square in `f64`, or the inverse of its length in the type that is computed in, is out of range.
    Cosine = 1,
}

/// The length of the scratch of all functions here: a number for each cell, and one for each pixel.
pub const fn scratch_len(pixels: usize, cells: usize) -> usize {
    pixels.saturating_add(cells)
}

/// Fills the weights of some pixels: the soft-max over the cells of `scale` times the similarity of query and key.
///
/// `queries` are (pixels, dimension), `keys` (cells, dimension), `weights` (pixels, cells); `scratch` has
/// [`scratch_len`] elements. The larger the scale, the nearer is the result to the most similar cell alone, or to
/// equal shares of several that are equally similar. Weights are not negative and sum to 1 within rounding. A
/// similarity that is not a number counts as −∞; where that leaves nothing, or one is +∞, all weights are 0.
///
/// Products are summed in 8 parts, element i in part i mod 8, then these from the first on; lengths in `f64`.
///
/// # Errors
///
/// [`Error::Length`] for `queries` or `keys` that are no whole number of vectors, and for `weights`;
/// [`Error::Domain`] for a `dimension` of 0, and for a `scale` that is not finite in the type that is computed in;
/// [`Error::TooShort`] for `scratch`.
pub fn fill_weights<T: Scalar, Q: Storage, K: Storage>(
    weights: &mut [T],
    queries: &[Q],
    keys: &[K],
    dimension: usize,
    similarity: Similarity,
    scale: f64,
    scratch: &mut [T],
) -> Result<(), Error> {
    let pixels = check::parts(Argument::Queries, queries.len(), Argument::Dimension, dimension)?;
    let cells = check::parts(Argument::Keys, keys.len(), Argument::Dimension, dimension)?;
    check::length(Argument::Weights, pixels.saturating_mul(cells), weights.len())?;
    check::finite(Argument::Scale, scale)?;
    let scale = rounded::<T>(Argument::Scale, scale)?;
    check::at_least(Argument::Scratch, scratch_len(pixels, cells), scratch.len())?;
    let vector = |index: usize| part(keys, index.wrapping_mul(dimension), dimension);
    let factors = part_mut(scratch, 0, cells);
    for (cell, factor) in factors.iter_mut().enumerate() {
        *factor = factor_of(similarity, vector(cell));
    }
    for pixel in 0..pixels {
        let query = part(queries, pixel.wrapping_mul(dimension), dimension);
        let weights = part_mut(weights, pixel.wrapping_mul(cells), cells);
        let own: T = factor_of(similarity, query);
        let mut largest = T::from_f64(f64::NEG_INFINITY);
        for (cell, (weight, &factor)) in weights.iter_mut().zip(&*factors).enumerate() {
            let like = match similarity {
                Similarity::Dot => dot(query, vector(cell), |a: T| a),
                // A vector of length 0 is like no other, even if the product is not a number.
                Similarity::Cosine if factor == T::ZERO || own == T::ZERO => T::ZERO,
                // The query's length goes first, so that products are at most as large as the key.
                Similarity::Cosine => dot(query, vector(cell), |a: T| a * own) * factor,
            };
            *weight = scale * like;
            largest = if *weight > largest { *weight } else { largest };
        }
        let mut sum = T::ZERO;
        for weight in weights.iter_mut() {
            *weight = T::from_f64(exp_of_nonpositive(weight.to_f64() - largest.to_f64()));
            sum = sum + *weight;
        }
        if sum > T::ZERO {
            weights.iter_mut().for_each(|weight| *weight = *weight / sum);
        }
    }
    Ok(())
}

/// What a product has to be multiplied by for each of its vectors.
fn factor_of<T: Scalar, X: Storage>(similarity: Similarity, vector: &[X]) -> T {
    match similarity {
        Similarity::Dot => T::ONE,
        Similarity::Cosine => {
            let square: f64 = vector.iter().map(|x| x.load().to_f64()).map(|x| x * x).sum();
            let inverse = T::from_f64(1.0 / libm::sqrt(square));
            if inverse > T::ZERO && !inverse.is_finite() { T::ZERO } else { inverse }
        }
    }
}

/// Σ f(a)·b.
#[inline(always)]
fn dot<T: Scalar, Q: Storage, K: Storage>(query: &[Q], key: &[K], f: impl Fn(T) -> T) -> T {
    let product = |(a, b): (&Q, &K)| f(T::from_f64(a.load().to_f64())) * T::from_f64(b.load().to_f64());
    let (queries, keys) = (query.as_chunks::<LANES>(), key.as_chunks::<LANES>());
    let mut sums = [T::ZERO; LANES];
    for (query, key) in queries.0.iter().zip(keys.0) {
        for (sum, pair) in sums.iter_mut().zip(query.iter().zip(key)) {
            *sum = *sum + product(pair);
        }
    }
    for (sum, pair) in sums.iter_mut().zip(queries.1.iter().zip(keys.1)) {
        *sum = *sum + product(pair);
    }
    total(&sums)
}

/// From the first on.
fn total<T: Scalar>(sums: &[T; LANES]) -> T {
    sums.iter().fold(T::ZERO, |total, &sum| total + sum)
}

/// Fills one mask's values at some pixels: the mean of its cells by `weights` (pixels, cells), whatever their sum is.
///
/// Values stay between those of the cells, and are theirs where all are equal. Where the weights sum to 0 the value
/// is not a number, which wins nowhere. `scratch` has [`scratch_len`] elements.
///
/// # Errors
///
/// [`Error::Length`] for `weights` that are not as many as `out` times the cells; [`Error::TooShort`] for `scratch`.
pub fn fill_values<T: Scalar>(
    out: &mut [T],
    weights: &[T],
    coarse: &impl Coarse,
    scratch: &mut [T],
) -> Result<(), Error> {
    let cells = coarse.cells();
    check::length(Argument::Weights, out.len().saturating_mul(cells), weights.len())?;
    check::at_least(Argument::Scratch, scratch_len(out.len(), cells), scratch.len())?;
    fill_values_unchecked(out, weights, coarse, part_mut(scratch, 0, cells));
    Ok(())
}

fn fill_values_unchecked<T: Scalar>(out: &mut [T], weights: &[T], coarse: &impl Coarse, values: &mut [T]) {
    let cells = values.len();
    let first = coarse.value(0);
    let (mut low, mut high): (T, T) = (first, first);
    for (cell, value) in values.iter_mut().enumerate() {
        *value = coarse.value(cell);
        low = if *value < low { *value } else { low };
        high = if *value > high { *value } else { high };
    }
    for (pixel, out) in out.iter_mut().enumerate() {
        let weights = part(weights, pixel.wrapping_mul(cells), cells);
        let (mut sums, mut totals) = ([T::ZERO; LANES], [T::ZERO; LANES]);
        let (weights, values) = (weights.as_chunks::<LANES>(), values.as_chunks::<LANES>());
        let mut take = |weights: &[T], values: &[T]| {
            for (((sum, total), &weight), &value) in sums.iter_mut().zip(&mut totals).zip(weights).zip(values) {
                (*sum, *total) = (*sum + weight * value, *total + weight);
            }
        };
        weights.0.iter().zip(values.0).for_each(|(weights, values)| take(weights, values));
        take(weights.1, values.1);
        *out = clamped(total(&sums) / total(&totals), low, high);
    }
}

/// Takes all masks into a fold, at the `pixels` from `first_pixel` on.
///
/// The fold is not reset, so it may have seen other masks and pixels. `weights` are (pixels, cells); `scratch`
/// has [`scratch_len`] elements.
///
/// # Errors
///
/// [`Error::Length`] for `weights`, and for masks of other than so many cells (as `coarse`); [`Error::TooShort`] for
/// a fold that ends before the last pixel (as `best`), and for `scratch`; [`Error::Domain`] for no `cells`, a label
/// of no mask (as `coarse`), and for more masks than the fold's labels tell apart (as `clusters`).
pub fn labels<T: Scalar, L: Label>(
    fold: &mut Fold<T, L>,
    first_pixel: usize,
    pixels: usize,
    weights: &[T],
    cells: usize,
    masks: &impl Masks,
    scratch: &mut [T],
) -> Result<(), Error> {
    check::not_zero(Argument::Cells, cells)?;
    check_count::<L>(masks)?;
    masks.check(cells)?;
    check::length(Argument::Weights, pixels.saturating_mul(cells), weights.len())?;
    check::at_least(Argument::Best, first_pixel.saturating_add(pixels), fold.pixels())?;
    check::at_least(Argument::Scratch, scratch_len(pixels, cells), scratch.len())?;
    let Some((values, rest)) = scratch.split_at_mut_checked(cells) else { return Ok(()) };
    let out = part_mut(rest, 0, pixels);
    for label in 0..masks.count() {
        fill_values_unchecked(out, weights, &masks.mask(label), values);
        fold.push(label, first_pixel, out)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn weights_by_hand() {
        let (mut weights, mut scratch) = ([f64::NAN; 4], [f64::NAN; scratch_len(2, 2)]);
        let (queries, keys) = ([2.0, 0.0, 0.0, 0.0], [1.0f32, 0.0, 0.0, 3.0]);
        fill_weights(&mut weights, &queries, &keys, 2, Similarity::Dot, 0.5, &mut scratch).unwrap();
        let e = core::f64::consts::E;
        let expected = [e / (e + 1.0), 1.0 / (e + 1.0), 0.5, 0.5];
        assert!(weights.iter().zip(expected).all(|(weight, expected)| (weight / expected - 1.0).abs() < 1e-15));
        let longer = [20.0, 0.0, 0.0, 0.0];
        let mut cosine = [[f64::NAN; 4]; 2];
        for (weights, queries) in cosine.iter_mut().zip([queries, longer]) {
            fill_weights(weights, &queries, &keys, 2, Similarity::Cosine, 1.0, &mut scratch).unwrap();
        }
        assert_eq!(cosine[0], cosine[1]);
        assert!((cosine[0][0] / expected[0] - 1.0).abs() < 1e-15);
    }

    #[test]
    fn a_cosine_does_not_see_lengths() {
        let of = |length: f32| {
            let (mut weights, mut scratch) = ([f32::NAN; 4], [f32::NAN; scratch_len(2, 2)]);
            let (queries, keys) = ([length, 0.0, length, length], [length, 0.0, 0.0, length]);
            fill_weights(&mut weights, &queries, &keys, 2, Similarity::Cosine, 1.0, &mut scratch).unwrap();
            weights
        };
        for exponent in [-120, -60, 60, 120] {
            assert_eq!(of(2f32.powi(exponent)), of(1.0));
        }
        // The inverse of the length overflows: like no other.
        assert_eq!(of(f32::from_bits(1)), [0.5; 4]);
    }

    #[test]
    fn weights_need_not_sum_to_one() {
        let (mut out, mut scratch) = ([f32::NAN; 3], [f32::NAN; scratch_len(3, 2)]);
        let coarse: &[f32] = &[1.0, 5.0];
        fill_values(&mut out, &[3.0, 1.0, 0.0, 0.1, 0.0, 0.0], &coarse, &mut scratch).unwrap();
        assert_eq!(out[..2], [2.0, 5.0]);
        assert!(out[2].is_nan());
    }

    #[test]
    fn products_of_any_length() {
        for length in 0..20u8 {
            let (a, b): (std::vec::Vec<f32>, std::vec::Vec<f64>) = (0..length).map(|i| (f32::from(i), 2.0)).unzip();
            assert_eq!(dot(&a, &b, |a: f64| a), f64::from(u16::from(length) * u16::from(length.saturating_sub(1))));
        }
    }
}
