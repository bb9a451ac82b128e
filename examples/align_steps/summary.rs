//! Who is ahead of whom, beyond the interval of the difference.

use crate::experiment::{Metric, Outcome};
use crate::optimise::Rule;
use crate::report::Part;
use crate::sampler::Method;
use crate::schedules::{Family, Known};
use comfy_table::Table;
use quell_examples::terminal;
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
    /// Where no rival is at the floor.
    ahead_above_floor: usize,
    above_floor: usize,
}

impl Count {
    /// Of the verdicts, each with whether the cell is above the floor.
    fn of(verdicts: impl Iterator<Item = (Verdict, bool)>) -> Count {
        verdicts.fold(Count::default(), |count, (verdict, is_above)| {
            let is_ahead = verdict == Verdict::Ahead;
            Count {
                ahead: count.ahead + usize::from(is_ahead),
                behind: count.behind + usize::from(verdict == Verdict::Behind),
                all: count.all + 1,
                ahead_above_floor: count.ahead_above_floor + usize::from(is_ahead && is_above),
                above_floor: count.above_floor + usize::from(is_above),
            }
        })
    }
}

impl std::fmt::Display for Count {
    fn fmt(&self, f: &mut std::fmt::Formatter) -> std::fmt::Result {
        let Count { ahead, behind, all, ahead_above_floor, above_floor } = self;
        write!(f, "{ahead} of {all} ({ahead_above_floor} of {above_floor}), {behind} behind")
    }
}

/// The outcomes of one denoiser by solver, budget and schedule, in one of the distances.
struct Cells<'a> {
    part: &'a Part,
    metric: Metric,
    /// Where one of the rivals of the summary is at the floor.
    at_floor: Vec<(Method, usize)>,
}

impl<'a> Cells<'a> {
    fn new(part: &'a Part, metric: Metric, rivals: &[Family]) -> Cells<'a> {
        let floor = metric.floor(&part.floor);
        let of_rivals = part.outcomes.iter().filter(|outcome| rivals.contains(&outcome.cell.family));
        let at_floor = distinct(of_rivals.filter(|outcome| outcome.estimate(metric).reaches(floor)).map(place));
        Cells { part, metric, at_floor }
    }

    /// All denoisers in both distances.
    fn all(parts: &'a [Part], rivals: &[Family]) -> Vec<Cells<'a>> {
        parts.iter().flat_map(|part| Metric::ALL.map(|metric| Cells::new(part, metric, rivals))).collect()
    }

    fn of_family(&self, family: Family) -> impl Iterator<Item = &'a Outcome> {
        self.part.outcomes.iter().filter(move |outcome| outcome.cell.family == family)
    }

    /// The outcome of another schedule with the same solver, budget and noise.
    fn beside(&self, outcome: &Outcome, family: Family) -> Option<&'a Outcome> {
        self.of_family(family).find(|other| place(other) == place(outcome))
    }

    fn verdict(&self, outcome: &Outcome, rivals: &[Family]) -> Verdict {
        let differences: Vec<_> = rivals
            .iter()
            .filter_map(|&rival| self.beside(outcome, rival))
            .map(|rival| outcome.difference(rival, self.metric))
            .collect();
        if !differences.is_empty() && differences.iter().all(|difference| difference.is_negative()) {
            Verdict::Ahead
        } else if differences.iter().any(|difference| difference.is_positive()) {
            Verdict::Behind
        } else {
            Verdict::Open
        }
    }

    fn count(&self, family: Family, rivals: &[Family]) -> Count {
        let judged = |outcome: &Outcome| (self.verdict(outcome, rivals), !self.at_floor.contains(&place(outcome)));
        Count::of(self.of_family(family).map(judged))
    }

    /// Where the verdict on a schedule is the wanted one, if anywhere.
    fn places(&self, family: Family, rivals: &[Family], wanted: Verdict) -> Option<String> {
        let outcomes: Vec<_> =
            self.of_family(family).filter(|outcome| self.verdict(outcome, rivals) == wanted).collect();
        match outcomes.len() {
            0 => None,
            all if all > 1 && all == self.of_family(family).count() => Some("in every cell".to_owned()),
            _ => Some(format!("at {}", places(outcomes.into_iter()))),
        }
    }
}

/// For each schedule from a table, in how many cells it is ahead of Karras, log-SNR and time-uniform all at once, and where
/// it is behind; for the displacement rules also where that is open, and how they stand beside the search. Nothing where
/// there is nothing to compare.
pub fn summary(parts: &[Part]) -> Result<String, std::fmt::Error> {
    const RULES: [Family; 2] = [Family::Table(Rule::Displacement), Family::Table(Rule::DisplacementDistance)];
    const SEARCH: Family = Family::Table(Rule::Search);
    let mut text = String::new();
    let families = distinct(parts.iter().flat_map(|part| &part.outcomes).map(|outcome| outcome.cell.family));
    let rivals: Vec<Family> =
        Known::BASELINES.map(Family::Known).into_iter().filter(|family| families.contains(family)).collect();
    let optimised: Vec<Family> = families.iter().copied().filter(|family| family.is_optimised()).collect();
    if rivals.is_empty() || optimised.is_empty() {
        return Ok(text);
    }
    let all = Cells::all(parts, &rivals);
    let names: Vec<_> = rivals.iter().map(|family| family.label()).collect();
    writeln!(text, "Cells (solver and budget) in which a schedule is ahead of {}, each beyond", names.join("; "))?;
    writeln!(text, "the 95 % interval of the difference on the same noise; behind: worse than one of them beyond it.")?;
    writeln!(text, "In parentheses: of the cells in which none of those is at the floor within its interval.")?;
    writeln!(text, "{}", table(&all, &optimised, &rivals))?;
    let rules = || RULES.into_iter().filter(|rule| families.contains(rule));
    for cells in &all {
        let mut lines = Vec::new();
        for &family in &optimised {
            let behind = cells.places(family, &rivals, Verdict::Behind);
            lines.extend(behind.map(|places| format!("{}: behind {places}", family.label())));
        }
        for family in rules() {
            let open = cells.places(family, &rivals, Verdict::Open);
            lines.extend(open.map(|places| format!("{}: undecided {places}", family.label())));
        }
        for family in rules().filter(|_| families.contains(&SEARCH)) {
            let count = cells.count(family, &[SEARCH]);
            lines.push(format!("{}: ahead of the early-stopped search in {count}", family.label()));
        }
        if !lines.is_empty() {
            writeln!(text, "\n{}, {}", cells.part.kind.label(), cells.metric.name())?;
        }
        for line in lines {
            writeln!(text, "  {line}")?;
        }
    }
    Ok(text)
}

fn table(all: &[Cells], optimised: &[Family], rivals: &[Family]) -> Table {
    let row = |name: &str, text: &dyn Fn(&Cells) -> String| {
        [name.to_owned()].into_iter().chain(all.iter().map(text)).collect::<Vec<_>>()
    };
    let header = row("schedule", &|cells| format!("{}\n{}", cells.part.kind.label(), cells.metric.name()));
    let mut table = terminal::table(&header, 1);
    for &family in optimised {
        table.add_row(row(family.label(), &|cells| cells.count(family, rivals).to_string()));
    }
    table.add_row(row("any of them", &|cells| {
        let of_optimised = || optimised.iter().flat_map(|&family| cells.of_family(family));
        let ahead = of_optimised().filter(|outcome| cells.verdict(outcome, rivals) == Verdict::Ahead);
        let (ahead, all) = (distinct(ahead.map(place)), distinct(of_optimised().map(place)));
        let above = |places: &[_]| places.iter().filter(|place| !cells.at_floor.contains(place)).count();
        format!("{} of {} ({} of {})", ahead.len(), all.len(), above(&ahead), above(&all))
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
            let rivals = [karras, Family::Known(Known::LogSnr)];
            let cells = Cells::new(&part, Metric::Energy, &rivals);
            let verdicts: Vec<_> = cells.of_family(rule).map(|outcome| cells.verdict(outcome, &rivals)).collect();
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
        assert!(text.contains("2 of 2 (2 of 2), 0 behind") && text.contains("any of them"), "{text}");
        let open = "exact denoiser, Sliced Wasserstein distance\n  displacement: undecided in every cell\n";
        assert!(text.ends_with(open) && !text.contains(": behind"), "{text}");
        let worse = summary(&[made_up(|family, _| f64::from(u8::from(family == rule)))]).unwrap();
        assert!(worse.contains("exact denoiser, Energy distance\n  displacement: behind in every cell\n"), "{worse}");
        part.outcomes.iter_mut().filter(|outcome| outcome.cell.family != rule && outcome.cell.budget == 2).for_each(
            |outcome| {
                outcome.distances.iter_mut().for_each(|distances| distances.energy = -1.0);
            },
        );
        let mixed = summary(std::slice::from_ref(&part)).unwrap();
        assert!(mixed.contains("exact denoiser, Energy distance\n  displacement: behind at DDIM 2\n"), "{mixed}");
        // Where a rival is at the floor a lead does not count.
        let done = summary(&[made_up(|family, _| f64::from(u8::from(family != rule)) - 2.0)]).unwrap();
        assert!(done.contains("2 of 2 (0 of 0), 0 behind"), "{done}");
        part.outcomes.retain(|outcome| !outcome.cell.family.is_optimised());
        assert_eq!(summary(&[part]).unwrap(), "");
    }
}
