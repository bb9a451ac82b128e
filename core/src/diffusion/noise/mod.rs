//! Forward processes: how much signal and how much noise there is at each time, and which time it is at each amount.
//!
//! All processes are Gaussian with xₜ = αₜ·x₀ + σₜ·ε. They differ in the pair (αₜ, σₜ), in the time that the network
//! is told, and in the factor by which its input is scaled: the four numbers of a [`NoiseLevel`], which is all that
//! predictions and solvers need to know.

mod continuous;
mod discrete;
mod flow;

pub use continuous::{VpCosine, VpLinear};
pub use discrete::{
    VpDiscrete, alpha_bars_from_betas, fill_betas_laplace, fill_betas_linear, fill_betas_scaled_linear,
    fill_betas_sigmoid, fill_betas_squared_cosine, rescale_zero_terminal_snr,
};
pub use flow::{RectifiedFlow, ShiftKind, shift, shift_dynamic, shift_for_sequence_length, stretch_terminal};

use crate::error::{Argument, Error, check};

/// One noise level: the state is x = α·x₀ + σ·ε, the network is given `input_scale`·x and `timestep`.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
#[repr(C)]
pub struct NoiseLevel {
    /// The factor α on the clean sample: 1 for variance-exploding states, 0 where only noise is left.
    pub alpha: f64,
    /// The standard deviation σ of the noise: 0 at the clean sample.
    pub sigma: f64,
    /// The factor on the state before it is fed to the network.
    pub input_scale: f64,
    /// The time that the network is told; real-valued.
    pub timestep: f64,
}

impl NoiseLevel {
    /// ᾱ = α²/(α² + σ²).
    pub fn alpha_bar(&self) -> f64 {
        // By way of the root: squares of very large or small levels would not be finite, or would all be 0.
        let alpha = self.alpha / libm::hypot(self.alpha, self.sigma);
        alpha * alpha
    }

    /// σ/α, the standard deviation of the noise in units of the clean sample: ∞ where α = 0.
    pub fn noise_to_signal(&self) -> f64 {
        self.sigma / self.alpha
    }

    /// λ = ln(α/σ), half the logarithm of the signal-to-noise ratio: ∞ at the clean sample, −∞ where α = 0.
    pub fn half_log_snr(&self) -> f64 {
        let ratio = self.alpha / self.sigma;
        if ratio.is_normal() { libm::log(ratio) } else { libm::log(self.alpha) - libm::log(self.sigma) }
    }

    /// The same level for a state that is `scale` times as large; the network sees the same input as before.
    ///
    /// # Errors
    ///
    /// [`Error::Domain`] for a `scale` that is not positive, and for `level` when it, or the result, is none.
    pub fn scaled(&self, scale: f64) -> Result<NoiseLevel, Error> {
        self.check(Argument::Level)?;
        check::positive(Argument::Scale, scale)?;
        let level = NoiseLevel {
            alpha: self.alpha * scale,
            sigma: self.sigma * scale,
            input_scale: self.input_scale / scale,
            timestep: self.timestep,
        };
        level.check(Argument::Level)?;
        Ok(level)
    }

    /// The same level for the state x/α, in which noise is added but the signal never shrinks.
    ///
    /// k-diffusion and most Euler samplers work in this form even for variance-preserving networks.
    ///
    /// # Errors
    ///
    /// [`Error::Domain`] for `level` where α = 0.
    pub fn variance_exploding(&self) -> Result<NoiseLevel, Error> {
        check::positive(Argument::Level, self.alpha)?;
        check::positive(Argument::Level, 1.0 / self.alpha)?;
        let level = NoiseLevel { alpha: 1.0, ..self.scaled(1.0 / self.alpha)? };
        Ok(NoiseLevel { sigma: self.sigma / self.alpha, input_scale: self.input_scale * self.alpha, ..level })
    }

    /// Checks that this is a level: α, σ ≥ 0 and not both 0, a positive input scale, everything finite.
    ///
    /// # Errors
    ///
    /// [`Error::Domain`] for `argument`, the name that the caller has for the level.
    pub fn check(&self, argument: Argument) -> Result<(), Error> {
        check::non_negative(argument, self.alpha)?;
        check::non_negative(argument, self.sigma)?;
        check::positive(argument, self.alpha + self.sigma)?;
        check::positive(argument, self.input_scale)?;
        check::finite(argument, self.timestep)?;
        Ok(())
    }

    /// Whether `self` is strictly noisier than `other`, by cross-multiplication: α may be 0.
    pub(crate) fn is_noisier_than(&self, other: &NoiseLevel) -> bool {
        self.sigma * other.alpha > other.sigma * self.alpha
    }
}

/// A forward process: maps a time or an amount of noise to a [`NoiseLevel`].
///
/// "Sigma" is what the community calls so for the process: σ/α for variance-preserving and variance-exploding
/// processes, the flow time s for a rectified flow.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub enum Process<'a> {
    /// Variance preserving, on the table ᾱ that the network was trained with.
    VpDiscrete(VpDiscrete<'a>),
    /// Variance preserving in continuous time with β(t) = β_min + β_d·t.
    VpLinear(VpLinear),
    /// Variance preserving in continuous time with a squared-cosine ᾱ(t).
    VpCosine(VpCosine),
    /// Variance exploding with EDM's input scale 1/√(σ² + σ_data²) and time ln(σ)/4 (Karras et al. 2022, table 1).
    Edm {
        /// The standard deviation of the data.
        sigma_data: f64,
    },
    /// Variance exploding with unscaled input; the network is told σ itself.
    Ve,
    /// Rectified flow: α = 1 − s, σ = s.
    Flow(RectifiedFlow),
}

impl Process<'_> {
    /// Checks the parameters.
    ///
    /// # Errors
    ///
    /// [`Error::Domain`], [`Error::Order`] or [`Error::TooShort`], naming the parameter.
    pub fn check(&self) -> Result<(), Error> {
        match self {
            Process::VpDiscrete(p) => p.check(),
            Process::VpLinear(p) => p.check(),
            Process::VpCosine(p) => p.check(),
            // Below this the input scale at the clean sample would overflow.
            Process::Edm { sigma_data } => {
                check::within(Argument::SigmaData, *sigma_data, f64::MIN_POSITIVE, f64::MAX).map(drop)
            }
            Process::Ve => Ok(()),
            Process::Flow(p) => p.check(),
        }
    }

    /// The level at a timestep; fractional ones are interpolated where the process is a table.
    ///
    /// # Errors
    ///
    /// [`Error::Domain`] for `timestep` outside the process's range; any error of [`Process::check`].
    pub fn at_timestep(&self, timestep: f64) -> Result<NoiseLevel, Error> {
        self.check()?;
        self.known_at_timestep(timestep)
    }

    /// [`Process::at_timestep`] of a process that has been checked.
    fn known_at_timestep(&self, timestep: f64) -> Result<NoiseLevel, Error> {
        check::finite(Argument::Timestep, timestep)?;
        match self {
            Process::VpDiscrete(p) => p.at_timestep(timestep),
            Process::VpLinear(p) => p.at_timestep(timestep),
            Process::VpCosine(p) => p.at_timestep(timestep),
            Process::Edm { .. } => {
                let sigma = libm::exp(4.0 * timestep);
                check::within(Argument::Timestep, timestep, f64::MIN, if sigma.is_finite() { f64::MAX } else { 0.0 })?;
                self.known_at_sigma(sigma).map(|level| NoiseLevel { timestep, ..level })
            }
            Process::Ve => {
                check::non_negative(Argument::Timestep, timestep)?;
                self.known_at_sigma(timestep)
            }
            Process::Flow(p) => p.at_timestep(timestep),
        }
    }

    /// The level with a given sigma, which is kept exactly; the time is found by inverting the process.
    ///
    /// A sigma outside the range of a table gets the nearest time that the network knows.
    ///
    /// # Errors
    ///
    /// [`Error::Domain`] for a `sigma` that is negative or not finite, or greater than 1 for a flow; any error of
    /// [`Process::check`].
    pub fn at_sigma(&self, sigma: f64) -> Result<NoiseLevel, Error> {
        self.check()?;
        self.known_at_sigma(sigma)
    }

    /// [`Process::at_sigma`] of a process that has been checked.
    fn known_at_sigma(&self, sigma: f64) -> Result<NoiseLevel, Error> {
        check::non_negative(Argument::Sigma, sigma)?;
        let preserving = |timestep| {
            let norm = libm::hypot(1.0, sigma);
            NoiseLevel { alpha: 1.0 / norm, sigma: sigma / norm, input_scale: 1.0, timestep }
        };
        Ok(match self {
            Process::VpDiscrete(p) => preserving(p.timestep_at_sigma(sigma)),
            Process::VpLinear(p) => preserving(p.timestep_at_sigma(sigma)),
            Process::VpCosine(p) => preserving(p.timestep_at_sigma(sigma)),
            Process::Edm { sigma_data } => NoiseLevel {
                alpha: 1.0,
                sigma,
                input_scale: 1.0 / libm::hypot(sigma, *sigma_data),
                // The clean sample is never fed to the network: any finite time will do.
                timestep: if sigma > 0.0 { libm::log(sigma) / 4.0 } else { 0.0 },
            },
            Process::Ve => NoiseLevel { alpha: 1.0, sigma, input_scale: 1.0, timestep: sigma },
            Process::Flow(p) => p.at_sigma(sigma)?,
        })
    }

    /// The level with a given σ/α, whatever the process calls sigma.
    ///
    /// # Errors
    ///
    /// [`Error::Domain`] for `sigma` that is negative or not finite; any error of [`Process::check`].
    pub fn at_noise_to_signal(&self, sigma: f64) -> Result<NoiseLevel, Error> {
        self.check()?;
        self.known_at_noise_to_signal(sigma)
    }

    /// [`Process::at_noise_to_signal`] of a process that has been checked.
    pub(crate) fn known_at_noise_to_signal(&self, ratio: f64) -> Result<NoiseLevel, Error> {
        check::non_negative(Argument::Sigma, ratio)?;
        match self {
            // Not by way of 1 − s, in which a small α loses its digits.
            Process::Flow(p) => Ok(NoiseLevel {
                alpha: 1.0 / (1.0 + ratio),
                ..p.at_sigma(if ratio > 1.0 { 1.0 / (1.0 + 1.0 / ratio) } else { ratio / (1.0 + ratio) })?
            }),
            _ => self.known_at_sigma(ratio),
        }
    }

    /// The level with λ = ln(α/σ).
    ///
    /// # Errors
    ///
    /// [`Error::Domain`] for `half_log_snr` that is not finite, or so low that σ/α overflows; any error of
    /// [`Process::check`].
    pub fn at_half_log_snr(&self, half_log_snr: f64) -> Result<NoiseLevel, Error> {
        check::within(Argument::HalfLogSnr, half_log_snr, -700.0, f64::MAX)?;
        self.at_noise_to_signal(libm::exp(-half_log_snr))
    }

    /// The level with ᾱ = α²/(α² + σ²).
    ///
    /// # Errors
    ///
    /// [`Error::Domain`] for `alpha_bar` outside (0, 1]; any error of [`Process::check`].
    pub fn at_alpha_bar(&self, alpha_bar: f64) -> Result<NoiseLevel, Error> {
        check::within(Argument::AlphaBar, alpha_bar, f64::MIN_POSITIVE, 1.0)?;
        self.at_noise_to_signal(libm::sqrt((1.0 - alpha_bar) / alpha_bar))
    }

    /// Fills `levels` from as many sigmas, which must be strictly decreasing.
    ///
    /// # Errors
    ///
    /// [`Error::Length`] for `sigmas`; [`Error::Order`] or [`Error::Domain`] for `sigmas`; any error of the process.
    pub fn fill_levels(&self, levels: &mut [NoiseLevel], sigmas: &[f64]) -> Result<(), Error> {
        self.check()?;
        check::length(Argument::Sigmas, levels.len(), sigmas.len())?;
        crate::diffusion::schedule::check_decreasing(Argument::Sigmas, sigmas)?;
        for &sigma in sigmas {
            self.known_at_sigma(sigma).map_err(|_| Error::Domain { argument: Argument::Sigmas, value: sigma })?;
        }
        for (level, &sigma) in levels.iter_mut().zip(sigmas) {
            *level = self.known_at_sigma(sigma)?;
        }
        Ok(())
    }

    /// Fills `levels` from one timestep fewer, strictly decreasing, and a last level as `last` says.
    ///
    /// With [`Last::SigmaMin`] the last level is the least noisy one of the process: ᾱ of the first training step, or
    /// the smallest time of a continuous process; a process without such a level gives an error.
    ///
    /// [`Last::SigmaMin`]: crate::diffusion::schedule::Last::SigmaMin
    ///
    /// # Errors
    ///
    /// [`Error::Length`], [`Error::Order`] or [`Error::Domain`] for `timesteps`; [`Error::Order`] for `timesteps` also
    /// when the last one is not noisier than the last level; any error of the process.
    pub fn fill_levels_at_timesteps(
        &self,
        levels: &mut [NoiseLevel],
        timesteps: &[f64],
        last: crate::diffusion::schedule::Last,
    ) -> Result<(), Error> {
        use crate::diffusion::schedule::{Last, check_decreasing};
        self.check()?;
        check::at_least(Argument::Levels, 2, levels.len())?;
        check::length(Argument::Timesteps, levels.len() - 1, timesteps.len())?;
        check_decreasing(Argument::Timesteps, timesteps)?;
        let last = match last {
            Last::Zero => self.known_at_sigma(0.0)?,
            Last::SigmaMin => self.least_noisy()?,
        };
        for (index, &timestep) in timesteps.iter().enumerate() {
            let domain = Error::Domain { argument: Argument::Timesteps, value: timestep };
            if !self.known_at_timestep(timestep).map_err(|_| domain)?.is_noisier_than(&last) {
                return Err(Error::Order { argument: Argument::Timesteps, index });
            }
        }
        for (level, &timestep) in levels.iter_mut().zip(timesteps) {
            *level = self.known_at_timestep(timestep)?;
        }
        if let Some(level) = levels.last_mut() {
            *level = last;
        }
        Ok(())
    }

    /// The least noisy level that the process itself reaches.
    fn least_noisy(&self) -> Result<NoiseLevel, Error> {
        match self {
            Process::VpDiscrete(p) => p.at_timestep(0.0),
            Process::VpLinear(p) => p.at_timestep(p.epsilon),
            Process::VpCosine(p) => p.at_timestep(p.epsilon),
            Process::Edm { .. } | Process::Ve | Process::Flow(_) => {
                Err(Error::Domain { argument: Argument::Last, value: 1.0 })
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diffusion::schedule::Last;

    fn processes() -> [Process<'static>; 5] {
        [
            Process::VpLinear(VpLinear::default()),
            Process::VpCosine(VpCosine::default()),
            Process::Edm { sigma_data: 0.5 },
            Process::Ve,
            Process::Flow(RectifiedFlow::default()),
        ]
    }

    #[test]
    fn sigma_to_level_to_sigma_is_the_identity() {
        for process in processes() {
            for ratio in [1e-3, 0.1, 1.0, 7.0, 80.0] {
                let level = process.at_noise_to_signal(ratio).unwrap();
                assert!((level.noise_to_signal() / ratio - 1.0).abs() < 1e-14, "{process:?} {ratio}");
                let by_snr = process.at_half_log_snr(level.half_log_snr()).unwrap();
                assert!((by_snr.noise_to_signal() / ratio - 1.0).abs() < 1e-14);
                let by_bar = process.at_alpha_bar(level.alpha_bar()).unwrap();
                assert!((by_bar.noise_to_signal() / ratio - 1.0).abs() < 1e-9);
            }
        }
    }

    #[test]
    fn timestep_to_level_to_timestep_is_the_identity() {
        for process in processes() {
            for t in [0.01, 0.3, 0.7, 0.99] {
                let level = process.at_timestep(t).unwrap();
                let again = process.at_noise_to_signal(level.noise_to_signal()).unwrap();
                assert!((again.timestep / t - 1.0).abs() < 1e-12, "{process:?} {t} {}", again.timestep);
            }
        }
    }

    #[test]
    fn variance_exploding_feeds_the_network_the_same_input() {
        let level = Process::VpLinear(VpLinear::default()).at_timestep(0.4).unwrap();
        let ve = level.variance_exploding().unwrap();
        assert_eq!((ve.alpha, ve.timestep), (1.0, level.timestep));
        let (x0, noise) = (0.3, -1.2);
        let input = level.input_scale * (level.alpha * x0 + level.sigma * noise);
        assert!((ve.input_scale * (x0 + ve.sigma * noise) - input).abs() < 1e-15);
        assert!(NoiseLevel { alpha: 0.0, ..level }.variance_exploding().is_err());
    }

    #[test]
    fn levels_are_refused_whole() {
        let mut levels = [NoiseLevel::default(); 3];
        for sigmas in [[1.0, 1.0, 0.0], [1.0, f64::NAN, 0.0], [1.0, 0.5, -0.1], [f64::INFINITY, 1.0, 0.0]] {
            assert!(Process::Ve.fill_levels(&mut levels, &sigmas).is_err());
            assert_eq!(levels, [NoiseLevel::default(); 3]);
        }
        assert!(Process::Flow(RectifiedFlow::default()).fill_levels(&mut levels, &[1.5, 1.0, 0.0]).is_err());
        assert!(Process::Ve.fill_levels_at_timesteps(&mut levels, &[2.0, 1.0], Last::SigmaMin).is_err());
        assert!(Process::Edm { sigma_data: f64::NAN }.fill_levels(&mut levels, &[2.0, 1.0, 0.0]).is_err());
        assert_eq!(levels, [NoiseLevel::default(); 3]);
        assert!(Process::Ve.fill_levels_at_timesteps(&mut levels, &[2.0, 1.0], Last::Zero).is_ok());
    }
}
