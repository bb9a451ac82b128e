//! The mixture of the specification: case 17, the trace of the search, and the floors of section 7.1.

use quell_tests::floors::{self, Ends};
use quell_tests::judge::{Judged, Resolution, divergence};
use quell_tests::mixture1d::Mixture1d;
use quell_tests::tolerance::{AYS, LEVEL, SCHEDULE, assert_close, relative};
use quell_tests::vectors::{json, numbers};
use serde_json::Value;

/// The mixture, its ends, the expected values, and how far a divergence may be from them, absolutely.
fn case_17() -> (Mixture1d, Ends, Value, f64) {
    let (mixture, ends) = floors::specification();
    let case: Value = json::<Value>("ays_cases.json")["17_true_kl_gmm1d"].clone();
    let tolerance = case["tol"].as_f64().unwrap();
    (mixture, ends, case["output"].clone(), tolerance)
}

#[track_caller]
fn assert_divergences(mixture: &Mixture1d, sigmas: &[f64], expected: &Value, tolerance: f64) {
    for (solver, name) in [(Judged::Ddim, "KL_ddim"), (Judged::StochasticDdim, "KL_sddim")] {
        let kl = divergence(mixture, solver, sigmas, &Resolution::FINE);
        let expected = expected[name].as_f64().unwrap();
        assert!((kl - expected).abs() <= tolerance, "{solver:?}: {kl} against {expected}");
    }
}

#[test]
fn schedules_have_their_true_divergence() {
    let (mixture, _, case, tolerance) = case_17();
    assert!(relative(mixture.std(), case["std"].as_f64().unwrap()) < AYS);
    let mut compared = 0;
    for (name, schedule) in case.as_object().unwrap().iter().filter(|(_, schedule)| schedule["sigmas"].is_array()) {
        println!("{name}");
        assert_divergences(&mixture, &numbers(&schedule["sigmas"]), schedule, tolerance);
        compared += 1;
    }
    assert_eq!(compared, 8);
}

/// The schedules that rules are compared with are the specification's.
#[test]
fn customary_schedules_are_the_ones_judged() {
    let (mixture, ends, case, _) = case_17();
    let sigmas = |name: &str| numbers(&case[name]["sigmas"]);
    assert_close("edm", &ends.edm(), &sigmas("edm"), SCHEDULE);
    assert_close("log-linear", &ends.log_linear(), &sigmas("logsnr"), SCHEDULE);
    assert_close("arctan", &ends.arctan(mixture.std()), &sigmas("arctan_c=std"), SCHEDULE);
    // Both sides integrate by the trapezoidal rule, on different grids.
    assert_close("rescaled", &ends.rescaled_entropic(&mixture), &sigmas("rescaled entropic"), LEVEL);
    let entropic = ends.by_density(&|sigma| mixture.mmse(sigma) / (sigma * sigma));
    assert_close("entropic", &entropic, &sigmas("entropic (uniform in I)"), LEVEL);
}

/// The paper's early stopping: the bound falls from sweep to sweep, the true divergence first falls and then rises.
#[test]
fn the_search_passes_its_best_schedule() {
    let (mixture, ends, case, tolerance) = case_17();
    let path = floors::sweeps(&mixture, &ends);
    let trace = case["search_trace"].as_array().unwrap();
    for entry in trace {
        let index = entry["sweep"].as_u64().unwrap() as usize;
        let sigmas = &path[index];
        println!("sweep {index}");
        assert!(relative(mixture.bound(sigmas), entry["KLUB"].as_f64().unwrap()) < AYS);
        assert_divergences(&mixture, sigmas, entry, tolerance);
    }
    assert_eq!(trace.len(), 8);
    let bounds: Vec<f64> = path.iter().map(|sigmas| mixture.bound(sigmas)).collect();
    assert!(bounds.windows(2).all(|pair| pair[1] < pair[0]), "{bounds:?}");
    for (solver, expected) in [(Judged::Ddim, 4), (Judged::StochasticDdim, 9)] {
        let judged: Vec<f64> =
            path.iter().map(|sigmas| divergence(&mixture, solver, sigmas, &Resolution::COARSE)).collect();
        let best = (0..judged.len()).min_by(|&a, &b| judged[a].total_cmp(&judged[b])).unwrap();
        assert_eq!(best, expected, "{solver:?}: {judged:?}");
        assert!(judged[..=best].windows(2).all(|pair| pair[1] < pair[0]), "{solver:?}: {judged:?}");
        assert!(judged[judged.len() - 1] > 1.1 * judged[best], "{solver:?}: {judged:?}");
    }
}
