//! Sampling from diffusion and flow-matching models: noise processes, schedules, solvers.
//!
//! A host that samples goes through four things:
//!
//! 1. a noise process ([`noise::Process`]) and what the network predicts ([`prediction::Prediction`]);
//! 2. a schedule: the noise levels at which to stop ([`schedule`]), as a slice of [`noise::NoiseLevel`];
//! 3. a solver ([`solver`]), which turns a position in the schedule into a [`step::Step`]: a small table of numbers;
//! 4. the pass ([`pass::apply`]), which carries a step out on the host's buffers.
//!
//! ```
//! use quell::diffusion::noise::{NoiseLevel, Process};
//! use quell::diffusion::pass::{self, Inputs, Noise};
//! use quell::diffusion::prediction::Prediction;
//! use quell::diffusion::schedule::{Last, Schedule, karras};
//! use quell::diffusion::solver::{DpmPp2M, Solver};
//! use quell::diffusion::step::Step;
//!
//! const STEPS: usize = 10;
//! const SIZE: usize = 8;
//! let process = Process::Edm { sigma_data: 0.5 };
//! let (mut sigmas, mut levels) = ([0.0; STEPS + 1], [NoiseLevel::default(); STEPS + 1]);
//! karras::fill(&mut sigmas, 0.002, 80.0, 7.0, Last::Zero)?;
//! process.fill_levels(&mut levels, &sigmas)?;
//! let schedule = Schedule::new(process, Prediction::Edm { sigma_data: 0.5 }, &levels)?;
//!
//! let solver = DpmPp2M::default();
//! let (mut x, mut input, mut output) = ([0f32; SIZE], [0f32; SIZE], [0f32; SIZE]);
//! let mut history = [0f32; SIZE * DpmPp2M::SLOTS];
//! let noise = Inputs { noise: Noise::Seeded { seeds: &[42], stream: 0, first_element: 0 }, ..Inputs::default() };
//! pass::apply(&[Step::initial_noise(levels[0])?], &mut x, &mut history, &noise, Some(&mut input))?;
//! for i in 0..solver.passes(&schedule)? {
//!     let step = solver.step(&schedule, i)?;
//!     if step.evaluate != 0 {
//!         // The host's network stands here; it is fed `input` and `step.at.timestep`.
//!         output.copy_from_slice(&input.map(|x| -0.1 * x));
//!     }
//!     pass::apply(&[step], &mut x, &mut history, &Inputs { model: &output, ..noise }, Some(&mut input))?;
//! }
//! assert!(x.iter().all(|x| x.is_finite()));
//! # Ok::<(), quell::Error>(())
//! ```
//!
//! Stable Diffusion 1.5: a table of ᾱ, noise prediction, 20 trailing timesteps, guidance, and a network that puts out
//! 16 bits beside an `f32` state.
//!
//! ```
//! # use quell::{f16, diffusion::{noise::*, pass::{self, Guidance, Inputs}, prediction::Prediction}};
//! # use quell::diffusion::{schedule::{Last, Schedule, timesteps}, solver::{Solver, UniPc}, step::{Step, history_len}};
//! # const SIZE: usize = 4;
//! let (mut betas, mut alpha_bars) = ([0.0; 1000], [0.0; 1000]);
//! fill_betas_scaled_linear(&mut betas, 0.00085, 0.012)?;
//! alpha_bars_from_betas(&mut alpha_bars, &betas)?;
//! let process = Process::VpDiscrete(VpDiscrete { alpha_bars: &alpha_bars });
//! let (mut times, mut levels) = ([0.0; 20], [NoiseLevel::default(); 21]);
//! timesteps::fill(&mut times, 1000, timesteps::Spacing::Trailing)?;
//! process.fill_levels_at_timesteps(&mut levels, &times, Last::Zero)?;
//! let schedule = Schedule::new(process, Prediction::Epsilon, &levels)?;
//!
//! let solver = UniPc::default();
//! let (mut x, mut input) = ([0.5f32; SIZE], [f16::ZERO; SIZE]);
//! let mut history = [0f32; history_len(2, SIZE)];
//! pass::apply(&[Step::identity(levels[0])?], &mut x, &mut history, &Inputs::default(), Some(&mut input))?;
//! for i in 0..solver.passes(&schedule)? {
//!     let step = solver.step(&schedule, i)?;
//!     let (conditional, unconditional) = ([f16::ONE; SIZE], [f16::ZERO; SIZE]); // two networks' outputs
//!     let guidance = Some(Guidance { unconditional: &unconditional, scale: 7.5 });
//!     let inputs = Inputs { model: &conditional, guidance, ..Inputs::default() };
//!     pass::apply(&[step], &mut x, &mut history, &inputs, Some(&mut input))?;
//! }
//! # Ok::<(), quell::Error>(())
//! ```
//!
//! A rectified flow such as Stable Diffusion 3 or Flux: Euler's method on shifted levels.
//!
//! ```
//! # use quell::diffusion::{noise::*, prediction::Prediction, schedule::Schedule, solver::{EulerAncestral, Solver}};
//! let mut sigmas: [f64; 29] = core::array::from_fn(|i| 1.0 - i as f64 / 28.0);
//! shift(&mut sigmas, 3.0)?;
//! let (process, mut levels) = (Process::Flow(RectifiedFlow::default()), [NoiseLevel::default(); 29]);
//! process.fill_levels(&mut levels, &sigmas)?;
//! let schedule = Schedule::new(process, Prediction::Flow, &levels)?;
//! let euler = EulerAncestral { eta: 0.0, ..EulerAncestral::default() };
//! assert_eq!(euler.passes(&schedule)?, 28);
//! # Ok::<(), quell::Error>(())
//! ```
//!
//! Image to image, painting only where the mask is 1: the run starts part-way, from the noised image.
//!
//! ```
//! # use quell::diffusion::{noise::*, pass::{self, Inpaint, Inputs, Noise}, prediction::Prediction};
//! # use quell::diffusion::schedule::{self, Last, Schedule, karras}; use quell::diffusion::step::Step;
//! # use quell::diffusion::solver::{Ddim, Solver};
//! # let process = Process::Ve;
//! # let (mut sigmas, mut levels) = ([0.0; 11], [NoiseLevel::default(); 11]);
//! # karras::fill(&mut sigmas, 0.02, 20.0, 7.0, Last::Zero)?;
//! # process.fill_levels(&mut levels, &sigmas)?;
//! let (image, mask) = ([0.1f32, 0.2, 0.3, 0.4], [1.0, 1.0, 0.0, 0.0]);
//! let schedule = Schedule::new(process, Prediction::Sample, &levels[schedule::start(10, 0.6)?..])?;
//! let noise = Noise::Seeded { seeds: &[42], stream: 0, first_element: 0 };
//! let inpaint = Some(Inpaint { mask: &mask, known: &image, noise });
//! let (mut x, mut input, inputs) = (image, [0f32; 4], Inputs { noise, inpaint, ..Inputs::default() });
//! pass::apply(&[Step::add_noise(schedule.levels()[0])?], &mut x, &mut [], &inputs, Some(&mut input))?;
//! for i in 0..Ddim::default().passes(&schedule)? {
//!     let step = Ddim::default().step(&schedule, i)?;
//!     let output = input.map(|_| 0.5); // the network's
//!     pass::apply(&[step], &mut x, &mut [], &Inputs { model: &output, ..inputs }, Some(&mut input))?;
//! }
//! assert_eq!(x, [0.5, 0.5, 0.3, 0.4]);
//! # Ok::<(), quell::Error>(())
//! ```

pub mod bound;
pub mod guidance;
pub mod inversion;
pub mod noise;
pub mod pass;
pub mod prediction;
pub mod schedule;
pub mod solver;
pub mod step;
