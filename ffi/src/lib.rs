//! The C ABI of quell: every function checks its pointers, casts them to slices and calls the core.
//!
//! There is no mathematics here, and all unsafe code of the library is here. `include/quell.h` is generated from this
//! crate; its comments are the ones below, in Doxygen's style.
//!
//! Conventions, for every function:
//!
//! * It returns a [`quell_status`](status::quell_status): 0, or a negative number that tells the cause and the argument
//!   at fault. On failure nothing has been written.
//! * Arguments come in the order: outputs and buffers changed in place, inputs with their lengths, scalars.
//! * Lengths count elements, not bytes. A pointer may be NULL where its length is 0, and where the comment says so.
//! * Pointers must be aligned for their type, and what is written must overlap nothing else in the call: both are
//!   checked.
//! * 16-bit floats are passed as `uint16_t` bit patterns: binary16 in `_f16`, bfloat16 in `_bf16`. In names with two
//!   types the first is that of the state and the second that of the network's output.
//! * The library has no state: calls on different buffers may run at the same time on any threads.
#![cfg_attr(not(feature = "std"), no_std)]
#![allow(non_camel_case_types)]
// One contract holds for all functions, and stands above.
#![allow(clippy::missing_safety_doc)]

#[cfg(feature = "diffusion")]
pub mod diffusion;
mod pointer;
pub mod random;
pub mod status;

/// Never called: the symbol check of the release archive proves that no panic survives optimisation.
#[cfg(not(feature = "std"))]
#[panic_handler]
fn panic(_: &core::panic::PanicInfo<'_>) -> ! {
    loop {}
}

/// A panic on purpose, to see the symbol check fail.
#[cfg(feature = "planted-panic")]
#[unsafe(no_mangle)]
pub extern "C" fn quell_planted_panic(index: usize) -> u8 {
    b"quell"[index]
}
