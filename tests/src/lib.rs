//! What the tests of quell share: expected values, tolerances, networks with known outputs, a naive twin of the pass,
//! a sampler that drives a solver the way a host does, and an exact judge of schedules.

pub mod abi;
pub mod analytic_generator;
pub mod floors;
pub mod judge;
pub mod minimise;
pub mod mixture1d;
pub mod mixtures;
pub mod models;
pub mod naive;
pub mod naive_components;
pub mod naive_evaluate;
pub mod naive_kmeans;
pub mod naive_readout;
pub mod naive_upsample;
pub mod peers;
pub mod quadrature;
pub mod recurrence;
pub mod sampler;
pub mod search;
pub mod stable_diffusion;
pub mod strategies;
pub mod tables;
pub mod tolerance;
pub mod vectors;
