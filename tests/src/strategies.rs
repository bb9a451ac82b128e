//! What the property tests draw: strategy functions rather than `Arbitrary`, so that constraints hold by construction
//! and survive shrinking.
//!
//! Structure (processes, levels, options, sizes) is drawn by proptest and shrinks. The elements of large buffers come
//! from a drawn seed by [`values`]: a failure replays, and shrinks to the smallest size that shows it.

use crate::abi::AbiSolver;
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;
use proptest::test_runner::{Config, FileFailurePersistence};
use quell::Error;
use quell::correspondence::upsample::Grid;
use quell::diffusion::noise::{
    NoiseLevel, Process, RectifiedFlow, VpCosine, VpDiscrete, VpLinear, alpha_bars_from_betas, fill_betas_linear,
    fill_betas_scaled_linear, fill_betas_squared_cosine, rescale_zero_terminal_snr,
};
use quell::diffusion::prediction::Prediction;
use quell::diffusion::schedule::Schedule;
use quell::diffusion::solver::{
    BFunction, Ddim, DpmPp2M, ErSde, EulerAncestral, Heun, Integral, NoiseScale, SdeDpmPp2M, SecondOrder, Solver, UniPc,
};
use quell::diffusion::step::{ROWS, Row, SLOTS, Step, destination};
use std::fmt;
use std::ops::{Deref, RangeInclusive};
use std::sync::LazyLock;

/// The least and the greatest σ/α that laws are held to.
pub const EXTREMES: (f64, f64) = (1e-6, 1e4);

/// 256 cases or `PROPTEST_CASES`; failures are kept in the given file, which belongs into the repository.
pub fn config(regressions: &'static str) -> Config {
    Config { failure_persistence: Some(Box::new(FileFailurePersistence::Direct(regressions))), ..Config::default() }
}

/// Uniform in the logarithm.
pub fn log_uniform(low: f64, high: f64) -> impl Strategy<Value = f64> {
    (low.ln()..high.ln()).prop_map(f64::exp)
}

/// Numbers of either sign with log-uniform magnitudes from 1e-6 to 1e4, one in 32 of them zero.
pub fn values(seed: u64, stream: u64, n: usize) -> Vec<f64> {
    // SplitMix64 (Steele, Lea and Flood 2014): not the generator under test.
    let mut state = seed ^ stream.wrapping_mul(0xd1b5_4a32_d192_ed03);
    let mut next = || {
        state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let z = (state ^ (state >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    };
    (0..n)
        .map(|_| {
            let bits = next();
            let magnitude = 10f64.powf((bits >> 11) as f64 / (1u64 << 53) as f64 * 10.0 - 6.0);
            match bits % 64 {
                0 | 1 => 0.0,
                k if k % 2 == 0 => magnitude,
                _ => -magnitude,
            }
        })
        .collect()
}

/// The elements of an item: none, one, around a block of the generator (4) and a group of its blocks (128), around one
/// and two tiles of the pass (512).
pub fn size() -> impl Strategy<Value = usize> {
    select(vec![0, 1, 2, 3, 4, 5, 7, 8, 9, 127, 128, 129, 256, 511, 512, 513, 1025])
}

/// Masks: all of one kind or any mixture of 0, 1 and what lies between.
pub fn mask(n: usize) -> impl Strategy<Value = Vec<f64>> {
    prop_oneof![Just(vec![0.0; n]), Just(vec![1.0; n]), vec(prop_oneof![Just(0.0), Just(1.0), 0.0..1.0f64], n..=n),]
}

type Table = LazyLock<Vec<f64>>;

fn table(fill: impl Fn(&mut [f64]) -> Result<(), Error>) -> Vec<f64> {
    let (mut betas, mut alpha_bars) = (vec![0.0; 1000], vec![0.0; 1000]);
    fill(&mut betas).expect("betas in range");
    alpha_bars_from_betas(&mut alpha_bars, &betas).expect("betas in range");
    alpha_bars
}

static LINEAR: Table = Table::new(|| table(|betas| fill_betas_linear(betas, 1e-4, 0.02)));
static SCALED_LINEAR: Table = Table::new(|| table(|betas| fill_betas_scaled_linear(betas, 0.00085, 0.012)));
static SQUARED_COSINE: Table = Table::new(|| table(|betas| fill_betas_squared_cosine(betas, 0.999)));
static ZERO_TERMINAL: Table = Table::new(|| {
    let mut alpha_bars = SCALED_LINEAR.clone();
    rescale_zero_terminal_snr(&mut alpha_bars).expect("decreasing");
    alpha_bars
});

/// The four tables of ᾱ in use: linear, scaled linear, squared cosine, and zero terminal signal-to-noise ratio.
pub fn tables() -> [&'static [f64]; 4] {
    [&LINEAR, &SCALED_LINEAR, &SQUARED_COSINE, &ZERO_TERMINAL]
}

/// A process as it is drawn.
#[derive(Clone, Copy, PartialEq)]
pub struct Drawn(pub Process<'static>);

impl fmt::Debug for Drawn {
    /// A failing case is kept in a file; a thousand entries of a table would bury it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Process::VpDiscrete(VpDiscrete { alpha_bars }) => {
                let name = ["linear", "scaled linear", "squared cosine", "zero terminal"];
                let known = tables().iter().position(|table| table == &alpha_bars).map_or("own", |k| name[k]);
                write!(f, "VpDiscrete({known}, {} entries)", alpha_bars.len())
            }
            process => process.fmt(f),
        }
    }
}

impl Deref for Drawn {
    type Target = Process<'static>;

    fn deref(&self) -> &Process<'static> {
        &self.0
    }
}

/// A variance-preserving process.
pub fn variance_preserving() -> impl Strategy<Value = Drawn> {
    prop_oneof![
        select(tables().to_vec()).prop_map(|alpha_bars| Process::VpDiscrete(VpDiscrete { alpha_bars })),
        (0.01..1.0f64, 1.0..30.0f64, log_uniform(1e-5, 1e-2))
            .prop_map(|(beta_min, beta_d, epsilon)| { Process::VpLinear(VpLinear { beta_min, beta_d, epsilon }) }),
        (0.0..0.1f64, log_uniform(1e-5, 1e-2))
            .prop_map(|(offset, epsilon)| Process::VpCosine(VpCosine { offset, epsilon })),
    ]
    .prop_map(Drawn)
}

/// Any process.
pub fn process() -> impl Strategy<Value = Drawn> {
    prop_oneof![
        3 => variance_preserving(),
        1 => Just(Drawn(Process::Ve)),
        1 => log_uniform(0.05, 5.0).prop_map(|sigma_data| Drawn(Process::Edm { sigma_data })),
        2 => log_uniform(1.0, 1000.0).prop_map(|time_scale| Drawn(Process::Flow(RectifiedFlow { time_scale }))),
    ]
}

/// The level where only noise is left, for processes that reach it.
pub fn pure_noise(process: &Process) -> Option<NoiseLevel> {
    let timestep = match process {
        Process::VpDiscrete(table) if table.alpha_bars.last() == Some(&0.0) => (table.alpha_bars.len() - 1) as f64,
        Process::VpCosine(_) => 1.0,
        Process::Flow(flow) => flow.time_scale,
        _ => return None,
    };
    Some(process.at_timestep(timestep).expect("the last time"))
}

/// Any kind of prediction.
pub fn prediction() -> impl Strategy<Value = Prediction> {
    prop_oneof![
        Just(Prediction::Epsilon),
        Just(Prediction::Sample),
        Just(Prediction::V),
        Just(Prediction::Flow),
        log_uniform(0.05, 5.0).prop_map(|sigma_data| Prediction::Edm { sigma_data }),
        log_uniform(0.05, 5.0).prop_map(|sigma_data| Prediction::EdmV { sigma_data }),
    ]
}

/// Strictly decreasing positive σ/α within a range, `intervals` of them and one more.
pub fn ratios((low, high): (f64, f64), intervals: RangeInclusive<usize>) -> impl Strategy<Value = Vec<f64>> {
    let whole = (high / low).ln();
    (0.0..1.0f64, log_uniform(0.01, 1.0), vec(0.05..1.0f64, intervals)).prop_map(move |(position, share, weights)| {
        let span = whole * share;
        let top = low.ln() + whole - position * (whole - span);
        let total: f64 = weights.iter().sum();
        let mut sum = 0.0;
        let inner = weights.iter().map(|weight| {
            sum += weight;
            (top - span * sum / total).exp()
        });
        std::iter::once(top.exp()).chain(inner).collect()
    })
}

/// A schedule with the levels that it borrows.
#[derive(Clone, Debug)]
pub struct Run {
    /// The process.
    pub process: Drawn,
    /// What the network predicts.
    pub prediction: Prediction,
    /// The levels.
    pub levels: Vec<NoiseLevel>,
}

impl Run {
    /// The levels of a process at the given σ/α.
    pub fn new(process: Process<'static>, prediction: Prediction, ratios: &[f64]) -> Run {
        let level = |&ratio: &f64| process.at_noise_to_signal(ratio).expect("a ratio in range");
        Run { process: Drawn(process), prediction, levels: ratios.iter().map(level).collect() }
    }

    /// The schedule.
    pub fn schedule(&self) -> Schedule<'_> {
        Schedule::new(*self.process, self.prediction, &self.levels).expect("decreasing levels")
    }

    /// The last level.
    pub fn last(&self) -> NoiseLevel {
        *self.levels.last().expect("levels")
    }

    /// The same with σ = 0 at the end.
    pub fn to_clean(mut self) -> Run {
        if self.last().sigma != 0.0 {
            self.levels.push(self.process.at_sigma(0.0).expect("the clean level"));
        }
        self
    }

    /// The same with α = 0 at the start, where the process gets there and the prediction is defined there.
    pub fn from_noise(mut self) -> Run {
        if let (Some(level), true) = (pure_noise(&self.process), self.prediction != Prediction::Epsilon) {
            self.levels.insert(0, level);
        }
        self
    }
}

/// A run of one to eight steps on any process, with σ/α within a range; both ends may be infinite.
pub fn run_within(range: (f64, f64)) -> impl Strategy<Value = Run> {
    let ends = (any::<bool>(), any::<bool>());
    (process(), prediction(), ratios(range, 1..=8), ends).prop_map(|(process, prediction, ratios, (noise, clean))| {
        let run = Run::new(*process, prediction, &ratios);
        let run = if noise { run.from_noise() } else { run };
        if clean { run.to_clean() } else { run }
    })
}

/// Any run, up to the extremes.
pub fn run() -> impl Strategy<Value = Run> {
    run_within(EXTREMES)
}

/// One of the seven solvers with its options.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum AnySolver {
    /// Denoising diffusion implicit models.
    Ddim(Ddim),
    /// Euler with ancestral noise.
    EulerAncestral(EulerAncestral),
    /// Heun with churn.
    Heun(Heun),
    /// DPM-Solver++(2M).
    DpmPp2M(DpmPp2M),
    /// SDE-DPM-Solver++(2M).
    SdeDpmPp2M(SdeDpmPp2M),
    /// UniPC.
    UniPc(UniPc),
    /// ER-SDE.
    ErSde(ErSde),
}

macro_rules! dispatch {
    ($any:expr, $solver:ident => $call:expr) => {
        match $any {
            AnySolver::Ddim($solver) => $call,
            AnySolver::EulerAncestral($solver) => $call,
            AnySolver::Heun($solver) => $call,
            AnySolver::DpmPp2M($solver) => $call,
            AnySolver::SdeDpmPp2M($solver) => $call,
            AnySolver::UniPc($solver) => $call,
            AnySolver::ErSde($solver) => $call,
        }
    };
}

impl Solver for AnySolver {
    const SLOTS: usize = UniPc::SLOTS;

    fn check(&self) -> Result<(), Error> {
        dispatch!(self, solver => solver.check())
    }

    fn passes(&self, schedule: &Schedule) -> Result<usize, Error> {
        dispatch!(self, solver => solver.passes(schedule))
    }

    fn step(&self, schedule: &Schedule, index: usize) -> Result<Step, Error> {
        dispatch!(self, solver => solver.step(schedule, index))
    }
}

impl AbiSolver for AnySolver {
    fn c_passes(&self, schedule: &Schedule) -> Result<usize, i32> {
        dispatch!(self, solver => solver.c_passes(schedule))
    }

    fn c_step(&self, schedule: &Schedule, index: usize) -> Result<Step, i32> {
        dispatch!(self, solver => solver.c_step(schedule, index))
    }
}

impl AnySolver {
    /// The same with its fresh noise neither raised nor lowered nor left out.
    pub fn with_unit_noise(mut self) -> AnySolver {
        match &mut self {
            AnySolver::EulerAncestral(solver) => solver.s_noise = 1.0,
            AnySolver::Heun(solver) => solver.s_noise = 1.0,
            AnySolver::SdeDpmPp2M(solver) => solver.s_noise = 1.0,
            AnySolver::ErSde(solver) => (solver.s_noise, solver.noise_floor) = (1.0, 0.0),
            AnySolver::Ddim(_) | AnySolver::DpmPp2M(_) | AnySolver::UniPc(_) => {}
        }
        self
    }

    /// The same without noise.
    pub fn deterministic(mut self) -> AnySolver {
        match &mut self {
            AnySolver::Ddim(solver) => solver.eta = 0.0,
            AnySolver::EulerAncestral(solver) => solver.eta = 0.0,
            AnySolver::Heun(solver) => solver.s_churn = 0.0,
            AnySolver::SdeDpmPp2M(solver) => solver.eta = 0.0,
            AnySolver::ErSde(solver) => solver.noise_scale = NoiseScale::Ode,
            AnySolver::DpmPp2M(_) | AnySolver::UniPc(_) => {}
        }
        self
    }
}

fn second_order() -> impl Strategy<Value = SecondOrder> {
    select(vec![SecondOrder::Midpoint, SecondOrder::Heun])
}

fn s_noise() -> impl Strategy<Value = f64> {
    prop_oneof![Just(1.0), 0.9..1.1f64]
}

fn heun() -> impl Strategy<Value = Heun> {
    let window = prop_oneof![Just((0.0, f64::INFINITY)), (log_uniform(1e-4, 1.0), log_uniform(1.0, 1e3))];
    (prop_oneof![Just(0.0), 0.0..40.0f64], window, s_noise()).prop_map(|(s_churn, (s_tmin, s_tmax), s_noise)| Heun {
        s_churn,
        s_tmin,
        s_tmax,
        s_noise,
    })
}

/// UniPC with any options.
pub fn unipc() -> impl Strategy<Value = UniPc> {
    let b_function = select(vec![BFunction::Bh1, BFunction::Bh2]);
    (1..=3usize, b_function, select(vec![0, 1, 2, u32::MAX]), any::<bool>()).prop_map(
        |(order, b_function, skip_corrector, lower_order_final)| UniPc {
            order,
            b_function,
            skip_corrector,
            lower_order_final,
        },
    )
}

/// Every noise scale function.
pub const NOISE_SCALES: [NoiseScale; 7] = [
    NoiseScale::Ode,
    NoiseScale::Sde,
    NoiseScale::Sde1,
    NoiseScale::Sde2,
    NoiseScale::Sde3,
    NoiseScale::Sde4,
    NoiseScale::Sde5,
];

/// ER-SDE with any options.
pub fn er_sde() -> impl Strategy<Value = ErSde> {
    let integral =
        prop_oneof![Just(Integral::Exact), select(vec![1, 7, 100]).prop_map(|points| Integral::LeftRule { points })];
    let noise_floor = prop_oneof![Just(0.0), Just(1e-6), log_uniform(1e-8, 1.0)];
    (1..=3usize, select(NOISE_SCALES.to_vec()), s_noise(), noise_floor, integral).prop_map(
        |(order, noise_scale, s_noise, noise_floor, integral)| ErSde {
            order,
            noise_scale,
            s_noise,
            noise_floor,
            integral,
        },
    )
}

/// Any solver with any options.
pub fn solver() -> impl Strategy<Value = AnySolver> {
    let eta = || prop_oneof![Just(0.0), Just(1.0), 0.0..1.0f64];
    prop_oneof![
        (eta(), any::<bool>())
            .prop_map(|(eta, use_clipped_model_output)| AnySolver::Ddim(Ddim { eta, use_clipped_model_output })),
        (prop_oneof![eta(), 1.0..1.5f64], s_noise())
            .prop_map(|(eta, s_noise)| AnySolver::EulerAncestral(EulerAncestral { eta, s_noise })),
        heun().prop_map(AnySolver::Heun),
        (any::<bool>(), second_order()).prop_map(|(lower_order_final, second_order)| AnySolver::DpmPp2M(DpmPp2M {
            lower_order_final,
            second_order
        })),
        (prop_oneof![eta(), 1.0..2.0f64], s_noise(), any::<bool>(), second_order()).prop_map(
            |(eta, s_noise, lower_order_final, second_order)| AnySolver::SdeDpmPp2M(SdeDpmPp2M {
                eta,
                s_noise,
                lower_order_final,
                second_order
            })
        ),
        unipc().prop_map(AnySolver::UniPc),
        er_sde().prop_map(AnySolver::ErSde),
    ]
}

/// A table that no solver makes: any column may be 0 in any row, and rows go to any slots.
pub fn step() -> impl Strategy<Value = Step> {
    let factor = || prop_oneof![2 => Just(0.0), 3 => -2.0..2.0f64];
    let row = (factor(), factor(), factor(), factor(), vec(factor(), SLOTS..=SLOTS)).prop_map(
        |(x, denoised, raw, noise, slots)| Row {
            x,
            denoised,
            raw,
            noise,
            slots: slots.try_into().expect("as many as there are slots"),
        },
    );
    let stores = Just((destination::TO_SLOT..=SLOTS as i32).collect::<Vec<_>>()).prop_shuffle();
    let level = (process(), log_uniform(1e-2, 1e2), any::<bool>()).prop_map(|(process, ratio, clean)| {
        process.at_noise_to_signal(if clean { 0.0 } else { ratio }).expect("a ratio in range")
    });
    (vec(row, ROWS..=ROWS), stores, 0..ROWS, level, factor(), factor(), any::<u32>()).prop_map(
        |(rows, stores, stored, next, p, q, noise_index)| {
            let mut step = Step::identity(next).expect("a level");
            (step.evaluate, step.noise_index) = (1, noise_index);
            (step.denoised.x, step.denoised.model) = (p, q);
            step.rows = rows.try_into().expect("as many as there are rows");
            step.destinations[1..=stored].copy_from_slice(&stores[..stored]);
            step
        },
    )
}

/// A grid of cells over an image: one or many of each, whole scales and others, an image coarser than its cells, too.
pub fn grid() -> impl Strategy<Value = Grid> {
    let axis = || {
        prop_oneof![
            (1..=4usize, 1..=5usize).prop_map(|(cells, scale)| (cells, cells * scale)),
            (1..=6usize, 1..=20usize),
        ]
    };
    (axis(), axis()).prop_map(|((rows, height), (columns, width))| Grid { rows, columns, height, width })
}
