//! How many network evaluations do schedules and solvers need? Measured on real data, without a trained network.
//!
//! Half of the digits define the exact denoiser ([`denoiser`]), the other half is held out. Whatever the samples are
//! off, the sampler is to blame: the schedule ([`schedules`]), the solver and the number of steps ([`sampler`], which
//! is the part to copy). The distances ([`metrics`]) of the samples to the held-out half are printed beside the floor.
//!
//! ```sh
//! cargo run --release --example align_steps -- --help
//! ```

mod data;
mod denoiser;
mod experiment;
mod figures;
mod metrics;
mod options;
mod output;
mod report;
mod sampler;
mod schedules;

use anyhow::{Context, Result};
use denoiser::Denoiser;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use metrics::Reference;
use options::Options;
use output::Directory;
use schedules::Range;
use std::io::Write;
use std::process::ExitCode;

/// What is wrong with the request, as for an argument that cannot be read.
const BAD_REQUEST: u8 = 2;

fn main() -> ExitCode {
    let options = Options::from_arguments();
    let digits = match data::load() {
        Ok(digits) => digits,
        Err(error) => return fail(error, 1),
    };
    // All that can be wrong with the request shows before the work begins.
    let deviation = data::rms_standard_deviation(digits.train.view());
    let range = Range { sigma_min: options.sigma_min, sigma_max: options.sigma_max, deviation };
    let request = experiment::cells(&options, range).and_then(|cells| Ok((cells, Directory::open(&options.out)?)));
    let result = match request {
        Ok((cells, directory)) => run(&options, range, &digits, cells, &directory),
        Err(error) => return fail(error, BAD_REQUEST),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => fail(error, 1),
    }
}

fn fail(error: anyhow::Error, code: u8) -> ExitCode {
    eprintln!("error: {error:#}");
    ExitCode::from(code)
}

fn run(
    options: &Options,
    range: Range,
    digits: &data::Digits,
    cells: Vec<experiment::Cell>,
    directory: &Directory,
) -> Result<()> {
    let denoiser = Denoiser::new(digits.train.clone());
    let reference = Reference::new(digits.held_out.view())?;
    let progress = progress_bar(options, experiment::total_evaluations(&cells, options))?;
    let outcomes = experiment::run(cells, options, &denoiser, &reference, |evaluations| progress.inc(evaluations))?;
    progress.finish_and_clear();
    let floor = experiment::floor(options, digits, &reference)?;

    let tables = report::tables(options, &outcomes, &floor)?;
    figures::load_font()?;
    let mut files = figures::all(options, range, digits, &denoiser, &outcomes, &floor)?;
    files.push(("report.txt".into(), tables.clone().into_bytes()));
    files.push(("results.csv".into(), report::csv(&outcomes, &floor)?));
    directory.write(&files)?;
    if !options.quiet {
        let names: Vec<_> = files.iter().map(|(name, _)| name.as_str()).collect();
        let written = format!("Written to {}: {}.", options.out.display(), names.join(", "));
        writeln!(std::io::stdout(), "{tables}\n{written}").context("cannot print")?;
    }
    Ok(())
}

/// Counts network evaluations on the standard error, where that is a terminal.
fn progress_bar(options: &Options, evaluations: u64) -> Result<ProgressBar> {
    let target = if options.quiet { ProgressDrawTarget::hidden() } else { ProgressDrawTarget::stderr() };
    let template = "{wide_bar} {percent:>3} % of {human_len} network evaluations, {eta} left";
    let style = ProgressStyle::with_template(template)?;
    Ok(ProgressBar::with_draw_target(Some(evaluations), target).with_style(style))
}
