//! Moments, the mmse table with its curve, and the pair table with its costs.

use super::{
    GRID, LEVELS, MMSE, PAIRS, SIGMAS, element, moments, on_costs, on_curve, on_grid, on_schedule, with_moments_faults,
};
use crate::contract::{Contract, NEGATIVE, NOT_FINITE, NOT_POSITIVE, contract};
use crate::samples::elements;
use crate::scene::{Number, Scene};
use quell::diffusion::bound::{
    IntervalCosts, MmseCurve, MmseTable, Moments, PairTable, fill_path, information_from_mmse, make_monotone,
    monotone_scratch_len, pairs_len,
};
use quell::random::Stream;
use quell::{Error, bf16, f16};
use quell_ffi::diffusion::bound::mmse::*;
use quell_ffi::diffusion::bound::moments::*;
use quell_ffi::diffusion::bound::pairs::*;
use quell_ffi::status::quell_cause as cause;

/// Elements of a sample.
const SIZE: usize = 3;

fn statistics() -> Vec<Contract> {
    let one = moments(3)[1];
    macro_rules! results {
        ($name:ident, $of:ident) => {
            contract!($name(out, moments))
                .result::<f64>("out")
                .object("moments", one)
                .accepts("too few values", |s| s.write("moments", &[Moments::default()]))
                .twin(|s| {
                    let value: Moments = s.one("moments");
                    s.write("out", &[value.$of()]);
                })
        };
    }
    vec![
        contract!(quell_moments_add(moments, value))
            .in_place("moments", one)
            .real("value", 0.75, NOT_FINITE)
            .accepts("the first value", |s| s.write("moments", &[Moments::default()]))
            .twin(|s| {
                let mut moments: Moments = s.one("moments");
                moments.add(s.get("value")).unwrap();
                s.write("moments", &[moments]);
            }),
        contract!(quell_moments_merge(moments, other, n))
            .in_out("moments", &moments(3), "n")
            .input("other", &moments(5)[2..], "n")
            .zero_is_fine(&["n"])
            .twin(|s| {
                let mut moments = s.read::<Moments>("moments");
                let other = s.read::<Moments>("other");
                moments.iter_mut().zip(&other).for_each(|(here, there)| here.merge(there));
                s.write("moments", &moments);
            }),
        results!(quell_moments_variance, variance),
        results!(quell_moments_standard_error, standard_error),
    ]
}

macro_rules! mmse_adds {
    ($x:ty, $m:ty, $add:ident) => {{
        let contract = contract!($add(moments, grid, grid_len, x0, denoised, n, index, dimension)).in_out(
            "moments",
            &moments(LEVELS),
            "grid_len",
        );
        on_grid(with_moments_faults(contract, "moments"), 1)
            .input("x0", &elements::<$x>(2 * SIZE, 1), "n")
            .input("denoised", &elements::<$m>(2 * SIZE, 2), "n")
            .zero_is_fine(&["n"])
            .wrong_length("n", &[2 * SIZE - 1], cause::Length, "x0")
            .any("index", Number::Size(2))
            .any("dimension", Number::Size(SIZE))
            .accepts("one sample", |s| s.set("dimension", Number::Size(2 * SIZE)))
            .accepts("a grid of one level", |s| {
                s.write("grid", &GRID[..1]);
                s.write("moments", &moments(1));
                s.set("index", Number::Size(0));
            })
            .refuses("no such level", |s| s.set("index", Number::Size(LEVELS)), cause::Domain, "index")
            .refuses("no dimension", |s| s.set("dimension", Number::Size(0)), cause::Domain, "dimension")
            .refuses("part of a sample", |s| s.set("dimension", Number::Size(SIZE + 1)), cause::Length, "x0")
            .refuses("a large dimension", |s| s.set("dimension", Number::Size(usize::MAX)), cause::Length, "x0")
            .refuses(
                "an output that is no number",
                |s| {
                    let mut denoised = elements::<$m>(2 * SIZE, 2);
                    denoised[2 * SIZE - 1] = element::<$m>(f64::NAN);
                    s.write("denoised", &denoised);
                },
                cause::Domain,
                "denoised",
            )
            .twin(|s| {
                let (grid, mut moments) = (s.read::<f64>("grid"), s.read::<Moments>("moments"));
                let (x0, denoised) = (s.read::<$x>("x0"), s.read::<$m>("denoised"));
                let mut table = MmseTable::new(&grid, &mut moments).unwrap();
                table.add_batch(s.get("index"), &x0, &denoised, s.get("dimension")).unwrap();
                s.write("moments", &moments);
            })
    }};
}

fn counts(count: u64) -> impl Fn(&mut Scene) {
    move |s| {
        let mut moments = s.read::<Moments>("moments");
        moments[1] = Moments { count, mean: if count == 0 { 0.0 } else { 1.0 }, squares: 0.0 };
        s.write("moments", &moments);
    }
}

/// Runs a function of the core on the curve of a scene.
fn with_curve<R>(s: &Scene, run: impl FnOnce(&MmseCurve) -> Result<R, Error>) -> R {
    let (grid, mmse, information) = (s.read::<f64>("grid"), s.read::<f64>("mmse"), s.read::<f64>("information"));
    run(&MmseCurve::new(&grid, &mmse, &information).unwrap()).unwrap()
}

fn mmse_table() -> Vec<Contract> {
    let read = |contract: Contract| on_grid(with_moments_faults(contract, "moments"), 1);
    vec![
        read(
            contract!(quell_mmse_from_moments(mmse, moments, grid, grid_len))
                .output::<f64>("mmse", LEVELS, "grid_len")
                .input("moments", &moments(LEVELS), "grid_len"),
        )
        .accepts("one sample", counts(1))
        .refuses("no sample", counts(0), cause::TooShort, "moments")
        .twin(|s| {
            let (grid, moments, mut mmse) = (s.read::<f64>("grid"), s.read::<Moments>("moments"), [0.0; LEVELS]);
            MmseTable::view(&grid, &moments).unwrap().fill_mmse(&mut mmse).unwrap();
            s.write("mmse", &mmse);
        }),
        read(
            contract!(quell_mmse_standard_errors(errors, moments, grid, grid_len))
                .output::<f64>("errors", LEVELS, "grid_len")
                .input("moments", &moments(LEVELS), "grid_len"),
        )
        .refuses("one sample", counts(1), cause::TooShort, "moments")
        .twin(|s| {
            let (grid, moments, mut errors) = (s.read::<f64>("grid"), s.read::<Moments>("moments"), [0.0; LEVELS]);
            MmseTable::view(&grid, &moments).unwrap().fill_standard_errors(&mut errors).unwrap();
            s.write("errors", &errors);
        }),
    ]
}

fn curve() -> Vec<Contract> {
    let scratch_len = monotone_scratch_len(LEVELS);
    macro_rules! values {
        ($name:ident, $at:ident) => {
            on_curve(contract!($name(out, grid, mmse, information, grid_len, sigma)).result::<f64>("out"))
                .real("sigma", 0.7, &[f64::NAN, f64::INFINITY, f64::NEG_INFINITY, 0.0, 0.19, 8.1])
                .accepts("at a point", super::set_real("sigma", 3.0))
                .twin(|s| {
                    let value = with_curve(s, |curve| curve.$at(s.get("sigma")));
                    s.write("out", &[value]);
                })
        };
    }
    vec![
        Contract::plain("quell_monotone_scratch_len", || {
            for levels in [0, 1, 64, usize::MAX] {
                assert_eq!(quell_monotone_scratch_len(levels), monotone_scratch_len(levels));
            }
        }),
        contract!(quell_mmse_make_monotone(mmse, scratch, scratch_len, weights, n))
            .in_out("mmse", &[1.9, 0.5, 1.25, 0.75], "n")
            .in_out("scratch", &vec![0.5; scratch_len], "scratch_len")
            .input("weights", &[1.0, 3.0, 2.0, 0.5], "n")
            .zero_is_fine(&["n"])
            .zero_is_wrong("scratch_len", cause::TooShort, "scratch")
            .wrong_length("scratch_len", &[scratch_len - 1], cause::TooShort, "scratch")
            .bad_elements("mmse", 1, NOT_FINITE, cause::Domain)
            .bad_elements("weights", 2, NOT_POSITIVE, cause::Domain)
            .twin(|s| {
                let (mut mmse, mut scratch) = (s.read::<f64>("mmse"), s.read::<f64>("scratch"));
                make_monotone(&mut mmse, &s.read("weights"), &mut scratch).unwrap();
                s.write("mmse", &mmse);
                s.write("scratch", &scratch);
            }),
        on_grid(
            contract!(quell_information_from_mmse(information, grid, mmse, grid_len)).output::<f64>(
                "information",
                LEVELS,
                "grid_len",
            ),
            2,
        )
        .input("mmse", &MMSE, "grid_len")
        .bad_elements("mmse", 3, NEGATIVE, cause::Domain)
        .twin(|s| {
            let mut information = s.read::<f64>("information");
            information_from_mmse(&mut information, &s.read::<f64>("grid"), &s.read::<f64>("mmse")).unwrap();
            s.write("information", &information);
        }),
        values!(quell_mmse_at, mmse_at),
        values!(quell_information_at, information_at),
        on_curve(on_schedule(
            contract!(quell_mmse_klub(out, sigmas, sigmas_len, grid, mmse, information, grid_len)).result::<f64>("out"),
        ))
        .bad_elements("sigmas", 0, &[8.1], cause::Domain)
        .bad_elements("sigmas", 2, &[0.1], cause::Domain)
        .twin(|s| {
            let klub = with_curve(s, |curve| curve.klub(&s.read::<f64>("sigmas")));
            s.write("out", &[klub]);
        }),
        on_curve(contract!(quell_mmse_costs(costs, costs_len, grid, mmse, information, grid_len)).output::<f64>(
            "costs",
            PAIRS,
            "costs_len",
        ))
        .zero_is_wrong("costs_len", cause::Length, "costs")
        .wrong_length("costs_len", &[PAIRS - 1, PAIRS + 1], cause::Length, "costs")
        .wrong_length("grid_len", &[LEVELS - 1], cause::Length, "costs")
        .refuses("an overflow", |s| s.poke_element("mmse", 1, f64::MAX), cause::Domain, "costs")
        .twin(|s| {
            let mut costs = s.read::<f64>("costs");
            with_curve(s, |curve| curve.fill_costs(&mut costs));
            s.write("costs", &costs);
        }),
    ]
}

macro_rules! paths {
    ($type:ty, $path:ident) => {
        on_grid(
            contract!($path(x, x_len, x0, x0_len, grid, grid_len, seed, stream, step))
                .output::<$type>("x", SIZE * LEVELS, "x_len")
                .input("x0", &elements::<$type>(SIZE, 3), "x0_len"),
            1,
        )
        .zero_is_wrong("x_len", cause::Length, "x")
        .zero_is_wrong("x0_len", cause::Length, "x")
        .wrong_length("x_len", &[SIZE * LEVELS - 1, SIZE * LEVELS + 1], cause::Length, "x")
        .accepts("an empty sample", |s| {
            s.write::<$type>("x", &[]);
            s.write::<$type>("x0", &[]);
        })
        .any("seed", Number::Long(7))
        .any("stream", Number::Word(3))
        .any("step", Number::Word(1000))
        .accepts("the last draws", |s| s.set("step", Number::Word(u32::MAX - 3)))
        .refuses("no draws left", |s| s.set("step", Number::Word(u32::MAX - 2)), cause::Domain, "step")
        .twin(|s| {
            let mut x = s.read::<$type>("x");
            let stream = Stream { seed: s.get("seed"), stream: s.get("stream"), step: s.get("step") };
            fill_path(&mut x, &s.read::<$type>("x0"), &s.read::<f64>("grid"), stream).unwrap();
            s.write("x", &x);
        })
    };
}

/// Adds a pair table that is changed, on its grid.
fn on_pairs(contract: Contract) -> Contract {
    on_grid(with_moments_faults(contract, "moments"), 2)
        .zero_is_wrong("moments_len", cause::Length, "moments")
        .wrong_length("moments_len", &[PAIRS - 1], cause::Length, "moments")
        .wrong_length("grid_len", &[LEVELS - 1], cause::Length, "moments")
}

macro_rules! pair_adds {
    ($x:ty, $m:ty, $path:ident, $trajectory:ident) => {{
        let not_a_number = |name: &'static str, count: usize| {
            move |s: &mut Scene| {
                let mut denoised = elements::<$m>(count, 5);
                denoised[count - 2] = element::<$m>(f64::INFINITY);
                s.write(name, &denoised);
            }
        };
        let path = contract!($path(moments, moments_len, grid, grid_len, x0, x0_len, denoised, denoised_len)).in_out(
            "moments",
            &moments(PAIRS),
            "moments_len",
        );
        let trajectory = contract!($trajectory(moments, moments_len, grid, grid_len, states, denoised, n, dimension))
            .in_out("moments", &moments(PAIRS), "moments_len");
        [
            on_pairs(path)
                .input("x0", &elements::<$x>(SIZE, 4), "x0_len")
                .input("denoised", &elements::<$m>(SIZE * LEVELS, 5), "denoised_len")
                .zero_is_wrong("x0_len", cause::Domain, "dimension")
                .zero_is_wrong("denoised_len", cause::Length, "denoised")
                .wrong_length("denoised_len", &[SIZE * LEVELS - 1], cause::Length, "denoised")
                .refuses("no number", not_a_number("denoised", SIZE * LEVELS), cause::Domain, "denoised")
                .twin(|s| {
                    let (grid, mut moments) = (s.read::<f64>("grid"), s.read::<Moments>("moments"));
                    let mut table = PairTable::new(&grid, &mut moments).unwrap();
                    table.add_path(&s.read::<$x>("x0"), &s.read::<$m>("denoised")).unwrap();
                    s.write("moments", &moments);
                }),
            on_pairs(trajectory)
                .input("states", &elements::<$x>(SIZE * LEVELS, 4), "n")
                .input("denoised", &elements::<$m>(SIZE * LEVELS, 5), "n")
                .zero_is_wrong("n", cause::Length, "states")
                .wrong_length("n", &[SIZE * LEVELS - 1], cause::Length, "states")
                .any("dimension", Number::Size(SIZE))
                .refuses("another dimension", |s| s.set("dimension", Number::Size(SIZE - 1)), cause::Length, "states")
                .refuses("a large dimension", |s| s.set("dimension", Number::Size(1 << 62)), cause::Length, "states")
                .refuses(
                    "no dimension",
                    |s| {
                        s.write::<$x>("states", &[]);
                        s.write::<$m>("denoised", &[]);
                        s.set("dimension", Number::Size(0));
                    },
                    cause::Domain,
                    "dimension",
                )
                .refuses("no number", not_a_number("denoised", SIZE * LEVELS), cause::Domain, "denoised")
                .twin(|s| {
                    let (grid, mut moments) = (s.read::<f64>("grid"), s.read::<Moments>("moments"));
                    let mut table = PairTable::new(&grid, &mut moments).unwrap();
                    let (states, denoised) = (s.read::<$x>("states"), s.read::<$m>("denoised"));
                    table.add_trajectory(&states, &denoised, s.get("dimension")).unwrap();
                    s.write("moments", &moments);
                }),
        ]
    }};
}

fn pair_table() -> Vec<Contract> {
    let weights = [1.0, 1.25, 0.0, 2.0];
    macro_rules! integrals {
        ($name:ident, $out:ident, $fill:ident) => {
            on_pairs(
                contract!($name($out, moments, moments_len, weights, grid, grid_len))
                    .output::<f64>(stringify!($out), PAIRS, "moments_len")
                    .input("moments", &moments(PAIRS), "moments_len"),
            )
            .input("weights", &weights, "grid_len")
            .bad_elements("weights", 1, NEGATIVE, cause::Domain)
            .refuses("no sample", counts(0), cause::TooShort, "moments")
            .twin(|s| {
                let (grid, moments) = (s.read::<f64>("grid"), s.read::<Moments>("moments"));
                let mut out = s.read::<f64>(stringify!($out));
                PairTable::view(&grid, &moments).unwrap().$fill(&mut out, &s.read::<f64>("weights")).unwrap();
                s.write(stringify!($out), &out);
            })
        };
    }
    vec![
        Contract::plain("quell_pairs_len", || {
            for levels in [0, 1, 2, 5, 64, usize::MAX] {
                assert_eq!(quell_pairs_len(levels), pairs_len(levels));
            }
        }),
        on_pairs(
            contract!(quell_pairs_mmse(mmse, moments, moments_len, grid, grid_len))
                .output::<f64>("mmse", LEVELS, "grid_len")
                .input("moments", &moments(PAIRS), "moments_len"),
        )
        .refuses("no sample", counts(0), cause::TooShort, "moments")
        .twin(|s| {
            let (grid, moments, mut mmse) = (s.read::<f64>("grid"), s.read::<Moments>("moments"), [0.0; LEVELS]);
            PairTable::view(&grid, &moments).unwrap().fill_mmse(&mut mmse).unwrap();
            s.write("mmse", &mmse);
        }),
        integrals!(quell_pairs_costs, costs, fill_costs),
        integrals!(quell_pairs_standard_errors, errors, fill_standard_errors).refuses(
            "one sample",
            counts(1),
            cause::TooShort,
            "moments",
        ),
        on_costs(on_schedule(
            contract!(quell_costs_klub(out, sigmas, sigmas_len, costs, costs_len, grid, grid_len)).result::<f64>("out"),
        ))
        .bad_elements("sigmas", 0, &[8.1], cause::Domain)
        .accepts("one step", |s| s.write("sigmas", &SIGMAS[..2]))
        .twin(|s| {
            let (grid, costs) = (s.read::<f64>("grid"), s.read::<f64>("costs"));
            let klub = IntervalCosts::new(&grid, &costs).unwrap().klub(&s.read::<f64>("sigmas")).unwrap();
            s.write("out", &[klub]);
        }),
    ]
}

pub fn contracts() -> Vec<Contract> {
    let additions = vec![
        mmse_adds!(f32, f32, quell_mmse_add_f32),
        mmse_adds!(f64, f64, quell_mmse_add_f64),
        mmse_adds!(f16, f16, quell_mmse_add_f16),
        mmse_adds!(bf16, bf16, quell_mmse_add_bf16),
        mmse_adds!(f32, f16, quell_mmse_add_f32_f16),
        mmse_adds!(f32, bf16, quell_mmse_add_f32_bf16),
        paths!(f32, quell_noising_path_f32),
        paths!(f64, quell_noising_path_f64),
        paths!(f16, quell_noising_path_f16),
        paths!(bf16, quell_noising_path_bf16),
    ];
    let pairs = [
        pair_adds!(f32, f32, quell_pairs_add_path_f32, quell_pairs_add_trajectory_f32),
        pair_adds!(f64, f64, quell_pairs_add_path_f64, quell_pairs_add_trajectory_f64),
        pair_adds!(f16, f16, quell_pairs_add_path_f16, quell_pairs_add_trajectory_f16),
        pair_adds!(bf16, bf16, quell_pairs_add_path_bf16, quell_pairs_add_trajectory_bf16),
        pair_adds!(f32, f16, quell_pairs_add_path_f32_f16, quell_pairs_add_trajectory_f32_f16),
        pair_adds!(f32, bf16, quell_pairs_add_path_f32_bf16, quell_pairs_add_trajectory_f32_bf16),
    ];
    let others = [statistics(), additions, mmse_table(), curve(), pair_table()];
    others.into_iter().flatten().chain(pairs.into_iter().flatten()).collect()
}
