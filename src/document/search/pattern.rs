//! What is searched for, and the matcher that it becomes: ripgrep's engine, which never takes more than linear time, over
//! bytes that need not be text.

use std::ops::Range;

use grep_matcher::Matcher as _;
use grep_regex::{RegexMatcher, RegexMatcherBuilder};

use crate::document::LineEnding;
use crate::jobs::Failure;

/// The most that a compiled pattern may take, in bytes: repetitions of repetitions are refused beyond.
const MAX_COMPILED_BYTES: usize = 4 << 20;
/// The most places that are told of one line.
const MAX_MARKS: usize = 1_000;

/// What is searched for in the lines of a document.
#[expect(clippy::struct_excessive_bools, reason = "each is a switch of its own")]
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, clap::Args, serde::Serialize, serde::Deserialize)]
pub struct Query {
    /// What to search for: a regular expression over the bytes of a line
    pub pattern: String,
    /// Take the pattern for the text itself, not for a regular expression
    #[arg(long, short = 'F')]
    pub fixed: bool,
    /// Take capitals and small letters for the same
    #[arg(long, short)]
    pub ignore_case: bool,
    /// Find whole words only
    #[arg(long, short)]
    pub word: bool,
    /// Find the lines in which the pattern is not
    #[arg(long, short = 'v')]
    pub invert: bool,
}

impl Query {
    /// Makes a matcher of it, for lines that end so.
    ///
    /// # Errors
    /// When the pattern is empty or is no regular expression, with the place where it goes wrong.
    pub fn compile(&self, ending: LineEnding) -> Result<Pattern, PatternError> {
        if self.pattern.is_empty() {
            return Err(PatternError::Empty);
        }
        let mut builder = RegexMatcherBuilder::new();
        builder
            .fixed_strings(self.fixed)
            .case_insensitive(self.ignore_case)
            .word(self.word)
            .multi_line(true)
            .size_limit(MAX_COMPILED_BYTES);
        // Where lines end in CR LF, `$` is before both; elsewhere a CR can be searched for.
        if ending == LineEnding::CrLf {
            builder.crlf(true)
        } else {
            builder.line_terminator(Some(b'\n'))
        };
        let matcher = builder.build(&self.pattern).map_err(|error| PatternError::of(&self.pattern, &error))?;
        Ok(Pattern { matcher, invert: self.invert, ending })
    }
}

/// A query that can be looked for.
#[derive(Clone, Debug)]
pub struct Pattern {
    pub(super) matcher: RegexMatcher,
    pub(super) invert: bool,
    pub(super) ending: LineEnding,
}

impl Pattern {
    /// Where the pattern is in `line`, one after the other, as far as anybody could tell them apart; nowhere, where lines without it are sought.
    #[must_use]
    pub fn marks(&self, line: &[u8]) -> Vec<Range<usize>> {
        let mut marks = Vec::new();
        if !self.invert {
            // The matcher's error type has no values.
            let _ = self.matcher.find_iter(line, |found| {
                if found.start() < found.end() {
                    marks.push(found.start()..found.end());
                }
                marks.len() < MAX_MARKS
            });
        }
        marks
    }

    /// How often the pattern is in a line; of a line without it, once.
    pub(super) fn count_in(&self, line: &[u8]) -> u64 {
        if self.invert { 1 } else { self.count_in_piece(self.without_ending(line), (true, true), 0) }
    }

    /// A line without what ends it, after which there would be another one.
    pub(super) fn without_ending<'a>(&self, line: &'a [u8]) -> &'a [u8] {
        match line.strip_suffix(b"\n") {
            Some(rest) if self.ending == LineEnding::CrLf => rest.strip_suffix(b"\r").unwrap_or(rest),
            rest => rest.unwrap_or(line),
        }
    }

    /// How often the pattern is in a piece of a line, but for what ends within the first `seen` bytes; what goes up to the end
    /// of a piece that is not the last is left to the next.
    pub(super) fn count_in_piece(&self, piece: &[u8], (first, last): (bool, bool), seen: usize) -> u64 {
        let mut count = 0;
        // The matcher has no errors.
        let _ = self.matcher.find_iter_at(piece, usize::from(!first).min(piece.len()), |found| {
            count += u64::from(found.end() >= seen && (last || found.end() < piece.len()));
            true
        });
        count
    }

    /// Whether the pattern is in a text that is no line of a document.
    #[must_use]
    pub(in crate::document) fn is_in(&self, text: &[u8]) -> bool {
        // The matcher has no errors.
        matches!(self.matcher.is_match(text), Ok(true)) != self.invert
    }

    /// Whether the pattern is in a piece of a line, turned round or not. The first byte of a later piece only tells what comes before the rest, and what
    /// goes up to the end of one that is not the last is left to the next: there it may turn out to end elsewhere.
    pub(super) fn is_in_piece(&self, piece: &[u8], first: bool, last: bool) -> bool {
        let from = usize::from(!first).min(piece.len());
        matches!(self.matcher.find_at(piece, from), Ok(Some(found)) if last || found.end() < piece.len())
    }
}

/// Why nothing can be searched for.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PatternError {
    /// There is no pattern.
    #[error("There is nothing to search for")]
    Empty,
    /// It is no regular expression.
    #[error("This is no regular expression: {what}, at character {at}")]
    Invalid {
        /// What is wrong with it.
        what: String,
        /// The character of the pattern where that is seen, from 1 on.
        at: usize,
    },
    /// It is one that can not be matched line by line, or would take too much memory.
    #[error("This can not be searched for: {what}")]
    Refused {
        /// Why not.
        what: String,
    },
}

impl PatternError {
    fn of(pattern: &str, error: &grep_regex::Error) -> Self {
        let place = match regex_syntax::Parser::new().parse(pattern) {
            Err(regex_syntax::Error::Parse(error)) => Some((error.kind().to_string(), error.span().start.offset)),
            Err(regex_syntax::Error::Translate(error)) => Some((error.kind().to_string(), error.span().start.offset)),
            _ => None,
        };
        match place {
            Some((what, byte)) => {
                let before = pattern.get(..byte).map_or(0, |before| before.chars().count());
                Self::Invalid { what, at: before + 1 }
            }
            None => Self::Refused { what: error.to_string() },
        }
    }
}

impl Failure for PatternError {
    fn advice(&self) -> String {
        match self {
            Self::Empty => "Type what to search for.",
            Self::Invalid { .. } => "Mend the pattern, or search for the text itself.",
            Self::Refused { .. } => "Ask for something simpler: a pattern is sought within lines.",
        }
        .into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn query(pattern: &str) -> Query {
        Query { pattern: pattern.into(), ..Query::default() }
    }

    #[test]
    fn a_pattern_that_is_none_says_where_it_goes_wrong() {
        let error = query("äb(c").compile(LineEnding::Lf).unwrap_err();
        assert_eq!(error, PatternError::Invalid { what: "unclosed group".into(), at: 3 });
        assert_eq!(query("").compile(LineEnding::Lf).unwrap_err(), PatternError::Empty);
        let refused = query(r"a{1000}{1000}{1000}").compile(LineEnding::Lf).unwrap_err();
        assert!(matches!(refused, PatternError::Refused { .. } | PatternError::Invalid { .. }), "{refused}");
        let lines = query(r"a\nb").compile(LineEnding::Lf).unwrap_err();
        assert!(matches!(lines, PatternError::Refused { .. }), "{lines}");
    }

    #[test]
    fn what_is_asked_for_is_what_is_found() {
        let marks_as = |query: Query, ending, line: &[u8]| {
            let marks = query.compile(ending).unwrap().marks(line);
            marks.into_iter().map(|mark| (mark.start, mark.end)).collect::<Vec<_>>()
        };
        let marks = |query: Query, line: &str| marks_as(query, LineEnding::Lf, line.as_bytes());
        assert_eq!(marks(query("a.c"), "abc ABC a.c"), [(0, 3), (8, 11)]);
        assert_eq!(marks(Query { fixed: true, ..query("a.c") }, "abc ABC a.c"), [(8, 11)]);
        assert_eq!(marks(Query { ignore_case: true, ..query("ä") }, "Ää"), [(0, 2), (2, 4)]);
        assert_eq!(marks(Query { word: true, ..query("ab") }, "abc ab"), [(4, 6)]);
        assert!(marks(Query { invert: true, ..query("ab") }, "abc ab").is_empty());
        assert_eq!(marks_as(query("b$"), LineEnding::CrLf, b"ab\r"), [(1, 2)], "a line's end is before CR LF");
        assert!(marks(query("b$"), "ab\r").is_empty());
        assert_eq!(marks(query(r"\r"), "ab\r"), [(2, 3)]);
        assert_eq!(marks(query("x*"), "axx"), [(1, 3)], "what is empty has no place to be shown at");
        assert_eq!(
            marks_as(query("ä"), LineEnding::Lf, b"\xff\xc3\xa4"),
            [(1, 3)],
            "bytes that are no text do no harm"
        );
    }
}
