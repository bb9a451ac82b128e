//! Which class each cluster stands for.

use crate::pointer::{Buffer, all_apart, write};
use crate::status::{quell_status, run};
use quell::correspondence::evaluate::assignment::{self, Objective};
use quell::{Argument, Error};

/// Which sum is sought.
#[repr(i32)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum quell_objective {
    /// The least.
    Minimum = 0,
    /// The greatest.
    Maximum = 1,
}

fn cast_objective(objective: i32) -> Result<Objective, Error> {
    match objective {
        value if value == quell_objective::Minimum as i32 => Ok(Objective::Minimum),
        value if value == quell_objective::Maximum as i32 => Ok(Objective::Maximum),
        value => Err(Error::Unknown { argument: Argument::Objective, value }),
    }
}

/// The length of the scratch of quell_assignment_solve() and, for clusters and classes, of
/// quell_assignment_match_clusters(); SIZE_MAX when that overflows.
///
/// @param rows     the rows of the table, or the clusters
/// @param columns  its columns, or the classes
#[must_use]
#[unsafe(no_mangle)]
pub extern "C" fn quell_assignment_scratch_len(rows: usize, columns: usize) -> usize {
    assignment::scratch_len(rows, columns)
}

/// The length of their index scratch; SIZE_MAX when that overflows.
///
/// @param rows     the rows of the table, or the clusters
/// @param columns  its columns, or the classes
#[must_use]
#[unsafe(no_mangle)]
pub extern "C" fn quell_assignment_index_scratch_len(rows: usize, columns: usize) -> usize {
    assignment::index_scratch_len(rows, columns)
}

/// Gives each row of a table a column of its own so that the sum of the costs is least, or greatest. In a table with
/// more rows than columns some rows go without.
///
/// @param out                the sum
/// @param assignment         the column of each row, or QUELL_UNMATCHED; rows elements
/// @param rows               how many rows
/// @param scratch            memory to work in
/// @param scratch_len        how much, at least quell_assignment_scratch_len(rows, columns)
/// @param index_scratch      memory to work in
/// @param index_scratch_len  how much, at least quell_assignment_index_scratch_len(rows, columns)
/// @param costs              the table, row by row: finite, of magnitudes up to 1e150
/// @param costs_len          rows columns
/// @param columns            how many columns
/// @param objective          a quell_objective
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn quell_assignment_solve(
    out: *mut f64,
    assignment: *mut u32,
    rows: usize,
    scratch: *mut f64,
    scratch_len: usize,
    index_scratch: *mut u32,
    index_scratch_len: usize,
    costs: *const f64,
    costs_len: usize,
    columns: usize,
    objective: i32,
) -> quell_status {
    run(|| {
        let assignment = Buffer::output(Argument::Assignment, assignment, rows)?;
        let scratch = Buffer::output(Argument::Scratch, scratch, scratch_len)?;
        let index_scratch = Buffer::output(Argument::IndexScratch, index_scratch, index_scratch_len)?;
        let costs = Buffer::input(Argument::Costs, costs, costs_len)?;
        all_apart(&[assignment.written(), scratch.written(), index_scratch.written()], &[costs.range()])?;
        let objective = cast_objective(objective)?;
        let used = [assignment.range(), scratch.range(), index_scratch.range(), costs.range()];
        // SAFETY: checked above and before use; valid by the contract of the C ABI.
        unsafe {
            write(Argument::Out, out, &used, || {
                let (scratch, index_scratch) = (scratch.slice_mut(), index_scratch.slice_mut());
                let (assignment, costs) = (assignment.slice_mut(), costs.slice());
                assignment::solve(assignment, costs, rows, columns, objective, scratch, index_scratch)
            })
        }
    })
}

/// Matches clusters with classes one to one so that as many pixels as possible are right: Hungarian matching.
///
/// @param class_of           the class of each cluster, or QUELL_UNMATCHED; clusters elements
/// @param clusters           how many clusters, at least 1
/// @param scratch            memory to work in
/// @param scratch_len        how much, at least quell_assignment_scratch_len(clusters, classes)
/// @param index_scratch      memory to work in
/// @param index_scratch_len  how much, at least quell_assignment_index_scratch_len(clusters, classes)
/// @param confusion          how many pixels of each class, by row, have each label, by column
/// @param confusion_len      classes clusters
/// @param classes            how many classes, at least 1
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn quell_assignment_match_clusters(
    class_of: *mut u32,
    clusters: usize,
    scratch: *mut f64,
    scratch_len: usize,
    index_scratch: *mut u32,
    index_scratch_len: usize,
    confusion: *const u64,
    confusion_len: usize,
    classes: usize,
) -> quell_status {
    run(|| {
        let class_of = Buffer::output(Argument::ClassOf, class_of, clusters)?;
        let scratch = Buffer::output(Argument::Scratch, scratch, scratch_len)?;
        let index_scratch = Buffer::output(Argument::IndexScratch, index_scratch, index_scratch_len)?;
        let confusion = Buffer::input(Argument::Confusion, confusion, confusion_len)?;
        all_apart(&[class_of.written(), scratch.written(), index_scratch.written()], &[confusion.range()])?;
        // SAFETY: checked above; valid by the contract of the C ABI.
        unsafe {
            let (scratch, index_scratch) = (scratch.slice_mut(), index_scratch.slice_mut());
            let (class_of, confusion) = (class_of.slice_mut(), confusion.slice());
            assignment::match_clusters(class_of, confusion, classes, clusters, scratch, index_scratch)
        }
    })
}

/// Gives each cluster the class that most of its pixels have, the lowest of several; none without a pixel.
///
/// @param class_of       the class of each cluster, or QUELL_UNMATCHED; clusters elements
/// @param clusters       how many clusters, at least 1
/// @param confusion      how many pixels of each class, by row, have each label, by column
/// @param confusion_len  classes clusters
/// @param classes        how many classes, at least 1
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn quell_assignment_majority(
    class_of: *mut u32,
    clusters: usize,
    confusion: *const u64,
    confusion_len: usize,
    classes: usize,
) -> quell_status {
    run(|| {
        let class_of = Buffer::output(Argument::ClassOf, class_of, clusters)?;
        let confusion = Buffer::input(Argument::Confusion, confusion, confusion_len)?;
        class_of.apart_from(&[confusion.range()])?;
        // SAFETY: checked above; valid by the contract of the C ABI.
        unsafe { assignment::majority(class_of.slice_mut(), confusion.slice(), classes, clusters) }
    })
}
