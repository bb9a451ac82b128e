//! K-means: which cells of a feature map belong together.
//!
//! `features` are N points of `dimension` D each, row-major (N, D), in any storage type; centres are K vectors in
//! `f64`, (K, D); labels are 0 to K − 1 in any [`Label`] type that holds them. All sums are in `f64`.
//!
//! Results are those of plain Lloyd iterations, bit for bit: the squared distance of x and c is Σⱼ (xⱼ − cⱼ)² in eight
//! running sums, the l-th over the j with j mod 8 = l, in order, added up as ((0 + 4) + (2 + 6)) + ((1 + 5) + (3 + 7));
//! a point's label is the first of its nearest centres; a centre is the sum of its members, in order, divided by their
//! number. Most distances are never computed: products in single precision with a rigorous bound on their error tell
//! which centres can be the nearest, and those of centres that stay are kept from one iteration to the next.
//!
//! Differences whose squares underflow count as 0.
//!
//! ```
//! use quell::correspondence::cluster::KMeans;
//! use quell::random::{Stream, fill_uniform};
//! const OPTIONS: KMeans = KMeans { restarts: 3, ..KMeans::new(2) };
//! const POINTS: usize = 6;
//! let features = [0.0f32, 0.1, 10.0, 10.2, 0.2, 10.1];
//! let (mut centres, mut labels) = ([0.0; 2], [0u8; POINTS]);
//! let mut uniforms = [0.0; OPTIONS.uniforms_len()];
//! fill_uniform(&mut uniforms, Stream { seed: 1, stream: 0, step: 0 }, 0)?;
//! let mut scratch = [0.0; OPTIONS.run_scratch_len(POINTS, 1)];
//! let mut singles = [0.0; OPTIONS.singles_len(POINTS, 1)];
//! let fit = OPTIONS.run(&mut centres, &mut labels, &features, 1, &uniforms, &mut scratch, &mut singles)?;
//! assert!((fit.inertia - 0.04).abs() < 1e-6);
//! assert_eq!(labels.map(|label| label == labels[0]), [true, true, false, false, true, false]);
//! # Ok::<(), quell::Error>(())
//! ```

mod lloyd;
mod screen;
mod seed;

pub use seed::{greedy_trials, plus_plus, plus_plus_scratch_len, plus_plus_uniforms_len};

use super::label::Label;
use super::rows::{self, Rows, check_magnitudes, squared_distance};
use crate::Storage;
use crate::error::{Argument, Error, check};
use crate::slice::take;
use lloyd::{Data, Lloyd};
use screen::Screen;

/// Points that [`predict`] looks at together.
const PORTION: usize = 64;

/// Up to this many points, 8 MiB, a run with restarts keeps the squared distances of all pairs of them.
const PAIRED: usize = 1024;

/// What k-means is to do.
#[derive(Clone, Copy, Debug, PartialEq)]
#[repr(C)]
pub struct KMeans {
    /// The number of clusters K: 1 to the number of points.
    pub clusters: usize,
    /// How many times to start from other centres; the run with the least inertia is kept, of equal ones the first.
    pub restarts: usize,
    /// How many candidates each centre is chosen from ([`plus_plus`]).
    pub trials: usize,
    /// When to stop at the latest.
    pub max_iterations: usize,
    /// Iterations stop when the centres' squared moves sum up to at most this many times the mean over the coordinates
    /// of the points' variance, as scikit-learn does. At 0 they go on until no label changes.
    pub tolerance: f64,
}

/// What came of it.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
#[repr(C)]
pub struct Fit {
    /// The sum of the squared distances from each point to its centre.
    pub inertia: f64,
    /// How often labels were assigned and centres moved, as scikit-learn counts: the last time may have changed
    /// nothing.
    pub iterations: usize,
    /// Which start led to it.
    pub restart: usize,
}

impl KMeans {
    /// What scikit-learn does unless told otherwise: one start from [`greedy_trials`], at most 300 iterations, a
    /// tolerance of 1e-4.
    pub const fn new(clusters: usize) -> KMeans {
        KMeans { clusters, restarts: 1, trials: greedy_trials(clusters), max_iterations: 300, tolerance: 1e-4 }
    }

    /// How many uniforms [`run`](KMeans::run) takes: for each restart what [`plus_plus`] takes.
    pub const fn uniforms_len(&self) -> usize {
        self.restarts.saturating_mul(plus_plus_uniforms_len(self.clusters, self.trials))
    }

    /// The length of the scratch of [`lloyd`](KMeans::lloyd).
    pub const fn lloyd_scratch_len(&self, points: usize, dimension: usize) -> usize {
        lloyd::data_len(points, dimension).saturating_add(lloyd::scratch_len(points, self.clusters, dimension))
    }

    /// The length of the scratch of [`run`](KMeans::run). With several restarts and at most 1024 points it holds the
    /// distances of all pairs of points, too: then starting centres cost next to nothing.
    pub const fn run_scratch_len(&self, points: usize, dimension: usize) -> usize {
        let centres = self.clusters.saturating_mul(dimension);
        let lloyd = lloyd::scratch_len(points, self.clusters, dimension);
        let seed = plus_plus_scratch_len(points, dimension, self.trials);
        let larger = if lloyd > seed { lloyd } else { seed };
        let kept = lloyd::data_len(points, dimension).saturating_add(self.pairs_len(points));
        kept.saturating_add(centres).saturating_add(larger)
    }

    /// How many distances of pairs a run keeps.
    const fn pairs_len(&self, points: usize) -> usize {
        if self.restarts > 1 && points <= PAIRED { points * points } else { 0 }
    }

    /// How many single precision numbers [`lloyd`](KMeans::lloyd) and [`run`](KMeans::run) work in.
    pub const fn singles_len(&self, points: usize, dimension: usize) -> usize {
        screen::singles_len(points, self.clusters, dimension)
    }

    /// Lloyd's iterations from the centres that are given (Lloyd 1982): each point gets the label of its nearest
    /// centre, each centre moves to the mean of its points, until labels stay.
    ///
    /// Where no point has a cluster's label, the point that is farthest from its centre becomes the cluster's centre,
    /// and its own cluster's mean leaves it out; several such clusters take the farthest points in turn, in their
    /// order, of equally far ones the first. That is scikit-learn's rule, but for one thing: a cluster that loses its
    /// only point in this way gets the centre of the largest cluster, where scikit-learn may take that cluster's sum
    /// for its mean. `restarts` and `trials` do not matter here.
    ///
    /// # Errors
    ///
    /// [`Error::Domain`] for `clusters` of 0, or more than there are points or than the label type holds, for a
    /// `dimension` or `max_iterations` of 0, for a `tolerance` that is negative or not finite, and for `features` and
    /// `centres` that are not finite or exceed 1e150; [`Error::Length`] for `features` that are no multiple of
    /// `dimension`, for `centres` and `labels`; [`Error::TooShort`] for `scratch`
    /// ([`lloyd_scratch_len`](KMeans::lloyd_scratch_len)) and `singles` ([`singles_len`](KMeans::singles_len)).
    pub fn lloyd<X: Storage, L: Label>(
        &self,
        centres: &mut [f64],
        labels: &mut [L],
        features: &[X],
        dimension: usize,
        scratch: &mut [f64],
        singles: &mut [f32],
    ) -> Result<Fit, Error> {
        let points = self.check(centres, labels, features, dimension)?;
        check::at_least(Argument::Scratch, self.lloyd_scratch_len(points, dimension), scratch.len())?;
        check::at_least(Argument::Singles, self.singles_len(points, dimension), singles.len())?;
        check_magnitudes(Argument::Features, features)?;
        check_magnitudes(Argument::Centres, centres)?;
        let mut rest = scratch;
        let kept = take(&mut rest, lloyd::data_len(points, dimension));
        let data = Data::new(Rows { elements: features, dimension }, points, kept);
        let mut lloyd = Lloyd::new(&data, self.clusters, rest, singles);
        let fit = lloyd.run(centres, &data, self.max_iterations, self.tolerance);
        fill_labels(labels, lloyd.labels);
        Ok(fit)
    }

    /// K-means from [`plus_plus`] centres, `restarts` times, and the best of these runs.
    ///
    /// # Errors
    ///
    /// As for [`lloyd`](KMeans::lloyd) with [`run_scratch_len`](KMeans::run_scratch_len), but `centres` may hold
    /// anything; [`Error::Domain`] for `restarts` or `trials` of 0 and for `uniforms` outside [0, 1); [`Error::Length`]
    /// for `uniforms` ([`uniforms_len`](KMeans::uniforms_len)).
    pub fn run<X: Storage, L: Label>(
        &self,
        centres: &mut [f64],
        labels: &mut [L],
        features: &[X],
        dimension: usize,
        uniforms: &[f64],
        scratch: &mut [f64],
        singles: &mut [f32],
    ) -> Result<Fit, Error> {
        let points = self.check(centres, labels, features, dimension)?;
        check::not_zero(Argument::Restarts, self.restarts)?;
        check::not_zero(Argument::Trials, self.trials)?;
        seed::check_uniforms(uniforms, self.uniforms_len())?;
        check::at_least(Argument::Scratch, self.run_scratch_len(points, dimension), scratch.len())?;
        check::at_least(Argument::Singles, self.singles_len(points, dimension), singles.len())?;
        check_magnitudes(Argument::Features, features)?;
        let rows = Rows { elements: features, dimension };
        let mut rest = scratch;
        let data = Data::new(rows, points, take(&mut rest, lloyd::data_len(points, dimension)));
        let work = take(&mut rest, centres.len());
        let pairs = take(&mut rest, self.pairs_len(points));
        if !pairs.is_empty() {
            // The centres' place is free for one vector.
            seed::fill_pairs(pairs, rows, points, rows::row_mut(work, dimension, 0));
        }
        let pairs = Rows { elements: &*pairs, dimension: points };
        let mut best: Option<Fit> = None;
        let each = plus_plus_uniforms_len(self.clusters, self.trials).max(1);
        for (restart, uniforms) in uniforms.chunks(each).enumerate() {
            seed::choose(work, rows, points, pairs, uniforms, self.trials, rest, |_, _| {});
            let mut lloyd = Lloyd::new(&data, self.clusters, rest, singles);
            let fit = Fit { restart, ..lloyd.run(work, &data, self.max_iterations, self.tolerance) };
            if best.is_none_or(|best| fit.inertia < best.inertia) {
                best = Some(fit);
                fill_labels(labels, lloyd.labels);
                for (to, &from) in centres.iter_mut().zip(work.iter()) {
                    *to = from;
                }
            }
        }
        Ok(best.unwrap_or_default())
    }

    /// The options, and what does not depend on values. The number of points.
    fn check<X, L: Label>(
        &self,
        centres: &[f64],
        labels: &[L],
        features: &[X],
        dimension: usize,
    ) -> Result<usize, Error> {
        let points = check_sizes(features, dimension, self.clusters)?;
        check_label_type::<L>(self.clusters)?;
        check::length(Argument::Centres, self.clusters.saturating_mul(dimension), centres.len())?;
        check::length(Argument::Labels, points, labels.len())?;
        check::not_zero(Argument::MaxIterations, self.max_iterations)?;
        check::non_negative(Argument::Tolerance, self.tolerance)?;
        Ok(points)
    }
}

/// The length of the scratch of [`predict`].
pub const fn predict_scratch_len(clusters: usize, dimension: usize) -> usize {
    dimension.saturating_add(PORTION).saturating_add(screen::doubles_len(clusters)).saturating_add(clusters)
}

/// How many single precision numbers [`predict`] works in.
pub const fn predict_singles_len(clusters: usize, dimension: usize) -> usize {
    screen::singles_len(PORTION, clusters, dimension)
}

/// Gives each point the label of its nearest centre, of equally near ones the first. Returns the sum of the squared
/// distances.
///
/// There may be any number of points; memory does not grow with it.
///
/// # Errors
///
/// [`Error::Domain`] for a `dimension` of 0, for no `centres` or more of them than the label type holds, and for
/// `features` and `centres` that are not finite or exceed 1e150; [`Error::Length`] for `centres` and `features` that
/// are no multiple of `dimension`, and for `labels`; [`Error::TooShort`] for `scratch` ([`predict_scratch_len`]) and
/// `singles` ([`predict_singles_len`]).
pub fn predict<X: Storage, L: Label>(
    labels: &mut [L],
    features: &[X],
    centres: &[f64],
    dimension: usize,
    scratch: &mut [f64],
    singles: &mut [f32],
) -> Result<f64, Error> {
    let points = check::parts(Argument::Features, features.len(), Argument::Dimension, dimension)?;
    let clusters = check::parts(Argument::Centres, centres.len(), Argument::Dimension, dimension)?;
    check_label_type::<L>(clusters)?;
    check::length(Argument::Labels, points, labels.len())?;
    check::at_least(Argument::Scratch, predict_scratch_len(clusters, dimension), scratch.len())?;
    check::at_least(Argument::Singles, predict_singles_len(clusters, dimension), singles.len())?;
    check_magnitudes(Argument::Features, features)?;
    check_magnitudes(Argument::Centres, centres)?;

    let centres = Rows { elements: centres, dimension };
    let mut rest = scratch;
    let shift = take(&mut rest, dimension);
    let lengths = take(&mut rest, PORTION);
    let moved = take(&mut rest, clusters);
    let doubles = take(&mut rest, screen::doubles_len(clusters));
    // Near the middle of the data, if the centres are what they should be.
    lloyd::fill_mean::<_, X::Acc>(shift, centres, clusters);
    moved.fill(1.0);
    let mut inertia = 0.0;
    for (portion, labels) in labels.chunks_mut(PORTION).enumerate() {
        let start = portion.saturating_mul(PORTION).saturating_mul(dimension);
        let rows = Rows { elements: features.get(start..).unwrap_or(&[]), dimension };
        let lengths = lengths.get_mut(..labels.len()).unwrap_or(&mut []);
        for (index, length) in lengths.iter_mut().enumerate() {
            *length = libm::sqrt(squared_distance(rows.get(index), shift));
        }
        let mut screen = Screen::new(shift, lengths, clusters, doubles, singles);
        screen.refresh(rows, centres, moved);
        for (index, label) in labels.iter_mut().enumerate() {
            let nearest = screen.nearest(index, rows, centres);
            *label = L::from_usize(nearest).unwrap_or_default();
            inertia += squared_distance(rows.get(index), centres.get(nearest));
        }
    }
    Ok(inertia)
}

/// There must be a cluster, and a point for each. The number of points.
fn check_sizes<X>(features: &[X], dimension: usize, clusters: usize) -> Result<usize, Error> {
    let points = check::parts(Argument::Features, features.len(), Argument::Dimension, dimension)?;
    if clusters == 0 || clusters > points {
        return Err(Error::Domain { argument: Argument::Clusters, value: clusters as f64 });
    }
    Ok(points)
}

/// There must be a cluster, and a label for each.
fn check_label_type<L: Label>(clusters: usize) -> Result<(), Error> {
    match clusters.checked_sub(1).and_then(L::from_usize) {
        Some(_) => Ok(()),
        None => Err(Error::Domain { argument: Argument::Clusters, value: clusters as f64 }),
    }
}

fn fill_labels<L: Label>(labels: &mut [L], from: &[f64]) {
    for (label, &from) in labels.iter_mut().zip(from) {
        *label = L::from_usize(from as usize).unwrap_or_default();
    }
}
