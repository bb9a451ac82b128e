//! Square roots of a block of numbers, each rounded correctly.
//!
//! libm's root is a single instruction, or a few hundred, but never a vector of them. In single precision there is a way
//! by products and sums alone, which the compiler turns into vectors: two steps towards 1/√x from a guess by the
//! exponent, and a correction by x − s², which can be had exactly. That it rounds correctly is not proved but tried out,
//! on all numbers from 1 to 4: by powers of 4 each intermediate result scales exactly.

use crate::Scalar;
use core::ops::RangeInclusive;

/// Whether there are vectors to gain; elsewhere libm is as fast or smaller, and gives the same bits.
const VECTORS: bool = cfg!(any(target_arch = "x86_64", target_arch = "aarch64"));

/// Where [`root`] works: no intermediate result underflows or overflows.
const RANGE: RangeInclusive<f32> = power_of_2(-96)..=power_of_2(126);

const fn power_of_2(exponent: i32) -> f32 {
    f32::from_bits(((127 + exponent) << 23) as u32)
}

/// Numbers that are looked at together.
const BLOCK: usize = 32;

/// Replaces each number by its root.
pub(super) fn replace<T: Scalar>(values: &mut [T]) {
    let (blocks, rest) = values.as_chunks_mut::<BLOCK>();
    for block in blocks {
        let singles = f32::view(block.as_slice()).filter(|_| VECTORS);
        if singles.is_some_and(|x| x.iter().fold(true, |usual, x| usual & (x >= RANGE.start()) & (x <= RANGE.end()))) {
            // From double to single and back, which is nothing.
            block.iter_mut().for_each(|x| *x = T::from_f64(root(x.to_f64() as f32) as f64));
        } else {
            by_libm(block);
        }
    }
    by_libm(rest);
}

fn by_libm<T: Scalar>(values: &mut [T]) {
    if f32::view(values).is_some() {
        values.iter_mut().for_each(|x| *x = T::from_f64(libm::sqrtf(x.to_f64() as f32) as f64));
    } else {
        values.iter_mut().for_each(|x| *x = T::from_f64(libm::sqrt(x.to_f64())));
    }
}

/// The root of a number in [`RANGE`].
#[inline(always)]
fn root(x: f32) -> f32 {
    // The exponent halved and negated, and a Newton step: a multiple of 1/√x to 7e-4 (Walczyk, Moroz and Cieśliński 2021).
    let guess = f32::from_bits(0x5f1f_fff9u32.wrapping_sub(x.to_bits() >> 1));
    let y = guess * (2.389_187_3 - x * guess * guess);
    // Half of 1/√x by a step of third order.
    let z = x * y * y;
    let half = y * (0.659_955_2 + z * (0.032_412_857 * z - 0.218_026_67));
    let s = (x + x) * half;
    // x − s², with s² in three exact parts.
    let high = f32::from_bits(s.to_bits() & 0xffff_f000);
    let low = s - high;
    let rest = ((x - high * high) - (high + high) * low) - low * low;
    s + rest * half
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_numbers_from_1_to_4_round_correctly() {
        for bits in 1f32.to_bits()..4f32.to_bits() {
            let x = f32::from_bits(bits);
            assert_eq!(root(x), x.sqrt(), "{x:e}");
        }
    }

    #[test]
    fn powers_of_4_scale() {
        assert_eq!(*RANGE.start(), 2f32.powi(-96));
        assert_eq!(*RANGE.end(), 2f32.powi(126));
        for bits in (RANGE.start().to_bits()..=RANGE.end().to_bits()).step_by(9973) {
            let x = f32::from_bits(bits);
            assert_eq!(root(x), x.sqrt(), "{x:e}");
        }
    }

    #[test]
    fn unusual_numbers_do_not_spoil_their_block() {
        let unusual = [f32::INFINITY, f32::NAN, -1.0, 1e-45, f32::MIN_POSITIVE, f32::MAX, 1e-30, 0.0, -0.0, 2.0];
        for (i, x) in unusual.into_iter().enumerate() {
            let mut values = [3f32; BLOCK];
            values[i] = x;
            let expected = values.map(f32::sqrt);
            replace(&mut values);
            assert!(values.iter().zip(expected).all(|(a, b)| a.to_bits() == b.to_bits() || a.is_nan() && b.is_nan()));
        }
        let mut doubles = [2f64; BLOCK + 1];
        replace(&mut doubles);
        assert_eq!(doubles, [2f64.sqrt(); BLOCK + 1]);
    }
}
