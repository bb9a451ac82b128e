//! The Gaussian filter.

use crate::case;
use proptest::prelude::*;
use proptest::sample::select;
use quell::Scalar;
use quell::correspondence::blur::{Boundary, Gaussian, fill_kernel, filter, radius};
use quell_tests::naive::{Element, narrowed};
use quell_tests::naive_readout;
use quell_tests::sampler::same_bits;
use quell_tests::strategies::{config, values};
use quell_tests::tolerance::{EMERDIFF, READOUT_F32, assert_close, worst_of_largest};
use quell_tests::vectors::{matrix, number, numbers, shape};

const REGRESSIONS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/proptest-regressions/correspondence_blur.txt");

const BOUNDARIES: [(&str, Boundary); 5] = [
    ("reflect", Boundary::Reflect),
    ("mirror", Boundary::Mirror),
    ("nearest", Boundary::Nearest),
    ("wrap", Boundary::Wrap),
    ("constant", Boundary::Zero),
];

/// Filters with dirty scratch of exactly the length that is asked for.
fn filtered<T: Scalar>(map: &[T], height: usize, width: usize, gaussian: &Gaussian) -> Vec<T> {
    let mut map = map.to_vec();
    let mut scratch = vec![T::from_f64(f64::NAN); gaussian.scratch_len(height, width)];
    filter(&mut map, height, width, gaussian, &mut scratch).expect("a filter");
    map
}

/// In double precision element by element, in single against the largest.
fn assert_filtered(what: &str, map: &[f64], height: usize, width: usize, gaussian: &Gaussian, expected: &[f64]) {
    assert_close(what, &filtered(map, height, width, gaussian), expected, EMERDIFF);
    let single: Vec<f32> = map.iter().map(|&x| x as f32).collect();
    let single: Vec<f64> = filtered(&single, height, width, gaussian).into_iter().map(f64::from).collect();
    let worst = worst_of_largest(&single, expected);
    assert!(worst <= READOUT_F32, "{what}: {worst:e}");
}

#[test]
fn lines_in_every_boundary() {
    let case = case("gauss1d_modes");
    let line = numbers(&case["x"]);
    for (name, boundary) in BOUNDARIES {
        let gaussian = Gaussian::truncated(number(&case["sigma"]), number(&case["truncate"]), boundary);
        assert_eq!(gaussian.radius_x as f64, number(&case["radius"]));
        let expected = numbers(&case["out"][name]);
        for (height, width) in [(1, line.len()), (line.len(), 1)] {
            // Across the line there is one pixel, which all boundaries but one continue unchanged; and no filter.
            let gaussian = match height {
                1 => Gaussian { sigma_y: 0.0, ..gaussian },
                _ => Gaussian { sigma_x: 0.0, ..gaussian },
            };
            assert_filtered(name, &line, height, width, &gaussian, &expected);
        }
    }
}

#[test]
fn kernels_and_radii() {
    let case = case("gauss_kernels");
    let assert_kernel = |radius: usize, sigma: f64, kernel: &[f64]| {
        assert_eq!(kernel.len(), 2 * radius + 1);
        let mut half = vec![0.0; radius + 1];
        fill_kernel(&mut half, sigma).expect("a deviation");
        assert_close("kernel", &half, &kernel[radius..], EMERDIFF);
        let mut half = vec![0f32; radius + 1];
        fill_kernel(&mut half, sigma).expect("a deviation");
        let half: Vec<f64> = half.into_iter().map(f64::from).collect();
        assert_close("kernel, f32", &half, &kernel[radius..], READOUT_F32);
    };
    let line = self::case("gauss1d_modes");
    assert_kernel(number(&line["radius"]) as usize, number(&line["sigma"]), &numbers(&line["kernel"]));
    for kernel in case["scipy"].as_array().expect("kernels") {
        let (sigma, truncate) = (number(&kernel["sigma"]), number(&kernel["truncate"]));
        assert_eq!(radius(sigma, truncate) as f64, number(&kernel["radius"]));
        assert_kernel(radius(sigma, truncate), sigma, &numbers(&kernel["kernel"]));
    }
    for kernel in case["torchvision_default"].as_array().expect("kernels") {
        let gaussian = Gaussian::of_radius(number(&kernel["kernel_size"]) as usize / 2);
        assert_close("sigma", &[gaussian.sigma_x], &[number(&kernel["sigma"])], EMERDIFF);
        assert_kernel(gaussian.radius_x, gaussian.sigma_x, &numbers(&kernel["kernel"]));
    }
}

#[test]
fn maps() {
    let case = case("gauss2d");
    let ((height, width), a) = (shape(&case["a"]), matrix(&case["a"]));
    let sigmas = numbers(&case["sigma_rows_cols"]);
    let anisotropic = Gaussian {
        sigma_y: sigmas[0],
        radius_y: radius(sigmas[0], 4.0),
        ..Gaussian::truncated(sigmas[1], 4.0, Boundary::Reflect)
    };
    assert_filtered("anisotropic", &a, height, width, &anisotropic, &matrix(&case["reflect"]));
    let torchvision = Gaussian::of_radius(1);
    assert_filtered("3x3", &a, height, width, &torchvision, &matrix(&case["torchvision_k3_sigma0p8_of_a"]));
    let ((height, width), b) = (shape(&case["b"]), matrix(&case["b"]));
    for (name, boundary) in BOUNDARIES {
        let gaussian = Gaussian::truncated(number(&case["sigma_b"]), 4.0, boundary);
        assert_eq!(gaussian.radius_y as f64, number(&case["radius_b"]));
        assert_filtered(name, &b, height, width, &gaussian, &matrix(&case["b_out"][name]));
    }
}

/// A filter: any boundary, sigmas of 0, small and larger than the map, radii that belong to them and others.
pub fn gaussian() -> impl Strategy<Value = Gaussian> {
    let axis = || {
        let sigma = prop_oneof![1 => Just(0.0), 4 => 0.1..3.0f64, 1 => 3.0..1e9f64];
        (sigma, prop_oneof![0..=12usize, Just(usize::MAX)]).prop_map(|(sigma, radius)| match radius {
            usize::MAX => (sigma, quell::correspondence::blur::radius(sigma, 4.0).min(40)),
            radius => (sigma, radius),
        })
    };
    (axis(), axis(), select(BOUNDARIES.to_vec())).prop_map(
        |((sigma_y, radius_y), (sigma_x, radius_x), (_, boundary))| Gaussian {
            sigma_y,
            sigma_x,
            radius_y,
            radius_x,
            boundary,
        },
    )
}

fn twins<X: Element + Scalar>(
    height: usize,
    width: usize,
    gaussian: &Gaussian,
    seed: u64,
    spoilt: Option<(usize, f64)>,
) -> Result<(), TestCaseError> {
    let mut map: Vec<X> = narrowed(&values(seed, 0, height * width));
    if let Some((place, value)) = spoilt
        && !map.is_empty()
    {
        let place = place % map.len();
        map[place] = X::from_f64(value);
    }
    let expected = naive_readout::filter(&map, height, width, gaussian);
    prop_assert!(same_bits(&filtered(&map, height, width, gaussian), &expected));
    // Longer scratch does no harm, shorter is refused.
    let mut scratch = vec![X::ZERO; gaussian.scratch_len(height, width) + 1];
    let mut again = map.clone();
    filter(&mut again, height, width, gaussian, &mut scratch).expect("a filter");
    prop_assert!(same_bits(&again, &expected));
    let short = scratch.len() - 2;
    let mut again = map.clone();
    prop_assert!(filter(&mut again, height, width, gaussian, &mut scratch[..short]).is_err());
    prop_assert!(same_bits(&again, &map));
    Ok(())
}

proptest! {
    #![proptest_config(config(REGRESSIONS))]

    #[test]
    fn a_filter_is_its_twin_bit_for_bit(
        height in 0..=12usize,
        width in prop_oneof![0..=40usize, Just(65), Just(1)],
        gaussian in gaussian(),
        seed: u64,
        spoilt in proptest::option::of((any::<usize>(), select(vec![f64::NAN, f64::INFINITY, f64::NEG_INFINITY]))),
    ) {
        twins::<f32>(height, width, &gaussian, seed, spoilt)?;
        twins::<f64>(height, width, &gaussian, seed, spoilt)?;
    }

    /// Weights are positive and sum to 1: no boundary but the zeros takes a value out of the map's range.
    #[test]
    fn a_filter_stays_within_the_range(height in 1..=9usize, width in 1..=20usize, gaussian in gaussian(), seed: u64) {
        let map = values(seed, 0, height * width);
        let (low, high) = map.iter().fold((0f64, 0f64), |(low, high), &x| (low.min(x), high.max(x)));
        let slack = EMERDIFF * high.max(-low);
        prop_assert!(filtered(&map, height, width, &gaussian).iter().all(|x| (low - slack..=high + slack).contains(x)));
    }
}
