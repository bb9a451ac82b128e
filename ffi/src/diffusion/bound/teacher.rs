//! Schedules that imitate a run of many small steps.

use crate::pointer::Buffer;
use crate::status::{quell_status, run};
use quell::diffusion::bound::Moments;
use quell::diffusion::bound::teacher::{LeapTable, Measure, advance};
use quell::diffusion::noise::NoiseLevel;
use quell::{Argument, Error, bf16, f16};

/// How a leap is held against the teacher.
#[repr(i32)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum quell_measure {
    /// The squared distance of the two states.
    Squared = 0,
    /// Their distance.
    Distance = 1,
    /// How much farther the leap ends from the straight line between the teacher's first and last state than the
    /// teacher is there: the cost of GITS.
    Deviation = 2,
}

fn cast_measure(measure: i32) -> Result<Measure, Error> {
    match measure {
        value if value == quell_measure::Squared as i32 => Ok(Measure::Squared),
        value if value == quell_measure::Distance as i32 => Ok(Measure::Distance),
        value if value == quell_measure::Deviation as i32 => Ok(Measure::Deviation),
        value => Err(Error::Unknown { argument: Argument::Measure, value }),
    }
}

/// Stamps the functions of one pair of types.
macro_rules! teachers {
    ($x:ty as $stored_x:ty, $m:ty as $stored_m:ty, $add:ident, $advance:ident) => {
        /// Takes one sample's trajectory by the teacher, any solver: what each leap of DDIM from one of its states to
        /// the level of another misses.
        ///
        /// @param moments       moments_len elements; all zeros for a start, and always of the same measure
        /// @param moments_len   quell_pairs_len(levels_len)
        /// @param levels        the teacher's levels, each less noisy than the one before
        /// @param levels_len    how many, at least 2
        /// @param states        its states at all levels, each of `dimension` elements
        /// @param states_len    levels_len dimension
        /// @param denoised      the denoiser's outputs at all levels but the last
        /// @param denoised_len  (levels_len - 1) dimension
        /// @param dimension     the elements of a state
        /// @param measure       a quell_measure
        #[must_use]
        #[unsafe(no_mangle)]
        pub unsafe extern "C" fn $add(
            moments: *mut Moments,
            moments_len: usize,
            levels: *const NoiseLevel,
            levels_len: usize,
            states: *const $x,
            states_len: usize,
            denoised: *const $m,
            denoised_len: usize,
            dimension: usize,
            measure: i32,
        ) -> quell_status {
            run(|| {
                let moments = Buffer::output(Argument::Moments, moments, moments_len)?;
                let levels = Buffer::input(Argument::Levels, levels, levels_len)?;
                let states = Buffer::input(Argument::States, states.cast::<$stored_x>(), states_len)?;
                let denoised = Buffer::input(Argument::Denoised, denoised.cast::<$stored_m>(), denoised_len)?;
                moments.apart_from(&[levels.range(), states.range(), denoised.range()])?;
                let measure = cast_measure(measure)?;
                // SAFETY: checked above; valid by the contract of the C ABI.
                unsafe {
                    let mut table = LeapTable::new(levels.slice(), moments.slice_mut(), measure)?;
                    table.add_trajectory(states.slice(), denoised.slice(), dimension)
                }
            })
        }

        /// Carries a student on by one step of DDIM: each level takes the leap, from any level that the student has
        /// reached in `step` steps, that comes nearest to the teacher in the mean over samples. Between the calls the
        /// host evaluates its network at the states; after the last one quell_trace() reads the schedules.
        ///
        /// @param errors       levels_len elements: the mean squared distance to the teacher; infinity at levels that
        ///                     are not reached in so many steps
        /// @param parents      parents_len elements
        /// @param parents_len  quell_parents_len(steps, levels_len) for all steps that are planned
        /// @param states       the student's states, n elements: for each sample a state for each level. At first the
        ///                     first level's is what the teacher started from.
        /// @param teacher      the teacher's states, n elements
        /// @param denoised     what the denoiser made of the student's states, n elements: at the levels from `step` to
        ///                     the last but one, at step 0 at the first only; other parts are not read
        /// @param n            how many, samples levels_len dimension
        /// @param levels       the teacher's levels, each less noisy than the one before
        /// @param levels_len   how many, at least 2
        /// @param step         how many steps the student has taken
        /// @param dimension    the elements of a state
        #[must_use]
        #[unsafe(no_mangle)]
        pub unsafe extern "C" fn $advance(
            errors: *mut f64,
            parents: *mut u32,
            parents_len: usize,
            states: *mut $x,
            teacher: *const $x,
            denoised: *const $m,
            n: usize,
            levels: *const NoiseLevel,
            levels_len: usize,
            step: usize,
            dimension: usize,
        ) -> quell_status {
            run(|| {
                let errors = Buffer::output(Argument::Errors, errors, levels_len)?;
                let parents = Buffer::output(Argument::Parents, parents, parents_len)?;
                let states = Buffer::output(Argument::States, states.cast::<$stored_x>(), n)?;
                let teacher = Buffer::input(Argument::Teacher, teacher.cast::<$stored_x>(), n)?;
                let denoised = Buffer::input(Argument::Denoised, denoised.cast::<$stored_m>(), n)?;
                let levels = Buffer::input(Argument::Levels, levels, levels_len)?;
                let inputs = [teacher.range(), denoised.range(), levels.range()];
                errors.apart_from(&inputs)?;
                errors.apart_from(&[parents.range(), states.range()])?;
                parents.apart_from(&inputs)?;
                parents.apart_from(&[states.range()])?;
                states.apart_from(&inputs)?;
                // SAFETY: checked above; valid by the contract of the C ABI.
                unsafe {
                    let (errors, parents, states) = (errors.slice_mut(), parents.slice_mut(), states.slice_mut());
                    let (teacher, denoised, levels) = (teacher.slice(), denoised.slice(), levels.slice());
                    advance(errors, parents, states, teacher, denoised, levels, step, dimension)
                }
            })
        }
    };
}
teachers!(f32 as f32, f32 as f32, quell_leaps_add_f32, quell_teacher_advance_f32);
teachers!(f64 as f64, f64 as f64, quell_leaps_add_f64, quell_teacher_advance_f64);
teachers!(u16 as f16, u16 as f16, quell_leaps_add_f16, quell_teacher_advance_f16);
teachers!(u16 as bf16, u16 as bf16, quell_leaps_add_bf16, quell_teacher_advance_bf16);
teachers!(f32 as f32, u16 as f16, quell_leaps_add_f32_f16, quell_teacher_advance_f32_f16);
teachers!(f32 as f32, u16 as bf16, quell_leaps_add_f32_bf16, quell_teacher_advance_f32_bf16);

/// Fills the mean cost of the leap between each pair of levels, packed, for quell_shortest_paths(); GITS takes a
/// coefficient of 1.15 there.
///
/// @param costs        moments_len elements
/// @param moments      the table of leaps, none of them without a sample but for its diagonal
/// @param moments_len  quell_pairs_len(levels_len)
/// @param levels       its levels
/// @param levels_len   how many, at least 2
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn quell_leaps_costs(
    costs: *mut f64,
    moments: *const Moments,
    moments_len: usize,
    levels: *const NoiseLevel,
    levels_len: usize,
) -> quell_status {
    run(|| {
        let costs = Buffer::output(Argument::Costs, costs, moments_len)?;
        let moments = Buffer::input(Argument::Moments, moments, moments_len)?;
        let levels = Buffer::input(Argument::Levels, levels, levels_len)?;
        costs.apart_from(&[moments.range(), levels.range()])?;
        // Means are means, whatever was measured.
        let measure = Measure::default();
        // SAFETY: checked above; valid by the contract of the C ABI.
        unsafe { LeapTable::view(levels.slice(), moments.slice(), measure)?.fill_costs(costs.slice_mut()) }
    })
}
