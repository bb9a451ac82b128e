//! Masks from pairs of images.

use super::fold::{alter, on_fold};
use super::images::{Image, LAYOUT, PIXELS, blur, gaussian, norm, on_images, with_blur_faults};
use super::on_scratch;
use crate::contract::{Contract, NEGATIVE, NOT_POSITIVE, contract};
use crate::memory::Plain;
use crate::samples::elements;
use crate::scene::{Number, Scene};
use quell::correspondence::blur::{Boundary, Gaussian};
use quell::correspondence::difference::Norm;
use quell::correspondence::image::Layout;
use quell::correspondence::readout::{Filtered, Progress, Readout, divide};
use quell::{Scalar, bf16, f16};
use quell_ffi::correspondence::fold::*;
use quell_ffi::correspondence::readout::*;
use quell_ffi::status::quell_cause as cause;
use std::mem::offset_of;

/// The images' rows are all there are.
const READOUT: Readout = Readout {
    channels: LAYOUT.channels,
    height: LAYOUT.height,
    width: LAYOUT.width,
    filter: Gaussian { sigma_y: 0.75, sigma_x: 1.5, radius_y: 1, radius_x: 2, boundary: Boundary::Reflect },
    norm: Norm::Euclidean,
    filtered: Filtered::Norm,
};

/// For C.
fn options(of: Readout) -> quell_readout {
    let Readout { channels, height, width, filter, norm, filtered } = of;
    quell_readout { channels, height, width, norm: norm as i32, filtered: filtered as i32, filter: blur(filter) }
}

/// The same for the core.
fn readout(c: &quell_readout) -> Readout {
    Readout {
        channels: c.channels,
        height: c.height,
        width: c.width,
        filter: gaussian(&c.filter),
        norm: norm(c.norm),
        filtered: [Filtered::Norm, Filtered::Images][c.filtered as usize],
    }
}

/// Adds how images are read, and what can be wrong with it: `sized` is the argument that has an element for each pixel.
fn on_rows<P: Image, V: Plain + Scalar>(contract: Contract, sized: &'static str) -> Contract {
    let size = |field: usize, value: usize| move |s: &mut Scene| s.poke("options", field, value);
    let rows = |value: usize| move |s: &mut Scene| s.poke("progress", offset_of!(Progress, rows), value);
    let contract = on_images::<P>(contract).object("options", options(READOUT));
    with_blur_faults(contract, "options", offset_of!(quell_readout, filter), "state")
        .choice_field("options", offset_of!(quell_readout, norm), 3, "norm")
        .choice_field("options", offset_of!(quell_readout, filtered), 2, "filtered")
        .field("progress", offset_of!(Progress, divisor), NOT_POSITIVE, "divisor")
        .accepts("the mean", |s| s.poke("options", offset_of!(quell_readout, norm), 1i32))
        .accepts("the largest", |s| s.poke("options", offset_of!(quell_readout, norm), 2i32))
        .accepts("images that are filtered", |s| {
            s.poke("options", offset_of!(quell_readout, filtered), 1i32);
            s.write("state", &vec![V::ONE; Readout { filtered: Filtered::Images, ..READOUT }.state_len()]);
        })
        .accepts("the first rows", |s| s.poke("layout", offset_of!(Layout, height), 2usize))
        .accepts("the last row", move |s| {
            rows(2)(s);
            s.poke("layout", offset_of!(Layout, height), 1usize);
        })
        .accepts("no more rows", move |s| {
            rows(3)(s);
            s.poke("layout", offset_of!(Layout, height), 0usize);
        })
        .refuses("rows that were taken", rows(1), cause::Domain, "height")
        .refuses("more rows than there are", rows(4), cause::Domain, "progress")
        .refuses("other channels", size(offset_of!(quell_readout, channels), 3), cause::Length, "channels")
        .refuses("another width", size(offset_of!(quell_readout, width), 3), cause::Length, sized)
        .refuses("another height", size(offset_of!(quell_readout, height), 4), cause::Length, sized)
        .refuses("a width that overflows", size(offset_of!(quell_readout, width), usize::MAX), cause::Length, sized)
        .refuses(
            "images of another width",
            |s| s.poke("layout", offset_of!(Layout, width), 3usize),
            cause::Length,
            "width",
        )
}

macro_rules! push {
    ($type:ty, $value:ty, $fold:ident, $label:ty, $push:ident) => {{
        let contract =
            contract!($push(progress, fold, state, state_len, minus, minus_len, plus, plus_len, layout, options))
                .in_place("progress", Progress { label: 3, divisor: 1.5, rows: 0 });
        let contract = on_fold::<$fold>(contract, PIXELS)
            .zero_is_wrong("pixels", cause::Length, "best")
            .wrong_length("pixels", &[PIXELS - 1], cause::Length, "best")
            .accepts("the largest label", |s| s.poke("progress", 0, <$label>::MAX as usize))
            .refuses(
                "a label that is too large",
                |s| s.poke("progress", 0, <$label>::MAX as usize + 1),
                cause::Domain,
                "label",
            );
        on_rows::<$type, $value>(on_scratch(contract, "state", 0.5 as $value, READOUT.state_len(), "state_len"), "best")
            .twin(|s| {
                let mut progress = s.one::<Progress>("progress");
                let mut state = s.read::<$value>("state");
                alter::<$fold, _>(s, |fold, s| {
                    let (minus, plus, layout) = (s.read::<$type>("minus"), s.read::<$type>("plus"), s.one("layout"));
                    readout(&s.one("options"))
                        .push_rows(&mut progress, fold, &minus, &plus, &layout, &mut state)
                        .unwrap();
                });
                s.write("progress", &[progress]);
                s.write("state", &state);
            })
    }};
}

macro_rules! push_to_map {
    ($type:ty, $value:ty, $push:ident) => {{
        let contract = contract!($push(
            progress, map, map_len, state, state_len, minus, minus_len, plus, plus_len, layout, options
        ))
        .in_place("progress", Progress { label: usize::MAX, divisor: 1.5, rows: 0 })
        .in_out("map", &elements::<$value>(PIXELS, 3), "map_len")
        .zero_is_wrong("map_len", cause::Length, "map")
        .wrong_length("map_len", &[PIXELS - 1], cause::Length, "map");
        on_rows::<$type, $value>(on_scratch(contract, "state", 0.5 as $value, READOUT.state_len(), "state_len"), "map")
            .twin(|s| {
                let mut progress = s.one::<Progress>("progress");
                let (mut map, mut state) = (s.read::<$value>("map"), s.read::<$value>("state"));
                let (minus, plus, layout) = (s.read::<$type>("minus"), s.read::<$type>("plus"), s.one("layout"));
                readout(&s.one("options"))
                    .push_rows_to_map(&mut progress, &mut map, &minus, &plus, &layout, &mut state)
                    .unwrap();
                s.write("progress", &[progress]);
                s.write("map", &map);
                s.write("state", &state);
            })
    }};
}

macro_rules! division {
    ($type:ty, $divide:ident) => {
        contract!($divide(map, map_len, divisor))
            .in_out("map", &elements::<$type>(9, 1), "map_len")
            .real("divisor", 0.75, NOT_POSITIVE)
            .accepts("a divisor of one", |s| s.set("divisor", Number::Real(1.0)))
            .zero_is_fine(&["map_len"])
            .twin(|s| {
                let mut map = s.read::<$type>("map");
                divide(&mut map, s.get("divisor")).unwrap();
                s.write("map", &map);
            })
    };
}

pub fn contracts() -> Vec<Contract> {
    vec![
        contract!(quell_readout_default(out, channels, height, width, sigma))
            .result::<quell_readout>("out")
            .any("channels", Number::Size(3))
            .any("height", Number::Size(5))
            .any("width", Number::Size(7))
            .real("sigma", 1.0, NEGATIVE)
            .accepts("no filter", |s| s.set("sigma", Number::Real(0.0)))
            .twin(|s| {
                let readout = Readout::new(s.get("channels"), s.get("height"), s.get("width"), s.get("sigma"));
                s.write("out", &[options(readout)]);
            }),
        contract!(quell_readout_state_len(out, options))
            .result::<usize>("out")
            .object("options", options(READOUT))
            .choice_field("options", offset_of!(quell_readout, norm), 3, "norm")
            .choice_field("options", offset_of!(quell_readout, filtered), 2, "filtered")
            .choice_field("options", offset_of!(quell_readout, filter.boundary), 5, "boundary")
            .accepts("images that are filtered", |s| s.poke("options", offset_of!(quell_readout, filtered), 1i32))
            .accepts("sizes that overflow", |s| s.poke("options", offset_of!(quell_readout, width), usize::MAX))
            .twin(|s| {
                let length = readout(&s.one("options")).state_len();
                s.write("out", &[length]);
            }),
        contract!(quell_readout_start(out, label)).result::<Progress>("out").any("label", Number::Size(5)).twin(|s| {
            let progress = Progress::new(s.get("label"));
            s.write("out", &[progress]);
        }),
        push!(u8, f32, quell_fold_f32_u8, u8, quell_readout_push_rows_u8_u8),
        push!(u8, f32, quell_fold_f32_u16, u16, quell_readout_push_rows_u8_u16),
        push!(f32, f32, quell_fold_f32_u8, u8, quell_readout_push_rows_f32_u8),
        push!(f32, f32, quell_fold_f32_u16, u16, quell_readout_push_rows_f32_u16),
        push!(f64, f64, quell_fold_f64_u8, u8, quell_readout_push_rows_f64_u8),
        push!(f64, f64, quell_fold_f64_u16, u16, quell_readout_push_rows_f64_u16),
        push!(f16, f32, quell_fold_f32_u8, u8, quell_readout_push_rows_f16_u8),
        push!(f16, f32, quell_fold_f32_u16, u16, quell_readout_push_rows_f16_u16),
        push!(bf16, f32, quell_fold_f32_u8, u8, quell_readout_push_rows_bf16_u8),
        push!(bf16, f32, quell_fold_f32_u16, u16, quell_readout_push_rows_bf16_u16),
        push_to_map!(u8, f32, quell_readout_push_rows_to_map_u8),
        push_to_map!(f32, f32, quell_readout_push_rows_to_map_f32),
        push_to_map!(f64, f64, quell_readout_push_rows_to_map_f64),
        push_to_map!(f16, f32, quell_readout_push_rows_to_map_f16),
        push_to_map!(bf16, f32, quell_readout_push_rows_to_map_bf16),
        division!(f32, quell_map_divide_f32),
        division!(f64, quell_map_divide_f64),
    ]
}
