//! Connected components, and the removal of small ones.

use super::on_scratch;
use crate::contract::{Contract, contract};
use crate::scene::{Number, Scene};
use quell::correspondence::components::{self, Connectivity};
use quell_ffi::correspondence::components::*;
use quell_ffi::status::quell_cause as cause;

const HEIGHT: usize = 3;
const WIDTH: usize = 4;
const N: usize = HEIGHT * WIDTH;
/// Labels whose components depend on what is connected.
const LABELS: [u8; N] = [0, 1, 0, 0, 1, 0, 0, 2, 1, 1, 2, 2];

fn connectivity(s: &Scene) -> Connectivity {
    match s.get::<i32>("connectivity") {
        4 => Connectivity::Four,
        8 => Connectivity::Eight,
        other => panic!("no connectivity {other}"),
    }
}

/// Adds the size of the image, and what is connected.
fn on_image(contract: Contract) -> Contract {
    let mut contract = contract
        .zero_is_wrong("n", cause::Length, "labels")
        .wrong_length("n", &[N - 1], cause::Length, "labels")
        .any("height", Number::Size(HEIGHT))
        .any("width", Number::Size(WIDTH))
        .accepts("another shape", |s| {
            s.set("height", Number::Size(WIDTH));
            s.set("width", Number::Size(HEIGHT));
        })
        .refuses("fewer rows", |s| s.set("height", Number::Size(HEIGHT - 1)), cause::Length, "labels")
        .refuses("more columns", |s| s.set("width", Number::Size(WIDTH + 1)), cause::Length, "labels")
        .refuses("very many rows", |s| s.set("height", Number::Size(usize::MAX)), cause::Domain, "height")
        .any("connectivity", Number::Signed(4))
        .accepts("corners", |s| s.set("connectivity", Number::Signed(8)));
    for bad in [-1, 0, 5, i32::MIN, i32::MAX] {
        let what = format!("connectivity {bad}");
        let set = move |s: &mut Scene| s.set("connectivity", Number::Signed(bad));
        contract = contract.refuses(what, set, cause::Unknown, "connectivity");
    }
    contract
}

macro_rules! components {
    ($label:ty, $components:ident, $remove_small:ident) => {
        [
            on_image(
                contract!($components(out, components, labels, n, height, width, connectivity))
                    .result::<usize>("out")
                    .output::<u32>("components", N, "n")
                    .input("labels", &LABELS.map(<$label>::from), "n"),
            )
            .twin(|s| {
                let (mut numbers, labels) = (s.read::<u32>("components"), s.read::<$label>("labels"));
                let (height, width) = (s.get("height"), s.get("width"));
                let count = components::fill_components(&mut numbers, &labels, height, width, connectivity(s)).unwrap();
                s.write("out", &[count]);
                s.write("components", &numbers);
            }),
            on_image(on_scratch(
                contract!($remove_small(out, labels, n, scratch, scratch_len, height, width, connectivity, least))
                    .result::<usize>("out")
                    .in_out("labels", &LABELS.map(<$label>::from), "n"),
                "scratch",
                7u32,
                4 * N,
                "scratch_len",
            ))
            .any("least", Number::Size(2))
            .accepts("nothing to remove", |s| s.set("least", Number::Size(0)))
            .accepts("everything too small", |s| s.set("least", Number::Size(usize::MAX)))
            .twin(|s| {
                let (mut labels, mut scratch) = (s.read::<$label>("labels"), s.read::<u32>("scratch"));
                let (height, width, least) = (s.get("height"), s.get("width"), s.get("least"));
                let connectivity = connectivity(s);
                let count =
                    components::remove_small(&mut labels, height, width, connectivity, least, &mut scratch).unwrap();
                s.write("out", &[count]);
                s.write("labels", &labels);
                s.write("scratch", &scratch);
            }),
        ]
    };
}

pub fn contracts() -> Vec<Contract> {
    let plain = vec![
        Contract::plain("quell_remove_small_scratch_len", || {
            for (height, width) in [(0, 4), (3, 4), (usize::MAX / 2, 3)] {
                assert_eq!(quell_remove_small_scratch_len(height, width), components::scratch_len(height, width));
            }
        }),
        contract!(quell_component_areas(areas, areas_len, components, components_len))
            .output::<u32>("areas", 4, "areas_len")
            .input("components", &[0u32, 0, 1, 2, 1, 0], "components_len")
            .zero_is_wrong("areas_len", cause::TooShort, "areas")
            .wrong_length("areas_len", &[2], cause::TooShort, "areas")
            .zero_is_fine(&["components_len"])
            .refuses("a great number", |s| s.poke_element("components", 2, u32::MAX), cause::TooShort, "areas")
            .twin(|s| {
                let (mut areas, components) = (s.read::<u32>("areas"), s.read::<u32>("components"));
                components::fill_areas(&mut areas, &components).unwrap();
                s.write("areas", &areas);
            }),
    ];
    let u8s = components!(u8, quell_components_u8, quell_remove_small_u8);
    let u16s = components!(u16, quell_components_u16, quell_remove_small_u16);
    plain.into_iter().chain(u8s).chain(u16s).collect()
}
