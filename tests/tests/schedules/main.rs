//! The timesteps and sigmas that other programs recorded, made from quell's tables, spacings and shifts.

mod diffusers;

use diffusers::{not_built, tables};
use quell::diffusion::noise::{NoiseLevel, Process, VpLinear};
use quell::diffusion::prediction::Prediction;
use quell::diffusion::schedule::timesteps::Spacing;
use quell::diffusion::schedule::{Last, Schedule, published};
use quell::diffusion::solver::EulerAncestral;
use quell_tests::peers::Settings;
use quell_tests::sampler::steps;
use quell_tests::tables::{
    Betas, at_timestep, fill_exponential, fill_karras, fill_published, fill_times, fill_timesteps,
};
use quell_tests::tolerance::{
    BETA_DIFFERENCE, BETA_TABLE, NINE_DIGITS, PEER_TABLE_F32, PUBLISHED, SCHEDULE, TIMESTEP, worst,
};
use quell_tests::vectors::{json, numbers};
use serde_json::Value;
use std::collections::BTreeMap;

/// What was compared and what was not, with the worst distances.
#[derive(Debug, Default)]
struct Report {
    run: BTreeMap<String, (usize, f64)>,
    listed: BTreeMap<String, usize>,
    failures: Vec<String>,
}

impl Report {
    fn list(&mut self, reason: &str) {
        *self.listed.entry(reason.to_owned()).or_default() += 1;
    }

    /// Compares one table, whose elements may be off by `tolerance`.
    fn compare(&mut self, what: &str, case: &str, actual: &[f64], expected: &[f64], tolerance: f64) {
        let (distance, element) = worst(actual, expected);
        let (tables, worst) = self.run.entry(what.to_owned()).or_default();
        (*tables, *worst) = (*tables + 1, worst.max(distance));
        if distance.is_nan() || distance > tolerance {
            self.failures.push(format!("{case}: {what}, element {element}: {distance:e} > {tolerance:e}"));
        }
    }

    fn finish(&self, all: usize, run: usize) {
        for (what, (tables, worst)) in &self.run {
            println!("{what:24} {tables:4} tables, worst {worst:7.1e}");
        }
        for (reason, count) in &self.listed {
            println!("{count:4} not run: {reason}");
        }
        assert!(self.failures.is_empty(), "{} failures: {:#?}", self.failures.len(), &self.failures);
        assert_eq!(run + self.listed.values().sum::<usize>(), all);
    }
}

/// Holds the tables of one of diffusers' classes against those that it recorded.
fn compare(report: &mut Report, case: &str, settings: &Settings, n: usize, call: &Value, recorded: &Value) -> bool {
    if let Some(reason) = not_built(settings) {
        report.list(reason);
        return false;
    }
    let made = tables(settings, n, call);
    // Counted from one: an interpolated timestep may be close to 0.
    let from_one = |t: &f64| t + 1.0;
    let mut expected: Vec<f64> = numbers(&recorded["timesteps"]).iter().map(from_one).collect();
    let mut sigmas = recorded["sigmas"].as_array().map(|_| numbers(&recorded["sigmas"]));
    let two_stages = settings.class.contains("Heun") || made.stride == 2;
    if made.stride == 2 {
        expected = expected.into_iter().step_by(2).collect();
    } else if two_stages {
        expected.dedup();
    }
    if two_stages && let Some(sigmas) = &mut sigmas {
        sigmas.dedup();
    }
    let timesteps: Vec<f64> = made.timesteps.iter().map(from_one).collect();
    report.compare("timesteps", case, &timesteps, &expected, TIMESTEP);
    match (made.sigmas, sigmas) {
        (Some(made), Some(recorded)) => {
            let trained = settings.present("beta_schedule").is_some();
            let (what, tolerance) = if trained { ("sigmas of a table", BETA_TABLE) } else { ("sigmas", SCHEDULE) };
            report.compare(what, case, &made, &recorded, tolerance);
        }
        (None, None) => {}
        (made, recorded) => report.failures.push(format!("{case}: sigmas {made:?}, recorded {recorded:?}")),
    }
    true
}

#[test]
fn tables_of_trained_networks() {
    let cases: Vec<Value> = json("peers/timesteps_sigmas_f64.json");
    let (mut report, mut run) = (Report::default(), 0);
    for case in &cases {
        let class = case["scheduler"].as_str().expect("a class");
        let settings = Settings { class, arguments: &case["config"] };
        let n = case["n"].as_u64().expect("a count") as usize;
        let name = format!("{class} {} {n}", case["config"]);
        run += usize::from(compare(&mut report, &name, &settings, n, &Value::Null, case));
    }
    report.finish(cases.len(), run);
}

/// Tables that no recorded run uses, by diffusers' formulas in double precision: entries of a thousand.
#[test]
fn beta_tables_without_a_run() {
    let cosine = [
        (0, 4.128422482196914e-05),
        (1, 4.614175273665033e-05),
        (250, 0.0013272239542118092),
        (500, 0.003155691441585007),
        (998, 0.7499993929011166),
        (999, 0.999),
    ];
    let laplace = [
        (0, 0.021153757200412016),
        (1, 0.008747812864309146),
        (250, 0.0004135429226539422),
        (499, 0.0002501562265064816),
        (500, 0.00025003138294010796),
        (750, 0.0005870309405024976),
        (999, 0.8472526270584196),
    ];
    let sigmoid = [
        (0, 0.00014920520081703202),
        (250, 0.0010464782947001436),
        (499, 0.010020120209938985),
        (500, 0.010079879790061013),
        (999, 0.01995079479918297),
    ];
    let mut report = Report::default();
    let mut check = |name: &str, betas: Betas, expected: &[(usize, f64)]| {
        let table = betas.table(1000);
        let (at, expected): (Vec<usize>, Vec<f64>) = expected.iter().copied().unzip();
        let actual: Vec<f64> = at.iter().map(|&i| table[i]).collect();
        report.compare(name, name, &actual, &expected, BETA_DIFFERENCE);
    };
    check("squared cosine", Betas::SquaredCosine(0.999), &cosine);
    check("Laplace", Betas::Laplace(0.999), &laplace);
    check("sigmoid", Betas::Sigmoid(1e-4, 0.02), &sigmoid);
    report.finish(3, 3);
}

/// Strides that are no integers, which no recorded run has: by diffusers' formula, with its rounding of ties to even.
#[test]
fn trailing_steps_are_rounded() {
    let seven = [999.0, 856.0, 713.0, 570.0, 428.0, 285.0, 142.0];
    let sixteen =
        [999.0, 937.0, 874.0, 811.0, 749.0, 687.0, 624.0, 561.0, 499.0, 437.0, 374.0, 311.0, 249.0, 187.0, 124.0, 61.0];
    for expected in [&seven[..], &sixteen] {
        let mut timesteps = vec![0.0; expected.len()];
        fill_timesteps(&mut timesteps, 1000, Spacing::Trailing);
        assert_eq!(timesteps, expected);
    }
}

#[test]
fn tables_of_the_recorded_runs() {
    let index: Vec<Value> = json("peers/index.json");
    let (mut report, mut run, mut all) = (Report::default(), 0, 0);
    for id in index.iter().map(|entry| entry["id"].as_str().expect("a name")) {
        if id.starts_with("kdiff/") {
            continue;
        }
        all += 1;
        let case: Value = json(&format!("peers/{id}.json"));
        let settings = Settings { class: case["scheduler"].as_str().expect("a class"), arguments: &case["config"] };
        let asked = [&case["num_inference_steps_arg"], &case["set_timesteps"]["args"][0]];
        let n = asked.into_iter().find_map(Value::as_u64).map_or(settings.train_timesteps(), |n| n as usize);
        run += usize::from(compare(&mut report, id, &settings, n, &case["set_kw"], &case["f64"]));
    }
    report.finish(all, run);
}

#[test]
fn sigmas_of_the_recorded_k_diffusion_runs() {
    let index: Vec<Value> = json("peers/index.json");
    let (mut report, mut run, mut all) = (Report::default(), 0, 0);
    for id in index.iter().map(|entry| entry["id"].as_str().expect("a name")).filter(|id| id.starts_with("kdiff/")) {
        all += 1;
        let case: Value = json(&format!("peers/{id}.json"));
        let expected = numbers(&case["f64"]["sigmas"]);
        let mut sigmas = vec![0.0; expected.len()];
        let (what, tolerance) = match case["sigmas_name"].as_str().expect("a name") {
            "karras10" => {
                fill_karras(&mut sigmas, 0.0292, 14.6146, 7.0, Last::Zero);
                ("Karras", SCHEDULE)
            }
            "karras18edm" => {
                fill_karras(&mut sigmas, 0.002, 80.0, 7.0, Last::Zero);
                ("Karras", SCHEDULE)
            }
            "nozero8" => {
                fill_karras(&mut sigmas, 0.0292, 14.6146, 7.0, Last::SigmaMin);
                ("Karras", SCHEDULE)
            }
            "exp12" => {
                fill_exponential(&mut sigmas, 0.0292, 14.6146, Last::Zero);
                ("exponential", SCHEDULE)
            }
            "ays_sd15" => {
                fill_published(&mut sigmas, published::List::StableDiffusion15, Last::Zero);
                ("published", PUBLISHED)
            }
            _ => {
                report.list("two ends, no schedule");
                continue;
            }
        };
        run += 1;
        report.compare(what, id, &sigmas, &expected, tolerance);
    }
    report.finish(all, run);
}

#[test]
fn constructors_of_k_diffusion() {
    let constructors: Value = json("peers/kdiff/constructors.json");
    let (mut report, mut run) = (Report::default(), 0);
    let cases = constructors["sigma_constructors"].as_array().expect("cases");
    for case in cases {
        let name = case["fn"].as_str().expect("a function");
        let options = Settings { class: name, arguments: case };
        let expected = numbers(&case["out"]);
        let mut sigmas = vec![0.0; expected.len()];
        let (least, most) = (options.number("sigma_min", 0.0), options.number("sigma_max", 0.0));
        match name {
            "get_sigmas_karras" => {
                fill_karras(&mut sigmas, least, most, options.number("rho", 7.0), Last::Zero);
            }
            "get_sigmas_exponential" => fill_exponential(&mut sigmas, least, most, Last::Zero),
            "get_sigmas_vp" => {
                let epsilon = options.number("eps_s", 0.0);
                let (beta_min, beta_d) = (options.number("beta_min", 0.0), options.number("beta_d", 0.0));
                let process = Process::VpLinear(VpLinear { beta_min, beta_d, epsilon });
                let times = sigmas.len() - 1;
                match times {
                    1 => sigmas[0] = 1.0,
                    _ => fill_times(&mut sigmas[..times], epsilon, 1.0, 1.0),
                }
                for sigma in &mut sigmas[..times] {
                    *sigma = at_timestep(&process, *sigma).noise_to_signal();
                }
                // The peer takes σ² + 1 as an exponential, in single precision, and subtracts 1.
                run += 1;
                let squared = |sigmas: &[f64]| sigmas.iter().map(|s| s * s + 1.0).collect::<Vec<f64>>();
                report.compare(name, &case.to_string(), &squared(&sigmas), &squared(&expected), PEER_TABLE_F32);
                continue;
            }
            _ => {
                report.list("the polynomial in ln σ (get_sigmas_polyexponential) is not built");
                continue;
            }
        }
        run += 1;
        report.compare(name, &case.to_string(), &sigmas, &expected, PEER_TABLE_F32);
    }
    let weights = constructors["lms_coeff"]["rows"].as_array().expect("rows");
    weights.iter().for_each(|_| report.list("linear multistep (LMS) is not built"));
    let splits = constructors["ancestral"].as_array().expect("splits");
    for split in splits {
        let number = |name: &str| split[name].as_f64().unwrap_or_else(|| panic!("{name}: {split}"));
        let (from, to) = (number("from"), number("to"));
        let mut levels = [NoiseLevel::default(); 2];
        Process::Ve.fill_levels(&mut levels, &[from, to]).expect("levels");
        let schedule = Schedule::new(Process::Ve, Prediction::Sample, &levels).expect("a schedule");
        let solver = EulerAncestral { eta: number("eta"), s_noise: 1.0 };
        let row = steps(&solver, &schedule)[0].rows[0];
        let expected = [number("down"), number("up")];
        run += 1;
        report.compare("ancestral split", &split.to_string(), &[row.x * from, row.noise], &expected, NINE_DIGITS);
    }
    report.finish(cases.len() + weights.len() + splits.len(), run);
}

#[test]
fn sigmas_of_diff_sampler() {
    let official: Value = json("peers/official/cases.json");
    let cases = official["cases"].as_array().expect("cases");
    let (mut report, mut run) = (Report::default(), 0);
    for case in cases {
        let options = Settings { class: "", arguments: &case["args"] };
        let Some(expected) = options.present("sigmas").map(numbers) else {
            report.list("the run recorded no table");
            continue;
        };
        let (least, most) = (options.number("sigma_min", 0.0), options.number("sigma_max", 0.0));
        let mut sigmas = vec![0.0; expected.len()];
        let what = options.word("schedule_type", "");
        match what {
            "polynomial" => fill_karras(&mut sigmas, least, most, 7.0, Last::SigmaMin),
            "logsnr" => fill_exponential(&mut sigmas, least, most, Last::SigmaMin),
            "time_uniform" => {
                let process = Process::VpLinear(VpLinear::from_sigma_range(least, most, 1e-3).expect("a process"));
                fill_times(&mut sigmas, 1e-3, 1.0, 1.0);
                for sigma in &mut sigmas {
                    *sigma = at_timestep(&process, *sigma).noise_to_signal();
                }
            }
            other => panic!("schedule {other}"),
        }
        run += 1;
        let name = case["id"].as_str().expect("a name");
        report.compare(what, name, &sigmas, &expected, NINE_DIGITS);
    }
    report.finish(cases.len(), run);
}
