//! How the settings were chosen: for each method what gives the greatest mean IoU on the tuning scenes.
//!
//! The coarse masks come first, by what bilinear interpolation makes of them: it has no parameters, and is what the others
//! are to improve on. Then each method's own parameters, on the same masks.

use crate::emerdiff::{self, Coarse, Correspondence};
use crate::experiment::{Case, coarse_masks, fine_masks};
use crate::methods::{Method, Upsamplers, upsample};
use crate::network::{Layer, Network};
use crate::scores::{Metric, Scores};
use crate::settings::{CHOSEN, Settings};
use crate::workers;
use anyhow::{Context, Result};
use quell::correspondence::upsample::guided::Guided;
use quell::correspondence::upsample::joint_bilateral::JointBilateral;
use quell::correspondence::upsample::pamr::Pamr;
use quell_examples::terminal;
use std::fmt::{Debug, Write};

/// What is tried. The number of masks is not: more of them are never worse where each takes the region of its majority.
const FEATURE_TIMESTEPS: [u32; 3] = [1, 101, 201];
const TIMESTEPS: [u32; 4] = [281, 381, 481, 561];
const STRENGTHS: [f64; 5] = [3.0, 10.0, 30.0, 100.0, 300.0];
const SIGMAS: [f64; 5] = [0.0, 0.5, 1.0, 1.5, 2.0];
const SIGMAS_SPACE: [f64; 6] = [0.5, 0.6, 0.8, 1.0, 1.2, 1.5];
const SIGMAS_RANGE: [f64; 6] = [0.3, 0.45, 0.6, 0.7, 0.85, 1.2];
const CELL_RADII: [usize; 3] = [1, 2, 3];
const PIXEL_RADII: [usize; 6] = [2, 4, 6, 8, 10, 14];
const EPSILONS: [f64; 5] = [1e-5, 1e-4, 1e-3, 1e-2, 1e-1];
const DILATIONS: [&[usize]; 7] =
    [&[1], &[1, 2], &[1, 2, 4], &[1, 2, 4, 8], &[1, 2, 4, 8, 16], &[2, 4], Pamr::PUBLISHED.dilations];
const ITERATIONS: [usize; 6] = [1, 2, 5, 10, 20, 40];

/// How the search for the place of the push pushes.
const START: Correspondence =
    Correspondence { layer: Layer::Up1, timestep: 281, strength: 10.0, share: true, sigma: 1.0 };

/// Lines of a table of what was tried.
const SHOWN: usize = 5;

/// A setting and its mean IoU on the tuning scenes.
#[derive(Clone, Debug)]
struct Trial<S> {
    setting: S,
    mean_iou: f64,
}

/// Chooses all settings; `progress` hears of network evaluations. The choice, and a report of it.
pub fn choose(
    network: &Network,
    threads: usize,
    cases: &[Case],
    progress: impl Fn(u64) + Sync,
) -> Result<(Settings, String)> {
    let mut report = format!("Mean IoU on {} tuning scenes; what is chosen stands first.\n", cases.len());
    let coarse = best(
        &mut report,
        "coarse masks, by bilinear interpolation",
        coarse_trials(network, threads, cases, &progress)?,
    )?;
    let labels =
        workers::map(network, threads, cases, &progress, |evaluator, case| coarse_masks(evaluator, case, &coarse))?;

    let clusters = coarse.clusters;
    let upsampled = |method: Method, all: Vec<Upsamplers>| -> Result<Vec<Trial<Upsamplers>>> {
        let places: Vec<usize> = (0..cases.len()).collect();
        let scores = workers::map(
            network,
            threads,
            &places,
            |_| (),
            |_, &place| {
                let case = &cases[place];
                let of = |upsamplers: &Upsamplers| {
                    mean_iou(&upsample(method, upsamplers, &case.image, &labels[place], clusters)?, clusters, case)
                };
                all.iter().map(of).collect::<Result<Vec<f64>>>()
            },
        )?;
        Ok(trials(&all, &scores))
    };
    let mut upsamplers = CHOSEN.upsamplers;
    let windows: Vec<(usize, f64)> = product(&CELL_RADII, &SIGMAS_SPACE).collect();
    let all = product(&windows, &SIGMAS_RANGE).map(|((radius, sigma_space), sigma_range)| Upsamplers {
        joint_bilateral: JointBilateral { sigma_space, sigma_range, radius },
        ..upsamplers
    });
    let found = upsampled(Method::JointBilateral, all.collect())?;
    upsamplers.joint_bilateral = best(&mut report, "joint bilateral", only(found, |found| found.joint_bilateral))?;
    let all = product(&PIXEL_RADII, &EPSILONS)
        .map(|(radius, epsilon)| Upsamplers { guided: Guided { radius, epsilon }, ..upsamplers });
    let found = upsampled(Method::Guided, all.collect())?;
    upsamplers.guided = best(&mut report, "guided filter", only(found, |found| found.guided))?;
    let all = product(&DILATIONS, &ITERATIONS)
        .map(|(dilations, iterations)| Upsamplers { pamr: Pamr { dilations, iterations }, ..upsamplers });
    let found = upsampled(Method::Pamr, all.collect())?;
    upsamplers.pamr = best(&mut report, "PAMR", only(found, |found| found.pamr))?;

    let emerdiff = |runs: &[Correspondence]| -> Result<Vec<Trial<Correspondence>>> {
        let work: Vec<(usize, Correspondence)> =
            runs.iter().flat_map(|&run| (0..cases.len()).map(move |place| (place, run))).collect();
        let scores = workers::map(network, threads, &work, &progress, |evaluator, &(place, run)| {
            let masks = fine_masks(evaluator, &cases[place], &labels[place], clusters, &run, &SIGMAS)?;
            masks.iter().map(|labels| mean_iou(labels, clusters, &cases[place])).collect::<Result<Vec<f64>>>()
        })?;
        let of_runs = runs.iter().zip(scores.chunks(cases.len()));
        Ok(of_runs
            .flat_map(|(run, scores)| trials(&SIGMAS.map(|sigma| Correspondence { sigma, ..*run }), scores))
            .collect())
    };
    let found = emerdiff(&places())?;
    let place = best(&mut report, "EmerDiff, where to push", found.clone())?;
    write!(report, "\n{}", emerdiff_table(&found))?;
    let found = emerdiff(&pushes(place))?;
    let correspondence = best(&mut report, "EmerDiff, how to push there", found.clone())?;
    write!(report, "\n{}", emerdiff_table(&found))?;

    let settings = Settings { coarse, correspondence, upsamplers };
    let verdict = if settings == CHOSEN { "These are the settings of settings.rs" } else { "settings.rs has others" };
    write!(report, "\n{verdict}:\n{settings:#?}")?;
    Ok((settings, report))
}

/// The network evaluations that a choice takes at most: it is not known before how long the runs are.
pub fn evaluations(cases: usize) -> Result<u64> {
    let coarse = CHOSEN.coarse;
    let draws = (coarse.draws * (FEATURE_TIMESTEPS.len() * Layer::ALL.len() + 1)) as u64;
    let of_run = |run: &Correspondence| Ok(emerdiff::evaluations(&coarse, run)? - coarse.draws as u64);
    let runs = [places(), pushes(START)].concat();
    Ok(cases as u64 * (draws + runs.iter().map(of_run).sum::<Result<u64>>()?))
}

/// Where to push: in which layer and when.
fn places() -> Vec<Correspondence> {
    let all = product(&Layer::ALL, &TIMESTEPS);
    all.map(|(layer, timestep)| Correspondence { layer, timestep, ..START }).collect()
}

/// How to push there: how strongly, and with the attention of the image that is not pushed or with one's own.
fn pushes(place: Correspondence) -> Vec<Correspondence> {
    product(&[true, false], &STRENGTHS).map(|(share, strength)| Correspondence { share, strength, ..place }).collect()
}

fn coarse_trials(
    network: &Network,
    threads: usize,
    cases: &[Case],
    progress: &(impl Fn(u64) + Sync),
) -> Result<Vec<Trial<Coarse>>> {
    let all: Vec<Coarse> = product(&FEATURE_TIMESTEPS, &Layer::ALL)
        .map(|(timestep, layer)| Coarse { layer, timestep, ..CHOSEN.coarse })
        .collect();
    let scores = workers::map(network, threads, cases, progress, |evaluator, case| {
        let of = |coarse: &Coarse| {
            let labels = coarse_masks(evaluator, case, coarse)?;
            let labels = upsample(Method::Bilinear, &CHOSEN.upsamplers, &case.image, &labels, coarse.clusters)?;
            mean_iou(&labels, coarse.clusters, case)
        };
        all.iter().map(of).collect::<Result<Vec<f64>>>()
    })?;
    Ok(trials(&all, &scores))
}

fn mean_iou(labels: &[u8], clusters: usize, case: &Case) -> Result<f64> {
    let truth = case.truth.as_ref().context("a choice needs the truth")?;
    Ok(Scores::new(labels, clusters, truth)?.of(Metric::MeanIou))
}

/// The mean over the scenes; `scores` holds for each scene what each setting has.
fn trials<S: Clone>(settings: &[S], scores: &[Vec<f64>]) -> Vec<Trial<S>> {
    let mean = |place: usize| scores.iter().map(|scores| scores[place]).sum::<f64>() / scores.len() as f64;
    settings
        .iter()
        .enumerate()
        .map(|(place, setting)| Trial { setting: setting.clone(), mean_iou: mean(place) })
        .collect()
}

fn only<S, P>(trials: Vec<Trial<S>>, part: impl Fn(S) -> P) -> Vec<Trial<P>> {
    trials.into_iter().map(|Trial { setting, mean_iou }| Trial { setting: part(setting), mean_iou }).collect()
}

/// The best setting, of equally good ones the first; and the best few in the report.
fn best<S: Copy + Debug>(report: &mut String, what: &str, mut trials: Vec<Trial<S>>) -> Result<S> {
    trials.sort_by(|a, b| b.mean_iou.total_cmp(&a.mean_iou));
    let mut table = terminal::table(&["mean IoU", &format!("{what}: the best of {}", trials.len())], 2);
    for Trial { setting, mean_iou } in trials.iter().take(SHOWN) {
        table.add_row([format!("{mean_iou:.4}"), format!("{setting:?}")]);
    }
    writeln!(report, "\n{table}")?;
    Ok(trials.first().context("nothing was tried")?.setting)
}

/// A line for each run, a column for each filter.
fn emerdiff_table(trials: &[Trial<Correspondence>]) -> String {
    let names = ["layer", "timestep", "λ in rms", "injection"].map(str::to_owned);
    let header: Vec<String> = names.into_iter().chain(SIGMAS.map(|sigma| format!("σ {sigma}"))).collect();
    let mut table = terminal::table(&header, 1);
    for line in trials.chunks(SIGMAS.len()) {
        let Correspondence { layer, timestep, strength, share, .. } = line[0].setting;
        let share = if share { "on" } else { "off" };
        let names = [layer.label().to_owned(), timestep.to_string(), strength.to_string(), share.to_owned()];
        table.add_row(names.into_iter().chain(line.iter().map(|trial| format!("{:.4}", trial.mean_iou))));
    }
    format!("{table}\n")
}

/// All pairs.
fn product<A: Copy, B: Copy>(a: &[A], b: &[B]) -> impl Iterator<Item = (A, B)> {
    a.iter().flat_map(move |&a| b.iter().map(move |&b| (a, b)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::experiment::tests::small;
    use crate::network::tests::committed;
    use crate::scenes::Purpose;

    #[test]
    fn the_best_trial_is_chosen_and_of_equals_the_first() {
        let trials = |scores: [f64; 4]| {
            (0..4).zip(scores).map(|(setting, mean_iou)| Trial { setting, mean_iou }).collect::<Vec<_>>()
        };
        let mut report = String::new();
        assert_eq!(best(&mut report, "what", trials([0.1, 0.5, 0.5, 0.2])).unwrap(), 1);
        assert!(report.contains("what: the best of 4") && report.contains("0.5000"), "{report}");
        assert!(best::<usize>(&mut report, "nothing", Vec::new()).is_err());
    }

    #[test]
    fn means_are_over_scenes() {
        let found = trials(&["a", "b"], &[vec![0.0, 0.5], vec![1.0, 0.5], vec![0.5, 1.0]]);
        let means: Vec<(&str, f64)> = found.iter().map(|trial| (trial.setting, trial.mean_iou)).collect();
        assert_eq!(means, [("a", 0.5), ("b", 2.0 / 3.0)]);
    }

    #[test]
    fn every_choice_is_within_what_is_tried() {
        let chosen = CHOSEN;
        assert!(FEATURE_TIMESTEPS.contains(&chosen.coarse.timestep));
        assert!(
            TIMESTEPS.contains(&chosen.correspondence.timestep) && STRENGTHS.contains(&chosen.correspondence.strength)
        );
        assert!(SIGMAS.contains(&chosen.correspondence.sigma));
        let Upsamplers { joint_bilateral, guided, pamr } = chosen.upsamplers;
        assert!(
            SIGMAS_SPACE.contains(&joint_bilateral.sigma_space) && SIGMAS_RANGE.contains(&joint_bilateral.sigma_range)
        );
        assert!(CELL_RADII.contains(&joint_bilateral.radius));
        assert!(PIXEL_RADII.contains(&guided.radius) && EPSILONS.contains(&guided.epsilon));
        assert!(DILATIONS.contains(&pamr.dilations) && ITERATIONS.contains(&pamr.iterations));
        let Correspondence { layer, timestep, .. } = chosen.correspondence;
        assert!(places().contains(&Correspondence { layer, timestep, ..START }));
    }

    #[test]
    fn the_mean_iou_of_a_trial_is_that_of_the_experiment() {
        let (settings, network) = (small(), committed());
        let cases = [Case::of_scene(Purpose::Tuning, 3, 0)];
        let cuts = crate::experiment::run(&network, 1, &cases, &settings, |_| ()).unwrap();
        let of = |method: Method| cuts[0].scores.as_ref().unwrap()[method as usize].of(Metric::MeanIou);
        for method in [Method::Nearest, Method::EmerDiff] {
            let labels = &cuts[0].fine[method as usize];
            assert_eq!(mean_iou(labels, settings.coarse.clusters, &cases[0]).unwrap(), of(method));
        }
    }
}
