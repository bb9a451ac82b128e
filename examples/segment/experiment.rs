//! The experiment: images with a known truth, cut by every method from the same coarse masks.

use crate::emerdiff::{self, Coarse, Correspondence, Inversion, ReadOut};
use crate::image;
use crate::methods::{Method, upsample};
use crate::network::{Evaluator, Network};
use crate::scenes::{Purpose, Scene};
use crate::scores::Scores;
use crate::settings::Settings;
use crate::workers;
use anyhow::{Context, Result};

/// An image and what is known of it.
#[derive(Clone, Debug)]
pub struct Case {
    /// What it is called.
    pub name: String,
    /// The seed of all noise that is drawn for it.
    pub seed: u64,
    /// (3, 64, 64), in [-1, 1].
    pub image: Vec<f32>,
    /// The region of each pixel, where it is known.
    pub truth: Option<Vec<u8>>,
}

impl Case {
    /// The seed of the noise of the image in a place.
    pub fn seed(seed: u32, index: u32) -> u64 {
        u64::from(seed) << 32 | u64::from(index)
    }

    /// A scene.
    pub fn of_scene(purpose: Purpose, seed: u32, index: u32) -> Case {
        let scene = Scene::new(purpose, seed.into(), index);
        Case {
            name: format!("scene {index}"),
            seed: Case::seed(seed, index),
            image: image::planes(&scene.rgb),
            truth: Some(scene.labels),
        }
    }
}

/// The masks of an image.
#[derive(Clone, Debug)]
pub struct Cut {
    /// The mask of each cell.
    pub coarse: Vec<u8>,
    /// The mask of each pixel, for each method.
    pub fine: Vec<Vec<u8>>,
    /// The scores of each method, where the truth is known.
    pub scores: Option<Vec<Scores>>,
}

/// Cuts every image by every method; `progress` hears of network evaluations.
pub fn run(
    network: &Network,
    threads: usize,
    cases: &[Case],
    settings: &Settings,
    progress: impl Fn(u64) + Sync,
) -> Result<Vec<Cut>> {
    workers::map(network, threads, cases, progress, |evaluator, case| {
        cut(evaluator, case, settings).with_context(|| case.name.clone())
    })
}

fn cut(network: &Evaluator, case: &Case, settings: &Settings) -> Result<Cut> {
    let Settings { coarse: how, correspondence, upsamplers } = settings;
    let (coarse, emerdiff) = emerdiff::segment(network, &case.image, how, correspondence, case.seed)?;
    let fine = Method::ALL.map(|method| match method {
        Method::EmerDiff => Ok(emerdiff.clone()),
        _ => upsample(method, upsamplers, &case.image, &coarse, how.clusters),
    });
    let fine: Vec<Vec<u8>> = fine.into_iter().collect::<Result<_>>()?;
    let scored = |truth: &Vec<u8>| fine.iter().map(|labels| Scores::new(labels, how.clusters, truth)).collect();
    let scores = case.truth.as_ref().map(scored).transpose()?;
    Ok(Cut { coarse, fine, scores })
}

/// The coarse masks of an image.
pub fn coarse_masks(network: &Evaluator, case: &Case, coarse: &Coarse) -> Result<Vec<u8>> {
    let features = emerdiff::features(network, &case.image, coarse, case.seed)?;
    emerdiff::cluster(&features, coarse, case.seed)
}

/// The masks of EmerDiff for several filters, which take no more evaluations than one.
pub fn fine_masks(
    network: &Evaluator,
    case: &Case,
    labels: &[u8],
    clusters: usize,
    correspondence: &Correspondence,
    sigmas: &[f64],
) -> Result<Vec<Vec<u8>>> {
    let inversion = Inversion::new(network, &case.image, correspondence.timestep, case.seed)?;
    let mut read_outs = sigmas.iter().map(|&sigma| ReadOut::new(sigma)).collect::<Result<Vec<_>>>()?;
    emerdiff::each_pair(network, &inversion, labels, clusters, correspondence, |mask, minus, plus| {
        read_outs.iter_mut().try_for_each(|read_out| read_out.take(mask, minus, plus))
    })?;
    Ok(read_outs.into_iter().map(ReadOut::into_labels).collect())
}

#[cfg(test)]
pub mod tests {
    use super::*;
    use crate::network::{CELLS, PIXELS, tests::committed};
    use crate::settings::CHOSEN;
    use std::sync::atomic::{AtomicU64, Ordering};

    /// Fewer masks and draws, for tests.
    pub fn small() -> Settings {
        let coarse = Coarse { clusters: 5, draws: 2, ..CHOSEN.coarse };
        let correspondence = Correspondence { timestep: 101, ..CHOSEN.correspondence };
        Settings { coarse, correspondence, ..CHOSEN }
    }

    /// The first scenes and their masks.
    pub fn cuts(settings: &Settings, count: u32, threads: usize) -> (Vec<Case>, Vec<Cut>) {
        let cases: Vec<Case> = (0..count).map(|index| Case::of_scene(Purpose::Tuning, 3, index)).collect();
        let cuts = run(&committed(), threads, &cases, settings, |_| ()).unwrap();
        (cases, cuts)
    }

    #[test]
    fn every_method_gives_each_pixel_a_mask_that_there_is() {
        let settings = small();
        let (_, cuts) = cuts(&settings, 1, 1);
        let Cut { coarse, fine, scores } = &cuts[0];
        assert_eq!((coarse.len(), fine.len(), cuts.len()), (CELLS, Method::ALL.len(), 1));
        for (method, labels) in Method::ALL.into_iter().zip(fine) {
            assert_eq!(labels.len(), PIXELS, "{method:?}");
            assert!(labels.iter().all(|&label| usize::from(label) < settings.coarse.clusters), "{method:?}");
        }
        // Nearest is the coarse masks themselves; no other method does nothing.
        let nearest = &fine[Method::Nearest as usize];
        assert!((0..PIXELS).all(|pixel| nearest[pixel] == coarse[pixel / 512 * 8 + pixel % 64 / 8]));
        assert!(Method::ALL[1..].iter().all(|&method| fine[method as usize] != *nearest));
        assert!(scores.as_ref().is_some_and(|scores| scores.len() == Method::ALL.len()));
    }

    #[test]
    fn numbers_depend_neither_on_threads_nor_on_other_scenes() {
        let settings = small();
        let (_, alone) = cuts(&settings, 1, 1);
        let (cases, several) = cuts(&settings, 4, 3);
        let (_, again) = cuts(&settings, 4, 1);
        assert_eq!(alone[0].fine, several[0].fine);
        for (a, b) in several.iter().zip(&again) {
            assert_eq!((&a.coarse, &a.fine, &a.scores), (&b.coarse, &b.fine, &b.scores));
        }
        let (first, second) = (&several[0].fine, &several[1].fine);
        assert!(first != second && cases[0].seed != cases[1].seed);
    }

    #[test]
    fn evaluations_are_foretold() {
        for clusters in [5, 8, 9, 20] {
            let settings = small();
            let coarse = Coarse { clusters, ..settings.coarse };
            let counted = AtomicU64::new(0);
            let cases = [Case::of_scene(Purpose::Tuning, 0, 0)];
            let network = committed();
            let settings = Settings { coarse, ..settings };
            let count = |evaluations| {
                counted.fetch_add(evaluations, Ordering::Relaxed);
            };
            run(&network, 1, &cases, &settings, count).unwrap();
            let foretold = emerdiff::evaluations(&coarse, &settings.correspondence).unwrap();
            assert_eq!(counted.into_inner(), foretold, "{clusters}");
        }
    }
}
