//! The pass of an export: over all records as they are in the file, or over the rows of an order, which are fetched many at
//! a time by where they are, so that neither a disk nor what has to be unpacked is gone through once a row.

use std::ops::{ControlFlow, Range};

use super::super::RowOrder;
use super::super::gather::Subject;
use super::super::order::RowAt;
use super::super::record_cells::{Record, RecordCells, Wanted};
use super::fetching::Fetcher;
use super::writer::RowWriter;
use super::{ExportError, MOST};
use crate::jobs::{JobContext, JobError, Unit};
use crate::source::{Blocks, ByteOffset, PartFile, address};

/// What is written at a time.
const WRITTEN_BYTES: usize = 256 << 10;
/// The most rows that are fetched before they are written, and the most that these may take.
const BATCH_ROWS: u64 = 32 << 10;
const BATCH_BYTES: usize = 8 << 20;

/// The writing of rows.
pub(super) struct Pass<'a> {
    pub(super) subject: &'a Subject,
    pub(super) context: &'a JobContext,
    pub(super) writer: RowWriter,
    pub(super) part: PartFile,
    /// Whether something was written.
    pub(super) begun: bool,
    /// How many rows and bytes were.
    pub(super) rows: u64,
    pub(super) bytes: u64,
}

impl Pass<'_> {
    /// Writes all rows as they are in the file, of which `head` was read already.
    ///
    /// # Errors
    /// When the job is to stop, a row is too long, or something can not be read or written.
    pub(super) fn as_in_file(&mut self, head: &[u8], blocks: &mut Blocks) -> Result<(), JobError> {
        self.context.progress().set_total(Some(blocks.whole_bytes()));
        let mut cells = self.subject.records(Wanted::All, MOST);
        let mut at = ByteOffset(0);
        self.feed(&mut cells, head, &mut at)?;
        while let Some(block) = blocks.next(self.context)? {
            self.feed(&mut cells, block, &mut at)?;
            self.context.progress().set_done(blocks.passed_bytes());
        }
        match cells.finish(|record| self.take(record)) {
            ControlFlow::Continue(()) => Ok(()),
            ControlFlow::Break(error) => Err(error),
        }
    }

    /// Takes in the bytes that begin at `at`.
    fn feed(&mut self, cells: &mut RecordCells, block: &[u8], at: &mut ByteOffset) -> Result<(), JobError> {
        let text = self.subject.text_of(block, *at);
        *at = at.plus(block.len() as u64);
        match cells.feed(text, |record| self.take(record)) {
            ControlFlow::Continue(()) => Ok(()),
            ControlFlow::Break(error) => Err(error),
        }
    }

    /// Writes a record, unless it is the header.
    fn take(&mut self, record: &Record<'_>) -> ControlFlow<JobError> {
        if self.subject.dialect.header && record.number == 0 {
            return ControlFlow::Continue(());
        }
        self.rows += 1;
        let made = self.make(record);
        let written = made.and_then(|()| if self.writer.text().len() >= WRITTEN_BYTES { self.put() } else { Ok(()) });
        match written {
            Ok(()) => ControlFlow::Continue(()),
            Err(error) => ControlFlow::Break(error),
        }
    }

    /// Makes text of a record.
    fn make(&mut self, record: &Record<'_>) -> Result<(), JobError> {
        if record.cut {
            let row = record.number + u64::from(!self.subject.dialect.header);
            let path = address::shown_path(&self.subject.path);
            return Err(JobError::failed(ExportError::LongRow { row, path }));
        }
        self.writer.push(record);
        Ok(())
    }

    /// Writes rows as they are shown.
    ///
    /// # Errors
    /// As [`Pass::as_in_file`].
    pub(super) fn in_order(&mut self, order: &RowOrder) -> Result<(), JobError> {
        let count = order.facts().rows;
        self.context.progress().set_unit(Unit::Items);
        self.context.progress().set_note("Rows");
        self.context.progress().set_total(Some(count));
        let mut fetcher = Fetcher::new(self.subject, self.subject.records(Wanted::All, MOST));
        let mut most = BATCH_ROWS;
        while self.rows < count {
            let rows = order.read(self.rows, most).map_err(|error| self.subject.halted(error.into()))?;
            if rows.is_empty() {
                break;
            }
            if self.batch(&rows, &mut fetcher)? {
                self.rows += rows.len() as u64;
                self.context.progress().set_done(self.rows);
            } else {
                // They take too much together: fewer are fetched at a time from here on.
                most = (rows.len() as u64 / 2).max(1);
            }
        }
        Ok(())
    }

    /// Fetches rows by where they are, and writes them as they come; whether there was room for all of them.
    fn batch(&mut self, rows: &[RowAt], fetcher: &mut Fetcher<'_>) -> Result<bool, JobError> {
        let mut by_start: Vec<_> = rows.iter().copied().enumerate().collect();
        by_start.sort_unstable_by_key(|(_, row)| row.start);
        let mut made: Vec<Range<usize>> = vec![0..0; rows.len()];
        for (place, row) in by_start {
            self.context.checkpoint_blocking()?;
            let from = self.writer.text().len();
            fetcher.fetch(row, self.context, &mut |record| self.make(record))?;
            let to = self.writer.text().len();
            if to > BATCH_BYTES && rows.len() > 1 {
                self.writer.text().clear();
                return Ok(false);
            }
            if let Some(made) = made.get_mut(place) {
                *made = from..to;
            }
        }
        let text = std::mem::take(self.writer.text());
        for range in made {
            self.writer.text().extend_from_slice(text.get(range).unwrap_or_default());
            if self.writer.text().len() >= WRITTEN_BYTES {
                self.put()?;
            }
        }
        self.put()?;
        Ok(true)
    }

    /// Puts what was made on disk, after the names of the columns.
    ///
    /// # Errors
    /// When the disk is full or fails.
    pub(super) fn put(&mut self) -> Result<(), JobError> {
        if !self.begun {
            self.begun = true;
            let head = self.writer.head();
            self.bytes += head.len() as u64;
            self.part.write(&head).map_err(JobError::failed)?;
        }
        let text = self.writer.text();
        self.bytes += text.len() as u64;
        self.part.write(text).map_err(JobError::failed)?;
        text.clear();
        Ok(())
    }
}
