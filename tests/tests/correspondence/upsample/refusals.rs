//! What the upsamplers refuse, and images that are hardly there.

use super::REGRESSIONS;
use super::scene::{Method, Scene, coarse_labels, method, scene};
use proptest::prelude::*;
use quell::Argument;
use quell::correspondence::fold::Fold;
use quell::correspondence::image::Layout;
use quell::correspondence::upsample::guided::{self, Guided};
use quell::correspondence::upsample::interpolate::Interpolation;
use quell::correspondence::upsample::joint_bilateral::JointBilateral;
use quell::correspondence::upsample::pamr::{self, Pamr};
use quell::correspondence::upsample::{Grid, Guide, HardMasks};
use quell_tests::strategies::config;

proptest! {
    #![proptest_config(config(REGRESSIONS))]

    /// Scratch one element short is refused before anything is written.
    #[test]
    fn short_scratch_is_refused(scene in scene(), method in method(), seed in any::<u64>()) {
        let coarse = coarse_labels(&scene.grid, 3, seed);
        let (mut best, mut labels) = (vec![5f32; scene.grid.pixels()], vec![9u8; scene.grid.pixels()]);
        let mut fold = Fold::new(&mut best, &mut labels, None, None).expect("one length");
        let refused = scene.fold(&method, &HardMasks { labels: &coarse, clusters: 3 }, &mut fold, 1);
        prop_assert_eq!(refused.expect_err("an error").argument(), Argument::Scratch);
        prop_assert!(best.iter().all(|&best| best == 5.0) && labels.iter().all(|&label| label == 9));
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
