//! Starting centres by k-means++.

use super::{check_sizes, take};
use crate::correspondence::rows::{Rows, check_magnitudes, row_mut, squared_distance, squared_distance_within};
use crate::error::{Argument, Error, check};
use crate::{Scalar, Storage};

/// How many uniforms [`plus_plus`] takes: one for the first centre, `trials` for each other.
pub const fn plus_plus_uniforms_len(clusters: usize, trials: usize) -> usize {
    if clusters == 0 { 0 } else { (clusters - 1).saturating_mul(trials).saturating_add(1) }
}

/// The length of the scratch of [`plus_plus`].
pub const fn plus_plus_scratch_len(points: usize, dimension: usize, trials: usize) -> usize {
    let by_candidate = points.saturating_add(dimension).saturating_add(2);
    trials.saturating_mul(by_candidate).saturating_add(points)
}

/// How many candidates scikit-learn tries for each centre: 2 + ⌊ln `clusters`⌋.
pub const fn greedy_trials(clusters: usize) -> usize {
    let (mut trials, mut bound) = (2, core::f64::consts::E);
    while bound <= clusters as f64 {
        trials += 1;
        bound *= core::f64::consts::E;
    }
    trials
}

/// Chooses points as starting centres: the first uniformly, each other with a probability in proportion to the squared
/// distance from the centres before it (k-means++, Arthur and Vassilvitskii 2007), from uniforms in [0, 1) that the
/// caller draws.
///
/// `features` are N vectors of `dimension` elements, `indices` become the chosen points, one for each centre, and
/// `centres` their vectors. Returns the potential: the sum of the squared distances from each point to its nearest
/// centre. The first centre is point ⌊u·N⌋; each other takes `trials` uniforms, each of which gives as a candidate the
/// first point j where the squared distances of the points 0 to j sum up to more than u times the potential, and the
/// candidate that leaves the lowest potential becomes the centre, of equal ones the first. With one trial that is the
/// published method, with [`greedy_trials`] it is what scikit-learn does. Where all points are centres already, the
/// last point is chosen again.
///
/// # Errors
///
/// [`Error::Domain`] for no `indices` or more of them than there are points, for a `dimension` or `trials` of 0, for
/// `features` that are not finite or exceed 1e150, and for `uniforms` outside [0, 1); [`Error::Length`] for `features`
/// that are no multiple of `dimension`, for `centres` and `uniforms` ([`plus_plus_uniforms_len`]); [`Error::TooShort`]
/// for `scratch` ([`plus_plus_scratch_len`]).
///
/// # Example
///
/// ```
/// use quell::correspondence::cluster::{plus_plus, plus_plus_scratch_len};
/// let features = [0.0f32, 1.0, 10.0, 11.0];
/// let (mut centres, mut indices) = ([0.0; 2], [0; 2]);
/// let mut scratch = [0.0; plus_plus_scratch_len(4, 1, 1)];
/// let potential = plus_plus(&mut centres, &mut indices, &features, 1, &[0.3, 0.5], 1, &mut scratch)?;
/// assert_eq!((indices, centres, potential), ([1, 3], [1.0, 11.0], 2.0));
/// # Ok::<(), quell::Error>(())
/// ```
pub fn plus_plus<X: Storage>(
    centres: &mut [f64],
    indices: &mut [usize],
    features: &[X],
    dimension: usize,
    uniforms: &[f64],
    trials: usize,
    scratch: &mut [f64],
) -> Result<f64, Error> {
    let clusters = indices.len();
    let points = check_sizes(features, dimension, clusters)?;
    check::length(Argument::Centres, clusters.saturating_mul(dimension), centres.len())?;
    check::not_zero(Argument::Trials, trials)?;
    check_uniforms(uniforms, plus_plus_uniforms_len(clusters, trials))?;
    check::at_least(Argument::Scratch, plus_plus_scratch_len(points, dimension, trials), scratch.len())?;
    check_magnitudes(Argument::Features, features)?;
    let rows = Rows { elements: features, dimension };
    let unknown = Rows { elements: &[], dimension: points };
    Ok(choose(centres, rows, points, unknown, uniforms, trials, scratch, |k, index| {
        if let Some(chosen) = indices.get_mut(k) {
            *chosen = index;
        }
    }))
}

/// As many as needed, each in [0, 1).
pub(super) fn check_uniforms(uniforms: &[f64], needed: usize) -> Result<(), Error> {
    check::length(Argument::Uniforms, needed, uniforms.len())?;
    match uniforms.iter().find(|uniform| !(0.0..1.0).contains(*uniform)) {
        Some(&value) => Err(Error::Domain { argument: Argument::Uniforms, value }),
        None => Ok(()),
    }
}

/// [`plus_plus`] after its checks. `pairs` is what [`fill_pairs`] wrote, or empty.
pub(super) fn choose<X: Storage>(
    centres: &mut [f64],
    points: Rows<X>,
    count: usize,
    pairs: Rows<f64>,
    uniforms: &[f64],
    trials: usize,
    scratch: &mut [f64],
    mut chosen: impl FnMut(usize, usize),
) -> f64 {
    let dimension = points.dimension;
    let mut rest = scratch;
    // The squared distance from each point to its nearest centre.
    let nearest = take(&mut rest, count);
    // Each candidate's point, its vector, what it would make of those distances, and their sum.
    let indices = take(&mut rest, trials);
    let vectors = take(&mut rest, trials.saturating_mul(dimension));
    let distances = take(&mut rest, trials.saturating_mul(count));
    let potentials = take(&mut rest, trials);

    let (&first, others) = uniforms.split_first().unwrap_or((&0.0, &[]));
    let first = ((first * count as f64) as usize).min(count.saturating_sub(1));
    place(row_mut(centres, dimension, 0), points.get(first));
    chosen(0, first);
    let mut potential = 0.0;
    for (index, nearest) in nearest.iter_mut().enumerate() {
        *nearest = squared_distance(points.get(index), row_mut(centres, dimension, 0));
        potential += *nearest;
    }
    for (k, uniforms) in others.chunks(trials.max(1)).enumerate() {
        for (trial, (place_of, &uniform)) in indices.iter_mut().zip(uniforms).enumerate() {
            let index = point_at(nearest, uniform * potential);
            *place_of = index as f64;
            place(row_mut(vectors, dimension, trial), points.get(index));
        }
        if pairs.elements.is_empty() {
            try_candidates(potentials, distances, nearest, points, Rows { elements: &*vectors, dimension });
        } else {
            try_known_candidates(potentials, distances, nearest, pairs, indices);
        }
        let mut best = 0;
        let mut least = f64::INFINITY;
        for (trial, &candidate) in potentials.iter().enumerate() {
            if candidate < least {
                (best, least) = (trial, candidate);
            }
        }
        potential = potentials.get(best).copied().unwrap_or(potential);
        for (to, &from) in nearest.iter_mut().zip(row_mut(distances, count, best).iter()) {
            *to = from;
        }
        let centre = row_mut(centres, dimension, k.saturating_add(1));
        for (to, &from) in centre.iter_mut().zip(row_mut(vectors, dimension, best).iter()) {
            *to = from;
        }
        chosen(k.saturating_add(1), indices.get(best).map_or(0, |&index| index as usize));
    }
    potential
}

/// Writes a point as a vector in double precision.
fn place<X: Storage>(to: &mut [f64], x: &[X]) {
    for (to, x) in to.iter_mut().zip(x) {
        *to = x.load().to_f64();
    }
}

/// The first point where the running sum exceeds `target`; the last that adds to the sum, if rounding leaves none.
fn point_at(weights: &[f64], target: f64) -> usize {
    let (mut sum, mut last) = (0.0, weights.len().saturating_sub(1));
    for (index, &weight) in weights.iter().enumerate() {
        sum += weight;
        if sum > target {
            return index;
        }
        if weight > 0.0 {
            last = index;
        }
    }
    last
}

/// The squared distances of all pairs of points, (N, N), for [`choose`] to read instead of computing them. `row` is one
/// vector.
pub(super) fn fill_pairs<X: Storage>(pairs: &mut [f64], points: Rows<X>, count: usize, row: &mut [f64]) {
    for index in 0..count {
        place(row, points.get(index));
        for other in 0..index.saturating_add(1) {
            let square = squared_distance(points.get(other), row);
            for (a, b) in [(index, other), (other, index)] {
                if let Some(pair) = pairs.get_mut(a.saturating_mul(count).saturating_add(b)) {
                    *pair = square;
                }
            }
        }
    }
}

/// [`try_candidates`] where the distances of all pairs are known.
fn try_known_candidates(
    potentials: &mut [f64],
    distances: &mut [f64],
    nearest: &[f64],
    pairs: Rows<f64>,
    indices: &[f64],
) {
    for (trial, (potential, &index)) in potentials.iter_mut().zip(indices).enumerate() {
        *potential = 0.0;
        let kept = row_mut(distances, nearest.len(), trial);
        for ((kept, &nearest), &square) in kept.iter_mut().zip(nearest).zip(pairs.get(index as usize)) {
            *kept = if square < nearest { square } else { nearest };
            *potential += *kept;
        }
    }
}

/// For each candidate the distances from the nearest centre if it were one, and their sum.
fn try_candidates<X: Storage>(
    potentials: &mut [f64],
    distances: &mut [f64],
    nearest: &[f64],
    points: Rows<X>,
    vectors: Rows<f64>,
) {
    potentials.fill(0.0);
    let count = nearest.len();
    for (index, &nearest) in nearest.iter().enumerate() {
        let x = points.get(index);
        for (trial, potential) in potentials.iter_mut().enumerate() {
            let distance = squared_distance_within(x, vectors.get(trial), nearest);
            *potential += distance;
            if let Some(kept) = distances.get_mut(trial.saturating_mul(count).saturating_add(index)) {
                *kept = distance;
            }
        }
    }
}
