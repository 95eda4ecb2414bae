//! What is appended to a document after it was read to its end: taken in by the document's reader, so that the lines go on
//! being counted where the scan came to.

use std::io;
use std::sync::Arc;

use super::samples::{Piece, Samples};
use super::scan::Scan;
use super::{Encoding, Filling, LineEnding, PAGE_BYTES};
use crate::source::{ByteOffset, Source};

/// The most that is taken in at a time; what is wished for meanwhile comes before the rest.
const STEP_BYTES: u64 = 8 << 20;
/// How much is remembered of both ends, to tell an append from another content that is longer.
const WITNESS_BYTES: usize = 4 << 10;

/// Where a scan came to the end.
#[derive(Debug)]
pub(super) struct Tail {
    scan: Scan,
    ending: LineEnding,
    /// What the first bytes say.
    start: Encoding,
    at: ByteOffset,
    first: Vec<u8>,
    last: Vec<u8>,
    samples: Samples,
}

impl Tail {
    /// The tail of a document that was scanned up to `at`, and begins with these bytes.
    pub(super) fn new(scan: Scan, ending: LineEnding, at: ByteOffset, first: &[u8], source: &dyn Source) -> Self {
        let first = first.get(..first.len().min(WITNESS_BYTES)).unwrap_or_default().to_vec();
        let mut last = vec![0; usize::try_from(at.0).unwrap_or(usize::MAX).min(WITNESS_BYTES)];
        // What can not be read any more is not there when it is looked for.
        let read = source.read_at(at.minus(last.len() as u64), &mut last).unwrap_or(0);
        last.truncate(read);
        let samples = Samples::of(source, at);
        Self { scan, ending, start: Encoding::of_start(&first), at, first, last, samples }
    }

    /// Up to where the document was scanned.
    pub(super) const fn at(&self) -> ByteOffset {
        self.at
    }

    /// Whether what was scanned is still there, as far as both ends tell.
    ///
    /// # Errors
    /// What the system says of a failed read.
    pub(super) fn is_still_there(&self, source: &dyn Source) -> io::Result<bool> {
        let mut there = vec![0; WITNESS_BYTES];
        for (at, known) in [(ByteOffset(0), &self.first), (self.at.minus(self.last.len() as u64), &self.last)] {
            let read = source.read_at(at, there.get_mut(..known.len()).unwrap_or_default())?;
            if there.get(..read) != Some(known.as_slice()) {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// What is remembered of what was scanned.
    pub(super) fn known(&self) -> Vec<Piece> {
        let ends = [(ByteOffset(0), &self.first), (self.at.minus(self.last.len() as u64), &self.last)];
        let ends = ends.into_iter().map(|(at, bytes)| Piece { at, bytes: Arc::from(bytes.as_slice()) });
        self.samples.pieces().iter().cloned().chain(ends).collect()
    }

    /// Takes in what there is now before `end`, or the first of it, and gives up to where.
    ///
    /// # Errors
    /// What the system says of a failed read.
    pub(super) fn take_in(
        &mut self,
        source: &dyn Source,
        end: ByteOffset,
        filling: &Filling,
    ) -> io::Result<ByteOffset> {
        let end = end.min(self.at.plus(STEP_BYTES));
        let mut block = vec![0; usize::try_from(PAGE_BYTES).unwrap_or(usize::MAX)];
        let mut pieces = Vec::new();
        while self.at < end {
            // No piece goes over the edge of a page, so that none goes over that of a stride.
            let page_end = ByteOffset((self.at.0 / PAGE_BYTES + 1) * PAGE_BYTES);
            let wanted = usize::try_from(end.min(page_end).since(self.at)).unwrap_or(usize::MAX);
            let read = source.read_at(self.at, block.get_mut(..wanted).unwrap_or_default())?;
            if read == 0 {
                break;
            }
            let bytes = block.get(..read).unwrap_or_default();
            if self.at.0 == 0 {
                self.start = Encoding::of_start(bytes);
                self.first = bytes.get(..read.min(WITNESS_BYTES)).unwrap_or_default().to_vec();
            }
            if self.ending == LineEnding::None {
                self.ending = LineEnding::of_first(self.last.last().copied().unwrap_or_default(), bytes);
            }
            pieces.push((read as u64, self.scan.feed(bytes)));
            self.at = self.at.plus(read as u64);
            self.last.extend_from_slice(bytes.get(bytes.len().saturating_sub(WITNESS_BYTES)..).unwrap_or_default());
            self.last.drain(..self.last.len().saturating_sub(WITNESS_BYTES));
        }
        self.samples.grow(source, self.at);
        self.tell(pieces, filling);
        Ok(self.at)
    }

    fn tell(&self, pieces: Vec<(u64, u64)>, filling: &Filling) {
        let is_utf8 = matches!(self.start, Encoding::Utf8 | Encoding::Utf8Bom);
        let encoding = if is_utf8 && !self.scan.may_be_utf8() { Encoding::Other } else { self.start };
        // A document that is filled anew, or gone, has no use for it.
        let _ = filling.index(|index| {
            for (bytes, newlines) in pieces {
                index.push(bytes, newlines);
            }
            index.set_longest_line(self.scan.longest_line_bytes());
            index.set_endings(self.scan.endings());
            index.finish(self.scan.unterminated());
        });
        let _ = filling.change_facts(|facts| {
            (facts.len_bytes, facts.ending, facts.encoding) = (self.at.0, self.ending, encoding);
        });
    }
}
