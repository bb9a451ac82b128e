//! Which class each cluster stands for: by the best one-to-one matching, or by majority.

use super::confusion::{UNMATCHED, check_table};
use crate::error::{Argument, Error, check};

/// Which sum is sought.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[repr(i32)]
pub enum Objective {
    /// The least.
    #[default]
    Minimum = 0,
    /// The greatest.
    Maximum = 1,
}

/// The largest magnitude of a cost: sums of them stay finite.
const LARGEST: f64 = 1e150;

/// The length of the scratch of [`solve`] and, for a table of clusters and classes, of [`match_clusters`].
pub const fn scratch_len(rows: usize, columns: usize) -> usize {
    let (few, many) = if rows < columns { (rows, columns) } else { (columns, rows) };
    many.saturating_mul(2).saturating_add(few)
}

/// The length of their index scratch.
pub const fn index_scratch_len(rows: usize, columns: usize) -> usize {
    let (few, many) = if rows < columns { (rows, columns) } else { (columns, rows) };
    many.saturating_mul(3).saturating_add(few)
}

/// Gives each row of a table a column of its own so that the sum of `costs` is least, or greatest, and returns the sum;
/// in a table with more rows than columns some rows go without, [`UNMATCHED`].
///
/// The linear assignment problem, by shortest augmenting paths with potentials (Crouse 2016), O(n²·m) for n ≤ m rows
/// and columns. Exact where sums and differences of costs are, as for whole numbers. Among several best assignments
/// it is always the same one for the same table; rows are taken in order, and of equally near columns the first free
/// one, else the first. `costs` are `rows` × `columns`, row-major; `scratch` has [`scratch_len`] and `index_scratch`
/// [`index_scratch_len`] elements.
///
/// # Errors
///
/// [`Error::Length`] for `costs`, or `assignment` with other than one element for each row; [`Error::TooShort`] for
/// `scratch`; [`Error::Domain`] for `costs` that are not finite or beyond ±10¹⁵⁰, and for `rows` or `columns` that
/// 32 bits do not hold.
///
/// # Example
///
/// ```
/// use quell::correspondence::evaluate::assignment::*;
/// let costs = [4.0, 1.0, 3.0, 2.0, 0.0, 5.0];
/// let (mut scratch, mut index_scratch) = ([0.0; scratch_len(2, 3)], [0; index_scratch_len(2, 3)]);
/// let mut columns = [0; 2];
/// let total = solve(&mut columns, &costs, 2, 3, Objective::Minimum, &mut scratch, &mut index_scratch)?;
/// assert_eq!((columns, total), ([1, 0], 3.0));
/// # Ok::<(), quell::Error>(())
/// ```
pub fn solve(
    assignment: &mut [u32],
    costs: &[f64],
    rows: usize,
    columns: usize,
    objective: Objective,
    scratch: &mut [f64],
    index_scratch: &mut [u32],
) -> Result<f64, Error> {
    for (argument, number) in [(Argument::Rows, rows), (Argument::Columns, columns)] {
        if number >= UNMATCHED as usize {
            return Err(Error::Domain { argument, value: number as f64 });
        }
    }
    check::length(Argument::Costs, rows.saturating_mul(columns), costs.len())?;
    check::length(Argument::Assignment, rows, assignment.len())?;
    check_scratch(rows, columns, scratch, index_scratch)?;
    costs.iter().try_for_each(|&cost| check::within(Argument::Costs, cost, -LARGEST, LARGEST).map(drop))?;
    let cost = |row: usize, column: usize| costs.get(row * columns + column).copied().unwrap_or(0.0);
    let signed = |row, column| match objective {
        Objective::Minimum => cost(row, column),
        Objective::Maximum => -cost(row, column),
    };
    assign(assignment, rows, columns, signed, scratch, index_scratch);
    let chosen = assignment.iter().enumerate().filter(|&(_, &column)| column != UNMATCHED);
    Ok(chosen.map(|(row, &column)| cost(row, column as usize)).sum())
}

/// Matches clusters with classes one to one so that as many pixels as possible are right: Hungarian matching.
///
/// Of K clusters and C classes min(K, C) find each other; the other clusters are [`UNMATCHED`], and of the other
/// classes no pixel is right. Counts beyond 2⁵³ are rounded. `scratch` has
/// [`scratch_len`]`(clusters, classes)` and `index_scratch` [`index_scratch_len`]`(clusters, classes)` elements.
///
/// # Errors
///
/// [`Error::Domain`] for no `classes` or no `clusters`; [`Error::Length`] for `confusion` or `class_of`;
/// [`Error::TooShort`] for `scratch`.
pub fn match_clusters(
    class_of: &mut [u32],
    confusion: &[u64],
    classes: usize,
    clusters: usize,
    scratch: &mut [f64],
    index_scratch: &mut [u32],
) -> Result<(), Error> {
    check_table(confusion.len(), classes, clusters)?;
    check::length(Argument::ClassOf, clusters, class_of.len())?;
    check_scratch(clusters, classes, scratch, index_scratch)?;
    let cost = |cluster: usize, class: usize| -(confusion.get(class * clusters + cluster).map_or(0.0, |&n| n as f64));
    assign(class_of, clusters, classes, cost, scratch, index_scratch);
    Ok(())
}

/// Gives each cluster the class that most of its pixels have, the lowest of several; [`UNMATCHED`] without a pixel.
///
/// # Errors
///
/// [`Error::Domain`] for no `classes` or no `clusters`; [`Error::Length`] for `confusion` or `class_of`.
///
/// # Example
///
/// ```
/// let mut class_of = [0; 3];
/// quell::correspondence::evaluate::assignment::majority(&mut class_of, &[3, 1, 0, 3, 2, 0], 2, 3)?;
/// assert_eq!(class_of, [0, 1, u32::MAX]);
/// # Ok::<(), quell::Error>(())
/// ```
pub fn majority(class_of: &mut [u32], confusion: &[u64], classes: usize, clusters: usize) -> Result<(), Error> {
    check_table(confusion.len(), classes, clusters)?;
    check::length(Argument::ClassOf, clusters, class_of.len())?;
    for (cluster, class_of) in class_of.iter_mut().enumerate() {
        let (mut most, mut best) = (0, UNMATCHED);
        for (class, &count) in confusion.iter().skip(cluster).step_by(clusters.max(1)).enumerate() {
            if count > most {
                (most, best) = (count, class as u32);
            }
        }
        *class_of = best;
    }
    Ok(())
}

fn check_scratch(rows: usize, columns: usize, scratch: &[f64], index_scratch: &[u32]) -> Result<(), Error> {
    check::at_least(Argument::Scratch, scratch_len(rows, columns), scratch.len())?;
    check::at_least(Argument::IndexScratch, index_scratch_len(rows, columns), index_scratch.len())
}

/// The least sum, written to one element for each row. The search goes over the shorter side of the table.
fn assign(
    assignment: &mut [u32],
    rows: usize,
    columns: usize,
    cost: impl Fn(usize, usize) -> f64,
    scratch: &mut [f64],
    index_scratch: &mut [u32],
) {
    if rows <= columns {
        let found = augment(rows, columns, cost, scratch, index_scratch);
        assignment.iter_mut().zip(found).for_each(|(column, &found)| *column = found);
    } else {
        let found = augment(columns, rows, |column, row| cost(row, column), scratch, index_scratch);
        assignment.fill(UNMATCHED);
        for (column, &row) in found.iter().enumerate() {
            if let Some(place) = assignment.get_mut(row as usize) {
                *place = column as u32;
            }
        }
    }
}

/// The column of each of `n` rows among `m` ≥ `n` columns.
///
/// Row by row: the shortest path, in reduced costs, from the new row to a free column, by Dijkstra's algorithm on
/// rows and columns in turn; the potentials are then moved so that reduced costs stay non-negative, and the columns
/// along the path change hands.
fn augment<'a>(
    n: usize,
    m: usize,
    cost: impl Fn(usize, usize) -> f64,
    scratch: &mut [f64],
    index_scratch: &'a mut [u32],
) -> &'a [u32] {
    let (of_rows, rest) = scratch.split_at_mut(n.min(scratch.len()));
    let (of_columns, rest) = rest.split_at_mut(m.min(rest.len()));
    let distances = rest.get_mut(..m).unwrap_or_default();
    let (column_of, rest) = index_scratch.split_at_mut(n.min(index_scratch.len()));
    let (row_of, rest) = rest.split_at_mut(m.min(rest.len()));
    let (before, rest) = rest.split_at_mut(m.min(rest.len()));
    let reached = rest.get_mut(..m).unwrap_or_default();
    of_rows.fill(0.0);
    of_columns.fill(0.0);
    row_of.fill(UNMATCHED);
    column_of.fill(UNMATCHED);
    for new in 0..n {
        distances.fill(f64::INFINITY);
        reached.fill(0);
        let (mut row, mut distance) = (new, 0.0);
        let free = loop {
            let of_row = of_rows.get(row).copied().unwrap_or(0.0);
            let (mut nearest, mut nearest_distance, mut is_free) = (m, f64::INFINITY, false);
            let columns =
                of_columns.iter().zip(row_of.iter()).zip(&*reached).zip(distances.iter_mut().zip(&mut *before));
            for (column, (((of_column, owner), reached), (shortest, before))) in columns.enumerate() {
                if *reached != 0 {
                    continue;
                }
                let through = distance + (cost(row, column) - of_row - of_column);
                if through < *shortest {
                    (*shortest, *before) = (through, row as u32);
                }
                // A free column ends the search, so it goes before others that are as near.
                let owner_is_none = *owner == UNMATCHED;
                if *shortest < nearest_distance || (*shortest == nearest_distance && owner_is_none && !is_free) {
                    (nearest, nearest_distance, is_free) = (column, *shortest, owner_is_none);
                }
            }
            let Some(mark) = reached.get_mut(nearest) else { return &[] };
            (*mark, distance) = (1, nearest_distance);
            if is_free {
                break nearest;
            }
            row = row_of.get(nearest).map_or(0, |&row| row as usize);
        };
        if let Some(of_row) = of_rows.get_mut(new) {
            *of_row += distance;
        }
        let columns = of_columns.iter_mut().zip(row_of.iter()).zip(&*reached).zip(&*distances);
        for (((of_column, &owner), _), &shortest) in columns.filter(|((_, reached), _)| **reached != 0) {
            *of_column -= distance - shortest;
            if let Some(of_row) = of_rows.get_mut(owner as usize) {
                *of_row += distance - shortest;
            }
        }
        let mut column = free;
        while let (Some(&row), Some(owner)) = (before.get(column), row_of.get_mut(column)) {
            *owner = row;
            let Some(place) = column_of.get_mut(row as usize) else { break };
            let given_up = core::mem::replace(place, column as u32);
            if row as usize == new {
                break;
            }
            column = given_up as usize;
        }
    }
    column_of
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::{vec, vec::Vec};

    fn solved(costs: &[f64], rows: usize, columns: usize, objective: Objective) -> (Vec<u32>, f64) {
        // Scratch is garbage at first.
        let mut scratch = vec![f64::NAN; scratch_len(rows, columns)];
        let mut index_scratch = vec![77; index_scratch_len(rows, columns)];
        let mut assignment = vec![99; rows];
        let total = solve(&mut assignment, costs, rows, columns, objective, &mut scratch, &mut index_scratch).unwrap();
        (assignment, total)
    }

    #[test]
    fn either_side_may_be_longer_and_either_may_be_empty() {
        let costs = [4.0, 1.0, 3.0, 9.0, 2.0, 0.0, 5.0, 8.0, 3.0, 2.0, 2.0, 7.0];
        assert_eq!(solved(&costs, 3, 4, Objective::Minimum), (vec![1, 0, 2], 5.0));
        assert_eq!(solved(&costs, 4, 3, Objective::Minimum), (vec![1, 2, UNMATCHED, 0], 3.0));
        assert_eq!(solved(&costs, 3, 4, Objective::Maximum), (vec![3, 2, 0], 17.0));
        assert_eq!(solved(&[], 3, 0, Objective::Minimum), (vec![UNMATCHED; 3], 0.0));
        assert_eq!(solved(&[], 0, 3, Objective::Maximum), (vec![], 0.0));
        assert_eq!(solved(&[-1.5], 1, 1, Objective::Minimum), (vec![0], -1.5));
    }

    #[test]
    fn equal_costs_go_in_order() {
        assert_eq!(solved(&[1.0; 12], 3, 4, Objective::Minimum).0, [0, 1, 2]);
        assert_eq!(solved(&[1.0; 12], 4, 3, Objective::Maximum).0, [0, 1, 2, UNMATCHED]);
    }

    #[test]
    fn majorities_go_to_the_lowest_class() {
        let mut class_of = [0; 3];
        majority(&mut class_of, &[0, 2, 0, 1, 2, 0, 1, 3, 0], 3, 3).unwrap();
        assert_eq!(class_of, [1, 2, UNMATCHED]);
    }

    #[test]
    fn bad_costs_change_nothing() {
        let (mut scratch, mut index_scratch) = ([0.0; 6], [0; 8]);
        let mut assignment = [5; 2];
        for bad in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY, 1e151] {
            let costs = [1.0, bad, 2.0, 3.0];
            let error = solve(&mut assignment, &costs, 2, 2, Objective::Minimum, &mut scratch, &mut index_scratch);
            assert_eq!(error.unwrap_err().argument(), Argument::Costs);
        }
        let mut refused = |costs: &[f64], rows, columns, s: usize, i: usize| {
            let (scratch, index_scratch) = (&mut scratch[..s], &mut index_scratch[..i]);
            let result = solve(&mut assignment, costs, rows, columns, Objective::Minimum, scratch, index_scratch);
            result.unwrap_err().argument()
        };
        assert_eq!(refused(&[1.0; 4], 2, 2, 5, 8), Argument::Scratch);
        assert_eq!(refused(&[1.0; 4], 2, 2, 6, 7), Argument::IndexScratch);
        assert_eq!(refused(&[1.0; 3], 2, 2, 6, 8), Argument::Costs);
        assert_eq!(refused(&[1.0; 1], 1, 1, 6, 8), Argument::Assignment);
        assert_eq!(refused(&[], usize::MAX, 0, 6, 8), Argument::Rows);
        assert_eq!(assignment, [5; 2]);
        let mut class_of = [5; 2];
        let refused = |class_of: &mut [u32], classes, scratch: &mut [f64]| {
            match_clusters(class_of, &[1; 4], classes, 2, scratch, &mut [0; 8]).unwrap_err().argument()
        };
        assert_eq!(refused(&mut class_of, 2, &mut [0.0; 5]), Argument::Scratch);
        assert_eq!(refused(&mut class_of, 3, &mut [0.0; 6]), Argument::Confusion);
        assert_eq!(refused(&mut class_of[..1], 2, &mut [0.0; 6]), Argument::ClassOf);
        assert_eq!(majority(&mut class_of[..1], &[1; 4], 2, 2).unwrap_err().argument(), Argument::ClassOf);
        assert_eq!(class_of, [5; 2]);
    }
}
