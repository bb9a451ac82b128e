//! The committed floors: that they are what they say, and that nothing near them is better.

use quell_tests::floors::{Ends, Floor, ends, find, specification, sweeps};
use quell_tests::judge::{Judged, Resolution, divergence};
use quell_tests::mixture1d::Mixture1d;
use quell_tests::mixtures::Problem;
use quell_tests::tolerance::{JUDGE_COARSE, JUDGE_FINE, SCHEDULE, assert_close, relative};
use quell_tests::vectors::json;
use std::sync::Mutex;
use std::time::Instant;

/// What every floor belongs to: the specification's mixture and the twenty problems, in the order of the file.
fn subjects() -> Vec<(Option<u64>, Mixture1d, Ends)> {
    let (mixture, range) = specification();
    let problems = Problem::all();
    let others = problems.iter().map(|problem| (Some(problem.seed), problem.mixture(), ends(problem)));
    [(None, mixture, range)].into_iter().chain(others).collect()
}

#[test]
fn every_floor_is_the_divergence_of_its_schedule() {
    let floors: Vec<Floor> = json("floors.json");
    let subjects = subjects();
    assert_eq!(floors.len(), 3 * subjects.len());
    for (three, (seed, mixture, ends)) in floors.chunks(3).zip(&subjects) {
        for (floor, solver) in three.iter().zip(Judged::ALL) {
            assert_eq!((floor.seed, floor.solver, floor.n), (*seed, solver, ends.n));
            for verdict in [&floor.floor, &floor.search] {
                let sigmas = &verdict.sigmas;
                assert_eq!((sigmas.len(), sigmas[0], sigmas[ends.n]), (ends.n + 1, ends.sigma_max, ends.sigma_min));
                let kl = divergence(mixture, solver, sigmas, &Resolution::FINE);
                assert!(relative(kl, verdict.kl) < JUDGE_FINE, "{seed:?} {solver:?}: {kl} against {}", verdict.kl);
            }
        }
    }
}

/// The search anew, for as many mixtures as take a moment: its best sweep, and the schedule there.
#[test]
fn the_search_is_stopped_at_its_best_sweep() {
    let floors: Vec<Floor> = json("floors.json");
    for (three, (seed, mixture, ends)) in floors.chunks(3).zip(&subjects()).take(4) {
        let path = sweeps(mixture, ends);
        for floor in three {
            let judged: Vec<f64> =
                path.iter().map(|sigmas| divergence(mixture, floor.solver, sigmas, &Resolution::COARSE)).collect();
            let least = judged.iter().copied().fold(f64::INFINITY, f64::min);
            assert!(
                relative(judged[floor.best_sweep], least) < JUDGE_COARSE,
                "{seed:?} {:?}: {judged:?}",
                floor.solver
            );
            assert_close("levels", &floor.search.sigmas, &path[floor.best_sweep], SCHEDULE);
        }
    }
}

/// Each level, one percent up and down.
#[test]
fn no_neighbour_of_a_floor_is_lower() {
    let floors: Vec<Floor> = json("floors.json");
    for (three, (seed, mixture, ends)) in floors.chunks(3).zip(&subjects()) {
        for floor in three {
            let judge = |sigmas: &[f64]| divergence(mixture, floor.solver, sigmas, &Resolution::COARSE);
            let sigmas = &floor.floor.sigmas;
            let here = judge(sigmas);
            for level in 1..ends.n {
                for factor in [0.99, 1.01] {
                    let mut near = sigmas.clone();
                    near[level] *= factor;
                    let kl = judge(&near);
                    assert!(
                        kl > here * (1.0 - JUDGE_COARSE),
                        "{seed:?} {:?} level {level} x {factor}: {kl} < {here}",
                        floor.solver
                    );
                }
            }
        }
    }
}

/// Section 7.1 of the specification, to its digits.
#[test]
fn the_specification_has_its_floors() {
    let floors: Vec<Floor> = json("floors.json");
    for (floor, expected) in floors.iter().zip([0.0598, 0.0848]) {
        assert!((floor.floor.kl - expected).abs() < 5e-5, "{:?}: {}", floor.solver, floor.floor.kl);
    }
}

/// Prints how far customary schedules and the search are from the floors, and checks that nothing is below one.
#[test]
fn nothing_is_below_a_floor() {
    let floors: Vec<Floor> = json("floors.json");
    let names = ["EDM", "log-linear", "rescaled entropic", "best sweep"];
    let mut logs = [[0.0; 4]; 3];
    for (three, (seed, mixture, ends)) in floors.chunks(3).zip(&subjects()) {
        let schedules = [ends.edm(), ends.log_linear(), ends.rescaled_entropic(mixture)];
        for (k, floor) in three.iter().enumerate() {
            let judge = |sigmas: &Vec<f64>| divergence(mixture, floor.solver, sigmas, &Resolution::COARSE);
            let mut values: Vec<f64> = schedules.iter().map(judge).collect();
            values.push(floor.search.kl);
            let ratios: Vec<f64> = values.iter().map(|kl| kl / floor.floor.kl).collect();
            assert!(ratios.iter().all(|&ratio| ratio > 1.0 - JUDGE_COARSE), "{seed:?} {:?}: {ratios:?}", floor.solver);
            println!("{seed:?} {:?} n={} floor {:.8} ratios {ratios:.3?}", floor.solver, floor.n, floor.floor.kl);
            if seed.is_some() {
                logs[k].iter_mut().zip(&ratios).for_each(|(sum, ratio)| *sum += ratio.ln());
            }
        }
    }
    for (solver, sums) in Judged::ALL.iter().zip(logs) {
        let means = sums.map(|sum| (sum / 20.0f64).exp());
        println!("{solver:?}: geometric means over the floor: {names:?} {means:.4?}");
    }
}

#[test]
#[ignore = "writes vectors/floors.json; takes minutes"]
fn floors_are_found() {
    let started = Instant::now();
    let mut waiting = subjects();
    waiting.reverse();
    let (waiting, found) = (Mutex::new(waiting), Mutex::new(vec![]));
    let next = || waiting.lock().expect("no worker fails").pop();
    let work = || {
        while let Some((seed, mixture, ends)) = next() {
            let floors = find(seed, &mixture, &ends);
            found.lock().expect("no worker fails").extend(floors);
        }
    };
    std::thread::scope(|scope| {
        for _ in 0..std::thread::available_parallelism().map_or(1, usize::from) {
            scope.spawn(work);
        }
    });
    let mut found = found.into_inner().expect("no worker fails");
    found.sort_by_key(|floor| (floor.seed, floor.solver));
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/vectors/floors.json");
    std::fs::write(path, serde_json::to_string_pretty(&found).expect("finite numbers") + "\n")
        .expect("a writable file");
    println!("{} floors in {:?}", found.len(), started.elapsed());
}
