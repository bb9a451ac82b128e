//! Images of digits as dark ink on white paper.

use crate::data::SIDE;
use anyhow::Result;
use ndarray::ArrayView2;
use plotters::style::RGBColor;
use quell_examples::canvas::{Canvas, Point};

/// A pixel of an image, in pixels of the picture.
const ZOOM: f64 = 4.0;
/// From one image to the next.
const PITCH: f64 = SIDE as f64 * ZOOM + 3.0;

/// Images in a row of a block.
pub const COLUMNS: usize = 4;
/// Rows of a block.
pub const ROWS: usize = 2;
/// The size of a block of images, margins excluded.
pub const BLOCK: Point = (COLUMNS as f64 * PITCH, ROWS as f64 * PITCH);

/// Draws as many images as a block holds, with its upper left corner at `from`.
pub fn block(canvas: &Canvas, images: ArrayView2<f32>, (left, top): Point) -> Result<()> {
    for (i, image) in images.rows().into_iter().take(COLUMNS * ROWS).enumerate() {
        let corner = (left + (i % COLUMNS) as f64 * PITCH, top + (i / COLUMNS) as f64 * PITCH);
        for (pixel, &value) in image.iter().enumerate() {
            let x = corner.0 + (pixel % SIDE) as f64 * ZOOM;
            let y = corner.1 + (pixel / SIDE) as f64 * ZOOM;
            canvas.rectangle((x, y), (x + ZOOM, y + ZOOM), ink(value))?;
        }
    }
    Ok(())
}

/// White where there is none (−1), black where there is most (1); values beyond are cut off.
fn ink(value: f32) -> RGBColor {
    // Off white, so that the paper of an image can be told from that of the page.
    const PAPER: f32 = 244.0;
    let grey = (PAPER * 0.5 * (1.0 - value.clamp(-1.0, 1.0))) as u8;
    RGBColor(grey, grey, grey)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn more_ink_is_darker() {
        let greys = [-2.0, -1.0, 0.0, 1.0, 2.0].map(|value| ink(value).0);
        assert_eq!(greys, [244, 244, 122, 0, 0]);
    }
}
