//! Where to stop: the noise levels of a run, from the noisiest down.
//!
//! A schedule of n steps has n + 1 levels: step i goes from level i to level i + 1, and the network is never evaluated
//! at the last one. The functions of the submodules fill a slice of sigmas or of timesteps; the length of the slice
//! decides the number of steps, so there are exactly n steps for every n.
//! [`Process::fill_levels`](super::noise::Process::fill_levels) and
//! [`Process::fill_levels_at_timesteps`](super::noise::Process::fill_levels_at_timesteps) turn them into levels.

pub mod arctan;
pub mod exponential;
pub mod karras;
pub mod published;
pub mod timesteps;

use super::noise::{NoiseLevel, Process};
use super::prediction::Prediction;
use crate::error::{Argument, Error, check};

/// What the last level of a schedule is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Last {
    /// No noise: the run ends on the network's estimate of the clean sample.
    #[default]
    Zero,
    /// The smallest noise scale: the run ends there, as in the Align Your Steps paper.
    SigmaMin,
}

/// A run: the process, what the network predicts, and the levels at which it is evaluated.
///
/// Positions count from the start of `levels`. To start part-way, hand over the later part of the levels (see
/// [`start`]): multistep solvers then build their history up anew.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Schedule<'a> {
    process: Process<'a>,
    prediction: Prediction,
    levels: &'a [NoiseLevel],
}

impl<'a> Schedule<'a> {
    /// Checks the three parts once, so that a step costs the same wherever it stands.
    ///
    /// # Errors
    ///
    /// [`Error::TooShort`] for `levels` with fewer than two (zero steps); [`Error::Domain`] or [`Error::Order`] for
    /// `levels` that are not finite and strictly less noisy from one to the next; errors of process and prediction.
    pub fn new(process: Process<'a>, prediction: Prediction, levels: &'a [NoiseLevel]) -> Result<Schedule<'a>, Error> {
        process.check()?;
        prediction.check()?;
        check::at_least(Argument::Levels, 2, levels.len())?;
        for level in levels {
            level.check(Argument::Levels)?;
        }
        for (index, (here, next)) in levels.iter().zip(levels.iter().skip(1)).enumerate() {
            if !here.is_noisier_than(next) {
                return Err(Error::Order { argument: Argument::Levels, index: index + 1 });
            }
        }
        Ok(Schedule { process, prediction, levels })
    }

    /// The noise process.
    pub fn process(&self) -> &Process<'a> {
        &self.process
    }

    /// What the network predicts.
    pub fn prediction(&self) -> Prediction {
        self.prediction
    }

    /// The levels, one more than there are steps.
    pub fn levels(&self) -> &'a [NoiseLevel] {
        self.levels
    }

    /// The number of steps.
    pub fn steps(&self) -> usize {
        self.levels.len() - 1
    }

    /// The two ends of a step.
    pub(crate) fn ends(&self, index: usize) -> Result<(NoiseLevel, NoiseLevel), Error> {
        match (self.levels.get(index), self.levels.get(index.saturating_add(1))) {
            (Some(&from), Some(&to)) => Ok((from, to)),
            _ => Err(Error::Domain { argument: Argument::Index, value: index as f64 }),
        }
    }
}

/// The position at which to start a schedule of `steps` steps so that the last round(`strength`·`steps`) of them are
/// run, ties to even, as image-to-image does. At `steps` there is nothing to run, and no schedule.
///
/// # Errors
///
/// [`Error::Domain`] for `strength` outside [0, 1].
///
/// # Example
///
/// ```
/// use quell::diffusion::schedule::start;
/// assert_eq!((start(10, 1.0)?, start(10, 0.6)?, start(10, 0.0)?), (0, 4, 10));
/// # Ok::<(), quell::Error>(())
/// ```
pub fn start(steps: usize, strength: f64) -> Result<usize, Error> {
    check::within(Argument::Strength, strength, 0.0, 1.0)?;
    Ok(steps.saturating_sub(libm::rint(steps as f64 * strength) as usize))
}

/// Interpolates `nodes` to the length of `sigmas`: linear in ln σ over the relative position (Align Your Steps,
/// appendix B; the authors' recipe for other step counts).
///
/// # Errors
///
/// [`Error::TooShort`] for `nodes` or `sigmas` with fewer than two; [`Error::Domain`] or [`Error::Order`] for `nodes`
/// that are not positive and strictly decreasing; [`Error::Order`] for `sigmas` too close for double precision.
///
/// # Example
///
/// ```
/// let mut sigmas = [0.0; 5];
/// quell::diffusion::schedule::interpolate_log_linear(&mut sigmas, &[16.0, 4.0, 1.0])?;
/// assert!(sigmas.iter().zip([16.0, 8.0, 4.0, 2.0, 1.0]).all(|(a, b)| (a - b).abs() < 1e-14));
/// # Ok::<(), quell::Error>(())
/// ```
pub fn interpolate_log_linear(sigmas: &mut [f64], nodes: &[f64]) -> Result<(), Error> {
    check::at_least(Argument::Nodes, 2, nodes.len())?;
    check::at_least(Argument::Sigmas, 2, sigmas.len())?;
    nodes.iter().try_for_each(|&node| check::positive(Argument::Nodes, node).map(drop))?;
    check_decreasing(Argument::Nodes, nodes)?;
    let (spans, steps) = ((nodes.len() - 1) as f64, (sigmas.len() - 1) as f64);
    fill_decreasing(Argument::Sigmas, sigmas, |i| {
        // Divided last, so that a position at a node is a whole number.
        let position = i as f64 * spans / steps;
        let index = (position as usize).min(nodes.len() - 2);
        let (Some(&left), Some(&right)) = (nodes.get(index), nodes.get(index + 1)) else { return f64::NAN };
        let fraction = position - index as f64;
        if fraction == 0.0 {
            left
        } else if fraction == 1.0 {
            right
        } else {
            libm::exp(libm::log(left) + fraction * (libm::log(right) - libm::log(left)))
        }
    })
}

/// Finite and strictly decreasing.
pub(crate) fn check_decreasing(argument: Argument, values: &[f64]) -> Result<(), Error> {
    values.iter().try_for_each(|&value| check::finite(argument, value).map(drop))?;
    for (index, (here, next)) in values.iter().zip(values.iter().skip(1)).enumerate() {
        if next >= here {
            return Err(Error::Order { argument, index: index + 1 });
        }
    }
    Ok(())
}

/// Fills from `sigma_max` to `sigma_min` by `between`, a map from the relative position in (0, 1) to a sigma; the two
/// ends are exact, and a last 0 is appended if asked for.
pub(crate) fn fill_span(
    sigmas: &mut [f64],
    sigma_min: f64,
    sigma_max: f64,
    last: Last,
    between: impl Fn(f64) -> f64,
) -> Result<(), Error> {
    check::at_least(Argument::Sigmas, 2, sigmas.len())?;
    check::positive(Argument::SigmaMin, sigma_min)?;
    check::positive(Argument::SigmaMax, sigma_max)?;
    if sigma_min >= sigma_max {
        return Err(Error::Domain { argument: Argument::SigmaMin, value: sigma_min });
    }
    let spanned = match last {
        Last::Zero => sigmas.len() - 1,
        Last::SigmaMin => sigmas.len(),
    };
    let at = |i: usize| {
        if i == 0 {
            sigma_max
        } else if i + 1 == spanned {
            sigma_min
        } else if i < spanned {
            between(i as f64 / (spanned - 1) as f64)
        } else {
            0.0
        }
    };
    fill_decreasing(Argument::Sigmas, sigmas, at)
}

/// Fills with a decreasing function of the index, or refuses where the parameters are so extreme that its values in
/// double precision do not decrease.
pub(crate) fn fill_decreasing(argument: Argument, out: &mut [f64], at: impl Fn(usize) -> f64) -> Result<(), Error> {
    let mut above = f64::INFINITY;
    for index in 0..out.len() {
        let value = at(index);
        // Not-a-number is below nothing.
        if value.partial_cmp(&above) != Some(core::cmp::Ordering::Less) {
            return Err(Error::Order { argument, index });
        }
        above = value;
    }
    for (index, out) in out.iter_mut().enumerate() {
        *out = at(index);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::vec;

    type Fill = fn(&mut [f64], Last) -> Result<(), Error>;

    fn fills() -> [Fill; 4] {
        [
            |s, last| karras::fill(s, 0.002, 80.0, 7.0, last),
            |s, last| exponential::fill(s, 0.002, 80.0, last),
            |s, last| arctan::fill(s, 0.002, 80.0, 0.5, last),
            |s, last| published::fill(s, published::List::StableDiffusion15, last),
        ]
    }

    #[test]
    fn exactly_n_steps_for_every_n() {
        for fill in fills() {
            for last in [Last::Zero, Last::SigmaMin] {
                for n in 1..=200 {
                    let mut sigmas = vec![f64::NAN; n + 1];
                    fill(&mut sigmas, last).unwrap();
                    check_decreasing(Argument::Sigmas, &sigmas).unwrap();
                    assert_eq!(sigmas[n] == 0.0, last == Last::Zero);
                }
                assert!(fill(&mut [0.0], last).is_err());
                assert!(fill(&mut [], last).is_err());
            }
        }
    }

    #[test]
    fn parameters_beyond_double_precision_change_nothing() {
        let mut sigmas = [3.0; 9];
        let next = f64::from_bits(1.0f64.to_bits() + 1);
        assert!(karras::fill(&mut sigmas, 0.002, 80.0, 1e-3, Last::Zero).is_err());
        assert!(exponential::fill(&mut sigmas, 1.0, next, Last::Zero).is_err());
        assert!(arctan::fill(&mut sigmas, 1e-300, 1e300, 1e-318, Last::Zero).is_err());
        assert!(timesteps::fill_continuous(&mut sigmas, 0.1, 1.0, 1e-17).is_err());
        assert_eq!(sigmas, [3.0; 9]);
    }

    #[test]
    fn ends_are_exact() {
        let mut sigmas = [0.0; 9];
        for fill in &fills()[..3] {
            fill(&mut sigmas, Last::SigmaMin).unwrap();
            assert_eq!((sigmas[0], sigmas[8]), (80.0, 0.002));
            fill(&mut sigmas, Last::Zero).unwrap();
            assert_eq!((sigmas[0], sigmas[7], sigmas[8]), (80.0, 0.002, 0.0));
        }
    }

    #[test]
    fn a_schedule_refuses_what_is_not_one() {
        let level = |sigma| NoiseLevel { alpha: 1.0, sigma, input_scale: 1.0, timestep: sigma };
        let new = |levels: &[NoiseLevel]| Schedule::new(Process::Ve, Prediction::Sample, levels).map(|s| s.steps());
        assert_eq!(new(&[level(1.0), level(0.0)]), Ok(1));
        assert_eq!(new(&[level(1.0)]), Err(Error::TooShort { argument: Argument::Levels, needed: 2, actual: 1 }));
        let order = |index| Err(Error::Order { argument: Argument::Levels, index });
        assert_eq!(new(&[level(2.0), level(1.0), level(1.0)]), order(2));
        assert_eq!(new(&[level(1.0), level(2.0)]), order(1));
        for bad in [f64::NAN, f64::INFINITY, -1.0] {
            assert!(new(&[level(bad), level(0.0)]).is_err());
        }
        let bad = Prediction::Edm { sigma_data: f64::NAN };
        assert!(Schedule::new(Process::Ve, bad, &[level(1.0), level(0.0)]).is_err());
    }

    #[test]
    fn interpolation_keeps_its_nodes_and_doubles_geometrically() {
        let nodes = [16.0, 3.0, 1.0, 0.1];
        let (mut same, mut double) = ([0.0; 4], [0.0; 7]);
        interpolate_log_linear(&mut same, &nodes).unwrap();
        interpolate_log_linear(&mut double, &nodes).unwrap();
        assert_eq!(same, nodes);
        for i in 0..3 {
            assert_eq!(double[2 * i], nodes[i]);
            assert!((double[2 * i + 1] - (nodes[i] * nodes[i + 1]).sqrt()).abs() < 1e-14);
        }
        for n in 2..=200 {
            let mut sigmas = vec![0.0; n];
            interpolate_log_linear(&mut sigmas, &nodes).unwrap();
            assert_eq!((sigmas[0], sigmas[n - 1]), (16.0, 0.1));
        }
        for bad in [[1.0, 2.0], [1.0, 0.0], [f64::NAN, 1.0]] {
            assert!(interpolate_log_linear(&mut same, &bad).is_err());
        }
        assert_eq!(same, nodes);
    }
}
