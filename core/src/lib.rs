//! The numerics around a generative network: everything a host computes before and after it runs the network itself.
//!
//! The library allocates nothing, never panics and holds no state: every function works on buffers that the caller
//! owns, checks all its arguments before it writes, and returns an [`Error`] that names the argument at fault. The
//! same source gives the same bits on a microcontroller and on a workstation.
//!
//! # Modules
//!
//! | module | what it does |
//! | --- | --- |
//! | [`random`] | draws that are addressed, not sequenced: the same bits for any chunking and on any machine |
//! | [`diffusion`] | noise processes, sampling schedules and solvers of diffusion and flow-matching models |
//! | [`correspondence`] | pixel-accurate masks from the coarse features of a diffusion network |
//!
//! # Notation
//!
//! | symbol | in code | meaning |
//! | --- | --- | --- |
//! | x₀, D | `denoised` | the clean sample, and the network's estimate of it |
//! | αₜ, σₜ | `alpha`, `sigma` | the state is xₜ = αₜ·x₀ + σₜ·ε with ε ~ N(0, I) |
//! | ᾱₜ | `alpha_bar` | αₜ²/(αₜ² + σₜ²), the cumulative product of 1 − β for a variance-preserving process |
//! | λₜ | `half_log_snr` | ln(αₜ/σₜ), half the logarithm of the signal-to-noise ratio |
//! | h | `h` | λₛ − λₜ, the length of a step from t to s |
//!
//! # Features
//!
//! One feature a system, all on by default and none needing another: `diffusion`, `correspondence`; `graph` and
//! `population` are reserved and switch nothing on yet.
#![no_std]
#![forbid(unsafe_code)]

#[cfg(test)]
extern crate std;

#[cfg(feature = "correspondence")]
pub mod correspondence;
#[cfg(feature = "diffusion")]
pub mod diffusion;
mod error;
pub mod random;
mod scalar;
#[cfg(any(feature = "correspondence", feature = "diffusion"))]
mod slice;

pub use error::{Argument, Error};
pub use half::{bf16, f16};
pub use scalar::{Scalar, Storage};

/// The README's program is compiled and run.
#[cfg(all(doctest, feature = "diffusion"))]
#[doc = include_str!("../../README.md")]
pub struct Readme;

/// This release, as in the manifest.
pub const VERSION: &str = env!("CARGO_PKG_VERSION");
