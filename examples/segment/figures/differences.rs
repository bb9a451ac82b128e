//! What each coarse mask of one image changes when it is pushed: the maps that the masks of EmerDiff are read off.

use super::colours::{Colours, heat, mixed};
use super::masks::grey;
use crate::emerdiff::{Inversion, each_pair};
use crate::experiment::{Case, Cut, coarse_masks};
use crate::image;
use crate::methods::Method;
use crate::network::{CHANNELS, GRID, Network, PIXELS, SIDE};
use crate::settings::Settings;
use crate::workers;
use anyhow::{Context, Result};
use plotters::style::RGBColor;
use quell::correspondence::image::Layout;
use quell::correspondence::readout::{Progress, Readout};
use quell_examples::canvas::{Anchor, INK, picture};

const ZOOM: f64 = 2.0;
const TILE: f64 = SIDE as f64 * ZOOM;
const PITCH: f64 = TILE + 6.0;
const LEFT: f64 = 12.0;
const TOP: f64 = 64.0;
/// The room for the names of a row of masks.
const CAPTION: f64 = 20.0;
const TEXT: f64 = 12.0;
/// Masks in a row.
const ROW: usize = 8;
/// The share of values that the colours reach; the largest few would leave all others dark.
const BRIGHT: f64 = 0.995;

/// The filtered difference of each mask.
#[derive(Clone, Debug)]
pub struct Maps(Vec<Vec<f32>>);

impl Maps {
    /// Those of an image.
    pub fn new(network: &Network, case: &Case, settings: &Settings) -> Result<Maps> {
        let Settings { coarse, correspondence, .. } = settings;
        let maps = workers::map(
            network,
            1,
            std::slice::from_ref(case),
            |_| (),
            |evaluator, case| {
                let labels = coarse_masks(evaluator, case, coarse)?;
                let inversion = Inversion::new(evaluator, &case.image, correspondence.timestep, case.seed)?;
                let readout = Readout::new(CHANNELS, SIDE, SIDE, correspondence.sigma);
                let mut state = vec![0.0; readout.state_len()];
                let mut maps = Vec::new();
                each_pair(evaluator, &inversion, &labels, coarse.clusters, correspondence, |mask, minus, plus| {
                    let (mut map, layout) = (vec![0.0; PIXELS], Layout::planar(CHANNELS, SIDE, SIDE));
                    readout.push_rows_to_map(&mut Progress::new(mask), &mut map, minus, plus, &layout, &mut state)?;
                    maps.push(map);
                    Ok(())
                })?;
                Ok(maps)
            },
        )?;
        Ok(Maps(maps.into_iter().next().context("there is no image")?))
    }

    /// The mask with the largest value of each pixel, the first of several.
    #[cfg(test)]
    pub fn labels(&self) -> Vec<u8> {
        let label = |pixel: usize| {
            let best = |best: usize, mask: usize| if self.0[mask][pixel] > self.0[best][pixel] { mask } else { best };
            (0..self.0.len()).fold(0, best) as u8
        };
        (0..PIXELS).map(label).collect()
    }

    /// What has the brightest colour, in all maps alike: the arg-max compares them as they are.
    fn bright(&self) -> f32 {
        let mut values = self.0.concat();
        values.sort_by(f32::total_cmp);
        let place = ((values.len() - 1) as f64 * BRIGHT) as usize;
        values[place].max(f32::MIN_POSITIVE)
    }
}

/// Draws the cells of each mask on the image, and under them its map.
pub fn draw(case: &Case, cut: &Cut, maps: &Maps) -> Result<Vec<u8>> {
    let masks = maps.0.len();
    let rows = masks.div_ceil(ROW);
    let columns = masks.min(ROW) + 1;
    let block = 2.0 * PITCH + CAPTION;
    let width = 2.0 * LEFT + columns as f64 * PITCH - (PITCH - TILE);
    let colours = Colours::new(cut, masks, case.truth.as_deref())?;
    let image = image::colours(&case.image);
    let bright = f64::from(maps.bright());
    picture(width, TOP + rows as f64 * block, |canvas| {
        let heading =
            "A coarse mask is pushed down and up inside the network (top): how far the two images are apart (bottom)";
        canvas.heading(heading, (LEFT, 18.0), 15.0, Anchor::Left)?;
        let corner = |column: usize, row: usize, line: usize| {
            (LEFT + column as f64 * PITCH, TOP + row as f64 * block + line as f64 * PITCH)
        };
        let name = |text: &str, column: usize, row: usize| {
            let (x, y) = corner(column, row, 0);
            canvas.text(text, (x + 0.5 * TILE, y - 12.0), TEXT, Anchor::Centre)
        };
        for (mask, map) in maps.0.iter().enumerate() {
            let (row, column) = (mask / ROW, mask % ROW + 1);
            name(&format!("mask {mask}"), column, row)?;
            let of_cell =
                |pixel: usize| usize::from(cut.coarse[pixel / SIDE * GRID / SIDE * GRID + pixel % SIDE * GRID / SIDE]);
            let inside: Vec<u8> = (0..PIXELS).map(|pixel| u8::from(of_cell(pixel) == mask)).collect();
            let lit = |pixel: usize| match inside[pixel] {
                0 => mixed(grey(image[pixel]), RGBColor(255, 255, 255), 0.65),
                _ => mixed(image[pixel], colours.clusters[mask], 0.25),
            };
            canvas.image(&(0..PIXELS).map(lit).collect::<Vec<_>>(), SIDE, corner(column, row, 0), ZOOM)?;
            canvas.borders(&inside, SIDE, corner(column, row, 0), ZOOM, 1.0, INK)?;
            let heated: Vec<RGBColor> = map.iter().map(|&value| heat(f64::from(value) / bright)).collect();
            canvas.image(&heated, SIDE, corner(column, row, 1), ZOOM)?;
        }
        name("image, and masks", 0, 0)?;
        canvas.image(&image, SIDE, corner(0, 0, 0), ZOOM)?;
        let labels = &cut.fine[Method::EmerDiff as usize];
        let flat: Vec<RGBColor> = labels.iter().map(|&label| colours.clusters[usize::from(label)]).collect();
        canvas.image(&flat, SIDE, corner(0, 0, 1), ZOOM)?;
        canvas.borders(labels, SIDE, corner(0, 0, 1), ZOOM, 1.0, INK)
    })
}
