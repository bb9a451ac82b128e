//! The best schedule on a grid, for every number of steps at once.

use crate::pointer::Buffer;
use crate::status::{quell_status, run};
use quell::Argument;
use quell::diffusion::bound::dynamic::{parents_len, scratch_len, shortest_paths_packed, trace};

/// The length of the parents of quell_shortest_paths(); SIZE_MAX when that overflows.
///
/// @param steps   the largest number of steps
/// @param points  how many points there are
#[must_use]
#[unsafe(no_mangle)]
pub extern "C" fn quell_parents_len(steps: usize, points: usize) -> usize {
    parents_len(steps, points)
}

/// The length of the scratch of quell_shortest_paths(); SIZE_MAX when that overflows.
///
/// @param steps   the largest number of steps
/// @param points  how many points there are
#[must_use]
#[unsafe(no_mangle)]
pub extern "C" fn quell_shortest_paths_scratch_len(steps: usize, points: usize) -> usize {
    scratch_len(steps, points)
}

/// Finds the path from the first of the points to the last that costs least, for each number of steps from 1 to
/// totals_len. quell_trace() reads the paths.
///
/// @param totals       the least cost in exactly k + 1 steps at position k; infinity where there is no such path
/// @param totals_len   the largest number of steps, at least 1
/// @param parents      parents_len elements
/// @param parents_len  quell_parents_len(totals_len, points)
/// @param scratch      memory to work in
/// @param scratch_len  how much, at least quell_shortest_paths_scratch_len(totals_len, points)
/// @param costs        packed: those of quell_mmse_costs(), quell_pairs_costs() or quell_leaps_costs(); infinity for a
///                     step that must not be taken
/// @param costs_len    quell_pairs_len(points)
/// @param points       how many points, at least 2
/// @param coefficient  the factor by which each step counts more than the one before; 1 for all alike
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn quell_shortest_paths(
    totals: *mut f64,
    totals_len: usize,
    parents: *mut u32,
    parents_len: usize,
    scratch: *mut f64,
    scratch_len: usize,
    costs: *const f64,
    costs_len: usize,
    points: usize,
    coefficient: f64,
) -> quell_status {
    run(|| {
        let totals = Buffer::output(Argument::Totals, totals, totals_len)?;
        let parents = Buffer::output(Argument::Parents, parents, parents_len)?;
        let scratch = Buffer::output(Argument::Scratch, scratch, scratch_len)?;
        let costs = Buffer::input(Argument::Costs, costs, costs_len)?;
        totals.apart_from(&[parents.range(), scratch.range(), costs.range()])?;
        parents.apart_from(&[scratch.range(), costs.range()])?;
        scratch.apart_from(&[costs.range()])?;
        // SAFETY: checked above; valid by the contract of the C ABI.
        unsafe {
            let (totals, parents, scratch) = (totals.slice_mut(), parents.slice_mut(), scratch.slice_mut());
            shortest_paths_packed(totals, parents, points, coefficient, scratch, costs.slice())
        }
    })
}

/// Reads a path of indices_len - 1 steps: the positions of its points from the first to the last.
///
/// @param indices      indices_len elements
/// @param indices_len  one more than there are steps, at least 2
/// @param parents      those of quell_shortest_paths() or quell_teacher_advance_f32()
/// @param parents_len  how many
/// @param points       how many points there are
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn quell_trace(
    indices: *mut u32,
    indices_len: usize,
    parents: *const u32,
    parents_len: usize,
    points: usize,
) -> quell_status {
    run(|| {
        let indices = Buffer::output(Argument::Indices, indices, indices_len)?;
        let parents = Buffer::input(Argument::Parents, parents, parents_len)?;
        indices.apart_from(&[parents.range()])?;
        // SAFETY: checked above; valid by the contract of the C ABI.
        unsafe { trace(indices.slice_mut(), parents.slice(), points) }
    })
}
