//! Shortest paths, the search, densities, and the displacement rule.

use super::{GRID, LEVELS, MMSE, PAIRS, on_costs, on_curve, on_grid, with_moments_faults};
use crate::contract::{Contract, NEGATIVE, NOT_POSITIVE, contract};
use crate::scene::{Number, Scene};
use quell::diffusion::bound::displacement::{self, Criterion, Sampler};
use quell::diffusion::bound::dynamic::{parents_len, scratch_len, shortest_paths_packed, trace};
use quell::diffusion::bound::search::{self, CANDIDATES, Levels};
use quell::diffusion::bound::{Gaussian, IntervalCosts, MmseCurve, Moments, PairTable, density};
use quell_ffi::diffusion::bound::density::*;
use quell_ffi::diffusion::bound::displacement::*;
use quell_ffi::diffusion::bound::dynamic::*;
use quell_ffi::diffusion::bound::search::*;
use quell_ffi::status::quell_cause as cause;

/// The largest number of steps.
const STEPS: usize = 2;

fn lengths_agree(actual: extern "C" fn(usize, usize) -> usize, expected: fn(usize, usize) -> usize) {
    for (steps, points) in [(0, 0), (1, 2), (50, 400), (0, usize::MAX), (2, usize::MAX), (usize::MAX, 2)] {
        assert_eq!(actual(steps, points), expected(steps, points), "{steps} {points}");
    }
}

fn costs() -> Vec<f64> {
    (0..PAIRS).map(|place| 0.25 + ((place * 5) % 7) as f64).collect()
}

fn parents() -> Vec<u32> {
    let (mut totals, mut parents) = ([0.0; STEPS], vec![0; parents_len(STEPS, LEVELS)]);
    let mut scratch = [0.0; scratch_len(STEPS, LEVELS)];
    shortest_paths_packed(&mut totals, &mut parents, LEVELS, 1.0, &mut scratch, &costs()).unwrap();
    parents
}

fn paths() -> Vec<Contract> {
    let (needed, all) = (scratch_len(STEPS, LEVELS), parents_len(STEPS, LEVELS));
    vec![
        Contract::plain("quell_parents_len", || lengths_agree(quell_parents_len, parents_len)),
        Contract::plain("quell_shortest_paths_scratch_len", || {
            lengths_agree(quell_shortest_paths_scratch_len, scratch_len);
        }),
        contract!(quell_shortest_paths(
            totals,
            totals_len,
            parents,
            parents_len,
            scratch,
            scratch_len,
            costs,
            costs_len,
            points,
            coefficient
        ))
        .output::<f64>("totals", STEPS, "totals_len")
        .output::<u32>("parents", all, "parents_len")
        .in_out("scratch", &vec![0.5; needed + 1], "scratch_len")
        .input("costs", &costs(), "costs_len")
        .zero_is_wrong("totals_len", cause::TooShort, "totals")
        .wrong_length("totals_len", &[STEPS - 1], cause::Length, "parents")
        .zero_is_wrong("parents_len", cause::Length, "parents")
        .wrong_length("parents_len", &[all - 1], cause::Length, "parents")
        .zero_is_wrong("scratch_len", cause::TooShort, "scratch")
        .wrong_length("scratch_len", &[needed - 1], cause::TooShort, "scratch")
        .zero_is_wrong("costs_len", cause::Length, "costs")
        .wrong_length("costs_len", &[PAIRS - 1], cause::Length, "costs")
        .bad_elements("costs", 3, &[f64::NAN, f64::NEG_INFINITY], cause::Domain)
        .accepts("a step that must not be taken", |s| s.poke_element("costs", 3, f64::INFINITY))
        .accepts("a diagonal that is not looked at", |s| s.poke_element("costs", 0, f64::NAN))
        .any("points", Number::Size(LEVELS))
        .refuses("other points", |s| s.set("points", Number::Size(LEVELS - 1)), cause::Length, "costs")
        .refuses("very many points", |s| s.set("points", Number::Size(usize::MAX)), cause::Length, "costs")
        .refuses(
            "a single point",
            |s| {
                s.set("points", Number::Size(1));
                s.set("costs_len", Number::Size(1));
            },
            cause::TooShort,
            "points",
        )
        .real("coefficient", 1.15, NOT_POSITIVE)
        .real("coefficient", 1.15, &[1e200, 1e-200])
        .twin(|s| {
            let (mut totals, mut parents) = (s.read::<f64>("totals"), s.read::<u32>("parents"));
            let (mut scratch, costs) = (s.read::<f64>("scratch"), s.read::<f64>("costs"));
            let (points, coefficient) = (s.get("points"), s.get("coefficient"));
            shortest_paths_packed(&mut totals, &mut parents, points, coefficient, &mut scratch, &costs).unwrap();
            s.write("totals", &totals);
            s.write("parents", &parents);
            s.write("scratch", &scratch);
        }),
        contract!(quell_trace(indices, indices_len, parents, parents_len, points))
            .output::<u32>("indices", STEPS + 1, "indices_len")
            .input("parents", &parents(), "parents_len")
            .zero_is_wrong("indices_len", cause::TooShort, "indices")
            .wrong_length("indices_len", &[1], cause::TooShort, "indices")
            .zero_is_wrong("parents_len", cause::Domain, "indices")
            .wrong_length("parents_len", &[all - 1], cause::Length, "parents")
            .accepts("one step", |s| s.write("indices", &[0u32; 2]))
            .refuses("too many steps", |s| s.write("indices", &[0u32; STEPS + 2]), cause::Domain, "indices")
            .refuses("a foreign table", move |s| s.write("parents", &vec![9u32; all]), cause::Domain, "indices")
            .any("points", Number::Size(LEVELS))
            .refuses("a single point", |s| s.set("points", Number::Size(1)), cause::TooShort, "points")
            .refuses("no points", |s| s.set("points", Number::Size(0)), cause::TooShort, "points")
            .twin(|s| {
                let mut indices = s.read::<u32>("indices");
                trace(&mut indices, &s.read::<u32>("parents"), s.get("points")).unwrap();
                s.write("indices", &indices);
            }),
    ]
}

/// Adds the schedule that a sweep changes.
fn swept(contract: Contract) -> Contract {
    let sigmas = [8.0, 7.0, 0.5, 0.3, 0.2];
    contract
        .result::<usize>("out")
        .in_out("sigmas", &sigmas, "sigmas_len")
        .in_out("scratch", &vec![0.5; sigmas.len()], "sigmas_len")
        .zero_is_wrong("sigmas_len", cause::TooShort, "sigmas")
        .wrong_length("sigmas_len", &[1], cause::TooShort, "sigmas")
        .bad_elements("sigmas", 4, NOT_POSITIVE, cause::Domain)
        .bad_elements("sigmas", 1, &[8.0, 9.0], cause::Order)
        .choice("levels", 0, 2)
}

/// A sweep of the core on the schedule of a scene.
fn sweep(s: &mut Scene, cost: impl FnMut(f64, f64) -> f64) {
    let (mut sigmas, mut scratch) = (s.read::<f64>("sigmas"), s.read::<f64>("scratch"));
    let levels = if s.get::<i32>("levels") == 0 { Levels::All } else { Levels::New };
    let moves = search::sweep(&mut sigmas, levels, &mut scratch, cost).unwrap();
    assert!(moves > 0, "a sweep that moves nothing shows nothing");
    s.write("out", &[moves]);
    s.write("sigmas", &sigmas);
    s.write("scratch", &scratch);
}

fn searches() -> Vec<Contract> {
    let outside = |contract: Contract| {
        contract.bad_elements("sigmas", 0, &[8.1], cause::Domain).bad_elements("sigmas", 4, &[0.1], cause::Domain)
    };
    vec![
        contract!(quell_search_candidates(candidates, sigmas, sigmas_len, index))
            .results::<f64>("candidates", CANDIDATES)
            .input("sigmas", &[8.0, 1.5, 0.5, 0.2], "sigmas_len")
            .zero_is_wrong("sigmas_len", cause::TooShort, "sigmas")
            .wrong_length("sigmas_len", &[2], cause::TooShort, "sigmas")
            .bad_elements("sigmas", 1, NOT_POSITIVE, cause::Domain)
            .bad_elements("sigmas", 2, &[1.5, 2.0], cause::Order)
            .any("index", Number::Size(2))
            .accepts("the other level", |s| s.set("index", Number::Size(1)))
            .refuses("the first level", |s| s.set("index", Number::Size(0)), cause::Domain, "index")
            .refuses("the last level", |s| s.set("index", Number::Size(3)), cause::Domain, "index")
            .refuses("no such level", |s| s.set("index", Number::Size(usize::MAX)), cause::Domain, "index")
            .twin(|s| {
                let mut candidates = [0.0; CANDIDATES];
                search::fill_candidates(&mut candidates, &s.read::<f64>("sigmas"), s.get("index")).unwrap();
                s.write("candidates", &candidates);
            }),
        contract!(quell_search_choose(out, costs, costs_len))
            .result::<usize>("out")
            .input("costs", &[2.0, 1.0, 3.0, 1.0], "costs_len")
            .zero_is_wrong("costs_len", cause::TooShort, "costs")
            .bad_elements("costs", 2, &[f64::NAN, f64::NEG_INFINITY], cause::Domain)
            .accepts("a forbidden one", |s| s.poke_element("costs", 1, f64::INFINITY))
            .twin(|s| {
                let chosen = search::choose(&s.read::<f64>("costs")).unwrap();
                s.write("out", &[chosen]);
            }),
        outside(on_curve(swept(contract!(quell_search_sweep_mmse(
            out,
            sigmas,
            scratch,
            sigmas_len,
            grid,
            mmse,
            information,
            grid_len,
            levels
        )))))
        .twin(|s| {
            let (grid, mmse, information) = (s.read::<f64>("grid"), s.read::<f64>("mmse"), s.read("information"));
            let curve = MmseCurve::new(&grid, &mmse, &information).unwrap();
            sweep(s, |from, to| curve.klub_between(from, to).unwrap());
        }),
        outside(on_costs(swept(contract!(quell_search_sweep_costs(
            out, sigmas, scratch, sigmas_len, costs, costs_len, grid, grid_len, levels
        )))))
        .twin(|s| {
            let (grid, costs) = (s.read::<f64>("grid"), s.read::<f64>("costs"));
            let costs = IntervalCosts::new(&grid, &costs).unwrap();
            sweep(s, |from, to| costs.between(from, to).unwrap());
        }),
        swept(contract!(quell_search_sweep_gaussian(out, sigmas, scratch, sigmas_len, c, levels)))
            .real("c", 0.5, NOT_POSITIVE)
            .twin(|s| {
                let data = Gaussian::new(s.get("c"), 1).unwrap();
                sweep(s, |from, to| data.klub_between(from, to).unwrap());
            }),
        contract!(quell_sigmas_subdivide(out, out_len, sigmas, sigmas_len))
            .output::<f64>("out", 5, "out_len")
            .input("sigmas", &[8.0, 1.5, 0.2], "sigmas_len")
            .zero_is_wrong("out_len", cause::Length, "out")
            .wrong_length("out_len", &[4, 6], cause::Length, "out")
            .zero_is_wrong("sigmas_len", cause::TooShort, "sigmas")
            .wrong_length("sigmas_len", &[1], cause::TooShort, "sigmas")
            .wrong_length("sigmas_len", &[2], cause::Length, "out")
            .bad_elements("sigmas", 1, NOT_POSITIVE, cause::Domain)
            .bad_elements("sigmas", 1, &[8.0, 9.0], cause::Order)
            .twin(|s| {
                let mut out = s.read::<f64>("out");
                search::subdivide(&mut out, &s.read::<f64>("sigmas")).unwrap();
                s.write("out", &out);
            }),
    ]
}

fn densities() -> Vec<Contract> {
    macro_rules! of_curve {
        ($name:ident, $fill:ident) => {
            on_grid(contract!($name(density, grid, mmse, grid_len)).output::<f64>("density", LEVELS, "grid_len"), 2)
                .input("mmse", &MMSE, "grid_len")
                .bad_elements("mmse", 1, NEGATIVE, cause::Domain)
                .twin(|s| {
                    let mut density = s.read::<f64>("density");
                    density::$fill(&mut density, &s.read::<f64>("grid"), &s.read::<f64>("mmse")).unwrap();
                    s.write("density", &density);
                })
        };
    }
    vec![
        of_curve!(quell_density_klub, fill_klub),
        of_curve!(quell_density_entropic, fill_entropic),
        of_curve!(quell_density_rescaled_entropic, fill_rescaled_entropic),
        on_grid(
            contract!(quell_sigmas_from_density(sigmas, sigmas_len, grid, density, grid_len)).output::<f64>(
                "sigmas",
                5,
                "sigmas_len",
            ),
            2,
        )
        .input("density", &[0.5, 2.0, 0.0, 1.0], "grid_len")
        .zero_is_wrong("sigmas_len", cause::TooShort, "sigmas")
        .wrong_length("sigmas_len", &[1], cause::TooShort, "sigmas")
        .bad_elements("density", 1, NEGATIVE, cause::Domain)
        .refuses("no density", |s| s.write("density", &[0.0; LEVELS]), cause::Domain, "density")
        .twin(|s| {
            let mut sigmas = s.read::<f64>("sigmas");
            density::fill_sigmas(&mut sigmas, &s.read::<f64>("grid"), &s.read::<f64>("density")).unwrap();
            s.write("sigmas", &sigmas);
        }),
    ]
}

/// A table of trajectories of Gaussian data.
fn trajectories() -> Vec<Moments> {
    let mut moments = vec![Moments::default(); PAIRS];
    let mut table = PairTable::new(&GRID, &mut moments).unwrap();
    for z in [-1.0, 0.5, 1.25] {
        let states = GRID.map(|sigma| z * f64::sqrt(0.25 + sigma * sigma));
        let denoised = GRID.map(|sigma| z * 0.25 / f64::sqrt(0.25 + sigma * sigma));
        table.add_trajectory(&states, &denoised, 1).unwrap();
    }
    moments
}

/// Adds a table of trajectories with at least so many levels.
fn on_trajectories(contract: Contract, least: usize) -> Contract {
    let contract = contract.input("moments", &trajectories(), "moments_len");
    on_grid(with_moments_faults(contract, "moments"), least)
        .zero_is_wrong("moments_len", cause::Length, "moments")
        .wrong_length("moments_len", &[PAIRS - 1], cause::Length, "moments")
        .wrong_length("grid_len", &[LEVELS - 1], cause::Length, "moments")
        .refuses("no trajectory", |s| s.write("moments", &[Moments::default(); PAIRS]), cause::TooShort, "moments")
}

fn sampler(s: &Scene) -> Sampler {
    let all = [Sampler::Ddim, Sampler::StochasticDdim, Sampler::DpmPp2M, Sampler::SdeDpmPp2M];
    all[s.get::<i32>("sampler") as usize]
}

fn criterion(s: &Scene) -> Criterion {
    if s.get::<i32>("criterion") == 0 { Criterion::Divergence } else { Criterion::Distance }
}

/// What can be wrong with a run on the levels of a table.
fn on_run(contract: Contract) -> Contract {
    let needed = displacement::scratch_len(LEVELS);
    let unknown = |value: i32| move |s: &mut Scene| s.set("sampler", Number::Signed(value));
    let mut contract = on_trajectories(contract, 2)
        .zero_is_wrong("scratch_len", cause::TooShort, "scratch")
        .wrong_length("scratch_len", &[needed - 1], cause::TooShort, "scratch")
        .zero_is_wrong("indices_len", cause::TooShort, "indices")
        .wrong_length("indices_len", &[1], cause::TooShort, "indices")
        .wrong_length("indices_len", &[2], cause::Order, "indices")
        .refuses("a late start", |s| s.poke_element("indices", 0, 1u32), cause::Order, "indices")
        .refuses("a standstill", |s| s.poke_element("indices", 1, 3u32), cause::Order, "indices")
        .refuses("no such level", |s| s.poke_element("indices", 2, 4u32), cause::Order, "indices")
        .any("sampler", Number::Signed(0))
        .choice("criterion", 0, 2)
        .accepts("the other solver", unknown(2));
    for value in [-1, 1, 3, 4, i32::MIN, i32::MAX] {
        contract = contract.refuses(format!("sampler {value}"), unknown(value), cause::Unknown, "sampler");
    }
    contract
}

fn displacements() -> Vec<Contract> {
    let needed = displacement::scratch_len(LEVELS);
    vec![
        on_trajectories(
            contract!(quell_displacement_density(density, moments, moments_len, grid, grid_len, sampler, criterion))
                .output::<f64>("density", LEVELS, "grid_len"),
            2,
        )
        .choice("sampler", 0, 4)
        .choice("criterion", 0, 2)
        .refuses(
            "two levels",
            |s| {
                s.set("grid_len", Number::Size(2));
                s.set("moments_len", Number::Size(3));
            },
            cause::TooShort,
            "grid",
        )
        .twin(|s| {
            let (grid, moments) = (s.read::<f64>("grid"), s.read::<Moments>("moments"));
            let (table, mut density) = (PairTable::view(&grid, &moments).unwrap(), s.read::<f64>("density"));
            displacement::fill_density(&mut density, &table, sampler(s), criterion(s)).unwrap();
            s.write("density", &density);
        }),
        Contract::plain("quell_displacement_scratch_len", || {
            for levels in [0, 1, 64, usize::MAX] {
                assert_eq!(quell_displacement_scratch_len(levels), displacement::scratch_len(levels));
            }
        }),
        on_run(
            contract!(quell_displacement_error(
                out,
                scratch,
                scratch_len,
                indices,
                indices_len,
                moments,
                moments_len,
                grid,
                grid_len,
                sampler,
                criterion
            ))
            .result::<f64>("out")
            .in_out("scratch", &vec![0.5; needed], "scratch_len")
            .input("indices", &[0u32, 1, 3], "indices_len"),
        )
        .twin(|s| {
            let (grid, moments) = (s.read::<f64>("grid"), s.read::<Moments>("moments"));
            let (table, mut scratch) = (PairTable::view(&grid, &moments).unwrap(), s.read::<f64>("scratch"));
            let error =
                displacement::error(&table, &s.read::<u32>("indices"), sampler(s), criterion(s), &mut scratch).unwrap();
            s.write("out", &[error]);
            s.write("scratch", &scratch);
        }),
        on_run(
            contract!(quell_displacement_descend(
                out,
                indices,
                indices_len,
                scratch,
                scratch_len,
                moments,
                moments_len,
                grid,
                grid_len,
                sampler,
                criterion,
                most
            ))
            .result::<f64>("out")
            .in_out("indices", &[0u32, 1, 3], "indices_len")
            .in_out("scratch", &vec![0.5; needed], "scratch_len"),
        )
        .any("most", Number::Size(9))
        .accepts("no sweep", |s| s.set("most", Number::Size(0)))
        .twin(|s| {
            let (grid, moments) = (s.read::<f64>("grid"), s.read::<Moments>("moments"));
            let (table, mut scratch) = (PairTable::view(&grid, &moments).unwrap(), s.read::<f64>("scratch"));
            let mut indices = s.read::<u32>("indices");
            let error =
                displacement::descend(&mut indices, &table, sampler(s), criterion(s), s.get("most"), &mut scratch)
                    .unwrap();
            s.write("out", &[error]);
            s.write("indices", &indices);
            s.write("scratch", &scratch);
        }),
    ]
}

pub fn contracts() -> Vec<Contract> {
    [paths(), searches(), densities(), displacements()].into_iter().flatten().collect()
}
