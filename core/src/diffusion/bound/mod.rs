//! The upper bound on the Kullback-Leibler divergence that discretisation causes (Align Your Steps, section 3), and
//! schedules from it.
//!
//! # The bound
//!
//! A solver of one evaluation a step lets the denoiser stand still over each step. By Girsanov's theorem the law of its
//! output is no farther from the process's than
//!
//! KLUB = Σᵢ ∫ σ⁻³·E|D(x_σ, σ) − D(x_σᵢ, σᵢ)|² dσ, the integral from σᵢ₊₁ to σᵢ, both states on one noising path.
//!
//! It is a sum over the steps, so that a level enters two terms only, and the best schedule among the levels of a grid
//! is a shortest path. For an ideal denoiser it depends on the data through the curve mmse(σ) = E|x₀ − D(x_σ, σ)|²
//! alone: a step costs ½·(σᵢ₊₁⁻² − σᵢ⁻²)·mmse(σᵢ) less the mutual information that it gains.
//!
//! Everything here is in noise-to-signal ratios (the variance exploding form, which every process can be brought to),
//! schedules run from the noisiest level down, and divergences are in nats. A network of another process is evaluated
//! at [`Process::at_noise_to_signal`](super::noise::Process::at_noise_to_signal)(σ): its state is α times the one here,
//! and [`Prediction::denoised`](super::prediction::Prediction::denoised) makes D of that state and of what it puts out.
//!
//! # What the paper prints otherwise
//!
//! * The factor is exactly 1: equation 8 has 2, equation 10 has 1.
//! * There is no s(t)² under the integral: a divergence does not change when the state is scaled.
//! * Algorithm 2 leaves out the normaliser of its proposal. The normaliser depends on the candidate, and without it no
//!   two candidates can be compared: for Gaussian data all of them would have the same value. [`Importance`] has it.
//! * A solver that remembers outputs never has a smaller bound than one that does not ([`multistep`]), so that
//!   schedules for such solvers do not come from their own bound.
//! * The schedule of the least bound is not the best one: the bound is far from tight, and the output's true divergence
//!   falls at first and then rises on the way to the bound's minimum. Stopping early is the method, not a detail.
//!
//! # Two ways to it
//!
//! The paper's way is to estimate the bound anew for each candidate, from pairs of network evaluations ([`Importance`],
//! [`fill_pair`], [`Candidates`]). The other is to evaluate the network once, on a grid of levels, and to answer all
//! questions from the table ([`MmseTable`] for a denoiser that is close to ideal, [`PairTable`] for any). [`Gaussian`]
//! has the answers in closed form.
//!
//! ```
//! use quell::diffusion::bound::{Gaussian, MmseCurve, dynamic};
//! use quell::diffusion::schedule::{Last, exponential};
//!
//! const LEVELS: usize = 201;
//! const STEPS: usize = 10;
//! let (data, mut sigmas) = (Gaussian::new(0.5, 1)?, [0.0; LEVELS]);
//! exponential::fill(&mut sigmas, 0.002, 80.0, Last::SigmaMin)?;
//! // Here stand closed forms; for other data an MmseTable takes what the host's network puts out.
//! let (mut mmse, mut information) = ([0.0; LEVELS], [0.0; LEVELS]);
//! for ((mmse, information), &sigma) in mmse.iter_mut().zip(&mut information).zip(&sigmas) {
//!     (*mmse, *information) = (data.mmse(sigma)?, data.information(sigma)?);
//! }
//! let curve = MmseCurve::new(&sigmas, &mmse, &information)?;
//!
//! let (mut totals, mut parents) = ([0.0; STEPS], [0; dynamic::parents_len(STEPS, LEVELS)]);
//! let mut scratch = [0.0; dynamic::scratch_len(STEPS, LEVELS)];
//! let cost = |from, to| curve.interval(from, to).unwrap_or(f64::NAN);
//! dynamic::shortest_paths(&mut totals, &mut parents, LEVELS, &mut scratch, cost)?;
//! let mut indices = [0; STEPS + 1];
//! dynamic::trace(&mut indices, &parents, LEVELS)?;
//! let on_grid = indices.map(|index| sigmas[index as usize]);
//!
//! // The best on the grid is within half a percent of the best there is.
//! let mut best = [0.0; STEPS + 1];
//! data.fill_klub_optimum(&mut best, 0.002, 80.0, Last::SigmaMin)?;
//! let excess = data.klub(&on_grid)? / data.klub(&best)? - 1.0;
//! assert!(excess > 0.0 && excess < 0.005);
//! # Ok::<(), quell::Error>(())
//! ```

mod costs;
mod curve;
pub mod density;
pub mod displacement;
pub mod dynamic;
mod estimate;
mod excess;
mod gaussian;
mod importance;
mod mmse;
mod moments;
pub mod multistep;
mod pairs;
mod path;
mod quadrature;
pub mod save;
pub mod search;
mod student;
pub mod teacher;
mod triangle;

pub use costs::IntervalCosts;
pub use curve::{MmseCurve, information_from_mmse};
pub use estimate::{Candidates, best_of, fill_pair, squared_distance};
pub use gaussian::{Gaussian, OutputLaw};
pub use importance::{Draw, Importance, stratified};
pub use mmse::{MmseTable, make_monotone, monotone_scratch_len};
pub use moments::Moments;
pub use pairs::PairTable;
pub use path::fill_path;
pub use triangle::pairs_len;
