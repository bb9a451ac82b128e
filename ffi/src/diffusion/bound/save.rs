//! Tables as bytes.

use super::of_grid;
use crate::pointer::Buffer;
use crate::status::{quell_status, run};
use quell::Argument;
use quell::diffusion::bound::Moments;
use quell::diffusion::bound::save::{self, Kind};

/// What a saved table is of.
#[repr(i32)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum quell_table_kind {
    /// Mean squared errors (quell_mmse_add_f32()), one for each level.
    Mmse = 0,
    /// Squared distances along noising paths (quell_pairs_add_path_f32()), one for each pair of levels.
    Pairs = 1,
    /// Leaps (quell_leaps_add_f32()) by QUELL_MEASURE_SQUARED, one for each pair of levels.
    SquaredLeaps = 2,
    /// The same by QUELL_MEASURE_DISTANCE.
    Leaps = 3,
    /// The same by QUELL_MEASURE_DEVIATION.
    Deviations = 4,
    /// Squared distances along trajectories (quell_pairs_add_trajectory_f32()), one for each pair of levels.
    Trajectories = 5,
}

// The numbers are those of the core.
const _: () = {
    assert!(quell_table_kind::Mmse as i32 == Kind::Mmse as i32 && quell_table_kind::Pairs as i32 == Kind::Pairs as i32);
    assert!(quell_table_kind::SquaredLeaps as i32 == Kind::SquaredLeaps as i32);
    assert!(quell_table_kind::Leaps as i32 == Kind::Leaps as i32);
    assert!(quell_table_kind::Deviations as i32 == Kind::Deviations as i32);
    assert!(quell_table_kind::Trajectories as i32 == Kind::Trajectories as i32);
};

/// The length of a table as bytes; SIZE_MAX when that overflows, or for a kind that is none.
///
/// @param kind    a quell_table_kind
/// @param levels  how many levels its grid has
#[must_use]
#[unsafe(no_mangle)]
pub extern "C" fn quell_table_encoded_len(kind: i32, levels: usize) -> usize {
    Kind::from_number(kind).map_or(usize::MAX, |kind| save::encoded_len(kind, levels))
}

/// Writes a table as bytes, with its grid and a checksum, the same on every machine.
///
/// @param bytes        bytes_len elements
/// @param bytes_len    quell_table_encoded_len(kind, grid_len)
/// @param moments      the table
/// @param moments_len  grid_len, or quell_pairs_len(grid_len) where it is one of pairs
/// @param grid         its levels as noise-to-signal ratios, strictly decreasing; the last may be 0
/// @param grid_len     how many, at least 1
/// @param kind         a quell_table_kind
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn quell_table_encode(
    bytes: *mut u8,
    bytes_len: usize,
    moments: *const Moments,
    moments_len: usize,
    grid: *const f64,
    grid_len: usize,
    kind: i32,
) -> quell_status {
    run(|| {
        let bytes = Buffer::output(Argument::Bytes, bytes, bytes_len)?;
        let moments = Buffer::input(Argument::Moments, moments, moments_len)?;
        let grid = Buffer::input(Argument::Grid, grid, grid_len)?;
        bytes.apart_from(&[moments.range(), grid.range()])?;
        let kind = Kind::from_number(kind)?;
        // SAFETY: checked above; valid by the contract of the C ABI.
        of_grid(unsafe { save::encode(bytes.slice_mut(), kind, grid.slice(), moments.slice()) })
    })
}

/// Reads a table of a given kind on a given grid. A file that was cut off, that something else wrote, or that is of
/// another kind or grid is refused, and the moments stay.
///
/// @param moments      moments_len elements
/// @param moments_len  grid_len, or quell_pairs_len(grid_len) where the table is one of pairs
/// @param grid         the levels that it has to be on
/// @param grid_len     how many
/// @param bytes        the table as bytes
/// @param bytes_len    how many
/// @param kind         a quell_table_kind
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn quell_table_decode(
    moments: *mut Moments,
    moments_len: usize,
    grid: *const f64,
    grid_len: usize,
    bytes: *const u8,
    bytes_len: usize,
    kind: i32,
) -> quell_status {
    run(|| {
        let moments = Buffer::output(Argument::Moments, moments, moments_len)?;
        let grid = Buffer::input(Argument::Grid, grid, grid_len)?;
        let bytes = Buffer::input(Argument::Bytes, bytes, bytes_len)?;
        moments.apart_from(&[grid.range(), bytes.range()])?;
        let kind = Kind::from_number(kind)?;
        // SAFETY: checked above; valid by the contract of the C ABI.
        of_grid(unsafe { save::decode(moments.slice_mut(), kind, grid.slice(), bytes.slice()) })
    })
}

/// Reads what a table is, for a host that does not know, and checks that its bytes are whole.
///
/// @param kind       a quell_table_kind
/// @param levels     how many levels its grid has
/// @param bytes      the table as bytes
/// @param bytes_len  how many
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn quell_table_header(
    kind: *mut i32,
    levels: *mut usize,
    bytes: *const u8,
    bytes_len: usize,
) -> quell_status {
    run(|| {
        let kind = Buffer::output(Argument::Kind, kind, 1)?;
        let levels = Buffer::output(Argument::Levels, levels, 1)?;
        let bytes = Buffer::input(Argument::Bytes, bytes, bytes_len)?;
        kind.apart_from(&[levels.range(), bytes.range()])?;
        levels.apart_from(&[bytes.range()])?;
        // SAFETY: checked above; valid by the contract of the C ABI.
        unsafe {
            let header = of_grid(save::header(bytes.slice()))?;
            kind.slice_mut().fill(header.kind as i32);
            levels.slice_mut().fill(header.levels);
        }
        Ok(())
    })
}

/// Reads the grid of a table.
///
/// @param grid       grid_len elements
/// @param grid_len   as many as quell_table_header() says
/// @param bytes      the table as bytes
/// @param bytes_len  how many
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn quell_table_grid(
    grid: *mut f64,
    grid_len: usize,
    bytes: *const u8,
    bytes_len: usize,
) -> quell_status {
    run(|| {
        let grid = Buffer::output(Argument::Grid, grid, grid_len)?;
        let bytes = Buffer::input(Argument::Bytes, bytes, bytes_len)?;
        grid.apart_from(&[bytes.range()])?;
        // SAFETY: checked above; valid by the contract of the C ABI.
        of_grid(unsafe { save::decode_sigmas(grid.slice_mut(), bytes.slice()) })
    })
}
