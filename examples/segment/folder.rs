//! A folder of images of one's own: which files it holds, and what is made of them.

use crate::emerdiff::Coarse;
use crate::experiment::{Case, Cut};
use crate::figures::{self, colours::Colours};
use crate::image;
use crate::methods::Method;
use crate::report;
use crate::settings::{CHOSEN, Settings};
use anyhow::{Context, Result, bail, ensure};
use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};

/// What the name of a file with the truth ends in.
const LABELS: &str = "_labels";

/// Images of a picture.
const SHEET: usize = 8;

/// The images of a folder, and what else is there.
#[derive(Debug)]
pub struct Folder {
    /// The images, in the order of their names.
    pub cases: Vec<Case>,
    /// Files that are left out, and why.
    pub skipped: Vec<String>,
}

/// Reads every image, and the truth of those that have one.
///
/// # Errors
///
/// A folder that cannot be read or holds no image, a file that is no image of the right size, and names that differ in
/// nothing but their ending: all before any work is done.
pub fn read(path: &Path, seed: u32) -> Result<Folder> {
    let entries = fs::read_dir(path).with_context(|| format!("{} cannot be read", path.display()))?;
    let (mut images, mut truths, mut skipped) = (BTreeMap::new(), BTreeMap::new(), Vec::new());
    for entry in entries {
        let file = entry.with_context(|| format!("{} cannot be read", path.display()))?.path();
        if file.is_dir() {
            continue;
        }
        let is_png = file.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("png"));
        let name = file.file_stem().and_then(OsStr::to_str).filter(|_| is_png);
        let Some(name) = name else {
            skipped.push(format!("{}: its name does not end in .png", file.display()));
            continue;
        };
        let (names, name) = match name.strip_suffix(LABELS) {
            Some(name) => (&mut truths, name.to_owned()),
            None => (&mut images, name.to_owned()),
        };
        if let Some(other) = names.insert(name, file.clone()) {
            bail!("{} and {} would be written to the same files: rename one", other.display(), file.display());
        }
    }
    for (name, file) in &truths {
        if !images.contains_key(name) {
            skipped.push(format!("{}: there is no {name}.png to it", file.display()));
        }
    }
    skipped.sort();
    ensure!(!images.is_empty(), "{} holds no PNG image", path.display());
    let case = |(index, (name, file)): (usize, (String, PathBuf))| -> Result<Case> {
        let truth = truths.get(&name).map(|file| image::read_labels(file)).transpose()?;
        Ok(Case { name, seed: Case::seed(seed, index as u32), image: image::read(&file)?, truth })
    };
    let cases = images.into_iter().enumerate().map(case).collect::<Result<_>>()?;
    Ok(Folder { cases, skipped })
}

/// The settings for as many masks as were asked for.
pub fn settings(clusters: Option<u32>) -> Settings {
    let clusters = clusters.map_or(CHOSEN.coarse.clusters, |clusters| clusters as usize);
    Settings { coarse: Coarse { clusters, ..CHOSEN.coarse }, ..CHOSEN }
}

/// The masks as files, pictures of them, and the scores of those images whose truth is known.
pub fn files(cases: &[Case], cuts: &[Cut], clusters: usize) -> Result<Vec<(String, Vec<u8>)>> {
    let mut files = Vec::new();
    for (case, cut) in cases.iter().zip(cuts) {
        let colours = Colours::new(cut, clusters, case.truth.as_deref())?;
        for method in Method::ALL {
            let name = format!("{}_{}.png", case.name, method.name());
            files.push((name, image::label_file(&cut.fine[method as usize], &colours.clusters)?));
        }
    }
    let sheets = cases.chunks(SHEET).zip(cuts.chunks(SHEET));
    for (number, (cases, cuts)) in (1..).zip(sheets) {
        let rows: Vec<_> = cases.iter().zip(cuts).collect();
        let title = "Masks of each method from the same coarse ones";
        files.push((format!("masks_{number:02}.png"), figures::masks::draw(title, &rows, clusters)?));
    }
    let table = report::image_table(cases, cuts);
    files.extend(table.map(|table| ("report.txt".to_owned(), format!("{table}\n").into_bytes())));
    Ok(files)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::export::{self, Scenes};
    use crate::scenes::Purpose;
    use quell_examples::output::scratch;

    fn message(path: &Path) -> String {
        format!("{:#}", read(path, 0).unwrap_err())
    }

    #[test]
    fn a_folder_of_scenes_is_read_with_its_truth() {
        let path = scratch("folder");
        export::images(&path, Scenes { purpose: Purpose::Tuning, seed: 5, count: 3 }).unwrap();
        fs::remove_file(path.join("scene_001_labels.png")).unwrap();
        fs::remove_file(path.join("scene_002.png")).unwrap();
        fs::write(path.join("notes.txt"), "not an image").unwrap();
        let Folder { cases, skipped } = read(&path, 9).unwrap();
        let expected: Vec<Case> = (0..2).map(|index| Case::of_scene(Purpose::Tuning, 5, index)).collect();
        assert_eq!(cases.iter().map(|case| &case.name[..]).collect::<Vec<_>>(), ["scene_000", "scene_001"]);
        assert_eq!((&cases[0].image, &cases[0].truth), (&expected[0].image, &expected[0].truth));
        assert_eq!((&cases[1].image, &cases[1].truth), (&expected[1].image, &None));
        assert!(cases[0].seed != cases[1].seed);
        assert!(
            skipped.len() == 2 && skipped[0].contains("notes.txt") && skipped[1].contains("scene_002"),
            "{skipped:?}"
        );
        fs::remove_dir_all(path).unwrap();
    }

    #[test]
    fn what_is_wrong_with_a_folder_is_named() {
        let path = scratch("bad-folder");
        assert!(message(&path).contains("bad-folder"));
        fs::create_dir_all(&path).unwrap();
        assert!(message(&path).contains("no PNG"), "{}", message(&path));
        fs::write(path.join("a.png"), "not an image").unwrap();
        assert!(message(&path).contains("a.png"), "{}", message(&path));
        fs::write(path.join("a.PNG"), "not an image").unwrap();
        assert!(message(&path).contains("rename one"), "{}", message(&path));
        fs::remove_dir_all(path).unwrap();
    }
}
