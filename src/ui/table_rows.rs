//! The rows of a table view in one frame: looked up, and their cells in sight decoded, a screenful and no more. How they are
//! painted is told by `table_paint`.

use std::sync::Arc;

use egui::{Rect, Ui, pos2};

use super::scroll;
use super::table_columns::{ColumnInSight, TableColumns};
use super::table_next::NextRow;
use super::text_view::Place;
use super::theme::document;
use crate::document::table::{Budget, CellBytes, Extent, RecordFields, Rows, content, is_number};
use crate::document::{Found, decode_row};
use crate::source::ByteOffset;
use crate::units;

/// Heights, in points.
pub(super) const ROW: f32 = 22.0;
pub(super) const HEADER: f32 = 28.0;
/// On either side of what a cell says, in points.
pub(super) const PADDING: f32 = 8.0;
/// The most of a cell that is looked at and shown in its row: more than the widest column has place for.
const SHOWN_BYTES: u64 = 1 << 10;
const SHOWN_CHARACTERS: usize = 200;
/// The longest record whose fields are counted only to tell whether it is ragged.
const COUNTED_BYTES: u64 = 256 << 10;
/// How much is looked through in a frame for the fields of records that are long.
const BUDGET: Budget = Budget(8 << 20);
/// The most rows whose cells are waited for at a time: what they need together is by far less than what is kept.
const MAX_LACKING: usize = 64;

/// Measures of a table view in one frame.
pub(super) struct TableMetrics {
    /// Where the names of the columns are, and where row numbers and cells are.
    pub(super) header: Rect,
    pub(super) body: Rect,
    /// How wide the row numbers are.
    pub(super) gutter: f32,
    pub(super) char_width: f32,
    /// Rows in sight, those that are cut among them.
    pub(super) rows: usize,
    pub(super) upright: Rect,
    pub(super) flat: Rect,
}

impl TableMetrics {
    /// Room for the numbers of so many rows.
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        clippy::cast_precision_loss,
        reason = "a screen"
    )]
    pub(super) fn new(ui: &Ui, rect: Rect, most_rows: u64, columns: &TableColumns) -> Self {
        let char_width = ui.ctx().fonts_mut(|fonts| fonts.glyph_width(&document(), '0')).max(1.0);
        let digits = units::number(most_rows.max(99_999)).len();
        let gutter = (digits as f32 + 4.0) * char_width;
        let right = rect.right() - scroll::WIDTH;
        let wide = columns.is_wider_than(right - rect.left() - gutter);
        let top = rect.top() + HEADER;
        let bottom = (rect.bottom() - if wide { scroll::WIDTH } else { 0.0 }).max(top);
        let body = Rect::from_min_max(pos2(rect.left(), top), pos2(right, bottom));
        Self {
            header: Rect::from_min_max(rect.min, pos2(right, top)),
            body,
            gutter,
            char_width,
            rows: (body.height() / ROW).ceil().max(1.0) as usize + 1,
            upright: Rect::from_min_max(pos2(right, top), pos2(rect.right(), bottom)),
            flat: Rect::from_min_max(pos2(rect.left() + gutter, bottom), pos2(right, rect.bottom())),
        }
    }

    /// Rows that are in sight as a whole.
    pub(super) fn full_rows(&self) -> i64 {
        i64::try_from(self.rows.saturating_sub(2).max(1)).unwrap_or(1)
    }

    /// The width that columns have.
    pub(super) fn room(&self) -> f32 {
        (self.body.width() - self.gutter).max(0.0)
    }

    /// Where the first column begins.
    pub(super) fn cells_left(&self) -> f32 {
        self.body.left() + self.gutter
    }
}

/// What kind of thing a cell says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Text,
    Number,
    Null,
    /// Nothing: the record has fewer fields.
    Absent,
}

/// What is drawn of a cell.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct ShownCell {
    pub(super) text: String,
    pub(super) kind: Kind,
}

impl ShownCell {
    fn of(cell: Option<&CellBytes>, quote: Option<u8>) -> Self {
        let Some(cell) = cell else { return Self { text: String::new(), kind: Kind::Absent } };
        let Some(said) = content(&cell.raw, quote) else {
            return Self { text: "NULL".into(), kind: Kind::Null };
        };
        let kind = if cell.whole && is_number(&said) { Kind::Number } else { Kind::Text };
        let mut text = decode_row(&said, 0, SHOWN_CHARACTERS, 1).text;
        if !cell.whole {
            text.push('…');
        }
        Self { text, kind }
    }
}

/// What a row was made from.
#[derive(Clone)]
struct Basis {
    run: u64,
    indexed: ByteOffset,
    /// How long the document is: its last record may grow.
    len: ByteOffset,
    quote: Option<u8>,
    /// The columns in sight, from the left on.
    columns: Arc<[u64]>,
}

/// A row as it was drawn, for the pointer to find cells by, and for the next frame to draw it again without its pages.
pub(super) struct TableRow {
    /// Its number, from 0 on, a header being none.
    pub(super) number: Option<u64>,
    /// Where it is shown, if rows are arranged.
    pub(super) place: Option<u64>,
    pub(super) start: ByteOffset,
    pub(super) extent: Extent,
    /// What the columns in sight say in it; nothing yet of those that are on their way.
    pub(super) cells: Vec<Option<ShownCell>>,
    /// How many fields it has, if they were counted.
    pub(super) fields: Option<u64>,
    /// Where its top edge is, in points of the window.
    pub(super) top: f32,
    /// Whether some of its cells are still on their way.
    pub(super) lacking: bool,
    places: RecordFields,
    basis: Basis,
}

impl TableRow {
    /// The record that starts at `start`, still without its cells; `None` while its end is on its way.
    fn find(rows: &Rows<'_>, start: ByteOffset, basis: &Basis) -> Option<Self> {
        let extent = rows.extent_of(start).here()?;
        Some(Self {
            number: None,
            place: None,
            start,
            extent,
            cells: Vec::new(),
            fields: None,
            top: 0.0,
            places: RecordFields::of(start..extent.end),
            basis: basis.clone(),
            lacking: true,
        })
    }

    /// The row for a frame of another basis, as far as it is the same there.
    fn kept(mut self, basis: &Basis) -> Option<Self> {
        let before = std::mem::replace(&mut self.basis, basis.clone());
        self.lacking |= before.columns != basis.columns;
        // One that is not ended may be longer when more is indexed, or appended.
        let ended = self.extent.whole && self.extent.next.is_some();
        let same = ended || (before.indexed, before.len) == (basis.indexed, basis.len);
        Some(self).filter(|_| same && (before.run, before.quote) == (basis.run, basis.quote))
    }

    /// Decodes the cells in sight, as far as their bytes are at hand; whether there is more to do with the next budget.
    fn decode(&mut self, rows: &Rows<'_>, budget: &mut Budget) -> bool {
        let mut wanted: Vec<_> = self.basis.columns.iter().copied().enumerate().collect();
        wanted.sort_by_key(|(_, column)| *column);
        self.cells = vec![None; wanted.len()];
        let (mut unfinished, mut before): (bool, Option<(u64, CellBytes)>) = (false, None);
        self.lacking = false;
        for (place, column) in wanted {
            let found = match &before {
                Some((last, cell)) if last + 1 == column && cell.whole => self.places.after(cell, SHOWN_BYTES, rows),
                _ => self.places.cell(column, SHOWN_BYTES, rows, budget),
            };
            let cell = match found {
                Found::Here(cell) => cell,
                lacking => {
                    self.lacking = true;
                    unfinished |= lacking == Found::Unknown;
                    continue;
                }
            };
            let shown = ShownCell::of(cell.as_ref(), self.basis.quote);
            if let Some(slot) = self.cells.get_mut(place) {
                *slot = Some(shown);
            }
            before = cell.map(|cell| (column, cell));
        }
        let length = self.extent.end.since(self.start);
        if self.extent.whole && length <= COUNTED_BYTES && !self.lacking {
            unfinished |= self.places.count_to(u64::MAX, rows, budget) == Found::Unknown;
        }
        self.fields = self.places.count().filter(|_| self.extent.whole);
        unfinished
    }

    /// Whether it is the first one that is shown.
    pub(super) fn is_first(&self) -> bool {
        self.place.or(self.number) == Some(0)
    }

    /// Which of the columns in sight a column is.
    pub(super) fn place_of(&self, column: u64) -> Option<usize> {
        self.basis.columns.iter().position(|other| *other == column)
    }

    /// What is amiss with the number of its fields, if anything is.
    pub(super) fn ragged(&self, expected: u64, header: bool) -> Option<String> {
        let fields = self.fields.filter(|fields| *fields != expected && expected > 0)?;
        let first = if header { "the header" } else { "the first row" };
        Some(format!("{}, {first} has {}", units::count(fields, "field"), units::number(expected)))
    }
}

/// What was drawn of a table: its header, if it has one, and the rows in sight.
#[derive(Default)]
pub(super) struct Drawn {
    pub(super) header: Option<TableRow>,
    pub(super) rows: Vec<TableRow>,
}

/// The rows of one frame.
pub(super) struct TableLayout {
    pub(super) drawn: Drawn,
    /// Rows that stay empty because the table ends above.
    pub(super) empty_rows: i64,
    /// Whether the last of the rows is the last of the table.
    pub(super) at_end: bool,
    /// Rows below those that are known.
    pub(super) loading: usize,
    /// Whether there is more to be done, though no page is lacking.
    pub(super) unfinished: bool,
    /// How many fields each record should have.
    pub(super) expected: u64,
    /// Whether the first record is a header.
    pub(super) has_header: bool,
    part: f32,
}

impl TableLayout {
    /// The rows from `place` on, with what is still good of those that were drawn `before`.
    pub(super) fn new(
        rows: &Rows<'_>,
        place: Place,
        metrics: &TableMetrics,
        sight: &[ColumnInSight],
        before: Drawn,
    ) -> Self {
        let basis = Basis {
            run: rows.lines().run(),
            indexed: rows.indexed(),
            len: rows.end(),
            quote: rows.dialect().quote,
            columns: sight.iter().map(|column| column.column).collect(),
        };
        let mut layout = Self {
            drawn: Drawn::default(),
            empty_rows: 0,
            at_end: false,
            loading: 0,
            unfinished: false,
            expected: rows.index().shape().expected,
            has_header: rows.dialect().header,
            part: place.part,
        };
        let mut budget = BUDGET;
        if layout.has_header {
            layout.find_header(rows, &basis, before.header, &mut budget);
        }
        match rows.row_from(place.top) {
            Found::Here(Some(first)) => layout.fill(rows, first, metrics.rows, &basis, before.rows, &mut budget),
            Found::Here(None) => {}
            Found::Loading | Found::Unknown => layout.loading = metrics.rows,
        }
        let is_last = |row: &TableRow| match (row.place, rows.arranged_rows()) {
            (Some(place), Some(count)) => place + 1 >= count,
            _ => row.extent.whole && row.extent.next.is_none(),
        };
        layout.at_end = layout.loading == 0 && layout.drawn.rows.last().is_none_or(is_last);
        let count = i64::try_from(layout.drawn.rows.len()).unwrap_or(i64::MAX);
        layout.empty_rows = if layout.at_end { metrics.full_rows().saturating_sub(count).max(0) } else { 0 };
        layout
    }

    /// The header with the columns in sight, as far as it is at hand.
    fn find_header(&mut self, rows: &Rows<'_>, basis: &Basis, before: Option<TableRow>, budget: &mut Budget) {
        let start = rows.index().text_start();
        let kept = before.filter(|row| row.start == start).and_then(|row| row.kept(basis));
        let mut header = kept.or_else(|| TableRow::find(rows, start, basis));
        if let Some(row) = header.as_mut().filter(|row| row.lacking) {
            self.unfinished |= row.decode(rows, budget);
        }
        self.drawn.header = header;
    }

    /// At most `most` rows from the one on that starts at `start`.
    fn fill(
        &mut self,
        rows: &Rows<'_>,
        start: ByteOffset,
        most: usize,
        basis: &Basis,
        mut before: Vec<TableRow>,
        budget: &mut Budget,
    ) {
        let (mut next, mut lacking) = (NextRow::at(rows, start), 0);
        while let Found::Here(Some(at)) = next
            && self.drawn.rows.len() < most
        {
            let known = before.iter().position(|row| row.start == at.start);
            let kept = known.map(|known| before.swap_remove(known)).and_then(|row| row.kept(basis));
            let row = if lacking < MAX_LACKING { kept.or_else(|| TableRow::find(rows, at.start, basis)) } else { None };
            let Some(mut row) = row else {
                next = Found::Loading;
                at.ask_ahead(rows, most - self.drawn.rows.len());
                break;
            };
            if row.lacking {
                self.unfinished |= row.decode(rows, budget);
                lacking += usize::from(row.lacking);
            }
            row.number = at.number.map(|number| number.0.saturating_sub(u64::from(self.has_header)));
            row.place = at.place;
            next = at.after(rows, &row);
            self.drawn.rows.push(row);
        }
        if !matches!(next, Found::Here(_)) {
            self.loading = most - self.drawn.rows.len();
        }
    }

    /// Gives each row its place.
    pub(super) fn place(&mut self, metrics: &TableMetrics) {
        let tops: Vec<_> = (0..self.drawn.rows.len()).map(|at| self.top_of(at, metrics)).collect();
        for (row, top) in self.drawn.rows.iter_mut().zip(tops) {
            row.top = top;
        }
    }

    pub(super) fn top_of(&self, row: usize, metrics: &TableMetrics) -> f32 {
        #[expect(clippy::cast_precision_loss, reason = "rows of a screen")]
        let rows = row as f32 - self.part;
        // Whole pixels, or the text would shimmer while it is scrolled.
        (metrics.body.top() + rows * ROW).round()
    }

    /// The last row of the table, if the whole of its height is in sight; to be asked of placed rows.
    pub(super) fn last_in_sight(&self, metrics: &TableMetrics) -> Option<&TableRow> {
        // Tops are rounded to whole pixels.
        self.drawn.rows.last().filter(|row| self.at_end && row.top + ROW <= metrics.body.bottom() + 1.0)
    }
}
