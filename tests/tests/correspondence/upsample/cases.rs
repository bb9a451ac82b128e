//! The recorded cases, and what other people's programs give.

use super::scene::{Method, Scene};
use crate::case;
use quell::correspondence::upsample::guided::Guided;
use quell::correspondence::upsample::interpolate::Interpolation;
use quell::correspondence::upsample::joint_bilateral::{self, JointBilateral};
use quell::correspondence::upsample::{Grid, Guide, HardMasks, Masks};
use quell_tests::sampler::widened;
use quell_tests::tolerance::{GUIDED_OPENCV, UPSAMPLE, UPSAMPLE_F32, assert_close, worst_of_largest};
use quell_tests::vectors::{flat, json, matrix, number, shape, whole};
use serde_json::Value;

#[test]
fn bilinear_masks() {
    let case = case("bilinear_masks");
    let labels = whole::<u8>(&case["labels_lr"]);
    let ((rows, columns), scale) = (shape(&case["labels_lr"]), case["scale"].as_u64().expect("a scale") as usize);
    let grid = Grid { rows, columns, height: rows * scale, width: columns * scale };
    let scene = Scene { grid, guide: vec![], channels: 0 };
    let masks = HardMasks { labels: &labels, clusters: 3 };
    let bilinear = Method::Interpolate(Interpolation::Bilinear);
    for label in 0..3 {
        let expected = matrix(&case["soft"][label]);
        assert_close("soft", &scene.map::<f64>(&bilinear, &masks.mask(label)), &expected, UPSAMPLE);
        // Quarters and their products: exact in single precision, too.
        assert_close("soft", &widened(&scene.map::<f32>(&bilinear, &masks.mask(label))), &expected, 0.0);
    }
    assert_eq!(scene.labels::<f64>(&bilinear, &masks).0, whole::<u8>(&case["labels"]));
    assert_eq!(scene.labels::<f32>(&bilinear, &masks).0, whole::<u8>(&case["labels"]));
    let nearest = Method::Interpolate(Interpolation::Nearest);
    assert_eq!(scene.labels::<f32>(&nearest, &masks).0, whole::<u8>(&case["labels_nearest"]));
}

#[test]
fn guided_jbu() {
    let case = case("guided_jbu");
    let guide = matrix(&case["guide"]);
    let (height, width) = shape(&case["guide"]);
    let number = |name: &str| number(&case[name]);

    let grid = Grid { rows: height, columns: width, height, width };
    let scene = Scene { grid, guide: guide.clone(), channels: 1 };
    let filter = Guided { radius: number("r") as usize, epsilon: number("eps") };
    let method = Method::Guided(filter, Interpolation::Nearest);
    let mask = matrix(&case["p"]);
    let expected = matrix(&case["guided"]);
    assert_close("guided", &scene.map::<f64>(&method, &mask.as_slice()), &expected, UPSAMPLE);
    let single = widened(&scene.map::<f32>(&method, &mask.as_slice()));
    assert!(worst_of_largest(&single, &expected) <= UPSAMPLE_F32);

    let (rows, columns) = shape(&case["lr"]);
    let scene = Scene { grid: Grid { rows, columns, ..grid }, guide, channels: 1 };
    let filter = JointBilateral {
        sigma_space: number("sigma_s_lr"),
        sigma_range: number("sigma_r"),
        radius: number("R_lr") as usize,
    };
    let method = Method::Joint(filter);
    let coarse = matrix(&case["lr"]);
    let mut means = vec![0.0; rows * columns];
    let guide = Guide { pixels: &scene.guide, layout: scene.layout() };
    joint_bilateral::fill_coarse_guide(&mut means, &scene.grid, &guide).expect("means");
    assert_close("means", &means, &matrix(&case["guide_lr_area_mean"]), UPSAMPLE);
    assert_close("joint", &scene.map::<f64>(&method, &coarse.as_slice()), &matrix(&case["jbu"]), UPSAMPLE);
    let single = widened(&scene.map::<f32>(&method, &coarse.as_slice()));
    assert!(worst_of_largest(&single, &matrix(&case["jbu"])) <= UPSAMPLE_F32);
}

/// The authors' own program.
#[test]
fn pamr_as_published() {
    let cases: Vec<Value> = json("pamr.json");
    assert_eq!(cases.len(), 4);
    for case in &cases {
        let ((height, width), (rows, columns)) = (shape(&case["image"][0]), shape(&case["mask"][0]));
        let channels = case["image"].as_array().expect("channels").len();
        let scene = Scene { grid: Grid { rows, columns, height, width }, guide: flat(&case["image"]), channels };
        let dilations = whole(&case["dilations"]);
        let iterations = case["iterations"].as_u64().expect("a number") as usize;
        let method = Method::Pamr(dilations, iterations, Interpolation::BilinearCorners);
        let masks = case["mask"].as_array().expect("masks").iter().zip(case["refined"].as_array().expect("masks"));
        for (mask, refined) in masks {
            let (mask, refined) = (matrix(mask), matrix(refined));
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
    let (height, width) = shape(&case["mask"]);
    let grid = Grid { rows: height, columns: width, height, width };
    let scene = Scene { grid, guide: flat(&case["image"]), channels: 3 };
    let radius = case["radius"].as_u64().expect("a radius") as usize;
    let filter = Guided { radius, epsilon: number(&case["epsilon"]) };
    let map = scene.map::<f64>(&Method::Guided(filter, Interpolation::Nearest), &matrix(&case["mask"]).as_slice());
    let inside = |map: &[f64]| -> Vec<f64> {
        let rows = map.chunks(width).skip(2 * radius).take(height - 4 * radius);
        rows.flat_map(|row| row[2 * radius..width - 2 * radius].to_vec()).collect()
    };
    let (actual, expected) = (inside(&map), inside(&matrix(&case["filtered"])));
    assert_eq!(actual.len(), 42);
    assert_close("filtered", &actual, &expected, GUIDED_OPENCV);
}
