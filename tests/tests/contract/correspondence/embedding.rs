//! One feature vector for each mask.

use crate::contract::{Contract, contract};
use crate::samples::elements;
use crate::scene::{Number, Scene};
use quell::correspondence::embedding;
use quell::correspondence::upsample::Grid;
use quell::correspondence::upsample::interpolate::Interpolation;
use quell::{bf16, f16};
use quell_ffi::correspondence::embedding::*;
use quell_ffi::status::quell_cause as cause;
use std::mem::offset_of;

/// Cells and pixels that do not line up.
const GRID: Grid = Grid { rows: 2, columns: 3, height: 3, width: 4 };
const CELLS: usize = GRID.cells();
/// Masks, and the features of a cell.
const CLUSTERS: usize = 3;
const DIMENSION: usize = 5;

fn interpolation(s: &Scene) -> Interpolation {
    match s.get::<i32>("interpolation") {
        0 => Interpolation::Nearest,
        1 => Interpolation::Bilinear,
        2 => Interpolation::BilinearCorners,
        other => panic!("no interpolation {other}"),
    }
}

macro_rules! weights {
    ($type:ty, $label:ty, $weights:ident) => {
        contract!($weights(weights, weights_len, labels, labels_len, grid, clusters, interpolation))
            .output::<$type>("weights", CLUSTERS * CELLS, "weights_len")
            .zero_is_wrong("weights_len", cause::Length, "weights")
            .wrong_length("weights_len", &[CLUSTERS * CELLS - 1], cause::Length, "weights")
            .input("labels", &[0, 1, 1, 2, 2, 0, 1, 1, 1, 2, 0, 0].map(|label: u8| <$label>::from(label)), "labels_len")
            .zero_is_wrong("labels_len", cause::Length, "labels")
            .wrong_length("labels_len", &[GRID.pixels() - 1], cause::Length, "labels")
            .object("grid", GRID)
            .refuses("no rows", |s| s.poke("grid", offset_of!(Grid, rows), 0usize), cause::Domain, "rows")
            .refuses("no columns", |s| s.poke("grid", offset_of!(Grid, columns), 0usize), cause::Domain, "columns")
            .refuses("more rows", |s| s.poke("grid", offset_of!(Grid, rows), 3usize), cause::Length, "weights")
            .refuses("another width", |s| s.poke("grid", offset_of!(Grid, width), 5usize), cause::Length, "labels")
            .refuses(
                "a great height",
                |s| s.poke("grid", offset_of!(Grid, height), usize::MAX),
                cause::Domain,
                "height",
            )
            .any("clusters", Number::Size(CLUSTERS))
            .refuses("no masks", |s| s.set("clusters", Number::Size(0)), cause::Domain, "clusters")
            .refuses("very many masks", |s| s.set("clusters", Number::Size(usize::MAX)), cause::Length, "weights")
            .refuses("a label of no mask", |s| s.poke_element("labels", 3, 3 as $label), cause::Domain, "labels")
            .choice("interpolation", 0, 3)
            .twin(|s| {
                let (mut weights, labels) = (s.read::<$type>("weights"), s.read::<$label>("labels"));
                let (grid, clusters): (Grid, usize) = (s.one("grid"), s.get("clusters"));
                let result = embedding::fill_cell_weights(&mut weights, &labels, &grid, clusters, interpolation(s));
                result.unwrap();
                s.write("weights", &weights);
            })
    };
}

macro_rules! embeddings {
    ($feature:ty, $type:ty, $embeddings:ident) => {
        contract!($embeddings(
            embeddings,
            embeddings_len,
            weights,
            weights_len,
            features,
            features_len,
            clusters,
            dimension
        ))
        .output::<f64>("embeddings", CLUSTERS * DIMENSION, "embeddings_len")
        .zero_is_wrong("embeddings_len", cause::Length, "embeddings")
        .wrong_length("embeddings_len", &[CLUSTERS * DIMENSION - 1], cause::Length, "embeddings")
        .input(
            "weights",
            &elements::<$type>(CLUSTERS * CELLS, 2).iter().map(|x| x.abs()).collect::<Vec<_>>(),
            "weights_len",
        )
        .zero_is_wrong("weights_len", cause::Length, "weights")
        .wrong_length("weights_len", &[CLUSTERS * CELLS - 1], cause::Length, "weights")
        .input("features", &elements::<$feature>(CELLS * DIMENSION, 3), "features_len")
        .zero_is_wrong("features_len", cause::Length, "weights")
        .wrong_length("features_len", &[CELLS * DIMENSION - 1], cause::Length, "features")
        .wrong_length("features_len", &[(CELLS - 1) * DIMENSION], cause::Length, "weights")
        .any("clusters", Number::Size(CLUSTERS))
        .refuses("no masks", |s| s.set("clusters", Number::Size(0)), cause::Domain, "clusters")
        .refuses("more masks", |s| s.set("clusters", Number::Size(CLUSTERS + 1)), cause::Length, "weights")
        .any("dimension", Number::Size(DIMENSION))
        .refuses("no dimension", |s| s.set("dimension", Number::Size(0)), cause::Domain, "dimension")
        .refuses("a great dimension", |s| s.set("dimension", Number::Size(usize::MAX)), cause::Length, "features")
        .refuses("a negative weight", |s| s.poke_element("weights", 1, -0.5 as $type), cause::Domain, "weights")
        .refuses("a weight of NaN", |s| s.poke_element("weights", 1, <$type>::NAN), cause::Domain, "weights")
        .refuses("NaN", |s| s.poke_element("features", 1, <$feature>::NAN), cause::Domain, "features")
        .refuses("infinity", |s| s.poke_element("features", 1, <$feature>::INFINITY), cause::Domain, "features")
        .accepts("a mask without weight", |s| (0..CELLS).for_each(|cell| s.poke_element("weights", cell, 0 as $type)))
        .twin(|s| {
            let (mut embeddings, weights) = (s.read::<f64>("embeddings"), s.read::<$type>("weights"));
            let features = s.read::<$feature>("features");
            embedding::fill(&mut embeddings, &weights, &features, s.get("clusters"), s.get("dimension")).unwrap();
            s.write("embeddings", &embeddings);
        })
    };
}

pub fn contracts() -> Vec<Contract> {
    vec![
        weights!(f32, u8, quell_cell_weights_f32_u8),
        weights!(f32, u16, quell_cell_weights_f32_u16),
        weights!(f64, u8, quell_cell_weights_f64_u8),
        weights!(f64, u16, quell_cell_weights_f64_u16),
        embeddings!(f32, f32, quell_mask_embeddings_f32),
        embeddings!(f64, f64, quell_mask_embeddings_f64),
        embeddings!(f16, f32, quell_mask_embeddings_f16),
        embeddings!(bf16, f32, quell_mask_embeddings_bf16),
    ]
}
