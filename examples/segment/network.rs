//! The network of the demonstration: a small diffusion model of 64 × 64 RGB images, run by rten.
//!
//! What EmerDiff does inside a network are inputs and outputs of its graph, for each of its four cross-attention layers
//! on the grid of 8 × 8 cells: an offset that is added to the layer's output, the queries, and the size of the output.
//! A flag shares the queries and keys of the first item of a batch with all others. `networks/train_scenes.py` says it
//! in full, and makes the file.

use anyhow::{Context, Result, anyhow, bail, ensure};
use clap::ValueEnum;
use rten::{DataType, Dimension, Model, NodeId, RunOptions, ThreadPool, Value, ValueOrView, ValueType, ValueView};
use rten_tensor::Layout as _;
use std::cell::Cell;
use std::path::Path;
use std::sync::Arc;

/// The width and height of an image.
pub const SIDE: usize = 64;
/// Pixels of an image.
pub const PIXELS: usize = SIDE * SIDE;
/// Red, green and blue.
pub const CHANNELS: usize = 3;
/// Values of an image: three planes of rows, in [-1, 1].
pub const ITEM: usize = CHANNELS * PIXELS;
/// The width and height of the grid of features.
pub const GRID: usize = 8;
/// Cells of the grid.
pub const CELLS: usize = GRID * GRID;
/// The timesteps of the training run.
pub const TRAIN_TIMESTEPS: usize = 1000;
/// The first and the last of its scaled-linear betas.
pub const BETAS: (f64, f64) = (0.00085, 0.012);

/// Where the trial evaluation is.
const TRIAL_TIMESTEP: f64 = 281.0;

/// A cross-attention layer on the grid of 8 × 8 cells, in the order of the graph.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Layer {
    /// On the way down
    Down,
    /// Between down and up
    Mid,
    /// The first on the way up
    Up0,
    /// The second on the way up
    Up1,
}

impl Layer {
    /// All of them.
    pub const ALL: [Layer; 4] = [Layer::Down, Layer::Mid, Layer::Up0, Layer::Up1];

    /// The name in tables.
    pub fn label(self) -> &'static str {
        ["down", "mid", "up 0", "up 1"][self as usize]
    }
}

/// A file that has been checked and evaluated once.
#[derive(Debug)]
pub struct Network {
    model: Model,
    inputs: Inputs,
    outputs: Outputs,
    width: usize,
}

#[derive(Clone, Copy, Debug)]
struct Inputs {
    state: NodeId,
    timestep: NodeId,
    offset: NodeId,
    share: NodeId,
}

#[derive(Clone, Copy, Debug)]
struct Outputs {
    v: NodeId,
    queries: NodeId,
    rms: NodeId,
}

/// What is added to the output of one layer.
#[derive(Clone, Copy, Debug)]
pub struct Offsets<'a> {
    /// The layer.
    pub layer: Layer,
    /// (items, 64): one number for each item and cell, the same for all channels.
    pub values: &'a [f32],
}

/// What the network is evaluated on.
#[derive(Clone, Copy, Debug)]
pub struct Batch<'a> {
    /// (items, 3, 64, 64).
    pub states: &'a [f32],
    /// The time of all items.
    pub timestep: f64,
    /// What is added inside the network, if anything.
    pub offsets: Option<Offsets<'a>>,
    /// Whether all items attend by the queries and keys of the first one: attention injection without a cache.
    pub share: bool,
}

/// What the network makes of a batch.
#[derive(Clone, Debug)]
pub struct Evaluation {
    /// (items, 3, 64, 64): v = √ᾱ·noise − √(1 − ᾱ)·image.
    pub v: Vec<f32>,
    /// (layers, items, 64, width).
    queries: Vec<f32>,
    /// (layers, items).
    rms: Vec<f32>,
    items: usize,
    width: usize,
}

impl Evaluation {
    /// (64, width): the queries of an item in a layer.
    pub fn queries(&self, layer: Layer, item: usize) -> &[f32] {
        let length = CELLS * self.width;
        let at = (layer as usize * self.items + item) * length;
        &self.queries[at..at + length]
    }

    /// The root mean square of a layer's output for an item, before the offset.
    pub fn rms(&self, layer: Layer, item: usize) -> f32 {
        self.rms[layer as usize * self.items + item]
    }
}

impl Network {
    /// Reads the file at `path`.
    ///
    /// # Errors
    ///
    /// A file that cannot be read, operators that are not supported, inputs and outputs of other names, types or shapes,
    /// and a trial evaluation that fails or puts out what is not finite.
    pub fn load(path: &Path) -> Result<Network> {
        let attempt = || {
            let bytes = std::fs::read(path).context("cannot be read")?;
            ensure!(!bytes.is_empty(), "is empty");
            let model = Model::load(bytes)
                .map_err(|error| anyhow!("{error}"))
                .context("is no ONNX file that can be run: it is damaged, or has operators that rten does not know")?;
            Network::new(model)
        };
        attempt().with_context(|| path.display().to_string())
    }

    fn new(model: Model) -> Result<Network> {
        let (layers, cells, side) = (Some(Layer::ALL.len()), Some(CELLS), Some(SIDE));
        let inputs = Inputs {
            state: input(&model, "x", &[None, Some(CHANNELS), side, side])?,
            timestep: input(&model, "timestep", &[None])?,
            offset: input(&model, "offset", &[layers, None, cells])?,
            share: input(&model, "share", &[])?,
        };
        let count = model.input_ids().len();
        ensure!(count == 4, "has {count} inputs, not x, timestep, offset and share alone");
        let outputs =
            Outputs { v: output(&model, "v")?, queries: output(&model, "queries")?, rms: output(&model, "rms")? };
        let mut network = Network { model, inputs, outputs, width: 0 };
        let states: Vec<f32> = (0..2 * ITEM).map(|i| (0.7 * i as f32).sin()).collect();
        let trial = Batch { states: &states, timestep: TRIAL_TIMESTEP, offsets: None, share: true };
        let trial = network.evaluate(&trial, RunOptions::default()).context("the trial evaluation failed")?;
        network.width = trial.width;
        Ok(network)
    }

    fn evaluate(&self, batch: &Batch, options: RunOptions) -> Result<Evaluation> {
        let items = batch.states.len() / ITEM;
        ensure!(items * ITEM == batch.states.len(), "{} values are no whole images", batch.states.len());
        let layers = Layer::ALL.len();
        let mut offsets = vec![0f32; layers * items * CELLS];
        if let Some(Offsets { layer, values }) = batch.offsets {
            ensure!(values.len() == items * CELLS, "{} offsets for {items} images of {CELLS} cells", values.len());
            offsets[layer as usize * items * CELLS..][..values.len()].copy_from_slice(values);
        }
        let timesteps = vec![batch.timestep as f32; items];
        let share = [if batch.share { 1f32 } else { 0.0 }];
        let view = |id, shape: &[usize], data| Ok::<_, anyhow::Error>((id, ValueView::from_shape(shape, data)?.into()));
        let inputs: Vec<(NodeId, ValueOrView)> = vec![
            view(self.inputs.state, &[items, CHANNELS, SIDE, SIDE], batch.states)?,
            view(self.inputs.timestep, &[items], &timesteps)?,
            view(self.inputs.offset, &[layers, items, CELLS], &offsets)?,
            view(self.inputs.share, &[], &share)?,
        ];
        let Outputs { v, queries, rms } = self.outputs;
        let values = self.model.run_n(inputs, [v, queries, rms], Some(options)).map_err(|error| anyhow!("{error}"))?;
        let [v, queries, rms] = values;
        let width = queries.shape().last().copied().unwrap_or(0);
        ensure!(width > 0, "the output \"queries\" is empty");
        Ok(Evaluation {
            v: floats("v", v, &[items, CHANNELS, SIDE, SIDE])?,
            queries: floats("queries", queries, &[layers, items, CELLS, width])?,
            rms: floats("rms", rms, &[layers, items])?,
            items,
            width,
        })
    }
}

/// The network in a pool of threads, from within which it must be called.
#[derive(Debug)]
pub struct Evaluator<'a> {
    network: &'a Network,
    options: RunOptions,
    evaluated: Cell<u64>,
}

impl<'a> Evaluator<'a> {
    /// Evaluations run in `pool`.
    pub fn new(network: &'a Network, pool: &Arc<ThreadPool>) -> Evaluator<'a> {
        let options = RunOptions::default().with_thread_pool(Some(pool.clone()));
        Evaluator { network, options, evaluated: Cell::new(0) }
    }

    /// How many images it has been evaluated on since the last time that it was asked.
    pub fn take_evaluations(&self) -> u64 {
        self.evaluated.take()
    }

    /// The number of channels of the queries.
    pub fn width(&self) -> usize {
        self.network.width
    }

    /// Evaluates the network once, on the whole batch.
    pub fn evaluate(&self, batch: &Batch) -> Result<Evaluation> {
        let Batch { states, timestep, .. } = batch;
        self.evaluated.set(self.evaluated.get() + (states.len() / ITEM) as u64);
        let place = || format!("the network failed at timestep {timestep} on {} images", states.len() / ITEM);
        self.network.evaluate(batch, self.options.clone()).with_context(place)
    }
}

/// The input of a name, if it is what it should be; `None` stands for a size that must not be fixed.
fn input(model: &Model, name: &str, sizes: &[Option<usize>]) -> Result<NodeId> {
    let id = model.find_node(name).filter(|id| model.input_ids().contains(id));
    let id = id.with_context(|| format!("has no input {name:?}, but {}", names(model, model.input_ids())))?;
    let info = model.node_info(id).with_context(|| format!("says nothing about its input {name:?}"))?;
    let kind = info.dtype();
    ensure!(kind.is_none_or(|kind| kind == ValueType::Tensor(DataType::Float)), "the input {name:?} is not float32");
    // Without a shape the trial evaluation decides.
    let Some(shape) = info.shape() else { return Ok(id) };
    let fits = |(declared, size): (&Dimension, &Option<usize>)| match declared {
        Dimension::Fixed(declared) => Some(*declared) == *size,
        Dimension::Symbolic(_) => true,
    };
    ensure!(
        shape.len() == sizes.len() && shape.iter().zip(sizes).all(fits),
        "the input {name:?} has the shape {shape:?}, not {}",
        sizes_text(sizes)
    );
    Ok(id)
}

fn output(model: &Model, name: &str) -> Result<NodeId> {
    let id = model.find_node(name).filter(|id| model.output_ids().contains(id));
    id.with_context(|| format!("has no output {name:?}, but {}", names(model, model.output_ids())))
}

fn names(model: &Model, ids: &[NodeId]) -> String {
    let name = |&id| model.node_info(id).and_then(|info| info.name().map(str::to_owned)).unwrap_or("?".into());
    ids.iter().map(name).collect::<Vec<String>>().join(", ")
}

fn sizes_text(sizes: &[Option<usize>]) -> String {
    let text = |size: &Option<usize>| size.map_or("any".to_owned(), |size| size.to_string());
    format!("[{}]", sizes.iter().map(text).collect::<Vec<_>>().join(", "))
}

fn floats(name: &str, value: Value, shape: &[usize]) -> Result<Vec<f32>> {
    let Value::FloatTensor(value) = value else {
        bail!("the output {name:?} is of type {}, not float32", value.dtype());
    };
    ensure!(value.shape() == shape, "the output {name:?} has the shape {:?}, not {shape:?}", value.shape());
    let values = value.into_data();
    if let Some(value) = values.iter().find(|value| !value.is_finite()) {
        bail!("the network put out {value} in {name:?}");
    }
    Ok(values)
}

#[cfg(test)]
pub mod tests {
    use super::*;
    use crate::options::NETWORK;
    use crate::workers;
    use quell::random::{Stream, fill_uniform};
    use serde_json::Value as Json;
    use std::path::PathBuf;

    /// The network that comes with the examples.
    pub fn committed() -> Network {
        Network::load(Path::new(NETWORK)).unwrap()
    }

    /// Of each output against PyTorch's, relative to its largest value: both compute in single precision, in another order.
    const SINGLE: f32 = 1e-3;

    fn file(name: &str) -> PathBuf {
        [env!("CARGO_MANIFEST_DIR"), "networks", name].iter().collect()
    }

    fn evaluate(network: &Network, batch: &Batch) -> Evaluation {
        workers::map(network, 1, &[()], |_| (), |evaluator, ()| evaluator.evaluate(batch)).unwrap().remove(0)
    }

    fn close(what: &str, actual: &[f32], expected: &[f32]) {
        assert_eq!(actual.len(), expected.len(), "{what}");
        let largest = expected.iter().fold(0f32, |largest, value| largest.max(value.abs()));
        assert!(largest > 0.0, "{what}");
        for (place, (a, b)) in actual.iter().zip(expected).enumerate() {
            assert!((a - b).abs() <= SINGLE * largest, "{what}, {place}: {a} {b} of {largest}");
        }
    }

    #[test]
    fn it_agrees_with_pytorch() {
        let text = std::fs::read_to_string(file("scenes.json")).unwrap();
        let reference: Json = serde_json::from_str(&text).unwrap();
        let network = committed();
        assert_eq!(reference["width"], network.width);
        let names: Vec<&str> =
            reference["layers"].as_array().unwrap().iter().map(|name| name.as_str().unwrap()).collect();
        let cases = reference["cases"].as_array().unwrap();
        assert_eq!(cases.len(), 4);
        for case in cases {
            let number = |key: &str| case[key].as_f64().unwrap();
            let items = number("items") as usize;
            let mut uniforms = vec![0f64; items * (ITEM + CELLS)];
            fill_uniform(&mut uniforms, Stream { seed: number("seed") as u64, stream: 0, step: 0 }, 0).unwrap();
            let (states, cells) = uniforms.split_at(items * ITEM);
            let states: Vec<f32> = states.iter().map(|u| (4.0 * u - 2.0) as f32).collect();
            let strength = number("strength") as f32;
            let values: Vec<f32> = cells.iter().map(|&u| if u < 0.25 { strength } else { 0.0 }).collect();
            let layer =
                case["layer"].as_str().map(|name| Layer::ALL[names.iter().position(|other| *other == name).unwrap()]);
            let offsets = layer.map(|layer| Offsets { layer, values: &values });
            let batch = Batch { states: &states, timestep: number("timestep"), offsets, share: number("share") == 1.0 };
            let Evaluation { v, queries, rms, .. } = evaluate(&network, &batch);
            for (name, actual) in [("v", v), ("queries", queries), ("rms", rms)] {
                let expected = case[name].as_array().unwrap().iter().map(|value| value.as_f64().unwrap() as f32);
                let stride = reference["stride"][name].as_u64().unwrap() as usize;
                let actual: Vec<f32> = actual.into_iter().step_by(stride).collect();
                close(name, &actual, &expected.collect::<Vec<_>>());
            }
        }
    }

    fn states(items: usize) -> Vec<f32> {
        let mut states = vec![0f32; items * ITEM];
        quell::random::fill_normal(&mut states, Stream { seed: 1, stream: 0, step: 0 }, 0).unwrap();
        states
    }

    #[test]
    fn items_do_not_know_of_each_other_unless_they_share() {
        let (network, states) = (committed(), states(3));
        let batch = Batch { states: &states, timestep: 281.0, offsets: None, share: false };
        let alone = evaluate(&network, &Batch { states: &states[2 * ITEM..], ..batch });
        let together = evaluate(&network, &batch);
        close("v", &together.v[2 * ITEM..], &alone.v);
        for layer in Layer::ALL {
            close("queries", together.queries(layer, 2), alone.queries(layer, 0));
            close("rms", &[together.rms(layer, 2)], &[alone.rms(layer, 0)]);
        }
        let shared = evaluate(&network, &Batch { share: true, ..batch });
        close("v", &shared.v[..ITEM], &together.v[..ITEM]);
        assert!(shared.v[2 * ITEM..].iter().zip(&alone.v).any(|(a, b)| (a - b).abs() > 0.01));
    }

    #[test]
    fn an_offset_changes_its_item_alone() {
        let (network, states) = (committed(), states(2));
        let batch = Batch { states: &states, timestep: 101.0, offsets: None, share: true };
        let before = evaluate(&network, &batch);
        let mut values = vec![0f32; 2 * CELLS];
        values[CELLS + 9] = 5.0;
        for layer in Layer::ALL {
            let after = evaluate(&network, &Batch { offsets: Some(Offsets { layer, values: &values }), ..batch });
            assert_eq!(after.v[..ITEM], before.v[..ITEM]);
            assert!(after.v[ITEM..] != before.v[ITEM..], "{layer:?}");
            assert_eq!(after.rms(layer, 1), before.rms(layer, 1), "before the offset");
        }
        let wrong = Batch { offsets: Some(Offsets { layer: Layer::Mid, values: &values[1..] }), ..batch };
        assert!(network.evaluate(&wrong, RunOptions::default()).is_err());
        assert!(network.evaluate(&Batch { states: &states[1..], ..batch }, RunOptions::default()).is_err());
    }

    #[test]
    fn files_that_are_no_such_network_are_named() {
        let message = |name: &str| format!("{:#}", Network::load(&file(name)).unwrap_err());
        for (name, part) in [
            ("no_such.onnx", "cannot be read"),
            ("scenes.json", "no ONNX file"),
            ("digits.onnx", "no input \"x\", but"),
            ("odd/unknown_operator.onnx", "odd/unknown_operator.onnx"),
        ] {
            let message = message(name);
            assert!(message.contains(name) && message.contains(part), "{message}");
        }
    }
}
