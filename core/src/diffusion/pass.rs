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

use super::prediction::Linear;
use super::step::{ROWS, SLOTS, Step, destination};
use crate::error::{Argument, Error, check};
use crate::random::{Stream, fill_normal_unchecked};
use crate::{Scalar, Storage};

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
    /// item's; it is repeated along it (one channel for all, say).
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

/// Elements that are worked on together: enough to fill vector registers, few enough to stay in the first cache and on
/// a microcontroller's stack.
const TILE: usize = 128;

/// The columns of a table: x, model, denoised, noise, slots.
const COLUMNS: usize = 4 + SLOTS;

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
    let batch = batch_of(steps, inputs)?;
    let item = check_inputs(steps, batch, x.len(), history.len(), inputs)?;
    if let Some(next_input) = &next_input {
        check::length(Argument::NextInput, x.len(), next_input.len())?;
    }
    if item > 0 {
        apply_unchecked(steps, item, x, history, inputs, next_input);
    }
    Ok(())
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
    check_guidance(&guidance, out.len())?;
    for step in steps {
        step.check()?;
    }
    for (index, out) in chunks(out, item).enumerate() {
        let Some(step) = steps.get(index) else { break };
        let range = index * item;
        let mut buffer = [X::Acc::ZERO; TILE];
        let (x, inputs) = (part(x, range, item), item_inputs(&inputs, index, range, item));
        for (start, out) in (0..item).step_by(TILE).zip(out.chunks_mut(TILE)) {
            let model = guided(&inputs, start, out.len(), &mut buffer);
            let Linear { x: p, model: q } = step.denoised;
            let (p, q) = (X::Acc::from_f64(p), X::Acc::from_f64(q));
            for ((out, &m), x) in out.iter_mut().zip(model).zip(part(x, start, TILE)) {
                // As in a pass: a column whose factor is 0 is not read.
                *out = X::store(if p == X::Acc::ZERO {
                    q * m
                } else if q == X::Acc::ZERO {
                    p * x.load()
                } else {
                    p * x.load() + q * m
                });
            }
        }
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

fn check_guidance<M>(guidance: &Option<Guidance<M>>, length: usize) -> Result<(), Error> {
    if let Some(Guidance { unconditional, scale }) = guidance {
        check::finite(Argument::Guidance, *scale)?;
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
        step.check()?;
        check::at_least(Argument::History, super::step::history_len(step.slots(), length), history)?;
        let table = step.table(inputs.denoised.is_some());
        if table.iter().any(|row| row.model != 0.0) {
            check::length(Argument::Model, length, inputs.model.len())?;
        }
        if table.iter().any(|row| row.noise != 0.0) {
            check_noise(Argument::Noise, &inputs.noise, batch, length, item)?;
        }
    }
    check_guidance(&inputs.guidance, if inputs.model.is_empty() { 0 } else { length })?;
    if !inputs.model.is_empty() {
        check::length(Argument::Model, length, inputs.model.len())?;
    }
    if let Some(denoised) = inputs.denoised {
        check::length(Argument::Denoised, length, denoised.len())?;
    }
    if let Some(Inpaint { mask, known, noise }) = &inputs.inpaint {
        let fits = mask.len().checked_div(1).filter(|&m| m > 0 && item % m == 0).is_some();
        if !(fits || item == 0) {
            return Err(Error::Length { argument: Argument::Mask, expected: item, actual: mask.len() });
        }
        check::length(Argument::Known, length, known.len())?;
        if steps.iter().any(|step| step.next.sigma != 0.0) {
            check_noise(Argument::KnownNoise, noise, batch, length, item)?;
        }
    }
    Ok(item)
}

/// The part of a slice, or as much of it as there is.
#[inline(always)]
fn part<T>(slice: &[T], start: usize, length: usize) -> &[T] {
    let tail = slice.get(start..).unwrap_or(&[]);
    tail.get(..length).unwrap_or(tail)
}

#[inline(always)]
fn part_mut<T>(slice: &mut [T], start: usize, length: usize) -> &mut [T] {
    let tail = slice.get_mut(start..).unwrap_or(&mut []);
    let length = length.min(tail.len());
    tail.get_mut(..length).unwrap_or(&mut [])
}

/// `chunks_exact_mut` that has no panic for a length of zero.
fn chunks<T>(slice: &mut [T], length: usize) -> impl Iterator<Item = &mut [T]> {
    slice.chunks_mut(length.max(1))
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

/// A tile in the arithmetic type: the slice itself, or converted into `buffer`.
#[inline(always)]
fn tile<'a, X: Storage>(slice: &'a [X], start: usize, length: usize, buffer: &'a mut [X::Acc; TILE]) -> &'a [X::Acc] {
    let slice = part(slice, start, length);
    if let Some(same) = X::as_acc(slice) {
        return same;
    }
    for (out, &x) in buffer.iter_mut().zip(slice) {
        *out = x.load();
    }
    part(buffer.as_slice(), 0, length)
}

#[inline(always)]
fn cast<A: Scalar, M: Storage>(value: M) -> A {
    A::from_f64(value.load().to_f64())
}

/// The guided output of the network, in the arithmetic type of the state.
#[inline(always)]
fn guided<'a, X: Storage, M: Storage>(
    inputs: &Inputs<'a, X, M>,
    start: usize,
    length: usize,
    buffer: &'a mut [X::Acc; TILE],
) -> &'a [X::Acc] {
    let model = part(inputs.model, start, length);
    match &inputs.guidance {
        Some(guidance) if guidance.scale != 1.0 => {
            let scale = X::Acc::from_f64(guidance.scale);
            let unconditional = part(guidance.unconditional, start, length);
            for ((out, &c), &u) in buffer.iter_mut().zip(model).zip(unconditional) {
                let (c, u) = (cast::<X::Acc, M>(c), cast::<X::Acc, M>(u));
                *out = u + scale * (c - u);
            }
        }
        _ => {
            for (out, &c) in buffer.iter_mut().zip(model) {
                *out = cast(c);
            }
        }
    }
    part(buffer.as_slice(), 0, length)
}

/// A tile of noise, given or drawn.
#[inline(always)]
fn noise_tile<'a, X: Storage>(
    noise: &'a Noise<X>,
    step: u32,
    start: usize,
    length: usize,
    buffer: &'a mut [X::Acc; TILE],
) -> &'a [X::Acc] {
    match noise {
        Noise::None => &[],
        Noise::Slice(slice) => tile(slice, start, length, buffer),
        Noise::Seeded { seeds, stream, first_element } => {
            let seed = seeds.first().copied().unwrap_or(0);
            let out = part_mut(buffer.as_mut_slice(), 0, length);
            fill_normal_unchecked(out, Stream { seed, stream: *stream, step }, first_element + start as u64);
            out
        }
    }
}

/// `out` ← Σ factor·column, from left to right; 0 for no terms.
///
/// Four terms share one trip over the tile.
#[inline(always)]
fn combine<A: Scalar>(out: &mut [A], terms: &[(A, &[A])]) {
    let mut groups = terms.chunks(4);
    match groups.next() {
        None => out.fill(A::ZERO),
        Some(&[(a, u)]) => {
            for (out, &u) in out.iter_mut().zip(u) {
                *out = a * u;
            }
        }
        Some(&[(a, u), (b, v)]) => {
            for ((out, &u), &v) in out.iter_mut().zip(u).zip(v) {
                *out = a * u + b * v;
            }
        }
        Some(&[(a, u), (b, v), (c, w)]) => {
            for (((out, &u), &v), &w) in out.iter_mut().zip(u).zip(v).zip(w) {
                *out = a * u + b * v + c * w;
            }
        }
        Some(&[(a, u), (b, v), (c, w), (d, y), ..]) => {
            for ((((out, &u), &v), &w), &y) in out.iter_mut().zip(u).zip(v).zip(w).zip(y) {
                *out = a * u + b * v + c * w + d * y;
            }
        }
        Some(&[]) => {}
    }
    for group in groups {
        match *group {
            [(a, u)] => {
                for (out, &u) in out.iter_mut().zip(u) {
                    *out = *out + a * u;
                }
            }
            [(a, u), (b, v)] => {
                for ((out, &u), &v) in out.iter_mut().zip(u).zip(v) {
                    *out = *out + a * u + b * v;
                }
            }
            _ => {
                for &(a, u) in group {
                    for (out, &u) in out.iter_mut().zip(u) {
                        *out = *out + a * u;
                    }
                }
            }
        }
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

#[inline(always)]
fn apply_item<X: Storage, M: Storage>(
    step: &Step,
    x: &mut [X],
    slots: &mut [&mut [X]; SLOTS],
    inputs: &Inputs<X, M>,
    mut next_input: Option<&mut [M]>,
) {
    let zero = X::Acc::ZERO;
    let mut factors = [[zero; COLUMNS]; ROWS];
    for (factors, row) in factors.iter_mut().zip(step.table(inputs.denoised.is_some())) {
        let columns = [row.x, row.model, row.denoised, row.noise].into_iter().chain(row.slots);
        for (factor, column) in factors.iter_mut().zip(columns) {
            *factor = X::Acc::from_f64(column);
        }
    }
    let mut buffers = [[zero; TILE]; COLUMNS];
    let mut results = [[zero; TILE]; ROWS];
    let length = x.len();
    for start in (0..length).step_by(TILE) {
        let width = TILE.min(length - start);
        let mut columns: [&[X::Acc]; COLUMNS] = [&[]; COLUMNS];
        for (column, (values, buffer)) in columns.iter_mut().zip(&mut buffers).enumerate() {
            if factors.iter().all(|row| row.get(column).is_none_or(|&factor| factor == zero)) {
                continue;
            }
            *values = match column {
                0 => tile(x, start, width, buffer),
                1 => guided(inputs, start, width, buffer),
                2 => tile(inputs.denoised.unwrap_or(&[]), start, width, buffer),
                3 => noise_tile(&inputs.noise, step.noise_index, start, width, buffer),
                _ => slots.get(column - 4).map_or(&[], |slot| tile(slot, start, width, buffer)),
            };
        }
        let used = results.iter_mut().zip(&factors).zip(&step.destinations);
        for ((result, factors), &to) in used {
            if to == destination::UNUSED {
                continue;
            }
            let mut terms: [(X::Acc, &[X::Acc]); COLUMNS] = [(zero, &[]); COLUMNS];
            let mut count = 0;
            for (&factor, &column) in factors.iter().zip(&columns) {
                if let (true, Some(term)) = (factor != zero, terms.get_mut(count)) {
                    *term = (factor, column);
                    count += 1;
                }
            }
            combine(part_mut(result, 0, width), part(&terms, 0, count));
        }
        if let (Some(inpaint), [state, ..]) = (&inputs.inpaint, &mut results) {
            blend(step, inpaint, start, part_mut(state, 0, width));
        }
        for (result, &to) in results.iter().zip(&step.destinations) {
            let target = match to {
                destination::UNUSED => continue,
                destination::TO_X => part_mut(x, start, width),
                slot => match slots.get_mut((slot - destination::TO_SLOT) as usize) {
                    Some(slot) => part_mut(slot, start, width),
                    None => continue,
                },
            };
            for (out, &value) in target.iter_mut().zip(result) {
                *out = X::store(value);
            }
        }
        if let Some(next_input) = &mut next_input {
            let scale = X::Acc::from_f64(step.next.input_scale);
            for (out, x) in part_mut(next_input, start, width).iter_mut().zip(part(x, start, width)) {
                *out = M::store(cast(scale * x.load()));
            }
        }
    }
}

/// state ← y + mask·(state − y), y = α·known + σ·noise at the next level.
///
/// Exact at both ends: mask 1 keeps the state, mask 0 gives y.
#[inline(never)]
fn blend<X: Storage>(step: &Step, inpaint: &Inpaint<X>, start: usize, state: &mut [X::Acc]) {
    let (alpha, sigma) = (X::Acc::from_f64(step.next.alpha), X::Acc::from_f64(step.next.sigma));
    let mut buffer = [X::Acc::ZERO; TILE];
    let noise = if step.next.sigma == 0.0 {
        part(buffer.as_slice(), 0, TILE)
    } else {
        noise_tile(&inpaint.noise, KNOWN_NOISE_STEP, start, state.len(), &mut buffer)
    };
    let skip = start.checked_rem(inpaint.mask.len()).unwrap_or(0);
    let mask = inpaint.mask.iter().cycle().skip(skip);
    for (((x, &z), known), mask) in state.iter_mut().zip(noise).zip(part(inpaint.known, start, TILE)).zip(mask) {
        let mask = mask.load();
        if mask != X::Acc::ONE {
            let signal = alpha * known.load();
            let y = if sigma == X::Acc::ZERO { signal } else { signal + sigma * z };
            *x = if mask == X::Acc::ZERO { y } else { y + mask * (*x - y) };
        }
    }
}
