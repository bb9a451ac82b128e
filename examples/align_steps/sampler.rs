//! Sampling: a solver and a schedule give steps, the steps are carried out batch by batch.

use crate::denoiser::Denoise;
use anyhow::Result;
use clap::ValueEnum;
use quell::Error;
use quell::diffusion::bound::displacement::Sampler;
use quell::diffusion::noise::{NoiseLevel, Process};
use quell::diffusion::pass::{self, Inputs, Noise};
use quell::diffusion::prediction::Prediction;
use quell::diffusion::schedule::Schedule;
use quell::diffusion::solver::{Ddim, DpmPp2M, ErSde, Heun, NoiseScale, SdeDpmPp2M, Solver, UniPc};
use quell::diffusion::step::{Step, history_len};
use rayon::prelude::*;

/// Images that share the two matrix products of a network evaluation.
const BATCH: usize = 96;

/// A solver with its usual options.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Method {
    /// DDIM without noise: Euler's method on the probability-flow ODE
    #[value(name = "ddim")]
    Ddim,
    /// DDIM with all of DDPM's noise: ancestral sampling
    #[value(name = "stochastic-ddim")]
    StochasticDdim,
    /// DPM-Solver++(2M)
    #[value(name = "2m", alias = "dpmpp2m")]
    Dpmpp2m,
    /// SDE-DPM-Solver++(2M)
    #[value(name = "sde-2m", alias = "sde-dpmpp2m")]
    SdeDpmpp2m,
    /// ER-SDE-Solver-3
    #[value(name = "er-sde-3")]
    ErSde3,
    /// Heun's second-order method; n steps take 2n − 1 network evaluations
    #[value(name = "heun")]
    Heun,
    /// UniPC of order 2
    #[value(name = "unipc")]
    Unipc,
}

impl Method {
    /// The five of the Align Your Steps paper, one evaluation a step each.
    pub const OF_THE_PAPER: [Method; 5] =
        [Method::Ddim, Method::StochasticDdim, Method::Dpmpp2m, Method::SdeDpmpp2m, Method::ErSde3];

    /// The name in tables and titles.
    pub fn label(self) -> &'static str {
        match self {
            Method::Ddim => "DDIM",
            Method::StochasticDdim => "stochastic DDIM",
            Method::Dpmpp2m => "DPM++ 2M",
            Method::SdeDpmpp2m => "SDE-DPM++ 2M",
            Method::ErSde3 => "ER-SDE-3",
            Method::Heun => "Heun",
            Method::Unipc => "UniPC-2",
        }
    }

    /// The most steps that a budget of network evaluations allows.
    pub fn steps_within(self, evaluations: usize) -> usize {
        match self {
            Method::Heun => evaluations.div_ceil(2),
            _ => evaluations,
        }
    }

    /// The solver that the displacement rule takes it for.
    pub fn sampler(self) -> Sampler {
        match self {
            Method::Ddim => Sampler::Ddim,
            Method::StochasticDdim => Sampler::StochasticDdim,
            Method::Dpmpp2m | Method::Heun | Method::Unipc => Sampler::DpmPp2M,
            Method::SdeDpmpp2m | Method::ErSde3 => Sampler::SdeDpmPp2M,
        }
    }

    /// The factor on the integrand of the bound. Deterministic solvers have no bound; like the paper, they take the
    /// schedule that stochastic DDIM would have.
    pub fn klub_weight(self, sigma: f64) -> Result<f64, Error> {
        match self {
            Method::ErSde3 => NoiseScale::Sde5.klub_weight(sigma),
            _ => Ok(1.0),
        }
    }

    /// The passes of a whole run through `sigmas`.
    pub fn plan(self, sigmas: &[f64]) -> Result<Vec<Step>, Error> {
        let process = Process::Ve;
        let mut levels = vec![NoiseLevel::default(); sigmas.len()];
        process.fill_levels(&mut levels, sigmas)?;
        let schedule = Schedule::new(process, Prediction::Sample, &levels)?;
        match self {
            Method::Ddim => steps(Ddim::default(), &schedule),
            Method::StochasticDdim => steps(Ddim { eta: 1.0, ..Ddim::default() }, &schedule),
            Method::Dpmpp2m => steps(DpmPp2M::default(), &schedule),
            Method::SdeDpmpp2m => steps(SdeDpmPp2M::default(), &schedule),
            Method::ErSde3 => steps(ErSde::default(), &schedule),
            Method::Heun => steps(Heun::default(), &schedule),
            Method::Unipc => steps(UniPc::default(), &schedule),
        }
    }
}

fn steps(solver: impl Solver, schedule: &Schedule) -> Result<Vec<Step>, Error> {
    (0..solver.passes(schedule)?).map(|pass| solver.step(schedule, pass)).collect()
}

/// How often a plan evaluates the network.
pub fn evaluations(plan: &[Step]) -> usize {
    plan.iter().filter(|step| step.evaluate != 0).count()
}

/// Draws one item for each seed, with the noise of a stream. An item depends on its seed and stream alone, not on the
/// batch that it is drawn in, as far as the denoiser keeps items apart.
pub fn sample(denoiser: &dyn Denoise, plan: &[Step], seeds: &[u64], stream: u32) -> Result<Vec<f32>> {
    let item = denoiser.item_len();
    let mut items = vec![0f32; seeds.len() * item];
    items
        .par_chunks_mut(BATCH * item)
        .zip(seeds.par_chunks(BATCH))
        .try_for_each(|(x, seeds)| sample_batch(denoiser, plan, seeds, stream, x, |_, _| ()))?;
    Ok(items)
}

/// Draws one item for each seed, all in one batch. `record` sees each state that the network is evaluated at, and what
/// it made of it.
pub fn sample_batch(
    denoiser: &dyn Denoise,
    plan: &[Step],
    seeds: &[u64],
    stream: u32,
    x: &mut [f32],
    mut record: impl FnMut(&[f32], &[f32]),
) -> Result<()> {
    let Some(start) = plan.first() else { return Ok(()) };
    let noise = Noise::Seeded { seeds, stream, first_element: 0 };
    let slots = plan.iter().map(Step::slots).max().unwrap_or(0);
    let mut history = vec![0f32; history_len(slots, x.len())];
    let (mut input, mut output) = (vec![0f32; x.len()], vec![0f32; x.len()]);

    let initial = Inputs::<f32, f32> { noise, ..Inputs::default() };
    pass::apply(&[Step::initial_noise(start.at)?], x, &mut history, &initial, Some(&mut input))?;
    for step in plan {
        if step.evaluate != 0 {
            denoiser.denoise(&input, step.at.timestep, &mut output)?;
            record(&input, &output);
        }
        let inputs = Inputs { model: &output, noise, ..Inputs::default() };
        pass::apply(&[*step], x, &mut history, &inputs, Some(&mut input))?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::{self, PIXELS};
    use crate::denoiser::Denoiser;
    use crate::schedules::{Known, tests::RANGE};

    fn plan(method: Method, steps: usize) -> Vec<Step> {
        method.plan(&Known::Karras.sigmas(steps, RANGE).unwrap()).unwrap()
    }

    #[test]
    fn no_budget_is_exceeded_and_none_has_room_for_a_step_more() {
        for &method in Method::value_variants() {
            for budget in 1..30 {
                let steps = method.steps_within(budget);
                assert!(evaluations(&plan(method, steps)) <= budget);
                assert!(evaluations(&plan(method, steps + 1)) > budget);
            }
        }
    }

    #[test]
    fn an_image_depends_on_its_seed_alone() {
        let denoiser = Denoiser::new(data::load().unwrap().train);
        let seeds: Vec<u64> = (0..BATCH as u64 + 9).collect();
        for &method in Method::value_variants() {
            let plan = plan(method, 4);
            let all = sample(&denoiser, &plan, &seeds, 0).unwrap();
            let some = sample(&denoiser, &plan, &seeds[90..100], 0).unwrap();
            assert_eq!(all[90 * PIXELS..100 * PIXELS], some);
        }
    }

    #[test]
    fn many_steps_arrive_at_training_images() {
        let train = data::load().unwrap().train;
        let denoiser = Denoiser::new(train.clone());
        for &method in Method::value_variants() {
            let images = sample(&denoiser, &plan(method, 30), &[1, 2, 3, 4], 0).unwrap();
            for image in images.chunks(PIXELS) {
                let distance = |row: ndarray::ArrayView1<f32>| {
                    row.iter().zip(image).map(|(a, b)| (a - b).abs()).fold(0.0, f32::max)
                };
                let nearest = train.rows().into_iter().map(distance).fold(f32::INFINITY, f32::min);
                assert!(nearest < 1e-3, "{method:?}: {nearest}");
            }
        }
    }
}
