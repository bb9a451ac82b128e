//! Schedules: sigmas, timesteps, and a schedule as a whole.

use super::noise::{cast_last, quell_process};
use super::prediction::quell_prediction;
use crate::pointer::{Buffer, extent, read, write};
use crate::status::{quell_status, run};
use core::ops::Range;
use quell::diffusion::noise::NoiseLevel;
use quell::diffusion::schedule::published::{self, List};
use quell::diffusion::schedule::timesteps::{self, Spacing};
use quell::diffusion::schedule::{self, Schedule, arctan, exponential, karras};
use quell::{Argument, Error};

/// A run: the process, what the network predicts, and the levels, from the noisiest down.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct quell_schedule {
    /// The noise process.
    pub process: quell_process,
    /// What the network predicts.
    pub prediction: quell_prediction,
    /// One level more than there are steps, each less noisy than the one before. To start part-way, point to a later
    /// one.
    pub levels: *const NoiseLevel,
    /// How many, at least 2.
    pub levels_len: usize,
}

impl quell_schedule {
    /// # Safety
    ///
    /// The pointers within are NULL, misaligned or valid for reads while the result lives.
    pub(crate) unsafe fn cast<'a>(&self) -> Result<Schedule<'a>, Error> {
        let levels = Buffer::input(Argument::Levels, self.levels, self.levels_len)?;
        // SAFETY: checked above; valid by this function's contract.
        unsafe { Schedule::new(self.process.cast()?, self.prediction.cast(Argument::Prediction)?, levels.slice()) }
    }

    /// The bytes that the schedule refers to.
    pub(crate) fn ranges(&self) -> [Range<usize>; 2] {
        let levels = Buffer::input(Argument::Levels, self.levels, self.levels_len);
        [self.process.table(), levels.map_or(0..0, |levels| levels.range())]
    }
}

/// Checks a schedule as the solvers do. What concerns one step alone, such as noise prediction at alpha = 0, that step
/// refuses.
///
/// @param schedule  the schedule
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn quell_schedule_check(schedule: *const quell_schedule) -> quell_status {
    // SAFETY: checked before use; valid by the contract of the C ABI.
    run(|| unsafe { read(Argument::Schedule, schedule)?.cast().map(drop) })
}

/// The position at which to start a schedule of `steps` steps so that its last round(strength * steps) steps are run,
/// ties to even: add it to schedule.levels, take it from schedule.levels_len, and begin with quell_step_add_noise() on
/// the clean sample. Where it is `steps` there is nothing to run.
///
/// @param out       the position
/// @param steps     how many there are
/// @param strength  in [0, 1]
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn quell_schedule_start(out: *mut usize, steps: usize, strength: f64) -> quell_status {
    // SAFETY: checked before use; valid by the contract of the C ABI.
    run(|| unsafe { write(Argument::Out, out, &[], || schedule::start(steps, strength)) })
}

/// Fills sigmas equally spaced in sigma^(1/rho), EDM's schedule.
///
/// @param sigmas      sigmas_len elements, one more than there are steps
/// @param sigmas_len  how many, at least 2
/// @param sigma_min   positive
/// @param sigma_max   greater
/// @param rho         positive, 7 for EDM
/// @param last        a quell_last; with QUELL_LAST_ZERO a 0 is appended to the span
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn quell_sigmas_karras(
    sigmas: *mut f64,
    sigmas_len: usize,
    sigma_min: f64,
    sigma_max: f64,
    rho: f64,
    last: i32,
) -> quell_status {
    run(|| {
        let sigmas = Buffer::output(Argument::Sigmas, sigmas, sigmas_len)?;
        let last = cast_last(last)?;
        // SAFETY: checked above; valid by the contract of the C ABI.
        karras::fill(unsafe { sigmas.slice_mut() }, sigma_min, sigma_max, rho, last)
    })
}

/// Fills sigmas equally spaced in ln sigma: uniform in the log signal-to-noise ratio.
///
/// @param sigmas      sigmas_len elements, one more than there are steps
/// @param sigmas_len  how many, at least 2
/// @param sigma_min   positive
/// @param sigma_max   greater
/// @param last        a quell_last; with QUELL_LAST_ZERO a 0 is appended to the span
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn quell_sigmas_exponential(
    sigmas: *mut f64,
    sigmas_len: usize,
    sigma_min: f64,
    sigma_max: f64,
    last: i32,
) -> quell_status {
    run(|| {
        let sigmas = Buffer::output(Argument::Sigmas, sigmas, sigmas_len)?;
        let last = cast_last(last)?;
        // SAFETY: checked above; valid by the contract of the C ABI.
        exponential::fill(unsafe { sigmas.slice_mut() }, sigma_min, sigma_max, last)
    })
}

/// Fills sigmas equally spaced in arctan(sigma/c): the optimum for Gaussian data of standard deviation c.
///
/// @param sigmas      sigmas_len elements, one more than there are steps
/// @param sigmas_len  how many, at least 2
/// @param sigma_min   positive
/// @param sigma_max   greater
/// @param c           positive; 1 gives the cosine schedule, also called kl_optimal
/// @param last        a quell_last; with QUELL_LAST_ZERO a 0 is appended to the span
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn quell_sigmas_arctan(
    sigmas: *mut f64,
    sigmas_len: usize,
    sigma_min: f64,
    sigma_max: f64,
    c: f64,
    last: i32,
) -> quell_status {
    run(|| {
        let sigmas = Buffer::output(Argument::Sigmas, sigmas, sigmas_len)?;
        let last = cast_last(last)?;
        // SAFETY: checked above; valid by the contract of the C ABI.
        arctan::fill(unsafe { sigmas.slice_mut() }, sigma_min, sigma_max, c, last)
    })
}

/// A list released by the authors of Align Your Steps.
#[repr(i32)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum quell_align_your_steps {
    /// Stable Diffusion 1.5.
    StableDiffusion15 = 0,
    /// Stable Diffusion XL.
    StableDiffusionXl = 1,
    /// DeepFloyd-IF, first stage.
    DeepFloydIf = 2,
    /// Stable Video Diffusion.
    StableVideoDiffusion = 3,
}

fn cast_list(list: i32) -> Result<List, Error> {
    match list {
        value if value == quell_align_your_steps::StableDiffusion15 as i32 => Ok(List::StableDiffusion15),
        value if value == quell_align_your_steps::StableDiffusionXl as i32 => Ok(List::StableDiffusionXl),
        value if value == quell_align_your_steps::DeepFloydIf as i32 => Ok(List::DeepFloydIf),
        value if value == quell_align_your_steps::StableVideoDiffusion as i32 => Ok(List::StableVideoDiffusion),
        value => Err(Error::Unknown { argument: Argument::List, value }),
    }
}

/// Fills sigmas with a released Align Your Steps list, interpolated linearly in ln sigma to their number.
///
/// @param sigmas      sigmas_len elements, one more than there are steps
/// @param sigmas_len  how many, at least 2
/// @param list        a quell_align_your_steps
/// @param last        a quell_last; with QUELL_LAST_ZERO the last sigma is overwritten by 0
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn quell_sigmas_align_your_steps(
    sigmas: *mut f64,
    sigmas_len: usize,
    list: i32,
    last: i32,
) -> quell_status {
    run(|| {
        let sigmas = Buffer::output(Argument::Sigmas, sigmas, sigmas_len)?;
        let (list, last) = (cast_list(list)?, cast_last(last)?);
        // SAFETY: checked above; valid by the contract of the C ABI.
        published::fill(unsafe { sigmas.slice_mut() }, list, last)
    })
}

/// Fills the ten training timesteps that were released with a list. Only the two Stable Diffusion lists have any.
///
/// @param timesteps      timesteps_len elements
/// @param timesteps_len  10
/// @param list           a quell_align_your_steps
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn quell_timesteps_align_your_steps(
    timesteps: *mut f64,
    timesteps_len: usize,
    list: i32,
) -> quell_status {
    run(|| {
        let timesteps = Buffer::output(Argument::Timesteps, timesteps, timesteps_len)?;
        let value = list;
        let Some(released) = cast_list(list)?.timesteps() else {
            return Err(Error::Unknown { argument: Argument::List, value });
        };
        if timesteps_len != released.len() {
            let expected = released.len();
            return Err(Error::Length { argument: Argument::Timesteps, expected, actual: timesteps_len });
        }
        // SAFETY: checked above; valid by the contract of the C ABI.
        unsafe { timesteps.slice_mut() }.copy_from_slice(released);
        Ok(())
    })
}

/// Interpolates a list of sigmas to another length, linearly in ln sigma.
///
/// @param sigmas      sigmas_len elements
/// @param sigmas_len  how many, at least 2
/// @param nodes       nodes_len sigmas, positive and strictly decreasing
/// @param nodes_len   how many, at least 2
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn quell_interpolate_log_linear(
    sigmas: *mut f64,
    sigmas_len: usize,
    nodes: *const f64,
    nodes_len: usize,
) -> quell_status {
    run(|| {
        let sigmas = Buffer::output(Argument::Sigmas, sigmas, sigmas_len)?;
        let nodes = Buffer::input(Argument::Nodes, nodes, nodes_len)?;
        sigmas.apart_from(&[nodes.range()])?;
        // SAFETY: checked above; valid by the contract of the C ABI.
        let (sigmas, nodes) = unsafe { (sigmas.slice_mut(), nodes.slice()) };
        schedule::interpolate_log_linear(sigmas, nodes)
    })
}

/// How timesteps are chosen among those of the training.
#[repr(i32)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum quell_spacing {
    /// Multiples of a stride, plus steps_offset.
    Leading = 0,
    /// Both ends included, real-valued in between.
    Linspace = 1,
    /// The last one included, equal strides.
    Trailing = 2,
}

/// Fills exactly timesteps_len timesteps, from the noisiest down.
///
/// @param timesteps        timesteps_len elements
/// @param timesteps_len    how many, from 1 to train_timesteps
/// @param train_timesteps  how many the network was trained on, usually 1000
/// @param spacing          a quell_spacing
/// @param steps_offset     what leading spacing adds; not looked at for the others
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn quell_timesteps_spaced(
    timesteps: *mut f64,
    timesteps_len: usize,
    train_timesteps: usize,
    spacing: i32,
    steps_offset: usize,
) -> quell_status {
    run(|| {
        let out = Buffer::output(Argument::Timesteps, timesteps, timesteps_len)?;
        let spacing = match spacing {
            value if value == quell_spacing::Leading as i32 => Spacing::Leading { steps_offset },
            value if value == quell_spacing::Linspace as i32 => Spacing::Linspace,
            value if value == quell_spacing::Trailing as i32 => Spacing::Trailing,
            value => return Err(Error::Unknown { argument: Argument::Spacing, value }),
        };
        // SAFETY: checked above; valid by the contract of the C ABI.
        timesteps::fill(unsafe { out.slice_mut() }, train_timesteps, spacing)
    })
}

/// Fills times of a continuous process from t_max to t_min, equally spaced in t^(1/power).
///
/// @param timesteps      timesteps_len elements
/// @param timesteps_len  how many, at least 2
/// @param t_min          not negative
/// @param t_max          greater
/// @param power          positive: 1 for time-uniform, 2 for time-quadratic spacing
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn quell_timesteps_continuous(
    timesteps: *mut f64,
    timesteps_len: usize,
    t_min: f64,
    t_max: f64,
    power: f64,
) -> quell_status {
    run(|| {
        let out = Buffer::output(Argument::Timesteps, timesteps, timesteps_len)?;
        // SAFETY: checked above; valid by the contract of the C ABI.
        timesteps::fill_continuous(unsafe { out.slice_mut() }, t_min, t_max, power)
    })
}

/// Reads a schedule and hands it on with the bytes that no output may meet.
///
/// # Safety
///
/// The pointer, and those within, are NULL, misaligned or valid for reads while `body` runs.
pub(crate) unsafe fn with_schedule<R>(
    schedule: *const quell_schedule,
    body: impl FnOnce(&Schedule, [Range<usize>; 3]) -> Result<R, Error>,
) -> Result<R, Error> {
    // SAFETY: checked before use; valid by this function's contract.
    unsafe {
        let plain = read(Argument::Schedule, schedule)?;
        let [table, levels] = plain.ranges();
        body(&plain.cast()?, [extent(schedule), table, levels])
    }
}
