//! A sampler as a host writes it, on the library's own steps and passes.
//!
//! Every step and every pass is made twice, by the Rust API and through the C ABI, and the two must agree bit for bit.

use crate::abi::{AbiElement, AbiSolver, ddim_between};
use quell::diffusion::noise::NoiseLevel;
use quell::diffusion::pass::{self, Inputs, Noise};
use quell::diffusion::prediction::Prediction;
use quell::diffusion::schedule::Schedule;
use quell::diffusion::solver::Ddim;
use quell::diffusion::step::{Step, history_len};
use quell::{Scalar, Storage};

/// All steps of a solver on a schedule.
pub fn steps<S: AbiSolver>(solver: &S, schedule: &Schedule) -> Vec<Step> {
    let passes = solver.passes(schedule).expect("passes");
    assert_eq!(solver.c_passes(schedule), Ok(passes), "passes in C");
    (0..passes)
        .map(|index| {
            let step = solver.step(schedule, index).unwrap_or_else(|error| panic!("step {index}: {error}"));
            assert_eq!(bits(&solver.c_step(schedule, index).expect("step in C")), bits(&step), "step {index} in C");
            step
        })
        .collect()
}

/// A step of DDIM outside a schedule.
pub fn between(ddim: &Ddim, from: NoiseLevel, to: NoiseLevel, prediction: Prediction) -> Step {
    let step = ddim.between(from, to, prediction).expect("between");
    assert_eq!(bits(&ddim_between(ddim, from, to, prediction).expect("between in C")), bits(&step));
    step
}

/// Every number of a step, so that two can be compared by their bits.
pub fn bits(step: &Step) -> Vec<u64> {
    let level = |l: &NoiseLevel| [l.alpha, l.sigma, l.input_scale, l.timestep];
    let mut numbers: Vec<f64> = level(&step.at).into_iter().chain(level(&step.next)).collect();
    numbers.extend([step.denoised.x, step.denoised.model, step.noise_from, step.noise_to]);
    for row in &step.rows {
        numbers.extend([row.x, row.denoised, row.raw, row.noise]);
        numbers.extend(row.slots);
    }
    let counters = [step.evaluate as u64, step.noise_index.into(), step.position.into()];
    let destinations = step.destinations.map(|to| to as u64);
    numbers.into_iter().map(f64::to_bits).chain(counters).chain(destinations).collect()
}

/// A pass by the Rust API and through the C ABI, which must give the same bits.
pub fn apply<X: AbiElement>(
    steps: &[Step],
    x: &mut [X],
    history: &mut [X],
    inputs: &Inputs<X, X>,
    next_input: Option<&mut [X]>,
) {
    let (mut c_x, mut c_history) = (x.to_vec(), history.to_vec());
    let mut c_next = next_input.as_ref().map(|next| next.to_vec());
    X::c_apply(steps, &mut c_x, &mut c_history, inputs, c_next.as_deref_mut()).expect("apply in C");
    match next_input {
        Some(next) => {
            pass::apply(steps, x, history, inputs, Some(&mut *next)).expect("apply");
            assert!(same_bits(next, c_next.as_deref().unwrap_or(&[])), "next input in C");
        }
        None => pass::apply(steps, x, history, inputs, None).expect("apply"),
    }
    assert!(same_bits(x, &c_x), "state in C");
    assert!(same_bits(history, &c_history), "history in C");
}

/// Whether two slices hold the same bits.
pub fn same_bits<X: Storage>(a: &[X], b: &[X]) -> bool {
    // Widening keeps the sign of zero and every value; not-a-number is compared by kind.
    let key = |x: &X| {
        let wide = x.load().to_f64();
        if wide.is_nan() { u64::MAX } else { wide.to_bits() }
    };
    a.len() == b.len() && a.iter().map(key).eq(b.iter().map(key))
}

/// What the network is fed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Feed {
    /// The scaled state, as it should be.
    #[default]
    Scaled,
    /// The state as it is, whatever the scale.
    Unscaled,
    /// The scaled state, which also takes the state's place.
    InPlace,
}

/// One evaluation, as the network sees it.
#[derive(Debug)]
pub struct Evaluation<'a> {
    /// How many there have been before.
    pub index: usize,
    /// Where it takes place.
    pub at: NoiseLevel,
    /// What is fed.
    pub input: &'a [f64],
}

/// What clips or thresholds an estimate of the clean sample, in place.
pub type Clip = dyn Fn(&mut [f64]);

/// What a run needs beside its steps.
#[allow(missing_debug_implementations)] // closures have none
pub struct Host<'a> {
    /// The network.
    pub network: &'a mut dyn FnMut(&Evaluation) -> Vec<f64>,
    /// Clips or thresholds the estimate of the clean sample, in place.
    pub clip: Option<&'a Clip>,
    /// The noise of each draw, by number.
    pub noise: &'a dyn Fn(u32) -> Vec<f64>,
    /// What the network is fed.
    pub feed: Feed,
}

/// Runs the steps from a state and returns the last one.
///
/// The host's functions work in double precision whatever the type of the state; what they give is rounded to it.
pub fn run<X: AbiElement>(steps: &[Step], mut x: Vec<X>, host: &mut Host) -> Vec<X> {
    let n = x.len();
    let slots = steps.iter().map(Step::slots).max().unwrap_or(0);
    // Slots are garbage until a step writes them: a step that reads one too early shows.
    let mut history = vec![narrow::<X>(f64::NAN); history_len(slots, n)];
    let mut input = vec![narrow::<X>(f64::NAN); n];
    let first = steps.first().expect("a run has steps");
    apply(&[Step::identity(first.at).expect("a level")], &mut x, &mut [], &Inputs::default(), Some(&mut input));
    let mut evaluations = 0;
    for step in steps {
        let mut output = Vec::new();
        if step.evaluate != 0 {
            if host.feed == Feed::InPlace {
                x.copy_from_slice(&input);
            }
            let fed = widened(if host.feed == Feed::Unscaled { &x } else { &input });
            output = narrowed(&(host.network)(&Evaluation { index: evaluations, at: step.at, input: &fed }));
            evaluations += 1;
        }
        let clipped = host.clip.filter(|_| step.evaluate != 0).map(|clip| {
            let mut denoised = vec![narrow::<X>(f64::NAN); n];
            pass::denoise(&mut denoised, &[*step], &x, &output, None).expect("denoise");
            let mut wide = widened(&denoised);
            clip(&mut wide);
            narrowed(&wide)
        });
        let drawn: Vec<X> = if step.rows.iter().any(|row| row.noise != 0.0) {
            narrowed(&(host.noise)(step.noise_index))
        } else {
            vec![]
        };
        let noise = if drawn.is_empty() { Noise::None } else { Noise::Slice(&drawn) };
        let inputs = Inputs { model: &output, denoised: clipped.as_deref(), noise, ..Inputs::default() };
        apply(&[*step], &mut x, &mut history, &inputs, Some(&mut input));
    }
    x
}

/// A number as the storage type rounds it.
pub fn narrow<X: Storage>(value: f64) -> X {
    X::store(X::Acc::from_f64(value))
}

/// Numbers as the storage type rounds them.
pub fn narrowed<X: Storage>(values: &[f64]) -> Vec<X> {
    values.iter().map(|&value| narrow(value)).collect()
}

/// Elements of any type in double precision, exactly.
pub fn widened<X: Storage>(values: &[X]) -> Vec<f64> {
    values.iter().map(|x| x.load().to_f64()).collect()
}

/// The noise of a run that draws none.
pub fn no_noise(draw: u32) -> Vec<f64> {
    panic!("draw {draw} in a deterministic run")
}
