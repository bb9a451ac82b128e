//! Schedules that imitate a teacher: a run of many small steps on the user's own network.
//!
//! Nothing here is a bound. What is compared are states: where one long step of DDIM leads, and where the teacher was
//! at the same level. Two ways to choose the steps by that, both by dynamic programming over the teacher's levels:
//!
//! * [`LeapTable`], in the manner of GITS (Chen et al. 2024, arXiv 2405.11326): each leap starts from the teacher's own
//!   state, so that all leaps are known from the trajectories alone, and a schedule for every number of steps costs no
//!   further evaluation. GITS takes 60 steps, 256 samples, [`Measure::Deviation`] and a coefficient of 1.15.
//! * [`advance`], in the manner of OSS (Pei et al. 2025, arXiv 2503.21774): each leap starts from the student's own state, the
//!   best that it can have at that level after so many steps. The host evaluates its network at these states between
//!   one stage and the next. OSS takes 200 steps and settles each sample on its own; here a batch is settled together.
//!
//! A [`LeapTable`] takes 24 bytes a pair of levels, as a [`PairTable`](super::PairTable) does; beside it stands one
//! trajectory, its states and outputs. [`advance`] needs states, outputs and the teacher's states of the whole batch.
//!
//! States are those of the process, at its own levels ([`NoiseLevel`]); trajectories run from the noisiest level down.
//!
//! ```
//! use quell::diffusion::bound::{Moments, dynamic, pairs_len, teacher::{LeapTable, Measure}};
//! use quell::diffusion::{noise::{NoiseLevel, Process}, schedule::{Last, karras}};
//!
//! const LEVELS: usize = 21;
//! let (mut sigmas, mut levels) = ([0.0; LEVELS], [NoiseLevel::default(); LEVELS]);
//! karras::fill(&mut sigmas, 0.02, 20.0, 7.0, Last::SigmaMin)?;
//! Process::Ve.fill_levels(&mut levels, &sigmas)?;
//! let mut moments = [Moments::default(); pairs_len(LEVELS)];
//! let mut table = LeapTable::new(&levels, &mut moments, Measure::Squared)?;
//! // The host's teacher runs here; this one is exact for N(0, 1) data.
//! let states = sigmas.map(|sigma| 30.0 * libm::sqrt((1.0 + sigma * sigma) / 401.0));
//! let denoised: [f64; LEVELS] = core::array::from_fn(|i| states[i] / (1.0 + sigmas[i] * sigmas[i]));
//! table.add_trajectory(&states, &denoised[..LEVELS - 1], 1)?;
//!
//! let (mut totals, mut parents) = ([0.0; 6], [0; dynamic::parents_len(6, LEVELS)]);
//! let mut scratch = [0.0; dynamic::scratch_len(6, LEVELS)];
//! table.shortest_paths(&mut totals, &mut parents, 1.0, &mut scratch)?;
//! let mut indices = [0; 7];
//! dynamic::trace(&mut indices, &parents, LEVELS)?;
//! assert!(totals[5] < totals[4]);
//! # Ok::<(), quell::Error>(())
//! ```

use super::dynamic::shortest_paths_weighted;
use super::mmse::check_counts;
use super::moments::{Kept, Moments};
use super::pairs::check_squares;
use super::save::Kind;
use super::triangle::{pair_index, pairs_len, rows, rows_mut};
use crate::diffusion::noise::NoiseLevel;
use crate::error::{Argument, Error, check};
use crate::{Scalar, Storage};
use core::ops::Deref;

pub use super::student::advance;

/// How a leap is held against the teacher.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
#[repr(i32)]
pub enum Measure {
    /// The squared distance of the two states.
    #[default]
    Squared = 0,
    /// Their distance.
    Distance = 1,
    /// How much farther the leap ends from the straight line between the teacher's first and last state than the
    /// teacher is there: GITS's own cost. It is negative where the leap cuts a corner. It does not see how far a leap
    /// is off along the line: in one dimension, or for N(0, c²·I) data in the variance exploding form, trajectories are
    /// straight, all leaps cost nothing, and rounding chooses between them. Take one of the others there.
    Deviation = 2,
}

impl Measure {
    /// What the moments of a table with this measure are saved as.
    pub const fn kind(self) -> Kind {
        match self {
            Measure::Squared => Kind::SquaredLeaps,
            Measure::Distance => Kind::Leaps,
            Measure::Deviation => Kind::Deviations,
        }
    }
}

/// One step of DDIM: x′ = `x`·x + `denoised`·D.
#[derive(Clone, Copy)]
pub(super) struct Leap {
    x: f64,
    denoised: f64,
}

impl Leap {
    pub(super) fn between(from: &NoiseLevel, to: &NoiseLevel) -> Leap {
        let x = to.sigma / from.sigma;
        Leap { x, denoised: to.alpha - from.alpha * x }
    }

    pub(super) fn apply<X: Storage, M: Storage>(self, x: X, denoised: M) -> f64 {
        self.x * x.load().to_f64() + self.denoised * denoised.load().to_f64()
    }
}

/// What the leaps between all pairs of a teacher's levels cost: a packed triangle ([`pairs_len`]) of [`Moments`], which
/// the caller keeps, with nothing on its diagonal.
///
/// `M` is `&mut [Moments]` for a table that is added to, `&[Moments]` for one that is read only ([`LeapTable::view`]).
#[derive(Debug)]
pub struct LeapTable<'a, M = Kept<'a>> {
    levels: &'a [NoiseLevel],
    moments: M,
    measure: Measure,
}

impl<'a> LeapTable<'a> {
    /// Goes on with moments that the caller keeps; [`Moments::default`] for a start. They must be of the same measure.
    ///
    /// # Errors
    ///
    /// [`Error::TooShort`] for fewer than two `levels`; [`Error::Domain`] or [`Error::Order`] for `levels` that are not
    /// finite and strictly less noisy from one to the next; [`Error::Length`] for `moments`; errors of
    /// [`Moments::check`].
    pub fn new(levels: &'a [NoiseLevel], moments: &'a mut [Moments], measure: Measure) -> Result<LeapTable<'a>, Error> {
        check_table(levels, moments)?;
        Ok(LeapTable { levels, moments, measure })
    }

    /// Takes one sample's trajectory: its states at all levels, and the denoiser's outputs at all but the last, each of
    /// `dimension` elements. The teacher may be any solver.
    ///
    /// # Errors
    ///
    /// [`Error::Domain`] for a `dimension` of 0; [`Error::Length`] for `states` and `denoised`; [`Error::Domain`] for
    /// elements of them that are not finite, or whose squares are not. Nothing is taken then.
    pub fn add_trajectory<X: Storage, M: Storage>(
        &mut self,
        states: &[X],
        denoised: &[M],
        dimension: usize,
    ) -> Result<(), Error> {
        let levels = self.levels;
        check::not_zero(Argument::Dimension, dimension)?;
        check::length(Argument::States, levels.len().saturating_mul(dimension), states.len())?;
        check::length(Argument::Denoised, (levels.len() - 1).saturating_mul(dimension), denoised.len())?;
        states.chunks_exact(dimension).try_for_each(|state| check_squares(Argument::States, state))?;
        denoised.chunks_exact(dimension).try_for_each(|denoised| check_squares(Argument::Denoised, denoised))?;
        let line = Line::new(states, dimension);
        let state = |level: usize| states.chunks_exact(dimension).nth(level).unwrap_or(&[]);
        let measure = self.measure;
        let outputs = denoised.chunks_exact(dimension);
        for ((from, row), denoised) in rows_mut(self.moments, levels.len()).enumerate().zip(outputs) {
            let x = state(from);
            let targets = levels.iter().enumerate().skip(from + 1);
            for (moments, (to, level)) in row.iter_mut().skip(1).zip(targets) {
                let Some(leap) = levels.get(from).map(|here| Leap::between(here, level)) else { break };
                let reached = || x.iter().zip(denoised).map(|(&x, &denoised)| leap.apply(x, denoised));
                let there = || state(to).iter().map(|x| x.load().to_f64());
                let cost = match measure {
                    Measure::Squared => squared(reached(), there()),
                    Measure::Distance => libm::sqrt(squared(reached(), there())),
                    Measure::Deviation => line.deviation(reached) - line.deviation(there),
                };
                moments.add_finite(cost);
            }
        }
        Ok(())
    }

    /// Takes all samples of another table on the same levels and with the same measure.
    ///
    /// # Errors
    ///
    /// [`Error::Length`] or [`Error::Domain`] for `levels` of the other that are not the same; [`Error::Unknown`] for
    /// another measure (`kind`).
    pub fn merge<M: Deref<Target = [Moments]>>(&mut self, other: &LeapTable<M>) -> Result<(), Error> {
        check::length(Argument::Levels, self.levels.len(), other.levels.len())?;
        if let Some((_, level)) = self.levels.iter().zip(other.levels).find(|(here, there)| here != there) {
            return Err(Error::Domain { argument: Argument::Levels, value: level.sigma });
        }
        if self.measure != other.measure {
            return Err(Error::Unknown { argument: Argument::Kind, value: other.measure.kind() as i32 });
        }
        self.moments.iter_mut().zip(other.moments.iter()).for_each(|(here, there)| here.merge(there));
        Ok(())
    }
}

impl<'a> LeapTable<'a, &'a [Moments]> {
    /// A table that is read only.
    ///
    /// # Errors
    ///
    /// As for [`LeapTable::new`].
    pub fn view(
        levels: &'a [NoiseLevel],
        moments: &'a [Moments],
        measure: Measure,
    ) -> Result<LeapTable<'a, &'a [Moments]>, Error> {
        check_table(levels, moments)?;
        Ok(LeapTable { levels, moments, measure })
    }
}

impl<'a, M: Deref<Target = [Moments]>> LeapTable<'a, M> {
    /// The levels.
    pub fn levels(&self) -> &'a [NoiseLevel] {
        self.levels
    }

    /// The moments, packed.
    pub fn moments(&self) -> &[Moments] {
        &self.moments
    }

    /// The mean cost of the leap between two levels, by their positions.
    ///
    /// # Errors
    ///
    /// [`Error::Domain`] for positions that are none, or for `to` that is not after `from`; [`Error::TooShort`] for
    /// `moments` without a sample.
    pub fn get(&self, from: usize, to: usize) -> Result<f64, Error> {
        let place = pair_index(from, to, self.levels.len()).filter(|_| from < to);
        let Some(moments) = place.and_then(|place| self.moments.get(place)) else {
            return Err(Error::Domain { argument: Argument::To, value: to as f64 });
        };
        check_counts(core::slice::from_ref(moments), 1)?;
        Ok(moments.mean)
    }

    /// Fills the mean cost of the leap between each pair of levels, packed, with 0 on the diagonal.
    ///
    /// # Errors
    ///
    /// [`Error::Length`] for `costs` ([`pairs_len`]); [`Error::TooShort`] for `moments` without a sample.
    pub fn fill_costs(&self, costs: &mut [f64]) -> Result<(), Error> {
        check::length(Argument::Costs, self.moments.len(), costs.len())?;
        let levels = self.levels.len();
        let leaps = || rows(&self.moments, levels).filter_map(<[Moments]>::split_first);
        leaps().try_for_each(|(_, leaps)| check_counts(leaps, 1))?;
        for (costs, (_, leaps)) in rows_mut(costs, levels).zip(leaps()) {
            let Some((own, costs)) = costs.split_first_mut() else { break };
            *own = 0.0;
            costs.iter_mut().zip(leaps).for_each(|(cost, leap)| *cost = leap.mean);
        }
        Ok(())
    }

    /// The schedules that cost least, for each number of steps: see [`shortest_paths_weighted`].
    ///
    /// # Errors
    ///
    /// Those of that function; [`Error::Domain`] for `costs` of a table without samples.
    pub fn shortest_paths(
        &self,
        totals: &mut [f64],
        parents: &mut [u32],
        coefficient: f64,
        scratch: &mut [f64],
    ) -> Result<(), Error> {
        let cost = |from, to| self.get(from, to).unwrap_or(f64::NAN);
        shortest_paths_weighted(totals, parents, self.levels.len(), coefficient, scratch, cost)
    }
}

fn check_table(levels: &[NoiseLevel], moments: &[Moments]) -> Result<(), Error> {
    check_levels(levels)?;
    check::length(Argument::Moments, pairs_len(levels.len()), moments.len())?;
    moments.iter().try_for_each(Moments::check)
}

/// Σ (a − b)².
pub(super) fn squared(a: impl Iterator<Item = f64>, b: impl Iterator<Item = f64>) -> f64 {
    a.zip(b).map(|(a, b)| (a - b) * (a - b)).sum()
}

/// The straight line between a trajectory's first and last state.
struct Line<'a, X> {
    first: &'a [X],
    last: &'a [X],
    length: f64,
}

impl<'a, X: Storage> Line<'a, X> {
    fn new(states: &'a [X], dimension: usize) -> Line<'a, X> {
        let mut ends = states.chunks_exact(dimension);
        let first = ends.next().unwrap_or(&[]);
        let last = ends.next_back().unwrap_or(&[]);
        let widened = |end: &'a [X]| end.iter().map(|x| x.load().to_f64());
        Line { first, last, length: libm::sqrt(squared(widened(first), widened(last))) }
    }

    /// The distance of a point from the line; from its end where it has no length.
    fn deviation<I: Iterator<Item = f64>>(&self, point: impl Fn() -> I) -> f64 {
        let ends = || self.first.iter().zip(self.last).map(|(a, b)| (a.load().to_f64(), b.load().to_f64()));
        // The unit vector before the product: the square of a length may not be a number above 0.
        let unit = |first: f64, last: f64| if self.length > 0.0 { (last - first) / self.length } else { 0.0 };
        let parts = || point().zip(ends()).map(|(point, (first, last))| (last - point, unit(first, last)));
        let along: f64 = parts().map(|(away, unit)| away * unit).sum();
        let across = |(away, unit): (f64, f64)| away - along * unit;
        libm::sqrt(parts().map(across).map(|part| part * part).sum())
    }
}

/// At least two, finite and strictly less noisy from one to the next.
pub(super) fn check_levels(levels: &[NoiseLevel]) -> Result<(), Error> {
    check::at_least(Argument::Levels, 2, levels.len())?;
    levels.iter().try_for_each(|level| level.check(Argument::Levels))?;
    let mut neighbours = levels.iter().zip(levels.iter().skip(1));
    match neighbours.position(|(here, next)| !here.is_noisier_than(next)) {
        Some(index) => Err(Error::Order { argument: Argument::Levels, index: index + 1 }),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diffusion::noise::Process;
    use std::vec;
    use std::vec::Vec;

    fn levels(process: &Process, sigmas: &[f64]) -> Vec<NoiseLevel> {
        let mut levels = vec![NoiseLevel::default(); sigmas.len()];
        process.fill_levels(&mut levels, sigmas).unwrap();
        levels
    }

    const STATES: [f32; 6] = [0.0, 4.0, 3.0, 3.0, 8.0, 4.0];
    const DENOISED: [f64; 4] = [4.0, 2.0, 7.0, 5.0];

    /// From (0, 4) with D = (4, 2), and from (3, 3) with D = (7, 5), on sigmas 4, 2, 1.
    fn costs(measure: Measure) -> [f64; 3] {
        let levels = levels(&Process::Ve, &[4.0, 2.0, 1.0]);
        let mut moments = [Moments::default(); 6];
        let mut table = LeapTable::new(&levels, &mut moments, measure).unwrap();
        table.add_trajectory(&STATES, &DENOISED, 2).unwrap();
        assert_eq!(table.moments().iter().map(|m| m.count).collect::<Vec<_>>(), [0, 1, 1, 0, 1, 0]);
        [(0, 1), (0, 2), (1, 2)].map(|(from, to)| table.get(from, to).unwrap())
    }

    #[test]
    fn leaps_are_steps_of_ddim() {
        // They lead to (2, 3), (3, 2.5) and (5, 4); the teacher was at (3, 3), (8, 4) and (8, 4).
        assert_eq!(costs(Measure::Squared), [1.0, 25.0 + 2.25, 9.0]);
        assert_eq!(costs(Measure::Distance), [1.0, 27.25f64.sqrt(), 3.0]);
        // The line is the horizontal through 4: deviations 1, 1.5 and 0, and the teacher's 1, 0 and 0.
        let expected = [0.0, 1.5, 0.0];
        assert!(costs(Measure::Deviation).iter().zip(expected).all(|(a, b)| (a - b).abs() < 1e-15));
    }

    #[test]
    fn a_line_without_length_is_its_end() {
        let line = Line::new(&[1.0, 1.0, 5.0, 5.0, 1.0, 1.0], 2);
        assert_eq!(line.deviation(|| [4.0, 5.0].into_iter()), 5.0);
    }

    #[test]
    fn the_ends_of_every_process_will_do() {
        let flow = Process::Flow(crate::diffusion::noise::RectifiedFlow::default());
        let levels = levels(&flow, &[1.0, 0.5, 0.0]);
        assert_eq!((levels[0].alpha, levels[2].sigma), (0.0, 0.0));
        // A leap to the clean sample is the denoiser's output, bit for bit, and one from pure noise is defined.
        for (from, level) in levels[..2].iter().enumerate() {
            let leap = Leap::between(level, &levels[2]);
            assert_eq!(leap.apply(0.3f32, 0.7f32), f64::from(0.7f32), "{from}");
        }
        assert_eq!(Leap::between(&levels[0], &levels[1]).apply(2.0, 1.0), 0.5 * 2.0 + 0.5 * 1.0);
        let mut moments = [Moments::default(); 6];
        let mut table = LeapTable::new(&levels, &mut moments, Measure::Squared).unwrap();
        table.add_trajectory(&[2.0, 1.5, 1.0], &[1.0, 1.25], 1).unwrap();
        assert_eq!((table.get(0, 1), table.get(0, 2), table.get(1, 2)), (Ok(0.0), Ok(0.0), Ok(0.0625)));
    }

    #[test]
    fn a_bad_trajectory_changes_nothing() {
        let levels = levels(&Process::Ve, &[4.0, 2.0, 1.0]);
        let (mut moments, mut other) = ([Moments::default(); 6], [Moments::default(); 6]);
        let mut table = LeapTable::new(&levels, &mut moments, Measure::Squared).unwrap();
        table.add_trajectory(&STATES, &DENOISED, 2).unwrap();
        let before = table.moments().to_vec();
        let refused = |result: Result<(), Error>| result.unwrap_err().argument();
        assert_eq!(refused(table.add_trajectory(&STATES[1..], &DENOISED, 2)), Argument::States);
        assert_eq!(refused(table.add_trajectory(&STATES, &DENOISED[1..], 2)), Argument::Denoised);
        assert_eq!(refused(table.add_trajectory(&STATES, &DENOISED, 0)), Argument::Dimension);
        assert_eq!(refused(table.add_trajectory(&[f32::NAN; 6], &DENOISED, 2)), Argument::States);
        assert_eq!(refused(table.add_trajectory(&STATES, &[1.0, 1.0, 1.0, f64::INFINITY], 2)), Argument::Denoised);
        assert_eq!(table.moments(), before);
        let distance = LeapTable::new(&levels, &mut other, Measure::Distance).unwrap();
        assert_eq!(refused(table.merge(&distance)), Argument::Kind);
        assert_eq!(distance.get(0, 1).unwrap_err().argument(), Argument::Moments);
        let (mut totals, mut parents) = ([7.0; 2], [7; 6]);
        let none = distance.shortest_paths(&mut totals, &mut parents, 1.0, &mut [0.0; 8]);
        assert_eq!((refused(none), totals, parents), (Argument::Costs, [7.0; 2], [7; 6]));
        assert_eq!(
            refused(table.merge(&LeapTable::new(&levels[..2], &mut other[..3], Measure::Squared).unwrap())),
            Argument::Levels
        );
        assert!(table.get(1, 1).is_err() && table.get(2, 1).is_err() && table.get(0, 3).is_err());
        let reversed = [levels[1], levels[0]];
        assert_eq!(
            LeapTable::new(&reversed, &mut other[..3], Measure::Squared).unwrap_err().argument(),
            Argument::Levels
        );
        assert!(LeapTable::new(&levels, &mut other[1..], Measure::Squared).is_err());
    }

    #[test]
    fn packed_costs_are_means() {
        let levels = levels(&Process::Ve, &[4.0, 2.0, 1.0]);
        let mut moments = [Moments::default(); 6];
        let mut costs = [7.0; 6];
        let table = LeapTable::new(&levels, &mut moments, Measure::Squared).unwrap();
        assert!(table.fill_costs(&mut costs).is_err_and(|error| error.argument() == Argument::Moments));
        assert_eq!(costs, [7.0; 6]);
        LeapTable::new(&levels, &mut moments, Measure::Squared).unwrap().add_trajectory(&STATES, &DENOISED, 2).unwrap();
        let view = LeapTable::view(&levels, &moments, Measure::Squared).unwrap();
        assert!(view.fill_costs(&mut costs[1..]).is_err_and(|error| error.argument() == Argument::Costs));
        view.fill_costs(&mut costs).unwrap();
        assert_eq!(costs, [0.0, 1.0, 27.25, 0.0, 9.0, 0.0]);
    }

    #[test]
    fn measures_have_kinds_of_their_own() {
        let kinds = [Measure::Squared, Measure::Distance, Measure::Deviation].map(Measure::kind);
        assert_eq!(kinds, [Kind::SquaredLeaps, Kind::Leaps, Kind::Deviations]);
    }
}
