//! x − ln(1 + x), the form that every divergence between Gaussians takes here, and its inverse.
//!
//! 2·KL of N(0, a) from N(0, b) is x − ln(1 + x) with x = a/b − 1, and the bound of a step on Gaussian data is of the
//! same form (see [`Gaussian`](super::Gaussian)).

/// x − ln(1 + x) for x > −1, without cancellation where x is small and the result is near x²/2.
pub(super) fn excess(x: f64) -> f64 {
    if x == f64::INFINITY {
        return x;
    }
    if x.abs() >= 0.5 {
        return x - libm::log1p(x);
    }
    // ln(1 + x) = 2·artanh(r) = 2·(r + r³/3 + r⁵/5 + …) and x − 2·r = r·x.
    let r = x / (2.0 + x);
    let square = r * r;
    let (mut power, mut series) = (r, 0.0);
    for k in 1..=17 {
        power *= square;
        series += power / (2 * k + 1) as f64;
    }
    r * x - 2.0 * series
}

/// The x ≥ 0 at which [`excess`] is `y`, for a finite y ≥ 0.
///
/// √(2y) + 2y/3 ≤ x ≤ √(2y) + y (Chatzigeorgiou 2013). From the upper end, Newton's method falls monotonically onto the
/// root of a convex function, so that no bracket is needed.
pub(super) fn inverse_excess(y: f64) -> f64 {
    let mut x = libm::sqrt(2.0 * y) + y;
    for _ in 0..16 {
        // f/f' with f' = x/(1 + x).
        let step = (excess(x) - y) * ((1.0 + x) / x);
        // Not-a-number, at y = 0, ends it, too.
        if step.partial_cmp(&(x * f64::EPSILON)) != Some(core::cmp::Ordering::Greater) {
            break;
        }
        x -= step;
    }
    x
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn agrees_with_its_series_and_with_its_definition() {
        for x in [1e-12f64, -1e-12, 1e-5, -1e-5] {
            let series = x * x / 2.0 - x * x * x / 3.0 + x * x * x * x / 4.0;
            assert!((excess(x) / series - 1.0).abs() < 1e-15, "{x} {} {series}", excess(x));
        }
        for x in [-0.999f64, -0.5, -0.4999, -0.3, 0.3, 0.4999, 0.5, 3.0, 1e9, 1e300] {
            assert!((excess(x) / (x - x.ln_1p()) - 1.0).abs() < 2e-14, "{x}");
        }
        assert_eq!((excess(0.0), excess(f64::INFINITY)), (0.0, f64::INFINITY));
    }

    #[test]
    fn the_inverse_inverts() {
        let mut y = 1e-300;
        while y < 1e300 {
            let x = inverse_excess(y);
            assert!((excess(x) / y - 1.0).abs() < 1e-14, "{y} {x}");
            let (root, least) = ((2.0 * y).sqrt(), 1.0 - 1e-15);
            assert!(x >= (root + y / 1.5) * least && x * least <= root + y, "{y} {x}");
            y *= 1.7;
        }
        assert_eq!(inverse_excess(0.0), 0.0);
    }
}
