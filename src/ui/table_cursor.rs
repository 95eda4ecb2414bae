//! What is chosen in a table view: a cell or a block of cells, and how the keyboard moves its end. A step looks at the
//! records that it passes and no more.

use std::ops::Range;

use super::table_order::ColumnOrder;
use crate::document::Found;
use crate::document::table::{Block, RowOrder, RowSpan, Rows};
use crate::source::ByteOffset;

/// A cell, by where its record starts and the number of its column in the file, from 0 on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct CellAt {
    pub(super) row: ByteOffset,
    pub(super) column: u64,
}

/// A block of cells: where it began, and the cell that the person is at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Cursor {
    pub(super) anchor: CellAt,
    pub(super) head: CellAt,
}

/// A step of the cell that the person is at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Step {
    /// So many rows on, or back.
    Rows(i64),
    /// So many columns to the right, or to the left.
    Columns(i64),
    FirstColumn,
    LastColumn,
    FirstCell,
    LastCell,
}

impl Cursor {
    /// One cell.
    pub(super) const fn at(cell: CellAt) -> Self {
        Self { anchor: cell, head: cell }
    }

    /// The same with its end at `head`, or that cell alone.
    pub(super) const fn with_head(self, head: CellAt, extend: bool) -> Self {
        Self { anchor: if extend { self.anchor } else { head }, head }
    }

    /// The cursor after `step`; `None` while the bytes to tell it are on their way.
    pub(super) fn moved(self, step: Step, extend: bool, rows: &Rows<'_>, order: &ColumnOrder) -> Option<Self> {
        let head = self.head;
        let last = order.shown().saturating_sub(1);
        let place = order.place_of(head.column).unwrap_or(0);
        let column_at = |place: u64| order.at(place.min(last)).unwrap_or(head.column);
        let row_of = |found: Found<Option<ByteOffset>>| found.here().map(|row| row.unwrap_or(head.row));
        let to = match step {
            Step::Rows(count) => {
                let walked = rows.walk(head.row, count);
                CellAt { row: Some(walked.at).filter(|_| walked.left == 0)?, ..head }
            }
            Step::Columns(count) => CellAt { column: column_at(place.saturating_add_signed(count)), ..head },
            Step::FirstColumn => CellAt { column: column_at(0), ..head },
            Step::LastColumn => CellAt { column: column_at(last), ..head },
            Step::FirstCell => CellAt { row: row_of(rows.first_row())?, column: column_at(0) },
            Step::LastCell => CellAt { row: row_of(rows.last_row())?, column: column_at(last) },
        };
        Some(self.with_head(to, extend))
    }

    /// Its rows, which are shown in `order`, if they are arranged; `None` while it is not known where they are.
    pub(super) fn rows(self, order: Option<&RowOrder>) -> Option<RowSpan> {
        RowSpan::between(self.anchor.row, self.head.row, order)
    }

    /// The places of its columns among those that are shown.
    pub(super) fn places(self, order: &ColumnOrder) -> Range<u64> {
        let place = |cell: CellAt| order.place_of(cell.column);
        match (place(self.anchor), place(self.head)) {
            (Some(anchor), Some(head)) => {
                let after = anchor.max(head) + 1;
                anchor.min(head)..after
            }
            (Some(place), None) | (None, Some(place)) => {
                let after = place + 1;
                place..after
            }
            (None, None) => 0..0,
        }
    }

    /// Whether it is more than one cell.
    pub(super) fn is_block(self) -> bool {
        self.anchor != self.head
    }

    /// What is copied; `None` while it is not known where that is.
    pub(super) fn block(self, columns: &ColumnOrder, order: Option<&RowOrder>) -> Option<Block> {
        Some(Block { rows: self.rows(order)?, columns: columns.runs_of(self.places(columns)) })
    }
}
