//! The running arg-max over masks.

use crate::pointer::{Buffer, Written, all_apart, extent, read, write};
use crate::status::{quell_status, run};
use core::ops::Range;
use quell::correspondence::fold::{Fold, Label, Soft};
use quell::correspondence::upsample::Grid;
use quell::{Argument, Error, Scalar};

/// The buffers of a fold, checked on their own.
pub(super) struct FoldBuffers<T, L> {
    best: Buffer<T>,
    labels: Buffer<L>,
    second: Option<Buffer<T>>,
    sum: Option<Buffer<T>>,
    moment: Option<Buffer<T>>,
    pixels: usize,
    scale: f64,
    /// The struct that points to them.
    object: Range<usize>,
}

impl<T: Scalar, L: Label> FoldBuffers<T, L> {
    /// Copies the struct and checks its pointers.
    ///
    /// # Safety
    ///
    /// The pointer is NULL, misaligned or valid for reads.
    pub(super) unsafe fn open<F: FoldStruct<T, L>>(argument: Argument, fold: *const F) -> Result<Self, Error> {
        // SAFETY: by this function's contract.
        let buffers = unsafe { read(argument, fold)? }.buffers()?;
        Ok(FoldBuffers { object: extent(fold), ..buffers })
    }

    /// The number of pixels.
    pub(super) fn pixels(&self) -> usize {
        self.pixels
    }

    /// All that it takes, the struct included.
    pub(super) fn ranges(&self) -> [Range<usize>; 6] {
        let range = |buffer: &Option<Buffer<T>>| buffer.as_ref().map_or(0..0, |buffer| buffer.range());
        let (best, labels) = (self.best.range(), self.labels.range());
        [best, labels, range(&self.second), range(&self.sum), range(&self.moment), self.object.clone()]
    }

    /// None of its buffers, and nothing of what else is `written`, may meet another of them or what is read.
    pub(super) fn apart_from(&self, written: &[Written], inputs: &[Range<usize>]) -> Result<(), Error> {
        let optional = |argument, buffer: &Option<Buffer<T>>| {
            buffer.as_ref().map_or(Written { argument, range: 0..0 }, |buffer| buffer.written())
        };
        let mine = [
            self.best.written(),
            self.labels.written(),
            optional(Argument::Second, &self.second),
            optional(Argument::Sum, &self.sum),
            optional(Argument::Moment, &self.moment),
        ];
        all_apart(&mine, inputs)?;
        all_apart(&mine, core::slice::from_ref(&self.object))?;
        all_apart(written, inputs)?;
        written.iter().try_for_each(|written| written.apart_from(&self.ranges()))
    }

    /// # Safety
    ///
    /// As for [`Buffer::slice_mut`]; [`FoldBuffers::apart_from`] has passed.
    pub(super) unsafe fn cast<'a>(self) -> Result<Fold<'a, T, L>, Error> {
        // SAFETY: by this function's contract.
        unsafe {
            let second = self.second.map(|second| second.slice_mut());
            let moment = self.moment.map(|moment| moment.slice_mut());
            let soft = self.sum.map(|sum| Soft { sum: sum.slice_mut(), moment, scale: self.scale });
            Fold::new(self.best.slice_mut(), self.labels.slice_mut(), second, soft)
        }
    }
}

/// What the core sees as an empty buffer is a NULL to the caller of the C ABI: all buffers have the same length.
fn name_null(error: Error) -> Error {
    use Argument::{Moment, Second, Sum};
    match error {
        Error::Length { argument: argument @ (Second | Sum | Moment), actual: 0, .. } => Error::Null { argument },
        other => other,
    }
}

/// A fold as the C ABI passes it.
pub(super) trait FoldStruct<T, L>: Copy {
    /// Checks the pointers; where the struct stands is not known here.
    fn buffers(self) -> Result<FoldBuffers<T, L>, Error>;
}

/// Stamps the fold of one pair of types.
macro_rules! folds {
    (
        $fold:ident: $type:ty, $label:ty, $reset:ident, $push:ident, $merge:ident, $margins:ident, $confidences:ident,
        $entropies:ident, $undecided:ident, $fall_back:ident
    ) => {
        /// The state of the running arg-max over masks: which mask's value is the largest at each pixel. Set everything
        /// to zero, then what there is, and call the reset; a pointer that is NULL stands for something that is not
        /// kept. Masks, and the pixels of a mask, may come in any order and in any portions.
        #[repr(C)]
        #[derive(Clone, Copy, Debug)]
        pub struct $fold {
            /// The largest value so far at each pixel.
            pub best: *mut $type,
            /// The label of the mask that has it.
            pub labels: *mut $label,
            /// The second largest value, for margins; or NULL.
            pub second: *mut $type,
            /// The sum of the soft-max over masks, for confidences; or NULL.
            pub sum: *mut $type,
            /// The sum of its weighted exponents, for entropies; or NULL, and NULL where sum is.
            pub moment: *mut $type,
            /// The length of each.
            pub pixels: usize,
            /// The inverse temperature s of the soft-max, p proportional to exp(s value); not negative. Not looked at
            /// where sum is NULL.
            pub scale: f64,
        }

        impl FoldStruct<$type, $label> for $fold {
            fn buffers(self) -> Result<FoldBuffers<$type, $label>, Error> {
                if self.sum.is_null() && !self.moment.is_null() {
                    return Err(Error::Null { argument: Argument::Sum });
                }
                Ok(FoldBuffers {
                    best: Buffer::output(Argument::Best, self.best, self.pixels)?,
                    labels: Buffer::output(Argument::Labels, self.labels, self.pixels)?,
                    second: Buffer::optional(Argument::Second, self.second, self.pixels)?,
                    sum: Buffer::optional(Argument::Sum, self.sum, self.pixels)?,
                    moment: Buffer::optional(Argument::Moment, self.moment, self.pixels)?,
                    pixels: self.pixels,
                    scale: self.scale,
                    object: 0..0,
                })
            }
        }

        /// Forgets all masks: minus infinity and label 0 everywhere.
        ///
        /// @param fold  the state, whose buffers are written
        #[must_use]
        #[unsafe(no_mangle)]
        pub unsafe extern "C" fn $reset(fold: *const $fold) -> quell_status {
            run(|| {
                // SAFETY: checked before use; valid by the contract of the C ABI.
                let fold = unsafe { FoldBuffers::open(Argument::Fold, fold)? };
                fold.apart_from(&[], &[])?;
                // SAFETY: checked above; valid by the contract of the C ABI.
                unsafe { fold.cast()? }.reset();
                Ok(())
            })
        }

        /// Takes a mask's values at the pixels from first_pixel on. A value takes the place of the best if it is
        /// greater, or equal and of a lower label; NaN never does.
        ///
        /// @param fold         the state, whose buffers are written
        /// @param values       n elements; a pixel takes one value of a mask
        /// @param n            how many
        /// @param label        the mask, a number that the type of labels holds
        /// @param first_pixel  the pixel of the first value
        #[must_use]
        #[unsafe(no_mangle)]
        pub unsafe extern "C" fn $push(
            fold: *const $fold,
            values: *const $type,
            n: usize,
            label: usize,
            first_pixel: usize,
        ) -> quell_status {
            run(|| {
                // SAFETY: checked before use; valid by the contract of the C ABI.
                let fold = unsafe { FoldBuffers::open(Argument::Fold, fold)? };
                let values = Buffer::input(Argument::Values, values, n)?;
                fold.apart_from(&[], &[values.range()])?;
                // SAFETY: checked above; valid by the contract of the C ABI.
                unsafe { fold.cast()?.push(label, first_pixel, values.slice()) }
            })
        }

        /// Takes all masks that another state has seen, in whatever order: the largest and second largest values and
        /// the labels are the same bits as those of one state that saw all masks.
        ///
        /// @param fold   the state, whose buffers are written
        /// @param other  another, of the same scale, that keeps at least as much; no other call may use its buffers
        ///               meanwhile
        #[must_use]
        #[unsafe(no_mangle)]
        pub unsafe extern "C" fn $merge(fold: *const $fold, other: *const $fold) -> quell_status {
            run(|| {
                // SAFETY: checked before use; valid by the contract of the C ABI.
                let fold = unsafe { FoldBuffers::open(Argument::Fold, fold)? };
                // SAFETY: as above.
                let other = unsafe { FoldBuffers::open(Argument::Other, other)? };
                fold.apart_from(&[], &other.ranges())?;
                other.apart_from(&[], &fold.ranges())?;
                // SAFETY: checked above; valid by the contract of the C ABI.
                unsafe { fold.cast()?.merge(&other.cast()?).map_err(name_null) }
            })
        }

        folds! {
            @fills $fold:
            /// Fills the distance from the largest value to the second largest: infinity after a single mask, 0 where
            /// there is no value or two are equal.
            ///
            /// @param out   one element for each pixel
            /// @param fold  the state, with second
            $margins, $type, fill_margins;
            /// Fills the soft-max of the best mask, in (0, 1]; 0 where there is no value.
            ///
            /// @param out   one element for each pixel
            /// @param fold  the state, with sum
            $confidences, $type, fill_confidences;
            /// Fills the entropy of the soft-max over masks, in nats; 0 where there is no value.
            ///
            /// @param out   one element for each pixel
            /// @param fold  the state, with sum and moment
            $entropies, $type, fill_entropies;
        }

        /// How many pixels are undecided: those whose largest value is not above the floor, and those where two masks
        /// share it, if second is kept.
        ///
        /// @param out    how many
        /// @param fold   the state
        /// @param floor  0 for differences, where no mask changed the pixel; minus infinity for scores of either sign
        #[must_use]
        #[unsafe(no_mangle)]
        pub unsafe extern "C" fn $undecided(out: *mut usize, fold: *const $fold, floor: f64) -> quell_status {
            run(|| {
                // SAFETY: checked before use; valid by the contract of the C ABI.
                let fold = unsafe { FoldBuffers::open(Argument::Fold, fold)? };
                fold.apart_from(&[], &[])?;
                // SAFETY: checked above; valid by the contract of the C ABI.
                unsafe { write(Argument::Out, out, &fold.ranges(), || Ok(fold.cast()?.undecided(floor))) }
            })
        }

        /// Gives each undecided pixel the label of the cell that it lies in. The last thing to do: values stay, so that
        /// further masks would see labels that are not theirs.
        ///
        /// @param out         how many pixels those were
        /// @param fold        the state, whose labels are written
        /// @param coarse      the labels of the cells, row by row
        /// @param coarse_len  how many, grid->rows grid->columns
        /// @param grid        the cells over the image
        /// @param floor       as for the number of undecided pixels
        #[must_use]
        #[unsafe(no_mangle)]
        pub unsafe extern "C" fn $fall_back(
            out: *mut usize,
            fold: *const $fold,
            coarse: *const $label,
            coarse_len: usize,
            grid: *const Grid,
            floor: f64,
        ) -> quell_status {
            run(|| {
                // SAFETY: checked before use; valid by the contract of the C ABI.
                let fold = unsafe { FoldBuffers::open(Argument::Fold, fold)? };
                let coarse = Buffer::input(Argument::Coarse, coarse, coarse_len)?;
                fold.apart_from(&[], &[coarse.range(), extent(grid)])?;
                let [best, labels, second, sum, moment, object] = fold.ranges();
                let used = [best, labels, second, sum, moment, object, coarse.range(), extent(grid)];
                // SAFETY: checked above and before use; valid by the contract of the C ABI.
                unsafe {
                    let grid = read(Argument::Grid, grid)?;
                    write(Argument::Out, out, &used, || fold.cast()?.fall_back(floor, &grid, coarse.slice()))
                }
            })
        }
    };
    (@fills $fold:ident: $($(#[$doc:meta])* $name:ident, $type:ty, $fill:ident;)*) => {$(
        $(#[$doc])*
        #[must_use]
        #[unsafe(no_mangle)]
        pub unsafe extern "C" fn $name(out: *mut $type, fold: *const $fold) -> quell_status {
            run(|| {
                // SAFETY: checked before use; valid by the contract of the C ABI.
                let fold = unsafe { FoldBuffers::open(Argument::Fold, fold)? };
                let out = Buffer::output(Argument::Out, out, fold.pixels())?;
                fold.apart_from(&[out.written()], &[])?;
                // SAFETY: checked above; valid by the contract of the C ABI.
                unsafe { fold.cast()?.$fill(out.slice_mut()).map_err(name_null) }
            })
        }
    )*};
}
folds!(
    quell_fold_f32_u8: f32, u8,
    quell_fold_reset_f32_u8,
    quell_fold_push_f32_u8,
    quell_fold_merge_f32_u8,
    quell_fold_margins_f32_u8,
    quell_fold_confidences_f32_u8,
    quell_fold_entropies_f32_u8,
    quell_fold_undecided_f32_u8,
    quell_fold_fall_back_f32_u8
);
folds!(
    quell_fold_f32_u16: f32, u16,
    quell_fold_reset_f32_u16,
    quell_fold_push_f32_u16,
    quell_fold_merge_f32_u16,
    quell_fold_margins_f32_u16,
    quell_fold_confidences_f32_u16,
    quell_fold_entropies_f32_u16,
    quell_fold_undecided_f32_u16,
    quell_fold_fall_back_f32_u16
);
folds!(
    quell_fold_f64_u8: f64, u8,
    quell_fold_reset_f64_u8,
    quell_fold_push_f64_u8,
    quell_fold_merge_f64_u8,
    quell_fold_margins_f64_u8,
    quell_fold_confidences_f64_u8,
    quell_fold_entropies_f64_u8,
    quell_fold_undecided_f64_u8,
    quell_fold_fall_back_f64_u8
);
folds!(
    quell_fold_f64_u16: f64, u16,
    quell_fold_reset_f64_u16,
    quell_fold_push_f64_u16,
    quell_fold_merge_f64_u16,
    quell_fold_margins_f64_u16,
    quell_fold_confidences_f64_u16,
    quell_fold_entropies_f64_u16,
    quell_fold_undecided_f64_u16,
    quell_fold_fall_back_f64_u16
);
