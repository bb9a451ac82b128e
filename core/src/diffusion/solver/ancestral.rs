//! Euler's method with a part of the noise taken out and put back anew.

use super::{Interval, Solver};
use crate::diffusion::schedule::Schedule;
use crate::diffusion::step::{Row, Step};
use crate::error::{Argument, Error, check};

/// Ancestral Euler (k-diffusion's `sample_euler_ancestral`); with η = 0 plain Euler, with η = 1 ancestral sampling of
/// DDPM and the stochastic DDIM of Align Your Steps.
///
/// In units of the clean sample, from t to s: σ_up = min(s, η·s·√(t² − s²)/t), σ_down² = s² − σ_up²,
/// x' = D + (σ_down/t)·(x − D) + `s_noise`·σ_up·z.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct EulerAncestral {
    /// How much of the noise is drawn anew; not negative, usually 0 to 1.
    pub eta: f64,
    /// The factor on the fresh noise, usually 1.
    pub s_noise: f64,
}

impl Default for EulerAncestral {
    /// η = 1, noise as it is.
    fn default() -> Self {
        EulerAncestral { eta: 1.0, s_noise: 1.0 }
    }
}

/// σ_down and σ_up of a step, in the state's own units; σ_down² + σ_up² = σₛ².
pub(super) fn ancestral_split(interval: &Interval, eta: f64) -> (f64, f64) {
    let rho = interval.sigma_ratio * interval.from.alpha / interval.to.alpha;
    // No length, no noise: the sum below need not be exactly 1.
    if rho == 1.0 {
        return (interval.to.sigma, 0.0);
    }
    // 1 − η²·(1 − ρ²) without the cancellation that costs η = 1 its digits; below 0 the noise is capped.
    let kept = (1.0 - eta) * (1.0 + eta) + (eta * rho) * (eta * rho);
    if kept <= 0.0 {
        return (0.0, interval.to.sigma);
    }
    let up = eta * libm::sqrt((1.0 - rho) * (1.0 + rho));
    (interval.to.sigma * libm::sqrt(kept), interval.to.sigma * up)
}

impl Solver for EulerAncestral {
    const SLOTS: usize = 0;

    fn check(&self) -> Result<(), Error> {
        check::non_negative(Argument::Eta, self.eta)?;
        check::non_negative(Argument::SNoise, self.s_noise).map(drop)
    }

    fn passes(&self, schedule: &Schedule) -> Result<usize, Error> {
        self.check()?;
        Ok(schedule.steps())
    }

    fn step(&self, schedule: &Schedule, index: usize) -> Result<Step, Error> {
        self.check()?;
        let interval = Interval::at(schedule, index)?;
        let Interval { from, to, .. } = interval;
        let (down, up) = ancestral_split(&interval, self.eta);
        let kept = down / from.sigma;
        let row = Row { x: kept, denoised: to.alpha - from.alpha * kept, noise: up * self.s_noise, ..Row::default() };
        Step::new(from, to, schedule.prediction().denoised(&from)?, index).state(row).finite()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diffusion::noise::NoiseLevel;

    fn interval(t: f64, s: f64) -> Interval {
        let level = |sigma| NoiseLevel { alpha: 1.0, sigma, input_scale: 1.0, timestep: 0.0 };
        Interval::new(level(t), level(s))
    }

    #[test]
    fn the_split_keeps_the_variance() {
        for eta in [0.0, 0.3, 1.0, 1.7] {
            for (t, s) in [(80.0, 3.0), (1.0, 0.999), (1.0, 1e-9), (2.0, 0.0)] {
                let (down, up) = ancestral_split(&interval(t, s), eta);
                assert!((down * down + up * up - s * s).abs() <= 1e-15 * s * s, "{eta} {t} {s}");
            }
        }
    }

    #[test]
    fn without_eta_there_is_no_noise_and_with_one_it_is_the_posterior() {
        assert_eq!(ancestral_split(&interval(3.0, 2.0), 0.0), (2.0, 0.0));
        let (down, up) = ancestral_split(&interval(3.0, 2.0), 1.0);
        assert!((down - 4.0 / 3.0).abs() < 1e-15);
        assert!((up - 2.0 * (1.0f64 - 4.0 / 9.0).sqrt()).abs() < 1e-15);
    }
}
