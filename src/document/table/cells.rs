//! The cells of one record: where they are, what they say without their quotes, and what kind of thing that is. Pure.
//!
//! What is nothing and what is an empty text are told apart as PostgreSQL's `COPY` does: nothing between two delimiters is
//! NULL, and nothing between two quotes is a text.

use std::borrow::Cow;
use std::ops::Range;

use memchr::memchr;

use super::Dialect;
use super::edges::each_edge;
use super::splitter::ScanState;

/// The longest text that is looked at to tell whether it is a number.
const MAX_NUMBER_BYTES: usize = 64;

/// A cell in the bytes of its record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Cell {
    /// Its bytes, quotes included.
    pub(super) range: Range<usize>,
    /// Whether they begin with a quote.
    pub(super) quoted: bool,
}

/// At most `most` cells of `record` from number `skip` on. `record` is without its ending.
pub(super) fn split(record: &[u8], dialect: Dialect, skip: usize, most: usize) -> Vec<Cell> {
    let (mut cells, mut number, mut from) = (Vec::new(), 0, 0);
    let cell = |range: Range<usize>| {
        let quoted = dialect.quote.is_some() && record.get(range.start).copied() == dialect.quote;
        Cell { range, quoted }
    };
    if most == 0 {
        return cells;
    }
    each_edge(record, dialect, ScanState::AtEdge, |at, _| {
        if number >= skip {
            cells.push(cell(from..at));
        }
        number += 1;
        from = at + 1;
        cells.len() < most
    });
    if number >= skip && cells.len() < most {
        cells.push(cell(from..record.len()));
    }
    cells
}

/// What a cell says, `None` for NULL: without its quotes, and with two of them in them made one.
#[must_use]
pub fn content(cell: &[u8], quote: Option<u8>) -> Option<Cow<'_, [u8]>> {
    if cell.is_empty() {
        return None;
    }
    let quoted = quote.and_then(|quote| Some((quote, cell.strip_prefix(&[quote])?)));
    let Some((quote, rest)) = quoted else { return Some(Cow::Borrowed(cell)) };
    match memchr(quote, rest) {
        None => return Some(Cow::Borrowed(rest)),
        Some(end) if end + 1 == rest.len() => return rest.get(..end).map(Cow::Borrowed),
        Some(_) => {}
    }
    let (mut text, mut left, mut quoted) = (Vec::with_capacity(rest.len()), rest, true);
    while let Some(at) = memchr(quote, left) {
        let (before, after) = left.split_at(at);
        text.extend_from_slice(before);
        let after = after.get(1..).unwrap_or_default();
        let doubled = quoted && after.first() == Some(&quote);
        // After the closing quote, a quote is text.
        if doubled || !quoted {
            text.push(quote);
        }
        quoted &= doubled;
        left = if doubled { after.get(1..).unwrap_or_default() } else { after };
    }
    text.extend_from_slice(left);
    Some(Cow::Owned(text))
}

/// Whether a cell says a number as people and programs write them: `-1,234.5`, `6.02e23`, `12 %`.
#[must_use]
pub fn is_number(text: &[u8]) -> bool {
    let text = text.trim_ascii();
    let text = text.strip_suffix(b"%").unwrap_or(text).trim_ascii_end();
    let text = text.strip_prefix(b"-").or_else(|| text.strip_prefix(b"+")).unwrap_or(text);
    let is_exponent = |byte: &u8| matches!(byte, b'e' | b'E');
    let exponent = text.iter().position(is_exponent);
    let (digits, exponent) = match exponent.and_then(|at| text.split_at_checked(at)) {
        Some((digits, exponent)) => (digits, exponent.get(1..).unwrap_or_default()),
        None => (text, b"0".as_slice()),
    };
    let exponent = exponent.strip_prefix(b"-").or_else(|| exponent.strip_prefix(b"+")).unwrap_or(exponent);
    let written = |byte: &u8| byte.is_ascii_digit() || matches!(byte, b'.' | b',');
    text.len() <= MAX_NUMBER_BYTES
        && bytecount::count(digits, b'.') <= 1
        && digits.iter().all(written)
        && digits.iter().any(u8::is_ascii_digit)
        && !exponent.is_empty()
        && exponent.iter().all(u8::is_ascii_digit)
}

/// Whether a cell begins with a date as ISO 8601 writes it, such as `2026-11-22`.
pub(super) fn is_date(text: &[u8]) -> bool {
    let pattern = b"0000-00-00";
    let alike = |(byte, shape): (&u8, &u8)| if *shape == b'0' { byte.is_ascii_digit() } else { byte == shape };
    text.len() >= pattern.len() && text.iter().zip(pattern).all(alike)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::naive::{any_dialect, any_text, naive_edges, naive_records};
    use super::*;

    /// What the `csv` crate's reader makes of a cell, byte by byte.
    fn naive_content(cell: &[u8], quote: Option<u8>) -> Vec<u8> {
        let (mut text, mut quoted, mut pending) = (Vec::new(), false, false);
        for (at, byte) in cell.iter().copied().enumerate() {
            let is_quote = Some(byte) == quote;
            match (is_quote, quoted, pending) {
                (true, false, false) if at == 0 => quoted = true,
                (true, true, false) => pending = true,
                (true, true, true) => {
                    text.push(byte);
                    pending = false;
                }
                (_, _, true) => {
                    text.push(byte);
                    (quoted, pending) = (false, false);
                }
                _ => text.push(byte),
            }
        }
        text
    }

    proptest! {
        #[test]
        fn each_cell_is_where_a_reader_byte_by_byte_finds_it_and_says_what_it_says_there(
            text in any_text(200),
            dialect in any_dialect(),
            skip in 0_usize..5,
            most in 0_usize..5,
        ) {
            for record in naive_records(&text, dialect) {
                let start = record[0].start;
                let whole = &text[start..record[record.len() - 1].end];
                // The last one of a text may be cut within quotes.
                prop_assume!(naive_edges(whole, dialect).len() + 1 == record.len());
                let expected: Vec<_> = record.iter().map(|cell| cell.start - start..cell.end - start).collect();
                let cells = split(whole, dialect, skip, most);
                let ranges: Vec<_> = cells.iter().map(|cell| cell.range.clone()).collect();
                let expected: Vec<_> = expected.into_iter().skip(skip).take(most).collect();
                prop_assert_eq!(&ranges, &expected);
                for cell in cells {
                    let bytes = &whole[cell.range.clone()];
                    let said = content(bytes, dialect.quote);
                    prop_assert_eq!(said.is_none(), cell.range.is_empty());
                    prop_assert_eq!(said.unwrap_or_default().into_owned(), naive_content(bytes, dialect.quote));
                    prop_assert_eq!(cell.quoted, dialect.quote.is_some() && bytes.first().copied() == dialect.quote);
                }
            }
        }
    }

    #[test]
    fn nothing_is_null_and_nothing_between_quotes_is_an_empty_text() {
        let said =
            |cell: &str| content(cell.as_bytes(), Some(b'"')).map(|text| String::from_utf8(text.into_owned()).unwrap());
        assert_eq!(said(""), None);
        assert_eq!(said("\"\"").as_deref(), Some(""));
        assert_eq!(said("\"a \"\"b\"\" c\"").as_deref(), Some("a \"b\" c"));
        assert_eq!(said("\"a\"b\"\"").as_deref(), Some("ab\"\""));
        assert_eq!(said("\"cut off").as_deref(), Some("cut off"));
        assert_eq!(said("5\"").as_deref(), Some("5\""));
        assert_eq!(content(b"\"\"", None).unwrap().as_ref(), b"\"\"");
    }

    #[test]
    fn numbers_are_told_from_what_only_has_digits() {
        for number in ["0", "-1,234.5", "+.5", "6.02e23", "1E-9", " 12 %", "007"] {
            assert!(is_number(number.as_bytes()), "{number}");
        }
        for other in ["", "-", ".", "e5", "1e", "192.168.0.1", "2026-11-22", "1 2", "0x1f", "12 pieces", "NaN"] {
            assert!(!is_number(other.as_bytes()), "{other}");
        }
        assert!(is_date(b"2026-11-22T06:14:02Z") && !is_date(b"22-11-2026") && !is_date(b"2026-1"));
    }
}
