//! The steps of [`teacher`](super::teacher) that a student takes from its own states, one stage at a time.

use super::dynamic::{NO_PARENT, parents_len};
use super::pairs::check_squares;
use super::teacher::{Leap, check_levels, squared};
use crate::diffusion::noise::NoiseLevel;
use crate::error::{Argument, Error, check};
use crate::{Scalar, Storage};

#[cfg(doc)]
use super::teacher::LeapTable;

/// Carries the student on by one step: from the best states after `step` steps, and what the network makes of them, to
/// the best states after one step more.
///
/// `states`, `teacher` and `denoised` hold, for each sample, a state of `dimension` elements for each level. At first
/// the states' first level holds what the teacher started from. Before stage `step` the host fills `denoised` at the
/// levels from `step` on up to the last but one (at stage 0 at the first only); other parts are not read. Each level
/// then takes the leap, from any level before it that the student has reached, that comes nearest to the teacher in the
/// mean over samples; of equals the one from the noisiest. `errors` becomes that squared distance: ∞ at levels that are
/// not reached in so many steps. `parents` ([`parents_len`] of all steps that are planned) is what
/// [`trace`](super::dynamic::trace) reads the schedules from; after stage `step`, those of up to `step` + 1 steps.
///
/// # Errors
///
/// Those of [`LeapTable::new`] for `levels`; [`Error::Length`] for `errors`, `parents`, and `states`, `teacher` and
/// `denoised` that do not hold as many samples; [`Error::TooShort`] for none; [`Error::Domain`] for a `step` that
/// `parents` has no room for or that there are no levels for, for a `dimension` of 0, and for elements that are read
/// and whose squares are not finite.
///
/// # Example
///
/// ```
/// use quell::diffusion::bound::{dynamic::{parents_len, trace}, teacher::advance};
/// use quell::diffusion::{noise::{NoiseLevel, Process}, schedule::{Last, exponential}};
/// const LEVELS: usize = 9;
/// const STEPS: usize = 3;
/// let (mut sigmas, mut levels) = ([0.0; LEVELS], [NoiseLevel::default(); LEVELS]);
/// exponential::fill(&mut sigmas, 0.1, 10.0, Last::SigmaMin)?;
/// Process::Ve.fill_levels(&mut levels, &sigmas)?;
/// // The exact path of N(0, 1) data.
/// let teacher = sigmas.map(|sigma| libm::sqrt(1.0 + sigma * sigma));
/// let (mut states, mut errors, mut parents) = (teacher, [0.0; LEVELS], [0; parents_len(STEPS, LEVELS)]);
/// for step in 0..STEPS {
///     // The host's network stands here.
///     let denoised: [f64; LEVELS] = core::array::from_fn(|i| states[i] / (1.0 + sigmas[i] * sigmas[i]));
///     advance(&mut errors, &mut parents, &mut states, &teacher, &denoised, &levels, step, 1)?;
/// }
/// let mut indices = [0; STEPS + 1];
/// trace(&mut indices, &parents, LEVELS)?;
/// assert!(indices[0] == 0 && indices[STEPS] == 8);
/// # Ok::<(), quell::Error>(())
/// ```
pub fn advance<X: Storage, M: Storage>(
    errors: &mut [f64],
    parents: &mut [u32],
    states: &mut [X],
    teacher: &[X],
    denoised: &[M],
    levels: &[NoiseLevel],
    step: usize,
    dimension: usize,
) -> Result<(), Error> {
    check_levels(levels)?;
    let count = levels.len();
    check::length(Argument::Errors, count, errors.len())?;
    let steps = parents.len().checked_div(count).unwrap_or(0);
    check::length(Argument::Parents, parents_len(steps, count), parents.len())?;
    if step >= steps || step + 1 >= count {
        return Err(Error::Domain { argument: Argument::Step, value: step as f64 });
    }
    check::not_zero(Argument::Dimension, dimension)?;
    // At least 1 in any case, which the compiler cannot tell from a product.
    let sample = dimension.saturating_mul(count).max(1);
    check::parts(Argument::States, states.len(), Argument::Dimension, sample)?;
    check::at_least(Argument::States, sample, states.len())?;
    check::length(Argument::Teacher, states.len(), teacher.len())?;
    check::length(Argument::Denoised, states.len(), denoised.len())?;
    // The levels that the student stands at after so many steps.
    let reached = step..if step == 0 { 1 } else { count - 1 };
    teacher.chunks_exact(dimension).try_for_each(|state| check_squares(Argument::Teacher, state))?;
    for level in reached.clone() {
        rows_at(states, level, count, dimension).try_for_each(|state| check_squares(Argument::States, state))?;
        rows_at(denoised, level, count, dimension).try_for_each(|row| check_squares(Argument::Denoised, row))?;
    }
    let samples = states.chunks_exact(sample).len();
    // From the last level back, so that a state is read before it is replaced.
    for (to, (error, parents)) in errors.iter_mut().zip(parents.chunks_exact_mut(steps)).enumerate().rev() {
        let (mut best, mut least) = (NO_PARENT, f64::INFINITY);
        for from in reached.clone().take_while(|&from| from < to) {
            let Some(leap) = leap_between(levels, from, to) else { break };
            let rows = rows_at(states, from, count, dimension)
                .zip(rows_at(denoised, from, count, dimension))
                .zip(rows_at(teacher, to, count, dimension));
            let distances = rows.map(|((x, denoised), there)| {
                let reached = x.iter().zip(denoised).map(|(&x, &denoised)| leap.apply(x, denoised));
                squared(reached, there.iter().map(|x| x.load().to_f64()))
            });
            let distance = distances.sum::<f64>() / samples as f64;
            if distance < least {
                (best, least) = (from as u32, distance);
            }
        }
        *error = least;
        if let Some(parent) = parents.get_mut(step) {
            *parent = best;
        }
        let Some(leap) = leap_between(levels, best as usize, to) else { continue };
        let mut outputs = denoised.chunks_exact(sample);
        for states in states.chunks_exact_mut(sample) {
            // Not zipped: the length of a zip is a quotient by `sample`, and what divides by 0 is in the library then.
            let Some(denoised) = outputs.next() else { break };
            let Some((before, here)) = states.split_at_mut_checked(to * dimension) else { continue };
            let from = before.chunks_exact(dimension).nth(best as usize).unwrap_or(&[]);
            let denoised = denoised.chunks_exact(dimension).nth(best as usize).unwrap_or(&[]);
            for (here, (&x, &denoised)) in here.iter_mut().zip(from.iter().zip(denoised)) {
                *here = X::store(X::Acc::from_f64(leap.apply(x, denoised)));
            }
        }
    }
    Ok(())
}

/// The rows of one level in each sample.
fn rows_at<T>(samples: &[T], level: usize, levels: usize, dimension: usize) -> impl Iterator<Item = &[T]> {
    samples.chunks_exact(dimension.max(1)).skip(level).step_by(levels.max(1))
}

fn leap_between(levels: &[NoiseLevel], from: usize, to: usize) -> Option<Leap> {
    Some(Leap::between(levels.get(from)?, levels.get(to)?))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diffusion::noise::Process;

    #[test]
    fn a_bad_stage_changes_nothing() {
        let mut levels = [NoiseLevel::default(); 3];
        Process::Ve.fill_levels(&mut levels, &[4.0, 2.0, 1.0]).unwrap();
        let (mut errors, mut parents, mut states) = ([7.0; 3], [7; 6], [1.0f32; 12]);
        let (teacher, denoised) = ([2.0f32; 12], [0.5f64; 12]);
        let mut refused = |step, dimension, teacher: &[f32], denoised: &[f64], parents_len| {
            let parents_part = &mut parents[..parents_len];
            let result = advance(&mut errors, parents_part, &mut states, teacher, denoised, &levels, step, dimension);
            assert_eq!((errors, parents, states), ([7.0; 3], [7; 6], [1.0; 12]));
            result.unwrap_err().argument()
        };
        assert_eq!(refused(2, 2, &teacher, &denoised, 6), Argument::Step);
        assert_eq!(refused(1, 2, &teacher, &denoised, 3), Argument::Step);
        assert_eq!(refused(0, 2, &teacher, &denoised, 5), Argument::Parents);
        assert_eq!(refused(0, 0, &teacher, &denoised, 6), Argument::Dimension);
        assert_eq!(refused(0, 3, &teacher, &denoised, 6), Argument::States);
        assert_eq!(refused(0, 5, &teacher, &denoised, 6), Argument::States);
        assert_eq!(refused(0, 2, &teacher[..6], &denoised, 6), Argument::Teacher);
        assert_eq!(refused(0, 2, &teacher, &denoised[..6], 6), Argument::Denoised);
        assert_eq!(refused(0, 2, &[f32::NAN; 12], &denoised, 6), Argument::Teacher);
        assert_eq!(refused(0, 2, &teacher, &[f64::NAN; 12], 6), Argument::Denoised);
        // What is not read may be anything: at stage 0 the outputs below the first level.
        let mut first_only = [f64::NAN; 12];
        first_only[..2].fill(0.5);
        first_only[6..8].fill(0.5);
        let result = advance(&mut errors, &mut parents, &mut states, &teacher, &first_only, &levels, 0, 2);
        assert_eq!((result, errors[0], parents[0]), (Ok(()), f64::INFINITY, NO_PARENT));
    }
}
