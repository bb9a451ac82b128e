//! The search of the paper on Gaussian data, where bound and truth are closed forms: why it is stopped early.

use anyhow::Result;
use quell::diffusion::bound::Gaussian;
use quell::diffusion::bound::search::{self, Levels};
use quell::diffusion::schedule::{Last, karras};
use quell_examples::axes::{Axes, Scale};
use quell_examples::canvas::{Anchor, Look, picture};

const WIDTH: f64 = 760.0;
const LEFT: f64 = 76.0;
const RIGHT: f64 = 736.0;
const TOP: f64 = 70.0;
const BOTTOM: f64 = 430.0;

/// The setting of the paper: N(0, 0.5²) data, ten steps from Karras's levels.
const DEVIATION: f64 = 0.5;
const RANGE: (f64, f64) = (0.002, 80.0);
const LEVELS: usize = 11;
const MOST: usize = 60;

/// What is known after a sweep.
#[derive(Clone, Copy, Debug)]
struct Point {
    bound: f64,
    ddim: f64,
    stochastic: f64,
}

/// A name, and the value that it is for.
type Curve = (&'static str, fn(&Point) -> f64);

/// The bound and both true divergences from the start to the end of the search.
fn trace() -> Result<Vec<Point>> {
    let data = Gaussian::new(DEVIATION, 1)?;
    let point = |sigmas: &[f64]| {
        let (bound, ddim, stochastic) = (data.klub(sigmas)?, data.euler(sigmas)?, data.stochastic_ddim(sigmas)?);
        Ok::<_, quell::Error>(Point { bound, ddim: ddim.divergence, stochastic: stochastic.divergence })
    };
    let mut sigmas = [0.0; LEVELS];
    karras::fill(&mut sigmas, RANGE.0, RANGE.1, 7.0, Last::SigmaMin)?;
    let mut points = vec![point(&sigmas)];
    let cost = |from, to| data.klub_between(from, to).unwrap_or(f64::NAN);
    search::search(&mut sigmas, Levels::All, MOST, &mut [0.0; LEVELS], cost, |_, sigmas| {
        points.push(point(sigmas));
        false
    })?;
    Ok(points.into_iter().collect::<Result<_, _>>()?)
}

/// Draws the three curves over the number of sweeps.
pub fn draw() -> Result<Vec<u8>> {
    let points = trace()?;
    let curves: [Curve; 3] = [
        ("bound (KLUB)", |point| point.bound),
        ("true divergence, DDIM", |point| point.ddim),
        ("true divergence, stochastic DDIM", |point| point.stochastic),
    ];
    let x = Scale { start: -0.5, end: points.len() as f64 - 0.5, logarithmic: false };
    let y = Scale::around(points.iter().flat_map(|point| curves.map(|(_, of)| of(point))), 1.4);
    picture(WIDTH, BOTTOM + 50.0, |canvas| {
        let heading =
            "Align Your Steps' search on N(0, 0.5²) data, ten steps: the bound falls, the truth falls and rises";
        canvas.heading(heading, (16.0, 18.0), 13.0, Anchor::Left)?;
        let axes = Axes { from: (LEFT, TOP), to: (RIGHT, BOTTOM), x, y };
        let ticks: Vec<f64> = (0..points.len()).step_by(2).map(|sweep| sweep as f64).collect();
        axes.frame(canvas, &ticks, &y.round_values())?;
        axes.label_x(canvas, &ticks, "sweeps")?;
        axes.label_y(canvas, &y.round_values(), "nats")?;
        for (i, (name, of)) in curves.into_iter().enumerate() {
            let look = Look(i * 2);
            look.legend(canvas, name, (LEFT + [0.0, 150.0, 370.0][i], 46.0), 12.0)?;
            let curve: Vec<_> =
                points.iter().enumerate().map(|(sweep, point)| (sweep as f64, of(point), 0.0)).collect();
            axes.curve(canvas, &curve, look)?;
        }
        Ok(())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_bound_falls_and_the_truth_turns() {
        let points = trace().unwrap();
        // Of an independent program, at sweeps 0, 5, 10 and 20.
        let expected = [
            (0, 46.605025, 0.09835689, 0.31401243),
            (5, 11.289, 0.0323, 0.1037),
            (10, 6.970, 0.0586, 0.0843),
            (20, 4.921, 0.2555, 0.2122),
        ];
        for (sweep, bound, ddim, stochastic) in expected {
            let point = points[sweep.min(points.len() - 1)];
            for (value, expected) in [(point.bound, bound), (point.ddim, ddim), (point.stochastic, stochastic)] {
                assert!((value / expected - 1.0).abs() < 2e-3, "{sweep}: {value} {expected}");
            }
        }
        assert!(points.windows(2).all(|pair| pair[1].bound < pair[0].bound));
        for of in [|point: &Point| point.ddim, |point: &Point| point.stochastic] {
            let values: Vec<f64> = points.iter().map(of).collect();
            let least = values.iter().position(|&value| values.iter().all(|&other| value <= other)).unwrap();
            assert!(least > 0 && least < values.len() - 1);
            assert!(values[..=least].windows(2).all(|pair| pair[1] < pair[0]));
        }
    }
}
