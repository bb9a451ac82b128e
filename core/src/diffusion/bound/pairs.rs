//! The squared distances of a denoiser's outputs at all pairs of levels of a noising path: all that the bound of a
//! trained network depends on.
//!
//! A trained D is not quite the martingale that an ideal one is, so that E|D_σ − D_from|² is not a difference of two
//! values of one curve, but has to be measured for each pair. One path of one sample, evaluated at each level of the
//! grid, serves all pairs at once; the bound of a step is the integral of σ⁻³·w(σ)·E|D_σ − D_from|² over dσ, w being
//! the solver's weight.
//!
//! The table is a packed triangle: row `from` holds the levels `to` = `from`, `from` + 1, …, after the rows of all
//! noisier levels. Its diagonal holds |x₀ − D|², so that the curve mmse(σ) comes with it.
//!
//! | levels | moments | one path of 4×128×128 in `f32` |
//! | --- | --- | --- |
//! | 64 | 50 KB | 17 MB |
//! | 128 | 198 KB | 34 MB |
//! | 256 | 790 KB | 67 MB |
//! | 512 | 3.2 MB | 134 MB |
//!
//! The moments are 24 bytes a pair, whatever the size of a sample; the path is levels × dimension outputs, half of it
//! in 16 bits, and twice as much with the states of a trajectory ([`PairTable::add_trajectory`]). A sample takes
//! ½·levels²·dimension subtractions and products.
//!
//! ```
//! use quell::diffusion::bound::{IntervalCosts, Moments, PairTable, fill_path, pairs_len};
//! use quell::diffusion::schedule::{Last, exponential};
//! use quell::random::{Stream, fill_normal};
//!
//! const LEVELS: usize = 33;
//! const SIZE: usize = 4;
//! let mut sigmas = [0.0; LEVELS];
//! exponential::fill(&mut sigmas, 0.02, 20.0, Last::SigmaMin)?;
//! let mut moments = [Moments::default(); pairs_len(LEVELS)];
//! let mut table = PairTable::new(&sigmas, &mut moments)?;
//! for sample in 0..50 {
//!     let (mut x0, mut path, mut denoised) = ([0f32; SIZE], [0f32; SIZE * LEVELS], [0f32; SIZE * LEVELS]);
//!     fill_normal(&mut x0, Stream { seed: sample, stream: 0, step: 0 }, 0)?;
//!     fill_path(&mut path, &x0, &sigmas, Stream { seed: sample, stream: 1, step: 0 })?;
//!     let levels = path.chunks(SIZE).zip(denoised.chunks_mut(SIZE)).zip(&sigmas);
//!     for ((x, denoised), sigma) in levels {
//!         // The host's network stands here; this one is ideal for N(0, 1) data.
//!         denoised.iter_mut().zip(x).for_each(|(d, x)| *d = x / (1.0 + sigma * sigma) as f32);
//!     }
//!     table.add_path(&x0, &denoised)?;
//! }
//! let mut costs = [0.0; pairs_len(LEVELS)];
//! table.fill_costs(&mut costs, &[1.0; LEVELS])?;
//! let costs = IntervalCosts::new(&sigmas, &costs)?;
//! assert!(costs.get(0, 16)? > costs.get(8, 16)?);
//! # Ok::<(), quell::Error>(())
//! ```

use super::costs::{check_weights, fill_sums};
use super::estimate::squared_distance;
use super::mmse::{check_counts, check_grid, check_same_grid};
use super::moments::{Kept, Moments};
use super::quadrature::{Segment, half_log_snr};
use super::triangle::{pair_index, pairs_len, rows, rows_mut};
use crate::error::{Argument, Error, check};
use crate::{Scalar, Storage};
use core::ops::Deref;

#[cfg(doc)]
use super::path::fill_path;

/// The squared distances at all pairs of levels: a packed triangle of [`Moments`], which the caller keeps.
///
/// `M` is `&mut [Moments]` for a table that is added to, `&[Moments]` for one that is read only ([`PairTable::view`]).
#[derive(Debug)]
pub struct PairTable<'a, M = Kept<'a>> {
    sigmas: &'a [f64],
    moments: M,
}

impl<'a> PairTable<'a> {
    /// Goes on with moments that the caller keeps ([`pairs_len`]); [`Moments::default`] for a start.
    ///
    /// # Errors
    ///
    /// [`Error::TooShort`] for fewer than two `sigmas`; [`Error::Domain`] or [`Error::Order`] for `sigmas` that are not
    /// positive and strictly decreasing; [`Error::Length`] for `moments`; errors of [`Moments::check`].
    pub fn new(sigmas: &'a [f64], moments: &'a mut [Moments]) -> Result<PairTable<'a>, Error> {
        check_table(sigmas, moments)?;
        Ok(PairTable { sigmas, moments })
    }

    /// Takes what the denoiser made of one sample at all levels of one noising path ([`fill_path`]): `denoised` holds
    /// the outputs from the noisiest level down, each as long as `x0`.
    ///
    /// # Errors
    ///
    /// [`Error::Domain`] for a `dimension` of 0, the length of `x0`; [`Error::Length`] for `denoised` that is not as
    /// many times as long as there are levels; [`Error::Domain`] for `x0` or `denoised` not finite, or with squares
    /// that are not. Nothing is taken then.
    pub fn add_path<X: Storage, M: Storage>(&mut self, x0: &[X], denoised: &[M]) -> Result<(), Error> {
        check_squares(Argument::X0, x0)?;
        self.add(|_| x0, denoised, x0.len())
    }

    /// Takes one trajectory of the probability flow, for [`displacement`](super::displacement): its `states` from the
    /// noisiest level down, each of `dimension` elements, and what the denoiser makes of each.
    ///
    /// The diagonal then holds |x − D|², σ⁴ times the squared norm of the score. A table takes either paths or
    /// trajectories.
    ///
    /// # Errors
    ///
    /// As for [`PairTable::add_path`], for `states` instead of `x0`.
    pub fn add_trajectory<X: Storage, M: Storage>(
        &mut self,
        states: &[X],
        denoised: &[M],
        dimension: usize,
    ) -> Result<(), Error> {
        check::length(Argument::States, dimension.saturating_mul(self.sigmas.len()), states.len())?;
        let state = |level: usize| states.get(level * dimension..(level + 1) * dimension).unwrap_or_default();
        (0..self.sigmas.len()).try_for_each(|level| check_squares(Argument::States, state(level)))?;
        self.add(state, denoised, dimension)
    }

    /// Takes outputs beside what each is to be compared with on the diagonal, which has been checked.
    fn add<'b, X: Storage, M: Storage>(
        &mut self,
        reference: impl Fn(usize) -> &'b [X],
        denoised: &[M],
        dimension: usize,
    ) -> Result<(), Error> {
        let levels = self.sigmas.len();
        check::not_zero(Argument::Dimension, dimension)?;
        check::length(Argument::Denoised, dimension.saturating_mul(levels), denoised.len())?;
        denoised.chunks_exact(dimension).try_for_each(|denoised| check_squares(Argument::Denoised, denoised))?;
        let outputs = |from: usize| denoised.chunks_exact(dimension).skip(from);
        for (from, row) in rows_mut(self.moments, levels).enumerate() {
            let (Some(here), Some((own, others))) = (outputs(from).next(), row.split_first_mut()) else { break };
            own.add_finite(squared_distance(reference(from), here)?);
            for (moments, there) in others.iter_mut().zip(outputs(from + 1)) {
                moments.add_finite(squared_distance(here, there)?);
            }
        }
        Ok(())
    }

    /// Takes all samples of another table on the same grid.
    ///
    /// # Errors
    ///
    /// [`Error::Length`] or [`Error::Domain`] for `sigmas` of the other that are not the same.
    pub fn merge<M: Deref<Target = [Moments]>>(&mut self, other: &PairTable<M>) -> Result<(), Error> {
        check_same_grid(self.sigmas, other.sigmas)?;
        self.moments.iter_mut().zip(other.moments.iter()).for_each(|(here, there)| here.merge(there));
        Ok(())
    }
}

impl<'a> PairTable<'a, &'a [Moments]> {
    /// A table that is read only.
    ///
    /// # Errors
    ///
    /// As for [`PairTable::new`].
    pub fn view(sigmas: &'a [f64], moments: &'a [Moments]) -> Result<PairTable<'a, &'a [Moments]>, Error> {
        check_table(sigmas, moments)?;
        Ok(PairTable { sigmas, moments })
    }
}

impl<'a, M: Deref<Target = [Moments]>> PairTable<'a, M> {
    /// The levels.
    pub fn sigmas(&self) -> &'a [f64] {
        self.sigmas
    }

    /// The moments, packed: |x₀ − D|² on the diagonal, |D_to − D_from|² beside it.
    pub fn moments(&self) -> &[Moments] {
        &self.moments
    }

    /// The same table, read only.
    pub(super) fn reading(&self) -> PairTable<'_, &[Moments]> {
        PairTable { sigmas: self.sigmas, moments: &self.moments }
    }

    /// Fills the mean squared error at each level, from the diagonal.
    ///
    /// # Errors
    ///
    /// [`Error::Length`] for `mmse` of another length than the grid; [`Error::TooShort`] for `moments` without a
    /// sample.
    pub fn fill_mmse(&self, mmse: &mut [f64]) -> Result<(), Error> {
        check::length(Argument::Mmse, self.sigmas.len(), mmse.len())?;
        check_counts(&self.moments, 1)?;
        for (mmse, row) in mmse.iter_mut().zip(rows(&self.moments, self.sigmas.len())) {
            *mmse = row.first().map_or(f64::NAN, |own| own.mean);
        }
        Ok(())
    }

    /// Fills the bound of the step between each pair of levels, packed as the table is, with 0 on the diagonal.
    ///
    /// `weights` has the solver's weight w at each level: 1 for stochastic DDIM, (1 + λ²)²/(4λ²) for the extended
    /// reverse-time SDEs ([`NoiseScale::klub_weight`](crate::diffusion::solver::NoiseScale::klub_weight)). The paper
    /// takes 1 for every solver; what a multistep one adds is in [`multistep`](super::multistep). The integrand over
    /// −ln σ is σ⁻²·w·E|D_σ − D_from|², on each interval the cubic through the points around it, none of them noisier
    /// than `from`.
    ///
    /// # Errors
    ///
    /// [`Error::Length`] for `costs` ([`pairs_len`]) and `weights`; [`Error::Domain`] for `weights` that are negative
    /// or not finite; [`Error::TooShort`] for `moments` without a sample; [`Error::Domain`] for `costs` that overflow.
    pub fn fill_costs(&self, costs: &mut [f64], weights: &[f64]) -> Result<(), Error> {
        check::length(Argument::Costs, self.moments.len(), costs.len())?;
        check_counts(&self.moments, 1)?;
        check_weights(self.sigmas, weights)?;
        let levels = self.sigmas.len();
        fill_sums(Argument::Costs, costs, levels, |from, interval| {
            let mean = |to: usize| self.weighted(from, to, weights, |moments| moments.mean);
            Segment::new(interval, from, levels, |level| half_log_snr(self.sigmas, level), mean).not_negative().whole()
        })
    }

    /// Fills an upper bound on the standard error of each of the costs that [`PairTable::fill_costs`] gives: the
    /// integral of the standard errors as if all pairs of a row erred together, which those of one path nearly do. For
    /// steps of one or two intervals it is two or three times too large.
    ///
    /// # Errors
    ///
    /// As for [`PairTable::fill_costs`], for `errors`; [`Error::TooShort`] for `moments` with fewer than two samples.
    pub fn fill_standard_errors(&self, errors: &mut [f64], weights: &[f64]) -> Result<(), Error> {
        check::length(Argument::Errors, self.moments.len(), errors.len())?;
        check_counts(&self.moments, 2)?;
        check_weights(self.sigmas, weights)?;
        let levels = self.sigmas.len();
        fill_sums(Argument::Errors, errors, levels, |from, interval| {
            let error = |to: usize| self.weighted(from, to, weights, Moments::standard_error);
            Segment::whole_error(interval, from, levels, |level| half_log_snr(self.sigmas, level), error)
        })
    }

    /// σ⁻²·w times a value of a pair's moments, σ and w being those of `to`.
    fn weighted(&self, from: usize, to: usize, weights: &[f64], value: impl Fn(&Moments) -> f64) -> f64 {
        // D_from itself is no distance away; its place holds the distance to x₀.
        if from == to {
            return 0.0;
        }
        let place = pair_index(from, to, self.sigmas.len());
        match (place.and_then(|place| self.moments.get(place)), weights.get(to), self.sigmas.get(to)) {
            (Some(moments), Some(weight), Some(sigma)) => value(moments) * weight / sigma / sigma,
            _ => f64::NAN,
        }
    }
}

fn check_table(sigmas: &[f64], moments: &[Moments]) -> Result<(), Error> {
    check_grid(Argument::Sigmas, sigmas, 2)?;
    check::length(Argument::Moments, pairs_len(sigmas.len()), moments.len())?;
    moments.iter().try_for_each(Moments::check)
}

/// Elements with squares that are finite, so that every distance between them is.
pub(super) fn check_squares<T: Storage>(argument: Argument, values: &[T]) -> Result<(), Error> {
    let square = |&value: &T| value.load().to_f64() * value.load().to_f64();
    // |a − b|² ≤ 2|a|² + 2|b|².
    check::finite(argument, 4.0 * values.iter().map(square).sum::<f64>()).map(drop)
}

#[cfg(test)]
mod tests {
    use super::super::IntervalCosts;
    use super::*;

    const GRID: [f64; 5] = [8.0, 4.0, 1.0, 0.5, 0.1];

    fn filled(moments: &mut [Moments]) -> PairTable<'_> {
        let mut table = PairTable::new(&GRID, moments).unwrap();
        table.add_path(&[1.0f32, 0.0], &[0.0f64, 0.0, 0.5, 0.0, 0.75, 0.0, 1.0, 0.25, 1.0, 0.0]).unwrap();
        table.add_path(&[1.0f32, 0.0], &[0.0f64, 1.0, 0.5, 0.0, 0.75, 0.0, 1.0, 0.25, 1.0, 0.0]).unwrap();
        table
    }

    #[test]
    fn all_pairs_of_a_path_are_taken() {
        let mut moments = [Moments::default(); pairs_len(5)];
        let table = filled(&mut moments);
        let mean = |from, to| table.moments()[pair_index(from, to, 5).unwrap()].mean;
        assert_eq!([mean(0, 0), mean(0, 1), mean(0, 4), mean(1, 2)], [1.5, 0.75, 1.5, 0.0625]);
        assert_eq!(mean(3, 4), 0.0625);
        let mut mmse = [0.0; 5];
        table.fill_mmse(&mut mmse).unwrap();
        assert_eq!(mmse, [1.5, 0.25, 0.0625, 0.0625, 0.0]);
        assert!(table.moments().iter().all(|moments| moments.count == 2));
    }

    #[test]
    fn a_cost_is_its_integral() {
        // E|D_σ − D_from|² = σ²·x, x = ln(from/σ), is integrated to x²/2 exactly.
        let mut moments = [Moments::default(); pairs_len(5)];
        for (from, row) in rows_mut(&mut moments, 5).enumerate() {
            for (to, moments) in row.iter_mut().enumerate().map(|(k, m)| (from + k, m)) {
                let distance = GRID[to].powi(2) * (GRID[from] / GRID[to]).ln();
                (0..2).for_each(|k| moments.add(distance * (0.5 + f64::from(k))).unwrap());
            }
        }
        let table = PairTable::new(&GRID, &mut moments).unwrap();
        let (mut costs, mut errors) = ([0.0; pairs_len(5)], [0.0; pairs_len(5)]);
        table.fill_costs(&mut costs, &[3.0; 5]).unwrap();
        table.fill_standard_errors(&mut errors, &[3.0; 5]).unwrap();
        let view = IntervalCosts::new(&GRID, &costs).unwrap();
        for from in 0..5 {
            for to in from + 1..5 {
                let exact = 1.5 * (GRID[from] / GRID[to]).ln().powi(2);
                assert!((view.get(from, to).unwrap() / exact - 1.0).abs() < 1e-13, "{from} {to}");
                // Values of 0.5 and 1.5 times the distance have half of it for a standard error.
                let error = errors[pair_index(from, to, 5).unwrap()] / exact;
                assert!((0.5 - 1e-13..2.0).contains(&error), "{from} {to}: {error}");
                let between = view.between(GRID[from], GRID[to]).unwrap();
                assert!((between / exact - 1.0).abs() < 1e-13, "{from} {to}");
            }
            assert_eq!(costs[pair_index(from, from, 5).unwrap()], 0.0);
        }
        // The rate is constant, so it is interpolated exactly, within one interval, too.
        for (from, to) in [(7.0, 0.2), (3.0, 2.0), (0.4, 0.3), (8.0, 7.9), (0.11, 0.1), (0.7, 0.3)] {
            let exact = 1.5 * f64::ln(from / to).powi(2);
            assert!((view.between(from, to).unwrap() / exact - 1.0).abs() < 1e-12, "{from} {to}");
        }
        let schedule = [8.0, 2.0, 0.3, 0.1];
        let sum: f64 = schedule.windows(2).map(|w| view.between(w[0], w[1]).unwrap()).sum();
        assert_eq!(view.klub(&schedule), Ok(sum));
    }

    #[test]
    fn bad_arguments_change_nothing() {
        let mut moments = [Moments::default(); pairs_len(5)];
        let mut table = filled(&mut moments);
        let before = table.moments().to_vec();
        let refused = |result: Result<(), Error>| result.unwrap_err().argument();
        let denoised = |bad: f64| [0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, bad];
        assert_eq!(refused(table.add_path(&[1.0, 2.0], &denoised(0.0)[1..])), Argument::Denoised);
        assert_eq!(refused(table.add_path(&[0f64; 0], &denoised(0.0))), Argument::Dimension);
        for bad in [f64::NAN, f64::INFINITY, 1e200] {
            assert_eq!(refused(table.add_path(&[1.0, 2.0], &denoised(bad))), Argument::Denoised);
            assert_eq!(refused(table.add_path(&[1.0, bad], &denoised(0.0))), Argument::X0);
        }
        assert_eq!(table.moments(), before);
        let (mut costs, mut other) = ([7.0; pairs_len(5)], [Moments::default(); pairs_len(5)]);
        assert_eq!(refused(table.fill_costs(&mut costs, &[1.0; 4])), Argument::Weights);
        assert_eq!(refused(table.fill_costs(&mut costs, &[1.0, 1.0, 1.0, -1.0, 1.0])), Argument::Weights);
        assert_eq!(refused(table.fill_costs(&mut costs, &[f64::MAX; 5])), Argument::Costs);
        assert_eq!(refused(table.fill_costs(&mut costs[1..], &[1.0; 5])), Argument::Costs);
        assert_eq!(refused(table.fill_mmse(&mut costs)), Argument::Mmse);
        let empty = PairTable::new(&GRID, &mut other).unwrap();
        assert_eq!(refused(empty.fill_costs(&mut costs, &[1.0; 5])), Argument::Moments);
        assert_eq!(refused(empty.fill_standard_errors(&mut costs, &[1.0; 5])), Argument::Moments);
        assert_eq!(costs, [7.0; pairs_len(5)]);
        let shifted = GRID.map(|sigma| sigma * 2.0);
        assert_eq!(refused(table.merge(&PairTable::new(&shifted, &mut other).unwrap())), Argument::Sigmas);
        assert!(
            PairTable::new(&GRID, &mut other[1..]).is_err() && PairTable::new(&GRID[..1], &mut other[..1]).is_err()
        );
        costs[3] = f64::NAN;
        assert!(IntervalCosts::new(&GRID, &costs).is_err() && IntervalCosts::new(&GRID, &costs[1..]).is_err());
    }
}
