//! Solvers: from a schedule and a position to a step.

use super::noise::name_level;
use super::prediction::quell_prediction;
use super::schedule::{quell_schedule, with_schedule};
use crate::pointer::{extent, read, write};
use crate::status::{quell_status, run};
use quell::diffusion::noise::NoiseLevel;
use quell::diffusion::solver::{
    self, BFunction, Ddim, DpmPp2M, ErSde, EulerAncestral, Heun, Integral, NoiseScale, SdeDpmPp2M, SecondOrder, Solver,
    UniPc,
};
use quell::diffusion::step::Step;
use quell::{Argument, Error};

/// Options of DDIM.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct quell_ddim {
    /// How much of DDPM's noise is added, from 0 to 1.
    pub eta: f64,
    /// Not 0: take the noise from the clipped estimate, as DDPM does. 0: keep the network's own.
    pub use_clipped_model_output: i32,
}

/// Options of ancestral Euler; eta = 0 gives plain Euler.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct quell_euler_ancestral {
    /// How much of the noise is drawn anew; not negative.
    pub eta: f64,
    /// The factor on the fresh noise.
    pub s_noise: f64,
}

/// Options of Heun's method.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct quell_heun {
    /// How much churn in all; 0 for the deterministic method.
    pub s_churn: f64,
    /// Below this sigma/alpha there is no churn.
    pub s_tmin: f64,
    /// Above this sigma/alpha there is no churn; may be infinite.
    pub s_tmax: f64,
    /// The factor on the fresh noise.
    pub s_noise: f64,
}

/// How the second-order term of a DPM-Solver++ is weighted.
#[repr(i32)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum quell_second_order {
    /// Half of the first-order weight.
    Midpoint = 0,
    /// The exact integral of a line in lambda.
    Heun = 1,
}

/// Options of DPM-Solver++(2M).
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct quell_dpmpp_2m {
    /// Not 0: the last step is of first order even where it does not end at sigma = 0.
    pub lower_order_final: i32,
    /// A quell_second_order.
    pub second_order: i32,
}

/// Options of SDE-DPM-Solver++(2M).
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct quell_sde_dpmpp_2m {
    /// How stochastic the path is; not negative.
    pub eta: f64,
    /// The factor on the noise.
    pub s_noise: f64,
    /// Not 0: the last step is of first order even where it does not end at sigma = 0.
    pub lower_order_final: i32,
    /// A quell_second_order.
    pub second_order: i32,
}

/// The function B(h) of UniPC.
#[repr(i32)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum quell_b_function {
    /// B(h) = h.
    Bh1 = 0,
    /// B(h) = e^h - 1.
    Bh2 = 1,
}

/// Options of UniPC.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct quell_unipc {
    /// The order of the predictor, 1 to 3. The solver needs as many slots.
    pub order: i32,
    /// A quell_b_function.
    pub b_function: i32,
    /// How many initial steps go without a corrector.
    pub skip_corrector: u32,
    /// Not 0: the order falls to 1 towards the end of the schedule.
    pub lower_order_final: i32,
}

/// The noise scale function phi of ER-SDE, sigma being sigma/alpha.
#[repr(i32)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum quell_noise_scale {
    /// phi = sigma: no noise, the probability-flow ODE.
    Ode = 0,
    /// phi = sigma^2: the reverse-time SDE itself.
    Sde = 1,
    /// phi = sigma (e^(-1/sigma) + 10).
    Sde1 = 2,
    /// phi = sigma^1.5.
    Sde2 = 3,
    /// phi = sigma^2.5.
    Sde3 = 4,
    /// phi = sigma^0.9 log10(1 + 100 sigma^1.5); above sigma = 1022.37 in proportion to sigma.
    Sde4 = 5,
    /// phi = sigma (e^(sigma^0.3) + 10).
    Sde5 = 6,
}

/// Options of ER-SDE.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct quell_er_sde {
    /// The order, 1 to 3. The solver needs one slot less.
    pub order: i32,
    /// A quell_noise_scale.
    pub noise_scale: i32,
    /// The factor on the noise.
    pub s_noise: f64,
    /// Noise whose variance in units of the clean sample is below this is not added; not negative. The authors' code
    /// has 1e-6; 0 solves the SDE as it stands.
    pub noise_floor: f64,
    /// The points of the left rule for the integrals over phi, at most 10000, or 0 to have them exactly. The authors'
    /// code has 100.
    pub points: u32,
}

/// From the C struct to the core's type, and from its default back.
pub(crate) trait Options: Copy {
    type Solver: Solver + Default;
    fn cast(&self) -> Result<Self::Solver, Error>;
    fn from_core(solver: Self::Solver) -> Self;
}

impl Options for quell_ddim {
    type Solver = Ddim;
    fn cast(&self) -> Result<Ddim, Error> {
        Ok(Ddim { eta: self.eta, use_clipped_model_output: self.use_clipped_model_output != 0 })
    }
    fn from_core(s: Ddim) -> Self {
        quell_ddim { eta: s.eta, use_clipped_model_output: s.use_clipped_model_output.into() }
    }
}

impl Options for quell_euler_ancestral {
    type Solver = EulerAncestral;
    fn cast(&self) -> Result<EulerAncestral, Error> {
        Ok(EulerAncestral { eta: self.eta, s_noise: self.s_noise })
    }
    fn from_core(s: EulerAncestral) -> Self {
        quell_euler_ancestral { eta: s.eta, s_noise: s.s_noise }
    }
}

impl Options for quell_heun {
    type Solver = Heun;
    fn cast(&self) -> Result<Heun, Error> {
        Ok(Heun { s_churn: self.s_churn, s_tmin: self.s_tmin, s_tmax: self.s_tmax, s_noise: self.s_noise })
    }
    fn from_core(s: Heun) -> Self {
        quell_heun { s_churn: s.s_churn, s_tmin: s.s_tmin, s_tmax: s.s_tmax, s_noise: s.s_noise }
    }
}

fn cast_second_order(value: i32) -> Result<SecondOrder, Error> {
    match value {
        value if value == quell_second_order::Midpoint as i32 => Ok(SecondOrder::Midpoint),
        value if value == quell_second_order::Heun as i32 => Ok(SecondOrder::Heun),
        value => Err(Error::Unknown { argument: Argument::SecondOrder, value }),
    }
}

fn second_order_from_core(variant: SecondOrder) -> i32 {
    match variant {
        SecondOrder::Heun => quell_second_order::Heun as i32,
        _ => quell_second_order::Midpoint as i32,
    }
}

impl Options for quell_dpmpp_2m {
    type Solver = DpmPp2M;
    fn cast(&self) -> Result<DpmPp2M, Error> {
        let second_order = cast_second_order(self.second_order)?;
        Ok(DpmPp2M { lower_order_final: self.lower_order_final != 0, second_order })
    }
    fn from_core(s: DpmPp2M) -> Self {
        let second_order = second_order_from_core(s.second_order);
        quell_dpmpp_2m { lower_order_final: s.lower_order_final.into(), second_order }
    }
}

impl Options for quell_sde_dpmpp_2m {
    type Solver = SdeDpmPp2M;
    fn cast(&self) -> Result<SdeDpmPp2M, Error> {
        let second_order = cast_second_order(self.second_order)?;
        let lower_order_final = self.lower_order_final != 0;
        Ok(SdeDpmPp2M { eta: self.eta, s_noise: self.s_noise, lower_order_final, second_order })
    }
    fn from_core(s: SdeDpmPp2M) -> Self {
        let second_order = second_order_from_core(s.second_order);
        let lower_order_final = s.lower_order_final.into();
        quell_sde_dpmpp_2m { eta: s.eta, s_noise: s.s_noise, lower_order_final, second_order }
    }
}

impl Options for quell_unipc {
    type Solver = UniPc;
    fn cast(&self) -> Result<UniPc, Error> {
        let b_function = match self.b_function {
            value if value == quell_b_function::Bh1 as i32 => BFunction::Bh1,
            value if value == quell_b_function::Bh2 as i32 => BFunction::Bh2,
            value => return Err(Error::Unknown { argument: Argument::BFunction, value }),
        };
        Ok(UniPc {
            // A negative order is no order, and neither is 0.
            order: usize::try_from(self.order).unwrap_or(0),
            b_function,
            skip_corrector: self.skip_corrector,
            lower_order_final: self.lower_order_final != 0,
        })
    }
    fn from_core(s: UniPc) -> Self {
        let b_function = match s.b_function {
            BFunction::Bh1 => quell_b_function::Bh1,
            _ => quell_b_function::Bh2,
        };
        quell_unipc {
            order: s.order as i32,
            b_function: b_function as i32,
            skip_corrector: s.skip_corrector,
            lower_order_final: s.lower_order_final.into(),
        }
    }
}

fn cast_noise_scale(value: i32) -> Result<NoiseScale, Error> {
    match value {
        value if value == quell_noise_scale::Ode as i32 => Ok(NoiseScale::Ode),
        value if value == quell_noise_scale::Sde as i32 => Ok(NoiseScale::Sde),
        value if value == quell_noise_scale::Sde1 as i32 => Ok(NoiseScale::Sde1),
        value if value == quell_noise_scale::Sde2 as i32 => Ok(NoiseScale::Sde2),
        value if value == quell_noise_scale::Sde3 as i32 => Ok(NoiseScale::Sde3),
        value if value == quell_noise_scale::Sde4 as i32 => Ok(NoiseScale::Sde4),
        value if value == quell_noise_scale::Sde5 as i32 => Ok(NoiseScale::Sde5),
        value => Err(Error::Unknown { argument: Argument::NoiseScale, value }),
    }
}

fn noise_scale_from_core(variant: NoiseScale) -> i32 {
    (match variant {
        NoiseScale::Ode => quell_noise_scale::Ode,
        NoiseScale::Sde => quell_noise_scale::Sde,
        NoiseScale::Sde1 => quell_noise_scale::Sde1,
        NoiseScale::Sde2 => quell_noise_scale::Sde2,
        NoiseScale::Sde3 => quell_noise_scale::Sde3,
        NoiseScale::Sde4 => quell_noise_scale::Sde4,
        _ => quell_noise_scale::Sde5,
    }) as i32
}

impl Options for quell_er_sde {
    type Solver = ErSde;
    fn cast(&self) -> Result<ErSde, Error> {
        Ok(ErSde {
            order: usize::try_from(self.order).unwrap_or(0),
            noise_scale: cast_noise_scale(self.noise_scale)?,
            s_noise: self.s_noise,
            noise_floor: self.noise_floor,
            integral: if self.points == 0 { Integral::Exact } else { Integral::LeftRule { points: self.points } },
        })
    }
    fn from_core(s: ErSde) -> Self {
        quell_er_sde {
            order: s.order as i32,
            noise_scale: noise_scale_from_core(s.noise_scale),
            s_noise: s.s_noise,
            noise_floor: s.noise_floor,
            points: if let Integral::LeftRule { points } = s.integral { points } else { 0 },
        }
    }
}

/// Stamps the three functions of a solver.
macro_rules! solver {
    ($options:ty, $default:ident, $passes:ident, $step:ident, $usual:literal) => {
        #[doc = $usual]
        ///
        /// @param out  the options
        #[must_use]
        #[unsafe(no_mangle)]
        pub unsafe extern "C" fn $default(out: *mut $options) -> quell_status {
            // SAFETY: checked before use; valid by the contract of the C ABI.
            run(|| unsafe {
                write(Argument::Out, out, &[], || Ok(Options::from_core(<$options as Options>::Solver::default())))
            })
        }

        /// The number of passes for a whole schedule: network evaluations, and a first pass without one where churn
        /// asks for it.
        ///
        /// @param out       the number
        /// @param options   the solver's options
        /// @param schedule  the schedule
        #[must_use]
        #[unsafe(no_mangle)]
        pub unsafe extern "C" fn $passes(
            out: *mut usize,
            options: *const $options,
            schedule: *const quell_schedule,
        ) -> quell_status {
            run(|| {
                // SAFETY: checked before use; valid by the contract of the C ABI.
                unsafe {
                    let solver = read(Argument::Options, options)?.cast()?;
                    with_schedule(schedule, |plan, [a, b, c]| {
                        write(Argument::Out, out, &[extent(options), a, b, c], || solver.passes(plan))
                    })
                }
            })
        }

        /// Pass `index`: where to evaluate the network, and what to make of its output.
        ///
        /// @param out       the step
        /// @param options   the solver's options
        /// @param schedule  the schedule
        /// @param index     from 0 to the number of passes less one
        #[must_use]
        #[unsafe(no_mangle)]
        pub unsafe extern "C" fn $step(
            out: *mut Step,
            options: *const $options,
            schedule: *const quell_schedule,
            index: usize,
        ) -> quell_status {
            run(|| {
                // SAFETY: checked before use; valid by the contract of the C ABI.
                unsafe {
                    let solver = read(Argument::Options, options)?.cast()?;
                    with_schedule(schedule, |plan, [a, b, c]| {
                        write(Argument::Out, out, &[extent(options), a, b, c], || {
                            solver.step(plan, index).map_err(|error| name_level(error, Argument::Levels))
                        })
                    })
                }
            })
        }
    };
}
solver!(
    quell_ddim,
    quell_ddim_default,
    quell_ddim_passes,
    quell_ddim_step,
    " The usual options: eta = 0, use_clipped_model_output = 0."
);
solver!(
    quell_euler_ancestral,
    quell_euler_ancestral_default,
    quell_euler_ancestral_passes,
    quell_euler_ancestral_step,
    " The usual options: eta = 1, s_noise = 1. Plain Euler, as for flow models, has eta = 0."
);
solver!(
    quell_heun,
    quell_heun_default,
    quell_heun_passes,
    quell_heun_step,
    " The usual options, without churn: s_churn = 0, s_tmin = 0, s_tmax infinite, s_noise = 1."
);
solver!(
    quell_dpmpp_2m,
    quell_dpmpp_2m_default,
    quell_dpmpp_2m_passes,
    quell_dpmpp_2m_step,
    " The usual options: lower_order_final = 0, QUELL_SECOND_ORDER_MIDPOINT."
);
solver!(
    quell_sde_dpmpp_2m,
    quell_sde_dpmpp_2m_default,
    quell_sde_dpmpp_2m_passes,
    quell_sde_dpmpp_2m_step,
    " The usual options: eta = 1, s_noise = 1, lower_order_final = 0, QUELL_SECOND_ORDER_MIDPOINT."
);
solver!(
    quell_unipc,
    quell_unipc_default,
    quell_unipc_passes,
    quell_unipc_step,
    " The usual options: order 2, QUELL_B_FUNCTION_BH2, skip_corrector = 0, lower_order_final = 1."
);
solver!(
    quell_er_sde,
    quell_er_sde_default,
    quell_er_sde_passes,
    quell_er_sde_step,
    " The authors' options: order 3, QUELL_NOISE_SCALE_SDE5, s_noise = 1, noise_floor = 1e-6, points = 100."
);

/// Stamps the functions of a noise scale.
macro_rules! noise_scales {
    ($($(#[$doc:meta])* $name:ident, $read:ident;)*) => {$(
        $(#[$doc])*
        #[must_use]
        #[unsafe(no_mangle)]
        pub unsafe extern "C" fn $name(out: *mut f64, noise_scale: i32, sigma: f64) -> quell_status {
            // SAFETY: checked before use; valid by the contract of the C ABI.
            run(|| unsafe { write(Argument::Out, out, &[], || cast_noise_scale(noise_scale)?.$read(sigma)) })
        }
    )*};
}
noise_scales! {
    /// phi(sigma) of a noise scale function; infinite where it overflows.
    ///
    /// @param out          the result
    /// @param noise_scale  a quell_noise_scale
    /// @param sigma        positive
    quell_noise_scale_value, value;
    /// lambda^2 = sigma phi'(sigma) / phi(sigma) - 1: 0 without noise, 1 for the reverse-time SDE.
    ///
    /// @param out          the result
    /// @param noise_scale  a quell_noise_scale
    /// @param sigma        positive
    quell_noise_scale_lambda_squared, lambda_squared;
    /// The factor (1 + lambda^2)^2 / (4 lambda^2) on sigma^-3 times the squared change of D in the bound on the KL
    /// divergence; infinite where there is no noise.
    ///
    /// @param out          the result
    /// @param noise_scale  a quell_noise_scale
    /// @param sigma        positive
    quell_noise_scale_klub_weight, klub_weight;
}

/// The same factor for a constant share eta = lambda^2 of fresh noise: (1 + eta)^2 / (4 eta).
///
/// @param out  the result
/// @param eta  not negative
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn quell_klub_weight(out: *mut f64, eta: f64) -> quell_status {
    // SAFETY: checked before use; valid by the contract of the C ABI.
    run(|| unsafe { write(Argument::Out, out, &[], || solver::klub_weight(eta)) })
}

/// A step of DDIM between any two levels, outside a schedule: also of no length, and for eta = 0 towards more noise.
///
/// @param out         the step
/// @param options     DDIM's options
/// @param from        where the network is evaluated
/// @param to          where the step leads
/// @param prediction  what the network predicts
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn quell_ddim_between(
    out: *mut Step,
    options: *const quell_ddim,
    from: *const NoiseLevel,
    to: *const NoiseLevel,
    prediction: *const quell_prediction,
) -> quell_status {
    run(|| {
        // SAFETY: checked before use; valid by the contract of the C ABI.
        unsafe {
            let solver = read(Argument::Options, options)?.cast()?;
            let (start, end) = (read(Argument::From, from)?, read(Argument::To, to)?);
            let kind = read(Argument::Prediction, prediction)?;
            let inputs = [extent(options), extent(from), extent(to), extent(prediction)];
            write(Argument::Out, out, &inputs, || {
                let prediction = kind.cast(Argument::Prediction)?;
                solver.between(start, end, prediction).map_err(|error| name_level(error, Argument::From))
            })
        }
    })
}
