//! Which centres can be nearest to a point: products in single precision with a bound on their error, so that distances
//! in double precision are needed only where that leaves a doubt.
//!
//! |x − c|² = |x′|² + |c′|² − 2·x′·c′, where the primed vectors are shifted by a common one near the middle of the
//! data. The shift costs no accuracy (differences are exact to a rounding of their own), and it makes the vectors as
//! short as they can be, and the bound with them. Products stay valid until their centre moves.

use crate::correspondence::rows::{Rows, row_mut, squared_distance};
use crate::{Scalar, Storage};

/// Elements of a vector that a product takes at a time.
const BLOCK: usize = 256;
/// Elements of a vector register.
const LANES: usize = 4;
/// How many points meet how many centres in the registers at a time.
const POINTS: usize = 4;
const CENTRES: usize = 2;

type Lanes = [f32; LANES];

/// The length of a packed vector.
const fn stride(dimension: usize) -> usize {
    dimension.div_ceil(LANES).saturating_mul(LANES)
}

/// How many single precision numbers the screen keeps.
pub(super) const fn singles_len(points: usize, clusters: usize, dimension: usize) -> usize {
    let packed = clusters.div_ceil(CENTRES).saturating_mul(CENTRES).saturating_mul(stride(dimension));
    packed.saturating_add(points.saturating_mul(clusters))
}

/// How many double precision numbers the screen keeps for its centres.
pub(super) const fn doubles_len(clusters: usize) -> usize {
    clusters.saturating_mul(2)
}

/// What is known about the distances of some points and all centres.
pub(super) struct Screen<'a> {
    /// What is taken from all vectors: exact in the type that the points are computed in.
    pub(super) shift: &'a [f64],
    /// |x′| for each point.
    pub(super) lengths: &'a [f64],
    /// |c′| for each centre.
    centre_lengths: &'a mut [f64],
    /// Which centres are packed, as integers in the bits: that saves a conversion for each product.
    order: &'a mut [f64],
    /// The moved centres, shifted.
    packed: &'a mut [f32],
    /// x′·c′ for each point and each centre.
    products: &'a mut [f32],
}

impl<'a> Screen<'a> {
    /// Takes [`doubles_len`] and [`singles_len`] numbers.
    pub(super) fn new(
        shift: &'a [f64],
        lengths: &'a [f64],
        clusters: usize,
        doubles: &'a mut [f64],
        singles: &'a mut [f32],
    ) -> Screen<'a> {
        let (centre_lengths, order) = doubles.split_at_mut(clusters.min(doubles.len()));
        let packed_len = singles_len(0, clusters, shift.len());
        let (packed, products) = singles.split_at_mut(packed_len.min(singles.len()));
        Screen { shift, lengths, centre_lengths, order, packed, products }
    }

    /// Takes note of the centres whose entry in `moved` is not 0.
    pub(super) fn refresh<X: Storage>(&mut self, points: Rows<X>, centres: Rows<f64>, moved: &[f64]) {
        let mut count = 0;
        for (k, _) in moved.iter().enumerate().filter(|(_, moved)| **moved != 0.0) {
            self.pack(count, k, centres.get(k));
            count += 1;
        }
        // A block of the packed centres stays in the nearest cache while all points meet it.
        for start in (0..self.shift.len()).step_by(BLOCK) {
            self.multiply(start, points, count);
        }
    }

    /// Writes a centre at the place `slot` of the packed ones.
    fn pack(&mut self, slot: usize, k: usize, centre: &[f64]) {
        let stride = stride(self.shift.len());
        let start = slot.saturating_mul(stride);
        let packed = self.packed.get_mut(start..start.saturating_add(stride)).unwrap_or(&mut []);
        packed.fill(0.0);
        for ((packed, c), shift) in packed.iter_mut().zip(centre).zip(self.shift) {
            *packed = (c - shift) as f32;
        }
        if let (Some(order), Some(length)) = (self.order.get_mut(slot), self.centre_lengths.get_mut(k)) {
            *order = f64::from_bits(k as u64);
            *length = libm::sqrt(squared_distance(centre, self.shift));
        }
    }

    /// The products of all points and the packed centres over the block from `start` on, added to those before.
    fn multiply<X: Storage>(&mut self, start: usize, points: Rows<X>, count: usize) {
        let dimension = self.shift.len();
        let (stride, clusters) = (stride(dimension), self.centre_lengths.len());
        let mut shift = [X::Acc::ZERO; BLOCK];
        for (to, &from) in shift.iter_mut().zip(self.shift.get(start..).unwrap_or(&[])) {
            *to = X::Acc::from_f64(from);
        }
        let chunks = dimension.saturating_sub(start).min(BLOCK).div_ceil(LANES);
        let mut tiles = [[[0f32; LANES]; BLOCK / LANES]; POINTS];
        for first in (0..self.lengths.len()).step_by(POINTS) {
            for (point, tile) in tiles.iter_mut().enumerate() {
                let x = points.get(first.saturating_add(point)).get(start..).unwrap_or(&[]);
                fill_tile(tile, x, &shift);
            }
            let x = tiles.each_ref().map(|tile| tile.get(..chunks).unwrap_or(&[]));
            for slot in (0..count).step_by(CENTRES) {
                let centres = core::array::from_fn(|centre| {
                    let start = slot.saturating_add(centre).saturating_mul(stride).saturating_add(start);
                    self.packed.get(start..).unwrap_or(&[]).as_chunks().0
                });
                let order = self.order.get(slot..count).unwrap_or(&[]);
                for (point, sums) in multiply_lanes(x, centres).into_iter().enumerate() {
                    let row = row_mut(self.products, clusters, first.saturating_add(point));
                    for ([a, b, c, d], k) in sums.into_iter().zip(order) {
                        let product = (a + c) + (b + d);
                        if let Some(kept) = row.get_mut(k.to_bits() as usize) {
                            *kept = if start == 0 { product } else { *kept + product };
                        }
                    }
                }
            }
        }
    }

    /// The label of the centre nearest to the point at `index`: the one whose [`squared_distance`] is the least, of
    /// several the first.
    pub(super) fn nearest<X: Storage>(&self, index: usize, points: Rows<X>, centres: Rows<f64>) -> usize {
        let clusters = self.centre_lengths.len();
        let products = Rows { elements: &*self.products, dimension: clusters }.get(index);
        let bound = Bound::new(self.lengths.get(index).copied().unwrap_or(f64::INFINITY), self.shift.len());
        let mut least = f64::INFINITY;
        for (&product, &length) in products.iter().zip(self.centre_lengths.iter()) {
            let (_, upper) = bound.interval(product, length);
            least = if upper < least { upper } else { least };
        }
        let (mut nearest, mut distance) = (None, f64::NAN);
        for (k, (&product, &length)) in products.iter().zip(self.centre_lengths.iter()).enumerate() {
            let (lower, _) = bound.interval(product, length);
            if lower > least {
                continue;
            }
            // A candidate that stays alone needs no distance.
            let Some(rival) = nearest else {
                nearest = Some(k);
                continue;
            };
            let distance_to = |k| squared_distance(points.get(index), centres.get(k));
            if distance.is_nan() {
                distance = distance_to(rival);
            }
            let candidate = distance_to(k);
            if candidate < distance {
                (nearest, distance) = (Some(k), candidate);
            }
        }
        nearest.unwrap_or(0)
    }
}

/// A part of a vector, shifted and rounded, with zeros behind its end.
#[inline(always)]
fn fill_tile<X: Storage>(tile: &mut [Lanes; BLOCK / LANES], x: &[X], shift: &[X::Acc; BLOCK]) {
    if x.len() < BLOCK {
        *tile = [[0.0; LANES]; BLOCK / LANES];
    }
    for ((tile, x), &shift) in tile.as_flattened_mut().iter_mut().zip(x).zip(shift) {
        *tile = (x.load() - shift).to_f64() as f32;
    }
}

/// The products of each point with each centre over a block, lane by lane.
///
/// Stands alone, because among the sums over lanes the compiler transposes the vectors in the loop.
#[inline(never)]
fn multiply_lanes([x0, x1, x2, x3]: [&[Lanes]; POINTS], [c0, c1]: [&[Lanes]; CENTRES]) -> [[Lanes; CENTRES]; POINTS] {
    let mut sums = [[[0f32; LANES]; CENTRES]; POINTS];
    for (((((x0, x1), x2), x3), c0), c1) in x0.iter().zip(x1).zip(x2).zip(x3).zip(c0).zip(c1) {
        for (sums, x) in sums.iter_mut().zip([x0, x1, x2, x3]) {
            for (sum, c) in sums.iter_mut().zip([c0, c1]) {
                for ((sum, x), c) in sum.iter_mut().zip(x).zip(c) {
                    *sum += x * c;
                }
            }
        }
    }
    sums
}

/// How far |c′|² − 2·x′·c′ can be from the truth, and the computed squared distance with it.
///
/// In single precision, u = 2⁻²⁴: two roundings of the vectors, one of the product, at most 64 sums in a lane, 2 over
/// the lanes, one for each block: n·u/(1 − n·u) of |x′|·|c′| for n of them, doubled for the denominator and for the
/// roundings of what follows. What underflows is below 2⁻¹²⁶ for each element. In double precision, a squared distance
/// has relative errors of at most half its dimension in units of 2⁻⁵², and (a + b)² ≤ 2a² + 2b².
struct Bound {
    by_length: f64,
    by_square: f64,
    constant: f64,
}

impl Bound {
    #[inline(always)]
    fn new(length: f64, dimension: usize) -> Bound {
        let dimension = dimension as f64;
        let single = (72.0 + dimension / BLOCK as f64) * (2.0 / (1u64 << 24) as f64);
        let double = (16.0 + dimension / 2.0) * (2.0 / (1u64 << 52) as f64);
        // 2⁻¹²⁵
        let underflow = dimension * f64::from_bits((1023 - 125) << 52);
        Bound {
            by_length: 2.0 * (single * length + underflow),
            by_square: double,
            constant: double * length * length + 2.0 * underflow * (1.0 + length),
        }
    }

    /// The least and the greatest value.
    #[inline(always)]
    fn interval(&self, product: f32, length: f64) -> (f64, f64) {
        let square = length * length;
        let value = square - 2.0 * product as f64;
        let error = self.constant + self.by_length * length + self.by_square * square;
        // Not a number, or infinite: anything may be true.
        if value.is_finite() { (value - error, value + error) } else { (f64::NEG_INFINITY, f64::INFINITY) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::vec;
    use std::vec::Vec;

    fn noise(n: usize, seed: u64) -> Vec<f64> {
        let mut state = seed;
        let next = || {
            state = state.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
            (state >> 11) as f64 / (1u64 << 53) as f64 - 0.5
        };
        core::iter::repeat_with(next).take(n).collect()
    }

    /// The true value lies within the bounds, for vectors long and short, near and far from the shift.
    #[test]
    fn the_interval_holds_the_distance() {
        for dimension in [1, 3, 4, 255, 256, 257, 700] {
            for (scale, offset) in [(1.0, 0.0), (1.0, 1e4), (1e-19, 0.0), (1e-30, 0.0), (1e18, 0.0), (1e30, 0.0)] {
                let (points, clusters) = (5, 6);
                let draw = |n, seed| noise(n, seed).into_iter().map(|v| (v + offset) * scale).collect::<Vec<_>>();
                let (x, c) = (draw(points * dimension, 1), draw(clusters * dimension, 2));
                let (x, c) = (Rows { elements: &x, dimension }, Rows { elements: &c, dimension });
                let shift = vec![offset * scale * 0.99; dimension];
                let length = |x: &[f64]| squared_distance(x, &shift).sqrt();
                let lengths: Vec<f64> = (0..points).map(|i| length(x.get(i))).collect();
                let mut doubles = vec![f64::NAN; doubles_len(clusters)];
                let mut singles = vec![f32::NAN; singles_len(points, clusters, dimension)];
                let mut screen = Screen::new(&shift, &lengths, clusters, &mut doubles, &mut singles);
                screen.refresh(x, c, &vec![1.0; clusters]);
                for (i, &length) in lengths.iter().enumerate() {
                    let bound = Bound::new(length, dimension);
                    for k in 0..clusters {
                        let product = screen.products[i * clusters + k];
                        let (lower, upper) = bound.interval(product, screen.centre_lengths[k]);
                        let exact = squared_distance(x.get(i), c.get(k)) - length * length;
                        assert!(lower <= exact && exact <= upper, "{dimension} {scale} {lower} {exact} {upper}");
                        // And it is narrow, unless the numbers underflow or overflow.
                        let size = length.max(screen.centre_lengths[k]);
                        assert!(upper - lower < 1e-4 * size * size || scale != 1.0, "{dimension} {offset}");
                    }
                }
            }
        }
    }

    /// Products of centres that stay are kept, those of moved ones are made anew.
    #[test]
    fn a_partial_refresh_equals_a_whole_one() {
        let (points, clusters, dimension) = (7, 9, 300);
        let x: Vec<f32> = noise(points * dimension, 3).into_iter().map(|v| v as f32).collect();
        let (before, mut after) = (noise(clusters * dimension, 4), noise(clusters * dimension, 5));
        let moved = [0.0, 1.0, 1.0, 0.0, 1.0, 1.0, 1.0, 0.0, 1.0];
        for (k, _) in moved.iter().enumerate().filter(|(_, moved)| **moved == 0.0) {
            after[k * dimension..][..dimension].copy_from_slice(&before[k * dimension..][..dimension]);
        }
        let x = Rows { elements: &x, dimension };
        let shift = vec![0.1; dimension];
        let lengths: Vec<f64> = (0..points).map(|i| squared_distance(x.get(i), &shift).sqrt()).collect();
        let products = |refreshes: &[(&[f64], &[f64])]| {
            let mut doubles = vec![f64::NAN; doubles_len(clusters)];
            let mut singles = vec![f32::NAN; singles_len(points, clusters, dimension)];
            let mut screen = Screen::new(&shift, &lengths, clusters, &mut doubles, &mut singles);
            for (centres, moved) in refreshes {
                screen.refresh(x, Rows { elements: centres, dimension }, moved);
            }
            screen.products.to_vec()
        };
        let all = [1.0; 9];
        assert_eq!(products(&[(&before, &all), (&after, &moved)]), products(&[(&after, &all)]));
    }
}
