//! Closed forms on Gaussian data: cases 02 to 05, theorem 3.1, and laws.

use crate::case;
use proptest::collection::vec;
use proptest::prelude::*;
use quell::diffusion::bound::{Gaussian, multistep};
use quell::diffusion::schedule::{Last, arctan, exponential, karras};
use quell::diffusion::solver::{SdeDpmPp2M, SecondOrder};
use quell_tests::minimise::descend;
use quell_tests::mixture1d::Mixture1d;
use quell_tests::quadrature::integrate;
use quell_tests::strategies::{config, log_uniform};
use quell_tests::tolerance::{AYS, CANCELLING_F64, DESCENT, ROUNDING_F64, SCHEDULE, assert_close, relative};
use quell_tests::vectors::{number, numbers};
use serde_json::Value;

const REGRESSIONS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/proptest-regressions/bound_gaussian.txt");
const TWO_M: SdeDpmPp2M =
    SdeDpmPp2M { eta: 1.0, s_noise: 1.0, lower_order_final: false, second_order: SecondOrder::Midpoint };

/// The gain, as a share of the value, below which a descent has arrived.
const PROGRESS: f64 = 1e-9;

fn data(c: f64) -> Gaussian {
    Gaussian::new(c, 1).expect("a deviation")
}

type Fill = fn(&mut [f64]) -> Result<(), quell::Error>;

#[test]
fn case_02_table() {
    let case = case("02_gaussian_table");
    let (low, high) = (number(&case["input"]["sigma_min"]), number(&case["input"]["sigma_max"]));
    assert_eq!((low, high, number(&case["input"]["c"]), &case["input"]["n"]), (0.002, 80.0, 0.5, &Value::from(10)));
    let schedules: [(&str, Fill); 5] = [
        ("edm", |s| karras::fill(s, 0.002, 80.0, 7.0, Last::SigmaMin)),
        ("logsnr", |s| exponential::fill(s, 0.002, 80.0, Last::SigmaMin)),
        ("arctan", |s| arctan::fill(s, 0.002, 80.0, 0.5, Last::SigmaMin)),
        ("klub", |s| data(0.5).fill_klub_optimum(s, 0.002, 80.0, Last::SigmaMin)),
        ("cosine", |s| arctan::fill(s, 0.002, 80.0, 1.0, Last::SigmaMin)),
    ];
    assert_eq!(case["output"].as_object().unwrap().len(), schedules.len());
    let v = 0.25 + low * low;
    for (name, fill) in schedules {
        let mut sigmas = [0.0; 11];
        fill(&mut sigmas).unwrap();
        let (euler, stochastic) = (data(0.5).euler(&sigmas).unwrap(), data(0.5).stochastic_ddim(&sigmas).unwrap());
        let actual = [
            v / euler.variance,
            euler.divergence,
            stochastic.variance,
            stochastic.divergence,
            data(0.5).klub(&sigmas).unwrap(),
            data(0.5).klub_two_m(&sigmas, &TWO_M).unwrap(),
        ];
        let keys = ["f_euler", "KL_euler", "var_sddim", "KL_sddim", "KLUB", "KLUB_2M"];
        let expected = &case["output"][name];
        assert_eq!(expected.as_object().unwrap().len(), keys.len());
        assert_close(name, &actual, &keys.map(|key| number(&expected[key])), AYS);
    }
}

#[test]
fn case_03_intervals() {
    let case = case("03_klub_gauss");
    let (sigmas, output) = (numbers(&case["input"]["sigmas"]), &case["output"]);
    assert_eq!(number(&case["input"]["c"]), 0.5);
    let intervals: Vec<f64> = sigmas.windows(2).map(|w| data(0.5).klub_between(w[0], w[1]).unwrap()).collect();
    assert_close("intervals", &intervals, &numbers(&output["intervals"]), AYS);
    let actual = [
        data(0.5).klub(&sigmas).unwrap(),
        data(0.5).stochastic_ddim(&sigmas).unwrap().divergence,
        data(0.5).klub_two_m(&sigmas, &TWO_M).unwrap(),
    ];
    let expected = ["total", "marginal_KL_sddim", "KLUB_2M"].map(|key| number(&output[key]));
    assert_close("totals", &actual, &expected, AYS);
}

#[test]
fn case_04_optimum_of_the_bound() {
    let mut sigmas = [0.0; 11];
    data(0.5).fill_klub_optimum(&mut sigmas, 0.002, 80.0, Last::SigmaMin).unwrap();
    assert_close("optimum", &sigmas, &numbers(&case("04_klub_optimal_schedule")["output"]), AYS);
    let mut with_zero = [0.0; 12];
    data(0.5).fill_klub_optimum(&mut with_zero, 0.002, 80.0, Last::Zero).unwrap();
    assert_eq!((&with_zero[..11], with_zero[11]), (&sigmas[..], 0.0));
    // dL²/(4n) for many steps, L = ln(1 + c²/σ_min²) − ln(1 + c²/σ_max²); the ratios are those of the specification.
    let length = data(0.5).information(0.002).unwrap() - data(0.5).information(80.0).unwrap();
    for (n, ratio) in [(10, 1.497), (100, 1.038), (1000, 1.0037)] {
        let mut sigmas = vec![0.0; n + 1];
        data(0.5).fill_klub_optimum(&mut sigmas, 0.002, 80.0, Last::SigmaMin).unwrap();
        let measured = data(0.5).klub(&sigmas).unwrap() / (length * length / n as f64);
        assert!((measured / ratio - 1.0).abs() < 5e-4, "{n}: {measured}");
    }
}

/// The interior levels at which a function of the schedule is least, from where they stand.
fn optimum(sigmas: &[f64], f: impl Fn(&[f64]) -> f64) -> Vec<f64> {
    let last = sigmas.len() - 1;
    let with_ends = |logs: &[f64]| -> Vec<f64> {
        let interior = logs.iter().map(|log| log.exp());
        [sigmas[0]].into_iter().chain(interior).chain([sigmas[last]]).collect()
    };
    // Levels out of order have no value.
    let is_ordered = |sigmas: &[f64]| sigmas.windows(2).all(|pair| pair[1] < pair[0]);
    let mut value = |logs: &[f64]| {
        let sigmas = with_ends(logs);
        if is_ordered(&sigmas) { f(&sigmas) } else { f64::INFINITY }
    };
    let start: Vec<f64> = sigmas[1..last].iter().map(|sigma| sigma.ln()).collect();
    with_ends(&descend(&mut value, &start, PROGRESS).point)
}

#[test]
fn case_05_true_optimum_of_stochastic_ddim() {
    let case = case("05_sddim_true_kl_optimum");
    let (stated, tolerance) = (numbers(&case["output"]["schedule"]), number(&case["tol"]));
    let divergence = |sigmas: &[f64]| data(0.5).stochastic_ddim(sigmas).unwrap().divergence;
    let least = divergence(&stated);
    // The numbers of this very schedule need no tolerance of their own.
    assert!(relative(least, number(&case["output"]["KL"])) < AYS, "{least}");
    assert!(relative(data(0.5).klub(&stated).unwrap(), number(&case["output"]["KLUB"])) < AYS);
    for i in 1..stated.len() - 1 {
        for factor in [0.99, 1.01] {
            let mut moved = stated.clone();
            moved[i] *= factor;
            assert!(divergence(&moved) > least, "level {i} times {factor}");
        }
    }
    let mut found = [0.0; 11];
    arctan::fill(&mut found, 0.002, 80.0, 0.5, Last::SigmaMin).unwrap();
    assert!(divergence(&found) > 1.4 * least);
    let found = optimum(&found, divergence);
    assert_close("optimum", &found, &stated, tolerance);
    assert!((divergence(&found) / least - 1.0).abs() < DESCENT * DESCENT, "{} {least}", divergence(&found));
}

/// f* = sec²ⁿ of one of n equal angles, and its divergence.
#[test]
fn theorem_3_1() {
    for (c, stated) in [(0.1, 0.0157710508), (0.5, 0.0162448538), (1.0, 0.0160604716)] {
        let mut sigmas = [0.0; 11];
        arctan::fill(&mut sigmas, 0.002, 80.0, c, Last::SigmaMin).unwrap();
        let law = data(c).euler(&sigmas).unwrap();
        let angle = ((80.0 / c).atan() - (0.002 / c).atan()) / 10.0;
        let f = angle.cos().powi(-20);
        assert!(relative((c * c + 0.002 * 0.002) / law.variance, f) < SCHEDULE);
        assert!(relative(law.divergence, 0.5 * (f - 1.0 - f.ln())) < CANCELLING_F64);
        // Ten decimals.
        assert!((law.divergence - stated).abs() < 6e-11, "{c} {}", law.divergence);
        let mut found = [0.0; 11];
        karras::fill(&mut found, 0.002, 80.0, 7.0, Last::SigmaMin).unwrap();
        let found = optimum(&found, |sigmas| data(c).euler(sigmas).unwrap().divergence);
        assert_close("optimum", &found, &sigmas, DESCENT);
    }
}

#[test]
fn three_point_forms() {
    assert!((data(0.5).klub_middle(0.5, 0.1).unwrap() - 0.2006252793).abs() < 6e-11);
    for (from, to, c) in [(0.5, 0.1, 0.5), (80.0, 0.002, 0.5), (3.0, 2.0, 10.0), (1.0, 1e-3, 0.2)] {
        let data = data(c);
        let klub = |sigmas: &[f64]| data.klub(sigmas).unwrap();
        let euler = |sigmas: &[f64]| data.euler(sigmas).unwrap().divergence;
        for (middle, f) in [
            (data.klub_middle(from, to).unwrap(), &klub as &dyn Fn(&[f64]) -> f64),
            (data.euler_middle(from, to).unwrap(), &euler),
        ] {
            let best = optimum(&[from, (from * to).sqrt(), to], f);
            assert!((middle / best[1] - 1.0).abs() < DESCENT, "{from} {to} {c}: {middle} {best:?}");
            for factor in [1.0 - 1e-3, 1.0 + 1e-3] {
                assert!(f(&[from, middle * factor, to]) > f(&[from, middle, to]));
            }
        }
        let angle = 0.5 * ((from / c).atan() + (to / c).atan());
        assert!(relative(data.euler_middle(from, to).unwrap(), c * angle.tan()) < SCHEDULE);
        let v = |sigma: f64| c * c + sigma * sigma;
        let stated = c * (from * to / ((v(from) * v(to)).sqrt() - from * to)).sqrt();
        assert!(relative(data.klub_middle(from, to).unwrap(), stated) < CANCELLING_F64);
    }
}

/// Recurrences as the specification states them, with all their cancellation.
fn naive(c: f64, sigmas: &[f64]) -> [f64; 2] {
    let v = |sigma: f64| c * c + sigma * sigma;
    let (mut euler, mut stochastic) = (v(sigmas[0]), v(sigmas[0]));
    for step in sigmas.windows(2) {
        let (t, s) = (step[0], step[1]);
        euler *= ((s * t + c * c) / v(t)).powi(2);
        stochastic = (v(s) / v(t)).powi(2) * stochastic + s * s * (t * t - s * s) / (t * t);
    }
    [euler, stochastic]
}

/// ∫ σ⁻³·E|D_σ − D_from|² dσ by quadrature in ln σ.
fn by_quadrature(c: f64, from: f64, to: f64) -> f64 {
    let v = |sigma: f64| c * c + sigma * sigma;
    let integrand = &mut |log: f64| {
        let sigma = log.exp();
        c.powi(4) * (from - sigma) * (from + sigma) / (v(sigma) * v(from)) / (sigma * sigma)
    };
    integrate(integrand, to.ln(), from.ln(), 0.25, 1e-15)
}

#[test]
fn intervals_are_their_integrals() {
    // Twelve digits of the specification, which it found on grids of 1, 4 and 32 sub-points.
    assert!((data(0.5).klub_between(2.0, 0.3).unwrap() - 0.643522115046).abs() < 6e-13);
    for (from, to, c) in [(2.0, 0.8, 0.5), (0.8, 0.3, 0.5), (20.0, 3.0, 1.0), (0.5, 0.1, 0.05), (1.0, 0.9, 3.0)] {
        let exact = data(c).klub_between(from, to).unwrap();
        assert!(relative(exact, by_quadrature(c, from, to)) < AYS, "{from} {to} {c}");
        let three = Gaussian::new(c, 3).unwrap().klub_between(from, to).unwrap();
        assert!(relative(three, 3.0 * exact) < ROUNDING_F64);
        let mixture = Mixture1d::new(&[1.0], &[0.3], &[c]);
        assert!(relative(mixture.bound(&[from, to]), exact) < CANCELLING_F64);
        assert!(relative(mixture.mmse(from), data(c).mmse(from).unwrap()) < AYS);
        assert!((mixture.information(to) - data(c).information(to).unwrap()).abs() < CANCELLING_F64);
    }
}

/// Levels from the noisiest down, at least `least` of them, with a ratio of at least 1.0001 between neighbours.
fn levels(least: usize) -> impl Strategy<Value = Vec<f64>> {
    (log_uniform(1e-3, 1.0), vec(log_uniform(1e-4, 3.0), least - 1..12)).prop_map(|(last, gaps)| {
        let mut sigmas = vec![last];
        for gap in gaps {
            sigmas.push(sigmas[sigmas.len() - 1] * (1.0 + gap));
        }
        sigmas.reverse();
        sigmas
    })
}

fn solver() -> impl Strategy<Value = SdeDpmPp2M> {
    let order = prop_oneof![Just(SecondOrder::Midpoint), Just(SecondOrder::Heun)];
    (log_uniform(0.05, 4.0), any::<bool>(), order).prop_map(|(eta, lower_order_final, second_order)| SdeDpmPp2M {
        eta,
        s_noise: 1.0,
        lower_order_final,
        second_order,
    })
}

proptest! {
    #![proptest_config(config(REGRESSIONS))]

    #[test]
    fn laws_agree_with_the_recurrences(sigmas in levels(2), c in log_uniform(0.05, 5.0), d in 1..100usize) {
        let data = Gaussian::new(c, d).unwrap();
        let v = c * c + sigmas[sigmas.len() - 1].powi(2);
        let laws = [data.euler(&sigmas).unwrap(), data.stochastic_ddim(&sigmas).unwrap()];
        for (law, variance) in laws.iter().zip(naive(c, &sigmas)) {
            prop_assert!(relative(law.variance, variance) < SCHEDULE, "{} {variance}", law.variance);
            prop_assert!(law.variance <= v * (1.0 + ROUNDING_F64));
            let ratio = v / variance;
            let divergence = 0.5 * d as f64 * (ratio - 1.0 - ratio.ln());
            // The divergence of nearly equal variances has lost its digits in this form.
            prop_assert!((law.divergence - divergence).abs() <= SCHEDULE * d as f64 + CANCELLING_F64 * divergence);
        }
        // A bound is one.
        prop_assert!(laws[1].divergence <= data.klub(&sigmas).unwrap() * (1.0 + ROUNDING_F64));
    }

    #[test]
    fn units_do_not_matter(sigmas in levels(2), c in log_uniform(0.05, 5.0), unit in log_uniform(1e-6, 1e6)) {
        let scaled: Vec<f64> = sigmas.iter().map(|sigma| sigma * unit).collect();
        let (data, other) = (data(c), data(c * unit));
        prop_assert!(relative(other.klub(&scaled).unwrap(), data.klub(&sigmas).unwrap()) < CANCELLING_F64);
        let two_m = |data: Gaussian, sigmas: &[f64]| data.klub_two_m(sigmas, &TWO_M).unwrap();
        prop_assert!(relative(two_m(other, &scaled), two_m(data, &sigmas)) < CANCELLING_F64);
        for (here, there) in [
            (data.euler(&sigmas).unwrap(), other.euler(&scaled).unwrap()),
            (data.stochastic_ddim(&sigmas).unwrap(), other.stochastic_ddim(&scaled).unwrap()),
        ] {
            prop_assert!(relative(there.divergence, here.divergence) < CANCELLING_F64);
            prop_assert!(relative(there.variance, here.variance * unit * unit) < ROUNDING_F64 * 10.0);
        }
        let (from, to) = (sigmas[0], sigmas[sigmas.len() - 1]);
        let middles = |data: Gaussian, unit: f64| {
            [data.klub_middle(from * unit, to * unit).unwrap(), data.euler_middle(from * unit, to * unit).unwrap()]
        };
        for (here, there) in middles(data, 1.0).iter().zip(middles(other, unit)) {
            prop_assert!(relative(there, here * unit) < ROUNDING_F64);
        }
    }

    #[test]
    fn a_further_level_lowers_the_bound(
        sigmas in levels(2), c in log_uniform(0.05, 5.0), position in 0.05..0.95f64,
        index in any::<prop::sample::Index>(),
    ) {
        let data = data(c);
        let whole = data.klub(&sigmas).unwrap();
        let parts: f64 = sigmas.windows(2).map(|step| data.klub_between(step[0], step[1]).unwrap()).sum();
        prop_assert!(relative(parts, whole) < ROUNDING_F64);
        let split = 1 + index.index(sigmas.len() - 1);
        let mut finer = sigmas.clone();
        finer.insert(split, sigmas[split].powf(position) * sigmas[split - 1].powf(1.0 - position));
        prop_assert!(data.klub(&finer).unwrap() <= whole);
        let step = data.klub_between(sigmas[split - 1], sigmas[split]).unwrap();
        let halves = data.klub(&finer[split - 1..=split + 1]).unwrap();
        prop_assert!(halves < step);
    }

    #[test]
    fn memory_only_adds_to_the_bound(sigmas in levels(2), c in log_uniform(0.05, 5.0), solver in solver()) {
        let data = data(c);
        let (klub, two_m) = (data.klub(&sigmas).unwrap(), data.klub_two_m(&sigmas, &solver).unwrap());
        prop_assert!(two_m >= klub * (1.0 - ROUNDING_F64));
        let mmse: Vec<f64> = sigmas.iter().map(|&sigma| data.mmse(sigma).unwrap()).collect();
        let from_curve = multistep::klub(klub, &sigmas, &mmse, &solver).unwrap();
        // Differences of the curve lose what the closed form keeps: a rounding error of its values times what
        // multiplies them, at most ½·e²·σ⁻² with e below ½·ln 4/ln 1.0001.
        let least = sigmas[sigmas.len() - 1];
        let lost = 1e-15 * c * c * (0.5 * 4f64.ln() / 1.0001f64.ln()).powi(2) / (least * least);
        prop_assert!((from_curve - two_m).abs() <= CANCELLING_F64 * two_m + lost, "{from_curve} {two_m}");
    }

    #[test]
    fn nothing_is_below_the_optimum_of_the_bound(sigmas in levels(3), c in log_uniform(0.05, 5.0)) {
        let data = data(c);
        let mut optimum = vec![0.0; sigmas.len()];
        let (high, low) = (sigmas[0], sigmas[sigmas.len() - 1]);
        data.fill_klub_optimum(&mut optimum, low, high, Last::SigmaMin).unwrap();
        prop_assert!(data.klub(&optimum).unwrap() <= data.klub(&sigmas).unwrap() * (1.0 + ROUNDING_F64));
        let mut best = vec![0.0; sigmas.len()];
        arctan::fill(&mut best, low, high, c, Last::SigmaMin).unwrap();
        let divergence = |sigmas: &[f64]| data.euler(sigmas).unwrap().divergence;
        prop_assert!(divergence(&best) <= divergence(&sigmas) * (1.0 + CANCELLING_F64));
    }
}
