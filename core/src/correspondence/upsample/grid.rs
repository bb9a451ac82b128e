//! Where pixels stand among cells, in whole numbers.

use crate::error::{Argument, Error, check};
use core::ops::Range;

/// A grid of cells over an image: `rows` × `columns` cells share `height` × `width` pixels evenly.
///
/// The scale need not be a whole number, nor the same along both axes. Cells and pixels are counted row by row.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[repr(C)]
pub struct Grid {
    /// How many rows of cells.
    pub rows: usize,
    /// How many columns of cells.
    pub columns: usize,
    /// How many rows of pixels.
    pub height: usize,
    /// How many columns of pixels.
    pub width: usize,
}

impl Grid {
    /// The number of cells.
    pub const fn cells(&self) -> usize {
        self.rows.saturating_mul(self.columns)
    }

    /// The number of pixels.
    pub const fn pixels(&self) -> usize {
        self.height.saturating_mul(self.width)
    }

    /// The rows of pixels: none where there is no column, however many there are.
    pub(in crate::correspondence) fn pixel_rows(&self) -> Range<usize> {
        0..if self.width == 0 { 0 } else { self.height }
    }

    /// At least one cell, and sizes whose products an index holds.
    pub(in crate::correspondence) fn check(&self) -> Result<(), Error> {
        let domain = |argument, value: usize| Err(Error::Domain { argument, value: value as f64 });
        // Positions are fractions with a numerator of up to four times the product of both numbers.
        let fits = |cells: usize, pixels: usize| cells.checked_mul(pixels).and_then(|n| n.checked_mul(4)).is_some();
        if self.rows == 0 || self.rows.checked_mul(self.columns).is_none() {
            domain(Argument::Rows, self.rows)
        } else if self.columns == 0 {
            domain(Argument::Columns, 0)
        } else if !fits(self.rows, self.height) || self.height.checked_mul(self.width).is_none() {
            domain(Argument::Height, self.height)
        } else if !fits(self.columns, self.width) {
            domain(Argument::Width, self.width)
        } else {
            Ok(())
        }
    }

    /// The same, and that there is such a row of pixels.
    pub(in crate::correspondence) fn check_row(&self, row: usize) -> Result<(), Error> {
        self.check()?;
        if row < self.height { Ok(()) } else { Err(Error::Domain { argument: Argument::Row, value: row as f64 }) }
    }

    /// A row of pixels as a buffer.
    pub(in crate::correspondence) fn check_out(&self, length: usize) -> Result<(), Error> {
        check::length(Argument::Out, self.width, length)
    }
}

/// Pixel x of an axis stands at (`step`·x + `plus` − `minus`)/`unit`, counted in cells from the first; never before
/// it.
#[derive(Clone, Copy, Debug)]
pub(in crate::correspondence) struct Axis {
    cells: usize,
    pixels: usize,
    step: usize,
    plus: usize,
    minus: usize,
    unit: usize,
}

impl Axis {
    /// The whole part is the cell that a pixel's centre lies in: (x + ½)·cells/pixels.
    pub(in crate::correspondence) const fn nearest(cells: usize, pixels: usize) -> Axis {
        let (step, unit) = (cells.saturating_mul(2), pixels.saturating_mul(2));
        Axis { cells, pixels, step, plus: cells, minus: 0, unit }
    }

    /// From centre to centre, with half-pixel centres: (x + ½)·cells/pixels − ½.
    pub(in crate::correspondence) const fn centres(cells: usize, pixels: usize) -> Axis {
        Axis { minus: pixels, ..Axis::nearest(cells, pixels) }
    }

    /// The outermost pixels at the centres of the outermost cells: x·(cells − 1)/(pixels − 1).
    pub(in crate::correspondence) const fn corners(cells: usize, pixels: usize) -> Axis {
        let unit = if pixels > 1 { pixels - 1 } else { 1 };
        Axis { cells, pixels, step: cells.saturating_sub(1), plus: 0, minus: 0, unit }
    }

    fn numerator(&self, pixel: usize) -> usize {
        self.step.wrapping_mul(pixel).wrapping_add(self.plus).saturating_sub(self.minus)
    }

    /// The whole part of a pixel's position.
    pub(in crate::correspondence) fn cell(&self, pixel: usize) -> usize {
        let whole = self.numerator(pixel).checked_div(self.unit).unwrap_or(0);
        whole.min(self.cells.saturating_sub(1))
    }

    /// The cell after that, or the last.
    pub(in crate::correspondence) fn next(&self, cell: usize) -> usize {
        cell.saturating_add(1).min(self.cells.saturating_sub(1))
    }

    /// What is left of a pixel's position, in [0, 1), rounded once.
    pub(in crate::correspondence) fn fraction(&self, pixel: usize) -> f64 {
        self.fraction_after(self.cell(pixel), pixel)
    }

    /// A pixel's position counted from a cell that is not beyond it.
    #[inline(always)]
    pub(in crate::correspondence) fn fraction_after(&self, cell: usize, pixel: usize) -> f64 {
        let rest = self.numerator(pixel).saturating_sub(cell.wrapping_mul(self.unit));
        // Through 32 bits where they suffice: that conversion is a vector instruction.
        match (i32::try_from(rest), i32::try_from(self.unit)) {
            (Ok(rest), Ok(unit)) => f64::from(rest) / f64::from(unit),
            _ => rest as f64 / self.unit as f64,
        }
    }

    /// The first pixel whose position has at least this whole part.
    fn first(&self, cell: usize) -> usize {
        if cell == 0 {
            return 0;
        }
        let least = cell.wrapping_mul(self.unit).wrapping_add(self.minus).saturating_sub(self.plus);
        let first = least.wrapping_add(self.step.saturating_sub(1)).checked_div(self.step);
        first.unwrap_or(self.pixels).min(self.pixels)
    }

    /// The cells with the pixels whose positions have them as the whole part, in order; some may have none.
    pub(in crate::correspondence) fn runs(self) -> impl Iterator<Item = (usize, Range<usize>)> {
        (0..self.cells).map(move |cell| {
            let end = if cell + 1 < self.cells { self.first(cell + 1) } else { self.pixels };
            (cell, self.first(cell)..end)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn runs_are_the_whole_parts() {
        for cells in 1..8 {
            for pixels in 0..30 {
                for axis in [Axis::nearest(cells, pixels), Axis::centres(cells, pixels), Axis::corners(cells, pixels)] {
                    let mut next = 0;
                    for (cell, run) in axis.runs() {
                        assert_eq!(run.start, next, "{axis:?}");
                        run.clone().for_each(|pixel| assert_eq!(axis.cell(pixel), cell, "{axis:?} {pixel}"));
                        next = run.end;
                    }
                    assert_eq!(next, pixels, "{axis:?}");
                }
            }
        }
    }

    #[test]
    fn positions_by_hand() {
        let axis = Axis::centres(2, 4);
        let positions: [f64; 4] = core::array::from_fn(|x| axis.cell(x) as f64 + axis.fraction(x));
        assert_eq!(positions, [0.0, 0.25, 0.75, 1.25]);
        let axis = Axis::corners(3, 5);
        let positions: [f64; 5] = core::array::from_fn(|x| axis.cell(x) as f64 + axis.fraction(x));
        assert_eq!(positions, [0.0, 0.5, 1.0, 1.5, 2.0]);
        let axis = Axis::nearest(2, 3);
        assert_eq!([axis.cell(0), axis.cell(1), axis.cell(2)], [0, 1, 1]);
        assert_eq!((Axis::corners(5, 1).cell(0), Axis::corners(1, 5).cell(4)), (0, 0));
    }

    #[test]
    fn sizes_that_no_index_holds_are_refused() {
        let grid = Grid { rows: 2, columns: 2, height: 4, width: 4 };
        assert!(grid.check().is_ok() && grid.check_row(3).is_ok());
        let refused = |grid: Grid| grid.check().unwrap_err().argument();
        assert_eq!(refused(Grid { rows: 0, ..grid }), Argument::Rows);
        assert_eq!(refused(Grid { columns: 0, ..grid }), Argument::Columns);
        assert_eq!(refused(Grid { rows: usize::MAX, ..grid }), Argument::Rows);
        assert_eq!(refused(Grid { height: usize::MAX / 4, ..grid }), Argument::Height);
        assert_eq!(refused(Grid { width: usize::MAX / 2, ..grid }), Argument::Height);
        assert_eq!(refused(Grid { width: usize::MAX / 4, height: 1, ..grid }), Argument::Width);
        assert_eq!(grid.check_row(4).unwrap_err().argument(), Argument::Row);
        assert!(Grid { height: 0, ..grid }.check().is_ok());
    }
}
