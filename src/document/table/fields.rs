//! Where the fields of one record are, however long it is and however many it has: counted as far as they are asked for, a
//! bounded number of bytes at a time, and kept as a count for each stride, as the records of a table are.

use std::ops::Range;

use super::cells::content;
use super::edges::{Edge, each_edge};
use super::rows::Rows;
use super::splitter::ScanState;
use crate::document::{Found, Strides};
use crate::source::ByteOffset;

/// The bytes that are counted together at first.
const STRIDE_BYTES: u64 = 16 << 10;
/// How much is asked for where something is lacking: what comes after it is going to be needed too.
const AHEAD_BYTES: u64 = 1 << 20;
/// The most strides of one record: a screen has many records.
const MAX_STRIDES: usize = 128;

/// The fields of a record, as far as they were counted.
#[derive(Clone, Debug)]
pub struct RecordFields {
    record: Range<ByteOffset>,
    /// The ends of fields but the last one, by where they are after the record's start.
    ends: Strides,
    state: ScanState,
}

/// The bytes of a cell, or the first of them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CellBytes {
    /// Where they begin.
    pub start: ByteOffset,
    /// As they stand in the document, quotes included.
    pub raw: Vec<u8>,
    /// Whether that is all of the cell.
    pub whole: bool,
}

impl CellBytes {
    /// What it says, as far as it is there; `None` for NULL.
    #[must_use]
    pub fn content(&self, quote: Option<u8>) -> Option<Vec<u8>> {
        content(&self.raw, quote).map(std::borrow::Cow::into_owned)
    }

    /// The byte after the last one.
    #[must_use]
    pub fn end(&self) -> ByteOffset {
        self.start.plus(self.raw.len() as u64)
    }
}

/// How many bytes may still be looked through in a frame.
#[derive(Clone, Copy, Debug)]
pub struct Budget(pub u64);

impl RecordFields {
    /// Nothing counted yet of the record in these bytes, which are without its ending.
    #[must_use]
    pub fn of(record: Range<ByteOffset>) -> Self {
        let ends = Strides::bounded(STRIDE_BYTES, MAX_STRIDES);
        Self { record, ends, state: ScanState::default() }
    }

    /// The bytes of the record.
    #[must_use]
    pub const fn record(&self) -> &Range<ByteOffset> {
        &self.record
    }

    /// How many there are, once all are counted.
    #[must_use]
    pub fn count(&self) -> Option<u64> {
        (self.counted_to() >= self.record.end).then(|| self.ends.total() + 1)
    }

    fn counted_to(&self) -> ByteOffset {
        self.record.start.plus(self.ends.covered().0)
    }

    /// Counts on until it is known where field number `column` is, or that there is none; unknown if that is not done yet
    /// when the budget is used up.
    pub fn count_to(&mut self, column: u64, rows: &Rows<'_>, budget: &mut Budget) -> Found<()> {
        while self.ends.total() < column && self.counted_to() < self.record.end {
            if budget.0 == 0 {
                return Found::Unknown;
            }
            let from = self.counted_to();
            let stride_end = self.record.start.plus((self.ends.covered().0 / STRIDE_BYTES + 1) * STRIDE_BYTES);
            let piece = from..stride_end.min(self.record.end);
            let Some(bytes) = rows.lines().bytes(piece.clone()) else {
                rows.ask(from..from.plus(AHEAD_BYTES).min(self.record.end));
                return Found::Loading;
            };
            let mut count = 0;
            let state = each_edge(&bytes, rows.dialect(), self.state, |_, _| {
                count += 1;
                true
            });
            let length = piece.end.since(piece.start);
            self.ends.push_marked(length, count, self.state.mark());
            self.state = state;
            budget.0 = budget.0.saturating_sub(length);
        }
        Found::Here(())
    }

    /// The first `most` bytes of field number `column`; `None` if the record has fewer fields.
    pub fn cell(&mut self, column: u64, most: u64, rows: &Rows<'_>, budget: &mut Budget) -> Found<Option<CellBytes>> {
        match self.count_to(column, rows, budget) {
            Found::Here(()) => {}
            Found::Loading => return Found::Loading,
            Found::Unknown => return Found::Unknown,
        }
        match self.start_of(column, rows) {
            Found::Here(Some(start)) => self.cell_at(start, most, rows).map(Some),
            Found::Here(None) => Found::Here(None),
            Found::Loading | Found::Unknown => Found::Loading,
        }
    }

    /// The first `most` bytes of the field after this one; `None` if this is the last. Only to be asked of a whole one.
    #[must_use]
    pub fn after(&self, cell: &CellBytes, most: u64, rows: &Rows<'_>) -> Found<Option<CellBytes>> {
        if cell.end() >= self.record.end {
            return Found::Here(None);
        }
        self.cell_at(cell.end().plus(1), most, rows).map(Some)
    }

    fn cell_at(&self, start: ByteOffset, most: u64, rows: &Rows<'_>) -> Found<CellBytes> {
        // A byte more tells whether that is all.
        let to = start.plus(most.saturating_add(1)).min(self.record.end);
        let Some(bytes) = rows.lines().bytes(start..to) else { return Found::Loading };
        let mut end = None;
        each_edge(&bytes, rows.dialect(), ScanState::AtEdge, |place, _| {
            end = Some(place);
            false
        });
        let length = end.unwrap_or(bytes.len());
        let shown = length.min(usize::try_from(most).unwrap_or(usize::MAX));
        let raw = bytes.get(..shown).unwrap_or_default().to_vec();
        let whole = shown == length && (end.is_some() || to == self.record.end);
        Found::Here(CellBytes { start, raw, whole })
    }

    /// Where a field begins that was counted.
    fn start_of(&self, column: u64, rows: &Rows<'_>) -> Found<Option<ByteOffset>> {
        let Some(end) = column.checked_sub(1) else { return Found::Here(Some(self.record.start)) };
        let Some((stride, before)) = self.ends.of(end) else { return Found::Here(None) };
        let (mut left, mut found) = (end - before, None);
        let place = |relative: ByteOffset| self.record.start.plus(relative.0);
        let state = self.ends.mark(stride).map_or(ScanState::AtEdge, ScanState::of_mark);
        let told = rows.each_edge(place(stride)..place(self.ends.end(stride)), state, |at, _: Edge| {
            found = Some(at.plus(1)).filter(|_| left == 0);
            left = left.saturating_sub(1);
            found.is_none()
        });
        if told { Found::Here(found) } else { Found::Loading }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use proptest::prelude::*;

    use super::super::Dialect;
    use super::super::index::RecordIndex;
    use super::super::naive::{any_table, naive_records};
    use super::*;
    use crate::document::{LineIndex, Lines, PAGE_BYTES};

    /// Looks at a text, of which pages come when they are asked for.
    fn with_rows(text: &[u8], page_bytes: u64, look: impl FnOnce(&Rows<'_>)) {
        let dialect = Dialect::default();
        let size = usize::try_from(page_bytes).unwrap();
        let fetch = |number: u64| text.chunks(size).nth(usize::try_from(number).ok()?).map(Arc::from);
        let (index, line_index) = (RecordIndex::new(page_bytes, dialect, ByteOffset(0)), LineIndex::new(page_bytes));
        let lines = Lines::new(&line_index, page_bytes, text.len() as u64, &fetch);
        look(&Rows::new(&lines, &index, dialect));
    }

    proptest! {
        #[test]
        fn each_cell_of_each_record_is_found_by_its_number_and_from_the_one_before(text in any_table(12)) {
            with_rows(&text, 8, |rows| {
                for record in naive_records(&text, Dialect::default()) {
                    let place = |at: usize| ByteOffset(at as u64);
                    let range = place(record[0].start)..place(record[record.len() - 1].end);
                    let mut fields = RecordFields::of(range);
                    let mut before: Option<CellBytes> = None;
                    for (column, cell) in record.iter().enumerate() {
                        let expected =
                            CellBytes { start: place(cell.start), raw: text[cell.clone()].to_vec(), whole: true };
                        let found = fields.cell(column as u64, 1_000, rows, &mut Budget(1_000));
                        assert_eq!(found, Found::Here(Some(expected.clone())));
                        if let Some(before) = before.replace(expected.clone()) {
                            assert_eq!(fields.after(&before, 1_000, rows), Found::Here(Some(expected)));
                        }
                    }
                    let beyond = fields.cell(record.len() as u64, 1_000, rows, &mut Budget(1_000));
                    assert_eq!(beyond, Found::Here(None));
                    assert_eq!(fields.after(&before.unwrap(), 1_000, rows), Found::Here(None));
                    assert_eq!(fields.count(), Some(record.len() as u64));
                }
            });
        }
    }

    #[test]
    fn a_record_of_a_million_fields_is_counted_a_budget_at_a_time_and_kept_in_few_strides() {
        let text = [vec![b','; 5_000_000], b"\"last\"".to_vec()].concat();
        with_rows(&text, PAGE_BYTES, |rows| {
            let mut fields = RecordFields::of(ByteOffset(0)..ByteOffset(text.len() as u64));
            let mut frames = 0;
            let last = loop {
                frames += 1;
                match fields.cell(5_000_000, 100, rows, &mut Budget(1_000_000)) {
                    Found::Unknown => assert_eq!(fields.count(), None),
                    found => break found.here().flatten().unwrap(),
                }
            };
            assert_eq!(
                (last.content(Some(b'"')).unwrap().as_slice(), last.start.0, frames),
                (b"last".as_slice(), 5_000_000, 5)
            );
            assert_eq!(fields.cell(77_777, 100, rows, &mut Budget(0)).here().flatten().unwrap().start.0, 77_777);
            assert_eq!(fields.count(), Some(5_000_001));
        });
    }

    #[test]
    fn of_a_cell_that_is_too_long_the_beginning_is_given_and_the_next_is_found_behind_it() {
        let long = "x, ".repeat(50_000);
        let text = format!("a,\"{long}\",b");
        with_rows(text.as_bytes(), PAGE_BYTES, |rows| {
            let mut fields = RecordFields::of(ByteOffset(0)..ByteOffset(text.len() as u64));
            let mut budget = Budget(1 << 20);
            let cell = fields.cell(1, 10, rows, &mut budget).here().flatten().unwrap();
            assert_eq!((cell.raw.as_slice(), cell.whole), (b"\"x, x, x, ".as_slice(), false));
            let next = fields.cell(2, 10, rows, &mut budget).here().flatten().unwrap();
            assert_eq!((next.raw.as_slice(), next.whole), (b"b".as_slice(), true));
            let exact = fields.cell(0, 1, rows, &mut budget).here().flatten().unwrap();
            assert_eq!((exact.raw.as_slice(), exact.whole), (b"a".as_slice(), true));
        });
    }
}
