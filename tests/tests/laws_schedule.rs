//! Laws of noise processes, predictions and schedules. Numbers in brackets are those of the list of invariants.

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::subsequence;
use quell::diffusion::noise::{
    NoiseLevel, Process, VpDiscrete, alpha_bars_from_betas, fill_betas_laplace, fill_betas_linear,
    fill_betas_scaled_linear, fill_betas_sigmoid, fill_betas_squared_cosine, rescale_zero_terminal_snr, shift,
    stretch_terminal,
};
use quell::diffusion::prediction::Prediction;
use quell::diffusion::schedule::{Last, arctan, exponential, interpolate_log_linear, karras, timesteps};
use quell::diffusion::solver::Ddim;
use quell_tests::sampler::between;
use quell_tests::strategies::{
    EXTREMES, config, log_uniform, prediction, process, pure_noise, ratios, tables, variance_preserving,
};
use quell_tests::tolerance::{CANCELLING_F64, ROUNDING_F64, SCHEDULE, TIMESTEP, assert_close, relative};

const REGRESSIONS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/proptest-regressions/laws_schedule.txt");

/// A table of betas by any of the formulas.
#[derive(Clone, Debug)]
struct Betas {
    count: usize,
    formula: usize,
    start: f64,
    end: f64,
}

impl Betas {
    fn fill(&self) -> Vec<f64> {
        let (mut betas, start, end) = (vec![f64::NAN; self.count], self.start, self.end);
        match self.formula {
            0 => fill_betas_linear(&mut betas, start, end),
            1 => fill_betas_scaled_linear(&mut betas, start, end),
            2 => fill_betas_sigmoid(&mut betas, start, end),
            3 => fill_betas_squared_cosine(&mut betas, 1.0 - end),
            _ => fill_betas_laplace(&mut betas, 1.0 - end),
        }
        .expect("ends in range");
        betas
    }

    /// The betas and their ᾱ.
    fn tables(&self) -> (Vec<f64>, Vec<f64>) {
        let (betas, mut alpha_bars) = (self.fill(), vec![f64::NAN; self.count]);
        alpha_bars_from_betas(&mut alpha_bars, &betas).expect("betas in range");
        (betas, alpha_bars)
    }
}

fn betas() -> impl Strategy<Value = Betas> {
    (2..1500usize, 0..5usize, log_uniform(1e-5, 1e-3), log_uniform(2e-3, 2e-2))
        .prop_map(|(count, formula, start, end)| Betas { count, formula, start, end })
}

/// Times that a process knows, from its cleanest to its noisiest, as a function of a position in [0, 1].
fn time(process: &Process, position: f64) -> f64 {
    let (low, high) = match process {
        Process::VpDiscrete(table) => (0.0, (table.alpha_bars.len() - 1) as f64),
        Process::VpLinear(p) => (p.epsilon, 1.0),
        Process::VpCosine(p) => (p.epsilon, 1.0),
        Process::Edm { .. } => (0.25 * EXTREMES.0.ln(), 0.25 * EXTREMES.1.ln()),
        Process::Ve => EXTREMES,
        Process::Flow(p) => (1e-6 * p.time_scale, p.time_scale),
        other => panic!("{other:?} has no range here"),
    };
    (low + position * (high - low)).min(high)
}

fn level(alpha: f64, sigma: f64) -> NoiseLevel {
    NoiseLevel { alpha, sigma, input_scale: 1.0, timestep: 0.0 }
}

/// Levels with α²+σ² = 1, their clean end left out: α from 0 to 1 and σ not small.
fn rotation() -> impl Strategy<Value = NoiseLevel> {
    (0.0..1.55f64).prop_map(|angle| level(angle.sin(), angle.cos()))
}

proptest! {
    #![proptest_config(config(REGRESSIONS))]

    /// (1)
    #[test]
    fn alpha_bars_decrease_and_are_the_product(betas in betas()) {
        let (betas, alpha_bars) = betas.tables();
        prop_assert!(betas.iter().all(|&beta| beta > 0.0 && beta < 1.0));
        prop_assert!(alpha_bars.iter().all(|&bar| bar > 0.0 && bar < 1.0));
        prop_assert!(alpha_bars.windows(2).all(|w| w[1] < w[0]));
        let mut log = 0.0;
        for (bar, beta) in alpha_bars.iter().zip(&betas) {
            log += f64::ln_1p(-beta);
            prop_assert!(relative(bar.ln(), log) <= SCHEDULE || (bar.ln() - log).abs() <= SCHEDULE);
        }
    }

    /// (2)
    #[test]
    fn preserving_processes_preserve_the_variance(
        process in variance_preserving(), position in 0.0..=1.0f64, sigma in log_uniform(EXTREMES.0, EXTREMES.1),
    ) {
        let by_time = process.at_timestep(time(&process, position)).unwrap();
        for level in [by_time, process.at_sigma(sigma).unwrap(), process.at_sigma(0.0).unwrap()] {
            prop_assert!((level.alpha.powi(2) + level.sigma.powi(2) - 1.0).abs() <= ROUNDING_F64);
        }
    }

    /// (3)
    #[test]
    fn noise_grows_with_time_and_time_inverts(
        process in process(), positions in (0.0..=1.0f64, 0.0..=1.0f64),
    ) {
        let (s, t) = (time(&process, positions.0.min(positions.1)), time(&process, positions.0.max(positions.1)));
        let (lower, upper) = (process.at_timestep(s).unwrap(), process.at_timestep(t).unwrap());
        if t - s > TIMESTEP * t.abs() {
            prop_assert!(upper.half_log_snr() < lower.half_log_snr(), "{s} {t}");
        }
        let is_pure = |level: &NoiseLevel| level.alpha == 0.0;
        for level in [lower, upper] {
            if !is_pure(&level) {
                let again = process.at_half_log_snr(level.half_log_snr()).unwrap();
                let error = (again.timestep - level.timestep).abs();
                // Near the clean end of a cosine, time is known as well as the offset's angle.
                prop_assert!(error <= TIMESTEP * level.timestep.abs().max(1e-2), "{level:?} {again:?}");
                let ratio = process.at_noise_to_signal(level.noise_to_signal()).unwrap();
                prop_assert!(relative(ratio.noise_to_signal(), level.noise_to_signal()) <= ROUNDING_F64);
            }
        }
        prop_assert_eq!(pure_noise(&process).map_or(0.0, |level| level.alpha), 0.0);
    }

    /// (4, 14)
    #[test]
    fn the_posterior_closes(
        process in process(), ratios in ratios((1e-3, 1e3), 1..=1), eta in 0.0..=1.0f64, to_clean in any::<bool>(),
    ) {
        let from = process.at_noise_to_signal(ratios[0]).unwrap();
        let to = process.at_noise_to_signal(if to_clean { 0.0 } else { ratios[1] }).unwrap();
        for eta in [0.0, eta, 1.0] {
            let ddim = Ddim { eta, ..Ddim::default() };
            let row = between(&ddim, from, to, Prediction::Sample).table(false)[0];
            // The mean of x_s given x_0, and its variance, through x_t.
            prop_assert!((row.model + row.x * from.alpha - to.alpha).abs() <= ROUNDING_F64);
            let variance = (row.x * from.sigma).powi(2) + row.noise.powi(2);
            prop_assert!((variance - to.sigma.powi(2)).abs() <= ROUNDING_F64 * to.sigma.powi(2));
        }
        // DDPM's own formulas, where β = 1 − ᾱ_t/ᾱ_s is not lost to cancellation.
        let (bar_t, bar_s) = (from.alpha_bar(), to.alpha_bar());
        let beta = 1.0 - bar_t / bar_s;
        if beta > 1e-3 && 1.0 - bar_t > 1e-3 && from.alpha.hypot(from.sigma) == 1.0 && to.alpha.hypot(to.sigma) == 1.0 {
            let row = between(&Ddim { eta: 1.0, ..Ddim::default() }, from, to, Prediction::Sample).table(false)[0];
            let expected = [
                bar_s.sqrt() * beta / (1.0 - bar_t),
                (bar_t / bar_s).sqrt() * (1.0 - bar_s) / (1.0 - bar_t),
                ((1.0 - bar_s) / (1.0 - bar_t) * beta).sqrt(),
            ];
            for (actual, expected) in [row.model, row.x, row.noise].into_iter().zip(expected) {
                prop_assert!((actual - expected).abs() <= CANCELLING_F64 * expected.max(1e-3), "{actual} {expected}");
            }
        }
    }

    /// (5)
    #[test]
    fn the_posterior_variance_is_at_most_beta(betas in betas(), position in any::<prop::sample::Index>()) {
        let (betas, alpha_bars) = betas.tables();
        // A table whose steps are lost in the last place of ᾱ near 1 cannot say what β was.
        let process = Process::VpDiscrete(VpDiscrete { alpha_bars: &alpha_bars });
        let t = position.index(betas.len());
        let from = process.at_timestep(t as f64).unwrap();
        let to = if t == 0 { process.at_sigma(0.0).unwrap() } else { process.at_timestep((t - 1) as f64).unwrap() };
        let ddpm = Ddim { eta: 1.0, ..Ddim::default() };
        let variance = between(&ddpm, from, to, Prediction::Sample).table(false)[0].noise.powi(2);
        prop_assert!(variance >= 0.0 && variance <= betas[t] * (1.0 + CANCELLING_F64) + f64::EPSILON);
        prop_assert!(t > 0 || variance == 0.0);
    }

    /// (6)
    #[test]
    fn spans_keep_their_ends_and_reverse(
        n in 2..60usize, low in log_uniform(1e-5, 1.0), factor in log_uniform(1.5, 1e6), rho in 0.5..12.0f64,
        c in log_uniform(0.05, 5.0), kind in 0..3usize,
    ) {
        let high = low * factor;
        let fill = |sigmas: &mut [f64], last| match kind {
            0 => karras::fill(sigmas, low, high, rho, last),
            1 => exponential::fill(sigmas, low, high, last),
            _ => arctan::fill(sigmas, low, high, c, last),
        };
        let map = |sigma: f64| match kind {
            0 => sigma.powf(1.0 / rho),
            1 => sigma.ln(),
            _ => (sigma / c).atan(),
        };
        let (mut whole, mut ended) = (vec![f64::NAN; n], vec![f64::NAN; n + 1]);
        fill(&mut whole, Last::SigmaMin).unwrap();
        fill(&mut ended, Last::Zero).unwrap();
        prop_assert_eq!((whole[0], whole[n - 1], ended[n]), (high, low, 0.0));
        prop_assert_eq!(&whole[..], &ended[..n]);
        prop_assert!(whole.windows(2).all(|w| w[1] < w[0]));
        // Equally spaced in the map, hence the same read from either end.
        let (first, last) = (map(high), map(low));
        for (i, (a, b)) in whole.iter().zip(whole.iter().rev()).enumerate() {
            let scale = first.abs().max(last.abs());
            prop_assert!((map(*a) + map(*b) - first - last).abs() <= SCHEDULE * scale);
            let expected = first + (last - first) * i as f64 / (n - 1) as f64;
            prop_assert!((map(*a) - expected).abs() <= SCHEDULE * scale);
        }
    }

    /// (6): the exponential schedule is the limit of Karras's for large ρ, with an error of order 1/ρ.
    #[test]
    fn a_large_rho_is_exponential(n in 3..40usize, low in log_uniform(1e-3, 1.0), factor in log_uniform(1.5, 1e4)) {
        let (mut limit, mut near, mut nearer) = (vec![0.0; n], vec![0.0; n], vec![0.0; n]);
        exponential::fill(&mut limit, low, low * factor, Last::SigmaMin).unwrap();
        karras::fill(&mut near, low, low * factor, 1e4, Last::SigmaMin).unwrap();
        karras::fill(&mut nearer, low, low * factor, 1e5, Last::SigmaMin).unwrap();
        for i in 1..n - 1 {
            let (far, close) = (relative(near[i], limit[i]), relative(nearer[i], limit[i]));
            prop_assert!(far <= 1e-4 * factor.ln().powi(2) && (close / far - 0.1).abs() < 0.02, "{far} {close}");
        }
    }

    #[test]
    fn interpolation_stays_between_its_nodes(nodes in ratios((1e-3, 1e3), 1..=8), n in 2..60usize) {
        let mut sigmas = vec![f64::NAN; n];
        interpolate_log_linear(&mut sigmas, &nodes).unwrap();
        prop_assert_eq!((sigmas[0], sigmas[n - 1]), (nodes[0], nodes[nodes.len() - 1]));
        prop_assert!(sigmas.windows(2).all(|w| w[1] < w[0]));
        // Interpolating the interpolation at its own nodes changes nothing.
        let mut again = vec![f64::NAN; n];
        interpolate_log_linear(&mut again, &sigmas).unwrap();
        assert_close("again", &again, &sigmas, ROUNDING_F64);
    }

    /// (7)
    #[test]
    fn respacing_keeps_the_levels_it_keeps(
        table in 0..tables().len(), kept in subsequence((0..1000usize).collect::<Vec<_>>(), 1..40),
    ) {
        let table = tables()[table];
        let process = Process::VpDiscrete(VpDiscrete { alpha_bars: table });
        let times: Vec<f64> = kept.iter().rev().map(|&t| t as f64).collect();
        let mut levels = vec![NoiseLevel::default(); times.len() + 1];
        process.fill_levels_at_timesteps(&mut levels, &times, Last::Zero).unwrap();
        for (level, &t) in levels.iter().zip(kept.iter().rev()) {
            prop_assert!((level.alpha_bar() - table[t]).abs() <= ROUNDING_F64 * table[t], "{t}");
            prop_assert_eq!(*level, process.at_timestep(t as f64).unwrap());
        }
        prop_assert_eq!(levels[times.len()].sigma, 0.0);
        // The other convention ends at the first training step's own level.
        if kept[0] > 0 {
            process.fill_levels_at_timesteps(&mut levels, &times, Last::SigmaMin).unwrap();
            prop_assert_eq!(levels[times.len()], process.at_timestep(0.0).unwrap());
        }
    }

    /// (7)
    #[test]
    fn spacings_give_exactly_n_known_times(n in 1..300usize, more in 0..900usize, kind in 0..3usize) {
        let total = n + more;
        let spacing = [
            timesteps::Spacing::Leading { steps_offset: 0 }, timesteps::Spacing::Linspace, timesteps::Spacing::Trailing,
        ][kind];
        let mut times = vec![f64::NAN; n];
        timesteps::fill(&mut times, total, spacing).unwrap();
        prop_assert!(times.windows(2).all(|w| w[1] < w[0]), "{times:?}");
        prop_assert!(times[0] <= (total - 1) as f64 && times[n - 1] >= 0.0);
        prop_assert!(kind == 1 || times.iter().all(|t| t.fract() == 0.0));
        prop_assert!(kind == 0 || times[0] == (total - 1) as f64);
    }

    /// (8)
    #[test]
    fn caps_are_respected(n in 2..1500usize, cap in 0.1..0.9999f64) {
        let mut betas = vec![0.0; n];
        for fill in [fill_betas_squared_cosine, fill_betas_laplace] {
            fill(&mut betas, cap).unwrap();
            prop_assert!(betas.iter().all(|&beta| beta > 0.0 && beta <= cap));
        }
        fill_betas_squared_cosine(&mut betas, cap).unwrap();
        prop_assert_eq!(betas[n - 1], cap, "ᾱ(1) = 0 asks for β = 1");
    }

    #[test]
    fn a_rescale_ends_in_noise_and_keeps_its_start(betas in betas()) {
        let (betas, mut alpha_bars) = betas.tables();
        let before = alpha_bars.clone();
        rescale_zero_terminal_snr(&mut alpha_bars).unwrap();
        prop_assert_eq!(alpha_bars[betas.len() - 1], 0.0);
        prop_assert!(relative(alpha_bars[0], before[0]) <= ROUNDING_F64);
        prop_assert!(alpha_bars.windows(2).all(|w| w[1] < w[0]));
        prop_assert!(alpha_bars.iter().zip(&before).all(|(after, before)| *after <= before * (1.0 + ROUNDING_F64)));
    }

    #[test]
    fn shifts_compose_and_stretches_end_where_told(
        mut sigmas in vec(0.001..1.0f64, 1..20), a in log_uniform(0.1, 10.0), b in log_uniform(0.1, 10.0),
        terminal in 0.01..0.9f64,
    ) {
        sigmas.sort_by(|a, b| b.total_cmp(a));
        sigmas.dedup();
        let (mut twice, mut once) = (sigmas.clone(), sigmas.clone());
        shift(&mut twice, a).unwrap();
        shift(&mut twice, b).unwrap();
        shift(&mut once, a * b).unwrap();
        assert_close("shift", &twice, &once, ROUNDING_F64);
        // σ/α is multiplied.
        for (after, before) in once.iter().zip(&sigmas) {
            let odds = |s: f64| s / (1.0 - s);
            // 1 − s is known to a rounding of 1.
            let rounding = ROUNDING_F64 * (1.0 + odds(*after) + odds(*before));
            prop_assert!(relative(odds(*after), a * b * odds(*before)) <= rounding);
        }
        stretch_terminal(&mut once, terminal).unwrap();
        prop_assert_eq!(once[once.len() - 1], terminal);
        prop_assert!(once.windows(2).all(|w| w[1] < w[0]));
    }

    /// (9)
    #[test]
    fn conversions_are_mutual_inverses(
        process in process(), ratio in log_uniform(0.05, 20.0), from in prediction(), to in prediction(),
        x in -3.0..3.0f64, output in -3.0..3.0f64,
    ) {
        let level = process.at_noise_to_signal(ratio).unwrap();
        let (there, back) = (from.convert(&to, &level).unwrap(), to.convert(&from, &level).unwrap());
        let other = there.x * x + there.model * output;
        let again = back.x * x + back.model * other;
        // D is p·x + q·output in both kinds: a conversion subtracts their p and divides by q.
        let (of_from, of_to) = (from.denoised(&level).unwrap(), to.denoised(&level).unwrap());
        let terms = (of_from.x.abs() + of_to.x.abs()) * x.abs() + (of_from.model * output).abs();
        prop_assert!((again - output).abs() <= ROUNDING_F64 * terms / of_from.model.abs(), "{again}");
        // Both stand for the same clean sample.
        let (d, same) = (of_from.x * x + of_from.model * output, of_to.x * x + of_to.model * other);
        prop_assert!((d - same).abs() <= ROUNDING_F64 * terms, "{d} {same}");
    }

    /// (9): each kind gives the clean sample from its own definition.
    #[test]
    fn definitions_give_the_clean_sample(
        process in process(), ratio in log_uniform(1e-3, 1e3), clean in -2.0..2.0f64, noise in -2.0..2.0f64,
        sigma_data in log_uniform(0.1, 2.0),
    ) {
        let level = process.at_noise_to_signal(ratio).unwrap();
        let NoiseLevel { alpha, sigma, .. } = level;
        let x = alpha * clean + sigma * noise;
        let norm = alpha.hypot(sigma);
        // In units of the clean sample, as EDM's paper has it.
        let (y, edm) = (x / alpha, ratio.hypot(sigma_data));
        let f = (clean - y * (sigma_data / edm).powi(2)) / (ratio * sigma_data / edm);
        for (kind, output) in [
            (Prediction::Epsilon, noise),
            (Prediction::Sample, clean),
            (Prediction::V, (alpha * noise - sigma * clean) / norm),
            (Prediction::Flow, noise - clean),
            (Prediction::Edm { sigma_data }, f),
            (Prediction::EdmV { sigma_data }, -f),
        ] {
            let d = kind.denoised(&level).unwrap();
            let terms = (d.x * x).abs() + (d.model * output).abs() + ratio * ROUNDING_F64;
            prop_assert!((d.x * x + d.model * output - clean).abs() <= ROUNDING_F64 * terms.max(1.0), "{kind:?}");
        }
    }

    /// (10)
    #[test]
    fn velocity_rotates(level in rotation(), x in -3.0..3.0f64, v in -3.0..3.0f64) {
        let to_clean = Prediction::V.denoised(&level).unwrap();
        let to_noise = Prediction::V.convert(&Prediction::Epsilon, &level).unwrap();
        let (clean, noise) = (to_clean.x * x + to_clean.model * v, to_noise.x * x + to_noise.model * v);
        prop_assert!((clean * clean + noise * noise - x * x - v * v).abs() <= CANCELLING_F64 * (x * x + v * v));
        let again = level.alpha * noise - level.sigma * clean;
        prop_assert!((again - v).abs() <= CANCELLING_F64 * (x.abs() + v.abs()));
    }
}
