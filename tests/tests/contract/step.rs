//! Steps that belong to no solver, and a step as a table.

use crate::contract::{Contract, NEGATIVE, NOT_FINITE, NOT_POSITIVE, contract};
use crate::samples::{level, levels, with_level_faults};
use crate::scene::{Number, Scene};
use quell::diffusion::noise::{NoiseLevel, Process};
use quell::diffusion::prediction::{Linear, Prediction};
use quell::diffusion::schedule::Schedule;
use quell::diffusion::solver::{Solver, UniPc};
use quell::diffusion::step::{ROWS, Row, Step, TableRow, history_len};
use quell_ffi::diffusion::step::*;
use quell_ffi::status::quell_cause as cause;
use std::mem::offset_of;

/// A step with three rows, two slots read and two written.
pub fn full_step() -> Step {
    let levels = levels();
    let schedule = Schedule::new(Process::Ve, Prediction::V, &levels).unwrap();
    let unipc = UniPc { order: 3, lower_order_final: false, ..UniPc::default() };
    unipc.step(&schedule, 2).unwrap()
}

/// Adds what can be wrong with the step that stands in `within` from byte `at` on.
pub fn with_step_faults(mut contract: Contract, within: &'static str, at: usize) -> Contract {
    let row = |index: usize| at + offset_of!(Step, rows) + index * size_of::<Row>();
    let next = at + offset_of!(Step, next);
    let fields: [(usize, &'static [f64]); 10] = [
        (row(0) + offset_of!(Row, x), NOT_FINITE),
        (row(0) + offset_of!(Row, denoised), NOT_FINITE),
        (row(0) + offset_of!(Row, noise), NOT_FINITE),
        (row(1) + offset_of!(Row, raw), NOT_FINITE),
        (row(2) + offset_of!(Row, slots) + 40, NOT_FINITE),
        (at + offset_of!(Step, denoised) + offset_of!(Linear, model), NOT_FINITE),
        (next + offset_of!(NoiseLevel, alpha), NEGATIVE),
        (next + offset_of!(NoiseLevel, sigma), NEGATIVE),
        (next + offset_of!(NoiseLevel, input_scale), NOT_POSITIVE),
        (next + offset_of!(NoiseLevel, timestep), NOT_FINITE),
    ];
    for (offset, bad) in fields {
        contract = contract.field(within, offset, bad, within);
    }
    let destinations = at + offset_of!(Step, destinations);
    for (index, bad) in [(0, -1), (0, 1), (0, i32::MIN), (1, 0), (1, 7), (1, -2), (2, i32::MAX), (2, i32::MIN), (2, 0)]
    {
        let spoil = move |s: &mut Scene| s.poke(within, destinations + 4 * index, bad);
        contract = contract.refuses(format!("row {index} to {bad}"), spoil, cause::Unknown, within);
    }
    contract
}

pub fn contracts() -> Vec<Contract> {
    macro_rules! makes {
        ($name:ident, $make:ident) => {{
            let contract = contract!($name(out, level)).result::<Step>("out").object("level", level(0.8, 0.6));
            with_level_faults(contract, "level", 0, "level").twin(|s| {
                let step = Step::$make(s.one("level")).unwrap();
                s.write("out", &[step]);
            })
        }};
    }
    let described = |contract: Contract| with_step_faults(contract.object("step", full_step()), "step", 0);
    vec![
        makes!(quell_step_add_noise, add_noise),
        makes!(quell_step_initial_noise, initial_noise),
        makes!(quell_step_identity, identity),
        described(contract!(quell_step_table(out, step, clipped)).results::<TableRow>("out", ROWS))
            .any("clipped", Number::Signed(0))
            .accepts("clipped", |s| s.set("clipped", Number::Signed(1)))
            .accepts("clipped by any other truth", |s| s.set("clipped", Number::Signed(i32::MIN)))
            .twin(|s| {
                let step: Step = s.one("step");
                s.write("out", &step.table(s.get::<i32>("clipped") != 0));
            }),
        described(contract!(quell_step_slots(out, step)).result::<usize>("out")).twin(|s| {
            let step: Step = s.one("step");
            s.write("out", &[step.slots()]);
        }),
        Contract::plain("quell_history_len", || {
            for (slots, n) in [(0, 0), (0, 5), (3, 0), (3, 5), (1, usize::MAX), (2, usize::MAX), (usize::MAX, 2)] {
                assert_eq!(quell_history_len(slots, n), history_len(slots, n));
                assert_eq!(quell_history_len(slots, n), slots.saturating_mul(n));
            }
        }),
    ]
}
