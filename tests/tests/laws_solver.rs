//! Laws of the seven solvers, on any schedule and with any options. Numbers in brackets are those of the list of
//! invariants.

use proptest::prelude::*;
use quell::Argument;
use quell::diffusion::noise::{NoiseLevel, Process};
use quell::diffusion::pass::{self, Inputs, Noise};
use quell::diffusion::prediction::Prediction;
use quell::diffusion::solver::{Ddim, EulerAncestral, Solver};
use quell::diffusion::step::{Step, history_len};
use quell_tests::naive::Element;
use quell_tests::sampler::{Evaluation, Feed, Host, between, run as sample, same_bits, steps};
use quell_tests::strategies::{
    AnySolver, Run, config, log_uniform, prediction, process, ratios, run, run_within, solver, values,
};
use quell_tests::tolerance::{CANCELLING_F64, PASS_F32, ROUNDING_F64, RUN_F32, TIMESTEP};

const REGRESSIONS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/proptest-regressions/laws_solver.txt");

/// A smooth network with bounded outputs, elements coupled to neither each other nor the form of the state.
fn network(evaluation: &Evaluation) -> Vec<f64> {
    evaluation.input.iter().map(|x| (1.3 * x + 0.7).sin() + 0.2 * (0.01 * evaluation.at.timestep).cos()).collect()
}

/// Standard normals for the tests' purposes: bounded, and different for each draw and element.
fn wave(draw: u32, n: usize) -> Vec<f64> {
    (0..n).map(|k| 2f64.sqrt() * (1.3 * f64::from(draw) + 0.7 * k as f64 + 0.4).sin()).collect()
}

fn runs(steps: &[Step], x: Vec<f64>) -> Vec<f64> {
    runs_with(steps, x, &mut network)
}

fn runs_with(steps: &[Step], x: Vec<f64>, network: &mut dyn FnMut(&Evaluation) -> Vec<f64>) -> Vec<f64> {
    let n = x.len();
    let noise = move |draw| wave(draw, n);
    sample(steps, x, &mut Host { network, clip: None, noise: &noise, feed: Feed::Scaled })
}

/// A run in any type by the Rust API alone, history full of NaN at first.
fn runs_in<X: Element>(steps: &[Step], x: &[f64]) -> Vec<X> {
    let mut x: Vec<X> = x.iter().map(|&x| X::narrow(X::round(x))).collect();
    let slots = steps.iter().map(Step::slots).max().unwrap_or(0);
    let mut history = vec![X::narrow(f64::NAN); history_len(slots, x.len())];
    for (index, step) in steps.iter().enumerate() {
        let input: Vec<f64> = x.iter().map(|x| step.at.input_scale * x.widen()).collect();
        let output = network(&Evaluation { index, at: step.at, input: &input });
        let model: Vec<X> = output.into_iter().map(|m| X::narrow(X::round(m))).collect();
        let noise: Vec<X> = wave(step.noise_index, x.len()).into_iter().map(|z| X::narrow(X::round(z))).collect();
        let inputs = Inputs { model: &model, noise: Noise::Slice(&noise), ..Inputs::default() };
        pass::apply(&[*step], &mut x, &mut history, &inputs, None).expect("a pass");
    }
    x
}

/// One pass on a state, in any type.
fn passes<X: Element>(step: Step, x: &[X], model: &[X]) -> Vec<X> {
    let mut x = x.to_vec();
    pass::apply(&[step], &mut x, &mut [], &Inputs { model, ..Inputs::default() }, None).expect("a pass");
    x
}

/// The last step to σ = 0, on a state and a history that hold nothing of use, against D.
fn ends_on_the_estimate<X: Element>(step: &Step, is_sample: bool, data: u64) -> Result<(), TestCaseError> {
    let n = 5;
    let draw = |stream| -> Vec<X> { values(data, stream, n).into_iter().map(|v| X::narrow(X::round(v))).collect() };
    let model = draw(1);
    // D of a network that predicts it does not depend on the state.
    let mut x = if is_sample { vec![X::narrow(f64::NAN); n] } else { draw(0) };
    let mut expected = vec![X::default(); n];
    pass::denoise(&mut expected, &[*step], &x, &model, None).expect("denoise");
    if is_sample {
        prop_assert!(same_bits(&expected, &model));
    }
    let mut history = vec![X::narrow(f64::NAN); history_len(step.slots(), n)];
    pass::apply(&[*step], &mut x, &mut history, &Inputs { model: &model, ..Inputs::default() }, None).expect("a pass");
    prop_assert!(same_bits(&x, &expected), "{x:?} {expected:?}");
    Ok(())
}

proptest! {
    #![proptest_config(config(REGRESSIONS))]

    /// Each pass starts where the one before ended, and no draw of noise is used twice.
    #[test]
    fn steps_are_a_chain(run in run(), solver in solver()) {
        let steps = steps(&solver, &run.schedule());
        prop_assert_eq!(steps[0].at, run.levels[0]);
        prop_assert_eq!(steps[steps.len() - 1].next, run.last());
        for pair in steps.windows(2) {
            prop_assert_eq!(pair[0].next, pair[1].at);
            prop_assert!(pair[0].position <= pair[1].position);
        }
        let draws: Vec<u32> =
            steps.iter().filter(|step| step.rows[0].noise != 0.0).map(|step| step.noise_index).collect();
        prop_assert!(draws.windows(2).all(|w| w[0] < w[1]), "{draws:?}");
        prop_assert!(steps.iter().all(|step| step.slots() <= AnySolver::SLOTS));
        // Where churn leads off the schedule, it leads to levels of the process, in the state's own scale.
        for NoiseLevel { alpha, sigma, input_scale, timestep } in steps.iter().map(|step| step.at) {
            if alpha > 0.0 {
                let native = run.process.at_noise_to_signal(sigma / alpha).unwrap();
                let (actual, expected) = (input_scale * alpha, native.input_scale * native.alpha);
                prop_assert!((actual - expected).abs() <= ROUNDING_F64 * expected);
                prop_assert!((timestep - native.timestep).abs() <= TIMESTEP * native.timestep.abs().max(1e-2));
            }
        }
        prop_assert!(solver.step(&run.schedule(), steps.len()).is_err());
    }

    /// (11)
    #[test]
    fn no_length_is_the_identity(
        process in process(), ratio in log_uniform(1e-6, 1e4), kind in prediction(), clipped in any::<bool>(),
        eta in 0.0..=1.0f64, data in any::<u64>(),
    ) {
        let level = process.at_noise_to_signal(ratio).unwrap();
        let step = between(&Ddim { eta: 0.0, use_clipped_model_output: clipped }, level, level, kind);
        let (x, nan) = (values(data, 0, 7), [f64::NAN; 7]);
        prop_assert!(same_bits(&passes(step, &x, &nan), &x));
        let single: Vec<f32> = x.iter().map(|&x| x as f32).collect();
        prop_assert!(same_bits(&passes(step, &single, &[f32::NAN; 7]), &single));
        prop_assert!(same_bits(&passes(Step::identity(level).unwrap(), &x, &nan), &x));
        let row = between(&Ddim { eta, use_clipped_model_output: clipped }, level, level, Prediction::Sample).table(false)[0];
        prop_assert_eq!((row.x, row.model, row.noise), (1.0, 0.0, 0.0));
    }

    /// (11): a step of nearly no length changes nearly nothing, whatever the solver.
    #[test]
    fn a_short_step_changes_little(process in process(), ratio in log_uniform(1e-3, 1e3), solver in solver()) {
        const LENGTH: f64 = 1e-9;
        // Churn leaps, however short the step.
        let solver = if let AnySolver::Heun(_) = solver { solver.deterministic() } else { solver };
        let run = Run::new(*process, Prediction::Sample, &[ratio, ratio * (1.0 - LENGTH)]);
        let row = solver.step(&run.schedule(), 0).unwrap().table(false)[0];
        let NoiseLevel { sigma, .. } = run.levels[0];
        prop_assert!((row.x - 1.0).abs() <= 10.0 * LENGTH && row.model.abs() <= 10.0 * LENGTH, "{row:?}");
        prop_assert!(row.noise.abs() <= 10.0 * LENGTH.sqrt() * sigma);
    }

    /// (12): bit for bit, for every prediction; D itself where the network predicts it.
    #[test]
    fn the_end_is_the_estimate(run in run(), solver in solver(), data in any::<u64>()) {
        let run = run.to_clean();
        let sample = Run { prediction: Prediction::Sample, ..run.clone() };
        for (run, is_sample) in [(&run, run.prediction == Prediction::Sample), (&sample, true)] {
            let schedule = run.schedule();
            let last = solver.step(&schedule, solver.passes(&schedule).unwrap() - 1).unwrap();
            prop_assert_eq!(last.next.sigma, 0.0);
            ends_on_the_estimate::<f64>(&last, is_sample, data)?;
            ends_on_the_estimate::<f32>(&last, is_sample, data)?;
            ends_on_the_estimate::<quell::f16>(&last, is_sample, data)?;
        }
    }

    /// (13): s∘t equals the direct step, also back towards more noise.
    #[test]
    fn ddim_steps_compose_under_constant_noise(
        process in process(), ratios in ratios((1e-2, 1e2), 2..=2), order in Just([0usize, 1, 2]).prop_shuffle(),
        x in -3.0..3.0f64, noise in -3.0..3.0f64,
    ) {
        let levels: Vec<NoiseLevel> = order.iter().map(|&k| process.at_noise_to_signal(ratios[k]).unwrap()).collect();
        let step = |x: f64, from: usize, to: usize| {
            let row = between(&Ddim::default(), levels[from], levels[to], Prediction::Epsilon).table(false)[0];
            // x' = (σₛ/σₜ)·x + (αₛ − αₜ·σₛ/σₜ)·(x − σₜ·ε)/αₜ: towards more noise the terms of x cancel, near pure noise
            // those of ε.
            let (of_x, of_noise) = (levels[to].sigma / levels[from].sigma, levels[to].alpha * levels[from].noise_to_signal());
            let terms = (row.x.abs() + of_x) * x.abs() + (levels[to].sigma + of_noise) * noise.abs();
            (row.x * x + row.model * noise, terms)
        };
        let (half, scale) = step(x, 0, 1);
        let (composed, _) = step(half, 1, 2);
        let (direct, direct_scale) = step(x, 0, 2);
        let scale = direct_scale + scale * step(1.0, 1, 2).1 + step(0.0, 1, 2).1;
        prop_assert!((composed - direct).abs() <= ROUNDING_F64 * scale, "{composed} {direct}");
    }

    /// (17)
    #[test]
    fn ancestral_noise_keeps_the_variance(run in run(), eta in 0.0..2.0f64) {
        let run = Run { prediction: Prediction::Sample, ..run };
        for eta in [0.0, eta, 1.0] {
            for step in steps(&EulerAncestral { eta, s_noise: 1.0 }, &run.schedule()) {
                let row = step.table(false)[0];
                let (down, up) = (row.x * step.at.sigma, row.noise);
                let whole = step.next.sigma.powi(2);
                prop_assert!((down * down + up * up - whole).abs() <= ROUNDING_F64 * whole);
                prop_assert!(up >= 0.0 && (eta > 0.0 || up == 0.0));
                prop_assert!((row.model + row.x * step.at.alpha - step.next.alpha).abs() <= ROUNDING_F64);
            }
        }
    }

    /// (18)
    #[test]
    fn a_linear_network_makes_a_linear_run(
        run in run_within((1e-2, 1e2)), solver in solver(), a in -2.0..2.0f64, b in -2.0..2.0f64, gain in -1.0..1.0f64,
    ) {
        let steps = steps(&solver, &run.schedule());
        let linear = |start: [f64; 3], (a, b): (f64, f64)| {
            let mut network = |e: &Evaluation| e.input.iter().map(|x| gain * x).collect::<Vec<f64>>();
            let noise = |draw| {
                let (u, v) = (wave(draw, 3), wave(draw + 1000, 3));
                u.iter().zip(&v).map(|(u, v)| a * u + b * v).collect::<Vec<f64>>()
            };
            let mut host = Host { network: &mut network, clip: None, noise: &noise, feed: Feed::Scaled };
            sample(&steps, start.to_vec(), &mut host)
        };
        let (u, v) = ([1.0, -0.3, 2.0], [0.4, 1.7, -1.1]);
        let (of_u, of_v) = (linear(u, (1.0, 0.0)), linear(v, (0.0, 1.0)));
        let whole = linear([0, 1, 2].map(|k| a * u[k] + b * v[k]), (a, b));
        let largest = of_u.iter().chain(&of_v).fold(0f64, |largest, x| largest.max(x.abs()));
        for k in 0..3 {
            let expected = a * of_u[k] + b * of_v[k];
            prop_assert!((whole[k] - expected).abs() <= CANCELLING_F64 * largest, "{} {expected}", whole[k]);
        }
    }

    /// (22), and no slot is read before it is written.
    #[test]
    fn extremes_stay_finite(run in run(), solver in solver(), data in any::<u64>()) {
        let steps = steps(&solver, &run.schedule());
        let x: Vec<f64> = values(data, 0, 5).iter().map(|x| x.clamp(-10.0, 10.0) * run.levels[0].sigma).collect();
        let (double, single) = (runs_in::<f64>(&steps, &x), runs_in::<f32>(&steps, &x));
        prop_assert!(double.iter().all(|x| x.is_finite()), "{double:?}");
        prop_assert!(single.iter().all(|x| x.is_finite()), "{single:?}");
    }

    /// (22), far beyond any use: a step has finite factors or is refused.
    #[test]
    fn no_step_overflows(ratios in prop::collection::btree_set(-300..300i32, 2..6), solver in solver()) {
        let ratios: Vec<f64> = ratios.iter().rev().map(|&exponent| 10f64.powi(exponent)).collect();
        let run = Run::new(Process::Ve, Prediction::Sample, &ratios);
        for index in 0..solver.passes(&run.schedule()).unwrap() {
            match solver.step(&run.schedule(), index) {
                Ok(step) => prop_assert!(step.checked_table(true, Argument::Step).is_ok()),
                Err(error) => prop_assert_eq!(error.argument(), Argument::Levels),
            }
        }
    }

    /// The same sampler in another parametrisation: the state of each level times a factor of its own.
    #[test]
    fn forms_agree(
        run in run_within((0.05, 20.0)), solver in solver(), factors in prop::collection::vec(log_uniform(0.1, 10.0), 11),
    ) {
        // Heun averages slopes of the state itself, so it is another method in a form that stretches as it goes; it
        // agrees under one factor for all levels, and else to second order (tests/convergence.rs).
        let factor = |k: usize| if let AnySolver::Heun(_) = solver { factors[0] } else { factors[k] };
        let levels = run.levels.iter().enumerate().map(|(k, level)| level.scaled(factor(k)).unwrap()).collect();
        let last = factor(run.levels.len() - 1);
        let other = Run { levels, ..run.clone() };
        let x = [0.9, -0.2, 1.4].map(|x| x * run.levels[0].sigma);
        let solver = if let AnySolver::Heun(_) = solver { solver.deterministic() } else { solver };
        let expected = runs(&steps(&solver, &run.schedule()), x.to_vec());
        let actual = runs(&steps(&solver, &other.schedule()), x.map(|x| x * factor(0)).to_vec());
        let scale = run.last().alpha + run.last().sigma;
        for (a, b) in actual.iter().map(|a| a / last).zip(&expected) {
            prop_assert!((a - b).abs() <= CANCELLING_F64 * (b.abs() + scale), "{a}, expected {b}");
        }
    }

    #[test]
    fn a_run_in_single_precision_follows_double(run in run_within((0.05, 20.0)), solver in solver()) {
        let steps = steps(&solver.deterministic(), &run.schedule());
        let x = [0.9, -0.2, 1.4].map(|x| x * run.levels[0].sigma);
        let expected = runs(&steps, x.to_vec());
        prop_assert!(same_bits(&runs_in::<f64>(&steps, &x), &expected), "a run of the sampler is a run");
        // A network with steep slopes, and levels close together, make more of a rounding than any fixed bound allows:
        // how much more, runs in double precision tell in which every input and output is off by about a rounding.
        let mut unrest = vec![0f64; x.len()];
        for pattern in 0..8 {
            let jolted = runs_with(&steps, x.to_vec(), &mut |evaluation| {
                let off = if (pattern >> (evaluation.index % 3)) & 1 == 0 { 1.0 + PASS_F32 } else { 1.0 - PASS_F32 };
                let input: Vec<f64> = evaluation.input.iter().map(|x| x * off).collect();
                let output = network(&Evaluation { input: &input, ..*evaluation });
                output.iter().map(|m| m * off).collect()
            });
            for (unrest, (jolted, expected)) in unrest.iter_mut().zip(jolted.iter().zip(&expected)) {
                *unrest = unrest.max((jolted - expected).abs());
            }
        }
        let scale = 1.0 + run.levels[0].sigma;
        let singles = runs_in::<f32>(&steps, &x).into_iter().map(f64::from);
        for ((single, double), unrest) in singles.zip(expected).zip(unrest) {
            let allowed = RUN_F32 * (double.abs() + scale) + 10.0 * unrest;
            prop_assert!((single - double).abs() <= allowed, "{single} {double} {unrest}");
        }
    }
}
