//! The floor: the least divergence that any schedule reaches, found by direct descent on the exact judge.
//!
//! What rules are compared with is here, too: customary schedules, and the paper's search with an oracle that stops it
//! at the sweep whose true divergence is smallest. `vectors/floors.json` holds the results; the ignored test
//! `floors_are_found` of `mixtures` writes it.

use crate::judge::{Judged, Resolution, divergence};
use crate::minimise::descend;
use crate::mixture1d::Mixture1d;
use crate::mixtures::{Problem, SIGMA_MAX, SIGMA_MIN};
use crate::search::sweep;
use crate::tables::{fill_arctan, fill_exponential, fill_karras};
use quell::diffusion::schedule::Last;
use quell::random::{Stream, fill_uniform};
use serde::{Deserialize, Serialize};
use std::cell::RefCell;
use std::collections::HashMap;

/// How many sweeps the search makes at most.
pub const SWEEPS: usize = 40;

/// How often a descent of the multistep solver starts anew from the best schedule, shaken.
const RESTARTS: u32 = 8;

/// How many of the minima that are found roughly are followed to the bottom for the multistep solver.
const CANDIDATES: usize = 3;

/// How far a restart changes the step widths at most, as a factor's logarithm.
const SHAKE: f64 = 0.5;

/// A schedule and how far its output is from the truth.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Verdict {
    /// KL(p(·; σ_min) ‖ output law), at [`Resolution::FINE`].
    pub kl: f64,
    /// The levels, from the top down.
    pub sigmas: Vec<f64>,
}

/// How little a step of a descent may gain, as a share of the divergence, before the descent ends: to tell which of
/// several starts leads lowest, and to get to the bottom.
const ROUGH: f64 = 1e-3;
const BOTTOM: f64 = 1e-9;

/// What is known about a mixture and a solver.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Floor {
    /// The seed of the mixture; none for the one of the specification's case 17.
    pub seed: Option<u64>,
    /// The solver.
    pub solver: Judged,
    /// The number of steps.
    pub n: usize,
    /// The best schedule that there is.
    pub floor: Verdict,
    /// The sweep at which the search comes nearest.
    pub best_sweep: usize,
    /// The search at that sweep.
    pub search: Verdict,
}

/// Ends and number of steps of a schedule.
#[derive(Clone, Copy, Debug)]
pub struct Ends {
    /// The first level.
    pub sigma_max: f64,
    /// The last level.
    pub sigma_min: f64,
    /// The number of steps between them.
    pub n: usize,
}

impl Ends {
    /// Karras et al. 2022 with ρ = 7.
    pub fn edm(&self) -> Vec<f64> {
        self.filled(|sigmas| fill_karras(sigmas, self.sigma_min, self.sigma_max, 7.0, Last::SigmaMin))
    }

    /// Equal steps of ln σ.
    pub fn log_linear(&self) -> Vec<f64> {
        self.filled(|sigmas| fill_exponential(sigmas, self.sigma_min, self.sigma_max, Last::SigmaMin))
    }

    /// Equal steps of arctan(σ/c).
    pub fn arctan(&self, c: f64) -> Vec<f64> {
        self.filled(|sigmas| fill_arctan(sigmas, self.sigma_min, self.sigma_max, c, Last::SigmaMin))
    }

    /// Equal steps of ∫ mmse/σ² dσ.
    pub fn rescaled_entropic(&self, mixture: &Mixture1d) -> Vec<f64> {
        self.by_density(&|sigma| mixture.mmse(sigma) / sigma)
    }

    /// Equal steps of the integral of a density per ln σ, by the trapezoidal rule on a fine grid.
    pub fn by_density(&self, density: &dyn Fn(f64) -> f64) -> Vec<f64> {
        const CELLS: usize = 1000;
        let width = (self.sigma_max / self.sigma_min).ln() / CELLS as f64;
        let grid: Vec<f64> = (0..=CELLS).map(|k| self.sigma_max.ln() - width * k as f64).collect();
        let values: Vec<f64> = grid.iter().map(|log_sigma| density(log_sigma.exp())).collect();
        let mut sums = vec![0.0];
        for pair in values.windows(2) {
            sums.push(sums[sums.len() - 1] + 0.5 * width * (pair[0] + pair[1]));
        }
        let at = |i: usize| {
            let target = sums[CELLS] * i as f64 / self.n as f64;
            let cell = sums.partition_point(|&sum| sum < target).clamp(1, CELLS) - 1;
            let part = (target - sums[cell]) / (sums[cell + 1] - sums[cell]);
            (grid[cell] - width * part).exp()
        };
        let mut sigmas: Vec<f64> = (0..=self.n).map(at).collect();
        (sigmas[0], sigmas[self.n]) = (self.sigma_max, self.sigma_min);
        sigmas
    }

    fn filled(&self, fill: impl Fn(&mut [f64])) -> Vec<f64> {
        let mut sigmas = vec![0.0; self.n + 1];
        fill(&mut sigmas);
        sigmas
    }
}

/// The schedules that the search goes through, from EDM's until nothing moves or [`SWEEPS`] are made.
pub fn sweeps(mixture: &Mixture1d, ends: &Ends) -> Vec<Vec<f64>> {
    // Every level enters several bounds, and its two integrals are what takes time.
    let known = RefCell::new(HashMap::new());
    let at = |sigma: f64| {
        let compute = || (mixture.mmse(sigma), mixture.information(sigma));
        *known.borrow_mut().entry(sigma.to_bits()).or_insert_with(compute)
    };
    let bound = |from: f64, to: f64| {
        let ((mmse, before), (_, after)) = (at(from), at(to));
        0.5 * (to.powi(-2) - from.powi(-2)) * mmse - (after - before)
    };
    let mut path = vec![ends.edm()];
    while path.len() <= SWEEPS {
        let mut sigmas = path[path.len() - 1].clone();
        if !sweep(&mut sigmas, &bound) {
            break;
        }
        path.push(sigmas);
    }
    path
}

/// Floor and best sweep of a mixture for each solver.
pub fn find(seed: Option<u64>, mixture: &Mixture1d, ends: &Ends) -> Vec<Floor> {
    let path = sweeps(mixture, ends);
    Judged::ALL
        .into_iter()
        .map(|solver| {
            let judge = |sigmas: &[f64]| divergence(mixture, solver, sigmas, &Resolution::FINE);
            let judged: Vec<f64> = path.iter().map(|sigmas| judge(sigmas)).collect();
            let best_sweep = smallest(&judged);
            let search = Verdict { kl: judged[best_sweep], sigmas: path[best_sweep].clone() };
            let starts = [
                ends.edm(),
                ends.log_linear(),
                ends.arctan(mixture.std()),
                ends.rescaled_entropic(mixture),
                search.sigmas.clone(),
            ];
            let lowest = |start: &[f64], progress: f64| {
                let sigmas = lowest_from(mixture, solver, start, progress);
                Verdict { kl: judge(&sigmas), sigmas }
            };
            let mut minima = sorted(starts.iter().map(|start| lowest(start, ROUGH)).collect());
            // Every start of a solver of one step leads to the same minimum; a multistep solver has several.
            let (restarts, bottoms) = if solver == Judged::TwoM { (RESTARTS, CANDIDATES) } else { (0, 1) };
            for draw in 0..restarts {
                let shaken = shaken(&minima[0].sigmas, draw);
                minima.push(lowest(&shaken, ROUGH));
                minima = sorted(minima);
            }
            for rough in minima.clone().iter().take(bottoms) {
                minima.push(lowest(&rough.sigmas, BOTTOM));
            }
            let minima = sorted(minima);
            let floor = minima[0].clone();
            let values: Vec<f64> = minima.iter().map(|verdict| verdict.kl).collect();
            println!("{seed:?} {solver:?} n={}: search {:.8}, minima {values:.8?}", ends.n, search.kl);
            Floor { seed, solver, n: ends.n, floor, best_sweep, search }
        })
        .collect()
}

fn sorted(mut verdicts: Vec<Verdict>) -> Vec<Verdict> {
    verdicts.sort_by(|a, b| a.kl.total_cmp(&b.kl));
    verdicts
}

fn smallest(values: &[f64]) -> usize {
    (0..values.len()).min_by(|&a, &b| values[a].total_cmp(&values[b])).expect("a value")
}

/// Descends from a schedule, its ends fixed, until a step gains less than the share `progress`.
pub fn lowest_from(mixture: &Mixture1d, solver: Judged, start: &[f64], progress: f64) -> Vec<f64> {
    let (sigma_max, sigma_min) = (start[0], start[start.len() - 1]);
    let mut value = |unknowns: &[f64]| {
        // Steps that vanish are no schedule, and levels that differ by rounding alone no steps.
        let widest = unknowns.iter().fold(0.0, |widest: f64, u| widest.max(u.abs()));
        if widest > 12.0 {
            return f64::INFINITY;
        }
        divergence(mixture, solver, &from_widths(sigma_max, sigma_min, unknowns), &Resolution::COARSE)
    };
    from_widths(sigma_max, sigma_min, &descend(&mut value, &to_widths(start), progress).point)
}

/// A schedule as the logarithms of its steps in ln σ relative to the last one: any such numbers make a schedule.
fn to_widths(sigmas: &[f64]) -> Vec<f64> {
    let widths: Vec<f64> = sigmas.windows(2).map(|pair| (pair[0] / pair[1]).ln()).collect();
    let (last, others) = widths.split_last().expect("a step");
    others.iter().map(|width| (width / last).ln()).collect()
}

fn from_widths(sigma_max: f64, sigma_min: f64, unknowns: &[f64]) -> Vec<f64> {
    let widths: Vec<f64> = unknowns.iter().map(|u| u.exp()).chain([1.0]).collect();
    let unit = (sigma_max / sigma_min).ln() / widths.iter().sum::<f64>();
    let mut sigmas = vec![sigma_max];
    let mut sum = 0.0;
    for width in &widths[..unknowns.len()] {
        sum += width;
        sigmas.push((sigma_max.ln() - unit * sum).exp());
    }
    sigmas.push(sigma_min);
    sigmas
}

/// A schedule with each step's width changed by chance.
fn shaken(sigmas: &[f64], draw: u32) -> Vec<f64> {
    let mut unknowns = to_widths(sigmas);
    let mut uniforms = vec![0.0; unknowns.len()];
    fill_uniform(&mut uniforms, Stream { seed: 0, stream: 0, step: draw }, 0).expect("elements from 0 on");
    unknowns.iter_mut().zip(&uniforms).for_each(|(u, uniform)| *u += SHAKE * (2.0 * uniform - 1.0));
    from_widths(sigmas[0], sigmas[sigmas.len() - 1], &unknowns)
}

/// The mixture of the specification's cases 07, 08 and 17, and the ends of its schedules.
pub fn specification() -> (Mixture1d, Ends) {
    let mixture = Mixture1d::new(&[0.3, 0.5, 0.2], &[-1.0, 1.2, 0.2], &[0.15, 0.25, 0.1]);
    (mixture, Ends { sigma_max: 20.0, sigma_min: 0.02, n: 8 })
}

/// The ends of a problem's schedules.
pub fn ends(problem: &Problem) -> Ends {
    Ends { sigma_max: SIGMA_MAX, sigma_min: SIGMA_MIN, n: problem.n }
}
