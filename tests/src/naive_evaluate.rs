//! Naive twins of the evaluation: pixel by pixel, set by set, permutation by permutation.

use std::collections::BTreeSet;

/// |T ∩ P|/|T ∪ P| of a class, from the sets of its pixels; `None` where both are empty.
pub fn iou(truth: &[Option<usize>], predicted: &[Option<usize>], class: usize) -> Option<f64> {
    // A pixel without a true class is ignored.
    let pixels = |map: &[Option<usize>]| -> BTreeSet<usize> {
        (0..map.len()).filter(|&pixel| truth[pixel].is_some() && map[pixel] == Some(class)).collect()
    };
    let (truth, predicted) = (pixels(truth), pixels(predicted));
    let either = truth.union(&predicted).count();
    (either > 0).then(|| truth.intersection(&predicted).count() as f64 / either as f64)
}

/// The least sum of costs over all ways to give min(rows, columns) rows and columns each other.
pub fn least_assignment(costs: &[f64], rows: usize, columns: usize) -> f64 {
    fn search(
        costs: &[f64],
        rows: usize,
        columns: usize,
        row: usize,
        skips: usize,
        taken: &mut [bool],
        sum: f64,
    ) -> f64 {
        if row == rows {
            return sum;
        }
        let mut least = f64::INFINITY;
        if skips > 0 {
            least = search(costs, rows, columns, row + 1, skips - 1, taken, sum);
        }
        for column in 0..columns {
            if !taken[column] {
                taken[column] = true;
                let with = sum + costs[row * columns + column];
                least = least.min(search(costs, rows, columns, row + 1, skips, taken, with));
                taken[column] = false;
            }
        }
        least
    }
    search(costs, rows, columns, 0, rows.saturating_sub(columns), &mut vec![false; columns], 0.0)
}

/// The boundary pixels of a map: those that differ from their left or upper neighbour, both of them not ignored.
pub fn boundary(map: &[usize], truth: &[Option<usize>], width: usize) -> Vec<(usize, usize)> {
    let on = |pixel: usize| {
        let differs = |other: usize| map[pixel] != map[other] && truth[pixel].is_some() && truth[other].is_some();
        !pixel.is_multiple_of(width) && differs(pixel - 1) || pixel >= width && differs(pixel - width)
    };
    (0..map.len()).filter(|&pixel| on(pixel)).map(|pixel| (pixel % width, pixel / width)).collect()
}

/// How many of the points have one of the others within a distance.
pub fn found(points: &[(usize, usize)], others: &[(usize, usize)], distance: f64) -> u64 {
    let near = |a: &(usize, usize), b: &(usize, usize)| {
        let (x, y) = (a.0.abs_diff(b.0) as f64, a.1.abs_diff(b.1) as f64);
        x * x + y * y <= distance * distance
    };
    points.iter().filter(|point| others.iter().any(|other| near(point, other))).count() as u64
}

/// The mean of the features of all pixels of a class, pixel by pixel; `None` without a pixel.
pub fn concept(truth: &[Option<usize>], features: &[Vec<f64>], class: usize) -> Option<Vec<f64>> {
    let pixels: Vec<_> = (0..truth.len()).filter(|&pixel| truth[pixel] == Some(class)).collect();
    let dimension = features.first().map_or(0, Vec::len);
    let mean = |d: usize| pixels.iter().map(|&pixel| features[pixel][d]).sum::<f64>() / pixels.len() as f64;
    (!pixels.is_empty()).then(|| (0..dimension).map(mean).collect())
}

/// The features of a cell map at a pixel: of the cell that the pixel's centre lies in, or by bilinear interpolation
/// with half-pixel centres and the edge continued.
pub fn sample(features: &[Vec<f64>], (rows, columns): (usize, usize), at: (f64, f64), bilinear: bool) -> Vec<f64> {
    // `at` is the centre in units of cells, from the edge of the first cell: (down, across).
    let cell = |row: f64, column: f64| {
        let index = |position: f64, cells: usize| position.clamp(0.0, (cells - 1) as f64) as usize;
        &features[index(row, rows) * columns + index(column, columns)]
    };
    if !bilinear {
        return cell(at.0.floor(), at.1.floor()).clone();
    }
    let (y, x) = (at.0 - 0.5, at.1 - 0.5);
    let (top, left) = (y.floor(), x.floor());
    let (down, across) = (y - top, x - left);
    let corners = [
        (cell(top, left), (1.0 - down) * (1.0 - across)),
        (cell(top, left + 1.0), (1.0 - down) * across),
        (cell(top + 1.0, left), down * (1.0 - across)),
        (cell(top + 1.0, left + 1.0), down * across),
    ];
    (0..features[0].len()).map(|d| corners.iter().map(|(feature, weight)| weight * feature[d]).sum()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn known_answers() {
        let truth = [Some(0), Some(0), Some(1), None];
        assert_eq!(iou(&truth, &[Some(0), Some(1), Some(1), Some(1)], 1), Some(0.5));
        assert_eq!(iou(&truth, &[Some(0), Some(1), Some(1), Some(2)], 2), None);
        assert_eq!(least_assignment(&[4.0, 1.0, 3.0, 2.0, 0.0, 5.0], 2, 3), 3.0);
        assert_eq!(least_assignment(&[4.0, 1.0, 3.0, 2.0, 0.0, 5.0], 3, 2), 1.0);
        assert_eq!(boundary(&[0, 1, 0, 1], &[Some(0); 4], 2), [(1, 0), (1, 1)]);
        assert_eq!(found(&[(0, 0), (5, 0)], &[(1, 1)], 1.5), 1);
        assert_eq!(sample(&[vec![0.0], vec![4.0]], (1, 2), (0.5, 0.75), true), [1.0]);
        assert_eq!(sample(&[vec![0.0], vec![4.0]], (1, 2), (0.5, 1.0), false), [4.0]);
    }
}
