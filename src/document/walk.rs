//! Going from line to line, however many pages lie between them. A walk keeps what it has reached while it waits, and
//! the pages that it is going to need come together, not one in each frame: those are a guess from the index, of a bounded
//! number, and what the guess misses is asked for when the walk comes there.

use std::ops::Range;

use super::lines::{Found, Lines, MAX_ASKED, UNINDEXED_SEARCH_BYTES};
use crate::source::ByteOffset;

/// How far a walk from line to line has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Walked {
    /// The start of the line that was reached.
    pub at: ByteOffset,
    /// The lines that are still to be walked, when their pages have come; negative if back.
    pub left: i64,
}

impl Lines<'_> {
    /// The start of the line `count` lines before (negative) or after the one that starts at `start`, or the first or
    /// last one on the way.
    #[must_use]
    pub fn step(&self, start: ByteOffset, count: i64) -> Found<ByteOffset> {
        let walked = self.walk(start, count);
        if walked.left == 0 { Found::Here(walked.at) } else { Found::Loading }
    }

    /// The same as far as the pages at hand go. A walk that goes on from where it came to needs none of them again, so
    /// that it comes to its end however few are kept.
    #[must_use]
    pub fn walk(&self, start: ByteOffset, count: i64) -> Walked {
        let mut walked = Walked { at: start, left: count };
        while walked.left != 0 {
            let next = if count > 0 { self.next_start(walked.at) } else { self.previous_start(walked.at) };
            match next {
                Found::Here(Some(next)) => walked = Walked { at: next, left: walked.left - count.signum() },
                Found::Here(None) => walked.left = 0,
                Found::Loading | Found::Unknown => {
                    self.ask_ahead(walked.at, walked.left);
                    break;
                }
            }
        }
        walked
    }

    /// Asks for the pages in which the next `count` lines end, after `from` or, if it is negative, before.
    pub fn ask_ahead(&self, from: ByteOffset, count: i64) {
        if let Some(hits) = self.only() {
            let known = hits.ask_ahead(from, count);
            known.into_iter().take(MAX_ASKED).for_each(|start| self.ask(start..start.plus(1)));
            return;
        }
        if count < 0 { self.ask_back(from, count.unsigned_abs()) } else { self.ask_on(from, count.unsigned_abs()) }
    }

    pub(super) fn next_start(&self, start: ByteOffset) -> Found<Option<ByteOffset>> {
        match self.only() {
            Some(hits) if self.context() == 0 => hits.next(start.plus(1)).or_none(),
            Some(hits) => self.shown_at_or_after(hits, self.next_line(start)),
            None => self.next_line(start),
        }
    }

    /// The start of the line after the one that starts at `start`, whether or not it is shown.
    pub(super) fn next_line(&self, start: ByteOffset) -> Found<Option<ByteOffset>> {
        match self.end_of(start) {
            Found::Here(end) => self.next_after(end),
            Found::Loading | Found::Unknown => Found::Loading,
        }
    }

    fn previous_start(&self, start: ByteOffset) -> Found<Option<ByteOffset>> {
        match self.only() {
            Some(hits) if self.context() == 0 => hits.previous(start),
            Some(hits) => self.shown_at_or_before(hits, self.previous_line(start)),
            None => self.previous_line(start),
        }
    }

    /// The start of the line before the one that starts at `start`, whether or not it is shown.
    pub(super) fn previous_line(&self, start: ByteOffset) -> Found<Option<ByteOffset>> {
        if start.0 == 0 {
            return Found::Here(None);
        }
        match self.start_of(start.minus(1)) {
            Found::Here(previous) => Found::Here(Some(previous)),
            Found::Loading | Found::Unknown => Found::Loading,
        }
    }

    fn ask_on(&self, from: ByteOffset, mut count: u64) {
        self.ask(from..from.plus(1));
        let mut at = from;
        for _ in 0..MAX_ASKED {
            if count == 0 || at >= self.indexed() {
                break;
            }
            let Some(stride) = self.index.newlines().first_after(at) else {
                at = self.indexed();
                break;
            };
            self.ask(stride..self.index.newlines().end(stride));
            count = count.saturating_sub(self.index.newlines().within(stride));
            at = stride;
        }
        if at >= self.indexed() {
            self.ask(at..at.plus(self.unindexed_bytes(at, count)));
        }
    }

    fn ask_back(&self, from: ByteOffset, mut count: u64) {
        self.ask(from.minus(1)..from);
        if from > self.indexed() {
            let start = from.minus(self.unindexed_bytes(from, count)).max(self.indexed());
            self.pages_of(start..from).rev().take(MAX_ASKED).for_each(|number| drop(self.page(number)));
            return;
        }
        let mut at = from;
        for _ in 0..MAX_ASKED {
            let stride = self.index.newlines().last_before(at);
            let Some(stride) = stride.filter(|_| count > 0) else { break };
            self.ask(stride..self.index.newlines().end(stride));
            count = count.saturating_sub(self.index.newlines().within(stride));
            at = stride;
        }
    }

    /// How many bytes `count` lines may have near `at`, where nothing is indexed.
    fn unindexed_bytes(&self, at: ByteOffset, count: u64) -> u64 {
        // Who has come to the edge of a piece is within a line that is longer than one.
        let in_long_line = at.0 > 0 && at.0.is_multiple_of(UNINDEXED_SEARCH_BYTES);
        let longest = if in_long_line { UNINDEXED_SEARCH_BYTES } else { self.index.longest_line_bytes() };
        count.saturating_mul(longest.min(UNINDEXED_SEARCH_BYTES))
    }

    pub(super) fn ask(&self, range: Range<ByteOffset>) {
        self.pages_of(range).take(MAX_ASKED).for_each(|number| drop(self.page(number)));
    }

    fn pages_of(&self, range: Range<ByteOffset>) -> Range<u64> {
        let range = range.start..range.end.min(self.end());
        if range.is_empty() { 0..0 } else { range.start.0 / self.page_bytes..range.end.0.div_ceil(self.page_bytes) }
    }
}

#[cfg(test)]
mod tests {
    use std::cell::RefCell;
    use std::num::NonZeroUsize;
    use std::sync::Arc;

    use lru::LruCache;
    use proptest::prelude::*;

    use super::super::{LineIndex, PAGE_BYTES};
    use super::*;

    const PAGE: usize = 8;

    /// The frames in which a walk of `count` lines from `start` comes to its end, and where that is, if of the pages that
    /// are asked for so many come between two frames, and so many are kept.
    fn frames(text: &[u8], (come, kept): (usize, usize), start: u64, count: i64) -> (usize, u64) {
        let index = &index_of(text);
        let cache = RefCell::new(LruCache::new(NonZeroUsize::new(kept).unwrap()));
        let fetch = |number: u64| cache.borrow_mut().get(&number).cloned();
        let (mut at, mut left) = (ByteOffset(start), count);
        for frame in 1..10_000 {
            let lines = Lines::new(index, PAGE as u64, text.len() as u64, &fetch);
            let walked = lines.walk(at, left);
            (at, left) = (walked.at, walked.left);
            if left == 0 {
                return (frame, at.0);
            }
            let missing = lines.into_missing();
            assert!(!missing.is_empty() && missing.len() <= MAX_ASKED, "{missing:?}");
            for number in missing.into_iter().take(come) {
                let page: Arc<[u8]> = text.chunks(PAGE).nth(usize::try_from(number).unwrap()).unwrap().into();
                cache.borrow_mut().put(number, page);
            }
        }
        panic!("the walk does not end: at {at:?}, {left} lines are left");
    }

    fn index_of(text: &[u8]) -> LineIndex {
        let mut index = LineIndex::new(PAGE as u64);
        for page in text.chunks(PAGE) {
            index.push(page.len() as u64, bytecount::naive_count(page, b'\n') as u64);
        }
        index.finish(text.last().is_some_and(|last| *last != b'\n'));
        index
    }

    proptest! {
        #[test]
        fn a_walk_ends_where_it_should_however_few_pages_are_kept(
            lengths in prop::collection::vec(0_usize..40, 1..40),
            from in 0_usize..40,
            count in -50_i64..50,
            kept in 3_usize..6,
        ) {
            let text = lengths.iter().flat_map(|length| [vec![b'a'; *length], vec![b'\n']].concat()).collect::<Vec<_>>();
            let starts: Vec<_> = lengths.iter().scan(0, |at, length| { *at += length + 1; Some(*at - length - 1) }).collect();
            let from = from % starts.len();
            let to = (i64::try_from(from).unwrap() + count).clamp(0, i64::try_from(starts.len()).unwrap() - 1);
            let (_, at) = frames(&text, (1, kept), starts[from] as u64, count);
            prop_assert_eq!(at, starts[usize::try_from(to).unwrap()] as u64);
        }
    }

    #[test]
    fn what_a_walk_over_a_screen_of_long_lines_needs_is_asked_for_at_once() {
        let text = [b"ab\n".to_vec(), [vec![b'a'; 3 * PAGE - 1], vec![b'\n']].concat().repeat(120)].concat();
        let start = |line: u64| 3 + line * 3 * PAGE as u64;
        assert_eq!(frames(&text, (MAX_ASKED, 512), start(5), 34), (2, start(39)));
        assert_eq!(frames(&text, (MAX_ASKED, 512), start(100), -34), (2, start(66)));
    }

    #[test]
    fn pieces_of_a_line_that_is_not_indexed_come_together_too() {
        let text = vec![b'a'; usize::try_from(PAGE_BYTES).unwrap()].repeat(100);
        let index = LineIndex::new(PAGE_BYTES);
        let lines = Lines::new(&index, PAGE_BYTES, text.len() as u64, &|_| None);
        lines.ask_ahead(ByteOffset(50 * PAGE_BYTES), 34);
        lines.ask_ahead(ByteOffset(50 * PAGE_BYTES), -20);
        let mut asked = lines.into_missing();
        asked.sort_unstable();
        assert_eq!(asked, (30..84).collect::<Vec<_>>());
    }

    #[test]
    fn where_lines_are_short_hardly_more_is_asked_for_than_is_needed() {
        let text = b"a\n".repeat(50 * PAGE);
        let index = index_of(&text);
        let lines = Lines::new(&index, PAGE as u64, text.len() as u64, &|_| None);
        lines.ask_ahead(ByteOffset(80), 4);
        assert_eq!(lines.into_missing(), [10, 11]);
    }
}
