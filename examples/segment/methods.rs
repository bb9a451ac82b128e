//! The other ways from the coarse masks to the pixels, each from the same labels of the cells.

use crate::network::{CHANNELS, GRID, PIXELS, SIDE};
use anyhow::{Result, bail};
use clap::ValueEnum;
use quell::correspondence::fold::Fold;
use quell::correspondence::image::Layout;
use quell::correspondence::upsample::guided::{self, Guided};
use quell::correspondence::upsample::interpolate::{self, Interpolation};
use quell::correspondence::upsample::joint_bilateral::{self, JointBilateral};
use quell::correspondence::upsample::pamr::{self, Pamr};
use quell::correspondence::upsample::{Grid, Guide, HardMasks};

const PIXEL_GRID: Grid = Grid { rows: GRID, columns: GRID, height: SIDE, width: SIDE };

/// A way to a label for each pixel.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Method {
    /// The cell that the pixel lies in
    Nearest,
    /// The largest bilinearly interpolated mask
    Bilinear,
    /// Joint bilateral upsampling: cells that are near and of a like colour
    JointBilateral,
    /// The guided filter: each mask as a linear function of the colours nearby
    Guided,
    /// Pixel-adaptive mask refinement: masks spread to pixels of like colours
    Pamr,
    /// What changes when the mask is pushed inside the network
    EmerDiff,
}

impl Method {
    /// All, in the order of tables and pictures.
    pub const ALL: [Method; 6] =
        [Method::Nearest, Method::Bilinear, Method::JointBilateral, Method::Guided, Method::Pamr, Method::EmerDiff];

    /// The name in tables and titles.
    pub fn label(self) -> &'static str {
        match self {
            Method::Nearest => "nearest",
            Method::Bilinear => "bilinear",
            Method::JointBilateral => "joint bilateral",
            Method::Guided => "guided filter",
            Method::Pamr => "PAMR",
            Method::EmerDiff => "EmerDiff",
        }
    }

    /// The name in files.
    pub fn name(self) -> &'static str {
        match self {
            Method::Nearest => "nearest",
            Method::Bilinear => "bilinear",
            Method::JointBilateral => "joint_bilateral",
            Method::Guided => "guided",
            Method::Pamr => "pamr",
            Method::EmerDiff => "emerdiff",
        }
    }
}

/// The parameters of those that have any. Colours lie in [-1, 1].
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Upsamplers {
    /// Of joint bilateral upsampling.
    pub joint_bilateral: JointBilateral,
    /// Of the guided filter.
    pub guided: Guided,
    /// Of PAMR.
    pub pamr: Pamr<'static>,
}

/// The mask of each pixel, from those of the cells and the `image` (3, 64, 64).
pub fn upsample(
    method: Method,
    upsamplers: &Upsamplers,
    image: &[f32],
    labels: &[u8],
    clusters: usize,
) -> Result<Vec<u8>> {
    let (mut best, mut out) = (vec![0f32; PIXELS], vec![0u8; PIXELS]);
    let mut fold = Fold::new(&mut best, &mut out, None, None)?;
    fold.reset();
    let masks = HardMasks { labels, clusters };
    let guide = Guide { pixels: image, layout: Layout::planar(CHANNELS, SIDE, SIDE) };
    let (grid, bilinear) = (&PIXEL_GRID, Interpolation::Bilinear);
    match method {
        Method::Nearest | Method::Bilinear => {
            let interpolation = if method == Method::Nearest { Interpolation::Nearest } else { bilinear };
            let mut scratch = vec![0.0; interpolate::scratch_len(grid)];
            interpolate::labels(&mut fold, grid, interpolation, &masks, &mut scratch)?;
        }
        Method::JointBilateral => {
            let filter = &upsamplers.joint_bilateral;
            let mut coarse_guide = vec![0f32; CHANNELS * grid.cells()];
            joint_bilateral::fill_coarse_guide(&mut coarse_guide, grid, &guide)?;
            let mut scratch = vec![0.0; joint_bilateral::scratch_len(grid, filter)];
            joint_bilateral::labels(&mut fold, grid, filter, &masks, &guide, &coarse_guide, &mut scratch)?;
        }
        Method::Guided => {
            let filter = &upsamplers.guided;
            let mut statistics = vec![0.0; guided::statistics_len(grid, CHANNELS)];
            let mut scratch = vec![0.0; guided::scratch_len(grid, filter, CHANNELS)];
            guided::fill_statistics(&mut statistics, grid, filter, &guide, &mut scratch)?;
            let mut row = vec![0.0; SIDE];
            guided::labels(&mut fold, grid, filter, bilinear, &masks, &guide, &statistics, &mut row, &mut scratch)?;
        }
        Method::Pamr => {
            let refinement = &upsamplers.pamr;
            let dilations = refinement.dilations.len();
            let mut weights = vec![0f32; pamr::weights_len(grid, dilations)];
            let mut scratch = vec![0f32; pamr::weights_scratch_len(grid, dilations)];
            pamr::fill_weights(&mut weights, grid, refinement, &guide, &mut scratch)?;
            let mut scratch = vec![0f32; pamr::scratch_len(grid, clusters)];
            pamr::labels(&mut fold, grid, refinement, bilinear, &masks, &weights, &mut scratch)?;
        }
        Method::EmerDiff => bail!("EmerDiff takes more than labels and an image"),
    }
    Ok(out)
}
