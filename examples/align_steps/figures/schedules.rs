//! Where the schedules put their steps, beside what there is to decide at each noise level.

use super::axes::{Axes, Scale};
use super::canvas::{Anchor, Look, picture};
use crate::data::Digits;
use crate::denoiser::Denoiser;
use crate::options::Options;
use crate::schedules::Range;
use anyhow::Result;
use ndarray::s;
use rayon::prelude::*;

const WIDTH: f64 = 1000.0;
const LEFT: f64 = 160.0;
const RIGHT: f64 = 976.0;
const TOP: f64 = 44.0;
const CURVE: f64 = 150.0;
const ROW: f64 = 15.0;
const GROUP_GAP: f64 = 12.0;

/// Points of the denoiser's curve, and images that each is a mean of.
const POINTS: usize = 81;
const IMAGES: usize = 256;

/// A row of marks for each schedule and budget on an axis of ln σ, below the denoiser's error.
pub fn draw(options: &Options, range: Range, digits: &Digits, denoiser: &Denoiser) -> Result<Vec<u8>> {
    let Range { sigma_min, sigma_max, .. } = range;
    let x = Scale { start: sigma_max * 1.2, end: sigma_min / 1.2, logarithmic: true };
    let group = options.steps.len() as f64 * ROW + GROUP_GAP;
    let rows_top = TOP + CURVE + 22.0;
    let bottom = rows_top + options.schedules.len() as f64 * group;
    picture(WIDTH, bottom + 44.0, |canvas| {
        let heading = "Where the schedules put their steps before the final 0, and the denoiser's error there";
        canvas.heading(heading, (16.0, 18.0), 15.0, Anchor::Left)?;

        let images = digits.train.slice(s![..IMAGES, ..]);
        let sigmas: Vec<f64> =
            (0..POINTS).map(|i| sigma_max * (sigma_min / sigma_max).powf(i as f64 / (POINTS - 1) as f64)).collect();
        let errors = sigmas.par_iter().map(|&sigma| denoiser.error(images, sigma)).collect::<Result<Vec<_>, _>>()?;
        let highest = errors.iter().copied().fold(0.0, f64::max);
        let y = Scale { start: 0.0, end: 1.1 * highest.max(f64::MIN_POSITIVE), logarithmic: false };
        let axes = Axes { from: (LEFT, TOP), to: (RIGHT, TOP + CURVE), x, y };
        let quarters: Vec<f64> = (0..=10).map(|i| 0.2 * i as f64).filter(|&value| value <= y.end).collect();
        axes.frame(canvas, &x.round_values(), &quarters)?;
        axes.label_y(canvas, &quarters, "rms error of denoiser")?;
        let curve: Vec<_> = sigmas.iter().zip(&errors).map(|(&sigma, &error)| axes.place(sigma, error)).collect();
        canvas.line(&curve, 2.0, Look(0).colour())?;

        let rows = Axes { from: (LEFT, rows_top), to: (RIGHT, bottom), x, y };
        rows.frame(canvas, &x.round_values(), &[])?;
        rows.label_x(canvas, &x.round_values(), "noise level σ (pixels −1 to 1); sampling runs from left to right")?;
        canvas.text("steps", (LEFT - 8.0, rows_top - 4.0), 10.0, Anchor::Right)?;
        for (i, family) in options.schedules.iter().enumerate() {
            let top = rows_top + 0.5 * GROUP_GAP + i as f64 * group;
            let middle = top + 0.5 * options.steps.len() as f64 * ROW;
            canvas.text(family.label(), (LEFT - 34.0, middle), 12.0, Anchor::Right)?;
            for (row, &steps) in options.steps.iter().enumerate() {
                let y = top + (row as f64 + 0.5) * ROW;
                canvas.text(&steps.to_string(), (LEFT - 8.0, y), 10.0, Anchor::Right)?;
                for sigma in family.sigmas(steps as usize, range)?.into_iter().filter(|&sigma| sigma > 0.0) {
                    let (x, _) = rows.place(sigma, 0.0);
                    Look(i).mark(canvas, (x, y))?;
                }
            }
        }
        Ok(())
    })
}
