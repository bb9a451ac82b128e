//! What a network was trained for: its prediction, its process, the ranges of noise and data.

use anyhow::{Context, Result, bail, ensure};
use clap::{Args, ValueEnum};
use quell::diffusion::noise::{self, Process, RectifiedFlow, VpDiscrete};
use quell::diffusion::prediction::Prediction;
use std::collections::HashMap;

/// What the keys of the file's metadata begin with.
const PREFIX: &str = "quell.";

/// What the network puts out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Output {
    /// The noise
    #[value(alias = "eps")]
    Epsilon,
    /// The clean sample
    #[value(aliases = ["x0", "denoised"])]
    Sample,
    /// alpha*noise - sigma*x0
    #[value(aliases = ["v_prediction", "v-prediction"])]
    V,
    /// noise - x0, the velocity of a rectified flow
    #[value(aliases = ["flow_prediction", "flow-prediction"])]
    Flow,
    /// The raw network of EDM's preconditioning
    Edm,
    /// The same with its sign turned, as Stable Video Diffusion has it
    EdmV,
}

/// The forward process, which decides how the input is scaled and what the timestep is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Kind {
    /// Variance preserving on a table of betas: sqrt(abar)*x0 + sqrt(1 - abar)*noise, the step from 0
    Vp,
    /// (x0 + sigma*noise)/sqrt(sigma^2 + sigma_data^2), ln(sigma)/4
    Edm,
    /// x0 + sigma*noise, sigma
    Ve,
    /// (1 - s)*x0 + s*noise, time_scale*s
    Flow,
}

/// The tables of betas, named as in diffusers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum BetaSchedule {
    /// A straight line
    #[value(name = "linear")]
    Linear,
    /// The square of a straight line
    #[value(name = "scaled_linear")]
    ScaledLinear,
    /// From a squared cosine; has no ends
    #[value(name = "squaredcos_cap_v2")]
    SquaredCosine,
}

/// What the user says of the network; what is left out is taken from the file's metadata.
#[derive(Clone, Debug, Default, PartialEq, Args)]
#[command(next_help_heading = "Network (left out: as the file's metadata have it)")]
pub struct Settings {
    /// The input that takes the state [default: sample, or the one with more dimensions]
    #[arg(long, value_name = "NAME")]
    pub input_name: Option<String>,

    /// The input that takes the time [default: timestep, or the one with fewer dimensions]
    #[arg(long, value_name = "NAME")]
    pub timestep_name: Option<String>,

    /// What the network puts out
    #[arg(long, value_enum, value_name = "NAME")]
    pub prediction: Option<Output>,

    /// What it was trained on: how its input is scaled, what the timestep is
    #[arg(long, value_enum, value_name = "NAME")]
    pub process: Option<Kind>,

    /// The standard deviation of the data that EDM's scaling was made with
    #[arg(long, value_name = "SIGMA", allow_negative_numbers = true)]
    pub sigma_data: Option<f64>,

    /// The table of a variance-preserving process
    #[arg(long, value_enum, value_name = "NAME")]
    pub beta_schedule: Option<BetaSchedule>,

    /// Its first beta
    #[arg(long, value_name = "BETA", allow_negative_numbers = true)]
    pub beta_start: Option<f64>,

    /// Its last beta
    #[arg(long, value_name = "BETA", allow_negative_numbers = true)]
    pub beta_end: Option<f64>,

    /// Its length
    #[arg(long, value_name = "N")]
    pub num_train_timesteps: Option<usize>,

    /// The timestep of pure noise in a flow [default: 1000]
    #[arg(long, value_name = "TIME", allow_negative_numbers = true)]
    pub time_scale: Option<f64>,

    /// Threads for the network [default: one for each core]
    #[arg(long, value_name = "N")]
    pub threads: Option<usize>,
}

/// A process with the memory that it needs.
#[derive(Clone, Debug, PartialEq)]
pub enum Forward {
    /// [`Process::VpDiscrete`] on a table of ᾱ.
    Vp(Vec<f64>),
    /// [`Process::Edm`].
    Edm {
        /// The standard deviation of the data.
        sigma_data: f64,
    },
    /// [`Process::Ve`].
    Ve,
    /// [`Process::Flow`].
    Flow(RectifiedFlow),
}

impl Forward {
    /// The process itself.
    pub fn process(&self) -> Process<'_> {
        match self {
            Forward::Vp(alpha_bars) => Process::VpDiscrete(VpDiscrete { alpha_bars }),
            Forward::Edm { sigma_data } => Process::Edm { sigma_data: *sigma_data },
            Forward::Ve => Process::Ve,
            Forward::Flow(flow) => Process::Flow(*flow),
        }
    }

    /// The name on the command line.
    pub fn label(&self) -> &'static str {
        match self {
            Forward::Vp(_) => "vp",
            Forward::Edm { .. } => "edm",
            Forward::Ve => "ve",
            Forward::Flow(_) => "flow",
        }
    }

    /// Whether rounding the time to an integer leaves it what it is, but for a small part.
    pub fn has_integer_times(&self) -> bool {
        match self {
            Forward::Vp(_) => true,
            Forward::Flow(flow) => flow.time_scale >= 100.0,
            Forward::Edm { .. } | Forward::Ve => false,
        }
    }

    /// The noise-to-signal ratios at the two ends of a table.
    fn sigma_range(&self) -> Result<Option<(f64, f64)>> {
        let Forward::Vp(alpha_bars) = self else { return Ok(None) };
        let process = self.process();
        let last = (alpha_bars.len() - 1) as f64;
        Ok(Some((process.at_timestep(0.0)?.noise_to_signal(), process.at_timestep(last)?.noise_to_signal())))
    }
}

/// The names of the graph's inputs, where they are stated.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Names {
    /// Of the state.
    pub sample: Option<String>,
    /// Of the time.
    pub timestep: Option<String>,
}

/// All that the graph itself does not say.
#[derive(Clone, Debug, PartialEq)]
pub struct Description {
    /// What the output stands for.
    pub prediction: Prediction,
    /// What the network was trained on.
    pub forward: Forward,
    /// The noise levels that it knows.
    pub sigma_range: Option<(f64, f64)>,
    /// The values that the data have.
    pub data_range: Option<(f64, f64)>,
    /// The inputs.
    pub names: Names,
}

impl Description {
    /// From what the user says and, for the rest, what the file says: the value of a key of its metadata.
    pub fn new(settings: &Settings, metadata: &HashMap<&str, &str>) -> Result<Description> {
        let stated = Stated { metadata };
        let output = match settings.prediction.map(Ok).or_else(|| stated.choice("prediction")).transpose()? {
            Some(output) => output,
            None => bail!(
                "nothing says what the network predicts: give --prediction, or write {PREFIX}prediction to the file"
            ),
        };
        let kind = match (settings.process.map(Ok).or_else(|| stated.choice("process")).transpose()?, output) {
            (Some(kind), _) => kind,
            (None, Output::Edm | Output::EdmV) => Kind::Edm,
            (None, Output::Flow) => Kind::Flow,
            (None, _) => {
                bail!(
                    "nothing says what the network was trained on: give --process, or write {PREFIX}process to the file"
                )
            }
        };
        let sigma_data = || {
            let value = stated.number_or("sigma_data", settings.sigma_data)?;
            value.with_context(|| format!("EDM's scaling needs --sigma-data, or {PREFIX}sigma_data in the file"))
        };
        let prediction = match output {
            Output::Epsilon => Prediction::Epsilon,
            Output::Sample => Prediction::Sample,
            Output::V => Prediction::V,
            Output::Flow => Prediction::Flow,
            Output::Edm => Prediction::Edm { sigma_data: sigma_data()? },
            Output::EdmV => Prediction::EdmV { sigma_data: sigma_data()? },
        };
        prediction.check().context("the prediction")?;
        let forward = match kind {
            Kind::Vp => Forward::Vp(stated.alpha_bars(settings)?),
            Kind::Edm => Forward::Edm { sigma_data: sigma_data()? },
            Kind::Ve => Forward::Ve,
            Kind::Flow => {
                let default = RectifiedFlow::default();
                let time_scale = stated.number_or("time_scale", settings.time_scale)?.unwrap_or(default.time_scale);
                Forward::Flow(RectifiedFlow { time_scale })
            }
        };
        forward.process().check().with_context(|| format!("the process {}", forward.label()))?;
        let sigma_range = match forward.sigma_range()? {
            None => stated.range("sigma_min", "sigma_max")?,
            range => range,
        };
        if let Some((least, _)) = sigma_range {
            ensure!(least > 0.0, "{PREFIX}sigma_min is {least}, not positive");
        }
        let name = |own: &Option<String>, key| own.clone().or_else(|| stated.text(key).map(str::to_owned));
        let names = Names {
            sample: name(&settings.input_name, "input_name"),
            timestep: name(&settings.timestep_name, "timestep_name"),
        };
        Ok(Description { prediction, forward, sigma_range, data_range: stated.range("data_min", "data_max")?, names })
    }
}

/// The metadata of the file.
struct Stated<'a> {
    metadata: &'a HashMap<&'a str, &'a str>,
}

impl Stated<'_> {
    fn text(&self, key: &str) -> Option<&str> {
        self.metadata.get(&format!("{PREFIX}{key}")[..]).copied()
    }

    fn choice<T: ValueEnum>(&self, key: &str) -> Option<Result<T>> {
        self.text(key).map(|text| {
            T::from_str(text, true).ok().with_context(|| {
                let known = T::value_variants().iter().filter_map(T::to_possible_value);
                let known: Vec<String> = known.map(|value| value.get_name().to_owned()).collect();
                format!("{PREFIX}{key} in the file is {text:?}, none of {}", known.join(", "))
            })
        })
    }

    fn number(&self, key: &str) -> Result<Option<f64>> {
        let Some(text) = self.text(key) else { return Ok(None) };
        match text.parse() {
            Ok(value) if f64::is_finite(value) => Ok(Some(value)),
            _ => bail!("{PREFIX}{key} in the file is {text:?}, not a finite number"),
        }
    }

    fn number_or(&self, key: &str, own: Option<f64>) -> Result<Option<f64>> {
        if own.is_some() { Ok(own) } else { self.number(key) }
    }

    fn range(&self, least: &str, greatest: &str) -> Result<Option<(f64, f64)>> {
        match (self.number(least)?, self.number(greatest)?) {
            (None, None) => Ok(None),
            (Some(low), Some(high)) if low < high => Ok(Some((low, high))),
            (Some(low), Some(high)) => {
                bail!("{PREFIX}{least} in the file, {low}, is not less than {PREFIX}{greatest}, {high}")
            }
            _ => bail!("the file has only one of {PREFIX}{least} and {PREFIX}{greatest}"),
        }
    }

    /// ᾱ of the training steps.
    fn alpha_bars(&self, settings: &Settings) -> Result<Vec<f64>> {
        let schedule = settings.beta_schedule.map(Ok).or_else(|| self.choice("beta_schedule")).transpose()?;
        let end = |key: &str, own| -> Result<f64> {
            let option = key.replace('_', "-");
            let value = self.number_or(key, own)?;
            value.with_context(|| format!("the table of betas needs --{option}, or {PREFIX}{key} in the file"))
        };
        let length = match settings.num_train_timesteps {
            Some(length) => length as f64,
            None => end("num_train_timesteps", None)?,
        };
        ensure!(
            (2.0..=1e6).contains(&length) && length.fract() == 0.0,
            "a table of {length} betas: the number of training steps is from 2 to a million"
        );
        let mut betas = vec![0.0; length as usize];
        let schedule = schedule.with_context(|| {
            format!("a variance-preserving process needs --beta-schedule, or {PREFIX}beta_schedule in the file")
        })?;
        let ends =
            || Ok::<_, anyhow::Error>((end("beta_start", settings.beta_start)?, end("beta_end", settings.beta_end)?));
        match schedule {
            BetaSchedule::Linear => {
                let (start, end) = ends()?;
                noise::fill_betas_linear(&mut betas, start, end)
            }
            BetaSchedule::ScaledLinear => {
                let (start, end) = ends()?;
                noise::fill_betas_scaled_linear(&mut betas, start, end)
            }
            BetaSchedule::SquaredCosine => noise::fill_betas_squared_cosine(&mut betas, 0.999),
        }
        .context("the table of betas")?;
        let mut alpha_bars = vec![0.0; betas.len()];
        noise::alpha_bars_from_betas(&mut alpha_bars, &betas).context("the table of betas")?;
        Ok(alpha_bars)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of_file(metadata: &[(&'static str, &'static str)]) -> Result<Description> {
        Description::new(&Settings::default(), &metadata.iter().copied().collect())
    }

    const UNET: [(&str, &str); 6] = [
        ("quell.prediction", "v_prediction"),
        ("quell.process", "vp"),
        ("quell.beta_schedule", "scaled_linear"),
        ("quell.beta_start", "0.00085"),
        ("quell.beta_end", "0.012"),
        ("quell.num_train_timesteps", "1000"),
    ];

    #[test]
    fn the_file_says_it_all() {
        let description = of_file(&UNET).unwrap();
        assert_eq!(description.prediction, Prediction::V);
        // Stable Diffusion's range, to the digits that are published.
        let (least, greatest) = description.sigma_range.unwrap();
        assert!((least - 0.0292).abs() < 5e-5 && (greatest - 14.6146).abs() < 5e-5, "{least} {greatest}");
        let edm = of_file(&[
            ("quell.prediction", "edm"),
            ("quell.sigma_data", "0.5"),
            ("quell.sigma_min", "0.002"),
            ("quell.sigma_max", "80"),
            ("quell.data_min", "-1"),
            ("quell.data_max", "1"),
            ("quell.input_name", "x"),
        ]);
        let expected = Description {
            prediction: Prediction::Edm { sigma_data: 0.5 },
            forward: Forward::Edm { sigma_data: 0.5 },
            sigma_range: Some((0.002, 80.0)),
            data_range: Some((-1.0, 1.0)),
            names: Names { sample: Some("x".into()), timestep: None },
        };
        assert_eq!(edm.unwrap(), expected);
    }

    #[test]
    fn the_user_has_the_last_word() {
        let settings = Settings {
            prediction: Some(Output::Epsilon),
            beta_schedule: Some(BetaSchedule::SquaredCosine),
            num_train_timesteps: Some(100),
            timestep_name: Some("t".into()),
            ..Settings::default()
        };
        let description = Description::new(&settings, &UNET.into_iter().collect()).unwrap();
        assert_eq!(description.prediction, Prediction::Epsilon);
        assert_eq!(description.names.timestep.as_deref(), Some("t"));
        let Forward::Vp(alpha_bars) = &description.forward else { panic!("{description:?}") };
        assert_eq!(alpha_bars.len(), 100);
        let flow = Settings { prediction: Some(Output::Flow), time_scale: Some(1.0), ..Settings::default() };
        let flow = Description::new(&flow, &HashMap::new()).unwrap().forward;
        assert_eq!(flow, Forward::Flow(RectifiedFlow { time_scale: 1.0 }));
        assert!(!flow.has_integer_times());
    }

    #[test]
    fn what_is_missing_or_wrong_is_named() {
        let with = |key: &'static str, value: &'static str| {
            let changed: Vec<_> = UNET.iter().map(|&(k, v)| if k == key { (k, value) } else { (k, v) }).collect();
            of_file(&changed)
        };
        let without = |key: &str| {
            let left: Vec<_> = UNET.iter().copied().filter(|&(k, _)| k != key).collect();
            of_file(&left)
        };
        for (result, named) in [
            (of_file(&[]), "--prediction"),
            (of_file(&[("quell.prediction", "epsilon")]), "--process"),
            (of_file(&[("quell.prediction", "edm")]), "--sigma-data"),
            (of_file(&[("quell.prediction", "edm"), ("quell.sigma_data", "0")]), "sigma_data"),
            (of_file(&[("quell.prediction", "score")]), "none of epsilon, sample, v, flow, edm, edm-v"),
            (without("quell.beta_schedule"), "--beta-schedule"),
            (without("quell.beta_start"), "--beta-start"),
            (without("quell.num_train_timesteps"), "--num-train-timesteps"),
            (with("quell.beta_end", "much"), "\"much\", not a finite number"),
            (with("quell.beta_end", "2"), "table of betas"),
            (with("quell.num_train_timesteps", "1"), "2 to a million"),
            (with("quell.num_train_timesteps", "99.5"), "2 to a million"),
            (with("quell.process", "vpsde"), "none of vp, edm, ve, flow"),
            (
                of_file(&[("quell.prediction", "flow"), ("quell.sigma_min", "2"), ("quell.sigma_max", "2")]),
                "not less than quell.sigma_max",
            ),
            (of_file(&[("quell.prediction", "flow"), ("quell.sigma_min", "2")]), "only one of"),
            (
                of_file(&[("quell.prediction", "flow"), ("quell.sigma_min", "0"), ("quell.sigma_max", "2")]),
                "not positive",
            ),
        ] {
            let text = format!("{:#}", result.unwrap_err());
            assert!(text.contains(named), "{text:?} does not contain {named:?}");
        }
    }
}
