//! The running mean and spread of a stream of numbers.

use crate::error::{Argument, Error, check};

/// Count, mean and sum of squared deviations of the values that were added (Welford 1962; Chan, Golub and LeVeque
/// 1979), from which the standard error of the mean follows.
///
/// Three plain numbers: they can be saved, and those of two machines merged. The order of additions and merges changes
/// the last bits only.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
#[repr(C)]
pub struct Moments {
    /// How many values there were.
    pub count: u64,
    /// Their mean; 0 where there were none.
    pub mean: f64,
    /// The sum of their squared deviations from the mean.
    pub squares: f64,
}

/// What a table adds to. The generator of the C header knows no slices as a parameter's default, but takes a name for
/// one.
pub(super) type Kept<'a> = &'a mut [Moments];

impl Moments {
    /// Takes one more value.
    ///
    /// # Errors
    ///
    /// [`Error::Domain`] for a `value` that is not finite: one such value would be the mean for good.
    pub fn add(&mut self, value: f64) -> Result<(), Error> {
        check::finite(Argument::Value, value)?;
        self.add_finite(value);
        Ok(())
    }

    /// [`Moments::add`] of a value that the caller has checked.
    pub(crate) fn add_finite(&mut self, value: f64) {
        self.count = self.count.saturating_add(1);
        let before = value - self.mean;
        self.mean += before / self.count as f64;
        self.squares += before * (value - self.mean);
    }

    /// Takes all values of another.
    ///
    /// # Example
    ///
    /// ```
    /// use quell::diffusion::bound::Moments;
    /// let (mut left, mut right) = (Moments::default(), Moments::default());
    /// [1.0, 2.0].iter().try_for_each(|&x| left.add(x))?;
    /// [3.0, 6.0].iter().try_for_each(|&x| right.add(x))?;
    /// left.merge(&right);
    /// assert_eq!((left.count, left.mean, left.squares), (4, 3.0, 14.0));
    /// assert_eq!(left.variance(), 14.0 / 3.0);
    /// # Ok::<(), quell::Error>(())
    /// ```
    pub fn merge(&mut self, other: &Moments) {
        if other.count == 0 {
            return;
        }
        // An exact copy, not 0 + (x − 0)·n/n.
        if self.count == 0 {
            *self = *other;
            return;
        }
        let (here, there) = (self.count as f64, other.count as f64);
        let (share, apart) = (there / (here + there), other.mean - self.mean);
        self.mean += apart * share;
        self.squares += other.squares + apart * apart * (here * share);
        self.count = self.count.saturating_add(other.count);
    }

    /// The unbiased variance of the values; NaN where there are fewer than two.
    pub fn variance(&self) -> f64 {
        if self.count < 2 { f64::NAN } else { self.squares / (self.count - 1) as f64 }
    }

    /// The standard error of the mean, √(variance/count), for values that are independent; NaN where there are fewer
    /// than two.
    pub fn standard_error(&self) -> f64 {
        libm::sqrt(self.variance() / self.count as f64)
    }

    /// Refuses what no additions lead to, so that numbers from a file or from another program cannot do harm.
    ///
    /// # Errors
    ///
    /// [`Error::Domain`] for `moments` with a mean that is not finite, with a negative sum of squares, with one that is
    /// NaN, or with a mean or a sum of squares other than 0 where nothing was added.
    pub fn check(&self) -> Result<(), Error> {
        let refuse = |value| Err(Error::Domain { argument: Argument::Moments, value });
        check::finite(Argument::Moments, self.mean)?;
        // A sum of squares may have overflowed to infinity.
        if self.squares < 0.0 || self.squares.is_nan() || (self.count < 2 && self.squares != 0.0) {
            return refuse(self.squares);
        }
        if self.count == 0 && self.mean != 0.0 { refuse(self.mean) } else { Ok(()) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::vec::Vec;

    fn of(values: &[f64]) -> Moments {
        let mut moments = Moments::default();
        values.iter().for_each(|&value| moments.add(value).unwrap());
        moments
    }

    #[test]
    fn one_pass_equals_two() {
        // A large mean, where the sum of squares less the square of the sum has no digit left.
        let values: Vec<f64> = (0..1000).map(|i| 1e9 + f64::from((i * 37) % 101)).collect();
        let mean = 1e9 + values.iter().map(|x| x - 1e9).sum::<f64>() / 1000.0;
        let squares: f64 = values.iter().map(|x| (x - mean).powi(2)).sum();
        let moments = of(&values);
        assert!((moments.mean / mean - 1.0).abs() < 1e-15);
        assert!((moments.squares / squares - 1.0).abs() < 1e-9);
        assert!((moments.standard_error() / (squares / 999.0 / 1000.0).sqrt() - 1.0).abs() < 1e-9);
    }

    #[test]
    fn any_split_merges_to_the_whole() {
        let values: Vec<f64> = (0..57).map(|i| 3.0 + f64::from((i * 37) % 101)).collect();
        let whole = of(&values);
        for split in 0..=values.len() {
            let (left, right) = values.split_at(split);
            let mut merged = of(left);
            merged.merge(&of(right));
            assert_eq!(merged.count, whole.count);
            assert!(
                (merged.mean / whole.mean - 1.0).abs() < 1e-14 && (merged.squares / whole.squares - 1.0).abs() < 1e-13
            );
        }
        let mut empty = Moments::default();
        empty.merge(&whole);
        assert_eq!(empty, whole);
        empty.merge(&Moments::default());
        assert_eq!(empty, whole);
    }

    #[test]
    fn what_is_not_finite_is_refused_and_changes_nothing() {
        let mut moments = of(&[1.0, 2.0]);
        let before = moments;
        for value in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
            assert!(matches!(moments.add(value), Err(Error::Domain { argument: Argument::Value, .. })));
            assert_eq!(moments, before);
        }
    }

    #[test]
    fn spread_needs_two_values() {
        assert!(of(&[]).variance().is_nan() && of(&[1.0]).standard_error().is_nan());
        assert_eq!((of(&[1.0, 3.0]).variance(), of(&[1.0, 3.0]).standard_error()), (2.0, 1.0));
    }

    #[test]
    fn impossible_moments_are_refused() {
        let good = of(&[1.0, 2.0]);
        assert!(good.check().is_ok() && Moments::default().check().is_ok() && of(&[4.0]).check().is_ok());
        for bad in [
            Moments { mean: f64::NAN, ..good },
            Moments { mean: f64::INFINITY, ..good },
            Moments { squares: f64::NAN, ..good },
            Moments { squares: -1.0, ..good },
            Moments { count: 1, ..good },
            Moments { count: 0, mean: 1.0, squares: 0.0 },
        ] {
            assert!(matches!(bad.check(), Err(Error::Domain { argument: Argument::Moments, .. })), "{bad:?}");
        }
    }
}
