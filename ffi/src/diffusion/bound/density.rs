//! Schedules from a density of steps.

use crate::pointer::Buffer;
use crate::status::{quell_status, run};
use quell::Argument;
use quell::diffusion::bound::density;

/// Stamps the densities of an mmse curve.
macro_rules! densities {
    ($($(#[$doc:meta])* $name:ident, $fill:ident;)*) => {$(
        $(#[$doc])*
        #[must_use]
        #[unsafe(no_mangle)]
        pub unsafe extern "C" fn $name(
            density: *mut f64,
            grid: *const f64,
            mmse: *const f64,
            grid_len: usize,
        ) -> quell_status {
            run(|| {
                let density = Buffer::output(Argument::Density, density, grid_len)?;
                let grid = Buffer::input(Argument::Grid, grid, grid_len)?;
                let mmse = Buffer::input(Argument::Mmse, mmse, grid_len)?;
                density.apart_from(&[grid.range(), mmse.range()])?;
                // SAFETY: checked above; valid by the contract of the C ABI.
                unsafe { density::$fill(density.slice_mut(), grid.slice(), mmse.slice()) }
            })
        }
    )*};
}
densities! {
    /// Fills the density of the least bound for many steps, sqrt(-dmmse/dsigma^-2)/sigma^2: steps per unit of ln sigma,
    /// up to a common factor.
    ///
    /// @param density   grid_len elements
    /// @param grid      the levels of the curve, positive and strictly decreasing
    /// @param mmse      the mean squared error at each, grid_len elements; see quell_mmse_make_monotone()
    /// @param grid_len  how many, at least 2
    quell_density_klub, fill_klub;
    /// Fills mmse/sigma^2: levels that divide the information evenly.
    ///
    /// @param density   grid_len elements
    /// @param grid      the levels of the curve, positive and strictly decreasing
    /// @param mmse      the mean squared error at each, grid_len elements
    /// @param grid_len  how many, at least 2
    quell_density_entropic, fill_entropic;
    /// Fills mmse/sigma: the same rescaled by sigma, for which a step at much noise counts for more.
    ///
    /// @param density   grid_len elements
    /// @param grid      the levels of the curve, positive and strictly decreasing
    /// @param mmse      the mean squared error at each, grid_len elements
    /// @param grid_len  how many, at least 2
    quell_density_rescaled_entropic, fill_rescaled_entropic;
}

/// Fills sigmas that divide the integral of a density over ln sigma evenly, from one end of the grid to the other.
///
/// @param sigmas      sigmas_len elements, one more than there are steps
/// @param sigmas_len  how many, at least 2
/// @param grid        the levels that the density is known at, positive and strictly decreasing
/// @param density     the density at each, grid_len elements, not negative
/// @param grid_len    how many, at least 2
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn quell_sigmas_from_density(
    sigmas: *mut f64,
    sigmas_len: usize,
    grid: *const f64,
    density: *const f64,
    grid_len: usize,
) -> quell_status {
    run(|| {
        let sigmas = Buffer::output(Argument::Sigmas, sigmas, sigmas_len)?;
        let grid = Buffer::input(Argument::Grid, grid, grid_len)?;
        let density = Buffer::input(Argument::Density, density, grid_len)?;
        sigmas.apart_from(&[grid.range(), density.range()])?;
        // SAFETY: checked above; valid by the contract of the C ABI.
        unsafe { density::fill_sigmas(sigmas.slice_mut(), grid.slice(), density.slice()) }
    })
}
