//! What was chosen, and where: on the tuning scenes alone.
//!
//! `segment --tune` repeats the choice: for each method the setting with the greatest mean IoU on the tuning scenes. The
//! test scenes come from another stream of random numbers and decide nothing.

use crate::emerdiff::{Coarse, Correspondence};
use crate::methods::Upsamplers;
use crate::network::Layer;
use quell::correspondence::upsample::guided::Guided;
use quell::correspondence::upsample::joint_bilateral::JointBilateral;
use quell::correspondence::upsample::pamr::Pamr;

/// All settings of a run.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Settings {
    /// The coarse masks, which all methods start from.
    pub coarse: Coarse,
    /// EmerDiff.
    pub correspondence: Correspondence,
    /// The other methods.
    pub upsamplers: Upsamplers,
}

/// Those that were chosen.
pub const CHOSEN: Settings = Settings {
    coarse: Coarse { layer: Layer::Down, timestep: 1, draws: 8, clusters: 8, restarts: 10 },
    correspondence: Correspondence { layer: Layer::Up0, timestep: 561, strength: 300.0, share: true, sigma: 0.5 },
    upsamplers: Upsamplers {
        joint_bilateral: JointBilateral { sigma_space: 1.0, sigma_range: 0.6, radius: 2 },
        guided: Guided { radius: 10, epsilon: 1e-5 },
        pamr: Pamr { dilations: &[1, 2, 4, 8], iterations: 5 },
    },
};
