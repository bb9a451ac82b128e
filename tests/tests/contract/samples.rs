//! Values that are valid, and what makes them invalid: processes, levels, schedules.

use crate::contract::{Contract, NEGATIVE, NOT_FINITE, NOT_POSITIVE, OUTSIDE_OPEN_UNIT};
use crate::scene::{Number, Pointer, Scene};
use quell::diffusion::noise::{NoiseLevel, Process, RectifiedFlow, VpCosine, VpDiscrete, VpLinear};
use quell::diffusion::prediction::Prediction;
use quell::{Scalar, Storage};
use quell_ffi::diffusion::noise::{quell_process, quell_process_kind as kind};
use quell_ffi::diffusion::prediction::{quell_prediction, quell_prediction_kind as prediction_kind};
use quell_ffi::status::quell_cause as cause;
use std::mem::offset_of;
use std::ptr::null;

/// Elements of both signs and several magnitudes, no two of them alike.
pub fn elements<X: Storage>(count: usize, seed: usize) -> Vec<X> {
    let value = |i: usize| ((i * 37 + seed * 11) % 101) as f64 / 17.0 - 2.75;
    (0..count).map(|i| X::store(X::Acc::from_f64(value(i)))).collect()
}

/// A table of three training steps.
pub const ALPHA_BARS: [f64; 4] = [0.99, 0.7, 0.2, 0.01];

/// A process of a kind, in C. The fields that the kind does not use are not-a-number: nobody may look at them.
pub fn process(of: kind) -> quell_process {
    let nan = f64::NAN;
    let unused = quell_process {
        kind: of as i32,
        alpha_bars: null(),
        alpha_bars_len: usize::MAX,
        beta_min: nan,
        beta_d: nan,
        offset: nan,
        epsilon: nan,
        sigma_data: nan,
        time_scale: nan,
    };
    match of {
        kind::VpDiscrete | kind::Ve => unused,
        kind::VpLinear => quell_process { beta_min: 0.1, beta_d: 19.9, epsilon: 1e-3, ..unused },
        kind::VpCosine => quell_process { offset: 0.008, epsilon: 1e-3, ..unused },
        kind::Edm => quell_process { sigma_data: 0.5, ..unused },
        kind::Flow => quell_process { time_scale: 1000.0, ..unused },
    }
}

/// The same process in Rust.
pub fn core_process<'a>(c: &quell_process, alpha_bars: &'a [f64]) -> Process<'a> {
    match c.kind {
        0 => Process::VpDiscrete(VpDiscrete { alpha_bars }),
        1 => Process::VpLinear(VpLinear { beta_min: c.beta_min, beta_d: c.beta_d, epsilon: c.epsilon }),
        2 => Process::VpCosine(VpCosine { offset: c.offset, epsilon: c.epsilon }),
        3 => Process::Edm { sigma_data: c.sigma_data },
        4 => Process::Ve,
        5 => Process::Flow(RectifiedFlow { time_scale: c.time_scale }),
        other => panic!("no kind {other}"),
    }
}

/// Makes the process in a struct one of another kind, with a table that nobody may follow.
fn set_process(scene: &mut Scene, within: &'static str, at: usize, of: kind) {
    scene.poke(within, at, process(of));
    if of != kind::VpDiscrete {
        scene.buffer_mut("alpha_bars").pointer = Pointer::Into("alpha_bars", 1);
        scene.set("alpha_bars_len", Number::Size(usize::MAX));
    }
}

/// Adds the table of a discrete process, which stands in `within` from byte `at` on, and everything that can be wrong
/// with a process of any kind.
pub fn with_process_faults(contract: Contract, within: &'static str, at: usize) -> Contract {
    let mut contract = contract
        .input("alpha_bars", &ALPHA_BARS, "alpha_bars_len")
        .at_field(within, at + offset_of!(quell_process, alpha_bars))
        .length_at_field(within, at + offset_of!(quell_process, alpha_bars_len))
        .zero_is_wrong("alpha_bars_len", cause::TooShort, "alpha_bars")
        .wrong_length("alpha_bars_len", &[1], cause::TooShort, "alpha_bars")
        .bad_elements("alpha_bars", 1, NOT_FINITE, cause::Domain)
        .bad_elements("alpha_bars", 0, &[1.0, 1.5], cause::Domain)
        .bad_elements("alpha_bars", 3, &[-0.1], cause::Domain)
        .bad_elements("alpha_bars", 1, &[0.99, 0.995, 0.2, 0.1], cause::Order)
        .choice_field(within, at + offset_of!(quell_process, kind), 6, "process");
    let fields: [(kind, usize, &'static [f64], &'static str); 9] = [
        (kind::VpLinear, offset_of!(quell_process, beta_min), NOT_FINITE, "beta_min"),
        (kind::VpLinear, offset_of!(quell_process, beta_min), &[-10.0, -0.1], "beta_min"),
        (kind::VpLinear, offset_of!(quell_process, beta_d), NEGATIVE, "beta_d"),
        (kind::VpLinear, offset_of!(quell_process, epsilon), OUTSIDE_OPEN_UNIT, "epsilon"),
        (kind::VpCosine, offset_of!(quell_process, offset), NEGATIVE, "offset"),
        (kind::VpCosine, offset_of!(quell_process, epsilon), OUTSIDE_OPEN_UNIT, "epsilon"),
        (kind::Edm, offset_of!(quell_process, sigma_data), NOT_POSITIVE, "sigma_data"),
        (kind::Flow, offset_of!(quell_process, time_scale), NOT_POSITIVE, "time_scale"),
        (kind::Flow, offset_of!(quell_process, time_scale), &[-1e300], "time_scale"),
    ];
    for (of, field, bad, name) in fields {
        for &bad in bad {
            let spoil = move |s: &mut Scene| {
                set_process(s, within, at, of);
                s.poke(within, at + field, bad);
            };
            contract = contract.refuses(format!("{of:?} with {name} = {bad}"), spoil, cause::Domain, name);
        }
    }
    contract
}

/// The same, where a process of any kind will do in the place of the discrete one.
pub fn with_any_process(contract: Contract, within: &'static str, at: usize) -> Contract {
    let mut contract = with_process_faults(contract, within, at);
    for of in [kind::VpLinear, kind::VpCosine, kind::Edm, kind::Ve, kind::Flow] {
        contract = contract.accepts(format!("{of:?}"), move |s| set_process(s, within, at, of));
    }
    contract
}

/// A level.
pub fn level(alpha: f64, sigma: f64) -> NoiseLevel {
    NoiseLevel { alpha, sigma, input_scale: 0.75, timestep: 1.0 - alpha }
}

/// Levels of a variance-preserving state, the last without noise.
pub fn levels() -> [NoiseLevel; 5] {
    [level(0.1, 0.99), level(0.5, 0.86), level(0.8, 0.6), level(0.96, 0.28), level(1.0, 0.0)]
}

/// Adds everything that can be wrong with the level that stands in `within` from byte `at` on.
pub fn with_level_faults(mut contract: Contract, within: &'static str, at: usize, argument: &'static str) -> Contract {
    let fields: [(usize, &'static [f64]); 4] = [
        (offset_of!(NoiseLevel, alpha), NEGATIVE),
        (offset_of!(NoiseLevel, sigma), NEGATIVE),
        (offset_of!(NoiseLevel, input_scale), NOT_POSITIVE),
        (offset_of!(NoiseLevel, timestep), NOT_FINITE),
    ];
    for (field, bad) in fields {
        contract = contract.field(within, at + field, bad, argument);
    }
    contract.refuses(
        "neither signal nor noise",
        move |s| {
            s.poke(within, at + offset_of!(NoiseLevel, alpha), 0.0);
            s.poke(within, at + offset_of!(NoiseLevel, sigma), 0.0);
        },
        cause::Domain,
        argument,
    )
}

/// A prediction of a kind, in C; where sigma_data is not used, it is not-a-number.
pub fn prediction(of: prediction_kind) -> quell_prediction {
    let uses = matches!(of, prediction_kind::Edm | prediction_kind::EdmV);
    quell_prediction { kind: of as i32, sigma_data: if uses { 0.5 } else { f64::NAN } }
}

/// All kinds of predictions.
pub const PREDICTIONS: [prediction_kind; 6] = [
    prediction_kind::Epsilon,
    prediction_kind::Sample,
    prediction_kind::V,
    prediction_kind::Flow,
    prediction_kind::Edm,
    prediction_kind::EdmV,
];

/// The same prediction in Rust.
pub fn core_prediction(c: &quell_prediction) -> Prediction {
    match c.kind {
        0 => Prediction::Epsilon,
        1 => Prediction::Sample,
        2 => Prediction::V,
        3 => Prediction::Flow,
        4 => Prediction::Edm { sigma_data: c.sigma_data },
        5 => Prediction::EdmV { sigma_data: c.sigma_data },
        other => panic!("no kind {other}"),
    }
}

/// Adds everything that can be wrong with the prediction that stands in `within` from byte `at` on, and all kinds.
pub fn with_any_prediction(
    mut contract: Contract,
    within: &'static str,
    at: usize,
    argument: &'static str,
) -> Contract {
    for of in PREDICTIONS {
        contract = contract.accepts(format!("{of:?}"), move |s| s.poke(within, at, prediction(of)));
    }
    for of in [prediction_kind::Edm, prediction_kind::EdmV] {
        for &bad in NOT_POSITIVE {
            let value = quell_prediction { kind: of as i32, sigma_data: bad };
            let spoil = move |s: &mut Scene| s.poke(within, at, value);
            contract = contract.refuses(format!("{of:?} with sigma_data = {bad}"), spoil, cause::Domain, "sigma_data");
        }
    }
    contract.choice_field(within, at + offset_of!(quell_prediction, kind), 6, argument)
}
