//! The noise of a given sample.

use crate::contract::{Contract, NOT_FINITE, contract};
use crate::memory::Plain;
use crate::samples::elements;
use crate::scene::{Number, Pointer, Scene};
use crate::step::{full_step, with_step_faults};
use quell::diffusion::inversion::{invert, noise_to, solved_for_noise};
use quell::diffusion::pass::{Guidance, Inputs};
use quell::diffusion::step::{Row, Step};
use quell::{bf16, f16};
use quell_ffi::diffusion::inversion::*;
use quell_ffi::diffusion::pass::*;
use quell_ffi::status::quell_cause as cause;
use std::mem::offset_of;
use std::ptr::null;

const N: usize = 6;

/// A step that reads and writes everything there is, noise included.
fn step() -> Step {
    let mut step = full_step();
    step.rows[0].noise = 0.25;
    step
}

/// Adds the step, and what can be wrong with it.
fn on_step(contract: Contract) -> Contract {
    let noise = offset_of!(Step, rows) + offset_of!(Row, noise);
    with_step_faults(contract.object("step", step()), "step", 0)
        .refuses("a step without noise", move |s| s.poke("step", noise, 0f64), cause::Domain, "step")
        .refuses("a quotient that overflows", move |s| s.poke("step", noise, 1e-320), cause::Domain, "step")
}

/// A buffer that may be absent.
fn optional<T: Plain>(scene: &Scene, name: &str) -> Option<Vec<T>> {
    (scene.buffer(name).pointer != Pointer::Null).then(|| scene.read(name))
}

macro_rules! inverts {
    ($invert:ident, $inputs:ident, $x:ty, $m:ty) => {{
        let inputs = $inputs {
            model: null(),
            unconditional: null(),
            guidance: 3.5,
            denoised: null(),
            // Nobody looks at these.
            noise: std::ptr::without_provenance(1),
            seeds: std::ptr::without_provenance(1),
            seeds_len: usize::MAX,
            stream: 3,
            known_stream: 4,
            first_element: u64::MAX,
            mask: null(),
            mask_len: 0,
            known: std::ptr::without_provenance(1),
            known_noise: std::ptr::without_provenance(1),
        };
        let without = |name: &'static str| move |s: &mut Scene| s.buffer_mut(name).pointer = Pointer::Null;
        let contract = contract!($invert(x, n, history, history_len, noise, next_input, inputs, step))
            .in_out("x", &elements::<$x>(N, 1), "n")
            .in_out("history", &elements::<$x>(3 * N, 2), "history_len")
            .in_out("noise", &elements::<$x>(N, 6), "n")
            .output::<$m>("next_input", N, "n")
            .or_null()
            .object("inputs", inputs)
            .input("model", &elements::<$m>(N, 3), "n")
            .at_field("inputs", offset_of!($inputs, model))
            .input("unconditional", &elements::<$m>(N, 4), "n")
            .at_field("inputs", offset_of!($inputs, unconditional))
            .or_null()
            .input("denoised", &elements::<$x>(N, 5), "n")
            .at_field("inputs", offset_of!($inputs, denoised))
            .or_null();
        on_step(contract)
            .field("inputs", offset_of!($inputs, guidance), NOT_FINITE, "guidance")
            .zero_is_fine(&["n"])
            .wrong_length("n", &[N + 1], cause::TooShort, "history")
            .zero_is_wrong("history_len", cause::TooShort, "history")
            .wrong_length("history_len", &[3 * N - 1], cause::TooShort, "history")
            .accepts("a longer history", |s| s.write("history", &elements::<$x>(3 * N + 5, 2)))
            .accepts("no next input", without("next_input"))
            .accepts("no guidance", without("unconditional"))
            .accepts("nothing clipped", without("denoised"))
            .refuses(
                "no model, where the step needs it",
                |s| {
                    for name in ["model", "unconditional", "denoised"] {
                        s.buffer_mut(name).pointer = Pointer::Null;
                    }
                },
                cause::Null,
                "model",
            )
            .refuses("a mask", |s| s.poke("inputs", offset_of!($inputs, mask), 1usize), cause::Length, "mask")
            .refuses(
                "a mask's length",
                |s| s.poke("inputs", offset_of!($inputs, mask_len), 1usize),
                cause::Length,
                "mask",
            )
            .twin(|s| {
                let guidance: $inputs = s.one("inputs");
                let (mut x, mut history) = (s.read::<$x>("x"), s.read::<$x>("history"));
                let (mut noise, mut next_input) = (s.read::<$x>("noise"), optional::<$m>(s, "next_input"));
                let (model, unconditional) = (s.read::<$m>("model"), optional::<$m>(s, "unconditional"));
                let denoised = optional::<$x>(s, "denoised");
                let scale = guidance.guidance;
                let inputs = Inputs {
                    model: &model,
                    guidance: unconditional.as_deref().map(|unconditional| Guidance { unconditional, scale }),
                    denoised: denoised.as_deref(),
                    ..Inputs::default()
                };
                let next = next_input.as_deref_mut();
                invert(&s.one("step"), &mut x, &mut history, &mut noise, &inputs, next).unwrap();
                s.write("x", &x);
                s.write("history", &history);
                s.write("noise", &noise);
                if let Some(next_input) = next_input {
                    s.write("next_input", &next_input);
                }
            })
    }};
}

pub fn contracts() -> Vec<Contract> {
    vec![
        contract!(quell_step_noise_to(out, step))
            .result::<Step>("out")
            .object("step", step())
            .field("step", offset_of!(Step, next), NOT_FINITE, "level")
            .twin(|s| {
                let step = noise_to(&s.one("step")).unwrap();
                s.write("out", &[step]);
            }),
        on_step(contract!(quell_step_solved_for_noise(out, step, clipped)).result::<Step>("out"))
            .any("clipped", Number::Signed(0))
            .accepts("clipped", |s| s.set("clipped", Number::Signed(1)))
            .accepts("clipped by any other truth", |s| s.set("clipped", Number::Signed(i32::MIN)))
            .twin(|s| {
                let clipped = s.get::<i32>("clipped") != 0;
                let step = solved_for_noise(&s.one("step"), clipped).unwrap();
                s.write("out", &[step]);
            }),
        inverts!(quell_invert_f32, quell_inputs_f32, f32, f32),
        inverts!(quell_invert_f64, quell_inputs_f64, f64, f64),
        inverts!(quell_invert_f16, quell_inputs_f16, f16, f16),
        inverts!(quell_invert_bf16, quell_inputs_bf16, bf16, bf16),
        inverts!(quell_invert_f32_f16, quell_inputs_f32_f16, f32, f16),
        inverts!(quell_invert_f32_bf16, quell_inputs_f32_bf16, f32, bf16),
    ]
}
