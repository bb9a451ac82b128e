//! Stochastic solvers of one stage: the law of the state, carried from grid to grid.
//!
//! A step is x' = u(x) + c·z with u increasing, so the new density is f'(y) = ∫ f(x)·N(y; u(x), c²) dx. Both factors
//! are smooth on known scales, and a sum over equidistant points then errs only by what lies beyond the Nyquist
//! frequency: e^(−2π²/spacing²) for a Gaussian.

use super::Resolution;
use crate::mixture1d::{Marginal, Mixture1d};
use quell::diffusion::step::{Step, destination};

/// How far the truth is followed, in standard deviations of each component: 1e-13 of its mass is beyond.
const TRUTH_REACH: f64 = 7.5;

/// How far the laws on the way are followed: a solver that shrinks the law makes a tail of the truth out of a remoter
/// tail of its own.
const REACH: f64 = 18.0;

/// How far the noise of a step is followed, in its standard deviations, for the same reason.
const NOISE_REACH: f64 = 20.0;

/// Densities below this share of the largest are not carried on: less than e^(-REACH²/2).
const NEGLIGIBLE: f64 = 1e-72;

/// Over how many points the scale of a step's features is looked for.
const PROBES: usize = 400;

/// x' = a·x + b·D(x) + c·z.
#[derive(Clone, Debug)]
struct NoisyStep {
    at: Marginal,
    state: f64,
    denoised: f64,
    noise: f64,
}

impl NoisyStep {
    fn new(mixture: &Mixture1d, step: &Step) -> NoisyStep {
        let [row, ..] = step.table(false);
        let unused = step.destinations[1..].iter().all(|&to| to == destination::UNUSED);
        assert!(unused && step.slots() == 0 && row.noise > 0.0, "a stochastic solver of one stage");
        assert_eq!((step.evaluate, step.at.alpha, step.at.input_scale), (1, 1.0, 1.0), "variance-exploding steps");
        NoisyStep { at: mixture.at(step.at.sigma), state: row.x, denoised: row.model, noise: row.noise }
    }

    /// The narrowest feature of this step's integrand: the old density has been smoothed over `before`, and the kernel
    /// as a function of the old state is as narrow as c/u'.
    fn feature(&self, before: f64, rare: f64) -> f64 {
        let (low, high) = self.at.support(TRUTH_REACH);
        let probe = |k: usize| self.at.point(low + (high - low) * k as f64 / PROBES as f64);
        let points: Vec<_> = (0..=PROBES).map(probe).collect();
        let largest = points.iter().map(|point| point.log_density).fold(f64::NEG_INFINITY, f64::max);
        let common = points.iter().filter(|point| point.log_density > largest + rare.ln());
        let variance = common.map(|point| point.variance).fold(0.0, f64::max);
        let slope = self.state + self.denoised * variance / (self.at.sigma * self.at.sigma);
        1.0 / (1.0 / before).hypot(slope / self.noise)
    }
}

/// Equidistant states.
#[derive(Clone, Copy, Debug)]
struct Grid {
    low: f64,
    spacing: f64,
    count: usize,
}

impl Grid {
    fn over(range: (f64, f64), spacing: f64) -> Grid {
        let count = ((range.1 - range.0) / spacing).ceil() as usize + 1;
        Grid { low: range.0, spacing, count }
    }

    fn states(&self) -> impl Iterator<Item = f64> + use<> {
        let Grid { low, spacing, count } = *self;
        (0..count).map(move |k| low + spacing * k as f64)
    }
}

/// KL(p(·; σ_min) ‖ output law) for the steps of a stochastic solver of one stage.
pub fn divergence(mixture: &Mixture1d, steps: &[Step], resolution: &Resolution) -> f64 {
    let (grid, output) = output_law(mixture, steps, resolution);
    let truth = mixture.at(steps.last().expect("a step").next.sigma);
    let terms = grid.states().zip(&output).map(|(y, &q)| {
        let log_density = truth.log_density(y);
        log_density.exp() * (log_density - q.ln())
    });
    grid.spacing * terms.sum::<f64>()
}

/// The density of the last state on a grid over the truth's support.
fn output_law(mixture: &Mixture1d, steps: &[Step], resolution: &Resolution) -> (Grid, Vec<f64>) {
    let noisy: Vec<NoisyStep> = steps.iter().map(|step| NoisyStep::new(mixture, step)).collect();
    let first = &noisy[0].at;
    let on = |step: &NoisyStep, before: f64| {
        Grid::over(step.at.support(REACH), resolution.spacing * step.feature(before, resolution.rare))
    };
    let mut grid = on(&noisy[0], first.narrowest());
    let mut density: Vec<f64> = grid.states().map(|x| first.log_density(x).exp()).collect();
    for (index, step) in noisy.iter().enumerate() {
        let next = match noisy.get(index + 1) {
            Some(next) => on(next, step.noise),
            None => {
                let last = mixture.at(steps[index].next.sigma);
                // The logarithm of the output is as sharp as the output where two of its components meet.
                Grid::over(last.support(TRUTH_REACH), 0.5 * resolution.spacing * last.narrowest().min(step.noise))
            }
        };
        density = propagate(step, grid, &density, next);
        grid = next;
    }
    (grid, density)
}

/// One step: each old state scatters its mass over the new grid.
fn propagate(step: &NoisyStep, from: Grid, density: &[f64], to: Grid) -> Vec<f64> {
    let mut next = vec![0.0; to.count];
    let largest = density.iter().copied().fold(0.0, f64::max);
    let reach = (NOISE_REACH * step.noise / to.spacing).ceil() as usize;
    let ratio = to.spacing / step.noise;
    // Along equidistant points a Gaussian is a product of factors that are themselves in geometric progression.
    let curvature = (-ratio * ratio).exp();
    let peak = from.spacing / (step.noise * (2.0 * std::f64::consts::PI).sqrt());
    for (x, &mass) in from.states().zip(density) {
        if mass < NEGLIGIBLE * largest {
            continue;
        }
        let centre = step.state * x + step.denoised * step.at.point(x).denoised;
        let nearest = ((centre - to.low) / to.spacing).round();
        if nearest < -(reach as f64) || nearest > (to.count + reach) as f64 {
            continue;
        }
        let nearest = nearest as isize;
        let offset = (to.low + to.spacing * nearest as f64 - centre) / step.noise;
        let height = mass * peak * (-0.5 * offset * offset).exp();
        let up = (-ratio * (offset + 0.5 * ratio)).exp();
        let down = (ratio * (offset - 0.5 * ratio)).exp();
        let (start, end) = (nearest.max(0) as usize, nearest.clamp(0, to.count as isize) as usize);
        scatter(next[start.min(to.count)..].iter_mut().take(reach), skip(height, up, curvature, -nearest), curvature);
        let below = skip(height * down, down * curvature, curvature, nearest - to.count as isize);
        scatter(next[..end].iter_mut().rev().take(reach), below, curvature);
    }
    next
}

/// A term and the factor to the next one, after `count` terms that are outside the grid.
fn skip(term: f64, factor: f64, curvature: f64, count: isize) -> (f64, f64) {
    (0..count).fold((term, factor), |(term, factor), _| (term * factor, factor * curvature))
}

fn scatter<'a>(cells: impl Iterator<Item = &'a mut f64>, (mut term, mut factor): (f64, f64), curvature: f64) {
    for cell in cells {
        *cell += term;
        term *= factor;
        factor *= curvature;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::judge::Judged;
    use crate::tolerance::{QUADRATURE, relative};

    #[test]
    fn no_mass_is_lost() {
        let mixture = Mixture1d::new(&[0.3, 0.5, 0.2], &[-1.0, 1.2, 0.2], &[0.15, 0.25, 0.03]);
        for sigmas in [&[20.0, 3.0, 0.8, 0.25, 0.08, 0.02][..], &[20.0, 0.5, 0.02]] {
            let steps = Judged::StochasticDdim.steps(sigmas);
            let (grid, density) = output_law(&mixture, &steps, &Resolution::FINE);
            let mass = grid.spacing * density.iter().sum::<f64>();
            assert!(relative(mass, 1.0) < QUADRATURE, "{mass}");
        }
    }
}
