//! The running arg-max over masks.

use crate::contract::{Contract, contract};
use crate::memory::Plain;
use crate::samples::elements;
use crate::scene::{Number, Pointer, Scene};
use quell::Scalar;
use quell::correspondence::fold::{Fold, Label, Soft};
use quell::correspondence::upsample::Grid;
use quell_ffi::correspondence::fold::*;
use quell_ffi::status::quell_cause as cause;
use std::mem::offset_of;
use std::ptr::null_mut;

/// A fold of the C ABI.
pub trait FoldStruct: Plain {
    /// The type of its values.
    type Value: Scalar + Plain;
    /// The type of its labels.
    type Label: Label + Plain;
    /// Without buffers.
    const EMPTY: Self;
    /// Where best, labels, second, sum, moment, pixels and scale stand.
    const OFFSETS: [usize; 7];
    /// Its scale.
    fn scale(&self) -> f64;
}

macro_rules! structs {
    ($($fold:ident: $type:ty, $label:ty;)*) => {$(
        impl FoldStruct for $fold {
            type Value = $type;
            type Label = $label;
            const EMPTY: $fold = $fold {
                best: null_mut(),
                labels: null_mut(),
                second: null_mut(),
                sum: null_mut(),
                moment: null_mut(),
                pixels: 0,
                scale: 0.75,
            };
            const OFFSETS: [usize; 7] = [
                offset_of!($fold, best),
                offset_of!($fold, labels),
                offset_of!($fold, second),
                offset_of!($fold, sum),
                offset_of!($fold, moment),
                offset_of!($fold, pixels),
                offset_of!($fold, scale),
            ];
            fn scale(&self) -> f64 {
                self.scale
            }
        }
    )*};
}
structs! {
    quell_fold_f32_u8: f32, u8;
    quell_fold_f32_u16: f32, u16;
    quell_fold_f64_u8: f64, u8;
    quell_fold_f64_u16: f64, u16;
}

/// The names of a fold's parts in a scene: the struct, its buffers and its length.
const OWN: [&str; 7] = ["fold", "best", "labels", "second", "sum", "moment", "pixels"];
const OTHER: [&str; 7] =
    ["other", "other_best", "other_labels", "other_second", "other_sum", "other_moment", "other_pixels"];

/// Adds a fold that has seen masks, under the given names.
fn with_fold<F: FoldStruct>(contract: Contract, names: [&'static str; 7], pixels: usize, seed: usize) -> Contract {
    let [fold, best, labels, second, sum, moment, length] = names;
    let [at_best, at_labels, at_second, at_sum, at_moment, at_pixels, at_scale] = F::OFFSETS;
    let values = |from: f64, step: f64| -> Vec<F::Value> {
        (0..pixels).map(|i| F::Value::from_f64(from + step * ((i * 7 + seed) % 11) as f64)).collect()
    };
    let numbers: Vec<F::Label> = (0..pixels).map(|i| F::Label::from_usize((i + seed) % 5).unwrap()).collect();
    contract
        .object(fold, F::EMPTY)
        .in_out(best, &values(-1.0, 0.25), length)
        .called("best")
        .at_field(fold, at_best)
        .length_at_field(fold, at_pixels)
        .in_out(labels, &numbers, length)
        .called("labels")
        .at_field(fold, at_labels)
        .in_out(second, &values(-3.0, 0.25), length)
        .called("second")
        .at_field(fold, at_second)
        .or_null()
        // Without a moment it may be absent, but there is one.
        .in_out(sum, &values(1.0, 0.5), length)
        .called("sum")
        .at_field(fold, at_sum)
        .in_out(moment, &values(-2.0, 0.125), length)
        .called("moment")
        .at_field(fold, at_moment)
        .or_null()
        .field(fold, at_scale, &[f64::NAN, f64::INFINITY, -1.0], "scale")
}

/// Adds a fold that has seen masks, with `pixels` as its length, and what it may keep.
pub fn on_fold<F: FoldStruct>(contract: Contract, pixels: usize) -> Contract {
    with_fold::<F>(contract, OWN, pixels, 0)
        .accepts("no second largest values", |s| s.buffer_mut("second").pointer = Pointer::Null)
        .accepts("no moments", |s| s.buffer_mut("moment").pointer = Pointer::Null)
        .accepts("no soft-max, and a scale that nobody looks at", |s| {
            s.buffer_mut("sum").pointer = Pointer::Null;
            s.buffer_mut("moment").pointer = Pointer::Null;
            s.poke("fold", F::OFFSETS[6], f64::NAN);
        })
}

/// Does something to the fold of the core that a scene describes.
fn alter_named<F: FoldStruct, R>(
    s: &mut Scene,
    names: [&'static str; 7],
    act: impl FnOnce(&mut Fold<F::Value, F::Label>, &mut Scene) -> R,
) -> R {
    let [fold, best_name, labels_name, second_name, sum_name, moment_name, _] = names;
    let is_kept = |name: &str, s: &Scene| s.buffer(name).pointer != Pointer::Null;
    let kept = [second_name, sum_name, moment_name].map(|name| is_kept(name, s));
    let scale = s.one::<F>(fold).scale();
    let (mut best, mut labels) = (s.read::<F::Value>(best_name), s.read::<F::Label>(labels_name));
    let mut rest = [second_name, sum_name, moment_name].map(|name| s.read::<F::Value>(name));
    let [second, sum, moment] = &mut rest;
    let soft = kept[1].then_some(Soft { sum, moment: if kept[2] { Some(moment) } else { None }, scale });
    let second = if kept[0] { Some(&mut second[..]) } else { None };
    let result = act(&mut Fold::new(&mut best, &mut labels, second, soft).unwrap(), s);
    s.write(best_name, &best);
    s.write(labels_name, &labels);
    for ((name, values), is_kept) in [second_name, sum_name, moment_name].into_iter().zip(rest).zip(kept) {
        if is_kept {
            s.write(name, &values);
        }
    }
    result
}

/// The same for the fold of [`on_fold`].
pub fn alter<F: FoldStruct, R>(s: &mut Scene, act: impl FnOnce(&mut Fold<F::Value, F::Label>, &mut Scene) -> R) -> R {
    alter_named::<F, R>(s, OWN, act)
}

/// Pixels of the folds here.
const PIXELS: usize = 6;

macro_rules! folds {
    (
        $fold:ident: $type:ty, $label:ty, $reset:ident, $push:ident, $merge:ident, $margins:ident, $confidences:ident,
        $entropies:ident, $undecided:ident, $fall_back:ident
    ) => {
        [
            on_fold::<$fold>(contract!($reset(fold)), PIXELS)
                .zero_is_fine(&["pixels"])
                .twin(|s| alter::<$fold, _>(s, |fold, _| fold.reset())),
            on_fold::<$fold>(contract!($push(fold, values, n, label, first_pixel)), PIXELS)
                .input("values", &elements::<$type>(4, 1), "n")
                .any("label", Number::Size(3))
                .any("first_pixel", Number::Size(2))
                .zero_is_fine(&["n"])
                .zero_is_wrong("pixels", cause::TooShort, "best")
                .wrong_length("n", &[5], cause::TooShort, "best")
                .accepts("the largest label", |s| s.set("label", Number::Size(<$label>::MAX as usize)))
                .accepts("NaN and infinity", |s| {
                    s.poke_element::<$type>("values", 0, <$type>::NAN);
                    s.poke_element::<$type>("values", 1, <$type>::INFINITY);
                })
                .refuses("a label that is too large", |s| s.set("label", Number::Size(<$label>::MAX as usize + 1)),
                    cause::Domain, "label")
                .refuses("pixels beyond the end", |s| s.set("first_pixel", Number::Size(3)), cause::TooShort, "best")
                .refuses("pixels far beyond", |s| s.set("first_pixel", Number::Size(usize::MAX)), cause::TooShort, "best")
                .twin(|s| {
                    alter::<$fold, _>(s, |fold, s| {
                        fold.push(s.get("label"), s.get("first_pixel"), &s.read::<$type>("values")).unwrap();
                    });
                }),
            with_fold::<$fold>(on_fold::<$fold>(contract!($merge(fold, other)), PIXELS), OTHER, PIXELS, 3)
                .zero_is_wrong("pixels", cause::Length, "best")
                .zero_is_wrong("other_pixels", cause::Length, "best")
                .accepts("two empty folds", |s| {
                    for (name, length) in [(OWN, "pixels"), (OTHER, "other_pixels")] {
                        s.set(length, Number::Size(0));
                        name[1..6].iter().for_each(|name| s.buffer_mut(name).bytes.clear());
                    }
                })
                .refuses("no second largest values of the other", |s| s.buffer_mut("other_second").pointer = Pointer::Null,
                    cause::Null, "second")
                .refuses("no moments of the other", |s| s.buffer_mut("other_moment").pointer = Pointer::Null,
                    cause::Null, "moment")
                .refuses("no soft-max of the other", |s| {
                    s.buffer_mut("other_sum").pointer = Pointer::Null;
                    s.buffer_mut("other_moment").pointer = Pointer::Null;
                }, cause::Null, "sum")
                .refuses("another scale", |s| s.poke("other", <$fold>::OFFSETS[6], 0.5), cause::Domain, "scale")
                .twin(|s| {
                    alter::<$fold, _>(s, |fold, s| {
                        alter_named::<$fold, _>(s, OTHER, |other, _| fold.merge(other).unwrap());
                    });
                }),
            folds!(@fills $fold, $type, $margins, fill_margins, "second"),
            folds!(@fills $fold, $type, $confidences, fill_confidences, "sum")
                .accepts("a moment that nobody looks at", |s| s.buffer_mut("moment").pointer = Pointer::Null),
            folds!(@fills $fold, $type, $entropies, fill_entropies, "sum")
                .refuses("no moments", |s| s.buffer_mut("moment").pointer = Pointer::Null, cause::Null, "moment"),
            on_fold::<$fold>(contract!($undecided(out, fold, floor)).result::<usize>("out"), PIXELS)
                .any("floor", Number::Real(0.0))
                .accepts("every floor", |s| s.set("floor", Number::Real(f64::NEG_INFINITY)))
                .accepts("two equal values", |s| {
                    let best = s.read::<$type>("best");
                    s.write("second", &best);
                })
                .zero_is_fine(&["pixels"])
                .twin(|s| {
                    let floor = s.get("floor");
                    let count = alter::<$fold, _>(s, |fold, _| fold.undecided(floor));
                    s.write("out", &[count]);
                }),
            on_fold::<$fold>(contract!($fall_back(out, fold, coarse, coarse_len, grid, floor)), PIXELS)
                .result::<usize>("out")
                .input("coarse", &[7 as $label, 8], "coarse_len")
                .object("grid", Grid { rows: 1, columns: 2, height: 2, width: 3 })
                .any("floor", Number::Real(0.0))
                .accepts("no floor", |s| s.set("floor", Number::Real(f64::NEG_INFINITY)))
                .wrong_length("coarse_len", &[1], cause::Length, "coarse")
                .zero_is_wrong("coarse_len", cause::Length, "coarse")
                .zero_is_wrong("pixels", cause::Length, "best")
                .refuses("another height", |s| s.poke("grid", offset_of!(Grid, height), 3usize), cause::Length, "best")
                .refuses("more cells", |s| s.poke("grid", offset_of!(Grid, rows), 2usize), cause::Length, "coarse")
                .refuses("no cells", |s| {
                    s.write::<$label>("coarse", &[]);
                    s.poke("grid", offset_of!(Grid, rows), 0usize);
                }, cause::Domain, "rows")
                .twin(|s| {
                    let (floor, grid) = (s.get("floor"), s.one::<Grid>("grid"));
                    let coarse = s.read::<$label>("coarse");
                    let count = alter::<$fold, _>(s, |fold, _| {
                        fold.fall_back(floor, &grid, &coarse).unwrap()
                    });
                    s.write("out", &[count]);
                }),
        ]
    };
    (@fills $fold:ident, $type:ty, $name:ident, $fill:ident, $needed:literal) => {
        with_fold::<$fold>(contract!($name(out, fold)), OWN, PIXELS, 0)
            .output::<$type>("out", PIXELS, "pixels")
            .zero_is_fine(&["pixels"])
            .refuses(concat!("no ", $needed), |s| {
                s.buffer_mut($needed).pointer = Pointer::Null;
                s.buffer_mut("moment").pointer = Pointer::Null;
            }, cause::Null, $needed)
            .twin(|s| {
                let mut out = s.read::<$type>("out");
                alter::<$fold, _>(s, |fold, _| fold.$fill(&mut out).unwrap());
                s.write("out", &out);
            })
    };
}

pub fn contracts() -> Vec<Contract> {
    let f32_u8 = folds!(
        quell_fold_f32_u8: f32, u8,
        quell_fold_reset_f32_u8,
        quell_fold_push_f32_u8,
        quell_fold_merge_f32_u8,
        quell_fold_margins_f32_u8,
        quell_fold_confidences_f32_u8,
        quell_fold_entropies_f32_u8,
        quell_fold_undecided_f32_u8,
        quell_fold_fall_back_f32_u8
    );
    let f32_u16 = folds!(
        quell_fold_f32_u16: f32, u16,
        quell_fold_reset_f32_u16,
        quell_fold_push_f32_u16,
        quell_fold_merge_f32_u16,
        quell_fold_margins_f32_u16,
        quell_fold_confidences_f32_u16,
        quell_fold_entropies_f32_u16,
        quell_fold_undecided_f32_u16,
        quell_fold_fall_back_f32_u16
    );
    let f64_u8 = folds!(
        quell_fold_f64_u8: f64, u8,
        quell_fold_reset_f64_u8,
        quell_fold_push_f64_u8,
        quell_fold_merge_f64_u8,
        quell_fold_margins_f64_u8,
        quell_fold_confidences_f64_u8,
        quell_fold_entropies_f64_u8,
        quell_fold_undecided_f64_u8,
        quell_fold_fall_back_f64_u8
    );
    let f64_u16 = folds!(
        quell_fold_f64_u16: f64, u16,
        quell_fold_reset_f64_u16,
        quell_fold_push_f64_u16,
        quell_fold_merge_f64_u16,
        quell_fold_margins_f64_u16,
        quell_fold_confidences_f64_u16,
        quell_fold_entropies_f64_u16,
        quell_fold_undecided_f64_u16,
        quell_fold_fall_back_f64_u16
    );
    [f32_u8, f32_u16, f64_u8, f64_u16].into_iter().flatten().collect()
}
