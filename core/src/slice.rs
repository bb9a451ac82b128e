//! Parts of slices, cut to what there is: no index can be out of bounds, so none can panic.

/// The part of a slice, or as much of it as there is.
#[inline(always)]
pub(crate) fn part<T>(slice: &[T], start: usize, length: usize) -> &[T] {
    let tail = slice.get(start..).unwrap_or(&[]);
    tail.get(..length).unwrap_or(tail)
}

/// The same, to write to.
#[inline(always)]
pub(crate) fn part_mut<T>(slice: &mut [T], start: usize, length: usize) -> &mut [T] {
    let tail = slice.get_mut(start..).unwrap_or(&mut []);
    let length = length.min(tail.len());
    tail.get_mut(..length).unwrap_or(&mut [])
}

/// The first `length` elements, or as many as there are; what is behind them is left in their place.
#[inline(always)]
pub(crate) fn take<'a, T>(rest: &mut &'a mut [T], length: usize) -> &'a mut [T] {
    let whole = core::mem::take(rest);
    let (head, tail) = whole.split_at_mut(length.min(whole.len()));
    *rest = tail;
    head
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_part_ends_where_the_slice_does() {
        let mut slice = [1, 2, 3, 4];
        for (start, length, expected) in
            [(1, 2, &[2, 3][..]), (2, 9, &[3, 4]), (4, 1, &[]), (5, 1, &[]), (0, 0, &[]), (usize::MAX, usize::MAX, &[])]
        {
            assert_eq!(part(&slice, start, length), expected);
            assert_eq!(part_mut(&mut slice, start, length), expected);
        }
    }

    #[test]
    fn takes_follow_one_another() {
        let mut slice = [1, 2, 3, 4];
        let mut rest = &mut slice[..];
        let (first, second, last) = (take(&mut rest, 1), take(&mut rest, 2), take(&mut rest, 9));
        assert_eq!((&*first, &*second, &*last, rest.len()), (&[1][..], &[2, 3][..], &[4][..], 0));
    }
}
