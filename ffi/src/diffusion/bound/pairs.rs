//! The squared distances of a denoiser's outputs at all pairs of levels, for denoisers that are not quite ideal.

use super::{Costs, Pairs, of_grid};
use crate::pointer::{Buffer, write};
use crate::status::{quell_status, run};
use quell::diffusion::bound::{Moments, PairTable, fill_path, pairs_len};
use quell::random::Stream;
use quell::{Argument, bf16, f16};

/// The length of a packed triangle over so many levels: row `from` holds from, from + 1, ..., after the rows of all
/// noisier levels. SIZE_MAX when that overflows.
///
/// @param levels  how many levels
#[must_use]
#[unsafe(no_mangle)]
pub extern "C" fn quell_pairs_len(levels: usize) -> usize {
    pairs_len(levels)
}

/// Stamps the paths of one type.
macro_rules! paths {
    ($type:ty as $stored:ty, $path:ident) => {
        /// Fills the states of one noising path of a sample, one for each level, from the noisiest down. The noise of
        /// level k is draw number step + k of the stream, whatever was drawn before.
        ///
        /// @param x         x_len elements
        /// @param x_len     x0_len grid_len
        /// @param x0        the clean sample
        /// @param x0_len    its elements
        /// @param grid      the levels, positive and strictly decreasing
        /// @param grid_len  how many, at least 1
        /// @param seed      which sequence of experiments
        /// @param stream    which independent use of the seed
        /// @param step      which draw of that use the noise of the first level is
        #[must_use]
        #[unsafe(no_mangle)]
        pub unsafe extern "C" fn $path(
            x: *mut $type,
            x_len: usize,
            x0: *const $type,
            x0_len: usize,
            grid: *const f64,
            grid_len: usize,
            seed: u64,
            stream: u32,
            step: u32,
        ) -> quell_status {
            run(|| {
                let x = Buffer::output(Argument::X, x.cast::<$stored>(), x_len)?;
                let x0 = Buffer::input(Argument::X0, x0.cast::<$stored>(), x0_len)?;
                let grid = Buffer::input(Argument::Grid, grid, grid_len)?;
                x.apart_from(&[x0.range(), grid.range()])?;
                // SAFETY: checked above; valid by the contract of the C ABI.
                let (x, x0, grid) = unsafe { (x.slice_mut(), x0.slice(), grid.slice()) };
                of_grid(fill_path(x, x0, grid, Stream { seed, stream, step }))
            })
        }
    };
}
paths!(f32 as f32, quell_noising_path_f32);
paths!(f64 as f64, quell_noising_path_f64);
paths!(u16 as f16, quell_noising_path_f16);
paths!(u16 as bf16, quell_noising_path_bf16);

/// Stamps the additions to the table.
macro_rules! adds {
    ($x:ty as $stored_x:ty, $m:ty as $stored_m:ty, $path:ident, $trajectory:ident) => {
        /// Takes what the denoiser made of one sample at all levels of one noising path (quell_noising_path_f32()):
        /// |D_to - D_from|^2 for each pair of levels, and |x0 - D|^2 on the diagonal.
        ///
        /// @param moments       moments_len elements; all zeros for a start
        /// @param moments_len   quell_pairs_len(grid_len)
        /// @param grid          the levels as noise-to-signal ratios, positive and strictly decreasing
        /// @param grid_len      how many, at least 2
        /// @param x0            the clean sample
        /// @param x0_len        its elements, at least 1
        /// @param denoised      the outputs from the noisiest level down, each as long as x0
        /// @param denoised_len  x0_len grid_len
        #[must_use]
        #[unsafe(no_mangle)]
        pub unsafe extern "C" fn $path(
            moments: *mut Moments,
            moments_len: usize,
            grid: *const f64,
            grid_len: usize,
            x0: *const $x,
            x0_len: usize,
            denoised: *const $m,
            denoised_len: usize,
        ) -> quell_status {
            run(|| {
                let moments = Buffer::output(Argument::Moments, moments, moments_len)?;
                let grid = Buffer::input(Argument::Grid, grid, grid_len)?;
                let x0 = Buffer::input(Argument::X0, x0.cast::<$stored_x>(), x0_len)?;
                let denoised = Buffer::input(Argument::Denoised, denoised.cast::<$stored_m>(), denoised_len)?;
                moments.apart_from(&[grid.range(), x0.range(), denoised.range()])?;
                // SAFETY: checked above; valid by the contract of the C ABI.
                unsafe {
                    let mut table = of_grid(PairTable::new(grid.slice(), moments.slice_mut()))?;
                    table.add_path(x0.slice(), denoised.slice())
                }
            })
        }

        /// Takes one trajectory of the probability flow, for quell_displacement_density() and its kin: its states from
        /// the noisiest level down, and what the denoiser made of each. A table takes either paths or trajectories.
        ///
        /// @param moments      moments_len elements; all zeros for a start
        /// @param moments_len  quell_pairs_len(grid_len)
        /// @param grid         the levels as noise-to-signal ratios, positive and strictly decreasing
        /// @param grid_len     how many, at least 2
        /// @param states       the states, n elements
        /// @param denoised     the outputs, n elements
        /// @param n            how many, grid_len dimension
        /// @param dimension    the elements of a state
        #[must_use]
        #[unsafe(no_mangle)]
        pub unsafe extern "C" fn $trajectory(
            moments: *mut Moments,
            moments_len: usize,
            grid: *const f64,
            grid_len: usize,
            states: *const $x,
            denoised: *const $m,
            n: usize,
            dimension: usize,
        ) -> quell_status {
            run(|| {
                let moments = Buffer::output(Argument::Moments, moments, moments_len)?;
                let grid = Buffer::input(Argument::Grid, grid, grid_len)?;
                let states = Buffer::input(Argument::States, states.cast::<$stored_x>(), n)?;
                let denoised = Buffer::input(Argument::Denoised, denoised.cast::<$stored_m>(), n)?;
                moments.apart_from(&[grid.range(), states.range(), denoised.range()])?;
                // SAFETY: checked above; valid by the contract of the C ABI.
                unsafe {
                    let mut table = of_grid(PairTable::new(grid.slice(), moments.slice_mut()))?;
                    table.add_trajectory(states.slice(), denoised.slice(), dimension)
                }
            })
        }
    };
}
adds!(f32 as f32, f32 as f32, quell_pairs_add_path_f32, quell_pairs_add_trajectory_f32);
adds!(f64 as f64, f64 as f64, quell_pairs_add_path_f64, quell_pairs_add_trajectory_f64);
adds!(u16 as f16, u16 as f16, quell_pairs_add_path_f16, quell_pairs_add_trajectory_f16);
adds!(u16 as bf16, u16 as bf16, quell_pairs_add_path_bf16, quell_pairs_add_trajectory_bf16);
adds!(f32 as f32, u16 as f16, quell_pairs_add_path_f32_f16, quell_pairs_add_trajectory_f32_f16);
adds!(f32 as f32, u16 as bf16, quell_pairs_add_path_f32_bf16, quell_pairs_add_trajectory_f32_bf16);

/// Fills the mean squared error at each level, from the diagonal of a table of paths.
///
/// @param mmse         grid_len elements
/// @param moments      the table, none of them without a sample
/// @param moments_len  quell_pairs_len(grid_len)
/// @param grid         its levels
/// @param grid_len     how many, at least 2
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn quell_pairs_mmse(
    mmse: *mut f64,
    moments: *const Moments,
    moments_len: usize,
    grid: *const f64,
    grid_len: usize,
) -> quell_status {
    run(|| {
        let mmse = Buffer::output(Argument::Mmse, mmse, grid_len)?;
        let table = Pairs::input(moments, moments_len, grid, grid_len)?;
        mmse.apart_from(&table.ranges())?;
        // SAFETY: checked above; valid by the contract of the C ABI.
        unsafe { table.cast()?.fill_mmse(mmse.slice_mut()) }
    })
}

/// Stamps the integrals over the table.
macro_rules! integrals {
    ($($(#[$doc:meta])* $name:ident, $out:ident, $argument:ident, $fill:ident;)*) => {$(
        $(#[$doc])*
        #[must_use]
        #[unsafe(no_mangle)]
        pub unsafe extern "C" fn $name(
            $out: *mut f64,
            moments: *const Moments,
            moments_len: usize,
            weights: *const f64,
            grid: *const f64,
            grid_len: usize,
        ) -> quell_status {
            run(|| {
                let out = Buffer::output(Argument::$argument, $out, moments_len)?;
                let table = Pairs::input(moments, moments_len, grid, grid_len)?;
                let weights = Buffer::input(Argument::Weights, weights, grid_len)?;
                let [a, b] = table.ranges();
                out.apart_from(&[a, b, weights.range()])?;
                // SAFETY: checked above; valid by the contract of the C ABI.
                unsafe { table.cast()?.$fill(out.slice_mut(), weights.slice()) }
            })
        }
    )*};
}
integrals! {
    /// Fills the bound of the step between each pair of levels, packed as the table is, with 0 on the diagonal.
    ///
    /// @param costs        moments_len elements
    /// @param moments      the table, none of them without a sample
    /// @param moments_len  quell_pairs_len(grid_len)
    /// @param weights      the solver's weight at each level, grid_len elements: 1 for stochastic DDIM and its
    ///                     multistep kin; quell_noise_scale_klub_weight() for the extended reverse-time SDEs
    /// @param grid         the levels of the table
    /// @param grid_len     how many, at least 2
    quell_pairs_costs, costs, Costs, fill_costs;
    /// Fills an upper bound on the standard error of each of the costs that quell_pairs_costs() gives.
    ///
    /// @param errors       moments_len elements
    /// @param moments      the table, none of them with fewer than two samples
    /// @param moments_len  quell_pairs_len(grid_len)
    /// @param weights      the solver's weight at each level, grid_len elements
    /// @param grid         the levels of the table
    /// @param grid_len     how many, at least 2
    quell_pairs_standard_errors, errors, Errors, fill_standard_errors;
}

/// The bound (KLUB) of a schedule from packed costs: those of quell_pairs_costs() or quell_mmse_costs().
///
/// @param out         the bound in nats
/// @param sigmas      the schedule, strictly decreasing and within the grid
/// @param sigmas_len  how many, at least 2
/// @param costs       costs_len elements
/// @param costs_len   quell_pairs_len(grid_len)
/// @param grid        the levels of the costs
/// @param grid_len    how many, at least 2
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn quell_costs_klub(
    out: *mut f64,
    sigmas: *const f64,
    sigmas_len: usize,
    costs: *const f64,
    costs_len: usize,
    grid: *const f64,
    grid_len: usize,
) -> quell_status {
    run(|| {
        let sigmas = Buffer::input(Argument::Sigmas, sigmas, sigmas_len)?;
        let costs = Costs::input(costs, costs_len, grid, grid_len)?;
        let [a, b] = costs.ranges();
        // SAFETY: checked above and before use; valid by the contract of the C ABI.
        unsafe { write(Argument::Out, out, &[sigmas.range(), a, b], || costs.cast()?.klub(sigmas.slice())) }
    })
}
