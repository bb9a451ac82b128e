//! The judge of schedules on mixtures in one dimension: that it is right, and the floors that it gives.
//!
//! `cargo test --release -p quell-tests --test mixtures -- --ignored --nocapture` finds the floors again and writes
//! `vectors/floors.json`: ten minutes on two threads. With `--nocapture` the other tests print what they compare.

mod accuracy;
mod anchors;
mod floors;
mod gaussian;

mod rule;
