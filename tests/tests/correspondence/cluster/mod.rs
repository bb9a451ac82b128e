//! K-means.

mod refusals;

use crate::case;
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;
use quell::correspondence::cluster::{
    Fit, KMeans, greedy_trials, plus_plus, plus_plus_scratch_len, plus_plus_uniforms_len, predict, predict_scratch_len,
    predict_singles_len,
};
use quell::correspondence::fold::Label;
use quell::{Error, bf16, f16};
use quell_tests::naive::{Element, narrowed, widened};
use quell_tests::naive_kmeans as naive;
use quell_tests::sampler::same_bits;
use quell_tests::strategies::{config, values};
use quell_tests::tolerance::{CLUSTER_F32, EMERDIFF, ROUNDING_F64, assert_close};
use quell_tests::vectors::{matrix, number, numbers, whole};

const REGRESSIONS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/proptest-regressions/correspondence_cluster.txt");

/// Labels, centres and what else came of a run, with as much scratch as is asked for.
type Outcome<L> = (Vec<L>, Vec<f64>, Fit);

fn lloyd<X: Element, L: Label>(
    options: &KMeans,
    start: &[f64],
    features: &[X],
    dimension: usize,
) -> Result<Outcome<L>, Error> {
    let points = features.len() / dimension;
    let (mut labels, mut centres) = (vec![L::default(); points], start.to_vec());
    let mut scratch = vec![f64::NAN; options.lloyd_scratch_len(points, dimension)];
    let mut singles = vec![f32::NAN; options.singles_len(points, dimension)];
    let fit = options.lloyd(&mut centres, &mut labels, features, dimension, &mut scratch, &mut singles)?;
    Ok((labels, centres, fit))
}

fn run<X: Element, L: Label>(
    options: &KMeans,
    features: &[X],
    dimension: usize,
    uniforms: &[f64],
) -> Result<Outcome<L>, Error> {
    let points = features.len() / dimension;
    let (mut labels, mut centres) = (vec![L::default(); points], vec![f64::NAN; options.clusters * dimension]);
    let mut scratch = vec![f64::NAN; options.run_scratch_len(points, dimension)];
    let mut singles = vec![f32::NAN; options.singles_len(points, dimension)];
    let fit = options.run(&mut centres, &mut labels, features, dimension, uniforms, &mut scratch, &mut singles)?;
    Ok((labels, centres, fit))
}

fn seed<X: Element>(
    features: &[X],
    dimension: usize,
    clusters: usize,
    uniforms: &[f64],
    trials: usize,
) -> Result<(Vec<usize>, Vec<f64>, f64), Error> {
    let (mut indices, mut centres) = (vec![0; clusters], vec![f64::NAN; clusters * dimension]);
    let mut scratch = vec![f64::NAN; plus_plus_scratch_len(features.len() / dimension, dimension, trials)];
    let potential = plus_plus(&mut centres, &mut indices, features, dimension, uniforms, trials, &mut scratch)?;
    Ok((indices, centres, potential))
}

fn to_usize<L: Label>(labels: &[L]) -> Vec<usize> {
    labels.iter().map(|label| label.to_usize()).collect()
}

#[test]
fn lloyd_gives_what_scikit_learn_gives() {
    let case = case("kmeans_lloyd");
    let features = matrix(&case["X"]);
    let singles: Vec<f32> = features.iter().map(|&x| x as f32).collect();
    for suffix in ["", "_bad"] {
        let expected = |name: &str| &case[&format!("{name}{suffix}")];
        let start = matrix(expected("C0"));
        let options = KMeans::new(start.len() / 3);
        let labels: Vec<usize> = whole(expected("labels"));
        let inertia = number(expected("inertia"));

        let (double_labels, centres, fit) = lloyd::<f64, u8>(&options, &start, &features, 3).expect("points");
        assert_eq!(to_usize(&double_labels), labels);
        assert_close("centres", &centres, &matrix(expected("centers")), EMERDIFF);
        assert_close("inertia", &[fit.inertia], &[inertia], EMERDIFF);
        assert_eq!(fit.iterations as u64, expected("sklearn_n_iter").as_u64().expect("a number"));

        let (single_labels, centres, fit) = lloyd::<f32, u32>(&options, &start, &singles, 3).expect("points");
        assert_eq!(to_usize(&single_labels), labels);
        assert_close("centres, f32", &centres, &matrix(expected("centers")), CLUSTER_F32);
        assert_close("inertia, f32", &[fit.inertia], &[inertia], CLUSTER_F32);

        if suffix == "_bad" {
            let empty = naive::lloyd(&features, &start, 3, 300, 1e-4).empty;
            let expected: Vec<usize> = whole(&case["empty_clusters_per_iteration_bad"]);
            assert_eq!(empty, expected[..empty.len()]);
            assert!(expected[empty.len()..].iter().all(|&count| count == 0));
        }
    }
    let (label, _, _) = lloyd::<f64, u8>(
        &KMeans { max_iterations: 1, ..KMeans::new(2) },
        &[0.0, 0.0, 2.0, 0.0],
        &[1.0, 0.0, 2.0, 0.0],
        2,
    )
    .expect("points");
    assert_eq!(label, [0, 1]);
    let tie = &case["tie"];
    let (point, centres) = (numbers(&tie["point"]), matrix(&tie["centers"]));
    let mut label = [9u8];
    let (mut scratch, mut singles) =
        (vec![f64::NAN; predict_scratch_len(2, 2)], vec![f32::NAN; predict_singles_len(2, 2)]);
    predict(&mut label, &point, &centres, 2, &mut scratch, &mut singles).expect("a point");
    assert_eq!(u64::from(label[0]), tie["label"].as_u64().expect("a label"));
}

#[test]
fn given_uniforms_choose_given_points() {
    let (case, points) = (case("kmeanspp"), case("kmeans_lloyd"));
    let features = matrix(&points["X"]);
    let singles: Vec<f32> = features.iter().map(|&x| x as f32).collect();
    let (uniforms, expected) = (numbers(&case["uniforms"]), whole::<usize>(&case["indices"]));
    let potentials = numbers(&case["potential_after_each"]);
    for clusters in 1..=expected.len() {
        let (indices, centres, potential) = seed(&features, 3, clusters, &uniforms[..clusters], 1).expect("points");
        assert_eq!(indices, expected[..clusters]);
        assert_close("potential", &[potential], &potentials[clusters - 1..clusters], EMERDIFF);
        let chosen: Vec<f64> = indices.iter().flat_map(|i| &features[3 * i..][..3]).copied().collect();
        assert!(same_bits(&centres, &chosen));
        let (indices, _, potential) = seed(&singles, 3, clusters, &uniforms[..clusters], 1).expect("points");
        assert_eq!(indices, expected[..clusters]);
        assert_close("potential, f32", &[potential], &potentials[clusters - 1..clusters], CLUSTER_F32);
    }
}

/// `kmeans_plusplus(X, 4, random_state=seed)` of scikit-learn 1.9.1, which draws `RandomState(seed).random_sample(10)`.
#[test]
fn greedy_trials_choose_what_scikit_learn_chooses() {
    let draws = [
        (
            [
                0.5488135039273248,
                0.7151893663724195,
                0.6027633760716439,
                0.5448831829968969,
                0.4236547993389047,
                0.6458941130666561,
                0.4375872112626925,
                0.8917730007820798,
                0.9636627605010293,
                0.3834415188257777,
            ],
            [13, 17, 5, 21],
        ),
        (
            [
                0.417022004702574,
                0.7203244934421581,
                0.00011437481734488664,
                0.30233257263183977,
                0.14675589081711304,
                0.0923385947687978,
                0.1862602113776709,
                0.34556072704304774,
                0.39676747423066994,
                0.538816734003357,
            ],
            [10, 19, 0, 11],
        ),
    ];
    let features = matrix(&case("kmeans_lloyd")["X"]);
    for (uniforms, expected) in draws {
        let (indices, _, _) = seed(&features, 3, 4, &uniforms, greedy_trials(4)).expect("points");
        assert_eq!(indices, expected);
    }
}

/// 2 + ⌊ln K⌋ in scikit-learn.
#[test]
fn as_many_trials_as_scikit_learn() {
    for clusters in 1..=10_000 {
        assert_eq!(greedy_trials(clusters), 2 + (clusters as f64).ln() as usize, "{clusters}");
    }
}

/// Features and where to start.
#[derive(Clone, Debug)]
struct Case {
    dimension: usize,
    features: Vec<f64>,
    start: Vec<f64>,
    max_iterations: usize,
    tolerance: f64,
}

impl Case {
    fn points(&self) -> usize {
        self.features.len() / self.dimension
    }

    fn options(&self) -> KMeans {
        let (max_iterations, tolerance) = (self.max_iterations, self.tolerance);
        KMeans { max_iterations, tolerance, ..KMeans::new(self.start.len() / self.dimension) }
    }
}

/// What features look like.
#[derive(Clone, Copy, Debug)]
enum Kind {
    /// Magnitudes over ten decades.
    Wild,
    /// Small integers: points that coincide, and ties of every sort.
    Integers,
    /// Three groups far apart.
    Groups,
    /// Small differences far from the origin.
    Offset,
}

fn features(kind: Kind, seed: u64, points: usize, dimension: usize) -> Vec<f64> {
    let bounded = |x: f64| (x * 37.0).sin();
    let shape = |(i, x): (usize, f64)| match kind {
        Kind::Wild => x,
        Kind::Integers => (bounded(x) * 2.5).round(),
        Kind::Groups => bounded(x) + 20.0 * ((i / dimension % 3) as f64),
        Kind::Offset => 1000.0 + bounded(x),
    };
    values(seed, 0, points * dimension).into_iter().enumerate().map(shape).collect()
}

/// Points around portions and blocks of the kernels; centres that are points, or far from all.
fn any_case() -> impl Strategy<Value = Case> {
    let kind = select(vec![Kind::Wild, Kind::Integers, Kind::Groups, Kind::Offset]);
    let dimension = prop_oneof![4 => 1..=9usize, 1 => select(vec![255, 256, 257, 300])];
    let stop = (prop_oneof![3 => Just(300), 1 => 1..=4usize], select(vec![0.0, 1e-4, 1e-2]));
    (kind, dimension, 1..=30usize, any::<u64>(), stop)
        .prop_flat_map(|(kind, dimension, points, seed, stop)| {
            let start = vec(prop_oneof![6 => (0..points).prop_map(Some), 1 => Just(None)], 1..=points.min(9));
            (Just((kind, dimension, points, seed, stop)), start)
        })
        .prop_map(|((kind, dimension, points, seed, (max_iterations, tolerance)), start)| {
            let features = features(kind, seed, points, dimension);
            let far: Vec<f64> = values(seed, 1, dimension).into_iter().map(|x| x * 3.0 - 40.0).collect();
            let centre = |point: &Option<usize>| match point {
                Some(point) => features[point * dimension..][..dimension].to_vec(),
                None => far.clone(),
            };
            let start = start.iter().flat_map(centre).collect();
            Case { dimension, features, start, max_iterations, tolerance }
        })
}

fn lloyd_is_its_twin<X: Element>(case: &Case) -> Result<(), TestCaseError> {
    let features = narrowed::<X>(&case.features);
    let (labels, centres, fit) =
        lloyd::<X, u16>(&case.options(), &case.start, &features, case.dimension).expect("points");
    let expected = naive::lloyd(&widened(&features), &case.start, case.dimension, case.max_iterations, case.tolerance);
    prop_assert_eq!(to_usize(&labels), expected.labels);
    prop_assert!(same_bits(&centres, &expected.centres));
    prop_assert_eq!((fit.inertia.to_bits(), fit.iterations), (expected.inertia.to_bits(), expected.iterations));
    Ok(())
}

/// A run is the best of the runs that its uniforms start.
fn best_start_wins(case: &Case, trials: usize, uniforms: &[f64]) -> Result<(), TestCaseError> {
    let options = KMeans { restarts: 3, trials, ..case.options() };
    let uniforms = &uniforms[..options.uniforms_len()];
    let features = narrowed::<f32>(&case.features);
    let (labels, centres, fit) = run::<f32, u8>(&options, &features, case.dimension, uniforms).expect("points");
    let starts = uniforms.chunks(options.uniforms_len() / 3).map(|uniforms| {
        let (_, start, _) = seed(&features, case.dimension, options.clusters, uniforms, trials).expect("points");
        lloyd::<f32, u8>(&options, &start, &features, case.dimension).expect("points")
    });
    let runs: Vec<_> = starts.collect();
    let better = |best: usize, restart: usize| runs[restart].2.inertia < runs[best].2.inertia;
    let best = (1..3).fold(0, |best, restart| if better(best, restart) { restart } else { best });
    prop_assert_eq!(&labels, &runs[best].0);
    prop_assert!(same_bits(&centres, &runs[best].1));
    prop_assert_eq!(fit, Fit { restart: best, ..runs[best].2 });
    Ok(())
}

proptest! {
    #![proptest_config(config(REGRESSIONS))]

    #[test]
    fn no_shortcut_changes_a_bit(case in any_case()) {
        lloyd_is_its_twin::<f32>(&case)?;
        lloyd_is_its_twin::<f64>(&case)?;
        lloyd_is_its_twin::<f16>(&case)?;
        lloyd_is_its_twin::<bf16>(&case)?;
    }

    #[test]
    fn seeds_are_their_twins(case in any_case(), trials in 1..=6usize, uniforms in vec(0.0..1.0f64, 60)) {
        let clusters = case.options().clusters;
        let uniforms = &uniforms[..plus_plus_uniforms_len(clusters, trials)];
        let features = narrowed::<f32>(&case.features);
        let (indices, _, potential) = seed(&features, case.dimension, clusters, uniforms, trials).expect("points");
        let (expected, potentials) =
            naive::plus_plus(&widened(&features), case.dimension, clusters, uniforms, trials);
        prop_assert_eq!(indices, expected);
        prop_assert_eq!(potential.to_bits(), potentials[clusters - 1].to_bits());
    }

    /// Labels are those of the centres that come with them, and so is the inertia.
    #[test]
    fn a_fit_predicts_itself(case in any_case()) {
        let features = narrowed::<f32>(&case.features);
        let (labels, centres, fit) =
            lloyd::<f32, u32>(&case.options(), &case.start, &features, case.dimension).expect("points");
        let clusters = case.options().clusters;
        let mut predicted = vec![u32::MAX; case.points()];
        let mut scratch = vec![f64::NAN; predict_scratch_len(clusters, case.dimension)];
        let mut singles = vec![f32::NAN; predict_singles_len(clusters, case.dimension)];
        let (scratch, singles) = (&mut scratch, &mut singles);
        let inertia = predict(&mut predicted, &features, &centres, case.dimension, scratch, singles).expect("points");
        prop_assert_eq!(predicted, labels);
        prop_assert_eq!(inertia.to_bits(), fit.inertia.to_bits());
    }

    #[test]
    fn the_best_start_wins(case in any_case(), trials in 1..=2usize, uniforms in vec(0.0..1.0f64, 3 * 17)) {
        best_start_wins(&case, trials, &uniforms)?;
    }

    /// A unit of measure that is a power of two changes nothing, not even where single precision ends.
    #[test]
    fn units_do_not_matter(case in any_case(), exponent in select(vec![-400, -160, -100, -60, 60, 100, 140, 400])) {
        let scale = 2f64.powi(exponent);
        let scaled = |values: &[f64]| values.iter().map(|x| x * scale).collect::<Vec<_>>();
        let (labels, centres, fit) =
            lloyd::<f64, u8>(&case.options(), &case.start, &case.features, case.dimension).expect("points");
        let (scaled_labels, scaled_centres, scaled_fit) =
            lloyd::<f64, u8>(&case.options(), &scaled(&case.start), &scaled(&case.features), case.dimension)
                .expect("points");
        prop_assert_eq!(labels, scaled_labels);
        prop_assert!(same_bits(&scaled(&centres), &scaled_centres));
        prop_assert_eq!(fit.inertia * scale * scale, scaled_fit.inertia);
    }

    /// Further iterations do not make it worse, as long as each cluster has a point.
    #[test]
    fn inertia_does_not_grow(case in any_case()) {
        let mut before = f64::INFINITY;
        for max_iterations in 1..6 {
            let options = KMeans { max_iterations, tolerance: 0.0, ..case.options() };
            let (labels, _, fit) =
                lloyd::<f64, u8>(&options, &case.start, &case.features, case.dimension).expect("points");
            if (0..options.clusters).any(|k| !labels.contains(&(k as u8))) {
                break;
            }
            prop_assert!(fit.inertia <= before * (1.0 + ROUNDING_F64), "{} after {before}", fit.inertia);
            before = fit.inertia;
        }
    }
}

/// The size that the paper's features have: blocks of the kernels, whole and in part, and several portions.
#[test]
fn a_feature_map_of_the_papers_size_is_its_twin() {
    let (points, dimension, clusters) = (256, 1280, 30);
    for kind in [Kind::Groups, Kind::Offset] {
        let features = features(kind, 7, points, dimension);
        let start = features[..clusters * dimension].to_vec();
        let case = Case { dimension, features, start, max_iterations: 300, tolerance: 1e-4 };
        lloyd_is_its_twin::<f32>(&case).expect("the same");
    }
}

/// The distances of all pairs are kept for up to 1024 points.
#[test]
fn many_points_are_no_exception() {
    for points in [1024, 1025] {
        let features = features(Kind::Wild, 3, points, 2);
        let start = features[..8].to_vec();
        let case = Case { dimension: 2, features, start, max_iterations: 5, tolerance: 0.0 };
        best_start_wins(&case, 2, &[0.3, 0.9, 0.1, 0.7, 0.5, 0.2, 0.8].repeat(3)).expect("the same");
    }
}
