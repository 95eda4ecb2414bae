//! Columns to bytes and back, for the rows of a text view. Near a line's beginning a column is a character, and tabs
//! reach to their stops; further right, where a line may be as long as a file, a column is a byte, so that no lookup
//! ever goes through more than the beginning.

use std::ops::Range;

use crate::document::{Encoding, Facts, Found, Lines, Row, Wrap, WrappedRow, decode_binary_row, decode_row};
use crate::source::ByteOffset;

/// Up to here a line is decoded from its start.
const EXACT_BYTES: u64 = 16 << 10;
/// The most bytes that a character has in UTF-8.
const MAX_CHARACTER_BYTES: u64 = 4;
/// Tabs reach to multiples of this.
const TAB_COLUMNS: usize = 8;
const BYTE_ORDER_MARK_BYTES: u64 = 3;
/// How far back from a line's end blanks are passed over.
const MAX_BLANK_BYTES: u64 = 4 << 10;

/// How the lines of a document are divided into columns.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Columns {
    /// Whether bytes are shown one by one.
    binary: bool,
    /// Where the text begins, after a byte order mark.
    pub(super) text_start: ByteOffset,
}

impl Columns {
    pub(super) fn of(facts: Facts) -> Self {
        let mark = if facts.encoding == Encoding::Utf8Bom { BYTE_ORDER_MARK_BYTES } else { 0 };
        Self { binary: facts.encoding == Encoding::Binary, text_start: ByteOffset(mark.min(facts.len_bytes)) }
    }

    /// Decodes `columns` columns of `line` from `column` on, and tells from which byte; `None` while its bytes are on
    /// their way.
    pub(super) fn decode(
        self,
        lines: &Lines<'_>,
        line: &Range<ByteOffset>,
        column: u64,
        columns: usize,
    ) -> Option<(ByteOffset, Row)> {
        let start = line.start.max(self.text_start).min(line.end);
        let (from, skip) = self.beginning(lines, start..line.end, column)?;
        let reach = skip.saturating_mul(MAX_CHARACTER_BYTES).min(EXACT_BYTES);
        let reach = reach.saturating_add((columns as u64).saturating_mul(MAX_CHARACTER_BYTES));
        let to = from.plus(reach).min(line.end);
        let bytes = lines.bytes(from..to)?;
        if self.binary {
            return Some((from, decode_binary_row(&bytes, columns)));
        }
        let shown = if to == line.end { bytes.strip_suffix(b"\r").unwrap_or(&bytes) } else { &bytes };
        // In the middle of a long line the first bytes may be the rest of a character.
        let exact = from == start;
        let cut = if exact { 0 } else { shown.iter().take(3).take_while(|byte| **byte & 0xc0 == 0x80).count() };
        let shown = shown.get(cut..).unwrap_or_default();
        let tab = if exact { TAB_COLUMNS } else { 1 };
        Some((from.plus(cut as u64), decode_row(shown, usize::try_from(skip).unwrap_or(usize::MAX), columns, tab)))
    }

    /// How lines are broken into rows of `columns` columns.
    pub(super) fn wrap(self, columns: usize) -> Wrap {
        Wrap { columns, tab_columns: TAB_COLUMNS, binary: self.binary, text_start: self.text_start }
    }

    /// Decodes a row of at most `columns` columns, and tells from which byte; `ends_line` says whether its line ends with
    /// it. `None` while its bytes are on their way.
    pub(super) fn decode_wrapped(
        self,
        lines: &Lines<'_>,
        row: &Range<ByteOffset>,
        ends_line: bool,
        columns: usize,
    ) -> Option<(ByteOffset, Row)> {
        let from = row.start.max(self.text_start).min(row.end);
        let bytes = lines.bytes(from..row.end)?;
        if self.binary {
            return Some((from, decode_binary_row(&bytes, columns)));
        }
        let shown = if ends_line { bytes.strip_suffix(b"\r").unwrap_or(&bytes) } else { &bytes };
        Some((from, decode_row(shown, 0, columns, TAB_COLUMNS)))
    }

    /// The column of the byte at `at` in its row.
    pub(super) fn column_in(self, lines: &Lines<'_>, row: &WrappedRow, at: ByteOffset) -> Option<u64> {
        let start = row.bytes.start.max(self.text_start);
        if self.binary { Some(at.since(start)) } else { lines.columns(start..at, TAB_COLUMNS) }
    }

    /// The byte at a column of `row` or, where that is beyond its end, its last place: the end of its line or else its last
    /// character.
    pub(super) fn byte_in(self, lines: &Lines<'_>, row: &WrappedRow, column: u64) -> Option<ByteOffset> {
        let (from, decoded) = self.decode_wrapped(lines, &row.bytes, row.ends_line(), usize::MAX)?;
        let characters = decoded.places.len().saturating_sub(1);
        let last = if row.ends_line() { characters } else { characters.saturating_sub(1) };
        let character = usize::try_from(column).unwrap_or(usize::MAX).min(last);
        Some(from.plus(u64::from(decoded.place(character))))
    }

    /// The column of the byte at `at` in the line that begins at `line_start`.
    pub(super) fn column_of(self, lines: &Lines<'_>, line_start: ByteOffset, at: ByteOffset) -> Option<u64> {
        let start = line_start.max(self.text_start);
        if self.binary {
            return Some(at.since(start));
        }
        let exact_end = start.plus(EXACT_BYTES);
        Some(lines.columns(start..at.min(exact_end), TAB_COLUMNS)? + at.since(exact_end))
    }

    /// The byte at a column of `line`, or the line's end before its ending.
    pub(super) fn byte_at(self, lines: &Lines<'_>, line: &Range<ByteOffset>, column: u64) -> Option<ByteOffset> {
        let (from, row) = self.decode(lines, line, column, 1)?;
        Some(from.plus(u64::from(row.place(0))).min(self.end_of(lines, line)?))
    }

    /// The end of what is shown of `line`: a CR before its newline is not.
    pub(super) fn end_of(self, lines: &Lines<'_>, line: &Range<ByteOffset>) -> Option<ByteOffset> {
        let last = lines.bytes(line.end.minus(1).max(line.start)..line.end)?;
        Some(if !self.binary && last.ends_with(b"\r") { line.end.minus(1) } else { line.end })
    }

    /// The end of what can be seen of `line`: blanks at its end can not, as far as one looks.
    pub(super) fn end_of_text(self, lines: &Lines<'_>, line: &Range<ByteOffset>) -> Option<ByteOffset> {
        let end = self.end_of(lines, line)?;
        if self.binary {
            return Some(end);
        }
        let from = end.minus(MAX_BLANK_BYTES).max(line.start);
        let seen = lines.bytes(from..end)?.trim_ascii_end().len() as u64;
        Some(if seen == 0 && from > line.start { end } else { from.plus(seen) })
    }

    /// The character that the byte at `at` is a part of.
    pub(super) fn character_around(self, lines: &Lines<'_>, at: ByteOffset) -> Found<Range<ByteOffset>> {
        if self.binary {
            return Found::Here(at..at.plus(1).min(lines.end()));
        }
        lines.character_around(at)
    }

    /// From which byte `column` of `text`, a line, is to be decoded, and how many columns are to be skipped from there.
    fn beginning(self, lines: &Lines<'_>, text: Range<ByteOffset>, column: u64) -> Option<(ByteOffset, u64)> {
        if self.binary {
            return Some((text.start.plus(column).min(text.end), 0));
        }
        let exact_end = text.start.plus(EXACT_BYTES);
        // So few columns are within those bytes, however many each character has.
        if exact_end >= text.end || column < EXACT_BYTES / MAX_CHARACTER_BYTES {
            return Some((text.start, column));
        }
        let exact = lines.columns(text.start..exact_end, TAB_COLUMNS)?;
        Some(if column < exact { (text.start, column) } else { (exact_end.plus(column - exact).min(text.end), 0) })
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::document::{LineEnding, LineIndex, PAGE_BYTES};

    #[test]
    fn the_column_of_a_character_leads_back_to_it_near_the_beginning_and_far_from_it() {
        let text = "é\t0,\t€ü".repeat(3_000);
        let facts =
            Facts { len_bytes: text.len() as u64, packing: None, encoding: Encoding::Utf8, ending: LineEnding::None };
        let page = usize::try_from(PAGE_BYTES).unwrap();
        let fetch = |number: u64| text.as_bytes().chunks(page).nth(usize::try_from(number).ok()?).map(Arc::from);
        let index = LineIndex::new(PAGE_BYTES);
        let lines = Lines::new(&index, PAGE_BYTES, facts.len_bytes, &fetch);
        let line = ByteOffset(0)..lines.end();
        let columns = Columns::of(facts);
        let starts: Vec<_> = text.char_indices().map(|(at, _)| at as u64).collect();
        let around_the_change = starts.partition_point(|at| *at < EXACT_BYTES);
        let samples = starts.iter().step_by(997).chain(&starts[around_the_change - 9..around_the_change + 9]);
        for at in samples.copied().map(ByteOffset) {
            let column = columns.column_of(&lines, line.start, at).unwrap();
            assert_eq!(columns.byte_at(&lines, &line, column), Some(at), "{at:?}, column {column}");
        }
        assert_eq!(columns.byte_at(&lines, &line, u64::MAX), Some(line.end));
    }
}
