//! One pass over a table in order: how many records it has, and how many fields these have. Pure; fed block by block, with
//! records, quotes and CR LF cut anywhere, and gone on with where it came to an end.

use super::Dialect;
use super::splitter::{Ends, ScanState, Visit, pass};

/// The most other numbers of fields that are counted apart.
const MAX_OTHERS: usize = 8;

/// How many records there are, and how many fields they have.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Shape {
    /// The records, a header among them.
    pub records: u64,
    /// The fields of the first record, which as many are expected of all others to have; zero before there is one.
    pub expected: u64,
    /// The most fields that a record has.
    pub most: u64,
    /// The records that have fewer than are expected.
    pub fewer: u64,
    /// The records that have more than are expected.
    pub more: u64,
    /// Numbers of fields that are not expected, with how many records have them; of those that were dropped again,
    /// fewer.
    others: [(u64, u64); MAX_OTHERS],
}

impl Shape {
    /// The records that have other than the expected number of fields.
    #[must_use]
    pub const fn ragged(&self) -> u64 {
        self.fewer + self.more
    }

    /// The number of fields that most records have, as far as it can be told from few counts: the expected one, unless
    /// another is had by more.
    #[must_use]
    pub fn usual(&self) -> u64 {
        let regular = self.records.saturating_sub(self.ragged());
        let other = self.others.iter().max_by_key(|(_, records)| *records).filter(|(_, records)| *records > regular);
        other.map_or(self.expected, |(fields, _)| *fields)
    }

    #[inline(always)]
    #[expect(clippy::inline_always, reason = "what is not inlined is compiled for the oldest processor")]
    fn count(&mut self, fields: u64) {
        self.records += 1;
        if fields != self.expected {
            self.count_other(fields);
        }
    }

    #[cold]
    fn count_other(&mut self, fields: u64) {
        self.most = self.most.max(fields);
        if self.expected == 0 {
            self.expected = fields;
            return;
        }
        if fields < self.expected {
            self.fewer += 1;
        } else {
            self.more += 1;
        }
        let known = self.others.iter().position(|(other, records)| *other == fields && *records > 0);
        let place = known.or_else(|| self.others.iter().position(|(_, records)| *records == 0));
        match place.and_then(|place| self.others.get_mut(place)) {
            Some((other, records)) => (*other, *records) = (fields, *records + 1),
            // What more than so many numbers share is not the usual one (Misra and Gries, 1982).
            None => self.others.iter_mut().for_each(|(_, records)| *records -= 1),
        }
    }
}

/// How many records a block has ended, and how many of them are ragged.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Fed {
    pub(super) records: u64,
    pub(super) ragged: u64,
}

/// A pass over a table.
#[derive(Clone, Copy, Debug)]
pub(super) struct RecordScan {
    dialect: Dialect,
    state: ScanState,
    counts: Counts,
}

#[derive(Clone, Copy, Debug, Default)]
struct Counts {
    /// Of the record that goes on: its fields that have ended, and its bytes.
    open_fields: u64,
    open_bytes: u64,
    shape: Shape,
}

impl RecordScan {
    pub(super) fn new(dialect: Dialect) -> Self {
        Self { dialect, state: ScanState::default(), counts: Counts::default() }
    }

    /// Takes in the next bytes.
    pub(super) fn feed(&mut self, block: &[u8]) -> Fed {
        let before = self.counts.shape;
        self.state = pass(block, self.dialect, self.state, &mut self.counts);
        let now = &self.counts.shape;
        Fed { records: now.records - before.records, ragged: now.ragged() - before.ragged() }
    }

    /// How the next byte is read.
    pub(super) const fn state(&self) -> ScanState {
        self.state
    }

    /// What the records that have ended are like.
    pub(super) const fn shape(&self) -> Shape {
        self.counts.shape
    }

    /// The same if nothing comes any more: what goes on is then a record too.
    pub(super) fn whole_shape(&self) -> Shape {
        let mut shape = self.counts.shape;
        if self.counts.open_bytes > 0 {
            shape.count(self.counts.open_fields + 1);
        }
        shape
    }

    /// Whether a quote was opened and is not closed so far.
    pub(super) fn is_quote_open(&self) -> bool {
        self.state == ScanState::InQuotes
    }
}

impl Visit for Counts {
    #[inline(always)]
    #[expect(clippy::inline_always, reason = "what is not inlined is compiled for the oldest processor")]
    fn chunk(&mut self, ends: Ends, bytes: u32) -> bool {
        let mut fields = ends.fields;
        let mut records = ends.records;
        while records != 0 {
            let before = (records & records.wrapping_neg()) - 1;
            let ended = self.open_fields + u64::from((fields & before).count_ones());
            self.shape.count(ended + 1);
            self.open_fields = 0;
            fields &= !before;
            records &= records - 1;
        }
        self.open_fields += u64::from(fields.count_ones());
        self.open_bytes = if ends.records == 0 {
            self.open_bytes + u64::from(bytes)
        } else {
            u64::from(bytes + ends.records.leading_zeros()) - 64
        };
        true
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::naive::{any_dialect, any_text, naive_records};
    use super::*;

    fn scanned(text: &[u8], dialect: Dialect, cuts: &[usize]) -> (RecordScan, Fed) {
        let (mut scan, mut rest) = (RecordScan::new(dialect), text);
        let mut all = Fed { records: 0, ragged: 0 };
        for cut in cuts.iter().cycle() {
            if rest.is_empty() {
                break;
            }
            let (block, after) = rest.split_at((*cut).min(rest.len()));
            let fed = scan.feed(block);
            all = Fed { records: all.records + fed.records, ragged: all.ragged + fed.ragged };
            rest = after;
        }
        (scan, all)
    }

    proptest! {
        #[test]
        fn records_and_fields_are_counted_as_a_reader_byte_by_byte_does(
            text in any_text(600),
            dialect in any_dialect(),
            cuts in prop::collection::vec(prop_oneof![1_usize..20, 60_usize..200], 1..20),
        ) {
            let records = naive_records(&text, dialect);
            let fields: Vec<_> = records.iter().map(|record| record.len() as u64).collect();
            let expected = fields.first().copied().unwrap_or(0);
            let (scan, fed) = scanned(&text, dialect, &cuts);
            let shape = scan.whole_shape();
            prop_assert_eq!(shape.records, fields.len() as u64);
            prop_assert_eq!((shape.expected, shape.most), (expected, fields.iter().copied().max().unwrap_or(0)));
            let fewer = fields.iter().filter(|fields| **fields < expected).count() as u64;
            let more = fields.iter().filter(|fields| **fields > expected).count() as u64;
            prop_assert_eq!((shape.fewer, shape.more), (fewer, more));
            prop_assert_eq!((fed.records, fed.ragged), (scan.shape().records, scan.shape().ragged()));
        }

        #[test]
        fn the_usual_number_of_fields_is_what_more_than_half_of_the_records_have(
            few in prop::collection::vec(1_usize..30, 0..40),
            usual in 1_usize..30,
            first in 1_usize..30,
        ) {
            let mut widths = vec![usual; few.len() + 2];
            drop(widths.splice(1..1, few));
            widths.insert(0, first);
            let text: Vec<_> = widths.iter().flat_map(|width| [vec![b','; width - 1], vec![b'\n']].concat()).collect();
            prop_assert_eq!(scanned(&text, Dialect::default(), &[50]).0.whole_shape().usual(), usual as u64);
        }
    }

    #[test]
    fn a_quote_that_is_never_closed_makes_one_record_of_the_rest_and_is_told() {
        let (scan, _) = scanned(b"a,b\n1,\"2\n3,4\n", Dialect::default(), &[4]);
        assert_eq!((scan.whole_shape().records, scan.shape().records), (2, 1));
        assert!(scan.is_quote_open());
        assert!(!scanned(b"a,\"b\"", Dialect::default(), &[1]).0.is_quote_open());
    }

    #[test]
    fn what_is_appended_goes_on_with_the_record_that_was_not_ended() {
        let (mut scan, _) = scanned(b"a,b\n1", Dialect::default(), &[3]);
        assert_eq!((scan.whole_shape().records, scan.whole_shape().fewer), (2, 1));
        assert_eq!(scan.feed(b",2\n"), Fed { records: 1, ragged: 0 });
        assert_eq!((scan.whole_shape().records, scan.whole_shape().ragged()), (2, 0));
    }
}
