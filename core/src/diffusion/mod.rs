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

pub mod guidance;
pub mod noise;
pub mod pass;
pub mod prediction;
pub mod schedule;
pub mod solver;
pub mod step;
