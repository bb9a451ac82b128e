//! From pairs of images to a label for each pixel, one mask at a time and a few rows at a time.
//!
//! Mask i was pushed down in one pass of the network and up in another; dⁱ is how far the two images are apart at each
//! pixel, filtered by a Gaussian, and the mask with the largest dⁱ has the pixel (EmerDiff, Namekata et al. 2024). The
//! host runs the passes and gives each pair of images once, whole or in portions of rows; masks may come in any order. What
//! is kept is a [`Fold`] and, for the mask at hand, a ring of 2r + 1 rows and up to 16 rows to come: for 512 by 512 pixels,
//! single precision, labels of a byte and σ = 1 that is 1.30 MiB, whatever the number of masks.
//!
//! ```
//! use quell::correspondence::{fold::Fold, image::Layout, readout::{Progress, Readout}};
//! const READOUT: Readout = Readout::new(3, 8, 8, 1.0);
//! let (mut best, mut labels) = ([0f32; 64], [0u8; 64]);
//! let mut fold = Fold::new(&mut best, &mut labels, None, None)?;
//! let mut state = [0.0; READOUT.state_len()];
//! fold.reset();
//! for mask in 0..2 {
//!     // The host's two passes stand here; these change one half of the image each.
//!     let changed = |i: usize| if (i % 8 < 4) == (mask == 0) { 1.0f32 } else { 0.0 };
//!     let (minus, plus): ([f32; 192], [f32; 192]) = ([0.0; 192], core::array::from_fn(changed));
//!     let mut progress = Progress::new(mask);
//!     READOUT.push_rows(&mut progress, &mut fold, &minus, &plus, &Layout::planar(3, 8, 8), &mut state)?;
//!     assert!(READOUT.is_complete(&progress));
//! }
//! assert_eq!(labels[..8], [0, 0, 0, 0, 1, 1, 1, 1]);
//! # Ok::<(), quell::Error>(())
//! ```

use super::blur::{Gaussian, Ring};
use super::difference::{Norm, Pair};
use super::fold::Fold;
use super::image::{Layout, Pixel};
use super::label::Label;
use crate::Scalar;
use crate::error::{Argument, Error, check};
use crate::scalar::rounded;

/// What is filtered.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
#[repr(i32)]
pub enum Filtered {
    /// The norm of the difference.
    #[default]
    Norm = 0,
    /// The images, before the norm is taken. As the filter is linear, it is the channels' differences that are filtered,
    /// which takes a ring for each channel.
    Images = 1,
}

/// How pairs of images are read.
#[derive(Clone, Copy, Debug, PartialEq)]
#[repr(C)]
pub struct Readout {
    /// The channels of the images.
    pub channels: usize,
    /// Their rows.
    pub height: usize,
    /// Their columns.
    pub width: usize,
    /// The filter; a sigma of 0 for none.
    pub filter: Gaussian,
    /// How the channels' differences become one number.
    pub norm: Norm,
    /// What is filtered.
    pub filtered: Filtered,
}

/// The most rows whose norms are taken in one go.
const INPUTS: usize = 16;

/// How far the read-out of one mask has come. It goes with the [`Readout`] and the state that it started with.
#[derive(Clone, Copy, Debug, PartialEq)]
#[repr(C)]
pub struct Progress {
    /// The mask.
    pub label: usize,
    /// What filtered values are divided by: see [`Size`](super::difference::Size).
    pub divisor: f64,
    /// The rows that have been taken.
    pub rows: usize,
}

impl Progress {
    /// The start of a mask whose values compete as they are.
    pub const fn new(label: usize) -> Progress {
        Progress { label, divisor: 1.0, rows: 0 }
    }
}

impl Readout {
    /// The Euclidean norm, filtered with scipy.ndimage's defaults.
    pub const fn new(channels: usize, height: usize, width: usize, sigma: f64) -> Readout {
        let filter = Gaussian::new(sigma);
        Readout { channels, height, width, filter, norm: Norm::Euclidean, filtered: Filtered::Norm }
    }

    /// Rows whose norms are taken in one go. An image is read faster in longer runs.
    const fn inputs(&self) -> usize {
        match self.filtered {
            Filtered::Norm if self.height > INPUTS => INPUTS,
            Filtered::Norm => self.height,
            Filtered::Images => 1,
        }
    }

    const fn planes(&self) -> usize {
        match self.filtered {
            Filtered::Norm => 1,
            Filtered::Images => self.channels,
        }
    }

    /// The length of the state, saturating.
    pub const fn state_len(&self) -> usize {
        let sums = match self.filtered {
            Filtered::Norm => 0,
            Filtered::Images => self.width,
        };
        self.filter.ring_len(self.height, self.width, self.inputs(), self.planes()).saturating_add(sums)
    }

    /// Whether all rows of a mask have been taken, and all its values folded.
    pub const fn is_complete(&self, progress: &Progress) -> bool {
        progress.rows >= self.height
    }

    /// Takes the next rows of a mask's two images, and folds the values that they complete.
    ///
    /// `layout` is that of the rows: its height says how many they are. `state` has [`state_len`](Self::state_len)
    /// elements; for the first rows of a mask it may hold anything, for further ones what the call before left there.
    ///
    /// # Errors
    ///
    /// [`Error::Domain`] for a `label` that the type does not hold, a `divisor` that is not positive and finite, sigmas
    /// that are negative or not finite, a `progress` beyond the last row, a `height` of more rows than are left, or a
    /// `layout` without channels or with columns that do not stand apart; [`Error::Length`] for other `channels` or
    /// another `width` than the layout's, and for `best` that does not have an element for each pixel;
    /// [`Error::TooShort`] for `minus`, `plus` or `state`.
    pub fn push_rows<P: Pixel, L: Label>(
        &self,
        progress: &mut Progress,
        fold: &mut Fold<P::Acc, L>,
        minus: &[P],
        plus: &[P],
        layout: &Layout,
        state: &mut [P::Acc],
    ) -> Result<(), Error> {
        let Some(label) = L::from_usize(progress.label) else {
            return Err(Error::Domain { argument: Argument::Label, value: progress.label as f64 });
        };
        check::length(Argument::Best, self.height.saturating_mul(self.width), fold.pixels())?;
        let images = self.check(progress, minus, plus, layout, state)?;
        self.stream(progress, &images, layout.height, state, &mut |first, row| fold.push_unchecked(label, first, row));
        Ok(())
    }

    /// Takes the next rows of a mask's two images, and writes the rows of the filtered map that they complete.
    ///
    /// For a map that is looked at as a whole before it is folded, such as one that is divided by its own largest value:
    /// [`Size::add`](super::difference::Size::add), [`divide`], [`Fold::push`].
    ///
    /// # Errors
    ///
    /// As for [`push_rows`](Self::push_rows), `map` in place of `best`.
    pub fn push_rows_to_map<P: Pixel>(
        &self,
        progress: &mut Progress,
        map: &mut [P::Acc],
        minus: &[P],
        plus: &[P],
        layout: &Layout,
        state: &mut [P::Acc],
    ) -> Result<(), Error> {
        check::length(Argument::Map, self.height.saturating_mul(self.width), map.len())?;
        let images = self.check(progress, minus, plus, layout, state)?;
        self.stream(progress, &images, layout.height, state, &mut |first, row| {
            map.iter_mut().skip(first).zip(row).for_each(|(to, from)| *to = *from);
        });
        Ok(())
    }

    fn check<'a, P: Pixel>(
        &self,
        progress: &Progress,
        minus: &'a [P],
        plus: &'a [P],
        layout: &'a Layout,
        state: &[P::Acc],
    ) -> Result<Pair<'a, P>, Error> {
        self.filter.check()?;
        check_divisor::<P::Acc>(progress.divisor)?;
        check::length(Argument::Channels, self.channels, layout.channels)?;
        check::length(Argument::Width, self.width, layout.width)?;
        let images = Pair::new(minus, plus, layout)?;
        let Some(left) = self.height.checked_sub(progress.rows) else {
            return Err(Error::Domain { argument: Argument::Progress, value: progress.rows as f64 });
        };
        if layout.height > left {
            return Err(Error::Domain { argument: Argument::Height, value: layout.height as f64 });
        }
        check::at_least(Argument::State, self.state_len(), state.len())?;
        Ok(images)
    }

    /// Hands each row that is complete to `give`, with the number of its first pixel.
    fn stream<P: Pixel>(
        &self,
        progress: &mut Progress,
        images: &Pair<P>,
        rows: usize,
        state: &mut [P::Acc],
        give: &mut dyn FnMut(usize, &[P::Acc]),
    ) {
        // However many rows there are without a column.
        if self.width == 0 {
            progress.rows += rows;
            return;
        }
        let (divisor, height) = (P::Acc::from_f64(progress.divisor), self.height);
        let sums = if self.filtered == Filtered::Images { self.width } else { 0 };
        let Some((sums, memory)) = state.split_at_mut_checked(sums) else { return };
        let mut ring = Ring::new(&self.filter, height, self.width, self.inputs(), memory);
        if progress.rows == 0 {
            ring.prepare();
        }
        for y in 0..rows {
            let input = y.checked_rem(self.inputs()).unwrap_or(0);
            match self.filtered {
                Filtered::Norm => {
                    if input == 0 {
                        for next in 0..self.inputs().min(rows - y) {
                            self.norm.fill_row(ring.input(next), images, y + next);
                        }
                    }
                    ring.take(input, 0, progress.rows);
                }
                Filtered::Images => {
                    for channel in 0..self.channels {
                        images.fill_difference(ring.input(0), channel, y);
                        ring.take(0, channel, progress.rows);
                    }
                }
            }
            let given = self.filter.complete_rows(progress.rows, height);
            progress.rows += 1;
            for y in given..self.filter.complete_rows(progress.rows, height) {
                let row = match self.filtered {
                    Filtered::Norm => ring.give(0, y),
                    Filtered::Images => {
                        sums.fill(P::Acc::ZERO);
                        for channel in 0..self.channels {
                            self.norm.add(sums, ring.give(channel, y));
                        }
                        self.norm.finish(sums, self.channels);
                        &mut *sums
                    }
                };
                divide_unchecked(row, divisor);
                give(y * self.width, row);
            }
        }
    }
}

/// Divides a map, in place. It is a division and no product, so that the largest values of two maps are 1 exactly, and tie.
///
/// # Errors
///
/// [`Error::Domain`] for a `divisor` that is not positive and finite in the type that is computed in.
pub fn divide<T: Scalar>(map: &mut [T], divisor: f64) -> Result<(), Error> {
    check_divisor::<T>(divisor)?;
    divide_unchecked(map, T::from_f64(divisor));
    Ok(())
}

fn check_divisor<T: Scalar>(divisor: f64) -> Result<(), Error> {
    check::positive(Argument::Divisor, rounded::<T>(Argument::Divisor, divisor)?.to_f64()).map(drop)
}

fn divide_unchecked<T: Scalar>(map: &mut [T], divisor: T) {
    if divisor != T::ONE {
        map.iter_mut().for_each(|value| *value = *value / divisor);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::vec;

    /// 512 by 512 pixels in single precision, labels of a byte, σ = 1.
    #[test]
    fn memory_is_what_is_said() {
        let readout = Readout::new(3, 512, 512, 1.0);
        let bytes = 512 * 512 * 5 + readout.state_len() * 4;
        assert_eq!(bytes, 512 * 512 * 5 + ((9 + 16 + 1) * 512 + 16 * 8 + 5 + 5) * 4);
        assert!(bytes as f64 / 1048576.0 < 1.31);
        let images = Readout { filtered: Filtered::Images, ..readout };
        assert_eq!(images.state_len(), (3 * 9 + 3) * 512 + 8 + 5 + 5);
        assert_eq!(Readout::new(3, 512, 512, 1e300).state_len(), usize::MAX);
    }

    #[test]
    fn bad_input_changes_nothing() {
        let readout = Readout::new(1, 3, 2, 0.5);
        let layout = Layout::planar(1, 3, 2);
        let image = [1f32; 6];
        let (mut best, mut labels) = ([7f32; 6], [7u8; 6]);
        let mut state = vec![7f32; readout.state_len()];
        let mut fold = Fold::new(&mut best, &mut labels, None, None).unwrap();
        let start = Progress::new(0);
        for (readout, progress, layout, images, shorter) in [
            (readout, Progress::new(256), layout, (6, 6), 0),
            (readout, Progress { rows: 1, ..start }, layout, (6, 6), 0),
            (readout, Progress { rows: 4, ..start }, Layout::planar(1, 0, 2), (6, 6), 0),
            (readout, Progress { divisor: f64::NAN, ..start }, layout, (6, 6), 0),
            (readout, Progress { divisor: 0.0, ..start }, layout, (6, 6), 0),
            (readout, Progress { divisor: 1e39, ..start }, layout, (6, 6), 0),
            (readout, start, Layout::planar(2, 3, 1), (6, 6), 0),
            (readout, start, Layout::planar(1, 2, 3), (6, 6), 0),
            (readout, start, layout, (5, 6), 0),
            (readout, start, layout, (6, 5), 0),
            (readout, start, layout, (6, 6), 1),
            (Readout { height: 4, ..readout }, start, layout, (6, 6), 0),
            (Readout::new(1, 3, 2, -1.0), start, layout, (6, 6), 0),
            (Readout::new(1, 3, 2, f64::NAN), start, layout, (6, 6), 0),
        ] {
            let mut after = progress;
            let length = state.len() - shorter;
            let (minus, plus) = (&image[..images.0], &image[..images.1]);
            let result = readout.push_rows(&mut after, &mut fold, minus, plus, &layout, &mut state[..length]);
            assert!(result.is_err(), "{readout:?} {progress:?} {layout:?}");
            assert!(after.rows == progress.rows && state.iter().all(|&x| x == 7.0));
        }
        assert_eq!((best, labels), ([7.0; 6], [7; 6]));
        assert!(divide(&mut best, f64::INFINITY).is_err() && divide(&mut best, 1e-60).is_err());
    }

    #[test]
    fn no_rows_are_no_progress() {
        let readout = Readout::new(1, 2, 2, 0.0);
        let (mut best, mut labels) = ([0f32; 4], [0u8; 4]);
        let mut fold = Fold::new(&mut best, &mut labels, None, None).unwrap();
        fold.reset();
        let mut state = vec![0f32; readout.state_len()];
        let mut progress = Progress::new(3);
        for rows in [0, 1, 0, 1] {
            assert!(!readout.is_complete(&progress));
            let layout = Layout::planar(1, rows, 2);
            readout.push_rows(&mut progress, &mut fold, &[1f32, 2.0], &[0.0; 2], &layout, &mut state).unwrap();
        }
        assert!(readout.is_complete(&progress));
        assert_eq!((best, labels), ([1.0, 2.0, 1.0, 2.0], [3; 4]));
    }

    #[test]
    fn rows_without_a_column_are_done_at_once() {
        let readout = Readout::new(2, usize::MAX, 0, 1.0);
        let mut fold = Fold::<f32, u8>::new(&mut [], &mut [], None, None).unwrap();
        let (mut progress, mut state) = (Progress::new(0), vec![0f32; readout.state_len()]);
        let layout = Layout::planar(2, usize::MAX, 0);
        readout.push_rows::<f32, u8>(&mut progress, &mut fold, &[], &[], &layout, &mut state).unwrap();
        assert!(readout.is_complete(&progress));
    }
}
