//! Levels drawn by importance: case 06, and that what they weigh integrates to what it should.

use crate::case;
use proptest::prelude::*;
use quell::diffusion::bound::{Gaussian, Importance, stratified};
use quell_tests::quadrature::integrate;
use quell_tests::strategies::{config, log_uniform};
use quell_tests::tolerance::{AYS, CANCELLING_F64, ROUNDING_F64, assert_close, relative};
use quell_tests::vectors::numbers;

const REGRESSIONS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/proptest-regressions/bound_importance.txt");

/// σ⁻³·(1/(c² + σ²) − 1/(c² + σ_from²)), the density but for its normaliser.
fn density(sigma: f64, from: f64, c: f64) -> f64 {
    let v = |sigma: f64| c * c + sigma * sigma;
    (from - sigma) * (from + sigma) / (v(sigma) * v(from)) / sigma.powi(3)
}

/// The integral of a function of the level over [`low`, `high`], in ln σ.
fn over(low: f64, high: f64, f: impl Fn(f64) -> f64, tolerance: f64) -> f64 {
    integrate(&mut |log| f(log.exp()) * log.exp(), low.ln(), high.ln(), 0.25, tolerance)
}

#[test]
fn case_06() {
    let case = case("06_importance_sampling");
    let number = |part: &str, key: &str| case[part][key].as_f64().unwrap();
    let [t_min, t_mid, t_max, c] = ["t_min", "t_mid", "t_max", "c"].map(|key| number("input", key));
    let importance = Importance::new(t_max, t_mid, t_min, c).unwrap();
    let [upper, lower] = importance.normalisers();
    assert_close("Z", &[lower, upper], &["Z1", "Z2"].map(|key| number("output", key)), AYS);
    let draws: Vec<_> = numbers(&case["input"]["u"]).iter().map(|&u| importance.draw(u).unwrap()).collect();
    let column = |f: fn(&quell::diffusion::bound::Draw) -> f64| draws.iter().map(f).collect::<Vec<_>>();
    assert_close("t", &column(|draw| draw.sigma), &numbers(&case["output"]["t"]), AYS);
    assert_close("t_upper", &column(|draw| draw.from), &numbers(&case["output"]["t_upper"]), 0.0);
    // The weight is Z over σ³ times the density, so that the density can be read off it at the two ends.
    let total = lower + upper;
    let from_weight = |uniform: f64| {
        let draw = importance.draw(uniform).unwrap();
        total / draw.weight / draw.sigma.powi(3)
    };
    let integrands = [from_weight(0.0), from_weight(lower / total * (1.0 + 1e-15))];
    let expected = ["integrand_at_0p1", "integrand_at_0p2plus"].map(|key| number("output", key));
    assert_close("integrand", &integrands, &expected, AYS);
    assert_eq!(case["output"].as_object().unwrap().len(), 6);
}

/// Three levels from the noisiest down, and the scale of the data.
fn setting() -> impl Strategy<Value = (f64, f64, f64, f64)> {
    (log_uniform(1e-3, 1.0), log_uniform(0.02, 20.0), log_uniform(0.02, 20.0), log_uniform(0.02, 5.0))
        .prop_map(|(to, below, above, c)| (to * (1.0 + below) * (1.0 + above), to * (1.0 + below), to, c))
}

proptest! {
    #![proptest_config(config(REGRESSIONS))]

    /// The closed forms are the integrals of the density, and the bound of Gaussian data is d·c⁴ times them.
    #[test]
    fn normalisers_are_integrals((from, middle, to, c) in setting()) {
        let [upper, lower] = Importance::new(from, middle, to, c).unwrap().normalisers();
        let data = Gaussian::new(c, 3).unwrap();
        for (z, from, to) in [(upper, from, middle), (lower, middle, to)] {
            let integral = over(to, from, |sigma| density(sigma, from, c), z * 1e-14);
            prop_assert!(relative(z, integral) < AYS, "{z} {integral}");
            prop_assert!(relative(3.0 * c.powi(4) * z, data.klub_between(from, to).unwrap()) < ROUNDING_F64 * 10.0);
        }
    }

    /// The share of the mass below a level that was drawn is the uniform it was drawn by.
    #[test]
    fn levels_have_the_density((from, middle, to, c) in setting(), uniform in 0.0..1.0f64) {
        let importance = Importance::new(from, middle, to, c).unwrap();
        let [upper, lower] = importance.normalisers();
        let draw = importance.draw(uniform).unwrap();
        let (start, before) = if draw.from == from { (middle, lower) } else { (to, 0.0) };
        let sigma = if draw.sigma > start { draw.sigma } else { start };
        let mass = before + over(start, sigma, |sigma| density(sigma, draw.from, c), (lower + upper) * 1e-14);
        prop_assert!((mass / (lower + upper) - uniform).abs() < AYS, "{draw:?} {mass}");
    }

    /// Whatever function of the level is weighed, its mean over the uniform is its integral against σ⁻³.
    #[test]
    fn weights_integrate_any_function((from, middle, to, c) in setting(), frequency in 0.0..3.0f64) {
        let importance = Importance::new(from, middle, to, c).unwrap();
        let [upper, lower] = importance.normalisers();
        let (total, share) = (lower + upper, lower / (lower + upper));
        // In proportion to the squared distance on Gaussian data, as that on any data is near the start of an interval.
        let waves = |sigma: f64| 1.5 + (frequency * sigma.ln()).sin();
        let function = |sigma: f64, from: f64| waves(sigma) * density(sigma, from, c) * sigma.powi(3);
        let exact = |from: f64, to: f64| over(to, from, |sigma| waves(sigma) * density(sigma, from, c), 1e-13 * total);
        let expected = exact(from, middle) + exact(middle, to);
        // Each interval on its own, since there is a jump between them. What is left of the mass goes as a square near
        // the start of an interval, so that its root is what to integrate over.
        let weighed = |uniform: f64| {
            let draw = importance.draw(uniform.min(1.0 - f64::EPSILON / 2.0)).unwrap();
            draw.weight * function(draw.sigma, draw.from)
        };
        let pieces = [(0.0, share), (share, 1.0)].map(|(low, high)| {
            let left = &mut |root: f64| 2.0 * root * (high - low) * weighed(high - (high - low) * root * root);
            integrate(left, 0.0, 1.0, 0.1, 1e-12 * expected)
        });
        prop_assert!(relative(pieces[0] + pieces[1], expected) < AYS, "{pieces:?} {expected}");
    }

    #[test]
    fn units_do_not_matter((from, middle, to, c) in setting(), uniform in 0.0..1.0f64, unit in log_uniform(1e-6, 1e6)) {
        let draw = Importance::new(from, middle, to, c).unwrap().draw(uniform).unwrap();
        let scaled = Importance::new(from * unit, middle * unit, to * unit, c * unit).unwrap().draw(uniform).unwrap();
        prop_assert_eq!(draw.from * unit, scaled.from);
        prop_assert!(relative(scaled.sigma, draw.sigma * unit) < CANCELLING_F64);
        // Squared distances grow by unit², so the weight falls by it. Near the start of an interval the weight varies
        // as the root of the mass that is left.
        prop_assert!(relative(scaled.weight * unit * unit, draw.weight) < 1e-6);
    }

    #[test]
    fn one_sample_falls_in_each_stratum(count in 1..2000usize, uniform in 0.0..1.0f64) {
        for index in 0..count {
            let value = stratified(uniform, index, count).unwrap();
            prop_assert!(value >= index as f64 / count as f64 && value * count as f64 <= (index + 1) as f64);
            prop_assert!(value < 1.0);
        }
    }
}
