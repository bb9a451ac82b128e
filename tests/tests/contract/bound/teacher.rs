//! Schedules that imitate a teacher.

use super::{element, moments, with_moments_faults};
use crate::contract::{Contract, NEGATIVE, NOT_FINITE, NOT_POSITIVE, contract};
use crate::samples::{elements, levels};
use crate::scene::Number;
use quell::diffusion::bound::dynamic::{NO_PARENT, parents_len};
use quell::diffusion::bound::teacher::{LeapTable, Measure, advance};
use quell::diffusion::bound::{Moments, pairs_len};
use quell::diffusion::noise::NoiseLevel;
use quell::{bf16, f16};
use quell_ffi::diffusion::bound::teacher::*;
use quell_ffi::status::quell_cause as cause;
use std::mem::offset_of;

/// Levels of the teacher.
const COUNT: usize = 5;
const PAIRS: usize = pairs_len(COUNT);
/// Elements of a sample, samples, and steps that are planned.
const SIZE: usize = 3;
const SAMPLES: usize = 2;
const STEPS: usize = 3;
/// Elements of all states.
const N: usize = SAMPLES * COUNT * SIZE;

/// Adds the teacher's levels.
fn on_levels(contract: Contract) -> Contract {
    let stride = size_of::<NoiseLevel>() / 8;
    let (alpha, sigma) = (offset_of!(NoiseLevel, alpha) / 8, offset_of!(NoiseLevel, sigma) / 8);
    contract
        .input("levels", &levels(), "levels_len")
        .zero_is_wrong("levels_len", cause::TooShort, "levels")
        .wrong_length("levels_len", &[1], cause::TooShort, "levels")
        .bad_elements("levels", stride + alpha, NEGATIVE, cause::Domain)
        .bad_elements("levels", 3 * stride + offset_of!(NoiseLevel, input_scale) / 8, NOT_POSITIVE, cause::Domain)
        .bad_elements("levels", 2 * stride + offset_of!(NoiseLevel, timestep) / 8, NOT_FINITE, cause::Domain)
        .bad_elements("levels", 2 * stride + sigma, &[0.1, 2.0], cause::Order)
}

/// Adds a table of leaps.
fn on_leaps(contract: Contract) -> Contract {
    on_levels(with_moments_faults(contract, "moments"))
        .zero_is_wrong("moments_len", cause::Length, "moments")
        .wrong_length("moments_len", &[PAIRS - 1], cause::Length, "moments")
        .wrong_length("levels_len", &[COUNT - 1], cause::Length, "moments")
}

macro_rules! teachers {
    ($x:ty, $m:ty, $add:ident, $advance:ident) => {
        [
            on_leaps(
                contract!($add(
                    moments,
                    moments_len,
                    levels,
                    levels_len,
                    states,
                    states_len,
                    denoised,
                    denoised_len,
                    dimension,
                    measure
                ))
                .in_out("moments", &moments(PAIRS), "moments_len"),
            )
            .input("states", &elements::<$x>(COUNT * SIZE, 1), "states_len")
            .input("denoised", &elements::<$m>((COUNT - 1) * SIZE, 2), "denoised_len")
            .zero_is_wrong("states_len", cause::Length, "states")
            .wrong_length("states_len", &[COUNT * SIZE - 1], cause::Length, "states")
            .zero_is_wrong("denoised_len", cause::Length, "denoised")
            .wrong_length("denoised_len", &[(COUNT - 1) * SIZE - 1], cause::Length, "denoised")
            .any("dimension", Number::Size(SIZE))
            .refuses("no dimension", |s| s.set("dimension", Number::Size(0)), cause::Domain, "dimension")
            .refuses("another dimension", |s| s.set("dimension", Number::Size(SIZE + 1)), cause::Length, "states")
            .refuses("a large dimension", |s| s.set("dimension", Number::Size(1 << 62)), cause::Length, "states")
            .refuses(
                "a state that is no number",
                |s| s.poke_element("states", 4, element::<$x>(f64::NAN)),
                cause::Domain,
                "states",
            )
            .refuses(
                "an output that is no number",
                |s| s.poke_element("denoised", 4, element::<$m>(f64::INFINITY)),
                cause::Domain,
                "denoised",
            )
            .choice("measure", 0, 3)
            .twin(|s| {
                let (levels, mut moments) = (s.read::<NoiseLevel>("levels"), s.read::<Moments>("moments"));
                let measures = [Measure::Squared, Measure::Distance, Measure::Deviation];
                let measure = measures[s.get::<i32>("measure") as usize];
                let mut table = LeapTable::new(&levels, &mut moments, measure).unwrap();
                let (states, denoised) = (s.read::<$x>("states"), s.read::<$m>("denoised"));
                table.add_trajectory(&states, &denoised, s.get("dimension")).unwrap();
                s.write("moments", &moments);
            }),
            on_levels(
                contract!($advance(
                    errors,
                    parents,
                    parents_len,
                    states,
                    teacher,
                    denoised,
                    n,
                    levels,
                    levels_len,
                    step,
                    dimension
                ))
                .output::<f64>("errors", COUNT, "levels_len")
                .in_out("parents", &[NO_PARENT; STEPS * COUNT], "parents_len")
                .in_out("states", &elements::<$x>(N, 1), "n")
                .input("teacher", &elements::<$x>(N, 2), "n")
                .input("denoised", &elements::<$m>(N, 3), "n"),
            )
            .zero_is_wrong("parents_len", cause::Domain, "step")
            .wrong_length("parents_len", &[STEPS * COUNT - 1], cause::Length, "parents")
            .zero_is_wrong("n", cause::TooShort, "states")
            .wrong_length("n", &[N - 1], cause::Length, "states")
            .wrong_length("levels_len", &[COUNT - 1], cause::Length, "parents")
            .any("step", Number::Size(1))
            .accepts("the first step", |s| s.set("step", Number::Size(0)))
            .accepts("the last step", |s| s.set("step", Number::Size(STEPS - 1)))
            .refuses("a step too many", |s| s.set("step", Number::Size(STEPS)), cause::Domain, "step")
            .refuses("no such step", |s| s.set("step", Number::Size(usize::MAX)), cause::Domain, "step")
            .any("dimension", Number::Size(SIZE))
            .refuses("no dimension", |s| s.set("dimension", Number::Size(0)), cause::Domain, "dimension")
            .refuses("another dimension", |s| s.set("dimension", Number::Size(SIZE + 1)), cause::Length, "states")
            .refuses("a large dimension", |s| s.set("dimension", Number::Size(1 << 62)), cause::Length, "states")
            .refuses(
                "a teacher that is no number",
                |s| s.poke_element("teacher", 4, element::<$x>(f64::NAN)),
                cause::Domain,
                "teacher",
            )
            .refuses(
                "a state that is no number",
                |s| s.poke_element("states", SIZE, element::<$x>(f64::NAN)),
                cause::Domain,
                "states",
            )
            .refuses(
                "an output that is no number",
                |s| s.poke_element("denoised", SIZE, element::<$m>(f64::INFINITY)),
                cause::Domain,
                "denoised",
            )
            .ignores(
                "outputs at levels that the student has left, and at the last",
                |_| (),
                |s| {
                    s.poke_element("denoised", 0, element::<$m>(f64::NAN));
                    s.poke_element("denoised", N - 1, element::<$m>(f64::NAN));
                },
            )
            .twin(|s| {
                let (mut errors, mut parents) = (s.read::<f64>("errors"), s.read::<u32>("parents"));
                let (mut states, teacher) = (s.read::<$x>("states"), s.read::<$x>("teacher"));
                let (denoised, levels) = (s.read::<$m>("denoised"), s.read::<NoiseLevel>("levels"));
                let (step, size) = (s.get("step"), s.get("dimension"));
                advance(&mut errors, &mut parents, &mut states, &teacher, &denoised, &levels, step, size).unwrap();
                s.write("errors", &errors);
                s.write("parents", &parents);
                s.write("states", &states);
            }),
        ]
    };
}

pub fn contracts() -> Vec<Contract> {
    assert_eq!(parents_len(STEPS, COUNT), STEPS * COUNT);
    let teachers = [
        teachers!(f32, f32, quell_leaps_add_f32, quell_teacher_advance_f32),
        teachers!(f64, f64, quell_leaps_add_f64, quell_teacher_advance_f64),
        teachers!(f16, f16, quell_leaps_add_f16, quell_teacher_advance_f16),
        teachers!(bf16, bf16, quell_leaps_add_bf16, quell_teacher_advance_bf16),
        teachers!(f32, f16, quell_leaps_add_f32_f16, quell_teacher_advance_f32_f16),
        teachers!(f32, bf16, quell_leaps_add_f32_bf16, quell_teacher_advance_f32_bf16),
    ];
    let costs = on_leaps(
        contract!(quell_leaps_costs(costs, moments, moments_len, levels, levels_len))
            .output::<f64>("costs", PAIRS, "moments_len")
            .input("moments", &moments(PAIRS), "moments_len"),
    )
    .accepts("an empty diagonal", |s| s.poke("moments", 0, Moments::default()))
    .refuses("a leap without samples", |s| s.poke_element("moments", 1, Moments::default()), cause::TooShort, "moments")
    .twin(|s| {
        let (levels, moments) = (s.read::<NoiseLevel>("levels"), s.read::<Moments>("moments"));
        let (table, mut costs) = (LeapTable::view(&levels, &moments, Measure::Distance).unwrap(), [0.0; PAIRS]);
        table.fill_costs(&mut costs).unwrap();
        s.write("costs", &costs);
    });
    teachers.into_iter().flatten().chain([costs]).collect()
}
