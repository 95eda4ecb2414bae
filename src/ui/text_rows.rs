//! The rows of a text view in one frame: looked up, decoded, laid out and painted, a screenful and no more. Each row is told
//! here, all of them together in `layout`, and the measures that they share in `metrics`.

mod layout;
mod metrics;

use std::ops::Range;
use std::sync::Arc;

use egui::text::CCursor;
use egui::{Galley, vec2};

use super::text_columns::Columns;
use crate::document::{Changed, LineNumber, Lines, Row, Wrap, WrappedRow};
use crate::source::{ByteOffset, SourceChange};
pub(super) use layout::Layout;
pub(super) use metrics::{HitsInSight, Metrics};

/// The longest line that is searched whole for what is to be marked in it.
const WHOLE_LINE_BYTES: u64 = 8 << 10;
/// How far before and after a row of a longer line it is searched too: what matches may go over from row to row.
const AROUND_ROW_BYTES: u64 = 1 << 10;
/// How strong the colour of a mark is: what is written on it stays legible.
pub(super) const MARK_STRENGTH: f32 = 0.3;
/// The most marks that are drawn in a row.
const MAX_MARKS: usize = 256;

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
    /// How lines are broken into rows, if they are.
    wrap: Option<Wrap>,
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
    /// The first byte of the line or, where lines are wrapped, of the row, and the one after its last.
    pub(super) start: ByteOffset,
    pub(super) end: ByteOffset,
    /// The start of the row after it, if it is not the last.
    next: Option<ByteOffset>,
    /// The line that it is of, without its newline.
    pub(super) line: Range<ByteOffset>,
    /// Whether it goes on with a line that began in a row before.
    continues: bool,
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
    /// The row that starts at `start`, still without its text; `None` while its end is on its way.
    fn find(lines: &Lines<'_>, start: ByteOffset, basis: Basis) -> Option<Self> {
        let found = if let Some(wrap) = &basis.wrap {
            lines.row_at(start, wrap)?
        } else {
            let end = lines.end_of(start).here()?;
            let next = lines.shown_after(end).here()?;
            WrappedRow { bytes: start..end, line: start..end, begins_line: true, next }
        };
        Some(Self {
            number: None,
            shown: None,
            start,
            end: found.bytes.end,
            next: found.next,
            line: found.line,
            continues: !found.begins_line,
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
        let Basis { run, indexed, change, grid, column, columns, wrap, len, search, found } =
            std::mem::replace(&mut self.basis, basis);
        // A piece of a line may turn out to be longer when more is indexed.
        // After the last line more may come.
        let same_end = self.next.is_some() || (len, found) == (basis.len, basis.found);
        let same_line = (self.whole() || indexed == basis.indexed) && same_end;
        self.lacking |= (grid, column, columns, search) != (basis.grid, basis.column, basis.columns, basis.search);
        Some(self).filter(|_| same_line && (run, change, wrap) == (basis.run, basis.change, basis.wrap))
    }

    /// Whether it goes to the end of its line.
    pub(super) fn whole(&self) -> bool {
        self.next != Some(self.end)
    }

    /// The number of the line that the row after it is of, if that is known.
    fn number_after(&self) -> Option<LineNumber> {
        if self.whole() {
            return self.number.map(|number| LineNumber(number.0 + 1));
        }
        // A piece of a line is followed by more of that line, which nobody has counted.
        self.number.filter(|_| self.basis.wrap.is_some())
    }

    /// Whether the byte at `byte` is in it, its end among them if its line ends there.
    pub(super) fn holds(&self, byte: ByteOffset) -> bool {
        self.start <= byte && (byte < self.end || byte == self.end && (self.whole() || self.basis.wrap.is_none()))
    }

    /// Whether it was a piece of a line, and more of that is indexed by now.
    pub(super) fn grown_in(&self, lines: &Lines<'_>) -> bool {
        let Basis { run, indexed, wrap, .. } = self.basis;
        let may_have = run == lines.run() && indexed != lines.indexed() && wrap.is_none() && !self.lacking;
        may_have && lines.line_around(self.start).here().is_some_and(|line| line != (self.start..self.end))
    }

    /// The byte of the first character in sight.
    pub(super) const fn decoded_from(&self) -> ByteOffset {
        self.decoded_from
    }

    /// Whether lines were wrapped like this when it was found.
    pub(super) fn wrapped_by(&self, wrap: Option<Wrap>) -> bool {
        self.basis.wrap == wrap
    }

    /// Decodes the part of the line that is in sight, if its bytes are at hand.
    fn decode(&mut self, lines: &Lines<'_>) {
        let Basis { change, grid, column, columns, wrap, .. } = self.basis;
        let bytes = self.start..self.end;
        let decoded = match wrap {
            Some(wrap) => grid.decode_wrapped(lines, &bytes, self.whole(), wrap.columns),
            None => grid.decode(lines, &bytes, column, columns),
        };
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
        let line = self.line.clone();
        let searched = if line.end.since(line.start) <= WHOLE_LINE_BYTES {
            line
        } else if self.basis.wrap.is_some() {
            let around = self.start.minus(AROUND_ROW_BYTES)..self.end.plus(AROUND_ROW_BYTES);
            around.start.max(line.start)..around.end.min(line.end)
        } else {
            self.decoded_from..self.seen_to()
        };
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

impl DrawnRow {
    /// From where to where the row is selected, in points from its left; a selected line ending has half a character.
    fn selected_x(&self, selected: &Range<ByteOffset>, galley: &Galley, metrics: &Metrics) -> Option<Range<f32>> {
        if selected.is_empty() || selected.end <= self.start || selected.start > self.end || self.gone {
            return None;
        }
        let place = |byte: ByteOffset| u32::try_from(byte.since(self.decoded_from)).unwrap_or(u32::MAX);
        let characters = self.row.characters(place(selected.start)..place(selected.end));
        let x = |character| galley.pos_from_cursor(CCursor { index: character, ..CCursor::default() }).min.x;
        let ending = if selected.end > self.end && self.whole() { metrics.char_width / 2.0 } else { 0.0 };
        let range = x(characters.start.into())..x(characters.end.into()) + ending;
        (range.end > range.start).then_some(range)
    }
}

/// The character edge nearest to `x`, and where that is, both from the row's left.
fn nearest(galley: &Galley, x: f32) -> (usize, f32) {
    let cursor = galley.cursor_from_pos(vec2(x, 1.0));
    (cursor.index.0, galley.pos_from_cursor(cursor).min.x)
}
