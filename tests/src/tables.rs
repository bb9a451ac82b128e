//! Tables, schedules and levels as a host has them made.
//!
//! Each is made twice, by the Rust API and through the C ABI, and the two must agree bit for bit.

use crate::abi;
use crate::sampler::same_bits;
use quell::diffusion::noise::{self, NoiseLevel, Process, ShiftKind};
use quell::diffusion::schedule::timesteps::{self, Spacing};
use quell::diffusion::schedule::{Last, arctan, exponential, interpolate_log_linear, karras, published};
use quell_ffi::diffusion::noise::*;
use quell_ffi::diffusion::schedule::*;

/// Fills or changes a slice by the Rust API, and a copy of it in C: there, pointer and length stand before the
/// arguments.
macro_rules! twice {
    ($values:ident, $rust:expr, $c:ident($($argument:expr),*)) => {{
        let mut copy = $values.to_vec();
        $rust.expect("values");
        // SAFETY: all pointers are those of slices, alive, apart, and as long as said.
        let status = unsafe { $c(copy.as_mut_ptr(), copy.len(), $($argument),*) };
        assert_eq!(status, 0, "status in C");
        assert!(same_bits($values, &copy), "values in C");
    }};
}

fn last_in_c(last: Last) -> i32 {
    match last {
        Last::Zero => quell_last::Zero as i32,
        Last::SigmaMin => quell_last::SigmaMin as i32,
    }
}

/// `karras::fill`.
#[track_caller]
pub fn fill_karras(sigmas: &mut [f64], sigma_min: f64, sigma_max: f64, rho: f64, last: Last) {
    twice!(
        sigmas,
        karras::fill(sigmas, sigma_min, sigma_max, rho, last),
        quell_sigmas_karras(sigma_min, sigma_max, rho, last_in_c(last))
    );
}

/// `exponential::fill`.
#[track_caller]
pub fn fill_exponential(sigmas: &mut [f64], sigma_min: f64, sigma_max: f64, last: Last) {
    twice!(
        sigmas,
        exponential::fill(sigmas, sigma_min, sigma_max, last),
        quell_sigmas_exponential(sigma_min, sigma_max, last_in_c(last))
    );
}

/// `arctan::fill`.
#[track_caller]
pub fn fill_arctan(sigmas: &mut [f64], sigma_min: f64, sigma_max: f64, c: f64, last: Last) {
    twice!(
        sigmas,
        arctan::fill(sigmas, sigma_min, sigma_max, c, last),
        quell_sigmas_arctan(sigma_min, sigma_max, c, last_in_c(last))
    );
}

/// `published::fill`.
#[track_caller]
pub fn fill_published(sigmas: &mut [f64], list: published::List, last: Last) {
    let in_c = match list {
        published::List::StableDiffusion15 => quell_align_your_steps::StableDiffusion15,
        published::List::StableDiffusionXl => quell_align_your_steps::StableDiffusionXl,
        published::List::DeepFloydIf => quell_align_your_steps::DeepFloydIf,
        published::List::StableVideoDiffusion => quell_align_your_steps::StableVideoDiffusion,
        other => panic!("{other:?} has no counterpart in C"),
    };
    twice!(sigmas, published::fill(sigmas, list, last), quell_sigmas_align_your_steps(in_c as i32, last_in_c(last)));
}

/// `interpolate_log_linear`.
#[track_caller]
pub fn interpolate(sigmas: &mut [f64], nodes: &[f64]) {
    twice!(sigmas, interpolate_log_linear(sigmas, nodes), quell_interpolate_log_linear(nodes.as_ptr(), nodes.len()));
}

/// `timesteps::fill`.
#[track_caller]
pub fn fill_timesteps(timesteps: &mut [f64], train_timesteps: usize, spacing: Spacing) {
    let (in_c, steps_offset) = match spacing {
        Spacing::Leading { steps_offset } => (quell_spacing::Leading, steps_offset),
        Spacing::Linspace => (quell_spacing::Linspace, 0),
        Spacing::Trailing => (quell_spacing::Trailing, 0),
        other => panic!("{other:?} has no counterpart in C"),
    };
    twice!(
        timesteps,
        timesteps::fill(timesteps, train_timesteps, spacing),
        quell_timesteps_spaced(train_timesteps, in_c as i32, steps_offset)
    );
}

/// `timesteps::fill_continuous`.
#[track_caller]
pub fn fill_times(times: &mut [f64], t_min: f64, t_max: f64, power: f64) {
    twice!(
        times,
        timesteps::fill_continuous(times, t_min, t_max, power),
        quell_timesteps_continuous(t_min, t_max, power)
    );
}

/// A beta table.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Betas {
    /// From one value to another in a straight line.
    Linear(f64, f64),
    /// The square of such a line between the roots.
    ScaledLinear(f64, f64),
    /// A logistic curve.
    Sigmoid(f64, f64),
    /// Squared cosine with a cap.
    SquaredCosine(f64),
    /// Laplace with a cap.
    Laplace(f64),
}

impl Betas {
    /// The table of a training run of `count` steps.
    #[track_caller]
    pub fn table(self, count: usize) -> Vec<f64> {
        let mut table = vec![0.0; count];
        let betas = &mut table[..];
        match self {
            Betas::Linear(start, end) => {
                twice!(betas, noise::fill_betas_linear(betas, start, end), quell_betas_linear(start, end));
            }
            Betas::ScaledLinear(start, end) => {
                twice!(
                    betas,
                    noise::fill_betas_scaled_linear(betas, start, end),
                    quell_betas_scaled_linear(start, end)
                );
            }
            Betas::Sigmoid(start, end) => {
                twice!(betas, noise::fill_betas_sigmoid(betas, start, end), quell_betas_sigmoid(start, end));
            }
            Betas::SquaredCosine(most) => {
                twice!(betas, noise::fill_betas_squared_cosine(betas, most), quell_betas_squared_cosine(most));
            }
            Betas::Laplace(most) => {
                twice!(betas, noise::fill_betas_laplace(betas, most), quell_betas_laplace(most));
            }
        }
        table
    }

    /// ᾱ of that run.
    #[track_caller]
    pub fn alpha_bars(self, count: usize) -> Vec<f64> {
        let (betas, mut table) = (self.table(count), vec![0.0; count]);
        let alpha_bars = &mut table[..];
        twice!(
            alpha_bars,
            noise::alpha_bars_from_betas(alpha_bars, &betas),
            quell_alpha_bars_from_betas(betas.as_ptr(), betas.len())
        );
        table
    }
}

/// `rescale_zero_terminal_snr`.
#[track_caller]
pub fn rescale_zero_terminal_snr(alpha_bars: &mut [f64]) {
    twice!(alpha_bars, noise::rescale_zero_terminal_snr(alpha_bars), quell_rescale_zero_terminal_snr());
}

/// `shift`.
#[track_caller]
pub fn shift(sigmas: &mut [f64], amount: f64) {
    twice!(sigmas, noise::shift(sigmas, amount), quell_flow_shift(amount));
}

/// `shift_dynamic`.
#[track_caller]
pub fn shift_dynamic(sigmas: &mut [f64], mu: f64, kind: ShiftKind) {
    let in_c = match kind {
        ShiftKind::Exponential => quell_shift_kind::Exponential,
        ShiftKind::Linear => quell_shift_kind::Linear,
        other => panic!("{other:?} has no counterpart in C"),
    };
    twice!(sigmas, noise::shift_dynamic(sigmas, mu, kind), quell_flow_shift_dynamic(mu, in_c as i32));
}

/// `stretch_terminal`.
#[track_caller]
pub fn stretch_terminal(sigmas: &mut [f64], terminal: f64) {
    twice!(sigmas, noise::stretch_terminal(sigmas, terminal), quell_flow_stretch_terminal(terminal));
}

type LevelInC = unsafe extern "C" fn(*mut NoiseLevel, *const quell_process, f64) -> i32;

#[track_caller]
fn level(process: &Process, level: Result<NoiseLevel, quell::Error>, in_c: LevelInC, argument: f64) -> NoiseLevel {
    let (level, mut copy, process) = (level.expect("a level"), NoiseLevel::default(), abi::process(process));
    // SAFETY: both pointers are those of locals.
    assert_eq!(unsafe { in_c(&mut copy, &process, argument) }, 0, "status in C");
    let numbers = |l: NoiseLevel| [l.alpha, l.sigma, l.input_scale, l.timestep];
    assert!(same_bits(&numbers(level), &numbers(copy)), "level in C");
    level
}

/// `Process::at_sigma`.
#[track_caller]
pub fn at_sigma(process: &Process, sigma: f64) -> NoiseLevel {
    level(process, process.at_sigma(sigma), quell_level_at_sigma, sigma)
}

/// `Process::at_timestep`.
#[track_caller]
pub fn at_timestep(process: &Process, timestep: f64) -> NoiseLevel {
    level(process, process.at_timestep(timestep), quell_level_at_timestep, timestep)
}
