//! Counter-based random numbers.

use crate::pointer::Buffer;
use crate::status::{quell_status, run};
use quell::random::{self, Stream};
use quell::{Argument, bf16, f16};

/// One block of Philox4x32-10: four words from a counter of four words and a key of two.
///
/// @param out      four words
/// @param counter  four words
/// @param key      two words
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn quell_philox4x32_10(out: *mut u32, counter: *const u32, key: *const u32) -> quell_status {
    run(|| {
        let (out, counter, key) = (
            Buffer::output(Argument::Out, out, 4)?,
            Buffer::input(Argument::Counter, counter, 4)?,
            Buffer::input(Argument::Key, key, 2)?,
        );
        out.apart_from(&[counter.range(), key.range()])?;
        // SAFETY: checked above; valid by the contract of the C ABI.
        let (out, counter, key) = unsafe { (out.slice_mut(), counter.slice(), key.slice()) };
        if let (&[c0, c1, c2, c3], &[k0, k1]) = (counter, key) {
            out.copy_from_slice(&random::philox4x32_10([c0, c1, c2, c3], [k0, k1]));
        }
        Ok(())
    })
}

/// Stamps the fills of one type.
macro_rules! fills {
    ($type:ty as $stored:ty, $normal:ident, $batch:ident) => {
        /// Fills a buffer with standard normals. Element k of the buffer is element first_element + k of the stream
        /// that (seed, stream, step) names: any part can be drawn alone, on any machine, and has the same bits.
        ///
        /// @param out            n elements
        /// @param n              how many
        /// @param seed           which sequence of experiments
        /// @param stream         which independent use of the seed: 0 for step noise, say
        /// @param step           which draw of that use
        /// @param first_element  the number of the first element
        #[must_use]
        #[unsafe(no_mangle)]
        pub unsafe extern "C" fn $normal(
            out: *mut $type,
            n: usize,
            seed: u64,
            stream: u32,
            step: u32,
            first_element: u64,
        ) -> quell_status {
            run(|| {
                let out = Buffer::output(Argument::Out, out.cast::<$stored>(), n)?;
                // SAFETY: checked above; valid by the contract of the C ABI.
                random::fill_normal(unsafe { out.slice_mut() }, Stream { seed, stream, step }, first_element)
            })
        }

        /// Fills a batch of seeds_len equal items with standard normals, each from its own seed, so that an item's
        /// noise does not depend on the batch that it travels in.
        ///
        /// @param out        n elements, a multiple of seeds_len
        /// @param n          how many in all
        /// @param seeds      one seed for each item
        /// @param seeds_len  how many items
        /// @param stream     which independent use of the seeds
        /// @param step       which draw of that use
        #[must_use]
        #[unsafe(no_mangle)]
        pub unsafe extern "C" fn $batch(
            out: *mut $type,
            n: usize,
            seeds: *const u64,
            seeds_len: usize,
            stream: u32,
            step: u32,
        ) -> quell_status {
            run(|| {
                let out = Buffer::output(Argument::Out, out.cast::<$stored>(), n)?;
                let seeds = Buffer::input(Argument::Seeds, seeds, seeds_len)?;
                out.apart_from(&[seeds.range()])?;
                // SAFETY: checked above; valid by the contract of the C ABI.
                let (out, seeds) = unsafe { (out.slice_mut(), seeds.slice()) };
                random::fill_normal_batch(out, seeds, stream, step)
            })
        }
    };
}
fills!(f32 as f32, quell_normal_f32, quell_normal_batch_f32);
fills!(f64 as f64, quell_normal_f64, quell_normal_batch_f64);
fills!(u16 as f16, quell_normal_f16, quell_normal_batch_f16);
fills!(u16 as bf16, quell_normal_bf16, quell_normal_batch_bf16);

/// Stamps the uniforms of one type.
macro_rules! uniforms {
    ($type:ty, $uniform:ident) => {
        /// Fills a buffer with uniforms in [0, 1), addressed as the normals are. Single precision takes 24 bits of one
        /// word, double precision 53 bits of two.
        ///
        /// @param out            n elements
        /// @param n              how many
        /// @param seed           which sequence of experiments
        /// @param stream         which independent use of the seed
        /// @param step           which draw of that use
        /// @param first_element  the number of the first element
        #[must_use]
        #[unsafe(no_mangle)]
        pub unsafe extern "C" fn $uniform(
            out: *mut $type,
            n: usize,
            seed: u64,
            stream: u32,
            step: u32,
            first_element: u64,
        ) -> quell_status {
            run(|| {
                let out = Buffer::output(Argument::Out, out, n)?;
                // SAFETY: checked above; valid by the contract of the C ABI.
                random::fill_uniform(unsafe { out.slice_mut() }, Stream { seed, stream, step }, first_element)
            })
        }
    };
}
uniforms!(f32, quell_uniform_f32);
uniforms!(f64, quell_uniform_f64);
