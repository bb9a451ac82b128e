//! Pixel-accurate masks from the coarse features of a diffusion network.

// The order of the modules is that of the header, and that in which a host meets them.
pub mod cluster;

pub mod modulate;

pub mod image;

pub mod difference;

pub mod blur;

pub mod fold;

pub mod readout;

pub mod upsample;

pub mod components;

pub mod embedding;

pub mod evaluate;
