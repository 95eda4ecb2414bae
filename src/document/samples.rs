//! What is remembered of a file's bytes, to tell from where on it was changed under the reader: a bounded number of pieces,
//! spread evenly over it. Kept beside the tail of a document and compared by its page reader, off the UI thread.

use std::io;
use std::sync::Arc;

use crate::source::{ByteOffset, Source};

/// The length of a piece. A file of no more than [`MAX_PIECES`] of them is remembered whole.
const PIECE_BYTES: u64 = 64;
/// The most pieces: 16 KB.
const MAX_PIECES: u64 = 256;

/// Bytes that were at a place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Piece {
    pub(super) at: ByteOffset,
    pub(super) bytes: Arc<[u8]>,
}

/// The pieces of a file up to where it was read.
#[derive(Debug)]
pub(super) struct Samples {
    pieces: Vec<Piece>,
    /// How far their beginnings are apart.
    every_bytes: u64,
    /// Where the next one begins.
    next: ByteOffset,
}

impl Samples {
    /// Those of what `source` has before `end`. What can not be read is left out.
    pub(super) fn of(source: &dyn Source, end: ByteOffset) -> Self {
        let mut samples = Self { pieces: Vec::new(), every_bytes: PIECE_BYTES, next: ByteOffset(0) };
        samples.grow(source, end);
        samples
    }

    /// Takes in that there is more, up to `end`.
    pub(super) fn grow(&mut self, source: &dyn Source, end: ByteOffset) {
        while end.0.div_ceil(self.every_bytes) > MAX_PIECES {
            self.every_bytes = self.every_bytes.saturating_mul(2);
            let every_bytes = self.every_bytes;
            self.pieces.retain(|piece| piece.at.0.is_multiple_of(every_bytes));
            self.next = ByteOffset(self.next.0.next_multiple_of(every_bytes));
        }
        // One that the end cut is longer now.
        if let Some(cut) = self.pieces.pop_if(|piece| (piece.bytes.len() as u64) < PIECE_BYTES) {
            self.next = cut.at;
        }
        while self.next < end {
            let wanted = usize::try_from(end.since(self.next).min(PIECE_BYTES)).unwrap_or(0);
            let mut bytes = vec![0; wanted];
            let read = source.read_at(self.next, &mut bytes).unwrap_or(0);
            bytes.truncate(read);
            if !bytes.is_empty() {
                self.pieces.push(Piece { at: self.next, bytes: bytes.into() });
            }
            self.next = self.next.plus(self.every_bytes);
        }
    }

    /// The pieces, in order.
    pub(super) fn pieces(&self) -> &[Piece] {
        &self.pieces
    }
}

/// What a comparison has come to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Compared {
    /// Where it differs: up to there all that was compared is as it was.
    pub(super) after: Option<ByteOffset>,
    /// Whether it is as it was, and nothing was left out.
    pub(super) same: bool,
}

/// Compares what there is in `source` with what was there, up to `end` where the file ended.
///
/// # Errors
/// What the system says of a failed read.
pub(super) fn compare(mut known: Vec<Piece>, source: &dyn Source, end: ByteOffset) -> io::Result<Compared> {
    known.sort_by_key(|piece| piece.at);
    let (mut alike, mut whole) = (ByteOffset(0), true);
    let mut there = Vec::new();
    for Piece { at, bytes } in &known {
        there.resize(bytes.len(), 0);
        let read = source.read_at(*at, &mut there)?;
        let now = there.get(..read).unwrap_or_default();
        let before = bytes.iter().zip(now).take_while(|(was, is)| was == is).count();
        if before < bytes.len() {
            // What differs at once may differ from anywhere after what was compared last.
            let after = if before > 0 || *at <= alike { at.plus(before as u64) } else { alike };
            return Ok(Compared { after: Some(after.max(alike)), same: false });
        }
        whole &= *at <= alike;
        alike = alike.max(at.plus(bytes.len() as u64));
    }
    Ok(Compared { after: None, same: whole && alike >= end })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::source::testing::Bytes;

    fn compared(samples: &Samples, now: Vec<u8>, end: usize) -> Compared {
        compare(samples.pieces().to_vec(), &Bytes(now), ByteOffset(end as u64)).unwrap()
    }

    #[test]
    fn a_small_file_is_remembered_whole_and_the_first_byte_that_differs_is_told() {
        let was: Vec<u8> = (0..16_000_u32).map(|at| u8::try_from(at % 251).unwrap()).collect();
        let samples = Samples::of(&Bytes(was.clone()), ByteOffset(16_000));
        assert_eq!(compared(&samples, was.clone(), was.len()), Compared { after: None, same: true });
        for at in [0, 1, 63, 64, 7_777, 15_999] {
            let mut now = was.clone();
            now[at] ^= 1;
            assert_eq!(compared(&samples, now, was.len()).after, Some(ByteOffset(at as u64)));
        }
        assert_eq!(compared(&samples, was[..5_000].to_vec(), was.len()).after, Some(ByteOffset(5_000)));
    }

    #[test]
    fn of_a_large_file_no_more_is_remembered_than_of_a_small_one() {
        let was = vec![b'a'; 3_000_000];
        let samples = Samples::of(&Bytes(was.clone()), ByteOffset(3_000_000));
        assert!(samples.pieces().len() as u64 <= MAX_PIECES);
        assert_eq!(compared(&samples, was, 3_000_000), Compared { after: None, same: false }, "that can not be told");
    }

    proptest! {
        #[test]
        fn what_is_told_to_be_as_it_was_is(
            len in 0_usize..60_000,
            grown in prop::collection::vec(1_usize..20_000, 0..4),
            from in 0_usize..80_000,
        ) {
            let all = len + grown.iter().sum::<usize>();
            let was: Vec<u8> = vec![b'a'; all];
            let mut samples = Samples::of(&Bytes(was[..len].to_vec()), ByteOffset(len as u64));
            let mut end = len;
            for more in grown {
                end += more;
                samples.grow(&Bytes(was[..end].to_vec()), ByteOffset(end as u64));
            }
            prop_assert!(samples.pieces().len() as u64 <= MAX_PIECES);
            let from = from.min(all);
            let now: Vec<u8> = was[..from].iter().copied().chain(vec![b'b'; all - from]).collect();
            let told = compared(&samples, now, all);
            match told.after {
                // No further than the file is as it was, and no more than two pieces before that.
                Some(after) => {
                    prop_assert!(after.0 <= from as u64);
                    prop_assert!(from as u64 - after.0 <= samples.every_bytes);
                }
                None => prop_assert!((all - from) as u64 <= samples.every_bytes),
            }
            prop_assert!(!told.same || from == all);
        }
    }
}
