//! The user's data: a NumPy file of items, [N, ...].

use anyhow::{Context, Result, bail, ensure};
use npyz::{DType, Deserialize, NpyFile, Order};
use std::io::{BufRead, BufReader, Read};
use std::ops::RangeInclusive;
use std::path::Path;

/// Values may exceed the stated range by this share of its width: single precision rounds.
const RANGE_TOLERANCE: f64 = 1e-6;

/// Items of one shape.
#[derive(Clone, Debug, PartialEq)]
pub struct Items {
    /// Item after item, each in row-major order.
    pub values: Vec<f32>,
    /// The shape of an item: that of the file less its first dimension.
    pub shape: Vec<usize>,
}

/// Reads a file of f32, f64 or u8 in row-major order, of either byte order, with at least two dimensions.
///
/// Numbers of floating point must lie in `range`; bytes are mapped to it, 0 to its lower end and 255 to its upper one.
///
/// # Errors
///
/// Whatever is not so, with what to do about it; a file with fewer or more bytes than its header says; NaN.
pub fn load(path: &Path, range: RangeInclusive<f64>) -> Result<Items> {
    read(path, range).with_context(|| path.display().to_string())
}

fn read(path: &Path, range: RangeInclusive<f64>) -> Result<Items> {
    let width = range.end() - range.start();
    ensure!(width > 0.0 && width.is_finite(), "{range:?} is no range of data");
    let file = std::fs::File::open(path).context("cannot be opened")?;
    let bytes = file.metadata().context("cannot be read")?.len();
    let mut reader = BufReader::new(file);
    let array = NpyFile::new(&mut reader).context("is no .npy file: write it with numpy.save")?;
    let dtype = match array.dtype() {
        DType::Plain(plain) => plain.to_string(),
        other => other.descr(),
    };
    let shape: Vec<usize> = array.shape().iter().map(|&size| usize::try_from(size)).collect::<Result<_, _>>()?;
    ensure!(
        shape.len() >= 2 && !shape.contains(&0),
        "has the shape {shape:?}: there have to be two dimensions or more, the first counts the items, none is 0"
    );
    ensure!(array.order() == Order::C, "is in column-major order: save numpy.ascontiguousarray of it");
    // Before room is made for what a damaged header promises.
    let count = shape.iter().try_fold(1usize, |product, &size| product.checked_mul(size));
    ensure!(
        count.is_some_and(|count| count as u64 <= bytes),
        "is cut off: {bytes} bytes cannot hold values of the shape {shape:?}"
    );
    let values = match &dtype[..] {
        "<f4" | ">f4" => in_range(elements::<f32>(array)?, &range)?,
        "<f8" | ">f8" => in_range(elements::<f64>(array)?, &range)?,
        "|u1" => {
            let value = |byte| (range.start() + width * f64::from(byte) / f64::from(u8::MAX)) as f32;
            elements::<u8>(array)?.into_iter().map(value).collect()
        }
        _ => bail!("is of type {dtype}, not float32, float64 or uint8: save it with astype(numpy.float32)"),
    };
    ensure!(reader.fill_buf()?.is_empty(), "goes on after the last value: its header is damaged");
    Ok(Items { values, shape: shape[1..].to_vec() })
}

fn elements<T: Deserialize>(array: NpyFile<impl Read>) -> Result<Vec<T>> {
    array.into_vec().context("is cut off, or cannot be read")
}

fn in_range<T: Copy + Into<f64>>(values: Vec<T>, range: &RangeInclusive<f64>) -> Result<Vec<f32>> {
    let slack = RANGE_TOLERANCE * (range.end() - range.start());
    let tolerated = range.start() - slack..=range.end() + slack;
    if let Some(index) = values.iter().position(|&value| !tolerated.contains(&value.into())) {
        let value: f64 = values[index].into();
        ensure!(value.is_finite(), "holds {value} at element {index}: remove such items");
        bail!(
            "holds {value} at element {index}, outside {} to {}: scale the data as the network has them, or state their range",
            range.start(),
            range.end()
        );
    }
    Ok(values.into_iter().map(|value| value.into() as f32).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use npyz::WriterBuilder;
    use quell_examples::output::scratch;
    use std::path::PathBuf;

    /// A folder of one test, gone when it ends.
    struct Folder(PathBuf);

    impl Folder {
        fn new(name: &str) -> Folder {
            let path = scratch(&format!("npy-{name}"));
            std::fs::create_dir_all(&path).unwrap();
            Folder(path)
        }

        fn path(&self, name: &str) -> PathBuf {
            self.0.join(name)
        }

        fn write<T: npyz::AutoSerialize + Copy>(&self, order: Order, shape: &[u64], values: &[T]) -> PathBuf {
            let path = self.path("data.npy");
            let file = std::fs::File::create(&path).unwrap();
            let mut writer =
                npyz::WriteOptions::new().default_dtype().order(order).shape(shape).writer(file).begin_nd().unwrap();
            writer.extend(values.iter().copied()).unwrap();
            writer.finish().unwrap();
            path
        }
    }

    impl Drop for Folder {
        fn drop(&mut self) {
            let _ = std::fs::remove_dir_all(&self.0);
        }
    }

    fn message(path: &Path) -> String {
        let error = load(path, -1.0..=1.0).unwrap_err();
        let text = format!("{error:#}");
        assert!(text.starts_with(&path.display().to_string()), "{text}");
        text
    }

    #[test]
    fn all_three_types_are_read() {
        let folder = Folder::new("types");
        let path = folder.write(Order::C, &[3, 2, 1], &[-1f32, 1.0, 0.5, 0.25, -0.125, 0.0]);
        let items = load(&path, -1.0..=1.0).unwrap();
        assert_eq!(items, Items { values: vec![-1.0, 1.0, 0.5, 0.25, -0.125, 0.0], shape: vec![2, 1] });
        let path = folder.write(Order::C, &[1, 2], &[0.1f64, 1.0 + 1e-7]);
        assert_eq!(load(&path, 0.0..=1.0).unwrap().values, [0.1, 1.0 + 1e-7]);
        let path = folder.write(Order::C, &[1, 3], &[0u8, 51, 255]);
        assert_eq!(load(&path, -1.0..=1.0).unwrap().values, [-1.0, -0.6, 1.0]);
        assert_eq!(load(&path, 0.0..=255.0).unwrap().values, [0.0, 51.0, 255.0]);
    }

    #[test]
    fn values_that_are_not_data_are_refused() {
        let folder = Folder::new("values");
        for (value, named) in [(f32::NAN, "NaN at element 2"), (f32::INFINITY, "inf at"), (1.01, "outside -1 to 1")] {
            let text = message(&folder.write(Order::C, &[2, 2], &[0.0, 1.0, value, 0.0]));
            assert!(text.contains(named), "{text}");
        }
        let path = folder.write(Order::C, &[1, 1], &[0f32]);
        for range in [1.0..=-1.0, 0.0..=0.0, f64::NAN..=1.0, f64::NEG_INFINITY..=1.0] {
            assert!(load(&path, range).is_err());
        }
    }

    #[test]
    fn other_shapes_orders_and_types_are_refused() {
        let folder = Folder::new("shapes");
        let text = message(&folder.write(Order::C, &[4], &[0f32; 4]));
        assert!(text.contains("two dimensions"), "{text}");
        let text = message(&folder.write::<f32>(Order::C, &[0, 4], &[]));
        assert!(text.contains("none is 0"), "{text}");
        let text = message(&folder.write(Order::Fortran, &[2, 2], &[0f32; 4]));
        assert!(text.contains("column-major"), "{text}");
        let text = message(&folder.write(Order::C, &[2, 2], &[0i32; 4]));
        assert!(text.contains("<i4") && text.contains("astype"), "{text}");
    }

    #[test]
    fn files_of_another_length_are_refused() {
        let folder = Folder::new("length");
        let whole = std::fs::read(folder.write(Order::C, &[8, 8], &[0.5f32; 64])).unwrap();
        let damaged = folder.path("damaged.npy");
        for length in [0, 5, 40, whole.len() - 4 * 60, whole.len() - 1] {
            std::fs::write(&damaged, &whole[..length]).unwrap();
            let text = message(&damaged);
            assert!(text.contains("cut off") || text.contains("no .npy file"), "{length}: {text}");
        }
        std::fs::write(&damaged, [&whole[..], &[0]].concat()).unwrap();
        assert!(message(&damaged).contains("goes on"));
        assert!(message(&folder.path("missing.npy")).contains("cannot be opened"));
    }
}
