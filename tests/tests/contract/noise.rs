//! Noise processes and noise levels.

use crate::contract::{Contract, NEGATIVE, NOT_FINITE, NOT_POSITIVE, OUTSIDE_OPEN_UNIT, OUTSIDE_UNIT, contract};
use crate::samples::{ALPHA_BARS, core_process, level, levels, process, with_any_process, with_level_faults};
use crate::scene::{Number, Scene};
use quell::Error;
use quell::diffusion::noise::{self, NoiseLevel, Process, ShiftKind, VpLinear};
use quell::diffusion::schedule::Last;
use quell_ffi::diffusion::noise::{quell_process_kind as kind, *};
use quell_ffi::status::quell_cause as cause;

/// Runs a function of the core on the process of a scene.
fn on_process<R>(scene: &Scene, run: impl FnOnce(Process) -> Result<R, Error>) -> R {
    let table = scene.read("alpha_bars");
    run(core_process(&scene.one("process"), &table)).unwrap()
}

fn betas() -> Vec<Contract> {
    let ends = |contract: Contract| {
        contract.real("beta_start", 1e-4, OUTSIDE_OPEN_UNIT).real("beta_end", 0.02, OUTSIDE_OPEN_UNIT)
    };
    let cap = |contract: Contract| contract.real("beta_max", 0.9, OUTSIDE_OPEN_UNIT);
    let filled = |contract: Contract| {
        contract
            .output::<f64>("betas", 7, "betas_len")
            .accepts("a single one", |s| s.write("betas", &[0.0]))
            .zero_is_fine(&["betas_len"])
    };
    macro_rules! betas {
        ($name:ident, $fill:ident, $with:ident, $($parameter:ident),*) => {
            $with(filled(contract!($name(betas, betas_len, $($parameter),*)))).twin(|s| {
                let mut betas = s.read("betas");
                noise::$fill(&mut betas, $(s.get(stringify!($parameter))),*).unwrap();
                s.write("betas", &betas);
            })
        };
    }
    vec![
        betas!(quell_betas_linear, fill_betas_linear, ends, beta_start, beta_end),
        betas!(quell_betas_scaled_linear, fill_betas_scaled_linear, ends, beta_start, beta_end),
        betas!(quell_betas_sigmoid, fill_betas_sigmoid, ends, beta_start, beta_end),
        betas!(quell_betas_squared_cosine, fill_betas_squared_cosine, cap, beta_max),
        betas!(quell_betas_laplace, fill_betas_laplace, cap, beta_max),
        contract!(quell_alpha_bars_from_betas(alpha_bars, alpha_bars_len, betas, betas_len))
            .output::<f64>("alpha_bars", 4, "alpha_bars_len")
            .input("betas", &[0.1, 0.2, 0.3, 1.0], "betas_len")
            .wrong_length("alpha_bars_len", &[3, 5], cause::Length, "alpha_bars")
            .wrong_length("betas_len", &[3], cause::Length, "alpha_bars")
            .bad_elements("betas", 2, &[f64::NAN, f64::INFINITY, f64::NEG_INFINITY, 0.0, -0.1, 1.1], cause::Domain)
            .zero_is_fine(&["alpha_bars_len", "betas_len"])
            .twin(|s| {
                let mut alpha_bars = s.read("alpha_bars");
                noise::alpha_bars_from_betas(&mut alpha_bars, &s.read("betas")).unwrap();
                s.write("alpha_bars", &alpha_bars);
            }),
        contract!(quell_rescale_zero_terminal_snr(alpha_bars, alpha_bars_len))
            .in_out("alpha_bars", &ALPHA_BARS, "alpha_bars_len")
            .zero_is_wrong("alpha_bars_len", cause::TooShort, "alpha_bars")
            .wrong_length("alpha_bars_len", &[1], cause::TooShort, "alpha_bars")
            .bad_elements("alpha_bars", 1, NOT_FINITE, cause::Domain)
            .bad_elements("alpha_bars", 0, &[1.0], cause::Domain)
            .bad_elements("alpha_bars", 3, &[-0.1], cause::Domain)
            .bad_elements("alpha_bars", 1, &[0.99, 0.2, 0.1], cause::Order)
            .twin(|s| {
                let mut alpha_bars = s.read("alpha_bars");
                noise::rescale_zero_terminal_snr(&mut alpha_bars).unwrap();
                s.write("alpha_bars", &alpha_bars);
            }),
    ]
}

fn processes() -> Contract {
    contract!(quell_vp_linear_from_sigma_range(out, sigma_min, sigma_max, epsilon))
        .result::<quell_process>("out")
        .real("sigma_min", 0.002, NOT_POSITIVE)
        .real("sigma_max", 80.0, NOT_POSITIVE)
        .real("epsilon", 1e-3, OUTSIDE_OPEN_UNIT)
        .refuses("no range", |s| s.set("sigma_max", Number::Real(0.002)), cause::Domain, "sigma_min")
        .twin(|s| {
            let (low, high, epsilon) = (s.get("sigma_min"), s.get("sigma_max"), s.get("epsilon"));
            let VpLinear { beta_min, beta_d, epsilon } = VpLinear::from_sigma_range(low, high, epsilon).unwrap();
            let rest = quell_process {
                alpha_bars_len: 0,
                offset: 0.0,
                sigma_data: 0.0,
                time_scale: 0.0,
                ..process(kind::VpLinear)
            };
            s.write("out", &[quell_process { beta_min, beta_d, epsilon, ..rest }]);
        })
}

fn at_a_number() -> Vec<Contract> {
    macro_rules! at {
        ($name:ident, $at:ident, $parameter:ident, $good:expr, $bad:expr) => {
            with_any_process(
                contract!($name(out, process, $parameter))
                    .result::<NoiseLevel>("out")
                    .object("process", process(kind::VpDiscrete))
                    .real(stringify!($parameter), $good, $bad),
                "process",
                0,
            )
            .twin(|s| {
                let level = on_process(s, |process| process.$at(s.get(stringify!($parameter))));
                s.write("out", &[level]);
            })
        };
    }
    let outside_the_table = [NOT_FINITE, &[-0.1, 3.1, 1e300]].concat();
    vec![
        at!(quell_level_at_timestep, at_timestep, timestep, 0.7, &outside_the_table),
        at!(quell_level_at_sigma, at_sigma, sigma, 0.6, NEGATIVE).refuses(
            "beyond the end of a flow",
            |s| {
                s.poke("process", 0, process(kind::Flow));
                s.set("sigma", Number::Real(1.01));
            },
            cause::Domain,
            "sigma",
        ),
        at!(quell_level_at_noise_to_signal, at_noise_to_signal, sigma, 2.5, NEGATIVE),
        at!(quell_level_at_half_log_snr, at_half_log_snr, half_log_snr, -0.3, &[NOT_FINITE, &[-701.0]].concat()),
        at!(quell_level_at_alpha_bar, at_alpha_bar, alpha_bar, 0.4, &[OUTSIDE_UNIT, &[0.0]].concat()),
    ]
}

fn of_a_level() -> Vec<Contract> {
    let described =
        |contract: Contract| with_level_faults(contract.object("level", level(0.8, 0.6)), "level", 0, "level");
    macro_rules! reads {
        ($name:ident, $read:ident) => {
            described(contract!($name(out, level)).result::<f64>("out"))
                .accepts("a clean level", |s| s.write("level", &[level(1.0, 0.0)]))
                .accepts("noise alone", |s| s.write("level", &[level(0.0, 1.0)]))
                .twin(|s| {
                    let level: NoiseLevel = s.one("level");
                    s.write("out", &[level.$read()]);
                })
        };
    }
    vec![
        reads!(quell_level_alpha_bar, alpha_bar),
        reads!(quell_level_noise_to_signal, noise_to_signal),
        reads!(quell_level_half_log_snr, half_log_snr),
        described(contract!(quell_level_scaled(out, level, scale)).result::<NoiseLevel>("out"))
            .real("scale", 2.0, NOT_POSITIVE)
            .twin(|s| {
                let level: NoiseLevel = s.one("level");
                s.write("out", &[level.scaled(s.get("scale")).unwrap()]);
            }),
    ]
}

fn level_lists() -> Vec<Contract> {
    // Sigmas that a flow has, too.
    let sigmas = [0.95, 0.9, 0.4, 0.0];
    let from_sigmas = contract!(quell_levels_from_sigmas(levels, levels_len, process, sigmas, sigmas_len))
        .output::<NoiseLevel>("levels", 4, "levels_len")
        .object("process", process(kind::VpDiscrete))
        .input("sigmas", &sigmas, "sigmas_len")
        .wrong_length("levels_len", &[3, 5], cause::Length, "sigmas")
        .wrong_length("sigmas_len", &[3, 5], cause::Length, "sigmas")
        .bad_elements("sigmas", 1, NOT_FINITE, cause::Domain)
        .bad_elements("sigmas", 3, &[-0.1], cause::Domain)
        .bad_elements("sigmas", 1, &[0.95, 0.96, 0.4, 0.3], cause::Order)
        .zero_is_fine(&["levels_len", "sigmas_len"]);
    let from_timesteps =
        contract!(quell_levels_from_timesteps(levels, levels_len, process, timesteps, timesteps_len, last))
            .output::<NoiseLevel>("levels", 4, "levels_len")
            .object("process", process(kind::VpDiscrete))
            .input("timesteps", &[0.9, 0.4, 0.2], "timesteps_len")
            .choice("last", 0, 2)
            .wrong_length("levels_len", &[3, 5], cause::Length, "timesteps")
            .wrong_length("timesteps_len", &[2, 4], cause::Length, "timesteps")
            .wrong_length("levels_len", &[1], cause::TooShort, "levels")
            .zero_is_wrong("levels_len", cause::TooShort, "levels")
            .zero_is_wrong("timesteps_len", cause::Length, "timesteps")
            .bad_elements("timesteps", 1, NOT_FINITE, cause::Domain)
            .bad_elements("timesteps", 0, &[3.5], cause::Domain)
            .bad_elements("timesteps", 2, &[-0.1], cause::Domain)
            .bad_elements("timesteps", 1, &[0.9, 1.0, 0.2, 0.1], cause::Order)
            .refuses(
                "not above the last level",
                |s| {
                    s.set("last", Number::Signed(quell_last::SigmaMin as i32));
                    s.poke_element("timesteps", 2, 0.0);
                },
                cause::Order,
                "timesteps",
            )
            .refuses(
                "no smallest sigma",
                |s| {
                    s.poke("process", 0, process(kind::Ve));
                    s.set("last", Number::Signed(quell_last::SigmaMin as i32));
                },
                cause::Domain,
                "last",
            );
    vec![
        contract!(quell_levels_variance_exploding(levels, levels_len))
            .in_out("levels", &levels(), "levels_len")
            .zero_is_fine(&["levels_len"])
            .bad_elements("levels", 0, &[0.0, -1.0, f64::NAN, f64::INFINITY], cause::Domain)
            // The last level: nothing of those before it may have been written by then.
            .bad_elements("levels", 16, &[0.0, f64::NAN], cause::Domain)
            .twin(|s| {
                let levels: Vec<NoiseLevel> = s.read("levels");
                let exploding: Vec<_> = levels.iter().map(|level| level.variance_exploding().unwrap()).collect();
                s.write("levels", &exploding);
            }),
        with_any_process(from_sigmas, "process", 0).twin(|s| {
            let mut levels = s.read("levels");
            on_process(s, |process| process.fill_levels(&mut levels, &s.read("sigmas")));
            s.write("levels", &levels);
        }),
        with_any_process(from_timesteps, "process", 0).twin(|s| {
            let mut levels = s.read("levels");
            let last = if s.get::<i32>("last") == 0 { Last::Zero } else { Last::SigmaMin };
            on_process(s, |process| process.fill_levels_at_timesteps(&mut levels, &s.read("timesteps"), last));
            s.write("levels", &levels);
        }),
    ]
}

fn flow() -> Vec<Contract> {
    let sigmas = |contract: Contract| {
        contract
            .in_out("sigmas", &[1.0, 0.7, 0.2, 0.0], "sigmas_len")
            .zero_is_fine(&["sigmas_len"])
            .bad_elements("sigmas", 1, OUTSIDE_UNIT, cause::Domain)
            .bad_elements("sigmas", 3, OUTSIDE_UNIT, cause::Domain)
    };
    vec![
        sigmas(contract!(quell_flow_shift(sigmas, sigmas_len, shift))).real("shift", 3.0, NOT_POSITIVE).twin(|s| {
            let mut sigmas = s.read("sigmas");
            noise::shift(&mut sigmas, s.get("shift")).unwrap();
            s.write("sigmas", &sigmas);
        }),
        sigmas(contract!(quell_flow_shift_dynamic(sigmas, sigmas_len, mu, shift_kind)))
            .real("mu", 0.8, &[NOT_FINITE, &[701.0, -701.0]].concat())
            .choice("shift_kind", 0, 2)
            .refuses(
                "no shift at all",
                |s| {
                    s.set("shift_kind", Number::Signed(quell_shift_kind::Linear as i32));
                    s.set("mu", Number::Real(0.0));
                },
                cause::Domain,
                "mu",
            )
            .twin(|s| {
                let mut sigmas = s.read("sigmas");
                let kind = if s.get::<i32>("shift_kind") == 0 { ShiftKind::Exponential } else { ShiftKind::Linear };
                noise::shift_dynamic(&mut sigmas, s.get("mu"), kind).unwrap();
                s.write("sigmas", &sigmas);
            }),
        sigmas(contract!(quell_flow_stretch_terminal(sigmas, sigmas_len, terminal)))
            .real("terminal", 0.1, OUTSIDE_OPEN_UNIT)
            .bad_elements("sigmas", 1, &[1.0, 0.2, 0.1], cause::Order)
            .twin(|s| {
                let mut sigmas = s.read("sigmas");
                noise::stretch_terminal(&mut sigmas, s.get("terminal")).unwrap();
                s.write("sigmas", &sigmas);
            }),
        contract!(quell_flow_mu(out, sequence_length, base_shift, max_shift))
            .result::<f64>("out")
            .any("sequence_length", Number::Size(1024))
            .real("base_shift", 0.5, NOT_FINITE)
            .real("max_shift", 1.15, NOT_FINITE)
            .refuses("no tokens", |s| s.set("sequence_length", Number::Size(0)), cause::Domain, "sequence_length")
            .twin(|s| {
                let (length, base, most) = (s.get("sequence_length"), s.get("base_shift"), s.get("max_shift"));
                s.write("out", &[noise::shift_for_sequence_length(length, base, most).unwrap()]);
            }),
    ]
}

pub fn contracts() -> Vec<Contract> {
    let mut contracts = betas();
    contracts.push(processes());
    contracts.extend(at_a_number());
    contracts.extend(of_a_level());
    contracts.extend(level_lists());
    contracts.extend(flow());
    contracts
}
