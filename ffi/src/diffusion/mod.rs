//! Sampling from diffusion and flow-matching models.

pub mod guidance;
pub mod noise;
pub mod pass;
pub mod prediction;
pub mod schedule;
pub mod solver;
pub mod step;
