//! The fused pass.

use crate::contract::{Contract, NOT_FINITE, contract};
use crate::memory::Plain;
use crate::samples::{elements, level};
use crate::scene::{Number, Pointer, Scene};
use crate::step::{full_step, with_step_faults};
use quell::diffusion::pass::{self, Guidance, Inpaint, Inputs, Noise};
use quell::diffusion::step::{Row, Step};
use quell::{bf16, f16};
use quell_ffi::diffusion::pass::*;
use quell_ffi::status::quell_cause as cause;
use std::mem::offset_of;
use std::ptr::null;

/// Three items of six elements.
const N: usize = 18;

/// A step for each item, that reads and writes everything there is.
fn steps() -> [Step; 3] {
    [0.25, 0.5, 1.0].map(|noise| {
        let mut step = full_step();
        step.rows[0].noise = noise;
        step
    })
}

/// A buffer that may be absent.
fn optional<T: Plain>(scene: &Scene, name: &str) -> Option<Vec<T>> {
    (scene.buffer(name).pointer != Pointer::Null).then(|| scene.read(name))
}

macro_rules! apply {
    ($apply:ident, $inputs:ident, $x:ty, $m:ty) => {{
        let inputs = $inputs {
            model: null(),
            unconditional: null(),
            guidance: 3.5,
            denoised: null(),
            noise: null(),
            seeds: null(),
            seeds_len: 0,
            stream: 3,
            known_stream: 4,
            first_element: 2,
            mask: null(),
            mask_len: 0,
            known: null(),
            known_noise: null(),
        };
        let from_seeds = |s: &mut Scene| {
            s.buffer_mut("noise").pointer = Pointer::Null;
            s.buffer_mut("known_noise").pointer = Pointer::Null;
        };
        let without = |name: &'static str| move |s: &mut Scene| s.buffer_mut(name).pointer = Pointer::Null;
        let first_element = offset_of!($inputs, first_element);
        let no_mask = |s: &mut Scene| {
            s.buffer_mut("mask").pointer = Pointer::Null;
            s.set("mask_len", Number::Size(0));
        };
        let bare = |step: Step| {
            move |s: &mut Scene| {
                s.write("steps", &[step]);
                no_mask(s);
            }
        };
        let all_unused = |names: &'static [&'static str]| {
            move |s: &mut Scene| names.iter().for_each(|name| s.buffer_mut(name).bytes.fill(0xff))
        };
        let contract = contract!($apply(x, n, history, history_len, next_input, inputs, steps, steps_len))
            .in_out("x", &elements::<$x>(N, 1), "n")
            .in_out("history", &elements::<$x>(3 * N, 2), "history_len")
            .output::<$m>("next_input", N, "n")
            .or_null()
            .object("inputs", inputs)
            .input("steps", &steps(), "steps_len")
            .input("model", &elements::<$m>(N, 3), "n")
            .at_field("inputs", offset_of!($inputs, model))
            .input("unconditional", &elements::<$m>(N, 4), "n")
            .at_field("inputs", offset_of!($inputs, unconditional))
            .or_null()
            .input("denoised", &elements::<$x>(N, 5), "n")
            .at_field("inputs", offset_of!($inputs, denoised))
            .or_null()
            .input("noise", &elements::<$x>(N, 6), "n")
            .at_field("inputs", offset_of!($inputs, noise))
            .or_null()
            .input("seeds", &[7u64, 8, 9], "seeds_len")
            .at_field("inputs", offset_of!($inputs, seeds))
            .length_at_field("inputs", offset_of!($inputs, seeds_len))
            .input("mask", &elements::<$x>(3, 10), "mask_len")
            .at_field("inputs", offset_of!($inputs, mask))
            .length_at_field("inputs", offset_of!($inputs, mask_len))
            .input("known", &elements::<$x>(N, 11), "n")
            .at_field("inputs", offset_of!($inputs, known))
            .input("known_noise", &elements::<$x>(N, 12), "n")
            .at_field("inputs", offset_of!($inputs, known_noise))
            .or_null();
        // The second of the steps, so that the first could already have been carried out.
        with_step_faults(contract, "steps", size_of::<Step>())
            .field("inputs", offset_of!($inputs, guidance), NOT_FINITE, "guidance")
            // Lengths.
            .zero_is_fine(&["n"])
            .wrong_length("n", &[N - 1, N + 1], cause::Length, "x")
            .wrong_length("n", &[N - 3], cause::Length, "mask")
            .wrong_length("n", &[N + 3], cause::TooShort, "history")
            .zero_is_wrong("history_len", cause::TooShort, "history")
            .wrong_length("history_len", &[3 * N - 1], cause::TooShort, "history")
            .accepts("a longer history", |s| s.write("history", &elements::<$x>(3 * N + 5, 2)))
            .zero_is_wrong("steps_len", cause::TooShort, "steps")
            .wrong_length("steps_len", &[4], cause::Length, "x")
            .accepts("one step for all", |s| s.write("steps", &steps()[..1]))
            .zero_is_described("mask_len")
            .wrong_length("mask_len", &[0, 4, 7], cause::Length, "mask")
            .accepts("a mask for each element", |s| s.write("mask", &elements::<$x>(N / 3, 10)))
            // What is absent.
            .accepts("no next input", without("next_input"))
            .accepts("no guidance", without("unconditional"))
            .accepts("nothing clipped", without("denoised"))
            .accepts("no mask", no_mask)
            .accepts("no mask, and nothing known", move |s| {
                no_mask(s);
                s.buffer_mut("known").pointer = Pointer::Null;
                s.buffer_mut("known_noise").pointer = Pointer::Into("known_noise", 1);
            })
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
            .accepts("no model, where all of it is clipped", |s| {
                s.buffer_mut("model").pointer = Pointer::Null;
                s.buffer_mut("unconditional").pointer = Pointer::Null;
            })
            // Noise from seeds.
            .zero_is_described("seeds_len")
            .accepts("no seeds", |s| {
                s.set("seeds_len", Number::Size(0));
                s.buffer_mut("seeds").pointer = Pointer::Null;
            })
            .accepts("noise from seeds", from_seeds)
            .accepts("step noise from seeds", without("noise"))
            .accepts("known noise from seeds", without("known_noise"))
            .refuses(
                "too few seeds",
                move |s| {
                    from_seeds(s);
                    s.set("seeds_len", Number::Size(2));
                },
                cause::Length,
                "seeds",
            )
            .refuses(
                "too few steps for the seeds",
                move |s| {
                    from_seeds(s);
                    s.set("steps_len", Number::Size(2));
                },
                cause::Length,
                "steps",
            )
            .refuses(
                "neither noise nor seeds",
                |s| {
                    s.buffer_mut("noise").pointer = Pointer::Null;
                    s.buffer_mut("seeds").pointer = Pointer::Null;
                    s.set("seeds_len", Number::Size(0));
                },
                cause::Null,
                "noise",
            )
            .refuses(
                "neither known noise nor seeds",
                |s| {
                    s.buffer_mut("known_noise").pointer = Pointer::Null;
                    s.buffer_mut("seeds").pointer = Pointer::Null;
                    s.set("seeds_len", Number::Size(0));
                },
                cause::Null,
                "known_noise",
            )
            .refuses(
                "seeds whose number was forgotten",
                |s| {
                    s.buffer_mut("noise").pointer = Pointer::Null;
                    s.set("seeds_len", Number::Size(0));
                },
                cause::TooShort,
                "seeds",
            )
            .refuses(
                "past the last element",
                move |s| {
                    from_seeds(s);
                    s.poke("inputs", first_element, u64::MAX - 5);
                },
                cause::Domain,
                "first_element",
            )
            .accepts("the last elements", move |s| {
                from_seeds(s);
                s.poke("inputs", first_element, u64::MAX - 6);
            })
            // What a step does not use.
            .ignores(
                "an identity",
                bare(Step::identity(level(0.8, 0.6)).unwrap()),
                all_unused(&["history", "model", "unconditional", "denoised", "noise", "seeds", "known"]),
            )
            .ignores(
                "initial noise",
                bare(Step::initial_noise(level(0.8, 0.6)).unwrap()),
                all_unused(&["history", "model", "unconditional", "denoised", "known", "known_noise", "mask"]),
            )
            .ignores("a row without destination", bare(Step::identity(level(0.8, 0.6)).unwrap()), |s| {
                s.poke("steps", offset_of!(Step, rows) + size_of::<Row>(), [f64::NAN; 10])
            })
            .twin(|s| {
                let c: $inputs = s.one("inputs");
                let (steps, seeds): (Vec<Step>, Vec<u64>) = (s.read("steps"), s.read("seeds"));
                let (mut x, mut history) = (s.read::<$x>("x"), s.read::<$x>("history"));
                let mut next_input = optional::<$m>(s, "next_input");
                let (model, unconditional) = (s.read::<$m>("model"), optional::<$m>(s, "unconditional"));
                let (denoised, slice) = (optional::<$x>(s, "denoised"), optional::<$x>(s, "noise"));
                let (mask, known) = (optional::<$x>(s, "mask"), s.read::<$x>("known"));
                let known_slice = optional::<$x>(s, "known_noise");
                let seeds = if s.get::<usize>("seeds_len") == 0 { &[] } else { seeds.as_slice() };
                let inputs = Inputs {
                    model: &model,
                    guidance: unconditional.as_deref().map(|u| Guidance { unconditional: u, scale: c.guidance }),
                    denoised: denoised.as_deref(),
                    noise: noise(slice.as_deref(), seeds, c.stream, c.first_element),
                    inpaint: mask.as_deref().map(|mask| Inpaint {
                        mask,
                        known: &known,
                        noise: noise(known_slice.as_deref(), seeds, c.known_stream, c.first_element),
                    }),
                };
                pass::apply(&steps, &mut x, &mut history, &inputs, next_input.as_deref_mut()).unwrap();
                s.write("x", &x);
                s.write("history", &history);
                if let Some(next_input) = next_input {
                    s.write("next_input", &next_input);
                }
            })
    }};
}

fn noise<'a, X>(slice: Option<&'a [X]>, seeds: &'a [u64], stream: u32, first_element: u64) -> Noise<'a, X> {
    match slice {
        Some(slice) => Noise::Slice(slice),
        None if seeds.is_empty() => Noise::None,
        None => Noise::Seeded { seeds, stream, first_element },
    }
}

macro_rules! denoise {
    ($denoise:ident, $x:ty, $m:ty) => {{
        let contract = contract!($denoise(out, x, model, unconditional, n, steps, steps_len, guidance))
            .output::<$x>("out", N, "n")
            .input("x", &elements::<$x>(N, 1), "n")
            .input("model", &elements::<$m>(N, 3), "n")
            .input("unconditional", &elements::<$m>(N, 4), "n")
            .or_null()
            .input("steps", &steps(), "steps_len")
            .real("guidance", 3.5, NOT_FINITE);
        // The second of the steps, so that the first could already have been carried out.
        with_step_faults(contract, "steps", size_of::<Step>())
            .zero_is_fine(&["n"])
            .wrong_length("n", &[N - 1, N + 1], cause::Length, "x")
            .zero_is_wrong("steps_len", cause::TooShort, "steps")
            .wrong_length("steps_len", &[4], cause::Length, "x")
            .accepts("one step for all", |s| s.write("steps", &steps()[..1]))
            .accepts("no guidance", |s| {
                s.buffer_mut("unconditional").pointer = Pointer::Null;
                s.set("guidance", Number::Real(f64::NAN));
            })
            .twin(|s| {
                let (mut out, steps) = (s.read::<$x>("out"), s.read::<Step>("steps"));
                let (x, model) = (s.read::<$x>("x"), s.read::<$m>("model"));
                let unconditional = optional::<$m>(s, "unconditional");
                let scale = s.get("guidance");
                let guidance = unconditional.as_deref().map(|unconditional| Guidance { unconditional, scale });
                pass::denoise(&mut out, &steps, &x, &model, guidance).unwrap();
                s.write("out", &out);
            })
    }};
}

pub fn contracts() -> Vec<Contract> {
    vec![
        apply!(quell_apply_f32, quell_inputs_f32, f32, f32),
        apply!(quell_apply_f64, quell_inputs_f64, f64, f64),
        apply!(quell_apply_f16, quell_inputs_f16, f16, f16),
        apply!(quell_apply_bf16, quell_inputs_bf16, bf16, bf16),
        apply!(quell_apply_f32_f16, quell_inputs_f32_f16, f32, f16),
        apply!(quell_apply_f32_bf16, quell_inputs_f32_bf16, f32, bf16),
        denoise!(quell_denoise_f32, f32, f32),
        denoise!(quell_denoise_f64, f64, f64),
        denoise!(quell_denoise_f16, f16, f16),
        denoise!(quell_denoise_bf16, bf16, bf16),
        denoise!(quell_denoise_f32_f16, f32, f16),
        denoise!(quell_denoise_f32_bf16, f32, bf16),
    ]
}
