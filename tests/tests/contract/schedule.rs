//! Schedules: sigmas, timesteps, and a schedule as a whole.

use crate::contract::{Contract, NEGATIVE, NOT_FINITE, NOT_POSITIVE, OUTSIDE_UNIT, contract};
use crate::samples::{
    core_prediction, core_process, levels, prediction, process, with_any_prediction, with_any_process,
};
use crate::scene::{Number, Scene};
use quell::Error;
use quell::diffusion::noise::NoiseLevel;
use quell::diffusion::schedule::published::{self, List};
use quell::diffusion::schedule::timesteps::{self, Spacing};
use quell::diffusion::schedule::{self, Last, Schedule, arctan, exponential, karras};
use quell_ffi::diffusion::noise::quell_process_kind as process_kind;
use quell_ffi::diffusion::prediction::quell_prediction_kind as prediction_kind;
use quell_ffi::diffusion::schedule::*;
use quell_ffi::status::quell_cause as cause;
use std::mem::offset_of;
use std::ptr::null;

/// Adds a schedule with levels of a discrete process, and everything that can be wrong with it.
pub fn with_schedule(contract: Contract) -> Contract {
    let schedule = quell_schedule {
        process: process(process_kind::VpDiscrete),
        prediction: prediction(prediction_kind::V),
        levels: null(),
        levels_len: 0,
    };
    let stride = size_of::<NoiseLevel>() / size_of::<f64>();
    let (alpha, sigma) = (offset_of!(NoiseLevel, alpha) / 8, offset_of!(NoiseLevel, sigma) / 8);
    let contract = contract
        .object("schedule", schedule)
        .input("levels", &levels(), "levels_len")
        .at_field("schedule", offset_of!(quell_schedule, levels))
        .length_at_field("schedule", offset_of!(quell_schedule, levels_len))
        .zero_is_wrong("levels_len", cause::TooShort, "levels")
        .wrong_length("levels_len", &[1], cause::TooShort, "levels")
        .bad_elements("levels", stride + alpha, NEGATIVE, cause::Domain)
        .bad_elements("levels", 3 * stride + sigma, NEGATIVE, cause::Domain)
        .bad_elements("levels", 3 * stride + offset_of!(NoiseLevel, input_scale) / 8, NOT_POSITIVE, cause::Domain)
        .bad_elements("levels", 2 * stride + offset_of!(NoiseLevel, timestep) / 8, NOT_FINITE, cause::Domain)
        .bad_elements("levels", 2 * stride + sigma, &[0.1, 2.0], cause::Order);
    let contract = with_any_process(contract, "schedule", offset_of!(quell_schedule, process));
    with_any_prediction(contract, "schedule", offset_of!(quell_schedule, prediction), "prediction")
}

/// Runs a function of the core on the schedule of a scene.
pub fn on_schedule<R>(scene: &Scene, run: impl FnOnce(&Schedule) -> Result<R, Error>) -> R {
    let c: quell_schedule = scene.one("schedule");
    let (table, levels) = (scene.read("alpha_bars"), scene.read("levels"));
    let (process, prediction) = (core_process(&c.process, &table), core_prediction(&c.prediction));
    run(&Schedule::new(process, prediction, &levels).unwrap()).unwrap()
}

fn last(scene: &Scene) -> Last {
    if scene.get::<i32>("last") == 0 { Last::Zero } else { Last::SigmaMin }
}

fn list(scene: &Scene) -> List {
    let lists = [List::StableDiffusion15, List::StableDiffusionXl, List::DeepFloydIf, List::StableVideoDiffusion];
    lists[scene.get::<i32>("list") as usize]
}

fn sigmas() -> Vec<Contract> {
    let filled = |contract: Contract| {
        contract
            .output::<f64>("sigmas", 7, "sigmas_len")
            .zero_is_wrong("sigmas_len", cause::TooShort, "sigmas")
            .wrong_length("sigmas_len", &[1], cause::TooShort, "sigmas")
            .accepts("a single step", |s| s.write("sigmas", &[0.0; 2]))
            .choice("last", 0, 2)
    };
    let spanned = |contract: Contract| {
        filled(contract)
            .real("sigma_min", 0.002, NOT_POSITIVE)
            .real("sigma_max", 80.0, NOT_POSITIVE)
            .refuses("no span", |s| s.set("sigma_min", Number::Real(80.0)), cause::Domain, "sigma_min")
            .refuses("a span the wrong way", |s| s.set("sigma_min", Number::Real(81.0)), cause::Domain, "sigma_min")
    };
    vec![
        spanned(contract!(quell_sigmas_karras(sigmas, sigmas_len, sigma_min, sigma_max, rho, last)))
            .real("rho", 7.0, NOT_POSITIVE)
            .twin(|s| {
                let mut sigmas = s.read("sigmas");
                let (low, high, rho) = (s.get("sigma_min"), s.get("sigma_max"), s.get("rho"));
                karras::fill(&mut sigmas, low, high, rho, last(s)).unwrap();
                s.write("sigmas", &sigmas);
            }),
        spanned(contract!(quell_sigmas_exponential(sigmas, sigmas_len, sigma_min, sigma_max, last))).twin(|s| {
            let mut sigmas = s.read("sigmas");
            exponential::fill(&mut sigmas, s.get("sigma_min"), s.get("sigma_max"), last(s)).unwrap();
            s.write("sigmas", &sigmas);
        }),
        spanned(contract!(quell_sigmas_arctan(sigmas, sigmas_len, sigma_min, sigma_max, c, last)))
            .real("c", 0.5, NOT_POSITIVE)
            .twin(|s| {
                let mut sigmas = s.read("sigmas");
                let (low, high, c) = (s.get("sigma_min"), s.get("sigma_max"), s.get("c"));
                arctan::fill(&mut sigmas, low, high, c, last(s)).unwrap();
                s.write("sigmas", &sigmas);
            }),
        filled(contract!(quell_sigmas_align_your_steps(sigmas, sigmas_len, list, last))).choice("list", 0, 4).twin(
            |s| {
                let mut sigmas = s.read("sigmas");
                published::fill(&mut sigmas, list(s), last(s)).unwrap();
                s.write("sigmas", &sigmas);
            },
        ),
        contract!(quell_interpolate_log_linear(sigmas, sigmas_len, nodes, nodes_len))
            .output::<f64>("sigmas", 7, "sigmas_len")
            .input("nodes", &[16.0, 3.0, 1.0, 0.1], "nodes_len")
            .zero_is_wrong("sigmas_len", cause::TooShort, "sigmas")
            .zero_is_wrong("nodes_len", cause::TooShort, "nodes")
            .wrong_length("sigmas_len", &[1], cause::TooShort, "sigmas")
            .wrong_length("nodes_len", &[1], cause::TooShort, "nodes")
            .bad_elements("nodes", 1, NOT_POSITIVE, cause::Domain)
            .bad_elements("nodes", 3, NOT_POSITIVE, cause::Domain)
            .bad_elements("nodes", 1, &[16.0, 17.0, 1.0, 0.5], cause::Order)
            .twin(|s| {
                let mut sigmas = s.read("sigmas");
                schedule::interpolate_log_linear(&mut sigmas, &s.read("nodes")).unwrap();
                s.write("sigmas", &sigmas);
            }),
    ]
}

fn times() -> Vec<Contract> {
    vec![
        contract!(quell_timesteps_align_your_steps(timesteps, timesteps_len, list))
            .output::<f64>("timesteps", 10, "timesteps_len")
            .any("list", Number::Signed(0))
            .accepts("the other list", |s| s.set("list", Number::Signed(1)))
            .zero_is_wrong("timesteps_len", cause::Length, "timesteps")
            .wrong_length("timesteps_len", &[9, 11], cause::Length, "timesteps")
            .refuses("no timesteps", |s| s.set("list", Number::Signed(2)), cause::Unknown, "list")
            .refuses("no timesteps either", |s| s.set("list", Number::Signed(3)), cause::Unknown, "list")
            .refuses("no list", |s| s.set("list", Number::Signed(4)), cause::Unknown, "list")
            .refuses("no list at all", |s| s.set("list", Number::Signed(-1)), cause::Unknown, "list")
            .refuses("far from a list", |s| s.set("list", Number::Signed(i32::MIN)), cause::Unknown, "list")
            .refuses("far too large", |s| s.set("list", Number::Signed(i32::MAX)), cause::Unknown, "list")
            .twin(|s| {
                let timesteps = *list(s).timesteps().unwrap();
                s.write("timesteps", &timesteps);
            }),
        contract!(quell_timesteps_spaced(timesteps, timesteps_len, train_timesteps, spacing, steps_offset))
            .output::<f64>("timesteps", 5, "timesteps_len")
            .any("train_timesteps", Number::Size(1000))
            .choice("spacing", 0, 3)
            .any("steps_offset", Number::Size(1))
            .zero_is_wrong("timesteps_len", cause::TooShort, "timesteps")
            .accepts("one", |s| s.write("timesteps", &[0.0]))
            .refuses("too few to choose", |s| s.set("train_timesteps", Number::Size(4)), cause::Length, "timesteps")
            .refuses("none to choose", |s| s.set("train_timesteps", Number::Size(0)), cause::Length, "timesteps")
            .refuses("past the last", |s| s.set("steps_offset", Number::Size(200)), cause::Domain, "steps_offset")
            .refuses("far past", |s| s.set("steps_offset", Number::Size(usize::MAX)), cause::Domain, "steps_offset")
            .accepts("an offset that nobody looks at", |s| {
                s.set("spacing", Number::Signed(quell_spacing::Trailing as i32));
                s.set("steps_offset", Number::Size(usize::MAX));
            })
            .twin(|s| {
                let mut timesteps = s.read("timesteps");
                let spacing = match s.get::<i32>("spacing") {
                    0 => Spacing::Leading { steps_offset: s.get("steps_offset") },
                    1 => Spacing::Linspace,
                    _ => Spacing::Trailing,
                };
                timesteps::fill(&mut timesteps, s.get("train_timesteps"), spacing).unwrap();
                s.write("timesteps", &timesteps);
            }),
        contract!(quell_timesteps_continuous(timesteps, timesteps_len, t_min, t_max, power))
            .output::<f64>("timesteps", 5, "timesteps_len")
            .real("t_min", 1e-3, &[NEGATIVE, &[1.0, 2.0]].concat())
            .real("t_max", 1.0, NOT_POSITIVE)
            .real("power", 2.0, NOT_POSITIVE)
            .zero_is_wrong("timesteps_len", cause::TooShort, "timesteps")
            .wrong_length("timesteps_len", &[1], cause::TooShort, "timesteps")
            .twin(|s| {
                let mut timesteps = s.read("timesteps");
                let (low, high, power) = (s.get("t_min"), s.get("t_max"), s.get("power"));
                timesteps::fill_continuous(&mut timesteps, low, high, power).unwrap();
                s.write("timesteps", &timesteps);
            }),
    ]
}

pub fn contracts() -> Vec<Contract> {
    let whole = with_schedule(contract!(quell_schedule_check(schedule))).twin(|s| on_schedule(s, |_| Ok(())));
    let start = contract!(quell_schedule_start(out, steps, strength))
        .result::<usize>("out")
        .any("steps", Number::Size(10))
        .real("strength", 0.6, OUTSIDE_UNIT)
        .accepts("no steps", |s| s.set("steps", Number::Size(0)))
        .accepts("very many steps", |s| s.set("steps", Number::Size(usize::MAX)))
        .twin(|s| {
            let start = schedule::start(s.get("steps"), s.get("strength")).unwrap();
            s.write("out", &[start]);
        });
    let mut contracts = vec![whole, start];
    contracts.extend(sigmas());
    contracts.extend(times());
    contracts
}
