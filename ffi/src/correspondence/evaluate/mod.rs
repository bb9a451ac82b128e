//! How good a segmentation is.

// The order of the modules is that of the header.
pub mod confusion;

pub mod assignment;

pub mod iou;

pub mod boundary;

pub mod concepts;
