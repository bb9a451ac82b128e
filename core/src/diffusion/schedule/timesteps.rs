//! Schedules by the network's time: integer timesteps of a training run, and spacings of continuous time.

use crate::error::{Argument, Error, check};

/// How n timesteps are chosen among T (Lin et al. 2023, table 2).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Spacing {
    /// i·⌊T/n⌋ + offset for i from n − 1 down to 0.
    Leading {
        /// What is added to each, 1 for Stable Diffusion.
        steps_offset: usize,
    },
    /// (T − 1)·i/(n − 1) for i from n − 1 down to 0: both ends included, real-valued in between.
    Linspace,
    /// round(T − i·T/n) − 1 for i from 0 to n − 1: the last one included, equal strides.
    Trailing,
}

/// Fills `timesteps` with exactly as many timesteps as there is room for, from the noisiest down.
///
/// Positions are computed from i, never accumulated, so no rounding adds or loses a step.
///
/// # Errors
///
/// [`Error::TooShort`] for no `timesteps`; [`Error::Length`] for more of them than `train_timesteps`;
/// [`Error::Domain`] for a `steps_offset` that leads past the last training step.
///
/// # Example
///
/// ```
/// use quell::diffusion::schedule::timesteps::{Spacing, fill};
/// let mut timesteps = [0.0; 4];
/// fill(&mut timesteps, 1000, Spacing::Trailing)?;
/// assert_eq!(timesteps, [999.0, 749.0, 499.0, 249.0]);
/// fill(&mut timesteps, 1000, Spacing::Leading { steps_offset: 1 })?;
/// assert_eq!(timesteps, [751.0, 501.0, 251.0, 1.0]);
/// # Ok::<(), quell::Error>(())
/// ```
pub fn fill(timesteps: &mut [f64], train_timesteps: usize, spacing: Spacing) -> Result<(), Error> {
    let n = timesteps.len();
    check::at_least(Argument::Timesteps, 1, n)?;
    if n > train_timesteps {
        return Err(Error::Length { argument: Argument::Timesteps, expected: train_timesteps, actual: n });
    }
    let total = train_timesteps as f64;
    let stride = train_timesteps.checked_div(n).unwrap_or(0);
    if let Spacing::Leading { steps_offset } = spacing {
        let room = train_timesteps - 1 - stride * (n - 1);
        check::within(Argument::StepsOffset, steps_offset as f64, 0.0, room as f64)?;
    }
    for (i, timestep) in timesteps.iter_mut().enumerate() {
        let left = (n - 1 - i) as f64;
        *timestep = match spacing {
            Spacing::Leading { steps_offset } => left * stride as f64 + steps_offset as f64,
            // A single step starts from the noisiest timestep.
            Spacing::Linspace if i == 0 => total - 1.0,
            Spacing::Linspace => (total - 1.0) * left / (n - 1) as f64,
            Spacing::Trailing => libm::rint(total * (left + 1.0) / n as f64) - 1.0,
        };
    }
    Ok(())
}

/// Fills `times` from `t_max` to `t_min`, equally spaced in t^(1/`power`): 1 gives time-uniform, 2 time-quadratic
/// levels.
///
/// Both ends are exact. `times` may be all levels of a run that ends at `t_min`, or the evaluations of one that goes
/// on to the clean sample.
///
/// # Errors
///
/// [`Error::TooShort`] for fewer than two `times`; [`Error::Domain`] for `power` ≤ 0, and for `t_min` or `t_max`
/// outside 0 ≤ `t_min` < `t_max`.
pub fn fill_continuous(times: &mut [f64], t_min: f64, t_max: f64, power: f64) -> Result<(), Error> {
    check::at_least(Argument::Timesteps, 2, times.len())?;
    check::positive(Argument::Power, power)?;
    check::positive(Argument::TMax, t_max)?;
    check::non_negative(Argument::TMin, t_min)?;
    if t_min >= t_max {
        return Err(Error::Domain { argument: Argument::TMin, value: t_min });
    }
    let intervals = times.len() - 1;
    let (low, high) = (libm::pow(t_min, 1.0 / power), libm::pow(t_max, 1.0 / power));
    super::fill_decreasing(Argument::Timesteps, times, |i| {
        if i == 0 {
            t_max
        } else if i == intervals {
            t_min
        } else {
            libm::pow(high + (low - high) * (i as f64 / intervals as f64), power)
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::vec;

    #[test]
    fn exactly_n_distinct_timesteps_for_every_n() {
        for spacing in [Spacing::Leading { steps_offset: 0 }, Spacing::Linspace, Spacing::Trailing] {
            for n in 1..=1000 {
                let mut t = vec![f64::NAN; n];
                fill(&mut t, 1000, spacing).unwrap();
                assert!(t.windows(2).all(|w| w[1] < w[0]), "{spacing:?} {n}");
                assert!(t[n - 1] >= 0.0 && t[0] <= 999.0);
            }
        }
    }

    #[test]
    fn bad_requests_change_nothing() {
        let mut t = [5.0; 3];
        assert!(fill(&mut t, 2, Spacing::Trailing).is_err());
        assert!(fill(&mut [], 1000, Spacing::Trailing).is_err());
        assert!(fill(&mut t, 3, Spacing::Leading { steps_offset: 1 }).is_err());
        for (low, high, power) in [(0.5, 0.5, 1.0), (-0.1, 1.0, 1.0), (0.0, f64::NAN, 1.0), (0.0, 1.0, 0.0)] {
            assert!(fill_continuous(&mut t, low, high, power).is_err());
        }
        assert_eq!(t, [5.0; 3]);
    }

    #[test]
    fn quadratic_times_are_squares() {
        let mut t = [0.0; 5];
        fill_continuous(&mut t, 0.0, 1.0, 2.0).unwrap();
        assert!(t.iter().zip([1.0, 0.5625, 0.25, 0.0625, 0.0]).all(|(a, b)| (a - b).abs() < 1e-15));
    }
}
