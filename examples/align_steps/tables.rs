//! One pass over a denoiser: what all schedules are made of.
//!
//! Two kinds of samples go in. A *path* is an item of the data with noise added level by level; its outputs give the bound
//! and the mean squared error. A *trajectory* starts from noise and follows the probability flow; its outputs give the
//! displacement rule and the teacher of GITS. Each costs one evaluation a level.

use crate::denoiser::Denoise;
use crate::sampler::{self, Method};
use anyhow::{Context, Result};
use quell::Error;
use quell::diffusion::bound::teacher::{LeapTable, Measure};
use quell::diffusion::bound::{Moments, PairTable, fill_path, pairs_len};
use quell::diffusion::noise::{NoiseLevel, Process};
use quell::diffusion::schedule::{Last, exponential};
use quell::random::{self, Stream};
use rayon::prelude::*;

/// Streams of the random numbers; 0 and 1 are the experiment's.
const PICKS: u32 = 2;
const PATHS: u32 = 3;
const TRAJECTORIES: u32 = 4;

/// GITS's own measure of a leap.
const MEASURE: Measure = Measure::Deviation;

/// The integrator of trajectories: second order, one evaluation a level, each where the trajectory is.
const INTEGRATOR: Method = Method::Dpmpp2m;

/// What is to be measured.
#[derive(Clone, Copy, Debug)]
pub struct Pass<'a> {
    /// The data, item after item.
    pub items: &'a [f32],
    /// Paths, and as many trajectories.
    pub samples: u64,
    /// Samples that are evaluated at a time.
    pub batch: u64,
    /// Chooses items and noise.
    pub seed: u32,
}

/// What has been measured so far: each sample adds to the moments, in the order of its number.
#[derive(Clone, Debug, PartialEq)]
pub struct Tables {
    /// The noise levels.
    pub grid: Vec<f64>,
    /// Of the outputs along paths.
    pub paths: Vec<Moments>,
    /// Of the outputs along trajectories.
    pub trajectories: Vec<Moments>,
    /// Of what leaps along trajectories deviate.
    pub leaps: Vec<Moments>,
}

impl Tables {
    /// Empty tables on `levels` noise levels, evenly spaced in ln σ.
    pub fn new(levels: usize, sigma_min: f64, sigma_max: f64) -> Result<Tables> {
        let mut grid = vec![0.0; levels];
        exponential::fill(&mut grid, sigma_min, sigma_max, Last::SigmaMin).context("the grid of noise levels")?;
        let empty = vec![Moments::default(); pairs_len(levels)];
        Ok(Tables { grid, paths: empty.clone(), trajectories: empty.clone(), leaps: empty })
    }

    /// The table of pairs in some moments.
    pub fn view<'a>(grid: &'a [f64], moments: &'a mut [Moments]) -> Result<PairTable<'a>, Error> {
        PairTable::new(grid, moments)
    }

    /// The table of leaps in some moments.
    pub fn leap_view<'a>(levels: &'a [NoiseLevel], moments: &'a mut [Moments]) -> Result<LeapTable<'a>, Error> {
        LeapTable::new(levels, moments, MEASURE)
    }

    /// The grid as levels of the process that all sampling here is done in.
    pub fn noise_levels(&self) -> Result<Vec<NoiseLevel>, Error> {
        let mut levels = vec![NoiseLevel::default(); self.grid.len()];
        Process::Ve.fill_levels(&mut levels, &self.grid)?;
        Ok(levels)
    }

    /// Paths that are in.
    pub fn paths_done(&self) -> u64 {
        self.paths.first().map_or(0, |moments| moments.count)
    }

    /// Trajectories that are in.
    pub fn trajectories_done(&self) -> u64 {
        self.trajectories.first().map_or(0, |moments| moments.count)
    }

    /// The evaluations that went into the tables.
    pub fn evaluations(&self) -> u64 {
        (self.paths_done() + self.trajectories_done()) * self.grid.len() as u64
    }

    /// Measures the next batch, and returns how many evaluations that took: 0 when all samples are in.
    ///
    /// Batches end at multiples of their size, wherever a run was interrupted, and samples are added in order. So the
    /// moments have the same bits, even where the denoiser's output depends on the batch.
    pub fn advance(&mut self, denoiser: &dyn Denoise, pass: &Pass) -> Result<u64> {
        let next = |done: u64| done..pass.samples.min((done / pass.batch + 1) * pass.batch);
        let (paths, trajectories) = (next(self.paths_done()), next(self.trajectories_done()));
        let batch = if paths.is_empty() { trajectories.clone() } else { paths.clone() };
        let seeds: Vec<u64> = batch.map(|sample| u64::from(pass.seed) << 32 | sample).collect();
        if !paths.is_empty() {
            self.add_paths(denoiser, pass, &seeds)?;
        } else if !trajectories.is_empty() {
            self.add_trajectories(denoiser, &seeds)?;
        }
        Ok(seeds.len() as u64 * self.grid.len() as u64)
    }

    /// Measures all that is left; `progress` hears of evaluations.
    pub fn complete(&mut self, denoiser: &dyn Denoise, pass: &Pass, progress: impl Fn(u64)) -> Result<()> {
        loop {
            match self.advance(denoiser, pass)? {
                0 => return Ok(()),
                evaluations => progress(evaluations),
            }
        }
    }

    fn add_paths(&mut self, denoiser: &dyn Denoise, pass: &Pass, seeds: &[u64]) -> Result<()> {
        let (item, levels) = (denoiser.item_len(), self.grid.len());
        let mut paths = vec![0f32; seeds.len() * levels * item];
        let mut originals = Vec::with_capacity(seeds.len());
        for (path, &seed) in paths.chunks_mut(levels * item).zip(seeds) {
            let mut uniform = [0f64];
            random::fill_uniform(&mut uniform, Stream { seed, stream: PICKS, step: 0 }, 0)?;
            let pick = (uniform[0] * (pass.items.len() / item) as f64) as usize;
            let x0 = &pass.items[pick * item..(pick + 1) * item];
            fill_path(path, x0, &self.grid, Stream { seed, stream: PATHS, step: 0 })?;
            originals.push(x0);
        }
        // Level by level the whole batch at once; levels are independent.
        let states = transposed(&paths, seeds.len(), levels, item);
        drop(paths);
        let mut outputs = vec![0f32; states.len()];
        outputs
            .par_chunks_mut(seeds.len() * item)
            .zip(states.par_chunks(seeds.len() * item))
            .zip(&self.grid)
            .try_for_each(|((output, state), &sigma)| denoiser.denoise(state, sigma, output))?;
        drop(states);
        let denoised = transposed(&outputs, levels, seeds.len(), item);
        let mut table = Tables::view(&self.grid, &mut self.paths)?;
        for (x0, denoised) in originals.iter().zip(denoised.chunks(levels * item)) {
            table.add_path(x0, denoised)?;
        }
        Ok(())
    }

    fn add_trajectories(&mut self, denoiser: &dyn Denoise, seeds: &[u64]) -> Result<()> {
        let (item, levels) = (denoiser.item_len(), self.grid.len());
        let (mut states, mut outputs) = (Vec::new(), Vec::new());
        let mut x = vec![0f32; seeds.len() * item];
        let plan = INTEGRATOR.plan(&self.grid)?;
        sampler::sample_batch(denoiser, &plan, seeds, TRAJECTORIES, &mut x, |state, output| {
            states.extend_from_slice(state);
            outputs.extend_from_slice(output);
        })?;
        let mut last = vec![0f32; x.len()];
        denoiser.denoise(&x, self.grid[levels - 1], &mut last)?;
        states.extend_from_slice(&x);
        outputs.extend_from_slice(&last);
        states = transposed(&states, levels, seeds.len(), item);
        outputs = transposed(&outputs, levels, seeds.len(), item);
        let noise_levels = self.noise_levels()?;
        let mut table = Tables::view(&self.grid, &mut self.trajectories)?;
        let mut leaps = Tables::leap_view(&noise_levels, &mut self.leaps)?;
        for (states, outputs) in states.chunks(levels * item).zip(outputs.chunks(levels * item)) {
            table.add_trajectory(states, outputs, item)?;
            // Nothing leaps from the last level.
            leaps.add_trajectory(states, &outputs[..(levels - 1) * item], item)?;
        }
        Ok(())
    }
}

/// Exchanges the first two of three dimensions.
fn transposed(values: &[f32], first: usize, second: usize, item: usize) -> Vec<f32> {
    let mut out = Vec::with_capacity(values.len());
    for j in 0..second {
        for i in 0..first {
            let start = (i * second + j) * item;
            out.extend_from_slice(&values[start..start + item]);
        }
    }
    out
}

#[cfg(test)]
pub mod tests {
    use super::*;
    use crate::data;
    use crate::denoiser::Denoiser;

    /// Ideal for N(0, c²) data.
    #[derive(Debug)]
    pub struct Linear {
        /// The square of the deviation.
        pub variance: f64,
        /// The values in an item.
        pub item: usize,
    }

    impl Denoise for Linear {
        fn item_len(&self) -> usize {
            self.item
        }

        fn denoise(&self, x: &[f32], sigma: f64, out: &mut [f32]) -> Result<()> {
            let factor = (self.variance / (self.variance + sigma * sigma)) as f32;
            out.iter_mut().zip(x).for_each(|(out, x)| *out = factor * x);
            Ok(())
        }
    }

    /// The tables of normal data.
    pub fn gaussian(c: f64, levels: usize) -> Tables {
        let mut items = vec![0f32; 512 * 16];
        random::fill_normal(&mut items, Stream { seed: 11, stream: 9, step: 0 }, 0).unwrap();
        items.iter_mut().for_each(|item| *item *= c as f32);
        let mut tables = Tables::new(levels, 0.02, 20.0).unwrap();
        let pass = Pass { items: &items, samples: 300, batch: 64, seed: 0 };
        tables.complete(&Linear { variance: c * c, item: 16 }, &pass, |_| ()).unwrap();
        tables
    }

    #[test]
    fn interruptions_leave_no_trace() {
        let train = data::load().unwrap().train;
        let denoiser = Denoiser::new(train.clone());
        let pass = Pass { items: train.as_slice().unwrap(), samples: 37, batch: 8, seed: 3 };
        let mut whole = Tables::new(12, 0.05, 10.0).unwrap();
        let counted = std::cell::Cell::new(0);
        whole.complete(&denoiser, &pass, |evaluations| counted.set(counted.get() + evaluations)).unwrap();
        assert_eq!((whole.paths_done(), whole.trajectories_done()), (37, 37));
        assert_eq!((counted.get(), whole.evaluations()), (2 * 37 * 12, 2 * 37 * 12));
        // A smaller number of samples first: the batch that it cut short is cut at the same place.
        let mut parts = Tables::new(12, 0.05, 10.0).unwrap();
        for samples in [16, 24, 37] {
            parts.complete(&denoiser, &Pass { samples, ..pass }, |_| ()).unwrap();
        }
        assert_eq!(parts, whole);
        let mut other = Tables::new(12, 0.05, 10.0).unwrap();
        other.complete(&denoiser, &Pass { seed: 4, ..pass }, |_| ()).unwrap();
        assert_ne!(other, whole);
    }

    #[test]
    fn the_curve_of_normal_data_is_known() {
        let tables = gaussian(0.5, 33);
        let (mut moments, mut mmse) = (tables.paths.clone(), [0.0; 33]);
        Tables::view(&tables.grid, &mut moments).unwrap().fill_mmse(&mut mmse).unwrap();
        for (&mmse, &sigma) in mmse.iter().zip(&tables.grid) {
            let expected = 16.0 * 0.25 * sigma * sigma / (0.25 + sigma * sigma);
            // Four standard errors of 300 paths of 16 values.
            assert!((mmse / expected - 1.0).abs() < 4.0 * (2.0f64 / 16.0 / 300.0).sqrt(), "{sigma}: {mmse} {expected}");
        }
    }

    #[test]
    fn trajectories_follow_the_flow() {
        let tables = gaussian(0.5, 65);
        // |x − D|² is σ⁴·|x|²/v², and |x|² is v/(v of the start) of the start's, σ² of the start times χ².
        let diagonal = |level: usize| {
            let start: usize = (0..level).map(|before| 65 - before).sum();
            tables.trajectories[start].mean
        };
        let at = |level: usize| {
            let (sigma, v) = (tables.grid[level], 0.25 + tables.grid[level].powi(2));
            sigma.powi(4) / v
        };
        for level in [8, 20, 40, 60] {
            let ratio = diagonal(level) / diagonal(0) * at(0) / at(level);
            assert!((ratio - 1.0).abs() < 0.01, "{level}: {ratio}");
        }
    }
}
