//! Connected components by flood fill, and the removal of small ones as its documentation states it, from scratch
//! after each removal.

use std::collections::BTreeMap;

/// The pixels around one that share a side, and where wanted those that share a corner.
fn around(pixel: usize, height: usize, width: usize, corners: bool) -> Vec<usize> {
    let (y, x) = (pixel / width, pixel % width);
    let mut all = Vec::new();
    for v in y.saturating_sub(1)..=(y + 1).min(height - 1) {
        for u in x.saturating_sub(1)..=(x + 1).min(width - 1) {
            let steps = v.abs_diff(y) + u.abs_diff(x);
            if steps == 1 || (corners && steps == 2) {
                all.push(v * width + u);
            }
        }
    }
    all
}

/// The number of each pixel's component, in the order of first pixels.
pub fn components(labels: &[u32], height: usize, width: usize, corners: bool) -> (Vec<u32>, usize) {
    let (mut ids, mut count) = (vec![u32::MAX; labels.len()], 0);
    for start in 0..labels.len() {
        if ids[start] != u32::MAX {
            continue;
        }
        let mut open = vec![start];
        ids[start] = count;
        while let Some(pixel) = open.pop() {
            for next in around(pixel, height, width, corners) {
                if labels[next] == labels[pixel] && ids[next] == u32::MAX {
                    ids[next] = count;
                    open.push(next);
                }
            }
        }
        count += 1;
    }
    (ids, count as usize)
}

/// Gives away the smallest component below `least`, again and again.
pub fn remove_small(labels: &mut [u32], height: usize, width: usize, corners: bool, least: usize) -> usize {
    let mut removed = 0;
    loop {
        let (ids, count) = components(labels, height, width, corners);
        let mut areas = vec![0; count];
        ids.iter().for_each(|&id| areas[id as usize] += 1);
        // Components are numbered by their first pixels, so the first of the smallest is the one to go.
        let Some(smallest) = (0..count).min_by_key(|&id| areas[id]) else { return removed };
        if areas[smallest] >= least || count == 1 {
            return removed;
        }
        let mut sides = BTreeMap::new();
        for pixel in (0..labels.len()).filter(|&pixel| ids[pixel] as usize == smallest) {
            for next in around(pixel, height, width, false) {
                if ids[next] != ids[pixel] {
                    *sides.entry(ids[next]).or_insert(0) += 1;
                }
            }
        }
        let most = sides.values().copied().max().expect("neighbours");
        let taker = *sides.iter().find(|&(_, &count)| count == most).expect("a neighbour").0;
        let label = (0..labels.len()).find(|&pixel| ids[pixel] == taker).map(|pixel| labels[pixel]).expect("a pixel");
        for pixel in 0..labels.len() {
            if ids[pixel] as usize == smallest {
                labels[pixel] = label;
            }
        }
        removed += 1;
    }
}
