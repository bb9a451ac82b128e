//! The scores of the methods with their intervals.

use crate::experiment::Cut;
use crate::methods::Method;
use crate::report::values;
use crate::scores::Metric;
use anyhow::Result;
use quell_examples::axes::{Axes, Scale};
use quell_examples::canvas::{Anchor, Look, picture};
use quell_examples::statistics::Estimate;

const WIDTH: f64 = 1120.0;
const LEFT: f64 = 130.0;
const TOP: f64 = 70.0;
const LANE: f64 = 30.0;
const GAP: f64 = 26.0;

/// Draws a panel for each score, a line for each method.
pub fn draw(cuts: &[Cut]) -> Result<Vec<u8>> {
    let bottom = TOP + LANE * Method::ALL.len() as f64;
    let panel = (WIDTH - LEFT - GAP * Metric::ALL.len() as f64) / Metric::ALL.len() as f64;
    picture(WIDTH, bottom + 46.0, |canvas| {
        let heading = format!("{} unseen scenes, the same coarse masks: mean and 95 % interval", cuts.len());
        canvas.heading(&heading, (16.0, 20.0), 15.0, Anchor::Left)?;
        for (row, method) in Method::ALL.into_iter().enumerate() {
            let at = (LEFT - 12.0, TOP + (row as f64 + 0.5) * LANE);
            match method {
                Method::EmerDiff => canvas.heading(method.label(), at, 12.0, Anchor::Right)?,
                _ => canvas.text(method.label(), at, 12.0, Anchor::Right)?,
            }
        }
        for (place, metric) in Metric::ALL.into_iter().enumerate() {
            let estimates = Method::ALL.map(|method| Estimate::of(values(cuts, method, metric)));
            let ends = estimates.iter().flat_map(|estimate| {
                let margin = estimate.margin.unwrap_or(0.0);
                [estimate.mean - margin, estimate.mean + margin]
            });
            let x = Scale::linear_around(ends, 0.06);
            let y = Scale { start: Method::ALL.len() as f64, end: 0.0, logarithmic: false };
            let left = LEFT + place as f64 * (panel + GAP);
            let axes = Axes { from: (left, TOP), to: (left + panel, bottom), x, y };
            let ticks = x.multiples(5);
            axes.frame(canvas, &ticks, &[])?;
            axes.label_x(canvas, &ticks, "more is better")?;
            canvas.text(metric.label(), (left + 0.5 * panel, TOP - 16.0), 13.0, Anchor::Centre)?;
            for (row, estimate) in estimates.into_iter().enumerate() {
                let look = if Method::ALL[row] == Method::EmerDiff { Look(3) } else { Look(2) };
                let at = |value: f64| axes.place(value, row as f64 + 0.5);
                if let Some(margin) = estimate.margin {
                    canvas.line(&[at(estimate.mean - margin), at(estimate.mean + margin)], 2.0, look.colour())?;
                }
                look.mark(canvas, at(estimate.mean))?;
            }
        }
        Ok(())
    })
}
