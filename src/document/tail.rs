//! What is appended to a document after it was read to its end: taken in by the document's reader, so that the lines go on
//! being counted where the scan came to.

use std::io;

use super::scan::Scan;
use super::{Encoding, Filling, LineEnding, PAGE_BYTES};
use crate::source::{ByteOffset, Source};

/// The most that is taken in at a time; what is wished for meanwhile comes before the rest.
const STEP_BYTES: u64 = 8 << 20;

/// Where a scan came to the end.
#[derive(Debug)]
pub(super) struct Tail {
    scan: Scan,
    ending: LineEnding,
    at: ByteOffset,
}

impl Tail {
    pub(super) const fn new(scan: Scan, ending: LineEnding, at: ByteOffset) -> Self {
        Self { scan, ending, at }
    }

    /// Up to where the document was scanned.
    pub(super) const fn at(&self) -> ByteOffset {
        self.at
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
            let bytes = block.get(..read).unwrap_or_default();
            if self.ending == LineEnding::None {
                self.ending = LineEnding::of_first(0, bytes);
            }
            pieces.push((read as u64, self.scan.feed(bytes)));
            self.at = self.at.plus(read as u64);
            if read < wanted {
                break;
            }
        }
        let (at, ending, is_utf8) = (self.at, self.ending, self.scan.is_utf8());
        let (longest, unterminated) = (self.scan.longest_line_bytes(), self.scan.unterminated());
        // A document that is filled anew, or gone, has no use for it.
        let _ = filling.index(|index| {
            for (bytes, newlines) in pieces {
                index.push(bytes, newlines);
            }
            index.set_longest_line(longest);
            index.finish(unterminated);
        });
        let _ = filling.change_facts(|facts| {
            facts.len_bytes = at.0;
            facts.ending = ending;
            if !is_utf8 && matches!(facts.encoding, Encoding::Utf8 | Encoding::Utf8Bom) {
                facts.encoding = Encoding::Other;
            }
        });
        Ok(at)
    }
}
