//! The sweep: tiles that stay in the first cache, and loops that the compiler turns into vector instructions.
//!
//! Each row of a step is reduced, once for an item, to the columns that it reads. All rows see the old buffers, so in
//! each tile the rows that give slots are computed aside, then the state where it lies, then the slots are stored.
//! Buffers whose elements are of the arithmetic type are read where they lie; others are converted tile by tile.

use super::{Inpaint, Inputs, KNOWN_NOISE_STEP, Noise};
use crate::diffusion::prediction::Linear;
use crate::diffusion::step::{ROWS, SLOTS, Step, TableRow, destination};
use crate::random::{Stream, fill_normal_unchecked};
use crate::slice::{part, part_mut};
use crate::{Scalar, Storage};

/// Elements that are worked on together. The results do not depend on it: it has to stay in the first cache, on a
/// microcontroller on a small stack.
const TILE: usize = if cfg!(target_os = "none") { 64 } else { 512 };

/// The columns of a table, by number.
const COLUMNS: usize = 4 + SLOTS;
const STATE: usize = 0;
const MODEL: usize = 1;
const DENOISED: usize = 2;
const NOISE: usize = 3;
const FIRST_SLOT: usize = 4;

/// One tile of each column.
type Columns<'a, A> = [&'a [A]; COLUMNS];

/// A row without the columns that it does not read: those whose factor is 0 in the arithmetic type.
#[derive(Clone, Copy)]
struct Terms<A> {
    factors: [A; COLUMNS],
    columns: [usize; COLUMNS],
    count: usize,
}

impl<A: Scalar> Terms<A> {
    fn new(row: &TableRow) -> Terms<A> {
        let mut terms = Terms { factors: [A::ZERO; COLUMNS], columns: [0; COLUMNS], count: 0 };
        for (column, factor) in row.factors().map(A::from_f64).enumerate().filter(|&(_, factor)| factor != A::ZERO) {
            let free = (terms.factors.get_mut(terms.count), terms.columns.get_mut(terms.count));
            if let (Some(to_factor), Some(to_column)) = free {
                (*to_factor, *to_column) = (factor, column);
                terms.count += 1;
            }
        }
        terms
    }

    fn reads(&self, column: usize) -> bool {
        part(&self.columns, 0, self.count).contains(&column)
    }

    #[inline(always)]
    fn get<'a>(&self, index: usize, columns: &Columns<'a, A>) -> (A, &'a [A]) {
        let factor = self.factors.get(index).copied().unwrap_or(A::ZERO);
        let column = self.columns.get(index).and_then(|&column| columns.get(column));
        (factor, column.copied().unwrap_or(&[]))
    }

    /// `out` ← the row, where `out` is none of the columns.
    #[inline(always)]
    fn write(&self, out: &mut [A], columns: &Columns<A>) {
        if self.count == 0 {
            return out.fill(A::ZERO);
        }
        // −0 + x is x for every x, so this costs nothing and keeps the sign of a zero.
        self.add(out, columns, 0, |_| -A::ZERO);
    }

    /// `x` ← the row, where `x` holds the old state. Its own term comes first, so it can be computed in place.
    #[inline(always)]
    fn update(&self, x: &mut [A], columns: &Columns<A>) {
        if self.reads(STATE) {
            let (own, _) = self.get(0, columns);
            self.add(x, columns, 1, |old| own * old);
        } else {
            self.write(x, columns);
        }
    }

    /// `out` ← `start(out)` + the terms from number `from` on, from left to right. Four terms share one trip.
    #[inline(always)]
    fn add(&self, out: &mut [A], columns: &Columns<A>, from: usize, start: impl Fn(A) -> A) {
        let ((a, t), (b, u)) = (self.get(from, columns), self.get(from + 1, columns));
        let ((c, v), (d, w)) = (self.get(from + 2, columns), self.get(from + 3, columns));
        match self.count - from {
            0 => out.iter_mut().for_each(|out| *out = start(*out)),
            1 => out.iter_mut().zip(t).for_each(|(out, &t)| *out = start(*out) + a * t),
            2 => {
                for ((out, &t), &u) in out.iter_mut().zip(t).zip(u) {
                    *out = start(*out) + a * t + b * u;
                }
            }
            3 => {
                for (((out, &t), &u), &v) in out.iter_mut().zip(t).zip(u).zip(v) {
                    *out = start(*out) + a * t + b * u + c * v;
                }
            }
            _ => {
                for ((((out, &t), &u), &v), &w) in out.iter_mut().zip(t).zip(u).zip(v).zip(w) {
                    *out = start(*out) + a * t + b * u + c * v + d * w;
                }
            }
        }
        for index in from + 4..self.count {
            let (a, t) = self.get(index, columns);
            out.iter_mut().zip(t).for_each(|(out, &t)| *out = *out + a * t);
        }
    }
}

/// A tile in the arithmetic type: the slice itself, or converted into `buffer`.
#[inline(always)]
fn tile<'a, A: Scalar, X: Storage>(slice: &'a [X], start: usize, length: usize, buffer: &'a mut [A; TILE]) -> &'a [A] {
    let slice = part(slice, start, length);
    if let Some(same) = A::view(slice) {
        return same;
    }
    for (out, &x) in buffer.iter_mut().zip(slice) {
        *out = cast(x);
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
    match &inputs.guidance {
        Some(guidance) if guidance.scale != 1.0 => {
            let scale = X::Acc::from_f64(guidance.scale);
            let (model, unconditional) =
                (part(inputs.model, start, length), part(guidance.unconditional, start, length));
            for ((out, &c), &u) in buffer.iter_mut().zip(model).zip(unconditional) {
                let (c, u) = (cast::<X::Acc, M>(c), cast::<X::Acc, M>(u));
                *out = u + scale * (c - u);
            }
            part(buffer.as_slice(), 0, length)
        }
        _ => tile(inputs.model, start, length, buffer),
    }
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

/// Carries a step out on one item.
#[inline(always)]
pub(super) fn apply_item<X: Storage, M: Storage>(
    step: &Step,
    x: &mut [X],
    slots: &mut [&mut [X]; SLOTS],
    inputs: &Inputs<X, M>,
    mut next_input: Option<&mut [M]>,
) {
    let zero = X::Acc::ZERO;
    let rows = step.table(inputs.denoised.is_some()).map(|row| Terms::<X::Acc>::new(&row));
    let is_read = core::array::from_fn::<bool, COLUMNS, _>(|column| rows.iter().any(|row| row.reads(column)));
    let [state, stored @ ..] = &rows;
    let [_, destinations @ ..] = &step.destinations;
    // Each on its own: where a column needs no conversion, its buffer takes no room.
    let [mut state_buffer, mut model_buffer, mut denoised_buffer, mut noise_buffer] = [[zero; TILE]; FIRST_SLOT];
    let mut slot_buffers = [[zero; TILE]; SLOTS];
    let mut results = [[zero; TILE]; ROWS - 1];
    let length = x.len();
    for start in (0..length).step_by(TILE) {
        let width = TILE.min(length - start);
        let mut columns: Columns<X::Acc> = [&[]; COLUMNS];
        let [_, model, denoised, noise, slot_columns @ ..] = &mut columns;
        if is_read[MODEL] {
            *model = guided(inputs, start, width, &mut model_buffer);
        }
        if let (true, Some(given)) = (is_read[DENOISED], inputs.denoised) {
            *denoised = tile(given, start, width, &mut denoised_buffer);
        }
        if is_read[NOISE] {
            *noise = noise_tile(&inputs.noise, step.noise_index, start, width, &mut noise_buffer);
        }
        for (slot, ((column, buffer), is_read)) in
            slots.iter().zip(slot_columns.iter_mut().zip(&mut slot_buffers).zip(&is_read[FIRST_SLOT..]))
        {
            if *is_read {
                *column = tile(slot, start, width, buffer);
            }
        }

        let x = part_mut(x, start, width);
        if X::as_acc_mut(x).is_none() {
            for (out, x) in state_buffer.iter_mut().zip(x.iter()) {
                *out = x.load();
            }
        }
        for ((result, row), &to) in results.iter_mut().zip(stored).zip(destinations) {
            if to != destination::UNUSED {
                let mut columns = columns;
                columns[STATE] = X::Acc::view(x).unwrap_or(part(state_buffer.as_slice(), 0, width));
                row.write(part_mut(result, 0, width), &columns);
            }
        }
        let update = |x: &mut [X::Acc]| {
            state.update(x, &columns);
            if let Some(inpaint) = &inputs.inpaint {
                blend(step, inpaint, start, x);
            }
        };
        match X::as_acc_mut(x) {
            Some(x) => update(x),
            None => {
                let state = part_mut(&mut state_buffer, 0, width);
                update(state);
                for (x, &value) in x.iter_mut().zip(state.iter()) {
                    *x = X::store(value);
                }
            }
        }
        for (result, &to) in results.iter().zip(destinations) {
            let slot = usize::try_from(to - destination::TO_SLOT).ok().and_then(|slot| slots.get_mut(slot));
            if let Some(slot) = slot {
                for (out, &value) in part_mut(slot, start, width).iter_mut().zip(result) {
                    *out = X::store(value);
                }
            }
        }
        if let Some(next_input) = &mut next_input {
            let scale = X::Acc::from_f64(step.next.input_scale);
            for (out, x) in part_mut(next_input, start, width).iter_mut().zip(x.iter()) {
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

/// Writes D of one item.
#[inline(always)]
pub(super) fn denoise_item<X: Storage, M: Storage>(linear: &Linear, out: &mut [X], x: &[X], inputs: &Inputs<X, M>) {
    let row = Terms::<X::Acc>::new(&TableRow { x: linear.x, model: linear.model, ..TableRow::default() });
    let mut buffers = [[X::Acc::ZERO; TILE]; 2];
    let mut result = [X::Acc::ZERO; TILE];
    let length = out.len();
    for (start, out) in (0..length).step_by(TILE).zip(out.chunks_mut(TILE)) {
        let [state, model] = &mut buffers;
        let mut columns: Columns<X::Acc> = [&[]; COLUMNS];
        columns[STATE] = tile(x, start, out.len(), state);
        columns[MODEL] = guided(inputs, start, out.len(), model);
        let result = part_mut(&mut result, 0, out.len());
        row.write(result, &columns);
        for (out, &value) in out.iter_mut().zip(result.iter()) {
            *out = X::store(value);
        }
    }
}
