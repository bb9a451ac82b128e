//! The bound on what discretisation costs, and schedules from it.

mod estimates;
mod gaussian;
mod optimisers;
mod save;
mod tables;
mod teacher;

use crate::contract::{Contract, NEGATIVE, NOT_FINITE, NOT_POSITIVE};
use crate::scene::{Number, Scene};
use quell::diffusion::bound::{Moments, information_from_mmse, pairs_len};
use quell::{Scalar, Storage};
use quell_ffi::status::quell_cause as cause;
use std::mem::offset_of;

pub fn contracts() -> Vec<Contract> {
    let files = [
        tables::contracts(),
        gaussian::contracts(),
        estimates::contracts(),
        optimisers::contracts(),
        teacher::contracts(),
        save::contracts(),
    ];
    files.into_iter().flatten().collect()
}

/// The levels of a table.
const GRID: [f64; LEVELS] = [8.0, 3.0, 1.0, 0.2];
const LEVELS: usize = 4;
/// A curve on them.
const MMSE: [f64; LEVELS] = [1.9, 1.25, 0.5, 0.05];
/// The number of pairs of them.
const PAIRS: usize = pairs_len(LEVELS);
/// A schedule within them.
const SIGMAS: [f64; 3] = [8.0, 1.5, 0.2];

fn information() -> [f64; LEVELS] {
    let mut information = [0.0; LEVELS];
    information_from_mmse(&mut information, &GRID, &MMSE).unwrap();
    information
}

/// Moments of three values each, no two of them alike.
fn moments(count: usize) -> Vec<Moments> {
    (0..count)
        .map(|position| {
            let mut moments = Moments::default();
            (0..3).for_each(|k| moments.add(1.0 + ((position * 7 + k * 3) % 11) as f64 / 8.0).unwrap());
            moments
        })
        .collect()
}

/// What can be wrong with moments.
fn with_moments_faults(contract: Contract, name: &'static str) -> Contract {
    let one_value = move |s: &mut Scene| s.poke(name, offset_of!(Moments, count), 1u64);
    contract
        .field(name, offset_of!(Moments, mean), NOT_FINITE, "moments")
        .field(name, offset_of!(Moments, squares), &[f64::NAN, -1.0], "moments")
        .refuses("a spread of a single value", one_value, cause::Domain, "moments")
}

/// Adds the levels of a table, of which there have to be `least`, and what can be wrong with them.
fn on_grid(contract: Contract, least: usize) -> Contract {
    let short: Vec<usize> = (1..least).collect();
    contract
        .input("grid", &GRID, "grid_len")
        .zero_is_wrong("grid_len", cause::TooShort, "grid")
        .wrong_length("grid_len", &short, cause::TooShort, "grid")
        .bad_elements("grid", 1, NOT_POSITIVE, cause::Domain)
        .bad_elements("grid", 2, &[3.0, 5.0], cause::Order)
}

/// Adds a curve on a grid.
fn on_curve(contract: Contract) -> Contract {
    on_grid(contract, 2)
        .input("mmse", &MMSE, "grid_len")
        .input("information", &information(), "grid_len")
        .bad_elements("mmse", 2, NEGATIVE, cause::Domain)
        .bad_elements("information", 1, NOT_FINITE, cause::Domain)
}

/// Adds packed costs on a grid.
fn on_costs(contract: Contract) -> Contract {
    let costs: Vec<f64> = (0..PAIRS).map(|place| 0.25 + ((place * 5) % 7) as f64).collect();
    on_grid(contract.input("costs", &costs, "costs_len"), 2)
        .zero_is_wrong("costs_len", cause::Length, "costs")
        .wrong_length("costs_len", &[PAIRS - 1], cause::Length, "costs")
        .wrong_length("grid_len", &[LEVELS - 1], cause::Length, "costs")
        .bad_elements("costs", 2, NOT_FINITE, cause::Domain)
}

/// Adds a schedule within the grid.
fn on_schedule(contract: Contract) -> Contract {
    contract
        .input("sigmas", &SIGMAS, "sigmas_len")
        .zero_is_wrong("sigmas_len", cause::TooShort, "sigmas")
        .wrong_length("sigmas_len", &[1], cause::TooShort, "sigmas")
        .bad_elements("sigmas", 2, NOT_POSITIVE, cause::Domain)
        .bad_elements("sigmas", 1, &[8.0, 9.0], cause::Order)
}

/// An element of a buffer.
fn element<X: Storage>(value: f64) -> X {
    X::store(X::Acc::from_f64(value))
}

/// A real number as a change to a scene.
fn set_real(name: &'static str, value: f64) -> impl Fn(&mut Scene) {
    move |s| s.set(name, Number::Real(value))
}
