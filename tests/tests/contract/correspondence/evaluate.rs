//! How good a segmentation is.

use super::on_scratch;
use crate::contract::{Contract, NEGATIVE, contract};
use crate::samples::elements;
use crate::scene::{Number, Pointer, Scene};
use quell::correspondence::evaluate::assignment::{self, Objective};
use quell::correspondence::evaluate::boundary::{self, Boundaries};
use quell::correspondence::evaluate::concepts::{self, Metric};
use quell::correspondence::evaluate::confusion::{self, UNMATCHED};
use quell::correspondence::evaluate::iou::{self, Summary};
use quell::{Storage, bf16, f16};
use quell_ffi::correspondence::evaluate::assignment::*;
use quell_ffi::correspondence::evaluate::boundary::*;
use quell_ffi::correspondence::evaluate::concepts::*;
use quell_ffi::correspondence::evaluate::confusion::*;
use quell_ffi::correspondence::evaluate::iou::*;
use quell_ffi::status::quell_cause as cause;

const CLASSES: usize = 2;
const CLUSTERS: usize = 3;
/// How many pixels of each class have each label.
const CONFUSION: [u64; CLASSES * CLUSTERS] = [4, 0, 3, 1, 7, 2];
const CLASS_OF: [u32; CLUSTERS] = [1, UNMATCHED, 0];

/// Adds a table, and what can be wrong with its size, beside the numbers of classes and clusters.
fn on_confusion(contract: Contract) -> Contract {
    contract
        .input("confusion", &CONFUSION, "confusion_len")
        .zero_is_wrong("confusion_len", cause::Length, "confusion")
        .wrong_length("confusion_len", &[CONFUSION.len() - 1], cause::Length, "confusion")
}

/// Adds the number of classes.
fn on_classes(contract: Contract) -> Contract {
    contract
        .any("classes", Number::Size(CLASSES))
        .refuses("no classes", |s| s.set("classes", Number::Size(0)), cause::Domain, "classes")
        .refuses("more classes", |s| s.set("classes", Number::Size(CLASSES + 1)), cause::Length, "confusion")
        .refuses("very many classes", |s| s.set("classes", Number::Size(usize::MAX)), cause::Domain, "classes")
}

/// Labels of a map.
fn labels<L: quell::correspondence::fold::Label>(labels: [usize; 12]) -> Vec<L> {
    labels.iter().map(|&label| L::from_usize(label).unwrap()).collect()
}

const TRUTH: [usize; 12] = [0, 0, 1, 1, 9, 0, 1, 1, 0, 0, 1, 9];
const LABELS: [usize; 12] = [0, 2, 1, 1, 200, 0, 1, 2, 0, 0, 0, 2];

/// Adds the label that is left out.
fn on_ignore(contract: Contract) -> Contract {
    contract.any("ignore", Number::Size(9))
}

macro_rules! maps {
    ($truth:ty, $label:ty, $count:ident, $boundaries:ident) => {
        [
            on_ignore(
                contract!($count(confusion, confusion_len, truth, labels, n, classes, clusters, ignore))
                    .in_out("confusion", &CONFUSION, "confusion_len")
                    .zero_is_wrong("confusion_len", cause::Length, "confusion")
                    .wrong_length("confusion_len", &[CONFUSION.len() - 1], cause::Length, "confusion")
                    .input("truth", &labels::<$truth>(TRUTH), "n")
                    .input("labels", &labels::<$label>(LABELS), "n")
                    .zero_is_fine(&["n"]),
            )
            .any("classes", Number::Size(CLASSES))
            .any("clusters", Number::Size(CLUSTERS))
            .refuses("no classes", |s| s.set("classes", Number::Size(0)), cause::Domain, "classes")
            .refuses("no clusters", |s| s.set("clusters", Number::Size(0)), cause::Domain, "clusters")
            .refuses("more classes", |s| s.set("classes", Number::Size(CLASSES + 1)), cause::Length, "confusion")
            .refuses("nothing ignored", |s| s.set("ignore", Number::Size(usize::MAX)), cause::Domain, "truth")
            .refuses("a label that is none", |s| s.poke_element("labels", 2, 3 as $label), cause::Domain, "labels")
            .accepts("nothing ignored", |s| {
                s.set("ignore", Number::Size(usize::MAX));
                s.poke_element("truth", 4, 1 as $truth);
                s.poke_element("truth", 11, 0 as $truth);
                s.poke_element("labels", 4, 1 as $label);
            })
            .twin(|s| {
                let (mut table, ignore) = (s.read::<u64>("confusion"), s.get::<usize>("ignore"));
                let (truth, labels) = (s.read::<$truth>("truth"), s.read::<$label>("labels"));
                let ignore = if ignore == usize::MAX { None } else { Some(ignore) };
                let (classes, clusters) = (s.get("classes"), s.get("clusters"));
                confusion::count(&mut table, &truth, &labels, classes, clusters, ignore).unwrap();
                s.write("confusion", &table);
            }),
            on_ignore(on_scratch(
                contract!($boundaries(out, scratch, scratch_len, truth, labels, n, height, width, ignore, distance))
                    .result::<Boundaries>("out")
                    .input("truth", &labels::<$truth>(TRUTH), "n")
                    .input("labels", &labels::<$label>(LABELS), "n")
                    .zero_is_wrong("n", cause::Length, "truth")
                    .wrong_length("n", &[11], cause::Length, "truth"),
                "scratch",
                7u32,
                12,
                "scratch_len",
            ))
            .any("height", Number::Size(3))
            .any("width", Number::Size(4))
            .accepts("nothing ignored", |s| s.set("ignore", Number::Size(usize::MAX)))
            .refuses("more rows", |s| s.set("height", Number::Size(4)), cause::Length, "truth")
            .refuses("very many columns", |s| s.set("width", Number::Size(usize::MAX)), cause::Length, "truth")
            .real("distance", 1.0, NEGATIVE)
            .accepts("a great distance", |s| s.set("distance", Number::Real(1e300)))
            .twin(|s| {
                let (mut scratch, ignore) = (s.read::<u32>("scratch"), s.get::<usize>("ignore"));
                let (truth, labels) = (s.read::<$truth>("truth"), s.read::<$label>("labels"));
                let ignore = if ignore == usize::MAX { None } else { Some(ignore) };
                let (height, width, distance) = (s.get("height"), s.get("width"), s.get("distance"));
                let found = boundary::count(&truth, &labels, height, width, ignore, distance, &mut scratch);
                s.write("out", &[found.unwrap()]);
                s.write("scratch", &scratch);
            }),
        ]
    };
}

fn tables() -> Vec<Contract> {
    vec![
        on_classes(on_confusion(
            contract!(quell_confusion_add_classified(
                sums,
                sums_len,
                confusion,
                confusion_len,
                class_of,
                clusters,
                classes
            ))
            .in_out("sums", &[5u64, 1, 0, 2, 9, 3], "sums_len")
            .zero_is_wrong("sums_len", cause::Length, "sums")
            .wrong_length("sums_len", &[5], cause::Length, "sums")
            .input("class_of", &CLASS_OF, "clusters")
            .zero_is_wrong("clusters", cause::Domain, "clusters")
            .wrong_length("clusters", &[2], cause::Length, "confusion"),
        ))
        .refuses("a class that is none", |s| s.poke_element("class_of", 2, 2u32), cause::Domain, "class_of")
        .twin(|s| {
            let (mut sums, class_of) = (s.read::<u64>("sums"), s.read::<u32>("class_of"));
            let (table, classes, clusters) = (s.read::<u64>("confusion"), s.get("classes"), s.get("clusters"));
            confusion::add_classified(&mut sums, &table, &class_of, classes, clusters).unwrap();
            s.write("sums", &sums);
        }),
        on_confusion(
            contract!(quell_iou(out, iou, classes, confusion, confusion_len, class_of, clusters))
                .result::<Summary>("out")
                .output::<f64>("iou", CLASSES, "classes")
                .zero_is_wrong("classes", cause::Domain, "classes")
                .wrong_length("classes", &[1], cause::Length, "confusion")
                .input("class_of", &CLASS_OF, "clusters")
                .or_null()
                .zero_is_wrong("clusters", cause::Domain, "clusters")
                .wrong_length("clusters", &[2], cause::Length, "confusion"),
        )
        .accepts("labels that are classes", |s| s.buffer_mut("class_of").pointer = Pointer::Null)
        .accepts("no pixels", |s| s.write("confusion", &[0u64; CLASSES * CLUSTERS]))
        .refuses("a class that is none", |s| s.poke_element("class_of", 0, 2u32), cause::Domain, "class_of")
        .twin(|s| {
            let (mut scores, table) = (s.read::<f64>("iou"), s.read::<u64>("confusion"));
            let class_of = s.read::<u32>("class_of");
            let class_of = (s.buffer("class_of").pointer != Pointer::Null).then_some(&class_of[..]);
            let summary = iou::fill(&mut scores, &table, s.get("classes"), s.get("clusters"), class_of).unwrap();
            s.write("out", &[summary]);
            s.write("iou", &scores);
        }),
    ]
}

/// Adds both kinds of scratch for so many rows and columns.
fn on_scratches(contract: Contract, rows: usize, columns: usize) -> Contract {
    let (needed, indices) = (assignment::scratch_len(rows, columns), assignment::index_scratch_len(rows, columns));
    let contract = on_scratch(contract, "scratch", 0.5, needed, "scratch_len");
    on_scratch(contract, "index_scratch", 77u32, indices, "index_scratch_len")
}

fn assignments() -> Vec<Contract> {
    vec![
        Contract::plain("quell_assignment_scratch_len", || {
            for (rows, columns) in [(0, 3), (2, 3), (3, 2), (usize::MAX, 3)] {
                assert_eq!(quell_assignment_scratch_len(rows, columns), assignment::scratch_len(rows, columns));
            }
        }),
        Contract::plain("quell_assignment_index_scratch_len", || {
            for (rows, columns) in [(0, 3), (2, 3), (3, 2), (usize::MAX, 3)] {
                let expected = assignment::index_scratch_len(rows, columns);
                assert_eq!(quell_assignment_index_scratch_len(rows, columns), expected);
            }
        }),
        on_scratches(
            contract!(quell_assignment_solve(
                out,
                assignment,
                rows,
                scratch,
                scratch_len,
                index_scratch,
                index_scratch_len,
                costs,
                costs_len,
                columns,
                objective
            ))
            .result::<f64>("out")
            .output::<u32>("assignment", 3, "rows")
            .zero_is_wrong("rows", cause::Length, "costs")
            .wrong_length("rows", &[2], cause::Length, "costs")
            .input("costs", &[4.0, 1.0, 2.0, 0.5, 3.0, 2.5], "costs_len")
            .zero_is_wrong("costs_len", cause::Length, "costs")
            .wrong_length("costs_len", &[5], cause::Length, "costs"),
            3,
            2,
        )
        .bad_elements("costs", 3, &[f64::NAN, f64::INFINITY, f64::NEG_INFINITY, 1e151], cause::Domain)
        .any("columns", Number::Size(2))
        .refuses("more columns", |s| s.set("columns", Number::Size(3)), cause::Length, "costs")
        .refuses("very many columns", |s| s.set("columns", Number::Size(usize::MAX)), cause::Domain, "columns")
        .accepts("more columns than rows", |s| {
            s.write("assignment", &[0u32, 0]);
            s.set("columns", Number::Size(3));
        })
        .choice("objective", 0, 2)
        .twin(|s| {
            let (mut columns, costs) = (s.read::<u32>("assignment"), s.read::<f64>("costs"));
            let (mut scratch, mut indices) = (s.read::<f64>("scratch"), s.read::<u32>("index_scratch"));
            let objective = if s.get::<i32>("objective") == 0 { Objective::Minimum } else { Objective::Maximum };
            let size = (s.get("rows"), s.get("columns"));
            let total =
                assignment::solve(&mut columns, &costs, size.0, size.1, objective, &mut scratch, &mut indices).unwrap();
            s.write("out", &[total]);
            s.write("assignment", &columns);
            s.write("scratch", &scratch);
            s.write("index_scratch", &indices);
        }),
        on_classes(on_confusion(on_scratches(
            contract!(quell_assignment_match_clusters(
                class_of,
                clusters,
                scratch,
                scratch_len,
                index_scratch,
                index_scratch_len,
                confusion,
                confusion_len,
                classes
            ))
            .output::<u32>("class_of", CLUSTERS, "clusters")
            .zero_is_wrong("clusters", cause::Domain, "clusters")
            .wrong_length("clusters", &[2], cause::Length, "confusion"),
            CLUSTERS,
            CLASSES,
        )))
        .twin(|s| {
            let (mut class_of, table) = (s.read::<u32>("class_of"), s.read::<u64>("confusion"));
            let (mut scratch, mut indices) = (s.read::<f64>("scratch"), s.read::<u32>("index_scratch"));
            let (classes, clusters) = (s.get("classes"), s.get("clusters"));
            assignment::match_clusters(&mut class_of, &table, classes, clusters, &mut scratch, &mut indices).unwrap();
            s.write("class_of", &class_of);
            s.write("scratch", &scratch);
            s.write("index_scratch", &indices);
        }),
        on_classes(on_confusion(
            contract!(quell_assignment_majority(class_of, clusters, confusion, confusion_len, classes))
                .output::<u32>("class_of", CLUSTERS, "clusters")
                .zero_is_wrong("clusters", cause::Domain, "clusters")
                .wrong_length("clusters", &[2], cause::Length, "confusion"),
        ))
        .accepts("no pixels", |s| s.write("confusion", &[0u64; CLASSES * CLUSTERS]))
        .twin(|s| {
            let (mut class_of, table) = (s.read::<u32>("class_of"), s.read::<u64>("confusion"));
            assignment::majority(&mut class_of, &table, s.get("classes"), s.get("clusters")).unwrap();
            s.write("class_of", &class_of);
        }),
    ]
}

const FOUND: Boundaries = Boundaries { truth: 9, truth_found: 6, labels: 8, labels_found: 5 };

/// What follows from boundary pixels.
fn result(contract: Contract, of: fn(&Boundaries) -> f64) -> Contract {
    contract
        .result::<f64>("out")
        .object("boundaries", FOUND)
        .accepts("no boundary", |s| s.poke("boundaries", 0, Boundaries::default()))
        .accepts("nothing found", |s| s.poke("boundaries", 0, Boundaries { truth: 3, ..Boundaries::default() }))
        .twin(move |s| {
            let value = of(&s.one("boundaries"));
            s.write("out", &[value]);
        })
}

fn boundaries() -> Vec<Contract> {
    vec![
        Contract::plain("quell_boundaries_scratch_len", || {
            for (height, width) in [(0, 4), (3, 4), (usize::MAX / 2, 3)] {
                assert_eq!(quell_boundaries_scratch_len(height, width), boundary::scratch_len(height, width));
            }
        }),
        contract!(quell_boundaries_merge(boundaries, other))
            .in_place("boundaries", FOUND)
            .object("other", Boundaries { truth: u64::MAX, truth_found: 1, labels: 2, labels_found: 3 })
            .twin(|s| {
                let mut boundaries = s.one::<Boundaries>("boundaries");
                boundaries.merge(&s.one("other"));
                s.write("boundaries", &[boundaries]);
            }),
        result(contract!(quell_boundaries_recall(out, boundaries)), Boundaries::recall),
        result(contract!(quell_boundaries_precision(out, boundaries)), Boundaries::precision),
        result(contract!(quell_boundaries_f(out, boundaries)), Boundaries::f),
    ]
}

const DIMENSION: usize = 4;

/// Adds the masks' embeddings.
fn on_embeddings<X: Storage + crate::memory::Plain>(contract: Contract, bad: [X; 2]) -> Contract {
    contract
        .input("embeddings", &elements::<X>(CLUSTERS * DIMENSION, 2), "embeddings_len")
        .zero_is_wrong("embeddings_len", cause::Length, "embeddings")
        .wrong_length("embeddings_len", &[CLUSTERS * DIMENSION - 1], cause::Length, "embeddings")
        .refuses("NaN", move |s| s.poke_element("embeddings", 3, bad[0]), cause::Domain, "embeddings")
        .refuses("infinity", move |s| s.poke_element("embeddings", 3, bad[1]), cause::Domain, "embeddings")
        .any("dimension", Number::Size(DIMENSION))
        .refuses("no dimension", |s| s.set("dimension", Number::Size(0)), cause::Domain, "dimension")
        .refuses("another dimension", |s| s.set("dimension", Number::Size(3)), cause::Length, "embeddings")
        .refuses("a great dimension", |s| s.set("dimension", Number::Size(usize::MAX)), cause::Length, "embeddings")
}

fn metric(s: &Scene) -> Metric {
    match s.get::<i32>("metric") {
        0 => Metric::Cosine,
        1 => Metric::Euclidean,
        other => panic!("no metric {other}"),
    }
}

macro_rules! concepts {
    ($embedding:ty, $add:ident, $classify:ident) => {
        [
            on_embeddings::<$embedding>(
                on_confusion(
                    contract!($add(
                        sums,
                        sums_len,
                        pixels,
                        classes,
                        confusion,
                        confusion_len,
                        embeddings,
                        embeddings_len,
                        clusters,
                        dimension
                    ))
                    .in_out("sums", &elements::<f64>(CLASSES * DIMENSION, 1), "sums_len")
                    .zero_is_wrong("sums_len", cause::Length, "sums")
                    .wrong_length("sums_len", &[CLASSES * DIMENSION - 1], cause::Length, "sums")
                    .in_out("pixels", &[3u64, u64::MAX], "classes")
                    .zero_is_wrong("classes", cause::Domain, "classes")
                    .wrong_length("classes", &[1], cause::Length, "confusion"),
                ),
                [<$embedding>::NAN, <$embedding>::INFINITY],
            )
            .any("clusters", Number::Size(CLUSTERS))
            .refuses("no masks", |s| s.set("clusters", Number::Size(0)), cause::Domain, "clusters")
            .refuses("more masks", |s| s.set("clusters", Number::Size(4)), cause::Length, "confusion")
            .twin(|s| {
                let (mut sums, mut pixels) = (s.read::<f64>("sums"), s.read::<u64>("pixels"));
                let (table, embeddings) = (s.read::<u64>("confusion"), s.read::<$embedding>("embeddings"));
                let (classes, clusters, dimension) = (s.get("classes"), s.get("clusters"), s.get("dimension"));
                concepts::add(&mut sums, &mut pixels, &table, &embeddings, classes, clusters, dimension).unwrap();
                s.write("sums", &sums);
                s.write("pixels", &pixels);
            }),
            on_embeddings::<$embedding>(
                contract!($classify(
                    class_of,
                    clusters,
                    embeddings,
                    embeddings_len,
                    concepts,
                    concepts_len,
                    dimension,
                    metric
                ))
                .output::<u32>("class_of", CLUSTERS, "clusters")
                .zero_is_wrong("clusters", cause::Length, "embeddings")
                .wrong_length("clusters", &[2], cause::Length, "embeddings"),
                [<$embedding>::NAN, <$embedding>::INFINITY],
            )
            .input("concepts", &elements::<f64>(CLASSES * DIMENSION, 5), "concepts_len")
            .zero_is_described("concepts_len")
            .accepts("no concepts", |s| s.write::<f64>("concepts", &[]))
            .wrong_length("concepts_len", &[CLASSES * DIMENSION - 1], cause::Length, "concepts")
            .bad_elements("concepts", 5, &[f64::NAN, f64::INFINITY, 1e151], cause::Domain)
            .accepts("a class without a concept", |s| s.poke_element("concepts", 0, f64::NAN))
            .accepts("an embedding of zeros", |s| {
                let zero = <$embedding>::default();
                (0..DIMENSION).for_each(|place| s.poke_element("embeddings", place, zero));
            })
            .choice("metric", 0, 2)
            .twin(|s| {
                let (mut class_of, embeddings) = (s.read::<u32>("class_of"), s.read::<$embedding>("embeddings"));
                let (concepts, dimension) = (s.read::<f64>("concepts"), s.get("dimension"));
                concepts::classify(&mut class_of, &embeddings, &concepts, dimension, metric(s)).unwrap();
                s.write("class_of", &class_of);
            }),
        ]
    };
}

fn from_sums() -> Contract {
    contract!(quell_concepts_from_sums(concepts, concepts_len, sums, sums_len, pixels, classes, dimension))
        .output::<f64>("concepts", CLASSES * DIMENSION, "concepts_len")
        .zero_is_wrong("concepts_len", cause::Length, "concepts")
        .wrong_length("concepts_len", &[CLASSES * DIMENSION - 1], cause::Length, "concepts")
        .input("sums", &elements::<f64>(CLASSES * DIMENSION, 1), "sums_len")
        .zero_is_wrong("sums_len", cause::Length, "sums")
        .wrong_length("sums_len", &[CLASSES * DIMENSION - 1], cause::Length, "sums")
        .input("pixels", &[5u64, 0], "classes")
        .zero_is_wrong("classes", cause::Length, "concepts")
        .wrong_length("classes", &[1], cause::Length, "concepts")
        .any("dimension", Number::Size(DIMENSION))
        .refuses("no dimension", |s| s.set("dimension", Number::Size(0)), cause::Domain, "dimension")
        .refuses("a great dimension", |s| s.set("dimension", Number::Size(usize::MAX)), cause::Length, "concepts")
        .twin(|s| {
            let (mut means, sums) = (s.read::<f64>("concepts"), s.read::<f64>("sums"));
            concepts::fill(&mut means, &sums, &s.read::<u64>("pixels"), s.get("dimension")).unwrap();
            s.write("concepts", &means);
        })
}

pub fn contracts() -> Vec<Contract> {
    let maps = [
        maps!(u8, u8, quell_confusion_count_u8_u8, quell_boundaries_count_u8_u8),
        maps!(u8, u16, quell_confusion_count_u8_u16, quell_boundaries_count_u8_u16),
        maps!(u16, u8, quell_confusion_count_u16_u8, quell_boundaries_count_u16_u8),
        maps!(u16, u16, quell_confusion_count_u16_u16, quell_boundaries_count_u16_u16),
    ];
    let concepts = [
        concepts!(f32, quell_concepts_add_f32, quell_concepts_classify_f32),
        concepts!(f64, quell_concepts_add_f64, quell_concepts_classify_f64),
        concepts!(f16, quell_concepts_add_f16, quell_concepts_classify_f16),
        concepts!(bf16, quell_concepts_add_bf16, quell_concepts_classify_bf16),
    ];
    let single = [tables(), assignments(), boundaries(), vec![from_sums()]];
    single.into_iter().flatten().chain(maps.into_iter().flatten()).chain(concepts.into_iter().flatten()).collect()
}
