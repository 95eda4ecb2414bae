//! Decodes pictures that are stored as pixels. The header is asked for the size before anything is decoded, and what can be
//! made of a damaged file is kept. Used on the threads of jobs.
//!
//! A decoder that reads the file as it goes is stopped where it reads: those for PNG, GIF and lossless WebP. A JPEG and a
//! lossy WebP are read at once and then decoded in one go, the largest of them in a second or two; a JPEG that comes in
//! several scans takes twice as much memory again as its pixels.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use image::codecs::gif::GifDecoder;
use image::codecs::jpeg::JpegDecoder;
use image::codecs::png::PngDecoder;
use image::codecs::webp::WebPDecoder;
use image::metadata::Orientation;
use image::{AnimationDecoder as _, ColorType, Frames, ImageDecoder, ImageError, ImageResult, Limits};
use memchr::memmem;

use super::handle::{PictureFrame, Raster};
use super::motion::Motion;
use super::pixels::{Pixels, Raw, divisor};
use super::watched::{Watch, Watched};
use super::{PictureError, PictureFormat};
use crate::jobs::JobError;

/// The most pixels that are decoded.
const MAX_PIXELS: u64 = 100_000_000;
/// The most memory that a decoder may take for them.
const MAX_DECODED_BYTES: u64 = 512_000_000;

/// Decodes `bytes`, the picture in this format at `path`.
///
/// # Errors
/// When it is too large, nothing of it can be decoded, or it is not wanted any more.
pub(super) fn decode(format: PictureFormat, bytes: Vec<u8>, path: &Path, watch: &Watch) -> Result<Raster, JobError> {
    let decoding = Decoding { format, path, watch };
    if let Some(size) = format.stated_size(&bytes) {
        decoding.check_size(size, 1)?;
    }
    let cut_off = format == PictureFormat::Jpeg && is_cut_off(&bytes);
    let bytes = Arc::new(bytes);
    // The decoder of a JPEG has a copy of its own: nobody else is to hold the file then.
    let again = matches!(format, PictureFormat::Gif | PictureFormat::WebP).then(|| Arc::clone(&bytes));
    let still = decoding.still(bytes)?;
    let ((width, height), divided_by) = (still.size, still.divided_by);
    let motion = match again {
        Some(bytes) if !still.incomplete && divided_by == 1 => decoding.motion(bytes, &still)?,
        _ => Motion::default(),
    };
    let incomplete = still.incomplete || cut_off || motion.cut_off;
    let left_out = if motion.too_large { "its other frames" } else { "" };
    let frames = if motion.frames.is_empty() { still.alone() } else { motion.frames };
    let opaque = frames.iter().all(|frame| frame.pixels.is_opaque());
    Ok(Raster { format, width, height, frames, divided_by, opaque, incomplete, left_out })
}

/// What is the same for all steps.
struct Decoding<'a> {
    format: PictureFormat,
    path: &'a Path,
    watch: &'a Watch,
}

/// A picture, or the first frame of one that moves.
struct Still {
    /// Width and height of the picture, upright.
    size: (u32, u32),
    pixels: Pixels,
    divided_by: u32,
    orientation: Orientation,
    incomplete: bool,
}

impl Still {
    fn alone(self) -> Vec<PictureFrame> {
        vec![PictureFrame { pixels: self.pixels, delay: Duration::ZERO }]
    }
}

impl Decoding<'_> {
    /// Why it goes no further: because nobody wants it, if that is so, else because of what the decoder says.
    fn stopped(&self, error: ImageError) -> JobError {
        let (format, path) = (self.format, self.path.to_owned());
        match (self.watch)() {
            Err(stopped) => stopped,
            Ok(()) => JobError::failed(PictureError::Undecodable { format, path, source: Box::new(error) }),
        }
    }

    fn check_size(&self, (width, height): (u32, u32), bytes_per_pixel: u8) -> Result<(), JobError> {
        let limit_pixels = MAX_PIXELS.min(MAX_DECODED_BYTES / u64::from(bytes_per_pixel.max(1)));
        let path = || self.path.to_owned();
        match u64::from(width) * u64::from(height) {
            0 => Err(JobError::failed(PictureError::Empty { path: path() })),
            pixels if pixels > limit_pixels => {
                Err(JobError::failed(PictureError::TooLarge { width, height, limit_pixels, path: path() }))
            }
            _ => Ok(()),
        }
    }

    fn decoder(&self, bytes: Arc<Vec<u8>>) -> ImageResult<Box<dyn ImageDecoder>> {
        let reader = Watched::new(bytes, Arc::clone(self.watch));
        let mut decoder: Box<dyn ImageDecoder> = match self.format {
            PictureFormat::Jpeg => Box::new(JpegDecoder::new(reader)?),
            PictureFormat::Gif => Box::new(GifDecoder::new(reader)?),
            PictureFormat::WebP => Box::new(WebPDecoder::new(reader)?),
            // A drawing never comes here; as this it is refused.
            PictureFormat::Png | PictureFormat::Svg => Box::new(PngDecoder::with_limits(reader, limits())?),
        };
        decoder.set_limits(limits())?;
        Ok(decoder)
    }

    /// The picture, as far as it can be decoded.
    fn still(&self, bytes: Arc<Vec<u8>>) -> Result<Still, JobError> {
        let mut decoder = self.decoder(bytes).map_err(|error| self.stopped(error))?;
        let (size, color) = (decoder.dimensions(), decoder.color_type());
        self.check_size(size, color.bytes_per_pixel())?;
        // Where nothing else can be read, it is upright.
        let orientation = decoder.orientation().unwrap_or(Orientation::NoTransforms);
        (self.watch)()?;
        let mut bytes = self.zeros(decoder.total_bytes())?;
        let error = decoder.read_image(&mut bytes).err();
        (self.watch)()?;
        let incomplete = error.is_some();
        if let Some(error) = error {
            self.keep_what_is_there(&mut bytes, size, color);
            if bytes.is_empty() {
                return Err(self.stopped(error));
            }
        }
        let unknown = || ImageError::IoError(std::io::ErrorKind::Unsupported.into());
        let raw = Raw::new(&bytes, size, color).ok_or_else(|| self.stopped(unknown()))?;
        let divided_by = divisor(size.0, size.1);
        let pixels = raw.shown(divided_by, self.watch)?.oriented(orientation);
        let size = if turns_aside(orientation) { (size.1, size.0) } else { size };
        Ok(Still { size, pixels, divided_by, orientation, incomplete })
    }

    fn zeros(&self, len: u64) -> Result<Vec<u8>, JobError> {
        let none = || JobError::failed(PictureError::NoMemory { bytes: len, path: self.path.to_owned() });
        let len = usize::try_from(len).map_err(|_| none())?;
        let mut zeros = Vec::new();
        zeros.try_reserve_exact(len).map_err(|_| none())?;
        zeros.resize(len, 0);
        Ok(zeros)
    }

    /// Cuts `bytes` to the rows that the decoder has come to before it failed: those below hold nothing but zeros.
    fn keep_what_is_there(&self, bytes: &mut Vec<u8>, (width, _): (u32, u32), color: ColorType) {
        let row_bytes = usize::try_from(u64::from(width) * u64::from(color.bytes_per_pixel())).unwrap_or(usize::MAX);
        let last = bytes.iter().rposition(|byte| *byte != 0);
        let rows = last.map_or(0, |last| last / row_bytes.max(1) + 1);
        bytes.truncate(rows.saturating_mul(row_bytes));
        let is_wide = matches!(color, ColorType::L16 | ColorType::La16 | ColorType::Rgb16 | ColorType::Rgba16);
        if is_wide && self.format == PictureFormat::Png {
            // As they are in the file: they are turned to the order of this machine only when all are there.
            for pair in bytes.as_chunks_mut::<2>().0 {
                *pair = u16::from_be_bytes(*pair).to_ne_bytes();
            }
        }
    }

    /// The frames, if there are several.
    fn motion(&self, bytes: Arc<Vec<u8>>, still: &Still) -> Result<Motion, JobError> {
        let frames = self.frames(bytes).map_err(|error| self.stopped(error))?;
        Motion::of(frames, still.size, still.orientation, self.watch)
    }

    fn frames(&self, bytes: Arc<Vec<u8>>) -> ImageResult<Frames<'static>> {
        let reader = Watched::new(bytes, Arc::clone(self.watch));
        if self.format == PictureFormat::WebP {
            return Ok(WebPDecoder::new(reader)?.into_frames());
        }
        let mut decoder = GifDecoder::new(reader)?;
        decoder.set_limits(limits())?;
        Ok(decoder.into_frames())
    }
}

fn limits() -> Limits {
    let mut limits = Limits::default();
    limits.max_alloc = Some(MAX_DECODED_BYTES);
    limits
}

const fn turns_aside(orientation: Orientation) -> bool {
    use Orientation::{Rotate90, Rotate90FlipH, Rotate270, Rotate270FlipH};
    matches!(orientation, Rotate90 | Rotate270 | Rotate90FlipH | Rotate270FlipH)
}

/// Whether the last scan of a JPEG has no end; its decoder takes what is lacking for grey.
fn is_cut_off(bytes: &[u8]) -> bool {
    let (scan, end) = (memmem::rfind(bytes, b"\xff\xda"), memmem::rfind(bytes, b"\xff\xd9"));
    scan > end
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};

    use image::codecs::jpeg::JpegEncoder;
    use image::codecs::png::PngEncoder;
    use image::codecs::webp::WebPEncoder;
    use image::{ExtendedColorType, ImageEncoder};

    use super::*;

    const RED: [u8; 4] = [255, 0, 0, 255];
    const BLUE: [u8; 4] = [0, 0, 255, 255];

    fn decoded(format: PictureFormat, bytes: &[u8]) -> Result<Raster, JobError> {
        let watch: Watch = Arc::new(|| Ok(()));
        decode(format, bytes.to_vec(), Path::new("a picture"), &watch)
    }

    /// What an encoder makes of `pixels`.
    fn encoded(
        encoder: impl FnOnce(&mut Vec<u8>, &[u8]) -> ImageResult<()>,
        pixels: impl IntoIterator<Item = u8>,
    ) -> Vec<u8> {
        let (mut bytes, pixels) = (Vec::new(), pixels.into_iter().collect::<Vec<_>>());
        encoder(&mut bytes, &pixels).unwrap();
        bytes
    }

    fn png(width: u32, height: u32, color: ExtendedColorType, pixels: Vec<u8>) -> Vec<u8> {
        encoded(|to, pixels| PngEncoder::new(to).write_image(pixels, width, height, color), pixels)
    }

    fn noise(bytes: usize) -> Vec<u8> {
        let mut random = fastrand::Rng::with_seed(1);
        // Not zero, which is what a row is that was not decoded.
        (0..bytes).map(|_| random.u8(1..)).collect()
    }

    fn failure(format: PictureFormat, bytes: &[u8]) -> String {
        decoded(format, bytes).unwrap_err().to_string()
    }

    #[test]
    fn a_picture_is_the_same_from_each_format_that_loses_nothing() {
        let pixels = [RED, BLUE, [0; 4], RED, RED, BLUE].concat();
        let color = ExtendedColorType::Rgba8;
        let webp = encoded(|to, pixels| WebPEncoder::new_lossless(to).write_image(pixels, 3, 2, color), pixels.clone());
        for (format, bytes) in [(PictureFormat::Png, png(3, 2, color, pixels.clone())), (PictureFormat::WebP, webp)] {
            let raster = decoded(format, &bytes).unwrap();
            assert_eq!((raster.format, raster.width, raster.height, raster.divided_by), (format, 3, 2, 1));
            assert!(!raster.opaque && !raster.incomplete);
            let [frame] = &raster.frames[..] else { panic!("one frame") };
            assert_eq!(frame.pixels.row(0, 0..3), [RED, BLUE, [0; 4]], "{format:?}");
            assert_eq!(frame.pixels.row(1, 0..3), [RED, RED, BLUE], "{format:?}");
        }
    }

    #[test]
    fn a_photo_is_turned_as_its_camera_was_held() {
        let upright = b"II*\0\x08\0\0\0\x01\0\x12\x01\x03\0\x01\0\0\0\x06\0\0\0\0\0\0\0";
        let photo = |exif: &[u8]| {
            let write = |to: &mut Vec<u8>, pixels: &[u8]| {
                let mut encoder = JpegEncoder::new(to);
                encoder.set_exif_metadata(exif.to_vec()).unwrap();
                encoder.write_image(pixels, 16, 8, ExtendedColorType::L8)
            };
            decoded(PictureFormat::Jpeg, &encoded(write, vec![200; 16 * 8])).unwrap()
        };
        let plain = photo(b"");
        assert_eq!((plain.width, plain.height, plain.opaque), (16, 8, true));
        let turned = photo(upright);
        assert_eq!((turned.width, turned.height), (8, 16));
        assert_eq!((turned.frames[0].pixels.width(), turned.frames[0].pixels.height()), (8, 16));
    }

    #[test]
    fn of_a_picture_that_is_cut_off_the_first_rows_are_shown() {
        let pixels = noise(256 * 256 * 3);
        let whole = png(256, 256, ExtendedColorType::Rgb8, pixels.clone());
        let raster = decoded(PictureFormat::Png, &whole[..whole.len() * 9 / 10]).unwrap();
        assert!(raster.incomplete && !raster.opaque);
        let shown = &raster.frames[0].pixels;
        assert_eq!(shown.at(255, 0), Some([pixels[765], pixels[766], pixels[767], 255]));
        assert_eq!(shown.at(0, 255), Some([0; 4]));
        // Of sixteen bits a channel too, which are stored the other way round.
        let whole = png(256, 256, ExtendedColorType::L16, noise(256 * 256 * 2));
        let (cut, whole) = (&whole[..whole.len() * 9 / 10], &whole[..]);
        let [cut, whole] = [cut, whole].map(|bytes| decoded(PictureFormat::Png, bytes).unwrap());
        assert!(cut.incomplete && !whole.incomplete);
        assert_eq!(cut.frames[0].pixels.row(9, 0..256), whole.frames[0].pixels.row(9, 0..256));
    }

    #[test]
    fn a_photo_that_is_cut_off_is_known_by_its_missing_end() {
        let write =
            |to: &mut Vec<u8>, pixels: &[u8]| JpegEncoder::new(to).write_image(pixels, 64, 64, ExtendedColorType::L8);
        let photo = encoded(write, noise(64 * 64));
        assert!(!decoded(PictureFormat::Jpeg, &photo).unwrap().incomplete);
        let cut = decoded(PictureFormat::Jpeg, &photo[..photo.len() / 2]).unwrap();
        assert!(cut.incomplete && cut.height == 64);
    }

    #[test]
    fn what_is_too_large_or_empty_is_refused_by_its_header_alone() {
        let header = |width: u32, height: u32| {
            let start = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR";
            [&start[..], &width.to_be_bytes(), &height.to_be_bytes(), &[8, 6, 0, 0, 0]].concat()
        };
        let error = failure(PictureFormat::Png, &header(65_535, 65_535));
        assert!(error.contains("65,535 × 65,535 pixels") && error.contains("100,000,000"), "{error}");
        let error = failure(PictureFormat::Gif, b"GIF89a\xff\xff\xff\xff\0\0\0");
        assert!(error.contains("65,535 × 65,535 pixels"), "{error}");
        let error = failure(PictureFormat::WebP, b"RIFF\x1e\0\0\0WEBPVP8X\n\0\0\0\0\0\0\0\xff\xff\xff\xff\xff\xff");
        assert!(error.contains("16,777,216 × 16,777,216 pixels"), "{error}");
        assert!(failure(PictureFormat::Png, &header(0, 7)).contains("no pixels"));
        // Where there is nothing behind the header, that is what is told.
        assert!(failure(PictureFormat::Png, &header(7, 7)).contains("damaged or cut off"));
    }

    #[test]
    fn bytes_of_every_kind_behind_a_header_are_no_defect() {
        let noise = noise(4_000);
        for (format, start) in [
            (PictureFormat::Png, &b"\x89PNG\r\n\x1a\n"[..]),
            (PictureFormat::Jpeg, b"\xff\xd8\xff"),
            (PictureFormat::Gif, b"GIF89a"),
            (PictureFormat::WebP, b"RIFF\xff\xff\0\0WEBPVP8L"),
        ] {
            // Whatever comes of it, it is an answer.
            drop(decoded(format, &[start, &noise].concat()));
            assert!(decoded(format, start).is_err(), "{format:?}");
        }
    }

    #[test]
    fn what_is_not_wanted_any_more_is_decoded_no_further() {
        let bytes = png(256, 256, ExtendedColorType::Rgb8, noise(256 * 256 * 3));
        let looks = AtomicUsize::new(0);
        let watch: Watch =
            Arc::new(move || if looks.fetch_add(1, Relaxed) < 10 { Ok(()) } else { Err(JobError::Cancelled) });
        let stopped = decode(PictureFormat::Png, bytes, Path::new("a picture"), &watch);
        assert!(matches!(stopped, Err(JobError::Cancelled)));
    }
}
