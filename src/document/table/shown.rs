//! The rows of a table as they are shown: all of them as they are in the file or, where they are arranged, those that are
//! left in their order. A row is called by where its record starts in either case. Pure; what is lacking is asked for.

use std::ops::RangeInclusive;

use super::order::{RowAt, RowOrder};
use super::rows::Rows;
use crate::document::{Found, Walked};
use crate::source::ByteOffset;

/// Some rows that are shown one after the other.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RowSpan {
    /// By where their records start, where rows are as they are in the file.
    Starts(RangeInclusive<ByteOffset>),
    /// By the places at which they are shown, where rows are arranged.
    Places(RangeInclusive<u64>),
}

impl RowSpan {
    /// Those between two rows, which are among them; `None` while it is not known where these are shown, or if one is not.
    #[must_use]
    pub fn between(one: ByteOffset, other: ByteOffset, order: Option<&RowOrder>) -> Option<Self> {
        let Some(order) = order else { return Some(Self::Starts(one.min(other)..=one.max(other))) };
        let (one, other) = (order.place_of(one).here()??, order.place_of(other).here()??);
        Some(Self::Places(one.min(other)..=one.max(other)))
    }

    /// Whether it is one row alone.
    #[must_use]
    pub fn is_one(&self) -> bool {
        match self {
            Self::Starts(starts) => starts.start() == starts.end(),
            Self::Places(places) => places.start() == places.end(),
        }
    }

    /// Whether a row is among them that starts here and is shown at that place.
    #[must_use]
    pub fn contains(&self, start: ByteOffset, place: Option<u64>) -> bool {
        match self {
            Self::Starts(starts) => starts.contains(&start),
            Self::Places(places) => place.is_some_and(|place| places.contains(&place)),
        }
    }
}

impl Rows<'_> {
    /// The same rows as they are shown in this order.
    #[must_use]
    pub const fn arranged<'s>(&'s self, order: Option<&'s RowOrder>) -> Rows<'s> {
        Rows { lines: self.lines, index: self.index, dialect: self.dialect, order }
    }

    /// The start of the first row that is shown; `None` if there is none so far.
    #[must_use]
    pub fn first_row(&self) -> Found<Option<ByteOffset>> {
        self.order.map_or_else(|| self.first_record(), |order| start_at(order, 0))
    }

    /// The start of the last row that is shown; `None` if there is none.
    #[must_use]
    pub fn last_row(&self) -> Found<Option<ByteOffset>> {
        if let Some(order) = self.order {
            return start_at(order, order.facts().rows.saturating_sub(1));
        }
        let Found::Here(first) = self.first_record() else { return Found::Loading };
        let Some(first) = first else { return Found::Here(None) };
        self.start_around(self.end()).map(|last| Some(last.max(first)))
    }

    /// The row to begin with where `at` is the topmost: the one that starts there or, where that is not shown, the first.
    #[must_use]
    pub fn row_from(&self, at: ByteOffset) -> Found<Option<ByteOffset>> {
        let Some(order) = self.order else {
            return self.first_record().map(|first| first.map(|first| first.max(at)));
        };
        match order.place_of(at) {
            Found::Here(Some(_)) => Found::Here(Some(at)),
            Found::Here(None) => start_at(order, 0),
            Found::Loading | Found::Unknown => Found::Loading,
        }
    }

    /// The row that holds the byte at `at`, shown or not; the first one where that is in the header.
    #[must_use]
    pub fn row_around(&self, at: ByteOffset) -> Found<ByteOffset> {
        let first = match self.first_record() {
            Found::Here(first) => first.unwrap_or(at),
            Found::Loading => return Found::Loading,
            Found::Unknown => return Found::Unknown,
        };
        self.start_around(at).map(|start| start.max(first))
    }

    /// Whether the row that starts at `start` is shown.
    #[must_use]
    pub fn is_shown(&self, start: ByteOffset) -> Found<bool> {
        self.order.map_or(Found::Here(true), |order| order.place_of(start).map(|place| place.is_some()))
    }

    /// The place at which the row that starts at `start` is shown, and what is known of it there; `None` where rows are as
    /// they are in the file.
    #[must_use]
    pub fn arranged_at(&self, start: ByteOffset) -> Option<(u64, RowAt)> {
        let order = self.order?;
        let place = order.place_of(start).here()??;
        Some((place, order.at(place).here()?))
    }

    /// The row that is shown at a place, where rows are arranged; unknown where they are not.
    #[must_use]
    pub fn row_at(&self, place: u64) -> Found<ByteOffset> {
        self.order.map_or(Found::Unknown, |order| order.at(place).map(|row| row.start))
    }

    /// Whether one row is shown before another; `None` while that is not known.
    #[must_use]
    pub fn is_before(&self, one: ByteOffset, other: ByteOffset) -> Option<bool> {
        let Some(order) = self.order else { return Some(one < other) };
        Some(order.place_of(one).here()? < order.place_of(other).here()?)
    }

    /// How many rows are shown, where they are arranged.
    #[must_use]
    pub fn arranged_rows(&self) -> Option<u64> {
        self.order.map(|order| order.facts().rows)
    }

    /// Goes from the row that starts at `start` over `count` rows as they are shown, back if it is negative, as far as what
    /// is at hand goes; no further than to the first one and to the last.
    #[must_use]
    pub fn walk(&self, start: ByteOffset, count: i64) -> Walked {
        let Some(order) = self.order else { return self.walk_records(start, count) };
        let waits = Walked { at: start, left: count };
        let to = match order.place_of(start) {
            Found::Here(Some(place)) => place.saturating_add_signed(count).min(order.facts().rows.saturating_sub(1)),
            // It is hidden: the first one takes its place.
            Found::Here(None) => 0,
            Found::Loading | Found::Unknown => return waits,
        };
        match start_at(order, to) {
            Found::Here(at) => Walked { at: at.unwrap_or(start), left: 0 },
            Found::Loading | Found::Unknown => waits,
        }
    }

    /// The first ragged row that is shown after the one that starts at `start`, or from the first one on, if nothing is
    /// given; `None` if there is none, unknown while one may come.
    #[must_use]
    pub fn ragged_after(&self, start: Option<ByteOffset>) -> Found<Option<ByteOffset>> {
        let Some(order) = self.order else {
            return self.ragged_record_after(start.unwrap_or(self.index.text_start()));
        };
        let from = match start.map(|start| order.place_of(start)) {
            None | Some(Found::Here(None)) => 0,
            Some(Found::Here(Some(place))) => place + 1,
            Some(Found::Loading | Found::Unknown) => return Found::Loading,
        };
        match order.ragged_from(from) {
            Found::Here(Some(place)) => start_at(order, place),
            Found::Here(None) => Found::Here(None),
            Found::Loading | Found::Unknown => Found::Loading,
        }
    }
}

/// The start of the row that is shown at a place; `None` beyond the last.
fn start_at(order: &RowOrder, place: u64) -> Found<Option<ByteOffset>> {
    if place >= order.facts().rows { Found::Here(None) } else { order.at(place).map(|row| Some(row.start)) }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::super::Dialect;
    use super::super::index::RecordIndex;
    use super::super::order::testing::order_of;
    use super::*;
    use crate::document::{LineIndex, Lines, PAGE_BYTES};

    /// Looks at a table of four rows of two bytes and a header, of which three are shown in another order.
    fn with_arranged(look: impl FnOnce(&Rows<'_>)) {
        let text: Arc<[u8]> = b"n\n1\n2\n3\n4\n".as_slice().into();
        let (index, line_index) =
            (RecordIndex::new(PAGE_BYTES, Dialect::default(), ByteOffset(0)), LineIndex::new(PAGE_BYTES));
        let fetch = |_: u64| Some(Arc::clone(&text));
        let lines = Lines::new(&line_index, PAGE_BYTES, text.len() as u64, &fetch);
        let order = order_of(&[(8, 4, false), (2, 1, true), (6, 3, false)], false, 1 << 10);
        look(&Rows::new(&lines, &index, Dialect::default()).arranged(Some(&order)));
    }

    fn at(place: u64) -> ByteOffset {
        ByteOffset(place)
    }

    #[test]
    fn rows_are_gone_over_as_they_are_shown() {
        with_arranged(|rows| {
            assert_eq!((rows.first_row(), rows.last_row()), (Found::Here(Some(at(8))), Found::Here(Some(at(6)))));
            assert_eq!(rows.walk(at(8), 1), Walked { at: at(2), left: 0 });
            assert_eq!(rows.walk(at(2), 9), Walked { at: at(6), left: 0 });
            assert_eq!(rows.walk(at(6), -9), Walked { at: at(8), left: 0 });
            assert_eq!(rows.walk(at(4), 1), Walked { at: at(8), left: 0 }, "one that is hidden gives way to the first");
            assert_eq!((rows.is_before(at(8), at(2)), rows.is_before(at(6), at(2))), (Some(true), Some(false)));
            assert_eq!((rows.is_shown(at(4)), rows.is_shown(at(6))), (Found::Here(false), Found::Here(true)));
            assert_eq!(rows.row_from(at(2)), Found::Here(Some(at(2))));
            assert_eq!(rows.row_from(at(4)), Found::Here(Some(at(8))));
            assert_eq!((rows.row_at(1), rows.row_at(3)), (Found::Here(at(2)), Found::Unknown));
        });
    }

    #[test]
    fn ragged_rows_are_sought_as_they_are_shown() {
        with_arranged(|rows| {
            assert_eq!(rows.ragged_after(None), Found::Here(Some(at(2))));
            assert_eq!(rows.ragged_after(Some(at(8))), Found::Here(Some(at(2))));
            assert_eq!(rows.ragged_after(Some(at(2))), Found::Here(None));
        });
    }

    #[test]
    fn what_lies_between_two_rows_is_told_by_how_they_are_shown() {
        let order = order_of(&[(8, 4, false), (2, 1, true), (6, 3, false)], false, 1 << 10);
        let span = RowSpan::between(at(6), at(2), Some(&order)).unwrap();
        assert_eq!(span, RowSpan::Places(1..=2));
        assert!(span.contains(at(6), Some(2)) && !span.contains(at(8), Some(0)));
        assert_eq!(RowSpan::between(at(6), at(4), Some(&order)), None);
        assert_eq!(RowSpan::between(at(6), at(2), None), Some(RowSpan::Starts(at(2)..=at(6))));
    }
}
