//! The experiment: every denoiser with every schedule and solver at every budget, several sets of images each.

use crate::data::{Digits, PIXELS};
use crate::metrics::{Distances, Reference, Set};
use crate::optimise::{self, Rule};
use crate::options::Options;
use crate::sampler::{self, Method};
use crate::schedules::{Family, Known, Range};
use crate::subjects::{Kind, Subject};
use anyhow::{Context, Result};
use ndarray::{Array2, ArrayView2, Axis, s};
use quell::diffusion::step::Step;
use quell::random::{self, Stream};
use quell_examples::statistics::Estimate;
use rayon::prelude::*;

/// Images of a cell that are kept for the pictures.
pub const SHOWN: usize = 8;

/// Sets of draws from the training half that give the floor. They cost no network evaluation.
const FLOOR_SETS: u32 = 64;

/// Evaluations for an image that leave no error of the sampler that could be seen.
pub const FLOOR_EVALUATIONS: usize = 64;

/// How many times as many images as a set has decide where a search stops.
const STOPPING_SETS: u32 = 2;

/// Streams of the random numbers: the images that are measured, the floor, and the images that say where to stop.
const IMAGES: u32 = 0;
const FLOOR_DRAWS: u32 = 1;
const STOPPING: u32 = 5;

/// One place in the grid of the experiment.
#[derive(Clone, Debug)]
pub struct Cell {
    /// What is sampled with.
    pub kind: Kind,
    /// Where the steps are.
    pub family: Family,
    /// How they are taken.
    pub method: Method,
    /// The network evaluations that are allowed.
    pub budget: usize,
    /// The network evaluations that are used.
    pub evaluations: usize,
    /// The noise levels, the last one 0.
    pub sigmas: Vec<f64>,
    /// After how many sweeps a search was stopped, of how many.
    pub sweeps: Option<(usize, usize)>,
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

/// What a sampler without an error would reach.
#[derive(Clone, Debug)]
pub struct Floor {
    /// The training half itself, where the denoiser is the exact one: it knows that half and no more.
    pub whole: Option<Distances>,
    /// Sets as large as the sets of samples: drawn from the training half, or sampled by the network in
    /// [`FLOOR_EVALUATIONS`]. The energy distance has no bias, so that it is that of the whole half up to chance; the
    /// Wasserstein distance of a smaller set is larger.
    pub draws: Vec<Distances>,
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
        match (self, floor.whole) {
            (Metric::Energy, Some(whole)) => Estimate { mean: whole.energy, margin: None },
            _ => Estimate::of(floor.draws.iter().map(|draw| self.of(draw))),
        }
    }
}

impl Outcome {
    /// The estimate of a distance.
    pub fn estimate(&self, metric: Metric) -> Estimate {
        Estimate::of(self.values(metric))
    }

    /// How much larger a distance is than in another cell with the same noise.
    pub fn difference(&self, other: &Outcome, metric: Metric) -> Estimate {
        Estimate::of_differences(self.values(metric), other.values(metric))
    }

    fn values(&self, metric: Metric) -> impl Iterator<Item = f64> {
        self.distances.iter().map(move |distances| metric.of(distances))
    }
}

impl Cell {
    fn new(kind: Kind, family: Family, method: Method, budget: usize, sigmas: Vec<f64>) -> Result<Cell> {
        let plan = method.plan(&sigmas)?;
        Ok(Cell { kind, family, method, budget, evaluations: sampler::evaluations(&plan), sigmas, sweeps: None, plan })
    }
}

/// Tries all that can be tried before the tables are there, so that it fails before the work begins.
pub fn check(options: &Options, subjects: &[Subject], range: Range) -> Result<()> {
    for subject in subjects {
        for &budget in &subject.steps {
            for &method in &options.solvers {
                let steps = method.steps_within(budget as usize);
                let levels = range.end.levels(steps);
                let table = options.schedules.iter().any(|family| family.is_optimised());
                anyhow::ensure!(
                    !table || levels <= options.levels as usize,
                    "{levels} levels at budget {budget} cannot be chosen from a grid of {}: raise --levels",
                    options.levels
                );
                for &family in &options.schedules {
                    let Family::Known(known) = family else { continue };
                    let cell = known.sigmas(steps, range).map_err(Into::into);
                    cell.and_then(|sigmas| Cell::new(subject.kind, family, method, budget as usize, sigmas))
                        .with_context(|| place(family, method, budget as usize, range))?;
                }
            }
        }
    }
    Ok(())
}

fn place(family: Family, method: Method, budget: usize, range: Range) -> String {
    let Range { sigma_min, sigma_max, .. } = range;
    format!("{}, {} from {sigma_max} to {sigma_min} at budget {budget}", family.label(), method.label())
}

/// All cells of a denoiser: solver by solver, in each schedule by schedule, in each budget by budget.
///
/// `train` says where searches stop; `progress` hears of the network evaluations for that.
pub fn cells(
    options: &Options,
    subject: &Subject,
    range: Range,
    train: &Reference,
    progress: impl Fn(u64) + Sync,
) -> Result<Vec<Cell>> {
    let mut wanted = Vec::new();
    for &method in &options.solvers {
        for &family in &options.schedules {
            wanted.extend(subject.steps.iter().map(|&budget| (method, family, budget as usize)));
        }
    }
    let cell = |(method, family, budget): (Method, Family, usize)| {
        let steps = method.steps_within(budget);
        let make = |sigmas| Cell::new(subject.kind, family, method, budget, sigmas);
        let cell = match family {
            Family::Known(known) => known.sigmas(steps, range).map_err(Into::into).and_then(make),
            Family::Table(Rule::Search) => stopped_search(options, subject, range, method, steps, train, &progress)
                .and_then(|(sigmas, sweeps)| Ok(Cell { sweeps: Some(sweeps), ..make(sigmas)? })),
            Family::Table(rule) => rule
                .levels(range.end.levels(steps), &subject.tables, method, options.sweeps as usize)
                .and_then(|levels| make(range.end.finish(levels))),
        };
        cell.with_context(|| place(family, method, budget, range))
    };
    wanted.into_par_iter().map(cell).collect()
}

/// The search of the paper, stopped after the sweep whose samples come nearest to the training half: its levels, and the
/// number of the sweep and of all. All sweeps are judged on the same noise, which no measured image has.
fn stopped_search(
    options: &Options,
    subject: &Subject,
    range: Range,
    method: Method,
    steps: usize,
    train: &Reference,
    progress: &(impl Fn(u64) + Sync),
) -> Result<(Vec<f64>, (usize, usize))> {
    let levels = range.end.levels(steps);
    let trace = optimise::sweep_trace(levels, &subject.tables, method, options.sweeps as usize)?;
    let seeds = seeds(options.seed, 0, STOPPING_SETS * subject.samples);
    let mut best = (f64::INFINITY, 0, Vec::new());
    let last = trace.len() - 1;
    for (sweep, levels) in trace.into_iter().enumerate() {
        let sigmas = range.end.finish(levels);
        let plan = method.plan(&sigmas)?;
        let images = sampler::sample(&*subject.denoiser, &plan, &seeds, STOPPING)?;
        progress(seeds.len() as u64 * sampler::evaluations(&plan) as u64);
        let images = ArrayView2::from_shape((seeds.len(), PIXELS), &images)?;
        let energy = train.distances(images, Set::Draws).energy;
        if energy < best.0 {
            best = (energy, sweep, sigmas);
        }
    }
    let (_, sweep, sigmas) = best;
    Ok((sigmas, (sweep, last)))
}

/// The network evaluations that it takes at most to find where the searches stop.
pub fn most_stopping_evaluations(options: &Options, subject: &Subject) -> u64 {
    let searches = options.schedules.contains(&Family::Table(Rule::Search));
    let per_image: u64 = subject.steps.iter().map(|&steps| u64::from(steps)).sum::<u64>() * u64::from(searches);
    per_image
        * u64::from(options.sweeps + 1)
        * options.solvers.len() as u64
        * u64::from(STOPPING_SETS * subject.samples)
}

/// The network evaluations of a whole run, all images together.
pub fn total_evaluations(cells: &[Cell], options: &Options, samples: u32) -> u64 {
    let per_image: u64 = cells.iter().map(|cell| cell.evaluations as u64).sum();
    per_image * u64::from(samples) * u64::from(options.sets)
}

/// Runs all cells of a denoiser; `progress` hears of network evaluations as they are done.
///
/// All cells start from the same noise, so that chance plays a smaller part in their differences than in their values.
pub fn run(
    cells: Vec<Cell>,
    options: &Options,
    subject: &Subject,
    reference: &Reference,
    progress: impl Fn(u64) + Sync,
) -> Result<Vec<Outcome>> {
    let one_set = |cell: &Cell, set: u32| -> Result<(Distances, Array2<f32>)> {
        let seeds = seeds(options.seed, set, subject.samples);
        let images = sampler::sample(&*subject.denoiser, &cell.plan, &seeds, IMAGES)?;
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
fn seeds(seed: u32, set: u32, samples: u32) -> Vec<u64> {
    let first = u64::from(seed) << 32 | u64::from(set * samples);
    (first..first + u64::from(samples)).collect()
}

/// Measures the floor with sets as large as those of the samples.
pub fn floor(
    options: &Options,
    subject: &Subject,
    range: Range,
    digits: &Digits,
    reference: &Reference,
) -> Result<Floor> {
    let samples = subject.samples;
    if subject.kind == Kind::Trained {
        let sigmas = Known::LogSnr.sigmas(FLOOR_EVALUATIONS, range)?;
        let plan = Method::Dpmpp2m.plan(&sigmas)?;
        let draw = |set: u32| -> Result<Distances> {
            let seeds = seeds(options.seed, set, samples);
            let images = sampler::sample(&*subject.denoiser, &plan, &seeds, FLOOR_DRAWS)?;
            Ok(reference.distances(ArrayView2::from_shape((seeds.len(), PIXELS), &images)?, Set::Draws))
        };
        let draws = (0..options.sets).into_par_iter().map(draw).collect::<Result<_>>()?;
        return Ok(Floor { whole: None, draws });
    }
    let draw = |set: u32| -> Result<Distances> {
        let mut uniforms = vec![0f64; samples as usize];
        let stream = Stream { seed: options.seed as u64, stream: FLOOR_DRAWS, step: set };
        random::fill_uniform(&mut uniforms, stream, 0)?;
        let count = digits.train.nrows();
        let picks: Vec<usize> = uniforms.iter().map(|uniform| (uniform * count as f64) as usize).collect();
        Ok(reference.distances(digits.train.select(Axis(0), &picks).view(), Set::Draws))
    };
    let draws = (0..FLOOR_SETS).into_par_iter().map(draw).collect::<Result<_>>()?;
    Ok(Floor { whole: Some(reference.distances(digits.train.view(), Set::Whole)), draws })
}

#[cfg(test)]
pub mod tests {
    use super::*;
    use crate::data;
    use crate::options::tests::parse;
    use std::collections::HashSet;
    use std::sync::atomic::{AtomicU64, Ordering};

    /// A small experiment with the exact denoiser, whole.
    pub struct Small {
        /// What was asked for.
        pub options: Options,
        /// The data.
        pub digits: Digits,
        /// The denoiser and its table.
        pub subject: Subject,
        /// What came of it.
        pub outcomes: Vec<Outcome>,
        /// The floor.
        pub floor: Floor,
    }

    /// Runs it.
    pub fn small(arguments: &[&str]) -> Small {
        let options =
            parse(&[arguments, &["--denoisers", "exact", "--levels", "40", "--table-samples", "64"]].concat());
        let options = options.unwrap();
        let digits = data::load().unwrap();
        let (range, subject) = prepared(&options, &digits);
        let [train, reference] = [&digits.train, &digits.held_out].map(|images| Reference::new(images.view()).unwrap());
        let cells = cells(&options, &subject, range, &train, |_| ()).unwrap();
        let outcomes = run(cells, &options, &subject, &reference, |_| ()).unwrap();
        let floor = floor(&options, &subject, range, &digits, &reference).unwrap();
        Small { options, digits, subject, outcomes, floor }
    }

    fn prepared(options: &Options, digits: &Digits) -> (Range, Subject) {
        let Options { sigma_min, sigma_max, end, .. } = *options;
        let range = Range { sigma_min, sigma_max, deviation: 0.5, end };
        let mut subjects = Subject::all(options, digits).unwrap();
        check(options, &subjects, range).unwrap();
        let mut subject = subjects.pop().unwrap();
        subject.measure(options, digits, |_| ()).unwrap();
        (range, subject)
    }

    #[test]
    fn no_two_sets_or_runs_share_a_seed() {
        let mut seen = HashSet::new();
        for seed in [0, 1, u32::MAX] {
            for set in 0..3 {
                assert!(seeds(seed, set, 50).into_iter().all(|seed| seen.insert(seed)));
            }
        }
        assert_eq!(seen.len(), 3 * 3 * 50);
    }

    #[test]
    fn any_number_of_threads_gives_the_same_numbers_and_all_evaluations_are_reported() {
        let arguments = [
            "--samples",
            "130",
            "--sets",
            "2",
            "--steps",
            "3,4",
            "--schedules",
            "ays,search,displacement",
            "--sweeps",
            "2",
        ];
        let small_table = ["--denoisers", "exact", "--levels", "20", "--table-samples", "32"];
        let options = parse(&[&arguments[..], &small_table].concat()).unwrap();
        let digits = data::load().unwrap();
        let train = Reference::new(digits.train.view()).unwrap();
        let on = |threads| {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
            pool.install(|| {
                let (range, subject) = prepared(&options, &digits);
                let reported = AtomicU64::new(0);
                let progress = |evaluations| {
                    reported.fetch_add(evaluations, Ordering::Relaxed);
                };
                let cells = cells(&options, &subject, range, &train, progress).unwrap();
                // Karras's levels and two sweeps, for each solver at 3 and 4 evaluations.
                assert_eq!(reported.swap(0, Ordering::Relaxed), 3 * 5 * (3 + 4) * 2 * 130);
                let total = total_evaluations(&cells, &options, subject.samples);
                let outcomes = run(cells, &options, &subject, &train, progress).unwrap();
                assert_eq!(reported.load(Ordering::Relaxed), total);
                outcomes.into_iter().map(|outcome| (outcome.distances, outcome.shown)).collect::<Vec<_>>()
            })
        };
        assert_eq!(on(1), on(3));
    }

    #[test]
    fn more_evaluations_bring_samples_to_the_floor() {
        let Small { outcomes, floor, .. } =
            small(&["--steps", "3,20", "--schedules", "log-snr", "--samples", "200", "--solvers", "ddim,2m,unipc"]);
        for metric in Metric::ALL {
            for pair in outcomes.chunks(2) {
                let estimates: Vec<_> = pair.iter().map(|outcome| outcome.estimate(metric)).collect();
                let floor = metric.floor(&floor);
                assert!(!estimates[0].reaches(floor), "{metric:?} {:?}: {estimates:?}", pair[0].cell.method);
                assert!(pair[1].difference(&pair[0], metric).is_negative(), "{metric:?}: {estimates:?}");
                assert!(
                    estimates[1].mean - floor.mean < 0.25 * (estimates[0].mean - floor.mean),
                    "{metric:?} {:?}: {estimates:?} {floor:?}",
                    pair[0].cell.method
                );
            }
        }
    }

    #[test]
    fn what_a_table_cannot_give_is_refused_at_once() {
        let options = parse(&["--denoisers", "exact", "--levels", "8", "--steps", "8"]).unwrap();
        let digits = data::load().unwrap();
        let subjects = Subject::all(&options, &digits).unwrap();
        let range = Range { sigma_min: 0.02, sigma_max: 80.0, deviation: 0.5, end: options.end };
        let error = check(&options, &subjects, range).unwrap_err();
        assert!(error.to_string().contains("--levels"), "{error}");
    }
}
