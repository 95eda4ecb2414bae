//! How the ends of records are found that look-ups ask for: in one stride of the index or, where there is none yet, in what
//! comes after it or around a place.

use std::ops::Range;

use super::Dialect;
use super::edges::{Edge, each_edge};
use super::rows::{Rows, UNINDEXED_BYTES};
use super::splitter::ScanState;
use crate::document::Found;
use crate::document::lines::MAX_ASKED;
use crate::source::ByteOffset;

/// In so many pages up to a place the beginning of its record is sought, where it has to be guessed.
const GUESSED_PAGES: u64 = 2;

impl Rows<'_> {
    /// The newline at which the record ends that starts at `start`; `None` if the document ends before there is one, unknown
    /// if that would be sought too far.
    pub(super) fn newline_after(&self, start: ByteOffset) -> Found<Option<ByteOffset>> {
        let (ends, indexed) = (self.index.ends(), self.indexed());
        let (mut from, mut state) = (start, ScanState::AtEdge);
        if start < indexed {
            match self.first_end(start..ends.end(start), state) {
                Found::Here(None) => {}
                found => return found,
            }
            if let Some(stride) = ends.first_after(start) {
                return match self.first_end(stride..ends.end(stride), self.index.state_at(stride)) {
                    // The file is not any more what was indexed.
                    Found::Here(None) => Found::Unknown,
                    found => found,
                };
            }
            (from, state) = (indexed, self.index.state_at(indexed));
        }
        let to = from.plus(UNINDEXED_BYTES).min(self.end());
        match self.first_end(from..to, state) {
            Found::Here(None) if to < self.end() => Found::Unknown,
            found => found,
        }
    }

    /// The last end of a record before `end` in the stride that begins at `stride`, or in what comes after the index.
    pub(super) fn last_end(&self, stride: ByteOffset, end: ByteOffset) -> Found<Option<ByteOffset>> {
        self.ask(stride..end);
        let mut last = None;
        let told = self.each_record_end(self.text_from(stride)..end, self.index.state_at(stride), |place| {
            last = Some(place);
            true
        });
        if told { Found::Here(last) } else { Found::Loading }
    }

    fn first_end(&self, range: Range<ByteOffset>, state: ScanState) -> Found<Option<ByteOffset>> {
        let mut first = None;
        let told = self.each_record_end(range, state, |place| {
            first = Some(place);
            false
        });
        if told { Found::Here(first) } else { Found::Loading }
    }

    /// Where what is text begins in a stride: a byte order mark is none.
    pub(super) fn text_from(&self, stride: ByteOffset) -> ByteOffset {
        stride.max(self.index.text_start())
    }

    /// The start of the record around `at`, by how the records of the page around it agree best.
    pub(super) fn guessed_start(&self, at: ByteOffset) -> Found<ByteOffset> {
        let page_bytes = self.lines.page_bytes;
        let number = at.0 / page_bytes;
        for number in (number.saturating_sub(GUESSED_PAGES - 1)..=number).rev() {
            let Some(page) = self.lines.page(number) else { return Found::Loading };
            let start = ByteOffset(number * page_bytes);
            let state = likely_state(&page, self.dialect, self.index.shape().expected);
            let mut last = None;
            self.each_record_end(start..at.min(start.plus(page_bytes)), state, |place| {
                last = Some(place);
                true
            });
            if let Some(last) = last {
                return Found::Here(last.plus(1));
            }
        }
        Found::Unknown
    }

    /// Asks for the pages of a range, as many as one look may.
    pub(super) fn ask(&self, range: Range<ByteOffset>) {
        let end = range.end.min(self.end());
        if range.start < end {
            let pages = range.start.0 / self.lines.page_bytes..end.0.div_ceil(self.lines.page_bytes);
            pages.take(MAX_ASKED).for_each(|number| drop(self.lines.page(number)));
        }
    }
}

/// How the first byte of a page is read, if nobody knows: between quotes only if more records are as expected then.
fn likely_state(page: &[u8], dialect: Dialect, expected: u64) -> ScanState {
    let agreement = |state: ScanState| {
        let (mut agreement, mut fields, mut begun) = (0_i64, 1, false);
        each_edge(page, dialect, state, |_, edge| {
            match edge {
                Edge::Field => fields += 1,
                Edge::Record => {
                    if begun {
                        agreement += if fields == expected { 1 } else { -1 };
                    }
                    (fields, begun) = (1, true);
                }
            }
            true
        });
        agreement
    };
    let quoted = dialect.quote.is_some() && agreement(ScanState::InQuotes) > agreement(ScanState::InField);
    if quoted { ScanState::InQuotes } else { ScanState::InField }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use proptest::prelude::*;

    use super::super::index::{RecordIndex, RecordNumber, Scanned};
    use super::super::naive::{any_dialect, any_text, naive_records};
    use super::super::rows::Extent;
    use super::*;
    use crate::document::{LineIndex, Lines, Walked};

    const PAGE: usize = 8;

    fn index_of(text: &[u8], indexed: usize, dialect: Dialect) -> RecordIndex {
        let mut index = RecordIndex::bounded(PAGE as u64, 4, dialect, ByteOffset(0));
        let mut scan = index.scan();
        for page in text[..indexed].chunks(PAGE) {
            let state = scan.state();
            index.push(Scanned { bytes: page.len() as u64, state, fed: scan.feed(page) });
        }
        index.set_scan(scan);
        index.set_end(indexed == text.len(), false);
        index
    }

    fn with_rows(text: &[u8], indexed: usize, dialect: Dialect, look: impl FnOnce(&Rows<'_>)) {
        let (index, line_index) = (index_of(text, indexed, dialect), LineIndex::new(PAGE as u64));
        let fetch = |number: u64| text.chunks(PAGE).nth(usize::try_from(number).ok()?).map(Arc::from);
        let lines = Lines::new(&line_index, PAGE as u64, text.len() as u64, &fetch);
        look(&Rows::new(&lines, &index, dialect));
        assert_eq!(lines.into_missing(), [0_u64; 0]);
    }

    fn place(at: usize) -> ByteOffset {
        ByteOffset(at as u64)
    }

    proptest! {
        #[test]
        fn records_are_found_by_place_and_by_number_whether_they_are_indexed_or_not(
            text in any_text(150),
            dialect in any_dialect(),
            pages in 0_usize..20,
        ) {
            // Either whole pages are indexed, or all.
            let indexed = (pages * PAGE).min(text.len());
            let records = naive_records(&text, dialect);
            let starts: Vec<_> = records.iter().map(|record| record[0].start).collect();
            with_rows(&text, indexed, dialect, |rows| {
                for (number, record) in records.iter().enumerate() {
                    let (start, next) = (place(starts[number]), starts.get(number + 1).copied());
                    let extent =
                        Extent { end: place(record[record.len() - 1].end), next: next.map(place), whole: true };
                    assert_eq!(rows.extent_of(start), Found::Here(extent));
                    assert_eq!(rows.number_of(start), Found::Here(RecordNumber(number as u64)));
                    for at in starts[number]..next.unwrap_or(text.len()) {
                        assert_eq!(rows.start_around(place(at)), Found::Here(start), "{at}");
                    }
                    let known = number == 0 || starts[number] <= indexed;
                    let found = if known { Found::Here(start) } else { Found::Unknown };
                    assert_eq!(rows.start_of(RecordNumber(number as u64)), found, "{number}");
                }
                let beyond = RecordNumber(records.len().max(1) as u64);
                assert_eq!(rows.start_of(beyond), Found::Unknown);
            });
        }

        #[test]
        fn a_walk_goes_from_record_to_record_and_stops_at_both_ends_but_never_at_a_header(
            text in any_text(150),
            dialect in any_dialect(),
            pages in 0_usize..20,
            from in 0_usize..40,
            count in -50_i64..50,
        ) {
            let starts: Vec<_> = naive_records(&text, dialect).iter().map(|record| record[0].start).collect();
            let first = usize::from(dialect.header);
            prop_assume!(starts.len() > first);
            let from = first + from % (starts.len() - first);
            let signed = |number: usize| i64::try_from(number).unwrap();
            let to = (signed(from) + count).clamp(signed(first), signed(starts.len()) - 1);
            with_rows(&text, (pages * PAGE).min(text.len()), dialect, |rows| {
                assert_eq!(rows.first_row(), Found::Here(Some(place(starts[first]))));
                let walked = rows.walk(place(starts[from]), count);
                assert_eq!(walked, Walked { at: place(starts[usize::try_from(to).unwrap()]), left: 0 });
            });
        }

        #[test]
        fn each_ragged_record_is_gone_to_one_after_the_other(text in any_text(150), dialect in any_dialect()) {
            let records = naive_records(&text, dialect);
            let starts: Vec<_> = records.iter().map(|record| record[0].start).collect();
            let expected = records.first().map_or(0, Vec::len);
            let ragged: Vec<_> =
                records.iter().filter(|record| record.len() != expected).map(|record| record[0].start).collect();
            with_rows(&text, text.len(), dialect, |rows| {
                for start in starts {
                    let next = ragged.iter().copied().find(|ragged| *ragged > start).map(place);
                    assert_eq!(rows.ragged_after(Some(place(start))), Found::Here(next), "after {start}");
                }
            });
        }
    }

    #[test]
    fn where_nothing_is_indexed_a_record_is_told_from_what_only_looks_like_one() {
        let record = b"1,\"a note\nof two, or\nthree lines\",2\n";
        let text = record.repeat(400);
        let page_bytes = 1_000;
        let dialect = Dialect { header: false, ..Dialect::default() };
        let mut index = RecordIndex::new(page_bytes, dialect, ByteOffset(0));
        let mut scan = index.scan();
        let fed = scan.feed(record);
        index.push(Scanned { bytes: record.len() as u64, state: ScanState::AtEdge, fed });
        index.set_scan(scan);
        let fetch = |number: u64| text.chunks(1_000).nth(usize::try_from(number).ok()?).map(Arc::from);
        let line_index = LineIndex::new(page_bytes);
        let lines = Lines::new(&line_index, page_bytes, text.len() as u64, &fetch);
        let rows = Rows::new(&lines, &index, dialect);
        let length = record.len() as u64;
        for at in (5_000..text.len() as u64).step_by(7) {
            assert_eq!(rows.guessed_start(ByteOffset(at)), Found::Here(ByteOffset(at - at % length)), "{at}");
        }
        let plain = Dialect { quote: None, ..dialect };
        let unknown = RecordIndex::new(page_bytes, plain, ByteOffset(0));
        let guessed = Rows::new(&lines, &unknown, plain).guessed_start(ByteOffset(5_000)).here().unwrap();
        assert_eq!(text[usize::try_from(guessed.0).unwrap() - 1], b'\n');
    }

    #[test]
    fn a_page_that_is_lacking_is_asked_for_and_the_answer_is_loading() {
        let text = b"a,b\n1,2\n3,4\n5,6\n";
        let index = index_of(text, text.len(), Dialect::default());
        let line_index = LineIndex::new(PAGE as u64);
        let lines = Lines::new(&line_index, PAGE as u64, text.len() as u64, &|_| None);
        let rows = Rows::new(&lines, &index, Dialect::default());
        assert_eq!(rows.start_of(RecordNumber(3)), Found::Loading);
        assert_eq!(rows.extent_of(ByteOffset(12)), Found::Loading);
        assert_eq!(lines.into_missing(), [1]);
    }
}
