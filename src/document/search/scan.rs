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
}

struct LongLine {
    start: ByteOffset,
    matched: bool,
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
        .build()
}

/// Gives the start of each line of `lines` that matches. The last of them may have no newline.
pub(super) fn each_match(searcher: &mut Searcher, pattern: &Pattern, lines: &[u8], found: impl FnMut(u64)) {
    // Neither the matcher nor a slice has errors.
    let _ = searcher.search_slice(&pattern.matcher, lines, Starts(found));
}

struct Starts<F>(F);

impl<F: FnMut(u64)> Sink for Starts<F> {
    type Error = io::Error;

    fn matched(&mut self, _: &Searcher, found: &SinkMatch<'_>) -> Result<bool, io::Error> {
        (self.0)(found.absolute_byte_offset());
        Ok(true)
    }
}

impl MatchScan {
    pub(super) fn new(pattern: Pattern) -> Self {
        Self::bounded(pattern, LONGEST_WHOLE_BYTES, OVERLAP_BYTES)
    }

    fn bounded(pattern: Pattern, longest_whole: usize, overlap: usize) -> Self {
        let searcher = searcher(&pattern);
        let overlap = overlap.min(longest_whole / 2);
        Self { pattern, searcher, longest_whole, overlap, held: Vec::new(), at: ByteOffset(0), long: None }
    }

    /// Takes in the next bytes, and gives the starts of lines that match, in order, once it is known that they do.
    pub(super) fn feed(&mut self, block: &[u8], mut found: impl FnMut(ByteOffset)) {
        let Some(last) = memrchr(b'\n', block) else {
            self.hold(block, &mut found);
            return;
        };
        let (mut whole, rest) = block.split_at(last + 1);
        if (!self.held.is_empty() || self.long.is_some())
            && let Some(end) = memchr(b'\n', whole)
        {
            let (ending, after) = whole.split_at(end);
            self.hold(ending, &mut found);
            self.end_line(&mut found);
            self.at = self.at.plus(1);
            whole = after.get(1..).unwrap_or_default();
        }
        let at = self.at;
        each_match(&mut self.searcher, &self.pattern, whole, |start| found(at.plus(start)));
        self.at = at.plus(whole.len() as u64);
        self.hold(rest, &mut found);
    }

    /// Says that there is no more.
    pub(super) fn finish(&mut self, mut found: impl FnMut(ByteOffset)) {
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

    /// Keeps what goes on, and looks at what gets too long to be kept.
    fn hold(&mut self, mut bytes: &[u8], found: &mut impl FnMut(ByteOffset)) {
        while self.held.len() + bytes.len() > self.longest_whole {
            let (now, later) = bytes.split_at(self.longest_whole.saturating_sub(self.held.len()).min(bytes.len()));
            self.held.extend_from_slice(now);
            bytes = later;
            self.look_at_piece(found);
            let gone = self.held.len() - self.overlap;
            self.held.drain(..gone);
            self.at = self.at.plus(gone as u64);
        }
        self.held.extend_from_slice(bytes);
    }

    fn look_at_piece(&mut self, found: &mut impl FnMut(ByteOffset)) {
        let long = self.long.get_or_insert(LongLine { start: self.at, matched: false });
        if !long.matched && self.pattern.is_in(&self.held) {
            long.matched = true;
            if !self.pattern.invert {
                found(long.start);
            }
        }
    }

    /// Looks at the line that is held, which ends here.
    fn end_line(&mut self, found: &mut impl FnMut(ByteOffset)) {
        if self.long.is_some() {
            self.look_at_piece(found);
        }
        match self.long.take() {
            Some(long) => {
                if self.pattern.invert && !long.matched {
                    found(long.start);
                }
            }
            None => {
                if self.pattern.is_in(&self.held) != self.pattern.invert {
                    found(self.at);
                }
            }
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

    fn starts(query: &Query, text: &[u8], cuts: &[usize], (longest, overlap): (usize, usize)) -> Vec<u64> {
        let mut scan = MatchScan::bounded(query.compile(LineEnding::Lf).unwrap(), longest, overlap);
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
        starts
    }

    /// Lines as `split` sees them: none after a last newline.
    fn naive(query: &Query, text: &[u8]) -> Vec<u64> {
        let pattern = query.compile(LineEnding::Lf).unwrap();
        let mut at = 0;
        let lines = text.split_inclusive(|byte| *byte == b'\n').map(|line| {
            at += line.len();
            (at - line.len(), line.strip_suffix(b"\n").unwrap_or(line))
        });
        lines.filter(|(_, line)| pattern.is_in(line) != query.invert).map(|(start, _)| start as u64).collect()
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

    proptest! {
        #[test]
        fn however_the_bytes_are_cut_the_lines_that_match_are_those_of_the_whole(
            query in queries(), text in texts(), cuts in prop::collection::vec(1_usize..40, 1..20),
        ) {
            prop_assert_eq!(starts(&query, &text, &cuts, (1 << 10, 16)), naive(&query, &text));
        }

        #[test]
        fn lines_too_long_to_be_held_match_where_the_overlap_is_as_long_as_a_match(
            text in texts(), invert in any::<bool>(), cuts in prop::collection::vec(1_usize..40, 1..20),
        ) {
            let query = Query { pattern: "ab".into(), invert, ..Query::default() };
            prop_assert_eq!(starts(&query, &text, &cuts, (8, 2)), naive(&query, &text));
        }
    }
}
