//! A picture on the graphics card: cut into tiles, as no card takes a texture of any size, and handed over some tiles a
//! frame, so that no frame waits for all of it. Runs on the UI thread; what a frame copies is bounded.

use std::ops::Range;

use egui::{
    Color32, ColorImage, Context, Painter, Pos2, Rect, TextureFilter, TextureHandle, TextureOptions, TextureWrapMode,
    pos2,
};

use super::theme::Colours;
use crate::document::Pixels;

/// The side of a tile, in pixels: a megabyte, and less than any card takes.
const TILE_SIDE: u32 = 512;
/// How many tiles are handed over in a frame.
const TILES_A_FRAME: usize = 2;
/// The side of a field of the pattern behind what can be seen through, in points.
const FIELD: f32 = 8.0;
/// The whole of a texture.
const WHOLE: Rect = Rect { min: Pos2::ZERO, max: Pos2 { x: 1.0, y: 1.0 } };

/// Pixels are seen as such where they are drawn large, and as their mean where they are drawn small.
const OPTIONS: TextureOptions = TextureOptions {
    magnification: TextureFilter::Nearest,
    minification: TextureFilter::Linear,
    wrap_mode: TextureWrapMode::ClampToEdge,
    mipmap_mode: Some(TextureFilter::Linear),
};

/// The tiles of a picture, as far as they are handed over.
#[derive(Default)]
pub(super) struct Tiles {
    tiles: Vec<Tile>,
}

struct Tile {
    columns: Range<u32>,
    rows: Range<u32>,
    texture: TextureHandle,
}

impl Tiles {
    /// Hands over the next tiles of `pixels`; gives whether more are to come.
    pub(super) fn hand_over(&mut self, ctx: &Context, pixels: &Pixels) -> bool {
        let across = pixels.width().div_ceil(TILE_SIDE);
        let down = pixels.height().div_ceil(TILE_SIDE);
        let count = usize::try_from(u64::from(across) * u64::from(down)).unwrap_or(usize::MAX);
        for _ in 0..TILES_A_FRAME {
            let Some(number) = u32::try_from(self.tiles.len()).ok().filter(|_| self.tiles.len() < count) else { break };
            let columns = side(number % across, pixels.width());
            let rows = side(number / across, pixels.height());
            let image = image_of(pixels, &columns, &rows);
            let texture = ctx.load_texture("a tile of a picture", image, OPTIONS);
            self.tiles.push(Tile { columns, rows, texture });
        }
        self.tiles.len() < count
    }

    /// Hands over the next frame of what moves, which has as many pixels as the one before and is small.
    pub(super) fn exchange(&mut self, pixels: &Pixels) {
        for tile in &mut self.tiles {
            tile.texture.set(image_of(pixels, &tile.columns, &tile.rows), OPTIONS);
        }
    }

    /// Draws what was handed over of `pixels`, which fill `rect`.
    pub(super) fn paint(&self, painter: &Painter, rect: Rect, pixels: &Pixels) {
        let edge = |at: u32, of: u32, from: f32, to: f32| from + (to - from) * share(at, of);
        let x = |at: u32| edge(at, pixels.width(), rect.left(), rect.right());
        let y = |at: u32| edge(at, pixels.height(), rect.top(), rect.bottom());
        for Tile { columns, rows, texture } in &self.tiles {
            // Of neighbours the same edge is worked out, so that nothing is seen between them.
            let place = Rect::from_min_max(pos2(x(columns.start), y(rows.start)), pos2(x(columns.end), y(rows.end)));
            if painter.clip_rect().intersects(place) {
                painter.image(texture.id(), place, WHOLE, Color32::WHITE);
            }
        }
    }
}

/// The tile with this number along a side of so many pixels.
fn side(number: u32, pixels: u32) -> Range<u32> {
    let start = number.saturating_mul(TILE_SIDE);
    start..start.saturating_add(TILE_SIDE).min(pixels)
}

#[expect(clippy::cast_precision_loss, reason = "places on a screen")]
fn share(at: u32, of: u32) -> f32 {
    at as f32 / of.max(1) as f32
}

fn image_of(pixels: &Pixels, columns: &Range<u32>, rows: &Range<u32>) -> ColorImage {
    let mut colours = Vec::new();
    for y in rows.clone() {
        let row = pixels.row(y, columns.clone()).iter();
        colours.extend(
            row.map(|[red, green, blue, opacity]| Color32::from_rgba_premultiplied(*red, *green, *blue, *opacity)),
        );
    }
    let size = [columns, rows].map(|side| usize::try_from(side.end.saturating_sub(side.start)).unwrap_or(0));
    let [width, height] = size;
    // What is drawn has to be of the size that it says.
    colours.resize(width * height, Color32::TRANSPARENT);
    ColorImage::new(size, colours)
}

/// The pattern behind what can be seen through.
#[derive(Default)]
pub(super) struct Fields {
    made: Option<([Color32; 2], TextureHandle)>,
}

impl Fields {
    /// Draws it in `rect`; it lies still behind a picture that is moved.
    pub(super) fn paint(&mut self, painter: &Painter, rect: Rect, colours: Colours) {
        let two = [colours.raised, colours.line];
        let made = self.made.take().filter(|(made_of, _)| *made_of == two).unwrap_or_else(|| {
            let [one, other] = two;
            let image = ColorImage::new([2, 2], vec![one, other, other, one]);
            (two, painter.ctx().load_texture("fields behind a picture", image, TextureOptions::NEAREST_REPEAT))
        });
        let in_fields = |at: Pos2| pos2(at.x / (2.0 * FIELD), at.y / (2.0 * FIELD));
        let part = Rect::from_min_max(in_fields(rect.min), in_fields(rect.max));
        painter.image(made.1.id(), rect, part, Color32::WHITE);
        self.made = Some(made);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_tile_ends_with_the_picture() {
        assert_eq!(side(0, 300), 0..300);
        assert_eq!((side(0, 513), side(1, 513)), (0..512, 512..513));
        assert_eq!((side(1, 1_024), side(1, 1_023)), (512..1_024, 512..1_023));
    }
}
