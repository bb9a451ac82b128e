//! Scenes with exact masks: two grounds and two to four objects, each a texture of two colours.
//!
//! A scene has four colours, and its regions have different pairs of them: a colour is in several regions, so that the
//! colour of a pixel does not tell which region it is in. What is around it does, to a person and to a network. The
//! bytes are the same on every machine: only additions, multiplications, divisions and roots are used.

use quell::random::{Stream, fill_uniform};

/// The width and height of a scene.
pub const SIDE: usize = 64;

/// Pixels in a scene.
pub const PIXELS: usize = SIDE * SIDE;

/// The fewest visible pixels of a region: some two cells of the 8x8 grid, or the grid has no cell for it.
const LEAST_VISIBLE: usize = 150;

/// The least distance between two colours of a scene, of 442 between black and white.
const LEAST_CONTRAST: f64 = 100.0;

/// What scenes are for. Each purpose draws from its own stream, so that no scene of one is a scene of another.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum Purpose {
    /// To train a network
    Training,
    /// To choose layer, strength, step and blur
    Tuning,
    /// To report, after all is chosen
    Test,
}

impl Purpose {
    fn stream(self) -> u32 {
        match self {
            Purpose::Training => 0x5ce0,
            Purpose::Tuning => 0x5ce1,
            Purpose::Test => 0x5ce2,
        }
    }
}

/// An image and the region of each pixel.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Scene {
    /// Red, green and blue of each pixel, row by row.
    pub rgb: Vec<u8>,
    /// The region of each pixel: 0 and 1 are the grounds above and below the horizon, objects follow.
    pub labels: Vec<u8>,
    /// The number of regions, all of them visible.
    pub regions: usize,
}

impl Scene {
    /// Scene `index` of a purpose and a seed.
    pub fn new(purpose: Purpose, seed: u64, index: u32) -> Scene {
        let mut draws = Draws { stream: Stream { seed, stream: purpose.stream(), step: index }, next: 0 };
        let (labels, regions) = loop {
            let (labels, regions) = layout(&mut draws);
            let visible = |region| labels.iter().filter(|&&label| usize::from(label) == region).count();
            if (0..regions).all(|region| visible(region) >= LEAST_VISIBLE) {
                break (labels, regions);
            }
        };
        let textures = textures(&mut draws, regions);
        let mut rgb = Vec::with_capacity(3 * PIXELS);
        for (pixel, &label) in labels.iter().enumerate() {
            rgb.extend(textures[usize::from(label)].colour(pixel));
        }
        Scene { rgb, labels, regions }
    }
}

/// The middle of a pixel.
fn centre(pixel: usize) -> [f64; 2] {
    [(pixel % SIDE) as f64 + 0.5, (pixel / SIDE) as f64 + 0.5]
}

/// One uniform after the other.
struct Draws {
    stream: Stream,
    next: u64,
}

impl Draws {
    fn unit(&mut self) -> f64 {
        let mut value = [0.0];
        fill_uniform(&mut value, self.stream, self.next).expect("a scene draws far less than a stream has");
        self.next += 1;
        value[0]
    }

    fn between(&mut self, low: f64, high: f64) -> f64 {
        low + (high - low) * self.unit()
    }

    fn below(&mut self, count: usize) -> usize {
        (self.unit() * count as f64) as usize
    }

    /// A unit vector: one within 45 degrees of the x axis, by the rational form of the circle, turned by quarters.
    fn direction(&mut self) -> [f64; 2] {
        let reach = std::f64::consts::SQRT_2 - 1.0;
        let t = self.between(-reach, reach);
        let (cosine, sine) = ((1.0 - t * t) / (1.0 + t * t), 2.0 * t / (1.0 + t * t));
        match self.below(4) {
            0 => [cosine, sine],
            1 => [-sine, cosine],
            2 => [-cosine, -sine],
            _ => [sine, -cosine],
        }
    }
}

/// A place turned so that `direction` is the first axis.
fn turned([x, y]: [f64; 2], [cosine, sine]: [f64; 2]) -> [f64; 2] {
    [cosine * x + sine * y, cosine * y - sine * x]
}

/// The regions, as labels, and how many there are, hidden ones included.
fn layout(draws: &mut Draws) -> (Vec<u8>, usize) {
    let (height, slope) = (draws.between(20.0, 44.0), draws.between(-0.5, 0.5));
    let middle = SIDE as f64 / 2.0;
    let below = |[x, y]: [f64; 2]| y > height + slope * (x - middle);
    let mut labels: Vec<u8> = (0..PIXELS).map(|pixel| u8::from(below(centre(pixel)))).collect();
    let objects = 2 + draws.below(3);
    for object in 0..objects {
        let shape = draws.below(3);
        let radius = draws.between(9.0, 18.0);
        let [x, y] = [draws.between(10.0, 54.0), draws.between(10.0, 54.0)];
        let direction = draws.direction();
        for (pixel, label) in labels.iter_mut().enumerate() {
            let [px, py] = centre(pixel);
            let [u, v] = turned([(px - x) / radius, (py - y) / radius], direction);
            let inside = match shape {
                0 => u * u + v * v < 1.0,
                1 => u.abs() < 0.86 && v.abs() < 0.86,
                _ => v < 0.7 && v > 1.9 * u.abs() - 1.0,
            };
            if inside {
                *label = 2 + object as u8;
            }
        }
    }
    (labels, 2 + objects)
}

/// The pixels of a 4x4 tile that have a texture's second colour, row by row from the highest bit.
const TILES: [u16; 7] = [
    // Stripes: level, upright, falling, rising.
    0b1111_1111_0000_0000,
    0b1100_1100_1100_1100,
    0b1100_0110_0011_1001,
    0b0011_0110_1100_1001,
    // Checks, dots and a net.
    0b1100_1100_0011_0011,
    0b1100_1100_0000_0000,
    0b1111_1000_1000_1000,
];

/// Two colours and the tile that repeats over the region.
#[derive(Clone, Copy, Debug)]
struct Texture {
    tile: u16,
    shift: [usize; 2],
    colours: [[u8; 3]; 2],
}

/// Textures of four colours, no two with the same pair.
fn textures(draws: &mut Draws, regions: usize) -> Vec<Texture> {
    let palette = palette(draws);
    let mut pairs = [[0, 1], [0, 2], [0, 3], [1, 2], [1, 3], [2, 3]];
    for last in (1..pairs.len()).rev() {
        pairs.swap(last, draws.below(last + 1));
    }
    let mut texture = |[a, b]: [usize; 2]| {
        let colours = if draws.below(2) == 0 { [palette[a], palette[b]] } else { [palette[b], palette[a]] };
        Texture { tile: TILES[draws.below(TILES.len())], shift: [draws.below(4), draws.below(4)], colours }
    };
    pairs.into_iter().take(regions).map(&mut texture).collect()
}

/// Four colours, each far from the others.
fn palette(draws: &mut Draws) -> [[u8; 3]; 4] {
    let mut colours = [[0.0; 3]; 4];
    let mut found = 0;
    while found < colours.len() {
        let colour = [0; 3].map(|_| draws.between(20.0, 235.0));
        let apart = |other: &[f64; 3]| {
            let squares: f64 = colour.iter().zip(other).map(|(a, b)| (a - b) * (a - b)).sum();
            squares.sqrt() >= LEAST_CONTRAST
        };
        if colours[..found].iter().all(apart) {
            colours[found] = colour;
            found += 1;
        }
    }
    colours.map(|colour| colour.map(|value| value as u8))
}

impl Texture {
    fn colour(&self, pixel: usize) -> [u8; 3] {
        let [x, y] = [pixel % SIDE + self.shift[0], pixel / SIDE + self.shift[1]];
        let bit = 15 - (4 * (y % 4) + x % 4);
        self.colours[usize::from(self.tile >> bit & 1)]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn some() -> impl Iterator<Item = Scene> {
        (0..40).map(|index| Scene::new(Purpose::Tuning, 0, index))
    }

    #[test]
    fn a_scene_is_its_address() {
        let scene = Scene::new(Purpose::Tuning, 3, 5);
        assert_eq!(scene, Scene::new(Purpose::Tuning, 3, 5));
        for other in
            [(Purpose::Training, 3, 5), (Purpose::Test, 3, 5), (Purpose::Tuning, 4, 5), (Purpose::Tuning, 3, 6)]
        {
            let other = Scene::new(other.0, other.1, other.2);
            assert!(scene.rgb != other.rgb && scene.labels != other.labels);
        }
    }

    /// The committed network was trained on these very scenes.
    #[test]
    fn the_scenes_are_those_the_network_was_trained_on() {
        let sum =
            |bytes: &[u8]| bytes.iter().fold(0u64, |sum, &byte| sum.wrapping_mul(0x100_0000_01b3) ^ u64::from(byte));
        let scene = Scene::new(Purpose::Training, 0, 7);
        assert_eq!((sum(&scene.rgb), sum(&scene.labels)), (129_502_071_623_481_817, 9_423_410_661_754_887_650));
    }

    #[test]
    fn every_region_is_visible_and_two_to_four_are_objects() {
        let mut seen = [false; 7];
        for scene in some() {
            assert_eq!((scene.rgb.len(), scene.labels.len()), (3 * PIXELS, PIXELS));
            assert!((4..=6).contains(&scene.regions));
            seen[scene.regions] = true;
            for region in 0..scene.regions {
                let visible = scene.labels.iter().filter(|&&label| usize::from(label) == region).count();
                assert!(visible >= LEAST_VISIBLE, "{visible}");
            }
            assert!(scene.labels.iter().all(|&label| usize::from(label) < scene.regions));
        }
        assert_eq!(seen[4..], [true; 3]);
    }

    #[test]
    fn a_region_has_two_colours_that_it_shares_with_others() {
        for scene in some() {
            let mut colours = vec![Vec::new(); scene.regions];
            for (rgb, &label) in scene.rgb.chunks(3).zip(&scene.labels) {
                let colours = &mut colours[usize::from(label)];
                if !colours.contains(&rgb) {
                    colours.push(rgb);
                }
            }
            for (region, own) in colours.iter().enumerate() {
                assert_eq!(own.len(), 2);
                let others = || colours.iter().enumerate().filter(|&(other, _)| other != region).map(|(_, own)| own);
                assert!(others().all(|other| own.iter().any(|colour| !other.contains(colour))));
                assert!(own.iter().any(|colour| others().any(|other| other.contains(colour))));
            }
        }
    }

    /// Even if the best region for each colour of the scene is known.
    #[test]
    fn colour_alone_does_not_tell_the_regions() {
        let (mut right, mut all) = (0, 0);
        for scene in some() {
            let mut counts: Vec<(&[u8], [usize; 6])> = Vec::new();
            for (rgb, &label) in scene.rgb.chunks(3).zip(&scene.labels) {
                let at = counts.iter().position(|(colour, _)| *colour == rgb).unwrap_or_else(|| {
                    counts.push((rgb, [0; 6]));
                    counts.len() - 1
                });
                counts[at].1[usize::from(label)] += 1;
            }
            right += counts.iter().map(|(_, regions)| regions.iter().max().unwrap_or(&0)).sum::<usize>();
            all += PIXELS;
        }
        let share = right as f64 / all as f64;
        assert!((0.4..0.7).contains(&share), "{share}");
    }
}
