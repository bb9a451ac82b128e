//! The bound of solvers that remember outputs of steps before: it is never less than that of the first order.
//!
//! For an ideal denoiser D is a reverse martingale: what a less noisy level adds to it is uncorrelated with all that
//! the noisier levels knew. Extrapolation from them can only add to the error, and what it adds depends on the data
//! through the curve mmse(σ) = E|x₀ − D(x_σ, σ)|² alone.

use crate::diffusion::schedule::check_decreasing;
use crate::diffusion::solver::{SdeDpmPp2M, SecondOrder, Solver, klub_weight};
use crate::error::{Argument, Error, check};

/// E|D − D̃|² of a combination D̃ of outputs at levels of one noising path, D being the last of them.
///
/// `mmse` runs from the noisiest level of the history to the current one, `weights` are those of all but the current
/// one, which has what is missing to a sum of 1. With Wₖ the sum of the first k + 1 weights, the result is
/// Σₖ Wₖ²·(mmseₖ − mmseₖ₊₁).
///
/// # Errors
///
/// [`Error::TooShort`] for no `mmse`; [`Error::Length`] for `weights` not one fewer; [`Error::Domain`] for numbers that
/// are not finite or an `mmse` that is negative; [`Error::Order`] for an `mmse` that rises towards less noise.
///
/// # Example
///
/// ```
/// use quell::diffusion::bound::multistep::history_error;
/// // D̃ = 1.5·D − 0.5·D₋₁
/// assert_eq!(history_error(&[0.9, 0.5], &[-0.5])?, 0.25 * 0.4);
/// # Ok::<(), quell::Error>(())
/// ```
pub fn history_error(mmse: &[f64], weights: &[f64]) -> Result<f64, Error> {
    check_curve(mmse, 1)?;
    check::length(Argument::Weights, mmse.len() - 1, weights.len())?;
    weights.iter().try_for_each(|&weight| check::finite(Argument::Weights, weight).map(drop))?;
    let (mut sum, mut error) = (0.0, 0.0);
    for ((here, next), weight) in mmse.iter().zip(mmse.iter().skip(1)).zip(weights) {
        sum += weight;
        error += sum * sum * (here - next);
    }
    Ok(error)
}

/// The bound of SDE-DPM-Solver++(2M) on a schedule, from the bound `klub` of the first order on the same `sigmas` and
/// from `mmse` at each of them.
///
/// A step from σᵢ to σᵢ₊₁ goes by D̃ = (1 + e)·Dᵢ − e·Dᵢ₋₁, e = h/(2h₋₁) with h the logarithm of the ratio of its
/// levels (or the weight of the exact integral of a line in λ, [`SecondOrder::Heun`]), and adds
/// ½·e²·(σᵢ₊₁⁻² − σᵢ⁻²)·(mmseᵢ₋₁ − mmseᵢ). The whole is multiplied by [`klub_weight`] of η, which is 1 for η = 1.
///
/// # Errors
///
/// [`Error::TooShort`] for fewer than two `sigmas`; [`Error::Domain`] or [`Error::Order`] for `sigmas` that are not
/// positive and strictly decreasing; [`Error::Length`] for `mmse` of another length; [`Error::Domain`] or
/// [`Error::Order`] for an `mmse` that is negative, not finite, or rises towards less noise; [`Error::Domain`] for a
/// `klub` that is negative or not finite, and for an `eta` of 0 or an `s_noise` other than 1: the law of a path without
/// noise, or with more or less of it, is infinitely far from that of the process.
///
/// # Example
///
/// ```
/// use quell::diffusion::bound::{Gaussian, multistep};
/// use quell::diffusion::solver::SdeDpmPp2M;
/// let (data, sigmas) = (Gaussian::new(0.5, 1)?, [2.0, 0.8, 0.3]);
/// let mmse = sigmas.map(|sigma| data.mmse(sigma).unwrap_or(0.0));
/// let klub = multistep::klub(data.klub(&sigmas)?, &sigmas, &mmse, &SdeDpmPp2M::default())?;
/// assert!((klub - 0.4543877714818973).abs() < 1e-12);
/// # Ok::<(), quell::Error>(())
/// ```
pub fn klub(klub: f64, sigmas: &[f64], mmse: &[f64], solver: &SdeDpmPp2M) -> Result<f64, Error> {
    check::non_negative(Argument::Klub, klub)?;
    check::at_least(Argument::Sigmas, 2, sigmas.len())?;
    check::length(Argument::Mmse, sigmas.len(), mmse.len())?;
    check_curve(mmse, 2)?;
    let growth = mmse.iter().zip(mmse.iter().skip(1)).map(|(here, next)| here - next);
    with_growth(klub, sigmas, growth, solver)
}

/// [`klub`] from the differences mmseᵢ − mmseᵢ₊₁, for callers that know them better than by subtraction.
pub(super) fn with_growth(
    klub: f64,
    sigmas: &[f64],
    growth: impl Iterator<Item = f64>,
    solver: &SdeDpmPp2M,
) -> Result<f64, Error> {
    solver.check()?;
    check::positive(Argument::Eta, solver.eta)?;
    if solver.s_noise != 1.0 {
        return Err(Error::Domain { argument: Argument::SNoise, value: solver.s_noise });
    }
    sigmas.iter().try_for_each(|&sigma| check::positive(Argument::Sigmas, sigma).map(drop))?;
    check_decreasing(Argument::Sigmas, sigmas)?;
    // All triples but perhaps the last one's step.
    let second_order = sigmas.len().saturating_sub(2 + usize::from(solver.lower_order_final));
    let mut sum = klub;
    for ((triple, growth), _) in sigmas.windows(3).zip(growth).zip(0..second_order) {
        if let &[before, from, to] = triple {
            let weight = extrapolation(before, from, to, solver);
            let (from, to) = (1.0 / from, 1.0 / to);
            sum += 0.5 * (weight * weight) * ((to - from) * (to + from)) * growth;
        }
    }
    Ok(klub_weight(solver.eta)? * sum)
}

/// e of D̃ = (1 + e)·D − e·D₋₁.
fn extrapolation(before: f64, from: f64, to: f64, solver: &SdeDpmPp2M) -> f64 {
    let h = libm::log(from / to);
    let share = match solver.second_order {
        SecondOrder::Midpoint => 0.5,
        SecondOrder::Heun => line_share((1.0 + solver.eta) * h),
    };
    share * h / libm::log(before / from)
}

/// (1 + (e^(−k) − 1)/k)/(1 − e^(−k)) = 1/(1 − e^(−k)) − 1/k: the mean position on a line that is weighted by e^(−k) on
/// its way.
fn line_share(k: f64) -> f64 {
    if k < 0.1 {
        // Its series, where the two terms cancel; the next term is k⁹/47900160.
        let square = k * k;
        let tail = 1.0 / 720.0 - square * (1.0 / 30240.0 - square / 1_209_600.0);
        return 0.5 + k * (1.0 / 12.0 - square * tail);
    }
    -1.0 / libm::expm1(-k) - 1.0 / k
}

/// At least so many values, finite, not negative, and none above the one before it.
fn check_curve(mmse: &[f64], least: usize) -> Result<(), Error> {
    check::at_least(Argument::Mmse, least, mmse.len())?;
    mmse.iter().try_for_each(|&value| check::non_negative(Argument::Mmse, value).map(drop))?;
    match mmse.iter().zip(mmse.iter().skip(1)).position(|(here, next)| next > here) {
        Some(index) => Err(Error::Order { argument: Argument::Mmse, index: index + 1 }),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// 2·Σwₖ·mₖ − ΣΣ wₖwₗ·m at the noisier of the two − m of the current one, by E[D_a·D_b] = E|x₀|² − mmse at the
    /// noisier.
    fn by_pairs(mmse: &[f64], weights: &[f64]) -> f64 {
        let mut all = weights.to_vec();
        all.push(1.0 - weights.iter().sum::<f64>());
        let mut error = -mmse[mmse.len() - 1];
        for (k, a) in all.iter().enumerate() {
            error += 2.0 * a * mmse[k];
            error -= all.iter().enumerate().map(|(l, b)| a * b * mmse[k.min(l)]).sum::<f64>();
        }
        error
    }

    #[test]
    fn partial_sums_equal_all_pairs() {
        for weights in [[-0.5, 0.2, 0.3], [0.0, 0.0, -0.4], [0.5, -2.0, 1.1]] {
            let mmse = [0.9, 0.7, 0.25, 0.1];
            assert!((history_error(&mmse, &weights).unwrap() - by_pairs(&mmse, &weights)).abs() < 1e-14);
        }
        assert_eq!(history_error(&[0.3], &[]), Ok(0.0));
    }

    #[test]
    fn an_order_that_is_lowered_adds_nothing() {
        let (sigmas, mmse, solver) = ([3.0, 1.0, 0.4], [0.9, 0.5, 0.1], SdeDpmPp2M::default());
        let added = klub(2.0, &sigmas, &mmse, &solver).unwrap() - 2.0;
        let e = 0.5 * 2.5f64.ln() / 3f64.ln();
        assert!((added / (0.5 * e * e * (6.25 - 1.0) * 0.4) - 1.0).abs() < 1e-13);
        let lowered = SdeDpmPp2M { lower_order_final: true, ..solver };
        assert_eq!(klub(2.0, &sigmas, &mmse, &lowered), Ok(2.0));
        assert_eq!(klub(2.0, &sigmas[..2], &mmse[..2], &solver), Ok(2.0));
        assert_eq!(klub(2.0, &sigmas[..2], &mmse[..2], &lowered), Ok(2.0));
        let half = SdeDpmPp2M { eta: 0.5, ..lowered };
        assert_eq!(klub(2.0, &sigmas, &mmse, &half), Ok(2.25));
    }

    #[test]
    fn the_share_of_a_line_meets_its_series_and_its_limits() {
        let (below, above) = (line_share(0.1 - 1e-15), line_share(0.1 + 1e-15));
        assert!((below / above - 1.0).abs() < 1e-13);
        assert!((line_share(1e-9) - 0.5).abs() < 1e-9 && (line_share(1e6) - 1.0).abs() < 2e-6);
        let k = 0.8f64;
        assert!((line_share(k) - (1.0 + (-k).exp_m1() / k) / -(-k).exp_m1()).abs() < 1e-14);
    }

    #[test]
    fn bad_input_is_refused() {
        let (sigmas, mmse, solver) = ([3.0, 1.0, 0.4], [0.9, 0.5, 0.1], SdeDpmPp2M::default());
        assert!(klub(f64::NAN, &sigmas, &mmse, &solver).is_err() && klub(-1.0, &sigmas, &mmse, &solver).is_err());
        assert!(klub(1.0, &sigmas[..1], &mmse[..1], &solver).is_err());
        assert!(klub(1.0, &sigmas, &mmse[..2], &solver).is_err());
        assert!(klub(1.0, &[3.0, 1.0, 0.0], &mmse, &solver).is_err());
        assert_eq!(
            klub(1.0, &sigmas, &[0.9, 0.5, 0.6], &solver),
            Err(Error::Order { argument: Argument::Mmse, index: 2 })
        );
        assert!(klub(1.0, &sigmas, &[0.9, f64::NAN, 0.1], &solver).is_err());
        for bad in [SdeDpmPp2M { eta: 0.0, ..solver }, SdeDpmPp2M { s_noise: 1.1, ..solver }] {
            assert!(klub(1.0, &sigmas, &mmse, &bad).is_err());
        }
        assert!(history_error(&[], &[]).is_err() && history_error(&[0.5, 0.2], &[]).is_err());
        assert!(history_error(&[0.5, 0.2], &[f64::INFINITY]).is_err() && history_error(&[0.2, 0.5], &[0.1]).is_err());
    }
}
