//! The C ABI of quell: every function checks its pointers, casts them to slices and calls the core.
//!
//! There is no mathematics here, and all unsafe code of the library is here. What a C caller may rely on, and the order
//! of arguments, stand at the top of `include/quell.h`. That file is generated from this crate: the comments on the
//! items below are its comments, in Doxygen's style and in ASCII, and `header/` holds the rest of it.
//!
//! A function is written in three moves:
//!
//! 1. check: each pointer becomes a `Buffer`, with the argument's name, which is refused when it is null, misaligned
//!    or too long; then what is written is compared with all that is read, before any reference exists;
//! 2. cast: buffers become slices, numbers become enums, structs become the core's types;
//! 3. call: the core checks lengths and values, and writes only when all of them are right.
//!
//! The error that comes back, from here or from the core, leaves as a [`quell_status`](status::quell_status).
#![cfg_attr(not(feature = "std"), no_std)]
#![allow(non_camel_case_types)]
// One contract holds for all functions, and stands at the top of the header.
#![allow(clippy::missing_safety_doc)]

// The order of the modules is that of the header.
pub mod status;

pub mod random;

#[cfg(feature = "diffusion")]
pub mod diffusion;

#[cfg(feature = "correspondence")]
pub mod correspondence;

mod pointer;

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
