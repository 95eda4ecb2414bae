//! The ends of fields and records in a piece of a table, one after the other: for looking things up, where a pass over all
//! only counts. Pure.

use super::Dialect;
use super::splitter::{Ends, ScanState, Visit, pass};

/// What ends at a byte.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Edge {
    /// A field that is not the last of its record.
    Field,
    /// A record, and with it its last field.
    Record,
}

/// Gives the place of each byte at which something ends to `found`, which tells whether to go on.
pub(super) fn each_edge(
    bytes: &[u8],
    dialect: Dialect,
    state: ScanState,
    found: impl FnMut(usize, Edge) -> bool,
) -> ScanState {
    pass(bytes, dialect, state, &mut EachEdge { at: 0, found })
}

/// The same for the ends of records alone.
pub(super) fn each_record_end(
    bytes: &[u8],
    dialect: Dialect,
    state: ScanState,
    found: impl FnMut(usize) -> bool,
) -> ScanState {
    pass(bytes, dialect, state, &mut EachRecordEnd { at: 0, found })
}

struct EachEdge<F> {
    at: usize,
    found: F,
}

impl<F: FnMut(usize, Edge) -> bool> Visit for EachEdge<F> {
    fn chunk(&mut self, ends: Ends, bytes: u32) -> bool {
        let mut edges = ends.records | ends.fields;
        while edges != 0 {
            let edge = if ends.records & edges & edges.wrapping_neg() != 0 { Edge::Record } else { Edge::Field };
            if !(self.found)(self.at + edges.trailing_zeros() as usize, edge) {
                return false;
            }
            edges &= edges - 1;
        }
        self.at += bytes as usize;
        true
    }
}

struct EachRecordEnd<F> {
    at: usize,
    found: F,
}

impl<F: FnMut(usize) -> bool> Visit for EachRecordEnd<F> {
    fn chunk(&mut self, ends: Ends, bytes: u32) -> bool {
        let mut records = ends.records;
        while records != 0 {
            if !(self.found)(self.at + records.trailing_zeros() as usize) {
                return false;
            }
            records &= records - 1;
        }
        self.at += bytes as usize;
        true
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::naive::{any_dialect, any_text, naive_edges};
    use super::*;

    fn edges(text: &[u8], dialect: Dialect, cuts: &[usize]) -> Vec<(usize, Edge)> {
        let (mut edges, mut state, mut at) = (Vec::new(), ScanState::AtEdge, 0);
        for cut in cuts.iter().cycle() {
            let block = &text[at..(at + cut).min(text.len())];
            if block.is_empty() {
                break;
            }
            state = each_edge(block, dialect, state, |place, edge| {
                edges.push((at + place, edge));
                true
            });
            at += block.len();
        }
        edges
    }

    proptest! {
        #[test]
        fn however_the_bytes_are_cut_fields_and_records_end_where_a_reader_byte_by_byte_finds_it(
            text in any_text(400),
            dialect in any_dialect(),
            cuts in prop::collection::vec(prop_oneof![1_usize..20, 60_usize..200], 1..20),
        ) {
            prop_assert_eq!(edges(&text, dialect, &cuts), naive_edges(&text, dialect));
        }

        #[test]
        fn who_has_seen_enough_is_told_no_more(text in any_text(300), dialect in any_dialect(), enough in 1_usize..9) {
            let mut told = Vec::new();
            each_record_end(&text, dialect, ScanState::AtEdge, |at| {
                told.push(at);
                told.len() < enough
            });
            let all = naive_edges(&text, dialect).into_iter().filter(|(_, edge)| *edge == Edge::Record);
            prop_assert_eq!(told, all.map(|(at, _)| at).take(enough).collect::<Vec<_>>());
        }
    }

    #[test]
    fn a_quote_in_the_middle_of_a_field_is_text_and_after_a_closing_one_too() {
        let dialect = Dialect::default();
        for (text, ends) in [
            ("5\" pipe,\"a\nb\"\n", vec![7, 13]),
            ("\"a\"b\"c,d\n", vec![6, 8]),
            ("\"a\"\"\n\",b\n", vec![6, 8]),
            ("\"open\n,", vec![]),
        ] {
            let found: Vec<_> = edges(text.as_bytes(), dialect, &[3]).into_iter().map(|(at, _)| at).collect();
            assert_eq!(found, ends, "{text:?}");
        }
    }
}
