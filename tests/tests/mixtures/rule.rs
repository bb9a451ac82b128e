//! The displacement rule on the twenty mixtures: how far its schedules are from the floor.
//!
//! The rule sees trajectories of the probability flow only; the judge and the floors see the mixture.

use quell::diffusion::bound::displacement::{Criterion, Sampler, descend, fill_density, scratch_len};
use quell::diffusion::bound::{Moments, PairTable, density, pairs_len};
use quell::diffusion::schedule::{Last, exponential};
use quell_tests::floors::{Ends, Floor, ends};
use quell_tests::judge::{Judged, Resolution, divergence};
use quell_tests::mixture1d::Mixture1d;
use quell_tests::mixtures::Problem;
use quell_tests::vectors::json;

/// The grid on which the rule sees the flow.
const LEVELS: usize = 257;

/// How many trajectories the rule sees.
const TRAJECTORIES: usize = 256;

/// The table of trajectories from the quantiles of the first level's law, which is Gaussian but for the shape of the data.
fn table<'a>(mixture: &Mixture1d, grid: &'a [f64], moments: &'a mut [Moments]) -> PairTable<'a> {
    let mut table = PairTable::new(grid, moments).unwrap();
    let spread = mixture.std().hypot(grid[0]);
    for trajectory in 0..TRAJECTORIES {
        let start = mixture.mean() + spread * normal_quantile((trajectory as f64 + 0.5) / TRAJECTORIES as f64);
        let states = flow(mixture, grid, start);
        let denoised: Vec<f64> =
            grid.iter().zip(&states).map(|(&sigma, &x)| mixture.at(sigma).point(x).denoised).collect();
        table.add_trajectory(&states, &denoised, 1).unwrap();
    }
    table
}

/// dx/d(ln σ) = x − D by the classical Runge-Kutta method.
fn flow(mixture: &Mixture1d, grid: &[f64], start: f64) -> Vec<f64> {
    let mut states = vec![start];
    for pair in grid.windows(2) {
        let (x, h) = (states[states.len() - 1], (pair[1] / pair[0]).ln());
        let slope = |part: f64, x: f64| x - mixture.at(pair[0] * (part * h).exp()).point(x).denoised;
        let one = slope(0.0, x);
        let two = slope(0.5, x + 0.5 * h * one);
        let three = slope(0.5, x + 0.5 * h * two);
        let four = slope(1.0, x + h * three);
        states.push(x + h / 6.0 * (one + 2.0 * two + 2.0 * three + four));
    }
    states
}

/// By bisection.
fn normal_quantile(share: f64) -> f64 {
    let (mut low, mut high) = (-10.0, 10.0);
    for _ in 0..60 {
        let middle = 0.5 * (low + high);
        let below = 0.5 * libm::erfc(-middle / 2f64.sqrt());
        if below < share { low = middle } else { high = middle }
    }
    0.5 * (low + high)
}

fn sampler(solver: Judged) -> Sampler {
    match solver {
        Judged::Ddim => Sampler::Ddim,
        Judged::StochasticDdim => Sampler::StochasticDdim,
        Judged::TwoM => Sampler::DpmPp2M,
    }
}

/// The rule's schedule, and where the solver is deterministic the one that it leads down to.
fn schedules(mixture: &Mixture1d, ends: &Ends, solver: Judged) -> (Vec<f64>, Option<Vec<f64>>) {
    let (mut grid, mut moments) = (vec![0.0; LEVELS], vec![Moments::default(); pairs_len(LEVELS)]);
    exponential::fill(&mut grid, ends.sigma_min, ends.sigma_max, Last::SigmaMin).unwrap();
    let table = table(mixture, &grid, &mut moments);
    let (mut rho, mut sigmas) = (vec![0.0; LEVELS], vec![0.0; ends.n + 1]);
    fill_density(&mut rho, &table, sampler(solver), Criterion::Divergence).unwrap();
    density::fill_sigmas(&mut sigmas, &grid, &rho).unwrap();
    let descended = (solver != Judged::StochasticDdim).then(|| {
        let mut indices: Vec<u32> = sigmas
            .iter()
            .map(|sigma| grid.iter().position(|level| level <= &(sigma * (1.0 + 1e-9))).unwrap() as u32)
            .collect();
        for k in 1..indices.len() - 1 {
            indices[k] = indices[k].max(indices[k - 1] + 1);
        }
        descend(&mut indices, &table, sampler(solver), Criterion::Divergence, 100, &mut vec![0.0; scratch_len(LEVELS)])
            .unwrap();
        indices.iter().map(|&index| grid[index as usize]).collect()
    });
    (sigmas, descended)
}

/// The geometric means over the twenty mixtures of the divergence relative to the floor: of the rule, of the descent
/// from it, and of the search that an oracle stops.
#[test]
fn the_rule_comes_near_the_floor() {
    let floors: Vec<Floor> = json("floors.json");
    // What each is held to: the aim for the first two; 2M is far from it, see displacement's documentation.
    for (solver, most) in [(Judged::Ddim, 1.10), (Judged::StochasticDdim, 1.10), (Judged::TwoM, 3.3)] {
        let mut sums = [0.0; 3];
        for problem in Problem::all() {
            let (mixture, ends) = (problem.mixture(), ends(&problem));
            let of = |floor: &&Floor| floor.seed == Some(problem.seed) && floor.solver == solver;
            let floor = floors.iter().find(of).expect("a floor for each problem");
            let judge = |sigmas: &[f64]| divergence(&mixture, solver, sigmas, &Resolution::FINE) / floor.floor.kl;
            let (sigmas, descended) = schedules(&mixture, &ends, solver);
            let ratios = [judge(&sigmas), descended.map_or(f64::NAN, |d| judge(&d)), floor.search.kl / floor.floor.kl];
            println!(
                "{solver:?} {:2}: rule {:.3}, descent {:.3}, search {:.3}",
                problem.seed, ratios[0], ratios[1], ratios[2]
            );
            sums.iter_mut().zip(ratios).for_each(|(sum, ratio)| *sum += ratio.ln() / 20.0);
        }
        let [rule, descent, search] = sums.map(f64::exp);
        println!("{solver:?}: rule {rule:.3}, descent {descent:.3}, search with an oracle {search:.3}");
        // Multistep errors have signs that a density cannot see: there the rule is the descent.
        let reached = if solver == Judged::TwoM { descent } else { rule };
        assert!(reached < most && reached < search, "{solver:?}: {reached}");
    }
}
