//! Whether a network can be what it is said to be: no denoiser that is worth its evaluations is farther from the clean items
//! than their mean is, or than the noisy items are.

use crate::tables::Tables;
use anyhow::Result;

/// How many times as large as it should be at most an error may be before it is mentioned.
const FACTOR: f64 = 2.0;

/// A warning about the level where the mean squared error is most out of proportion, if it is.
pub fn about(tables: &Tables, items: &[f32], item_len: usize) -> Result<Option<String>> {
    let mut mmse = vec![0.0; tables.grid.len()];
    Tables::view(&tables.grid, &mut tables.paths.clone())?.fill_mmse(&mut mmse)?;
    let spread = spread(items, item_len);
    let ratio = |(&sigma, mmse): (&f64, f64)| (sigma, mmse / spread.min(item_len as f64 * sigma * sigma));
    let worst = tables.grid.iter().zip(mmse).map(ratio).max_by(|a, b| a.1.total_cmp(&b.1));
    Ok(worst.filter(|&(_, ratio)| ratio > FACTOR).map(|(sigma, ratio)| {
        format!(
            "at sigma {sigma:.3} the network's squared error is {ratio:.1} times that of the data's mean or of the noisy \
             item: its process or prediction may be described wrongly, or it is poor there, and --sigma-min and \
             --sigma-max can leave such levels out"
        )
    }))
}

/// The mean squared distance of an item from the mean of all.
fn spread(items: &[f32], item_len: usize) -> f64 {
    let count = (items.len() / item_len) as f64;
    (0..item_len)
        .map(|element| {
            let values = || items.iter().skip(element).step_by(item_len).map(|&value| f64::from(value));
            let mean = values().sum::<f64>() / count;
            values().map(|value| (value - mean) * (value - mean)).sum::<f64>() / count
        })
        .sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_spread_is_the_variance_of_all_elements() {
        assert_eq!(spread(&[1.0, 5.0, 3.0, 5.0], 2), 1.0);
    }

    #[test]
    fn only_what_is_out_of_proportion_is_doubted() {
        const ELEMENTS: usize = 16;
        let mut tables = crate::tables::tests::gaussian(0.5, 33);
        let items: Vec<f32> = (0..2 * ELEMENTS).map(|k| if k < ELEMENTS { 0.5 } else { -0.5 }).collect();
        assert_eq!(spread(&items, ELEMENTS), 4.0);
        assert_eq!(about(&tables, &items, ELEMENTS).unwrap(), None);
        tables.paths[0].mean *= 100.0;
        let text = about(&tables, &items, ELEMENTS).unwrap().expect("a doubt");
        assert!(text.contains("--sigma-max") && text.contains(&format!("sigma {:.3} ", tables.grid[0])), "{text}");
    }
}
