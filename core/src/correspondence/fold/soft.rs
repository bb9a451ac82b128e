//! The soft-max over masks, one mask at a time.

use super::difference;
use crate::Scalar;

/// What the soft-max over masks is summed up in: p(mask) ∝ exp(`scale`·value).
#[derive(Debug)]
pub struct Soft<'a, T> {
    /// Σ exp(scale·(v − best)) over the masks, one for each pixel.
    pub sum: &'a mut [T],
    /// Σ scale·(v − best)·exp(scale·(v − best)), one for each pixel: entropies need it.
    pub moment: Option<&'a mut [T]>,
    /// The inverse temperature. Its product with a difference of two values should be one that the type holds.
    pub scale: f64,
}

impl<T: Scalar> Soft<'_, T> {
    /// Adds to each pixel's sums those of another state: (best here, best there, sum there, moment there).
    pub(super) fn absorb(&mut self, first_pixel: usize, others: impl Iterator<Item = (T, T, T, T)>) {
        let scale = T::from_f64(self.scale);
        let moments = self.moment.as_deref_mut().unwrap_or_default();
        let moments = moments.iter_mut().skip(first_pixel).map(Some).chain(core::iter::repeat_with(|| None));
        for ((sum, moment), (here, there, their_sum, their_moment)) in
            self.sum.iter_mut().skip(first_pixel).zip(moments).zip(others)
        {
            // NaN and −∞ have no part in a soft-max.
            let counts = there > T::from_f64(f64::NEG_INFINITY);
            if !counts {
                continue;
            }
            let old = (*sum, moment.as_deref().copied().unwrap_or(T::ZERO));
            let theirs = (their_sum, their_moment);
            let exponent = scale * -difference(here, there).abs();
            let (kept, shrunk) = if there > here { (theirs, old) } else { (old, theirs) };
            // Of sums that vanish beside the others nothing is left; an exponent of −∞ must not meet a zero.
            let factor = T::from_f64(libm::exp(exponent.to_f64()));
            let mut new = kept;
            if shrunk.0 > T::ZERO && factor > T::ZERO {
                new = (kept.0 + factor * shrunk.0, kept.1 + factor * (shrunk.1 + exponent * shrunk.0));
            }
            *sum = new.0;
            if let Some(moment) = moment {
                *moment = new.1;
            }
        }
    }
}
