//! Bytes that are made from those of another source by going through it in order: unpacked, or decoded. Whoever goes
//! through it leaves restart points behind, from which any place is soon reached again; who goes first tells how long it is.
//!
//! Restart points are bounded in number: when there are too many, every second one is forgotten.

use std::io;
use std::sync::Arc;

use parking_lot::Mutex;
use tokio_util::sync::CancellationToken;

use super::{ByteOffset, InOrder, ReadError, Source, SourceChange};

/// How far restart points are apart at first.
const SPACING_BYTES: u64 = 2 << 20;
/// The most restart points: at up to 43 KB each, 22 MB.
const MAX_POINTS: usize = 512;
/// How many places are kept from which reading may go on where it ended.
const MAX_CURSORS: usize = 3;
/// How much is made at a time on the way to a place.
const SKIP_BYTES: usize = 64 << 10;

/// A way to make bytes from others, in order.
pub trait Codec: Send + Sync + 'static {
    /// What does it.
    type Stream: Stream;

    /// A stream at the beginning.
    fn begin(&self) -> Self::Stream;

    /// A stream that goes on at a restart point.
    fn resume(&self, point: &<Self::Stream as Stream>::Point) -> Self::Stream;
}

/// Makes bytes from those that lie behind.
pub trait Stream: Send + 'static {
    /// What it takes to go on from a place at another time.
    type Point: Send + Sync;

    /// Makes the next bytes, at most as many as `buffer` holds; gives how many, 0 at the end.
    ///
    /// # Errors
    /// When what lies behind can not be read, or is damaged.
    fn read(&mut self, input: &mut dyn Input, buffer: &mut [u8]) -> Result<usize, ReadError>;

    /// The restart point here, `None` where there can be none.
    fn point(&self) -> Option<Self::Point>;
}

/// What a stream reads from, always where its last read ended.
pub trait Input {
    /// Reads from `at` on until `buffer` is full or there are no more bytes; gives how many.
    ///
    /// # Errors
    /// When they can not be read.
    fn read(&mut self, at: ByteOffset, buffer: &mut [u8]) -> Result<usize, ReadError>;
}

/// What lies behind, as far as it is there.
struct SoFar<'a> {
    base: &'a dyn Source,
    /// Whether somebody came to its end, and more may still be made.
    ended: bool,
}

impl Input for SoFar<'_> {
    fn read(&mut self, at: ByteOffset, buffer: &mut [u8]) -> Result<usize, ReadError> {
        let read = self.base.read_at(at, buffer)?;
        self.ended |= read < buffer.len() && self.base.is_made();
        Ok(read)
    }
}

impl Input for Box<dyn InOrder> {
    fn read(&mut self, _: ByteOffset, buffer: &mut [u8]) -> Result<usize, ReadError> {
        self.as_mut().read(buffer)
    }
}

type Points<C> = Vec<(ByteOffset, Arc<<<C as Codec>::Stream as Stream>::Point>)>;

/// A source whose bytes a codec makes.
pub struct Derived<C: Codec> {
    base: Arc<dyn Source>,
    codec: C,
    known: Mutex<Known<C>>,
}

struct Known<C: Codec> {
    /// How many bytes there are, as far as somebody went.
    len_bytes: u64,
    /// In order; each at least a spacing after the one before.
    points: Points<C>,
    spacing_bytes: u64,
    /// Where reads ended, the last one at the end.
    cursors: Vec<(ByteOffset, C::Stream)>,
}

impl<C: Codec> Derived<C> {
    /// What `codec` makes from `base`.
    pub fn new(base: Arc<dyn Source>, codec: C) -> Self {
        Self::spaced(base, codec, SPACING_BYTES)
    }

    pub(crate) fn spaced(base: Arc<dyn Source>, codec: C, spacing_bytes: u64) -> Self {
        let known = Known { len_bytes: 0, points: Vec::new(), spacing_bytes, cursors: Vec::new() };
        Self { base, codec, known: Mutex::new(known) }
    }

    /// Takes note of how far somebody has come who goes through it.
    fn reached(&self, at: ByteOffset, stream: &C::Stream) {
        let mut known = self.known.lock();
        known.len_bytes = known.len_bytes.max(at.0);
        let last = known.points.last().map_or(ByteOffset(0), |(at, _)| *at);
        if at.since(last) < known.spacing_bytes {
            return;
        }
        let Some(point) = stream.point() else { return };
        known.points.push((at, Arc::new(point)));
        if known.points.len() > MAX_POINTS {
            known.spacing_bytes = known.spacing_bytes.saturating_mul(2);
            let mut number = 0_usize;
            known.points.retain(|_| {
                number += 1;
                number.is_multiple_of(2)
            });
        }
    }

    /// The stream that can be at `at` soonest, and where it is now.
    fn nearest(&self, at: ByteOffset) -> (ByteOffset, C::Stream) {
        let mut known = self.known.lock();
        let before = known.points.partition_point(|(point, _)| *point <= at);
        let point = before.checked_sub(1).and_then(|last| known.points.get(last)).cloned();
        let from = point.as_ref().map_or(ByteOffset(0), |(from, _)| *from);
        let on_the_way = |place: &ByteOffset| from <= *place && *place <= at;
        let cursors = known.cursors.iter().enumerate().filter(|(_, (place, _))| on_the_way(place));
        if let Some((number, _)) = cursors.max_by_key(|(_, (place, _))| *place) {
            return known.cursors.remove(number);
        }
        drop(known);
        match point {
            Some((from, point)) => (from, self.codec.resume(&point)),
            None => (ByteOffset(0), self.codec.begin()),
        }
    }

    fn keep(&self, cursor: (ByteOffset, C::Stream)) {
        let mut known = self.known.lock();
        if known.cursors.len() >= MAX_CURSORS {
            known.cursors.remove(0);
        }
        known.cursors.push(cursor);
    }
}

impl<C: Codec> Source for Derived<C> {
    fn len_bytes(&self) -> u64 {
        self.known.lock().len_bytes
    }

    fn read_at(&self, offset: ByteOffset, buffer: &mut [u8]) -> io::Result<usize> {
        // No further than somebody went in order: there it may be damaged, and that is for them to tell.
        let rest = usize::try_from(ByteOffset(self.len_bytes()).since(offset)).unwrap_or(usize::MAX);
        let wanted = rest.min(buffer.len());
        let Some(buffer) = buffer.get_mut(..wanted).filter(|buffer| !buffer.is_empty()) else { return Ok(0) };
        let (mut at, mut stream) = self.nearest(offset);
        let mut base = SoFar { base: self.base.as_ref(), ended: false };
        let mut skipped = vec![0; usize::try_from(offset.since(at)).unwrap_or(usize::MAX).min(SKIP_BYTES)];
        while at < offset {
            let most = usize::try_from(offset.since(at)).unwrap_or(usize::MAX).min(skipped.len());
            let made = stream.read(&mut base, skipped.get_mut(..most).unwrap_or_default()).map_err(io::Error::from)?;
            if made == 0 {
                return Ok(0);
            }
            at = at.plus(made as u64);
        }
        let made = read_full(&mut stream, &mut base, buffer)?;
        // One that has come to the end of what is made so far takes it for the end of all.
        if !base.ended {
            self.keep((offset.plus(made as u64), stream));
        }
        Ok(made)
    }

    fn change(&self) -> Option<SourceChange> {
        self.base.change().map(SourceChange::of_what_lies_behind)
    }

    fn grow(&self) {}

    fn is_made(&self) -> bool {
        true
    }

    fn spooled_bytes(&self) -> Option<u64> {
        self.base.spooled_bytes()
    }

    fn far_bytes(&self) -> u64 {
        self.base.far_bytes()
    }

    fn close(&self) {
        self.base.close();
    }

    fn in_order(self: Arc<Self>) -> Box<dyn InOrder> {
        self.in_order_until(&CancellationToken::new())
    }

    fn in_order_until(self: Arc<Self>, stop: &CancellationToken) -> Box<dyn InOrder> {
        let input = Arc::clone(&self.base).in_order_until(stop);
        let stream = self.codec.begin();
        Box::new(Pass { derived: self, input, stream, at: ByteOffset(0), failed: None })
    }
}

/// Somebody's way through it.
struct Pass<C: Codec> {
    derived: Arc<Derived<C>>,
    input: Box<dyn InOrder>,
    stream: C::Stream,
    at: ByteOffset,
    /// What is to be told once what came before it is read.
    failed: Option<ReadError>,
}

impl<C: Codec> InOrder for Pass<C> {
    fn read(&mut self, buffer: &mut [u8]) -> Result<usize, ReadError> {
        let mut filled = 0;
        while self.failed.is_none()
            && let Some(rest) = buffer.get_mut(filled..).filter(|rest| !rest.is_empty())
        {
            match self.stream.read(&mut self.input, rest) {
                Ok(0) => break,
                Ok(made) => filled += made,
                Err(error) => self.failed = Some(error),
            }
        }
        self.at = self.at.plus(filled as u64);
        self.derived.reached(self.at, &self.stream);
        match self.failed.take() {
            Some(error) if filled == 0 => Err(error),
            error => {
                self.failed = error;
                Ok(filled)
            }
        }
    }

    fn passed_bytes(&self) -> u64 {
        self.input.passed_bytes()
    }

    fn whole_bytes(&self) -> u64 {
        self.input.whole_bytes()
    }
}

fn read_full<S: Stream>(stream: &mut S, input: &mut dyn Input, buffer: &mut [u8]) -> Result<usize, ReadError> {
    let mut filled = 0;
    while let Some(rest) = buffer.get_mut(filled..).filter(|rest| !rest.is_empty()) {
        match stream.read(input, rest)? {
            0 => break,
            made => filled += made,
        }
    }
    Ok(filled)
}
