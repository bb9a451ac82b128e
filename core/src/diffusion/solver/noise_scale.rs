//! How much noise an extended reverse-time SDE adds, and what that costs in the bound on the KL divergence.

use crate::error::{Argument, Error, check};

/// The noise scale function φ(σ) of an extended reverse-time SDE (Cui et al. 2023, section 4.3 and appendix A.8), with
/// σ in units of the clean sample.
///
/// It stands for the reverse-time SDE dx = (1 + λ²)·(x − D)/σ·dσ + λ·√(2σ)·dw with λ²(σ) = σ·φ'/φ − 1: the noise is
/// what λ² says, and any λ² ≥ 0 leaves the law of x as it is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum NoiseScale {
    /// φ = σ: no noise, the probability-flow ODE.
    Ode,
    /// φ = σ²: the reverse-time SDE itself, λ² = 1.
    Sde,
    /// φ = σ·(e^(−1/σ) + 10).
    Sde1,
    /// φ = σ^1.5, λ² = 0.5.
    Sde2,
    /// φ = σ^2.5, λ² = 1.5.
    Sde3,
    /// φ = σ^0.9·log₁₀(1 + 100·σ^1.5). Above σ = 1022.37, where that would have λ² < 0 and so is no noise scale, φ goes
    /// on in proportion to σ: there λ² = 0.
    Sde4,
    /// φ = σ·(e^(σ^0.3) + 10), which the authors recommend.
    #[default]
    Sde5,
}

/// Where λ² of [`NoiseScale::Sde4`] falls to 0.
const SDE4_END: f64 = 1_022.374_640_784_9;

/// ln(1 + e^y).
fn softplus(y: f64) -> f64 {
    // Beyond this e^(−y) is lost in rounding.
    if y > 40.0 { y } else { libm::log1p(libm::exp(y)) }
}

/// ln(100·σ^1.5).
fn sde4_exponent(sigma: f64) -> f64 {
    libm::log(100.0) + 1.5 * libm::log(sigma)
}

/// φ(s)/s as a share of φ(t)/t, and what is missing from 1, each without cancellation.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Decay {
    pub(super) kept: f64,
    pub(super) lost: f64,
}

impl Decay {
    /// That of σ^`power`.
    fn of_power(power: f64, s: f64, t: f64) -> Decay {
        let log = power * libm::log(s / t);
        Decay { kept: libm::exp(log), lost: -libm::expm1(log) }
    }
}

impl NoiseScale {
    /// φ(σ); ∞ where it overflows. A factor on φ changes nothing.
    ///
    /// # Errors
    ///
    /// [`Error::Domain`] for a `sigma` that is not positive.
    ///
    /// # Example
    ///
    /// ```
    /// use quell::diffusion::solver::NoiseScale;
    /// assert_eq!(NoiseScale::Sde5.value(1.0)?, 1f64.exp() + 10.0);
    /// # Ok::<(), quell::Error>(())
    /// ```
    pub fn value(self, sigma: f64) -> Result<f64, Error> {
        let sigma = check::positive(Argument::Sigma, sigma)?;
        Ok(match self {
            NoiseScale::Ode => sigma,
            NoiseScale::Sde => sigma * sigma,
            NoiseScale::Sde1 => sigma * (libm::exp(-1.0 / sigma) + 10.0),
            NoiseScale::Sde2 => libm::pow(sigma, 1.5),
            NoiseScale::Sde3 => libm::pow(sigma, 2.5),
            NoiseScale::Sde4 => {
                let within = sigma.min(SDE4_END);
                let factor = libm::pow(within, -0.1) * softplus(sde4_exponent(within)) / core::f64::consts::LN_10;
                sigma * factor
            }
            NoiseScale::Sde5 => sigma * (libm::exp(libm::pow(sigma, 0.3)) + 10.0),
        })
    }

    /// λ²(σ) = σ·φ'(σ)/φ(σ) − 1: 0 without noise, 1 for the reverse-time SDE. k-diffusion writes η for it.
    ///
    /// # Errors
    ///
    /// [`Error::Domain`] for a `sigma` that is not positive.
    ///
    /// # Example
    ///
    /// ```
    /// use quell::diffusion::solver::NoiseScale;
    /// assert_eq!(NoiseScale::Sde2.lambda_squared(3.0)?, 0.5);
    /// assert!((NoiseScale::Sde5.lambda_squared(1.0)? - 0.0641).abs() < 1e-4);
    /// # Ok::<(), quell::Error>(())
    /// ```
    pub fn lambda_squared(self, sigma: f64) -> Result<f64, Error> {
        let sigma = check::positive(Argument::Sigma, sigma)?;
        Ok(match self {
            NoiseScale::Ode => 0.0,
            NoiseScale::Sde => 1.0,
            NoiseScale::Sde2 => 0.5,
            NoiseScale::Sde3 => 1.5,
            NoiseScale::Sde1 => {
                let term = libm::exp(-1.0 / sigma);
                term / sigma / (term + 10.0)
            }
            NoiseScale::Sde4 if sigma >= SDE4_END => 0.0,
            NoiseScale::Sde4 => {
                let y = sde4_exponent(sigma);
                // u/((1 + u)·ln(1 + u)) with u = e^y is 1 for small u.
                let share = if y < -40.0 { 1.0 } else { 1.0 / ((1.0 + libm::exp(-y)) * softplus(y)) };
                1.5 * share - 0.1
            }
            NoiseScale::Sde5 => {
                let y = libm::pow(sigma, 0.3);
                0.3 * y / (1.0 + 10.0 * libm::exp(-y))
            }
        })
    }

    /// The factor on σ⁻³·E‖D(x_σ) − D(x_t)‖² in the bound on the KL divergence (*Align Your Steps*, appendix A.3, where
    /// a factor ½ is missing): (σ·φ'/φ)²/(4·(σ·φ'/φ − 1)), and ∞ where there is no noise.
    ///
    /// # Errors
    ///
    /// [`Error::Domain`] for a `sigma` that is not positive.
    ///
    /// # Example
    ///
    /// ```
    /// use quell::diffusion::solver::NoiseScale;
    /// assert_eq!(NoiseScale::Sde.klub_weight(3.0)?, 1.0);
    /// assert_eq!(NoiseScale::Ode.klub_weight(3.0)?, f64::INFINITY);
    /// # Ok::<(), quell::Error>(())
    /// ```
    pub fn klub_weight(self, sigma: f64) -> Result<f64, Error> {
        self.lambda_squared(sigma).and_then(klub_weight)
    }

    /// The decay of φ(σ)/σ from t down to s < t, where t may be infinite and s be 0.
    pub(super) fn decay(self, s: f64, t: f64) -> Decay {
        if s == 0.0 {
            return Decay { kept: 0.0, lost: 1.0 };
        }
        match self {
            NoiseScale::Ode => Decay { kept: 1.0, lost: 0.0 },
            NoiseScale::Sde => Decay::of_power(1.0, s, t),
            NoiseScale::Sde2 => Decay::of_power(0.5, s, t),
            NoiseScale::Sde3 => Decay::of_power(1.5, s, t),
            NoiseScale::Sde1 => {
                let term = libm::exp(-1.0 / t);
                let whole = term + 10.0;
                let lost = term * -libm::expm1(1.0 / t - 1.0 / s) / whole;
                Decay { kept: (libm::exp(-1.0 / s) + 10.0) / whole, lost }
            }
            NoiseScale::Sde4 => {
                let (s, t) = (s.min(SDE4_END), t.min(SDE4_END));
                let (y, y_from) = (sde4_exponent(s), sde4_exponent(t));
                // Where e^y is lost beside 1, ln(1 + e^y) is e^y; for the smallest σ both would round to 0.
                let ratio = if y_from < -40.0 { libm::exp(y - y_from) } else { softplus(y) / softplus(y_from) };
                let kept = (libm::pow(s / t, -0.1) * ratio).min(1.0);
                Decay { kept, lost: 1.0 - kept }
            }
            NoiseScale::Sde5 => {
                let (y, y_from) = (libm::pow(s, 0.3), libm::pow(t, 0.3));
                let whole = 1.0 + 10.0 * libm::exp(-y_from);
                let kept = libm::exp(y - y_from) * (1.0 + 10.0 * libm::exp(-y)) / whole;
                Decay { kept, lost: -libm::expm1(y - y_from) / whole }
            }
        }
    }
}

/// The factor on σ⁻³·E‖D(x_σ) − D(x_t)‖² in the bound on the KL divergence for a constant share η = λ² of fresh noise:
/// (1 + η)²/(4η), the least of which is 1 at η = 1, and ∞ where there is no noise.
///
/// # Errors
///
/// [`Error::Domain`] for an `eta` that is negative.
///
/// # Example
///
/// ```
/// use quell::diffusion::solver::klub_weight;
/// assert_eq!((klub_weight(0.5)?, klub_weight(1.0)?, klub_weight(0.0)?), (1.125, 1.0, f64::INFINITY));
/// # Ok::<(), quell::Error>(())
/// ```
pub fn klub_weight(eta: f64) -> Result<f64, Error> {
    let eta = check::non_negative(Argument::Eta, eta)?;
    // (1 + η)²/4η by way of 1/η and η, neither of which overflows before the whole does.
    Ok(0.25 * (1.0 / eta + 2.0 + eta))
}

#[cfg(test)]
mod tests {
    use super::*;

    const ALL: [NoiseScale; 7] = [
        NoiseScale::Ode,
        NoiseScale::Sde,
        NoiseScale::Sde1,
        NoiseScale::Sde2,
        NoiseScale::Sde3,
        NoiseScale::Sde4,
        NoiseScale::Sde5,
    ];

    #[test]
    fn lambda_squared_is_the_logarithmic_derivative() {
        for scale in ALL {
            for sigma in [1e-4, 0.03, 0.7, 1.0, 5.0, 80.0, 1000.0, 2000.0] {
                let value = |power: f64| (sigma * power.exp(), scale.value(sigma * power.exp()).unwrap().ln());
                let (step, lambda_squared) = (1e-4, scale.lambda_squared(sigma).unwrap());
                let slope = (value(step).1 - value(-step).1) / (2.0 * step) - 1.0;
                assert!((slope - lambda_squared).abs() < 1e-7, "{scale:?} {sigma} {slope} {lambda_squared}");
                assert!(lambda_squared >= 0.0);
            }
        }
    }

    #[test]
    fn decay_is_a_quotient_of_values() {
        for scale in ALL {
            for (s, t) in [(0.002, 0.0021), (0.01, 3.0), (0.9, 1.0), (2.0, 80.0), (30.0, 2000.0)] {
                let Decay { kept, lost } = scale.decay(s, t);
                let expected = scale.value(s).unwrap() / s / (scale.value(t).unwrap() / t);
                assert!((kept / expected - 1.0).abs() < 1e-13, "{scale:?} {s} {t} {kept} {expected}");
                assert!((kept + lost - 1.0).abs() < 1e-15 && lost >= 0.0, "{scale:?} {s} {t} {kept} {lost}");
            }
        }
    }

    #[test]
    fn decay_is_defined_to_both_ends() {
        for scale in ALL {
            for (s, t) in
                [(0.0, 2.0), (1e-300, 2.0), (1e-300, 1e-299), (2.0, 1e300), (1e299, 1e300), (2.0, f64::INFINITY)]
            {
                let Decay { kept, lost } = scale.decay(s, t);
                assert!((0.0..=1.0).contains(&kept) && (0.0..=1.0).contains(&lost), "{scale:?} {s} {t} {kept} {lost}");
            }
        }
        // From pure noise there is nothing to keep, but where φ ends in proportion to σ.
        assert_eq!(NoiseScale::Sde5.decay(2.0, f64::INFINITY), Decay { kept: 0.0, lost: 1.0 });
        assert_eq!(NoiseScale::Ode.decay(2.0, f64::INFINITY), Decay { kept: 1.0, lost: 0.0 });
    }

    #[test]
    fn only_positive_sigmas_have_a_scale() {
        for sigma in [0.0, -1.0, f64::NAN, f64::INFINITY] {
            assert!(NoiseScale::Sde1.value(sigma).is_err());
            assert!(NoiseScale::Sde4.lambda_squared(sigma).is_err());
            assert!(NoiseScale::Sde5.klub_weight(sigma).is_err());
        }
        assert!(klub_weight(-0.1).is_err() && klub_weight(f64::NAN).is_err());
        assert_eq!(NoiseScale::Sde4.klub_weight(5000.0), Ok(f64::INFINITY));
    }
}
