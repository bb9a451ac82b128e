//! Pushing a cluster up and down inside the network: h ← h + c·M.
//!
//! A batch holds several passes, each with a mask and an offset of its own: item b of h, N cells of C channels, gets cₙ
//! = offset·M(n) added to all channels of cell n. M is the indicator of a label ([`offset_cells`]) or a weight for each
//! cell ([`offset_weighted`]); for a network that takes the offset as an input, [`fill_offsets`] and
//! [`fill_weighted_offsets`] write the (B, N) numbers themselves. An item with offset 0 is the reference, and stays as
//! it is bit for bit. A sum that 16 bits do not hold
//! becomes infinite.
//!
//! ```
//! use quell::correspondence::modulate::{Channels, Pass, fill_passes, offset_cells};
//! // The unmodulated sample, then masks 0 and 1 pushed down and up.
//! let mut passes = [Pass::default(); 5];
//! fill_passes(&mut passes, 0, 10.0, true)?;
//! assert_eq!(passes.map(|pass| pass.offset), [0.0, -10.0, 10.0, -10.0, 10.0]);
//! // Three cells of two channels for each.
//! let (mut h, labels) = ([0.5f32; 5 * 3 * 2], [0u8, 1, 1]);
//! offset_cells(&mut h, &labels, &passes, Channels::Last)?;
//! assert_eq!(h[..12], [0.5, 0.5, 0.5, 0.5, 0.5, 0.5, -9.5, -9.5, 0.5, 0.5, 0.5, 0.5]);
//! # Ok::<(), quell::Error>(())
//! ```

use super::label::Label;
use crate::error::{Argument, Error, check};
use crate::scalar::rounded;
use crate::{Scalar, Storage};

/// What one batch item is offset by.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
#[repr(C)]
pub struct Pass {
    /// The mask.
    pub label: usize,
    /// How far to push: −λ or +λ; 0 for the reference.
    pub offset: f64,
}

/// Where the channels of a feature map stand.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
#[repr(i32)]
pub enum Channels {
    /// (B, N, C): a cell's channels stand together, as attention layers have them.
    #[default]
    Last = 0,
    /// (B, C, N): a channel's cells stand together, as convolutions have them.
    First = 1,
}

/// Lists the passes of a batch: first the reference if wanted, then −`lambda` and +`lambda` for each mask from
/// `first_label` on.
///
/// # Errors
///
/// [`Error::Domain`] for a `lambda` that is not finite, and for a `first_label` so large that a later one overflows;
/// [`Error::Length`] for `passes` that hold half a pair.
pub fn fill_passes(passes: &mut [Pass], first_label: usize, lambda: f64, with_reference: bool) -> Result<(), Error> {
    check::finite(Argument::Lambda, lambda)?;
    let reference = with_reference as usize;
    let pairs = passes.len().saturating_sub(reference) / 2;
    check::length(Argument::Passes, reference + 2 * pairs, passes.len())?;
    if first_label.checked_add(pairs).is_none() {
        return Err(Error::Domain { argument: Argument::Label, value: first_label as f64 });
    }
    let (first, pairs) = passes.split_at_mut(reference.min(passes.len()));
    first.fill(Pass::default());
    let (pairs, _) = pairs.as_chunks_mut::<2>();
    for (pair, label) in pairs.iter_mut().zip(first_label..) {
        *pair = [-lambda, lambda].map(|offset| Pass { label, offset });
    }
    Ok(())
}

/// Offsets the cells of each item's mask, in place: h ← h + offset at all channels of the cells whose label is the
/// pass's.
///
/// `h` holds an item for each of the `passes`, (B, N, C) or (B, C, N) with N the number of `labels` and C what its
/// length makes it.
///
/// # Errors
///
/// [`Error::Length`] for `h` when it is not a multiple of B·N; [`Error::Domain`] for the `label` of a pass that the
/// type does not hold, and for an `offset` that is not finite in the type that is computed in.
pub fn offset_cells<X: Storage, L: Label>(
    h: &mut [X],
    labels: &[L],
    passes: &[Pass],
    channels: Channels,
) -> Result<(), Error> {
    let item = item_length(h.len(), labels.len(), passes.len())?;
    check_labels::<L>(passes)?;
    check_offsets::<X::Acc>(passes)?;
    for (h, pass) in items(h, passes, item) {
        let is_member = |label: &L| label.to_usize() == pass.label;
        let offset = X::Acc::from_f64(pass.offset);
        add_offsets(h, channels, labels.iter().map(|label| is_member(label).then_some(offset)));
    }
    Ok(())
}

/// [`offset_cells`] with soft masks: h ← h + offset·w, where w is the cell's weight in the mask of the pass.
///
/// `weights` are masks of `cells` weights each, (K, N), and a pass's label is the place of its mask. The product is
/// rounded in the type that is computed in. A cell of weight 0 stays as it is bit for bit.
///
/// # Errors
///
/// [`Error::Length`] for `weights` that are not a multiple of `cells`, and for `h` when it is not a multiple of B·N;
/// [`Error::Domain`] for the `label` of a pass that has no mask, for `weights` that are not finite, and for an `offset`
/// that is not finite in the type that is computed in.
pub fn offset_weighted<X: Storage, W: Scalar>(
    h: &mut [X],
    weights: &[W],
    cells: usize,
    passes: &[Pass],
    channels: Channels,
) -> Result<(), Error> {
    check_weights::<X::Acc, W>(weights, cells, passes)?;
    let item = item_length(h.len(), cells, passes.len())?;
    check_offsets::<X::Acc>(passes)?;
    for (h, pass) in items(h, passes, item) {
        let mask = mask(weights, cells, pass.label);
        let offset = X::Acc::from_f64(pass.offset);
        add_offsets(h, channels, mask.iter().map(|w| X::Acc::from_f64(w.to_f64())).map(|w| product(offset, w)));
    }
    Ok(())
}

/// Writes what [`offset_cells`] would add, (B, N), for a network that takes it as an input.
///
/// # Errors
///
/// [`Error::Length`] for `out`; [`Error::Domain`] as for [`offset_cells`].
pub fn fill_offsets<X: Storage, L: Label>(out: &mut [X], labels: &[L], passes: &[Pass]) -> Result<(), Error> {
    check::length(Argument::Out, passes.len().saturating_mul(labels.len()), out.len())?;
    check_labels::<L>(passes)?;
    check_offsets::<X::Acc>(passes)?;
    for (out, pass) in out.chunks_mut(labels.len().max(1)).zip(passes) {
        let offset = X::store(X::Acc::from_f64(pass.offset));
        for (out, label) in out.iter_mut().zip(labels) {
            *out = if label.to_usize() == pass.label { offset } else { X::default() };
        }
    }
    Ok(())
}

/// Writes what [`offset_weighted`] would add, (B, N), for a network that takes it as an input.
///
/// # Errors
///
/// [`Error::Length`] for `out`, and for `weights` that are not a multiple of `cells`; [`Error::Domain`] as for
/// [`offset_weighted`].
pub fn fill_weighted_offsets<X: Storage, W: Scalar>(
    out: &mut [X],
    weights: &[W],
    cells: usize,
    passes: &[Pass],
) -> Result<(), Error> {
    check_weights::<X::Acc, W>(weights, cells, passes)?;
    check::length(Argument::Out, passes.len().saturating_mul(cells), out.len())?;
    check_offsets::<X::Acc>(passes)?;
    for (out, pass) in out.chunks_mut(cells.max(1)).zip(passes) {
        let offset = X::Acc::from_f64(pass.offset);
        for (out, w) in out.iter_mut().zip(mask(weights, cells, pass.label)) {
            *out = product(offset, X::Acc::from_f64(w.to_f64())).map_or(X::default(), X::store);
        }
    }
    Ok(())
}

/// The length of each item of a batch.
fn item_length(length: usize, cells: usize, batch: usize) -> Result<usize, Error> {
    let rows = batch.saturating_mul(cells);
    let Some(channels) = length.checked_div(rows) else {
        return check::length(Argument::H, 0, length).map(|()| 0);
    };
    check::length(Argument::H, rows.saturating_mul(channels), length)?;
    Ok(cells.saturating_mul(channels))
}

/// The items that are not references, with their passes.
fn items<'a, X>(h: &'a mut [X], passes: &'a [Pass], item: usize) -> impl Iterator<Item = (&'a mut [X], &'a Pass)> {
    h.chunks_mut(item.max(1)).zip(passes).filter(|(_, pass)| pass.offset != 0.0)
}

/// The offset of a cell, if there is any.
fn product<A: Scalar>(offset: A, weight: A) -> Option<A> {
    (offset != A::ZERO && weight != A::ZERO).then(|| offset * weight)
}

/// The mask at `label` of (K, N) weights.
fn mask<W>(weights: &[W], cells: usize, label: usize) -> &[W] {
    let start = label.saturating_mul(cells);
    weights.get(start..start.saturating_add(cells)).unwrap_or(&[])
}

/// Adds to all channels of each cell that has an offset.
#[inline(always)]
fn add_offsets<X: Storage>(
    h: &mut [X],
    channels: Channels,
    offsets: impl ExactSizeIterator<Item = Option<X::Acc>> + Clone,
) {
    let add = |x: &mut X, offset: X::Acc| *x = X::store(x.load() + offset);
    let cells = offsets.len().max(1);
    match channels {
        Channels::Last => {
            for (h, offset) in h.chunks_mut((h.len() / cells).max(1)).zip(offsets) {
                if let Some(offset) = offset {
                    h.iter_mut().for_each(|x| add(x, offset));
                }
            }
        }
        Channels::First => {
            for h in h.chunks_mut(cells) {
                for (x, offset) in h.iter_mut().zip(offsets.clone()) {
                    if let Some(offset) = offset {
                        add(x, offset);
                    }
                }
            }
        }
    }
}

fn check_labels<L: Label>(passes: &[Pass]) -> Result<(), Error> {
    match passes.iter().find(|pass| L::from_usize(pass.label).is_none()) {
        Some(pass) => Err(Error::Domain { argument: Argument::Label, value: pass.label as f64 }),
        None => Ok(()),
    }
}

fn check_offsets<A: Scalar>(passes: &[Pass]) -> Result<(), Error> {
    passes.iter().try_for_each(|pass| rounded::<A>(Argument::Passes, pass.offset).map(|_| ()))
}

/// Whole masks, one for each pass that is not the reference, of numbers that are finite in the type that is computed
/// in.
fn check_weights<A: Scalar, W: Scalar>(weights: &[W], cells: usize, passes: &[Pass]) -> Result<(), Error> {
    let masks = weights.len().checked_div(cells).unwrap_or(0);
    check::length(Argument::Weights, masks.saturating_mul(cells), weights.len())?;
    match passes.iter().find(|pass| pass.offset != 0.0 && pass.label >= masks && cells > 0) {
        Some(pass) => Err(Error::Domain { argument: Argument::Label, value: pass.label as f64 }),
        None => weights.iter().try_for_each(|w| rounded::<A>(Argument::Weights, w.to_f64()).map(|_| ())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::f16;

    #[test]
    fn only_the_masks_cells_move() {
        let labels = [2u8, 0, 2];
        let passes = [Pass::default(), Pass { label: 2, offset: -1.5 }];
        let mut h = [1.0f64; 12];
        offset_cells(&mut h, &labels, &passes, Channels::Last).unwrap();
        assert_eq!(h, [1.0, 1.0, 1.0, 1.0, 1.0, 1.0, -0.5, -0.5, 1.0, 1.0, -0.5, -0.5]);
        let mut h = [1.0f64; 12];
        offset_cells(&mut h, &labels, &passes, Channels::First).unwrap();
        assert_eq!(h, [1.0, 1.0, 1.0, 1.0, 1.0, 1.0, -0.5, 1.0, -0.5, -0.5, 1.0, -0.5]);
    }

    /// Neither the sign of a zero nor the payload of a NaN changes where nothing is added.
    #[test]
    fn a_reference_and_weightless_cells_keep_their_bits() {
        let patterns = [0x8000, 0x7c01, 0xfe00, 0x0001].map(f16::from_bits);
        let bits = |h: [f16; 4]| h.map(|x| x.to_bits());
        for channels in [Channels::Last, Channels::First] {
            let mut h = patterns;
            offset_cells(&mut h, &[0u8, 1], &[Pass::default()], channels).unwrap();
            offset_weighted(&mut h, &[0.0f32, -0.0], 2, &[Pass { label: 0, offset: 3.0 }], channels).unwrap();
            offset_weighted(&mut h, &[1.0f32, 2.0], 2, &[Pass { label: 9, offset: -0.0 }], channels).unwrap();
            assert_eq!(bits(h), bits(patterns));
        }
    }

    #[test]
    fn bad_input_changes_nothing() {
        let mut h = [1f32, 2.0, 3.0, 4.0];
        let one = [Pass { label: 0, offset: 1.0 }];
        assert!(offset_cells(&mut h, &[0u8; 3], &one, Channels::Last).is_err());
        assert!(offset_cells::<_, u8>(&mut h, &[], &one, Channels::Last).is_err());
        assert!(offset_cells(&mut h, &[0u8; 2], &[], Channels::Last).is_err());
        assert!(offset_cells(&mut h, &[0u8; 2], &[Pass { label: 256, offset: 1.0 }], Channels::Last).is_err());
        for offset in [f64::NAN, f64::INFINITY, 1e39] {
            assert!(offset_cells(&mut h, &[0u8; 2], &[Pass { label: 0, offset }], Channels::Last).is_err());
        }
        assert!(offset_weighted(&mut h, &[1f32; 3], 2, &one, Channels::First).is_err());
        assert!(offset_weighted(&mut h, &[f32::NAN; 2], 2, &one, Channels::First).is_err());
        assert!(offset_weighted(&mut h, &[1e39; 2], 2, &one, Channels::First).is_err());
        assert!(offset_weighted(&mut h, &[1f32; 2], 2, &[Pass { label: 1, offset: 1.0 }], Channels::First).is_err());
        assert!(fill_offsets(&mut h, &[0u8; 3], &one).is_err());
        assert!(fill_weighted_offsets(&mut h, &[1f32; 2], 2, &one).is_err());
        assert_eq!(h, [1.0, 2.0, 3.0, 4.0]);
        assert!(offset_cells::<f32, u8>(&mut [], &[], &one, Channels::Last).is_ok());
        assert!(fill_offsets::<f32, u8>(&mut [], &[], &one).is_ok());
        let mut passes = [Pass { label: 7, offset: 7.0 }; 4];
        assert!(fill_passes(&mut passes, 0, 1.0, true).is_err());
        assert!(fill_passes(&mut passes[..3], 0, 1.0, false).is_err());
        assert!(fill_passes(&mut passes, 0, f64::NAN, false).is_err());
        assert!(fill_passes(&mut passes, usize::MAX, 1.0, false).is_err());
        assert!(fill_passes(&mut [], 0, 1.0, true).is_err());
        assert_eq!(passes, [Pass { label: 7, offset: 7.0 }; 4]);
        assert!(fill_passes(&mut [], 0, 1.0, false).is_ok());
    }
}
