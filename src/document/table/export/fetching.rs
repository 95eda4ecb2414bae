//! Fetching the records of rows wherever they are: what was read for one is at hand for those beside it.

use std::ops::ControlFlow;

use super::super::gather::Subject;
use super::super::order::RowAt;
use super::super::record_cells::{Record, RecordCells};
use crate::jobs::{JobContext, JobError};
use crate::source::{ByteOffset, ReadError, SourceError};

/// What is read at a time where rows are beside each other.
const NEAR_BYTES: usize = 64 << 10;
/// The same where they are far apart.
const FAR_BYTES: usize = 8 << 10;

/// Reads records of a table.
pub(super) struct Fetcher<'a> {
    cells: RecordCells,
    window: Window<'a>,
}

/// The bytes that were read last.
struct Window<'a> {
    subject: &'a Subject,
    at: ByteOffset,
    filled: usize,
    buffer: Vec<u8>,
}

impl<'a> Fetcher<'a> {
    pub(super) fn new(subject: &'a Subject, cells: RecordCells) -> Self {
        let window = Window { subject, at: ByteOffset(0), filled: 0, buffer: vec![0; NEAR_BYTES] };
        Self { cells, window }
    }

    /// Gives the record of a row to `take`.
    ///
    /// # Errors
    /// When the job is to stop, the record is not there any more or can not be read, or `take` fails.
    pub(super) fn fetch(
        &mut self,
        row: RowAt,
        context: &JobContext,
        take: &mut dyn FnMut(&Record<'_>) -> Result<(), JobError>,
    ) -> Result<(), JobError> {
        let Self { cells, window } = self;
        cells.begin_at(row.start, row.number().0);
        let mut at = row.start;
        loop {
            let bytes = window.bytes_from(at)?;
            let read = bytes.len() as u64;
            let found = if read == 0 {
                cells.finish(|record| ControlFlow::Break(take(record)))
            } else {
                cells.feed(bytes, |record| ControlFlow::Break(take(record)))
            };
            match found {
                ControlFlow::Break(taken) => return taken,
                // The file is not any more what it was.
                ControlFlow::Continue(()) if read == 0 => {
                    return Err(window.failed(ReadError::CutShort { len_bytes: at.0 }));
                }
                ControlFlow::Continue(()) => at = at.plus(read),
            }
            context.checkpoint_blocking()?;
        }
    }
}

impl Window<'_> {
    /// Bytes from `at` on, as many as are at hand or else are read; none at the end.
    fn bytes_from(&mut self, at: ByteOffset) -> Result<&[u8], JobError> {
        let end = self.at.plus(self.filled as u64);
        if at < self.at || at >= end {
            let near = at >= end && at.since(end) < NEAR_BYTES as u64;
            let most = if near { NEAR_BYTES } else { FAR_BYTES };
            let room = self.buffer.get_mut(..most).unwrap_or_default();
            let read = self.subject.source.read_at(at, room);
            (self.at, self.filled) = (at, read.map_err(|error| self.failed(error.into()))?);
        }
        let from = usize::try_from(at.since(self.at)).unwrap_or(usize::MAX);
        Ok(self.buffer.get(from..self.filled).unwrap_or_default())
    }

    fn failed(&self, error: ReadError) -> JobError {
        JobError::failed(SourceError::of_read(error, &self.subject.path))
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::super::super::record_cells::{Most, Wanted};
    use super::super::super::{Dialect, RecordNumber};
    use super::*;
    use crate::source::testing::Bytes;

    #[test]
    fn records_are_fetched_in_any_order_and_over_the_edges_of_what_was_read() {
        let mut text = Vec::new();
        let mut starts = Vec::new();
        for number in 0..300_usize {
            starts.push(text.len() as u64);
            text.extend_from_slice(format!("{number},{}\n", "x".repeat(number * 7)).as_bytes());
        }
        let source = Arc::new(Bytes(text));
        let dialect = Dialect { header: false, ..Dialect::default() };
        let subject = Subject { path: "a.csv".into(), source, dialect, text_start: ByteOffset(0) };
        let most = Most { of_cell: 1 << 20, of_record: 1 << 20 };
        let mut fetcher = Fetcher::new(&subject, subject.records(Wanted::All, most));
        let context = JobContext::for_tests();
        for number in (0..300).chain((0..300).rev()).chain((0..300).map(|number| number * 77 % 300)) {
            let row = RowAt::new(ByteOffset(starts[number]), RecordNumber(number as u64), false);
            let mut told = None;
            let mut take = |record: &Record<'_>| {
                told = Some((record.number, record.texts(None)));
                Ok(())
            };
            fetcher.fetch(row, &context, &mut take).unwrap();
            let texts = [number.to_string(), "x".repeat(number * 7)].map(String::into_bytes).to_vec();
            assert_eq!(told, Some((number as u64, texts)));
        }
        let gone = RowAt::new(ByteOffset(9_999_999), RecordNumber(0), false);
        assert!(fetcher.fetch(gone, &context, &mut |_| Ok(())).is_err());
    }
}
