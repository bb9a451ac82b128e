//! Heun's method with churn.

use super::{Interval, Solver};
use crate::diffusion::noise::NoiseLevel;
use crate::diffusion::schedule::Schedule;
use crate::diffusion::step::{Row, Step};
use crate::error::{Argument, Error, check};
use crate::scalar::nearest_within;

/// Heun's second-order method with churn (Karras et al. 2022, algorithm 2).
///
/// On the probability-flow ODE dx = D·dα + ε·dσ: a step of Euler's method to a trial state, then the mean of the two
/// slopes. The step to σ = 0 is Euler's alone, so n steps take 2n − 1 evaluations.
///
/// Churn first raises the noise from σ to (1 + γ)·σ, γ = min(`s_churn`/n, √2 − 1), where `s_tmin` ≤ σ/α ≤ `s_tmax`.
/// It is added at the end of the step before; for the very first step it takes a pass of its own, without evaluation.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Heun {
    /// How much churn in all; 0 for the deterministic method.
    pub s_churn: f64,
    /// Below this σ/α there is no churn.
    pub s_tmin: f64,
    /// Above this σ/α there is no churn; not below `s_tmin`, may be infinite.
    pub s_tmax: f64,
    /// The factor on the fresh noise, usually 1.
    pub s_noise: f64,
}

impl Default for Heun {
    /// No churn.
    fn default() -> Self {
        Heun { s_churn: 0.0, s_tmin: 0.0, s_tmax: f64::INFINITY, s_noise: 1.0 }
    }
}

impl Heun {
    fn gamma(&self, schedule: &Schedule, level: &NoiseLevel) -> f64 {
        let ratio = level.noise_to_signal();
        if ratio.is_finite() && ratio >= self.s_tmin && ratio <= self.s_tmax {
            nearest_within(self.s_churn / schedule.steps() as f64, 0.0, core::f64::consts::SQRT_2 - 1.0)
        } else {
            0.0
        }
    }

    /// The level after churn, for a state whose signal is as large as before.
    fn churned(&self, schedule: &Schedule, level: NoiseLevel) -> Result<NoiseLevel, Error> {
        let gamma = self.gamma(schedule, &level);
        if gamma == 0.0 {
            return Ok(level);
        }
        let native = schedule.process().known_at_noise_to_signal(level.noise_to_signal() * (1.0 + gamma))?;
        Ok(NoiseLevel {
            alpha: level.alpha,
            sigma: level.sigma * (1.0 + gamma),
            input_scale: native.input_scale * (native.alpha / level.alpha),
            timestep: native.timestep,
        })
    }

    /// The row that arrives at `level` then adds its churn: marks the draw as that of step `index`.
    fn with_churn(&self, step: Step, schedule: &Schedule, level: NoiseLevel, index: usize) -> Result<Step, Error> {
        let gamma = self.gamma(schedule, &level);
        if gamma == 0.0 {
            return Ok(step);
        }
        let next = self.churned(schedule, level)?;
        let mut step = Step {
            next,
            noise_index: index as u32,
            noise_from: next.noise_to_signal(),
            noise_to: level.noise_to_signal(),
            ..step
        };
        let [state, ..] = &mut step.rows;
        // √((1 + γ)² − 1)
        state.noise = level.sigma * libm::sqrt(gamma * (gamma + 2.0)) * self.s_noise;
        Ok(step)
    }

    fn starts_with_churn(&self, schedule: &Schedule) -> Result<usize, Error> {
        let (first, _) = schedule.ends(0)?;
        Ok((self.gamma(schedule, &first) > 0.0) as usize)
    }

    fn make(&self, schedule: &Schedule, index: usize) -> Result<Step, Error> {
        if index >= self.passes(schedule)? {
            return Err(Error::Domain { argument: Argument::Index, value: index as f64 });
        }
        let prologue = self.starts_with_churn(schedule)?;
        if index < prologue {
            let (first, _) = schedule.ends(0)?;
            return self.with_churn(Step::identity(first)?, schedule, first, 0);
        }
        let (position, corrects) = ((index - prologue) / 2, (index - prologue) % 2 == 1);
        let (start, to) = schedule.ends(position)?;
        let from = self.churned(schedule, start)?;
        let Interval { sigma_ratio, signal, .. } = Interval::new(from, to);
        if corrects {
            // The second half of the mean: slot + ½·(Δα·D + Δσ·ε), ε = (x − αₛ·D)/σₛ.
            let mut row =
                Row { x: 0.5 * (1.0 - 1.0 / sigma_ratio), denoised: 0.5 * signal / sigma_ratio, ..Row::default() };
            let [slot, ..] = &mut row.slots;
            *slot = 1.0;
            let step = Step::new(to, to, schedule.prediction().denoised(&to)?, position).state(row);
            let is_last = position + 1 == schedule.steps();
            return if is_last { Ok(step) } else { self.with_churn(step, schedule, to, position + 1) };
        }
        let step = Step::new(from, to, schedule.prediction().denoised(&from)?, position).state(Row {
            x: sigma_ratio,
            denoised: signal,
            ..Row::default()
        });
        if to.sigma == 0.0 {
            return Ok(step);
        }
        // x + ½·(Δα·D + Δσ·ε), with ε = (x − αₜ·D)/σₜ.
        Ok(step.store(0, Row { x: 0.5 * (1.0 + sigma_ratio), denoised: 0.5 * signal, ..Row::default() }))
    }
}

impl Solver for Heun {
    const SLOTS: usize = 1;

    fn check(&self) -> Result<(), Error> {
        check::non_negative(Argument::SChurn, self.s_churn)?;
        check::non_negative(Argument::STmin, self.s_tmin)?;
        check::within(Argument::STmax, self.s_tmax, self.s_tmin, f64::INFINITY)?;
        check::non_negative(Argument::SNoise, self.s_noise).map(drop)
    }

    fn passes(&self, schedule: &Schedule) -> Result<usize, Error> {
        self.check()?;
        let (_, last) = schedule.ends(schedule.steps() - 1)?;
        Ok(self.starts_with_churn(schedule)? + 2 * schedule.steps() - (last.sigma == 0.0) as usize)
    }

    fn step(&self, schedule: &Schedule, index: usize) -> Result<Step, Error> {
        self.make(schedule, index)?.finite()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diffusion::noise::Process;
    use crate::diffusion::prediction::Prediction;

    #[test]
    fn passes_are_counted_with_end_and_churn() {
        let process = Process::Edm { sigma_data: 0.5 };
        let mut levels = [NoiseLevel::default(); 4];
        let (plain, churn) = (Heun::default(), Heun { s_churn: 1.0, ..Heun::default() });
        for (last, evaluations) in [(0.0, 5), (0.1, 6)] {
            process.fill_levels(&mut levels, &[3.0, 2.0, 1.0, last]).unwrap();
            let schedule = Schedule::new(process, Prediction::Sample, &levels).unwrap();
            assert_eq!(plain.passes(&schedule), Ok(evaluations));
            assert_eq!(churn.passes(&schedule), Ok(evaluations + 1));
            assert_eq!(Heun { s_tmax: 2.5, ..churn }.passes(&schedule), Ok(evaluations));
            assert!(plain.step(&schedule, evaluations).is_err());
            assert_eq!(churn.step(&schedule, 0).unwrap().evaluate, 0);
        }
    }

    #[test]
    fn churn_raises_the_noise_where_it_is_told_to() {
        let process = Process::Edm { sigma_data: 0.5 };
        let mut levels = [NoiseLevel::default(); 3];
        process.fill_levels(&mut levels, &[3.0, 1.0, 0.0]).unwrap();
        let schedule = Schedule::new(process, Prediction::Sample, &levels).unwrap();
        let heun = Heun { s_churn: 0.4, s_noise: 2.0, s_tmax: 2.0, ..Heun::default() };
        let step = heun.step(&schedule, 1).unwrap();
        assert_eq!((step.next.sigma, step.noise_index), (1.2, 1));
        assert!((step.rows[0].noise - 2.0 * (1.2f64 * 1.2 - 1.0).sqrt()).abs() < 1e-15);
        assert!((step.next.timestep - 1.2f64.ln() / 4.0).abs() < 1e-15);
        assert!((step.next.input_scale - 1.0 / 1.2f64.hypot(0.5)).abs() < 1e-15);
    }
}
