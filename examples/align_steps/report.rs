//! The results in words and numbers: the tables that are printed, and all values as CSV.

use crate::data::TRAINING;
use crate::experiment::{FLOOR_EVALUATIONS, Floor, Metric, Outcome};
use crate::options::Options;
use crate::subjects::Kind;
use crate::summary::{distinct, summary};
use anyhow::Result;
use comfy_table::Table;
use quell_examples::statistics::Estimate;
use quell_examples::terminal;
use std::collections::BTreeSet;
use std::fmt::Write;

/// The part of the experiment that belongs to one denoiser.
pub struct Part {
    /// The denoiser.
    pub kind: Kind,
    /// Its budgets.
    pub steps: Vec<u32>,
    /// Images in a set.
    pub samples: u32,
    /// What came of its cells.
    pub outcomes: Vec<Outcome>,
    /// The floor for sets of that size.
    pub floor: Floor,
}

/// The tables for a person: two distances for each denoiser, a line for each solver and schedule, a column for each budget.
pub fn tables(options: &Options, parts: &[Part]) -> Result<String> {
    let Options { sets, seed, sigma_min, sigma_max, .. } = options;
    let mut text = format!(
        "Distances to the held-out half, in thousandths: {sets} set{} a cell, seed {seed}, σ from {sigma_max} to \
         {sigma_min}, then 0.\n\
         A cell is the mean over the sets{}; * is no further above the floor than the interval of the difference.\n\
         The energy distance is estimated without bias, so it can be negative.\n",
        if *sets == 1 { "" } else { "s" },
        if *sets == 1 { "" } else { " ± half its 95 % interval (Student's t)" },
    );
    for part in parts {
        for metric in Metric::ALL {
            write!(text, "\n{}\n{}\n", heading(part, metric), table(part, metric))?;
        }
    }
    for note in [unequal_evaluations(parts), stopping(parts)].into_iter().flatten() {
        writeln!(text, "\n{note}")?;
    }
    let summary = summary(parts)?;
    if !summary.is_empty() {
        write!(text, "\n{summary}")?;
    }
    Ok(text)
}

fn heading(part: &Part, metric: Metric) -> String {
    let Part { kind, samples, floor, .. } = part;
    let draws = Estimate::of(floor.draws.iter().map(|distances| metric.of(distances)));
    let drawn = in_thousandths(draws);
    let explained = match floor.whole {
        None => format!("{drawn}, that of the network itself with DPM++ 2M at {FLOOR_EVALUATIONS} evaluations"),
        Some(whole) => {
            let whole = in_thousandths(Estimate { mean: metric.of(&whole), margin: None });
            if metric.floor(floor) == draws {
                format!("{drawn}, that of sets of {samples} drawn from the training half (the half itself: {whole})")
            } else {
                format!("{whole}, that of the training half (sets of {samples} drawn from it: {drawn})")
            }
        }
    };
    let title = format!("{}, {}, sets of {samples} images, by network evaluations", kind.label(), metric.name());
    format!("{title}\nfloor: {explained}")
}

fn table(part: &Part, metric: Metric) -> Table {
    let floor = metric.floor(&part.floor);
    let budgets = part.steps.iter().map(|steps| format!("{steps}  "));
    let header: Vec<String> = ["solver", "schedule"].map(str::to_owned).into_iter().chain(budgets).collect();
    let mut table = terminal::table(&header, 2);
    // Cells come budget by budget, so that a line is a run of them. A name in the first column marks where a solver begins.
    let mut previous = None;
    for line in part.outcomes.chunks(part.steps.len()) {
        let Some(Outcome { cell, .. }) = line.first() else { continue };
        let solver = if previous == Some(cell.method) { "" } else { cell.method.label() };
        previous = Some(cell.method);
        let mut row = vec![solver.to_owned(), cell.family.label().to_owned()];
        row.extend(line.iter().map(|outcome| {
            let estimate = outcome.estimate(metric);
            format!("{} {}", in_thousandths(estimate), if estimate.reaches(floor) { '*' } else { ' ' })
        }));
        table.add_row(row);
    }
    table
}

/// Where a solver cannot use its whole budget, how much it uses.
fn unequal_evaluations(parts: &[Part]) -> Option<String> {
    let cells = parts.iter().flat_map(|part| &part.outcomes).map(|outcome| &outcome.cell);
    let short = cells.filter(|cell| cell.evaluations != cell.budget);
    let used: BTreeSet<_> = short.map(|cell| (cell.method.label(), cell.budget, cell.evaluations)).collect();
    let mut phrases: Vec<String> = Vec::new();
    let mut previous = None;
    for &(method, budget, evaluations) in &used {
        let verb = if previous == Some(method) { String::new() } else { format!("{method} makes ") };
        previous = Some(method);
        phrases.push(format!("{verb}{evaluations} of {budget}"));
    }
    (!phrases.is_empty()).then(|| format!("Evaluations used, where not all: {}.", phrases.join(", ")))
}

/// After which sweep each search was stopped.
fn stopping(parts: &[Part]) -> Option<String> {
    let mut lines = Vec::new();
    for Part { kind, outcomes, .. } in parts {
        let cells = || outcomes.iter().filter_map(|outcome| outcome.cell.sweeps.map(|sweeps| (&outcome.cell, sweeps)));
        for method in distinct(cells().map(|(cell, _)| cell.method)) {
            let of_method = cells().filter(|(cell, _)| cell.method == method);
            let budgets = of_method.map(|(cell, (sweep, last))| format!("{sweep} of {last} at {}", cell.budget));
            lines.push(format!("  {}, {}: {}", kind.label(), method.label(), budgets.collect::<Vec<_>>().join(", ")));
        }
    }
    (!lines.is_empty()).then(|| {
        format!(
            "Sweeps after which the search was stopped, by the training half, and at how many evaluations:\n{}",
            lines.join("\n")
        )
    })
}

fn in_thousandths(Estimate { mean, margin }: Estimate) -> String {
    match margin {
        Some(margin) => format!("{:.1} ± {:.1}", 1e3 * mean, 1e3 * margin),
        None => format!("{:.1}", 1e3 * mean),
    }
}

/// Every value that was measured, one line for each set of images; the floors come first.
pub fn results_csv(parts: &[Part]) -> Result<Vec<u8>> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    writer.write_record([
        "denoiser",
        "solver",
        "schedule",
        "budget",
        "evaluations",
        "set",
        "images",
        "energy_distance",
        "sliced_wasserstein_distance",
    ])?;
    for Part { kind, samples, outcomes, floor, .. } in parts {
        let mut line = |names: [&str; 2], counts: [usize; 3], images: usize, distances| {
            let counts = [counts[0], counts[1], counts[2], images].map(|count| count.to_string());
            let values = Metric::ALL.map(|metric| metric.of(distances).to_string());
            let fields = [kind.name()].into_iter().chain(names);
            writer.write_record(fields.chain(counts.iter().chain(&values).map(String::as_str)))
        };
        let images = *samples as usize;
        if let Some(whole) = &floor.whole {
            line(["floor", "training half"], [0, 0, 0], TRAINING, whole)?;
        }
        for (set, distances) in floor.draws.iter().enumerate() {
            let (name, evaluations) = match floor.whole {
                Some(_) => ("draws from the training half", 0),
                None => ("the network with DPM++ 2M", FLOOR_EVALUATIONS),
            };
            line(["floor", name], [evaluations, evaluations, set], images, distances)?;
        }
        for Outcome { cell, distances, .. } in outcomes {
            for (set, distances) in distances.iter().enumerate() {
                let names = [cell.method.label(), cell.family.label()];
                line(names, [cell.budget, cell.evaluations, set], images, distances)?;
            }
        }
    }
    Ok(writer.into_inner()?)
}

/// The noise levels of every schedule.
pub fn schedules_csv(parts: &[Part]) -> Result<Vec<u8>> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    writer.write_record(["denoiser", "solver", "schedule", "budget", "sweeps", "sigmas"])?;
    for Outcome { cell, .. } in parts.iter().flat_map(|part| &part.outcomes) {
        let sigmas: Vec<String> = cell.sigmas.iter().map(f64::to_string).collect();
        let sweeps = cell.sweeps.map(|(sweep, _)| sweep.to_string()).unwrap_or_default();
        let budget = cell.budget.to_string();
        let names = [cell.kind.name(), cell.method.label(), cell.family.label()];
        writer.write_record(names.into_iter().chain([&budget[..], &sweeps[..], &sigmas.join(" ")[..]]))?;
    }
    Ok(writer.into_inner()?)
}

#[cfg(test)]
pub mod tests {
    use super::*;
    use crate::experiment::tests::{Small, small};

    /// One denoiser's part of a small experiment.
    pub fn small_part(arguments: &[&str]) -> (Options, Part) {
        let Small { options, subject, outcomes, floor, .. } = small(arguments);
        (options, Part { kind: subject.kind, steps: subject.steps, samples: subject.samples, outcomes, floor })
    }

    #[test]
    fn every_value_is_a_line_of_the_csv() {
        let arguments = &["--steps", "2,3", "--solvers", "heun", "--schedules", "vp,ays", "--samples", "8"];
        let (options, part) = small_part(arguments);
        let file = results_csv(std::slice::from_ref(&part)).unwrap();
        let mut reader = csv::Reader::from_reader(&file[..]);
        let lines: Vec<csv::StringRecord> = reader.records().collect::<Result<_, _>>().unwrap();
        assert_eq!(lines.len(), 1 + part.floor.draws.len() + 2 * 2 * options.sets as usize);
        let last = lines.last().unwrap();
        let expected = part.outcomes.last().unwrap().distances.last().unwrap();
        assert_eq!(last.iter().take(7).collect::<Vec<_>>(), ["exact", "Heun", "AYS list SD 1.5", "3", "3", "9", "8"]);
        assert_eq!(last[7].parse::<f64>().unwrap(), expected.energy);
        assert_eq!(last[8].parse::<f64>().unwrap(), expected.sliced_wasserstein);
        let file = schedules_csv(std::slice::from_ref(&part)).unwrap();
        let mut reader = csv::Reader::from_reader(&file[..]);
        let lines: Vec<csv::StringRecord> = reader.records().collect::<Result<_, _>>().unwrap();
        assert_eq!(lines.len(), 2 * 2);
        let sigmas: Vec<f64> = lines[3][5].split(' ').map(|sigma| sigma.parse().unwrap()).collect();
        assert_eq!(sigmas, part.outcomes[3].cell.sigmas);
    }

    #[test]
    fn tables_have_a_line_for_each_solver_and_schedule() {
        let arguments = &["--steps", "2,3", "--solvers", "heun,ddim", "--schedules", "vp,ays,search", "--samples", "8"];
        let (options, part) = small_part(arguments);
        let text = tables(&options, std::slice::from_ref(&part)).unwrap();
        assert_eq!(text.lines().filter(|line| line.contains("AYS list SD 1.5")).count(), 2 * 2);
        assert!(text.contains("Heun makes 1 of 2."), "{text}");
        assert!(text.contains("exact denoiser, DDIM: ") && text.contains(" at 3"), "{text}");
        for metric in Metric::ALL {
            assert!(part.outcomes.iter().all(|outcome| text.contains(&in_thousandths(outcome.estimate(metric)))));
        }
    }
}
