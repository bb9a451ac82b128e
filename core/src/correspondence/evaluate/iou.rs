//! Intersections over unions, and shares of pixels that are right.

use super::confusion::{UNMATCHED, check_classes, check_table, rows};
use crate::error::{Argument, Error, check};

/// A segmentation in a few numbers.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
#[repr(C)]
pub struct Summary {
    /// The mean of the intersections over unions of the classes that are there; NaN if there is none.
    pub miou: f64,
    /// The share of pixels whose class is right; NaN if there is no pixel.
    pub accuracy: f64,
    /// How many classes are there: in the truth, in the prediction or in both.
    pub present: u64,
    /// How many pixels were counted.
    pub pixels: u64,
}

/// Fills each class's intersection over union: |T ∩ P|/|T ∪ P|, T the pixels of the class and P those predicted to be.
///
/// `class_of` says which class each cluster stands for; without it label c is class c, and labels from `classes` on
/// are none. Pixels of clusters without a class belong to no P but do to their T: they count as errors. A class that
/// neither the truth nor the prediction has gets NaN, and does not count in the mean.
///
/// # Errors
///
/// [`Error::Domain`] for no `classes` or no `clusters`; [`Error::Length`] for `confusion`, `iou` or `class_of`;
/// [`Error::Domain`] for a `class_of` that is neither a class nor [`UNMATCHED`].
///
/// # Example
///
/// ```
/// use quell::correspondence::evaluate::iou;
/// let mut scores = [0.0; 3];
/// let summary = iou::fill(&mut scores, &[2, 1, 0, 1, 4, 0, 0, 0, 0], 3, 3, None)?;
/// assert_eq!((scores[0], scores[1], scores[2].is_nan()), (0.5, 4.0 / 6.0, true));
/// assert_eq!((summary.present, summary.accuracy), (2, 0.75));
/// # Ok::<(), quell::Error>(())
/// ```
pub fn fill(
    iou: &mut [f64],
    confusion: &[u64],
    classes: usize,
    clusters: usize,
    class_of: Option<&[u32]>,
) -> Result<Summary, Error> {
    check_table(confusion.len(), classes, clusters)?;
    check::length(Argument::Iou, classes, iou.len())?;
    class_of.map_or(Ok(()), |class_of| check_classes(class_of, classes, clusters))?;
    let stands_for = |cluster: usize| match class_of {
        Some(class_of) => class_of.get(cluster).copied().unwrap_or(UNMATCHED),
        None => cluster as u32,
    };
    let (mut sum, mut right, mut summary) = (0.0, 0, Summary::default());
    for (class, (iou, counts)) in iou.iter_mut().zip(rows(confusion, clusters)).enumerate() {
        let (mut both, mut predicted) = (0u64, 0u64);
        for (cluster, &count) in counts.iter().enumerate() {
            if stands_for(cluster) as usize == class {
                both = both.saturating_add(count);
                predicted = predicted.saturating_add(total(confusion.iter().skip(cluster).step_by(clusters.max(1))));
            }
        }
        let truth = total(counts.iter());
        let either = truth.saturating_add(predicted - both);
        *iou = both as f64 / either as f64;
        if either > 0 {
            sum += *iou;
            summary.present += 1;
        }
        right = both.saturating_add(right);
        summary.pixels = summary.pixels.saturating_add(truth);
    }
    Ok(Summary { miou: sum / summary.present as f64, accuracy: right as f64 / summary.pixels as f64, ..summary })
}

fn total<'a>(counts: impl Iterator<Item = &'a u64>) -> u64 {
    counts.fold(0, |sum: u64, &count| sum.saturating_add(count))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn unmatched_clusters_are_errors_and_several_may_stand_for_one_class() {
        let confusion = [3, 1, 2, 0, 5, 1];
        let mut iou = [0.0; 2];
        let summary = fill(&mut iou, &confusion, 2, 3, Some(&[0, 1, UNMATCHED])).unwrap();
        assert_eq!(iou, [3.0 / 6.0, 5.0 / 7.0]);
        assert_eq!((summary.present, summary.pixels, summary.accuracy), (2, 12, 8.0 / 12.0));
        assert_eq!(summary.miou, (0.5 + 5.0 / 7.0) / 2.0);
        fill(&mut iou, &confusion, 2, 3, Some(&[0, 1, 0])).unwrap();
        assert_eq!(iou, [5.0 / 7.0, 5.0 / 7.0]);
        // A label beyond the classes is none of them.
        assert_eq!(fill(&mut iou, &confusion, 2, 3, None).unwrap(), summary);
    }

    #[test]
    fn what_is_not_there_is_not_a_number_and_not_in_the_mean() {
        let mut iou = [0.0; 3];
        let summary = fill(&mut iou, &[4, 0, 0, 0, 0, 0, 0, 0, 0], 3, 3, None).unwrap();
        assert_eq!((iou[0], summary.miou, summary.present), (1.0, 1.0, 1));
        assert!(iou[1].is_nan() && iou[2].is_nan());
        let nothing = fill(&mut iou, &[0; 9], 3, 3, None).unwrap();
        assert!(nothing.miou.is_nan() && nothing.accuracy.is_nan() && (nothing.present, nothing.pixels) == (0, 0));
        // Only predicted: it is there, and wrong.
        let summary = fill(&mut iou, &[1, 1, 0, 0, 0, 0, 0, 0, 0], 3, 3, None).unwrap();
        assert_eq!((iou[0], iou[1], summary.present), (0.5, 0.0, 2));
    }

    #[test]
    fn sums_that_no_integer_holds_stay_at_the_largest() {
        let mut iou = [0.0; 2];
        let summary = fill(&mut iou, &[u64::MAX, 0, 0, u64::MAX], 2, 2, None).unwrap();
        assert_eq!((iou, summary.accuracy, summary.pixels), ([1.0; 2], 1.0, u64::MAX));
    }

    #[test]
    fn bad_input_changes_nothing() {
        let mut iou = [9.0; 2];
        let mut refused = |confusion: &[u64], classes, clusters, class_of: Option<&[u32]>| {
            fill(&mut iou, confusion, classes, clusters, class_of).unwrap_err().argument()
        };
        assert_eq!(refused(&[], 0, 1, None), Argument::Classes);
        assert_eq!(refused(&[], 1, 0, None), Argument::Clusters);
        assert_eq!(refused(&[1; 5], 2, 2, None), Argument::Confusion);
        assert_eq!(refused(&[1; 3], 1, 3, None), Argument::Iou);
        assert_eq!(refused(&[1; 4], 2, 2, Some(&[0])), Argument::ClassOf);
        assert_eq!(refused(&[1; 4], 2, 2, Some(&[0, 2])), Argument::ClassOf);
        assert_eq!(iou, [9.0; 2]);
    }
}
