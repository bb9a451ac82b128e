//! Running means and spreads, of which all tables are made.

use crate::pointer::{Buffer, extent, read, write};
use crate::status::{quell_status, run};
use quell::Argument;
use quell::diffusion::bound::Moments;

/// Takes one more value.
///
/// @param moments  the moments; all zeros for a start
/// @param value    finite
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn quell_moments_add(moments: *mut Moments, value: f64) -> quell_status {
    run(|| {
        let buffer = Buffer::output(Argument::Moments, moments, 1)?;
        // SAFETY: checked above; valid by the contract of the C ABI.
        unsafe { buffer.slice_mut() }.iter_mut().try_for_each(|moments| moments.add(value))
    })
}

/// Takes all values of others, each into the moments of the same position: for whole tables, those of other machines
/// say, that have the same grid.
///
/// @param moments  n elements
/// @param other    n elements
/// @param n        how many
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn quell_moments_merge(moments: *mut Moments, other: *const Moments, n: usize) -> quell_status {
    run(|| {
        let moments = Buffer::output(Argument::Moments, moments, n)?;
        let other = Buffer::input(Argument::Other, other, n)?;
        moments.apart_from(&[other.range()])?;
        // SAFETY: checked above; valid by the contract of the C ABI.
        let (moments, other) = unsafe { (moments.slice_mut(), other.slice()) };
        moments.iter_mut().zip(other).for_each(|(here, there)| here.merge(there));
        Ok(())
    })
}

/// Stamps what follows from the moments.
macro_rules! results {
    ($($(#[$doc:meta])* $name:ident, $of:ident;)*) => {$(
        $(#[$doc])*
        #[must_use]
        #[unsafe(no_mangle)]
        pub unsafe extern "C" fn $name(out: *mut f64, moments: *const Moments) -> quell_status {
            run(|| {
                // SAFETY: checked before use; valid by the contract of the C ABI.
                unsafe {
                    let value = read(Argument::Moments, moments)?;
                    write(Argument::Out, out, &[extent(moments)], || Ok(value.$of()))
                }
            })
        }
    )*};
}
results! {
    /// The unbiased variance of the values; NaN where there are fewer than two.
    ///
    /// @param out      the variance
    /// @param moments  the moments
    quell_moments_variance, variance;
    /// The standard error of the mean, sqrt(variance/count), for values that are independent; NaN where there are fewer
    /// than two.
    ///
    /// @param out      the standard error
    /// @param moments  the moments
    quell_moments_standard_error, standard_error;
}
