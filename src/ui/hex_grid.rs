//! Where the bytes of a hex view are on the screen: how many a row has, in which cells they are drawn, which of them is
//! under the pointer, and which rows come into sight. Rows are counted in 64 bits and cells from the row's left, so that
//! the last row of a document of any size is as exact as the first. Pure arithmetic.

use egui::{Pos2, Rangef, Rect, pos2};

use super::scroll;
use super::text_view::Place;
use super::theme::TEXT_ROW;
use crate::source::ByteOffset;

/// How many bytes a row may have, the most first: as many as there is room for.
const ROW_BYTES: [u16; 4] = [32, 16, 8, 4];
/// So many bytes are drawn together.
const GROUP: u16 = 8;
/// So many columns has such a group, with the blank after it.
const GROUP_COLUMNS: u16 = 3 * GROUP + 1;
/// So many digits of an offset are drawn together, and as many at least as twice that.
const OFFSET_GROUP: u16 = 4;
/// The columns between the offsets, the bytes and their text.
const GAP: u16 = 2;
/// What is left free on both sides, in points.
const MARGIN: f32 = 12.0;

/// The measures of a hex view in one frame.
#[derive(Clone, Copy, Debug)]
pub(super) struct Grid {
    /// Where the rows are drawn.
    pub(super) area: Rect,
    /// Where their scroll bar is.
    pub(super) scroll_bar: Rect,
    char_width: f32,
    row_bytes: u16,
    /// The digits of an offset.
    digits: u16,
    len_bytes: u64,
}

impl Grid {
    /// Divides `rect` for a document of `len_bytes`, in characters of `char_width`.
    pub(super) fn new(rect: Rect, char_width: f32, len_bytes: u64) -> Self {
        let area = Rect::from_min_max(rect.min, pos2((rect.right() - scroll::WIDTH).max(rect.left()), rect.bottom()));
        let scroll_bar = Rect::from_min_max(pos2(area.right(), rect.top()), rect.max);
        let digits = digits(len_bytes);
        let grids = ROW_BYTES.map(|row_bytes| Self { area, scroll_bar, char_width, row_bytes, digits, len_bytes });
        let [.., narrowest] = grids;
        grids.into_iter().find(|grid| grid.width() <= area.width()).unwrap_or(narrowest)
    }

    /// How many bytes a row has.
    pub(super) fn row_bytes(&self) -> u64 {
        u64::from(self.row_bytes)
    }

    /// How many rows are in sight, those that are cut among them.
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "rows of a screen")]
    pub(super) fn rows(&self) -> u64 {
        (self.area.height() / TEXT_ROW).ceil().max(0.0) as u64 + 1
    }

    /// How many rows can be in sight as a whole: at least one.
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "rows of a screen")]
    pub(super) fn full_rows(&self) -> u64 {
        (self.area.height() / TEXT_ROW).floor().max(1.0) as u64
    }

    /// The number of the row that holds the byte at `at`.
    pub(super) fn row_of(&self, at: ByteOffset) -> u64 {
        at.0 / self.row_bytes()
    }

    /// The first byte of a row.
    pub(super) fn start_of(&self, row: u64) -> ByteOffset {
        ByteOffset(row.saturating_mul(self.row_bytes()))
    }

    /// The topmost row from which the last one is in sight.
    fn last_top(&self) -> u64 {
        self.len_bytes.div_ceil(self.row_bytes()).saturating_sub(self.full_rows())
    }

    /// The place at whose top this row is, or the last place.
    fn at_row(&self, row: u64) -> Place {
        Place { top: self.start_of(row.min(self.last_top())), ..Place::default() }
    }

    /// The nearest place that there is: at the start of a row, and with the last row no higher than at the bottom.
    pub(super) fn settled(&self, place: Place) -> Place {
        let row = self.row_of(place.top);
        let part = if row < self.last_top() { place.part.clamp(0.0, 1.0) } else { 0.0 };
        Place { part, ..self.at_row(row) }
    }

    /// The place so many rows on, or back.
    #[expect(clippy::cast_possible_truncation, reason = "a few rows")]
    pub(super) fn scrolled(&self, place: Place, rows: f32) -> Place {
        let to = place.part + rows;
        let whole = to.floor();
        match self.row_of(place.top).checked_add_signed(whole as i64) {
            Some(row) => self.settled(Place { top: self.start_of(row), part: to - whole, ..place }),
            // Above the first row there is nothing to see a part of.
            None => Place::default(),
        }
    }

    /// The place so many whole rows on, or back.
    pub(super) fn turned(&self, place: Place, rows: i64) -> Place {
        self.at_row(self.row_of(place.top).saturating_add_signed(rows))
    }

    /// `place` or, where the byte at `at` is not in sight from there, the nearest from which it is.
    pub(super) fn revealing(&self, place: Place, at: ByteOffset) -> Place {
        let (row, top) = (self.row_of(at), self.row_of(place.top));
        if row < top || (row == top && place.part > 0.0) {
            self.at_row(row)
        } else if row - top >= self.full_rows() {
            self.at_row((row + 1).saturating_sub(self.full_rows()))
        } else {
            place
        }
    }

    /// `place` or, where the byte at `at` is not in sight from there, one from which it is seen with some rows before it.
    pub(super) fn showing(&self, place: Place, at: ByteOffset) -> Place {
        if self.revealing(place, at) == place {
            return place;
        }
        self.at_row(self.row_of(at).saturating_sub(self.full_rows() / 3))
    }

    /// Where the scroll bar stands: the position of the top, and how much of the whole is in sight, from 0 to 1.
    #[expect(clippy::cast_precision_loss, reason = "the place of a thumb")]
    pub(super) fn scrolled_to(&self, place: Place) -> (f64, f64) {
        let position = self.row_of(place.top) as f64 / self.last_top().max(1) as f64;
        let all = self.len_bytes.div_ceil(self.row_bytes()).max(1);
        (position.min(1.0), (self.full_rows() as f64 / all as f64).min(1.0))
    }

    /// The place that the scroll bar is dragged to.
    #[expect(
        clippy::cast_precision_loss,
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a drag is as exact as a screen"
    )]
    pub(super) fn at_position(&self, position: f64) -> Place {
        self.at_row((position * self.last_top() as f64).round() as u64)
    }

    /// Where the row is drawn that comes so many after the topmost one; on whole pixels, or it would shimmer.
    #[expect(clippy::cast_precision_loss, reason = "rows of a screen")]
    pub(super) fn row_rect(&self, place: Place, row: u64) -> Rect {
        let top = (self.area.top() + (row as f32 - place.part) * TEXT_ROW).round();
        Rect::from_x_y_ranges(self.area.x_range(), top..=top + TEXT_ROW)
    }

    /// The byte under the pointer or, beside the rows, the nearest in sight.
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "rows of a screen")]
    pub(super) fn byte_at(&self, place: Place, pos: Pos2) -> ByteOffset {
        let y = pos.y.min(self.area.bottom() - 1.0).max(self.area.top());
        let row = ((y - self.area.top()) / TEXT_ROW + place.part).floor() as u64;
        let start = self.start_of(self.row_of(place.top).saturating_add(row));
        start.plus(u64::from(self.cell_at(pos.x))).min(ByteOffset(self.len_bytes).minus(1))
    }

    /// Which byte of its row is drawn at `x`, or nearest to it.
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "columns of a screen, and `as` saturates"
    )]
    fn cell_at(&self, x: f32) -> u16 {
        let column = |left: f32| ((x - left) / self.char_width).max(0.0) as u16;
        let cell = if x >= self.text_x(0) - self.char_width {
            column(self.text_x(0))
        } else {
            // Of a blank, one half belongs to the byte before it and one to the byte after.
            let column = column(self.hex_x(0) - self.char_width / 2.0);
            column / GROUP_COLUMNS * GROUP + (column % GROUP_COLUMNS / 3).min(GROUP - 1)
        };
        cell.min(self.row_bytes - 1)
    }

    /// The left edge of the offsets.
    pub(super) fn offset_x(&self) -> f32 {
        self.area.left() + MARGIN
    }

    /// The left edge of the digits of a byte, by its place in the row.
    pub(super) fn hex_x(&self, cell: u16) -> f32 {
        let columns = self.offset_columns() + GAP + 3 * cell + cell / GROUP;
        self.offset_x() + f32::from(columns) * self.char_width
    }

    /// The left edge of the text of a byte, by its place in the row.
    pub(super) fn text_x(&self, cell: u16) -> f32 {
        self.hex_x(self.row_bytes - 1) + f32::from(2 + GAP + cell) * self.char_width
    }

    /// From where to where the digits and the text of the bytes from `first` to `last` of a row are drawn.
    pub(super) fn bands(&self, first: u16, last: u16) -> [Rangef; 2] {
        let hex = Rangef::new(self.hex_x(first), self.hex_x(last) + 2.0 * self.char_width);
        [hex, Rangef::new(self.text_x(first), self.text_x(last) + self.char_width)]
    }

    /// The same of a whole row.
    pub(super) fn whole_bands(&self) -> [Rangef; 2] {
        self.bands(0, self.row_bytes - 1)
    }

    /// The digits of an offset, grouped.
    pub(super) fn offset(&self, at: ByteOffset) -> String {
        let plain = format!("{:0digits$x}", at.0, digits = usize::from(self.digits));
        let mut grouped = String::new();
        for (number, digit) in plain.chars().enumerate() {
            if number > 0 && (plain.len() - number).is_multiple_of(usize::from(OFFSET_GROUP)) {
                grouped.push(' ');
            }
            grouped.push(digit);
        }
        grouped
    }

    fn offset_columns(&self) -> u16 {
        self.digits + self.digits / OFFSET_GROUP - 1
    }

    /// How wide the rows are, with what is free on both sides.
    fn width(&self) -> f32 {
        self.text_x(self.row_bytes) + MARGIN - self.area.left()
    }
}

/// Whether a byte has a blank more after it than the one that each has.
pub(super) const fn ends_group(cell: u16) -> bool {
    cell % GROUP == GROUP - 1
}

/// How many digits the offsets have in a document of `len_bytes`, in whole groups.
fn digits(len_bytes: u64) -> u16 {
    let bits = u64::BITS - len_bytes.saturating_sub(1).leading_zeros();
    let groups = u16::try_from(bits.div_ceil(4 * u32::from(OFFSET_GROUP))).unwrap_or(4);
    groups.max(2) * OFFSET_GROUP
}

#[cfg(test)]
mod tests {
    use egui::vec2;
    use proptest::prelude::*;

    use super::*;

    const CHAR: f32 = 7.5;

    fn grid_of(width: f32, height: f32, len_bytes: u64) -> Grid {
        Grid::new(Rect::from_min_size(pos2(100.0, 50.0), vec2(width, height)), CHAR, len_bytes)
    }

    fn at(top: u64, part: f32) -> Place {
        Place { top: ByteOffset(top), part, column: 0 }
    }

    #[test]
    fn a_row_has_as_many_bytes_as_there_is_room_for() {
        for (width, row_bytes) in
            [(2_000.0, 32), (1_109.0, 32), (1_108.0, 16), (614.0, 16), (613.0, 8), (366.0, 8), (365.0, 4), (0.0, 4)]
        {
            assert_eq!(grid_of(width, 600.0, 1_000).row_bytes(), row_bytes, "{width}");
        }
        assert_eq!(grid_of(614.0, 600.0, 1 << 40).row_bytes(), 8, "longer offsets leave less");
    }

    #[test]
    fn offsets_have_as_many_digits_as_the_last_one_in_groups() {
        for (len_bytes, offset) in [
            (0, "0000 00ab"),
            (1 << 32, "0000 00ab"),
            ((1 << 32) + 1, "0000 0000 00ab"),
            (1 << 40, "0000 0000 00ab"),
            (u64::MAX, "0000 0000 0000 00ab"),
        ] {
            assert_eq!(grid_of(800.0, 600.0, len_bytes).offset(ByteOffset(0xab)), offset, "{len_bytes}");
        }
    }

    #[test]
    fn the_last_row_stays_at_the_bottom_and_the_first_at_the_top() {
        // Five rows and a bit.
        let grid = grid_of(614.0, 100.0, 160);
        assert_eq!((grid.full_rows(), grid.rows()), (5, 7));
        assert_eq!(grid.settled(at(37, 0.5)), at(32, 0.5));
        assert_eq!(grid.settled(at(80, 0.5)), at(80, 0.0));
        assert_eq!(grid.settled(at(u64::MAX, 0.5)), at(80, 0.0));
        assert_eq!(grid.scrolled(at(32, 0.5), 0.75), at(48, 0.25));
        assert_eq!(grid.scrolled(at(32, 0.5), -1.0), at(16, 0.5));
        assert_eq!(grid.scrolled(at(16, 0.25), -1.5), at(0, 0.0));
        assert_eq!(grid.scrolled(at(32, 0.0), 90.0), at(80, 0.0));
        let short = grid_of(614.0, 100.0, 10);
        assert_eq!(short.scrolled(at(0, 0.0), 1.5), at(0, 0.0), "what is seen whole does not move");
    }

    #[test]
    fn a_byte_that_is_gone_to_comes_into_sight_and_no_further_than_it_has_to() {
        let grid = grid_of(614.0, 100.0, 1_600);
        for (place, byte, seen_from) in [
            (at(160, 0.5), 176, at(160, 0.5)),
            (at(160, 0.5), 160, at(160, 0.0)),
            (at(160, 0.0), 15, at(0, 0.0)),
            (at(160, 0.0), 239, at(160, 0.0)),
            (at(160, 0.0), 240, at(176, 0.0)),
            (at(0, 0.0), 1_599, at(1_520, 0.0)),
        ] {
            assert_eq!(grid.revealing(place, ByteOffset(byte)), seen_from, "{byte} from {place:?}");
        }
        assert_eq!(grid.showing(at(160, 0.5), ByteOffset(176)), at(160, 0.5));
        assert_eq!(grid.showing(at(0, 0.0), ByteOffset(807)), at(784, 0.0), "with a row before it");
    }

    #[test]
    fn a_thumb_reaches_both_ends_of_a_document_of_any_size() {
        for len_bytes in [10, 1_000, 1 << 40, u64::MAX] {
            let grid = grid_of(614.0, 600.0, len_bytes);
            assert_eq!(grid.at_position(0.0), at(0, 0.0));
            let end = grid.at_position(1.0);
            assert_eq!(end, grid.settled(at(u64::MAX, 0.0)), "{len_bytes}");
            let (position, share) = grid.scrolled_to(end);
            assert!((0.0..=1.0).contains(&position) && (0.0..=1.0).contains(&share), "{position}, {share}");
        }
    }

    proptest! {
        #[test]
        fn the_byte_under_the_pointer_is_the_one_that_is_drawn_there(
            width in 0.0_f32..1_500.0,
            (top, part) in (0_u64..1 << 40, 0.0_f32..0.99),
            (row, cell) in (0_u64..5, 0_u16..32),
        ) {
            let grid = grid_of(width, 100.0, 1 << 40);
            let place = grid.settled(at(top, part));
            let cell = cell.min(grid.row_bytes - 1);
            let start = grid.start_of(grid.row_of(place.top) + row);
            let byte = start.plus(u64::from(cell)).min(ByteOffset((1 << 40) - 1));
            let y = grid.row_rect(place, row).center().y;
            for band in grid.bands(cell, cell) {
                for x in [band.min + 1.0, band.center(), band.max - 1.0] {
                    prop_assert_eq!(grid.byte_at(place, pos2(x, y)), byte);
                }
            }
        }

        #[test]
        fn a_byte_that_is_gone_to_is_in_sight(
            (top, part) in (0_u64..1 << 40, 0.0_f32..0.99), byte in 0_u64..1 << 40, height in 20.0_f32..900.0,
        ) {
            let grid = grid_of(614.0, height, 1 << 40);
            let place = grid.settled(at(top, part));
            for to in [grid.revealing(place, ByteOffset(byte)), grid.showing(place, ByteOffset(byte))] {
                prop_assert_eq!(to, grid.settled(to));
                let row = grid.row_of(ByteOffset(byte)).checked_sub(grid.row_of(to.top)).unwrap();
                let rect = grid.row_rect(to, row);
                // Rows are drawn on whole pixels.
                prop_assert!(rect.top() > grid.area.top() - 1.0 && rect.bottom() < grid.area.bottom() + 1.0);
            }
        }
    }
}
