//! The structs of the header lie in memory as a C compiler lays them out.
//!
//! Offsets are counted by hand from the header; those of structs with pointers are for pointers of 64 bits.

use quell::correspondence::cluster::{Fit, KMeans};
use quell::correspondence::difference::Size;
use quell::correspondence::evaluate::boundary::Boundaries;
use quell::correspondence::evaluate::iou::Summary;
use quell::correspondence::image::Layout;
use quell::correspondence::modulate::Pass;
use quell::correspondence::readout::Progress;
use quell::correspondence::upsample::Grid;
use quell::correspondence::upsample::guided::Guided;
use quell::correspondence::upsample::joint_bilateral::JointBilateral;
use quell::diffusion::bound::{Draw, Moments, OutputLaw};
use quell::diffusion::noise::NoiseLevel;
use quell::diffusion::prediction::Linear;
use quell::diffusion::step::{Row, Step, TableRow};
use quell_ffi::correspondence::blur::quell_blur;
use quell_ffi::correspondence::fold::*;
use quell_ffi::correspondence::readout::quell_readout;
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
    layout!(Size, 24, max: 0, sum: 8, weight: 16);
    layout!(Summary, 32, miou: 0, accuracy: 8, present: 16, pixels: 24);
    layout!(Boundaries, 32, truth: 0, truth_found: 8, labels: 16, labels_found: 24);
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
    layout!(KMeans, 40, clusters: 0, restarts: 8, trials: 16, max_iterations: 24, tolerance: 32);
    layout!(Fit, 24, inertia: 0, iterations: 8, restart: 16);
    layout!(Pass, 16, label: 0, offset: 8);
    layout!(
        Layout, 48, channels: 0, height: 8, width: 16, channel_stride: 24, row_stride: 32, column_stride: 40
    );
    layout!(Progress, 24, label: 0, divisor: 8, rows: 16);
    layout!(Grid, 32, rows: 0, columns: 8, height: 16, width: 24);
    layout!(JointBilateral, 24, sigma_space: 0, sigma_range: 8, radius: 16);
    layout!(Guided, 16, radius: 0, epsilon: 8);
    macro_rules! folds {
        ($($type:ident),*) => {$(
            layout!(
                $type, 56, best: 0, labels: 8, second: 16, sum: 24, moment: 32, pixels: 40, scale: 48
            );
        )*};
    }
    folds!(quell_fold_f32_u8, quell_fold_f32_u16, quell_fold_f64_u8, quell_fold_f64_u16);
    layout!(quell_blur, 40, sigma_y: 0, sigma_x: 8, radius_y: 16, radius_x: 24, boundary: 32);
    layout!(quell_readout, 72, channels: 0, height: 8, width: 16, norm: 24, filtered: 28, filter: 32);
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
