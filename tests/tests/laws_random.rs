//! Laws of the addressed random numbers: an element is a function of its address, whatever the call it is drawn in.

use proptest::prelude::*;
use quell::random::{
    Stream, fill_normal, fill_normal_batch, fill_uniform, philox4x32_10, uniform_from_bits, uniform_from_bits_f64,
};
use quell::{bf16, f16};
use quell_tests::naive::{self, Element};
use quell_tests::sampler::same_bits;
use quell_tests::strategies::{config, size};

const REGRESSIONS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/proptest-regressions/laws_random.txt");

fn stream() -> impl Strategy<Value = Stream> {
    (any::<u64>(), any::<u32>(), any::<u32>()).prop_map(|(seed, stream, step)| Stream { seed, stream, step })
}

/// Around the edges of blocks, of 32 bits of block number, and of the whole range.
fn first_element() -> impl Strategy<Value = u64> {
    let edge = prop_oneof![Just(0u64), Just(1 << 33), Just(1 << 34), Just(u64::MAX - 1030), any::<u64>()];
    (edge, 0..9u64).prop_map(|(edge, offset)| edge.saturating_add(offset).min(u64::MAX - 1025))
}

fn normals_are_addressed<X: Element>(stream: Stream, first: u64, n: usize) -> Result<(), TestCaseError> {
    let mut out = vec![X::narrow(f64::NAN); n];
    fill_normal(&mut out, stream, first).expect("a range");
    let expected: Vec<X> = (0..n as u64).map(|k| X::narrow(f64::from(naive::normal(stream, first + k)))).collect();
    prop_assert!(same_bits(&out, &expected));
    Ok(())
}

proptest! {
    #![proptest_config(config(REGRESSIONS))]

    #[test]
    fn normals_depend_on_their_address_alone(stream in stream(), first in first_element(), n in size()) {
        normals_are_addressed::<f32>(stream, first, n)?;
        normals_are_addressed::<f64>(stream, first, n)?;
        normals_are_addressed::<f16>(stream, first, n)?;
        normals_are_addressed::<bf16>(stream, first, n)?;
    }

    /// (41): uniforms stay in [0, 1), too.
    #[test]
    fn uniforms_depend_on_their_address_alone(stream in stream(), first in first_element(), n in size()) {
        let words = |block: u64| philox4x32_10(
            [block as u32, (block >> 32) as u32, stream.step, stream.stream],
            [stream.seed as u32, (stream.seed >> 32) as u32],
        );
        let (mut single, mut double) = (vec![f32::NAN; n], vec![f64::NAN; n]);
        fill_uniform(&mut single, stream, first).unwrap();
        fill_uniform(&mut double, stream, first).unwrap();
        for (k, (&single, &double)) in single.iter().zip(&double).enumerate() {
            let k = first + k as u64;
            prop_assert_eq!(single, uniform_from_bits(words(k / 4)[(k % 4) as usize]));
            let pair = &words(k / 2)[(k % 2 * 2) as usize..];
            prop_assert_eq!(double, uniform_from_bits_f64(pair[0], pair[1]));
            prop_assert!((0.0..1.0).contains(&single) && (0.0..1.0).contains(&double));
        }
    }

    /// (19, 52)
    #[test]
    fn a_batch_is_its_items(
        seeds in prop::collection::vec(any::<u64>(), 1..5), item in size(), stream in any::<u32>(), step in any::<u32>(),
    ) {
        let mut batch = vec![0f32; seeds.len() * item];
        fill_normal_batch(&mut batch, &seeds, stream, step).unwrap();
        for (k, &seed) in seeds.iter().enumerate() {
            let mut alone = vec![0f32; item];
            fill_normal(&mut alone, Stream { seed, stream, step }, 0).unwrap();
            prop_assert_eq!(&batch[k * item..(k + 1) * item], alone);
        }
    }
}
