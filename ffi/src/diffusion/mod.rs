//! Sampling from diffusion and flow-matching models.

// The order of the modules is that of the header, and that in which a host meets them.
pub mod noise;

pub mod schedule;

pub mod prediction;

pub mod solver;

pub mod step;

pub mod pass;

pub mod guidance;

pub mod inversion;

pub mod bound;
