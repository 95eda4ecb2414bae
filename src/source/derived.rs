//! Bytes that are made from those of another source by going through it in order: unpacked, or decoded. Whoever goes
//! through it leaves restart points behind, from which any place is soon reached again; who goes first tells how long it is.
//!
//! Restart points are bounded for all sources together: when there are too many, every second one of some is forgotten.
//! Whoever reads is asked before each read of what lies behind whether it is still wanted: what has no end to be reached, such
//! as gigabytes of zeros after a member of gzip, can be left at any time.

use std::io;
use std::sync::Arc;

use parking_lot::Mutex;
use tokio_util::sync::CancellationToken;

use super::in_order::unless_stopped;
use super::restart_points::{Budget, Holder};
use super::{ByteOffset, InOrder, ReadError, Source, SourceChange};

/// How far restart points are apart at first.
const SPACING_BYTES: u64 = 2 << 20;
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
    /// How much memory that takes, in bytes.
    const POINT_BYTES: u64;

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
    stop: &'a CancellationToken,
    /// Whether somebody came to its end, and more may still be made.
    ended: bool,
}

impl Input for SoFar<'_> {
    fn read(&mut self, at: ByteOffset, buffer: &mut [u8]) -> Result<usize, ReadError> {
        unless_stopped(self.stop)?;
        let read = self.base.read_at_until(at, buffer, self.stop)?;
        self.ended |= read < buffer.len() && self.base.is_made();
        Ok(read)
    }
}

/// What lies behind in order, for as long as it is wanted.
struct Wanted<'a> {
    input: &'a mut dyn InOrder,
    stop: &'a CancellationToken,
}

impl Input for Wanted<'_> {
    fn read(&mut self, _: ByteOffset, buffer: &mut [u8]) -> Result<usize, ReadError> {
        unless_stopped(self.stop)?;
        self.input.read(buffer)
    }
}

type Points<C> = Vec<(ByteOffset, Arc<<<C as Codec>::Stream as Stream>::Point>)>;

/// A source whose bytes a codec makes.
pub struct Derived<C: Codec> {
    base: Arc<dyn Source>,
    codec: C,
    known: Arc<Mutex<Known<C>>>,
    budget: Arc<Budget>,
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
        Self::within(&Budget::of_program(), base, codec, spacing_bytes)
    }

    /// The same with restart points within a bound.
    pub(super) fn within(budget: &Arc<Budget>, base: Arc<dyn Source>, codec: C, spacing_bytes: u64) -> Self {
        let known = Known { len_bytes: 0, points: Vec::new(), spacing_bytes, cursors: Vec::new() };
        let known = Arc::new(Mutex::new(known));
        let holder = Arc::downgrade(&known);
        budget.enter(holder);
        Self { base, codec, known, budget: Arc::clone(budget) }
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
        drop(known);
        self.budget.keep();
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

impl<C: Codec> Holder for Mutex<Known<C>> {
    fn held_bytes(&self) -> u64 {
        let each = C::Stream::POINT_BYTES + size_of::<(ByteOffset, usize)>() as u64;
        (self.lock().points.len() as u64).saturating_mul(each)
    }

    fn thin(&self) -> bool {
        let mut known = self.lock();
        if known.points.len() < 2 {
            return false;
        }
        known.spacing_bytes = known.spacing_bytes.saturating_mul(2);
        let mut number = 0_usize;
        known.points.retain(|_| {
            number += 1;
            number.is_multiple_of(2)
        });
        true
    }
}

impl<C: Codec> Source for Derived<C> {
    fn len_bytes(&self) -> u64 {
        self.known.lock().len_bytes
    }

    fn read_at(&self, offset: ByteOffset, buffer: &mut [u8]) -> io::Result<usize> {
        self.read_at_until(offset, buffer, &CancellationToken::new())
    }

    fn read_at_until(&self, offset: ByteOffset, buffer: &mut [u8], stop: &CancellationToken) -> io::Result<usize> {
        // No further than somebody went in order: there it may be damaged, and that is for them to tell.
        let rest = usize::try_from(ByteOffset(self.len_bytes()).since(offset)).unwrap_or(usize::MAX);
        let wanted = rest.min(buffer.len());
        let Some(buffer) = buffer.get_mut(..wanted).filter(|buffer| !buffer.is_empty()) else { return Ok(0) };
        let (mut at, mut stream) = self.nearest(offset);
        let mut base = SoFar { base: self.base.as_ref(), stop, ended: false };
        let mut skipped = vec![0; usize::try_from(offset.since(at)).unwrap_or(usize::MAX).min(SKIP_BYTES)];
        while at < offset {
            // Much may be made of little.
            unless_stopped(stop)?;
            let most = usize::try_from(offset.since(at)).unwrap_or(usize::MAX).min(skipped.len());
            let made = stream.read(&mut base, skipped.get_mut(..most).unwrap_or_default()).map_err(io::Error::from)?;
            if made == 0 {
                return Ok(0);
            }
            at = at.plus(made as u64);
        }
        let made = read_full(&mut stream, &mut base, buffer)?;
        // One that has come to the end of what is made so far takes it for the end of all, and one that was stopped may too.
        if !base.ended && !stop.is_cancelled() {
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
        let (input, stop) = (Arc::clone(&self.base).in_order_until(stop), stop.clone());
        let stream = self.codec.begin();
        Box::new(Pass { derived: self, input, stop, stream, at: ByteOffset(0), failed: None })
    }
}

/// Somebody's way through it.
struct Pass<C: Codec> {
    derived: Arc<Derived<C>>,
    input: Box<dyn InOrder>,
    stop: CancellationToken,
    stream: C::Stream,
    at: ByteOffset,
    /// What is to be told once what came before it is read.
    failed: Option<ReadError>,
}

impl<C: Codec> InOrder for Pass<C> {
    fn read(&mut self, buffer: &mut [u8]) -> Result<usize, ReadError> {
        let mut input = Wanted { input: self.input.as_mut(), stop: &self.stop };
        let mut filled = 0;
        while self.failed.is_none()
            && let Some(rest) = buffer.get_mut(filled..).filter(|rest| !rest.is_empty())
        {
            match self.stream.read(&mut input, rest) {
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

#[cfg(test)]
mod tests {
    use super::super::gzip::Gzip;
    use super::super::testing::{Bytes, in_blocks};
    use super::*;

    /// How far restart points are apart.
    const SPACING: u64 = 64 << 10;

    fn packed(text: &[u8]) -> Arc<dyn Source> {
        let mut member = vec![0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3];
        member.extend(miniz_oxide::deflate::compress_to_vec(text, 1));
        member.extend(crc32fast::hash(text).to_le_bytes());
        member.extend(u32::try_from(text.len()).unwrap().to_le_bytes());
        Arc::new(Bytes(member))
    }

    #[test]
    fn documents_share_a_bound_for_their_restart_points_and_any_place_is_still_reached() {
        let text: Vec<u8> = (0..300_000_u32).flat_map(|number| format!("{number:>9}\n").into_bytes()).collect();
        let each = <<Gzip as Codec>::Stream as Stream>::POINT_BYTES;
        let budget = Budget::new(20 * each);
        let sources: Vec<Arc<Derived<Gzip>>> =
            (0..3).map(|_| Arc::new(Derived::within(&budget, packed(&text), Gzip, SPACING))).collect();
        for source in &sources {
            let (all, error) = in_blocks(source.clone(), 64 << 10);
            assert!(error.is_none() && all == text, "{error:?}");
        }
        let held: Vec<u64> = sources.iter().map(|source| source.known.held_bytes()).collect();
        assert!(held.iter().sum::<u64>() <= 20 * each && held.iter().all(|held| *held >= each), "{held:?}");
        for source in &sources {
            for line in [0_usize, 1, 6_553, 150_000, 299_999] {
                let mut there = [0; 10];
                assert_eq!(source.read_at(ByteOffset(10 * line as u64), &mut there).unwrap(), 10);
                assert_eq!(there, text[10 * line..10 * line + 10], "line {line}");
            }
        }
    }
}
