//! Text in UTF-8 as bytes in another encoding. Pure; fed block by block, with characters cut anywhere.

use encoding_rs::{EncoderResult, UTF_16BE, UTF_16LE};

use crate::document::Encoding;
use crate::document::characters::WholeCharacters;

/// How much is encoded in one go.
const SCRATCH_BYTES: usize = 16 << 10;
/// What is written in UTF-8 and UTF-16 for bytes that are no text.
const REPLACEMENT: &str = "\u{fffd}";

/// Encodes a text. Its own byte order mark, if it begins with one, is no part of it.
pub(super) struct TextEncoder {
    characters: WholeCharacters,
    coder: Coder,
    made: Vec<u8>,
}

/// Something that the encoding has no bytes for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Lacking {
    /// How many lines of what was fed come before the one that holds it.
    pub(super) lines_before: u64,
    /// What it is; `None` if it is bytes that are no text.
    pub(super) character: Option<char>,
}

impl TextEncoder {
    /// Encodes from here on, with `lossy` replacing what the encoding lacks; `None` if `encoding` is none of text.
    pub(super) fn new(encoding: Encoding, lossy: bool) -> Option<Self> {
        let how = How::of(encoding)?;
        let coder = Coder { how, lossy, at_start: true, lines: 0, lacking: 0 };
        Some(Self { characters: WholeCharacters::default(), coder, made: Vec::new() })
    }

    /// What a file in `encoding` begins with: one of UTF-16 without a mark could hardly be told.
    pub(super) fn mark(encoding: Encoding) -> &'static [u8] {
        if encoding == Encoding::Utf8Bom {
            b"\xef\xbb\xbf"
        } else if encoding == Encoding::UTF_16_LE {
            b"\xff\xfe"
        } else if encoding == Encoding::UTF_16_BE {
            b"\xfe\xff"
        } else {
            b""
        }
    }

    /// Takes in the next block and gives what becomes of it.
    ///
    /// # Errors
    /// At the first thing that the encoding lacks, unless such things are replaced.
    pub(super) fn feed(&mut self, block: &[u8]) -> Result<&[u8], Lacking> {
        self.made.clear();
        let Self { characters, coder, made } = self;
        let mut result = Ok(());
        characters.feed(block, |piece| {
            if result.is_ok() {
                result = coder.take(piece, made);
            }
        });
        result?;
        Ok(&self.made)
    }

    /// Says that no more comes after `block`, and gives what becomes of it and of what was not given yet.
    ///
    /// # Errors
    /// As [`TextEncoder::feed`].
    pub(super) fn finish(&mut self, block: &[u8]) -> Result<&[u8], Lacking> {
        self.feed(block)?;
        let Self { characters, coder, made } = self;
        let mut result = Ok(());
        characters.finish(|piece| result = coder.take(piece, made));
        result?;
        coder.how.finish(made);
        Ok(&self.made)
    }

    /// How many characters were replaced so far; a run of bytes that are no text counts as one.
    pub(super) const fn replaced(&self) -> u64 {
        self.coder.lacking
    }
}

struct Coder {
    how: How,
    lossy: bool,
    /// Whether nothing has come yet, so that what comes may be a byte order mark.
    at_start: bool,
    /// The newlines so far.
    lines: u64,
    /// What was lacking so far.
    lacking: u64,
}

impl Coder {
    /// Encodes a piece in which no character is cut.
    fn take(&mut self, piece: &[u8], made: &mut Vec<u8>) -> Result<(), Lacking> {
        if let Ok(text) = simdutf8::basic::from_utf8(piece) {
            return self.text(text, made);
        }
        for chunk in piece.utf8_chunks() {
            self.text(chunk.valid(), made)?;
            if !chunk.invalid().is_empty() {
                self.lack(None, made)?;
            }
        }
        Ok(())
    }

    fn text(&mut self, text: &str, made: &mut Vec<u8>) -> Result<(), Lacking> {
        let begins = std::mem::take(&mut self.at_start);
        let text = text.strip_prefix('\u{feff}').filter(|_| begins).unwrap_or(text);
        self.write(text, made)
    }

    fn write(&mut self, mut text: &str, made: &mut Vec<u8>) -> Result<(), Lacking> {
        loop {
            let (result, read) = self.how.encode(text, made);
            let (done, rest) = text.split_at_checked(read).unwrap_or((text, ""));
            self.lines += bytecount::count(done.as_bytes(), b'\n') as u64;
            text = rest;
            match result {
                EncoderResult::InputEmpty => return Ok(()),
                EncoderResult::OutputFull => {}
                EncoderResult::Unmappable(character) => self.lack(Some(character), made)?,
            }
        }
    }

    /// Writes something else in the place of what can not be written.
    fn lack(&mut self, character: Option<char>, made: &mut Vec<u8>) -> Result<(), Lacking> {
        if !self.lossy {
            return Err(Lacking { lines_before: self.lines, character });
        }
        self.lacking += 1;
        // By way of the encoder, which may have to leave another set of characters first.
        let instead = if matches!(self.how, How::Coded(..)) { "?" } else { REPLACEMENT };
        self.write(instead, made)
    }
}

enum How {
    Utf8,
    Utf16(fn(u16) -> [u8; 2]),
    /// Into a buffer of its own, of [`SCRATCH_BYTES`].
    Coded(encoding_rs::Encoder, Vec<u8>),
}

impl How {
    fn of(encoding: Encoding) -> Option<Self> {
        match encoding {
            Encoding::Utf8 | Encoding::Utf8Bom => Some(Self::Utf8),
            // The standard has them decoded alone.
            Encoding::Coded(how) if how == UTF_16LE => Some(Self::Utf16(u16::to_le_bytes)),
            Encoding::Coded(how) if how == UTF_16BE => Some(Self::Utf16(u16::to_be_bytes)),
            Encoding::Coded(how) => Some(Self::Coded(how.new_encoder(), vec![0; SCRATCH_BYTES])),
            Encoding::Binary | Encoding::Other => None,
        }
    }

    /// Encodes the beginning of `text`; tells why it stopped, and how many bytes of the text were read.
    fn encode(&mut self, text: &str, made: &mut Vec<u8>) -> (EncoderResult, usize) {
        match self {
            Self::Utf8 => made.extend_from_slice(text.as_bytes()),
            Self::Utf16(bytes_of) => {
                let bytes_of = *bytes_of;
                made.reserve(text.len() * 2);
                text.encode_utf16().for_each(|unit| made.extend_from_slice(&bytes_of(unit)));
            }
            Self::Coded(encoder, scratch) => {
                let (result, read, written) = encoder.encode_from_utf8_without_replacement(text, scratch, false);
                made.extend_from_slice(scratch.get(..written).unwrap_or_default());
                return (result, read);
            }
        }
        (EncoderResult::InputEmpty, text.len())
    }

    /// Ends in the state in which a file has to end.
    fn finish(&mut self, made: &mut Vec<u8>) {
        if let Self::Coded(encoder, scratch) = self {
            let (_, _, written) = encoder.encode_from_utf8_without_replacement("", scratch, true);
            made.extend_from_slice(scratch.get(..written).unwrap_or_default());
        }
    }
}

#[cfg(test)]
mod tests {
    use encoding_rs::{BIG5, EUC_JP, GB18030, ISO_2022_JP, KOI8_R, SHIFT_JIS, WINDOWS_1252};
    use proptest::prelude::*;

    use super::*;

    /// What becomes of a text that is cut so, and how much of it was replaced.
    fn encoded(text: &[u8], encoding: Encoding, lossy: bool, cuts: &[usize]) -> Result<(Vec<u8>, u64), Lacking> {
        let mut encoder = TextEncoder::new(encoding, lossy).unwrap();
        let (mut made, mut rest) = (TextEncoder::mark(encoding).to_vec(), text);
        for cut in cuts.iter().cycle() {
            if rest.is_empty() {
                break;
            }
            let (block, after) = rest.split_at((*cut).min(rest.len()));
            made.extend_from_slice(encoder.feed(block)?);
            rest = after;
        }
        made.extend_from_slice(encoder.finish(b"")?);
        Ok((made, encoder.replaced()))
    }

    #[test]
    fn a_mark_is_written_where_one_belongs_and_none_is_kept_where_none_does() {
        for text in ["\u{feff}aß\n", "aß\n"] {
            let of = |encoding: Encoding| encoded(text.as_bytes(), encoding, false, &[2]).unwrap().0;
            assert_eq!(of(Encoding::Utf8), "aß\n".as_bytes());
            assert_eq!(of(Encoding::Utf8Bom), "\u{feff}aß\n".as_bytes());
            assert_eq!(of(Encoding::UTF_16_LE), b"\xff\xfea\0\xdf\0\n\0");
            assert_eq!(of(Encoding::UTF_16_BE), b"\xfe\xff\0a\0\xdf\0\n");
            assert_eq!(of(Encoding::Coded(WINDOWS_1252)), b"a\xdf\n");
        }
        assert_eq!(encoded(b"", Encoding::UTF_16_LE, false, &[1]), Ok((b"\xff\xfe".to_vec(), 0)));
    }

    #[test]
    fn the_first_character_that_is_lacking_is_told_with_its_line() {
        let lacking = |text: &[u8], encoding| encoded(text, encoding, false, &[2]).unwrap_err();
        let latin = Encoding::Coded(WINDOWS_1252);
        let told = |lines_before, character| Lacking { lines_before, character };
        assert_eq!(lacking("a\nß\nжя\n".as_bytes(), latin), told(2, Some('ж')));
        assert_eq!(lacking(b"a\n\n\n\xff", latin), told(3, None));
        assert_eq!(lacking(b"a\xe2\x82", Encoding::Utf8), told(0, None));
    }

    #[test]
    fn what_is_lacking_is_replaced_if_it_may_be() {
        let replaced = |text: &[u8], encoding| encoded(text, encoding, true, &[1]).unwrap();
        let latin = Encoding::Coded(WINDOWS_1252);
        assert_eq!(replaced("ажя\n".as_bytes(), latin), (b"???\n".to_vec(), 3));
        assert_eq!(replaced(b"a\xffb\xe2\x82", latin), (b"a?b?".to_vec(), 2));
        assert_eq!(replaced(b"a\xff", Encoding::Utf8), ("a\u{fffd}".as_bytes().to_vec(), 1));
        assert_eq!(replaced(b"a\xff", Encoding::UTF_16_BE), (b"\xfe\xff\0a\xff\xfd".to_vec(), 1));
        let japanese = replaced("あж\n".as_bytes(), Encoding::Coded(ISO_2022_JP));
        let (read, _) = ISO_2022_JP.decode_without_bom_handling(&japanese.0);
        assert_eq!((read.as_ref(), japanese.1), ("あж\n", 0), "it has Cyrillic letters");
        let (lossy, count) = replaced("あ\u{1f600}い\n".as_bytes(), Encoding::Coded(ISO_2022_JP));
        let (read, _) = ISO_2022_JP.decode_without_bom_handling(&lossy);
        assert_eq!((read.as_ref(), count), ("あ?い\n", 1));
    }

    proptest! {
        #[test]
        fn however_a_text_is_cut_it_is_encoded_as_the_whole_is(
            text in prop::collection::vec(prop_oneof![Just('a'), Just('\n'), Just('ß'), Just('я'), Just('あ'), any::<char>()], 0..40),
            which in 0_usize..10,
            cuts in prop::collection::vec(1_usize..7, 1..8),
        ) {
            // After a yen sign ISO-2022-JP has a question mark of its own.
            let is_plain = |character: &char| !matches!(character, '\u{feff}' | '\u{a5}' | '\u{203e}');
            let text: String = text.into_iter().filter(is_plain).collect();
            let coded = [WINDOWS_1252, KOI8_R, SHIFT_JIS, EUC_JP, ISO_2022_JP, BIG5, GB18030].map(Encoding::Coded);
            let plain = [Encoding::Utf8, Encoding::UTF_16_LE, Encoding::UTF_16_BE];
            let encoding = *plain.iter().chain(&coded).nth(which).unwrap();
            let (made, replaced) = encoded(text.as_bytes(), encoding, true, &cuts).unwrap();
            let (whole, count) = naive(&text, encoding);
            prop_assert_eq!(made, whole);
            prop_assert_eq!(replaced, count);
            prop_assert_eq!(encoded(text.as_bytes(), encoding, false, &cuts).is_err(), count > 0);
        }
    }

    /// Each character by itself, as far as there are bytes for it, and then all at once.
    fn naive(text: &str, encoding: Encoding) -> (Vec<u8>, u64) {
        let Encoding::Coded(how) = encoding else { return (text.as_bytes().to_vec(), 0) };
        let units = text.encode_utf16();
        if how == UTF_16LE {
            return ([0xfeff].into_iter().chain(units).flat_map(u16::to_le_bytes).collect(), 0);
        }
        if how == UTF_16BE {
            return ([0xfeff].into_iter().chain(units).flat_map(u16::to_be_bytes).collect(), 0);
        }
        let is_lacking = |character: &char| how.encode(character.encode_utf8(&mut [0; 4])).2;
        let replaced = text.chars().filter(is_lacking).count();
        let text: String = text.chars().map(|character| if is_lacking(&character) { '?' } else { character }).collect();
        (how.encode(&text).0.into_owned(), replaced as u64)
    }
}
