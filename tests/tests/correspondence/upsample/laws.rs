//! Maps and labels: the naive twins, and the laws that hold for every upsampler or for one of them.

use super::REGRESSIONS;
use super::scene::{Method, Scene, averaging, coarse_labels, dirty, method, scene, uniforms};
use proptest::prelude::*;
use quell::correspondence::fold::Fold;
use quell::correspondence::image::Layout;
use quell::correspondence::upsample::guided::{self, Guided};
use quell::correspondence::upsample::interpolate::Interpolation;
use quell::correspondence::upsample::joint_bilateral::{self, JointBilateral};
use quell::correspondence::upsample::pamr::{self, Pamr};
use quell::correspondence::upsample::{Coarse, Grid, Guide, HardMasks, Masks, OneHot, SoftMasks};
use quell::{Argument, f16};
use quell_tests::naive_upsample::{self as naive, Colours};
use quell_tests::sampler::{narrowed, same_bits, widened};
use quell_tests::strategies::{config, log_uniform};
use quell_tests::tolerance::{GUIDED, UPSAMPLE, UPSAMPLE_F32, worst, worst_of_largest};

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
        let coarse: Vec<f32> = narrowed(&uniforms(seed, 5, grid.cells()));
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
        prop_assert_eq!(refused.unwrap_err().argument(), Argument::Guide);
        prop_assert!(statistics.iter().chain(&scratch).all(|&x| x == 7.0));
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
        let coarse: Vec<f32> = narrowed(&uniforms(seed, 7, scene.grid.cells()));
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
