//! Schedules without a search: levels that divide the integral of a density of steps evenly.
//!
//! A density is a number for each level of a grid, how many steps there are per unit of ln σ, up to a common factor.
//! The curve mmse(σ) alone gives three that are known; [`fill_sigmas`] takes any.
//!
//! | density per ln σ | | where from |
//! | --- | --- | --- |
//! | √(−dmmse/dσ⁻²)·σ⁻² | [`fill_klub`] | the least bound for many steps: a step costs ¼·(−dmmse/dσ⁻²)·(Δσ⁻²)² |
//! | mmse/σ² | [`fill_entropic`] | equal gains of information (Stancevic et al. 2025); the least bound for Gaussian data |
//! | mmse/σ | [`fill_rescaled_entropic`] | the same rescaled by σ; theorem 3.1's schedule for Gaussian data |
//!
//! ```
//! use quell::diffusion::bound::{Gaussian, density};
//! use quell::diffusion::schedule::{Last, arctan, exponential};
//! let gaussian = Gaussian::new(0.5, 1)?;
//! let (mut grid, mut mmse, mut density) = ([0.0; 257], [0.0; 257], [0.0; 257]);
//! exponential::fill(&mut grid, 0.002, 80.0, Last::SigmaMin)?;
//! for (mmse, &sigma) in mmse.iter_mut().zip(&grid) {
//!     *mmse = gaussian.mmse(sigma)?;
//! }
//! density::fill_rescaled_entropic(&mut density, &grid, &mmse)?;
//! let (mut sigmas, mut arctan) = ([0.0; 11], [0.0; 11]);
//! density::fill_sigmas(&mut sigmas, &grid, &density)?;
//! arctan::fill(&mut arctan, 0.002, 80.0, 0.5, Last::SigmaMin)?;
//! assert!(sigmas.iter().zip(&arctan).all(|(a, b)| (a / b - 1.0).abs() < 1e-5));
//! # Ok::<(), quell::Error>(())
//! ```

use super::curve::check_curve;
use super::mmse::check_grid;
use super::quadrature::{Segment, half_log_snr};
use crate::diffusion::schedule::fill_decreasing;
use crate::error::{Argument, Error, check};

/// Fills the density of the least bound for many steps, √(−2·σ⁻²·dmmse/d(−ln σ)): twice the root mean square of the
/// Frobenius norm of the denoiser's Jacobian.
///
/// The derivative is that of the cubics through neighbouring points; 0 where it says that the curve rises towards less
/// noise. An estimate should be [made monotone](super::make_monotone) first, and be smooth on the scale of the grid.
///
/// # Errors
///
/// [`Error::TooShort`] for fewer than two `grid` levels; [`Error::Domain`] or [`Error::Order`] for `grid` that is not
/// positive and strictly decreasing; [`Error::Length`] for `mmse` or `density` of another length;
/// [`Error::Domain`] for `mmse` that is negative or not finite, and for a `density` that overflows.
pub fn fill_klub(density: &mut [f64], grid: &[f64], mmse: &[f64]) -> Result<(), Error> {
    let at = |index: usize| mmse.get(index).copied().unwrap_or(f64::NAN);
    let segment = |index| Segment::new(index, 0, grid.len(), |i| half_log_snr(grid, i), at);
    fill_each(density, grid, mmse, |index, sigma, _| {
        let last = grid.len().saturating_sub(1);
        // The slopes of two neighbouring cubics at their common point err to opposite sides.
        let after = segment(index.min(last.saturating_sub(1))).slopes();
        let [_, before] = segment(index.saturating_sub(1)).slopes();
        let slope = match index {
            0 => after[0],
            _ if index == last => before,
            _ => 0.5 * (before + after[0]),
        };
        if slope < 0.0 { libm::sqrt(-2.0 * slope) / sigma } else { 0.0 }
    })
}

/// Fills mmse/σ²: levels that divide the information evenly.
///
/// # Errors
///
/// As for [`fill_klub`].
pub fn fill_entropic(density: &mut [f64], grid: &[f64], mmse: &[f64]) -> Result<(), Error> {
    fill_each(density, grid, mmse, |_, sigma, mmse| mmse / sigma / sigma)
}

/// Fills mmse/σ: levels that divide ∫ σ·dI evenly, for which a step at much noise counts for more.
///
/// # Errors
///
/// As for [`fill_klub`].
pub fn fill_rescaled_entropic(density: &mut [f64], grid: &[f64], mmse: &[f64]) -> Result<(), Error> {
    fill_each(density, grid, mmse, |_, sigma, mmse| mmse / sigma)
}

fn fill_each(
    density: &mut [f64],
    grid: &[f64],
    mmse: &[f64],
    at: impl Fn(usize, f64, f64) -> f64,
) -> Result<(), Error> {
    check_curve(Argument::Grid, grid, mmse)?;
    check::length(Argument::Density, grid.len(), density.len())?;
    let values = || grid.iter().zip(mmse).enumerate().map(|(index, (&sigma, &mmse))| at(index, sigma, mmse));
    values().try_for_each(|value| check::finite(Argument::Density, value).map(drop))?;
    density.iter_mut().zip(values()).for_each(|(density, value)| *density = value);
    Ok(())
}

/// Fills `sigmas` with levels that divide the integral of `density` over ln σ evenly, from one end of `grid` to the
/// other.
///
/// Between the points the density is the cubic through the four around, raised to 0 where it is negative.
///
/// # Errors
///
/// [`Error::TooShort`] for fewer than two `grid` levels or `sigmas`; [`Error::Domain`] or [`Error::Order`] for `grid`
/// that is not positive and strictly decreasing; [`Error::Length`] for `density` of another length; [`Error::Domain`]
/// for `density` that is negative or not finite, or whose integral is; [`Error::Order`] for `sigmas` too close for
/// double precision.
pub fn fill_sigmas(sigmas: &mut [f64], grid: &[f64], density: &[f64]) -> Result<(), Error> {
    check_grid(Argument::Grid, grid, 2)?;
    check::length(Argument::Density, grid.len(), density.len())?;
    check::at_least(Argument::Sigmas, 2, sigmas.len())?;
    density.iter().try_for_each(|&density| check::non_negative(Argument::Density, density).map(drop))?;
    let at = |index: usize| density.get(index).copied().unwrap_or(f64::NAN);
    let segment = |index| Segment::new(index, 0, grid.len(), |i| half_log_snr(grid, i), at).not_negative();
    let intervals = grid.len() - 1;
    let total: f64 = (0..intervals).map(|index| segment(index).whole()).sum();
    check::positive(Argument::Density, total)?;
    let steps = sigmas.len() - 1;
    fill_decreasing(Argument::Sigmas, sigmas, |level| {
        let (Some(&first), Some(&last)) = (grid.first(), grid.last()) else { return f64::NAN };
        if level == 0 {
            return first;
        } else if level == steps {
            return last;
        }
        let mut left = total * (level as f64 / steps as f64);
        for index in 0..intervals {
            let (segment, here, next) = (segment(index), half_log_snr(grid, index), half_log_snr(grid, index + 1));
            if left < segment.whole() {
                return libm::exp(-(here + segment.position(left) * (next - here)));
            }
            left -= segment.whole();
        }
        last
    })
}

#[cfg(test)]
mod tests {
    use super::super::Gaussian;
    use super::*;
    use crate::diffusion::schedule::{Last, exponential};
    use std::vec;
    use std::vec::Vec;

    type Fill = fn(&mut [f64], &[f64], &[f64]) -> Result<(), Error>;

    fn grid(levels: usize) -> Vec<f64> {
        let mut sigmas = vec![0.0; levels];
        exponential::fill(&mut sigmas, 0.02, 20.0, Last::SigmaMin).unwrap();
        sigmas
    }

    #[test]
    fn a_constant_density_divides_evenly() {
        let (grid, mut sigmas) = (grid(7), [0.0; 31]);
        fill_sigmas(&mut sigmas, &grid, &[3.0; 7]).unwrap();
        let mut even = [0.0; 31];
        exponential::fill(&mut even, 0.02, 20.0, Last::SigmaMin).unwrap();
        assert!(sigmas.iter().zip(&even).all(|(a, b)| (a / b - 1.0).abs() < 1e-13));
        assert_eq!((sigmas[0], sigmas[30]), (grid[0], grid[6]));
    }

    #[test]
    fn levels_avoid_where_there_is_no_density() {
        let (grid, mut sigmas) = (grid(7), [0.0; 9]);
        fill_sigmas(&mut sigmas, &grid, &[1.0, 1.0, 0.0, 0.0, 0.0, 0.0, 1.0]).unwrap();
        let inside = sigmas.iter().filter(|&&sigma| sigma < grid[2] && sigma > grid[4]).count();
        assert_eq!(inside, 0);
    }

    /// −dmmse/dsnr = d·c⁴σ⁴/(c² + σ²)².
    #[test]
    fn the_klub_density_of_a_gaussian_is_its_formula() {
        let (gaussian, grid) = (Gaussian::new(0.5, 2).unwrap(), grid(401));
        let mmse: Vec<f64> = grid.iter().map(|&sigma| gaussian.mmse(sigma).unwrap()).collect();
        let mut density = vec![0.0; 401];
        fill_klub(&mut density, &grid, &mmse).unwrap();
        for (index, (density, sigma)) in density.iter().zip(&grid).enumerate() {
            let exact = 2.0 * 2f64.sqrt() * 0.25 / (0.25 + sigma * sigma);
            // Next to an end, both cubics have their points on one side.
            let tolerance = if (2..399).contains(&index) { 3e-7 } else { 1e-5 };
            assert!((density / exact - 1.0).abs() < tolerance, "{sigma} {density} {exact}");
        }
    }

    #[test]
    fn a_rising_curve_has_no_density() {
        let mut density = [1.0; 3];
        fill_klub(&mut density, &[2.0, 1.0, 0.5], &[0.1, 0.2, 0.3]).unwrap();
        assert_eq!(density, [0.0; 3]);
    }

    #[test]
    fn bad_arguments_change_nothing() {
        let (grid, mut sigmas, mut density) = ([2.0, 1.0, 0.5], [7.0; 4], [7.0; 3]);
        for bad in [[0.0; 3], [1.0, -1.0, 1.0], [1.0, f64::NAN, 1.0], [f64::INFINITY, 1.0, 1.0], [f64::MAX; 3]] {
            let refused = fill_sigmas(&mut sigmas, &grid, &bad).unwrap_err();
            assert_eq!(refused.argument(), Argument::Density);
        }
        assert!(fill_sigmas(&mut sigmas, &grid, &[1.0; 2]).is_err());
        assert!(fill_sigmas(&mut sigmas[..1], &grid, &[1.0; 3]).is_err());
        assert_eq!(fill_sigmas(&mut sigmas, &[1.0, 2.0], &[1.0; 2]).unwrap_err().argument(), Argument::Grid);
        for fill in [fill_klub, fill_entropic, fill_rescaled_entropic] as [Fill; 3] {
            assert!(
                fill(&mut density, &grid, &[1.0; 2]).is_err() && fill(&mut density[..2], &grid, &[1.0; 3]).is_err()
            );
            assert!(fill(&mut density, &grid, &[1.0, f64::NAN, 1.0]).is_err());
            assert!(fill(&mut density, &[1e-300, 1e-301, 1e-302], &[1e300, 1.0, 0.5]).is_err());
        }
        assert_eq!((sigmas, density), ([7.0; 4], [7.0; 3]));
    }
}
