//! The rows of a text view in one frame: looked up, decoded, laid out and painted, a screenful and no more.

use std::ops::Range;
use std::sync::Arc;

use egui::text::CCursor;
use egui::{Align2, Galley, Rect, Ui, pos2, vec2};

use super::scroll::{self, Axis};
use super::text_view::{Jump, Place};
use super::theme::{Colours, TEXT_ROW, document};
use crate::document::{
    Changed, Document, Encoding, Facts, Found, LineNumber, Lines, Row, decode_binary_row, decode_row,
};
use crate::source::{ByteOffset, SourceChange};
use crate::units;

/// Up to this column a row is decoded from its line's start, so that columns are characters; further right, where a
/// line is as long as a file, a column is a byte.
const EXACT_COLUMNS: u64 = 16 << 10;
/// The most bytes that a character has in UTF-8.
const MAX_CHARACTER_BYTES: u64 = 4;

/// Measures of a text view in one frame.
pub(super) struct Metrics {
    /// Where line numbers and text go.
    pub(super) text: Rect,
    pub(super) row_height: f32,
    pub(super) char_width: f32,
    /// Rows and columns in sight, those that are cut among them.
    pub(super) rows: usize,
    pub(super) columns: usize,
    /// The largest column that the view may begin at.
    pub(super) last_column: u64,
    /// Whether bytes are shown one by one.
    binary: bool,
    gutter: f32,
    vertical: Rect,
    horizontal: Option<Rect>,
}

impl Metrics {
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        clippy::cast_precision_loss,
        reason = "a screen"
    )]
    pub(super) fn new(ui: &Ui, rect: Rect, document_shown: &Document, facts: Facts) -> Self {
        let char_width = ui.ctx().fonts_mut(|fonts| fonts.glyph_width(&document(), '0')).max(1.0);
        let digits = units::number(document_shown.line_count().0.max(99_999)).len();
        let gutter = (digits as f32 + 3.0) * char_width;
        let in_line = rect.width() - gutter - scroll::WIDTH;
        let full_columns = (in_line / char_width).floor().max(1.0) as usize;
        let longest = document_shown.longest_line_bytes();
        let last_column = longest.saturating_sub(full_columns as u64 / 2);
        let wide = longest > full_columns as u64;
        let text_bottom = rect.bottom() - if wide { scroll::WIDTH } else { 0.0 };
        let text = Rect::from_min_max(rect.min, pos2(rect.right() - scroll::WIDTH, text_bottom));
        let vertical = Rect::from_min_max(pos2(text.right(), rect.top()), pos2(rect.right(), text_bottom));
        let horizontal = wide
            .then(|| Rect::from_min_max(pos2(rect.left() + gutter, text_bottom), pos2(text.right(), rect.bottom())));
        Self {
            text,
            row_height: TEXT_ROW,
            char_width,
            rows: (text.height() / TEXT_ROW).ceil().max(1.0) as usize + 1,
            columns: full_columns + 1,
            last_column: if wide { last_column } else { 0 },
            binary: facts.encoding == Encoding::Binary,
            gutter,
            vertical,
            horizontal,
        }
    }

    /// Draws both bars; a drag of the upright one gives a jump, one of the other changes the column.
    #[expect(
        clippy::cast_precision_loss,
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "the place of a thumb; a drag is as exact as a screen"
    )]
    pub(super) fn scroll_bars(
        &self,
        ui: &Ui,
        place: &mut Place,
        document: &Document,
        facts: Facts,
        first: Option<&DrawnRow>,
    ) -> Option<Jump> {
        if let Some(rect) = self.horizontal {
            let all = self.last_column.max(1) as f64;
            let share = self.columns as f64 / (all + self.columns as f64);
            let (_, wanted) = scroll::bar(ui, rect, Axis::Horizontal, ("Columns", place.column as f64 / all, share));
            if let Some(wanted) = wanted {
                place.column = (wanted * all) as u64;
            }
        }
        let (lines, complete) = document.line_count();
        let rows = self.rows.saturating_sub(2).max(1) as u64;
        // Lines once all are known, bytes before: the thumb never waits for the index.
        let by_line = first.and_then(|row| row.number).filter(|_| complete);
        let (position, share) = match by_line {
            Some(number) => {
                (number.0 as f64 / lines.saturating_sub(rows).max(1) as f64, rows as f64 / lines.max(1) as f64)
            }
            None => (place.top.0 as f64 / facts.len_bytes.max(1) as f64, 0.0),
        };
        let (_, wanted) = scroll::bar(ui, self.vertical, Axis::Vertical, ("Lines", position.min(1.0), share.min(1.0)));
        let wanted = wanted?;
        place.part = 0.0;
        Some(match by_line {
            Some(_) => Jump::TopLine(LineNumber((wanted * lines.saturating_sub(rows) as f64) as u64)),
            None => Jump::Top(ByteOffset((wanted * facts.len_bytes as f64) as u64)),
        })
    }
}

/// A row as it was drawn, for the pointer to find bytes by.
pub(super) struct DrawnRow {
    pub(super) number: Option<LineNumber>,
    /// The line's first byte, and the one after its last.
    pub(super) start: ByteOffset,
    pub(super) end: ByteOffset,
    /// Where its top edge is, in points of the window.
    pub(super) top: f32,
    /// The byte of the first character in sight.
    decoded_from: ByteOffset,
    row: Row,
    left: f32,
    galley: Option<Arc<Galley>>,
    gone: bool,
}

impl DrawnRow {
    /// The byte of the character nearest to `x`.
    pub(super) fn byte_at(&self, x: f32) -> ByteOffset {
        let character =
            self.galley.as_ref().map_or(0, |galley| galley.cursor_from_pos(vec2(x - self.left, 1.0)).index.0);
        self.decoded_from.plus(u64::from(self.row.place(character)))
    }
}

/// The rows of one frame.
pub(super) struct Layout {
    pub(super) rows: Vec<DrawnRow>,
    /// Rows that stay empty because the document ends above.
    pub(super) empty_rows: i64,
    /// Rows that are not there yet.
    loading: usize,
    part: f32,
}

impl Layout {
    pub(super) fn new(lines: &Lines<'_>, place: Place, metrics: &Metrics, change: Option<Changed>) -> Self {
        let mut rows = Vec::with_capacity(metrics.rows);
        let mut number = lines.number_of(place.top).here();
        let mut next = Some(place.top).filter(|top| *top < lines.end());
        let mut loading = 0;
        while let Some(start) = next.filter(|_| rows.len() < metrics.rows) {
            let row = match lines.end_of(start) {
                Found::Here(end) => decode(lines, start..end, place.column, metrics, change),
                Found::Loading | Found::Unknown => None,
            };
            let Some(mut row) = row else {
                loading = metrics.rows - rows.len();
                break;
            };
            row.number = number;
            number = number.map(|number| LineNumber(number.0 + 1));
            next = lines.next_after(row.end).here().flatten().filter(|_| !row.gone);
            rows.push(row);
        }
        let full = metrics.rows.saturating_sub(2);
        let at_end = loading == 0 && rows.last().is_some_and(|row| lines.next_after(row.end) == Found::Here(None));
        let empty_rows = if at_end { i64::try_from(full.saturating_sub(rows.len())).unwrap_or(0) } else { 0 };
        Self { rows, empty_rows, loading, part: place.part }
    }

    /// Gives each row its place and its glyphs.
    pub(super) fn place(&mut self, ui: &Ui, metrics: &Metrics) {
        let tops: Vec<_> = (0..self.rows.len()).map(|at| self.top_of(at, metrics)).collect();
        for (row, top) in self.rows.iter_mut().zip(tops) {
            let text = row.row.text.clone();
            row.top = top;
            row.left = metrics.text.left() + metrics.gutter;
            row.galley = Some(ui.painter().layout_no_wrap(text, document(), egui::Color32::PLACEHOLDER));
        }
    }

    pub(super) fn paint(&self, ui: &Ui, metrics: &Metrics, selected: &Range<ByteOffset>, current: Option<ByteOffset>) {
        let colours = Colours::of(ui);
        let painter = ui.painter().with_clip_rect(metrics.text);
        for row in &self.rows {
            let left = pos2(metrics.text.left(), row.top);
            let rect = Rect::from_min_size(left, vec2(metrics.text.width(), metrics.row_height));
            let is_current = current.is_some_and(|byte| row.start <= byte && byte <= row.end);
            if is_current {
                painter.rect_filled(rect, 0, colours.raised);
            }
            let number = row.number.map_or_else(|| "…".to_owned(), |number| units::number(number.0 + 1));
            let colour = if is_current { colours.text } else { colours.faint };
            let number_at = pos2(row.left - 2.0 * metrics.char_width, rect.center().y);
            painter.text(number_at, Align2::RIGHT_CENTER, number, document(), colour);
            let Some(galley) = &row.galley else { continue };
            if let Some(range) = row.selected_x(selected, galley, metrics) {
                let band = Rect::from_x_y_ranges(row.left + range.start..=row.left + range.end, rect.y_range());
                painter.rect_filled(band, 0, colours.accent_ground);
            }
            let text_at = pos2(row.left, rect.center().y - galley.size().y / 2.0);
            painter.galley(text_at, Arc::clone(galley), if row.gone { colours.red } else { colours.text });
        }
        self.paint_placeholders(ui, metrics);
    }

    fn paint_placeholders(&self, ui: &Ui, metrics: &Metrics) {
        let colours = Colours::of(ui);
        let painter = ui.painter().with_clip_rect(metrics.text);
        for at in 0..self.loading {
            let top = self.top_of(self.rows.len() + at, metrics);
            // Lines of uneven length look like text that is to come.
            let share = [0.62, 0.48, 0.71, 0.55].get(at % 4).copied().unwrap_or(0.5);
            let width = (metrics.text.width() - metrics.gutter) * share;
            let bar = Rect::from_min_size(pos2(metrics.text.left() + metrics.gutter, top + 6.0), vec2(width, 7.0));
            painter.rect_filled(bar, 3, colours.panel);
        }
    }

    fn top_of(&self, row: usize, metrics: &Metrics) -> f32 {
        #[expect(clippy::cast_precision_loss, reason = "rows of a screen")]
        let rows = row as f32 - self.part;
        // Whole pixels, or the text would shimmer while it is scrolled.
        (metrics.text.top() + rows * metrics.row_height).round()
    }
}

impl DrawnRow {
    /// From where to where the row is selected, in points from its left; a selected line ending has half a character.
    fn selected_x(&self, selected: &Range<ByteOffset>, galley: &Galley, metrics: &Metrics) -> Option<Range<f32>> {
        if selected.is_empty() || selected.end <= self.start || selected.start > self.end || self.gone {
            return None;
        }
        let place = |byte: ByteOffset| u32::try_from(byte.since(self.decoded_from)).unwrap_or(u32::MAX);
        let characters = self.row.characters(place(selected.start)..place(selected.end));
        let x = |character| galley.pos_from_cursor(CCursor { index: character, ..CCursor::default() }).min.x;
        let ending = if selected.end > self.end { metrics.char_width / 2.0 } else { 0.0 };
        let range = x(characters.start.into())..x(characters.end.into()) + ending;
        (range.end > range.start).then_some(range)
    }
}

/// Decodes the part of a line that is in sight; `None` while its bytes are on their way.
fn decode(
    lines: &Lines<'_>,
    line: Range<ByteOffset>,
    column: u64,
    metrics: &Metrics,
    change: Option<Changed>,
) -> Option<DrawnRow> {
    let exact = column <= EXACT_COLUMNS;
    let from = if exact { line.start } else { line.start.plus(column).min(line.end) };
    let skip = if exact { column } else { 0 };
    let reach = (skip + metrics.columns as u64).saturating_mul(MAX_CHARACTER_BYTES);
    let to = from.plus(reach).min(line.end);
    let bytes = lines.bytes(from..to)?;
    let gone =
        matches!(change, Some(Changed { change: SourceChange::CutShort(len), .. }) if to.0 > len) && bytes.is_empty();
    let mut shown = bytes.as_ref();
    if to == line.end {
        shown = shown.strip_suffix(b"\r").unwrap_or(shown);
    }
    // In the middle of a long line the first bytes may be the rest of a character.
    let cut = if exact { 0 } else { shown.iter().take(3).take_while(|byte| **byte & 0xc0 == 0x80).count() };
    shown = shown.get(cut..).unwrap_or_default();
    let decode = if metrics.binary { decode_binary_row } else { decode_row };
    let mut row = decode(shown, usize::try_from(skip).unwrap_or(usize::MAX), metrics.columns);
    if gone {
        "These bytes are gone: the file was cut short".clone_into(&mut row.text);
    }
    Some(DrawnRow {
        number: None,
        start: line.start,
        end: line.end,
        top: 0.0,
        decoded_from: from.plus(cut as u64),
        row,
        left: 0.0,
        galley: None,
        gone,
    })
}
