//! Means over square windows at a cost that does not depend on their size: sums of columns run along the rows, and
//! sums of these along the columns.

use crate::slice::part_mut;

/// Where a window begins on an axis, and where it ends.
#[inline(always)]
pub(super) fn window(centre: usize, radius: usize, length: usize) -> (usize, usize) {
    let start = centre.saturating_sub(radius);
    let end = centre.saturating_add(radius).saturating_add(1).min(length);
    (start, end)
}

/// The mean over the window of each pixel of a row, from the sums of its columns. The same sums give the same bits,
/// and sums of ones give exactly 1.
pub(super) fn fill_means(means: &mut [f64], sums: &[f64], running: &mut [f64], radius: usize, rows: usize) {
    let width = means.len();
    let mut total = 0.0;
    let (first, rest) = match running.split_first_mut() {
        Some((first, rest)) => (first, rest),
        None => return,
    };
    *first = 0.0;
    for (running, sum) in rest.iter_mut().zip(sums) {
        total += sum;
        *running = total;
    }
    let rows = rows as f64;
    let edge = radius.min(width);
    let mut at = |column: usize| {
        let (start, end) = window(column, radius, width);
        if let (Some(mean), Some(start_sum), Some(end_sum)) =
            (means.get_mut(column), running.get(start), running.get(end))
        {
            *mean = (end_sum - start_sum) / (rows * (end - start) as f64);
        }
    };
    (0..edge).for_each(&mut at);
    (width.saturating_sub(edge).max(edge)..width).for_each(&mut at);
    // Between the edges all windows are whole.
    let whole = radius.saturating_mul(2).saturating_add(1);
    if whole <= width {
        let count = rows * whole as f64;
        let inside = part_mut(means, radius, width.wrapping_sub(whole).wrapping_add(1));
        let ends = running.get(whole..).unwrap_or(&[]);
        for ((mean, end), start) in inside.iter_mut().zip(ends).zip(&*running) {
            *mean = (end - start) / count;
        }
    }
}

/// Adds a product to the sums of columns, or takes it away; `None` stands for 1.
#[inline(always)]
pub(super) fn accumulate(sums: &mut [f64], values: &[f64], other: Option<&[f64]>, enters: bool) {
    let sign = if enters { 1.0 } else { -1.0 };
    match other {
        Some(other) => {
            for ((sum, x), y) in sums.iter_mut().zip(values).zip(other) {
                *sum += sign * (x * y);
            }
        }
        None => sums.iter_mut().zip(values).for_each(|(sum, x)| *sum += sign * x),
    }
}

/// The rows that leave and enter the window when its middle comes to `row`. A row leaves first, because the one that
/// enters takes its place in the ring.
pub(super) fn moves(row: usize, radius: usize, height: usize) -> impl Iterator<Item = (usize, bool)> {
    let entering = if row == 0 {
        0..radius.saturating_add(1).min(height)
    } else {
        let next = row.saturating_add(radius);
        next.min(height)..next.saturating_add(1).min(height)
    };
    let leaving = row.checked_sub(radius).and_then(|row| row.checked_sub(1));
    leaving.into_iter().map(|row| (row, false)).chain(entering.map(|row| (row, true)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::vec::Vec;

    #[test]
    fn means_are_those_of_the_window() {
        let sums = [1.0, 2.0, 4.0, 8.0, 16.0];
        for radius in 0..7 {
            let (mut means, mut running) = ([0.0; 5], [f64::NAN; 6]);
            fill_means(&mut means, &sums, &mut running, radius, 2);
            for (column, mean) in means.into_iter().enumerate() {
                let (start, end) = window(column, radius, 5);
                assert_eq!(mean, sums[start..end].iter().sum::<f64>() / (2.0 * (end - start) as f64));
            }
        }
    }

    #[test]
    fn rows_enter_once_and_leave_before_the_next() {
        for (height, radius) in [(1, 0), (5, 0), (5, 1), (5, 3), (5, 9)] {
            let mut inside = Vec::new();
            for row in 0..height {
                for (moved, enters) in moves(row, radius, height) {
                    if enters {
                        inside.push(moved);
                    } else {
                        assert_eq!(inside.remove(0), moved);
                    }
                    assert!(inside.len() <= (2 * radius + 1).min(height));
                }
                let (start, end) = window(row, radius, height);
                assert_eq!(inside, (start..end).collect::<Vec<_>>());
            }
        }
    }
}
