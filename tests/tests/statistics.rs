//! Statistics of the draws and of what samplers make of them.
//!
//! Seeds are fixed, so nothing here is left to chance; the critical values are those at which a right generator would
//! fail one test in a thousand. A seed that fails is not to be replaced but to be explained.

use quell::diffusion::noise::{NoiseLevel, Process, VpLinear};
use quell::diffusion::pass::{self, Inputs, Noise};
use quell::diffusion::solver::{Ddim, ErSde, EulerAncestral, Heun, NoiseScale, SdeDpmPp2M};
use quell::diffusion::step::{Step, history_len};
use quell::random::{Stream, fill_normal, fill_uniform};
use quell_tests::models::gaussian;
use quell_tests::recurrence::{PREDICTION, Recurrence};
use quell_tests::sampler::steps;
use quell_tests::strategies::{AnySolver, Run};

const N: usize = 1 << 20;
const BASE: Stream = Stream { seed: 20_240_414, stream: 0, step: 0 };

/// |z| of a standard normal statistic, two-sided.
const NORMAL: f64 = 3.2905;

/// The same when the worst of at most fifty is looked at: 0.001/50.
const NORMAL_OF_FIFTY: f64 = 4.2649;

/// χ² with 255 degrees of freedom: the lower and the upper 0.0005 (Wilson and Hilferty 1931).
const CHI_SQUARE_255: (f64, f64) = (187.4, 335.8);

/// √n·D of Kolmogorov and Smirnov.
const KOLMOGOROV: f64 = 1.9495;

/// A² of Anderson and Darling for a distribution that is fully known: 0.01 (Stephens 1974), the smallest tabulated.
const ANDERSON: f64 = 3.857;

fn normals(stream: Stream, n: usize) -> Vec<f64> {
    let mut out = vec![0.0; n];
    fill_normal(&mut out, stream, 0).expect("a range");
    out
}

fn mean(x: impl ExactSizeIterator<Item = f64>) -> f64 {
    let n = x.len() as f64;
    x.sum::<f64>() / n
}

/// Φ by the series of Marsaglia (2004): Φ(x) = ½ + φ(x)·(x + x³/3 + x⁵/15 + …).
fn normal_cdf(x: f64) -> f64 {
    let (mut term, mut sum, mut k) = (x, x, 1.0);
    while term.abs() > 1e-17 * sum.abs() {
        k += 2.0;
        term *= x * x / k;
        sum += term;
    }
    (0.5 + sum * (-0.5 * x * x).exp() / (2.0 * std::f64::consts::PI).sqrt()).clamp(0.0, 1.0)
}

/// √n·D for values that should be uniform.
fn kolmogorov(mut u: Vec<f64>) -> f64 {
    u.sort_by(f64::total_cmp);
    let n = u.len() as f64;
    let distance = |(i, &u): (usize, &f64)| ((i + 1) as f64 / n - u).max(u - i as f64 / n);
    u.iter().enumerate().map(distance).fold(0.0, f64::max) * n.sqrt()
}

/// A² for values that should be uniform.
fn anderson(mut u: Vec<f64>) -> f64 {
    u.sort_by(f64::total_cmp);
    let n = u.len();
    let term = |i: usize| (2 * i + 1) as f64 * (u[i].ln() + (-u[n - 1 - i]).ln_1p());
    -(n as f64) - (0..n).map(term).sum::<f64>() / n as f64
}

/// χ² of counts that should be equal.
fn chi_square(cells: impl Iterator<Item = u8>) -> f64 {
    let mut counts = [0u64; 256];
    cells.for_each(|cell| counts[usize::from(cell)] += 1);
    let expected = counts.iter().sum::<u64>() as f64 / 256.0;
    counts.iter().map(|&count| (count as f64 - expected).powi(2) / expected).sum()
}

fn assert_chi_square(what: &str, value: f64) {
    println!("{what}: χ² = {value:.1}");
    assert!(value > CHI_SQUARE_255.0 && value < CHI_SQUARE_255.1, "{what}: {value}");
}

/// r·√n of two samples of mean 0 and variance `variance`: standard normal when they are independent.
fn correlation(a: impl Iterator<Item = f64>, b: impl Iterator<Item = f64>, variance: f64) -> f64 {
    let (mut sum, mut n) = (0.0, 0.0f64);
    for (a, b) in a.zip(b) {
        sum += a * b;
        n += 1.0;
    }
    sum / (variance * n.sqrt())
}

#[test]
fn the_cdf_is_right() {
    for (x, phi) in [(0.0, 0.5), (1.0, 0.841_344_746_068_542_9), (-3.0, 0.001_349_898_031_630_094_6)] {
        assert!((normal_cdf(x) - phi).abs() < 1e-15);
    }
    // The tests can tell: a tenth of a percent too wide, or shifted by as much again.
    let z = normals(BASE, N);
    assert!(kolmogorov(z.iter().map(|z| normal_cdf(z * 1.01)).collect()) > KOLMOGOROV);
    assert!(anderson(z.iter().map(|z| normal_cdf(z + 0.005)).collect()) > ANDERSON);
}

#[test]
fn normals_have_their_moments() {
    let z = normals(BASE, N);
    let n = N as f64;
    let power = |k: i32| mean(z.iter().map(|z| z.powi(k)));
    // Moments of a standard normal, and the variances of z, z² − 1, z³ and z⁴ − 3.
    for (name, value, variance) in [
        ("mean", power(1), 1.0),
        ("variance", power(2) - 1.0, 2.0),
        ("skewness", power(3), 15.0),
        ("kurtosis", power(4) - 3.0, 96.0),
    ] {
        let score = value * (n / variance).sqrt();
        println!("{name}: {value:+.2e}, score {score:+.2}");
        assert!(score.abs() < NORMAL, "{name}: {value}, score {score}");
    }
    let largest = z.iter().fold(0f64, |largest, z| largest.max(z.abs()));
    assert!(largest <= 5.769 && largest > 4.0, "23 bits of radius reach 5.768: {largest}");
    // P(|z| > 4) = 6.334e-5.
    let (count, expected) = (z.iter().filter(|z| z.abs() > 4.0).count() as f64, 6.334_248e-5 * n);
    assert!((count - expected).abs() < NORMAL * expected.sqrt(), "{count} beyond 4, expected {expected}");
}

#[test]
fn normals_have_their_distribution() {
    for stream in [BASE, Stream { seed: u64::MAX, stream: 1, step: 999 }] {
        let u: Vec<f64> = normals(stream, N).into_iter().map(normal_cdf).collect();
        let (d, a) = (kolmogorov(u.clone()), anderson(u.clone()));
        println!("{stream:?}: √n·D = {d:.3}, A² = {a:.3}");
        assert!(d < KOLMOGOROV && a < ANDERSON, "√n·D = {d}, A² = {a}");
        assert_chi_square("256 cells of equal probability", chi_square(u.iter().map(|u| (u * 256.0) as u8)));
        // Neighbours on a grid of 16 by 16 cells: the two normals of a pair, and of two pairs.
        for offset in [0, 1] {
            let pairs = u[offset..].chunks_exact(2);
            let cells = pairs.map(|pair| (pair[0] * 16.0) as u8 * 16 + (pair[1] * 16.0) as u8);
            assert_chi_square("neighbours", chi_square(cells));
        }
    }
}

#[test]
fn uniforms_are_uniform_in_their_high_and_low_bits() {
    let (mut single, mut double) = (vec![0f32; N], vec![0f64; N]);
    fill_uniform(&mut single, BASE, 0).unwrap();
    fill_uniform(&mut double, BASE, 0).unwrap();
    let bits = |u: f64, places: i32| (u * 2f64.powi(places)) as u64 as u8;
    assert_chi_square("f32, upper 8 bits", chi_square(single.iter().map(|&u| bits(u.into(), 8))));
    assert_chi_square("f32, lower 8 bits", chi_square(single.iter().map(|&u| bits(u.into(), 24))));
    assert_chi_square("f64, upper 8 bits", chi_square(double.iter().map(|&u| bits(u, 8))));
    assert_chi_square("f64, bits 25 to 32", chi_square(double.iter().map(|&u| bits(u, 32))));
    assert_chi_square("f64, lower 8 bits", chi_square(double.iter().map(|&u| bits(u, 53))));
    let d = [kolmogorov(single.iter().map(|&u| u.into()).collect()), kolmogorov(double)];
    assert!(d[0] < KOLMOGOROV && d[1] < KOLMOGOROV, "{d:?}");
}

/// Addresses that differ in one coordinate, and elements that are near each other, have nothing to do with each other:
/// neither their values nor their squares (the two normals of a pair share a radius).
#[test]
fn different_addresses_are_independent() {
    let base = normals(BASE, N);
    let mut others: Vec<(String, Vec<f64>)> = Vec::new();
    for k in [1, 2, 1 << 31] {
        others.push((format!("stream + {k}"), normals(Stream { stream: k, ..BASE }, N)));
        others.push((format!("step + {k}"), normals(Stream { step: k, ..BASE }, N)));
        others.push((format!("seed + {k}"), normals(Stream { seed: BASE.seed + u64::from(k), ..BASE }, N)));
    }
    others.push(("upper half of the seed".into(), normals(Stream { seed: BASE.seed ^ 1 << 32, ..BASE }, N)));
    let mut far = vec![0.0; N];
    fill_normal(&mut far, BASE, 1 << 34).unwrap();
    others.push(("upper half of the block".into(), far));
    for lag in 1..=8 {
        others.push((format!("element + {lag}"), base[lag..].to_vec()));
    }
    assert!(2 * others.len() <= 50, "the critical value is for fifty comparisons");
    for (name, other) in &others {
        let values = correlation(base.iter().copied(), other.iter().copied(), 1.0);
        let centred = |z: &f64| z * z - 1.0;
        let squares = correlation(base.iter().map(centred), other.iter().map(centred), 2.0);
        println!("{name}: scores {values:+.2} and {squares:+.2}");
        assert!(values.abs() < NORMAL_OF_FIFTY && squares.abs() < NORMAL_OF_FIFTY, "{name}: {values} {squares}");
    }
}

/// The sum over seeds 0, 1, 2, … at one address, as a batch draws them.
#[test]
fn consecutive_seeds_are_independent() {
    const SEEDS: u64 = 1 << 16;
    let mut z = vec![0.0; 4 * SEEDS as usize];
    for (seed, z) in z.chunks_exact_mut(4).enumerate() {
        fill_normal(z, Stream { seed: seed as u64, stream: 0, step: 0 }, 0).unwrap();
    }
    for element in 0..4 {
        let first: Vec<f64> = z.iter().skip(element).step_by(4).copied().collect();
        let d = kolmogorov(first.iter().copied().map(normal_cdf).collect());
        let score = correlation(first.iter().copied(), first[1..].iter().copied(), 1.0);
        println!("element {element}: √n·D = {d:.3}, neighbouring seeds {score:+.2}");
        assert!(d < KOLMOGOROV && score.abs() < NORMAL_OF_FIFTY);
    }
}

/// Runs the steps on as many elements of N(0, `start`) as there are, all noise drawn inside the pass.
fn sample(steps: &[Step], start: f64, gain: impl Fn(&NoiseLevel) -> f64, n: usize) -> Vec<f64> {
    let mut x = vec![0f32; n];
    fill_normal(&mut x, Stream { seed: 5, stream: 1, step: 0 }, 0).expect("a range");
    x.iter_mut().for_each(|x| *x *= start.sqrt() as f32);
    let slots = steps.iter().map(Step::slots).max().unwrap_or(0);
    let (mut history, mut model) = (vec![f32::NAN; history_len(slots, n)], vec![0f32; n]);
    for step in steps {
        let gain = gain(&step.at) as f32;
        model.iter_mut().zip(&x).for_each(|(m, x)| *m = gain * x);
        let noise = Noise::Seeded { seeds: &[5], stream: 0, first_element: 0 };
        let inputs = Inputs { model: &model, noise, ..Inputs::default() };
        pass::apply(&[*step], &mut x, &mut history, &inputs, None).expect("a pass");
    }
    x.into_iter().map(f64::from).collect()
}

/// What stochastic samplers end on, for N(0, c²) data: the normal distribution whose variance the exact recurrence
/// says, which is not that of the data after so few steps.
#[test]
fn samplers_end_on_the_distribution_of_their_recurrence() {
    const DEVIATION: f64 = 0.7;
    const ELEMENTS: usize = 1 << 18;
    let ratios = [20.0, 9.0, 5.0, 3.0, 2.0, 1.4, 1.0, 0.7, 0.4, 0.2, 0.1];
    let gain = |level: &NoiseLevel| gaussian(level, DEVIATION);
    let solvers = [
        AnySolver::Ddim(Ddim { eta: 0.5, ..Ddim::default() }),
        AnySolver::EulerAncestral(EulerAncestral::default()),
        AnySolver::EulerAncestral(EulerAncestral { eta: 1.0, s_noise: 1.05 }),
        AnySolver::Heun(Heun { s_churn: 3.0, ..Heun::default() }),
        AnySolver::SdeDpmPp2M(SdeDpmPp2M::default()),
        AnySolver::ErSde(ErSde::default()),
        AnySolver::ErSde(ErSde { noise_scale: NoiseScale::Sde3, ..ErSde::default() }),
    ];
    for process in [Process::Ve, Process::VpLinear(VpLinear::default())] {
        let run = Run::new(process, PREDICTION, &ratios);
        let start = (run.levels[0].alpha * DEVIATION).powi(2) + run.levels[0].sigma.powi(2);
        let ideal = (run.last().alpha * DEVIATION).powi(2) + run.last().sigma.powi(2);
        for solver in solvers {
            let steps = steps(&solver, &run.schedule());
            let variance = Recurrence::of(&steps, |level| (gain(level), 0.0)).variance(start);
            let x = sample(&steps, start, gain, ELEMENTS);
            let n = ELEMENTS as f64;
            let mean_score = mean(x.iter().copied()) * (n / variance).sqrt();
            let spread = |variance: f64| (mean(x.iter().map(|x| x * x)) / variance - 1.0) * (n / 2.0).sqrt();
            let d = kolmogorov(x.iter().map(|x| normal_cdf(x / variance.sqrt())).collect());
            println!(
                "{solver:?}: scores of mean {mean_score:+.2}, variance {:+.2} (of the data's {:+.1}), √n·D = {d:.3}",
                spread(variance),
                spread(ideal)
            );
            assert!(mean_score.abs() < NORMAL && spread(variance).abs() < NORMAL && d < KOLMOGOROV, "{solver:?}");
            assert!(spread(ideal).abs() > NORMAL, "{solver:?}: the sample could not tell");
        }
    }
}
