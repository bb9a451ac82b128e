//! The fused pass beside the loop that a good programmer writes by hand for one solver and one type.
//!
//! The loops read each buffer once and write each result once, as the pass does, but have their factors and buffers
//! built in. They are the practical limit of one thread; `tests/benchmark.sh` prints the ratios.

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use quell::diffusion::noise::{NoiseLevel, Process};
use quell::diffusion::pass::{self, Guidance, Inputs, Noise};
use quell::diffusion::prediction::Prediction;
use quell::diffusion::schedule::{Last, Schedule, karras};
use quell::diffusion::solver::{Ddim, DpmPp2M, SdeDpmPp2M, Solver, UniPc};
use quell::diffusion::step::{Step, TableRow};
use quell::random::{self, Stream};
use quell::{Storage, bf16, f16};
use std::hint::black_box;

/// Latents of 64², 128² and 1024² pixels' worth, and one far larger than any cache.
const SIZES: [usize; 4] = [4 * 64 * 64, 4 * 128 * 128, 16 * 128 * 128, 1 << 24];

/// Position 4 of 10: history is full there, and the corrector at work.
fn step(solver: impl Solver) -> Step {
    let process = Process::Edm { sigma_data: 0.5 };
    let (mut sigmas, mut levels) = ([0.0; 11], [NoiseLevel::default(); 11]);
    karras::fill(&mut sigmas, 0.002, 80.0, 7.0, Last::Zero).expect("a range");
    process.fill_levels(&mut levels, &sigmas).expect("decreasing");
    let schedule = Schedule::new(process, Prediction::Epsilon, &levels).expect("levels");
    solver.step(&schedule, 4).expect("a position")
}

fn draw<X: Storage>(n: usize, stream: u32) -> Vec<X> {
    let mut out = vec![X::default(); n];
    random::fill_normal(&mut out, Stream { seed: 1, stream, step: 0 }, 0).expect("a range");
    out
}

/// What a row of a 2M or UniPC step has: x, model, and two slots.
fn factors(row: &TableRow) -> [f32; 5] {
    let [a, b, c, ..] = row.slots;
    [row.x, row.model, a, b, c].map(|factor| factor as f32)
}

fn euler_loop(x: &mut [f32], model: &[f32], [a, b, ..]: [f32; 5]) {
    for (x, &m) in x.iter_mut().zip(model) {
        *x = a * *x + b * m;
    }
}

fn two_m_loop(x: &mut [f32], slot: &mut [f32], model: &[f32], [a, b, c, ..]: [f32; 5], [p, q, ..]: [f32; 5]) {
    for ((x, s), &m) in x.iter_mut().zip(slot).zip(model) {
        let denoised = p * *x + q * m;
        *x = a * *x + b * m + c * *s;
        *s = denoised;
    }
}

/// Slot 0 holds the corrector, slot 1 the D before.
fn unipc_loop(x: &mut [f32], slots: &mut [f32], model: &[f32], rows: [[f32; 5]; 3]) {
    let (corrector, before) = slots.split_at_mut(x.len());
    let row = |[a, b, c, d, _]: [f32; 5], x: f32, m: f32, s: f32, t: f32| a * x + b * m + c * s + d * t;
    for (((x, s), t), &m) in x.iter_mut().zip(corrector).zip(before).zip(model) {
        let new = rows.map(|factors| row(factors, *x, m, *s, *t));
        [*x, *s, *t] = new;
    }
}

fn solvers(c: &mut Criterion) {
    for (name, step) in
        [("euler", step(Ddim::default())), ("dpmpp_2m", step(DpmPp2M::default())), ("unipc_2", step(UniPc::default()))]
    {
        let rows = step.table(false).map(|row| factors(&row));
        let mut group = c.benchmark_group(name);
        for n in SIZES {
            let (mut x, model, mut history) = (draw::<f32>(n, 0), draw::<f32>(n, 1), draw::<f32>(n * step.slots(), 2));
            group.throughput(Throughput::Elements(n as u64));
            group.bench_with_input(BenchmarkId::new("pass", n), &n, |b, _| {
                let inputs = Inputs { model: &model, ..Inputs::default() };
                b.iter(|| pass::apply(&[step], black_box(&mut x), &mut history, &inputs, None).expect("a pass"));
            });
            group.bench_with_input(BenchmarkId::new("loop", n), &n, |b, _| {
                b.iter(|| match name {
                    "euler" => euler_loop(black_box(&mut x), &model, black_box(rows[0])),
                    "dpmpp_2m" => two_m_loop(black_box(&mut x), &mut history, &model, black_box(rows[0]), rows[1]),
                    _ => unipc_loop(black_box(&mut x), &mut history, &model, black_box(rows)),
                });
            });
        }
        group.finish();
    }
}

/// One 2M pass in each pair of types, and what its options cost.
fn forms(c: &mut Criterion) {
    const N: usize = 16 * 128 * 128;
    fn pair<X: Storage, M: Storage>(c: &mut Criterion, name: &str) {
        let step = step(DpmPp2M::default());
        let (mut x, model, mut history) = (draw::<X>(N, 0), draw::<M>(N, 1), draw::<X>(N, 2));
        c.bench_function(&format!("types/{name}"), |b| {
            let inputs = Inputs { model: &model, ..Inputs::default() };
            b.iter(|| pass::apply(&[step], black_box(&mut x), &mut history, &inputs, None).expect("a pass"));
        });
    }
    pair::<f32, f32>(c, "f32");
    pair::<f64, f64>(c, "f64");
    pair::<f16, f16>(c, "f16");
    pair::<bf16, bf16>(c, "bf16");
    pair::<f32, f16>(c, "f32_f16");
    pair::<f32, bf16>(c, "f32_bf16");

    let (two_m, sde) = (step(DpmPp2M::default()), step(SdeDpmPp2M::default()));
    let (mut x, model, mut history) = (draw::<f32>(N, 0), draw::<f32>(N, 1), draw::<f32>(N, 2));
    let (unconditional, noise, mut next) = (draw::<f32>(N, 3), draw::<f32>(N, 4), draw::<f32>(N, 5));
    let plain = Inputs { model: &model, ..Inputs::default() };
    let guided = Inputs { guidance: Some(Guidance { unconditional: &unconditional, scale: 7.5 }), ..plain };
    let given = Inputs { noise: Noise::Slice(&noise), ..plain };
    let seeded = Inputs { noise: Noise::Seeded { seeds: &[7], stream: 0, first_element: 0 }, ..plain };
    for (name, step, inputs, scaled) in [
        ("plain", two_m, plain, false),
        ("next_input", two_m, plain, true),
        ("guidance", two_m, guided, false),
        ("noise_given", sde, given, false),
        ("noise_drawn", sde, seeded, false),
    ] {
        c.bench_function(&format!("options/{name}"), |b| {
            b.iter(|| {
                let next = scaled.then_some(next.as_mut_slice());
                pass::apply(&[step], black_box(&mut x), &mut history, &inputs, next).expect("a pass");
            });
        });
    }
    c.bench_function("options/fill_normal", |b| {
        b.iter(|| random::fill_normal(black_box(&mut x), Stream::default(), 0).expect("a range"));
    });
}

criterion_group!(benches, solvers, forms);
criterion_main!(benches);
