//! Finding where values are parted and containers end, forwards and backwards from a place of which it is known how it
//! lies: what is left of its stride is gone through, then the index tells the one stride that is worth it, and that is
//! gone through. So a look-up takes two strides at most, however far it leads.

use std::ops::Range;
use std::sync::Arc;

use super::index::Low;
use super::node::Lack;
use super::nodes::Nodes;
use super::structure::{Event, Token, Walk};
use crate::document::lines::MAX_ASKED;
use crate::source::ByteOffset;

/// How much one look goes through before it begins with nothing more: some milliseconds.
const MAX_LOOKED_BYTES: u64 = 4 << 20;
/// The most stretches of which a look keeps what parts the values in them.
const MAX_KEPT: usize = 4;
/// The most places that are kept of each, the last ones.
const MAX_FENCES: usize = 1 << 15;

/// What comes after a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Edge {
    /// Where that is.
    pub at: ByteOffset,
    /// What it is.
    pub kind: EdgeKind,
}

/// What an [`Edge`] is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EdgeKind {
    /// The comma before the next value or, at the top, that value itself.
    Next,
    /// The end of the container.
    Close,
    /// The end of the document, or of what of it is JSON.
    End,
}

/// What comes before a value: a comma, the beginning of its container or, at the top, its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Fence {
    pub(super) at: ByteOffset,
    /// Whether it begins the container.
    pub(super) opens: bool,
}

/// The fences at a depth in the first part of a stride.
pub(super) struct Fences {
    stride: usize,
    depth: u32,
    to: ByteOffset,
    found: Vec<Fence>,
    /// Whether there were more before those.
    cut: bool,
}

impl Fences {
    /// Whether the last one before `before` in this stride is the last of those that are kept.
    fn tell(&self, stride: usize, before: ByteOffset, depth: u32) -> bool {
        let same = self.stride == stride && self.depth == depth && self.to >= before;
        same && (!self.cut || self.last(before).is_some())
    }

    fn last(&self, before: ByteOffset) -> Option<Fence> {
        let count = self.found.partition_point(|fence| fence.at < before);
        self.found.get(count.checked_sub(1)?).copied()
    }
}

/// A part of a page.
pub(super) struct Piece {
    page: Arc<[u8]>,
    range: Range<usize>,
}

impl Piece {
    pub(super) fn bytes(&self) -> &[u8] {
        self.page.get(self.range.clone()).unwrap_or_default()
    }
}

/// Counts marks at a depth, until there are enough.
struct Counter {
    depth: u32,
    left: u64,
    found: Option<ByteOffset>,
    closed: bool,
}

impl Counter {
    fn see(&mut self, event: Event) -> bool {
        if event.marks(self.depth) {
            match self.left.checked_sub(1) {
                Some(left) => self.left = left,
                None => self.found = Some(event.at),
            }
        }
        self.closed |= event.closes(self.depth);
        self.found.is_some() || self.closed
    }
}

impl Nodes<'_> {
    /// The first edge at `depth` from `from` on, seen from `walk`, which is in the same container and not after that.
    pub(super) fn first_edge(&self, mut walk: Walk, depth: u32, from: ByteOffset) -> Result<Edge, Lack> {
        self.breathe()?;
        let Some(stride) = self.index.stride_of(walk.at) else { return self.no_edge() };
        if let Some(edge) = self.edge_within(&mut walk, stride, depth, from)? {
            return Ok(edge);
        }
        let Some(next) = self.index.first_after(stride, |low| low.concerns(depth)) else { return self.no_edge() };
        let mut walk = self.walk_from(next).ok_or(Lack::Unknown)?;
        // It is there unless the file has changed since.
        self.edge_within(&mut walk, next, depth, from)?.ok_or(Lack::Unknown)
    }

    fn edge_within(&self, walk: &mut Walk, stride: usize, depth: u32, from: ByteOffset) -> Result<Option<Edge>, Lack> {
        let mut edge = None;
        self.scan(walk, self.index.end_of(stride), &mut |event: Event| {
            let kind = if event.marks(depth) {
                Some(EdgeKind::Next)
            } else if event.closes(depth) {
                Some(EdgeKind::Close)
            } else {
                None
            };
            edge = kind.filter(|_| event.at >= from).map(|kind| Edge { at: event.at, kind });
            edge.is_some()
        })?;
        Ok(edge)
    }

    fn no_edge(&self) -> Result<Edge, Lack> {
        if self.end.is_final() {
            Ok(Edge { at: self.index.covered(), kind: EdgeKind::End })
        } else {
            Err(Lack::Unknown)
        }
    }

    /// The last fence at `depth` before `before`, a place in the same container.
    pub(super) fn last_fence(&self, before: ByteOffset, depth: u32) -> Result<Option<Fence>, Lack> {
        let before = before.min(self.index.covered());
        let Some(stride) = self.index.stride_of(before.minus(1)) else { return Ok(None) };
        if let Some(fence) = self.fence_within(stride, before, depth)? {
            return Ok(Some(fence));
        }
        let Some(last) = self.index.last_before(stride, |low| low.concerns(depth)) else { return Ok(None) };
        self.fence_within(last, self.index.end_of(last), depth)?.ok_or(Lack::Unknown).map(Some)
    }

    /// The last fence at `depth` in the part of a stride that comes before `before`.
    fn fence_within(&self, stride: usize, before: ByteOffset, depth: u32) -> Result<Option<Fence>, Lack> {
        let kept = self.fences.borrow();
        if let Some(fences) = kept.iter().find(|fences| fences.tell(stride, before, depth)) {
            return Ok(fences.last(before));
        }
        drop(kept);
        self.breathe()?;
        let Some(mut walk) = self.walk_from(stride) else { return Ok(None) };
        let mut fences = Fences { stride, depth, to: before, found: Vec::new(), cut: false };
        self.scan(&mut walk, before, &mut |event: Event| {
            if event.marks(depth) || event.opens(depth) {
                fences.found.push(Fence { at: event.at, opens: event.token == Token::Open });
            }
            if fences.found.len() == 2 * MAX_FENCES {
                fences.found.drain(..MAX_FENCES);
                fences.cut = true;
            }
            false
        })?;
        let last = fences.found.last().copied();
        let mut kept = self.fences.borrow_mut();
        if kept.len() == MAX_KEPT {
            kept.remove(0);
        }
        kept.push(fences);
        Ok(last)
    }

    /// Where the container begins in which `before` is, if its values are at `depth`.
    pub(super) fn last_opening(&self, before: ByteOffset, depth: u32) -> Result<Option<ByteOffset>, Lack> {
        let Some(stride) = self.index.stride_of(before.minus(1)) else { return Ok(None) };
        if let Some(opening) = self.opening_within(stride, before, depth)? {
            return Ok(Some(opening));
        }
        let Some(last) = self.index.last_before(stride, |low: Low| low.is_below(depth)) else { return Ok(None) };
        self.opening_within(last, self.index.end_of(last), depth)
    }

    fn opening_within(&self, stride: usize, before: ByteOffset, depth: u32) -> Result<Option<ByteOffset>, Lack> {
        self.breathe()?;
        let Some(mut walk) = self.walk_from(stride) else { return Ok(None) };
        let mut opening = None;
        self.scan(&mut walk, before, &mut |event: Event| {
            opening = Some(event.at).filter(|_| event.opens(depth)).or(opening);
            false
        })?;
        Ok(opening)
    }

    /// The end of the container whose values are at `depth`, which begins at `walk`; `None` if the document breaks in
    /// it.
    pub(super) fn closing(&self, mut walk: Walk, depth: u32) -> Result<Option<ByteOffset>, Lack> {
        self.breathe()?;
        let Some(stride) = self.index.stride_of(walk.at) else { return self.none() };
        let mut closing = None;
        let mut look = |event: Event| {
            closing = Some(event.at).filter(|_| event.closes(depth));
            closing.is_some()
        };
        self.scan(&mut walk, self.index.end_of(stride), &mut look)?;
        if closing.is_some() {
            return Ok(closing);
        }
        let Some(last) = self.index.first_after(stride, |low: Low| low.is_below(depth)) else { return self.none() };
        let mut walk = self.walk_from(last).ok_or(Lack::Unknown)?;
        let mut look = |event: Event| {
            closing = Some(event.at).filter(|_| event.closes(depth));
            closing.is_some()
        };
        self.scan(&mut walk, self.index.end_of(last), &mut look)?;
        closing.map(Some).ok_or(Lack::Unknown)
    }

    /// How many marks at `depth` there are from `walk` on and before `to`, if both are in the same container.
    pub(super) fn marks(&self, mut walk: Walk, to: ByteOffset, depth: u32) -> Result<u64, Lack> {
        self.breathe()?;
        let to = to.min(self.index.covered());
        let Some(first) = self.index.stride_of(walk.at) else { return Ok(0) };
        let last = self.index.number(to);
        let mut marks = 0;
        let mut count = |event: Event| {
            marks += u64::from(event.marks(depth));
            false
        };
        let mut between = first..last;
        // A stride in which the container begins has places that are lower; at the top there are none.
        if first == last || depth > 0 || walk.at > self.index.begin_of(first) {
            self.scan(&mut walk, to.min(self.index.end_of(first)), &mut count)?;
            between.start += 1;
        }
        if last > first
            && let Some(mut walk) = self.walk_from(last)
        {
            self.scan(&mut walk, to, &mut count)?;
        }
        Ok(marks + self.index.marks(between, depth))
    }

    /// Mark number `n` at `depth` from `walk` on, if the container has so many.
    pub(super) fn nth_mark(&self, mut walk: Walk, n: u64, depth: u32) -> Result<Option<ByteOffset>, Lack> {
        self.breathe()?;
        let Some(stride) = self.index.stride_of(walk.at) else { return self.none() };
        let mut counter = Counter { depth, left: n, found: None, closed: false };
        self.scan(&mut walk, self.index.end_of(stride), &mut |event: Event| counter.see(event))?;
        if counter.found.is_some() || counter.closed {
            return Ok(counter.found);
        }
        let Some((stride, left)) = self.index.stride_of_mark(stride + 1, counter.left, depth) else {
            return self.none();
        };
        let mut walk = self.walk_from(stride).ok_or(Lack::Unknown)?;
        counter.left = left;
        self.scan(&mut walk, self.index.end_of(stride), &mut |event: Event| counter.see(event))?;
        Ok(counter.found)
    }

    /// That there is none, if all is known.
    pub(super) fn none<T>(&self) -> Result<Option<T>, Lack> {
        if self.end.is_final() { Ok(None) } else { Err(Lack::Unknown) }
    }

    /// The beginning of a stride, to be gone on from.
    pub(super) fn walk_from(&self, stride: usize) -> Option<Walk> {
        let start = self.index.start(stride)?;
        let at = self.index.begin_of(stride).max(self.index.text_start);
        Some(Walk { at, depth: start.depth(), within: start.within() })
    }

    /// Goes through the structure up to `to`, until `visit` has seen enough.
    fn scan(&self, walk: &mut Walk, to: ByteOffset, visit: &mut impl FnMut(Event) -> bool) -> Result<(), Lack> {
        while walk.at < to {
            let piece = match self.piece(walk.at, to) {
                Err(Lack::Loading) => {
                    // All of the rest is needed, and is to come at once.
                    self.ask(walk.at..to);
                    return Err(Lack::Loading);
                }
                piece => piece?,
            };
            let from = walk.at;
            let enough = walk.over(piece.bytes(), visit);
            self.spent.set(self.spent.get() + walk.at.since(from));
            if enough {
                break;
            }
        }
        Ok(())
    }

    /// The bytes from `at` on that are in the same page, and before `to`.
    pub(super) fn piece(&self, at: ByteOffset, to: ByteOffset) -> Result<Piece, Lack> {
        let number = at.0 / self.page_bytes;
        let start = ByteOffset(number.saturating_mul(self.page_bytes));
        let page = self.page(number).ok_or(Lack::Loading)?;
        let from = usize::try_from(at.since(start)).unwrap_or(usize::MAX);
        let to = usize::try_from(to.since(start).min(self.page_bytes)).unwrap_or(usize::MAX);
        // Of a file that was cut short less is there than was read.
        if from < to && to <= page.len() { Ok(Piece { page, range: from..to }) } else { Err(Lack::Unknown) }
    }

    fn ask(&self, range: Range<ByteOffset>) {
        let pages = range.start.0 / self.page_bytes..range.end.0.div_ceil(self.page_bytes);
        pages.take(MAX_ASKED).for_each(|number| drop(self.page(number)));
    }

    /// The page of that number, if it is at hand; it is asked for if not.
    fn page(&self, number: u64) -> Option<Arc<[u8]>> {
        let page = (self.fetch)(number);
        let mut missing = self.missing.borrow_mut();
        if page.is_none() && missing.len() < MAX_ASKED && !missing.contains(&number) {
            missing.push(number);
        }
        page
    }

    /// Lets nothing more begin in a look that has gone through enough: the rest is left to the next.
    fn breathe(&self) -> Result<(), Lack> {
        if self.spent.get() < MAX_LOOKED_BYTES {
            return Ok(());
        }
        self.tired.set(true);
        Err(Lack::Loading)
    }
}
