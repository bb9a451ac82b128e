//! Draws, pairs of states, and comparisons of candidates.

use super::{moments, with_moments_faults};
use crate::contract::{Contract, NEGATIVE, NOT_FINITE, NOT_POSITIVE, contract};
use crate::samples::elements;
use crate::scene::Number;
use quell::diffusion::bound::{
    Candidates, Draw, Importance, Moments, best_of, fill_pair, squared_distance, stratified,
};
use quell::{bf16, f16};
use quell_ffi::diffusion::bound::candidates::*;
use quell_ffi::diffusion::bound::importance::*;
use quell_ffi::status::quell_cause as cause;
use std::mem::offset_of;

/// Elements in a buffer.
const N: usize = 5;
/// Candidates.
const COUNT: usize = 4;
/// What no uniform is.
const NO_UNIFORM: &[f64] = &[f64::NAN, f64::INFINITY, f64::NEG_INFINITY, -1e-300, 1.0];

/// Adds the ends of two intervals with the level between, and the data.
fn beside(contract: Contract) -> Contract {
    contract
        .real("from", 2.0, &[f64::NAN, f64::INFINITY, f64::NEG_INFINITY, -1.0, 0.0])
        .real("middle", 0.75, NOT_POSITIVE)
        .real("to", 0.25, &[f64::NAN, f64::INFINITY, f64::NEG_INFINITY, -1.0, 0.0, 0.75, 1.0])
        .real("c", 0.5, NOT_POSITIVE)
        .real("c", 0.5, &[1e-300, 1e300])
}

fn draws() -> Vec<Contract> {
    vec![
        beside(contract!(quell_importance_draw(out, from, middle, to, c, uniform)).result::<Draw>("out"))
            .real("uniform", 0.25, NO_UNIFORM)
            .accepts("the other interval", super::set_real("uniform", 0.999))
            .twin(|s| {
                let importance = Importance::new(s.get("from"), s.get("middle"), s.get("to"), s.get("c")).unwrap();
                s.write("out", &[importance.draw(s.get("uniform")).unwrap()]);
            }),
        contract!(quell_importance_draw_interval(out, from, to, c, uniform))
            .result::<Draw>("out")
            .real("from", 2.0, NOT_POSITIVE)
            .real("to", 0.25, NOT_POSITIVE)
            .real("to", 0.25, &[2.0, 2.5])
            .real("c", 0.5, NOT_POSITIVE)
            .real("uniform", 0.25, NO_UNIFORM)
            .twin(|s| {
                let importance = Importance::interval(s.get("from"), s.get("to"), s.get("c")).unwrap();
                s.write("out", &[importance.draw(s.get("uniform")).unwrap()]);
            }),
        beside(contract!(quell_importance_normalisers(out, from, middle, to, c)).results::<f64>("out", 2)).twin(|s| {
            let importance = Importance::new(s.get("from"), s.get("middle"), s.get("to"), s.get("c")).unwrap();
            s.write("out", &importance.normalisers());
        }),
        contract!(quell_stratified(out, uniform, index, count))
            .result::<f64>("out")
            .real("uniform", 0.5, NO_UNIFORM)
            .any("index", Number::Size(2))
            .any("count", Number::Size(3))
            .refuses("no such sample", |s| s.set("index", Number::Size(3)), cause::Domain, "index")
            .refuses("no samples", |s| s.set("count", Number::Size(0)), cause::Domain, "index")
            .twin(|s| {
                s.write("out", &[stratified(s.get("uniform"), s.get("index"), s.get("count")).unwrap()]);
            }),
    ]
}

macro_rules! pairs {
    ($type:ty, $pair:ident, $distance:ident) => {
        [
            contract!($pair(x, x_from, x0, noise, path_noise, n, draw))
                .output::<$type>("x", N, "n")
                .output::<$type>("x_from", N, "n")
                .input("x0", &elements::<$type>(N, 1), "n")
                .input("noise", &elements::<$type>(N, 2), "n")
                .input("path_noise", &elements::<$type>(N, 3), "n")
                .object("draw", Draw { sigma: 0.5, from: 1.25, weight: f64::NAN })
                .zero_is_fine(&["n"])
                .field("draw", offset_of!(Draw, sigma), NOT_POSITIVE, "sigma")
                .field("draw", offset_of!(Draw, sigma), &[1.25, 2.0], "sigma")
                .field("draw", offset_of!(Draw, from), NOT_POSITIVE, "from")
                .twin(|s| {
                    let (mut x, mut x_from) = (s.read::<$type>("x"), s.read::<$type>("x_from"));
                    let (noise, path_noise) = (s.read::<$type>("noise"), s.read::<$type>("path_noise"));
                    let draw = s.one("draw");
                    fill_pair(&mut x, &mut x_from, &s.read::<$type>("x0"), &noise, &path_noise, &draw).unwrap();
                    s.write("x", &x);
                    s.write("x_from", &x_from);
                }),
            contract!($distance(out, denoised, denoised_from, n))
                .result::<f64>("out")
                .input("denoised", &elements::<$type>(3 * N, 1), "n")
                .input("denoised_from", &elements::<$type>(3 * N, 2), "n")
                .zero_is_fine(&["n"])
                .twin(|s| {
                    let (denoised, from) = (s.read::<$type>("denoised"), s.read::<$type>("denoised_from"));
                    s.write("out", &[squared_distance(&denoised, &from).unwrap()]);
                }),
        ]
    };
}

fn comparisons() -> Vec<Contract> {
    let add = contract!(quell_candidates_add(values, differences, estimates, n))
        .in_out("values", &moments(COUNT), "n")
        .in_out("differences", &moments(COUNT), "n");
    let best = contract!(quell_candidates_best(out, differences, n, standard_errors)).result::<usize>("out");
    let behind: Vec<Moments> = [0.0, -0.5, -1.0, 0.25]
        .map(|mean| Moments { count: 4, mean, squares: 0.01 + mean.abs().powi(3) * 40.0 })
        .into();
    vec![
        with_moments_faults(with_moments_faults(add, "values"), "differences")
            .input("estimates", &[1.5, 1.25, 2.0, 0.75], "n")
            .zero_is_wrong("n", cause::TooShort, "values")
            .bad_elements("estimates", 2, NOT_FINITE, cause::Domain)
            .twin(|s| {
                let (mut values, mut differences) = (s.read::<Moments>("values"), s.read::<Moments>("differences"));
                let mut candidates = Candidates::new(&mut values, &mut differences).unwrap();
                candidates.add(&s.read::<f64>("estimates")).unwrap();
                s.write("values", &values);
                s.write("differences", &differences);
            }),
        with_moments_faults(best.input("differences", &behind, "n"), "differences")
            .zero_is_wrong("n", cause::TooShort, "differences")
            .real("standard_errors", 0.0, NEGATIVE)
            .accepts("some certainty", super::set_real("standard_errors", 0.6))
            .accepts("too much of it", super::set_real("standard_errors", 1e300))
            .twin(|s| {
                let best = best_of(&s.read::<Moments>("differences"), s.get("standard_errors")).unwrap();
                s.write("out", &[best]);
            }),
    ]
}

pub fn contracts() -> Vec<Contract> {
    let pairs = [
        pairs!(f32, quell_noising_pair_f32, quell_squared_distance_f32),
        pairs!(f64, quell_noising_pair_f64, quell_squared_distance_f64),
        pairs!(f16, quell_noising_pair_f16, quell_squared_distance_f16),
        pairs!(bf16, quell_noising_pair_bf16, quell_squared_distance_bf16),
    ];
    draws().into_iter().chain(pairs.into_iter().flatten()).chain(comparisons()).collect()
}
