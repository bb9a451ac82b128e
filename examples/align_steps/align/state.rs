//! What has been measured, as a file: a run that was stopped goes on from it.
//!
//! | bytes | what |
//! | --- | --- |
//! | 8 | `quellrun` |
//! | 4 | the version of this format |
//! | 8 | the fingerprint of all that the numbers depend on |
//! | a third of the rest each | the tables of paths, of trajectories and of leaps, as `quell::diffusion::bound::save` has them |
//!
//! All numbers are little-endian. Which samples are in, the counts of the tables say: samples are added in order.

use crate::tables::Tables;
use anyhow::{Context, Result, bail, ensure};
use quell::diffusion::bound::Moments;
use quell::diffusion::bound::save::{self, Kind};
use quell_examples::output::Directory;
use std::fs;
use std::io::ErrorKind;
use std::path::PathBuf;

const MAGIC: [u8; 8] = *b"quellrun";
const VERSION: u32 = 1;
const HEADER: usize = 20;

/// What the three tables are.
const KINDS: [Kind; 3] = [Kind::Pairs, Kind::Trajectories, Kind::Deviations];

/// A file for one run.
pub struct StateFile<'a> {
    /// Where it is.
    pub directory: &'a Directory,
    /// Its name there.
    pub name: String,
    /// Tells the run from others ([`Fingerprint`]).
    pub fingerprint: u64,
}

impl StateFile<'_> {
    /// Takes what is in the file, if there is one, into empty tables on the run's grid.
    ///
    /// # Errors
    ///
    /// A file that is none of this kind, is damaged, or belongs to another run. It stays as it is.
    pub fn load(&self, tables: &mut Tables) -> Result<()> {
        let path = self.path();
        match fs::read(&path) {
            Ok(bytes) => self.decode(&bytes, tables).with_context(|| {
                format!("{} is left as it is: move it away to start anew, or choose another --out", path.display())
            }),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(()),
            Err(error) => Err(error).with_context(|| format!("{} cannot be read", path.display())),
        }
    }

    /// Writes the tables, all or nothing.
    pub fn save(&self, tables: &Tables) -> Result<()> {
        self.directory.write(&[(self.name.clone(), self.encode(tables)?)])
    }

    fn path(&self) -> PathBuf {
        self.directory.path().join(&self.name)
    }

    fn encode(&self, tables: &Tables) -> Result<Vec<u8>> {
        let mut bytes = [&MAGIC[..], &VERSION.to_le_bytes(), &self.fingerprint.to_le_bytes()].concat();
        for (kind, moments) in KINDS.into_iter().zip([&tables.paths, &tables.trajectories, &tables.leaps]) {
            let mut table = vec![0; save::encoded_len(kind, tables.grid.len())];
            save::encode(&mut table, kind, &tables.grid, moments)?;
            bytes.extend(table);
        }
        Ok(bytes)
    }

    fn decode(&self, bytes: &[u8], tables: &mut Tables) -> Result<()> {
        ensure!(bytes.len() >= HEADER && bytes[..8] == MAGIC, "this is no state of align_steps");
        let (header, rest) = bytes.split_at(HEADER);
        ensure!(header[8..12] == VERSION.to_le_bytes(), "the state is of another version of align_steps");
        let damaged = "the state is damaged or cut off";
        ensure!(rest.len().is_multiple_of(KINDS.len()) && !rest.is_empty(), damaged);
        let parts: Vec<&[u8]> = rest.chunks_exact(rest.len() / KINDS.len()).collect();
        let mut moments = Vec::new();
        for (kind, part) in KINDS.into_iter().zip(parts) {
            let levels = save::header(part).context(damaged)?.levels;
            let mut sigmas = vec![0.0; levels];
            save::decode_sigmas(&mut sigmas, part).context(damaged)?;
            if sigmas != tables.grid {
                let ends = |sigmas: &[f64]| {
                    format!("{} levels from {} to {}", sigmas.len(), sigmas[0], sigmas[sigmas.len() - 1])
                };
                bail!("the state is of another grid, {} instead of {}", ends(&sigmas), ends(&tables.grid));
            }
            let mut table = vec![Moments::default(); kind.moments_len(levels)];
            save::decode(&mut table, kind, &sigmas, part).context(damaged)?;
            moments.push(table);
        }
        ensure!(
            header[12..] == self.fingerprint.to_le_bytes(),
            "the state belongs to another model, data, seed, batch or description of the network"
        );
        if let [paths, trajectories, leaps] = &mut moments[..] {
            tables.paths = std::mem::take(paths);
            tables.trajectories = std::mem::take(trajectories);
            tables.leaps = std::mem::take(leaps);
        }
        Ok(())
    }
}

/// FNV-1a over all that decides the numbers of a run.
#[derive(Clone, Copy, Debug)]
pub struct Fingerprint(u64);

impl Default for Fingerprint {
    fn default() -> Self {
        Fingerprint(0xcbf2_9ce4_8422_2325)
    }
}

impl Fingerprint {
    /// Takes a part; where it ends counts, too.
    pub fn add(self, part: &[u8]) -> Fingerprint {
        let length = (part.len() as u64).to_le_bytes();
        let step = |hash: u64, byte: &u8| (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3);
        Fingerprint(length.iter().chain(part).fold(self.0, step))
    }

    /// The number.
    pub fn value(self) -> u64 {
        self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tables::tests::gaussian;
    use quell_examples::output::scratch;

    #[test]
    fn what_is_saved_comes_back_and_nothing_else_does() {
        let path = scratch("state");
        let directory = Directory::open(&path).unwrap();
        let file = StateFile { directory: &directory, name: "a.state".into(), fingerprint: 7 };
        let whole = gaussian(0.5, 9);
        let empty = || Tables::new(9, 0.02, 20.0).unwrap();
        let mut tables = empty();
        file.load(&mut tables).unwrap();
        assert_eq!(tables, empty());
        file.save(&whole).unwrap();
        file.load(&mut tables).unwrap();
        assert_eq!(tables, whole);

        let good = fs::read(path.join("a.state")).unwrap();
        let refused = |bytes: &[u8], fingerprint: u64, mut tables: Tables| {
            fs::write(path.join("a.state"), bytes).unwrap();
            let before = tables.clone();
            let error =
                StateFile { fingerprint, name: "a.state".into(), directory: &directory }.load(&mut tables).unwrap_err();
            assert_eq!(tables, before);
            assert_eq!(fs::read(path.join("a.state")).unwrap(), bytes);
            let text = format!("{error:#}");
            assert!(text.contains("a.state") && text.contains("left as it is"), "{text}");
            text
        };
        for length in [0, 7, 19, 20, 21, 100, good.len() / 2, good.len() - 3, good.len() - 1] {
            let text = refused(&good[..length], 7, empty());
            assert!(text.contains("no state") || text.contains("cut off"), "{length}: {text}");
        }
        assert!(refused(&[&good[..], &[0; 3]].concat(), 7, empty()).contains("cut off"));
        for at in [30, 200, good.len() - 1] {
            let mut bytes = good.clone();
            bytes[at] ^= 1;
            assert!(refused(&bytes, 7, empty()).contains("damaged"), "{at}");
        }
        assert!(refused(b"something else entirely", 7, empty()).contains("no state"));
        assert!(refused(&good, 8, empty()).contains("another model"));
        assert!(refused(&good, 7, Tables::new(10, 0.02, 20.0).unwrap()).contains("another grid, 9 levels"));
        assert!(refused(&good, 7, Tables::new(9, 0.03, 20.0).unwrap()).contains("another grid"));
        let mut newer = good.clone();
        newer[8] += 1;
        assert!(refused(&newer, 7, empty()).contains("version"));
        fs::remove_dir_all(path).unwrap();
    }

    #[test]
    fn a_fingerprint_knows_where_parts_end() {
        let of = |parts: &[&[u8]]| parts.iter().fold(Fingerprint::default(), |hash, part| hash.add(part)).value();
        assert_ne!(of(&[b"ab", b"c"]), of(&[b"a", b"bc"]));
        assert_ne!(of(&[b"a"]), of(&[b"b"]));
        assert_eq!(of(&[b"a", b"b"]), of(&[b"a", b"b"]));
    }
}
