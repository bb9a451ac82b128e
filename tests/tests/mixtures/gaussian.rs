//! One component: the laws of section 2 of the specification, which need no quadrature.

use quell_tests::floors::{Ends, lowest_from};
use quell_tests::judge::{Judged, Resolution, divergence};
use quell_tests::mixture1d::Mixture1d;
use quell_tests::recurrence::Recurrence;
use quell_tests::tolerance::{AYS, JUDGE_COARSE, LEVEL, assert_close, relative};
use quell_tests::vectors::{json, numbers};
use serde_json::Value;

/// The standard deviation of the data of cases 02, 04 and 05, and the ends of their schedules.
const C: f64 = 0.5;
const ENDS: Ends = Ends { sigma_max: 80.0, sigma_min: 0.002, n: 10 };

fn one() -> Mixture1d {
    Mixture1d::new(&[1.0], &[0.0], &[C])
}

fn cases() -> Value {
    json("ays_cases.json")
}

/// Case 02: the divergence of Euler's method and of stochastic DDIM, and the bound.
#[test]
fn divergences_are_those_of_the_table() {
    let cases = cases();
    let klub = numbers(&cases["04_klub_optimal_schedule"]["output"]);
    let table = cases["02_gaussian_table"]["output"].as_object().unwrap();
    for (name, expected) in table {
        let sigmas = match name.as_str() {
            "edm" => ENDS.edm(),
            "logsnr" => ENDS.log_linear(),
            "arctan" => ENDS.arctan(C),
            "cosine" => ENDS.arctan(1.0),
            "klub" => klub.clone(),
            other => panic!("{other} is not known"),
        };
        for (solver, column) in [(Judged::Ddim, "KL_euler"), (Judged::StochasticDdim, "KL_sddim")] {
            let kl = divergence(&one(), solver, &sigmas, &Resolution::FINE);
            assert!(relative(kl, expected[column].as_f64().unwrap()) < AYS, "{name} {solver:?}: {kl}");
        }
        assert!(relative(one().bound(&sigmas), expected["KLUB"].as_f64().unwrap()) < AYS, "{name}");
    }
    assert_eq!(table.len(), 5);
}

/// Any linear run: ½(f − 1 − ln f), f the true variance relative to that of the output.
#[test]
fn every_solver_is_its_linear_recurrence() {
    let (first, last) = (C.hypot(ENDS.sigma_max), C.hypot(ENDS.sigma_min));
    for solver in Judged::ALL {
        for sigmas in [ENDS.edm(), ENDS.log_linear(), ENDS.arctan(C)] {
            let run =
                Recurrence::of(&solver.steps(&sigmas), |level| (C * C / (C * C + level.sigma * level.sigma), 0.0));
            let f = last * last / run.variance(first * first);
            let expected = 0.5 * (f - 1.0 - f.ln());
            let kl = divergence(&one(), solver, &sigmas, &Resolution::FINE);
            assert!(relative(kl, expected) < AYS, "{solver:?}: {kl} against {expected}");
        }
    }
}

/// Theorem 3.1 for DDIM, case 05 for stochastic DDIM: the descent finds both.
#[test]
fn descents_end_at_the_known_optima() {
    let cases = cases();
    let case = &cases["05_sddim_true_kl_optimum"];
    for (solver, optimum, kl, tolerance) in [
        (Judged::Ddim, ENDS.arctan(C), cases["02_gaussian_table"]["output"]["arctan"]["KL_euler"].clone(), LEVEL),
        (
            Judged::StochasticDdim,
            numbers(&case["output"]["schedule"]),
            case["output"]["KL"].clone(),
            case["tol"].as_f64().unwrap(),
        ),
    ] {
        let found = lowest_from(&one(), solver, &ENDS.edm(), 1e-10);
        assert_close("levels", &found, &optimum, tolerance);
        let value = divergence(&one(), solver, &found, &Resolution::FINE);
        assert!(relative(value, kl.as_f64().unwrap()) < JUDGE_COARSE, "{solver:?}: {value} against {kl}");
    }
}
