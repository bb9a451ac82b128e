//! The part to copy: pixel-accurate masks of an image from a diffusion network (EmerDiff, Namekata et al. 2024).
//!
//! 1. [`features`]: the queries of a cross-attention layer, one vector for each of the 8 × 8 cells.
//! 2. [`cluster`]: k-means gives each cell a label; these are the coarse masks.
//! 3. [`Inversion::new`]: the noise with which the sampler reproduces the image from a noisy state.
//! 4. [`each_pair`]: the same run twice for each mask: its cells pushed down in one layer at the first step, and up.
//! 5. [`ReadOut`]: what a push changes belongs to the mask; each pixel goes to the mask that changes it most.
//!
//! The network is evaluated here and nowhere else; all the rest is quell's.

use crate::network::{BETAS, Batch, CELLS, CHANNELS, Evaluator, ITEM, Layer, Offsets, PIXELS, SIDE, TRAIN_TIMESTEPS};
use anyhow::{Context, Result};
use quell::correspondence::cluster::KMeans;
use quell::correspondence::fold::Fold;
use quell::correspondence::image::Layout;
use quell::correspondence::modulate::{Pass, fill_offsets, fill_passes};
use quell::correspondence::readout::{Progress, Readout};
use quell::diffusion::inversion::{invert, noise_to};
use quell::diffusion::noise::{NoiseLevel, Process, VpDiscrete, alpha_bars_from_betas, fill_betas_scaled_linear};
use quell::diffusion::pass::{self, Inputs, Noise};
use quell::diffusion::prediction::Prediction;
use quell::diffusion::schedule::{Last, Schedule, timesteps};
use quell::diffusion::solver::{Ddim, Solver};
use quell::diffusion::step::Step;
use quell::random::{Stream, fill_normal, fill_uniform};

/// Steps of a whole run of the sampler, as in the paper: timesteps 981, 961, …, 1.
pub const STEPS: usize = 50;

/// Masks of a batch, two images each; more than a few take no less time.
const MASKS_IN_A_BATCH: usize = 8;

/// Which numbers of an image's seed are drawn: noise of features, starts of k-means, states of an inversion.
const FEATURES: u32 = 0;
const CLUSTERS: u32 = 1;
const STATES: u32 = 2;

/// Where the coarse masks come from.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Coarse {
    /// The layer whose queries are clustered.
    pub layer: Layer,
    /// The timestep that the image is noised to for it.
    pub timestep: u32,
    /// Over how many draws of the noise the queries are averaged.
    pub draws: usize,
    /// The number of masks.
    pub clusters: usize,
    /// How many times k-means starts.
    pub restarts: usize,
}

/// How the fine masks come from them.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Correspondence {
    /// The layer whose output is pushed.
    pub layer: Layer,
    /// The timestep at which it is, and the run begins: one of the sampler's.
    pub timestep: u32,
    /// λ, in root mean squares of the layer's output.
    pub strength: f64,
    /// Attention injection: the pushed images attend by the queries and keys of the image that is not.
    pub share: bool,
    /// The Gaussian filter of the difference maps, in pixels; 0 for none.
    pub sigma: f64,
}

/// ᾱ of each timestep of the training run.
fn alpha_bars() -> Result<Vec<f64>> {
    let (mut betas, mut alpha_bars) = (vec![0.0; TRAIN_TIMESTEPS], vec![0.0; TRAIN_TIMESTEPS]);
    fill_betas_scaled_linear(&mut betas, BETAS.0, BETAS.1)?;
    alpha_bars_from_betas(&mut alpha_bars, &betas)?;
    Ok(alpha_bars)
}

/// The timesteps of a whole run.
pub fn sampler_timesteps() -> Result<[f64; STEPS]> {
    let mut times = [0.0; STEPS];
    timesteps::fill(&mut times, TRAIN_TIMESTEPS, timesteps::Spacing::Leading { steps_offset: 1 })?;
    Ok(times)
}

/// The steps of a run from `timestep` down to the image: DDPM's.
fn steps_from(timestep: u32) -> Result<Vec<Step>> {
    let alpha_bars = alpha_bars()?;
    let process = Process::VpDiscrete(VpDiscrete { alpha_bars: &alpha_bars });
    let times = sampler_timesteps()?;
    let mut levels = vec![NoiseLevel::default(); STEPS + 1];
    // Not the clean image but ᾱ₀ is at the end: a step to it draws noise, so that it can be inverted.
    process.fill_levels_at_timesteps(&mut levels, &times, Last::SigmaMin)?;
    let start = times.iter().position(|&time| time == f64::from(timestep));
    let start = start.with_context(|| format!("{timestep} is no timestep of the sampler"))?;
    let schedule = Schedule::new(process, Prediction::V, &levels[start..])?;
    let ddpm = Ddim { eta: 1.0, ..Ddim::default() };
    Ok((0..ddpm.passes(&schedule)?).map(|i| ddpm.step(&schedule, i)).collect::<Result<_, _>>()?)
}

/// The mean queries of each cell, (64, width), of an image with a little noise.
pub fn features(network: &Evaluator, image: &[f32], coarse: &Coarse, seed: u64) -> Result<Vec<f32>> {
    let alpha_bars = alpha_bars()?;
    let level = Process::VpDiscrete(VpDiscrete { alpha_bars: &alpha_bars }).at_timestep(coarse.timestep.into())?;
    let mut noise = vec![0f32; coarse.draws * ITEM];
    fill_normal(&mut noise, Stream { seed, stream: FEATURES, step: 0 }, 0)?;
    let (mut x, mut input) = (image.repeat(coarse.draws), vec![0f32; coarse.draws * ITEM]);
    let inputs = Inputs::<f32, f32> { noise: Noise::Slice(&noise), ..Inputs::default() };
    pass::apply(&[Step::add_noise(level)?], &mut x, &mut [], &inputs, Some(&mut input))?;
    let batch = Batch { states: &input, timestep: level.timestep, offsets: None, share: false };
    let evaluation = network.evaluate(&batch)?;
    let mut mean = vec![0f32; CELLS * network.width()];
    for draw in 0..coarse.draws {
        for (mean, query) in mean.iter_mut().zip(evaluation.queries(coarse.layer, draw)) {
            *mean += query / coarse.draws as f32;
        }
    }
    Ok(mean)
}

/// The coarse masks: a label for each cell.
pub fn cluster(features: &[f32], coarse: &Coarse, seed: u64) -> Result<Vec<u8>> {
    let dimension = features.len() / CELLS;
    let kmeans = KMeans { restarts: coarse.restarts, ..KMeans::new(coarse.clusters) };
    let mut uniforms = vec![0f64; kmeans.uniforms_len()];
    fill_uniform(&mut uniforms, Stream { seed, stream: CLUSTERS, step: 0 }, 0)?;
    let (mut centres, mut labels) = (vec![0.0; coarse.clusters * dimension], vec![0u8; CELLS]);
    let mut scratch = vec![0.0; kmeans.run_scratch_len(CELLS, dimension)];
    let mut singles = vec![0.0; kmeans.singles_len(CELLS, dimension)];
    kmeans.run(&mut centres, &mut labels, features, dimension, &uniforms, &mut scratch, &mut singles)?;
    Ok(labels)
}

/// A run of the sampler that ends at a given image.
#[derive(Clone, Debug)]
pub struct Inversion {
    /// The state that it starts from.
    start: Vec<f32>,
    /// What the network is fed there.
    input: Vec<f32>,
    /// Its steps, and the noise of each.
    steps: Vec<(Step, Vec<f32>)>,
    /// The root mean square of each layer's output at the start.
    rms: [f32; Layer::ALL.len()],
}

impl Inversion {
    /// Noises the image to every level from `timestep` down, each time anew, and solves each step for the noise that
    /// leads from one state to the next.
    pub fn new(network: &Evaluator, image: &[f32], timestep: u32, seed: u64) -> Result<Inversion> {
        let steps = steps_from(timestep)?;
        let first = steps.first().context("the sampler has no step")?;
        let drawn = Inputs::<f32, f32> {
            noise: Noise::Seeded { seeds: &[seed], stream: STATES, first_element: 0 },
            ..Inputs::default()
        };
        let (mut x, mut input) = (image.to_vec(), vec![0f32; ITEM]);
        pass::apply(&[Step::add_noise(first.at)?], &mut x, &mut [], &drawn, Some(&mut input))?;
        let (start, first_input) = (x.clone(), input.clone());
        let mut rms = [0f32; Layer::ALL.len()];
        let mut inverted = Vec::with_capacity(steps.len());
        for (i, step) in steps.iter().enumerate() {
            // The next state, in the place where its noise will be.
            let mut noise = image.to_vec();
            if i + 1 < steps.len() {
                pass::apply(&[noise_to(step)?], &mut noise, &mut [], &drawn, None)?;
            }
            let batch = Batch { states: &input, timestep: step.at.timestep, offsets: None, share: false };
            let evaluation = network.evaluate(&batch)?;
            if i == 0 {
                rms = Layer::ALL.map(|layer| evaluation.rms(layer, 0));
            }
            let inputs = Inputs { model: &evaluation.v, ..Inputs::default() };
            invert(step, &mut x, &mut [], &mut noise, &inputs, Some(&mut input))?;
            inverted.push((*step, noise));
        }
        Ok(Inversion { start, input: first_input, steps: inverted, rms })
    }
}

/// How often the network is evaluated for an image, batches counted by their images.
pub fn evaluations(coarse: &Coarse, correspondence: &Correspondence) -> Result<u64> {
    let steps = steps_from(correspondence.timestep)?.len();
    let batches = coarse.clusters.div_ceil(MASKS_IN_A_BATCH);
    Ok((coarse.draws + steps * (1 + batches + 2 * coarse.clusters)) as u64)
}

/// Runs the sampler twice for each mask, its cells pushed down and up, and hands both images to `take`, mask after mask.
pub fn each_pair(
    network: &Evaluator,
    inversion: &Inversion,
    labels: &[u8],
    clusters: usize,
    correspondence: &Correspondence,
    mut take: impl FnMut(usize, &[f32], &[f32]) -> Result<()>,
) -> Result<()> {
    let Correspondence { layer, strength, share, .. } = *correspondence;
    let lambda = strength * f64::from(inversion.rms[layer as usize]);
    for first in (0..clusters).step_by(MASKS_IN_A_BATCH) {
        // The image as it is comes first: its queries and keys are what the others share.
        let masks = MASKS_IN_A_BATCH.min(clusters - first);
        let mut passes = vec![Pass::default(); 1 + 2 * masks];
        fill_passes(&mut passes, first, lambda, true)?;
        let mut offsets = vec![0f32; passes.len() * CELLS];
        fill_offsets(&mut offsets, labels, &passes)?;

        let mut x = inversion.start.repeat(passes.len());
        let mut input = inversion.input.repeat(passes.len());
        for (i, (step, noise)) in inversion.steps.iter().enumerate() {
            let offsets = (i == 0).then_some(Offsets { layer, values: &offsets });
            let evaluation = network.evaluate(&Batch { states: &input, timestep: step.at.timestep, offsets, share })?;
            let noise = noise.repeat(passes.len());
            let inputs = Inputs { model: &evaluation.v, noise: Noise::Slice(&noise), ..Inputs::default() };
            pass::apply(&[*step], &mut x, &mut [], &inputs, Some(&mut input))?;
        }
        for (mask, pair) in (first..).zip(x[ITEM..].chunks_exact(2 * ITEM)) {
            let (minus, plus) = pair.split_at(ITEM);
            take(mask, minus, plus)?;
        }
    }
    Ok(())
}

/// The running arg-max: memory does not grow with the number of masks.
#[derive(Clone, Debug)]
pub struct ReadOut {
    readout: Readout,
    best: Vec<f32>,
    labels: Vec<u8>,
    state: Vec<f32>,
}

impl ReadOut {
    /// A read-out of no mask yet.
    pub fn new(sigma: f64) -> Result<ReadOut> {
        let readout = Readout::new(CHANNELS, SIDE, SIDE, sigma);
        let (mut best, mut labels) = (vec![0.0; PIXELS], vec![0; PIXELS]);
        Fold::new(&mut best, &mut labels, None, None)?.reset();
        Ok(ReadOut { readout, best, labels, state: vec![0.0; readout.state_len()] })
    }

    /// Takes a mask's two images.
    pub fn take(&mut self, mask: usize, minus: &[f32], plus: &[f32]) -> Result<()> {
        let mut fold = Fold::new(&mut self.best, &mut self.labels, None, None)?;
        let layout = Layout::planar(CHANNELS, SIDE, SIDE);
        self.readout.push_rows(&mut Progress::new(mask), &mut fold, minus, plus, &layout, &mut self.state)?;
        Ok(())
    }

    /// The mask of each pixel.
    pub fn into_labels(self) -> Vec<u8> {
        self.labels
    }
}

/// All of it: the coarse label of each cell, and the label of each pixel.
pub fn segment(
    network: &Evaluator,
    image: &[f32],
    coarse: &Coarse,
    correspondence: &Correspondence,
    seed: u64,
) -> Result<(Vec<u8>, Vec<u8>)> {
    let labels = cluster(&features(network, image, coarse, seed)?, coarse, seed)?;
    let inversion = Inversion::new(network, image, correspondence.timestep, seed)?;
    let mut read_out = ReadOut::new(correspondence.sigma)?;
    each_pair(network, &inversion, &labels, coarse.clusters, correspondence, |mask, minus, plus| {
        read_out.take(mask, minus, plus)
    })?;
    Ok((labels, read_out.into_labels()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::experiment::{Case, tests::small};
    use crate::network::tests::committed;
    use crate::scenes::Purpose;
    use crate::workers;

    fn with_network<R: Send>(work: impl Fn(&Evaluator, &Case) -> Result<R> + Sync) -> R {
        let case = Case::of_scene(Purpose::Tuning, 1, 7);
        workers::map(&committed(), 1, &[case], |_| (), work).unwrap().remove(0)
    }

    #[test]
    fn the_sampler_is_that_of_the_paper() {
        let times = sampler_timesteps().unwrap();
        assert_eq!((times[0], times[35], times[49]), (981.0, 281.0, 1.0));
        let steps = steps_from(281).unwrap();
        assert_eq!(steps.len(), 15);
        let close = |a: f64, b: f64| (a / b - 1.0).abs() < 2e-5;
        assert!(close(steps[0].at.alpha_bar(), 0.62239) && close(steps[14].next.alpha_bar(), 0.99915));
        let [row, ..] = steps[0].table(false);
        assert!(close(row.noise * row.noise, 0.04629) || (row.noise * row.noise - 0.04629).abs() < 5e-6);
        assert!(steps_from(282).unwrap_err().to_string().contains("282"));
    }

    #[test]
    fn what_is_not_pushed_is_the_image() {
        let settings = small();
        let correspondence = Correspondence { strength: 0.0, timestep: 281, ..settings.correspondence };
        let (image, images) = with_network(|network, case| {
            let inversion = Inversion::new(network, &case.image, correspondence.timestep, case.seed)?;
            let mut images = Vec::new();
            each_pair(network, &inversion, &[0; CELLS], 2, &correspondence, |_, minus, plus| {
                images.extend([minus.to_vec(), plus.to_vec()]);
                Ok(())
            })?;
            Ok((case.image.clone(), images))
        });
        assert_eq!(images.len(), 4);
        for pushed in images {
            let off = pushed.iter().zip(&image).map(|(a, b)| (a - b).abs()).fold(0f32, f32::max);
            // A batch is summed in another order than a single image, and fifteen steps add that up.
            assert!(off < 1e-4, "{off}");
        }
    }

    #[test]
    fn a_mask_without_cells_changes_nothing_and_one_with_some_does() {
        let settings = small();
        let largest = with_network(|network, case| {
            let inversion = Inversion::new(network, &case.image, settings.correspondence.timestep, case.seed)?;
            let mut largest = Vec::new();
            // Half the cells are in the second mask, the others in none of the two.
            let labels: Vec<u8> = (0..CELLS as u8).map(|cell| 1 + cell / 32).collect();
            each_pair(network, &inversion, &labels, 2, &settings.correspondence, |mask, minus, plus| {
                assert_eq!(mask, largest.len());
                largest.push(minus.iter().zip(plus).map(|(a, b)| (a - b).abs()).fold(0f32, f32::max));
                Ok(())
            })?;
            Ok(largest)
        });
        assert!(largest[1] > 1e-4 && largest[0] < 0.01 * largest[1], "{largest:?}");
    }

    #[test]
    fn masks_beyond_one_batch_are_as_those_within() {
        let settings = small();
        let labels: Vec<u8> = (0..CELLS as u8).map(|cell| cell % 11).collect();
        let same = with_network(|network, case| {
            let inversion = Inversion::new(network, &case.image, settings.correspondence.timestep, case.seed)?;
            let pairs = |labels: &[u8], clusters| {
                let mut pairs = Vec::new();
                each_pair(network, &inversion, labels, clusters, &settings.correspondence, |_, minus, plus| {
                    pairs.push([minus, plus].concat());
                    Ok(())
                })?;
                Ok::<_, anyhow::Error>(pairs)
            };
            let all = pairs(&labels, 11)?;
            // The last mask on its own, under another name.
            let only: Vec<u8> = labels.iter().map(|&label| u8::from(label != 10)).collect();
            let off = all[10].iter().zip(&pairs(&only, 1)?[0]).map(|(a, b)| (a - b).abs()).fold(0f32, f32::max);
            Ok(all.len() == 11 && off < 1e-4)
        });
        assert!(same);
    }

    #[test]
    fn coarse_masks_are_all_there_and_the_same_each_time() {
        let settings = small();
        let coarse = settings.coarse;
        let (first, second, other) = with_network(|network, case| {
            let of = |seed| cluster(&features(network, &case.image, &coarse, seed)?, &coarse, seed);
            Ok((of(1)?, of(1)?, features(network, &case.image, &coarse, 2)?))
        });
        assert_eq!(first, second);
        assert!((0..coarse.clusters as u8).all(|label| first.contains(&label)) && first.len() == CELLS);
        assert_eq!(other.len() % CELLS, 0);
    }
}
