//! K-means.

use crate::pointer::{Buffer, all_apart, extent, read, write};
use crate::status::{quell_status, run};
use quell::correspondence::cluster::{
    Fit, KMeans, plus_plus, plus_plus_scratch_len, plus_plus_uniforms_len, predict, predict_scratch_len,
    predict_singles_len,
};
use quell::{Argument, bf16, f16};

/// Fills in what scikit-learn does unless told otherwise: one start from greedy k-means++ with 2 + floor(ln clusters)
/// candidates, at most 300 iterations, a tolerance of 1e-4.
///
/// @param out       the options
/// @param clusters  the number of clusters
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn quell_kmeans_default(out: *mut KMeans, clusters: usize) -> quell_status {
    // SAFETY: checked before use; valid by the contract of the C ABI.
    run(|| unsafe { write(Argument::Out, out, &[], || Ok(KMeans::new(clusters))) })
}

/// How many uniforms quell_kmeans_plus_plus_f32() takes; SIZE_MAX when that overflows.
///
/// @param clusters  how many centres
/// @param trials    how many candidates each is chosen from
#[must_use]
#[unsafe(no_mangle)]
pub extern "C" fn quell_kmeans_plus_plus_uniforms_len(clusters: usize, trials: usize) -> usize {
    plus_plus_uniforms_len(clusters, trials)
}

/// The length of the scratch of quell_kmeans_plus_plus_f32(); SIZE_MAX when that overflows.
///
/// @param points     how many points
/// @param dimension  the elements of a point
/// @param trials     how many candidates each centre is chosen from
#[must_use]
#[unsafe(no_mangle)]
pub extern "C" fn quell_kmeans_plus_plus_scratch_len(points: usize, dimension: usize, trials: usize) -> usize {
    plus_plus_scratch_len(points, dimension, trials)
}

/// Options of which only the sizes matter.
const fn sizes(clusters: usize, restarts: usize, trials: usize) -> KMeans {
    KMeans { clusters, restarts, trials, ..KMeans::new(1) }
}

/// How many uniforms quell_kmeans_f32_u8() takes; SIZE_MAX when that overflows.
///
/// @param clusters  the number of clusters
/// @param restarts  how many starts
/// @param trials    how many candidates each centre is chosen from
#[must_use]
#[unsafe(no_mangle)]
pub extern "C" fn quell_kmeans_uniforms_len(clusters: usize, restarts: usize, trials: usize) -> usize {
    sizes(clusters, restarts, trials).uniforms_len()
}

/// The length of the scratch of quell_kmeans_f32_u8(); SIZE_MAX when that overflows.
///
/// @param points     how many points
/// @param dimension  the elements of a point
/// @param clusters   the number of clusters
/// @param restarts   how many starts; with several the distances of all pairs of up to 1024 points are kept
/// @param trials     how many candidates each centre is chosen from
#[must_use]
#[unsafe(no_mangle)]
pub extern "C" fn quell_kmeans_scratch_len(
    points: usize,
    dimension: usize,
    clusters: usize,
    restarts: usize,
    trials: usize,
) -> usize {
    sizes(clusters, restarts, trials).run_scratch_len(points, dimension)
}

/// How many single precision numbers quell_kmeans_f32_u8() and quell_kmeans_lloyd_f32_u8() work in; SIZE_MAX when that
/// overflows.
///
/// @param points     how many points
/// @param dimension  the elements of a point
/// @param clusters   the number of clusters
#[must_use]
#[unsafe(no_mangle)]
pub extern "C" fn quell_kmeans_singles_len(points: usize, dimension: usize, clusters: usize) -> usize {
    sizes(clusters, 1, 1).singles_len(points, dimension)
}

/// The length of the scratch of quell_kmeans_lloyd_f32_u8(); SIZE_MAX when that overflows.
///
/// @param points     how many points
/// @param dimension  the elements of a point
/// @param clusters   the number of clusters
#[must_use]
#[unsafe(no_mangle)]
pub extern "C" fn quell_kmeans_lloyd_scratch_len(points: usize, dimension: usize, clusters: usize) -> usize {
    sizes(clusters, 1, 1).lloyd_scratch_len(points, dimension)
}

/// The length of the scratch of quell_kmeans_predict_f32_u8(); SIZE_MAX when that overflows.
///
/// @param dimension  the elements of a point
/// @param clusters   the number of clusters
#[must_use]
#[unsafe(no_mangle)]
pub extern "C" fn quell_kmeans_predict_scratch_len(dimension: usize, clusters: usize) -> usize {
    predict_scratch_len(clusters, dimension)
}

/// How many single precision numbers quell_kmeans_predict_f32_u8() works in; SIZE_MAX when that overflows.
///
/// @param dimension  the elements of a point
/// @param clusters   the number of clusters
#[must_use]
#[unsafe(no_mangle)]
pub extern "C" fn quell_kmeans_predict_singles_len(dimension: usize, clusters: usize) -> usize {
    predict_singles_len(clusters, dimension)
}

/// Stamps the starts for one type of features.
macro_rules! seeds {
    ($type:ty as $stored:ty, $plus_plus:ident) => {
        /// Chooses points as starting centres, each with a probability in proportion to the squared distance from the
        /// centres before it (k-means++), from the best of `trials` candidates: the one that leaves the lowest
        /// potential, of equal ones the first. One trial gives the published method.
        ///
        /// @param out           the potential: the sum of the squared distances from each point to its nearest centre
        /// @param centres       centres_len elements: the chosen points
        /// @param centres_len   clusters dimension
        /// @param indices       the positions of the chosen points, clusters elements
        /// @param clusters      how many centres, from 1 to the number of points
        /// @param scratch       memory to work in
        /// @param scratch_len   how much, at least quell_kmeans_plus_plus_scratch_len()
        /// @param features      the points, one after the other
        /// @param features_len  how many elements, a multiple of dimension
        /// @param uniforms      uniform numbers in [0, 1)
        /// @param uniforms_len  quell_kmeans_plus_plus_uniforms_len(clusters, trials)
        /// @param dimension     the elements of a point, at least 1
        /// @param trials        how many candidates each centre is chosen from, at least 1
        #[must_use]
        #[unsafe(no_mangle)]
        pub unsafe extern "C" fn $plus_plus(
            out: *mut f64,
            centres: *mut f64,
            centres_len: usize,
            indices: *mut usize,
            clusters: usize,
            scratch: *mut f64,
            scratch_len: usize,
            features: *const $type,
            features_len: usize,
            uniforms: *const f64,
            uniforms_len: usize,
            dimension: usize,
            trials: usize,
        ) -> quell_status {
            run(|| {
                let centres = Buffer::output(Argument::Centres, centres, centres_len)?;
                let indices = Buffer::output(Argument::Indices, indices, clusters)?;
                let scratch = Buffer::output(Argument::Scratch, scratch, scratch_len)?;
                let features = Buffer::input(Argument::Features, features.cast::<$stored>(), features_len)?;
                let uniforms = Buffer::input(Argument::Uniforms, uniforms, uniforms_len)?;
                let inputs = [features.range(), uniforms.range()];
                all_apart(&[centres.written(), indices.written(), scratch.written()], &inputs)?;
                let [a, b] = inputs;
                let all = [a, b, centres.range(), indices.range(), scratch.range()];
                // SAFETY: checked above and before use; valid by the contract of the C ABI.
                unsafe {
                    write(Argument::Out, out, &all, || {
                        plus_plus(
                            centres.slice_mut(),
                            indices.slice_mut(),
                            features.slice(),
                            dimension,
                            uniforms.slice(),
                            trials,
                            scratch.slice_mut(),
                        )
                    })
                }
            })
        }
    };
}
seeds!(f32 as f32, quell_kmeans_plus_plus_f32);
seeds!(f64 as f64, quell_kmeans_plus_plus_f64);
seeds!(u16 as f16, quell_kmeans_plus_plus_f16);
seeds!(u16 as bf16, quell_kmeans_plus_plus_bf16);

/// Stamps the functions for one type of features and one of labels.
macro_rules! clusters {
    ($type:ty as $stored:ty, $label:ty, $run:ident, $lloyd:ident, $predict:ident) => {
        /// K-means: starts from quell_kmeans_plus_plus_f32() and does what quell_kmeans_lloyd_f32_u8() does, as often as
        /// the options say, and keeps the run with the least inertia.
        ///
        /// @param out           what came of it
        /// @param centres       centres_len elements, one centre after the other
        /// @param centres_len   clusters dimension
        /// @param labels        the label of each point, points elements
        /// @param points        how many points
        /// @param scratch       memory to work in
        /// @param scratch_len   how much, at least quell_kmeans_scratch_len()
        /// @param singles       memory to work in
        /// @param singles_len   how much, at least quell_kmeans_singles_len()
        /// @param features      the points, one after the other
        /// @param features_len  points dimension
        /// @param uniforms      uniform numbers in [0, 1)
        /// @param uniforms_len  quell_kmeans_uniforms_len()
        /// @param options       the options
        /// @param dimension     the elements of a point, at least 1
        #[must_use]
        #[unsafe(no_mangle)]
        pub unsafe extern "C" fn $run(
            out: *mut Fit,
            centres: *mut f64,
            centres_len: usize,
            labels: *mut $label,
            points: usize,
            scratch: *mut f64,
            scratch_len: usize,
            singles: *mut f32,
            singles_len: usize,
            features: *const $type,
            features_len: usize,
            uniforms: *const f64,
            uniforms_len: usize,
            options: *const KMeans,
            dimension: usize,
        ) -> quell_status {
            run(|| {
                let centres = Buffer::output(Argument::Centres, centres, centres_len)?;
                let labels = Buffer::output(Argument::Labels, labels, points)?;
                let scratch = Buffer::output(Argument::Scratch, scratch, scratch_len)?;
                let singles = Buffer::output(Argument::Singles, singles, singles_len)?;
                let features = Buffer::input(Argument::Features, features.cast::<$stored>(), features_len)?;
                let uniforms = Buffer::input(Argument::Uniforms, uniforms, uniforms_len)?;
                let inputs = [features.range(), uniforms.range(), extent(options)];
                all_apart(&[centres.written(), labels.written(), scratch.written(), singles.written()], &inputs)?;
                let [a, b, c] = inputs;
                let all = [a, b, c, centres.range(), labels.range(), scratch.range(), singles.range()];
                // SAFETY: checked above and before use; valid by the contract of the C ABI.
                unsafe {
                    let options = read(Argument::Options, options)?;
                    write(Argument::Out, out, &all, || {
                        options.run(
                            centres.slice_mut(),
                            labels.slice_mut(),
                            features.slice(),
                            dimension,
                            uniforms.slice(),
                            scratch.slice_mut(),
                            singles.slice_mut(),
                        )
                    })
                }
            })
        }

        /// Lloyd's iterations from given centres: each point gets the label of its nearest centre, of equally near ones
        /// the first, and each centre moves to the mean of its points, until labels stay. A cluster without points takes
        /// over the point that is farthest from its centre. The options restarts and trials do not matter.
        ///
        /// @param out           what came of it
        /// @param centres       centres_len elements, one centre after the other: where to start, then what was reached
        /// @param centres_len   clusters dimension
        /// @param labels        the label of each point, points elements
        /// @param points        how many points
        /// @param scratch       memory to work in
        /// @param scratch_len   how much, at least quell_kmeans_lloyd_scratch_len()
        /// @param singles       memory to work in
        /// @param singles_len   how much, at least quell_kmeans_singles_len()
        /// @param features      the points, one after the other
        /// @param features_len  points dimension
        /// @param options       the options
        /// @param dimension     the elements of a point, at least 1
        #[must_use]
        #[unsafe(no_mangle)]
        pub unsafe extern "C" fn $lloyd(
            out: *mut Fit,
            centres: *mut f64,
            centres_len: usize,
            labels: *mut $label,
            points: usize,
            scratch: *mut f64,
            scratch_len: usize,
            singles: *mut f32,
            singles_len: usize,
            features: *const $type,
            features_len: usize,
            options: *const KMeans,
            dimension: usize,
        ) -> quell_status {
            run(|| {
                let centres = Buffer::output(Argument::Centres, centres, centres_len)?;
                let labels = Buffer::output(Argument::Labels, labels, points)?;
                let scratch = Buffer::output(Argument::Scratch, scratch, scratch_len)?;
                let singles = Buffer::output(Argument::Singles, singles, singles_len)?;
                let features = Buffer::input(Argument::Features, features.cast::<$stored>(), features_len)?;
                let inputs = [features.range(), extent(options)];
                all_apart(&[centres.written(), labels.written(), scratch.written(), singles.written()], &inputs)?;
                let [a, b] = inputs;
                let all = [a, b, centres.range(), labels.range(), scratch.range(), singles.range()];
                // SAFETY: checked above and before use; valid by the contract of the C ABI.
                unsafe {
                    let options = read(Argument::Options, options)?;
                    write(Argument::Out, out, &all, || {
                        options.lloyd(
                            centres.slice_mut(),
                            labels.slice_mut(),
                            features.slice(),
                            dimension,
                            scratch.slice_mut(),
                            singles.slice_mut(),
                        )
                    })
                }
            })
        }

        /// Gives each point the label of its nearest centre, of equally near ones the first. Memory does not grow with
        /// the number of points.
        ///
        /// @param out           the sum of the squared distances
        /// @param labels        the label of each point, points elements
        /// @param points        how many points
        /// @param scratch       memory to work in
        /// @param scratch_len   how much, at least quell_kmeans_predict_scratch_len()
        /// @param singles       memory to work in
        /// @param singles_len   how much, at least quell_kmeans_predict_singles_len()
        /// @param features      the points, one after the other
        /// @param features_len  points dimension
        /// @param centres       the centres, one after the other, at least one
        /// @param centres_len   how many elements, a multiple of dimension
        /// @param dimension     the elements of a point, at least 1
        #[must_use]
        #[unsafe(no_mangle)]
        pub unsafe extern "C" fn $predict(
            out: *mut f64,
            labels: *mut $label,
            points: usize,
            scratch: *mut f64,
            scratch_len: usize,
            singles: *mut f32,
            singles_len: usize,
            features: *const $type,
            features_len: usize,
            centres: *const f64,
            centres_len: usize,
            dimension: usize,
        ) -> quell_status {
            run(|| {
                let labels = Buffer::output(Argument::Labels, labels, points)?;
                let scratch = Buffer::output(Argument::Scratch, scratch, scratch_len)?;
                let singles = Buffer::output(Argument::Singles, singles, singles_len)?;
                let features = Buffer::input(Argument::Features, features.cast::<$stored>(), features_len)?;
                let centres = Buffer::input(Argument::Centres, centres, centres_len)?;
                let inputs = [features.range(), centres.range()];
                all_apart(&[labels.written(), scratch.written(), singles.written()], &inputs)?;
                let [a, b] = inputs;
                let all = [a, b, labels.range(), scratch.range(), singles.range()];
                // SAFETY: checked above and before use; valid by the contract of the C ABI.
                unsafe {
                    write(Argument::Out, out, &all, || {
                        predict(
                            labels.slice_mut(),
                            features.slice(),
                            centres.slice(),
                            dimension,
                            scratch.slice_mut(),
                            singles.slice_mut(),
                        )
                    })
                }
            })
        }
    };
}
clusters!(f32 as f32, u8, quell_kmeans_f32_u8, quell_kmeans_lloyd_f32_u8, quell_kmeans_predict_f32_u8);
clusters!(f32 as f32, u16, quell_kmeans_f32_u16, quell_kmeans_lloyd_f32_u16, quell_kmeans_predict_f32_u16);
clusters!(f64 as f64, u8, quell_kmeans_f64_u8, quell_kmeans_lloyd_f64_u8, quell_kmeans_predict_f64_u8);
clusters!(f64 as f64, u16, quell_kmeans_f64_u16, quell_kmeans_lloyd_f64_u16, quell_kmeans_predict_f64_u16);
clusters!(u16 as f16, u8, quell_kmeans_f16_u8, quell_kmeans_lloyd_f16_u8, quell_kmeans_predict_f16_u8);
clusters!(u16 as f16, u16, quell_kmeans_f16_u16, quell_kmeans_lloyd_f16_u16, quell_kmeans_predict_f16_u16);
clusters!(u16 as bf16, u8, quell_kmeans_bf16_u8, quell_kmeans_lloyd_bf16_u8, quell_kmeans_predict_bf16_u8);
clusters!(u16 as bf16, u16, quell_kmeans_bf16_u16, quell_kmeans_lloyd_bf16_u16, quell_kmeans_predict_bf16_u16);
