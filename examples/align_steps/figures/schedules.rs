//! Where the schedules put their steps, beside what there is to decide at each noise level.

use crate::data::{Digits, PIXELS};
use crate::denoiser;
use crate::experiment::Outcome;
use crate::options::Options;
use crate::report::Part;
use crate::sampler::Method;
use crate::subjects::Subject;
use anyhow::{Context, Result};
use quell_examples::axes::{Axes, Scale};
use quell_examples::canvas::{Anchor, Look, picture};
use rayon::prelude::*;

const WIDTH: f64 = 1060.0;
const LEFT: f64 = 290.0;
const RIGHT: f64 = 1036.0;
const TOP: f64 = 44.0;
const CURVE: f64 = 150.0;
const ROW: f64 = 13.0;
const GROUP_GAP: f64 = 10.0;

/// Points of the denoiser's curve, and images that each is a mean of.
const POINTS: usize = 61;
const IMAGES: usize = 256;

/// A row of marks for each schedule and budget on an axis of ln σ, below the denoiser's error. Schedules that differ from
/// solver to solver are there once for each.
pub fn draw(options: &Options, digits: &Digits, subject: &Subject, part: &Part) -> Result<Vec<u8>> {
    let (sigma_min, sigma_max) = (options.sigma_min, options.sigma_max);
    let x = Scale { start: sigma_max * 1.2, end: sigma_min / 1.2, logarithmic: true };
    let group = part.steps.len() as f64 * ROW + GROUP_GAP;
    let groups = groups(options, part);
    let rows_top = TOP + CURVE + 22.0;
    let bottom = rows_top + groups.len() as f64 * group;
    picture(WIDTH, bottom + 44.0, |canvas| {
        let heading = "where the schedules put their steps before the final 0, and the error there";
        canvas.heading(&format!("{}: {heading}", part.kind.label()), (16.0, 18.0), 15.0, Anchor::Left)?;

        let images = digits.train.as_slice().context("the images are not in one piece")?;
        let images = &images[..IMAGES * PIXELS];
        let sigmas: Vec<f64> =
            (0..POINTS).map(|i| sigma_max * (sigma_min / sigma_max).powf(i as f64 / (POINTS - 1) as f64)).collect();
        let error = |&sigma: &f64| denoiser::error(&*subject.denoiser, images, sigma);
        let errors = sigmas.par_iter().map(error).collect::<Result<Vec<_>>>()?;
        let highest = errors.iter().copied().fold(0.0, f64::max);
        let y = Scale { start: 0.0, end: 1.1 * highest.max(f64::MIN_POSITIVE), logarithmic: false };
        let axes = Axes { from: (LEFT, TOP), to: (RIGHT, TOP + CURVE), x, y };
        let fifths: Vec<f64> = (0..=10).map(|i| 0.2 * i as f64).filter(|&value| value <= y.end).collect();
        axes.frame(canvas, &x.round_values(), &fifths)?;
        axes.label_y(canvas, &fifths, "rms error of denoiser")?;
        let curve: Vec<_> = sigmas.iter().zip(&errors).map(|(&sigma, &error)| axes.place(sigma, error)).collect();
        canvas.line(&curve, 2.0, Look(0).colour())?;

        let rows = Axes { from: (LEFT, rows_top), to: (RIGHT, bottom), x, y };
        rows.frame(canvas, &x.round_values(), &[])?;
        rows.label_x(canvas, &x.round_values(), "noise level σ (pixels −1 to 1); sampling runs from left to right")?;
        canvas.text("steps", (LEFT - 8.0, rows_top - 4.0), 10.0, Anchor::Right)?;
        for (i, Group { look, name, sigmas }) in groups.iter().enumerate() {
            let top = rows_top + 0.5 * GROUP_GAP + i as f64 * group;
            let middle = top + 0.5 * part.steps.len() as f64 * ROW;
            canvas.text(name, (LEFT - 34.0, middle), 12.0, Anchor::Right)?;
            for (row, (&steps, sigmas)) in part.steps.iter().zip(sigmas).enumerate() {
                let y = top + (row as f64 + 0.5) * ROW;
                canvas.text(&steps.to_string(), (LEFT - 8.0, y), 10.0, Anchor::Right)?;
                for &sigma in sigmas.iter().filter(|&&sigma| sigma > 0.0) {
                    let (x, _) = rows.place(sigma, 0.0);
                    look.mark(canvas, (x, y))?;
                }
            }
        }
        Ok(())
    })
}

/// The schedules of a family for all budgets that some solvers have in common.
struct Group<'a> {
    look: Look,
    name: String,
    sigmas: Vec<&'a [f64]>,
}

/// Each family once, or once for every set of solvers that have other schedules than the others.
fn groups<'a>(options: &Options, part: &'a Part) -> Vec<Group<'a>> {
    let mut groups = Vec::new();
    for (i, &family) in options.schedules.iter().enumerate() {
        let mut distinct: Vec<(Vec<&[f64]>, Vec<Method>)> = Vec::new();
        for &method in &options.solvers {
            let of_row = |outcome: &&Outcome| (outcome.cell.family, outcome.cell.method) == (family, method);
            let sigmas = part.outcomes.iter().filter(of_row).map(|outcome| &outcome.cell.sigmas[..]).collect();
            match distinct.iter_mut().find(|(others, _)| *others == sigmas) {
                Some((_, methods)) => methods.push(method),
                None => distinct.push((sigmas, vec![method])),
            }
        }
        let several = distinct.len() > 1;
        groups.extend(distinct.into_iter().map(|(sigmas, methods)| {
            let name = match &methods[..] {
                [method, others @ ..] if several && !others.is_empty() => {
                    format!("{}: {} and {} more", family.label(), method.label(), others.len())
                }
                [method, ..] if several => format!("{}: {}", family.label(), method.label()),
                _ => family.label().to_owned(),
            };
            Group { look: Look(i), name, sigmas }
        }));
    }
    groups
}
