//! Connected components, and the removal of small ones.
//!
//! ```
//! use quell::correspondence::components::{self, Connectivity};
//! let mut labels = [0u8, 0, 1, 0, 2, 1, 0, 0, 1];
//! let mut ids = [0u32; 9];
//! let count = components::fill_components(&mut ids, &labels, 3, 3, Connectivity::Four)?;
//! assert_eq!((ids, count), ([0, 0, 1, 0, 2, 1, 0, 0, 1], 3));
//! let mut areas = [0u32; 3];
//! components::fill_areas(&mut areas, &ids)?;
//! assert_eq!(areas, [5, 3, 1]);
//!
//! let mut scratch = [0; components::scratch_len(3, 3)];
//! assert_eq!(components::remove_small(&mut labels, 3, 3, Connectivity::Four, 2, &mut scratch)?, 1);
//! assert_eq!(labels, [0, 0, 1, 0, 0, 1, 0, 0, 1]);
//! # Ok::<(), quell::Error>(())
//! ```

use super::label::Label;
use crate::error::{Argument, Error, check};

/// Which pixels are neighbours.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[repr(i32)]
pub enum Connectivity {
    /// Those that share a side.
    #[default]
    Four = 4,
    /// Those that share a side or a corner.
    Eight = 8,
}

/// What an image of labels has to fulfil: its size, and no more pixels than 32 bits count.
fn check_image(argument: Argument, length: usize, height: usize, width: usize) -> Result<usize, Error> {
    let pixels = height.checked_mul(width).filter(|&pixels| u32::try_from(pixels).is_ok());
    let Some(pixels) = pixels else {
        return Err(Error::Domain { argument: Argument::Height, value: height as f64 });
    };
    check::length(argument, pixels, length)?;
    Ok(pixels)
}

/// Numbers the connected components of equal labels from 0 on, in the order of their first pixels row by row, and
/// returns how many there are.
///
/// `components` and `labels` have `height`·`width` elements.
///
/// # Errors
///
/// [`Error::Length`] for `components` or `labels`; [`Error::Domain`] for more pixels than 32 bits count (as
/// `height`).
pub fn fill_components<L: Label>(
    components: &mut [u32],
    labels: &[L],
    height: usize,
    width: usize,
    connectivity: Connectivity,
) -> Result<usize, Error> {
    let pixels = check_image(Argument::Labels, labels.len(), height, width)?;
    check::length(Argument::Components, pixels, components.len())?;
    join_all(components, labels, width, connectivity);
    // A pixel's parent comes before it, so it has its number already.
    let mut count = 0;
    for pixel in 0..pixels {
        let parent = load(components, pixel);
        let number = if parent == pixel { count } else { load(components, parent) };
        count += usize::from(parent == pixel);
        store(components, pixel, number);
    }
    Ok(count)
}

#[inline(always)]
fn load(numbers: &[u32], index: usize) -> usize {
    numbers.get(index).map_or(0, |&number| number as usize)
}

#[inline(always)]
fn store(numbers: &mut [u32], index: usize, number: usize) {
    if let Some(slot) = numbers.get_mut(index) {
        *slot = number as u32;
    }
}

/// Makes each pixel point, over some others, to the first pixel of its component, which points to itself.
fn join_all<L: Label>(parents: &mut [u32], labels: &[L], width: usize, connectivity: Connectivity) {
    let (mut row, mut column) = (0, 0);
    for (pixel, &label) in labels.iter().enumerate() {
        store(parents, pixel, pixel);
        let (left, right) = (column > 0, column + 1 < width);
        let diagonal = row > 0 && connectivity == Connectivity::Eight;
        let before = [
            (diagonal && left).then(|| pixel.wrapping_sub(width).wrapping_sub(1)),
            (row > 0).then(|| pixel.wrapping_sub(width)),
            (diagonal && right).then(|| pixel.wrapping_sub(width).wrapping_add(1)),
            left.then(|| pixel.wrapping_sub(1)),
        ];
        for neighbour in before.into_iter().flatten() {
            if labels.get(neighbour) == Some(&label) {
                join(parents, pixel, neighbour);
            }
        }
        column += 1;
        if column == width {
            (row, column) = (row + 1, 0);
        }
    }
}

/// The first pixel of a component. Halves the way for those who come later.
fn root(parents: &mut [u32], mut pixel: usize) -> usize {
    loop {
        let parent = load(parents, pixel);
        let above = load(parents, parent);
        if above == parent {
            return parent;
        }
        store(parents, pixel, above);
        pixel = above;
    }
}

/// Makes one component of two and returns its first pixel, and the first pixel of the other if there were two.
fn join(parents: &mut [u32], one: usize, other: usize) -> (usize, Option<usize>) {
    let (one, other) = (root(parents, one), root(parents, other));
    let (first, last) = if one < other { (one, other) } else { (other, one) };
    store(parents, last, first);
    (first, (first != last).then_some(last))
}

/// Counts the pixels of each component.
///
/// `areas` has an element for each component, `components` one for each pixel.
///
/// # Errors
///
/// [`Error::TooShort`] for `areas` without an element for some component.
///
/// # Example
///
/// ```
/// let mut areas = [0; 2];
/// quell::correspondence::components::fill_areas(&mut areas, &[0, 0, 1, 0])?;
/// assert_eq!(areas, [3, 1]);
/// # Ok::<(), quell::Error>(())
/// ```
pub fn fill_areas(areas: &mut [u32], components: &[u32]) -> Result<(), Error> {
    let needed = components.iter().map(|&component| component as usize).max();
    check::at_least(Argument::Areas, needed.map_or(0, |last| last.saturating_add(1)), areas.len())?;
    areas.fill(0);
    for &component in components {
        if let Some(area) = areas.get_mut(component as usize) {
            *area = area.wrapping_add(1);
        }
    }
    Ok(())
}

/// The length of the scratch of [`remove_small`]: four numbers for each pixel.
pub const fn scratch_len(height: usize, width: usize) -> usize {
    height.saturating_mul(width).saturating_mul(4)
}

/// Gives each component of fewer than `least` pixels to a neighbour, in place, and returns how many are given away.
///
/// The smallest goes first; of equally small ones, that whose first pixel comes first row by row. It takes the label
/// of the neighbour with which it shares the most sides of pixels; of several such neighbours, of that whose first
/// pixel comes first. It becomes part of that component and of all others of that label that it touches, so what
/// grows to `least` pixels on the way stays. What is left has `least` pixels, or is all of the image. A region at the
/// edge of the image has fewer sides to share, nothing else.
///
/// `labels` has `height`·`width` elements, `scratch` [`scratch_len`].
///
/// # Errors
///
/// [`Error::Length`] for `labels`; [`Error::TooShort`] for `scratch`; [`Error::Domain`] for more pixels than 32 bits
/// count (as `height`).
pub fn remove_small<L: Label>(
    labels: &mut [L],
    height: usize,
    width: usize,
    connectivity: Connectivity,
    least: usize,
    scratch: &mut [u32],
) -> Result<usize, Error> {
    let pixels = check_image(Argument::Labels, labels.len(), height, width)?;
    check::at_least(Argument::Scratch, scratch_len(height, width), scratch.len())?;
    let Some((parents, rest)) = scratch.split_at_mut_checked(pixels) else { return Ok(0) };
    let Some((next, rest)) = rest.split_at_mut_checked(pixels) else { return Ok(0) };
    let Some((areas, rest)) = rest.split_at_mut_checked(pixels) else { return Ok(0) };
    let sides = rest.get_mut(..pixels).unwrap_or(&mut []);
    let mut regions = Regions { labels, parents, next, areas, sides, width, connectivity };
    regions.find();
    let mut removed = 0;
    // A component grows to at least twice its size, so none of a size that is through appears again.
    while let Some(area) = regions.smallest().filter(|&area| area < least && area < pixels) {
        let before = removed;
        for pixel in 0..pixels {
            let is_first = load(regions.parents, pixel) == pixel;
            if is_first && load(regions.areas, pixel) == area && regions.give_away(pixel) {
                removed += 1;
            }
        }
        if removed == before {
            break;
        }
    }
    Ok(removed)
}

/// The components while they merge.
struct Regions<'a, L> {
    labels: &'a mut [L],
    /// As [`join_all`] makes them.
    parents: &'a mut [u32],
    /// The next pixel of the same component, in a circle.
    next: &'a mut [u32],
    /// The number of pixels, at the first of each component.
    areas: &'a mut [u32],
    /// The number of sides that the component in question shares with each, at its first pixel; 0 between calls.
    sides: &'a mut [u32],
    width: usize,
    connectivity: Connectivity,
}

impl<L: Label> Regions<'_, L> {
    fn find(&mut self) {
        join_all(self.parents, self.labels, self.width, self.connectivity);
        self.areas.fill(0);
        self.sides.fill(0);
        for pixel in 0..self.labels.len() {
            let first = root(self.parents, pixel);
            store(self.areas, first, load(self.areas, first) + 1);
            store(self.next, pixel, pixel);
            if first != pixel {
                self.link(first, pixel);
            }
        }
    }

    /// Makes one circle of two.
    fn link(&mut self, one: usize, other: usize) {
        let (after_one, after_other) = (load(self.next, one), load(self.next, other));
        store(self.next, one, after_other);
        store(self.next, other, after_one);
    }

    /// The area of the smallest component.
    fn smallest(&self) -> Option<usize> {
        let firsts = self.parents.iter().zip(&*self.areas).enumerate();
        firsts.filter(|&(pixel, (&parent, _))| parent as usize == pixel).map(|(_, (_, &area))| area as usize).min()
    }

    /// The pixels that share a side with one.
    fn beside(&self, pixel: usize) -> [Option<usize>; 4] {
        let column = pixel.checked_rem(self.width).unwrap_or(0);
        let below = pixel.checked_add(self.width).filter(|&below| below < self.labels.len());
        [
            pixel.checked_sub(self.width),
            (column > 0).then(|| pixel.wrapping_sub(1)),
            (column.wrapping_add(1) < self.width).then(|| pixel.wrapping_add(1)),
            below,
        ]
    }

    /// All that are connected to one.
    fn around(&self, pixel: usize) -> [Option<usize>; 8] {
        let [above, left, right, below] = self.beside(pixel);
        let diagonal = |row: Option<usize>, way: fn(usize, usize) -> usize, side: Option<usize>| {
            row.filter(|_| side.is_some() && self.connectivity == Connectivity::Eight).map(|row| way(row, 1))
        };
        [
            above,
            left,
            right,
            below,
            diagonal(above, usize::wrapping_sub, left),
            diagonal(above, usize::wrapping_add, right),
            diagonal(below, usize::wrapping_sub, left),
            diagonal(below, usize::wrapping_add, right),
        ]
    }

    /// Calls `visit` for each pixel of a component.
    fn walk(&mut self, first: usize, mut visit: impl FnMut(&mut Self, usize)) {
        let mut pixel = first;
        loop {
            // Before the visit, which may link this circle to another.
            let next = load(self.next, pixel);
            visit(self, pixel);
            pixel = next;
            if pixel == first {
                break;
            }
        }
    }

    /// Gives a component to the neighbour with which it shares most sides. False if it has none.
    fn give_away(&mut self, first: usize) -> bool {
        let (mut most, mut taker) = (0, None);
        self.walk(first, |regions, pixel| {
            for neighbour in regions.beside(pixel).into_iter().flatten() {
                let other = root(regions.parents, neighbour);
                if other != first {
                    let sides = load(regions.sides, other) + 1;
                    store(regions.sides, other, sides);
                    if sides > most || (sides == most && taker.is_some_and(|taker| other < taker)) {
                        (most, taker) = (sides, Some(other));
                    }
                }
            }
        });
        self.walk(first, |regions, pixel| {
            for neighbour in regions.beside(pixel).into_iter().flatten() {
                let other = root(regions.parents, neighbour);
                store(regions.sides, other, 0);
            }
        });
        let Some(&label) = taker.and_then(|taker| self.labels.get(taker)) else { return false };
        self.walk(first, |regions, pixel| {
            if let Some(own) = regions.labels.get_mut(pixel) {
                *own = label;
            }
        });
        let mut whole = first;
        // To the end of the circle as it was: what it is linked to lies behind pixels that have been visited.
        self.walk(first, |regions, pixel| {
            for neighbour in regions.around(pixel).into_iter().flatten() {
                if regions.labels.get(neighbour) != Some(&label) {
                    continue;
                }
                if let (kept, Some(gone)) = join(regions.parents, whole, neighbour) {
                    let area = load(regions.areas, kept) + load(regions.areas, gone);
                    store(regions.areas, kept, area);
                    regions.link(kept, gone);
                    whole = kept;
                }
            }
        });
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_way_is_halved_as_it_is_walked() {
        let mut parents = [0, 0, 1, 2, 3, 4];
        assert_eq!(root(&mut parents, 5), 0);
        assert_eq!(parents, [0, 0, 1, 1, 3, 3]);
        assert_eq!(join(&mut parents, 5, 2), (0, None));
        let mut two = [0, 1, 1];
        assert_eq!((join(&mut two, 2, 0), two), ((0, Some(1)), [0, 0, 1]));
    }

    #[test]
    fn corners_join_where_they_count() {
        let labels = [1u8, 0, 0, 1];
        let mut components = [9; 4];
        assert_eq!(fill_components(&mut components, &labels, 2, 2, Connectivity::Four), Ok(4));
        assert_eq!(components, [0, 1, 2, 3]);
        assert_eq!(fill_components(&mut components, &labels, 2, 2, Connectivity::Eight), Ok(2));
        assert_eq!(components, [0, 1, 1, 0]);
    }

    #[test]
    fn the_whole_image_stays_however_small() {
        let mut scratch = [0; scratch_len(1, 2)];
        let mut labels = [3u8, 3];
        assert_eq!(remove_small(&mut labels, 1, 2, Connectivity::Four, usize::MAX, &mut scratch), Ok(0));
        let mut labels = [3u8, 4];
        assert_eq!(remove_small(&mut labels, 1, 2, Connectivity::Four, usize::MAX, &mut scratch), Ok(1));
        assert_eq!(labels, [4, 4]);
    }
}
