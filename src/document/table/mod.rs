//! Tables as text of delimited fields, of any size: how they are written, where their records and cells are, and the job
//! that finds out. Of records no more is kept than counts for strides, so that a billion cost as much as one, and of a
//! record no more is looked at than what is asked for, however many fields it has.
//!
//! A [`Table`] is shared between its job, which fills it beside the window, and a view, which looks. No lock in here is
//! held across I/O. It must not know egui.

mod arrange;
mod arrangement;
mod arranging;
mod cells;
mod column_name;
mod copied;
mod copy;
mod decimal;
mod dialect;
mod edges;
mod export;
mod fields;
mod filter;
#[cfg(test)]
mod fuzz;
mod gather;
mod index;
mod job;
mod merge;
#[cfg(test)]
mod naive;
mod order;
mod order_pages;
mod record_cells;
mod records;
mod rows;
mod seeking;
mod shown;
mod sort;
mod sort_key;
mod splitter;

use std::sync::Arc;
use std::sync::atomic::AtomicU64;

use parking_lot::RwLock;

pub use arrange::{Arrange, Arranged};
pub use arrangement::{ArrangeError, Arrangement, Written};
pub use arranging::{Arranging, Gathering};
pub use cells::{content, is_number};
pub use column_name::{ColumnName, NoColumn};
pub use copy::{Block, Copied, CopyError};
pub use dialect::{Dialect, delimiter_name, parse_delimiter};
pub use export::{Export, ExportError, ExportFormat, Exported};
pub use fields::{Budget, CellBytes, RecordFields};
pub use filter::{Filter, FilterError};
pub use gather::Gathered;
pub use index::{RecordIndex, RecordNumber};
pub use job::{TableFacts, TableJob};
pub use order::{OrderFacts, RowAt, RowOrder};
pub use records::Shape;
pub use rows::{Extent, Rows};
pub use shown::RowSpan;
pub use sort_key::SortKey;

use super::{Document, Encoding, PAGE_BYTES};
use crate::source::ByteOffset;

/// The bytes of a byte order mark in UTF-8.
const BOM: &[u8] = b"\xef\xbb\xbf";

/// What is known of a document as a table so far, as a handle that is cheap to clone. The last one to go ends its job.
#[derive(Clone, Debug)]
pub struct Table {
    shared: Arc<Shared>,
}

#[derive(Debug)]
struct Shared {
    dialect: Dialect,
    counted: RwLock<Counted>,
    /// How many times something was copied: only the last is wanted.
    copies: AtomicU64,
}

#[derive(Debug)]
struct Counted {
    /// Which job has the say.
    run: u64,
    /// Which filling of the document it reads.
    filling: u64,
    index: RecordIndex,
    /// How far the job has come in what lies behind, of how many bytes.
    passed_bytes: u64,
    whole_bytes: u64,
}

/// How far a table's job has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TableTally {
    /// What is known of records and fields.
    pub shape: Shape,
    /// How many bytes were scanned.
    pub scanned_bytes: u64,
    /// How many bytes of what lies behind were passed.
    pub passed_bytes: u64,
    /// How many lie there.
    pub whole_bytes: u64,
    /// Whether that is all.
    pub complete: bool,
    /// Whether it ended before it was all.
    pub stopped: bool,
    /// Whether the last record is what comes after a quote that is never closed.
    pub quote_open: bool,
}

impl Table {
    fn new(dialect: Dialect, text_start: ByteOffset, whole_bytes: u64) -> Self {
        let index = RecordIndex::new(PAGE_BYTES, dialect, text_start);
        let counted = Counted { run: 0, filling: 0, index, passed_bytes: 0, whole_bytes };
        Self { shared: Arc::new(Shared { dialect, counted: RwLock::new(counted), copies: AtomicU64::new(0) }) }
    }

    /// How it is written.
    #[must_use]
    pub fn dialect(&self) -> Dialect {
        self.shared.dialect
    }

    /// How far its job has come.
    #[must_use]
    pub fn tally(&self) -> TableTally {
        let counted = self.shared.counted.read_recursive();
        let index = &counted.index;
        TableTally {
            shape: index.shape(),
            scanned_bytes: index.covered().0,
            passed_bytes: counted.passed_bytes,
            whole_bytes: counted.whole_bytes,
            complete: index.complete(),
            stopped: index.stopped(),
            quote_open: index.is_quote_open(),
        }
    }

    /// Says that nothing more comes, though it was not all.
    fn give_up(&self) {
        let mut counted = self.shared.counted.write();
        let complete = counted.index.complete();
        counted.index.set_end(complete, true);
    }
}

impl Document {
    /// How this document is written, if it is a table; `None` until it is open and while its first page is on its way.
    #[must_use]
    pub fn dialect(&self) -> Option<Dialect> {
        let told = self.look(|lines| {
            let start = lines.bytes(ByteOffset(0)..ByteOffset(PAGE_BYTES))?;
            Some(Dialect::of_start(&start, lines.end().0 <= PAGE_BYTES))
        });
        told.flatten()
    }

    /// A job that reads this document as a table, and the table, which can be shown at once. The job ends when nobody holds
    /// either any more.
    #[must_use]
    pub fn table(&self, dialect: Dialect) -> (TableJob, Table) {
        let facts = self.opened().map(|(facts, _)| facts);
        let has_bom = facts.is_some_and(|facts| facts.encoding == Encoding::Utf8Bom);
        let text_start = ByteOffset(if has_bom { BOM.len() as u64 } else { 0 });
        let table = Table::new(dialect, text_start, facts.map_or(0, |facts| facts.len_bytes));
        (TableJob::shown(self, &table), table)
    }

    /// A job that goes on reading this document as that table: where it was stopped, or what was appended since.
    #[must_use]
    pub fn table_on(&self, table: &Table) -> TableJob {
        TableJob::shown(self, table)
    }

    /// Looks things up in the records of a table of this document, of which the first is a header or not; `None` until the
    /// document is open. Pages that are lacking are asked for when `look` has come back.
    pub fn look_at_rows<T>(&self, table: &Table, header: bool, look: impl FnOnce(&Rows<'_>) -> T) -> Option<T> {
        self.look(|lines| {
            let counted = table.shared.counted.read_recursive();
            look(&Rows::new(lines, &counted.index, Dialect { header, ..table.dialect() }))
        })
    }
}
