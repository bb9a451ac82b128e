//! How images lie in memory.

use crate::pointer::{Buffer, extent, read, write};
use crate::status::{quell_status, run};
use core::ops::Range;
use quell::correspondence::image::{Layout, Pixel};
use quell::{Argument, Error};

/// Stamps the usual layouts.
macro_rules! layouts {
    ($($(#[$doc:meta])* $name:ident, $make:ident;)*) => {$(
        $(#[$doc])*
        ///
        /// @param out       the layout
        /// @param channels  the number of channels
        /// @param height    the number of rows
        /// @param width     the number of columns
        #[must_use]
        #[unsafe(no_mangle)]
        pub unsafe extern "C" fn $name(out: *mut Layout, channels: usize, height: usize, width: usize) -> quell_status {
            // SAFETY: checked before use; valid by the contract of the C ABI.
            run(|| unsafe { write(Argument::Out, out, &[], || Ok(Layout::$make(channels, height, width))) })
        }
    )*};
}
layouts! {
    /// The layout of an image that is stored channel by channel, as networks put them out.
    quell_layout_planar, planar;
    /// The layout of an image that is stored pixel by pixel, as files hold them.
    quell_layout_interleaved, interleaved;
}

/// The number of elements that a buffer must have to hold an image: up to its last one.
///
/// @param out     the number; SIZE_MAX when that overflows
/// @param layout  the layout
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn quell_layout_len(out: *mut usize, layout: *const Layout) -> quell_status {
    run(|| {
        // SAFETY: checked before use; valid by the contract of the C ABI.
        unsafe {
            let value = read(Argument::Layout, layout)?;
            write(Argument::Out, out, &[extent(layout)], || Ok(value.len()))
        }
    })
}

/// The two images of a mask, checked on their own.
pub(super) struct Images<P> {
    pub(super) minus: Buffer<P>,
    pub(super) plus: Buffer<P>,
    pub(super) layout: Layout,
    extent: Range<usize>,
}

impl<P: Pixel> Images<P> {
    /// # Safety
    ///
    /// As for [`read`].
    pub(super) unsafe fn input(
        minus: *const P,
        minus_len: usize,
        plus: *const P,
        plus_len: usize,
        layout: *const Layout,
    ) -> Result<Images<P>, Error> {
        Ok(Images {
            minus: Buffer::input(Argument::Minus, minus, minus_len)?,
            plus: Buffer::input(Argument::Plus, plus, plus_len)?,
            extent: extent(layout),
            // SAFETY: by this function's contract.
            layout: unsafe { read(Argument::Layout, layout)? },
        })
    }

    pub(super) fn ranges(&self) -> [Range<usize>; 3] {
        [self.minus.range(), self.plus.range(), self.extent.clone()]
    }
}
