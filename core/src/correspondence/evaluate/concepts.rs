//! Classes as feature vectors: the modified protocol, in which no cluster has to be matched with a class.
//!
//! The concept of a class is the mean of the features of all its pixels, over the whole data set; every pixel then gets
//! the class whose concept is nearest to its own feature (Namekata et al. 2024, section 4). Every pixel of a mask has
//! the mask's embedding, so both come from the counts n_ci of an image's [`confusion`](super::confusion), in K·C·D
//! operations, and are what they would be pixel by pixel.
//!
//! Over the images once, to [`add`] them up; [`fill`] the concepts; over the images again, to [`classify`] the masks
//! and [`add_classified`](super::confusion::add_classified) the counts. Concepts may also come from elsewhere, from the
//! names of the classes, say: then the second half is the open-vocabulary protocol.

use super::confusion::{UNMATCHED, check_table, rows};
use crate::correspondence::rows::{check_magnitudes, sum_of};
use crate::error::{Argument, Error, check};
use crate::{Scalar, Storage};

/// How near two feature vectors are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
#[repr(i32)]
pub enum Metric {
    /// The cosine of their angle. A vector of zeros, or so short that the square of its length is 0, is
    /// near nothing.
    #[default]
    Cosine = 0,
    /// Their Euclidean distance.
    Euclidean = 1,
}

/// Adds the masks of an image to the sums of features, C × D, and to the numbers of `pixels` of the classes, C: zeros
/// for a start. S_c += Σᵢ n_ci·eⁱ.
///
/// `embeddings` are K × D, one for each cluster of the table `confusion`. Sums of several parts add up.
///
/// # Errors
///
/// [`Error::Domain`] for no `classes`, no `clusters` or a `dimension` of 0; [`Error::Length`] for `confusion`,
/// `embeddings`, `sums` or `pixels`; [`Error::Domain`] for `embeddings` that are not finite or beyond ±10¹⁵⁰.
pub fn add<X: Storage>(
    sums: &mut [f64],
    pixels: &mut [u64],
    confusion: &[u64],
    embeddings: &[X],
    classes: usize,
    clusters: usize,
    dimension: usize,
) -> Result<(), Error> {
    check_table(confusion.len(), classes, clusters)?;
    check_vectors(Argument::Embeddings, clusters, dimension, embeddings)?;
    check::length(Argument::Sums, classes.saturating_mul(dimension), sums.len())?;
    check::length(Argument::Pixels, classes, pixels.len())?;
    for ((sums, pixels), counts) in sums.chunks_exact_mut(dimension.max(1)).zip(pixels).zip(rows(confusion, clusters)) {
        let masks = counts.iter().zip(embeddings.chunks_exact(dimension.max(1)));
        for (&count, embedding) in masks.filter(|&(&count, _)| count > 0) {
            *pixels = pixels.saturating_add(count);
            for (sum, &x) in sums.iter_mut().zip(embedding) {
                *sum += count as f64 * x.load().to_f64();
            }
        }
    }
    Ok(())
}

/// Fills the concepts, the means of the sums; NaN for a class without a pixel, which [`classify`] then gives to none.
///
/// # Errors
///
/// [`Error::Domain`] for a `dimension` of 0; [`Error::Length`] for `sums` and `concepts` of other than `dimension`
/// elements for each element of `pixels`.
pub fn fill(concepts: &mut [f64], sums: &[f64], pixels: &[u64], dimension: usize) -> Result<(), Error> {
    check::not_zero(Argument::Dimension, dimension)?;
    let length = pixels.len().saturating_mul(dimension);
    check::length(Argument::Concepts, length, concepts.len())?;
    check::length(Argument::Sums, length, sums.len())?;
    let (concepts, sums) = (concepts.chunks_exact_mut(dimension.max(1)), sums.chunks_exact(dimension.max(1)));
    for ((concept, sums), &pixels) in concepts.zip(sums).zip(pixels) {
        for (mean, &sum) in concept.iter_mut().zip(sums) {
            *mean = if pixels > 0 { sum / pixels as f64 } else { f64::NAN };
        }
    }
    Ok(())
}

/// Gives each embedding the class of the nearest concept, the lowest of equally near ones.
///
/// `embeddings` are K × D, `concepts` C × D, and `class_of` has one element for each embedding. A concept whose first
/// element is NaN stands for a class without a pixel and is no candidate. [`UNMATCHED`] where there is no candidate,
/// and by [`Metric::Cosine`] for an embedding of zeros.
///
/// # Errors
///
/// [`Error::Domain`] for a `dimension` of 0; [`Error::Length`] for `embeddings`, and for `concepts` that are not a
/// whole number of vectors; [`Error::Domain`] for `embeddings`, or `concepts` of candidates, that are not finite or
/// beyond ±10¹⁵⁰, and for more `classes` than 32 bits hold.
///
/// # Example
///
/// ```
/// use quell::correspondence::evaluate::concepts::{Metric, classify};
/// let (embeddings, concepts) = ([1.0f32, 0.1, 3.0, 3.0], [9.0, 0.0, 2.0, 2.0]);
/// let mut class_of = [0; 2];
/// classify(&mut class_of, &embeddings, &concepts, 2, Metric::Cosine)?;
/// assert_eq!(class_of, [0, 1]);
/// classify(&mut class_of, &embeddings, &concepts, 2, Metric::Euclidean)?;
/// assert_eq!(class_of, [1, 1]);
/// # Ok::<(), quell::Error>(())
/// ```
pub fn classify<X: Storage>(
    class_of: &mut [u32],
    embeddings: &[X],
    concepts: &[f64],
    dimension: usize,
    metric: Metric,
) -> Result<(), Error> {
    check_vectors(Argument::Embeddings, class_of.len(), dimension, embeddings)?;
    let rest = concepts.len().checked_rem(dimension).unwrap_or(0);
    check::length(Argument::Concepts, concepts.len() - rest, concepts.len())?;
    let classes = concepts.len().checked_div(dimension).unwrap_or(0);
    if classes >= UNMATCHED as usize {
        return Err(Error::Domain { argument: Argument::Classes, value: classes as f64 });
    }
    let candidates = || {
        let numbered = concepts.chunks_exact(dimension.max(1)).enumerate();
        numbered.filter(|(_, concept)| concept.first().is_some_and(|first| !first.is_nan()))
    };
    candidates().try_for_each(|(_, concept)| check_magnitudes(Argument::Concepts, concept))?;
    for (class_of, embedding) in class_of.iter_mut().zip(embeddings.chunks_exact(dimension.max(1))) {
        let (mut greatest, mut nearest) = (f64::NEG_INFINITY, UNMATCHED);
        let norm = libm::sqrt(sum_of(embedding, embedding, |a, b| a * b));
        for (class, concept) in candidates() {
            let nearness = match metric {
                Metric::Euclidean => -sum_of(embedding, concept, |a, b| (a - b) * (a - b)),
                // Not-a-number where either has no direction, which is greater than nothing.
                Metric::Cosine => {
                    sum_of(embedding, concept, |a, b| a * b) / norm / libm::sqrt(sum_of(concept, concept, |a, b| a * b))
                }
            };
            if nearness > greatest {
                (greatest, nearest) = (nearness, class as u32);
            }
        }
        *class_of = nearest;
    }
    Ok(())
}

/// So many vectors of a dimension that is not 0, whose squares can be added up.
fn check_vectors<X: Storage>(argument: Argument, count: usize, dimension: usize, x: &[X]) -> Result<(), Error> {
    check::not_zero(Argument::Dimension, dimension)?;
    check::length(argument, count.saturating_mul(dimension), x.len())?;
    check_magnitudes(argument, x)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_class_without_pixels_is_nobody_s() {
        let (mut sums, mut pixels) = ([0.0; 6], [0; 3]);
        let embeddings = [1.0f32, 0.0, 0.0, 2.0];
        add(&mut sums, &mut pixels, &[3, 1, 0, 0, 0, 2], &embeddings, 3, 2, 2).unwrap();
        assert_eq!((sums, pixels), ([3.0, 2.0, 0.0, 0.0, 0.0, 4.0], [4, 0, 2]));
        let mut concepts = [0.0; 6];
        fill(&mut concepts, &sums, &pixels, 2).unwrap();
        assert_eq!((concepts[0], concepts[1], concepts[4], concepts[5]), (0.75, 0.5, 0.0, 2.0));
        assert!(concepts[2].is_nan() && concepts[3].is_nan());
        let mut class_of = [9; 2];
        for metric in [Metric::Cosine, Metric::Euclidean] {
            classify(&mut class_of, &embeddings, &concepts, 2, metric).unwrap();
            assert_eq!(class_of, [0, 2]);
        }
        classify(&mut class_of, &embeddings, &concepts[2..4], 2, Metric::Euclidean).unwrap();
        assert_eq!(class_of, [UNMATCHED; 2]);
        classify(&mut class_of, &embeddings, &[], 2, Metric::Euclidean).unwrap();
        assert_eq!(class_of, [UNMATCHED; 2]);
    }

    #[test]
    fn zeros_have_no_direction_but_a_place() {
        let mut class_of = [9; 2];
        let (embeddings, concepts) = ([0.0f64, 0.0, -1.0, -1.0], [0.0, 0.0, 1.0, 1.0]);
        classify(&mut class_of, &embeddings, &concepts, 2, Metric::Cosine).unwrap();
        assert_eq!(class_of, [UNMATCHED, 1]);
        classify(&mut class_of, &embeddings, &concepts, 2, Metric::Euclidean).unwrap();
        assert_eq!(class_of, [0, 0]);
        // Equally near: the lowest.
        classify(&mut class_of, &[1.0f64, 1.0, 2.0, 2.0], &[1.0, 1.0, 1.0, 1.0], 2, Metric::Cosine).unwrap();
        assert_eq!(class_of, [0, 0]);
    }

    #[test]
    fn bad_features_change_nothing() {
        let (mut sums, mut pixels, mut class_of, mut concepts) = ([5.0; 4], [5; 2], [5; 2], [5.0; 4]);
        for bad in [f64::NAN, f64::INFINITY, 1e151] {
            let embeddings = [1.0, 2.0, 3.0, bad];
            let error = add(&mut sums, &mut pixels, &[1; 4], &embeddings, 2, 2, 2).unwrap_err();
            assert_eq!(error.argument(), Argument::Embeddings);
            let error = classify(&mut class_of, &embeddings, &[1.0; 4], 2, Metric::Cosine).unwrap_err();
            assert_eq!(error.argument(), Argument::Embeddings);
            let error = classify(&mut class_of, &[1.0; 4], &embeddings, 2, Metric::Cosine).unwrap_err();
            assert_eq!(error.argument(), Argument::Concepts);
        }
        let embeddings = [1.0f32; 4];
        let mut refused = |confusion: &[u64], embeddings: &[f32], classes, dimension| {
            add(&mut sums, &mut pixels, confusion, embeddings, classes, 2, dimension).unwrap_err().argument()
        };
        assert_eq!(refused(&[1; 3], &embeddings, 2, 2), Argument::Confusion);
        assert_eq!(refused(&[1; 4], &embeddings[..3], 2, 2), Argument::Embeddings);
        assert_eq!(refused(&[1; 4], &[], 2, 0), Argument::Dimension);
        assert_eq!(refused(&[1; 6], &embeddings, 3, 2), Argument::Sums);
        assert_eq!(
            add(&mut sums, &mut pixels[..1], &[1; 4], &embeddings, 2, 2, 2).unwrap_err().argument(),
            Argument::Pixels
        );
        assert_eq!(fill(&mut concepts, &sums, &pixels[..1], 2).unwrap_err().argument(), Argument::Concepts);
        assert_eq!(fill(&mut concepts, &sums[..2], &pixels, 2).unwrap_err().argument(), Argument::Sums);
        assert_eq!(fill(&mut concepts, &sums, &pixels, 0).unwrap_err().argument(), Argument::Dimension);
        let mut refused = |concepts: &[f64], dimension| {
            classify(&mut class_of, &embeddings, concepts, dimension, Metric::Cosine).unwrap_err().argument()
        };
        assert_eq!(refused(&[1.0; 3], 2), Argument::Concepts);
        assert_eq!(refused(&[1.0; 4], 3), Argument::Embeddings);
        assert_eq!(refused(&[1.0; 4], 0), Argument::Dimension);
        assert_eq!((sums, pixels, class_of, concepts), ([5.0; 4], [5; 2], [5; 2], [5.0; 4]));
    }
}
