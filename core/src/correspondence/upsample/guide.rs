//! The image that guides a filter.

use super::Grid;
use crate::Scalar;
use crate::correspondence::image::{Layout, Pixel};
use crate::error::{Argument, Error, check};

/// An image of the size that masks are brought to, of any number of channels.
#[derive(Clone, Copy, Debug)]
pub struct Guide<'a, P> {
    /// The elements; bytes count as 0, 1, …, 255.
    pub pixels: &'a [P],
    /// Where they stand.
    pub layout: Layout,
}

impl<P: Pixel> Guide<'_, P> {
    /// At least one channel, the size of the grid's image, and every element within the slice.
    pub(super) fn check(&self, grid: &Grid) -> Result<(), Error> {
        check::length(Argument::Height, grid.height, self.layout.height)?;
        check::length(Argument::Width, grid.width, self.layout.width)?;
        self.layout.check(Argument::Guide, self.pixels)
    }

    /// No element that is infinite or not a number.
    pub(super) fn check_finite(&self) -> Result<(), Error> {
        // However many rows there are without a column.
        let rows = if self.layout.width == 0 { 0 } else { self.layout.height };
        for channel in 0..self.layout.channels {
            for row in 0..rows {
                for column in 0..self.layout.width {
                    check::finite(Argument::Guide, self.element(channel, row, column))?;
                }
            }
        }
        Ok(())
    }

    /// Widens one row of one channel.
    #[inline(always)]
    pub(super) fn fill_row<T: Scalar>(&self, out: &mut [T], channel: usize, row: usize) {
        let pixels = self.layout.row(self.pixels, channel, row);
        if self.layout.column_stride == 1 {
            out.iter_mut().zip(pixels).for_each(|(out, pixel)| *out = T::from_f64(pixel.widen().to_f64()));
        } else {
            let pixels = pixels.iter().step_by(self.layout.column_stride.max(1));
            out.iter_mut().zip(pixels).for_each(|(out, pixel)| *out = T::from_f64(pixel.widen().to_f64()));
        }
    }

    /// One element, widened.
    #[inline(always)]
    pub(super) fn element(&self, channel: usize, row: usize, column: usize) -> f64 {
        let pixels = self.layout.row(self.pixels, channel, row);
        pixels.get(column.wrapping_mul(self.layout.column_stride)).map_or(0.0, |pixel| pixel.widen().to_f64())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn layouts_and_their_ends() {
        let grid = Grid { rows: 1, columns: 1, height: 2, width: 2 };
        let guide = Guide { pixels: &[1u8, 2, 3, 4, 5, 6, 7, 8], layout: Layout::interleaved(2, 2, 2) };
        assert!(guide.check(&grid).is_ok());
        let mut row = [0f32; 2];
        guide.fill_row(&mut row, 1, 1);
        assert_eq!((row, guide.element(0, 1, 1)), ([6.0, 8.0], 7.0));
        let planar = Guide { layout: Layout::planar(2, 2, 2), ..guide };
        planar.fill_row(&mut row, 1, 0);
        assert_eq!(row, [5.0, 6.0]);

        let refused = |guide: Guide<u8>| guide.check(&grid).unwrap_err();
        let needed = Error::TooShort { argument: Argument::Guide, needed: 8, actual: 7 };
        assert_eq!(refused(Guide { pixels: &guide.pixels[..7], ..guide }), needed);
        assert_eq!(refused(Guide { layout: Layout::planar(2, 3, 2), ..guide }).argument(), Argument::Height);
        assert_eq!(refused(Guide { layout: Layout::planar(2, 2, 3), ..guide }).argument(), Argument::Width);
        assert_eq!(refused(Guide { layout: Layout::planar(0, 2, 2), ..guide }).argument(), Argument::Channels);
        let far = Layout { row_stride: usize::MAX, ..Layout::planar(2, 2, 2) };
        assert_eq!(refused(Guide { layout: far, ..guide }).argument(), Argument::Guide);
        let nothing = Guide::<u8> { pixels: &[], layout: Layout::planar(1, 0, 2) };
        assert!(nothing.check(&Grid { height: 0, ..grid }).is_ok());
    }

    #[test]
    fn what_is_not_finite_is_found() {
        let guide = Guide { pixels: &[1.0f32, f32::INFINITY, 2.0, 3.0], layout: Layout::planar(1, 2, 2) };
        assert_eq!(guide.check_finite().unwrap_err().argument(), Argument::Guide);
        assert!(Guide { pixels: &[1.0f32; 4], ..guide }.check_finite().is_ok());
    }
}
