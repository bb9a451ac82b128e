//! The solvers of extended reverse-time SDEs, orders 1 to 3.

use super::noise_scale::Decay;
use super::{Interval, NoiseScale, Solver};
use crate::diffusion::schedule::Schedule;
use crate::diffusion::step::{Row, Step};
use crate::error::{Argument, Error, check};

/// How the integrals over φ are taken that weigh the differences of D.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Integral {
    /// The sum over equally spaced points from s on, t left out: what the authors' code does. The weight of D' is off
    /// by a share of about 1/`points` however short the step, so orders 2 and 3 converge as order 1 does in the end.
    LeftRule {
        /// How many points, 1 to 10 000: 100 in the authors' code, 200 in ComfyUI's.
        points: u32,
    },
    /// To rounding, by Gauss-Legendre quadrature over ln σ.
    Exact,
}

impl Default for Integral {
    /// The left rule on 100 points.
    fn default() -> Self {
        Integral::LeftRule { points: 100 }
    }
}

/// ER-SDE-Solver-1 to 3 (Cui et al. 2023, algorithms 1 to 3): the Taylor solvers of extended reverse-time SDEs.
///
/// With t and s for σ/α at the two ends, r = φ(s)/φ(t), and divided differences D' = (D − D₋₁)/(t − t₋₁) and
/// D″ = 2·(D' − D'₋₁)/(t − t₋₂):
/// x'/αₛ = r·x/αₜ + (1 − r)·D + (s − t + φ(s)·J₀)·D' + (½(s − t)² + φ(s)·J₁)·D″ + `s_noise`·√(s² − t²r²)·z,
/// where J₀ = ∫ dσ/φ and J₁ = ∫ (σ − t)/φ dσ from s to t. The order rises by one each step from 1 on, and the step to
/// σ = 0 is of first order. D' is a plain backward difference, as in the authors' code, so order 3 has smaller errors
/// than order 2 but converges no faster. From a level with α = 0 no difference can be taken, and none is.
///
/// The usual options give the numbers of the authors' code: they take the integrals by a left rule, and drop noise
/// whose variance is below 1e-6, which at small steps or small σ is noise that the SDE has. [`Integral::Exact`] and
/// `noise_floor` = 0 solve the SDE as it stands.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ErSde {
    /// The order, 1 to 3.
    pub order: usize,
    /// The noise scale function φ.
    pub noise_scale: NoiseScale,
    /// The factor on the noise, usually 1.
    pub s_noise: f64,
    /// Noise whose variance in units of the clean sample is below this is not added; not negative.
    pub noise_floor: f64,
    /// How the integrals over φ are taken.
    pub integral: Integral,
}

impl Default for ErSde {
    /// The authors' choice: third order, φ = σ·(e^(σ^0.3) + 10), noise from a variance of 1e-6 on, a left rule on 100
    /// points.
    fn default() -> Self {
        ErSde {
            order: ORDER,
            noise_scale: NoiseScale::Sde5,
            s_noise: 1.0,
            noise_floor: 1e-6,
            integral: Integral::default(),
        }
    }
}

/// The highest order, which has two estimates of D behind.
const ORDER: usize = 3;

/// The most points of a left rule, so that the time of a call is bounded.
const POINTS: u32 = 10_000;

/// Positive nodes and weights of the Gauss-Legendre rule of eight points on [−1, 1].
const GAUSS: [(f64, f64); 4] = [
    (0.183_434_642_495_649_8, 0.362_683_783_378_361_98),
    (0.525_532_409_916_328_99, 0.313_706_645_877_887_29),
    (0.796_666_477_413_626_74, 0.222_381_034_453_374_47),
    (0.960_289_856_497_536_23, 0.101_228_536_290_376_26),
];

/// With v = (σ − s)/(t − s): the integrals over v from 0 to 1 of w and of (1 − v)·w, where w(σ) = 1 − φ(s)/φ(σ).
///
/// s − t + φ(s)·J₀ = −(t − s)·`first` and ½(s − t)² + φ(s)·J₁ = (t − s)²·`second`; so they are small where the step is
/// small, rather than differences of what is not.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
struct Weights {
    first: f64,
    second: f64,
}

impl ErSde {
    /// The slots that this order needs.
    pub fn slots(&self) -> usize {
        self.order.clamp(1, ORDER) - 1
    }

    /// The slot in which the D of a position is kept.
    fn slot_of(&self, index: usize) -> usize {
        index.checked_rem(self.slots()).unwrap_or(0)
    }

    /// 1 − φ(s)/φ(σ).
    fn rise(&self, s: f64, sigma: f64) -> f64 {
        (sigma - s) / sigma + s / sigma * self.noise_scale.decay(s, sigma).lost
    }

    fn weights(&self, s: f64, t: f64) -> Weights {
        match self.integral {
            Integral::LeftRule { points } => self.left_rule(s, t, points),
            Integral::Exact => self.quadrature(s, t),
        }
    }

    fn left_rule(&self, s: f64, t: f64, points: u32) -> Weights {
        let (mut sum, count) = (Weights::default(), f64::from(points));
        for k in 0..points {
            let v = f64::from(k) / count;
            let rise = self.rise(s, s + v * (t - s));
            sum.first += rise;
            sum.second += (1.0 - v) * rise;
        }
        // The authors take ½(s − t)² as it is, where the same rule would make it (1 + 1/n)/2.
        Weights { first: sum.first / count, second: (sum.second - 0.5) / count }
    }

    fn quadrature(&self, s: f64, t: f64) -> Weights {
        // With σ = t·e^(−x) the integrand is smooth on the scale of 1, whatever t/s is, and beyond 40 nothing is left.
        let length = libm::log(t / s);
        let span = length.min(40.0);
        let panels = libm::ceil(2.0 * span).max(1.0) as u32;
        let half = 0.5 * span / f64::from(panels);
        let mut sum = Weights::default();
        for panel in 0..panels {
            let middle = (2.0 * f64::from(panel) + 1.0) * half;
            for (node, weight) in GAUSS {
                for x in [middle - half * node, middle + half * node] {
                    let share = libm::exp(-x);
                    let term = half * weight * share * self.rise(s, t * share);
                    sum.first += term;
                    sum.second -= term * libm::expm1(-x);
                }
            }
        }
        let whole = -libm::expm1(-length);
        Weights { first: sum.first / whole, second: sum.second / (whole * whole) }
    }
}

impl Solver for ErSde {
    const SLOTS: usize = ORDER - 1;

    fn check(&self) -> Result<(), Error> {
        check::within(Argument::Order, self.order as f64, 1.0, ORDER as f64)?;
        check::non_negative(Argument::SNoise, self.s_noise)?;
        check::non_negative(Argument::NoiseFloor, self.noise_floor)?;
        match self.integral {
            Integral::LeftRule { points } => {
                check::within(Argument::Points, f64::from(points), 1.0, f64::from(POINTS)).map(drop)
            }
            Integral::Exact => Ok(()),
        }
    }

    fn passes(&self, schedule: &Schedule) -> Result<usize, Error> {
        self.check()?;
        Ok(schedule.steps())
    }

    fn step(&self, schedule: &Schedule, index: usize) -> Result<Step, Error> {
        self.check()?;
        let Interval { from, to, sigma_ratio, signal, .. } = Interval::at(schedule, index)?;
        let (s, t) = (to.noise_to_signal(), from.noise_to_signal());
        let Decay { kept, lost } = self.noise_scale.decay(s, t);
        // 1 − kept²
        let share = lost * (1.0 + kept);
        let noise = if s * s * share < self.noise_floor { 0.0 } else { to.sigma * libm::sqrt(share) * self.s_noise };
        let mut row =
            Row { x: sigma_ratio * kept, denoised: signal + from.alpha * sigma_ratio * lost, noise, ..Row::default() };
        // What D' and D″ add, in terms of D − D₋₁ and D₋₁ − D₋₂.
        let mut differences = [0.0; ORDER - 1];
        let order = if to.sigma == 0.0 { 1 } else { self.order.min(index + 1) };
        if order > 1 {
            let Weights { first, second } = self.weights(s, t);
            let behind = |k: usize| schedule.ends(index.saturating_sub(k)).map(|(level, _)| level.noise_to_signal());
            let last = (t - s) / (behind(1)? - t);
            let [newer, older] = &mut differences;
            *newer = to.alpha * first * last;
            if order > 2 {
                let before = (t - s) / (behind(2)? - behind(1)?);
                let bend = to.alpha * second * 2.0 * (t - s) / (behind(2)? - t);
                *newer += bend * last;
                *older = -bend * before;
            }
        }
        let [newer, older] = differences;
        row.denoised += newer;
        for (k, factor) in [(1, older - newer), (2, -older)] {
            let slot = self.slot_of(index.saturating_sub(k));
            if let (true, Some(place)) = (factor != 0.0, row.slots.get_mut(slot)) {
                *place = factor;
            }
        }
        let step = Step::new(from, to, schedule.prediction().denoised(&from)?, index).state(row);
        let is_stored = self.slots() > 0 && index + 1 < schedule.steps();
        let keep = Row { denoised: 1.0, ..Row::default() };
        if is_stored { step.store(self.slot_of(index), keep) } else { step }.finite()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diffusion::noise::{NoiseLevel, Process};
    use crate::diffusion::prediction::Prediction;

    fn with(noise_scale: NoiseScale, integral: Integral) -> ErSde {
        ErSde { noise_scale, integral, ..ErSde::default() }
    }

    /// ∫ (1 − φ(s)/φ) dσ and ∫ (t − σ)·(1 − φ(s)/φ) dσ from s to t, over (t − s) and its square, for φ = σ².
    fn of_a_square(s: f64, t: f64) -> Weights {
        let h = t - s;
        let (j0, j1) = (1.0 / s - 1.0 / t, (t / s).ln() - t * (1.0 / s - 1.0 / t));
        Weights { first: (h - s * s * j0) / h, second: (0.5 * h * h + s * s * j1) / (h * h) }
    }

    #[test]
    fn quadrature_gives_closed_forms() {
        let solver = with(NoiseScale::Sde, Integral::Exact);
        for (s, t) in [(0.1, 0.2), (0.5, 80.0), (1e-3, 1.0), (1e-6, 1e4), (1e-200, 1e100)] {
            let (actual, expected) = (solver.weights(s, t), of_a_square(s, t));
            assert!((actual.first / expected.first - 1.0).abs() < 1e-13, "{s} {t} {actual:?} {expected:?}");
            assert!((actual.second / expected.second - 1.0).abs() < 1e-12, "{s} {t} {actual:?} {expected:?}");
        }
        // φ = σ: ∫ (1 − s/σ) dσ = h − s·ln(t/s).
        let (s, t) = (0.3f64, 0.8f64);
        let first = 1.0 - s * (t / s).ln() / (t - s);
        assert!((with(NoiseScale::Ode, Integral::Exact).weights(s, t).first / first - 1.0).abs() < 1e-14);
    }

    #[test]
    fn more_points_come_closer() {
        for noise_scale in [NoiseScale::Ode, NoiseScale::Sde1, NoiseScale::Sde3, NoiseScale::Sde4, NoiseScale::Sde5] {
            let exact = with(noise_scale, Integral::Exact).weights(0.4, 1.7);
            let error = |points| {
                let Weights { first, second } = with(noise_scale, Integral::LeftRule { points }).weights(0.4, 1.7);
                [(first - exact.first).abs(), (second - exact.second).abs()]
            };
            for (coarse, fine) in error(100).into_iter().zip(error(10_000)) {
                assert!((coarse / fine - 100.0).abs() < 2.0, "{noise_scale:?} {coarse} {fine}");
            }
        }
    }

    #[test]
    fn noise_below_the_floor_is_left_out() {
        // Of variance 1.6e-7 in units of the clean sample, whatever the state's scale.
        let levels = |alpha: f64| {
            [0.026, 0.002].map(|ratio| NoiseLevel { alpha, sigma: alpha * ratio, input_scale: 1.0, timestep: 0.0 })
        };
        for levels in [levels(1.0), levels(100.0)] {
            let schedule = Schedule::new(Process::Ve, Prediction::Sample, &levels).unwrap();
            let noise = |noise_floor| {
                let [state, ..] = ErSde { noise_floor, ..ErSde::default() }.step(&schedule, 0).unwrap().rows;
                state.noise / levels[0].alpha
            };
            assert_eq!((noise(1e-6), noise(1.7e-7)), (0.0, 0.0));
            assert_eq!(noise(0.0), noise(1.5e-7));
            assert!((noise(0.0) - 4e-4).abs() < 1e-5);
        }
    }

    #[test]
    fn options_out_of_range_are_refused() {
        let usual = ErSde::default();
        for (solver, argument) in [
            (ErSde { order: 0, ..usual }, Argument::Order),
            (ErSde { order: 4, ..usual }, Argument::Order),
            (ErSde { s_noise: -1.0, ..usual }, Argument::SNoise),
            (ErSde { noise_floor: f64::NAN, ..usual }, Argument::NoiseFloor),
            (ErSde { integral: Integral::LeftRule { points: 0 }, ..usual }, Argument::Points),
            (ErSde { integral: Integral::LeftRule { points: 10_001 }, ..usual }, Argument::Points),
        ] {
            assert_eq!(solver.check().map_err(Error::argument), Err(argument));
        }
        assert!(usual.check().is_ok());
    }
}
