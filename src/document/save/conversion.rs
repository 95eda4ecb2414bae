//! What becomes of a text on its way into another file: first the endings of its lines, then its encoding. Pure; fed block
//! by block, cut anywhere.

use super::encoder::{Lacking, TextEncoder};
use super::endings::{EndingChange, Endings};
use crate::document::Encoding;

/// The way of a text. What is not to be changed is passed on and not copied.
pub(super) struct Conversion {
    endings: EndingChange,
    mark: &'static [u8],
    encoder: Option<TextEncoder>,
}

impl Conversion {
    /// A way to lines that end so, in this encoding; without one, and where that is none of text, bytes stay as they are.
    pub(super) fn new(endings: Endings, encoding: Option<Encoding>, lossy: bool) -> Self {
        Self {
            endings: EndingChange::new(endings),
            mark: encoding.map(TextEncoder::mark).unwrap_or_default(),
            encoder: encoding.and_then(|encoding| TextEncoder::new(encoding, lossy)),
        }
    }

    /// What the file begins with.
    pub(super) const fn mark(&self) -> &'static [u8] {
        self.mark
    }

    /// Takes in the next block and gives what is to be written for it.
    ///
    /// # Errors
    /// At the first thing that the encoding lacks, unless such things are replaced.
    pub(super) fn feed<'a>(&'a mut self, block: &'a [u8]) -> Result<&'a [u8], Lacking> {
        let text = self.endings.feed(block);
        match &mut self.encoder {
            Some(encoder) => encoder.feed(text),
            None => Ok(text),
        }
    }

    /// Says that there is no more, and gives what is still to be written.
    ///
    /// # Errors
    /// As [`Conversion::feed`].
    pub(super) fn finish(&mut self) -> Result<&[u8], Lacking> {
        let text = self.endings.finish();
        match &mut self.encoder {
            Some(encoder) => encoder.finish(text),
            None => Ok(text),
        }
    }

    /// How many characters were replaced.
    pub(super) fn replaced(&self) -> u64 {
        self.encoder.as_ref().map_or(0, TextEncoder::replaced)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn converted(text: &[u8], mut conversion: Conversion, cuts: &[usize]) -> Vec<u8> {
        let (mut made, mut rest) = (conversion.mark().to_vec(), text);
        for cut in cuts.iter().cycle() {
            if rest.is_empty() {
                break;
            }
            let (block, after) = rest.split_at((*cut).min(rest.len()));
            made.extend_from_slice(conversion.feed(block).unwrap());
            rest = after;
        }
        made.extend_from_slice(conversion.finish().unwrap());
        made
    }

    #[test]
    fn without_an_encoding_what_is_no_text_stays_as_it_is() {
        let text = b"\xef\xbb\xbfa\xff\r\n\xe2\x82";
        assert_eq!(converted(text, Conversion::new(Endings::Keep, None, false), &[1]), text);
        assert_eq!(converted(text, Conversion::new(Endings::Lf, None, false), &[1]), b"\xef\xbb\xbfa\xff\n\xe2\x82");
        let binary = Conversion::new(Endings::Keep, Some(Encoding::Binary), false);
        assert_eq!(converted(text, binary, &[3]), text);
    }

    proptest! {
        #[test]
        fn endings_and_encoding_are_changed_as_if_all_were_one_block(
            text in prop::collection::vec(prop_oneof![Just('a'), Just('\r'), Just('\n'), Just('€'), Just('𝄞')], 0..60),
            cuts in prop::collection::vec(1_usize..6, 1..8),
        ) {
            let text: String = text.into_iter().collect();
            let lines = text.replace("\r\n", "\n").replace('\n', "\r\n");
            let expected: Vec<u8> = [0xfeff].into_iter().chain(lines.encode_utf16()).flat_map(u16::to_le_bytes).collect();
            let conversion = Conversion::new(Endings::CrLf, Some(Encoding::UTF_16_LE), false);
            prop_assert_eq!(converted(text.as_bytes(), conversion, &cuts), expected);
        }
    }
}
