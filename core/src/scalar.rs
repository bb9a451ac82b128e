//! Arithmetic types, and the types in which buffers hold their elements.

use crate::error::{Argument, Error};
use core::fmt::Debug;
use core::ops::{Add, Div, Mul, Neg, Sub};
use half::{bf16, f16};

mod sealed {
    pub trait Sealed {}
    impl Sealed for f32 {}
    impl Sealed for f64 {}
    impl Sealed for half::f16 {}
    impl Sealed for half::bf16 {}
}

/// A type to compute in: `f32` or `f64`.
pub trait Scalar:
    Storage<Acc = Self>
    + Add<Output = Self>
    + Sub<Output = Self>
    + Mul<Output = Self>
    + Div<Output = Self>
    + Neg<Output = Self>
    + PartialOrd
{
    /// Zero.
    const ZERO: Self;
    /// One.
    const ONE: Self;
    /// Rounds a double to the nearest value of this type.
    fn from_f64(value: f64) -> Self;
    /// Widens to a double, exactly.
    fn to_f64(self) -> f64;
    /// The absolute value.
    fn abs(self) -> Self;
    /// Neither infinite nor not-a-number.
    fn is_finite(self) -> bool;
    /// The slice itself where its elements are of this type, so that it need not be converted.
    fn view<X: Storage>(slice: &[X]) -> Option<&[Self]>;
}

/// A type to store elements in: `f32`, `f64`, [`struct@f16`] or [`bf16`].
///
/// Elements are loaded, computed with in [`Storage::Acc`] and rounded once when stored; there is no arithmetic in
/// 16 bits.
pub trait Storage: Copy + Debug + Default + PartialEq + sealed::Sealed + 'static {
    /// What to compute in: `f64` for `f64`, else `f32`.
    type Acc: Scalar;
    /// Widens, exactly.
    fn load(self) -> Self::Acc;
    /// Rounds to nearest, ties to even.
    fn store(value: Self::Acc) -> Self;
    /// The slice itself if this type is `f32`.
    #[inline(always)]
    fn as_f32(_: &[Self]) -> Option<&[f32]> {
        None
    }
    /// The slice itself if this type is `f64`.
    #[inline(always)]
    fn as_f64(_: &[Self]) -> Option<&[f64]> {
        None
    }
    /// The slice itself where storage and arithmetic type are one, to compute in place.
    #[inline(always)]
    fn as_acc_mut(_: &mut [Self]) -> Option<&mut [Self::Acc]> {
        None
    }
}

/// A parameter in the type that is computed in, where it has to be finite, too.
#[inline(always)]
pub(crate) fn rounded<A: Scalar>(argument: Argument, value: f64) -> Result<A, Error> {
    let rounded = A::from_f64(value);
    if rounded.is_finite() { Ok(rounded) } else { Err(Error::Domain { argument, value }) }
}

/// The value of [`low`, `high`] that is nearest to `value`; `low` for NaN.
///
/// Not `f64::clamp`, which may panic, nor `max` and `min`, which call functions that some C libraries lack.
#[inline(always)]
pub(crate) fn nearest_within(value: f64, low: f64, high: f64) -> f64 {
    let raised = if value > low { value } else { low };
    if raised < high { raised } else { high }
}

macro_rules! impl_scalar {
    ($($type:ident, $view:ident;)*) => {$(
        impl Scalar for $type {
            const ZERO: Self = 0.0;
            const ONE: Self = 1.0;
            #[inline(always)]
            fn from_f64(value: f64) -> Self { value as $type }
            #[inline(always)]
            fn to_f64(self) -> f64 { self as f64 }
            #[inline(always)]
            fn abs(self) -> Self { $type::abs(self) }
            #[inline(always)]
            fn is_finite(self) -> bool { $type::is_finite(self) }
            #[inline(always)]
            fn view<X: Storage>(slice: &[X]) -> Option<&[$type]> { X::$view(slice) }
        }

        impl Storage for $type {
            type Acc = $type;
            #[inline(always)]
            fn load(self) -> $type { self }
            #[inline(always)]
            fn store(value: $type) -> Self { value }
            #[inline(always)]
            fn $view(slice: &[Self]) -> Option<&[$type]> { Some(slice) }
            #[inline(always)]
            fn as_acc_mut(slice: &mut [Self]) -> Option<&mut [$type]> { Some(slice) }
        }
    )*};
}
impl_scalar! {
    f32, as_f32;
    f64, as_f64;
}

// The conversions below give the bits of the crate `half` for every input, but as straight-line code, which the
// compiler can vectorise; `half` branches on subnormals and NaN.

impl Storage for f16 {
    type Acc = f32;

    #[inline(always)]
    fn load(self) -> f32 {
        let magnitude = (self.to_bits() as u32 & 0x7fff) << 13;
        let sign = (self.to_bits() as u32 & 0x8000) << 16;
        // Read as a single, the exponent is 112 too small; the product puts it right for subnormals, too.
        let finite = (f32::from_bits(magnitude) * f32::from_bits((254 - 15) << 23)).to_bits();
        let quiet = if magnitude > 0x1f << 23 { 0x40_0000 } else { 0 };
        let special = magnitude | 0xff << 23 | quiet;
        f32::from_bits(sign | if magnitude >= 0x1f << 23 { special } else { finite })
    }

    #[inline(always)]
    fn store(value: f32) -> Self {
        let sign = value.to_bits() & 0x8000_0000;
        let magnitude = value.to_bits() ^ sign;
        // Adding ½ to a value below 2⁻¹⁴ leaves its multiple of 2⁻²⁴, rounded to even, in the low bits.
        let subnormal = (f32::from_bits(magnitude) + 0.5).to_bits().wrapping_sub(0.5f32.to_bits());
        let odd = (magnitude >> 13) & 1;
        let normal = magnitude.wrapping_add(((15u32.wrapping_sub(127)) << 23).wrapping_add(0xfff + odd)) >> 13;
        let nan = 0x7e00 | (magnitude >> 13) & 0x3ff;
        let bits = if magnitude > 0xff << 23 {
            nan
        } else if magnitude >= (127 + 16) << 23 {
            0x7c00
        } else if magnitude < (127 - 14) << 23 {
            subnormal
        } else {
            normal
        };
        f16::from_bits((sign >> 16 | bits) as u16)
    }
}

impl Storage for bf16 {
    type Acc = f32;

    #[inline(always)]
    fn load(self) -> f32 {
        let bits = (self.to_bits() as u32) << 16;
        let quiet = if bits & 0x7fff_ffff > 0xff << 23 { 0x40_0000 } else { 0 };
        f32::from_bits(bits | quiet)
    }

    #[inline(always)]
    fn store(value: f32) -> Self {
        let bits = value.to_bits();
        let rounded = bits.wrapping_add(0x7fff + ((bits >> 16) & 1)) >> 16;
        let nan = (bits >> 16) | 0x40;
        bf16::from_bits(if bits & 0x7fff_ffff > 0xff << 23 { nan } else { rounded } as u16)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn loads_match_half_for_all_65536_patterns() {
        for bits in 0..=u16::MAX {
            let (h, b) = (f16::from_bits(bits), bf16::from_bits(bits));
            assert_eq!(h.load().to_bits(), h.to_f32().to_bits(), "f16 {bits:#06x}");
            assert_eq!(b.load().to_bits(), b.to_f32().to_bits(), "bf16 {bits:#06x}");
        }
    }

    /// Every 16-bit value, and the single precision values around each rounding boundary between neighbours.
    #[test]
    fn stores_match_half_around_every_rounding_boundary() {
        let check = |bits: u32| {
            let value = f32::from_bits(bits);
            assert_eq!(<f16 as Storage>::store(value).to_bits(), f16::from_f32(value).to_bits(), "f16 {bits:#010x}");
            assert_eq!(<bf16 as Storage>::store(value).to_bits(), bf16::from_f32(value).to_bits(), "bf16 {bits:#010x}");
        };
        for pattern in 0..=u16::MAX {
            for centre in [f16::from_bits(pattern).to_f32().to_bits(), (pattern as u32) << 16] {
                for half_gap in [0, 1 << 11, 1 << 12, 1 << 13, 1 << 15, 1 << 16] {
                    for nudge in [0, 1, u32::MAX] {
                        check(centre.wrapping_add(half_gap).wrapping_add(nudge));
                    }
                }
            }
        }
    }

    #[test]
    fn stores_match_half_on_a_stride_through_all_singles() {
        for bits in (0..=u32::MAX).step_by(4099) {
            let value = f32::from_bits(bits);
            assert_eq!(<f16 as Storage>::store(value).to_bits(), f16::from_f32(value).to_bits(), "f16 {bits:#010x}");
            assert_eq!(<bf16 as Storage>::store(value).to_bits(), bf16::from_f32(value).to_bits(), "bf16 {bits:#010x}");
        }
    }
}
