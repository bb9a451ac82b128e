//! The exponential function without branches, for loops that the compiler can vectorise.

/// Below this, e^x would be subnormal: it counts as 0.
const LEAST: f64 = -708.0;

/// eˣ for x ≤ 0, within 2 units in the last place; exactly 1 at 0, and 0 below −708, for −∞ and for NaN.
///
/// x = n·ln 2 + r with |r| ≤ ½·ln 2, and eʳ by its Taylor polynomial of degree 13, whose rest is below 5e-18. Weights
/// are relative to their largest, so arguments are never positive, and a weight that is not a number is none.
#[inline(always)]
pub(crate) fn exp_of_nonpositive(x: f64) -> f64 {
    // Adding it rounds to an integer, which then stands in the low bits.
    const ROUND: f64 = 6_755_399_441_055_744.0;
    // The high part has 21 trailing zeros, so that its product with n is exact.
    const LN_2_HIGH: f64 = f64::from_bits(0x3fe6_2e42_fee0_0000);
    const LN_2_LOW: f64 = f64::from_bits(0x3dea_39ef_3579_3c76);
    const TAYLOR: [f64; 12] = [
        1.0 / 479_001_600.0,
        1.0 / 39_916_800.0,
        1.0 / 3_628_800.0,
        1.0 / 362_880.0,
        1.0 / 40_320.0,
        1.0 / 5_040.0,
        1.0 / 720.0,
        1.0 / 120.0,
        1.0 / 24.0,
        1.0 / 6.0,
        0.5,
        1.0,
    ];
    let inside = if x >= LEAST { x } else { LEAST };
    let shifted = inside * core::f64::consts::LOG2_E + ROUND;
    let n = shifted - ROUND;
    let r = (inside - n * LN_2_HIGH) - n * LN_2_LOW;
    let mut sum = 1.0 / 6_227_020_800.0;
    for coefficient in TAYLOR {
        sum = sum * r + coefficient;
    }
    let power = f64::from_bits(shifted.to_bits().wrapping_add(1023) << 52);
    let value = (sum * r + 1.0) * power;
    if x >= LEAST { value } else { 0.0 }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn close_to_the_library_function() {
        for i in 0..200_000u32 {
            let x = -708.0 * (f64::from(i) / 200_000.0) * (f64::from(i % 97) / 96.0);
            let (value, expected) = (exp_of_nonpositive(x), libm::exp(x));
            let units = value.to_bits().abs_diff(expected.to_bits());
            assert!(units <= 2, "{x}: {value:e}, expected {expected:e}");
        }
    }

    #[test]
    fn ends_are_exact() {
        assert_eq!(exp_of_nonpositive(0.0), 1.0);
        assert_eq!(exp_of_nonpositive(-0.0), 1.0);
        assert_eq!(exp_of_nonpositive(-1e-300), 1.0);
        for x in [-709.0, -1e300, f64::NEG_INFINITY, f64::NAN] {
            assert_eq!(exp_of_nonpositive(x), 0.0);
        }
    }
}
