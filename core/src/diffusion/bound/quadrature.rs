//! What a table says between its points: the cubic through four neighbours, its values and its integral.
//!
//! The tables are over x = −ln σ, which increases along a schedule. A cubic is kept as its four control values on the
//! interval (Bernstein's form): it stays between the least and the greatest of them, and so does not fall below 0 once
//! they are not negative; and its integral over the interval is their mean.

/// A cubic on one interval between neighbouring points.
#[derive(Clone, Copy, Debug)]
pub(super) struct Segment {
    /// How far the points are apart.
    width: f64,
    controls: [f64; 4],
}

impl Segment {
    /// The cubic on the interval from point `index` to the next, of the values `value(i)` at the points `x(i)` for i
    /// from `first` up to but not including `end`. Next to an end its points are all on one side; of three points it is
    /// a parabola, of two a line.
    pub(super) fn new(
        index: usize,
        first: usize,
        end: usize,
        x: impl Fn(usize) -> f64,
        value: impl Fn(usize) -> f64,
    ) -> Segment {
        let count = end.saturating_sub(first).min(4);
        let start = index.saturating_sub(1).max(first).min(end.saturating_sub(count));
        let (origin, width) = (x(index), x(index + 1) - x(index));
        let mut points = [(0.0, 0.0); 4];
        for (offset, point) in points.iter_mut().enumerate().take(count) {
            *point = ((x(start + offset) - origin) / width, value(start + offset));
        }
        let points = points.get(..count).unwrap_or(&[]);
        let (left, right) = (value(index), value(index + 1));
        let (third, other) = (lagrange(points, 1.0 / 3.0), lagrange(points, 2.0 / 3.0));
        let inner = [
            (18.0 * third - 9.0 * other - 5.0 * left + 2.0 * right) / 6.0,
            (18.0 * other - 9.0 * third - 5.0 * right + 2.0 * left) / 6.0,
        ];
        Segment { width, controls: [left, inner[0], inner[1], right] }
    }

    /// The same without negative values between two that are not: what noise and rounding make of a cubic.
    pub(super) fn not_negative(mut self) -> Segment {
        for control in &mut self.controls {
            if *control < 0.0 {
                *control = 0.0;
            }
        }
        self
    }

    /// The value at the relative position `t` in [0, 1].
    pub(super) fn at(&self, t: f64) -> f64 {
        let [a, b, c, d] = self.controls;
        let s = 1.0 - t;
        s * s * (s * a + 3.0 * t * b) + t * t * (3.0 * s * c + t * d)
    }

    /// The integral from the start to the relative position `t`.
    pub(super) fn integral(&self, t: f64) -> f64 {
        let [a, b, c, d] = self.controls;
        // The control values of the integral are the partial sums, over 4.
        let (first, second, third) = (a, a + b, a + b + c);
        let s = 1.0 - t;
        let quartic = 4.0 * s * s * s * t * first + 6.0 * s * s * t * t * second + 4.0 * s * t * t * t * third;
        0.25 * self.width * (quartic + t * t * t * t * (third + d))
    }

    /// The integral over the whole interval.
    pub(super) fn whole(&self) -> f64 {
        let [a, b, c, d] = self.controls;
        0.25 * self.width * (a + b + c + d)
    }

    /// How far [`Segment::whole`] can be off when each value can be off by `error(i)`: a cubic has negative weights,
    /// too.
    pub(super) fn whole_error(
        index: usize,
        first: usize,
        end: usize,
        x: impl Fn(usize) -> f64,
        error: impl Fn(usize) -> f64,
    ) -> f64 {
        // Points that the cubic does not go through have no weight.
        let near = index.saturating_sub(2).max(first)..index.saturating_add(4).min(end);
        let alone = |point: usize| Segment::new(index, first, end, &x, |i| if i == point { error(i) } else { 0.0 });
        near.map(|point| alone(point).whole().abs()).sum()
    }

    /// The slopes at the two ends.
    pub(super) fn slopes(&self) -> [f64; 2] {
        let [a, b, c, d] = self.controls;
        [3.0 * (b - a) / self.width, 3.0 * (d - c) / self.width]
    }

    /// The relative position up to which the integral is `part`, by bisection: for a cubic that is not negative.
    pub(super) fn position(&self, part: f64) -> f64 {
        let (mut low, mut high) = (0.0, 1.0);
        // Each step settles one bit.
        for _ in 0..f64::MANTISSA_DIGITS {
            let middle = 0.5 * (low + high);
            if self.integral(middle) < part { low = middle } else { high = middle }
        }
        0.5 * (low + high)
    }
}

/// −ln σ of a level.
pub(super) fn half_log_snr(sigmas: &[f64], level: usize) -> f64 {
    sigmas.get(level).map_or(f64::NAN, |&sigma| -libm::log(sigma))
}

/// The value at `t` of the polynomial through the points.
fn lagrange(points: &[(f64, f64)], t: f64) -> f64 {
    points
        .iter()
        .enumerate()
        .map(|(i, &(x, value))| {
            let others = points.iter().enumerate().filter(|&(j, _)| j != i);
            others.fold(value, |product, (_, &(other, _))| product * ((t - other) / (x - other)))
        })
        .sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    const X: [f64; 6] = [0.0, 0.3, 1.0, 1.2, 2.0, 3.5];

    fn segment(index: usize, first: usize, end: usize, f: impl Fn(f64) -> f64) -> Segment {
        Segment::new(index, first, end, |i| X[i], |i| f(X[i]))
    }

    #[test]
    fn cubics_are_exact_on_uneven_points() {
        let f = |x: f64| 1.0 - 2.0 * x + 0.5 * x * x - 0.3 * x * x * x;
        let primitive = |x: f64| x - x * x + x.powi(3) / 6.0 - 0.075 * x.powi(4);
        let slope = |x: f64| -2.0 + x - 0.9 * x * x;
        for index in 0..5 {
            let segment = segment(index, 0, 6, f);
            let (a, b) = (X[index], X[index + 1]);
            for t in [0.0, 0.2, 0.5, 0.9, 1.0] {
                let x = a + t * (b - a);
                assert!((segment.at(t) - f(x)).abs() < 1e-13);
                assert!((segment.integral(t) - (primitive(x) - primitive(a))).abs() < 1e-13);
            }
            assert!((segment.whole() - (primitive(b) - primitive(a))).abs() < 1e-13);
            assert!(segment.slopes().iter().zip([a, b]).all(|(s, x)| (s - slope(x)).abs() < 1e-12));
        }
    }

    #[test]
    fn fewer_points_give_lower_degrees() {
        let parabola = segment(2, 2, 5, |x| 3.0 - x + x * x);
        assert!((parabola.at(0.25) - (3.0 - 1.05 + 1.05f64.powi(2))).abs() < 1e-14);
        let line = segment(3, 3, 5, |x| 3.0 - x);
        assert!((line.whole() - 0.8 * (3.0 - 1.6)).abs() < 1e-14);
    }

    #[test]
    fn errors_add_up_whatever_their_weights_signs() {
        let x = |i: usize| i as f64;
        // The weights of the first interval of four even points are (9, 19, −5, 1)/24.
        let error = Segment::whole_error(0, 0, 9, x, |i| [1.0, 2.0, 4.0, 8.0][i]);
        assert!((error - (9.0 + 38.0 + 20.0 + 8.0) / 24.0).abs() < 1e-14);
        let inner = Segment::whole_error(4, 0, 9, x, |_| 1.0);
        assert!((inner - 28.0 / 24.0).abs() < 1e-14);
        assert!((Segment::whole_error(7, 0, 9, x, |_| 1.0) - 34.0 / 24.0).abs() < 1e-14);
    }

    #[test]
    fn ends_are_exact() {
        let segment = segment(1, 0, 6, |x| (1.3 * x).cos());
        assert_eq!((segment.at(0.0), segment.at(1.0)), ((1.3 * X[1]).cos(), (1.3 * X[2]).cos()));
        assert_eq!((segment.integral(0.0), segment.integral(1.0)), (0.0, segment.whole()));
    }

    #[test]
    fn a_floored_cubic_has_a_rising_integral_with_an_inverse() {
        let spike = |x: f64| if x == X[2] { 1.0 } else { 0.0 };
        for index in 0..5 {
            let segment = segment(index, 0, 6, spike).not_negative();
            let mut before = 0.0;
            for k in 0..=100 {
                let t = f64::from(k) / 100.0;
                assert!(segment.at(t) >= 0.0 && segment.integral(t) >= before);
                before = segment.integral(t);
                // Where the cubic is 0 any position is as good.
                assert!((segment.integral(segment.position(before)) - before).abs() <= 1e-15);
            }
        }
    }
}
