//! Schedules from a table of the denoiser: every method, any number of steps, and no further network evaluation.

use crate::sampler::Method;
use crate::tables::Tables;
use anyhow::{Context, Result, ensure};
use clap::ValueEnum;
use quell::Error;
use quell::diffusion::bound::displacement::{self, Criterion};
use quell::diffusion::bound::dynamic::{parents_len, scratch_len, shortest_paths, trace};
use quell::diffusion::bound::search::{self, Levels};
use quell::diffusion::bound::{IntervalCosts, density, make_monotone, monotone_scratch_len};
use quell::diffusion::schedule::{Last, karras};

/// The exponent of the schedule that a search sets out from.
const KARRAS_RHO: f64 = 7.0;

/// GITS makes later steps count this much more than the step before.
const GITS_COEFFICIENT: f64 = 1.15;

/// A method that turns a table into a schedule.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Rule {
    /// Steps where the solver's own error displaces the law of its samples most, as the divergence sees it; no search
    Displacement,
    /// The same as distances see it, such as energy and Wasserstein: the large scales count
    DisplacementDistance,
    /// The paper's coordinate search on the bound, stopped early
    Search,
    /// The least bound (KLUB), by dynamic programming
    Klub,
    /// Equally spaced in the square root of the bound's density: the least bound for many steps
    SqrtDensity,
    /// Equal gains of information
    Entropic,
    /// Equal gains of information times σ
    RescaledEntropic,
    /// The least deviation of leaps from a fine trajectory, by dynamic programming, as in GITS
    Gits,
}

impl Rule {
    /// The name in tables and legends.
    pub fn label(self) -> &'static str {
        match self {
            Rule::Displacement => "displacement",
            Rule::DisplacementDistance => "displacement, distance",
            Rule::Search => "early-stopped search",
            Rule::Klub => "KLUB optimum",
            Rule::SqrtDensity => "√ density",
            Rule::Entropic => "entropic",
            Rule::RescaledEntropic => "rescaled entropic",
            Rule::Gits => "GITS teacher",
        }
    }

    /// So many levels from the highest of the table's grid to the lowest; a single one is the highest. A search takes at most
    /// `sweeps` sweeps.
    pub fn levels(self, count: usize, tables: &Tables, solver: Method, sweeps: usize) -> Result<Vec<f64>> {
        let grid = &tables.grid;
        ensure!(count <= grid.len(), "{} levels cannot be chosen from a grid of {}: raise --levels", count, grid.len());
        if count < 2 {
            return Ok(vec![grid[0]; count]);
        }
        let levels = match self {
            Rule::Displacement => displaced(count, tables, solver, Criterion::Divergence),
            Rule::DisplacementDistance => displaced(count, tables, solver, Criterion::Distance),
            Rule::Search => sweep_trace(count, tables, solver, sweeps).map(|mut trace| trace.pop().unwrap_or_default()),
            Rule::Klub => {
                let costs = costs(tables, solver)?;
                let costs = IntervalCosts::new(grid, &costs)?;
                shortest(count, grid, |totals, parents, scratch| {
                    let cost = |from, to| costs.get(from, to).unwrap_or(f64::NAN);
                    shortest_paths(totals, parents, grid.len(), scratch, cost)
                })
            }
            Rule::SqrtDensity => from_mmse(count, tables, density::fill_klub),
            Rule::Entropic => from_mmse(count, tables, density::fill_entropic),
            Rule::RescaledEntropic => from_mmse(count, tables, density::fill_rescaled_entropic),
            Rule::Gits => {
                let mut moments = tables.leaps.clone();
                let levels = tables.noise_levels()?;
                let table = Tables::leap_view(&levels, &mut moments)?;
                shortest(count, grid, |totals, parents, scratch| {
                    table.shortest_paths(totals, parents, GITS_COEFFICIENT, scratch)
                })
            }
        };
        levels.with_context(|| format!("{} at {} levels", self.label(), count))
    }
}

/// Where the search of the paper stands at its start, Karras's levels, and after each sweep that moved one, at most `most`.
pub fn sweep_trace(count: usize, tables: &Tables, solver: Method, most: usize) -> Result<Vec<Vec<f64>>> {
    let grid = &tables.grid;
    let mut sigmas = vec![grid[0]; count];
    if count < 2 {
        return Ok(vec![sigmas]);
    }
    karras::fill(&mut sigmas, grid[grid.len() - 1], grid[0], KARRAS_RHO, Last::SigmaMin)?;
    let costs = costs(tables, solver)?;
    let costs = IntervalCosts::new(grid, &costs)?;
    let mut trace = vec![sigmas.clone()];
    let cost = |from, to| costs.between(from, to).unwrap_or(f64::NAN);
    search::search(&mut sigmas, Levels::All, most, &mut vec![0.0; count], cost, |_, sigmas| {
        trace.push(sigmas.to_vec());
        false
    })?;
    Ok(trace)
}

/// The bound of the steps between all levels of the grid, packed.
pub fn costs(tables: &Tables, solver: Method) -> Result<Vec<f64>> {
    let weights = tables.grid.iter().map(|&sigma| solver.klub_weight(sigma)).collect::<Result<Vec<_>, _>>()?;
    let mut moments = tables.paths.clone();
    let mut costs = vec![0.0; moments.len()];
    Tables::view(&tables.grid, &mut moments)?.fill_costs(&mut costs, &weights)?;
    Ok(costs)
}

fn displaced(count: usize, tables: &Tables, solver: Method, criterion: Criterion) -> Result<Vec<f64>> {
    let mut moments = tables.trajectories.clone();
    let table = Tables::view(&tables.grid, &mut moments)?;
    let fill = |density: &mut [f64]| displacement::fill_density(density, &table, solver.sampler(), criterion);
    from_density(count, &tables.grid, fill)
}

fn from_density(count: usize, grid: &[f64], fill: impl FnOnce(&mut [f64]) -> Result<(), Error>) -> Result<Vec<f64>> {
    let (mut density, mut sigmas) = (vec![0.0; grid.len()], vec![0.0; count]);
    fill(&mut density)?;
    density::fill_sigmas(&mut sigmas, grid, &density)?;
    Ok(sigmas)
}

fn from_mmse(
    count: usize,
    tables: &Tables,
    fill: impl FnOnce(&mut [f64], &[f64], &[f64]) -> Result<(), Error>,
) -> Result<Vec<f64>> {
    let grid = &tables.grid;
    let (mut moments, mut mmse) = (tables.paths.clone(), vec![0.0; grid.len()]);
    Tables::view(grid, &mut moments)?.fill_mmse(&mut mmse)?;
    // An estimate may rise here and there, which the true curve does not.
    make_monotone(&mut mmse, &vec![1.0; grid.len()], &mut vec![0.0; monotone_scratch_len(grid.len())])?;
    from_density(count, grid, |density| fill(density, grid, &mmse))
}

fn shortest(
    count: usize,
    grid: &[f64],
    solve: impl FnOnce(&mut [f64], &mut [u32], &mut [f64]) -> Result<(), Error>,
) -> Result<Vec<f64>> {
    let (steps, points) = (count - 1, grid.len());
    let (mut totals, mut parents) = (vec![0.0; steps], vec![0; parents_len(steps, points)]);
    solve(&mut totals, &mut parents, &mut vec![0.0; scratch_len(steps, points)])?;
    let mut indices = vec![0; count];
    trace(&mut indices, &parents, points)?;
    Ok(indices.iter().map(|&index| grid[index as usize]).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data;
    use crate::denoiser::Denoiser;
    use crate::tables::Pass;
    use crate::tables::tests::gaussian;
    use quell::diffusion::bound::Gaussian;
    use quell::diffusion::schedule::arctan;

    fn distance(a: &[f64], b: &[f64]) -> f64 {
        a.iter().zip(b).map(|(a, b)| (a / b).ln().abs()).fold(0.0, f64::max)
    }

    #[test]
    fn every_method_leads_down_the_whole_range() {
        let tables = gaussian(0.5, 65);
        for &rule in Rule::value_variants() {
            for &solver in Method::value_variants() {
                for count in [1, 2, 3, 11, 21] {
                    let levels = rule.levels(count, &tables, solver, 3).unwrap();
                    assert_eq!((levels.len(), levels[0]), (count, tables.grid[0]), "{rule:?}");
                    assert!(levels.windows(2).all(|pair| pair[1] < pair[0]), "{rule:?} {solver:?} {levels:?}");
                    assert!(count == 1 || (levels[count - 1] / 0.02 - 1.0).abs() < 1e-9, "{rule:?}");
                }
            }
            let error = rule.levels(66, &tables, Method::Ddim, 3).unwrap_err();
            assert!(error.to_string().contains("--levels"), "{error}");
        }
    }

    #[test]
    fn for_normal_data_the_closed_forms_come_out() {
        let tables = gaussian(0.5, 97);
        let (mut tangents, mut least) = ([0.0; 11], [0.0; 11]);
        arctan::fill(&mut tangents, 0.02, 20.0, 0.5, Last::SigmaMin).unwrap();
        let data = Gaussian::new(0.5, 16).unwrap();
        data.fill_klub_optimum(&mut least, 0.02, 20.0, Last::SigmaMin).unwrap();
        let levels = |rule: Rule| rule.levels(11, &tables, Method::Ddim, 3).unwrap();
        // Three cells of the grid for the first, which chance moves; one for a path on the grid.
        let cell = (tables.grid[0] / tables.grid[1]).ln();
        // In proportion to x the score and the sensitivity of the flow's end are alike.
        assert!(distance(&levels(Rule::Displacement), &tangents) < cell);
        assert!(distance(&levels(Rule::DisplacementDistance), &tangents) < cell);
        assert!(distance(&levels(Rule::RescaledEntropic), &tangents) < 3.0 * cell);
        assert!(distance(&levels(Rule::Entropic), &least) < 3.0 * cell);
        let klub = data.klub(&levels(Rule::Klub)).unwrap() / data.klub(&least).unwrap();
        assert!((1.0 - 1e-9..1.02).contains(&klub), "{klub}");
    }

    #[test]
    fn a_distance_has_fewer_steps_where_only_details_are_open() {
        let train = data::load().unwrap().train;
        let mut tables = Tables::new(48, 0.02, 80.0).unwrap();
        let pass = Pass { items: train.as_slice().unwrap(), samples: 64, batch: 64, seed: 0 };
        tables.complete(&Denoiser::new(train.clone()), &pass, |_| ()).unwrap();
        for &solver in Method::value_variants() {
            let middle = |rule: Rule| rule.levels(11, &tables, solver, 3).unwrap()[5];
            let (divergence, distance) = (middle(Rule::Displacement), middle(Rule::DisplacementDistance));
            assert!(distance > 1.05 * divergence, "{solver:?}: {distance} {divergence}");
        }
    }

    #[test]
    fn sweeps_lower_the_bound_of_the_table() {
        let tables = gaussian(0.5, 65);
        let trace = sweep_trace(11, &tables, Method::StochasticDdim, 4).unwrap();
        assert_eq!(trace.len(), 5);
        let data = Gaussian::new(0.5, 16).unwrap();
        let bounds: Vec<f64> = trace.iter().map(|sigmas| data.klub(sigmas).unwrap()).collect();
        assert!(bounds.windows(2).all(|pair| pair[1] < pair[0]), "{bounds:?}");
        assert_eq!(Rule::Search.levels(11, &tables, Method::StochasticDdim, 4).unwrap(), trace[4]);
    }
}
