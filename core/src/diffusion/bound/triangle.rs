//! Packed triangles: one value for each pair of levels, as every table over pairs keeps them.
//!
//! Row `from` holds the levels `to` = `from`, `from` + 1, …, after the rows of all noisier levels.

/// The length of a packed triangle over so many levels, its diagonal included.
pub const fn pairs_len(levels: usize) -> usize {
    // Half of the even one of two neighbours.
    if levels.is_multiple_of(2) {
        (levels / 2).saturating_mul(levels.saturating_add(1))
    } else {
        (levels / 2 + 1).saturating_mul(levels)
    }
}

/// Where a pair stands in a packed triangle over so many levels.
pub(super) fn pair_index(from: usize, to: usize, levels: usize) -> Option<usize> {
    // The triangle less the one that is left from the row on.
    (from <= to && to < levels).then(|| pairs_len(levels) - pairs_len(levels - from) + (to - from))
}

/// The rows of a packed triangle, from the noisiest level down.
pub(super) fn rows<T>(mut packed: &[T], levels: usize) -> impl Iterator<Item = &[T]> {
    (0..levels).rev().map_while(move |more| {
        let (row, rest) = packed.split_at_checked(more + 1)?;
        packed = rest;
        Some(row)
    })
}

/// The same, to write.
pub(super) fn rows_mut<T>(mut packed: &mut [T], levels: usize) -> impl Iterator<Item = &mut [T]> {
    (0..levels).rev().map_while(move |more| {
        let (row, rest) = core::mem::take(&mut packed).split_at_mut_checked(more + 1)?;
        packed = rest;
        Some(row)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::vec::Vec;

    #[test]
    fn a_packed_triangle_is_its_rows() {
        for levels in 0..20 {
            assert_eq!(pairs_len(levels), (0..levels).map(|from| levels - from).sum());
            let packed: Vec<usize> = (0..pairs_len(levels)).collect();
            let mut places = packed.iter();
            for (from, row) in rows(&packed, levels).enumerate() {
                assert_eq!(row.len(), levels - from);
                for to in from..levels {
                    assert_eq!(pair_index(from, to, levels), places.next().copied());
                    assert_eq!(Some(row[to - from]), pair_index(from, to, levels));
                }
            }
            assert!(places.next().is_none());
            assert_eq!(pair_index(0, levels, levels), None);
        }
        assert_eq!((pair_index(2, 1, 5), pairs_len(usize::MAX)), (None, usize::MAX));
        // What the table in the documentation says.
        assert_eq!([64, 512].map(|levels| 24 * pairs_len(levels)), [49_920, 3_151_872]);
    }
}
