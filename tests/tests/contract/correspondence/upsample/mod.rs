//! Other ways from a coarse mask to a fine one.

mod filters;
mod weights;

use super::fold::{FoldStruct, alter, on_fold};
use super::images::Image;
use super::on_scratch;
use crate::contract::{Contract, contract};
use crate::memory::Plain;
use crate::samples::elements;
use crate::scene::{Number, Scene};
use quell::correspondence::fold::Label;
use quell::correspondence::image::{Layout, Pixel};
use quell::correspondence::upsample::interpolate::{self, Interpolation};
use quell::correspondence::upsample::{Grid, Guide, HardMasks, SoftMasks};
use quell::{bf16, f16};
use quell_ffi::correspondence::fold::*;
use quell_ffi::correspondence::upsample::interpolate::*;
use quell_ffi::status::quell_cause as cause;
use std::mem::offset_of;

/// Cells and pixels that do not line up.
const GRID: Grid = Grid { rows: 2, columns: 3, height: 3, width: 4 };
const CELLS: usize = GRID.cells();
const PIXELS: usize = GRID.pixels();
/// Masks.
const CLUSTERS: usize = 3;

/// Adds the grid, and what can be wrong with it alone.
fn on_grid(contract: Contract) -> Contract {
    let at = |field: usize, value: usize| move |s: &mut Scene| s.poke("grid", field, value);
    let (rows, columns) = (offset_of!(Grid, rows), offset_of!(Grid, columns));
    let (height, width) = (offset_of!(Grid, height), offset_of!(Grid, width));
    contract
        .object("grid", GRID)
        .refuses("no rows", at(rows, 0), cause::Domain, "rows")
        .refuses("very many rows", at(rows, usize::MAX), cause::Domain, "rows")
        .refuses("no columns", at(columns, 0), cause::Domain, "columns")
        .refuses("very many columns", at(columns, usize::MAX), cause::Domain, "rows")
        .refuses("a great height", at(height, usize::MAX / 4), cause::Domain, "height")
        .refuses("a great width", at(width, usize::MAX / 8), cause::Domain, "width")
        .refuses("very many pixels", at(width, usize::MAX), cause::Domain, "height")
}

/// Adds the row of pixels.
fn on_row(contract: Contract) -> Contract {
    contract
        .any("row", Number::Size(1))
        .accepts("the first row", |s| s.set("row", Number::Size(0)))
        .accepts("the last row", |s| s.set("row", Number::Size(GRID.height - 1)))
        .refuses("a row too many", |s| s.set("row", Number::Size(GRID.height)), cause::Domain, "row")
}

/// Adds an output with one element for each of `count` pixels.
fn on_out<T: Plain>(contract: Contract, count: usize) -> Contract {
    contract.output::<T>("out", count, "out_len").zero_is_wrong("out_len", cause::Length, "out").wrong_length(
        "out_len",
        &[count - 1, count + 1],
        cause::Length,
        "out",
    )
}

/// Adds one mask.
fn on_scores<X: quell::Storage + Plain>(contract: Contract) -> Contract {
    contract
        .input("coarse", &elements::<X>(CELLS, 3), "coarse_len")
        .zero_is_wrong("coarse_len", cause::Length, "coarse")
        .wrong_length("coarse_len", &[CELLS - 1, CELLS + 1], cause::Length, "coarse")
}

/// Adds all masks and their number: labels of the cells.
fn on_labels<L: Label + Plain>(contract: Contract) -> Contract {
    let labels = [0, 1, 2, 2, 1, 0].map(|label| L::from_usize(label).unwrap());
    let contract = with_clusters(contract.input("coarse", &labels, "coarse_len"));
    contract
        .accepts("masks without a cell", |s| s.set("clusters", Number::Size(L::MAX + 1)))
        .refuses("a label of no mask", |s| s.set("clusters", Number::Size(2)), cause::Domain, "coarse")
        .refuses("labels of no masks", |s| s.set("clusters", Number::Size(0)), cause::Domain, "coarse")
        .refuses("too many masks", |s| s.set("clusters", Number::Size(L::MAX + 2)), cause::Domain, "clusters")
        .wrong_length("coarse_len", &[CELLS - 1, CELLS + 1], cause::Length, "coarse")
}

/// The same: scores for each cell.
fn on_maps<T: quell::Storage + Plain>(contract: Contract) -> Contract {
    let contract = with_clusters(contract.input("coarse", &elements::<T>(CLUSTERS * CELLS, 3), "coarse_len"));
    contract
        .refuses("fewer masks", |s| s.set("clusters", Number::Size(2)), cause::Length, "coarse")
        .refuses("very many masks", |s| s.set("clusters", Number::Size(usize::MAX)), cause::Domain, "clusters")
        .wrong_length("coarse_len", &[CELLS, CLUSTERS * CELLS + 1], cause::Length, "coarse")
}

fn with_clusters(contract: Contract) -> Contract {
    contract.any("clusters", Number::Size(CLUSTERS)).zero_is_wrong("coarse_len", cause::Length, "coarse")
}

/// Adds a fold of the grid's pixels.
fn on_folded<F: FoldStruct>(contract: Contract) -> Contract {
    on_fold::<F>(contract, PIXELS).zero_is_wrong("pixels", cause::Length, "best")
}

/// The enum that a scene names.
fn interpolation(s: &Scene) -> Interpolation {
    match s.get::<i32>("interpolation") {
        0 => Interpolation::Nearest,
        1 => Interpolation::Bilinear,
        2 => Interpolation::BilinearCorners,
        other => panic!("no interpolation {other}"),
    }
}

/// Channels of the guides.
const CHANNELS: usize = 3;

/// Adds an image of the grid's size, pixel by pixel, and what can be wrong with it.
fn on_guide<P: Image>(contract: Contract) -> Contract {
    let length = CHANNELS * PIXELS;
    let at = |field: usize, value: usize| move |s: &mut Scene| s.poke("layout", field, value);
    contract
        .input("guide", &P::elements(length, 4), "guide_len")
        .zero_is_wrong("guide_len", cause::TooShort, "guide")
        .wrong_length("guide_len", &[length - 1], cause::TooShort, "guide")
        .object("layout", Layout::interleaved(CHANNELS, GRID.height, GRID.width))
        .accepts("channel by channel", |s| s.poke("layout", 0, Layout::planar(CHANNELS, GRID.height, GRID.width)))
        .refuses("no channels", at(offset_of!(Layout, channels), 0), cause::Domain, "channels")
        .refuses("another height", at(offset_of!(Layout, height), GRID.height + 1), cause::Length, "height")
        .refuses("another width", at(offset_of!(Layout, width), GRID.width - 1), cause::Length, "width")
        .refuses("rows beyond the end", at(offset_of!(Layout, row_stride), 13), cause::TooShort, "guide")
        .refuses("rows far beyond", at(offset_of!(Layout, row_stride), usize::MAX), cause::TooShort, "guide")
}

/// Does something with the guide of a scene.
fn with_guide<P: Image + Pixel, R>(s: &Scene, act: impl FnOnce(&Guide<P>) -> R) -> R {
    act(&Guide { pixels: &s.read::<P>("guide"), layout: s.one("layout") })
}

macro_rules! rows {
    ($coarse:ty, $out:ty, $row:ident) => {
        on_row(on_grid(on_scores::<$coarse>(on_out::<$out>(
            contract!($row(out, out_len, coarse, coarse_len, grid, interpolation, row)),
            GRID.width,
        ))))
        .choice("interpolation", 1, 3)
        .refuses("more columns", |s| s.poke("grid", offset_of!(Grid, columns), 4usize), cause::Length, "coarse")
        .twin(|s| {
            let (mut out, coarse) = (s.read::<$out>("out"), s.read::<$coarse>("coarse"));
            let grid = s.one::<Grid>("grid");
            interpolate::fill_row(&mut out, &grid, interpolation(s), s.get("row"), &&coarse[..]).unwrap();
            s.write("out", &out);
        })
    };
}

macro_rules! drivers {
    ($fold:ident: $type:ty, $label:ty, $labels:ident, $scores:ident) => {
        [
            drivers!(@one $labels, $fold, $type, $label, on_labels, HardMasks labels),
            drivers!(@one $scores, $fold, $type, $type, on_maps, SoftMasks scores),
        ]
    };
    (@one $name:ident, $fold:ident, $type:ty, $coarse:ty, $on_masks:ident, $masks:ident $field:ident) => {
        on_grid($on_masks::<$coarse>(on_scratch::<$type>(
            on_folded::<$fold>(contract!($name(
                fold,
                scratch,
                scratch_len,
                coarse,
                coarse_len,
                grid,
                clusters,
                interpolation
            ))),
            "scratch",
            0.5,
            GRID.width,
            "scratch_len",
        )))
        .choice("interpolation", 1, 3)
        .refuses("another height", |s| s.poke("grid", offset_of!(Grid, height), 4usize), cause::Length, "best")
        .refuses("more rows", |s| s.poke("grid", offset_of!(Grid, rows), 3usize), cause::Length, "coarse")
        .twin(|s| {
            let (mut scratch, coarse) = (s.read::<$type>("scratch"), s.read::<$coarse>("coarse"));
            let (grid, interpolation) = (s.one::<Grid>("grid"), interpolation(s));
            let masks = $masks { $field: &coarse, clusters: s.get("clusters") };
            alter::<$fold, _>(s, |fold, _| {
                interpolate::labels(fold, &grid, interpolation, &masks, &mut scratch).unwrap();
            });
            s.write("scratch", &scratch);
        })
    };
}

fn interpolations() -> Vec<Contract> {
    let rows = vec![
        Contract::plain("quell_interpolate_scratch_len", || {
            for width in [0, 1, 7, usize::MAX] {
                assert_eq!(quell_interpolate_scratch_len(width), width);
            }
        }),
        rows!(f32, f32, quell_interpolate_row_f32),
        rows!(f64, f64, quell_interpolate_row_f64),
        rows!(f16, f32, quell_interpolate_row_f16),
        rows!(bf16, f32, quell_interpolate_row_bf16),
    ];
    let drivers = [
        drivers!(quell_fold_f32_u8: f32, u8, quell_interpolate_labels_f32_u8, quell_interpolate_scores_f32_u8),
        drivers!(quell_fold_f32_u16: f32, u16, quell_interpolate_labels_f32_u16, quell_interpolate_scores_f32_u16),
        drivers!(quell_fold_f64_u8: f64, u8, quell_interpolate_labels_f64_u8, quell_interpolate_scores_f64_u8),
        drivers!(quell_fold_f64_u16: f64, u16, quell_interpolate_labels_f64_u16, quell_interpolate_scores_f64_u16),
    ];
    rows.into_iter().chain(drivers.into_iter().flatten()).collect()
}

pub fn contracts() -> Vec<Contract> {
    [interpolations(), filters::contracts(), weights::contracts()].into_iter().flatten().collect()
}
