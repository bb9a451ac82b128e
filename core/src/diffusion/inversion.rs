//! Edit-friendly inversion: the noise with which a stochastic sampler reproduces a given sample, whatever the network
//! is (Huberman-Spiegelglas, Kulikov and Michaeli 2024).
//!
//! The states of a run are chosen first: the clean sample, noised to each level with its own draw. Each step is then
//! solved for the noise that leads from one to the next, x' = … + c·z. Sampling with these draws gives the sample back;
//! with a change in the network, it gives the sample's answer to that change. The levels above the one that an edit
//! starts at never matter, as their draws are independent: only the steps below are inverted.
//!
//! Any step serves that draws noise: [`Ddim`](super::solver::Ddim) with η = 1, say, on a schedule that does not end at
//! σ = 0, where every sampler gives the network's estimate and nothing else.
//!
//! ```
//! use quell::diffusion::inversion::{invert, noise_to};
//! use quell::diffusion::noise::*;
//! use quell::diffusion::pass::{self, Inputs, Noise};
//! use quell::diffusion::prediction::Prediction;
//! use quell::diffusion::schedule::{Last, Schedule, start, timesteps};
//! use quell::diffusion::solver::{Ddim, Solver};
//! use quell::diffusion::step::Step;
//!
//! let network = |input: [f64; 2], timestep: f64| input.map(|x| (3.0 * x).sin() + 0.001 * timestep);
//! # let (mut betas, mut alpha_bars) = ([0.0; 1000], [0.0; 1000]);
//! # fill_betas_scaled_linear(&mut betas, 0.00085, 0.012)?;
//! # alpha_bars_from_betas(&mut alpha_bars, &betas)?;
//! let process = Process::VpDiscrete(VpDiscrete { alpha_bars: &alpha_bars });
//! let (mut times, mut levels) = ([0.0; 50], [NoiseLevel::default(); 51]);
//! timesteps::fill(&mut times, 1000, timesteps::Spacing::Leading { steps_offset: 1 })?;
//! process.fill_levels_at_timesteps(&mut levels, &times, Last::SigmaMin)?;
//! let schedule = Schedule::new(process, Prediction::Epsilon, &levels[start(50, 0.3)?..])?;
//! let ddim = Ddim { eta: 1.0, ..Ddim::default() };
//!
//! let clean = [0.4, -1.2];
//! let seeded = Noise::Seeded { seeds: &[1], stream: 0, first_element: 0 };
//! let draw = Inputs::<f64, f64> { noise: seeded, ..Inputs::default() };
//! let (mut first, mut input, mut noise) = (clean, [0.0; 2], [[0.0; 2]; 15]);
//! pass::apply(&[Step::add_noise(schedule.levels()[0])?], &mut first, &mut [], &draw, Some(&mut input))?;
//! let mut x = first;
//! for (i, noise) in noise.iter_mut().enumerate() {
//!     let step = ddim.step(&schedule, i)?;
//!     *noise = clean;
//!     // The last state is the sample itself.
//!     if i + 1 < schedule.steps() {
//!         pass::apply(&[noise_to(&step)?], noise, &mut [], &draw, None)?;
//!     }
//!     let model = network(input, step.at.timestep);
//!     invert(&step, &mut x, &mut [], noise, &Inputs { model: &model, ..Inputs::default() }, Some(&mut input))?;
//! }
//! assert!((x[0] - clean[0]).abs() < 1e-15 && (x[1] - clean[1]).abs() < 1e-15);
//!
//! let mut again = first;
//! for (i, noise) in noise.iter().enumerate() {
//!     let step = ddim.step(&schedule, i)?;
//!     let model = network(again, step.at.timestep);
//!     let inputs = Inputs { model: &model, noise: Noise::Slice(noise), ..Inputs::default() };
//!     pass::apply(&[step], &mut again, &mut [], &inputs, None)?;
//! }
//! assert_eq!(again, x);
//! # Ok::<(), quell::Error>(())
//! ```

use super::pass::{self, Inputs, Noise};
use super::prediction::Linear;
use super::step::{Row, Step, TableRow, destination};
use crate::Storage;
use crate::error::{Argument, Error, check};
use crate::scalar::rounded;

/// The step that noises a clean sample to the level at which `step` ends, with a draw of its own: the number of the
/// step's draw, which an inversion leaves unused.
///
/// # Errors
///
/// [`Error::Domain`] for `level` when the step ends at none.
pub fn noise_to(step: &Step) -> Result<Step, Error> {
    Ok(Step { noise_index: step.noise_index, ..Step::add_noise(step.next)? })
}

/// The step solved for its noise, as a step: z = (x' − x·`x` − model·`model` − …)/c.
///
/// A pass carries it out on x' in the place of the state, with x in the place of the noise; everything else is as the
/// step has it, and no slot is written. `clipped` says whether there is an estimate of the clean sample beside the
/// network's output.
///
/// # Errors
///
/// [`Error::Domain`] or [`Error::Unknown`] for `step` that no pass can carry out, whose factor c on the noise is 0, or
/// where a quotient by c overflows.
///
/// # Example
///
/// ```
/// use quell::diffusion::{inversion::solved_for_noise, noise::NoiseLevel, prediction::Prediction, solver::Ddim};
/// let level = |alpha, sigma| NoiseLevel { alpha, sigma, input_scale: 1.0, timestep: 0.0 };
/// let step = Ddim { eta: 1.0, ..Ddim::default() }.between(level(0.6, 0.8), level(0.8, 0.6), Prediction::Sample)?;
/// let ([row, ..], [solved, ..]) = (step.table(false), solved_for_noise(&step, false)?.table(false));
/// assert_eq!((solved.x, solved.noise), (1.0 / row.noise, -row.x / row.noise));
/// # Ok::<(), quell::Error>(())
/// ```
pub fn solved_for_noise(step: &Step, clipped: bool) -> Result<Step, Error> {
    let [row, ..] = step.checked_table(clipped, Argument::Step)?;
    if row.noise == 0.0 {
        return Err(Error::Domain { argument: Argument::Step, value: row.noise });
    }
    let over = |factor: f64| -factor / row.noise;
    let solved = Row {
        x: 1.0 / row.noise,
        denoised: over(row.denoised),
        raw: over(row.model),
        noise: over(row.x),
        slots: row.slots.map(over),
    };
    let step = Step {
        // The factors of the table are on the buffers themselves.
        denoised: Linear { x: 0.0, model: 1.0 },
        rows: [solved, Row::default(), Row::default()],
        destinations: [destination::TO_X, destination::UNUSED, destination::UNUSED],
        ..*step
    };
    step.checked_table(clipped, Argument::Step).map(|_| step)
}

/// One step of an inversion: finds the noise that leads to a given state, and takes the step with it.
///
/// `noise` holds the state to reach, x', and is given the noise z, rounded to its type. `x` and `history` are what
/// [`pass::apply`] makes of them with that z, and so is `next_input`: a run with the same draws and the same network
/// repeats each of its states bit for bit, and x differs from x' by one step's rounding, never by that of a whole run.
///
/// The step is for the whole batch. `inputs` are those of the pass; their noise is not read.
///
/// # Errors
///
/// Those of [`solved_for_noise`] and of [`pass::apply`]; [`Error::Length`] for `noise`, and for `mask` where there is
/// inpainting, as no noise reaches what is kept.
pub fn invert<X: Storage, M: Storage>(
    step: &Step,
    x: &mut [X],
    history: &mut [X],
    noise: &mut [X],
    inputs: &Inputs<X, M>,
    next_input: Option<&mut [M]>,
) -> Result<(), Error> {
    let clipped = inputs.denoised.is_some();
    let solved = solved_for_noise(step, clipped)?;
    for step in [step, &solved] {
        let level = [step.next.alpha, step.next.sigma, step.next.input_scale];
        for factor in step.table(clipped).iter().flat_map(TableRow::factors).chain(level) {
            rounded::<X::Acc>(Argument::Step, factor)?;
        }
    }
    check::length(Argument::Noise, x.len(), noise.len())?;
    if let Some(inpaint) = &inputs.inpaint {
        check::length(Argument::Mask, 0, inpaint.mask.len().max(1))?;
    }
    let steps = core::slice::from_ref(step);
    pass::check_pass(
        steps,
        x.len(),
        history.len(),
        &Inputs { noise: Noise::Slice(noise), ..*inputs },
        next_input.as_deref(),
    )?;
    pass::apply(&[solved], noise, history, &Inputs { noise: Noise::Slice(x), ..*inputs }, None)?;
    pass::apply(steps, x, history, &Inputs { noise: Noise::Slice(noise), ..*inputs }, next_input)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diffusion::noise::NoiseLevel;
    use crate::diffusion::pass::Inpaint;
    use crate::diffusion::prediction::Prediction;
    use crate::diffusion::solver::Ddim;

    fn level(alpha: f64, sigma: f64) -> NoiseLevel {
        NoiseLevel { alpha, sigma, input_scale: 0.5, timestep: 0.0 }
    }

    fn stochastic() -> Step {
        let ddim = Ddim { eta: 1.0, ..Ddim::default() };
        ddim.between(level(0.6, 0.8), level(0.8, 0.6), Prediction::V).unwrap()
    }

    #[test]
    fn a_step_solved_for_its_noise_gives_the_noise_that_it_took() {
        for clipped in [None, Some([0.4, 0.3])] {
            let step = stochastic();
            let (mut x, z, model) = ([0.7f64, -1.1], [0.9, -0.2], [0.3, 1.4]);
            let before = x;
            let inputs = Inputs { model: &model, denoised: clipped.as_ref().map(|d| &d[..]), ..Inputs::default() };
            pass::apply(&[step], &mut x, &mut [], &Inputs { noise: Noise::Slice(&z), ..inputs }, None).unwrap();
            let solved = solved_for_noise(&step, clipped.is_some()).unwrap();
            pass::apply(&[solved], &mut x, &mut [], &Inputs { noise: Noise::Slice(&before), ..inputs }, None).unwrap();
            assert!((x[0] - z[0]).abs() < 1e-15 && (x[1] - z[1]).abs() < 1e-15, "{x:?}");
        }
    }

    #[test]
    fn noised_states_draw_apart_from_each_other() {
        let step = Step { noise_index: 7, ..stochastic() };
        let noised = noise_to(&step).unwrap();
        assert_eq!((noised.noise_index, noised.at, noised.evaluate), (7, step.next, 0));
        assert!(noise_to(&Step { next: level(0.0, 0.0), ..step }).is_err());
    }

    #[test]
    fn what_no_noise_leads_to_changes_nothing() {
        let good = stochastic();
        let (mut x, mut history, mut noise, mut next) = ([1f32; 2], [2f32; 2], [3f32; 2], [4f32; 2]);
        let model = [0.5f32; 2];
        let inputs = Inputs { model: &model, ..Inputs::default() };
        let mut refused = |step: &Step, inputs: &Inputs<f32, f32>, states: usize, draws: usize, next_inputs: usize| {
            let (x, noise) = (&mut x[..states], &mut noise[..draws]);
            invert(step, x, &mut history, noise, inputs, Some(&mut next[..next_inputs])).unwrap_err()
        };
        let zero = Error::Domain { argument: Argument::Step, value: 0.0 };
        let silent = Ddim::default().between(level(0.6, 0.8), level(0.8, 0.6), Prediction::V).unwrap();
        let last =
            Ddim { eta: 1.0, ..Ddim::default() }.between(level(0.6, 0.8), level(1.0, 0.0), Prediction::V).unwrap();
        assert_eq!(refused(&silent, &inputs, 2, 2, 2), zero);
        assert_eq!(refused(&last, &inputs, 2, 2, 2), zero);
        // 1/c is finite in double precision only, or in neither.
        for factor in [1e-40, 1e-310] {
            let mut step = good;
            step.rows[0].noise = factor;
            assert_eq!(refused(&step, &inputs, 2, 2, 2).argument(), Argument::Step);
        }
        assert_eq!(refused(&good, &inputs, 2, 1, 2).argument(), Argument::Noise);
        assert_eq!(refused(&good, &inputs, 1, 1, 1).argument(), Argument::Model);
        assert_eq!(refused(&good, &inputs, 2, 2, 1).argument(), Argument::NextInput);
        assert_eq!(refused(&good.store(1, Row::default()), &inputs, 2, 2, 2).argument(), Argument::History);
        let inpaint = Some(Inpaint { mask: &[0.0], known: &[0.0; 2], noise: Noise::None });
        assert_eq!(refused(&good, &Inputs { inpaint, ..inputs }, 2, 2, 2).argument(), Argument::Mask);
        let mut overflows = good;
        overflows.next.input_scale = 1e39;
        assert_eq!(refused(&overflows, &inputs, 2, 2, 2).argument(), Argument::Step);
        assert_eq!((x, history, noise, next), ([1.0; 2], [2.0; 2], [3.0; 2], [4.0; 2]));
    }
}
