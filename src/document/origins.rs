//! Where the lines of a document come from that has only some lines of its file: which line of the file each one is, and
//! where it starts there. In a document that has all of them, a line is what it is. Pure, as the lines are.

use std::ops::Range;
use std::sync::Arc;

use memchr::memchr_iter;

use super::lines::{Found, Lines, MAX_ASKED};
use super::search::Filtered;
use super::{Document, LineNumber, Only};
use crate::source::ByteOffset;

/// Where a line comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Origin {
    /// The place in the text of the file.
    pub at: ByteOffset,
    /// The number of the line there.
    pub number: LineNumber,
}

impl Document {
    /// Which lines of its file it has, if not all.
    #[must_use]
    pub fn only(&self) -> Option<&Only> {
        self.shared.only.as_ref()
    }

    /// How far the file was searched for its lines, and how long that is, if it has not all of them.
    #[must_use]
    pub fn searched(&self) -> Option<(u64, u64)> {
        self.filtered().map(|filtered| filtered.passed())
    }

    /// How many lines of the file are known, whether or not the document has them.
    #[must_use]
    pub fn lines_of_file(&self) -> u64 {
        self.filtered().map_or_else(|| self.line_count().0, |filtered| filtered.base_lines())
    }

    pub(super) fn filtered(&self) -> Option<Arc<Filtered>> {
        self.shared.filtered.read_recursive().clone()
    }
}

impl Lines<'_> {
    /// Whether these are only some lines of a file, which have other numbers there.
    #[must_use]
    pub const fn are_some(&self) -> bool {
        self.filtered.is_some()
    }

    /// Where the byte at `at` comes from.
    #[must_use]
    pub fn origin_of(&self, at: ByteOffset) -> Found<Origin> {
        let Some(filtered) = self.filtered else { return self.number_of(at).map(|number| Origin { at, number }) };
        let run = match filtered.run_of(at) {
            Found::Here(run) => run,
            Found::Loading => return self.wait_for(at),
            Found::Unknown => return Found::Unknown,
        };
        let Some(lines) = self.newlines(run.at..at) else { return Found::Loading };
        Found::Here(Origin { at: run.start.plus(at.since(run.at)), number: LineNumber(run.line + lines) })
    }

    /// The start of the line that has this number in the file or, if it is not here, of the next one that is, or the last.
    #[must_use]
    pub fn start_of_origin(&self, number: LineNumber) -> Found<ByteOffset> {
        let Some(filtered) = self.filtered else { return self.start_of_line(number) };
        let way = match filtered.way_to_line(number.0) {
            Found::Here(way) => way,
            Found::Loading => {
                return filtered.byte_near_line(number.0).map_or(Found::Unknown, |byte| self.wait_for(byte));
            }
            Found::Unknown => return Found::Unknown,
        };
        let start = match self.after_newlines(way.from..way.to, way.newlines) {
            Found::Here(start) => start.unwrap_or(way.to),
            Found::Loading | Found::Unknown => return Found::Loading,
        };
        if start < self.end() { Found::Here(start) } else { self.start_of(self.end().minus(1)) }
    }

    /// Where one comes to from the beginning of `range` after so many newlines; `None` if that is not in it.
    fn after_newlines(&self, range: Range<ByteOffset>, mut newlines: u64) -> Found<Option<ByteOffset>> {
        if newlines == 0 {
            return Found::Here(Some(range.start));
        }
        let end = range.end;
        for (start, bytes) in self.pieces(range) {
            let Some(bytes) = bytes else { return Found::Loading };
            let bytes = bytes.as_ref();
            let here = bytecount::count(bytes, b'\n') as u64;
            if newlines <= here {
                let nth = usize::try_from(newlines - 1).unwrap_or(usize::MAX);
                let place = memchr_iter(b'\n', bytes).nth(nth).map(|newline| start.plus(newline as u64 + 1));
                return Found::Here(place.filter(|place| *place < end));
            }
            newlines -= here;
        }
        Found::Here(None)
    }

    /// Asks where the byte at `at` comes from.
    fn wait_for<T>(&self, at: ByteOffset) -> Found<T> {
        let mut strange = self.strange.borrow_mut();
        if strange.len() < MAX_ASKED && !strange.contains(&at) {
            strange.push(at);
        }
        Found::Loading
    }
}
