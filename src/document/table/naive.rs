//! What the tests hold tables against: a reader byte by byte, by the states of the `csv` crate's, and texts that are hard to
//! read.

use std::ops::Range;

use proptest::prelude::*;

use super::Dialect;
use super::edges::Edge;

enum Reader {
    FieldStart,
    Plain,
    Quoted,
    QuoteInQuoted,
}

/// Where fields and records end.
pub(super) fn naive_edges(text: &[u8], dialect: Dialect) -> Vec<(usize, Edge)> {
    let (mut edges, mut reader) = (Vec::new(), Reader::FieldStart);
    for (at, byte) in text.iter().copied().enumerate() {
        let is_quote = Some(byte) == dialect.quote;
        reader = match reader {
            Reader::Quoted if is_quote => Reader::QuoteInQuoted,
            Reader::Quoted => Reader::Quoted,
            Reader::FieldStart | Reader::QuoteInQuoted if is_quote => Reader::Quoted,
            _ if byte == dialect.delimiter => {
                edges.push((at, Edge::Field));
                Reader::FieldStart
            }
            _ if byte == b'\n' => {
                edges.push((at, Edge::Record));
                Reader::FieldStart
            }
            _ => Reader::Plain,
        };
    }
    edges
}

/// The cells of each record, the last of them before CR LF; nothing after a last newline is a record.
pub(super) fn naive_records(text: &[u8], dialect: Dialect) -> Vec<Vec<Range<usize>>> {
    let (mut records, mut record, mut from) = (Vec::new(), Vec::new(), 0);
    for (at, edge) in naive_edges(text, dialect) {
        let ending = usize::from(edge == Edge::Record && at > naive_start(&record, from) && text[at - 1] == b'\r');
        record.push(from..at - ending);
        from = at + 1;
        if edge == Edge::Record {
            records.push(std::mem::take(&mut record));
        }
    }
    let start = naive_start(&record, from);
    if start < text.len() {
        let ending = usize::from(text.len() > from && text[text.len() - 1] == b'\r');
        record.push(from..text.len() - ending);
        records.push(record);
    }
    records
}

fn naive_start(record: &[Range<usize>], from: usize) -> usize {
    record.first().map_or(from, |cell| cell.start)
}

/// Texts of up to `most` bytes, many of which mean something to a reader of tables.
pub(super) fn any_text(most: usize) -> impl Strategy<Value = Vec<u8>> {
    let byte = prop_oneof![
        6 => Just(b'a'),
        2 => Just(b'7'),
        4 => Just(b','),
        1 => Just(b';'),
        4 => Just(b'"'),
        1 => Just(b'\''),
        3 => Just(b'\n'),
        1 => Just(b'\r'),
        1 => Just(0xff),
    ];
    prop::collection::vec(byte, 0..most)
}

/// Tables of which most is well written.
pub(super) fn any_table(most_records: usize) -> impl Strategy<Value = Vec<u8>> {
    let cell = prop_oneof![
        4 => Just("a"),
        2 => Just("12.5"),
        2 => Just(""),
        1 => Just("\"\""),
        1 => Just("\"a, \"\"b\"\"\nc\""),
        1 => Just("5\" long"),
        1 => Just("\"x\r\ny\""),
        1 => Just("a cell that is longer than some strides are, and goes on for a while"),
    ];
    let record = (prop::collection::vec(cell, 1..5), prop_oneof![3 => Just("\n"), 1 => Just("\r\n")]);
    let records = prop::collection::vec(record, 0..most_records);
    (records, any::<bool>()).prop_map(|(records, ended)| {
        let mut text = String::new();
        for (cells, end) in records {
            text.push_str(&cells.join(","));
            text.push_str(end);
        }
        let text = if ended { text.as_str() } else { text.trim_end_matches(['\r', '\n']) };
        text.as_bytes().to_vec()
    })
}

pub(super) fn any_dialect() -> impl Strategy<Value = Dialect> {
    let delimiter = prop_oneof![3 => Just(b','), 1 => Just(b';')];
    let quote = prop_oneof![3 => Just(Some(b'"')), 1 => Just(Some(b'\'')), 1 => Just(None)];
    (delimiter, quote, any::<bool>()).prop_map(|(delimiter, quote, header)| Dialect { delimiter, quote, header })
}
