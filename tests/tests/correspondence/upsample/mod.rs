//! Upsamplers: the cases, other people's programs, naive twins, and the laws of weights, numbered as in the list of
//! invariants.

mod attention;
mod cases;
mod laws;
mod refusals;
mod scene;

const REGRESSIONS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/proptest-regressions/upsample.txt");
