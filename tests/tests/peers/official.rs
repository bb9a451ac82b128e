//! The authors' own programs: DPM-Solver and UniPC in continuous time, diff-sampler in EDM's form.

use super::plan::{Clip, Network, Plan, network};
use quell::diffusion::guidance;
use quell::diffusion::noise::{NoiseLevel, Process, VpDiscrete, VpLinear};
use quell::diffusion::prediction::Prediction;
use quell::diffusion::schedule::{Last, Schedule};
use quell::diffusion::solver::{BFunction, Ddim, DpmPp2M, Heun, SecondOrder, UniPc};
use quell::diffusion::step::Step;
use quell_tests::models::{sine_continuous, tanh_denoiser};
use quell_tests::peers::Settings;
use quell_tests::sampler::{Evaluation, Feed, no_noise, steps};
use quell_tests::tables::{Betas, at_sigma, at_timestep, fill_exponential, fill_karras, fill_times};
use quell_tests::vectors::x_init;
use serde_json::Value;

/// The plan of a recorded run with the solver that does the same, or else with the one that comes nearest to it; none
/// for a run whose steps depend on the data.
pub fn plan(case: &Value) -> Option<Plan> {
    let options = Settings { class: "", arguments: &case["args"] };
    match options.word("fn", "") {
        "" if options.word("method", "") == "adaptive" => None,
        "" => Some(continuous(case)),
        _ => Some(edm(&options)),
    }
}

/// The solver of an order in its data-prediction form, whose name decides on options.
fn solve(name: &str, order: usize, options: &Settings, schedule: &Schedule) -> (&'static str, Vec<Step>) {
    let lower_order_final = name.ends_with("_sampler");
    let second_order = match options.word("solver_type", "dpmsolver") {
        "taylor" => SecondOrder::Heun,
        _ => SecondOrder::Midpoint,
    };
    let b_function = match options.word("variant", "bh2") {
        "bh1" => BFunction::Bh1,
        _ => BFunction::Bh2,
    };
    if name.starts_with("unipc") {
        ("UniPC", steps(&UniPc { order, b_function, ..UniPc::default() }, schedule))
    } else if order == 1 {
        ("DDIM", steps(&Ddim { use_clipped_model_output: true, ..Ddim::default() }, schedule))
    } else {
        ("DPM++ 2M", steps(&DpmPp2M { lower_order_final, second_order }, schedule))
    }
}

/// DPM-Solver and UniPC: variance-preserving states, t from 1 down to 10⁻³.
fn continuous(case: &Value) -> Plan {
    let options = Settings { class: "", arguments: &case["args"] };
    let mut times = vec![0.0; options.count("steps", 0) + 1];
    let (first, last) = (1.0, options.number("t_end", 1e-3));
    let table = Table::default();
    let linear = Process::VpLinear(VpLinear::default());
    let process = if options.word("schedule", "") == "linear" { linear } else { table.process() };
    let at = |t: f64| match process {
        Process::VpLinear(_) => at_timestep(&process, t),
        _ => table.at_time(t),
    };
    let levels: Vec<NoiseLevel> = match options.word("skip_type", "") {
        "logSNR" => {
            let [high, low] = [first, last].map(|t| at(t).noise_to_signal());
            let mut sigmas = times.clone();
            fill_exponential(&mut sigmas, low, high, Last::SigmaMin);
            let timestep = |level: NoiseLevel| match process {
                Process::VpLinear(_) => level.timestep,
                _ => table.time_of(&level),
            };
            let level = |&sigma: &f64| at_sigma(&process, sigma);
            sigmas.iter().map(level).map(|l| NoiseLevel { timestep: timestep(l), ..l }).collect()
        }
        skip => {
            let power = if skip == "time_quadratic" { 2.0 } else { 1.0 };
            fill_times(&mut times, last, first, power);
            times.iter().map(|&t| at(t)).collect()
        }
    };
    let schedule = Schedule::new(process, Prediction::Epsilon, &levels).expect("a schedule");
    let name = case["id"].as_str().expect("a name");
    let (solver, steps) = solve(name, options.count("order", 0), &options, &schedule);
    let network = network(sine_continuous);
    Plan { solver, steps, start: x_init(), network, clip: None, noise: Box::new(no_noise), feed: Feed::Scaled }
}

/// A trained table in the authors' continuous time: entry k of T stands at t = (k + 1)/T, and ln α is linear between.
struct Table {
    alpha_bars: Vec<f64>,
}

impl Default for Table {
    fn default() -> Table {
        Table { alpha_bars: Betas::ScaledLinear(0.00085, 0.012).alpha_bars(1000) }
    }
}

impl Table {
    fn process(&self) -> Process<'_> {
        Process::VpDiscrete(VpDiscrete { alpha_bars: &self.alpha_bars })
    }

    fn at_time(&self, t: f64) -> NoiseLevel {
        let position = (t * self.alpha_bars.len() as f64 - 1.0).clamp(0.0, (self.alpha_bars.len() - 1) as f64);
        let index = (position as usize).min(self.alpha_bars.len() - 2);
        let [here, next] = [index, index + 1].map(|k| self.alpha_bars[k].ln());
        let log = here + (position - index as f64) * (next - here);
        let level = NoiseLevel { alpha: (0.5 * log).exp(), sigma: (-log.exp_m1()).sqrt(), ..NoiseLevel::default() };
        NoiseLevel { input_scale: 1.0, timestep: t, ..level }
    }

    fn time_of(&self, level: &NoiseLevel) -> f64 {
        let log = level.alpha_bar().ln();
        let next = self.alpha_bars.partition_point(|entry| entry.ln() > log).clamp(1, self.alpha_bars.len() - 1);
        let [before, after] = [next - 1, next].map(|k| self.alpha_bars[k].ln());
        ((next as f64) + (before - log) / (before - after)) / self.alpha_bars.len() as f64
    }
}

/// diff-sampler: eight levels down to the least sigma, a denoiser, and a first step whose direction may be taken from
/// the state instead of the network ("analytical first step").
fn edm(options: &Settings) -> Plan {
    let (least, most) = (options.number("sigma_min", 0.0), options.number("sigma_max", 0.0));
    let mut sigmas = vec![0.0; options.count("num_steps", 0)];
    match options.word("schedule_type", "") {
        "polynomial" => fill_karras(&mut sigmas, least, most, 7.0, Last::SigmaMin),
        "logsnr" => fill_exponential(&mut sigmas, least, most, Last::SigmaMin),
        _ => {
            let process = Process::VpLinear(VpLinear::from_sigma_range(least, most, 1e-3).expect("a process"));
            fill_times(&mut sigmas, 1e-3, 1.0, 1.0);
            for sigma in &mut sigmas {
                *sigma = at_timestep(&process, *sigma).noise_to_signal();
            }
        }
    }
    let mut levels = vec![NoiseLevel::default(); sigmas.len()];
    Process::Ve.fill_levels(&mut levels, &sigmas).expect("levels");
    let schedule = Schedule::new(Process::Ve, Prediction::Sample, &levels).expect("a schedule");
    let name = options.word("fn", "");
    let (solver, steps) = match name {
        "heun_sampler" | "dpm_2_sampler" => ("Heun", steps(&Heun::default(), &schedule)),
        _ => solve(name, options.count("max_order", 1), options, &schedule),
    };
    let analytical = options.flag("afs", false);
    let network: Network = Box::new(move |evaluation: &Evaluation| {
        let (sigma, x) = (evaluation.at.sigma, evaluation.input);
        if analytical && evaluation.index == 0 {
            return x.iter().map(|x| x - sigma * (x / 1f64.hypot(sigma))).collect();
        }
        tanh_denoiser(sigma, x)
    });
    let threshold = |x: &mut [f64]| guidance::dynamic_threshold(x, 4, 0.995, f64::MAX).expect("threshold");
    let clip = matches!(name, "dpm_pp_sampler" | "unipc_sampler").then(|| Box::new(threshold) as Clip);
    let start = x_init().iter().map(|x| x * sigmas[0]).collect();
    Plan { solver, steps, start, network, clip, noise: Box::new(no_noise), feed: Feed::Scaled }
}
