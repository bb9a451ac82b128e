//! The graph of an ONNX file: which input is which, whether shapes and types fit, and how a batch is evaluated.

use super::description::Names;
use anyhow::{Context, Result, anyhow, bail, ensure};
use rten::{
    DataType, Dimension, Model, NodeId, NodeInfo, RunOptions, ThreadPool, Value, ValueOrView, ValueType, ValueView,
};
use rten_tensor::Layout;
use std::collections::HashMap;
use std::path::Path;
use std::sync::Arc;

/// A file that could be read.
#[derive(Debug)]
pub struct File {
    model: Model,
}

/// Reads the file: all of it must be there, and every operator known.
pub fn read(path: &Path) -> Result<File> {
    let bytes = std::fs::read(path).context("cannot be read")?;
    ensure!(!bytes.is_empty(), "is empty");
    let model = Model::load(bytes)
        .map_err(|error| anyhow!("{error}"))
        .context("is no ONNX file that can be run: it is damaged, or has operators that rten does not know")?;
    Ok(File { model })
}

impl File {
    /// The keys of its metadata and their values.
    pub fn metadata(&self) -> HashMap<&str, &str> {
        self.model.metadata().fields().collect()
    }
}

/// The input for the time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Time {
    id: NodeId,
    integer: bool,
    /// The number of dimensions.
    rank: usize,
    /// Whether it takes one value, whatever the size of the batch.
    single: bool,
}

/// A graph with one state and one time in and as large a state out.
pub struct Graph {
    model: Model,
    sample: NodeId,
    time: Time,
    output: NodeId,
    item: Vec<usize>,
    /// The size that a batch must have, where the file says so.
    batch: Option<usize>,
    options: RunOptions,
}

impl std::fmt::Debug for Graph {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Graph { model, sample, time, output, item, batch, .. } = self;
        let mut fields = f.debug_struct("Graph");
        fields.field("model", model).field("sample", sample).field("time", time).field("output", output);
        fields.field("item", item).field("batch", batch).finish_non_exhaustive()
    }
}

impl Graph {
    /// Checks what the file declares against `names` and the shape of an item.
    pub fn new(file: File, names: &Names, item: &[usize], threads: Option<usize>) -> Result<Graph> {
        ensure!(item.iter().product::<usize>() > 0, "items of shape {} have no values", shape_text(item));
        let File { model } = file;
        let (sample, time) = tell_apart(&model, names)?;
        let batch = check_sample(&node(&model, sample)?, item)?;
        let time = check_time(&node(&model, time)?, time, batch)?;
        let &output = model.output_ids().first().context("the graph has no output")?;
        let options = match threads {
            None => RunOptions::default(),
            Some(0) => bail!("a network cannot run on 0 threads"),
            Some(threads) => {
                RunOptions::default().with_thread_pool(Some(Arc::new(ThreadPool::with_num_threads(threads))))
            }
        };
        Ok(Graph { model, sample, time, output, item: item.to_vec(), batch, options })
    }

    /// The values in an item.
    pub fn item_len(&self) -> usize {
        self.item.iter().product()
    }

    /// Whether times are rounded.
    pub fn takes_integer_times(&self) -> bool {
        self.time.integer
    }

    /// The output for the whole items in `input`, all at one time.
    ///
    /// A file that fixes the batch gets the last item again where there are too few.
    pub fn run(&self, input: &[f32], timestep: f64) -> Result<Vec<f32>> {
        let item = self.item_len();
        let Some(batch) = self.batch else { return self.run_batch(input, timestep) };
        let mut output = Vec::with_capacity(input.len());
        for chunk in input.chunks(batch * item) {
            let mut padded = chunk.to_vec();
            while padded.len() < batch * item {
                padded.extend_from_slice(&chunk[chunk.len() - item..]);
            }
            output.extend_from_slice(&self.run_batch(&padded, timestep)?[..chunk.len()]);
        }
        Ok(output)
    }

    fn run_batch(&self, input: &[f32], timestep: f64) -> Result<Vec<f32>> {
        let batch = input.len() / self.item_len();
        if batch == 0 {
            return Ok(Vec::new());
        }
        let shape: Vec<usize> = [batch].into_iter().chain(self.item.iter().copied()).collect();
        let inputs = vec![
            (self.sample, ValueOrView::View(ValueView::from_shape(&shape, input)?)),
            (self.time.id, ValueOrView::Value(self.time.value(timestep, batch)?)),
        ];
        let [output] =
            self.model.run_n(inputs, [self.output], Some(self.options.clone())).map_err(|error| anyhow!("{error}"))?;
        let Value::FloatTensor(output) = output else {
            bail!("the first output is of type {}, not float32: export another", output.dtype());
        };
        ensure!(
            output.shape() == &shape[..],
            "the first output has the shape {} for a state of {}: it has to be as large as the state",
            shape_text(output.shape()),
            shape_text(&shape)
        );
        Ok(output.into_data())
    }
}

impl Time {
    fn value(self, timestep: f64, batch: usize) -> Result<Value> {
        let count = if self.single { 1 } else { batch };
        let mut shape = vec![1; self.rank];
        if let Some(first) = shape.first_mut() {
            *first = count;
        }
        Ok(if self.integer {
            Value::from_shape(shape, vec![timestep.round() as i32; count])?
        } else {
            Value::from_shape(shape, vec![timestep as f32; count])?
        })
    }
}

fn node(model: &Model, id: NodeId) -> Result<NodeInfo<'_>> {
    model.node_info(id).context("an input of the graph is missing")
}

/// The inputs for state and time: by the names that are stated, by the usual names, by their numbers of dimensions.
fn tell_apart(model: &Model, names: &Names) -> Result<(NodeId, NodeId)> {
    let inputs: Vec<(NodeId, NodeInfo)> =
        model.input_ids().iter().map(|&id| Ok((id, node(model, id)?))).collect::<Result<_>>()?;
    let list = || inputs.iter().map(|(_, info)| info.name().unwrap_or("?")).collect::<Vec<_>>().join(", ");
    let [first, second] = &inputs[..] else {
        bail!(
            "the graph has {} inputs ({}), not one for the state and one for the timestep: export it with all others made \
             constant",
            inputs.len(),
            list()
        );
    };
    let position = |name: &str| inputs.iter().position(|(_, info)| info.name() == Some(name));
    let stated = |name: &Option<String>, option: &str| match name {
        None => Ok(None),
        Some(name) => match position(name) {
            None => Err(anyhow!("there is no input {name:?}, but {}: give --{option}", list())),
            found => Ok(found),
        },
    };
    let (sample, time) = (stated(&names.sample, "input-name")?, stated(&names.timestep, "timestep-name")?);
    let rank = |info: &NodeInfo| info.shape().map(|shape| shape.len());
    let time_is_second = match (sample.or_else(|| position("sample")), time.or_else(|| position("timestep"))) {
        (Some(sample), Some(time)) if sample == time => bail!("one input cannot take both the state and the timestep"),
        (Some(sample), _) => sample == 0,
        (None, Some(time)) => time == 1,
        (None, None) => match (rank(&first.1), rank(&second.1)) {
            (Some(a), Some(b)) if a != b => a > b,
            _ => bail!("which of the inputs {} takes the state? Give --input-name and --timestep-name", list()),
        },
    };
    Ok(if time_is_second { (first.0, second.0) } else { (second.0, first.0) })
}

/// The size of the batch, where it is fixed.
fn check_sample(info: &NodeInfo, item: &[usize]) -> Result<Option<usize>> {
    let name = info.name().unwrap_or("?");
    if let Some(kind) = info.dtype() {
        ensure!(
            kind == ValueType::Tensor(DataType::Float),
            "the input {name:?} takes {kind}, not float32: export the network in single precision, or give --input-name"
        );
    }
    // Without a shape the trial evaluation decides.
    let Some(shape) = info.shape() else { return Ok(None) };
    let fits = |(declared, &size): (&Dimension, &usize)| match declared {
        Dimension::Fixed(declared) => *declared == size,
        Dimension::Symbolic(_) => true,
    };
    ensure!(
        shape.len() == item.len() + 1 && shape[1..].iter().zip(item).all(fits),
        "the input {name:?} takes the shape {shape:?}, but the data's items are {}: reshape the data to [N, ...] as the \
         network has it",
        shape_text(item)
    );
    match shape[0] {
        Dimension::Fixed(0) => bail!("the input {name:?} takes batches of no items"),
        Dimension::Fixed(batch) => Ok(Some(batch)),
        Dimension::Symbolic(_) => Ok(None),
    }
}

fn check_time(info: &NodeInfo, id: NodeId, batch: Option<usize>) -> Result<Time> {
    let name = info.name().unwrap_or("?");
    let integer = match info.dtype() {
        None | Some(ValueType::Tensor(DataType::Float)) => false,
        Some(ValueType::Tensor(DataType::Int32)) => true,
        Some(kind) => bail!("the timestep input {name:?} takes {kind}, not float32 or int64"),
    };
    // A list of times is what most networks take.
    let shape = info.shape().unwrap_or_else(|| vec![Dimension::Symbolic("batch".into())]);
    ensure!(
        shape.iter().skip(1).all(|size| *size == Dimension::Fixed(1)),
        "the timestep input {name:?} takes the shape {shape:?}, not one time for each item: give --timestep-name"
    );
    let single = match shape.first() {
        None | Some(Dimension::Fixed(1)) => true,
        Some(Dimension::Fixed(size)) => {
            ensure!(
                Some(*size) == batch,
                "the timestep input {name:?} takes {size} times, which is not the size of a batch"
            );
            false
        }
        Some(Dimension::Symbolic(_)) => false,
    };
    Ok(Time { id, integer, rank: shape.len(), single })
}

fn shape_text(shape: &[usize]) -> String {
    let sizes: Vec<String> = shape.iter().map(usize::to_string).collect();
    format!("[{}]", sizes.join(", "))
}
