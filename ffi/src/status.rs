//! What a call returns: 0, or a number that holds the cause and the argument.

use core::ffi::{CStr, c_char};
use quell::{Argument, Error};

/// 0 on success, else negative: -(256 * cause + argument). See quell_status_cause() and quell_status_argument().
pub type quell_status = i32;

/// Why a call did nothing.
#[repr(i32)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum quell_cause {
    /// The call succeeded.
    None = 0,
    /// A buffer has a length other than the one that the rest of the call implies.
    Length = 1,
    /// A buffer is too small.
    TooShort = 2,
    /// A parameter is not finite, or outside its range.
    Domain = 3,
    /// A sequence is not strictly decreasing.
    Order = 4,
    /// A number that should choose among alternatives names none.
    Unknown = 5,
    /// A null pointer.
    Null = 6,
    /// A pointer that is not aligned for its type.
    Misaligned = 7,
    /// A buffer that is written overlaps another.
    Overlap = 8,
}

impl quell_cause {
    const ALL: [quell_cause; 9] = [
        quell_cause::None,
        quell_cause::Length,
        quell_cause::TooShort,
        quell_cause::Domain,
        quell_cause::Order,
        quell_cause::Unknown,
        quell_cause::Null,
        quell_cause::Misaligned,
        quell_cause::Overlap,
    ];

    const fn of(error: &Error) -> quell_cause {
        match error {
            Error::Length { .. } => quell_cause::Length,
            Error::TooShort { .. } => quell_cause::TooShort,
            Error::Order { .. } => quell_cause::Order,
            Error::Unknown { .. } => quell_cause::Unknown,
            Error::Null { .. } => quell_cause::Null,
            Error::Misaligned { .. } => quell_cause::Misaligned,
            Error::Overlap { .. } => quell_cause::Overlap,
            // The core may learn of finer causes; until this list does, they are parameters out of range.
            _ => quell_cause::Domain,
        }
    }

    const fn text(self) -> &'static CStr {
        match self {
            quell_cause::None => c"success",
            quell_cause::Length => c"the buffer has the wrong length",
            quell_cause::TooShort => c"the buffer is too short",
            quell_cause::Domain => c"the value is not finite or outside its range",
            quell_cause::Order => c"the sequence is not strictly decreasing",
            quell_cause::Unknown => c"the value names no alternative",
            quell_cause::Null => c"the pointer is NULL",
            quell_cause::Misaligned => c"the pointer is not aligned for its type",
            quell_cause::Overlap => c"the buffer overlaps another buffer of the call",
        }
    }
}

/// Runs the body of a function and turns its result into a status.
pub(crate) fn run(body: impl FnOnce() -> Result<(), Error>) -> quell_status {
    match body() {
        Ok(()) => 0,
        Err(error) => -(256 * quell_cause::of(&error) as i32 + error.argument() as i32),
    }
}

/// The version of the library, as "major.minor.patch". The string is static.
#[must_use]
#[unsafe(no_mangle)]
pub extern "C" fn quell_version() -> *const c_char {
    const VERSION: &str = concat!(env!("CARGO_PKG_VERSION"), "\0");
    VERSION.as_ptr().cast()
}

/// The cause that a status holds: a quell_cause, or -1 for a number that no function returns.
#[must_use]
#[unsafe(no_mangle)]
pub extern "C" fn quell_status_cause(status: quell_status) -> i32 {
    let cause = status.unsigned_abs() / 256;
    if status <= 0 && (cause as usize) < quell_cause::ALL.len() { cause as i32 } else { -1 }
}

/// The number of the argument that a status names, 0 for success.
#[must_use]
#[unsafe(no_mangle)]
pub extern "C" fn quell_status_argument(status: quell_status) -> i32 {
    (status.unsigned_abs() % 256) as i32
}

/// What a status means, in words: the cause. The string is static, whatever the number.
#[must_use]
#[unsafe(no_mangle)]
pub extern "C" fn quell_status_str(status: quell_status) -> *const c_char {
    let cause = quell_status_cause(status) as usize;
    quell_cause::ALL.get(cause).map_or(c"not a status of quell", |cause| cause.text()).as_ptr()
}

/// The name of the argument that a status names, as the signatures spell it; "" for success. The string is static,
/// whatever the number.
#[must_use]
#[unsafe(no_mangle)]
pub extern "C" fn quell_status_argument_str(status: quell_status) -> *const c_char {
    let number = quell_status_argument(status);
    let known = Argument::ALL.iter().find(|&&argument| argument as i32 == number);
    known.map_or(c"", |argument| argument.c_name()).as_ptr()
}
