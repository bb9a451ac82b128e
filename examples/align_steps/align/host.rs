//! What other programs call a noise level, and the forms in which they take schedules.
//!
//! Whatever a network was trained on, its noise-to-signal ratio σ is what schedules are made in here. diffusers, ComfyUI
//! and stable-diffusion.cpp take the same number for all networks but those of a flow, where they take s = σ/(1 + σ).

use crate::network::Settings;
use anyhow::{Context, Result, anyhow};
use clap::ValueEnum;
use quell::diffusion::noise::{self, Process, RectifiedFlow, VpDiscrete};
use serde_json::{Value, json};
use std::collections::HashMap;
use std::path::Path;

/// Digits behind the first one that counts: what single precision tells apart, and one more.
const DIGITS: i32 = 8;

/// The process that a network was trained on, as far as the hosts need it.
#[derive(Clone, Debug, PartialEq)]
pub enum Host {
    /// Variance preserving, with ᾱ of the training steps.
    Preserving(Vec<f64>),
    /// A rectified flow.
    Flow(RectifiedFlow),
    /// EDM's scaling.
    Edm,
    /// Variance exploding.
    Exploding,
}

impl Host {
    /// From what the user says and, for the rest, what the file says. The network has been loaded: what is missing or wrong
    /// has been refused.
    pub fn of(model: &Path, settings: &Settings) -> Result<Host> {
        let file = rten::Model::load_file(model).map_err(|error| anyhow!("{}: {error}", model.display()))?;
        Host::from_parts(settings, &file.metadata().fields().collect())
    }

    fn from_parts(settings: &Settings, metadata: &HashMap<&str, &str>) -> Result<Host> {
        let stated = |key: &str, own: Option<String>| {
            own.or_else(|| metadata.get(&format!("quell.{key}")[..]).map(|text| text.to_lowercase()))
        };
        let number = |key: &str, own: Option<f64>| {
            own.or_else(|| stated(key, None)?.parse().ok()).with_context(|| format!("quell.{key}"))
        };
        let prediction = stated("prediction", name(settings.prediction)).unwrap_or_default();
        let process = stated("process", name(settings.process)).unwrap_or(prediction);
        Ok(match &process[..] {
            "vp" => {
                let length = number("num_train_timesteps", settings.num_train_timesteps.map(|length| length as f64))?;
                let mut betas = vec![0.0; length as usize];
                let ends = || {
                    Ok::<_, anyhow::Error>((
                        number("beta_start", settings.beta_start)?,
                        number("beta_end", settings.beta_end)?,
                    ))
                };
                match &stated("beta_schedule", name(settings.beta_schedule)).unwrap_or_default()[..] {
                    "linear" => ends().map(|(start, end)| noise::fill_betas_linear(&mut betas, start, end))??,
                    "scaled_linear" => {
                        ends().map(|(start, end)| noise::fill_betas_scaled_linear(&mut betas, start, end))??;
                    }
                    _ => noise::fill_betas_squared_cosine(&mut betas, 0.999)?,
                }
                let mut alpha_bars = vec![0.0; betas.len()];
                noise::alpha_bars_from_betas(&mut alpha_bars, &betas)?;
                Host::Preserving(alpha_bars)
            }
            "flow" => {
                let time_scale =
                    number("time_scale", settings.time_scale).unwrap_or(RectifiedFlow::default().time_scale);
                Host::Flow(RectifiedFlow { time_scale })
            }
            "ve" => Host::Exploding,
            _ => Host::Edm,
        })
    }

    /// The name on the command line.
    pub fn label(&self) -> &'static str {
        match self {
            Host::Preserving(_) => "vp",
            Host::Flow(_) => "flow",
            Host::Edm => "edm",
            Host::Exploding => "ve",
        }
    }

    fn process(&self) -> Process<'_> {
        match self {
            Host::Preserving(alpha_bars) => Process::VpDiscrete(VpDiscrete { alpha_bars }),
            Host::Flow(flow) => Process::Flow(*flow),
            // EDM's deviation of the data changes the scale of the input, neither sigma nor time.
            Host::Edm => Process::Edm { sigma_data: 1.0 },
            Host::Exploding => Process::Ve,
        }
    }

    /// What the network is told at a level.
    fn timestep(&self, sigma: f64) -> Result<f64> {
        Ok(self.process().at_noise_to_signal(sigma)?.timestep)
    }

    /// What the hosts call the level.
    fn sigma(&self, sigma: f64) -> Result<f64> {
        match self {
            Host::Flow(_) => Ok(self.process().at_noise_to_signal(sigma)?.sigma),
            _ => Ok(sigma),
        }
    }

    /// All forms of a schedule, whose levels lead down to the lowest.
    pub fn forms(&self, levels: &[f64]) -> Result<Value> {
        let evaluated = &levels[..levels.len() - 1];
        let timesteps = evaluated.iter().map(|&sigma| self.timestep(sigma)).collect::<Result<Vec<f64>>>()?;
        let own = evaluated.iter().map(|&sigma| self.sigma(sigma)).collect::<Result<Vec<f64>>>()?;
        let to_zero = |sigmas: &[f64]| [sigmas, &[0.0]].concat();
        let integers: Vec<i64> = timesteps.iter().map(|timestep| timestep.round_ties_even() as i64).collect();
        let are_usable = matches!(self, Host::Preserving(_)) && integers.windows(2).all(|pair| pair[1] < pair[0]);
        let list: Vec<String> = own.iter().map(|&sigma| without_exponent(sigma)).chain(["0.0".into()]).collect();
        Ok(json!({
            "sigmas": levels,
            "sigmas_to_zero": to_zero(evaluated),
            "timesteps": timesteps,
            "diffusers": {
                "sigmas": if matches!(self, Host::Flow(_)) { own.clone() } else { to_zero(&own) },
                "timesteps": are_usable.then_some(integers),
            },
            "comfyui": list.join(", "),
            "stable_diffusion_cpp": list.join(","),
        }))
    }
}

fn name(value: Option<impl ValueEnum>) -> Option<String> {
    Some(value?.to_possible_value()?.get_name().to_owned())
}

/// The number with all digits that single precision has: ComfyUI would take an exponent for another number.
fn without_exponent(sigma: f64) -> String {
    let places = (DIGITS - sigma.abs().log10().floor() as i32).clamp(1, 20) as usize;
    let text = format!("{sigma:.places$}");
    let trimmed = text.trim_end_matches('0');
    if trimmed.ends_with('.') { format!("{trimmed}0") } else { trimmed.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    const STABLE_DIFFUSION: [(&str, &str); 6] = [
        ("quell.prediction", "epsilon"),
        ("quell.process", "vp"),
        ("quell.beta_schedule", "scaled_linear"),
        ("quell.beta_start", "0.00085"),
        ("quell.beta_end", "0.012"),
        ("quell.num_train_timesteps", "1000"),
    ];

    fn numbers(value: &Value) -> Vec<f64> {
        value.as_array().unwrap().iter().map(|value| value.as_f64().unwrap()).collect()
    }

    #[test]
    fn numbers_are_written_out() {
        for (sigma, text) in [(80.0, "80.0"), (14.614641229333, "14.6146412"), (2e-6, "0.000002"), (1.5e-5, "0.000015")]
        {
            assert_eq!(without_exponent(sigma), text);
        }
        // What ComfyUI's ManualSigmas looks for: a sign, digits, a point, digits.
        for power in -6..6 {
            let sigma = 1.2345678912 * 10f64.powi(power);
            let text = without_exponent(sigma);
            assert!(text.chars().all(|c| c.is_ascii_digit() || c == '.'), "{text}");
            assert_eq!(text.parse::<f64>().unwrap() as f32, sigma as f32, "{text}");
        }
    }

    #[test]
    fn stable_diffusion_gets_its_timesteps() {
        let host = Host::from_parts(&Settings::default(), &STABLE_DIFFUSION.into_iter().collect()).unwrap();
        // Published: sigma of the steps 999, 850, 736 and 0.
        let levels = [14.6146412293, 6.4745760956, 3.8636745985, 0.0291671582];
        let forms = host.forms(&levels).unwrap();
        assert_eq!(forms["diffusers"]["timesteps"], json!([999, 850, 736]));
        assert_eq!(numbers(&forms["sigmas"]), levels);
        let to_zero = [levels[0], levels[1], levels[2], 0.0];
        assert_eq!(
            (numbers(&forms["sigmas_to_zero"]), numbers(&forms["diffusers"]["sigmas"])),
            (to_zero.into(), to_zero.into())
        );
        assert_eq!(forms["comfyui"], "14.6146412, 6.4745761, 3.8636746, 0.0");
        assert_eq!(forms["stable_diffusion_cpp"], "14.6146412,6.4745761,3.8636746,0.0");
        // Levels so close that two have one timestep.
        let close = host.forms(&[1.0, 0.9999, 0.9998, 0.03]).unwrap();
        assert_eq!(close["diffusers"]["timesteps"], Value::Null);
    }

    #[test]
    fn a_flow_gets_its_own_time_and_no_zero_from_diffusers() {
        let metadata = [("quell.prediction", "flow"), ("quell.time_scale", "500")].into_iter().collect();
        let host = Host::from_parts(&Settings::default(), &metadata).unwrap();
        let forms = host.forms(&[3.0, 1.0, 0.25]).unwrap();
        assert_eq!(
            (numbers(&forms["diffusers"]["sigmas"]), numbers(&forms["timesteps"])),
            (vec![0.75, 0.5], vec![375.0, 250.0])
        );
        assert_eq!((&forms["comfyui"], &forms["diffusers"]["timesteps"]), (&json!("0.75, 0.5, 0.0"), &Value::Null));
        assert_eq!(numbers(&forms["sigmas"]), [3.0, 1.0, 0.25]);
    }

    #[test]
    fn the_user_has_the_last_word() {
        let settings = Settings { num_train_timesteps: Some(10), ..Settings::default() };
        let host = Host::from_parts(&settings, &STABLE_DIFFUSION.into_iter().collect()).unwrap();
        assert!(matches!(&host, Host::Preserving(alpha_bars) if alpha_bars.len() == 10));
        let edm = [("quell.prediction", "edm"), ("quell.sigma_data", "0.5")].into_iter().collect();
        let host = Host::from_parts(&Settings::default(), &edm).unwrap();
        assert_eq!((host.label(), numbers(&host.forms(&[1.0, 0.5]).unwrap()["timesteps"])), ("edm", vec![0.0]));
    }
}
