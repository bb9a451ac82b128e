//! What the schedules are compared on: the denoisers, each with its table and the size of its experiment.

use crate::data::{Digits, SIDE};
use crate::denoiser::{Denoise, Denoiser};
use crate::network::{Network, Settings};
use crate::options::Options;
use crate::tables::{Pass, Tables};
use anyhow::{Context, Result};
use clap::ValueEnum;

/// Samples that are evaluated at a time for the table.
const TABLE_BATCH: u64 = 64;

/// A denoiser of the digits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Kind {
    /// The exact denoiser of the training half: whatever the samples are off, the sampler is to blame
    Exact,
    /// The network that was trained on the training half
    Trained,
}

impl Kind {
    /// The name in tables and titles.
    pub fn label(self) -> &'static str {
        match self {
            Kind::Exact => "exact denoiser",
            Kind::Trained => "trained network",
        }
    }

    /// The beginning of the names of its files.
    pub fn name(self) -> &'static str {
        match self {
            Kind::Exact => "exact",
            Kind::Trained => "trained",
        }
    }
}

/// A denoiser and how much is to be done with it.
pub struct Subject {
    /// Which it is.
    pub kind: Kind,
    /// The denoiser itself.
    pub denoiser: Box<dyn Denoise>,
    /// What has been measured of it, on the training half alone.
    pub tables: Tables,
    /// The budgets.
    pub steps: Vec<u32>,
    /// Images in a set.
    pub samples: u32,
}

impl Subject {
    /// Those that were asked for, their tables still empty.
    pub fn all(options: &Options, digits: &Digits) -> Result<Vec<Subject>> {
        options.denoisers.iter().map(|&kind| Subject::new(kind, options, digits)).collect()
    }

    fn new(kind: Kind, options: &Options, digits: &Digits) -> Result<Subject> {
        let denoiser: Box<dyn Denoise> = match kind {
            Kind::Exact => Box::new(Denoiser::new(digits.train.clone())),
            Kind::Trained => {
                let network = Network::load(&options.network, &Settings::default(), &[1, SIDE, SIDE]).context(
                    "--network: train it by examples/networks/train_digits.py, or leave it out by --denoisers exact",
                )?;
                Box::new(network)
            }
        };
        let tables = Tables::new(options.levels as usize, options.sigma_min, options.sigma_max)?;
        let (steps, samples) = options.extent(kind);
        Ok(Subject { kind, denoiser, tables, steps, samples })
    }

    /// The evaluations that a table takes.
    pub fn table_evaluations(options: &Options) -> u64 {
        2 * u64::from(options.table_samples) * u64::from(options.levels)
    }

    /// Measures the table; `progress` hears of evaluations.
    pub fn measure(&mut self, options: &Options, digits: &Digits, progress: impl Fn(u64)) -> Result<()> {
        let items = digits.train.as_slice().context("the images are not in one piece")?;
        let pass = Pass { items, samples: options.table_samples.into(), batch: TABLE_BATCH, seed: options.seed };
        self.tables.complete(&*self.denoiser, &pass, progress).with_context(|| self.kind.label())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data;
    use crate::options::tests::parse;

    #[test]
    fn a_network_that_is_not_there_is_named() {
        let options = parse(&["--network", "no/such.onnx"]).unwrap();
        let error = Subject::all(&options, &data::load().unwrap()).err().unwrap();
        let text = format!("{error:#}");
        assert!(text.contains("train_digits.py") && text.contains("no/such.onnx"), "{text}");
    }

    #[test]
    fn the_table_takes_what_was_foretold() {
        let options = parse(&["--denoisers", "exact", "--levels", "24", "--table-samples", "70"]).unwrap();
        let digits = data::load().unwrap();
        let mut subject = Subject::all(&options, &digits).unwrap().pop().unwrap();
        let sum = std::cell::Cell::new(0);
        subject.measure(&options, &digits, |evaluations| sum.set(sum.get() + evaluations)).unwrap();
        assert_eq!((sum.get(), subject.tables.evaluations()), (2 * 70 * 24, Subject::table_evaluations(&options)));
    }
}
