//! What a host may do to a network's output before the step: guidance, and keeping the clean sample in range.
//!
//! Plain classifier-free guidance also fits in the pass ([`Guidance`](super::pass::Guidance)). What follows is not
//! linear, or needs a sum over an item, so it stands apart: clip D with these functions after
//! [`denoise`](super::pass::denoise), and hand the result to the pass as [`denoised`](super::pass::Inputs::denoised).

use crate::error::{Argument, Error, check};
use crate::scalar::{nearest_within, rounded};
use crate::{Scalar, Storage};

/// Classifier-free guidance in place: x ← u + `guidance`·(x − u), where x is the conditional output and u the
/// unconditional one (Ho and Salimans 2022). At exactly 1 x stays.
///
/// # Errors
///
/// [`Error::Length`] for `unconditional`; [`Error::Domain`] for a `guidance` that is not finite in the type that is
/// computed in.
///
/// # Example
///
/// ```
/// let mut output = [1.0f32, 2.0];
/// quell::diffusion::guidance::classifier_free(&mut output, &[0.0, 4.0], 3.0)?;
/// assert_eq!(output, [3.0, -2.0]);
/// # Ok::<(), quell::Error>(())
/// ```
pub fn classifier_free<X: Storage>(x: &mut [X], unconditional: &[X], guidance: f64) -> Result<(), Error> {
    check::length(Argument::Unconditional, x.len(), unconditional.len())?;
    let scale = rounded::<X::Acc>(Argument::Guidance, guidance)?;
    if scale != X::Acc::ONE {
        for (c, u) in x.iter_mut().zip(unconditional) {
            *c = X::store(u.load() + scale * (c.load() - u.load()));
        }
    }
    Ok(())
}

/// Takes back the excess contrast of strong guidance, item by item and in place (Lin et al. 2023, section 3.4):
/// x ← φ·x·std(conditional)/std(x) + (1 − φ)·x, where x is the guided output and φ is `rescale`.
///
/// Standard deviations are over an item, in `f64`. An item whose guided output is constant stays as it is.
///
/// # Errors
///
/// [`Error::Length`] for `conditional`, or for `x` when it is not a multiple of `batch`; [`Error::Domain`] for `rescale`
/// outside [0, 1] or a `batch` of 0.
pub fn rescale<X: Storage>(x: &mut [X], conditional: &[X], batch: usize, rescale: f64) -> Result<(), Error> {
    check::length(Argument::Conditional, x.len(), conditional.len())?;
    check::within(Argument::Rescale, rescale, 0.0, 1.0)?;
    let item = check::parts(Argument::X, x.len(), Argument::Batch, batch)?;
    for (guided, conditional) in x.chunks_mut(item.max(1)).zip(conditional.chunks(item.max(1))) {
        let (target, actual) = (deviation(conditional), deviation(guided));
        if actual > 0.0 {
            let factor = X::Acc::from_f64(rescale * (target / actual) + (1.0 - rescale));
            for x in guided {
                *x = X::store(factor * x.load());
            }
        }
    }
    Ok(())
}

/// Clips each element to [−`range`, `range`], in place. NaN stays NaN.
///
/// # Errors
///
/// [`Error::Domain`] for a `range` that is not positive and finite in the type that is computed in.
pub fn clip<X: Storage>(x: &mut [X], range: f64) -> Result<(), Error> {
    let limit = rounded::<X::Acc>(Argument::Range, range)?;
    check::positive(Argument::Range, limit.to_f64())?;
    for x in x {
        *x = X::store(clamp(x.load(), limit));
    }
    Ok(())
}

/// Dynamic thresholding, item by item and in place (Saharia et al. 2022, section 2.3): s is the `quantile` of |x|, kept
/// within [1, `max_threshold`]; x ← clip(x, ±s)/s.
///
/// The quantile is interpolated linearly between order statistics, as NumPy and PyTorch do. NaN counts
/// as the largest magnitude, stays NaN, and as a quantile gives s = 1.
///
/// # Errors
///
/// [`Error::Length`] for `x` that is not a multiple of `batch`; [`Error::Domain`] for `quantile` outside [0, 1],
/// `max_threshold` below 1 or not finite in the type that is computed in, or a `batch` of 0.
///
/// # Example
///
/// ```
/// let mut x = [0.5f32, -1.0, 2.0, -4.0, 0.0];
/// quell::diffusion::guidance::dynamic_threshold(&mut x, 1, 0.75, 10.0)?;
/// assert_eq!(x, [0.25, -0.5, 1.0, -1.0, 0.0]);
/// # Ok::<(), quell::Error>(())
/// ```
pub fn dynamic_threshold<X: Storage>(
    x: &mut [X],
    batch: usize,
    quantile: f64,
    max_threshold: f64,
) -> Result<(), Error> {
    check::within(Argument::Quantile, quantile, 0.0, 1.0)?;
    check::within(Argument::MaxThreshold, max_threshold, 1.0, f64::MAX)?;
    rounded::<X::Acc>(Argument::MaxThreshold, max_threshold)?;
    let item = check::parts(Argument::X, x.len(), Argument::Batch, batch)?;
    for x in x.chunks_mut(item.max(1)) {
        let position = quantile * (x.len() - 1) as f64;
        let rank = position as usize;
        let low = order_statistic(x, rank);
        let fraction = position - rank as f64;
        // Between two infinities there is no line.
        let s = if fraction == 0.0 || low == f64::INFINITY {
            low
        } else {
            low + fraction * (order_statistic(x, rank + 1) - low)
        };
        let s = X::Acc::from_f64(nearest_within(s, 1.0, max_threshold));
        for x in x {
            *x = X::store(clamp(x.load(), s) / s);
        }
    }
    Ok(())
}

fn clamp<A: Scalar>(x: A, range: A) -> A {
    if x > range {
        range
    } else if x < -range {
        -range
    } else {
        x
    }
}

fn deviation<X: Storage>(x: &[X]) -> f64 {
    let Some(first) = x.first().map(|x| x.load().to_f64()) else { return 0.0 };
    let count = x.len() as f64;
    // From the first element on: what is constant deviates by exactly nothing.
    let mean = x.iter().map(|x| x.load().to_f64() - first).sum::<f64>() / count;
    let squares = x.iter().map(|x| x.load().to_f64() - first - mean).map(|d| d * d).sum::<f64>();
    libm::sqrt(squares / count)
}

/// The magnitude of the given rank, from 0: a radix search on the bits, which sorts nothing and needs no scratch.
fn order_statistic<X: Storage>(x: &[X], rank: usize) -> f64 {
    // Magnitudes of doubles have the order of their bit patterns.
    let key = |x: &X| x.load().abs().to_f64().to_bits();
    let (mut prefix, mut mask, mut rank) = (0u64, 0u64, rank);
    for shift in (0..64).step_by(8).rev() {
        let mut counts = [0usize; 256];
        for key in x.iter().map(key).filter(|key| key & mask == prefix) {
            if let Some(count) = counts.get_mut((key >> shift & 0xff) as usize) {
                *count += 1;
            }
        }
        let mut digit = 255;
        for (candidate, &count) in counts.iter().enumerate() {
            if rank < count {
                digit = candidate as u64;
                break;
            }
            rank -= count;
        }
        prefix |= digit << shift;
        mask |= 0xff << shift;
    }
    f64::from_bits(prefix)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::vec::Vec;

    #[test]
    fn scale_one_keeps_the_condition_and_equal_outputs_stay() {
        let mut x = [0.1f32, -7.3];
        classifier_free(&mut x, &[f32::NAN; 2], 1.0).unwrap();
        assert_eq!(x, [0.1, -7.3]);
        classifier_free(&mut x, &[0.1, -7.3], 7.5).unwrap();
        assert_eq!(x, [0.1, -7.3]);
    }

    #[test]
    fn a_full_rescale_restores_the_deviation_item_by_item() {
        let conditional = [1.0, 2.0, 3.0, 10.0, 20.0, 30.0];
        let mut guided = [5.0, 10.0, 15.0, 7.0, 7.0, 7.0];
        rescale(&mut guided, &conditional, 2, 1.0).unwrap();
        assert!((deviation(&guided[..3]) - deviation(&conditional[..3])).abs() < 1e-14);
        assert_eq!(guided[3..], [7.0; 3]);
        // A mean that is rounded must not make a constant deviate.
        for constant in [0.1, 1e10 / 3.0] {
            let mut guided = [constant; 7];
            rescale(&mut guided, &[1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0], 1, 1.0).unwrap();
            assert_eq!(guided, [constant; 7]);
        }
        let before = guided;
        rescale(&mut guided, &conditional, 2, 0.0).unwrap();
        assert_eq!(guided, before);
    }

    #[test]
    fn order_statistics_are_those_of_a_sort() {
        let x: Vec<f64> = (0..57).map(|i| ((i * 37) % 101) as f64 * if i % 2 == 0 { 0.1 } else { -0.3 }).collect();
        let mut sorted: Vec<f64> = x.iter().map(|x| x.abs()).collect();
        sorted.sort_by(f64::total_cmp);
        for (rank, &expected) in sorted.iter().enumerate() {
            assert_eq!(order_statistic(&x, rank), expected);
        }
    }

    #[test]
    fn thresholds_stay_between_one_and_the_cap() {
        let mut small = [0.1f32, -0.2];
        dynamic_threshold(&mut small, 1, 1.0, 5.0).unwrap();
        assert_eq!(small, [0.1, -0.2]);
        let mut infinite = [f32::INFINITY, 1.0, f32::NEG_INFINITY, f32::INFINITY];
        dynamic_threshold(&mut infinite, 1, 0.9, 100.0).unwrap();
        assert_eq!(infinite, [1.0, 0.01, -1.0, 1.0]);
        let mut large = [100.0f32, -10.0];
        dynamic_threshold(&mut large, 1, 1.0, 5.0).unwrap();
        assert_eq!(large, [1.0, -1.0]);
    }

    #[test]
    fn bad_input_changes_nothing() {
        let mut x = [3.0f32, 4.0, 5.0];
        assert!(classifier_free(&mut x, &[0.0; 2], 2.0).is_err());
        assert!(classifier_free(&mut x, &[0.0; 3], f64::NAN).is_err());
        assert!(rescale(&mut x, &[0.0; 3], 2, 0.5).is_err());
        assert!(rescale(&mut x, &[0.0; 3], 0, 0.5).is_err());
        assert!(rescale(&mut x, &[0.0; 3], 1, 1.5).is_err());
        // Finite and positive in double precision, but not in single.
        assert!(classifier_free(&mut x, &[0.0; 3], 1e39).is_err());
        assert!(clip(&mut x, 1e39).is_err() && clip(&mut x, 1e-60).is_err());
        assert!(dynamic_threshold(&mut x, 1, 0.9, 1e39).is_err());
        assert!(clip(&mut x, 0.0).is_err());
        assert!(dynamic_threshold(&mut x, 1, f64::NAN, 2.0).is_err());
        assert!(dynamic_threshold(&mut x, 1, 0.9, 0.5).is_err());
        assert!(dynamic_threshold(&mut x, 2, 0.9, 2.0).is_err());
        assert_eq!(x, [3.0, 4.0, 5.0]);
        assert!(dynamic_threshold::<f32>(&mut [], 1, 0.5, 2.0).is_ok());
        assert!(rescale::<f32>(&mut [], &[], 3, 0.5).is_ok());
    }
}
