//! Orders of convergence on Gaussian data, where the ideal network is linear and everything is known in closed form.
//!
//! For N(0, c²) data the ideal denoiser is D = x·α·c²/(α²c² + σ²), and with v = α²c² + σ² the probability-flow ODE takes
//! x from one level to another by √(v'/v). With a share η of fresh noise the mean goes by
//! (v'/v)^((1 + η)/2)·(α/α')^η, and the variance is v' whatever η is. A run is a linear map of the first state and the
//! draws ([`Recurrence`]), so means and variances of the stochastic solvers are exact, too: no sample is drawn.
//!
//! Measured between the last two step counts, and printed: `cargo test -p quell-tests --test convergence -- --nocapture`.

use quell::diffusion::noise::{NoiseLevel, Process, RectifiedFlow, VpCosine, VpLinear};
use quell::diffusion::solver::{
    BFunction, Ddim, DpmPp2M, ErSde, EulerAncestral, Heun, Integral, NoiseScale, SdeDpmPp2M, SecondOrder, UniPc,
};
use quell_tests::models::gaussian;
use quell_tests::recurrence::{PREDICTION, Recurrence};
use quell_tests::sampler::steps;
use quell_tests::strategies::{AnySolver, Run};
use quell_tests::tolerance::{ORDER, ROUNDING_F64};

/// The deviation c of the data.
const DEVIATION: f64 = 0.7;

/// σ/α from and to.
const SPAN: (f64, f64) = (8.0, 0.05);

/// Step counts: at the last one the error of the highest order still stands far above rounding.
const COUNTS: [usize; 4] = [128, 256, 512, 1024];

/// What is compared with its closed form.
#[derive(Clone, Copy, Debug)]
enum Quantity {
    /// The last state of the probability-flow ODE.
    State,
    /// The mean of the last state for a given first one, with a share η of fresh noise.
    Mean { eta: f64 },
    /// The variance of the last state when the first one has the right one.
    Variance,
}

struct Row {
    name: &'static str,
    quantity: Quantity,
    nominal: f64,
    solver: AnySolver,
}

fn rows() -> Vec<Row> {
    use Quantity::{Mean, State, Variance};
    let row = |name, quantity, nominal: u32, solver| Row { name, quantity, nominal: f64::from(nominal), solver };
    let ddim = |eta| AnySolver::Ddim(Ddim { eta, ..Ddim::default() });
    let euler = |eta| AnySolver::EulerAncestral(EulerAncestral { eta, s_noise: 1.0 });
    let heun = |s_churn| AnySolver::Heun(Heun { s_churn, ..Heun::default() });
    let two_m = |second_order| AnySolver::DpmPp2M(DpmPp2M { lower_order_final: false, second_order });
    let sde = |eta, second_order| AnySolver::SdeDpmPp2M(SdeDpmPp2M { eta, second_order, ..SdeDpmPp2M::default() });
    let unipc = |order, b_function, skip_corrector| {
        AnySolver::UniPc(UniPc { order, b_function, skip_corrector, lower_order_final: false })
    };
    let er_sde = |order, noise_scale| {
        AnySolver::ErSde(ErSde { order, noise_scale, s_noise: 1.0, noise_floor: 0.0, integral: Integral::Exact })
    };
    let (midpoint, exact) = (SecondOrder::Midpoint, SecondOrder::Heun);
    let (bh1, bh2, alone) = (BFunction::Bh1, BFunction::Bh2, u32::MAX);
    vec![
        row("DDIM", State, 1, ddim(0.0)),
        row("DDIM η=1", Variance, 1, ddim(1.0)),
        row("DDIM η=0.5", Variance, 1, ddim(0.5)),
        row("Euler", State, 1, euler(0.0)),
        row("Euler ancestral", Variance, 1, euler(1.0)),
        // A share η of σ_up is a share η² of fresh noise in the limit of small steps.
        row("Euler ancestral η=0.5", Mean { eta: 0.25 }, 1, euler(0.5)),
        row("Heun", State, 2, heun(0.0)),
        row("Heun churn 2", Variance, 2, heun(2.0)),
        row("DPM++2M", State, 2, two_m(midpoint)),
        row("DPM++2M exact", State, 2, two_m(exact)),
        row("SDE-DPM++2M η=0", State, 2, sde(0.0, midpoint)),
        row("SDE-DPM++2M η=0.5", Mean { eta: 0.5 }, 2, sde(0.5, midpoint)),
        row("SDE-DPM++2M η=0.5 exact", Mean { eta: 0.5 }, 2, sde(0.5, exact)),
        row("SDE-DPM++2M η=1.5", Mean { eta: 1.5 }, 2, sde(1.5, midpoint)),
        // Second order in distribution, too, as far as second moments of normal data tell.
        row("SDE-DPM++2M η=0.5", Variance, 2, sde(0.5, midpoint)),
        row("SDE-DPM++2M", Variance, 2, sde(1.0, midpoint)),
        row("SDE-DPM++2M exact", Variance, 2, sde(1.0, exact)),
        row("SDE-DPM++2M η=1.5", Variance, 2, sde(1.5, midpoint)),
        row("UniP-1", State, 1, unipc(1, bh2, alone)),
        row("UniPC-1", State, 2, unipc(1, bh2, 0)),
        row("UniP-2", State, 2, unipc(2, bh2, alone)),
        row("UniPC-2", State, 3, unipc(2, bh2, 0)),
        row("UniPC-2 B₁", State, 3, unipc(2, bh1, 0)),
        row("UniP-3", State, 3, unipc(3, bh2, alone)),
        row("UniPC-3", State, 4, unipc(3, bh2, 0)),
        row("UniPC-3 B₁", State, 4, unipc(3, bh1, 0)),
        row("ER-SDE-1 ODE", State, 1, er_sde(1, NoiseScale::Ode)),
        row("ER-SDE-2 ODE", State, 2, er_sde(2, NoiseScale::Ode)),
        row("ER-SDE-3 ODE", State, 2, er_sde(3, NoiseScale::Ode)),
        // φ = σ^p has a share p − 1 of fresh noise.
        row("ER-SDE-1 φ=σ^1.5", Mean { eta: 0.5 }, 1, er_sde(1, NoiseScale::Sde2)),
        row("ER-SDE-2 φ=σ^1.5", Mean { eta: 0.5 }, 2, er_sde(2, NoiseScale::Sde2)),
        row("ER-SDE-3 φ=σ^1.5", Mean { eta: 0.5 }, 2, er_sde(3, NoiseScale::Sde2)),
        row("ER-SDE-2 φ=σ^2.5", Mean { eta: 1.5 }, 2, er_sde(2, NoiseScale::Sde3)),
        row("ER-SDE-1 φ=σ²", Variance, 1, er_sde(1, NoiseScale::Sde)),
        row("ER-SDE-2 φ=σ²", Variance, 2, er_sde(2, NoiseScale::Sde)),
        row("ER-SDE-2 φ=σ^1.5", Variance, 2, er_sde(2, NoiseScale::Sde2)),
        row("ER-SDE-2 SDE 1", Variance, 2, er_sde(2, NoiseScale::Sde1)),
        row("ER-SDE-2 SDE 4", Variance, 2, er_sde(2, NoiseScale::Sde4)),
        row("ER-SDE-1 SDE 5", Variance, 1, er_sde(1, NoiseScale::Sde5)),
        row("ER-SDE-2 SDE 5", Variance, 2, er_sde(2, NoiseScale::Sde5)),
        row("ER-SDE-3 SDE 5", Variance, 2, er_sde(3, NoiseScale::Sde5)),
    ]
}

/// Levels whose λ starts gently, as the cube of the position, then goes on in steps that are long and short by turns.
///
/// A multistep method's first steps are of low order, and would else be all that is seen of the higher ones; on equal
/// steps a wrong ratio of steps would not be seen.
fn levels(process: Process<'static>, n: usize) -> Run {
    const GENTLE: f64 = 0.3;
    let shape = |u: f64| if u < GENTLE { u.powi(3) / (3.0 * GENTLE * GENTLE) } else { u - GENTLE * 2.0 / 3.0 };
    let ratio = |i: usize| {
        let uneven = if i % 2 == 1 { 0.25 } else { 0.0 };
        let share = shape((i as f64 + uneven) / n as f64) / shape(1.0);
        (SPAN.0.ln() + share * (SPAN.1 / SPAN.0).ln()).exp()
    };
    Run::new(process, PREDICTION, &(0..=n).map(ratio).collect::<Vec<_>>())
}

/// The relative error of a run of n steps.
fn error(row: &Row, process: Process<'static>, n: usize) -> f64 {
    let run = levels(process, n);
    let steps = steps(&row.solver, &run.schedule());
    let result = Recurrence::of(&steps, |level| (gaussian(level, DEVIATION), 0.0));
    let variance = |level: &NoiseLevel| (level.alpha * DEVIATION).powi(2) + level.sigma.powi(2);
    let (first, last) = (run.levels[0], run.last());
    let (before, after) = (variance(&first), variance(&last));
    let (actual, exact) = match row.quantity {
        Quantity::State => (result.state, (after / before).sqrt()),
        Quantity::Mean { eta } => {
            (result.state, (after / before).powf(0.5 * (1.0 + eta)) * (first.alpha / last.alpha).powf(eta))
        }
        Quantity::Variance => (result.variance(before), after),
    };
    (actual / exact - 1.0).abs()
}

#[test]
fn every_solver_has_its_order_in_every_form() {
    let forms = [
        ("VP linear", Process::VpLinear(VpLinear::default())),
        ("VP cosine", Process::VpCosine(VpCosine::default())),
        ("VE", Process::Ve),
        ("flow", Process::Flow(RectifiedFlow::default())),
    ];
    let mut failures = Vec::new();
    println!(
        "{:<26}{:<11}{:<10}{:>8}{:>9}   errors at {COUNTS:?} steps",
        "solver", "quantity", "form", "nominal", "slope"
    );
    for row in rows() {
        for (form, process) in forms {
            let errors = COUNTS.map(|n| error(&row, process, n));
            let [.., before, last] = errors;
            let slope = (before / last).log2();
            let quantity = match row.quantity {
                Quantity::State => "state",
                Quantity::Mean { .. } => "mean",
                Quantity::Variance => "variance",
            };
            let listed: Vec<String> = errors.iter().map(|error| format!("{error:.2e}")).collect();
            println!("{:<26}{quantity:<11}{form:<10}{:>8}{slope:>9.3}   {}", row.name, row.nominal, listed.join("  "));
            if (slope - row.nominal).abs() > ORDER || slope.is_nan() {
                failures.push(format!("{} {quantity} {form}: slope {slope:.3}, nominal {}", row.name, row.nominal));
            }
        }
    }
    assert!(failures.is_empty(), "{failures:#?}");
}

/// With all noise drawn anew, D is a martingale on exact data: its mean does not change, and first-order weights carry
/// it without error, however few the steps.
#[test]
fn the_mean_is_exact_where_all_noise_is_fresh() {
    let usual = ErSde::default();
    for solver in [
        AnySolver::Ddim(Ddim { eta: 1.0, ..Ddim::default() }),
        AnySolver::EulerAncestral(EulerAncestral::default()),
        AnySolver::SdeDpmPp2M(SdeDpmPp2M::default()),
        AnySolver::ErSde(ErSde { order: 1, noise_scale: NoiseScale::Sde, ..usual }),
        AnySolver::ErSde(ErSde { order: 3, noise_scale: NoiseScale::Sde, ..usual }),
    ] {
        for process in [Process::VpLinear(VpLinear::default()), Process::Ve, Process::Flow(RectifiedFlow::default())] {
            for n in [2, 4, 10, 50] {
                let row = Row { name: "", quantity: Quantity::Mean { eta: 1.0 }, nominal: 0.0, solver };
                let error = error(&row, process, n);
                assert!(error <= ROUNDING_F64, "{solver:?} {process:?} {n}: {error:e}");
            }
        }
    }
}
