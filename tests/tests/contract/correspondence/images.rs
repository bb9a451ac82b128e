//! Images: their layouts, their differences, and the Gaussian filter.

use super::on_scratch;
use crate::contract::{Contract, NEGATIVE, contract};
use crate::memory::Plain;
use crate::samples::elements;
use crate::scene::{Number, Pointer, Scene};
use quell::correspondence::blur::{Boundary, Gaussian, fill_kernel, filter, radius};
use quell::correspondence::difference::{Norm, Size, fill_map};
use quell::correspondence::image::Layout;
use quell::{bf16, f16};
use quell_ffi::correspondence::blur::*;
use quell_ffi::correspondence::difference::*;
use quell_ffi::correspondence::image::*;
use quell_ffi::status::quell_cause as cause;
use std::mem::offset_of;

/// Two channels, three rows, four columns, with a gap after each row.
pub const LAYOUT: Layout =
    Layout { channels: 2, height: 3, width: 4, channel_stride: 15, row_stride: 5, column_stride: 1 };
pub const PIXELS: usize = LAYOUT.height * LAYOUT.width;

/// The types of images, with values that are all different.
pub trait Image: Plain {
    /// So many elements.
    fn elements(count: usize, seed: usize) -> Vec<Self>;
}

impl Image for u8 {
    fn elements(count: usize, seed: usize) -> Vec<u8> {
        (0..count).map(|i| ((i * 37 + seed * 11) % 251) as u8).collect()
    }
}

macro_rules! floats {
    ($($type:ty),*) => {$(
        impl Image for $type {
            fn elements(count: usize, seed: usize) -> Vec<$type> {
                elements(count, seed)
            }
        }
    )*};
}
floats!(f32, f64, f16, bf16);

/// The norm of a number.
pub fn norm(number: i32) -> Norm {
    [Norm::Euclidean, Norm::MeanAbsolute, Norm::MaxAbsolute][number as usize]
}

/// The boundary of a number.
fn boundary(number: i32) -> Boundary {
    [Boundary::Reflect, Boundary::Mirror, Boundary::Nearest, Boundary::Wrap, Boundary::Zero][number as usize]
}

/// The filter of the core.
pub fn gaussian(c: &quell_blur) -> Gaussian {
    let quell_blur { sigma_y, sigma_x, radius_y, radius_x, boundary: number } = *c;
    Gaussian { sigma_y, sigma_x, radius_y, radius_x, boundary: boundary(number) }
}

/// The same for C.
pub fn blur(of: Gaussian) -> quell_blur {
    let Gaussian { sigma_y, sigma_x, radius_y, radius_x, boundary } = of;
    quell_blur { sigma_y, sigma_x, radius_y, radius_x, boundary: boundary as i32 }
}

/// Adds two images, and what can be wrong with them.
pub fn on_images<P: Image>(contract: Contract) -> Contract {
    let needed = LAYOUT.len();
    contract
        .input("minus", &P::elements(needed, 1), "minus_len")
        .input("plus", &P::elements(needed + 1, 2), "plus_len")
        .object("layout", LAYOUT)
        .zero_is_wrong("minus_len", cause::TooShort, "minus")
        .wrong_length("minus_len", &[needed - 1], cause::TooShort, "minus")
        .zero_is_wrong("plus_len", cause::TooShort, "plus")
        .wrong_length("plus_len", &[needed - 1], cause::TooShort, "plus")
        .refuses(
            "a stride that leads beyond",
            |s| s.poke("layout", offset_of!(Layout, row_stride), 6usize),
            cause::TooShort,
            "minus",
        )
        .refuses(
            "a stride that overflows",
            |s| s.poke("layout", offset_of!(Layout, channel_stride), usize::MAX),
            cause::TooShort,
            "minus",
        )
        .accepts("interleaved images", |s| s.poke("layout", 0, Layout::interleaved(2, 3, 4)))
}

/// Adds a filter, which stands in `within` from byte `at` on, and what can be wrong with it.
pub fn with_blur_faults(contract: Contract, within: &'static str, at: usize, memory: &'static str) -> Contract {
    let mut contract = contract
        .field(within, at + offset_of!(quell_blur, sigma_y), NEGATIVE, "sigma")
        .field(within, at + offset_of!(quell_blur, sigma_x), NEGATIVE, "sigma")
        .choice_field(within, at + offset_of!(quell_blur, boundary), 5, "boundary")
        .accepts("no filter", move |s| s.poke(within, at, [0f64; 2]))
        .accepts("a filter along rows alone", move |s| s.poke(within, at + offset_of!(quell_blur, sigma_y), 0f64));
    for number in 0..3 {
        let change = move |s: &mut Scene| s.poke(within, at + offset_of!(quell_blur, boundary), number);
        contract = contract.accepts(format!("{:?}", boundary(number)), change);
    }
    for field in [offset_of!(quell_blur, radius_y), offset_of!(quell_blur, radius_x)] {
        let change = move |s: &mut Scene| s.poke(within, at + field, usize::MAX / 4);
        contract = contract.refuses("a very large radius", change, cause::TooShort, memory);
    }
    contract
}

fn layouts() -> Vec<Contract> {
    macro_rules! makes {
        ($name:ident, $make:ident) => {
            contract!($name(out, channels, height, width))
                .result::<Layout>("out")
                .any("channels", Number::Size(3))
                .any("height", Number::Size(5))
                .any("width", Number::Size(7))
                .accepts("sizes that overflow", |s| s.set("height", Number::Size(usize::MAX)))
                .twin(|s| {
                    let layout = Layout::$make(s.get("channels"), s.get("height"), s.get("width"));
                    s.write("out", &[layout]);
                })
        };
    }
    vec![
        makes!(quell_layout_planar, planar),
        makes!(quell_layout_interleaved, interleaved),
        contract!(quell_layout_len(out, layout))
            .result::<usize>("out")
            .object("layout", LAYOUT)
            .accepts("a stride that overflows", |s| s.poke("layout", offset_of!(Layout, row_stride), usize::MAX))
            .accepts("no rows", |s| s.poke("layout", offset_of!(Layout, height), 0usize))
            .twin(|s| {
                let length = s.one::<Layout>("layout").len();
                s.write("out", &[length]);
            }),
    ]
}

macro_rules! map {
    ($type:ty, $value:ty, $map:ident) => {
        on_images::<$type>(
            contract!($map(map, map_len, minus, minus_len, plus, plus_len, layout, norm))
                .output::<$value>("map", PIXELS, "map_len"),
        )
        .choice("norm", 0, 3)
        .zero_is_wrong("map_len", cause::Length, "map")
        .wrong_length("map_len", &[PIXELS - 1], cause::Length, "map")
        .refuses("no channels", |s| s.poke("layout", offset_of!(Layout, channels), 0usize), cause::Domain, "channels")
        .accepts("no pixels", |s| {
            s.poke("layout", offset_of!(Layout, height), 0usize);
            for name in ["map", "minus", "plus"] {
                s.buffer_mut(name).pointer = Pointer::Null;
            }
            for length in ["map_len", "minus_len", "plus_len"] {
                s.set(length, Number::Size(0));
            }
        })
        .twin(|s| {
            let (minus, plus) = (s.read::<$type>("minus"), s.read::<$type>("plus"));
            let mut map = s.read::<$value>("map");
            fill_map(&mut map, &minus, &plus, &s.one("layout"), norm(s.get("norm"))).unwrap();
            if !map.is_empty() {
                s.write("map", &map);
            }
        })
    };
}

const SIZE: Size = Size { max: 0.5, sum: 1.25, weight: 3.0 };

macro_rules! size {
    ($type:ty, $add:ident, $add_weighted:ident) => {
        [
            contract!($add(size, values, n))
                .in_place("size", SIZE)
                .input("values", &elements::<$type>(9, 1), "n")
                .zero_is_fine(&["n"])
                .accepts("a value that is not a number", |s| s.poke_element("values", 3, <$type>::NAN))
                .twin(|s| {
                    let mut size = s.one::<Size>("size");
                    size.add(&s.read::<$type>("values"));
                    s.write("size", &[size]);
                }),
            contract!($add_weighted(size, values, weights, n))
                .in_place("size", SIZE)
                .input("values", &elements::<$type>(9, 1), "n")
                .input("weights", &elements::<$type>(9, 2), "n")
                .zero_is_fine(&["n"])
                .twin(|s| {
                    let mut size = s.one::<Size>("size");
                    size.add_weighted(&s.read::<$type>("values"), &s.read("weights")).unwrap();
                    s.write("size", &[size]);
                }),
        ]
    };
}

fn sizes() -> Vec<Contract> {
    macro_rules! of {
        ($name:ident, $of:ident) => {
            contract!($name(out, size))
                .result::<f64>("out")
                .object("size", SIZE)
                .accepts("nothing", |s| s.poke("size", 0, Size::default()))
                .twin(|s| {
                    let value = s.one::<Size>("size").$of();
                    s.write("out", &[value]);
                })
        };
    }
    let [a, b] = size!(f32, quell_difference_size_add_f32, quell_difference_size_add_weighted_f32);
    let [c, d] = size!(f64, quell_difference_size_add_f64, quell_difference_size_add_weighted_f64);
    vec![
        a,
        b,
        c,
        d,
        of!(quell_difference_size_mean, mean),
        of!(quell_difference_size_divisor_by_max, divisor_by_max),
        of!(quell_difference_size_divisor_by_mean, divisor_by_mean),
    ]
}

/// More rows than the kernel reaches over, and fewer columns.
const HEIGHT: usize = 6;
const WIDTH: usize = 3;
const FILTER: Gaussian =
    Gaussian { sigma_y: 0.75, sigma_x: 1.5, radius_y: 2, radius_x: 4, boundary: Boundary::Reflect };

macro_rules! filters {
    ($type:ty, $kernel:ident, $blur:ident) => {{
        let kernel = contract!($kernel(weights, weights_len, sigma))
            .output::<$type>("weights", 5, "weights_len")
            .real("sigma", 1.25, NEGATIVE)
            .accepts("a single point", |s| s.set("sigma", Number::Real(0.0)))
            .zero_is_fine(&["weights_len"])
            .twin(|s| {
                let mut weights = s.read::<$type>("weights");
                fill_kernel(&mut weights, s.get("sigma")).unwrap();
                s.write("weights", &weights);
            });
        let blur = contract!($blur(map, map_len, scratch, scratch_len, options, height, width))
            .in_out("map", &elements::<$type>(HEIGHT * WIDTH, 1), "map_len")
            .object("options", blur(FILTER))
            .any("height", Number::Size(HEIGHT))
            .any("width", Number::Size(WIDTH))
            .wrong_length("map_len", &[0, HEIGHT * WIDTH - 1], cause::Length, "map")
            .zero_is_described("map_len")
            .accepts("no rows", |s| {
                s.write::<$type>("map", &[]);
                s.set("height", Number::Size(0));
            })
            .refuses("another height", |s| s.set("height", Number::Size(HEIGHT + 1)), cause::Length, "map")
            .refuses("a very large width", |s| s.set("width", Number::Size(usize::MAX)), cause::Length, "map");
        let needed = FILTER.scratch_len(HEIGHT, WIDTH);
        let blur =
            with_blur_faults(on_scratch(blur, "scratch", 0.5 as $type, needed, "scratch_len"), "options", 0, "scratch")
                .accepts("zeros beyond the edge", |s| {
                    s.poke("options", offset_of!(quell_blur, boundary), quell_boundary::Zero as i32);
                    s.write("scratch", &[0.5 as $type; 64]);
                })
                .accepts("a map that wraps around", |s| {
                    s.poke("options", offset_of!(quell_blur, boundary), quell_boundary::Wrap as i32);
                    s.write("scratch", &[0.5 as $type; 64]);
                })
                .twin(|s| {
                    let (mut map, mut scratch) = (s.read::<$type>("map"), s.read::<$type>("scratch"));
                    let options = gaussian(&s.one("options"));
                    filter(&mut map, s.get("height"), s.get("width"), &options, &mut scratch).unwrap();
                    s.write("map", &map);
                    s.write("scratch", &scratch);
                });
        [kernel, blur]
    }};
}

fn blurs() -> Vec<Contract> {
    let [a, b] = filters!(f32, quell_blur_kernel_f32, quell_blur_f32);
    let [c, d] = filters!(f64, quell_blur_kernel_f64, quell_blur_f64);
    vec![
        Contract::plain("quell_blur_radius", || {
            for (sigma, truncate) in [(1.0, 4.0), (0.1, 4.0), (2.5, 3.0), (1e300, 1e300), (-1.0, 4.0), (f64::NAN, 1.0)]
            {
                assert_eq!(quell_blur_radius(sigma, truncate), radius(sigma, truncate));
            }
        }),
        contract!(quell_blur_default(out, sigma))
            .result::<quell_blur>("out")
            .real("sigma", 1.5, NEGATIVE)
            .accepts("no filter", |s| s.set("sigma", Number::Real(0.0)))
            .twin(|s| {
                let filter = blur(Gaussian::new(s.get("sigma")));
                s.write("out", &[filter]);
            }),
        contract!(quell_blur_truncated(out, sigma, truncate, boundary))
            .result::<quell_blur>("out")
            .real("sigma", 1.5, NEGATIVE)
            .real("truncate", 3.0, NEGATIVE)
            .choice("boundary", 0, 5)
            .twin(|s| {
                let boundary = boundary(s.get("boundary"));
                let filter = blur(Gaussian::truncated(s.get("sigma"), s.get("truncate"), boundary));
                s.write("out", &[filter]);
            }),
        contract!(quell_blur_of_radius(out, radius)).result::<quell_blur>("out").any("radius", Number::Size(1)).twin(
            |s| {
                let filter = blur(Gaussian::of_radius(s.get("radius")));
                s.write("out", &[filter]);
            },
        ),
        contract!(quell_blur_scratch_len(out, options, height, width))
            .result::<usize>("out")
            .object("options", blur(FILTER))
            .any("height", Number::Size(HEIGHT))
            .any("width", Number::Size(WIDTH))
            .choice_field("options", offset_of!(quell_blur, boundary), 5, "boundary")
            .accepts("a radius that overflows", |s| s.poke("options", offset_of!(quell_blur, radius_x), usize::MAX))
            .twin(|s| {
                let length = gaussian(&s.one("options")).scratch_len(s.get("height"), s.get("width"));
                s.write("out", &[length]);
            }),
        a,
        b,
        c,
        d,
    ]
}

pub fn contracts() -> Vec<Contract> {
    let maps = vec![
        map!(u8, f32, quell_difference_map_u8),
        map!(f32, f32, quell_difference_map_f32),
        map!(f64, f64, quell_difference_map_f64),
        map!(f16, f32, quell_difference_map_f16),
        map!(bf16, f32, quell_difference_map_bf16),
    ];
    [layouts(), maps, sizes(), blurs()].into_iter().flatten().collect()
}
