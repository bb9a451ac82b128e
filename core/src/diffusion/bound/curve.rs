//! The bound of an ideal denoiser from its curve mmse(σ): the integral of the curve, and what steps and schedules cost.
//!
//! See [`MmseTable`](super::MmseTable) for where the curve comes from.

use super::costs::{check_weights, fill_sums};
use super::mmse::check_grid;
use super::quadrature::{Segment, half_log_snr};
use super::triangle::{pairs_len, rows_mut};
use crate::error::{Argument, Error, check};
use crate::scalar::nearest_within;

/// How far beyond the ends of a grid, relative to them, a sigma may be that stands for the end: two formulas for one
/// schedule differ by as much.
const SLACK: f64 = 1e-9;

/// Fills the mutual information of x₀ and x_σ in nats, from 0 at the noisiest level: ∫ mmse/σ² d(−ln σ).
///
/// What the noisiest level itself tells about x₀ is left out; the bound needs differences only. On each interval the
/// integrand is the cubic through the four points around it. Where `mmse` does not rise, the result stays between the
/// two Riemann sums that bound it, so that no step's bound is negative.
///
/// # Errors
///
/// [`Error::TooShort`] for fewer than two `sigmas`; [`Error::Domain`] or [`Error::Order`] for `sigmas` that are not
/// positive and strictly decreasing; [`Error::Length`] for `mmse` or `information` of another length; [`Error::Domain`]
/// for `mmse` that is negative or not finite.
pub fn information_from_mmse(information: &mut [f64], sigmas: &[f64], mmse: &[f64]) -> Result<(), Error> {
    check_curve(Argument::Sigmas, sigmas, mmse)?;
    check::length(Argument::Information, sigmas.len(), information.len())?;
    let table = Table { sigmas, mmse };
    let mut sum = 0.0;
    for (index, information) in information.iter_mut().enumerate() {
        *information = sum;
        sum += table.information_gained(index);
    }
    Ok(())
}

/// A curve's values, without its integral.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Table<'a> {
    pub(super) sigmas: &'a [f64],
    pub(super) mmse: &'a [f64],
}

impl Table<'_> {
    fn sigma(&self, index: usize) -> f64 {
        self.sigmas.get(index).copied().unwrap_or(f64::NAN)
    }

    fn mmse(&self, index: usize) -> f64 {
        self.mmse.get(index).copied().unwrap_or(f64::NAN)
    }

    /// mmse/σ², the slope of the information over −ln σ, between a point and the next.
    fn slope(&self, index: usize) -> Segment {
        let slope = |i| self.mmse(i) / self.sigma(i) / self.sigma(i);
        Segment::new(index, 0, self.sigmas.len(), |i| half_log_snr(self.sigmas, i), slope).not_negative()
    }

    /// What the information gains from a point to the next; 0 from the last one.
    fn information_gained(&self, index: usize) -> f64 {
        if index + 1 >= self.sigmas.len() {
            return 0.0;
        }
        let half_snr = half_snr_between(self.sigma(index), self.sigma(index + 1));
        let (upper, lower) = (half_snr * self.mmse(index), half_snr * self.mmse(index + 1));
        let gained = self.slope(index).whole();
        if lower <= upper { nearest_within(gained, lower, upper) } else { gained }
    }
}

/// The position of a sigma on a grid: the point before it, and how far it is on the way to the next.
pub(super) fn locate(grid: &[f64], argument: Argument, sigma: f64) -> Result<(usize, f64), Error> {
    let (Some(&high), Some(&low)) = (grid.first(), grid.last()) else {
        return Err(Error::Domain { argument, value: sigma });
    };
    check::within(argument, sigma, low * (1.0 - SLACK), high * (1.0 + SLACK))?;
    let sigma = nearest_within(sigma, low, high);
    let last = grid.len().saturating_sub(2);
    let index = grid.partition_point(|&level| level > sigma).saturating_sub(1).min(last);
    let (Some(&before), Some(&after)) = (grid.get(index), grid.get(index + 1)) else {
        return Err(Error::Domain { argument, value: sigma });
    };
    // Exact at the points.
    let t = if sigma == after { 1.0 } else { libm::log(before / sigma) / libm::log(before / after) };
    Ok((index, t))
}

/// ½·(to⁻² − from⁻²), without cancellation.
fn half_snr_between(from: f64, to: f64) -> f64 {
    0.5 * ((from - to) / from / to) * ((from + to) / from / to)
}

/// A curve with its integral: all that the bound of an ideal denoiser depends on.
///
/// Between the points of the grid both are interpolated by cubics over ln σ.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct MmseCurve<'a> {
    table: Table<'a>,
    information: &'a [f64],
}

impl<'a> MmseCurve<'a> {
    /// Checks the three parts once. `information` counts from any zero: that of [`information_from_mmse`], or the true
    /// one where it is known.
    ///
    /// # Errors
    ///
    /// As for [`information_from_mmse`]; [`Error::Domain`] for `information` that is not finite.
    pub fn new(sigmas: &'a [f64], mmse: &'a [f64], information: &'a [f64]) -> Result<MmseCurve<'a>, Error> {
        check_curve(Argument::Sigmas, sigmas, mmse)?;
        check::length(Argument::Information, sigmas.len(), information.len())?;
        information.iter().try_for_each(|&nats| check::finite(Argument::Information, nats).map(drop))?;
        Ok(MmseCurve { table: Table { sigmas, mmse }, information })
    }

    /// The levels.
    pub fn sigmas(&self) -> &'a [f64] {
        self.table.sigmas
    }

    /// The mean squared error at each level.
    pub fn mmse(&self) -> &'a [f64] {
        self.table.mmse
    }

    /// The information at each level.
    pub fn information(&self) -> &'a [f64] {
        self.information
    }

    /// The mean squared error at a sigma.
    ///
    /// # Errors
    ///
    /// [`Error::Domain`] for `sigma` beyond the grid, up to rounding.
    pub fn mmse_at(&self, sigma: f64) -> Result<f64, Error> {
        let place = locate(self.table.sigmas, Argument::Sigma, sigma)?;
        Ok(self.known_mmse(place, sigma))
    }

    /// The information at a sigma.
    ///
    /// # Errors
    ///
    /// As for [`MmseCurve::mmse_at`].
    pub fn information_at(&self, sigma: f64) -> Result<f64, Error> {
        Ok(self.known_information(locate(self.table.sigmas, Argument::Sigma, sigma)?))
    }

    fn known_mmse(&self, (index, t): (usize, f64), sigma: f64) -> f64 {
        if t == 0.0 {
            self.table.mmse(index)
        } else if t == 1.0 {
            self.table.mmse(index + 1)
        } else {
            self.table.slope(index).at(t) * sigma * sigma
        }
    }

    fn known_information(&self, (index, t): (usize, f64)) -> f64 {
        let at = |index| self.information.get(index).copied().unwrap_or(f64::NAN);
        let (before, after) = (at(index), at(index + 1));
        if t == 0.0 {
            return before;
        } else if t == 1.0 {
            return after;
        }
        // The cubic says how the gain is spread, the caller's information how much it is.
        let slope = self.table.slope(index);
        let whole = slope.whole();
        let share = if whole > 0.0 { slope.integral(t) / whole } else { t };
        before + share * (after - before)
    }

    /// The bound of one step between two points of the grid, by their positions.
    ///
    /// For [`shortest_paths`](super::dynamic::shortest_paths), with NaN for an error.
    ///
    /// # Errors
    ///
    /// [`Error::Domain`] for positions that are none, or for `to` that is not after `from`.
    pub fn interval(&self, from: usize, to: usize) -> Result<f64, Error> {
        let (Some(&before), Some(&after)) = (self.information.get(from), self.information.get(to)) else {
            return Err(Error::Domain { argument: Argument::Index, value: from.max(to) as f64 });
        };
        if to <= from {
            return Err(Error::Domain { argument: Argument::To, value: to as f64 });
        }
        let half_snr = half_snr_between(self.table.sigma(from), self.table.sigma(to));
        Ok(half_snr * self.table.mmse(from) - (after - before))
    }

    /// Fills the bound of the step between each pair of points, packed as those of a
    /// [`PairTable`](super::PairTable::fill_costs) are, with 0 on the diagonal.
    ///
    /// # Errors
    ///
    /// [`Error::Length`] for `costs` ([`pairs_len`](super::pairs_len)); [`Error::Domain`] for `costs` that overflow.
    pub fn fill_costs(&self, costs: &mut [f64]) -> Result<(), Error> {
        let levels = self.table.sigmas.len();
        check::length(Argument::Costs, pairs_len(levels), costs.len())?;
        for from in 0..levels {
            (from + 1..levels).try_for_each(|to| check::finite(Argument::Costs, self.interval(from, to)?).map(drop))?;
        }
        for (from, row) in rows_mut(costs, levels).enumerate() {
            for (cost, to) in row.iter_mut().zip(from..) {
                *cost = self.interval(from, to).unwrap_or(0.0);
            }
        }
        Ok(())
    }

    /// The same for a solver with a weight w of its own at each level, as
    /// [`NoiseScale::klub_weight`](crate::diffusion::solver::NoiseScale::klub_weight) is for ER-SDE: ∫
    /// σ⁻³·w(σ)·(mmse(from) − mmse(σ)) dσ, on each interval by a cubic over ln σ. Where the curve rises, the difference
    /// counts as 0.
    ///
    /// # Errors
    ///
    /// As for [`MmseCurve::fill_costs`]; [`Error::Length`] or [`Error::Domain`] for `weights` of another length than
    /// the grid, negative or not finite.
    pub fn fill_weighted_costs(&self, costs: &mut [f64], weights: &[f64]) -> Result<(), Error> {
        let Table { sigmas, .. } = self.table;
        let levels = sigmas.len();
        check::length(Argument::Costs, pairs_len(levels), costs.len())?;
        check_weights(sigmas, weights)?;
        fill_sums(Argument::Costs, costs, levels, |from, interval| {
            let weighted = |to: usize| {
                let (growth, sigma) = (self.table.mmse(from) - self.table.mmse(to), self.table.sigma(to));
                let weight = weights.get(to).copied().unwrap_or(f64::NAN);
                if growth < 0.0 { 0.0 } else { growth * weight / sigma / sigma }
            };
            Segment::new(interval, from, levels, |level| half_log_snr(sigmas, level), weighted).not_negative().whole()
        })
    }

    /// The bound of one step between any two sigmas.
    ///
    /// # Errors
    ///
    /// [`Error::Domain`] for `from` or `to` beyond the grid, up to rounding, and for `to` that is not less than `from`.
    pub fn klub_between(&self, from: f64, to: f64) -> Result<f64, Error> {
        let (start, end) =
            (locate(self.table.sigmas, Argument::From, from)?, locate(self.table.sigmas, Argument::To, to)?);
        if to >= from {
            return Err(Error::Domain { argument: Argument::To, value: to });
        }
        let gained = self.known_information(end) - self.known_information(start);
        Ok(half_snr_between(from, to) * self.known_mmse(start, from) - gained)
    }

    /// The bound of a schedule.
    ///
    /// # Errors
    ///
    /// [`Error::TooShort`] for fewer than two `sigmas`; [`Error::Domain`] or [`Error::Order`] for `sigmas` beyond the
    /// grid or not strictly decreasing.
    pub fn klub(&self, sigmas: &[f64]) -> Result<f64, Error> {
        check_grid(Argument::Sigmas, sigmas, 2)?;
        sigmas.iter().try_for_each(|&sigma| locate(self.table.sigmas, Argument::Sigmas, sigma).map(drop))?;
        sigmas.iter().zip(sigmas.iter().skip(1)).map(|(&from, &to)| self.klub_between(from, to)).sum()
    }
}

/// A grid of two levels or more with a mean squared error at each.
pub(super) fn check_curve(argument: Argument, sigmas: &[f64], mmse: &[f64]) -> Result<(), Error> {
    check_grid(argument, sigmas, 2)?;
    check::length(Argument::Mmse, sigmas.len(), mmse.len())?;
    mmse.iter().try_for_each(|&mmse| check::non_negative(Argument::Mmse, mmse).map(drop))
}

#[cfg(test)]
mod tests {
    use super::super::Gaussian;
    use super::*;
    use crate::diffusion::schedule::{Last, exponential};
    use std::vec;
    use std::vec::Vec;

    /// The error of the cubics on a grid of 400 intervals, in nats; it goes with the fourth power of the spacing.
    const CUBIC: f64 = 5e-9;

    fn grid(levels: usize) -> Vec<f64> {
        let mut sigmas = vec![0.0; levels];
        exponential::fill(&mut sigmas, 0.02, 20.0, Last::SigmaMin).unwrap();
        sigmas
    }

    fn gaussian(sigmas: &[f64]) -> (Gaussian, Vec<f64>, Vec<f64>) {
        let gaussian = Gaussian::new(0.5, 3).unwrap();
        let mmse: Vec<f64> = sigmas.iter().map(|&sigma| gaussian.mmse(sigma).unwrap()).collect();
        let mut information = vec![f64::NAN; sigmas.len()];
        information_from_mmse(&mut information, sigmas, &mmse).unwrap();
        (gaussian, mmse, information)
    }

    #[test]
    fn information_is_that_of_a_gaussian() {
        let sigmas = grid(401);
        let (gaussian, _, information) = gaussian(&sigmas);
        let start = gaussian.information(sigmas[0]).unwrap();
        assert_eq!(information[0], 0.0);
        for (&nats, &sigma) in information.iter().zip(&sigmas) {
            let exact = gaussian.information(sigma).unwrap() - start;
            assert!((nats - exact).abs() < CUBIC, "{sigma}");
        }
    }

    #[test]
    fn packed_costs_are_intervals() {
        let sigmas = grid(9);
        let (_, mut mmse, information) = gaussian(&sigmas);
        let mut costs = vec![7.0; pairs_len(9)];
        let curve = MmseCurve::new(&sigmas, &mmse, &information).unwrap();
        assert!(curve.fill_costs(&mut costs[1..]).is_err_and(|error| error.argument() == Argument::Costs));
        curve.fill_costs(&mut costs).unwrap();
        let expected = (0..9).flat_map(|from| (from..9).map(move |to| (from, to)));
        let expected = expected.map(|(from, to)| if from == to { 0.0 } else { curve.interval(from, to).unwrap() });
        assert!(costs.iter().copied().eq(expected));
        let before = costs.clone();
        mmse[4] = f64::MAX;
        let overflowing = MmseCurve::new(&sigmas, &mmse, &information).unwrap();
        assert!(overflowing.fill_costs(&mut costs).is_err_and(|error| error.argument() == Argument::Costs));
        let refused = |costs: &mut [f64], weights: &[f64]| {
            overflowing.fill_weighted_costs(costs, weights).unwrap_err().argument()
        };
        assert_eq!(refused(&mut costs, &[1.0; 9]), Argument::Costs);
        assert_eq!(refused(&mut costs[1..], &[1.0; 9]), Argument::Costs);
        assert_eq!(refused(&mut costs, &[1.0; 8]), Argument::Weights);
        assert_eq!(refused(&mut costs, &[f64::INFINITY; 9]), Argument::Weights);
        assert_eq!(costs, before);
    }

    #[test]
    fn steps_cost_what_they_cost_a_gaussian() {
        let sigmas = grid(401);
        let (gaussian, mmse, information) = gaussian(&sigmas);
        let curve = MmseCurve::new(&sigmas, &mmse, &information).unwrap();
        for (from, to) in [(0, 400), (3, 90), (200, 300), (390, 400)] {
            let exact = gaussian.klub_between(sigmas[from], sigmas[to]).unwrap();
            let (interval, between) =
                (curve.interval(from, to).unwrap(), curve.klub_between(sigmas[from], sigmas[to]).unwrap());
            assert!((interval - exact).abs() < CUBIC + 1e-12 * exact, "{from} {to}");
            assert!((between / interval - 1.0).abs() < 1e-12, "{from} {to}");
        }
        // Off the grid.
        for (from, to) in [(19.3, 0.777), (1.2345, 0.5), (0.21, 0.0207)] {
            let exact = gaussian.klub_between(from, to).unwrap();
            assert!((curve.klub_between(from, to).unwrap() - exact).abs() < CUBIC + 1e-7 * exact, "{from} {to}");
            assert!((curve.mmse_at(from).unwrap() / gaussian.mmse(from).unwrap() - 1.0).abs() < 1e-7);
        }
        let schedule = [20.0, 3.0, 0.8, 0.25, 0.08, 0.02];
        let sum: f64 = schedule.windows(2).map(|w| curve.klub_between(w[0], w[1]).unwrap()).sum();
        assert_eq!(curve.klub(&schedule), Ok(sum));
        assert!((sum / gaussian.klub(&schedule).unwrap() - 1.0).abs() < 1e-6);
    }

    #[test]
    fn the_ends_of_a_grid_have_some_slack() {
        let sigmas = grid(9);
        let (_, mmse, information) = gaussian(&sigmas);
        let curve = MmseCurve::new(&sigmas, &mmse, &information).unwrap();
        assert_eq!(curve.mmse_at(20.0 * (1.0 + 1e-12)), Ok(mmse[0]));
        assert_eq!(curve.information_at(0.02 * (1.0 - 1e-12)), Ok(information[8]));
        for bad in [20.1, 0.0199, 0.0, -1.0, f64::NAN, f64::INFINITY] {
            assert!(curve.mmse_at(bad).is_err() && curve.klub_between(bad, 0.5).is_err());
            assert!(curve.klub_between(1.0, bad).is_err());
        }
        assert!(curve.klub_between(0.5, 0.5).is_err() && curve.klub_between(0.5, 0.6).is_err());
        assert!(curve.interval(3, 3).is_err() && curve.interval(3, 2).is_err() && curve.interval(3, 9).is_err());
        for index in 0..9 {
            assert_eq!(curve.mmse_at(sigmas[index]), Ok(mmse[index]));
            assert_eq!(curve.information_at(sigmas[index]), Ok(information[index]));
        }
    }

    #[test]
    fn no_step_costs_less_than_nothing_on_a_monotone_curve() {
        // Plateaus and jumps, where cubics overshoot.
        let sigmas = grid(12);
        let mmse = [3.0, 3.0, 3.0, 0.5, 0.5, 0.4999, 1e-3, 1e-3, 1e-3, 0.0, 0.0, 0.0];
        let mut information = [0.0; 12];
        information_from_mmse(&mut information, &sigmas, &mmse).unwrap();
        let curve = MmseCurve::new(&sigmas, &mmse, &information).unwrap();
        for from in 0..12 {
            for to in from + 1..12 {
                let half_snr = 0.5 * (sigmas[to].powi(-2) - sigmas[from].powi(-2));
                let interval = curve.interval(from, to).unwrap();
                assert!(interval >= -1e-12 * half_snr * mmse[from], "{from} {to} {interval}");
            }
        }
    }

    #[test]
    fn what_is_no_curve_is_refused() {
        let (sigmas, good) = ([2.0, 1.0], [0.5, 0.1]);
        assert!(MmseCurve::new(&sigmas, &good, &[0.0, 1.0]).is_ok());
        for bad in [[-0.1, 0.1], [f64::NAN, 0.1], [f64::INFINITY, 0.1]] {
            assert!(MmseCurve::new(&sigmas, &bad, &[0.0, 1.0]).is_err());
        }
        assert!(MmseCurve::new(&sigmas, &good, &[0.0, f64::NAN]).is_err());
        assert!(
            MmseCurve::new(&sigmas, &good, &[0.0]).is_err() && MmseCurve::new(&sigmas, &good[..1], &[0.0]).is_err()
        );
        assert!(MmseCurve::new(&sigmas[..1], &good[..1], &[0.0]).is_err());
        let mut information = [7.0; 2];
        assert!(information_from_mmse(&mut information, &[1.0, 2.0], &good).is_err());
        assert!(information_from_mmse(&mut information[..1], &sigmas, &good).is_err());
        assert_eq!(information, [7.0; 2]);
    }
}
