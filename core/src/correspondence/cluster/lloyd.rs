//! Lloyd's iterations.

use super::Fit;
use super::screen::{self, Screen};
use crate::correspondence::rows::{Rows, row_mut, squared_distance};
use crate::scalar::nearest_within;
use crate::slice::take;
use crate::{Scalar, Storage};

/// No label.
const NONE: f64 = -1.0;

/// The length of what [`Data`] keeps.
pub(super) const fn data_len(points: usize, dimension: usize) -> usize {
    points.saturating_add(dimension)
}

/// The length of what [`Lloyd`] works in.
pub(super) const fn scratch_len(points: usize, clusters: usize, dimension: usize) -> usize {
    let by_point = points.saturating_mul(3);
    let by_cluster = screen::doubles_len(clusters).saturating_add(clusters.saturating_mul(3));
    by_point.saturating_add(by_cluster).saturating_add(dimension)
}

/// What all runs on the same points share.
pub(super) struct Data<'a, X> {
    pub(super) points: Rows<'a, X>,
    /// The mean of the points.
    mean: &'a [f64],
    /// How far each point is from the mean.
    lengths: &'a [f64],
    /// The mean over the coordinates of their variances.
    variance: f64,
}

impl<'a, X: Storage> Data<'a, X> {
    /// Takes [`data_len`] numbers.
    pub(super) fn new(points: Rows<'a, X>, count: usize, doubles: &'a mut [f64]) -> Data<'a, X> {
        let (mean, lengths) = doubles.split_at_mut(points.dimension.min(doubles.len()));
        let rounding = fill_mean::<X, X::Acc>(mean, points, count);
        let mut sum = 0.0;
        for (index, length) in lengths.iter_mut().enumerate() {
            let square = squared_distance(points.get(index), mean);
            sum += square;
            *length = libm::sqrt(square);
        }
        // Points that are all alike may leave less than nothing.
        let variance = nearest_within((sum / count as f64 - rounding) / points.dimension as f64, 0.0, f64::MAX);
        Data { points, mean, lengths, variance }
    }
}

/// The mean of the first `count` vectors, rounded to the type `A`. The square of how far that moves it.
pub(super) fn fill_mean<X: Storage, A: Scalar>(mean: &mut [f64], rows: Rows<X>, count: usize) -> f64 {
    mean.fill(0.0);
    // Four at a time, so that the sums are read and written less often.
    for first in (0..count).step_by(4) {
        let [a, b, c, d] = core::array::from_fn(|row| rows.get(first.saturating_add(row)));
        if d.is_empty() {
            [a, b, c].into_iter().for_each(|row| add(mean, row));
            continue;
        }
        for ((((mean, a), b), c), d) in mean.iter_mut().zip(a).zip(b).zip(c).zip(d) {
            let [a, b, c, d] = [a, b, c, d].map(|x| x.load().to_f64());
            *mean += (a + b) + (c + d);
        }
    }
    let mut rounding = 0.0;
    for mean in mean.iter_mut() {
        let exact = *mean / count as f64;
        *mean = A::from_f64(exact).to_f64();
        rounding += (exact - *mean) * (exact - *mean);
    }
    rounding
}

fn add<X: Storage>(sums: &mut [f64], x: &[X]) {
    for (sum, x) in sums.iter_mut().zip(x) {
        *sum += x.load().to_f64();
    }
}

/// One run. Labels, counts and flags stand as doubles among the rest.
pub(super) struct Lloyd<'a> {
    screen: Screen<'a>,
    /// The label of each point: [`NONE`] before the first assignment.
    pub(super) labels: &'a mut [f64],
    /// The cluster whose mean each point goes into: its label, but for a point that has become a centre.
    members: &'a mut [f64],
    /// How far each point is from its centre, while one is looked for to become a centre.
    distances: &'a mut [f64],
    /// How many members each cluster has.
    counts: &'a mut [f64],
    /// 1 for a cluster that has got or lost a member.
    changed: &'a mut [f64],
    /// 1 for a centre that moved after the last assignment.
    moved: &'a mut [f64],
    /// One vector.
    row: &'a mut [f64],
}

impl<'a> Lloyd<'a> {
    /// Takes [`scratch_len`] and [`screen::singles_len`] numbers.
    pub(super) fn new<X>(
        data: &'a Data<X>,
        clusters: usize,
        doubles: &'a mut [f64],
        singles: &'a mut [f32],
    ) -> Lloyd<'a> {
        let (points, mut rest) = (data.lengths.len(), doubles);
        let labels = take(&mut rest, points);
        let members = take(&mut rest, points);
        let distances = take(&mut rest, points);
        let counts = take(&mut rest, clusters);
        let changed = take(&mut rest, clusters);
        let moved = take(&mut rest, clusters);
        let row = take(&mut rest, data.mean.len());
        let screen = Screen::new(data.mean, data.lengths, clusters, rest, singles);
        Lloyd { screen, labels, members, distances, counts, changed, moved, row }
    }

    /// Moves the centres until labels stay, or until they move by at most `tolerance` of the points' variance.
    pub(super) fn run<X: Storage>(
        &mut self,
        centres: &mut [f64],
        data: &Data<X>,
        max_iterations: usize,
        tolerance: f64,
    ) -> Fit {
        let dimension = data.points.dimension;
        let limit = tolerance * data.variance;
        self.labels.fill(NONE);
        self.members.fill(NONE);
        self.changed.fill(1.0);
        self.moved.fill(1.0);
        let mut iterations = 0;
        loop {
            let has_changed = self.assign(data.points, Rows { elements: centres, dimension });
            if iterations == max_iterations {
                break;
            }
            iterations += 1;
            if !has_changed {
                break;
            }
            self.gather(data.points, Rows { elements: centres, dimension });
            if self.update(centres, data.points) <= limit {
                self.assign(data.points, Rows { elements: centres, dimension });
                break;
            }
        }
        let centres = Rows { elements: &*centres, dimension };
        let own =
            |(index, label): (usize, &f64)| squared_distance(data.points.get(index), centres.get(*label as usize));
        let inertia = self.labels.iter().enumerate().map(own).fold(0.0, |sum, distance| sum + distance);
        Fit { inertia, iterations, restart: 0 }
    }

    /// Gives each point the label of its nearest centre. Whether any label has changed.
    fn assign<X: Storage>(&mut self, points: Rows<X>, centres: Rows<f64>) -> bool {
        self.screen.refresh(points, centres, self.moved);
        self.moved.fill(0.0);
        let mut has_changed = false;
        for (index, label) in self.labels.iter_mut().enumerate() {
            let nearest = self.screen.nearest(index, points, centres) as f64;
            has_changed |= *label != nearest;
            *label = nearest;
        }
        has_changed
    }

    /// Makes each point a member of its cluster. Where no point has a cluster's label, the point that is farthest from
    /// its centre leaves its own cluster for it.
    fn gather<X: Storage>(&mut self, points: Rows<X>, centres: Rows<f64>) {
        count(self.counts, self.labels);
        let has_empty = self.counts.contains(&0.0);
        if has_empty {
            for (index, (distance, &label)) in self.distances.iter_mut().zip(self.labels.iter()).enumerate() {
                *distance = squared_distance(points.get(index), centres.get(label as usize));
            }
            self.fill_empty();
        }
        for ((member, &label), &distance) in self.members.iter_mut().zip(self.labels.iter()).zip(self.distances.iter())
        {
            let cluster = if has_empty && distance < 0.0 { cluster_of(distance) } else { label };
            if *member != cluster {
                for cluster in [*member, cluster].into_iter().filter(|&cluster| cluster != NONE) {
                    if let Some(changed) = self.changed.get_mut(cluster as usize) {
                        *changed = 1.0;
                    }
                }
                *member = cluster;
            }
        }
        if has_empty {
            count(self.counts, self.members);
        }
    }

    /// Gives each empty cluster, in their order, the farthest point that is left, and notes the cluster in place of the
    /// point's distance.
    fn fill_empty(&mut self) {
        if self.distances.iter().all(|&distance| distance == 0.0) {
            return;
        }
        for (k, _) in self.counts.iter().enumerate().filter(|(_, count)| **count == 0.0) {
            let (mut farthest, mut most) = (None, NONE);
            for distance in self.distances.iter_mut().filter(|distance| **distance >= 0.0) {
                if *distance > most {
                    most = *distance;
                    farthest = Some(distance);
                }
            }
            if let Some(distance) = farthest {
                *distance = noted(k);
            }
        }
    }

    /// Moves the centres of changed clusters to their members' means. The sum of the squared distances that they move.
    fn update<X: Storage>(&mut self, centres: &mut [f64], points: Rows<X>) -> f64 {
        let dimension = points.dimension;
        let mut shift = 0.0;
        for (k, (&count, &changed)) in self.counts.iter().zip(self.changed.iter()).enumerate() {
            if count == 0.0 || changed == 0.0 {
                continue;
            }
            self.row.fill(0.0);
            for (index, _) in self.members.iter().enumerate().filter(|(_, member)| **member == k as f64) {
                add(self.row, points.get(index));
            }
            for mean in self.row.iter_mut() {
                *mean /= count;
            }
            shift += replace(row_mut(centres, dimension, k), self.row);
        }
        shift += self.place_memberless(centres, dimension);
        core::mem::swap(&mut self.moved, &mut self.changed);
        shift
    }

    /// Moves the centres of clusters without a member to that of the largest cluster.
    fn place_memberless(&mut self, centres: &mut [f64], dimension: usize) -> f64 {
        if !self.counts.contains(&0.0) {
            return 0.0;
        }
        let (mut largest, mut most) = (0, 0.0);
        for (k, &count) in self.counts.iter().enumerate() {
            if count > most {
                (largest, most) = (k, count);
            }
        }
        for (to, &from) in self.row.iter_mut().zip(row_mut(centres, dimension, largest).iter()) {
            *to = from;
        }
        let mut shift = 0.0;
        for (k, (&count, changed)) in self.counts.iter().zip(self.changed.iter_mut()).enumerate() {
            if count == 0.0 {
                shift += replace(row_mut(centres, dimension, k), self.row);
                *changed = 1.0;
            }
        }
        shift
    }
}

/// How often each cluster occurs.
fn count(counts: &mut [f64], clusters: &[f64]) {
    counts.fill(0.0);
    for &cluster in clusters {
        if let Some(count) = counts.get_mut(cluster as usize) {
            *count += 1.0;
        }
    }
}

/// A cluster where a distance stands: distances are not negative.
fn noted(cluster: usize) -> f64 {
    -1.0 - cluster as f64
}

/// The cluster that [`noted`] was given.
fn cluster_of(distance: f64) -> f64 {
    -1.0 - distance
}

/// Writes a centre. The square of how far it moves.
fn replace(centre: &mut [f64], by: &[f64]) -> f64 {
    let square = squared_distance(centre, by);
    for (to, &from) in centre.iter_mut().zip(by) {
        *to = from;
    }
    square
}
