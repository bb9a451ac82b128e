//! How images lie in memory, and the types of their elements.

use crate::error::{Argument, Error, check};
use crate::{Scalar, Storage};

/// The type of an image's elements: `u8`, [`struct@crate::f16`], [`crate::bf16`], `f32` or `f64`.
///
/// Elements are widened as they are read, bytes to 0, 1, …, 255; there is no arithmetic in 8 or 16 bits.
pub trait Pixel: Copy {
    /// What to compute in: `f64` for `f64`, else `f32`.
    type Acc: Scalar;
    /// Widens, exactly.
    fn widen(self) -> Self::Acc;
}

impl Pixel for u8 {
    type Acc = f32;
    #[inline(always)]
    fn widen(self) -> f32 {
        self as f32
    }
}

impl<X: Storage> Pixel for X {
    type Acc = X::Acc;
    #[inline(always)]
    fn widen(self) -> X::Acc {
        self.load()
    }
}

/// Where an image's elements stand: element (c, y, x) at c·`channel_stride` + y·`row_stride` + x·`column_stride`.
///
/// [`planar`](Layout::planar) is what networks put out, (C, H, W); [`interleaved`](Layout::interleaved) is what files
/// hold, (H, W, C). Other strides address a part of a larger image.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[repr(C)]
pub struct Layout {
    /// The number of channels.
    pub channels: usize,
    /// The number of rows.
    pub height: usize,
    /// The number of columns.
    pub width: usize,
    /// From a channel to the next.
    pub channel_stride: usize,
    /// From a row to the next.
    pub row_stride: usize,
    /// From a column to the next.
    pub column_stride: usize,
}

impl Layout {
    /// (C, H, W): channel by channel.
    pub const fn planar(channels: usize, height: usize, width: usize) -> Layout {
        let channel_stride = height.saturating_mul(width);
        Layout { channels, height, width, channel_stride, row_stride: width, column_stride: 1 }
    }

    /// (H, W, C): pixel by pixel.
    pub const fn interleaved(channels: usize, height: usize, width: usize) -> Layout {
        let row_stride = width.saturating_mul(channels);
        Layout { channels, height, width, channel_stride: 1, row_stride, column_stride: channels }
    }

    /// How many elements a buffer must have to hold such an image: up to its last element, saturating.
    pub const fn len(&self) -> usize {
        if self.is_empty() {
            return 0;
        }
        let channel = (self.channels - 1).saturating_mul(self.channel_stride);
        let row = (self.height - 1).saturating_mul(self.row_stride);
        let column = (self.width - 1).saturating_mul(self.column_stride);
        channel.saturating_add(row).saturating_add(column).saturating_add(1)
    }

    /// Without a channel, a row or a column.
    pub const fn is_empty(&self) -> bool {
        self.channels == 0 || self.height == 0 || self.width == 0
    }

    /// The layout must have a channel and columns apart, and the buffer must hold the image.
    pub(crate) fn check<P>(&self, argument: Argument, image: &[P]) -> Result<(), Error> {
        check::not_zero(Argument::Channels, self.channels)?;
        check::not_zero(Argument::Layout, self.column_stride)?;
        check::at_least(argument, self.len(), image.len())
    }

    /// The elements of `channel` in the row `y` of a checked image, each [`column_stride`](Layout::column_stride) from
    /// the one before.
    pub(crate) fn row<'a, P>(&self, image: &'a [P], channel: usize, y: usize) -> &'a [P] {
        // An image without columns may have any strides.
        let start = channel.wrapping_mul(self.channel_stride).wrapping_add(y.wrapping_mul(self.row_stride));
        let length = self.width.saturating_sub(1).saturating_mul(self.column_stride).saturating_add(1);
        image.get(start..start.saturating_add(length)).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::vec::Vec;

    #[test]
    fn a_layout_ends_with_its_last_element() {
        assert_eq!(Layout::planar(3, 4, 5).len(), 60);
        assert_eq!(Layout::interleaved(3, 4, 5).len(), 60);
        assert_eq!(Layout { row_stride: 9, ..Layout::planar(1, 4, 5) }.len(), 32);
        assert_eq!(Layout::planar(3, 0, 5).len(), 0);
        assert_eq!(Layout { row_stride: usize::MAX, ..Layout::planar(1, 3, 5) }.len(), usize::MAX);
        assert_eq!(Layout { row_stride: 0, ..Layout::planar(1, 3, 5) }.len(), 5);
        let layout = Layout::planar(1, 1, 3);
        assert!(layout.check(Argument::Minus, &[0u8; 3]).is_ok() && layout.check(Argument::Minus, &[0u8; 2]).is_err());
        assert!(Layout::planar(0, 1, 3).check(Argument::Minus, &[0u8; 3]).is_err());
        let standing = Layout { column_stride: 0, ..Layout::planar(1, 3, 5) };
        assert!(standing.check(Argument::Minus, &[0u8; 15]).is_err());
    }

    #[test]
    fn a_row_ends_with_its_last_element() {
        let image: Vec<u8> = (0..60).collect();
        assert_eq!(Layout::planar(3, 4, 5).row(&image, 1, 2), [30, 31, 32, 33, 34]);
        let interleaved = Layout::interleaved(3, 4, 5);
        let row = interleaved.row(&image, 2, 3);
        assert_eq!(row.iter().step_by(3).copied().collect::<Vec<u8>>(), [47, 50, 53, 56, 59]);
        assert_eq!(row.len(), 13);
        let (channel_stride, row_stride) = (usize::MAX, usize::MAX);
        let nothing = Layout { channel_stride, row_stride, ..Layout::planar(2, 3, 0) };
        assert!(nothing.check(Argument::Minus, &[0u8; 0]).is_ok() && nothing.row(&[0u8; 0], 1, 2).is_empty());
    }
}
