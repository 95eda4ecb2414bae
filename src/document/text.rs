//! Bytes of a line to what can be drawn: each shown character knows the byte it came from. Bytes that are not text are
//! shown as what they are, never hidden.

use std::ops::Range;

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
pub fn decode_binary_row(bytes: &[u8], skip_characters: usize, max_characters: usize) -> Row {
    let shown = |byte: &u8| if byte.is_ascii_graphic() || *byte == b' ' { char::from(*byte) } else { '·' };
    let bytes = bytes.get(skip_characters..).unwrap_or_default();
    let text: String = bytes.iter().take(max_characters).map(shown).collect();
    let first = u32::try_from(skip_characters).unwrap_or(u32::MAX);
    let places =
        (0..=u32::try_from(bytes.len().min(max_characters)).unwrap_or(u32::MAX)).map(|at| first.saturating_add(at));
    Row { text, places: places.collect() }
}

/// Decodes UTF-8, at most `max_characters` of it after the first `skip_characters`. Control characters are shown by
/// their pictures (U+2400 and on), bytes that are not UTF-8 by U+FFFD, one for each; a tab stays a tab.
#[must_use]
pub fn decode_row(bytes: &[u8], skip_characters: usize, max_characters: usize) -> Row {
    let mut row = Row::default();
    let mut seen = 0_usize;
    let mut at = 0_u32;
    let mut take = |shown: char, bytes: u32| {
        if seen >= skip_characters {
            row.text.push(shown);
            row.places.push(at);
        }
        seen += 1;
        at += bytes;
        seen < skip_characters.saturating_add(max_characters)
    };
    'all: for chunk in bytes.utf8_chunks() {
        for character in chunk.valid().chars() {
            if !take(shown(character), u32::try_from(character.len_utf8()).unwrap_or(1)) {
                break 'all;
            }
        }
        for _ in chunk.invalid() {
            if !take(char::REPLACEMENT_CHARACTER, 1) {
                break 'all;
            }
        }
    }
    row.places.push(at);
    row
}

/// How a character is drawn: controls by their pictures, and what would turn or hide other text by its replacement.
fn shown(character: char) -> char {
    match character {
        '\t' => '\t',
        '\u{0}'..='\u{1f}' => char::from_u32(0x2400 + u32::from(character)).unwrap_or(char::REPLACEMENT_CHARACTER),
        '\u{7f}' => '\u{2421}',
        '\u{80}'..='\u{9f}'
        | '\u{200b}'..='\u{200f}'
        | '\u{2028}'..='\u{202e}'
        | '\u{2066}'..='\u{2069}'
        | '\u{feff}'
        | '\u{61c}' => char::REPLACEMENT_CHARACTER,
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn what_is_not_text_is_shown_as_what_it_is() {
        let row = decode_row(b"a\0\xffb\t\xc3\xa4\xe2\x80\xae", 0, 100);
        assert_eq!(row.text, "a\u{2400}\u{fffd}b\t\u{e4}\u{fffd}");
        assert_eq!(row.places, [0, 1, 2, 3, 4, 5, 7, 10]);
    }

    #[test]
    fn bytes_that_are_no_text_are_a_character_each() {
        let row = decode_binary_row(b"abc\xc3\xa4\0d", 2, 4);
        assert_eq!((row.text.as_str(), row.places.as_slice()), ("c···", [2, 3, 4, 5, 6].as_slice()));
        assert_eq!(decode_binary_row(b"ab", 5, 4).text, "");
    }

    #[test]
    fn a_selection_of_bytes_finds_its_characters() {
        let row = decode_row("aäb".as_bytes(), 0, 100);
        assert_eq!(row.characters(1..3), 1..2);
        assert_eq!(row.characters(0..4), 0..3);
        assert_eq!(row.characters(3..90), 2..3);
    }

    proptest! {
        #[test]
        fn skipping_shows_the_rest_of_what_the_whole_shows(bytes: Vec<u8>, skip in 0_usize..40, max in 1_usize..40) {
            let whole = decode_row(&bytes, 0, usize::MAX);
            let part = decode_row(&bytes, skip, max);
            let expected: String = whole.text.chars().skip(skip).take(max).collect();
            prop_assert_eq!(&part.text, &expected);
            prop_assert_eq!(part.places.len(), expected.chars().count() + 1);
            for (at, place) in part.places.iter().enumerate().take(expected.chars().count()) {
                prop_assert_eq!(Some(place), whole.places.get(at + skip));
            }
        }
    }
}
