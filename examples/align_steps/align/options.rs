//! What can be asked for on the command line about a network of the user's own, and what is refused.

use crate::network::Settings;
use crate::optimise::Rule;
use crate::options::parse_sigma;
use crate::sampler::Method;
use clap::{ArgAction, CommandFactory, Parser, error::ErrorKind, value_parser};
use std::ffi::OsString;
use std::ops::RangeInclusive;
use std::path::PathBuf;

/// What goes in and comes out.
const FILES: &str = "\
The model is an ONNX file with the inputs sample and timestep; examples/networks/README.md has \
their names, shapes and scaling. The data is a .npy file of float32, float64 or uint8, [N, ...], \
in the range that the network was trained on.

All that is measured is kept in OUT.state, which is written while the network runs. A run that was \
stopped goes on from there and ends with the same bits; another one with other steps, solver or \
method needs no network evaluation at all; more --samples are added to those that are in. The state \
is refused if it belongs to another model, data, range, grid, batch or seed.

OUT is a JSON file. It says what was asked for and measured; `schedules` has an entry for each \
method, the chosen one first:
  method                its name
  sigmas                n + 1 noise-to-signal ratios, from sigma-max down to sigma-min
  sigmas_to_zero        the same, the last one replaced by 0: n evaluations
  timesteps             what the network is told at the n levels that it is evaluated at
  diffusers.sigmas      for set_timesteps(sigmas=...): with the final 0 for the scheduler
                        EulerDiscrete; for a flow without, since FlowMatchEulerDiscrete
                        appends it (and must have shift = 1). The EDM schedulers do not take
                        sigmas as they are: after set_timesteps(n), set the scheduler's
                        sigmas to sigmas_to_zero and its timesteps to timesteps, as tensors
  diffusers.timesteps   for set_timesteps(timesteps=...), where the process is vp; null where it
                        is not, or where two steps round to the same integer
  comfyui               for the node ManualSigmas, which understands no exponents
  stable_diffusion_cpp  for --sigmas
  bound                 the upper bound (KLUB) of `sigmas` in nats
For a flow network the diffusers, comfyui and stable_diffusion_cpp forms are in its own time, \
sigma/(1 + sigma).";

/// Optimises the schedule for a network of your own: one pass over the network, then any schedule.
#[derive(Clone, Debug, Parser)]
#[command(name = "align_steps", max_term_width = 100, after_long_help = FILES)]
pub struct Options {
    /// The network, an ONNX file
    #[arg(long, value_name = "FILE")]
    pub model: PathBuf,

    /// Samples like those that it was trained on, a .npy file
    #[arg(long, value_name = "FILE")]
    pub data: PathBuf,

    /// Steps of the schedule, each of which takes one evaluation; Heun takes two but for the last
    #[arg(long, value_name = "N", default_value_t = 10, allow_negative_numbers = true, value_parser = value_parser!(u32).range(1..=1000))]
    pub steps: u32,

    /// Where to write the schedule; FILE.state is beside it
    #[arg(long, value_name = "FILE", default_value = "schedule.json")]
    pub out: PathBuf,

    /// The solver that will take the steps
    #[arg(long, value_enum, value_name = "NAME", default_value_t = Method::Dpmpp2m)]
    pub solver: Method,

    /// The method that comes first in the file. The default is for what is judged by distances, as images are, and
    /// was ahead of the customary schedules there with a trained network
    #[arg(long, value_enum, value_name = "NAME", default_value_t = Rule::DisplacementDistance)]
    pub method: Rule,

    /// Sweeps after which the paper's search stops. Its bound would fall further, but the samples get worse
    #[arg(long, value_name = "N", default_value_t = 5, allow_negative_numbers = true, value_parser = value_parser!(u32).range(0..=300))]
    pub sweeps: u32,

    /// The lowest noise level, a noise-to-signal ratio [default: what the network knows]
    #[arg(long, value_name = "SIGMA", allow_negative_numbers = true, value_parser = parse_sigma)]
    pub sigma_min: Option<f64>,

    /// The highest noise level [default: what the network knows]
    #[arg(long, value_name = "SIGMA", allow_negative_numbers = true, value_parser = parse_sigma)]
    pub sigma_max: Option<f64>,

    /// The least value of the data [default: as the network's file has it, else -1]
    #[arg(long, value_name = "VALUE", requires = "data_max", allow_negative_numbers = true)]
    pub data_min: Option<f64>,

    /// The greatest value of the data [default: as the network's file has it, else 1]
    #[arg(long, value_name = "VALUE", requires = "data_min", allow_negative_numbers = true)]
    pub data_max: Option<f64>,

    /// Noise levels that the network is evaluated at
    #[arg(long, value_name = "N", default_value_t = 96, allow_negative_numbers = true, value_parser = value_parser!(u32).range(8..=1024))]
    pub levels: u32,

    /// Noised items, and trajectories from noise: each takes an evaluation a level
    #[arg(long, value_name = "N", default_value_t = 256, allow_negative_numbers = true, value_parser = value_parser!(u32).range(2..=1_000_000))]
    pub samples: u32,

    /// Items that are evaluated together. States and outputs of a batch are in memory at all levels
    #[arg(long, value_name = "N", default_value_t = 16, allow_negative_numbers = true, value_parser = value_parser!(u32).range(1..=4096))]
    pub batch: u32,

    /// Chooses items and noise
    #[arg(long, value_name = "N", default_value_t = 0, allow_negative_numbers = true)]
    pub seed: u32,

    /// How often the state is written
    #[arg(long, value_name = "SECONDS", default_value_t = 20, allow_negative_numbers = true)]
    pub save_every: u32,

    /// Print nothing but errors
    #[arg(long, short, action = ArgAction::SetTrue)]
    pub quiet: bool,

    /// What the file does not say of itself.
    #[command(flatten)]
    pub network: Settings,
}

impl Options {
    /// Whether a command line is about a network of the user's own.
    pub fn are_meant(arguments: impl Iterator<Item = OsString>) -> bool {
        const OWN: [&str; 2] = ["--model", "--data"];
        arguments.filter_map(|argument| argument.into_string().ok()).any(|argument| {
            let name = argument.split_once('=').map_or(&argument[..], |(name, _)| name);
            OWN.contains(&name)
        })
    }

    /// The program's arguments. Bad ones end the program with exit code 2, as does `--help` with 0.
    pub fn from_arguments() -> Options {
        Options::parse_checked(std::env::args_os()).unwrap_or_else(|error| error.exit())
    }

    /// The options that a command line stands for.
    pub fn parse_checked(arguments: impl Iterator<Item = OsString>) -> Result<Options, clap::Error> {
        let options = Options::try_parse_from(arguments)?;
        let refuse = |message: String| Err(Options::command().error(ErrorKind::ValueValidation, message));
        if let (Some(low), Some(high)) = (options.sigma_min, options.sigma_max)
            && low >= high
        {
            return refuse(format!("--sigma-min {low} has to be less than --sigma-max {high}"));
        }
        if let Some(range) = options.data_range()
            && (range.start() >= range.end() || !(range.end() - range.start()).is_finite())
        {
            return refuse(format!("--data-min {} has to be less than --data-max {}", range.start(), range.end()));
        }
        if options.steps >= options.levels {
            return refuse(format!("--steps {} has to be less than --levels {}", options.steps, options.levels));
        }
        Ok(options)
    }

    /// The range of the data, where it is stated.
    pub fn data_range(&self) -> Option<RangeInclusive<f64>> {
        Some(self.data_min?..=self.data_max?)
    }
}

#[cfg(test)]
pub mod tests {
    use super::*;

    /// The options of a command line less the program's name.
    pub fn parse(arguments: &[&str]) -> Result<Options, clap::Error> {
        Options::parse_checked(["align_steps"].iter().chain(arguments).map(OsString::from))
    }

    #[test]
    fn the_definition_is_consistent() {
        Options::command().debug_assert();
    }

    #[test]
    fn a_model_or_data_means_the_own_network() {
        let meant = |arguments: &[&str]| Options::are_meant(arguments.iter().map(OsString::from));
        assert!(meant(&["align_steps", "--model", "a.onnx"]) && meant(&["align_steps", "--quiet", "--data=b.npy"]));
        assert!(!meant(&["align_steps"]) && !meant(&["align_steps", "--out", "model"]));
    }

    #[test]
    fn bad_arguments_are_refused_with_code_2_and_named() {
        let with = |extra: &[&str]| parse(&[&["--model", "a.onnx", "--data", "b.npy"], extra].concat());
        assert!(with(&[]).is_ok() && with(&["--prediction", "v", "--process", "vp", "--threads", "1"]).is_ok());
        for (extra, named) in [
            (&["--steps", "0"][..], "--steps"),
            (&["--steps", "64", "--levels", "64"], "--levels"),
            (&["--sigma-min", "2", "--sigma-max", "2"], "--sigma-min 2"),
            (&["--sigma-min", "0"], "--sigma-min"),
            (&["--sigma-max", "NaN"], "--sigma-max"),
            (&["--data-min", "0"], "--data-max"),
            (&["--data-min", "1", "--data-max", "0"], "--data-min 1"),
            (&["--data-min", "NaN", "--data-max", "0"], "--data-min"),
            (&["--data-min", "0", "--data-max", "inf"], "--data-max"),
            (&["--samples", "1"], "--samples"),
            (&["--batch", "0"], "--batch"),
            (&["--method", "guess"], "--method"),
            (&["--solver", "euler"], "--solver"),
            (&["--prediction", "score"], "--prediction"),
        ] {
            let error = with(extra).unwrap_err();
            assert_eq!(error.exit_code(), 2, "{extra:?}");
            assert!(error.to_string().contains(named), "{extra:?}: {error}");
        }
        assert!(parse(&["--data", "b.npy"]).unwrap_err().to_string().contains("--model"));
        assert!(parse(&["--model", "a.onnx"]).unwrap_err().to_string().contains("--data"));
        assert_eq!(parse(&["--model", "a.onnx", "--help"]).unwrap_err().exit_code(), 0);
    }
}
