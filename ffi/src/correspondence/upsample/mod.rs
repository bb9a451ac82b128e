//! Other ways from a coarse mask to a fine one.

// The order of the modules is that of the header.
pub mod interpolate;

pub mod joint_bilateral;

pub mod guided;

pub mod pamr;

pub mod mix;

use crate::pointer::{Buffer, extent, read};
use core::ops::Range;
use quell::correspondence::image::{Layout, Pixel};
use quell::correspondence::upsample::Guide;
use quell::{Argument, Error};

/// The parts of a guide.
struct GuideBuffer<P> {
    pixels: Buffer<P>,
    layout: Layout,
    /// The struct that the layout came in.
    object: Range<usize>,
}

impl<P: Pixel> GuideBuffer<P> {
    /// Copies the layout and checks the pointers.
    ///
    /// # Safety
    ///
    /// The pointer to the layout is NULL, misaligned or valid for reads.
    unsafe fn open(guide: *const P, length: usize, layout: *const Layout) -> Result<GuideBuffer<P>, Error> {
        let pixels = Buffer::input(Argument::Guide, guide, length)?;
        // SAFETY: by this function's contract.
        Ok(GuideBuffer { pixels, layout: unsafe { read(Argument::Layout, layout)? }, object: extent(layout) })
    }

    fn ranges(&self) -> [Range<usize>; 2] {
        [self.pixels.range(), self.object.clone()]
    }

    /// # Safety
    ///
    /// As for [`Buffer::slice`].
    unsafe fn cast<'a>(&self) -> Guide<'a, P> {
        // SAFETY: by this function's contract.
        Guide { pixels: unsafe { self.pixels.slice() }, layout: self.layout }
    }
}
