//! The fused pass: carries a [`Step`] out in one sweep over memory.
//!
//! Each buffer is read once and written once for a network evaluation, whatever the solver, guidance, inpainting and
//! the scaling of the next input included. For each element:
//!
//! 1. `model` ← u + g·(c − u) with guidance, else c;
//! 2. each row ← x·a + model·m + denoised·e + z·c + slot₀·b₀ + … in this order, from left to right, each product and
//!    sum rounded on its own; a column whose factor is 0 is not read;
//! 3. the state ← y + mask·(x − y) where there is a mask, y = α·known + σ·noise at the step's next level;
//! 4. results are rounded to the storage type, and the next input ← `input_scale`·state from the rounded state.
//!
//! Factors are rounded once from `f64` to the arithmetic type: `f64` for `f64` states, else `f32`.

mod kernel;

use super::step::{SLOTS, Step, TableRow};
use crate::error::{Argument, Error, check};
use crate::scalar::rounded;
use crate::slice::{part, part_mut};
use crate::{Scalar, Storage};
use kernel::{apply_item, denoise_item};

/// Where a pass takes its noise from.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub enum Noise<'a, X> {
    /// There is none: fine for a step that takes none.
    #[default]
    None,
    /// As many standard normals as the state has elements.
    Slice(&'a [X]),
    /// Drawn inside the pass: [`random::fill_normal`](crate::random::fill_normal) with the step's
    /// [`noise_index`](Step::noise_index), in `f32`.
    Seeded {
        /// One seed for each batch item.
        seeds: &'a [u64],
        /// Which independent use of the seeds.
        stream: u32,
        /// The number that the first element of each item has within the whole item: not 0 where a pass works on a
        /// part of it.
        first_element: u64,
    },
}

/// Classifier-free guidance within a pass (Ho and Salimans 2022): model ← u + g·(c − u).
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Guidance<'a, M> {
    /// The network's output u without the condition, as long as the conditional output.
    pub unconditional: &'a [M],
    /// The scale g. At exactly 1 the unconditional output is not read.
    pub scale: f64,
}

/// What to keep while the rest is painted.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Inpaint<'a, X> {
    /// 1 where the sampler paints, 0 where the known sample stays, anything between to blend. Its length divides the
    /// item's; it is repeated along it (one channel for all, say). In a pass on a part of an item the mask starts with
    /// that part.
    pub mask: &'a [X],
    /// The clean known sample, as long as the state.
    pub known: &'a [X],
    /// The noise on the known sample, as long as the state and the same in each step, or drawn with step word
    /// [`KNOWN_NOISE_STEP`].
    pub noise: Noise<'a, X>,
}

/// The step word of the generator's counter for the noise on a known sample: no schedule gets that long.
pub const KNOWN_NOISE_STEP: u32 = u32::MAX;

/// What a pass reads beside the state and the history.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Inputs<'a, X, M> {
    /// The network's output (the conditional one under guidance), as long as the state; not read, and may be empty,
    /// where the step does not evaluate the network.
    pub model: &'a [M],
    /// The unconditional output and the scale.
    pub guidance: Option<Guidance<'a, M>>,
    /// The host's estimate of the clean sample where it clips or thresholds, as long as the state: see [`denoise`].
    pub denoised: Option<&'a [X]>,
    /// The noise.
    pub noise: Noise<'a, X>,
    /// Inpainting.
    pub inpaint: Option<Inpaint<'a, X>>,
}

impl<X, M> Default for Inputs<'_, X, M> {
    fn default() -> Self {
        Inputs { model: &[], guidance: None, denoised: None, noise: Noise::None, inpaint: None }
    }
}

/// Carries out a step on a batch: new state, new history and, if asked for, the scaled input of the next evaluation.
///
/// `steps` holds one step for the whole batch, or one for each item; items are equal parts of the state. A history
/// holds the slots one after the other, each as long as the state ([`history_len`](super::step::history_len)); longer
/// is accepted. Buffers that a step does not need may be empty.
///
/// # Errors
///
/// [`Error::Length`] or [`Error::TooShort`] for a buffer that does not fit the state (the state itself when it cannot
/// be divided among the items); [`Error::Domain`] or [`Error::Unknown`] for `steps` with factors that are not finite or
/// destinations that do not exist; [`Error::Domain`] for a guidance scale that is not finite.
pub fn apply<X: Storage, M: Storage>(
    steps: &[Step],
    x: &mut [X],
    history: &mut [X],
    inputs: &Inputs<X, M>,
    next_input: Option<&mut [M]>,
) -> Result<(), Error> {
    let item = check_pass(steps, x.len(), history.len(), inputs, next_input.as_deref())?;
    if item > 0 {
        apply_unchecked(steps, item, x, history, inputs, next_input);
    }
    Ok(())
}

/// The checks of [`apply`], for what has to know before it writes that a pass will go well: the length of an item.
pub(super) fn check_pass<X: Storage, M: Storage>(
    steps: &[Step],
    length: usize,
    history: usize,
    inputs: &Inputs<X, M>,
    next_input: Option<&[M]>,
) -> Result<usize, Error> {
    let batch = batch_of(steps, inputs)?;
    let item = check_inputs(steps, batch, length, history, inputs)?;
    if let Some(next_input) = next_input {
        check::length(Argument::NextInput, length, next_input.len())?;
    }
    Ok(item)
}

/// Writes the network's estimate of the clean sample, D, for a host that clips or thresholds it.
///
/// Without guidance, clipping that changes nothing leaves the results of [`apply`] as they were up to rounding.
///
/// # Errors
///
/// As for [`apply`], `x` and `out` being the state; [`Error::Length`] for `model`.
pub fn denoise<X: Storage, M: Storage>(
    out: &mut [X],
    steps: &[Step],
    x: &[X],
    model: &[M],
    guidance: Option<Guidance<M>>,
) -> Result<(), Error> {
    let inputs = Inputs::<X, M> { model, guidance, ..Inputs::default() };
    check::at_least(Argument::Steps, 1, steps.len())?;
    let item = item_length(steps.len(), out.len())?;
    check::length(Argument::X, out.len(), x.len())?;
    check::length(Argument::Model, out.len(), model.len())?;
    check_guidance::<X::Acc, M>(&guidance, out.len())?;
    for step in steps {
        step.checked_table(false, Argument::Steps)?;
        for factor in [step.denoised.x, step.denoised.model] {
            rounded::<X::Acc>(Argument::Steps, factor)?;
        }
    }
    for (index, (out, step)) in chunks(out, item).zip(steps).enumerate() {
        let start = index * item;
        let inputs = item_inputs(&inputs, index, start, item);
        denoise_item(&step.denoised, out, part(x, start, item), &inputs);
    }
    Ok(())
}

/// The number of items: of steps if there are several, else of seeds.
fn batch_of<X, M>(steps: &[Step], inputs: &Inputs<X, M>) -> Result<usize, Error> {
    check::at_least(Argument::Steps, 1, steps.len())?;
    let seeds = |noise: &Noise<X>| if let Noise::Seeded { seeds, .. } = noise { seeds.len() } else { 1 };
    let known = inputs.inpaint.as_ref().map_or(1, |inpaint| seeds(&inpaint.noise));
    Ok(steps.len().max(seeds(&inputs.noise)).max(known))
}

fn item_length(batch: usize, length: usize) -> Result<usize, Error> {
    let item = length.checked_div(batch).unwrap_or(0);
    check::length(Argument::X, item.saturating_mul(batch), length)?;
    Ok(item)
}

fn check_guidance<A: Scalar, M>(guidance: &Option<Guidance<M>>, length: usize) -> Result<(), Error> {
    if let Some(Guidance { unconditional, scale }) = guidance {
        rounded::<A>(Argument::Guidance, *scale)?;
        check::length(Argument::Unconditional, length, unconditional.len())?;
    }
    Ok(())
}

fn check_noise<X>(argument: Argument, noise: &Noise<X>, batch: usize, length: usize, item: usize) -> Result<(), Error> {
    match noise {
        Noise::None => check::length(argument, length, 0),
        Noise::Slice(slice) => check::length(argument, length, slice.len()),
        Noise::Seeded { seeds, first_element, .. } => {
            check::length(Argument::Seeds, batch, seeds.len())?;
            match first_element.checked_add(item as u64) {
                Some(_) => Ok(()),
                None => Err(Error::Domain { argument: Argument::FirstElement, value: *first_element as f64 }),
            }
        }
    }
}

/// Checks everything that a pass relies on; the length of an item on success.
fn check_inputs<X: Storage, M: Storage>(
    steps: &[Step],
    batch: usize,
    length: usize,
    history: usize,
    inputs: &Inputs<X, M>,
) -> Result<usize, Error> {
    if steps.len() != 1 {
        check::length(Argument::Steps, batch, steps.len())?;
    }
    let item = item_length(batch, length)?;
    for step in steps {
        let table = step.checked_table(inputs.denoised.is_some(), Argument::Steps)?;
        // What is finite in double precision need not be so in single.
        let level = [step.next.alpha, step.next.sigma, step.next.input_scale];
        for factor in table.iter().flat_map(TableRow::factors).chain(level) {
            rounded::<X::Acc>(Argument::Steps, factor)?;
        }
        check::at_least(Argument::History, super::step::history_len(step.slots(), length), history)?;
        if table.iter().any(|row| row.model != 0.0) {
            check::length(Argument::Model, length, inputs.model.len())?;
        }
        if table.iter().any(|row| row.noise != 0.0) {
            check_noise(Argument::Noise, &inputs.noise, batch, length, item)?;
        }
    }
    check_guidance::<X::Acc, M>(&inputs.guidance, if inputs.model.is_empty() { 0 } else { length })?;
    if !inputs.model.is_empty() {
        check::length(Argument::Model, length, inputs.model.len())?;
    }
    if let Some(denoised) = inputs.denoised {
        check::length(Argument::Denoised, length, denoised.len())?;
    }
    if let Some(Inpaint { mask, known, noise }) = &inputs.inpaint {
        if item > 0 && item.checked_rem(mask.len()) != Some(0) {
            return Err(Error::Length { argument: Argument::Mask, expected: item, actual: mask.len() });
        }
        check::length(Argument::Known, length, known.len())?;
        if steps.iter().any(|step| step.next.sigma != 0.0) {
            check_noise(Argument::KnownNoise, noise, batch, length, item)?;
        }
    }
    Ok(item)
}

/// `chunks_mut` without its division by the length, in which an unoptimised panic stays.
fn chunks<T>(slice: &mut [T], length: usize) -> impl Iterator<Item = &mut [T]> {
    let mut rest = slice;
    core::iter::from_fn(move || {
        let (chunk, tail) = core::mem::take(&mut rest).split_at_mut_checked(length)?;
        rest = tail;
        (!chunk.is_empty()).then_some(chunk)
    })
}

/// What concerns one item.
#[inline(always)]
fn item_inputs<'a, X, M>(inputs: &Inputs<'a, X, M>, index: usize, start: usize, length: usize) -> Inputs<'a, X, M> {
    let noise = |noise: &Noise<'a, X>| match *noise {
        Noise::None => Noise::None,
        Noise::Slice(slice) => Noise::Slice(part(slice, start, length)),
        Noise::Seeded { seeds, stream, first_element } => {
            Noise::Seeded { seeds: part(seeds, index, 1), stream, first_element }
        }
    };
    Inputs {
        model: part(inputs.model, start, length),
        guidance: inputs
            .guidance
            .as_ref()
            .map(|g| Guidance { unconditional: part(g.unconditional, start, length), scale: g.scale }),
        denoised: inputs.denoised.map(|denoised| part(denoised, start, length)),
        noise: noise(&inputs.noise),
        inpaint: inputs.inpaint.as_ref().map(|i| Inpaint {
            mask: i.mask,
            known: part(i.known, start, length),
            noise: noise(&i.noise),
        }),
    }
}

#[inline(always)]
fn apply_unchecked<X: Storage, M: Storage>(
    steps: &[Step],
    item: usize,
    x: &mut [X],
    history: &mut [X],
    inputs: &Inputs<X, M>,
    mut next_input: Option<&mut [M]>,
) {
    let length = x.len();
    for (index, x) in chunks(x, item).enumerate() {
        let Some(step) = (if steps.len() == 1 { steps.first() } else { steps.get(index) }) else { break };
        let start = index * item;
        let mut slots: [&mut [X]; SLOTS] = Default::default();
        for (slot, all) in slots.iter_mut().zip(chunks(history, length)) {
            *slot = part_mut(all, start, item);
        }
        let next_input = next_input.as_mut().map(|next_input| part_mut(next_input, start, item));
        apply_item(step, x, &mut slots, &item_inputs(inputs, index, start, item), next_input);
    }
}
