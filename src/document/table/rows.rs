//! Finding the records of a table by number and by place, from the pages that are at hand and the index as far as it goes.
//! Pure: what it lacks is noted, for somebody else to fetch. Works before the index is there: near to what is indexed by
//! going on from there, and elsewhere by a guess, which holds until the index has come there.

use std::ops::Range;

use super::Dialect;
use super::edges::{Edge, each_edge, each_record_end};
use super::index::{RecordIndex, RecordNumber};
use super::order::RowOrder;
use super::splitter::ScanState;
use crate::document::lines::MAX_ASKED;
use crate::document::{Found, Lines, Walked};
use crate::source::ByteOffset;

/// How far beyond the index the end of a record is sought, and its number counted.
pub(super) const UNINDEXED_BYTES: u64 = 1 << 20;
/// Up to so many records are walked over one by one; more are counted.
const SHORT_WALK: u64 = 256;
/// The most records that are walked back where they have to be guessed: each costs a look through a page.
const MAX_GUESSED: i64 = 128;

/// Where a record is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Extent {
    /// The byte after its last one, before CR LF or LF.
    pub end: ByteOffset,
    /// The start of the record after it; `None` if there is none so far.
    pub next: Option<ByteOffset>,
    /// Whether it ends there. One that is not indexed may be too long to tell.
    pub whole: bool,
}

/// A look at a table's records, good for one frame.
pub struct Rows<'a> {
    pub(super) lines: &'a Lines<'a>,
    pub(super) index: &'a RecordIndex,
    pub(super) dialect: Dialect,
    /// How they are shown, if not all are as they are in the file.
    pub(super) order: Option<&'a RowOrder>,
}

impl<'a> Rows<'a> {
    /// A look through `index` at the bytes that `lines` gives.
    pub(super) const fn new(lines: &'a Lines<'a>, index: &'a RecordIndex, dialect: Dialect) -> Self {
        Self { lines, index, dialect, order: None }
    }

    /// The pages of the document.
    #[must_use]
    pub const fn lines(&self) -> &'a Lines<'a> {
        self.lines
    }

    /// The index, as far as it goes.
    #[must_use]
    pub const fn index(&self) -> &'a RecordIndex {
        self.index
    }

    /// How the table is written.
    #[must_use]
    pub const fn dialect(&self) -> Dialect {
        self.dialect
    }

    /// The end of the document.
    #[must_use]
    pub const fn end(&self) -> ByteOffset {
        self.lines.end()
    }

    /// Up to where records are indexed; before that, they do not change any more.
    #[must_use]
    pub const fn indexed(&self) -> ByteOffset {
        self.index.covered()
    }

    /// The number of the first record that is no header.
    const fn first_number(&self) -> u64 {
        self.dialect.header as u64
    }

    /// The start of the first record in the file that is no header; `None` if there is none so far.
    pub(super) fn first_record(&self) -> Found<Option<ByteOffset>> {
        let start = self.index.text_start();
        if start >= self.end() {
            return Found::Here(None);
        }
        if self.dialect.header { self.extent_of(start).map(|header| header.next) } else { Found::Here(Some(start)) }
    }

    /// Where the record is that starts at `start`.
    #[must_use]
    pub fn extent_of(&self, start: ByteOffset) -> Found<Extent> {
        let newline = match self.newline_after(start) {
            Found::Here(newline) => newline,
            Found::Loading => return Found::Loading,
            Found::Unknown => {
                let end = start.max(self.indexed()).plus(UNINDEXED_BYTES).min(self.end());
                return Found::Here(Extent { end, next: None, whole: false });
            }
        };
        let end = newline.unwrap_or(self.end());
        let last = end.minus(1).max(start)..end;
        let Some(last) = self.lines.bytes(last) else { return Found::Loading };
        let next = newline.map(|newline| newline.plus(1)).filter(|next| *next < self.end());
        Found::Here(Extent { end: end.minus(u64::from(last.ends_with(b"\r"))), next, whole: true })
    }

    /// The start of the record that holds the byte at `at`; of the last one if `at` is the end.
    #[must_use]
    pub fn start_around(&self, at: ByteOffset) -> Found<ByteOffset> {
        let at = at.min(self.end().minus(1)).max(self.index.text_start());
        if at > self.indexed().plus(UNINDEXED_BYTES) {
            return self.guessed_start(at);
        }
        if at > self.indexed() {
            match self.last_end(self.indexed(), at) {
                Found::Here(Some(end)) => return Found::Here(end.plus(1)),
                Found::Here(None) => {}
                Found::Loading | Found::Unknown => return Found::Loading,
            }
        }
        let at = at.min(self.indexed());
        let stride = self.index.ends().around(at).map_or(at, |(stride, _)| stride);
        match self.last_end(stride, at) {
            Found::Here(Some(end)) => return Found::Here(end.plus(1)),
            Found::Here(None) => {}
            Found::Loading | Found::Unknown => return Found::Loading,
        }
        let Some(stride) = self.index.ends().last_before(at) else { return Found::Here(self.index.text_start()) };
        match self.last_end(stride, self.index.ends().end(stride)) {
            Found::Here(end) => Found::Here(end.map_or(stride, |end| end.plus(1))),
            Found::Loading | Found::Unknown => Found::Loading,
        }
    }

    /// The number of the record that starts at `start`.
    #[must_use]
    pub fn number_of(&self, start: ByteOffset) -> Found<RecordNumber> {
        let (from, before) = match self.index.ends().around(start) {
            Some(stride) => stride,
            None if start <= self.indexed().plus(UNINDEXED_BYTES) => (self.indexed(), self.index.ends().total()),
            None => return Found::Unknown,
        };
        let mut count = before;
        let told = self.each_record_end(self.text_from(from)..start, self.index.state_at(from), |_| {
            count += 1;
            true
        });
        if told { Found::Here(RecordNumber(count)) } else { Found::Loading }
    }

    /// The start of the record of that number.
    #[must_use]
    pub fn start_of(&self, number: RecordNumber) -> Found<ByteOffset> {
        let Some(end) = number.0.checked_sub(1) else { return Found::Here(self.index.text_start()) };
        let Some((stride, before)) = self.index.ends().of(end) else { return Found::Unknown };
        let (mut left, mut found) = (end - before, None);
        self.ask(stride..self.index.ends().end(stride));
        let range = self.text_from(stride)..self.index.ends().end(stride);
        let told = self.each_record_end(range, self.index.state_at(stride), |place| {
            found = Some(place.plus(1)).filter(|_| left == 0);
            left = left.saturating_sub(1);
            found.is_none()
        });
        match found.filter(|start| *start < self.end()) {
            Some(start) => Found::Here(start),
            None if told => Found::Unknown,
            None => Found::Loading,
        }
    }

    /// Goes from the record that starts at `start` over `count` records of the file, back if it is negative, as far as the
    /// pages at hand go; no further than to the first one that is no header, and to the last.
    pub(super) fn walk_records(&self, start: ByteOffset, count: i64) -> Walked {
        let by_number = count < 0 || count.unsigned_abs() > SHORT_WALK;
        if by_number
            && let Found::Here(number) = self.number_of(start)
            && let Found::Here(at) = self.start_of(RecordNumber(self.within(number.0.saturating_add_signed(count))))
        {
            return Walked { at, left: 0 };
        }
        let mut walked = Walked { at: start, left: count.max(-MAX_GUESSED) };
        while walked.left != 0 {
            let next = if count < 0 { self.previous(walked.at) } else { self.extent_of(walked.at).map(|row| row.next) };
            match next {
                Found::Here(Some(at)) => walked = Walked { at, left: walked.left - count.signum() },
                Found::Here(None) => walked.left = 0,
                Found::Loading | Found::Unknown => {
                    self.ask_ahead(walked.at, walked.left);
                    break;
                }
            }
        }
        walked
    }

    /// The number nearest to this one that a record has which is no header.
    fn within(&self, number: u64) -> u64 {
        let last = self.index.shape().records.saturating_sub(1);
        let number = if self.index.complete() { number.min(last) } else { number };
        number.max(self.first_number())
    }

    /// The start of the record before the one that starts at `start`; `None` if that is the first that is no header.
    fn previous(&self, start: ByteOffset) -> Found<Option<ByteOffset>> {
        let first = match self.first_record() {
            Found::Here(first) => first.unwrap_or(start),
            Found::Loading | Found::Unknown => return Found::Loading,
        };
        if start <= first {
            return Found::Here(None);
        }
        self.start_around(start.minus(1)).map(|previous| Some(previous.max(first)))
    }

    /// The start of the first ragged record in the file that starts after `start`; `None` if there is none, unknown while one
    /// may come.
    pub(super) fn ragged_record_after(&self, start: ByteOffset) -> Found<Option<ByteOffset>> {
        let ragged = self.index.ragged();
        let mut stride = if ragged.within(start) > 0 { ragged.around(start).map(|(stride, _)| stride) } else { None };
        stride = stride.or_else(|| ragged.first_after(start));
        while let Some(at) = stride {
            let Found::Here(found) = self.ragged_within(at) else { return Found::Loading };
            if let Some(found) = found.into_iter().find(|found| *found > start) {
                return Found::Here(Some(found));
            }
            stride = ragged.first_after(at);
        }
        if !self.index.complete() {
            return if self.index.stopped() { Found::Here(None) } else { Found::Unknown };
        }
        if !self.index.last_is_ragged() {
            return Found::Here(None);
        }
        self.start_around(self.end()).map(|last| Some(last).filter(|last| *last > start))
    }

    /// The starts of the ragged records that end in the stride that begins at `stride`. Of the one that began before it,
    /// only the count tells whether it is one.
    fn ragged_within(&self, stride: ByteOffset) -> Found<Vec<ByteOffset>> {
        let expected = self.index.shape().expected;
        let range = self.text_from(stride)..self.index.ends().end(stride);
        let (mut found, mut start, mut fields) = (Vec::new(), Some(range.start).filter(|_| stride.0 == 0), 1);
        let told = self.each_edge(range, self.index.state_at(stride), |place, edge| {
            match edge {
                Edge::Field => fields += 1,
                Edge::Record => {
                    found.extend(start.filter(|_| fields != expected));
                    (start, fields) = (Some(place.plus(1)), 1);
                }
            }
            true
        });
        if !told {
            return Found::Loading;
        }
        if (found.len() as u64) < self.index.ragged().within(stride) {
            let Found::Here(first) = self.start_around(stride) else { return Found::Loading };
            found.insert(0, first);
        }
        Found::Here(found)
    }

    /// Asks for the pages in which the next `count` records after `from` end or, if it is negative, those before it.
    pub fn ask_ahead(&self, from: ByteOffset, count: i64) {
        let ends = self.index.ends();
        self.ask(from..from.plus(1));
        let (mut at, mut left) = (from, count.unsigned_abs());
        for _ in 0..MAX_ASKED {
            let stride = if count < 0 { ends.last_before(at) } else { ends.first_after(at) };
            let Some(stride) = stride.filter(|_| left > 0) else { break };
            self.ask(stride..ends.end(stride));
            left = left.saturating_sub(ends.within(stride));
            at = stride;
        }
    }

    /// Gives each place at which something ends in `range`, which begins in `state`, until `found` has seen enough; whether
    /// there were all bytes to tell.
    pub(super) fn each_edge(
        &self,
        range: Range<ByteOffset>,
        state: ScanState,
        mut found: impl FnMut(ByteOffset, Edge) -> bool,
    ) -> bool {
        self.each_piece(range, state, |at, piece, state| {
            let mut goes_on = true;
            let state = each_edge(piece, self.dialect, state, |place, edge| {
                goes_on = found(at.plus(place as u64), edge);
                goes_on
            });
            Some(state).filter(|_| goes_on)
        })
    }

    pub(super) fn each_record_end(
        &self,
        range: Range<ByteOffset>,
        state: ScanState,
        mut found: impl FnMut(ByteOffset) -> bool,
    ) -> bool {
        self.each_piece(range, state, |at, piece, state| {
            let mut goes_on = true;
            let state = each_record_end(piece, self.dialect, state, |place| {
                goes_on = found(at.plus(place as u64));
                goes_on
            });
            Some(state).filter(|_| goes_on)
        })
    }

    /// Gives the pieces of `range`, cut at the edges of pages, to `look`, which gives the state after each, or nothing when
    /// it has seen enough; whether all pages were at hand up to there.
    fn each_piece(
        &self,
        range: Range<ByteOffset>,
        mut state: ScanState,
        mut look: impl FnMut(ByteOffset, &[u8], ScanState) -> Option<ScanState>,
    ) -> bool {
        let end = range.end.min(self.end());
        let mut at = range.start;
        while at < end {
            let number = at.0 / self.lines.page_bytes;
            let Some(page) = self.lines.page(number) else { return false };
            let from = usize::try_from(at.0 % self.lines.page_bytes).unwrap_or(usize::MAX);
            let most = usize::try_from(end.since(at)).unwrap_or(usize::MAX);
            let rest = page.get(from..).unwrap_or_default();
            let piece = rest.get(..most).unwrap_or(rest);
            // A file that was cut short has no more.
            if piece.is_empty() {
                break;
            }
            match look(at, piece, state) {
                Some(after) => state = after,
                None => break,
            }
            at = at.plus(piece.len() as u64);
        }
        true
    }
}
