//! The bound on the divergence that discretisation causes, its estimates, and schedules from it, against closed forms
//! and the cases of the Align Your Steps specification.

mod density;
mod dynamic;
mod estimate;
mod gaussian;
mod importance;
mod save;
mod search;
mod tables;
mod teacher;

use quell_tests::vectors::json;
use serde_json::Value;

fn case(name: &str) -> Value {
    let mut cases: Value = json("ays_cases.json");
    cases[name].take()
}
