//! A mixture of normals in one dimension under noise: everything about it that a schedule can be judged by, exactly.

use crate::quadrature::integrate;
use std::f64::consts::{E, PI};

/// The most components that a mixture can have here.
pub const COMPONENTS: usize = 8;

/// How far from its mean a component's mass is looked for, in standard deviations: beyond lies less than 1e-18.
const REACH: f64 = 9.0;

/// The accuracy of a panel in the integrals of this module: twenty panels and their halves stay below 1e-12.
const TOLERANCE: f64 = 1e-15;

/// Σ wₖ·N(μₖ, sₖ²), the law of the clean sample.
#[derive(Clone, Debug)]
pub struct Mixture1d {
    components: Vec<(f64, f64, f64)>,
}

impl Mixture1d {
    /// A mixture from shares that sum to 1, means and standard deviations.
    pub fn new(weights: &[f64], means: &[f64], stds: &[f64]) -> Mixture1d {
        assert!((1..=COMPONENTS).contains(&weights.len()), "{} components", weights.len());
        assert_eq!((means.len(), stds.len()), (weights.len(), weights.len()));
        let each = weights.iter().zip(means).zip(stds);
        Mixture1d { components: each.map(|((&weight, &mean), &std)| (weight, mean, std)).collect() }
    }

    /// The mean of the clean sample.
    pub fn mean(&self) -> f64 {
        self.components.iter().map(|(weight, mean, _)| weight * mean).sum()
    }

    /// The standard deviation of the clean sample.
    pub fn std(&self) -> f64 {
        let centre = self.mean();
        let variance = |&(weight, mean, std): &(f64, f64, f64)| weight * (std * std + (mean - centre).powi(2));
        self.components.iter().map(variance).sum::<f64>().sqrt()
    }

    /// The law of x = x₀ + σ·ε.
    pub fn at(&self, sigma: f64) -> Marginal {
        let component = |&(weight, mean, std): &(f64, f64, f64)| {
            let variance = std * std + sigma * sigma;
            Component {
                log_peak: weight.ln() - 0.5 * (2.0 * PI * variance).ln(),
                half_precision: 0.5 / variance,
                mean,
                deviation: variance.sqrt(),
                gain: std * std / variance,
                offset: mean * sigma * sigma / variance,
                spread: std * std * sigma * sigma / variance,
            }
        };
        Marginal { sigma, components: self.components.iter().map(component).collect() }
    }

    /// E‖x₀ − D(x, σ)‖².
    pub fn mmse(&self, sigma: f64) -> f64 {
        let marginal = self.at(sigma);
        marginal.integrate(&mut |x| {
            let point = marginal.point(x);
            point.log_density.exp() * point.variance
        })
    }

    /// The mutual information of x₀ and x = x₀ + σ·ε: the entropy of x less that of the noise.
    pub fn information(&self, sigma: f64) -> f64 {
        let marginal = self.at(sigma);
        let entropy = marginal.integrate(&mut |x| {
            let log_density = marginal.log_density(x);
            -log_density.exp() * log_density
        });
        entropy - 0.5 * (2.0 * PI * E * sigma * sigma).ln()
    }

    /// The upper bound of the paper for the frozen denoiser on a schedule from the top down:
    /// Σ ½(σᵢ₊₁⁻² − σᵢ⁻²)·mmse(σᵢ) − [I(σᵢ₊₁) − I(σᵢ)].
    pub fn bound(&self, sigmas: &[f64]) -> f64 {
        sigmas.windows(2).map(|pair| self.bound_of_step(pair[0], pair[1])).sum()
    }

    fn bound_of_step(&self, from: f64, to: f64) -> f64 {
        let gained = self.information(to) - self.information(from);
        0.5 * (to.powi(-2) - from.powi(-2)) * self.mmse(from) - gained
    }
}

#[derive(Clone, Copy, Debug)]
struct Component {
    log_peak: f64,
    half_precision: f64,
    mean: f64,
    deviation: f64,
    gain: f64,
    offset: f64,
    spread: f64,
}

/// The law of the noisy sample at one level.
#[derive(Clone, Debug)]
pub struct Marginal {
    /// The level.
    pub sigma: f64,
    components: Vec<Component>,
}

/// What the law at a level says about one state.
#[derive(Clone, Copy, Debug)]
pub struct Point {
    /// ln p(x; σ).
    pub log_density: f64,
    /// D(x, σ) = E[x₀ | x].
    pub denoised: f64,
    /// Var[x₀ | x], which is σ²·∂D/∂x.
    pub variance: f64,
}

impl Marginal {
    /// The logarithm of each component's share of the density, and the largest.
    fn logs(&self, x: f64) -> ([f64; COMPONENTS], f64) {
        let mut logs = [f64::NEG_INFINITY; COMPONENTS];
        let mut largest = f64::NEG_INFINITY;
        for (log, component) in logs.iter_mut().zip(&self.components) {
            let distance = x - component.mean;
            *log = component.log_peak - component.half_precision * distance * distance;
            largest = largest.max(*log);
        }
        (logs, largest)
    }

    /// ln p(x; σ).
    pub fn log_density(&self, x: f64) -> f64 {
        let (logs, largest) = self.logs(x);
        largest + logs[..self.components.len()].iter().map(|log| (log - largest).exp()).sum::<f64>().ln()
    }

    /// Density, ideal denoiser and posterior variance at a state.
    pub fn point(&self, x: f64) -> Point {
        let (mut shares, largest) = self.logs(x);
        let (mut total, mut first) = (0.0, 0.0);
        for (share, component) in shares.iter_mut().zip(&self.components) {
            *share = (*share - largest).exp();
            total += *share;
            first += *share * (component.gain * x + component.offset);
        }
        let denoised = first / total;
        let mut second = 0.0;
        for (share, component) in shares.iter().zip(&self.components) {
            second += share * (component.spread + (component.gain * x + component.offset - denoised).powi(2));
        }
        Point { log_density: largest + total.ln(), denoised, variance: second / total }
    }

    /// The interval that holds all but a negligible share of every component, `reach` standard deviations around each.
    pub fn support(&self, reach: f64) -> (f64, f64) {
        let low = self.components.iter().map(|c| c.mean - reach * c.deviation).fold(f64::INFINITY, f64::min);
        let high = self.components.iter().map(|c| c.mean + reach * c.deviation).fold(f64::NEG_INFINITY, f64::max);
        (low, high)
    }

    /// The smallest standard deviation of a component.
    pub fn narrowest(&self) -> f64 {
        self.components.iter().map(|component| component.deviation).fold(f64::INFINITY, f64::min)
    }

    fn integrate(&self, f: &mut dyn FnMut(f64) -> f64) -> f64 {
        let (low, high) = self.support(REACH);
        integrate(f, low, high, self.narrowest(), TOLERANCE)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tolerance::{AYS, CANCELLING_F64, QUADRATURE, ROUNDING_F64, relative};
    use crate::vectors::{json, numbers};
    use serde_json::Value;

    /// N(μ, c²): D = (c²x + σ²μ)/v, mmse = c²σ²/v, I = ½ ln(v/σ²) with v = c² + σ².
    #[test]
    fn one_component_has_its_closed_forms() {
        let (mean, c) = (0.7, 0.5);
        let one = Mixture1d::new(&[1.0], &[mean], &[c]);
        assert_eq!((one.mean(), one.std()), (mean, c));
        for sigma in [0.002, 0.1, 1.0, 20.0] {
            let v = c * c + sigma * sigma;
            let point = one.at(sigma).point(1.3);
            assert!(relative(point.denoised, (c * c * 1.3 + sigma * sigma * mean) / v) < ROUNDING_F64);
            assert!(relative(point.variance, c * c * sigma * sigma / v) < ROUNDING_F64);
            assert!(relative(point.log_density, -0.5 * ((2.0 * PI * v).ln() + 0.6 * 0.6 / v)) < ROUNDING_F64);
            assert!(relative(one.mmse(sigma), c * c * sigma * sigma / v) < QUADRATURE, "{sigma}");
            assert!((one.information(sigma) - 0.5 * (v / (sigma * sigma)).ln()).abs() < QUADRATURE, "{sigma}");
        }
    }

    #[test]
    fn the_variance_is_the_slope_of_the_denoiser() {
        let mixture = Mixture1d::new(&[0.3, 0.5, 0.2], &[-1.0, 1.2, 0.2], &[0.15, 0.25, 0.1]);
        let marginal = mixture.at(0.4);
        for x in [-3.0, -0.4, 0.1, 0.6, 2.0] {
            let step = 1e-5;
            let slope = (marginal.point(x + step).denoised - marginal.point(x - step).denoised) / (2.0 * step);
            let point = marginal.point(x);
            assert!(relative(point.variance / 0.16, slope) < CANCELLING_F64, "{x}");
            assert_eq!(point.log_density, marginal.log_density(x));
        }
    }

    /// Case 07, and the bound of every schedule of case 17.
    #[test]
    fn bound_and_mmse_are_those_of_the_specification() {
        let cases: Value = json("ays_cases.json");
        let case = &cases["07_klub_gmm1d"];
        let list = |name: &str| numbers(&case["input"][name]);
        let mixture = Mixture1d::new(&list("weights"), &list("means"), &list("stds"));
        assert!(relative(mixture.bound(&list("sigmas")), case["output"]["KLUB"].as_f64().unwrap()) < AYS);
        for (sigma, expected) in case["output"]["mmse"].as_object().unwrap() {
            assert!(relative(mixture.mmse(sigma.parse().unwrap()), expected.as_f64().unwrap()) < AYS, "{sigma}");
        }
        let schedules = cases["17_true_kl_gmm1d"]["output"].as_object().unwrap();
        let with_sigmas = schedules.iter().filter(|(_, schedule)| schedule["sigmas"].is_array());
        let mut compared = 0;
        for (name, schedule) in with_sigmas {
            let bound = mixture.bound(&numbers(&schedule["sigmas"]));
            let expected = schedule["KLUB"].as_f64().unwrap();
            assert!(relative(bound, expected) < AYS, "{name}: {bound} against {expected}");
            compared += 1;
        }
        assert_eq!(compared, 8);
    }
}
