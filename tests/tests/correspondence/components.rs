//! Connected components and the removal of small ones: the case, the naive twin, and what they promise.

use super::case;
use proptest::collection::vec;
use proptest::prelude::*;
use quell::correspondence::components::{self, Connectivity};
use quell::correspondence::fold::Label;
use quell::{Argument, Error};
use quell_tests::naive_components as naive;
use quell_tests::strategies::config;
use quell_tests::vectors::whole;

const REGRESSIONS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/proptest-regressions/components.txt");

const BOTH: [Connectivity; 2] = [Connectivity::Four, Connectivity::Eight];

/// An image of a few labels.
#[derive(Clone, Debug)]
struct Image {
    labels: Vec<u32>,
    height: usize,
    width: usize,
}

fn image() -> impl Strategy<Value = Image> {
    (0..12usize, 0..12usize, 1..5u32).prop_flat_map(|(height, width, clusters)| {
        vec(0..clusters, height * width).prop_map(move |labels| Image { labels, height, width })
    })
}

fn numbered(image: &Image, connectivity: Connectivity) -> (Vec<u32>, usize) {
    let mut ids = vec![u32::MAX; image.labels.len()];
    let count = components::fill_components(&mut ids, &image.labels, image.height, image.width, connectivity);
    (ids, count.expect("components"))
}

fn cleaned<L: Label>(image: &Image, connectivity: Connectivity, least: usize) -> (Vec<u32>, usize) {
    let mut labels: Vec<L> =
        image.labels.iter().map(|&label| L::from_usize(label as usize).expect("a label")).collect();
    let mut scratch = vec![u32::MAX; components::scratch_len(image.height, image.width) + 1];
    let removed = components::remove_small(&mut labels, image.height, image.width, connectivity, least, &mut scratch)
        .expect("room");
    (labels.into_iter().map(|label| label.to_usize() as u32).collect(), removed)
}

#[test]
fn components() {
    let case = case("components");
    let image = Image { labels: whole(&case["labels"]), height: 4, width: 4 };
    for (connectivity, ids, count) in [(Connectivity::Four, "conn4", "n4"), (Connectivity::Eight, "conn8", "n8")] {
        let expected = (whole(&case[ids]), case[count].as_u64().expect("a number") as usize);
        assert_eq!(numbered(&image, connectivity), expected);
    }
}

proptest! {
    #![proptest_config(config(REGRESSIONS))]

    #[test]
    fn numbers_are_those_of_a_flood(image in image()) {
        for connectivity in BOTH {
            let corners = connectivity == Connectivity::Eight;
            let (ids, count) = numbered(&image, connectivity);
            prop_assert_eq!((&ids, count), (&naive::components(&image.labels, image.height, image.width, corners).0,
                naive::components(&image.labels, image.height, image.width, corners).1));
            let mut areas = vec![9; count];
            components::fill_areas(&mut areas, &ids).expect("areas");
            for (id, &area) in areas.iter().enumerate() {
                prop_assert_eq!(area as usize, ids.iter().filter(|&&other| other as usize == id).count());
            }
        }
    }

    #[test]
    fn removal_is_one_after_another(image in image(), least in 0..20usize) {
        for connectivity in BOTH {
            let mut labels = image.labels.clone();
            let corners = connectivity == Connectivity::Eight;
            let removed = naive::remove_small(&mut labels, image.height, image.width, corners, least);
            let cleaned_labels = cleaned::<u8>(&image, connectivity, least);
            prop_assert_eq!(&cleaned_labels, &(labels, removed));
            prop_assert_eq!(&cleaned_labels, &cleaned::<u16>(&image, connectivity, least));
            prop_assert_eq!(&cleaned_labels, &cleaned::<u32>(&image, connectivity, least));
        }
    }

    /// What is left is large enough, has labels that were there, and stays when it is cleaned again.
    #[test]
    fn nothing_small_is_left(image in image(), least in 0..40usize) {
        for connectivity in BOTH {
            let (labels, removed) = cleaned::<u32>(&image, connectivity, least);
            prop_assert!(labels.iter().all(|label| image.labels.contains(label)));
            prop_assert!(removed > 0 || labels == image.labels);
            let after = Image { labels: labels.clone(), ..image };
            let (ids, count) = numbered(&after, connectivity);
            let mut areas = vec![0; count];
            components::fill_areas(&mut areas, &ids).expect("areas");
            prop_assert!(count <= 1 || areas.iter().all(|&area| area as usize >= least));
            prop_assert_eq!(cleaned::<u32>(&after, connectivity, least), (labels, 0));
        }
    }
}

/// The smallest goes first, to the longest border, and bridges what it joins.
#[test]
fn removal_by_hand() {
    let picture = |rows: &[&str]| Image {
        labels: rows.concat().bytes().map(|byte| u32::from(byte - b'a')).collect(),
        height: rows.len(),
        width: rows[0].len(),
    };
    let clean = |rows: &[&str], least| cleaned::<u8>(&picture(rows), Connectivity::Four, least);
    // Three sides with b, one with a.
    assert_eq!(clean(&["aaaa", "bcbb", "bbbb"], 2), (picture(&["aaaa", "bbbb", "bbbb"]).labels, 1));
    // Two sides with each: to the one that comes first.
    assert_eq!(clean(&["aaa", "aca", "bbb"], 2), (picture(&["aaa", "aaa", "bbb"]).labels, 1));
    assert_eq!(clean(&["ac", "bb"], 2), (picture(&["cc", "bb"]).labels, 1));
    // The bridge between two parts of one label makes them one, which is large enough.
    assert_eq!(clean(&["aacaa"], 5), (picture(&["aaaaa"]).labels, 1));
    assert_eq!(clean(&["ab"], 100), (picture(&["bb"]).labels, 1));
    assert_eq!(clean(&["aaaa"], 100), (picture(&["aaaa"]).labels, 0));
}

#[test]
fn a_spiral_is_one_component() {
    let (height, width) = (33, 37);
    let mut labels = vec![0u8; height * width];
    let (mut y, mut x, mut dy, mut dx) = (0isize, 0isize, 0isize, 1isize);
    let at = |y: isize, x: isize| (0..height as isize).contains(&y) && (0..width as isize).contains(&x);
    for _ in 0..height * width {
        labels[y as usize * width + x as usize] = 1;
        let blocked = |labels: &[u8], y: isize, x: isize, dy: isize, dx: isize| {
            let ahead = (y + 2 * dy, x + 2 * dx);
            !at(y + dy, x + dx) || (at(ahead.0, ahead.1) && labels[ahead.0 as usize * width + ahead.1 as usize] == 1)
        };
        if blocked(&labels, y, x, dy, dx) {
            (dy, dx) = (dx, -dy);
            if blocked(&labels, y, x, dy, dx) {
                break;
            }
        }
        (y, x) = (y + dy, x + dx);
    }
    let mut ids = vec![0; labels.len()];
    let count = components::fill_components(&mut ids, &labels, height, width, Connectivity::Four).expect("components");
    assert_eq!(count, 2);
}

#[test]
fn bad_sizes_change_nothing() {
    let (mut ids, mut labels) = ([7u32; 6], [0u8, 1, 2, 3, 4, 5]);
    let refused = |error: Result<usize, Error>| error.unwrap_err().argument();
    assert_eq!(refused(components::fill_components(&mut ids, &labels, 2, 2, Connectivity::Four)), Argument::Labels);
    assert_eq!(
        refused(components::fill_components(&mut ids[..5], &labels, 2, 3, Connectivity::Four)),
        Argument::Components
    );
    let huge = components::fill_components(&mut ids, &labels, usize::MAX, 2, Connectivity::Four);
    assert_eq!(refused(huge), Argument::Height);
    let mut scratch = [7; 23];
    assert_eq!(components::scratch_len(2, 3), 24);
    let short = components::remove_small(&mut labels, 2, 3, Connectivity::Eight, 9, &mut scratch);
    assert_eq!(refused(short), Argument::Scratch);
    assert_eq!(components::fill_areas(&mut [7; 2], &[0, 2]).unwrap_err().argument(), Argument::Areas);
    assert_eq!((ids, labels, scratch), ([7; 6], [0, 1, 2, 3, 4, 5], [7; 23]));
    assert_eq!(components::fill_components::<u8>(&mut [], &[], 0, 5, Connectivity::Four), Ok(0));
    assert_eq!(components::remove_small::<u8>(&mut [], 3, 0, Connectivity::Four, 2, &mut []), Ok(0));
}
