//! The pictures. Each is drawn in memory and handed over as the bytes of a PNG file.

mod axes;
mod canvas;
mod digits;
mod errors;
mod overview;
mod samples;
mod schedules;

pub use canvas::load_font;

use crate::data::Digits;
use crate::denoiser::Denoiser;
use crate::experiment::{Floor, Metric, Outcome};
use crate::options::Options;
use crate::schedules::Range;
use anyhow::Result;

/// All pictures, each with the name of its file.
pub fn all(
    options: &Options,
    range: Range,
    digits: &Digits,
    denoiser: &Denoiser,
    outcomes: &[Outcome],
    floor: &Floor,
) -> Result<Vec<(String, Vec<u8>)>> {
    let mut files = vec![
        ("overview.png".to_owned(), overview::draw(options, outcomes, floor)?),
        ("schedules.png".to_owned(), schedules::draw(options, range, digits, denoiser)?),
        ("energy.png".to_owned(), errors::draw(options, outcomes, floor, Metric::Energy)?),
        ("sliced_wasserstein.png".to_owned(), errors::draw(options, outcomes, floor, Metric::SlicedWasserstein)?),
    ];
    for &budget in &options.steps {
        let picture = samples::draw(options, digits, outcomes, budget as usize)?;
        files.push((format!("samples_{budget:02}.png"), picture));
    }
    Ok(files)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::experiment::tests::small;

    #[test]
    fn every_choice_of_solvers_schedules_and_budgets_can_be_drawn() {
        load_font().unwrap();
        for arguments in [
            &["--steps", "1", "--samples", "2", "--sets", "1", "--solvers", "heun", "--schedules", "ays"][..],
            &["--steps", "2,3,4,5", "--samples", "3", "--sets", "2", "--solvers", "ddim,heun,unipc,dpmpp2m"],
        ] {
            let (options, range, digits, denoiser, outcomes, floor) = small(arguments);
            let files = all(&options, range, &digits, &denoiser, &outcomes, &floor).unwrap();
            assert_eq!(files.len(), 4 + options.steps.len());
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
