//! The rows of a text view in one frame: looked up, decoded, laid out and painted, a screenful and no more.

use std::ops::Range;
use std::sync::Arc;

use egui::text::CCursor;
use egui::{Align2, Galley, Rect, Ui, pos2, vec2};

use super::scroll::{self, Axis};
use super::text_columns::Columns;
use super::text_jumps::Jump;
use super::text_view::Place;
use super::theme::{Colours, TEXT_ROW, document};
use crate::document::{Changed, Document, Facts, Found, HitLook, Hits, LineNumber, Lines, Row};
use crate::source::{ByteOffset, SourceChange};
use crate::units;

/// The most rows whose text is waited for at a time: what they need together is by far less than what is kept.
const MAX_LACKING: usize = 64;

/// The longest line that is searched whole for what is to be marked in it.
const WHOLE_LINE_BYTES: u64 = 8 << 10;
/// The height of a mark beside the scroll bar, in points.
const TICK: f32 = 2.0;
/// How strong the colour of such a mark is where there is the least.
const WEAKEST_TICK: f32 = 0.4;
/// How strong the colour of a mark is: what is written on it stays legible.
pub(super) const MARK_STRENGTH: f32 = 0.3;
/// The most marks that are drawn in a row.
const MAX_MARKS: usize = 256;

/// Measures of a text view in one frame.
pub(super) struct Metrics {
    /// Where line numbers and text go.
    pub(super) text: Rect,
    pub(super) row_height: f32,
    pub(super) char_width: f32,
    /// Rows and columns in sight, those that are cut among them.
    pub(super) rows: usize,
    pub(super) columns: usize,
    /// The columns of the widest line.
    widest: u64,
    /// How lines are divided into columns.
    pub(super) grid: Columns,
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
    /// Room for the widest line that was seen so far, in columns, and for the numbers of so many lines.
    pub(super) fn new(
        ui: &Ui,
        rect: Rect,
        document_shown: &Document,
        facts: Facts,
        (widest, lines): (u64, u64),
    ) -> Self {
        let char_width = ui.ctx().fonts_mut(|fonts| fonts.glyph_width(&document(), '0')).max(1.0);
        let digits = units::number(lines.max(99_999)).len();
        let gutter = (digits as f32 + 3.0) * char_width;
        let in_line = rect.width() - gutter - scroll::WIDTH;
        let full_columns = (in_line / char_width).floor().max(1.0) as usize;
        let widest = widest.max(document_shown.longest_line_bytes());
        let wide = widest > full_columns as u64;
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
            widest,
            grid: Columns::of(facts),
            gutter,
            vertical,
            horizontal,
        }
    }

    /// Where the upright bar is.
    pub(super) fn scroll_bar(&self) -> Rect {
        self.vertical
    }

    /// Rows that are in sight as a whole.
    pub(super) fn full_rows(&self) -> usize {
        self.rows.saturating_sub(2).max(1)
    }

    /// Columns that are in sight as a whole.
    pub(super) fn full_columns(&self) -> u64 {
        self.columns.saturating_sub(1).max(1) as u64
    }

    /// The largest column that the view may begin at.
    pub(super) fn last_column(&self) -> u64 {
        self.last_column_of(self.widest)
    }

    /// The same if the widest line had so many columns.
    pub(super) fn last_column_of(&self, widest: u64) -> u64 {
        let full = self.full_columns();
        if widest > full { widest - full / 2 } else { 0 }
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
        hits: &HitsInSight,
    ) -> Option<Jump> {
        if let Some(rect) = self.horizontal {
            let all = self.last_column().max(1) as f64;
            let share = self.columns as f64 / (all + self.columns as f64);
            let position = (place.column as f64 / all).min(1.0);
            let (_, wanted) = scroll::bar(ui, rect, Axis::Horizontal, ("Columns", position, share));
            if let Some(wanted) = wanted {
                place.column = (wanted * all).round() as u64;
            }
        }
        if let HitsInSight::Only { before, count } = *hits {
            let rows = self.full_rows() as u64;
            let last = count.saturating_sub(rows).max(1) as f64;
            let shown =
                ("Lines that match", (before as f64 / last).min(1.0), (rows as f64 / count.max(1) as f64).min(1.0));
            let (_, wanted) = scroll::bar(ui, self.vertical, Axis::Vertical, shown);
            place.part = if wanted.is_some() { 0.0 } else { place.part };
            return wanted.map(|wanted| Jump::TopHit((wanted * last).round() as u64));
        }
        let (lines, complete) = document.line_count();
        let rows = self.full_rows() as u64;
        // Lines once all are known, bytes before: the thumb never waits for the index.
        let by_line = first.and_then(|row| row.number).filter(|_| complete);
        let (position, share) = match by_line {
            Some(number) => {
                (number.0 as f64 / lines.saturating_sub(rows).max(1) as f64, rows as f64 / lines.max(1) as f64)
            }
            None => (place.top.0 as f64 / facts.len_bytes.max(1) as f64, 0.0),
        };
        let (_, wanted) = scroll::bar(ui, self.vertical, Axis::Vertical, ("Lines", position.min(1.0), share.min(1.0)));
        if let HitsInSight::Among(hits) = hits {
            self.paint_ticks(ui, &hits.spread(facts.len_bytes, (self.vertical.height() / TICK) as usize));
        }
        let wanted = wanted?;
        place.part = 0.0;
        Some(match by_line {
            Some(_) => Jump::TopLine(LineNumber((wanted * lines.saturating_sub(rows) as f64).round() as u64)),
            None => Jump::Top(ByteOffset((wanted * facts.len_bytes as f64) as u64)),
        })
    }
}

impl Metrics {
    /// Marks beside the upright bar where lines match, the stronger the more there are.
    #[expect(clippy::cast_precision_loss, reason = "the strength of a colour")]
    fn paint_ticks(&self, ui: &Ui, parts: &[u64]) {
        let colour = Colours::of(ui).amber;
        let most = parts.iter().copied().max().unwrap_or(0).max(1) as f32;
        let mut top = self.vertical.top();
        for part in parts {
            if *part > 0 {
                let tick = Rect::from_min_size(pos2(self.vertical.right() - 3.0, top), vec2(3.0, TICK));
                let strength = WEAKEST_TICK + (1.0 - WEAKEST_TICK) * (*part as f32 / most);
                ui.painter().rect_filled(tick, 0, colour.gamma_multiply(strength));
            }
            top += TICK;
        }
    }
}

/// What the scroll bar shows of a search.
pub(super) enum HitsInSight {
    None,
    /// They are among all lines.
    Among(Hits),
    /// Only they are shown: how many come before the top, of how many.
    Only {
        before: u64,
        count: u64,
    },
}

/// What a row was made from.
#[derive(Clone, Copy, PartialEq)]
struct Basis {
    run: u64,
    indexed: ByteOffset,
    /// What was done to the file since it was opened.
    change: Option<Changed>,
    grid: Columns,
    /// The first column in sight, and how many there are.
    column: u64,
    columns: usize,
    /// How long the document is: its last line may grow.
    len: ByteOffset,
    /// Which search has its matches marked.
    search: Option<u64>,
    /// How many lines match so far, where only those are shown.
    found: Option<u64>,
}

/// A row as it was drawn, for the pointer to find bytes by, and for the next frame to draw it again without its pages:
/// a screen may need more of them than are kept.
pub(super) struct DrawnRow {
    pub(super) number: Option<LineNumber>,
    /// The number that it has in the file, of which there may be only some lines.
    pub(super) shown: Option<LineNumber>,
    /// The line's first byte, and the one after its last.
    pub(super) start: ByteOffset,
    pub(super) end: ByteOffset,
    /// The start of the line after it, if it is not the last.
    next: Option<ByteOffset>,
    basis: Basis,
    /// Whether its text is still on its way.
    lacking: bool,
    /// Where its top edge is, in points of the window.
    pub(super) top: f32,
    /// The byte of the first character in sight.
    decoded_from: ByteOffset,
    row: Row,
    /// What matches in it.
    marks: Vec<Range<ByteOffset>>,
    left: f32,
    galley: Option<Arc<Galley>>,
    gone: bool,
}

impl DrawnRow {
    /// The line that starts at `start`, still without its text; `None` while its end is on its way.
    fn find(lines: &Lines<'_>, start: ByteOffset, basis: Basis) -> Option<Self> {
        let end = lines.end_of(start).here()?;
        let next = lines.shown_after(end).here()?;
        Some(Self {
            number: None,
            shown: None,
            start,
            end,
            next,
            basis,
            lacking: true,
            top: 0.0,
            decoded_from: start,
            row: Row::default(),
            marks: Vec::new(),
            left: 0.0,
            galley: None,
            gone: false,
        })
    }

    /// The row for a frame of another basis, as far as it is the same there.
    fn kept(mut self, basis: Basis) -> Option<Self> {
        let Basis { run, indexed, change, grid, column, columns, len, search, found } =
            std::mem::replace(&mut self.basis, basis);
        // A piece of a line may turn out to be longer when more is indexed.
        // After the last line more may come.
        let same_end = self.next.is_some() || (len, found) == (basis.len, basis.found);
        let same_line = (self.whole() || indexed == basis.indexed) && same_end;
        self.lacking |= (grid, column, columns, search) != (basis.grid, basis.column, basis.columns, basis.search);
        Some(self).filter(|_| same_line && (run, change) == (basis.run, basis.change))
    }

    /// Whether it goes to the end of its line.
    fn whole(&self) -> bool {
        self.next != Some(self.end)
    }

    /// Decodes the part of the line that is in sight, if its bytes are at hand.
    fn decode(&mut self, lines: &Lines<'_>) {
        let Basis { change, grid, column, columns, .. } = self.basis;
        let decoded = grid.decode(lines, &(self.start..self.end), column, columns);
        self.lacking = decoded.is_none();
        (self.decoded_from, self.row) = decoded.unwrap_or((self.start, Row::default()));
        self.find_marks(lines);
        let nothing_read = self.row.places.last() == Some(&0);
        let cut_before = |end: ByteOffset| matches!(change, Some(Changed { change: SourceChange::CutShort(len), .. }) if end.0 > len);
        self.gone = nothing_read && cut_before(self.end);
        if self.gone {
            "These bytes are gone: the file was cut short".clone_into(&mut self.row.text);
        }
    }

    /// Where in it the pattern is: in the whole line, if that is not long, else in what is in sight.
    fn find_marks(&mut self, lines: &Lines<'_>) {
        self.marks.clear();
        let Some(hits) = lines.hits().filter(|_| !self.lacking) else { return };
        let whole = self.start..self.end;
        let searched =
            if self.end.since(self.start) <= WHOLE_LINE_BYTES { whole } else { self.decoded_from..self.seen_to() };
        let Some(bytes) = lines.bytes(searched.clone()) else {
            self.lacking = true;
            return;
        };
        let place = |at: usize| searched.start.plus(at as u64);
        let marks = hits.pattern().marks(&bytes).into_iter().map(|mark| place(mark.start)..place(mark.end));
        let sight = self.decoded_from..self.seen_to();
        self.marks.extend(marks.filter(|mark| mark.start < sight.end && mark.end > sight.start).take(MAX_MARKS));
    }

    /// The byte of the character nearest to `x`.
    pub(super) fn byte_at(&self, x: f32) -> ByteOffset {
        self.byte_of(self.galley.as_ref().map_or(0, |galley| nearest(galley, x - self.left).0))
    }

    /// The byte of the character that is drawn at `x`, or the end of what is drawn.
    pub(super) fn byte_under(&self, x: f32) -> ByteOffset {
        let character = self.galley.as_ref().map_or(0, |galley| {
            let (nearest, edge) = nearest(galley, x - self.left);
            if edge > x - self.left { nearest.saturating_sub(1) } else { nearest }
        });
        self.byte_of(character)
    }

    /// The byte after the last character that there was place for.
    pub(super) fn seen_to(&self) -> ByteOffset {
        self.decoded_from.plus(u64::from(self.row.places.last().copied().unwrap_or(0)))
    }

    /// How many columns the line has, as far as it is seen; what is not counts a column for each byte.
    pub(super) fn columns(&self) -> u64 {
        let seen = self.row.places.len().saturating_sub(1) as u64;
        if seen == 0 { 0 } else { self.basis.column + seen + self.end.since(self.seen_to()) }
    }

    fn byte_of(&self, character: usize) -> ByteOffset {
        self.decoded_from.plus(u64::from(self.row.place(character)))
    }
}

/// The rows of one frame.
pub(super) struct Layout {
    pub(super) rows: Vec<DrawnRow>,
    /// Rows that stay empty because the document ends above.
    pub(super) empty_rows: i64,
    /// Whether the last of the rows is the last of the document.
    at_end: bool,
    /// Rows below those that are known.
    loading: usize,
    part: f32,
    /// Whether lines that are left out are to be seen as left out.
    leaps: bool,
}

impl Layout {
    /// The rows from `place` on, with what is still good of those that were drawn `before`.
    pub(super) fn new(
        lines: &Lines<'_>,
        place: Place,
        metrics: &Metrics,
        change: Option<Changed>,
        before: Vec<DrawnRow>,
        search: Option<u64>,
    ) -> Self {
        let basis = Basis {
            run: lines.run(),
            indexed: lines.indexed(),
            change,
            grid: metrics.grid,
            column: place.column,
            columns: metrics.columns,
            len: lines.end(),
            search,
            found: lines.only().map(HitLook::count),
        };
        let mut before = before.into_iter().peekable();
        let mut rows = Vec::with_capacity(metrics.rows);
        let (mut lacking, mut loading) = (0, 0);
        let mut next = match lines.first_shown(place.top) {
            Found::Here(first) => first,
            Found::Loading | Found::Unknown => {
                loading = metrics.rows;
                None
            }
        };
        let mut number = next.and_then(|first| lines.number_of(first).here());
        while let Some(start) = next.filter(|_| rows.len() < metrics.rows) {
            while before.next_if(|row: &DrawnRow| row.start < start).is_some() {}
            let kept = before.next_if(|row| row.start == start).and_then(|row| row.kept(basis));
            let row = if lacking < MAX_LACKING { kept.or_else(|| DrawnRow::find(lines, start, basis)) } else { None };
            let Some(mut row) = row else {
                loading = metrics.rows - rows.len();
                lines.ask_ahead(start, i64::try_from(loading).unwrap_or(i64::MAX));
                break;
            };
            if row.lacking {
                row.decode(lines);
                lacking += usize::from(row.lacking);
            }
            row.number = if lines.only().is_some() { lines.number_of(start).here() } else { number };
            // What was written since nobody has counted.
            row.number = row.number.filter(|_| change.is_none_or(|change| change.spares(start)));
            let origin = || lines.origin_of(start).here().map(|origin| origin.number);
            row.shown = if lines.are_some() { row.shown.or_else(origin) } else { row.number };
            // A piece of a line is followed by more of that line.
            number = number.filter(|_| row.whole()).map(|number| LineNumber(number.0 + 1));
            next = row.next.filter(|_| !row.gone);
            rows.push(row);
        }
        let full = metrics.full_rows();
        let at_end = loading == 0 && rows.last().is_some_and(|row| row.next.is_none());
        let empty_rows = if at_end { i64::try_from(full.saturating_sub(rows.len())).unwrap_or(0) } else { 0 };
        Self { rows, empty_rows, at_end, loading, part: place.part, leaps: lines.come_in_groups() }
    }

    /// The document's last line, if the whole of its height is in sight; to be asked of placed rows.
    pub(super) fn last_in_sight(&self, metrics: &Metrics) -> Option<&DrawnRow> {
        // Tops are rounded to whole pixels.
        let in_sight = |row: &&DrawnRow| row.top + metrics.row_height <= metrics.text.bottom() + 1.0;
        self.rows.last().filter(|_| self.at_end).filter(in_sight)
    }

    /// Gives each row its place and its glyphs.
    pub(super) fn place(&mut self, ui: &Ui, metrics: &Metrics) {
        let tops: Vec<_> = (0..self.rows.len()).map(|at| self.top_of(at, metrics)).collect();
        for (row, top) in self.rows.iter_mut().zip(tops) {
            let text = row.row.text.clone();
            row.top = top;
            row.left = metrics.text.left() + metrics.gutter;
            row.galley =
                (!row.lacking).then(|| ui.painter().layout_no_wrap(text, document(), egui::Color32::PLACEHOLDER));
        }
    }

    pub(super) fn paint(&self, ui: &Ui, metrics: &Metrics, selected: &Range<ByteOffset>, current: Option<ByteOffset>) {
        let colours = Colours::of(ui);
        let painter = ui.painter().with_clip_rect(metrics.text);
        let mut before: Option<LineNumber> = None;
        for row in &self.rows {
            let left = pos2(metrics.text.left(), row.top);
            let rect = Rect::from_min_size(left, vec2(metrics.text.width(), metrics.row_height));
            let is_current = current.is_some_and(|byte| row.start <= byte && byte <= row.end);
            if is_current {
                painter.rect_filled(rect, 0, colours.raised);
            }
            let leap = before.zip(row.shown).is_some_and(|(before, shown)| shown.0 > before.0 + 1);
            if self.leaps && leap {
                painter.hline(rect.x_range(), rect.top(), egui::Stroke::new(1.0, colours.line));
            }
            before = row.shown;
            let number = row.shown.map_or_else(|| "…".to_owned(), |number| units::number(number.0 + 1));
            let colour = if is_current { colours.text } else { colours.faint };
            let number_at = pos2(row.left - 2.0 * metrics.char_width, rect.center().y);
            painter.text(number_at, Align2::RIGHT_CENTER, number, document(), colour);
            let Some(galley) = &row.galley else { continue };
            for mark in &row.marks {
                if let Some(range) = row.selected_x(mark, galley, metrics) {
                    let band = Rect::from_x_y_ranges(row.left + range.start..=row.left + range.end, rect.y_range());
                    painter.rect_filled(band.shrink2(vec2(0.0, 1.0)), 0, colours.amber.gamma_multiply(MARK_STRENGTH));
                }
            }
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
        let lacking = self.rows.iter().enumerate().filter(|(_, row)| row.lacking).map(|(at, _)| at);
        for at in lacking.chain(self.rows.len()..self.rows.len() + self.loading) {
            let top = self.top_of(at, metrics);
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

/// The character edge nearest to `x`, and where that is, both from the row's left.
fn nearest(galley: &Galley, x: f32) -> (usize, f32) {
    let cursor = galley.cursor_from_pos(vec2(x, 1.0));
    (cursor.index.0, galley.pos_from_cursor(cursor).min.x)
}
