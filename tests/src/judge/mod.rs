//! The exact judge of schedules: how far the law of what a solver gives is from the law that it should give.
//!
//! Data are a mixture in one dimension, the network is its ideal denoiser, and the run starts from the exact law at the
//! first level. The law of the last state is then a matter of quadrature alone ([`flow`] where the solver is
//! deterministic, [`diffusion`] where it draws noise), and so is KL(p(·; σ_min) ‖ output law). The steps are those
//! that quell hands out, so it is quell's solvers that are judged.

pub mod diffusion;
pub mod flow;

use crate::mixture1d::Mixture1d;
use quell::diffusion::noise::{NoiseLevel, Process};
use quell::diffusion::prediction::Prediction;
use quell::diffusion::schedule::Schedule;
use quell::diffusion::solver::{Ddim, DpmPp2M, Solver};
use quell::diffusion::step::Step;
use serde::{Deserialize, Serialize};

/// The solvers that schedules are judged for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Judged {
    /// DDIM with η = 0, which is Euler's method.
    Ddim,
    /// DDIM with η = 1: the exact solution of the SDE with the denoiser frozen.
    StochasticDdim,
    /// DPM-Solver++(2M), of second order to the last step.
    TwoM,
}

impl Judged {
    /// All of them.
    pub const ALL: [Judged; 3] = [Judged::Ddim, Judged::StochasticDdim, Judged::TwoM];

    /// The solver's steps on a schedule from the top down that ends above 0.
    pub fn steps(self, sigmas: &[f64]) -> Vec<Step> {
        match self {
            Judged::Ddim => steps(&Ddim::default(), sigmas),
            Judged::StochasticDdim => steps(&Ddim { eta: 1.0, ..Ddim::default() }, sigmas),
            Judged::TwoM => steps(&DpmPp2M::default(), sigmas),
        }
    }
}

/// How finely the judge looks.
#[derive(Clone, Copy, Debug)]
pub struct Resolution {
    /// The accuracy of a panel in the integrals of [`flow`].
    pub tolerance: f64,
    /// The distance of two points of a grid in [`diffusion`], in units of the narrowest feature on it.
    pub spacing: f64,
    /// How rare states may be, relative to the densest, before [`diffusion`] takes no account of the features there.
    pub rare: f64,
}

impl Resolution {
    /// For optimisers: within 1e-6 of [`Resolution::FINE`], relatively.
    pub const COARSE: Resolution = Resolution { tolerance: 1e-11, spacing: 0.6, rare: 1e-10 };

    /// For verdicts.
    pub const FINE: Resolution = Resolution { tolerance: 1e-14, spacing: 0.45, rare: 1e-12 };
}

/// KL(p(·; σ_min) ‖ law of the solver's output) in nats on a schedule from the top down.
pub fn divergence(mixture: &Mixture1d, solver: Judged, sigmas: &[f64], resolution: &Resolution) -> f64 {
    let steps = solver.steps(sigmas);
    match solver {
        Judged::Ddim | Judged::TwoM => flow::divergence(mixture, &steps, resolution.tolerance),
        Judged::StochasticDdim => diffusion::divergence(mixture, &steps, resolution),
    }
}

/// All steps of a solver in variance-exploding form, for a network that gives the clean sample.
fn steps<S: Solver>(solver: &S, sigmas: &[f64]) -> Vec<Step> {
    let mut levels = vec![NoiseLevel::default(); sigmas.len()];
    Process::Ve.fill_levels(&mut levels, sigmas).expect("levels");
    let schedule = Schedule::new(Process::Ve, Prediction::Sample, &levels).expect("a schedule from the top down");
    let passes = solver.passes(&schedule).expect("passes");
    (0..passes).map(|index| solver.step(&schedule, index).expect("a step")).collect()
}
