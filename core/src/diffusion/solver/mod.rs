//! What one step of each solver is: pure functions of a schedule and a position.
//!
//! | type | evaluations a step | order | noise | slots |
//! | --- | --- | --- | --- | --- |
//! | [`Ddim`] | 1 | 1 | η | 0 |
//! | [`EulerAncestral`] | 1 | 1 | η | 0 |
//! | [`Heun`] | 2 | 2 | churn | 1 |
//! | [`DpmPp2M`] | 1 | 2 | none | 1 |
//! | [`SdeDpmPp2M`] | 1 | 2 in the drift | η | 1 |
//! | [`UniPc`] | 1 | p + 1 with corrector | none | p |
//! | [`ErSde`] | 1 | 1, or 2 in the drift | φ | p − 1 |
//!
//! All of them work on a state x = α·x₀ + σ·ε in any of its forms (variance preserving, variance exploding, flow) and
//! for any [`Prediction`](super::prediction::Prediction). The step to σ = 0 gives the network's estimate D of the
//! clean sample exactly; a step of no length leaves the state alone exactly.

mod ancestral;
mod ddim;
mod dpm;
mod er_sde;
mod heun;
mod noise_scale;
mod sde_dpm;
mod unipc;

pub use ancestral::EulerAncestral;
pub use ddim::Ddim;
pub use dpm::DpmPp2M;
pub use er_sde::{ErSde, Integral};
pub use heun::Heun;
pub use noise_scale::{NoiseScale, klub_weight};
pub use sde_dpm::SdeDpmPp2M;
pub use unipc::{BFunction, UniPc};

use super::noise::NoiseLevel;
use super::schedule::Schedule;
use super::step::Step;
use crate::error::Error;

/// A solver: from a schedule and a position to a [`Step`].
pub trait Solver {
    /// The most slots that any choice of options needs.
    const SLOTS: usize;

    /// Checks the options.
    ///
    /// # Errors
    ///
    /// [`Error::Domain`] or [`Error::Unknown`], naming the option.
    fn check(&self) -> Result<(), Error>;

    /// The number of passes for the whole schedule: network evaluations, and a first pass without one where churn asks
    /// for it.
    ///
    /// # Errors
    ///
    /// Those of [`Solver::check`].
    fn passes(&self, schedule: &Schedule) -> Result<usize, Error>;

    /// Pass `index` of [`Solver::passes`]: where to evaluate the network and what to make of its output.
    ///
    /// # Errors
    ///
    /// Those of [`Solver::check`]; [`Error::Domain`] for `index` past the last pass; [`Error::Domain`] for `level`
    /// where the network's prediction is undefined (noise prediction at α = 0), and for `levels` so far apart that a
    /// factor overflows.
    fn step(&self, schedule: &Schedule, index: usize) -> Result<Step, Error>;
}

/// How the second-order term of a DPM-Solver++ is weighted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum SecondOrder {
    /// Half of the first-order weight: Lu et al. 2022, algorithm 2.
    #[default]
    Midpoint,
    /// The exact integral of a line in λ.
    Heun,
}

/// What the formulas share about a step from one level to another.
#[derive(Clone, Copy, Debug)]
struct Interval {
    from: NoiseLevel,
    to: NoiseLevel,
    /// σₛ/σₜ.
    sigma_ratio: f64,
    /// αₛ − αₜ·σₛ/σₜ = αₛ·(1 − e^(−h)): the weight of a constant D.
    signal: f64,
    /// h = λₛ − λₜ; infinite from α = 0 or to σ = 0.
    h: f64,
}

impl Interval {
    fn new(from: NoiseLevel, to: NoiseLevel) -> Interval {
        let sigma_ratio = to.sigma / from.sigma;
        Interval {
            from,
            to,
            sigma_ratio,
            signal: to.alpha - from.alpha * sigma_ratio,
            h: libm::log((from.sigma * to.alpha) / (to.sigma * from.alpha)),
        }
    }

    /// The step at a position of a schedule.
    fn at(schedule: &Schedule, index: usize) -> Result<Interval, Error> {
        schedule.ends(index).map(|(from, to)| Interval::new(from, to))
    }
}

/// ψⱼ(H) = Σₘ H^m/(m + j)! for m ≥ 1, j from 1 to 3: ψ₁ = (e^H − 1)/H − 1 and ψⱼ₊₁ = ψⱼ/H − 1/(j + 1)!.
fn psi(j: usize, big_h: f64) -> f64 {
    let mut factorial = 1.0;
    for k in 2..=j {
        factorial *= k as f64;
    }
    // The recursion divides rounding errors by H each time; below 1 the series has none to divide.
    if big_h.abs() < 1.0 {
        let (mut term, mut sum) = (1.0 / factorial, 0.0);
        for m in 1..=20 {
            term *= big_h / (m + j) as f64;
            sum += term;
        }
        return sum;
    }
    let mut value = libm::expm1(big_h) / big_h - 1.0;
    let mut factorial = 1.0;
    for k in 2..=j {
        factorial *= k as f64;
        value = value / big_h - 1.0 / factorial;
    }
    value
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn psi_series_and_recursion_meet() {
        for j in 1..=3 {
            for big_h in [-1.0, 1.0] {
                let (inside, outside) = (psi(j, big_h * (1.0 - 1e-12)), psi(j, big_h * (1.0 + 1e-12)));
                assert!((inside / outside - 1.0).abs() < 1e-11, "{j} {inside} {outside}");
            }
        }
        assert!((psi(1, -2.0) - (((-2.0f64).exp() - 1.0) / -2.0 - 1.0)).abs() < 1e-15);
        assert_eq!(psi(1, 0.0), 0.0);
    }
}
