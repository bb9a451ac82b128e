//! Samples of every solver and schedule at one budget.

use super::digits::{self, BLOCK};
use crate::data::Digits;
use crate::experiment::Outcome;
use crate::options::Options;
use crate::report::Part;
use anyhow::Result;
use ndarray::s;
use quell_examples::canvas::{Anchor, picture};

const LEFT: f64 = 136.0;
const TOP: f64 = 62.0;
const PITCH: (f64, f64) = (BLOCK.0 + 26.0, BLOCK.1 + 12.0);

/// A row for each solver, a column for each schedule, and a row of real digits below. The same place in each block is
/// the same seed.
pub fn draw(options: &Options, digits: &Digits, part: &Part, budget: usize) -> Result<Vec<u8>> {
    let (columns, rows) = (options.schedules.len(), options.solvers.len());
    // Room for the heading, however few columns there are.
    let width = (LEFT + columns as f64 * PITCH.0).max(640.0);
    let height = TOP + (rows + 1) as f64 * PITCH.1 + 12.0;
    picture(width, height, |canvas| {
        let evaluations = if budget == 1 { "evaluation" } else { "evaluations" };
        let heading =
            format!("{}: samples at {budget} network {evaluations}, the same noise for all", part.kind.label());
        canvas.heading(&heading, (16.0, 18.0), 15.0, Anchor::Left)?;
        for (column, family) in options.schedules.iter().enumerate() {
            let x = LEFT + column as f64 * PITCH.0;
            canvas.text(family.label(), (x + 0.5 * BLOCK.0, TOP - 16.0), 12.0, Anchor::Centre)?;
            for (row, &method) in options.solvers.iter().enumerate() {
                let y = TOP + row as f64 * PITCH.1;
                let of_block = |outcome: &&Outcome| {
                    let cell = &outcome.cell;
                    (cell.method, cell.family, cell.budget) == (method, *family, budget)
                };
                for outcome in part.outcomes.iter().filter(of_block) {
                    digits::block(canvas, outcome.shown.view(), (x, y))?;
                }
            }
            let shown = digits::COLUMNS * digits::ROWS;
            let real = digits.held_out.slice(s![column * shown..(column + 1) * shown, ..]);
            digits::block(canvas, real, (x, TOP + rows as f64 * PITCH.1 + 8.0))?;
        }
        for (row, method) in options.solvers.iter().enumerate() {
            let y = TOP + row as f64 * PITCH.1 + 0.5 * BLOCK.1;
            canvas.text(method.label(), (LEFT - 12.0, y), 12.0, Anchor::Right)?;
        }
        let y = TOP + rows as f64 * PITCH.1 + 8.0 + 0.5 * BLOCK.1;
        canvas.text("held-out digits", (LEFT - 12.0, y), 12.0, Anchor::Right)
    })
}
