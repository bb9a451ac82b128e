//! What samples are drawn with: a trained network, or the exact denoiser of a finite set of images, which is what a
//! network that had learnt them by heart would answer.

use crate::network::Network;
use anyhow::Result;
use ndarray::linalg::general_mat_mul;
use ndarray::{Array1, Array2, ArrayView2, ArrayViewMut2, Zip};
use quell::random::{self, Stream};

/// Noise for the measurement of the denoiser itself, the same in every run.
const ERROR_NOISE: Stream = Stream { seed: 2006, stream: 0, step: 0 };

/// An estimate of the clean items, given noisy ones.
pub trait Denoise: Sync {
    /// The values in an item.
    fn item_len(&self) -> usize;

    /// Writes D(x, `sigma`) of each item of `x` to the same place of `out`; `x` is x₀ + σ·z.
    fn denoise(&self, x: &[f32], sigma: f64, out: &mut [f32]) -> Result<()>;
}

impl Denoise for Network {
    fn item_len(&self) -> usize {
        Network::item_len(self)
    }

    fn denoise(&self, x: &[f32], sigma: f64, out: &mut [f32]) -> Result<()> {
        // The network runs on a pool of threads of its own. A worker of this program's pool that waits for it would begin
        // other work meanwhile, which comes to wait there, too, until the stack is full. A plain thread just waits.
        let evaluation = || Network::denoise(self, x, sigma, out);
        let joined = std::thread::scope(|scope| scope.spawn(evaluation).join());
        joined.unwrap_or_else(|panic| std::panic::resume_unwind(panic))
    }
}

impl Denoise for Denoiser {
    fn item_len(&self) -> usize {
        self.images.ncols()
    }

    fn denoise(&self, x: &[f32], sigma: f64, out: &mut [f32]) -> Result<()> {
        let shape = (x.len() / self.images.ncols(), self.images.ncols());
        let (x, out) = (ArrayView2::from_shape(shape, x)?, ArrayViewMut2::from_shape(shape, out)?);
        self.fill_posterior_mean(x, sigma, out);
        Ok(())
    }
}

/// The posterior mean of the empirical distribution:
/// D(x, σ) = Σᵢ wᵢ·xᵢ with w = softmax(−|x − xᵢ|²/(2σ²)).
#[derive(Debug)]
pub struct Denoiser {
    images: Array2<f32>,
    /// |xᵢ|²/2.
    half_squares: Array1<f32>,
}

impl Denoiser {
    /// The denoiser of the rows of `images`.
    pub fn new(images: Array2<f32>) -> Denoiser {
        let half_squares = images.rows().into_iter().map(|row| 0.5 * row.dot(&row)).collect();
        Denoiser { images, half_squares }
    }

    /// Writes D(x, `sigma`) of each row of `x` to the same row of `out`.
    ///
    /// Two matrix products and a softmax between them. |x|² is the same for all images, so that it cancels, and the
    /// largest exponent is taken off before the division by σ²: nothing overflows, however small σ is.
    fn fill_posterior_mean(&self, x: ArrayView2<f32>, sigma: f64, mut out: ArrayViewMut2<f32>) {
        let mut weights = Array2::zeros((x.nrows(), self.images.nrows()));
        general_mat_mul(1.0, &x, &self.images.t(), 0.0, &mut weights);
        let precision = (1.0 / (sigma * sigma)).min(f32::MAX as f64) as f32;
        let mut totals = Array1::zeros(x.nrows());
        Zip::from(weights.rows_mut()).and(&mut totals).for_each(|mut row, total| {
            row -= &self.half_squares;
            let largest = row.fold(f32::NEG_INFINITY, |a, &b| a.max(b));
            row.mapv_inplace(|logit| negligible_or_exp((logit - largest) * precision));
            *total = row.sum();
        });
        general_mat_mul(1.0, &weights, &self.images, 0.0, &mut out);
        Zip::from(out.rows_mut()).and(&totals).for_each(|mut row, &total| row /= total);
    }
}

/// √(mean of (D(x₀ + σ·z, σ) − x₀)²) over `items` and their values: what is not decided yet at a noise level.
pub fn error(denoiser: &dyn Denoise, items: &[f32], sigma: f64) -> Result<f64> {
    let (mut x, mut denoised) = (vec![0f32; items.len()], vec![0f32; items.len()]);
    random::fill_normal(&mut x, ERROR_NOISE, 0)?;
    x.iter_mut().zip(items).for_each(|(x, item)| *x = item + sigma as f32 * *x);
    denoiser.denoise(&x, sigma, &mut denoised)?;
    let squares = denoised.iter().zip(items).map(|(a, b)| (a - b) as f64 * (a - b) as f64);
    Ok((squares.sum::<f64>() / items.len() as f64).sqrt())
}

/// e^x for x ≤ 0; 0 where it is too small to change a sum that holds a 1. At low noise that spares nearly all of them.
fn negligible_or_exp(x: f32) -> f32 {
    if x < -40.0 { 0.0 } else { x.exp() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::{self, PIXELS};
    use ndarray::{Axis, s};

    fn denoised(x: &Array2<f32>, sigma: f64) -> (Array2<f32>, Array2<f32>) {
        let train = data::load().unwrap().train;
        let denoiser = Denoiser::new(train.clone());
        let mut out = Array2::from_elem(x.dim(), f32::NAN);
        denoiser.fill_posterior_mean(x.view(), sigma, out.view_mut());
        (out, train)
    }

    #[test]
    fn without_noise_the_nearest_image_comes_back() {
        let held_out = data::load().unwrap().held_out.slice(s![..20, ..]).to_owned();
        for sigma in [1e-3, 1e-30] {
            let (out, train) = denoised(&held_out, sigma);
            for (x, out) in held_out.rows().into_iter().zip(out.rows()) {
                let distance = |image: &ndarray::ArrayView1<f32>| (image - &x).mapv(|d| d as f64 * d as f64).sum();
                let nearest = train.rows().into_iter().min_by(|a, b| distance(a).total_cmp(&distance(b))).unwrap();
                assert_eq!(out, nearest);
            }
        }
    }

    #[test]
    fn in_pure_noise_the_mean_comes_back() {
        let x = Array2::from_shape_fn((3, PIXELS), |(i, j)| (i as f32 - 1.0) * (j as f32 - 30.0));
        let (out, train) = denoised(&x, 1e5);
        let mean = train.mean_axis(Axis(0)).unwrap();
        for row in out.rows() {
            assert!(row.iter().zip(&mean).all(|(a, b)| (a - b).abs() < 1e-4));
        }
    }

    #[test]
    fn its_error_goes_from_nothing_to_the_deviation_of_the_data() {
        let train = data::load().unwrap().train;
        let denoiser = Denoiser::new(train.clone());
        let pixels = train.as_slice().unwrap();
        assert_eq!(error(&denoiser, &pixels[..50 * PIXELS], 1e-3).unwrap(), 0.0);
        let (limit, deviation) = (error(&denoiser, pixels, 1e5).unwrap(), data::rms_standard_deviation(train.view()));
        assert!((limit / deviation - 1.0).abs() < 1e-3, "{limit} {deviation}");
    }

    #[test]
    fn it_agrees_with_the_formula() {
        let x = Array2::from_shape_fn((2, PIXELS), |(i, j)| ((i * 64 + j) as f32 * 0.7).sin());
        for sigma in [0.3, 1.0, 5.0] {
            let (out, train) = denoised(&x, sigma);
            for (x, out) in x.rows().into_iter().zip(out.rows()) {
                let exponent = |image: ndarray::ArrayView1<f32>| {
                    -(&image - &x).mapv(|d| d as f64 * d as f64).sum() / (2.0 * sigma * sigma)
                };
                let exponents: Vec<f64> = train.rows().into_iter().map(exponent).collect();
                let largest = exponents.iter().copied().fold(f64::NEG_INFINITY, f64::max);
                let total: f64 = exponents.iter().map(|e| (e - largest).exp()).sum();
                for (j, &value) in out.iter().enumerate() {
                    let terms = exponents.iter().zip(train.column(j)).map(|(e, &t)| (e - largest).exp() * t as f64);
                    let expected = terms.sum::<f64>() / total;
                    assert!((value as f64 - expected).abs() < 1e-4, "{sigma}: {value} {expected}");
                }
            }
        }
    }
}
