//! Steps that belong to no solver, and a step as a table.

use crate::pointer::{Buffer, extent, read, write};
use crate::status::{quell_status, run};
use quell::Argument;
use quell::diffusion::noise::NoiseLevel;
use quell::diffusion::step::{self, ROWS, Step, TableRow, history_len};

/// The most rows in a step.
pub const QUELL_ROWS: usize = 3;
/// The most slots that a step can address.
pub const QUELL_SLOTS: usize = 6;
/// The slots that DDIM needs.
pub const QUELL_DDIM_SLOTS: usize = 0;
/// The slots that ancestral Euler needs.
pub const QUELL_EULER_ANCESTRAL_SLOTS: usize = 0;
/// The slots that Heun's method needs.
pub const QUELL_HEUN_SLOTS: usize = 1;
/// The slots that DPM-Solver++(2M) needs.
pub const QUELL_DPMPP_2M_SLOTS: usize = 1;
/// The slots that SDE-DPM-Solver++(2M) needs.
pub const QUELL_SDE_DPMPP_2M_SLOTS: usize = 1;
/// The slots that UniPC of any order needs; order p needs p.
pub const QUELL_UNIPC_SLOTS: usize = 3;
/// The slots that ER-SDE of any order needs; order p needs p - 1.
pub const QUELL_ER_SDE_SLOTS: usize = 2;
/// The step word of the generator's counter for the noise that a run starts from.
pub const QUELL_INITIAL_NOISE_STEP: u32 = 0xffff_fffe;
/// The step word of the generator's counter for the noise on a known sample.
pub const QUELL_KNOWN_NOISE_STEP: u32 = 0xffff_ffff;
/// Where the result of a step's row goes.
#[repr(i32)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum quell_destination {
    /// The row is not used.
    Unused = -1,
    /// The row gives the new state.
    X = 0,
    /// The row gives the first slot; slot k is QUELL_DESTINATION_SLOT + k.
    Slot = 1,
}

// The generator of the header wants literals; these hold them to the core's values.
const _: () = {
    use quell::diffusion::pass;
    use quell::diffusion::solver::{Ddim, DpmPp2M, ErSde, EulerAncestral, Heun, SdeDpmPp2M, Solver, UniPc};
    use step::destination;
    assert!(QUELL_ROWS == ROWS && QUELL_SLOTS == step::SLOTS);
    assert!(QUELL_DDIM_SLOTS == Ddim::SLOTS && QUELL_EULER_ANCESTRAL_SLOTS == EulerAncestral::SLOTS);
    assert!(QUELL_HEUN_SLOTS == Heun::SLOTS && QUELL_UNIPC_SLOTS == UniPc::SLOTS);
    assert!(QUELL_DPMPP_2M_SLOTS == DpmPp2M::SLOTS && QUELL_SDE_DPMPP_2M_SLOTS == SdeDpmPp2M::SLOTS);
    assert!(QUELL_ER_SDE_SLOTS == ErSde::SLOTS);
    assert!(QUELL_INITIAL_NOISE_STEP == step::INITIAL_NOISE_STEP);
    assert!(QUELL_KNOWN_NOISE_STEP == pass::KNOWN_NOISE_STEP);
    assert!(quell_destination::Unused as i32 == destination::UNUSED);
    assert!(quell_destination::X as i32 == destination::TO_X);
    assert!(quell_destination::Slot as i32 == destination::TO_SLOT);
};

/// Stamps the steps without a network.
macro_rules! steps {
    ($($(#[$doc:meta])* $name:ident, $make:ident;)*) => {$(
        $(#[$doc])*
        #[must_use]
        #[unsafe(no_mangle)]
        pub unsafe extern "C" fn $name(out: *mut Step, level: *const NoiseLevel) -> quell_status {
            run(|| {
                // SAFETY: checked before use; valid by the contract of the C ABI.
                unsafe {
                    let at = read(Argument::Level, level)?;
                    write(Argument::Out, out, &[extent(level)], || Step::$make(at))
                }
            })
        }
    )*};
}
steps! {
    /// The step that noises a clean sample: x = alpha x + sigma z. Its draw is number QUELL_INITIAL_NOISE_STEP.
    ///
    /// @param out    the step
    /// @param level  the level to reach
    quell_step_add_noise, add_noise;
    /// The step that begins a run from noise alone: x = sigma z; the old content of x is not read. Its draw is number
    /// QUELL_INITIAL_NOISE_STEP, which no solver's step takes.
    ///
    /// @param out    the step
    /// @param level  the first level of the schedule
    quell_step_initial_noise, initial_noise;
    /// The step that leaves the state alone. Its pass serves to scale a state for the network.
    ///
    /// @param out    the step
    /// @param level  the level of the state
    quell_step_identity, identity;
}

/// The rows of a step in terms of the buffers that there are, for hosts with their own kernels.
///
/// @param out      QUELL_ROWS rows; one whose destination is QUELL_DESTINATION_UNUSED is all zeros
/// @param step     the step
/// @param clipped  not 0: a clipped estimate of the clean sample is there beside the network's output
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn quell_step_table(out: *mut TableRow, step: *const Step, clipped: i32) -> quell_status {
    run(|| {
        let out = Buffer::output(Argument::Out, out, ROWS)?;
        out.apart_from(&[extent(step)])?;
        // SAFETY: checked before use; valid by the contract of the C ABI.
        unsafe {
            let table = read(Argument::Step, step)?.checked_table(clipped != 0, Argument::Step)?;
            out.slice_mut().copy_from_slice(&table);
        }
        Ok(())
    })
}

/// The number of slots that a step reads or writes.
///
/// @param out   the number
/// @param step  the step
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn quell_step_slots(out: *mut usize, step: *const Step) -> quell_status {
    run(|| {
        // SAFETY: checked before use; valid by the contract of the C ABI.
        unsafe {
            let value = read(Argument::Step, step)?;
            write(Argument::Out, out, &[extent(step)], || {
                value.checked_table(false, Argument::Step).map(|_| value.slots())
            })
        }
    })
}

/// The number of elements of a history of `slots` slots for a state of n elements; SIZE_MAX when that overflows.
///
/// @param slots  QUELL_HEUN_SLOTS and the like
/// @param n      the elements of the state
#[must_use]
#[unsafe(no_mangle)]
pub extern "C" fn quell_history_len(slots: usize, n: usize) -> usize {
    history_len(slots, n)
}
