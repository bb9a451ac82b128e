//! What each setting is worth: EmerDiff with one of them changed, on the same scenes with the same noise.

use crate::emerdiff::{self, Coarse, Correspondence};
use crate::experiment::{Case, coarse_masks, fine_masks};
use crate::methods::{Method, upsample};
use crate::network::{Layer, Network};
use crate::scores::{Metric, Scores};
use crate::settings::Settings;
use crate::workers;
use anyhow::{Context, Result, ensure};
use quell_examples::statistics::Estimate;

/// What is tried for each setting; the chosen value is left out.
const TIMESTEPS: [u32; 5] = [141, 281, 381, 481, 561];
const STRENGTHS: [f64; 5] = [0.3, 3.0, 30.0, 100.0, 300.0];
const SIGMAS: [f64; 4] = [0.0, 0.5, 1.0, 2.0];
const FEATURE_TIMESTEPS: [u32; 4] = [1, 101, 301, 501];
const CLUSTERS: [usize; 4] = [6, 8, 12, 16];

/// The chosen settings with one of them changed, or none.
#[derive(Clone, Debug, PartialEq)]
pub struct Variant {
    /// Which.
    pub setting: &'static str,
    /// To what.
    pub value: String,
    coarse: Coarse,
    correspondence: Correspondence,
}

/// What came of one.
#[derive(Clone, Debug)]
pub struct Outcome {
    /// Which.
    pub variant: Variant,
    /// The scores of each scene.
    pub scores: Vec<Scores>,
    /// Those of bilinear interpolation of the same coarse masks.
    pub bilinear: Vec<Scores>,
}

impl Outcome {
    /// A score and its interval over the scenes.
    pub fn estimate(&self, metric: Metric) -> Estimate {
        Estimate::of(self.scores.iter().map(|scores| scores.of(metric)))
    }

    /// How much greater a score is than with other settings.
    pub fn difference(&self, other: &Outcome, metric: Metric) -> Estimate {
        let values = |outcome: &Outcome| outcome.scores.iter().map(|scores| scores.of(metric)).collect::<Vec<_>>();
        Estimate::of_differences(values(self).into_iter(), values(other).into_iter())
    }
}

/// The settings as they are first, then one changed after the other.
pub fn variants(settings: &Settings) -> Vec<Variant> {
    let Settings { coarse, correspondence, .. } = *settings;
    let mut all = vec![Variant { setting: "as chosen", value: String::new(), coarse, correspondence }];
    let mut add = |setting, value: String, coarse: Coarse, correspondence: Correspondence| {
        if (coarse, correspondence) != (settings.coarse, settings.correspondence) {
            all.push(Variant { setting, value, coarse, correspondence });
        }
    };
    for timestep in TIMESTEPS {
        add("timestep of the push", timestep.to_string(), coarse, Correspondence { timestep, ..correspondence });
    }
    for layer in Layer::ALL {
        add("layer of the push", layer.label().into(), coarse, Correspondence { layer, ..correspondence });
    }
    for strength in STRENGTHS {
        add("strength λ", format!("{strength} rms"), coarse, Correspondence { strength, ..correspondence });
    }
    let share = !correspondence.share;
    add(
        "attention injection",
        if share { "on" } else { "off" }.into(),
        coarse,
        Correspondence { share, ..correspondence },
    );
    for sigma in SIGMAS {
        add("filter σ", format!("{sigma} px"), coarse, Correspondence { sigma, ..correspondence });
    }
    for timestep in FEATURE_TIMESTEPS {
        add("timestep of the features", timestep.to_string(), Coarse { timestep, ..coarse }, correspondence);
    }
    for layer in Layer::ALL {
        add("layer of the features", layer.label().into(), Coarse { layer, ..coarse }, correspondence);
    }
    for clusters in CLUSTERS {
        add("masks K", clusters.to_string(), Coarse { clusters, ..coarse }, correspondence);
    }
    all
}

/// Variants that differ in the filter alone share their evaluations: the places of each such set.
fn groups(variants: &[Variant]) -> Vec<Vec<usize>> {
    let without_filter = |variant: &Variant| (variant.coarse, Correspondence { sigma: 0.0, ..variant.correspondence });
    let mut groups: Vec<Vec<usize>> = Vec::new();
    for (place, variant) in variants.iter().enumerate() {
        let same = |group: &&mut Vec<usize>| without_filter(&variants[group[0]]) == without_filter(variant);
        match groups.iter_mut().find(same) {
            Some(group) => group.push(place),
            None => groups.push(vec![place]),
        }
    }
    groups
}

/// The network evaluations of one scene.
pub fn evaluations(variants: &[Variant]) -> Result<u64> {
    let of_group =
        |group: &Vec<usize>| emerdiff::evaluations(&variants[group[0]].coarse, &variants[group[0]].correspondence);
    groups(variants).iter().map(of_group).sum()
}

/// Cuts every scene with every variant; `progress` hears of network evaluations.
pub fn run(
    network: &Network,
    threads: usize,
    cases: &[Case],
    settings: &Settings,
    variants: Vec<Variant>,
    progress: impl Fn(u64) + Sync,
) -> Result<Vec<Outcome>> {
    let groups = groups(&variants);
    // Groups are as good as scenes to share out among threads, and there are more of them.
    let work: Vec<(&Case, &[usize])> =
        cases.iter().flat_map(|case| groups.iter().map(move |group| (case, &group[..]))).collect();
    let done = workers::map(network, threads, &work, progress, |evaluator, &(case, group)| {
        let Variant { coarse, correspondence, .. } = &variants[group[0]];
        let truth = case.truth.as_ref().context("a variant needs the truth")?;
        let labels = coarse_masks(evaluator, case, coarse)?;
        let bilinear = upsample(Method::Bilinear, &settings.upsamplers, &case.image, &labels, coarse.clusters)?;
        let bilinear = Scores::new(&bilinear, coarse.clusters, truth)?;
        let sigmas: Vec<f64> = group.iter().map(|&place| variants[place].correspondence.sigma).collect();
        let masks = fine_masks(evaluator, case, &labels, coarse.clusters, correspondence, &sigmas)?;
        let scores =
            masks.iter().map(|labels| Scores::new(labels, coarse.clusters, truth)).collect::<Result<Vec<_>>>()?;
        Ok((group, scores, bilinear))
    })?;
    let mut outcomes: Vec<Outcome> = variants
        .iter()
        .map(|variant| Outcome { variant: variant.clone(), scores: Vec::new(), bilinear: Vec::new() })
        .collect();
    for (group, scores, bilinear) in done {
        for (&place, scores) in group.iter().zip(scores) {
            outcomes[place].scores.push(scores);
            outcomes[place].bilinear.push(bilinear);
        }
    }
    ensure!(outcomes.iter().all(|outcome| outcome.scores.len() == cases.len()), "a variant misses a scene");
    Ok(outcomes)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::experiment::tests::{cuts, small};
    use crate::network::tests::committed;
    use crate::settings::CHOSEN;

    #[test]
    fn each_variant_changes_one_setting() {
        let all = variants(&CHOSEN);
        assert_eq!(all[0].setting, "as chosen");
        for variant in &all[1..] {
            let (a, b) = (variant.coarse, CHOSEN.coarse);
            let (c, d) = (variant.correspondence, CHOSEN.correspondence);
            let changes = [
                a.layer != b.layer,
                a.timestep != b.timestep,
                a.clusters != b.clusters,
                a.draws != b.draws,
                c.layer != d.layer,
                c.timestep != d.timestep,
                c.strength != d.strength,
                c.share != d.share,
                c.sigma != d.sigma,
            ];
            assert_eq!(changes.into_iter().filter(|&changed| changed).count(), 1, "{variant:?}");
        }
        let timesteps = all.iter().map(|variant| variant.correspondence.timestep);
        let known = emerdiff::sampler_timesteps().unwrap();
        assert!(timesteps.into_iter().all(|timestep| known.contains(&timestep.into())));
    }

    #[test]
    fn filters_share_their_evaluations() {
        let all = variants(&CHOSEN);
        let sigmas = all.iter().filter(|variant| variant.setting == "filter σ").count();
        assert_eq!(groups(&all).len(), all.len() - sigmas);
        assert_eq!(groups(&all).concat().len(), all.len());
    }

    #[test]
    fn the_chosen_variant_is_the_experiment() {
        let settings = small();
        let (cases, cuts) = cuts(&settings, 2, 2);
        let kept =
            variants(&settings).into_iter().filter(|variant| ["as chosen", "filter σ"].contains(&variant.setting));
        let outcomes = run(&committed(), 2, &cases, &settings, kept.collect(), |_| ()).unwrap();
        for (place, cut) in cuts.iter().enumerate() {
            let scores = cut.scores.as_ref().unwrap();
            assert_eq!(outcomes[0].scores[place], scores[Method::EmerDiff as usize]);
            assert_eq!(outcomes[0].bilinear[place], scores[Method::Bilinear as usize]);
        }
        assert!(outcomes.iter().skip(1).any(|outcome| outcome.scores != outcomes[0].scores));
        let none = outcomes[0].difference(&outcomes[0], Metric::MeanIou);
        assert_eq!((none.mean, none.margin), (0.0, Some(0.0)));
    }
}
