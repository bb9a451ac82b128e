//! Pushing a cluster up and down inside the network.

use crate::pointer::Buffer;
use crate::status::{quell_status, run};
use quell::correspondence::modulate::{
    Channels, Pass, fill_offsets, fill_passes, fill_weighted_offsets, offset_cells, offset_weighted,
};
use quell::{Argument, Error, bf16, f16};

/// Where the channels of a feature map stand.
#[repr(i32)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum quell_channels {
    /// A cell's channels stand together, as attention layers have them.
    Last = 0,
    /// A channel's cells stand together, as convolutions have them.
    First = 1,
}

fn cast_channels(channels: i32) -> Result<Channels, Error> {
    match channels {
        value if value == quell_channels::Last as i32 => Ok(Channels::Last),
        value if value == quell_channels::First as i32 => Ok(Channels::First),
        value => Err(Error::Unknown { argument: Argument::Channels, value }),
    }
}

/// Lists what each item of a batch is to be offset by: first the reference if wanted, then -lambda and +lambda for each
/// mask from first_label on.
///
/// @param passes          passes_len elements
/// @param passes_len      how many: two for each mask, and one for the reference
/// @param first_label     the first mask
/// @param lambda          how far to push
/// @param with_reference  not 0: the first item is not offset
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn quell_offset_passes(
    passes: *mut Pass,
    passes_len: usize,
    first_label: usize,
    lambda: f64,
    with_reference: i32,
) -> quell_status {
    run(|| {
        let passes = Buffer::output(Argument::Passes, passes, passes_len)?;
        // SAFETY: checked above; valid by the contract of the C ABI.
        fill_passes(unsafe { passes.slice_mut() }, first_label, lambda, with_reference != 0)
    })
}

/// Stamps the masks of labels for one type of elements and one of labels.
macro_rules! hard {
    ($type:ty as $stored:ty, $label:ty, $offset:ident, $fill:ident) => {
        /// Offsets the cells of each item's mask, in place: h = h + offset in all channels of the cells that have the
        /// label of the item's pass. An item with offset 0 stays as it is.
        ///
        /// @param h           the feature maps of the items, h_len elements
        /// @param h_len       how many, a multiple of passes_len cells
        /// @param labels      the label of each cell, cells elements
        /// @param cells       how many cells an item has
        /// @param passes      one for each item
        /// @param passes_len  how many items
        /// @param channels    a quell_channels
        #[must_use]
        #[unsafe(no_mangle)]
        pub unsafe extern "C" fn $offset(
            h: *mut $type,
            h_len: usize,
            labels: *const $label,
            cells: usize,
            passes: *const Pass,
            passes_len: usize,
            channels: i32,
        ) -> quell_status {
            run(|| {
                let h = Buffer::output(Argument::H, h.cast::<$stored>(), h_len)?;
                let labels = Buffer::input(Argument::Labels, labels, cells)?;
                let passes = Buffer::input(Argument::Passes, passes, passes_len)?;
                h.apart_from(&[labels.range(), passes.range()])?;
                let channels = cast_channels(channels)?;
                // SAFETY: checked above; valid by the contract of the C ABI.
                unsafe { offset_cells(h.slice_mut(), labels.slice(), passes.slice(), channels) }
            })
        }

        /// Writes what quell_offset_cells_f32_u8() would add, for a network that takes it as an input: for each item a
        /// number for each cell.
        ///
        /// @param out         out_len elements
        /// @param out_len     passes_len cells
        /// @param labels      the label of each cell, cells elements
        /// @param cells       how many cells an item has
        /// @param passes      one for each item
        /// @param passes_len  how many items
        #[must_use]
        #[unsafe(no_mangle)]
        pub unsafe extern "C" fn $fill(
            out: *mut $type,
            out_len: usize,
            labels: *const $label,
            cells: usize,
            passes: *const Pass,
            passes_len: usize,
        ) -> quell_status {
            run(|| {
                let out = Buffer::output(Argument::Out, out.cast::<$stored>(), out_len)?;
                let labels = Buffer::input(Argument::Labels, labels, cells)?;
                let passes = Buffer::input(Argument::Passes, passes, passes_len)?;
                out.apart_from(&[labels.range(), passes.range()])?;
                // SAFETY: checked above; valid by the contract of the C ABI.
                unsafe { fill_offsets(out.slice_mut(), labels.slice(), passes.slice()) }
            })
        }
    };
}
hard!(f32 as f32, u8, quell_offset_cells_f32_u8, quell_offsets_f32_u8);
hard!(f32 as f32, u16, quell_offset_cells_f32_u16, quell_offsets_f32_u16);
hard!(f64 as f64, u8, quell_offset_cells_f64_u8, quell_offsets_f64_u8);
hard!(f64 as f64, u16, quell_offset_cells_f64_u16, quell_offsets_f64_u16);
hard!(u16 as f16, u8, quell_offset_cells_f16_u8, quell_offsets_f16_u8);
hard!(u16 as f16, u16, quell_offset_cells_f16_u16, quell_offsets_f16_u16);
hard!(u16 as bf16, u8, quell_offset_cells_bf16_u8, quell_offsets_bf16_u8);
hard!(u16 as bf16, u16, quell_offset_cells_bf16_u16, quell_offsets_bf16_u16);

/// Stamps the masks of weights for one type of elements.
macro_rules! soft {
    ($type:ty as $stored:ty, $weight:ty, $offset:ident, $fill:ident) => {
        /// Offsets the cells of each item in place by masks of weights: h = h + offset w in all channels of a cell, with
        /// w its weight in the mask of the item's pass. A cell of weight 0 stays as it is.
        ///
        /// @param h            the feature maps of the items, h_len elements
        /// @param h_len        how many, a multiple of passes_len cells
        /// @param weights      masks of cells weights each, one after the other
        /// @param weights_len  how many elements, a multiple of cells
        /// @param passes       one for each item; its label is the position of its mask
        /// @param passes_len   how many items
        /// @param cells        how many cells an item has
        /// @param channels     a quell_channels
        #[must_use]
        #[unsafe(no_mangle)]
        pub unsafe extern "C" fn $offset(
            h: *mut $type,
            h_len: usize,
            weights: *const $weight,
            weights_len: usize,
            passes: *const Pass,
            passes_len: usize,
            cells: usize,
            channels: i32,
        ) -> quell_status {
            run(|| {
                let h = Buffer::output(Argument::H, h.cast::<$stored>(), h_len)?;
                let weights = Buffer::input(Argument::Weights, weights, weights_len)?;
                let passes = Buffer::input(Argument::Passes, passes, passes_len)?;
                h.apart_from(&[weights.range(), passes.range()])?;
                let channels = cast_channels(channels)?;
                // SAFETY: checked above; valid by the contract of the C ABI.
                unsafe { offset_weighted(h.slice_mut(), weights.slice(), cells, passes.slice(), channels) }
            })
        }

        /// Writes what quell_offset_weighted_f32() would add, for a network that takes it as an input: for each item a
        /// number for each cell.
        ///
        /// @param out          out_len elements
        /// @param out_len      passes_len cells
        /// @param weights      masks of cells weights each, one after the other
        /// @param weights_len  how many elements, a multiple of cells
        /// @param passes       one for each item; its label is the position of its mask
        /// @param passes_len   how many items
        /// @param cells        how many cells an item has
        #[must_use]
        #[unsafe(no_mangle)]
        pub unsafe extern "C" fn $fill(
            out: *mut $type,
            out_len: usize,
            weights: *const $weight,
            weights_len: usize,
            passes: *const Pass,
            passes_len: usize,
            cells: usize,
        ) -> quell_status {
            run(|| {
                let out = Buffer::output(Argument::Out, out.cast::<$stored>(), out_len)?;
                let weights = Buffer::input(Argument::Weights, weights, weights_len)?;
                let passes = Buffer::input(Argument::Passes, passes, passes_len)?;
                out.apart_from(&[weights.range(), passes.range()])?;
                // SAFETY: checked above; valid by the contract of the C ABI.
                unsafe { fill_weighted_offsets(out.slice_mut(), weights.slice(), cells, passes.slice()) }
            })
        }
    };
}
soft!(f32 as f32, f32, quell_offset_weighted_f32, quell_weighted_offsets_f32);
soft!(f64 as f64, f64, quell_offset_weighted_f64, quell_weighted_offsets_f64);
soft!(u16 as f16, f32, quell_offset_weighted_f16, quell_weighted_offsets_f16);
soft!(u16 as bf16, f32, quell_offset_weighted_bf16, quell_weighted_offsets_bf16);
