//! A run of bytes that is sought, and how people write one: in hexadecimal digits, of which some may be left open, or as
//! text. Lines are nothing to it, so that it finds what the search for lines can not. Pure.

use std::ops::Range;

use memchr::memmem::{Finder, FinderRev};

/// The longest run that is sought, in bytes.
pub const MAX_PATTERN_BYTES: usize = 1 << 10;
/// The most places that are told at a time.
const MAX_PLACES: usize = 1_000;

/// What is sought.
#[derive(Clone, Debug)]
pub struct BytePattern {
    bytes: Vec<Sought>,
    /// Where in it the bytes begin that are sought first, all of which are known; the rest is compared where they are.
    anchor: usize,
    /// What finds these, from the beginning and from the end.
    finder: Finder<'static>,
    reversed: FinderRev<'static>,
    is_text: bool,
}

/// A byte of which the bits of `mask` are known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Sought {
    value: u8,
    mask: u8,
}

impl Sought {
    const fn whole(value: u8) -> Self {
        Self { value, mask: 0xff }
    }

    const fn is_whole(self) -> bool {
        self.mask == 0xff
    }
}

/// Why nothing can be sought.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BytePatternError {
    /// There is nothing.
    #[error("There is nothing to search for")]
    Empty,
    /// It begins as hexadecimal digits do, and goes on otherwise.
    #[error("After 0x come hexadecimal digits, two for each byte")]
    NotHex,
    /// Every byte of it is open.
    #[error("At least one byte has to be known")]
    AllOpen,
    /// It is longer than [`MAX_PATTERN_BYTES`].
    #[error("No more than {} are searched for at once", crate::units::count(MAX_PATTERN_BYTES as u64, "byte"))]
    TooLong,
}

impl BytePattern {
    /// Reads `de ad be ef`, `deadbeef` and `0xDEADBEEF` as bytes, of which `de ?? b?` leaves some open; what is in quotes,
    /// and anything else, as text.
    ///
    /// # Errors
    /// When there is nothing to look for, or too much.
    pub fn parse(typed: &str) -> Result<Self, BytePatternError> {
        let typed = typed.trim();
        if let Some(text) = quoted(typed) {
            return Self::of(text.bytes().map(Sought::whole).collect(), true);
        }
        match hex(typed) {
            Some(bytes) => Self::of(bytes, false),
            None if digits_after_0x(typed).is_some() => Err(BytePatternError::NotHex),
            None => Self::of(typed.bytes().map(Sought::whole).collect(), true),
        }
    }

    fn of(bytes: Vec<Sought>, is_text: bool) -> Result<Self, BytePatternError> {
        if bytes.is_empty() {
            return Err(BytePatternError::Empty);
        }
        if bytes.len() > MAX_PATTERN_BYTES {
            return Err(BytePatternError::TooLong);
        }
        let (anchor, known) = longest_known(&bytes).ok_or(BytePatternError::AllOpen)?;
        let finder = Finder::new(&known).into_owned();
        let reversed = FinderRev::new(&known).into_owned();
        Ok(Self { bytes, anchor, finder, reversed, is_text })
    }

    /// How many bytes it has: at least one.
    #[must_use]
    pub fn len_bytes(&self) -> u64 {
        self.bytes.len() as u64
    }

    /// Whether it was taken for text, not for hexadecimal digits.
    #[must_use]
    pub const fn is_text(&self) -> bool {
        self.is_text
    }

    /// The first place in `bytes` where it is.
    #[must_use]
    pub fn first_in(&self, bytes: &[u8]) -> Option<usize> {
        let mut from = self.anchor;
        while let Some(found) = self.finder.find(bytes.get(from..)?) {
            let start = from + found - self.anchor;
            if self.is_at(bytes, start) {
                return Some(start);
            }
            from += found + 1;
        }
        None
    }

    /// The last place in `bytes` where it is.
    #[must_use]
    pub fn last_in(&self, bytes: &[u8]) -> Option<usize> {
        let mut to = bytes.len();
        while let Some(found) = self.reversed.rfind(bytes.get(..to)?) {
            let start = found.checked_sub(self.anchor)?;
            if self.is_at(bytes, start) {
                return Some(start);
            }
            // The one before it may reach into it.
            to = found + self.reversed.needle().len() - 1;
        }
        None
    }

    /// The places in `bytes` where it is, one after the other, as far as anybody could tell them apart.
    #[must_use]
    pub fn places_in(&self, bytes: &[u8]) -> Vec<Range<usize>> {
        let mut places = Vec::new();
        let mut from = 0;
        while let Some(found) = bytes.get(from..).and_then(|rest| self.first_in(rest)) {
            let start = from + found;
            from = start + self.bytes.len();
            places.push(start..from);
            if places.len() == MAX_PLACES {
                break;
            }
        }
        places
    }

    fn is_at(&self, bytes: &[u8], start: usize) -> bool {
        let here = bytes.get(start..start + self.bytes.len());
        here.is_some_and(|here| here.iter().zip(&self.bytes).all(|(byte, sought)| byte & sought.mask == sought.value))
    }
}

/// What is between two quotes of the same kind.
fn quoted(typed: &str) -> Option<&str> {
    ['"', '\''].into_iter().find_map(|quote| typed.strip_prefix(quote)?.strip_suffix(quote))
}

fn digits_after_0x(word: &str) -> Option<&str> {
    word.strip_prefix("0x").or_else(|| word.strip_prefix("0X"))
}

/// The bytes that `typed` has the digits of, in words of whole bytes; `None` where it is anything else.
fn hex(typed: &str) -> Option<Vec<Sought>> {
    let mut bytes = Vec::new();
    for word in typed.split_whitespace() {
        let digits = digits_after_0x(word).unwrap_or(word).as_bytes();
        if digits.is_empty() {
            return None;
        }
        for pair in digits.chunks(2) {
            let [high, low] = *pair else { return None };
            let ((high, high_mask), (low, low_mask)) = (nibble(high)?, nibble(low)?);
            bytes.push(Sought { value: (high << 4) | low, mask: (high_mask << 4) | low_mask });
        }
    }
    Some(bytes)
}

/// The value of a digit, and which of its bits are known.
fn nibble(digit: u8) -> Option<(u8, u8)> {
    if digit == b'?' {
        return Some((0, 0));
    }
    let value = char::from(digit).to_digit(16)?;
    Some((u8::try_from(value).ok()?, 0xf))
}

/// The longest run of bytes that are known as a whole, and where it begins; rather not one of zeros, which are everywhere.
fn longest_known(bytes: &[Sought]) -> Option<(usize, Vec<u8>)> {
    let mut at = 0;
    let runs = bytes.chunk_by(|one, next| one.is_whole() == next.is_whole()).map(|run| {
        at += run.len();
        (at - run.len(), run)
    });
    let known = runs.filter(|(_, run)| run.first().is_some_and(|first| first.is_whole()));
    let (start, run) = known.max_by_key(|(_, run)| (run.iter().any(|sought| sought.value != 0), run.len()))?;
    Some((start, run.iter().map(|sought| sought.value).collect()))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// The bytes that are known as a whole, and `None` for the others.
    fn known(typed: &str) -> Vec<Option<u8>> {
        let pattern = BytePattern::parse(typed).unwrap();
        pattern.bytes.iter().map(|sought| sought.is_whole().then_some(sought.value)).collect()
    }

    #[test]
    fn digits_are_bytes_however_they_are_grouped() {
        for typed in ["de ad be ef", "DEADBEEF", "0xDEADBEEF", "dead beef", " 0xde 0xAD  0xbe 0xef "] {
            assert_eq!(known(typed), [0xde, 0xad, 0xbe, 0xef].map(Some), "{typed}");
            assert!(!BytePattern::parse(typed).unwrap().is_text(), "{typed}");
        }
        assert_eq!(known("de ?? ef"), [Some(0xde), None, Some(0xef)]);
    }

    #[test]
    fn what_is_in_quotes_or_has_other_letters_is_text() {
        for (typed, text) in [
            ("\"dead\"", "dead"),
            ("'de ad'", "de ad"),
            ("\" a\"", " a"),
            (" needle ", "needle"),
            ("abc", "abc"),
            ("de a", "de a"),
            ("\"", "\""),
            ("größe", "größe"),
        ] {
            let bytes: Vec<_> = text.bytes().map(Some).collect();
            assert_eq!(known(typed), bytes, "{typed}");
            assert!(BytePattern::parse(typed).unwrap().is_text(), "{typed}");
        }
    }

    #[test]
    fn what_can_not_be_sought_says_why() {
        for (typed, error) in [
            ("", BytePatternError::Empty),
            (" ", BytePatternError::Empty),
            ("\"\"", BytePatternError::Empty),
            ("0x", BytePatternError::NotHex),
            ("0xabc", BytePatternError::NotHex),
            ("0xhello", BytePatternError::NotHex),
            ("?? ?1", BytePatternError::AllOpen),
        ] {
            assert_eq!(BytePattern::parse(typed).unwrap_err(), error, "{typed}");
        }
        let long = "00".repeat(MAX_PATTERN_BYTES);
        assert_eq!(BytePattern::parse(&long).unwrap().len_bytes(), MAX_PATTERN_BYTES as u64);
        assert_eq!(BytePattern::parse(&format!("{long}00")).unwrap_err(), BytePatternError::TooLong);
    }

    #[test]
    fn half_a_byte_can_be_left_open() {
        let pattern = BytePattern::parse("4? ?1 0a").unwrap();
        assert_eq!(pattern.places_in(b"A1\nBa\nC2\n"), [0..3, 3..6]);
    }

    fn naive(pattern: &BytePattern, bytes: &[u8]) -> Vec<usize> {
        let is_here = |start: &usize| {
            let here = &bytes[*start..*start + pattern.bytes.len()];
            here.iter().zip(&pattern.bytes).all(|(byte, sought)| byte & sought.mask == sought.value)
        };
        let starts = (bytes.len() + 1).saturating_sub(pattern.bytes.len());
        (0..starts).filter(is_here).collect()
    }

    proptest! {
        #[test]
        fn the_first_and_the_last_place_are_those_of_a_look_at_every_byte(
            words in prop::collection::vec(prop_oneof![Just("00"), Just("01"), Just("??"), Just("0?"), Just("?1")], 1..6),
            bytes in prop::collection::vec(0_u8..3, 0..60),
        ) {
            let Ok(pattern) = BytePattern::parse(&words.join(" ")) else { return Ok(()) };
            let all = naive(&pattern, &bytes);
            prop_assert_eq!(pattern.first_in(&bytes), all.first().copied());
            prop_assert_eq!(pattern.last_in(&bytes), all.last().copied());
            let mut apart: Vec<Range<usize>> = Vec::new();
            for start in all {
                if apart.last().is_none_or(|last| last.end <= start) {
                    apart.push(start..start + words.len());
                }
            }
            prop_assert_eq!(pattern.places_in(&bytes), apart);
        }
    }
}
