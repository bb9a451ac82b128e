//! How good a segmentation is.
//!
//! Everything stands on one table for an image or for a whole data set: how many pixels of each true class have each
//! label ([`confusion`]). Labels that are no classes yet, clusters of a k-means, say, get one by matching or by
//! majority ([`assignment`]), or from their masks' features ([`concepts`]); scores follow ([`iou`]). How well outlines
//! agree needs the maps themselves ([`boundary`]).
//!
//! ```
//! use quell::correspondence::evaluate::{assignment, confusion, iou};
//! let (truth, labels) = ([0u8, 0, 1, 1, 255], [2u8, 2, 0, 2, 1]);
//! let mut table = [0; 2 * 3];
//! confusion::count(&mut table, &truth, &labels, 2, 3, Some(255))?;
//! assert_eq!(table, [0, 0, 2, 1, 0, 1]);
//!
//! let mut class_of = [0; 3];
//! let mut scratch = [0.0; assignment::scratch_len(3, 2)];
//! let mut index_scratch = [0; assignment::index_scratch_len(3, 2)];
//! assignment::match_clusters(&mut class_of, &table, 2, 3, &mut scratch, &mut index_scratch)?;
//! assert_eq!(class_of, [1, confusion::UNMATCHED, 0]);
//!
//! let mut scores = [0.0; 2];
//! let summary = iou::fill(&mut scores, &table, 2, 3, Some(&class_of))?;
//! assert_eq!((scores, summary.accuracy), ([2.0 / 3.0, 0.5], 0.75));
//! # Ok::<(), quell::Error>(())
//! ```

pub mod assignment;
pub mod boundary;
pub mod concepts;
pub mod confusion;
pub mod iou;
