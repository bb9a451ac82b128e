//! One picture of it all: samples at three budgets beside the error curves, for one schedule.

use super::axes::Axes;
use super::canvas::{Anchor, Look, picture};
use super::digits::{self, BLOCK};
use super::errors;
use crate::experiment::{Metric, Outcome};
use crate::optimise::Rule;
use crate::options::Options;
use crate::report::Part;
use crate::schedules::Family;
use anyhow::Result;

const LEFT: f64 = 136.0;
const TOP: f64 = 62.0;
const PITCH: (f64, f64) = (BLOCK.0 + 14.0, BLOCK.1 + 10.0);
const CHART: f64 = 430.0;
const METRIC: Metric = Metric::Energy;

/// Draws the displacement rule, where it was asked for, else the first schedule.
pub fn draw(options: &Options, part: &Part) -> Result<Vec<u8>> {
    let rule = Family::Table(Rule::Displacement);
    let wanted = options.schedules.iter().find(|family| **family == rule).or(options.schedules.first());
    let Some(&family) = wanted else { anyhow::bail!("no schedule to draw") };
    let of_family = |outcome: &&Outcome| outcome.cell.family == family;
    let outcomes: Vec<Outcome> = part.outcomes.iter().filter(of_family).cloned().collect();
    let budgets = first_middle_last(&part.steps);
    let chart_left = LEFT + budgets.len() as f64 * PITCH.0 + 84.0;
    let width = chart_left + CHART + 20.0;
    let bottom = TOP + options.solvers.len().max(3) as f64 * PITCH.1;
    picture(width, bottom + 40.0, |canvas| {
        let heading =
            format!("{}: digits sampled from the same noise, schedule: {}", part.kind.label(), family.label());
        canvas.heading(&heading, (16.0, 18.0), 15.0, Anchor::Left)?;
        for (column, &budget) in budgets.iter().enumerate() {
            let x = LEFT + column as f64 * PITCH.0;
            canvas.text(&format!("{budget} evaluations"), (x + 0.5 * BLOCK.0, TOP - 16.0), 12.0, Anchor::Centre)?;
            for (row, &method) in options.solvers.iter().enumerate() {
                let of_block =
                    |outcome: &&Outcome| outcome.cell.method == method && outcome.cell.budget == budget as usize;
                for outcome in outcomes.iter().filter(of_block) {
                    digits::block(canvas, outcome.shown.view(), (x, TOP + row as f64 * PITCH.1))?;
                }
            }
        }
        let (x, y) = errors::scales(&outcomes, &part.floor, METRIC);
        let axes = Axes { from: (chart_left, TOP - 16.0), to: (chart_left + CHART, bottom), x, y };
        errors::panel(canvas, &axes, &part.steps, (true, true), &part.floor, METRIC)?;
        for (i, &method) in options.solvers.iter().enumerate() {
            let middle = TOP + i as f64 * PITCH.1 + 0.5 * BLOCK.1;
            canvas.text(method.label(), (LEFT - 12.0, middle), 12.0, Anchor::Right)?;
            let of_curve = |outcome: &&Outcome| outcome.cell.method == method;
            axes.curve(canvas, &errors::points(outcomes.iter().filter(of_curve), METRIC), Look(i))?;
            let place = (chart_left + CHART - 150.0, TOP + 4.0 + 20.0 * i as f64);
            Look(i).legend(canvas, method.label(), place, 12.0)?;
        }
        Ok(())
    })
}

fn first_middle_last(steps: &[u32]) -> Vec<u32> {
    let mut chosen: Vec<u32> =
        [0, steps.len() / 2, steps.len().saturating_sub(1)].iter().filter_map(|&i| steps.get(i)).copied().collect();
    chosen.dedup();
    chosen
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn three_budgets_at_most_are_shown() {
        assert_eq!(first_middle_last(&[5, 7, 10, 14, 20]), [5, 10, 20]);
        assert_eq!(first_middle_last(&[5, 7]), [5, 7]);
        assert_eq!(first_middle_last(&[5]), [5]);
    }
}
