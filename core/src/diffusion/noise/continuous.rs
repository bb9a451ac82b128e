//! Variance-preserving processes in continuous time, t from `epsilon` to 1.

use super::NoiseLevel;
use crate::error::{Argument, Error, check};
use crate::scalar::nearest_within;

/// β(t) = β_min + β_d·t (Song et al. 2021): α = e^(−B/2) and σ² = 1 − e^(−B) with B(t) = ½·β_d·t² + β_min·t.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct VpLinear {
    /// The constant term of β(t).
    pub beta_min: f64,
    /// The slope of β(t).
    pub beta_d: f64,
    /// The smallest time that the network knows.
    pub epsilon: f64,
}

impl Default for VpLinear {
    /// β from 0.1 to 20, ε = 10⁻³.
    fn default() -> Self {
        VpLinear { beta_min: 0.1, beta_d: 19.9, epsilon: 1e-3 }
    }
}

impl VpLinear {
    /// The process whose σ/α runs from `sigma_min` at t = `epsilon` to `sigma_max` at t = 1 (Karras et al. 2022,
    /// table 1).
    ///
    /// # Errors
    ///
    /// [`Error::Domain`] for `sigma_min`, `sigma_max` or `epsilon` outside 0 < `sigma_min` < `sigma_max`,
    /// 0 < `epsilon` < 1; for `epsilon` so small that β(t) would have to fall; and for a range too wide for double
    /// precision.
    ///
    /// # Example
    ///
    /// ```
    /// let process = quell::diffusion::noise::VpLinear::from_sigma_range(0.002, 80.0, 1e-3)?;
    /// assert!((process.beta_d - 17.537956987271237).abs() < 1e-9);
    /// # Ok::<(), quell::Error>(())
    /// ```
    pub fn from_sigma_range(sigma_min: f64, sigma_max: f64, epsilon: f64) -> Result<VpLinear, Error> {
        check::positive(Argument::SigmaMax, sigma_max)?;
        check::positive(Argument::SigmaMin, sigma_min)?;
        if sigma_min >= sigma_max {
            return Err(Error::Domain { argument: Argument::SigmaMin, value: sigma_min });
        }
        check::within(Argument::Epsilon, epsilon, f64::MIN_POSITIVE, 1.0 - f64::EPSILON)?;
        let (low, high) = (libm::log1p(sigma_min * sigma_min), libm::log1p(sigma_max * sigma_max));
        let beta_d = 2.0 * (low / epsilon - high) / (epsilon - 1.0);
        let process = VpLinear { beta_min: high - 0.5 * beta_d, beta_d, epsilon };
        if !high.is_finite() {
            return Err(Error::Domain { argument: Argument::SigmaMax, value: sigma_max });
        }
        if beta_d < 0.0 {
            // With so small a first time β would have to fall.
            return Err(Error::Domain { argument: Argument::Epsilon, value: epsilon });
        }
        // The two coefficients cancel at the first time: what is lost to that must not go unnoticed.
        let reached =
            process.check().and_then(|()| process.at_timestep(epsilon)).map_or(0.0, |level| level.noise_to_signal());
        if (reached / sigma_min - 1.0).abs() < 1e-6 {
            Ok(process)
        } else {
            Err(Error::Domain { argument: Argument::SigmaMin, value: sigma_min })
        }
    }

    pub(crate) fn check(&self) -> Result<(), Error> {
        check::finite(Argument::BetaMin, self.beta_min)?;
        check::non_negative(Argument::BetaD, self.beta_d)?;
        check::within(Argument::Epsilon, self.epsilon, f64::MIN_POSITIVE, 1.0 - f64::EPSILON)?;
        // From there on B is positive and grows; a slightly negative β_min is what a given range can ask for.
        check::positive(Argument::BetaMin, self.beta_min + 0.5 * self.beta_d * self.epsilon).map(drop)
    }

    pub(crate) fn at_timestep(&self, timestep: f64) -> Result<NoiseLevel, Error> {
        check::within(Argument::Timestep, timestep, self.epsilon, 1.0)?;
        let b = (0.5 * self.beta_d * timestep + self.beta_min) * timestep;
        Ok(NoiseLevel { alpha: libm::exp(-0.5 * b), sigma: libm::sqrt(-libm::expm1(-b)), input_scale: 1.0, timestep })
    }

    pub(crate) fn timestep_at_sigma(&self, sigma: f64) -> f64 {
        // ln(1 + σ²), whose square may overflow.
        let b = if sigma > 1e8 { 2.0 * libm::log(sigma) } else { libm::log1p(sigma * sigma) };
        let root = libm::sqrt(self.beta_min * self.beta_min + 2.0 * self.beta_d * b);
        // Of the two forms of the root, the one without cancellation.
        let t =
            if self.beta_min >= 0.0 { 2.0 * b / (self.beta_min + root) } else { (root - self.beta_min) / self.beta_d };
        nearest_within(t, self.epsilon, 1.0)
    }
}

/// ᾱ(t) = cos²((t + s)/(1 + s)·π/2)/cos²(s/(1 + s)·π/2) (Nichol and Dhariwal 2021, eq. 17, in continuous time).
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct VpCosine {
    /// The offset s.
    pub offset: f64,
    /// The smallest time that the network knows.
    pub epsilon: f64,
}

impl Default for VpCosine {
    /// s = 0.008, ε = 10⁻³.
    fn default() -> Self {
        VpCosine { offset: 0.008, epsilon: 1e-3 }
    }
}

impl VpCosine {
    pub(crate) fn check(&self) -> Result<(), Error> {
        // Beyond any use; far greater ones would leave no angle between start and end.
        check::within(Argument::Offset, self.offset, 0.0, 1e3)?;
        check::within(Argument::Epsilon, self.epsilon, f64::MIN_POSITIVE, 1.0 - f64::EPSILON).map(drop)
    }

    fn angle(&self, timestep: f64) -> f64 {
        (timestep + self.offset) / (1.0 + self.offset) * core::f64::consts::FRAC_PI_2
    }

    pub(crate) fn at_timestep(&self, timestep: f64) -> Result<NoiseLevel, Error> {
        check::within(Argument::Timestep, timestep, self.epsilon, 1.0)?;
        let (here, start) = (self.angle(timestep), self.angle(0.0));
        let norm = libm::cos(start);
        // cos²b − cos²a = sin(a − b)·sin(a + b): no cancellation near t = 0.
        let variance = libm::sin(here - start) * libm::sin(here + start);
        let alpha = if timestep == 1.0 { 0.0 } else { libm::cos(here) / norm };
        Ok(NoiseLevel { alpha, sigma: libm::sqrt(variance) / norm, input_scale: 1.0, timestep })
    }

    pub(crate) fn timestep_at_sigma(&self, sigma: f64) -> f64 {
        let start = self.angle(0.0);
        let (sine, cosine) = (libm::sin(start), libm::cos(start));
        let norm = libm::hypot(1.0, sigma);
        let here = libm::atan2(libm::hypot(sigma / norm * cosine, sine), cosine / norm);
        let t = here / core::f64::consts::FRAC_PI_2 * (1.0 + self.offset) - self.offset;
        nearest_within(t, self.epsilon, 1.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_range_of_a_fitted_process_is_met() {
        let p = VpLinear::from_sigma_range(0.002, 80.0, 1e-3).unwrap();
        p.check().unwrap();
        assert!((p.beta_min + 0.004768986493614236).abs() < 1e-9);
        assert!((p.at_timestep(1e-3).unwrap().noise_to_signal() / 0.002 - 1.0).abs() < 1e-9);
        assert!((p.at_timestep(1.0).unwrap().noise_to_signal() / 80.0 - 1.0).abs() < 1e-12);
        assert!((p.timestep_at_sigma(0.05) - p.timestep_at_sigma(0.05 * (1.0 + 1e-15))).abs() < 1e-12);
    }

    #[test]
    fn cosine_starts_clean_and_ends_in_noise() {
        let p = VpCosine::default();
        let end = p.at_timestep(1.0).unwrap();
        assert_eq!(end.alpha, 0.0);
        assert!((end.sigma - 1.0).abs() < 1e-15);
        assert!(p.at_timestep(0.0).is_err());
        for t in [1e-3, 0.02, 0.5, 0.999] {
            let level = p.at_timestep(t).unwrap();
            assert!((level.alpha.powi(2) + level.sigma.powi(2) - 1.0).abs() < 1e-15);
        }
    }

    #[test]
    fn impossible_processes_are_refused() {
        assert!(VpLinear { beta_min: -1.0, ..VpLinear::default() }.check().is_err());
        assert!(VpLinear { beta_d: f64::NAN, ..VpLinear::default() }.check().is_err());
        assert!(VpLinear { beta_min: 0.0, beta_d: 0.0, epsilon: 0.1 }.check().is_err());
        assert!(VpLinear::from_sigma_range(80.0, 0.002, 1e-3).is_err());
        assert!(VpLinear::from_sigma_range(0.002, 80.0, 0.0).is_err());
        assert!(VpCosine { offset: -1.0, ..VpCosine::default() }.check().is_err());
    }
}
