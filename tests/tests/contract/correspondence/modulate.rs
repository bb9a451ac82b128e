//! Pushing a cluster up and down.

use crate::contract::{Contract, NOT_FINITE, contract};
use crate::samples::elements;
use crate::scene::{Number, Scene};
use quell::correspondence::modulate::{
    Channels, Pass, fill_offsets, fill_passes, fill_weighted_offsets, offset_cells, offset_weighted,
};
use quell::{bf16, f16};
use quell_ffi::correspondence::modulate::*;
use quell_ffi::status::quell_cause as cause;
use std::mem::offset_of;

const CELLS: usize = 4;
const CHANNELS: usize = 3;
/// The reference, and two masks.
const PASSES: [Pass; 3] =
    [Pass { label: 0, offset: 0.0 }, Pass { label: 1, offset: -1.5 }, Pass { label: 0, offset: 2.0 }];
const ITEMS: usize = PASSES.len();

fn channels(scene: &Scene) -> Channels {
    if scene.get::<i32>("channels") == 0 { Channels::Last } else { Channels::First }
}

/// Adds the passes, and what can be wrong with them.
fn on_passes(contract: Contract) -> Contract {
    let second = size_of::<Pass>();
    contract
        .input("passes", &PASSES, "passes_len")
        .field("passes", second + offset_of!(Pass, offset), NOT_FINITE, "passes")
        .accepts("another mask", move |s| s.poke("passes", second + offset_of!(Pass, label), 0usize))
}

/// Adds feature maps, and what can be wrong with their length.
fn on_maps(contract: Contract) -> Contract {
    let short = ITEMS * CELLS * CHANNELS - 1;
    contract
        .wrong_length("h_len", &[short], cause::Length, "h")
        .zero_is_fine(&["h_len"])
        .wrong_length("passes_len", &[0, ITEMS - 1], cause::Length, "h")
        .zero_is_fine(&["h_len", "passes_len"])
        .choice("channels", 0, 2)
}

/// Adds weights of two masks, and what can be wrong with them.
fn on_weights<T: crate::memory::Plain + quell::Scalar>(contract: Contract) -> Contract {
    let spoil = |index: usize, value: f64| move |s: &mut Scene| s.poke_element("weights", index, T::from_f64(value));
    let no_mask = |s: &mut Scene| s.poke("passes", size_of::<Pass>() + offset_of!(Pass, label), 2usize);
    contract
        .input("weights", &elements::<T>(2 * CELLS, 4), "weights_len")
        .any("cells", Number::Size(CELLS))
        .zero_is_wrong("weights_len", cause::Domain, "label")
        .wrong_length("weights_len", &[2 * CELLS - 1], cause::Length, "weights")
        .wrong_length("weights_len", &[CELLS], cause::Domain, "label")
        .refuses("a mask that is not there", no_mask, cause::Domain, "label")
        .refuses("a weight that is not a number", spoil(0, f64::NAN), cause::Domain, "weights")
        .refuses("an infinite weight", spoil(7, f64::INFINITY), cause::Domain, "weights")
        .refuses("no cells", |s| s.set("cells", Number::Size(0)), cause::Length, "weights")
        .refuses("more cells", |s| s.set("cells", Number::Size(CELLS + 1)), cause::Length, "weights")
        .accepts("a weight of zero", spoil(5, 0.0))
}

macro_rules! hard {
    ($type:ty, $label:ty, $offset:ident, $fill:ident) => {{
        let beyond = |s: &mut Scene| s.poke("passes", offset_of!(Pass, label), <$label>::MAX as usize + 1);
        let offset = contract!($offset(h, h_len, labels, cells, passes, passes_len, channels))
            .in_out("h", &elements::<$type>(ITEMS * CELLS * CHANNELS, 1), "h_len")
            .input("labels", &[1 as $label, 0, <$label>::MAX, 1], "cells");
        let offset = on_maps(on_passes(offset))
            .wrong_length("cells", &[0, CELLS + 1], cause::Length, "h")
            .zero_is_fine(&["h_len", "cells"])
            .refuses("a label that the type does not hold", beyond, cause::Domain, "label")
            .twin(|s| {
                let (mut h, labels) = (s.read::<$type>("h"), s.read::<$label>("labels"));
                offset_cells(&mut h, &labels, &s.read::<Pass>("passes"), channels(s)).unwrap();
                s.write("h", &h);
            });
        let fill = contract!($fill(out, out_len, labels, cells, passes, passes_len))
            .output::<$type>("out", ITEMS * CELLS, "out_len")
            .input("labels", &[1 as $label, 0, <$label>::MAX, 1], "cells");
        let fill = on_passes(fill)
            .wrong_length("out_len", &[0, ITEMS * CELLS - 1], cause::Length, "out")
            .wrong_length("cells", &[0, CELLS - 1], cause::Length, "out")
            .wrong_length("passes_len", &[0, ITEMS - 1], cause::Length, "out")
            .zero_is_fine(&["out_len", "cells"])
            .zero_is_fine(&["out_len", "passes_len"])
            .refuses("a label that the type does not hold", beyond, cause::Domain, "label")
            .twin(|s| {
                let (mut out, labels) = (s.read::<$type>("out"), s.read::<$label>("labels"));
                fill_offsets(&mut out, &labels, &s.read::<Pass>("passes")).unwrap();
                s.write("out", &out);
            });
        [offset, fill]
    }};
}

macro_rules! soft {
    ($type:ty, $weight:ty, $offset:ident, $fill:ident) => {{
        let offset = contract!($offset(h, h_len, weights, weights_len, passes, passes_len, cells, channels)).in_out(
            "h",
            &elements::<$type>(ITEMS * CELLS * CHANNELS, 1),
            "h_len",
        );
        let offset = on_weights::<$weight>(on_maps(on_passes(offset))).twin(|s| {
            let (mut h, weights) = (s.read::<$type>("h"), s.read::<$weight>("weights"));
            offset_weighted(&mut h, &weights, s.get("cells"), &s.read::<Pass>("passes"), channels(s)).unwrap();
            s.write("h", &h);
        });
        let fill = contract!($fill(out, out_len, weights, weights_len, passes, passes_len, cells)).output::<$type>(
            "out",
            ITEMS * CELLS,
            "out_len",
        );
        let fill = on_weights::<$weight>(on_passes(fill))
            .wrong_length("out_len", &[0, ITEMS * CELLS - 1], cause::Length, "out")
            .wrong_length("passes_len", &[0, ITEMS - 1], cause::Length, "out")
            .zero_is_fine(&["out_len", "passes_len"])
            .twin(|s| {
                let (mut out, weights) = (s.read::<$type>("out"), s.read::<$weight>("weights"));
                fill_weighted_offsets(&mut out, &weights, s.get("cells"), &s.read::<Pass>("passes")).unwrap();
                s.write("out", &out);
            });
        [offset, fill]
    }};
}

fn list() -> Contract {
    contract!(quell_offset_passes(passes, passes_len, first_label, lambda, with_reference))
        .output::<Pass>("passes", 5, "passes_len")
        .any("first_label", Number::Size(3))
        .real("lambda", 10.0, NOT_FINITE)
        .any("with_reference", Number::Signed(1))
        .wrong_length("passes_len", &[0, 4], cause::Length, "passes")
        .zero_is_described("passes_len")
        .accepts("no masks at all", |s| {
            s.write::<Pass>("passes", &[]);
            s.set("with_reference", Number::Signed(0));
        })
        .accepts("no reference", |s| {
            s.write("passes", &[Pass::default(); 4]);
            s.set("with_reference", Number::Signed(0));
        })
        .accepts("a reference by any other truth", |s| s.set("with_reference", Number::Signed(i32::MIN)))
        .refuses("half a pair", |s| s.set("with_reference", Number::Signed(0)), cause::Length, "passes")
        .refuses("labels that overflow", |s| s.set("first_label", Number::Size(usize::MAX)), cause::Domain, "label")
        .twin(|s| {
            let mut passes = s.read::<Pass>("passes");
            let with_reference = s.get::<i32>("with_reference") != 0;
            fill_passes(&mut passes, s.get("first_label"), s.get("lambda"), with_reference).unwrap();
            s.write("passes", &passes);
        })
}

pub fn contracts() -> Vec<Contract> {
    let stamped = [
        hard!(f32, u8, quell_offset_cells_f32_u8, quell_offsets_f32_u8),
        hard!(f32, u16, quell_offset_cells_f32_u16, quell_offsets_f32_u16),
        hard!(f64, u8, quell_offset_cells_f64_u8, quell_offsets_f64_u8),
        hard!(f64, u16, quell_offset_cells_f64_u16, quell_offsets_f64_u16),
        hard!(f16, u8, quell_offset_cells_f16_u8, quell_offsets_f16_u8),
        hard!(f16, u16, quell_offset_cells_f16_u16, quell_offsets_f16_u16),
        hard!(bf16, u8, quell_offset_cells_bf16_u8, quell_offsets_bf16_u8),
        hard!(bf16, u16, quell_offset_cells_bf16_u16, quell_offsets_bf16_u16),
        soft!(f32, f32, quell_offset_weighted_f32, quell_weighted_offsets_f32),
        soft!(f64, f64, quell_offset_weighted_f64, quell_weighted_offsets_f64),
        soft!(f16, f32, quell_offset_weighted_f16, quell_weighted_offsets_f16),
        soft!(bf16, f32, quell_offset_weighted_bf16, quell_weighted_offsets_bf16),
    ];
    std::iter::once(list()).chain(stamped.into_iter().flatten()).collect()
}
