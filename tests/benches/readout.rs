//! What it costs to read labels out of pairs of images: 30 masks of 512x512 pixels in RGB, single precision, σ = 1, and
//! one mask for each option and element type.
//!
//! One thread. The 30 pairs of images are 180 MiB, so they come from memory, as a host's do. First of all the memory that
//! is taken beside one pair of images is measured, for one mask, for 30 and for 256.

use criterion::{Criterion, criterion_group, criterion_main};
use quell::correspondence::difference::{Norm, fill_map};
use quell::correspondence::fold::{Fold, Soft};
use quell::correspondence::image::{Layout, Pixel};
use quell::correspondence::readout::{Filtered, Progress, Readout};
use quell::random::{Stream, fill_uniform};
use quell::{Storage, bf16, f16};
use std::hint::black_box;

const SIDE: usize = 512;
const PIXELS: usize = SIDE * SIDE;
const LAYOUT: Layout = Layout::planar(3, SIDE, SIDE);
const READOUT: Readout = Readout::new(3, SIDE, SIDE, 1.0);
const MASKS: usize = 30;

fn uniforms(seed: u64) -> Vec<f32> {
    let mut image = vec![0f32; 3 * PIXELS];
    fill_uniform(&mut image, Stream { seed, stream: 0, step: 0 }, 0).expect("a range");
    image
}

/// A number of KiB that the kernel keeps about this process.
fn status(name: &str) -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    status.lines().find_map(|line| line.strip_prefix(name)?.trim().strip_suffix(" kB")?.trim().parse().ok())
}

/// The peak of the resident memory above what was there before state and scratch were, whatever they are made of.
fn memory(_: &mut Criterion) {
    // The first round is for what a process takes once, such as the code itself.
    for (round, masks) in [1, 1, MASKS, 256].into_iter().enumerate() {
        let [minus, plus] = [0, 1].map(uniforms);
        // Sets the peak back to what is resident now.
        if let Err(error) = std::fs::write("/proc/self/clear_refs", "5") {
            println!("readout: peak memory not measured: /proc/self/clear_refs: {error}");
            return;
        }
        let before = status("VmRSS:");
        let (mut best, mut labels) = (vec![0f32; PIXELS], vec![0u8; PIXELS]);
        let mut scratch = vec![0f32; READOUT.state_len()];
        let mut fold = Fold::new(&mut best, &mut labels, None, None).expect("lengths");
        fold.reset();
        for mask in 0..masks {
            let mut progress = Progress::new(mask);
            READOUT.push_rows(&mut progress, &mut fold, &minus, &plus, &LAYOUT, &mut scratch).expect("lengths");
        }
        black_box(&mut fold);
        match (before, status("VmHWM:")) {
            _ if round == 0 => {}
            (Some(before), Some(peak)) => println!("readout: peak memory, {masks} masks: {} KiB", peak - before),
            _ => println!("readout: peak memory not measured: no VmRSS or VmHWM in /proc/self/status"),
        }
    }
}

fn whole(c: &mut Criterion) {
    let images: Vec<_> = (0..2 * MASKS as u64).map(uniforms).collect();
    let (mut best, mut labels) = (vec![0f32; PIXELS], vec![0u8; PIXELS]);
    let mut fold = Fold::new(&mut best, &mut labels, None, None).expect("lengths");
    let mut scratch = vec![0f32; READOUT.state_len()];
    c.bench_function("readout/30_masks", |b| {
        b.iter(|| {
            fold.reset();
            for (mask, pair) in images.chunks_exact(2).enumerate() {
                let mut progress = Progress::new(mask);
                let [minus, plus] = pair else { unreachable!() };
                READOUT.push_rows(&mut progress, &mut fold, minus, plus, &LAYOUT, &mut scratch).expect("lengths");
            }
            black_box(&mut fold);
        });
    });
}

/// What is kept beside the best value and its label.
#[derive(Clone, Copy, PartialEq)]
enum Kept {
    Labels,
    Margins,
    Entropies,
}

fn one<P: Pixel>(c: &mut Criterion, name: &str, readout: &Readout, layout: &Layout, kept: Kept, cast: impl Fn(f32) -> P)
where
    P::Acc: Storage,
{
    let pair = [0, 1].map(|seed| uniforms(seed).into_iter().map(&cast).collect::<Vec<P>>());
    let zeros = || vec![P::Acc::default(); PIXELS];
    let (mut best, mut labels, mut second, mut sum, mut moment) =
        (zeros(), vec![0u8; PIXELS], zeros(), zeros(), zeros());
    let soft = Soft { sum: &mut sum, moment: Some(&mut moment), scale: 1.0 };
    let second = (kept == Kept::Margins).then_some(&mut second[..]);
    let soft = (kept == Kept::Entropies).then_some(soft);
    let mut fold = Fold::new(&mut best, &mut labels, second, soft).expect("lengths");
    let mut scratch = vec![P::Acc::default(); readout.state_len()];
    fold.reset();
    let mut mask = 0;
    c.bench_function(&format!("mask/{name}"), |b| {
        b.iter(|| {
            mask = (mask + 1) % MASKS;
            let mut progress = Progress::new(mask);
            readout.push_rows(&mut progress, &mut fold, &pair[0], &pair[1], layout, &mut scratch).expect("lengths");
        });
    });
}

fn options(c: &mut Criterion) {
    let sigma = |sigma| Readout::new(3, SIDE, SIDE, sigma);
    one(c, "plain", &READOUT, &LAYOUT, Kept::Labels, |x| x);
    one(c, "sigma_0", &sigma(0.0), &LAYOUT, Kept::Labels, |x| x);
    one(c, "sigma_2", &sigma(2.0), &LAYOUT, Kept::Labels, |x| x);
    one(c, "sigma_4", &sigma(4.0), &LAYOUT, Kept::Labels, |x| x);
    one(c, "mean_absolute", &Readout { norm: Norm::MeanAbsolute, ..READOUT }, &LAYOUT, Kept::Labels, |x| x);
    one(c, "images_first", &Readout { filtered: Filtered::Images, ..READOUT }, &LAYOUT, Kept::Labels, |x| x);
    one(c, "margins", &READOUT, &LAYOUT, Kept::Margins, |x| x);
    one(c, "entropies", &READOUT, &LAYOUT, Kept::Entropies, |x| x);
    let interleaved = Layout::interleaved(3, SIDE, SIDE);
    one(c, "interleaved", &READOUT, &interleaved, Kept::Labels, |x| x);
    one(c, "u8_interleaved", &READOUT, &interleaved, Kept::Labels, |x| (x * 255.0) as u8);
    one(c, "u8", &READOUT, &LAYOUT, Kept::Labels, |x| (x * 255.0) as u8);
    one(c, "f16", &READOUT, &LAYOUT, Kept::Labels, f16::from_f32);
    one(c, "bf16", &READOUT, &LAYOUT, Kept::Labels, bf16::from_f32);
    one(c, "f64", &READOUT, &LAYOUT, Kept::Labels, f64::from);
    let (minus, plus, mut map) = (uniforms(0), uniforms(1), vec![0f32; PIXELS]);
    c.bench_function("mask/difference_alone", |b| {
        b.iter(|| fill_map(black_box(&mut map), &minus, &plus, &LAYOUT, Norm::Euclidean).expect("lengths"));
    });
}

criterion_group!(benches, memory, whole, options);
criterion_main!(benches);
