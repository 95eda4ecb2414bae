//! Where the lines are, in constant memory: how many newlines lie before each stride of bytes. A lookup scans one stride
//! at most, and one huge line costs nothing.

use super::EndingCounts;
use super::strides::Strides;
use crate::source::ByteOffset;

/// The number of a line, from 0 on; people are shown one more.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct LineNumber(pub u64);

/// The line index of a document, as far as it was scanned.
#[derive(Clone, Debug)]
pub struct LineIndex {
    newlines: Strides,
    longest_line_bytes: u64,
    endings: EndingCounts,
    unterminated: bool,
    complete: bool,
    stopped: bool,
}

impl LineIndex {
    /// An empty index whose stride is, at first, `stride_bytes`.
    #[must_use]
    pub fn new(stride_bytes: u64) -> Self {
        Self {
            newlines: Strides::new(stride_bytes),
            longest_line_bytes: 0,
            endings: EndingCounts::default(),
            unterminated: false,
            complete: false,
            stopped: false,
        }
    }

    /// Takes in the next `bytes` bytes, in which there are `newlines`. All calls but the last give the size of the
    /// stride that [`LineIndex::new`] was told.
    pub fn push(&mut self, bytes: u64, newlines: u64) {
        self.newlines.push(bytes, newlines);
    }

    /// The newlines so far, by where they are.
    #[must_use]
    pub const fn newlines(&self) -> &Strides {
        &self.newlines
    }

    /// Says what the longest line so far is, in bytes without its newline.
    pub fn set_longest_line(&mut self, bytes: u64) {
        self.longest_line_bytes = bytes;
    }

    /// Says how the lines so far end.
    pub fn set_endings(&mut self, endings: EndingCounts) {
        self.endings = endings;
    }

    /// How the lines so far end.
    #[must_use]
    pub const fn endings(&self) -> EndingCounts {
        self.endings
    }

    /// Says that all is scanned, and whether the last line has no newline at its end.
    pub fn finish(&mut self, unterminated: bool) {
        self.unterminated = unterminated;
        self.complete = true;
    }

    /// Says that no more will be scanned though there is more.
    pub fn stop(&mut self) {
        self.stopped = !self.complete;
    }

    /// Whether the scan ended before the document did.
    #[must_use]
    pub const fn stopped(&self) -> bool {
        self.stopped
    }

    /// Up to where it was scanned.
    #[must_use]
    pub const fn covered(&self) -> ByteOffset {
        self.newlines.covered()
    }

    /// Whether the whole document was scanned.
    #[must_use]
    pub const fn complete(&self) -> bool {
        self.complete
    }

    /// The lines known so far; an unterminated last line counts as one.
    #[must_use]
    pub fn lines(&self) -> u64 {
        self.newlines.total() + u64::from(self.unterminated)
    }

    /// How many lines `len_bytes` hold, if the rest is as what is known; what is known, when that is all.
    #[must_use]
    pub fn expected_lines(&self, len_bytes: u64) -> u64 {
        let rest = u128::from(len_bytes.saturating_sub(self.covered().0));
        let expected = rest * u128::from(self.newlines.total()) / u128::from(self.covered().0.max(1));
        self.lines().saturating_add(u64::try_from(expected).unwrap_or(u64::MAX))
    }

    /// The longest line so far, in bytes without its newline.
    #[must_use]
    pub const fn longest_line_bytes(&self) -> u64 {
        self.longest_line_bytes
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_rest_is_expected_to_be_as_what_is_known() {
        let mut index = LineIndex::new(4);
        assert_eq!(index.expected_lines(1_000), 0);
        index.push(4, 1);
        assert_eq!(index.expected_lines(1_000), 250);
        assert_eq!(index.expected_lines(2), 1, "a file that was cut has the lines that were seen");
        index.push(2, 0);
        index.finish(true);
        assert_eq!(index.expected_lines(6), 2);
        index.push(4, u64::MAX / 2);
        assert_eq!(index.expected_lines(u64::MAX), u64::MAX);
    }
}
