//! What the tests of quell share: expected values, tolerances, networks with known outputs, a naive twin of the pass,
//! and a sampler that drives a solver the way a host does.

pub mod abi;
pub mod models;
pub mod naive;
pub mod peers;
pub mod recurrence;
pub mod sampler;
pub mod strategies;
pub mod tables;
pub mod tolerance;
pub mod vectors;
