//! The data: handwritten digits, halved into a training set and a held-out set.

use anyhow::{Context, Result, ensure};
use flate2::read::GzDecoder;
use ndarray::{Array2, ArrayView2, Axis};
use quell::random::{self, Stream};

/// The side of an image.
pub const SIDE: usize = 8;
/// The pixels of an image.
pub const PIXELS: usize = SIDE * SIDE;

/// The images of the training half.
pub const TRAINING: usize = 899;

/// The largest grey value in the file; 0 is background.
const WHITE: u8 = 16;

/// Part of the program, so that it runs from any directory.
const FILE: &[u8] = include_bytes!("../data/digits.csv.gz");

/// The halves are the same in every run, whatever the seed: errors of different runs can be compared.
const SPLIT: Stream = Stream { seed: 1998, stream: 0, step: 0 };

/// Images as rows of pixels in [−1, 1].
#[derive(Debug)]
pub struct Digits {
    /// The half that the denoiser knows.
    pub train: Array2<f32>,
    /// The half that samples are compared with.
    pub held_out: Array2<f32>,
}

/// Reads the images and halves them by a fixed permutation.
pub fn load() -> Result<Digits> {
    let mut images = read().context("the embedded digits cannot be read")?;
    let count = images.nrows();
    let mut keys = vec![0f64; count];
    random::fill_uniform(&mut keys, SPLIT, 0)?;
    let mut order: Vec<usize> = (0..count).collect();
    order.sort_by(|&a, &b| keys[a].total_cmp(&keys[b]));
    images = images.select(Axis(0), &order);
    let (train, held_out) = images.view().split_at(Axis(0), count.div_ceil(2));
    Ok(Digits { train: train.to_owned(), held_out: held_out.to_owned() })
}

fn read() -> Result<Array2<f32>> {
    let mut pixels = Vec::new();
    let mut rows = 0;
    for record in csv::ReaderBuilder::new().has_headers(false).from_reader(GzDecoder::new(FILE)).deserialize() {
        let values: Vec<u8> = record?;
        ensure!(values.len() == PIXELS + 1, "line {}: {} values", rows + 1, values.len());
        let image = &values[..PIXELS];
        ensure!(image.iter().all(|&value| value <= WHITE), "line {}: a grey value above {WHITE}", rows + 1);
        pixels.extend(image.iter().map(|&value| value as f32 / (WHITE as f32 / 2.0) - 1.0));
        rows += 1;
    }
    Ok(Array2::from_shape_vec((rows, PIXELS), pixels)?)
}

/// √(mean over pixels of the variance over images): the c of the arctan schedule.
pub fn rms_standard_deviation(images: ArrayView2<f32>) -> f64 {
    images.mapv(f64::from).var_axis(Axis(0), 0.0).mean().unwrap_or(0.0).sqrt()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn the_halves_are_disjoint_and_whole() {
        let Digits { train, held_out } = load().unwrap();
        assert_eq!((train.nrows(), held_out.nrows()), (TRAINING, 898));
        assert!(train.iter().chain(&held_out).all(|x| (-1.0..=1.0).contains(x)));
        let bits = |image: ndarray::ArrayView1<f32>| image.iter().map(|x| x.to_bits()).collect::<Vec<_>>();
        let all: HashSet<_> = train.rows().into_iter().chain(held_out.rows()).map(bits).collect();
        let in_file: HashSet<_> = read().unwrap().rows().into_iter().map(bits).collect();
        assert_eq!(all, in_file);
    }

    #[test]
    fn the_permutation_moves_images() {
        let (file, digits) = (read().unwrap(), load().unwrap());
        let kept = file.rows().into_iter().zip(digits.train.rows()).filter(|(a, b)| a == b).count();
        assert!(kept < 10);
    }

    #[test]
    fn the_deviation_of_two_points_is_half_their_distance() {
        let mut images = Array2::zeros((2, PIXELS));
        images.row_mut(1).fill(1.0);
        assert_eq!(rms_standard_deviation(images.view()), 0.5);
    }
}
