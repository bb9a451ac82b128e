//! What can be asked for on the command line of the experiment, and what is refused.

use crate::sampler::Method;
use crate::schedules::{End, Family};
use crate::subjects::Kind;
use clap::{ArgAction, CommandFactory, Parser, ValueEnum, error::ErrorKind, value_parser};
use std::ffi::OsString;
use std::path::PathBuf;

/// The noise levels that single precision can carry: the state is noise of this size on pixels of size 1.
pub const SIGMAS: std::ops::RangeInclusive<f64> = 1e-6..=1e6;

/// The network that comes with the examples.
const NETWORK: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/networks/digits.onnx");

/// The part of the experiment that the trained network does unless all is asked for: an evaluation takes some forty
/// times as long as one of the exact denoiser.
const TRAINED_STEPS: [u32; 2] = [5, 10];
const TRAINED_SAMPLES: u32 = 75;

/// What is written, and how to read it.
const FILES: &str = "\
Files, written when all is done, each whole or not at all; files of other names stay:
  report.txt       the tables that are printed
  results.csv      every measured value, a line for each set of images
  schedules.csv    the noise levels of every schedule
  sweeps.png       the search of the paper on Gaussian data, where all is known exactly
and for each denoiser, its name in front:
  _overview.png    samples at the least budget, with the first schedule and with the rule for the
                   denoiser, beside the energy distances of the customary and the best schedules
  _energy.png      energy distance against network evaluations
  _sliced_wasserstein.png  the same for the sliced Wasserstein distance
  _schedules.png   where the schedules put their steps on an axis of ln σ
  _samples_NN.png  samples of every solver and schedule at NN evaluations

For a network of your own: align_steps --model FILE --help.";

/// Samples handwritten digits with every schedule and solver, and measures what each needs to get them right.
///
/// Half of 1,797 real digits define the exact denoiser and trained the network, the other half is held out. Schedules are
/// made for each denoiser from the training half alone, and so is the decision where the paper's search stops; the held-out
/// half appears in the final tables only. They give the energy distance and the sliced Wasserstein distance of the samples
/// to the held-out half beside the floor, which a perfect sampler would have. With the exact denoiser that is the distance
/// of the first half itself; the sliced Wasserstein distance grows as a set gets smaller, so there it is the mean of sets
/// drawn from the first half. With the network it is the distance of what it samples in 64 evaluations.
///
/// Unless told otherwise the exact denoiser does all of it, and the trained network, which is far slower, the budgets 5 and
/// 10 with smaller sets: its intervals are wider, and more is undecided. --full has it do as much as the exact one.
#[derive(Clone, Debug, Parser)]
#[command(name = "align_steps", max_term_width = 100, after_long_help = FILES)]
pub struct Options {
    /// Network evaluations for an image, one or more budgets. Heun takes two a step, so that it gets half the steps
    #[arg(long, value_name = "N,...", value_delimiter = ',', default_value = "5,8,10,20",
          allow_negative_numbers = true, value_parser = value_parser!(u32).range(1..=1000))]
    pub steps: Vec<u32>,

    /// What to sample with [default: all]
    #[arg(long, value_enum, value_name = "NAME,...", value_delimiter = ',', default_values_t = Kind::value_variants().to_vec(),
          hide_default_value = true)]
    pub denoisers: Vec<Kind>,

    /// Where to place the steps [default: all]
    #[arg(long, value_enum, value_name = "NAME,...", value_delimiter = ',', default_values_t = Family::value_variants().to_vec(),
          hide_default_value = true)]
    pub schedules: Vec<Family>,

    /// How to take them [default: the first five]
    #[arg(long, value_enum, value_name = "NAME,...", value_delimiter = ',', default_values_t = Method::OF_THE_PAPER,
          hide_default_value = true)]
    pub solvers: Vec<Method>,

    /// How a schedule comes to zero
    #[arg(long, value_enum, value_name = "NAME", default_value_t = End::Replace)]
    pub end: End,

    /// Images in a set; each set is measured on its own
    #[arg(long, value_name = "N", default_value_t = 500, allow_negative_numbers = true, value_parser = value_parser!(u32).range(2..=100_000))]
    pub samples: u32,

    /// Sets for each denoiser, schedule, solver and budget: they give the intervals. All cells share their noise
    #[arg(long, value_name = "N", default_value_t = 10, allow_negative_numbers = true, value_parser = value_parser!(u32).range(1..=100))]
    pub sets: u32,

    /// The trained network does as much as the exact denoiser
    #[arg(long, action = ArgAction::SetTrue)]
    pub full: bool,

    /// The budgets of the trained network [default: 5 and 10 of those of --steps]
    #[arg(long, value_name = "N,...", value_delimiter = ',', conflicts_with = "full",
          allow_negative_numbers = true, value_parser = value_parser!(u32).range(1..=1000))]
    pub trained_steps: Option<Vec<u32>>,

    /// Images in a set of the trained network [default: 75, or --samples where that is less]
    #[arg(long, value_name = "N", conflicts_with = "full", allow_negative_numbers = true,
          value_parser = value_parser!(u32).range(2..=100_000))]
    pub trained_samples: Option<u32>,

    /// The trained network
    #[arg(long, value_name = "FILE", default_value = NETWORK, hide_default_value = true)]
    pub network: PathBuf,

    /// Noise levels of the tables that schedules are made from
    #[arg(long, value_name = "N", default_value_t = 96, allow_negative_numbers = true, value_parser = value_parser!(u32).range(8..=1024))]
    pub levels: u32,

    /// Images that go into a table, and trajectories
    #[arg(long, value_name = "N", default_value_t = 192, allow_negative_numbers = true, value_parser = value_parser!(u32).range(2..=100_000))]
    pub table_samples: u32,

    /// The most sweeps of the paper's search. It stops where its samples come nearest to the training half
    #[arg(long, value_name = "N", default_value_t = 12, allow_negative_numbers = true, value_parser = value_parser!(u32).range(0..=300))]
    pub sweeps: u32,

    /// Another seed gives other images; the same seed gives the same ones
    #[arg(long, value_name = "N", default_value_t = 0, allow_negative_numbers = true)]
    pub seed: u32,

    /// The lowest noise level before the final zero. Pixels lie in [-1, 1], a step of grey is 0.125
    #[arg(long, value_name = "SIGMA", default_value_t = 0.02, allow_negative_numbers = true, value_parser = parse_sigma)]
    pub sigma_min: f64,

    /// The noise level of the start
    #[arg(long, value_name = "SIGMA", default_value_t = 80.0, allow_negative_numbers = true, value_parser = parse_sigma)]
    pub sigma_max: f64,

    /// Measure instead what the paper's search and the one-pass table cost with the trained network
    #[arg(long, action = ArgAction::SetTrue)]
    pub cost: bool,

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
        for steps in [Some(&mut self.steps), self.trained_steps.as_mut()].into_iter().flatten() {
            steps.sort_unstable();
            steps.dedup();
        }
        self.denoisers = without_repetitions(&self.denoisers);
        self.schedules = without_repetitions(&self.schedules);
        self.solvers = without_repetitions(&self.solvers);
        Ok(self)
    }

    /// The budgets of a denoiser and the size of its sets.
    pub fn extent(&self, kind: Kind) -> (Vec<u32>, u32) {
        if self.full || kind == Kind::Exact {
            return (self.steps.clone(), self.samples);
        }
        let steps = self.trained_steps.clone().unwrap_or_else(|| {
            let some: Vec<u32> = self.steps.iter().copied().filter(|steps| TRAINED_STEPS.contains(steps)).collect();
            if some.is_empty() { self.steps.clone() } else { some }
        });
        (steps, self.trained_samples.unwrap_or(TRAINED_SAMPLES.min(self.samples)))
    }
}

fn without_repetitions<T: Copy + PartialEq>(values: &[T]) -> Vec<T> {
    values.iter().enumerate().filter(|&(i, value)| !values[..i].contains(value)).map(|(_, &value)| value).collect()
}

/// A noise level within [`SIGMAS`].
pub fn parse_sigma(text: &str) -> Result<f64, String> {
    match text.parse() {
        // NaN lies in no range.
        Ok(sigma) if SIGMAS.contains(&sigma) => Ok(sigma),
        _ => Err(format!("not a number from {:e} to {:e}", SIGMAS.start(), SIGMAS.end())),
    }
}

#[cfg(test)]
pub mod tests {
    use super::*;
    use crate::optimise::Rule;
    use crate::schedules::Known;

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
        assert_eq!(options.steps, [5, 8, 10, 20]);
        assert_eq!(options.schedules, Family::value_variants());
        assert_eq!(options.solvers, Method::OF_THE_PAPER);
        assert_eq!(options.denoisers, Kind::value_variants());
        let options =
            parse(&["--solvers", "heun,ddim,heun", "--steps", "20,5,20", "--schedules", "ays,displacement"]).unwrap();
        assert_eq!(options.solvers, [Method::Heun, Method::Ddim]);
        let schedules = [Family::Known(Known::Ays), Family::Table(Rule::Displacement)];
        assert_eq!((options.steps, options.schedules), (vec![5, 20], schedules.to_vec()));
    }

    #[test]
    fn the_trained_network_does_less_unless_all_is_asked_for() {
        let extent = |arguments: &[&str]| parse(arguments).unwrap().extent(Kind::Trained);
        assert_eq!(extent(&[]), (vec![5, 10], 75));
        assert_eq!(extent(&["--steps", "5,7", "--samples", "50"]), (vec![5], 50));
        assert_eq!(extent(&["--steps", "7"]), (vec![7], 75));
        assert_eq!(extent(&["--trained-steps", "9,3,3", "--trained-samples", "7"]), (vec![3, 9], 7));
        assert_eq!(extent(&["--full"]), (vec![5, 8, 10, 20], 500));
        assert_eq!(parse(&[]).unwrap().extent(Kind::Exact), (vec![5, 8, 10, 20], 500));
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
            (&["--denoisers", "guessed"], "--denoisers"),
            (&["--end", "never"], "--end"),
            (&["--levels", "7"], "--levels"),
            (&["--full", "--trained-steps", "5"], "--full"),
            (&["--frobnicate"], "--frobnicate"),
        ] {
            let error = parse(arguments).unwrap_err();
            assert_eq!(error.exit_code(), 2, "{arguments:?}");
            assert!(error.to_string().contains(named), "{arguments:?}: {error}");
        }
        assert_eq!(parse(&["--help"]).unwrap_err().exit_code(), 0);
    }
}
