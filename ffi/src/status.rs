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

/// Cause and argument of a status; none for a number that no function returns. Success has no argument.
fn decode(status: quell_status) -> Option<(quell_cause, Option<Argument>)> {
    if status == 0 {
        return Some((quell_cause::None, None));
    }
    let (cause, number) = (status.unsigned_abs() / 256, status.unsigned_abs() % 256);
    let cause = quell_cause::ALL.into_iter().skip(1).find(|&known| status < 0 && known as u32 == cause)?;
    let argument = Argument::ALL.iter().find(|&&known| known as u32 == number)?;
    Some((cause, Some(*argument)))
}

/// The cause that a status holds: a quell_cause, or -1 for a number that no function returns.
#[must_use]
#[unsafe(no_mangle)]
pub extern "C" fn quell_status_cause(status: quell_status) -> i32 {
    decode(status).map_or(-1, |(cause, _)| cause as i32)
}

/// The number of the argument that a status names; 0 for success, and for a number that no function returns.
#[must_use]
#[unsafe(no_mangle)]
pub extern "C" fn quell_status_argument(status: quell_status) -> i32 {
    decode(status).and_then(|(_, argument)| argument).map_or(0, |argument| argument as i32)
}

/// What a status means, in words: the cause. The string is static, whatever the number.
#[must_use]
#[unsafe(no_mangle)]
pub extern "C" fn quell_status_str(status: quell_status) -> *const c_char {
    decode(status).map_or(c"not a status of quell", |(cause, _)| cause.text()).as_ptr()
}

/// The name of the argument that a status names, as signatures and structs spell it; "" where quell_status_argument()
/// is 0. The string is static, whatever the number.
#[must_use]
#[unsafe(no_mangle)]
pub extern "C" fn quell_status_argument_str(status: quell_status) -> *const c_char {
    decode(status).and_then(|(_, argument)| argument).map_or(c"", |argument| argument.c_name()).as_ptr()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The text of a static C string of the library.
    fn text(pointer: *const c_char) -> &'static str {
        // SAFETY: the functions under test return static strings with a terminating zero.
        unsafe { CStr::from_ptr(pointer) }.to_str().expect("UTF-8")
    }

    fn errors(argument: Argument) -> [(quell_cause, Error); 8] {
        [
            (quell_cause::Length, Error::Length { argument, expected: 1, actual: 2 }),
            (quell_cause::TooShort, Error::TooShort { argument, needed: 2, actual: 1 }),
            (quell_cause::Domain, Error::Domain { argument, value: f64::NAN }),
            (quell_cause::Order, Error::Order { argument, index: 1 }),
            (quell_cause::Unknown, Error::Unknown { argument, value: -1 }),
            (quell_cause::Null, Error::Null { argument }),
            (quell_cause::Misaligned, Error::Misaligned { argument }),
            (quell_cause::Overlap, Error::Overlap { argument }),
        ]
    }

    #[test]
    fn every_cause_and_argument_survive_the_round_trip() {
        for &argument in Argument::ALL {
            for (cause, error) in errors(argument) {
                let status = run(|| Err(error));
                assert!(status < 0, "{error}");
                assert_eq!(quell_status_cause(status), cause as i32, "{error}");
                assert_eq!(quell_status_argument(status), argument as i32, "{error}");
                assert_eq!(text(quell_status_argument_str(status)), argument.name(), "{error}");
                assert_eq!(text(quell_status_str(status)), cause.text().to_str().expect("UTF-8"), "{error}");
            }
        }
    }

    #[test]
    fn causes_stand_at_their_own_numbers_and_read_differently() {
        for (number, cause) in quell_cause::ALL.into_iter().enumerate() {
            assert_eq!(cause as usize, number);
            assert_eq!(quell_cause::ALL.iter().filter(|other| other.text() == cause.text()).count(), 1, "{cause:?}");
        }
    }

    #[test]
    fn success_names_nothing() {
        assert_eq!(run(|| Ok(())), 0);
        assert_eq!((quell_status_cause(0), quell_status_argument(0)), (0, 0));
        assert_eq!((text(quell_status_str(0)), text(quell_status_argument_str(0))), ("success", ""));
    }

    #[test]
    fn other_numbers_are_no_status() {
        let length = -256 * quell_cause::Length as i32;
        for number in [1, 257, i32::MAX, i32::MIN, -1, -255, length, length - 255, -256 * 9 - 1, -(1 << 20)] {
            assert_eq!((quell_status_cause(number), quell_status_argument(number)), (-1, 0), "{number}");
            assert_eq!(text(quell_status_str(number)), "not a status of quell", "{number}");
            assert_eq!(text(quell_status_argument_str(number)), "", "{number}");
        }
    }

    #[test]
    fn the_version_is_that_of_the_manifest() {
        assert_eq!(text(quell_version()), env!("CARGO_PKG_VERSION"));
    }
}
