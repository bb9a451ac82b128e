//! The error against the number of network evaluations.

use crate::experiment::{Floor, Metric, Outcome};
use crate::options::Options;
use crate::report::Part;
use anyhow::Result;
use quell_examples::axes::{Axes, Scale};
use quell_examples::canvas::{Anchor, Canvas, Look, picture};

const WIDTH: f64 = 1060.0;
const LEFT: f64 = 76.0;
const TOP: f64 = 64.0;
const PANEL: (f64, f64) = (306.0, 240.0);
const GAP: (f64, f64) = (20.0, 40.0);
const PANELS_IN_A_ROW: usize = 3;
const LEGEND: (f64, f64) = (190.0, 20.0);
const NAMES_IN_A_ROW: usize = 5;

/// A panel for each solver, a curve for each schedule.
pub fn draw(options: &Options, part: &Part, metric: Metric) -> Result<Vec<u8>> {
    let top = TOP + LEGEND.1 * options.schedules.len().div_ceil(NAMES_IN_A_ROW) as f64;
    let rows = options.solvers.len().div_ceil(PANELS_IN_A_ROW);
    let height = top + rows as f64 * (PANEL.1 + GAP.1) + 20.0;
    picture(WIDTH, height, |canvas| {
        let heading = format!("{}: {} to the held-out half, by solver and schedule", part.kind.label(), metric.name());
        canvas.heading(&heading, (LEFT, 20.0), 15.0, Anchor::Left)?;
        for (i, family) in options.schedules.iter().enumerate() {
            let (row, column) = (i / NAMES_IN_A_ROW, i % NAMES_IN_A_ROW);
            let place = (LEFT + LEGEND.0 * column as f64, 46.0 + LEGEND.1 * row as f64);
            Look(i).legend(canvas, family.label(), place, 12.0)?;
        }
        let (x, y) = scales(&part.outcomes, &part.floor, metric);
        for (i, &method) in options.solvers.iter().enumerate() {
            let (row, column) = (i / PANELS_IN_A_ROW, i % PANELS_IN_A_ROW);
            let left = LEFT + column as f64 * (PANEL.0 + GAP.0);
            let top = top + row as f64 * (PANEL.1 + GAP.1);
            let axes = Axes { from: (left, top), to: (left + PANEL.0, top + PANEL.1), x, y };
            let last = i + PANELS_IN_A_ROW >= options.solvers.len();
            panel(canvas, &axes, &part.steps, (column == 0, last), &part.floor, metric)?;
            canvas.heading(method.label(), (left + PANEL.0 - 6.0, top + 8.0), 13.0, Anchor::Right)?;
            for (i, &family) in options.schedules.iter().enumerate() {
                let of_curve = |outcome: &&Outcome| outcome.cell.method == method && outcome.cell.family == family;
                axes.curve(canvas, &points(part.outcomes.iter().filter(of_curve), metric), Look(i))?;
            }
        }
        Ok(())
    })
}

/// Scales that all panels share.
pub fn scales(outcomes: &[Outcome], floor: &Floor, metric: Metric) -> (Scale, Scale) {
    let values = outcomes.iter().map(|outcome| outcome.estimate(metric).mean);
    (
        Scale::around(outcomes.iter().map(|outcome| outcome.cell.evaluations as f64), 1.1),
        Scale::around(values.chain([metric.floor(floor).mean]), 1.3),
    )
}

/// An empty panel with its floor; `labelled` says whether the vertical and the horizontal axis carry numbers.
pub fn panel(
    canvas: &Canvas,
    axes: &Axes,
    steps: &[u32],
    labelled: (bool, bool),
    floor: &Floor,
    metric: Metric,
) -> Result<()> {
    let budgets: Vec<f64> = steps.iter().map(|&steps| steps as f64).collect();
    let values = axes.y.round_values();
    axes.frame(canvas, &budgets, &values)?;
    if labelled.0 {
        axes.label_y(canvas, &values, &format!("{} (pixels −1 to 1)", metric.name()))?;
    }
    if labelled.1 {
        axes.label_x(canvas, &budgets, "network evaluations for an image")?;
    }
    axes.level(canvas, metric.floor(floor).mean, "floor")
}

/// The points of a curve.
pub fn points<'a>(outcomes: impl Iterator<Item = &'a Outcome>, metric: Metric) -> Vec<(f64, f64, f64)> {
    outcomes
        .map(|outcome| {
            let estimate = outcome.estimate(metric);
            (outcome.cell.evaluations as f64, estimate.mean, estimate.margin.unwrap_or(0.0))
        })
        .collect()
}
