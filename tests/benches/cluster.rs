//! What k-means costs: 256 points of 1280 dimensions in single precision, 30 clusters, one thread.
//!
//! `given` starts from 30 of the points, `plus_plus` from k-means++ with scikit-learn's number of trials, once and ten
//! times. `map` is a feature map of 16 by 16 cells in 12 regions, `noise` has nothing to find. `tests/peers/cluster.py`
//! makes the same numbers and measures scikit-learn on them.

use criterion::{Criterion, criterion_group, criterion_main};
use quell::correspondence::cluster::{Fit, KMeans};
use quell::random::{Stream, fill_uniform};
use std::hint::black_box;

const SIDE: usize = 16;
const POINTS: usize = SIDE * SIDE;
const DIMENSION: usize = 1280;
const CLUSTERS: usize = 30;
const REGIONS: usize = 12;

/// The `index`-th number of a stream, uniform in [−1, 1) (SplitMix64, Steele, Lea and Flood 2014): exact in any
/// language.
fn number(stream: u64, index: usize) -> f64 {
    let z = ((stream << 32) + index as u64 + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    let z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    ((z ^ (z >> 31)) >> 11) as f64 * (2.0 / (1u64 << 53) as f64) - 1.0
}

fn noise() -> Vec<f32> {
    (0..POINTS * DIMENSION).map(|i| number(0, i) as f32).collect()
}

/// The region's vector, a slope along each side of the map, and noise.
fn map() -> Vec<f32> {
    let coordinate = |cell: usize| cell as f64 / 8.0 - 1.0;
    let mut features = Vec::with_capacity(POINTS * DIMENSION);
    for point in 0..POINTS {
        let (y, x) = (coordinate(point / SIDE), coordinate(point % SIDE));
        let distance = |region: usize| {
            let (dy, dx) = (y - number(1, 2 * region), x - number(1, 2 * region + 1));
            dy * dy + dx * dx
        };
        let region = (1..REGIONS).fold(0, |best, region| if distance(region) < distance(best) { region } else { best });
        for d in 0..DIMENSION {
            let slope = y * number(2, d) + x * number(3, d);
            let value = number(4, region * DIMENSION + d) + 0.5 * slope + 0.5 * number(5, point * DIMENSION + d);
            features.push(value as f32);
        }
    }
    features
}

fn cluster(c: &mut Criterion) {
    let (mut centres, mut labels) = (vec![0.0; CLUSTERS * DIMENSION], [0u8; POINTS]);
    for (name, features) in [("map", map()), ("noise", noise())] {
        let options = KMeans::new(CLUSTERS);
        let mut singles = vec![0.0; options.singles_len(POINTS, DIMENSION)];
        let report = |what: &str, fit: Fit| eprintln!("{name} {what}: {fit:?}");

        // Every eighth point.
        let start: Vec<f64> =
            (0..CLUSTERS).flat_map(|k| &features[8 * k * DIMENSION..][..DIMENSION]).map(|&x| x.into()).collect();
        let mut scratch = vec![0.0; options.lloyd_scratch_len(POINTS, DIMENSION)];
        let mut given = || {
            centres.copy_from_slice(black_box(&start));
            options.lloyd(&mut centres, &mut labels, &features, DIMENSION, &mut scratch, &mut singles).expect("points")
        };
        report("given", given());
        c.bench_function(&format!("cluster/{name}/given"), |b| b.iter(&mut given));

        for restarts in [1, 10] {
            let options = KMeans { restarts, ..options };
            let mut scratch = vec![0.0; options.run_scratch_len(POINTS, DIMENSION)];
            let mut uniforms = vec![0.0; options.uniforms_len()];
            fill_uniform(&mut uniforms, Stream { seed: 1, stream: 0, step: 0 }, 0).expect("a range");
            let mut run = || {
                let (features, uniforms) = (black_box(&features), &uniforms);
                options
                    .run(&mut centres, &mut labels, features, DIMENSION, uniforms, &mut scratch, &mut singles)
                    .expect("points")
            };
            report(&format!("plus_plus_{restarts}"), run());
            c.bench_function(&format!("cluster/{name}/plus_plus_{restarts}"), |b| b.iter(&mut run));
        }
    }
}

criterion_group!(benches, cluster);
criterion_main!(benches);
