//! The paper's search: cases 14 and 17, the trace that makes early stopping the method, and laws.

use crate::case;
use crate::tables::CASE_08;
use proptest::collection::vec;
use proptest::prelude::*;
use quell::diffusion::bound::Gaussian;
use quell::diffusion::bound::search::{CANDIDATES, Levels, choose, fill_candidates, search, subdivide, sweep};
use quell::diffusion::schedule::{Last, interpolate_log_linear, karras};
use quell_tests::floors;
use quell_tests::judge::{Judged, Resolution, divergence};
use quell_tests::search as naive;
use quell_tests::strategies::{config, log_uniform, ratios};
use quell_tests::tolerance::{AYS, CUBIC, ROUNDING_F64, SCHEDULE, assert_close, relative};
use quell_tests::vectors::numbers;

const REGRESSIONS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/proptest-regressions/bound_search.txt");

fn edm() -> [f64; 11] {
    let mut sigmas = [0.0; 11];
    karras::fill(&mut sigmas, 0.002, 80.0, 7.0, Last::SigmaMin).unwrap();
    sigmas
}

/// Where a trace turns: it falls to its least value and rises from there.
#[track_caller]
fn assert_turns(what: &str, trace: &[f64]) -> usize {
    let least = (0..trace.len()).min_by(|&a, &b| trace[a].total_cmp(&trace[b])).unwrap();
    assert!(
        least > 0 && trace[least] < 0.9 * trace[0] && trace[trace.len() - 1] > 1.05 * trace[least],
        "{what}: {trace:?}"
    );
    least
}

#[test]
fn case_14_trace() {
    let case = case("14_coordinate_search");
    let (gaussian, mut sigmas) = (Gaussian::new(0.5, 1).unwrap(), edm());
    let cost = |from: f64, to: f64| gaussian.klub_between(from, to).unwrap();
    let (mut klub, mut euler, mut stochastic) = (vec![], vec![], vec![]);
    let mut settled = None;
    for index in 0..=60 {
        klub.push(gaussian.klub(&sigmas).unwrap());
        euler.push(gaussian.euler(&sigmas).unwrap().divergence);
        stochastic.push(gaussian.stochastic_ddim(&sigmas).unwrap().divergence);
        if index == 1 {
            assert_close("after one sweep", &sigmas, &numbers(&case["output"]["after_1_sweep"]), AYS);
        }
        let moves = sweep(&mut sigmas, Levels::All, &mut [0.0; 11], cost).unwrap();
        if moves == 0 && settled.is_none() {
            settled = Some(index);
        }
    }
    let trace = case["output"]["trace"].as_array().unwrap();
    assert_eq!(trace.len(), 8);
    for entry in trace {
        let index = entry["sweep"].as_u64().unwrap() as usize;
        for (name, values) in [("KLUB", &klub), ("KL_euler", &euler), ("KL_sddim", &stochastic)] {
            let expected = entry[name].as_f64().unwrap();
            assert_close(&format!("{name} after sweep {index}"), &[values[index]], &[expected], AYS);
        }
    }
    // What makes early stopping the method: the bound falls all the way, the divergence falls and then rises.
    let settled = settled.expect("an end");
    assert!(klub[..=settled].windows(2).all(|w| w[1] < w[0]) && klub[settled..].windows(2).all(|w| w[1] == w[0]));
    assert!(assert_turns("Euler", &euler) < assert_turns("stochastic DDIM", &stochastic));
    // The same by one call, and by asking for candidates as a host does that evaluates a network.
    let mut at_once = edm();
    let sweeps = search(&mut at_once, Levels::All, 300, &mut [0.0; 11], cost, |_, _| false).unwrap();
    assert_eq!((at_once, sweeps), (sigmas, settled));
    let mut asked = edm();
    for _ in 0..settled {
        for index in 1..10 {
            let mut candidates = [0.0; CANDIDATES];
            fill_candidates(&mut candidates, &asked, index).unwrap();
            let costs = candidates.map(|sigma| cost(asked[index - 1], sigma) + cost(sigma, asked[index + 1]));
            asked[index] = candidates[choose(&costs).unwrap()];
        }
    }
    assert_eq!(asked, sigmas);
}

#[test]
fn case_17_trace_from_the_table() {
    let case = case("17_true_kl_gmm1d");
    let (tolerance, (mixture, _), curve) = (case["tol"].as_f64().unwrap(), floors::specification(), CASE_08.curve());
    let mut sigmas = numbers(&case["output"]["edm"]["sigmas"]);
    let cost = |from: f64, to: f64| curve.klub_between(from, to).unwrap();
    let trace = case["output"]["search_trace"].as_array().unwrap();
    let (mut flow, mut stochastic, mut compared) = (vec![], vec![], 0);
    for index in 0..=12 {
        if let Some(entry) = trace.iter().find(|entry| entry["sweep"] == index) {
            let of = |name: &str| entry[name].as_f64().unwrap();
            assert!((curve.klub(&sigmas).unwrap() - of("KLUB")).abs() <= CUBIC, "sweep {index}");
            let judged = |solver| divergence(&mixture, solver, &sigmas, &Resolution::FINE);
            let (ddim, sddim) = (judged(Judged::Ddim), judged(Judged::StochasticDdim));
            assert!((ddim - of("KL_ddim")).abs() <= tolerance, "sweep {index}: {ddim}");
            assert!((sddim - of("KL_sddim")).abs() <= tolerance, "sweep {index}: {sddim}");
            flow.push(ddim);
            stochastic.push(sddim);
            compared += 1;
        }
        sweep(&mut sigmas, Levels::All, &mut [0.0; 9], cost).unwrap();
    }
    assert_eq!(compared, trace.len());
    assert!(assert_turns("DDIM", &flow) < assert_turns("stochastic DDIM", &stochastic));
}

/// Ten steps to twenty to forty, where the levels that were there stay, and to any number between.
#[test]
fn refinement_keeps_what_it_has() {
    let gaussian = Gaussian::new(0.5, 1).unwrap();
    let cost = |from: f64, to: f64| gaussian.klub_between(from, to).unwrap();
    let mut schedule = edm().to_vec();
    search(&mut schedule, Levels::All, 10, &mut [0.0; 11], cost, |_, _| false).unwrap();
    for steps in [20, 40] {
        let mut fine = vec![0.0; steps + 1];
        subdivide(&mut fine, &schedule).unwrap();
        let (before, mut scratch) = (gaussian.klub(&fine).unwrap(), vec![0.0; steps + 1]);
        search(&mut fine, Levels::New, 300, &mut scratch, cost, |_, _| false).unwrap();
        assert!(gaussian.klub(&fine).unwrap() < before);
        assert!(fine.iter().step_by(2).eq(&schedule));
        assert_eq!(sweep(&mut fine, Levels::New, &mut scratch, cost), Ok(0));
        schedule = fine;
    }
    // Forty steps interpolated to twenty and ten are the ones that they were made from.
    for steps in [20, 10] {
        let mut fewer = vec![0.0; steps + 1];
        interpolate_log_linear(&mut fewer, &schedule).unwrap();
        let kept: Vec<f64> = schedule.iter().copied().step_by(40 / steps).collect();
        assert_close("interpolated", &fewer, &kept, SCHEDULE);
    }
}

proptest! {
    #![proptest_config(config(REGRESSIONS))]

    #[test]
    fn a_sweep_is_the_naive_one(sigmas in ratios((1e-3, 1e3), 2..=12), c in log_uniform(0.05, 5.0)) {
        let gaussian = Gaussian::new(c, 1).unwrap();
        let cost = |from: f64, to: f64| gaussian.klub_between(from, to).unwrap();
        let (mut swept, mut expected) = (sigmas.clone(), sigmas.clone());
        let moves = sweep(&mut swept, Levels::All, &mut vec![0.0; sigmas.len()], cost).unwrap();
        let moved = naive::sweep(&mut expected, &cost);
        prop_assert_eq!(moves > 0, moved);
        assert_close("sigmas", &swept, &expected, SCHEDULE);
    }

    #[test]
    fn a_sweep_never_raises_the_cost(
        sigmas in ratios((1e-3, 1e3), 1..=12), weights in vec(-2.0..2.0f64, 4), new in any::<bool>(),
    ) {
        // A smooth cost of no particular kind.
        let [a, b, c, d] = weights[..] else { unreachable!() };
        let cost = |from: f64, to: f64| {
            let (x, y) = (from.ln(), to.ln());
            (x - y).powi(2) * (1.0 + (a * x + b * y).sin()) + c * (d * x).cos()
        };
        let total = |sigmas: &[f64]| sigmas.windows(2).map(|w| cost(w[0], w[1])).sum::<f64>();
        let levels = if new { Levels::New } else { Levels::All };
        let mut swept = sigmas.clone();
        let moves = sweep(&mut swept, levels, &mut vec![0.0; sigmas.len()], cost).unwrap();
        prop_assert!(total(&swept) <= total(&sigmas) + ROUNDING_F64 * 1e3);
        prop_assert!(swept.windows(2).all(|w| w[1] < w[0]));
        prop_assert_eq!((swept[0], swept[swept.len() - 1]), (sigmas[0], sigmas[sigmas.len() - 1]));
        prop_assert_eq!(moves, swept.iter().zip(&sigmas).filter(|(a, b)| a != b).count());
        if new {
            prop_assert!(swept.iter().step_by(2).eq(sigmas.iter().step_by(2)) );
        }
    }

    #[test]
    fn new_levels_are_geometric_means(sigmas in ratios((1e-6, 1e4), 1..=40)) {
        let mut fine = vec![0.0; 2 * sigmas.len() - 1];
        subdivide(&mut fine, &sigmas).unwrap();
        prop_assert!(fine.iter().step_by(2).eq(&sigmas));
        for (w, middle) in sigmas.windows(2).zip(fine.iter().skip(1).step_by(2)) {
            prop_assert!(relative(middle * middle, w[0] * w[1]) <= ROUNDING_F64);
        }
    }
}
