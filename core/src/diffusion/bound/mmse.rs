//! The curve mmse(σ) = E|x₀ − D(x_σ, σ)|², on which the bound of an ideal denoiser depends alone.
//!
//! For two levels of one noising path E|D_σ − D_from|² = mmse(from) − mmse(σ), whatever the data, because the ideal D
//! is a martingale along the path. The bound of a step is then
//!
//! ½·(to⁻² − from⁻²)·mmse(from) − (I(to) − I(from)),
//!
//! what a Riemann sum of ½·mmse over the signal-to-noise ratio σ⁻² exceeds its integral by: I is the mutual information
//! of x₀ and x_σ, dI = ½·mmse·dσ⁻² (Guo, Shamai and Verdú 2005). So the whole bound comes from one squared error for
//! each level and sample, in any order and any batch. A trained network's D is not quite a martingale: see
//! [`PairTable`](super::PairTable).
//!
//! ```
//! use quell::diffusion::bound::{MmseCurve, MmseTable, Moments, dynamic, information_from_mmse};
//! use quell::diffusion::bound::{make_monotone, monotone_scratch_len};
//! use quell::diffusion::schedule::{Last, exponential};
//! use quell::random::{Stream, fill_normal};
//!
//! const LEVELS: usize = 65;
//! let mut sigmas = [0.0; LEVELS];
//! exponential::fill(&mut sigmas, 0.02, 20.0, Last::SigmaMin)?;
//! let mut moments = [Moments::default(); LEVELS];
//! let mut table = MmseTable::new(&sigmas, &mut moments)?;
//! for sample in 0..200 {
//!     let (mut x0, mut noise) = ([0f32; 16], [0f32; 16]);
//!     fill_normal(&mut x0, Stream { seed: sample, stream: 0, step: 0 }, 0)?;
//!     fill_normal(&mut noise, Stream { seed: sample, stream: 1, step: 0 }, 0)?;
//!     for (level, sigma) in sigmas.iter().enumerate() {
//!         let x: [f32; 16] = core::array::from_fn(|i| x0[i] + *sigma as f32 * noise[i]);
//!         // The host's network stands here; this one is ideal for N(0, 1) data.
//!         let denoised = x.map(|x| x / (1.0 + sigma * sigma) as f32);
//!         table.add(level, &x0, &denoised)?;
//!     }
//! }
//! let (mut mmse, mut information) = ([0.0; LEVELS], [0.0; LEVELS]);
//! table.fill_mmse(&mut mmse)?;
//! // As many samples at each level; noise may have put some out of order.
//! make_monotone(&mut mmse, &[1.0; LEVELS], &mut [0.0; monotone_scratch_len(LEVELS)])?;
//! information_from_mmse(&mut information, &sigmas, &mmse)?;
//! let curve = MmseCurve::new(&sigmas, &mmse, &information)?;
//!
//! // The best schedules of 1 to 10 steps, and the one of 8.
//! let (mut totals, mut parents) = ([0.0; 10], [0; dynamic::parents_len(10, LEVELS)]);
//! let mut scratch = [0.0; dynamic::scratch_len(10, LEVELS)];
//! let cost = |from, to| curve.interval(from, to).unwrap_or(f64::NAN);
//! dynamic::shortest_paths(&mut totals, &mut parents, LEVELS, &mut scratch, cost)?;
//! let mut indices = [0; 9];
//! dynamic::trace(&mut indices, &parents, LEVELS)?;
//! let best = indices.map(|index| sigmas[index as usize]);
//! assert!((curve.klub(&best)? / totals[7] - 1.0).abs() < 1e-9);
//! # Ok::<(), quell::Error>(())
//! ```

use super::estimate::squared_distance;
use super::moments::{Kept, Moments};
use crate::Storage;
use crate::diffusion::schedule::check_decreasing;
use crate::error::{Argument, Error, check};
use core::ops::Deref;

/// The squared errors of a denoiser on a grid of levels: one [`Moments`] for each, which the caller keeps.
///
/// 24 bytes a level: 1.5 KB for 64 levels, 12 KB for 512, whatever the size of the samples. Save the moments
/// ([`save`](super::save)), go on with them, or [`merge`](MmseTable::merge) those of several machines.
///
/// `M` is `&mut [Moments]` for a table that is added to, `&[Moments]` for one that is read only ([`MmseTable::view`]).
#[derive(Debug)]
pub struct MmseTable<'a, M = Kept<'a>> {
    sigmas: &'a [f64],
    moments: M,
}

impl<'a> MmseTable<'a> {
    /// Goes on with moments that the caller keeps; [`Moments::default`] for a start. `sigmas` run from the noisiest
    /// level down, and are noise-to-signal ratios.
    ///
    /// # Errors
    ///
    /// [`Error::TooShort`] for no `sigmas`; [`Error::Domain`] or [`Error::Order`] for `sigmas` that are not positive
    /// and strictly decreasing; [`Error::Length`] for `moments` of another length; errors of [`Moments::check`].
    pub fn new(sigmas: &'a [f64], moments: &'a mut [Moments]) -> Result<MmseTable<'a>, Error> {
        check_table(sigmas, moments)?;
        Ok(MmseTable { sigmas, moments })
    }

    /// Takes what the denoiser made of one sample at the level `index`: |`x0` − `denoised`|², summed over the sample.
    ///
    /// # Errors
    ///
    /// [`Error::Domain`] for an `index` that is none; [`Error::Length`] for `denoised` of another length than `x0`;
    /// [`Error::Domain`] for `denoised` where the squared error is not finite.
    pub fn add<X: Storage, M: Storage>(&mut self, index: usize, x0: &[X], denoised: &[M]) -> Result<(), Error> {
        self.add_batch(index, x0, denoised, x0.len())
    }

    /// Takes a batch of samples of `dimension` elements each, one after the other.
    ///
    /// # Errors
    ///
    /// As for [`MmseTable::add`], and then nothing is taken; [`Error::Domain`] for a `dimension` of 0;
    /// [`Error::Length`] for `x0` whose length is not a multiple of it.
    pub fn add_batch<X: Storage, M: Storage>(
        &mut self,
        index: usize,
        x0: &[X],
        denoised: &[M],
        dimension: usize,
    ) -> Result<(), Error> {
        let Some(moments) = self.moments.get_mut(index) else {
            return Err(Error::Domain { argument: Argument::Index, value: index as f64 });
        };
        check::length(Argument::Denoised, x0.len(), denoised.len())?;
        check::parts(Argument::X0, x0.len(), Argument::Dimension, dimension)?;
        // Added to a copy, which takes the place of the moments once every sample has turned out finite.
        let mut sum = *moments;
        for (x0, denoised) in x0.chunks_exact(dimension).zip(denoised.chunks_exact(dimension)) {
            sum.add_finite(check::finite(Argument::Denoised, squared_distance(x0, denoised)?)?);
        }
        *moments = sum;
        Ok(())
    }

    /// Takes all samples of another table on the same grid.
    ///
    /// # Errors
    ///
    /// [`Error::Length`] or [`Error::Domain`] for `sigmas` of the other that are not the same.
    pub fn merge<M: Deref<Target = [Moments]>>(&mut self, other: &MmseTable<M>) -> Result<(), Error> {
        check_same_grid(self.sigmas, other.sigmas)?;
        self.moments.iter_mut().zip(other.moments.iter()).for_each(|(here, there)| here.merge(there));
        Ok(())
    }
}

impl<'a> MmseTable<'a, &'a [Moments]> {
    /// A table that is read only.
    ///
    /// # Errors
    ///
    /// As for [`MmseTable::new`].
    pub fn view(sigmas: &'a [f64], moments: &'a [Moments]) -> Result<MmseTable<'a, &'a [Moments]>, Error> {
        check_table(sigmas, moments)?;
        Ok(MmseTable { sigmas, moments })
    }
}

impl<'a, M: Deref<Target = [Moments]>> MmseTable<'a, M> {
    /// The levels.
    pub fn sigmas(&self) -> &'a [f64] {
        self.sigmas
    }

    /// The moments of |x₀ − D|², one for each level.
    pub fn moments(&self) -> &[Moments] {
        &self.moments
    }

    /// Fills the mean squared error at each level. It may rise here and there towards less noise, as the true curve
    /// does not: see [`make_monotone`].
    ///
    /// # Errors
    ///
    /// [`Error::Length`] for `mmse` of another length than the table; [`Error::TooShort`] for `moments` of a level
    /// without a sample.
    pub fn fill_mmse(&self, mmse: &mut [f64]) -> Result<(), Error> {
        check::length(Argument::Mmse, self.moments.len(), mmse.len())?;
        check_counts(&self.moments, 1)?;
        mmse.iter_mut().zip(self.moments.iter()).for_each(|(mmse, moments)| *mmse = moments.mean);
        Ok(())
    }

    /// Fills the standard error of each level's mean.
    ///
    /// # Errors
    ///
    /// [`Error::Length`] for `errors` of another length than the table; [`Error::TooShort`] for `moments` of a level
    /// with fewer than two samples.
    pub fn fill_standard_errors(&self, errors: &mut [f64]) -> Result<(), Error> {
        check::length(Argument::Errors, self.moments.len(), errors.len())?;
        check_counts(&self.moments, 2)?;
        errors.iter_mut().zip(self.moments.iter()).for_each(|(error, moments)| *error = moments.standard_error());
        Ok(())
    }
}

fn check_table(sigmas: &[f64], moments: &[Moments]) -> Result<(), Error> {
    check_grid(Argument::Sigmas, sigmas, 1)?;
    check::length(Argument::Moments, sigmas.len(), moments.len())?;
    moments.iter().try_for_each(Moments::check)
}

/// The length of the scratch of [`make_monotone`].
pub const fn monotone_scratch_len(levels: usize) -> usize {
    levels.saturating_mul(2)
}

/// Replaces `mmse` by the nearest curve that does not rise towards less noise, as a true one does not: the isotonic
/// regression, by pooling neighbours that are out of order (Ayer et al. 1955).
///
/// Nearest in the sum of squares with `weights`, the numbers of samples, say, or inverse squared standard errors.
/// `scratch` has [`monotone_scratch_len`] elements.
///
/// # Errors
///
/// [`Error::Length`] for `weights` of another length than `mmse`; [`Error::TooShort`] for `scratch`; [`Error::Domain`]
/// for `mmse` that is not finite, and for `weights` that are not positive.
///
/// # Example
///
/// ```
/// use quell::diffusion::bound::{make_monotone, monotone_scratch_len};
/// let mut mmse = [5.0, 3.0, 4.0, 1.0];
/// make_monotone(&mut mmse, &[1.0, 1.0, 3.0, 1.0], &mut [0.0; monotone_scratch_len(4)])?;
/// assert_eq!(mmse, [5.0, 3.75, 3.75, 1.0]);
/// # Ok::<(), quell::Error>(())
/// ```
pub fn make_monotone(mmse: &mut [f64], weights: &[f64], scratch: &mut [f64]) -> Result<(), Error> {
    check::length(Argument::Weights, mmse.len(), weights.len())?;
    check::at_least(Argument::Scratch, monotone_scratch_len(mmse.len()), scratch.len())?;
    mmse.iter().try_for_each(|&mmse| check::finite(Argument::Mmse, mmse).map(drop))?;
    weights.iter().try_for_each(|&weight| check::positive(Argument::Weights, weight).map(drop))?;
    let (sums, ends) = scratch.split_at_mut(mmse.len().min(scratch.len()));
    // Pools: their means stand at the front of the curve itself, their weights and ends in the scratch.
    let mut pools = 0;
    for (index, &weight) in weights.iter().enumerate() {
        let Some(&value) = mmse.get(index) else { break };
        let (mut mean, mut sum) = (value, weight);
        while let Some(before) = usize::checked_sub(pools, 1) {
            let (Some(&above), Some(&weight)) = (mmse.get(before), sums.get(before)) else { break };
            if above >= mean {
                break;
            }
            // The mean of both, from the one above.
            mean = above + (mean - above) * (sum / (sum + weight));
            sum += weight;
            pools = before;
        }
        if let (Some(slot), Some(total), Some(end)) = (mmse.get_mut(pools), sums.get_mut(pools), ends.get_mut(pools)) {
            (*slot, *total, *end) = (mean, sum, (index + 1) as f64);
        }
        pools += 1;
    }
    // From the last pool back, so that no mean is overwritten before it is read.
    for pool in (0..pools).rev() {
        let start = pool.checked_sub(1).and_then(|before| ends.get(before)).map_or(0, |&end| end as usize);
        let (Some(&mean), Some(&end)) = (mmse.get(pool), ends.get(pool)) else { break };
        if let Some(range) = mmse.get_mut(start..end as usize) {
            range.fill(mean);
        }
    }
    Ok(())
}

/// Positive, strictly decreasing, and at least so many.
pub(super) fn check_grid(argument: Argument, sigmas: &[f64], least: usize) -> Result<(), Error> {
    check::at_least(argument, least, sigmas.len())?;
    sigmas.iter().try_for_each(|&sigma| check::positive(argument, sigma).map(drop))?;
    check_decreasing(argument, sigmas)
}

/// The same numbers, bit for bit: tables on other grids do not add up.
pub(super) fn check_same_grid(here: &[f64], there: &[f64]) -> Result<(), Error> {
    check::length(Argument::Sigmas, here.len(), there.len())?;
    match here.iter().zip(there).find(|(here, there)| here != there) {
        Some((_, &sigma)) => Err(Error::Domain { argument: Argument::Sigmas, value: sigma }),
        None => Ok(()),
    }
}

/// So many samples in each of the moments.
pub(super) fn check_counts(moments: &[Moments], needed: usize) -> Result<(), Error> {
    let least = moments.iter().map(|moments| moments.count).fold(u64::MAX, Ord::min);
    check::at_least(Argument::Moments, needed, usize::try_from(least).unwrap_or(usize::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_batch_is_its_samples() {
        let sigmas = [2.0, 1.0];
        let (x0, denoised) = ([1.0f32, 2.0, 3.0, 4.0, 5.0, 6.0], [0.5f64, 2.0, 2.0, 4.5, 5.0, 7.0]);
        let (mut one, mut other) = ([Moments::default(); 2], [Moments::default(); 2]);
        let mut table = MmseTable::new(&sigmas, &mut one).unwrap();
        table.add_batch(1, &x0, &denoised, 2).unwrap();
        table.add_batch::<f32, f32>(0, &[], &[], 2).unwrap();
        let mut singly = MmseTable::new(&sigmas, &mut other).unwrap();
        for (x0, denoised) in x0.chunks(2).zip(denoised.chunks(2)) {
            singly.add(1, x0, denoised).unwrap();
        }
        assert_eq!(table.moments(), singly.moments());
        assert_eq!((table.moments()[0].count, table.moments()[1].count), (0, 3));
        assert!((table.moments()[1].mean - (0.25 + 1.25 + 1.0) / 3.0).abs() < 1e-15);
        assert_eq!(table.sigmas(), sigmas);
    }

    #[test]
    fn bad_samples_change_nothing() {
        let sigmas = [2.0, 1.0];
        let mut moments = [Moments::default(); 2];
        let mut table = MmseTable::new(&sigmas, &mut moments).unwrap();
        table.add(0, &[1.0f32, 2.0], &[0.0f32, 2.0]).unwrap();
        let before = table.moments().to_vec();
        let refused = |result: Result<(), Error>| result.unwrap_err().argument();
        assert_eq!(refused(table.add(2, &[1.0f32], &[1.0f32])), Argument::Index);
        assert_eq!(refused(table.add(0, &[1.0f32], &[1.0f32, 2.0])), Argument::Denoised);
        assert_eq!(refused(table.add_batch(0, &[1.0f32; 3], &[1.0f32; 3], 2)), Argument::X0);
        assert_eq!(refused(table.add_batch(0, &[1.0f32; 3], &[1.0f32; 3], 0)), Argument::Dimension);
        for bad in [f32::NAN, f32::INFINITY] {
            assert_eq!(refused(table.add_batch(0, &[1.0f32; 4], &[1.0, 1.0, 1.0, bad], 2)), Argument::Denoised);
        }
        assert_eq!(table.moments(), before);
        let (mut mmse, mut other) = ([7.0; 2], [Moments::default(); 2]);
        assert_eq!(refused(table.fill_mmse(&mut mmse)), Argument::Moments);
        assert_eq!(refused(table.fill_standard_errors(&mut mmse[..1])), Argument::Errors);
        assert_eq!(mmse, [7.0; 2]);
        assert_eq!(refused(table.merge(&MmseTable::new(&[2.0, 1.5], &mut other).unwrap())), Argument::Sigmas);
        assert_eq!(refused(table.merge(&MmseTable::new(&[2.0], &mut other[..1]).unwrap())), Argument::Sigmas);
        for bad in [[1.0, 2.0], [1.0, 1.0], [1.0, 0.0], [f64::NAN, 1.0]] {
            assert!(MmseTable::new(&bad, &mut other).is_err());
        }
        assert!(MmseTable::new(&sigmas, &mut other[..1]).is_err() && MmseTable::new(&[], &mut []).is_err());
    }

    #[test]
    fn regression_pools_back_as_far_as_it_must() {
        let mut scratch = [f64::NAN; 16];
        let mut mmse = [4.0, 3.0, 2.0, 11.0, 1.0, 0.0, 0.5];
        make_monotone(&mut mmse, &[1.0; 7], &mut scratch).unwrap();
        assert_eq!(mmse, [5.0, 5.0, 5.0, 5.0, 1.0, 0.25, 0.25]);
        let before = mmse;
        assert!(make_monotone(&mut mmse, &[1.0; 6], &mut scratch).is_err());
        assert!(make_monotone(&mut mmse, &[1.0; 7], &mut scratch[..13]).is_err());
        assert!(make_monotone(&mut mmse, &[0.0; 7], &mut scratch).is_err());
        assert_eq!(mmse, before);
        mmse[3] = f64::NAN;
        assert!(make_monotone(&mut mmse, &[1.0; 7], &mut scratch).is_err() && mmse[2] == 5.0);
        assert!(make_monotone(&mut [], &[], &mut []).is_ok());
    }
}
