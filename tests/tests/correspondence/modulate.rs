//! Offsets.

use crate::case;
use proptest::prelude::*;
use quell::correspondence::modulate::{
    Channels, Pass, fill_offsets, fill_passes, fill_weighted_offsets, offset_cells, offset_weighted,
};
use quell::{bf16, f16};
use quell_tests::naive::{Element, narrowed, widened};
use quell_tests::sampler::same_bits;
use quell_tests::strategies::{config, values};
use quell_tests::tolerance::{EMERDIFF, PASS_F32, assert_close};
use quell_tests::vectors::{matrix, number, numbers};

const REGRESSIONS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/proptest-regressions/correspondence_modulate.txt");

/// A reference and a pair of passes in one batch.
fn offsets_of_the_case<X: Element>(tolerance: f64) {
    let case = case("modulate_diff");
    let features = narrowed::<X>(&matrix(&case["features"]));
    let mask = numbers(&case["mask"]);
    let labels: Vec<u8> = mask.iter().map(|&member| member as u8).collect();
    let mut passes = [Pass::default(); 3];
    fill_passes(&mut passes, 1, number(&case["lam"]), true).expect("a pair");
    let [mut hard, mut soft] = [features.repeat(3), features.repeat(3)];
    offset_cells(&mut hard, &labels, &passes, Channels::Last).expect("a batch");
    // The mask with label 0 is nobody's.
    let masks = [vec![0.5; mask.len()], mask].concat();
    offset_weighted(&mut soft, &masks, labels.len(), &passes, Channels::Last).expect("a batch");
    for h in [hard, soft] {
        let items: Vec<&[X]> = h.chunks(features.len()).collect();
        assert!(same_bits(items[0], &features));
        assert_close("minus", &widened(items[1]), &matrix(&case["minus"]), tolerance);
        assert_close("plus", &widened(items[2]), &matrix(&case["plus"]), tolerance);
    }
}

#[test]
fn passes_are_pushed_by_the_cases_amount() {
    offsets_of_the_case::<f64>(EMERDIFF);
    offsets_of_the_case::<f32>(PASS_F32);
}

/// Sizes, labels and passes: offsets of 0 among them, and labels that no cell has.
#[derive(Clone, Debug)]
struct Batch {
    cells: usize,
    channels: usize,
    passes: Vec<Pass>,
    data: u64,
}

fn batch() -> impl Strategy<Value = Batch> {
    let offset = prop_oneof![Just(0.0), Just(-10.0), -20.0..20.0f64];
    let pass = (0..5usize, offset).prop_map(|(label, offset)| Pass { label, offset });
    (0..=9usize, 0..=17usize, proptest::collection::vec(pass, 0..=5), any::<u64>())
        .prop_map(|(cells, channels, passes, data)| Batch { cells, channels, passes, data })
}

impl Batch {
    fn features<X: Element>(&self) -> Vec<X> {
        narrowed(&values(self.data, 0, self.passes.len() * self.cells * self.channels))
    }

    fn labels(&self) -> Vec<u16> {
        values(self.data, 1, self.cells).iter().map(|x| (x.to_bits() >> 20) as u16 % 4).collect()
    }

    /// Five masks, with zeros.
    fn weights(&self) -> Vec<f64> {
        values(self.data, 2, 5 * self.cells).into_iter().map(|x| x / 1e4).collect()
    }

    /// Where element (b, n, c) stands.
    fn place(&self, channels: Channels, b: usize, n: usize, c: usize) -> usize {
        match channels {
            Channels::First => (b * self.channels + c) * self.cells + n,
            _ => (b * self.cells + n) * self.channels + c,
        }
    }

    /// Adds what `offset` gives for a pass and a cell, one element at a time.
    fn expected<X: Element>(&self, channels: Channels, offset: impl Fn(&Pass, usize) -> Option<f64>) -> Vec<X> {
        let mut h = self.features::<X>();
        for (b, pass) in self.passes.iter().enumerate() {
            for n in 0..self.cells {
                let Some(offset) = offset(pass, n).filter(|_| pass.offset != 0.0) else { continue };
                for c in 0..self.channels {
                    let x = &mut h[self.place(channels, b, n, c)];
                    *x = X::narrow(X::round(x.widen() + offset));
                }
            }
        }
        h
    }
}

fn offsets_are_their_twins<X: Element>(batch: &Batch) -> Result<(), TestCaseError> {
    let (labels, weights) = (batch.labels(), batch.weights());
    let hard = |pass: &Pass, n: usize| (usize::from(labels[n]) == pass.label).then(|| X::round(pass.offset));
    let soft = |pass: &Pass, n: usize| {
        let weight = X::round(weights[pass.label * batch.cells + n]);
        (weight != 0.0).then(|| X::round(X::round(pass.offset) * weight))
    };
    for channels in [Channels::Last, Channels::First] {
        let mut h = batch.features::<X>();
        offset_cells(&mut h, &labels, &batch.passes, channels).expect("a batch");
        prop_assert!(same_bits(&h, &batch.expected::<X>(channels, hard)), "hard {channels:?}");
        let mut h = batch.features::<X>();
        offset_weighted(&mut h, &weights, batch.cells, &batch.passes, channels).expect("a batch");
        prop_assert!(same_bits(&h, &batch.expected::<X>(channels, soft)), "soft {channels:?}");
    }
    let mut filled = vec![X::narrow(9.0); batch.passes.len() * batch.cells];
    let expected = |offset: &dyn Fn(&Pass, usize) -> Option<f64>| {
        let row = |pass| (0..batch.cells).map(move |n| X::narrow(offset(pass, n).unwrap_or(0.0)));
        batch.passes.iter().flat_map(row).collect::<Vec<X>>()
    };
    fill_offsets(&mut filled, &labels, &batch.passes).expect("a batch");
    prop_assert_eq!(&filled, &expected(&hard));
    fill_weighted_offsets(&mut filled, &weights, batch.cells, &batch.passes).expect("a batch");
    prop_assert_eq!(&filled, &expected(&soft));
    Ok(())
}

proptest! {
    #![proptest_config(config(REGRESSIONS))]

    #[test]
    fn each_element_on_its_own(batch in batch()) {
        offsets_are_their_twins::<f32>(&batch)?;
        offsets_are_their_twins::<f64>(&batch)?;
        offsets_are_their_twins::<f16>(&batch)?;
        offsets_are_their_twins::<bf16>(&batch)?;
    }

    /// Masks are a partition: all of them pushed one after the other are a constant.
    #[test]
    fn all_masks_together_push_everything(batch in batch(), lambda in -8..8i32) {
        let mut h = vec![0f64; batch.cells * batch.channels];
        for label in 0..4 {
            let pass = Pass { label, offset: lambda.into() };
            offset_cells(&mut h, &batch.labels(), &[pass], Channels::First).expect("an item");
        }
        prop_assert!(batch.cells == 0 || h.iter().all(|&x| x == f64::from(lambda)));
    }

    /// A batch is its passes made alone.
    #[test]
    fn a_batch_is_its_items(batch in batch()) {
        let features = batch.features::<f32>();
        let mut together = features.clone();
        offset_cells(&mut together, &batch.labels(), &batch.passes, Channels::Last).expect("a batch");
        let item = batch.cells * batch.channels;
        for (b, &pass) in batch.passes.iter().enumerate() {
            let mut alone = features[b * item..][..item].to_vec();
            offset_cells(&mut alone, &batch.labels(), &[pass], Channels::Last).expect("an item");
            prop_assert!(same_bits(&alone, &together[b * item..][..item]));
        }
    }

    #[test]
    fn passes_come_in_pairs(first in 0..1000usize, pairs in 0..9usize, lambda in -50.0..50.0f64, with_reference: bool) {
        let mut passes = vec![Pass { label: 5, offset: f64::NAN }; 2 * pairs + usize::from(with_reference)];
        fill_passes(&mut passes, first, lambda, with_reference).expect("pairs");
        let pair = |k| [-lambda, lambda].map(|offset| Pass { label: first + k, offset });
        let reference = with_reference.then(Pass::default);
        let expected: Vec<Pass> = reference.into_iter().chain((0..pairs).flat_map(pair)).collect();
        prop_assert_eq!(passes, expected);
    }
}
