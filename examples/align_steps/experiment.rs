//! The experiment: every schedule with every solver at every budget, several sets of images each.

use crate::data::{Digits, PIXELS};
use crate::denoiser::Denoiser;
use crate::metrics::{Distances, Reference, Set};
use crate::options::Options;
use crate::sampler::{self, Method};
use crate::schedules::{Family, Range};
use anyhow::{Context, Result};
use ndarray::{Array2, Axis, s};
use quell::diffusion::step::Step;
use quell::random::{self, Stream};
use rayon::prelude::*;

/// Images of a cell that are kept for the pictures.
pub const SHOWN: usize = 8;

/// Sets of draws from the training half that give the floor. They cost no network evaluation.
const FLOOR_SETS: u32 = 64;

/// Draws for the floor are no sampler's noise: another stream.
const FLOOR_DRAWS: u32 = 1;

/// One place in the grid of the experiment.
#[derive(Clone, Debug)]
pub struct Cell {
    /// Where the steps are.
    pub family: Family,
    /// How they are taken.
    pub method: Method,
    /// The network evaluations that are allowed.
    pub budget: usize,
    /// The network evaluations that are used.
    pub evaluations: usize,
    plan: Vec<Step>,
}

/// What came of a cell.
#[derive(Clone, Debug)]
pub struct Outcome {
    /// The cell.
    pub cell: Cell,
    /// One pair of distances for each set.
    pub distances: Vec<Distances>,
    /// The first images of the first set.
    pub shown: Array2<f32>,
}

/// The least that any sampler can reach: the denoiser knows the training half and no more.
#[derive(Clone, Debug)]
pub struct Floor {
    /// The training half itself.
    pub whole: Distances,
    /// Sets drawn from it, as large as the sets of samples. The energy distance has no bias, so that it is that of
    /// the whole half up to chance; the Wasserstein distance of a smaller set is larger.
    pub draws: Vec<Distances>,
}

/// A mean of several sets and how far it can be trusted.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Estimate {
    /// The mean.
    pub mean: f64,
    /// The standard error of the mean; none for a single set.
    pub error: Option<f64>,
}

impl Estimate {
    /// The mean of `values`, and √(variance/number).
    pub fn of(values: impl Iterator<Item = f64>) -> Estimate {
        let values: Vec<f64> = values.collect();
        let count = values.len() as f64;
        let mean = values.iter().sum::<f64>() / count;
        let squares = values.iter().map(|value| (value - mean) * (value - mean)).sum::<f64>();
        let error = (values.len() > 1).then(|| (squares / (count - 1.0) / count).sqrt());
        Estimate { mean, error }
    }

    /// Whether it is no further above `floor` than twice the standard error of the difference.
    pub fn reaches(self, floor: Estimate) -> bool {
        let error = f64::hypot(self.error.unwrap_or(0.0), floor.error.unwrap_or(0.0));
        self.mean - floor.mean <= 2.0 * error
    }
}

/// One of the two distances.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Metric {
    /// [`Distances::energy`].
    Energy,
    /// [`Distances::sliced_wasserstein`].
    SlicedWasserstein,
}

impl Metric {
    /// Both, in the order in which they are printed.
    pub const ALL: [Metric; 2] = [Metric::Energy, Metric::SlicedWasserstein];

    /// The name in titles and on axes.
    pub fn name(self) -> &'static str {
        match self {
            Metric::Energy => "Energy distance",
            Metric::SlicedWasserstein => "Sliced Wasserstein distance",
        }
    }

    /// Its value.
    pub fn of(self, distances: &Distances) -> f64 {
        match self {
            Metric::Energy => distances.energy,
            Metric::SlicedWasserstein => distances.sliced_wasserstein,
        }
    }

    /// The floor for sets of samples: exact where the size of a set does not matter.
    pub fn floor(self, floor: &Floor) -> Estimate {
        match self {
            Metric::Energy => Estimate { mean: floor.whole.energy, error: None },
            Metric::SlicedWasserstein => Estimate::of(floor.draws.iter().map(|d| d.sliced_wasserstein)),
        }
    }
}

impl Outcome {
    /// The estimate of a distance.
    pub fn estimate(&self, metric: Metric) -> Estimate {
        Estimate::of(self.distances.iter().map(|distances| metric.of(distances)))
    }
}

/// All cells: solver by solver, in each schedule by schedule, in each budget by budget.
pub fn cells(options: &Options, range: Range) -> Result<Vec<Cell>> {
    let mut cells = Vec::new();
    for &method in &options.solvers {
        for &family in &options.schedules {
            for budget in options.steps.iter().map(|&steps| steps as usize) {
                let plan = family.sigmas(method.steps_within(budget), range).and_then(|sigmas| method.plan(&sigmas));
                let plan = plan.with_context(|| {
                    let Range { sigma_min, sigma_max, .. } = range;
                    format!("{} from {sigma_max} to {sigma_min} at budget {budget}", family.label())
                })?;
                cells.push(Cell { family, method, budget, evaluations: sampler::evaluations(&plan), plan });
            }
        }
    }
    Ok(cells)
}

/// The network evaluations of a whole run, all images together.
pub fn total_evaluations(cells: &[Cell], options: &Options) -> u64 {
    let per_image: u64 = cells.iter().map(|cell| cell.evaluations as u64).sum();
    per_image * options.samples as u64 * options.sets as u64
}

/// Runs all cells; `progress` hears of network evaluations as they are done.
///
/// All cells start from the same noise, so that chance plays a smaller part in their differences than in their values.
pub fn run(
    cells: Vec<Cell>,
    options: &Options,
    denoiser: &Denoiser,
    reference: &Reference,
    progress: impl Fn(u64) + Sync,
) -> Result<Vec<Outcome>> {
    let one_set = |cell: &Cell, set: u32| -> Result<(Distances, Array2<f32>)> {
        let seeds = seeds(options, set);
        let images = sampler::sample(denoiser, &cell.plan, &seeds)?;
        let images = Array2::from_shape_vec((seeds.len(), PIXELS), images)?;
        let distances = reference.distances(images.view(), Set::Draws);
        progress(seeds.len() as u64 * cell.evaluations as u64);
        Ok((distances, images.slice(s![..SHOWN.min(seeds.len()), ..]).to_owned()))
    };
    cells
        .into_par_iter()
        .map(|cell| {
            let sets: Vec<_> =
                (0..options.sets).into_par_iter().map(|set| one_set(&cell, set)).collect::<Result<_>>()?;
            let distances = sets.iter().map(|(distances, _)| *distances).collect();
            let shown = sets.into_iter().next().map(|(_, shown)| shown).unwrap_or_default();
            Ok(Outcome { cell, distances, shown })
        })
        .collect()
}

/// One seed for each image of a set: no two sets, and no two runs with different seeds, share one.
fn seeds(options: &Options, set: u32) -> Vec<u64> {
    let first = (options.seed as u64) << 32 | (set * options.samples) as u64;
    (first..first + options.samples as u64).collect()
}

/// Measures the floor with sets of the same size as those of the samples.
pub fn floor(options: &Options, digits: &Digits, reference: &Reference) -> Result<Floor> {
    let draw = |set: u32| -> Result<Distances> {
        let mut uniforms = vec![0f64; options.samples as usize];
        let stream = Stream { seed: options.seed as u64, stream: FLOOR_DRAWS, step: set };
        random::fill_uniform(&mut uniforms, stream, 0)?;
        let count = digits.train.nrows();
        let picks: Vec<usize> = uniforms.iter().map(|uniform| (uniform * count as f64) as usize).collect();
        Ok(reference.distances(digits.train.select(Axis(0), &picks).view(), Set::Draws))
    };
    let draws = (0..FLOOR_SETS).into_par_iter().map(draw).collect::<Result<_>>()?;
    Ok(Floor { whole: reference.distances(digits.train.view(), Set::Whole), draws })
}

#[cfg(test)]
pub mod tests {
    use super::*;
    use crate::data;
    use crate::options::tests::parse;
    use std::collections::HashSet;
    use std::sync::atomic::{AtomicU64, Ordering};

    /// A small experiment, whole.
    pub fn small(arguments: &[&str]) -> (Options, Range, Digits, Denoiser, Vec<Outcome>, Floor) {
        let options = parse(arguments).unwrap();
        let digits = data::load().unwrap();
        let range = Range { sigma_min: options.sigma_min, sigma_max: options.sigma_max, deviation: 0.5 };
        let (denoiser, reference) =
            (Denoiser::new(digits.train.clone()), Reference::new(digits.held_out.view()).unwrap());
        let cells = cells(&options, range).unwrap();
        let outcomes = run(cells, &options, &denoiser, &reference, |_| ()).unwrap();
        let floor = floor(&options, &digits, &reference).unwrap();
        (options, range, digits, denoiser, outcomes, floor)
    }

    #[test]
    fn an_estimate_is_mean_and_standard_error() {
        let Estimate { mean, error } = Estimate::of([1.0, 2.0, 6.0].into_iter());
        assert_eq!(mean, 3.0);
        assert!((error.unwrap() - (14.0f64 / 2.0 / 3.0).sqrt()).abs() < 1e-15);
        assert_eq!(Estimate::of([4.0].into_iter()), Estimate { mean: 4.0, error: None });
    }

    #[test]
    fn the_floor_is_reached_within_two_errors_of_the_difference() {
        let (exact, floor) = (|mean| Estimate { mean, error: None }, Estimate { mean: 10.0, error: Some(3.0) });
        assert!(exact(16.0).reaches(floor) && !exact(16.1).reaches(floor));
        let both = |mean| Estimate { mean, error: Some(4.0) };
        assert!(both(20.0).reaches(floor) && !both(20.1).reaches(floor) && both(-50.0).reaches(floor));
    }

    #[test]
    fn no_two_sets_or_runs_share_a_seed() {
        let mut seen = HashSet::new();
        for seed in ["0", "1", "4294967295"] {
            let options = parse(&["--seed", seed, "--samples", "50", "--sets", "3"]).unwrap();
            for set in 0..options.sets {
                assert!(seeds(&options, set).into_iter().all(|seed| seen.insert(seed)));
            }
        }
        assert_eq!(seen.len(), 3 * 3 * 50);
    }

    #[test]
    fn any_number_of_threads_gives_the_same_numbers_and_all_evaluations_are_reported() {
        let options = parse(&["--samples", "130", "--sets", "2", "--steps", "3,4", "--schedules", "ays"]).unwrap();
        let digits = data::load().unwrap();
        let range = Range { sigma_min: 0.02, sigma_max: 80.0, deviation: 0.5 };
        let (denoiser, reference) =
            (Denoiser::new(digits.train.clone()), Reference::new(digits.held_out.view()).unwrap());
        let on = |threads| {
            let reported = AtomicU64::new(0);
            let cells = cells(&options, range).unwrap();
            let total = total_evaluations(&cells, &options);
            let progress = |evaluations| {
                reported.fetch_add(evaluations, Ordering::Relaxed);
            };
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
            let outcomes = pool.install(|| run(cells, &options, &denoiser, &reference, progress)).unwrap();
            assert_eq!(reported.into_inner(), total);
            outcomes.into_iter().map(|outcome| (outcome.distances, outcome.shown)).collect::<Vec<_>>()
        };
        assert_eq!(on(1), on(3));
    }

    #[test]
    fn more_evaluations_bring_samples_to_the_floor() {
        let (.., outcomes, floor) = small(&["--steps", "3,20", "--schedules", "log-snr", "--samples", "200"]);
        for metric in Metric::ALL {
            for pair in outcomes.chunks(2) {
                let estimates: Vec<_> = pair.iter().map(|outcome| outcome.estimate(metric)).collect();
                let floor = metric.floor(&floor);
                assert!(!estimates[0].reaches(floor), "{metric:?} {:?}: {estimates:?}", pair[0].cell.method);
                assert!(estimates[1].reaches(floor), "{metric:?} {:?}: {estimates:?}", pair[0].cell.method);
            }
        }
    }
}
