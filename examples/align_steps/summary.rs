//! Who is ahead of whom, beyond the interval of the difference.

use crate::experiment::{Metric, Outcome};
use crate::optimise::Rule;
use crate::report::Part;
use crate::sampler::Method;
use crate::schedules::{Family, Known};
use comfy_table::{Cell as TableCell, CellAlignment, ContentArrangement, LineStyle, Table, TableStyle};
use std::fmt::Write;

/// What the intervals say of a cell beside those that it is compared with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Verdict {
    /// Better than each of them.
    Ahead,
    /// Neither.
    Open,
    /// Worse than one of them.
    Behind,
}

/// How many cells have which verdict.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Count {
    ahead: usize,
    behind: usize,
    all: usize,
}

impl Count {
    fn of(verdicts: impl Iterator<Item = Verdict>) -> Count {
        verdicts.fold(Count::default(), |count, verdict| Count {
            ahead: count.ahead + usize::from(verdict == Verdict::Ahead),
            behind: count.behind + usize::from(verdict == Verdict::Behind),
            all: count.all + 1,
        })
    }
}

impl std::fmt::Display for Count {
    fn fmt(&self, f: &mut std::fmt::Formatter) -> std::fmt::Result {
        write!(f, "{} of {}, {} behind", self.ahead, self.all, self.behind)
    }
}

/// The outcomes of one denoiser by solver, budget and schedule.
struct Cells<'a>(&'a [Outcome]);

impl<'a> Cells<'a> {
    fn of_family(&self, family: Family) -> impl Iterator<Item = &'a Outcome> {
        self.0.iter().filter(move |outcome| outcome.cell.family == family)
    }

    /// The outcome of another schedule with the same solver, budget and noise.
    fn beside(&self, outcome: &Outcome, family: Family) -> Option<&'a Outcome> {
        self.of_family(family).find(|other| place(other) == place(outcome))
    }

    fn verdict(&self, outcome: &Outcome, rivals: &[Family], metric: Metric) -> Verdict {
        let differences: Vec<_> = rivals
            .iter()
            .filter_map(|&rival| self.beside(outcome, rival))
            .map(|rival| outcome.difference(rival, metric))
            .collect();
        if !differences.is_empty() && differences.iter().all(|difference| difference.is_negative()) {
            Verdict::Ahead
        } else if differences.iter().any(|difference| difference.is_positive()) {
            Verdict::Behind
        } else {
            Verdict::Open
        }
    }
}

/// For each schedule from a table, in how many cells it is ahead of Karras, log-SNR and time-uniform all at once; for the
/// displacement rule also where it is not, and how it stands beside the search. Nothing where there is nothing to compare.
pub fn summary(parts: &[Part]) -> Result<String, std::fmt::Error> {
    let mut text = String::new();
    let families = distinct(parts.iter().flat_map(|part| &part.outcomes).map(|outcome| outcome.cell.family));
    let rivals: Vec<Family> =
        Known::BASELINES.map(Family::Known).into_iter().filter(|family| families.contains(family)).collect();
    let optimised: Vec<Family> = families.iter().copied().filter(|family| family.is_optimised()).collect();
    if rivals.is_empty() || optimised.is_empty() {
        return Ok(text);
    }
    let names: Vec<_> = rivals.iter().map(|family| family.label()).collect();
    writeln!(text, "Cells (solver and budget) in which a schedule is ahead of {}, each beyond", names.join("; "))?;
    writeln!(text, "the 95 % interval of the difference on the same noise; behind: worse than one of them beyond it.")?;
    writeln!(
        text,
        "Where one of the three is at the floor within its interval, little is left: the last line has the others."
    )?;
    writeln!(text, "{}", table(parts, &optimised, &rivals))?;
    let (rule, search) = (Family::Table(Rule::Displacement), Family::Table(Rule::Search));
    for part in parts {
        let cells = Cells(&part.outcomes);
        for metric in Metric::ALL {
            let title = format!("{}, {}", part.kind.label(), metric.name());
            let having = |wanted: Verdict| {
                places(cells.of_family(rule).filter(|outcome| cells.verdict(outcome, &rivals, metric) == wanted))
            };
            for (wanted, what) in [(Verdict::Open, "undecided"), (Verdict::Behind, "behind")] {
                let places = having(wanted);
                if !places.is_empty() {
                    writeln!(text, "\n{title}: the displacement rule is {what} at {places}.")?;
                }
            }
            if families.contains(&rule) && families.contains(&search) {
                let verdicts = cells.of_family(rule).map(|outcome| cells.verdict(outcome, &[search], metric));
                let count = Count::of(verdicts);
                writeln!(text, "\n{title}: the displacement rule is ahead of the early-stopped search in {count}.")?;
            }
        }
    }
    Ok(text)
}

fn table(parts: &[Part], optimised: &[Family], rivals: &[Family]) -> Table {
    let mut table = Table::new();
    let style = TableStyle::new().header_separator(LineStyle::none().fill('─').junction('─'));
    table.load_style(style).set_content_arrangement(ContentArrangement::Disabled);
    let right = |text: String| TableCell::new(text).set_alignment(CellAlignment::Right);
    let columns: Vec<_> = parts.iter().flat_map(|part| Metric::ALL.map(|metric| (part, metric))).collect();
    let row = |name: &str, text: &dyn Fn(&Part, Metric) -> String| {
        let cells = columns.iter().map(|&(part, metric)| right(text(part, metric)));
        [TableCell::new(name)].into_iter().chain(cells).collect::<Vec<_>>()
    };
    table.set_header(row("schedule", &|part, metric| format!("{}\n{}", part.kind.label(), metric.name())));
    for &family in optimised {
        table.add_row(row(family.label(), &|part, metric| {
            let cells = Cells(&part.outcomes);
            Count::of(cells.of_family(family).map(|outcome| cells.verdict(outcome, rivals, metric))).to_string()
        }));
    }
    table.add_row(row("any of them", &|part, metric| {
        let cells = Cells(&part.outcomes);
        let is_ahead = |outcome: &&Outcome| cells.verdict(outcome, rivals, metric) == Verdict::Ahead;
        let of_optimised = || part.outcomes.iter().filter(|outcome| optimised.contains(&outcome.cell.family));
        let ahead = distinct(of_optimised().filter(is_ahead).map(place)).len();
        format!("{ahead} of {}", distinct(of_optimised().map(place)).len())
    }));
    table.add_row(row("none of the three at the floor", &|part, metric| {
        let floor = metric.floor(&part.floor);
        let of_rivals = || part.outcomes.iter().filter(|outcome| rivals.contains(&outcome.cell.family));
        let all = distinct(of_rivals().map(place));
        let done = distinct(of_rivals().filter(|outcome| outcome.estimate(metric).reaches(floor)).map(place));
        format!("{} of {}", all.len() - done.len(), all.len())
    }));
    table
}

/// The solver and the budget of a cell.
fn place(outcome: &Outcome) -> (Method, usize) {
    (outcome.cell.method, outcome.cell.budget)
}

/// Solvers with their budgets, in the order in which they come.
fn places<'a>(outcomes: impl Iterator<Item = &'a Outcome>) -> String {
    let mut solvers: Vec<(&str, Vec<String>)> = Vec::new();
    for Outcome { cell, .. } in outcomes {
        let budget = cell.budget.to_string();
        match solvers.last_mut() {
            Some((solver, budgets)) if *solver == cell.method.label() => budgets.push(budget),
            _ => solvers.push((cell.method.label(), vec![budget])),
        }
    }
    let phrases: Vec<String> =
        solvers.iter().map(|(solver, budgets)| format!("{solver} {}", budgets.join(", "))).collect();
    phrases.join("; ")
}

/// The values without repetitions, in the order in which they first come.
pub fn distinct<T: PartialEq>(values: impl Iterator<Item = T>) -> Vec<T> {
    values.fold(Vec::new(), |mut seen, value| {
        if !seen.contains(&value) {
            seen.push(value);
        }
        seen
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::metrics::Distances;
    use crate::report::tests::small_part;

    /// Outcomes whose energy distances are what `energy` says of the schedule and the set.
    fn made_up(energy: impl Fn(Family, usize) -> f64) -> Part {
        let arguments =
            ["--steps", "2,3", "--solvers", "ddim", "--schedules", "karras,log-snr,displacement", "--samples", "4"];
        let (_, mut part) = small_part(&arguments);
        for Outcome { cell, distances, .. } in &mut part.outcomes {
            for (set, distances) in distances.iter_mut().enumerate() {
                *distances = Distances { energy: energy(cell.family, set), sliced_wasserstein: 1.0 };
            }
        }
        part
    }

    #[test]
    fn differences_decide() {
        let (karras, rule) = (Family::Known(Known::Karras), Family::Table(Rule::Displacement));
        // The noise of the sets is much larger than what the schedules differ by.
        let noise = |set: usize| [3.0, -1.0, 0.5, 7.0, -4.0, 2.0][set % 6];
        let with = |against_karras: f64, against_others: f64| {
            let part = made_up(|family, set| {
                let jitter = if family == rule { 0.01 * ((set % 2) as f64 - 0.5) } else { 0.0 };
                let value = if family == rule {
                    1.0
                } else if family == karras {
                    1.0 - against_karras
                } else {
                    1.0 - against_others
                };
                noise(set) + value + jitter
            });
            let cells = Cells(&part.outcomes);
            let rivals = [karras, Family::Known(Known::LogSnr)];
            let verdicts: Vec<_> =
                cells.of_family(rule).map(|outcome| cells.verdict(outcome, &rivals, Metric::Energy)).collect();
            assert_eq!(verdicts.len(), 2);
            verdicts[0]
        };
        assert_eq!(with(-0.1, -0.2), Verdict::Ahead);
        assert_eq!(with(-0.1, 0.0), Verdict::Open);
        assert_eq!(with(-0.1, 0.1), Verdict::Behind);
        assert_eq!(with(0.1, -0.1), Verdict::Behind);
    }

    #[test]
    fn the_summary_says_where_it_is_not() {
        let rule = Family::Table(Rule::Displacement);
        let mut part = made_up(|family, _| f64::from(u8::from(family != rule)));
        let text = summary(std::slice::from_ref(&part)).unwrap();
        assert!(text.contains("2 of 2, 0 behind") && text.contains("any of them"), "{text}");
        let open = "exact denoiser, Sliced Wasserstein distance: the displacement rule is undecided at DDIM 2, 3.";
        assert!(text.contains(open) && !text.contains("Energy distance: the"), "{text}");
        let won = text.lines().find(|line| line.contains("none of the three at the floor")).unwrap();
        assert_eq!(won.matches("2 of 2").count(), 2, "{text}");
        part.outcomes.retain(|outcome| !outcome.cell.family.is_optimised());
        assert_eq!(summary(&[part]).unwrap(), "");
    }
}
