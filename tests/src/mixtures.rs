//! The twenty mixtures in one dimension on which rules for schedules are judged.
//!
//! They are drawn by quell's own generator, so a seed says all there is to know about one. `vectors/mixtures.json` holds
//! them as numbers for whoever reads them without this crate.

use crate::mixture1d::Mixture1d;
use quell::random::{Stream, fill_uniform};
use serde::{Deserialize, Serialize};

/// The seeds that the mixtures are drawn from.
pub const SEEDS: std::ops::Range<u64> = 0..20;

/// The level where every run starts.
pub const SIGMA_MAX: f64 = 20.0;

/// The level where every run ends, and where its law is judged.
pub const SIGMA_MIN: f64 = 0.02;

/// The most components of a mixture.
const MOST_COMPONENTS: usize = 5;

/// A mixture of normals in one dimension, and how many steps a schedule for it has.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Problem {
    /// What it is drawn from.
    pub seed: u64,
    /// The number of steps from [`SIGMA_MAX`] to [`SIGMA_MIN`].
    pub n: usize,
    /// The share of each component; they sum to 1.
    pub weights: Vec<f64>,
    /// The components' means.
    pub means: Vec<f64>,
    /// The components' standard deviations.
    pub stds: Vec<f64>,
}

impl Problem {
    /// Draws the mixture of a seed: 2 to 5 components and 5 to 12 steps, both uniform; weights uniform in [0.05, 1)
    /// and then normalised, means uniform in [-1.5, 1.5), standard deviations log-uniform in [0.03, 0.5).
    ///
    /// The uniforms are elements 0, 1, ... of stream 0, step 0: the number of components, the number of steps, and then
    /// weight, mean and standard deviation of each component.
    pub fn draw(seed: u64) -> Problem {
        let mut uniforms = [0.0; 2 + 3 * MOST_COMPONENTS];
        fill_uniform(&mut uniforms, Stream { seed, stream: 0, step: 0 }, 0).expect("elements from 0 on");
        let [count, steps, components @ ..] = uniforms;
        let components = &components.as_chunks::<3>().0[..2 + (4.0 * count) as usize];
        let raw: Vec<f64> = components.iter().map(|&[weight, ..]| 0.05 + 0.95 * weight).collect();
        let total: f64 = raw.iter().sum();
        // The exponential and the logarithm of a library in Rust, so that the file's bits hold on every machine.
        let (narrow, wide) = (libm::log(0.03), libm::log(0.5));
        Problem {
            seed,
            n: 5 + (8.0 * steps) as usize,
            weights: raw.iter().map(|weight| weight / total).collect(),
            means: components.iter().map(|&[_, mean, _]| -1.5 + 3.0 * mean).collect(),
            stds: components.iter().map(|&[.., std]| libm::exp(narrow + (wide - narrow) * std)).collect(),
        }
    }

    /// The law of the clean sample.
    pub fn mixture(&self) -> Mixture1d {
        Mixture1d::new(&self.weights, &self.means, &self.stds)
    }

    /// The mixtures of all seeds, in their order.
    pub fn all() -> Vec<Problem> {
        SEEDS.map(Problem::draw).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::vectors::json;

    #[test]
    fn the_file_holds_what_the_seeds_give() {
        let file: Vec<Problem> = json("mixtures.json");
        assert_eq!(file, Problem::all());
    }

    #[test]
    fn every_mixture_is_within_its_ranges() {
        for problem in Problem::all() {
            assert!((2..=5).contains(&problem.weights.len()) && (5..=12).contains(&problem.n));
            assert_eq!((problem.means.len(), problem.stds.len()), (problem.weights.len(), problem.weights.len()));
            assert!((problem.weights.iter().sum::<f64>() - 1.0).abs() < 1e-15);
            assert!(problem.means.iter().all(|mean| (-1.5..1.5).contains(mean)));
            assert!(problem.stds.iter().all(|std| (0.03 - 1e-15..0.5).contains(std)));
        }
    }

    #[test]
    fn every_count_occurs() {
        let problems = Problem::all();
        let with = |count: usize| problems.iter().filter(|problem| problem.weights.len() == count).count();
        assert!((2..=5).all(|count| with(count) > 0), "components");
        let steps: std::collections::BTreeSet<usize> = problems.iter().map(|problem| problem.n).collect();
        assert!(steps.len() >= 6, "{steps:?}");
    }
}
