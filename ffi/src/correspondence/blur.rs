//! The separable Gaussian filter.

use crate::pointer::{Buffer, all_apart, extent, read, write};
use crate::status::{quell_status, run};
use quell::correspondence::blur::{Boundary, Gaussian, fill_kernel, filter, radius};
use quell::{Argument, Error};

/// How a filter continues a map beyond its edge. The names are those of scipy.ndimage.
#[repr(i32)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum quell_boundary {
    /// d c b a | a b c d | d c b a
    Reflect = 0,
    /// d c b | a b c d | c b a: what PIL and torchvision call reflect.
    Mirror = 1,
    /// a a a a | a b c d | d d d d
    Nearest = 2,
    /// a b c d | a b c d | a b c d: no row is filtered before the last one is there.
    Wrap = 3,
    /// 0 0 0 0 | a b c d | 0 0 0 0: scipy.ndimage's constant.
    Zero = 4,
}

fn cast_boundary(boundary: i32) -> Result<Boundary, Error> {
    match boundary {
        value if value == quell_boundary::Reflect as i32 => Ok(Boundary::Reflect),
        value if value == quell_boundary::Mirror as i32 => Ok(Boundary::Mirror),
        value if value == quell_boundary::Nearest as i32 => Ok(Boundary::Nearest),
        value if value == quell_boundary::Wrap as i32 => Ok(Boundary::Wrap),
        value if value == quell_boundary::Zero as i32 => Ok(Boundary::Zero),
        value => Err(Error::Unknown { argument: Argument::Boundary, value }),
    }
}

/// A Gaussian filter, with weights in proportion to exp(-j^2/(2 sigma^2)) for |j| up to a radius. A sigma of 0 is no filter,
/// whatever the radius. A radius may be larger than the map: reflections repeat.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct quell_blur {
    /// The standard deviation down the columns, in pixels.
    pub sigma_y: f64,
    /// The standard deviation along the rows.
    pub sigma_x: f64,
    /// How far the kernel reaches up and down.
    pub radius_y: usize,
    /// How far it reaches to the left and to the right.
    pub radius_x: usize,
    /// A quell_boundary.
    pub boundary: i32,
}

impl quell_blur {
    pub(super) fn of(filter: Gaussian) -> quell_blur {
        quell_blur {
            sigma_y: filter.sigma_y,
            sigma_x: filter.sigma_x,
            radius_y: filter.radius_y,
            radius_x: filter.radius_x,
            boundary: filter.boundary as i32,
        }
    }

    pub(super) fn cast(&self) -> Result<Gaussian, Error> {
        Ok(Gaussian {
            sigma_y: self.sigma_y,
            sigma_x: self.sigma_x,
            radius_y: self.radius_y,
            radius_x: self.radius_x,
            boundary: cast_boundary(self.boundary)?,
        })
    }
}

/// A number of which a filter is made.
pub(super) fn check_finite(argument: Argument, value: f64) -> Result<(), Error> {
    if value.is_finite() && value >= 0.0 { Ok(()) } else { Err(Error::Domain { argument, value }) }
}

/// The radius at which scipy.ndimage cuts a kernel off: floor(truncate sigma + 1/2).
///
/// @param sigma     the standard deviation
/// @param truncate  how many of them, usually 4
#[must_use]
#[unsafe(no_mangle)]
pub extern "C" fn quell_blur_radius(sigma: f64, truncate: f64) -> usize {
    radius(sigma, truncate)
}

/// scipy.ndimage's default: cut off at 4 standard deviations, reflected.
///
/// @param out    the filter
/// @param sigma  the standard deviation in pixels; not negative, 0 for no filter
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn quell_blur_default(out: *mut quell_blur, sigma: f64) -> quell_status {
    run(|| {
        check_finite(Argument::Sigma, sigma)?;
        // SAFETY: checked before use; valid by the contract of the C ABI.
        unsafe { write(Argument::Out, out, &[], || Ok(quell_blur::of(Gaussian::new(sigma)))) }
    })
}

/// The same filter in both directions, cut off at a number of standard deviations.
///
/// @param out       the filter
/// @param sigma     the standard deviation in pixels; not negative, 0 for no filter
/// @param truncate  how many of them; not negative
/// @param boundary  a quell_boundary
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn quell_blur_truncated(
    out: *mut quell_blur,
    sigma: f64,
    truncate: f64,
    boundary: i32,
) -> quell_status {
    run(|| {
        check_finite(Argument::Sigma, sigma)?;
        check_finite(Argument::Truncate, truncate)?;
        let boundary = cast_boundary(boundary)?;
        let filter = || Ok(quell_blur::of(Gaussian::truncated(sigma, truncate, boundary)));
        // SAFETY: checked before use; valid by the contract of the C ABI.
        unsafe { write(Argument::Out, out, &[], filter) }
    })
}

/// A kernel of 2 radius + 1 pixels with torchvision's default deviation for that size, 0.3 (radius - 1) + 0.8, and its
/// boundary.
///
/// @param out     the filter
/// @param radius  how far the kernel reaches
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn quell_blur_of_radius(out: *mut quell_blur, radius: usize) -> quell_status {
    // SAFETY: checked before use; valid by the contract of the C ABI.
    run(|| unsafe { write(Argument::Out, out, &[], || Ok(quell_blur::of(Gaussian::of_radius(radius)))) })
}

/// The length of the scratch of quell_blur_f32().
///
/// @param out      the length; SIZE_MAX when that overflows
/// @param options  the filter
/// @param height   the number of rows
/// @param width    the number of columns
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn quell_blur_scratch_len(
    out: *mut usize,
    options: *const quell_blur,
    height: usize,
    width: usize,
) -> quell_status {
    run(|| {
        // SAFETY: checked before use; valid by the contract of the C ABI.
        unsafe {
            let filter = read(Argument::Options, options)?.cast()?;
            write(Argument::Out, out, &[extent(options)], || Ok(filter.scratch_len(height, width)))
        }
    })
}

/// Stamps the filter of maps of one type.
macro_rules! blurs {
    ($type:ty, $kernel:ident, $blur:ident) => {
        /// Fills one half of a kernel, from the centre outwards: the whole one has 2 weights_len - 1 weights of sum 1.
        ///
        /// @param weights      weights_len elements
        /// @param weights_len  one more than the radius
        /// @param sigma        the standard deviation; not negative
        #[must_use]
        #[unsafe(no_mangle)]
        pub unsafe extern "C" fn $kernel(weights: *mut $type, weights_len: usize, sigma: f64) -> quell_status {
            run(|| {
                let weights = Buffer::output(Argument::Weights, weights, weights_len)?;
                // SAFETY: checked above; valid by the contract of the C ABI.
                fill_kernel(unsafe { weights.slice_mut() }, sigma)
            })
        }

        /// Filters a map in place.
        ///
        /// @param map          map_len elements, row by row
        /// @param map_len      height width
        /// @param scratch      memory to work in
        /// @param scratch_len  how much, at least quell_blur_scratch_len()
        /// @param options      the filter
        /// @param height       the number of rows
        /// @param width        the number of columns
        #[must_use]
        #[unsafe(no_mangle)]
        pub unsafe extern "C" fn $blur(
            map: *mut $type,
            map_len: usize,
            scratch: *mut $type,
            scratch_len: usize,
            options: *const quell_blur,
            height: usize,
            width: usize,
        ) -> quell_status {
            run(|| {
                let map = Buffer::output(Argument::Map, map, map_len)?;
                let scratch = Buffer::output(Argument::Scratch, scratch, scratch_len)?;
                all_apart(&[map.written(), scratch.written()], &[extent(options)])?;
                // SAFETY: checked above and before use; valid by the contract of the C ABI.
                unsafe {
                    let options = read(Argument::Options, options)?.cast()?;
                    filter(map.slice_mut(), height, width, &options, scratch.slice_mut())
                }
            })
        }
    };
}
blurs!(f32, quell_blur_kernel_f32, quell_blur_f32);
blurs!(f64, quell_blur_kernel_f64, quell_blur_f64);
