//! Variance-preserving processes on a table: βₜ for each training step, ᾱₜ = ∏(1 − β).

use super::NoiseLevel;
use crate::error::{Argument, Error, check};
use crate::scalar::nearest_within;

/// Fills `betas` with a straight line from `beta_start` to `beta_end` (Ho et al. 2020: 10⁻⁴ to 0.02).
///
/// # Errors
///
/// [`Error::Domain`] for an end outside (0, 1).
pub fn fill_betas_linear(betas: &mut [f64], beta_start: f64, beta_end: f64) -> Result<(), Error> {
    check_ends(beta_start, beta_end)?;
    fill_line(betas, beta_start, beta_end);
    Ok(())
}

/// Fills `betas` with the square of a straight line from √`beta_start` to √`beta_end` (latent diffusion; 0.00085 to
/// 0.012 for Stable Diffusion).
///
/// # Errors
///
/// [`Error::Domain`] for an end outside (0, 1).
pub fn fill_betas_scaled_linear(betas: &mut [f64], beta_start: f64, beta_end: f64) -> Result<(), Error> {
    check_ends(beta_start, beta_end)?;
    fill_line(betas, libm::sqrt(beta_start), libm::sqrt(beta_end));
    for beta in betas {
        *beta *= *beta;
    }
    Ok(())
}

/// Fills `betas` from ᾱ(t) = cos²((t + 0.008)/1.008·π/2) as 1 − ᾱ((i + 1)/T)/ᾱ(i/T), at most `beta_max` (Nichol and
/// Dhariwal 2021, eq. 17; their cap is 0.999).
///
/// # Errors
///
/// [`Error::Domain`] for `beta_max` outside (0, 1).
pub fn fill_betas_squared_cosine(betas: &mut [f64], beta_max: f64) -> Result<(), Error> {
    check_open_unit(Argument::BetaMax, beta_max)?;
    let angle = |t: f64| (t + 0.008) / 1.008 * core::f64::consts::FRAC_PI_2;
    fill_from_alpha_bar(betas, beta_max, |t| {
        let cosine = libm::cos(angle(t));
        cosine * cosine
    });
    Ok(())
}

/// Fills `betas` with a logistic curve over −6…6, scaled to run between `beta_start` and `beta_end` (GeoDiff).
///
/// β = 1/(1 + e^(−u))·(`beta_end` − `beta_start`) + `beta_start`.
///
/// # Errors
///
/// [`Error::Domain`] for an end outside (0, 1).
pub fn fill_betas_sigmoid(betas: &mut [f64], beta_start: f64, beta_end: f64) -> Result<(), Error> {
    check_ends(beta_start, beta_end)?;
    fill_line(betas, -6.0, 6.0);
    for beta in betas {
        *beta = (beta_end - beta_start) / (1.0 + libm::exp(-*beta)) + beta_start;
    }
    Ok(())
}

/// Fills `betas` so that the log signal-to-noise ratio follows a Laplace distribution: with
/// λ(t) = −½·sgn(½ − t)·ln(1 − 2·|t − ½|), ᾱ(t) = √(e^λ/(1 + e^λ)) and β = 1 − ᾱ((i + 1)/T)/ᾱ(i/T), at most `beta_max`
/// (diffusers' `laplace`, after Hang and Gu 2024).
///
/// The logarithm is bounded where its argument vanishes, at the two ends.
///
/// # Errors
///
/// [`Error::Domain`] for `beta_max` outside (0, 1).
pub fn fill_betas_laplace(betas: &mut [f64], beta_max: f64) -> Result<(), Error> {
    check_open_unit(Argument::BetaMax, beta_max)?;
    fill_from_alpha_bar(betas, beta_max, |t| {
        let sign = if t <= 0.5 { 1.0 } else { -1.0 };
        let lambda = -0.5 * sign * libm::log(1.0 - 2.0 * (t - 0.5).abs() + 1e-6);
        let snr = libm::exp(lambda);
        libm::sqrt(snr / (1.0 + snr))
    });
    Ok(())
}

/// Turns betas into ᾱₜ = ∏(1 − βₛ), s ≤ t.
///
/// Where a β is too small or too large for double precision, neighbours coincide, which a process refuses.
///
/// # Errors
///
/// [`Error::Length`] for `alpha_bars`; [`Error::Domain`] for `betas` with one outside (0, 1].
pub fn alpha_bars_from_betas(alpha_bars: &mut [f64], betas: &[f64]) -> Result<(), Error> {
    check::length(Argument::AlphaBars, betas.len(), alpha_bars.len())?;
    for &beta in betas {
        check::within(Argument::Betas, beta, f64::MIN_POSITIVE, 1.0)?;
    }
    let mut product = 1.0;
    for (alpha_bar, &beta) in alpha_bars.iter_mut().zip(betas) {
        product *= 1.0 - beta;
        *alpha_bar = product;
    }
    Ok(())
}

/// Shifts and scales √ᾱ so that the last entry is 0 and the first stays (Lin et al. 2023, algorithm 1).
///
/// At the last entry the network sees noise alone, so it must not predict that noise: use x₀ or v prediction.
///
/// # Errors
///
/// [`Error::TooShort`] with fewer than two entries; [`Error::Domain`] or [`Error::Order`] when they are not strictly
/// decreasing within [0, 1].
pub fn rescale_zero_terminal_snr(alpha_bars: &mut [f64]) -> Result<(), Error> {
    check_alpha_bars(alpha_bars)?;
    let (Some(&first), Some(&last)) = (alpha_bars.first(), alpha_bars.last()) else { return Ok(()) };
    let (first, last) = (libm::sqrt(first), libm::sqrt(last));
    let scale = first / (first - last);
    // The first is known without rounding.
    for alpha_bar in alpha_bars.iter_mut().skip(1) {
        let shifted = (libm::sqrt(*alpha_bar) - last) * scale;
        *alpha_bar = shifted * shifted;
    }
    Ok(())
}

/// A variance-preserving process on the caller's table of ᾱ, one entry for each training step.
///
/// Between the entries, λ is interpolated linearly in t. Where the last entry is 0 (zero terminal signal-to-noise
/// ratio), λ is infinite there, and √ᾱ is interpolated instead in the last interval.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct VpDiscrete<'a> {
    /// ᾱ, strictly decreasing in (0, 1); the last entry may be 0.
    pub alpha_bars: &'a [f64],
}

impl VpDiscrete<'_> {
    /// At least two entries, strictly decreasing within [0, 1), only the last one 0.
    pub(crate) fn check(&self) -> Result<(), Error> {
        check_alpha_bars(self.alpha_bars)
    }

    fn alpha_bar(&self, index: usize) -> f64 {
        self.alpha_bars.get(index).copied().unwrap_or(0.0)
    }

    /// λ = ½·ln(ᾱ/(1 − ᾱ)) at an entry.
    fn half_log_snr(&self, index: usize) -> f64 {
        let alpha_bar = self.alpha_bar(index);
        0.5 * libm::log(alpha_bar / (1.0 - alpha_bar))
    }

    pub(crate) fn at_timestep(&self, timestep: f64) -> Result<NoiseLevel, Error> {
        let end = self.alpha_bars.len().saturating_sub(1);
        check::within(Argument::Timestep, timestep, 0.0, end as f64)?;
        let index = timestep as usize;
        let fraction = timestep - index as f64;
        let preserving = |alpha: f64, sigma: f64| NoiseLevel { alpha, sigma, input_scale: 1.0, timestep };
        if fraction == 0.0 {
            let alpha_bar = self.alpha_bar(index);
            return Ok(preserving(libm::sqrt(alpha_bar), libm::sqrt(1.0 - alpha_bar)));
        }
        let (here, next) = (self.half_log_snr(index), self.half_log_snr(index + 1));
        if next == f64::NEG_INFINITY {
            let alpha = (1.0 - fraction) * libm::sqrt(self.alpha_bar(index));
            return Ok(preserving(alpha, libm::sqrt((1.0 - alpha) * (1.0 + alpha))));
        }
        let sigma = libm::exp(-(here + fraction * (next - here)));
        let norm = libm::hypot(1.0, sigma);
        Ok(preserving(1.0 / norm, sigma / norm))
    }

    pub(crate) fn timestep_at_sigma(&self, sigma: f64) -> f64 {
        let lambda = -libm::log(sigma);
        let alpha_bar = 1.0 / (1.0 + sigma * sigma);
        // The first entry that is at least as noisy.
        let above = self.alpha_bars.partition_point(|&entry| entry > alpha_bar);
        if above == 0 {
            return 0.0;
        }
        if above == self.alpha_bars.len() {
            return (above - 1) as f64;
        }
        let (left, right) = (self.half_log_snr(above - 1), self.half_log_snr(above));
        let fraction = if right == f64::NEG_INFINITY {
            1.0 - libm::sqrt(alpha_bar / self.alpha_bar(above - 1))
        } else {
            (left - lambda) / (left - right)
        };
        (above - 1) as f64 + nearest_within(fraction, 0.0, 1.0)
    }
}

fn check_alpha_bars(alpha_bars: &[f64]) -> Result<(), Error> {
    check::at_least(Argument::AlphaBars, 2, alpha_bars.len())?;
    for &entry in alpha_bars {
        check::within(Argument::AlphaBars, entry, 0.0, 1.0 - f64::EPSILON / 2.0)?;
    }
    crate::diffusion::schedule::check_decreasing(Argument::AlphaBars, alpha_bars)
}

fn check_open_unit(argument: Argument, value: f64) -> Result<(), Error> {
    check::within(argument, value, f64::MIN_POSITIVE, 1.0 - f64::EPSILON / 2.0).map(drop)
}

fn check_ends(beta_start: f64, beta_end: f64) -> Result<(), Error> {
    check_open_unit(Argument::BetaStart, beta_start)?;
    check_open_unit(Argument::BetaEnd, beta_end)
}

/// Equally spaced from `start` to `end`, both exact.
fn fill_line(values: &mut [f64], start: f64, end: f64) {
    let intervals = values.len().saturating_sub(1);
    for (i, value) in values.iter_mut().enumerate() {
        *value =
            if i == intervals && i > 0 { end } else { start + (end - start) * (i as f64 / intervals.max(1) as f64) };
    }
}

fn fill_from_alpha_bar(betas: &mut [f64], beta_max: f64, alpha_bar: impl Fn(f64) -> f64) {
    let count = betas.len() as f64;
    for (i, beta) in betas.iter_mut().enumerate() {
        let (here, next) = (alpha_bar(i as f64 / count), alpha_bar((i + 1) as f64 / count));
        *beta = nearest_within(1.0 - next / here, f64::MIN_POSITIVE, beta_max);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::{vec, vec::Vec};

    fn stable_diffusion() -> Vec<f64> {
        let (mut betas, mut bars) = (vec![0.0; 1000], vec![0.0; 1000]);
        fill_betas_scaled_linear(&mut betas, 0.00085, 0.012).unwrap();
        alpha_bars_from_betas(&mut bars, &betas).unwrap();
        bars
    }

    #[test]
    fn stable_diffusion_has_its_known_sigmas() {
        let bars = stable_diffusion();
        let process = VpDiscrete { alpha_bars: &bars };
        for (t, sigma) in [(0.0, 0.029167158151720367), (455.0, 1.3943805092035415), (999.0, 14.614641229333639)] {
            let level = process.at_timestep(t).unwrap();
            assert!((level.noise_to_signal() / sigma - 1.0).abs() < 1e-12, "{t}");
        }
    }

    #[test]
    fn fractional_times_invert_and_stay_between_their_neighbours() {
        let mut bars = stable_diffusion();
        for _ in 0..2 {
            let process = VpDiscrete { alpha_bars: &bars };
            process.check().unwrap();
            for t in [0.0, 0.25, 17.0, 500.5, 997.75, 998.5] {
                let level = process.at_timestep(t).unwrap();
                assert!((level.alpha.powi(2) + level.sigma.powi(2) - 1.0).abs() < 1e-15);
                assert!((process.timestep_at_sigma(level.noise_to_signal()) - t).abs() < 1e-9, "{t}");
            }
            rescale_zero_terminal_snr(&mut bars).unwrap();
            assert_eq!(bars[999], 0.0);
        }
    }

    #[test]
    fn sigmas_outside_the_table_get_its_ends() {
        let bars = stable_diffusion();
        let process = VpDiscrete { alpha_bars: &bars };
        assert_eq!((process.timestep_at_sigma(0.0), process.timestep_at_sigma(1e9)), (0.0, 999.0));
    }

    #[test]
    fn all_tables_give_betas_in_range_and_the_cosine_respects_its_cap() {
        let mut betas = vec![0.0; 1000];
        let mut bars = vec![0.0; 1000];
        type Fill = fn(&mut [f64]) -> Result<(), Error>;
        let fills: [Fill; 5] = [
            |b| fill_betas_linear(b, 1e-4, 0.02),
            |b| fill_betas_scaled_linear(b, 0.00085, 0.012),
            |b| fill_betas_sigmoid(b, 1e-4, 0.02),
            |b| fill_betas_squared_cosine(b, 0.999),
            |b| fill_betas_laplace(b, 0.999),
        ];
        for fill in fills {
            fill(&mut betas).unwrap();
            assert!(betas.iter().all(|&b| b > 0.0 && b <= 0.999));
            alpha_bars_from_betas(&mut bars, &betas).unwrap();
            assert!(bars.windows(2).all(|w| w[1] < w[0]));
        }
        fill_betas_squared_cosine(&mut betas, 0.5).unwrap();
        assert_eq!(betas[999], 0.5);
    }

    #[test]
    fn bad_parameters_change_nothing() {
        let mut betas = [7.0; 4];
        for bad in [f64::NAN, 0.0, 1.0, -0.1, f64::INFINITY] {
            assert!(fill_betas_linear(&mut betas, bad, 0.02).is_err());
            assert!(fill_betas_scaled_linear(&mut betas, 0.02, bad).is_err());
            assert!(fill_betas_sigmoid(&mut betas, bad, 0.02).is_err());
            assert!(fill_betas_squared_cosine(&mut betas, bad).is_err());
            assert!(fill_betas_laplace(&mut betas, bad).is_err());
        }
        assert!(rescale_zero_terminal_snr(&mut betas).is_err());
        assert!(alpha_bars_from_betas(&mut betas, &[0.5, 0.5, f64::NAN, 0.5]).is_err());
        assert!(alpha_bars_from_betas(&mut betas, &[0.5]).is_err());
        assert_eq!(betas, [7.0; 4]);
    }
}
