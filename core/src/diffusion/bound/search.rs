//! The search of the Align Your Steps paper: one level at a time, among a few candidates between its neighbours.
//!
//! Each level but the ends is in two terms of the bound only, those of the steps to it and from it. A sweep goes
//! through the levels from the noisiest down and moves each to the best of [`CANDIDATES`], itself among them (section
//! 3.3 and appendix B.1; the paper does not say where the candidates lie, and here they divide ln σ evenly). Sweeps are
//! repeated until nothing moves, or until the caller has seen enough: the bound falls with each sweep, but the
//! divergence of the output falls and then rises, so that the paper stops early. Ten steps become twenty by
//! [`subdivide`] and a search over the new levels only, and forty by another;
//! [`interpolate_log_linear`](crate::diffusion::schedule::interpolate_log_linear) gives the numbers between.
//!
//! ```
//! use quell::diffusion::bound::{Gaussian, search::{self, Levels}};
//! use quell::diffusion::schedule::{Last, karras};
//! let gaussian = Gaussian::new(0.5, 1)?;
//! let mut sigmas = [0.0; 11];
//! karras::fill(&mut sigmas, 0.002, 80.0, 7.0, Last::SigmaMin)?;
//! let cost = |from: f64, to: f64| gaussian.klub_between(from, to).unwrap_or(f64::NAN);
//! let start = gaussian.stochastic_ddim(&sigmas)?.divergence;
//! // Five sweeps, and no more: this data's divergence would rise again.
//! search::search(&mut sigmas, Levels::All, 5, &mut [0.0; 11], cost, |_, _| false)?;
//! assert!(gaussian.stochastic_ddim(&sigmas)?.divergence < 0.4 * start);
//! // Twenty steps, where the old levels stay.
//! let mut twenty = [0.0; 21];
//! search::subdivide(&mut twenty, &sigmas)?;
//! search::search(&mut twenty, Levels::New, 300, &mut [0.0; 21], cost, |_, _| false)?;
//! assert!(twenty.iter().step_by(2).eq(&sigmas));
//! # Ok::<(), quell::Error>(())
//! ```

use super::mmse::check_grid;
use crate::diffusion::schedule::fill_decreasing;
use crate::error::{Argument, Error, check};

/// How many candidates there are for a level: where it is, and five on the way to each neighbour.
pub const CANDIDATES: usize = 11;

/// Into how many parts the way to a neighbour is divided.
const PARTS: usize = 6;

/// Which levels a search may move. The ends stay in any case.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Levels {
    /// All.
    #[default]
    All,
    /// Those that [`subdivide`] added, at odd positions. They do not depend on each other: one sweep's worth can be
    /// spread over machines.
    New,
}

/// Fills `candidates` for the level at `index`: where it is, then ln σ + j/6·(ln σ′ − ln σ), j = 1 … 5, for the less
/// noisy neighbour σ′ and then for the noisier one.
///
/// For a host that asks its network for the cost of each (see [`Candidates`](super::Candidates)) and then takes the one
/// that [`choose`] names. A candidate that rounding takes to a neighbour is where the level is.
///
/// # Errors
///
/// [`Error::TooShort`] for fewer than three `sigmas`; [`Error::Domain`] or [`Error::Order`] for `sigmas` that are not
/// positive and strictly decreasing; [`Error::Domain`] for an `index` that is an end or none.
///
/// # Example
///
/// ```
/// use quell::diffusion::bound::search::{CANDIDATES, fill_candidates};
/// let mut candidates = [0.0; CANDIDATES];
/// fill_candidates(&mut candidates, &[64.0 * 64.0, 64.0, 1.0], 1)?;
/// assert_eq!(candidates.map(libm::round), [64.0, 32.0, 16.0, 8.0, 4.0, 2.0, 128.0, 256.0, 512.0, 1024.0, 2048.0]);
/// # Ok::<(), quell::Error>(())
/// ```
pub fn fill_candidates(candidates: &mut [f64; CANDIDATES], sigmas: &[f64], index: usize) -> Result<(), Error> {
    check_grid(Argument::Sigmas, sigmas, 3)?;
    let neighbours = index.checked_sub(1).and_then(|before| match sigmas.get(before..) {
        Some(&[upper, here, lower, ..]) => Some([upper, here, lower]),
        _ => None,
    });
    match neighbours {
        Some(neighbours) => *candidates = candidates_of(neighbours),
        None => return Err(Error::Domain { argument: Argument::Index, value: index as f64 }),
    }
    Ok(())
}

/// The candidates for a level between its neighbours.
fn candidates_of([upper, here, lower]: [f64; 3]) -> [f64; CANDIDATES] {
    let mut candidates = [here; CANDIDATES];
    let start = libm::log(here);
    let ways = [lower, upper].into_iter().flat_map(|end| (1..PARTS).map(move |part| (end, part)));
    for (candidate, (end, part)) in candidates.iter_mut().skip(1).zip(ways) {
        let sigma = libm::exp(start + part as f64 / PARTS as f64 * (libm::log(end) - start));
        *candidate = if sigma > lower && sigma < upper { sigma } else { here };
    }
    candidates
}

/// The position of the least of `costs`; the first of equals, so that a level moves only for a gain.
///
/// # Errors
///
/// [`Error::TooShort`] for no `costs`; [`Error::Domain`] for one that is NaN or −∞.
pub fn choose(costs: &[f64]) -> Result<usize, Error> {
    check::at_least(Argument::Costs, 1, costs.len())?;
    let (mut best, mut least) = (0, f64::INFINITY);
    for (index, &cost) in costs.iter().enumerate() {
        if cost.is_nan() || cost == f64::NEG_INFINITY {
            return Err(Error::Domain { argument: Argument::Costs, value: cost });
        }
        if cost < least {
            (best, least) = (index, cost);
        }
    }
    Ok(best)
}

/// Goes once through the levels from the noisiest down, moves each to the best of its candidates, and returns how many
/// moved. Where one stands when its turn comes, the ones before it have moved already.
///
/// `cost(from, to)` is the bound of one step, from the noisier sigma down to the other:
/// [`MmseCurve::klub_between`](super::MmseCurve::klub_between),
/// [`IntervalCosts::between`](super::IntervalCosts::between) or
/// [`Gaussian::klub_between`](super::Gaussian::klub_between), say. `scratch` holds as much as `sigmas`.
///
/// # Errors
///
/// [`Error::TooShort`] for fewer than two `sigmas`, or a shorter `scratch`; [`Error::Domain`] or [`Error::Order`] for
/// `sigmas` that are not positive and strictly decreasing; [`Error::Domain`] for `costs` that are NaN or −∞: the levels
/// are then where they were.
pub fn sweep(
    sigmas: &mut [f64],
    levels: Levels,
    scratch: &mut [f64],
    mut cost: impl FnMut(f64, f64) -> f64,
) -> Result<usize, Error> {
    let mut moves = 0;
    with_backup(sigmas, scratch, |sigmas| {
        moves = sweep_once(sigmas, levels, &mut cost)?;
        Ok(())
    })?;
    Ok(moves)
}

/// Sweeps until nothing moves, at most `most` times or until `stop` says so, and returns how many sweeps moved
/// something.
///
/// `stop` is asked after each sweep that moved something, and is given the number of sweeps so far and the levels. It
/// is where the paper looks at samples. The levels of the last sweep are kept: a criterion that knows its least value
/// only once it has risen again should copy the levels when it sees them.
///
/// # Errors
///
/// As for [`sweep`].
pub fn search(
    sigmas: &mut [f64],
    levels: Levels,
    most: usize,
    scratch: &mut [f64],
    mut cost: impl FnMut(f64, f64) -> f64,
    mut stop: impl FnMut(usize, &[f64]) -> bool,
) -> Result<usize, Error> {
    let mut sweeps = 0;
    with_backup(sigmas, scratch, |sigmas| {
        while sweeps < most && sweep_once(sigmas, levels, &mut cost)? > 0 {
            sweeps += 1;
            if stop(sweeps, sigmas) {
                break;
            }
        }
        Ok(())
    })?;
    Ok(sweeps)
}

/// Runs `change` on checked levels, and puts them back where it fails.
fn with_backup(
    sigmas: &mut [f64],
    scratch: &mut [f64],
    change: impl FnOnce(&mut [f64]) -> Result<(), Error>,
) -> Result<(), Error> {
    check_grid(Argument::Sigmas, sigmas, 2)?;
    check::at_least(Argument::Scratch, sigmas.len(), scratch.len())?;
    scratch.iter_mut().zip(sigmas.iter()).for_each(|(backup, &sigma)| *backup = sigma);
    let result = change(sigmas);
    if result.is_err() {
        sigmas.iter_mut().zip(scratch.iter()).for_each(|(sigma, &backup)| *sigma = backup);
    }
    result
}

/// [`sweep`] of checked levels, which it leaves where they are when it fails.
fn sweep_once(sigmas: &mut [f64], levels: Levels, cost: &mut impl FnMut(f64, f64) -> f64) -> Result<usize, Error> {
    let stride = match levels {
        Levels::All => 1,
        Levels::New => 2,
    };
    let mut moves = 0;
    for before in (0..sigmas.len()).step_by(stride) {
        let Some([upper, here, lower, ..]) = sigmas.get_mut(before..) else { break };
        let candidates = candidates_of([*upper, *here, *lower]);
        let costs = candidates.map(|candidate| cost(*upper, candidate) + cost(candidate, *lower));
        let chosen = candidates.get(choose(&costs)?).copied().unwrap_or(*here);
        moves += usize::from(chosen != *here);
        *here = chosen;
    }
    Ok(moves)
}

/// Doubles a schedule: `fine` has the levels of `sigmas` at its even positions and their geometric means between.
///
/// # Errors
///
/// [`Error::TooShort`] for fewer than two `sigmas`; [`Error::Domain`] or [`Error::Order`] for `sigmas` that are not
/// positive and strictly decreasing; [`Error::Length`] for `out` (`fine`) of other than twice as many intervals;
/// [`Error::Order`] for `sigmas` too close for double precision.
///
/// # Example
///
/// ```
/// let mut fine = [0.0; 5];
/// quell::diffusion::bound::search::subdivide(&mut fine, &[16.0, 4.0, 1.0])?;
/// assert_eq!(fine, [16.0, 8.0, 4.0, 2.0, 1.0]);
/// # Ok::<(), quell::Error>(())
/// ```
pub fn subdivide(fine: &mut [f64], sigmas: &[f64]) -> Result<(), Error> {
    check_grid(Argument::Sigmas, sigmas, 2)?;
    check::length(Argument::Out, sigmas.len().saturating_mul(2) - 1, fine.len())?;
    fill_decreasing(Argument::Sigmas, fine, |index| match (sigmas.get(index / 2), sigmas.get(index / 2 + 1)) {
        // Roots before the product, which might not be finite.
        (Some(&upper), Some(&lower)) if index % 2 == 1 => libm::sqrt(upper) * libm::sqrt(lower),
        (Some(&sigma), _) => sigma,
        _ => f64::NAN,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diffusion::schedule::check_decreasing;
    use std::vec::Vec;

    /// The cost whose optimum divides ln σ evenly.
    fn even(from: f64, to: f64) -> f64 {
        (from / to).ln().powi(2)
    }

    const START: [f64; 5] = [10.0, 9.0, 8.0, 0.2, 0.1];

    #[test]
    fn candidates_lie_between_the_neighbours_and_the_present_one_is_first() {
        let mut candidates = [0.0; CANDIDATES];
        for index in 1..4 {
            fill_candidates(&mut candidates, &START, index).unwrap();
            assert_eq!(candidates[0], START[index]);
            assert!(candidates.iter().all(|&c| c > START[index + 1] && c < START[index - 1]));
            assert!(candidates[..6].windows(2).all(|w| w[1] < w[0]) && candidates[6..].windows(2).all(|w| w[1] > w[0]));
        }
        let next = |x: f64| f64::from_bits(x.to_bits() + 1);
        let tight = [next(next(1.0)), next(1.0), 1.0];
        fill_candidates(&mut candidates, &tight, 1).unwrap();
        assert_eq!(candidates, [tight[1]; CANDIDATES]);
        for index in [0, 4, 5, usize::MAX] {
            assert!(fill_candidates(&mut candidates, &START, index).is_err());
        }
        assert_eq!(candidates, [tight[1]; CANDIDATES]);
    }

    #[test]
    fn the_first_of_equal_costs_is_chosen() {
        assert_eq!(choose(&[2.0, 1.0, 1.0]), Ok(1));
        assert_eq!(choose(&[f64::INFINITY, f64::INFINITY]), Ok(0));
        assert_eq!(choose(&[0.0, -1.0]), Ok(1));
        assert!(choose(&[]).is_err() && choose(&[1.0, f64::NAN]).is_err() && choose(&[f64::NEG_INFINITY]).is_err());
    }

    #[test]
    fn sweeps_lower_the_cost_and_end() {
        let total = |sigmas: &[f64]| sigmas.windows(2).map(|w| even(w[0], w[1])).sum::<f64>();
        let (mut sigmas, mut last) = (START, f64::INFINITY);
        let mut seen = Vec::new();
        let sweeps = search(&mut sigmas, Levels::All, 300, &mut [0.0; 5], even, |sweep, sigmas| {
            assert!(total(sigmas) < last);
            last = total(sigmas);
            seen.push(sweep);
            false
        })
        .unwrap();
        assert!(sweeps > 1 && seen == (1..=sweeps).collect::<Vec<_>>());
        assert_eq!(sweep(&mut sigmas, Levels::All, &mut [0.0; 5], even), Ok(0));
        assert_eq!((sigmas[0], sigmas[4]), (10.0, 0.1));
    }

    #[test]
    fn search_stops_where_it_is_told() {
        let (mut one, mut other, mut third) = (START, START, START);
        sweep(&mut one, Levels::All, &mut [0.0; 5], even).unwrap();
        assert_eq!(search(&mut other, Levels::All, 300, &mut [0.0; 5], even, |_, _| true), Ok(1));
        assert_eq!(search(&mut third, Levels::All, 1, &mut [0.0; 5], even, |_, _| false), Ok(1));
        assert_eq!((one, one), (other, third));
        assert_eq!(search(&mut one, Levels::All, 0, &mut [0.0; 5], even, |_, _| false), Ok(0));
        assert_eq!(one, other);
    }

    #[test]
    fn only_new_levels_move() {
        let mut fine = [0.0; 9];
        subdivide(&mut fine, &START).unwrap();
        let skewed = |from: f64, to: f64| (from - to).powi(2);
        assert!(sweep(&mut fine, Levels::New, &mut [0.0; 9], skewed).unwrap() > 0);
        assert!(fine.iter().step_by(2).eq(&START));
        check_decreasing(Argument::Sigmas, &fine).unwrap();
    }

    #[test]
    fn bad_arguments_change_nothing() {
        let mut sigmas = START;
        assert!(sweep(&mut sigmas, Levels::All, &mut [0.0; 4], even).is_err());
        // The second level has moved by the time that the cost fails.
        let mut calls = 0;
        let failing = |from: f64, to: f64| {
            calls += 1;
            if calls > 30 { f64::NAN } else { even(from, to) }
        };
        let refused = sweep(&mut sigmas, Levels::All, &mut [0.0; 5], failing).unwrap_err();
        assert_eq!(refused.argument(), Argument::Costs);
        assert_eq!(sigmas, START);
        let mut fine = [7.0; 9];
        assert!(subdivide(&mut fine[..8], &START).is_err() && subdivide(&mut fine, &START[..1]).is_err());
        for bad in [[1.0, 2.0, 0.5, 0.2, 0.1], [1.0, 0.5, 0.2, 0.1, 0.0], [f64::NAN, 0.5, 0.2, 0.1, 0.05]] {
            let mut sigmas = bad;
            assert!(sweep(&mut sigmas, Levels::All, &mut [0.0; 5], even).is_err());
            assert!(subdivide(&mut fine, &bad).is_err());
        }
        assert_eq!(fine, [7.0; 9]);
        assert_eq!(sweep(&mut [2.0, 1.0], Levels::All, &mut [0.0; 2], even), Ok(0));
    }
}
