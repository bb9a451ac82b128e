//! A frame with two scales, and curves within it.

use crate::canvas::{Anchor, Canvas, FAINT, INK, Look, Point};
use anyhow::Result;

/// The size of the numbers at an axis.
const NUMBERS: f64 = 11.0;
/// The size of what an axis is called.
const NAME: f64 = 12.0;
/// Numbers that would stand closer than that are left out.
const CROWDED: f64 = 24.0;

/// Values along an axis.
#[derive(Clone, Copy, Debug)]
pub struct Scale {
    /// The value at the left or at the bottom.
    pub start: f64,
    /// The value at the right or at the top; it may be the lesser one.
    pub end: f64,
    /// Equal distances are equal ratios.
    pub logarithmic: bool,
}

impl Scale {
    /// A logarithmic scale around all positive values, with a margin.
    pub fn around(values: impl Iterator<Item = f64>, margin: f64) -> Scale {
        let positive = values.filter(|value| *value > 0.0);
        let (low, high) =
            positive.fold((f64::INFINITY, 0.0f64), |(low, high), value| (low.min(value), high.max(value)));
        // No positive value at all: any scale will do.
        let (low, high) = if low <= high { (low, high) } else { (1.0, 1.0) };
        Scale { start: low / margin, end: high * margin, logarithmic: true }
    }

    /// A linear scale around all values, with a margin as a share of their range.
    pub fn linear_around(values: impl Iterator<Item = f64>, margin: f64) -> Scale {
        let (low, high) = values
            .filter(|value| value.is_finite())
            .fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), value| (low.min(value), high.max(value)));
        let (low, high) = match low.partial_cmp(&high) {
            Some(std::cmp::Ordering::Less) => (low, high),
            Some(std::cmp::Ordering::Equal) => (low - 0.5, high + 0.5),
            // No value at all: any scale will do.
            _ => (0.0, 1.0),
        };
        let margin = margin * (high - low);
        Scale { start: low - margin, end: high + margin, logarithmic: false }
    }

    /// Multiples of the finest of 1, 2 and 5 times a power of ten that gives at most `most` of them.
    pub fn multiples(self, most: usize) -> Vec<f64> {
        let (low, high) = (self.start.min(self.end), self.start.max(self.end));
        let decade = 10f64.powf(((high - low) / most as f64).log10().floor());
        let inside = |step: f64| (low / step).ceil() as i64..=(high / step).floor() as i64;
        let steps = [1.0, 2.0, 5.0, 10.0, 20.0].map(|factor| factor * decade);
        let step = steps.into_iter().find(|&step| inside(step).count() <= most).unwrap_or(high - low);
        inside(step).map(|count| count as f64 * step).collect()
    }

    /// Where a value stands: 0 at the start, 1 at the end. What lies outside is put at the nearer one.
    fn position(self, value: f64) -> f64 {
        let map = |value: f64| if self.logarithmic { value.max(f64::MIN_POSITIVE).ln() } else { value };
        ((map(value) - map(self.start)) / (map(self.end) - map(self.start))).clamp(0.0, 1.0)
    }

    /// Round values on the scale, the fewer to a power of ten the more of those there are.
    pub fn round_values(self) -> Vec<f64> {
        let (low, high) = (self.start.min(self.end), self.start.max(self.end));
        let decades = low.log10().floor() as i32..=high.log10().ceil() as i32;
        let factors: &[f64] = match (high / low).log10() {
            wide if wide > 2.2 => &[1.0],
            wide if wide > 0.8 => &[1.0, 2.0, 5.0],
            _ => &[1.0, 1.5, 2.0, 3.0, 4.0, 5.0, 6.0, 8.0],
        };
        let all = decades.flat_map(|decade| factors.iter().map(move |factor| factor * 10f64.powi(decade)));
        all.filter(|value| (low..=high).contains(value)).collect()
    }
}

/// The frame of a diagram.
#[derive(Clone, Copy, Debug)]
pub struct Axes {
    /// The upper left corner.
    pub from: Point,
    /// The lower right corner.
    pub to: Point,
    /// The horizontal scale.
    pub x: Scale,
    /// The vertical scale.
    pub y: Scale,
}

impl Axes {
    /// The place of a pair of values.
    pub fn place(&self, x: f64, y: f64) -> Point {
        let ((left, top), (right, bottom)) = (self.from, self.to);
        (left + (right - left) * self.x.position(x), bottom - (bottom - top) * self.y.position(y))
    }

    /// Draws the frame, with guide lines at the values.
    pub fn frame(&self, canvas: &Canvas, x: &[f64], y: &[f64]) -> Result<()> {
        let ((left, top), (right, bottom)) = (self.from, self.to);
        for &value in x {
            let (x, _) = self.place(value, self.y.start);
            canvas.line(&[(x, top), (x, bottom)], 1.0, FAINT)?;
        }
        for &value in y {
            let (_, y) = self.place(self.x.start, value);
            canvas.line(&[(left, y), (right, y)], 1.0, FAINT)?;
        }
        canvas.line(&[(left, top), (left, bottom), (right, bottom)], 1.0, INK)
    }

    /// Writes numbers and name below the frame.
    pub fn label_x(&self, canvas: &Canvas, values: &[f64], name: &str) -> Result<()> {
        let ((left, _), (right, bottom)) = (self.from, self.to);
        let mut previous = f64::NEG_INFINITY;
        for &value in values {
            let (x, _) = self.place(value, self.y.start);
            if (x - previous).abs() >= CROWDED {
                canvas.text(&number(value), (x, bottom + 11.0), NUMBERS, Anchor::Centre)?;
                previous = x;
            }
        }
        canvas.text(name, (0.5 * (left + right), bottom + 29.0), NAME, Anchor::Centre)
    }

    /// Writes numbers and name to the left of the frame.
    pub fn label_y(&self, canvas: &Canvas, values: &[f64], name: &str) -> Result<()> {
        let ((left, top), (_, bottom)) = (self.from, self.to);
        for &value in values {
            let (_, y) = self.place(self.x.start, value);
            canvas.text(&number(value), (left - 6.0, y), NUMBERS, Anchor::Right)?;
        }
        canvas.upward_text(name, (left - 48.0, 0.5 * (top + bottom)), NAME)
    }

    /// Draws a curve through (x, y, error of y), with a mark and an error bar at each point.
    pub fn curve(&self, canvas: &Canvas, points: &[(f64, f64, f64)], look: Look) -> Result<()> {
        let places: Vec<Point> = points.iter().map(|&(x, y, _)| self.place(x, y)).collect();
        canvas.line(&places, 1.5, look.colour())?;
        for (&place, &(x, y, error)) in places.iter().zip(points) {
            if error > 0.0 {
                canvas.line(&[self.place(x, y - error), self.place(x, y + error)], 1.0, look.colour())?;
            }
            look.mark(canvas, place)?;
        }
        Ok(())
    }

    /// Draws a dashed line at a height, with a name below its left end.
    pub fn level(&self, canvas: &Canvas, y: f64, name: &str) -> Result<()> {
        let (left, height) = self.place(self.x.start, y);
        let (right, _) = self.to;
        canvas.dashed_line((left, height), right, 1.5, INK)?;
        canvas.text(name, (left + 6.0, height + 10.0), NUMBERS, Anchor::Left)
    }
}

/// A round value without the digits that arithmetic in binary leaves behind it.
fn number(value: f64) -> String {
    format!("{:.6}", value).trim_end_matches('0').trim_end_matches('.').to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scales_map_ends_and_middle() {
        let scale = Scale { start: 100.0, end: 0.01, logarithmic: true };
        let positions = [100.0, 1.0, 0.01, 1e-9, 1e9].map(|value| scale.position(value));
        assert!(positions.iter().zip([0.0, 0.5, 1.0, 1.0, 0.0]).all(|(a, b)| (a - b).abs() < 1e-12), "{positions:?}");
        assert_eq!(Scale { start: 2.0, end: 4.0, logarithmic: false }.position(3.0), 0.5);
        assert_eq!(scale.position(-1.0), 1.0);
    }

    #[test]
    fn round_values_lie_on_the_scale() {
        let values = Scale::around([0.012, -3.0, 0.3].into_iter(), 1.0).round_values();
        let expected = [0.02, 0.05, 0.1, 0.2];
        assert!(values.len() == 4 && values.iter().zip(expected).all(|(a, b)| (a / b - 1.0).abs() < 1e-12));
        let values = Scale { start: 80.0, end: 0.02, logarithmic: true }.round_values();
        assert!(values.len() == 3 && values.iter().zip([0.1, 1.0, 10.0]).all(|(a, b)| (a / b - 1.0).abs() < 1e-12));
        assert!(Scale::around([-1.0].into_iter(), 2.0).position(1.0) == 0.5);
    }

    #[test]
    fn multiples_are_few_and_round() {
        let of = |values: [f64; 2]| Scale::linear_around(values.into_iter(), 0.0).multiples(5);
        let close = |values: Vec<f64>, expected: &[f64]| {
            values.len() == expected.len() && values.iter().zip(expected).all(|(a, b)| (a - b).abs() < 1e-12)
        };
        assert!(close(of([0.41, 0.83]), &[0.5, 0.6, 0.7, 0.8]), "{:?}", of([0.41, 0.83]));
        assert!(close(of([-0.3, 0.3]), &[-0.2, -0.1, 0.0, 0.1, 0.2]), "{:?}", of([-0.3, 0.3]));
        assert!(close(of([3.0, 3.0]), &[2.6, 2.8, 3.0, 3.2, 3.4]), "{:?}", of([3.0, 3.0]));
        assert_eq!(Scale::linear_around([f64::NAN].into_iter(), 0.0).end, 1.0);
    }
}
