//! What a network predicts, and how to turn one kind of prediction into another.
//!
//! Every kind is linear in the state and the output, so a conversion is two numbers: a [`Linear`].

use super::noise::NoiseLevel;
use crate::error::{Argument, Error, check};
use crate::scalar::rounded;
use crate::{Scalar, Storage};

/// What the network's output stands for.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub enum Prediction {
    /// The noise ε: D = (x − σ·ε)/α (Ho et al. 2020).
    Epsilon,
    /// The clean sample x₀ itself.
    Sample,
    /// v = αε − σx₀ of the variance-preserving state: D = α·x − σ·v for α² + σ² = 1 (Salimans and Ho 2022).
    V,
    /// The velocity ε − x₀ of a rectified flow: D = x − σ·v for α + σ = 1.
    Flow,
    /// EDM's preconditioned output F: D = c_skip·x + c_out·F with c_skip = σ_d²/(σ² + σ_d²) and
    /// c_out = σ·σ_d/√(σ² + σ_d²) (Karras et al. 2022, table 1).
    Edm {
        /// The standard deviation σ_d of the data.
        sigma_data: f64,
    },
    /// The same with c_out negative, as Stable Video Diffusion and other v-predicting EDM networks have it.
    EdmV {
        /// The standard deviation σ_d of the data.
        sigma_data: f64,
    },
}

/// A linear combination: `x`·state + `model`·output.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
#[repr(C)]
pub struct Linear {
    /// The factor on the state.
    pub x: f64,
    /// The factor on the network's output.
    pub model: f64,
}

impl Prediction {
    /// Checks the parameters.
    ///
    /// # Errors
    ///
    /// [`Error::Domain`] for `sigma_data`.
    pub fn check(&self) -> Result<(), Error> {
        match *self {
            Prediction::Edm { sigma_data } | Prediction::EdmV { sigma_data } => {
                check::positive(Argument::SigmaData, sigma_data).map(drop)
            }
            _ => Ok(()),
        }
    }

    /// D, the estimate of the clean sample, as a combination of state and output.
    ///
    /// # Errors
    ///
    /// [`Error::Domain`] for `level` where α = 0 and the network predicts noise: there the output says nothing of the
    /// clean sample.
    ///
    /// # Example
    ///
    /// ```
    /// use quell::diffusion::{noise::NoiseLevel, prediction::Prediction};
    /// let level = NoiseLevel { alpha: 0.8, sigma: 0.6, input_scale: 1.0, timestep: 0.5 };
    /// let d = Prediction::V.denoised(&level)?;
    /// assert!((d.x - 0.8).abs() < 1e-15 && (d.model + 0.6).abs() < 1e-15);
    /// # Ok::<(), quell::Error>(())
    /// ```
    pub fn denoised(&self, level: &NoiseLevel) -> Result<Linear, Error> {
        level.check(Argument::Level)?;
        self.check()?;
        let NoiseLevel { alpha, sigma, .. } = *level;
        let linear = match *self {
            Prediction::Epsilon => Linear { x: 1.0 / alpha, model: -sigma / alpha },
            Prediction::Sample => Linear { x: 0.0, model: 1.0 },
            Prediction::V => {
                let norm = libm::hypot(alpha, sigma);
                Linear { x: alpha / norm / norm, model: -sigma / norm }
            }
            Prediction::Flow => Linear { x: 1.0 / (alpha + sigma), model: -sigma / (alpha + sigma) },
            Prediction::Edm { sigma_data } => edm(alpha, sigma, sigma_data),
            Prediction::EdmV { sigma_data } => {
                let Linear { x, model } = edm(alpha, sigma, sigma_data);
                Linear { x, model: -model }
            }
        };
        if linear.x.is_finite() && linear.model.is_finite() {
            Ok(linear)
        } else {
            Err(Error::Domain { argument: Argument::Level, value: alpha })
        }
    }

    /// The combination of state and output that gives what a network of kind `to` would have put out.
    ///
    /// # Errors
    ///
    /// [`Error::Domain`] for `level` where either kind does not determine the other: σ = 0 for all but
    /// [`Prediction::Sample`], α = 0 from [`Prediction::Epsilon`].
    pub fn convert(&self, to: &Prediction, level: &NoiseLevel) -> Result<Linear, Error> {
        let from = self.denoised(level)?;
        to.check()?;
        if self == to {
            return Ok(Linear { x: 0.0, model: 1.0 });
        }
        if *to == Prediction::Sample {
            return Ok(from);
        }
        let NoiseLevel { alpha, sigma, .. } = *level;
        // D = p·x + q·m holds for both: m' = (D − p'·x)/q'. Noise stays defined where its D is not.
        let target = match to {
            Prediction::Epsilon => Linear { x: 1.0, model: -sigma },
            _ => to.denoised(level)?,
        };
        let scale = if *to == Prediction::Epsilon { alpha } else { 1.0 };
        check::within(Argument::Level, target.model.abs(), f64::MIN_POSITIVE, f64::MAX)?;
        // Between noise and v the general formula cancels near the clean sample.
        let norm = libm::hypot(alpha, sigma);
        Ok(match (self, to) {
            (Prediction::Epsilon, Prediction::V) => Linear { x: -sigma / alpha / norm, model: norm / alpha },
            (Prediction::V, Prediction::Epsilon) => Linear { x: sigma / norm / norm, model: alpha / norm },
            _ => Linear { x: (scale * from.x - target.x) / target.model, model: scale * from.model / target.model },
        })
    }
}

fn edm(alpha: f64, sigma: f64, sigma_data: f64) -> Linear {
    let scale = sigma_data * alpha;
    let norm = libm::hypot(sigma, scale);
    // In this order a step to σ = 0 gives exactly x/α, and nothing overflows before the result would.
    Linear { x: (scale / norm) * (sigma_data / norm), model: sigma / norm * sigma_data }
}

impl Linear {
    /// Writes `x`·x + `model`·output to `out`, element by element, each product rounded once.
    ///
    /// # Errors
    ///
    /// [`Error::Length`] for `x` or `model`; [`Error::Domain`] for `linear` with a factor that is not
    /// finite in the type that is computed in.
    pub fn apply<X: Storage, M: Storage>(&self, out: &mut [X], x: &[X], model: &[M]) -> Result<(), Error> {
        check::length(Argument::X, out.len(), x.len())?;
        check::length(Argument::Model, out.len(), model.len())?;
        let (p, q) = (rounded::<X::Acc>(Argument::Linear, self.x)?, rounded::<X::Acc>(Argument::Linear, self.model)?);
        let load = |m: M| X::Acc::from_f64(m.load().to_f64());
        // A factor of zero means "does not depend on": zero times infinity must not appear.
        let rows = out.iter_mut().zip(x.iter().zip(model));
        if p == X::Acc::ZERO {
            rows.for_each(|(out, (_, &m))| *out = X::store(q * load(m)));
        } else if q == X::Acc::ZERO {
            rows.for_each(|(out, (&x, _))| *out = X::store(p * x.load()));
        } else {
            rows.for_each(|(out, (&x, &m))| *out = X::store(p * x.load() + q * load(m)));
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::vec::Vec;

    const ALL: [Prediction; 6] = [
        Prediction::Epsilon,
        Prediction::Sample,
        Prediction::V,
        Prediction::Flow,
        Prediction::Edm { sigma_data: 0.5 },
        Prediction::EdmV { sigma_data: 0.5 },
    ];

    fn level(alpha: f64, sigma: f64) -> NoiseLevel {
        NoiseLevel { alpha, sigma, input_scale: 1.0, timestep: 0.0 }
    }

    fn at(linear: Linear, x: f64, m: f64) -> f64 {
        linear.x * x + linear.model * m
    }

    #[test]
    fn conversions_are_mutual_inverses() {
        for level in [level(0.8, 0.6), level(1.0, 3.0), level(0.7, 0.3)] {
            for from in ALL {
                for to in ALL {
                    let (x, m) = (0.37, -1.21);
                    let there = at(from.convert(&to, &level).unwrap(), x, m);
                    let back = at(to.convert(&from, &level).unwrap(), x, there);
                    assert!((back - m).abs() < 1e-13, "{from:?} {to:?}: {back}");
                    let (d, again) = (from.denoised(&level).unwrap(), to.denoised(&level).unwrap());
                    assert!((at(d, x, m) - at(again, x, there)).abs() < 1e-13);
                }
            }
        }
    }

    #[test]
    fn noise_and_v_convert_exactly_near_the_clean_sample() {
        for sigma in [1e-1, 1e-4, 1e-12] {
            let l = level(libm::sqrt(1.0 - sigma * sigma), sigma);
            let there = Prediction::Epsilon.convert(&Prediction::V, &l).unwrap();
            assert!((there.x / -(sigma / l.alpha) - 1.0).abs() < 1e-15 && (there.model * l.alpha - 1.0).abs() < 1e-15);
            let back = Prediction::V.convert(&Prediction::Epsilon, &l).unwrap();
            assert!((back.x / sigma - 1.0).abs() < 1e-15 && (back.model / l.alpha - 1.0).abs() < 1e-15);
        }
    }

    #[test]
    fn definitions_hold_on_their_own_states() {
        let (x0, noise) = (0.4, -0.9);
        let (vp, ve, flow) = (level(0.8, 0.6), level(1.0, 2.0), level(0.7, 0.3));
        let x = |l: NoiseLevel| l.alpha * x0 + l.sigma * noise;
        assert!((at(Prediction::Epsilon.denoised(&vp).unwrap(), x(vp), noise) - x0).abs() < 1e-15);
        assert!((at(Prediction::V.denoised(&vp).unwrap(), x(vp), 0.8 * noise - 0.6 * x0) - x0).abs() < 1e-15);
        assert!((at(Prediction::Flow.denoised(&flow).unwrap(), x(flow), noise - x0) - x0).abs() < 1e-15);
        // EDM with σ_data = 1 is v prediction with the sign of F turned.
        let v = Prediction::V.denoised(&ve).unwrap();
        let edm = Prediction::EdmV { sigma_data: 1.0 }.denoised(&ve).unwrap();
        assert!((v.x - edm.x).abs() < 1e-15 && (v.model - edm.model).abs() < 1e-15);
    }

    #[test]
    fn v_prediction_rotates() {
        // (x, v) is (x₀, ε) turned by an angle: norms agree.
        let l = level(0.28, 0.96);
        let d = Prediction::V.denoised(&l).unwrap();
        let e = Prediction::V.convert(&Prediction::Epsilon, &l).unwrap();
        let (x, v) = (1.3, -0.2);
        let norm = at(d, x, v).powi(2) + at(e, x, v).powi(2);
        assert!((norm - (x * x + v * v)).abs() < 1e-14);
    }

    #[test]
    fn the_ends_are_exact_or_refused() {
        let clean = level(1.0, 0.0);
        for kind in ALL {
            let d = kind.denoised(&clean).unwrap();
            assert!(kind == Prediction::Sample || (d.x, d.model) == (1.0, 0.0) || (d.x, d.model) == (1.0, -0.0));
        }
        let noise = level(0.0, 1.0);
        assert!(Prediction::Epsilon.denoised(&noise).is_err());
        for kind in &ALL[1..] {
            let d = kind.denoised(&noise).unwrap();
            assert!(d.x.is_finite() && d.model.is_finite());
        }
        assert!(Prediction::Sample.convert(&Prediction::Epsilon, &noise).is_ok());
        assert!(Prediction::Sample.convert(&Prediction::Epsilon, &clean).is_err());
        assert!(Prediction::Edm { sigma_data: -1.0 }.denoised(&noise).is_err());
        assert!(Prediction::V.denoised(&level(f64::NAN, 1.0)).is_err());
    }

    #[test]
    fn apply_reads_no_column_with_factor_zero() {
        let mut out = [0f32; 2];
        Linear { x: 0.0, model: 1.0 }.apply(&mut out, &[f32::INFINITY, f32::NAN], &[1f32, 2.0]).unwrap();
        assert_eq!(out, [1.0, 2.0]);
        let half: Vec<_> = [1.0, 2.0].map(crate::f16::from_f32).into();
        Linear { x: 1.0, model: 0.5 }.apply(&mut out, &[1.0, 1.0], &half).unwrap();
        assert_eq!(out, [1.5, 2.0]);
        assert!(Linear { x: 1.0, model: 0.5 }.apply(&mut out, &[1.0], &half).is_err());
        assert!(Linear { x: f64::NAN, model: 0.5 }.apply(&mut out, &[1.0; 2], &half).is_err());
        assert_eq!(out, [1.5, 2.0]);
    }
}
