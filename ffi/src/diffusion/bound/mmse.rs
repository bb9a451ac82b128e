//! The curve mmse(sigma) = E|x0 - D(x, sigma)|^2: its table, and the bound of an ideal denoiser from it.

use super::{Curve, of_grid};
use crate::diffusion::solver::{Options, quell_sde_dpmpp_2m};
use crate::pointer::{Buffer, extent, read, write};
use crate::status::{quell_status, run};
use quell::diffusion::bound::{
    MmseTable, Moments, information_from_mmse, make_monotone, monotone_scratch_len, multistep,
};
use quell::{Argument, bf16, f16};

/// Stamps the additions to the table.
macro_rules! adds {
    ($x:ty as $stored_x:ty, $m:ty as $stored_m:ty, $add:ident) => {
        /// Takes what the denoiser made of one sample, or of a batch of them, at one level: |x0 - denoised|^2.
        ///
        /// @param moments    grid_len elements, one for each level; all zeros for a start
        /// @param grid       the levels as noise-to-signal ratios, positive and strictly decreasing
        /// @param grid_len   how many, at least 1
        /// @param x0         the clean samples, n elements
        /// @param denoised   what the denoiser made of them, n elements
        /// @param n          how many, a multiple of dimension
        /// @param index      the position of the level in the grid
        /// @param dimension  the elements of a sample
        #[must_use]
        #[unsafe(no_mangle)]
        pub unsafe extern "C" fn $add(
            moments: *mut Moments,
            grid: *const f64,
            grid_len: usize,
            x0: *const $x,
            denoised: *const $m,
            n: usize,
            index: usize,
            dimension: usize,
        ) -> quell_status {
            run(|| {
                let moments = Buffer::output(Argument::Moments, moments, grid_len)?;
                let grid = Buffer::input(Argument::Grid, grid, grid_len)?;
                let x0 = Buffer::input(Argument::X0, x0.cast::<$stored_x>(), n)?;
                let denoised = Buffer::input(Argument::Denoised, denoised.cast::<$stored_m>(), n)?;
                moments.apart_from(&[grid.range(), x0.range(), denoised.range()])?;
                // SAFETY: checked above; valid by the contract of the C ABI.
                unsafe {
                    let mut table = of_grid(MmseTable::new(grid.slice(), moments.slice_mut()))?;
                    table.add_batch(index, x0.slice(), denoised.slice(), dimension)
                }
            })
        }
    };
}
adds!(f32 as f32, f32 as f32, quell_mmse_add_f32);
adds!(f64 as f64, f64 as f64, quell_mmse_add_f64);
adds!(u16 as f16, u16 as f16, quell_mmse_add_f16);
adds!(u16 as bf16, u16 as bf16, quell_mmse_add_bf16);
adds!(f32 as f32, u16 as f16, quell_mmse_add_f32_f16);
adds!(f32 as f32, u16 as bf16, quell_mmse_add_f32_bf16);

/// Fills the mean squared error at each level.
///
/// @param mmse      grid_len elements
/// @param moments   grid_len elements, none without a sample
/// @param grid      the levels of the table
/// @param grid_len  how many
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn quell_mmse_from_moments(
    mmse: *mut f64,
    moments: *const Moments,
    grid: *const f64,
    grid_len: usize,
) -> quell_status {
    run(|| {
        let mmse = Buffer::output(Argument::Mmse, mmse, grid_len)?;
        let moments = Buffer::input(Argument::Moments, moments, grid_len)?;
        let grid = Buffer::input(Argument::Grid, grid, grid_len)?;
        mmse.apart_from(&[moments.range(), grid.range()])?;
        // SAFETY: checked above; valid by the contract of the C ABI.
        unsafe { of_grid(MmseTable::view(grid.slice(), moments.slice()))?.fill_mmse(mmse.slice_mut()) }
    })
}

/// Fills the standard error of the mean squared error at each level.
///
/// @param errors    grid_len elements
/// @param moments   grid_len elements, none with fewer than two samples
/// @param grid      the levels of the table
/// @param grid_len  how many
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn quell_mmse_standard_errors(
    errors: *mut f64,
    moments: *const Moments,
    grid: *const f64,
    grid_len: usize,
) -> quell_status {
    run(|| {
        let errors = Buffer::output(Argument::Errors, errors, grid_len)?;
        let moments = Buffer::input(Argument::Moments, moments, grid_len)?;
        let grid = Buffer::input(Argument::Grid, grid, grid_len)?;
        errors.apart_from(&[moments.range(), grid.range()])?;
        // SAFETY: checked above; valid by the contract of the C ABI.
        unsafe { of_grid(MmseTable::view(grid.slice(), moments.slice()))?.fill_standard_errors(errors.slice_mut()) }
    })
}

/// The length of the scratch of quell_mmse_make_monotone(); SIZE_MAX when that overflows.
///
/// @param levels  how many levels the curve has
#[must_use]
#[unsafe(no_mangle)]
pub extern "C" fn quell_monotone_scratch_len(levels: usize) -> usize {
    monotone_scratch_len(levels)
}

/// Replaces a curve by the nearest one that does not rise towards less noise, as a true one does not: the isotonic
/// regression, nearest in the sum of squares with weights.
///
/// @param mmse         n elements
/// @param scratch      memory to work in
/// @param scratch_len  how much, at least quell_monotone_scratch_len(n)
/// @param weights      n elements, positive: the numbers of samples, say
/// @param n            how many levels
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn quell_mmse_make_monotone(
    mmse: *mut f64,
    scratch: *mut f64,
    scratch_len: usize,
    weights: *const f64,
    n: usize,
) -> quell_status {
    run(|| {
        let mmse = Buffer::output(Argument::Mmse, mmse, n)?;
        let scratch = Buffer::output(Argument::Scratch, scratch, scratch_len)?;
        let weights = Buffer::input(Argument::Weights, weights, n)?;
        mmse.apart_from(&[scratch.range(), weights.range()])?;
        scratch.apart_from(&[weights.range()])?;
        // SAFETY: checked above; valid by the contract of the C ABI.
        unsafe { make_monotone(mmse.slice_mut(), weights.slice(), scratch.slice_mut()) }
    })
}

/// Fills the mutual information of x0 and the state in nats, from 0 at the noisiest level.
///
/// @param information  grid_len elements
/// @param grid         the levels
/// @param mmse         the mean squared error at each, grid_len elements
/// @param grid_len     how many, at least 2
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn quell_information_from_mmse(
    information: *mut f64,
    grid: *const f64,
    mmse: *const f64,
    grid_len: usize,
) -> quell_status {
    run(|| {
        let information = Buffer::output(Argument::Information, information, grid_len)?;
        let grid = Buffer::input(Argument::Grid, grid, grid_len)?;
        let mmse = Buffer::input(Argument::Mmse, mmse, grid_len)?;
        information.apart_from(&[grid.range(), mmse.range()])?;
        // SAFETY: checked above; valid by the contract of the C ABI.
        of_grid(unsafe { information_from_mmse(information.slice_mut(), grid.slice(), mmse.slice()) })
    })
}

/// Stamps the values of a curve between its points.
macro_rules! values {
    ($($(#[$doc:meta])* $name:ident, $at:ident;)*) => {$(
        $(#[$doc])*
        #[must_use]
        #[unsafe(no_mangle)]
        pub unsafe extern "C" fn $name(
            out: *mut f64,
            grid: *const f64,
            mmse: *const f64,
            information: *const f64,
            grid_len: usize,
            sigma: f64,
        ) -> quell_status {
            run(|| {
                let curve = Curve::input(grid, mmse, information, grid_len)?;
                // SAFETY: checked above and before use; valid by the contract of the C ABI.
                unsafe { write(Argument::Out, out, &curve.ranges(), || curve.cast()?.$at(sigma)) }
            })
        }
    )*};
}
values! {
    /// The mean squared error at a sigma.
    ///
    /// @param out          the mean squared error
    /// @param grid         the levels of the curve
    /// @param mmse         the mean squared error at each, grid_len elements
    /// @param information  the information at each, grid_len elements
    /// @param grid_len     how many, at least 2
    /// @param sigma        within the grid
    quell_mmse_at, mmse_at;
    /// The mutual information at a sigma, counted as that of the curve.
    ///
    /// @param out          the information in nats
    /// @param grid         the levels of the curve
    /// @param mmse         the mean squared error at each, grid_len elements
    /// @param information  the information at each, grid_len elements
    /// @param grid_len     how many, at least 2
    /// @param sigma        within the grid
    quell_information_at, information_at;
}

/// The bound (KLUB) of stochastic DDIM on a schedule, for an ideal denoiser with this curve.
///
/// @param out          the bound in nats
/// @param sigmas       the schedule, strictly decreasing and within the grid
/// @param sigmas_len   how many, at least 2
/// @param grid         the levels of the curve
/// @param mmse         the mean squared error at each, grid_len elements
/// @param information  the information at each, grid_len elements, from any zero
/// @param grid_len     how many, at least 2
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn quell_mmse_klub(
    out: *mut f64,
    sigmas: *const f64,
    sigmas_len: usize,
    grid: *const f64,
    mmse: *const f64,
    information: *const f64,
    grid_len: usize,
) -> quell_status {
    run(|| {
        let sigmas = Buffer::input(Argument::Sigmas, sigmas, sigmas_len)?;
        let curve = Curve::input(grid, mmse, information, grid_len)?;
        let [a, b, c] = curve.ranges();
        // SAFETY: checked above and before use; valid by the contract of the C ABI.
        unsafe { write(Argument::Out, out, &[sigmas.range(), a, b, c], || curve.cast()?.klub(sigmas.slice())) }
    })
}

/// Fills the bound of the step between each pair of points of the curve, packed as those of quell_pairs_costs() are.
///
/// @param costs        costs_len elements
/// @param costs_len    quell_pairs_len(grid_len)
/// @param grid         the levels of the curve
/// @param mmse         the mean squared error at each, grid_len elements
/// @param information  the information at each, grid_len elements
/// @param grid_len     how many, at least 2
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn quell_mmse_costs(
    costs: *mut f64,
    costs_len: usize,
    grid: *const f64,
    mmse: *const f64,
    information: *const f64,
    grid_len: usize,
) -> quell_status {
    run(|| {
        let costs = Buffer::output(Argument::Costs, costs, costs_len)?;
        let curve = Curve::input(grid, mmse, information, grid_len)?;
        costs.apart_from(&curve.ranges())?;
        // SAFETY: checked above; valid by the contract of the C ABI.
        unsafe { curve.cast()?.fill_costs(costs.slice_mut()) }
    })
}

/// The bound of SDE-DPM-Solver++(2M) on a schedule, from that of stochastic DDIM on the same schedule.
///
/// @param out         the bound in nats
/// @param sigmas      the schedule, positive and strictly decreasing
/// @param mmse        the mean squared error at each of the sigmas, not rising towards less noise
/// @param sigmas_len  how many, at least 2
/// @param options     the solver's options, with eta above 0 and s_noise = 1
/// @param klub        the bound of the first order: quell_mmse_klub() and the like
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn quell_sde_dpmpp_2m_klub(
    out: *mut f64,
    sigmas: *const f64,
    mmse: *const f64,
    sigmas_len: usize,
    options: *const quell_sde_dpmpp_2m,
    klub: f64,
) -> quell_status {
    run(|| {
        let sigmas = Buffer::input(Argument::Sigmas, sigmas, sigmas_len)?;
        let mmse = Buffer::input(Argument::Mmse, mmse, sigmas_len)?;
        // SAFETY: checked above and before use; valid by the contract of the C ABI.
        unsafe {
            let solver = read(Argument::Options, options)?.cast()?;
            write(Argument::Out, out, &[sigmas.range(), mmse.range(), extent(options)], || {
                multistep::klub(klub, sigmas.slice(), mmse.slice(), &solver)
            })
        }
    })
}

/// E|D - D~|^2 of a combination D~ of an ideal denoiser's outputs at levels of one noising path, D being the last of
/// them.
///
/// @param out          the mean square
/// @param mmse         the mean squared errors from the noisiest level to the current one, not rising
/// @param mmse_len     how many, at least 1
/// @param weights      the weights of all but the current level, which has what is missing to a sum of 1
/// @param weights_len  mmse_len - 1
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn quell_history_error(
    out: *mut f64,
    mmse: *const f64,
    mmse_len: usize,
    weights: *const f64,
    weights_len: usize,
) -> quell_status {
    run(|| {
        let mmse = Buffer::input(Argument::Mmse, mmse, mmse_len)?;
        let weights = Buffer::input(Argument::Weights, weights, weights_len)?;
        // SAFETY: checked above and before use; valid by the contract of the C ABI.
        unsafe {
            write(Argument::Out, out, &[mmse.range(), weights.range()], || {
                multistep::history_error(mmse.slice(), weights.slice())
            })
        }
    })
}
