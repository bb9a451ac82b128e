//! The five families of schedules, all on the same range of noise and with the same number of steps.

use clap::ValueEnum;
use quell::Error;
use quell::diffusion::noise::{Process, VpLinear};
use quell::diffusion::schedule::published::{self, List};
use quell::diffusion::schedule::{Last, arctan, exponential, karras, timesteps};

/// A rule by which noise levels are placed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Family {
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

/// What all schedules have in common.
#[derive(Clone, Copy, Debug)]
pub struct Range {
    /// The lowest noise level before the final zero.
    pub sigma_min: f64,
    /// The noise level of the start.
    pub sigma_max: f64,
    /// The standard deviation of the data.
    pub deviation: f64,
}

impl Family {
    /// The name in tables and legends.
    pub fn label(self) -> &'static str {
        match self {
            Family::Karras => "Karras, ρ = 7",
            Family::LogSnr => "uniform log-SNR",
            Family::Vp => "VP time-uniform",
            Family::Arctan => "arctan (Thm 3.1)",
            Family::Ays => "AYS list SD 1.5",
        }
    }

    /// The `steps` + 1 sigmas of a run, the last one 0.
    pub fn sigmas(self, steps: usize, range: Range) -> Result<Vec<f64>, Error> {
        let Range { sigma_min, sigma_max, deviation } = range;
        let mut sigmas = vec![0.0; steps + 1];
        match self {
            Family::Karras => karras::fill(&mut sigmas, sigma_min, sigma_max, 7.0, Last::Zero)?,
            Family::LogSnr => exponential::fill(&mut sigmas, sigma_min, sigma_max, Last::Zero)?,
            Family::Vp => fill_time_uniform(&mut sigmas, sigma_min, sigma_max)?,
            Family::Arctan => arctan::fill(&mut sigmas, sigma_min, sigma_max, deviation, Last::Zero)?,
            Family::Ays => fill_published(&mut sigmas, sigma_min, sigma_max)?,
        }
        Ok(sigmas)
    }
}

fn fill_time_uniform(sigmas: &mut [f64], sigma_min: f64, sigma_max: f64) -> Result<(), Error> {
    // β(t) grows, so B(ε) has to be less than the share ε of B(1). 10⁻³ is the usual ε; a narrow range needs a later one.
    let share = (sigma_min * sigma_min).ln_1p() / (sigma_max * sigma_max).ln_1p();
    let epsilon = f64::max(1e-3, 2.0 * share / (1.0 + share));
    let process = Process::VpLinear(VpLinear::from_sigma_range(sigma_min, sigma_max, epsilon)?);
    let evaluations = sigmas.len() - 1;
    let mut times = vec![1.0; evaluations];
    // A single time has no spacing: it is the start.
    if evaluations > 1 {
        timesteps::fill_continuous(&mut times, epsilon, 1.0, 1.0)?;
    }
    for (sigma, time) in sigmas.iter_mut().zip(times) {
        *sigma = process.at_timestep(time)?.noise_to_signal();
    }
    Ok(())
}

/// The authors' recipe: the list is interpolated to all levels, and the last is replaced by 0. Before that the list is
/// mapped onto the range, linearly in ln σ, so that no schedule has more or less of it to cross.
fn fill_published(sigmas: &mut [f64], sigma_min: f64, sigma_max: f64) -> Result<(), Error> {
    published::fill(sigmas, List::StableDiffusion15, Last::SigmaMin)?;
    let [first, .., last] = sigmas else { return Ok(()) };
    let (high, low) = (first.ln(), last.ln());
    for sigma in sigmas.iter_mut() {
        let position = (high - sigma.ln()) / (high - low);
        *sigma = (sigma_max.ln() + position * (sigma_min.ln() - sigma_max.ln())).exp();
    }
    if let Some(last) = sigmas.last_mut() {
        *last = 0.0;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_family_spans_the_range_in_exactly_n_steps() {
        for (sigma_min, sigma_max) in [(0.02, 80.0), (0.5, 0.9), (3.0, 4.0), (1e-3, 1e3)] {
            let range = Range { sigma_min, sigma_max, deviation: 0.5 };
            for &family in Family::value_variants() {
                for steps in 1..=50 {
                    let sigmas = family.sigmas(steps, range).unwrap();
                    assert_eq!(sigmas.len(), steps + 1);
                    assert!((sigmas[0] / sigma_max - 1.0).abs() < 1e-9, "{family:?}");
                    assert!(sigmas.windows(2).all(|pair| pair[1] < pair[0]), "{family:?} {steps}");
                    assert!(sigmas[steps] == 0.0);
                    assert!(sigmas[steps - 1] >= sigma_min * (1.0 - 1e-9));
                }
            }
        }
    }
}
