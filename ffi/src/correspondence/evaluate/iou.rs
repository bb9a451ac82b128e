//! Intersections over unions, and shares of pixels that are right.

use crate::pointer::{Buffer, write};
use crate::status::{quell_status, run};
use quell::Argument;
use quell::correspondence::evaluate::iou::{self, Summary};

/// Fills each class's intersection over union, NaN for a class that neither the truth nor the prediction has.
///
/// @param out            the mean over classes, and the share of pixels that are right
/// @param iou            classes elements
/// @param classes        how many classes, at least 1
/// @param confusion      how many pixels of each class, by row, have each label, by column
/// @param confusion_len  classes clusters
/// @param class_of       the class of each cluster, or QUELL_UNMATCHED, clusters elements; NULL where label c is class c
/// @param clusters       how many labels, at least 1
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn quell_iou(
    out: *mut Summary,
    iou: *mut f64,
    classes: usize,
    confusion: *const u64,
    confusion_len: usize,
    class_of: *const u32,
    clusters: usize,
) -> quell_status {
    run(|| {
        let iou = Buffer::output(Argument::Iou, iou, classes)?;
        let confusion = Buffer::input(Argument::Confusion, confusion, confusion_len)?;
        let class_of = Buffer::optional(Argument::ClassOf, class_of, clusters)?;
        let class_of_range = class_of.as_ref().map_or(0..0, |class_of| class_of.range());
        iou.apart_from(&[confusion.range(), class_of_range.clone()])?;
        // SAFETY: checked above and before use; valid by the contract of the C ABI.
        unsafe {
            write(Argument::Out, out, &[iou.range(), confusion.range(), class_of_range], || {
                let class_of = class_of.map(|class_of| class_of.slice());
                iou::fill(iou.slice_mut(), confusion.slice(), classes, clusters, class_of)
            })
        }
    })
}
