//! The rows of a hex view in one frame: a screenful of bytes, as digits and as text, with what is selected and what was
//! searched for marked in both. Drawn from the pages that are at hand; where some are on their way, a placeholder stands.

use std::borrow::Cow;
use std::ops::Range;

use egui::text::{LayoutJob, TextFormat};
use egui::{Align2, Color32, Painter, Rect, Stroke, StrokeKind, Ui, pos2, vec2};

use super::hex_cursor::Cursor;
use super::hex_grid::{Grid, ends_group};
use super::text_rows::MARK_STRENGTH;
use super::text_view::Place;
use super::theme::{Colours, document};
use crate::document::{BytePattern, Lines};
use crate::source::ByteOffset;

/// What stands for a byte that is no printable ASCII.
const DOT: char = '·';

/// The bytes in sight.
pub(super) struct HexRows {
    place: Place,
    rows: Vec<HexRow>,
    /// Where what is searched for is, as far as it is in sight.
    marks: Vec<Range<ByteOffset>>,
}

struct HexRow {
    start: ByteOffset,
    /// The byte after its last.
    end: ByteOffset,
    /// What it has; fewer where the file has no more, and `None` while they are on their way.
    bytes: Option<Cow<'static, [u8]>>,
}

/// What is to be seen of them besides.
pub(super) struct Seen {
    pub(super) cursor: Cursor,
    /// Whether keys move the cursor.
    pub(super) has_keys: bool,
    /// Why bytes are lacking, if some are.
    pub(super) lacking: &'static str,
}

impl HexRows {
    /// Looks up the rows from `place` on, and where `sought` is in them.
    pub(super) fn look(lines: &Lines<'_>, grid: &Grid, place: Place, sought: Option<&BytePattern>) -> Self {
        let top = grid.row_of(place.top);
        let starts = (top..top.saturating_add(grid.rows())).map(|row| grid.start_of(row));
        let rows: Vec<_> = starts
            .take_while(|start| *start < lines.end())
            .map(|start| {
                let end = start.plus(grid.row_bytes()).min(lines.end());
                HexRow { start, end, bytes: lines.bytes(start..end) }
            })
            .collect();
        let marks = sought.zip(rows.last()).map(|(sought, last)| marks(lines, place.top..last.end, sought));
        Self { place, rows, marks: marks.unwrap_or_default() }
    }

    pub(super) fn paint(&self, ui: &Ui, grid: &Grid, seen: &Seen) {
        let colours = Colours::of(ui);
        let painter = ui.painter().with_clip_rect(grid.area);
        let mut told = false;
        for (row, number) in self.rows.iter().zip(0..) {
            let rect = grid.row_rect(self.place, number);
            let is_current = (row.start..row.end).contains(&seen.cursor.at);
            if is_current {
                painter.rect_filled(rect, 0, colours.raised);
            }
            let colour = if is_current { colours.text } else { colours.faint };
            let at = pos2(grid.offset_x(), rect.center().y);
            painter.text(at, Align2::LEFT_CENTER, grid.offset(row.start), document(), colour);
            let Some(bytes) = &row.bytes else {
                paint_placeholder(&painter, grid, rect, colours);
                continue;
            };
            if bytes.is_empty() {
                // Once, however many of the rows have nothing.
                let words = if std::mem::replace(&mut told, true) { "" } else { seen.lacking };
                let left = pos2(grid.hex_x(0), rect.center().y);
                painter.text(left, Align2::LEFT_CENTER, words, document(), colours.red);
                continue;
            }
            let there = row.start..row.start.plus(bytes.len() as u64);
            for mark in &self.marks {
                paint_bands(&painter, grid, rect, &there, mark, colours.amber.gamma_multiply(MARK_STRENGTH));
            }
            if seen.cursor.selects() {
                paint_bands(&painter, grid, rect, &there, &seen.cursor.range(), colours.accent_ground);
            }
            paint_bytes(&painter, grid, rect, bytes, colours);
            if there.contains(&seen.cursor.at) {
                paint_cursor(&painter, grid, rect, cell_of(&there, seen.cursor.at), seen.has_keys, colours);
            }
        }
    }
}

/// Where `sought` is in what is in sight, or reaches into it; nowhere while bytes are on their way.
fn marks(lines: &Lines<'_>, sight: Range<ByteOffset>, sought: &BytePattern) -> Vec<Range<ByteOffset>> {
    let beyond = sought.len_bytes() - 1;
    let (from, to) = (sight.start.minus(beyond), sight.end.plus(beyond).min(lines.end()));
    // Where some can not be read, the places of those that follow are not known.
    let bytes = lines.bytes(from..to).filter(|bytes| bytes.len() as u64 == to.since(from));
    let Some(bytes) = bytes else { return Vec::new() };
    let place = |at: usize| from.plus(at as u64);
    sought.places_in(&bytes).into_iter().map(|mark| place(mark.start)..place(mark.end)).collect()
}

/// The place in its row of the byte at `at`.
fn cell_of(row: &Range<ByteOffset>, at: ByteOffset) -> u16 {
    u16::try_from(at.since(row.start)).unwrap_or(u16::MAX)
}

/// Fills the ground of the bytes of `row` that are in `range`, on both sides.
fn paint_bands(
    painter: &Painter,
    grid: &Grid,
    rect: Rect,
    row: &Range<ByteOffset>,
    range: &Range<ByteOffset>,
    colour: Color32,
) {
    let (start, end) = (range.start.max(row.start), range.end.min(row.end));
    if start < end {
        for band in grid.bands(cell_of(row, start), cell_of(row, end.minus(1))) {
            painter.rect_filled(Rect::from_x_y_ranges(band, rect.y_range()), 0, colour);
        }
    }
}

/// Shows where the person is by a frame on both sides.
fn paint_cursor(painter: &Painter, grid: &Grid, rect: Rect, cell: u16, has_keys: bool, colours: Colours) {
    let stroke = Stroke::new(1.0, if has_keys { colours.accent } else { colours.edge });
    for band in grid.bands(cell, cell) {
        let frame = Rect::from_x_y_ranges(band, rect.y_range()).expand2(vec2(2.0, -1.0));
        painter.rect_stroke(frame, 2, stroke, StrokeKind::Inside);
    }
}

/// Writes the bytes of a row: their digits, in which zeros recede, and their text, in which what is no text does.
fn paint_bytes(painter: &Painter, grid: &Grid, rect: Rect, bytes: &[u8], colours: Colours) {
    let format = |plain: bool| TextFormat::simple(document(), if plain { colours.text } else { colours.faint });
    let (mut hex, mut text) = (LayoutJob::default(), LayoutJob::default());
    for (byte, cell) in bytes.iter().zip(0..) {
        let mut digits = String::with_capacity(4);
        push_digits(&mut digits, *byte);
        digits.push_str(if ends_group(cell) { "  " } else { " " });
        hex.append(&digits, 0.0, format(*byte != 0));
        let shown = character_of(*byte);
        text.append(shown.encode_utf8(&mut [0; 4]), 0.0, format(shown != DOT));
    }
    for (job, left) in [(hex, grid.hex_x(0)), (text, grid.text_x(0))] {
        let galley = painter.layout_job(job);
        painter.galley(pos2(left, rect.center().y - galley.size().y / 2.0), galley, colours.text);
    }
}

fn paint_placeholder(painter: &Painter, grid: &Grid, rect: Rect, colours: Colours) {
    for band in grid.whole_bands() {
        let bar = Rect::from_x_y_ranges(band, rect.top() + 6.0..=rect.top() + 13.0);
        painter.rect_filled(bar, 3, colours.panel);
    }
}

fn character_of(byte: u8) -> char {
    if byte.is_ascii_graphic() || byte == b' ' { char::from(byte) } else { DOT }
}

fn push_digits(text: &mut String, byte: u8) {
    for nibble in [byte >> 4, byte & 0xf] {
        text.push(char::from_digit(u32::from(nibble), 16).unwrap_or('0'));
    }
}

/// Bytes as `de ad be ef`.
pub(super) fn hex_text(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len() * 3);
    for byte in bytes {
        if !text.is_empty() {
            text.push(' ');
        }
        push_digits(&mut text, *byte);
    }
    text
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn what_is_no_printable_ascii_is_a_dot() {
        let shown: String = b"A z~\0\n\x7f\x80\xff.".iter().map(|byte| character_of(*byte)).collect();
        assert_eq!(shown, "A z~·····.");
    }

    proptest! {
        #[test]
        fn digits_are_two_for_each_byte_with_a_blank_between(bytes in prop::collection::vec(any::<u8>(), 0..40)) {
            let naive: Vec<_> = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
            prop_assert_eq!(hex_text(&bytes), naive.join(" "));
        }
    }
}
