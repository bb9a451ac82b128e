//! Evaluation against the recorded cases, naive twins and laws.

use crate::case;
use proptest::collection::vec;
use proptest::prelude::*;
use quell::correspondence::embedding::{self, fill_cell_weights};
use quell::correspondence::evaluate::assignment::{
    Objective, index_scratch_len, majority, match_clusters, scratch_len, solve,
};
use quell::correspondence::evaluate::boundary::{self, Boundaries};
use quell::correspondence::evaluate::concepts::{self, Metric, classify};
use quell::correspondence::evaluate::confusion::{UNMATCHED, add_classified, count};
use quell::correspondence::evaluate::iou;
use quell::correspondence::upsample::{Grid, interpolate::Interpolation};
use quell_tests::naive::{Element, narrowed};
use quell_tests::naive_evaluate as naive;
use quell_tests::strategies::{config, values};
use quell_tests::tolerance::{CLUSTER_F32, EMERDIFF, MERGE, ROUNDING_F64, assert_close, relative};
use quell_tests::vectors::{matrix, number, numbers, whole};
use serde_json::Value;

const REGRESSIONS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/proptest-regressions/correspondence_evaluate.txt");

fn size(value: &Value) -> usize {
    value.as_u64().expect("a size") as usize
}

fn matched(confusion: &[u64], classes: usize, clusters: usize) -> Vec<u32> {
    // Scratch is garbage at first.
    let mut scratch = vec![f64::NAN; scratch_len(clusters, classes)];
    let mut index_scratch = vec![u32::MAX - 1; index_scratch_len(clusters, classes)];
    let mut class_of = vec![0; clusters];
    match_clusters(&mut class_of, confusion, classes, clusters, &mut scratch, &mut index_scratch).expect("a table");
    class_of
}

fn solved(costs: &[f64], rows: usize, columns: usize, objective: Objective) -> (Vec<u32>, f64) {
    let mut scratch = vec![f64::NAN; scratch_len(rows, columns)];
    let mut index_scratch = vec![u32::MAX - 1; index_scratch_len(rows, columns)];
    let mut assignment = vec![7; rows];
    let total = solve(&mut assignment, costs, rows, columns, objective, &mut scratch, &mut index_scratch);
    (assignment, total.expect("finite costs"))
}

#[test]
fn hungarian_matching_and_majority_as_recorded() {
    let case = case("miou_hungarian");
    let (classes, clusters) = (size(&case["C"]), size(&case["K"]));
    let mut confusion = vec![0; classes * clusters];
    let ignore = Some(size(&case["ignore"]));
    let labels = |name: &str| whole::<u16>(&case[name]);
    count(&mut confusion, &labels("gt"), &labels("pred"), classes, clusters, ignore).expect("labels");
    assert_eq!(confusion, whole::<u64>(&case["confusion_gt_by_pred"]));

    let class_of = matched(&confusion, classes, clusters);
    let expected = case["match_pred_to_gt"].as_object().expect("a map");
    for (cluster, &class) in class_of.iter().enumerate() {
        let expected = expected.get(&cluster.to_string()).map_or(UNMATCHED, |class| size(class) as u32);
        assert_eq!(class, expected, "cluster {cluster}");
    }
    let mut scores = vec![0.0; classes];
    let summary = iou::fill(&mut scores, &confusion, classes, clusters, Some(&class_of)).expect("a table");
    assert_close("iou", &scores, &numbers(&case["iou"]), EMERDIFF);
    assert_close("miou", &[summary.miou], &[number(&case["miou"])], EMERDIFF);

    let mut class_of = vec![0; clusters];
    majority(&mut class_of, &confusion, classes, clusters).expect("a table");
    let summary = iou::fill(&mut scores, &confusion, classes, clusters, Some(&class_of)).expect("a table");
    assert_close("iou by majority", &scores, &numbers(&case["iou_majority"]), EMERDIFF);
    assert_close("miou by majority", &[summary.miou], &[number(&case["miou_majority"])], EMERDIFF);

    let costs = matrix(&case["cost"]);
    let (assignment, total) = solved(&costs, 3, 4, Objective::Minimum);
    let [rows, columns] = [0, 1].map(|k| whole::<u32>(&case["cost_assignment"][k]));
    assert_eq!(rows, [0, 1, 2]);
    assert_eq!(assignment, columns);
    assert_eq!(total, number(&case["cost_total"]));
}

#[test]
fn an_absent_class_as_recorded() {
    let case = &case("miou_hungarian")["absent_class"];
    let classes = size(&case["C"]);
    let labels = |name: &str| whole::<u16>(&case[name]);
    let (mut confusion, mut scores) = (vec![0; classes * classes], vec![0.0; classes]);
    count(&mut confusion, &labels("gt"), &labels("pred"), classes, classes, None).expect("labels");
    let summary = iou::fill(&mut scores, &confusion, classes, classes, None).expect("a table");
    for (score, expected) in scores.iter().zip(case["iou"].as_array().expect("scores")) {
        match expected.as_f64() {
            Some(expected) => assert!(relative(*score, expected) <= EMERDIFF),
            None => assert!(score.is_nan()),
        }
    }
    assert!(relative(summary.miou, number(&case["miou_over_present"])) <= EMERDIFF);
}

/// The case with embeddings of a type.
fn modified_protocol_of_the_case<X: Element>(tolerance: f64) {
    let case = case("modified_protocol");
    let (classes, ignore) = (size(&case["classes"]), Some(size(&case["ignore"])));
    let list = |name: &str| case[name].as_array().expect("images").clone();
    let embeddings: Vec<Vec<X>> = list("embeddings").iter().map(|image| narrowed(&matrix(image))).collect();
    let (clusters, dimension) = (3, embeddings[0].len() / 3);
    let tables: Vec<Vec<u64>> = (list("masks").iter().zip(&list("gt")))
        .map(|(masks, truth)| {
            let mut table = vec![0; classes * clusters];
            let (truth, masks) = (whole::<u8>(truth), whole::<u8>(masks));
            count(&mut table, &truth, &masks, classes, clusters, ignore).expect("labels");
            table
        })
        .collect();

    let (mut sums, mut pixels) = (vec![0.0; classes * dimension], vec![0; classes]);
    for (table, embeddings) in tables.iter().zip(&embeddings) {
        concepts::add(&mut sums, &mut pixels, table, embeddings, classes, clusters, dimension).expect("an image");
    }
    assert_eq!(pixels.iter().map(|&n| n as f64).collect::<Vec<_>>(), numbers(&case["counts"]));
    let mut concepts = vec![0.0; classes * dimension];
    concepts::fill(&mut concepts, &sums, &pixels, dimension).expect("classes");
    assert_close("concepts", &concepts, &matrix(&case["concepts"]), tolerance);

    for (metric, name) in [(Metric::Cosine, "mask_class_cosine"), (Metric::Euclidean, "mask_class_euclid")] {
        let mut confusion = vec![0; classes * (classes + 1)];
        for ((table, embeddings), expected) in tables.iter().zip(&embeddings).zip(&list(name)) {
            let mut class_of = vec![9; clusters];
            classify(&mut class_of, embeddings, &concepts, dimension, metric).expect("finite embeddings");
            assert_eq!(class_of, whole::<u32>(expected), "{name}");
            add_classified(&mut confusion, table, &class_of, classes, clusters).expect("a table");
        }
        // Both metrics give the same classes here, so the recorded scores are those of both.
        let mut scores = vec![0.0; classes];
        iou::fill(&mut scores, &confusion, classes, classes + 1, None).expect("a table");
        assert_close(name, &scores, &numbers(&case["iou_cosine"]), EMERDIFF);
    }
}

#[test]
fn the_modified_protocol_as_recorded() {
    modified_protocol_of_the_case::<f64>(EMERDIFF);
    modified_protocol_of_the_case::<f32>(CLUSTER_F32);
}

/// Labels of an image, some of them 255 in the truth, with the numbers of classes and clusters.
#[derive(Clone, Debug)]
struct Image {
    height: usize,
    width: usize,
    truth: Vec<u8>,
    labels: Vec<u16>,
}

impl Image {
    fn true_classes(&self) -> Vec<Option<usize>> {
        self.truth.iter().map(|&truth| (truth != 255).then_some(usize::from(truth))).collect()
    }

    fn predicted(&self, class_of: &[u32]) -> Vec<Option<usize>> {
        let class = |&label: &u16| class_of[usize::from(label)];
        self.labels.iter().map(class).map(|class| (class != UNMATCHED).then_some(class as usize)).collect()
    }

    fn table(&self, classes: usize, clusters: usize) -> Vec<u64> {
        let mut table = vec![0; classes * clusters];
        count(&mut table, &self.truth, &self.labels, classes, clusters, Some(255)).expect("labels");
        table
    }
}

fn image(classes: usize, clusters: usize) -> impl Strategy<Value = Image> {
    (1..9usize, 1..9usize).prop_flat_map(move |(height, width)| {
        let truth = vec(prop_oneof![8 => 0..classes as u8, 1 => Just(255)], height * width);
        let labels = vec(0..clusters as u16, height * width);
        (truth, labels).prop_map(move |(truth, labels)| Image { height, width, truth, labels })
    })
}

fn images() -> impl Strategy<Value = (usize, usize, Vec<Image>)> {
    (1..5usize, 1..6usize).prop_flat_map(|(classes, clusters)| {
        vec(image(classes, clusters), 1..4).prop_map(move |images| (classes, clusters, images))
    })
}

fn total(table: &[u64], clusters: usize, class_of: &[u32]) -> u64 {
    let matched = class_of.iter().enumerate().filter(|&(_, &class)| class != UNMATCHED);
    matched.map(|(cluster, &class)| table[class as usize * clusters + cluster]).sum()
}

proptest! {
    #![proptest_config(config(REGRESSIONS))]

    /// Whole numbers, so that sums are exact, and drawn from few, so that many are equal.
    #[test]
    fn no_permutation_is_better(rows in 0..7usize, columns in 0..7usize, costs in vec(-4..5i32, 36)) {
        let costs: Vec<f64> = costs[..rows * columns].iter().map(|&cost| f64::from(cost)).collect();
        let (assignment, least) = solved(&costs, rows, columns, Objective::Minimum);
        prop_assert_eq!(least, naive::least_assignment(&costs, rows, columns));
        let negated: Vec<f64> = costs.iter().map(|cost| -cost).collect();
        prop_assert_eq!(solved(&negated, rows, columns, Objective::Maximum), (assignment.clone(), -least));
        let mut taken: Vec<u32> = assignment.into_iter().filter(|&column| column != UNMATCHED).collect();
        prop_assert_eq!(taken.len(), rows.min(columns));
        taken.sort_unstable();
        taken.dedup();
        prop_assert_eq!(taken.len(), rows.min(columns));
    }

    #[test]
    fn nor_with_real_costs(rows in 1..7usize, columns in 1..7usize, seed: u64) {
        let costs = values(seed, 0, rows * columns);
        let (_, least) = solved(&costs, rows, columns, Objective::Minimum);
        let size: f64 = costs.iter().map(|cost| cost.abs()).fold(0.0, f64::max) * rows as f64;
        prop_assert!((least - naive::least_assignment(&costs, rows, columns)).abs() <= ROUNDING_F64 * size);
    }

    #[test]
    fn scores_are_those_of_the_sets((classes, clusters, images) in images(), hungarian: bool) {
        let image = &images[0];
        let table = image.table(classes, clusters);
        let mut class_of = vec![0; clusters];
        majority(&mut class_of, &table, classes, clusters).expect("a table");
        if hungarian {
            class_of = matched(&table, classes, clusters);
        }
        let mut scores = vec![0.0; classes];
        let summary = iou::fill(&mut scores, &table, classes, clusters, Some(&class_of)).expect("a table");
        let (truth, predicted) = (image.true_classes(), image.predicted(&class_of));
        let expected: Vec<_> = (0..classes).map(|class| naive::iou(&truth, &predicted, class)).collect();
        for (score, expected) in scores.iter().zip(&expected) {
            prop_assert!(expected.map_or(score.is_nan(), |expected| *score == expected), "{score} {expected:?}");
        }
        let present: Vec<f64> = expected.into_iter().flatten().collect();
        let counted = truth.iter().flatten().count();
        prop_assert_eq!((summary.present, summary.pixels), (present.len() as u64, counted as u64));
        if counted > 0 {
            let right = truth.iter().zip(&predicted).filter(|(truth, class)| truth.is_some() && truth == class).count();
            prop_assert_eq!(summary.accuracy, right as f64 / counted as f64);
            let miou = present.iter().sum::<f64>() / present.len() as f64;
            prop_assert!(relative(summary.miou, miou) <= ROUNDING_F64);
        }
    }

    /// A matching finds as many pixels however the clusters are numbered, and a majority never fewer.
    #[test]
    fn clusters_may_be_renumbered((classes, clusters, images) in images(), turn in 0..5usize) {
        let image = &images[0];
        let turned = |label: u16| ((usize::from(label) + turn) % clusters) as u16;
        let other = Image { labels: image.labels.iter().map(|&label| turned(label)).collect(), ..image.clone() };
        let (table, renumbered) = (image.table(classes, clusters), other.table(classes, clusters));
        let found = total(&table, clusters, &matched(&table, classes, clusters));
        prop_assert_eq!(found, total(&renumbered, clusters, &matched(&renumbered, classes, clusters)));
        let (mut one, mut two) = (vec![0; clusters], vec![0; clusters]);
        majority(&mut one, &table, classes, clusters).expect("a table");
        majority(&mut two, &renumbered, classes, clusters).expect("a table");
        prop_assert!((0..clusters).all(|label| one[label] == two[usize::from(turned(label as u16))]));
        prop_assert!(total(&table, clusters, &one) >= found);
    }

    #[test]
    fn the_truth_itself_is_perfect((classes, _, images) in images()) {
        let image = &images[0];
        let labels = image.truth.iter().map(|&truth| if truth == 255 { 0 } else { truth.into() }).collect();
        let itself = Image { labels, ..image.clone() };
        let mut scores = vec![0.0; classes];
        let summary = iou::fill(&mut scores, &itself.table(classes, classes), classes, classes, None).expect("a table");
        prop_assert!(scores.iter().all(|score| *score == 1.0 || score.is_nan()));
        prop_assert!(summary.pixels == 0 || (summary.miou, summary.accuracy) == (1.0, 1.0));
    }

    /// Masks stand for all their pixels: table by table is pixel by pixel.
    #[test]
    fn the_modified_protocol_pixel_by_pixel(
        (classes, clusters, images) in images(), dimension in 1..20usize, euclidean: bool, seed: u64,
    ) {
        let metric = if euclidean { Metric::Euclidean } else { Metric::Cosine };
        let embeddings: Vec<Vec<f64>> =
            (0..images.len()).map(|image| values(seed, image as u64, clusters * dimension)).collect();
        let (mut sums, mut pixels) = (vec![0.0; classes * dimension], vec![0; classes]);
        let (mut truth, mut features) = (vec![], vec![]);
        for (image, embeddings) in images.iter().zip(&embeddings) {
            let table = image.table(classes, clusters);
            concepts::add(&mut sums, &mut pixels, &table, embeddings, classes, clusters, dimension).expect("an image");
            truth.extend(image.true_classes());
            let feature = |&label: &u16| embeddings[usize::from(label) * dimension..][..dimension].to_vec();
            features.extend(image.labels.iter().map(feature));
        }
        let mut concepts = vec![0.0; classes * dimension];
        concepts::fill(&mut concepts, &sums, &pixels, dimension).expect("classes");
        for (class, concept) in concepts.chunks(dimension).enumerate() {
            match naive::concept(&truth, &features, class) {
                None => prop_assert!(concept.iter().all(|mean| mean.is_nan()) && pixels[class] == 0),
                Some(expected) => {
                    // The measure is the size of the terms, which may cancel.
                    let largest = features.iter().flatten().fold(0.0, |largest: f64, x| largest.max(x.abs()));
                    prop_assert!(concept.iter().zip(&expected).all(|(a, b)| (a - b).abs() <= MERGE * largest));
                }
            }
        }

        let mut confusion = vec![0; classes * (classes + 1)];
        let mut predicted = vec![];
        for (image, embeddings) in images.iter().zip(&embeddings) {
            let mut class_of = vec![0; clusters];
            classify(&mut class_of, embeddings, &concepts, dimension, metric).expect("finite embeddings");
            for (&class, embedding) in class_of.iter().zip(embeddings.chunks(dimension)) {
                let to = |concept: &[f64]| nearness(embedding, concept, metric);
                let nearness: Vec<f64> = concepts.chunks(dimension).map(to).collect();
                let best = nearness.iter().copied().fold(f64::NEG_INFINITY, f64::max);
                if class == UNMATCHED {
                    prop_assert!(best == f64::NEG_INFINITY);
                } else {
                    let size = if euclidean { best.abs() } else { 1.0 };
                    prop_assert!(nearness[class as usize] >= best - ROUNDING_F64 * size);
                }
            }
            let table = image.table(classes, clusters);
            add_classified(&mut confusion, &table, &class_of, classes, clusters).expect("a table");
            predicted.extend(image.predicted(&class_of));
        }
        let mut scores = vec![0.0; classes];
        iou::fill(&mut scores, &confusion, classes, classes + 1, None).expect("a table");
        for (class, score) in scores.iter().enumerate() {
            let expected = naive::iou(&truth, &predicted, class);
            prop_assert!(expected.map_or(score.is_nan(), |expected| *score == expected));
        }
    }

    #[test]
    fn outlines_are_found_as_by_all_pairs((_, _, images) in images(), distance in 0.0..6.0f64) {
        let image = &images[0];
        let truth = image.true_classes();
        let (pixels, height, width) = (image.truth.len(), image.height, image.width);
        let of = |map: Vec<usize>| naive::boundary(&map, &truth, width);
        let ours = of(image.labels.iter().map(|&label| label.into()).collect());
        let theirs = of(image.truth.iter().map(|&label| label.into()).collect());
        let mut scratch = vec![u32::MAX - 3; boundary::scratch_len(image.height, width)];
        let counts = boundary::count(&image.truth, &image.labels, height, width, Some(255), distance, &mut scratch);
        let expected = Boundaries {
            truth: theirs.len() as u64,
            truth_found: naive::found(&theirs, &ours, distance),
            labels: ours.len() as u64,
            labels_found: naive::found(&ours, &theirs, distance),
        };
        prop_assert_eq!(counts, Ok(expected));
        // With nothing ignored, recall and precision change places with the maps.
        let mut swapped = |a: &[u16], b: &[u16]| {
            boundary::count(a, b, image.height, width, None, distance, &mut scratch).expect("two maps")
        };
        let wide: Vec<u16> = image.truth.iter().map(|&label| label.into()).collect();
        let (one, two) = (swapped(&wide, &image.labels), swapped(&image.labels, &wide));
        prop_assert_eq!((one.truth, one.truth_found), (two.labels, two.labels_found));
        prop_assert_eq!((two.truth, two.truth_found), (one.labels, one.labels_found));
        let far = boundary::count(&wide, &image.labels, height, width, None, pixels as f64, &mut scratch);
        prop_assert!(far.is_ok_and(|far| far.labels == 0 || far.truth_found == far.truth));
    }

    /// The mean of features that were brought to every pixel, without bringing them there.
    #[test]
    fn embeddings_are_means_over_pixels(
        (_, clusters, images) in images(), rows in 1..6usize, columns in 1..6usize, bilinear: bool, seed: u64,
    ) {
        let (image, dimension) = (&images[0], 3);
        let features = values(seed, 1, rows * columns * dimension);
        let cells: Vec<Vec<f64>> = features.chunks(dimension).map(<[f64]>::to_vec).collect();
        let interpolation = if bilinear { Interpolation::Bilinear } else { Interpolation::Nearest };
        let mut weights = vec![f64::NAN; clusters * rows * columns];
        let (height, width) = (image.height, image.width);
        let grid = Grid { rows, columns, height, width };
        fill_cell_weights(&mut weights, &image.labels, &grid, clusters, interpolation).expect("labels");
        let mut embeddings = vec![f64::NAN; clusters * dimension];
        embedding::fill(&mut embeddings, &weights, &features, clusters, dimension).expect("finite features");
        let largest = features.iter().fold(0.0, |largest: f64, x| largest.max(x.abs()));
        for (mask, embedding) in embeddings.chunks(dimension).enumerate() {
            let pixels: Vec<usize> = (0..height * width).filter(|&p| usize::from(image.labels[p]) == mask).collect();
            if pixels.is_empty() {
                prop_assert_eq!(embedding, [0.0; 3]);
                continue;
            }
            for (d, mean) in embedding.iter().enumerate() {
                let centre = |at: usize, pixels: usize, cells: usize| (at as f64 + 0.5) * cells as f64 / pixels as f64;
                let at = |p: usize| (centre(p / width, height, rows), centre(p % width, width, columns));
                let sum: f64 = pixels.iter().map(|&p| naive::sample(&cells, (rows, columns), at(p), bilinear)[d]).sum();
                prop_assert!((mean - sum / pixels.len() as f64).abs() <= MERGE * largest);
            }
        }
    }
}

/// How near an embedding is to a concept, written out; −∞ where that has no meaning.
fn nearness(embedding: &[f64], concept: &[f64], metric: Metric) -> f64 {
    let dot = |a: &[f64], b: &[f64]| a.iter().zip(b).map(|(a, b)| a * b).sum::<f64>();
    let value = match metric {
        Metric::Euclidean => -embedding.iter().zip(concept).map(|(a, b)| (a - b).powi(2)).sum::<f64>(),
        _ => dot(embedding, concept) / (dot(embedding, embedding) * dot(concept, concept)).sqrt(),
    };
    if value.is_nan() { f64::NEG_INFINITY } else { value }
}

#[test]
fn an_image_of_one_pixel() {
    let mut table = [0];
    count(&mut table, &[0u8], &[0u8], 1, 1, None).expect("labels");
    assert_eq!((table[0], matched(&table, 1, 1)), (1, vec![0]));
    let mut scores = [0.0];
    let summary = iou::fill(&mut scores, &table, 1, 1, Some(&[0])).expect("a table");
    assert_eq!((scores[0], summary.miou, summary.accuracy), (1.0, 1.0, 1.0));
    assert_eq!(boundary::count(&[0u8], &[0u8], 1, 1, None, 3.0, &mut [0]), Ok(Boundaries::default()));
    let (mut weights, mut embeddings) = ([0f32; 1], [0.0; 2]);
    fill_cell_weights(
        &mut weights,
        &[0u8],
        &Grid { rows: 1, columns: 1, height: 1, width: 1 },
        1,
        Interpolation::Bilinear,
    )
    .expect("labels");
    embedding::fill(&mut embeddings, &weights, &[3.0f32, -1.0], 1, 2).expect("finite features");
    assert_eq!((weights, embeddings), ([1.0], [3.0, -1.0]));
}

#[test]
fn nothing_but_ignored_pixels() {
    let mut table = [0; 4];
    count(&mut table, &[255u8; 6], &[0u8; 6], 2, 2, Some(255)).expect("labels");
    assert_eq!(table, [0; 4]);
    let mut class_of = [7; 2];
    majority(&mut class_of, &table, 2, 2).expect("a table");
    assert_eq!((class_of, matched(&table, 2, 2)), ([UNMATCHED; 2], vec![0, 1]));
    let mut scores = [0.0; 2];
    let summary = iou::fill(&mut scores, &table, 2, 2, None).expect("a table");
    assert!(scores.iter().all(|score| score.is_nan()) && summary.miou.is_nan() && summary.accuracy.is_nan());
}
