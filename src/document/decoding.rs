//! Text in another encoding as UTF-8, made piece by piece. A piece ends where the decoder has nothing in mind, if there is
//! such a place, so that the next one can be begun without those before.

use encoding_rs::{Decoder, Encoding, ISO_2022_JP, UTF_16BE, UTF_16LE};

use crate::source::{ByteOffset, Codec, Input, ReadError, Stream};

/// How much is decoded at a time; an even number, as UTF-16 has it.
const PIECE_BYTES: usize = 32 << 10;

/// Decodes text.
pub(super) struct Decoding {
    how: &'static Encoding,
    /// Where the text begins, after a byte order mark.
    from: ByteOffset,
    pub(super) piece_bytes: usize,
}

impl Decoding {
    /// Decodes what comes after the first `mark_bytes` bytes.
    pub(super) fn new(how: &'static Encoding, mark_bytes: usize) -> Self {
        Self { how, from: ByteOffset(mark_bytes as u64), piece_bytes: PIECE_BYTES }
    }
}

impl Codec for Decoding {
    type Stream = Decoded;

    fn begin(&self) -> Decoded {
        // Read, and not decoded: what lies behind is read from its beginning on.
        Decoded::at(self.how, self.piece_bytes, Point { at: ByteOffset(0), skip_bytes: 0 }, self.from)
    }

    fn resume(&self, point: &Point) -> Decoded {
        Decoded::at(self.how, self.piece_bytes, *point, point.at)
    }
}

/// A place where a decoder can begin, and how much of what it then makes comes before the restart point.
#[derive(Clone, Copy, Debug)]
pub(super) struct Point {
    at: ByteOffset,
    skip_bytes: u64,
}

/// A way through the text.
pub(super) struct Decoded {
    how: &'static Encoding,
    piece_bytes: usize,
    decoder: Decoder,
    /// Where the next byte is read.
    at: ByteOffset,
    /// Where the text begins.
    from: ByteOffset,
    /// What was read and not decoded.
    input: Vec<u8>,
    /// What was decoded, of which the first bytes were given.
    made: String,
    given: usize,
    ended: bool,
    /// Why no more could be read, to be told once all that was is given.
    failed: Option<ReadError>,
    /// The last place where a decoder could begin, and how much was given since.
    clean_at: ByteOffset,
    given_since: u64,
    /// What is to be left out before anything is given.
    skip_bytes: u64,
    /// Where a decoder can begin after what is made.
    next_clean: Option<ByteOffset>,
}

impl Decoded {
    fn at(how: &'static Encoding, piece_bytes: usize, point: Point, from: ByteOffset) -> Self {
        Self {
            how,
            piece_bytes,
            decoder: how.new_decoder_without_bom_handling(),
            at: point.at,
            from,
            input: Vec::new(),
            made: String::new(),
            given: 0,
            ended: false,
            failed: None,
            clean_at: from,
            given_since: 0,
            skip_bytes: point.skip_bytes,
            next_clean: None,
        }
    }

    /// Decodes the next piece.
    fn make(&mut self, input: &mut dyn Input) {
        if let Some(clean) = self.next_clean.take() {
            (self.clean_at, self.given_since) = (clean, 0);
        }
        let have = self.input.len();
        self.input.resize(have + self.piece_bytes, 0);
        let read = input.read(self.at, self.input.get_mut(have..).unwrap_or_default());
        self.input.truncate(have + *read.as_ref().unwrap_or(&0));
        match read {
            Ok(read) => self.at = self.at.plus(read as u64),
            Err(error) => self.failed = Some(error),
        }
        if self.input.len() == have {
            self.ended = true;
        }
        let start = self.at.minus(self.input.len() as u64);
        let mark = usize::try_from(self.from.since(start)).unwrap_or(0).min(self.input.len());
        self.input.drain(..mark);
        let clean = if self.ended { None } else { clean_end(self.how, &self.input) };
        let end = clean.unwrap_or(self.input.len());
        let last = self.ended || clean.is_some();
        (self.made, self.given) = (String::new(), 0);
        let most = self.decoder.max_utf8_buffer_length(end).unwrap_or(end.saturating_mul(3));
        self.made.reserve(most);
        // There is room for all of it, so that it takes all.
        let _ = self.decoder.decode_to_string(self.input.get(..end).unwrap_or_default(), &mut self.made, last);
        self.input.drain(..end);
        if clean.is_some() {
            self.decoder = self.how.new_decoder_without_bom_handling();
            self.next_clean = Some(self.at.minus(self.input.len() as u64));
        }
    }
}

impl Stream for Decoded {
    type Point = Point;
    const POINT_BYTES: u64 = size_of::<Point>() as u64;

    fn read(&mut self, input: &mut dyn Input, buffer: &mut [u8]) -> Result<usize, ReadError> {
        loop {
            let rest = self.made.as_bytes().get(self.given..).unwrap_or_default();
            let skipped = usize::try_from(self.skip_bytes).unwrap_or(usize::MAX).min(rest.len());
            let count = if skipped > 0 { skipped } else { rest.len().min(buffer.len()) };
            if count > 0 {
                if skipped > 0 {
                    self.skip_bytes -= skipped as u64;
                } else {
                    buffer.iter_mut().zip(rest).for_each(|(to, from)| *to = *from);
                }
                self.given += count;
                self.given_since += count as u64;
                if skipped == 0 {
                    return Ok(count);
                }
            } else if self.ended || buffer.is_empty() {
                return self.failed.take().map_or(Ok(0), Err);
            } else {
                self.make(input);
            }
        }
    }

    fn point(&self) -> Option<Point> {
        Some(Point { at: self.clean_at, skip_bytes: self.given_since })
    }
}

/// Where in `bytes` a decoder that is new can go on, as late as possible; `None` if that can not be told.
fn clean_end(how: &'static Encoding, bytes: &[u8]) -> Option<usize> {
    if how == UTF_16LE || how == UTF_16BE {
        let even = bytes.len() - bytes.len() % 2;
        let high = bytes.get(even.checked_sub(2)?..even).map(|unit| unit.get(usize::from(how == UTF_16LE)));
        let is_high = high.flatten().is_some_and(|byte| (0xd8..=0xdb).contains(byte));
        return Some(if is_high { even - 2 } else { even }).filter(|end| *end > 0);
    }
    if how.is_single_byte() {
        return Some(bytes.len()).filter(|end| *end > 0);
    }
    // What comes after an escape of it may go on for ever.
    if how == ISO_2022_JP {
        return None;
    }
    // In none of the others a byte below the digits is a part of another character.
    bytes.iter().rposition(|byte| *byte < b'0').map(|last| last + 1)
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use proptest::prelude::*;

    use super::*;
    use crate::source::testing::{Bytes, in_blocks};
    use crate::source::{Derived, Source as _};

    fn derived(bytes: &[u8], how: &'static Encoding, mark_bytes: usize, piece_bytes: usize) -> Arc<Derived<Decoding>> {
        let codec = Decoding { piece_bytes, ..Decoding::new(how, mark_bytes) };
        Arc::new(Derived::spaced(Arc::new(Bytes(bytes.to_vec())), codec, 16))
    }

    fn whole(source: &Arc<Derived<Decoding>>) -> Vec<u8> {
        let (all, error) = in_blocks(source.clone(), 7);
        assert!(error.is_none(), "{error:?}");
        all
    }

    #[test]
    fn what_can_not_be_decoded_is_seen_as_that() {
        let odd = derived(b"\xff\xfea\0\x00\xd8b\0c", UTF_16LE, 2, 4);
        assert_eq!(String::from_utf8(whole(&odd)).unwrap(), "a\u{fffd}b\u{fffd}");
        assert_eq!(whole(&derived(b"\xff\xfe", UTF_16LE, 2, 4)), b"");
    }

    proptest! {
        #[test]
        fn any_place_is_reached_as_if_all_had_been_decoded_at_once(
            bytes in prop::collection::vec(prop_oneof![any::<u8>(), Just(b'\n'), Just(b'a'), Just(0), Just(0xd8)], 0..300),
            which in 0_usize..8,
            piece_bytes in (1_usize..20).prop_map(|half| half * 2),
            reads in prop::collection::vec((0_usize..400, 1_usize..50), 1..10),
        ) {
            use encoding_rs::{BIG5, EUC_JP, GB18030, SHIFT_JIS, WINDOWS_1252};
            let how = [UTF_16LE, UTF_16BE, WINDOWS_1252, SHIFT_JIS, EUC_JP, BIG5, GB18030, ISO_2022_JP][which];
            let (expected, _) = how.decode_without_bom_handling(&bytes);
            let source = derived(&bytes, how, 0, piece_bytes);
            prop_assert_eq!(whole(&source), expected.as_bytes());
            for (at, count) in reads {
                let mut there = vec![0; count];
                let read = source.read_at(ByteOffset(at as u64), &mut there).unwrap();
                let end = (at + count).min(expected.len());
                prop_assert_eq!(&there[..read], expected.as_bytes().get(at..end).unwrap_or_default());
            }
        }
    }
}
