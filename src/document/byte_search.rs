//! Going from one place of a run of bytes to the next, through a document of any size: on a thread of its own, block by
//! block, until it is found or nobody wants to know any more. Owned by the view that asks, which looks in each frame whether
//! it has ended. It needs no line index and keeps nothing of what it passes; it must not know egui.

use std::io;
use std::ops::Range;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering::Relaxed};

use poll_promise::{Promise, Sender};

use super::{BytePattern, Document};
use crate::jobs::{Wake, spawn_named};
use crate::source::{ByteOffset, Source};

/// What is searched between two looks at whether it is still wanted: some hundred microseconds.
const BLOCK_BYTES: u64 = 256 << 10;

/// What a search comes to: where the pattern is, if it is anywhere, or what the system says of a failed read.
type Nearest = Result<Option<ByteOffset>, String>;

/// Which way a search goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Towards {
    /// To what begins at an offset or after.
    End,
    /// To what begins before an offset.
    Beginning,
}

/// A search that goes on beside the window. Dropping it ends it.
pub struct ByteSearch {
    shared: Arc<Shared>,
    whole_bytes: u64,
    promise: Option<Promise<Nearest>>,
}

#[derive(Debug, Default)]
struct Shared {
    unwanted: AtomicBool,
    searched_bytes: AtomicU64,
}

impl ByteSearch {
    /// What it has come to, once; `None` while it goes on, and after.
    ///
    /// # Errors
    /// What the system says of a failed read, or why there is no thread.
    pub fn take(&mut self) -> Option<Nearest> {
        match self.promise.take()?.try_take() {
            Ok(nearest) => Some(nearest),
            Err(pending) => {
                self.promise = Some(pending);
                None
            }
        }
    }

    /// How many bytes it has searched so far.
    #[must_use]
    pub fn searched_bytes(&self) -> u64 {
        self.shared.searched_bytes.load(Relaxed)
    }

    /// How many it would search to find nothing.
    #[must_use]
    pub const fn whole_bytes(&self) -> u64 {
        self.whole_bytes
    }
}

impl Drop for ByteSearch {
    fn drop(&mut self) {
        self.shared.unwanted.store(true, Relaxed);
    }
}

impl Document {
    /// Begins to look for the place of `pattern` that is nearest to `from`, and wakes the window when that is over; `None`
    /// while the document is not open.
    #[must_use]
    pub fn find_bytes(
        &self,
        pattern: BytePattern,
        from: ByteOffset,
        towards: Towards,
        wake: Wake,
    ) -> Option<ByteSearch> {
        let source = self.source()?;
        let end = ByteOffset(source.len_bytes());
        let starts = match towards {
            Towards::End => from.min(end)..end,
            Towards::Beginning => ByteOffset(0)..from.min(end),
        };
        let whole_bytes = starts.end.since(starts.start);
        let shared = Arc::new(Shared::default());
        let (sender, promise) = Promise::new();
        let answer = Answer { sender: Some(sender), wake };
        let asked = Arc::clone(&shared);
        let work = move || {
            let go_on = |bytes| {
                asked.searched_bytes.fetch_add(bytes, Relaxed);
                !asked.unwanted.load(Relaxed)
            };
            let found = nearest(source.as_ref(), &pattern, starts, towards, BLOCK_BYTES, go_on);
            answer.send(found.map_err(|error| error.to_string()));
        };
        let promise = match spawn_named(&format!("bytes of {}", self.name()), work) {
            Ok(_) => promise,
            Err(error) => Promise::from_ready(Err(error.to_string())),
        };
        Some(ByteSearch { shared, whole_bytes, promise: Some(promise) })
    }
}

/// Answers once, even if the thread goes without: a promise whose sender is dropped would panic in whoever polls it.
struct Answer {
    sender: Option<Sender<Nearest>>,
    wake: Wake,
}

impl Answer {
    fn send(mut self, nearest: Nearest) {
        self.send_once(nearest);
    }

    fn send_once(&mut self, nearest: Nearest) {
        if let Some(sender) = self.sender.take() {
            // First the result, then the wake-up: the other way round the frame would find nothing.
            sender.send(nearest);
            (self.wake)();
        }
    }
}

impl Drop for Answer {
    fn drop(&mut self) {
        self.send_once(Err("the search has ended without a result".into()));
    }
}

/// The place of `pattern` that begins in `starts`, the first one on the way to the end or the last one on the way to the
/// beginning. Asks before each block, with how long it is, whether to go on.
fn nearest(
    source: &dyn Source,
    pattern: &BytePattern,
    starts: Range<ByteOffset>,
    towards: Towards,
    block_bytes: u64,
    mut go_on: impl FnMut(u64) -> bool,
) -> io::Result<Option<ByteOffset>> {
    let mut left = starts;
    // What begins in a block may end beyond it.
    let beyond = pattern.len_bytes() - 1;
    let mut buffer: Vec<u8> = Vec::new();
    while left.start < left.end {
        let bytes = left.end.since(left.start).min(block_bytes);
        if !go_on(bytes) {
            break;
        }
        let start = match towards {
            Towards::End => left.start,
            Towards::Beginning => left.end.minus(bytes),
        };
        buffer.resize(usize::try_from(bytes + beyond).unwrap_or(usize::MAX), 0);
        let read = source.read_at(start, &mut buffer)?;
        let seen = buffer.get(..read).unwrap_or_default();
        let found = match towards {
            Towards::End => pattern.first_in(seen),
            Towards::Beginning => pattern.last_in(seen),
        };
        if let Some(place) = found {
            return Ok(Some(start.plus(place as u64)));
        }
        match towards {
            Towards::End => left.start = start.plus(bytes),
            Towards::Beginning => left.end = start,
        }
    }
    Ok(None)
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc::sync_channel;
    use std::time::Duration;

    use proptest::prelude::*;

    use super::super::{Encoding, Facts, LineEnding};
    use super::*;
    use crate::source::{InOrder, SourceChange};

    /// How long anything may take.
    const DEADLINE: Duration = Duration::from_secs(30);

    /// Bytes in memory, and zeros after them up to a length.
    struct Memory {
        bytes: Vec<u8>,
        len_bytes: u64,
    }

    impl Memory {
        fn new(bytes: &[u8]) -> Self {
            Self { bytes: bytes.to_vec(), len_bytes: bytes.len() as u64 }
        }
    }

    impl Source for Memory {
        fn len_bytes(&self) -> u64 {
            self.len_bytes
        }
        fn read_at(&self, offset: ByteOffset, buffer: &mut [u8]) -> io::Result<usize> {
            let there = usize::try_from(self.len_bytes.saturating_sub(offset.0)).unwrap();
            let count = there.min(buffer.len());
            for (at, byte) in buffer.iter_mut().enumerate() {
                let place = usize::try_from(offset.0).unwrap() + at;
                *byte = self.bytes.get(place).copied().unwrap_or(0);
            }
            Ok(count)
        }
        fn change(&self) -> Option<SourceChange> {
            None
        }
        fn grow(&self) {}
        fn in_order(self: Arc<Self>) -> Box<dyn InOrder> {
            unreachable!("it is not gone through")
        }
    }

    fn opened(source: Memory) -> Document {
        let document = Document::at("some.bin".into());
        let facts =
            Facts { len_bytes: source.len_bytes, packing: None, encoding: Encoding::Binary, ending: LineEnding::None };
        let first_page = source.bytes.as_slice().into();
        document.fill().opened(facts, Arc::new(source), first_page, Arc::new(|| {})).unwrap();
        document
    }

    fn pattern(typed: &str) -> BytePattern {
        BytePattern::parse(typed).unwrap()
    }

    proptest! {
        #[test]
        fn the_nearest_place_is_that_of_a_look_at_every_byte_wherever_blocks_end(
            words in prop::collection::vec(prop_oneof![3 => Just("00"), 3 => Just("01"), 1 => Just("??")], 1..6),
            bytes in prop::collection::vec(0_u8..2, 0..60),
            from in 0_u64..70,
            block_bytes in 1_u64..9,
        ) {
            let Ok(pattern) = BytePattern::parse(&words.join(" ")) else { return Ok(()) };
            let is_at = |at: &u64| {
                let at = usize::try_from(*at).unwrap();
                bytes.get(at..at + words.len()).is_some_and(|here| pattern.first_in(here) == Some(0))
            };
            let (source, end) = (Memory::new(&bytes), bytes.len() as u64);
            let find = |starts: Range<u64>, towards| {
                let starts = ByteOffset(starts.start)..ByteOffset(starts.end);
                let found = nearest(&source, &pattern, starts, towards, block_bytes, |_| true);
                found.unwrap().map(|place| place.0)
            };
            let from = from.min(end);
            prop_assert_eq!(find(from..end, Towards::End), (from..end).find(is_at));
            prop_assert_eq!(find(0..from, Towards::Beginning), (0..from).rev().find(is_at));
        }
    }

    #[test]
    fn a_search_beside_the_window_finds_what_goes_over_the_edge_of_a_block() {
        let block = usize::try_from(BLOCK_BYTES).unwrap();
        let bytes = [vec![0; block - 1], b"needle".to_vec(), vec![0; block], b"needle".to_vec()].concat();
        let document = opened(Memory::new(&bytes));
        let first = BLOCK_BYTES - 1;
        let last = first + 6 + BLOCK_BYTES;
        for (from, towards, found) in [
            (0, Towards::End, Some(first)),
            (first, Towards::End, Some(first)),
            (first + 1, Towards::End, Some(last)),
            (last + 1, Towards::End, None),
            (u64::MAX, Towards::Beginning, Some(last)),
            (last, Towards::Beginning, Some(first)),
            (first, Towards::Beginning, None),
        ] {
            let (woken, wakes) = sync_channel(1);
            let wake: Wake = Arc::new(move || woken.send(()).unwrap());
            let mut search = document.find_bytes(pattern("needle"), ByteOffset(from), towards, wake).unwrap();
            wakes.recv_timeout(DEADLINE).unwrap();
            assert_eq!(search.take(), Some(Ok(found.map(ByteOffset))), "from {from} {towards:?}");
            assert_eq!(search.take(), None, "it is told once");
            assert!(search.searched_bytes() <= search.whole_bytes());
        }
    }

    #[test]
    fn a_search_that_nobody_wants_any_more_ends() {
        let document = opened(Memory { bytes: Vec::new(), len_bytes: 1 << 60 });
        let (woken, wakes) = sync_channel(1);
        let wake: Wake = Arc::new(move || woken.send(()).unwrap());
        let mut search = document.find_bytes(pattern("01"), ByteOffset(0), Towards::End, wake).unwrap();
        assert_eq!((search.take(), search.whole_bytes()), (None, 1 << 60));
        drop(search);
        wakes.recv_timeout(DEADLINE).unwrap();
    }

    #[test]
    fn a_document_that_is_not_open_is_not_searched() {
        let document = Document::at("some.bin".into());
        assert!(document.find_bytes(pattern("01"), ByteOffset(0), Towards::End, Arc::new(|| {})).is_none());
    }
}
