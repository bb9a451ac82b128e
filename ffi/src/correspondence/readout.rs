//! From pairs of images to a label for each pixel.

use super::blur::{check_finite, quell_blur};
use super::difference::cast_norm;
use super::fold::*;
use super::image::Images;
use crate::pointer::{Buffer, all_apart, extent, read, write};
use crate::status::{quell_status, run};
use quell::correspondence::image::Layout;
use quell::correspondence::readout::{Filtered, Progress, Readout, divide};
use quell::{Argument, Error, bf16, f16};

/// What is filtered.
#[repr(i32)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum quell_filtered {
    /// The norm of the difference.
    Norm = 0,
    /// The images, before the norm is taken.
    Images = 1,
}

/// How pairs of images are read.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct quell_readout {
    /// The channels of the images.
    pub channels: usize,
    /// Their rows.
    pub height: usize,
    /// Their columns.
    pub width: usize,
    /// A quell_norm.
    pub norm: i32,
    /// A quell_filtered.
    pub filtered: i32,
    /// The filter; a sigma of 0 for none.
    pub filter: quell_blur,
}

impl quell_readout {
    fn of(readout: Readout) -> quell_readout {
        quell_readout {
            channels: readout.channels,
            height: readout.height,
            width: readout.width,
            norm: readout.norm as i32,
            filtered: readout.filtered as i32,
            filter: quell_blur::of(readout.filter),
        }
    }

    fn cast(&self) -> Result<Readout, Error> {
        Ok(Readout {
            channels: self.channels,
            height: self.height,
            width: self.width,
            filter: self.filter.cast()?,
            norm: cast_norm(self.norm)?,
            filtered: match self.filtered {
                value if value == quell_filtered::Norm as i32 => Filtered::Norm,
                value if value == quell_filtered::Images as i32 => Filtered::Images,
                value => return Err(Error::Unknown { argument: Argument::Filtered, value }),
            },
        })
    }
}

/// The Euclidean norm, filtered with scipy.ndimage's defaults.
///
/// @param out       how to read
/// @param channels  the channels of the images
/// @param height    their rows
/// @param width     their columns
/// @param sigma     the standard deviation of the filter in pixels; not negative, 0 for no filter
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn quell_readout_default(
    out: *mut quell_readout,
    channels: usize,
    height: usize,
    width: usize,
    sigma: f64,
) -> quell_status {
    run(|| {
        check_finite(Argument::Sigma, sigma)?;
        let readout = || Ok(quell_readout::of(Readout::new(channels, height, width, sigma)));
        // SAFETY: checked before use; valid by the contract of the C ABI.
        unsafe { write(Argument::Out, out, &[], readout) }
    })
}

/// The length of the state of quell_readout_push_rows_f32_u8().
///
/// @param out      the length; SIZE_MAX when that overflows
/// @param options  how images are read
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn quell_readout_state_len(out: *mut usize, options: *const quell_readout) -> quell_status {
    run(|| {
        // SAFETY: checked before use; valid by the contract of the C ABI.
        unsafe {
            let readout = read(Argument::Options, options)?.cast()?;
            write(Argument::Out, out, &[extent(options)], || Ok(readout.state_len()))
        }
    })
}

/// The start of a mask whose values compete as they are: a divisor of 1 and no rows.
///
/// @param out    the progress
/// @param label  the mask
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn quell_readout_start(out: *mut Progress, label: usize) -> quell_status {
    // SAFETY: checked before use; valid by the contract of the C ABI.
    run(|| unsafe { write(Argument::Out, out, &[], || Ok(Progress::new(label))) })
}

/// Stamps the read-out of images of one type into a fold.
macro_rules! pushes {
    ($type:ty as $stored:ty, $value:ty, $fold:ident, $push:ident) => {
        /// Takes the next rows of a mask's two images, and folds the values that they complete: all once the rows of the
        /// progress are as many as the height.
        ///
        /// @param progress     how far the mask has come
        /// @param fold         the fold
        /// @param state        what is kept from call to call; for the first rows of a mask it may hold anything, for further
        ///                     ones what the call before left there
        /// @param state_len    how much, at least quell_readout_state_len()
        /// @param minus        the rows of the image that was pushed down
        /// @param minus_len    how many elements, at least those of the layout: quell_layout_len()
        /// @param plus         the rows of the image that was pushed up
        /// @param plus_len     how many elements, at least those of the layout
        /// @param layout       how both lie in memory; its height is the number of these rows
        /// @param options      how images are read
        #[must_use]
        #[unsafe(no_mangle)]
        pub unsafe extern "C" fn $push(
            progress: *mut Progress,
            fold: *const $fold,
            state: *mut $value,
            state_len: usize,
            minus: *const $type,
            minus_len: usize,
            plus: *const $type,
            plus_len: usize,
            layout: *const Layout,
            options: *const quell_readout,
        ) -> quell_status {
            run(|| {
                let progress = Buffer::output(Argument::Progress, progress, 1)?;
                let state = Buffer::output(Argument::State, state, state_len)?;
                // SAFETY: checked before use; valid by the contract of the C ABI.
                unsafe {
                    let fold = FoldBuffers::open(Argument::Fold, fold)?;
                    let images = Images::<$stored>::input(minus.cast(), minus_len, plus.cast(), plus_len, layout)?;
                    let [a, b, c] = images.ranges();
                    let inputs = [a, b, c, extent(options)];
                    fold.apart_from(&[progress.written(), state.written()], &inputs)?;
                    let readout = read(Argument::Options, options)?.cast()?;
                    let mut fold = fold.cast()?;
                    let (minus, plus, state) = (images.minus.slice(), images.plus.slice(), state.slice_mut());
                    progress.slice_mut().iter_mut().try_for_each(|progress| {
                        readout.push_rows(progress, &mut fold, minus, plus, &images.layout, state)
                    })
                }
            })
        }
    };
}
pushes!(u8 as u8, f32, quell_fold_f32_u8, quell_readout_push_rows_u8_u8);
pushes!(u8 as u8, f32, quell_fold_f32_u16, quell_readout_push_rows_u8_u16);
pushes!(f32 as f32, f32, quell_fold_f32_u8, quell_readout_push_rows_f32_u8);
pushes!(f32 as f32, f32, quell_fold_f32_u16, quell_readout_push_rows_f32_u16);
pushes!(f64 as f64, f64, quell_fold_f64_u8, quell_readout_push_rows_f64_u8);
pushes!(f64 as f64, f64, quell_fold_f64_u16, quell_readout_push_rows_f64_u16);
pushes!(u16 as f16, f32, quell_fold_f32_u8, quell_readout_push_rows_f16_u8);
pushes!(u16 as f16, f32, quell_fold_f32_u16, quell_readout_push_rows_f16_u16);
pushes!(u16 as bf16, f32, quell_fold_f32_u8, quell_readout_push_rows_bf16_u8);
pushes!(u16 as bf16, f32, quell_fold_f32_u16, quell_readout_push_rows_bf16_u16);

/// Stamps the read-out of images of one type into a map.
macro_rules! maps {
    ($type:ty as $stored:ty, $value:ty, $push:ident) => {
        /// Takes the next rows of a mask's two images, and writes the rows of the filtered map that they complete, for a map
        /// that is looked at as a whole before it is folded.
        ///
        /// @param progress     how far the mask has come; its label does not matter
        /// @param map          map_len elements, row by row; rows that are not complete stay as they are
        /// @param map_len      height width
        /// @param state        what is kept from call to call; for the first rows of a mask it may hold anything, for further
        ///                     ones what the call before left there
        /// @param state_len    how much, at least quell_readout_state_len()
        /// @param minus        the rows of the image that was pushed down
        /// @param minus_len    how many elements, at least those of the layout: quell_layout_len()
        /// @param plus         the rows of the image that was pushed up
        /// @param plus_len     how many elements, at least those of the layout
        /// @param layout       how both lie in memory; its height is the number of these rows
        /// @param options      how images are read
        #[must_use]
        #[unsafe(no_mangle)]
        pub unsafe extern "C" fn $push(
            progress: *mut Progress,
            map: *mut $value,
            map_len: usize,
            state: *mut $value,
            state_len: usize,
            minus: *const $type,
            minus_len: usize,
            plus: *const $type,
            plus_len: usize,
            layout: *const Layout,
            options: *const quell_readout,
        ) -> quell_status {
            run(|| {
                let progress = Buffer::output(Argument::Progress, progress, 1)?;
                let map = Buffer::output(Argument::Map, map, map_len)?;
                let state = Buffer::output(Argument::State, state, state_len)?;
                // SAFETY: checked before use; valid by the contract of the C ABI.
                unsafe {
                    let images = Images::<$stored>::input(minus.cast(), minus_len, plus.cast(), plus_len, layout)?;
                    let [a, b, c] = images.ranges();
                    let inputs = [a, b, c, extent(options)];
                    all_apart(&[progress.written(), map.written(), state.written()], &inputs)?;
                    let readout = read(Argument::Options, options)?.cast()?;
                    let (minus, plus) = (images.minus.slice(), images.plus.slice());
                    let (map, state) = (map.slice_mut(), state.slice_mut());
                    progress.slice_mut().iter_mut().try_for_each(|progress| {
                        readout.push_rows_to_map(progress, map, minus, plus, &images.layout, state)
                    })
                }
            })
        }
    };
}
maps!(u8 as u8, f32, quell_readout_push_rows_to_map_u8);
maps!(f32 as f32, f32, quell_readout_push_rows_to_map_f32);
maps!(f64 as f64, f64, quell_readout_push_rows_to_map_f64);
maps!(u16 as f16, f32, quell_readout_push_rows_to_map_f16);
maps!(u16 as bf16, f32, quell_readout_push_rows_to_map_bf16);

/// Stamps the divisions of maps of one type.
macro_rules! divisions {
    ($type:ty, $divide:ident) => {
        /// Divides a map by a number.
        ///
        /// @param map      map_len elements
        /// @param map_len  how many
        /// @param divisor  positive: quell_difference_size_divisor_by_max() or the like
        #[must_use]
        #[unsafe(no_mangle)]
        pub unsafe extern "C" fn $divide(map: *mut $type, map_len: usize, divisor: f64) -> quell_status {
            run(|| {
                let map = Buffer::output(Argument::Map, map, map_len)?;
                // SAFETY: checked above; valid by the contract of the C ABI.
                divide(unsafe { map.slice_mut() }, divisor)
            })
        }
    };
}
divisions!(f32, quell_map_divide_f32);
divisions!(f64, quell_map_divide_f64);
