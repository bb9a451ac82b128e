//! The guided filter (He, Sun and Tang 2010): the mask as a linear function of the image around each pixel.
//!
//! In the window of (2·radius + 1)² pixels around k, as far as it lies in the image,
//!
//! a_k = (Σ_k + ε·1)⁻¹·cov_k(I, m),   b_k = mean_k(m) − a_k·mean_k(I),
//!
//! and the value at p is mean_p(a)·I(p) + mean_p(b), over the windows that contain p. Σ_k is the variance of a grey
//! image, or the covariance of colours. The mask m is the interpolated coarse one.
//!
//! The cost does not depend on the radius: sums over windows run along. What depends on the image alone is found once
//! for all masks ([`fill_statistics`]). Weights sum to 1, but some are negative: values may leave the range
//! of the mask's. All is computed in `f64`, whatever the fold's type, because covariances are small differences.
//!
//! ```
//! use quell::correspondence::{fold::Fold, image::Layout};
//! use quell::correspondence::upsample::{Grid, Guide, HardMasks, guided::{self, Guided}, interpolate::Interpolation};
//! const GRID: Grid = Grid { rows: 1, columns: 2, height: 1, width: 6 };
//! const FILTER: Guided = Guided { radius: 2, epsilon: 1.0 };
//! // An edge in the image that is not where the cells meet.
//! let guide = Guide { pixels: &[10u8, 12, 11, 13, 200, 202], layout: Layout::planar(1, 1, 6) };
//! let mut statistics = [0.0; guided::statistics_len(&GRID, 1)];
//! let mut scratch = [0.0; guided::scratch_len(&GRID, &FILTER, 1)];
//! guided::fill_statistics(&mut statistics, &GRID, &FILTER, &guide, &mut scratch)?;
//!
//! let (mut best, mut labels) = ([0f32; 6], [0u8; 6]);
//! let mut fold = Fold::new(&mut best, &mut labels, None, None)?;
//! fold.reset();
//! let masks = HardMasks { labels: &[0u8, 1], clusters: 2 };
//! let mut row = [0f32; 6];
//! let interpolation = Interpolation::Bilinear;
//! guided::labels(&mut fold, &GRID, &FILTER, interpolation, &masks, &guide, &statistics, &mut row, &mut scratch)?;
//! assert_eq!(labels, [0, 0, 0, 0, 1, 1]);
//! # Ok::<(), quell::Error>(())
//! ```

use super::box_mean::{accumulate, fill_means, moves, window};
use super::grid::Grid;
use super::guide::Guide;
use super::interpolate::{Interpolation, fill_row_unchecked};
use super::masks::{Coarse, Masks, check_coarse, check_labels};
use crate::Scalar;
use crate::correspondence::fold::Fold;
use crate::correspondence::image::Pixel;
use crate::correspondence::label::Label;
use crate::error::{Argument, Error, check};
use crate::slice::{part, part_mut};

/// The window, and how much the image must vary in it to count as an edge.
#[derive(Clone, Copy, Debug, PartialEq)]
#[repr(C)]
pub struct Guided {
    /// How many pixels to each side.
    pub radius: usize,
    /// ε: variances well below it are smoothed over. In the guide's own unit, squared.
    pub epsilon: f64,
}

/// How many numbers the statistics of a pixel are: the means, and the inverse of the covariance row by row up to the
/// diagonal.
const fn statistics_of(channels: usize) -> usize {
    channels.saturating_add(channels.saturating_mul(channels.saturating_add(1)) / 2)
}

/// The length of the statistics: 2 numbers for each pixel of a grey guide, 9 for three channels.
pub const fn statistics_len(grid: &Grid, channels: usize) -> usize {
    grid.pixels().saturating_mul(statistics_of(channels))
}

/// The rows of a window.
const fn window_rows(grid: &Grid, filter: &Guided) -> usize {
    let rows = filter.radius.saturating_mul(2).saturating_add(1);
    if rows < grid.height { rows } else { grid.height }
}

/// The length of the scratch of [`fill_statistics`], [`fill_map`] and [`labels`], in `f64`: coefficients for each
/// row of the window, and some rows.
pub const fn scratch_len(grid: &Grid, filter: &Guided, channels: usize) -> usize {
    let quantities = channels.saturating_add(1);
    let ring = window_rows(grid, filter).saturating_mul(quantities);
    // The sums of both stages and their means, the guide, the mask, and running sums with one element more.
    let rows = ring.saturating_add(quantities.saturating_mul(3)).saturating_add(channels).saturating_add(2);
    rows.saturating_mul(grid.width).saturating_add(1)
}

/// A row of a channel, counted from the first pixel's: the filter does not see an offset, and sums of squares of small
/// numbers keep more of their digits.
fn fill_colours<P: Pixel>(colours: &mut [f64], guide: &Guide<P>, channel: usize, row: usize) {
    guide.fill_row(colours, channel, row);
    let origin = guide.element(channel, 0, 0);
    colours.iter_mut().for_each(|colour| *colour -= origin);
}

/// Fills what the filter needs to know of the guide: in each row of pixels the means of the channels, counted from the
/// image's first pixel, then the inverse of their covariance plus ε, each with one number for each pixel.
///
/// An element that exceeds the others a million-fold leaves its rounding in the rows below and to the right.
/// Where rounding leaves nothing of the matrix, as a vanishing ε may let it, the inverse is 0: the value there is the
/// window's mean.
///
/// # Errors
///
/// [`Error::Length`] for `statistics` of another length than [`statistics_len`]; [`Error::Length`] or
/// [`Error::TooShort`] for a guide of another size than the grid's image (as `height` or `width`) or with too few
/// elements (as `guide`); [`Error::TooShort`] for `scratch`; [`Error::Domain`] for an ε that is not positive and
/// finite, a guide with elements that are not finite, or with other than one or three `channels`, and for a `grid`
/// without cells or too large for an index.
pub fn fill_statistics<P: Pixel>(
    statistics: &mut [f64],
    grid: &Grid,
    filter: &Guided,
    guide: &Guide<P>,
    scratch: &mut [f64],
) -> Result<(), Error> {
    check_guide(grid, filter, guide, statistics.len(), scratch.len())?;
    guide.check_finite()?;
    match guide.layout.channels {
        1 => statistics_rows::<1, P>(statistics, grid, filter, guide, scratch),
        _ => statistics_rows::<3, P>(statistics, grid, filter, guide, scratch),
    }
    Ok(())
}

fn check_guide<P: Pixel>(
    grid: &Grid,
    filter: &Guided,
    guide: &Guide<P>,
    statistics: usize,
    scratch: usize,
) -> Result<(), Error> {
    grid.check()?;
    guide.check(grid)?;
    check::positive(Argument::Epsilon, filter.epsilon)?;
    let channels = guide.layout.channels;
    if channels != 1 && channels != 3 {
        return Err(Error::Domain { argument: Argument::Channels, value: channels as f64 });
    }
    check::length(Argument::Statistics, statistics_len(grid, channels), statistics)?;
    check::at_least(Argument::Scratch, scratch_len(grid, filter, channels), scratch)
}

/// The pairs of channels, row by row up to the diagonal.
fn pairs(channels: usize) -> impl Iterator<Item = (usize, usize)> {
    (0..channels).flat_map(|one| (0..=one).map(move |other| (one, other)))
}

fn statistics_rows<const C: usize, P: Pixel>(
    statistics: &mut [f64],
    grid: &Grid,
    filter: &Guided,
    guide: &Guide<P>,
    scratch: &mut [f64],
) {
    let (width, count) = (grid.width, statistics_of(C));
    let Some((sums, rest)) = scratch.split_at_mut_checked(count.wrapping_mul(width)) else { return };
    let Some((colours, running)) = rest.split_at_mut_checked(C.wrapping_mul(width)) else { return };
    let running = part_mut(running, 0, width.wrapping_add(1));
    sums.fill(0.0);
    for row in grid.pixel_rows() {
        for (row, enters) in moves(row, filter.radius, grid.height) {
            for channel in 0..C {
                fill_colours(part_mut(colours, channel.wrapping_mul(width), width), guide, channel, row);
            }
            for quantity in 0..C {
                let sums = part_mut(sums, quantity.wrapping_mul(width), width);
                accumulate(sums, part(colours, quantity.wrapping_mul(width), width), None, enters);
            }
            for (quantity, (one, other)) in pairs(C).enumerate() {
                let sums = part_mut(sums, C.wrapping_add(quantity).wrapping_mul(width), width);
                let other = part(colours, other.wrapping_mul(width), width);
                accumulate(sums, part(colours, one.wrapping_mul(width), width), Some(other), enters);
            }
        }
        let (start, end) = window(row, filter.radius, grid.height);
        let place = row.wrapping_mul(count).wrapping_mul(width);
        let statistics = part_mut(statistics, place, count.wrapping_mul(width));
        for quantity in 0..count {
            let means = part_mut(statistics, quantity.wrapping_mul(width), width);
            fill_means(means, part(sums, quantity.wrapping_mul(width), width), running, filter.radius, end - start);
        }
        for column in 0..width {
            let at = |quantity: usize| quantity.wrapping_mul(width).wrapping_add(column);
            let mut means = [0.0; C];
            for (channel, mean) in means.iter_mut().enumerate() {
                *mean = statistics.get(at(channel)).copied().unwrap_or(0.0);
            }
            let mut matrix = [[0.0; C]; C];
            for (quantity, (one, other)) in pairs(C).enumerate() {
                let product = statistics.get(at(C.wrapping_add(quantity))).copied().unwrap_or(0.0);
                let means = means.get(one).zip(means.get(other)).map_or(0.0, |(one, other)| one * other);
                if let Some(entry) = matrix.get_mut(one).and_then(|row| row.get_mut(other)) {
                    *entry = product - means + if one == other { filter.epsilon } else { 0.0 };
                }
            }
            let inverse = inverse(&matrix);
            for (quantity, (one, other)) in pairs(C).enumerate() {
                let entry = inverse.get(one).and_then(|row| row.get(other)).copied().unwrap_or(0.0);
                if let Some(out) = statistics.get_mut(at(C.wrapping_add(quantity))) {
                    *out = entry;
                }
            }
        }
    }
}

/// The inverse of a symmetric positive definite matrix, from and to the half up to the diagonal; 0 if it is not one.
fn inverse<const C: usize>(matrix: &[[f64; C]; C]) -> [[f64; C]; C] {
    let get = |matrix: &[[f64; C]; C], row: usize, column: usize| {
        matrix.get(row).and_then(|row| row.get(column)).copied().unwrap_or(0.0)
    };
    let set = |matrix: &mut [[f64; C]; C], row: usize, column: usize, value: f64| {
        if let Some(entry) = matrix.get_mut(row).and_then(|row| row.get_mut(column)) {
            *entry = value;
        }
    };
    // matrix = L·Lᵀ, and R = L⁻¹.
    let (mut lower, mut reciprocal) = ([[0.0; C]; C], [[0.0; C]; C]);
    for column in 0..C {
        let squares: f64 = (0..column).map(|k| get(&lower, column, k) * get(&lower, column, k)).sum();
        let pivot = get(matrix, column, column) - squares;
        if !(pivot > 0.0 && pivot.is_finite()) {
            return [[0.0; C]; C];
        }
        let root = libm::sqrt(pivot);
        set(&mut lower, column, column, root);
        for row in column + 1..C {
            let products: f64 = (0..column).map(|k| get(&lower, row, k) * get(&lower, column, k)).sum();
            set(&mut lower, row, column, (get(matrix, row, column) - products) / root);
        }
    }
    for column in 0..C {
        set(&mut reciprocal, column, column, 1.0 / get(&lower, column, column));
        for row in column + 1..C {
            let products: f64 = (column..row).map(|k| get(&lower, row, k) * get(&reciprocal, k, column)).sum();
            set(&mut reciprocal, row, column, -products / get(&lower, row, row));
        }
    }
    // (L·Lᵀ)⁻¹ = Rᵀ·R.
    let mut inverse = [[0.0; C]; C];
    for (row, column) in pairs(C) {
        let entry = (row..C).map(|k| get(&reciprocal, k, row) * get(&reciprocal, k, column)).sum();
        set(&mut inverse, row, column, entry);
    }
    if inverse.iter().flatten().all(|entry: &f64| entry.is_finite()) { inverse } else { [[0.0; C]; C] }
}

/// Fills the filtered mask, one value for each pixel.
///
/// `statistics` are those of [`fill_statistics`] for the same grid, filter and guide. `scratch`
/// has [`scratch_len`] elements.
///
/// # Errors
///
/// Those of [`fill_statistics`], without looking at the guide's elements; [`Error::Length`] for `out` or `coarse`;
/// [`Error::Domain`] for `coarse` that is not finite.
pub fn fill_map<T: Scalar, P: Pixel>(
    out: &mut [T],
    grid: &Grid,
    filter: &Guided,
    interpolation: Interpolation,
    coarse: &impl Coarse,
    guide: &Guide<P>,
    statistics: &[f64],
    scratch: &mut [f64],
) -> Result<(), Error> {
    check_guide(grid, filter, guide, statistics.len(), scratch.len())?;
    check_mask(grid, coarse)?;
    check::length(Argument::Out, grid.pixels(), out.len())?;
    filter_rows(grid, filter, interpolation, coarse, guide, statistics, scratch, |row, values| {
        let out = part_mut(out, row.wrapping_mul(grid.width), grid.width);
        out.iter_mut().zip(values).for_each(|(out, &value)| *out = T::from_f64(value));
        Ok(())
    })
}

fn check_mask(grid: &Grid, coarse: &impl Coarse) -> Result<(), Error> {
    check_coarse(grid, coarse)?;
    coarse.not_finite().map_or(Ok(()), |value| Err(Error::Domain { argument: Argument::Coarse, value }))
}

/// Takes all masks into a fold, one after another.
///
/// The fold is not reset, so it may have seen other masks. `row` has at least `grid.width` elements, `scratch`
/// [`scratch_len`].
///
/// # Errors
///
/// Those of [`fill_map`] and of [`interpolate::labels`](super::interpolate::labels); [`Error::TooShort`] for `row`.
pub fn labels<T: Scalar, L: Label, P: Pixel>(
    fold: &mut Fold<T, L>,
    grid: &Grid,
    filter: &Guided,
    interpolation: Interpolation,
    masks: &impl Masks,
    guide: &Guide<P>,
    statistics: &[f64],
    row: &mut [T],
    scratch: &mut [f64],
) -> Result<(), Error> {
    check_labels(fold, grid, masks)?;
    check_guide(grid, filter, guide, statistics.len(), scratch.len())?;
    check::at_least(Argument::Row, grid.width, row.len())?;
    (0..masks.count()).try_for_each(|label| check_mask(grid, &masks.mask(label)))?;
    let out = part_mut(row, 0, grid.width);
    for label in 0..masks.count() {
        let mask = masks.mask(label);
        filter_rows(grid, filter, interpolation, &mask, guide, statistics, scratch, |row, values| {
            out.iter_mut().zip(values).for_each(|(out, &value)| *out = T::from_f64(value));
            fold.push(label, row.wrapping_mul(grid.width), out)
        })?;
    }
    Ok(())
}

fn filter_rows<P: Pixel>(
    grid: &Grid,
    filter: &Guided,
    interpolation: Interpolation,
    coarse: &impl Coarse,
    guide: &Guide<P>,
    statistics: &[f64],
    scratch: &mut [f64],
    take: impl FnMut(usize, &[f64]) -> Result<(), Error>,
) -> Result<(), Error> {
    match guide.layout.channels {
        1 => filter_rows_of::<1, P>(grid, filter, interpolation, coarse, guide, statistics, scratch, take),
        _ => filter_rows_of::<3, P>(grid, filter, interpolation, coarse, guide, statistics, scratch, take),
    }
}

/// Both stages run together: coefficients of row y + radius enter the ring, then row y is complete.
fn filter_rows_of<const C: usize, P: Pixel>(
    grid: &Grid,
    filter: &Guided,
    interpolation: Interpolation,
    coarse: &impl Coarse,
    guide: &Guide<P>,
    statistics: &[f64],
    scratch: &mut [f64],
    mut take: impl FnMut(usize, &[f64]) -> Result<(), Error>,
) -> Result<(), Error> {
    let (width, height, radius) = (grid.width, grid.height, filter.radius);
    let plane = (C + 1).wrapping_mul(width);
    let ring_rows = window_rows(grid, filter);
    let split = scratch.split_at_mut_checked(ring_rows.wrapping_mul(plane));
    let Some((ring, rest)) = split else { return Ok(()) };
    let Some((mask_sums, rest)) = rest.split_at_mut_checked(plane) else { return Ok(()) };
    let Some((coefficient_sums, rest)) = rest.split_at_mut_checked(plane) else { return Ok(()) };
    let Some((means, rest)) = rest.split_at_mut_checked(plane) else { return Ok(()) };
    let Some((colours, rest)) = rest.split_at_mut_checked(C.wrapping_mul(width)) else { return Ok(()) };
    let Some((mask, rest)) = rest.split_at_mut_checked(width) else { return Ok(()) };
    let running = part_mut(rest, 0, width.wrapping_add(1));
    mask_sums.fill(0.0);
    coefficient_sums.fill(0.0);
    for row in grid.pixel_rows() {
        for (moved, enters) in moves(row, radius, height) {
            let slot = moved.checked_rem(ring_rows).unwrap_or(0);
            let coefficients = part_mut(ring, slot.wrapping_mul(plane), plane);
            if enters {
                for (moved, enters) in moves(moved, radius, height) {
                    fill_row_unchecked(mask, grid, interpolation, moved, coarse);
                    accumulate(part_mut(mask_sums, 0, width), mask, None, enters);
                    for channel in 0..C {
                        let colours = part_mut(colours, 0, width);
                        fill_colours(colours, guide, channel, moved);
                        let sums = part_mut(mask_sums, (channel + 1).wrapping_mul(width), width);
                        accumulate(sums, colours, Some(mask), enters);
                    }
                }
                let (start, end) = window(moved, radius, height);
                for quantity in 0..=C {
                    let sums = part(mask_sums, quantity.wrapping_mul(width), width);
                    fill_means(plane_row(means, quantity, width), sums, running, radius, end - start);
                }
                let length = statistics_of(C).wrapping_mul(width);
                let statistics = part(statistics, moved.wrapping_mul(length), length);
                fill_coefficients::<C>(coefficients, means, statistics, width);
            }
            accumulate(coefficient_sums, coefficients, None, enters);
        }
        let (start, end) = window(row, radius, height);
        for quantity in 0..=C {
            let sums = part(coefficient_sums, quantity.wrapping_mul(width), width);
            fill_means(plane_row(means, quantity, width), sums, running, radius, end - start);
        }
        let values = &mut *mask;
        values.iter_mut().zip(part(means, 0, width)).for_each(|(value, &offset)| *value = offset);
        for channel in 0..C {
            let colours = part_mut(colours, 0, width);
            fill_colours(colours, guide, channel, row);
            let slopes = part(means, (channel + 1).wrapping_mul(width), width);
            for ((value, slope), colour) in values.iter_mut().zip(slopes).zip(&*colours) {
                *value += slope * colour;
            }
        }
        take(row, values)?;
    }
    Ok(())
}

/// One row of several that lie one after another.
fn plane_row(rows: &mut [f64], index: usize, width: usize) -> &mut [f64] {
    part_mut(rows, index.wrapping_mul(width), width)
}

/// The offset b and the slopes a of one row of windows, from the means of the mask and of its products with the
/// guide, which become covariances.
fn fill_coefficients<const C: usize>(coefficients: &mut [f64], means: &mut [f64], statistics: &[f64], width: usize) {
    let Some((mask, products)) = means.split_at_mut_checked(width) else { return };
    let Some((offsets, slopes)) = coefficients.split_at_mut_checked(width) else { return };
    let statistic = |index: usize| part(statistics, index.wrapping_mul(width), width);
    for channel in 0..C {
        let products = plane_row(products, channel, width).iter_mut();
        for ((product, mask), mean) in products.zip(&*mask).zip(statistic(channel)) {
            *product -= mask * mean;
        }
    }
    slopes.fill(0.0);
    for (entry, (one, other)) in pairs(C).enumerate() {
        let entries = statistic(C.wrapping_add(entry));
        let mut add = |slope: usize, covariance: usize| {
            let covariances = part(products, covariance.wrapping_mul(width), width);
            for ((slope, entry), covariance) in plane_row(slopes, slope, width).iter_mut().zip(entries).zip(covariances)
            {
                *slope += entry * covariance;
            }
        };
        add(one, other);
        if one != other {
            add(other, one);
        }
    }
    offsets.iter_mut().zip(&*mask).for_each(|(offset, &mask)| *offset = mask);
    for channel in 0..C {
        let slopes = part(slopes, channel.wrapping_mul(width), width);
        for ((offset, slope), mean) in offsets.iter_mut().zip(slopes).zip(statistic(channel)) {
            *offset -= slope * mean;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn inverses_by_hand() {
        assert_eq!(inverse(&[[4.0]]), [[0.25]]);
        assert_eq!(inverse(&[[0.0]]), [[0.0]]);
        assert_eq!(inverse(&[[f64::NAN]]), [[0.0]]);
        let matrix = [[4.0, 0.0, 0.0], [2.0, 5.0, 0.0], [0.0, 4.0, 5.0]];
        let half = inverse(&matrix);
        let full = |half: &[[f64; 3]; 3], i: usize, j: usize| if i >= j { half[i][j] } else { half[j][i] };
        for i in 0..3 {
            for j in 0..3 {
                let product: f64 = (0..3).map(|k| full(&matrix, i, k) * full(&half, k, j)).sum();
                assert!((product - f64::from(i == j)).abs() < 1e-14, "{product}");
            }
        }
        assert_eq!(inverse(&[[1.0, 0.0], [2.0, 1.0]]), [[0.0; 2]; 2]);
    }

    /// Bytes are exact with an offset, too, so nothing may change.
    #[test]
    fn an_offset_of_the_guide_changes_no_bit() {
        use crate::correspondence::image::Layout;
        let grid = Grid { rows: 2, columns: 3, height: 7, width: 9 };
        let filter = Guided { radius: 2, epsilon: 1e-2 };
        let coarse = [0.0f64, 1.0, 0.0, 1.0, 0.0, 0.5];
        let map = |offset: f64| {
            let pixels: [f64; 3 * 63] = core::array::from_fn(|i| (i * i * 37 % 256) as f64 + offset);
            let guide = Guide { pixels: &pixels, layout: Layout::planar(3, 7, 9) };
            let mut statistics = std::vec![0.0; statistics_len(&grid, 3)];
            let mut scratch = std::vec![0.0; scratch_len(&grid, &filter, 3)];
            fill_statistics(&mut statistics, &grid, &filter, &guide, &mut scratch).unwrap();
            let mut out = [0.0f64; 63];
            let (interpolation, coarse) = (Interpolation::Bilinear, &coarse.as_slice());
            fill_map(&mut out, &grid, &filter, interpolation, coarse, &guide, &statistics, &mut scratch).unwrap();
            out
        };
        assert_eq!(map(0.0), map(1e12));
    }
}
