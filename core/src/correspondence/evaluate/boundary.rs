//! How well outlines agree: boundary recall, precision and F.
//!
//! A pixel is on a boundary if the pixel on its left or the one above has another label, so an outline is one pixel
//! wide. Where one of the two is ignored in the truth, there is no boundary, in either map. A boundary pixel is found
//! if the other map has one within the given Euclidean distance between pixel centres.

use crate::correspondence::label::Label;
use crate::error::{Argument, Error, check};

/// Boundary pixels, of one image or, added up, of many.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[repr(C)]
pub struct Boundaries {
    /// Those of the truth.
    pub truth: u64,
    /// Those of the truth that the labels have nearby.
    pub truth_found: u64,
    /// Those of the labels.
    pub labels: u64,
    /// Those of the labels that the truth has nearby.
    pub labels_found: u64,
}

impl Boundaries {
    /// Adds the pixels of another image.
    pub fn merge(&mut self, other: &Boundaries) {
        self.truth = self.truth.saturating_add(other.truth);
        self.truth_found = self.truth_found.saturating_add(other.truth_found);
        self.labels = self.labels.saturating_add(other.labels);
        self.labels_found = self.labels_found.saturating_add(other.labels_found);
    }

    /// The share of the truth's boundary that the labels have nearby; NaN where the truth has none.
    pub fn recall(&self) -> f64 {
        self.truth_found as f64 / self.truth as f64
    }

    /// The share of the labels' boundary that the truth has nearby; NaN where the labels have none.
    pub fn precision(&self) -> f64 {
        self.labels_found as f64 / self.labels as f64
    }

    /// The harmonic mean of recall and precision: 0 where nothing is found, NaN where neither map has a boundary.
    pub fn f(&self) -> f64 {
        if self.truth_found == 0 && self.labels_found == 0 && self.truth.saturating_add(self.labels) > 0 {
            return 0.0;
        }
        let (recall, precision) = (self.recall(), self.precision());
        2.0 * recall * precision / (recall + precision)
    }
}

/// The length of the scratch of [`count`].
pub const fn scratch_len(height: usize, width: usize) -> usize {
    height.saturating_mul(width)
}

/// Counts the boundary pixels of two maps of `height` × `width` labels, and how many of them lie within `distance` of
/// the other map's.
///
/// Pixels whose `truth` is `ignore` are left out. O(pixels · `distance`); `scratch` has [`scratch_len`] elements.
///
/// # Errors
///
/// [`Error::Length`] for `truth` or `labels`; [`Error::TooShort`] for `scratch`; [`Error::Domain`] for a `distance`
/// that is negative or not finite.
///
/// # Example
///
/// ```
/// use quell::correspondence::evaluate::boundary;
/// let (truth, labels) = ([0u8, 0, 1, 1, 1], [0u8, 1, 1, 1, 2]);
/// let found = boundary::count(&truth, &labels, 1, 5, None, 1.0, &mut [0; boundary::scratch_len(1, 5)])?;
/// assert_eq!((found.recall(), found.precision()), (1.0, 0.5));
/// # Ok::<(), quell::Error>(())
/// ```
pub fn count<T: Label, L: Label>(
    truth: &[T],
    labels: &[L],
    height: usize,
    width: usize,
    ignore: Option<usize>,
    distance: f64,
    scratch: &mut [u32],
) -> Result<Boundaries, Error> {
    let pixels = height.saturating_mul(width);
    check::length(Argument::Truth, pixels, truth.len())?;
    check::length(Argument::Labels, pixels, labels.len())?;
    check::non_negative(Argument::Distance, distance)?;
    check::at_least(Argument::Scratch, scratch_len(height, width), scratch.len())?;
    // However many rows there are without a column.
    let Some(scratch) = scratch.get_mut(..pixels).filter(|scratch| !scratch.is_empty()) else {
        return Ok(Boundaries::default());
    };
    let is_ignored = |pixel: usize| truth.get(pixel).is_none_or(|truth| Some(truth.to_usize()) == ignore);
    let differ =
        |map: &dyn Fn(usize) -> usize, a: usize, b: usize| map(a) != map(b) && !is_ignored(a) && !is_ignored(b);
    let on = |map: &dyn Fn(usize) -> usize, row: usize, column: usize| {
        let pixel = row * width + column;
        column > 0 && differ(map, pixel, pixel - 1) || row > 0 && differ(map, pixel, pixel - width)
    };
    let true_label = |pixel: usize| truth.get(pixel).map_or(0, |label| label.to_usize());
    let label = |pixel: usize| labels.get(pixel).map_or(0, |label| label.to_usize());
    let on_truth = |row, column| on(&true_label, row, column);
    let on_labels = |row, column| on(&label, row, column);
    let (truth, truth_found) = found(on_truth, on_labels, height, width, distance, scratch);
    let (labels, labels_found) = found(on_labels, on_truth, height, width, distance, scratch);
    Ok(Boundaries { truth, truth_found, labels, labels_found })
}

/// How many pixels there are, and how many of them have one of the others within the distance.
fn found(
    these: impl Fn(usize, usize) -> bool,
    others: impl Fn(usize, usize) -> bool,
    height: usize,
    width: usize,
    distance: f64,
    scratch: &mut [u32],
) -> (u64, u64) {
    // How far the nearest of the others is within each column: down, then up.
    let mut fill = |row: usize, neighbour: Option<usize>, is_first: bool| {
        for column in 0..width {
            let beyond = neighbour.and_then(|row| scratch.get(row * width + column)).copied().unwrap_or(u32::MAX);
            if let Some(place) = scratch.get_mut(row * width + column) {
                let here = match is_first {
                    true if others(row, column) => 0,
                    true => u32::MAX,
                    false => *place,
                };
                *place = here.min(beyond.saturating_add(1));
            }
        }
    };
    (0..height).for_each(|row| fill(row, row.checked_sub(1), true));
    (0..height).rev().for_each(|row| fill(row, Some(row + 1).filter(|&below| below < height), false));
    let (reach, limit) = (distance as usize, distance * distance);
    let (mut all, mut near) = (0, 0);
    for row in 0..height {
        for column in (0..width).filter(|&column| these(row, column)) {
            let first = column.saturating_sub(reach);
            let last = column.saturating_add(reach).min(width - 1);
            let is_near = (first..=last).any(|other| {
                let across = column.abs_diff(other) as f64;
                let down = scratch.get(row * width + other).map_or(f64::INFINITY, |&down| f64::from(down));
                // u32::MAX stands for none, whatever the distance asked for.
                down < f64::from(u32::MAX) && across * across + down * down <= limit
            });
            all += 1;
            near += u64::from(is_near);
        }
    }
    (all, near)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::{vec, vec::Vec};

    fn counted(truth: &[u8], labels: &[u8], width: usize, ignore: Option<usize>, distance: f64) -> Boundaries {
        let mut scratch = vec![77; truth.len()];
        count(truth, labels, truth.len() / width, width, ignore, distance, &mut scratch).unwrap()
    }

    #[test]
    fn a_shifted_edge_is_found_from_its_distance_on() {
        let row = |edge: usize| (0..9).map(|x| u8::from(x >= edge)).collect::<Vec<u8>>();
        for distance in 0..=4 {
            let one = counted(&row(3), &row(5), 9, None, distance as f64);
            let found = u64::from(distance >= 2);
            assert_eq!(one, Boundaries { truth: 1, truth_found: found, labels: 1, labels_found: found });
        }
        // The same down a column, and obliquely: 3 across and 3 down, as an outline stands right of and below its edge.
        assert_eq!(counted(&row(3), &row(5), 1, None, 1.9).truth_found, 0);
        assert_eq!(counted(&row(3), &row(5), 1, None, 2.0).truth_found, 1);
        let corner = |x: usize, y: usize| (0..64).map(|p| u8::from(p == y * 8 + x)).collect::<Vec<u8>>();
        let far = |distance| counted(&corner(7, 7), &corner(4, 3), 8, None, distance);
        // The last pixel's neighbours right and below lie outside, so its outline is the pixel itself.
        assert_eq!((far(4.2).truth, far(4.2).truth_found, far(4.3).truth_found), (1, 0, 1));
        assert_eq!(far(1e300).truth_found, 1);
    }

    #[test]
    fn where_the_truth_is_ignored_there_is_no_boundary() {
        let counts = counted(&[0, 9, 1, 1, 2], &[0, 1, 1, 0, 0], 5, Some(9), 0.0);
        assert_eq!(counts, Boundaries { truth: 1, truth_found: 0, labels: 1, labels_found: 0 });
    }

    #[test]
    fn the_ends_of_the_scores() {
        let none = counted(&[4], &[2], 1, None, 5.0);
        assert_eq!(none, Boundaries::default());
        assert!(none.recall().is_nan() && none.precision().is_nan() && none.f().is_nan());
        let missed = counted(&[0, 1], &[0, 0], 2, None, 5.0);
        assert!((missed.recall(), missed.f()) == (0.0, 0.0) && missed.precision().is_nan());
        let mut sum = counted(&[0, 1], &[0, 1], 2, None, 0.0);
        assert_eq!((sum.recall(), sum.precision(), sum.f()), (1.0, 1.0, 1.0));
        sum.merge(&missed);
        assert_eq!((sum.recall(), sum.precision(), sum.f()), (0.5, 1.0, 2.0 / 3.0));
        assert_eq!(count::<u8, u8>(&[], &[], 0, 5, None, 1.0, &mut []), Ok(Boundaries::default()));
    }

    #[test]
    fn bad_input_is_refused() {
        let refused = |truth: &[u8], labels: &[u8], distance, scratch: &mut [u32]| {
            count(truth, labels, 2, 2, None, distance, scratch).unwrap_err().argument()
        };
        assert_eq!(refused(&[0; 3], &[0; 4], 1.0, &mut [0; 4]), Argument::Truth);
        assert_eq!(refused(&[0; 4], &[0; 5], 1.0, &mut [0; 4]), Argument::Labels);
        assert_eq!(refused(&[0; 4], &[0; 4], 1.0, &mut [0; 3]), Argument::Scratch);
        for distance in [f64::NAN, f64::INFINITY, -1.0] {
            assert_eq!(refused(&[0; 4], &[0; 4], distance, &mut [0; 4]), Argument::Distance);
        }
    }

    #[test]
    fn very_many_rows_without_a_column_are_none() {
        let found = count::<u8, u8>(&[], &[], usize::MAX, 0, None, 1.0, &mut []).unwrap();
        assert_eq!((found.truth, found.labels), (0, 0));
    }
}
