//! The structs of the header lie in memory as a C compiler lays them out.
//!
//! Offsets are counted by hand from the header; those of structs with pointers are for pointers of 64 bits.

use quell::diffusion::bound::{Draw, Moments, OutputLaw};
use quell::diffusion::noise::NoiseLevel;
use quell::diffusion::prediction::Linear;
use quell::diffusion::step::{Row, Step, TableRow};
use quell_ffi::diffusion::noise::quell_process;
use quell_ffi::diffusion::pass::*;
use quell_ffi::diffusion::prediction::quell_prediction;
use quell_ffi::diffusion::schedule::quell_schedule;
use quell_ffi::diffusion::solver::*;
use std::mem::offset_of;

/// Compares the size of a struct, and the offset of every field in the order of the header.
macro_rules! layout {
    ($type:ident, $size:expr, $($field:ident: $offset:expr),*) => {
        // Names every field, so that one that is added or removed does not compile.
        let _ = |value: $type| { let $type { $($field: _),* } = value; };
        let actual = [("size", size_of::<$type>()), $((stringify!($field), offset_of!($type, $field))),*];
        assert_eq!(actual, [("size", $size), $((stringify!($field), $offset)),*], stringify!($type));
    };
}

#[test]
fn structs_of_numbers() {
    layout!(NoiseLevel, 32, alpha: 0, sigma: 8, input_scale: 16, timestep: 24);
    layout!(Linear, 16, x: 0, model: 8);
    layout!(Row, 80, x: 0, denoised: 8, raw: 16, noise: 24, slots: 32);
    layout!(TableRow, 80, x: 0, model: 8, denoised: 16, noise: 24, slots: 32);
    layout!(
        Step, 360, at: 0, next: 32, denoised: 64, rows: 80, destinations: 320, evaluate: 332, noise_index: 336,
        position: 340, noise_from: 344, noise_to: 352
    );
    layout!(quell_euler_ancestral, 16, eta: 0, s_noise: 8);
    layout!(quell_heun, 32, s_churn: 0, s_tmin: 8, s_tmax: 16, s_noise: 24);
    layout!(quell_dpmpp_2m, 8, lower_order_final: 0, second_order: 4);
    layout!(quell_sde_dpmpp_2m, 24, eta: 0, s_noise: 8, lower_order_final: 16, second_order: 20);
    layout!(quell_unipc, 16, order: 0, b_function: 4, skip_corrector: 8, lower_order_final: 12);
    layout!(quell_er_sde, 32, order: 0, noise_scale: 4, s_noise: 8, noise_floor: 16, points: 24);
    layout!(Moments, 24, count: 0, mean: 8, squares: 16);
    layout!(Draw, 24, sigma: 0, from: 8, weight: 16);
    layout!(OutputLaw, 16, variance: 0, divergence: 8);
    layout!(quell_ddim, 16, eta: 0, use_clipped_model_output: 8);
    layout!(quell_prediction, 16, kind: 0, sigma_data: 8);
}

#[test]
#[cfg(target_pointer_width = "64")]
fn structs_with_pointers() {
    layout!(
        quell_process, 72, kind: 0, alpha_bars: 8, alpha_bars_len: 16, beta_min: 24, beta_d: 32, offset: 40,
        epsilon: 48, sigma_data: 56, time_scale: 64
    );
    layout!(quell_schedule, 104, process: 0, prediction: 72, levels: 88, levels_len: 96);
    macro_rules! inputs {
        ($($type:ident),*) => {$(
            layout!(
                $type, 104, model: 0, unconditional: 8, guidance: 16, denoised: 24, noise: 32, seeds: 40,
                seeds_len: 48, stream: 56, known_stream: 60, first_element: 64, mask: 72, mask_len: 80, known: 88,
                known_noise: 96
            );
        )*};
    }
    inputs!(quell_inputs_f32, quell_inputs_f64, quell_inputs_f16, quell_inputs_bf16);
    inputs!(quell_inputs_f32_f16, quell_inputs_f32_bf16);
}
