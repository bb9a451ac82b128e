//! Laws of the fused pass: it is its naive twin bit for bit, for every pair of types, and all that follows from the
//! documented order of operations. Numbers in brackets are those of the list of invariants.

mod case;

use case::{Buffers, Case, Outcome, Source, case, check_close, magnitudes};
use proptest::collection::vec;
use proptest::prelude::*;
use quell::diffusion::pass::{self, Inputs};
use quell::diffusion::step::{SLOTS, Step, TableRow};
use quell::{bf16, f16};
use quell_tests::naive::Element;
use quell_tests::sampler::same_bits;
use quell_tests::strategies::config;
use quell_tests::tolerance::{PASS_F32, ROUNDING_F64};

const REGRESSIONS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/proptest-regressions/laws_pass.txt");

/// A law for every pair of a state's type and an output's.
macro_rules! for_all_types {
    ($law:ident, $($argument:expr),*) => {
        $law::<f32, f32>($($argument),*)?;
        $law::<f64, f64>($($argument),*)?;
        $law::<f16, f16>($($argument),*)?;
        $law::<bf16, bf16>($($argument),*)?;
        $law::<f32, f16>($($argument),*)?;
        $law::<f32, bf16>($($argument),*)?;
        $law::<f32, f64>($($argument),*)?;
        $law::<f64, f32>($($argument),*)?;
        $law::<f16, f32>($($argument),*)?;
        $law::<bf16, f16>($($argument),*)?;
    };
}

fn is_twin<X: Element, M: Element>(case: &Case) -> Result<(), TestCaseError> {
    let buffers = Buffers::<X, M>::draw(case);
    buffers.apply(case).check_same(&buffers.twin(case))
}

fn is_loop<X: Element, M: Element>(case: &Case) -> Result<(), TestCaseError> {
    let buffers = Buffers::<X, M>::draw(case);
    let whole = buffers.apply(case);
    for item in 0..case.batch {
        let (alone, buffers) = buffers.part(case, item, 0..case.item);
        buffers.apply(&alone).check_same(&whole.part(item * case.item..(item + 1) * case.item))?;
    }
    Ok(())
}

fn is_chunked<X: Element, M: Element>(case: &Case, cuts: &[prop::sample::Index]) -> Result<(), TestCaseError> {
    let buffers = Buffers::<X, M>::draw(case);
    let whole = buffers.apply(case);
    let mut ends: Vec<usize> = cuts.iter().map(|cut| cut.index(case.item + 1)).collect();
    ends.extend([0, case.item]);
    ends.sort_unstable();
    for item in 0..case.batch {
        for ends in ends.windows(2) {
            let (chunk, buffers) = buffers.part(case, item, ends[0]..ends[1]);
            let start = item * case.item;
            buffers.apply(&chunk).check_same(&whole.part(start + ends[0]..start + ends[1]))?;
        }
    }
    Ok(())
}

fn is_drawn<X: Element, M: Element>(case: &Case) -> Result<(), TestCaseError> {
    let buffers = Buffers::<X, M>::draw(case);
    let (given, with_noise) = buffers.with_noise_drawn(case);
    with_noise.apply(&given).check_same(&buffers.apply(case))
}

fn mask_is_exact<X: Element, M: Element>(case: &Case) -> Result<(), TestCaseError> {
    let painted = |value: f64| Case { inpaint: Some((vec![value], Source::Slice)), ..case.clone() };
    let plain = Case { inpaint: None, ..case.clone() };
    let mut buffers = Buffers::<X, M>::draw(&painted(1.0));
    let expected = buffers.apply(&plain);
    // What is all painted does not depend on the known sample.
    let known = std::mem::replace(&mut buffers.known, vec![X::narrow(f64::NAN); case.batch * case.item]);
    buffers.apply(&painted(1.0)).check_same(&expected)?;
    // What is all kept does not depend on the state, were it not a number; slots are not masked.
    (buffers.known, buffers.mask) = (known, vec![X::narrow(0.0)]);
    prop_assert!(same_bits(&buffers.apply(&painted(0.0)).history, &expected.history));
    for buffer in [&mut buffers.x, &mut buffers.history, &mut buffers.denoised, &mut buffers.noise] {
        buffer.fill(X::narrow(f64::NAN));
    }
    buffers.model.fill(M::narrow(f64::NAN));
    let kept = buffers.apply(&painted(0.0));
    for (k, &x) in kept.x.iter().enumerate() {
        let level = case.steps.get(k / case.item).unwrap_or(&case.steps[0]).next;
        let signal = X::round(X::round(level.alpha) * buffers.known[k].widen());
        let noise = X::round(X::round(level.sigma) * buffers.known_noise[k].widen());
        let y = if level.sigma == 0.0 { signal } else { X::round(signal + noise) };
        prop_assert!(same_bits(&[x], &[X::narrow(y)]));
    }
    Ok(())
}

/// Which columns a step reads: x, model, denoised, noise, slots.
fn columns(step: &Step, is_clipped: bool) -> [bool; 4 + SLOTS] {
    let read = |factor: f64| factor as f32 != 0.0;
    let mut all = [false; 4 + SLOTS];
    for TableRow { x, model, denoised, noise, slots } in step.table(is_clipped) {
        for (column, factor) in all.iter_mut().zip([x, model, denoised, noise].into_iter().chain(slots)) {
            *column |= read(factor);
        }
    }
    all
}

fn zero_factors_are_not_read<X: Element, M: Element>(case: &Case) -> Result<(), TestCaseError> {
    let clean = Buffers::<X, M>::draw(case);
    let mut dirty = clean.clone();
    let n = case.batch * case.item;
    for item in 0..case.batch {
        let range = item * case.item..(item + 1) * case.item;
        let step = case.steps.get(item).unwrap_or(&case.steps[0]);
        let [x, model, denoised, noise, slots @ ..] = columns(step, case.is_clipped);
        let nan = X::narrow(f64::NAN);
        for (buffer, is_read) in [(&mut dirty.x, x), (&mut dirty.denoised, denoised), (&mut dirty.noise, noise)] {
            if !is_read {
                buffer[range.clone()].fill(nan);
            }
        }
        if !model {
            dirty.model[range.clone()].fill(M::narrow(f64::NAN));
        }
        if !model || case.guidance == Some(1.0) {
            dirty.unconditional[range.clone()].fill(M::narrow(f64::NAN));
        }
        if step.next.sigma == 0.0 {
            dirty.known_noise[range.clone()].fill(nan);
        }
        for (slot, is_read) in slots.into_iter().enumerate() {
            if !is_read {
                dirty.history[slot * n..][range.clone()].fill(nan);
            }
        }
    }
    let (clean_out, mut dirty_out) = (clean.apply(case), dirty.apply(case));
    // A slot that is neither read nor written keeps what it had.
    for slot in 0..SLOTS {
        for item in 0..case.batch {
            let step = case.steps.get(item).unwrap_or(&case.steps[0]);
            let is_written = step.destinations.contains(&(1 + slot as i32));
            for k in slot * n + item * case.item..slot * n + (item + 1) * case.item {
                if !is_written {
                    prop_assert!(same_bits(&dirty_out.history[k..=k], &dirty.history[k..=k]));
                    dirty_out.history[k] = clean_out.history[k];
                }
            }
        }
    }
    dirty_out.check_same(&clean_out)
}

fn is_rounded_single<X: Element, M: Element>(case: &Case) -> Result<(), TestCaseError> {
    let buffers = Buffers::<X, M>::draw(case);
    let single = buffers.converted::<f32, f32>().apply(case);
    let stored: Vec<X> = single.x.iter().map(|&x| X::narrow(f64::from(x))).collect();
    let next = stored.iter().enumerate().map(|(k, x)| {
        let step = case.steps.get(k / case.item).unwrap_or(&case.steps[0]);
        M::narrow(f64::from(step.next.input_scale as f32 * x.widen() as f32))
    });
    let history = single.history.iter().map(|&x| X::narrow(f64::from(x))).collect();
    let next = next.collect();
    buffers.apply(case).check_same(&Outcome { x: stored, history, next })
}

fn denoise_is_its_formula<X: Element, M: Element>(case: &Case) -> Result<(), TestCaseError> {
    let buffers = Buffers::<X, M>::draw(case);
    let Inputs { model, guidance, .. } = buffers.inputs(case);
    let mut out = vec![X::default(); buffers.x.len()];
    pass::denoise(&mut out, &case.steps, &buffers.x, model, guidance).expect("denoise");
    // The same number is what a pass gives whose only term is D.
    let mut only = case.clone();
    (only.is_clipped, only.inpaint) = (false, None);
    for step in &mut only.steps {
        let linear = step.denoised;
        *step = Step::identity(step.next).expect("a level");
        (step.denoised, step.rows[0].x, step.rows[0].denoised) = (linear, 0.0, 1.0);
    }
    prop_assert!(same_bits(&out, &buffers.twin(&only).x));
    Ok(())
}

proptest! {
    #![proptest_config(config(REGRESSIONS))]

    #[test]
    fn a_pass_is_its_naive_twin(case in case()) {
        for_all_types!(is_twin, &case);
    }

    /// (19)
    #[test]
    fn batching_is_looping(case in case()) {
        for_all_types!(is_loop, &case);
    }

    /// (52, 57)
    #[test]
    fn any_chunking_is_the_whole(case in case(), cuts in vec(any::<prop::sample::Index>(), 0..4)) {
        for_all_types!(is_chunked, &case, &cuts);
    }

    #[test]
    fn seeded_noise_is_a_slice_of_the_stream(case in case()) {
        // In 16 bits a slice would hold rounded noise; inside the pass it is not rounded.
        is_drawn::<f32, f16>(&case)?;
        is_drawn::<f32, f32>(&case)?;
        is_drawn::<f64, f64>(&case)?;
    }

    #[test]
    fn a_mask_is_exact_at_both_ends(case in case()) {
        for_all_types!(mask_is_exact, &case);
    }

    #[test]
    fn zero_factors_are_not_read_and_unused_slots_stay(case in case()) {
        for_all_types!(zero_factors_are_not_read, &case);
    }

    /// (49): longer history is accepted and left alone; what the next input held before does not matter.
    #[test]
    fn dirty_buffers_give_the_same_bits(case in case(), extra in 0..40usize) {
        let buffers = Buffers::<f32, f16>::draw(&case);
        let (mut x, mut history) = (buffers.x.clone(), buffers.history.clone());
        history.resize(history.len() + extra, f32::NAN);
        let mut next = vec![f16::NAN; x.len()];
        pass::apply(&case.steps, &mut x, &mut history, &buffers.inputs(&case), Some(&mut next)).unwrap();
        let tail = history.split_off(buffers.history.len());
        prop_assert!(tail.iter().all(|x| x.is_nan()));
        Outcome { x: x.clone(), history: history.clone(), next }.check_same(&buffers.apply(&case))?;
        // Nor does it matter whether the next input is asked for.
        let (mut bare_x, mut bare_history) = (buffers.x.clone(), buffers.history.clone());
        pass::apply(&case.steps, &mut bare_x, &mut bare_history, &buffers.inputs(&case), None).unwrap();
        prop_assert!(same_bits(&bare_x, &x) && same_bits(&bare_history, &history));
    }

    /// (54)
    #[test]
    fn sixteen_bits_store_the_rounded_single(case in case()) {
        is_rounded_single::<f16, f16>(&case)?;
        is_rounded_single::<bf16, bf16>(&case)?;
        is_rounded_single::<f16, bf16>(&case)?;
        is_rounded_single::<bf16, f32>(&case)?;
    }

    /// (54)
    #[test]
    fn single_precision_follows_double(case in case()) {
        let single = Buffers::<f32, f32>::draw(&case);
        let double = single.converted::<f64, f64>();
        let scale = magnitudes(&case, &double);
        check_close(&single.apply(&case).widened(), &double.apply(&case).widened(), &scale, PASS_F32)?;
    }

    /// (18)
    #[test]
    fn a_pass_is_linear(case in case(), a in -2.0..2.0f64, b in -2.0..2.0f64, other in any::<u64>()) {
        let u = Buffers::<f64, f64>::draw(&case);
        // Seeded noise is the same for both, so it would not add up.
        let (case, u) = u.with_noise_drawn(&case);
        let v = Buffers::<f64, f64>::draw(&Case { data: other, ..case.clone() });
        let sum = u.zip_with(&v, |u, v| a * u + b * v).apply(&case).widened();
        let (of_u, of_v) = (u.apply(&case).widened(), v.apply(&case).widened());
        let expected: Vec<f64> = of_u.iter().zip(&of_v).map(|(u, v)| a * u + b * v).collect();
        let scale: Vec<f64> = magnitudes(&case, &u).iter().zip(magnitudes(&case, &v))
            .map(|(u, v)| a.abs() * u + b.abs() * v).collect();
        check_close(&sum, &expected, &scale, ROUNDING_F64)?;
    }

    /// (21)
    #[test]
    fn noise_enters_with_its_factor(case in case()) {
        let case = Case { inpaint: None, ..case };
        let (case, with) = Buffers::<f64, f64>::draw(&case).with_noise_drawn(&case);
        let without = Buffers { noise: vec![0.0; with.noise.len()], ..with.clone() };
        let scale = magnitudes(&case, &with);
        let (moved, still) = (with.apply(&case), without.apply(&case));
        for (k, scale) in scale.iter().enumerate().take(with.x.len()) {
            let factor = case.steps.get(k / case.item).unwrap_or(&case.steps[0]).rows[0].noise;
            let (difference, expected) = (moved.x[k] - still.x[k], factor * with.noise[k]);
            prop_assert!((difference - expected).abs() <= ROUNDING_F64 * scale, "{difference} {expected}");
        }
    }

    #[test]
    fn the_estimate_is_its_formula(case in case()) {
        for_all_types!(denoise_is_its_formula, &case);
    }

    /// Clipping that changes nothing leaves the results as they were, up to rounding.
    #[test]
    fn clipping_by_nothing_is_no_clipping(case in case()) {
        fn law<X: Element>(case: &Case, tolerance: f64) -> Result<(), TestCaseError> {
            let mut buffers = Buffers::<X, X>::draw(case);
            let Inputs { model, guidance, .. } = buffers.inputs(case);
            let mut denoised = vec![X::default(); buffers.x.len()];
            pass::denoise(&mut denoised, &case.steps, &buffers.x, model, guidance).expect("denoise");
            buffers.denoised = denoised;
            let (plain, clipped) = (Case { is_clipped: false, ..case.clone() }, Case { is_clipped: true, ..case.clone() });
            let scale = magnitudes(&plain, &buffers.converted());
            let split = magnitudes(&clipped, &buffers.converted());
            let scale: Vec<f64> = scale.iter().zip(split).map(|(a, b)| a + b).collect();
            check_close(&buffers.apply(&clipped).widened(), &buffers.apply(&plain).widened(), &scale, tolerance)
        }
        law::<f64>(&case, ROUNDING_F64)?;
        law::<f32>(&case, PASS_F32)?;
    }
}
