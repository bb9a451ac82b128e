//! The upsamplers as their documentation states them, one pixel and one cell at a time, in double precision.

use quell::correspondence::upsample::Grid;

/// A map of `height` rows and `width` columns, row by row.
pub type Map = Vec<f64>;

/// A guide in double precision: one map for each channel.
pub type Colours = Vec<Map>;

/// Where pixel x stands among the centres of the cells.
fn centre(pixel: usize, cells: usize, pixels: usize) -> f64 {
    (pixel as f64 + 0.5) * cells as f64 / pixels as f64 - 0.5
}

/// The cell that the centre of a pixel lies in.
fn own_cell(pixel: usize, cells: usize, pixels: usize) -> usize {
    (((2 * pixel + 1) * cells) / (2 * pixels)).min(cells - 1)
}

fn pixels(grid: &Grid) -> impl Iterator<Item = (usize, usize)> {
    let (height, width) = (grid.height, grid.width);
    (0..height).flat_map(move |y| (0..width).map(move |x| (y, x)))
}

/// Each pixel has the value of the cell that it lies in.
pub fn nearest(grid: &Grid, coarse: &[f64]) -> Map {
    let cell = |(y, x)| own_cell(y, grid.rows, grid.height) * grid.columns + own_cell(x, grid.columns, grid.width);
    pixels(grid).map(|pixel| coarse[cell(pixel)]).collect()
}

/// Tent-shaped weights around each cell: 1 − |distance|, those beyond the edge added to the edge's.
fn tent(position: f64, cells: usize) -> Vec<f64> {
    let position = position.clamp(0.0, (cells - 1) as f64);
    (0..cells).map(|cell| (1.0 - (position - cell as f64).abs()).max(0.0)).collect()
}

fn separable(
    grid: &Grid,
    coarse: &[f64],
    y_weights: impl Fn(usize) -> Vec<f64>,
    x_weights: impl Fn(usize) -> Vec<f64>,
) -> Map {
    let value = |(y, x)| {
        let (down, across) = (y_weights(y), x_weights(x));
        let mut sum = 0.0;
        for row in 0..grid.rows {
            for column in 0..grid.columns {
                sum += down[row] * across[column] * coarse[row * grid.columns + column];
            }
        }
        sum
    };
    pixels(grid).map(value).collect()
}

/// Linear between the centres of cells.
pub fn bilinear(grid: &Grid, coarse: &[f64]) -> Map {
    let down = |y| tent(centre(y, grid.rows, grid.height), grid.rows);
    separable(grid, coarse, down, |x| tent(centre(x, grid.columns, grid.width), grid.columns))
}

/// Linear, with the outermost pixels at the centres of the outermost cells.
pub fn bilinear_corners(grid: &Grid, coarse: &[f64]) -> Map {
    let at = |pixel: usize, cells: usize, pixels: usize| {
        let last = (pixels - 1).max(1) as f64;
        tent(pixel as f64 * (cells - 1) as f64 / last, cells)
    };
    separable(grid, coarse, |y| at(y, grid.rows, grid.height), |x| at(x, grid.columns, grid.width))
}

/// The mean of a map over each cell, pixels by the share of them that lies in it.
pub fn cell_means(grid: &Grid, map: &[f64]) -> Map {
    let share = |cell: usize, cells: usize, pixel: usize, pixels: usize| {
        let scale = pixels as f64 / cells as f64;
        let (start, end) = (cell as f64 * scale, (cell + 1) as f64 * scale);
        (end.min((pixel + 1) as f64) - start.max(pixel as f64)).max(0.0)
    };
    let mut means = Vec::new();
    for row in 0..grid.rows {
        for column in 0..grid.columns {
            let (mut sum, mut area) = (0.0, 0.0);
            for (y, x) in pixels(grid) {
                let part = share(row, grid.rows, y, grid.height) * share(column, grid.columns, x, grid.width);
                if part > 1e-12 {
                    (sum, area) = (sum + part * map[y * grid.width + x], area + part);
                }
            }
            means.push(sum / area);
        }
    }
    means
}

/// Joint bilateral upsampling, with weights as the formula has them: they may all underflow.
pub fn joint_bilateral(
    grid: &Grid,
    (sigma_space, sigma_range, radius): (f64, f64, usize),
    guide: &Colours,
    coarse_guide: &Colours,
    coarse: &[f64],
) -> Map {
    let value = |(y, x)| {
        let (mut sum, mut total) = (0.0, 0.0);
        for row in 0..grid.rows {
            for column in 0..grid.columns {
                let down = row.abs_diff(own_cell(y, grid.rows, grid.height));
                let across = column.abs_diff(own_cell(x, grid.columns, grid.width));
                if down > radius || across > radius {
                    continue;
                }
                let (dy, dx) = (
                    centre(y, grid.rows, grid.height) - row as f64,
                    centre(x, grid.columns, grid.width) - column as f64,
                );
                let cell = row * grid.columns + column;
                let colour: f64 = guide
                    .iter()
                    .zip(coarse_guide)
                    .map(|(fine, means)| (fine[y * grid.width + x] - means[cell]).powi(2))
                    .sum();
                let exponent = (dy * dy + dx * dx) / (2.0 * sigma_space * sigma_space)
                    + colour / (2.0 * sigma_range * sigma_range);
                let weight = (-exponent).exp();
                (sum, total) = (sum + weight * coarse[cell], total + weight);
            }
        }
        sum / total
    };
    pixels(grid).map(value).collect()
}

/// The pixels of the window around one, as far as it lies in the image.
fn window(grid: &Grid, (y, x): (usize, usize), radius: usize) -> Vec<usize> {
    let near = |a: usize, b: usize| a.abs_diff(b) <= radius;
    pixels(grid).filter(|&(v, u)| near(v, y) && near(u, x)).map(|(v, u)| v * grid.width + u).collect()
}

fn mean(indices: &[usize], value: impl Fn(usize) -> f64) -> f64 {
    indices.iter().map(|&index| value(index)).sum::<f64>() / indices.len() as f64
}

/// Solves a small symmetric system by elimination.
fn solve(mut matrix: Vec<Vec<f64>>, mut right: Vec<f64>) -> Vec<f64> {
    let n = right.len();
    for pivot in 0..n {
        let best = (pivot..n).max_by(|&a, &b| matrix[a][pivot].abs().total_cmp(&matrix[b][pivot].abs())).expect("rows");
        matrix.swap(pivot, best);
        right.swap(pivot, best);
        for row in pivot + 1..n {
            let factor = matrix[row][pivot] / matrix[pivot][pivot];
            let above = matrix[pivot].clone();
            matrix[row].iter_mut().zip(above).for_each(|(entry, above)| *entry -= factor * above);
            right[row] -= factor * right[pivot];
        }
    }
    for row in (0..n).rev() {
        let known: f64 = (row + 1..n).map(|column| matrix[row][column] * right[column]).sum();
        right[row] = (right[row] - known) / matrix[row][row];
    }
    right
}

/// The guided filter of a mask that is as fine as the image.
pub fn guided(grid: &Grid, radius: usize, epsilon: f64, guide: &Colours, mask: &[f64]) -> Map {
    let channels = guide.len();
    // The slopes and the offset of each window.
    let lines: Vec<(Vec<f64>, f64)> = pixels(grid)
        .map(|pixel| {
            let inside = window(grid, pixel, radius);
            let mask_mean = mean(&inside, |i| mask[i]);
            let means: Vec<f64> = guide.iter().map(|map| mean(&inside, |i| map[i])).collect();
            let covariance = |a: usize, b: usize| {
                let product = |i: usize| (guide[a][i] - means[a]) * (guide[b][i] - means[b]);
                mean(&inside, product) + if a == b { epsilon } else { 0.0 }
            };
            let matrix = (0..channels).map(|a| (0..channels).map(|b| covariance(a, b)).collect()).collect();
            let right: Vec<f64> =
                (0..channels).map(|a| mean(&inside, |i| (guide[a][i] - means[a]) * (mask[i] - mask_mean))).collect();
            let slopes = solve(matrix, right);
            let offset = mask_mean - slopes.iter().zip(&means).map(|(slope, mean)| slope * mean).sum::<f64>();
            (slopes, offset)
        })
        .collect();
    pixels(grid)
        .map(|(y, x)| {
            let inside = window(grid, (y, x), radius);
            let at = y * grid.width + x;
            let slopes = (0..channels).map(|c| mean(&inside, |i| lines[i].0[c]) * guide[c][at]).sum::<f64>();
            slopes + mean(&inside, |i| lines[i].1)
        })
        .collect()
}

/// The neighbours of a pixel at all dilations; beyond the edge, the edge.
fn neighbours(grid: &Grid, (y, x): (usize, usize), dilations: &[usize]) -> Vec<usize> {
    let moved = |at: usize, way: isize, length: usize| at.saturating_add_signed(way).min(length - 1);
    let mut all = Vec::new();
    for &dilation in dilations {
        for (down, across) in [(-1, -1), (-1, 0), (-1, 1), (0, -1), (0, 1), (1, -1), (1, 0), (1, 1)] {
            let (down, across) = (down * dilation as isize, across * dilation as isize);
            all.push(moved(y, down, grid.height) * grid.width + moved(x, across, grid.width));
        }
    }
    all
}

/// Pixel-adaptive mask refinement of a mask that is as fine as the image.
pub fn pamr(grid: &Grid, dilations: &[usize], iterations: usize, guide: &Colours, mask: &[f64]) -> Map {
    let weights: Vec<Vec<f64>> = pixels(grid)
        .map(|(y, x)| {
            let (own, around) = (y * grid.width + x, neighbours(grid, (y, x), dilations));
            let mut exponents = vec![0.0; around.len()];
            for map in guide {
                let mut samples: Vec<f64> = around.iter().map(|&i| map[i]).collect();
                samples.extend(dilations.iter().map(|_| map[own]));
                let centre = samples.iter().sum::<f64>() / samples.len() as f64;
                let squares: f64 = samples.iter().map(|sample| (sample - centre).powi(2)).sum();
                let deviation = (squares / (samples.len() - 1) as f64).sqrt();
                for (exponent, &i) in exponents.iter_mut().zip(&around) {
                    *exponent -= (map[own] - map[i]).abs() / (1e-8 + 0.1 * deviation) / guide.len() as f64;
                }
            }
            let largest = exponents.iter().copied().fold(f64::NEG_INFINITY, f64::max);
            let shares: Vec<f64> = exponents.iter().map(|exponent| (exponent - largest).exp()).collect();
            let total: f64 = shares.iter().sum();
            shares.iter().map(|share| share / total).collect()
        })
        .collect();
    let mut mask = mask.to_vec();
    for _ in 0..iterations {
        mask = pixels(grid)
            .map(|(y, x)| {
                let around = neighbours(grid, (y, x), dilations);
                around.iter().zip(&weights[y * grid.width + x]).map(|(&i, weight)| weight * mask[i]).sum()
            })
            .collect();
    }
    mask
}

/// The soft-max over cells of `scale` times the inner products, or cosines, of queries and keys; one row for each
/// query.
pub fn attention(queries: &[f64], keys: &[f64], dimension: usize, cosine: bool, scale: f64) -> Vec<Vec<f64>> {
    let dot = |a: &[f64], b: &[f64]| a.iter().zip(b).map(|(a, b)| a * b).sum::<f64>();
    let like = |a: &[f64], b: &[f64]| match (dot(a, b), dot(a, a) * dot(b, b)) {
        (product, _) if !cosine => product,
        (_, 0.0) => 0.0,
        (product, squares) => product / squares.sqrt(),
    };
    let row = |query: &[f64]| {
        let exponents: Vec<f64> = keys.chunks(dimension).map(|key| scale * like(query, key)).collect();
        let largest = exponents.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        let shares: Vec<f64> = exponents.iter().map(|exponent| (exponent - largest).exp()).collect();
        let total: f64 = shares.iter().sum();
        shares.iter().map(|share| share / total).collect()
    };
    queries.chunks(dimension).map(row).collect()
}

/// The label of the largest value at each pixel, the lowest of equal ones.
pub fn labels(maps: &[Map]) -> Vec<usize> {
    let pixel = |i: usize| (0..maps.len()).fold(0, |best, k| if maps[k][i] > maps[best][i] { k } else { best });
    (0..maps.first().map_or(0, Vec::len)).map(pixel).collect()
}
