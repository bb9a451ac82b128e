//! What can be asked for on the command line.

use crate::scenes::Purpose;
use crate::workers;
use clap::{ArgAction, ArgGroup, Parser, value_parser};
use std::path::PathBuf;

/// The network that comes with the examples.
pub const NETWORK: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/networks/scenes.onnx");

/// What is written, and how to read it.
const FILES: &str = "\
Files, written when all is done, each whole or not at all; files of other names stay:
  report.txt        the tables that are printed
  results.csv       every score of every scene, method and variant
  masks.png         scenes, and the masks of every method beside the truth
  differences.png   for one scene, what each coarse mask changes in the image
  scores.png        the scores of the methods with their intervals
With --images, for each NAME.png of the folder and each method:
  NAME_METHOD.png   the mask of each pixel, an image with a palette whose values are the masks
  masks_NN.png      images, and the masks of every method, eight images at a time
  report.txt        the scores of images that have a NAME_labels.png beside them

A scene's numbers depend on the seed and its place alone: not on the number of scenes, nor of threads.";

/// Cuts images into masks with a small diffusion network (EmerDiff), and compares other ways from its coarse features
/// to pixels.
///
/// The network was trained on textured scenes of 64 by 64 pixels, and has features on 8 by 8 cells. Without other
/// orders, scenes that it has not seen are cut by all methods from the same coarse masks and scored against the truth, and
/// then by EmerDiff with one setting after another changed. All settings were chosen on scenes of their own (--tune).
#[derive(Clone, Debug, Parser)]
#[command(name = "segment", max_term_width = 100, after_long_help = FILES)]
#[command(group = ArgGroup::new("order").args(["tune", "images", "export_scenes", "export_images"]))]
#[command(group = ArgGroup::new("export").args(["export_scenes", "export_images"]))]
pub struct Options {
    /// Scenes of a split
    #[arg(long, value_name = "N", default_value_t = 64, allow_negative_numbers = true, conflicts_with = "order",
          value_parser = value_parser!(u32).range(1..=10_000))]
    pub scenes: u32,

    /// Splits: each has scenes of its own, and its own mean
    #[arg(long, value_name = "N", default_value_t = 3, allow_negative_numbers = true, conflicts_with = "order",
          value_parser = value_parser!(u32).range(1..=100))]
    pub splits: u32,

    /// How many of the scenes are cut again with one setting changed; 0 for none [default: 8, or --scenes if less]
    #[arg(long, value_name = "N", allow_negative_numbers = true, conflicts_with = "order",
          value_parser = value_parser!(u32).range(0..=10_000))]
    pub variants: Option<u32>,

    /// Choose the settings anew, on the tuning scenes alone, and print them with what they were chosen among
    #[arg(long, action = ArgAction::SetTrue)]
    pub tune: bool,

    /// Scenes to tune on
    #[arg(long, value_name = "N", default_value_t = 16, allow_negative_numbers = true, requires = "tune",
          value_parser = value_parser!(u32).range(1..=10_000))]
    pub tuning_scenes: u32,

    /// Cut the images of a folder instead: PNG files of 64 by 64 pixels, grey or colour, of 8 or 16 bits. Those with a
    /// NAME_labels.png beside them (a value for each region) are scored
    #[arg(long, value_name = "DIR")]
    pub images: Option<PathBuf>,

    /// How many masks an image of the folder is cut into [default: as many as a scene]
    #[arg(long, value_name = "N", allow_negative_numbers = true, requires = "images",
          value_parser = value_parser!(u32).range(1..=64))]
    pub clusters: Option<u32>,

    /// Write scenes as uint8 [count, 64, 64, 3], and their regions beside it as NAME.labels.npy
    #[arg(long, value_name = "FILE.npy")]
    pub export_scenes: Option<PathBuf>,

    /// Write scenes as PNG files, and their regions as NAME_labels.png
    #[arg(long, value_name = "DIR")]
    pub export_images: Option<PathBuf>,

    /// How many scenes to write
    #[arg(long, value_name = "N", default_value_t = 16, allow_negative_numbers = true, requires = "export",
          value_parser = value_parser!(u32).range(1..))]
    pub count: u32,

    /// What the written scenes are for [default: training for a .npy file, test for PNG files]
    #[arg(long, value_enum, requires = "export")]
    pub purpose: Option<Purpose>,

    /// The trained network
    #[arg(long, value_name = "FILE", default_value = NETWORK, hide_default_value = true)]
    pub network: PathBuf,

    /// Another seed gives other scenes and other noise; the same seed gives the same ones
    #[arg(long, value_name = "N", default_value_t = 0, allow_negative_numbers = true)]
    pub seed: u32,

    /// Scenes at a time, each on a thread of its own
    #[arg(long, value_name = "N", default_value_t = workers::available(), hide_default_value = true,
          allow_negative_numbers = true,
          value_parser = parse_threads)]
    pub threads: usize,

    /// The directory for tables and pictures; made if it is not there
    #[arg(long, value_name = "DIR", default_value = "out/segment")]
    pub out: PathBuf,

    /// Print nothing but errors
    #[arg(long, short, action = ArgAction::SetTrue)]
    pub quiet: bool,
}

/// Scenes of a variant, unless told otherwise.
const VARIANT_SCENES: u32 = 8;

impl Options {
    /// How many scenes there are in all.
    pub fn all_scenes(&self) -> u32 {
        self.scenes * self.splits
    }

    /// How many of them are cut again with one setting changed.
    pub fn variant_scenes(&self) -> u32 {
        self.variants.unwrap_or(VARIANT_SCENES.min(self.scenes)).min(self.all_scenes())
    }
}

fn parse_threads(text: &str) -> Result<usize, String> {
    match text.parse() {
        Ok(threads @ 1..=1024) => Ok(threads),
        _ => Err("has to be a number from 1 to 1024".into()),
    }
}

#[cfg(test)]
pub mod tests {
    use super::*;

    /// The options of a command line.
    pub fn parse(arguments: &[&str]) -> Result<Options, clap::Error> {
        Options::try_parse_from(["segment"].iter().chain(arguments))
    }

    #[test]
    fn without_arguments_there_are_64_scenes_in_each_of_three_splits() {
        let options = parse(&[]).unwrap();
        assert_eq!((options.scenes, options.all_scenes(), options.variant_scenes()), (64, 192, 8));
        assert!(options.threads >= 1 && options.network.is_absolute());
        assert_eq!(parse(&["--scenes", "4", "--splits", "2"]).unwrap().variant_scenes(), 4);
        assert_eq!(parse(&["--scenes", "4", "--variants", "9", "--splits", "2"]).unwrap().variant_scenes(), 8);
        assert_eq!(parse(&["--variants", "0"]).unwrap().variant_scenes(), 0);
    }

    #[test]
    fn one_order_at_a_time_and_numbers_within_their_range() {
        let refused: [&[&str]; 12] = [
            &["--tune", "--images", "x"],
            &["--export-scenes", "x.npy", "--export-images", "y"],
            &["--clusters", "4"],
            &["--images", "x", "--clusters", "65"],
            &["--tuning-scenes", "4"],
            &["--images", "x", "--scenes", "4"],
            &["--tune", "--variants", "4"],
            &["--count", "4"],
            &["--scenes", "0"],
            &["--splits", "-1"],
            &["--threads", "0"],
            &["something"],
        ];
        for arguments in refused {
            assert!(parse(arguments).is_err(), "{arguments:?}");
        }
        assert!(parse(&["--images", "x", "--clusters", "64", "--seed", "1"]).is_ok());
        assert!(parse(&["--export-images", "x", "--count", "2", "--purpose", "tuning"]).is_ok());
    }
}
