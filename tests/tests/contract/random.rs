//! Random draws.

use crate::contract::{Contract, contract};
use crate::scene::{Number, Scene};
use quell::random::{self, Stream};
use quell::{bf16, f16};
use quell_ffi::random::*;
use quell_ffi::status::quell_cause as cause;

fn stream(scene: &Scene) -> Stream {
    Stream { seed: scene.get("seed"), stream: scene.get("stream"), step: scene.get("step") }
}

/// The parameters that every single draw has.
fn draw(contract: Contract) -> Contract {
    contract
        .any("seed", Number::Long(0x0123_4567_89ab_cdef))
        .any("stream", Number::Word(2))
        .any("step", Number::Word(9))
        .any("first_element", Number::Long(5))
        .zero_is_fine(&["n"])
        .accepts("the last elements", |s| s.set("first_element", Number::Long(u64::MAX - 13)))
        .refuses(
            "past the last element",
            |s| s.set("first_element", Number::Long(u64::MAX - 12)),
            cause::Domain,
            "first_element",
        )
}

macro_rules! fills {
    ($type:ty, $normal:ident, $batch:ident) => {
        [
            draw(contract!($normal(out, n, seed, stream, step, first_element)).output::<$type>("out", 13, "n")).twin(
                |s| {
                    let mut out = s.read::<$type>("out");
                    random::fill_normal(&mut out, stream(s), s.get("first_element")).unwrap();
                    s.write("out", &out);
                },
            ),
            contract!($batch(out, n, seeds, seeds_len, stream, step))
                .output::<$type>("out", 15, "n")
                .input("seeds", &[3u64, 0, u64::MAX], "seeds_len")
                .any("stream", Number::Word(2))
                .any("step", Number::Word(9))
                .wrong_length("n", &[14, 16, 1], cause::Length, "out")
                .wrong_length("seeds_len", &[2], cause::Length, "out")
                .zero_is_fine(&["n"])
                .zero_is_fine(&["n", "seeds_len"])
                .zero_is_wrong("seeds_len", cause::Length, "out")
                .twin(|s| {
                    let mut out = s.read::<$type>("out");
                    let seeds = s.read("seeds");
                    random::fill_normal_batch(&mut out, &seeds, s.get("stream"), s.get("step")).unwrap();
                    s.write("out", &out);
                }),
        ]
    };
}

macro_rules! uniform {
    ($type:ty, $uniform:ident) => {
        draw(contract!($uniform(out, n, seed, stream, step, first_element)).output::<$type>("out", 13, "n")).twin(|s| {
            let mut out = s.read::<$type>("out");
            random::fill_uniform(&mut out, stream(s), s.get("first_element")).unwrap();
            s.write("out", &out);
        })
    };
}

pub fn contracts() -> Vec<Contract> {
    let philox = contract!(quell_philox4x32_10(out, counter, key))
        .results::<u32>("out", 4)
        .objects("counter", &[1u32, 2, 3, 4])
        .objects("key", &[5u32, 6])
        .twin(|s| {
            let (counter, key) = (s.read("counter").try_into().unwrap(), s.read("key").try_into().unwrap());
            s.write("out", &random::philox4x32_10(counter, key));
        });
    let mut contracts = vec![philox, uniform!(f32, quell_uniform_f32), uniform!(f64, quell_uniform_f64)];
    contracts.extend(fills!(f32, quell_normal_f32, quell_normal_batch_f32));
    contracts.extend(fills!(f64, quell_normal_f64, quell_normal_batch_f64));
    contracts.extend(fills!(f16, quell_normal_f16, quell_normal_batch_f16));
    contracts.extend(fills!(bf16, quell_normal_bf16, quell_normal_batch_bf16));
    contracts
}
