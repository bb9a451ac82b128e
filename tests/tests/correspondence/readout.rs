//! Differences, the running arg-max, and the read-out that joins them with the filter.

use crate::blur::gaussian;
use crate::case;
use proptest::prelude::*;
use proptest::sample::select;
use quell::correspondence::blur::Gaussian;
use quell::correspondence::difference::{Norm, Size, fill_map};
use quell::correspondence::fold::{Fold, Soft};
use quell::correspondence::image::Layout;
use quell::correspondence::readout::{Filtered, Progress, Readout, divide};
use quell::{Scalar, bf16, f16};
use quell_tests::naive_readout::{self, Colour};
use quell_tests::sampler::{same_bits, widened};
use quell_tests::strategies::{config, values};
use quell_tests::tolerance::{EMERDIFF, READOUT_F32, assert_close, worst_of_largest};
use quell_tests::vectors::{flat, number, whole};
use serde_json::Value;

const REGRESSIONS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/proptest-regressions/correspondence_readout.txt");

/// Exact in double precision as the cases state it; in single against the largest.
fn assert_map<T: Scalar>(what: &str, actual: &[T], expected: &[f64]) {
    let wide = widened(actual);
    if size_of::<T>() == 8 {
        assert_close(what, &wide, expected, EMERDIFF);
    } else {
        let worst = worst_of_largest(&wide, expected);
        assert!(worst <= READOUT_F32, "{what}: {worst:e}");
    }
}

fn differences_of_the_case<P: Colour>() {
    let case = case("modulate_diff");
    let (height, width) = (4, 5);
    let planar: [Vec<P>; 2] = ["I_minus", "I_plus"].map(|name| flat(&case[name]).into_iter().map(P::of).collect());
    let interleave = |image: &Vec<P>| (0..60).map(|i| image[i % 3 * 20 + i / 3]).collect::<Vec<P>>();
    for (images, layout) in [
        (planar.clone(), Layout::planar(3, height, width)),
        ([interleave(&planar[0]), interleave(&planar[1])], Layout::interleaved(3, height, width)),
    ] {
        for (norm, name) in
            [(Norm::Euclidean, "diff"), (Norm::MeanAbsolute, "diff_mean_channel"), (Norm::MaxAbsolute, "diff_max")]
        {
            let mut map = vec![P::Acc::ZERO; height * width];
            fill_map(&mut map, &images[0], &images[1], &layout, norm).expect("two images");
            assert_map(name, &map, &flat(&case[name]));
        }
    }
}

#[test]
fn differences() {
    differences_of_the_case::<f64>();
    differences_of_the_case::<f32>();
}

/// The images of a mask of the case.
fn mask<P: Colour>(case: &Value, name: &str, mask: usize) -> Vec<P> {
    flat(&case[name][mask]).into_iter().map(P::of).collect()
}

fn readout_of_the_case<P: Colour>() {
    let case = case("readout");
    let (masks, height, width) = (4, 6, 7);
    let layout = Layout::planar(3, height, width);
    let plain = Readout::new(3, height, width, number(&case["sigma"]));
    let pair = |i| (mask::<P>(&case, "I_minus", i), mask::<P>(&case, "I_plus", i));
    for (readout, normalised, name) in [
        (Readout { filter: Gaussian::new(0.0), ..plain }, false, "labels_unfiltered"),
        (plain, false, "labels"),
        (plain, true, "labels_maxnormalised"),
        (Readout { filtered: Filtered::Images, ..plain }, false, "labels_filter_images_first"),
    ] {
        let zeros = || vec![P::Acc::ZERO; height * width];
        let (mut best, mut second, mut map, mut margins) = (zeros(), zeros(), zeros(), zeros());
        let mut winners = vec![0u8; height * width];
        let mut fold = Fold::new(&mut best, &mut winners, Some(&mut second), None).expect("lengths");
        fold.reset();
        let mut scratch = vec![P::Acc::ZERO; readout.state_len()];
        for i in 0..masks {
            let (minus, plus) = pair(i);
            let mut progress = Progress::new(i);
            if normalised {
                // By the largest value after the filter: a map in between.
                readout
                    .push_rows_to_map(&mut progress, &mut map, &minus, &plus, &layout, &mut scratch)
                    .expect("two images");
                let mut size = Size::default();
                size.add(&map);
                divide(&mut map, size.divisor_by_max()).expect("a size");
                fold.push(i, 0, &map).expect("a map");
            } else {
                readout.push_rows(&mut progress, &mut fold, &minus, &plus, &layout, &mut scratch).expect("two images");
            }
        }
        fold.fill_margins(&mut margins).expect("margins");
        assert_eq!(winners, whole::<u8>(&case[name]), "{name}");
        if name == "labels" {
            assert_map("best", &best, &flat(&case["best"]));
            // Of a difference of two values the error is theirs.
            let worst = margins.iter().zip(flat(&case["margin"])).map(|(a, b)| (a.to_f64() - b).abs());
            let limit = if size_of::<P::Acc>() == 8 { EMERDIFF } else { READOUT_F32 };
            assert!(worst.fold(0.0, f64::max) <= limit * flat(&case["best"]).into_iter().fold(0.0, f64::max));
        }
    }
}

#[test]
fn readout() {
    readout_of_the_case::<f64>();
    readout_of_the_case::<f32>();
}

/// By the mean before the filter, which takes a look at the images beforehand and no map.
#[test]
fn masks_may_compete_by_their_means() {
    let case = case("readout");
    let layout = Layout::planar(3, 6, 7);
    let readout = Readout::new(3, 6, 7, 1.0);
    let (mut best, mut winners, mut difference) = (vec![0.0; 42], vec![0u8; 42], vec![0.0; 42]);
    let mut fold = Fold::new(&mut best, &mut winners, None, None).expect("lengths");
    fold.reset();
    let mut scratch = vec![0.0; readout.state_len()];
    let mut maps = Vec::new();
    for i in 0..4 {
        let [minus, plus] = ["I_minus", "I_plus"].map(|name| mask::<f64>(&case, name, i));
        fill_map(&mut difference, &minus, &plus, &layout, readout.norm).expect("two images");
        let mut size = Size::default();
        size.add(&difference);
        let mean = difference.iter().sum::<f64>() / 42.0;
        assert_close("mean", &[size.mean()], &[mean], EMERDIFF);
        let mut progress = Progress { divisor: size.divisor_by_mean(), ..Progress::new(i) };
        readout.push_rows(&mut progress, &mut fold, &minus, &plus, &layout, &mut scratch).expect("two images");
        let map = naive_readout::map(&readout, &minus, &plus, &layout);
        maps.push((i, map.into_iter().map(|x| x / size.mean()).collect::<Vec<f64>>()));
    }
    let (expected, labels, _) = naive_readout::fold(42, &maps);
    assert!(same_bits(&best, &expected));
    assert_eq!(winners, labels);
}

fn ties_of_the_case<T: Scalar>() {
    let case = case("argmax_ties");
    let fold_of = |maps: &[Vec<f64>]| {
        let (mut best, mut winners, mut second) = (vec![T::ZERO; 4], vec![0u8; 4], vec![T::ZERO; 4]);
        let mut fold = Fold::new(&mut best, &mut winners, Some(&mut second), None).expect("lengths");
        fold.reset();
        for (label, map) in maps.iter().enumerate() {
            let map: Vec<T> = map.iter().map(|&x| T::from_f64(x)).collect();
            fold.push(label, 0, &map).expect("a map");
        }
        let undecided = fold.undecided(f64::NEG_INFINITY);
        (winners, undecided)
    };
    let maps: Vec<Vec<f64>> = case["maps"].as_array().expect("maps").iter().map(flat).collect();
    let tied = whole::<u8>(&case["tie_mask"]).into_iter().filter(|&tied| tied == 1).count();
    assert_eq!(fold_of(&maps), (whole(&case["labels"]), tied));
    // JSON has no NaN; the case has these two maps as text.
    let (nan, nothing) = (f64::NAN, f64::NEG_INFINITY);
    assert_eq!(case["nan_maps"].as_str(), Some("[[[nan,1],[-inf,2]],[[0.5,nan],[-inf,2]]]"));
    let (winners, _) = fold_of(&[vec![nan, 1.0, nothing, 2.0], vec![0.5, nan, nothing, 2.0]]);
    assert_eq!(winners, whole::<u8>(&case["labels_with_strict_greater_from_minus_inf"]));
}

#[test]
fn ties() {
    ties_of_the_case::<f64>();
    ties_of_the_case::<f32>();
}

/// Sizes of 0, 1, a pixel, a row, a column, below and above the radius; every norm, filter and order of the two.
fn any_readout() -> impl Strategy<Value = Readout> {
    let norm = select(vec![Norm::Euclidean, Norm::MeanAbsolute, Norm::MaxAbsolute]);
    let size = (prop_oneof![0..=9usize, Just(1), Just(40)], prop_oneof![0..=20usize, Just(1), Just(70)]);
    (1..=4usize, size, gaussian(), norm, select(vec![Filtered::Norm, Filtered::Images])).prop_map(
        |(channels, (height, width), filter, norm, filtered)| Readout {
            channels,
            height,
            width,
            filter,
            norm,
            filtered,
        },
    )
}

/// Planar, interleaved, or a part of a larger image.
fn layout_of(readout: &Readout, kind: usize) -> Layout {
    let (channels, height, width) = (readout.channels, readout.height, readout.width);
    match kind {
        0 => Layout::planar(channels, height, width),
        1 => Layout::interleaved(channels, height, width),
        _ => Layout {
            channel_stride: 2,
            column_stride: 2 * channels + 1,
            row_stride: (2 * channels + 1) * (width + 3),
            ..Layout::planar(channels, height, width)
        },
    }
}

/// A run of masks: how each is cut into portions of rows, in which order they come, and to which of three states each
/// goes, which are then merged.
#[derive(Clone, Debug)]
struct Run {
    cuts: Vec<usize>,
    order: Vec<usize>,
    states: Vec<usize>,
    merges: Vec<usize>,
    layout: usize,
    spoilt: Option<(usize, f64)>,
    seed: u64,
}

fn run() -> impl Strategy<Value = Run> {
    let special = select(vec![f64::NAN, f64::INFINITY, f64::NEG_INFINITY]);
    (
        proptest::collection::vec(0..=20usize, 1..4),
        Just((0..5).collect::<Vec<usize>>()).prop_shuffle(),
        proptest::collection::vec(0..3usize, 5),
        Just(vec![0, 1, 2]).prop_shuffle(),
        0..3usize,
        proptest::option::of((any::<usize>(), special)),
        any::<u64>(),
    )
        .prop_map(|(cuts, order, states, merges, layout, spoilt, seed)| Run {
            cuts,
            order,
            states,
            merges,
            layout,
            spoilt,
            seed,
        })
}

/// The images of the masks: some numbers, small ones so that there are ties, and one that is not finite.
fn images<P: Colour>(run: &Run, layout: &Layout) -> Vec<[Vec<P>; 2]> {
    let image = |stream: usize| {
        let mut image: Vec<P> = values(run.seed, stream as u64, layout.len())
            .into_iter()
            .map(|x| P::of(if run.seed.is_multiple_of(2) { x } else { (x.abs() * 100.0) % 4.0 }.clamp(-1e4, 1e4)))
            .collect();
        if let Some((place, value)) = run.spoilt
            && !image.is_empty()
            && place % 10 == stream
        {
            let place = place % image.len();
            image[place] = P::of(value);
        }
        image
    };
    (0..5).map(|mask| [image(2 * mask), image(2 * mask + 1)]).collect()
}

/// Reads one mask in portions.
fn push<P: Colour>(
    readout: &Readout,
    run: &Run,
    label: usize,
    fold: &mut Fold<P::Acc, u8>,
    [minus, plus]: &[Vec<P>; 2],
    scratch: &mut [P::Acc],
) {
    let whole = layout_of(readout, run.layout);
    let mut progress = Progress::new(label);
    let mut cuts = run.cuts.iter().cycle();
    let mut calls = 0;
    while !readout.is_complete(&progress) {
        // Now and then no rows at all; no longer than a whole cycle of those.
        let rows = cuts.next().copied().unwrap_or(1).max(calls / 8).min(readout.height - progress.rows);
        let portion = Layout { height: rows, ..whole };
        let start = (progress.rows * whole.row_stride).min(minus.len());
        let (minus, plus) = (&minus[start..], &plus[start..]);
        readout.push_rows(&mut progress, fold, minus, plus, &portion, scratch).expect("rows");
        calls += 1;
    }
}

fn streams_are_whole_maps<P: Colour>(readout: &Readout, run: &Run) -> Result<(), TestCaseError> {
    let pixels = readout.height * readout.width;
    let layout = layout_of(readout, run.layout);
    let images = images::<P>(run, &layout);
    let maps: Vec<(usize, Vec<P::Acc>)> =
        images.iter().map(|[minus, plus]| naive_readout::map(readout, minus, plus, &layout)).enumerate().collect();
    let (best, labels, second) = naive_readout::fold(pixels, &maps);

    let nan = P::Acc::from_f64(f64::NAN);
    let mut bests = vec![vec![nan; pixels]; 3];
    let mut seconds = bests.clone();
    let mut winners = vec![vec![9u8; pixels]; 3];
    let mut states: Vec<Fold<P::Acc, u8>> = bests
        .iter_mut()
        .zip(&mut winners)
        .zip(&mut seconds)
        .map(|((best, labels), second)| Fold::new(best, labels, Some(second), None).expect("lengths"))
        .collect();
    states.iter_mut().for_each(Fold::reset);
    for &mask in &run.order {
        let mut scratch = vec![nan; readout.state_len()];
        push(readout, run, mask, &mut states[run.states[mask]], &images[mask], &mut scratch);
    }
    let mut whole = states.swap_remove(run.merges[0]);
    states.iter().for_each(|state| whole.merge(state).expect("lengths"));
    prop_assert_eq!(whole.labels(), &labels[..]);
    prop_assert!(same_bits(whole.best(), &best));
    prop_assert!(same_bits(whole.second().expect("kept"), &second));

    // Without second largest values, which are compared another way; by way of a map, too.
    let (mut alone, mut winners, mut map) = (vec![nan; pixels], vec![9u16; pixels], vec![nan; pixels]);
    let mut fold = Fold::new(&mut alone, &mut winners, None, None).expect("lengths");
    fold.reset();
    for &mask in &run.order {
        let mut scratch = vec![nan; readout.state_len()];
        let [minus, plus] = &images[mask];
        let mut progress = Progress::new(mask);
        readout.push_rows_to_map(&mut progress, &mut map, minus, plus, &layout, &mut scratch).expect("two images");
        prop_assert!(same_bits(&map, &maps[mask].1));
        let (first, rest) = map.split_at(map.len() / 3);
        fold.push(mask, first.len(), rest).expect("a portion");
        fold.push(mask, 0, first).expect("a portion");
    }
    prop_assert!(same_bits(&alone, &best));
    prop_assert!(winners.iter().zip(&labels).all(|(&a, &b)| a == u16::from(b)));
    Ok(())
}

/// The soft-max of maps that are all there at once.
fn soft_max(maps: &[Vec<f64>], pixel: usize, scale: f64) -> (f64, f64) {
    let best = maps.iter().map(|map| map[pixel]).fold(f64::NEG_INFINITY, f64::max);
    let weights: Vec<f64> = maps.iter().map(|map| (scale * (map[pixel] - best)).exp()).collect();
    let total: f64 = weights.iter().sum();
    let entropy = weights.iter().filter(|&&w| w > 0.0).map(|w| -(w / total) * (w / total).ln()).sum();
    (1.0 / total, entropy)
}

proptest! {
    #![proptest_config(config(REGRESSIONS))]

    #[test]
    fn any_portions_orders_and_merges_give_the_bits_of_whole_maps(readout in any_readout(), run in run()) {
        streams_are_whole_maps::<f32>(&readout, &run)?;
        streams_are_whole_maps::<f64>(&readout, &run)?;
        streams_are_whole_maps::<u8>(&readout, &run)?;
        streams_are_whole_maps::<f16>(&readout, &run)?;
        streams_are_whole_maps::<bf16>(&readout, &run)?;
    }

    /// Confidences and entropies, whichever way the masks are split.
    #[test]
    fn soft_maxes_are_those_of_all_masks(
        pixels in 1..=9usize,
        masks in 1..=6usize,
        scale in prop_oneof![Just(0.0), 0.01..10.0f64],
        split in 0..=6usize,
        seed: u64,
    ) {
        let maps: Vec<Vec<f64>> =
            (0..masks).map(|mask| values(seed, mask as u64, pixels).iter().map(|x| x % 20.0).collect()).collect();
        let zeros = || vec![0.0; pixels];
        let [mut best, mut sum, mut moment, mut best2, mut sum2, mut moment2] = [(); 6].map(|()| zeros());
        let (mut winners, mut winners2) = (vec![0u8; pixels], vec![0u8; pixels]);
        let soft = Soft { sum: &mut sum, moment: Some(&mut moment), scale };
        let mut fold = Fold::new(&mut best, &mut winners, None, Some(soft)).expect("lengths");
        let soft = Soft { sum: &mut sum2, moment: Some(&mut moment2), scale };
        let mut other = Fold::new(&mut best2, &mut winners2, None, Some(soft)).expect("lengths");
        fold.reset();
        other.reset();
        for (mask, map) in maps.iter().enumerate() {
            let state = if mask < split { &mut other } else { &mut fold };
            state.push(mask, 0, map).expect("a map");
        }
        fold.merge(&other).expect("lengths");
        let (mut confidences, mut entropies) = (zeros(), zeros());
        fold.fill_confidences(&mut confidences).expect("a sum");
        fold.fill_entropies(&mut entropies).expect("a moment");
        for pixel in 0..pixels {
            let (confidence, entropy) = soft_max(&maps, pixel, scale);
            prop_assert!((confidences[pixel] / confidence - 1.0).abs() <= EMERDIFF);
            prop_assert!((entropies[pixel] - entropy).abs() <= EMERDIFF * (1.0 + entropy));
        }
    }
}
