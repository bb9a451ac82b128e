//! Equally spaced in σ^(1/ρ) (Karras et al. 2022, eq. 5), EDM's schedule.

use super::{Last, fill_span};
use crate::error::{Argument, Error, check};

/// Fills `sigmas` with (σ_max^(1/ρ) + u·(σ_min^(1/ρ) − σ_max^(1/ρ)))^ρ, u from 0 to 1; EDM takes ρ = 7.
///
/// With [`Last::Zero`], 0 is appended to the span, so `sigma_min` is the last level at which the network is evaluated.
/// A schedule of a single step is `sigma_max` and its end.
///
/// # Errors
///
/// [`Error::TooShort`] for fewer than two `sigmas`; [`Error::Order`] for `sigmas` too close for double precision;
/// [`Error::Domain`] for `sigma_min`, `sigma_max` or `rho` outside
/// 0 < `sigma_min` < `sigma_max`, ρ > 0.
///
/// # Example
///
/// ```
/// use quell::diffusion::schedule::{Last, karras};
/// let mut sigmas = [0.0; 4];
/// karras::fill(&mut sigmas, 0.002, 80.0, 7.0, Last::Zero)?;
/// assert_eq!((sigmas[0], sigmas[2], sigmas[3]), (80.0, 0.002, 0.0));
/// # Ok::<(), quell::Error>(())
/// ```
pub fn fill(sigmas: &mut [f64], sigma_min: f64, sigma_max: f64, rho: f64, last: Last) -> Result<(), Error> {
    check::positive(Argument::Rho, rho)?;
    check::positive(Argument::SigmaMin, sigma_min)?;
    check::positive(Argument::SigmaMax, sigma_max)?;
    let (low, high) = (libm::pow(sigma_min, 1.0 / rho), libm::pow(sigma_max, 1.0 / rho));
    fill_span(sigmas, sigma_min, sigma_max, last, |u| libm::pow(high + u * (low - high), rho))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rho_one_is_linear() {
        let mut sigmas = [0.0; 5];
        fill(&mut sigmas, 1.0, 5.0, 1.0, Last::SigmaMin).unwrap();
        assert_eq!(sigmas, [5.0, 4.0, 3.0, 2.0, 1.0]);
    }

    #[test]
    fn bad_parameters_change_nothing() {
        let mut sigmas = [3.0; 4];
        for (min, max, rho) in [
            (0.0, 80.0, 7.0),
            (0.002, f64::NAN, 7.0),
            (0.002, f64::INFINITY, 7.0),
            (80.0, 0.002, 7.0),
            (1.0, 1.0, 7.0),
            (0.002, 80.0, 0.0),
            (0.002, 80.0, f64::NAN),
        ] {
            assert!(fill(&mut sigmas, min, max, rho, Last::Zero).is_err());
            assert_eq!(sigmas, [3.0; 4]);
        }
    }
}
