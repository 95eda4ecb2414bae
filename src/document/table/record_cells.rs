//! The records of a table one after the other, with those of their cells that are wanted: fed block by block, cut anywhere,
//! and no more kept of a record than what is asked for. Pure.

use std::borrow::Cow;
use std::ops::{ControlFlow, Range};

use super::Dialect;
use super::cells::content;
use super::edges::{Edge, each_edge};
use super::splitter::ScanState;
use crate::source::ByteOffset;

/// The most cells of a record that are kept.
const MAX_CELLS: usize = 1 << 18;

/// Which cells of a record are kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Wanted {
    /// Those of these columns, in ascending order.
    Columns(Vec<u64>),
    All,
}

/// The most that is kept, in bytes.
#[derive(Clone, Copy, Debug)]
pub(super) struct Most {
    pub(super) of_cell: usize,
    pub(super) of_record: usize,
}

/// A pass over records.
pub(super) struct RecordCells {
    dialect: Dialect,
    state: ScanState,
    at: ByteOffset,
    open: Open,
}

/// A record that has gone by.
#[derive(Clone, Copy)]
pub(super) struct Record<'a> {
    /// Where it starts.
    pub(super) start: ByteOffset,
    /// Which one it is, from 0 on, a header among them.
    pub(super) number: u64,
    /// How many fields it has.
    pub(super) fields: u64,
    /// Whether something of what was wanted is more than was kept.
    pub(super) cut: bool,
    open: &'a Open,
}

/// What is kept of the record that goes on.
#[derive(Debug)]
struct Open {
    wanted: Wanted,
    most: Most,
    start: ByteOffset,
    number: u64,
    column: u64,
    /// How many of the wanted columns have gone by.
    passed: usize,
    /// Whether the cell that goes on is wanted.
    keeps: bool,
    bytes: Vec<u8>,
    /// Where the cell that goes on begins in these, and whether it is more than was kept.
    cell: usize,
    cell_cut: bool,
    /// The cells that have ended, each with its column.
    cells: Vec<(u64, Range<usize>)>,
    cut: bool,
}

impl RecordCells {
    /// A pass that begins with a record at `start`, which is number 0.
    pub(super) fn new(dialect: Dialect, wanted: Wanted, most: Most, start: ByteOffset) -> Self {
        let mut open = Open {
            wanted,
            most,
            start,
            number: 0,
            column: 0,
            passed: 0,
            keeps: false,
            bytes: Vec::new(),
            cell: 0,
            cell_cut: false,
            cells: Vec::new(),
            cut: false,
        };
        open.begin(start);
        Self { dialect, state: ScanState::default(), at: start, open }
    }

    /// Goes on with a record that starts at `start`, whatever came before.
    pub(super) fn begin_at(&mut self, start: ByteOffset, number: u64) {
        (self.state, self.at, self.open.number) = (ScanState::default(), start, number);
        self.open.begin(start);
    }

    /// Takes in the next bytes and gives each record that ends in them to `found`, until that has seen enough.
    pub(super) fn feed<B>(
        &mut self,
        block: &[u8],
        mut found: impl FnMut(&Record<'_>) -> ControlFlow<B>,
    ) -> ControlFlow<B> {
        let (begin, open) = (self.at, &mut self.open);
        let (mut from, mut flow) = (0, ControlFlow::Continue(()));
        self.state = each_edge(block, self.dialect, self.state, |place, edge| {
            open.take(block.get(from..place).unwrap_or_default());
            from = place + 1;
            open.end_cell(edge == Edge::Record);
            if edge == Edge::Record {
                flow = found(&open.record());
                open.number += 1;
                open.begin(begin.plus(from as u64));
            }
            flow.is_continue()
        });
        if flow.is_continue() {
            self.open.take(block.get(from..).unwrap_or_default());
            self.at = begin.plus(block.len() as u64);
        }
        flow
    }

    /// Says that nothing more comes: what goes on is then a record too.
    pub(super) fn finish<B>(&mut self, mut found: impl FnMut(&Record<'_>) -> ControlFlow<B>) -> ControlFlow<B> {
        if self.at <= self.open.start {
            return ControlFlow::Continue(());
        }
        self.open.end_cell(true);
        let flow = found(&self.open.record());
        self.open.number += 1;
        self.open.begin(self.at);
        flow
    }
}

impl Open {
    fn begin(&mut self, start: ByteOffset) {
        (self.start, self.column, self.passed, self.cell) = (start, 0, 0, 0);
        (self.cell_cut, self.cut) = (false, false);
        self.bytes.clear();
        self.cells.clear();
        self.keeps = self.is_wanted();
    }

    fn is_wanted(&self) -> bool {
        match &self.wanted {
            Wanted::Columns(columns) => columns.get(self.passed) == Some(&self.column),
            Wanted::All => self.passed < MAX_CELLS,
        }
    }

    fn take(&mut self, bytes: &[u8]) {
        if !self.keeps {
            return;
        }
        let of_cell = self.most.of_cell.saturating_sub(self.bytes.len() - self.cell);
        let room = self.most.of_record.saturating_sub(self.bytes.len()).min(of_cell);
        self.cell_cut |= bytes.len() > room;
        self.bytes.extend_from_slice(bytes.get(..room).unwrap_or(bytes));
    }

    /// Ends a cell, which is the last of its record or not.
    fn end_cell(&mut self, last: bool) {
        if self.keeps {
            // It belongs to the end of the record.
            if last && !self.cell_cut && self.bytes.get(self.cell..).is_some_and(|cell| cell.ends_with(b"\r")) {
                self.bytes.pop();
            }
            self.cells.push((self.column, self.cell..self.bytes.len()));
            self.cut |= std::mem::take(&mut self.cell_cut);
            self.cell = self.bytes.len();
            self.passed += 1;
        }
        self.column += 1;
        self.keeps = self.is_wanted();
        self.cut |= !last && self.wanted == Wanted::All && !self.keeps;
    }

    const fn record(&self) -> Record<'_> {
        Record { start: self.start, number: self.number, fields: self.column, cut: self.cut, open: self }
    }
}

impl<'a> Record<'a> {
    /// The bytes of a cell that was wanted, quotes included; `None` if the record has fewer fields.
    pub(super) fn cell(&self, column: u64) -> Option<&'a [u8]> {
        let at = self.open.cells.binary_search_by_key(&column, |(column, _)| *column).ok()?;
        self.open.bytes.get(self.open.cells.get(at)?.1.clone())
    }

    /// What a cell says; `None` for NULL, and where the record has fewer fields.
    pub(super) fn said(&self, column: u64, quote: Option<u8>) -> Option<Cow<'a, [u8]>> {
        content(self.cell(column)?, quote)
    }

    /// What the cells say that were kept, NULL being an empty text.
    pub(super) fn texts(&self, quote: Option<u8>) -> Vec<Vec<u8>> {
        let cells = self.open.cells.iter().map(|(_, range)| self.open.bytes.get(range.clone()).unwrap_or_default());
        cells.map(|cell| content(cell, quote).unwrap_or_default().into_owned()).collect()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::naive::{any_dialect, any_text, naive_records};
    use super::*;

    const ALL: Most = Most { of_cell: usize::MAX, of_record: usize::MAX };

    #[derive(Debug, PartialEq)]
    struct Seen {
        start: u64,
        number: u64,
        fields: u64,
        cells: Vec<Option<Vec<u8>>>,
    }

    fn seen(record: &Record<'_>, columns: &[u64]) -> Seen {
        let cells = columns.iter().map(|column| record.cell(*column).map(<[u8]>::to_vec)).collect();
        Seen { start: record.start.0, number: record.number, fields: record.fields, cells }
    }

    fn all(text: &[u8], dialect: Dialect, columns: &[u64], cuts: &[usize]) -> Vec<Seen> {
        let wanted = Wanted::Columns(columns.to_vec());
        let mut cells = RecordCells::new(dialect, wanted, ALL, ByteOffset(0));
        let (mut records, mut rest) = (Vec::new(), text);
        for cut in cuts.iter().cycle() {
            if rest.is_empty() {
                break;
            }
            let (block, after) = rest.split_at((*cut).min(rest.len()));
            let _ = cells.feed(block, |record| -> ControlFlow<()> {
                records.push(seen(record, columns));
                ControlFlow::Continue(())
            });
            rest = after;
        }
        let _ = cells.finish(|record| -> ControlFlow<()> {
            records.push(seen(record, columns));
            ControlFlow::Continue(())
        });
        records
    }

    proptest! {
        #[test]
        fn however_the_bytes_are_cut_the_wanted_cells_are_those_that_a_reader_byte_by_byte_finds(
            text in any_text(200),
            dialect in any_dialect(),
            columns in prop::collection::btree_set(0_u64..5, 0..4),
            cuts in prop::collection::vec(1_usize..40, 1..10),
        ) {
            let columns: Vec<_> = columns.into_iter().collect();
            let records = naive_records(&text, dialect).into_iter().enumerate();
            let expected: Vec<_> = records.map(|(number, cells)| {
                let range = |column: &u64| cells.get(usize::try_from(*column).unwrap()).cloned();
                let cell = |column: &u64| range(column).map(|range| text[range].to_vec());
                Seen {
                    start: cells[0].start as u64,
                    number: number as u64,
                    fields: cells.len() as u64,
                    cells: columns.iter().map(cell).collect(),
                }
            }).collect();
            prop_assert_eq!(all(&text, dialect, &columns, &cuts), expected);
        }
    }

    #[test]
    fn of_a_cell_and_of_a_record_no_more_is_kept_than_is_asked_for_and_it_is_told() {
        let most = Most { of_cell: 3, of_record: 5 };
        let mut cells = RecordCells::new(Dialect::default(), Wanted::All, most, ByteOffset(0));
        let mut told = Vec::new();
        let _ = cells.feed(b"abcd,efg,h\nab,cde,\nx", |record| -> ControlFlow<()> {
            told.push((record.texts(None), record.cut));
            ControlFlow::Continue(())
        });
        let texts = |texts: [&str; 3]| texts.map(|text| text.as_bytes().to_vec()).to_vec();
        assert_eq!(told, [(texts(["abc", "ef", ""]), true), (texts(["ab", "cde", ""]), false)]);
    }

    #[test]
    fn who_has_seen_enough_goes_on_with_another_record() {
        let mut cells = RecordCells::new(Dialect::default(), Wanted::All, ALL, ByteOffset(0));
        let first = |cells: &mut RecordCells, text: &[u8]| match cells
            .feed(text, |record| ControlFlow::Break(record.texts(None)))
        {
            ControlFlow::Break(texts) => texts,
            ControlFlow::Continue(()) => Vec::new(),
        };
        assert_eq!(first(&mut cells, b"a,b\nc,d\n"), [b"a", b"b"]);
        cells.begin_at(ByteOffset(40), 9);
        assert_eq!(first(&mut cells, b"\"c\nd\"\n"), [b"\"c\nd\""]);
    }
}
