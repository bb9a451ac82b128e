//! Schedules that are optimised for a denoiser, and what they are worth.
//!
//! Without a model, the experiment: how many network evaluations do schedules and solvers need? Half of the digits define
//! an exact denoiser ([`denoiser`]) and trained a network ([`network`]), the other half is held out. Schedules are those
//! that everybody knows ([`schedules`]) and those from a table of the denoiser ([`tables`], [`optimise`]); the distances
//! ([`metrics`]) of the samples ([`sampler`], which is the part to copy) to the held-out half are printed beside the floor.
//!
//! With a model, a schedule for it ([`align`]).
//!
//! ```sh
//! cargo run --release --example align_steps -- --help
//! cargo run --release --example align_steps -- --model my.onnx --data my.npy --steps 10 --out schedule.json
//! ```

mod align;
mod cost;
mod data;
mod denoiser;
mod experiment;
mod figures;
mod metrics;
mod network;
mod npy;
mod optimise;
mod options;
mod report;
mod sampler;
mod schedules;
mod subjects;
mod summary;
mod tables;

use anyhow::{Context, Result};
use experiment::Cell;
use metrics::Reference;
use options::Options;
use quell_examples::canvas;
use quell_examples::output::Directory;
use quell_examples::terminal::{Failure, exit_code, print, progress_bar};
use report::Part;
use schedules::Range;
use std::process::ExitCode;
use subjects::Subject;

fn main() -> ExitCode {
    let result = if align::options::Options::are_meant(std::env::args_os()) {
        align::main(align::options::Options::from_arguments())
    } else {
        experiment_main(&Options::from_arguments())
    };
    exit_code(result)
}

fn experiment_main(options: &Options) -> Result<(), Failure> {
    let digits = data::load().map_err(Failure::of_work)?;
    // All that can be wrong with the request shows before the work begins.
    let deviation = data::rms_standard_deviation(digits.train.view());
    let range = Range { sigma_min: options.sigma_min, sigma_max: options.sigma_max, deviation, end: options.end };
    if options.cost {
        let text = cost::report(options, range, &digits).map_err(Failure::of_work)?;
        return print(&text).map_err(Failure::of_work);
    }
    let request = || {
        let subjects = Subject::all(options, &digits)?;
        experiment::check(options, &subjects, range)?;
        Ok((subjects, Directory::open(&options.out).context("--out")?))
    };
    let (subjects, directory) = request().map_err(Failure::of_request)?;
    run(options, range, &digits, subjects, &directory).map_err(Failure::of_work)
}

fn run(
    options: &Options,
    range: Range,
    digits: &data::Digits,
    mut subjects: Vec<Subject>,
    directory: &Directory,
) -> Result<()> {
    let parts = parts(options, range, digits, &mut subjects)?;
    let tables = report::tables(options, &parts)?;
    canvas::load_font()?;
    let mut files = figures::all(options, digits, &subjects, &parts)?;
    files.push(("report.txt".into(), tables.clone().into_bytes()));
    files.push(("results.csv".into(), report::results_csv(&parts)?));
    files.push(("schedules.csv".into(), report::schedules_csv(&parts)?));
    directory.write(&files)?;
    if !options.quiet {
        let names: Vec<_> = files.iter().map(|(name, _)| name.as_str()).collect();
        print(&format!("{tables}\nWritten to {}: {}.", options.out.display(), names.join(", ")))?;
    }
    Ok(())
}

/// The experiment itself. The held-out half plays no part in it until all schedules are made.
fn parts(options: &Options, range: Range, digits: &data::Digits, subjects: &mut [Subject]) -> Result<Vec<Part>> {
    let train = Reference::new(digits.train.view())?;
    let mut planned: Vec<Vec<Cell>> = Vec::new();
    for subject in subjects.iter_mut() {
        let progress = progress_bar(options.quiet, Subject::table_evaluations(options))?;
        subject.measure(options, digits, |evaluations| progress.inc(evaluations))?;
        progress.finish_and_clear();
        let progress = progress_bar(options.quiet, experiment::most_stopping_evaluations(options, subject))?;
        planned.push(experiment::cells(options, subject, range, &train, |evaluations| progress.inc(evaluations))?);
        progress.finish_and_clear();
    }
    let held_out = Reference::new(digits.held_out.view())?;
    let mut parts = Vec::new();
    for (subject, cells) in subjects.iter().zip(planned) {
        let progress = progress_bar(options.quiet, experiment::total_evaluations(&cells, options, subject.samples))?;
        let outcomes = experiment::run(cells, options, subject, &held_out, |evaluations| progress.inc(evaluations))?;
        progress.finish_and_clear();
        let floor = experiment::floor(options, subject, range, digits, &held_out)?;
        let Subject { kind, steps, samples, .. } = subject;
        parts.push(Part { kind: *kind, steps: steps.clone(), samples: *samples, outcomes, floor });
    }
    Ok(parts)
}
