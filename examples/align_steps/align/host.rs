//! What other programs call a noise level, and the forms in which they take schedules.
//!
//! Whatever a network was trained on, its noise-to-signal ratio σ is what schedules are made in here. diffusers, ComfyUI
//! and stable-diffusion.cpp take the same number for all networks but those of a flow, where they take s = σ/(1 + σ).

use anyhow::Result;
use quell::diffusion::noise::Process;
use serde_json::{Value, json};

/// Digits behind the first one that counts: what single precision tells apart, and one more.
const DIGITS: i32 = 8;

/// All forms of a schedule, whose levels lead down to the lowest, for a network that was trained on the process.
pub fn forms(process: Process, levels: &[f64]) -> Result<Value> {
    let is_flow = matches!(process, Process::Flow(_));
    let evaluated = &levels[..levels.len() - 1];
    let (mut own, mut timesteps) = (Vec::new(), Vec::new());
    for &sigma in evaluated {
        let level = process.at_noise_to_signal(sigma)?;
        own.push(if is_flow { level.sigma } else { sigma });
        timesteps.push(level.timestep);
    }
    let to_zero = |sigmas: &[f64]| [sigmas, &[0.0]].concat();
    let integers: Vec<i64> = timesteps.iter().map(|timestep| timestep.round_ties_even() as i64).collect();
    let are_usable = matches!(process, Process::VpDiscrete(_)) && integers.windows(2).all(|pair| pair[1] < pair[0]);
    let list: Vec<String> = own.iter().map(|&sigma| without_exponent(sigma)).chain(["0.0".into()]).collect();
    Ok(json!({
        "sigmas": levels,
        "sigmas_to_zero": to_zero(evaluated),
        "timesteps": timesteps,
        "diffusers": {
            "sigmas": if is_flow { own } else { to_zero(&own) },
            "timesteps": are_usable.then_some(integers),
        },
        "comfyui": list.join(", "),
        "stable_diffusion_cpp": list.join(","),
    }))
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
    use quell::diffusion::noise::{self, RectifiedFlow, VpDiscrete};

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
        let (mut betas, mut alpha_bars) = ([0.0; 1000], [0.0; 1000]);
        noise::fill_betas_scaled_linear(&mut betas, 0.00085, 0.012).unwrap();
        noise::alpha_bars_from_betas(&mut alpha_bars, &betas).unwrap();
        let process = Process::VpDiscrete(VpDiscrete { alpha_bars: &alpha_bars });
        // Published: sigma of the steps 999, 850, 736 and 0.
        let levels = [14.6146412293, 6.4745760956, 3.8636745985, 0.0291671582];
        let forms = forms(process, &levels).unwrap();
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
        let close = super::forms(process, &[1.0, 0.9999, 0.9998, 0.03]).unwrap();
        assert_eq!(close["diffusers"]["timesteps"], Value::Null);
    }

    #[test]
    fn a_flow_gets_its_own_time_and_no_zero_from_diffusers() {
        let process = Process::Flow(RectifiedFlow { time_scale: 500.0 });
        let forms = forms(process, &[3.0, 1.0, 0.25]).unwrap();
        assert_eq!(
            (numbers(&forms["diffusers"]["sigmas"]), numbers(&forms["timesteps"])),
            (vec![0.75, 0.5], vec![375.0, 250.0])
        );
        assert_eq!((&forms["comfyui"], &forms["diffusers"]["timesteps"]), (&json!("0.75, 0.5, 0.0"), &Value::Null));
        assert_eq!(numbers(&forms["sigmas"]), [3.0, 1.0, 0.25]);
    }

    #[test]
    fn edm_is_told_a_quarter_of_the_logarithm() {
        let levels = [2.0, 1.0, 0.5];
        let forms = forms(Process::Edm { sigma_data: 0.5 }, &levels).unwrap();
        let timesteps = numbers(&forms["timesteps"]);
        assert!((timesteps[0] - 2f64.ln() / 4.0).abs() < 1e-15 && timesteps[1..] == [0.0], "{timesteps:?}");
        assert_eq!(numbers(&forms["diffusers"]["sigmas"]), [2.0, 1.0, 0.0]);
        assert_eq!(forms["diffusers"]["timesteps"], Value::Null);
    }
}
