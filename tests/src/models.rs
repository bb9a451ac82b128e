//! Networks with known outputs.

use quell::diffusion::noise::NoiseLevel;
use std::f64::consts::PI;

/// diffusers' `dummy` model: linear in its input, so every deterministic loop is a product.
pub fn dummy(timestep: f64, input: &[f64]) -> Vec<f64> {
    input.iter().map(|x| x * timestep / (timestep + 1.0)).collect()
}

/// The nonlinear model of the recorded runs; a wrong history shows.
pub fn sine(timestep: f64, input: &[f64]) -> Vec<f64> {
    input.iter().map(|x| (1.3 * x + 0.7).sin() + 0.001 * timestep * x.cos()).collect()
}

/// The denoiser of the recorded k-diffusion and diff-sampler runs.
pub fn tanh_denoiser(sigma: f64, x: &[f64]) -> Vec<f64> {
    let scale = 1.0 + 0.1 * sigma / (1.0 + sigma);
    x.iter().map(|x| (1.1 * x / (1.0 + sigma * sigma).sqrt() + 0.2).tanh() * scale).collect()
}

/// The noise prediction of the recorded DPM-Solver and UniPC runs, t in (0, 1].
pub fn sine_continuous(t: f64, x: &[f64]) -> Vec<f64> {
    x.iter().map(|x| (1.3 * x + 0.7).sin() + 0.3 * t * x.cos()).collect()
}

/// The ideal denoiser of N(0, `deviation`²) data, in any form of the state: D = x·α·c²/(α²c² + σ²).
pub fn gaussian(level: &NoiseLevel, deviation: f64) -> f64 {
    let signal = level.alpha * deviation;
    signal * deviation / (signal * signal + level.sigma * level.sigma)
}

/// A mixture of isotropic normals in two dimensions, with its ideal denoiser.
#[derive(Clone, Debug)]
pub struct Mixture {
    /// The share of each component.
    pub weights: Vec<f64>,
    /// The components' means.
    pub means: Vec<[f64; 2]>,
    /// The components' standard deviations.
    pub deviations: Vec<f64>,
}

impl Mixture {
    /// D = Σ rₖ·(μₖσ² + sₖ²x)/(sₖ² + σ²), rₖ the posterior share of component k, for each point of `x`.
    pub fn denoise(&self, sigma: f64, x: &[f64]) -> Vec<f64> {
        x.chunks_exact(2).flat_map(|x| self.denoise_point(sigma, [x[0], x[1]])).collect()
    }

    fn denoise_point(&self, sigma: f64, x: [f64; 2]) -> [f64; 2] {
        let variance = |k: usize| self.deviations[k].powi(2) + sigma * sigma;
        let logs: Vec<f64> = (0..self.weights.len())
            .map(|k| {
                let distance = (x[0] - self.means[k][0]).powi(2) + (x[1] - self.means[k][1]).powi(2);
                self.weights[k].ln() - (2.0 * PI * variance(k)).ln() - 0.5 * distance / variance(k)
            })
            .collect();
        let largest = logs.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        let shares: Vec<f64> = logs.iter().map(|log| (log - largest).exp()).collect();
        let total: f64 = shares.iter().sum();
        let mut denoised = [0.0; 2];
        for (k, share) in shares.iter().enumerate() {
            for (d, (&mean, &x)) in denoised.iter_mut().zip(self.means[k].iter().zip(&x)) {
                *d += share / total * (mean * sigma * sigma + self.deviations[k].powi(2) * x) / variance(k);
            }
        }
        denoised
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn gaussian_denoiser_has_its_limits() {
        let level = |alpha, sigma| NoiseLevel { alpha, sigma, input_scale: 1.0, timestep: 0.0 };
        assert_eq!(gaussian(&level(1.0, 0.0), 0.5), 1.0);
        assert_eq!(gaussian(&level(0.0, 1.0), 0.5), 0.0);
        assert_eq!(gaussian(&level(1.0, 0.5), 0.5), 0.5);
    }
}
