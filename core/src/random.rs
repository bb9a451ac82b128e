//! Random numbers that are addressed, not sequenced: a draw is a pure function of (seed, stream, step, element).
//!
//! The generator is Philox4x32-10 (Salmon, Moraes, Dror and Shaw, *Parallel random numbers: as easy as 1, 2, 3*,
//! SC 2011). The counter is (element/4 low, element/4 high, step, stream) and the key is the seed, so each block of
//! the cipher serves four neighbouring elements. A sub-range can be drawn alone, and neither the length of a call, nor
//! the number of threads, nor the machine changes a bit: all arithmetic is integer, or correctly rounded `+`, `*` and
//! square root.

use crate::error::{Argument, Error, check};
use crate::{Scalar, Storage};

/// One block of Philox4x32 with ten rounds: four words from a counter of four words and a key of two.
///
/// # Example
///
/// ```
/// let words = quell::random::philox4x32_10([0; 4], [0; 2]);
/// assert_eq!(words, [0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8]);
/// ```
pub const fn philox4x32_10(counter: [u32; 4], key: [u32; 2]) -> [u32; 4] {
    let [mut c0, mut c1, mut c2, mut c3] = counter;
    let [mut k0, mut k1] = key;
    let mut round = 0;
    while round < 10 {
        let p0 = 0xd251_1f53u64 * c0 as u64;
        let p1 = 0xcd9e_8d57u64 * c2 as u64;
        (c0, c1, c2, c3) = ((p1 >> 32) as u32 ^ c1 ^ k0, p1 as u32, (p0 >> 32) as u32 ^ c3 ^ k1, p0 as u32);
        k0 = k0.wrapping_add(0x9e37_79b9);
        k1 = k1.wrapping_add(0xbb67_ae85);
        round += 1;
    }
    [c0, c1, c2, c3]
}

/// The address of a draw, less its element.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Stream {
    /// Which sequence of experiments: the cipher's key. Usually one seed for each batch item.
    pub seed: u64,
    /// Which independent use within an experiment, such as step noise (0) or inpainting noise (1).
    pub stream: u32,
    /// Which draw of that use, such as the position of a solver step.
    pub step: u32,
}

impl Stream {
    #[inline(always)]
    fn block(self, index: u64) -> [u32; 4] {
        philox4x32_10(
            [index as u32, (index >> 32) as u32, self.step, self.stream],
            [self.seed as u32, (self.seed >> 32) as u32],
        )
    }
}

/// The uniform in [0, 1) that a word stands for: its upper 24 bits times 2⁻²⁴, exact in `f32`.
#[inline(always)]
pub fn uniform_from_bits(bits: u32) -> f32 {
    (bits >> 8) as f32 * (1.0 / (1 << 24) as f32)
}

/// The uniform in [0, 1) that two words stand for: 53 bits times 2⁻⁵³, exact in `f64`.
#[inline(always)]
pub fn uniform_from_bits_f64(low: u32, high: u32) -> f64 {
    ((high as u64) << 32 | low as u64).wrapping_shr(11) as f64 * (1.0 / (1u64 << 53) as f64)
}

/// −2·ln u for u = (k + ½)·2⁻²³, where k is the upper 23 bits of `bits`: its root is at most 5.768, never zero or
/// infinite.
///
/// The logarithm is a polynomial of our own: ln(1 + f) = f − f²/2 + f³·P(f) on √½ ≤ 1 + f < √2 (minimax to 1e-7
/// relative in the root), and a multiple of 2·ln 2 in two parts.
#[inline(always)]
fn squared_radius(bits: u32) -> f32 {
    let u = ((bits >> 9) as i32 as f32 + 0.5) * (1.0 / (1 << 23) as f32);
    let shifted = u.to_bits().wrapping_add(0x3f80_0000 - 0x3f35_04f3);
    let exponent = (shifted >> 23) as i32 - 127;
    let f = f32::from_bits((shifted & 0x007f_ffff) + 0x3f35_04f3) - 1.0;
    let mut p = 0.069_153_68_f32;
    p = p * f - 0.117_898_08;
    p = p * f + 0.118_729_76;
    p = p * f - 0.123_843_48;
    p = p * f + 0.142_186_58;
    p = p * f - 0.166_692_51;
    p = p * f + 0.200_022_27;
    p = p * f - 0.249_999_87;
    p = p * f + 0.333_333_1;
    let ff = f * f;
    let minus_exponent = -exponent as f32;
    let mut t = ff + -2.0 * ((ff * f) * p);
    t += minus_exponent * 2.857_213_5e-6;
    t += -2.0 * f;
    t + minus_exponent * 1.386_291_5
}

/// Cosine and sine of an angle that is uniform on the circle: two bits choose the quadrant, 24 signed bits the angle
/// within it.
#[inline(always)]
fn cos_sin(bits: u32) -> (f32, f32) {
    let r = (((bits << 2) as i32) >> 8) as f32 * (1.0 / (1 << 24) as f32);
    let z = r * r;
    let mut sine = 0.000_158_206_73_f32;
    sine = sine * z - 0.004_681_266_4;
    sine = sine * z + 0.079_692_58;
    sine = sine * z - 0.645_964_06;
    sine = sine * z + 1.570_796_4;
    sine *= r;
    let mut cosine = 0.000_904_021_6_f32;
    cosine = cosine * z - 0.020_860_288;
    cosine = cosine * z + 0.253_669_23;
    cosine = cosine * z - 1.233_700_5;
    cosine = cosine * z + 1.0;
    let quadrant = bits >> 30;
    let (c, s) = if quadrant & 1 == 1 { (sine, cosine) } else { (cosine, sine) };
    (if quadrant == 1 || quadrant == 2 { -c } else { c }, if quadrant >= 2 { -s } else { s })
}

/// Four standard normals from one block, by the method of Box and Muller: words 0 and 1 give the first two, words 2
/// and 3 the others.
#[inline(always)]
pub fn normals_from_bits(words: [u32; 4]) -> [f32; 4] {
    let radius = |bits| libm::sqrtf(squared_radius(bits));
    let (first, second) = (radius(words[0]), radius(words[2]));
    let (c0, s0) = cos_sin(words[1]);
    let (c1, s1) = cos_sin(words[3]);
    [first * c0, first * s0, second * c1, second * s1]
}

/// Blocks that are drawn together, so that each stage is a loop that becomes vector instructions.
const GROUP: usize = 32;

/// What [`normals_from_bits`] gives for the blocks from `block` on, stage by stage.
#[inline(always)]
fn normals_of_group(stream: Stream, block: u64) -> [[f32; 4]; GROUP] {
    let [mut w0, mut w1, mut w2, mut w3] = [[0u32; GROUP]; 4];
    for (i, (((w0, w1), w2), w3)) in w0.iter_mut().zip(&mut w1).zip(&mut w2).zip(&mut w3).enumerate() {
        [*w0, *w1, *w2, *w3] = stream.block(block.wrapping_add(i as u64));
    }
    let (mut first, mut second) = (w0.map(squared_radius), w2.map(squared_radius));
    for radius in first.iter_mut().chain(&mut second) {
        *radius = libm::sqrtf(*radius);
    }
    let mut out = [[0.0; 4]; GROUP];
    for ((out, (&first, &second)), (&w1, &w3)) in out.iter_mut().zip(first.iter().zip(&second)).zip(w1.iter().zip(&w3))
    {
        let (c0, s0) = cos_sin(w1);
        let (c1, s1) = cos_sin(w3);
        *out = [first * c0, first * s0, second * c1, second * s1];
    }
    out
}

/// Calls `draw` for the blocks that cover `out` from `first_element` on, and hands it the part that each block fills.
#[inline(always)]
fn fill_blocks<X: Copy, const PER_BLOCK: usize>(
    out: &mut [X],
    first_element: u64,
    mut draw: impl FnMut(u64) -> [X; PER_BLOCK],
) {
    let width = PER_BLOCK as u64;
    let mut block = first_element / width;
    let skip = (first_element % width) as usize;
    let (head, body) = out.split_at_mut(((PER_BLOCK - skip) % PER_BLOCK).min(out.len()));
    if !head.is_empty() {
        for (x, value) in head.iter_mut().zip(draw(block).into_iter().skip(skip)) {
            *x = value;
        }
        block = block.wrapping_add(1);
    }
    for chunk in body.chunks_mut(PER_BLOCK) {
        for (x, value) in chunk.iter_mut().zip(draw(block)) {
            *x = value;
        }
        block = block.wrapping_add(1);
    }
}

/// Fills `out` with standard normals: element `k` of the slice is element `first_element + k` of the stream.
///
/// The draws are made in `f32` from 23 bits of radius and 26 of angle, and are the same numbers for each storage type:
/// widened for `f64`, rounded for 16 bits.
///
/// # Errors
///
/// [`Error::Domain`] for `first_element` when it and the length together exceed 2⁶⁴ − 1.
///
/// # Example
///
/// ```
/// use quell::random::{Stream, fill_normal};
/// let stream = Stream { seed: 7, stream: 0, step: 3 };
/// let (mut whole, mut part) = ([0f32; 10], [0f32; 4]);
/// fill_normal(&mut whole, stream, 0)?;
/// fill_normal(&mut part, stream, 5)?;
/// assert_eq!(whole[5..9], part);
/// # Ok::<(), quell::Error>(())
/// ```
pub fn fill_normal<X: Storage>(out: &mut [X], stream: Stream, first_element: u64) -> Result<(), Error> {
    check_range(out.len(), first_element)?;
    fill_normal_unchecked(out, stream, first_element);
    Ok(())
}

#[inline(always)]
pub(crate) fn fill_normal_unchecked<X: Storage>(out: &mut [X], stream: Stream, first_element: u64) {
    let store = |z: f32| X::store(X::Acc::from_f64(z as f64));
    let single = |out: &mut [X], first_element| {
        fill_blocks(out, first_element, |block| normals_from_bits(stream.block(block)).map(store));
    };
    // Up to a whole block, whole groups, and what is left.
    let head = (first_element.wrapping_neg() % 4).min(out.len() as u64);
    let (before, out) = out.split_at_mut(head as usize);
    single(before, first_element);
    let mut first_element = first_element.wrapping_add(head);
    let mut groups = out.chunks_exact_mut(4 * GROUP);
    for group in &mut groups {
        let (blocks, _) = group.as_chunks_mut();
        for (out, block) in blocks.iter_mut().zip(normals_of_group(stream, first_element / 4)) {
            *out = block.map(store);
        }
        first_element = first_element.wrapping_add(4 * GROUP as u64);
    }
    single(groups.into_remainder(), first_element);
}

/// Fills `out` with uniforms in [0, 1): element `k` of the slice is element `first_element + k` of the stream.
///
/// Single precision takes one word an element (24 bits), double precision two (53 bits): the two types give different
/// numbers.
///
/// # Errors
///
/// [`Error::Domain`] for `first_element` when it and the length together exceed 2⁶⁴ − 1.
pub fn fill_uniform<T: Uniform>(out: &mut [T], stream: Stream, first_element: u64) -> Result<(), Error> {
    check_range(out.len(), first_element)?;
    T::fill(out, stream, first_element);
    Ok(())
}

/// A type that uniforms can be drawn in: `f32` or `f64`.
pub trait Uniform: Scalar {
    #[doc(hidden)]
    fn fill(out: &mut [Self], stream: Stream, first_element: u64);
}

impl Uniform for f32 {
    fn fill(out: &mut [Self], stream: Stream, first_element: u64) {
        fill_blocks(out, first_element, |block| stream.block(block).map(uniform_from_bits));
    }
}

impl Uniform for f64 {
    fn fill(out: &mut [Self], stream: Stream, first_element: u64) {
        fill_blocks(out, first_element, |block| {
            let [a, b, c, d] = stream.block(block);
            [uniform_from_bits_f64(a, b), uniform_from_bits_f64(c, d)]
        });
    }
}

fn check_range(length: usize, first_element: u64) -> Result<(), Error> {
    match first_element.checked_add(length as u64) {
        Some(_) => Ok(()),
        None => Err(Error::Domain { argument: Argument::FirstElement, value: first_element as f64 }),
    }
}

/// Fills a batch of `seeds.len()` equal items with standard normals, each from its own seed, so that an item's noise
/// does not depend on the batch it travels in.
///
/// # Errors
///
/// [`Error::Length`] for `out` when its length is not a multiple of the number of seeds.
pub fn fill_normal_batch<X: Storage>(out: &mut [X], seeds: &[u64], stream: u32, step: u32) -> Result<(), Error> {
    if seeds.is_empty() {
        return check::length(Argument::Out, 0, out.len());
    }
    let item = out.len() / seeds.len();
    check::length(Argument::Out, item * seeds.len(), out.len())?;
    if item > 0 {
        for (chunk, &seed) in out.chunks_exact_mut(item).zip(seeds) {
            fill_normal_unchecked(chunk, Stream { seed, stream, step }, 0);
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::{vec, vec::Vec};

    /// Random123, `kat_vectors`.
    #[test]
    fn philox_gives_the_three_published_answers() {
        let all = u32::MAX;
        assert_eq!(philox4x32_10([0; 4], [0; 2]), [0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8]);
        assert_eq!(philox4x32_10([all; 4], [all; 2]), [0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd]);
        assert_eq!(
            philox4x32_10([0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344], [0xa4093822, 0x299f31d0]),
            [0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1]
        );
    }

    #[test]
    fn any_sub_range_equals_its_part_of_the_whole() {
        let stream = Stream { seed: 0x0123_4567_89ab_cdef, stream: 2, step: 9 };
        let mut whole = vec![0f32; 40];
        let mut uniform = vec![0f64; 40];
        fill_normal(&mut whole, stream, 0).unwrap();
        fill_uniform(&mut uniform, stream, 0).unwrap();
        for start in 0..=40 {
            for end in start..=40 {
                let mut part = vec![0f32; end - start];
                fill_normal(&mut part, stream, start as u64).unwrap();
                assert_eq!(part, whole[start..end]);
                let mut part = vec![0f64; end - start];
                fill_uniform(&mut part, stream, start as u64).unwrap();
                assert_eq!(part, uniform[start..end]);
            }
        }
    }

    #[test]
    fn groups_are_their_blocks() {
        let stream = Stream { seed: 3, stream: 1, step: 2 };
        let mut whole = vec![0f64; 8 * GROUP + 7];
        fill_normal(&mut whole, stream, 6).unwrap();
        for (k, z) in whole.iter().enumerate() {
            let element = k + 6;
            let block = normals_from_bits(stream.block(element as u64 / 4));
            assert_eq!(*z, block[element % 4] as f64);
        }
    }

    #[test]
    fn every_coordinate_of_the_address_matters() {
        let base = Stream { seed: 1, stream: 1, step: 1 };
        let draw = |stream: Stream, first| {
            let mut out = [0f32; 8];
            fill_normal(&mut out, stream, first).unwrap();
            out.map(f32::to_bits)
        };
        let all: Vec<_> = [
            draw(base, 0),
            draw(Stream { seed: 2, ..base }, 0),
            draw(Stream { seed: 1 | 1 << 32, ..base }, 0),
            draw(Stream { stream: 2, ..base }, 0),
            draw(Stream { step: 2, ..base }, 0),
            draw(base, 1 << 34),
        ]
        .into();
        for (i, a) in all.iter().enumerate() {
            for b in &all[..i] {
                assert!(a.iter().zip(b).all(|(a, b)| a != b));
            }
        }
    }

    #[test]
    fn extreme_words_give_finite_normals_and_uniforms_below_one() {
        for word in [0, 1, 0x1ff, 0x200, 0x7fff_ffff, 0x8000_0000, u32::MAX] {
            for other in [0, 0x3fff_ffff, 0x4000_0000, 0x8000_0000, 0xc000_0000, u32::MAX] {
                for z in normals_from_bits([word, other, word, other]) {
                    assert!(z.is_finite() && z.abs() < 5.769);
                }
            }
            assert!((0.0..1.0).contains(&uniform_from_bits(word)));
            assert!((0.0..1.0).contains(&uniform_from_bits_f64(word, word)));
        }
        assert_eq!(uniform_from_bits_f64(u32::MAX, u32::MAX), 1.0 - f64::EPSILON / 2.0);
    }

    #[test]
    fn radius_and_angle_are_accurate() {
        for k in (0..1u32 << 23).step_by(61) {
            let exact = (-2.0 * ((k as f64 + 0.5) / (1 << 23) as f64).ln()).sqrt();
            assert!((squared_radius(k << 9).sqrt() as f64 / exact - 1.0).abs() < 1.2e-7, "{k}");
        }
        for bits in (0..=u32::MAX).step_by(100_003) {
            let (c, s) = cos_sin(bits);
            let fraction = (((bits << 2) as i32) >> 8) as f64 / (1 << 24) as f64;
            let angle = core::f64::consts::FRAC_PI_2 * ((bits >> 30) as f64 + fraction);
            assert!((c as f64 - angle.cos()).abs() < 1.2e-7 && (s as f64 - angle.sin()).abs() < 1.2e-7);
        }
    }

    #[test]
    fn a_batch_is_its_items_drawn_alone() {
        let seeds = [5, 6, 7];
        let mut batch = [0f32; 15];
        fill_normal_batch(&mut batch, &seeds, 0, 4).unwrap();
        for (item, seed) in batch.chunks(5).zip(seeds) {
            let mut alone = [0f32; 5];
            fill_normal(&mut alone, Stream { seed, stream: 0, step: 4 }, 0).unwrap();
            assert_eq!(item, alone);
        }
        assert!(fill_normal_batch(&mut batch[..14], &seeds, 0, 0).is_err());
        assert!(fill_normal_batch(&mut batch, &[], 0, 0).is_err());
        assert!(fill_normal_batch::<f32>(&mut [], &[], 0, 0).is_ok());
    }

    #[test]
    fn a_range_past_the_last_element_is_refused() {
        let mut out = [0f32; 4];
        assert!(fill_normal(&mut out, Stream::default(), u64::MAX - 3).is_err());
        assert_eq!(out, [0.0; 4]);
        assert!(fill_normal(&mut out, Stream::default(), u64::MAX - 4).is_ok());
    }
}
