//! Vectors that stand one behind the other, and how far two of them are apart.

use crate::error::{Argument, Error};
use crate::{Scalar, Storage};

/// How many running sums a distance is made of.
const LANES: usize = 8;

/// After how many elements a sum is held against a limit: a multiple of the lanes.
const PART: usize = 16 * LANES;

/// The largest magnitude that a coordinate may have: squares of differences and sums of them stay finite.
pub(super) const LARGEST: f64 = 1e150;

/// Vectors of one dimension, row-major.
#[derive(Clone, Copy)]
pub(super) struct Rows<'a, X> {
    pub(super) elements: &'a [X],
    pub(super) dimension: usize,
}

impl<'a, X> Rows<'a, X> {
    /// The vector at `index`; empty where there is none.
    #[inline(always)]
    pub(super) fn get(self, index: usize) -> &'a [X] {
        let start = index.saturating_mul(self.dimension);
        self.elements.get(start..start.saturating_add(self.dimension)).unwrap_or(&[])
    }
}

/// The vector at `index`, to write to; empty where there is none.
#[inline(always)]
pub(super) fn row_mut<X>(elements: &mut [X], dimension: usize, index: usize) -> &mut [X] {
    let start = index.saturating_mul(dimension);
    elements.get_mut(start..start.saturating_add(dimension)).unwrap_or(&mut [])
}

/// Σ term(aⱼ, bⱼ) in eight running sums, the l-th over the j with j mod 8 = l, added up as
/// ((0 + 4) + (2 + 6)) + ((1 + 5) + (3 + 7)).
#[inline(always)]
pub(super) fn sum_of<A: Storage, B: Storage>(a: &[A], b: &[B], term: impl Fn(f64, f64) -> f64) -> f64 {
    let mut lanes = [0.0; LANES];
    add_terms(&mut lanes, a, b, term);
    sum(lanes)
}

/// Σ (x − c)².
#[inline(always)]
pub(super) fn squared_distance<X: Storage>(x: &[X], c: &[f64]) -> f64 {
    sum_of(x, c, squared_difference)
}

#[inline(always)]
fn squared_difference(x: f64, c: f64) -> f64 {
    let difference = x - c;
    difference * difference
}

/// [`squared_distance`], or `limit` where that is not greater: then most vectors need not be read to their end.
///
/// The running sums only grow, and so does what they add up to, rounding or not.
#[inline(always)]
pub(super) fn squared_distance_within<X: Storage>(x: &[X], c: &[f64], limit: f64) -> f64 {
    let mut lanes = [0.0; LANES];
    let (mut x, mut c) = (x, c);
    while let (Some((x_part, x_rest)), Some((c_part, c_rest))) = (x.split_at_checked(PART), c.split_at_checked(PART)) {
        add_terms(&mut lanes, x_part, c_part, squared_difference);
        if sum(lanes) >= limit {
            return limit;
        }
        (x, c) = (x_rest, c_rest);
    }
    add_terms(&mut lanes, x, c, squared_difference);
    let square = sum(lanes);
    if square < limit { square } else { limit }
}

/// Adds terms to the running sums, from the first of them on.
#[inline(always)]
fn add_terms<A: Storage, B: Storage>(lanes: &mut [f64; LANES], a: &[A], b: &[B], term: impl Fn(f64, f64) -> f64) {
    let term = |a: A, b: B| term(a.load().to_f64(), b.load().to_f64());
    let ((a, a_rest), (b, b_rest)) = (a.as_chunks::<LANES>(), b.as_chunks::<LANES>());
    for (a, b) in a.iter().zip(b) {
        for ((lane, &a), &b) in lanes.iter_mut().zip(a).zip(b) {
            *lane += term(a, b);
        }
    }
    for ((lane, &a), &b) in lanes.iter_mut().zip(a_rest).zip(b_rest) {
        *lane += term(a, b);
    }
}

#[inline(always)]
fn sum([a, b, c, d, e, f, g, h]: [f64; LANES]) -> f64 {
    ((a + e) + (c + g)) + ((b + f) + (d + h))
}

/// Each element must be finite and of a magnitude that can be squared.
pub(super) fn check_magnitudes<X: Storage>(argument: Argument, elements: &[X]) -> Result<(), Error> {
    let largest = X::Acc::from_f64(LARGEST);
    let limit = if largest.is_finite() { largest } else { X::Acc::from_f64(f32::MAX as f64) };
    let is_within = |x: &X| x.load().abs() <= limit;
    // Whole portions without a branch, so that the comparisons become vector instructions.
    let (portions, rest) = elements.as_chunks::<64>();
    let all = |part: &[X]| part.iter().fold(true, |all, x| all & is_within(x));
    if portions.iter().all(|portion| all(portion)) && all(rest) {
        return Ok(());
    }
    match elements.iter().find(|x| !is_within(x)) {
        Some(x) => Err(Error::Domain { argument, value: x.load().to_f64() }),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{bf16, f16};
    use std::vec::Vec;

    #[test]
    fn a_distance_is_the_sum_of_its_lanes() {
        for n in 0..40usize {
            let x: Vec<f64> = (0..n).map(|i| (i as f64 * 0.7).sin()).collect();
            let c: Vec<f64> = (0..n).map(|i| (i as f64 * 1.3).cos()).collect();
            let lane = |lane: usize| (lane..n).step_by(8).fold(0.0, |sum, i| sum + (x[i] - c[i]) * (x[i] - c[i]));
            let expected = ((lane(0) + lane(4)) + (lane(2) + lane(6))) + ((lane(1) + lane(5)) + (lane(3) + lane(7)));
            assert_eq!(squared_distance(&x, &c), expected);
        }
    }

    #[test]
    fn sums_have_all_their_terms() {
        for n in 0..40u32 {
            let (a, b): (Vec<f64>, Vec<f32>) = (0..n).map(|j| (f64::from(j), (j + 1) as f32)).unzip();
            let expected: u32 = (0..n).map(|j| j * (j + 1)).sum();
            assert_eq!(sum_of(&a, &b, |a, b| a * b), f64::from(expected));
        }
    }

    #[test]
    fn a_limit_cuts_nothing_but_what_exceeds_it() {
        for n in [0, 1, 127, 128, 129, 1000] {
            let x: Vec<f32> = (0..n).map(|i| (i as f32 * 0.7).sin()).collect();
            let c: Vec<f64> = (0..n).map(|i| (i as f64 * 1.3).cos()).collect();
            let exact = squared_distance(&x, &c);
            for limit in [0.0, exact * 0.5, exact.next_down(), exact, exact.next_up(), exact * 2.0, f64::INFINITY] {
                assert_eq!(squared_distance_within(&x, &c, limit), exact.min(limit), "{n} {limit}");
            }
        }
    }

    #[test]
    fn one_bad_element_is_found_wherever_it_stands() {
        for n in [1, 63, 64, 65, 200] {
            for at in [0, n / 2, n - 1] {
                for bad in [f32::NAN, f32::INFINITY, f32::NEG_INFINITY] {
                    let mut x = std::vec![f32::MAX; n];
                    assert!(check_magnitudes(Argument::Features, &x).is_ok());
                    x[at] = bad;
                    let error = check_magnitudes(Argument::Features, &x).unwrap_err();
                    assert!(
                        matches!(error, Error::Domain { argument: Argument::Features, value } if !value.is_finite())
                    );
                }
            }
        }
        assert!(check_magnitudes(Argument::Features, &[1e150, -1e150]).is_ok());
        assert!(check_magnitudes(Argument::Features, &[-1.1e150]).is_err());
        assert!(check_magnitudes(Argument::Features, &[f16::MAX, f16::MIN]).is_ok());
        assert!(check_magnitudes(Argument::Features, &[bf16::INFINITY]).is_err());
    }

    #[test]
    fn no_row_beyond_the_last() {
        let mut elements = [1, 2, 3, 4, 5, 6];
        let rows = Rows { elements: &elements, dimension: 2 };
        assert_eq!((rows.get(2), rows.get(3), rows.get(usize::MAX)), (&[5, 6][..], &[][..], &[][..]));
        row_mut(&mut elements, 2, 1)[0] = 9;
        assert_eq!((elements[2], row_mut(&mut elements, 2, 3).len()), (9, 0));
    }
}
