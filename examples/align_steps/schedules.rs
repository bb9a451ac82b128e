//! Where to stop: known families of schedules, and those that come out of a table of the denoiser, all on the same range
//! of noise, with the same number of steps and with the same end.

use crate::optimise::Rule;
use clap::ValueEnum;
use clap::builder::PossibleValue;
use quell::Error;
use quell::diffusion::noise::{Process, VpLinear};
use quell::diffusion::schedule::published::{self, List};
use quell::diffusion::schedule::{Last, arctan, exponential, karras, timesteps};

/// A rule that places noise levels without a look at the denoiser.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Known {
    /// Equally spaced in σ^(1/7)
    Karras,
    /// Equally spaced in ln σ: uniform in the log signal-to-noise ratio
    LogSnr,
    /// Equally spaced in the time of a variance-preserving process
    Vp,
    /// Equally spaced in arctan(σ/c), c the deviation of the data: optimal for Gaussian data
    Arctan,
    /// The list published for Stable Diffusion 1.5, stretched to the range
    Ays,
}

/// Any schedule of the experiment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Family {
    /// One that everybody knows.
    Known(Known),
    /// One from a table.
    Table(Rule),
}

/// How a schedule that has reached the lowest noise level comes to zero.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum End {
    /// n + 1 levels lead to sigma-min, and the last of them is replaced by 0, as the authors of Align Your Steps do
    Replace,
    /// n levels lead to sigma-min, and 0 is appended, as k-diffusion does: one step is spent on the lowest level
    Append,
}

/// What all schedules have in common.
#[derive(Clone, Copy, Debug)]
pub struct Range {
    /// The lowest noise level before the final zero.
    pub sigma_min: f64,
    /// The noise level of the start.
    pub sigma_max: f64,
    /// The standard deviation of the data.
    pub deviation: f64,
    /// What becomes of the lowest level.
    pub end: End,
}

impl End {
    /// The levels from the highest to the lowest that a run of so many steps has, its final zero aside.
    pub fn levels(self, steps: usize) -> usize {
        match self {
            End::Replace => steps + 1,
            End::Append => steps,
        }
    }

    /// Brings levels that lead from the highest to the lowest to zero.
    pub fn finish(self, mut levels: Vec<f64>) -> Vec<f64> {
        if self == End::Replace {
            levels.pop();
        }
        levels.push(0.0);
        levels
    }
}

impl Known {
    /// The three that users have without asking for them.
    pub const BASELINES: [Known; 3] = [Known::Karras, Known::LogSnr, Known::Vp];

    /// The name in tables and legends.
    pub fn label(self) -> &'static str {
        match self {
            Known::Karras => "Karras, ρ = 7",
            Known::LogSnr => "uniform log-SNR",
            Known::Vp => "VP time-uniform",
            Known::Arctan => "arctan (Thm 3.1)",
            Known::Ays => "AYS list SD 1.5",
        }
    }

    /// The `steps` + 1 sigmas of a run, the last one 0.
    pub fn sigmas(self, steps: usize, range: Range) -> Result<Vec<f64>, Error> {
        self.levels(range.end.levels(steps), range).map(|levels| range.end.finish(levels))
    }

    /// So many levels from the highest to the lowest; a single one is the highest.
    pub fn levels(self, count: usize, range: Range) -> Result<Vec<f64>, Error> {
        let Range { sigma_min, sigma_max, deviation, .. } = range;
        let mut sigmas = vec![sigma_max; count];
        if count < 2 {
            return Ok(sigmas);
        }
        match self {
            Known::Karras => karras::fill(&mut sigmas, sigma_min, sigma_max, 7.0, Last::SigmaMin)?,
            Known::LogSnr => exponential::fill(&mut sigmas, sigma_min, sigma_max, Last::SigmaMin)?,
            Known::Vp => fill_time_uniform(&mut sigmas, sigma_min, sigma_max)?,
            Known::Arctan => arctan::fill(&mut sigmas, sigma_min, sigma_max, deviation, Last::SigmaMin)?,
            Known::Ays => fill_published(&mut sigmas, sigma_min, sigma_max)?,
        }
        Ok(sigmas)
    }
}

impl Family {
    /// The name in tables and legends.
    pub fn label(self) -> &'static str {
        match self {
            Family::Known(known) => known.label(),
            Family::Table(rule) => rule.label(),
        }
    }

    /// Whether it was made for a denoiser.
    pub fn is_optimised(self) -> bool {
        matches!(self, Family::Table(_))
    }
}

/// Both kinds under one option.
impl ValueEnum for Family {
    fn value_variants<'a>() -> &'a [Family] {
        const ALL: [Family; 12] = [
            Family::Known(Known::Karras),
            Family::Known(Known::LogSnr),
            Family::Known(Known::Vp),
            Family::Known(Known::Arctan),
            Family::Known(Known::Ays),
            Family::Table(Rule::Displacement),
            Family::Table(Rule::DisplacementDistance),
            Family::Table(Rule::Search),
            Family::Table(Rule::Klub),
            Family::Table(Rule::SqrtDensity),
            Family::Table(Rule::Entropic),
            Family::Table(Rule::RescaledEntropic),
        ];
        &ALL
    }

    fn to_possible_value(&self) -> Option<PossibleValue> {
        match self {
            Family::Known(known) => known.to_possible_value(),
            Family::Table(rule) => rule.to_possible_value(),
        }
    }
}

fn fill_time_uniform(sigmas: &mut [f64], sigma_min: f64, sigma_max: f64) -> Result<(), Error> {
    // β(t) grows, so B(ε) has to be less than the share ε of B(1). 10⁻³ is the usual ε; a narrow range needs a later one.
    let share = (sigma_min * sigma_min).ln_1p() / (sigma_max * sigma_max).ln_1p();
    let epsilon = f64::max(1e-3, 2.0 * share / (1.0 + share));
    let process = Process::VpLinear(VpLinear::from_sigma_range(sigma_min, sigma_max, epsilon)?);
    let mut times = vec![1.0; sigmas.len()];
    timesteps::fill_continuous(&mut times, epsilon, 1.0, 1.0)?;
    for (sigma, time) in sigmas.iter_mut().zip(times) {
        *sigma = process.at_timestep(time)?.noise_to_signal();
    }
    Ok(())
}

/// The authors' list, interpolated to all levels and mapped onto the range, linearly in ln σ, so that no schedule has more
/// or less of it to cross.
fn fill_published(sigmas: &mut [f64], sigma_min: f64, sigma_max: f64) -> Result<(), Error> {
    published::fill(sigmas, List::StableDiffusion15, Last::SigmaMin)?;
    let [first, .., last] = sigmas else { return Ok(()) };
    let (high, low) = (first.ln(), last.ln());
    for sigma in sigmas.iter_mut() {
        let position = (high - sigma.ln()) / (high - low);
        *sigma = (sigma_max.ln() + position * (sigma_min.ln() - sigma_max.ln())).exp();
    }
    Ok(())
}

#[cfg(test)]
pub mod tests {
    use super::*;

    /// That of the experiment.
    pub const RANGE: Range = Range { sigma_min: 0.02, sigma_max: 80.0, deviation: 0.5, end: End::Replace };

    #[test]
    fn every_family_spans_the_range_in_exactly_n_steps() {
        for (sigma_min, sigma_max) in [(0.02, 80.0), (0.5, 0.9), (3.0, 4.0), (1e-3, 1e3)] {
            for end in [End::Replace, End::Append] {
                let range = Range { sigma_min, sigma_max, deviation: 0.5, end };
                for &family in Known::value_variants() {
                    for steps in 1..=50 {
                        let sigmas = family.sigmas(steps, range).unwrap();
                        assert_eq!(sigmas.len(), steps + 1);
                        assert!((sigmas[0] / sigma_max - 1.0).abs() < 1e-9, "{family:?}");
                        assert!(sigmas.windows(2).all(|pair| pair[1] < pair[0]), "{family:?} {steps}");
                        assert!(sigmas[steps] == 0.0);
                        let lowest = family.levels(end.levels(steps), range).unwrap()[end.levels(steps) - 1];
                        assert!(end.levels(steps) == 1 || (lowest / sigma_min - 1.0).abs() < 1e-9, "{family:?}");
                    }
                }
            }
        }
    }

    #[test]
    fn the_last_level_is_replaced_or_followed_by_zero() {
        assert_eq!(End::Replace.finish(vec![3.0, 2.0, 1.0]), [3.0, 2.0, 0.0]);
        assert_eq!(End::Append.finish(vec![3.0, 2.0]), [3.0, 2.0, 0.0]);
    }

    #[test]
    fn every_schedule_has_a_name_of_its_own() {
        let names: Vec<_> = Family::value_variants()
            .iter()
            .map(|family| family.to_possible_value().unwrap().get_name().to_owned())
            .collect();
        let mut unique = names.clone();
        unique.sort();
        unique.dedup();
        assert_eq!(unique.len(), names.len());
    }
}
