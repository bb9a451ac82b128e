//! Images as the network has them, and as files have them.

use crate::network::{CHANNELS, ITEM, PIXELS, SIDE};
use anyhow::{Context, Result, bail, ensure};
use plotters::style::RGBColor;
use png::{BitDepth, ColorType, Transformations};
use std::fs::File;
use std::io::BufReader;
use std::path::Path;

/// What transparent pixels are put on.
const BACKGROUND: f32 = 1.0;

/// The planes (3, 64, 64) in [-1, 1] of red, green and blue bytes.
pub fn planes(rgb: &[u8]) -> Vec<f32> {
    let value = |i: usize| f32::from(rgb[(i % PIXELS) * CHANNELS + i / PIXELS]) / 127.5 - 1.0;
    (0..ITEM).map(value).collect()
}

/// The colours of the planes of an image.
pub fn colours(planes: &[f32]) -> Vec<RGBColor> {
    let byte = |value: f32| ((value.clamp(-1.0, 1.0) + 1.0) * 127.5).round() as u8;
    let [red, green, blue] = [0, 1, 2].map(|channel| &planes[channel * PIXELS..][..PIXELS]);
    (0..PIXELS).map(|pixel| RGBColor(byte(red[pixel]), byte(green[pixel]), byte(blue[pixel]))).collect()
}

/// Reads the planes of an image: grey, palette or RGB, 1 to 16 bits; what is transparent is put on white.
pub fn read(path: &Path) -> Result<Vec<f32>> {
    let attempt = || {
        let raw = Raw::read(path, Transformations::EXPAND)?;
        let channels = raw.colour.samples();
        let (values, most): (Vec<f32>, f32) = match raw.depth {
            BitDepth::Sixteen => {
                let wide = raw.bytes.chunks_exact(2).map(|pair| f32::from(u16::from_be_bytes([pair[0], pair[1]])));
                (wide.collect(), 65535.0)
            }
            _ => (raw.bytes.iter().map(|&byte| byte.into()).collect(), 255.0),
        };
        ensure!(values.len() == channels * PIXELS, "has {} values, not {}", values.len(), channels * PIXELS);
        let mut planes = vec![0f32; ITEM];
        for (pixel, values) in values.chunks_exact(channels).enumerate() {
            let (colour, alpha) = match *values {
                [grey] => ([grey; 3], most),
                [grey, alpha] => ([grey; 3], alpha),
                [red, green, blue] => ([red, green, blue], most),
                [red, green, blue, alpha] => ([red, green, blue], alpha),
                _ => bail!("has pixels of {channels} values"),
            };
            for (channel, value) in colour.into_iter().enumerate() {
                let opaque = alpha / most;
                planes[channel * PIXELS + pixel] = 2.0 * (opaque * value / most + (1.0 - opaque) * BACKGROUND) - 1.0;
            }
        }
        Ok(planes)
    };
    attempt().with_context(|| path.display().to_string())
}

/// Reads a region for each pixel: a grey image or one with a palette, of at most 8 bits.
pub fn read_labels(path: &Path) -> Result<Vec<u8>> {
    let attempt = || {
        let raw = Raw::read(path, Transformations::IDENTITY)?;
        ensure!(
            matches!(raw.colour, ColorType::Grayscale | ColorType::Indexed),
            "is {:?}: regions are values of a grey image or of one with a palette",
            raw.colour
        );
        let bits = match raw.depth {
            BitDepth::Sixteen => bail!("has 16 bits: regions have at most 8"),
            depth => depth as usize,
        };
        // Rows begin at whole bytes.
        let row = (SIDE * bits).div_ceil(8);
        let label = |pixel: usize| {
            let bit = pixel % SIDE * bits;
            let byte = raw.bytes[pixel / SIDE * row + bit / 8];
            ((u16::from(byte) << (bit % 8)) as u8) >> (8 - bits)
        };
        Ok((0..PIXELS).map(label).collect())
    };
    attempt().with_context(|| path.display().to_string())
}

/// An image of the right size as its file has it.
struct Raw {
    colour: ColorType,
    depth: BitDepth,
    bytes: Vec<u8>,
}

impl Raw {
    fn read(path: &Path, transformations: Transformations) -> Result<Raw> {
        let file = File::open(path).context("cannot be opened")?;
        let mut decoder = png::Decoder::new(BufReader::new(file));
        decoder.set_transformations(transformations);
        let mut reader = decoder.read_info().context("is no PNG file that can be read")?;
        let (width, height) = reader.info().size();
        ensure!(
            (width as usize, height as usize) == (SIDE, SIDE),
            "has {width} by {height} pixels: the network takes {SIDE} by {SIDE}"
        );
        let mut bytes = vec![0; reader.output_buffer_size().context("has too many pixels")?];
        let frame = reader.next_frame(&mut bytes).context("is damaged")?;
        // What follows the pixels is checked, too: a file that was cut off is not taken for a whole one.
        reader.finish().context("is damaged behind its pixels")?;
        bytes.truncate(frame.buffer_size());
        Ok(Raw { colour: frame.color_type, depth: frame.bit_depth, bytes })
    }
}

/// A PNG file of red, green and blue bytes.
pub fn rgb_file(rgb: &[u8]) -> Result<Vec<u8>> {
    encode(ColorType::Rgb, rgb, None)
}

/// A PNG file with a palette, whose values are the labels.
pub fn label_file(labels: &[u8], palette: &[RGBColor]) -> Result<Vec<u8>> {
    let palette = palette.iter().flat_map(|&RGBColor(red, green, blue)| [red, green, blue]).collect();
    encode(ColorType::Indexed, labels, Some(palette))
}

fn encode(colour: ColorType, bytes: &[u8], palette: Option<Vec<u8>>) -> Result<Vec<u8>> {
    let mut file = Vec::new();
    let mut encoder = png::Encoder::new(&mut file, SIDE as u32, SIDE as u32);
    encoder.set_color(colour);
    encoder.set_depth(BitDepth::Eight);
    encoder.set_compression(png::Compression::High);
    if let Some(palette) = palette {
        encoder.set_palette(palette);
    }
    encoder.write_header()?.write_image_data(bytes)?;
    Ok(file)
}

#[cfg(test)]
mod tests {
    use super::*;
    use quell_examples::output::scratch;
    use std::fs;
    use std::path::PathBuf;

    /// A file of any kind.
    fn write(name: &str, colour: ColorType, depth: BitDepth, (width, height): (u32, u32), bytes: &[u8]) -> PathBuf {
        let folder = scratch(name);
        fs::create_dir_all(&folder).unwrap();
        let path = folder.join("image.png");
        let mut encoder = png::Encoder::new(File::create(&path).unwrap(), width, height);
        encoder.set_color(colour);
        encoder.set_depth(depth);
        encoder.write_header().unwrap().write_image_data(bytes).unwrap();
        path
    }

    const SIZE: (u32, u32) = (SIDE as u32, SIDE as u32);

    fn first_pixel(name: &str, colour: ColorType, depth: BitDepth, pixel: &[u8]) -> [f32; 3] {
        let path = write(name, colour, depth, SIZE, &pixel.repeat(PIXELS));
        let planes = read(&path).unwrap();
        fs::remove_dir_all(path.parent().unwrap()).unwrap();
        assert!((0..ITEM).all(|i| planes[i] == planes[i / PIXELS * PIXELS]));
        [planes[0], planes[PIXELS], planes[2 * PIXELS]]
    }

    #[test]
    fn every_kind_of_pixel_is_read() {
        use BitDepth::{Eight, Sixteen};
        let close = |a: [f32; 3], b: [f32; 3]| a.iter().zip(b).all(|(a, b)| (a - b).abs() < 1e-6);
        let rgb = first_pixel("rgb", ColorType::Rgb, Eight, &[0, 51, 255]);
        assert!(close(rgb, [-1.0, -0.6, 1.0]), "{rgb:?}");
        let grey = first_pixel("grey", ColorType::Grayscale, Eight, &[204]);
        assert!(close(grey, [0.6; 3]), "{grey:?}");
        let wide = first_pixel("wide", ColorType::Rgb, Sixteen, &[0x33, 0x33, 0, 0, 0xff, 0xff]);
        assert!(close(wide, [-0.6, -1.0, 1.0]), "{wide:?}");
        let alpha = first_pixel("alpha", ColorType::Rgba, Eight, &[0, 255, 0, 51]);
        assert!(close(alpha, [0.6, 1.0, 0.6]), "{alpha:?}");
        let grey_alpha = first_pixel("grey-alpha", ColorType::GrayscaleAlpha, Sixteen, &[0, 0, 0, 0]);
        assert!(close(grey_alpha, [1.0; 3]), "{grey_alpha:?}");
    }

    #[test]
    fn files_that_are_no_images_of_the_size_are_named() {
        let bytes = [7; 3 * PIXELS];
        let large = write("large", ColorType::Rgb, BitDepth::Eight, (64, 63), &bytes[..3 * 64 * 63]);
        let error = format!("{:#}", read(&large).unwrap_err());
        assert!(error.contains("image.png") && error.contains("64 by 63"), "{error}");
        fs::write(&large, "no image").unwrap();
        let error = format!("{:#}", read(&large).unwrap_err());
        assert!(error.contains("image.png") && error.contains("no PNG"), "{error}");
        fs::remove_dir_all(large.parent().unwrap()).unwrap();

        let whole = rgb_file(&(0..ITEM).map(|i| (i * i / 7) as u8).collect::<Vec<_>>()).unwrap();
        let path = write("cut", ColorType::Rgb, BitDepth::Eight, SIZE, &bytes);
        for length in [0, 20, whole.len() / 2, whole.len() - 5] {
            fs::write(&path, &whole[..length]).unwrap();
            assert!(read(&path).is_err(), "{length} of {}", whole.len());
        }
        fs::write(&path, &whole).unwrap();
        assert!(read(&path).is_ok());
        fs::remove_dir_all(path.parent().unwrap()).unwrap();
        assert!(format!("{:#}", read(&path).unwrap_err()).contains("cannot be opened"));
    }

    #[test]
    fn labels_come_back() {
        let labels: Vec<u8> = (0..PIXELS).map(|pixel| (pixel % 5) as u8).collect();
        let path = write("labels", ColorType::Grayscale, BitDepth::Eight, SIZE, &labels);
        assert_eq!(read_labels(&path).unwrap(), labels);
        let palette: Vec<RGBColor> = (0..5).map(|i| RGBColor(i, 0, 200)).collect();
        fs::write(&path, label_file(&labels, &palette).unwrap()).unwrap();
        assert_eq!(read_labels(&path).unwrap(), labels);
        let planes = read(&path).unwrap();
        assert_eq!(colours(&planes), labels.iter().map(|&label| RGBColor(label, 0, 200)).collect::<Vec<_>>());
        fs::remove_dir_all(path.parent().unwrap()).unwrap();

        // Four bits a pixel.
        let halves: Vec<u8> = labels.chunks(2).map(|pair| pair[0] << 4 | pair[1]).collect();
        let path = write("halves", ColorType::Grayscale, BitDepth::Four, SIZE, &halves);
        assert_eq!(read_labels(&path).unwrap(), labels);
        fs::remove_dir_all(path.parent().unwrap()).unwrap();
        let path = write("colour-labels", ColorType::Rgb, BitDepth::Eight, SIZE, &[0; 3 * PIXELS]);
        assert!(format!("{:#}", read_labels(&path).unwrap_err()).contains("palette"));
        fs::remove_dir_all(path.parent().unwrap()).unwrap();
    }

    #[test]
    fn bytes_and_planes_are_the_same_image() {
        let rgb: Vec<u8> = (0..3 * PIXELS).map(|i| (i % 256) as u8).collect();
        let back: Vec<u8> = colours(&planes(&rgb)).into_iter().flat_map(|RGBColor(r, g, b)| [r, g, b]).collect();
        assert_eq!(back, rgb);
    }
}
