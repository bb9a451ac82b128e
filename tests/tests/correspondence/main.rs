//! Masks from coarse features, against the cases of the EmerDiff specification, naive twins and laws.

mod blur;
mod cluster;
mod components;
mod demonstration;
mod evaluate;
mod inversion;
mod modulate;
mod readout;
mod upsample;

use quell_tests::vectors::json;
use serde_json::Value;

/// One group of the cases.
fn case(name: &str) -> Value {
    let mut cases: Value = json("emerdiff_cases.json");
    cases["cases"][name].take()
}
