//! Sampling: a solver and a schedule give steps, the steps are carried out batch by batch.

use crate::data::PIXELS;
use crate::denoiser::Denoiser;
use anyhow::Result;
use clap::ValueEnum;
use ndarray::{ArrayView2, ArrayViewMut2};
use quell::Error;
use quell::diffusion::noise::{NoiseLevel, Process};
use quell::diffusion::pass::{self, Inputs, Noise};
use quell::diffusion::prediction::Prediction;
use quell::diffusion::schedule::Schedule;
use quell::diffusion::solver::{Ddim, DpmPp2M, EulerAncestral, Heun, SdeDpmPp2M, Solver, UniPc};
use quell::diffusion::step::{Step, history_len};
use rayon::prelude::*;

/// Images that share the two matrix products of a network evaluation.
const BATCH: usize = 96;

/// A solver with its usual options.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Method {
    /// DDIM without noise: Euler's method on the probability-flow ODE
    Ddim,
    /// Ancestral sampling with all of DDPM's noise
    EulerAncestral,
    /// Heun's second-order method; n steps take 2n − 1 network evaluations
    Heun,
    /// DPM-Solver++(2M)
    Dpmpp2m,
    /// SDE-DPM-Solver++(2M)
    SdeDpmpp2m,
    /// UniPC of order 2
    Unipc,
}

impl Method {
    /// The name in tables and titles.
    pub fn label(self) -> &'static str {
        match self {
            Method::Ddim => "DDIM",
            Method::EulerAncestral => "Euler ancestral",
            Method::Heun => "Heun",
            Method::Dpmpp2m => "DPM++ 2M",
            Method::SdeDpmpp2m => "SDE-DPM++ 2M",
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

    /// The passes of a whole run through `sigmas`.
    pub fn plan(self, sigmas: &[f64]) -> Result<Vec<Step>, Error> {
        let process = Process::Ve;
        let mut levels = vec![NoiseLevel::default(); sigmas.len()];
        process.fill_levels(&mut levels, sigmas)?;
        let schedule = Schedule::new(process, Prediction::Sample, &levels)?;
        match self {
            Method::Ddim => steps(Ddim::default(), &schedule),
            Method::EulerAncestral => steps(EulerAncestral::default(), &schedule),
            Method::Heun => steps(Heun::default(), &schedule),
            Method::Dpmpp2m => steps(DpmPp2M::default(), &schedule),
            Method::SdeDpmpp2m => steps(SdeDpmPp2M::default(), &schedule),
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

/// Draws one image for each seed. An image depends on its own seed alone, not on the batch that it is drawn in.
pub fn sample(denoiser: &Denoiser, plan: &[Step], seeds: &[u64]) -> Result<Vec<f32>> {
    let mut images = vec![0f32; seeds.len() * PIXELS];
    images
        .par_chunks_mut(BATCH * PIXELS)
        .zip(seeds.par_chunks(BATCH))
        .try_for_each(|(x, seeds)| sample_batch(denoiser, plan, seeds, x))?;
    Ok(images)
}

fn sample_batch(denoiser: &Denoiser, plan: &[Step], seeds: &[u64], x: &mut [f32]) -> Result<()> {
    let Some(start) = plan.first() else { return Ok(()) };
    let noise = Noise::Seeded { seeds, stream: 0, first_element: 0 };
    let slots = plan.iter().map(Step::slots).max().unwrap_or(0);
    let mut history = vec![0f32; history_len(slots, x.len())];
    let (mut input, mut output) = (vec![0f32; x.len()], vec![0f32; x.len()]);
    let mut weights = denoiser.weights(seeds.len());

    let initial = Inputs::<f32, f32> { noise, ..Inputs::default() };
    pass::apply(&[Step::initial_noise(start.at)?], x, &mut history, &initial, Some(&mut input))?;
    for step in plan {
        if step.evaluate != 0 {
            let shape = (seeds.len(), PIXELS);
            let (input, output) =
                (ArrayView2::from_shape(shape, &input)?, ArrayViewMut2::from_shape(shape, &mut output)?);
            denoiser.denoise(input, step.at.timestep, &mut weights, output);
        }
        let inputs = Inputs { model: &output, noise, ..Inputs::default() };
        pass::apply(&[*step], x, &mut history, &inputs, Some(&mut input))?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data;
    use crate::schedules::{Family, Range};

    const RANGE: Range = Range { sigma_min: 0.02, sigma_max: 80.0, deviation: 0.5 };

    fn plan(method: Method, steps: usize) -> Vec<Step> {
        method.plan(&Family::Karras.sigmas(steps, RANGE).unwrap()).unwrap()
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
            let all = sample(&denoiser, &plan, &seeds).unwrap();
            let some = sample(&denoiser, &plan, &seeds[90..100]).unwrap();
            assert_eq!(all[90 * PIXELS..100 * PIXELS], some);
        }
    }

    #[test]
    fn many_steps_arrive_at_training_images() {
        let train = data::load().unwrap().train;
        let denoiser = Denoiser::new(train.clone());
        for &method in Method::value_variants() {
            let images = sample(&denoiser, &plan(method, 30), &[1, 2, 3, 4]).unwrap();
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
