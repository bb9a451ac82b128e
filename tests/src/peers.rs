//! The recorded runs of other programs: their settings, with the defaults that diffusers' classes have, and their beta
//! tables.

use crate::tables::{Betas, rescale_zero_terminal_snr};
use serde_json::Value;

/// The settings of one of diffusers' schedulers: what was handed to its constructor.
#[derive(Clone, Copy, Debug)]
pub struct Settings<'a> {
    /// The class.
    pub class: &'a str,
    /// The arguments; those that have their default may be left out.
    pub arguments: &'a Value,
}

impl Settings<'_> {
    /// An argument that is true or false.
    pub fn flag(&self, name: &str, default: bool) -> bool {
        self.present(name).map_or(default, |value| value.as_bool().unwrap_or_else(|| panic!("{name}: {value}")))
    }

    /// A number.
    pub fn number(&self, name: &str, default: f64) -> f64 {
        self.present(name).map_or(default, |value| value.as_f64().unwrap_or_else(|| panic!("{name}: {value}")))
    }

    /// A count.
    pub fn count(&self, name: &str, default: usize) -> usize {
        self.number(name, default as f64) as usize
    }

    /// A word.
    pub fn word<'b>(&'b self, name: &str, default: &'b str) -> &'b str {
        self.present(name).map_or(default, |value| value.as_str().unwrap_or_else(|| panic!("{name}: {value}")))
    }

    /// An argument that was given and is not null.
    pub fn present(&self, name: &str) -> Option<&Value> {
        self.arguments.get(name).filter(|value| !value.is_null())
    }

    /// The number of training steps.
    pub fn train_timesteps(&self) -> usize {
        self.count("num_train_timesteps", 1000)
    }

    /// ᾱ of each training step, by quell's own tables.
    pub fn alpha_bars(&self) -> Vec<f64> {
        let (start, end, kind) = match self.class {
            "LCMScheduler" | "TCDScheduler" => (0.00085, 0.012, "scaled_linear"),
            _ => (1e-4, 0.02, "linear"),
        };
        let (start, end) = (self.number("beta_start", start), self.number("beta_end", end));
        let betas = match self.word("beta_schedule", kind) {
            "linear" => Betas::Linear(start, end),
            "scaled_linear" => Betas::ScaledLinear(start, end),
            "squaredcos_cap_v2" => Betas::SquaredCosine(0.999),
            other => panic!("beta schedule {other}"),
        };
        let mut alpha_bars = betas.alpha_bars(self.train_timesteps());
        if self.flag("rescale_betas_zero_snr", false) {
            rescale_zero_terminal_snr(&mut alpha_bars);
        }
        alpha_bars
    }
}
