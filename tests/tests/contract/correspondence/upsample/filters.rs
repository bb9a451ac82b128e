//! Joint bilateral upsampling and the guided filter.

use super::*;
use crate::contract::NOT_POSITIVE;
use quell::correspondence::upsample::guided::{self, Guided};
use quell::correspondence::upsample::joint_bilateral::{self, JointBilateral};
use quell_ffi::correspondence::upsample::guided::*;
use quell_ffi::correspondence::upsample::joint_bilateral::*;

const BILATERAL: JointBilateral = JointBilateral { sigma_space: 0.8, sigma_range: 40.0, radius: 1 };
const MEANS: usize = CHANNELS * CELLS;

/// Adds the options of the joint bilateral filter.
fn on_bilateral(contract: Contract) -> Contract {
    contract
        .object("options", BILATERAL)
        .field("options", offset_of!(JointBilateral, sigma_space), NOT_POSITIVE, "sigma_space")
        .field("options", offset_of!(JointBilateral, sigma_range), NOT_POSITIVE, "sigma_range")
}

/// Adds the mean of the guide over each cell.
fn on_means<T: quell::Storage + Plain>(contract: Contract) -> Contract {
    let means: Vec<T> = elements::<f64>(MEANS, 7).iter().map(|x| element(40.0 * x)).collect();
    contract
        .input("coarse_guide", &means, "coarse_guide_len")
        .zero_is_wrong("coarse_guide_len", cause::Length, "coarse_guide")
        .wrong_length("coarse_guide_len", &[MEANS - 1, MEANS + 1], cause::Length, "coarse_guide")
}

fn element<X: quell::Storage>(value: f64) -> X {
    X::store(quell::Scalar::from_f64(value))
}

/// Sets the reach, which other lengths depend on.
fn set_radius(radius: usize) -> impl Fn(&mut Scene) {
    move |s| s.poke("options", offset_of!(JointBilateral, radius), radius)
}

macro_rules! guides {
    ($image:ty, $type:ty, $coarse_guide:ident, $weights:ident) => {
        [
            on_grid(on_guide::<$image>(
                contract!($coarse_guide(coarse_guide, coarse_guide_len, guide, guide_len, layout, grid))
                    .output::<$type>("coarse_guide", MEANS, "coarse_guide_len")
                    .zero_is_wrong("coarse_guide_len", cause::Length, "coarse_guide")
                    .wrong_length("coarse_guide_len", &[MEANS - 1, MEANS + 1], cause::Length, "coarse_guide"),
            ))
            .twin(|s| {
                let mut means = s.read::<$type>("coarse_guide");
                let grid = s.one::<Grid>("grid");
                with_guide::<$image, _>(s, |guide| {
                    joint_bilateral::fill_coarse_guide(&mut means, &grid, guide).unwrap();
                });
                s.write("coarse_guide", &means);
            }),
            on_row(on_bilateral(on_means::<$type>(on_grid(on_guide::<$image>({
                let needed = joint_bilateral::weights_len(&GRID, &BILATERAL);
                contract!($weights(
                    weights,
                    weights_len,
                    guide,
                    guide_len,
                    layout,
                    coarse_guide,
                    coarse_guide_len,
                    grid,
                    options,
                    row
                ))
                .output::<$type>("weights", needed, "weights_len")
                .zero_is_wrong("weights_len", cause::Length, "weights")
                .wrong_length("weights_len", &[needed - 1, needed + 1], cause::Length, "weights")
                .refuses("a smaller window", set_radius(0), cause::Length, "weights")
                .refuses("a larger window", set_radius(2), cause::Length, "weights")
            })))))
            .twin(|s| {
                let (mut weights, means) = (s.read::<$type>("weights"), s.read::<$type>("coarse_guide"));
                let (grid, options) = (s.one::<Grid>("grid"), s.one("options"));
                with_guide::<$image, _>(s, |guide| {
                    joint_bilateral::fill_weights(&mut weights, &grid, &options, s.get("row"), guide, &means).unwrap();
                });
                s.write("weights", &weights);
            }),
        ]
    };
}

/// Weights of a row that are there before the call.
fn some_weights<T: quell::Storage + Plain>(contract: Contract) -> Contract {
    let needed = joint_bilateral::weights_len(&GRID, &BILATERAL);
    let weights: Vec<T> = elements::<f64>(needed, 2).iter().map(|x| element(x.abs())).collect();
    contract
        .input("weights", &weights, "weights_len")
        .zero_is_wrong("weights_len", cause::Length, "weights")
        .wrong_length("weights_len", &[needed - 1, needed + 1], cause::Length, "weights")
}

macro_rules! rows {
    ($coarse:ty, $type:ty, $row:ident) => {
        on_row(on_grid(on_scores::<$coarse>(some_weights::<$type>(on_out::<$type>(
            contract!($row(out, out_len, weights, weights_len, coarse, coarse_len, grid, options, row)),
            GRID.width,
        )))))
        .object("options", BILATERAL)
        .refuses("a larger window", set_radius(2), cause::Length, "weights")
        .accepts("sigmas that are no longer looked at", |s| {
            s.poke("options", 0, JointBilateral { sigma_space: f64::NAN, sigma_range: -1.0, ..BILATERAL });
        })
        .twin(|s| {
            let (mut out, weights) = (s.read::<$type>("out"), s.read::<$type>("weights"));
            let (coarse, grid, options) = (s.read::<$coarse>("coarse"), s.one::<Grid>("grid"), s.one("options"));
            joint_bilateral::fill_row(&mut out, &grid, &options, s.get("row"), &weights, &&coarse[..]).unwrap();
            s.write("out", &out);
        })
    };
}

macro_rules! bilateral_drivers {
    ($image:ty, $fold:ident: $type:ty, $label:ty, $labels:ident, $scores:ident) => {
        [
            bilateral_drivers!(@one $labels, $image, $fold, $type, $label, on_labels, HardMasks labels),
            bilateral_drivers!(@one $scores, $image, $fold, $type, $type, on_maps, SoftMasks scores),
        ]
    };
    (
        @one $name:ident, $image:ty, $fold:ident, $type:ty, $coarse:ty, $on_masks:ident, $masks:ident $field:ident
    ) => {
        on_bilateral(on_grid(on_means::<$type>(on_guide::<$image>($on_masks::<$coarse>(on_scratch::<$type>(
            on_folded::<$fold>(contract!($name(
                fold,
                scratch,
                scratch_len,
                coarse,
                coarse_len,
                guide,
                guide_len,
                layout,
                coarse_guide,
                coarse_guide_len,
                grid,
                options,
                clusters
            ))),
            "scratch",
            0.5,
            joint_bilateral::scratch_len(&GRID, &BILATERAL),
            "scratch_len",
        ))))))
        .refuses("a larger window", set_radius(2), cause::TooShort, "scratch")
        .twin(|s| {
            let (mut scratch, coarse) = (s.read::<$type>("scratch"), s.read::<$coarse>("coarse"));
            let (grid, options, means) = (s.one::<Grid>("grid"), s.one("options"), s.read::<$type>("coarse_guide"));
            let masks = $masks { $field: &coarse, clusters: s.get("clusters") };
            alter::<$fold, _>(s, |fold, s| {
                with_guide::<$image, _>(s, |guide| {
                    joint_bilateral::labels(fold, &grid, &options, &masks, guide, &means, &mut scratch).unwrap();
                });
            });
            s.write("scratch", &scratch);
        })
    };
}

/// Compares a length of the C ABI with the core's for some sizes of cells, images and windows.
fn lengths_agree(
    of_c: extern "C" fn(usize, usize, usize, usize) -> usize,
    of_core: fn(&Grid, &JointBilateral) -> usize,
) {
    for (rows, columns, width, radius) in [(1, 1, 0, 0), (2, 3, 4, 1), (16, 16, 512, 2), (9, 7, usize::MAX / 2, 3)] {
        let grid = Grid { rows, columns, height: 77, width };
        let options = JointBilateral { radius, ..BILATERAL };
        assert_eq!(of_c(rows, columns, width, radius), of_core(&grid, &options));
    }
}

fn joint_bilateral() -> Vec<Contract> {
    let plain = vec![
        Contract::plain("quell_joint_bilateral_weights_len", || {
            lengths_agree(quell_joint_bilateral_weights_len, joint_bilateral::weights_len);
        }),
        Contract::plain("quell_joint_bilateral_scratch_len", || {
            lengths_agree(quell_joint_bilateral_scratch_len, joint_bilateral::scratch_len);
        }),
        rows!(f32, f32, quell_joint_bilateral_row_f32),
        rows!(f64, f64, quell_joint_bilateral_row_f64),
        rows!(f16, f32, quell_joint_bilateral_row_f16),
        rows!(bf16, f32, quell_joint_bilateral_row_bf16),
    ];
    let guides = [
        guides!(u8, f32, quell_joint_bilateral_coarse_guide_u8, quell_joint_bilateral_weights_u8),
        guides!(f16, f32, quell_joint_bilateral_coarse_guide_f16, quell_joint_bilateral_weights_f16),
        guides!(bf16, f32, quell_joint_bilateral_coarse_guide_bf16, quell_joint_bilateral_weights_bf16),
        guides!(f32, f32, quell_joint_bilateral_coarse_guide_f32, quell_joint_bilateral_weights_f32),
        guides!(f64, f64, quell_joint_bilateral_coarse_guide_f64, quell_joint_bilateral_weights_f64),
    ];
    let drivers = [
        bilateral_drivers!(
            u8, quell_fold_f32_u8: f32, u8,
            quell_joint_bilateral_labels_u8_u8,
            quell_joint_bilateral_scores_u8_u8
        ),
        bilateral_drivers!(
            u8, quell_fold_f32_u16: f32, u16,
            quell_joint_bilateral_labels_u8_u16,
            quell_joint_bilateral_scores_u8_u16
        ),
        bilateral_drivers!(
            f16, quell_fold_f32_u8: f32, u8,
            quell_joint_bilateral_labels_f16_u8,
            quell_joint_bilateral_scores_f16_u8
        ),
        bilateral_drivers!(
            f16, quell_fold_f32_u16: f32, u16,
            quell_joint_bilateral_labels_f16_u16,
            quell_joint_bilateral_scores_f16_u16
        ),
        bilateral_drivers!(
            bf16, quell_fold_f32_u8: f32, u8,
            quell_joint_bilateral_labels_bf16_u8,
            quell_joint_bilateral_scores_bf16_u8
        ),
        bilateral_drivers!(
            bf16, quell_fold_f32_u16: f32, u16,
            quell_joint_bilateral_labels_bf16_u16,
            quell_joint_bilateral_scores_bf16_u16
        ),
        bilateral_drivers!(
            f32, quell_fold_f32_u8: f32, u8,
            quell_joint_bilateral_labels_f32_u8,
            quell_joint_bilateral_scores_f32_u8
        ),
        bilateral_drivers!(
            f32, quell_fold_f32_u16: f32, u16,
            quell_joint_bilateral_labels_f32_u16,
            quell_joint_bilateral_scores_f32_u16
        ),
        bilateral_drivers!(
            f64, quell_fold_f64_u8: f64, u8,
            quell_joint_bilateral_labels_f64_u8,
            quell_joint_bilateral_scores_f64_u8
        ),
        bilateral_drivers!(
            f64, quell_fold_f64_u16: f64, u16,
            quell_joint_bilateral_labels_f64_u16,
            quell_joint_bilateral_scores_f64_u16
        ),
    ];
    plain.into_iter().chain(guides.into_iter().flatten()).chain(drivers.into_iter().flatten()).collect()
}

const GUIDED: Guided = Guided { radius: 1, epsilon: 100.0 };
const STATISTICS: usize = guided::statistics_len(&GRID, CHANNELS);

/// Adds the options of the guided filter, and the number of channels that it takes.
fn on_guided(contract: Contract) -> Contract {
    contract
        .object("options", GUIDED)
        .field("options", offset_of!(Guided, epsilon), NOT_POSITIVE, "epsilon")
        .refuses("two channels", |s| s.poke("layout", offset_of!(Layout, channels), 2usize), cause::Domain, "channels")
        .accepts("a window larger than the image", |s| s.poke("options", offset_of!(Guided, radius), 9usize))
}

/// Adds the scratch of the guided filter.
fn on_guided_scratch(contract: Contract) -> Contract {
    on_scratch(contract, "scratch", 0.5, guided::scratch_len(&GRID, &GUIDED, CHANNELS), "scratch_len")
}

/// Adds statistics that are there before the call.
fn some_statistics(contract: Contract) -> Contract {
    contract
        .input("statistics", &elements::<f64>(STATISTICS, 4), "statistics_len")
        .zero_is_wrong("statistics_len", cause::Length, "statistics")
        .wrong_length("statistics_len", &[STATISTICS - 1, STATISTICS + 1], cause::Length, "statistics")
}

macro_rules! maps {
    ($image:ty, $type:ty, $statistics:ident, $map:ident) => {
        [
            on_guided(on_grid(on_guide::<$image>(on_guided_scratch(
                contract!($statistics(
                    statistics,
                    statistics_len,
                    scratch,
                    scratch_len,
                    guide,
                    guide_len,
                    layout,
                    grid,
                    options
                ))
                .output::<f64>("statistics", STATISTICS, "statistics_len")
                .zero_is_wrong("statistics_len", cause::Length, "statistics")
                .wrong_length(
                    "statistics_len",
                    &[STATISTICS - 1, STATISTICS + 1],
                    cause::Length,
                    "statistics",
                ),
            ))))
            .twin(|s| {
                let (mut statistics, mut scratch) = (s.read::<f64>("statistics"), s.read::<f64>("scratch"));
                let (grid, options) = (s.one::<Grid>("grid"), s.one("options"));
                with_guide::<$image, _>(s, |guide| {
                    guided::fill_statistics(&mut statistics, &grid, &options, guide, &mut scratch).unwrap();
                });
                s.write("statistics", &statistics);
                s.write("scratch", &scratch);
            }),
            on_guided(on_grid(some_statistics(on_guide::<$image>(on_scores::<$type>(on_guided_scratch(on_out::<
                $type,
            >(
                contract!($map(
                    out,
                    out_len,
                    scratch,
                    scratch_len,
                    coarse,
                    coarse_len,
                    guide,
                    guide_len,
                    layout,
                    statistics,
                    statistics_len,
                    grid,
                    options,
                    interpolation
                )),
                PIXELS,
            )))))))
            .choice("interpolation", 1, 3)
            .refuses("NaN", |s| s.poke_element("coarse", 2, <$type>::NAN), cause::Domain, "coarse")
            .refuses("infinity", |s| s.poke_element("coarse", 0, <$type>::INFINITY), cause::Domain, "coarse")
            .twin(|s| {
                let (mut out, mut scratch) = (s.read::<$type>("out"), s.read::<f64>("scratch"));
                let (coarse, statistics) = (s.read::<$type>("coarse"), s.read::<f64>("statistics"));
                let (grid, options, interpolation) = (s.one::<Grid>("grid"), s.one("options"), interpolation(s));
                with_guide::<$image, _>(s, |guide| {
                    let coarse = &&coarse[..];
                    let (out, scratch) = (&mut out, &mut scratch);
                    guided::fill_map(out, &grid, &options, interpolation, coarse, guide, &statistics, scratch).unwrap();
                });
                s.write("out", &out);
                s.write("scratch", &scratch);
            }),
        ]
    };
}

macro_rules! guided_drivers {
    ($image:ty, $fold:ident: $type:ty, $label:ty, $labels:ident, $scores:ident) => {
        [
            guided_drivers!(@one $labels, $image, $fold, $type, $label, on_labels, HardMasks labels),
            guided_drivers!(@one $scores, $image, $fold, $type, $type, on_maps, SoftMasks scores)
                .refuses("NaN", |s| s.poke_element("coarse", 8, <$type>::NAN), cause::Domain, "coarse"),
        ]
    };
    (
        @one $name:ident, $image:ty, $fold:ident, $type:ty, $coarse:ty, $on_masks:ident, $masks:ident $field:ident
    ) => {
        on_guided(on_grid(some_statistics(on_guide::<$image>($on_masks::<$coarse>(on_guided_scratch(
            on_scratch::<$type>(
                on_folded::<$fold>(contract!($name(
                    fold,
                    row,
                    row_len,
                    scratch,
                    scratch_len,
                    coarse,
                    coarse_len,
                    guide,
                    guide_len,
                    layout,
                    statistics,
                    statistics_len,
                    grid,
                    options,
                    clusters,
                    interpolation
                ))),
                "row",
                0.5,
                GRID.width,
                "row_len",
            ),
        ))))))
        .choice("interpolation", 1, 3)
        .twin(|s| {
            let (mut row, mut scratch) = (s.read::<$type>("row"), s.read::<f64>("scratch"));
            let (coarse, statistics) = (s.read::<$coarse>("coarse"), s.read::<f64>("statistics"));
            let (grid, options, interpolation) = (s.one::<Grid>("grid"), s.one("options"), interpolation(s));
            let masks = &$masks { $field: &coarse, clusters: s.get("clusters") };
            alter::<$fold, _>(s, |fold, s| {
                with_guide::<$image, _>(s, |guide| {
                    let (row, scratch) = (&mut row, &mut scratch);
                    guided::labels(fold, &grid, &options, interpolation, masks, guide, &statistics, row, scratch)
                        .unwrap();
                });
            });
            s.write("row", &row);
            s.write("scratch", &scratch);
        })
    };
}

fn guided() -> Vec<Contract> {
    let plain = vec![
        Contract::plain("quell_guided_statistics_len", || {
            for (height, width, channels) in [(0, 4, 1), (3, 4, 1), (3, 4, 3), (usize::MAX / 2, 4, 3)] {
                let grid = Grid { rows: 7, columns: 7, height, width };
                let expected = guided::statistics_len(&grid, channels);
                assert_eq!(quell_guided_statistics_len(height, width, channels), expected);
            }
        }),
        Contract::plain("quell_guided_scratch_len", || {
            for (height, width, channels, radius) in [(0, 4, 1, 1), (3, 4, 1, 0), (30, 4, 3, 5), (9, usize::MAX, 3, 9)]
            {
                let grid = Grid { rows: 7, columns: 7, height, width };
                let expected = guided::scratch_len(&grid, &Guided { radius, ..GUIDED }, channels);
                assert_eq!(quell_guided_scratch_len(height, width, channels, radius), expected);
            }
        }),
    ];
    let maps = [
        maps!(u8, f32, quell_guided_statistics_u8, quell_guided_map_u8),
        maps!(f16, f32, quell_guided_statistics_f16, quell_guided_map_f16),
        maps!(bf16, f32, quell_guided_statistics_bf16, quell_guided_map_bf16),
        maps!(f32, f32, quell_guided_statistics_f32, quell_guided_map_f32),
        maps!(f64, f64, quell_guided_statistics_f64, quell_guided_map_f64),
    ];
    let drivers = [
        guided_drivers!(
            u8, quell_fold_f32_u8: f32, u8,
            quell_guided_labels_u8_u8,
            quell_guided_scores_u8_u8
        ),
        guided_drivers!(
            u8, quell_fold_f32_u16: f32, u16,
            quell_guided_labels_u8_u16,
            quell_guided_scores_u8_u16
        ),
        guided_drivers!(
            f16, quell_fold_f32_u8: f32, u8,
            quell_guided_labels_f16_u8,
            quell_guided_scores_f16_u8
        ),
        guided_drivers!(
            f16, quell_fold_f32_u16: f32, u16,
            quell_guided_labels_f16_u16,
            quell_guided_scores_f16_u16
        ),
        guided_drivers!(
            bf16, quell_fold_f32_u8: f32, u8,
            quell_guided_labels_bf16_u8,
            quell_guided_scores_bf16_u8
        ),
        guided_drivers!(
            bf16, quell_fold_f32_u16: f32, u16,
            quell_guided_labels_bf16_u16,
            quell_guided_scores_bf16_u16
        ),
        guided_drivers!(
            f32, quell_fold_f32_u8: f32, u8,
            quell_guided_labels_f32_u8,
            quell_guided_scores_f32_u8
        ),
        guided_drivers!(
            f32, quell_fold_f32_u16: f32, u16,
            quell_guided_labels_f32_u16,
            quell_guided_scores_f32_u16
        ),
        guided_drivers!(
            f64, quell_fold_f64_u8: f64, u8,
            quell_guided_labels_f64_u8,
            quell_guided_scores_f64_u8
        ),
        guided_drivers!(
            f64, quell_fold_f64_u16: f64, u16,
            quell_guided_labels_f64_u16,
            quell_guided_scores_f64_u16
        ),
    ];
    plain.into_iter().chain(maps.into_iter().flatten()).chain(drivers.into_iter().flatten()).collect()
}

pub fn contracts() -> Vec<Contract> {
    [joint_bilateral(), guided()].into_iter().flatten().collect()
}
