//! Joint bilateral upsampling (Kopf et al. 2007): cells count that are near in space and alike in an image.
//!
//! The weight of cell q at pixel p is exp(−|p̂ − q|²/(2·σ_s²) − |I(p) − Ī(q)|²/(2·σ_r²)): p̂ is where the pixel
//! stands among the cells' centres, Ī(q) the mean of the image over the cell, and q is at most
//! [`radius`](JointBilateral::radius) cells from the one that the pixel lies in. Cells beyond the grid's edge do not
//! count.
//!
//! ```
//! use quell::correspondence::{fold::Fold, image::Layout};
//! use quell::correspondence::upsample::{Grid, Guide, HardMasks, joint_bilateral::{self, JointBilateral}};
//! const GRID: Grid = Grid { rows: 1, columns: 2, height: 1, width: 6 };
//! const FILTER: JointBilateral = JointBilateral { sigma_space: 0.7, sigma_range: 20.0, radius: 1 };
//! // An edge in the image that is not where the cells meet.
//! let guide = Guide { pixels: &[10u8, 12, 11, 13, 200, 202], layout: Layout::planar(1, 1, 6) };
//! let mut coarse_guide = [0f32; 2];
//! joint_bilateral::fill_coarse_guide(&mut coarse_guide, &GRID, &guide)?;
//!
//! let (mut best, mut labels) = ([0f32; 6], [0u8; 6]);
//! let mut fold = Fold::new(&mut best, &mut labels, None, None)?;
//! fold.reset();
//! let masks = HardMasks { labels: &[0u8, 1], clusters: 2 };
//! let mut scratch = [0f32; joint_bilateral::scratch_len(&GRID, &FILTER)];
//! joint_bilateral::labels(&mut fold, &GRID, &FILTER, &masks, &guide, &coarse_guide, &mut scratch)?;
//! assert_eq!(labels, [0, 0, 0, 0, 1, 1]);
//! # Ok::<(), quell::Error>(())
//! ```

use super::clamped;
use super::exponential::exp_of_nonpositive;
use super::grid::{Axis, Grid};
use super::guide::Guide;
use super::masks::{Coarse, Masks, check_coarse, check_labels};
use crate::Scalar;
use crate::correspondence::fold::Fold;
use crate::correspondence::image::Pixel;
use crate::correspondence::label::Label;
use crate::error::{Argument, Error, check};
use crate::slice::{part, part_mut};

/// How far the filter reaches.
#[derive(Clone, Copy, Debug, PartialEq)]
#[repr(C)]
pub struct JointBilateral {
    /// The standard deviation in space, in cells.
    pub sigma_space: f64,
    /// The standard deviation in the guide's own unit: of 0 to 255 for bytes.
    pub sigma_range: f64,
    /// How many cells to each side count.
    pub radius: usize,
}

impl JointBilateral {
    fn check(&self) -> Result<(), Error> {
        check::positive(Argument::SigmaSpace, self.sigma_space)?;
        check::positive(Argument::SigmaRange, self.sigma_range).map(drop)
    }

    /// The cells of the window: above and below, left and right, and all.
    const fn window(&self, grid: &Grid) -> (usize, usize, usize) {
        const fn least(radius: usize, cells: usize) -> usize {
            let most = cells.saturating_sub(1);
            if radius < most { radius } else { most }
        }
        let (vertical, horizontal) = (least(self.radius, grid.rows), least(self.radius, grid.columns));
        let both = vertical.saturating_mul(2).saturating_add(1);
        (vertical, horizontal, both.saturating_mul(horizontal.saturating_mul(2).saturating_add(1)))
    }
}

/// Fills the mean of each channel over each cell: (channels, rows, columns).
///
/// Where cells and pixels do not line up, a pixel counts by the share of it that lies in the cell. A cell with a
/// pixel that is not a number gets none.
///
/// # Errors
///
/// [`Error::Length`] for `coarse_guide`; [`Error::Length`] or [`Error::TooShort`] for a guide of another size than
/// the grid's image (as `height` or `width`) or with too few elements (as `guide`); [`Error::Domain`] for a guide
/// without channels, and for a `grid` without cells or too large for an index.
pub fn fill_coarse_guide<T: Scalar, P: Pixel>(
    coarse_guide: &mut [T],
    grid: &Grid,
    guide: &Guide<P>,
) -> Result<(), Error> {
    check_guide(grid, guide, coarse_guide.len())?;
    let (vertical, horizontal) = (Shares::new(grid.rows, grid.height), Shares::new(grid.columns, grid.width));
    let whole = grid.pixels() as f64;
    let mut cells = coarse_guide.iter_mut();
    for channel in 0..guide.layout.channels {
        for row in 0..grid.rows {
            for (column, out) in (0..grid.columns).zip(cells.by_ref()) {
                let mut sum = 0.0;
                for (y, height) in vertical.of(row) {
                    let mut across = 0.0;
                    for (x, width) in horizontal.of(column) {
                        across += width * guide.element(channel, y, x);
                    }
                    sum += height * across;
                }
                *out = T::from_f64(sum / whole);
            }
        }
    }
    Ok(())
}

/// How cells share out the pixels of an axis. In units of a pixel's `cells`-th part both begin and end at whole
/// numbers.
struct Shares {
    cells: usize,
    pixels: usize,
}

impl Shares {
    fn new(cells: usize, pixels: usize) -> Shares {
        Shares { cells, pixels }
    }

    /// The pixels of a cell, and how much of each lies in it; all add up to the number of pixels.
    fn of(&self, cell: usize) -> impl Iterator<Item = (usize, f64)> {
        let Shares { cells, pixels } = *self;
        let (start, end) = (cell.wrapping_mul(pixels), cell.wrapping_add(1).wrapping_mul(pixels));
        let first = start.checked_div(cells).unwrap_or(0);
        (first..pixels).map_while(move |pixel| {
            let (from, to) = (pixel.wrapping_mul(cells), pixel.wrapping_add(1).wrapping_mul(cells));
            let share = to.min(end).checked_sub(from.max(start))?;
            if from < end { Some((pixel, share as f64)) } else { None }
        })
    }
}

/// The size of the image, of the coarse guide, and of the grid.
fn check_guide<P: Pixel>(grid: &Grid, guide: &Guide<P>, coarse_length: usize) -> Result<(), Error> {
    grid.check()?;
    guide.check(grid)?;
    check::length(Argument::CoarseGuide, grid.cells().saturating_mul(guide.layout.channels), coarse_length)
}

/// The length of the weights of one row of pixels: the cells of the window and one more, times the width.
pub const fn weights_len(grid: &Grid, filter: &JointBilateral) -> usize {
    filter.window(grid).2.saturating_add(1).saturating_mul(grid.width)
}

/// Fills the weights of one row of pixels, which serve all masks: first their sums, then the cells of the window row
/// by row, each with one weight for each pixel.
///
/// Weights are relative to the largest, so that their sum is at least 1 however small the sigmas are. A cell whose
/// distance is not finite does not count; where none does (the pixel itself is not a number, say) the weight of
/// the cell that the pixel lies in is 1. `weights` has [`weights_len`] elements.
///
/// # Errors
///
/// Those of [`fill_coarse_guide`]; [`Error::Length`] for `weights`; [`Error::Domain`] for sigmas that are not
/// positive and finite, and for a `row` that there is not.
pub fn fill_weights<T: Scalar, P: Pixel>(
    weights: &mut [T],
    grid: &Grid,
    filter: &JointBilateral,
    row: usize,
    guide: &Guide<P>,
    coarse_guide: &[T],
) -> Result<(), Error> {
    check_guide(grid, guide, coarse_guide.len())?;
    grid.check_row(row)?;
    filter.check()?;
    check::length(Argument::Weights, weights_len(grid, filter), weights.len())?;
    fill_weights_unchecked(weights, grid, filter, row, guide, coarse_guide);
    Ok(())
}

fn fill_weights_unchecked<T: Scalar, P: Pixel>(
    weights: &mut [T],
    grid: &Grid,
    filter: &JointBilateral,
    row: usize,
    guide: &Guide<P>,
    coarse_guide: &[T],
) {
    let (space, range) = (precision::<T>(filter.sigma_space), precision::<T>(filter.sigma_range));
    let Some((sums, taps)) = weights.split_at_mut_checked(grid.width) else { return };
    let window = Window::new(grid, filter, row);
    let columns = Axis::nearest(grid.columns, grid.width);
    // Exponents first, where the weights will be; cells beyond the edge have none.
    taps.fill(T::from_f64(f64::NEG_INFINITY));
    for (column, run) in columns.runs() {
        window.cells(column, |place, down, right| {
            let vertical = offset(grid.rows, grid.height, row, down);
            let exponents = part_mut(taps, place.wrapping_add(run.start), run.len());
            for (x, exponent) in exponents.iter_mut().enumerate() {
                let horizontal = offset(grid.columns, grid.width, run.start.wrapping_add(x), right);
                *exponent = -(T::from_f64(vertical * vertical + horizontal * horizontal) * space);
            }
        });
    }
    for channel in 0..guide.layout.channels {
        // Until it holds the sums, the first row holds the guide's.
        guide.fill_row(sums, channel, row);
        let means = part(coarse_guide, channel.wrapping_mul(grid.cells()), grid.cells());
        for (column, run) in columns.runs() {
            let pixels = part(sums, run.start, run.len());
            window.cells(column, |place, down, right| {
                let mean = means.get(down.wrapping_mul(grid.columns).wrapping_add(right));
                let mean = mean.copied().unwrap_or(T::ZERO);
                let exponents = part_mut(taps, place.wrapping_add(run.start), run.len());
                for (exponent, &pixel) in exponents.iter_mut().zip(pixels) {
                    let distance = pixel - mean;
                    *exponent = *exponent - distance * distance * range;
                }
            });
        }
    }
    sums.fill(T::from_f64(f64::NEG_INFINITY));
    for exponents in taps.chunks_exact(grid.width.max(1)) {
        for (largest, &exponent) in sums.iter_mut().zip(exponents) {
            *largest = if exponent > *largest { exponent } else { *largest };
        }
    }
    for exponents in taps.chunks_exact_mut(grid.width.max(1)) {
        for (exponent, largest) in exponents.iter_mut().zip(&*sums) {
            *exponent = T::from_f64(exp_of_nonpositive(exponent.to_f64() - largest.to_f64()));
        }
    }
    sums.fill(T::ZERO);
    for weights in taps.chunks_exact(grid.width.max(1)) {
        sums.iter_mut().zip(weights).for_each(|(sum, &weight)| *sum = *sum + weight);
    }
    // The middle of the window is the cell that the pixel lies in.
    let own = part_mut(taps, (filter.window(grid).2 / 2).wrapping_mul(grid.width), grid.width);
    for (sum, own) in sums.iter_mut().zip(own) {
        if *sum == T::ZERO {
            (*sum, *own) = (T::ONE, T::ONE);
        }
    }
}

/// 1/(2·σ²), or the largest number there is.
fn precision<T: Scalar>(sigma: f64) -> T {
    let value = T::from_f64(0.5 / (sigma * sigma));
    if value.is_finite() {
        value
    } else if T::from_f64(f64::MAX).is_finite() {
        T::from_f64(f64::MAX)
    } else {
        T::from_f64(f64::from(f32::MAX))
    }
}

/// How far a pixel's centre is from a cell's, in cells, rounded once.
fn offset(cells: usize, pixels: usize, pixel: usize, cell: usize) -> f64 {
    let twice = |index: usize| index.wrapping_mul(2).wrapping_add(1);
    let (pixel, cell) = (twice(pixel).wrapping_mul(cells), twice(cell).wrapping_mul(pixels));
    (pixel as f64 - cell as f64) / pixels.wrapping_mul(2) as f64
}

/// The window of one row of pixels.
struct Window {
    /// How far it reaches up and down, left and right.
    vertical: usize,
    horizontal: usize,
    /// The row of cells in its middle.
    middle: usize,
    rows: usize,
    columns: usize,
    width: usize,
}

impl Window {
    fn new(grid: &Grid, filter: &JointBilateral, row: usize) -> Window {
        let (vertical, horizontal, _) = filter.window(grid);
        let middle = Axis::nearest(grid.rows, grid.height).cell(row);
        Window { vertical, horizontal, middle, rows: grid.rows, columns: grid.columns, width: grid.width }
    }

    /// Calls `take` for each cell of the grid that is in the window when the cell in its middle is in this column:
    /// with the place of its row of weights, and the cell's row and column.
    #[inline(always)]
    fn cells(&self, column: usize, mut take: impl FnMut(usize, usize, usize)) {
        let across = self.horizontal.wrapping_mul(2).wrapping_add(1);
        let range = |middle: usize, reach: usize, cells: usize| {
            middle.saturating_sub(reach)..middle.wrapping_add(reach).wrapping_add(1).min(cells)
        };
        for row in range(self.middle, self.vertical, self.rows) {
            let down = row.wrapping_add(self.vertical).wrapping_sub(self.middle);
            for cell in range(column, self.horizontal, self.columns) {
                let right = cell.wrapping_add(self.horizontal).wrapping_sub(column);
                take(down.wrapping_mul(across).wrapping_add(right).wrapping_mul(self.width), row, cell);
            }
        }
    }
}

/// Fills one row of pixels with a mask's values: the mean of the window's cells by `weights` of
/// [`fill_weights`] for the same grid, filter and row.
///
/// Values stay between those of the window's cells, and are theirs where all are equal.
///
/// # Errors
///
/// [`Error::Length`] for `out`, `weights` or `coarse`; [`Error::Domain`] for a `grid` without cells or too large for
/// an index, and for a `row` that it does not have.
pub fn fill_row<T: Scalar>(
    out: &mut [T],
    grid: &Grid,
    filter: &JointBilateral,
    row: usize,
    weights: &[T],
    coarse: &impl Coarse,
) -> Result<(), Error> {
    grid.check_row(row)?;
    grid.check_out(out.len())?;
    check::length(Argument::Weights, weights_len(grid, filter), weights.len())?;
    check_coarse(grid, coarse)?;
    fill_row_unchecked(out, grid, filter, row, weights, coarse);
    Ok(())
}

fn fill_row_unchecked<T: Scalar>(
    out: &mut [T],
    grid: &Grid,
    filter: &JointBilateral,
    row: usize,
    weights: &[T],
    coarse: &impl Coarse,
) {
    let window = Window::new(grid, filter, row);
    let (sums, taps) = (part(weights, 0, grid.width), weights.get(grid.width..).unwrap_or(&[]));
    let value = |row: usize, column: usize| coarse.value::<T>(row.wrapping_mul(grid.columns).wrapping_add(column));
    for (column, run) in Axis::nearest(grid.columns, grid.width).runs() {
        let out = part_mut(out, run.start, run.len());
        let own = value(window.middle, column);
        let (mut low, mut high, mut is_constant) = (own, own, true);
        window.cells(column, |_, row, column| {
            let value = value(row, column);
            low = if value < low { value } else { low };
            high = if value > high { value } else { high };
            is_constant &= value == own;
        });
        if is_constant {
            out.fill(own);
            continue;
        }
        out.fill(T::ZERO);
        window.cells(column, |place, row, column| {
            let value = value(row, column);
            // Most cells are not in the mask.
            if value != T::ZERO {
                let weights = part(taps, place.wrapping_add(run.start), run.len());
                out.iter_mut().zip(weights).for_each(|(out, &weight)| *out = *out + weight * value);
            }
        });
        let sums = part(sums, run.start, run.len());
        out.iter_mut().zip(sums).for_each(|(out, &sum)| *out = clamped(*out / sum, low, high));
    }
}

/// The length of the scratch of [`labels`]: the weights and a row.
pub const fn scratch_len(grid: &Grid, filter: &JointBilateral) -> usize {
    weights_len(grid, filter).saturating_add(grid.width)
}

/// Takes all masks into a fold, row by row; weights are found once a row.
///
/// The fold is not reset, so it may have seen other masks. `coarse_guide` is that of [`fill_coarse_guide`] or one of
/// the host's; `scratch` has [`scratch_len`] elements.
///
/// # Errors
///
/// Those of [`fill_weights`]; [`Error::Length`] for a `fold` of another size than the image (as `best`), or for masks
/// of another size than the grid (as `coarse`); [`Error::TooShort`] for `scratch`; [`Error::Domain`] for a label of
/// no mask (as `coarse`), and for more masks than the fold's labels tell apart (as `clusters`).
pub fn labels<T: Scalar, L: Label, P: Pixel>(
    fold: &mut Fold<T, L>,
    grid: &Grid,
    filter: &JointBilateral,
    masks: &impl Masks,
    guide: &Guide<P>,
    coarse_guide: &[T],
    scratch: &mut [T],
) -> Result<(), Error> {
    check_labels(fold, grid, masks)?;
    check_guide(grid, guide, coarse_guide.len())?;
    filter.check()?;
    check::at_least(Argument::Scratch, scratch_len(grid, filter), scratch.len())?;
    let Some((weights, rest)) = scratch.split_at_mut_checked(weights_len(grid, filter)) else { return Ok(()) };
    let out = part_mut(rest, 0, grid.width);
    for row in grid.pixel_rows() {
        fill_weights_unchecked(weights, grid, filter, row, guide, coarse_guide);
        for label in 0..masks.count() {
            fill_row_unchecked(out, grid, filter, row, weights, &masks.mask(label));
            fold.push(label, row.wrapping_mul(grid.width), out)?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::correspondence::image::Layout;

    const GRID: Grid = Grid { rows: 1, columns: 3, height: 1, width: 3 };
    const FILTER: JointBilateral = JointBilateral { sigma_space: 1.0, sigma_range: 0.5, radius: 1 };

    fn weights(pixels: &[f64; 3], means: &[f64; 3], filter: &JointBilateral) -> [f64; 12] {
        let (guide, mut weights) = (Guide { pixels, layout: Layout::planar(1, 1, 3) }, [f64::NAN; 12]);
        fill_weights(&mut weights, &GRID, filter, 0, &guide, means).unwrap();
        weights
    }

    #[test]
    fn weights_by_hand() {
        let [s0, s1, s2, left0, left1, left2, own0, own1, own2, right0, right1, right2] =
            weights(&[0.0, 0.0, 1.0], &[0.0, 0.0, 1.0], &FILTER);
        let (near, far) = (libm::exp(-0.5), libm::exp(-0.5 - 2.0));
        assert_eq!([left0, own0, own1, own2, right2], [0.0, 1.0, 1.0, 1.0, 0.0]);
        for (weight, expected) in [(left1, near), (left2, far), (right0, near), (right1, far)] {
            assert!((weight / expected - 1.0).abs() < 1e-15);
        }
        assert_eq!([s0, s1, s2], [own0 + right0, left1 + own1 + right1, left2 + own2]);
    }

    #[test]
    fn where_nothing_counts_the_own_cell_does() {
        let own_alone = [1.0, 1.0, 1.0, 0.0, 0.0, 0.0, 1.0, 1.0, 1.0, 0.0, 0.0, 0.0];
        assert_eq!(weights(&[f64::NAN; 3], &[0.0; 3], &FILTER), own_alone);
        assert_eq!(weights(&[0.0; 3], &[f64::NAN; 3], &FILTER), own_alone);
        // Squares that overflow.
        let tiny = JointBilateral { sigma_range: 1e-300, ..FILTER };
        assert_eq!(weights(&[7.0; 3], &[0.0; 3], &tiny), own_alone);
        let narrow = JointBilateral { sigma_space: 1e-300, ..FILTER };
        assert_eq!(weights(&[0.0; 3], &[0.0; 3], &narrow), own_alone);
        assert!(precision::<f32>(1e-300).is_finite() && precision::<f64>(1e-300).is_finite());
    }

    #[test]
    fn cells_share_out_pixels() {
        let shares = |cell| Shares::new(3, 4).of(cell).collect::<std::vec::Vec<_>>();
        assert_eq!(shares(0), [(0, 3.0), (1, 1.0)]);
        assert_eq!(shares(1), [(1, 2.0), (2, 2.0)]);
        assert_eq!(shares(2), [(2, 1.0), (3, 3.0)]);
        let coarser: std::vec::Vec<_> = Shares::new(3, 1).of(1).collect();
        assert_eq!(coarser, [(0, 1.0)]);
    }
}
