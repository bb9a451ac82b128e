//! Schedules from densities: the three of case 17, and laws.

use crate::case;
use crate::tables::CASE_08;
use proptest::collection::vec;
use proptest::prelude::*;
use quell::Error;
use quell::diffusion::bound::density::{fill_entropic, fill_klub, fill_rescaled_entropic, fill_sigmas};
use quell::diffusion::bound::{MmseCurve, information_from_mmse};
use quell_tests::floors;
use quell_tests::judge::{Judged, Resolution, divergence};
use quell_tests::strategies::{config, log_uniform, ratios};
use quell_tests::tolerance::{ROUNDING_F64, assert_close, relative};
use quell_tests::vectors::numbers;

const REGRESSIONS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/proptest-regressions/bound_density.txt");

type Fill = fn(&mut [f64], &[f64], &[f64]) -> Result<(), Error>;

/// The densities, and what case 17 calls them.
const DENSITIES: [(&str, Fill); 3] = [
    ("klub_density sqrt(-dmmse/dsnr)", fill_klub),
    ("entropic (uniform in I)", fill_entropic),
    ("rescaled entropic", fill_rescaled_entropic),
];

#[test]
fn case_17_schedules() {
    let case = case("17_true_kl_gmm1d");
    let (tolerance, (mixture, _), curve) = (case["tol"].as_f64().unwrap(), floors::specification(), CASE_08.curve());
    for (name, fill) in DENSITIES {
        let expected = &case["output"][name];
        let (mut density, mut sigmas) = (vec![0.0; 401], [0.0; 9]);
        fill(&mut density, curve.sigmas(), curve.mmse()).unwrap();
        fill_sigmas(&mut sigmas, curve.sigmas(), &density).unwrap();
        assert_close(name, &sigmas, &numbers(&expected["sigmas"]), tolerance);
        let klub = expected["KLUB"].as_f64().unwrap();
        // A relative error of the levels is one of the bound, which the levels need not minimise.
        assert!(relative(curve.klub(&sigmas).unwrap(), klub) <= 2.0 * tolerance, "{name}");
        for (solver, divergence_of) in [(Judged::Ddim, "KL_ddim"), (Judged::StochasticDdim, "KL_sddim")] {
            let kl = divergence(&mixture, solver, &sigmas, &Resolution::FINE);
            let expected = expected[divergence_of].as_f64().unwrap();
            assert!((kl - expected).abs() <= tolerance, "{name}, {solver:?}: {kl} against {expected}");
        }
    }
}

/// The density of the least bound is so for many steps: it comes near the optimum on the grid.
#[test]
fn the_klub_density_nears_the_optimum() {
    let (mut density, curve) = (vec![0.0; 401], CASE_08.curve());
    fill_klub(&mut density, curve.sigmas(), curve.mmse()).unwrap();
    let mut before = f64::INFINITY;
    for (steps, most) in [(4, 1.02), (8, 1.005), (16, 1.002)] {
        let mut sigmas = vec![0.0; steps + 1];
        fill_sigmas(&mut sigmas, curve.sigmas(), &density).unwrap();
        let (mut totals, mut parents) = (vec![0.0; steps], vec![0; steps * 401]);
        let cost = |from, to| curve.interval(from, to).unwrap();
        let mut scratch = vec![0.0; steps * 402];
        quell::diffusion::bound::dynamic::shortest_paths(&mut totals, &mut parents, 401, &mut scratch, cost).unwrap();
        let ratio = curve.klub(&sigmas).unwrap() / totals[steps - 1];
        println!("{steps} steps: {ratio}");
        assert!(ratio < most && ratio < before, "{steps}: {ratio}");
        before = ratio;
    }
}

fn density() -> impl Strategy<Value = (Vec<f64>, Vec<f64>)> {
    ratios((1e-3, 1e3), 1..=40).prop_flat_map(|grid| {
        let value = prop_oneof![4 => log_uniform(1e-3, 1e3), 1 => Just(0.0)];
        let points = grid.len();
        // Some density somewhere.
        (Just(grid), vec(value, points), any::<prop::sample::Index>()).prop_map(|(grid, mut density, index)| {
            let index = index.index(density.len());
            density[index] += 1.0;
            (grid, density)
        })
    })
}

proptest! {
    #![proptest_config(config(REGRESSIONS))]

    #[test]
    fn levels_decrease_from_end_to_end((grid, density) in density(), steps in 1..60usize, scale in log_uniform(0.1, 10.0)) {
        let mut sigmas = vec![0.0; steps + 1];
        fill_sigmas(&mut sigmas, &grid, &density).unwrap();
        prop_assert!(sigmas.windows(2).all(|w| w[1] < w[0]));
        prop_assert_eq!((sigmas[0], sigmas[steps]), (grid[0], grid[grid.len() - 1]));
        // A power of two is exact: the factor of a density does not matter.
        let power = 2f64.powi(scale.log2().round() as i32);
        let scaled: Vec<f64> = density.iter().map(|density| density * power).collect();
        let mut again = vec![0.0; steps + 1];
        fill_sigmas(&mut again, &grid, &scaled).unwrap();
        prop_assert_eq!(&sigmas, &again);
        // Half as many steps have every other level.
        let mut double = vec![0.0; 2 * steps + 1];
        fill_sigmas(&mut double, &grid, &density).unwrap();
        for (a, b) in sigmas.iter().zip(double.iter().step_by(2)) {
            prop_assert!((a / b).ln().abs() <= 1e-9, "{} {}", a, b);
        }
    }

    /// The entropic schedule gains as much information in each step.
    #[test]
    fn entropic_steps_gain_the_same(c in log_uniform(0.1, 2.0), steps in 1..20usize) {
        let grid: Vec<f64> = (0..=300).map(|index| 20.0 * (f64::from(index) / -300.0 * 1000f64.ln()).exp()).collect();
        let mmse: Vec<f64> = grid.iter().map(|sigma| c * c * sigma * sigma / (c * c + sigma * sigma)).collect();
        let (mut density, mut information, mut sigmas) = (vec![0.0; 301], vec![0.0; 301], vec![0.0; steps + 1]);
        fill_entropic(&mut density, &grid, &mmse).unwrap();
        fill_sigmas(&mut sigmas, &grid, &density).unwrap();
        information_from_mmse(&mut information, &grid, &mmse).unwrap();
        let curve = MmseCurve::new(&grid, &mmse, &information).unwrap();
        let at: Vec<f64> = sigmas.iter().map(|&sigma| curve.information_at(sigma).unwrap()).collect();
        let share = information[300] / steps as f64;
        prop_assert!(at.windows(2).all(|w| relative(w[1] - w[0], share) <= ROUNDING_F64 * 1e3), "{:?}", at);
    }
}
