//! Classes from the features of masks.

use crate::pointer::{Buffer, all_apart};
use crate::status::{quell_status, run};
use quell::correspondence::evaluate::concepts::{self, Metric};
use quell::{Argument, Error, bf16, f16};

/// How near two feature vectors are.
#[repr(i32)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum quell_metric {
    /// The cosine of their angle. A vector of zeros is near nothing.
    Cosine = 0,
    /// Their Euclidean distance.
    Euclidean = 1,
}

fn cast_metric(metric: i32) -> Result<Metric, Error> {
    match metric {
        value if value == quell_metric::Cosine as i32 => Ok(Metric::Cosine),
        value if value == quell_metric::Euclidean as i32 => Ok(Metric::Euclidean),
        value => Err(Error::Unknown { argument: Argument::Metric, value }),
    }
}

/// Fills the concepts, the mean feature of each class's pixels; NaN for a class without a pixel.
///
/// @param concepts      concepts_len elements, class by class
/// @param concepts_len  classes dimension
/// @param sums          those of quell_concepts_add_f32()
/// @param sums_len      classes dimension
/// @param pixels        the number of pixels of each class
/// @param classes       how many classes
/// @param dimension     the elements of a concept, at least 1
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn quell_concepts_from_sums(
    concepts: *mut f64,
    concepts_len: usize,
    sums: *const f64,
    sums_len: usize,
    pixels: *const u64,
    classes: usize,
    dimension: usize,
) -> quell_status {
    run(|| {
        let concepts = Buffer::output(Argument::Concepts, concepts, concepts_len)?;
        let sums = Buffer::input(Argument::Sums, sums, sums_len)?;
        let pixels = Buffer::input(Argument::Pixels, pixels, classes)?;
        concepts.apart_from(&[sums.range(), pixels.range()])?;
        // SAFETY: checked above; valid by the contract of the C ABI.
        unsafe { concepts::fill(concepts.slice_mut(), sums.slice(), pixels.slice(), dimension) }
    })
}

/// Stamps what looks at embeddings, for one type of them.
macro_rules! concepts {
    ($embedding:ty as $stored:ty, $add:ident, $classify:ident) => {
        /// Adds the masks of an image to the sums of features of the classes, and their pixels to the numbers of
        /// pixels: every pixel of a mask has the mask's embedding.
        ///
        /// @param sums            sums_len elements, class by class; zeros for a start
        /// @param sums_len        classes dimension
        /// @param pixels          the number of pixels of each class; zeros for a start
        /// @param classes         how many classes, at least 1
        /// @param confusion       how many pixels of each class, by row, are in each mask, by column
        /// @param confusion_len   classes clusters
        /// @param embeddings      the masks' embeddings, one after the other; finite, of magnitudes up to 1e150
        /// @param embeddings_len  clusters dimension
        /// @param clusters        how many masks, at least 1
        /// @param dimension       the elements of an embedding, at least 1
        #[must_use]
        #[unsafe(no_mangle)]
        pub unsafe extern "C" fn $add(
            sums: *mut f64,
            sums_len: usize,
            pixels: *mut u64,
            classes: usize,
            confusion: *const u64,
            confusion_len: usize,
            embeddings: *const $embedding,
            embeddings_len: usize,
            clusters: usize,
            dimension: usize,
        ) -> quell_status {
            run(|| {
                let sums = Buffer::output(Argument::Sums, sums, sums_len)?;
                let pixels = Buffer::output(Argument::Pixels, pixels, classes)?;
                let confusion = Buffer::input(Argument::Confusion, confusion, confusion_len)?;
                let embeddings = Buffer::input(Argument::Embeddings, embeddings.cast::<$stored>(), embeddings_len)?;
                all_apart(&[sums.written(), pixels.written()], &[confusion.range(), embeddings.range()])?;
                // SAFETY: checked above; valid by the contract of the C ABI.
                unsafe {
                    let (sums, pixels) = (sums.slice_mut(), pixels.slice_mut());
                    let (confusion, embeddings) = (confusion.slice(), embeddings.slice());
                    concepts::add(sums, pixels, confusion, embeddings, classes, clusters, dimension)
                }
            })
        }

        /// Gives each embedding the class of the nearest concept, the lowest of equally near ones; none by
        /// QUELL_METRIC_COSINE for an embedding of zeros, and none where no class has a concept.
        ///
        /// @param class_of        the class of each embedding, or QUELL_UNMATCHED
        /// @param clusters        how many embeddings
        /// @param embeddings      one after the other; finite, of magnitudes up to 1e150
        /// @param embeddings_len  clusters dimension
        /// @param concepts        class by class; a class whose first element is NaN has none
        /// @param concepts_len    classes dimension
        /// @param dimension       the elements of an embedding, at least 1
        /// @param metric          a quell_metric
        #[must_use]
        #[unsafe(no_mangle)]
        pub unsafe extern "C" fn $classify(
            class_of: *mut u32,
            clusters: usize,
            embeddings: *const $embedding,
            embeddings_len: usize,
            concepts: *const f64,
            concepts_len: usize,
            dimension: usize,
            metric: i32,
        ) -> quell_status {
            run(|| {
                let class_of = Buffer::output(Argument::ClassOf, class_of, clusters)?;
                let embeddings = Buffer::input(Argument::Embeddings, embeddings.cast::<$stored>(), embeddings_len)?;
                let concepts = Buffer::input(Argument::Concepts, concepts, concepts_len)?;
                class_of.apart_from(&[embeddings.range(), concepts.range()])?;
                let metric = cast_metric(metric)?;
                // SAFETY: checked above; valid by the contract of the C ABI.
                unsafe {
                    let (class_of, embeddings) = (class_of.slice_mut(), embeddings.slice());
                    concepts::classify(class_of, embeddings, concepts.slice(), dimension, metric)
                }
            })
        }
    };
}
concepts!(f32 as f32, quell_concepts_add_f32, quell_concepts_classify_f32);
concepts!(f64 as f64, quell_concepts_add_f64, quell_concepts_classify_f64);
concepts!(u16 as f16, quell_concepts_add_f16, quell_concepts_classify_f16);
concepts!(u16 as bf16, quell_concepts_add_bf16, quell_concepts_classify_bf16);
