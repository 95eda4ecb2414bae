//! How a table is written: what stands between fields, what stands around them, and whether the first record has the names
//! of the columns. Told from the beginning of a document by how well its records agree, and changed by hand. Pure.

use std::borrow::Cow;
use std::collections::HashSet;
use std::ops::Range;

use super::BOM;
use super::cells::{content, is_date, is_number, split};
use super::edges::{Edge, each_edge};
use super::splitter::ScanState;

/// How much of the beginning is looked at.
const SAMPLE_BYTES: usize = 32 << 10;
/// The most records of it.
const SAMPLE_RECORDS: usize = 128;
/// The most columns of which the cells are looked at.
const SAMPLE_COLUMNS: usize = 256;
/// What hardly anybody uses for anything else; of two that fit as well, the first.
const COMMON: [u8; 8] = [b'\t', b';', b'|', b',', 0x1f, 0x01, b'^', b'~'];
/// What stands within fields as well: only where no other fits.
const RARE: [u8; 2] = [b':', b' '];
/// From this share of records on that have as many fields, they agree.
const AGREED: f64 = 0.5;

/// From this share on there is no doubt, if there are so many records at least, of more than two fields.
const BEYOND_DOUBT: f64 = 0.95;
const FEWEST_RECORDS: usize = 3;
/// What records of two fields reach.
const SCORE_OF_TWO: f64 = 1.0;

/// How a table is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Dialect {
    /// What stands between two fields.
    pub delimiter: u8,
    /// What stands around a field in which delimiters and newlines are text; doubled, it stands for itself.
    pub quote: Option<u8>,
    /// Whether the first record has the names of the columns.
    pub header: bool,
}

impl Default for Dialect {
    /// As RFC 4180 has it, with names.
    fn default() -> Self {
        Self { delimiter: b',', quote: Some(b'"'), header: true }
    }
}

/// How well a way to read fits.
#[derive(Clone, Copy, Default)]
struct Fit {
    /// The part of the records that have the number of fields that most have.
    agreed: f64,
    score: f64,
}

/// A record of the beginning: where it is, without its ending, and how many fields it has.
type Sampled = (Range<usize>, usize);

impl Dialect {
    /// What the first bytes of a document say; `whole` if these are all.
    #[must_use]
    pub fn of_start(start: &[u8], whole: bool) -> Self {
        let (start, whole) = beginning(start, whole);
        let (fit, common) = best(start, whole, &COMMON);
        let (rare_fit, rare) = best(start, whole, &RARE);
        let dialect = if fit.score > 0.0 && fit.agreed >= AGREED {
            common
        } else if rare_fit.score > 0.0 && rare_fit.agreed > 0.9 {
            rare
        } else {
            Self::default()
        };
        Self { header: dialect.names_columns(start, whole), ..dialect }
    }

    /// Whether the first bytes of a document are a table beyond doubt, whatever it is called: nearly all of some records
    /// have the same fields, and more than two.
    #[must_use]
    pub fn fits(start: &[u8], whole: bool) -> bool {
        let (start, whole) = beginning(start, whole);
        let (fit, dialect) = best(start, whole, &COMMON);
        fit.agreed >= BEYOND_DOUBT && fit.score > SCORE_OF_TWO && sample(start, dialect, whole).len() >= FEWEST_RECORDS
    }

    /// The same with another delimiter, given by hand, whatever stands in the document.
    #[must_use]
    pub fn with_delimiter(start: &[u8], whole: bool, delimiter: u8) -> Self {
        let (start, whole) = beginning(start, whole);
        let (_, dialect) = best(start, whole, &[delimiter]);
        Self { header: dialect.names_columns(start, whole), ..dialect }
    }

    /// Whether the first record seems to name the columns: it is all text, and the columns below are of another kind or,
    /// where these are text too, have none of its words.
    fn names_columns(self, start: &[u8], whole: bool) -> bool {
        let sampled = sample(start, self, whole);
        let mut records = sampled.into_iter().map(|(record, _)| self.texts(start.get(record).unwrap_or_default()));
        let Some(names) = records.next() else { return true };
        let filled = || names.iter().filter(|name| !name.is_empty());
        let mut different = HashSet::new();
        if filled().any(|name| is_datum(name)) || !filled().all(|name| different.insert(name)) {
            return false;
        }
        let mut repeated = false;
        for record in records {
            let pairs = || names.iter().zip(&record);
            if pairs().any(|(name, cell)| !name.is_empty() && is_datum(cell)) {
                return true;
            }
            repeated |= pairs().any(|(name, cell)| !name.is_empty() && name == cell);
        }
        filled().next().is_some() && !repeated
    }

    /// Whether all cells of a record that begin with a quote end with one, and have no other in them.
    fn quotes_whole_cells(self, record: &[u8]) -> bool {
        let cells = split(record, self, 0, SAMPLE_COLUMNS);
        let mut quoted = cells.iter().filter(|cell| cell.quoted).filter_map(|cell| record.get(cell.range.clone()));
        quoted.all(|cell| {
            // Between a first and a last quote, an even number is in pairs.
            let inner = cell.get(1..cell.len().saturating_sub(1)).unwrap_or_default();
            let pairs = inner.split(|byte| Some(*byte) != self.quote).all(|quotes| quotes.len().is_multiple_of(2));
            cell.len() > 1 && cell.last().copied() == self.quote && pairs
        })
    }

    /// What the cells of a record say, without blanks around it.
    fn texts(self, record: &[u8]) -> Vec<Cow<'_, [u8]>> {
        let text = |range: Range<usize>| match content(record.get(range).unwrap_or_default(), self.quote) {
            Some(Cow::Borrowed(text)) => Cow::Borrowed(text.trim_ascii()),
            Some(Cow::Owned(text)) => Cow::Owned(text.trim_ascii().to_vec()),
            None => Cow::default(),
        };
        split(record, self, 0, SAMPLE_COLUMNS).into_iter().map(|cell| text(cell.range)).collect()
    }
}

/// What is looked at of the first bytes, and whether that is all.
fn beginning(start: &[u8], whole: bool) -> (&[u8], bool) {
    let text = start.strip_prefix(BOM).unwrap_or(start);
    match text.get(..SAMPLE_BYTES) {
        Some(sample) => (sample, whole && text.len() == SAMPLE_BYTES),
        None => (text, whole),
    }
}

fn is_datum(text: &[u8]) -> bool {
    is_number(text) || is_date(text)
}

/// The way to read with one of these delimiters that fits best, with quotes rather than without.
fn best(start: &[u8], whole: bool, delimiters: &[u8]) -> (Fit, Dialect) {
    let mut best =
        (Fit::default(), Dialect { delimiter: delimiters.first().copied().unwrap_or(b','), ..Dialect::default() });
    for delimiter in delimiters {
        for quote in [Some(b'"'), None] {
            let dialect = Dialect { delimiter: *delimiter, quote, header: true };
            let fit = fit_of(start, dialect, whole);
            if fit.score > best.0.score {
                best = (fit, dialect);
            }
        }
    }
    best
}

/// The more records agree, and the more fields they have, the better.
#[expect(clippy::cast_precision_loss, reason = "a few records of a few fields")]
fn fit_of(start: &[u8], dialect: Dialect, whole: bool) -> Fit {
    let records = sample(start, dialect, whole);
    let times = |fields: usize| records.iter().filter(|(_, others)| *others == fields).count();
    let Some(usual) = records.iter().map(|(_, fields)| *fields).max_by_key(|fields| times(*fields)) else {
        return Fit::default();
    };
    let part = |count: usize| count as f64 / records.len() as f64;
    let agreed = part(times(usual));
    // Names seldom have in them what is text further down.
    let first = if records.first().is_some_and(|(_, fields)| *fields == usual) { 1.0 } else { 0.5 };
    let decimal = if dialect.delimiter == b',' && commas_are_decimal(start) { 0.3 } else { 1.0 };
    let torn =
        |record: &Range<usize>| !start.get(record.clone()).is_some_and(|bytes| dialect.quotes_whole_cells(bytes));
    let torn = records.iter().filter(|(record, _)| usual > 1 && torn(record)).count();
    Fit { agreed, score: agreed * (usual as f64).log2() * first * decimal * (1.0 - part(torn) / 2.0) }
}

/// Whether each comma is between two digits, as it is within numbers.
fn commas_are_decimal(start: &[u8]) -> bool {
    start.windows(3).all(|bytes| match bytes {
        [before, b',', after] => before.is_ascii_digit() && after.is_ascii_digit(),
        _ => true,
    })
}

/// The first records, but for blank ones; one that `start` cuts is none, unless it is the only one.
fn sample(start: &[u8], dialect: Dialect, whole: bool) -> Vec<Sampled> {
    let mut records: Vec<Sampled> = Vec::new();
    let (mut fields, mut from) = (1, 0);
    each_edge(start, dialect, ScanState::AtEdge, |at, edge| {
        match edge {
            Edge::Field => fields += 1,
            Edge::Record => {
                let record = without_cr(start, from..at);
                if !record.is_empty() {
                    records.push((record, fields));
                }
                (fields, from) = (1, at + 1);
            }
        }
        records.len() < SAMPLE_RECORDS
    });
    let rest = without_cr(start, from..start.len());
    if records.len() < SAMPLE_RECORDS && !rest.is_empty() && (whole || records.is_empty()) {
        records.push((rest, fields));
    }
    records
}

fn without_cr(start: &[u8], record: Range<usize>) -> Range<usize> {
    let ends_in_cr = start.get(record.clone()).is_some_and(|bytes| bytes.ends_with(b"\r"));
    record.start..record.end - usize::from(ends_in_cr)
}

/// Reads a delimiter as people write it: `;`, `\t` or the name of one.
///
/// # Errors
/// A sentence that says how they are written.
pub fn parse_delimiter(text: &str) -> Result<u8, String> {
    let named = || NAMES.iter().find(|(_, name)| name.eq_ignore_ascii_case(text)).map(|(byte, _)| *byte);
    let byte = match text.as_bytes() {
        [byte] => Some(*byte),
        [b'\\', b't'] => Some(b'\t'),
        [b'0', b'x' | b'X', ..] => text.get(2..).and_then(|hex| u8::from_str_radix(hex, 16).ok()),
        _ => named(),
    };
    match byte {
        None => Err(format!("“{text}” is no delimiter; write one byte such as ; or |, a name such as tab, or 0x1f")),
        Some(b'\n' | b'\r') => Err("A newline ends records and can not stand between fields".into()),
        Some(b'"') => Err("A quote stands around fields and can not stand between them".into()),
        Some(byte) => Ok(byte),
    }
}

/// Delimiters that have names.
const NAMES: [(u8, &str); 6] =
    [(b',', "Comma"), (b';', "Semicolon"), (b'\t', "Tab"), (b'|', "Bar"), (b':', "Colon"), (b' ', "Space")];

/// Its name for people: a word, or what it is.
#[must_use]
pub fn delimiter_name(delimiter: u8) -> String {
    match NAMES.iter().find(|(byte, _)| *byte == delimiter) {
        Some((_, name)) => (*name).to_owned(),
        None if delimiter.is_ascii_graphic() => char::from(delimiter).to_string(),
        None => format!("0x{delimiter:02x}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(text: &str) -> (String, Option<char>, bool) {
        let dialect = Dialect::of_start(text.as_bytes(), true);
        (delimiter_name(dialect.delimiter), dialect.quote.map(char::from), dialect.header)
    }

    #[test]
    fn the_delimiter_is_what_all_records_agree_on() {
        let quoted = Some('"');
        for (text, delimiter, quote, header) in [
            ("name,age\nann,30\nbob,41\n", "Comma", quoted, true),
            ("\u{feff}name;age\r\nann;30\r\n", "Semicolon", quoted, true),
            ("a;b;c\n1,5;2,5;3,5\n4,5;5,5;6,5\n", "Semicolon", quoted, true),
            ("1,5;2,5;3,5\n4,5;5,5;6,5\n", "Semicolon", quoted, false),
            ("1,2,3\n4,5,6\n", "Comma", quoted, false),
            ("time,level\n12:30:01,info\n12:30:02,warn\n", "Comma", quoted, true),
            ("name\tsays\nann\t\"hm\nbob\t\"well\ncid\thi\n", "Tab", None, true),
            ("name,says\nann,\"one,\ntwo\"\nbob,\"a\nb\nc\"\n", "Comma", quoted, true),
            ("a\u{1}b\n1\u{1}2\n", "0x01", quoted, true),
            ("root:x:0\nbin:x:1\n", "Colon", quoted, false),
            ("one sentence\nand another one, which is longer\n", "Comma", quoted, true),
            ("", "Comma", quoted, true),
        ] {
            assert_eq!(told(text), (delimiter.to_owned(), quote, header), "{text:?}");
        }
    }

    #[test]
    fn the_first_record_names_columns_if_it_is_unlike_those_below() {
        for (text, header) in [
            ("a,b\n", true),
            ("a,a\n1,2\n", false),
            (",a\nx,1\n", true),
            ("ann,berlin\nbob,paris\nann,rome\n", false),
            ("city,since\nberlin,2026-11-22\n", true),
            ("2026-11-22,1\n2026-11-23,2\n", false),
            ("\"a b\",\"c\"\n\"1\",\"2\"\n", true),
        ] {
            assert_eq!(told(text).2, header, "{text:?}");
        }
    }

    #[test]
    fn a_record_that_the_beginning_cuts_is_not_held_against_the_others() {
        let text = b"a,b,c\n1,2,3\n4,5,6\n7";
        assert_eq!(sample(text, Dialect::default(), false).len(), 3);
        assert_eq!(sample(text, Dialect::default(), true).len(), 4);
        assert_eq!(sample(b"a,b", Dialect::default(), false).len(), 1);
    }

    #[test]
    fn delimiters_are_read_as_people_write_them() {
        for (text, byte) in [(";", b';'), ("tab", b'\t'), ("\\t", b'\t'), ("Bar", b'|'), ("0x1f", 0x1f), (" ", b' ')] {
            assert_eq!(parse_delimiter(text), Ok(byte), "{text}");
            assert_eq!(parse_delimiter(&delimiter_name(byte)), Ok(byte), "{text}");
        }
        for wrong in ["", "\n", "\"", "ab", "0xfff", "ä"] {
            assert!(parse_delimiter(wrong).is_err(), "{wrong}");
        }
    }
}
