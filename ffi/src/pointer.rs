//! From pointers to slices: null, alignment, length and overlap are checked before any reference exists.

use core::ops::Range;
use quell::{Argument, Error};

/// A pointer with a length, checked on its own but not yet against the others of its call.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Buffer<T> {
    start: *mut T,
    length: usize,
    argument: Argument,
}

impl<T> Buffer<T> {
    /// What is only read: NULL only for length 0, aligned, not longer than memory can be.
    pub(crate) fn input(argument: Argument, pointer: *const T, length: usize) -> Result<Buffer<T>, Error> {
        let start = pointer.cast_mut();
        if length == 0 {
            return Ok(Buffer { start: core::ptr::dangling_mut(), length, argument });
        }
        if start.is_null() {
            return Err(Error::Null { argument });
        }
        if !start.is_aligned() {
            return Err(Error::Misaligned { argument });
        }
        let most = isize::MAX as usize / size_of::<T>().max(1);
        // Beyond the end of the address space no object can reach.
        let bytes = length.saturating_mul(size_of::<T>());
        if length > most || (start as usize).checked_add(bytes).is_none() {
            return Err(Error::Length { argument, expected: most, actual: length });
        }
        Ok(Buffer { start, length, argument })
    }

    /// What is written. Its address range must meet none of `others`; it is the last check, so list all of them.
    pub(crate) fn output(argument: Argument, pointer: *mut T, length: usize) -> Result<Buffer<T>, Error> {
        Buffer::input(argument, pointer, length)
    }

    /// NULL, or a buffer of the given length: some arguments are optional.
    pub(crate) fn optional(argument: Argument, pointer: *const T, length: usize) -> Result<Option<Buffer<T>>, Error> {
        if pointer.is_null() { Ok(None) } else { Buffer::input(argument, pointer, length).map(Some) }
    }

    pub(crate) fn range(&self) -> Range<usize> {
        let start = self.start as usize;
        start..start.wrapping_add(self.length * size_of::<T>())
    }

    /// No byte of this buffer, which is written, may be a byte of another.
    pub(crate) fn apart_from(&self, others: &[Range<usize>]) -> Result<(), Error> {
        let mine = self.range();
        let meets = |other: &Range<usize>| !other.is_empty() && mine.start < other.end && other.start < mine.end;
        if !mine.is_empty() && others.iter().any(meets) {
            return Err(Error::Overlap { argument: self.argument });
        }
        Ok(())
    }

    /// The elements.
    ///
    /// # Safety
    ///
    /// The pointer is valid for reads of the length it came with, and nothing writes there while the slice lives.
    pub(crate) unsafe fn slice<'a>(self) -> &'a [T] {
        // SAFETY: non-null, aligned and of possible length by construction; valid by the caller's contract.
        unsafe { core::slice::from_raw_parts(self.start, self.length) }
    }

    /// The elements, to write.
    ///
    /// # Safety
    ///
    /// The pointer is valid for reads and writes of the length it came with, and [`Buffer::apart_from`] has passed for
    /// everything else that is referred to while the slice lives.
    pub(crate) unsafe fn slice_mut<'a>(self) -> &'a mut [T] {
        // SAFETY: as above, and exclusive by the caller's contract.
        unsafe { core::slice::from_raw_parts_mut(self.start, self.length) }
    }
}

/// Copies a struct that the caller points to.
///
/// # Safety
///
/// The pointer is NULL, misaligned or valid for reads.
pub(crate) unsafe fn read<T: Copy>(argument: Argument, pointer: *const T) -> Result<T, Error> {
    let buffer = Buffer::input(argument, pointer, 1)?;
    // SAFETY: checked for null and alignment; valid by the caller's contract.
    Ok(unsafe { *buffer.start })
}

/// Checks where a single result goes, computes it, then writes it.
///
/// # Safety
///
/// The pointer is NULL, misaligned or valid for writes.
pub(crate) unsafe fn write<T>(
    argument: Argument,
    pointer: *mut T,
    inputs: &[Range<usize>],
    result: impl FnOnce() -> Result<T, Error>,
) -> Result<(), Error> {
    let buffer = Buffer::output(argument, pointer, 1)?;
    buffer.apart_from(inputs)?;
    let value = result()?;
    // SAFETY: checked for null and alignment; valid by the caller's contract. The inputs are no longer referred to.
    unsafe { buffer.start.write(value) };
    Ok(())
}

/// The bytes that a struct takes which the caller points to, for the check that no output meets it.
pub(crate) fn extent<T>(pointer: *const T) -> Range<usize> {
    let start = pointer as usize;
    start..start.saturating_add(size_of::<T>())
}
