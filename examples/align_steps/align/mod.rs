//! A schedule for a network of the user's own: one pass over the network, which can be stopped and goes on later, then all
//! methods from its tables.

mod doubt;
mod host;
pub mod options;
mod state;

use crate::denoiser::Denoise;
use crate::network::Network;
use crate::npy::{self, Items};
use crate::optimise::Rule;
use crate::tables::{Pass, Tables};
use anyhow::{Context, Result, ensure};
use clap::ValueEnum;
use options::Options;
use quell::diffusion::bound::IntervalCosts;
use quell_examples::output::Directory;
use quell_examples::terminal::{Failure, progress_bar};
use serde_json::{Value, json};
use state::{Fingerprint, StateFile};
use std::ffi::OsString;
use std::ops::RangeInclusive;
use std::path::Path;
use std::time::{Duration, Instant};

/// The values of data that nothing is known of.
const DATA: RangeInclusive<f64> = -1.0..=1.0;

/// Any values that single precision holds: for a first look at the shape of the data.
const ANY: RangeInclusive<f64> = -3e38..=3e38;

/// All that a run needs, checked.
struct Run {
    options: Options,
    items: Items,
    network: Network,
    directory: Directory,
    /// The name of the schedule file.
    name: String,
    tables: Tables,
    fingerprint: u64,
}

/// Makes the schedule and writes it.
pub fn main(options: Options) -> Result<(), Failure> {
    let mut run = Run::prepare(options).map_err(Failure::of_request)?;
    run.measure().and_then(|()| run.write()).map_err(Failure::of_work)
}

impl Run {
    /// Checks all that can be wrong with the request, before the work begins.
    fn prepare(options: Options) -> Result<Run> {
        let (directory, name) = place(&options.out)?;
        // The network wants to know the shape, and may say the range.
        let shape = npy::load(&options.data, ANY)?.shape;
        let network = Network::load(&options.model, &options.network, &shape)?;
        let stated = network.data_range().map(|(low, high)| low..=high);
        let items = npy::load(&options.data, options.data_range().or(stated).unwrap_or(DATA))?;
        let (sigma_min, sigma_max) = sigma_range(&options, network.sigma_range())?;
        let mut tables = Tables::new(options.levels as usize, sigma_min, sigma_max)?;
        let fingerprint = fingerprint(&options, &items)?;
        let state = StateFile { directory: &directory, name: state_name(&name), fingerprint };
        state.load(&mut tables)?;
        let done = tables.paths_done().max(tables.trajectories_done());
        ensure!(
            done <= options.samples.into(),
            "{} holds {done} samples, more than the {} of --samples: ask for as many, or choose another --out",
            state.name,
            options.samples
        );
        Ok(Run { options, items, network, directory, name, tables, fingerprint })
    }

    /// Measures what is not in the state yet, and writes the state every so often and at the end.
    fn measure(&mut self) -> Result<()> {
        let Run { options, items, network, directory, name, tables, fingerprint, .. } = self;
        let state = StateFile { directory, name: state_name(name), fingerprint: *fingerprint };
        let pass = Pass {
            items: &items.values,
            samples: options.samples.into(),
            batch: options.batch.into(),
            seed: options.seed,
        };
        let total = 2 * pass.samples * tables.grid.len() as u64;
        let bar = progress_bar(options.quiet, total)?;
        bar.set_position(tables.evaluations());
        bar.reset_eta();
        let (every, mut saved) = (Duration::from_secs(options.save_every.into()), Instant::now());
        let denoiser: &dyn Denoise = network;
        loop {
            match tables.advance(denoiser, &pass) {
                Ok(0) => break,
                Ok(evaluations) => bar.inc(evaluations),
                Err(error) => {
                    bar.finish_and_clear();
                    // What went well before is not lost.
                    state.save(tables)?;
                    return Err(error);
                }
            }
            if saved.elapsed() >= every {
                state.save(tables)?;
                saved = Instant::now();
            }
        }
        bar.finish_and_clear();
        state.save(tables)
    }

    /// Writes the schedule file.
    fn write(&self) -> Result<()> {
        if let Some(doubt) = doubt::about(&self.tables, &self.items.values, self.network.item_len())? {
            eprintln!("warning: {doubt}");
        }
        let text = serde_json::to_string_pretty(&self.schedule_file()?)?;
        self.directory.write(&[(self.name.clone(), (text + "\n").into_bytes())])?;
        if !self.options.quiet {
            let Options { out, method, solver, steps, .. } = &self.options;
            println!(
                "{}: {} steps by {} for {}, and all other methods",
                out.display(),
                steps,
                method.label(),
                solver.label()
            );
        }
        Ok(())
    }

    /// All methods' schedules, the chosen one first, in the forms that other programs take.
    fn schedule_file(&self) -> Result<Value> {
        let Run { options, items, network, tables, .. } = self;
        let chosen = options.method;
        let rules = [chosen].into_iter().chain(Rule::value_variants().iter().copied().filter(|rule| *rule != chosen));
        let schedules = rules.map(|rule| self.schedule(rule)).collect::<Result<Vec<Value>>>()?;
        let grid = &tables.grid;
        Ok(json!({
            "model": file_name(&options.model),
            "data": file_name(&options.data),
            "process": network.process_label(),
            "items": items.values.len() / network.item_len(),
            "shape_of_an_item": items.shape,
            "steps": options.steps,
            "solver": possible_name(options.solver),
            "sigma_min": grid[grid.len() - 1],
            "sigma_max": grid[0],
            "seed": options.seed,
            "table": {
                "levels": grid.len(),
                "paths": tables.paths_done(),
                "trajectories": tables.trajectories_done(),
                "batch": options.batch,
            },
            "evaluations": tables.evaluations(),
            "schedules": schedules,
        }))
    }

    fn schedule(&self, rule: Rule) -> Result<Value> {
        let Run { options, network, tables, .. } = self;
        let levels = rule.levels(options.steps as usize + 1, tables, options.solver, options.sweeps as usize)?;
        let mut entry = host::forms(network.process(), &levels)?;
        entry["method"] = json!(possible_name(rule));
        let costs = crate::optimise::costs(tables, options.solver)?;
        entry["bound"] = json!(IntervalCosts::new(&tables.grid, &costs)?.klub(&levels)?);
        if rule == Rule::Search {
            entry["sweeps"] = json!(options.sweeps);
        }
        Ok(entry)
    }
}

/// The directory that `out` is in, which can be written to, and its name there.
fn place(out: &Path) -> Result<(Directory, String)> {
    let named = || format!("--out {}", out.display());
    ensure!(!out.is_dir(), "{}: is a directory, not a file", named());
    // A rename would put a plain file in the place of whatever is there, be it /dev/null.
    let is_plain = out.symlink_metadata().map_or(true, |there| there.is_file());
    ensure!(is_plain, "{}: is a link or a device, not a file: choose another", named());
    let name = out.file_name().and_then(|name| name.to_str()).with_context(|| format!("{}: has no name", named()))?;
    let parent = out.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
    Ok((Directory::open(parent).context("--out")?, name.to_owned()))
}

fn state_name(name: &str) -> String {
    format!("{name}.state")
}

/// The noise levels at the two ends: what is asked for, else what the network knows.
fn sigma_range(options: &Options, known: Option<(f64, f64)>) -> Result<(f64, f64)> {
    let either = |own: Option<f64>, known: Option<f64>, name: &str| {
        own.or(known).with_context(|| format!("nothing says which noise levels the network knows: give {name}"))
    };
    let low = either(options.sigma_min, known.map(|(low, _)| low), "--sigma-min")?;
    let high = either(options.sigma_max, known.map(|(_, high)| high), "--sigma-max")?;
    ensure!(low < high, "the noise levels from {low} up to {high} are none: change --sigma-min or --sigma-max");
    if let Some((least, greatest)) = known {
        // Decimals of the ends are as good as the ends.
        let inside = least * (1.0 - 1e-6)..=greatest * (1.0 + 1e-6);
        ensure!(
            inside.contains(&low) && inside.contains(&high),
            "the network knows noise levels from {least} to {greatest}, not from {low} to {high}: change --sigma-min or \
             --sigma-max"
        );
    }
    Ok((low, high))
}

/// Of all that the numbers in the tables depend on, the grid aside, which the tables hold themselves.
fn fingerprint(options: &Options, items: &Items) -> Result<u64> {
    let model = std::fs::read(&options.model).with_context(|| options.model.display().to_string())?;
    let data: Vec<u8> = items.values.iter().flat_map(|value| value.to_le_bytes()).collect();
    let settings = crate::network::Settings { threads: None, ..options.network.clone() };
    let rest = format!("{:?} {settings:?} {} {}", items.shape, options.seed, options.batch);
    Ok([&model[..], &data, rest.as_bytes()].into_iter().fold(Fingerprint::default(), Fingerprint::add).value())
}

fn file_name(path: &Path) -> String {
    path.file_name().map_or_else(OsString::new, OsString::from).to_string_lossy().into_owned()
}

fn possible_name(value: impl ValueEnum) -> Option<String> {
    Some(value.to_possible_value()?.get_name().to_owned())
}

#[cfg(test)]
mod tests;
