//! The cases of the Align Your Steps specification that what is built so far can be held against.

use quell::diffusion::noise::{NoiseLevel, Process, VpDiscrete, VpLinear};
use quell::diffusion::prediction::Prediction;
use quell::diffusion::schedule::{Last, Schedule, published};
use quell::diffusion::solver::{
    BFunction, Ddim, DpmPp2M, ErSde, EulerAncestral, Heun, NoiseScale, SdeDpmPp2M, SecondOrder, UniPc, klub_weight,
};
use quell::diffusion::step::Step;
use quell_tests::abi::AbiSolver;
use quell_tests::models::Mixture;
use quell_tests::sampler::{Feed, Host, run, steps};
use quell_tests::tables::{
    Betas, at_timestep, fill_arctan, fill_exponential, fill_karras, fill_published, fill_times, interpolate,
};
use quell_tests::tolerance::{AYS, PUBLISHED, SCHEDULE, assert_close};
use quell_tests::vectors::{json, numbers};
use serde_json::Value;

fn cases() -> Value {
    json("ays_cases.json")
}

/// Cases that the library is held against in another file, with its name.
const ELSEWHERE: &[(&str, &str)] = &[
    ("02_gaussian_table", "bound/gaussian.rs"),
    ("03_klub_gauss", "bound/gaussian.rs"),
    ("04_klub_optimal_schedule", "bound/gaussian.rs"),
    ("05_sddim_true_kl_optimum", "bound/gaussian.rs"),
    ("06_importance_sampling", "bound/importance.rs"),
    ("07_klub_gmm1d", "bound/estimate.rs"),
    ("08_klub_dp_gmm1d", "bound/dynamic.rs"),
    ("14_coordinate_search", "bound/search.rs"),
    ("17_true_kl_gmm1d", "bound/search.rs"),
];

/// Cases that nothing is held against, with the reason.
const NOT_BUILT: &[(&str, &str)] = &[
    ("13_observed_orders", "informative; tests/convergence.rs measures orders on its own"),
    ("16_ab3_weights", "Adams-Bashforth solvers are not built"),
];

#[test]
fn every_case_is_run_or_listed() {
    let cases = cases();
    let run = [
        "01_arctan_schedule",
        "09_baseline_schedules",
        "10_released_interp",
        "11_gmm_denoiser",
        "12_solvers_gmm2d",
        "15_ersde_klub_weight",
    ];
    let mut names: Vec<&str> = cases.as_object().expect("an object").keys().map(String::as_str).collect();
    let listed = ELSEWHERE.iter().chain(NOT_BUILT).map(|&(name, _)| name);
    let mut known: Vec<&str> = run.iter().copied().chain(listed).collect();
    names.sort_unstable();
    known.sort_unstable();
    assert_eq!(names, known);
    // A case that is said to run in a file is at least named there.
    for (name, file) in ELSEWHERE {
        let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests").join(file);
        let source = std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        assert!(source.contains(&format!("\"{name}\"")), "{name} is not in {file}");
    }
    println!("run here {}, elsewhere {}, not built {}", run.len(), ELSEWHERE.len(), NOT_BUILT.len());
    for (name, reason) in NOT_BUILT {
        println!("  {name}: {reason}");
    }
}

#[test]
fn case_01_arctan() {
    let mut sigmas = [0.0; 11];
    fill_arctan(&mut sigmas, 0.002, 80.0, 0.5, Last::SigmaMin);
    assert_close("arctan", &sigmas, &numbers(&cases()["01_arctan_schedule"]["output"]), AYS);
}

#[test]
fn case_09_baselines() {
    let case = &cases()["09_baseline_schedules"]["output"];
    let mut compared = 0;
    let mut check = |name: &str, actual: &[f64]| {
        assert_close(name, actual, &numbers(&case[name]), AYS);
        compared += 1;
    };
    let mut sigmas = [0.0; 9];
    fill_karras(&mut sigmas, 0.002, 80.0, 7.0, Last::SigmaMin);
    check("edm", &sigmas);
    fill_karras(&mut sigmas, 0.002, 80.0, 1.0, Last::SigmaMin);
    check("rho1", &sigmas);
    fill_exponential(&mut sigmas, 0.002, 80.0, Last::SigmaMin);
    check("logsnr", &sigmas);
    fill_arctan(&mut sigmas, 0.002, 80.0, 1.0, Last::SigmaMin);
    check("cosine", &sigmas);
    check("kl_optimal_c1", &sigmas);
    let mut by_time = |name: &str, process: VpLinear, power: f64| {
        let mut times = [0.0; 9];
        fill_times(&mut times, 1e-3, 1.0, power);
        let process = Process::VpLinear(process);
        let sigmas = times.map(|t| at_timestep(&process, t).noise_to_signal());
        check(name, &sigmas);
    };
    by_time("vp_time_uniform", VpLinear::default(), 1.0);
    by_time("vp_time_quadratic", VpLinear::default(), 2.0);
    let range = VpLinear::from_sigma_range(0.002, 80.0, 1e-3).unwrap();
    by_time("range_time_uniform", range, 1.0);
    check("vp_range_params", &[range.beta_d, range.beta_min]);
    assert_eq!(compared, case.as_object().unwrap().len());
}

#[test]
fn case_10_published_lists() {
    let case = &cases()["10_released_interp"];
    let alpha_bars = Betas::ScaledLinear(0.00085, 0.012).alpha_bars(1000);
    let process = Process::VpDiscrete(VpDiscrete { alpha_bars: &alpha_bars });
    for (timestep, sigma) in case["output"]["sd_sigma_at"].as_object().unwrap() {
        let level = at_timestep(&process, timestep.parse().unwrap());
        assert_close(timestep, &[level.noise_to_signal()], &[sigma.as_f64().unwrap()], AYS);
    }
    for (list, name) in
        [(published::List::StableDiffusion15, "levels_sd15"), (published::List::StableDiffusionXl, "levels_sdxl")]
    {
        assert_close(name, list.sigmas(), &numbers(&case["input"][name]), 0.0);
        let timesteps = list.timesteps().expect("a list with timesteps");
        let at_timesteps = timesteps.map(|t| at_timestep(&process, t).noise_to_signal());
        assert_close(name, &at_timesteps, &list.sigmas()[..10], PUBLISHED);
    }
    for (list, name, count) in [
        (published::List::StableDiffusion15, "sd15_6_steps", 6),
        (published::List::StableDiffusion15, "sd15_20_steps", 20),
        (published::List::StableDiffusionXl, "sdxl_5_steps", 5),
    ] {
        let (mut sigmas, mut direct) = (vec![0.0; count + 1], vec![0.0; count + 1]);
        fill_published(&mut sigmas, list, Last::SigmaMin);
        interpolate(&mut direct, list.sigmas());
        assert_eq!(sigmas, direct);
        assert_close(name, &sigmas, &numbers(&case["output"][name]), AYS);
        fill_published(&mut sigmas, list, Last::Zero);
        assert_eq!((&sigmas[..count], sigmas[count]), (&direct[..count], 0.0));
    }
}

fn mixture(cases: &Value) -> Mixture {
    let input = &cases["11_gmm_denoiser"]["input"];
    let means = input["means"].as_array().unwrap().iter().map(|m| numbers(m).try_into().unwrap()).collect();
    Mixture { weights: numbers(&input["weights"]), means, deviations: numbers(&input["stds"]) }
}

/// Holds the tests' own denoiser to its case before case 12 relies on it.
#[test]
fn case_11_denoiser() {
    let cases = cases();
    let case = &cases["11_gmm_denoiser"];
    let x: Vec<f64> = case["input"]["x"].as_array().unwrap().iter().flat_map(numbers).collect();
    let expected = case["output"].as_object().unwrap();
    assert_eq!(expected.len(), 4);
    for (sigma, expected) in expected {
        let denoised = mixture(&cases).denoise(sigma.parse().unwrap(), &x);
        assert_close(sigma, &denoised, &numbers(expected), AYS);
    }
}

/// Solvers of case 12 that nothing here is held against, with the reason.
const OTHER_SOLVERS: &[(&str, &str)] = &[
    ("dpm2", "DPM-Solver-2 is not built"),
    ("dpmpp2s", "DPM-Solver++(2S) is not built"),
    ("dpmpp2s_zero", "DPM-Solver++(2S) is not built"),
    ("dpmpp3m_lof", "DPM-Solver++(3M) is not built"),
    ("dpmpp_sde", "the single-step DPM-Solver++ SDE is not built"),
    ("ipndmv2", "iPNDM is not built"),
    ("ipndm4", "iPNDM is not built"),
    ("rhoab2", "DEIS is not built"),
    ("rhoab4", "DEIS is not built"),
    ("tab2", "DEIS is not built"),
    ("tab4", "DEIS is not built"),
];

/// The steps of each solver of case 12 that exists here, on levels with or without a final 0.
fn solver_steps(name: &str, levels: &[NoiseLevel], with_zero: &[NoiseLevel]) -> Vec<Step> {
    let schedule = |levels| Schedule::new(Process::Ve, Prediction::Sample, levels).unwrap();
    let (plain, zero) = (schedule(levels), schedule(with_zero));
    let on = |zero_last: bool, solver: &dyn Fn(&Schedule) -> Vec<Step>| solver(if zero_last { &zero } else { &plain });
    fn with<S: AbiSolver>(solver: S) -> impl Fn(&Schedule) -> Vec<Step> {
        move |schedule| steps(&solver, schedule)
    }
    let two_m = DpmPp2M::default();
    let sde = SdeDpmPp2M::default();
    let uni = UniPc::default();
    let er_sde = |order| ErSde { order, ..ErSde::default() };
    match name {
        "euler" => on(false, &with(Ddim::default())),
        "euler_zero" => on(true, &with(EulerAncestral { eta: 0.0, ..EulerAncestral::default() })),
        "heun" => on(false, &with(Heun::default())),
        "heun_zero" => on(true, &with(Heun::default())),
        "dpmpp2m" => on(false, &with(two_m)),
        "dpmpp2m_zero" => on(true, &with(two_m)),
        "dpmpp2m_lof" => on(false, &with(DpmPp2M { lower_order_final: true, ..two_m })),
        "ddim_eta1" => on(false, &with(Ddim { eta: 1.0, ..Ddim::default() })),
        "ddim_eta05" => on(false, &with(EulerAncestral { eta: 0.5, ..EulerAncestral::default() })),
        "sde_dpmpp2m_mid" => on(false, &with(sde)),
        "sde_dpmpp2m_mid_zero" => on(true, &with(sde)),
        "sde_dpmpp2m_heun" => on(false, &with(SdeDpmPp2M { second_order: SecondOrder::Heun, ..sde })),
        // Schedules of a single step keep the solver at its first order.
        "sde1_lam2_05" => (0..levels.len() - 1)
            .flat_map(|i| {
                let mut single = steps(&SdeDpmPp2M { eta: 0.5, ..sde }, &schedule(&levels[i..i + 2]));
                single.iter_mut().for_each(|step| step.noise_index = i as u32);
                single
            })
            .collect(),
        "unipc2_bh1" => on(false, &with(UniPc { order: 2, b_function: BFunction::Bh1, ..uni })),
        "unipc3_bh2" => on(false, &with(UniPc { order: 3, ..uni })),
        "ersde1" => on(false, &with(er_sde(1))),
        "ersde2" => on(false, &with(er_sde(2))),
        "ersde3" => on(false, &with(er_sde(3))),
        "ersde3_zero" => on(true, &with(er_sde(3))),
        other => panic!("{other} is neither run nor listed"),
    }
}

#[test]
fn case_12_solvers() {
    let cases = cases();
    let (case, mixture) = (&cases["12_solvers_gmm2d"], mixture(&cases));
    let mut sigmas = [0.0; 9];
    fill_karras(&mut sigmas, 0.002, 80.0, 7.0, Last::SigmaMin);
    assert_close("sigmas", &sigmas, &numbers(&case["input"]["sigmas"]), SCHEDULE);
    let mut with_zero: Vec<f64> = sigmas.to_vec();
    with_zero.push(0.0);
    let levels = |sigmas: &[f64]| -> Vec<NoiseLevel> {
        let mut levels = vec![NoiseLevel::default(); sigmas.len()];
        Process::Ve.fill_levels(&mut levels, sigmas).unwrap();
        levels
    };
    let (levels, with_zero) = (levels(&sigmas), levels(&with_zero));
    let x_t = numbers(&case["input"]["x_T"]);
    let noise = |i: u32| -> Vec<f64> {
        let z = |j: f64, k: f64| 2f64.sqrt() * (1.3 * (f64::from(i) + 1.0) + 0.7 * j + 2.1 * k).sin();
        vec![z(0.0, 0.0), z(0.0, 1.0), z(1.0, 0.0), z(1.0, 1.0)]
    };
    let (mut ran, mut unused) = (0, OTHER_SOLVERS.to_vec());
    for (name, expected) in case["output"].as_object().unwrap() {
        if OTHER_SOLVERS.iter().any(|(other, _)| other == name) {
            unused.retain(|(other, _)| other != name);
            continue;
        }
        let mut network =
            |evaluation: &quell_tests::sampler::Evaluation| mixture.denoise(evaluation.at.sigma, evaluation.input);
        let mut host = Host { network: &mut network, clip: None, noise: &noise, feed: Feed::Scaled };
        let result = run(&solver_steps(name, &levels, &with_zero), x_t.clone(), &mut host);
        assert_close(name, &result, &numbers(expected), AYS);
        ran += 1;
    }
    println!("case 12: run {ran}, not built {}", OTHER_SOLVERS.len());
    assert_eq!((ran, unused), (19, vec![]));
}

#[test]
fn case_15_bound_weights() {
    let case = &cases()["15_ersde_klub_weight"]["output"];
    let mut compared = 0;
    let mut check = |table: &str, weight: &dyn Fn(f64) -> f64| {
        for (argument, expected) in case[table].as_object().unwrap() {
            let (actual, expected) = (weight(argument.parse().unwrap()), expected.as_f64().unwrap());
            assert_close(&format!("{table} at {argument}"), &[actual], &[expected], AYS);
            compared += 1;
        }
    };
    check("constant_lambda2", &|lambda_squared| klub_weight(lambda_squared).unwrap());
    check("sde5_lambda2", &|sigma| NoiseScale::Sde5.lambda_squared(sigma).unwrap());
    check("sde5_weight", &|sigma| NoiseScale::Sde5.klub_weight(sigma).unwrap());
    assert_eq!(compared, 14);
}
