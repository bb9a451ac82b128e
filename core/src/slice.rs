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
}
