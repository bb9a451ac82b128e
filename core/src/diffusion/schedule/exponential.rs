//! Equally spaced in ln σ, that is uniform in the log signal-to-noise ratio: ρ → ∞ of the Karras schedule.

use super::{Last, fill_span};
use crate::error::{Argument, Error, check};

/// Fills `sigmas` with exp(ln σ_max + u·(ln σ_min − ln σ_max)), u from 0 to 1 (k-diffusion's `exponential`, diffusers'
/// `lu_lambdas`).
///
/// With [`Last::Zero`], 0 is appended to the span.
///
/// # Errors
///
/// [`Error::TooShort`] for fewer than two `sigmas`; [`Error::Order`] for `sigmas` too close for double precision;
/// [`Error::Domain`] for `sigma_min` or `sigma_max` outside
/// 0 < `sigma_min` < `sigma_max`.
///
/// # Example
///
/// ```
/// use quell::diffusion::schedule::{Last, exponential};
/// let mut sigmas = [0.0; 3];
/// exponential::fill(&mut sigmas, 1.0, 4.0, Last::SigmaMin)?;
/// assert!((sigmas[1] - 2.0).abs() < 1e-15);
/// # Ok::<(), quell::Error>(())
/// ```
pub fn fill(sigmas: &mut [f64], sigma_min: f64, sigma_max: f64, last: Last) -> Result<(), Error> {
    check::positive(Argument::SigmaMin, sigma_min)?;
    check::positive(Argument::SigmaMax, sigma_max)?;
    let (low, high) = (libm::log(sigma_min), libm::log(sigma_max));
    fill_span(sigmas, sigma_min, sigma_max, last, |u| libm::exp(high + u * (low - high)))
}
