//! The values of one column of a text with delimiters, by RFC 4180: a field in quotes may hold delimiters, newlines and,
//! twice, quotes. Pure; fed block by block, cut anywhere, with no more of a value at hand than a piece.

use std::hash::{DefaultHasher, Hasher as _};

use memchr::{memchr, memchr2};

use super::distinct::Distinct;

/// How much of a value is hashed in one go: the same for the same value, wherever blocks end.
const PIECE_BYTES: usize = 4 << 10;

/// The column that is meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Which {
    /// Its number, from 0 on.
    pub(super) number: u64,
    /// What stands between two columns: neither a quote nor an end of a line.
    pub(super) delimiter: u8,
    /// Whether the first row holds names, and no values.
    pub(super) header: bool,
}

/// A pass over the values of a column.
pub(super) struct Column {
    which: Which,
    at: At,
    /// The column of the field that goes on, and how many rows come before it.
    number: u64,
    rows: u64,
    /// Whether the row has nothing in it so far but, at most, a return: a line without anything is no row.
    blank: bool,
    /// The byte of the field before what is seen next; 0 if it is the first one.
    last: u8,
    value: Value,
    values: u64,
    distinct: Distinct,
}

/// Where in a row a pass is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum At {
    FieldStart,
    /// In a field, not in quotes.
    Plain,
    /// Within quotes.
    Quoted,
    /// After a quote within quotes: it ends them, or stands for one.
    AfterQuote,
}

impl Column {
    pub(super) fn new(which: Which) -> Self {
        let (value, distinct) = (Value::default(), Distinct::new());
        Self { which, at: At::FieldStart, number: 0, rows: 0, blank: true, last: 0, value, values: 0, distinct }
    }

    /// Takes in the next block.
    pub(super) fn feed(&mut self, block: &[u8]) {
        let mut rest = block;
        while let Some(first) = rest.first() {
            rest = match self.at {
                At::FieldStart => self.field_start(*first, rest),
                At::Plain if self.number > self.which.number => self.rest_of_row(rest),
                At::Plain => self.plain(rest),
                At::Quoted => self.quoted(rest),
                At::AfterQuote => self.after_quote(*first, rest),
            };
        }
    }

    /// Says that there is no more.
    pub(super) fn finish(&mut self) {
        // The last row may have no newline.
        if self.number > 0 || self.at != At::FieldStart {
            self.end_row();
        }
    }

    /// How many values there are: one for each row that has the column.
    pub(super) const fn values(&self) -> u64 {
        self.values
    }

    /// How many of them differ.
    pub(super) const fn distinct(&self) -> &Distinct {
        &self.distinct
    }

    fn is_meant(&self) -> bool {
        self.number == self.which.number
    }

    fn field_start<'a>(&mut self, first: u8, rest: &'a [u8]) -> &'a [u8] {
        self.last = 0;
        if first != b'"' {
            self.at = At::Plain;
            return rest;
        }
        (self.at, self.blank) = (At::Quoted, false);
        rest.get(1..).unwrap_or_default()
    }

    fn plain<'a>(&mut self, rest: &'a [u8]) -> &'a [u8] {
        let end = memchr2(self.which.delimiter, b'\n', rest);
        let field = end.map_or(rest, |end| rest.get(..end).unwrap_or_default());
        if let Some(last) = field.last() {
            self.blank &= self.last == 0 && field == b"\r";
            self.last = *last;
            if self.is_meant() {
                self.value.push(field, true);
            }
        }
        let Some(end) = end else { return &[] };
        if rest.get(end) == Some(&b'\n') {
            self.end_row();
        } else {
            self.end_field();
            (self.number, self.at, self.blank) = (self.number + 1, At::FieldStart, false);
        }
        rest.get(end + 1..).unwrap_or_default()
    }

    /// Passes over the fields after the one that is meant, of which only those in quotes may hold a newline.
    fn rest_of_row<'a>(&mut self, rest: &'a [u8]) -> &'a [u8] {
        let Some(at) = memchr2(b'\n', b'"', rest) else {
            self.last = rest.last().copied().unwrap_or_default();
            return &[];
        };
        let before = at.checked_sub(1).and_then(|before| rest.get(before)).copied().unwrap_or(self.last);
        if rest.get(at) == Some(&b'\n') {
            self.end_row();
        } else if before == self.which.delimiter {
            self.at = At::Quoted;
        } else {
            self.last = b'"';
        }
        rest.get(at + 1..).unwrap_or_default()
    }

    fn quoted<'a>(&mut self, rest: &'a [u8]) -> &'a [u8] {
        let quote = memchr(b'"', rest);
        if self.is_meant() {
            self.value.push(quote.map_or(rest, |quote| rest.get(..quote).unwrap_or_default()), false);
        }
        let Some(quote) = quote else { return &[] };
        self.at = At::AfterQuote;
        rest.get(quote + 1..).unwrap_or_default()
    }

    fn after_quote<'a>(&mut self, first: u8, rest: &'a [u8]) -> &'a [u8] {
        if first != b'"' {
            (self.at, self.last) = (At::Plain, b'"');
            return rest;
        }
        if self.is_meant() {
            self.value.push(b"\"", false);
        }
        self.at = At::Quoted;
        rest.get(1..).unwrap_or_default()
    }

    fn end_row(&mut self) {
        if !self.blank {
            self.value.drop_return();
            self.end_field();
            self.rows += 1;
        }
        self.value.clear();
        (self.number, self.at, self.blank) = (0, At::FieldStart, true);
    }

    fn end_field(&mut self) {
        if !self.is_meant() {
            return;
        }
        if !self.which.header || self.rows > 0 {
            self.values += 1;
            self.distinct.add(self.value.hash());
        }
        self.value.clear();
    }
}

/// The value of a field, as far as it was seen.
#[derive(Default)]
struct Value {
    hasher: DefaultHasher,
    /// What was not hashed yet: no more than a piece, and never nothing once something came.
    held: Vec<u8>,
    /// Whether its last byte did not stand in quotes.
    ends_plain: bool,
}

impl Value {
    fn push(&mut self, bytes: &[u8], plain: bool) {
        if bytes.is_empty() {
            return;
        }
        self.ends_plain = plain;
        self.held.extend_from_slice(bytes);
        let ready = self.held.len().saturating_sub(1) / PIECE_BYTES * PIECE_BYTES;
        for piece in self.held.get(..ready).unwrap_or_default().chunks(PIECE_BYTES) {
            self.hasher.write(piece);
        }
        self.held.drain(..ready);
    }

    /// The return before the newline that ends a row is no part of its last field.
    fn drop_return(&mut self) {
        self.held.pop_if(|last| *last == b'\r' && self.ends_plain);
    }

    fn hash(&mut self) -> u64 {
        if !self.held.is_empty() {
            self.hasher.write(&self.held);
        }
        self.hasher.finish()
    }

    fn clear(&mut self) {
        self.held.clear();
        (self.hasher, self.ends_plain) = (DefaultHasher::new(), false);
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;
    use std::iter::Peekable;
    use std::str::Chars;

    use proptest::prelude::*;

    use super::*;

    fn counted(text: &str, which: Which, cuts: &[usize]) -> (u64, u64) {
        let (mut column, mut rest) = (Column::new(which), text.as_bytes());
        for cut in cuts.iter().cycle() {
            if rest.is_empty() {
                break;
            }
            let (block, after) = rest.split_at((*cut).min(rest.len()));
            column.feed(block);
            rest = after;
        }
        column.finish();
        (column.values(), column.distinct().count())
    }

    fn which(number: u64) -> Which {
        Which { number, delimiter: b',', header: false }
    }

    #[test]
    fn values_are_those_of_the_rows_that_have_the_column() {
        let text = "a,b\n1,x\n\n2,\"x\"\r\n3\n4,y,z\n5,\n";
        for cuts in [[1], [3], [99]] {
            assert_eq!(counted(text, which(0), &cuts), (6, 6));
            assert_eq!(counted(text, which(1), &cuts), (5, 4), "b, x twice, y and nothing");
            assert_eq!(counted(text, Which { header: true, ..which(1) }, &cuts), (4, 3));
            assert_eq!(counted(text, which(2), &cuts), (1, 1));
            assert_eq!(counted(text, which(9), &cuts), (0, 0));
        }
    }

    #[test]
    fn in_quotes_all_is_value() {
        let text = "1,\"a,\n\"\"b\"\"\",2\n1,x\"y,\"2\n3\",4\n";
        for cuts in [[1], [2], [99]] {
            assert_eq!(counted(text, which(0), &cuts), (2, 1));
            assert_eq!(counted(text, which(2), &cuts), (2, 2));
            assert_eq!(counted(text, which(3), &cuts), (1, 1));
        }
    }

    #[test]
    fn a_long_value_is_the_same_wherever_blocks_end() {
        for bytes in [PIECE_BYTES - 1, PIECE_BYTES, PIECE_BYTES + 1, 3 * PIECE_BYTES] {
            let value = "v".repeat(bytes);
            let text = format!("{value}\r\n\"{value}\"\n{value}\n{value}v\n");
            for cuts in [[1], [1_000], [99_999]] {
                assert_eq!(counted(&text, which(0), &cuts), (4, 2), "{bytes} in {cuts:?}");
            }
        }
    }

    /// A field, and whether another one follows in its row.
    fn naive_field(chars: &mut Peekable<Chars<'_>>) -> (String, bool) {
        let (mut field, mut ends_plain) = (String::new(), false);
        if chars.next_if_eq(&'"').is_some() {
            loop {
                match chars.next() {
                    Some('"') if chars.next_if_eq(&'"').is_some() => field.push('"'),
                    None | Some('"') => break,
                    Some(other) => field.push(other),
                }
            }
        }
        loop {
            match chars.next() {
                Some(',') => return (field, true),
                None | Some('\n') => {
                    let is_return = ends_plain && field.ends_with('\r');
                    return (field.strip_suffix('\r').filter(|_| is_return).unwrap_or(&field).to_owned(), false);
                }
                Some(other) => {
                    field.push(other);
                    ends_plain = true;
                }
            }
        }
    }

    fn naive(text: &str, number: usize) -> (u64, u64) {
        let mut chars = text.chars().peekable();
        let mut values = Vec::new();
        while chars.peek().is_some() {
            let (mut row, begins) = (Vec::new(), chars.peek().copied());
            loop {
                let (field, follows) = naive_field(&mut chars);
                row.push(field);
                if !follows {
                    break;
                }
            }
            let is_blank = row == [""] && begins != Some('"');
            values.extend(row.into_iter().nth(number).filter(|_| !is_blank));
        }
        (values.len() as u64, values.iter().collect::<HashSet<_>>().len() as u64)
    }

    proptest! {
        #[test]
        fn however_a_text_is_cut_its_values_are_those_of_the_whole(
            text in "[ab,\"\r\n]{0,40}",
            number in 0_usize..4,
            cuts in prop::collection::vec(1_usize..6, 1..8),
        ) {
            let meant = which(u64::try_from(number).unwrap());
            prop_assert_eq!(counted(&text, meant, &cuts), naive(&text, number));
        }
    }
}
