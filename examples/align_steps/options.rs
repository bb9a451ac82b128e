//! What can be asked for on the command line, and what is refused.

use crate::sampler::Method;
use crate::schedules::Family;
use clap::{ArgAction, CommandFactory, Parser, ValueEnum, error::ErrorKind, value_parser};
use std::ffi::OsString;
use std::path::PathBuf;

/// The noise levels that single precision can carry: the state is noise of this size on pixels of size 1.
const SIGMAS: std::ops::RangeInclusive<f64> = 1e-6..=1e6;

/// What is written, and how to read it.
const FILES: &str = "\
Files, written when all is done, each whole or not at all; files of other names stay:
  report.txt              the tables that are printed
  results.csv             every measured value, a line for each set of images
  overview.png            samples beside the error curves, for the first of the schedules
  energy.png              energy distance against network evaluations
  sliced_wasserstein.png  the same for the sliced Wasserstein distance
  schedules.png           where the schedules put their steps on an axis of ln σ
  samples_NN.png          samples of every solver and schedule at NN evaluations";

/// Samples handwritten digits with every schedule and solver, and measures what each needs to get them right.
///
/// Half of 1,797 real digits define the exact denoiser, the other half is held out. No network is trained: what is
/// measured is the error of the sampler alone. The job prints the energy distance and the sliced Wasserstein distance
/// of the samples to the held-out half beside the floor, which a perfect sampler would have, and writes tables and
/// pictures. For the energy distance the floor is that of the first half itself; the sliced Wasserstein distance grows as
/// a set gets smaller, so there it is the mean of sets drawn from the first half.
#[derive(Clone, Debug, Parser)]
#[command(name = "align_steps", max_term_width = 100, after_long_help = FILES)]
pub struct Options {
    /// Network evaluations for an image, one or more budgets. Heun takes two a step, so that it gets half the steps
    #[arg(long, value_name = "N,...", value_delimiter = ',', default_value = "5,7,10,14,20",
          allow_negative_numbers = true, value_parser = value_parser!(u32).range(1..=1000))]
    pub steps: Vec<u32>,

    /// Where to place the steps [default: all]
    #[arg(long, value_enum, value_name = "NAME,...", value_delimiter = ',', default_values_t = Family::value_variants().to_vec(),
          hide_default_value = true)]
    pub schedules: Vec<Family>,

    /// How to take them [default: all]
    #[arg(long, value_enum, value_name = "NAME,...", value_delimiter = ',', default_values_t = Method::value_variants().to_vec(),
          hide_default_value = true)]
    pub solvers: Vec<Method>,

    /// Images in a set; each set is measured on its own
    #[arg(long, value_name = "N", default_value_t = 600, allow_negative_numbers = true, value_parser = value_parser!(u32).range(2..=100_000))]
    pub samples: u32,

    /// Sets for each schedule, solver and budget: they give the standard errors
    #[arg(long, value_name = "N", default_value_t = 8, allow_negative_numbers = true, value_parser = value_parser!(u32).range(1..=100))]
    pub sets: u32,

    /// Another seed gives other images; the same seed gives the same ones, on any number of threads
    #[arg(long, value_name = "N", default_value_t = 0, allow_negative_numbers = true)]
    pub seed: u32,

    /// The lowest noise level before the final zero. Pixels lie in [-1, 1], a step of grey is 0.125
    #[arg(long, value_name = "SIGMA", default_value_t = 0.02, allow_negative_numbers = true, value_parser = parse_sigma)]
    pub sigma_min: f64,

    /// The noise level of the start
    #[arg(long, value_name = "SIGMA", default_value_t = 80.0, allow_negative_numbers = true, value_parser = parse_sigma)]
    pub sigma_max: f64,

    /// The directory for tables and pictures; made if it is not there
    #[arg(long, value_name = "DIR", default_value = "out/align_steps")]
    pub out: PathBuf,

    /// Print nothing but errors
    #[arg(long, short, action = ArgAction::SetTrue)]
    pub quiet: bool,
}

impl Options {
    /// The program's arguments. Bad ones end the program with exit code 2, as does `--help` with 0.
    pub fn from_arguments() -> Options {
        Options::parse_checked(std::env::args_os()).unwrap_or_else(|error| error.exit())
    }

    /// The options that a command line stands for.
    pub fn parse_checked(arguments: impl Iterator<Item = OsString>) -> Result<Options, clap::Error> {
        Options::try_parse_from(arguments)?.checked()
    }

    /// Lists in order and free of repetitions, and a range of noise that is one.
    fn checked(mut self) -> Result<Options, clap::Error> {
        let Options { sigma_min, sigma_max, .. } = self;
        if sigma_min >= sigma_max {
            let message = format!("--sigma-min {sigma_min} has to be less than --sigma-max {sigma_max}");
            return Err(Options::command().error(ErrorKind::ValueValidation, message));
        }
        self.steps.sort_unstable();
        self.steps.dedup();
        self.schedules = without_repetitions(&self.schedules);
        self.solvers = without_repetitions(&self.solvers);
        Ok(self)
    }
}

fn without_repetitions<T: Copy + PartialEq>(values: &[T]) -> Vec<T> {
    values.iter().enumerate().filter(|&(i, value)| !values[..i].contains(value)).map(|(_, &value)| value).collect()
}

fn parse_sigma(text: &str) -> Result<f64, String> {
    match text.parse() {
        // NaN lies in no range.
        Ok(sigma) if SIGMAS.contains(&sigma) => Ok(sigma),
        _ => Err(format!("not a number from {:e} to {:e}", SIGMAS.start(), SIGMAS.end())),
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
    fn everything_is_run_unless_something_is_chosen() {
        let options = parse(&[]).unwrap();
        assert_eq!(options.steps, [5, 7, 10, 14, 20]);
        assert_eq!(options.schedules, Family::value_variants());
        assert_eq!(options.solvers, Method::value_variants());
        let options = parse(&["--solvers", "heun,ddim,heun", "--steps", "20,5,20", "--schedules", "ays"]).unwrap();
        assert_eq!(options.solvers, [Method::Heun, Method::Ddim]);
        assert_eq!((options.steps, options.schedules), (vec![5, 20], vec![Family::Ays]));
    }

    #[test]
    fn bad_arguments_are_refused_with_code_2_and_named() {
        for (arguments, named) in [
            (&["--steps", "0"][..], "--steps"),
            (&["--steps", "5,,10"], "--steps"),
            (&["--steps", "1001"], "--steps"),
            (&["--solvers", "euler"], "--solvers"),
            (&["--schedules", ""], "--schedules"),
            (&["--samples", "1"], "--samples"),
            (&["--sets", "0"], "--sets"),
            (&["--seed", "-1"], "--seed"),
            (&["--sigma-min", "NaN"], "--sigma-min"),
            (&["--sigma-max", "inf"], "--sigma-max"),
            (&["--sigma-min", "0"], "--sigma-min"),
            (&["--sigma-min", "80"], "--sigma-min 80 has to be less than --sigma-max 80"),
            (&["--sigma-min", "2", "--sigma-max", "1"], "--sigma-min 2"),
            (&["--frobnicate"], "--frobnicate"),
        ] {
            let error = parse(arguments).unwrap_err();
            assert_eq!(error.exit_code(), 2, "{arguments:?}");
            assert!(error.to_string().contains(named), "{arguments:?}: {error}");
        }
        assert_eq!(parse(&["--help"]).unwrap_err().exit_code(), 0);
    }
}
