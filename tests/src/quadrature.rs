//! Integrals to a stated accuracy.

/// Nodes of the Kronrod rule with fifteen points on [-1, 1], from the outermost to the middle, with the weights of
/// that rule and of the Gauss rule with seven points (0 where a node is Kronrod's alone).
const RULE: [(f64, f64, f64); 8] = [
    (0.991_455_371_120_812_64, 0.022_935_322_010_529_225, 0.0),
    (0.949_107_912_342_758_52, 0.063_092_092_629_978_553, 0.129_484_966_168_869_69),
    (0.864_864_423_359_769_07, 0.104_790_010_322_250_18, 0.0),
    (0.741_531_185_599_394_44, 0.140_653_259_715_525_92, 0.279_705_391_489_276_67),
    (0.586_087_235_467_691_13, 0.169_004_726_639_267_90, 0.0),
    (0.405_845_151_377_397_17, 0.190_350_578_064_785_41, 0.381_830_050_505_118_94),
    (0.207_784_955_007_898_47, 0.204_432_940_075_298_89, 0.0),
    (0.0, 0.209_482_141_084_727_83, 0.417_959_183_673_469_39),
];

/// How often a panel is halved at most: a singularity of the kind that integrals here have is then beyond rounding.
const DEPTH: u32 = 40;

/// Integrates a function over [`from`, `to`], cut into panels no wider than `panel` and halved until each of them is
/// within `tolerance`, absolutely.
///
/// The error of a panel is estimated as that of QUADPACK: (200·|K15 − G7|)^1.5, which is what the difference of the two
/// rules says about the better one where the function is smooth.
pub fn integrate(f: &mut dyn FnMut(f64) -> f64, from: f64, to: f64, panel: f64, tolerance: f64) -> f64 {
    let panels = ((to - from) / panel).ceil().max(1.0) as usize;
    let at = |k: usize| from + (to - from) * k as f64 / panels as f64;
    (0..panels).map(|k| refine(f, at(k), at(k + 1), tolerance, DEPTH)).sum()
}

fn refine(f: &mut dyn FnMut(f64) -> f64, from: f64, to: f64, tolerance: f64, depth: u32) -> f64 {
    let (middle, half) = (0.5 * (from + to), 0.5 * (to - from));
    let (mut kronrod, mut gauss) = (0.0, 0.0);
    for (node, fine, coarse) in RULE {
        let value = if node == 0.0 { f(middle) } else { f(middle - half * node) + f(middle + half * node) };
        kronrod += fine * value;
        gauss += coarse * value;
    }
    let error = (200.0 * half * (kronrod - gauss).abs()).powf(1.5);
    if error <= tolerance || depth == 0 {
        return half * kronrod;
    }
    refine(f, from, middle, tolerance, depth - 1) + refine(f, middle, to, tolerance, depth - 1)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tolerance::{QUADRATURE, ROUNDING_F64, relative};
    use std::f64::consts::PI;

    #[test]
    fn polynomials_are_exact() {
        // Degree 22 is Kronrod's; Gauss with seven points reaches 13.
        for degree in 0..=22 {
            let (mut kronrod, mut gauss) = (0.0, 0.0);
            for (node, fine, coarse) in RULE {
                let value = if node == 0.0 { 0f64.powi(degree) } else { node.powi(degree) + (-node).powi(degree) };
                kronrod += fine * value;
                gauss += coarse * value;
            }
            let exact = if degree % 2 == 0 { 2.0 / f64::from(degree + 1) } else { 0.0 };
            assert!((kronrod - exact).abs() < 1e-15, "{degree}");
            assert!(degree > 13 || (gauss - exact).abs() < 1e-15, "{degree}");
        }
    }

    #[test]
    fn peaks_and_singular_ends_are_found() {
        let bump = integrate(&mut |x| (-0.5 * (x / 0.01).powi(2)).exp(), -3.0, 5.0, 0.5, 1e-14);
        assert!(relative(bump, 0.01 * (2.0 * PI).sqrt()) < ROUNDING_F64, "{bump}");
        let logarithm = integrate(&mut |x| x.ln(), 0.0, 1.0, 1.0, 1e-14);
        assert!(relative(logarithm, -1.0) < QUADRATURE, "{logarithm}");
    }
}
