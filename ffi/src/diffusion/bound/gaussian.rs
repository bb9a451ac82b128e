//! Gaussian data, for which all is known in closed form.

use crate::diffusion::noise::cast_last;
use crate::diffusion::solver::{Options, quell_sde_dpmpp_2m};
use crate::pointer::{Buffer, extent, read, write};
use crate::status::{quell_status, run};
use quell::Argument;
use quell::diffusion::bound::{Gaussian, OutputLaw};

/// Stamps what holds at one level.
macro_rules! at_levels {
    ($($(#[$doc:meta])* $name:ident, $at:ident;)*) => {$(
        $(#[$doc])*
        #[must_use]
        #[unsafe(no_mangle)]
        pub unsafe extern "C" fn $name(out: *mut f64, sigma: f64, c: f64, dimension: usize) -> quell_status {
            // SAFETY: checked before use; valid by the contract of the C ABI.
            run(|| unsafe { write(Argument::Out, out, &[], || Gaussian::new(c, dimension)?.$at(sigma)) })
        }
    )*};
}
at_levels! {
    /// E|x0 - D|^2 of the ideal denoiser of N(0, c^2) data.
    ///
    /// @param out        the mean squared error
    /// @param sigma      not negative
    /// @param c          the standard deviation of the data
    /// @param dimension  its dimensions, at least 1
    quell_gaussian_mmse, mmse;
    /// The mutual information of N(0, c^2) data and the state, in nats.
    ///
    /// @param out        the information
    /// @param sigma      positive
    /// @param c          the standard deviation of the data
    /// @param dimension  its dimensions, at least 1
    quell_gaussian_information, information;
}

/// The bound (KLUB) of stochastic DDIM on a schedule for N(0, c^2) data.
///
/// @param out         the bound in nats
/// @param sigmas      the schedule, positive and strictly decreasing
/// @param sigmas_len  how many, at least 2
/// @param c           the standard deviation of the data
/// @param dimension   its dimensions, at least 1
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn quell_gaussian_klub(
    out: *mut f64,
    sigmas: *const f64,
    sigmas_len: usize,
    c: f64,
    dimension: usize,
) -> quell_status {
    run(|| {
        let sigmas = Buffer::input(Argument::Sigmas, sigmas, sigmas_len)?;
        // SAFETY: checked above and before use; valid by the contract of the C ABI.
        unsafe { write(Argument::Out, out, &[sigmas.range()], || Gaussian::new(c, dimension)?.klub(sigmas.slice())) }
    })
}

/// The bound of SDE-DPM-Solver++(2M) on a schedule for N(0, c^2) data.
///
/// @param out         the bound in nats
/// @param sigmas      the schedule, positive and strictly decreasing
/// @param sigmas_len  how many, at least 2
/// @param options     the solver's options, with eta above 0 and s_noise = 1
/// @param c           the standard deviation of the data
/// @param dimension   its dimensions, at least 1
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn quell_gaussian_klub_sde_dpmpp_2m(
    out: *mut f64,
    sigmas: *const f64,
    sigmas_len: usize,
    options: *const quell_sde_dpmpp_2m,
    c: f64,
    dimension: usize,
) -> quell_status {
    run(|| {
        let sigmas = Buffer::input(Argument::Sigmas, sigmas, sigmas_len)?;
        // SAFETY: checked above and before use; valid by the contract of the C ABI.
        unsafe {
            let solver = read(Argument::Options, options)?.cast()?;
            write(Argument::Out, out, &[sigmas.range(), extent(options)], || {
                Gaussian::new(c, dimension)?.klub_two_m(sigmas.slice(), &solver)
            })
        }
    })
}

/// Stamps the laws of what solvers put out.
macro_rules! laws {
    ($($(#[$doc:meta])* $name:ident, $law:ident;)*) => {$(
        $(#[$doc])*
        #[must_use]
        #[unsafe(no_mangle)]
        pub unsafe extern "C" fn $name(
            out: *mut OutputLaw,
            sigmas: *const f64,
            sigmas_len: usize,
            c: f64,
            dimension: usize,
        ) -> quell_status {
            run(|| {
                let sigmas = Buffer::input(Argument::Sigmas, sigmas, sigmas_len)?;
                // SAFETY: checked above and before use; valid by the contract of the C ABI.
                unsafe {
                    write(Argument::Out, out, &[sigmas.range()], || Gaussian::new(c, dimension)?.$law(sigmas.slice()))
                }
            })
        }
    )*};
}
laws! {
    /// What Euler's method, DDIM, puts out for N(0, c^2) data from the exact law at the first level.
    ///
    /// @param out         the law
    /// @param sigmas      the schedule, strictly decreasing; the last may be 0
    /// @param sigmas_len  how many, at least 2
    /// @param c           the standard deviation of the data
    /// @param dimension   its dimensions, at least 1
    quell_gaussian_euler, euler;
    /// What stochastic DDIM (eta = 1) puts out for N(0, c^2) data from the exact law at the first level.
    ///
    /// @param out         the law
    /// @param sigmas      the schedule, strictly decreasing; the last may be 0
    /// @param sigmas_len  how many, at least 2
    /// @param c           the standard deviation of the data
    /// @param dimension   its dimensions, at least 1
    quell_gaussian_stochastic_ddim, stochastic_ddim;
}

/// Fills sigmas with the schedule of the least bound for N(0, c^2) data: 1 + c^2/sigma^2 is geometric. For the schedule
/// that is best for Euler's method see quell_sigmas_arctan().
///
/// @param sigmas      sigmas_len elements, one more than there are steps
/// @param sigmas_len  how many, at least 2
/// @param sigma_min   positive
/// @param sigma_max   greater
/// @param c           positive
/// @param last        a quell_last; with QUELL_LAST_ZERO a 0 is appended to the span
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn quell_sigmas_gaussian_klub(
    sigmas: *mut f64,
    sigmas_len: usize,
    sigma_min: f64,
    sigma_max: f64,
    c: f64,
    last: i32,
) -> quell_status {
    run(|| {
        let sigmas = Buffer::output(Argument::Sigmas, sigmas, sigmas_len)?;
        let last = cast_last(last)?;
        // SAFETY: checked above; valid by the contract of the C ABI.
        Gaussian::new(c, 1)?.fill_klub_optimum(unsafe { sigmas.slice_mut() }, sigma_min, sigma_max, last)
    })
}

/// Stamps the best levels between two others.
macro_rules! middles {
    ($($(#[$doc:meta])* $name:ident, $middle:ident;)*) => {$(
        $(#[$doc])*
        #[must_use]
        #[unsafe(no_mangle)]
        pub unsafe extern "C" fn $name(out: *mut f64, from: f64, to: f64, c: f64) -> quell_status {
            // SAFETY: checked before use; valid by the contract of the C ABI.
            run(|| unsafe { write(Argument::Out, out, &[], || Gaussian::new(c, 1)?.$middle(from, to)) })
        }
    )*};
}
middles! {
    /// The level between two others at which the bound of the two steps is least for N(0, c^2) data.
    ///
    /// @param out   the level
    /// @param from  the noisier one
    /// @param to    the other, positive and not above from
    /// @param c     the standard deviation of the data
    quell_gaussian_klub_middle, klub_middle;
    /// The level between two others at which Euler's method is best on the two steps for N(0, c^2) data.
    ///
    /// @param out   the level
    /// @param from  the noisier one
    /// @param to    the other, positive and not above from
    /// @param c     the standard deviation of the data
    quell_gaussian_euler_middle, euler_middle;
}
