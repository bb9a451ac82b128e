//! Writes scenes: as NumPy files for the training script, or as a folder of pictures.

use crate::figures::colours::PALETTE;
use crate::image::{label_file, rgb_file};
use crate::scenes::{PIXELS, Purpose, SIDE, Scene};
use anyhow::{Context, Result};
use npyz::WriterBuilder;
use quell_examples::output::Directory;
use std::fs::File;
use std::io::BufWriter;
use std::path::{Path, PathBuf};

/// Which scenes.
#[derive(Clone, Copy, Debug)]
pub struct Scenes {
    /// What they are for.
    pub purpose: Purpose,
    /// Their seed.
    pub seed: u32,
    /// How many, from the first on.
    pub count: u32,
}

impl Scenes {
    fn all(self) -> impl Iterator<Item = Scene> {
        (0..self.count).map(move |index| Scene::new(self.purpose, self.seed.into(), index))
    }
}

/// Writes uint8 [count, 64, 64, 3] to `path`, and the regions beside it.
pub fn arrays(path: &Path, scenes: Scenes) -> Result<String> {
    let labels = path.with_extension("labels.npy");
    let (count, side) = (scenes.count.into(), SIDE as u64);
    let mut rgb_file = Array::create(path, &[count, side, side, 3])?;
    let mut label_file = Array::create(&labels, &[count, side, side])?;
    for scene in scenes.all() {
        debug_assert_eq!(scene.labels.len(), PIXELS);
        rgb_file.push(&scene.rgb)?;
        label_file.push(&scene.labels)?;
    }
    rgb_file.finish()?;
    label_file.finish()?;
    Ok(format!("{}, {}: {count} scenes", path.display(), labels.display()))
}

/// Writes an image for each scene and one for its regions.
pub fn images(path: &Path, scenes: Scenes) -> Result<String> {
    let directory = Directory::open(path)?;
    let mut files = Vec::new();
    for (index, scene) in scenes.all().enumerate() {
        files.push((format!("scene_{index:03}.png"), rgb_file(&scene.rgb)?));
        files.push((format!("scene_{index:03}_labels.png"), label_file(&scene.labels, &PALETTE)?));
    }
    directory.write(&files)?;
    Ok(format!("{}: {} scenes", path.display(), scenes.count))
}

/// A NumPy file of bytes that is being written.
struct Array {
    writer: npyz::NpyWriter<u8, BufWriter<File>>,
    path: PathBuf,
}

impl Array {
    fn create(path: &Path, shape: &[u64]) -> Result<Array> {
        let context = || format!("{} cannot be written", path.display());
        let file = BufWriter::new(File::create(path).with_context(context)?);
        let writer = npyz::WriteOptions::new().default_dtype().shape(shape).writer(file).begin_nd();
        Ok(Array { writer: writer.with_context(context)?, path: path.to_owned() })
    }

    fn push(&mut self, bytes: &[u8]) -> Result<()> {
        self.writer.extend(bytes.iter().copied()).with_context(|| format!("{} cannot be written", self.path.display()))
    }

    fn finish(self) -> Result<()> {
        self.writer.finish().with_context(|| format!("{} cannot be written", self.path.display()))
    }
}
