//! DPM-Solver++ of second order, multistep.

use super::{Interval, SecondOrder, Solver, psi};
use crate::diffusion::schedule::Schedule;
use crate::diffusion::step::{Row, Step};
use crate::error::Error;

/// DPM-Solver++(2M) (Lu et al. 2022, algorithm 2): the exact solution for a D that is linear in λ, from D here and at
/// the step before.
///
/// x' = (σₛ/σₜ)·x + αₛ·(1 − e^(−h))·D̃ with D̃ = D + (h/2h₋₁)·(D − D₋₁). The first step, and the step to σ = 0, are of
/// first order.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct DpmPp2M {
    /// The last step is of first order even where it does not end at σ = 0, which steadies runs of few steps.
    pub lower_order_final: bool,
    /// How the second-order term is weighted.
    pub second_order: SecondOrder,
}

/// h₋₁/h of a multistep method of second order at a position, or none where it has to be of first order.
pub(super) fn step_ratio(
    schedule: &Schedule,
    index: usize,
    interval: &Interval,
    lower_order_final: bool,
) -> Result<Option<f64>, Error> {
    let is_last = index + 1 == schedule.steps();
    if index == 0 || !interval.h.is_finite() || (is_last && lower_order_final) {
        return Ok(None);
    }
    let ratio = Interval::at(schedule, index - 1)?.h / interval.h;
    Ok(ratio.is_finite().then_some(ratio))
}

/// Adds `weight`·(D − D₋₁) to a row and has D stored for the step after, if there is one.
pub(super) fn with_history(schedule: &Schedule, index: usize, mut row: Row, weight: f64) -> Result<Step, Error> {
    let (from, to) = schedule.ends(index)?;
    row.denoised += weight;
    let [previous, ..] = &mut row.slots;
    *previous = -weight;
    let step = Step::new(from, to, schedule.prediction().denoised(&from)?, index).state(row);
    let is_last = index + 1 == schedule.steps();
    if is_last { step } else { step.store(0, Row { denoised: 1.0, ..Row::default() }) }.finite()
}

impl Solver for DpmPp2M {
    const SLOTS: usize = 1;

    fn check(&self) -> Result<(), Error> {
        Ok(())
    }

    fn passes(&self, schedule: &Schedule) -> Result<usize, Error> {
        Ok(schedule.steps())
    }

    fn step(&self, schedule: &Schedule, index: usize) -> Result<Step, Error> {
        let interval = Interval::at(schedule, index)?;
        let row = Row { x: interval.sigma_ratio, denoised: interval.signal, ..Row::default() };
        let weight = match step_ratio(schedule, index, &interval, self.lower_order_final)? {
            None => 0.0,
            Some(r) => match self.second_order {
                SecondOrder::Midpoint => 0.5 * interval.signal / r,
                // αₛ·((e^(−h) − 1)/h + 1)
                SecondOrder::Heun => interval.to.alpha * -psi(1, -interval.h) / r,
            },
        };
        with_history(schedule, index, row, weight)
    }
}
