//! K-means.

use super::on_scratch;
use crate::contract::{Contract, NEGATIVE, contract};
use crate::memory::Plain;
use crate::samples::elements;
use crate::scene::{Number, Scene};
use quell::correspondence::cluster::{
    self, Fit, KMeans, plus_plus, plus_plus_scratch_len, plus_plus_uniforms_len, predict_scratch_len,
    predict_singles_len,
};
use quell::{Scalar, Storage, bf16, f16};
use quell_ffi::correspondence::cluster::*;
use quell_ffi::status::quell_cause as cause;
use std::mem::offset_of;

const POINTS: usize = 7;
const DIMENSION: usize = 3;
const CLUSTERS: usize = 2;
const TRIALS: usize = 3;
const OPTIONS: KMeans = KMeans { clusters: CLUSTERS, restarts: 2, trials: TRIALS, max_iterations: 20, tolerance: 1e-4 };
/// Two that are far apart.
const CENTRES: [f64; CLUSTERS * DIMENSION] = [-2.0, 0.25, 1.0, 2.5, 1.0, -0.5];

/// Sizes that lengths are compared for.
const SIZES: [[usize; 3]; 6] =
    [[0, 0, 0], [1, 1, 1], [256, 1280, 30], [usize::MAX, 2, 2], [2, usize::MAX, 2], [2, 2, usize::MAX]];

fn uniforms(count: usize) -> Vec<f64> {
    (0..count).map(|i| ((i * 7 + 3) % 16) as f64 / 16.0).collect()
}

/// Adds points, and what can be wrong with them.
fn on_features<X: Storage + Plain>(contract: Contract) -> Contract {
    let spoil = |index: usize, value: f64| {
        move |s: &mut Scene| s.poke_element("features", index, X::store(X::Acc::from_f64(value)))
    };
    contract
        .input("features", &elements::<X>(POINTS * DIMENSION, 1), "features_len")
        .any("dimension", Number::Size(DIMENSION))
        .wrong_length("features_len", &[POINTS * DIMENSION - 1], cause::Length, "features")
        .refuses("an infinite feature", spoil(4, f64::INFINITY), cause::Domain, "features")
        .refuses("a feature that is not a number", spoil(20, f64::NAN), cause::Domain, "features")
        .refuses("no dimension", |s| s.set("dimension", Number::Size(0)), cause::Domain, "dimension")
        .refuses("another dimension", |s| s.set("dimension", Number::Size(2)), cause::Length, "features")
        .refuses("a very large dimension", |s| s.set("dimension", Number::Size(usize::MAX)), cause::Length, "features")
}

/// Adds options, and what can be wrong with those that both functions look at.
fn on_options(contract: Contract) -> Contract {
    let size = |field: usize, value: usize| move |s: &mut Scene| s.poke("options", field, value);
    contract
        .object("options", OPTIONS)
        .refuses("no clusters", size(offset_of!(KMeans, clusters), 0), cause::Domain, "clusters")
        .refuses("more clusters than points", size(offset_of!(KMeans, clusters), POINTS + 1), cause::Domain, "clusters")
        .refuses("very many clusters", size(offset_of!(KMeans, clusters), usize::MAX), cause::Domain, "clusters")
        .refuses("no iteration", size(offset_of!(KMeans, max_iterations), 0), cause::Domain, "max_iterations")
        .field("options", offset_of!(KMeans, tolerance), NEGATIVE, "tolerance")
        .accepts("one iteration", size(offset_of!(KMeans, max_iterations), 1))
        .accepts("no tolerance", |s| s.poke("options", offset_of!(KMeans, tolerance), 0.0))
}

/// Adds labels and centres, and what can be wrong with their lengths.
fn on_results(contract: Contract) -> Contract {
    contract
        .zero_is_wrong("centres_len", cause::Length, "centres")
        .wrong_length("centres_len", &[CENTRES.len() - 1], cause::Length, "centres")
        .zero_is_wrong("points", cause::Length, "labels")
        .wrong_length("points", &[POINTS - 1], cause::Length, "labels")
        .zero_is_wrong("features_len", cause::Domain, "clusters")
        .wrong_length("features_len", &[(POINTS - 1) * DIMENSION], cause::Length, "labels")
}

macro_rules! seed {
    ($type:ty, $plus_plus:ident) => {{
        let contract = contract!($plus_plus(
            out,
            centres,
            centres_len,
            indices,
            clusters,
            scratch,
            scratch_len,
            features,
            features_len,
            uniforms,
            uniforms_len,
            dimension,
            trials
        ))
        .result::<f64>("out")
        .output::<f64>("centres", CENTRES.len(), "centres_len")
        .output::<usize>("indices", CLUSTERS, "clusters");
        let needed = plus_plus_scratch_len(POINTS, DIMENSION, TRIALS);
        let needed_uniforms = plus_plus_uniforms_len(CLUSTERS, TRIALS);
        on_features::<$type>(on_scratch(contract, "scratch", 0.5f64, needed, "scratch_len"))
            .input("uniforms", &uniforms(needed_uniforms), "uniforms_len")
            .any("trials", Number::Size(TRIALS))
            .zero_is_wrong("centres_len", cause::Length, "centres")
            .wrong_length("centres_len", &[CENTRES.len() - 1], cause::Length, "centres")
            .zero_is_wrong("clusters", cause::Domain, "clusters")
            .wrong_length("clusters", &[CLUSTERS - 1], cause::Length, "centres")
            .zero_is_wrong("features_len", cause::Domain, "clusters")
            .zero_is_wrong("uniforms_len", cause::Length, "uniforms")
            .wrong_length("uniforms_len", &[needed_uniforms - 1], cause::Length, "uniforms")
            .bad_elements("uniforms", 2, &[f64::NAN, 1.0, -0.25, f64::INFINITY], cause::Domain)
            .refuses("no trial", |s| s.set("trials", Number::Size(0)), cause::Domain, "trials")
            .refuses("more trials", |s| s.set("trials", Number::Size(TRIALS + 1)), cause::Length, "uniforms")
            .accepts("one trial", |s| {
                s.set("trials", Number::Size(1));
                s.write("uniforms", &uniforms(CLUSTERS));
            })
            .twin(|s| {
                let (mut centres, mut indices) = (s.read::<f64>("centres"), s.read::<usize>("indices"));
                let mut scratch = s.read::<f64>("scratch");
                let (features, uniforms) = (s.read::<$type>("features"), s.read::<f64>("uniforms"));
                let (dimension, trials) = (s.get("dimension"), s.get("trials"));
                let potential =
                    plus_plus(&mut centres, &mut indices, &features, dimension, &uniforms, trials, &mut scratch);
                s.write("out", &[potential.unwrap()]);
                s.write("centres", &centres);
                s.write("indices", &indices);
                s.write("scratch", &scratch);
            })
    }};
}

macro_rules! clusters {
    ($type:ty, $label:ty, $run:ident, $lloyd:ident, $predict:ident) => {{
        let run = contract!($run(
            out,
            centres,
            centres_len,
            labels,
            points,
            scratch,
            scratch_len,
            singles,
            singles_len,
            features,
            features_len,
            uniforms,
            uniforms_len,
            options,
            dimension
        ))
        .result::<Fit>("out")
        .output::<f64>("centres", CENTRES.len(), "centres_len")
        .output::<$label>("labels", POINTS, "points");
        let run = on_scratch(run, "scratch", 0.5f64, OPTIONS.run_scratch_len(POINTS, DIMENSION), "scratch_len");
        let run = on_scratch(run, "singles", 0.5f32, OPTIONS.singles_len(POINTS, DIMENSION), "singles_len");
        let run = on_results(on_options(on_features::<$type>(run)))
            .input("uniforms", &uniforms(OPTIONS.uniforms_len()), "uniforms_len")
            .zero_is_wrong("uniforms_len", cause::Length, "uniforms")
            .wrong_length("uniforms_len", &[OPTIONS.uniforms_len() - 1], cause::Length, "uniforms")
            .bad_elements("uniforms", 5, &[f64::NAN, 1.0, -0.25, f64::INFINITY], cause::Domain)
            .refuses("no start", |s| s.poke("options", offset_of!(KMeans, restarts), 0usize), cause::Domain, "restarts")
            .refuses("no trial", |s| s.poke("options", offset_of!(KMeans, trials), 0usize), cause::Domain, "trials")
            .refuses(
                "very many trials",
                |s| s.poke("options", offset_of!(KMeans, trials), usize::MAX),
                cause::Length,
                "uniforms",
            )
            .accepts("one start", |s| {
                s.poke("options", offset_of!(KMeans, restarts), 1usize);
                s.write("uniforms", &uniforms(OPTIONS.uniforms_len() / 2));
            })
            .twin(|s| {
                let (mut centres, mut labels) = (s.read::<f64>("centres"), s.read::<$label>("labels"));
                let (mut scratch, mut singles) = (s.read::<f64>("scratch"), s.read::<f32>("singles"));
                let (features, uniforms) = (s.read::<$type>("features"), s.read::<f64>("uniforms"));
                let (options, dimension): (KMeans, _) = (s.one("options"), s.get("dimension"));
                let fit = options
                    .run(&mut centres, &mut labels, &features, dimension, &uniforms, &mut scratch, &mut singles)
                    .unwrap();
                s.write("out", &[fit]);
                s.write("centres", &centres);
                s.write("labels", &labels);
                s.write("scratch", &scratch);
                s.write("singles", &singles);
            });
        let lloyd = contract!($lloyd(
            out,
            centres,
            centres_len,
            labels,
            points,
            scratch,
            scratch_len,
            singles,
            singles_len,
            features,
            features_len,
            options,
            dimension
        ))
        .result::<Fit>("out")
        .in_out("centres", &CENTRES, "centres_len")
        .output::<$label>("labels", POINTS, "points");
        let lloyd = on_scratch(lloyd, "scratch", 0.5f64, OPTIONS.lloyd_scratch_len(POINTS, DIMENSION), "scratch_len");
        let lloyd = on_scratch(lloyd, "singles", 0.5f32, OPTIONS.singles_len(POINTS, DIMENSION), "singles_len");
        let lloyd = on_results(on_options(on_features::<$type>(lloyd)))
            .bad_elements("centres", 3, &[f64::NAN, f64::INFINITY, 1e151], cause::Domain)
            .accepts("options that nobody looks at", |s| {
                s.poke("options", offset_of!(KMeans, restarts), 0usize);
                s.poke("options", offset_of!(KMeans, trials), usize::MAX);
            })
            .accepts("a cluster that no point is near", |s| s.poke_element("centres", 0, 1e9))
            .twin(|s| {
                let (mut centres, mut labels) = (s.read::<f64>("centres"), s.read::<$label>("labels"));
                let (mut scratch, mut singles) = (s.read::<f64>("scratch"), s.read::<f32>("singles"));
                let features = s.read::<$type>("features");
                let (options, dimension): (KMeans, _) = (s.one("options"), s.get("dimension"));
                let fit =
                    options.lloyd(&mut centres, &mut labels, &features, dimension, &mut scratch, &mut singles).unwrap();
                s.write("out", &[fit]);
                s.write("centres", &centres);
                s.write("labels", &labels);
                s.write("scratch", &scratch);
                s.write("singles", &singles);
            });
        let predict = contract!($predict(
            out,
            labels,
            points,
            scratch,
            scratch_len,
            singles,
            singles_len,
            features,
            features_len,
            centres,
            centres_len,
            dimension
        ))
        .result::<f64>("out")
        .output::<$label>("labels", POINTS, "points");
        let needed = predict_scratch_len(CLUSTERS, DIMENSION);
        let predict = on_scratch(predict, "scratch", 0.5f64, needed, "scratch_len");
        let needed = predict_singles_len(CLUSTERS, DIMENSION);
        let predict = on_features::<$type>(on_scratch(predict, "singles", 0.5f32, needed, "singles_len"))
            .input("centres", &CENTRES, "centres_len")
            .zero_is_wrong("centres_len", cause::Domain, "clusters")
            .wrong_length("centres_len", &[CENTRES.len() - 1], cause::Length, "centres")
            .bad_elements("centres", 3, &[f64::NAN, f64::INFINITY, 1e151], cause::Domain)
            .wrong_length("points", &[0, POINTS - 1], cause::Length, "labels")
            .wrong_length("features_len", &[0], cause::Length, "labels")
            .zero_is_fine(&["points", "features_len"])
            .twin(|s| {
                let mut labels = s.read::<$label>("labels");
                let (mut scratch, mut singles) = (s.read::<f64>("scratch"), s.read::<f32>("singles"));
                let (features, centres) = (s.read::<$type>("features"), s.read::<f64>("centres"));
                let dimension = s.get("dimension");
                let inertia =
                    cluster::predict(&mut labels, &features, &centres, dimension, &mut scratch, &mut singles).unwrap();
                s.write("out", &[inertia]);
                s.write("labels", &labels);
                s.write("scratch", &scratch);
                s.write("singles", &singles);
            });
        [run, lloyd, predict]
    }};
}

fn lengths() -> Vec<Contract> {
    vec![
        contract!(quell_kmeans_default(out, clusters))
            .result::<KMeans>("out")
            .any("clusters", Number::Size(30))
            .accepts("very many clusters", |s| s.set("clusters", Number::Size(usize::MAX)))
            .twin(|s| {
                let options = KMeans::new(s.get("clusters"));
                s.write("out", &[options]);
            }),
        Contract::plain("quell_kmeans_plus_plus_uniforms_len", || {
            for [a, b, _] in SIZES {
                assert_eq!(quell_kmeans_plus_plus_uniforms_len(a, b), plus_plus_uniforms_len(a, b));
            }
            assert_eq!(quell_kmeans_plus_plus_uniforms_len(usize::MAX, 2), usize::MAX);
        }),
        Contract::plain("quell_kmeans_plus_plus_scratch_len", || {
            for [a, b, c] in SIZES {
                assert_eq!(quell_kmeans_plus_plus_scratch_len(a, b, c), plus_plus_scratch_len(a, b, c));
            }
            assert_eq!(quell_kmeans_plus_plus_scratch_len(2, usize::MAX, 2), usize::MAX);
        }),
        Contract::plain("quell_kmeans_uniforms_len", || {
            let options = |clusters, restarts, trials| KMeans { clusters, restarts, trials, ..KMeans::new(1) };
            for [a, b, c] in SIZES {
                assert_eq!(quell_kmeans_uniforms_len(a, b, c), options(a, b, c).uniforms_len());
            }
            assert_eq!(quell_kmeans_uniforms_len(3, usize::MAX, 2), usize::MAX);
        }),
        Contract::plain("quell_kmeans_scratch_len", || {
            for [a, b, c] in SIZES {
                for restarts in [0, 1, 2, usize::MAX] {
                    let options = KMeans { restarts, trials: 4, ..KMeans::new(c) };
                    assert_eq!(quell_kmeans_scratch_len(a, b, c, restarts, 4), options.run_scratch_len(a, b));
                }
            }
            assert!(quell_kmeans_scratch_len(256, 1280, 30, 1, 100) > quell_kmeans_scratch_len(256, 1280, 30, 1, 1));
            assert!(quell_kmeans_scratch_len(256, 1280, 30, 2, 1) > quell_kmeans_scratch_len(256, 1280, 30, 1, 1));
            assert_eq!(quell_kmeans_scratch_len(2, 2, 2, 1, usize::MAX), usize::MAX);
        }),
        Contract::plain("quell_kmeans_singles_len", || {
            for [a, b, c] in SIZES {
                assert_eq!(quell_kmeans_singles_len(a, b, c), KMeans::new(c).singles_len(a, b));
            }
            assert_eq!(quell_kmeans_singles_len(usize::MAX, 2, 2), usize::MAX);
        }),
        Contract::plain("quell_kmeans_lloyd_scratch_len", || {
            for [a, b, c] in SIZES {
                assert_eq!(quell_kmeans_lloyd_scratch_len(a, b, c), KMeans::new(c).lloyd_scratch_len(a, b));
            }
            assert_eq!(quell_kmeans_lloyd_scratch_len(usize::MAX, 2, 2), usize::MAX);
        }),
        Contract::plain("quell_kmeans_predict_scratch_len", || {
            for [a, b, _] in SIZES {
                assert_eq!(quell_kmeans_predict_scratch_len(a, b), predict_scratch_len(b, a));
            }
            assert_eq!(quell_kmeans_predict_scratch_len(2, usize::MAX), usize::MAX);
        }),
        Contract::plain("quell_kmeans_predict_singles_len", || {
            for [a, b, _] in SIZES {
                assert_eq!(quell_kmeans_predict_singles_len(a, b), predict_singles_len(b, a));
            }
            assert_eq!(quell_kmeans_predict_singles_len(usize::MAX, 2), usize::MAX);
        }),
        seed!(f32, quell_kmeans_plus_plus_f32),
        seed!(f64, quell_kmeans_plus_plus_f64),
        seed!(f16, quell_kmeans_plus_plus_f16),
        seed!(bf16, quell_kmeans_plus_plus_bf16),
    ]
}

pub fn contracts() -> Vec<Contract> {
    let of_labels = [
        clusters!(f32, u8, quell_kmeans_f32_u8, quell_kmeans_lloyd_f32_u8, quell_kmeans_predict_f32_u8),
        clusters!(f32, u16, quell_kmeans_f32_u16, quell_kmeans_lloyd_f32_u16, quell_kmeans_predict_f32_u16),
        clusters!(f64, u8, quell_kmeans_f64_u8, quell_kmeans_lloyd_f64_u8, quell_kmeans_predict_f64_u8),
        clusters!(f64, u16, quell_kmeans_f64_u16, quell_kmeans_lloyd_f64_u16, quell_kmeans_predict_f64_u16),
        clusters!(f16, u8, quell_kmeans_f16_u8, quell_kmeans_lloyd_f16_u8, quell_kmeans_predict_f16_u8),
        clusters!(f16, u16, quell_kmeans_f16_u16, quell_kmeans_lloyd_f16_u16, quell_kmeans_predict_f16_u16),
        clusters!(bf16, u8, quell_kmeans_bf16_u8, quell_kmeans_lloyd_bf16_u8, quell_kmeans_predict_bf16_u8),
        clusters!(bf16, u16, quell_kmeans_bf16_u16, quell_kmeans_lloyd_bf16_u16, quell_kmeans_predict_bf16_u16),
    ];
    lengths().into_iter().chain(of_labels.into_iter().flatten()).collect()
}
