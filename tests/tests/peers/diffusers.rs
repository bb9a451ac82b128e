//! diffusers' schedulers: from a class and its arguments to process, levels, solver and the host's part.
//!
//! What a class does that a solver of quell does not stands here: it is the host's business.

use super::plan::{Clip, Network, Plan, indices, rows};
use quell::diffusion::guidance;
use quell::diffusion::noise::{NoiseLevel, Process, RectifiedFlow, VpDiscrete};
use quell::diffusion::prediction::Prediction;
use quell::diffusion::schedule::Schedule;
use quell::diffusion::solver::{BFunction, Ddim, DpmPp2M, EulerAncestral, Heun, SdeDpmPp2M, SecondOrder, UniPc};
use quell::diffusion::step::Step;
use quell_tests::abi::AbiSolver;
use quell_tests::models::{dummy, sine};
use quell_tests::peers::Settings;
use quell_tests::sampler::{Evaluation, Feed, between, steps};
use quell_tests::tables::{at_sigma, at_timestep};
use quell_tests::vectors::{exists, noise_deter, noise_row, npy, numbers, sample_deter, x_init};
use serde_json::Value;

/// The number of images in a recorded batch.
const BATCH: usize = 4;

/// Euler's method, which is the ancestral one without noise.
const EULER: EulerAncestral = EulerAncestral { eta: 0.0, s_noise: 1.0 };

/// The ancestral method with all of the noise new: it jumps to the estimate of the clean sample and noises that.
const ALL_NEW: EulerAncestral = EulerAncestral { eta: 1e9, s_noise: 1.0 };

/// The rectified flow of the flow-matching classes.
const FLOW: Process<'static> = Process::Flow(RectifiedFlow { time_scale: 1000.0 });

/// A solver's name, and its steps.
type Solved = (&'static str, Vec<Step>);

/// The plan of a recorded run with the solver that does the same, or else with the one that comes nearest to it; none
/// for a class that no solver of quell resembles.
pub fn plan(id: &str, case: &Value) -> Option<Plan> {
    let class = case["scheduler"].as_str().expect("a class");
    let recorded = Recorded { id, case, settings: Settings { class, arguments: &case["config"] } };
    let alpha_bars = recorded.settings.alpha_bars();
    let vp = Process::VpDiscrete(VpDiscrete { alpha_bars: &alpha_bars });
    let plain = |solved: Solved| recorded.plan(solved, recorded.network());
    Some(match class {
        "DDIMScheduler" | "DDPMScheduler" => plain(recorded.by_timestep(vp)),
        "DDIMInverseScheduler" => recorded.ddim_inverse(vp),
        "EulerDiscreteScheduler"
        | "EulerAncestralDiscreteScheduler"
        | "HeunDiscreteScheduler"
        | "LMSDiscreteScheduler" => plain(recorded.variance_exploding(vp)),
        "DPMSolverMultistepScheduler"
        | "DPMSolverSinglestepScheduler"
        | "DEISMultistepScheduler"
        | "SASolverScheduler"
        | "UniPCMultistepScheduler" => plain(recorded.multistep(vp)),
        "EDMDPMSolverMultistepScheduler" | "CosineDPMSolverMultistepScheduler" => {
            plain(recorded.multistep(recorded.edm()))
        }
        "EDMEulerScheduler" => recorded.edm_euler(),
        "FlowMatchEulerDiscreteScheduler" => recorded.flow_euler(),
        "FlowMatchHeunDiscreteScheduler" => {
            plain(("Heun", recorded.solve(&Heun::default(), FLOW, &recorded.levels(FLOW))))
        }
        "LCMScheduler" => recorded.latent_consistency(vp),
        "TCDScheduler" => plain(recorded.trajectory_consistency(vp)),
        "CMStochasticIterativeScheduler" => recorded.consistency(),
        _ => return None,
    })
}

struct Recorded<'a> {
    id: &'a str,
    case: &'a Value,
    settings: Settings<'a>,
}

impl Recorded<'_> {
    /// A list that the double-precision run recorded, without the entries that two-stage classes repeat.
    fn list(&self, name: &str) -> Vec<f64> {
        let mut list = numbers(&self.case["f64"][name]);
        if self.case["order"] == 2 {
            list.dedup();
        }
        list
    }

    /// The timesteps that were run: not all of them where a run started part-way.
    fn timesteps(&self) -> Vec<f64> {
        let all = self.list("timesteps");
        let evaluations = self.case["steps"].as_array().expect("steps").len();
        let skipped = numbers(&self.case["f64"]["timesteps"]).len() - evaluations;
        all[skipped / self.case["order"].as_u64().expect("an order") as usize..].to_vec()
    }

    fn prediction(&self) -> Prediction {
        let (cosine, edm) = (self.settings.class.starts_with("Cosine"), self.settings.class.starts_with("EDM"));
        let sigma_data = self.sigma_data();
        let default = if cosine { "v_prediction" } else { "epsilon" };
        match self.settings.word("prediction_type", default) {
            _ if self.settings.class.starts_with("FlowMatch") => Prediction::Flow,
            "epsilon" if edm || cosine => Prediction::Edm { sigma_data },
            "v_prediction" if edm || cosine => Prediction::EdmV { sigma_data },
            "epsilon" => Prediction::Epsilon,
            "v_prediction" => Prediction::V,
            "sample" => Prediction::Sample,
            "flow_prediction" => Prediction::Flow,
            other => panic!("prediction type {other}"),
        }
    }

    fn sigma_data(&self) -> f64 {
        self.settings.number("sigma_data", if self.settings.class.starts_with("Cosine") { 1.0 } else { 0.5 })
    }

    fn edm(&self) -> Process<'static> {
        Process::Edm { sigma_data: self.sigma_data() }
    }

    /// The levels at the recorded sigmas that were run, with the recorded timesteps.
    fn levels(&self, process: Process) -> Vec<NoiseLevel> {
        let timesteps = self.timesteps();
        let mut sigmas = self.list("sigmas");
        sigmas.drain(..sigmas.len() - timesteps.len() - 1);
        let mut levels: Vec<NoiseLevel> = sigmas.iter().map(|&s| at_sigma(&process, s)).collect();
        for (level, &timestep) in levels.iter_mut().zip(&timesteps) {
            level.timestep = timestep;
        }
        if let [.., before, last] = levels.as_mut_slice()
            && before.sigma == last.sigma
        {
            // Karras sigmas end at the least sigma, and `final_sigmas_type="sigma_min"` repeats it. A schedule has to
            // descend, so its last level is less noisy by a trillionth.
            last.sigma *= 1.0 - 1e-12;
        }
        levels
    }

    fn solve(&self, solver: &impl AbiSolver, process: Process, levels: &[NoiseLevel]) -> Vec<Step> {
        steps(solver, &Schedule::new(process, self.prediction(), levels).expect("a schedule"))
    }

    /// The recorded model as the host's network.
    fn model(&self) -> fn(f64, &[f64]) -> Vec<f64> {
        match self.case["model"].as_str() {
            Some("dummy") => dummy,
            Some("sin") => sine,
            other => panic!("model {other:?}"),
        }
    }

    fn network(&self) -> Network {
        super::plan::network(self.model())
    }

    /// The row of the noise pool that each step drew.
    fn rows(&self) -> Vec<Option<usize>> {
        let steps = self.case["steps"].as_array().expect("steps");
        steps.iter().map(|step| indices(&step["noise"]).first().copied()).collect()
    }

    fn feed(&self) -> Feed {
        match self.case["loop_style"].as_array().and_then(|styles| styles[0].as_str()) {
            Some("unscaled") => Feed::Unscaled,
            Some("scaled_in_place") => Feed::InPlace,
            _ => Feed::Scaled,
        }
    }

    fn clip(&self) -> Option<Clip> {
        let clips_by_default =
            matches!(self.settings.class, "DDIMScheduler" | "DDIMInverseScheduler" | "DDPMScheduler");
        if self.settings.flag("thresholding", false) {
            let quantile = self.settings.number("dynamic_thresholding_ratio", 0.995);
            let most = self.settings.number("sample_max_value", 1.0);
            return Some(Box::new(move |x| guidance::dynamic_threshold(x, BATCH, quantile, most).expect("threshold")));
        }
        let range = self.settings.number("clip_sample_range", 1.0);
        self.settings
            .flag("clip_sample", clips_by_default)
            .then(|| Box::new(move |x: &mut [f64]| guidance::clip(x, range).expect("clip")) as Clip)
    }

    /// The state before the first step, in double precision.
    fn start(&self, first: &Step) -> Vec<f64> {
        let initial = &self.case["initial"];
        let largest = self.case["f64"]["init_noise_sigma"].as_f64().unwrap_or(1.0);
        let times = |x: Vec<f64>, factor: f64| x.into_iter().map(|x| x * factor).collect();
        let file = format!("peers/{}.initial_f64.npy", self.id);
        if exists(&file) {
            return npy(&file);
        }
        if initial["formula"] == "x_init.npy * init_noise_sigma" {
            return times(x_init(), largest);
        }
        if initial["formula"] == "add_noise" {
            assert_eq!((&initial["clean"], &initial["noise"]), (&"0.5*x_init".into(), &"noise_deter".into()));
            let noised = x_init().into_iter().zip(noise_deter());
            return noised.map(|(x, z)| first.at.alpha * (0.5 * x) + first.at.sigma * z).collect();
        }
        assert_eq!(initial["equals"]["name"], "sample_deter", "{}", self.id);
        let recorded = initial["equals"]["times"].as_f64().expect("a factor");
        let factor = if self.feed() == Feed::InPlace || recorded != 1.0 { largest } else { 1.0 };
        times(sample_deter(), factor)
    }

    fn plan(&self, (solver, steps): Solved, network: Network) -> Plan {
        let start = self.start(&steps[0]);
        Plan { solver, steps, start, network, clip: self.clip(), noise: rows(self.rows()), feed: self.feed() }
    }

    /// DDIM and DDPM step from a timestep to the one a fixed stride below it, or below the table to the clean sample.
    fn by_timestep(&self, vp: Process) -> Solved {
        let timesteps = self.timesteps();
        let ddpm = self.settings.class == "DDPMScheduler";
        // DDPM's posterior takes its noise from the clipped estimate.
        let ddim = Ddim { eta: ddpm.into(), use_clipped_model_output: ddpm };
        let stride = match self.case["num_inference_steps"].as_u64() {
            Some(count) => self.settings.train_timesteps() / count as usize,
            None => 1,
        } as f64;
        let to_clean = self.settings.flag("set_alpha_to_one", true);
        let below = |t: f64| if t < 0.0 && to_clean { at_sigma(&vp, 0.0) } else { at_timestep(&vp, t.max(0.0)) };
        let pairs: Vec<[NoiseLevel; 2]> = timesteps.iter().map(|&t| [t, t - stride].map(below)).collect();
        if pairs.windows(2).all(|w| w[0][1] == w[1][0]) {
            let levels: Vec<NoiseLevel> = pairs.iter().map(|pair| pair[0]).chain(pairs.last().map(|p| p[1])).collect();
            return ("DDIM", self.solve(&ddim, vp, &levels));
        }
        // Where timesteps were rounded the strides do not meet.
        ("DDIM", pairs.iter().map(|&[from, to]| between(&ddim, from, to, self.prediction())).collect())
    }

    /// Each step takes the network's output at the noisier end for that of the other. The first starts from the clean
    /// sample, where an estimate of it says nothing new: the network's noise is added to it.
    fn ddim_inverse(&self, vp: Process) -> Plan {
        let timesteps = self.timesteps();
        let stride = timesteps[1] - timesteps[0];
        let at = |t: f64| at_timestep(&vp, t);
        let noised = Step::add_noise(at(timesteps[0])).expect("a step");
        let steps = timesteps.iter().skip(1).map(|&t| {
            let from = NoiseLevel { timestep: t, ..at(t - stride) };
            between(&Ddim::default(), from, at(t), self.prediction())
        });
        let plan = self.plan(("DDIM inverse", std::iter::once(noised).chain(steps).collect()), self.network());
        let noise = self.model()(timesteps[0], &plan.start);
        Plan { noise: Box::new(move |_| noise.clone()), ..plan }
    }

    /// Classes whose state is x₀ + σ·ε although the network was trained on a variance-preserving one.
    fn variance_exploding(&self, vp: Process) -> Solved {
        let levels: Vec<NoiseLevel> =
            self.levels(vp).iter().map(|level| level.variance_exploding().expect("a level")).collect();
        match self.settings.class {
            "EulerAncestralDiscreteScheduler" => {
                ("Euler ancestral", self.solve(&EulerAncestral::default(), vp, &levels))
            }
            "HeunDiscreteScheduler" => ("Heun", self.solve(&Heun::default(), vp, &levels)),
            _ => ("Euler", self.solve(&EULER, vp, &levels)),
        }
    }

    /// The DPM-Solver family on the recorded sigmas.
    fn multistep(&self, process: Process) -> Solved {
        let process = if self.settings.flag("use_flow_sigmas", false) { FLOW } else { process };
        let levels = self.levels(process);
        let cosine = self.settings.class.starts_with("Cosine");
        let algorithm = self.settings.word("algorithm_type", if cosine { "sde-dpmsolver++" } else { "dpmsolver++" });
        let order = self.settings.count("solver_order", 2);
        let stochastic = algorithm.starts_with("sde") || self.settings.class == "SASolverScheduler";
        let second_order = match self.settings.word("solver_type", "midpoint") {
            "heun" => SecondOrder::Heun,
            _ => SecondOrder::Midpoint,
        };
        // diffusers lowers the order at the end of runs of fewer than fifteen steps.
        let lower_order_final = self.settings.flag("euler_at_final", false)
            || (self.settings.flag("lower_order_final", true) && self.timesteps().len() < 15);
        if self.settings.class == "UniPCMultistepScheduler" {
            return ("UniPC", self.solve(&self.unipc(order), process, &levels));
        }
        match (order, stochastic) {
            // Unlike DDIM's, its noise is that of the thresholded estimate.
            (1, _) => {
                let ddim = Ddim { eta: f64::from(stochastic), use_clipped_model_output: true };
                ("DDIM", self.solve(&ddim, process, &levels))
            }
            (_, false) => ("DPM++ 2M", self.solve(&DpmPp2M { lower_order_final, second_order }, process, &levels)),
            (_, true) => {
                let sde = SdeDpmPp2M { lower_order_final, second_order, ..SdeDpmPp2M::default() };
                ("SDE-DPM++ 2M", self.solve(&sde, process, &levels))
            }
        }
    }

    fn unipc(&self, order: usize) -> UniPc {
        let b_function = match self.settings.word("solver_type", "bh2") {
            "bh1" => BFunction::Bh1,
            _ => BFunction::Bh2,
        };
        let disabled = self.settings.present("disable_corrector").map_or(vec![], indices);
        assert!(disabled.iter().copied().eq(0..disabled.len()), "correctors disabled other than at the start");
        UniPc {
            order,
            b_function,
            skip_corrector: disabled.len() as u32,
            lower_order_final: self.settings.flag("lower_order_final", true),
        }
    }

    /// EDM's Euler method. The class evaluates the network before it churns, and takes the output for that of the
    /// churned state: the host adds the noise in a pass of its own, and its network takes it out again.
    fn edm_euler(&self) -> Plan {
        let (process, levels) = (self.edm(), self.levels(self.edm()));
        let options = Settings { class: self.settings.class, arguments: &self.case["step_kw"] };
        let (least, most) = (options.number("s_tmin", 0.0), options.number("s_tmax", f64::INFINITY));
        let largest = (options.number("s_churn", 0.0) / (levels.len() - 1) as f64).min(2f64.sqrt() - 1.0);
        if largest == 0.0 {
            return self.plan(("Euler", self.solve(&EULER, process, &levels)), self.network());
        }
        let (mut steps, mut churns) = (vec![], vec![]);
        for (i, pair) in levels.windows(2).enumerate() {
            let [from, to] = [pair[0], pair[1]];
            let gamma = if (least..=most).contains(&from.sigma) { largest } else { 0.0 };
            let added = options.number("s_noise", 1.0) * from.sigma * (gamma * (gamma + 2.0)).sqrt();
            let churned = at_sigma(&process, from.sigma * (1.0 + gamma));
            if gamma > 0.0 {
                let churn = Step::add_noise(NoiseLevel { alpha: 1.0, sigma: added, ..churned }).expect("a step");
                steps.push(Step { noise_index: i as u32, ..churn });
            }
            steps.push(between(&Ddim::default(), churned, to, self.prediction()));
            let row = self.rows()[i];
            assert_eq!(row.is_some(), gamma > 0.0);
            churns.push((from, added, row));
        }
        let model = self.model();
        let network = move |evaluation: &Evaluation| {
            let (from, added, row) = churns[evaluation.index];
            let unscaled = evaluation.input.iter().map(|x| x / evaluation.at.input_scale);
            let noise = row.map_or(&[][..], noise_row).iter().copied().chain(std::iter::repeat(0.0));
            let input: Vec<f64> = unscaled.zip(noise).map(|(x, z)| from.input_scale * (x - added * z)).collect();
            model(from.timestep, &input)
        };
        self.plan(("Euler", steps), Box::new(network))
    }

    fn flow_euler(&self) -> Plan {
        if !self.settings.flag("invert_sigmas", false) {
            let (name, solver) = if self.settings.flag("stochastic_sampling", false) {
                ("Euler ancestral", ALL_NEW)
            } else {
                ("Euler", EULER)
            };
            return self.plan((name, self.solve(&solver, FLOW, &self.levels(FLOW))), self.network());
        }
        // From the clean sample, the noise is its sum with the velocity.
        let levels = self.levels(FLOW);
        let noised = Step::add_noise(levels[1]).expect("a step");
        let steps = levels[1..].windows(2).map(|pair| between(&Ddim::default(), pair[0], pair[1], self.prediction()));
        let plan = self.plan(("DDIM inverse", std::iter::once(noised).chain(steps).collect()), self.network());
        let velocity = self.model()(levels[0].timestep, &plan.start);
        let noise: Vec<f64> = plan.start.iter().zip(velocity).map(|(x, v)| x + v).collect();
        Plan { noise: Box::new(move |_| noise.clone()), ..plan }
    }

    /// Latent consistency: the network with its boundary condition, f = c_skip·x + c_out·D, predicts the sample.
    fn latent_consistency(&self, vp: Process) -> Plan {
        let timesteps = self.timesteps();
        let mut levels: Vec<NoiseLevel> = timesteps.iter().map(|&t| at_timestep(&vp, t)).collect();
        levels.push(at_sigma(&vp, 0.0));
        let (model, prediction) = (self.model(), self.prediction());
        let (scaling, sigma_data) = (self.settings.number("timestep_scaling", 10.0), 0.5f64);
        let network = move |evaluation: &Evaluation| {
            let output = model(evaluation.at.timestep, evaluation.input);
            let to_denoised = prediction.denoised(&evaluation.at).expect("a combination");
            let time = scaling * evaluation.at.timestep;
            let norm = time.hypot(sigma_data);
            let (skip, out) = ((sigma_data / norm).powi(2), time / norm);
            let pairs = evaluation.input.iter().zip(&output);
            pairs.map(|(x, m)| skip * x + out * (to_denoised.x * x + to_denoised.model * m)).collect()
        };
        let schedule = Schedule::new(vp, Prediction::Sample, &levels).expect("a schedule");
        self.plan(("Euler ancestral", steps(&ALL_NEW, &schedule)), Box::new(network))
    }

    /// Trajectory consistency: DDIM to a timestep below the next, then noise up to it. That is the ancestral method
    /// with an η of its own in each step.
    fn trajectory_consistency(&self, vp: Process) -> Solved {
        let gamma = self.case["step_kw"]["eta"].as_f64().unwrap_or(0.3);
        let mut timesteps = self.timesteps();
        timesteps.push(0.0);
        let at = |t: f64| at_timestep(&vp, t);
        let one = |(index, pair): (usize, &[f64])| {
            let [from, to, below] = [pair[0], pair[1], ((1.0 - gamma) * pair[1]).floor()].map(at);
            let ratio = to.noise_to_signal() / from.noise_to_signal();
            let added = (1.0 - to.alpha_bar() / below.alpha_bar()).max(0.0).sqrt();
            let solver = EulerAncestral { eta: added / (to.sigma * (1.0 - ratio * ratio).sqrt()), s_noise: 1.0 };
            let [step] = self.solve(&solver, vp, &[from, to])[..] else { panic!("one step") };
            Step { noise_index: index as u32, ..step }
        };
        ("Euler ancestral", timesteps.windows(2).enumerate().map(one).collect())
    }

    /// A consistency model in one step.
    fn consistency(&self) -> Plan {
        let (process, sigma_data) = (self.edm(), self.sigma_data());
        let [noisy, _] = self.levels(process)[..] else { panic!("more than one step") };
        let levels = [noisy, at_sigma(&process, 0.0)];
        let schedule = Schedule::new(process, Prediction::Sample, &levels).expect("a schedule");
        let (model, above) = (self.model(), noisy.sigma - self.settings.number("sigma_min", 0.002));
        let skip = sigma_data.powi(2) / (above.powi(2) + sigma_data.powi(2));
        let out = above * sigma_data / noisy.sigma.hypot(sigma_data);
        let network = move |evaluation: &Evaluation| {
            let output = model(evaluation.at.timestep, evaluation.input);
            let pairs = evaluation.input.iter().zip(&output);
            pairs.map(|(input, m)| (skip * (input / evaluation.at.input_scale) + out * m).clamp(-1.0, 1.0)).collect()
        };
        self.plan(("Euler ancestral", steps(&ALL_NEW, &schedule)), Box::new(network))
    }
}
