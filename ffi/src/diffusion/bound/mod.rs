//! The bound on what discretisation costs, and schedules from it, without callbacks.

// The order of the modules is that of the header.
pub mod moments;

pub mod mmse;

pub mod pairs;

pub mod gaussian;

pub mod importance;

pub mod candidates;

pub mod dynamic;

pub mod search;

pub mod density;

pub mod displacement;

pub mod teacher;

pub mod save;

use crate::pointer::Buffer;
use core::ops::Range;
use quell::diffusion::bound::{IntervalCosts, MmseCurve, Moments, PairTable};
use quell::{Argument, Error};

/// Names the grid where the core speaks of sigmas: a function of the C ABI may take a schedule, too.
fn of_grid<T>(result: Result<T, Error>) -> Result<T, Error> {
    let argument = Argument::Grid;
    result.map_err(|error| match error {
        Error::Length { argument: Argument::Sigmas, expected, actual } => Error::Length { argument, expected, actual },
        Error::TooShort { argument: Argument::Sigmas, needed, actual } => Error::TooShort { argument, needed, actual },
        Error::Domain { argument: Argument::Sigmas, value } => Error::Domain { argument, value },
        Error::Order { argument: Argument::Sigmas, index } => Error::Order { argument, index },
        other => other,
    })
}

/// The parts of an mmse curve.
#[derive(Clone, Copy)]
struct Curve {
    grid: Buffer<f64>,
    mmse: Buffer<f64>,
    information: Buffer<f64>,
}

impl Curve {
    fn input(grid: *const f64, mmse: *const f64, information: *const f64, length: usize) -> Result<Curve, Error> {
        Ok(Curve {
            grid: Buffer::input(Argument::Grid, grid, length)?,
            mmse: Buffer::input(Argument::Mmse, mmse, length)?,
            information: Buffer::input(Argument::Information, information, length)?,
        })
    }

    fn ranges(&self) -> [Range<usize>; 3] {
        [self.grid.range(), self.mmse.range(), self.information.range()]
    }

    /// # Safety
    ///
    /// As for [`Buffer::slice`].
    unsafe fn cast<'a>(self) -> Result<MmseCurve<'a>, Error> {
        // SAFETY: by this function's contract.
        of_grid(unsafe { MmseCurve::new(self.grid.slice(), self.mmse.slice(), self.information.slice()) })
    }
}

/// The parts of a pair table that is read.
#[derive(Clone, Copy)]
struct Pairs {
    moments: Buffer<Moments>,
    grid: Buffer<f64>,
}

impl Pairs {
    fn input(moments: *const Moments, moments_len: usize, grid: *const f64, grid_len: usize) -> Result<Pairs, Error> {
        let moments = Buffer::input(Argument::Moments, moments, moments_len)?;
        Ok(Pairs { moments, grid: Buffer::input(Argument::Grid, grid, grid_len)? })
    }

    fn ranges(&self) -> [Range<usize>; 2] {
        [self.moments.range(), self.grid.range()]
    }

    /// # Safety
    ///
    /// As for [`Buffer::slice`].
    unsafe fn cast<'a>(self) -> Result<PairTable<'a, &'a [Moments]>, Error> {
        // SAFETY: by this function's contract.
        of_grid(unsafe { PairTable::view(self.grid.slice(), self.moments.slice()) })
    }
}

/// The parts of packed costs.
#[derive(Clone, Copy)]
struct Costs {
    costs: Buffer<f64>,
    grid: Buffer<f64>,
}

impl Costs {
    fn input(costs: *const f64, costs_len: usize, grid: *const f64, grid_len: usize) -> Result<Costs, Error> {
        let costs = Buffer::input(Argument::Costs, costs, costs_len)?;
        Ok(Costs { costs, grid: Buffer::input(Argument::Grid, grid, grid_len)? })
    }

    fn ranges(&self) -> [Range<usize>; 2] {
        [self.costs.range(), self.grid.range()]
    }

    /// # Safety
    ///
    /// As for [`Buffer::slice`].
    unsafe fn cast<'a>(self) -> Result<IntervalCosts<'a>, Error> {
        // SAFETY: by this function's contract.
        of_grid(unsafe { IntervalCosts::new(self.grid.slice(), self.costs.slice()) })
    }
}
