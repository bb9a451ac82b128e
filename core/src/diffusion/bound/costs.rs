//! What steps cost between the levels of a grid, and between any two.

use super::curve::locate;
use super::mmse::check_grid;
use super::triangle::{pair_index, pairs_len, rows_mut};
use crate::error::{Argument, Error, check};

#[cfg(doc)]
use super::pairs::PairTable;

/// The bounds of the steps between all pairs of levels, packed as [`PairTable::fill_costs`] leaves them.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct IntervalCosts<'a> {
    sigmas: &'a [f64],
    costs: &'a [f64],
}

impl<'a> IntervalCosts<'a> {
    /// Checks both parts once.
    ///
    /// # Errors
    ///
    /// [`Error::TooShort`] for fewer than two `sigmas`; [`Error::Domain`] or [`Error::Order`] for `sigmas` that are not
    /// positive and strictly decreasing; [`Error::Length`] for `costs` ([`pairs_len`]); [`Error::Domain`] for one that
    /// is not finite.
    pub fn new(sigmas: &'a [f64], costs: &'a [f64]) -> Result<IntervalCosts<'a>, Error> {
        check_grid(Argument::Sigmas, sigmas, 2)?;
        check::length(Argument::Costs, pairs_len(sigmas.len()), costs.len())?;
        costs.iter().try_for_each(|&cost| check::finite(Argument::Costs, cost).map(drop))?;
        Ok(IntervalCosts { sigmas, costs })
    }

    /// The levels.
    pub fn sigmas(&self) -> &'a [f64] {
        self.sigmas
    }

    /// The cost of the step between two points of the grid, by their positions.
    ///
    /// For [`shortest_paths`](super::dynamic::shortest_paths), with NaN for an error.
    ///
    /// # Errors
    ///
    /// [`Error::Domain`] for positions that are none, or for `to` that is not after `from`.
    pub fn get(&self, from: usize, to: usize) -> Result<f64, Error> {
        let place = pair_index(from, to, self.sigmas.len()).filter(|_| from < to);
        match place.and_then(|place| self.costs.get(place)) {
            Some(&cost) => Ok(cost),
            None => Err(Error::Domain { argument: Argument::To, value: to as f64 }),
        }
    }

    /// The cost of the step between any two sigmas.
    ///
    /// What is interpolated, linearly in both logarithms, is the cost over the square of its length ln(from/to), which
    /// changes slowly and does not vanish for short steps. Exact at the points of the grid.
    ///
    /// # Errors
    ///
    /// [`Error::Domain`] for `from` or `to` beyond the grid, up to rounding, and for `to` that is not less than `from`.
    pub fn between(&self, from: f64, to: f64) -> Result<f64, Error> {
        let (start, t) = locate(self.sigmas, Argument::From, from)?;
        let (end, s) = locate(self.sigmas, Argument::To, to)?;
        if to >= from {
            return Err(Error::Domain { argument: Argument::To, value: to });
        }
        let edge = |end: usize| (1.0 - t) * self.rate(start, end) + t * self.rate(start + 1, end);
        let rate = (1.0 - s) * edge(end) + s * edge(end + 1);
        let length = libm::log(from / to);
        Ok(rate * length * length)
    }

    /// The cost over the square of its length, in the corner of a cell. Corners on the diagonal or beyond it, which
    /// only short steps have, take the shortest step there is.
    fn rate(&self, from: usize, to: usize) -> f64 {
        let last = self.sigmas.len() - 1;
        let (from, to) = if from < to {
            (from, to)
        } else {
            let near = to.min(from).min(last - 1);
            (near, near + 1)
        };
        let length = match (self.sigmas.get(from), self.sigmas.get(to)) {
            (Some(&from), Some(&to)) => libm::log(from / to),
            _ => f64::NAN,
        };
        self.get(from, to).unwrap_or(f64::NAN) / (length * length)
    }

    /// The cost of a schedule.
    ///
    /// # Errors
    ///
    /// [`Error::TooShort`] for fewer than two `sigmas`; [`Error::Domain`] or [`Error::Order`] for `sigmas` beyond the
    /// grid or not strictly decreasing.
    pub fn klub(&self, sigmas: &[f64]) -> Result<f64, Error> {
        check_grid(Argument::Sigmas, sigmas, 2)?;
        sigmas.iter().try_for_each(|&sigma| locate(self.sigmas, Argument::Sigmas, sigma).map(drop))?;
        sigmas.iter().zip(sigmas.iter().skip(1)).map(|(&from, &to)| self.between(from, to)).sum()
    }
}

/// Fills a packed triangle with the sums of `part(from, interval)` over the intervals from one level to another, 0 on
/// its diagonal; none of it where a sum is not finite.
pub(super) fn fill_sums(
    argument: Argument,
    packed: &mut [f64],
    levels: usize,
    part: impl Fn(usize, usize) -> f64,
) -> Result<(), Error> {
    let sums = |from: usize| {
        let part = &part;
        (from..levels).scan(0.0, move |sum, to| {
            let here = *sum;
            if to + 1 < levels {
                *sum += part(from, to);
            }
            Some(here)
        })
    };
    (0..levels).flat_map(&sums).try_for_each(|sum| check::finite(argument, sum).map(drop))?;
    for (from, row) in rows_mut(packed, levels).enumerate() {
        row.iter_mut().zip(sums(from)).for_each(|(out, sum)| *out = sum);
    }
    Ok(())
}

/// A solver's weight at each level, finite and not negative.
pub(super) fn check_weights(sigmas: &[f64], weights: &[f64]) -> Result<(), Error> {
    check::length(Argument::Weights, sigmas.len(), weights.len())?;
    weights.iter().try_for_each(|&weight| check::non_negative(Argument::Weights, weight).map(drop))
}

#[cfg(test)]
mod tests {
    use super::*;

    const GRID: [f64; 5] = [8.0, 4.0, 1.0, 0.5, 0.1];

    #[test]
    fn steps_that_are_none_are_refused() {
        let costs = [1.0; pairs_len(5)];
        let view = IntervalCosts::new(&GRID, &costs).unwrap();
        assert!(view.get(1, 1).is_err() && view.get(2, 1).is_err() && view.get(0, 5).is_err());
        for (from, to) in [(1.0, 1.0), (0.5, 1.0), (8.1, 1.0), (1.0, 0.09), (f64::NAN, 1.0), (1.0, f64::NAN)] {
            assert!(view.between(from, to).is_err(), "{from} {to}");
        }
        assert!(view.klub(&[8.0]).is_err() && view.klub(&[9.0, 1.0]).is_err() && view.klub(&[1.0, 2.0]).is_err());
    }
}
