//! A minimum of a smooth function of a few numbers, from values alone.

/// The step of central differences: their error of third order, and what the values' own noise of 1e-11 makes of it, are
/// both far below a relative 1e-6 in the minimum.
const DIFFERENCE: f64 = 2e-4;

/// More iterations than any start here has needed.
const ITERATIONS: usize = 200;

/// Where a function is smallest, and its value there.
#[derive(Clone, Debug)]
pub struct Minimum {
    /// The point.
    pub point: Vec<f64>,
    /// The value at the point.
    pub value: f64,
}

/// Descends from `start` by the method of Broyden, Fletcher, Goldfarb and Shanno with central differences and
/// backtracking (Nocedal and Wright 2006, sections 3.1, 6.1 and 8.1), until a step gains less than the share `progress`
/// of the value.
pub fn descend(f: &mut dyn FnMut(&[f64]) -> f64, start: &[f64], progress: f64) -> Minimum {
    let n = start.len();
    let mut at = Minimum { point: start.to_vec(), value: f(start) };
    let mut gradient = differences(f, &at.point);
    let mut inverse = identity(n);
    let mut is_fresh = true;
    for _ in 0..ITERATIONS {
        let direction: Vec<f64> = inverse.iter().map(|row| -dot(row, &gradient)).collect();
        let found = backtrack(f, &at, &direction, dot(&direction, &gradient));
        let gains = found.as_ref().is_some_and(|next| next.value < at.value - progress * at.value.abs());
        if !gains && is_fresh {
            return found.unwrap_or(at);
        }
        let Some(next) = found.filter(|_| gains) else {
            // Steepest descent once more before giving up: the curvature that was learnt may mislead.
            (inverse, is_fresh) = (identity(n), true);
            continue;
        };
        let next_gradient = differences(f, &next.point);
        let step: Vec<f64> = next.point.iter().zip(&at.point).map(|(a, b)| a - b).collect();
        let change: Vec<f64> = next_gradient.iter().zip(&gradient).map(|(a, b)| a - b).collect();
        is_fresh = !update(&mut inverse, &step, &change, is_fresh);
        (at, gradient) = (next, next_gradient);
    }
    at
}

fn identity(n: usize) -> Vec<Vec<f64>> {
    (0..n).map(|i| (0..n).map(|j| if i == j { 1.0 } else { 0.0 }).collect()).collect()
}

fn dot(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}

fn differences(f: &mut dyn FnMut(&[f64]) -> f64, point: &[f64]) -> Vec<f64> {
    let mut probe = point.to_vec();
    let mut at = |k: usize, value: f64| {
        let old = std::mem::replace(&mut probe[k], value);
        let result = f(&probe);
        probe[k] = old;
        result
    };
    (0..point.len())
        .map(|k| (at(k, point[k] + DIFFERENCE) - at(k, point[k] - DIFFERENCE)) / (2.0 * DIFFERENCE))
        .collect()
}

/// The first of the steps 1, ½, ¼, ... that lowers the value enough; none where the direction does not lead down.
fn backtrack(f: &mut dyn FnMut(&[f64]) -> f64, at: &Minimum, direction: &[f64], descent: f64) -> Option<Minimum> {
    if descent.is_nan() || descent >= 0.0 {
        return None;
    }
    // No coordinate moves by more than 1 at once: levels would collapse where the function says nothing.
    let longest = direction.iter().fold(0.0, |longest: f64, d| longest.max(d.abs()));
    let mut length = (1.0 / longest).min(1.0);
    for _ in 0..40 {
        let point: Vec<f64> = at.point.iter().zip(direction).map(|(x, d)| x + length * d).collect();
        let value = f(&point);
        if value <= at.value + 1e-4 * length * descent {
            return Some(Minimum { point, value });
        }
        length *= 0.5;
    }
    None
}

/// Learns the curvature along a step; false, and nothing learnt, where it is not positive.
fn update(inverse: &mut Vec<Vec<f64>>, step: &[f64], change: &[f64], is_fresh: bool) -> bool {
    let along = dot(step, change);
    if along <= 1e-12 * dot(step, step).sqrt() * dot(change, change).sqrt() {
        *inverse = identity(step.len());
        return false;
    }
    if is_fresh {
        let scale = along / dot(change, change);
        inverse.iter_mut().flatten().for_each(|entry| *entry *= scale);
    }
    let product: Vec<f64> = inverse.iter().map(|row| dot(row, change)).collect();
    let factor = (1.0 + dot(change, &product) / along) / along;
    for (i, row) in inverse.iter_mut().enumerate() {
        for (j, entry) in row.iter_mut().enumerate() {
            *entry += factor * step[i] * step[j] - (product[i] * step[j] + step[i] * product[j]) / along;
        }
    }
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Rosenbrock's valley, from its customary start.
    #[test]
    fn a_curved_valley_is_followed_to_its_end() {
        let mut valley = |x: &[f64]| 1.0 + 100.0 * (x[1] - x[0] * x[0]).powi(2) + (1.0 - x[0]).powi(2);
        let found = descend(&mut valley, &[-1.2, 1.0], 1e-9);
        assert!(found.value - 1.0 < 1e-8, "{found:?}");
        assert!(found.point.iter().all(|x| (x - 1.0).abs() < 1e-3), "{found:?}");
    }

    #[test]
    fn infinite_values_are_backed_away_from() {
        let mut wall = |x: &[f64]| if x[0] <= 0.0 { f64::INFINITY } else { x[0] - x[0].ln() };
        assert!((descend(&mut wall, &[9.0], 1e-9).value - 1.0).abs() < 1e-8);
    }
}
