//! Guidance and clipping.

use crate::pointer::Buffer;
use crate::status::{quell_status, run};
use quell::diffusion::guidance;
use quell::{Argument, bf16, f16};

/// Stamps the functions of one type.
macro_rules! guidance {
    ($type:ty as $stored:ty, $classifier_free:ident, $rescale:ident, $clip:ident, $dynamic:ident) => {
        /// Classifier-free guidance in place: x = u + guidance (x - u). At guidance = 1 x stays.
        ///
        /// @param x              the conditional output, n elements
        /// @param unconditional  the unconditional output u, n elements
        /// @param n              how many
        /// @param guidance       the scale
        #[must_use]
        #[unsafe(no_mangle)]
        pub unsafe extern "C" fn $classifier_free(
            x: *mut $type,
            unconditional: *const $type,
            n: usize,
            guidance: f64,
        ) -> quell_status {
            run(|| {
                let x = Buffer::output(Argument::X, x.cast::<$stored>(), n)?;
                let unconditional = Buffer::input(Argument::Unconditional, unconditional.cast::<$stored>(), n)?;
                x.apart_from(&[unconditional.range()])?;
                // SAFETY: checked above; valid by the contract of the C ABI.
                let (x, unconditional) = unsafe { (x.slice_mut(), unconditional.slice()) };
                guidance::classifier_free(x, unconditional, guidance)
            })
        }

        /// Scales guided outputs, item by item and in place, towards the standard deviation of the conditional output:
        /// x = x (rescale std(conditional)/std(x) + 1 - rescale).
        ///
        /// @param x            the guided output, n elements
        /// @param conditional  the conditional output, n elements
        /// @param n            how many, a multiple of batch
        /// @param batch        the number of items, at least 1
        /// @param rescale      in [0, 1]
        #[must_use]
        #[unsafe(no_mangle)]
        pub unsafe extern "C" fn $rescale(
            x: *mut $type,
            conditional: *const $type,
            n: usize,
            batch: usize,
            rescale: f64,
        ) -> quell_status {
            run(|| {
                let x = Buffer::output(Argument::X, x.cast::<$stored>(), n)?;
                let conditional = Buffer::input(Argument::Conditional, conditional.cast::<$stored>(), n)?;
                x.apart_from(&[conditional.range()])?;
                // SAFETY: checked above; valid by the contract of the C ABI.
                let (x, conditional) = unsafe { (x.slice_mut(), conditional.slice()) };
                guidance::rescale(x, conditional, batch, rescale)
            })
        }

        /// Clips each element to [-range, range], in place.
        ///
        /// @param x      n elements
        /// @param n      how many
        /// @param range  positive
        #[must_use]
        #[unsafe(no_mangle)]
        pub unsafe extern "C" fn $clip(x: *mut $type, n: usize, range: f64) -> quell_status {
            run(|| {
                let x = Buffer::output(Argument::X, x.cast::<$stored>(), n)?;
                // SAFETY: checked above; valid by the contract of the C ABI.
                guidance::clip(unsafe { x.slice_mut() }, range)
            })
        }

        /// Dynamic thresholding, item by item and in place: with s the quantile of |x|, kept in [1, max_threshold],
        /// x = clip(x, s)/s.
        ///
        /// @param x              n elements
        /// @param n              how many, a multiple of batch
        /// @param batch          the number of items, at least 1
        /// @param quantile       in [0, 1], usually 0.995
        /// @param max_threshold  at least 1
        #[must_use]
        #[unsafe(no_mangle)]
        pub unsafe extern "C" fn $dynamic(
            x: *mut $type,
            n: usize,
            batch: usize,
            quantile: f64,
            max_threshold: f64,
        ) -> quell_status {
            run(|| {
                let x = Buffer::output(Argument::X, x.cast::<$stored>(), n)?;
                // SAFETY: checked above; valid by the contract of the C ABI.
                guidance::dynamic_threshold(unsafe { x.slice_mut() }, batch, quantile, max_threshold)
            })
        }
    };
}
guidance!(
    f32 as f32,
    quell_classifier_free_f32,
    quell_guidance_rescale_f32,
    quell_clip_f32,
    quell_dynamic_threshold_f32
);
guidance!(
    f64 as f64,
    quell_classifier_free_f64,
    quell_guidance_rescale_f64,
    quell_clip_f64,
    quell_dynamic_threshold_f64
);
guidance!(
    u16 as f16,
    quell_classifier_free_f16,
    quell_guidance_rescale_f16,
    quell_clip_f16,
    quell_dynamic_threshold_f16
);
guidance!(
    u16 as bf16,
    quell_classifier_free_bf16,
    quell_guidance_rescale_bf16,
    quell_clip_bf16,
    quell_dynamic_threshold_bf16
);
