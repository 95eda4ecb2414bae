//! Where the lines are, in constant memory: how many newlines lie before each stride of bytes. A lookup scans one stride
//! at most, and one huge line costs nothing. When the list grows past its bound, the stride doubles.

use crate::source::ByteOffset;

/// The most strides that are kept: at 8 bytes each, 4 MB.
const MAX_STRIDES: usize = 1 << 19;

/// The number of a line, from 0 on; people are shown one more.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct LineNumber(pub u64);

/// The line index of a document, as far as it was scanned.
#[derive(Clone, Debug)]
pub struct LineIndex {
    stride_bytes: u64,
    max_strides: usize,
    /// Newlines before the beginning of each stride, and last before `covered`; never shrinks along the list.
    newlines_before: Vec<u64>,
    covered: ByteOffset,
    longest_line_bytes: u64,
    unterminated: bool,
    complete: bool,
    stopped: bool,
}

impl LineIndex {
    /// An empty index whose stride is, at first, `stride_bytes`.
    #[must_use]
    pub fn new(stride_bytes: u64) -> Self {
        Self::bounded(stride_bytes, MAX_STRIDES)
    }

    fn bounded(stride_bytes: u64, max_strides: usize) -> Self {
        Self {
            stride_bytes: stride_bytes.max(1),
            max_strides: max_strides.max(2),
            newlines_before: vec![0],
            covered: ByteOffset(0),
            longest_line_bytes: 0,
            unterminated: false,
            complete: false,
            stopped: false,
        }
    }

    /// Takes in the next `bytes` bytes, in which there are `newlines`. All calls but the last give the size of the
    /// stride that [`LineIndex::new`] was told.
    pub fn push(&mut self, bytes: u64, newlines: u64) {
        let total = self.newlines().saturating_add(newlines);
        if self.covered.0.is_multiple_of(self.stride_bytes) {
            self.newlines_before.push(total);
        } else if let Some(last) = self.newlines_before.last_mut() {
            *last = total;
        }
        self.covered = self.covered.plus(bytes);
        if self.newlines_before.len() > self.max_strides && self.covered.0.is_multiple_of(self.stride_bytes * 2) {
            let mut at = 0_usize;
            self.newlines_before.retain(|_| {
                at += 1;
                at % 2 == 1
            });
            self.stride_bytes *= 2;
        }
    }

    /// Says what the longest line so far is, in bytes without its newline.
    pub fn set_longest_line(&mut self, bytes: u64) {
        self.longest_line_bytes = bytes;
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
        self.covered
    }

    /// Whether the whole document was scanned.
    #[must_use]
    pub const fn complete(&self) -> bool {
        self.complete
    }

    /// The lines known so far; an unterminated last line counts as one.
    #[must_use]
    pub fn lines(&self) -> u64 {
        self.newlines() + u64::from(self.unterminated)
    }

    /// How many lines `len_bytes` hold, if the rest is as what is known; what is known, when that is all.
    #[must_use]
    pub fn expected_lines(&self, len_bytes: u64) -> u64 {
        let rest = u128::from(len_bytes.saturating_sub(self.covered.0));
        let expected = rest * u128::from(self.newlines()) / u128::from(self.covered.0.max(1));
        self.lines().saturating_add(u64::try_from(expected).unwrap_or(u64::MAX))
    }

    /// The longest line so far, in bytes without its newline.
    #[must_use]
    pub const fn longest_line_bytes(&self) -> u64 {
        self.longest_line_bytes
    }

    /// The number of newlines so far.
    #[must_use]
    pub fn newlines(&self) -> u64 {
        self.newlines_before.last().copied().unwrap_or(0)
    }

    /// The start of the stride around `at`, and the newlines before it; `None` where nothing was scanned yet.
    #[must_use]
    pub fn stride_at(&self, at: ByteOffset) -> Option<(ByteOffset, u64)> {
        if at > self.covered {
            return None;
        }
        self.stride(usize::try_from(at.0 / self.stride_bytes).ok()?)
    }

    /// The stride that holds the newline number `n` (from 0 on): its start, and the newlines before it.
    #[must_use]
    pub fn stride_of_newline(&self, n: u64) -> Option<(ByteOffset, u64)> {
        if n >= self.newlines() {
            return None;
        }
        self.stride(self.newlines_before.partition_point(|before| *before <= n).checked_sub(1)?)
    }

    /// Where a search backwards from `at` may go on: after it, up to the result's stride end, there is no newline
    /// before the stride around `at`. `None` if there is no newline before that stride at all.
    #[must_use]
    pub fn last_stride_with_newline_before(&self, at: ByteOffset) -> Option<ByteOffset> {
        let (_, newlines) = self.stride_at(at)?;
        self.stride_of_newline(newlines.checked_sub(1)?).map(|(start, _)| start)
    }

    /// The start of the first stride after the one around `at` that holds a newline; `None` if no scanned one does.
    #[must_use]
    pub fn first_stride_with_newline_after(&self, at: ByteOffset) -> Option<ByteOffset> {
        let next = usize::try_from(at.0 / self.stride_bytes).ok()?.checked_add(1)?;
        let newlines = *self.newlines_before.get(next)?;
        self.stride_of_newline(newlines).map(|(start, _)| start)
    }

    /// The end of the stride around `at`, as far as it was scanned.
    #[must_use]
    pub fn stride_end(&self, at: ByteOffset) -> ByteOffset {
        ByteOffset((at.0 / self.stride_bytes + 1).saturating_mul(self.stride_bytes)).min(self.covered)
    }

    /// How many newlines there are in the stride around `at`.
    #[must_use]
    pub fn newlines_in_stride(&self, at: ByteOffset) -> u64 {
        let Ok(number) = usize::try_from(at.0 / self.stride_bytes) else { return 0 };
        match self.newlines_before.get(number..=number.saturating_add(1)) {
            Some([before, after]) => after.saturating_sub(*before),
            _ => 0,
        }
    }

    fn stride(&self, number: usize) -> Option<(ByteOffset, u64)> {
        let before = *self.newlines_before.get(number)?;
        Some((ByteOffset((number as u64).saturating_mul(self.stride_bytes)), before))
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

    #[test]
    fn the_list_stays_bounded_and_right_however_much_is_pushed() {
        let mut index = LineIndex::bounded(4, 8);
        for _ in 0..1_000 {
            index.push(4, 1);
        }
        index.push(2, 0);
        assert!(index.newlines_before.len() <= 10, "{}", index.newlines_before.len());
        assert_eq!((index.covered(), index.newlines()), (ByteOffset(4_002), 1_000));
        for n in 0..1_000 {
            let (start, before) = index.stride_of_newline(n).unwrap();
            assert_eq!(start.0 / 4, before);
            assert!(before <= n && n < before + index.stride_bytes / 4);
        }
        assert_eq!(index.stride_of_newline(1_000), None);
    }
}
