//! The results in words and numbers: the tables that are printed, and all values as CSV.

use crate::experiment::{Estimate, Floor, Metric, Outcome};
use crate::options::Options;
use anyhow::Result;
use comfy_table::{Cell as TableCell, CellAlignment, ContentArrangement, LineStyle, Table, TableStyle};
use std::collections::BTreeSet;
use std::fmt::Write;

/// The tables for a person: a distance each, a line for each solver and schedule, a column for each budget.
pub fn tables(options: &Options, outcomes: &[Outcome], floor: &Floor) -> Result<String> {
    let Options { samples, sets, seed, sigma_min, sigma_max, .. } = options;
    let mut text = format!(
        "Distances to the held-out half, in thousandths: {sets} set{} of {samples} images a cell, seed {seed}, σ from \
         {sigma_max} to {sigma_min}, then 0.\n\
         A cell is the mean over the sets{}; * is no further than two standard errors above the floor.\n\
         The energy distance is estimated without bias, so it can be negative.\n",
        if *sets == 1 { "" } else { "s" },
        if *sets == 1 { "" } else { " ± its standard error" },
    );
    for metric in Metric::ALL {
        let draws = Estimate::of(floor.draws.iter().map(|distances| metric.of(distances)));
        let whole = in_thousandths(Estimate { mean: metric.of(&floor.whole), error: None });
        let drawn = in_thousandths(draws);
        let floor = metric.floor(floor);
        let explained = if floor == draws {
            format!("{drawn}, that of sets of {samples} drawn from the training half (the half itself: {whole})")
        } else {
            format!("{whole}, that of the training half (sets of {samples} drawn from it: {drawn})")
        };
        write!(
            text,
            "\n{}, by network evaluations\nfloor: {explained}\n{}\n",
            metric.name(),
            table(options, outcomes, metric, floor),
        )?;
    }
    if let Some(note) = unequal_evaluations(outcomes) {
        writeln!(text, "\n{note}")?;
    }
    Ok(text)
}

fn table(options: &Options, outcomes: &[Outcome], metric: Metric, floor: Estimate) -> Table {
    let mut table = Table::new();
    // One line under the header; a name in the first column marks where a solver begins.
    let style = TableStyle::new().header_separator(LineStyle::none().fill('─').junction('─'));
    table.load_style(style).set_content_arrangement(ContentArrangement::Disabled);
    let right = |text: String| TableCell::new(text).set_alignment(CellAlignment::Right);
    let mut header = vec![TableCell::new("solver"), TableCell::new("schedule")];
    header.extend(options.steps.iter().map(|steps| right(format!("{steps}  "))));
    table.set_header(header);
    // Cells come budget by budget, so that a line is a run of them.
    let mut previous = None;
    for line in outcomes.chunks(options.steps.len()) {
        let Some(Outcome { cell, .. }) = line.first() else { continue };
        let solver = if previous == Some(cell.method) { "" } else { cell.method.label() };
        previous = Some(cell.method);
        let mut row = vec![TableCell::new(solver), TableCell::new(cell.family.label())];
        row.extend(line.iter().map(|outcome| {
            let estimate = outcome.estimate(metric);
            right(format!("{} {}", in_thousandths(estimate), if estimate.reaches(floor) { '*' } else { ' ' }))
        }));
        table.add_row(row);
    }
    table
}

/// Where a solver cannot use its whole budget, how much it uses.
fn unequal_evaluations(outcomes: &[Outcome]) -> Option<String> {
    let short = outcomes.iter().map(|outcome| &outcome.cell).filter(|cell| cell.evaluations != cell.budget);
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

fn in_thousandths(Estimate { mean, error }: Estimate) -> String {
    match error {
        Some(error) => format!("{:.1} ± {:.1}", 1e3 * mean, 1e3 * error),
        None => format!("{:.1}", 1e3 * mean),
    }
}

/// Every value that was measured, one line for each set of images; the floors come first.
pub fn csv(outcomes: &[Outcome], floor: &Floor) -> Result<Vec<u8>> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    writer.write_record([
        "solver",
        "schedule",
        "budget",
        "evaluations",
        "set",
        "energy_distance",
        "sliced_wasserstein_distance",
    ])?;
    let mut line = |names: [&str; 2], counts: [usize; 3], distances| {
        let counts = counts.map(|count| count.to_string());
        let values = Metric::ALL.map(|metric| metric.of(distances).to_string());
        writer.write_record(names.into_iter().chain(counts.iter().chain(&values).map(String::as_str)))
    };
    line(["floor", "training half"], [0, 0, 0], &floor.whole)?;
    for (set, distances) in floor.draws.iter().enumerate() {
        line(["floor", "draws from the training half"], [0, 0, set], distances)?;
    }
    for Outcome { cell, distances, .. } in outcomes {
        for (set, distances) in distances.iter().enumerate() {
            line([cell.method.label(), cell.family.label()], [cell.budget, cell.evaluations, set], distances)?;
        }
    }
    Ok(writer.into_inner()?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::experiment::tests::small;

    #[test]
    fn every_value_is_a_line_of_the_csv() {
        let arguments = &["--steps", "2,3", "--solvers", "heun", "--schedules", "vp,ays", "--samples", "8"];
        let (options, .., outcomes, floor) = small(arguments);
        let file = csv(&outcomes, &floor).unwrap();
        let mut reader = csv::Reader::from_reader(&file[..]);
        let lines: Vec<csv::StringRecord> = reader.records().collect::<Result<_, _>>().unwrap();
        assert_eq!(lines.len(), 1 + floor.draws.len() + 2 * 2 * options.sets as usize);
        let last = lines.last().unwrap();
        let expected = outcomes.last().unwrap().distances.last().unwrap();
        assert_eq!(last.iter().take(5).collect::<Vec<_>>(), ["Heun", "AYS list SD 1.5", "3", "3", "7"]);
        assert_eq!(last[5].parse::<f64>().unwrap(), expected.energy);
        assert_eq!(last[6].parse::<f64>().unwrap(), expected.sliced_wasserstein);
    }

    #[test]
    fn tables_have_a_line_for_each_solver_and_schedule() {
        let arguments = &["--steps", "2,3", "--solvers", "heun,ddim", "--schedules", "vp,ays", "--samples", "8"];
        let (options, .., outcomes, floor) = small(arguments);
        let text = tables(&options, &outcomes, &floor).unwrap();
        assert_eq!(text.lines().filter(|line| line.contains("AYS list SD 1.5")).count(), 2 * 2);
        assert!(text.contains("Heun makes 1 of 2."), "{text}");
        for metric in Metric::ALL {
            assert!(outcomes.iter().all(|outcome| text.contains(&in_thousandths(outcome.estimate(metric)))));
        }
    }
}
