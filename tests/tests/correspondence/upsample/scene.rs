//! An image with cells over it, and every upsampler driven the same way on it.

use proptest::collection::vec;
use proptest::prelude::*;
use quell::correspondence::fold::Fold;
use quell::correspondence::image::Layout;
use quell::correspondence::upsample::guided::{self, Guided};
use quell::correspondence::upsample::interpolate::{self, Interpolation};
use quell::correspondence::upsample::joint_bilateral::{self, JointBilateral};
use quell::correspondence::upsample::pamr::{self, Pamr};
use quell::correspondence::upsample::{Coarse, Grid, Guide, Masks};
use quell::random::{Stream, fill_uniform};
use quell::{Error, Scalar, Storage};
use quell_tests::naive_upsample::{self as naive, Colours, Map};
use quell_tests::sampler::narrowed;
use quell_tests::strategies::{grid, log_uniform};

/// One of the upsamplers that the tests drive alike.
#[derive(Clone, Debug)]
pub enum Method {
    Interpolate(Interpolation),
    Joint(JointBilateral),
    Guided(Guided, Interpolation),
    Pamr(Vec<usize>, usize, Interpolation),
}

/// An image and the cells over it.
#[derive(Clone, Debug)]
pub struct Scene {
    pub grid: Grid,
    /// (channels, height, width).
    pub guide: Vec<f64>,
    pub channels: usize,
}

/// Numbers that must not be read.
pub fn dirty<T: Scalar>(length: usize) -> Vec<T> {
    vec![T::from_f64(f64::NAN); length]
}

impl Scene {
    pub fn layout(&self) -> Layout {
        Layout::planar(self.channels, self.grid.height, self.grid.width)
    }

    pub fn colours(&self) -> Colours {
        self.guide.chunks(self.grid.pixels().max(1)).map(<[f64]>::to_vec).collect()
    }

    /// The values of one mask at all pixels.
    pub fn map<T: Scalar>(&self, method: &Method, coarse: &impl Coarse) -> Vec<T> {
        let grid = &self.grid;
        let guide: Vec<T> = narrowed(&self.guide);
        let guide = Guide { pixels: &guide, layout: self.layout() };
        let mut map = dirty(grid.pixels());
        let rows = |map: &mut [T], fill: &mut dyn FnMut(usize, &mut [T])| {
            map.chunks_mut(grid.width.max(1)).enumerate().for_each(|(row, out)| fill(row, out));
        };
        match method {
            Method::Interpolate(interpolation) => rows(&mut map, &mut |row, out| {
                interpolate::fill_row(out, grid, *interpolation, row, coarse).expect("a row");
            }),
            Method::Joint(filter) => {
                let mut means = dirty(grid.cells() * self.channels);
                joint_bilateral::fill_coarse_guide(&mut means, grid, &guide).expect("means");
                let mut weights = dirty(joint_bilateral::weights_len(grid, filter));
                rows(&mut map, &mut |row, out| {
                    joint_bilateral::fill_weights(&mut weights, grid, filter, row, &guide, &means).expect("weights");
                    joint_bilateral::fill_row(out, grid, filter, row, &weights, coarse).expect("a row");
                });
            }
            Method::Guided(filter, interpolation) => {
                let mut statistics = dirty(guided::statistics_len(grid, self.channels));
                let mut scratch = dirty(guided::scratch_len(grid, filter, self.channels));
                guided::fill_statistics(&mut statistics, grid, filter, &guide, &mut scratch).expect("statistics");
                scratch.fill(f64::NAN);
                guided::fill_map(&mut map, grid, filter, *interpolation, coarse, &guide, &statistics, &mut scratch)
                    .expect("a map");
            }
            Method::Pamr(dilations, iterations, interpolation) => {
                let pamr = Pamr { dilations, iterations: *iterations };
                let weights = self.pamr_weights::<T>(&pamr).expect("weights");
                let mut scratch = dirty(grid.pixels());
                pamr::fill_map(&mut map, grid, &pamr, *interpolation, coarse, &weights, &mut scratch).expect("a map");
            }
        }
        map
    }

    pub fn pamr_weights<S: Storage>(&self, pamr: &Pamr) -> Result<Vec<S>, Error> {
        let guide: Vec<S::Acc> = narrowed(&self.guide);
        let guide = Guide { pixels: &guide, layout: self.layout() };
        let dilations = pamr.dilations.len();
        let mut weights =
            vec![S::store(<S::Acc as Scalar>::from_f64(f64::NAN)); pamr::weights_len(&self.grid, dilations)];
        let mut scratch = dirty(pamr::weights_scratch_len(&self.grid, dilations));
        pamr::fill_weights(&mut weights, &self.grid, pamr, &guide, &mut scratch)?;
        Ok(weights)
    }

    /// All masks through a fold: labels and values. The scratch may be too long, and is full of NaN.
    pub fn labels<T: Scalar>(&self, method: &Method, masks: &impl Masks) -> (Vec<u8>, Vec<T>) {
        let (mut best, mut labels) = (dirty::<T>(self.grid.pixels()), vec![0u8; self.grid.pixels()]);
        let mut fold = Fold::new(&mut best, &mut labels, None, None).expect("one length");
        fold.reset();
        self.fold(method, masks, &mut fold, 0).expect("labels");
        (labels, best)
    }

    /// The driver of the method, with so many elements of scratch less than needed.
    pub fn fold<T: Scalar>(
        &self,
        method: &Method,
        masks: &impl Masks,
        fold: &mut Fold<T, u8>,
        missing: usize,
    ) -> Result<(), Error> {
        let grid = &self.grid;
        let guide: Vec<T> = narrowed(&self.guide);
        let guide = Guide { pixels: &guide, layout: self.layout() };
        match method {
            Method::Interpolate(interpolation) => {
                let mut scratch = dirty(interpolate::scratch_len(grid) - missing);
                interpolate::labels(fold, grid, *interpolation, masks, &mut scratch)
            }
            Method::Joint(filter) => {
                let mut means = dirty(grid.cells() * self.channels);
                joint_bilateral::fill_coarse_guide(&mut means, grid, &guide)?;
                let mut scratch = dirty(joint_bilateral::scratch_len(grid, filter) - missing);
                joint_bilateral::labels(fold, grid, filter, masks, &guide, &means, &mut scratch)
            }
            Method::Guided(filter, interpolation) => {
                let mut statistics = dirty(guided::statistics_len(grid, self.channels));
                let mut scratch = dirty(guided::scratch_len(grid, filter, self.channels));
                guided::fill_statistics(&mut statistics, grid, filter, &guide, &mut scratch)?;
                scratch.fill(f64::NAN);
                scratch.truncate(scratch.len() - missing);
                let (interpolation, mut row) = (*interpolation, dirty(grid.width));
                guided::labels(fold, grid, filter, interpolation, masks, &guide, &statistics, &mut row, &mut scratch)
            }
            Method::Pamr(dilations, iterations, interpolation) => {
                let pamr = Pamr { dilations, iterations: *iterations };
                let weights = self.pamr_weights::<T>(&pamr)?;
                let mut scratch = dirty(pamr::scratch_len(grid, 1) - missing);
                pamr::labels(fold, grid, &pamr, *interpolation, masks, &weights, &mut scratch)
            }
        }
    }

    /// The naive twin of [`Scene::map`].
    pub fn twin(&self, method: &Method, coarse: &[f64]) -> Map {
        let (grid, guide) = (&self.grid, self.colours());
        let interpolated = |interpolation: Interpolation| match interpolation {
            Interpolation::Nearest => naive::nearest(grid, coarse),
            Interpolation::Bilinear => naive::bilinear(grid, coarse),
            Interpolation::BilinearCorners => naive::bilinear_corners(grid, coarse),
        };
        match method {
            Method::Interpolate(interpolation) => interpolated(*interpolation),
            Method::Joint(JointBilateral { sigma_space, sigma_range, radius }) => {
                let means: Colours = guide.iter().map(|map| naive::cell_means(grid, map)).collect();
                naive::joint_bilateral(grid, (*sigma_space, *sigma_range, *radius), &guide, &means, coarse)
            }
            Method::Guided(Guided { radius, epsilon }, interpolation) => {
                naive::guided(grid, *radius, *epsilon, &guide, &interpolated(*interpolation))
            }
            Method::Pamr(dilations, iterations, interpolation) => {
                naive::pamr(grid, dilations, *iterations, &guide, &interpolated(*interpolation))
            }
        }
    }
}

pub fn uniforms(seed: u64, stream: u32, length: usize) -> Vec<f64> {
    let mut out = vec![0.0; length];
    fill_uniform(&mut out, Stream { seed, stream, step: 0 }, 0).expect("a range");
    out
}

/// A guide with values in [0, 1) and an edge somewhere.
pub fn scene() -> impl Strategy<Value = Scene> {
    (grid(), prop_oneof![Just(1), Just(3)], any::<u64>(), 0.0..1.0f64).prop_map(|(grid, channels, seed, edge)| {
        let mut guide = uniforms(seed, 0, channels * grid.pixels());
        for (index, value) in guide.iter_mut().enumerate() {
            let is_left = ((index % grid.width) as f64) < edge * grid.width as f64;
            *value = 0.3 * *value + if is_left { 0.0 } else { 0.6 };
        }
        Scene { grid, guide, channels }
    })
}

pub fn interpolation() -> impl Strategy<Value = Interpolation> {
    prop_oneof![Just(Interpolation::Nearest), Just(Interpolation::Bilinear), Just(Interpolation::BilinearCorners)]
}

/// Methods whose weights are not negative.
pub fn averaging() -> impl Strategy<Value = Method> {
    let joint = (log_uniform(0.3, 5.0), log_uniform(0.1, 5.0), 0..8usize);
    prop_oneof![
        interpolation().prop_map(Method::Interpolate),
        joint.prop_map(|(sigma_space, sigma_range, radius)| {
            Method::Joint(JointBilateral { sigma_space, sigma_range, radius })
        }),
        (vec(1..30usize, 1..4), 0..5usize, interpolation())
            .prop_map(|(dilations, iterations, interpolation)| Method::Pamr(dilations, iterations, interpolation)),
    ]
}

pub fn method() -> impl Strategy<Value = Method> {
    let guided = (0..12usize, log_uniform(1e-3, 1.0), interpolation());
    prop_oneof![
        3 => averaging(),
        1 => guided.prop_map(|(radius, epsilon, interpolation)| {
            Method::Guided(Guided { radius, epsilon }, interpolation)
        }),
    ]
}

/// Hard masks for a scene.
pub fn coarse_labels(grid: &Grid, clusters: usize, seed: u64) -> Vec<u8> {
    uniforms(seed, 1, grid.cells()).into_iter().map(|u| (u * clusters as f64) as u8).collect()
}
