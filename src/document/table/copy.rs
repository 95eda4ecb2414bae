//! Copying a block of cells, on a thread of its own: its records are read from the document in order, however far they are
//! apart, and no more is kept than what is to be copied. Ends when another block is copied or nobody holds the table any
//! more.

use std::io;
use std::ops::Range;
use std::sync::atomic::Ordering::Relaxed;
use std::sync::{Arc, Weak};

use poll_promise::{Promise, Sender};

use super::copied::Copying;
use super::edges::{Edge, each_edge};
use super::splitter::ScanState;
use super::{Dialect, RowOrder, RowSpan, Shared, Table};
use crate::document::{Document, PAGE_BYTES};
use crate::jobs::spawn_named;
use crate::source::Source;
use crate::units;

/// The most that is copied.
pub(super) const MAX_COPY_BYTES: usize = 16 << 20;
/// Where rows are arranged: what is read of each at a time, and how many are looked up together.
const ARRANGED_BYTES: usize = 8 << 10;
const ARRANGED_ROWS: u64 = 1 << 10;

/// Some cells of some records that come one after the other.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Block {
    /// The records.
    pub rows: RowSpan,
    /// The columns, in the order in which they are copied.
    pub columns: Vec<Range<u64>>,
}

impl Block {
    pub(super) fn width(&self) -> u64 {
        self.columns.iter().map(|run| run.end.saturating_sub(run.start)).fold(0, u64::saturating_add)
    }

    /// Which of the columns that are copied a column is.
    pub(super) fn place_of(&self, column: u64) -> Option<u64> {
        let mut before = 0_u64;
        for run in &self.columns {
            if run.contains(&column) {
                return Some(before + (column - run.start));
            }
            before = before.saturating_add(run.end.saturating_sub(run.start));
        }
        None
    }
}

/// Why nothing was copied.
#[derive(Debug, thiserror::Error)]
pub enum CopyError {
    /// It is more than fits on a clipboard.
    #[error("More than {} are selected, which is the most that fits on the clipboard", units::bytes(MAX_COPY_BYTES as u64))]
    TooMuch,
    /// Some of it could not be read.
    #[error("Could not copy: {0}")]
    Unreadable(#[from] io::Error),
    /// Something else was copied since, or nobody waits for it any more.
    #[error("Copying was given up")]
    GivenUp,
}

/// What becomes of a copy: its text, tabs between cells and newlines between records.
pub type Copied = Result<String, CopyError>;

impl Table {
    /// Reads a block of cells, off this thread, of rows that are shown in `order`, if they are arranged; one that was read
    /// before is given up. `None` until the document is open.
    #[must_use]
    pub fn copy(&self, document: &Document, block: Block, order: Option<RowOrder>) -> Option<Promise<Copied>> {
        let source = document.source()?;
        let (sender, promise) = Promise::new();
        let turn = self.shared.copies.fetch_add(1, Relaxed) + 1;
        let (dialect, table) = (self.dialect(), Arc::downgrade(&self.shared));
        let answer = Answer(Some(sender));
        let work = move || {
            let wanted = || wanted(&table, turn);
            answer.give(match order {
                None => read(source.as_ref(), dialect, &block, wanted),
                Some(order) => read_arranged(source.as_ref(), dialect, &block, &order, wanted),
            });
        };
        if let Err(error) = spawn_named("copying", work) {
            // What was to be done is dropped, and has answered that it is given up.
            tracing::warn!(%error, "there was no thread to copy with");
        }
        Some(promise)
    }
}

fn wanted(table: &Weak<Shared>, turn: u64) -> bool {
    table.upgrade().is_some_and(|table| table.copies.load(Relaxed) == turn)
}

/// The promise of a copy, which is kept in any case: whoever polls one that is broken would panic.
struct Answer(Option<Sender<Copied>>);

impl Answer {
    fn give(mut self, copied: Copied) {
        if let Some(sender) = self.0.take() {
            sender.send(copied);
        }
    }
}

impl Drop for Answer {
    fn drop(&mut self) {
        if let Some(sender) = self.0.take() {
            sender.send(Err(CopyError::GivenUp));
        }
    }
}

/// Reads the block of cells as long as it is wanted.
fn read(source: &dyn Source, dialect: Dialect, block: &Block, wanted: impl Fn() -> bool) -> Copied {
    let RowSpan::Starts(starts) = &block.rows else { return Err(CopyError::GivenUp) };
    let mut copy = Copying::begin(dialect, block);
    let mut buffer = vec![0; usize::try_from(PAGE_BYTES).unwrap_or(usize::MAX)];
    let (mut at, mut state, mut record, mut done) = (*starts.start(), ScanState::AtEdge, *starts.start(), false);
    while !done {
        if !wanted() {
            return Err(CopyError::GivenUp);
        }
        let read = source.read_at(at, &mut buffer)?;
        let bytes = buffer.get(..read).unwrap_or_default();
        if bytes.is_empty() {
            // The last record may have no end, and after the last end there is none.
            if at > record {
                copy.end_record();
            }
            break;
        }
        let mut from = 0;
        state = each_edge(bytes, dialect, state, |place, edge| {
            copy.take(bytes.get(from..place).unwrap_or_default());
            from = place + 1;
            if edge == Edge::Field {
                copy.end_cell();
            } else {
                copy.end_record();
                done = record >= *starts.end();
                record = at.plus(from as u64);
            }
            !done && !copy.is_too_much()
        });
        if copy.is_too_much() {
            return Err(CopyError::TooMuch);
        }
        if !done {
            copy.take(bytes.get(from..).unwrap_or_default());
        }
        at = at.plus(read as u64);
    }
    if copy.is_too_much() { Err(CopyError::TooMuch) } else { Ok(copy.into_text()) }
}

/// The same where rows are arranged: each record is read where it is.
fn read_arranged(
    source: &dyn Source,
    dialect: Dialect,
    block: &Block,
    order: &RowOrder,
    wanted: impl Fn() -> bool,
) -> Copied {
    let RowSpan::Places(places) = &block.rows else { return Err(CopyError::GivenUp) };
    let mut copy = Copying::begin(dialect, block);
    let mut buffer = vec![0; ARRANGED_BYTES];
    let mut place = *places.start();
    while place <= *places.end() {
        let rows = order.read(place, ARRANGED_ROWS.min(*places.end() - place + 1))?;
        if rows.is_empty() {
            break;
        }
        place += rows.len() as u64;
        for row in rows {
            if !wanted() {
                return Err(CopyError::GivenUp);
            }
            copy.take_record(source, row.start, &mut buffer)?;
            if copy.is_too_much() {
                return Err(CopyError::TooMuch);
            }
        }
    }
    Ok(copy.into_text())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::naive::{any_table, naive_records};
    use super::super::order::testing::order_of;
    use super::*;
    use crate::source::ByteOffset;
    use crate::source::testing::Bytes;

    fn copied(text: &[u8], block: &Block) -> Copied {
        read(&Bytes(text.to_vec()), Dialect::default(), block, || true)
    }

    /// A block of these records and columns.
    fn block_of(starts: &[u64], records: Range<usize>, columns: &[Range<u64>]) -> Block {
        let start = |record: usize| ByteOffset(starts[record]);
        Block { rows: RowSpan::Starts(start(records.start)..=start(records.end - 1)), columns: columns.to_vec() }
    }

    fn starts(text: &[u8]) -> Vec<u64> {
        naive_records(text, Dialect::default()).iter().map(|record| record[0].start as u64).collect()
    }

    #[test]
    fn cells_are_copied_in_the_order_of_their_columns_and_what_is_not_there_leaves_its_place_empty() {
        let text = b"a,b,c\r\n1,\"x\ny\",3\r\n4\n,\"5 \"\"inch\"\"\",\"\"\n";
        let starts = starts(text);
        let all = copied(text, &block_of(&starts, 0..4, std::slice::from_ref(&(0..3)))).unwrap();
        assert_eq!(all, "a\tb\tc\n1\t\"x\ny\"\t3\n4\t\t\n\t5 \"inch\"\t");
        let turned = copied(text, &block_of(&starts, 1..3, &[2..3, 0..1])).unwrap();
        assert_eq!(turned, "3\t1\n\t4");
        let alone = copied(text, &block_of(&starts, 1..2, std::slice::from_ref(&(1..2)))).unwrap();
        assert_eq!(alone, "x\ny", "one cell is copied as it is");
    }

    #[test]
    fn rows_that_are_arranged_are_copied_as_they_are_shown() {
        let long = "x".repeat(2 * ARRANGED_BYTES);
        let text = format!("a,b\n1,2\n3,\"{long}\"\n5,6");
        let starts = starts(text.as_bytes());
        let rows: Vec<_> = [3, 2, 1].map(|number| (starts[number], number as u64, false)).to_vec();
        let order = order_of(&rows, false, 0);
        let block = Block { rows: RowSpan::Places(0..=1), columns: vec![1..2, 0..1] };
        let source = Bytes(text.into_bytes());
        let copied = read_arranged(&source, Dialect::default(), &block, &order, || true).unwrap();
        assert_eq!(copied, format!("6\t5\n{long}\t3"));
        let given_up = read_arranged(&source, Dialect::default(), &block, &order, || false);
        assert!(matches!(given_up, Err(CopyError::GivenUp)));
    }

    #[test]
    fn more_than_fits_on_a_clipboard_is_not_copied_and_what_nobody_wants_is_not_read_on() {
        let long = [b"1,".to_vec(), vec![b'x'; MAX_COPY_BYTES + 1], b",3\n".to_vec()].concat();
        let (second, third) = (1..2, 2..3);
        let of = |column: &Range<u64>| block_of(&[0], 0..1, std::slice::from_ref(column));
        assert!(matches!(copied(&long, &of(&second)), Err(CopyError::TooMuch)));
        assert_eq!(copied(&long, &of(&third)).unwrap(), "3");
        assert!(matches!(copied(b"a\n", &of(&(0..u64::MAX))), Err(CopyError::TooMuch)));
        let given_up = read(&Bytes(long), Dialect::default(), &of(&third), || false);
        assert!(matches!(given_up, Err(CopyError::GivenUp)));
    }

    proptest! {
        #[test]
        fn what_is_copied_has_as_many_rows_as_were_chosen(
            text in any_table(20),
            from in 0_usize..20,
            count in 1_usize..20,
        ) {
            let starts = starts(&text);
            prop_assume!(from < starts.len());
            let to = (from + count).min(starts.len());
            let block = block_of(&starts, from..to, &[7..8, 9..10]);
            prop_assert_eq!(copied(&text, &block).unwrap(), vec!["\t"; to - from].join("\n"));
        }
    }
}
