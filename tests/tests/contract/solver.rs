//! Solvers: from a schedule and a position to a step.

use crate::contract::{Contract, NEGATIVE, NOT_POSITIVE, OUTSIDE_UNIT, contract};
use crate::memory::Plain;
use crate::samples::{core_prediction, level, prediction, with_any_prediction, with_level_faults};
use crate::scene::Number;
use crate::schedule::{on_schedule, with_schedule};
use quell::diffusion::noise::NoiseLevel;
use quell::diffusion::solver::{
    BFunction, Ddim, DpmPp2M, ErSde, EulerAncestral, Heun, Integral, SdeDpmPp2M, SecondOrder, Solver, UniPc,
    klub_weight,
};
use quell::diffusion::step::Step;
use quell_ffi::diffusion::prediction::quell_prediction_kind as kind;
use quell_ffi::diffusion::schedule::quell_schedule;
use quell_ffi::diffusion::solver::*;
use quell_ffi::status::quell_cause as cause;
use quell_tests::abi::noise_scale;
use quell_tests::strategies::NOISE_SCALES;
use std::mem::offset_of;

/// The options of a solver, in C and in Rust.
trait Options: Plain {
    type Core: Solver + Default;
    /// Options other than the usual ones.
    const SAMPLE: Self;
    fn core(&self) -> Self::Core;
    fn usual(core: Self::Core) -> Self;
    /// What can be wrong with them.
    fn faults(contract: Contract) -> Contract;
}

fn second_order(number: i32) -> SecondOrder {
    if number == 0 { SecondOrder::Midpoint } else { SecondOrder::Heun }
}

impl Options for quell_ddim {
    type Core = Ddim;
    const SAMPLE: Self = quell_ddim { eta: 0.5, use_clipped_model_output: 1 };
    fn core(&self) -> Ddim {
        Ddim { eta: self.eta, use_clipped_model_output: self.use_clipped_model_output != 0 }
    }
    fn usual(core: Ddim) -> Self {
        quell_ddim { eta: core.eta, use_clipped_model_output: core.use_clipped_model_output.into() }
    }
    fn faults(contract: Contract) -> Contract {
        contract
            .field("options", offset_of!(quell_ddim, eta), OUTSIDE_UNIT, "eta")
            .accepts("any truth", |s| s.poke("options", offset_of!(quell_ddim, use_clipped_model_output), i32::MIN))
    }
}

impl Options for quell_euler_ancestral {
    type Core = EulerAncestral;
    const SAMPLE: Self = quell_euler_ancestral { eta: 0.5, s_noise: 1.1 };
    fn core(&self) -> EulerAncestral {
        EulerAncestral { eta: self.eta, s_noise: self.s_noise }
    }
    fn usual(core: EulerAncestral) -> Self {
        quell_euler_ancestral { eta: core.eta, s_noise: core.s_noise }
    }
    fn faults(contract: Contract) -> Contract {
        contract.field("options", offset_of!(quell_euler_ancestral, eta), NEGATIVE, "eta").field(
            "options",
            offset_of!(quell_euler_ancestral, s_noise),
            NEGATIVE,
            "s_noise",
        )
    }
}

impl Options for quell_heun {
    type Core = Heun;
    const SAMPLE: Self = quell_heun { s_churn: 0.8, s_tmin: 0.5, s_tmax: f64::INFINITY, s_noise: 1.1 };
    fn core(&self) -> Heun {
        Heun { s_churn: self.s_churn, s_tmin: self.s_tmin, s_tmax: self.s_tmax, s_noise: self.s_noise }
    }
    fn usual(core: Heun) -> Self {
        quell_heun { s_churn: core.s_churn, s_tmin: core.s_tmin, s_tmax: core.s_tmax, s_noise: core.s_noise }
    }
    fn faults(contract: Contract) -> Contract {
        contract
            .field("options", offset_of!(quell_heun, s_churn), NEGATIVE, "s_churn")
            .field("options", offset_of!(quell_heun, s_tmin), NEGATIVE, "s_tmin")
            .field("options", offset_of!(quell_heun, s_tmax), &[f64::NAN, f64::NEG_INFINITY, -1.0], "s_tmax")
            .field("options", offset_of!(quell_heun, s_noise), NEGATIVE, "s_noise")
    }
}

impl Options for quell_dpmpp_2m {
    type Core = DpmPp2M;
    const SAMPLE: Self = quell_dpmpp_2m { lower_order_final: 1, second_order: 1 };
    fn core(&self) -> DpmPp2M {
        let second_order = second_order(self.second_order);
        DpmPp2M { lower_order_final: self.lower_order_final != 0, second_order }
    }
    fn usual(core: DpmPp2M) -> Self {
        let second_order = (core.second_order == SecondOrder::Heun).into();
        quell_dpmpp_2m { lower_order_final: core.lower_order_final.into(), second_order }
    }
    fn faults(contract: Contract) -> Contract {
        contract
            .choice_field("options", offset_of!(quell_dpmpp_2m, second_order), 2, "second_order")
            .accepts("any truth", |s| s.poke("options", offset_of!(quell_dpmpp_2m, lower_order_final), -7))
    }
}

impl Options for quell_sde_dpmpp_2m {
    type Core = SdeDpmPp2M;
    const SAMPLE: Self = quell_sde_dpmpp_2m { eta: 0.5, s_noise: 1.1, lower_order_final: 1, second_order: 1 };
    fn core(&self) -> SdeDpmPp2M {
        let (lower_order_final, second_order) = (self.lower_order_final != 0, second_order(self.second_order));
        SdeDpmPp2M { eta: self.eta, s_noise: self.s_noise, lower_order_final, second_order }
    }
    fn usual(core: SdeDpmPp2M) -> Self {
        let second_order = (core.second_order == SecondOrder::Heun).into();
        let lower_order_final = core.lower_order_final.into();
        quell_sde_dpmpp_2m { eta: core.eta, s_noise: core.s_noise, lower_order_final, second_order }
    }
    fn faults(contract: Contract) -> Contract {
        contract
            .field("options", offset_of!(quell_sde_dpmpp_2m, eta), NEGATIVE, "eta")
            .field("options", offset_of!(quell_sde_dpmpp_2m, s_noise), NEGATIVE, "s_noise")
            .choice_field("options", offset_of!(quell_sde_dpmpp_2m, second_order), 2, "second_order")
            .accepts("any truth", |s| s.poke("options", offset_of!(quell_sde_dpmpp_2m, lower_order_final), -7))
    }
}

impl Options for quell_unipc {
    type Core = UniPc;
    const SAMPLE: Self = quell_unipc { order: 3, b_function: 0, skip_corrector: 1, lower_order_final: 0 };
    fn core(&self) -> UniPc {
        UniPc {
            order: self.order as usize,
            b_function: if self.b_function == 0 { BFunction::Bh1 } else { BFunction::Bh2 },
            skip_corrector: self.skip_corrector,
            lower_order_final: self.lower_order_final != 0,
        }
    }
    fn usual(core: UniPc) -> Self {
        quell_unipc {
            order: core.order as i32,
            b_function: (core.b_function == BFunction::Bh2).into(),
            skip_corrector: core.skip_corrector,
            lower_order_final: core.lower_order_final.into(),
        }
    }
    fn faults(mut contract: Contract) -> Contract {
        for order in [0, 4, -1, i32::MIN, i32::MAX] {
            let spoil = move |s: &mut crate::scene::Scene| s.poke("options", offset_of!(quell_unipc, order), order);
            contract = contract.refuses(format!("order {order}"), spoil, cause::Domain, "order");
        }
        for order in [1, 2] {
            contract = contract
                .accepts(format!("order {order}"), move |s| s.poke("options", offset_of!(quell_unipc, order), order));
        }
        contract
            .accepts("no corrector", |s| s.poke("options", offset_of!(quell_unipc, skip_corrector), u32::MAX))
            .accepts("any truth", |s| s.poke("options", offset_of!(quell_unipc, lower_order_final), -7))
            .choice_field("options", offset_of!(quell_unipc, b_function), 2, "b_function")
    }
}

impl Options for quell_er_sde {
    type Core = ErSde;
    const SAMPLE: Self = quell_er_sde { order: 2, noise_scale: 4, s_noise: 1.1, noise_floor: 1e-3, points: 9 };
    fn core(&self) -> ErSde {
        ErSde {
            order: self.order as usize,
            noise_scale: NOISE_SCALES[self.noise_scale as usize],
            s_noise: self.s_noise,
            noise_floor: self.noise_floor,
            integral: if self.points == 0 { Integral::Exact } else { Integral::LeftRule { points: self.points } },
        }
    }
    fn usual(core: ErSde) -> Self {
        let Integral::LeftRule { points } = core.integral else { panic!("{core:?} is not what is usual") };
        quell_er_sde {
            order: core.order as i32,
            noise_scale: noise_scale(core.noise_scale),
            s_noise: core.s_noise,
            noise_floor: core.noise_floor,
            points,
        }
    }
    fn faults(mut contract: Contract) -> Contract {
        for order in [0, 4, -1, i32::MIN, i32::MAX] {
            let spoil = move |s: &mut crate::scene::Scene| s.poke("options", offset_of!(quell_er_sde, order), order);
            contract = contract.refuses(format!("order {order}"), spoil, cause::Domain, "order");
        }
        for order in [1, 3] {
            contract = contract
                .accepts(format!("order {order}"), move |s| s.poke("options", offset_of!(quell_er_sde, order), order));
        }
        for points in [0, 1, 10_000] {
            let change = move |s: &mut crate::scene::Scene| s.poke("options", offset_of!(quell_er_sde, points), points);
            contract = contract.accepts(format!("{points} points"), change);
        }
        for points in [10_001, u32::MAX] {
            let spoil = move |s: &mut crate::scene::Scene| s.poke("options", offset_of!(quell_er_sde, points), points);
            contract = contract.refuses(format!("{points} points"), spoil, cause::Domain, "points");
        }
        contract
            .choice_field("options", offset_of!(quell_er_sde, noise_scale), 7, "noise_scale")
            .field("options", offset_of!(quell_er_sde, s_noise), NEGATIVE, "s_noise")
            .field("options", offset_of!(quell_er_sde, noise_floor), NEGATIVE, "noise_floor")
    }
}

macro_rules! solver {
    ($options:ty, $default:ident, $passes:ident, $step:ident) => {{
        let described = |contract: Contract| {
            let contract = contract.object("options", <$options>::SAMPLE);
            with_schedule(<$options>::faults(contract))
                .accepts("the usual options", |s| s.write("options", &[<$options>::usual(Default::default())]))
        };
        let passes = described(contract!($passes(out, options, schedule)).result::<usize>("out")).twin(|s| {
            let solver = s.one::<$options>("options").core();
            let passes = on_schedule(s, |schedule| solver.passes(schedule));
            s.write("out", &[passes]);
        });
        let mut step = described(contract!($step(out, options, schedule, index)).result::<Step>("out"))
            .any("index", Number::Size(0))
            .refuses(
                "noise predicted from noise alone",
                |s| {
                    s.poke("schedule", offset_of!(quell_schedule, prediction), prediction(kind::Epsilon));
                    s.poke("levels", offset_of!(NoiseLevel, alpha), 0.0);
                },
                cause::Domain,
                "levels",
            )
            .twin(|s| {
                let solver = s.one::<$options>("options").core();
                let step = on_schedule(s, |schedule| solver.step(schedule, s.get("index")));
                s.write("out", &[step]);
            });
        // Four steps: no solver has fewer passes, none more than nine.
        for index in 1..4 {
            step = step.accepts(format!("pass {index}"), move |s| s.set("index", Number::Size(index)));
        }
        for index in [9, usize::MAX - 1, usize::MAX] {
            let beyond = move |s: &mut crate::scene::Scene| s.set("index", Number::Size(index));
            step = step.refuses(format!("pass {index}"), beyond, cause::Domain, "index");
        }
        let default = contract!($default(out)).result::<$options>("out").twin(|s| {
            s.write("out", &[<$options>::usual(Default::default())]);
        });
        [default, passes, step]
    }};
}

fn between() -> Contract {
    let contract = contract!(quell_ddim_between(out, options, from, to, prediction))
        .result::<Step>("out")
        .object("options", quell_ddim { eta: 0.0, use_clipped_model_output: 0 })
        .object("from", level(0.5, 0.86))
        .object("to", level(0.8, 0.6))
        .object("prediction", prediction(kind::V))
        .accepts("no length", |s| s.write("to", &[level(0.5, 0.86)]))
        .accepts("towards more noise", |s| s.write("to", &[level(0.2, 0.98)]))
        .accepts("to the end", |s| s.write("to", &[level(1.0, 0.0)]))
        .accepts("with noise", |s| s.poke("options", offset_of!(quell_ddim, eta), 0.5))
        .refuses(
            "noise predicted from noise alone",
            |s| {
                s.write("from", &[level(0.0, 1.0)]);
                s.write("prediction", &[prediction(kind::Epsilon)]);
            },
            cause::Domain,
            "from",
        )
        .refuses("from a clean level", |s| s.write("from", &[level(1.0, 0.0)]), cause::Domain, "from")
        .refuses(
            "with noise towards more noise",
            |s| {
                s.poke("options", offset_of!(quell_ddim, eta), 0.5);
                s.write("to", &[level(0.2, 0.98)]);
            },
            cause::Domain,
            "eta",
        );
    let contract = quell_ddim::faults(contract);
    let contract = with_level_faults(contract, "from", 0, "from");
    let contract = with_level_faults(contract, "to", 0, "to");
    with_any_prediction(contract, "prediction", 0, "prediction").twin(|s| {
        let ddim = s.one::<quell_ddim>("options").core();
        let step = ddim.between(s.one("from"), s.one("to"), core_prediction(&s.one("prediction"))).unwrap();
        s.write("out", &[step]);
    })
}

/// The functions of a noise scale, and the weight of a constant share of noise.
fn noise_scales() -> Vec<Contract> {
    macro_rules! reads {
        ($name:ident, $read:ident) => {
            contract!($name(out, noise_scale, sigma))
                .result::<f64>("out")
                .choice("noise_scale", 6, 7)
                .real("sigma", 0.7, NOT_POSITIVE)
                .accepts("much noise", |s| s.set("sigma", Number::Real(1e300)))
                .twin(|s| {
                    let scale = NOISE_SCALES[s.get::<i32>("noise_scale") as usize];
                    s.write("out", &[scale.$read(s.get("sigma")).unwrap()]);
                })
        };
    }
    vec![
        reads!(quell_noise_scale_value, value),
        reads!(quell_noise_scale_lambda_squared, lambda_squared),
        reads!(quell_noise_scale_klub_weight, klub_weight),
        contract!(quell_klub_weight(out, eta))
            .result::<f64>("out")
            .real("eta", 0.5, NEGATIVE)
            .accepts("no noise", |s| s.set("eta", Number::Real(0.0)))
            .twin(|s| s.write("out", &[klub_weight(s.get("eta")).unwrap()])),
    ]
}

pub fn contracts() -> Vec<Contract> {
    let solvers = [
        solver!(quell_ddim, quell_ddim_default, quell_ddim_passes, quell_ddim_step),
        solver!(
            quell_euler_ancestral,
            quell_euler_ancestral_default,
            quell_euler_ancestral_passes,
            quell_euler_ancestral_step
        ),
        solver!(quell_heun, quell_heun_default, quell_heun_passes, quell_heun_step),
        solver!(quell_dpmpp_2m, quell_dpmpp_2m_default, quell_dpmpp_2m_passes, quell_dpmpp_2m_step),
        solver!(quell_sde_dpmpp_2m, quell_sde_dpmpp_2m_default, quell_sde_dpmpp_2m_passes, quell_sde_dpmpp_2m_step),
        solver!(quell_unipc, quell_unipc_default, quell_unipc_passes, quell_unipc_step),
        solver!(quell_er_sde, quell_er_sde_default, quell_er_sde_passes, quell_er_sde_step),
    ];
    solvers.into_iter().flatten().chain([between()]).chain(noise_scales()).collect()
}
