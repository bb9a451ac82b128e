//! The stochastic DPM-Solver++ of second order, multistep.

use super::dpm::{step_ratio, with_history};
use super::{Interval, SecondOrder, Solver, psi};
use crate::diffusion::schedule::Schedule;
use crate::diffusion::step::{Row, Step};
use crate::error::{Argument, Error, check};

/// SDE-DPM-Solver++(2M) (Lu et al. 2022, section 5; k-diffusion's `sample_dpmpp_2m_sde`).
///
/// With k = (1 + η)·h:
/// x' = (σₛ/σₜ)·e^(−ηh)·x + αₛ·(1 − e^(−k))·D + w·(h/h₋₁)·(D − D₋₁) + `s_noise`·σₛ·√(1 − e^(−2ηh))·z,
/// where w = αₛ·(1 − e^(−k))/2, or αₛ·(1 + (e^(−k) − 1)/k) for the exact integral of a line in λ. η = 1 is the solver
/// of the papers, η = 0 is DPM-Solver++(2M). Align Your Steps writes λ² for η.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct SdeDpmPp2M {
    /// How stochastic the path is; not negative.
    pub eta: f64,
    /// The factor on the noise, usually 1.
    pub s_noise: f64,
    /// The last step is of first order even where it does not end at σ = 0.
    pub lower_order_final: bool,
    /// How the second-order term is weighted.
    pub second_order: SecondOrder,
}

impl Default for SdeDpmPp2M {
    /// η = 1, noise as it is, the midpoint rule.
    fn default() -> Self {
        SdeDpmPp2M { eta: 1.0, s_noise: 1.0, lower_order_final: false, second_order: SecondOrder::Midpoint }
    }
}

impl Solver for SdeDpmPp2M {
    const SLOTS: usize = 1;

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
        let Interval { to, h, .. } = interval;
        // For η = 0 an infinite h must not meet the zero.
        let (decay, signal, noise) = if self.eta == 0.0 {
            (1.0, interval.signal, 0.0)
        } else {
            let noise = libm::sqrt(-libm::expm1(-2.0 * self.eta * h));
            (libm::exp(-self.eta * h), -to.alpha * libm::expm1(-(1.0 + self.eta) * h), to.sigma * noise * self.s_noise)
        };
        let row = Row { x: interval.sigma_ratio * decay, denoised: signal, noise, ..Row::default() };
        let weight = match step_ratio(schedule, index, &interval, self.lower_order_final)? {
            None => 0.0,
            Some(r) => match self.second_order {
                SecondOrder::Midpoint => 0.5 * signal / r,
                SecondOrder::Heun => to.alpha * -psi(1, -(1.0 + self.eta) * h) / r,
            },
        };
        with_history(schedule, index, row, weight)
    }
}
