//! The coordinate search of Align Your Steps as the paper and case 14 state it: slow and obvious.

/// Sweeps once over the interior levels of a schedule from the top down; true if a level moved.
///
/// Each level in turn may stay, or go j/6 of the way in ln σ to the level below it, j = 1 to 5, or to the level above;
/// the first candidate with the smallest sum of the two bounds that it enters wins. `bound(from, to)` is that of a step.
pub fn sweep(sigmas: &mut [f64], bound: &dyn Fn(f64, f64) -> f64) -> bool {
    let mut has_moved = false;
    for i in 1..sigmas.len() - 1 {
        let (above, current, below) = (sigmas[i - 1], sigmas[i], sigmas[i + 1]);
        let towards =
            |neighbour: f64, j: i32| (current.ln() + f64::from(j) / 6.0 * (neighbour.ln() - current.ln())).exp();
        let candidates = (1..=5).map(|j| towards(below, j)).chain((1..=5).map(|j| towards(above, j)));
        let (mut best, mut least) = (current, bound(above, current) + bound(current, below));
        for candidate in candidates {
            let sum = bound(above, candidate) + bound(candidate, below);
            if sum < least {
                (best, least) = (candidate, sum);
            }
        }
        has_moved |= best != current;
        sigmas[i] = best;
    }
    has_moved
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tables::fill_karras;
    use crate::tolerance::{AYS, assert_close, relative};
    use crate::vectors::{json, numbers};
    use quell::diffusion::schedule::Last;
    use serde_json::Value;

    /// ½(ρ − 1 − ln ρ) with ρ − 1 = c²(t² − s²)/(s²·v(t)) for N(0, c²) data.
    fn gaussian(c: f64, from: f64, to: f64) -> f64 {
        let excess = c * c * (from * from - to * to) / (to * to * (c * c + from * from));
        0.5 * (excess - excess.ln_1p())
    }

    #[test]
    fn case_14() {
        let cases: Value = json("ays_cases.json");
        let case = &cases["14_coordinate_search"]["output"];
        let bound = |from: f64, to: f64| gaussian(0.5, from, to);
        let mut sigmas = [0.0; 11];
        fill_karras(&mut sigmas, 0.002, 80.0, 7.0, Last::SigmaMin);
        let (mut compared, mut settled) = (0, None);
        for index in 0..=60 {
            for entry in case["trace"].as_array().unwrap().iter().filter(|entry| entry["sweep"] == index) {
                let total: f64 = sigmas.windows(2).map(|pair| bound(pair[0], pair[1])).sum();
                assert!(relative(total, entry["KLUB"].as_f64().unwrap()) < AYS, "sweep {index}: {total}");
                compared += 1;
            }
            if index == 1 {
                assert_close("after one sweep", &sigmas, &numbers(&case["after_1_sweep"]), AYS);
            }
            if !sweep(&mut sigmas, &bound) && settled.is_none() {
                settled = Some(index);
            }
        }
        assert_eq!(compared, case["trace"].as_array().unwrap().len());
        assert!(settled.is_some_and(|index| index <= 20), "{settled:?}");
    }
}
