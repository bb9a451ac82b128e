//! Every tolerance of the tests, each with the reason for its size.
//!
//! All are relative and hold for each element on its own: there is no sum, mean or norm for a wrong element to hide in.
//! Only where a whole run is made in single precision is the largest element the measure ([`PEER_F32`]).

/// Peers' solvers in double precision. Their coefficients carry cancellation of up to 1e-11 (√(1 − ᾱ) from a table,
/// σ_up by subtraction), and a thousand steps of it.
pub const PEER_F64: f64 = 1e-9;

/// Peers' solvers in single precision, against the largest element: rounding of states and outputs is carried on by the
/// network from step to step, and an element near zero inherits it from its terms. The floor holds for a run that is
/// as steady as the peers' median.
pub const PEER_F32: f64 = 4e-7;

/// How much worse than the peer's own single precision a run may be: a peer that happens to round well is no measure.
pub const PEER_F32_FACTOR: f64 = 5.0;

/// The same where the peer's single precision was not recorded: the factor times 7e-7, the median of those that were.
pub const PEER_F32_UNRECORDED: f64 = PEER_F32_FACTOR * 7e-7;

/// The cases of the Align Your Steps specification, as they state it.
pub const AYS: f64 = 1e-9;

/// The cases of the EmerDiff specification, as they state it.
pub const EMERDIFF: f64 = 1e-12;

/// Sigmas that both sides compute by the same formula in double precision; powers and exponentials of different
/// libraries differ by a few units in the last place, and ρ = 7 multiplies that.
pub const SCHEDULE: f64 = 1e-12;

/// Sigmas from a cumulative product over 1000 betas: each factor's rounding stays in the product, and 1 − ᾱ amplifies
/// it at the clean end.
pub const BETA_TABLE: f64 = 1e-12;

/// A beta as 1 minus the quotient of two values of ᾱ: a rounding error of 1 seen from a difference of 4e-5.
pub const BETA_DIFFERENCE: f64 = 1e-11;

/// Real-valued timesteps found by inverting a table: the error of ln σ divided by the distance of two entries.
pub const TIMESTEP: f64 = 1e-9;

/// Published lists with ten decimals.
pub const PUBLISHED: f64 = 1e-9;

/// Sigmas that a peer recorded with nine digits.
pub const NINE_DIGITS: f64 = 1e-8;

/// Sigmas that a peer computed in single precision: ρ = 7 and exponentials of up to 10 multiply its rounding.
pub const PEER_TABLE_F32: f64 = 5e-6;

/// A law that holds exactly but for the rounding of a few operations in double precision.
pub const ROUNDING_F64: f64 = 1e-13;

/// The same law where its terms cancel: an error in the last place of the terms, seen from their difference.
pub const CANCELLING_F64: f64 = 1e-9;

/// A pass in single precision against double precision: at most ten products and sums of half a unit in the last place
/// each, 6e-8, seen from the largest term.
pub const PASS_F32: f64 = 1e-6;

/// A run of up to ten steps in single precision against double precision, against the first state's size: rounding of
/// each state, 6e-8, times what steps of different lengths make of it where the network is steady.
pub const RUN_F32: f64 = 3e-5;

/// Cubics through a table with 400 intervals over three decades of ln σ: the fourth power of their spacing, times what
/// curves and schedules of two or three components amount to. In nats for information and bounds, relative for sigmas.
pub const CUBIC: f64 = 5e-7;

/// Moments that are added in another order: a thousand roundings of a mean and of a sum of squares.
pub const MERGE: f64 = 1e-12;

/// How far a measured order of convergence may be from the nominal one: the next term of the error expansion is still
/// there at the step counts that double precision leaves room for.
pub const ORDER: f64 = 0.15;

/// How near a descent by values alone comes to a minimum, where it stops at gains of 1e-9 of the value: a value is flat
/// to the square of the distance.
pub const DESCENT: f64 = 2e-4;

/// Integrals of smooth functions by an adaptive rule: what the estimate of its error lets through.
pub const QUADRATURE: f64 = 1e-12;

/// What the judge of schedules promises at its fine resolution, measured against a much finer one.
pub const JUDGE_FINE: f64 = 1e-9;

/// What it promises at its coarse resolution: the floors are known to that.
pub const JUDGE_COARSE: f64 = 1e-6;

/// Integrals by counting on a grid of 100,000 cells, with roots and logarithms in the integrand.
pub const COUNTED: f64 = 1e-3;

/// Where a smooth minimum lies that is known to 1e-9 of its value, and levels found by the trapezoidal rule on a thousand
/// cells.
pub const LEVEL: f64 = 1e-4;

/// Clusters of features that were rounded to single precision: each coordinate is off by up to 6e-8 of itself, which a
/// mean inherits, and a sum of squared distances that are ten times smaller than the coordinates' squares tenfold.
pub const CLUSTER_F32: f64 = 1e-6;

/// A map that was filtered in single precision, against the largest value: the rounding of the differences, of the
/// weights, and of a product and a sum for each of up to nine pixels in each of two directions.
pub const READOUT_F32: f64 = 2e-6;

/// Masks brought to a finer grid, in double precision: up to fifty products and sums of numbers of one sign.
pub const UPSAMPLE: f64 = 1e-12;

/// The same in single precision, against the largest value: exponents of up to 16 before they matter no more, each
/// off by half a unit in the last place, and ten iterations.
pub const UPSAMPLE_F32: f64 = 4e-6;

/// The guided filter against a formula without running sums: covariances as small differences of means, times the
/// inverse of an ε of at least 1e-3.
pub const GUIDED: f64 = 1e-10;

/// OpenCV's guided filter, which computes in single precision, for an ε of 0.01.
pub const GUIDED_OPENCV: f64 = 2e-6;

/// The distance |a − b| relative to |b|; 0 where both are the same number, ∞ where either is not finite.
///
/// ```standalone_crate
/// assert_eq!(quell_tests::tolerance::relative(2.0, 2.5), 0.2);
/// ```
pub fn relative(actual: f64, expected: f64) -> f64 {
    if actual == expected {
        0.0
    } else if actual.is_finite() && expected.is_finite() {
        (actual - expected).abs() / expected.abs()
    } else {
        f64::INFINITY
    }
}

/// The largest relative distance of two slices' elements, and where it is; ∞ when their lengths differ.
pub fn worst(actual: &[f64], expected: &[f64]) -> (f64, usize) {
    if actual.len() != expected.len() {
        return (f64::INFINITY, actual.len().min(expected.len()));
    }
    let mut worst = (0.0, 0);
    for (index, (&a, &b)) in actual.iter().zip(expected).enumerate() {
        let distance = relative(a, b);
        if distance > worst.0 || distance.is_nan() {
            worst = (distance, index);
        }
    }
    worst
}

/// The largest distance of two slices' elements relative to the largest expected magnitude; ∞ when their lengths differ
/// or an element is not finite.
pub fn worst_of_largest(actual: &[f64], expected: &[f64]) -> f64 {
    let largest = expected.iter().fold(0.0, |largest: f64, x| largest.max(x.abs()));
    if actual.len() != expected.len() || !actual.iter().chain(expected).all(|x| x.is_finite()) {
        return f64::INFINITY;
    }
    actual.iter().zip(expected).fold(0.0, |worst: f64, (a, b)| worst.max((a - b).abs() / largest))
}

/// Fails unless each element is within `tolerance` of its expected value.
#[track_caller]
pub fn assert_close(what: &str, actual: &[f64], expected: &[f64], tolerance: f64) {
    let (distance, index) = worst(actual, expected);
    assert!(
        distance <= tolerance,
        "{what}: element {index} is {:?}, expected {:?}: relative distance {distance:e} > {tolerance:e}",
        actual.get(index),
        expected.get(index)
    );
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_element_hides() {
        assert_eq!(worst(&[1.0, 2.0], &[1.0, 2.5]), (0.2, 1));
        assert_eq!(worst(&[1.0], &[1.0, 2.0]).0, f64::INFINITY);
        assert_eq!(worst(&[f64::NAN, 1.0], &[1.0, 1.0]), (f64::INFINITY, 0));
        assert_eq!(worst(&[1e-300], &[0.0]).0, f64::INFINITY);
        assert_eq!(worst(&[0.0], &[-0.0]).0, 0.0);
        assert_eq!(worst_of_largest(&[1.0, 0.0], &[1.0, 0.5]), 0.5);
        assert_eq!(worst_of_largest(&[1.0, f64::NAN], &[1.0, 0.5]), f64::INFINITY);
    }
}
