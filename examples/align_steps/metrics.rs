//! How far a set of images is from the held-out half.

use ndarray::linalg::general_mat_mul;
use ndarray::{Array1, Array2, ArrayView2, Axis, s};
use quell::random::{self, Stream};
use rayon::prelude::*;

/// Directions onto which both sets are projected.
const DIRECTIONS: usize = 128;

/// The same directions in every run, whatever the seed.
const DIRECTION_NOISE: Stream = Stream { seed: 2013, stream: 0, step: 0 };

/// Rows that share a matrix product.
const BLOCK: usize = 128;

/// Two distances from a distribution to the held-out half: 0 only if they are equal.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Distances {
    /// 2·E|X − Y| − E|X − X′| − E|Y − Y′|.
    pub energy: f64,
    /// √(mean over directions of W₂² of the projections).
    pub sliced_wasserstein: f64,
}

/// Whether a set of images is a distribution or draws from one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Set {
    /// All there is: E|X − X′| counts the pairs of an image with itself, since X and X′ are drawn with replacement.
    Whole,
    /// Independent draws: only pairs of two draws count, so that the energy distance has no bias.
    Draws,
}

/// The held-out half, with all that depends on it alone.
#[derive(Debug)]
pub struct Reference {
    images: Points,
    within: f64,
    /// The directions as columns.
    directions: Array2<f64>,
    /// One sorted row for each direction.
    projections: Vec<Vec<f64>>,
}

/// Images in double precision: distances of near neighbours are differences of large numbers.
#[derive(Debug)]
struct Points {
    rows: Array2<f64>,
    squares: Array1<f64>,
}

impl Points {
    fn new(rows: ArrayView2<f32>) -> Points {
        let rows = rows.mapv(f64::from);
        let squares = rows.rows().into_iter().map(|row| row.dot(&row)).collect();
        Points { rows, squares }
    }

    fn len(&self) -> usize {
        self.rows.nrows()
    }

    /// Σᵢⱼ |xᵢ − yⱼ|.
    fn total_distance(&self, other: &Points) -> f64 {
        let block = |(rows, squares): (ArrayView2<f64>, &[f64])| {
            let mut products = Array2::zeros((rows.nrows(), other.len()));
            general_mat_mul(-2.0, &rows, &other.rows.t(), 0.0, &mut products);
            let row = |(products, a): (ndarray::ArrayView1<f64>, &f64)| -> f64 {
                products.iter().zip(&other.squares).map(|(product, b)| (a + b + product).max(0.0).sqrt()).sum()
            };
            products.rows().into_iter().zip(squares).map(row).sum::<f64>()
        };
        let squares = self.squares.as_slice().unwrap_or(&[]);
        let blocks: Vec<_> = self.rows.axis_chunks_iter(Axis(0), BLOCK).zip(squares.chunks(BLOCK)).collect();
        // Collected before they are added: the order, and so the rounding, is the same for any number of threads.
        blocks.into_par_iter().map(block).collect::<Vec<f64>>().iter().sum()
    }

    fn mean_distance(&self, other: &Points) -> f64 {
        self.total_distance(other) / (self.len() as f64 * other.len() as f64)
    }

    /// The projections onto each column of `directions`, sorted.
    fn projections(&self, directions: &Array2<f64>) -> Vec<Vec<f64>> {
        let projected = self.rows.dot(directions);
        let columns: Vec<_> = projected.columns().into_iter().collect();
        columns
            .into_par_iter()
            .map(|column| {
                let mut column = column.to_vec();
                column.sort_unstable_by(f64::total_cmp);
                column
            })
            .collect()
    }
}

impl Reference {
    /// Measures against the rows of `images`, as a whole distribution.
    pub fn new(images: ArrayView2<f32>) -> Result<Reference, quell::Error> {
        let mut directions = Array2::zeros((images.ncols(), DIRECTIONS));
        let mut normals = vec![0f64; images.ncols() * DIRECTIONS];
        random::fill_normal(&mut normals, DIRECTION_NOISE, 0)?;
        for (mut direction, normals) in directions.columns_mut().into_iter().zip(normals.chunks(images.ncols())) {
            let length = normals.iter().map(|z| z * z).sum::<f64>().sqrt();
            direction.iter_mut().zip(normals).for_each(|(out, z)| *out = z / length);
        }
        let images = Points::new(images);
        let within = images.mean_distance(&images);
        let projections = images.projections(&directions);
        Ok(Reference { images, within, directions, projections })
    }

    /// The distances of the rows of `images`; `Set::Draws` needs at least two.
    pub fn distances(&self, images: ArrayView2<f32>, set: Set) -> Distances {
        let points = Points::new(images.slice(s![.., ..self.images.rows.ncols()]));
        let count = points.len() as f64;
        let pairs = match set {
            Set::Whole => count * count,
            Set::Draws => count * (count - 1.0),
        };
        let between = points.mean_distance(&self.images);
        let squared: f64 = points
            .projections(&self.directions)
            .iter()
            .zip(&self.projections)
            .map(|(a, b)| squared_wasserstein(a, b))
            .sum();
        Distances {
            energy: 2.0 * between - points.total_distance(&points) / pairs - self.within,
            sliced_wasserstein: (squared / DIRECTIONS as f64).sqrt(),
        }
    }
}

/// W₂² of two sorted samples: ∫ (F⁻¹ − G⁻¹)². Both quantile functions are steps, so the integral is a finite sum, exact
/// also for different sizes.
fn squared_wasserstein(a: &[f64], b: &[f64]) -> f64 {
    let (mut i, mut j, mut at, mut sum) = (0, 0, 0, 0.0);
    // Masses in units of 1/(|a|·|b|): whole numbers.
    while let (Some(x), Some(y)) = (a.get(i), b.get(j)) {
        let (end_a, end_b) = ((i + 1) * b.len(), (j + 1) * a.len());
        let end = end_a.min(end_b);
        sum += (end - at) as f64 * (x - y) * (x - y);
        at = end;
        i += (end == end_a) as usize;
        j += (end == end_b) as usize;
    }
    sum / (a.len() as f64 * b.len() as f64)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data;

    #[test]
    fn a_set_is_at_no_distance_from_itself() {
        let images = data::load().unwrap().held_out;
        let Distances { energy, sliced_wasserstein } =
            Reference::new(images.view()).unwrap().distances(images.view(), Set::Whole);
        assert!(energy.abs() < 1e-9 && sliced_wasserstein < 1e-9);
        // Nor does it matter how often each image is there.
        let twice = ndarray::concatenate![Axis(0), images, images];
        let distances = Reference::new(images.view()).unwrap().distances(twice.view(), Set::Whole);
        assert!(distances.energy.abs() < 1e-9 && distances.sliced_wasserstein < 1e-9);
    }

    #[test]
    fn a_translation_is_seen_by_its_length() {
        let images = data::load().unwrap().held_out;
        let reference = Reference::new(images.view()).unwrap();
        let shifted = |by: f32| reference.distances((&images + by).view(), Set::Whole);
        // W₂ of a translation is its projection, and the mean square of that is |shift|²/dimension.
        let (near, far) = (shifted(0.1), shifted(100.0));
        assert!((near.sliced_wasserstein / 0.1 - 1.0).abs() < 0.1, "{near:?}");
        assert!(near.energy > 0.0);
        // Far away all distances between the sets are the shift, 8·100 for 64 pixels.
        assert!((far.energy / (2.0 * 800.0) - 1.0).abs() < 0.02, "{far:?}");
    }

    #[test]
    fn draws_have_no_bias() {
        let images = data::load().unwrap().held_out;
        let reference = Reference::new(images.view()).unwrap();
        let mut keys = vec![0f64; 20 * 400];
        random::fill_uniform(&mut keys, Stream { seed: 5, stream: 0, step: 0 }, 0).unwrap();
        let picks: Vec<usize> = keys.iter().map(|u| (u * images.nrows() as f64) as usize).collect();
        let energies: Vec<f64> = picks
            .chunks(20)
            .map(|draw| reference.distances(images.select(Axis(0), draw).view(), Set::Draws).energy)
            .collect();
        let mean = energies.iter().sum::<f64>() / 400.0;
        let variance = energies.iter().map(|e| (e - mean) * (e - mean)).sum::<f64>() / 399.0;
        assert!(mean.abs() < 4.0 * (variance / 400.0).sqrt(), "{mean} {variance}");
    }

    #[test]
    fn quantiles_of_unequal_sizes_are_matched_exactly() {
        // F⁻¹ is 0 then 1; G⁻¹ is 0, 1, 2: they differ by 0, by 1 on [1/3, 1/2], by 0, by 1 on [2/3, 1].
        let value = squared_wasserstein(&[0.0, 1.0], &[0.0, 1.0, 2.0]);
        assert!((value - (1.0 / 6.0 + 1.0 / 3.0)).abs() < 1e-15);
        assert_eq!(squared_wasserstein(&[1.0, 2.0], &[4.0, 5.0]), 9.0);
    }
}
