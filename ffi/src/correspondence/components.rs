//! Connected components, and the removal of small ones.

use crate::pointer::{Buffer, write};
use crate::status::{quell_status, run};
use quell::correspondence::components::{self, Connectivity};
use quell::{Argument, Error};

/// Which pixels are neighbours.
#[repr(i32)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum quell_connectivity {
    /// Those that share a side.
    Four = 4,
    /// Those that share a side or a corner.
    Eight = 8,
}

fn cast_connectivity(connectivity: i32) -> Result<Connectivity, Error> {
    match connectivity {
        value if value == quell_connectivity::Four as i32 => Ok(Connectivity::Four),
        value if value == quell_connectivity::Eight as i32 => Ok(Connectivity::Eight),
        value => Err(Error::Unknown { argument: Argument::Connectivity, value }),
    }
}

/// The length of the scratch of quell_remove_small_u8(); SIZE_MAX when that overflows.
///
/// @param height  how many rows of pixels
/// @param width   how many columns of pixels
#[must_use]
#[unsafe(no_mangle)]
pub extern "C" fn quell_remove_small_scratch_len(height: usize, width: usize) -> usize {
    components::scratch_len(height, width)
}

/// Counts the pixels of each component.
///
/// @param areas           areas_len elements
/// @param areas_len       how many, at least as many as there are components
/// @param components      the number of each pixel's component: see quell_components_u8()
/// @param components_len  how many pixels
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn quell_component_areas(
    areas: *mut u32,
    areas_len: usize,
    components: *const u32,
    components_len: usize,
) -> quell_status {
    run(|| {
        let areas = Buffer::output(Argument::Areas, areas, areas_len)?;
        let components = Buffer::input(Argument::Components, components, components_len)?;
        areas.apart_from(&[components.range()])?;
        // SAFETY: checked above; valid by the contract of the C ABI.
        unsafe { components::fill_areas(areas.slice_mut(), components.slice()) }
    })
}

/// Stamps the functions of one type of labels.
macro_rules! components {
    ($label:ty, $components:ident, $remove_small:ident) => {
        /// Numbers the connected components of equal labels from 0 on, in the order of their first pixels row by row.
        ///
        /// @param out           how many there are
        /// @param components    the number of each pixel's component, n elements
        /// @param labels        the label of each pixel, n elements, row by row
        /// @param n             how many, height width, and no more than 32 bits count
        /// @param height        how many rows of pixels
        /// @param width         how many columns of pixels
        /// @param connectivity  a quell_connectivity
        #[must_use]
        #[unsafe(no_mangle)]
        pub unsafe extern "C" fn $components(
            out: *mut usize,
            components: *mut u32,
            labels: *const $label,
            n: usize,
            height: usize,
            width: usize,
            connectivity: i32,
        ) -> quell_status {
            run(|| {
                let components = Buffer::output(Argument::Components, components, n)?;
                let labels = Buffer::input(Argument::Labels, labels, n)?;
                components.apart_from(&[labels.range()])?;
                let connectivity = cast_connectivity(connectivity)?;
                // SAFETY: checked above and before use; valid by the contract of the C ABI.
                unsafe {
                    write(Argument::Out, out, &[components.range(), labels.range()], || {
                        let (components, labels) = (components.slice_mut(), labels.slice());
                        components::fill_components(components, labels, height, width, connectivity)
                    })
                }
            })
        }

        /// Gives each component of fewer than `least` pixels to the neighbour with which it shares most sides of
        /// pixels, the smallest first; what grows to `least` pixels on the way stays.
        ///
        /// @param out           how many are given away
        /// @param labels        the label of each pixel, n elements, row by row
        /// @param n             how many, height width, and no more than 32 bits count
        /// @param scratch       memory to work in
        /// @param scratch_len   how much, at least quell_remove_small_scratch_len(height, width)
        /// @param height        how many rows of pixels
        /// @param width         how many columns of pixels
        /// @param connectivity  a quell_connectivity
        /// @param least         how many pixels are enough
        #[must_use]
        #[unsafe(no_mangle)]
        pub unsafe extern "C" fn $remove_small(
            out: *mut usize,
            labels: *mut $label,
            n: usize,
            scratch: *mut u32,
            scratch_len: usize,
            height: usize,
            width: usize,
            connectivity: i32,
            least: usize,
        ) -> quell_status {
            run(|| {
                let labels = Buffer::output(Argument::Labels, labels, n)?;
                let scratch = Buffer::output(Argument::Scratch, scratch, scratch_len)?;
                labels.apart_from(&[scratch.range()])?;
                let connectivity = cast_connectivity(connectivity)?;
                // SAFETY: checked above and before use; valid by the contract of the C ABI.
                unsafe {
                    write(Argument::Out, out, &[labels.range(), scratch.range()], || {
                        let (labels, scratch) = (labels.slice_mut(), scratch.slice_mut());
                        components::remove_small(labels, height, width, connectivity, least, scratch)
                    })
                }
            })
        }
    };
}
components!(u8, quell_components_u8, quell_remove_small_u8);
components!(u16, quell_components_u16, quell_remove_small_u16);
