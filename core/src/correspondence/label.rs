//! The types that labels are stored in.

use core::fmt::Debug;

mod sealed {
    pub trait Sealed {}
    impl Sealed for u8 {}
    impl Sealed for u16 {}
    impl Sealed for u32 {}
}

/// A type to store labels in: `u8`, `u16` or `u32`.
pub trait Label: Copy + Debug + Default + Ord + sealed::Sealed + 'static {
    /// The largest label that it holds.
    const MAX: usize;
    /// The label, if the type holds it.
    fn from_usize(label: usize) -> Option<Self>;
    /// The label as an index.
    fn to_usize(self) -> usize;
}

macro_rules! impl_label {
    ($($type:ident)*) => {$(
        impl Label for $type {
            const MAX: usize = $type::MAX as usize;
            #[inline(always)]
            fn from_usize(label: usize) -> Option<Self> { $type::try_from(label).ok() }
            #[inline(always)]
            fn to_usize(self) -> usize { self as usize }
        }
    )*};
}
impl_label!(u8 u16 u32);
