//! The best schedule on a grid, for every number of steps at once, by dynamic programming.
//!
//! The cost of a schedule is a sum over its steps, so the best way to reach a point in k steps goes on from the best
//! way to reach another in k − 1: O(n·M²) for all schedules of up to n steps on M points (Watson et al. 2021 for the
//! variational bound, which has the same minimiser as the KLUB of an ideal denoiser). The optimum is global. It is the
//! optimum of what the cost says, though, and the paper's search is better off stopped before it: see
//! [`search`](super::search).

use super::triangle::{pair_index, pairs_len};
use crate::error::{Argument, Error, check};

/// What stands in the table of parents where no path ends.
pub const NO_PARENT: u32 = u32::MAX;

/// The length of the table of parents: one number for each point and each number of steps.
pub const fn parents_len(steps: usize, points: usize) -> usize {
    steps.saturating_mul(points)
}

/// The length of the scratch of [`shortest_paths`].
pub const fn scratch_len(steps: usize, points: usize) -> usize {
    steps.saturating_mul(points).saturating_add(steps)
}

/// Finds the path from the first of `points` to the last one that costs least, for each number of steps from 1 to
/// `totals.len()`.
///
/// `totals[k − 1]` becomes the least cost in exactly k steps: ∞ where there is no such path, as for more steps than
/// there are intervals. `parents` ([`parents_len`]) is what [`trace`] reads the paths from. Of several equal paths the
/// one with the earliest points wins. `cost(from, to)` is asked for twice for each from < to, whatever the number of
/// steps: once to check it, once to use it. It may be negative, or ∞ for a step that must not be taken.
/// [`MmseCurve::interval`](super::MmseCurve::interval) and [`IntervalCosts::get`](super::IntervalCosts::get) are such
/// costs.
///
/// # Errors
///
/// [`Error::TooShort`] for no `totals`, for fewer than two `points`, and for `scratch` ([`scratch_len`]);
/// [`Error::Length`] for `parents`; [`Error::Domain`] for `points` that do not fit 32 bits, and for `costs` that are
/// NaN or −∞.
///
/// # Example
///
/// ```
/// use quell::diffusion::bound::dynamic::{parents_len, scratch_len, shortest_paths, trace};
/// // Squared lengths between five points of a line: the best steps are as equal as the points allow.
/// let at = [0.0, 1.0, 2.0, 3.0, 9.0];
/// let (mut totals, mut parents) = ([0.0; 3], [0; parents_len(3, 5)]);
/// let cost = |from: usize, to: usize| (at[to] - at[from]) * (at[to] - at[from]);
/// shortest_paths(&mut totals, &mut parents, at.len(), &mut [0.0; scratch_len(3, 5)], cost)?;
/// assert_eq!(totals, [81.0, 45.0, 41.0]);
/// let mut indices = [0; 4];
/// trace(&mut indices, &parents, at.len())?;
/// assert_eq!(indices, [0, 1, 3, 4]);
/// # Ok::<(), quell::Error>(())
/// ```
pub fn shortest_paths(
    totals: &mut [f64],
    parents: &mut [u32],
    points: usize,
    scratch: &mut [f64],
    cost: impl Fn(usize, usize) -> f64,
) -> Result<(), Error> {
    shortest_paths_weighted(totals, parents, points, 1.0, scratch, cost)
}

/// [`shortest_paths`] where the k-th step counts `coefficient`ᵏ times its cost, k from 0.
///
/// Below 1 the first steps are made to matter more, above 1 the last ones; GITS (Chen et al. 2024) weighs a teacher's
/// steps like this, by 1.15 unless told otherwise.
///
/// # Errors
///
/// As for [`shortest_paths`]; [`Error::Domain`] for a `coefficient` that is not positive, or whose power overflows.
pub fn shortest_paths_weighted(
    totals: &mut [f64],
    parents: &mut [u32],
    points: usize,
    coefficient: f64,
    scratch: &mut [f64],
    cost: impl Fn(usize, usize) -> f64,
) -> Result<(), Error> {
    let steps = totals.len();
    check::at_least(Argument::Totals, 1, steps)?;
    check::at_least(Argument::Points, 2, points)?;
    if u32::try_from(points).is_err() {
        return Err(Error::Domain { argument: Argument::Points, value: points as f64 });
    }
    check::length(Argument::Parents, parents_len(steps, points), parents.len())?;
    check::at_least(Argument::Scratch, scratch_len(steps, points), scratch.len())?;
    check::positive(Argument::Coefficient, coefficient)?;
    let largest = libm::pow(coefficient, steps as f64);
    if !largest.is_normal() {
        return Err(Error::Domain { argument: Argument::Coefficient, value: coefficient });
    }
    for from in 0..points {
        for to in from + 1..points {
            let value = cost(from, to);
            if value.is_nan() || value == f64::NEG_INFINITY {
                return Err(Error::Domain { argument: Argument::Costs, value });
            }
        }
    }
    fill_paths(totals, parents, points, coefficient, scratch, cost);
    Ok(())
}

/// [`shortest_paths_weighted`] where the costs stand in a packed triangle ([`pairs_len`]), as
/// [`MmseCurve::fill_costs`](super::MmseCurve::fill_costs), [`PairTable::fill_costs`](super::PairTable::fill_costs) and
/// [`LeapTable::fill_costs`](super::teacher::LeapTable::fill_costs) leave them.
///
/// # Errors
///
/// As for [`shortest_paths_weighted`]; [`Error::Length`] for `costs`.
pub fn shortest_paths_packed(
    totals: &mut [f64],
    parents: &mut [u32],
    points: usize,
    coefficient: f64,
    scratch: &mut [f64],
    costs: &[f64],
) -> Result<(), Error> {
    check::length(Argument::Costs, pairs_len(points), costs.len())?;
    let place = |from, to| pair_index(from, to, points).and_then(|place| costs.get(place));
    let cost = |from, to| place(from, to).copied().unwrap_or(f64::NAN);
    shortest_paths_weighted(totals, parents, points, coefficient, scratch, cost)
}

/// [`shortest_paths_weighted`] after its checks.
fn fill_paths(
    totals: &mut [f64],
    parents: &mut [u32],
    points: usize,
    coefficient: f64,
    scratch: &mut [f64],
    cost: impl Fn(usize, usize) -> f64,
) {
    let steps = totals.len();
    let (weights, rows) = scratch.split_at_mut(steps.min(scratch.len()));
    let mut weight = 1.0;
    for slot in weights.iter_mut() {
        *slot = weight;
        weight *= coefficient;
    }
    // A row for each point: the least cost of reaching it, by the number of steps less 1. Points on the outside and
    // steps on the inside, so that a cost is asked for once and the innermost loop runs along three rows.
    for (to, parents) in parents.chunks_exact_mut(steps).enumerate().take(points) {
        let Some((before, rest)) = rows.split_at_mut_checked(to * steps) else { return };
        let Some(row) = rest.get_mut(..steps) else { return };
        row.fill(f64::INFINITY);
        parents.fill(NO_PARENT);
        for (from, before) in before.chunks_exact(steps).enumerate() {
            let cost = cost(from, to);
            if from == 0
                && let (Some(least), Some(parent)) = (row.first_mut(), parents.first_mut())
                && cost < *least
            {
                (*least, *parent) = (cost, 0);
            }
            // A point is reached in no more steps than there are intervals before it.
            let reached = before.iter().zip(weights.iter().skip(1)).take(from);
            for ((least, parent), (&before, &weight)) in row.iter_mut().zip(parents.iter_mut()).skip(1).zip(reached) {
                let total = before + weight * cost;
                let better = total < *least;
                *least = if better { total } else { *least };
                *parent = if better { from as u32 } else { *parent };
            }
        }
        if to + 1 == points {
            totals.copy_from_slice(row);
        }
    }
}

/// Reads the path of `indices.len() − 1` steps from `parents`: its points from the first to the last, among `points`.
///
/// # Errors
///
/// [`Error::TooShort`] for fewer than two `indices` or `points`; [`Error::Length`] for `parents` that do not hold as
/// much for each point; [`Error::Domain`] for `indices` when there is no path of so many steps in `parents`.
pub fn trace(indices: &mut [u32], parents: &[u32], points: usize) -> Result<(), Error> {
    check::at_least(Argument::Indices, 2, indices.len())?;
    check::at_least(Argument::Points, 2, points)?;
    let steps = parents.len() / points;
    check::length(Argument::Parents, parents_len(steps, points), parents.len())?;
    let taken = indices.len() - 1;
    let refused = Err(Error::Domain { argument: Argument::Indices, value: taken as f64 });
    let mut at = points - 1;
    for step in (0..taken).rev() {
        at = match parent(parents, steps, step, at) {
            // Whoever wrote the table, the path runs one way.
            Some(before) if before < at && (before == 0) == (step == 0) => before,
            _ => return refused,
        };
    }
    let mut at = points - 1;
    for (step, index) in indices.iter_mut().enumerate().rev() {
        *index = at as u32;
        at = step.checked_sub(1).and_then(|step| parent(parents, steps, step, at)).unwrap_or(0);
    }
    Ok(())
}

/// The point that the step number `step` of a path comes from, when it leads to `to`.
fn parent(parents: &[u32], steps: usize, step: usize, to: usize) -> Option<usize> {
    let row = parents.chunks_exact(steps.max(1)).nth(to)?;
    row.get(step).map(|&parent| parent as usize)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::vec;
    use std::vec::Vec;

    fn solve(steps: usize, points: usize, cost: impl Fn(usize, usize) -> f64) -> (Vec<f64>, Vec<u32>) {
        let mut totals = vec![f64::NAN; steps];
        let mut parents = vec![7; parents_len(steps, points)];
        let mut scratch = vec![f64::NAN; scratch_len(steps, points)];
        shortest_paths(&mut totals, &mut parents, points, &mut scratch, cost).unwrap();
        (totals, parents)
    }

    fn path(steps: usize, parents: &[u32], points: usize) -> Result<Vec<u32>, Error> {
        let mut indices = vec![99; steps + 1];
        trace(&mut indices, parents, points).map(|()| indices)
    }

    #[test]
    fn one_step_and_every_step_have_no_choice() {
        let cost = |from: usize, to: usize| (to - from).pow(2) as f64;
        let (totals, parents) = solve(6, 5, cost);
        assert_eq!(totals, [16.0, 8.0, 6.0, 4.0, f64::INFINITY, f64::INFINITY]);
        assert_eq!(path(1, &parents, 5).unwrap(), [0, 4]);
        assert_eq!(path(4, &parents, 5).unwrap(), [0, 1, 2, 3, 4]);
        let none = Err(Error::Domain { argument: Argument::Indices, value: 5.0 });
        assert_eq!(path(5, &parents, 5), none);
        assert!(path(7, &parents, 5).is_err());
    }

    #[test]
    fn the_first_of_equal_paths_wins() {
        let (totals, parents) = solve(3, 6, |_, _| 1.0);
        assert_eq!(totals, [1.0, 2.0, 3.0]);
        assert_eq!(path(2, &parents, 6).unwrap(), [0, 1, 5]);
        assert_eq!(path(3, &parents, 6).unwrap(), [0, 1, 2, 5]);
    }

    #[test]
    fn packed_costs_are_those_of_their_places() {
        let cost = |from: usize, to: usize| ((from * 5 + to * 3) % 7) as f64;
        let packed: Vec<f64> = (0..5).flat_map(|from| (from..5).map(move |to| cost(from, to))).collect();
        let (mut totals, mut parents) = ([0.0; 3], vec![7; parents_len(3, 5)]);
        let mut scratch = [0.0; scratch_len(3, 5)];
        shortest_paths_packed(&mut totals, &mut parents, 5, 1.0, &mut scratch, &packed).unwrap();
        assert_eq!((totals.to_vec(), parents.clone()), solve(3, 5, cost));
        let before = (totals, parents.clone());
        let short = shortest_paths_packed(&mut totals, &mut parents, 5, 1.0, &mut scratch, &packed[1..]);
        assert_eq!(short, Err(Error::Length { argument: Argument::Costs, expected: 15, actual: 14 }));
        assert_eq!((totals, parents), before);
    }

    #[test]
    fn forbidden_steps_are_not_taken() {
        let cost = |from: usize, to: usize| if to - from == 2 { f64::INFINITY } else { 1.0 };
        let (totals, parents) = solve(3, 4, cost);
        assert_eq!(totals, [1.0, f64::INFINITY, 3.0]);
        assert!(path(2, &parents, 4).is_err());
        assert_eq!(path(3, &parents, 4).unwrap(), [0, 1, 2, 3]);
    }

    #[test]
    fn later_steps_count_by_the_coefficient() {
        let at = [0.0f64, 1.0, 4.0, 6.0];
        let cost = |from: usize, to: usize| at[to] - at[from];
        let (mut totals, mut parents, mut scratch) = ([0.0; 3], [0; 12], [0.0; scratch_len(3, 4)]);
        shortest_paths_weighted(&mut totals, &mut parents, 4, 2.0, &mut scratch, cost).unwrap();
        assert_eq!(totals, [6.0, 4.0 + 2.0 * 2.0, 1.0 + 2.0 * 3.0 + 4.0 * 2.0]);
        shortest_paths_weighted(&mut totals, &mut parents, 4, 0.5, &mut scratch, cost).unwrap();
        assert_eq!(totals, [6.0, 1.0 + 0.5 * 5.0, 1.0 + 0.5 * 3.0 + 0.25 * 2.0]);
    }

    #[test]
    fn bad_arguments_change_nothing() {
        let (mut totals, mut parents) = ([3.0; 2], [3; 8]);
        let mut refuse = |points, scratch: usize, coefficient, bad: f64| {
            let cost = |_, to| if to == 3 { bad } else { 1.0 };
            let mut scratch = vec![0.0; scratch];
            let result = shortest_paths_weighted(&mut totals, &mut parents, points, coefficient, &mut scratch, cost);
            assert_eq!((totals, parents), ([3.0; 2], [3; 8]));
            result.unwrap_err().argument()
        };
        assert_eq!(refuse(1, 99, 1.0, 1.0), Argument::Points);
        assert_eq!(refuse(3, 99, 1.0, 1.0), Argument::Parents);
        assert_eq!(refuse(4, scratch_len(2, 4) - 1, 1.0, 1.0), Argument::Scratch);
        for coefficient in [0.0, -1.0, f64::NAN, f64::INFINITY, 1e200, 1e-200] {
            assert_eq!(refuse(4, 99, coefficient, 1.0), Argument::Coefficient);
        }
        for bad in [f64::NAN, f64::NEG_INFINITY] {
            assert_eq!(refuse(4, 99, 1.0, bad), Argument::Costs);
        }
        let none = shortest_paths(&mut [], &mut [], 4, &mut [], |_, _| 1.0);
        assert_eq!(none.unwrap_err().argument(), Argument::Totals);
    }

    #[test]
    fn a_foreign_table_of_parents_is_refused() {
        let (_, good) = solve(3, 4, |_, _| 1.0);
        assert!(path(3, &good, 4).is_ok() && path(3, &good[1..], 4).is_err());
        for bad in [0, 2, 3, NO_PARENT, 4] {
            let mut parents = good.clone();
            parents[2 * 3 + 1] = bad;
            assert!(path(3, &parents, 4).is_err(), "{bad}");
        }
    }
}
