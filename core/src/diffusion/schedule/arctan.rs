//! Equally spaced in arctan(σ/c): the optimum for Gaussian data of standard deviation c (Align Your Steps, theorem
//! 3.1).
//!
//! With c = 1 it is Hoogeboom's cosine schedule and the `kl_optimal` of ComfyUI and stable-diffusion.cpp.

use super::{Last, fill_span};
use crate::error::{Argument, Error, check};

/// Fills `sigmas` with c·tan((1 − u)·arctan(σ_max/c) + u·arctan(σ_min/c)), u from 0 to 1.
///
/// For N(0, c²) data, Euler's method on these levels has the least Kullback-Leibler divergence that any levels give.
/// With [`Last::Zero`], 0 is appended to the span.
///
/// # Errors
///
/// [`Error::TooShort`] for fewer than two `sigmas`; [`Error::Order`] for `sigmas` too close for double precision;
/// [`Error::Domain`] for `sigma_min`, `sigma_max` or `c` outside
/// 0 < `sigma_min` < `sigma_max`, c > 0.
///
/// # Example
///
/// ```
/// use quell::diffusion::schedule::{Last, arctan};
/// let mut sigmas = [0.0; 11];
/// arctan::fill(&mut sigmas, 0.002, 80.0, 0.5, Last::SigmaMin)?;
/// assert!((sigmas[1] - 3.0535297563855375).abs() < 1e-12);
/// # Ok::<(), quell::Error>(())
/// ```
pub fn fill(sigmas: &mut [f64], sigma_min: f64, sigma_max: f64, c: f64, last: Last) -> Result<(), Error> {
    check::positive(Argument::C, c)?;
    let (low, high) = (libm::atan(sigma_min / c), libm::atan(sigma_max / c));
    fill_span(sigmas, sigma_min, sigma_max, last, |u| c * libm::tan((1.0 - u) * high + u * low))
}
