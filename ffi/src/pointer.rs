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

    /// This buffer as one of several that a call writes.
    pub(crate) fn written(&self) -> Written {
        Written { argument: self.argument, range: self.range() }
    }

    /// No byte of this buffer, which is written, may be a byte of another.
    pub(crate) fn apart_from(&self, others: &[Range<usize>]) -> Result<(), Error> {
        self.written().apart_from(others)
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

/// The bytes of an optional buffer, none if it is absent.
pub(crate) fn range<T>(buffer: &Option<Buffer<T>>) -> Range<usize> {
    buffer.as_ref().map_or(0..0, Buffer::range)
}

/// What a call writes: which argument, and where.
#[derive(Clone, Debug)]
pub(crate) struct Written {
    pub(crate) argument: Argument,
    pub(crate) range: Range<usize>,
}

impl Written {
    /// None of these bytes may be a byte of another range.
    pub(crate) fn apart_from(&self, others: &[Range<usize>]) -> Result<(), Error> {
        let mine = &self.range;
        let meets = |other: &Range<usize>| !other.is_empty() && mine.start < other.end && other.start < mine.end;
        if !mine.is_empty() && others.iter().any(meets) {
            return Err(Error::Overlap { argument: self.argument });
        }
        Ok(())
    }
}

/// Nothing that is written may meet what is read, or anything else that is written; of two outputs that meet the first is
/// named.
pub(crate) fn all_apart(outputs: &[Written], inputs: &[Range<usize>]) -> Result<(), Error> {
    let mut rest = outputs;
    while let [first, others @ ..] = rest {
        first.apart_from(inputs)?;
        others.iter().try_for_each(|other| first.apart_from(core::slice::from_ref(&other.range)))?;
        rest = others;
    }
    Ok(())
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

#[cfg(test)]
mod tests {
    use super::*;

    const ARGUMENT: Argument = Argument::Model;

    /// A buffer at an address that nothing is read from.
    fn at<T>(address: usize, length: usize) -> Result<Buffer<T>, Error> {
        Buffer::input(ARGUMENT, core::ptr::without_provenance(address), length)
    }

    fn length_error<T>(actual: usize) -> Error {
        Error::Length { argument: ARGUMENT, expected: isize::MAX as usize / size_of::<T>(), actual }
    }

    #[test]
    fn null_is_refused_unless_the_length_is_zero() {
        assert_eq!(at::<f32>(0, 1).unwrap_err(), Error::Null { argument: ARGUMENT });
        let empty = at::<f32>(0, 0).unwrap();
        assert!(empty.range().is_empty());
        // SAFETY: an empty slice is valid anywhere.
        assert_eq!(unsafe { empty.slice() }, &[] as &[f32]);
    }

    #[test]
    fn an_empty_buffer_may_stand_at_any_address() {
        for address in [1, 3, usize::MAX] {
            assert!(at::<f64>(address, 0).unwrap().range().is_empty());
        }
    }

    #[test]
    fn alignment_is_that_of_the_type() {
        for offset in 1..8 {
            let misaligned = Error::Misaligned { argument: ARGUMENT };
            assert_eq!(at::<u8>(64 + offset, 1).map(drop), Ok(()));
            assert_eq!(at::<u16>(64 + offset, 1).map(drop), if offset % 2 == 0 { Ok(()) } else { Err(misaligned) });
            assert_eq!(at::<f32>(64 + offset, 1).map(drop), if offset % 4 == 0 { Ok(()) } else { Err(misaligned) });
            assert_eq!(at::<u64>(64 + offset, 1).map(drop), Err(misaligned));
        }
    }

    #[test]
    fn lengths_end_where_objects_end() {
        let most = isize::MAX as usize / 8;
        assert!(at::<f64>(8, most).is_ok());
        for length in [most + 1, usize::MAX / 8, usize::MAX / 8 + 1, usize::MAX] {
            assert_eq!(at::<f64>(8, length).unwrap_err(), length_error::<f64>(length));
        }
        assert_eq!(at::<u16>(8, usize::MAX).unwrap_err(), length_error::<u16>(usize::MAX));
    }

    #[test]
    fn the_address_space_has_an_end() {
        let last = usize::MAX - 7;
        assert_eq!(at::<f64>(last, 1).unwrap_err(), length_error::<f64>(1));
        assert!(at::<f64>(last - 8, 1).is_ok());
        assert_eq!(at::<f64>(last - 8, 2).unwrap_err(), length_error::<f64>(2));
    }

    #[test]
    fn optional_is_null_or_a_buffer() {
        assert!(Buffer::<f32>::optional(ARGUMENT, core::ptr::null(), 4).unwrap().is_none());
        let value = [0f32; 4];
        assert_eq!(Buffer::optional(ARGUMENT, value.as_ptr(), 4).unwrap().unwrap().range().len(), 16);
        let odd = core::ptr::without_provenance::<f32>(2);
        assert_eq!(Buffer::optional(ARGUMENT, odd, 4).unwrap_err(), Error::Misaligned { argument: ARGUMENT });
    }

    #[test]
    fn overlap_begins_with_one_byte_and_adjacency_is_none() {
        let mine = at::<u32>(100, 5).unwrap();
        let overlap = Err(Error::Overlap { argument: ARGUMENT });
        for (other, expected) in [
            (80..100, Ok(())),
            (80..101, overlap),
            (119..140, overlap),
            (120..140, Ok(())),
            (100..120, overlap),
            (105..106, overlap),
            (0..usize::MAX, overlap),
        ] {
            assert_eq!(mine.apart_from(core::slice::from_ref(&other)), expected, "{other:?}");
            assert_eq!(mine.apart_from(&[0..1, other.clone(), 400..500]), expected, "{other:?}");
        }
    }

    #[test]
    fn of_several_outputs_the_first_that_meets_something_is_named() {
        let output = |argument, range| Written { argument, range };
        let outputs = [
            output(Argument::X, 0..10),
            output(Argument::Out, 20..30),
            output(Argument::Map, 40..40),
            output(ARGUMENT, 50..60),
        ];
        assert_eq!(all_apart(&outputs, &[10..20, 30..50]), Ok(()));
        let named = |outputs: &[Written], inputs: &[Range<usize>]| all_apart(outputs, inputs).unwrap_err().argument();
        assert_eq!(named(&outputs, &[59..61, 9..10]), Argument::X);
        assert_eq!(named(&outputs, &[59..61, 70..71]), ARGUMENT);
        let meeting = [output(Argument::Out, 20..30), output(ARGUMENT, 50..60), output(Argument::X, 29..51)];
        assert_eq!(named(&meeting, &[]), Argument::Out);
        assert_eq!(all_apart(&[], &[0..1, 0..usize::MAX]), Ok(()));
    }

    #[test]
    fn what_is_empty_overlaps_nothing() {
        let (mine, empty) = (at::<u32>(100, 5).unwrap(), at::<u32>(108, 0).unwrap());
        assert_eq!(mine.apart_from(&[empty.range(), 108..108]), Ok(()));
        assert_eq!(empty.apart_from(&[mine.range()]), Ok(()));
    }

    #[test]
    fn read_and_write_check_before_they_touch() {
        let (source, mut target) = (7u64, [1u64, 2]);
        let place: *mut u64 = target.as_mut_ptr();
        let odd: *mut u64 = core::ptr::without_provenance_mut(12);
        let failure = Error::Null { argument: Argument::Level };
        // SAFETY: pointers are NULL, misaligned, or to the locals above.
        unsafe {
            assert_eq!(read(ARGUMENT, &source), Ok(7));
            assert_eq!(read::<u64>(ARGUMENT, core::ptr::null()), Err(Error::Null { argument: ARGUMENT }));
            assert_eq!(read(ARGUMENT, odd), Err(Error::Misaligned { argument: ARGUMENT }));
            let null = core::ptr::null_mut::<u64>();
            assert_eq!(write(ARGUMENT, null, &[], || Ok(3)), Err(Error::Null { argument: ARGUMENT }));
            assert_eq!(write(ARGUMENT, odd, &[], || Ok(3)), Err(Error::Misaligned { argument: ARGUMENT }));
            let overlap = Err(Error::Overlap { argument: ARGUMENT });
            assert_eq!(write(ARGUMENT, place, &[extent(place)], || Ok(3)), overlap);
            assert_eq!(write(ARGUMENT, place, &[extent(&source)], || Err(failure)), Err(failure));
            assert_eq!(*place, 1);
            assert_eq!(write(ARGUMENT, place, &[extent(place.add(1))], || Ok(3)), Ok(()));
        }
        assert_eq!(target, [3, 2]);
    }
}
