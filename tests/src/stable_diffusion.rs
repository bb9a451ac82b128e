//! Stable Diffusion's training schedule and the 50 steps on it that the EmerDiff paper takes.

use crate::tables::Betas;
use quell::diffusion::noise::{NoiseLevel, Process, VpDiscrete};
use quell::diffusion::schedule::{Last, timesteps};
use std::sync::LazyLock;

/// The number of steps.
pub const STEPS: usize = 50;

/// The process that the network was trained on.
pub fn process() -> Process<'static> {
    static ALPHA_BARS: LazyLock<Vec<f64>> = LazyLock::new(|| Betas::ScaledLinear(0.00085, 0.012).alpha_bars(1000));
    Process::VpDiscrete(VpDiscrete { alpha_bars: &ALPHA_BARS })
}

/// The levels of the steps, which end at the first training step's ᾱ.
pub fn levels() -> [NoiseLevel; STEPS + 1] {
    let (mut times, mut levels) = ([0.0; STEPS], [NoiseLevel::default(); STEPS + 1]);
    timesteps::fill(&mut times, 1000, timesteps::Spacing::Leading { steps_offset: 1 }).expect("50 of 1000");
    process().fill_levels_at_timesteps(&mut levels, &times, Last::SigmaMin).expect("decreasing times");
    levels
}
