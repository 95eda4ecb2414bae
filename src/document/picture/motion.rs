//! The frames of a picture that moves. They are decoded once and all kept, within the memory that a picture may have; one
//! that needs more, or whose frames are too large to be exchanged many times a second, stands still.

use std::time::Duration;

use image::metadata::Orientation;
use image::{ColorType, Frame, Frames};

use super::handle::PictureFrame;
use super::pixels::{MAX_SHOWN_PIXELS, Raw};
use super::watched::Watch;
use crate::jobs::JobError;

/// The most pixels of a frame that is exchanged for the next.
const MAX_MOVING_PIXELS: u64 = 1 << 20;
/// A shorter delay means none, for which the usual one is taken, as browsers do.
const MIN_DELAY: Duration = Duration::from_millis(11);
const USUAL_DELAY: Duration = Duration::from_millis(100);

/// What comes after the first frame of a picture.
#[derive(Default)]
pub(super) struct Motion {
    /// All frames, if there are several and they are shown.
    pub(super) frames: Vec<PictureFrame>,
    /// Whether more should come.
    pub(super) cut_off: bool,
    /// Whether there are more than are shown.
    pub(super) too_large: bool,
}

impl Motion {
    /// Goes through all `decoded` frames of a picture of this size, and turns them upright.
    ///
    /// # Errors
    /// When it is not wanted any more.
    pub(super) fn of(
        decoded: Frames<'_>,
        (width, height): (u32, u32),
        orientation: Orientation,
        watch: &Watch,
    ) -> Result<Self, JobError> {
        let pixels = u64::from(width) * u64::from(height);
        let most = if pixels > MAX_MOVING_PIXELS { 1 } else { MAX_SHOWN_PIXELS / pixels.max(1) };
        let mut motion = Self::default();
        for frame in decoded {
            watch()?;
            // What comes after a frame that is damaged would be drawn over what is lacking.
            let Ok(frame) = frame else {
                motion.cut_off = true;
                break;
            };
            if motion.frames.len() as u64 == most {
                return Ok(Self { too_large: true, ..Self::default() });
            }
            let delay = delay_of(&frame);
            let buffer = frame.into_buffer();
            let Some(raw) = Raw::new(buffer.as_raw(), buffer.dimensions(), ColorType::Rgba8) else { break };
            let pixels = raw.shown(1, watch)?.oriented(orientation);
            motion.frames.push(PictureFrame { pixels, delay });
        }
        if motion.frames.len() == 1 {
            motion.frames.clear();
        }
        Ok(motion)
    }
}

fn delay_of(frame: &Frame) -> Duration {
    let (numerator, denominator) = frame.delay().numer_denom_ms();
    let delay = Duration::from_micros(u64::from(numerator) * 1_000 / u64::from(denominator.max(1)));
    if delay < MIN_DELAY { USUAL_DELAY } else { delay }
}

#[cfg(test)]
mod tests {
    use std::path::Path;
    use std::sync::Arc;

    use image::codecs::gif::GifEncoder;
    use image::{Delay, Rgba, RgbaImage};

    use super::super::handle::Raster;
    use super::super::{PictureFormat, raster};
    use super::*;

    const RED: [u8; 4] = [255, 0, 0, 255];
    const BLUE: [u8; 4] = [0, 0, 255, 255];

    fn gif(width: u32, height: u32, frames: &[([u8; 4], u32)]) -> Vec<u8> {
        let mut bytes = Vec::new();
        let mut encoder = GifEncoder::new(&mut bytes);
        for (pixel, delay) in frames {
            let buffer = RgbaImage::from_pixel(width, height, Rgba(*pixel));
            let frame = Frame::from_parts(buffer, 0, 0, Delay::from_numer_denom_ms(*delay, 1));
            encoder.encode_frame(frame).unwrap();
        }
        drop(encoder);
        bytes
    }

    fn decoded(bytes: &[u8]) -> Raster {
        let watch: Watch = Arc::new(|| Ok(()));
        raster::decode(PictureFormat::Gif, bytes.to_vec(), Path::new("a picture"), &watch).unwrap()
    }

    #[test]
    fn what_moves_has_its_frames_and_their_delays() {
        let raster = decoded(&gif(4, 3, &[(RED, 200), (BLUE, 0)]));
        let seen: Vec<_> = raster.frames.iter().map(|frame| (frame.pixels.at(3, 2).unwrap(), frame.delay)).collect();
        assert_eq!(seen, [(RED, Duration::from_millis(200)), (BLUE, USUAL_DELAY)]);
        assert!(raster.opaque && !raster.incomplete);
    }

    #[test]
    fn one_frame_stands_still_and_so_do_those_that_are_too_large() {
        let still = decoded(&gif(4, 3, &[(RED, 200)]));
        assert_eq!((still.frames.len(), still.left_out), (1, ""));
        let large = decoded(&gif(1_200, 1_000, &[(RED, 200), (BLUE, 200)]));
        assert_eq!((large.frames.len(), large.left_out), (1, "its other frames"));
    }

    #[test]
    fn what_is_cut_off_moves_as_far_as_it_goes() {
        let whole = gif(40, 30, &[(RED, 200), (BLUE, 200), (RED, 200)]);
        let cut = decoded(&whole[..whole.len() - 12]);
        assert!(cut.incomplete);
        assert_eq!(cut.frames.len(), 2);
    }
}
