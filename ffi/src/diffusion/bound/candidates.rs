//! Comparisons of candidates by estimates from common random numbers.

use crate::pointer::{Buffer, write};
use crate::status::{quell_status, run};
use quell::Argument;
use quell::diffusion::bound::{Candidates, Moments, best_of};

/// Takes one sample's estimates, one for each candidate, all from the same random numbers. Candidate 0 is what the
/// others are compared with.
///
/// @param values       n elements, the estimates of each candidate; all zeros for a start
/// @param differences  n elements, the same less those of candidate 0; all zeros for a start
/// @param estimates    n elements, finite
/// @param n            how many candidates, at least 1
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn quell_candidates_add(
    values: *mut Moments,
    differences: *mut Moments,
    estimates: *const f64,
    n: usize,
) -> quell_status {
    run(|| {
        let values = Buffer::output(Argument::Values, values, n)?;
        let differences = Buffer::output(Argument::Differences, differences, n)?;
        let estimates = Buffer::input(Argument::Estimates, estimates, n)?;
        values.apart_from(&[differences.range(), estimates.range()])?;
        differences.apart_from(&[estimates.range()])?;
        // SAFETY: checked above; valid by the contract of the C ABI.
        unsafe { Candidates::new(values.slice_mut(), differences.slice_mut())?.add(estimates.slice()) }
    })
}

/// The candidate with the least mean among those that are better than candidate 0 by more than so many standard errors
/// of the difference, or 0 where there is none; the first of equals.
///
/// @param out              its position
/// @param differences      n elements
/// @param n                how many candidates, at least 1
/// @param standard_errors  0 for the least mean; with 2 a search does not wander on noise
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn quell_candidates_best(
    out: *mut usize,
    differences: *const Moments,
    n: usize,
    standard_errors: f64,
) -> quell_status {
    run(|| {
        let differences = Buffer::input(Argument::Differences, differences, n)?;
        // SAFETY: checked above and before use; valid by the contract of the C ABI.
        unsafe { write(Argument::Out, out, &[differences.range()], || best_of(differences.slice(), standard_errors)) }
    })
}
