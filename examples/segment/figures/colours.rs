//! Which colour a mask has: the same in every picture of an image.

use crate::experiment::Cut;
use crate::scores::majority;
use anyhow::Result;
use plotters::style::RGBColor;
use quell::correspondence::evaluate::confusion::UNMATCHED;

/// Colours that people with any kind of colour vision tell apart (Okabe and Ito, and two greys).
pub const PALETTE: [RGBColor; 8] = [
    RGBColor(86, 180, 233),
    RGBColor(230, 159, 0),
    RGBColor(0, 158, 115),
    RGBColor(204, 121, 167),
    RGBColor(240, 228, 66),
    RGBColor(213, 94, 0),
    RGBColor(0, 114, 178),
    RGBColor(120, 120, 120),
];

/// How far the shades of a colour are from it: towards white above 0, towards black below.
const SHADES: [f64; 5] = [0.0, 0.35, -0.3, 0.6, -0.5];

/// The colours of an image's masks and regions.
#[derive(Clone, Debug)]
pub struct Colours {
    /// One for each mask.
    pub clusters: Vec<RGBColor>,
    /// One for each region, if the truth is known.
    pub regions: Vec<RGBColor>,
}

impl Colours {
    /// Masks have shades of the colour of the region that most of their pixels are in, whatever the method. Without a
    /// truth each has a colour of its own.
    pub fn new(cut: &Cut, clusters: usize, truth: Option<&[u8]>) -> Result<Colours> {
        let Some(truth) = truth else {
            return Ok(Colours { clusters: (0..clusters).map(own).collect(), regions: Vec::new() });
        };
        let labels = cut.fine.concat();
        let (_, class_of) = majority(&labels, clusters, &truth.repeat(cut.fine.len()))?;
        let classes = truth.iter().max().map_or(1, |&class| usize::from(class) + 1);
        let mut used = vec![0; classes];
        let colour = |class: u32| {
            let class = if class == UNMATCHED { 0 } else { class as usize };
            let shade = SHADES[used[class] % SHADES.len()];
            used[class] += 1;
            shaded(own(class), shade)
        };
        Ok(Colours { clusters: class_of.into_iter().map(colour).collect(), regions: (0..classes).map(own).collect() })
    }
}

/// The colour of a number: those of the palette, then their shades.
fn own(number: usize) -> RGBColor {
    shaded(PALETTE[number % PALETTE.len()], SHADES[number / PALETTE.len() % SHADES.len()])
}

fn shaded(colour: RGBColor, shade: f64) -> RGBColor {
    mixed(colour, if shade > 0.0 { RGBColor(255, 255, 255) } else { RGBColor(0, 0, 0) }, shade.abs())
}

/// The colour that is `share` of `b`, the rest `a`.
pub fn mixed(a: RGBColor, b: RGBColor, share: f64) -> RGBColor {
    let channel = |a: u8, b: u8| (f64::from(a) + share * (f64::from(b) - f64::from(a))).round() as u8;
    RGBColor(channel(a.0, b.0), channel(a.1, b.1), channel(a.2, b.2))
}

/// A value from 0 to 1 as a colour, from black through violet and orange to pale yellow: evenly lighter.
pub fn heat(value: f64) -> RGBColor {
    const STOPS: [RGBColor; 6] = [
        RGBColor(0, 0, 4),
        RGBColor(66, 10, 104),
        RGBColor(147, 38, 103),
        RGBColor(221, 81, 58),
        RGBColor(252, 165, 10),
        RGBColor(252, 255, 164),
    ];
    let place = value.clamp(0.0, 1.0) * (STOPS.len() - 1) as f64;
    let stop = (place as usize).min(STOPS.len() - 2);
    mixed(STOPS[stop], STOPS[stop + 1], place - stop as f64)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::network::PIXELS;

    fn cut(fine: Vec<Vec<u8>>) -> Cut {
        Cut { coarse: Vec::new(), fine, scores: None }
    }

    #[test]
    fn masks_have_shades_of_their_region() {
        let truth: Vec<u8> = (0..PIXELS).map(|pixel| (pixel * 2 / PIXELS) as u8).collect();
        // Of four masks two are in each region, and the fifth is nowhere.
        let labels: Vec<u8> = (0..PIXELS).map(|pixel| 3 - (pixel * 4 / PIXELS) as u8).collect();
        let Colours { clusters, regions } = Colours::new(&cut(vec![labels]), 5, Some(&truth)).unwrap();
        assert_eq!(regions, PALETTE[..2]);
        assert_eq!([clusters[0], clusters[2]], [PALETTE[1], PALETTE[0]]);
        assert_eq!(clusters[1], shaded(PALETTE[1], SHADES[1]));
        assert_eq!(clusters.len(), 5);
    }

    #[test]
    fn without_a_truth_all_masks_differ() {
        let Colours { clusters, .. } = Colours::new(&cut(Vec::new()), 40, None).unwrap();
        assert!((0..40).all(|i| (0..i).all(|j| clusters[i] != clusters[j])));
    }

    #[test]
    fn heat_grows_lighter() {
        let light = |value: f64| {
            let RGBColor(red, green, blue) = heat(value);
            0.3 * f64::from(red) + 0.6 * f64::from(green) + 0.1 * f64::from(blue)
        };
        assert!((0..20).all(|i| light(i as f64 / 20.0) < light((i + 1) as f64 / 20.0)));
        assert_eq!((heat(-1.0), heat(2.0)), (heat(0.0), heat(1.0)));
    }
}
