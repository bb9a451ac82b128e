//! Writing the results: a file is there whole or not at all.

use anyhow::{Context, Result};
use std::fs::{self, File};
use std::io::Write;
use std::path::{Path, PathBuf};

/// A directory that can be written to.
#[derive(Debug)]
pub struct Directory {
    path: PathBuf,
}

impl Directory {
    /// Makes the directory if need be, and tries it: better to fail now than after the work.
    pub fn open(path: &Path) -> Result<Directory> {
        let directory = Directory { path: path.to_owned() };
        let attempt = || {
            fs::create_dir_all(path)?;
            let probe = directory.partial("probe");
            File::create(&probe)?;
            fs::remove_file(&probe)
        };
        attempt().with_context(|| format!("{}: cannot write there", path.display()))?;
        Ok(directory)
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Writes all files under other names first, and renames them when the last one is on the disk.
    pub fn write(&self, files: &[(String, Vec<u8>)]) -> Result<()> {
        let attempt = || {
            for (name, content) in files {
                let path = self.partial(name);
                let write = || {
                    let mut file = File::create(&path)?;
                    file.write_all(content)?;
                    file.sync_all()
                };
                write().with_context(|| format!("cannot write {}", path.display()))?;
            }
            for (name, _) in files {
                let path = self.path.join(name);
                fs::rename(self.partial(name), &path).with_context(|| format!("cannot write {}", path.display()))?;
            }
            Ok(())
        };
        attempt().inspect_err(|_| {
            for (name, _) in files {
                // What has been renamed, or never was written, is not there: nothing to say about that.
                let _ = fs::remove_file(self.partial(name));
            }
        })
    }

    fn partial(&self, name: &str) -> PathBuf {
        self.path.join(format!(".{name}.{}.part", std::process::id()))
    }
}

/// A path of temporary files at which nothing is, for one test.
pub fn scratch(name: &str) -> PathBuf {
    let path = std::env::temp_dir().join(format!("quell-{name}-{}", std::process::id()));
    let _ = fs::remove_dir_all(&path);
    path
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(path: &Path) -> Vec<String> {
        let mut names: Vec<String> =
            fs::read_dir(path).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    }

    #[test]
    fn files_arrive_whole_and_nothing_else_is_left() {
        let path = scratch("whole");
        let directory = Directory::open(&path.join("a/b")).unwrap();
        directory.write(&[("x".into(), b"1".to_vec()), ("y".into(), b"2".to_vec())]).unwrap();
        directory.write(&[("x".into(), b"3".to_vec())]).unwrap();
        assert_eq!(names(&path.join("a/b")), ["x", "y"]);
        assert_eq!(fs::read(path.join("a/b/x")).unwrap(), b"3");
        fs::remove_dir_all(path).unwrap();
    }

    #[test]
    fn a_file_that_cannot_be_written_leaves_none() {
        let path = scratch("none");
        let directory = Directory::open(&path).unwrap();
        let error = directory.write(&[("x".into(), vec![]), ("no/such".into(), vec![])]).unwrap_err();
        assert!(format!("{error:#}").contains("such"), "{error:#}");
        assert_eq!(names(&path), [""; 0]);
        fs::remove_dir_all(path).unwrap();
    }

    #[test]
    fn a_place_that_cannot_be_a_directory_is_named() {
        let path = scratch("file");
        fs::write(&path, "in the way").unwrap();
        let error = Directory::open(&path.join("below")).unwrap_err();
        assert!(format!("{error:#}").contains("below: cannot write"), "{error:#}");
        assert_eq!(fs::read(&path).unwrap(), b"in the way");
        fs::remove_file(path).unwrap();
    }
}
