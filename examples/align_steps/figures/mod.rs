//! The pictures. Each is drawn in memory and handed over as the bytes of a PNG file.

mod digits;
mod errors;
mod overview;
mod samples;
mod schedules;
mod sweeps;

use crate::data::Digits;
use crate::experiment::Metric;
use crate::options::Options;
use crate::report::Part;
use crate::subjects::Subject;
use anyhow::Result;

/// All pictures, each with the name of its file.
pub fn all(options: &Options, digits: &Digits, subjects: &[Subject], parts: &[Part]) -> Result<Vec<(String, Vec<u8>)>> {
    let mut files = vec![("sweeps.png".to_owned(), sweeps::draw()?)];
    for (subject, part) in subjects.iter().zip(parts) {
        let name = |what: &str| format!("{}_{what}.png", part.kind.name());
        files.push((name("overview"), overview::draw(options, part)?));
        files.push((name("schedules"), schedules::draw(options, digits, subject, part)?));
        files.push((name("energy"), errors::draw(options, part, Metric::Energy)?));
        files.push((name("sliced_wasserstein"), errors::draw(options, part, Metric::SlicedWasserstein)?));
        for &budget in &part.steps {
            let picture = samples::draw(options, digits, part, budget as usize)?;
            files.push((name(&format!("samples_{budget:02}")), picture));
        }
    }
    Ok(files)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::experiment::tests::{Small, small};
    use quell_examples::canvas::load_font;

    #[test]
    fn every_choice_of_solvers_schedules_and_budgets_can_be_drawn() {
        load_font().unwrap();
        for arguments in [
            &["--steps", "1", "--samples", "2", "--sets", "1", "--solvers", "heun", "--schedules", "ays"][..],
            &[
                "--steps",
                "2,3,4,5",
                "--samples",
                "3",
                "--sets",
                "2",
                "--solvers",
                "ddim,heun,unipc,2m",
                "--sweeps",
                "2",
            ],
        ] {
            let Small { options, digits, subject, outcomes, floor, .. } = small(arguments);
            let part =
                Part { kind: subject.kind, steps: subject.steps.clone(), samples: subject.samples, outcomes, floor };
            let files = all(&options, &digits, &[subject], &[part]).unwrap();
            assert_eq!(files.len(), 5 + options.steps.len());
            for (name, file) in files {
                let mut reader = png::Decoder::new(std::io::Cursor::new(file)).read_info().unwrap();
                let mut pixels = vec![0; reader.output_buffer_size().unwrap()];
                reader.next_frame(&mut pixels).unwrap();
                let dark = pixels.iter().filter(|&&value| value < 128).count();
                assert!(dark > 500 && dark < pixels.len() / 3, "{name}: {dark} of {}", pixels.len());
            }
        }
    }
}
