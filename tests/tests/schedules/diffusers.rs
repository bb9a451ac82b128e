//! What diffusers' classes set up for a number of steps, made from quell's functions.
//!
//! How a class spaces, rounds, truncates and interpolates is its own affair and stands here.

use quell::diffusion::noise::{Process, ShiftKind, VpDiscrete};
use quell::diffusion::schedule::Last;
use quell::diffusion::schedule::timesteps::Spacing;
use quell_tests::peers::Settings;
use quell_tests::tables::{
    at_sigma, at_timestep, fill_exponential, fill_karras, fill_times, fill_timesteps, shift, shift_dynamic,
    stretch_terminal,
};
use quell_tests::vectors::numbers;
use serde_json::Value;

/// A class's timesteps and, where it keeps them, its sigmas with the last one.
#[derive(Debug)]
pub struct Tables {
    /// The times that the network is told.
    pub timesteps: Vec<f64>,
    /// The sigmas.
    pub sigmas: Option<Vec<f64>>,
    /// Every how many recorded timesteps stands one of these: the others are a two-stage solver's own.
    pub stride: usize,
}

/// Why a class's tables cannot be made, or nothing.
pub fn not_built(settings: &Settings) -> Option<&'static str> {
    if settings.flag("use_beta_sigmas", false) {
        Some("the spacing by a beta distribution is not built")
    } else if settings.class == "PNDMScheduler" && !settings.flag("skip_prk_steps", false) {
        Some("the Runge-Kutta start of PNDM is not built")
    } else {
        None
    }
}

/// The class that goes from the clean sample towards noise.
const INVERSE: &str = "DPMSolverMultistepInverseScheduler";

/// Classes that space n + 1 points and drop the one at which they end.
const DROP_LAST: [&str; 6] = [
    "DPMSolverMultistepScheduler",
    INVERSE,
    "DPMSolverSinglestepScheduler",
    "UniPCMultistepScheduler",
    "DEISMultistepScheduler",
    "SASolverScheduler",
];

/// The tables of a class for n steps; `call` holds further arguments of its `set_timesteps`.
pub fn tables(settings: &Settings, n: usize, call: &Value) -> Tables {
    let class = settings.class;
    match class {
        "LCMScheduler" | "TCDScheduler" => distilled(settings, n),
        "DDIMScheduler" | "DDPMScheduler" | "PNDMScheduler" | "DDIMInverseScheduler" => rounded(settings, n),
        "EDMEulerScheduler" | "EDMDPMSolverMultistepScheduler" | "CosineDPMSolverMultistepScheduler" => {
            variance_exploding(settings, n)
        }
        "CMStochasticIterativeScheduler" => consistency(settings, n),
        "FlowMatchEulerDiscreteScheduler" | "FlowMatchHeunDiscreteScheduler" => flow(settings, n, call),
        _ if settings.flag("use_flow_sigmas", false) => multistep_flow(settings, n),
        _ => trained(settings, n),
    }
}

fn spaced(settings: &Settings, default: &str, n: usize, train: usize) -> Vec<f64> {
    let spacing = match settings.word("timestep_spacing", default) {
        "leading" => Spacing::Leading { steps_offset: settings.count("steps_offset", 0) },
        "linspace" => Spacing::Linspace,
        "trailing" => Spacing::Trailing,
        other => panic!("spacing {other}"),
    };
    // The classes that drop a point have one more of those that include both ends or start from the first.
    let extra = usize::from(DROP_LAST.contains(&settings.class) && spacing != Spacing::Trailing);
    let mut timesteps = vec![0.0; n + extra];
    fill_timesteps(&mut timesteps, train, spacing);
    if settings.class == INVERSE {
        timesteps.remove(0);
    }
    timesteps.truncate(n);
    timesteps
}

/// Integer timesteps, and no sigmas.
fn rounded(settings: &Settings, n: usize) -> Tables {
    let mut timesteps = spaced(settings, "leading", n, settings.train_timesteps());
    timesteps.iter_mut().for_each(|t| *t = t.round_ties_even());
    match settings.class {
        "DDIMInverseScheduler" => timesteps.reverse(),
        // The second evaluation is made twice.
        "PNDMScheduler" => timesteps.insert(1, timesteps[1]),
        _ => {}
    }
    Tables { timesteps, sigmas: None, stride: 1 }
}

/// Distilled networks know every twentieth timestep; n of those, evenly from the noisiest.
fn distilled(settings: &Settings, n: usize) -> Tables {
    let mut known = vec![0.0; settings.count("original_inference_steps", 50)];
    fill_timesteps(&mut known, settings.train_timesteps(), Spacing::Trailing);
    let timesteps = (0..n).map(|i| known[i * known.len() / n]).collect();
    Tables { timesteps, sigmas: None, stride: 1 }
}

/// Fills by one of the two named spacings, without a last 0.
fn by_name(name: &str, sigmas: &mut [f64], least: f64, most: f64, rho: f64) {
    match name {
        "karras" => fill_karras(sigmas, least, most, rho, Last::SigmaMin),
        "exponential" => fill_exponential(sigmas, least, most, Last::SigmaMin),
        other => panic!("sigma schedule {other}"),
    }
}

fn variance_exploding(settings: &Settings, n: usize) -> Tables {
    let cosine = settings.class.starts_with("Cosine");
    let (least, most, name) = if cosine { (0.3, 500.0, "exponential") } else { (0.002, 80.0, "karras") };
    let (least, most) = (settings.number("sigma_min", least), settings.number("sigma_max", most));
    let mut sigmas = vec![0.0; n];
    by_name(settings.word("sigma_schedule", name), &mut sigmas, least, most, settings.number("rho", 7.0));
    let process = Process::Edm { sigma_data: settings.number("sigma_data", if cosine { 1.0 } else { 0.5 }) };
    let timestep = |&sigma: &f64| match cosine {
        true => sigma.atan() / std::f64::consts::FRAC_PI_2,
        false => at_sigma(&process, sigma).timestep,
    };
    let timesteps = sigmas.iter().map(timestep).collect();
    sigmas.push(if settings.word("final_sigmas_type", "zero") == "zero" { 0.0 } else { least });
    Tables { timesteps, sigmas: Some(sigmas), stride: 1 }
}

/// One step of a consistency model: it starts from the largest sigma and is told 250·ln σ.
fn consistency(settings: &Settings, n: usize) -> Tables {
    assert_eq!(n, 1, "{}", settings.class);
    let sigmas = vec![settings.number("sigma_max", 80.0), settings.number("sigma_min", 0.002)];
    let level = at_sigma(&Process::Edm { sigma_data: settings.number("sigma_data", 0.5) }, sigmas[0]);
    Tables { timesteps: vec![1000.0 * level.timestep], sigmas: Some(sigmas), stride: 1 }
}

fn flow(settings: &Settings, n: usize, call: &Value) -> Tables {
    let train = settings.train_timesteps() as f64;
    let (amount, dynamic) = (settings.number("shift", 1.0), settings.flag("use_dynamic_shifting", false));
    let mut sigmas = vec![0.0; n];
    if let Some(given) = call.get("sigmas") {
        sigmas = numbers(given);
    } else {
        // The ends are shifted once, what is spaced between them a second time.
        let mut ends = [1.0, 1.0 / train];
        shift(&mut ends, amount);
        fill_times(&mut sigmas, ends[1], ends[0], 1.0);
    }
    if dynamic {
        let kind = match settings.word("time_shift_type", "exponential") {
            "linear" => ShiftKind::Linear,
            _ => ShiftKind::Exponential,
        };
        shift_dynamic(&mut sigmas, call["mu"].as_f64().expect("mu"), kind);
    } else {
        shift(&mut sigmas, amount);
    }
    if let Some(terminal) = settings.present("shift_terminal") {
        stretch_terminal(&mut sigmas, terminal.as_f64().expect("a sigma"));
    }
    let inverted = settings.flag("invert_sigmas", false);
    if inverted {
        sigmas.iter_mut().for_each(|s| *s = 1.0 - *s);
    }
    let timesteps = sigmas.iter().map(|s| s * train).collect();
    sigmas.push(f64::from(u8::from(inverted)));
    Tables { timesteps, sigmas: Some(sigmas), stride: 1 }
}

/// The flow of the multistep classes: truncated timesteps, and a first sigma just below 1.
fn multistep_flow(settings: &Settings, n: usize) -> Tables {
    let train = settings.train_timesteps() as f64;
    let mut sigmas = vec![0.0; n + 1];
    fill_times(&mut sigmas, 1.0 / train, 1.0, 1.0);
    shift(&mut sigmas, settings.number("flow_shift", 1.0));
    sigmas[0] -= 1e-6;
    let timesteps = sigmas[..n].iter().map(|s| (s * train).trunc()).collect();
    sigmas[n] = 0.0;
    Tables { timesteps, sigmas: Some(sigmas), stride: 1 }
}

/// Classes that take the sigmas of a trained table.
fn trained(settings: &Settings, n: usize) -> Tables {
    let class = settings.class;
    let drops = DROP_LAST.contains(&class);
    let mut alpha_bars = settings.alpha_bars();
    if let Some(last) = alpha_bars.last_mut().filter(|last| **last == 0.0) {
        // Not quite no signal, so that sigma stays finite.
        *last = 2f64.powi(-24);
    }
    let process = Process::VpDiscrete(VpDiscrete { alpha_bars: &alpha_bars });
    let at = |timestep: f64| at_timestep(&process, timestep).noise_to_signal();
    let lowest = settings.present("lambda_min_clipped").and_then(Value::as_f64).unwrap_or(f64::NEG_INFINITY);
    let clipped = (0..alpha_bars.len()).rev().take_while(|&t| -at(t as f64).ln() < lowest).count();
    let mut timesteps = spaced(settings, "linspace", n, alpha_bars.len() - clipped);
    if drops {
        timesteps.iter_mut().for_each(|t| *t = t.round_ties_even());
    }
    // Between the entries of the table these classes interpolate sigma itself, not its logarithm.
    let between = |&t: &f64| at(t.floor()) + (t - t.floor()) * (at(t.ceil()) - at(t.floor()));
    let mut sigmas: Vec<f64> = timesteps.iter().map(between).collect();
    let name = ["karras", "exponential"].into_iter().find(|name| settings.flag(&format!("use_{name}_sigmas"), false));
    let logarithmic = settings.flag("use_lu_lambdas", false);
    if let Some(name) = name.or(logarithmic.then_some("exponential")) {
        // The multistep classes span the whole table, the others what the spacing reaches.
        let (least, most) =
            if drops { (at(0.0), at((alpha_bars.len() - 1) as f64)) } else { (sigmas[n - 1], sigmas[0]) };
        let (least, most) = (settings.number("sigma_min", least), settings.number("sigma_max", most));
        by_name(name, &mut sigmas, least, most, 7.0);
        let timestep = |&sigma: &f64| {
            let exact = at_sigma(&process, sigma).timestep;
            match class {
                "KDPM2DiscreteScheduler" | "KDPM2AncestralDiscreteScheduler" if name == "karras" => {
                    exact.round_ties_even()
                }
                _ if !drops => exact,
                _ if name == "karras" || logarithmic => exact.round_ties_even(),
                // Truncated, but for what rounding takes from an integer.
                _ => (exact + 1e-9).floor(),
            }
        };
        timesteps = sigmas.iter().map(timestep).collect();
    }
    if settings.word("timestep_type", "discrete") == "continuous" {
        timesteps = sigmas.iter().map(|sigma| 0.25 * sigma.ln()).collect();
    }
    if class == INVERSE {
        timesteps.reverse();
        sigmas.reverse();
        sigmas.push(at((alpha_bars.len() - clipped - 1) as f64));
        return Tables { timesteps, sigmas: Some(sigmas), stride: 1 };
    }
    let ends_low = class == "DEISMultistepScheduler" || class == "SASolverScheduler";
    let last = settings.word("final_sigmas_type", if ends_low { "sigma_min" } else { "zero" });
    sigmas.push(if last == "sigma_min" { at(0.0) } else { 0.0 });
    let stride = if class.starts_with("KDPM2") || class == "DPMSolverSDEScheduler" { 2 } else { 1 };
    Tables { timesteps, sigmas: Some(sigmas), stride }
}
