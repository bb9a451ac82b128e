//! The one-pass tables: case 07, statistics against closed forms, and laws of merging and of the isotonic regression.

use crate::case;
use proptest::collection::vec;
use proptest::prelude::*;
use quell::diffusion::bound::{
    Gaussian, IntervalCosts, MmseCurve, MmseTable, Moments, PairTable, fill_path, information_from_mmse, make_monotone,
    monotone_scratch_len, pairs_len,
};
use quell::diffusion::schedule::{Last, exponential};
use quell::diffusion::solver::NoiseScale;
use quell::random::{Stream, fill_normal, fill_uniform};
use quell_tests::floors;
use quell_tests::mixture1d::Mixture1d;
use quell_tests::quadrature::integrate;
use quell_tests::strategies::{config, log_uniform, ratios};
use quell_tests::tolerance::{AYS, CANCELLING_F64, CUBIC, MERGE, ROUNDING_F64, assert_close, relative};
use quell_tests::vectors::numbers;
use std::sync::LazyLock;

const REGRESSIONS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/proptest-regressions/bound_tables.txt");

/// What a mixture's bound depends on, exactly, on a grid from the top down.
pub struct Known {
    pub sigmas: Vec<f64>,
    pub mmse: Vec<f64>,
    pub information: Vec<f64>,
}

impl Known {
    pub fn new(mixture: &Mixture1d, sigmas: Vec<f64>) -> Known {
        let mmse = sigmas.iter().map(|&sigma| mixture.mmse(sigma)).collect();
        let information = sigmas.iter().map(|&sigma| mixture.information(sigma)).collect();
        Known { sigmas, mmse, information }
    }

    pub fn curve(&self) -> MmseCurve<'_> {
        MmseCurve::new(&self.sigmas, &self.mmse, &self.information).expect("a curve")
    }
}

/// The mixture of case 07 on the grid of case 08.
pub static CASE_08: LazyLock<Known> = LazyLock::new(|| {
    let (low, high) = (0.02f64.ln(), 20f64.ln());
    let grid = (0..=400).rev().map(|index| (low + (high - low) * f64::from(index) / 400.0).exp());
    Known::new(&floors::specification().0, grid.collect())
});

fn grid(levels: usize, low: f64, high: f64) -> Vec<f64> {
    let mut sigmas = vec![0.0; levels];
    exponential::fill(&mut sigmas, low, high, Last::SigmaMin).expect("a range");
    sigmas
}

#[test]
fn case_07_bound() {
    let case = case("07_klub_gmm1d");
    let known = Known::new(&floors::specification().0, numbers(&case["input"]["sigmas"]));
    let expected = case["output"]["mmse"].as_object().unwrap();
    assert_eq!(expected.len(), known.sigmas.len());
    let curve = known.curve();
    for (sigma, mmse) in expected {
        assert_close(sigma, &[curve.mmse_at(sigma.parse().unwrap()).unwrap()], &[mmse.as_f64().unwrap()], AYS);
    }
    let klub = case["output"]["KLUB"].as_f64().unwrap();
    assert_close("klub", &[curve.klub(&known.sigmas).unwrap()], &[klub], AYS);
    // The same schedule off the grid's points.
    assert!((CASE_08.curve().klub(&known.sigmas).unwrap() - klub).abs() <= CUBIC);
}

#[test]
fn information_follows_from_the_curve() {
    let known = &*CASE_08;
    let mut information = vec![f64::NAN; known.sigmas.len()];
    information_from_mmse(&mut information, &known.sigmas, &known.mmse).unwrap();
    for ((sigma, nats), exact) in known.sigmas.iter().zip(&information).zip(&known.information) {
        assert!((nats - (exact - known.information[0])).abs() <= CUBIC, "{sigma}: {nats}");
    }
}

#[test]
fn between_its_points_a_curve_is_the_mixture() {
    let (mixture, _) = floors::specification();
    let curve = CASE_08.curve();
    for index in 0..60 {
        let from = 19.9 * 0.02f64.powf(f64::from(index) / 60.0);
        let to = from * (0.06 + 0.93 * (f64::from(index) * 0.618).fract());
        let to = to.max(0.0201);
        assert!(relative(curve.mmse_at(from).unwrap(), mixture.mmse(from)) <= CUBIC, "{from}");
        assert!((curve.information_at(from).unwrap() - mixture.information(from)).abs() <= CUBIC, "{from}");
        assert!((curve.klub_between(from, to).unwrap() - mixture.bound(&[from, to])).abs() <= CUBIC, "{from} {to}");
    }
}

/// ER-SDE, whose bound has a weight of its own at each level: from the curve and from pairs, against the integral.
#[test]
fn weighted_costs_are_their_integrals() {
    let ((mixture, _), known) = (floors::specification(), &*CASE_08);
    let levels = known.sigmas.len();
    let pairs = (0..levels).flat_map(|from| (from..levels).map(move |to| (from, to)));
    let distances = pairs.map(|(from, to)| Moments { count: 1, mean: known.mmse[from] - known.mmse[to], squares: 0.0 });
    let distances: Vec<Moments> = distances.collect();
    for scale in [NoiseScale::Sde, NoiseScale::Sde3, NoiseScale::Sde5] {
        let weights: Vec<f64> = known.sigmas.iter().map(|&sigma| scale.klub_weight(sigma).unwrap()).collect();
        let (mut costs, mut of_pairs) = (vec![f64::NAN; pairs_len(levels)], vec![f64::NAN; pairs_len(levels)]);
        known.curve().fill_weighted_costs(&mut costs, &weights).unwrap();
        PairTable::view(&known.sigmas, &distances).unwrap().fill_costs(&mut of_pairs, &weights).unwrap();
        assert_eq!(costs, of_pairs, "{scale:?}");
        let costs = IntervalCosts::new(&known.sigmas, &costs).unwrap();
        for (from, to) in [(0, 400), (100, 200), (150, 260), (300, 330)] {
            let (start, end) = (known.sigmas[from], known.sigmas[to]);
            let cost = costs.get(from, to).unwrap();
            // Relative to the cost: the quadrature's tolerance is not.
            let integrand = &mut |log: f64| {
                let sigma = log.exp();
                let distance = mixture.mmse(start) - mixture.mmse(sigma);
                scale.klub_weight(sigma).unwrap() * distance / (sigma * sigma) / cost
            };
            let ratio = integrate(integrand, end.ln(), start.ln(), 0.25, 1e-10);
            assert!((ratio - 1.0).abs() <= CUBIC, "{scale:?} {from} {to}: {cost} {ratio}");
            if scale == NoiseScale::Sde {
                assert!((known.curve().interval(from, to).unwrap() - cost).abs() <= CUBIC * (1.0 + cost));
            }
        }
    }
}

/// N(0, c²) data in some dimensions, seen through its ideal denoiser on noising paths.
struct Paths {
    c: f64,
    dimension: usize,
    sigmas: Vec<f64>,
}

impl Paths {
    fn add(&self, table: &mut PairTable, sample: u64) {
        let (mut x0, mut path) = (vec![0.0; self.dimension], vec![0.0; self.dimension * self.sigmas.len()]);
        fill_normal(&mut x0, Stream { seed: sample, stream: 7, step: 0 }, 0).unwrap();
        x0.iter_mut().for_each(|x: &mut f64| *x *= self.c);
        fill_path(&mut path, &x0, &self.sigmas, Stream { seed: sample, stream: 0, step: 0 }).unwrap();
        for (states, sigma) in path.chunks_exact_mut(self.dimension).zip(&self.sigmas) {
            states.iter_mut().for_each(|x| *x *= self.c * self.c / (self.c * self.c + sigma * sigma));
        }
        table.add_path(&x0, &path).unwrap();
    }

    fn table(&self, samples: std::ops::Range<u64>) -> Vec<Moments> {
        let mut moments = vec![Moments::default(); pairs_len(self.sigmas.len())];
        let mut table = PairTable::new(&self.sigmas, &mut moments).unwrap();
        samples.for_each(|sample| self.add(&mut table, sample));
        moments
    }

    fn costs(&self, moments: &mut [Moments]) -> Vec<f64> {
        let table = PairTable::new(&self.sigmas, moments).unwrap();
        let mut costs = vec![f64::NAN; pairs_len(self.sigmas.len())];
        table.fill_costs(&mut costs, &vec![1.0; self.sigmas.len()]).unwrap();
        costs
    }

    /// The costs without noise: E|D_to − D_from|² = mmse(from) − mmse(to).
    fn exact(&self) -> Vec<f64> {
        let data = Gaussian::new(self.c, self.dimension).unwrap();
        let mmse: Vec<f64> = self.sigmas.iter().map(|&sigma| data.mmse(sigma).unwrap()).collect();
        let levels = self.sigmas.len();
        let pairs = (0..levels).flat_map(|from| (from..levels).map(move |to| (from, to)));
        let mut moments: Vec<Moments> =
            pairs.map(|(from, to)| Moments { count: 2, mean: mmse[from] - mmse[to], squares: 0.0 }).collect();
        self.costs(&mut moments)
    }
}

#[test]
fn pairs_of_an_ideal_denoiser_give_the_costs_of_its_curve() {
    const BATCHES: u64 = 24;
    for (dimension, samples) in [(1, 60), (2, 40), (64, 10)] {
        let paths = Paths { c: 0.5, dimension, sigmas: grid(41, 0.02, 20.0) };
        let data = Gaussian::new(0.5, dimension).unwrap();
        let exact = paths.exact();
        let exact = IntervalCosts::new(&paths.sigmas, &exact).unwrap();
        let batches: Vec<Vec<Moments>> =
            (0..BATCHES).map(|batch| paths.table(batch * samples..(batch + 1) * samples)).collect();
        let costs: Vec<Vec<f64>> = batches.iter().map(|moments| paths.costs(&mut moments.clone())).collect();
        let mut merged = vec![Moments::default(); pairs_len(41)];
        let mut table = PairTable::new(&paths.sigmas, &mut merged).unwrap();
        for moments in &batches {
            table.merge(&PairTable::new(&paths.sigmas, &mut moments.clone()).unwrap()).unwrap();
        }
        let mut mmse = vec![0.0; 41];
        table.fill_mmse(&mut mmse).unwrap();
        let mut bounds = vec![0.0; pairs_len(41)];
        table.fill_standard_errors(&mut bounds, &[1.0; 41]).unwrap();
        let bounds = IntervalCosts::new(&paths.sigmas, &bounds).unwrap();
        for (from, to) in [(0, 40), (0, 20), (10, 25), (20, 40), (20, 21), (38, 40)] {
            let of = |costs: &Vec<f64>| IntervalCosts::new(&paths.sigmas, costs).unwrap().get(from, to).unwrap();
            let mean = costs.iter().map(of).sum::<f64>() / BATCHES as f64;
            let squares = costs.iter().map(|costs| (of(costs) - mean).powi(2)).sum::<f64>();
            let error = (squares / (BATCHES * (BATCHES - 1)) as f64).sqrt();
            let expected = exact.get(from, to).unwrap();
            println!("{dimension} {from} {to}: {mean} ± {error} ({}), {expected}", bounds.get(from, to).unwrap());
            assert!((mean - expected).abs() <= 3.0 * error, "{dimension} {from} {to}: {mean} ± {error}, {expected}");
            // The spread of 24 batches is itself known to some 15 percent.
            assert!(error <= 1.4 * bounds.get(from, to).unwrap(), "{error}");
            // A step of one interval of forty is integrated by one cubic.
            let closed = data.klub_between(paths.sigmas[from], paths.sigmas[to]).unwrap();
            assert!(relative(expected, closed) < 1e-2, "{expected} {closed}");
        }
        for level in [0, 20, 40] {
            let exact = data.mmse(paths.sigmas[level]).unwrap();
            let own = merged[pairs_len(41) - pairs_len(41 - level)];
            assert_eq!(own.mean, mmse[level]);
            assert!((own.mean - exact).abs() <= 3.0 * own.standard_error(), "{level}: {}", own.mean);
        }
    }
}

#[test]
fn a_table_of_the_mixture_of_case_07() {
    const SAMPLES: u64 = 20_000;
    let case = case("07_klub_gmm1d");
    let (mixture, _) = floors::specification();
    let (weights, means, stds) =
        (numbers(&case["input"]["weights"]), numbers(&case["input"]["means"]), numbers(&case["input"]["stds"]));
    let sigmas = numbers(&case["input"]["sigmas"]);
    let mut moments = vec![Moments::default(); sigmas.len()];
    let mut table = MmseTable::new(&sigmas, &mut moments).unwrap();
    for seed in 0..SAMPLES {
        let (mut uniform, mut normals) = ([0.0], vec![0.0; sigmas.len() + 1]);
        fill_uniform(&mut uniform, Stream { seed, stream: 0, step: 0 }, 0).unwrap();
        fill_normal(&mut normals, Stream { seed, stream: 1, step: 0 }, 0).unwrap();
        let component =
            if uniform[0] < weights[0] { 0 } else { 1 + usize::from(uniform[0] >= weights[0] + weights[1]) };
        let x0 = means[component] + stds[component] * normals[0];
        for (index, (&sigma, noise)) in sigmas.iter().zip(&normals[1..]).enumerate() {
            let denoised = mixture.at(sigma).point(x0 + sigma * noise).denoised;
            table.add(index, &[x0], &[denoised]).unwrap();
        }
    }
    let (mut mmse, mut errors) = (vec![0.0; sigmas.len()], vec![0.0; sigmas.len()]);
    table.fill_mmse(&mut mmse).unwrap();
    table.fill_standard_errors(&mut errors).unwrap();
    for ((sigma, mmse), error) in sigmas.iter().zip(&mmse).zip(&errors) {
        let exact = mixture.mmse(*sigma);
        assert!((mmse - exact).abs() <= 3.0 * error && *error < 0.03 * exact, "{sigma}: {mmse} ± {error}, {exact}");
    }
}

/// The isotonic regression by its formula: the least of the greatest means.
fn isotonic(values: &[f64], weights: &[f64]) -> Vec<f64> {
    let mean = |from: usize, to: usize| {
        let weight: f64 = weights[from..=to].iter().sum();
        values[from..=to].iter().zip(&weights[from..=to]).map(|(value, weight)| value * weight).sum::<f64>() / weight
    };
    let n = values.len();
    let greatest = |from: usize, index: usize| (index..n).map(|to| mean(from, to)).fold(f64::MIN, f64::max);
    (0..n).map(|index| (0..=index).map(|from| greatest(from, index)).fold(f64::MAX, f64::min)).collect()
}

fn table_of(sigmas: &[f64], errors: &[(usize, f64)]) -> Vec<Moments> {
    let mut moments = vec![Moments::default(); sigmas.len()];
    let mut table = MmseTable::new(sigmas, &mut moments).unwrap();
    errors.iter().for_each(|&(level, error)| table.add(level, &[error], &[0.0]).unwrap());
    moments
}

proptest! {
    #![proptest_config(config(REGRESSIONS))]

    #[test]
    fn any_split_merges_to_the_whole(errors in vec((0..5usize, -3.0..3.0f64), 0..60), cut in any::<prop::sample::Index>()) {
        let sigmas = [9.0, 3.0, 1.0, 0.5, 0.1];
        let whole = table_of(&sigmas, &errors);
        let (left, right) = errors.split_at(cut.index(errors.len() + 1));
        let (mut left, mut right) = (table_of(&sigmas, left), table_of(&sigmas, right));
        let before = left.clone();
        let mut empty = vec![Moments::default(); 5];
        let mut table = MmseTable::new(&sigmas, &mut left).unwrap();
        table.merge(&MmseTable::new(&sigmas, &mut empty).unwrap()).unwrap();
        prop_assert_eq!(table.moments(), &before[..]);
        table.merge(&MmseTable::new(&sigmas, &mut right).unwrap()).unwrap();
        let mut copy = MmseTable::new(&sigmas, &mut empty).unwrap();
        copy.merge(&table).unwrap();
        prop_assert_eq!(copy.moments(), table.moments());
        for (merged, whole) in left.iter().zip(&whole) {
            prop_assert_eq!(merged.count, whole.count);
            prop_assert!(relative(merged.mean, whole.mean) <= MERGE);
            let scale = whole.squares + whole.mean * whole.mean * whole.count as f64;
            prop_assert!((merged.squares - whole.squares).abs() <= MERGE * scale);
        }
    }

    #[test]
    fn pair_tables_merge_to_the_whole(seed in any::<u32>(), samples in 1..12u64, cut in any::<prop::sample::Index>()) {
        let paths = Paths { c: 1.0, dimension: 3, sigmas: vec![5.0, 1.0, 0.3, 0.1] };
        let (first, middle) = (u64::from(seed), u64::from(seed) + cut.index(samples as usize + 1) as u64);
        let whole = paths.table(first..first + samples);
        let (mut left, mut right) = (paths.table(first..middle), paths.table(middle..first + samples));
        let mut table = PairTable::new(&paths.sigmas, &mut left).unwrap();
        table.merge(&PairTable::new(&paths.sigmas, &mut right).unwrap()).unwrap();
        for (merged, whole) in left.iter().zip(&whole) {
            prop_assert!(merged.count == whole.count && relative(merged.mean, whole.mean) <= MERGE);
        }
    }

    #[test]
    fn regression_is_the_formula_and_changes_nothing_twice(
        points in vec((prop_oneof![0.0..10.0f64, Just(1.0)], log_uniform(0.1, 10.0)), 0..30),
    ) {
        let (values, weights): (Vec<f64>, Vec<f64>) = points.into_iter().unzip();
        let (mut once, mut scratch) = (values.clone(), vec![f64::NAN; monotone_scratch_len(values.len())]);
        make_monotone(&mut once, &weights, &mut scratch).unwrap();
        prop_assert!(once.windows(2).all(|w| w[1] <= w[0]));
        for (actual, expected) in once.iter().zip(isotonic(&values, &weights)) {
            prop_assert!((actual - expected).abs() <= ROUNDING_F64 * 10.0, "{actual} {expected}");
        }
        let mut twice = once.clone();
        make_monotone(&mut twice, &weights, &mut scratch).unwrap();
        prop_assert_eq!(once, twice);
    }

    /// The bound of a step is not negative, and the sum over the parts of a step is not more than the step's.
    #[test]
    fn a_shorter_step_costs_no_more(
        sigmas in ratios((1e-3, 1e3), 3..=30), drops in vec(0.0..1.0f64, 31), plateaus in vec(any::<bool>(), 31),
        at in vec(any::<prop::sample::Index>(), 3),
    ) {
        let mut left = 1.0;
        let mmse: Vec<f64> = drops.iter().zip(&plateaus).take(sigmas.len()).map(|(drop, &plateau)| {
            left *= if plateau { 1.0 } else { *drop };
            left
        }).collect();
        let mut information = vec![0.0; sigmas.len()];
        information_from_mmse(&mut information, &sigmas, &mmse).unwrap();
        let curve = MmseCurve::new(&sigmas, &mmse, &information).unwrap();
        let mut at: Vec<usize> = at.iter().map(|index| index.index(sigmas.len())).collect();
        at.sort_unstable();
        let (from, middle, to) = (at[0], at[1], at[2]);
        let snr = |index: usize| sigmas[index].powi(-2);
        let scale = (snr(to) - snr(from)) * mmse[from] + information[to];
        let interval = |from: usize, to: usize| if from == to { 0.0 } else { curve.interval(from, to).unwrap() };
        prop_assert!(interval(from, to) >= -ROUNDING_F64 * scale);
        let parts = interval(from, middle) + interval(middle, to);
        prop_assert!(parts <= interval(from, to) + ROUNDING_F64 * scale);
        if from < to {
            let between = curve.klub_between(sigmas[from], sigmas[to]).unwrap();
            prop_assert!((between - interval(from, to)).abs() <= CANCELLING_F64 * scale);
        }
    }
}
