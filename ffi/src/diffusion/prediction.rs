//! What a network predicts.

use crate::pointer::{Buffer, extent, read, write};
use crate::status::{quell_status, run};
use quell::diffusion::noise::NoiseLevel;
use quell::diffusion::prediction::{Linear, Prediction};
use quell::{Argument, Error, bf16, f16};

/// What a network's output stands for.
#[repr(i32)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum quell_prediction_kind {
    /// The noise e: D = (x - sigma e)/alpha. Undefined, and refused by a step, where alpha is 0.
    Epsilon = 0,
    /// The clean sample D itself.
    Sample = 1,
    /// v = alpha e - sigma D of a variance-preserving state.
    V = 2,
    /// The velocity e - D of a rectified flow.
    Flow = 3,
    /// EDM's output F: D = (s^2 x + sigma s sqrt(sigma^2 + s^2) F)/(sigma^2 + s^2), s = sigma_data: uses sigma_data.
    Edm = 4,
    /// The same with the sign of v prediction: uses sigma_data.
    EdmV = 5,
}

/// What a network predicts.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct quell_prediction {
    /// A quell_prediction_kind.
    pub kind: i32,
    /// The standard deviation of the data, where the kind uses it.
    pub sigma_data: f64,
}

impl quell_prediction {
    /// `argument` is what the caller's signature names it.
    pub(crate) fn cast(&self, argument: Argument) -> Result<Prediction, Error> {
        let sigma_data = self.sigma_data;
        let prediction = match self.kind {
            kind if kind == quell_prediction_kind::Epsilon as i32 => Prediction::Epsilon,
            kind if kind == quell_prediction_kind::Sample as i32 => Prediction::Sample,
            kind if kind == quell_prediction_kind::V as i32 => Prediction::V,
            kind if kind == quell_prediction_kind::Flow as i32 => Prediction::Flow,
            kind if kind == quell_prediction_kind::Edm as i32 => Prediction::Edm { sigma_data },
            kind if kind == quell_prediction_kind::EdmV as i32 => Prediction::EdmV { sigma_data },
            value => return Err(Error::Unknown { argument, value }),
        };
        prediction.check()?;
        Ok(prediction)
    }
}

/// The estimate of the clean sample as a combination of state and output: out->x * state + out->model * output.
///
/// @param out         the combination
/// @param prediction  what the network predicts
/// @param level       where it was evaluated
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn quell_prediction_denoised(
    out: *mut Linear,
    prediction: *const quell_prediction,
    level: *const NoiseLevel,
) -> quell_status {
    run(|| {
        // SAFETY: checked before use; valid by the contract of the C ABI.
        unsafe {
            let (kind, at) = (read(Argument::Prediction, prediction)?, read(Argument::Level, level)?);
            write(Argument::Out, out, &[extent(prediction), extent(level)], || {
                kind.cast(Argument::Prediction)?.denoised(&at)
            })
        }
    })
}

/// The combination of state and output that gives what a network of another kind would have put out.
///
/// @param out    the combination
/// @param from   what the network predicts
/// @param to     what is wanted
/// @param level  where it was evaluated
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn quell_prediction_convert(
    out: *mut Linear,
    from: *const quell_prediction,
    to: *const quell_prediction,
    level: *const NoiseLevel,
) -> quell_status {
    run(|| {
        // SAFETY: checked before use; valid by the contract of the C ABI.
        unsafe {
            let (source, target) = (read(Argument::From, from)?, read(Argument::To, to)?);
            let at = read(Argument::Level, level)?;
            write(Argument::Out, out, &[extent(from), extent(to), extent(level)], || {
                source.cast(Argument::From)?.convert(&target.cast(Argument::To)?, &at)
            })
        }
    })
}

/// Stamps the combination of one pair of types.
macro_rules! applies {
    ($($name:ident: $x:ty as $stored_x:ty, $m:ty as $stored_m:ty;)*) => {$(
        /// Writes linear->x * state + linear->model * output, element by element.
        ///
        /// @param out     n elements
        /// @param x       the state, n elements
        /// @param model   the network's output, n elements
        /// @param n       how many
        /// @param linear  from quell_prediction_denoised() or quell_prediction_convert()
        #[must_use]
        #[unsafe(no_mangle)]
        pub unsafe extern "C" fn $name(
            out: *mut $x,
            x: *const $x,
            model: *const $m,
            n: usize,
            linear: *const Linear,
        ) -> quell_status {
            run(|| {
                let out = Buffer::output(Argument::Out, out.cast::<$stored_x>(), n)?;
                let x = Buffer::input(Argument::X, x.cast::<$stored_x>(), n)?;
                let model = Buffer::input(Argument::Model, model.cast::<$stored_m>(), n)?;
                // SAFETY: checked before use; valid by the contract of the C ABI.
                unsafe {
                    let factors = read(Argument::Linear, linear)?;
                    out.apart_from(&[x.range(), model.range(), extent(linear)])?;
                    factors.apply(out.slice_mut(), x.slice(), model.slice())
                }
            })
        }
    )*};
}
applies! {
    quell_linear_apply_f32: f32 as f32, f32 as f32;
    quell_linear_apply_f64: f64 as f64, f64 as f64;
    quell_linear_apply_f16: u16 as f16, u16 as f16;
    quell_linear_apply_bf16: u16 as bf16, u16 as bf16;
    quell_linear_apply_f32_f16: f32 as f32, u16 as f16;
    quell_linear_apply_f32_bf16: f32 as f32, u16 as bf16;
}
