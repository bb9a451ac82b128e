//! The search of the Align Your Steps paper, one level at a time.

use super::{Costs, Curve};
use crate::pointer::{Buffer, write};
use crate::status::{quell_status, run};
use core::ops::Range;
use quell::diffusion::bound::search::{self, CANDIDATES, Levels};
use quell::diffusion::bound::{Gaussian, IntervalCosts, MmseCurve};
use quell::{Argument, Error};

/// How many candidates there are for a level: where it is, and five on the way to each neighbour.
pub const QUELL_CANDIDATES: usize = 11;

const _: () = assert!(QUELL_CANDIDATES == CANDIDATES);

/// Which levels a search may move. The ends stay in any case.
#[repr(i32)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum quell_search_levels {
    /// All.
    All = 0,
    /// Those that quell_sigmas_subdivide() added, at odd positions.
    New = 1,
}

fn cast_levels(levels: i32) -> Result<Levels, Error> {
    match levels {
        value if value == quell_search_levels::All as i32 => Ok(Levels::All),
        value if value == quell_search_levels::New as i32 => Ok(Levels::New),
        value => Err(Error::Unknown { argument: Argument::Levels, value }),
    }
}

/// Fills the candidates for one level of a schedule, for a host that asks its network for the cost of each
/// (quell_candidates_add()): the first is where the level is.
///
/// @param candidates  QUELL_CANDIDATES elements
/// @param sigmas      the schedule, positive and strictly decreasing
/// @param sigmas_len  how many, at least 3
/// @param index       the position of the level, neither the first nor the last
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn quell_search_candidates(
    candidates: *mut f64,
    sigmas: *const f64,
    sigmas_len: usize,
    index: usize,
) -> quell_status {
    run(|| {
        let candidates = Buffer::output(Argument::Candidates, candidates, CANDIDATES)?;
        let sigmas = Buffer::input(Argument::Sigmas, sigmas, sigmas_len)?;
        candidates.apart_from(&[sigmas.range()])?;
        let mut filled = [0.0; CANDIDATES];
        // SAFETY: checked above; valid by the contract of the C ABI.
        unsafe {
            search::fill_candidates(&mut filled, sigmas.slice(), index)?;
            candidates.slice_mut().copy_from_slice(&filled);
        }
        Ok(())
    })
}

/// The position of the least cost; the first of equals, so that a level moves only for a gain.
///
/// @param out        the position
/// @param costs      the costs of the candidates; infinity for one that must not be chosen
/// @param costs_len  how many, at least 1
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn quell_search_choose(out: *mut usize, costs: *const f64, costs_len: usize) -> quell_status {
    run(|| {
        let costs = Buffer::input(Argument::Costs, costs, costs_len)?;
        // SAFETY: checked above and before use; valid by the contract of the C ABI.
        unsafe { write(Argument::Out, out, &[costs.range()], || search::choose(costs.slice())) }
    })
}

/// What a sweep asks of its source of costs.
trait Steps {
    /// The cost of a schedule, with all its checks.
    fn klub(&self, sigmas: &[f64]) -> Result<f64, Error>;
    /// The cost of one step.
    fn between(&self, from: f64, to: f64) -> Result<f64, Error>;
}

/// Stamps the sources: the names are those of the core's methods.
macro_rules! steps {
    ($($type:ty, $between:ident;)*) => {$(
        impl Steps for $type {
            fn klub(&self, sigmas: &[f64]) -> Result<f64, Error> {
                <$type>::klub(self, sigmas)
            }
            fn between(&self, from: f64, to: f64) -> Result<f64, Error> {
                <$type>::$between(self, from, to)
            }
        }
    )*};
}
steps! {
    MmseCurve<'_>, klub_between;
    IntervalCosts<'_>, between;
    Gaussian, klub_between;
}

/// The buffers that every sweep has.
struct Sweep {
    out: Buffer<usize>,
    sigmas: Buffer<f64>,
    scratch: Buffer<f64>,
}

impl Sweep {
    fn output(out: *mut usize, sigmas: *mut f64, scratch: *mut f64, length: usize) -> Result<Sweep, Error> {
        Ok(Sweep {
            out: Buffer::output(Argument::Out, out, 1)?,
            sigmas: Buffer::output(Argument::Sigmas, sigmas, length)?,
            scratch: Buffer::output(Argument::Scratch, scratch, length)?,
        })
    }

    /// Sweeps by the costs that `source` makes of the inputs.
    ///
    /// # Safety
    ///
    /// As for [`Buffer::slice_mut`].
    unsafe fn run<S: Steps>(
        self,
        inputs: &[Range<usize>],
        levels: i32,
        source: impl FnOnce() -> Result<S, Error>,
    ) -> Result<(), Error> {
        self.sigmas.apart_from(inputs)?;
        self.scratch.apart_from(inputs)?;
        self.scratch.apart_from(&[self.sigmas.range()])?;
        self.out.apart_from(inputs)?;
        self.out.apart_from(&[self.sigmas.range(), self.scratch.range()])?;
        let (levels, source) = (cast_levels(levels)?, source()?);
        // SAFETY: checked above; valid by this function's contract.
        unsafe {
            let sigmas = self.sigmas.slice_mut();
            // What is wrong with the schedule is found out here, and named; in the sweep it would be a cost.
            source.klub(sigmas)?;
            let cost = |from, to| source.between(from, to).unwrap_or(f64::NAN);
            let moves = search::sweep(sigmas, levels, self.scratch.slice_mut(), cost)?;
            self.out.slice_mut().fill(moves);
        }
        Ok(())
    }
}

/// Goes once through the levels of a schedule from the noisiest down, and moves each to the best of its candidates by
/// the bound from an mmse curve. Call it until nothing moves, or until the samples have got worse.
///
/// @param out          how many levels moved
/// @param sigmas       the schedule, strictly decreasing and within the grid
/// @param scratch      memory to work in, sigmas_len elements
/// @param sigmas_len   how many, at least 2
/// @param grid         the levels of the curve
/// @param mmse         the mean squared error at each, grid_len elements
/// @param information  the information at each, grid_len elements
/// @param grid_len     how many, at least 2
/// @param levels       a quell_search_levels
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn quell_search_sweep_mmse(
    out: *mut usize,
    sigmas: *mut f64,
    scratch: *mut f64,
    sigmas_len: usize,
    grid: *const f64,
    mmse: *const f64,
    information: *const f64,
    grid_len: usize,
    levels: i32,
) -> quell_status {
    run(|| {
        let sweep = Sweep::output(out, sigmas, scratch, sigmas_len)?;
        let curve = Curve::input(grid, mmse, information, grid_len)?;
        // SAFETY: checked above; valid by the contract of the C ABI.
        unsafe { sweep.run(&curve.ranges(), levels, || curve.cast()) }
    })
}

/// The same by packed costs: those of quell_pairs_costs() or quell_mmse_costs().
///
/// @param out         how many levels moved
/// @param sigmas      the schedule, strictly decreasing and within the grid
/// @param scratch     memory to work in, sigmas_len elements
/// @param sigmas_len  how many, at least 2
/// @param costs       costs_len elements
/// @param costs_len   quell_pairs_len(grid_len)
/// @param grid        the levels of the costs
/// @param grid_len    how many, at least 2
/// @param levels      a quell_search_levels
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn quell_search_sweep_costs(
    out: *mut usize,
    sigmas: *mut f64,
    scratch: *mut f64,
    sigmas_len: usize,
    costs: *const f64,
    costs_len: usize,
    grid: *const f64,
    grid_len: usize,
    levels: i32,
) -> quell_status {
    run(|| {
        let sweep = Sweep::output(out, sigmas, scratch, sigmas_len)?;
        let costs = Costs::input(costs, costs_len, grid, grid_len)?;
        // SAFETY: checked above; valid by the contract of the C ABI.
        unsafe { sweep.run(&costs.ranges(), levels, || costs.cast()) }
    })
}

/// The same by the bound for N(0, c^2) data.
///
/// @param out         how many levels moved
/// @param sigmas      the schedule, positive and strictly decreasing
/// @param scratch     memory to work in, sigmas_len elements
/// @param sigmas_len  how many, at least 2
/// @param c           the standard deviation of the data
/// @param levels      a quell_search_levels
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn quell_search_sweep_gaussian(
    out: *mut usize,
    sigmas: *mut f64,
    scratch: *mut f64,
    sigmas_len: usize,
    c: f64,
    levels: i32,
) -> quell_status {
    run(|| {
        let sweep = Sweep::output(out, sigmas, scratch, sigmas_len)?;
        // SAFETY: checked above; valid by the contract of the C ABI.
        unsafe { sweep.run(&[], levels, || Gaussian::new(c, 1)) }
    })
}

/// Doubles a schedule: its levels at the even positions, and their geometric means between.
///
/// @param out         out_len elements
/// @param out_len     2 sigmas_len - 1
/// @param sigmas      the schedule, positive and strictly decreasing
/// @param sigmas_len  how many, at least 2
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn quell_sigmas_subdivide(
    out: *mut f64,
    out_len: usize,
    sigmas: *const f64,
    sigmas_len: usize,
) -> quell_status {
    run(|| {
        let out = Buffer::output(Argument::Out, out, out_len)?;
        let sigmas = Buffer::input(Argument::Sigmas, sigmas, sigmas_len)?;
        out.apart_from(&[sigmas.range()])?;
        // SAFETY: checked above; valid by the contract of the C ABI.
        unsafe { search::subdivide(out.slice_mut(), sigmas.slice()) }
    })
}
