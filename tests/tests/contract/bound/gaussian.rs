//! Gaussian data, and the bound of multistep solvers.

use super::on_schedule;
use crate::contract::{Contract, NEGATIVE, NOT_FINITE, NOT_POSITIVE, contract};
use crate::scene::Number;
use quell::diffusion::bound::{Gaussian, OutputLaw, multistep};
use quell::diffusion::schedule::Last;
use quell::diffusion::solver::{SdeDpmPp2M, SecondOrder};
use quell_ffi::diffusion::bound::gaussian::*;
use quell_ffi::diffusion::bound::mmse::*;
use quell_ffi::diffusion::solver::quell_sde_dpmpp_2m;
use quell_ffi::status::quell_cause as cause;
use std::mem::offset_of;

const OPTIONS: quell_sde_dpmpp_2m =
    quell_sde_dpmpp_2m { eta: 0.75, s_noise: 1.0, lower_order_final: 0, second_order: 1 };

fn solver(options: quell_sde_dpmpp_2m) -> SdeDpmPp2M {
    SdeDpmPp2M {
        eta: options.eta,
        s_noise: options.s_noise,
        lower_order_final: options.lower_order_final != 0,
        second_order: if options.second_order == 0 { SecondOrder::Midpoint } else { SecondOrder::Heun },
    }
}

/// Adds a solver's options, and what can be wrong with them where a bound is asked for.
fn with_options(contract: Contract) -> Contract {
    contract
        .object("options", OPTIONS)
        .field("options", offset_of!(quell_sde_dpmpp_2m, eta), NOT_POSITIVE, "eta")
        .field("options", offset_of!(quell_sde_dpmpp_2m, s_noise), &[f64::NAN, 0.0, 1.1], "s_noise")
        .choice_field("options", offset_of!(quell_sde_dpmpp_2m, second_order), 2, "second_order")
        .accepts("any truth", |s| s.poke("options", offset_of!(quell_sde_dpmpp_2m, lower_order_final), i32::MIN))
        .accepts("the other rule", |s| s.poke("options", offset_of!(quell_sde_dpmpp_2m, second_order), 0i32))
}

/// Adds the data.
fn with_data(contract: Contract) -> Contract {
    contract
        .real("c", 0.5, NOT_POSITIVE)
        .any("dimension", Number::Size(3))
        .accepts("very many dimensions", |s| s.set("dimension", Number::Size(usize::MAX)))
        .refuses("no dimension", |s| s.set("dimension", Number::Size(0)), cause::Domain, "dimension")
}

/// Adds a schedule that may end without noise.
fn on_any_schedule(contract: Contract) -> Contract {
    contract
        .input("sigmas", &[8.0, 1.5, 0.2], "sigmas_len")
        .zero_is_wrong("sigmas_len", cause::TooShort, "sigmas")
        .wrong_length("sigmas_len", &[1], cause::TooShort, "sigmas")
        .bad_elements("sigmas", 2, NEGATIVE, cause::Domain)
        .bad_elements("sigmas", 1, &[8.0, 9.0], cause::Order)
        .accepts("an end without noise", |s| s.poke_element("sigmas", 2, 0.0))
}

pub fn contracts() -> Vec<Contract> {
    macro_rules! at_level {
        ($name:ident, $at:ident, $bad:expr) => {
            with_data(contract!($name(out, sigma, c, dimension)).result::<f64>("out")).real("sigma", 0.7, $bad).twin(
                |s| {
                    let data = Gaussian::new(s.get("c"), s.get("dimension")).unwrap();
                    s.write("out", &[data.$at(s.get("sigma")).unwrap()]);
                },
            )
        };
    }
    macro_rules! law {
        ($name:ident, $law:ident) => {
            with_data(on_any_schedule(
                contract!($name(out, sigmas, sigmas_len, c, dimension)).result::<OutputLaw>("out"),
            ))
            .twin(|s| {
                let data = Gaussian::new(s.get("c"), s.get("dimension")).unwrap();
                s.write("out", &[data.$law(&s.read::<f64>("sigmas")).unwrap()]);
            })
        };
    }
    macro_rules! middle {
        ($name:ident, $middle:ident) => {
            contract!($name(out, from, to, c))
                .result::<f64>("out")
                .real("from", 3.0, &[f64::NAN, f64::INFINITY, f64::NEG_INFINITY, -1.0, 0.0])
                .real("to", 0.25, &[f64::NAN, f64::INFINITY, f64::NEG_INFINITY, -1.0, 0.0, 3.5])
                .real("c", 0.5, NOT_POSITIVE)
                .accepts("equal levels", super::set_real("to", 3.0))
                .twin(|s| {
                    let data = Gaussian::new(s.get("c"), 1).unwrap();
                    s.write("out", &[data.$middle(s.get("from"), s.get("to")).unwrap()]);
                })
        };
    }
    vec![
        at_level!(quell_gaussian_mmse, mmse, NEGATIVE),
        at_level!(quell_gaussian_information, information, NOT_POSITIVE),
        with_data(on_schedule(
            contract!(quell_gaussian_klub(out, sigmas, sigmas_len, c, dimension)).result::<f64>("out"),
        ))
        .twin(|s| {
            let data = Gaussian::new(s.get("c"), s.get("dimension")).unwrap();
            s.write("out", &[data.klub(&s.read::<f64>("sigmas")).unwrap()]);
        }),
        with_options(with_data(on_schedule(
            contract!(quell_gaussian_klub_sde_dpmpp_2m(out, sigmas, sigmas_len, options, c, dimension))
                .result::<f64>("out"),
        )))
        .twin(|s| {
            let data = Gaussian::new(s.get("c"), s.get("dimension")).unwrap();
            s.write("out", &[data.klub_two_m(&s.read::<f64>("sigmas"), &solver(s.one("options"))).unwrap()]);
        }),
        law!(quell_gaussian_euler, euler),
        law!(quell_gaussian_stochastic_ddim, stochastic_ddim),
        contract!(quell_sigmas_gaussian_klub(sigmas, sigmas_len, sigma_min, sigma_max, c, last))
            .output::<f64>("sigmas", 7, "sigmas_len")
            .zero_is_wrong("sigmas_len", cause::TooShort, "sigmas")
            .wrong_length("sigmas_len", &[1], cause::TooShort, "sigmas")
            .choice("last", 0, 2)
            .real("sigma_min", 0.002, NOT_POSITIVE)
            .real("sigma_max", 80.0, NOT_POSITIVE)
            .real("c", 0.5, NOT_POSITIVE)
            .refuses("no span", |s| s.set("sigma_min", Number::Real(80.0)), cause::Domain, "sigma_min")
            .twin(|s| {
                let mut sigmas = s.read::<f64>("sigmas");
                let last = if s.get::<i32>("last") == 0 { Last::Zero } else { Last::SigmaMin };
                let data = Gaussian::new(s.get("c"), 1).unwrap();
                data.fill_klub_optimum(&mut sigmas, s.get("sigma_min"), s.get("sigma_max"), last).unwrap();
                s.write("sigmas", &sigmas);
            }),
        middle!(quell_gaussian_klub_middle, klub_middle),
        middle!(quell_gaussian_euler_middle, euler_middle),
        with_options(
            contract!(quell_sde_dpmpp_2m_klub(out, sigmas, mmse, sigmas_len, options, klub))
                .result::<f64>("out")
                .input("sigmas", &[8.0, 3.0, 1.0, 0.2], "sigmas_len")
                .input("mmse", &[1.9, 1.25, 0.5, 0.05], "sigmas_len"),
        )
        .zero_is_wrong("sigmas_len", cause::TooShort, "sigmas")
        .wrong_length("sigmas_len", &[1], cause::TooShort, "sigmas")
        .bad_elements("sigmas", 1, NOT_POSITIVE, cause::Domain)
        .bad_elements("sigmas", 1, &[8.0, 9.0], cause::Order)
        .bad_elements("mmse", 1, NEGATIVE, cause::Domain)
        .bad_elements("mmse", 2, &[1.5], cause::Order)
        .real("klub", 2.5, NEGATIVE)
        .twin(|s| {
            let (sigmas, mmse) = (s.read::<f64>("sigmas"), s.read::<f64>("mmse"));
            s.write("out", &[multistep::klub(s.get("klub"), &sigmas, &mmse, &solver(s.one("options"))).unwrap()]);
        }),
        contract!(quell_history_error(out, mmse, mmse_len, weights, weights_len))
            .result::<f64>("out")
            .input("mmse", &[1.25, 0.5, 0.05], "mmse_len")
            .input("weights", &[0.25, -0.75], "weights_len")
            .zero_is_wrong("mmse_len", cause::TooShort, "mmse")
            .zero_is_wrong("weights_len", cause::Length, "weights")
            .wrong_length("weights_len", &[1], cause::Length, "weights")
            .bad_elements("mmse", 1, NEGATIVE, cause::Domain)
            .bad_elements("mmse", 2, &[0.75], cause::Order)
            .bad_elements("weights", 1, NOT_FINITE, cause::Domain)
            .twin(|s| {
                let error = multistep::history_error(&s.read::<f64>("mmse"), &s.read::<f64>("weights")).unwrap();
                s.write("out", &[error]);
            }),
    ]
}
