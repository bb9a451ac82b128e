//! Guidance and clipping.

use crate::contract::{Contract, NOT_FINITE, NOT_POSITIVE, OUTSIDE_UNIT, contract};
use crate::samples::elements;
use crate::scene::Number;
use quell::diffusion::guidance;
use quell::{bf16, f16};
use quell_ffi::diffusion::guidance::*;
use quell_ffi::status::quell_cause as cause;

/// Elements in a buffer: three items of five.
const N: usize = 15;

/// A batch whose items have to be equally long.
fn batched(contract: Contract) -> Contract {
    contract
        .any("batch", Number::Size(3))
        .accepts("one item", |s| s.set("batch", Number::Size(1)))
        .accepts("items of one element", |s| s.set("batch", Number::Size(N)))
        .refuses("no items", |s| s.set("batch", Number::Size(0)), cause::Domain, "batch")
        .refuses("unequal items", |s| s.set("batch", Number::Size(4)), cause::Length, "x")
        .refuses("more items than elements", |s| s.set("batch", Number::Size(N + 1)), cause::Length, "x")
        .refuses("very many items", |s| s.set("batch", Number::Size(usize::MAX)), cause::Length, "x")
        .wrong_length("n", &[N - 1, N + 1], cause::Length, "x")
        .zero_is_fine(&["n"])
}

macro_rules! guidance {
    ($type:ty, $classifier_free:ident, $rescale:ident, $clip:ident, $dynamic:ident) => {
        [
            contract!($classifier_free(x, unconditional, n, guidance))
                .in_out("x", &elements::<$type>(N, 1), "n")
                .input("unconditional", &elements::<$type>(N, 2), "n")
                .real("guidance", 7.5, NOT_FINITE)
                .accepts("no guidance", |s| s.set("guidance", Number::Real(1.0)))
                .zero_is_fine(&["n"])
                .twin(|s| {
                    let mut x = s.read::<$type>("x");
                    guidance::classifier_free(&mut x, &s.read("unconditional"), s.get("guidance")).unwrap();
                    s.write("x", &x);
                }),
            batched(
                contract!($rescale(x, conditional, n, batch, rescale))
                    .in_out("x", &elements::<$type>(N, 1), "n")
                    .input("conditional", &elements::<$type>(N, 2), "n")
                    .real("rescale", 0.7, OUTSIDE_UNIT),
            )
            .twin(|s| {
                let mut x = s.read::<$type>("x");
                guidance::rescale(&mut x, &s.read("conditional"), s.get("batch"), s.get("rescale")).unwrap();
                s.write("x", &x);
            }),
            contract!($clip(x, n, range))
                .in_out("x", &elements::<$type>(N, 1), "n")
                .real("range", 1.25, NOT_POSITIVE)
                .zero_is_fine(&["n"])
                .twin(|s| {
                    let mut x = s.read::<$type>("x");
                    guidance::clip(&mut x, s.get("range")).unwrap();
                    s.write("x", &x);
                }),
            batched(
                contract!($dynamic(x, n, batch, quantile, max_threshold))
                    .in_out("x", &elements::<$type>(N, 1), "n")
                    .real("quantile", 0.6, OUTSIDE_UNIT)
                    .real("max_threshold", 2.0, &[f64::NAN, f64::INFINITY, f64::NEG_INFINITY, 0.999, -2.0]),
            )
            .twin(|s| {
                let mut x = s.read::<$type>("x");
                let (batch, quantile) = (s.get("batch"), s.get("quantile"));
                guidance::dynamic_threshold(&mut x, batch, quantile, s.get("max_threshold")).unwrap();
                s.write("x", &x);
            }),
        ]
    };
}

pub fn contracts() -> Vec<Contract> {
    let singles = guidance!(
        f32,
        quell_classifier_free_f32,
        quell_guidance_rescale_f32,
        quell_clip_f32,
        quell_dynamic_threshold_f32
    );
    let doubles = guidance!(
        f64,
        quell_classifier_free_f64,
        quell_guidance_rescale_f64,
        quell_clip_f64,
        quell_dynamic_threshold_f64
    );
    let halves = guidance!(
        f16,
        quell_classifier_free_f16,
        quell_guidance_rescale_f16,
        quell_clip_f16,
        quell_dynamic_threshold_f16
    );
    let brains = guidance!(
        bf16,
        quell_classifier_free_bf16,
        quell_guidance_rescale_bf16,
        quell_clip_bf16,
        quell_dynamic_threshold_bf16
    );
    [singles, doubles, halves, brains].into_iter().flatten().collect()
}
