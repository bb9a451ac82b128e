//! One noising path of a sample, seen at each level of a grid.

use super::mmse::check_grid;
use crate::error::{Argument, Error, check};
use crate::random::{Stream, fill_normal_unchecked};
use crate::{Scalar, Storage};

/// How many normals are drawn at a time.
const CHUNK: usize = 128;

/// Fills `x` with the states of one noising path of `x0`, one for each of `sigmas`, from the noisiest down as they are:
/// each is the next one, with less noise, and fresh noise of variance σ² less the next σ².
///
/// The noise of level k is drawn with step word `stream.step` + k, whatever was drawn before: a run that goes on with
/// another sample after a break has the same bits. States are rounded once a level to `T`; single precision is enough.
///
/// # Errors
///
/// [`Error::Domain`] or [`Error::Order`] for `sigmas` that are not positive and strictly decreasing,
/// [`Error::TooShort`] for none; [`Error::Length`] for `x` that is not as many times as long as `x0`; [`Error::Domain`]
/// for a `step` of the stream so large that those of the levels do not fit 32 bits.
pub fn fill_path<T: Storage>(x: &mut [T], x0: &[T], sigmas: &[f64], stream: Stream) -> Result<(), Error> {
    check_grid(Argument::Sigmas, sigmas, 1)?;
    check::length(Argument::X, x0.len().saturating_mul(sigmas.len()), x.len())?;
    if u32::try_from(sigmas.len() - 1).ok().and_then(|last| stream.step.checked_add(last)).is_none() {
        return Err(Error::Domain { argument: Argument::Step, value: f64::from(stream.step) });
    }
    if x0.is_empty() {
        return Ok(());
    }
    let (mut below, mut sigma_below) = (x0, 0.0);
    let mut rest = x;
    for (level, &sigma) in sigmas.iter().enumerate().rev() {
        let Some((noisier, row)) = rest.split_at_mut_checked(level * x0.len()) else { break };
        let stream = Stream { step: stream.step.wrapping_add(level as u32), ..stream };
        // A product, since the difference of two squares cancels.
        let scale = libm::sqrt((sigma - sigma_below) * (sigma + sigma_below));
        let mut noise = [0f32; CHUNK];
        for (chunk, (row, below)) in row.chunks_mut(CHUNK).zip(below.chunks(CHUNK)).enumerate() {
            fill_normal_unchecked(&mut noise, stream, (chunk * CHUNK) as u64);
            for ((x, &below), &noise) in row.iter_mut().zip(below).zip(&noise) {
                *x = T::store(T::Acc::from_f64(below.load().to_f64() + scale * f64::from(noise)));
            }
        }
        (below, sigma_below, rest) = (row, sigma, noisier);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::vec;

    const GRID: [f64; 5] = [8.0, 4.0, 1.0, 0.5, 0.1];

    #[test]
    fn a_path_is_a_sum_of_its_draws() {
        let (x0, stream) = ([0.5f64, -1.0, 2.0], Stream { seed: 3, stream: 1, step: 7 });
        let mut path = [f64::NAN; 15];
        fill_path(&mut path, &x0, &GRID, stream).unwrap();
        let mut state = x0;
        let mut below = 0.0f64;
        for level in (0..5).rev() {
            let mut noise = [0f32; 3];
            let address = Stream { step: 7 + level as u32, ..stream };
            crate::random::fill_normal(&mut noise, address, 0).unwrap();
            for (x, z) in state.iter_mut().zip(noise) {
                *x += (GRID[level].powi(2) - below.powi(2)).sqrt() * f64::from(z);
            }
            below = GRID[level];
            let row = &path[3 * level..3 * level + 3];
            assert!(row.iter().zip(&state).all(|(a, b)| (a - b).abs() < 1e-13), "{row:?} {state:?}");
        }
    }

    /// Longer than a chunk, and elements that do not depend on how many there are.
    #[test]
    fn the_noise_of_an_element_is_its_own() {
        let stream = Stream { seed: 9, stream: 0, step: 0 };
        let (mut long, mut short) = (vec![0f32; 300 * 2], vec![0f32; 7 * 2]);
        fill_path(&mut long, &[1.0; 300], &GRID[..2], stream).unwrap();
        fill_path(&mut short, &[1.0; 7], &GRID[..2], stream).unwrap();
        assert_eq!((&long[..7], &long[300..307]), (&short[..7], &short[7..]));
    }

    #[test]
    fn a_bad_path_is_not_begun() {
        let refused = |result: Result<(), Error>| result.unwrap_err().argument();
        let mut path = [7.0; 10];
        assert_eq!(refused(fill_path(&mut path[1..], &[0.0; 2], &GRID, Stream::default())), Argument::X);
        let last = Stream { step: u32::MAX - 3, ..Stream::default() };
        assert_eq!(refused(fill_path(&mut path, &[0.0; 2], &GRID, last)), Argument::Step);
        assert_eq!(refused(fill_path(&mut path, &[0.0; 2], &[1.0, 0.0], Stream::default())), Argument::Sigmas);
        assert_eq!(path, [7.0; 10]);
    }
}
