//! Edit-friendly inversion: the recorded case, and its laws for any solver, process, prediction and type.

use crate::case;
use proptest::prelude::*;
use quell::diffusion::inversion::{invert, noise_to, solved_for_noise};
use quell::diffusion::noise::Process;
use quell::diffusion::pass::{self, Guidance, Inputs, Noise};
use quell::diffusion::prediction::Prediction;
use quell::diffusion::schedule::{Schedule, start};
use quell::diffusion::solver::{Ddim, Solver};
use quell::diffusion::step::{Step, TableRow, destination, history_len};
use quell::{Argument, Error, Scalar, Storage, bf16, f16};
use quell_tests::sampler::{narrow, narrowed, same_bits, widened};
use quell_tests::stable_diffusion::{self, STEPS};
use quell_tests::strategies::{config, run_within, solver, values};
use quell_tests::tolerance::{EMERDIFF, PASS_F32, ROUNDING_F64, assert_close, relative};
use quell_tests::vectors::{number, numbers};

const REGRESSIONS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/proptest-regressions/correspondence_inversion.txt");

const STOCHASTIC: Ddim = Ddim { eta: 1.0, use_clipped_model_output: false };

/// The case's network predicts the noise 0.3·x + 0.1·sin(t/100).
fn affine<X: Storage>(step: &Step, x: &[X]) -> Vec<X> {
    let constant = 0.1 * (step.at.timestep / 100.0).sin();
    x.iter().map(|x| narrow(0.3 * (x.load().to_f64() * step.at.input_scale) + constant)).collect()
}

/// The magnitudes of what a row adds up, element by element: the measure of its rounding.
fn terms(row: &TableRow, x: &[f64], model: &[f64], noise: &[f64], history: &[f64]) -> Vec<f64> {
    let slots = |k: usize| row.slots.iter().enumerate().filter(|&(_, &b)| b != 0.0).map(move |(slot, b)| (slot, b, k));
    (0..x.len())
        .map(|k| {
            let model = if row.model == 0.0 { 0.0 } else { (row.model * model[k]).abs() };
            let stored: f64 = slots(k).map(|(slot, b, k)| (b * history[slot * x.len() + k]).abs()).sum();
            (row.x * x[k]).abs() + model + (row.noise * noise[k]).abs() + stored
        })
        .collect()
}

#[test]
fn the_published_schedule_is_the_case_s() {
    let case = case("schedule_inversion");
    let (process, levels) = (stable_diffusion::process(), stable_diffusion::levels());
    let times: Vec<f64> = levels[..STEPS].iter().map(|level| level.timestep).collect();
    assert_eq!(times, numbers(&case["timesteps"]));
    for (time, expected) in case["alpha_bar"].as_object().expect("a table") {
        let level = process.at_timestep(time.parse().expect("a time")).expect("a time in range");
        assert!(relative(level.alpha_bar(), number(expected)) <= EMERDIFF, "ᾱ at {time}");
    }
    assert!(relative(levels[STEPS].alpha_bar(), number(&case["alpha_bar"]["0"])) <= EMERDIFF);
    let schedule = Schedule::new(process, Prediction::Epsilon, &levels).expect("a schedule");
    for (time, expected) in case["variance"].as_object().expect("a table") {
        let index = times.iter().position(|t| t.to_string() == *time).expect("a time of the schedule");
        let [row, ..] = STOCHASTIC.step(&schedule, index).expect("a step").table(false);
        assert!(relative(row.noise * row.noise, number(expected)) <= EMERDIFF, "σ² at {time}");
    }
    let snr = levels[35].noise_to_signal().powi(-2);
    assert!(relative(snr, number(&case["snr_at_281"])) <= EMERDIFF);
}

/// The case in a type: noises, reconstruction, and the answer to a change at the first step. `close` compares a value
/// with the expected one, given the magnitudes that it was summed from.
fn inverts_as_recorded<X: Storage>(close: impl Fn(f64, f64, f64) -> bool) {
    let case = case("schedule_inversion");
    let (process, levels) = (stable_diffusion::process(), stable_diffusion::levels());
    let used = &levels[start(STEPS, 0.3).expect("a share")..];
    let used_times: Vec<f64> = used[..used.len() - 1].iter().map(|level| level.timestep).collect();
    assert_eq!(used_times, numbers(&case["steps_used"]));
    let schedule = Schedule::new(process, Prediction::Epsilon, used).expect("a schedule");

    let x0: Vec<X> = narrowed(&numbers(&case["x0"]));
    let draws: Vec<Vec<X>> =
        case["noise"].as_array().expect("rows").iter().map(|row| narrowed(&numbers(row))).collect();
    let noised = |step: Step, draw: &[X]| {
        let mut x = x0.clone();
        let inputs = Inputs::<X, X> { noise: Noise::Slice(draw), ..Inputs::default() };
        pass::apply(&[step], &mut x, &mut [], &inputs, None).expect("a pass");
        x
    };
    let first = noised(Step::add_noise(used[0]).expect("a level"), &draws[0]);
    for (x, expected) in widened(&first).iter().zip(numbers(&case["x_at_281"])) {
        assert!(close(*x, expected, expected.abs()));
    }

    let (mut x, mut zs) = (first.clone(), Vec::new());
    for (index, expected) in case["zs"].as_array().expect("rows").iter().enumerate() {
        let step = STOCHASTIC.step(&schedule, index).expect("a step");
        let target = if index + 1 < schedule.steps() {
            noised(noise_to(&step).expect("a level"), &draws[index + 1])
        } else {
            x0.clone()
        };
        let (mut z, model, [row, ..]) = (target.clone(), affine(&step, &x), step.table(false));
        let expected = numbers(expected);
        let terms = terms(&row, &widened(&x), &widened(&model), &expected, &[]);
        let inputs = Inputs { model: &model, ..Inputs::default() };
        invert(&step, &mut x, &mut [], &mut z, &inputs, None).expect("a step with noise");
        for (k, &z) in widened(&z).iter().enumerate() {
            assert!(close(z, expected[k], terms[k] / row.noise), "z {k} of step {index}: {z} {}", expected[k]);
        }
        for (k, (&x, &target)) in widened(&x).iter().zip(&widened(&target)).enumerate() {
            assert!(close(x, target, terms[k]), "state {k} after step {index}: {x} {target}");
        }
        zs.push(z);
    }

    let run = |change: f64| {
        let mut x = first.clone();
        for (index, z) in zs.iter().enumerate() {
            let step = STOCHASTIC.step(&schedule, index).expect("a step");
            let mut model = affine(&step, &x);
            if index == 0 {
                model = widened(&model).iter().map(|m| narrow(m + change)).collect();
            }
            let inputs = Inputs { model: &model, noise: Noise::Slice(z), ..Inputs::default() };
            pass::apply(&[step], &mut x, &mut [], &inputs, None).expect("a pass");
        }
        x
    };
    assert!(same_bits(&run(0.0), &x), "a run with the same draws repeats the inversion's states");
    let changed = widened(&run(0.5));
    for (x, expected) in changed.iter().zip(numbers(&case["modulated_by_plus_half_eps_at_281"])) {
        assert!(close(*x, expected, 1.0), "{x} {expected}");
    }
}

#[test]
fn the_case_in_double_precision() {
    inverts_as_recorded::<f64>(|actual, expected, _| relative(actual, expected) <= EMERDIFF);
}

#[test]
fn the_case_in_single_precision() {
    inverts_as_recorded::<f32>(|actual, expected, terms| (actual - expected).abs() <= PASS_F32 * terms);
}

/// A network that is smooth in nothing: any output will do.
fn network<X: Storage>(step: &Step, x: &[X]) -> Vec<X> {
    x.iter()
        .enumerate()
        .map(|(k, x)| {
            narrow((37.0 * step.at.input_scale * x.load().to_f64() + k as f64 + step.at.timestep).sin().signum())
        })
        .collect()
}

/// Inverts whatever of a run's steps draw noise, on targets that have nothing to do with it, and runs it again.
fn reconstructs<X: Storage>(steps: &[Step], n: usize, seed: u64, rounding: f64) -> Result<(), TestCaseError> {
    let slots = steps.iter().map(Step::slots).max().unwrap_or(0);
    let start: Vec<X> = narrowed(&bounded(seed, 0, n));
    let mut history = vec![narrow::<X>(f64::NAN); history_len(slots, n)];
    let (mut x, mut next, mut states, mut draws) = (start.clone(), vec![X::default(); n], Vec::new(), Vec::new());
    for (index, step) in steps.iter().enumerate() {
        let [row, ..] = step.table(false);
        let model = network(step, &x);
        let inputs = Inputs { model: &model, ..Inputs::default() };
        let mut z = Vec::new();
        if solved_for_noise(step, false).is_ok_and(|solved| fits::<X>(&solved)) && fits::<X>(step) {
            let target: Vec<X> = narrowed(&bounded(seed, 1 + index as u64, n));
            z = target.clone();
            let before = (widened(&x), widened(&history));
            let taken = invert(step, &mut x, &mut history, &mut z, &inputs, Some(&mut next));
            prop_assert_eq!(taken, Ok(()));
            let (before, history) = before;
            let terms = terms(&row, &before, &widened(&model), &widened(&z), &history);
            for (k, (&x, &target)) in widened(&x).iter().zip(&widened(&target)).enumerate() {
                prop_assert!((x - target).abs() <= rounding * (terms[k] + target.abs()), "{x} {target} {}", terms[k]);
            }
            let input: Vec<X> =
                x.iter().map(|x| X::store(X::Acc::from_f64(step.next.input_scale) * x.load())).collect();
            prop_assert!(same_bits(&next, &input));
        } else {
            let (refused, mut untouched) = (x.clone(), start.clone());
            let error = invert(step, &mut x, &mut history, &mut untouched, &inputs, None);
            prop_assert!(matches!(error, Err(Error::Domain { argument: Argument::Step, .. })), "{error:?}");
            prop_assert!(same_bits(&x, &refused) && same_bits(&untouched, &start));
            let drawn: Vec<X> = narrowed(&bounded(seed, 99 + index as u64, n));
            if row.noise != 0.0 {
                z = drawn;
            }
            let noise = if z.is_empty() { Noise::None } else { Noise::Slice(&z) };
            if pass::apply(&[*step], &mut x, &mut history, &Inputs { noise, ..inputs }, None).is_err() {
                return Ok(());
            }
        }
        states.push(x.clone());
        draws.push(z);
    }
    let (mut again, mut history) = (start, vec![narrow::<X>(f64::NAN); history_len(slots, n)]);
    for ((step, z), state) in steps.iter().zip(&draws).zip(&states) {
        let model = network(step, &again);
        let noise = if z.is_empty() { Noise::None } else { Noise::Slice(z) };
        let inputs = Inputs { model: &model, noise, ..Inputs::default() };
        pass::apply(&[*step], &mut again, &mut history, &inputs, None).expect("a pass that went well before");
        prop_assert!(same_bits(&again, state));
    }
    Ok(())
}

/// Whether a step's numbers are finite in the type that is computed in.
fn fits<X: Storage>(step: &Step) -> bool {
    let factors = step.table(false);
    let factors =
        factors.iter().flat_map(|row| [row.x, row.model, row.denoised, row.noise].into_iter().chain(row.slots));
    let level = [step.next.alpha, step.next.sigma, step.next.input_scale];
    factors.chain(level).all(|factor| X::Acc::from_f64(factor).is_finite())
}

/// Numbers that 16 bits hold with room to spare.
fn bounded(seed: u64, stream: u64, n: usize) -> Vec<f64> {
    values(seed, stream, n).into_iter().map(|x| x.signum() * (1.0 + x.abs()).ln() / 4.0).collect()
}

/// Half a unit in the last place of ten significant bits, for the stored noise and the stored state.
const STORED_F16: f64 = 1.5e-3;

/// The same with seven.
const STORED_BF16: f64 = 1.2e-2;

proptest! {
    #![proptest_config(config(REGRESSIONS))]

    #[test]
    fn any_network_any_solver_any_process(
        run in run_within((1e-2, 1e2)), solver in solver(), n in 0..20usize, seed: u64,
    ) {
        let schedule = run.schedule();
        let steps: Vec<Step> = (0..solver.passes(&schedule).expect("passes"))
            .map(|index| solver.step(&schedule, index).expect("a step"))
            .collect();
        reconstructs::<f64>(&steps, n, seed, ROUNDING_F64)?;
        reconstructs::<f32>(&steps, n, seed, PASS_F32)?;
    }

    #[test]
    fn states_in_sixteen_bits(run in run_within((1e-1, 1e1)), n in 1..20usize, seed: u64) {
        let schedule = run.schedule();
        let steps: Vec<Step> =
            (0..schedule.steps()).map(|index| STOCHASTIC.step(&schedule, index).expect("a step")).collect();
        // In 16 bits a draw may overflow where little noise is drawn; those schedules are not for them.
        prop_assume!(steps.iter().all(|step| step.rows[0].noise == 0.0 || step.rows[0].noise > 1e-3));
        reconstructs::<f16>(&steps, n, seed, STORED_F16)?;
        reconstructs::<bf16>(&steps, n, seed, STORED_BF16)?;
    }

    /// z = (x' − x·a − model·m − D·d)/c, written out.
    #[test]
    fn the_noise_is_what_the_row_leaves(
        run in run_within((1e-2, 1e2)), clipped: bool, scale in 0.5..3.0f64, seed: u64,
    ) {
        let schedule = run.schedule();
        let step = STOCHASTIC.step(&schedule, 0).expect("a step");
        prop_assume!(step.rows[0].noise != 0.0);
        let n = 5;
        let [start, target, model, other, clean] = [0, 1, 2, 3, 4].map(|stream| bounded(seed, stream, n));
        let [row, ..] = step.table(clipped);
        let guidance = Some(Guidance { unconditional: &other, scale });
        let inputs = Inputs { model: &model, guidance, denoised: clipped.then_some(&clean[..]), ..Inputs::default() };
        let (mut x, mut z) = (start.clone(), target.clone());
        invert(&step, &mut x, &mut [], &mut z, &inputs, None).expect("a step with noise");
        for k in 0..n {
            let guided = other[k] + scale * (model[k] - other[k]);
            let parts = [target[k], -row.x * start[k], -row.model * guided, -row.denoised * clean[k]];
            let parts = if clipped { &parts[..] } else { &parts[..3] };
            let (sum, terms) = (parts.iter().sum::<f64>(), parts.iter().map(|part| part.abs()).sum::<f64>());
            prop_assert!((z[k] * row.noise - sum).abs() <= ROUNDING_F64 * terms, "{} {}", z[k], sum / row.noise);
        }
    }
}

#[test]
fn a_batch_is_its_items() {
    let run = [0.9, 0.4, 0.1].map(|ratio| Process::Ve.at_noise_to_signal(ratio).expect("a ratio"));
    let schedule = Schedule::new(Process::Ve, Prediction::Sample, &run).expect("a schedule");
    let step = STOCHASTIC.step(&schedule, 0).expect("a step");
    let [start, target, model] = [0, 1, 2].map(|stream| bounded(5, stream, 6));
    let invert = |range: std::ops::Range<usize>| {
        let (mut x, mut z) = (start[range.clone()].to_vec(), target[range.clone()].to_vec());
        let inputs = Inputs { model: &model[range], ..Inputs::default() };
        invert(&step, &mut x, &mut [], &mut z, &inputs, None).expect("a step with noise");
        (x, z)
    };
    let (whole, parts) = (invert(0..6), [invert(0..3), invert(3..6)]);
    assert_eq!(whole.0, [&parts[0].0[..], &parts[1].0].concat());
    assert_eq!(whole.1, [&parts[0].1[..], &parts[1].1].concat());
}

#[test]
fn noised_states_are_independent_of_each_other() {
    let (process, levels) = (stable_diffusion::process(), stable_diffusion::levels());
    let schedule = Schedule::new(process, Prediction::Epsilon, &levels).expect("a schedule");
    let n = 4096;
    let inputs =
        Inputs::<f64, f64> { noise: Noise::Seeded { seeds: &[11], stream: 0, first_element: 0 }, ..Inputs::default() };
    let mut draws = Vec::new();
    for step in [Step::add_noise(levels[0]).expect("a level")]
        .into_iter()
        .chain((0..4).map(|index| noise_to(&STOCHASTIC.step(&schedule, index).expect("a step")).expect("a level")))
    {
        let mut x = vec![0.0; n];
        pass::apply(&[step], &mut x, &mut [], &inputs, None).expect("a pass");
        draws.push(x.iter().map(|x| x / step.next.sigma).collect::<Vec<f64>>());
    }
    for (i, a) in draws.iter().enumerate() {
        for (j, b) in draws.iter().enumerate() {
            let product = a.iter().zip(b).map(|(a, b)| a * b).sum::<f64>() / n as f64;
            // Five standard errors of 4096 products.
            let expected = if i == j { 1.0 } else { 0.0 };
            assert!((product - expected).abs() < 5.0 * 2f64.sqrt() / 64.0, "{i} {j}: {product}");
        }
    }
}

#[test]
fn a_step_that_stores_nothing_is_solved_whatever_the_order_of_its_slots() {
    let level = Process::Ve.at_noise_to_signal(0.5).expect("a ratio");
    let mut step = Step::identity(level).expect("a level");
    (step.evaluate, step.rows[0].noise, step.rows[0].slots) = (0, 0.25, [0.0, 2.0, 0.0, -1.0, 0.0, 0.0]);
    step.rows[1].noise = 3.0;
    step.destinations[1] = destination::TO_SLOT;
    let (mut x, mut history, mut z) = ([1.0, 2.0], vec![0.0, 0.0, 1.0, 2.0, f64::NAN, f64::NAN, 4.0, 8.0], [0.5, 0.25]);
    invert(&step, &mut x, &mut history, &mut z, &Inputs::<f64, f64>::default(), None).expect("a step with noise");
    assert_close("z", &z, &[(0.5 - 1.0 - 2.0 + 4.0) * 4.0, (0.25 - 2.0 - 4.0 + 8.0) * 4.0], ROUNDING_F64);
    // The slot is stored from the noise that was found.
    assert_close("slot", &history[..2], &[3.0 * z[0], 3.0 * z[1]], ROUNDING_F64);
    assert_close("state", &x, &[0.5, 0.25], ROUNDING_F64);
}
