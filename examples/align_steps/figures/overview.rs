//! One picture of it all: samples at the least budget, with the first schedule and with the one that was made for the
//! denoiser, beside the distances that all schedules leave.

use super::digits::{self, BLOCK};
use crate::experiment::{Metric, Outcome};
use crate::optimise::Rule;
use crate::options::Options;
use crate::report::Part;
use crate::schedules::{Family, Known};
use crate::subjects::Kind;
use crate::summary::distinct;
use anyhow::{Context, Result};
use quell_examples::axes::{Axes, Scale};
use quell_examples::canvas::{Anchor, INK, Look, picture};

const WIDTH: f64 = 1060.0;
const LEFT: f64 = 140.0;
const TOP: f64 = 116.0;
const PITCH: (f64, f64) = (BLOCK.0 + 16.0, BLOCK.1 + 16.0);
const LEGEND: (f64, f64) = (190.0, 20.0);
const NAMES_IN_A_ROW: usize = 4;
const METRIC: Metric = Metric::Energy;

/// Draws a row for each solver.
pub fn draw(options: &Options, part: &Part) -> Result<Vec<u8>> {
    let families = compared(&options.schedules);
    let made = Family::Table(rule(part.kind));
    let pictured = [families.first(), families.iter().find(|family| **family == made).or(families.last())];
    let pictured = distinct(pictured.into_iter().flatten().copied());
    let budget = *part.steps.first().context("no budget to draw")?;
    let at = |method, family| {
        let cell = (method, family, budget as usize);
        move |outcome: &&Outcome| (outcome.cell.method, outcome.cell.family, outcome.cell.budget) == cell
    };
    let outcomes = || part.outcomes.iter().filter(|outcome| outcome.cell.budget == budget as usize);
    let compared = || outcomes().filter(|outcome| families.contains(&outcome.cell.family));
    let floor = METRIC.floor(&part.floor).mean;
    let x = Scale::around(compared().map(|outcome| outcome.estimate(METRIC).mean).chain([floor]), 1.15);
    let y = Scale { start: 0.0, end: 1.0, logarithmic: false };
    let bottom = TOP + options.solvers.len() as f64 * PITCH.1;
    let from = (LEFT + pictured.len() as f64 * PITCH.0 + 8.0, TOP);
    let axes = Axes { from, to: (WIDTH - 24.0, bottom), x, y };
    let lane = PITCH.1 / (families.len() + 1) as f64;
    picture(WIDTH, bottom + 44.0, |canvas| {
        let what = "network evaluations: digits from the same noise, and their distance to real ones";
        canvas.heading(&format!("{}, {budget} {what}", part.kind.label()), (16.0, 20.0), 15.0, Anchor::Left)?;
        for (i, family) in families.iter().enumerate() {
            let (row, column) = (i / NAMES_IN_A_ROW, i % NAMES_IN_A_ROW);
            Look(i).legend(
                canvas,
                family.label(),
                (16.0 + LEGEND.0 * column as f64, 46.0 + LEGEND.1 * row as f64),
                12.0,
            )?;
        }
        for (column, family) in pictured.iter().enumerate() {
            let middle = LEFT + column as f64 * PITCH.0 + 0.5 * BLOCK.0;
            canvas.text(family.label(), (middle, TOP - 12.0), 12.0, Anchor::Centre)?;
        }
        let values = x.round_values();
        axes.frame(canvas, &values, &[])?;
        axes.label_x(
            canvas,
            &values,
            &format!("{} (pixels −1 to 1) with its 95 % interval: less is better", METRIC.name()),
        )?;
        let (at_floor, _) = axes.place(floor, 0.0);
        canvas.line(&[(at_floor, TOP), (at_floor, bottom)], 1.5, INK)?;
        canvas.text("floor", (at_floor, TOP - 12.0), 11.0, Anchor::Centre)?;
        for (row, &method) in options.solvers.iter().enumerate() {
            let top = TOP + row as f64 * PITCH.1;
            canvas.text(method.label(), (LEFT - 12.0, top + 0.5 * PITCH.1), 12.0, Anchor::Right)?;
            for (column, &family) in pictured.iter().enumerate() {
                for outcome in outcomes().filter(at(method, family)) {
                    let corner = (LEFT + column as f64 * PITCH.0, top + 0.5 * (PITCH.1 - BLOCK.1));
                    digits::block(canvas, outcome.shown.view(), corner)?;
                }
            }
            for (i, &family) in families.iter().enumerate() {
                let y = top + (i + 1) as f64 * lane;
                for outcome in outcomes().filter(at(method, family)) {
                    let estimate = outcome.estimate(METRIC);
                    let place = |value: f64| (axes.place(value, 0.0).0, y);
                    let margin = estimate.margin.unwrap_or(0.0);
                    canvas.line(
                        &[place(estimate.mean - margin), place(estimate.mean + margin)],
                        1.5,
                        Look(i).colour(),
                    )?;
                    Look(i).mark(canvas, place(estimate.mean))?;
                }
            }
        }
        Ok(())
    })
}

/// Of the displacement rules the one whose samples come nearer to the data.
fn rule(kind: Kind) -> Rule {
    match kind {
        Kind::Exact => Rule::Displacement,
        Kind::Trained => Rule::DisplacementDistance,
    }
}

/// The customary schedules and what comes nearest to the rules; where none of them was asked for, all that were.
fn compared(asked: &[Family]) -> Vec<Family> {
    let rules = [Rule::Search, Rule::Displacement, Rule::DisplacementDistance, Rule::RescaledEntropic];
    let known = Known::BASELINES.map(Family::Known).into_iter().chain(rules.map(Family::Table));
    let chosen: Vec<Family> = known.filter(|family| asked.contains(family)).collect();
    if chosen.is_empty() { asked.to_vec() } else { chosen }
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::ValueEnum;

    #[test]
    fn what_is_compared_was_asked_for() {
        let all = compared(Family::value_variants());
        assert!(
            [Kind::Exact, Kind::Trained].into_iter().all(|kind| all.contains(&Family::Table(rule(kind)))),
            "{all:?}"
        );
        let (vp, search) = (Family::Known(Known::Vp), Family::Table(Rule::Search));
        assert_eq!(compared(&[search, Family::Table(Rule::Klub), vp]), [vp, search]);
        let others = [Family::Known(Known::Ays), Family::Table(Rule::Klub)];
        assert_eq!(compared(&others), others);
    }
}
