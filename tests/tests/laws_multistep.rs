//! What solvers remember: the laws of history, and the polynomials that multistep methods integrate exactly. Numbers in
//! brackets are those of the list of invariants.

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;
use quell::diffusion::noise::NoiseLevel;
use quell::diffusion::pass::{self, Inputs};
use quell::diffusion::prediction::Prediction;
use quell::diffusion::schedule::start;
use quell::diffusion::solver::{
    BFunction, Ddim, DpmPp2M, ErSde, EulerAncestral, Integral, NoiseScale, SdeDpmPp2M, SecondOrder, Solver, UniPc,
};
use quell::diffusion::step::{Row, Step, history_len};
use quell_tests::recurrence::{PREDICTION, Recurrence};
use quell_tests::sampler::{bits, steps};
use quell_tests::strategies::{
    AnySolver, NOISE_SCALES, Run, config, er_sde, process, ratios, run_within, solver, unipc,
};
use quell_tests::tolerance::{CANCELLING_F64, ROUNDING_F64};

const REGRESSIONS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/proptest-regressions/laws_multistep.txt");

/// D as a polynomial in λ, lowest power first, with λ counted from the middle of a run.
#[derive(Clone, Debug)]
struct Polynomial {
    coefficients: Vec<f64>,
    middle: f64,
}

impl Polynomial {
    fn new(run: &Run, coefficients: &[f64]) -> Polynomial {
        let middle = 0.5 * (run.levels[0].half_log_snr() + run.last().half_log_snr());
        Polynomial { coefficients: coefficients.to_vec(), middle }
    }

    fn at(&self, level: &NoiseLevel) -> f64 {
        self.coefficients.iter().rev().fold(0.0, |sum, c| sum * (level.half_log_snr() - self.middle) + c)
    }

    fn derivative(&self) -> Polynomial {
        let coefficients = self.coefficients.iter().enumerate().skip(1).map(|(k, c)| k as f64 * c).collect();
        Polynomial { coefficients, middle: self.middle }
    }

    /// α·(q − q'/κ + q''/κ² − …): the solution of d(x/α)/dλ = −κ·(x/α − q) that has no exponential in it.
    fn solution(&self, level: &NoiseLevel, rate: f64) -> f64 {
        let (mut sum, mut sign, mut q) = (0.0, 1.0, self.clone());
        while !q.coefficients.is_empty() {
            sum += sign * q.at(level);
            sign /= -rate;
            q = q.derivative();
        }
        level.alpha * sum
    }
}

/// State and history of one element.
#[derive(Clone, Debug)]
struct Element {
    x: f64,
    history: Vec<f64>,
}

impl Element {
    fn apply(&self, step: &Step, denoised: f64) -> Element {
        let mut next = self.clone();
        let (noise, model) = ([0.0], [denoised]);
        let inputs = Inputs { model: &model, noise: pass::Noise::Slice(&noise), ..Inputs::default() };
        let mut x = [next.x];
        pass::apply(&[*step], &mut x, &mut next.history, &inputs, None).expect("a pass");
        next.x = x[0];
        next
    }
}

/// Follows a run and holds the distance to the polynomial's solution to its decay, wherever the method has its full
/// order: from `full` on. `corrected` reads the state off a position.
fn check_exact<S: Solver>(
    solver: &S,
    run: &Run,
    q: &Polynomial,
    rate: f64,
    full: usize,
    corrected: impl Fn(usize, &Element, &Step) -> f64,
) -> Result<(), TestCaseError> {
    let schedule = run.schedule();
    let mut element = Element { x: 0.3, history: vec![f64::NAN; history_len(S::SLOTS, 1)] };
    let mut before: Option<f64> = None;
    for index in 0..schedule.steps() {
        let step = solver.step(&schedule, index).expect("a position");
        let here = run.levels[index];
        let distance = corrected(index, &element, &step) - q.solution(&here, rate);
        if let (Some(before), true) = (before, index > full) {
            let last = run.levels[index - 1];
            let decay = here.sigma / last.sigma * (-(rate - 1.0) * (here.half_log_snr() - last.half_log_snr())).exp();
            let size: f64 = q.coefficients.iter().map(|c| c.abs()).sum();
            let weights: f64 = step.rows[0].slots.iter().map(|w| w.abs()).sum();
            let scale = size * (1.0 + weights) * 100.0 + before.abs();
            prop_assert!(
                (distance - before * decay).abs() <= CANCELLING_F64 * scale,
                "position {index}: {distance}, expected {}",
                before * decay
            );
        }
        before = Some(distance);
        element = element.apply(&step, q.at(&here));
    }
    Ok(())
}

fn smooth_run() -> impl Strategy<Value = Run> {
    (process(), ratios((0.05, 20.0), 4..=8))
        .prop_map(|(process, ratios)| Run::new(*process, Prediction::Sample, &ratios))
}

fn with_prediction(run: Run, prediction: Prediction) -> Run {
    Run { prediction, ..run }
}

/// The step without its place in the schedule.
fn placeless(step: &Step) -> Vec<u64> {
    bits(&Step { position: 0, noise_index: 0, ..*step })
}

proptest! {
    #![proptest_config(config(REGRESSIONS))]

    /// (15): where D is constant, every solver is exact on any grid: the state of N(α·D, σ²) stays so.
    #[test]
    fn a_constant_estimate_is_exact(run in run_within((1e-3, 1e3)), solver in solver()) {
        let run = with_prediction(run, PREDICTION);
        let solver = solver.with_unit_noise();
        let steps = steps(&solver, &run.schedule());
        let (first, last) = (run.levels[0], run.last());
        let result = Recurrence::of(&steps, |_| (0.0, 1.0));
        let weights: f64 = steps.iter().flat_map(|step| step.rows).map(|row| {
            row.denoised.abs() + row.slots.iter().map(|w| w.abs()).sum::<f64>()
        }).sum();
        let tolerance = ROUNDING_F64 * (1.0 + weights);
        let expected = last.alpha - result.state * first.alpha;
        prop_assert!((result.constant - expected).abs() <= tolerance, "{result:?}, expected {expected}");
        let (variance, whole) = (result.variance(first.sigma * first.sigma), last.sigma * last.sigma);
        prop_assert!((variance - whole).abs() <= tolerance * whole, "{variance}, expected {whole}");
        if solver == solver.deterministic() {
            prop_assert!((result.state - last.sigma / first.sigma).abs() <= tolerance * last.sigma / first.sigma);
        }
    }

    /// (15): exact weights, so D may be a line in λ, with noise or without.
    #[test]
    fn exact_weights_integrate_lines(run in smooth_run(), q in vec(-1.0..1.0f64, 2), eta in 0.0..2.0f64) {
        let q = Polynomial::new(&run, &q);
        let two_m = DpmPp2M { second_order: SecondOrder::Heun, lower_order_final: false };
        check_exact(&two_m, &run, &q, 1.0, 1, |_, element, _| element.x)?;
        let sde = SdeDpmPp2M { eta, second_order: SecondOrder::Heun, ..SdeDpmPp2M::default() };
        check_exact(&sde, &run, &q, 1.0 + eta, 1, |_, element, _| element.x)?;
    }

    /// The midpoint rule takes D where the line through the last two meets the middle of the step.
    #[test]
    fn midpoint_weights_extrapolate_to_the_middle(run in smooth_run(), q in vec(-1.0..1.0f64, 2), eta in 0.0..2.0f64) {
        let q = Polynomial::new(&run, &q);
        let two_m = steps(&DpmPp2M::default(), &run.schedule());
        let sde = steps(&SdeDpmPp2M { eta, ..SdeDpmPp2M::default() }, &run.schedule());
        for (previous, step) in two_m.iter().zip(&two_m[1..]).chain(sde.iter().zip(&sde[1..])) {
            let Row { denoised, slots: [behind, ..], .. } = step.rows[0];
            let line = |lambda: f64| q.coefficients[0] + q.coefficients[1] * (lambda - q.middle);
            let (here, middle) = (step.at.half_log_snr(), 0.5 * (step.at.half_log_snr() + step.next.half_log_snr()));
            let actual = denoised * line(here) + behind * line(previous.at.half_log_snr());
            let expected = (denoised + behind) * line(middle);
            let scale = (denoised.abs() + behind.abs()) * q.coefficients.iter().map(|c| c.abs()).sum::<f64>() * 10.0;
            prop_assert!(behind != 0.0 && (actual - expected).abs() <= ROUNDING_F64 * scale, "{actual} {expected}");
        }
    }

    /// (15): the predictor of order 3 solves for its weights, so D may be a parabola.
    #[test]
    fn the_third_order_predictor_integrates_parabolas(
        run in smooth_run(), q in vec(-1.0..1.0f64, 3), b_function in select(vec![BFunction::Bh1, BFunction::Bh2]),
    ) {
        let predictor = UniPc { order: 3, b_function, skip_corrector: u32::MAX, lower_order_final: false };
        check_exact(&predictor, &run, &Polynomial::new(&run, &q), 1.0, 2, |_, element, _| element.x)?;
    }

    /// (15): the corrector has one node more: a polynomial of degree p for order p (for p = 1 the paper fixes the
    /// weight at ½).
    #[test]
    fn correctors_integrate_one_degree_more(
        run in smooth_run(), order in 2..=3usize, q in vec(-1.0..1.0f64, 4),
        b_function in select(vec![BFunction::Bh1, BFunction::Bh2]),
    ) {
        let solver = UniPc { order, b_function, skip_corrector: 0, lower_order_final: false };
        let predictor = UniPc { skip_corrector: u32::MAX, ..solver };
        let q = Polynomial::new(&run, &q[..=order]);
        // A corrected state is never stored. It is what the next step's predictor starts from: that step less the
        // predictor's other terms, over σₛ/σₜ.
        let corrected = |index: usize, element: &Element, step: &Step| {
            let plain = predictor.step(&run.schedule(), index).expect("a position");
            let d = q.at(&run.levels[index]);
            let others = Element { x: 0.0, ..element.clone() }.apply(&plain, d);
            (element.apply(step, d).x - others.x) / plain.rows[0].x
        };
        check_exact(&solver, &run, &q, 1.0, order - 1, corrected)?;
    }

    /// (15): exact integrals, so D may be a line in σ/α: then one step is as good as two, whatever φ is.
    #[test]
    fn exact_integrals_follow_lines(
        process in process(), ratios in ratios((0.05, 20.0), 3..=3), order in 2..=3usize,
        noise_scale in select(NOISE_SCALES.to_vec()), q in vec(-1.0..1.0f64, 2),
    ) {
        let solver = ErSde { order, noise_scale, integral: Integral::Exact, ..ErSde::default() };
        let line = |level: &NoiseLevel| q[0] + q[1] * level.noise_to_signal();
        let mut weights = 0.0;
        let mut ends = |ratios: &[f64]| {
            let run = Run::new(*process, Prediction::Sample, ratios);
            let mut element = Element { x: 0.3, history: vec![f64::NAN; history_len(ErSde::SLOTS, 1)] };
            for step in steps(&solver, &run.schedule()) {
                weights += step.rows[0].denoised.abs() + step.rows[0].slots.iter().map(|w| w.abs()).sum::<f64>();
                element = element.apply(&step, line(&step.at));
            }
            element.x
        };
        let (two, one) = (ends(&ratios), ends(&[ratios[0], ratios[1], ratios[3]]));
        let size = (q[0].abs() + q[1].abs() * ratios[0]) * (1.0 + weights);
        prop_assert!((one - two).abs() <= ROUNDING_F64 * 10.0 * size, "{one} {two}");
    }

    /// (20): without history, the first step is that of the first-order method.
    #[test]
    fn the_first_step_is_of_first_order(
        run in run_within((1e-3, 1e3)), unipc in unipc(), heun in any::<bool>(), er_sde in er_sde(),
    ) {
        let schedule = run.schedule();
        let same = |a: &Step, b: &Step| (a.rows[0].x, a.rows[0].denoised + a.rows[0].raw, a.rows[0].slots, a.rows[0].noise)
            == (b.rows[0].x, b.rows[0].denoised + b.rows[0].raw, b.rows[0].slots, b.rows[0].noise);
        let second_order = if heun { SecondOrder::Heun } else { SecondOrder::Midpoint };
        let first = Ddim::default().step(&schedule, 0).unwrap();
        let euler = EulerAncestral { eta: 0.0, s_noise: 1.0 };
        let two_m = DpmPp2M { lower_order_final: false, second_order };
        let sde = SdeDpmPp2M { eta: 0.0, second_order, ..SdeDpmPp2M::default() };
        let ode = ErSde { noise_scale: NoiseScale::Ode, ..er_sde }.step(&schedule, 0);
        let others = [
            euler.step(&schedule, 0), two_m.step(&schedule, 0), unipc.step(&schedule, 0), sde.step(&schedule, 0), ode,
        ];
        for step in others {
            prop_assert!(same(&step.unwrap(), &first));
        }
        // With noise it is ancestral sampling.
        let sde = SdeDpmPp2M { eta: 1.0, ..sde }.step(&schedule, 0).unwrap().rows[0];
        let er_sde = ErSde { noise_scale: NoiseScale::Sde, s_noise: 1.0, noise_floor: 0.0, ..er_sde };
        let er_sde = er_sde.step(&schedule, 0).unwrap().rows[0];
        let ancestral = Ddim { eta: 1.0, ..Ddim::default() }.step(&schedule, 0).unwrap().rows[0];
        let (at, next) = (first.at, first.next);
        for row in [sde, er_sde] {
            prop_assert!(((row.x - ancestral.x) * at.sigma).abs() <= ROUNDING_F64 * next.sigma);
            prop_assert!((row.denoised - ancestral.denoised - ancestral.raw).abs() <= ROUNDING_F64);
            // √(1 − e^(−2h)) of an h that is a difference of logarithms.
            prop_assert!((row.noise - ancestral.noise).abs() <= CANCELLING_F64 * next.sigma);
        }
    }

    /// Starting part-way is the tail of the schedule: the same steps once history is full, and fresh history at first.
    #[test]
    fn a_late_start_is_the_tail(run in smooth_run(), clean in any::<bool>(), solver in solver(), strength in 0.0..1.0f64) {
        /// By then the history of every solver is full.
        const FULL: usize = 4;
        // Churn is shared out among the steps there are, and correctors are skipped by position.
        let solver = match solver {
            AnySolver::Heun(_) => solver.deterministic(),
            AnySolver::UniPc(s) if s.skip_corrector < u32::MAX => AnySolver::UniPc(UniPc { skip_corrector: 0, ..s }),
            other => other,
        };
        let run = if clean { run.to_clean() } else { run };
        let from = start(run.levels.len() - 1, strength).unwrap();
        // UniPC-3 writes two slots in turn: an even shift leaves the turns as they are.
        let from = from.saturating_sub(from % 2).min(run.levels.len() - 2);
        let tail = Run { levels: run.levels[from..].to_vec(), ..run.clone() };
        let (all, late) = (steps(&solver, &run.schedule()), steps(&solver, &tail.schedule()));
        let skipped = all.len() - late.len();
        for (index, step) in late.iter().enumerate() {
            let full = if let AnySolver::Heun(_) | AnySolver::Ddim(_) | AnySolver::EulerAncestral(_) = solver { 0 } else { FULL };
            if index >= full {
                prop_assert_eq!(placeless(step), placeless(&all[index + skipped]), "{}", index);
            }
            prop_assert_eq!((step.at, step.next), (all[index + skipped].at, all[index + skipped].next));
            prop_assert_eq!(step.position as usize + from, all[index + skipped].position as usize);
        }
        prop_assert_eq!(late[0].rows[0].slots, [0.0; 6]);
        let result = Recurrence::of(&late, |_| (0.5, 0.1));
        prop_assert!(result.state.is_finite() && result.constant.is_finite());
    }
}
