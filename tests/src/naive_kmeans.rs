//! K-means as its documentation states it: every distance computed, every mean made anew, and equal bit for bit.

/// Σ (x − c)² in eight running sums.
pub fn squared_distance(x: &[f64], c: &[f64]) -> f64 {
    let lane = |lane: usize| (lane..x.len()).step_by(8).fold(0.0, |sum, j| sum + (x[j] - c[j]) * (x[j] - c[j]));
    ((lane(0) + lane(4)) + (lane(2) + lane(6))) + ((lane(1) + lane(5)) + (lane(3) + lane(7)))
}

/// The first of the largest.
fn first_largest(values: impl IntoIterator<Item = f64>) -> usize {
    let mut best = (0, f64::NEG_INFINITY);
    for (index, value) in values.into_iter().enumerate() {
        if value > best.1 {
            best = (index, value);
        }
    }
    best.0
}

/// What came of a run.
#[derive(Clone, Debug, PartialEq)]
pub struct Outcome {
    /// One label for each point.
    pub labels: Vec<usize>,
    /// The centres, row-major.
    pub centres: Vec<f64>,
    /// The sum of the squared distances.
    pub inertia: f64,
    /// How often labels were assigned and centres moved.
    pub iterations: usize,
    /// How many clusters had no label, each time that centres moved.
    pub empty: Vec<usize>,
}

/// The label of the nearest centre for each point, and the sum of the squared distances.
pub fn predict(features: &[f64], centres: &[f64], dimension: usize) -> (Vec<usize>, f64) {
    let mut inertia = 0.0;
    let labels = features.chunks(dimension).map(|x| {
        let distances: Vec<f64> = centres.chunks(dimension).map(|c| squared_distance(x, c)).collect();
        let label = first_largest(distances.iter().map(|distance| -distance));
        inertia += distances[label];
        label
    });
    (labels.collect(), inertia)
}

/// The mean over the coordinates of their variances.
fn variance(features: &[f64], dimension: usize) -> f64 {
    let points = (features.len() / dimension) as f64;
    let coordinate = |j: usize| features[j..].iter().step_by(dimension);
    let of = |j| {
        let mean = coordinate(j).sum::<f64>() / points;
        coordinate(j).map(|x| (x - mean) * (x - mean)).sum::<f64>() / points
    };
    (0..dimension).map(of).sum::<f64>() / dimension as f64
}

/// Lloyd's iterations.
pub fn lloyd(features: &[f64], start: &[f64], dimension: usize, max_iterations: usize, tolerance: f64) -> Outcome {
    let clusters = start.len() / dimension;
    let point = |i: usize| &features[i * dimension..][..dimension];
    let limit = tolerance * variance(features, dimension);
    let (mut centres, mut before, mut empty, mut iterations) = (start.to_vec(), None, vec![], 0);
    loop {
        let (labels, _) = predict(features, &centres, dimension);
        iterations += 1;
        if before.as_ref() == Some(&labels) {
            break;
        }
        let (moved, empty_now) = means(features, &centres, dimension, &labels);
        empty.push(empty_now);
        let shifts = (0..clusters).map(|k| k * dimension..(k + 1) * dimension);
        let shift: f64 = shifts.map(|row| squared_distance(&centres[row.clone()], &moved[row])).sum();
        (centres, before) = (moved, Some(labels));
        if shift <= limit || iterations == max_iterations {
            break;
        }
    }
    let (labels, _) = predict(features, &centres, dimension);
    let own = |(i, &label): (usize, &usize)| squared_distance(point(i), &centres[label * dimension..][..dimension]);
    let inertia = labels.iter().enumerate().map(own).fold(0.0, |sum, distance| sum + distance);
    Outcome { labels, centres, inertia, iterations, empty }
}

/// The centres that follow, and how many clusters had no label.
fn means(features: &[f64], centres: &[f64], dimension: usize, labels: &[usize]) -> (Vec<f64>, usize) {
    let clusters = centres.len() / dimension;
    let point = |i: usize| &features[i * dimension..][..dimension];
    let mut members = labels.to_vec();
    let empty: Vec<usize> = (0..clusters).filter(|k| !labels.contains(k)).collect();
    let mut distances: Vec<f64> = labels
        .iter()
        .enumerate()
        .map(|(i, label)| squared_distance(point(i), &centres[label * dimension..][..dimension]))
        .collect();
    if distances.iter().any(|&distance| distance > 0.0) {
        for &k in &empty {
            let farthest = first_largest(distances.iter().copied());
            (members[farthest], distances[farthest]) = (k, f64::NEG_INFINITY);
        }
    }
    let count = |k: usize| members.iter().filter(|&&member| member == k).count();
    let mean = |k: usize| {
        let mut sum = vec![0.0; dimension];
        for (i, _) in members.iter().enumerate().filter(|(_, member)| **member == k) {
            sum.iter_mut().zip(point(i)).for_each(|(sum, x)| *sum += x);
        }
        sum.into_iter().map(|sum| sum / count(k) as f64).collect::<Vec<f64>>()
    };
    let largest = first_largest((0..clusters).map(|k| count(k) as f64));
    let centres = (0..clusters).flat_map(|k| mean(if count(k) == 0 { largest } else { k })).collect();
    (centres, empty.len())
}

/// The points that k-means++ chooses, and the potential after each.
pub fn plus_plus(
    features: &[f64],
    dimension: usize,
    clusters: usize,
    uniforms: &[f64],
    trials: usize,
) -> (Vec<usize>, Vec<f64>) {
    let points = features.len() / dimension;
    let point = |i: usize| &features[i * dimension..][..dimension];
    let distances = |to: usize| (0..points).map(move |i| squared_distance(point(i), point(to)));
    let total = |values: &[f64]| values.iter().fold(0.0, |sum, value| sum + value);
    let mut indices = vec![(uniforms[0] * points as f64) as usize];
    let mut nearest: Vec<f64> = distances(indices[0]).collect();
    let mut potentials = vec![total(&nearest)];
    for uniforms in uniforms[1..].chunks(trials).take(clusters - 1) {
        let candidates = uniforms.iter().map(|uniform| {
            let target = uniform * total(&nearest);
            let exceeds = (0..points).find(|&j| total(&nearest[..=j]) > target);
            let last = nearest.iter().rposition(|&distance| distance > 0.0).unwrap_or(points - 1);
            exceeds.unwrap_or(last)
        });
        let tried: Vec<(usize, Vec<f64>)> = candidates
            .map(|index| (index, nearest.iter().zip(distances(index)).map(|(&a, b)| a.min(b)).collect()))
            .collect();
        let best = first_largest(tried.iter().map(|(_, distances)| -total(distances)));
        indices.push(tried[best].0);
        nearest.clone_from(&tried[best].1);
        potentials.push(total(&nearest));
    }
    (indices, potentials)
}
