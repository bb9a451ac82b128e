//! Dynamic programming: case 08, every path by force, and laws.

use crate::case;
use crate::tables::CASE_08;
use proptest::collection::vec;
use proptest::prelude::*;
use quell::diffusion::bound::Gaussian;
use quell::diffusion::bound::dynamic::{parents_len, scratch_len, shortest_paths, shortest_paths_weighted, trace};
use quell::diffusion::schedule::{Last, exponential};
use quell_tests::strategies::config;
use quell_tests::tolerance::{AYS, ROUNDING_F64, assert_close, relative};
use quell_tests::vectors::numbers;

const REGRESSIONS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/proptest-regressions/bound_dynamic.txt");

/// Totals for 1 to `steps` steps, and the schedule of each as positions.
fn solve(steps: usize, points: usize, cost: impl Fn(usize, usize) -> f64) -> (Vec<f64>, Vec<Vec<u32>>) {
    let (mut totals, mut parents) = (vec![f64::NAN; steps], vec![7; parents_len(steps, points)]);
    let mut scratch = vec![f64::NAN; scratch_len(steps, points)];
    shortest_paths(&mut totals, &mut parents, points, &mut scratch, cost).unwrap();
    let reached = totals.iter().take_while(|total| total.is_finite()).count();
    let paths = (1..=reached).map(|steps| {
        let mut indices = vec![7; steps + 1];
        trace(&mut indices, &parents, points).unwrap();
        indices
    });
    (totals.clone(), paths.collect())
}

#[test]
fn case_08_optimum() {
    let case = case("08_klub_dp_gmm1d");
    let (curve, expected) = (CASE_08.curve(), &case["output"]);
    let steps = case["input"]["n"].as_u64().unwrap() as usize;
    let (totals, paths) = solve(steps, 401, |from, to| curve.interval(from, to).unwrap());
    // The case counts from the cleanest level.
    let indices: Vec<f64> = paths[steps - 1].iter().map(|&index| 400.0 - f64::from(index)).collect();
    assert_eq!(indices, numbers(&expected["indices_descending"]));
    let sigmas: Vec<f64> = paths[steps - 1].iter().map(|&index| CASE_08.sigmas[index as usize]).collect();
    assert_close("sigmas", &sigmas, &numbers(&expected["sigmas"]), AYS);
    let klub = expected["KLUB"].as_f64().unwrap();
    assert_close("klub", &[totals[steps - 1], curve.klub(&sigmas).unwrap()], &[klub, klub], AYS);
}

/// 1 + c²/σ² geometric is the optimum for Gaussian data; a grid comes as near as its spacing.
#[test]
fn the_optimum_of_gaussian_data_is_its_closed_form() {
    let (gaussian, mut grid) = (Gaussian::new(0.5, 1).unwrap(), vec![0.0; 1201]);
    exponential::fill(&mut grid, 0.02, 20.0, Last::SigmaMin).unwrap();
    let (totals, paths) = solve(12, grid.len(), |from, to| gaussian.klub_between(grid[from], grid[to]).unwrap());
    for (steps, (total, path)) in totals.iter().zip(&paths).enumerate().map(|(index, of)| (index + 1, of)) {
        let mut optimum = vec![0.0; steps + 1];
        gaussian.fill_klub_optimum(&mut optimum, 0.02, 20.0, Last::SigmaMin).unwrap();
        let least = gaussian.klub(&optimum).unwrap();
        assert!(*total >= least * (1.0 - ROUNDING_F64) && *total <= least * 1.0005, "{steps}: {total} {least}");
        for (&index, sigma) in path.iter().zip(&optimum) {
            assert!((grid[index as usize] / sigma).ln().abs() < 1000f64.ln() / 1200.0 * 2.0, "{steps}: {sigma}");
        }
    }
}

/// Costs without structure, from a seed.
#[derive(Clone, Debug)]
struct Random {
    points: usize,
    costs: Vec<f64>,
}

impl Random {
    fn cost(&self, from: usize, to: usize) -> f64 {
        self.costs[from * self.points + to]
    }

    fn total(&self, path: &[u32], coefficient: f64) -> f64 {
        let costs = path.windows(2).map(|w| self.cost(w[0] as usize, w[1] as usize));
        costs.enumerate().map(|(step, cost)| cost * coefficient.powi(step as i32)).sum()
    }

    /// Every path of so many steps, the ones with earlier points first.
    fn paths(&self, steps: usize) -> Vec<Vec<u32>> {
        let last = self.points as u32 - 1;
        let mut paths = vec![vec![0]];
        for _ in 1..steps {
            let longer = |path: &Vec<u32>| {
                let (path, next) = (path.clone(), path[path.len() - 1] + 1);
                (next..last).map(move |point| [&path[..], &[point]].concat())
            };
            paths = paths.iter().flat_map(longer).collect();
        }
        paths.iter_mut().for_each(|path| path.push(last));
        paths
    }
}

fn random(points: std::ops::RangeInclusive<usize>) -> impl Strategy<Value = Random> {
    // A few values only, so that there are ties.
    let cost = prop_oneof![4 => -1.0..5.0f64, 2 => Just(1.0), 1 => Just(f64::INFINITY)];
    points
        .prop_flat_map(move |points| vec(cost.clone(), points * points).prop_map(move |costs| Random { points, costs }))
}

proptest! {
    #![proptest_config(config(REGRESSIONS))]

    #[test]
    fn no_path_is_shorter(costs in random(2..=8), coefficient in prop_oneof![Just(1.0), 0.5..2.0f64]) {
        let steps = costs.points + 1;
        let (mut totals, mut parents) = (vec![f64::NAN; steps], vec![7; parents_len(steps, costs.points)]);
        let mut scratch = vec![f64::NAN; scratch_len(steps, costs.points)];
        shortest_paths_weighted(
            &mut totals, &mut parents, costs.points, coefficient, &mut scratch, |from, to| costs.cost(from, to),
        ).unwrap();
        for (steps, &total) in totals.iter().enumerate().map(|(index, total)| (index + 1, total)) {
            let all = costs.paths(steps);
            let least = all.iter().map(|path| costs.total(path, coefficient)).fold(f64::INFINITY, f64::min);
            let mut indices = vec![7; steps + 1];
            let traced = trace(&mut indices, &parents, costs.points);
            prop_assert_eq!(traced.is_ok(), least.is_finite());
            if least.is_finite() {
                let scale = 5.0 * 2f64.powi(steps as i32);
                prop_assert!((total - least).abs() <= ROUNDING_F64 * scale, "{} {}", total, least);
                prop_assert!((costs.total(&indices, coefficient) - total).abs() <= ROUNDING_F64 * scale);
                prop_assert!(all.contains(&indices));
            } else {
                prop_assert_eq!(total, f64::INFINITY);
                prop_assert_eq!(indices, vec![7; steps + 1]);
            }
        }
    }

    /// On the mixture's grid, and that more steps cost less.
    #[test]
    fn no_schedule_on_the_grid_is_better(inner in prop::collection::btree_set(1..400usize, 1..20)) {
        static SOLVED: std::sync::LazyLock<Vec<f64>> = std::sync::LazyLock::new(|| {
            let curve = CASE_08.curve();
            solve(30, 401, |from, to| curve.interval(from, to).unwrap()).0
        });
        prop_assert!(SOLVED.windows(2).all(|w| w[1] < w[0]));
        let curve = CASE_08.curve();
        let schedule: Vec<usize> = std::iter::once(0).chain(inner).chain([400]).collect();
        let klub: f64 = schedule.windows(2).map(|w| curve.interval(w[0], w[1]).unwrap()).sum();
        prop_assert!(SOLVED[schedule.len() - 2] <= klub * (1.0 + ROUNDING_F64));
        let sigmas: Vec<f64> = schedule.iter().map(|&index| CASE_08.sigmas[index]).collect();
        prop_assert!(relative(curve.klub(&sigmas).unwrap(), klub) <= AYS);
    }
}
