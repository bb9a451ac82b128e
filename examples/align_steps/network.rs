//! A trained network in an ONNX file as a denoiser, whatever it predicts and whichever process it was trained for.
//!
//! The file's graph has two inputs. The first takes a batch of states, [batch, ...], each scaled as the network's process
//! has it ([`NoiseLevel::input_scale`]); the second takes the time that the process tells its network, [batch], [1] or a
//! scalar, of floating point or integer. The first output is as large as the state. What it stands for is a
//! [`Prediction`]; this and the process come from the file's metadata or from [`Settings`].
//!
//! ```no_run
//! # use std::path::Path;
//! let network = Network::load(Path::new("digits.onnx"), &Settings::default(), &[1, 8, 8])?;
//! let (x, mut denoised) = (vec![0.5f32; 10 * 64], vec![0f32; 10 * 64]);
//! network.denoise(&x, 0.7, &mut denoised)?;
//! # anyhow::Ok(())
//! ```

mod description;
mod graph;

pub use description::Settings;

use anyhow::{Context, Result, ensure};
use description::Description;
use graph::Graph;
use quell::diffusion::noise::{NoiseLevel, Process};
use quell::diffusion::prediction::Linear;
use quell::random::{self, Stream};
use std::path::Path;

/// Noise for the trial evaluation, the same in every run.
const TRIAL_NOISE: Stream = Stream { seed: 2024, stream: 0, step: 0 };

/// Where a network whose range is not known is tried.
const TRIAL_SIGMA: f64 = 1.0;

/// The share by which a noise level may lie outside the known range: its ends are computed, too.
const RANGE_TOLERANCE: f64 = 1e-6;

/// A network that has been checked and evaluated once.
#[derive(Debug)]
pub struct Network {
    graph: Graph,
    description: Description,
}

impl Network {
    /// Reads the file at `path`, as a network for items of shape `item`.
    ///
    /// # Errors
    ///
    /// A file that cannot be read, operators that are not supported, inputs and outputs that are not as described above
    /// or do not fit `item`, a description that is incomplete or contradictory, and a trial evaluation that fails.
    pub fn load(path: &Path, settings: &Settings, item: &[usize]) -> Result<Network> {
        let name = || path.display().to_string();
        let file = graph::read(path).with_context(name)?;
        let description = Description::new(settings, &file.metadata()).with_context(name)?;
        let graph = Graph::new(file, &description.names, item, settings.threads).with_context(name)?;
        ensure!(
            !graph.takes_integer_times() || description.forward.has_integer_times(),
            "{}: the timestep input takes integers, which cannot hold the times of the process {}: export the network with \
             a float32 timestep",
            name(),
            description.forward.label()
        );
        let network = Network { graph, description };
        network.try_once().with_context(|| format!("{}: the trial evaluation failed", name()))?;
        Ok(network)
    }

    /// The values in an item.
    pub fn item_len(&self) -> usize {
        self.graph.item_len()
    }

    /// The least and the greatest noise level, in noise-to-signal units, that the network is known to have learnt: from
    /// the table of a variance-preserving process, else from the file's metadata.
    pub fn sigma_range(&self) -> Option<(f64, f64)> {
        self.description.sigma_range
    }

    /// The least and the greatest value of the data that the network was trained on, where the file states it.
    pub fn data_range(&self) -> Option<(f64, f64)> {
        self.description.data_range
    }

    /// The process that the network was trained on.
    pub fn process(&self) -> Process<'_> {
        self.description.forward.process()
    }

    /// What the process is called on the command line.
    pub fn process_label(&self) -> &'static str {
        self.description.forward.label()
    }

    /// Writes D(x, `sigma`), the estimate of the clean items, to `out`.
    ///
    /// `x` is a batch of x₀ + σ·z: whatever the network's own process, the state is in noise-to-signal units here. The
    /// whole of `x` is one batch, unless the file fixes the size of one. An integer timestep is the nearest to the level's.
    ///
    /// # Errors
    ///
    /// Lengths that are not those of whole items; a `sigma` that is not positive or outside [`Network::sigma_range`]; an
    /// evaluation that fails, or puts out NaN or infinity. Then `out` is as before.
    pub fn denoise(&self, x: &[f32], sigma: f64, out: &mut [f32]) -> Result<()> {
        ensure!(x.len() == out.len(), "{} values in, room for {} out", x.len(), out.len());
        let item = self.item_len();
        ensure!(x.len().is_multiple_of(item), "{} values are no whole number of items of {item}", x.len());
        ensure!(sigma.is_finite() && sigma > 0.0, "the noise level {sigma} is not positive and finite");
        if let Some((least, greatest)) = self.sigma_range() {
            let inside = least * (1.0 - RANGE_TOLERANCE)..=greatest * (1.0 + RANGE_TOLERANCE);
            ensure!(
                inside.contains(&sigma),
                "the noise level {sigma} is outside {least} to {greatest}, which the network was trained for: choose another \
                 range"
            );
        }
        let level = self.level(sigma)?;
        let mut buffer = vec![0f32; x.len()];
        Linear { x: level.input_scale, model: 0.0 }.apply(&mut buffer, x, x)?;
        let place = || format!("the network failed at sigma {sigma} on a batch of {}", x.len() / item);
        let output = self.graph.run(&buffer, level.timestep).with_context(place)?;
        let denoised = self.description.prediction.denoised(&level)?;
        denoised.apply(&mut buffer, x, &output)?;
        if let Some(index) = buffer.iter().position(|value| !value.is_finite()) {
            let (value, state) = (output[index], x[index]);
            anyhow::bail!(
                "the network put out {value} for a state of {state} at sigma {sigma} in item {} of a batch of {}: check the \
                 prediction, the process and the range of noise, or export in float32",
                index / item,
                x.len() / item
            );
        }
        out.copy_from_slice(&buffer);
        Ok(())
    }

    /// The level of the state x₀ + σ·z with what the network is told about it.
    fn level(&self, sigma: f64) -> Result<NoiseLevel> {
        let level = self.process().at_noise_to_signal(sigma)?;
        Ok(level.variance_exploding()?)
    }

    /// Two items of noise in the middle of the range: shows what the graph's declarations do not.
    fn try_once(&self) -> Result<()> {
        let sigma = self.sigma_range().map_or(TRIAL_SIGMA, |(least, greatest)| (least * greatest).sqrt());
        let mut x = vec![0f32; 2 * self.item_len()];
        random::fill_normal(&mut x, TRIAL_NOISE, 0)?;
        x.iter_mut().for_each(|x| *x *= sigma as f32);
        let mut out = vec![0f32; x.len()];
        self.denoise(&x, sigma, &mut out)
    }
}

#[cfg(test)]
mod tests {
    use super::description::{BetaSchedule, Kind, Output};
    use super::*;
    use crate::data;
    use serde_json::Value;
    use std::path::PathBuf;

    fn file(name: &str) -> PathBuf {
        [env!("CARGO_MANIFEST_DIR"), "networks", name].iter().collect()
    }

    /// A network of `odd` for items of four values, with what its file does not say.
    fn odd(name: &str, prediction: Output, process: Kind) -> Result<Network> {
        let settings = Settings { prediction: Some(prediction), process: Some(process), ..Settings::default() };
        odd_with(name, settings)
    }

    fn odd_with(name: &str, settings: Settings) -> Result<Network> {
        let table = Settings {
            sigma_data: Some(0.5),
            beta_schedule: Some(BetaSchedule::Linear),
            beta_start: Some(1e-4),
            beta_end: Some(0.02),
            num_train_timesteps: Some(1000),
            ..settings
        };
        Network::load(&file("odd").join(name).with_extension("onnx"), &table, &[4])
    }

    fn message<T: std::fmt::Debug>(result: Result<T>) -> String {
        format!("{:#}", result.unwrap_err())
    }

    fn denoised(network: &Network, x: &[f32], sigma: f64) -> Vec<f32> {
        let mut out = vec![f32::NAN; x.len()];
        network.denoise(x, sigma, &mut out).unwrap();
        out
    }

    /// Both compute in single precision, in another order.
    const SINGLE: f32 = 1e-5;

    fn close(a: &[f32], b: &[f32], tolerance: f32) {
        assert_eq!(a.len(), b.len());
        for (a, b) in a.iter().zip(b) {
            assert!((a - b).abs() <= tolerance * b.abs().max(1.0), "{a} {b} {tolerance}");
        }
    }

    fn floats(value: &Value) -> Vec<f32> {
        value.as_array().unwrap().iter().map(|value| value.as_f64().unwrap() as f32).collect()
    }

    /// Compares with what PyTorch put out; an error of the output is multiplied by `gain(σ)` in D.
    fn agrees_with_pytorch(name: &str, gain: impl Fn(f64) -> f64) {
        let network = Network::load(&file(name).with_extension("onnx"), &Settings::default(), &[1, 8, 8]).unwrap();
        let text = std::fs::read_to_string(file(name).with_extension("json")).unwrap();
        let reference: Value = serde_json::from_str(&text).unwrap();
        let cases = reference["cases"].as_array().unwrap();
        assert_eq!(cases.len(), 4);
        for case in cases {
            let number = |key: &str| case[key].as_f64().unwrap();
            let (sigma, timestep, x) = (number("sigma"), number("timestep"), floats(&case["x"]));
            assert_eq!(x.len(), 3 * 64);
            let level = network.level(sigma).unwrap();
            assert!((level.timestep - timestep).abs() < 1e-9 * timestep.abs().max(1.0), "{level:?} {timestep}");
            let output = network.graph.run(&floats(&case["sample"]), timestep).unwrap();
            close(&output, &floats(&case["output"]), SINGLE);
            let d = denoised(&network, &x, sigma);
            close(&d, &floats(&case["denoised"]), SINGLE * gain(sigma) as f32);
            for (item, d) in x.chunks(64).zip(d.chunks(64)) {
                close(&denoised(&network, item, sigma), d, SINGLE * gain(sigma) as f32);
            }
        }
        // What it was trained on is the training half, image by image.
        let train = data::load().unwrap().train;
        for (row, grey) in train.rows().into_iter().zip(reference["first_images"].as_array().unwrap()) {
            assert_eq!(row.mapv(|value| (value + 1.0) * 8.0).to_vec(), floats(grey));
        }
    }

    #[test]
    fn the_digits_network_agrees_with_pytorch() {
        agrees_with_pytorch("digits", |_| 1.0);
    }

    #[test]
    fn the_unet_agrees_with_pytorch() {
        // D = x − σ·ε.
        agrees_with_pytorch("unet", |sigma| 1.0 + sigma);
    }

    #[test]
    fn the_committed_networks_denoise_images_that_they_have_not_seen() {
        let images = data::load().unwrap().held_out;
        let clean = images.as_slice().unwrap();
        let variance = data::rms_standard_deviation(images.view()).powi(2);
        for name in ["digits.onnx", "unet.onnx"] {
            let network = Network::load(&file(name), &Settings::default(), &[1, 8, 8]).unwrap();
            let (least, greatest) = network.sigma_range().unwrap();
            assert!(least <= 0.02 && greatest >= 80.0 && network.data_range() == Some((-1.0, 1.0)));
            for sigma in [0.2, 0.6, 2.0] {
                let mut x = vec![0f32; clean.len()];
                random::fill_normal(&mut x, TRIAL_NOISE, 0).unwrap();
                x.iter_mut().zip(clean).for_each(|(x, clean)| *x = clean + sigma as f32 * *x);
                let squares = denoised(&network, &x, sigma)
                    .iter()
                    .zip(clean)
                    .map(|(d, x0)| f64::from(d - x0).powi(2))
                    .sum::<f64>();
                let loss = squares / clean.len() as f64;
                // The best linear estimate of independent pixels is worse.
                assert!(loss < 1.0 / (1.0 / variance + 1.0 / (sigma * sigma)), "{name} {sigma}: {loss}");
            }
        }
    }

    #[test]
    fn every_prediction_and_process_is_its_formula() {
        let (x, sigma) = ([0.5f32, -1.0, 2.0, 0.0], 1.5f64);
        let t = |process| odd("one_time", Output::Sample, process).unwrap().level(sigma).unwrap().timestep;
        let norm = (1.0 + sigma * sigma).sqrt();
        let edm = (sigma * sigma + 0.25).sqrt();
        // The network multiplies its input by the time.
        for (process, scale, time) in [
            (Kind::Ve, 1.0, sigma),
            (Kind::Edm, 1.0 / edm, sigma.ln() / 4.0),
            (Kind::Vp, 1.0 / norm, t(Kind::Vp)),
            (Kind::Flow, 1.0 / (1.0 + sigma), 1000.0 * sigma / (1.0 + sigma)),
        ] {
            for (prediction, on_x, on_output) in [
                (Output::Epsilon, 1.0, -sigma),
                (Output::Sample, 0.0, 1.0),
                (Output::V, 1.0 / (norm * norm), -sigma / norm),
                (Output::Flow, 1.0 / (1.0 + sigma), -sigma / (1.0 + sigma)),
                (Output::Edm, 0.25 / (edm * edm), sigma * 0.5 / edm),
                (Output::EdmV, 0.25 / (edm * edm), -sigma * 0.5 / edm),
            ] {
                let factor = on_x + on_output * scale * time;
                let expected = x.map(|x| (f64::from(x) * factor) as f32);
                let network = odd("one_time", prediction, process).unwrap();
                close(&denoised(&network, &x, sigma), &expected, SINGLE);
            }
        }
    }

    #[test]
    fn a_fixed_batch_and_an_integer_time_are_served() {
        let network = odd("scalar_int64", Output::Sample, Kind::Vp).unwrap();
        let x: Vec<f32> = (0..12).map(|i| i as f32 - 6.0).collect();
        let level = network.level(1.0).unwrap();
        assert!(level.timestep.fract() != 0.0);
        let factor = (level.input_scale * level.timestep.round()) as f32;
        let expected: Vec<f32> = x.iter().map(|x| x * factor).collect();
        // Three items in batches of two.
        close(&denoised(&network, &x, 1.0), &expected, SINGLE);
        assert!(denoised(&network, &[], 1.0).is_empty());
        let text = message(odd("scalar_int64", Output::Edm, Kind::Edm));
        assert!(text.contains("cannot hold the times of the process edm"), "{text}");
    }

    #[test]
    fn inputs_are_told_apart() {
        let by_rank = odd("other_names", Output::Sample, Kind::Ve).unwrap();
        assert_eq!(denoised(&by_rank, &[1.0, 2.0, 3.0, 4.0], 2.0), [2.0, 4.0, 6.0, 8.0]);
        let base = Settings { prediction: Some(Output::Sample), process: Some(Kind::Ve), ..Settings::default() };
        let path = file("odd").join("ambiguous.onnx");
        let text = message(Network::load(&path, &base, &[1]));
        assert!(text.contains("b, a") && text.contains("--input-name"), "{text}");
        for (input, timestep) in [(Some("a"), None), (None, Some("b")), (Some("a"), Some("b"))] {
            let settings =
                Settings { input_name: input.map(Into::into), timestep_name: timestep.map(Into::into), ..base.clone() };
            let network = Network::load(&path, &settings, &[1]).unwrap();
            assert_eq!(denoised(&network, &[3.0, 4.0], 2.0), [6.0, 8.0]);
        }
        for (input, timestep, named) in
            [("a", "a", "one input"), ("c", "b", "no input \"c\""), ("a", "c", "--timestep-name")]
        {
            let settings =
                Settings { input_name: Some(input.into()), timestep_name: Some(timestep.into()), ..base.clone() };
            let text = message(Network::load(&path, &settings, &[1]));
            assert!(text.contains(named), "{text}");
        }
    }

    #[test]
    fn unfit_graphs_are_refused() {
        for (name, named) in [
            ("one_input", "1 inputs (sample)"),
            ("three_inputs", "3 inputs (sample, timestep, class_labels)"),
            ("integer_sample", "not float32"),
            ("wide_timestep", "not one time for each item"),
            ("short_output", "as large as the state"),
            ("unknown_operator", "Mystery"),
            ("missing", "cannot be read"),
        ] {
            let text = message(odd(name, Output::Sample, Kind::Ve));
            assert!(text.contains(named) && text.contains(name), "{text:?} does not contain {named:?}");
        }
        let settings = Settings {
            threads: Some(0),
            prediction: Some(Output::Sample),
            process: Some(Kind::Ve),
            ..Settings::default()
        };
        assert!(message(odd_with("one_time", settings.clone())).contains("0 threads"));
        let two = odd_with("one_time", Settings { threads: Some(2), ..settings }).unwrap();
        assert_eq!(denoised(&two, &[1.0; 4], 2.0), [2.0; 4]);
        for item in [&[64][..], &[1, 8, 9], &[3, 8, 8], &[0, 8, 8]] {
            let text = message(Network::load(&file("digits.onnx"), &Settings::default(), item));
            assert!(text.contains("reshape the data") || text.contains("no values"), "{text}");
        }
    }

    #[test]
    fn a_damaged_file_is_refused() {
        let whole = std::fs::read(file("digits.onnx")).unwrap();
        let path = std::env::temp_dir().join(format!("align_steps_network_{}.onnx", std::process::id()));
        for length in [0, 1, 100, whole.len() / 2, whole.len() - 1] {
            std::fs::write(&path, &whole[..length]).unwrap();
            let text = message(Network::load(&path, &Settings::default(), &[1, 8, 8]));
            assert!(text.starts_with(&path.display().to_string()), "{length}: {text}");
        }
        std::fs::remove_file(&path).unwrap();
    }

    #[test]
    fn what_cannot_be_denoised_is_refused_and_changes_nothing() {
        let network = odd("nan_above_two", Output::Sample, Kind::Ve).unwrap();
        let mut out = [7f32; 8];
        for (x, sigma, named) in [
            (&[1f32; 8][..], 3.0, "NaN for a state of 1 at sigma 3 in item 0 of a batch of 2"),
            (&[1.0, 1.0, 1.0, 1.0, 1.0, 1.0, f32::INFINITY, 1.0], 1.0, "sigma 1 in item 1 of a batch of 2"),
            (&[1.0; 7], 1.0, "7 values in, room for 8 out"),
            (&[1.0; 8], 0.0, "not positive"),
            (&[1.0; 8], f64::NAN, "not positive"),
        ] {
            let text = message(network.denoise(x, sigma, &mut out));
            assert!(text.contains(named), "{text:?} does not contain {named:?}");
            assert_eq!(out, [7.0; 8]);
        }
        assert!(message(network.denoise(&[1.0; 6], 1.0, &mut [0.0; 6])).contains("whole number of items"));
        let unet = odd("one_time", Output::Epsilon, Kind::Vp).unwrap();
        let text = message(unet.denoise(&[1.0; 8], 200.0, &mut out));
        assert!(text.contains("outside 0.01") && text.contains("to 157.4"), "{text}");
        assert_eq!(out, [7.0; 8]);
    }
}
