//! Reads the files under `vectors/`.

use serde::de::DeserializeOwned;
use serde_json::Value;
use std::fs::File;
use std::io::BufReader;
use std::path::PathBuf;
use std::sync::OnceLock;

/// The number of elements of the peers' samples: 4 items of 3 channels of 8 by 8.
pub const ELEMENTS: usize = 768;

fn open(name: &str) -> BufReader<File> {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("vectors").join(name);
    BufReader::new(File::open(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display())))
}

/// Whether there is such a file.
pub fn exists(name: &str) -> bool {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("vectors").join(name).exists()
}

/// The names of the files in a folder that end like this.
pub fn file_names(folder: &str, ending: &str) -> Vec<String> {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("vectors").join(folder);
    let entries = std::fs::read_dir(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    let names = entries.map(|entry| entry.expect("an entry").file_name().to_string_lossy().into_owned());
    names.filter(|name| name.ends_with(ending)).collect()
}

/// A JSON file as a type of the caller's.
pub fn json<T: DeserializeOwned>(name: &str) -> T {
    serde_json::from_reader(open(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
}

/// A NumPy array of f32 or f64, flattened in row-major order and widened.
pub fn npy(name: &str) -> Vec<f64> {
    let file = npyz::NpyFile::new(open(name)).unwrap_or_else(|error| panic!("{name}: {error}"));
    assert_eq!(file.order(), npyz::Order::C, "{name}");
    let double = matches!(file.dtype(), npyz::DType::Plain(kind) if kind.num_bytes() == Some(8));
    if double {
        file.into_vec::<f64>().unwrap_or_else(|error| panic!("{name}: {error}"))
    } else {
        let single = file.into_vec::<f32>().unwrap_or_else(|error| panic!("{name}: {error}"));
        single.into_iter().map(f64::from).collect()
    }
}

/// A JSON number.
pub fn number(value: &Value) -> f64 {
    value.as_f64().unwrap_or_else(|| panic!("not a number: {value}"))
}

/// The numbers of a JSON array.
pub fn numbers(value: &Value) -> Vec<f64> {
    array(value).iter().map(number).collect()
}

/// The numbers of an array of rows, one row behind the other.
pub fn matrix(value: &Value) -> Vec<f64> {
    array(value).iter().flat_map(numbers).collect()
}

/// How many rows such an array has, and how many numbers each of them.
pub fn shape(value: &Value) -> (usize, usize) {
    let lengths: Vec<usize> = array(value).iter().map(|row| array(row).len()).collect();
    let width = *lengths.first().unwrap_or_else(|| panic!("no rows: {value}"));
    assert!(lengths.iter().all(|&length| length == width), "rows of different lengths: {value}");
    (lengths.len(), width)
}

/// All numbers of nested arrays, the last index fastest.
pub fn flat(value: &Value) -> Vec<f64> {
    leaves(value).into_iter().map(number).collect()
}

/// All whole numbers of nested arrays, the last index fastest, in a type that must hold them: labels, indices, counts.
pub fn whole<N: TryFrom<u64>>(value: &Value) -> Vec<N> {
    let integer = |leaf: &Value| leaf.as_u64().and_then(|integer| N::try_from(integer).ok());
    leaves(value).into_iter().map(|leaf| integer(leaf).unwrap_or_else(|| panic!("does not fit: {leaf}"))).collect()
}

fn array(value: &Value) -> &Vec<Value> {
    value.as_array().unwrap_or_else(|| panic!("not an array: {value}"))
}

fn leaves(value: &Value) -> Vec<&Value> {
    value.as_array().map_or_else(|| vec![value], |array| array.iter().flat_map(leaves).collect())
}

/// The peers' initial state: a fixed standard normal draw.
pub fn x_init() -> Vec<f64> {
    npy("peers/x_init.npy")
}

/// The peers' pool of standard normal draws, cut into rows as long as a sample.
pub fn noise_row(row: usize) -> &'static [f64] {
    static POOL: OnceLock<Vec<f64>> = OnceLock::new();
    &POOL.get_or_init(|| npy("peers/noise_pool.npy"))[row * ELEMENTS..(row + 1) * ELEMENTS]
}

/// Where element `k` of a flattened sample stands in diffusers' `dummy_sample_deter`, which counts items fastest.
fn deterministic_index(k: usize) -> usize {
    let (item, within) = (k / (ELEMENTS / 4), k % (ELEMENTS / 4));
    within * 4 + item
}

/// diffusers' `dummy_sample_deter`, in double precision.
pub fn sample_deter() -> Vec<f64> {
    (0..ELEMENTS).map(|k| deterministic_index(k) as f64 / ELEMENTS as f64).collect()
}

/// diffusers' `dummy_noise_deter`, in double precision.
pub fn noise_deter() -> Vec<f64> {
    (0..ELEMENTS).map(|k| (ELEMENTS - 1 - deterministic_index(k)) as f64 / ELEMENTS as f64).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn formulas_agree_with_the_files() {
        for (exact, file) in
            [(sample_deter(), npy("peers/sample_deter.npy")), (noise_deter(), npy("peers/noise_deter.npy"))]
        {
            assert_eq!(exact.len(), file.len());
            assert!(exact.iter().zip(&file).all(|(a, b)| (a - b).abs() <= 6e-8));
        }
        assert_eq!(x_init().len(), ELEMENTS);
        assert_eq!(noise_row(0).len(), ELEMENTS);
    }

    #[test]
    fn nested_arrays_are_read_in_order_and_nothing_is_cut_to_fit() {
        let rows = json!([[1, 2.5, 3], [4, 5, 6]]);
        assert_eq!((matrix(&rows), shape(&rows)), (vec![1.0, 2.5, 3.0, 4.0, 5.0, 6.0], (2, 3)));
        assert_eq!(flat(&json!([[[1, 2]], [[3]], 4])), [1.0, 2.0, 3.0, 4.0]);
        assert_eq!(whole::<u8>(&json!([[0, 1], [255, 2]])), [0, 1, 255, 2]);
        for wrong in [json!([256]), json!([-1]), json!([0.5]), json!([null])] {
            assert!(std::panic::catch_unwind(|| whole::<u8>(&wrong)).is_err(), "{wrong}");
        }
        assert!(std::panic::catch_unwind(|| shape(&json!([[1], [2, 3]]))).is_err());
    }
}
