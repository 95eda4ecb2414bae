//! Gzip (RFC 1952), unpacked: members one after the other, as `bgzip` and `cat` make them, each checked against its
//! checksum and length. A restart point is the state of the inflater with the 32 KB that it looks back at.

use crc32fast::Hasher;
use miniz_oxide::inflate::TINFLStatus;
use miniz_oxide::inflate::core::inflate_flags::{TINFL_FLAG_HAS_MORE_INPUT, TINFL_FLAG_IGNORE_ADLER32};
use miniz_oxide::inflate::core::{DecompressorOxide, decompress};

use super::{ByteOffset, Codec, Input, ReadError, Stream};

/// How far the inflater looks back, and so what it needs to go on (RFC 1951).
const WINDOW_BYTES: usize = 32 << 10;
/// How much is read at a time of what lies behind.
const INPUT_BYTES: usize = 64 << 10;
/// The longest header that is taken for one: names and comments are seldom longer than a path.
const MAX_HEADER_BYTES: usize = 128 << 10;

/// The checksum and the length that follow a member.
const TRAILER_BYTES: usize = 8;
const MAGIC: [u8; 2] = [0x1f, 0x8b];

/// Unpacks gzip.
pub(super) struct Gzip;

impl Codec for Gzip {
    type Stream = Inflating;

    fn begin(&self) -> Inflating {
        Inflating::at(Point {
            at: ByteOffset(0),
            step: Step::Header { first: true },
            inflater: Box::default(),
            window: vec![0; WINDOW_BYTES],
            window_at: 0,
        })
    }

    fn resume(&self, point: &Point) -> Inflating {
        Inflating::at(point.clone())
    }
}

/// What it takes to go on.
#[derive(Clone)]
pub(super) struct Point {
    /// The next byte of what lies behind that the inflater has not taken.
    at: ByteOffset,
    step: Step,
    inflater: Box<DecompressorOxide>,
    /// What was made last, as a ring.
    window: Vec<u8>,
    /// Where in it the next byte goes.
    window_at: usize,
}

#[derive(Clone, Copy, PartialEq)]
enum Step {
    /// A member begins, or nothing more comes.
    Header {
        first: bool,
    },
    Body,
    Trailer,
    End,
    /// What is the matter, once all that was made is given.
    Broken(&'static str),
}

/// A way through a gzip file.
pub(super) struct Inflating {
    now: Point,
    /// What was read and not taken: `input[taken..]`.
    input: Vec<u8>,
    taken: usize,
    /// What was made and not given: this many bytes before `window_at`.
    ready: usize,
    /// The checksum and length of the member so far, if it was begun at its beginning.
    checked: Option<(Hasher, u32)>,
}

impl Inflating {
    fn at(now: Point) -> Self {
        Self { now, input: Vec::new(), taken: 0, ready: 0, checked: None }
    }

    /// Has at least `bytes` of input at hand, if there are so many; gives what is there.
    fn peek(&mut self, input: &mut dyn Input, bytes: usize) -> Result<&[u8], ReadError> {
        while self.input.len() - self.taken < bytes {
            self.input.drain(..self.taken);
            self.taken = 0;
            let have = self.input.len();
            self.input.resize(have + INPUT_BYTES, 0);
            let read = input.read(self.now.at.plus(have as u64), self.input.get_mut(have..).unwrap_or_default());
            self.input.truncate(have + *read.as_ref().unwrap_or(&0));
            if read? == 0 {
                break;
            }
        }
        Ok(self.input.get(self.taken..).unwrap_or_default())
    }

    fn take(&mut self, bytes: usize) {
        self.taken = self.taken.saturating_add(bytes).min(self.input.len());
        self.now.at = self.now.at.plus(bytes as u64);
    }

    fn broken(&self, what: &'static str) -> ReadError {
        ReadError::Broken { what, at: self.now.at }
    }

    /// Reads the header of a member, or finds that there is none.
    fn header(&mut self, input: &mut dyn Input, first: bool) -> Result<Step, ReadError> {
        if !first {
            // Tapes and some writers fill up with zeros.
            while let Some(zeros) =
                Some(self.peek(input, 1)?.iter().take_while(|byte| **byte == 0).count()).filter(|zeros| *zeros > 0)
            {
                self.take(zeros);
            }
        }
        let mut wanted = 10;
        loop {
            let bytes = self.peek(input, wanted)?;
            if bytes.is_empty() && !first {
                return Ok(Step::End);
            }
            if !first && !bytes.starts_with(&MAGIC) {
                return Err(self.broken("something else than gzip follows, and is left out"));
            }
            let have = bytes.len();
            match header_bytes(bytes) {
                Some(Ok(header)) => {
                    self.take(header);
                    *self.now.inflater = DecompressorOxide::new();
                    self.checked = Some((Hasher::new(), 0));
                    return Ok(Step::Body);
                }
                Some(Err(what)) => return Err(self.broken(what)),
                None if have < wanted => return Err(self.broken("it breaks off")),
                None if wanted > MAX_HEADER_BYTES => return Err(self.broken("its header has no end")),
                None => wanted = have + 1,
            }
        }
    }

    fn body(&mut self, input: &mut dyn Input) -> Result<Step, ReadError> {
        let len = self.peek(input, 1)?.len();
        let flags = TINFL_FLAG_IGNORE_ADLER32 | if len > 0 { TINFL_FLAG_HAS_MORE_INPUT } else { 0 };
        let from = self.now.window_at;
        let given = self.input.get(self.taken..).unwrap_or_default();
        let (status, taken, made) = decompress(&mut self.now.inflater, given, &mut self.now.window, from, flags);
        self.take(taken);
        if let Some((hasher, bytes)) = &mut self.checked {
            hasher.update(self.now.window.get(from..from + made).unwrap_or_default());
            *bytes = bytes.wrapping_add(u32::try_from(made).unwrap_or(0));
        }
        self.now.window_at = (from + made) % WINDOW_BYTES;
        self.ready = made;
        match status {
            TINFLStatus::Done => Ok(Step::Trailer),
            TINFLStatus::HasMoreOutput => Ok(Step::Body),
            TINFLStatus::NeedsMoreInput if len > 0 => Ok(Step::Body),
            TINFLStatus::NeedsMoreInput | TINFLStatus::FailedCannotMakeProgress => Ok(Step::Broken("it breaks off")),
            _ => Ok(Step::Broken("it is damaged")),
        }
    }

    fn trailer(&mut self, input: &mut dyn Input) -> Result<Step, ReadError> {
        let Some((&told, _)) = self.peek(input, TRAILER_BYTES)?.split_first_chunk::<TRAILER_BYTES>() else {
            return Err(self.broken("it breaks off"));
        };
        if let Some((hasher, bytes)) = self.checked.take()
            && [hasher.finalize().to_le_bytes(), bytes.to_le_bytes()].as_flattened() != told
        {
            return Err(self.broken("it is damaged: what it holds does not fit its checksum"));
        }
        self.take(TRAILER_BYTES);
        Ok(Step::Header { first: false })
    }
}

impl Stream for Inflating {
    type Point = Point;
    const POINT_BYTES: u64 = (size_of::<Point>() + size_of::<DecompressorOxide>() + WINDOW_BYTES) as u64;

    fn read(&mut self, input: &mut dyn Input, buffer: &mut [u8]) -> Result<usize, ReadError> {
        while self.ready == 0 {
            self.now.step = match self.now.step {
                Step::Header { first } => self.header(input, first)?,
                Step::Body => self.body(input)?,
                Step::Trailer => self.trailer(input)?,
                Step::End => return Ok(0),
                Step::Broken(what) => return Err(self.broken(what)),
            };
        }
        // What one call makes never goes over the ring's edge.
        let end = if self.now.window_at == 0 { WINDOW_BYTES } else { self.now.window_at };
        let ready = self.now.window.get(end - self.ready..end).unwrap_or_default();
        let count = ready.len().min(buffer.len());
        for (to, from) in buffer.iter_mut().zip(ready) {
            *to = *from;
        }
        self.ready -= count;
        Ok(count)
    }

    fn point(&self) -> Option<Point> {
        // What is made and not given would have to be kept apart.
        (self.ready == 0).then(|| self.now.clone())
    }
}

/// How long the header at the beginning of `bytes` is; `None` if it goes on after them.
fn header_bytes(bytes: &[u8]) -> Option<Result<usize, &'static str>> {
    let &[first, second, method, flags, _, _, _, _, _, _, ..] = bytes else { return None };
    if [first, second] != MAGIC {
        return Some(Err("it is not gzip"));
    }
    if method != 8 || flags & 0xe0 != 0 {
        return Some(Err("it is packed in a way that is not known"));
    }
    let mut at = 10;
    if flags & 4 != 0 {
        let &[low, high] = bytes.get(at..at + 2)? else { return None };
        at += 2 + usize::from(u16::from_le_bytes([low, high]));
    }
    for text in [8, 16] {
        if flags & text != 0 {
            at += memchr::memchr(0, bytes.get(at..)?)? + 1;
        }
    }
    if flags & 2 != 0 {
        at += 2;
    }
    (at <= bytes.len()).then_some(Ok(at))
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use proptest::prelude::*;

    use super::*;
    use crate::source::testing::{Bytes, in_blocks};
    use crate::source::{Derived, Source as _};

    /// A member with every part that a header may have.
    fn member(bytes: &[u8], flags: u8) -> Vec<u8> {
        let mut member = vec![0x1f, 0x8b, 8, flags, 0, 0, 0, 0, 0, 3];
        if flags & 4 != 0 {
            member.extend([3, 0, b'e', b'x', b't']);
        }
        member.extend(if flags & 8 != 0 { b"name\0".as_slice() } else { b"" });
        member.extend(if flags & 16 != 0 { b"a comment\0".as_slice() } else { b"" });
        member.extend(if flags & 2 != 0 { [0, 0].as_slice() } else { &[] });
        member.extend(miniz_oxide::deflate::compress_to_vec(bytes, 6));
        member.extend(crc32fast::hash(bytes).to_le_bytes());
        member.extend(u32::try_from(bytes.len()).unwrap().to_le_bytes());
        member
    }

    fn unpacked(packed: Vec<u8>) -> Arc<Derived<Gzip>> {
        Arc::new(Derived::spaced(Arc::new(Bytes(packed)), Gzip, WINDOW_BYTES as u64))
    }

    fn what(error: Option<ReadError>) -> String {
        error.map_or_else(String::new, |error| error.to_string())
    }

    #[test]
    fn what_breaks_off_is_damaged_or_is_followed_by_something_else_is_told_after_what_comes_before() {
        let text: Vec<u8> = (0..20_000_u32).flat_map(|number| format!("line {number}\n").into_bytes()).collect();
        let whole = member(&text, 0);
        for (packed, words, all) in [
            (whole[..whole.len() / 2].to_vec(), "breaks off", false),
            (whole[..whole.len() - 3].to_vec(), "breaks off", true),
            (whole[..5].to_vec(), "breaks off", false),
            ([whole.clone(), b"more".to_vec()].concat(), "something else", true),
            ([whole.clone(), vec![0; 700], whole.clone()].concat(), "", true),
            ([whole.clone(), vec![0; 700]].concat(), "", true),
            ([whole[..whole.len() - 8].to_vec(), vec![1; 8]].concat(), "checksum", true),
            ([&whole[..2000], [0x55; 40].as_slice(), &whole[2040..]].concat(), "damaged", false),
            ([&whole[..3], &[0x20], &whole[4..]].concat(), "not known", false),
        ] {
            let (got, error) = in_blocks(unpacked(packed), 64 << 10);
            assert!(what(error).contains(words), "{words}");
            assert!(!all || got.starts_with(&text), "{words}: {} of {}", got.len(), text.len());
        }
        let (got, _) = in_blocks(unpacked(whole[..whole.len() / 2].to_vec()), 64 << 10);
        assert!(got.len() > text.len() / 3 && text.starts_with(&got), "{} of {}", got.len(), text.len());
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(40))]
        #[test]
        fn any_place_is_reached_as_if_all_had_been_unpacked(
            members in prop::collection::vec((prop::collection::vec((any::<u8>(), 1_usize..4_000), 0..60), 0_u8..32), 1..5),
            block_bytes in prop_oneof![Just(WINDOW_BYTES), Just(2 * WINDOW_BYTES), 1_usize..50_000],
            reads in prop::collection::vec((0_usize..400_000, 1_usize..70_000), 1..12),
        ) {
            let texts: Vec<Vec<u8>> = members.iter().map(|(runs, _)| runs.iter().flat_map(|(byte, count)| vec![*byte; *count]).collect()).collect();
            // The lowest flag says that it is text, and is of no consequence.
            let packed: Vec<u8> = texts.iter().zip(&members).flat_map(|(text, (_, flags))| member(text, flags & 0x1f)).collect();
            let expected = texts.concat();
            let source = unpacked(packed);
            let (all, error) = in_blocks(source.clone(), block_bytes);
            prop_assert!(error.is_none() && all == expected, "{:?}", error);
            for (at, count) in reads {
                let mut there = vec![0; count];
                let read = source.read_at(ByteOffset(at as u64), &mut there).unwrap();
                let end = (at + count).min(expected.len());
                prop_assert_eq!(&there[..read], expected.get(at..end).unwrap_or_default());
            }
        }
    }
}
