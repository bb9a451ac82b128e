//! k-diffusion's samplers: variance-exploding states and a denoiser.

use super::plan::{Plan, indices, network, rows};
use quell::diffusion::noise::{NoiseLevel, Process};
use quell::diffusion::prediction::Prediction;
use quell::diffusion::schedule::Schedule;
use quell::diffusion::solver::{DpmPp2M, EulerAncestral, Heun, SdeDpmPp2M, SecondOrder};
use quell_tests::models::tanh_denoiser;
use quell_tests::peers::Settings;
use quell_tests::sampler::{Feed, steps};
use quell_tests::vectors::{numbers, x_init};
use serde_json::Value;

/// The plan of a recorded run with the solver that does the same, or else with the one that comes nearest to it; none
/// where there is no list of sigmas to run along.
pub fn plan(case: &Value) -> Option<Plan> {
    let sampler = case["source"].as_str().expect("a source").rsplit(' ').next().expect("a name");
    let options = Settings { class: sampler, arguments: &case["kwargs"] };
    let sigmas = numbers(&case["f64"]["sigmas"]);
    let mut levels = vec![NoiseLevel::default(); sigmas.len()];
    Process::Ve.fill_levels(&mut levels, &sigmas).ok()?;
    let schedule = Schedule::new(Process::Ve, Prediction::Sample, &levels).expect("a schedule");
    let (eta, s_noise) = (options.number("eta", 1.0), options.number("s_noise", 1.0));
    let heun = Heun {
        s_churn: options.number("s_churn", 0.0),
        s_tmin: options.number("s_tmin", 0.0),
        s_tmax: options.number("s_tmax", f64::INFINITY),
        s_noise,
    };
    let second_order = match options.word("solver_type", "midpoint") {
        "heun" => SecondOrder::Heun,
        _ => SecondOrder::Midpoint,
    };
    let sde = SdeDpmPp2M { eta, s_noise, lower_order_final: false, second_order };
    let (solver, steps) = match sampler {
        "sample_euler" | "sample_lms" => {
            ("Euler", steps(&EulerAncestral { eta: 0.0, ..EulerAncestral::default() }, &schedule))
        }
        "sample_euler_ancestral" => ("Euler ancestral", steps(&EulerAncestral { eta, s_noise }, &schedule)),
        "sample_heun" | "sample_dpm_2" | "sample_dpm_2_ancestral" => ("Heun", steps(&heun, &schedule)),
        "sample_dpmpp_2m" => ("DPM++ 2M", steps(&DpmPp2M::default(), &schedule)),
        "sample_dpmpp_2m_sde" | "sample_dpmpp_3m_sde" | "sample_dpmpp_sde" | "sample_dpmpp_2s_ancestral" => {
            ("SDE-DPM++ 2M", steps(&sde, &schedule))
        }
        _ => return None,
    };
    let start = x_init().iter().map(|x| x * sigmas[0]).collect();
    // Heun's sampler draws in every step, churn or not.
    let draws = indices(&case["noise"]).into_iter().map(Some).collect();
    Some(Plan {
        solver,
        steps,
        start,
        network: network(tanh_denoiser),
        clip: None,
        noise: rows(draws),
        feed: Feed::Scaled,
    })
}
