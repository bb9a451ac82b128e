//! Counts of pairs of labels.

use crate::pointer::Buffer;
use crate::status::{quell_status, run};
use quell::Argument;
use quell::correspondence::evaluate::confusion;

/// The class of a cluster that stands for none, and the column of a row that goes without.
pub const QUELL_UNMATCHED: u32 = 0xffff_ffff;

const _: () = assert!(QUELL_UNMATCHED == confusion::UNMATCHED);

/// Stamps the count for one type of true labels and one of others.
macro_rules! counts {
    ($truth:ty, $label:ty, $count:ident) => {
        /// Adds the pixels of a map to a table: how many pixels of each class, by row, have each label, by column.
        ///
        /// @param confusion      confusion_len elements; zeros for a start
        /// @param confusion_len  classes clusters
        /// @param truth          the true class of each pixel, n elements, below classes or ignored
        /// @param labels         the label of each pixel, n elements, below clusters where the truth is not ignored
        /// @param n              how many pixels
        /// @param classes        how many classes, at least 1
        /// @param clusters       how many labels, at least 1
        /// @param ignore         the true label that is left out; SIZE_MAX for none
        #[must_use]
        #[unsafe(no_mangle)]
        pub unsafe extern "C" fn $count(
            confusion: *mut u64,
            confusion_len: usize,
            truth: *const $truth,
            labels: *const $label,
            n: usize,
            classes: usize,
            clusters: usize,
            ignore: usize,
        ) -> quell_status {
            run(|| {
                let confusion = Buffer::output(Argument::Confusion, confusion, confusion_len)?;
                let truth = Buffer::input(Argument::Truth, truth, n)?;
                let labels = Buffer::input(Argument::Labels, labels, n)?;
                confusion.apart_from(&[truth.range(), labels.range()])?;
                // SAFETY: checked above; valid by the contract of the C ABI. No label is SIZE_MAX.
                unsafe {
                    let (truth, labels) = (truth.slice(), labels.slice());
                    confusion::count(confusion.slice_mut(), truth, labels, classes, clusters, Some(ignore))
                }
            })
        }
    };
}
counts!(u8, u8, quell_confusion_count_u8_u8);
counts!(u8, u16, quell_confusion_count_u8_u16);
counts!(u16, u8, quell_confusion_count_u16_u8);
counts!(u16, u16, quell_confusion_count_u16_u16);

/// Adds a table of clusters to one of classes, by the class that each cluster stands for: how images whose masks have
/// nothing in common add up.
///
/// @param sums           sums_len elements, zeros for a start; the last column is for clusters without a class
/// @param sums_len       classes (classes + 1)
/// @param confusion      the table of clusters
/// @param confusion_len  classes clusters
/// @param class_of       the class of each cluster, or QUELL_UNMATCHED
/// @param clusters       how many clusters, at least 1
/// @param classes        how many classes, at least 1
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn quell_confusion_add_classified(
    sums: *mut u64,
    sums_len: usize,
    confusion: *const u64,
    confusion_len: usize,
    class_of: *const u32,
    clusters: usize,
    classes: usize,
) -> quell_status {
    run(|| {
        let sums = Buffer::output(Argument::Sums, sums, sums_len)?;
        let confusion = Buffer::input(Argument::Confusion, confusion, confusion_len)?;
        let class_of = Buffer::input(Argument::ClassOf, class_of, clusters)?;
        sums.apart_from(&[confusion.range(), class_of.range()])?;
        // SAFETY: checked above; valid by the contract of the C ABI.
        unsafe {
            let (confusion, class_of) = (confusion.slice(), class_of.slice());
            confusion::add_classified(sums.slice_mut(), confusion, class_of, classes, clusters)
        }
    })
}
