//! The fused pass.

use crate::pointer::{Buffer, extent, range, read};
use crate::status::{quell_status, run};
use core::ops::Range;
use quell::diffusion::pass::{self, Guidance, Inpaint, Inputs, Noise};
use quell::diffusion::step::Step;
use quell::{Argument, Error, Storage, bf16, f16};

/// Noise as the C ABI passes it: a slice if there is one, else seeds if there are any.
#[derive(Clone, Copy)]
struct NoiseSource<X> {
    slice: Option<Buffer<X>>,
    seeds: Buffer<u64>,
    stream: u32,
    first_element: u64,
}

impl<X> NoiseSource<X> {
    /// # Safety
    ///
    /// The pointers are valid for reads while the result lives.
    unsafe fn cast<'a>(self) -> Noise<'a, X> {
        // SAFETY: checked when the buffers were made; valid by this function's contract.
        match (self.slice, unsafe { self.seeds.slice() }) {
            // SAFETY: as above.
            (Some(slice), _) => Noise::Slice(unsafe { slice.slice() }),
            (None, []) => Noise::None,
            (None, seeds) => Noise::Seeded { seeds, stream: self.stream, first_element: self.first_element },
        }
    }
}

/// What a pass reads beside the state and the history, each buffer checked on its own.
pub(super) struct Parts<X, M> {
    model: Option<Buffer<M>>,
    unconditional: Option<Buffer<M>>,
    guidance: f64,
    denoised: Option<Buffer<X>>,
    noise: NoiseSource<X>,
    mask: Option<Buffer<X>>,
    known: Buffer<X>,
    known_noise: NoiseSource<X>,
    /// There are seeds whose number was forgotten.
    seeds_without_length: bool,
}

impl<X: Storage, M: Storage> Parts<X, M> {
    pub(super) fn ranges(&self) -> [Range<usize>; 8] {
        [
            range(&self.model),
            range(&self.unconditional),
            range(&self.denoised),
            range(&self.noise.slice),
            self.noise.seeds.range(),
            range(&self.mask),
            self.known.range(),
            range(&self.known_noise.slice),
        ]
    }

    /// # Safety
    ///
    /// As for [`Buffer::slice`].
    pub(super) unsafe fn cast<'a>(&self, n: usize) -> Result<Inputs<'a, X, M>, Error> {
        if self.model.is_none() && self.unconditional.is_some() && n > 0 {
            return Err(Error::Null { argument: Argument::Model });
        }
        // SAFETY: by this function's contract.
        unsafe {
            let guidance = |u: Buffer<M>| Guidance { unconditional: u.slice(), scale: self.guidance };
            let inpaint = |mask: Buffer<X>| Inpaint {
                mask: mask.slice(),
                known: self.known.slice(),
                noise: self.known_noise.cast(),
            };
            Ok(Inputs {
                model: self.model.map_or(&[], |model| model.slice()),
                guidance: self.unconditional.map(guidance),
                denoised: self.denoised.map(|denoised| denoised.slice()),
                noise: self.noise.cast(),
                inpaint: self.mask.map(inpaint),
            })
        }
    }

    /// What the core sees as an empty buffer is a NULL to the caller of the C ABI, if it is absent; and noise that is not
    /// there, where there are seeds whose number was forgotten, is the fault of that number.
    pub(super) fn name_null(&self, error: Error) -> Error {
        let is_absent = |argument| match argument {
            Argument::Model => self.model.is_none(),
            Argument::Noise => self.noise.slice.is_none(),
            Argument::KnownNoise => self.known_noise.slice.is_none(),
            _ => false,
        };
        match error {
            Error::Length { argument: Argument::Noise | Argument::KnownNoise, actual: 0, .. }
                if self.seeds_without_length =>
            {
                Error::TooShort { argument: Argument::Seeds, needed: 1, actual: 0 }
            }
            Error::Length { argument, actual: 0, .. } if is_absent(argument) => Error::Null { argument },
            other => other,
        }
    }
}

/// Stamps the pass for one pair of types.
macro_rules! passes {
    ($inputs:ident, $apply:ident, $denoise:ident: $x:ty as $stored_x:ty, $m:ty as $stored_m:ty) => {
        /// What a pass reads beside the state and the history. Set everything to zero, then what there is: a pointer
        /// that is NULL stands for something absent. All arrays but seeds and mask have as many elements as the state.
        #[repr(C)]
        #[derive(Clone, Copy, Debug)]
        pub struct $inputs {
            /// The network's output, the conditional one under guidance.
            pub model: *const $m,
            /// The unconditional output; NULL for no guidance.
            pub unconditional: *const $m,
            /// The scale g of u + g (c - u): 1 is no guidance; 0, which a zeroed struct holds, is the unconditional
            /// output alone. Not looked at where unconditional is NULL.
            pub guidance: f64,
            /// The host's clipped estimate of the clean sample; NULL where nothing was clipped.
            pub denoised: *const $x,
            /// Standard normals; NULL to draw them from the seeds.
            pub noise: *const $x,
            /// One seed for each batch item, used where noise or known_noise is NULL.
            pub seeds: *const u64,
            /// The number of items.
            pub seeds_len: usize,
            /// Which independent use of the seeds the step's noise is.
            pub stream: u32,
            /// Which independent use of the seeds the noise on the known sample is.
            pub known_stream: u32,
            /// The number that the first element has within its whole item; 0 unless a pass works on a part.
            pub first_element: u64,
            /// Inpainting: 1 where to paint, 0 where to keep, anything between to blend; NULL and a length of 0 for no
            /// inpainting. After every pass, those of quell_step_add_noise() and quell_step_initial_noise() too, the
            /// state becomes y + mask (x - y) with y = next.alpha known + next.sigma known_noise: what is kept is exact
            /// at the end if the last level has sigma = 0.
            pub mask: *const $x,
            /// The length of the mask, which divides an item's; it is repeated along it.
            pub mask_len: usize,
            /// The clean known sample; needed where there is a mask.
            pub known: *const $x,
            /// The noise on the known sample, the same in each step; NULL to draw it from the seeds.
            pub known_noise: *const $x,
        }

        impl $inputs {
            /// The arrays for a state of n elements.
            pub(super) fn parts(&self, n: usize) -> Result<Parts<$stored_x, $stored_m>, Error> {
                let model = Buffer::optional(Argument::Model, self.model.cast::<$stored_m>(), n)?;
                let unconditional =
                    Buffer::optional(Argument::Unconditional, self.unconditional.cast::<$stored_m>(), n)?;
                let denoised = Buffer::optional(Argument::Denoised, self.denoised.cast::<$stored_x>(), n)?;
                let slice = Buffer::optional(Argument::Noise, self.noise.cast::<$stored_x>(), n)?;
                let seeds = Buffer::input(Argument::Seeds, self.seeds, self.seeds_len)?;
                // A mask that is not there, but should be, must not pass for none.
                let mask = match self.mask_len {
                    0 => Buffer::optional(Argument::Mask, self.mask.cast::<$stored_x>(), 0)?,
                    length => Some(Buffer::input(Argument::Mask, self.mask.cast::<$stored_x>(), length)?),
                };
                let known_length = if mask.is_some() { n } else { 0 };
                let known = Buffer::input(Argument::Known, self.known.cast::<$stored_x>(), known_length)?;
                let known_slice =
                    Buffer::optional(Argument::KnownNoise, self.known_noise.cast::<$stored_x>(), known_length)?;
                let noise = NoiseSource { slice, seeds, stream: self.stream, first_element: self.first_element };
                Ok(Parts {
                    model,
                    unconditional,
                    guidance: self.guidance,
                    denoised,
                    noise,
                    mask,
                    known,
                    known_noise: NoiseSource { slice: known_slice, stream: self.known_stream, ..noise },
                    seeds_without_length: self.seeds_len == 0 && !self.seeds.is_null(),
                })
            }
        }

        /// Carries out a step on a batch, in one sweep over memory: new state, new history and, if asked for, the
        /// scaled input of the next evaluation.
        ///
        /// @param x            the state, n elements
        /// @param n            how many, a multiple of the number of items
        /// @param history      the slots, one after the other, n elements each
        /// @param history_len  how many elements; see quell_history_len()
        /// @param next_input   n elements for the network's next input, or NULL
        /// @param inputs       what the step reads
        /// @param steps        one step, or one for each item
        /// @param steps_len    how many
        #[must_use]
        #[unsafe(no_mangle)]
        pub unsafe extern "C" fn $apply(
            x: *mut $x,
            n: usize,
            history: *mut $x,
            history_len: usize,
            next_input: *mut $m,
            inputs: *const $inputs,
            steps: *const Step,
            steps_len: usize,
        ) -> quell_status {
            run(|| {
                let extent_of_inputs = extent(inputs);
                // SAFETY: checked before use; valid by the contract of the C ABI.
                let inputs = unsafe { read(Argument::Inputs, inputs)? };
                let x = Buffer::output(Argument::X, x.cast::<$stored_x>(), n)?;
                let history = Buffer::output(Argument::History, history.cast::<$stored_x>(), history_len)?;
                let next_input = Buffer::optional(Argument::NextInput, next_input.cast::<$stored_m>(), n)?;
                let steps = Buffer::input(Argument::Steps, steps, steps_len)?;
                let parts = inputs.parts(n)?;
                let others = [extent_of_inputs, steps.range()];
                for read in [&others[..], &parts.ranges()] {
                    x.apart_from(read)?;
                    history.apart_from(read)?;
                    if let Some(next_input) = &next_input {
                        next_input.apart_from(read)?;
                    }
                }
                history.apart_from(&[x.range()])?;
                if let Some(next_input) = &next_input {
                    next_input.apart_from(&[x.range(), history.range()])?;
                }
                // SAFETY: all pointers are checked above; valid by the contract of the C ABI.
                unsafe {
                    let inputs = parts.cast(n)?;
                    let next_input = next_input.map(|next_input| next_input.slice_mut());
                    pass::apply(steps.slice(), x.slice_mut(), history.slice_mut(), &inputs, next_input)
                        .map_err(|error| parts.name_null(error))
                }
            })
        }

        /// Writes the network's estimate of the clean sample, for a host that clips or thresholds it.
        ///
        /// @param out            n elements
        /// @param x              the state, n elements
        /// @param model          the network's output, n elements
        /// @param unconditional  the unconditional output, n elements; NULL for no guidance
        /// @param n              how many, a multiple of steps_len
        /// @param steps          one step, or one for each item
        /// @param steps_len      how many
        /// @param guidance       the guidance scale; not looked at without the unconditional output
        #[must_use]
        #[unsafe(no_mangle)]
        pub unsafe extern "C" fn $denoise(
            out: *mut $x,
            x: *const $x,
            model: *const $m,
            unconditional: *const $m,
            n: usize,
            steps: *const Step,
            steps_len: usize,
            guidance: f64,
        ) -> quell_status {
            run(|| {
                let out = Buffer::output(Argument::Out, out.cast::<$stored_x>(), n)?;
                let x = Buffer::input(Argument::X, x.cast::<$stored_x>(), n)?;
                let model = Buffer::input(Argument::Model, model.cast::<$stored_m>(), n)?;
                let unconditional = Buffer::optional(Argument::Unconditional, unconditional.cast::<$stored_m>(), n)?;
                let steps = Buffer::input(Argument::Steps, steps, steps_len)?;
                out.apart_from(&[x.range(), model.range(), range(&unconditional), steps.range()])?;
                // SAFETY: all pointers are checked above; valid by the contract of the C ABI.
                unsafe {
                    let guidance = unconditional.map(|u| Guidance { unconditional: u.slice(), scale: guidance });
                    pass::denoise(out.slice_mut(), steps.slice(), x.slice(), model.slice(), guidance)
                }
            })
        }
    };
}
passes!(quell_inputs_f32, quell_apply_f32, quell_denoise_f32: f32 as f32, f32 as f32);
passes!(quell_inputs_f64, quell_apply_f64, quell_denoise_f64: f64 as f64, f64 as f64);
passes!(quell_inputs_f16, quell_apply_f16, quell_denoise_f16: u16 as f16, u16 as f16);
passes!(quell_inputs_bf16, quell_apply_bf16, quell_denoise_bf16: u16 as bf16, u16 as bf16);
passes!(quell_inputs_f32_f16, quell_apply_f32_f16, quell_denoise_f32_f16: f32 as f32, u16 as f16);
passes!(quell_inputs_f32_bf16, quell_apply_f32_bf16, quell_denoise_f32_bf16: f32 as f32, u16 as bf16);
