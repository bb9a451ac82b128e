//! The read-out as its documentation states it, whole maps and one element at a time: slow, obvious, and equal bit for
//! bit. Only the kernel is the library's, which has tests of its own.

use crate::naive::Element;
use quell::Scalar;
use quell::correspondence::blur::{Boundary, Gaussian, fill_kernel};
use quell::correspondence::difference::Norm;
use quell::correspondence::image::Layout;
use quell::correspondence::readout::{Filtered, Readout};

/// An element of an image, by conversions that are not the library's own.
pub trait Colour: quell::correspondence::image::Pixel {
    /// Its value in the type that is computed in.
    fn value(self) -> Self::Acc;
    /// The nearest element to a number.
    fn of(value: f64) -> Self;
}

impl Colour for u8 {
    fn value(self) -> f32 {
        f32::from(self)
    }
    fn of(value: f64) -> u8 {
        value as u8
    }
}

impl<X: Element> Colour for X {
    fn value(self) -> X::Acc {
        X::Acc::from_f64(self.widen())
    }
    fn of(value: f64) -> X {
        X::narrow(X::round(value))
    }
}

/// What stands at a place beyond the edge of a line, found by going there one reflection or turn at a time.
fn beyond(boundary: Boundary, mut place: isize, length: usize) -> Option<usize> {
    let last = length as isize - 1;
    while place < 0 || place > last {
        place = match boundary {
            Boundary::Reflect if place < 0 => -1 - place,
            Boundary::Reflect => 2 * last + 1 - place,
            Boundary::Mirror if last == 0 => 0,
            Boundary::Mirror if place < 0 => -place,
            Boundary::Mirror => 2 * last - place,
            Boundary::Nearest => place.clamp(0, last),
            Boundary::Wrap if place < 0 => place + length as isize,
            Boundary::Wrap => place - length as isize,
            _ => return None,
        };
    }
    Some(place as usize)
}

/// Centre first, then pairs from the outermost inwards.
fn filter_line<T: Scalar>(line: &[T], sigma: f64, radius: usize, boundary: Boundary) -> Vec<T> {
    let radius = if sigma == 0.0 { 0 } else { radius as isize };
    let mut kernel = vec![T::ZERO; radius as usize + 1];
    fill_kernel(&mut kernel, sigma).expect("a deviation");
    let at = |place: isize| beyond(boundary, place, line.len()).map_or(T::ZERO, |place| line[place]);
    let filtered = |x: isize| {
        let mut sum = kernel[0] * at(x);
        for j in (1..=radius).rev() {
            sum = sum + kernel[j as usize] * (at(x - j) + at(x + j));
        }
        sum
    };
    (0..line.len() as isize).map(filtered).collect()
}

/// A map filtered along its rows, then along its columns.
pub fn filter<T: Scalar>(map: &[T], height: usize, width: usize, filter: &Gaussian) -> Vec<T> {
    if map.is_empty() {
        return Vec::new();
    }
    let rows: Vec<T> =
        map.chunks(width).flat_map(|row| filter_line(row, filter.sigma_x, filter.radius_x, filter.boundary)).collect();
    let mut out = vec![T::ZERO; map.len()];
    for x in 0..width {
        let column: Vec<T> = rows.iter().skip(x).step_by(width).copied().collect();
        let column = filter_line(&column, filter.sigma_y, filter.radius_y, filter.boundary);
        for (y, value) in column.into_iter().enumerate().take(height) {
            out[y * width + x] = value;
        }
    }
    out
}

/// The norm of a pixel's differences.
fn norm<T: Scalar>(norm: Norm, differences: &[T]) -> T {
    let sum = |term: &dyn Fn(T) -> T| differences.iter().fold(T::ZERO, |sum, &d| sum + term(d));
    match norm {
        // A root in double precision, rounded to single, is the root rounded to single.
        Norm::Euclidean => T::from_f64(sum(&|d| d * d).to_f64().sqrt()),
        Norm::MeanAbsolute => sum(&|d| d.abs()) / T::from_f64(differences.len() as f64),
        _ => differences.iter().fold(T::ZERO, |max, &d| {
            let not_a_number = d.to_f64().is_nan();
            if d.abs() > max || not_a_number { d.abs() } else { max }
        }),
    }
}

/// The map of one mask.
pub fn map<P: Colour>(readout: &Readout, minus: &[P], plus: &[P], layout: &Layout) -> Vec<P::Acc> {
    let pixels = || (0..readout.height).flat_map(|y| (0..readout.width).map(move |x| (y, x)));
    let difference = |c: usize, y: usize, x: usize| {
        let at = c * layout.channel_stride + y * layout.row_stride + x * layout.column_stride;
        minus[at].value() - plus[at].value()
    };
    let mut planes: Vec<Vec<P::Acc>> =
        (0..readout.channels).map(|c| pixels().map(|(y, x)| difference(c, y, x)).collect()).collect();
    let filtered = |plane: &Vec<P::Acc>| filter(plane, readout.height, readout.width, &readout.filter);
    if readout.filtered == Filtered::Images {
        planes = planes.iter().map(filtered).collect();
    }
    let pixel = |i: usize| norm(readout.norm, &planes.iter().map(|plane| plane[i]).collect::<Vec<_>>());
    let map = (0..readout.height * readout.width).map(pixel).collect();
    if readout.filtered == Filtered::Images { map } else { filtered(&map) }
}

/// What a fold of whole maps holds: the largest value, its label, and the second largest.
pub fn fold<T: Scalar>(pixels: usize, maps: &[(usize, Vec<T>)]) -> (Vec<T>, Vec<u8>, Vec<T>) {
    let nothing = T::from_f64(f64::NEG_INFINITY);
    let mut sorted: Vec<&(usize, Vec<T>)> = maps.iter().collect();
    sorted.sort_by_key(|(label, _)| *label);
    let (mut best, mut labels, mut second) = (vec![nothing; pixels], vec![0; pixels], vec![nothing; pixels]);
    for i in 0..pixels {
        // In the order of labels a later one must be greater.
        for (label, map) in &sorted {
            let value = map[i] + T::ZERO;
            if value > best[i] {
                (second[i], best[i], labels[i]) = (best[i], value, *label as u8);
            } else if value > second[i] {
                second[i] = value;
            }
        }
    }
    (best, labels, second)
}
