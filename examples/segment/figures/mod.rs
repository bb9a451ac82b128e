//! The pictures. Each is drawn in memory and handed over as the bytes of a PNG file.

pub mod colours;
pub mod differences;
pub mod masks;
pub mod scores;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::experiment::tests::{cuts, small};
    use crate::network::tests::committed;
    use quell_examples::canvas::load_font;

    fn share_of_ink(file: &[u8]) -> f64 {
        let mut reader = png::Decoder::new(std::io::Cursor::new(file)).read_info().unwrap();
        let mut pixels = vec![0; reader.output_buffer_size().unwrap()];
        reader.next_frame(&mut pixels).unwrap();
        pixels.iter().filter(|&&value| value < 200).count() as f64 / pixels.len() as f64
    }

    #[test]
    fn every_picture_can_be_drawn() {
        load_font().unwrap();
        let settings = small();
        let (mut cases, cuts) = cuts(&settings, 2, 2);
        let clusters = settings.coarse.clusters;
        let rows = |cases: &[crate::experiment::Case]| {
            let rows: Vec<_> = cases.iter().zip(&cuts).collect();
            masks::draw("masks", &rows, clusters).unwrap()
        };
        let with_truth = rows(&cases);
        assert!(share_of_ink(&with_truth) > 0.3);
        let maps = differences::Maps::new(&committed(), &cases[0], &settings).unwrap();
        assert_eq!(maps.labels(), cuts[0].fine[crate::methods::Method::EmerDiff as usize]);
        assert!(share_of_ink(&differences::draw(&cases[0], &cuts[0], &maps).unwrap()) > 0.3);
        assert!(share_of_ink(&scores::draw(&cuts).unwrap()) > 0.01);
        cases.iter_mut().for_each(|case| case.truth = None);
        assert!(rows(&cases) != with_truth);
    }
}
