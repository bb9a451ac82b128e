//! A pass as data: what is drawn, and what is done with it.

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;
use quell::diffusion::pass::{self, Guidance, Inpaint, Inputs, KNOWN_NOISE_STEP, Noise};
use quell::diffusion::solver::Solver;
use quell::diffusion::step::{SLOTS, Step};
use quell::random::{Stream, fill_normal};
use quell_tests::naive::{self, Element, absolute};
use quell_tests::sampler::same_bits;
use quell_tests::strategies::{mask, run_within, size, solver, step, values};
use std::ops::Range;

const STREAM: u32 = 3;
const KNOWN_STREAM: u32 = 9;

/// Where noise comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Source {
    Slice,
    Seeded,
}

/// A pass, less its buffers.
#[derive(Clone, Debug)]
pub struct Case {
    /// One, or one for each item.
    pub steps: Vec<Step>,
    pub batch: usize,
    pub item: usize,
    /// What the buffers are drawn from.
    pub data: u64,
    pub guidance: Option<f64>,
    pub is_clipped: bool,
    pub noise: Source,
    pub inpaint: Option<(Vec<f64>, Source)>,
    pub seeds: Vec<u64>,
    pub first_element: u64,
}

/// Any table, or that of a solver.
fn any_step() -> impl Strategy<Value = Step> {
    let from_solver =
        (solver(), run_within((1e-2, 1e2)), any::<prop::sample::Index>()).prop_map(|(solver, run, index)| {
            let passes = solver.passes(&run.schedule()).expect("passes");
            solver.step(&run.schedule(), index.index(passes)).expect("a position")
        });
    prop_oneof![step(), from_solver]
}

pub fn case() -> impl Strategy<Value = Case> {
    let source = || select(vec![Source::Slice, Source::Seeded]);
    let guidance = prop_oneof![Just(None), Just(Some(1.0)), (-2.0..8.0f64).prop_map(Some)];
    let first = prop_oneof![Just(0u64), 1..9u64, Just((1 << 34) - 2), any::<u32>().prop_map(u64::from)];
    (1..=3usize, size(), any::<bool>(), any::<bool>())
        .prop_flat_map(move |(batch, item, one_step, one_channel)| {
            let steps = if one_step { 1 } else { batch };
            // A mask of one channel is repeated along an item of several.
            let channel = if one_channel && item % 4 == 0 { item / 4 } else { item };
            let inpaint = prop::option::of((mask(channel), source()));
            (
                vec(any_step(), steps..=steps),
                Just((batch, item)),
                any::<u64>(),
                (guidance.clone(), any::<bool>(), source(), inpaint),
                vec(any::<u64>(), batch..=batch),
                first.clone(),
            )
        })
        .prop_map(|(steps, (batch, item), data, (guidance, is_clipped, noise, inpaint), seeds, first_element)| Case {
            steps,
            batch,
            item,
            data,
            guidance,
            is_clipped,
            noise,
            inpaint,
            seeds,
            first_element,
        })
}

/// All that a pass may read. Every slot is there.
#[derive(Clone)]
pub struct Buffers<X, M> {
    pub x: Vec<X>,
    pub history: Vec<X>,
    pub model: Vec<M>,
    pub unconditional: Vec<M>,
    pub denoised: Vec<X>,
    pub noise: Vec<X>,
    pub known: Vec<X>,
    pub known_noise: Vec<X>,
    pub mask: Vec<X>,
}

/// All that a pass writes.
pub struct Outcome<X, M> {
    pub x: Vec<X>,
    pub history: Vec<X>,
    pub next: Vec<M>,
}

impl<X: Element, M: Element> Outcome<X, M> {
    pub fn check_same(&self, expected: &Outcome<X, M>) -> Result<(), TestCaseError> {
        prop_assert!(same_bits(&self.x, &expected.x), "state {:?}, expected {:?}", self.x, expected.x);
        prop_assert!(same_bits(&self.history, &expected.history), "history");
        prop_assert!(same_bits(&self.next, &expected.next), "next input {:?}, expected {:?}", self.next, expected.next);
        Ok(())
    }

    /// Everything in double precision, state before slots.
    pub fn widened(&self) -> Vec<f64> {
        self.x.iter().chain(&self.history).map(|x| x.widen()).chain(self.next.iter().map(|x| x.widen())).collect()
    }

    /// The same elements of every buffer.
    pub fn part(&self, range: Range<usize>) -> Outcome<X, M> {
        Outcome {
            x: self.x[range.clone()].to_vec(),
            history: slots_part(&self.history, self.x.len(), &range),
            next: self.next[range].to_vec(),
        }
    }
}

fn slots_part<X: Copy>(history: &[X], length: usize, range: &Range<usize>) -> Vec<X> {
    (0..SLOTS).flat_map(|slot| &history[slot * length..][range.clone()]).copied().collect()
}

impl<X: Element, M: Element> Buffers<X, M> {
    pub fn draw(case: &Case) -> Buffers<X, M> {
        let n = case.batch * case.item;
        let state = |stream, n| values(case.data, stream, n).into_iter().map(|v| X::narrow(X::round(v))).collect();
        let output = |stream| values(case.data, stream, n).into_iter().map(|v| M::narrow(M::round(v))).collect();
        let mask = case.inpaint.iter().flat_map(|(mask, _)| mask).map(|&v| X::narrow(X::round(v))).collect();
        Buffers {
            x: state(0, n),
            history: state(1, SLOTS * n),
            model: output(2),
            unconditional: output(3),
            denoised: state(4, n),
            noise: state(5, n),
            known: state(6, n),
            known_noise: state(7, n),
            mask,
        }
    }

    pub fn inputs<'a>(&'a self, case: &'a Case) -> Inputs<'a, X, M> {
        let noise = |source, slice, stream| match source {
            Source::Slice => Noise::Slice(slice),
            Source::Seeded => Noise::Seeded { seeds: &case.seeds, stream, first_element: case.first_element },
        };
        Inputs {
            model: &self.model,
            guidance: case.guidance.map(|scale| Guidance { unconditional: &self.unconditional, scale }),
            denoised: case.is_clipped.then_some(&self.denoised),
            noise: noise(case.noise, &self.noise, STREAM),
            inpaint: case.inpaint.as_ref().map(|&(_, source)| Inpaint {
                mask: &self.mask,
                known: &self.known,
                noise: noise(source, &self.known_noise, KNOWN_STREAM),
            }),
        }
    }

    pub fn apply(&self, case: &Case) -> Outcome<X, M> {
        let (mut x, mut history, mut next) = (self.x.clone(), self.history.clone(), self.model.clone());
        pass::apply(&case.steps, &mut x, &mut history, &self.inputs(case), Some(&mut next)).expect("a pass");
        Outcome { x, history, next }
    }

    pub fn twin(&self, case: &Case) -> Outcome<X, M> {
        let (mut x, mut history, mut next) = (self.x.clone(), self.history.clone(), self.model.clone());
        naive::apply(&case.steps, &mut x, &mut history, &self.inputs(case), Some(&mut next));
        Outcome { x, history, next }
    }

    /// The elements of one item from `range.start` to `range.end`, as a pass of its own.
    pub fn part(&self, case: &Case, item: usize, range: Range<usize>) -> (Case, Buffers<X, M>) {
        let all = item * case.item + range.start..item * case.item + range.end;
        let mask = match self.mask.len() {
            0 => vec![],
            channel => range.clone().map(|element| self.mask[element % channel]).collect(),
        };
        let case = Case {
            steps: vec![*case.steps.get(item).unwrap_or(&case.steps[0])],
            batch: 1,
            item: range.len(),
            seeds: vec![case.seeds[item]],
            first_element: case.first_element + range.start as u64,
            ..case.clone()
        };
        let buffers = Buffers {
            x: self.x[all.clone()].to_vec(),
            history: slots_part(&self.history, self.x.len(), &all),
            model: self.model[all.clone()].to_vec(),
            unconditional: self.unconditional[all.clone()].to_vec(),
            denoised: self.denoised[all.clone()].to_vec(),
            noise: self.noise[all.clone()].to_vec(),
            known: self.known[all.clone()].to_vec(),
            known_noise: self.known_noise[all].to_vec(),
            mask,
        };
        (case, buffers)
    }

    /// Every buffer but the mask through a function of its elements and those of another.
    pub fn zip_with(&self, other: &Buffers<X, M>, f: impl Fn(f64, f64) -> f64 + Copy) -> Buffers<X, M> {
        fn zip<E: Element>(a: &[E], b: &[E], f: impl Fn(f64, f64) -> f64) -> Vec<E> {
            a.iter().zip(b).map(|(a, b)| E::narrow(E::round(f(a.widen(), b.widen())))).collect()
        }
        Buffers {
            x: zip(&self.x, &other.x, f),
            history: zip(&self.history, &other.history, f),
            model: zip(&self.model, &other.model, f),
            unconditional: zip(&self.unconditional, &other.unconditional, f),
            denoised: zip(&self.denoised, &other.denoised, f),
            noise: zip(&self.noise, &other.noise, f),
            known: zip(&self.known, &other.known, f),
            known_noise: zip(&self.known_noise, &other.known_noise, f),
            mask: self.mask.clone(),
        }
    }

    pub fn converted<Y: Element, N: Element>(&self) -> Buffers<Y, N> {
        fn convert<A: Element, B: Element>(all: &[A]) -> Vec<B> {
            all.iter().map(|a| B::narrow(B::round(a.widen()))).collect()
        }
        Buffers {
            x: convert(&self.x),
            history: convert(&self.history),
            model: convert(&self.model),
            unconditional: convert(&self.unconditional),
            denoised: convert(&self.denoised),
            noise: convert(&self.noise),
            known: convert(&self.known),
            known_noise: convert(&self.known_noise),
            mask: convert(&self.mask),
        }
    }

    /// Replaces seeded noise by the numbers that it stands for.
    pub fn with_noise_drawn(&self, case: &Case) -> (Case, Buffers<X, M>) {
        let (mut case, mut buffers) = (case.clone(), self.clone());
        let draw = |out: &mut [X], stream, step: &dyn Fn(&Step) -> u32| {
            for (item, out) in out.chunks_mut(case.item.max(1)).enumerate() {
                let step = step(case.steps.get(item).unwrap_or(&case.steps[0]));
                fill_normal(out, Stream { seed: case.seeds[item], stream, step }, case.first_element).expect("a range");
            }
        };
        if case.noise == Source::Seeded {
            draw(&mut buffers.noise, STREAM, &|step| step.noise_index);
        }
        if let Some((_, Source::Seeded)) = case.inpaint {
            draw(&mut buffers.known_noise, KNOWN_STREAM, &|_| KNOWN_NOISE_STEP);
        }
        case.noise = Source::Slice;
        if let Some((_, source)) = &mut case.inpaint {
            *source = Source::Slice;
        }
        (case, buffers)
    }
}

/// Σ|terms| of each element of an outcome in double precision.
pub fn magnitudes(case: &Case, buffers: &Buffers<f64, f64>) -> Vec<f64> {
    let (mut case, buffers) = buffers.with_noise_drawn(case);
    let mut buffers = buffers.zip_with(&buffers, |a, _| a.abs());
    if let Some(scale) = case.guidance.take() {
        for (c, u) in buffers.model.iter_mut().zip(&buffers.unconditional) {
            *c = u + scale.abs() * (*c + u);
        }
    }
    case.steps.iter_mut().for_each(|step| *step = absolute(step));
    // y + mask·(x − y) is as wrong as x and y are, however little of either is left.
    let mut with_mask = |mask: f64| {
        buffers.mask.fill(mask);
        buffers.twin(&case).widened()
    };
    let painted = with_mask(1.0);
    painted.into_iter().zip(with_mask(0.0)).map(|(x, y)| x + y).collect()
}

pub fn check_close(actual: &[f64], expected: &[f64], scale: &[f64], tolerance: f64) -> Result<(), TestCaseError> {
    prop_assert_eq!((actual.len(), scale.len()), (expected.len(), expected.len()));
    for (k, ((a, b), scale)) in actual.iter().zip(expected).zip(scale).enumerate() {
        prop_assert!((a - b).abs() <= tolerance * scale, "element {k}: {a}, expected {b} at a scale of {scale}");
    }
    Ok(())
}
