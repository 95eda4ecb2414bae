//! By what rows are sorted: columns, each in one direction or the other, and what the cells of a row become there, bytes that
//! compare as the rows do. Pure.
//!
//! Numbers come by their value and before texts, texts by their letters, large and small alike, or by their bytes; NULL comes
//! last in either direction. Dates as ISO 8601 writes them come right as texts do.

use std::fmt;

use super::column_name::ColumnName;
use super::decimal::push_number;
use super::record_cells::Record;

/// What the bytes of a cell begin with; all but the last are turned round where a column descends.
const NUMBER: u8 = 1;
const TEXT: u8 = 2;
const NULL: u8 = 0xff;
/// The most of a text that is looked at: what is alike so far comes as it does in the file.
pub(super) const MAX_TEXT_BYTES: usize = 1 << 10;

/// A column by which rows are sorted.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct SortKey {
    /// The column.
    pub column: ColumnName,
    /// Whether the largest comes first.
    #[serde(default)]
    pub descending: bool,
    /// Whether cells are compared byte by byte, numbers among them.
    #[serde(default)]
    pub by_bytes: bool,
}

impl SortKey {
    /// Reads a key as people write it: `price`, `-price` for the largest first, `name:bytes` to compare byte by byte, `#3` for
    /// the third column.
    ///
    /// # Errors
    /// A sentence that shows how keys are written.
    pub fn parse(text: &str) -> Result<Self, String> {
        let (descending, rest) = text.strip_prefix('-').map_or((false, text), |rest| (true, rest));
        let (by_bytes, name) = rest.strip_suffix(":bytes").map_or((false, rest), |name| (true, name));
        let column = ColumnName::parse(name);
        let column = column.ok_or_else(|| {
            format!("“{text}” is no column to sort by; write a name or #3, -#3 for the largest first")
        })?;
        Ok(Self { column, descending, by_bytes })
    }
}

impl fmt::Display for SortKey {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (direction, way) = (if self.descending { "-" } else { "" }, if self.by_bytes { ":bytes" } else { "" });
        write!(formatter, "{direction}{}{way}", self.column)
    }
}

/// The same where it is known which column is meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct KeyOf {
    pub(super) column: u64,
    pub(super) descending: bool,
    pub(super) by_bytes: bool,
}

impl KeyOf {
    /// Appends what compares as the row does, by this column.
    pub(super) fn push(self, record: &Record<'_>, quote: Option<u8>, decimal_comma: bool, key: &mut Vec<u8>) {
        let Some(said) = record.said(self.column, quote) else {
            key.push(NULL);
            return;
        };
        let from = key.len();
        key.push(NUMBER);
        if self.by_bytes || !push_number(&said, decimal_comma, key) {
            key.truncate(from);
            key.push(TEXT);
            push_text(said.get(..MAX_TEXT_BYTES).unwrap_or(&said), self.by_bytes, key);
        }
        if self.descending {
            key.iter_mut().skip(from).for_each(|byte| *byte = !*byte);
        }
    }
}

/// Appends a text so that no text is the beginning of another.
fn push_text(text: &[u8], by_bytes: bool, key: &mut Vec<u8>) {
    if by_bytes {
        push_bytes(text, key);
    } else if text.is_ascii() {
        for byte in text {
            push_bytes(&[byte.to_ascii_lowercase()], key);
        }
    } else {
        for chunk in text.utf8_chunks() {
            let mut letter = [0; 4];
            for small in chunk.valid().chars().flat_map(char::to_lowercase) {
                push_bytes(small.encode_utf8(&mut letter).as_bytes(), key);
            }
            push_bytes(chunk.invalid(), key);
        }
    }
    key.extend_from_slice(&[0, 0]);
}

fn push_bytes(bytes: &[u8], key: &mut Vec<u8>) {
    for byte in bytes {
        key.push(*byte);
        // Two zeros are the end.
        if *byte == 0 {
            key.push(0xff);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::ops::ControlFlow;

    use super::super::Dialect;
    use super::super::record_cells::{Most, RecordCells, Wanted};
    use super::*;
    use crate::source::ByteOffset;

    /// The lines of `text` in the order of these keys.
    fn sorted(text: &str, keys: &[KeyOf]) -> Vec<String> {
        let dialect = Dialect { header: false, ..Dialect::default() };
        let most = Most { of_cell: 100, of_record: 1_000 };
        let mut cells = RecordCells::new(dialect, Wanted::All, most, ByteOffset(0));
        let mut rows = Vec::new();
        let _ = cells.feed(text.as_bytes(), |record| -> ControlFlow<()> {
            let mut key = Vec::new();
            for of in keys {
                of.push(record, dialect.quote, false, &mut key);
            }
            rows.push((key, record.number));
            ControlFlow::Continue(())
        });
        rows.sort();
        let lines: Vec<_> = text.lines().collect();
        rows.iter().map(|(_, number)| lines[usize::try_from(*number).unwrap()].to_owned()).collect()
    }

    const FIRST: KeyOf = KeyOf { column: 0, descending: false, by_bytes: false };

    #[test]
    fn numbers_come_by_value_before_texts_and_null_comes_last_in_either_direction() {
        let text = "10\n9\n-1\nb\nB2\n\"\"\n\nÄ\nä1\na\n";
        assert_eq!(sorted(text, &[FIRST]), ["-1", "9", "10", "\"\"", "a", "b", "B2", "Ä", "ä1", ""]);
        let down = KeyOf { descending: true, ..FIRST };
        assert_eq!(sorted(text, &[down]), ["ä1", "Ä", "B2", "b", "a", "\"\"", "10", "9", "-1", ""]);
        let bytes = KeyOf { by_bytes: true, ..FIRST };
        assert_eq!(sorted("10\n9\nb\nB2\n", &[bytes]), ["10", "9", "B2", "b"]);
    }

    #[test]
    fn what_is_alike_by_the_first_key_comes_by_the_second_and_then_as_in_the_file() {
        let second = KeyOf { column: 1, descending: true, by_bytes: false };
        let text = "b,1,x\na,2,y\nb,10,z\na,2,w\na\n";
        assert_eq!(sorted(text, &[FIRST, second]), ["a,2,y", "a,2,w", "a", "b,10,z", "b,1,x"]);
        assert_eq!(sorted("a,1\nA,2\na,3\n", &[FIRST]), ["a,1", "A,2", "a,3"]);
    }

    #[test]
    fn a_text_is_before_those_that_go_on_after_it_whatever_is_in_it() {
        let second = KeyOf { column: 1, ..FIRST };
        assert_eq!(sorted("a\0,1\na,2\na\0\0,0\n", &[FIRST, second]), ["a,2", "a\0,1", "a\0\0,0"]);
    }

    #[test]
    fn keys_are_read_as_people_write_them() {
        let key = SortKey::parse("-#3:bytes").unwrap();
        assert_eq!(key, SortKey { column: ColumnName::Number(2), descending: true, by_bytes: true });
        for text in ["name", "-name", "#1", "a b:bytes"] {
            assert_eq!(SortKey::parse(text).unwrap().to_string(), text);
        }
        assert!(SortKey::parse("-").is_err() && SortKey::parse("#0").is_err());
    }
}
