//! What one step is: a small table of numbers that depends on the schedule alone.
//!
//! Every solver in use is linear in the state x, the estimate D of the clean sample, the noise z and what it remembers
//! (its slots). A [`Step`] holds the factors; [`pass`](super::pass) applies them in one sweep over memory. A host with
//! its own kernels needs nothing but [`Step::table`].

use super::noise::NoiseLevel;
use super::prediction::Linear;
use crate::error::{Argument, Error, check};

/// The most slots a step can address.
pub const SLOTS: usize = 6;

/// The most rows in a step.
pub const ROWS: usize = 3;

/// The step word of the generator's counter for the noise that a run starts from: no schedule gets that long, so no
/// solver's step draws the same numbers.
pub const INITIAL_NOISE_STEP: u32 = u32::MAX - 1;

/// One linear combination of the old buffers, in terms of the denoised sample.
///
/// x·`x` + D·`denoised` + D_raw·`raw` + z·`noise` + Σₖ slotₖ·`slots[k]`, where D is what the host passes after clipping
/// or thresholding and D_raw what the network's output says. Without clipping the two are one, and their factors add
/// up before they are rounded.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
#[repr(C)]
pub struct Row {
    /// The factor on the state.
    pub x: f64,
    /// The factor on the estimate of the clean sample.
    pub denoised: f64,
    /// The factor on the estimate before it was clipped.
    pub raw: f64,
    /// The factor on the noise.
    pub noise: f64,
    /// The factors on the slots.
    pub slots: [f64; SLOTS],
}

/// Where the result of a row goes: `UNUSED`, `TO_X`, or `TO_SLOT + k`.
pub mod destination {
    /// The row is not used.
    pub const UNUSED: i32 = -1;
    /// The row gives the new state.
    pub const TO_X: i32 = 0;
    /// The row gives the first slot; slot k is `TO_SLOT + k`.
    pub const TO_SLOT: i32 = 1;
}

/// One network evaluation and what follows from it.
#[derive(Clone, Copy, Debug, PartialEq)]
#[repr(C)]
pub struct Step {
    /// Where the network is evaluated: its input is `at.input_scale`·x, its time `at.timestep`.
    pub at: NoiseLevel,
    /// The level of the new state, which is also where the network is evaluated next.
    pub next: NoiseLevel,
    /// The clean sample from state and output: D = `denoised.x`·x + `denoised.model`·model.
    pub denoised: Linear,
    /// The rows; all are computed from the old buffers before any is stored.
    pub rows: [Row; ROWS],
    /// Where each row's result goes: see [`destination`].
    pub destinations: [i32; ROWS],
    /// 0 where the network is not evaluated and nothing of it is read, else 1.
    pub evaluate: i32,
    /// The number of the noise draw: the step word of the generator's counter.
    pub noise_index: u32,
    /// The position in the schedule; the stages of one step share it.
    pub position: u32,
    /// The σ/α at which the draw starts, for callers whose noise is a Brownian path.
    pub noise_from: f64,
    /// The σ/α at which the draw ends.
    pub noise_to: f64,
}

/// A row in terms of the buffers that are there: x·`x` + model·`model` + denoised·`denoised` + z·`noise` +
/// Σₖ slotₖ·`slots[k]`.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
#[repr(C)]
pub struct TableRow {
    /// The factor on the state.
    pub x: f64,
    /// The factor on the network's output.
    pub model: f64,
    /// The factor on the host's clipped estimate of the clean sample.
    pub denoised: f64,
    /// The factor on the noise.
    pub noise: f64,
    /// The factors on the slots.
    pub slots: [f64; SLOTS],
}

impl TableRow {
    /// The factors in the order in which a pass sums their terms.
    pub(crate) fn factors(&self) -> impl Iterator<Item = f64> {
        [self.x, self.model, self.denoised, self.noise].into_iter().chain(self.slots)
    }
}

impl Step {
    /// A step that leads from `at` to `next` and does nothing yet.
    pub(crate) fn new(at: NoiseLevel, next: NoiseLevel, denoised: Linear, position: usize) -> Step {
        Step {
            at,
            next,
            denoised,
            rows: [Row::default(); ROWS],
            destinations: [destination::TO_X, destination::UNUSED, destination::UNUSED],
            evaluate: 1,
            noise_index: position as u32,
            position: position as u32,
            noise_from: at.noise_to_signal(),
            noise_to: next.noise_to_signal(),
        }
    }

    /// Sets the row that gives the new state.
    pub(crate) fn state(mut self, row: Row) -> Step {
        let [state, ..] = &mut self.rows;
        *state = row;
        self
    }

    /// Adds a row that gives a slot.
    pub(crate) fn store(mut self, slot: usize, row: Row) -> Step {
        let free = self.rows.iter_mut().zip(&mut self.destinations).find(|(_, to)| **to == destination::UNUSED);
        if let Some((place, to)) = free {
            *place = row;
            *to = destination::TO_SLOT + slot as i32;
        }
        self
    }

    /// The step itself, unless the levels are so far apart that its factors overflow.
    pub(crate) fn finite(self) -> Result<Step, Error> {
        self.checked_table(false, Argument::Levels).map(|_| self)
    }

    fn without_network(at: NoiseLevel, row: Row) -> Step {
        let step = Step::new(at, at, Linear::default(), 0);
        Step { evaluate: 0, noise_index: INITIAL_NOISE_STEP, noise_from: 0.0, ..step }.state(row)
    }

    /// The step that noises a clean sample, in place: x ← α·x + σ·z (`add_noise` of diffusers). Its draw is number
    /// [`INITIAL_NOISE_STEP`].
    ///
    /// # Errors
    ///
    /// [`Error::Domain`] for `level`.
    pub fn add_noise(level: NoiseLevel) -> Result<Step, Error> {
        level.check(Argument::Level)?;
        Ok(Step::without_network(level, Row { x: level.alpha, noise: level.sigma, ..Row::default() }))
    }

    /// The step that begins a run from noise alone: x ← σ·z; the old content of x is not read. Its draw is number
    /// [`INITIAL_NOISE_STEP`].
    ///
    /// # Errors
    ///
    /// [`Error::Domain`] for `level`.
    pub fn initial_noise(level: NoiseLevel) -> Result<Step, Error> {
        level.check(Argument::Level)?;
        Ok(Step::without_network(level, Row { noise: level.sigma, ..Row::default() }))
    }

    /// The step that leaves the state alone. Its pass serves to scale a state that the host made for the network.
    ///
    /// # Errors
    ///
    /// [`Error::Domain`] for `level`.
    pub fn identity(level: NoiseLevel) -> Result<Step, Error> {
        level.check(Argument::Level)?;
        Ok(Step::without_network(level, Row { x: 1.0, ..Row::default() }))
    }

    /// The rows in terms of buffers: with D replaced by state and output, or with the host's clipped D beside them.
    ///
    /// A row whose destination is [`destination::UNUSED`] is all zeros.
    pub fn table(&self, clipped: bool) -> [TableRow; ROWS] {
        let mut table = [TableRow::default(); ROWS];
        for ((out, row), &to) in table.iter_mut().zip(&self.rows).zip(&self.destinations) {
            if to == destination::UNUSED {
                continue;
            }
            let through_network = if clipped { row.raw } else { row.denoised + row.raw };
            *out = TableRow {
                x: row.x + through_network * self.denoised.x,
                model: through_network * self.denoised.model,
                denoised: if clipped { row.denoised } else { 0.0 },
                noise: row.noise,
                slots: row.slots,
            };
        }
        table
    }

    /// The number of slots that the step reads or writes, counted from the first.
    pub fn slots(&self) -> usize {
        let mut slots = 0;
        for (row, &to) in self.rows.iter().zip(&self.destinations) {
            if to == destination::UNUSED {
                continue;
            }
            slots = slots.max(usize::try_from(to).unwrap_or(0));
            slots = slots.max(row.slots.iter().rposition(|&factor| factor != 0.0).map_or(0, |last| last + 1));
        }
        slots
    }

    /// The [`table`](Step::table) of a step that a pass can carry out: its factors are finite, its destinations exist
    /// and differ, and the first of them is the state.
    ///
    /// # Errors
    ///
    /// [`Error::Domain`] or [`Error::Unknown`] for `argument`, the name that the caller has for the step.
    pub fn checked_table(&self, clipped: bool, argument: Argument) -> Result<[TableRow; ROWS], Error> {
        self.next.check(argument)?;
        let [first, ..] = self.destinations;
        if first != destination::TO_X {
            return Err(Error::Unknown { argument, value: first });
        }
        for (index, &value) in self.destinations.iter().enumerate().skip(1) {
            let taken = self.destinations.iter().take(index).any(|&other| other == value);
            let exists = (destination::TO_SLOT..=SLOTS as i32).contains(&value) && !taken;
            if value != destination::UNUSED && !exists {
                return Err(Error::Unknown { argument, value });
            }
        }
        let table = self.table(clipped);
        table.iter().flat_map(TableRow::factors).try_for_each(|factor| check::finite(argument, factor).map(drop))?;
        check::finite(argument, self.denoised.x)?;
        check::finite(argument, self.denoised.model)?;
        Ok(table)
    }
}

/// The number of elements of a history of `slots` slots for a state of `n` elements; `usize::MAX` when that overflows.
pub const fn history_len(slots: usize, n: usize) -> usize {
    slots.saturating_mul(n)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn level(alpha: f64, sigma: f64) -> NoiseLevel {
        NoiseLevel { alpha, sigma, input_scale: 1.0, timestep: 0.0 }
    }

    #[test]
    fn the_table_adds_factors_on_d_before_it_splits_them() {
        let row = Row { x: 0.5, denoised: 0.75, raw: -0.25, ..Row::default() };
        let step = Step::new(level(1.0, 2.0), level(1.0, 1.0), Linear { x: 1.0, model: -2.0 }, 3).state(row);
        let [folded, unused, _] = step.table(false);
        assert_eq!((folded.x, folded.model, folded.denoised), (1.0, -1.0, 0.0));
        assert_eq!(unused, TableRow::default());
        let [clipped, ..] = step.table(true);
        assert_eq!((clipped.x, clipped.model, clipped.denoised), (0.25, 0.5, 0.75));
    }

    #[test]
    fn a_run_starts_from_noise_that_no_step_draws() {
        assert_eq!(Step::initial_noise(level(1.0, 2.0)).unwrap().noise_index, INITIAL_NOISE_STEP);
        assert_eq!(Step::add_noise(level(1.0, 2.0)).unwrap().noise_index, INITIAL_NOISE_STEP);
        assert_ne!(INITIAL_NOISE_STEP, crate::diffusion::pass::KNOWN_NOISE_STEP);
    }

    #[test]
    fn slots_are_counted_from_reads_and_writes() {
        let mut step = Step::identity(level(1.0, 1.0)).unwrap();
        assert_eq!(step.slots(), 0);
        step = step.store(2, Row::default());
        assert_eq!((step.slots(), step.destinations), (3, [0, 3, -1]));
        step.rows[0].slots[4] = 1.0;
        assert_eq!(step.slots(), 5);
        step.rows[2].slots[5] = 1.0;
        assert_eq!(step.slots(), 5);
    }

    #[test]
    fn a_malformed_step_is_refused() {
        let good = Step::identity(level(1.0, 1.0)).unwrap();
        assert_eq!(good.checked_table(false, Argument::Step), Ok(good.table(false)));
        for destinations in [[-1, -1, -1], [0, 0, -1], [0, 7, -1], [0, -2, -1], [1, -1, -1], [0, 2, 2]] {
            assert!(Step { destinations, ..good }.checked_table(false, Argument::Step).is_err());
        }
        let mut nan = good;
        nan.rows[0].slots[5] = f64::NAN;
        assert!(nan.checked_table(false, Argument::Step).is_err() && nan.checked_table(true, Argument::Step).is_err());
        assert!(
            Step { denoised: Linear { x: f64::INFINITY, model: 0.0 }, ..good }
                .checked_table(true, Argument::Step)
                .is_err()
        );
        assert!(Step::add_noise(level(f64::NAN, 1.0)).is_err());
        assert!(Step::initial_noise(level(0.0, 0.0)).is_err());
        assert_eq!(history_len(3, usize::MAX), usize::MAX);
    }
}
