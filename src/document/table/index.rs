//! Where the records of a table are, in constant memory: how many end in each stride of bytes, how many of these are ragged,
//! and how the first byte of each stride is to be read. Whoever wants to know more looks into one stride.

use super::Dialect;
use super::records::{Fed, RecordScan, Shape};
use super::splitter::ScanState;
use crate::document::Strides;
use crate::source::ByteOffset;

/// The number of a record, from 0 on; a header is number 0.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RecordNumber(pub u64);

/// What was scanned of one stride, or of a part of it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Scanned {
    pub(super) bytes: u64,
    /// How the first of them is read.
    pub(super) state: ScanState,
    pub(super) fed: Fed,
}

/// The record index of a table, as far as it was scanned.
#[derive(Clone, Debug)]
pub struct RecordIndex {
    /// The ends of records, with the state at the beginning of each stride.
    ends: Strides,
    ragged: Strides,
    /// Where the first record begins, after a byte order mark.
    text_start: ByteOffset,
    /// What goes on where the scan has come to.
    scan: RecordScan,
    complete: bool,
    stopped: bool,
}

impl RecordIndex {
    /// An empty index whose stride is, at first, `stride_bytes`.
    pub(super) fn new(stride_bytes: u64, dialect: Dialect, text_start: ByteOffset) -> Self {
        Self {
            ends: Strides::new(stride_bytes),
            ragged: Strides::new(stride_bytes),
            text_start,
            scan: RecordScan::new(dialect),
            complete: false,
            stopped: false,
        }
    }

    /// The same with few strides.
    #[cfg(test)]
    pub(super) fn bounded(stride_bytes: u64, most: usize, dialect: Dialect, text_start: ByteOffset) -> Self {
        let (ends, ragged) = (Strides::bounded(stride_bytes, most), Strides::bounded(stride_bytes, most));
        Self { ends, ragged, ..Self::new(stride_bytes, dialect, text_start) }
    }

    /// Takes in what was scanned next: no piece goes over the end of a stride.
    pub(super) fn push(&mut self, scanned: Scanned) {
        self.ends.push_marked(scanned.bytes, scanned.fed.records, scanned.state.mark());
        self.ragged.push(scanned.bytes, scanned.fed.ragged);
    }

    /// Says how the scan goes on after all that was pushed.
    pub(super) fn set_scan(&mut self, scan: RecordScan) {
        self.scan = scan;
    }

    /// The scan as it goes on.
    pub(super) const fn scan(&self) -> RecordScan {
        self.scan
    }

    /// Says whether this is all, and whether more comes if it is not.
    pub(super) fn set_end(&mut self, complete: bool, stopped: bool) {
        (self.complete, self.stopped) = (complete, stopped && !complete);
    }

    /// The ends of records, by where they are.
    pub(super) const fn ends(&self) -> &Strides {
        &self.ends
    }

    /// The ends of ragged records, by where they are.
    pub(super) const fn ragged(&self) -> &Strides {
        &self.ragged
    }

    /// How the byte at `at` is read, where a stride begins or the scan goes on.
    pub(super) fn state_at(&self, at: ByteOffset) -> ScanState {
        let mark = self.ends.mark(at).filter(|_| at < self.covered());
        mark.map_or(self.scan.state(), ScanState::of_mark)
    }

    /// Where the first record begins.
    #[must_use]
    pub const fn text_start(&self) -> ByteOffset {
        self.text_start
    }

    /// Up to where it was scanned.
    #[must_use]
    pub const fn covered(&self) -> ByteOffset {
        self.ends.covered()
    }

    /// What is known of the number of records and of fields; one without an end counts when nothing comes any more.
    #[must_use]
    pub fn shape(&self) -> Shape {
        if self.complete { self.scan.whole_shape() } else { self.scan.shape() }
    }

    /// Whether the last record, which has no end, is ragged.
    pub(super) fn last_is_ragged(&self) -> bool {
        self.shape().ragged() > self.ragged.total()
    }

    /// Whether the last record is all that comes after a quote that is never closed.
    #[must_use]
    pub fn is_quote_open(&self) -> bool {
        self.complete && self.scan.is_quote_open()
    }

    /// Whether the whole table was scanned.
    #[must_use]
    pub const fn complete(&self) -> bool {
        self.complete
    }

    /// Whether no more will be scanned though there is more.
    #[must_use]
    pub const fn stopped(&self) -> bool {
        self.stopped
    }
}
