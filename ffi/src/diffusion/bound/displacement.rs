//! A schedule for each solver, without a search.

use super::{Pairs, of_grid};
use crate::pointer::{Buffer, write};
use crate::status::{quell_status, run};
use quell::diffusion::bound::Moments;
use quell::diffusion::bound::displacement::{self, Criterion, Sampler};
use quell::{Argument, Error};

/// The solver that a schedule is for.
#[repr(i32)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum quell_sampler {
    /// DDIM, Euler's method.
    Ddim = 0,
    /// DDIM with eta = 1, and first-order stochastic solvers like it.
    StochasticDdim = 1,
    /// DPM-Solver++(2M), and deterministic multistep solvers of second order like it.
    Dpmpp2m = 2,
    /// SDE-DPM-Solver++(2M), and ER-SDE of second and third order.
    SdeDpmpp2m = 3,
}

/// What the samples are judged by.
#[repr(i32)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum quell_criterion {
    /// The Kullback-Leibler divergence of their law from the true one: all scales count alike.
    Divergence = 0,
    /// Their distance from the true ones, in the units of the data: the large scales count.
    Distance = 1,
}

fn cast_criterion(criterion: i32) -> Result<Criterion, Error> {
    match criterion {
        value if value == quell_criterion::Divergence as i32 => Ok(Criterion::Divergence),
        value if value == quell_criterion::Distance as i32 => Ok(Criterion::Distance),
        value => Err(Error::Unknown { argument: Argument::Criterion, value }),
    }
}

fn cast_sampler(sampler: i32) -> Result<Sampler, Error> {
    match sampler {
        value if value == quell_sampler::Ddim as i32 => Ok(Sampler::Ddim),
        value if value == quell_sampler::StochasticDdim as i32 => Ok(Sampler::StochasticDdim),
        value if value == quell_sampler::Dpmpp2m as i32 => Ok(Sampler::DpmPp2M),
        value if value == quell_sampler::SdeDpmpp2m as i32 => Ok(Sampler::SdeDpmPp2M),
        value => Err(Error::Unknown { argument: Argument::Sampler, value }),
    }
}

/// Fills the density of steps that the displacement rule gives a solver, for quell_sigmas_from_density(): steps where
/// the solver's own error weighs most on its samples.
///
/// @param density      grid_len elements
/// @param moments      a table of trajectories (quell_pairs_add_trajectory_f32()), none of them without one
/// @param moments_len  quell_pairs_len(grid_len)
/// @param grid         its levels
/// @param grid_len     how many, at least 3; 64 are enough
/// @param sampler      a quell_sampler
/// @param criterion    a quell_criterion
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn quell_displacement_density(
    density: *mut f64,
    moments: *const Moments,
    moments_len: usize,
    grid: *const f64,
    grid_len: usize,
    sampler: i32,
    criterion: i32,
) -> quell_status {
    run(|| {
        let density = Buffer::output(Argument::Density, density, grid_len)?;
        let table = Pairs::input(moments, moments_len, grid, grid_len)?;
        density.apart_from(&table.ranges())?;
        let (sampler, criterion) = (cast_sampler(sampler)?, cast_criterion(criterion)?);
        // SAFETY: checked above; valid by the contract of the C ABI.
        of_grid(unsafe { displacement::fill_density(density.slice_mut(), &table.cast()?, sampler, criterion) })
    })
}

/// The length of the scratch of quell_displacement_error() and quell_displacement_descend(); SIZE_MAX when that
/// overflows.
///
/// @param levels  how many levels the table has
#[must_use]
#[unsafe(no_mangle)]
pub extern "C" fn quell_displacement_scratch_len(levels: usize) -> usize {
    displacement::scratch_len(levels)
}

/// The error of a deterministic run on levels of the table, for steps as long as they are.
///
/// @param out          the error
/// @param scratch      memory to work in
/// @param scratch_len  how much, at least quell_displacement_scratch_len(grid_len)
/// @param indices      the positions of the run's levels in the grid, from 0 to grid_len - 1, strictly increasing
/// @param indices_len  how many, at least 2
/// @param moments      a table of trajectories, none of them without one
/// @param moments_len  quell_pairs_len(grid_len)
/// @param grid         its levels
/// @param grid_len     how many, at least 2
/// @param sampler      QUELL_SAMPLER_DDIM or QUELL_SAMPLER_DPMPP2M
/// @param criterion    a quell_criterion
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn quell_displacement_error(
    out: *mut f64,
    scratch: *mut f64,
    scratch_len: usize,
    indices: *const u32,
    indices_len: usize,
    moments: *const Moments,
    moments_len: usize,
    grid: *const f64,
    grid_len: usize,
    sampler: i32,
    criterion: i32,
) -> quell_status {
    run(|| {
        let scratch = Buffer::output(Argument::Scratch, scratch, scratch_len)?;
        let indices = Buffer::input(Argument::Indices, indices, indices_len)?;
        let table = Pairs::input(moments, moments_len, grid, grid_len)?;
        let [a, b] = table.ranges();
        scratch.apart_from(&[indices.range(), a.clone(), b.clone()])?;
        let (sampler, criterion) = (cast_sampler(sampler)?, cast_criterion(criterion)?);
        // SAFETY: checked above and before use; valid by the contract of the C ABI.
        unsafe {
            write(Argument::Out, out, &[scratch.range(), indices.range(), a, b], || {
                displacement::error(&table.cast()?, indices.slice(), sampler, criterion, scratch.slice_mut())
            })
        }
    })
}

/// Moves the levels of a deterministic run on the grid, one at a time, while that lowers its error.
///
/// @param out          the error reached
/// @param indices      the positions of the run's levels in the grid, from 0 to grid_len - 1, strictly increasing
/// @param indices_len  how many, at least 2
/// @param scratch      memory to work in
/// @param scratch_len  how much, at least quell_displacement_scratch_len(grid_len)
/// @param moments      a table of trajectories, none of them without one
/// @param moments_len  quell_pairs_len(grid_len)
/// @param grid         its levels
/// @param grid_len     how many, at least 2
/// @param sampler      QUELL_SAMPLER_DDIM or QUELL_SAMPLER_DPMPP2M
/// @param criterion    a quell_criterion
/// @param most         the largest number of sweeps through the levels
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn quell_displacement_descend(
    out: *mut f64,
    indices: *mut u32,
    indices_len: usize,
    scratch: *mut f64,
    scratch_len: usize,
    moments: *const Moments,
    moments_len: usize,
    grid: *const f64,
    grid_len: usize,
    sampler: i32,
    criterion: i32,
    most: usize,
) -> quell_status {
    run(|| {
        let indices = Buffer::output(Argument::Indices, indices, indices_len)?;
        let scratch = Buffer::output(Argument::Scratch, scratch, scratch_len)?;
        let table = Pairs::input(moments, moments_len, grid, grid_len)?;
        let [a, b] = table.ranges();
        indices.apart_from(&[scratch.range(), a.clone(), b.clone()])?;
        scratch.apart_from(&[a.clone(), b.clone()])?;
        let (sampler, criterion) = (cast_sampler(sampler)?, cast_criterion(criterion)?);
        // SAFETY: checked above and before use; valid by the contract of the C ABI.
        unsafe {
            write(Argument::Out, out, &[indices.range(), scratch.range(), a, b], || {
                displacement::descend(
                    indices.slice_mut(),
                    &table.cast()?,
                    sampler,
                    criterion,
                    most,
                    scratch.slice_mut(),
                )
            })
        }
    })
}
