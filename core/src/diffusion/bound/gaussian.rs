//! Gaussian data, for which the bound, what minimises it, and what the solvers really put out are closed forms.
//!
//! They are the bound's own test, they show how far it is from the truth, and a c fitted to the data gives a first
//! schedule without a network. Data with other standard deviations along other axes are sums over the axes of the same
//! formulas, with one dimension each.

use super::excess::excess;
use super::importance::spread;
use super::multistep;
use crate::diffusion::schedule::{Last, check_decreasing, fill_span};
use crate::diffusion::solver::SdeDpmPp2M;
use crate::error::{Argument, Error, check};

/// N(0, c²·I) data in d dimensions; v(σ) = c² + σ² below. All sigmas are noise-to-signal ratios.
///
/// # Example
///
/// ```
/// use quell::diffusion::bound::Gaussian;
/// use quell::diffusion::schedule::{Last, arctan};
/// let data = Gaussian::new(0.5, 1)?;
/// let (mut least_bound, mut least_euler) = ([0.0; 11], [0.0; 11]);
/// data.fill_klub_optimum(&mut least_bound, 0.002, 80.0, Last::SigmaMin)?;
/// arctan::fill(&mut least_euler, 0.002, 80.0, 0.5, Last::SigmaMin)?;
/// // The bound ranks the two the other way round: stopping early is the method.
/// assert!(data.klub(&least_bound)? < 4.57 && data.klub(&least_euler)? > 790.0);
/// assert!(data.stochastic_ddim(&least_bound)?.divergence > 0.45);
/// assert!(data.stochastic_ddim(&least_euler)?.divergence < 0.043);
/// # Ok::<(), quell::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Gaussian {
    c: f64,
    dimension: f64,
}

/// What a solver puts out on Gaussian data: N(0, `variance`·I).
#[derive(Clone, Copy, Debug, Default, PartialEq)]
#[repr(C)]
pub struct OutputLaw {
    /// The variance of each element at the last level.
    pub variance: f64,
    /// The Kullback-Leibler divergence of the true law at the last level, N(0, v·I), from it, in nats:
    /// (d/2)·(v/variance − 1 − ln(v/variance)).
    pub divergence: f64,
}

impl Gaussian {
    /// Data of standard deviation `c` along each of `dimension` axes.
    ///
    /// # Errors
    ///
    /// [`Error::Domain`] for a `c` that is not positive or not finite, and for a `dimension` of 0.
    pub fn new(c: f64, dimension: usize) -> Result<Gaussian, Error> {
        check::positive(Argument::C, c)?;
        check::positive(Argument::Dimension, dimension as f64)?;
        Ok(Gaussian { c, dimension: dimension as f64 })
    }

    /// E|x₀ − D(x_σ, σ)|² = d·c²σ²/v(σ) of the ideal denoiser.
    ///
    /// # Errors
    ///
    /// [`Error::Domain`] for a `sigma` that is negative or not finite.
    pub fn mmse(&self, sigma: f64) -> Result<f64, Error> {
        check::non_negative(Argument::Sigma, sigma)?;
        let root = self.c * (sigma / libm::hypot(self.c, sigma));
        Ok(self.dimension * (root * root))
    }

    /// The mutual information of x₀ and x_σ, (d/2)·ln(1 + c²/σ²), in nats.
    ///
    /// # Errors
    ///
    /// [`Error::Domain`] for a `sigma` that is not positive or not finite.
    pub fn information(&self, sigma: f64) -> Result<f64, Error> {
        check::positive(Argument::Sigma, sigma)?;
        Ok(0.5 * self.dimension * information(self.c / sigma))
    }

    /// The bound of one step of stochastic DDIM: (d/2)·(δ − ln(1 + δ)) with
    /// δ = c²·(σ_from² − σ_to²)/(σ_to²·v(σ_from)).
    ///
    /// It is the divergence of the step's conditional law, exactly; what makes the sum over the steps a bound is that
    /// the intermediate states are not integrated out.
    ///
    /// # Errors
    ///
    /// [`Error::Domain`] for `from` or `to` outside 0 < `to` ≤ `from`.
    pub fn klub_between(&self, from: f64, to: f64) -> Result<f64, Error> {
        check_step(from, to)?;
        Ok(self.step_klub(from, to))
    }

    /// The bound of stochastic DDIM on a schedule, the sum over its steps.
    ///
    /// # Errors
    ///
    /// [`Error::TooShort`] for fewer than two `sigmas`; [`Error::Domain`] or [`Error::Order`] for `sigmas` that are not
    /// positive and strictly decreasing: a step to σ = 0 has no finite bound.
    pub fn klub(&self, sigmas: &[f64]) -> Result<f64, Error> {
        check_sigmas(sigmas)?;
        sigmas.iter().try_for_each(|&sigma| check::positive(Argument::Sigmas, sigma).map(drop))?;
        Ok(steps(sigmas).map(|(from, to)| self.step_klub(from, to)).sum())
    }

    /// The bound of SDE-DPM-Solver++(2M) on a schedule ([`multistep::klub`]).
    ///
    /// # Errors
    ///
    /// Those of [`Gaussian::klub`], and [`Error::Domain`] for an `eta` of 0 or an `s_noise` other than 1.
    pub fn klub_two_m(&self, sigmas: &[f64], solver: &SdeDpmPp2M) -> Result<f64, Error> {
        let klub = self.klub(sigmas)?;
        // d·c⁴·(1/v(to) − 1/v(from)), where nothing cancels.
        let growth = steps(sigmas).map(|(from, to)| {
            let (u, s) = (self.c / libm::hypot(self.c, from), self.c / libm::hypot(self.c, to));
            self.dimension * (u * s * (from - to)) * (u * s * (from + to))
        });
        multistep::with_growth(klub, sigmas, growth, solver)
    }

    fn step_klub(&self, from: f64, to: f64) -> f64 {
        0.5 * self.dimension * excess(spread(from, to, self.c))
    }

    /// What Euler's method, DDIM, puts out from the exact law at the first level.
    ///
    /// A step multiplies the state by (σ_from·σ_to + c²)/v(σ_from), so that the true variance over the solver's is
    /// Π (1 + q²) with q = c·(σ_from − σ_to)/(σ_from·σ_to + c²), the tangent of the angle between arctan(σ/c) of its
    /// levels. Equal angles are the best that can be done (theorem 3.1):
    /// [`arctan::fill`](crate::diffusion::schedule::arctan::fill).
    ///
    /// # Errors
    ///
    /// [`Error::TooShort`] for fewer than two `sigmas`; [`Error::Domain`] or [`Error::Order`] for `sigmas` that are
    /// negative or not strictly decreasing.
    pub fn euler(&self, sigmas: &[f64]) -> Result<OutputLaw, Error> {
        check_sigmas(sigmas)?;
        let angle = |(from, to): (f64, f64)| (from - to) / from / (self.c / from + to / self.c);
        let logarithm: f64 = steps(sigmas).map(angle).map(|q| libm::log1p(q * q)).sum();
        Ok(self.law(sigmas, libm::expm1(logarithm)))
    }

    /// What stochastic DDIM (DDIM with η = 1, ancestral sampling) puts out from the exact law at the first level.
    ///
    /// A step multiplies the mean by v(σ_to)/v(σ_from). The share u of the true variance that is missing becomes
    /// u·v(σ_to)/v(σ_from) + c²·(σ_from² − σ_to²)²/(σ_from²·v(σ_from)·v(σ_to)), so that the output always varies too
    /// little.
    ///
    /// # Errors
    ///
    /// Those of [`Gaussian::euler`].
    pub fn stochastic_ddim(&self, sigmas: &[f64]) -> Result<OutputLaw, Error> {
        check_sigmas(sigmas)?;
        // The share that is there, too, by a recurrence of its own: either may be all but lost beside the other.
        let (missing, there) = steps(sigmas).fold((0.0, 1.0), |(missing, there), (from, to)| {
            let (u, s) = (libm::hypot(self.c, from), libm::hypot(self.c, to));
            let (apart, carried) = (((from - to) / from) * ((from + to) / u) * (self.c / s), s / u);
            let fresh = ((from - to) / from) * ((from + to) / from) * (to / s) * (to / s);
            (missing * carried * carried + apart * apart, there * carried * carried + fresh)
        });
        Ok(self.law(sigmas, missing / there))
    }

    /// The law at the last level where the true variance is 1 + `excess_variance` times the solver's.
    fn law(&self, sigmas: &[f64], excess_variance: f64) -> OutputLaw {
        let last = libm::hypot(self.c, sigmas.last().copied().unwrap_or(0.0));
        OutputLaw {
            variance: last * last / (1.0 + excess_variance),
            divergence: 0.5 * self.dimension * excess(excess_variance),
        }
    }

    /// Fills `sigmas` with the schedule of the least bound: 1 + c²/σ² is geometric, equal steps in mutual information.
    ///
    /// With [`Last::Zero`], 0 is appended to the span.
    ///
    /// # Errors
    ///
    /// [`Error::TooShort`] for fewer than two `sigmas`; [`Error::Order`] for `sigmas` too close for double precision;
    /// [`Error::Domain`] for `sigma_min` or `sigma_max` outside 0 < `sigma_min` < `sigma_max`.
    pub fn fill_klub_optimum(
        &self,
        sigmas: &mut [f64],
        sigma_min: f64,
        sigma_max: f64,
        last: Last,
    ) -> Result<(), Error> {
        let (low, high) = (information(self.c / sigma_max), information(self.c / sigma_min));
        fill_span(sigmas, sigma_min, sigma_max, last, |u| self.c / libm::sqrt(libm::expm1((1.0 - u) * low + u * high)))
    }

    /// The level between two others at which the bound of the two steps is least (Align Your Steps, eq. 31):
    /// c·√(σ_from·σ_to/(√(v(σ_from)·v(σ_to)) − σ_from·σ_to)).
    ///
    /// # Errors
    ///
    /// [`Error::Domain`] for `from` or `to` outside 0 < `to` ≤ `from`.
    pub fn klub_middle(&self, from: f64, to: f64) -> Result<f64, Error> {
        let (from, to) = self.relative(from, to)?;
        let product = from * to;
        // c² + σ_from² + σ_to² over √(v·v) + σ_from·σ_to, instead of the difference.
        let root = libm::hypot(1.0, from) * libm::hypot(1.0, to);
        Ok(self.c * libm::sqrt(product * (root + product) / (1.0 + from * from + to * to)))
    }

    /// The level between two others at which Euler's method is best on the two steps (Align Your Steps, eq. 22):
    /// (σ_from·σ_to − c² + √(v(σ_from)·v(σ_to)))/(σ_from + σ_to).
    ///
    /// # Errors
    ///
    /// [`Error::Domain`] for `from` or `to` outside 0 < `to` ≤ `from`.
    pub fn euler_middle(&self, from: f64, to: f64) -> Result<f64, Error> {
        let (from, to) = self.relative(from, to)?;
        let product = from * to;
        let root = libm::hypot(1.0, from) * libm::hypot(1.0, to);
        // √(v·v) − c² as a quotient, where nothing cancels.
        let difference = (from * from + to * to + product * product) / (1.0 + root);
        Ok(self.c * ((difference + product) / (from + to)))
    }

    /// Two levels in units of c.
    fn relative(&self, from: f64, to: f64) -> Result<(f64, f64), Error> {
        check_step(from, to)?;
        Ok((from / self.c, to / self.c))
    }
}

/// ln(1 + ratio²).
fn information(ratio: f64) -> f64 {
    libm::log1p(ratio * ratio)
}

/// Positive levels, the first not below the second.
fn check_step(from: f64, to: f64) -> Result<(), Error> {
    check::positive(Argument::From, from)?;
    check::positive(Argument::To, to)?;
    check::within(Argument::To, to, 0.0, from).map(drop)
}

/// The two levels of each step.
fn steps(sigmas: &[f64]) -> impl Iterator<Item = (f64, f64)> {
    sigmas.iter().copied().zip(sigmas.iter().copied().skip(1))
}

/// At least one step, between levels that decrease and are not negative.
fn check_sigmas(sigmas: &[f64]) -> Result<(), Error> {
    check::at_least(Argument::Sigmas, 2, sigmas.len())?;
    sigmas.iter().try_for_each(|&sigma| check::non_negative(Argument::Sigmas, sigma).map(drop))?;
    check_decreasing(Argument::Sigmas, sigmas)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_curves_have_their_limits() {
        let data = Gaussian::new(0.5, 3).unwrap();
        assert_eq!(data.mmse(0.0), Ok(0.0));
        assert!((data.mmse(0.5).unwrap() - 0.375).abs() < 1e-15);
        assert!((data.mmse(1e200).unwrap() - 0.75).abs() < 1e-15);
        assert!((data.information(0.5).unwrap() - 1.5 * 2f64.ln()).abs() < 1e-15);
        assert!((data.information(1e9).unwrap() / (1.5 * 0.25e-18) - 1.0).abs() < 1e-15);
        assert_eq!(data.klub_between(0.7, 0.7), Ok(0.0));
    }

    #[test]
    fn a_step_to_no_noise_is_the_denoiser() {
        let data = Gaussian::new(0.5, 1).unwrap();
        for law in [data.euler(&[0.5, 0.0]).unwrap(), data.stochastic_ddim(&[0.5, 0.0]).unwrap()] {
            // D = x/2 where x has variance 1/2.
            assert!((law.variance - 0.125).abs() < 1e-15, "{law:?}");
            assert!((law.divergence - 0.5 * (1.0 - 2f64.ln())).abs() < 1e-14);
        }
        assert!(data.klub(&[0.5, 0.0]).is_err());
    }

    /// Numbers that are nothing's noise, and results that are numbers all the same.
    #[test]
    fn no_scale_is_too_far_away() {
        let scales = [1e-300, 1e-160, 1e-20, 1.0, 1e20, 1e160, 1e300];
        for c in scales {
            let data = Gaussian::new(c, 2).unwrap();
            for (index, &to) in scales.iter().enumerate() {
                assert!(!data.mmse(to).unwrap().is_nan() && !data.information(to).unwrap().is_nan());
                for from in scales[index..].iter().map(|from| from * 1.5) {
                    let sigmas = [from, to];
                    let laws = [data.euler(&sigmas).unwrap(), data.stochastic_ddim(&sigmas).unwrap()];
                    for law in laws {
                        assert!(law.variance >= 0.0 && law.divergence >= 0.0, "{c} {from} {to}: {law:?}");
                    }
                    let klub = data.klub(&sigmas).unwrap();
                    assert!(klub >= 0.0 && laws[1].divergence <= klub * (1.0 + 1e-14), "{c} {from} {to}: {klub}");
                }
            }
        }
        // One long step to hardly any noise puts out D, which is little, and noise that is as little.
        let law = Gaussian::new(0.5, 1).unwrap().stochastic_ddim(&[80.0, 1e-12]).unwrap();
        let squared = |x: f64| x * x;
        let variance = squared(0.25) / (0.25 + 6400.0) + squared(1e-12);
        assert!((law.variance / variance - 1.0).abs() < 1e-14, "{law:?} {variance}");
        // δ is 1 however large the first level is.
        let one = 1.0 - 2f64.ln();
        assert!((Gaussian::new(1e-3, 2).unwrap().klub_between(1e300, 1e-3).unwrap() / one - 1.0).abs() < 1e-14);
    }

    #[test]
    fn tiny_steps_lose_no_digits() {
        let data = Gaussian::new(0.5, 1).unwrap();
        for apart in [1e-3, 1e-6, 1e-9] {
            let to = 0.7 / (1.0 + apart);
            let delta = 0.25 * (0.7 - to) * (0.7 + to) / (to * to * 0.74);
            assert!(
                (data.klub_between(0.7, to).unwrap() / (0.25 * delta * delta * (1.0 - delta / 1.5)) - 1.0).abs() < 2e-6
            );
            for middle in [data.klub_middle(0.7, to).unwrap(), data.euler_middle(0.7, to).unwrap()] {
                assert!(
                    middle > to && middle < 0.7 && ((0.7 - middle) / (0.7 - to) - 0.5).abs() < 1e-3 + 1e-15 / apart
                );
            }
        }
    }

    #[test]
    fn bad_input_is_refused() {
        for (c, dimension) in [(0.0, 1), (-1.0, 1), (f64::NAN, 1), (f64::INFINITY, 1), (0.5, 0)] {
            assert!(Gaussian::new(c, dimension).is_err());
        }
        let data = Gaussian::new(0.5, 1).unwrap();
        for sigmas in [&[1.0][..], &[1.0, 1.0], &[1.0, 2.0], &[1.0, f64::NAN], &[f64::INFINITY, 1.0], &[1.0, -1.0]] {
            assert!(data.klub(sigmas).is_err() && data.euler(sigmas).is_err() && data.stochastic_ddim(sigmas).is_err());
            assert!(data.klub_two_m(sigmas, &SdeDpmPp2M::default()).is_err());
        }
        for (from, to) in [(1.0, 2.0), (1.0, 0.0), (f64::NAN, 1.0), (1.0, f64::NAN), (f64::INFINITY, 1.0)] {
            assert!(data.klub_between(from, to).is_err() && data.klub_middle(from, to).is_err());
            assert!(data.euler_middle(from, to).is_err());
        }
        assert!(data.mmse(-1.0).is_err() && data.mmse(f64::NAN).is_err() && data.information(0.0).is_err());
        let mut sigmas = [3.0; 4];
        for (low, high) in [(0.0, 1.0), (1.0, 1.0), (2.0, 1.0), (f64::NAN, 1.0), (0.1, f64::INFINITY)] {
            assert!(data.fill_klub_optimum(&mut sigmas, low, high, Last::SigmaMin).is_err());
        }
        assert_eq!(sigmas, [3.0; 4]);
    }
}
