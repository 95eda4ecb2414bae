//! One pass over bytes in order: which lines are taken because they match, or because one near them does. Pure; fed block
//! by block, with lines cut anywhere. It keeps no lines, only where the last few start, and tells page by page how much is
//! taken there.

use std::collections::VecDeque;
use std::ops::Range;

use memchr::memchr_iter;

use super::pattern::Pattern;
use super::scan::{BOM, MatchScan};
use crate::source::ByteOffset;

/// The lines of a text that are taken.
pub(super) struct Filtering {
    scan: MatchScan,
    context: u8,
    page_bytes: u64,
    /// Up to where it was fed.
    at: ByteOffset,
    /// Where the line starts that goes on there.
    line: ByteOffset,
    /// Where the last line starts that has ended.
    last: ByteOffset,
    /// How many lines have ended.
    ended: u64,
    /// Where lines start that match and have not ended yet.
    matched: VecDeque<ByteOffset>,
    matching_lines: u64,
    /// How many of the next lines are taken because of one before them.
    owed: u8,
    /// Where the last lines start, as many as may still be taken because of one after them.
    skipped: VecDeque<ByteOffset>,
    /// Where the first of those starts that may still be taken because of the last line, if that goes on.
    first_for_last: Option<ByteOffset>,
    /// The pages in which lines start, of which more may still be taken.
    open: VecDeque<OpenPage>,
    settled: Vec<Page>,
    settled_to: ByteOffset,
    /// How many bytes are taken in the pages that are settled.
    settled_bytes: u64,
    ranges: VecDeque<Range<ByteOffset>>,
    /// How much of the ranges was given.
    given_bytes: u64,
}

/// What is taken of the lines that start in a page or, where none does, in pages one after the other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Page {
    pub(super) start: ByteOffset,
    pub(super) bytes: u64,
    pub(super) taken_bytes: u64,
    /// How many lines start in it, taken or not.
    pub(super) lines: u64,
    pub(super) marks: Marks,
}

/// What is to be known of the lines around a stretch of text, to tell which of its own are taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct Marks {
    /// How many lines, from the first one that starts in it on, are taken because of one that comes before it.
    pub(super) owed: u8,
    /// How many lines after the last one that starts in it comes one that matches: 0 where it matches itself, more than
    /// the context where none is near.
    pub(super) ahead: u8,
}

impl Marks {
    /// Those of a stretch in which no line starts.
    pub(super) const NO_LINE: Self = Self { owed: u8::MAX, ahead: u8::MAX };

    /// Those of a stretch together with the next one.
    pub(super) const fn joined(self, next: Self) -> Self {
        Self {
            owed: if self.owed == u8::MAX { next.owed } else { self.owed },
            ahead: if next.ahead == u8::MAX { self.ahead } else { next.ahead },
        }
    }
}

struct OpenPage {
    start: ByteOffset,
    taken_bytes: u64,
    lines: u64,
    owed: u8,
    /// The number of the last line that starts in it.
    last: u64,
    ahead: Option<u8>,
}

impl Filtering {
    /// Begins at the beginning of a text.
    pub(super) fn new(pattern: Pattern, context: u8, page_bytes: u64) -> Self {
        let scan = MatchScan::new(pattern);
        Self {
            scan,
            context,
            page_bytes: page_bytes.max(1),
            at: ByteOffset(0),
            line: ByteOffset(0),
            last: ByteOffset(0),
            ended: 0,
            matched: VecDeque::new(),
            matching_lines: 0,
            owed: 0,
            skipped: VecDeque::new(),
            first_for_last: None,
            open: VecDeque::new(),
            settled: Vec::new(),
            settled_to: ByteOffset(0),
            settled_bytes: 0,
            ranges: VecDeque::new(),
            given_bytes: 0,
        }
    }

    /// Goes on in the page that begins at `page`, at the first line that starts there, of which so many are owed.
    pub(super) fn resume_at(&mut self, page: ByteOffset, line: ByteOffset, owed: u8) {
        (self.at, self.line, self.last) = (line, line, line);
        (self.settled_to, self.owed) = (page, owed);
        self.scan.begin_at(line, ByteOffset(u64::MAX));
    }

    /// Takes in the next bytes.
    pub(super) fn feed(&mut self, block: &[u8]) {
        let at = self.at;
        if at.0 == 0 && block.starts_with(BOM) {
            self.line = ByteOffset(BOM.len() as u64);
        }
        let matched = &mut self.matched;
        self.scan.feed(block, |start| matched.push_back(start));
        for newline in memchr_iter(b'\n', block) {
            self.end_line(at.plus(newline as u64 + 1));
        }
        self.at = at.plus(block.len() as u64);
        self.settle();
    }

    /// Says that there is no more.
    pub(super) fn finish(&mut self) {
        let matched = &mut self.matched;
        self.scan.finish(|start| matched.push_back(start));
        if self.line < self.at {
            self.first_for_last = self.skipped.front().copied();
            self.end_line(self.at);
        }
        while let Some(open) = self.open.pop_front() {
            self.tell(&open);
        }
        self.tell_of_no_line(self.at);
    }

    /// Where one has to go on if something is appended: from here on it may change what is taken.
    pub(super) fn may_change_from(&self) -> ByteOffset {
        let firsts = self.skipped.front().into_iter().chain(&self.first_for_last);
        firsts.fold(self.last, |from, first| from.min(*first))
    }

    /// How often the pattern is in the lines that match, how many these are, and how many bytes were searched.
    pub(super) fn counts(&mut self) -> (u64, u64, u64) {
        (self.scan.take_matches(), self.matching_lines, self.at.0)
    }

    /// The pages of which it is known what is taken there, but for those that were given before.
    pub(super) fn take_settled(&mut self) -> Vec<Page> {
        std::mem::take(&mut self.settled)
    }

    /// The next bytes that are taken, at most `most`, in pages that are settled.
    pub(super) fn next_range(&mut self, most: u64) -> Option<Range<ByteOffset>> {
        let most = most.min(self.settled_bytes.saturating_sub(self.given_bytes));
        let next = self.ranges.front_mut().filter(|_| most > 0)?;
        let range = next.start..next.end.min(next.start.plus(most));
        next.start = range.end;
        if next.start >= next.end {
            self.ranges.pop_front();
        }
        self.given_bytes += range.end.since(range.start);
        Some(range)
    }

    fn end_line(&mut self, end: ByteOffset) {
        let start = std::mem::replace(&mut self.line, end);
        // Of a line after a byte order mark it is told where the mark starts.
        let matches = self.matched.front().is_some_and(|first| *first <= start);
        self.begin_page(start);
        if matches {
            self.matched.pop_front();
            self.matching_lines += 1;
            self.take_skipped(start);
            self.mark_ahead();
            self.owed = self.context;
            self.take(start..end);
        } else if self.owed > 0 {
            self.owed -= 1;
            self.take(start..end);
        } else {
            self.skipped.push_back(start);
            if self.skipped.len() > usize::from(self.context) {
                self.skipped.pop_front();
            }
        }
        self.last = start;
        self.ended += 1;
    }

    /// Where the page begins that holds the byte at `at`.
    fn page_of(&self, at: ByteOffset) -> ByteOffset {
        ByteOffset(at.0 - at.0 % self.page_bytes)
    }

    /// Takes note that a line starts at `start`, and in which page that is.
    fn begin_page(&mut self, line: ByteOffset) {
        let (start, owed, number) = (self.page_of(line), self.owed, self.ended);
        if self.open.back().is_none_or(|page| page.start != start) {
            self.open.push_back(OpenPage { start, taken_bytes: 0, lines: 0, owed, last: number, ahead: None });
        }
        if let Some(page) = self.open.back_mut() {
            page.lines += 1;
            (page.last, page.ahead) = (number, None);
        }
    }

    /// Tells the pages before this line, and its own, how far it is from the last line of each: it matches.
    fn mark_ahead(&mut self) {
        for page in self.open.iter_mut().filter(|page| page.ahead.is_none()) {
            let distance = u8::try_from(self.ended - page.last).ok();
            page.ahead = distance.filter(|distance| *distance <= self.context);
        }
    }

    /// Takes the lines before the one at `start`, which matches, as far as the context goes.
    fn take_skipped(&mut self, start: ByteOffset) {
        let skipped = std::mem::take(&mut self.skipped);
        let ends = skipped.iter().skip(1).copied().chain([start]);
        for (line, end) in skipped.iter().copied().zip(ends) {
            self.take(line..end);
        }
    }

    fn take(&mut self, line: Range<ByteOffset>) {
        let page = self.page_of(line.start);
        if let Some(open) = self.open.iter_mut().rev().find(|open| open.start == page) {
            open.taken_bytes += line.end.since(line.start);
        }
        match self.ranges.back_mut() {
            Some(last) if last.end == line.start => last.end = line.end,
            _ => self.ranges.push_back(line),
        }
    }

    /// Tells of the pages in which no more can be taken.
    fn settle(&mut self) {
        while let Some(page) = self.open.front() {
            let goes_on = self.line < page.start.plus(self.page_bytes);
            let decided = page.ahead.is_some() || self.ended > page.last + u64::from(self.context);
            if goes_on || !decided {
                break;
            }
            if let Some(page) = self.open.pop_front() {
                self.tell(&page);
            }
        }
    }

    fn tell(&mut self, page: &OpenPage) {
        self.tell_of_no_line(page.start);
        let end = page.start.plus(self.page_bytes);
        // The last one ends with the text; before that, no page is told of that the text does not go beyond.
        let bytes = end.min(self.line.max(self.at)).since(page.start);
        let marks = Marks { owed: page.owed, ahead: page.ahead.unwrap_or(self.context + 1) };
        let OpenPage { start, taken_bytes, lines, .. } = *page;
        self.settled.push(Page { start, bytes, taken_bytes, lines, marks });
        self.settled_to = start.plus(bytes);
        self.settled_bytes += taken_bytes;
    }

    fn tell_of_no_line(&mut self, to: ByteOffset) {
        let (start, bytes) = (self.settled_to, to.since(self.settled_to));
        if bytes > 0 {
            self.settled.push(Page { start, bytes, taken_bytes: 0, lines: 0, marks: Marks::NO_LINE });
            self.settled_to = to;
        }
    }
}
