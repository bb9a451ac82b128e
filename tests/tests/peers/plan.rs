//! A recorded run in the terms of quell: its steps, and the host's part.

use quell::diffusion::step::Step;
use quell_tests::abi::AbiElement;
use quell_tests::sampler::{self, Evaluation, Feed, Host, narrow, run, widened};
use quell_tests::vectors::noise_row;
use serde_json::Value;

/// A network of the host: its output from what it sees.
pub type Network = Box<dyn Fn(&Evaluation) -> Vec<f64>>;

/// What the host does to the estimate of the clean sample.
pub type Clip = Box<sampler::Clip>;

/// The noise of each draw.
pub type Draws = Box<dyn Fn(u32) -> Vec<f64>>;

/// All that a run needs.
pub struct Plan {
    /// The solver's name, for the report.
    pub solver: &'static str,
    /// The steps.
    pub steps: Vec<Step>,
    /// The initial state.
    pub start: Vec<f64>,
    /// The network.
    pub network: Network,
    /// Clipping or thresholding.
    pub clip: Option<Clip>,
    /// The noise.
    pub noise: Draws,
    /// What the network is fed.
    pub feed: Feed,
}

impl Plan {
    /// The final state, computed with states and histories of type `X`.
    pub fn run<X: AbiElement>(&self) -> Vec<f64> {
        let start: Vec<X> = self.start.iter().map(|&x| narrow(x)).collect();
        let mut network = |evaluation: &Evaluation| (self.network)(evaluation);
        let mut host = Host { network: &mut network, clip: self.clip.as_deref(), noise: &*self.noise, feed: self.feed };
        widened(&run(&self.steps, start, &mut host))
    }
}

/// A model of the recorded runs as the host's network: it looks at time and input alone.
pub fn network(model: fn(f64, &[f64]) -> Vec<f64>) -> Network {
    Box::new(move |evaluation| model(evaluation.at.timestep, evaluation.input))
}

/// Draws from the recorded pool: the row of each draw, if it took one.
pub fn rows(rows: Vec<Option<usize>>) -> Draws {
    Box::new(move |draw| match rows.get(draw as usize) {
        Some(&Some(row)) => noise_row(row).to_vec(),
        _ => panic!("draw {draw} was not recorded"),
    })
}

/// The entries of a JSON array that are indices.
pub fn indices(value: &Value) -> Vec<usize> {
    value.as_array().map_or(vec![], |array| array.iter().map(|x| x.as_u64().expect("an index") as usize).collect())
}
