//! Rectified flow, α = 1 − s and σ = s, and the shifts that its schedules take.

use super::NoiseLevel;
use crate::error::{Argument, Error, check};

/// xₛ = (1 − s)·x₀ + s·ε for s from 0 to 1 (Liu et al. 2022; Lipman et al. 2022).
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct RectifiedFlow {
    /// The network is told `time_scale`·s: 1000 for Stable Diffusion 3 and Flux, 1 where the network takes s itself.
    pub time_scale: f64,
}

impl Default for RectifiedFlow {
    /// A time scale of 1000.
    fn default() -> Self {
        RectifiedFlow { time_scale: 1000.0 }
    }
}

impl RectifiedFlow {
    pub(crate) fn check(&self) -> Result<(), Error> {
        check::positive(Argument::TimeScale, self.time_scale).map(drop)
    }

    pub(crate) fn at_sigma(&self, s: f64) -> Result<NoiseLevel, Error> {
        check::within(Argument::Sigma, s, 0.0, 1.0)?;
        Ok(NoiseLevel { alpha: 1.0 - s, sigma: s, input_scale: 1.0, timestep: self.time_scale * s })
    }

    pub(crate) fn at_timestep(&self, timestep: f64) -> Result<NoiseLevel, Error> {
        check::within(Argument::Timestep, timestep, 0.0, self.time_scale)?;
        self.at_sigma(timestep / self.time_scale).map(|level| NoiseLevel { timestep, ..level })
    }
}

/// Replaces each s by `shift`·s/(1 + (`shift` − 1)·s) (Esser et al. 2024, eq. 23): the static shift.
///
/// An extreme shift leaves neighbours equal in double precision, which a schedule refuses.
///
/// # Errors
///
/// [`Error::Domain`] for a `shift` that is not positive or a sigma outside [0, 1].
pub fn shift(sigmas: &mut [f64], shift: f64) -> Result<(), Error> {
    check::positive(Argument::Shift, shift)?;
    check_unit(sigmas)?;
    for s in sigmas {
        // The formula divided by the shift: 0 and 1 stay exactly, however extreme it is.
        *s /= *s + (1.0 - *s) / shift;
    }
    Ok(())
}

/// How a dynamic shift depends on μ.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum ShiftKind {
    /// e^μ/(e^μ + (1/s − 1)): the static shift by e^μ.
    #[default]
    Exponential,
    /// μ/(μ + (1/s − 1)): the static shift by μ.
    Linear,
}

/// Shifts each s by an amount that depends on the image's size through μ (Flux; see [`shift_for_sequence_length`]).
///
/// # Errors
///
/// [`Error::Domain`] for a `mu` that is not finite or whose shift is not positive, or a sigma outside [0, 1].
pub fn shift_dynamic(sigmas: &mut [f64], mu: f64, kind: ShiftKind) -> Result<(), Error> {
    let amount = match kind {
        ShiftKind::Exponential => libm::exp(check::within(Argument::Mu, mu, -700.0, 700.0)?),
        ShiftKind::Linear => check::positive(Argument::Mu, mu)?,
    };
    shift(sigmas, amount)
}

/// μ for an image of `sequence_length` tokens: the line through (256, `base_shift`) and (4096, `max_shift`); Flux takes
/// 0.5 and 1.15.
///
/// # Errors
///
/// [`Error::Domain`] for an empty sequence or a shift that is not finite.
pub fn shift_for_sequence_length(sequence_length: usize, base_shift: f64, max_shift: f64) -> Result<f64, Error> {
    if sequence_length == 0 {
        return Err(Error::Domain { argument: Argument::SequenceLength, value: 0.0 });
    }
    check::finite(Argument::BaseShift, base_shift)?;
    check::finite(Argument::MaxShift, max_shift)?;
    let slope = (max_shift - base_shift) / (4096.0 - 256.0);
    check::finite(Argument::MaxShift, base_shift + slope * (sequence_length as f64 - 256.0))
}

/// Stretches decreasing sigmas linearly so that the last one is `terminal` and s = 1 stays where it is (LTX-Video).
///
/// # Errors
///
/// [`Error::Domain`] for `terminal` outside (0, 1), or a sigma outside [0, 1]; [`Error::Order`] for `sigmas` that are
/// not strictly decreasing, or would not be afterwards in double precision.
pub fn stretch_terminal(sigmas: &mut [f64], terminal: f64) -> Result<(), Error> {
    check::within(Argument::Terminal, terminal, f64::MIN_POSITIVE, 1.0 - f64::EPSILON)?;
    check_unit(sigmas)?;
    crate::diffusion::schedule::check_decreasing(Argument::Sigmas, sigmas)?;
    let Some(&last) = sigmas.last() else { return Ok(()) };
    check::within(Argument::Sigmas, last, 0.0, 1.0 - f64::EPSILON)?;
    let scale = (1.0 - last) / (1.0 - terminal);
    let stretched = |s: f64| if s == last { terminal } else { 1.0 - (1.0 - s) / scale };
    for (index, (&here, &next)) in sigmas.iter().zip(sigmas.iter().skip(1)).enumerate() {
        if stretched(next) >= stretched(here) {
            return Err(Error::Order { argument: Argument::Sigmas, index: index + 1 });
        }
    }
    for s in sigmas {
        *s = stretched(*s);
    }
    Ok(())
}

fn check_unit(sigmas: &[f64]) -> Result<(), Error> {
    sigmas.iter().try_for_each(|&s| check::within(Argument::Sigmas, s, 0.0, 1.0).map(drop))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shifts_keep_the_ends_and_undo_each_other() {
        for extreme in [5e-324, 1e-300, 1e300, f64::MAX] {
            let mut sigmas = [1.0, 0.5, 0.0];
            shift(&mut sigmas, extreme).unwrap();
            assert_eq!((sigmas[0], sigmas[2]), (1.0, 0.0));
            assert!((0.0..=1.0).contains(&sigmas[1]));
        }
        let original = [1.0, 0.75, 0.5, 0.1, 0.0];
        let mut sigmas = original;
        shift(&mut sigmas, 3.0).unwrap();
        assert_eq!((sigmas[0], sigmas[4]), (1.0, 0.0));
        assert!((sigmas[2] - 0.75).abs() < 1e-15);
        shift(&mut sigmas, 1.0 / 3.0).unwrap();
        assert!(sigmas.iter().zip(original).all(|(a, b)| (a - b).abs() < 1e-15));
    }

    #[test]
    fn dynamic_shifts_are_static_shifts() {
        let (mut a, mut b, mut c) = ([0.9, 0.4], [0.9, 0.4], [0.9, 0.4]);
        shift_dynamic(&mut a, 1.6, ShiftKind::Exponential).unwrap();
        shift_dynamic(&mut b, 1.6f64.exp(), ShiftKind::Linear).unwrap();
        shift(&mut c, 1.6f64.exp()).unwrap();
        assert!(a.iter().zip(b).zip(c).all(|((a, b), c)| (a - b).abs() < 1e-15 && b == c));
        assert_eq!(shift_for_sequence_length(256, 0.5, 1.15).unwrap(), 0.5);
        assert!((shift_for_sequence_length(4096, 0.5, 1.15).unwrap() - 1.15).abs() < 1e-15);
    }

    #[test]
    fn a_stretch_ends_where_it_is_told() {
        let mut sigmas = [1.0, 0.6, 0.2];
        stretch_terminal(&mut sigmas, 0.1).unwrap();
        assert_eq!((sigmas[0], sigmas[2]), (1.0, 0.1));
        assert!((sigmas[1] - 0.55).abs() < 1e-15);
    }

    #[test]
    fn bad_input_changes_nothing() {
        let mut sigmas = [1.0, 0.5];
        for bad in [f64::NAN, 0.0, -1.0, f64::INFINITY] {
            assert!(shift(&mut sigmas, bad).is_err());
            assert!(shift_dynamic(&mut sigmas, bad, ShiftKind::Linear).is_err());
            assert!(stretch_terminal(&mut sigmas, bad).is_err());
        }
        assert!(shift(&mut [1.5], 2.0).is_err());
        assert!(stretch_terminal(&mut [0.5, 1.0], 0.1).is_err());
        assert!(stretch_terminal(&mut [1.0], 0.1).is_err());
        assert!(shift_for_sequence_length(0, 0.5, 1.0).is_err());
        assert_eq!(sigmas, [1.0, 0.5]);
    }
}
