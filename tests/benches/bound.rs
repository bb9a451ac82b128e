//! What schedules cost once the table is there: the dynamic program for all step counts at once, the paper's search and the
//! displacement rule; and what one path of an image adds to the table.
//!
//! One thread, a grid of 400 points, of 129 for the displacement rule, of 64 for the image. `dynamic/curve` computes each
//! step's bound from the curve as it goes, `dynamic/packed` reads them from a packed table of pairs.

use criterion::{Criterion, criterion_group, criterion_main};
use quell::diffusion::bound::displacement::{self, Sampler, descend, fill_density};
use quell::diffusion::bound::dynamic::{parents_len, scratch_len, shortest_paths};
use quell::diffusion::bound::search::{Levels, search};
use quell::diffusion::bound::{Gaussian, IntervalCosts, MmseCurve, Moments, PairTable, density, fill_path, pairs_len};
use quell::diffusion::schedule::{Last, exponential, karras};
use quell::random::Stream;
use std::hint::black_box;

const POINTS: usize = 400;
const STEPS: usize = 50;

fn schedules(c: &mut Criterion) {
    let data = Gaussian::new(0.5, 1).expect("a deviation");
    let mut grid = vec![0.0; POINTS];
    exponential::fill(&mut grid, 0.002, 80.0, Last::SigmaMin).expect("a range");
    let mmse: Vec<f64> = grid.iter().map(|&sigma| data.mmse(sigma).expect("a level")).collect();
    let information: Vec<f64> = grid.iter().map(|&sigma| data.information(sigma).expect("a level")).collect();
    let curve = MmseCurve::new(&grid, &mmse, &information).expect("a curve");

    let (mut totals, mut parents) = (vec![0.0; STEPS], vec![0; parents_len(STEPS, POINTS)]);
    let mut scratch = vec![0.0; scratch_len(STEPS, POINTS)];
    c.bench_function("dynamic/curve", |b| {
        let cost = |from, to| curve.interval(from, to).unwrap_or(f64::NAN);
        b.iter(|| shortest_paths(black_box(&mut totals), &mut parents, POINTS, &mut scratch, cost).expect("costs"));
    });

    let pairs = (0..POINTS).flat_map(|from| (from..POINTS).map(move |to| (from, to)));
    let distance = |(from, to): (usize, usize)| mmse[from] - mmse[to];
    let mut moments: Vec<Moments> =
        pairs.map(|pair| Moments { count: 2, mean: distance(pair), squares: 0.0 }).collect();
    let table = PairTable::new(&grid, &mut moments).expect("a table");
    let mut costs = vec![0.0; pairs_len(POINTS)];
    c.bench_function("pairs/fill_costs", |b| {
        b.iter(|| table.fill_costs(black_box(&mut costs), &[1.0; POINTS]).expect("a table"));
    });
    let costs = IntervalCosts::new(&grid, &costs).expect("costs");
    c.bench_function("dynamic/packed", |b| {
        let cost = |from, to| costs.get(from, to).unwrap_or(f64::NAN);
        b.iter(|| shortest_paths(black_box(&mut totals), &mut parents, POINTS, &mut scratch, cost).expect("costs"));
    });

    c.bench_function("search/curve", |b| {
        let (mut start, mut backup) = ([0.0; 11], [0.0; 11]);
        karras::fill(&mut start, 0.002, 80.0, 7.0, Last::SigmaMin).expect("a range");
        let cost = |from, to| curve.klub_between(from, to).unwrap_or(f64::NAN);
        b.iter(|| {
            let mut sigmas = black_box(start);
            search(&mut sigmas, Levels::All, 20, &mut backup, cost, |_, _| false).expect("costs")
        });
    });

    let (mut steps, mut sigmas) = (vec![0.0; POINTS], [0.0; 11]);
    c.bench_function("density/klub", |b| {
        b.iter(|| {
            density::fill_klub(&mut steps, &grid, black_box(&mmse)).expect("a curve");
            density::fill_sigmas(&mut sigmas, &grid, &steps).expect("a density");
        });
    });
}

/// Trajectories of N(0, 0.25) data.
fn displacements(c: &mut Criterion) {
    const LEVELS: usize = 129;
    let mut grid = [0.0; LEVELS];
    exponential::fill(&mut grid, 0.002, 80.0, Last::SigmaMin).expect("a range");
    let mut moments = vec![Moments::default(); pairs_len(LEVELS)];
    let mut table = PairTable::new(&grid, &mut moments).expect("a table");
    let states = grid.map(|sigma| sigma.hypot(0.5));
    let denoised = grid.map(|sigma| 0.25 / sigma.hypot(0.5));
    table.add_trajectory(&states, &denoised, 1).expect("a trajectory");
    let (mut steps, mut sigmas) = ([0.0; LEVELS], [0.0; 11]);
    c.bench_function("displacement/density", |b| {
        b.iter(|| {
            fill_density(&mut steps, &table, black_box(Sampler::DpmPp2M), displacement::Criterion::Divergence)
                .expect("a table");
            density::fill_sigmas(&mut sigmas, &grid, &steps).expect("a density");
        });
    });
    let mut scratch = [0.0; displacement::scratch_len(LEVELS)];
    c.bench_function("displacement/descend", |b| {
        let start: [u32; 11] = std::array::from_fn(|step| (step * (LEVELS - 1) / 10) as u32);
        b.iter(|| {
            let mut indices = black_box(start);
            descend(&mut indices, &table, Sampler::DpmPp2M, displacement::Criterion::Divergence, 100, &mut scratch)
                .expect("a run")
        });
    });
}

/// One sample of 4x64x64 at 64 levels.
fn paths(c: &mut Criterion) {
    const LEVELS: usize = 64;
    const SIZE: usize = 4 * 64 * 64;
    let mut grid = [0.0; LEVELS];
    exponential::fill(&mut grid, 0.002, 80.0, Last::SigmaMin).expect("a range");
    let mut moments = vec![Moments::default(); pairs_len(LEVELS)];
    let mut table = PairTable::new(&grid, &mut moments).expect("a table");
    let x0 = vec![0.5f32; SIZE];
    let mut path = vec![0f32; LEVELS * SIZE];
    let stream = Stream { seed: 1, stream: 0, step: 0 };
    c.bench_function("pairs/fill_path", |b| {
        b.iter(|| fill_path(&mut path, black_box(&x0), &grid, stream).expect("a path"))
    });
    c.bench_function("pairs/add_path", |b| b.iter(|| table.add_path(black_box(&x0), &path).expect("a path")));
}

criterion_group!(benches, schedules, displacements, paths);
criterion_main!(benches);
