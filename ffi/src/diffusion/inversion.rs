//! The noise with which a stochastic sampler reproduces a given sample.

use super::pass::*;
use crate::pointer::{Buffer, extent, read, write};
use crate::status::{quell_status, run};
use core::ptr::null;
use quell::diffusion::inversion::{invert, noise_to, solved_for_noise};
use quell::diffusion::step::Step;
use quell::{Argument, Error, bf16, f16};

/// The step that noises a clean sample to the level at which another step ends, with that step's draw, which an
/// inversion leaves unused.
///
/// @param out   the step
/// @param step  the other step
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn quell_step_noise_to(out: *mut Step, step: *const Step) -> quell_status {
    run(|| {
        // SAFETY: checked before use; valid by the contract of the C ABI.
        unsafe {
            let other = read(Argument::Step, step)?;
            write(Argument::Out, out, &[extent(step)], || noise_to(&other))
        }
    })
}

/// The step solved for its noise, as a step: z = (x' - x factor - model factor - ...)/c. A pass carries it out on x' in the
/// place of the state, with x in the place of the noise; no slot is written.
///
/// @param out      the solved step
/// @param step     a step that takes noise
/// @param clipped  not 0: a clipped estimate of the clean sample is there beside the network's output
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn quell_step_solved_for_noise(out: *mut Step, step: *const Step, clipped: i32) -> quell_status {
    run(|| {
        // SAFETY: checked before use; valid by the contract of the C ABI.
        unsafe {
            let other = read(Argument::Step, step)?;
            write(Argument::Out, out, &[extent(step)], || solved_for_noise(&other, clipped != 0))
        }
    })
}

/// Stamps the inversion for one pair of types.
macro_rules! inversions {
    ($inputs:ident, $invert:ident: $x:ty as $stored_x:ty, $m:ty as $stored_m:ty) => {
        /// One step of an inversion: finds the noise that leads to a given state, and takes the step with it. A run of
        /// passes with the same draws and the same network repeats each state bit for bit.
        ///
        /// @param x            the state, n elements: where the step starts, then where it ends
        /// @param n            how many
        /// @param history      the slots, one after the other, n elements each
        /// @param history_len  how many elements; see quell_history_len()
        /// @param noise        the state to reach, n elements, then the noise that leads there
        /// @param next_input   n elements for the network's next input, or NULL
        /// @param inputs       what the step reads; its noise and its seeds are not looked at, and no mask may be there
        /// @param step         a step that takes noise, for the whole batch
        #[must_use]
        #[unsafe(no_mangle)]
        pub unsafe extern "C" fn $invert(
            x: *mut $x,
            n: usize,
            history: *mut $x,
            history_len: usize,
            noise: *mut $x,
            next_input: *mut $m,
            inputs: *const $inputs,
            step: *const Step,
        ) -> quell_status {
            run(|| {
                let structs = [extent(inputs), extent(step)];
                // SAFETY: checked before use; valid by the contract of the C ABI.
                let (inputs, step) = unsafe { (read(Argument::Inputs, inputs)?, read(Argument::Step, step)?) };
                let x = Buffer::output(Argument::X, x.cast::<$stored_x>(), n)?;
                let history = Buffer::output(Argument::History, history.cast::<$stored_x>(), history_len)?;
                let noise = Buffer::output(Argument::Noise, noise.cast::<$stored_x>(), n)?;
                let next_input = Buffer::optional(Argument::NextInput, next_input.cast::<$stored_m>(), n)?;
                if inputs.mask_len > 0 || !inputs.mask.is_null() {
                    let actual = inputs.mask_len.max(1);
                    return Err(Error::Length { argument: Argument::Mask, expected: 0, actual });
                }
                let parts = $inputs { noise: null(), seeds: null(), seeds_len: 0, ..inputs }.parts(n)?;
                for read in [&structs[..], &parts.ranges()] {
                    x.apart_from(read)?;
                    history.apart_from(read)?;
                    noise.apart_from(read)?;
                    if let Some(next_input) = &next_input {
                        next_input.apart_from(read)?;
                    }
                }
                history.apart_from(&[x.range()])?;
                noise.apart_from(&[x.range(), history.range()])?;
                if let Some(next_input) = &next_input {
                    next_input.apart_from(&[x.range(), history.range(), noise.range()])?;
                }
                // SAFETY: all pointers are checked above; valid by the contract of the C ABI.
                unsafe {
                    let inputs = parts.cast(n)?;
                    let next_input = next_input.map(|next_input| next_input.slice_mut());
                    let (x, history, noise) = (x.slice_mut(), history.slice_mut(), noise.slice_mut());
                    invert(&step, x, history, noise, &inputs, next_input).map_err(|error| parts.name_null(error))
                }
            })
        }
    };
}
inversions!(quell_inputs_f32, quell_invert_f32: f32 as f32, f32 as f32);
inversions!(quell_inputs_f64, quell_invert_f64: f64 as f64, f64 as f64);
inversions!(quell_inputs_f16, quell_invert_f16: u16 as f16, u16 as f16);
inversions!(quell_inputs_bf16, quell_invert_bf16: u16 as bf16, u16 as bf16);
inversions!(quell_inputs_f32_f16, quell_invert_f32_f16: f32 as f32, u16 as f16);
inversions!(quell_inputs_f32_bf16, quell_invert_f32_bf16: f32 as f32, u16 as bf16);
