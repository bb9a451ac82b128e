//! A whole run as one linear map, where the network is linear.
//!
//! With D = gain·x + offset·c the last state is a sum a·x_T + b·c + Σ wₖ·zₖ. The pass works on each element alone, so
//! one run on unit vectors gives every factor: element 0 starts with x_T = 1, element 1 has c = 1, element 2 + k draws
//! zₖ = 1. Means and variances then follow without a single random number.

use crate::sampler::{Evaluation, Feed, Host, run};
use quell::diffusion::noise::NoiseLevel;
use quell::diffusion::prediction::Prediction;
use quell::diffusion::step::Step;

/// The factors of the last state.
#[derive(Clone, Debug)]
pub struct Recurrence {
    /// On the first state.
    pub state: f64,
    /// On the constant.
    pub constant: f64,
    /// On each draw of noise, by its number.
    pub noise: Vec<f64>,
}

impl Recurrence {
    /// Runs the steps of a schedule for a network that predicts the clean sample as gain·x + offset·c, both numbers
    /// functions of the level.
    pub fn of(steps: &[Step], denoiser: impl Fn(&NoiseLevel) -> (f64, f64)) -> Recurrence {
        let draws = steps.iter().filter(|step| step.rows.iter().any(|row| row.noise != 0.0));
        let draws = draws.map(|step| step.noise_index as usize + 1).max().unwrap_or(0);
        let unit = |k: usize| -> Vec<f64> { (0..draws + 2).map(|j| if j == k { 1.0 } else { 0.0 }).collect() };
        let mut network = |evaluation: &Evaluation| {
            let (gain, offset) = denoiser(&evaluation.at);
            let state = |input: f64| input / evaluation.at.input_scale;
            let d = evaluation.input.iter().map(|&input| gain * state(input));
            d.enumerate().map(|(j, d)| if j == 1 { d + offset } else { d }).collect()
        };
        let noise = |draw: u32| unit(2 + draw as usize);
        let mut host = Host { network: &mut network, clip: None, noise: &noise, feed: Feed::Scaled };
        let last = run(steps, unit(0), &mut host);
        Recurrence { state: last[0], constant: last[1], noise: last[2..].to_vec() }
    }

    /// The variance of the last state when the first one has the given variance, noise being standard normal.
    pub fn variance(&self, start: f64) -> f64 {
        self.state * self.state * start + self.noise.iter().map(|w| w * w).sum::<f64>()
    }
}

/// The prediction that [`Recurrence::of`] expects of a schedule.
pub const PREDICTION: Prediction = Prediction::Sample;
