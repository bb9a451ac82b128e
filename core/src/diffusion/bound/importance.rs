//! At which noise levels to evaluate a network, so that few evaluations tell the bound of a step.

use super::excess::{excess, inverse_excess};
use crate::error::{Argument, Error, check};

/// A level to evaluate at, and what the result counts.
///
/// `weight`·|D(x_σ, σ) − D(x_from, σ_from)|² is an unbiased estimate of the bound of all intervals that were drawn
/// from, for two states on one noising path ([`fill_pair`](super::fill_pair)). A solver whose bound has a further
/// weight at σ, such as ER-SDE, multiplies by it.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
#[repr(C)]
pub struct Draw {
    /// The level within the interval.
    pub sigma: f64,
    /// The level where the interval starts, at which the solver's output stands still.
    pub from: f64,
    /// What a squared distance of the two outputs counts.
    pub weight: f64,
}

/// One interval, from a level down to another.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Piece {
    from: f64,
    /// 2·c⁴·Z.
    mass: f64,
}

/// Levels drawn with density ∝ σ⁻³·(1/(c² + σ²) − 1/(c² + σ_from²)): in proportion to the bound's integrand for
/// N(0, c²) data (Align Your Steps, eq. 15 and algorithm 2).
///
/// For that data every draw counts the same, and for other data the estimates vary little. The paper's algorithm leaves
/// out the normaliser Z; as Z differs from candidate to candidate, nothing can be compared without it. With
/// δ(σ) = c²·(σ_from² − σ²)/(σ²·(c² + σ_from²)) the mass between σ and σ_from is (δ − ln(1 + δ))/(2c⁴): a level is
/// found from a uniform by inverting one function of one variable, whatever c is.
///
/// # Example
///
/// ```
/// use quell::diffusion::bound::Importance;
/// let importance = Importance::new(0.5, 0.2, 0.1, 0.5)?;
/// let [upper, lower] = importance.normalisers();
/// assert!((upper - 10.6971656935).abs() < 1e-9 && (lower - 10.4728946192).abs() < 1e-9);
/// let draw = importance.draw(0.25)?;
/// assert!((draw.sigma - 0.1182260545).abs() < 1e-9 && draw.from == 0.2);
/// # Ok::<(), quell::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Importance {
    c: f64,
    /// From `middle` down.
    lower: Piece,
    /// From `from` down to `middle`; without mass where there is one interval only.
    upper: Piece,
}

impl Importance {
    /// The two intervals beside the level `middle` of a schedule: those that a move of it changes.
    ///
    /// # Errors
    ///
    /// [`Error::Domain`] for `from`, `middle`, `to` or `c` outside 0 < `to` < `middle` < `from`, c > 0, and for a `c`
    /// so far from them that a mass is not a number above 0 in double precision.
    pub fn new(from: f64, middle: f64, to: f64, c: f64) -> Result<Importance, Error> {
        check::positive(Argument::Middle, middle)?;
        let lower = Importance::interval(middle, to, c)?.lower;
        let upper = Importance::interval(from, middle, c)?.lower;
        check::finite(Argument::C, lower.mass + upper.mass)?;
        Ok(Importance { c, lower, upper })
    }

    /// One interval.
    ///
    /// # Errors
    ///
    /// [`Error::Domain`] for `from`, `to` or `c` outside 0 < `to` < `from`, c > 0, and for a `c` so far from them that
    /// the mass is not a number above 0 in double precision.
    pub fn interval(from: f64, to: f64, c: f64) -> Result<Importance, Error> {
        check::positive(Argument::From, from)?;
        check::positive(Argument::To, to)?;
        check::positive(Argument::C, c)?;
        if to >= from {
            return Err(Error::Domain { argument: Argument::To, value: to });
        }
        let interval = Importance {
            c,
            lower: Piece { from, mass: excess(spread(from, to, c)) },
            upper: Piece { from, mass: 0.0 },
        };
        // Not only positive: a share of either number has to be one, too.
        let is_normal = |number: f64| number.is_normal();
        if interval.normalisers().into_iter().skip(1).chain([interval.lower.mass]).all(is_normal) {
            Ok(interval)
        } else {
            Err(Error::Domain { argument: Argument::C, value: c })
        }
    }

    /// The integral Z of σ⁻³·(1/(c² + σ²) − 1/(c² + σ_from²)) over the upper and over the lower interval; for one
    /// interval the upper is 0.
    ///
    /// d·c⁴·Z is the bound for N(0, c²) data in d dimensions.
    pub fn normalisers(&self) -> [f64; 2] {
        let squared = self.c * self.c;
        [self.upper.mass, self.lower.mass].map(|mass| 0.5 * (mass / squared) / squared)
    }

    /// The level at which the share `uniform` of the whole mass lies below.
    ///
    /// # Errors
    ///
    /// [`Error::Domain`] for `uniform` outside [0, 1).
    pub fn draw(&self, uniform: f64) -> Result<Draw, Error> {
        check::within(Argument::Uniform, uniform, 0.0, BELOW_ONE)?;
        let total = self.lower.mass + self.upper.mass;
        let below = uniform * total;
        let (piece, below) = if below < self.lower.mass || self.upper.mass == 0.0 {
            (self.lower, below)
        } else {
            (self.upper, below - self.lower.mass)
        };
        // What lies between the level and the start of its interval, a rounding error at the least: there is no weight
        // at the start itself.
        let above = piece.mass - below;
        let above = if above > piece.mass * f64::EPSILON { above } else { piece.mass * f64::EPSILON };
        let delta = inverse_excess(above);
        let squared = self.c * self.c;
        // σ² = σ_from²/(1 + δ·(1 + σ_from²/c²)).
        let root = libm::hypot(libm::sqrt(1.0 + delta), libm::sqrt(delta) * (piece.from / self.c));
        let sigma = piece.from / root;
        let relative = sigma / self.c;
        // Z over 1/(c² + σ²) − 1/(c² + σ_from²) = δ·σ²/(c²·(c² + σ²)), where nothing cancels.
        let weight = total * (1.0 + relative * relative) / (2.0 * delta * (relative * relative) * squared);
        Ok(Draw { sigma, from: piece.from, weight })
    }
}

/// The largest double below 1.
const BELOW_ONE: f64 = 1.0 - f64::EPSILON / 2.0;

/// δ of the whole interval: ρ − 1 of [`Gaussian`](super::Gaussian).
pub(super) fn spread(from: f64, to: f64, c: f64) -> f64 {
    let root = libm::hypot(c, from);
    // The difference of squares as a product, and the quotients that are not above 1 where they can be.
    let factor = |part: f64| if c > from { (part / to) * (c / root) } else { (part / root) * (c / to) };
    factor(from - to) * factor(from + to)
}

/// A uniform for sample `index` of `count` that is spread evenly over them: (`index` + `uniform`)/`count`.
///
/// Where each sample takes its own, the level is integrated over almost as by quadrature, and less of the estimate's
/// variance is left to chance. [`Moments`](super::Moments) takes the samples for independent, so that its standard
/// error is then too large rather than too small.
///
/// # Errors
///
/// [`Error::Domain`] for `uniform` outside [0, 1) and for `index` not below `count`.
pub fn stratified(uniform: f64, index: usize, count: usize) -> Result<f64, Error> {
    check::within(Argument::Uniform, uniform, 0.0, BELOW_ONE)?;
    if index >= count {
        return Err(Error::Domain { argument: Argument::Index, value: index as f64 });
    }
    let value = (index as f64 + uniform) / count as f64;
    Ok(if value < 1.0 { value } else { BELOW_ONE })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_ends_of_the_uniform_are_the_ends_of_the_intervals() {
        let importance = Importance::new(5.0, 0.7, 0.02, 0.5).unwrap();
        let [upper, lower] = importance.normalisers();
        let first = importance.draw(0.0).unwrap();
        assert!((first.sigma / 0.02 - 1.0).abs() < 1e-14 && first.from == 0.7);
        let last = importance.draw(BELOW_ONE).unwrap();
        assert!(last.sigma < 5.0 && last.sigma > 4.99 && last.from == 5.0);
        let share = lower / (lower + upper);
        let (below, above) =
            (importance.draw(share * (1.0 - 1e-12)).unwrap(), importance.draw(share * (1.0 + 1e-12)).unwrap());
        assert_eq!((below.from, above.from), (0.7, 5.0));
        assert!((above.sigma / 0.7 - 1.0).abs() < 1e-3);
    }

    #[test]
    fn levels_rise_with_the_uniform_within_an_interval() {
        for (from, middle, to, c) in [
            (80.0, 1.0, 0.002, 0.5),
            (1.0, 1.0 - 1e-6, 1.0 - 2e-6, 3.0),
            (1e3, 1.0, 1e-3, 1e-3),
            (1e200, 1.0, 1e-3, 1e-3),
        ] {
            let importance = Importance::new(from, middle, to, c).unwrap();
            let mut before = Draw::default();
            for k in 0..1000 {
                let draw = importance.draw(f64::from(k) / 1000.0).unwrap();
                assert!(draw.sigma < draw.from && draw.sigma >= to * (1.0 - 1e-12) && draw.weight.is_finite());
                assert!(draw.sigma >= before.sigma && draw.from >= before.from, "{k} {draw:?} {before:?}");
                before = draw;
            }
        }
    }

    #[test]
    fn every_draw_counts_the_same_on_gaussian_data() {
        for (from, middle, to, c) in [(0.5, 0.2, 0.1, 0.5), (80.0, 1.0, 0.002, 0.5), (1.0 + 2e-7, 1.0 + 1e-7, 1.0, 2.0)]
        {
            let importance = Importance::new(from, middle, to, c).unwrap();
            let z: f64 = importance.normalisers().iter().sum();
            for k in 0..=100 {
                let draw = importance.draw(f64::from(k) / 101.0).unwrap();
                let (here, there) = (c * c + draw.sigma * draw.sigma, c * c + draw.from * draw.from);
                let apart = (draw.from - draw.sigma) * (draw.from + draw.sigma) / (here * there);
                // The difference of two levels that are 1e-7 apart knows nine digits.
                assert!((draw.weight * apart / z - 1.0).abs() < 1e-7, "{k} {draw:?}");
            }
        }
    }

    #[test]
    fn one_interval_is_a_half_of_two() {
        let (one, two) = (Importance::interval(0.2, 0.1, 0.5).unwrap(), Importance::new(0.5, 0.2, 0.1, 0.5).unwrap());
        assert_eq!(one.normalisers()[0], 0.0);
        assert_eq!(one.normalisers()[1], two.normalisers()[1]);
        assert_eq!(one.draw(BELOW_ONE).unwrap().from, 0.2);
    }

    #[test]
    fn bad_levels_are_refused() {
        for (from, middle, to, c) in [
            (0.5, 0.5, 0.1, 0.5),
            (0.5, 0.1, 0.1, 0.5),
            (0.1, 0.2, 0.5, 0.5),
            (f64::INFINITY, 0.2, 0.1, 0.5),
            (0.5, f64::NAN, 0.1, 0.5),
            (0.5, 0.2, 0.0, 0.5),
            (0.5, 0.2, 0.1, 0.0),
            (0.5, 0.2, 0.1, f64::NAN),
            (0.5, 0.2, 0.1, 1e200),
            (0.5, 0.2, 0.1, 1e-200),
        ] {
            assert!(Importance::new(from, middle, to, c).is_err(), "{from} {middle} {to} {c}");
        }
        let importance = Importance::new(0.5, 0.2, 0.1, 0.5).unwrap();
        for uniform in [-0.1, 1.0, f64::NAN] {
            assert!(importance.draw(uniform).is_err() && stratified(uniform, 0, 1).is_err());
        }
        assert!(stratified(0.5, 3, 3).is_err() && stratified(0.5, 0, 0).is_err());
        assert_eq!(stratified(0.5, 1, 4), Ok(0.375));
        assert!(stratified(BELOW_ONE, (1 << 53) - 1, 1 << 53).unwrap() < 1.0);
    }
}
