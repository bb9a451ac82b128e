//! How good a segmentation is: four numbers, each the larger the better.

use crate::network::SIDE;
use anyhow::Result;
use quell::correspondence::evaluate::{assignment, boundary, confusion, iou};

/// How far apart two boundaries may be, in pixels, to be the same.
const BOUNDARY_DISTANCE: f64 = 1.0;

/// One of the four.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Metric {
    /// The share of pixels that are right.
    Accuracy,
    /// The mean over the regions of intersection over union.
    MeanIou,
    /// The share of the true boundary with a boundary nearby.
    BoundaryRecall,
    /// The share of the boundary with a true one nearby.
    BoundaryPrecision,
}

impl Metric {
    /// All, in the order in which they are printed.
    pub const ALL: [Metric; 4] = [Metric::Accuracy, Metric::MeanIou, Metric::BoundaryRecall, Metric::BoundaryPrecision];

    /// The name in tables and titles.
    pub fn label(self) -> &'static str {
        ["pixel accuracy", "mean IoU", "boundary recall", "boundary precision"][self as usize]
    }

    /// The name in files.
    pub fn name(self) -> &'static str {
        ["pixel_accuracy", "mean_iou", "boundary_recall", "boundary_precision"][self as usize]
    }
}

/// The scores of one image.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Scores([f64; Metric::ALL.len()]);

impl Scores {
    /// One of them.
    pub fn of(&self, metric: Metric) -> f64 {
        self.0[metric as usize]
    }

    /// The scores of `labels` below `clusters` against the `truth`, both (64, 64).
    ///
    /// Each cluster stands for the region that most of its pixels are in. Without a boundary in the labels the precision
    /// is 0; without one in the truth the recall is not a number.
    pub fn new(labels: &[u8], clusters: usize, truth: &[u8]) -> Result<Scores> {
        let classes = truth.iter().max().map_or(1, |&class| usize::from(class) + 1);
        let (table, class_of) = majority(labels, clusters, truth)?;
        let summary = iou::fill(&mut vec![0.0; classes], &table, classes, clusters, Some(&class_of))?;
        let mut scratch = vec![0; boundary::scratch_len(SIDE, SIDE)];
        let found = boundary::count(truth, labels, SIDE, SIDE, None, BOUNDARY_DISTANCE, &mut scratch)?;
        let precision = if found.labels == 0 { 0.0 } else { found.precision() };
        Ok(Scores([summary.accuracy, summary.miou, found.recall(), precision]))
    }
}

/// How many pixels of each region have each label, and the region that most of a label's pixels are in.
pub fn majority(labels: &[u8], clusters: usize, truth: &[u8]) -> Result<(Vec<u64>, Vec<u32>)> {
    let classes = truth.iter().max().map_or(1, |&class| usize::from(class) + 1);
    let (mut table, mut class_of) = (vec![0; classes * clusters], vec![0; clusters]);
    confusion::count(&mut table, truth, labels, classes, clusters, None)?;
    assignment::majority(&mut class_of, &table, classes, clusters)?;
    Ok((table, class_of))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::network::PIXELS;

    /// Left half 0, right half 1; or with the border elsewhere.
    fn halves(border: usize) -> Vec<u8> {
        (0..PIXELS).map(|pixel| u8::from(pixel % SIDE >= border)).collect()
    }

    fn values(labels: &[u8], clusters: usize, truth: &[u8]) -> [f64; 4] {
        Scores::new(labels, clusters, truth).unwrap().0
    }

    #[test]
    fn other_names_and_more_clusters_than_regions_are_no_error() {
        let truth = halves(32);
        let swapped: Vec<u8> = truth.iter().map(|label| 7 - 3 * label).collect();
        assert_eq!(values(&swapped, 8, &truth), [1.0; 4]);
        let quarters: Vec<u8> = (0..PIXELS).map(|pixel| (pixel % SIDE / 16) as u8).collect();
        let [accuracy, miou, recall, precision] = values(&quarters, 4, &truth);
        assert_eq!((accuracy, miou, recall, precision), (1.0, 1.0, 1.0, 1.0 / 3.0));
    }

    #[test]
    fn a_border_that_is_off_costs_what_it_is_off() {
        let truth = halves(32);
        assert_eq!(values(&halves(33), 2, &truth)[2..], [1.0, 1.0]);
        let [accuracy, miou, recall, precision] = values(&halves(40), 2, &truth);
        assert_eq!((accuracy, recall, precision), (56.0 / 64.0, 0.0, 0.0));
        assert_eq!(miou, (32.0 / 40.0 + 24.0 / 32.0) / 2.0);
    }

    #[test]
    fn one_mask_for_all_has_no_boundary() {
        let [accuracy, miou, recall, precision] = values(&[0; PIXELS], 3, &halves(16));
        assert_eq!((accuracy, miou, recall, precision), (0.75, 0.375, 0.0, 0.0));
        assert!(values(&halves(16), 2, &[5; PIXELS])[2].is_nan());
    }
}
