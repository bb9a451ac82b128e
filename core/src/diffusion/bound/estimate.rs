//! Estimates of the bound from pairs of evaluations of the user's own network, and comparisons of schedules by them.
//!
//! Nothing is called back: the host draws ([`Importance::draw`](super::Importance::draw)), has the pair of states
//! filled ([`fill_pair`]), evaluates its network at both, takes the distance of the outputs ([`squared_distance`]) and
//! feeds the estimates of one data sample for all candidates together to [`Candidates`].
//!
//! ```
//! use quell::diffusion::bound::{Candidates, Importance, Moments, fill_pair, squared_distance, stratified};
//! use quell::random::{Stream, fill_normal};
//!
//! const SAMPLES: usize = 256;
//! // Which of three levels between 2 and 0.3 has the least bound on these two steps?
//! let levels = [0.8, 0.6, 1.2];
//! let (mut values, mut differences) = ([Moments::default(); 3], [Moments::default(); 3]);
//! let mut candidates = Candidates::new(&mut values, &mut differences)?;
//! for sample in 0..SAMPLES {
//!     let data = [0.3f32, -0.2, 0.5, 0.1].map(|x| if sample % 2 == 0 { x } else { -x });
//!     let (mut noise, mut path_noise) = ([0f32; 4], [0f32; 4]);
//!     fill_normal(&mut noise, Stream { seed: sample as u64, stream: 0, step: 0 }, 0)?;
//!     fill_normal(&mut path_noise, Stream { seed: sample as u64, stream: 1, step: 0 }, 0)?;
//!     let uniform = stratified(0.5, sample, SAMPLES)?;
//!     let mut estimates = [0.0; 3];
//!     for (estimate, &level) in estimates.iter_mut().zip(&levels) {
//!         let draw = Importance::new(2.0, level, 0.3, 0.5)?.draw(uniform)?;
//!         let (mut x, mut x_from) = ([0f32; 4], [0f32; 4]);
//!         fill_pair(&mut x, &mut x_from, &data, &noise, &path_noise, &draw)?;
//!         // The host's network stands here; this one is ideal for N(0, 0.25) data.
//!         let network = |x: [f32; 4], sigma: f64| x.map(|x| x * (0.25 / (0.25 + sigma * sigma)) as f32);
//!         let distance = squared_distance(&network(x, draw.sigma), &network(x_from, draw.from))?;
//!         *estimate = draw.weight * distance;
//!     }
//!     candidates.add(&estimates)?;
//! }
//! assert_eq!(candidates.best(), 1);
//! # Ok::<(), quell::Error>(())
//! ```

use super::importance::Draw;
use super::moments::Moments;
use crate::error::{Argument, Error, check};
use crate::scalar::{Scalar, Storage};

/// Fills the two states of a draw on one noising path: `x` = `x0` + σ·`noise` and
/// `x_from` = `x` + √(σ_from² − σ²)·`path_noise`.
///
/// It has to be one path, from one clean sample and with the second state made from the first: the distance of two
/// independent states' outputs has another mean. All slices have the length of one sample, or of as many samples as
/// share the draw. The arithmetic is in `f64`.
///
/// # Errors
///
/// [`Error::Length`] for slices other than as long as `x`; [`Error::Domain`] for a `sigma` of the draw that is not
/// positive or not below its `from`.
pub fn fill_pair<T: Storage>(
    x: &mut [T],
    x_from: &mut [T],
    x0: &[T],
    noise: &[T],
    path_noise: &[T],
    draw: &Draw,
) -> Result<(), Error> {
    check::length(Argument::XFrom, x.len(), x_from.len())?;
    check::length(Argument::X0, x.len(), x0.len())?;
    check::length(Argument::Noise, x.len(), noise.len())?;
    check::length(Argument::PathNoise, x.len(), path_noise.len())?;
    check::positive(Argument::Sigma, draw.sigma)?;
    check::positive(Argument::From, draw.from)?;
    if draw.sigma >= draw.from {
        return Err(Error::Domain { argument: Argument::Sigma, value: draw.sigma });
    }
    // A product, since the difference of two squares cancels.
    let apart = libm::sqrt((draw.from - draw.sigma) * (draw.from + draw.sigma));
    let store = |value: f64| T::store(T::Acc::from_f64(value));
    let load = |value: T| value.load().to_f64();
    for ((((x, x_from), &x0), &noise), &path_noise) in x.iter_mut().zip(x_from).zip(x0).zip(noise).zip(path_noise) {
        let state = load(x0) + draw.sigma * load(noise);
        *x = store(state);
        *x_from = store(state + apart * load(path_noise));
    }
    Ok(())
}

/// How many sums [`squared_distance`] keeps, so that the additions do not wait for each other.
const LANES: usize = 8;

/// |a − b|², the sum of the squared differences of two outputs.
///
/// In `f64`: element k goes to sum k mod 8, and the eight sums are added in their order, so that the bits are the same
/// on every machine.
///
/// # Errors
///
/// [`Error::Length`] for `denoised` (the second slice) of another length than the first.
///
/// # Example
///
/// ```
/// use quell::diffusion::bound::squared_distance;
/// assert_eq!(squared_distance(&[1.0f32, 2.0, 3.0], &[1.0, 4.0, 2.0])?, 5.0);
/// # Ok::<(), quell::Error>(())
/// ```
pub fn squared_distance<A: Storage, B: Storage>(a: &[A], b: &[B]) -> Result<f64, Error> {
    check::length(Argument::Denoised, a.len(), b.len())?;
    let square = |a: A, b: B| {
        let apart = a.load().to_f64() - b.load().to_f64();
        apart * apart
    };
    let (chunks, others) = (a.as_chunks::<LANES>(), b.as_chunks::<LANES>());
    let mut sums = [0.0; LANES];
    for (a, b) in chunks.0.iter().zip(others.0) {
        for (sum, (&a, &b)) in sums.iter_mut().zip(a.iter().zip(b)) {
            *sum += square(a, b);
        }
    }
    for (sum, (&a, &b)) in sums.iter_mut().zip(chunks.1.iter().zip(others.1)) {
        *sum += square(a, b);
    }
    Ok(sums.iter().sum())
}

/// Estimates for several candidates from common random numbers: the same data, noise and uniform for each.
///
/// What all candidates share falls out of a difference, so that fewer samples tell them apart. The differences have
/// moments of their own: the standard error of a comparison is theirs, not that of the two values. Candidate 0 is what
/// the others are compared with, usually the schedule as it stands.
#[derive(Debug)]
pub struct Candidates<'a> {
    values: &'a mut [Moments],
    differences: &'a mut [Moments],
}

impl<'a> Candidates<'a> {
    /// Goes on with moments that the caller keeps; [`Moments::default`] for a start.
    ///
    /// # Errors
    ///
    /// [`Error::TooShort`] for no `values`; [`Error::Length`] for `differences` of another length; errors of
    /// [`Moments::check`].
    pub fn new(values: &'a mut [Moments], differences: &'a mut [Moments]) -> Result<Candidates<'a>, Error> {
        check::at_least(Argument::Values, 1, values.len())?;
        check::length(Argument::Differences, values.len(), differences.len())?;
        values.iter().chain(differences.iter()).try_for_each(Moments::check)?;
        Ok(Candidates { values, differences })
    }

    /// Takes one sample's estimates, one for each candidate, in their order.
    ///
    /// # Errors
    ///
    /// [`Error::Length`] for `estimates` of another length than there are candidates; [`Error::Domain`] for one that is
    /// not finite. Nothing is taken then.
    pub fn add(&mut self, estimates: &[f64]) -> Result<(), Error> {
        check::length(Argument::Estimates, self.values.len(), estimates.len())?;
        let current = estimates.first().copied().unwrap_or(0.0);
        for &estimate in estimates {
            check::finite(Argument::Estimates, estimate)?;
            check::finite(Argument::Estimates, estimate - current)?;
        }
        for ((value, difference), &estimate) in self.values.iter_mut().zip(self.differences.iter_mut()).zip(estimates) {
            value.add_finite(estimate);
            difference.add_finite(estimate - current);
        }
        Ok(())
    }

    /// Takes all estimates of another run, of other samples, for the same candidates.
    ///
    /// # Errors
    ///
    /// [`Error::Length`] for `values` of another number of candidates.
    pub fn merge(&mut self, other: &Candidates) -> Result<(), Error> {
        check::length(Argument::Values, self.values.len(), other.values.len())?;
        let here = self.values.iter_mut().chain(self.differences.iter_mut());
        here.zip(other.values.iter().chain(other.differences.iter())).for_each(|(here, there)| here.merge(there));
        Ok(())
    }

    /// The bound of each candidate.
    pub fn values(&self) -> &[Moments] {
        self.values
    }

    /// The bound of each candidate less that of candidate 0.
    pub fn differences(&self) -> &[Moments] {
        self.differences
    }

    /// The candidate with the least mean; the first of equals.
    pub fn best(&self) -> usize {
        self.best_beyond(0.0)
    }

    /// The candidate with the least mean among those that are better than candidate 0 by more than so many standard
    /// errors of the difference, or 0 where there is none; the first of equals.
    ///
    /// With 2, a sweep does not wander on noise: 1 in 40 comparisons of equals is taken for an improvement. A
    /// difference whose standard error is unknown, from fewer than two samples, counts with 0 standard errors only.
    pub fn best_beyond(&self, standard_errors: f64) -> usize {
        best_beyond(self.differences, standard_errors)
    }
}

/// [`Candidates::best_beyond`] from the differences alone, for those who keep nothing else.
///
/// # Errors
///
/// [`Error::TooShort`] for no `differences`; errors of [`Moments::check`]; [`Error::Domain`] for `standard_errors` that
/// are negative or not finite.
pub fn best_of(differences: &[Moments], standard_errors: f64) -> Result<usize, Error> {
    check::at_least(Argument::Differences, 1, differences.len())?;
    differences.iter().try_for_each(Moments::check)?;
    check::non_negative(Argument::StandardErrors, standard_errors)?;
    Ok(best_beyond(differences, standard_errors))
}

fn best_beyond(differences: &[Moments], standard_errors: f64) -> usize {
    let (mut best, mut least) = (0, 0.0);
    for (index, difference) in differences.iter().enumerate().skip(1) {
        let margin = if standard_errors == 0.0 { 0.0 } else { standard_errors * difference.standard_error() };
        if difference.mean < least && difference.mean < -margin {
            (best, least) = (index, difference.mean);
        }
    }
    best
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::f16;
    use std::vec::Vec;

    const DRAW: Draw = Draw { sigma: 0.6, from: 1.0, weight: 2.0 };

    #[test]
    fn the_pair_is_on_one_path() {
        let (mut x, mut x_from) = ([0f64; 2], [0f64; 2]);
        fill_pair(&mut x, &mut x_from, &[1.0, -1.0], &[0.5, 2.0], &[1.0, 0.0], &DRAW).unwrap();
        assert!(x.iter().zip([1.3, 0.2]).all(|(a, b)| (a - b).abs() < 1e-15));
        assert!(x_from.iter().zip([2.1, 0.2]).all(|(a, b)| (a - b).abs() < 1e-15));
    }

    #[test]
    fn half_floats_are_rounded_when_they_are_stored() {
        let half = |x: f64| f16::from_f64(x);
        let (mut x, mut x_from) = ([f16::ZERO; 1], [f16::ZERO; 1]);
        fill_pair(&mut x, &mut x_from, &[half(1.0)], &[half(0.001)], &[half(0.5)], &DRAW).unwrap();
        let state = 1.0 + 0.6 * half(0.001).to_f64();
        // Not from the state as it was stored.
        assert_eq!((x[0], x_from[0]), (half(state), half(state + 0.8 * 0.5)));
    }

    #[test]
    fn a_bad_pair_changes_nothing() {
        let (mut x, mut x_from) = ([7f32; 2], [7f32; 2]);
        assert!(fill_pair(&mut x, &mut x_from[..1], &[0.0; 2], &[0.0; 2], &[0.0; 2], &DRAW).is_err());
        assert!(fill_pair(&mut x, &mut x_from, &[0.0], &[0.0; 2], &[0.0; 2], &DRAW).is_err());
        assert!(fill_pair(&mut x, &mut x_from, &[0.0; 2], &[0.0], &[0.0; 2], &DRAW).is_err());
        assert!(fill_pair(&mut x, &mut x_from, &[0.0; 2], &[0.0; 2], &[0.0], &DRAW).is_err());
        for (sigma, from) in [(0.0, 1.0), (f64::NAN, 1.0), (1.0, 1.0), (0.5, f64::INFINITY), (0.5, f64::NAN)] {
            let draw = Draw { sigma, from, weight: 1.0 };
            assert!(fill_pair(&mut x, &mut x_from, &[0.0; 2], &[0.0; 2], &[0.0; 2], &draw).is_err());
        }
        assert_eq!((x, x_from), ([7.0; 2], [7.0; 2]));
    }

    #[test]
    fn a_distance_of_any_length_is_its_sum() {
        for length in 0..40 {
            let a: Vec<f32> = (0..length).map(|i| i as f32 * 0.5).collect();
            let b: Vec<f64> = (0..length).map(|i| f64::from(i) * 0.25).collect();
            let expected: f64 = (0..length).map(|i| (f64::from(i) * 0.25).powi(2)).sum();
            assert_eq!(squared_distance(&a, &b), Ok(expected));
        }
        assert!(squared_distance(&[0f32; 2], &[0f32; 3]).is_err());
    }

    #[test]
    fn the_best_candidate_is_the_first_of_equals() {
        let (mut values, mut differences) = ([Moments::default(); 4], [Moments::default(); 4]);
        let mut candidates = Candidates::new(&mut values, &mut differences).unwrap();
        assert_eq!(candidates.best(), 0);
        candidates.add(&[3.0, 2.0, 2.0, 4.0]).unwrap();
        assert_eq!((candidates.best(), candidates.best_beyond(1.0)), (1, 0));
        candidates.add(&[3.0, 2.5, 2.0, 4.0]).unwrap();
        assert_eq!((candidates.best(), candidates.best_beyond(100.0)), (2, 2));
        assert_eq!(candidates.differences()[0], Moments { count: 2, ..Moments::default() });
        assert_eq!((candidates.differences()[1].mean, candidates.values()[1].mean), (-0.75, 2.25));
    }

    #[test]
    fn a_gain_within_the_noise_is_no_gain() {
        let (mut values, mut differences) = ([Moments::default(); 2], [Moments::default(); 2]);
        let mut candidates = Candidates::new(&mut values, &mut differences).unwrap();
        // Differences −3 and 2: a mean of −0.5 with a standard error of 2.5.
        candidates.add(&[4.0, 1.0]).unwrap();
        candidates.add(&[4.0, 6.0]).unwrap();
        assert_eq!((candidates.best(), candidates.best_beyond(0.1), candidates.best_beyond(0.3)), (1, 1, 0));
    }

    #[test]
    fn the_best_of_differences_alone_is_checked() {
        let at = |mean| Moments { count: 2, mean, squares: 0.0 };
        assert_eq!(best_of(&[at(0.0), at(-1.0), at(-2.0)], 2.0), Ok(2));
        let argument = |result: Result<usize, Error>| result.unwrap_err().argument();
        assert_eq!(argument(best_of(&[], 0.0)), Argument::Differences);
        assert_eq!(argument(best_of(&[at(f64::NAN)], 0.0)), Argument::Moments);
        for bad in [-1.0, f64::NAN, f64::INFINITY] {
            assert_eq!(argument(best_of(&[at(0.0)], bad)), Argument::StandardErrors);
        }
    }

    #[test]
    fn bad_estimates_change_nothing() {
        let (mut values, mut differences) = ([Moments::default(); 2], [Moments::default(); 2]);
        let mut candidates = Candidates::new(&mut values, &mut differences).unwrap();
        candidates.add(&[1.0, 2.0]).unwrap();
        let before = (candidates.values().to_vec(), candidates.differences().to_vec());
        assert!(candidates.add(&[1.0]).is_err());
        assert!(candidates.add(&[1.0, f64::NAN]).is_err() && candidates.add(&[f64::INFINITY, 1.0]).is_err());
        assert!(candidates.add(&[f64::MAX, -f64::MAX]).is_err());
        assert_eq!((candidates.values().to_vec(), candidates.differences().to_vec()), before);
        assert!(Candidates::new(&mut [], &mut []).is_err());
        assert!(Candidates::new(&mut values, &mut differences[..1]).is_err());
        values[0].mean = f64::NAN;
        assert!(Candidates::new(&mut values, &mut differences).is_err());
    }

    #[test]
    fn runs_merge_to_the_whole() {
        let samples = [[1.0, 2.0], [4.0, 3.0], [2.0, 2.5], [0.5, 8.0]];
        let run = |samples: &[[f64; 2]]| {
            let (mut values, mut differences) = ([Moments::default(); 2], [Moments::default(); 2]);
            let mut candidates = Candidates::new(&mut values, &mut differences).unwrap();
            samples.iter().for_each(|sample| candidates.add(sample).unwrap());
            (values, differences)
        };
        let (mut left, mut right, whole) = (run(&samples[..1]), run(&samples[1..]), run(&samples));
        let mut merged = Candidates::new(&mut left.0, &mut left.1).unwrap();
        merged.merge(&Candidates::new(&mut right.0, &mut right.1).unwrap()).unwrap();
        for (merged, whole) in left.0.iter().chain(&left.1).zip(whole.0.iter().chain(&whole.1)) {
            assert_eq!(merged.count, whole.count);
            assert!((merged.mean - whole.mean).abs() < 1e-14 && (merged.squares - whole.squares).abs() < 1e-13);
        }
    }
}
