//! The C ABI as the tests call it: the same arguments as the Rust API, the same results or a status.

use quell::diffusion::noise::{NoiseLevel, Process};
use quell::diffusion::pass::{Inputs, Noise};
use quell::diffusion::prediction::Prediction;
use quell::diffusion::schedule::Schedule;
use quell::diffusion::solver::{
    BFunction, Ddim, DpmPp2M, ErSde, EulerAncestral, Heun, Integral, NoiseScale, SdeDpmPp2M, SecondOrder, Solver, UniPc,
};
use quell::diffusion::step::Step;
use quell_ffi::diffusion::noise::{quell_process, quell_process_kind as process_kind};
use quell_ffi::diffusion::pass::{quell_apply_f32, quell_apply_f64, quell_inputs_f32, quell_inputs_f64};
use quell_ffi::diffusion::prediction::{quell_prediction, quell_prediction_kind as prediction_kind};
use quell_ffi::diffusion::schedule::quell_schedule;
use quell_ffi::diffusion::solver::*;
use std::ptr::{null, null_mut};

/// The C struct of a prediction.
pub fn prediction(kind: Prediction) -> quell_prediction {
    let (kind, sigma_data) = match kind {
        Prediction::Epsilon => (prediction_kind::Epsilon, 0.0),
        Prediction::Sample => (prediction_kind::Sample, 0.0),
        Prediction::V => (prediction_kind::V, 0.0),
        Prediction::Flow => (prediction_kind::Flow, 0.0),
        Prediction::Edm { sigma_data } => (prediction_kind::Edm, sigma_data),
        Prediction::EdmV { sigma_data } => (prediction_kind::EdmV, sigma_data),
        other => panic!("{other:?} has no counterpart in C"),
    };
    quell_prediction { kind: kind as i32, sigma_data }
}

/// The C struct of a process.
pub fn process(process: &Process) -> quell_process {
    let empty = quell_process {
        kind: 0,
        alpha_bars: null(),
        alpha_bars_len: 0,
        beta_min: 0.0,
        beta_d: 0.0,
        offset: 0.0,
        epsilon: 0.0,
        sigma_data: 0.0,
        time_scale: 0.0,
    };
    match process {
        Process::VpDiscrete(p) => quell_process {
            kind: process_kind::VpDiscrete as i32,
            alpha_bars: p.alpha_bars.as_ptr(),
            alpha_bars_len: p.alpha_bars.len(),
            ..empty
        },
        Process::VpLinear(p) => quell_process {
            kind: process_kind::VpLinear as i32,
            beta_min: p.beta_min,
            beta_d: p.beta_d,
            epsilon: p.epsilon,
            ..empty
        },
        Process::VpCosine(p) => {
            quell_process { kind: process_kind::VpCosine as i32, offset: p.offset, epsilon: p.epsilon, ..empty }
        }
        Process::Edm { sigma_data } => {
            quell_process { kind: process_kind::Edm as i32, sigma_data: *sigma_data, ..empty }
        }
        Process::Ve => quell_process { kind: process_kind::Ve as i32, ..empty },
        Process::Flow(p) => quell_process { kind: process_kind::Flow as i32, time_scale: p.time_scale, ..empty },
        other => panic!("{other:?} has no counterpart in C"),
    }
}

/// The C struct of a schedule; it points into the one it is made from.
pub fn schedule(from: &Schedule) -> quell_schedule {
    quell_schedule {
        process: process(from.process()),
        prediction: prediction(from.prediction()),
        levels: from.levels().as_ptr(),
        levels_len: from.levels().len(),
    }
}

/// A solver that can also be called through the C ABI.
pub trait AbiSolver: Solver {
    /// `Solver::passes` in C.
    fn c_passes(&self, schedule: &Schedule) -> Result<usize, i32>;
    /// `Solver::step` in C.
    fn c_step(&self, schedule: &Schedule, index: usize) -> Result<Step, i32>;
}

fn checked<T>(status: i32, value: T) -> Result<T, i32> {
    if status == 0 { Ok(value) } else { Err(status) }
}

/// A step with other content than any solver gives, so that a function that writes nothing is found out.
fn blank() -> Step {
    Step::identity(NoiseLevel { alpha: 0.125, sigma: 0.125, input_scale: 0.125, timestep: 0.125 }).expect("a level")
}

fn second_order(variant: SecondOrder) -> i32 {
    match variant {
        SecondOrder::Heun => quell_second_order::Heun as i32,
        _ => quell_second_order::Midpoint as i32,
    }
}

macro_rules! abi_solver {
    ($solver:ty, $passes:ident, $step:ident, $options:expr) => {
        impl AbiSolver for $solver {
            fn c_passes(&self, from: &Schedule) -> Result<usize, i32> {
                let (options, schedule, mut out) = ($options(self), schedule(from), usize::MAX);
                // SAFETY: all three are alive and apart.
                let status = unsafe { $passes(&mut out, &options, &schedule) };
                checked(status, out)
            }

            fn c_step(&self, from: &Schedule, index: usize) -> Result<Step, i32> {
                let (options, schedule, mut out) = ($options(self), schedule(from), blank());
                // SAFETY: all three are alive and apart.
                let status = unsafe { $step(&mut out, &options, &schedule, index) };
                checked(status, out)
            }
        }
    };
}

fn ddim_options(s: &Ddim) -> quell_ddim {
    quell_ddim { eta: s.eta, use_clipped_model_output: s.use_clipped_model_output.into() }
}

abi_solver!(Ddim, quell_ddim_passes, quell_ddim_step, ddim_options);
abi_solver!(EulerAncestral, quell_euler_ancestral_passes, quell_euler_ancestral_step, |s: &EulerAncestral| {
    quell_euler_ancestral { eta: s.eta, s_noise: s.s_noise }
});
abi_solver!(Heun, quell_heun_passes, quell_heun_step, |s: &Heun| quell_heun {
    s_churn: s.s_churn,
    s_tmin: s.s_tmin,
    s_tmax: s.s_tmax,
    s_noise: s.s_noise
});
abi_solver!(DpmPp2M, quell_dpmpp_2m_passes, quell_dpmpp_2m_step, |s: &DpmPp2M| quell_dpmpp_2m {
    lower_order_final: s.lower_order_final.into(),
    second_order: second_order(s.second_order)
});
abi_solver!(SdeDpmPp2M, quell_sde_dpmpp_2m_passes, quell_sde_dpmpp_2m_step, |s: &SdeDpmPp2M| quell_sde_dpmpp_2m {
    eta: s.eta,
    s_noise: s.s_noise,
    lower_order_final: s.lower_order_final.into(),
    second_order: second_order(s.second_order)
});
abi_solver!(UniPc, quell_unipc_passes, quell_unipc_step, |s: &UniPc| quell_unipc {
    order: i32::try_from(s.order).unwrap_or(i32::MAX),
    b_function: match s.b_function {
        BFunction::Bh1 => quell_b_function::Bh1 as i32,
        _ => quell_b_function::Bh2 as i32,
    },
    skip_corrector: s.skip_corrector,
    lower_order_final: s.lower_order_final.into()
});

/// The number of a noise scale in C.
pub fn noise_scale(variant: NoiseScale) -> i32 {
    (match variant {
        NoiseScale::Ode => quell_noise_scale::Ode,
        NoiseScale::Sde => quell_noise_scale::Sde,
        NoiseScale::Sde1 => quell_noise_scale::Sde1,
        NoiseScale::Sde2 => quell_noise_scale::Sde2,
        NoiseScale::Sde3 => quell_noise_scale::Sde3,
        NoiseScale::Sde4 => quell_noise_scale::Sde4,
        NoiseScale::Sde5 => quell_noise_scale::Sde5,
        other => panic!("{other:?} has no counterpart in C"),
    }) as i32
}

abi_solver!(ErSde, quell_er_sde_passes, quell_er_sde_step, |s: &ErSde| quell_er_sde {
    order: i32::try_from(s.order).unwrap_or(i32::MAX),
    noise_scale: noise_scale(s.noise_scale),
    s_noise: s.s_noise,
    noise_floor: s.noise_floor,
    points: match s.integral {
        Integral::LeftRule { points } => points,
        _ => 0,
    }
});

/// `Ddim::between` in C.
pub fn ddim_between(ddim: &Ddim, from: NoiseLevel, to: NoiseLevel, kind: Prediction) -> Result<Step, i32> {
    let (options, prediction, mut out) = (ddim_options(ddim), prediction(kind), blank());
    // SAFETY: all are alive and apart.
    let status = unsafe { quell_ddim_between(&mut out, &options, &from, &to, &prediction) };
    checked(status, out)
}

/// An element type with a pass of its own in C.
pub trait AbiElement: quell::Storage {
    /// `pass::apply` in C; state and output of one type.
    fn c_apply(
        steps: &[Step],
        x: &mut [Self],
        history: &mut [Self],
        inputs: &Inputs<Self, Self>,
        next_input: Option<&mut [Self]>,
    ) -> Result<(), i32>;
}

macro_rules! abi_element {
    ($type:ty, $apply:ident, $inputs:ident) => {
        impl AbiElement for $type {
            fn c_apply(
                steps: &[Step],
                x: &mut [Self],
                history: &mut [Self],
                inputs: &Inputs<Self, Self>,
                next_input: Option<&mut [Self]>,
            ) -> Result<(), i32> {
                let pointer = |slice: &[$type]| if slice.is_empty() { null() } else { slice.as_ptr() };
                let mut c = $inputs {
                    model: pointer(inputs.model),
                    unconditional: inputs.guidance.as_ref().map_or(null(), |g| pointer(g.unconditional)),
                    guidance: inputs.guidance.as_ref().map_or(0.0, |g| g.scale),
                    denoised: inputs.denoised.map_or(null(), pointer),
                    noise: null(),
                    seeds: null(),
                    seeds_len: 0,
                    stream: 0,
                    known_stream: 0,
                    first_element: 0,
                    mask: null(),
                    mask_len: 0,
                    known: null(),
                    known_noise: null(),
                };
                match inputs.noise {
                    Noise::None => {}
                    Noise::Slice(slice) => c.noise = pointer(slice),
                    Noise::Seeded { seeds, stream, first_element } => {
                        (c.seeds, c.seeds_len) = (seeds.as_ptr(), seeds.len());
                        (c.stream, c.first_element) = (stream, first_element);
                    }
                }
                if let Some(inpaint) = &inputs.inpaint {
                    (c.mask, c.mask_len) = (pointer(inpaint.mask), inpaint.mask.len());
                    c.known = pointer(inpaint.known);
                    match inpaint.noise {
                        Noise::None => {}
                        Noise::Slice(slice) => c.known_noise = pointer(slice),
                        Noise::Seeded { seeds, stream, first_element } => {
                            (c.seeds, c.seeds_len) = (seeds.as_ptr(), seeds.len());
                            (c.known_stream, c.first_element) = (stream, first_element);
                        }
                    }
                }
                // SAFETY: every pointer comes from a slice of the length that goes with it, and borrows keep what is
                // written apart from what is read.
                let status = unsafe {
                    $apply(
                        x.as_mut_ptr(),
                        x.len(),
                        history.as_mut_ptr(),
                        history.len(),
                        next_input.map_or(null_mut(), |next| next.as_mut_ptr()),
                        &c,
                        steps.as_ptr(),
                        steps.len(),
                    )
                };
                checked(status, ())
            }
        }
    };
}
abi_element!(f32, quell_apply_f32, quell_inputs_f32);
abi_element!(f64, quell_apply_f64, quell_inputs_f64);
