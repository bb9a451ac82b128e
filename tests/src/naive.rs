//! The pass as its documentation states it, one element at a time: slow, obvious, and equal bit for bit.
//!
//! All arithmetic is in `f64` with a rounding after each operation. For single precision that gives the bits of single
//! precision arithmetic: a product of two singles is exact in `f64`, and a sum rounded to 53 bits and then to 24 is
//! the sum rounded to 24 (Figueroa 1995).

use quell::diffusion::pass::{Inputs, KNOWN_NOISE_STEP, Noise};
use quell::diffusion::step::{ROWS, Step, destination};
use quell::random::{Stream, normals_from_bits, philox4x32_10};
use quell::{Storage, bf16, f16};
use std::marker::PhantomData;

/// An element type, by conversions that are not the library's own.
pub trait Element: Storage {
    /// Its value, exactly.
    fn widen(self) -> f64;
    /// Rounds to the type that is computed in.
    fn round(value: f64) -> f64;
    /// Rounds a value of the type that is computed in to the type that is stored.
    fn narrow(value: f64) -> Self;
}

impl Element for f64 {
    fn widen(self) -> f64 {
        self
    }
    fn round(value: f64) -> f64 {
        value
    }
    fn narrow(value: f64) -> f64 {
        value
    }
}

macro_rules! computed_in_single {
    ($type:ty, $widen:expr, $narrow:expr) => {
        impl Element for $type {
            fn widen(self) -> f64 {
                $widen(self)
            }
            fn round(value: f64) -> f64 {
                f64::from(value as f32)
            }
            fn narrow(value: f64) -> $type {
                $narrow(value as f32)
            }
        }
    };
}
computed_in_single!(f32, f64::from, f32::from);
computed_in_single!(f16, f16::to_f64, f16::from_f32);
computed_in_single!(bf16, bf16::to_f64, bf16::from_f32);

/// Numbers as elements: rounded to the type that is computed in, then to the one that is stored.
pub fn narrowed<X: Element>(values: &[f64]) -> Vec<X> {
    values.iter().map(|&value| X::narrow(X::round(value))).collect()
}

/// The values of elements.
pub fn widened<X: Element>(values: &[X]) -> Vec<f64> {
    values.iter().map(|x| x.widen()).collect()
}

/// One normal of a stream by its address alone.
pub fn normal(stream: Stream, element: u64) -> f32 {
    let block = element / 4;
    let words = philox4x32_10(
        [block as u32, (block >> 32) as u32, stream.step, stream.stream],
        [stream.seed as u32, (stream.seed >> 32) as u32],
    );
    normals_from_bits(words)[(element % 4) as usize]
}

/// Where an element stands.
#[derive(Clone, Copy)]
struct Place {
    /// Within the whole batch.
    element: usize,
    /// Which item.
    item: usize,
    /// Within its item.
    offset: usize,
}

fn draw<X: Element>(noise: &Noise<X>, step: u32, place: Place) -> f64 {
    match *noise {
        Noise::None => panic!("noise is read where there is none"),
        Noise::Slice(slice) => slice[place.element].widen(),
        Noise::Seeded { seeds, stream, first_element } => {
            let stream = Stream { seed: seeds[place.item], stream, step };
            f64::from(normal(stream, first_element + place.offset as u64))
        }
    }
}

/// Σ factor·value from left to right; a value whose factor is 0 is not asked for.
struct Sum<X> {
    value: f64,
    is_empty: bool,
    rounds: PhantomData<X>,
}

impl<X: Element> Sum<X> {
    fn new() -> Self {
        Sum { value: 0.0, is_empty: true, rounds: PhantomData }
    }

    fn add(&mut self, factor: f64, value: impl Fn() -> f64) {
        let factor = X::round(factor);
        if factor != 0.0 {
            let product = X::round(factor * value());
            self.value = if self.is_empty { product } else { X::round(self.value + product) };
            self.is_empty = false;
        }
    }
}

/// [`pass::apply`](quell::diffusion::pass::apply).
pub fn apply<X: Element, M: Element>(
    steps: &[Step],
    x: &mut [X],
    history: &mut [X],
    inputs: &Inputs<X, M>,
    mut next_input: Option<&mut [M]>,
) {
    let length = x.len();
    let seeds = |noise: &Noise<X>| if let Noise::Seeded { seeds, .. } = noise { seeds.len() } else { 1 };
    let known = inputs.inpaint.as_ref().map_or(1, |inpaint| seeds(&inpaint.noise));
    let batch = steps.len().max(seeds(&inputs.noise)).max(known);
    for element in 0..length {
        let place = Place { element, item: element / (length / batch), offset: element % (length / batch) };
        let step = if steps.len() == 1 { &steps[0] } else { &steps[place.item] };
        let mut results = [0.0; ROWS];
        for (result, row) in results.iter_mut().zip(step.table(inputs.denoised.is_some())) {
            let state = || x[element].widen();
            let model = || guided(inputs, element);
            let denoised = || inputs.denoised.expect("the clipped estimate")[element].widen();
            let noise = || draw(&inputs.noise, step.noise_index, place);
            let slot = |k: usize| history[k * length + element].widen();
            let mut total = Sum::<X>::new();
            total.add(row.x, state);
            total.add(row.model, model);
            total.add(row.denoised, denoised);
            total.add(row.noise, noise);
            for (k, &factor) in row.slots.iter().enumerate() {
                total.add(factor, || slot(k));
            }
            *result = total.value;
        }
        results[0] = blended(step, inputs, place, results[0]);
        for (&result, &to) in results.iter().zip(&step.destinations) {
            match to {
                destination::UNUSED => {}
                destination::TO_X => x[element] = X::narrow(result),
                slot => history[(slot - destination::TO_SLOT) as usize * length + element] = X::narrow(result),
            }
        }
        if let Some(next_input) = &mut next_input {
            let scaled = X::round(X::round(step.next.input_scale) * x[element].widen());
            next_input[element] = M::narrow(M::round(scaled));
        }
    }
}

/// u + g·(c − u), or c.
fn guided<X: Element, M: Element>(inputs: &Inputs<X, M>, element: usize) -> f64 {
    let c = X::round(inputs.model[element].widen());
    match &inputs.guidance {
        Some(guidance) if guidance.scale != 1.0 => {
            let u = X::round(guidance.unconditional[element].widen());
            X::round(u + X::round(X::round(guidance.scale) * X::round(c - u)))
        }
        _ => c,
    }
}

/// y + mask·(x − y) with y = α·known + σ·noise at the next level.
fn blended<X: Element, M: Element>(step: &Step, inputs: &Inputs<X, M>, place: Place, state: f64) -> f64 {
    let Some(inpaint) = &inputs.inpaint else { return state };
    let mask = inpaint.mask[place.offset % inpaint.mask.len()].widen();
    if mask == 1.0 {
        return state;
    }
    let signal = X::round(X::round(step.next.alpha) * inpaint.known[place.element].widen());
    let sigma = X::round(step.next.sigma);
    let y = if sigma == 0.0 {
        signal
    } else {
        X::round(signal + X::round(sigma * draw(&inpaint.noise, KNOWN_NOISE_STEP, place)))
    };
    if mask == 0.0 { y } else { X::round(y + X::round(mask * X::round(state - y))) }
}

/// The same step with every factor positive: on absolute values it gives Σ|terms|, which rounding errors are relative to.
pub fn absolute(step: &Step) -> Step {
    let mut step = *step;
    (step.denoised.x, step.denoised.model) = (step.denoised.x.abs(), step.denoised.model.abs());
    for row in &mut step.rows {
        for factor in [&mut row.x, &mut row.denoised, &mut row.raw, &mut row.noise].into_iter().chain(&mut row.slots) {
            *factor = factor.abs();
        }
    }
    step
}
