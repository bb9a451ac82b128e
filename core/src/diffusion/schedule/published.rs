//! The four lists that the authors of Align Your Steps released, for any number of steps.

use super::{Last, interpolate_log_linear};
use crate::error::{Argument, Error, check};

/// A released list (arXiv 2404.14507, table 3).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum List {
    /// Stable Diffusion 1.5.
    StableDiffusion15,
    /// Stable Diffusion XL.
    StableDiffusionXl,
    /// DeepFloyd-IF, first stage.
    DeepFloydIf,
    /// Stable Video Diffusion.
    StableVideoDiffusion,
}

impl List {
    /// The eleven sigmas for ten steps, the last one σ_min.
    ///
    /// For the two Stable Diffusion models they stand at the integer timesteps of [`List::timesteps`], as all
    /// deployments have them; the paper prints these sigmas to three decimals.
    pub const fn sigmas(self) -> &'static [f64; 11] {
        match self {
            List::StableDiffusion15 => &[
                14.6146412293,
                6.4745760956,
                3.8636745985,
                2.694615152,
                1.8841921177,
                1.3943805092,
                0.9642583904,
                0.6523686016,
                0.3977456272,
                0.1515232662,
                0.0291671582,
            ],
            List::StableDiffusionXl => &[
                14.6146412293,
                6.3184485287,
                3.7681790315,
                2.1811480769,
                1.3405244945,
                0.8620721141,
                0.5550693289,
                0.3798540708,
                0.2332364134,
                0.1114188177,
                0.0291671582,
            ],
            List::DeepFloydIf => &[160.41, 8.081, 3.315, 1.885, 1.207, 0.785, 0.553, 0.293, 0.186, 0.030, 0.006],
            List::StableVideoDiffusion => {
                &[700.0, 54.5, 15.886, 7.977, 4.248, 1.789, 0.981, 0.403, 0.173, 0.034, 0.002]
            }
        }
    }

    /// The ten training timesteps at which the network is evaluated, where the list was released with them.
    pub const fn timesteps(self) -> Option<&'static [f64; 10]> {
        match self {
            List::StableDiffusion15 => Some(&[999.0, 850.0, 736.0, 645.0, 545.0, 455.0, 343.0, 233.0, 124.0, 24.0]),
            List::StableDiffusionXl => Some(&[999.0, 845.0, 730.0, 587.0, 443.0, 310.0, 193.0, 116.0, 53.0, 13.0]),
            List::DeepFloydIf | List::StableVideoDiffusion => None,
        }
    }
}

/// Fills `sigmas` with the list, interpolated linearly in ln σ to their number.
///
/// With [`Last::Zero`] the last sigma is overwritten by 0, as the authors' recipe does; there is no level more.
///
/// # Errors
///
/// [`Error::TooShort`] for fewer than two `sigmas`.
///
/// # Example
///
/// ```
/// use quell::diffusion::schedule::{Last, published};
/// let mut sigmas = [0.0; 7];
/// published::fill(&mut sigmas, published::List::StableDiffusion15, Last::Zero)?;
/// assert!((sigmas[1] - 4.589205178278303).abs() < 1e-12 && sigmas[6] == 0.0);
/// # Ok::<(), quell::Error>(())
/// ```
pub fn fill(sigmas: &mut [f64], list: List, last: Last) -> Result<(), Error> {
    check::at_least(Argument::Sigmas, 2, sigmas.len())?;
    interpolate_log_linear(sigmas, list.sigmas())?;
    if let (Last::Zero, Some(sigma)) = (last, sigmas.last_mut()) {
        *sigma = 0.0;
    }
    Ok(())
}
