//! Pixel-adaptive mask refinement, and mixing by given weights.

use super::*;
use crate::contract::NOT_FINITE;
use quell::correspondence::upsample::mix::{self, Similarity};
use quell::correspondence::upsample::pamr::{self, Pamr};
use quell_ffi::correspondence::upsample::mix::*;
use quell_ffi::correspondence::upsample::pamr::*;

const DILATIONS: [usize; 2] = [1, 2];
const WEIGHTS: usize = pamr::weights_len(&GRID, DILATIONS.len());

/// Adds the dilations.
fn on_dilations(contract: Contract) -> Contract {
    contract
        .input("dilations", &DILATIONS, "dilations_len")
        .zero_is_wrong("dilations_len", cause::TooShort, "dilations")
        .wrong_length("dilations_len", &[1], cause::Length, "weights")
        .refuses("a dilation of 0", |s| s.poke_element("dilations", 1, 0usize), cause::Domain, "dilations")
        .accepts("dilations beyond the image", |s| s.write("dilations", &[9usize, usize::MAX]))
}

macro_rules! pamr_weights {
    ($image:ty, $weight:ty, $type:ty, $weights:ident) => {
        on_dilations(on_grid(on_guide::<$image>(on_scratch::<$type>(
            contract!($weights(
                weights,
                weights_len,
                scratch,
                scratch_len,
                guide,
                guide_len,
                layout,
                dilations,
                dilations_len,
                grid
            ))
            .output::<$weight>("weights", WEIGHTS, "weights_len")
            .zero_is_wrong("weights_len", cause::Length, "weights")
            .wrong_length("weights_len", &[WEIGHTS - 1, WEIGHTS + 1], cause::Length, "weights"),
            "scratch",
            0.5,
            pamr::weights_scratch_len(&GRID, DILATIONS.len()),
            "scratch_len",
        ))))
        .twin(|s| {
            let (mut weights, mut scratch) = (s.read::<$weight>("weights"), s.read::<$type>("scratch"));
            let (grid, dilations) = (s.one::<Grid>("grid"), s.read::<usize>("dilations"));
            let refinement = Pamr { dilations: &dilations, iterations: 3 };
            with_guide::<$image, _>(s, |guide| {
                pamr::fill_weights(&mut weights, &grid, &refinement, guide, &mut scratch).unwrap();
            });
            s.write("weights", &weights);
            s.write("scratch", &scratch);
        })
    };
}

/// Adds weights that are there before the call.
fn some_weights<X: quell::Storage + Plain>(contract: Contract) -> Contract {
    let weights: Vec<X> =
        elements::<f64>(WEIGHTS, 2).iter().map(|x| X::store(quell::Scalar::from_f64(x.abs()))).collect();
    contract
        .input("weights", &weights, "weights_len")
        .zero_is_wrong("weights_len", cause::Length, "weights")
        .wrong_length("weights_len", &[WEIGHTS - 1, WEIGHTS + 1], cause::Length, "weights")
}

/// Adds how often masks are replaced.
fn on_iterations(contract: Contract) -> Contract {
    contract
        .choice("interpolation", 2, 3)
        .any("iterations", Number::Size(3))
        .accepts("no iteration", |s| s.set("iterations", Number::Size(0)))
        .accepts("an even number of iterations", |s| s.set("iterations", Number::Size(2)))
}

macro_rules! maps {
    ($weight:ty, $type:ty, $map:ident) => {
        on_iterations(on_grid(on_dilations(some_weights::<$weight>(on_scores::<$type>(on_scratch::<$type>(
            on_out::<$type>(
                contract!($map(
                    out,
                    out_len,
                    scratch,
                    scratch_len,
                    coarse,
                    coarse_len,
                    weights,
                    weights_len,
                    dilations,
                    dilations_len,
                    grid,
                    interpolation,
                    iterations
                )),
                PIXELS,
            ),
            "scratch",
            0.5,
            PIXELS,
            "scratch_len",
        ))))))
        .twin(|s| {
            let (mut out, mut scratch) = (s.read::<$type>("out"), s.read::<$type>("scratch"));
            let (coarse, weights) = (s.read::<$type>("coarse"), s.read::<$weight>("weights"));
            let (grid, dilations) = (s.one::<Grid>("grid"), s.read::<usize>("dilations"));
            let refinement = Pamr { dilations: &dilations, iterations: s.get("iterations") };
            let (coarse, interpolation) = (&&coarse[..], interpolation(s));
            pamr::fill_map(&mut out, &grid, &refinement, interpolation, coarse, &weights, &mut scratch).unwrap();
            s.write("out", &out);
            s.write("scratch", &scratch);
        })
    };
}

macro_rules! pamr_drivers {
    ($weight:ty, $fold:ident: $type:ty, $label:ty, $labels:ident, $scores:ident) => {
        [
            pamr_drivers!(@one $labels, $weight, $fold, $type, $label, on_labels, HardMasks labels),
            pamr_drivers!(@one $scores, $weight, $fold, $type, $type, on_maps, SoftMasks scores),
        ]
    };
    (
        @one $name:ident, $weight:ty, $fold:ident, $type:ty, $coarse:ty, $on_masks:ident, $masks:ident $field:ident
    ) => {
        on_iterations(on_grid(on_dilations(some_weights::<$weight>($on_masks::<$coarse>(on_scratch::<$type>(
            on_folded::<$fold>(contract!($name(
                fold,
                scratch,
                scratch_len,
                coarse,
                coarse_len,
                weights,
                weights_len,
                dilations,
                dilations_len,
                grid,
                clusters,
                interpolation,
                iterations
            ))),
            "scratch",
            0.5,
            pamr::scratch_len(&GRID, 1),
            "scratch_len",
        ))))))
        .accepts("several masks at once", |s| s.write("scratch", &[0.5 as $type; pamr::scratch_len(&GRID, 2)]))
        .twin(|s| {
            let (mut scratch, coarse) = (s.read::<$type>("scratch"), s.read::<$coarse>("coarse"));
            let (weights, dilations) = (s.read::<$weight>("weights"), s.read::<usize>("dilations"));
            let (grid, interpolation) = (s.one::<Grid>("grid"), interpolation(s));
            let refinement = Pamr { dilations: &dilations, iterations: s.get("iterations") };
            let masks = &$masks { $field: &coarse, clusters: s.get("clusters") };
            alter::<$fold, _>(s, |fold, _| {
                pamr::labels(fold, &grid, &refinement, interpolation, masks, &weights, &mut scratch).unwrap();
            });
            s.write("scratch", &scratch);
        })
    };
}

fn pamr() -> Vec<Contract> {
    let plain = vec![
        Contract::plain("quell_pamr_weights_len", || {
            for (height, width, count) in [(0, 4, 2), (3, 4, 2), (512, 512, 6), (usize::MAX / 9, 2, 1)] {
                let expected = pamr::weights_len(&Grid { rows: 7, columns: 7, height, width }, count);
                assert_eq!(quell_pamr_weights_len(height, width, count), expected);
            }
        }),
        Contract::plain("quell_pamr_weights_scratch_len", || {
            for (width, count) in [(0, 2), (4, 0), (512, 6), (usize::MAX / 3, 1)] {
                let expected = pamr::weights_scratch_len(&Grid { rows: 7, columns: 7, height: 7, width }, count);
                assert_eq!(quell_pamr_weights_scratch_len(width, count), expected);
            }
        }),
        Contract::plain("quell_pamr_scratch_len", || {
            for (height, width, at_once) in [(0, 4, 1), (3, 4, 8), (usize::MAX / 2, 3, 1), (1 << 20, 9, usize::MAX)] {
                let expected = pamr::scratch_len(&Grid { rows: 7, columns: 7, height, width }, at_once);
                assert_eq!(quell_pamr_scratch_len(height, width, at_once), expected);
            }
        }),
        pamr_weights!(u8, f32, f32, quell_pamr_weights_u8_f32),
        pamr_weights!(u8, f16, f32, quell_pamr_weights_u8_f16),
        pamr_weights!(u8, bf16, f32, quell_pamr_weights_u8_bf16),
        pamr_weights!(f16, f32, f32, quell_pamr_weights_f16_f32),
        pamr_weights!(f16, f16, f32, quell_pamr_weights_f16_f16),
        pamr_weights!(f16, bf16, f32, quell_pamr_weights_f16_bf16),
        pamr_weights!(bf16, f32, f32, quell_pamr_weights_bf16_f32),
        pamr_weights!(bf16, f16, f32, quell_pamr_weights_bf16_f16),
        pamr_weights!(bf16, bf16, f32, quell_pamr_weights_bf16_bf16),
        pamr_weights!(f32, f32, f32, quell_pamr_weights_f32_f32),
        pamr_weights!(f32, f16, f32, quell_pamr_weights_f32_f16),
        pamr_weights!(f32, bf16, f32, quell_pamr_weights_f32_bf16),
        pamr_weights!(f64, f64, f64, quell_pamr_weights_f64_f64),
        maps!(f32, f32, quell_pamr_map_f32),
        maps!(f64, f64, quell_pamr_map_f64),
        maps!(f16, f32, quell_pamr_map_f16),
        maps!(bf16, f32, quell_pamr_map_bf16),
    ];
    let drivers = [
        pamr_drivers!(
            f32, quell_fold_f32_u8: f32, u8,
            quell_pamr_labels_f32_u8,
            quell_pamr_scores_f32_u8
        ),
        pamr_drivers!(
            f32, quell_fold_f32_u16: f32, u16,
            quell_pamr_labels_f32_u16,
            quell_pamr_scores_f32_u16
        ),
        pamr_drivers!(
            f64, quell_fold_f64_u8: f64, u8,
            quell_pamr_labels_f64_u8,
            quell_pamr_scores_f64_u8
        ),
        pamr_drivers!(
            f64, quell_fold_f64_u16: f64, u16,
            quell_pamr_labels_f64_u16,
            quell_pamr_scores_f64_u16
        ),
        pamr_drivers!(
            f16, quell_fold_f32_u8: f32, u8,
            quell_pamr_labels_f16_u8,
            quell_pamr_scores_f16_u8
        ),
        pamr_drivers!(
            f16, quell_fold_f32_u16: f32, u16,
            quell_pamr_labels_f16_u16,
            quell_pamr_scores_f16_u16
        ),
        pamr_drivers!(
            bf16, quell_fold_f32_u8: f32, u8,
            quell_pamr_labels_bf16_u8,
            quell_pamr_scores_bf16_u8
        ),
        pamr_drivers!(
            bf16, quell_fold_f32_u16: f32, u16,
            quell_pamr_labels_bf16_u16,
            quell_pamr_scores_bf16_u16
        ),
    ];
    plain.into_iter().chain(drivers.into_iter().flatten()).collect()
}

/// Features of the vectors, and pixels at a time.
const DIMENSION: usize = 3;
const PART: usize = 5;

macro_rules! mix_weights {
    ($vector:ty, $type:ty, $weights:ident) => {
        on_scratch::<$type>(
            contract!($weights(
                weights,
                weights_len,
                scratch,
                scratch_len,
                queries,
                queries_len,
                keys,
                keys_len,
                dimension,
                scale,
                similarity
            ))
            .output::<$type>("weights", PART * CELLS, "weights_len")
            .zero_is_wrong("weights_len", cause::Length, "weights")
            .wrong_length("weights_len", &[PART * CELLS - 1], cause::Length, "weights"),
            "scratch",
            0.5,
            PART + CELLS,
            "scratch_len",
        )
        .input("queries", &elements::<$vector>(PART * DIMENSION, 1), "queries_len")
        .zero_is_wrong("queries_len", cause::Length, "weights")
        .wrong_length("queries_len", &[PART * DIMENSION - 1], cause::Length, "queries")
        .wrong_length("queries_len", &[(PART - 1) * DIMENSION], cause::Length, "weights")
        .input("keys", &elements::<$vector>(CELLS * DIMENSION, 6), "keys_len")
        .zero_is_wrong("keys_len", cause::Length, "weights")
        .wrong_length("keys_len", &[CELLS * DIMENSION - 1], cause::Length, "keys")
        .wrong_length("keys_len", &[(CELLS - 1) * DIMENSION], cause::Length, "weights")
        .any("dimension", Number::Size(DIMENSION))
        .refuses("no dimension", |s| s.set("dimension", Number::Size(0)), cause::Domain, "dimension")
        .refuses("a great dimension", |s| s.set("dimension", Number::Size(usize::MAX)), cause::Length, "queries")
        .real("scale", 1.5, NOT_FINITE)
        .choice("similarity", 0, 2)
        .accepts("NaN", |s| s.poke_element("keys", 1, <$vector>::NAN))
        .twin(|s| {
            let (mut weights, mut scratch) = (s.read::<$type>("weights"), s.read::<$type>("scratch"));
            let (queries, keys) = (s.read::<$vector>("queries"), s.read::<$vector>("keys"));
            let similarity = if s.get::<i32>("similarity") == 0 { Similarity::Dot } else { Similarity::Cosine };
            let (dimension, scale) = (s.get("dimension"), s.get("scale"));
            mix::fill_weights(&mut weights, &queries, &keys, dimension, similarity, scale, &mut scratch).unwrap();
            s.write("weights", &weights);
            s.write("scratch", &scratch);
        })
    };
}

macro_rules! mix_values {
    ($coarse:ty, $type:ty, $values:ident) => {
        on_scratch::<$type>(
            contract!($values(out, out_len, scratch, scratch_len, coarse, coarse_len, weights, weights_len))
                .output::<$type>("out", PART, "out_len")
                .zero_is_wrong("out_len", cause::Length, "weights")
                .wrong_length("out_len", &[PART - 1, PART + 1], cause::Length, "weights"),
            "scratch",
            0.5,
            PART + CELLS,
            "scratch_len",
        )
        .input("coarse", &elements::<$coarse>(CELLS, 3), "coarse_len")
        .zero_is_wrong("coarse_len", cause::Length, "weights")
        .wrong_length("coarse_len", &[CELLS - 1], cause::Length, "weights")
        .input("weights", &elements::<$type>(PART * CELLS, 2), "weights_len")
        .zero_is_wrong("weights_len", cause::Length, "weights")
        .wrong_length("weights_len", &[PART * CELLS - 1], cause::Length, "weights")
        .twin(|s| {
            let (mut out, mut scratch) = (s.read::<$type>("out"), s.read::<$type>("scratch"));
            let (coarse, weights) = (s.read::<$coarse>("coarse"), s.read::<$type>("weights"));
            mix::fill_values(&mut out, &weights, &&coarse[..], &mut scratch).unwrap();
            s.write("out", &out);
            s.write("scratch", &scratch);
        })
    };
}

macro_rules! mix_drivers {
    ($fold:ident: $type:ty, $label:ty, $labels:ident, $scores:ident) => {
        [
            mix_drivers!(@one $labels, $fold, $type, $label, on_labels, HardMasks labels),
            mix_drivers!(@one $scores, $fold, $type, $type, on_maps, SoftMasks scores),
        ]
    };
    (@one $name:ident, $fold:ident, $type:ty, $coarse:ty, $on_masks:ident, $masks:ident $field:ident) => {
        $on_masks::<$coarse>(on_scratch::<$type>(
            on_fold::<$fold>(
                contract!($name(
                    fold,
                    scratch,
                    scratch_len,
                    coarse,
                    coarse_len,
                    weights,
                    weights_len,
                    clusters,
                    cells,
                    first_pixel,
                    pixels_at_a_time
                )),
                PIXELS,
            )
            .zero_is_wrong("pixels", cause::TooShort, "best"),
            "scratch",
            0.5,
            mix::scratch_len(PART, CELLS),
            "scratch_len",
        ))
        .input("weights", &elements::<$type>(PART * CELLS, 2), "weights_len")
        .zero_is_wrong("weights_len", cause::Length, "weights")
        .wrong_length("weights_len", &[PART * CELLS - 1], cause::Length, "weights")
        .any("cells", Number::Size(CELLS))
        .refuses("no cells", |s| s.set("cells", Number::Size(0)), cause::Domain, "cells")
        .refuses("more cells", |s| s.set("cells", Number::Size(CELLS + 1)), cause::Length, "coarse")
        .any("first_pixel", Number::Size(4))
        .accepts("the last pixels", |s| s.set("first_pixel", Number::Size(PIXELS - PART)))
        .refuses("beyond the last", |s| s.set("first_pixel", Number::Size(PIXELS)), cause::TooShort, "best")
        .refuses("far beyond", |s| s.set("first_pixel", Number::Size(usize::MAX)), cause::TooShort, "best")
        .any("pixels_at_a_time", Number::Size(PART))
        .refuses("other pixels", |s| s.set("pixels_at_a_time", Number::Size(4)), cause::Length, "weights")
        .twin(|s| {
            let (mut scratch, coarse) = (s.read::<$type>("scratch"), s.read::<$coarse>("coarse"));
            let weights = s.read::<$type>("weights");
            let (first, pixels, cells) = (s.get("first_pixel"), s.get("pixels_at_a_time"), s.get("cells"));
            let masks = &$masks { $field: &coarse, clusters: s.get("clusters") };
            alter::<$fold, _>(s, |fold, _| {
                mix::labels(fold, first, pixels, &weights, cells, masks, &mut scratch).unwrap();
            });
            s.write("scratch", &scratch);
        })
    };
}

fn mixing() -> Vec<Contract> {
    let plain = vec![
        Contract::plain("quell_mix_scratch_len", || {
            for (pixels, cells) in [(0, 4), (3, 4), (usize::MAX, 3)] {
                assert_eq!(quell_mix_scratch_len(pixels, cells), mix::scratch_len(pixels, cells));
            }
        }),
        mix_weights!(f32, f32, quell_mix_weights_f32),
        mix_weights!(f64, f64, quell_mix_weights_f64),
        mix_weights!(f16, f32, quell_mix_weights_f16),
        mix_weights!(bf16, f32, quell_mix_weights_bf16),
        mix_values!(f32, f32, quell_mix_values_f32),
        mix_values!(f64, f64, quell_mix_values_f64),
        mix_values!(f16, f32, quell_mix_values_f16),
        mix_values!(bf16, f32, quell_mix_values_bf16),
    ];
    let drivers = [
        mix_drivers!(quell_fold_f32_u8: f32, u8, quell_mix_labels_f32_u8, quell_mix_scores_f32_u8),
        mix_drivers!(quell_fold_f32_u16: f32, u16, quell_mix_labels_f32_u16, quell_mix_scores_f32_u16),
        mix_drivers!(quell_fold_f64_u8: f64, u8, quell_mix_labels_f64_u8, quell_mix_scores_f64_u8),
        mix_drivers!(quell_fold_f64_u16: f64, u16, quell_mix_labels_f64_u16, quell_mix_scores_f64_u16),
    ];
    plain.into_iter().chain(drivers.into_iter().flatten()).collect()
}

pub fn contracts() -> Vec<Contract> {
    [pamr(), mixing()].into_iter().flatten().collect()
}
