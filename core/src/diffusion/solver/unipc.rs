//! The unified predictor-corrector, orders 1 to 3.

use super::{Interval, Solver, psi};
use crate::diffusion::schedule::Schedule;
use crate::diffusion::step::{Row, Step};
use crate::error::{Argument, Error, check};

/// The function B(h) that scales UniPC's correction; any with B(h) = O(h) keeps the order.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum BFunction {
    /// B₁(h) = h, recommended for unguided sampling.
    Bh1,
    /// B₂(h) = e^h − 1, recommended for guided sampling.
    #[default]
    Bh2,
}

/// UniPC-p in its data-prediction form (Zhao et al. 2023, algorithms 5 to 8).
///
/// The corrector uses the next evaluation, which the predictor needs anyway, so it costs none. Its result is not
/// stored as a state: a slot holds all of it but the term in the D that is still to come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct UniPc {
    /// The order p of the predictor, 1 to 3.
    pub order: usize,
    /// The function B(h).
    pub b_function: BFunction,
    /// How many initial steps go without a corrector; `u32::MAX` for a predictor alone.
    pub skip_corrector: u32,
    /// The order falls to 1 towards the end of the schedule.
    pub lower_order_final: bool,
}

impl Default for UniPc {
    /// Second order with B₂, corrected throughout, lower order at the end.
    fn default() -> Self {
        UniPc { order: 2, b_function: BFunction::Bh2, skip_corrector: 0, lower_order_final: true }
    }
}

/// The most terms that a step is made of: three estimates of D behind, one ahead.
const ORDER: usize = 3;

/// x' = `x`·x + Σₖ `denoised[k]`·D₋ₖ + `ahead`·D₊₁.
#[derive(Clone, Copy, Debug, Default)]
struct Formula {
    x: f64,
    denoised: [f64; ORDER],
    ahead: f64,
}

impl UniPc {
    /// The slots that this order needs.
    pub fn slots(&self) -> usize {
        self.order.clamp(1, ORDER)
    }

    /// The order at a position: not more than the history has, and 1 where h is infinite.
    fn order_at(&self, schedule: &Schedule, index: usize) -> Result<usize, Error> {
        let interval = Interval::at(schedule, index)?;
        if !interval.h.is_finite() {
            return Ok(1);
        }
        let mut order = self.slots().min(index + 1);
        if self.lower_order_final {
            order = order.min(schedule.steps() - index);
        }
        // Only the very first level can have α = 0; its λ is infinite, so its D fits no polynomial.
        let (first, _) = schedule.ends(0)?;
        Ok(if first.alpha == 0.0 { order.min(index.max(1)) } else { order })
    }

    /// Whether the result of a step is corrected at the evaluation that follows.
    fn is_corrected(&self, schedule: &Schedule, index: usize) -> Result<bool, Error> {
        let is_last = index + 1 == schedule.steps();
        Ok(!is_last && index as u64 >= self.skip_corrector as u64 && Interval::at(schedule, index)?.h.is_finite())
    }

    /// rₖ = (λ₋ₖ − λ₀)/h for the estimates behind: negative.
    fn node(schedule: &Schedule, index: usize, behind: usize, h: f64) -> Result<f64, Error> {
        let (here, _) = schedule.ends(index)?;
        let (there, _) = schedule.ends(index.saturating_sub(behind))?;
        Ok(libm::log((here.sigma * there.alpha) / (there.sigma * here.alpha)) / h)
    }

    /// The predictor, or with `ahead` the corrector, at a position.
    fn formula(&self, schedule: &Schedule, index: usize, ahead: bool) -> Result<Formula, Error> {
        let interval = Interval::at(schedule, index)?;
        let order = self.order_at(schedule, index)?;
        let mut formula = Formula { x: interval.sigma_ratio, ..Formula::default() };
        let [here, behind @ ..] = &mut formula.denoised;
        *here = interval.signal;
        let unknowns = order - 1 + ahead as usize;
        if unknowns == 0 {
            return Ok(formula);
        }
        let mut nodes = [0.0; ORDER];
        for (k, node) in nodes.iter_mut().enumerate().take(order - 1) {
            *node = Self::node(schedule, index, k + 1, interval.h)?;
        }
        if let (true, Some(node)) = (ahead, nodes.get_mut(order - 1)) {
            *node = 1.0;
        }
        let big_h = -interval.h;
        let b = match self.b_function {
            BFunction::Bh1 => big_h,
            BFunction::Bh2 => libm::expm1(big_h),
        };
        // bⱼ = j!·ψⱼ/B. With a single unknown the paper takes ½, whatever B is.
        let moments = [psi(1, big_h) / b, 2.0 * psi(2, big_h) / b, 6.0 * psi(3, big_h) / b];
        let rho = if unknowns == 1 { [0.5, 0.0, 0.0] } else { solve(unknowns, nodes, moments) };
        for (k, (&node, &rho)) in nodes.iter().zip(&rho).enumerate().take(unknowns) {
            let weight = interval.to.alpha * b * rho / node;
            *here += weight;
            if k == order - 1 {
                formula.ahead = -weight;
            } else if let Some(behind) = behind.get_mut(k) {
                *behind = -weight;
            }
        }
        Ok(formula)
    }

    /// The slot in which the D of a position is kept. Slot 0 holds the corrector.
    fn slot_of(&self, index: usize) -> usize {
        1 + index.checked_rem(self.slots() - 1).unwrap_or(0)
    }
}

/// ρ with Σₖ ρₖ·rₖ^(j−1) = bⱼ for j from 1 to n, n = 2 or 3: Lagrange's formula for a Vandermonde system.
fn solve(n: usize, r: [f64; ORDER], b: [f64; ORDER]) -> [f64; ORDER] {
    let [r1, r2, r3] = r;
    let [b1, b2, b3] = b;
    if n == 2 {
        [(b2 - b1 * r2) / (r1 - r2), (b2 - b1 * r1) / (r2 - r1), 0.0]
    } else {
        let one = |k: f64, i: f64, j: f64| (b3 - b2 * (i + j) + b1 * i * j) / ((k - i) * (k - j));
        [one(r1, r2, r3), one(r2, r1, r3), one(r3, r1, r2)]
    }
}

impl Solver for UniPc {
    const SLOTS: usize = ORDER;

    fn check(&self) -> Result<(), Error> {
        check::within(Argument::Order, self.order as f64, 1.0, ORDER as f64).map(drop)
    }

    fn passes(&self, schedule: &Schedule) -> Result<usize, Error> {
        self.check()?;
        Ok(schedule.steps())
    }

    fn step(&self, schedule: &Schedule, index: usize) -> Result<Step, Error> {
        self.check()?;
        let (from, to) = schedule.ends(index)?;
        // The corrected state is the slot plus what the new D adds to it.
        let arrived = match index.checked_sub(1) {
            Some(before) if self.is_corrected(schedule, before)? => Some(self.formula(schedule, before, true)?.ahead),
            _ => None,
        };
        let row = |formula: &Formula| {
            let mut row = Row::default();
            let [now, behind @ ..] = formula.denoised;
            row.denoised = now;
            for (k, &weight) in behind.iter().enumerate() {
                let slot = self.slot_of(index.saturating_sub(k + 1));
                if let (true, Some(factor)) = (weight != 0.0, row.slots.get_mut(slot)) {
                    *factor = weight;
                }
            }
            match arrived {
                Some(ahead) => {
                    row.denoised += formula.x * ahead;
                    let [corrector, ..] = &mut row.slots;
                    *corrector = formula.x;
                }
                None => row.x = formula.x,
            }
            row
        };
        let mut step = Step::new(from, to, schedule.prediction().denoised(&from)?, index)
            .state(row(&self.formula(schedule, index, false)?));
        if self.is_corrected(schedule, index)? {
            step = step.store(0, row(&self.formula(schedule, index, true)?));
        }
        if self.slots() > 1 && index + 1 < schedule.steps() {
            step = step.store(self.slot_of(index), Row { denoised: 1.0, ..Row::default() });
        }
        step.finite()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn small_systems_are_solved() {
        let (r, b) = ([-0.5, -1.3, 1.0], [0.2, -0.7, 0.9]);
        for n in 2..=3 {
            let rho = solve(n, r, b);
            for (j, moment) in b.iter().enumerate().take(n) {
                let sum: f64 = (0..n).map(|k| rho[k] * r[k].powi(j as i32)).sum();
                assert!((sum - moment).abs() < 1e-14);
            }
        }
    }

    #[test]
    fn only_orders_one_to_three_exist() {
        for order in [0, 4, usize::MAX] {
            assert!(UniPc { order, ..UniPc::default() }.check().is_err());
        }
    }
}
