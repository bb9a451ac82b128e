//! The whole of EmerDiff on a generator without weights: cluster, invert, push up and down, read out, score.
//!
//! The generator is analytic and has no learned semantics. What it shows is that the parts fit together, and where
//! mathematics says what must come out, that it does.

use quell::correspondence::cluster::KMeans;
use quell::correspondence::evaluate::assignment::majority;
use quell::correspondence::evaluate::boundary::{self, Boundaries};
use quell::correspondence::evaluate::{confusion, iou};
use quell::correspondence::fold::Fold;
use quell::correspondence::image::Layout;
use quell::correspondence::modulate::{Channels, Pass, fill_passes, offset_cells};
use quell::correspondence::readout::{Progress, Readout};
use quell::correspondence::upsample::interpolate::{self, Interpolation};
use quell::correspondence::upsample::joint_bilateral::{self, JointBilateral};
use quell::correspondence::upsample::{Guide, HardMasks, OneHot, mix};
use quell::diffusion::inversion::{invert, noise_to};
use quell::diffusion::pass::{self, Inputs, Noise};
use quell::diffusion::prediction::Prediction;
use quell::diffusion::schedule::Schedule;
use quell::diffusion::solver::{Ddim, Solver};
use quell::diffusion::step::Step;
use quell::random::{Stream, fill_uniform};
use quell_tests::analytic_generator::{
    self as generator, Attention, CHANNELS, ELEMENTS, GRID, SIGMA_SPACE, Scene, attend, scene,
};
use quell_tests::sampler::same_bits;
use quell_tests::stable_diffusion::{self, STEPS};
use quell_tests::tolerance::{CANCELLING_F64, ORDER, worst_of_largest};

/// The number of clusters.
const CLUSTERS: usize = 6;

const PIXELS: usize = GRID.pixels();

/// The steps of the 50 from the training step `time` down, which end at the first training step's ᾱ.
fn steps_from(time: f64) -> Vec<Step> {
    let levels = stable_diffusion::levels();
    let first = levels[..STEPS].iter().position(|level| level.timestep == time).expect("one of the times");
    let schedule =
        Schedule::new(stable_diffusion::process(), Prediction::Sample, &levels[first..]).expect("decreasing levels");
    let ddim = Ddim { eta: 1.0, ..Ddim::default() };
    (0..schedule.steps()).map(|index| ddim.step(&schedule, index).expect("a step")).collect()
}

/// What the coarse layer holds at each step.
#[derive(Clone, Copy)]
enum Values<'a> {
    /// The means of the state's cells.
    OfState,
    /// The same values throughout.
    Fixed(&'a [f64]),
}

impl Values<'_> {
    fn at(&self, x: &[f64], step: &Step) -> Vec<f64> {
        match self {
            Values::OfState => generator::values(x, step.at.alpha),
            Values::Fixed(values) => values.to_vec(),
        }
    }
}

/// A scene as draws of noise, with the attention at each of its states.
struct Inversion<'a> {
    steps: Vec<Step>,
    values: Values<'a>,
    first: Vec<f64>,
    draws: Vec<Vec<f64>>,
    attention: Vec<Attention>,
    last: Vec<f64>,
}

impl<'a> Inversion<'a> {
    fn new(image: &[f64], seed: u64, from: f64, values: Values<'a>) -> Inversion<'a> {
        let steps = steps_from(from);
        let noise = Noise::Seeded { seeds: &[seed], stream: 0, first_element: 0 };
        let noised = |step: Step| {
            let mut x = image.to_vec();
            pass::apply(&[step], &mut x, &mut [], &Inputs::<f64, f64> { noise, ..Inputs::default() }, None)
                .expect("a pass");
            x
        };
        let first = noised(Step::add_noise(steps[0].at).expect("a level"));
        let (mut x, mut draws, mut attention) = (first.clone(), vec![], vec![]);
        for (index, step) in steps.iter().enumerate() {
            let is_last = index + 1 == steps.len();
            let mut z = if is_last { image.to_vec() } else { noised(noise_to(step).expect("a level")) };
            let at = attend(&x, &step.at);
            let model = generator::mix(&at.weights, &values.at(&x, step));
            let inputs = Inputs { model: &model, ..Inputs::default() };
            invert(step, &mut x, &mut [], &mut z, &inputs, None).expect("a step with noise");
            draws.push(z);
            attention.push(at);
        }
        Inversion { steps, values, first, draws, attention, last: x }
    }

    /// Runs a batch of passes from the first state, offset at the first step, with the attention of the inversion or
    /// with their own. The images, one behind the other.
    fn run(&self, labels: &[u8], passes: &[Pass], with_frozen_attention: bool) -> Vec<f64> {
        let mut batch = self.first.repeat(passes.len());
        for (index, step) in self.steps.iter().enumerate() {
            let mut h: Vec<f64> = batch.chunks(ELEMENTS).flat_map(|x| self.values.at(x, step)).collect();
            if index == 0 {
                offset_cells(&mut h, labels, passes, Channels::Last).expect("a batch");
            }
            for (x, values) in batch.chunks_mut(ELEMENTS).zip(h.chunks(GRID.cells() * CHANNELS)) {
                let own = (!with_frozen_attention).then(|| attend(x, &step.at));
                let model = generator::mix(&own.as_ref().unwrap_or(&self.attention[index]).weights, values);
                let inputs = Inputs { model: &model, noise: Noise::Slice(&self.draws[index]), ..Inputs::default() };
                pass::apply(&[*step], x, &mut [], &inputs, None).expect("a pass");
            }
        }
        batch
    }

    /// The images of a mask that is pushed down and up.
    fn pair(&self, labels: &[u8], label: usize, lambda: f64, with_frozen_attention: bool) -> [Vec<f64>; 2] {
        let mut passes = [Pass::default(); 2];
        fill_passes(&mut passes, label, lambda, false).expect("a pair");
        let images = self.run(labels, &passes, with_frozen_attention);
        [images[..ELEMENTS].to_vec(), images[ELEMENTS..].to_vec()]
    }

    /// The masks by modulation.
    fn labels(&self, labels: &[u8], lambda: f64, sigma: f64) -> Vec<u8> {
        let readout = Readout::new(CHANNELS, GRID.height, GRID.width, sigma);
        let mut scratch = vec![f64::NAN; readout.state_len()];
        folded(|fold| {
            for label in 0..CLUSTERS {
                let [minus, plus] = self.pair(labels, label, lambda, true);
                let mut progress = Progress::new(label);
                let layout = Layout::planar(CHANNELS, GRID.height, GRID.width);
                readout.push_rows(&mut progress, fold, &minus, &plus, &layout, &mut scratch).expect("two images");
                assert!(readout.is_complete(&progress));
            }
        })
        .0
    }
}

/// A fold that takes masks, and what is in it then: labels and margins.
fn folded(take: impl FnOnce(&mut Fold<f64, u8>)) -> (Vec<u8>, Vec<f64>) {
    let (mut best, mut second, mut labels) = (vec![0.0; PIXELS], vec![0.0; PIXELS], vec![0; PIXELS]);
    let mut fold = Fold::new(&mut best, &mut labels, Some(&mut second), None).expect("as many of each");
    fold.reset();
    take(&mut fold);
    let mut margins = vec![0.0; PIXELS];
    fold.fill_margins(&mut margins).expect("as many margins");
    (labels, margins)
}

/// Clusters of the cells, by colour and position.
fn clusters(image: &[f64]) -> Vec<u8> {
    let options = KMeans { restarts: 4, ..KMeans::new(CLUSTERS) };
    let features: Vec<f64> = generator::values(image, 1.0)
        .chunks(CHANNELS)
        .enumerate()
        .flat_map(|(cell, colour)| {
            let at = |index: usize, cells: usize| index as f64 / cells as f64;
            let position = [at(cell / GRID.columns, GRID.rows), at(cell % GRID.columns, GRID.columns)];
            colour.iter().map(|c| 2.0 * c).chain(position).collect::<Vec<_>>()
        })
        .collect();
    let dimension = CHANNELS + 2;
    let mut uniforms = vec![0.0; options.uniforms_len()];
    fill_uniform(&mut uniforms, Stream { seed: 1, stream: 0, step: 0 }, 0).expect("draws");
    let (mut centres, mut labels) = (vec![0.0; CLUSTERS * dimension], vec![0; GRID.cells()]);
    let mut scratch = vec![f64::NAN; options.run_scratch_len(GRID.cells(), dimension)];
    let mut singles = vec![f32::NAN; options.singles_len(GRID.cells(), dimension)];
    options
        .run(&mut centres, &mut labels, &features, dimension, &uniforms, &mut scratch, &mut singles)
        .expect("more cells than clusters");
    labels
}

/// The labels that mixing the masks by given weights leads to, with margins.
fn mixed(weights: &[f64], labels: &[u8]) -> (Vec<u8>, Vec<f64>) {
    let mut scratch = vec![f64::NAN; mix::scratch_len(PIXELS, GRID.cells())];
    let masks = HardMasks { labels, clusters: CLUSTERS };
    folded(|fold| mix::labels(fold, 0, PIXELS, weights, GRID.cells(), &masks, &mut scratch).expect("weights"))
}

#[test]
fn the_reference_repeats_the_inversion_bit_for_bit() {
    let Scene { image, .. } = scene(1);
    let inversion = Inversion::new(&image, 5, 281.0, Values::OfState);
    assert!(worst_of_largest(&inversion.last, &image) < 1e-13);
    let mut passes = [Pass::default(); 3];
    fill_passes(&mut passes, 0, 1.0, true).expect("a reference and a pair");
    let images = inversion.run(&clusters(&image), &passes, true);
    assert!(same_bits(&images[..ELEMENTS], &inversion.last));
    // Attention that follows the state follows the same states.
    let own = inversion.run(&clusters(&image), &passes[..1], false);
    assert!(same_bits(&own, &inversion.last));
    assert!(!same_bits(&images[ELEMENTS..2 * ELEMENTS], &inversion.last));
}

/// With attention frozen and values that do not follow the state, what an offset c·M at the first step does to the
/// image is c·κ·W·M, κ the product of the later steps' factors on the state: masks by modulation are masks that were
/// mixed by W.
#[test]
fn with_fixed_values_the_difference_is_the_mask_mixed_by_the_weights() {
    for (seed, lambda) in [(1, 10.0), (2, 1.0), (3, 100.0)] {
        let Scene { image, .. } = scene(seed);
        let labels = clusters(&image);
        let values = generator::values(&image, 1.0);
        let inversion = Inversion::new(&image, seed, 281.0, Values::Fixed(&values));
        let weights = &inversion.attention[0].weights;
        let [first, later @ ..] = &inversion.steps[..] else { panic!("there are 15 steps") };
        let kappa = first.table(false)[0].model * later.iter().map(|step| step.table(false)[0].x).product::<f64>();
        let mut scratch = vec![f64::NAN; mix::scratch_len(PIXELS, GRID.cells())];
        for label in 0..CLUSTERS {
            let [minus, plus] = inversion.pair(&labels, label, lambda, true);
            let mut mask = vec![0.0; PIXELS];
            mix::fill_values(&mut mask, weights, &OneHot { labels: &labels, label }, &mut scratch).expect("weights");
            for (minus, plus) in minus.chunks(PIXELS).zip(plus.chunks(PIXELS)) {
                let moved: Vec<f64> = plus.iter().zip(minus).map(|(plus, minus)| plus - minus).collect();
                let expected: Vec<f64> = mask.iter().map(|mask| 2.0 * lambda * kappa * mask).collect();
                // Rounding is that of the image, seen from a difference of κ times the offset.
                assert!(worst_of_largest(&moved, &expected) < CANCELLING_F64, "{lambda} {label}");
            }
        }

        let modulated = inversion.labels(&labels, lambda, 0.0);
        let (mixed, margins) = mixed(weights, &labels);
        let attention = &inversion.attention[0];
        let filter = JointBilateral { sigma_space: SIGMA_SPACE, sigma_range: attention.sigma_range, radius: GRID.rows };
        let guide = Guide { pixels: &attention.guide, layout: Layout::planar(CHANNELS, GRID.height, GRID.width) };
        let mut scratch = vec![f64::NAN; joint_bilateral::scratch_len(&GRID, &filter)];
        let masks = HardMasks { labels: &labels[..], clusters: CLUSTERS };
        let (bilateral, _) = folded(|fold| {
            let coarse = &attention.coarse_guide;
            joint_bilateral::labels(fold, &GRID, &filter, &masks, &guide, coarse, &mut scratch).expect("a guide");
        });
        let decided: Vec<usize> = (0..PIXELS).filter(|&pixel| margins[pixel] > CANCELLING_F64).collect();
        if decided.len() < PIXELS {
            println!("scene {seed}: {} pixels are left out, two masks being equal there", PIXELS - decided.len());
        }
        assert!(decided.len() > PIXELS - 10);
        assert!(decided.iter().all(|&pixel| modulated[pixel] == mixed[pixel]), "mixed by the weights, scene {seed}");
        assert!(decided.iter().all(|&pixel| modulated[pixel] == bilateral[pixel]), "joint bilateral, scene {seed}");
    }
}

/// Masks share out the cells, so their responses add up to that of an offset everywhere, where all is linear.
#[test]
fn responses_of_a_linear_generator_add_up() {
    let Scene { image, .. } = scene(4);
    let labels = clusters(&image);
    let inversion = Inversion::new(&image, 4, 281.0, Values::OfState);
    let response = |labels: &[u8], label| {
        let [minus, plus] = inversion.pair(labels, label, 1.0, true);
        plus.iter().zip(minus).map(|(plus, minus)| plus - minus).collect::<Vec<f64>>()
    };
    let mut sum = vec![0.0; ELEMENTS];
    for label in 0..CLUSTERS {
        sum.iter_mut().zip(response(&labels, label)).for_each(|(sum, response)| *sum += response);
    }
    assert!(worst_of_largest(&sum, &response(&vec![0; GRID.cells()], 0)) < CANCELLING_F64);
}

/// I⁺ − I⁻ = 2λ·J·1_M + O(λ³), while I⁺ − I⁰ = λ·J·1_M + O(λ²): attention follows the state here, so nothing is linear.
#[test]
fn the_central_difference_is_of_second_order() {
    let Scene { image, .. } = scene(6);
    let labels = clusters(&image);
    let inversion = Inversion::new(&image, 6, 281.0, Values::OfState);
    let slope = |lambda: f64, is_central: bool| -> Vec<f64> {
        let [minus, plus] = inversion.pair(&labels, 0, lambda, false);
        let (minus, width) = if is_central { (&minus, 2.0 * lambda) } else { (&inversion.last, lambda) };
        plus.iter().zip(minus).map(|(plus, minus)| (plus - minus) / width).collect()
    };
    let distance = |a: &[f64], b: &[f64]| a.iter().zip(b).map(|(a, b)| (a - b).powi(2)).sum::<f64>().sqrt();
    for (is_central, order) in [(true, 2.0), (false, 1.0)] {
        let [a, b, c] = [0.04, 0.02, 0.01].map(|lambda| slope(lambda, is_central));
        let measured = (distance(&a, &b) / distance(&b, &c)).log2();
        assert!((measured - order).abs() < ORDER, "{measured}");
    }
}

/// Small offsets lead to the same masks, however small.
#[test]
fn masks_do_not_depend_on_a_small_offset() {
    let Scene { image, .. } = scene(7);
    let labels = clusters(&image);
    let inversion = Inversion::new(&image, 7, 281.0, Values::OfState);
    let [small, smaller] = [0.1, 0.01].map(|lambda| inversion.labels(&labels, lambda, 1.0));
    assert_eq!(small, smaller);
}

/// What a way to masks scores on all scenes.
#[derive(Default)]
struct Scores {
    miou: f64,
    accuracy: f64,
    boundaries: Boundaries,
    scenes: f64,
}

impl Scores {
    fn add(&mut self, scene: &Scene, labels: &[u8]) {
        let classes = usize::from(*scene.truth.iter().max().expect("pixels")) + 1;
        let (mut table, mut class_of, mut each) = (vec![0; classes * CLUSTERS], [0; CLUSTERS], vec![0.0; classes]);
        confusion::count(&mut table, &scene.truth, labels, classes, CLUSTERS, None).expect("labels");
        majority(&mut class_of, &table, classes, CLUSTERS).expect("a table");
        let summary = iou::fill(&mut each, &table, classes, CLUSTERS, Some(&class_of)).expect("a table");
        let mut scratch = vec![0; boundary::scratch_len(GRID.height, GRID.width)];
        let found = boundary::count(&scene.truth, labels, GRID.height, GRID.width, None, 1.0, &mut scratch);
        self.boundaries.merge(&found.expect("two maps"));
        self.miou += summary.miou;
        self.accuracy += summary.accuracy;
        self.scenes += 1.0;
    }

    fn print(&self, name: &str) {
        let (miou, accuracy) = (self.miou / self.scenes, self.accuracy / self.scenes);
        let (recall, precision) = (self.boundaries.recall(), self.boundaries.precision());
        println!(
            "{name:28} accuracy {accuracy:.3}  mIoU {miou:.3}  boundary recall {recall:.3}  precision {precision:.3}"
        );
    }
}

/// Twelve scenes, each cluster given the class that most of its pixels have.
#[test]
fn masks_by_modulation_follow_outlines_that_the_cells_do_not() {
    let [mut nearest, mut bilinear, mut joint, mut at_281, mut at_141] = [(); 5].map(|()| Scores::default());
    for seed in 100..112 {
        let scene = scene(seed);
        let labels = clusters(&scene.image);
        let masks = HardMasks { labels: &labels[..], clusters: CLUSTERS };
        let mut scratch = vec![f64::NAN; interpolate::scratch_len(&GRID)];
        for (scores, way) in [(&mut nearest, Interpolation::Nearest), (&mut bilinear, Interpolation::Bilinear)] {
            let take =
                |fold: &mut Fold<f64, u8>| interpolate::labels(fold, &GRID, way, &masks, &mut scratch).expect("a grid");
            scores.add(&scene, &folded(take).0);
        }
        for (scores, from) in [(&mut at_281, 281.0), (&mut at_141, 141.0)] {
            let inversion = Inversion::new(&scene.image, seed, from, Values::OfState);
            scores.add(&scene, &inversion.labels(&labels, 1.0, 1.0));
            if from == 281.0 {
                joint.add(&scene, &mixed(&inversion.attention[0].weights, &labels).0);
            }
        }
    }
    println!("analytic generator, no learned semantics:");
    nearest.print("nearest");
    bilinear.print("bilinear");
    joint.print("mixed by the attention at 281");
    at_281.print("modulated at 281");
    at_141.print("modulated at 141");
    for modulated in [&at_281, &at_141] {
        assert!(modulated.miou > nearest.miou.max(bilinear.miou) + 0.08 * modulated.scenes);
        assert!(modulated.accuracy > nearest.accuracy.max(bilinear.accuracy) + 0.03 * modulated.scenes);
        assert!(modulated.boundaries.precision() > 2.0 * nearest.boundaries.precision());
        assert!(modulated.miou > joint.miou - 0.05 * modulated.scenes);
    }
}
