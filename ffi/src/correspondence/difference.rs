//! How far two images are apart.

use super::image::Images;
use crate::pointer::{Buffer, extent, read, write};
use crate::status::{quell_status, run};
use quell::correspondence::difference::{Norm, Size, fill_map};
use quell::correspondence::image::Layout;
use quell::{Argument, Error, bf16, f16};

/// How the channels' differences become one number.
#[repr(i32)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum quell_norm {
    /// The square root of the sum of the squares.
    Euclidean = 0,
    /// The mean of the absolute values.
    MeanAbsolute = 1,
    /// The largest absolute value.
    MaxAbsolute = 2,
}

pub(super) fn cast_norm(norm: i32) -> Result<Norm, Error> {
    match norm {
        value if value == quell_norm::Euclidean as i32 => Ok(Norm::Euclidean),
        value if value == quell_norm::MeanAbsolute as i32 => Ok(Norm::MeanAbsolute),
        value if value == quell_norm::MaxAbsolute as i32 => Ok(Norm::MaxAbsolute),
        value => Err(Error::Unknown { argument: Argument::Norm, value }),
    }
}

/// Stamps the differences of images of one type.
macro_rules! differences {
    ($type:ty as $stored:ty, $value:ty, $map:ident) => {
        /// Fills the map of the norm of minus - plus over channels: one value for each pixel, row by row.
        ///
        /// @param map        map_len elements
        /// @param map_len    height width
        /// @param minus      one image
        /// @param minus_len  how many elements, at least those of the layout: quell_layout_len()
        /// @param plus       the other
        /// @param plus_len   how many elements, at least those of the layout
        /// @param layout     how both lie in memory, with at least one channel
        /// @param norm       a quell_norm
        #[must_use]
        #[unsafe(no_mangle)]
        pub unsafe extern "C" fn $map(
            map: *mut $value,
            map_len: usize,
            minus: *const $type,
            minus_len: usize,
            plus: *const $type,
            plus_len: usize,
            layout: *const Layout,
            norm: i32,
        ) -> quell_status {
            run(|| {
                let map = Buffer::output(Argument::Map, map, map_len)?;
                // SAFETY: checked before use; valid by the contract of the C ABI.
                unsafe {
                    let images = Images::<$stored>::input(minus.cast(), minus_len, plus.cast(), plus_len, layout)?;
                    map.apart_from(&images.ranges())?;
                    let norm = cast_norm(norm)?;
                    fill_map(map.slice_mut(), images.minus.slice(), images.plus.slice(), &images.layout, norm)
                }
            })
        }
    };
}
differences!(u8 as u8, f32, quell_difference_map_u8);
differences!(f32 as f32, f32, quell_difference_map_f32);
differences!(f64 as f64, f64, quell_difference_map_f64);
differences!(u16 as f16, f32, quell_difference_map_f16);
differences!(u16 as bf16, f32, quell_difference_map_bf16);

/// Stamps the sizes of maps of one type.
macro_rules! sizes {
    ($type:ty, $add:ident, $add_weighted:ident) => {
        /// Takes values of a map, each of weight 1, into what tells how large the map is.
        ///
        /// @param size    the size so far; all zeros for a start
        /// @param values  any portion of the map, n elements
        /// @param n       how many
        #[must_use]
        #[unsafe(no_mangle)]
        pub unsafe extern "C" fn $add(size: *mut Size, values: *const $type, n: usize) -> quell_status {
            run(|| {
                let size = Buffer::output(Argument::Size, size, 1)?;
                let values = Buffer::input(Argument::Values, values, n)?;
                size.apart_from(&[values.range()])?;
                // SAFETY: checked above; valid by the contract of the C ABI.
                unsafe { size.slice_mut().iter_mut().for_each(|size| size.add(values.slice())) }
                Ok(())
            })
        }

        /// Takes values of a map with a weight each, such as 1 within the mask and 0 outside.
        ///
        /// @param size     the size so far; all zeros for a start
        /// @param values   any portion of the map, n elements
        /// @param weights  n elements
        /// @param n        how many
        #[must_use]
        #[unsafe(no_mangle)]
        pub unsafe extern "C" fn $add_weighted(
            size: *mut Size,
            values: *const $type,
            weights: *const $type,
            n: usize,
        ) -> quell_status {
            run(|| {
                let size = Buffer::output(Argument::Size, size, 1)?;
                let values = Buffer::input(Argument::Values, values, n)?;
                let weights = Buffer::input(Argument::Weights, weights, n)?;
                size.apart_from(&[values.range(), weights.range()])?;
                // SAFETY: checked above; valid by the contract of the C ABI.
                unsafe {
                    let (values, weights) = (values.slice(), weights.slice());
                    size.slice_mut().iter_mut().try_for_each(|size| size.add_weighted(values, weights))
                }
            })
        }
    };
}
sizes!(f32, quell_difference_size_add_f32, quell_difference_size_add_weighted_f32);
sizes!(f64, quell_difference_size_add_f64, quell_difference_size_add_weighted_f64);

/// Stamps what follows from a size.
macro_rules! results {
    ($($(#[$doc:meta])* $name:ident, $of:ident;)*) => {$(
        $(#[$doc])*
        #[must_use]
        #[unsafe(no_mangle)]
        pub unsafe extern "C" fn $name(out: *mut f64, size: *const Size) -> quell_status {
            run(|| {
                // SAFETY: checked before use; valid by the contract of the C ABI.
                unsafe {
                    let value = read(Argument::Size, size)?;
                    write(Argument::Out, out, &[extent(size)], || Ok(value.$of()))
                }
            })
        }
    )*};
}
results! {
    /// The mean of a map, by weight; 0 of nothing.
    ///
    /// @param out   the mean
    /// @param size  the size of the map
    quell_difference_size_mean, mean;
    /// What to divide a map by so that its largest value is 1; 1 for a map of zeros.
    ///
    /// @param out   the divisor, also for a quell_readout_progress
    /// @param size  the size of the map
    quell_difference_size_divisor_by_max, divisor_by_max;
    /// What to divide a map by so that its mean is 1; 1 for a mean of 0.
    ///
    /// @param out   the divisor, also for a quell_readout_progress
    /// @param size  the size of the map
    quell_difference_size_divisor_by_mean, divisor_by_mean;
}
