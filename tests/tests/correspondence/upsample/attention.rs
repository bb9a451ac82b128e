//! Mixing by attention: its naive twin, and the laws of its weights.

use super::REGRESSIONS;
use super::scene::{dirty, uniforms};
use proptest::prelude::*;
use quell::correspondence::fold::Fold;
use quell::correspondence::upsample::mix::{self, Similarity};
use quell::correspondence::upsample::{Coarse, HardMasks, OneHot};
use quell::{Argument, Scalar};
use quell_tests::naive_upsample as naive;
use quell_tests::sampler::{narrowed, same_bits, widened};
use quell_tests::strategies::config;
use quell_tests::tolerance::{UPSAMPLE, UPSAMPLE_F32, worst, worst_of_largest};

/// Queries, keys and what goes with them.
#[derive(Clone, Debug)]
struct Attention {
    dimension: usize,
    queries: Vec<f64>,
    keys: Vec<f64>,
    similarity: Similarity,
    scale: f64,
}

fn attention() -> impl Strategy<Value = Attention> {
    let similarity = prop_oneof![Just(Similarity::Dot), Just(Similarity::Cosine)];
    (1..12usize, 0..6usize, 1..20usize, similarity, 0.0..8.0f64, any::<u64>()).prop_map(
        |(dimension, pixels, cells, similarity, scale, seed)| {
            let centred =
                |stream, n: usize| uniforms(seed, stream, n * dimension).into_iter().map(|u| 2.0 * u - 1.0).collect();
            Attention { dimension, queries: centred(0, pixels), keys: centred(1, cells), similarity, scale }
        },
    )
}

impl Attention {
    fn weights<T: Scalar>(&self) -> Vec<T> {
        let (pixels, cells) = (self.queries.len() / self.dimension, self.keys.len() / self.dimension);
        let (queries, keys): (Vec<T>, Vec<T>) = (narrowed(&self.queries), narrowed(&self.keys));
        let (mut weights, mut scratch) = (dirty(pixels * cells), dirty(mix::scratch_len(pixels, cells)));
        let Attention { dimension, similarity, scale, .. } = *self;
        mix::fill_weights(&mut weights, &queries, &keys, dimension, similarity, scale, &mut scratch).expect("weights");
        weights
    }

    fn cells(&self) -> usize {
        self.keys.len() / self.dimension
    }
}

fn mixed<T: Scalar>(weights: &[T], coarse: &impl Coarse) -> Vec<T> {
    let pixels = weights.len() / coarse.cells();
    let (mut out, mut scratch) = (dirty(pixels), dirty(mix::scratch_len(pixels, coarse.cells())));
    mix::fill_values(&mut out, weights, coarse, &mut scratch).expect("values");
    out
}

proptest! {
    #![proptest_config(config(REGRESSIONS))]

    #[test]
    fn attention_is_its_naive_twin(attention in attention(), seed in any::<u64>()) {
        let Attention { dimension, queries, keys, similarity, scale } = &attention;
        let expected = naive::attention(queries, keys, *dimension, *similarity == Similarity::Cosine, *scale);
        let weights = attention.weights::<f64>();
        prop_assert!(worst_of_largest(&weights, &expected.concat()) <= UPSAMPLE);
        prop_assert!(worst_of_largest(&widened(&attention.weights::<f32>()), &expected.concat()) <= UPSAMPLE_F32);

        // (28) and (29).
        let coarse = uniforms(seed, 8, attention.cells());
        let values: Vec<f64> = expected.iter().map(|row| row.iter().zip(&coarse).map(|(w, v)| w * v).sum()).collect();
        prop_assert!(worst_of_largest(&mixed(&weights, &coarse.as_slice()), &values) <= UPSAMPLE);
        for value in [0.0, 1.0, 0.3] {
            prop_assert!(mixed(&weights, &vec![value; coarse.len()].as_slice()).iter().all(|&x| x == value));
        }
        let labels: Vec<u8> = coarse.iter().map(|u| (3.0 * u) as u8).collect();
        let mut sums = vec![0.0; values.len()];
        for label in 0..3 {
            let map = mixed(&weights, &OneHot { labels: &labels, label });
            prop_assert!(map.iter().all(|value| (0.0..=1.0).contains(value)));
            sums.iter_mut().zip(map).for_each(|(sum, value)| *sum += value);
        }
        prop_assert!(worst(&sums, &vec![1.0; sums.len()]).0 <= UPSAMPLE);

        // A tile at a time is the whole.
        let masks = HardMasks { labels: &labels, clusters: 3 };
        let run = |tile: usize| {
            let (mut best, mut out) = (vec![0f64; values.len()], vec![0u8; values.len()]);
            let mut fold = Fold::new(&mut best, &mut out, None, None).expect("one length");
            fold.reset();
            let cells = labels.len();
            for (index, weights) in weights.chunks(tile * cells).enumerate() {
                let pixels = weights.len() / cells;
                let mut scratch = dirty(mix::scratch_len(pixels, cells));
                mix::labels(&mut fold, index * tile, pixels, weights, cells, &masks, &mut scratch).expect("labels");
            }
            (best, out)
        };
        prop_assert_eq!(run(1), run(100));
    }

    /// (31) Cosines know no lengths: powers of two change no bit.
    #[test]
    fn cosines_know_no_lengths(attention in attention(), up in -50..50i32, down in -50..50i32) {
        let attention = Attention { similarity: Similarity::Cosine, ..attention };
        let longer = |values: &[f64], factor: f64| values.iter().map(|value| value * factor).collect();
        let queries = longer(&attention.queries, 2f64.powi(up));
        let keys = longer(&attention.keys, 2f64.powi(down));
        let other = Attention { queries, keys, ..attention.clone() };
        prop_assert!(same_bits(&attention.weights::<f64>(), &other.weights::<f64>()));
        prop_assert!(same_bits(&attention.weights::<f32>(), &other.weights::<f32>()));
    }

    /// (32) The order of cells is no matter.
    #[test]
    fn cells_come_in_any_order(attention in attention(), seed in any::<u64>(), rotation in 0..20usize) {
        let Attention { dimension, keys, .. } = &attention;
        let cells = attention.cells();
        let coarse = uniforms(seed, 9, cells);
        let turned = keys.chunks(*dimension).cycle().skip(rotation % cells).take(cells);
        let turned: Vec<f64> = turned.flatten().copied().collect();
        let turned_coarse: Vec<f64> = coarse.iter().cycle().skip(rotation % cells).take(cells).copied().collect();
        let other = Attention { keys: turned, ..attention.clone() };
        let one = mixed(&attention.weights::<f64>(), &coarse.as_slice());
        let other = mixed(&other.weights::<f64>(), &turned_coarse.as_slice());
        prop_assert!(worst_of_largest(&one, &other) <= UPSAMPLE);
    }

    /// (30, 33) Cells that ask for themselves get themselves, once the temperature is low.
    #[test]
    fn at_low_temperature_cells_find_themselves(cells in 1..40usize, seed in any::<u64>()) {
        let keys = uniforms(seed, 0, cells * 16).into_iter().map(|u| u - 0.5).collect::<Vec<_>>();
        let (queries, similarity) = (keys.clone(), Similarity::Cosine);
        let attention = Attention { dimension: 16, queries, keys, similarity, scale: 1e5 };
        let labels: Vec<u8> = (0..cells as u8).collect();
        for (cell, &label) in labels.iter().enumerate() {
            let map = mixed(&attention.weights::<f32>(), &OneHot { labels: &labels, label: label as usize });
            let expected: Vec<f32> = (0..cells).map(|pixel| f32::from(u8::from(pixel == cell))).collect();
            prop_assert_eq!(map, expected);
        }
    }
}

#[test]
fn attention_of_bad_and_empty_vectors() {
    // (34) A vector of zeros is equally like all others.
    let zero = Attention {
        dimension: 2,
        queries: vec![0.0, 0.0, 1.0, 0.0],
        keys: vec![0.0, 0.0, 0.0, 1.0],
        similarity: Similarity::Cosine,
        scale: 3.0,
    };
    assert_eq!(zero.weights::<f32>(), [0.5; 4]);
    // What is not a number counts for nothing, and where nothing is left no mask wins.
    let holes = Attention {
        queries: vec![1.0, 1.0, f64::NAN, 0.0],
        keys: vec![1.0, 0.0, f64::NAN, 1.0],
        similarity: Similarity::Dot,
        ..zero
    };
    let weights = holes.weights::<f64>();
    assert_eq!(weights, [1.0, 0.0, 0.0, 0.0]);
    let (mut best, mut labels) = ([0.0; 2], [0u8; 2]);
    let mut fold = Fold::new(&mut best, &mut labels, None, None).expect("one length");
    fold.reset();
    mix::labels(&mut fold, 0, 2, &weights, 2, &HardMasks { labels: &[1u8, 0], clusters: 2 }, &mut [0.0; 4])
        .expect("labels");
    assert_eq!((fold.undecided(0.0), labels[0], best[1]), (1, 1, f64::NEG_INFINITY));

    let (mut weights, mut scratch) = ([5f32; 4], [5f32; 4]);
    let mut fill = |queries: &[f32], keys: &[f32], dimension: usize, scale: f64, missing: usize| {
        let result =
            mix::fill_weights(&mut weights, queries, keys, dimension, Similarity::Dot, scale, &mut scratch[missing..]);
        assert!(weights.iter().chain(&scratch).all(|&x| x == 5.0));
        result.expect_err("an error").argument()
    };
    assert_eq!(fill(&[1.0; 4], &[1.0; 4], 0, 1.0, 0), Argument::Dimension);
    assert_eq!(fill(&[1.0; 5], &[1.0; 4], 2, 1.0, 0), Argument::Queries);
    assert_eq!(fill(&[1.0; 4], &[1.0; 3], 2, 1.0, 0), Argument::Keys);
    assert_eq!(fill(&[1.0; 6], &[1.0; 4], 2, 1.0, 0), Argument::Weights);
    assert_eq!(fill(&[1.0; 4], &[1.0; 4], 2, f64::NAN, 0), Argument::Scale);
    assert_eq!(fill(&[1.0; 4], &[1.0; 4], 2, 1.0, 1), Argument::Scratch);
}
