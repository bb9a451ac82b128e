//! The results in words and numbers: the tables that are printed, and all scores as CSV.

use crate::experiment::{Case, Cut};
use crate::methods::Method;
use crate::options::Options;
use crate::scores::Metric;
use crate::settings::Settings;
use crate::variants::Outcome;
use anyhow::Result;
use quell_examples::statistics::Estimate;
use quell_examples::terminal;
use std::fmt::Write;

/// The scores of a method over the scenes of the test, in their order.
pub fn values(cuts: &[Cut], method: Method, metric: Metric) -> impl Iterator<Item = f64> {
    cuts.iter().filter_map(move |cut| Some(cut.scores.as_ref()?[method as usize].of(metric)))
}

/// The tables for a person.
pub fn tables(options: &Options, settings: &Settings, cuts: &[Cut], variants: &[Outcome]) -> Result<String> {
    let Options { scenes, splits, seed, .. } = options;
    let all = options.all_scenes();
    let clusters = settings.coarse.clusters;
    let mut text = format!(
        "Masks of {all} scenes that neither training nor tuning has seen, seed {seed}: {splits} split{} of {scenes}.\n\
         Every method starts from the same {clusters} coarse masks on 8 × 8 cells; each mask stands for the region that \
         most of its pixels are in.\n\
         Boundaries match within a pixel. Intervals are 95 % of Student's t over the scenes.\n",
        plural(*splits)
    );
    write!(text, "\nMean over the scenes\n{}\n", means(cuts))?;
    write!(text, "\nEmerDiff minus the other, scene by scene\n{}\n", differences(cuts))?;
    if *splits > 1 {
        write!(text, "\nMean IoU of each split, and over the splits with the interval of their means\n")?;
        writeln!(text, "{}", split_means(cuts, *scenes as usize))?;
    }
    if let Some(first) = variants.first() {
        let count = first.scores.len();
        let heading = format!("EmerDiff with one setting changed, on the first {count} scene{}", plural(count as u32));
        write!(text, "\n{heading}\n{}\n", variant_table(first, variants))?;
        writeln!(
            text,
            "The difference is to the settings as chosen, scene by scene. \
             The last column interpolates the same coarse masks."
        )?;
    }
    Ok(text)
}

fn plural(count: u32) -> &'static str {
    if count == 1 { "" } else { "s" }
}

fn estimate_text(Estimate { mean, margin }: Estimate) -> String {
    match margin {
        Some(margin) => format!("{mean:.3} ± {margin:.3}"),
        None => format!("{mean:.3}"),
    }
}

fn difference_text(Estimate { mean, margin }: Estimate) -> String {
    match margin {
        Some(margin) => format!("{mean:+.3} ± {margin:.3}"),
        None => format!("{mean:+.3}"),
    }
}

fn metric_header(first: &str) -> Vec<String> {
    [first].into_iter().chain(Metric::ALL.map(Metric::label)).map(str::to_owned).collect()
}

fn means(cuts: &[Cut]) -> comfy_table::Table {
    let mut table = terminal::table(&metric_header("method"), 1);
    for method in Method::ALL {
        let estimates = Metric::ALL.map(|metric| estimate_text(Estimate::of(values(cuts, method, metric))));
        table.add_row([method.label().to_owned()].into_iter().chain(estimates));
    }
    table
}

/// How much greater EmerDiff's score is than another method's.
pub fn advantage(cuts: &[Cut], over: Method, metric: Metric) -> Estimate {
    Estimate::of_differences(values(cuts, Method::EmerDiff, metric), values(cuts, over, metric))
}

fn differences(cuts: &[Cut]) -> comfy_table::Table {
    let mut table = terminal::table(&metric_header("method"), 1);
    for method in Method::ALL.into_iter().filter(|&method| method != Method::EmerDiff) {
        let estimates = Metric::ALL.map(|metric| difference_text(advantage(cuts, method, metric)));
        table.add_row([method.label().to_owned()].into_iter().chain(estimates));
    }
    table
}

fn split_means(cuts: &[Cut], scenes: usize) -> comfy_table::Table {
    let splits: Vec<&[Cut]> = cuts.chunks(scenes).collect();
    let names = (1..=splits.len()).map(|split| format!("split {split}"));
    let header: Vec<String> = ["method".to_owned()].into_iter().chain(names).chain(["splits".to_owned()]).collect();
    let mut table = terminal::table(&header, 1);
    let mean = |split: &[Cut], method| Estimate::of(values(split, method, Metric::MeanIou)).mean;
    let mut add = |name: String, of: &dyn Fn(&[Cut]) -> f64, text: &dyn Fn(Estimate) -> String| {
        let means: Vec<f64> = splits.iter().map(|split| of(split)).collect();
        let single = means.iter().map(|&mean| text(Estimate { mean, margin: None }));
        let all = text(Estimate::of(means.iter().copied()));
        table.add_row([name].into_iter().chain(single).chain([all]));
    };
    for method in Method::ALL {
        add(method.label().into(), &|split| mean(split, method), &estimate_text);
    }
    for method in [Method::Bilinear, Method::JointBilateral] {
        let name = format!("EmerDiff − {}", method.label());
        add(name, &|split| mean(split, Method::EmerDiff) - mean(split, method), &difference_text);
    }
    table
}

fn variant_table(chosen: &Outcome, variants: &[Outcome]) -> comfy_table::Table {
    let header = ["setting", "value"].into_iter().chain(Metric::ALL.map(Metric::label));
    let header: Vec<&str> = header.chain(["mean IoU, difference", "mean IoU, bilinear"]).collect();
    let mut table = terminal::table(&header, 2);
    let mut previous = "";
    for outcome in variants {
        let setting = outcome.variant.setting;
        let name = if setting == previous { "" } else { setting };
        previous = setting;
        let scores = Metric::ALL.map(|metric| format!("{:.3}", outcome.estimate(metric).mean));
        let difference = match std::ptr::eq(outcome, chosen) {
            true => String::new(),
            false => difference_text(outcome.difference(chosen, Metric::MeanIou)),
        };
        let bilinear = Estimate::of(outcome.bilinear.iter().map(|scores| scores.of(Metric::MeanIou))).mean;
        let row = [name.to_owned(), outcome.variant.value.clone()].into_iter().chain(scores);
        table.add_row(row.chain([difference, format!("{bilinear:.3}")]));
    }
    table
}

/// Every score: first those of the methods, then those of the variants.
pub fn results_csv(options: &Options, cuts: &[Cut], variants: &[Outcome]) -> Result<Vec<u8>> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    let header = ["method", "setting", "value", "split", "scene"].into_iter().chain(Metric::ALL.map(Metric::name));
    writer.write_record(header)?;
    let mut line = |names: [&str; 3], scene: usize, scores: &crate::scores::Scores| {
        let place = [scene / options.scenes as usize + 1, scene].map(|number| number.to_string());
        let values = Metric::ALL.map(|metric| scores.of(metric).to_string());
        writer.write_record(names.into_iter().chain(place.iter().chain(&values).map(String::as_str)))
    };
    for method in Method::ALL {
        for (scene, cut) in cuts.iter().enumerate() {
            if let Some(scores) = &cut.scores {
                line([method.name(), "", ""], scene, &scores[method as usize])?;
            }
        }
    }
    for Outcome { variant, scores, bilinear } in variants {
        for (method, scores) in [(Method::EmerDiff, scores), (Method::Bilinear, bilinear)] {
            for (scene, scores) in scores.iter().enumerate() {
                line([method.name(), variant.setting, &variant.value], scene, scores)?;
            }
        }
    }
    Ok(writer.into_inner()?)
}

/// The scores of the images whose truth is known, an image a line.
pub fn image_table(cases: &[Case], cuts: &[Cut]) -> Option<String> {
    let scored: Vec<_> = cases.iter().zip(cuts).filter_map(|(case, cut)| Some((case, cut.scores.as_ref()?))).collect();
    if scored.is_empty() {
        return None;
    }
    let header: Vec<&str> = ["mean IoU"].into_iter().chain(Method::ALL.map(Method::label)).collect();
    let mut table = terminal::table(&header, 1);
    for (case, scores) in scored {
        let values = Method::ALL.map(|method| format!("{:.3}", scores[method as usize].of(Metric::MeanIou)));
        table.add_row([case.name.clone()].into_iter().chain(values));
    }
    Some(table.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::experiment::tests::{cuts, small};
    use crate::network::tests::committed;
    use crate::options::tests::parse;
    use crate::variants;

    #[test]
    fn every_score_is_printed_and_a_line_of_the_csv() {
        let settings = small();
        let options = parse(&["--scenes", "2", "--splits", "2", "--variants", "1"]).unwrap();
        let (cases, cuts) = cuts(&settings, 4, 2);
        let kept: Vec<_> =
            variants::variants(&settings).into_iter().filter(|variant| variant.setting != "masks K").take(2).collect();
        let outcomes = variants::run(&committed(), 2, &cases[..1], &settings, kept, |_| ()).unwrap();
        let text = tables(&options, &settings, &cuts, &outcomes).unwrap();
        assert!(text.contains("2 splits of 2") && text.contains("first 1 scene\n"), "{text}");
        for method in Method::ALL {
            for metric in Metric::ALL {
                assert!(text.contains(&estimate_text(Estimate::of(values(&cuts, method, metric)))));
            }
        }
        assert!(text.contains(&difference_text(advantage(&cuts, Method::Pamr, Metric::BoundaryRecall))));

        let file = results_csv(&options, &cuts, &outcomes).unwrap();
        let mut reader = csv::Reader::from_reader(&file[..]);
        let lines: Vec<csv::StringRecord> = reader.records().collect::<Result<_, _>>().unwrap();
        assert_eq!(lines.len(), Method::ALL.len() * 4 + 2 * 2);
        let line = &lines[Method::Guided as usize * 4 + 3];
        assert_eq!(line.iter().take(5).collect::<Vec<_>>(), ["guided", "", "", "2", "3"]);
        let expected = cuts[3].scores.as_ref().unwrap()[Method::Guided as usize].of(Metric::MeanIou);
        assert_eq!(line[6].parse::<f64>().unwrap(), expected);

        assert_eq!(image_table(&cases, &cuts).unwrap().lines().count(), 2 + 4);
        assert_eq!(image_table(&[], &[]), None);
    }

    #[test]
    fn a_difference_has_its_sign() {
        assert_eq!(difference_text(Estimate { mean: 0.1234, margin: Some(0.01) }), "+0.123 ± 0.010");
        assert_eq!(difference_text(Estimate { mean: -0.5, margin: None }), "-0.500");
    }
}
