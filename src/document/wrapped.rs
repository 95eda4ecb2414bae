//! The rows of lines that are broken where a width ends, from the pages that are at hand. Pure, as the lines are: what it
//! lacks it notes, for somebody else to fetch. A row is known by its first byte, never by a number: nobody counts them.
//!
//! The rows of a line are counted from its beginning. In a line of a page and more they are counted anew from each edge of
//! a page within it: the row before such an edge may be shorter than there is room for, and no lookup ever goes through
//! more than a page, however far in a line it is. Where nothing is indexed long lines are cut in pieces at the same places,
//! so that no row moves when the index comes there.

use std::ops::Range;

use super::lines::{Found, Lines, MAX_ASKED};
use super::text::{self, MAX_CHARACTER_BYTES};
use super::walk::Walked;
use crate::source::ByteOffset;

/// How lines are broken into rows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Wrap {
    /// The most columns of a row, of which a wide character takes two; a row has one character at least.
    pub columns: usize,
    /// Tabs reach to multiples of this, counted from the row's beginning as a terminal does.
    pub tab_columns: usize,
    /// Whether each byte is shown by itself.
    pub binary: bool,
    /// Where the text begins, after a byte order mark.
    pub text_start: ByteOffset,
}

/// A row of a line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WrappedRow {
    /// Its bytes, up to those of the next row or, at a line's end, up to the newline.
    pub bytes: Range<ByteOffset>,
    /// The line that it is of, or the piece of it where nothing is indexed; without its newline.
    pub line: Range<ByteOffset>,
    /// Whether it is the first row of its line.
    pub begins_line: bool,
    /// The first byte of the next row; `None` if it is the last.
    pub next: Option<ByteOffset>,
}

/// That from the beginning of which rows are counted: a line or, of a line of a page and more, what lies in one page.
struct Stretch {
    bytes: Range<ByteOffset>,
    /// Its bytes without a byte order mark and without the CR of a line ending.
    text: Range<ByteOffset>,
    line: Range<ByteOffset>,
    begins_line: bool,
    /// The first byte of the row after it; `None` if there is none.
    next: Option<ByteOffset>,
}

impl WrappedRow {
    /// Whether it is the last row of its line.
    #[must_use]
    pub fn ends_line(&self) -> bool {
        self.next != Some(self.bytes.end)
    }
}

impl Wrap {
    /// How many of `bytes`, which begin a row, belong to it; all of them if the next row is not among them.
    fn row_bytes(&self, bytes: &[u8]) -> usize {
        if self.binary {
            return bytes.len().min(self.columns.max(1));
        }
        text::row_bytes(bytes, self.columns, self.tab_columns)
    }

    /// So many bytes tell where a row ends.
    fn most_bytes(&self) -> u64 {
        (self.columns.max(1) as u64).saturating_mul(MAX_CHARACTER_BYTES)
    }
}

impl Lines<'_> {
    /// The row that the byte at `at` is in, its line ending included; the last one beyond the end. `None` while the pages
    /// to tell it are on their way.
    #[must_use]
    pub fn row_around(&self, at: ByteOffset, wrap: &Wrap) -> Option<WrappedRow> {
        let at = at.min(self.end().minus(1));
        let stretch = self.stretch_around(at, wrap)?;
        let start = self.row_starts(&stretch, at.plus(1), wrap)?.pop().unwrap_or(stretch.bytes.start);
        self.row_of(&stretch, start, wrap)
    }

    /// The row that begins at `start`. `None` while the pages to tell it are on their way.
    #[must_use]
    pub fn row_at(&self, start: ByteOffset, wrap: &Wrap) -> Option<WrappedRow> {
        self.row_of(&self.stretch_around(start, wrap)?, start, wrap)
    }

    /// The first byte of the row around `at`, or of the last row; nothing in an empty document.
    #[must_use]
    pub fn first_row(&self, at: ByteOffset, wrap: &Wrap) -> Found<Option<ByteOffset>> {
        if self.end().0 == 0 {
            return Found::Here(None);
        }
        self.row_around(at, wrap).map_or(Found::Loading, |row| Found::Here(Some(row.bytes.start)))
    }

    /// The first byte of the row `count` rows before (negative) or after the one around `at`, or of the first or last one
    /// on the way; as far as the pages at hand go.
    #[must_use]
    pub fn walk_rows(&self, at: ByteOffset, count: i64, wrap: &Wrap) -> Walked {
        match self.first_row(at, wrap) {
            Found::Here(Some(start)) if count < 0 => self.walk_back(Walked { at: start, left: count }, wrap),
            Found::Here(Some(start)) => self.walk_on(Walked { at: start, left: count }, wrap),
            Found::Here(None) => Walked { at, left: 0 },
            Found::Loading | Found::Unknown => {
                self.ask_rows(at, count, wrap);
                Walked { at, left: count }
            }
        }
    }

    /// Asks for the pages in which the next `count` rows may be, after `from` or, if it is negative, before.
    pub fn ask_rows(&self, from: ByteOffset, count: i64, wrap: &Wrap) {
        let most = self.page_bytes.saturating_mul(MAX_ASKED as u64 - 1);
        let near = count.unsigned_abs().saturating_mul(wrap.columns as u64).min(most);
        self.ask(if count < 0 { from.minus(near)..from } else { from..from.plus(near) });
    }

    fn walk_on(&self, mut walked: Walked, wrap: &Wrap) -> Walked {
        while walked.left > 0 {
            let stretch = self.stretch_around(walked.at, wrap);
            let Some(stretch) = stretch.filter(|stretch| self.walk_within(stretch, &mut walked, wrap)) else {
                self.ask_rows(walked.at, walked.left, wrap);
                break;
            };
            if walked.left > 0 && stretch.next.is_none() {
                walked.left = 0;
            }
        }
        walked
    }

    /// Goes on to the first row after `stretch` at most; false if pages are lacking.
    fn walk_within(&self, stretch: &Stretch, walked: &mut Walked, wrap: &Wrap) -> bool {
        while walked.left > 0 {
            let Some(row) = self.row_of(stretch, walked.at, wrap) else { return false };
            let Some(next) = row.next else { break };
            *walked = Walked { at: next, left: walked.left - 1 };
            if next >= stretch.text.end {
                break;
            }
        }
        true
    }

    fn walk_back(&self, mut walked: Walked, wrap: &Wrap) -> Walked {
        while walked.left < 0 {
            let Some(mut before) = self.starts_before(walked.at, wrap) else {
                self.ask_rows(walked.at, walked.left, wrap);
                break;
            };
            if before.is_empty() {
                walked.left = 0;
            }
            while let Some(at) = before.pop().filter(|_| walked.left < 0) {
                walked = Walked { at, left: walked.left + 1 };
            }
        }
        walked
    }

    /// The first bytes of rows before the row at `at`: those in the same stretch or, if it begins that, in the one before.
    fn starts_before(&self, at: ByteOffset, wrap: &Wrap) -> Option<Vec<ByteOffset>> {
        let stretch = self.stretch_around(at, wrap)?;
        let start = stretch.bytes.start;
        if start < at {
            return self.row_starts(&stretch, at, wrap);
        }
        if start.0 == 0 {
            return Some(Vec::new());
        }
        let before = self.stretch_around(start.minus(1), wrap)?;
        self.row_starts(&before, before.text.end, wrap)
    }

    /// The first bytes of the rows in `stretch` that begin before `before`, the first row among them in any case.
    fn row_starts(&self, stretch: &Stretch, before: ByteOffset, wrap: &Wrap) -> Option<Vec<ByteOffset>> {
        let text = &stretch.text;
        // A row that ends before it may end because the character there has no place in it.
        let bytes = self.bytes(text.start..before.plus(MAX_CHARACTER_BYTES).min(text.end))?;
        let mut starts = vec![stretch.bytes.start];
        let mut at = 0;
        loop {
            let rest = bytes.get(at..).unwrap_or_default();
            at += wrap.row_bytes(rest);
            let start = text.start.plus(at as u64);
            if start >= before || start >= text.end || at >= bytes.len() {
                return Some(starts);
            }
            starts.push(start);
        }
    }

    /// The row of `stretch` that begins at `start`.
    fn row_of(&self, stretch: &Stretch, start: ByteOffset, wrap: &Wrap) -> Option<WrappedRow> {
        let text = &stretch.text;
        let from = start.max(text.start);
        let bytes = self.bytes(from..from.plus(wrap.most_bytes()).min(text.end))?;
        let end = match wrap.row_bytes(&bytes) {
            // Of a file that was cut short what is gone is one row.
            0 => text.end,
            fits => from.plus(fits as u64),
        };
        let last = end >= text.end;
        Some(WrappedRow {
            bytes: start..if last { stretch.bytes.end } else { end },
            line: stretch.line.clone(),
            begins_line: stretch.begins_line && start == stretch.bytes.start,
            next: if last { stretch.next } else { Some(end) },
        })
    }

    fn stretch_around(&self, at: ByteOffset, wrap: &Wrap) -> Option<Stretch> {
        let line = self.line_around(at).here()?;
        // A piece of a line that is not indexed goes on after its end.
        let piece = self.next_after(line.end).here()? == Some(line.end);
        let limit = if piece { self.edge(line.end, wrap)? } else { self.text_end(&line, wrap)? };
        let first = line.start.max(wrap.text_start).min(limit);
        let at = at.min(limit.minus(1)).max(first);
        let long = line.end.since(line.start) >= self.page_bytes;
        let page = ByteOffset(at.0 - at.0 % self.page_bytes);
        let cut = if long { page.max(line.start) } else { line.start };
        let start = self.edge(cut, wrap)?.max(first);
        if at < start {
            // It is a part of the character that reaches over the edge.
            return self.stretch_around(cut.minus(1), wrap);
        }
        let next_cut = page.plus(self.page_bytes);
        let end = if long && next_cut < limit { self.edge(next_cut, wrap)?.min(limit) } else { limit };
        let next = if end < limit { Some(end) } else { self.next_after(end.max(line.end)).here()? };
        let begins_line = cut == line.start && self.begins_line(line.start)?;
        let bytes = if begins_line { line.start } else { start }..if end < limit { end } else { end.max(line.end) };
        Some(Stretch { bytes, text: start..end, line, begins_line, next })
    }

    /// Where `line` ends without the CR of its ending.
    fn text_end(&self, line: &Range<ByteOffset>, wrap: &Wrap) -> Option<ByteOffset> {
        let last = self.bytes(line.end.minus(1).max(line.start)..line.end)?;
        Some(if !wrap.binary && last.ends_with(b"\r") { line.end.minus(1) } else { line.end })
    }

    /// Where rows begin anew if that is at `cut`, the edge of a page: after the character that reaches over it. Elsewhere
    /// no line is cut.
    fn edge(&self, cut: ByteOffset, wrap: &Wrap) -> Option<ByteOffset> {
        if wrap.binary || cut.0 == 0 || cut >= self.end() || !cut.0.is_multiple_of(self.page_bytes) {
            return Some(cut);
        }
        let character = self.character_around(cut).here()?;
        let newline = self.bytes(cut..cut.plus(1))?.starts_with(b"\n");
        Some(if character.start < cut && !newline { character.end } else { cut })
    }

    /// Whether a line, or a piece of one, that starts at `start` is not the rest of another.
    fn begins_line(&self, start: ByteOffset) -> Option<bool> {
        if start.0 == 0 || !start.0.is_multiple_of(self.page_bytes) {
            return Some(true);
        }
        Some(self.bytes(start.minus(1)..start)?.starts_with(b"\n"))
    }
}

#[cfg(test)]
mod tests {
    use std::cell::RefCell;
    use std::num::NonZeroUsize;
    use std::sync::Arc;

    use lru::LruCache;
    use proptest::prelude::*;

    use super::super::{LineIndex, PAGE_BYTES, decode_row};
    use super::*;

    const PAGE: usize = 8;

    fn wrap(columns: usize, tab_columns: usize) -> Wrap {
        Wrap { columns, tab_columns, binary: false, text_start: ByteOffset(0) }
    }

    fn index_of(text: &[u8], page: usize) -> LineIndex {
        let mut index = LineIndex::new(page as u64);
        for page in text.chunks(page) {
            index.push(page.len() as u64, bytecount::naive_count(page, b'\n') as u64);
        }
        index.finish(text.last().is_some_and(|last| *last != b'\n'));
        index
    }

    fn with_lines<T>(text: &[u8], page: usize, index: &LineIndex, check: impl FnOnce(&Lines<'_>) -> T) -> T {
        let fetch = |number: u64| text.chunks(page).nth(usize::try_from(number).ok()?).map(Arc::from);
        check(&Lines::new(index, page as u64, text.len() as u64, &fetch))
    }

    /// The characters of `line`, each with where it begins.
    fn characters(line: &[u8]) -> Vec<(usize, char)> {
        let mut at = 0;
        let mut characters = Vec::new();
        for chunk in line.utf8_chunks() {
            for character in chunk.valid().chars() {
                characters.push((at, character));
                at += character.len_utf8();
            }
            for _ in chunk.invalid() {
                characters.push((at, char::REPLACEMENT_CHARACTER));
                at += 1;
            }
        }
        characters
    }

    /// The first byte of each row and whether it begins a line, by going through all characters of all lines.
    fn naive_rows(text: &[u8], wrap: &Wrap, page: usize) -> Vec<(usize, bool)> {
        let mut rows = Vec::new();
        let mut start = 0;
        while start < text.len() {
            let end = text[start..].iter().position(|byte| *byte == b'\n').map_or(text.len(), |at| start + at);
            let line = text[start..end].strip_suffix(b"\r").unwrap_or(&text[start..end]);
            let long = end - start >= page;
            rows.push((start, true));
            let (mut drawn, mut taken, mut row) = (0, 0, start);
            for (at, character) in characters(line).into_iter().map(|(at, character)| (start + at, character)) {
                let room = if matches!(character, '\u{6c37}' | '\u{1f9ca}') { 2 } else { 1 };
                // In a long line rows begin anew at the first character of each page.
                let anew = long && at / page != row / page && at > row;
                if anew || at > row && taken + room > wrap.columns {
                    rows.push((at, false));
                    (drawn, taken, row) = (0, 0, at);
                }
                let columns = if character == '\t' { wrap.tab_columns - drawn % wrap.tab_columns } else { 1 };
                drawn += columns;
                taken += columns + room - 1;
            }
            start = end + 1;
        }
        rows
    }

    fn texts() -> impl Strategy<Value = Vec<u8>> {
        let pieces = prop_oneof![
            6 => Just(b"a".as_slice()),
            1 => Just(b"\t".as_slice()),
            1 => Just(b"\n".as_slice()),
            1 => Just(b"\r\n".as_slice()),
            1 => Just("\u{e9}".as_bytes()),
            1 => Just("\u{1f9ca}".as_bytes()),
            1 => Just("\u{6c37}".as_bytes()),
            1 => Just(b"\xe6\xb0".as_slice()),
            1 => Just(b"\xff".as_slice()),
        ];
        prop::collection::vec(pieces, 0..80).prop_map(|pieces| pieces.concat())
    }

    proptest! {
        #[test]
        fn rows_are_those_that_somebody_finds_who_reads_all_of_each_line(
            text in texts(), columns in 1_usize..12, tab in 1_usize..9,
        ) {
            let wrap = wrap(columns, tab);
            let expected = naive_rows(&text, &wrap, PAGE);
            with_lines(&text, PAGE, &index_of(&text, PAGE), |lines| {
                for (number, (start, begins_line)) in expected.iter().enumerate() {
                    let next = expected.get(number + 1).map(|(next, _)| *next);
                    let row = lines.row_at(ByteOffset(*start as u64), &wrap).unwrap();
                    assert_eq!(row.bytes.start.0, *start as u64);
                    assert_eq!((row.begins_line, row.next), (*begins_line, next.map(|next| ByteOffset(next as u64))));
                    let goes_on = next.is_some_and(|_| !expected[number + 1].1);
                    assert_eq!(row.ends_line(), !goes_on);
                    assert_eq!(row.bytes.end, if goes_on { row.next.unwrap() } else { row.line.end });
                    for at in *start..next.unwrap_or(text.len()) {
                        assert_eq!(lines.row_around(ByteOffset(at as u64), &wrap), Some(row.clone()), "at {at}");
                    }
                }
                let past = lines.first_row(ByteOffset(text.len() as u64), &wrap);
                let last = expected.last().map(|(start, _)| ByteOffset(*start as u64));
                assert_eq!(past, Found::Here(last));
            });
        }

        #[test]
        fn a_walk_goes_from_row_to_row_and_stops_at_both_ends_however_few_pages_are_kept(
            text in texts(), columns in 1_usize..12, from in any::<prop::sample::Index>(), count in -60_i64..60,
        ) {
            prop_assume!(!text.is_empty());
            let wrap = wrap(columns, 4);
            let rows = naive_rows(&text, &wrap, PAGE);
            let from = from.index(text.len());
            let first = rows.partition_point(|(start, _)| *start <= from) - 1;
            let last = i64::try_from(rows.len()).unwrap() - 1;
            let to = (i64::try_from(first).unwrap() + count).clamp(0, last);
            let walked = walk_with_few_pages(&text, from, count, &wrap);
            prop_assert_eq!(walked, rows[usize::try_from(to).unwrap()].0 as u64);
        }

        #[test]
        fn no_row_is_drawn_in_more_columns_than_there_are(text in texts(), columns in 2_usize..12) {
            let wrap = wrap(columns, 4);
            let rows = naive_rows(&text, &wrap, PAGE);
            with_lines(&text, PAGE, &index_of(&text, PAGE), |lines| {
                for (start, _) in rows {
                    let row = lines.row_at(ByteOffset(start as u64), &wrap).unwrap();
                    let shown = decode_row(&lines.bytes(row.bytes).unwrap(), 0, usize::MAX, 4).text;
                    let shown = shown.trim_end_matches([' ', '\u{240d}']);
                    assert!(shown.chars().count() <= columns, "{shown:?}");
                }
            });
        }
    }

    /// Where a walk leads of which a page comes between two frames, and sixteen are kept.
    fn walk_with_few_pages(text: &[u8], from: usize, count: i64, wrap: &Wrap) -> u64 {
        let index = index_of(text, PAGE);
        let cache = RefCell::new(LruCache::new(NonZeroUsize::new(16).unwrap()));
        let fetch = |number: u64| cache.borrow_mut().get(&number).cloned();
        let mut walked = Walked { at: ByteOffset(from as u64), left: count };
        for _ in 0..10_000 {
            let lines = Lines::new(&index, PAGE as u64, text.len() as u64, &fetch);
            walked = lines.walk_rows(walked.at, walked.left, wrap);
            let missing = lines.into_missing();
            if walked.left == 0 && missing.is_empty() {
                return walked.at.0;
            }
            assert!(missing.len() <= MAX_ASKED, "{missing:?}");
            for number in missing.into_iter().take(1) {
                let page: Arc<[u8]> = text.chunks(PAGE).nth(usize::try_from(number).unwrap()).unwrap().into();
                cache.borrow_mut().put(number, page);
            }
        }
        panic!("the walk does not end: {walked:?}");
    }

    #[test]
    fn no_row_of_a_long_line_moves_when_the_index_comes_there() {
        let page = usize::try_from(PAGE_BYTES).unwrap();
        let long = "\u{e9}a\u{6c37}".repeat(page / 2);
        let text = ["short\n".as_bytes(), long.as_bytes(), b"\nshort\n"].concat();
        let wrap = wrap(100, 8);
        let rows = |index: &LineIndex| {
            with_lines(&text, page, index, |lines| {
                let mut starts = vec![ByteOffset(0)];
                while let Some(next) = lines.row_at(*starts.last().unwrap(), &wrap).unwrap().next {
                    starts.push(next);
                }
                let last = *starts.last().unwrap();
                let count = i64::try_from(starts.len()).unwrap();
                assert_eq!(lines.walk_rows(last, -count, &wrap).at, ByteOffset(0));
                for start in starts.iter().step_by(97) {
                    assert_eq!(lines.row_around(start.plus(2), &wrap).unwrap().bytes.start, *start);
                }
                starts
            })
        };
        let known = rows(&index_of(&text, page));
        let naive: Vec<_> = naive_rows(&text, &wrap, page).into_iter().map(|row| ByteOffset(row.0 as u64)).collect();
        assert_eq!(known, naive);
        assert_eq!(rows(&LineIndex::new(PAGE_BYTES)), known);
    }

    #[test]
    fn a_byte_order_mark_takes_no_room_and_belongs_to_the_first_row() {
        let text = b"\xef\xbb\xbfabcde";
        let wrap = Wrap { text_start: ByteOffset(3), ..wrap(3, 8) };
        with_lines(text, 64, &index_of(text, 64), |lines| {
            let first = lines.row_around(ByteOffset(1), &wrap).unwrap();
            assert_eq!((first.bytes, first.begins_line), (ByteOffset(0)..ByteOffset(6), true));
            assert_eq!(lines.walk_rows(ByteOffset(7), -1, &wrap).at, ByteOffset(0));
        });
    }

    #[test]
    fn bytes_that_are_no_text_are_a_column_each() {
        let text = "\u{6c37}\t\u{6c37}\r\n".as_bytes();
        let wrap = Wrap { binary: true, ..wrap(4, 8) };
        with_lines(text, 64, &index_of(text, 64), |lines| {
            let second = lines.row_around(ByteOffset(5), &wrap).unwrap();
            assert_eq!(second.bytes, ByteOffset(4)..ByteOffset(8));
        });
    }

    #[test]
    fn what_a_row_far_in_a_long_line_needs_is_no_more_than_a_few_pages() {
        let pages = 10_000;
        let mut index = LineIndex::new(PAGE_BYTES);
        for _ in 0..pages {
            index.push(PAGE_BYTES, 0);
        }
        index.finish(true);
        let page: Arc<[u8]> = vec![b'a'; usize::try_from(PAGE_BYTES).unwrap()].into();
        let fetched = RefCell::new(std::collections::BTreeSet::new());
        let fetch = |number: u64| {
            fetched.borrow_mut().insert(number);
            Some(Arc::clone(&page))
        };
        let lines = Lines::new(&index, PAGE_BYTES, pages * PAGE_BYTES, &fetch);
        let middle = ByteOffset(pages / 2 * PAGE_BYTES);
        assert!(lines.row_around(middle.plus(1_000), &wrap(120, 8)).is_some());
        assert_eq!(lines.walk_rows(middle, -40, &wrap(120, 8)).left, 0);
        assert!(fetched.borrow().len() <= 6, "{fetched:?}");
    }
}
