//! Denoising diffusion implicit models, with any share of DDPM's noise.

use super::ancestral::ancestral_split;
use super::{Interval, Solver};
use crate::diffusion::noise::NoiseLevel;
use crate::diffusion::prediction::Prediction;
use crate::diffusion::schedule::Schedule;
use crate::diffusion::step::{Row, Step};
use crate::error::{Argument, Error, check};

/// DDIM (Song, Meng and Ermon 2021, eq. 12): x' = αₛ·D + √(σₛ² − σ_η²)·ε + σ_η·z with
/// σ_η = η·(σₛ/σₜ)·√(1 − ᾱₜ/ᾱₛ) for variance-preserving states, and the same in any other form.
///
/// η = 0 is the deterministic sampler, η = 1 DDPM's ancestral sampling. It differs from
/// [`EulerAncestral`](super::EulerAncestral) only where the host clips: by default the noise ε stays the one that the
/// network predicted.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Ddim {
    /// How much of DDPM's noise is added, from 0 to 1.
    pub eta: f64,
    /// Take ε from the clipped estimate, as DDPM's posterior does, rather than keep the network's own.
    pub use_clipped_model_output: bool,
}

impl Ddim {
    /// A step between any two levels, outside a schedule: also of length zero, and for η = 0 towards more noise, which
    /// is DDIM inversion.
    ///
    /// # Errors
    ///
    /// Those of [`Solver::check`]; [`Error::Domain`] for `from` or `to` that is no level, for `from` without noise, and
    /// for `eta` when it is not 0 and the step leads towards more noise.
    pub fn between(&self, from: NoiseLevel, to: NoiseLevel, prediction: Prediction) -> Result<Step, Error> {
        self.check()?;
        from.check(Argument::From)?;
        to.check(Argument::To)?;
        check::positive(Argument::From, from.sigma)?;
        if self.eta > 0.0 && to.is_noisier_than(&from) {
            return Err(Error::Domain { argument: Argument::Eta, value: self.eta });
        }
        self.make(&Interval::new(from, to), prediction, 0)
    }

    fn make(&self, interval: &Interval, prediction: Prediction, index: usize) -> Result<Step, Error> {
        let Interval { from, to, .. } = *interval;
        let (down, up) = if self.eta == 0.0 { (to.sigma, 0.0) } else { ancestral_split(interval, self.eta) };
        // ε = (x − αₜ·D)/σₜ, with the clipped D or with the network's.
        let kept = down / from.sigma;
        let (denoised, raw) = if self.use_clipped_model_output {
            (to.alpha - from.alpha * kept, 0.0)
        } else {
            (to.alpha, -from.alpha * kept)
        };
        let row = Row { x: kept, denoised, raw, noise: up, ..Row::default() };
        Step::new(from, to, prediction.denoised(&from)?, index).state(row).finite()
    }
}

impl Solver for Ddim {
    const SLOTS: usize = 0;

    fn check(&self) -> Result<(), Error> {
        check::within(Argument::Eta, self.eta, 0.0, 1.0).map(drop)
    }

    fn passes(&self, schedule: &Schedule) -> Result<usize, Error> {
        self.check()?;
        Ok(schedule.steps())
    }

    fn step(&self, schedule: &Schedule, index: usize) -> Result<Step, Error> {
        self.check()?;
        self.make(&Interval::at(schedule, index)?, schedule.prediction(), index)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn vp(alpha_bar: f64) -> NoiseLevel {
        NoiseLevel { alpha: alpha_bar.sqrt(), sigma: (1.0 - alpha_bar).sqrt(), input_scale: 1.0, timestep: 0.0 }
    }

    /// DDPM's posterior q(xₛ | xₜ, x₀) (Ho et al. 2020, eq. 7).
    #[test]
    fn eta_one_is_the_ddpm_posterior() {
        let (bar_t, bar_s) = (0.3, 0.45);
        let beta = 1.0 - bar_t / bar_s;
        let step = Ddim { eta: 1.0, ..Ddim::default() }.between(vp(bar_t), vp(bar_s), Prediction::Sample).unwrap();
        let row = step.table(false)[0];
        assert!((row.model - bar_s.sqrt() * beta / (1.0 - bar_t)).abs() < 1e-15);
        assert!((row.x - (bar_t / bar_s).sqrt() * (1.0 - bar_s) / (1.0 - bar_t)).abs() < 1e-15);
        assert!((row.noise.powi(2) - (1.0 - bar_s) / (1.0 - bar_t) * beta).abs() < 1e-15);
    }

    #[test]
    fn no_length_is_the_identity_and_the_end_is_the_denoised_sample() {
        let ddim = Ddim::default();
        for prediction in [Prediction::Epsilon, Prediction::V, Prediction::Sample, Prediction::Flow] {
            let stay = ddim.between(vp(0.37), vp(0.37), prediction).unwrap().table(false)[0];
            assert_eq!((stay.x, stay.model), (1.0, 0.0));
            let end = ddim.between(vp(0.37), vp(1.0), prediction).unwrap();
            let row = end.table(false)[0];
            assert_eq!((row.x, row.model), (end.denoised.x, end.denoised.model));
        }
    }

    #[test]
    fn steps_compose_under_constant_noise() {
        let ddim = Ddim::default();
        let [a, b, c] = [vp(0.1), vp(0.4), vp(0.9)];
        let run = |x: f64, from, to| {
            let row = ddim.between(from, to, Prediction::Epsilon).unwrap().table(false)[0];
            row.x * x + row.model * 0.7
        };
        assert!((run(run(1.3, a, b), b, c) - run(1.3, a, c)).abs() < 1e-14);
        // Inversion undoes it.
        assert!((run(run(1.3, a, c), c, a) - 1.3).abs() < 1e-13);
    }

    #[test]
    fn what_makes_no_sense_is_refused() {
        let bad = |ddim: Ddim, from, to| ddim.between(from, to, Prediction::Epsilon).is_err();
        assert!(bad(Ddim { eta: f64::NAN, ..Ddim::default() }, vp(0.1), vp(0.5)));
        assert!(bad(Ddim { eta: 1.5, ..Ddim::default() }, vp(0.1), vp(0.5)));
        assert!(bad(Ddim { eta: 0.5, ..Ddim::default() }, vp(0.5), vp(0.1)));
        assert!(bad(Ddim::default(), vp(1.0), vp(1.0)));
        assert!(bad(Ddim::default(), vp(0.0), vp(0.5)));
    }
}
