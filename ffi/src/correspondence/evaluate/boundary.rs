//! How well outlines agree.

use crate::pointer::{Buffer, extent, read, write};
use crate::status::{quell_status, run};
use quell::Argument;
use quell::correspondence::evaluate::boundary::{self, Boundaries};

/// The length of the scratch of quell_boundaries_count_u8_u8(); SIZE_MAX when that overflows.
///
/// @param height  how many rows of pixels
/// @param width   how many columns of pixels
#[must_use]
#[unsafe(no_mangle)]
pub extern "C" fn quell_boundaries_scratch_len(height: usize, width: usize) -> usize {
    boundary::scratch_len(height, width)
}

/// Stamps the count for one type of true labels and one of others.
macro_rules! counts {
    ($truth:ty, $label:ty, $count:ident) => {
        /// Counts the boundary pixels of two maps, and how many of them lie near one of the other map's. A pixel is on a
        /// boundary if the pixel on its left or the one above has another label, and neither is ignored.
        ///
        /// @param out          the counts
        /// @param scratch      memory to work in
        /// @param scratch_len  how much, at least quell_boundaries_scratch_len(height, width)
        /// @param truth        the true class of each pixel, n elements, row by row
        /// @param labels       the label of each pixel, n elements, row by row
        /// @param n            how many, height width
        /// @param height       how many rows of pixels
        /// @param width        how many columns of pixels
        /// @param ignore       the true label that is left out; SIZE_MAX for none
        /// @param distance     how far from centre to centre is near, in pixels; finite and not negative
        #[must_use]
        #[unsafe(no_mangle)]
        pub unsafe extern "C" fn $count(
            out: *mut Boundaries,
            scratch: *mut u32,
            scratch_len: usize,
            truth: *const $truth,
            labels: *const $label,
            n: usize,
            height: usize,
            width: usize,
            ignore: usize,
            distance: f64,
        ) -> quell_status {
            run(|| {
                let scratch = Buffer::output(Argument::Scratch, scratch, scratch_len)?;
                let truth = Buffer::input(Argument::Truth, truth, n)?;
                let labels = Buffer::input(Argument::Labels, labels, n)?;
                scratch.apart_from(&[truth.range(), labels.range()])?;
                // SAFETY: checked above and before use; valid by the contract of the C ABI. No label is SIZE_MAX.
                unsafe {
                    write(Argument::Out, out, &[scratch.range(), truth.range(), labels.range()], || {
                        let (truth, labels, scratch) = (truth.slice(), labels.slice(), scratch.slice_mut());
                        boundary::count(truth, labels, height, width, Some(ignore), distance, scratch)
                    })
                }
            })
        }
    };
}
counts!(u8, u8, quell_boundaries_count_u8_u8);
counts!(u8, u16, quell_boundaries_count_u8_u16);
counts!(u16, u8, quell_boundaries_count_u16_u8);
counts!(u16, u16, quell_boundaries_count_u16_u16);

/// Adds the pixels of another image.
///
/// @param boundaries  the counts; all zeros for a start
/// @param other       those of the image
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn quell_boundaries_merge(boundaries: *mut Boundaries, other: *const Boundaries) -> quell_status {
    run(|| {
        let buffer = Buffer::output(Argument::Boundaries, boundaries, 1)?;
        buffer.apart_from(&[extent(other)])?;
        // SAFETY: checked above and before use; valid by the contract of the C ABI.
        unsafe {
            let other = read(Argument::Other, other)?;
            buffer.slice_mut().iter_mut().for_each(|boundaries| boundaries.merge(&other));
        }
        Ok(())
    })
}

/// Stamps what follows from the counts.
macro_rules! results {
    ($($(#[$doc:meta])* $name:ident, $of:ident;)*) => {$(
        $(#[$doc])*
        #[must_use]
        #[unsafe(no_mangle)]
        pub unsafe extern "C" fn $name(out: *mut f64, boundaries: *const Boundaries) -> quell_status {
            run(|| {
                // SAFETY: checked before use; valid by the contract of the C ABI.
                unsafe {
                    let value = read(Argument::Boundaries, boundaries)?;
                    write(Argument::Out, out, &[extent(boundaries)], || Ok(value.$of()))
                }
            })
        }
    )*};
}
results! {
    /// The share of the truth's boundary that the labels have nearby; NaN where the truth has none.
    ///
    /// @param out         the recall
    /// @param boundaries  the counts
    quell_boundaries_recall, recall;
    /// The share of the labels' boundary that the truth has nearby; NaN where the labels have none.
    ///
    /// @param out         the precision
    /// @param boundaries  the counts
    quell_boundaries_precision, precision;
    /// The harmonic mean of recall and precision: 0 where nothing is found, NaN where neither map has a boundary.
    ///
    /// @param out         the score
    /// @param boundaries  the counts
    quell_boundaries_f, f;
}
