//! Bytes of a line to what can be drawn: each shown character knows the byte it came from. Bytes that are not text are
//! shown as what they are, never hidden.

use std::ops::Range;

use memchr::memchr;
use unicode_width::UnicodeWidthChar as _;

/// The most bytes that a character has in UTF-8.
pub(super) const MAX_CHARACTER_BYTES: u64 = 4;

/// A piece of a line, ready to be drawn.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Row {
    /// What is drawn.
    pub text: String,
    /// For each character of `text` the place of its first byte in what was decoded, and last the place after all.
    pub places: Vec<u32>,
}

impl Row {
    /// The byte range, in what was decoded, of the characters `range`.
    #[must_use]
    pub fn place(&self, character: usize) -> u32 {
        self.places.get(character).or(self.places.last()).copied().unwrap_or(0)
    }

    /// The characters that stem from the bytes `range`.
    #[must_use]
    pub fn characters(&self, range: Range<u32>) -> Range<usize> {
        let at = |byte| self.places.partition_point(|place| *place < byte);
        let last = self.places.len().saturating_sub(1);
        at(range.start).min(last)..at(range.end).min(last)
    }
}

/// Shows bytes that are no text: one character for each, a dot for what ASCII does not print.
#[must_use]
pub fn decode_binary_row(bytes: &[u8], max_characters: usize) -> Row {
    let shown = |byte: &u8| if byte.is_ascii_graphic() || *byte == b' ' { char::from(*byte) } else { '·' };
    let text: String = bytes.iter().take(max_characters).map(shown).collect();
    let places = 0..=u32::try_from(bytes.len().min(max_characters)).unwrap_or(u32::MAX);
    Row { text, places: places.collect() }
}

/// Decodes UTF-8, at most `max_columns` of it after the first `skip_columns`. Control characters are shown by their
/// pictures (U+2400 and on), bytes that are not UTF-8 by U+FFFD, one for each; a tab is as many spaces as there are to
/// the next multiple of `tab_columns`.
#[must_use]
pub fn decode_row(bytes: &[u8], skip_columns: usize, max_columns: usize, tab_columns: usize) -> Row {
    let mut row = Row::default();
    let sought = skip_columns..skip_columns.saturating_add(max_columns);
    let (mut column, mut at) = (0, 0);
    for (character, bytes) in characters(bytes) {
        if column >= sought.end {
            break;
        }
        let next = column + width(character, column, tab_columns);
        for _ in column.max(sought.start)..next.min(sought.end) {
            row.text.push(shown(character));
            row.places.push(at);
        }
        column = next;
        at += bytes;
    }
    row.places.push(at);
    row
}

/// How many columns [`decode_row`] gives to all of `bytes`.
pub(super) fn columns(bytes: &[u8], tab_columns: usize) -> u64 {
    characters(bytes).fold(0, |column, (character, _)| column + width(character, column, tab_columns)) as u64
}

/// How many of `bytes`, from which a row of `columns` columns begins, belong to it: one character at least. A tab takes what
/// is left of the row, if that is less than there is to its stop. A wide character takes two columns, one of which it is
/// drawn in by [`decode_row`], so that the row has room for its glyph.
pub(super) fn row_bytes(bytes: &[u8], columns: usize, tab_columns: usize) -> usize {
    let columns = columns.max(1);
    if bytes.get(..columns).is_some_and(|row| row.is_ascii() && memchr(b'\t', row).is_none()) {
        return columns;
    }
    // So many bytes fill a row, however many each character has.
    let most = columns.saturating_mul(usize::try_from(MAX_CHARACTER_BYTES).unwrap_or(1));
    let (mut column, mut wide, mut at) = (0, 0, 0);
    for (character, bytes) in characters(bytes.get(..most).unwrap_or(bytes)) {
        let extra = usize::from(character.width().is_some_and(|width| width > 1));
        if at > 0 && column + wide + extra >= columns {
            break;
        }
        column += width(character, column, tab_columns);
        wide += extra;
        at += usize::try_from(bytes).unwrap_or(1);
    }
    at
}

/// The bytes of the character that the byte at `at` is a part of; CR LF are one, and what is not UTF-8 is by itself.
/// `bytes` need to hold no more than three before it and four from it on.
pub(super) fn character_around(bytes: &[u8], at: usize) -> Range<usize> {
    let from = |start: usize| start..start + bytes.get(start..).map_or(1, first_character_bytes);
    (at.saturating_sub(3)..at).map(from).find(|range| range.contains(&at)).unwrap_or_else(|| from(at))
}

/// The word around the byte at `at`, or what stands between words; bytes beyond ASCII belong to words.
pub(super) fn word_around(bytes: &[u8], at: usize) -> Range<usize> {
    let kind =
        |byte: &u8| (byte.is_ascii_alphanumeric() || *byte == b'_' || !byte.is_ascii(), byte.is_ascii_whitespace());
    let at = at.min(bytes.len().saturating_sub(1));
    let Some((before, after)) = bytes.split_at_checked(at) else { return at..at };
    let Some(sought) = after.first().map(kind) else { return at..at };
    let alike = |byte: &&u8| kind(byte) == sought;
    at - before.iter().rev().take_while(alike).count()..at + after.iter().take_while(alike).count()
}

fn first_character_bytes(bytes: &[u8]) -> usize {
    if bytes.starts_with(b"\r\n") {
        return 2;
    }
    let start = bytes.get(..4).unwrap_or(bytes);
    start.utf8_chunks().next().and_then(|chunk| chunk.valid().chars().next()).map_or(1, char::len_utf8)
}

/// The characters in `bytes`, each with the number of its bytes; what is not UTF-8 by U+FFFD.
fn characters(bytes: &[u8]) -> impl Iterator<Item = (char, u32)> {
    bytes.utf8_chunks().flat_map(|chunk| {
        let valid =
            chunk.valid().chars().map(|character| (character, u32::try_from(character.len_utf8()).unwrap_or(1)));
        valid.chain(chunk.invalid().iter().map(|_| (char::REPLACEMENT_CHARACTER, 1)))
    })
}

fn width(character: char, column: usize, tab_columns: usize) -> usize {
    if character == '\t' { tab_columns.max(1) - column % tab_columns.max(1) } else { 1 }
}

/// How a character is drawn: controls by their pictures, and what would turn or hide other text by its replacement.
fn shown(character: char) -> char {
    match character {
        '\t' => ' ',
        '\u{0}'..='\u{1f}' => char::from_u32(0x2400 + u32::from(character)).unwrap_or(char::REPLACEMENT_CHARACTER),
        '\u{7f}' => '\u{2421}',
        '\u{80}'..='\u{9f}'
        | '\u{ad}'
        | '\u{61c}'
        | '\u{180e}'
        | '\u{200b}'..='\u{200f}'
        | '\u{2028}'..='\u{202e}'
        | '\u{2060}'..='\u{206f}'
        | '\u{feff}'
        | '\u{fff9}'..='\u{fffb}'
        | '\u{e0000}'..='\u{e007f}' => char::REPLACEMENT_CHARACTER,
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn what_is_not_text_is_shown_as_what_it_is() {
        let row = decode_row(b"a\0\xffb\xc3\xa4\xe2\x80\xae", 0, 100, 8);
        assert_eq!(row.text, "a\u{2400}\u{fffd}b\u{e4}\u{fffd}");
        assert_eq!(row.places, [0, 1, 2, 3, 4, 6, 9]);
    }

    #[test]
    fn bytes_that_are_no_text_are_a_character_each() {
        let row = decode_binary_row(b"c\xc3\xa4\0d", 4);
        assert_eq!((row.text.as_str(), row.places.as_slice()), ("c···", [0, 1, 2, 3, 4].as_slice()));
        assert_eq!(decode_binary_row(b"", 4).text, "");
    }

    #[test]
    fn a_tab_reaches_to_the_next_stop_wherever_it_begins_and_is_one_byte() {
        let row = decode_row(b"ab\tc\t\td", 0, 100, 4);
        assert_eq!(row.text, "ab  c       d");
        assert_eq!(row.places, [0, 1, 2, 2, 3, 4, 4, 4, 5, 5, 5, 5, 6, 7]);
        assert_eq!((row.characters(2..3), row.characters(3..5)), (2..4, 4..8));
        assert_eq!(decode_row(b"ab\tc\t\td", 3, 3, 4).text, " c ");
        assert_eq!(columns(b"ab\tc\t\td", 4), 13);
        assert_eq!(decode_row(b"a\tb", 0, 100, 1).text, "a b");
    }

    #[test]
    fn a_selection_of_bytes_finds_its_characters() {
        let row = decode_row("aäb".as_bytes(), 0, 100, 8);
        assert_eq!(row.characters(1..3), 1..2);
        assert_eq!(row.characters(0..4), 0..3);
        assert_eq!(row.characters(3..90), 2..3);
    }

    #[test]
    fn a_byte_finds_its_character() {
        let bytes = "a€\r\n".as_bytes();
        let found: Vec<_> = (0..bytes.len()).map(|at| character_around(bytes, at)).collect();
        assert_eq!(found, [0..1, 1..4, 1..4, 1..4, 4..6, 4..6]);
        assert_eq!(character_around(b"\xe2\x82b", 1), 1..2);
    }

    #[test]
    fn a_word_ends_where_another_kind_of_character_begins() {
        let bytes = "let größe_1 = 2;".as_bytes();
        let word = |at| String::from_utf8_lossy(&bytes[word_around(bytes, at)]).into_owned();
        assert_eq!((word(0).as_str(), word(3).as_str(), word(6).as_str()), ("let", " ", "größe_1"));
        assert_eq!((word(bytes.len()).as_str(), word_around(b"", 0)), (";", 0..0));
    }

    proptest! {
        #[test]
        fn skipping_shows_the_rest_of_what_the_whole_shows(
            bytes in prop::collection::vec(prop_oneof![4 => any::<u8>(), 1 => Just(b'\t')], 0..60),
            skip in 0_usize..40,
            max in 1_usize..40,
            tab in 1_usize..9,
        ) {
            let whole = decode_row(&bytes, 0, usize::MAX, tab);
            let part = decode_row(&bytes, skip, max, tab);
            let expected: String = whole.text.chars().skip(skip).take(max).collect();
            prop_assert_eq!(&part.text, &expected);
            prop_assert_eq!(part.places.len(), expected.chars().count() + 1);
            for (at, place) in part.places.iter().enumerate().take(expected.chars().count()) {
                prop_assert_eq!(Some(place), whole.places.get(at + skip));
            }
            prop_assert_eq!(columns(&bytes, tab), whole.text.chars().count() as u64);
        }
    }
}
