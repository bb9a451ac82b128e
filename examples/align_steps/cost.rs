//! What a schedule costs with the trained network: the paper's search as the paper does it, and the one-pass table.

use crate::data::Digits;
use crate::denoiser::Denoise;
use crate::options::Options;
use crate::schedules::{Known, Range};
use crate::subjects::{Kind, Subject};
use anyhow::{Context, Result};
use quell::diffusion::bound::search::{CANDIDATES, fill_candidates};
use quell::diffusion::bound::{Candidates, Importance, Moments, fill_pair, squared_distance, stratified};
use quell::random::{self, Stream};
use std::fmt::Write;
use std::time::Instant;

/// The paper's procedure: ten steps, so many samples for each estimate, each from two evaluations.
const LEVELS: usize = 11;
const SAMPLES: usize = 8192;
const PAIR: usize = 2;
/// Its deviation for the importance sampling.
const DEVIATION: f64 = 0.5;

/// Samples that share a draw, so that a batch has one noise level.
const BATCH: usize = 64;
/// The draws that are really made; the rest is extrapolated.
const DRAWS: usize = 4;

/// Streams of the random numbers.
const NOISE: u32 = 6;
const PATH: u32 = 7;

/// Measures both and says what was measured and what was extrapolated.
pub fn report(options: &Options, range: Range, digits: &Digits) -> Result<String> {
    let options = Options { denoisers: vec![Kind::Trained], ..options.clone() };
    let mut subject = Subject::all(&options, digits)?.pop().context("there is no network")?;
    let images = digits.train.as_slice().context("the images are not in one piece")?;

    let start = Instant::now();
    let measured = candidates_of_one_level(&*subject.denoiser, range, images)?;
    let each = start.elapsed().as_secs_f64() / measured as f64;
    let sweep = (LEVELS - 2) * CANDIDATES * SAMPLES * PAIR;

    let start = Instant::now();
    subject.measure(&options, digits, |_| ())?;
    let table = (subject.tables.evaluations(), start.elapsed().as_secs_f64());

    let mut text = String::new();
    writeln!(text, "| | evaluations | seconds |\n| --- | --- | --- |")?;
    for sweeps in [1, 5, 10, 300] {
        let evaluations = sweeps * sweep;
        writeln!(
            text,
            "| the paper's search, {sweeps} sweep{} | {evaluations} | {:.0} (extrapolated) |",
            if sweeps == 1 { "" } else { "s" },
            each * evaluations as f64
        )?;
    }
    writeln!(
        text,
        "| the one-pass table, {} levels, {} samples | {} | {:.1} |",
        options.levels, options.table_samples, table.0, table.1
    )?;
    writeln!(
        text,
        "\nThe search: {} levels to move, {CANDIDATES} candidates, {SAMPLES} samples for each estimate, {PAIR} evaluations a \
         sample.\nMeasured: {measured} evaluations, {:.3} ms each, in batches of {BATCH}. The rest is extrapolated.",
        LEVELS - 2,
        1e3 * each
    )?;
    Ok(text)
}

/// Compares the candidates for the middle level of Karras's schedule on a part of the samples, all on the same noise, and
/// returns the evaluations that it took.
fn candidates_of_one_level(denoiser: &dyn Denoise, range: Range, images: &[f32]) -> Result<usize> {
    let sigmas = Known::Karras.levels(LEVELS, range)?;
    let middle = LEVELS / 2;
    let (upper, lower) = (sigmas[middle - 1], sigmas[middle + 1]);
    let mut candidates = [0.0; CANDIDATES];
    fill_candidates(&mut candidates, &sigmas, middle)?;
    let (mut values, mut differences) = ([Moments::default(); CANDIDATES], [Moments::default(); CANDIDATES]);
    let mut comparison = Candidates::new(&mut values, &mut differences)?;
    let item = denoiser.item_len();
    let length = BATCH * item;
    let (mut x, mut x_from, mut out, mut out_from) =
        (vec![0f32; length], vec![0f32; length], vec![0f32; length], vec![0f32; length]);
    let (mut noise, mut path) = (vec![0f32; length], vec![0f32; length]);
    let mut evaluations = 0;
    for (draw, x0) in images.chunks_exact(length).take(DRAWS).enumerate() {
        random::fill_normal(&mut noise, Stream { seed: draw as u64, stream: NOISE, step: 0 }, 0)?;
        random::fill_normal(&mut path, Stream { seed: draw as u64, stream: PATH, step: 0 }, 0)?;
        let uniform = stratified(0.5, draw, DRAWS)?;
        let mut estimates = [[0.0; CANDIDATES]; BATCH];
        for (candidate, &sigma) in candidates.iter().enumerate() {
            let draw = Importance::new(upper, sigma, lower, DEVIATION)?.draw(uniform)?;
            fill_pair(&mut x, &mut x_from, x0, &noise, &path, &draw)?;
            denoiser.denoise(&x, draw.sigma, &mut out)?;
            denoiser.denoise(&x_from, draw.from, &mut out_from)?;
            evaluations += PAIR * BATCH;
            for (estimates, (a, b)) in estimates.iter_mut().zip(out.chunks(item).zip(out_from.chunks(item))) {
                estimates[candidate] = draw.weight * squared_distance(a, b)?;
            }
        }
        estimates.iter().try_for_each(|estimates| comparison.add(estimates))?;
    }
    Ok(evaluations)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data;
    use crate::denoiser::Denoiser;
    use crate::schedules::tests::RANGE;

    #[test]
    fn every_evaluation_is_counted() {
        let train = data::load().unwrap().train;
        let evaluations =
            candidates_of_one_level(&Denoiser::new(train.clone()), RANGE, train.as_slice().unwrap()).unwrap();
        assert_eq!(evaluations, DRAWS * BATCH * CANDIDATES * PAIR);
    }
}
