//! Pixel-accurate masks from the coarse features of a diffusion network: EmerDiff (Namekata, Sabour, Fidler and Kim,
//! ICLR 2024, arXiv 2401.11739).
//!
//! A change to a part of a coarse feature map changes those pixels of the image that the network takes for the same
//! thing. So cluster the features of an image, push each cluster up and down inside the network, and give each pixel to
//! the cluster whose push changes it most. The host runs the network; the rest is here, in memory that does not grow
//! with the number of masks:
//!
//! 1. [`cluster`]: k-means on the N cells' feature vectors, say the queries of a cross-attention layer, gives K masks;
//! 2. [`inversion`](crate::diffusion::inversion) finds the noise with which the sampler reproduces the image;
//! 3. [`modulate`]: in one layer, at the first step only, h ← h ± λ·Mⁱ, several masks in one batch; the remaining
//!    steps run as before, with the attention weights of the unmodulated pass;
//! 4. [`readout`]: dⁱ = ‖I⁻ − I⁺‖ for each pixel ([`difference`]), filtered by a Gaussian ([`blur`]), and the largest so
//!    far ([`fold`]): one pair of images at a time, or a few rows of it.
//!
//! | beside it | what it does |
//! | --- | --- |
//! | [`upsample`] | other ways from coarse masks to fine ones: nearest, bilinear, joint bilateral, guided filter, PAMR, weights of the host's |
//! | [`components`] | connected components, and small ones that give way |
//! | [`evaluate`] | confusion, matching, intersection over union, boundaries, the paper's modified protocol |
//! | [`embedding`] | the mean feature of each mask |
//! | [`image`] | how images lie in memory: planar, interleaved, a part of a larger one; bytes, half, single, double |
//!
//! # Example
//!
//! ```
//! use quell::correspondence::cluster::KMeans;
//! use quell::correspondence::fold::Fold;
//! use quell::correspondence::image::Layout;
//! use quell::correspondence::modulate::{Channels, Pass, fill_passes, offset_cells};
//! use quell::correspondence::readout::{Progress, Readout};
//! use quell::random::{Stream, fill_uniform};
//!
//! // 2 x 2 cells of 2 channels: the left ones are alike, and so are the right ones.
//! let features = [1.0f32, 0.0, 0.0, 1.0, 0.9, 0.1, 0.1, 0.9];
//! const KMEANS: KMeans = KMeans::new(2);
//! let (mut centres, mut cells) = ([0.0; 4], [0u8; 4]);
//! let mut uniforms = [0.0; KMEANS.uniforms_len()];
//! fill_uniform(&mut uniforms, Stream { seed: 1, stream: 0, step: 0 }, 0)?;
//! let (mut scratch, mut singles) = ([0.0; KMEANS.run_scratch_len(4, 2)], [0.0; KMEANS.singles_len(4, 2)]);
//! KMEANS.run(&mut centres, &mut cells, &features, 2, &uniforms, &mut scratch, &mut singles)?;
//!
//! // 4 x 4 pixels of one channel.
//! const READOUT: Readout = Readout::new(1, 4, 4, 0.5);
//! let (mut best, mut labels, mut state) = ([0f32; 16], [0u8; 16], [0.0; READOUT.state_len()]);
//! let mut fold = Fold::new(&mut best, &mut labels, None, None)?;
//! fold.reset();
//! for mask in 0..2 {
//!     let mut passes = [Pass::default(); 2];
//!     fill_passes(&mut passes, mask, 10.0, false)?;
//!     let mut h = [0.5f32; 2 * 4 * 2];
//!     offset_cells(&mut h, &cells, &passes, Channels::Last)?;
//!     let (minus, plus) = (decode(&h[..8]), decode(&h[8..]));
//!     let mut progress = Progress::new(mask);
//!     READOUT.push_rows(&mut progress, &mut fold, &minus, &plus, &Layout::planar(1, 4, 4), &mut state)?;
//! }
//! assert_eq!(labels[..4], [cells[0], cells[0], cells[1], cells[1]]);
//!
//! /// The rest of your network stands here.
//! fn decode(h: &[f32]) -> [f32; 16] {
//!     core::array::from_fn(|pixel| h[2 * (pixel / 8 * 2 + pixel % 4 / 2)])
//! }
//! # Ok::<(), quell::Error>(())
//! ```

pub mod blur;
pub mod cluster;
pub mod components;
pub mod difference;
pub mod embedding;
pub mod evaluate;
pub mod fold;
pub mod image;
mod label;
pub mod modulate;
pub mod readout;
mod rows;
pub mod upsample;
