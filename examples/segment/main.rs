//! Pixel-accurate masks from a small diffusion network: EmerDiff against other ways from its coarse features to pixels.
//!
//! The part to copy is [`emerdiff`]: features, clusters, inversion, pushes and read-out, around a network in an ONNX
//! file ([`network`]). The other ways are in [`methods`]. All of them start from the same coarse masks of textured scenes
//! with a known truth ([`scenes`]); the [`scores`] are those of scenes that neither the training nor the choice of
//! settings ([`settings`], [`tune`]) has seen.
//!
//! ```sh
//! cargo run --release --example segment
//! cargo run --release --example segment -- --images my/folder
//! ```

mod emerdiff;
mod experiment;
mod export;
mod figures;
mod folder;
mod image;
mod methods;
mod network;
mod options;
mod report;
mod scenes;
mod scores;
mod settings;
mod tune;
mod variants;
mod workers;

use anyhow::{Context, Result, ensure};
use clap::Parser;
use experiment::{Case, Cut};
use export::Scenes;
use network::Network;
use options::Options;
use quell_examples::canvas;
use quell_examples::output::Directory;
use quell_examples::terminal::{Failure, exit_code, print, progress_bar};
use scenes::Purpose;
use settings::{CHOSEN, Settings};
use std::path::Path;
use std::process::ExitCode;

/// Scenes of the first split that are drawn.
const DRAWN: usize = 6;

fn main() -> ExitCode {
    let options = Options::parse();
    let result = if let Some(path) = &options.export_scenes {
        let scenes = scenes_to_write(&options, Purpose::Training);
        export::arrays(path, scenes).and_then(|text| say(&options, &text)).map_err(Failure::of_work)
    } else if let Some(path) = &options.export_images {
        let scenes = scenes_to_write(&options, Purpose::Test);
        export::images(path, scenes).and_then(|text| say(&options, &text)).map_err(Failure::of_work)
    } else if let Some(path) = &options.images {
        segment_folder(&options, path)
    } else if options.tune {
        tune(&options)
    } else {
        test(&options)
    };
    exit_code(result)
}

fn scenes_to_write(options: &Options, purpose: Purpose) -> Scenes {
    Scenes { purpose: options.purpose.unwrap_or(purpose), seed: options.seed, count: options.count }
}

fn load(options: &Options) -> Result<Network> {
    Network::load(&options.network).context("--network, which examples/networks/train_scenes.py makes")
}

/// The experiment on the test scenes.
fn test(options: &Options) -> Result<(), Failure> {
    // All that can be wrong with the request shows before the work begins.
    let request = || Ok((load(options)?, Directory::open(&options.out).context("--out")?));
    let (network, directory) = request().map_err(Failure::of_request)?;
    let work = || {
        let cases: Vec<Case> =
            (0..options.all_scenes()).map(|index| Case::of_scene(Purpose::Test, options.seed, index)).collect();
        let changed = &cases[..options.variant_scenes() as usize];
        let variants = if changed.is_empty() { Vec::new() } else { variants::variants(&CHOSEN) };
        let of_scenes = emerdiff::evaluations(&CHOSEN.coarse, &CHOSEN.correspondence)? * cases.len() as u64;
        let of_variants = variants::evaluations(&variants)? * changed.len() as u64;

        let bar = progress_bar(options.quiet, of_scenes + of_variants)?;
        let cuts = experiment::run(&network, options.threads, &cases, &CHOSEN, |count| bar.inc(count))?;
        let outcomes = variants::run(&network, options.threads, changed, &CHOSEN, variants, |count| bar.inc(count))?;
        bar.finish_and_clear();

        canvas::load_font()?;
        let tables = report::tables(options, &CHOSEN, &cuts, &outcomes)?;
        let rows: Vec<(&Case, &Cut)> = cases.iter().zip(&cuts).take(DRAWN.min(options.scenes as usize)).collect();
        let title = "The first test scenes: masks of each method from the same coarse ones";
        let maps = figures::differences::Maps::new(&network, &cases[0], &CHOSEN)?;
        let files = [
            ("report.txt", tables.clone().into_bytes()),
            ("results.csv", report::results_csv(options, &cuts, &outcomes)?),
            ("masks.png", figures::masks::draw(title, &rows, CHOSEN.coarse.clusters)?),
            ("differences.png", figures::differences::draw(&cases[0], &cuts[0], &maps)?),
            ("scores.png", figures::scores::draw(&cuts)?),
        ];
        let files = files.map(|(name, content)| (name.to_owned(), content));
        directory.write(&files)?;
        say(options, &format!("{tables}\n{}", written(&directory, files.iter().map(|(name, _)| &name[..]))))
    };
    work().map_err(Failure::of_work)
}

/// The choice of the settings.
fn tune(options: &Options) -> Result<(), Failure> {
    let network = load(options).map_err(Failure::of_request)?;
    let work = || {
        let scenes = 0..options.tuning_scenes;
        let cases: Vec<Case> = scenes.map(|index| Case::of_scene(Purpose::Tuning, options.seed, index)).collect();
        let bar = progress_bar(options.quiet, tune::evaluations(cases.len())?)?;
        let (_, report) = tune::choose(&network, options.threads, &cases, |count| bar.inc(count))?;
        bar.finish_and_clear();
        say(options, &report)
    };
    work().map_err(Failure::of_work)
}

/// The masks of a folder of images.
fn segment_folder(options: &Options, path: &Path) -> Result<(), Failure> {
    let settings: Settings = folder::settings(options.clusters);
    let request = || {
        let folder = folder::read(path, options.seed).context("--images")?;
        let network = load(options)?;
        let directory = Directory::open(&options.out).context("--out")?;
        let same = path.canonicalize()? == directory.path().canonicalize()?;
        ensure!(!same, "--out is the folder of the images, where masks would be taken for images: choose another");
        Ok((folder, network, directory))
    };
    let (folder::Folder { cases, skipped }, network, directory) = request().map_err(Failure::of_request)?;
    let work = || {
        if !options.quiet {
            skipped.iter().for_each(|skipped| eprintln!("skipped: {skipped}"));
        }
        let evaluations = emerdiff::evaluations(&settings.coarse, &settings.correspondence)? * cases.len() as u64;
        let bar = progress_bar(options.quiet, evaluations)?;
        let cuts = experiment::run(&network, options.threads, &cases, &settings, |count| bar.inc(count))?;
        bar.finish_and_clear();
        canvas::load_font()?;
        directory.write(&folder::files(&cases, &cuts, settings.coarse.clusters)?)?;
        if let Some(table) = report::image_table(&cases, &cuts) {
            say(options, &format!("{table}\n"))?;
        }
        let count = format!("the masks of {} images, and pictures of them, masks_01.png and so on", cases.len());
        say(options, &written(&directory, [&count[..]].into_iter()))
    };
    work().map_err(Failure::of_work)
}

fn written<'a>(directory: &Directory, names: impl Iterator<Item = &'a str>) -> String {
    format!("Written to {}: {}.", directory.path().display(), names.collect::<Vec<_>>().join(", "))
}

fn say(options: &Options, text: &str) -> Result<()> {
    if options.quiet { Ok(()) } else { print(text) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use methods::Method;
    use options::tests::parse;
    use quell_examples::output::scratch;
    use std::fs;

    fn names(path: &Path) -> Vec<String> {
        let mut names: Vec<String> =
            fs::read_dir(path).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    }

    #[test]
    fn the_default_order_writes_tables_and_pictures() {
        let out = scratch("segment-test");
        let out_text = out.to_str().unwrap();
        let options =
            parse(&["--scenes", "1", "--splits", "1", "--variants", "0", "--quiet", "--out", out_text]).unwrap();
        assert!(test(&options).is_ok());
        assert_eq!(names(&out), ["differences.png", "masks.png", "report.txt", "results.csv", "scores.png"]);
        let report = fs::read_to_string(out.join("report.txt")).unwrap();
        assert!(report.contains("1 split of 1") && !report.contains("one setting changed"), "{report}");
        fs::remove_dir_all(out).unwrap();
    }

    #[test]
    fn a_folder_gets_its_masks_and_a_bad_one_gets_none() {
        let (images, out) = (scratch("segment-images"), scratch("segment-masks"));
        export::images(&images, Scenes { purpose: Purpose::Tuning, seed: 8, count: 1 }).unwrap();
        let arguments =
            ["--images", images.to_str().unwrap(), "--clusters", "4", "--quiet", "--out", out.to_str().unwrap()];
        let options = parse(&arguments).unwrap();
        assert!(segment_folder(&options, &images).is_ok());
        let mut expected: Vec<String> =
            Method::ALL.iter().map(|method| format!("scene_000_{}.png", method.name())).collect();
        expected.extend(["masks_01.png", "report.txt"].map(str::to_owned));
        expected.sort();
        assert_eq!(names(&out), expected);
        let labels = image::read_labels(&out.join("scene_000_emerdiff.png")).unwrap();
        assert!((0..4).all(|label| labels.contains(&label)) && labels.iter().all(|&label| label < 4));

        fs::remove_dir_all(&out).unwrap();
        fs::write(images.join("broken.png"), "no image").unwrap();
        let Failure { error, code } = segment_folder(&options, &images).unwrap_err();
        assert!(code == 2 && format!("{error:#}").contains("broken.png"), "{error:#}");
        assert!(!out.exists());
        fs::remove_file(images.join("broken.png")).unwrap();
        let same = parse(&["--images", "x", "--out", images.to_str().unwrap()]).unwrap();
        let Failure { error, code } = segment_folder(&same, &images).unwrap_err();
        assert!(code == 2 && error.to_string().contains("choose another"), "{error:#}");
        fs::remove_dir_all(images).unwrap();
    }

    #[test]
    fn a_bad_request_is_told_from_bad_luck() {
        let options = parse(&["--network", "no/such.onnx", "--quiet"]).unwrap();
        for result in [test(&options), tune(&options)] {
            let Failure { error, code } = result.unwrap_err();
            let text = format!("{error:#}");
            assert!(code == 2 && text.contains("no/such.onnx") && text.contains("train_scenes.py"), "{text}");
        }
    }
}
