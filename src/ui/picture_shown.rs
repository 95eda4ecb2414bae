//! A picture that was decoded, as far as it is on the screen: which of its frames is seen, and when the next one is to be.
//! Owned by the view; runs on the UI thread.

use std::sync::Arc;
use std::time::Duration;

use egui::{Context, Painter, Rect, Vec2};

use super::picture_tiles::Tiles;
use crate::document::{Pixels, Raster};

/// What of a picture is seen.
pub(super) struct Shown {
    raster: Arc<Raster>,
    tiles: Tiles,
    /// Which of its frames is seen.
    frame: usize,
    /// When the next one is to be, in seconds of the window's clock, while it moves.
    due: Option<f64>,
}

impl Shown {
    pub(super) fn new(raster: Arc<Raster>) -> Self {
        Self { raster, tiles: Tiles::default(), frame: 0, due: None }
    }

    /// Whether it is this one.
    pub(super) fn is(&self, raster: &Arc<Raster>) -> bool {
        Arc::ptr_eq(&self.raster, raster)
    }

    /// The number of the frame that is seen, from 0 on.
    #[cfg(test)]
    pub(super) const fn frame(&self) -> usize {
        self.frame
    }

    /// What is seen of it now.
    pub(super) fn pixels(&self) -> Option<&Pixels> {
        self.raster.frames.get(self.frame).map(|frame| &frame.pixels)
    }

    /// Whether what lies behind it is seen.
    pub(super) fn is_seen_through(&self) -> bool {
        !self.raster.opaque
    }

    /// Goes on to the next frame if it is time, and hands over what is not on the screen yet. Has the window drawn again
    /// while there is more of either.
    pub(super) fn go_on(&mut self, ctx: &Context, playing: bool) {
        self.turn(ctx, playing);
        let Some(frame) = self.raster.frames.get(self.frame) else { return };
        if self.tiles.hand_over(ctx, &frame.pixels) {
            ctx.request_repaint();
        }
    }

    fn turn(&mut self, ctx: &Context, playing: bool) {
        let frames = &self.raster.frames;
        if frames.len() < 2 || !playing {
            self.due = None;
            return;
        }
        let delay_secs = |frame: usize| frames.get(frame).map_or(0.0, |frame| frame.delay.as_secs_f64());
        let now = ctx.input(|input| input.time);
        let due = self.due.unwrap_or_else(|| now + delay_secs(self.frame));
        let mut left_secs = due - now;
        if left_secs <= 0.0 {
            self.frame = (self.frame + 1) % frames.len();
            left_secs = delay_secs(self.frame);
            if let Some(frame) = frames.get(self.frame) {
                self.tiles.exchange(&frame.pixels);
            }
        }
        // What was not drawn for a while goes on from where it was, and not faster.
        self.due = Some(now + left_secs);
        ctx.request_repaint_after(Duration::try_from_secs_f64(left_secs).unwrap_or_default());
    }

    /// Draws it so that it fills `rect`.
    pub(super) fn paint(&self, painter: &Painter, rect: Rect) {
        if let Some(pixels) = self.pixels() {
            self.tiles.paint(painter, rect, pixels);
        }
    }
}

/// A number of pixels, one at least, to reckon with.
#[expect(clippy::cast_precision_loss, reason = "places on a screen")]
pub(super) fn points(side: u32) -> f32 {
    side.max(1) as f32
}

/// The pixel at this share of the sides, if it is not beside them.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "between zero and the sides")]
pub(super) fn pixel_at(pixels: &Pixels, share: Vec2) -> Option<[u8; 4]> {
    let is_within = |share: f32| (0.0..1.0).contains(&share);
    if !is_within(share.x) || !is_within(share.y) {
        return None;
    }
    pixels.at((share.x * points(pixels.width())) as u32, (share.y * points(pixels.height())) as u32)
}
