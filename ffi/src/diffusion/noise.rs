//! Noise processes and noise levels.

use crate::pointer::{Buffer, extent, read, write};
use crate::status::{quell_status, run};
use core::ops::Range;
use quell::diffusion::noise::{self, NoiseLevel, Process, RectifiedFlow, ShiftKind, VpCosine, VpDiscrete, VpLinear};
use quell::diffusion::schedule::Last;
use quell::{Argument, Error};

/// Which noise process a quell_process is.
#[repr(i32)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum quell_process_kind {
    /// Variance preserving on a table: uses alpha_bars and alpha_bars_len.
    VpDiscrete = 0,
    /// Variance preserving, beta(t) = beta_min + beta_d t: uses beta_min, beta_d, epsilon.
    VpLinear = 1,
    /// Variance preserving with a squared-cosine alpha-bar: uses offset, epsilon.
    VpCosine = 2,
    /// Variance exploding with EDM's input_scale = 1/sqrt(sigma^2 + sigma_data^2) and timestep = ln(sigma)/4: uses
    /// sigma_data.
    Edm = 3,
    /// Variance exploding, input_scale = 1 and timestep = sigma: uses nothing.
    Ve = 4,
    /// Rectified flow, alpha = 1 - sigma and timestep = time_scale sigma: uses time_scale.
    Flow = 5,
}

/// A noise process. Set the fields that its kind uses; the others are not looked at.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct quell_process {
    /// A quell_process_kind.
    pub kind: i32,
    /// Cumulative products of 1 - beta, strictly decreasing in (0, 1); the last may be 0.
    pub alpha_bars: *const f64,
    /// How many.
    pub alpha_bars_len: usize,
    /// The constant term of beta(t), usually 0.1.
    pub beta_min: f64,
    /// The slope of beta(t), usually 19.9.
    pub beta_d: f64,
    /// The offset of the cosine, usually 0.008.
    pub offset: f64,
    /// The smallest time of a continuous process, usually 0.001.
    pub epsilon: f64,
    /// The standard deviation of the data, usually 0.5.
    pub sigma_data: f64,
    /// Network time for each unit of flow time, usually 1000.
    pub time_scale: f64,
}

impl quell_process {
    const EMPTY: quell_process = quell_process {
        kind: -1,
        alpha_bars: core::ptr::null(),
        alpha_bars_len: 0,
        beta_min: 0.0,
        beta_d: 0.0,
        offset: 0.0,
        epsilon: 0.0,
        sigma_data: 0.0,
        time_scale: 0.0,
    };

    /// # Safety
    ///
    /// For a discrete process, `alpha_bars` is NULL, misaligned or valid for reads while the result lives.
    pub(crate) unsafe fn cast<'a>(&self) -> Result<Process<'a>, Error> {
        let process = match self.kind {
            kind if kind == quell_process_kind::VpDiscrete as i32 => {
                let alpha_bars = Buffer::input(Argument::AlphaBars, self.alpha_bars, self.alpha_bars_len)?;
                // SAFETY: checked above; valid by this function's contract.
                Process::VpDiscrete(VpDiscrete { alpha_bars: unsafe { alpha_bars.slice() } })
            }
            kind if kind == quell_process_kind::VpLinear as i32 => {
                Process::VpLinear(VpLinear { beta_min: self.beta_min, beta_d: self.beta_d, epsilon: self.epsilon })
            }
            kind if kind == quell_process_kind::VpCosine as i32 => {
                Process::VpCosine(VpCosine { offset: self.offset, epsilon: self.epsilon })
            }
            kind if kind == quell_process_kind::Edm as i32 => Process::Edm { sigma_data: self.sigma_data },
            kind if kind == quell_process_kind::Ve as i32 => Process::Ve,
            kind if kind == quell_process_kind::Flow as i32 => {
                Process::Flow(RectifiedFlow { time_scale: self.time_scale })
            }
            value => return Err(Error::Unknown { argument: Argument::Process, value }),
        };
        process.check()?;
        Ok(process)
    }

    /// The bytes of the table, empty for other processes.
    pub(crate) fn table(&self) -> Range<usize> {
        if self.kind == quell_process_kind::VpDiscrete as i32 {
            Buffer::input(Argument::AlphaBars, self.alpha_bars, self.alpha_bars_len).map_or(0..0, |b| b.range())
        } else {
            0..0
        }
    }
}

/// Stamps the fills of a beta table.
macro_rules! betas {
    ($($(#[$doc:meta])* $name:ident, $fill:ident($($parameter:ident),*);)*) => {$(
        $(#[$doc])*
        #[must_use]
        #[unsafe(no_mangle)]
        pub unsafe extern "C" fn $name(betas: *mut f64, betas_len: usize, $($parameter: f64),*) -> quell_status {
            run(|| {
                let betas = Buffer::output(Argument::Betas, betas, betas_len)?;
                // SAFETY: checked above; valid by the contract of the C ABI.
                noise::$fill(unsafe { betas.slice_mut() }, $($parameter),*)
            })
        }
    )*};
}
betas! {
    /// Fills betas with a straight line between two values in (0, 1).
    ///
    /// @param betas       betas_len elements, one for each training step
    /// @param betas_len   how many
    /// @param beta_start  the first
    /// @param beta_end    the last
    quell_betas_linear, fill_betas_linear(beta_start, beta_end);
    /// Fills betas with the square of a straight line between two square roots: Stable Diffusion takes 0.00085 and
    /// 0.012.
    ///
    /// @param betas       betas_len elements, one for each training step
    /// @param betas_len   how many
    /// @param beta_start  the first
    /// @param beta_end    the last
    quell_betas_scaled_linear, fill_betas_scaled_linear(beta_start, beta_end);
    /// Fills betas with a logistic curve between two values in (0, 1).
    ///
    /// @param betas       betas_len elements, one for each training step
    /// @param betas_len   how many
    /// @param beta_start  the lower end
    /// @param beta_end    the upper end
    quell_betas_sigmoid, fill_betas_sigmoid(beta_start, beta_end);
    /// Fills betas from a squared-cosine alpha-bar.
    ///
    /// @param betas      betas_len elements, one for each training step
    /// @param betas_len  how many
    /// @param beta_max   the cap on each, usually 0.999
    quell_betas_squared_cosine, fill_betas_squared_cosine(beta_max);
    /// Fills betas so that the log signal-to-noise ratio has a Laplace distribution.
    ///
    /// @param betas      betas_len elements, one for each training step
    /// @param betas_len  how many
    /// @param beta_max   the cap on each, usually 0.999
    quell_betas_laplace, fill_betas_laplace(beta_max);
}

/// Turns betas into alpha-bars, the cumulative products of 1 - beta.
///
/// @param alpha_bars      alpha_bars_len elements
/// @param alpha_bars_len  how many
/// @param betas           as many, each in (0, 1]
/// @param betas_len       how many
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn quell_alpha_bars_from_betas(
    alpha_bars: *mut f64,
    alpha_bars_len: usize,
    betas: *const f64,
    betas_len: usize,
) -> quell_status {
    run(|| {
        let alpha_bars = Buffer::output(Argument::AlphaBars, alpha_bars, alpha_bars_len)?;
        let betas = Buffer::input(Argument::Betas, betas, betas_len)?;
        alpha_bars.apart_from(&[betas.range()])?;
        // SAFETY: checked above; valid by the contract of the C ABI.
        let (alpha_bars, betas) = unsafe { (alpha_bars.slice_mut(), betas.slice()) };
        noise::alpha_bars_from_betas(alpha_bars, betas)
    })
}

/// Shifts and scales the square roots of alpha-bars, in place, so that the last is 0 and the first stays.
///
/// @param alpha_bars      strictly decreasing within [0, 1)
/// @param alpha_bars_len  how many, at least 2
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn quell_rescale_zero_terminal_snr(alpha_bars: *mut f64, alpha_bars_len: usize) -> quell_status {
    run(|| {
        let alpha_bars = Buffer::output(Argument::AlphaBars, alpha_bars, alpha_bars_len)?;
        // SAFETY: checked above; valid by the contract of the C ABI.
        noise::rescale_zero_terminal_snr(unsafe { alpha_bars.slice_mut() })
    })
}

/// Makes the variance-preserving process with a linear beta(t) whose sigma/alpha runs from sigma_min at t = epsilon to
/// sigma_max at t = 1.
///
/// @param out        the process
/// @param sigma_min  positive
/// @param sigma_max  greater
/// @param epsilon    in (0, 1), usually 0.001
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn quell_vp_linear_from_sigma_range(
    out: *mut quell_process,
    sigma_min: f64,
    sigma_max: f64,
    epsilon: f64,
) -> quell_status {
    // SAFETY: valid by the contract of the C ABI.
    run(|| unsafe {
        write(Argument::Out, out, &[], || {
            let VpLinear { beta_min, beta_d, epsilon } = VpLinear::from_sigma_range(sigma_min, sigma_max, epsilon)?;
            let kind = quell_process_kind::VpLinear as i32;
            Ok(quell_process { kind, beta_min, beta_d, epsilon, ..quell_process::EMPTY })
        })
    })
}

/// What the core calls the level, the caller's signature may call otherwise.
pub(crate) fn name_level(error: Error, argument: Argument) -> Error {
    match error {
        Error::Domain { argument: Argument::Level, value } => Error::Domain { argument, value },
        other => other,
    }
}

/// Stamps the functions from a number to a noise level.
macro_rules! levels {
    ($($(#[$doc:meta])* $name:ident, $at:ident($parameter:ident);)*) => {$(
        $(#[$doc])*
        #[must_use]
        #[unsafe(no_mangle)]
        pub unsafe extern "C" fn $name(
            out: *mut NoiseLevel,
            process: *const quell_process,
            $parameter: f64,
        ) -> quell_status {
            run(|| {
                // SAFETY: checked before use; valid by the contract of the C ABI.
                unsafe {
                    let table = read(Argument::Process, process)?;
                    write(Argument::Out, out, &[extent(process), table.table()], || table.cast()?.$at($parameter))
                }
            })
        }
    )*};
}
levels! {
    /// The noise level at a timestep, which may be fractional.
    ///
    /// @param out       the level
    /// @param process   the process
    /// @param timestep  within the process's range
    quell_level_at_timestep, at_timestep(timestep);
    /// The noise level with a given sigma: sigma/alpha, or the flow time of a rectified flow.
    ///
    /// @param out      the level
    /// @param process  the process
    /// @param sigma    not negative, at most 1 for a flow
    quell_level_at_sigma, at_sigma(sigma);
    /// The noise level with a given sigma/alpha, whatever the process calls sigma.
    ///
    /// @param out      the level
    /// @param process  the process
    /// @param sigma    not negative
    quell_level_at_noise_to_signal, at_noise_to_signal(sigma);
    /// The noise level with a given lambda = ln(alpha/sigma).
    ///
    /// @param out           the level
    /// @param process       the process
    /// @param half_log_snr  lambda
    quell_level_at_half_log_snr, at_half_log_snr(half_log_snr);
    /// The noise level with a given alpha-bar.
    ///
    /// @param out        the level
    /// @param process    the process
    /// @param alpha_bar  in (0, 1]
    quell_level_at_alpha_bar, at_alpha_bar(alpha_bar);
}

/// Stamps the functions from a noise level to a number.
macro_rules! readings {
    ($($(#[$doc:meta])* $name:ident, $read:ident;)*) => {$(
        $(#[$doc])*
        #[must_use]
        #[unsafe(no_mangle)]
        pub unsafe extern "C" fn $name(out: *mut f64, level: *const NoiseLevel) -> quell_status {
            run(|| {
                // SAFETY: checked before use; valid by the contract of the C ABI.
                unsafe {
                    let value = read(Argument::Level, level)?;
                    write(Argument::Out, out, &[extent(level)], || value.check(Argument::Level).map(|()| value.$read()))
                }
            })
        }
    )*};
}
readings! {
    /// alpha^2 / (alpha^2 + sigma^2) of a level.
    ///
    /// @param out    the result
    /// @param level  the level
    quell_level_alpha_bar, alpha_bar;
    /// sigma/alpha of a level; infinite where alpha is 0.
    ///
    /// @param out    the result
    /// @param level  the level
    quell_level_noise_to_signal, noise_to_signal;
    /// lambda = ln(alpha/sigma) of a level; infinite at either end.
    ///
    /// @param out    the result
    /// @param level  the level
    quell_level_half_log_snr, half_log_snr;
}

/// The same level for a state that is `scale` times as large.
///
/// @param out    the result
/// @param level  the level
/// @param scale  the factor, positive
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn quell_level_scaled(
    out: *mut NoiseLevel,
    level: *const NoiseLevel,
    scale: f64,
) -> quell_status {
    run(|| {
        // SAFETY: checked before use; valid by the contract of the C ABI.
        unsafe {
            let value = read(Argument::Level, level)?;
            write(Argument::Out, out, &[extent(level)], || value.scaled(scale))
        }
    })
}

/// Turns levels, in place, into those of the state x/alpha, in which the signal never shrinks: the form that
/// k-diffusion samples in.
///
/// @param levels      levels_len levels, none with alpha = 0
/// @param levels_len  how many
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn quell_levels_variance_exploding(levels: *mut NoiseLevel, levels_len: usize) -> quell_status {
    run(|| {
        let levels = Buffer::output(Argument::Levels, levels, levels_len)?;
        // SAFETY: checked above; valid by the contract of the C ABI.
        let levels = unsafe { levels.slice_mut() };
        let fits = |level: &NoiseLevel| level.variance_exploding().map(drop);
        levels.iter().try_for_each(fits).map_err(|error| name_level(error, Argument::Levels))?;
        for level in levels {
            *level = level.variance_exploding()?;
        }
        Ok(())
    })
}

/// Fills levels from as many sigmas, which must be strictly decreasing.
///
/// @param levels      levels_len levels
/// @param levels_len  how many
/// @param process     the process
/// @param sigmas      as many
/// @param sigmas_len  how many
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn quell_levels_from_sigmas(
    levels: *mut NoiseLevel,
    levels_len: usize,
    process: *const quell_process,
    sigmas: *const f64,
    sigmas_len: usize,
) -> quell_status {
    run(|| {
        let levels = Buffer::output(Argument::Levels, levels, levels_len)?;
        let sigmas = Buffer::input(Argument::Sigmas, sigmas, sigmas_len)?;
        // SAFETY: checked before use; valid by the contract of the C ABI.
        unsafe {
            let table = read(Argument::Process, process)?;
            levels.apart_from(&[sigmas.range(), extent(process), table.table()])?;
            table.cast()?.fill_levels(levels.slice_mut(), sigmas.slice())
        }
    })
}

/// Fills levels from one timestep fewer, strictly decreasing, and a last level.
///
/// @param levels         levels_len levels
/// @param levels_len     how many, at least 2
/// @param process        the process
/// @param timesteps      one fewer
/// @param timesteps_len  how many
/// @param last           a quell_last
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn quell_levels_from_timesteps(
    levels: *mut NoiseLevel,
    levels_len: usize,
    process: *const quell_process,
    timesteps: *const f64,
    timesteps_len: usize,
    last: i32,
) -> quell_status {
    run(|| {
        let levels = Buffer::output(Argument::Levels, levels, levels_len)?;
        let timesteps = Buffer::input(Argument::Timesteps, timesteps, timesteps_len)?;
        let last = cast_last(last)?;
        // SAFETY: checked before use; valid by the contract of the C ABI.
        unsafe {
            let table = read(Argument::Process, process)?;
            levels.apart_from(&[timesteps.range(), extent(process), table.table()])?;
            table.cast()?.fill_levels_at_timesteps(levels.slice_mut(), timesteps.slice(), last)
        }
    })
}

/// What the last level of a schedule is.
#[repr(i32)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum quell_last {
    /// No noise: the run ends on the network's estimate of the clean sample.
    Zero = 0,
    /// The smallest noise scale: sigma_min of a spacing, or the least noisy level of a process (the first of
    /// alpha_bars, or epsilon in continuous time). EDM, VE and flow have no such level.
    SigmaMin = 1,
}

pub(crate) fn cast_last(last: i32) -> Result<Last, Error> {
    match last {
        value if value == quell_last::Zero as i32 => Ok(Last::Zero),
        value if value == quell_last::SigmaMin as i32 => Ok(Last::SigmaMin),
        value => Err(Error::Unknown { argument: Argument::Last, value }),
    }
}

/// How a dynamic shift depends on mu.
#[repr(i32)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum quell_shift_kind {
    /// The static shift by e^mu.
    Exponential = 0,
    /// The static shift by mu.
    Linear = 1,
}

/// Shifts the sigmas of a flow, in place: s becomes shift s / (1 + (shift - 1) s). Stable Diffusion 3 and Flux start from
/// 1 - i/steps.
///
/// @param sigmas      sigmas_len elements in [0, 1]
/// @param sigmas_len  how many
/// @param shift       positive
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn quell_flow_shift(sigmas: *mut f64, sigmas_len: usize, shift: f64) -> quell_status {
    run(|| {
        let sigmas = Buffer::output(Argument::Sigmas, sigmas, sigmas_len)?;
        // SAFETY: checked above; valid by the contract of the C ABI.
        noise::shift(unsafe { sigmas.slice_mut() }, shift)
    })
}

/// Shifts the sigmas of a flow, in place, by an amount that depends on the image's size through mu.
///
/// @param sigmas      sigmas_len elements in [0, 1]
/// @param sigmas_len  how many
/// @param mu          see quell_flow_mu()
/// @param shift_kind  a quell_shift_kind
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn quell_flow_shift_dynamic(
    sigmas: *mut f64,
    sigmas_len: usize,
    mu: f64,
    shift_kind: i32,
) -> quell_status {
    run(|| {
        let sigmas = Buffer::output(Argument::Sigmas, sigmas, sigmas_len)?;
        let kind = match shift_kind {
            value if value == quell_shift_kind::Exponential as i32 => ShiftKind::Exponential,
            value if value == quell_shift_kind::Linear as i32 => ShiftKind::Linear,
            value => return Err(Error::Unknown { argument: Argument::ShiftKind, value }),
        };
        // SAFETY: checked above; valid by the contract of the C ABI.
        noise::shift_dynamic(unsafe { sigmas.slice_mut() }, mu, kind)
    })
}

/// mu for an image of sequence_length tokens: the line through (256, base_shift) and (4096, max_shift).
///
/// @param out              mu
/// @param sequence_length  at least 1
/// @param base_shift       0.5 for Flux
/// @param max_shift        1.15 for Flux
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn quell_flow_mu(
    out: *mut f64,
    sequence_length: usize,
    base_shift: f64,
    max_shift: f64,
) -> quell_status {
    // SAFETY: checked before use; valid by the contract of the C ABI.
    run(|| unsafe {
        write(Argument::Out, out, &[], || noise::shift_for_sequence_length(sequence_length, base_shift, max_shift))
    })
}

/// Stretches decreasing sigmas of a flow linearly, in place, so that the last is `terminal` and 1 stays 1.
///
/// @param sigmas      sigmas_len elements in [0, 1], strictly decreasing
/// @param sigmas_len  how many
/// @param terminal    in (0, 1)
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn quell_flow_stretch_terminal(
    sigmas: *mut f64,
    sigmas_len: usize,
    terminal: f64,
) -> quell_status {
    run(|| {
        let sigmas = Buffer::output(Argument::Sigmas, sigmas, sigmas_len)?;
        // SAFETY: checked above; valid by the contract of the C ABI.
        noise::stretch_terminal(unsafe { sigmas.slice_mut() }, terminal)
    })
}
