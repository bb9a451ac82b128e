//! A generator without weights, on synthetic scenes: an analytic denoiser, no learned semantics.
//!
//! Its coarse layer has one feature vector for each of 8 × 8 cells, the cell's mean colour; its attention gives each
//! pixel a soft-max over the cells, by distance in space and by distance in colour in a lightly blurred state. The
//! estimate of the clean sample is x̂₀(p) = Σ_q W(p, q)·f_q: a joint bilateral filter of the cells' means. It is what
//! masks by modulation need of a network: values at cells, attention that can be frozen, and a place for an offset.

use quell::correspondence::blur::{Gaussian, filter};
use quell::correspondence::upsample::Grid;
use quell::diffusion::noise::NoiseLevel;
use quell::random::{Stream, fill_uniform};
use std::f64::consts::TAU;

/// The cells over the image.
pub const GRID: Grid = Grid { rows: 8, columns: 8, height: 64, width: 64 };

/// The colours.
pub const CHANNELS: usize = 3;

/// The elements of an image, (C, H, W).
pub const ELEMENTS: usize = CHANNELS * GRID.pixels();

/// The pixels of a cell, along an axis.
const SCALE: usize = GRID.width / GRID.columns;

/// How far apart in space, in cells, counts as near.
pub const SIGMA_SPACE: f64 = 0.8;

/// An image with colours from −1 to 1, and the number of the thing at each pixel: sky, ground, then shapes.
#[derive(Clone, Debug)]
pub struct Scene {
    /// The image, (C, H, W).
    pub image: Vec<f64>,
    /// What is at each pixel.
    pub truth: Vec<u8>,
}

/// A sky over striped ground with a sloping horizon between them, and two to four shaded shapes before both.
pub fn scene(seed: u64) -> Scene {
    let mut drawn = 0;
    let mut uniform = || {
        let mut one = [0.0];
        fill_uniform(&mut one, Stream { seed, stream: 7, step: 0 }, drawn).expect("a draw");
        drawn += 1;
        one[0]
    };
    let mut tint = |colour: [f64; 3]| colour.map(|c| c + 0.3 * (uniform() - 0.5));
    let (sky, ground) = (tint([0.35, 0.55, 0.85]), tint([0.45, 0.5, 0.2]));
    let (horizon, slope) = (22.0 + 24.0 * uniform(), 0.5 * (uniform() - 0.5));
    let (phase, period) = (TAU * uniform(), 4.0 + 4.0 * uniform());
    let mut scene = Scene { image: vec![0.0; ELEMENTS], truth: vec![0; GRID.pixels()] };
    scene.paint(0, |_, y| Some(sky.map(|c| c + 0.25 * (y / 64.0 - 0.5))));
    scene.paint(1, |x, y| {
        let stripes = 0.06 * (TAU * (y + 0.3 * x) / period + phase).sin();
        (y > horizon + slope * (x - 32.0)).then(|| ground.map(|c| c + stripes))
    });
    for shape in 0..2 + (3.0 * uniform()) as u8 {
        let (radius, cx, cy) = (7.0 + 9.0 * uniform(), 8.0 + 48.0 * uniform(), 8.0 + 48.0 * uniform());
        let (sin, cos) = (TAU * uniform()).sin_cos();
        let kind = (4.0 * uniform()) as usize;
        let hue = [[0.85, 0.2, 0.2], [0.9, 0.8, 0.2], [0.6, 0.2, 0.75], [0.95, 0.95, 0.95]][kind];
        let colour = hue.map(|c| c + 0.3 * (uniform() - 0.5));
        scene.paint(2 + shape, |x, y| {
            let (dx, dy) = (x - cx, y - cy);
            let (u, v) = (cos * dx + sin * dy, cos * dy - sin * dx);
            let square = (u * u + v * v) / (radius * radius);
            let inside = match kind {
                0 => square < 1.0,
                1 => u.abs() < 0.85 * radius && v.abs() < 0.85 * radius,
                2 => v < 0.6 * radius && v > 1.75 * u.abs() - radius,
                _ => square < 1.1 && square > 0.3,
            };
            inside.then(|| colour.map(|c| c + 0.12 * (u / radius).clamp(-1.0, 1.0)))
        });
    }
    scene
}

impl Scene {
    /// Paints a thing over what is there, with colours from 0 to 1 where the function gives one.
    fn paint(&mut self, thing: u8, colour: impl Fn(f64, f64) -> Option<[f64; 3]>) {
        for pixel in 0..GRID.pixels() {
            let (x, y) = ((pixel % GRID.width) as f64 + 0.5, (pixel / GRID.width) as f64 + 0.5);
            if let Some(colour) = colour(x, y) {
                self.truth[pixel] = thing;
                for (channel, c) in colour.iter().enumerate() {
                    self.image[channel * GRID.pixels() + pixel] = 2.0 * c.clamp(0.0, 1.0) - 1.0;
                }
            }
        }
    }
}

/// The values of the coarse layer, (cells, C): the mean of each cell of x/α.
pub fn values(x: &[f64], alpha: f64) -> Vec<f64> {
    let mut means = vec![0.0; GRID.cells() * CHANNELS];
    for (element, x) in x.iter().enumerate() {
        let (channel, pixel) = (element / GRID.pixels(), element % GRID.pixels());
        let cell = pixel / GRID.width / SCALE * GRID.columns + pixel % GRID.width / SCALE;
        means[cell * CHANNELS + channel] += x / alpha / (SCALE * SCALE) as f64;
    }
    means
}

/// What the attention of one evaluation is made from, and its weights.
#[derive(Clone, Debug)]
pub struct Attention {
    /// The blurred state, (C, H, W): the queries.
    pub guide: Vec<f64>,
    /// Its mean over each cell, (C, rows, columns): the keys.
    pub coarse_guide: Vec<f64>,
    /// How different in colour counts as near.
    pub sigma_range: f64,
    /// The soft-max, (pixels, cells).
    pub weights: Vec<f64>,
}

/// The attention at a state.
pub fn attend(x: &[f64], level: &NoiseLevel) -> Attention {
    let noise = level.noise_to_signal();
    let blur = (1.2 * noise).min(2.0);
    let mut guide: Vec<f64> = x.iter().map(|x| x / level.alpha).collect();
    if blur > 0.1 {
        let gaussian = Gaussian::new(blur);
        let mut scratch = vec![0.0; gaussian.scratch_len(GRID.height, GRID.width)];
        for channel in guide.chunks_mut(GRID.pixels()) {
            filter(channel, GRID.height, GRID.width, &gaussian, &mut scratch).expect("a map");
        }
    }
    let sigma_range = 0.25f64.hypot(noise / (1.0 + 2.0 * blur));
    let keys = values(&guide, 1.0);
    let mut weights = vec![0.0; GRID.pixels() * GRID.cells()];
    for (pixel, weights) in weights.chunks_mut(GRID.cells()).enumerate() {
        let centre = |index: usize| (index as f64 + 0.5) / SCALE as f64 - 0.5;
        let (x, y) = (centre(pixel % GRID.width), centre(pixel / GRID.width));
        for (cell, weight) in weights.iter_mut().enumerate() {
            let (dx, dy) = (x - (cell % GRID.columns) as f64, y - (cell / GRID.columns) as f64);
            let colour = |channel: usize| guide[channel * GRID.pixels() + pixel] - keys[cell * CHANNELS + channel];
            let different: f64 = (0..CHANNELS).map(|channel| colour(channel).powi(2)).sum();
            let apart = dx * dx + dy * dy;
            *weight = -apart / (2.0 * SIGMA_SPACE.powi(2)) - different / (2.0 * sigma_range.powi(2));
        }
        let largest = weights.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        weights.iter_mut().for_each(|weight| *weight = (*weight - largest).exp());
        let sum: f64 = weights.iter().sum();
        weights.iter_mut().for_each(|weight| *weight /= sum);
    }
    let coarse_guide = (0..keys.len()).map(|k| keys[k % GRID.cells() * CHANNELS + k / GRID.cells()]).collect();
    Attention { guide, coarse_guide, sigma_range, weights }
}

/// The estimate of the clean sample, (C, H, W): the values at the cells, mixed by the weights.
pub fn mix(weights: &[f64], values: &[f64]) -> Vec<f64> {
    let mut image = vec![0.0; ELEMENTS];
    for (channel, image) in image.chunks_mut(GRID.pixels()).enumerate() {
        let values: Vec<f64> = values.iter().skip(channel).step_by(CHANNELS).copied().collect();
        for (x, weights) in image.iter_mut().zip(weights.chunks(GRID.cells())) {
            // Eight sums side by side, for speed.
            let mut sums = [0.0; 8];
            for (weights, values) in weights.as_chunks::<8>().0.iter().zip(values.as_chunks::<8>().0) {
                sums.iter_mut()
                    .zip(weights.iter().zip(values))
                    .for_each(|(sum, (weight, value))| *sum += weight * value);
            }
            *x = sums.iter().sum();
        }
    }
    image
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn attention_is_a_mean_and_keeps_to_edges() {
        let scene = scene(3);
        let level = NoiseLevel { alpha: 1.0, sigma: 0.01, input_scale: 1.0, timestep: 0.0 };
        let attention = attend(&scene.image, &level);
        assert!(attention.weights.chunks(GRID.cells()).all(|row| (row.iter().sum::<f64>() - 1.0).abs() < 1e-13));
        assert!(mix(&attention.weights, &[0.5; 64 * CHANNELS]).iter().all(|x| (x - 0.5).abs() < 1e-14));
        // It is a better image than the cells are.
        let error = |image: &[f64]| image.iter().zip(&scene.image).map(|(a, b)| (a - b).powi(2)).sum::<f64>();
        let cells = values(&scene.image, 1.0);
        let nearest: Vec<f64> = (0..ELEMENTS)
            .map(|element| {
                let (channel, pixel) = (element / GRID.pixels(), element % GRID.pixels());
                cells[(pixel / 64 / 8 * 8 + pixel % 64 / 8) * CHANNELS + channel]
            })
            .collect();
        assert!(error(&mix(&attention.weights, &cells)) < 0.5 * error(&nearest));
    }

    #[test]
    fn scenes_have_sky_ground_and_shapes() {
        for seed in 0..20 {
            let scene = scene(seed);
            let things = usize::from(*scene.truth.iter().max().expect("pixels")) + 1;
            assert!((3..=6).contains(&things), "{things}");
            assert!(scene.image.iter().all(|x| x.abs() <= 1.0));
        }
    }
}
