//! One block of memory for all buffers of a call, so that each stray write lands where it is seen.

use quell::correspondence::cluster::{Fit, KMeans};
use quell::correspondence::difference::Size;
use quell::correspondence::evaluate::boundary::Boundaries;
use quell::correspondence::evaluate::iou::Summary;
use quell::correspondence::image::Layout;
use quell::correspondence::modulate::Pass;
use quell::correspondence::readout::Progress;
use quell::correspondence::upsample::Grid;
use quell::correspondence::upsample::guided::Guided;
use quell::correspondence::upsample::joint_bilateral::JointBilateral;
use quell::diffusion::bound::{Draw, Moments, OutputLaw};
use quell::diffusion::noise::NoiseLevel;
use quell::diffusion::prediction::Linear;
use quell::diffusion::step::{Step, TableRow};
use quell::{bf16, f16};
use quell_ffi::correspondence::blur::quell_blur;
use quell_ffi::correspondence::fold::*;
use quell_ffi::correspondence::readout::quell_readout;
use quell_ffi::diffusion::noise::quell_process;
use quell_ffi::diffusion::pass::*;
use quell_ffi::diffusion::prediction::quell_prediction;
use quell_ffi::diffusion::schedule::quell_schedule;
use quell_ffi::diffusion::solver::*;
use std::mem::offset_of;
use std::ops::Range;

/// A type that the C ABI passes in memory.
///
/// # Safety
///
/// Every byte outside `PADDING` is initialised in every value, and every pattern of bytes is a value.
pub unsafe trait Plain: Copy + 'static {
    /// The bytes that belong to no field.
    const PADDING: &'static [Range<usize>] = &[];
}

macro_rules! plain {
    ($($type:ty),*) => {$(
        // SAFETY: numbers, or structs of numbers and pointers without padding.
        unsafe impl Plain for $type {}
    )*};
}
plain!(u8, u16, u32, u64, usize, i32, f32, f64, f16, bf16);
plain!(Moments, Draw, OutputLaw);
plain!(NoiseLevel, Linear, Step, TableRow, quell_euler_ancestral, quell_heun, quell_dpmpp_2m, quell_unipc);
plain!(quell_sde_dpmpp_2m, quell_inputs_f32, quell_inputs_f64, quell_inputs_f16, quell_inputs_bf16);
plain!(quell_inputs_f32_f16, quell_inputs_f32_bf16, [f64; 10], [f64; 2]);
plain!(KMeans, Fit, Pass, Layout, Size, Progress, Grid, JointBilateral, Guided, Summary, Boundaries);
plain!(quell_fold_f32_u8, quell_fold_f32_u16, quell_fold_f64_u8, quell_fold_f64_u16);

/// The gap between a field of four bytes at `offset` and what is aligned to eight.
const fn gap_after(offset: usize) -> Range<usize> {
    offset + 4..(offset + 4).next_multiple_of(8)
}

macro_rules! padded {
    ($type:ty, $($offset:expr),*) => {
        // SAFETY: a struct of numbers and pointers whose only gaps are those named.
        unsafe impl Plain for $type {
            const PADDING: &'static [Range<usize>] = &[$(gap_after($offset)),*];
        }
    };
}
padded!(quell_ddim, offset_of!(quell_ddim, use_clipped_model_output));
padded!(quell_er_sde, offset_of!(quell_er_sde, points));
padded!(quell_process, offset_of!(quell_process, kind));
padded!(quell_prediction, offset_of!(quell_prediction, kind));
padded!(quell_blur, offset_of!(quell_blur, boundary));
padded!(quell_readout, offset_of!(quell_readout, filter.boundary));
padded!(quell_schedule, offset_of!(quell_schedule, process.kind), offset_of!(quell_schedule, prediction.kind));

/// The bytes of values, with zeros for padding.
pub fn bytes_of<T: Plain>(values: &[T]) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(size_of_val(values));
    for value in values {
        let start = (value as *const T).cast::<u8>();
        for offset in 0..size_of::<T>() {
            let is_gap = T::PADDING.iter().any(|gap| gap.contains(&offset));
            // SAFETY: within the value, and initialised where it is no gap.
            bytes.push(if is_gap { 0 } else { unsafe { *start.add(offset) } });
        }
    }
    bytes
}

/// The values that bytes stand for.
pub fn values_of<T: Plain>(bytes: &[u8]) -> Vec<T> {
    assert_eq!(bytes.len() % size_of::<T>(), 0, "bytes of another type");
    // SAFETY: each chunk holds the bytes of a value, and any bytes are one.
    bytes.chunks_exact(size_of::<T>()).map(|chunk| unsafe { chunk.as_ptr().cast::<T>().read_unaligned() }).collect()
}

/// What surrounds the buffers. As a float it is finite and odd-looking, as an integer large.
const CANARY: u8 = 0xc9;

/// Aligned memory that is only ever accessed through raw pointers.
pub struct Memory {
    start: *mut u128,
    words: usize,
}

impl Memory {
    /// Room for `length` bytes, filled with canaries.
    pub fn new(length: usize) -> Memory {
        let words = length.div_ceil(size_of::<u128>());
        let start = Box::into_raw(vec![u128::from_ne_bytes([CANARY; 16]); words].into_boxed_slice()).cast();
        Memory { start, words }
    }

    /// The address of a byte. It may lie outside, as long as nobody follows it.
    pub fn at(&self, offset: isize) -> *mut u8 {
        self.start.cast::<u8>().wrapping_offset(offset)
    }

    /// Puts bytes in place.
    pub fn store(&mut self, offset: usize, bytes: &[u8]) {
        assert!(offset + bytes.len() <= self.words * size_of::<u128>());
        // SAFETY: within the block, which no reference points into.
        unsafe { std::ptr::copy_nonoverlapping(bytes.as_ptr(), self.at(offset as isize), bytes.len()) }
    }

    /// Puts a pointer in place, which stays one that may be followed.
    pub fn store_pointer(&mut self, offset: usize, pointer: *mut u8) {
        assert!(offset + size_of::<usize>() <= self.words * size_of::<u128>());
        // SAFETY: as above.
        unsafe { self.at(offset as isize).cast::<*mut u8>().write_unaligned(pointer) }
    }

    /// Everything, but for the bytes that `skip` names: they may be uninitialised, and read as 0.
    pub fn snapshot(&self, skip: impl Fn(usize) -> bool) -> Vec<u8> {
        (0..self.words * size_of::<u128>())
            // SAFETY: within the block; initialised by the constructor and by everything that writes, but for padding.
            .map(|offset| if skip(offset) { 0 } else { unsafe { *self.at(offset as isize) } })
            .collect()
    }
}

impl Drop for Memory {
    fn drop(&mut self) {
        // SAFETY: made by `into_raw` from a slice of this length, and dropped once.
        drop(unsafe { Box::from_raw(std::ptr::slice_from_raw_parts_mut(self.start, self.words)) });
    }
}
