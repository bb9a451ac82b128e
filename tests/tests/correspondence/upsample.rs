//! Upsamplers: the cases, other people's programs, naive twins, and the laws of weights, numbered as in the list of
//! invariants.

use super::case;
use proptest::collection::vec;
use proptest::prelude::*;
use quell::correspondence::fold::Fold;
use quell::correspondence::image::Layout;
use quell::correspondence::upsample::guided::{self, Guided};
use quell::correspondence::upsample::interpolate::{self, Interpolation};
use quell::correspondence::upsample::joint_bilateral::{self, JointBilateral};
use quell::correspondence::upsample::mix::{self, Similarity};
use quell::correspondence::upsample::pamr::{self, Pamr};
use quell::correspondence::upsample::{Coarse, Grid, Guide, HardMasks, Masks, OneHot, SoftMasks};
use quell::random::{Stream, fill_uniform};
use quell::{Error, Scalar, Storage, f16};
use quell_tests::naive_upsample::{self as naive, Colours, Map};
use quell_tests::strategies::{config, grid, log_uniform};
use quell_tests::tolerance::{GUIDED, GUIDED_OPENCV, UPSAMPLE, UPSAMPLE_F32, assert_close, worst, worst_of_largest};
use quell_tests::vectors::json;
use serde_json::Value;

const REGRESSIONS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/proptest-regressions/upsample.txt");

/// All numbers of nested arrays.
fn flat(value: &Value) -> Vec<f64> {
    match value {
        Value::Array(values) => values.iter().flat_map(flat).collect(),
        value => vec![value.as_f64().unwrap_or_else(|| panic!("not a number: {value}"))],
    }
}

fn flat_labels(value: &Value) -> Vec<u8> {
    flat(value).into_iter().map(|label| label as u8).collect()
}

fn size(value: &Value) -> (usize, usize) {
    let rows = value.as_array().expect("rows");
    (rows.len(), rows[0].as_array().expect("columns").len())
}

fn converted<T: Storage>(values: &[f64]) -> Vec<T> {
    values.iter().map(|&value| T::store(<T::Acc as Scalar>::from_f64(value))).collect()
}

fn widened<T: Scalar>(values: &[T]) -> Vec<f64> {
    values.iter().map(|value| value.to_f64()).collect()
}

/// One of the upsamplers that the tests drive alike.
#[derive(Clone, Debug)]
enum Method {
    Interpolate(Interpolation),
    Joint(JointBilateral),
    Guided(Guided, Interpolation),
    Pamr(Vec<usize>, usize, Interpolation),
}

/// An image and the cells over it.
#[derive(Clone, Debug)]
struct Scene {
    grid: Grid,
    /// (channels, height, width).
    guide: Vec<f64>,
    channels: usize,
}

/// Numbers that must not be read.
fn dirty<T: Scalar>(length: usize) -> Vec<T> {
    vec![T::from_f64(f64::NAN); length]
}

impl Scene {
    fn layout(&self) -> Layout {
        Layout::planar(self.channels, self.grid.height, self.grid.width)
    }

    fn colours(&self) -> Colours {
        self.guide.chunks(self.grid.pixels().max(1)).map(<[f64]>::to_vec).collect()
    }

    /// The values of one mask at all pixels.
    fn map<T: Scalar>(&self, method: &Method, coarse: &impl Coarse) -> Vec<T> {
        let grid = &self.grid;
        let guide: Vec<T> = converted(&self.guide);
        let guide = Guide { pixels: &guide, layout: self.layout() };
        let mut map = dirty(grid.pixels());
        let rows = |map: &mut [T], fill: &mut dyn FnMut(usize, &mut [T])| {
            map.chunks_mut(grid.width.max(1)).enumerate().for_each(|(row, out)| fill(row, out));
        };
        match method {
            Method::Interpolate(interpolation) => rows(&mut map, &mut |row, out| {
                interpolate::fill_row(out, grid, *interpolation, row, coarse).expect("a row");
            }),
            Method::Joint(filter) => {
                let mut means = dirty(grid.cells() * self.channels);
                joint_bilateral::fill_coarse_guide(&mut means, grid, &guide).expect("means");
                let mut weights = dirty(joint_bilateral::weights_len(grid, filter));
                rows(&mut map, &mut |row, out| {
                    joint_bilateral::fill_weights(&mut weights, grid, filter, row, &guide, &means).expect("weights");
                    joint_bilateral::fill_row(out, grid, filter, row, &weights, coarse).expect("a row");
                });
            }
            Method::Guided(filter, interpolation) => {
                let mut statistics = dirty(guided::statistics_len(grid, self.channels));
                let mut scratch = dirty(guided::scratch_len(grid, filter, self.channels));
                guided::fill_statistics(&mut statistics, grid, filter, &guide, &mut scratch).expect("statistics");
                scratch.fill(f64::NAN);
                guided::fill_map(&mut map, grid, filter, *interpolation, coarse, &guide, &statistics, &mut scratch)
                    .expect("a map");
            }
            Method::Pamr(dilations, iterations, interpolation) => {
                let pamr = Pamr { dilations, iterations: *iterations };
                let weights = self.pamr_weights::<T>(&pamr).expect("weights");
                let mut scratch = dirty(grid.pixels());
                pamr::fill_map(&mut map, grid, &pamr, *interpolation, coarse, &weights, &mut scratch).expect("a map");
            }
        }
        map
    }

    fn pamr_weights<S: Storage>(&self, pamr: &Pamr) -> Result<Vec<S>, Error> {
        let guide: Vec<S::Acc> = converted(&self.guide);
        let guide = Guide { pixels: &guide, layout: self.layout() };
        let dilations = pamr.dilations.len();
        let mut weights =
            vec![S::store(<S::Acc as Scalar>::from_f64(f64::NAN)); pamr::weights_len(&self.grid, dilations)];
        let mut scratch = dirty(pamr::weights_scratch_len(&self.grid, dilations));
        pamr::fill_weights(&mut weights, &self.grid, pamr, &guide, &mut scratch)?;
        Ok(weights)
    }

    /// All masks through a fold: labels and values. The scratch may be too long, and is full of NaN.
    fn labels<T: Scalar>(&self, method: &Method, masks: &impl Masks) -> (Vec<u8>, Vec<T>) {
        let (mut best, mut labels) = (dirty::<T>(self.grid.pixels()), vec![0u8; self.grid.pixels()]);
        let mut fold = Fold::new(&mut best, &mut labels, None, None).expect("one length");
        fold.reset();
        self.fold(method, masks, &mut fold, 0).expect("labels");
        (labels, best)
    }

    /// The driver of the method, with so many elements of scratch less than needed.
    fn fold<T: Scalar>(
        &self,
        method: &Method,
        masks: &impl Masks,
        fold: &mut Fold<T, u8>,
        missing: usize,
    ) -> Result<(), Error> {
        let grid = &self.grid;
        let guide: Vec<T> = converted(&self.guide);
        let guide = Guide { pixels: &guide, layout: self.layout() };
        match method {
            Method::Interpolate(interpolation) => {
                let mut scratch = dirty(interpolate::scratch_len(grid) - missing);
                interpolate::labels(fold, grid, *interpolation, masks, &mut scratch)
            }
            Method::Joint(filter) => {
                let mut means = dirty(grid.cells() * self.channels);
                joint_bilateral::fill_coarse_guide(&mut means, grid, &guide)?;
                let mut scratch = dirty(joint_bilateral::scratch_len(grid, filter) - missing);
                joint_bilateral::labels(fold, grid, filter, masks, &guide, &means, &mut scratch)
            }
            Method::Guided(filter, interpolation) => {
                let mut statistics = dirty(guided::statistics_len(grid, self.channels));
                let mut scratch = dirty(guided::scratch_len(grid, filter, self.channels));
                guided::fill_statistics(&mut statistics, grid, filter, &guide, &mut scratch)?;
                scratch.fill(f64::NAN);
                scratch.truncate(scratch.len() - missing);
                let (interpolation, mut row) = (*interpolation, dirty(grid.width));
                guided::labels(fold, grid, filter, interpolation, masks, &guide, &statistics, &mut row, &mut scratch)
            }
            Method::Pamr(dilations, iterations, interpolation) => {
                let pamr = Pamr { dilations, iterations: *iterations };
                let weights = self.pamr_weights::<T>(&pamr)?;
                let mut scratch = dirty(pamr::scratch_len(grid, 1) - missing);
                pamr::labels(fold, grid, &pamr, *interpolation, masks, &weights, &mut scratch)
            }
        }
    }

    /// The naive twin of [`Scene::map`].
    fn twin(&self, method: &Method, coarse: &[f64]) -> Map {
        let (grid, guide) = (&self.grid, self.colours());
        let interpolated = |interpolation: Interpolation| match interpolation {
            Interpolation::Nearest => naive::nearest(grid, coarse),
            Interpolation::Bilinear => naive::bilinear(grid, coarse),
            Interpolation::BilinearCorners => naive::bilinear_corners(grid, coarse),
        };
        match method {
            Method::Interpolate(interpolation) => interpolated(*interpolation),
            Method::Joint(JointBilateral { sigma_space, sigma_range, radius }) => {
                let means: Colours = guide.iter().map(|map| naive::cell_means(grid, map)).collect();
                naive::joint_bilateral(grid, (*sigma_space, *sigma_range, *radius), &guide, &means, coarse)
            }
            Method::Guided(Guided { radius, epsilon }, interpolation) => {
                naive::guided(grid, *radius, *epsilon, &guide, &interpolated(*interpolation))
            }
            Method::Pamr(dilations, iterations, interpolation) => {
                naive::pamr(grid, dilations, *iterations, &guide, &interpolated(*interpolation))
            }
        }
    }
}

fn uniforms(seed: u64, stream: u32, length: usize) -> Vec<f64> {
    let mut out = vec![0.0; length];
    fill_uniform(&mut out, Stream { seed, stream, step: 0 }, 0).expect("a range");
    out
}

/// A guide with values in [0, 1) and an edge somewhere.
fn scene() -> impl Strategy<Value = Scene> {
    (grid(), prop_oneof![Just(1), Just(3)], any::<u64>(), 0.0..1.0f64).prop_map(|(grid, channels, seed, edge)| {
        let mut guide = uniforms(seed, 0, channels * grid.pixels());
        for (index, value) in guide.iter_mut().enumerate() {
            let is_left = ((index % grid.width) as f64) < edge * grid.width as f64;
            *value = 0.3 * *value + if is_left { 0.0 } else { 0.6 };
        }
        Scene { grid, guide, channels }
    })
}

fn interpolation() -> impl Strategy<Value = Interpolation> {
    prop_oneof![Just(Interpolation::Nearest), Just(Interpolation::Bilinear), Just(Interpolation::BilinearCorners)]
}

/// Methods whose weights are not negative.
fn averaging() -> impl Strategy<Value = Method> {
    let joint = (log_uniform(0.3, 5.0), log_uniform(0.1, 5.0), 0..8usize);
    prop_oneof![
        interpolation().prop_map(Method::Interpolate),
        joint.prop_map(|(sigma_space, sigma_range, radius)| {
            Method::Joint(JointBilateral { sigma_space, sigma_range, radius })
        }),
        (vec(1..30usize, 1..4), 0..5usize, interpolation())
            .prop_map(|(dilations, iterations, interpolation)| Method::Pamr(dilations, iterations, interpolation)),
    ]
}

fn method() -> impl Strategy<Value = Method> {
    let guided = (0..12usize, log_uniform(1e-3, 1.0), interpolation());
    prop_oneof![
        3 => averaging(),
        1 => guided.prop_map(|(radius, epsilon, interpolation)| {
            Method::Guided(Guided { radius, epsilon }, interpolation)
        }),
    ]
}

/// Hard masks for a scene.
fn coarse_labels(grid: &Grid, clusters: usize, seed: u64) -> Vec<u8> {
    uniforms(seed, 1, grid.cells()).into_iter().map(|u| (u * clusters as f64) as u8).collect()
}

fn same_bits<T: Scalar>(a: &[T], b: &[T]) -> bool {
    a.len() == b.len() && a.iter().zip(b).all(|(a, b)| a.to_f64().to_bits() == b.to_f64().to_bits())
}

#[test]
fn bilinear_masks() {
    let case = case("bilinear_masks");
    let labels = flat_labels(&case["labels_lr"]);
    let ((rows, columns), scale) = (size(&case["labels_lr"]), case["scale"].as_u64().expect("a scale") as usize);
    let grid = Grid { rows, columns, height: rows * scale, width: columns * scale };
    let scene = Scene { grid, guide: vec![], channels: 0 };
    let masks = HardMasks { labels: &labels, clusters: 3 };
    let bilinear = Method::Interpolate(Interpolation::Bilinear);
    for label in 0..3 {
        let expected = flat(&case["soft"][label]);
        assert_close("soft", &scene.map::<f64>(&bilinear, &masks.mask(label)), &expected, UPSAMPLE);
        // Quarters and their products: exact in single precision, too.
        assert_close("soft", &widened(&scene.map::<f32>(&bilinear, &masks.mask(label))), &expected, 0.0);
    }
    assert_eq!(scene.labels::<f64>(&bilinear, &masks).0, flat_labels(&case["labels"]));
    assert_eq!(scene.labels::<f32>(&bilinear, &masks).0, flat_labels(&case["labels"]));
    let nearest = Method::Interpolate(Interpolation::Nearest);
    assert_eq!(scene.labels::<f32>(&nearest, &masks).0, flat_labels(&case["labels_nearest"]));
}

#[test]
fn guided_jbu() {
    let case = case("guided_jbu");
    let guide = flat(&case["guide"]);
    let (height, width) = size(&case["guide"]);
    let number = |name: &str| case[name].as_f64().expect("a number");

    let grid = Grid { rows: height, columns: width, height, width };
    let scene = Scene { grid, guide: guide.clone(), channels: 1 };
    let filter = Guided { radius: number("r") as usize, epsilon: number("eps") };
    let method = Method::Guided(filter, Interpolation::Nearest);
    let mask = flat(&case["p"]);
    let expected = flat(&case["guided"]);
    assert_close("guided", &scene.map::<f64>(&method, &mask.as_slice()), &expected, UPSAMPLE);
    let single = widened(&scene.map::<f32>(&method, &mask.as_slice()));
    assert!(worst_of_largest(&single, &expected) <= UPSAMPLE_F32);

    let (rows, columns) = size(&case["lr"]);
    let scene = Scene { grid: Grid { rows, columns, ..grid }, guide, channels: 1 };
    let filter = JointBilateral {
        sigma_space: number("sigma_s_lr"),
        sigma_range: number("sigma_r"),
        radius: number("R_lr") as usize,
    };
    let method = Method::Joint(filter);
    let coarse = flat(&case["lr"]);
    let mut means = vec![0.0; rows * columns];
    let guide = Guide { pixels: &scene.guide, layout: scene.layout() };
    joint_bilateral::fill_coarse_guide(&mut means, &scene.grid, &guide).expect("means");
    assert_close("means", &means, &flat(&case["guide_lr_area_mean"]), UPSAMPLE);
    assert_close("joint", &scene.map::<f64>(&method, &coarse.as_slice()), &flat(&case["jbu"]), UPSAMPLE);
    let single = widened(&scene.map::<f32>(&method, &coarse.as_slice()));
    assert!(worst_of_largest(&single, &flat(&case["jbu"])) <= UPSAMPLE_F32);
}

/// The authors' own program.
#[test]
fn pamr_as_published() {
    let cases: Vec<Value> = json("pamr.json");
    assert_eq!(cases.len(), 4);
    for case in &cases {
        let ((height, width), (rows, columns)) = (size(&case["image"][0]), size(&case["mask"][0]));
        let channels = case["image"].as_array().expect("channels").len();
        let scene = Scene { grid: Grid { rows, columns, height, width }, guide: flat(&case["image"]), channels };
        let dilations = flat(&case["dilations"]).into_iter().map(|dilation| dilation as usize).collect();
        let iterations = case["iterations"].as_u64().expect("a number") as usize;
        let method = Method::Pamr(dilations, iterations, Interpolation::BilinearCorners);
        let masks = case["mask"].as_array().expect("masks").iter().zip(case["refined"].as_array().expect("masks"));
        for (mask, refined) in masks {
            let (mask, refined) = (flat(mask), flat(refined));
            assert_close("refined", &scene.map::<f64>(&method, &mask.as_slice()), &refined, UPSAMPLE);
            let single = widened(&scene.map::<f32>(&method, &mask.as_slice()));
            assert!(worst_of_largest(&single, &refined) <= UPSAMPLE_F32);
        }
    }
}

/// OpenCV continues the image by reflection, so what is within two radii of the edge is left out.
#[test]
fn guided_by_colours_as_in_opencv() {
    let case: Value = json("guided_opencv.json");
    let (height, width) = size(&case["mask"]);
    let grid = Grid { rows: height, columns: width, height, width };
    let scene = Scene { grid, guide: flat(&case["image"]), channels: 3 };
    let radius = case["radius"].as_u64().expect("a radius") as usize;
    let filter = Guided { radius, epsilon: case["epsilon"].as_f64().expect("a number") };
    let map = scene.map::<f64>(&Method::Guided(filter, Interpolation::Nearest), &flat(&case["mask"]).as_slice());
    let inside = |map: &[f64]| -> Vec<f64> {
        let rows = map.chunks(width).skip(2 * radius).take(height - 4 * radius);
        rows.flat_map(|row| row[2 * radius..width - 2 * radius].to_vec()).collect()
    };
    let (actual, expected) = (inside(&map), inside(&flat(&case["filtered"])));
    assert_eq!(actual.len(), 42);
    assert_close("filtered", &actual, &expected, GUIDED_OPENCV);
}

proptest! {
    #![proptest_config(config(REGRESSIONS))]

    /// Also at scales that are not whole, for windows larger than the grid, and for soft masks.
    #[test]
    fn maps_are_their_naive_twins(scene in scene(), method in method(), seed in any::<u64>()) {
        let coarse = uniforms(seed, 2, scene.grid.cells());
        let expected = scene.twin(&method, &coarse);
        let double = scene.map::<f64>(&method, &coarse.as_slice());
        let single = scene.map::<f32>(&method, &coarse.as_slice());
        let tolerance = if let Method::Guided(..) = method { GUIDED } else { UPSAMPLE };
        prop_assert!(worst_of_largest(&double, &expected) <= tolerance, "{double:?} is not {expected:?}");
        prop_assert!(worst_of_largest(&widened(&single), &expected) <= UPSAMPLE_F32, "{single:?} is not {expected:?}");
    }

    /// The drivers, whatever their scratch holds, are the fold of the maps: bit for bit.
    #[test]
    fn labels_are_the_fold_of_maps(scene in scene(), method in method(), seed in any::<u64>(), clusters in 1..5usize) {
        let labels = coarse_labels(&scene.grid, clusters, seed);
        let masks = HardMasks { labels: &labels, clusters };
        let maps: Vec<Vec<f32>> = (0..clusters).map(|label| scene.map(&method, &masks.mask(label))).collect();
        let (labels, best) = scene.labels::<f32>(&method, &masks);
        let expected = naive::labels(&maps.iter().map(|map| widened(map)).collect::<Vec<_>>());
        prop_assert_eq!(labels.iter().map(|&label| label as usize).collect::<Vec<_>>(), expected.clone());
        let values: Vec<f32> = expected.iter().enumerate().map(|(pixel, &label)| maps[label][pixel]).collect();
        prop_assert!(values.iter().zip(&best).all(|(a, b)| a == b));

        // Soft masks of the same values are the same masks.
        let scores: Vec<f32> = (0..clusters).flat_map(|label| {
            let mask = masks.mask(label);
            (0..scene.grid.cells()).map(move |cell| mask.value(cell))
        }).collect();
        let soft = SoftMasks { scores: &scores, clusters };
        prop_assert_eq!(scene.labels::<f32>(&method, &soft), (labels, best));
    }

    /// (28) Weights are not negative and sum to 1: masks that share out the cells share out the pixels, and nothing
    /// leaves the range of the cells, not even by rounding.
    #[test]
    fn masks_share_out_the_pixels(
        scene in scene(), method in averaging(), seed in any::<u64>(), clusters in 1..5usize,
    ) {
        let labels = coarse_labels(&scene.grid, clusters, seed);
        let mut sums = vec![0.0; scene.grid.pixels()];
        for label in 0..clusters {
            let map = scene.map::<f64>(&method, &OneHot { labels: &labels, label });
            prop_assert!(map.iter().all(|value| (0.0..=1.0).contains(value)));
            sums.iter_mut().zip(map).for_each(|(sum, value)| *sum += value);
        }
        prop_assert!(worst(&sums, &vec![1.0; sums.len()]).0 <= UPSAMPLE);

        let uniforms = uniforms(seed, 3, scene.grid.cells());
        let scores: Vec<f32> = uniforms.into_iter().map(|u| 20.0 * u as f32 - 7.3).collect();
        let (low, high) = scores.iter().fold((f32::MAX, f32::MIN), |(low, high), &x| (low.min(x), high.max(x)));
        let map = scene.map::<f32>(&method, &scores.as_slice());
        prop_assert!(map.iter().all(|value| (low..=high).contains(value)));
    }

    /// (28) The guided filter's weights sum to 1, too, though some are negative.
    #[test]
    fn guided_masks_share_out_the_pixels(scene in scene(), radius in 0..9usize, seed in any::<u64>()) {
        let method = Method::Guided(Guided { radius, epsilon: 0.01 }, Interpolation::Bilinear);
        let labels = coarse_labels(&scene.grid, 3, seed);
        let mut sums = vec![0.0; scene.grid.pixels()];
        for label in 0..3 {
            let map = scene.map::<f64>(&method, &OneHot { labels: &labels, label });
            sums.iter_mut().zip(map).for_each(|(sum, value)| *sum += value);
        }
        prop_assert!(worst(&sums, &vec![1.0; sums.len()]).0 <= GUIDED);
    }

    /// (29) A constant stays what it is, bit for bit: for the guided filter 0 and 1, for the others any number.
    #[test]
    fn constants_stay(scene in scene(), method in method(), value in -1e3..1e3f64) {
        let cells = scene.grid.cells();
        let is_guided = matches!(method, Method::Guided(..));
        for value in [0.0, 1.0, value] {
            let constant = vec![value; cells];
            let double = scene.map::<f64>(&method, &constant.as_slice());
            let single = scene.map::<f32>(&method, &constant.as_slice());
            if is_guided && value != 0.0 && value != 1.0 {
                prop_assert!(worst_of_largest(&double, &vec![value; double.len()]) <= GUIDED);
            } else {
                prop_assert!(double.iter().all(|&x| x == value), "{double:?} is not {value}");
                prop_assert!(single.iter().all(|&x| x == value as f32), "{single:?} is not {value}");
            }
        }
        let labels = vec![2u8; cells];
        let masks = HardMasks { labels: &labels, clusters: 4 };
        prop_assert!(scene.labels::<f32>(&method, &masks).0.iter().all(|&label| label == 2));
    }

    /// (32) Other names for the labels change names and nothing else, where there is no tie.
    #[test]
    fn labels_permute(
        scene in scene(), method in method(), seed in any::<u64>(), names in Just(vec![0u8, 1, 2, 3]).prop_shuffle(),
    ) {
        let coarse = coarse_labels(&scene.grid, 4, seed);
        let renamed: Vec<u8> = coarse.iter().map(|&label| names[label as usize]).collect();
        let (one, other) = (HardMasks { labels: &coarse, clusters: 4 }, HardMasks { labels: &renamed, clusters: 4 });
        let maps: Vec<Vec<f64>> = (0..4).map(|label| scene.map(&method, &one.mask(label))).collect();
        for (label, &name) in names.iter().enumerate() {
            prop_assert!(same_bits(&maps[label], &scene.map(&method, &other.mask(name as usize))));
        }
        let (before, after) = (scene.labels::<f64>(&method, &one).0, scene.labels::<f64>(&method, &other).0);
        for pixel in 0..before.len() {
            let best = maps[before[pixel] as usize][pixel];
            if maps.iter().filter(|map| map[pixel] == best).count() == 1 {
                prop_assert_eq!(after[pixel], names[before[pixel] as usize]);
            }
        }
    }

    /// (33) The smaller the range, the fewer cells count; in the end the one that is most alike, of equally alike
    /// ones the nearest.
    #[test]
    fn a_small_range_leaves_the_most_similar_cell(
        scene in scene(), seed in any::<u64>(), tiny in log_uniform(1e-9, 1e-6),
    ) {
        let Scene { grid, channels, .. } = &scene;
        let coarse = coarse_labels(grid, 250, seed);
        let filter = JointBilateral { sigma_space: 1.0, sigma_range: tiny, radius: 9 };
        let scores: Vec<f64> = coarse.iter().map(|&label| f64::from(label)).collect();
        let map = scene.map::<f64>(&Method::Joint(filter), &scores.as_slice());
        let colours = scene.colours();
        let means: Colours = colours.iter().map(|map| naive::cell_means(grid, map)).collect();
        for (pixel, value) in map.iter().enumerate() {
            let difference = |c: usize, cell: usize| colours[c][pixel] - means[c][cell];
            let distance = |cell: usize| (0..*channels).map(|c| difference(c, cell).powi(2)).sum::<f64>();
            let mut cells: Vec<usize> = (0..grid.cells()).collect();
            cells.sort_by(|&a, &b| distance(a).total_cmp(&distance(b)));
            // Apart by more than exponents of 708 and the rounding of means.
            let is_clear = cells.len() < 2 || distance(cells[1]) - distance(cells[0]) > 1500.0 * tiny * tiny + 1e-12;
            if is_clear {
                prop_assert_eq!(*value, scores[cells[0]]);
            }
        }
    }

    /// The other way round: with no regard to colour or place, the mean of the window.
    #[test]
    fn huge_sigmas_leave_the_mean(scene in scene(), huge in log_uniform(1e9, 1e200), seed in any::<u64>()) {
        let coarse = uniforms(seed, 4, scene.grid.cells());
        let filter = JointBilateral { sigma_space: huge, sigma_range: huge, radius: usize::MAX };
        let mean = coarse.iter().sum::<f64>() / coarse.len() as f64;
        let method = Method::Joint(filter);
        let single = scene.map::<f32>(&method, &coarse.as_slice());
        for map in [scene.map::<f64>(&method, &coarse.as_slice()), widened(&single)] {
            prop_assert!(worst_of_largest(&map, &vec![mean; map.len()]) <= UPSAMPLE_F32);
        }
    }

    /// Whatever the sigmas, every pixel has a value of its window.
    #[test]
    fn any_sigma_gives_a_value(
        scene in scene(),
        seed in any::<u64>(),
        space in log_uniform(1e-300, 1e300),
        range in log_uniform(1e-300, 1e300),
    ) {
        let filter = JointBilateral { sigma_space: space, sigma_range: range, radius: 2 };
        let coarse = coarse_labels(&scene.grid, 3, seed);
        let masks = HardMasks { labels: &coarse, clusters: 3 };
        let (_, double) = scene.labels::<f64>(&Method::Joint(filter), &masks);
        let (_, single) = scene.labels::<f32>(&Method::Joint(filter), &masks);
        prop_assert!(double.iter().all(|value| (0.3..=1.0).contains(value)));
        prop_assert!(single.iter().all(|value| (0.3..=1.0).contains(value)));
    }

    /// Neither layout nor type of the guide matters, only its values.
    #[test]
    fn guides_may_be_bytes(scene in scene(), seed in any::<u64>()) {
        let Scene { grid, channels, .. } = &scene;
        let (pixels, channels) = (grid.pixels(), *channels);
        let planar: Vec<u8> = scene.guide.iter().map(|value| (255.0 * value) as u8).collect();
        let elements = 0..pixels * channels;
        let interleaved: Vec<u8> = elements.map(|i| planar[i % channels * pixels + i / channels]).collect();
        let coarse: Vec<f32> = converted(&uniforms(seed, 5, grid.cells()));
        let floats = Scene { guide: planar.iter().map(|&byte| f64::from(byte)).collect(), ..scene.clone() };
        let filter = JointBilateral { sigma_space: 0.8, sigma_range: 25.0, radius: 1 };
        let expected = floats.map::<f32>(&Method::Joint(filter), &coarse.as_slice());
        for (bytes, layout) in [
            (&planar, Layout::planar(channels, grid.height, grid.width)),
            (&interleaved, Layout::interleaved(channels, grid.height, grid.width)),
        ] {
            let guide = Guide { pixels: bytes, layout };
            let mut means = vec![0f32; grid.cells() * channels];
            joint_bilateral::fill_coarse_guide(&mut means, grid, &guide).expect("means");
            let mut weights = vec![0f32; joint_bilateral::weights_len(grid, &filter)];
            let mut map = vec![0f32; pixels];
            for (row, out) in map.chunks_mut(grid.width).enumerate() {
                joint_bilateral::fill_weights(&mut weights, grid, &filter, row, &guide, &means).expect("weights");
                joint_bilateral::fill_row(out, grid, &filter, row, &weights, &coarse.as_slice()).expect("a row");
            }
            prop_assert!(same_bits(&map, &expected));
        }
    }

    /// Pixels that are not a number keep the cell that they lie in, or their own value; all others have a value as
    /// well.
    #[test]
    fn a_guide_may_have_holes(
        scene in scene(), seed in any::<u64>(), hole in any::<prop::sample::Index>(), kind in 0..3usize,
    ) {
        let mut scene = scene;
        let hole = hole.index(scene.guide.len());
        scene.guide[hole] = [f64::NAN, f64::INFINITY, f64::NEG_INFINITY][kind];
        let coarse = uniforms(seed, 6, scene.grid.cells());
        let nearest = naive::nearest(&scene.grid, &coarse);
        let pixel = hole % scene.grid.pixels();

        let filter = JointBilateral { sigma_space: 1.0, sigma_range: 0.2, radius: 1 };
        let map = scene.map::<f64>(&Method::Joint(filter), &coarse.as_slice());
        prop_assert!(map.iter().all(|value| (0.0..1.0).contains(value)));
        prop_assert_eq!(map[pixel], nearest[pixel]);

        let map = scene.map::<f64>(&Method::Pamr(vec![1, 2], 3, Interpolation::Nearest), &coarse.as_slice());
        prop_assert!(map.iter().all(|value| (0.0..1.0).contains(value)));
        prop_assert_eq!(map[pixel], nearest[pixel]);

        // Its running sums would spread it.
        let Scene { grid, channels, .. } = scene;
        let filter = Guided { radius: 1, epsilon: 0.1 };
        let mut statistics = vec![7.0; guided::statistics_len(&grid, channels)];
        let mut scratch = vec![7.0; guided::scratch_len(&grid, &filter, channels)];
        let guide = Guide { pixels: &scene.guide, layout: scene.layout() };
        let refused = guided::fill_statistics(&mut statistics, &grid, &filter, &guide, &mut scratch);
        prop_assert_eq!(refused.unwrap_err().argument(), quell::Argument::Guide);
        prop_assert!(statistics.iter().chain(&scratch).all(|&x| x == 7.0));
    }

    /// Scratch one element short is refused before anything is written.
    #[test]
    fn short_scratch_is_refused(scene in scene(), method in method(), seed in any::<u64>()) {
        let coarse = coarse_labels(&scene.grid, 3, seed);
        let (mut best, mut labels) = (vec![5f32; scene.grid.pixels()], vec![9u8; scene.grid.pixels()]);
        let mut fold = Fold::new(&mut best, &mut labels, None, None).expect("one length");
        let refused = scene.fold(&method, &HardMasks { labels: &coarse, clusters: 3 }, &mut fold, 1);
        prop_assert_eq!(refused.expect_err("an error").argument(), quell::Argument::Scratch);
        prop_assert!(best.iter().all(|&best| best == 5.0) && labels.iter().all(|&label| label == 9));
    }

    /// Masks that are worked on together are the masks one by one.
    #[test]
    fn refinement_of_several_masks_at_once(scene in scene(), seed in any::<u64>(), at_once in 2..12usize) {
        let (grid, pamr) = (&scene.grid, Pamr { dilations: &[2, 5], iterations: 3 });
        let coarse = coarse_labels(grid, 10, seed);
        let masks = HardMasks { labels: &coarse, clusters: 10 };
        let weights = scene.pamr_weights::<f32>(&pamr).expect("weights");
        let (mut best, mut labels) = (vec![0f32; grid.pixels()], vec![0u8; grid.pixels()]);
        let mut fold = Fold::new(&mut best, &mut labels, None, None).expect("one length");
        fold.reset();
        let mut scratch = dirty(pamr::scratch_len(grid, at_once) + 1);
        pamr::labels(&mut fold, grid, &pamr, Interpolation::Bilinear, &masks, &weights, &mut scratch).expect("labels");
        let expected = scene.labels::<f32>(&Method::Pamr(vec![2, 5], 3, Interpolation::Bilinear), &masks);
        prop_assert_eq!(&labels, &expected.0);
        prop_assert!(same_bits(&best, &expected.1));
    }

    /// Weights in 16 bits: the same masks within the rounding of a weight, and constants still to the bit.
    #[test]
    fn refinement_with_weights_in_16_bits(scene in scene(), seed in any::<u64>()) {
        let pamr = Pamr { dilations: &[1, 3], iterations: 4 };
        let coarse: Vec<f32> = converted(&uniforms(seed, 7, scene.grid.cells()));
        let weights = scene.pamr_weights::<f16>(&pamr).expect("weights");
        let refine = |coarse: &[f32]| {
            let (mut map, mut scratch) = (dirty::<f32>(scene.grid.pixels()), dirty(scene.grid.pixels()));
            let grid = &scene.grid;
            pamr::fill_map(&mut map, grid, &pamr, Interpolation::Bilinear, &coarse, &weights, &mut scratch)
                .expect("a map");
            map
        };
        let exact = scene.map::<f64>(&Method::Pamr(vec![1, 3], 4, Interpolation::Bilinear), &coarse.as_slice());
        let rounding = 4.0 * f64::from(f16::EPSILON.to_f32());
        prop_assert!(worst_of_largest(&widened(&refine(&coarse)), &exact) <= rounding);
        prop_assert!(refine(&vec![0.3; coarse.len()]).iter().all(|&value| value == 0.3));
    }
}

/// Queries, keys and what goes with them.
#[derive(Clone, Debug)]
struct Attention {
    dimension: usize,
    queries: Vec<f64>,
    keys: Vec<f64>,
    similarity: Similarity,
    scale: f64,
}

fn attention() -> impl Strategy<Value = Attention> {
    let similarity = prop_oneof![Just(Similarity::Dot), Just(Similarity::Cosine)];
    (1..12usize, 0..6usize, 1..20usize, similarity, 0.0..8.0f64, any::<u64>()).prop_map(
        |(dimension, pixels, cells, similarity, scale, seed)| {
            let centred =
                |stream, n: usize| uniforms(seed, stream, n * dimension).into_iter().map(|u| 2.0 * u - 1.0).collect();
            Attention { dimension, queries: centred(0, pixels), keys: centred(1, cells), similarity, scale }
        },
    )
}

impl Attention {
    fn weights<T: Scalar>(&self) -> Vec<T> {
        let (pixels, cells) = (self.queries.len() / self.dimension, self.keys.len() / self.dimension);
        let (queries, keys): (Vec<T>, Vec<T>) = (converted(&self.queries), converted(&self.keys));
        let (mut weights, mut scratch) = (dirty(pixels * cells), dirty(mix::scratch_len(pixels, cells)));
        let Attention { dimension, similarity, scale, .. } = *self;
        mix::fill_weights(&mut weights, &queries, &keys, dimension, similarity, scale, &mut scratch).expect("weights");
        weights
    }

    fn cells(&self) -> usize {
        self.keys.len() / self.dimension
    }
}

fn mixed<T: Scalar>(weights: &[T], coarse: &impl Coarse) -> Vec<T> {
    let pixels = weights.len() / coarse.cells();
    let (mut out, mut scratch) = (dirty(pixels), dirty(mix::scratch_len(pixels, coarse.cells())));
    mix::fill_values(&mut out, weights, coarse, &mut scratch).expect("values");
    out
}

proptest! {
    #![proptest_config(config(REGRESSIONS))]

    #[test]
    fn attention_is_its_naive_twin(attention in attention(), seed in any::<u64>()) {
        let Attention { dimension, queries, keys, similarity, scale } = &attention;
        let expected = naive::attention(queries, keys, *dimension, *similarity == Similarity::Cosine, *scale);
        let weights = attention.weights::<f64>();
        prop_assert!(worst_of_largest(&weights, &expected.concat()) <= UPSAMPLE);
        prop_assert!(worst_of_largest(&widened(&attention.weights::<f32>()), &expected.concat()) <= UPSAMPLE_F32);

        // (28) and (29).
        let coarse = uniforms(seed, 8, attention.cells());
        let values: Vec<f64> = expected.iter().map(|row| row.iter().zip(&coarse).map(|(w, v)| w * v).sum()).collect();
        prop_assert!(worst_of_largest(&mixed(&weights, &coarse.as_slice()), &values) <= UPSAMPLE);
        for value in [0.0, 1.0, 0.3] {
            prop_assert!(mixed(&weights, &vec![value; coarse.len()].as_slice()).iter().all(|&x| x == value));
        }
        let labels: Vec<u8> = coarse.iter().map(|u| (3.0 * u) as u8).collect();
        let mut sums = vec![0.0; values.len()];
        for label in 0..3 {
            let map = mixed(&weights, &OneHot { labels: &labels, label });
            prop_assert!(map.iter().all(|value| (0.0..=1.0).contains(value)));
            sums.iter_mut().zip(map).for_each(|(sum, value)| *sum += value);
        }
        prop_assert!(worst(&sums, &vec![1.0; sums.len()]).0 <= UPSAMPLE);

        // A tile at a time is the whole.
        let masks = HardMasks { labels: &labels, clusters: 3 };
        let run = |tile: usize| {
            let (mut best, mut out) = (vec![0f64; values.len()], vec![0u8; values.len()]);
            let mut fold = Fold::new(&mut best, &mut out, None, None).expect("one length");
            fold.reset();
            let cells = labels.len();
            for (index, weights) in weights.chunks(tile * cells).enumerate() {
                let pixels = weights.len() / cells;
                let mut scratch = dirty(mix::scratch_len(pixels, cells));
                mix::labels(&mut fold, index * tile, pixels, weights, cells, &masks, &mut scratch).expect("labels");
            }
            (best, out)
        };
        prop_assert_eq!(run(1), run(100));
    }

    /// (31) Cosines know no lengths: powers of two change no bit.
    #[test]
    fn cosines_know_no_lengths(attention in attention(), up in -50..50i32, down in -50..50i32) {
        let attention = Attention { similarity: Similarity::Cosine, ..attention };
        let longer = |values: &[f64], factor: f64| values.iter().map(|value| value * factor).collect();
        let queries = longer(&attention.queries, 2f64.powi(up));
        let keys = longer(&attention.keys, 2f64.powi(down));
        let other = Attention { queries, keys, ..attention.clone() };
        prop_assert!(same_bits(&attention.weights::<f64>(), &other.weights::<f64>()));
        prop_assert!(same_bits(&attention.weights::<f32>(), &other.weights::<f32>()));
    }

    /// (32) The order of cells is no matter.
    #[test]
    fn cells_come_in_any_order(attention in attention(), seed in any::<u64>(), rotation in 0..20usize) {
        let Attention { dimension, keys, .. } = &attention;
        let cells = attention.cells();
        let coarse = uniforms(seed, 9, cells);
        let turned = keys.chunks(*dimension).cycle().skip(rotation % cells).take(cells);
        let turned: Vec<f64> = turned.flatten().copied().collect();
        let turned_coarse: Vec<f64> = coarse.iter().cycle().skip(rotation % cells).take(cells).copied().collect();
        let other = Attention { keys: turned, ..attention.clone() };
        let one = mixed(&attention.weights::<f64>(), &coarse.as_slice());
        let other = mixed(&other.weights::<f64>(), &turned_coarse.as_slice());
        prop_assert!(worst_of_largest(&one, &other) <= UPSAMPLE);
    }

    /// (30, 33) Cells that ask for themselves get themselves, once the temperature is low.
    #[test]
    fn at_low_temperature_cells_find_themselves(cells in 1..40usize, seed in any::<u64>()) {
        let keys = uniforms(seed, 0, cells * 16).into_iter().map(|u| u - 0.5).collect::<Vec<_>>();
        let (queries, similarity) = (keys.clone(), Similarity::Cosine);
        let attention = Attention { dimension: 16, queries, keys, similarity, scale: 1e5 };
        let labels: Vec<u8> = (0..cells as u8).collect();
        for (cell, &label) in labels.iter().enumerate() {
            let map = mixed(&attention.weights::<f32>(), &OneHot { labels: &labels, label: label as usize });
            let expected: Vec<f32> = (0..cells).map(|pixel| f32::from(u8::from(pixel == cell))).collect();
            prop_assert_eq!(map, expected);
        }
    }
}

/// (30) As many cells as pixels: each pixel is its cell's.
#[test]
fn a_grid_as_fine_as_the_image_is_the_image() {
    let grid = Grid { rows: 3, columns: 5, height: 3, width: 5 };
    let scene = Scene { grid, guide: uniforms(1, 0, 15), channels: 1 };
    let labels: Vec<u8> = (0..15).collect();
    let masks = HardMasks { labels: &labels, clusters: 15 };
    let filter = JointBilateral { sigma_space: 0.3, sigma_range: 0.1, radius: 2 };
    for method in [
        Method::Interpolate(Interpolation::Nearest),
        Method::Interpolate(Interpolation::Bilinear),
        Method::Interpolate(Interpolation::BilinearCorners),
        Method::Joint(filter),
        Method::Pamr(vec![1], 0, Interpolation::Nearest),
        Method::Guided(Guided { radius: 0, epsilon: 1.0 }, Interpolation::Nearest),
    ] {
        assert_eq!(scene.labels::<f32>(&method, &masks).0, labels, "{method:?}");
    }
}

#[test]
fn one_pixel_and_no_pixels() {
    for (height, width) in [(1, 1), (0, 0), (0, 3), (3, 0)] {
        for (rows, columns) in [(1, 1), (2, 3)] {
            let grid = Grid { rows, columns, height, width };
            let scene = Scene { grid, guide: vec![0.5; 3 * height * width], channels: 3 };
            let labels: Vec<u8> = (0..rows * columns).map(|cell| cell as u8).collect();
            let masks = HardMasks { labels: &labels, clusters: rows * columns };
            for method in [
                Method::Interpolate(Interpolation::Nearest),
                Method::Interpolate(Interpolation::BilinearCorners),
                Method::Joint(JointBilateral { sigma_space: 0.1, sigma_range: 1.0, radius: 3 }),
                Method::Pamr(vec![1, 50], 2, Interpolation::Nearest),
                Method::Guided(Guided { radius: 4, epsilon: 1e-9 }, Interpolation::Nearest),
            ] {
                let (labels, best) = scene.labels::<f32>(&method, &masks);
                assert_eq!(labels.len(), height * width);
                // Corner-aligned, one pixel stands at the first cell; at the middle of two rows and three columns
                // else.
                let expected = match method {
                    Method::Interpolate(Interpolation::BilinearCorners) => 0,
                    _ if rows == 1 => 0,
                    _ => 4,
                };
                let is_joint = matches!(method, Method::Joint(_));
                assert!(is_joint || labels.iter().all(|&label| label == expected), "{method:?}: {labels:?}");
                assert!(is_joint || best.iter().all(|&best| best == 1.0));
            }
        }
    }
}

#[test]
fn arguments_that_do_not_fit_are_refused() {
    use quell::Argument;
    let grid = Grid { rows: 2, columns: 2, height: 4, width: 4 };
    let scene = Scene { grid, guide: vec![0.5; 48], channels: 3 };
    let refused = |scene: &Scene, method: &Method, labels: &[u8], clusters: usize| {
        let (mut best, mut out) = (vec![5f32; 16], vec![9u8; 16]);
        let mut fold = Fold::new(&mut best, &mut out, None, None).expect("one length");
        let result = scene.fold(method, &HardMasks { labels, clusters }, &mut fold, 0);
        assert!(best.iter().all(|&best| best == 5.0) && out.iter().all(|&label| label == 9));
        result.expect_err("an error").argument()
    };
    let joint = JointBilateral { sigma_space: 1.0, sigma_range: 1.0, radius: 1 };
    let guided = Guided { radius: 1, epsilon: 0.1 };
    for method in [
        Method::Interpolate(Interpolation::Bilinear),
        Method::Joint(joint),
        Method::Pamr(vec![1], 1, Interpolation::Bilinear),
        Method::Guided(guided, Interpolation::Bilinear),
    ] {
        assert_eq!(refused(&scene, &method, &[0; 3], 2), Argument::Coarse);
        assert_eq!(refused(&scene, &method, &[0, 1, 2, 0], 2), Argument::Coarse);
        assert_eq!(refused(&scene, &method, &[0; 4], 257), Argument::Clusters);
        let larger = Scene { grid: Grid { height: 5, ..grid }, guide: vec![0.5; 60], ..scene.clone() };
        assert_eq!(refused(&larger, &method, &[0; 4], 1), Argument::Best);
        let none = Scene { grid: Grid { rows: 0, ..grid }, ..scene.clone() };
        assert_eq!(refused(&none, &method, &[], 1), Argument::Rows);
    }
    for sigma in [0.0, -1.0, f64::NAN, f64::INFINITY] {
        let space = Method::Joint(JointBilateral { sigma_space: sigma, ..joint });
        assert_eq!(refused(&scene, &space, &[0; 4], 1), Argument::SigmaSpace);
        let range = Method::Joint(JointBilateral { sigma_range: sigma, ..joint });
        assert_eq!(refused(&scene, &range, &[0; 4], 1), Argument::SigmaRange);
        let epsilon = Method::Guided(Guided { epsilon: sigma, ..guided }, Interpolation::Nearest);
        assert_eq!(refused(&scene, &epsilon, &[0; 4], 1), Argument::Epsilon);
    }
    let two = Scene { guide: vec![0.5; 32], channels: 2, ..scene.clone() };
    assert_eq!(refused(&two, &Method::Guided(guided, Interpolation::Nearest), &[0; 4], 1), Argument::Channels);

    let (mut weights, mut scratch) = (vec![5f32; 128], vec![5f32; pamr::weights_scratch_len(&grid, 1)]);
    let guide = Guide { pixels: &[0.5f32; 16], layout: Layout::planar(1, 4, 4) };
    let mut fill = |dilations: &[usize], missing: usize| {
        let pamr = Pamr { dilations, iterations: 1 };
        let end = scratch.len() - missing;
        let result = pamr::fill_weights(&mut weights, &grid, &pamr, &guide, &mut scratch[..end]);
        assert!(weights.iter().chain(&scratch).all(|&x| x == 5.0));
        result.expect_err("an error").argument()
    };
    assert_eq!(fill(&[], 0), Argument::Dilations);
    assert_eq!(fill(&[0], 0), Argument::Dilations);
    assert_eq!(fill(&[1, 2], 0), Argument::Weights);
    assert_eq!(fill(&[1], 1), Argument::Scratch);

    let (mut map, mut scratch) = (vec![5f32; 16], vec![5.0; guided::scratch_len(&grid, &guided, 1)]);
    let statistics = vec![0.0; guided::statistics_len(&grid, 1)];
    let coarse = [0f32, 1.0, f32::NAN, 0.0];
    let interpolation = Interpolation::Nearest;
    let result = guided::fill_map(
        &mut map,
        &grid,
        &guided,
        interpolation,
        &coarse.as_slice(),
        &guide,
        &statistics,
        &mut scratch,
    );
    assert_eq!(result.unwrap_err().argument(), Argument::Coarse);
    assert!(map.iter().all(|&x| x == 5.0));
}

#[test]
fn attention_of_bad_and_empty_vectors() {
    use quell::Argument;
    // (34) A vector of zeros is equally like all others.
    let zero = Attention {
        dimension: 2,
        queries: vec![0.0, 0.0, 1.0, 0.0],
        keys: vec![0.0, 0.0, 0.0, 1.0],
        similarity: Similarity::Cosine,
        scale: 3.0,
    };
    assert_eq!(zero.weights::<f32>(), [0.5; 4]);
    // What is not a number counts for nothing, and where nothing is left no mask wins.
    let holes = Attention {
        queries: vec![1.0, 1.0, f64::NAN, 0.0],
        keys: vec![1.0, 0.0, f64::NAN, 1.0],
        similarity: Similarity::Dot,
        ..zero
    };
    let weights = holes.weights::<f64>();
    assert_eq!(weights, [1.0, 0.0, 0.0, 0.0]);
    let (mut best, mut labels) = ([0.0; 2], [0u8; 2]);
    let mut fold = Fold::new(&mut best, &mut labels, None, None).expect("one length");
    fold.reset();
    mix::labels(&mut fold, 0, 2, &weights, 2, &HardMasks { labels: &[1u8, 0], clusters: 2 }, &mut [0.0; 4])
        .expect("labels");
    assert_eq!((fold.undecided(0.0), labels[0], best[1]), (1, 1, f64::NEG_INFINITY));

    let (mut weights, mut scratch) = ([5f32; 4], [5f32; 4]);
    let mut fill = |queries: &[f32], keys: &[f32], dimension: usize, scale: f64, missing: usize| {
        let result =
            mix::fill_weights(&mut weights, queries, keys, dimension, Similarity::Dot, scale, &mut scratch[missing..]);
        assert!(weights.iter().chain(&scratch).all(|&x| x == 5.0));
        result.expect_err("an error").argument()
    };
    assert_eq!(fill(&[1.0; 4], &[1.0; 4], 0, 1.0, 0), Argument::Dimension);
    assert_eq!(fill(&[1.0; 5], &[1.0; 4], 2, 1.0, 0), Argument::Queries);
    assert_eq!(fill(&[1.0; 4], &[1.0; 3], 2, 1.0, 0), Argument::Keys);
    assert_eq!(fill(&[1.0; 6], &[1.0; 4], 2, 1.0, 0), Argument::Weights);
    assert_eq!(fill(&[1.0; 4], &[1.0; 4], 2, f64::NAN, 0), Argument::Scale);
    assert_eq!(fill(&[1.0; 4], &[1.0; 4], 2, 1.0, 1), Argument::Scratch);
}
