//! Images, and the masks of every method beside the truth.

use super::colours::{Colours, mixed};
use crate::experiment::{Case, Cut};
use crate::image;
use crate::methods::Method;
use crate::network::{CELLS, GRID, PIXELS, SIDE};
use crate::scores::Metric;
use anyhow::Result;
use plotters::style::RGBColor;
use quell_examples::canvas::{Anchor, Canvas, INK, Point, picture};

/// A pixel of an image, in pixels of the picture.
const ZOOM: f64 = 2.0;
/// The side of an image.
const TILE: f64 = SIDE as f64 * ZOOM;
/// From one image to the next.
const PITCH: f64 = TILE + 6.0;
/// The room for a line of text under a row.
const CAPTION: f64 = 18.0;
const LEFT: f64 = 12.0;
const TOP: f64 = 62.0;
const TEXT: f64 = 12.0;

/// How much of a mask's colour lies over the image.
const COVER: f64 = 0.68;
const BORDER: f64 = 1.0;

/// Draws a row for each image: the image, the coarse masks, those of each method, and the truth if there is one.
pub fn draw(title: &str, rows: &[(&Case, &Cut)], clusters: usize) -> Result<Vec<u8>> {
    let any_truth = rows.iter().any(|(case, _)| case.truth.is_some());
    let columns = 2 + Method::ALL.len() + usize::from(any_truth);
    let captions = if any_truth { CAPTION } else { 0.0 };
    let width = 2.0 * LEFT + columns as f64 * PITCH - (PITCH - TILE);
    let height = TOP + rows.len() as f64 * (PITCH + captions) + 8.0;
    picture(width, height, |canvas| {
        canvas.heading(title, (LEFT, 18.0), 15.0, Anchor::Left)?;
        let names = ["image", "coarse masks"].into_iter().chain(Method::ALL.map(Method::label)).chain(["truth"]);
        for (column, name) in names.take(columns).enumerate() {
            let emphasised = name == Method::EmerDiff.label();
            let at = (LEFT + column as f64 * PITCH + 0.5 * TILE, TOP - 14.0);
            if emphasised {
                canvas.heading(name, at, TEXT, Anchor::Centre)
            } else {
                canvas.text(name, at, TEXT, Anchor::Centre)
            }?;
        }
        for (row, (case, cut)) in rows.iter().enumerate() {
            let corner = |column: usize| (LEFT + column as f64 * PITCH, TOP + row as f64 * (PITCH + captions));
            let colours = Colours::new(cut, clusters, case.truth.as_deref())?;
            let image = image::colours(&case.image);
            canvas.image(&image, SIDE, corner(0), ZOOM)?;
            coarse(canvas, &cut.coarse, &colours.clusters, corner(1))?;
            for (column, method) in (2..).zip(Method::ALL) {
                overlay(canvas, &image, &cut.fine[method as usize], &colours.clusters, corner(column))?;
                if let Some(scores) = &cut.scores {
                    let (x, y) = corner(column);
                    let score = format!("{:.2}", scores[method as usize].of(Metric::MeanIou));
                    canvas.text(&score, (x + 0.5 * TILE, y + TILE + 9.0), TEXT, Anchor::Centre)?;
                }
            }
            if let Some(truth) = &case.truth {
                overlay(canvas, &image, truth, &colours.regions, corner(columns - 1))?;
                if cut.scores.is_some() {
                    let (x, y) = corner(1);
                    canvas.text("mean IoU", (x + TILE, y + TILE + 9.0), TEXT, Anchor::Right)?;
                }
            }
        }
        Ok(())
    })
}

/// Cells in the colours of their masks, with the borders between them.
fn coarse(canvas: &Canvas, labels: &[u8], colours: &[RGBColor], corner: Point) -> Result<()> {
    let cells: Vec<RGBColor> = labels.iter().take(CELLS).map(|&label| colours[usize::from(label)]).collect();
    let zoom = TILE / GRID as f64;
    canvas.image(&cells, GRID, corner, zoom)?;
    canvas.borders(labels, GRID, corner, zoom, BORDER, INK)
}

/// Masks in their colours over the lightness of the image, with the borders between them.
fn overlay(canvas: &Canvas, image: &[RGBColor], labels: &[u8], colours: &[RGBColor], corner: Point) -> Result<()> {
    let pixel = |pixel: usize| mixed(grey(image[pixel]), colours[usize::from(labels[pixel])], COVER);
    canvas.image(&(0..PIXELS).map(pixel).collect::<Vec<_>>(), SIDE, corner, ZOOM)?;
    canvas.borders(labels, SIDE, corner, ZOOM, BORDER, INK)
}

/// The lightness of a colour.
pub fn grey(RGBColor(red, green, blue): RGBColor) -> RGBColor {
    let light = (0.299 * f64::from(red) + 0.587 * f64::from(green) + 0.114 * f64::from(blue)).round() as u8;
    RGBColor(light, light, light)
}
