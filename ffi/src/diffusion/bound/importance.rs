//! At which levels to evaluate a network, so that few pairs of evaluations tell the bound of a step.

use crate::pointer::{Buffer, extent, read, write};
use crate::status::{quell_status, run};
use quell::diffusion::bound::{Draw, Importance, fill_pair, squared_distance, stratified};
use quell::{Argument, bf16, f16};

/// A level in the two intervals beside the level `middle` of a schedule, drawn in proportion to the bound's integrand
/// for N(0, c^2) data.
///
/// @param out      the draw
/// @param from     the level before
/// @param middle   the level that is to be moved
/// @param to       the level after, positive
/// @param c        the standard deviation of the data
/// @param uniform  in [0, 1): the share of the whole mass that lies below
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn quell_importance_draw(
    out: *mut Draw,
    from: f64,
    middle: f64,
    to: f64,
    c: f64,
    uniform: f64,
) -> quell_status {
    // SAFETY: checked before use; valid by the contract of the C ABI.
    run(|| unsafe { write(Argument::Out, out, &[], || Importance::new(from, middle, to, c)?.draw(uniform)) })
}

/// The same in a single interval.
///
/// @param out      the draw
/// @param from     the level where it starts
/// @param to       the level where it ends, positive
/// @param c        the standard deviation of the data
/// @param uniform  in [0, 1): the share of the whole mass that lies below
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn quell_importance_draw_interval(
    out: *mut Draw,
    from: f64,
    to: f64,
    c: f64,
    uniform: f64,
) -> quell_status {
    // SAFETY: checked before use; valid by the contract of the C ABI.
    run(|| unsafe { write(Argument::Out, out, &[], || Importance::interval(from, to, c)?.draw(uniform)) })
}

/// The normalisers Z of the draws from two intervals, the upper one first: d c^4 Z is the bound for N(0, c^2) data in d
/// dimensions.
///
/// @param out     two elements
/// @param from    the level before
/// @param middle  the level that is to be moved
/// @param to      the level after, positive
/// @param c       the standard deviation of the data
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn quell_importance_normalisers(
    out: *mut f64,
    from: f64,
    middle: f64,
    to: f64,
    c: f64,
) -> quell_status {
    run(|| {
        let out = Buffer::output(Argument::Out, out, 2)?;
        let normalisers = Importance::new(from, middle, to, c)?.normalisers();
        // SAFETY: checked above; valid by the contract of the C ABI.
        unsafe { out.slice_mut() }.copy_from_slice(&normalisers);
        Ok(())
    })
}

/// A uniform for one of several samples that is spread evenly over them: (index + uniform)/count.
///
/// @param out      the uniform, in [0, 1)
/// @param uniform  in [0, 1)
/// @param index    which sample, from 0
/// @param count    of how many
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn quell_stratified(out: *mut f64, uniform: f64, index: usize, count: usize) -> quell_status {
    // SAFETY: checked before use; valid by the contract of the C ABI.
    run(|| unsafe { write(Argument::Out, out, &[], || stratified(uniform, index, count)) })
}

/// Stamps the functions of one type.
macro_rules! pairs {
    ($type:ty as $stored:ty, $pair:ident, $distance:ident) => {
        /// Fills the two states of a draw on one noising path: x = x0 + sigma noise, and x_from from x with
        /// path_noise. The denoiser is then evaluated at both.
        ///
        /// @param x           the state at the draw's sigma, n elements
        /// @param x_from      the state at its from, n elements
        /// @param x0          the clean samples, n elements
        /// @param noise       standard normals, n elements
        /// @param path_noise  others, n elements
        /// @param n           how many
        /// @param draw        the draw
        #[must_use]
        #[unsafe(no_mangle)]
        pub unsafe extern "C" fn $pair(
            x: *mut $type,
            x_from: *mut $type,
            x0: *const $type,
            noise: *const $type,
            path_noise: *const $type,
            n: usize,
            draw: *const Draw,
        ) -> quell_status {
            run(|| {
                let x = Buffer::output(Argument::X, x.cast::<$stored>(), n)?;
                let x_from = Buffer::output(Argument::XFrom, x_from.cast::<$stored>(), n)?;
                let x0 = Buffer::input(Argument::X0, x0.cast::<$stored>(), n)?;
                let noise = Buffer::input(Argument::Noise, noise.cast::<$stored>(), n)?;
                let path_noise = Buffer::input(Argument::PathNoise, path_noise.cast::<$stored>(), n)?;
                let inputs = [x0.range(), noise.range(), path_noise.range(), extent(draw)];
                x.apart_from(&inputs)?;
                x.apart_from(&[x_from.range()])?;
                x_from.apart_from(&inputs)?;
                // SAFETY: checked above and before use; valid by the contract of the C ABI.
                unsafe {
                    let draw = read(Argument::Draw, draw)?;
                    let (x, x_from) = (x.slice_mut(), x_from.slice_mut());
                    fill_pair(x, x_from, x0.slice(), noise.slice(), path_noise.slice(), &draw)
                }
            })
        }

        /// The squared distance of two outputs. Times the draw's weight it is an unbiased estimate of the bound.
        ///
        /// @param out            the squared distance, a sum over n
        /// @param denoised       the output at the draw's sigma, n elements
        /// @param denoised_from  the output at its from, n elements
        /// @param n              how many
        #[must_use]
        #[unsafe(no_mangle)]
        pub unsafe extern "C" fn $distance(
            out: *mut f64,
            denoised: *const $type,
            denoised_from: *const $type,
            n: usize,
        ) -> quell_status {
            run(|| {
                let denoised = Buffer::input(Argument::Denoised, denoised.cast::<$stored>(), n)?;
                let from = Buffer::input(Argument::DenoisedFrom, denoised_from.cast::<$stored>(), n)?;
                // SAFETY: checked above and before use; valid by the contract of the C ABI.
                unsafe {
                    write(Argument::Out, out, &[denoised.range(), from.range()], || {
                        squared_distance(denoised.slice(), from.slice())
                    })
                }
            })
        }
    };
}
pairs!(f32 as f32, quell_noising_pair_f32, quell_squared_distance_f32);
pairs!(f64 as f64, quell_noising_pair_f64, quell_squared_distance_f64);
pairs!(u16 as f16, quell_noising_pair_f16, quell_squared_distance_f16);
pairs!(u16 as bf16, quell_noising_pair_bf16, quell_squared_distance_bf16);
