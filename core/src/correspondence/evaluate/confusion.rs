//! Counts of pairs of labels: how many pixels of each class have each label.
//!
//! A table has C rows, one for each true class, and K columns, one for each predicted label, row-major. Labels may be
//! classes themselves, clusters, or the masks of one image: then n_ci is all that the mask i has to do with the
//! truth, and what follows costs K·C and not one operation for each pixel.

use crate::correspondence::label::Label;
use crate::error::{Argument, Error, check};

/// The class of a cluster that stands for none: all its pixels count as errors.
pub const UNMATCHED: u32 = u32::MAX;

/// Adds the pixels of a map to a table of `classes` rows and `clusters` columns; zeros for a start.
///
/// Pixels whose `truth` is `ignore` are left out, whatever their label; it may be a class of its own or none of them.
/// Tables of several images are counted into one, or added element by element.
///
/// # Errors
///
/// [`Error::Domain`] for no `classes` or no `clusters`; [`Error::Length`] for `confusion` or `labels`;
/// [`Error::Domain`] for `truth` of a class that does not exist, and for `labels` of a counted pixel that do not.
///
/// # Example
///
/// ```
/// let mut confusion = [0; 4];
/// let (truth, labels) = ([0u8, 1, 1, 255], [0u16, 0, 1, 1]);
/// quell::correspondence::evaluate::confusion::count(&mut confusion, &truth, &labels, 2, 2, Some(255))?;
/// assert_eq!(confusion, [1, 0, 1, 1]);
/// # Ok::<(), quell::Error>(())
/// ```
pub fn count<T: Label, L: Label>(
    confusion: &mut [u64],
    truth: &[T],
    labels: &[L],
    classes: usize,
    clusters: usize,
    ignore: Option<usize>,
) -> Result<(), Error> {
    check_table(confusion.len(), classes, clusters)?;
    check::length(Argument::Labels, truth.len(), labels.len())?;
    let counted = || {
        let pairs = truth.iter().zip(labels).map(|(truth, label)| (truth.to_usize(), label.to_usize()));
        pairs.filter(move |&(truth, _)| Some(truth) != ignore)
    };
    for (truth, label) in counted() {
        check_below(Argument::Truth, truth, classes)?;
        check_below(Argument::Labels, label, clusters)?;
    }
    for (truth, label) in counted() {
        if let Some(count) = confusion.get_mut(truth * clusters + label) {
            *count = count.saturating_add(1);
        }
    }
    Ok(())
}

/// Adds a table of clusters to one of classes, by the class that each cluster stands for.
///
/// `sums` has `classes` rows and one column more, the last for the clusters that are [`UNMATCHED`]; as a table of its
/// own it has `classes` + 1 clusters, the last of which is no class. It is how images whose masks have nothing in
/// common add up.
///
/// # Errors
///
/// [`Error::Domain`] for no `classes` or no `clusters`; [`Error::Length`] for `sums`, `confusion` or
/// `class_of`; [`Error::Domain`] for a `class_of` that is neither a class nor [`UNMATCHED`].
pub fn add_classified(
    sums: &mut [u64],
    confusion: &[u64],
    class_of: &[u32],
    classes: usize,
    clusters: usize,
) -> Result<(), Error> {
    check_table(confusion.len(), classes, clusters)?;
    check::length(Argument::Sums, classes.saturating_mul(classes.saturating_add(1)), sums.len())?;
    check_classes(class_of, classes, clusters)?;
    for (sums, counts) in sums.chunks_exact_mut(classes.saturating_add(1)).zip(rows(confusion, clusters)) {
        for (&class, &count) in class_of.iter().zip(counts) {
            if let Some(sum) = sums.get_mut(if class == UNMATCHED { classes } else { class as usize }) {
                *sum = sum.saturating_add(count);
            }
        }
    }
    Ok(())
}

/// A table of so many rows and columns, neither of them 0, whose classes are numbers below [`UNMATCHED`].
pub(super) fn check_table(length: usize, classes: usize, clusters: usize) -> Result<(), Error> {
    for (argument, number) in [(Argument::Classes, classes), (Argument::Clusters, clusters)] {
        if number == 0 || number >= UNMATCHED as usize {
            return Err(Error::Domain { argument, value: number as f64 });
        }
    }
    check::length(Argument::Confusion, classes.saturating_mul(clusters), length)
}

/// One class, or none, for each cluster.
pub(super) fn check_classes(class_of: &[u32], classes: usize, clusters: usize) -> Result<(), Error> {
    check::length(Argument::ClassOf, clusters, class_of.len())?;
    let mut matched = class_of.iter().filter(|&&class| class != UNMATCHED);
    matched.try_for_each(|&class| check_below(Argument::ClassOf, class as usize, classes))
}

/// The rows of a table; none of it is left out.
pub(super) fn rows(confusion: &[u64], clusters: usize) -> impl Iterator<Item = &[u64]> {
    confusion.chunks_exact(clusters.max(1))
}

fn check_below(argument: Argument, number: usize, limit: usize) -> Result<(), Error> {
    if number < limit { Ok(()) } else { Err(Error::Domain { argument, value: number as f64 }) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_add_up_and_ignored_pixels_do_not() {
        let mut confusion = [1, 0, 0, 0, 0, 0];
        let (truth, labels) = ([0u16, 1, 1, 7, 0], [2u8, 0, 0, 200, 2]);
        count(&mut confusion, &truth, &labels, 2, 3, Some(7)).unwrap();
        assert_eq!(confusion, [1, 0, 2, 2, 0, 0]);
        // A class may be what is left out.
        count(&mut confusion, &[0u8, 1], &[1u8, 1], 2, 3, Some(0)).unwrap();
        assert_eq!(confusion, [1, 0, 2, 2, 1, 0]);
        count::<u8, u8>(&mut confusion, &[], &[], 2, 3, None).unwrap();
        let mut full = [u64::MAX];
        count(&mut full, &[0u8], &[0u8], 1, 1, None).unwrap();
        assert_eq!(full, [u64::MAX]);
    }

    #[test]
    fn unmatched_clusters_go_to_the_last_column() {
        let mut sums = [0, 0, 0, 10, 0, 0];
        add_classified(&mut sums, &[1, 2, 3, 4, 5, 6], &[1, UNMATCHED, 1], 2, 3).unwrap();
        assert_eq!(sums, [0, 4, 2, 10, 10, 5]);
    }

    #[test]
    fn bad_labels_change_nothing() {
        let mut confusion = [5; 6];
        let mut refused = |truth: &[u8], labels: &[u8], classes, clusters, ignore| {
            count(&mut confusion, truth, labels, classes, clusters, ignore).unwrap_err()
        };
        let domain = |argument, value| Error::Domain { argument, value };
        assert_eq!(refused(&[0, 2], &[0, 0], 2, 3, None), domain(Argument::Truth, 2.0));
        assert_eq!(refused(&[0, 255], &[0, 0], 2, 3, Some(254)), domain(Argument::Truth, 255.0));
        assert_eq!(refused(&[0, 1], &[0, 3], 2, 3, None), domain(Argument::Labels, 3.0));
        assert_eq!(refused(&[0, 1], &[0], 2, 3, None).argument(), Argument::Labels);
        assert_eq!(refused(&[0], &[0], 0, 3, None), domain(Argument::Classes, 0.0));
        assert_eq!(refused(&[0], &[0], 2, 0, None), domain(Argument::Clusters, 0.0));
        assert_eq!(refused(&[0], &[0], 3, 3, None).argument(), Argument::Confusion);
        assert!(matches!(
            refused(&[0], &[0], 3, usize::MAX / 2, None),
            Error::Domain { argument: Argument::Clusters, .. }
        ));
        assert_eq!(confusion, [5; 6]);
        let mut sums = [7; 6];
        let mut refused = |class_of: &[u32], classes| {
            add_classified(&mut sums, &[1; 6], class_of, classes, 3).unwrap_err().argument()
        };
        assert_eq!(refused(&[0, 2, 1], 2), Argument::ClassOf);
        assert_eq!(refused(&[0, 1], 2), Argument::ClassOf);
        assert_eq!(refused(&[0, 1, 0], 3), Argument::Confusion);
        assert_eq!(add_classified(&mut sums[..5], &[1; 6], &[0; 3], 2, 3).unwrap_err().argument(), Argument::Sums);
        assert_eq!(sums, [7; 6]);
    }
}
