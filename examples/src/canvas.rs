//! What all pictures are drawn with: text, lines and areas in the pixels of the finished picture, and the colours.

use anyhow::{Result, anyhow};
use plotters::coord::Shift;
use plotters::prelude::*;
use plotters::style::text_anchor::{HPos, Pos, VPos};
use plotters::style::{FontStyle, FontTransform, register_font};

/// A place in the picture: from the left, from the top.
pub type Point = (f64, f64);

/// Text and axes.
pub const INK: RGBColor = RGBColor(40, 40, 40);
/// Lines that only guide the eye.
pub const FAINT: RGBColor = RGBColor(224, 224, 224);

/// Pictures are drawn larger by this factor and averaged down, which smooths every edge.
const SCALE: usize = 3;

/// The share of a hollow mark that is white.
const HOLLOW: f64 = 0.6;

const FONT: &str = "sans-serif";
const CHANNELS: usize = 3;

/// Loads the font, which is a part of the program, so that pictures look the same everywhere.
pub fn load_font() -> Result<()> {
    let fonts = [(FontStyle::Normal, dejavu::sans::regular()), (FontStyle::Bold, dejavu::sans::bold())];
    for (style, bytes) in fonts {
        register_font(FONT, style, bytes).map_err(|_| anyhow!("the embedded font cannot be read"))?;
    }
    Ok(())
}

/// A picture that is being drawn.
pub struct Canvas<'a> {
    area: DrawingArea<BitMapBackend<'a>, Shift>,
}

impl std::fmt::Debug for Canvas<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Canvas").field("size", &self.area.dim_in_pixel()).finish_non_exhaustive()
    }
}

/// Which point of a text is put at its place.
#[derive(Clone, Copy, Debug)]
pub enum Anchor {
    /// The middle of its left side.
    Left,
    /// Its middle.
    Centre,
    /// The middle of its right side.
    Right,
}

/// Paints a white picture and returns it as a PNG file.
pub fn picture(width: f64, height: f64, paint: impl FnOnce(&Canvas) -> Result<()>) -> Result<Vec<u8>> {
    let (width, height) = (width.ceil() as usize, height.ceil() as usize);
    let mut large = vec![255; width * height * SCALE * SCALE * CHANNELS];
    {
        let size = ((width * SCALE) as u32, (height * SCALE) as u32);
        let area = BitMapBackend::with_buffer(&mut large, size).into_drawing_area();
        paint(&Canvas { area })?;
    }
    let small = averaged_down(&large, width);
    let mut file = Vec::new();
    let mut encoder = png::Encoder::new(&mut file, width as u32, height as u32);
    encoder.set_color(png::ColorType::Rgb);
    encoder.set_depth(png::BitDepth::Eight);
    encoder.set_compression(png::Compression::High);
    encoder.write_header()?.write_image_data(&small)?;
    Ok(file)
}

/// Replaces each square of SCALE × SCALE pixels by its mean; `width` is that of the result.
fn averaged_down(large: &[u8], width: usize) -> Vec<u8> {
    let row = width * SCALE * CHANNELS;
    let mut small = Vec::with_capacity(large.len() / (SCALE * SCALE));
    for rows in large.chunks_exact(row * SCALE) {
        for x in 0..width {
            for channel in 0..CHANNELS {
                let at = |i: usize| (i / SCALE) * row + (x * SCALE + i % SCALE) * CHANNELS + channel;
                let sum: usize = (0..SCALE * SCALE).map(|i| rows[at(i)] as usize).sum();
                small.push((sum / (SCALE * SCALE)) as u8);
            }
        }
    }
    small
}

fn scaled((x, y): Point) -> (i32, i32) {
    let scale = |length: f64| (length * SCALE as f64).round() as i32;
    (scale(x), scale(y))
}

impl Canvas<'_> {
    /// Writes a line of text.
    pub fn text(&self, text: &str, at: Point, size: f64, anchor: Anchor) -> Result<()> {
        self.styled_text(text, at, size, anchor, FontStyle::Normal, FontTransform::None)
    }

    /// Writes a line of bold text.
    pub fn heading(&self, text: &str, at: Point, size: f64, anchor: Anchor) -> Result<()> {
        self.styled_text(text, at, size, anchor, FontStyle::Bold, FontTransform::None)
    }

    /// Writes a line of text that runs upwards.
    pub fn upward_text(&self, text: &str, at: Point, size: f64) -> Result<()> {
        self.styled_text(text, at, size, Anchor::Centre, FontStyle::Normal, FontTransform::Rotate270)
    }

    fn styled_text(
        &self,
        text: &str,
        at: Point,
        size: f64,
        anchor: Anchor,
        style: FontStyle,
        transform: FontTransform,
    ) -> Result<()> {
        let horizontal = match anchor {
            Anchor::Left => HPos::Left,
            Anchor::Centre => HPos::Center,
            Anchor::Right => HPos::Right,
        };
        let font = FontDesc::new(FontFamily::Name(FONT), size * SCALE as f64, style).transform(transform);
        let style = TextStyle::from(font).color(&INK).pos(Pos::new(horizontal, VPos::Center));
        self.area.draw_text(text, &style, scaled(at)).map_err(drawing_error)
    }

    /// Draws a line through points.
    pub fn line(&self, points: &[Point], width: f64, colour: RGBColor) -> Result<()> {
        let points: Vec<_> = points.iter().copied().map(scaled).collect();
        let style = colour.stroke_width((width * SCALE as f64).round() as u32);
        self.area.draw(&PathElement::new(points, style)).map_err(drawing_error)
    }

    /// Draws a level line in dashes.
    pub fn dashed_line(&self, (left, y): Point, right: f64, width: f64, colour: RGBColor) -> Result<()> {
        const DASH: f64 = 5.0;
        let mut x = left;
        while x < right {
            self.line(&[(x, y), ((x + DASH).min(right), y)], width, colour)?;
            x += 1.7 * DASH;
        }
        Ok(())
    }

    /// Fills a polygon.
    pub fn polygon(&self, points: &[Point], colour: RGBColor) -> Result<()> {
        let points: Vec<_> = points.iter().copied().map(scaled).collect();
        self.area.draw(&Polygon::new(points, colour.filled())).map_err(drawing_error)
    }

    /// Fills a rectangle; neighbours that share a side neither overlap nor leave a gap.
    pub fn rectangle(&self, (left, top): Point, (right, bottom): Point, colour: RGBColor) -> Result<()> {
        // The backend leaves the last row and column of a filled rectangle out.
        let corners = [scaled((left, top)), scaled((right, bottom))];
        self.area.draw(&Rectangle::new(corners, colour.filled())).map_err(drawing_error)
    }

    /// Draws an image of `width` pixels a row, its upper left corner at `from`, each pixel a square of side `zoom`.
    pub fn image(&self, pixels: &[RGBColor], width: usize, (left, top): Point, zoom: f64) -> Result<()> {
        for (y, row) in pixels.chunks(width).enumerate() {
            let y = top + y as f64 * zoom;
            let mut start = 0;
            // Equal neighbours are one rectangle.
            for run in row.chunk_by(|a, b| a == b) {
                let end = start + run.len();
                let x = |column: usize| left + column as f64 * zoom;
                self.rectangle((x(start), y), (x(end), y + zoom), run[0])?;
                start = end;
            }
        }
        Ok(())
    }

    /// Draws the borders between the labels of an image of `width` pixels a row, as lines along the pixels' edges.
    pub fn borders(
        &self,
        labels: &[u8],
        width: usize,
        (left, top): Point,
        zoom: f64,
        line: f64,
        colour: RGBColor,
    ) -> Result<()> {
        let half = 0.5 * line;
        for (pixel, label) in labels.iter().enumerate() {
            let (column, row) = (pixel % width, pixel / width);
            let (x, y) = (left + column as f64 * zoom, top + row as f64 * zoom);
            if column > 0 && labels[pixel - 1] != *label {
                self.rectangle((x - half, y - half), (x + half, y + zoom + half), colour)?;
            }
            if row > 0 && labels[pixel - width] != *label {
                self.rectangle((x - half, y - half), (x + zoom + half, y + half), colour)?;
            }
        }
        Ok(())
    }
}

fn drawing_error(error: impl std::fmt::Display) -> anyhow::Error {
    anyhow!("a picture cannot be drawn: {error}")
}

/// How a curve looks: colour and mark both tell it from the others, so that it can be found in grey too. From the seventh
/// on the marks are hollow.
#[derive(Clone, Copy, Debug)]
pub struct Look(pub usize);

impl Look {
    /// Of the colours of Okabe and Ito, which people with any kind of colour vision tell apart, those that are dark
    /// enough for a line on white.
    const COLOURS: [RGBColor; 6] = [
        RGBColor(0, 0, 0),
        RGBColor(230, 159, 0),
        RGBColor(0, 114, 178),
        RGBColor(213, 94, 0),
        RGBColor(86, 180, 233),
        RGBColor(0, 158, 115),
    ];

    /// The colour of line and mark.
    pub fn colour(self) -> RGBColor {
        Look::COLOURS[self.0 % Look::COLOURS.len()]
    }

    /// Draws the mark around a point.
    pub fn mark(self, canvas: &Canvas, (x, y): Point) -> Result<()> {
        // Corners by angle in turns, and distance from the middle: all marks cover about the same area.
        let star = |corners: usize, turn: f64, radius: f64, inner: f64| -> Vec<Point> {
            let corner = |i: usize| {
                let angle = (turn + i as f64 / corners as f64) * std::f64::consts::TAU;
                let length = [radius, inner][i % 2];
                (x + length * angle.cos(), y + length * angle.sin())
            };
            (0..corners).map(corner).collect()
        };
        let outline = match self.0 % Look::COLOURS.len() {
            0 => star(24, 0.0, 3.8, 3.8),
            1 => star(4, 0.125, 4.8, 4.8),
            2 => star(3, -0.25, 5.6, 5.6),
            3 => star(4, 0.0, 5.2, 5.2),
            4 => star(3, 0.25, 5.6, 5.6),
            _ => star(10, -0.25, 6.0, 2.6),
        };
        canvas.polygon(&outline, self.colour())?;
        if self.0 >= Look::COLOURS.len() {
            let towards_middle = |&(a, b): &Point| (x + HOLLOW * (a - x), y + HOLLOW * (b - y));
            canvas.polygon(&outline.iter().map(towards_middle).collect::<Vec<_>>(), WHITE)?;
        }
        Ok(())
    }

    /// Draws line and mark with a name behind them.
    pub fn legend(self, canvas: &Canvas, name: &str, (x, y): Point, size: f64) -> Result<()> {
        canvas.line(&[(x, y), (x + 26.0, y)], 1.5, self.colour())?;
        self.mark(canvas, (x + 13.0, y))?;
        canvas.text(name, (x + 32.0, y), size, Anchor::Left)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn decoded(file: &[u8]) -> (u32, u32, Vec<u8>) {
        let mut reader = png::Decoder::new(std::io::Cursor::new(file)).read_info().unwrap();
        let mut pixels = vec![0; reader.output_buffer_size().unwrap()];
        let info = reader.next_frame(&mut pixels).unwrap();
        (info.width, info.height, pixels)
    }

    #[test]
    fn rectangles_cover_exactly_their_pixels() {
        let red = RGBColor(255, 0, 0);
        let file = picture(4.0, 2.0, |canvas| canvas.rectangle((1.0, 0.0), (3.0, 1.0), red)).unwrap();
        let (width, height, pixels) = decoded(&file);
        assert_eq!((width, height), (4, 2));
        let (white, red) = ([255; 3], [255, 0, 0]);
        assert_eq!(pixels, [white, red, red, white, white, white, white, white].concat());
    }

    #[test]
    fn images_are_enlarged_and_borders_lie_between_their_pixels() {
        let (red, blue) = (RGBColor(255, 0, 0), RGBColor(0, 0, 255));
        let file = picture(4.0, 2.0, |canvas| canvas.image(&[red, blue], 2, (0.0, 0.0), 2.0)).unwrap();
        let row = [[255, 0, 0], [255, 0, 0], [0, 0, 255], [0, 0, 255]].concat();
        assert_eq!(decoded(&file).2, [&row[..], &row].concat());
        let file = picture(6.0, 3.0, |canvas| canvas.borders(&[1, 2], 2, (0.0, 0.0), 3.0, 2.0, BLACK)).unwrap();
        let row = [[255; 3], [255; 3], [0; 3], [0; 3], [255; 3], [255; 3]].concat();
        assert_eq!(decoded(&file).2, row.repeat(3));
    }

    #[test]
    fn a_third_of_a_pixel_is_a_third_as_dark() {
        let file = picture(1.0, 1.0, |canvas| canvas.rectangle((0.0, 0.0), (1.0 / 3.0, 1.0), BLACK)).unwrap();
        assert_eq!(decoded(&file).2, [170; 3]);
    }

    #[test]
    fn text_leaves_ink() {
        load_font().unwrap();
        let file = picture(60.0, 20.0, |canvas| canvas.text("σ = 2", (30.0, 10.0), 12.0, Anchor::Centre)).unwrap();
        assert!(decoded(&file).2.iter().filter(|&&value| value < 100).count() > 20);
    }
}
