//! Deterministic solvers: the output law by change of variables.
//!
//! The run is a map y = F(x) of the first state, carried along with its slope. Where F is increasing the output law has
//! density q(F(x)) = p(x; σ_max)/F'(x). A multistep solver extrapolates, so its F can turn back; then several states
//! lead to one y and q is the sum over them.

use crate::mixture1d::{Marginal, Mixture1d};
use crate::quadrature::integrate;
use quell::diffusion::step::{ROWS, SLOTS, Step, TableRow, destination};
use std::cell::RefCell;

/// How far the true law is followed into its tails, in standard deviations of each component: 1e-18 of the mass is
/// beyond.
const REACH: f64 = 9.0;

/// The width of the panels that the first state's range is cut into, in its standard deviations: a component with one
/// hundredth of the mass takes a tenth of one.
const PANEL: f64 = 0.4;

/// The width of the panels over which F is searched for turns.
const SEARCH: f64 = 0.02;

/// A state and its derivative with respect to the first state.
#[derive(Clone, Copy, Debug, Default)]
struct Dual {
    value: f64,
    slope: f64,
}

/// A pass over one number.
#[derive(Clone, Debug)]
struct FlowStep {
    at: Marginal,
    rows: [TableRow; ROWS],
    destinations: [i32; ROWS],
    slots: usize,
}

impl FlowStep {
    fn new(mixture: &Mixture1d, step: &Step) -> FlowStep {
        assert_eq!((step.evaluate, step.at.alpha, step.at.input_scale), (1, 1.0, 1.0), "variance-exploding steps");
        let rows = step.table(false);
        assert!(rows.iter().all(|row| row.noise == 0.0), "a deterministic solver");
        let at = mixture.at(step.at.sigma);
        FlowStep { at, rows, destinations: step.destinations, slots: step.slots() }
    }

    fn apply(&self, x: &mut Dual, slots: &mut [Dual; SLOTS]) {
        let point = self.at.point(x.value);
        let slope = point.variance / (self.at.sigma * self.at.sigma) * x.slope;
        let model = Dual { value: point.denoised, slope };
        let mut results = [Dual::default(); ROWS];
        for ((result, row), &to) in results.iter_mut().zip(&self.rows).zip(&self.destinations) {
            if to == destination::UNUSED {
                continue;
            }
            let mut add = |factor: f64, term: Dual| {
                result.value += factor * term.value;
                result.slope += factor * term.slope;
            };
            add(row.x, *x);
            add(row.model, model);
            row.slots.iter().zip(slots.iter()).take(self.slots).for_each(|(&factor, &slot)| add(factor, slot));
        }
        for (&result, &to) in results.iter().zip(&self.destinations) {
            match to {
                destination::UNUSED => {}
                destination::TO_X => *x = result,
                slot => slots[(slot - destination::TO_SLOT) as usize] = result,
            }
        }
    }
}

/// The run as a map of the first state, and the laws at its ends.
#[derive(Clone, Debug)]
struct Flow {
    first: Marginal,
    last: Marginal,
    steps: Vec<FlowStep>,
    centre: f64,
    scale: f64,
}

/// KL(p(·; σ_min) ‖ output law) for the steps of a deterministic solver; `tolerance` is that of a panel.
pub fn divergence(mixture: &Mixture1d, steps: &[Step], tolerance: f64) -> f64 {
    let flow = Flow::new(mixture, steps);
    let (low, high) = flow.range();
    let falling = RefCell::new(vec![]);
    let monotone = integrate(
        &mut |x| {
            let y = flow.map(x);
            if y.slope <= 0.0 {
                falling.borrow_mut().push(x);
                return 0.0;
            }
            let log_density = flow.last.log_density(y.value);
            let log_ratio = log_density - flow.first.log_density(x) + y.slope.ln();
            log_density.exp() * y.slope * log_ratio
        },
        low,
        high,
        PANEL * flow.scale,
        tolerance,
    );
    let falling = falling.into_inner();
    if falling.is_empty() { monotone } else { flow.folded(low, high, &falling, tolerance) }
}

impl Flow {
    fn new(mixture: &Mixture1d, steps: &[Step]) -> Flow {
        let (begin, end) = (steps.first().expect("a step"), steps.last().expect("a step"));
        let (first, last) = (mixture.at(begin.at.sigma), mixture.at(end.next.sigma));
        let scale = mixture.std().hypot(begin.at.sigma);
        let steps = steps.iter().map(|step| FlowStep::new(mixture, step)).collect();
        Flow { first, last, steps, centre: mixture.mean(), scale }
    }

    fn map(&self, x: f64) -> Dual {
        let (mut x, mut slots) = (Dual { value: x, slope: 1.0 }, [Dual::default(); SLOTS]);
        self.steps.iter().for_each(|step| step.apply(&mut x, &mut slots));
        x
    }

    /// The first states that lead to where the true law has its mass: a solver that shrinks the law needs states far
    /// out to get there.
    fn range(&self) -> (f64, f64) {
        let (low, high) = self.last.support(REACH);
        let beyond = |side: f64, is_beyond: &dyn Fn(f64) -> bool| {
            let (mut inner, mut outer) = (0.0, self.scale);
            while !is_beyond(self.centre + side * outer) {
                (inner, outer) = (outer, 2.0 * outer);
                assert!(outer.is_finite(), "the run leads nowhere near the data");
            }
            while outer - inner > PANEL * self.scale {
                let middle = 0.5 * (inner + outer);
                if is_beyond(self.centre + side * middle) { outer = middle } else { inner = middle }
            }
            self.centre + side * outer
        };
        (beyond(-1.0, &|x| self.map(x).value < low), beyond(1.0, &|x| self.map(x).value > high))
    }

    /// The same integral where F turns: cut where F turns and where another state leads to the same y as a turn.
    fn folded(&self, low: f64, high: f64, falling: &[f64], tolerance: f64) -> f64 {
        let turns = self.turns(low, high, falling);
        let ends: Vec<f64> = [low].into_iter().chain(turns.iter().copied()).chain([high]).collect();
        let branches: Vec<Branch> = ends.windows(2).map(|pair| Branch::new(self, pair[0], pair[1])).collect();
        let mut cuts = ends;
        for &turn in &turns {
            let y = self.map(turn).value;
            cuts.extend(branches.iter().filter_map(|branch| branch.state_at(self, y)));
        }
        cuts.sort_by(f64::total_cmp);
        cuts.dedup();
        let pieces = cuts.windows(2).filter(|pair| pair[1] - pair[0] > 1e-13 * self.scale);
        pieces.map(|pair| self.piece(pair[0], pair[1], &branches, tolerance)).sum()
    }

    /// ∫ p_max(x)·(p/q)·ln(p/q) dx with p and q at F(x), over states with the same other branches.
    fn piece(&self, from: f64, to: f64, branches: &[Branch], tolerance: f64) -> f64 {
        let middle = 0.5 * (from + to);
        let y = self.map(middle).value;
        let others: Vec<&Branch> =
            branches.iter().filter(|branch| !branch.has_state(middle) && branch.has_value(y)).collect();
        let integrand = |x: f64| {
            let (y, log_start) = (self.map(x), self.first.log_density(x));
            let own = log_start - y.slope.abs().ln();
            let logs = others.iter().filter_map(|branch| {
                let x = branch.state_at(self, y.value)?;
                Some(self.first.log_density(x) - self.map(x).slope.abs().ln())
            });
            let share: f64 = logs.map(|log| (log - own).exp()).sum();
            let log_output = own + share.ln_1p();
            let log_ratio = self.last.log_density(y.value) - log_output;
            // A turn itself has no density: the integrand vanishes there.
            let value = (log_start + log_ratio).exp() * log_ratio;
            if value.is_finite() { value } else { 0.0 }
        };
        // Roots and logarithms at the ends become smooth, or nearly so, under x = from + (to - from)·t²(3 - 2t).
        let panel = (PANEL * self.scale / (to - from)).min(0.5);
        let mut smooth = |t: f64| {
            let x = from + (to - from) * t * t * (3.0 - 2.0 * t);
            integrand(x) * (to - from) * 6.0 * t * (1.0 - t)
        };
        integrate(&mut smooth, 0.0, 1.0, panel, tolerance)
    }

    /// The states where F turns, in order.
    fn turns(&self, low: f64, high: f64, falling: &[f64]) -> Vec<f64> {
        let count = ((high - low) / (SEARCH * self.scale)).ceil() as usize;
        let mut states: Vec<f64> = (0..=count).map(|k| low + (high - low) * k as f64 / count as f64).collect();
        // A state that is known to lie on a falling branch keeps a narrow one from being missed.
        states.extend(falling.iter().filter(|&&x| x > low && x < high));
        states.sort_by(f64::total_cmp);
        let slopes: Vec<f64> = states.iter().map(|&x| self.map(x).slope).collect();
        let mut turns = vec![];
        for (states, slopes) in states.windows(2).zip(slopes.windows(2)) {
            if (slopes[0] > 0.0) != (slopes[1] > 0.0) {
                let (mut left, mut right) = (states[0], states[1]);
                for _ in 0..60 {
                    let middle = 0.5 * (left + right);
                    if (self.map(middle).slope > 0.0) == (slopes[0] > 0.0) { left = middle } else { right = middle }
                }
                turns.push(0.5 * (left + right));
            }
        }
        turns
    }
}

/// A range of first states over which F is monotone.
#[derive(Clone, Copy, Debug)]
struct Branch {
    states: (f64, f64),
    values: (f64, f64),
}

impl Branch {
    fn new(flow: &Flow, from: f64, to: f64) -> Branch {
        Branch { states: (from, to), values: (flow.map(from).value, flow.map(to).value) }
    }

    fn has_state(&self, x: f64) -> bool {
        self.states.0 <= x && x <= self.states.1
    }

    fn has_value(&self, y: f64) -> bool {
        let (a, b) = self.values;
        a.min(b) < y && y < a.max(b)
    }

    /// The state of this branch that leads to y, by Newton's method within a shrinking bracket.
    fn state_at(&self, flow: &Flow, y: f64) -> Option<f64> {
        if !self.has_value(y) {
            return None;
        }
        let rises = self.values.1 > self.values.0;
        let (mut left, mut right) = self.states;
        let mut x = left + (right - left) * (y - self.values.0) / (self.values.1 - self.values.0);
        for _ in 0..100 {
            let at = flow.map(x);
            if (at.value < y) == rises {
                left = x
            } else {
                right = x
            }
            let newton = x - (at.value - y) / at.slope;
            let next = if newton > left && newton < right { newton } else { 0.5 * (left + right) };
            if (next - x).abs() <= 1e-14 * flow.scale {
                return Some(next);
            }
            x = next;
        }
        Some(x)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::judge::Judged;
    use crate::tolerance::{COUNTED, relative};

    /// The output density at each of equidistant y from the straight pieces of F between many states: a piece that
    /// crosses y gives its start density times dx/dy.
    fn naive(flow: &Flow) -> f64 {
        const STATES: usize = 400_000;
        const VALUES: usize = 100_000;
        let (low, high) = flow.range();
        let (bottom, top) = flow.last.support(REACH);
        let spacing = (top - bottom) / VALUES as f64;
        let mut density = vec![0.0; VALUES + 1];
        let state = |k: usize| low + (high - low) * k as f64 / STATES as f64;
        let mut before = (state(0), flow.map(state(0)).value);
        for k in 1..=STATES {
            let now = (state(k), flow.map(state(k)).value);
            let (from, to) = (before.1.min(now.1), before.1.max(now.1));
            let first = ((from - bottom) / spacing).ceil().max(0.0) as usize;
            let last = ((to - bottom) / spacing).ceil().clamp(0.0, (VALUES + 1) as f64) as usize;
            let start = flow.first.log_density(0.5 * (before.0 + now.0)).exp();
            let height = start * (now.0 - before.0) / (to - from);
            density[first.min(last)..last].iter_mut().for_each(|q| *q += height);
            before = now;
        }
        let terms = density.iter().enumerate().map(|(k, q)| {
            let log_density = flow.last.log_density(bottom + spacing * k as f64);
            log_density.exp() * (log_density - q.ln())
        });
        spacing * terms.sum::<f64>()
    }

    /// The last two runs have steps so unequal that the extrapolation of DPM-Solver++(2M) folds the line.
    #[test]
    fn monotone_and_folded_maps_agree_with_counting() {
        let mixture = Mixture1d::new(&[0.3, 0.5, 0.2], &[-1.0, 1.2, 0.2], &[0.15, 0.25, 0.1]);
        for (solver, sigmas, folds) in [
            (Judged::Ddim, &[20.0, 3.0, 0.8, 0.25, 0.08, 0.02][..], 0),
            (Judged::TwoM, &[20.0, 8.4, 3.6, 1.5, 0.63, 0.27, 0.11, 0.047, 0.02], 0),
            (Judged::TwoM, &[20.0, 4.0, 2.1, 1.4, 0.95, 0.64, 0.41, 0.21, 0.02], 4),
            (Judged::TwoM, &[20.0, 2.0, 1.9, 0.2, 0.15, 0.02], 8),
        ] {
            let steps = solver.steps(sigmas);
            let flow = Flow::new(&mixture, &steps);
            let (low, high) = flow.range();
            assert_eq!(flow.turns(low, high, &[]).len(), folds, "{solver:?} {sigmas:?}");
            let (exact, counted) = (divergence(&mixture, &steps, 1e-13), naive(&flow));
            assert!(relative(exact, counted) < COUNTED, "{solver:?} {sigmas:?}: {exact} against {counted}");
        }
    }
}
