//! One pass over bytes in order: which lines match. Pure; fed block by block, with lines cut anywhere. A line that is longer
//! than any that is looked at whole is looked at in pieces that overlap.

use std::io;

use grep_matcher::LineTerminator;
use grep_searcher::{BinaryDetection, Searcher, SearcherBuilder, Sink, SinkMatch};
use memchr::{memchr, memrchr};

use super::pattern::Pattern;
use crate::document::LineEnding;
use crate::source::ByteOffset;

/// The longest line that is looked at whole.
const LONGEST_WHOLE_BYTES: usize = 4 << 20;
/// By how much two pieces of a longer line overlap: a match that is longer than this may be missed there.
const OVERLAP_BYTES: usize = 64 << 10;

/// A pass over a document's bytes.
pub(super) struct MatchScan {
    pattern: Pattern,
    searcher: Searcher,
    longest_whole: usize,
    overlap: usize,
    /// What was fed and is not searched yet: the beginning of a line.
    held: Vec<u8>,
    /// Where `held` begins.
    at: ByteOffset,
    /// The line, too long to be held, of which `held` is a later piece.
    long: Option<LongLine>,
    /// Whether a byte order mark comes before the first line: it is no part of what is searched.
    after_bom: bool,
    /// How often the pattern is in the lines that start before `counted_to`; of lines without it, how many there are.
    matches: u64,
    counted_to: ByteOffset,
}

struct LongLine {
    start: ByteOffset,
    matched: bool,
}

/// What is before the text in some files of UTF-8.
pub(super) const BOM: &[u8] = b"\xef\xbb\xbf";

/// The first line starts at the beginning of the file, though what is searched of it starts after its byte order mark.
fn from_line_starts(after_bom: bool, mut found: impl FnMut(ByteOffset)) -> impl FnMut(ByteOffset) {
    move |start| found(if after_bom && start.0 == BOM.len() as u64 { ByteOffset(0) } else { start })
}

/// Looks for lines that match in whole lines.
pub(super) fn searcher(pattern: &Pattern) -> Searcher {
    let crlf = pattern.ending == LineEnding::CrLf;
    let terminator = if crlf { LineTerminator::crlf() } else { LineTerminator::byte(b'\n') };
    SearcherBuilder::new()
        .line_number(false)
        .line_terminator(terminator)
        .invert_match(pattern.invert)
        .binary_detection(BinaryDetection::none())
        // What looks like a byte order mark in the middle of a file is none.
        .bom_sniffing(false)
        .build()
}

/// Gives the start of each line of `lines` that matches, and the line. The last of them may have no newline.
pub(super) fn each_match(searcher: &mut Searcher, pattern: &Pattern, lines: &[u8], found: impl FnMut(u64, &[u8])) {
    // Neither the matcher nor a slice has errors.
    let _ = searcher.search_slice(&pattern.matcher, lines, Starts(found));
}

struct Starts<F>(F);

impl<F: FnMut(u64, &[u8])> Sink for Starts<F> {
    type Error = io::Error;

    fn matched(&mut self, _: &Searcher, found: &SinkMatch<'_>) -> Result<bool, io::Error> {
        (self.0)(found.absolute_byte_offset(), found.bytes());
        Ok(true)
    }
}

impl MatchScan {
    pub(super) fn new(pattern: Pattern) -> Self {
        Self::bounded(pattern, LONGEST_WHOLE_BYTES, OVERLAP_BYTES)
    }

    /// Begins anew at `at`, where a line starts, and counts how often the pattern is in the lines that start before `end`.
    pub(super) fn begin_at(&mut self, at: ByteOffset, end: ByteOffset) {
        self.held.clear();
        (self.matches, self.counted_to) = (0, end);
        (self.at, self.long, self.after_bom) = (at, None, false);
    }

    fn bounded(pattern: Pattern, longest_whole: usize, overlap: usize) -> Self {
        let searcher = searcher(&pattern);
        let overlap = overlap.min(longest_whole / 2);
        Self {
            pattern,
            searcher,
            longest_whole,
            overlap,
            held: Vec::new(),
            at: ByteOffset(0),
            long: None,
            after_bom: false,
            matches: 0,
            counted_to: ByteOffset(u64::MAX),
        }
    }

    /// How often the pattern was found since the last time that this was asked.
    pub(super) fn take_matches(&mut self) -> u64 {
        std::mem::take(&mut self.matches)
    }

    /// Takes in the next bytes, and gives the starts of lines that match, in order, once it is known that they do.
    pub(super) fn feed(&mut self, mut block: &[u8], found: impl FnMut(ByteOffset)) {
        if self.at.0 == 0
            && self.held.is_empty()
            && let Some(rest) = block.strip_prefix(BOM)
        {
            (self.at, self.after_bom, block) = (ByteOffset(BOM.len() as u64), true, rest);
        }
        let mut found = from_line_starts(self.after_bom, found);
        let Some(last) = memrchr(b'\n', block) else {
            self.hold(block, &mut found);
            return;
        };
        let (mut whole, rest) = block.split_at(last + 1);
        if (!self.held.is_empty() || self.long.is_some())
            && let Some(end) = memchr(b'\n', whole)
        {
            // With its newline, as all lines are that are searched as a whole.
            let (ending, after) = whole.split_at(end + 1);
            self.hold(ending, &mut found);
            self.end_line(&mut found);
            whole = after;
        }
        let at = self.at;
        let (pattern, matches, counted_to) = (&self.pattern, &mut self.matches, self.counted_to);
        each_match(&mut self.searcher, pattern, whole, |start, line| {
            let start = at.plus(start);
            *matches += if start < counted_to { pattern.count_in(line) } else { 0 };
            found(start);
        });
        self.at = at.plus(whole.len() as u64);
        self.hold(rest, &mut found);
    }

    /// Says that there is no more.
    pub(super) fn finish(&mut self, found: impl FnMut(ByteOffset)) {
        let mut found = from_line_starts(self.after_bom, found);
        if !self.held.is_empty() || self.long.is_some() {
            self.end_line(&mut found);
        }
    }

    /// Up to where all lines that match were told of: the beginning of the line that goes on.
    pub(super) fn settled(&self) -> ByteOffset {
        match &self.long {
            // Of a line that matches it was told, and the next one begins later.
            Some(long) if long.matched && !self.pattern.invert => self.at,
            Some(long) => long.start,
            None => self.at,
        }
    }

    /// Where the line starts that goes on.
    pub(super) fn open_line(&self) -> ByteOffset {
        self.long.as_ref().map_or(self.at, |long| long.start)
    }

    /// Keeps what goes on, and looks at what gets too long to be kept.
    fn hold(&mut self, mut bytes: &[u8], found: &mut impl FnMut(ByteOffset)) {
        while self.held.len() + bytes.len() > self.longest_whole {
            let (now, later) = bytes.split_at(self.longest_whole.saturating_sub(self.held.len()).min(bytes.len()));
            self.held.extend_from_slice(now);
            bytes = later;
            self.look_at_piece(false, found);
            let gone = self.held.len() - self.overlap;
            self.held.drain(..gone);
            self.at = self.at.plus(gone as u64);
        }
        self.held.extend_from_slice(bytes);
    }

    fn look_at_piece(&mut self, last: bool, found: &mut impl FnMut(ByteOffset)) {
        let first = self.long.is_none();
        let long = self.long.get_or_insert(LongLine { start: self.at, matched: false });
        let counted = !self.pattern.invert && long.start < self.counted_to;
        let piece = if last { self.pattern.without_ending(&self.held) } else { &self.held };
        if (!long.matched || counted) && self.pattern.is_in_piece(piece, first, last) {
            // What is whole in the overlap was counted with the piece before.
            let seen = if first { 0 } else { self.overlap };
            self.matches += if counted { self.pattern.count_in_piece(piece, (first, last), seen) } else { 0 };
            if !long.matched && !self.pattern.invert {
                found(long.start);
            }
            long.matched = true;
        }
    }

    /// Looks at the line that is held, which ends here.
    fn end_line(&mut self, found: &mut impl FnMut(ByteOffset)) {
        if self.long.is_some() {
            self.look_at_piece(true, found);
        }
        if let Some(long) = self.long.take() {
            if self.pattern.invert && !long.matched {
                self.matches += u64::from(long.start < self.counted_to);
                found(long.start);
            }
        } else {
            let (pattern, matches, counted) = (&self.pattern, &mut self.matches, self.at < self.counted_to);
            each_match(&mut self.searcher, pattern, &self.held, |_, line| {
                *matches += if counted { pattern.count_in(line) } else { 0 };
                found(self.at);
            });
        }
        self.at = self.at.plus(self.held.len() as u64);
        self.held.clear();
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::pattern::Query;
    use super::*;

    fn starts(pattern: &Pattern, text: &[u8], cuts: &[usize], bounds: (usize, usize)) -> Vec<u64> {
        found(pattern, text, cuts, bounds).0
    }

    /// Where lines that match start, and how often the pattern is in them.
    fn found(pattern: &Pattern, text: &[u8], cuts: &[usize], (longest, overlap): (usize, usize)) -> (Vec<u64>, u64) {
        let mut scan = MatchScan::bounded(pattern.clone(), longest, overlap);
        let mut starts = Vec::new();
        let mut rest = text;
        for cut in cuts.iter().cycle() {
            if rest.is_empty() {
                break;
            }
            let (block, after) = rest.split_at((*cut).min(rest.len()));
            scan.feed(block, |start| starts.push(start.0));
            assert!(scan.settled().0 <= (text.len() - after.len()) as u64);
            rest = after;
        }
        scan.finish(|start| starts.push(start.0));
        (starts, scan.take_matches())
    }

    /// Lines as `split` sees them: none after a last newline.
    fn naive(pattern: &Pattern, text: &[u8]) -> (Vec<u64>, u64) {
        let mut at = 0;
        let lines = text.split_inclusive(|byte| *byte == b'\n').map(|line| {
            at += line.len();
            (at - line.len(), line)
        });
        let matches = |line: &[u8]| {
            let mut matches = false;
            each_match(&mut searcher(pattern), pattern, line, |_, _| matches = true);
            matches
        };
        let matching: Vec<_> = lines.filter(|(_, line)| matches(line)).collect();
        let count = |line: &[u8]| if pattern.invert { 1 } else { pattern.marks(line).len() as u64 };
        let matches = matching.iter().map(|(_, line)| count(line)).sum();
        (matching.into_iter().map(|(start, _)| start as u64).collect(), matches)
    }

    fn queries() -> impl Strategy<Value = Query> {
        let patterns =
            prop_oneof![Just("ab"), Just("^a"), Just("b$"), Just("a.a"), Just("^$"), Just("x*"), Just("[ab]{2}c")];
        (patterns, any::<bool>(), any::<bool>(), any::<bool>()).prop_map(|(pattern, ignore_case, word, invert)| Query {
            pattern: pattern.into(),
            ignore_case,
            word,
            invert,
            fixed: false,
        })
    }

    fn texts() -> impl Strategy<Value = Vec<u8>> {
        let bytes = prop_oneof![4 => Just(b'a'), 3 => Just(b'b'), 1 => Just(b'c'), 1 => Just(b'A'), 2 => Just(b'\n'), 1 => Just(b'\r'), 1 => Just(0xff)];
        prop::collection::vec(bytes, 0..200)
    }

    fn endings() -> impl Strategy<Value = LineEnding> {
        prop_oneof![Just(LineEnding::Lf), Just(LineEnding::CrLf)]
    }

    proptest! {
        #[test]
        fn however_the_bytes_are_cut_the_lines_that_match_are_those_of_the_whole(
            query in queries(), ending in endings(), text in texts(), cuts in prop::collection::vec(1_usize..40, 1..20),
        ) {
            let pattern = query.compile(ending).unwrap();
            let (starts, matches) = found(&pattern, &text, &cuts, (1 << 10, 16));
            let (expected, expected_matches) = naive(&pattern, &text);
            prop_assert_eq!(starts, expected);
            // What is empty is counted, and has no place to be shown at.
            prop_assert!(matches == expected_matches || ["^$", "x*"].contains(&query.pattern.as_str()));
        }

        #[test]
        fn lines_too_long_to_be_held_match_as_if_they_were_whole_where_the_overlap_is_longer_than_a_match(
            word in prop_oneof![Just("ab"), Just("^a"), Just("b$"), Just("^ab"), Just("a[^a]$"), Just("^$")],
            (whole_word, invert) in (any::<bool>(), any::<bool>()),
            (ending, text) in (endings(), texts()),
            cuts in prop::collection::vec(1_usize..40, 1..20),
        ) {
            let query = Query { pattern: word.into(), word: whole_word, invert, ..Query::default() };
            let pattern = query.compile(ending).unwrap();
            let (starts, matches) = found(&pattern, &text, &cuts, (9, 4));
            let (expected, expected_matches) = naive(&pattern, &text);
            prop_assert_eq!(starts, expected);
            prop_assert!(matches == expected_matches || word == "^$", "{} for {}", matches, expected_matches);
        }
    }

    #[test]
    fn a_byte_order_mark_is_no_part_of_the_first_line_and_none_elsewhere() {
        let text = b"\xef\xbb\xbfab\nab\n\xef\xbb\xbfab\n\xff\xfea\0\nab";
        let pattern = Query { pattern: "^ab".into(), ..Query::default() }.compile(LineEnding::Lf).unwrap();
        assert_eq!(starts(&pattern, text, &[text.len()], (1 << 10, 16)), [0, 6, 20]);
        assert_eq!(starts(&pattern, text, &[6, 3], (1 << 10, 16)), [0, 6, 20]);
    }
}
