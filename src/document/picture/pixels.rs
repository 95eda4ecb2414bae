//! The pixels of a picture as they are shown: eight bits a channel, and no more of them than there is memory for. What has
//! more is shown smaller, each pixel the mean of those that it stands for. Made by jobs, read by the view.

use std::ops::Range;

use image::metadata::Orientation;
use image::{ColorType, DynamicImage, RgbaImage};

use super::watched::Watch;
use crate::jobs::JobError;

/// The most pixels that are shown at once, at four bytes each.
pub(super) const MAX_SHOWN_PIXELS: u64 = 8_000_000;
/// The most pixels that a side has.
pub(super) const MAX_SHOWN_SIDE: u32 = 16_384;

const OPAQUE: u8 = u8::MAX;

/// Rows of pixels from the top on, each of red, green, blue and opacity, the colours multiplied by the opacity.
#[derive(Debug, Default)]
pub struct Pixels {
    width: u32,
    height: u32,
    rgba: Vec<u8>,
}

impl Pixels {
    /// So many rows of so many pixels, which `rgba` has to be.
    pub(super) fn new(width: u32, height: u32, rgba: Vec<u8>) -> Self {
        Self { width, height, rgba }
    }

    /// How many pixels a row has.
    #[must_use]
    pub const fn width(&self) -> u32 {
        self.width
    }

    /// How many rows there are.
    #[must_use]
    pub const fn height(&self) -> u32 {
        self.height
    }

    /// The pixels in some columns of the row `y`; none where there is no such row.
    #[must_use]
    pub fn row(&self, y: u32, columns: Range<u32>) -> &[[u8; 4]] {
        let (pixels, _) = self.rgba.as_chunks::<4>();
        let index = |x: u32| usize::try_from(u64::from(y) * u64::from(self.width) + u64::from(x)).unwrap_or(usize::MAX);
        pixels.get(index(columns.start)..index(columns.end.min(self.width))).unwrap_or_default()
    }

    /// The pixel in column `x` of row `y`, if there is one.
    #[must_use]
    pub fn at(&self, x: u32, y: u32) -> Option<[u8; 4]> {
        self.row(y, x..x.saturating_add(1)).first().copied()
    }

    /// Whether nothing can be seen through it.
    #[must_use]
    pub fn is_opaque(&self) -> bool {
        self.rgba.as_chunks::<4>().0.iter().all(|[.., opacity]| *opacity == OPAQUE)
    }

    /// The same turned upright.
    pub(super) fn oriented(self, orientation: Orientation) -> Self {
        if orientation == Orientation::NoTransforms {
            return self;
        }
        let image = RgbaImage::from_raw(self.width, self.height, self.rgba).unwrap_or_default();
        let mut image = DynamicImage::ImageRgba8(image);
        image.apply_orientation(orientation);
        Self { width: image.width(), height: image.height(), rgba: image.into_rgba8().into_raw() }
    }
}

/// By which whole number the sides of a picture are to be divided for it to be shown; one, unless it is too large.
pub(super) fn divisor(width: u32, height: u32) -> u32 {
    let mut by = width.max(height).div_ceil(MAX_SHOWN_SIDE).max(1);
    while u64::from(width.div_ceil(by)) * u64::from(height.div_ceil(by)) > MAX_SHOWN_PIXELS {
        by += 1;
    }
    by
}

/// Pixels as a decoder gives them: in rows without gaps, which may be fewer than the picture has.
pub(super) struct Raw<'a> {
    bytes: &'a [u8],
    width: u32,
    height: u32,
    color: ColorType,
    channels: Channels,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Channels {
    Grey,
    GreyOpacity,
    Rgb,
    Rgba,
}

impl<'a> Raw<'a> {
    /// `None` if the channels are none of those that files have.
    pub(super) fn new(bytes: &'a [u8], (width, height): (u32, u32), color: ColorType) -> Option<Self> {
        let channels = match color {
            ColorType::L8 | ColorType::L16 => Channels::Grey,
            ColorType::La8 | ColorType::La16 => Channels::GreyOpacity,
            ColorType::Rgb8 | ColorType::Rgb16 => Channels::Rgb,
            ColorType::Rgba8 | ColorType::Rgba16 => Channels::Rgba,
            _ => return None,
        };
        Some(Self { bytes, width, height, color, channels })
    }

    /// The pixels to be shown, of which each side is divided by `by`. Rows that are lacking can be seen through.
    ///
    /// # Errors
    /// When it is not wanted any more.
    pub(super) fn shown(&self, by: u32, watch: &Watch) -> Result<Pixels, JobError> {
        let (width, height) = (self.width.div_ceil(by.max(1)), self.height.div_ceil(by.max(1)));
        let size = |pixels: u64| usize::try_from(pixels).unwrap_or(usize::MAX);
        let whole = size(4 * u64::from(width) * u64::from(height));
        let row_bytes = size(u64::from(self.width) * u64::from(self.color.bytes_per_pixel())).max(1);
        let block = size(by.max(1).into());
        let mut rgba = Vec::with_capacity(whole);
        let (mut row, mut narrow) = (Vec::new(), Vec::new());
        let mut sums = vec![Sum::default(); if block == 1 { 0 } else { size(width.into()) }];
        for rows in self.bytes.chunks(row_bytes.saturating_mul(block)) {
            watch()?;
            for bytes in rows.chunks_exact(row_bytes) {
                self.take_row(bytes, &mut narrow, &mut row);
                if block == 1 {
                    for pixel in &row {
                        rgba.extend_from_slice(&multiplied(*pixel));
                    }
                }
                for (sum, pixels) in sums.iter_mut().zip(row.chunks(block)) {
                    for pixel in pixels {
                        sum.add(*pixel);
                    }
                }
            }
            for sum in &mut sums {
                rgba.extend_from_slice(&std::mem::take(sum).mean());
            }
        }
        rgba.resize(whole, 0);
        Ok(Pixels::new(width, height, rgba))
    }

    /// Writes the row that `bytes` are into `row`, by way of eight bits a channel.
    fn take_row(&self, bytes: &[u8], narrow: &mut Vec<u8>, row: &mut Vec<[u8; 4]>) {
        let is_wide = matches!(self.color, ColorType::L16 | ColorType::La16 | ColorType::Rgb16 | ColorType::Rgba16);
        let bytes = if is_wide {
            narrow.clear();
            narrow.extend(bytes.as_chunks::<2>().0.iter().map(|pair| high_byte(*pair)));
            narrow.as_slice()
        } else {
            bytes
        };
        row.clear();
        match self.channels {
            Channels::Grey => row.extend(bytes.iter().map(|grey| [*grey, *grey, *grey, OPAQUE])),
            Channels::GreyOpacity => {
                row.extend(bytes.as_chunks::<2>().0.iter().map(|[grey, opacity]| [*grey, *grey, *grey, *opacity]));
            }
            Channels::Rgb => {
                row.extend(bytes.as_chunks::<3>().0.iter().map(|[red, green, blue]| [*red, *green, *blue, OPAQUE]));
            }
            Channels::Rgba => row.extend_from_slice(bytes.as_chunks::<4>().0),
        }
    }
}

fn high_byte(pair: [u8; 2]) -> u8 {
    let [high, _] = u16::from_ne_bytes(pair).to_be_bytes();
    high
}

/// The colours of a pixel multiplied by its opacity.
fn multiplied([red, green, blue, opacity]: [u8; 4]) -> [u8; 4] {
    if opacity == OPAQUE {
        return [red, green, blue, opacity];
    }
    let by_opacity = |colour: u8| rounded(u64::from(colour) * u64::from(opacity), OPAQUE.into());
    [by_opacity(red), by_opacity(green), by_opacity(blue), opacity]
}

/// Pixels of which the mean is wanted.
#[derive(Clone, Copy, Debug, Default)]
struct Sum {
    /// Each colour times the opacity.
    colours: [u64; 3],
    opacity: u64,
    pixels: u64,
}

impl Sum {
    fn add(&mut self, [red, green, blue, opacity]: [u8; 4]) {
        for (sum, colour) in self.colours.iter_mut().zip([red, green, blue]) {
            *sum += u64::from(colour) * u64::from(opacity);
        }
        self.opacity += u64::from(opacity);
        self.pixels += 1;
    }

    /// The mean, multiplied by the opacity; nothing where none was added.
    fn mean(self) -> [u8; 4] {
        let pixels = self.pixels.max(1);
        let [red, green, blue] = self.colours.map(|sum| rounded(sum, pixels * u64::from(OPAQUE)));
        [red, green, blue, rounded(self.opacity, pixels)]
    }
}

fn rounded(sum: u64, of: u64) -> u8 {
    u8::try_from((sum + of / 2) / of).unwrap_or(OPAQUE)
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use proptest::prelude::*;

    use super::*;

    fn shown(bytes: &[u8], size: (u32, u32), color: ColorType, by: u32) -> Pixels {
        let watch: Watch = Arc::new(|| Ok(()));
        Raw::new(bytes, size, color).unwrap().shown(by, &watch).unwrap()
    }

    fn all(pixels: &Pixels) -> Vec<[u8; 4]> {
        (0..pixels.height()).flat_map(|y| pixels.row(y, 0..pixels.width()).to_vec()).collect()
    }

    #[test]
    fn every_layout_of_a_decoder_becomes_the_same_four_channels() {
        let wide = |values: &[u16]| values.iter().flat_map(|value| value.to_ne_bytes()).collect::<Vec<_>>();
        for (bytes, color, pixel) in [
            (vec![7], ColorType::L8, [7, 7, 7, 255]),
            (vec![100, 51], ColorType::La8, [20, 20, 20, 51]),
            (vec![1, 2, 3], ColorType::Rgb8, [1, 2, 3, 255]),
            (vec![255, 0, 10, 51], ColorType::Rgba8, [51, 0, 2, 51]),
            (vec![9, 9, 9, 0], ColorType::Rgba8, [0, 0, 0, 0]),
            (wide(&[0x0701]), ColorType::L16, [7, 7, 7, 255]),
            (wide(&[0x6400, 0x3300]), ColorType::La16, [20, 20, 20, 51]),
            (wide(&[0x0100, 0x02ff, 0x0300]), ColorType::Rgb16, [1, 2, 3, 255]),
            (wide(&[0xff00, 0, 0x0a00, 0x3300]), ColorType::Rgba16, [51, 0, 2, 51]),
        ] {
            assert_eq!(all(&shown(&bytes, (1, 1), color, 1)), [pixel], "{color:?}");
        }
        assert!(Raw::new(&[0; 12], (1, 1), ColorType::Rgb32F).is_none());
    }

    #[test]
    fn what_can_be_seen_through_has_no_say_in_the_colour_of_a_mean() {
        // A red pixel, and a green one that is not to be seen.
        let pixels = shown(&[200, 0, 0, 255, 0, 200, 0, 0], (2, 1), ColorType::Rgba8, 2);
        assert_eq!(all(&pixels), [[100, 0, 0, 128]]);
    }

    #[test]
    fn rows_that_are_lacking_can_be_seen_through() {
        let pixels = shown(&[1, 2], (2, 3), ColorType::L8, 1);
        assert_eq!(all(&pixels), [[1, 1, 1, 255], [2, 2, 2, 255], [0; 4], [0; 4], [0; 4], [0; 4]]);
        assert!(!pixels.is_opaque());
        assert!(shown(&[1, 2], (2, 1), ColorType::L8, 1).is_opaque());
    }

    #[test]
    fn a_picture_is_turned_upright() {
        let pixels = shown(&[1, 2, 3, 4, 5, 6], (3, 2), ColorType::L8, 1).oriented(Orientation::Rotate90);
        assert_eq!((pixels.width(), pixels.height()), (2, 3));
        let greys: Vec<_> = all(&pixels).iter().map(|pixel| pixel[0]).collect();
        assert_eq!(greys, [4, 1, 5, 2, 6, 3]);
        assert_eq!(pixels.at(1, 2), Some([3, 3, 3, 255]));
        assert_eq!((pixels.at(2, 0), pixels.at(0, 3)), (None, None));
    }

    #[test]
    fn what_is_not_wanted_any_more_is_not_made_smaller() {
        let watch: Watch = Arc::new(|| Err(JobError::Cancelled));
        let raw = Raw::new(&[0; 4], (2, 2), ColorType::L8).unwrap();
        assert!(matches!(raw.shown(2, &watch), Err(JobError::Cancelled)));
    }

    #[test]
    fn a_picture_is_divided_by_no_more_than_it_has_to_be() {
        for (width, height, by) in [
            (1, 1, 1),
            (4_000, 2_000, 1),
            (4_000, 2_001, 2),
            (10_000, 10_000, 4),
            (16_384, 1, 1),
            (16_385, 1, 2),
            (100_000_000, 1, 6_104),
        ] {
            assert_eq!(divisor(width, height), by, "{width} × {height}");
        }
    }

    proptest! {
        #[test]
        fn each_pixel_is_the_mean_of_those_that_it_stands_for(
            (width, height, by) in (1_u32..12, 1_u32..12, 1_u32..5), seed in any::<u64>(),
        ) {
            let mut random = fastrand::Rng::with_seed(seed);
            let bytes: Vec<u8> = (0..width * height).map(|_| random.u8(..)).collect();
            let pixels = shown(&bytes, (width, height), ColorType::L8, by);
            prop_assert_eq!((pixels.width(), pixels.height()), (width.div_ceil(by), height.div_ceil(by)));
            for (x, y) in (0..pixels.width()).flat_map(|x| (0..pixels.height()).map(move |y| (x, y))) {
                let columns = x * by..((x + 1) * by).min(width);
                let rows = y * by..((y + 1) * by).min(height);
                let under = rows.flat_map(|row| columns.clone().map(move |column| row * width + column));
                let under: Vec<u64> = under.map(|at| u64::from(bytes[at as usize])).collect();
                let count = under.len() as u64;
                let mean = u8::try_from((under.iter().sum::<u64>() * 2 + count) / (2 * count)).unwrap();
                prop_assert_eq!(pixels.at(x, y), Some([mean, mean, mean, 255]));
            }
        }
    }
}
