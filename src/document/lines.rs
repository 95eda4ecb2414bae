//! Finding lines by number and by place, from the pages that are at hand and the index as far as it goes. Pure: what it
//! lacks it notes, for somebody else to fetch. Works before the index is there, in a file of one line, and at any size.

use std::borrow::Cow;
use std::cell::RefCell;
use std::ops::Range;
use std::sync::Arc;

use memchr::{memchr, memchr_iter, memrchr};

use super::search::Filtered;
use super::{HitLook, LineIndex, LineNumber, PAGE_BYTES, text};
use crate::source::ByteOffset;

/// How far an end of a line is sought where there is no index yet; a longer line is then shown in pieces that end at the
/// multiples of this. With one page, a row needs no more pages there than where there is an index.
pub(super) const UNINDEXED_SEARCH_BYTES: u64 = PAGE_BYTES;
/// The most pages that one look asks for, and by far fewer than are kept: what comes must not drive out what is there.
pub(super) const MAX_ASKED: usize = 64;
/// How far an end of a word is sought.
const WORD_SEARCH_BYTES: u64 = 4 << 10;

/// The answer to a lookup.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Found<T> {
    /// It is this.
    Here(T),
    /// The pages to tell it are on their way.
    Loading,
    /// The index does not reach so far yet, or there is no such line.
    Unknown,
}

impl<T> Found<T> {
    /// The value, if it is there.
    pub fn here(self) -> Option<T> {
        match self {
            Self::Here(value) => Some(value),
            Self::Loading | Self::Unknown => None,
        }
    }

    /// The answer with `change` done to its value.
    pub fn map<U>(self, change: impl FnOnce(T) -> U) -> Found<U> {
        match self {
            Self::Here(value) => Found::Here(change(value)),
            Self::Loading => Found::Loading,
            Self::Unknown => Found::Unknown,
        }
    }
}

impl<T> Found<Option<T>> {
    /// The answer where what may still come is as if it were not.
    #[must_use]
    pub fn or_none(self) -> Self {
        match self {
            Self::Unknown => Self::Here(None),
            known => known,
        }
    }
}

/// A look at a document's lines, good for one frame.
pub struct Lines<'a> {
    pub(super) index: &'a LineIndex,
    pub(super) page_bytes: u64,
    run: u64,
    len_bytes: u64,
    fetch: &'a dyn Fn(u64) -> Option<Arc<[u8]>>,
    missing: RefCell<Vec<u64>>,
    /// What was searched for, and whether only those lines are shown.
    hits: Option<(&'a HitLook<'a>, Shows)>,
    /// What knows where the lines come from, if they are only some of a file.
    pub(super) filtered: Option<&'a Filtered>,
    /// Bytes of which it has to find out where they come from.
    pub(super) strange: RefCell<Vec<ByteOffset>>,
}

/// Which lines of a document that was searched are shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shows {
    /// All of them.
    All,
    /// Those that match, and so many before and after each of them.
    Matching {
        /// How many.
        context: u8,
    },
}

impl<'a> Lines<'a> {
    /// A look through `index` at `len_bytes` bytes, in pages of `page_bytes`, which `fetch` gives by number if it has them.
    pub fn new(
        index: &'a LineIndex,
        page_bytes: u64,
        len_bytes: u64,
        fetch: &'a dyn Fn(u64) -> Option<Arc<[u8]>>,
    ) -> Self {
        Self {
            index,
            page_bytes: page_bytes.max(1),
            run: 0,
            len_bytes,
            fetch,
            missing: RefCell::default(),
            hits: None,
            filtered: None,
            strange: RefCell::default(),
        }
    }

    /// The same, where these lines were found.
    #[must_use]
    pub fn with_hits(self, hits: &'a HitLook<'a>, shows: Shows) -> Self {
        Self { hits: Some((hits, shows)), ..self }
    }

    /// The same, if these are only some lines of a file.
    pub(super) fn taken_from(self, filtered: Option<&'a Filtered>) -> Self {
        Self { filtered, ..self }
    }

    /// Bytes of which it was lacking where they come from, the most urgent last.
    pub(super) fn strange(&self) -> Vec<ByteOffset> {
        self.strange.borrow().iter().rev().copied().collect()
    }

    /// The lines that were found, if the document was searched.
    #[must_use]
    pub fn hits(&self) -> Option<&'a HitLook<'a>> {
        self.hits.map(|(hits, _)| hits)
    }

    /// The lines that were found, if only those are shown.
    #[must_use]
    pub fn only(&self) -> Option<&'a HitLook<'a>> {
        self.hits.filter(|(_, shows)| *shows != Shows::All).map(|(hits, _)| hits)
    }

    /// Whether lines are left out between groups of those that are shown.
    #[must_use]
    pub fn come_in_groups(&self) -> bool {
        self.context() > 0 || self.filtered.is_some_and(|filtered| filtered.context() > 0)
    }

    /// How many lines are shown around each that was found, if only those are.
    #[must_use]
    pub fn context(&self) -> u8 {
        match self.hits {
            Some((_, Shows::Matching { context })) => context,
            Some((_, Shows::All)) | None => 0,
        }
    }

    /// The start of the first line that is shown from `at` on.
    #[must_use]
    pub fn first_shown(&self, at: ByteOffset) -> Found<Option<ByteOffset>> {
        match self.only() {
            Some(hits) => self.shown_from(hits, at),
            None => Found::Here((at < self.end()).then_some(at)),
        }
    }

    /// The start of the line that is shown after the one that ends at `end`; `None` if it is the last so far.
    #[must_use]
    pub fn shown_after(&self, end: ByteOffset) -> Found<Option<ByteOffset>> {
        match self.only() {
            // An empty line ends where it starts.
            Some(hits) if self.context() == 0 => hits.next(end.plus(1)).or_none(),
            Some(hits) => self.shown_at_or_after(hits, self.next_after(end)),
            None => self.next_after(end),
        }
    }

    /// The same, for the document's filling of that number.
    #[must_use]
    pub fn in_run(self, run: u64) -> Self {
        Self { run, ..self }
    }

    /// Tells one filling of the document from another: what was found in one run is nothing in the next.
    #[must_use]
    pub const fn run(&self) -> u64 {
        self.run
    }

    /// Up to where lines are indexed; before that, they do not change any more.
    #[must_use]
    pub const fn indexed(&self) -> ByteOffset {
        self.index.covered()
    }

    /// The numbers of pages that were lacking, the most urgent first.
    #[must_use]
    pub fn into_missing(self) -> Vec<u64> {
        self.missing.into_inner()
    }

    /// The end of the document.
    #[must_use]
    pub const fn end(&self) -> ByteOffset {
        ByteOffset(self.len_bytes)
    }

    /// The start of the line that holds the byte at `at`.
    #[must_use]
    pub fn start_of(&self, at: ByteOffset) -> Found<ByteOffset> {
        let at = at.min(self.end());
        let floor =
            self.index.newlines().around(at).map_or(ByteOffset(at.0.saturating_sub(UNINDEXED_SEARCH_BYTES)), |s| s.0);
        match self.last_newline(floor..at) {
            Found::Here(Some(newline)) => return Found::Here(newline.plus(1)),
            Found::Here(None) => {}
            Found::Loading | Found::Unknown => return Found::Loading,
        }
        if self.index.newlines().around(at).is_none() {
            return Found::Here(unindexed_piece_start(at));
        }
        let Some(stride) = self.index.newlines().last_before(at) else { return Found::Here(ByteOffset(0)) };
        match self.last_newline(stride..self.index.newlines().end(stride)) {
            Found::Here(newline) => Found::Here(newline.map_or(stride, |newline| newline.plus(1))),
            Found::Loading | Found::Unknown => Found::Loading,
        }
    }

    /// The end of the line that holds the byte at `at`, before its newline; the end of the document if it has none.
    #[must_use]
    pub fn end_of(&self, at: ByteOffset) -> Found<ByteOffset> {
        let near = if at < self.index.covered() { self.index.newlines().end(at) } else { self.unindexed_end(at) };
        match self.first_newline(at..near) {
            Found::Here(Some(newline)) => return Found::Here(newline),
            Found::Here(None) => {}
            Found::Loading | Found::Unknown => return Found::Loading,
        }
        if near >= self.end() {
            return Found::Here(near);
        }
        if at >= self.index.covered() {
            return Found::Here(unindexed_piece_end(at));
        }
        let (from, to) = match (self.index.newlines().first_after(at), self.steady_piece_end(at)) {
            (Some(stride), _) => (stride, self.index.newlines().end(stride)),
            (None, Some(end)) => return Found::Here(end),
            (None, None) => (self.index.covered(), self.unindexed_end(self.index.covered())),
        };
        match self.first_newline(from..to) {
            Found::Here(Some(newline)) => Found::Here(newline),
            Found::Here(None) if to >= self.end() => Found::Here(to),
            Found::Here(None) => Found::Here(unindexed_piece_end(from)),
            Found::Loading | Found::Unknown => Found::Loading,
        }
    }

    /// The line that holds the byte at `at`, without its newline; the last one if `at` is the end.
    #[must_use]
    pub fn line_around(&self, at: ByteOffset) -> Found<Range<ByteOffset>> {
        let at = at.min(self.end().minus(1));
        let mut start = self.start_of(at);
        // Where there is no index, the piece that holds the byte may be the one after that in which the line begins.
        for _ in 0..2 {
            let Found::Here(from) = start else { return Found::Loading };
            let Found::Here(end) = self.end_of(from) else { return Found::Loading };
            start = match self.next_after(end) {
                // Of the pieces after the first, which are of one size, it is known in which the byte is.
                Found::Here(Some(next)) if next <= at && self.steady_piece_end(next).is_some() => {
                    Found::Here(next.max(unindexed_piece_start(at)))
                }
                Found::Here(Some(next)) if next <= at => Found::Here(next),
                Found::Here(_) => return Found::Here(from..end),
                Found::Loading | Found::Unknown => Found::Loading,
            };
        }
        Found::Unknown
    }

    /// The character that the byte at `at` is a part of, CR LF being one; nothing at the end of the document.
    #[must_use]
    pub fn character_around(&self, at: ByteOffset) -> Found<Range<ByteOffset>> {
        self.around(at, at.minus(3)..at.plus(4), text::character_around)
    }

    /// The word around the byte at `at`, or what stands between words, within `line`; cut where it is longer than any.
    #[must_use]
    pub fn word_around(&self, line: &Range<ByteOffset>, at: ByteOffset) -> Found<Range<ByteOffset>> {
        let near = at.minus(WORD_SEARCH_BYTES).max(line.start)..at.plus(WORD_SEARCH_BYTES).min(line.end);
        self.around(at, near, text::word_around)
    }

    /// How many columns there are in a range that is not large, which begins at a tab stop; `None` while some of its
    /// bytes are on their way.
    #[must_use]
    pub fn columns(&self, range: Range<ByteOffset>, tab_columns: usize) -> Option<u64> {
        Some(text::columns(&self.bytes(range)?, tab_columns))
    }

    /// The start of the line after the one that ends at `end` (as [`Lines::end_of`] gives it); `None` if it is the last.
    #[must_use]
    pub fn next_after(&self, end: ByteOffset) -> Found<Option<ByteOffset>> {
        if end >= self.end() {
            return Found::Here(None);
        }
        let Some(byte) = self.bytes(end..end.plus(1)) else { return Found::Loading };
        // A piece of a line that is too long to be seen whole has no newline at its end.
        let next = if byte.first() == Some(&b'\n') { end.plus(1) } else { end };
        Found::Here((next < self.end()).then_some(next))
    }

    /// The number of the line that starts at `start`.
    #[must_use]
    pub fn number_of(&self, start: ByteOffset) -> Found<LineNumber> {
        let Some((stride, before)) = self.index.newlines().around(start) else { return Found::Unknown };
        self.newlines(stride..start).map_or(Found::Loading, |count| Found::Here(LineNumber(before + count)))
    }

    /// How many newlines are in a range; `None` while some of its bytes are on their way.
    pub(super) fn newlines(&self, range: Range<ByteOffset>) -> Option<u64> {
        let mut count = 0;
        for (_, bytes) in self.pieces(range) {
            count += bytecount::count(bytes?.as_ref(), b'\n') as u64;
        }
        Some(count)
    }

    /// The start of the line of that number.
    #[must_use]
    pub fn start_of_line(&self, number: LineNumber) -> Found<ByteOffset> {
        let Some(newline) = number.0.checked_sub(1) else { return Found::Here(ByteOffset(0)) };
        let Some((stride, before)) = self.index.newlines().of(newline) else { return Found::Unknown };
        let mut skip = newline - before;
        for (start, bytes) in self.pieces(stride..self.index.newlines().end(stride)) {
            let Some(bytes) = bytes else { return Found::Loading };
            let here = bytecount::count(bytes.as_ref(), b'\n') as u64;
            if skip < here {
                let nth = usize::try_from(skip).unwrap_or(usize::MAX);
                let place = memchr_iter(b'\n', bytes.as_ref()).nth(nth);
                return place.map_or(Found::Unknown, |place| Found::Here(start.plus(place as u64 + 1)));
            }
            skip -= here;
        }
        Found::Unknown
    }

    /// The bytes of a range that is not large; `None` while some are on their way.
    #[must_use]
    pub fn bytes(&self, range: Range<ByteOffset>) -> Option<Cow<'static, [u8]>> {
        let mut whole = Some(Vec::new());
        // To the end even if some are lacking: all of those are needed, and are to come at once.
        for (_, bytes) in self.pieces(range) {
            whole = whole.zip(bytes).map(|(mut whole, bytes)| {
                whole.extend_from_slice(bytes.as_ref());
                whole
            });
        }
        whole.map(Cow::Owned)
    }

    fn around(
        &self,
        at: ByteOffset,
        near: Range<ByteOffset>,
        find: impl Fn(&[u8], usize) -> Range<usize>,
    ) -> Found<Range<ByteOffset>> {
        let start = near.start;
        let Some(bytes) = self.bytes(near) else { return Found::Loading };
        let found = find(&bytes, usize::try_from(at.since(start)).unwrap_or(usize::MAX));
        let place = |at: usize| start.plus(at as u64).min(self.end());
        Found::Here(place(found.start)..place(found.end))
    }

    /// Where a piece of the line around `at` ends that goes on beyond what is indexed, if the index still runs. It is
    /// told from the index alone, and moves only when twice as much is indexed: who looked at the index's own edge would
    /// never see what is there, as it is elsewhere before its page comes.
    fn steady_piece_end(&self, at: ByteOffset) -> Option<ByteOffset> {
        let covered = self.index.covered();
        if covered >= self.end() || self.index.newlines().first_after(at).is_some() {
            return None;
        }
        let half = ByteOffset(1_u64.checked_shl(covered.0.checked_ilog2()?)?);
        let end = if half > at { half } else { unindexed_piece_end(at) };
        (half.0 >= UNINDEXED_SEARCH_BYTES && end <= covered).then_some(end)
    }

    fn unindexed_end(&self, at: ByteOffset) -> ByteOffset {
        at.plus(UNINDEXED_SEARCH_BYTES).min(self.end())
    }

    fn first_newline(&self, range: Range<ByteOffset>) -> Found<Option<ByteOffset>> {
        for (start, bytes) in self.pieces(range) {
            let Some(bytes) = bytes else { return Found::Loading };
            if let Some(place) = memchr(b'\n', bytes.as_ref()) {
                return Found::Here(Some(start.plus(place as u64)));
            }
        }
        Found::Here(None)
    }

    fn last_newline(&self, range: Range<ByteOffset>) -> Found<Option<ByteOffset>> {
        for (start, bytes) in self.pieces(range).rev() {
            let Some(bytes) = bytes else { return Found::Loading };
            if let Some(place) = memrchr(b'\n', bytes.as_ref()) {
                return Found::Here(Some(start.plus(place as u64)));
            }
        }
        Found::Here(None)
    }

    /// The range cut at the edges of pages, each piece with its start, and its bytes if they are at hand.
    pub(super) fn pieces(
        &self,
        range: Range<ByteOffset>,
    ) -> impl DoubleEndedIterator<Item = (ByteOffset, Option<Piece>)> {
        let end = range.end.min(self.end());
        let pages =
            if range.start < end { range.start.0 / self.page_bytes..end.0.div_ceil(self.page_bytes) } else { 0..0 };
        pages.map(move |number| {
            let page = ByteOffset(number * self.page_bytes);
            let start = range.start.max(page);
            let from = usize::try_from(start.since(page)).unwrap_or(usize::MAX);
            let to = usize::try_from(end.since(page)).unwrap_or(usize::MAX);
            (start, self.page(number).map(|bytes| Piece { bytes, range: from..to }))
        })
    }

    /// The page of that number, if it is at hand; it is asked for if not.
    pub(super) fn page(&self, number: u64) -> Option<Arc<[u8]>> {
        let page = (self.fetch)(number);
        let mut missing = self.missing.borrow_mut();
        if page.is_none() && missing.len() < MAX_ASKED && !missing.contains(&number) {
            missing.push(number);
        }
        page
    }
}

/// Where the piece of a line that is too long to be seen whole begins that holds the byte at `at`.
fn unindexed_piece_start(at: ByteOffset) -> ByteOffset {
    ByteOffset(at.0 - at.0 % UNINDEXED_SEARCH_BYTES)
}

/// Where a piece of a line that is too long to be seen whole ends, if it begins at `start`.
fn unindexed_piece_end(start: ByteOffset) -> ByteOffset {
    ByteOffset((start.0 / UNINDEXED_SEARCH_BYTES + 1).saturating_mul(UNINDEXED_SEARCH_BYTES))
}

/// A part of a page; shorter than asked for where the file was cut short.
pub(super) struct Piece {
    bytes: Arc<[u8]>,
    range: Range<usize>,
}

impl AsRef<[u8]> for Piece {
    fn as_ref(&self) -> &[u8] {
        let end = self.range.end.min(self.bytes.len());
        self.bytes.get(self.range.start.min(end)..end).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::PAGE_BYTES;
    use super::*;

    const PAGE: usize = 8;

    /// Starts of lines as `split` sees them: none after a last newline.
    fn naive_starts(text: &[u8]) -> Vec<usize> {
        let mut starts = vec![0];
        starts.extend(text.iter().enumerate().filter(|(_, byte)| **byte == b'\n').map(|(at, _)| at + 1));
        starts.retain(|start| *start < text.len() || *start == 0);
        starts
    }

    fn index_of(text: &[u8], indexed: usize) -> LineIndex {
        let mut index = LineIndex::new(PAGE as u64);
        for page in text.get(..indexed).unwrap_or_default().chunks(PAGE) {
            index.push(page.len() as u64, bytecount::naive_count(page, b'\n') as u64);
        }
        if indexed >= text.len() {
            index.finish(text.last().is_some_and(|last| *last != b'\n'));
        }
        index
    }

    fn with_lines(text: &[u8], indexed: usize, check: impl FnOnce(&Lines<'_>)) {
        let index = index_of(text, indexed);
        let fetch = |number: u64| text.chunks(PAGE).nth(usize::try_from(number).ok()?).map(Arc::from);
        check(&Lines::new(&index, PAGE as u64, text.len() as u64, &fetch));
    }

    fn texts() -> impl Strategy<Value = Vec<u8>> {
        prop::collection::vec(prop_oneof![3 => Just(b'a'), 1 => Just(b'\n')], 0..120)
    }

    proptest! {
        #[test]
        fn starts_ends_and_numbers_are_those_of_split(text in texts(), indexed in 0_usize..16) {
            let starts = naive_starts(&text);
            // Either whole pages are indexed, or all.
            let indexed = (indexed * PAGE).min(text.len());
            with_lines(&text, indexed, |lines| {
                for (number, start) in starts.iter().enumerate() {
                    let end = text[*start..].iter().position(|b| *b == b'\n').map_or(text.len(), |n| start + n);
                    for at in *start..=end.min(text.len().saturating_sub(1)).max(*start) {
                        let at = ByteOffset(at as u64);
                        assert_eq!(lines.start_of(at), Found::Here(ByteOffset(*start as u64)));
                        assert_eq!(lines.end_of(at), Found::Here(ByteOffset(end as u64)));
                    }
                    let next = starts.get(number + 1).map(|next| ByteOffset(*next as u64));
                    assert_eq!(lines.next_after(ByteOffset(end as u64)), Found::Here(next));
                    if *start <= indexed {
                        assert_eq!(
                            lines.number_of(ByteOffset(*start as u64)), Found::Here(LineNumber(number as u64)));
                        assert_eq!(
                            lines.start_of_line(LineNumber(number as u64)), Found::Here(ByteOffset(*start as u64)));
                    }
                }
            });
            if indexed == text.len() {
                let count = if text.is_empty() { 0 } else { starts.len() as u64 };
                prop_assert_eq!(index_of(&text, indexed).lines(), count);
            }
        }

        #[test]
        fn steps_go_from_line_to_line_and_stop_at_both_ends(text in texts(), from in 0_usize..40, count in -50_i64..50) {
            let starts = naive_starts(&text);
            let from = from % starts.len();
            let to = (i64::try_from(from).unwrap() + count).clamp(0, i64::try_from(starts.len()).unwrap() - 1);
            with_lines(&text, text.len(), |lines| {
                let start = |at: usize| ByteOffset(starts[at] as u64);
                assert_eq!(lines.step(start(from), count), Found::Here(start(usize::try_from(to).unwrap())));
            });
        }
    }

    #[test]
    fn a_line_too_long_to_be_seen_whole_has_the_same_pieces_from_both_ends_and_each_byte_is_in_one() {
        let long = usize::try_from(UNINDEXED_SEARCH_BYTES * 7 / 2).unwrap();
        let text = [b"short\n".repeat(9), vec![b'a'; long], b"\nshort\n".repeat(9)].concat();
        let index = LineIndex::new(PAGE_BYTES);
        let page = usize::try_from(PAGE_BYTES).unwrap();
        let fetch = |number: u64| text.chunks(page).nth(usize::try_from(number).ok()?).map(Arc::from);
        let lines = Lines::new(&index, PAGE_BYTES, text.len() as u64, &fetch);
        let mut starts = vec![ByteOffset(0)];
        while let Some(next) = lines.next_start(*starts.last().unwrap()).here().unwrap() {
            starts.push(next);
        }
        let last = *starts.last().unwrap();
        let back: Vec<_> = (0..starts.len()).map(|n| lines.step(last, -i64::try_from(n).unwrap())).collect();
        assert_eq!(back, starts.iter().rev().map(|start| Found::Here(*start)).collect::<Vec<_>>());
        let piece = UNINDEXED_SEARCH_BYTES;
        for at in [0, 53, 54, 60, piece, piece + 30, 3 * piece, 3 * piece + 54, text.len() as u64 - 1] {
            let start = starts.iter().rev().find(|start| start.0 <= at).unwrap();
            let around = lines.line_around(ByteOffset(at)).here().unwrap();
            assert_eq!((around.start, lines.end_of(*start)), (*start, Found::Here(around.end)), "{at}");
        }
    }

    #[test]
    fn a_line_that_the_index_has_not_come_to_the_end_of_is_seen_without_the_pages_at_its_edge() {
        let (len, page) = (1_u64 << 40, PAGE_BYTES);
        let seen = |pages: u64| {
            let mut index = LineIndex::new(page);
            (0..pages).for_each(|_| index.push(page, 0));
            let asked = RefCell::new(Vec::new());
            let fetch = |number: u64| {
                asked.borrow_mut().push(number);
                Some(Arc::from(vec![0; usize::try_from(page).unwrap()]))
            };
            let lines = Lines::new(&index, page, len, &fetch);
            let (mut ends, mut at) = (Vec::new(), ByteOffset(0));
            for _ in 0..4 {
                ends.push(lines.end_of(at).here().unwrap());
                at = lines.next_after(*ends.last().unwrap()).here().unwrap().unwrap();
            }
            let around = lines.line_around(ByteOffset(6 * page + 3));
            (ends, around, asked.into_inner().into_iter().max().unwrap())
        };
        let ends = [4, 5, 6, 7].map(|pages| ByteOffset(pages * page)).to_vec();
        let around = Found::Here(ByteOffset(6 * page)..ByteOffset(7 * page));
        assert_eq!(seen(7), (ends, around, 7));
        let ends = [64, 65, 66, 67].map(|pages| ByteOffset(pages * page)).to_vec();
        let first = Found::Here(ByteOffset(0)..ByteOffset(64 * page));
        assert_eq!(seen(90), (ends.clone(), first.clone(), 67));
        assert_eq!(seen(127), (ends, first, 67));
    }

    #[test]
    fn a_page_that_is_lacking_is_noted_once_and_the_answer_is_loading() {
        let index = index_of(b"one\ntwo\nthree\nfour\n", 19);
        let fetch = |_: u64| None;
        let lines = Lines::new(&index, PAGE as u64, 19, &fetch);
        assert_eq!(lines.start_of_line(LineNumber(3)), Found::Loading);
        assert_eq!(lines.start_of_line(LineNumber(3)), Found::Loading);
        assert_eq!(lines.into_missing(), [1]);
    }
}
