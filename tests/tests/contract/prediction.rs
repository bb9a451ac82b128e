//! What a network predicts.

use crate::contract::{Contract, NOT_FINITE, contract};
use crate::samples::{core_prediction, elements, level, prediction, with_any_prediction, with_level_faults};
use quell::diffusion::noise::NoiseLevel;
use quell::diffusion::prediction::Linear;
use quell::{bf16, f16};
use quell_ffi::diffusion::prediction::{quell_prediction_kind as kind, *};
use quell_ffi::status::quell_cause as cause;
use std::mem::offset_of;

const N: usize = 13;

macro_rules! apply {
    ($name:ident, $x:ty, $m:ty) => {
        contract!($name(out, x, model, n, linear))
            .output::<$x>("out", N, "n")
            .input("x", &elements::<$x>(N, 1), "n")
            .input("model", &elements::<$m>(N, 2), "n")
            .object("linear", Linear { x: 0.75, model: -1.5 })
            .zero_is_fine(&["n"])
            .accepts("no output", |s| s.poke("linear", offset_of!(Linear, model), 0.0))
            .accepts("no state", |s| s.poke("linear", offset_of!(Linear, x), 0.0))
            .field("linear", offset_of!(Linear, x), NOT_FINITE, "linear")
            .field("linear", offset_of!(Linear, model), NOT_FINITE, "linear")
            .twin(|s| {
                let mut out = s.read::<$x>("out");
                let linear: Linear = s.one("linear");
                linear.apply(&mut out, &s.read::<$x>("x"), &s.read::<$m>("model")).unwrap();
                s.write("out", &out);
            })
    };
}

pub fn contracts() -> Vec<Contract> {
    let denoised = contract!(quell_prediction_denoised(out, prediction, level))
        .result::<Linear>("out")
        .object("prediction", prediction(kind::V))
        .object("level", level(0.8, 0.6))
        .refuses(
            "noise of noise alone",
            |s| {
                s.write("prediction", &[prediction(kind::Epsilon)]);
                s.write("level", &[level(0.0, 1.0)]);
            },
            cause::Domain,
            "level",
        );
    let denoised = with_any_prediction(denoised, "prediction", 0, "prediction");
    let denoised = with_level_faults(denoised, "level", 0, "level").twin(|s| {
        let linear = core_prediction(&s.one("prediction")).denoised(&s.one("level")).unwrap();
        s.write("out", &[linear]);
    });
    let convert = contract!(quell_prediction_convert(out, from, to, level))
        .result::<Linear>("out")
        .object("from", prediction(kind::V))
        .object("to", prediction(kind::Epsilon))
        .object("level", level(0.8, 0.6))
        .refuses("no noise to predict", |s| s.write("level", &[level(1.0, 0.0)]), cause::Domain, "level");
    let convert = with_any_prediction(convert, "from", 0, "from");
    let convert = with_any_prediction(convert, "to", 0, "to");
    let convert = with_level_faults(convert, "level", 0, "level").twin(|s| {
        let (from, to) = (core_prediction(&s.one("from")), core_prediction(&s.one("to")));
        let linear = from.convert(&to, &s.one::<NoiseLevel>("level")).unwrap();
        s.write("out", &[linear]);
    });
    vec![
        denoised,
        convert,
        apply!(quell_linear_apply_f32, f32, f32),
        apply!(quell_linear_apply_f64, f64, f64),
        apply!(quell_linear_apply_f16, f16, f16),
        apply!(quell_linear_apply_bf16, bf16, bf16),
        apply!(quell_linear_apply_f32_f16, f32, f16),
        apply!(quell_linear_apply_f32_bf16, f32, bf16),
    ]
}
