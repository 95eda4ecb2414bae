//! The lines that match, in constant memory however many they are: how many there are in each stride of bytes. Which they
//! are is looked up by searching a stride once more, by the document's reader; the last ones stay at hand.

use std::cell::RefCell;
use std::num::NonZeroUsize;
use std::ops::Range;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::sync::{Arc, Weak};

use lru::LruCache;
use memchr::{memchr, memrchr};
use parking_lot::{Mutex, RwLock};

use super::super::lines::Found;
use super::super::{PAGE_BYTES, Strides};
use super::pattern::{Pattern, Query};
use super::scan::{BOM, each_match, searcher};
use crate::source::{ByteOffset, Source};

/// The most strides kept of which it is known where their lines are.
const KEPT: NonZeroUsize = NonZeroUsize::new(64).expect("is not zero");
/// As many are kept in any case: what is in sight may lie in two.
const MIN_KEPT: usize = 4;
/// The most lines kept beyond these, at 8 bytes each, 4 MB: a stride of blank lines has 65,536.
const MAX_KEPT_STARTS: usize = 1 << 19;
/// The most strides that one look asks for, by far fewer than are kept.
const MAX_ASKED: usize = 32;

/// Tells one search from another.
static SEARCHES: AtomicU64 = AtomicU64::new(0);

/// What a search has found so far, as a handle that is cheap to clone. The last one to go ends the search.
#[derive(Clone, Debug)]
pub struct Hits {
    pub(super) shared: Arc<Shared>,
}

/// Where a stride begins and ends.
type Stride = (ByteOffset, ByteOffset);
/// Where lines start.
type Starts = Arc<[ByteOffset]>;

#[derive(Debug)]
pub(super) struct Shared {
    id: u64,
    query: Query,
    pattern: Pattern,
    pub(super) counted: RwLock<Counted>,
    pub(super) resolved: Mutex<LruCache<Stride, Starts>>,
}

#[derive(Debug)]
pub(super) struct Counted {
    /// Which search has the say.
    pub(super) run: u64,
    pub(super) lines: Strides,
    pub(super) passed_bytes: u64,
    pub(super) whole_bytes: u64,
    pub(super) end: End,
}

impl Counted {
    pub(super) fn new(run: u64, whole_bytes: u64) -> Self {
        Self { run, lines: Strides::new(PAGE_BYTES), passed_bytes: 0, whole_bytes, end: End::Open }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum End {
    /// More may come.
    Open,
    Complete,
    Stopped,
}

/// How far a search has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Tally {
    /// The lines that match, so far.
    pub lines: u64,
    /// How many bytes of what lies behind were passed.
    pub passed_bytes: u64,
    /// How many lie there.
    pub whole_bytes: u64,
    /// Whether that is all.
    pub complete: bool,
    /// Whether it ended before it was all.
    pub stopped: bool,
}

impl Hits {
    pub(super) fn new(query: Query, pattern: Pattern) -> Self {
        let counted = Counted::new(0, 0);
        let resolved = Mutex::new(LruCache::new(KEPT));
        let id = SEARCHES.fetch_add(1, Relaxed);
        Self { shared: Arc::new(Shared { id, query, pattern, counted: RwLock::new(counted), resolved }) }
    }

    /// What was searched for.
    #[must_use]
    pub fn query(&self) -> &Query {
        &self.shared.query
    }

    /// The matcher.
    #[must_use]
    pub fn pattern(&self) -> &Pattern {
        &self.shared.pattern
    }

    /// How far it has come.
    #[must_use]
    pub fn tally(&self) -> Tally {
        let counted = self.shared.counted.read_recursive();
        Tally {
            lines: counted.lines.total(),
            passed_bytes: counted.passed_bytes,
            whole_bytes: counted.whole_bytes,
            complete: counted.end == End::Complete,
            stopped: counted.end == End::Stopped,
        }
    }

    /// Tells one search from another.
    #[must_use]
    pub fn id(&self) -> u64 {
        self.shared.id
    }

    /// How many lines match in each of `parts` equal parts of the first `len_bytes` bytes; where parts are
    /// smaller than what is counted, and it is not known where in that they are, the first of them has them all.
    #[must_use]
    pub fn spread(&self, len_bytes: u64, parts: usize) -> Vec<u64> {
        let counted = self.shared.counted.read_recursive();
        let edge = |part: usize| {
            let at = u128::from(len_bytes) * part as u128 / parts.max(1) as u128;
            ByteOffset(u64::try_from(at).unwrap_or(u64::MAX))
        };
        let before =
            |at: ByteOffset| counted.lines.around(at).map_or_else(|| counted.lines.total(), |(_, before)| before);
        let whole = |at: ByteOffset| counted.lines.around(at).map_or(at, |(start, _)| start);
        (0..parts)
            .map(|part| {
                let (from, to) = (edge(part), edge(part + 1));
                if whole(from) != whole(to) {
                    return before(to).saturating_sub(before(from));
                }
                let stride = whole(from);
                let known = self.shared.resolved.lock().peek(&(stride, counted.lines.end(stride))).cloned();
                match known {
                    Some(starts) => starts.iter().filter(|start| (from..to).contains(*start)).count() as u64,
                    // Where in it they are is not known: its beginning stands for it.
                    None if part == 0 || whole(edge(part - 1)) < stride => counted.lines.within(from),
                    None => 0,
                }
            })
            .collect()
    }

    pub(super) fn downgrade(&self) -> Weak<Shared> {
        Arc::downgrade(&self.shared)
    }

    pub(super) fn upgrade(shared: &Weak<Shared>) -> Option<Self> {
        shared.upgrade().map(|shared| Self { shared })
    }

    /// Says that nothing more comes, though it was not all.
    pub(super) fn give_up(&self) {
        let mut counted = self.shared.counted.write();
        if counted.end == End::Open {
            counted.end = End::Stopped;
        }
    }

    /// Looks lines up; gives the strides too that were lacking.
    pub(in super::super) fn look<T>(&self, look: impl FnOnce(&HitLook<'_>) -> T) -> (T, Vec<Range<ByteOffset>>) {
        let counted = self.shared.counted.read_recursive();
        let fetch = |stride| self.shared.resolved.lock().get(&stride).cloned();
        let hits = HitLook {
            pattern: &self.shared.pattern,
            lines: &counted.lines,
            end: counted.end,
            fetch: &fetch,
            missing: RefCell::default(),
        };
        let seen = look(&hits);
        (seen, hits.missing.into_inner())
    }

    /// Finds out where the lines of a stride are, by searching it once more. May block.
    pub(in super::super) fn resolve(&self, stride: Range<ByteOffset>, source: &dyn Source) -> std::io::Result<()> {
        let key = (stride.start, stride.end);
        let count = {
            let counted = self.shared.counted.read_recursive();
            // It may have been put together with the next one since it was asked for: it is asked for again.
            let same = counted.lines.end(stride.start) == stride.end;
            counted.lines.within(stride.start) * u64::from(same)
        };
        if count == 0 || self.shared.resolved.lock().contains(&key) {
            return Ok(());
        }
        let from = stride.start.minus(1);
        let mut bytes = vec![0; usize::try_from(stride.end.since(from)).unwrap_or(0)];
        let read = source.read_at(from, &mut bytes);
        // What can not be read has no lines to be shown, or it would be asked for for ever.
        bytes.truncate(*read.as_ref().unwrap_or(&0));
        let starts = match &read {
            Ok(_) => starts_in(&bytes, from, stride.start, count, &self.shared.pattern),
            Err(_) => Vec::new(),
        };
        let mut resolved = self.shared.resolved.lock();
        resolved.put(key, starts.into());
        while resolved.len() > MIN_KEPT
            && resolved.iter().map(|(_, starts)| starts.len()).sum::<usize>() > MAX_KEPT_STARTS
        {
            resolved.pop_lru();
        }
        drop(resolved);
        read.map(drop)
    }
}

/// Where the `count` lines that match are of those that start in a stride from `start` on, whose `bytes` begin at `from`,
/// the byte before it. Of a line that ends beyond, only the count tells whether it matches.
fn starts_in(bytes: &[u8], from: ByteOffset, start: ByteOffset, count: u64, pattern: &Pattern) -> Vec<ByteOffset> {
    let bom = if start.0 == 0 && bytes.starts_with(BOM) { BOM.len() } else { 0 };
    let first = if start.0 == 0 { Some(bom) } else { memchr(b'\n', bytes).map(|newline| newline + 1) };
    let Some(first) = first.filter(|first| *first < bytes.len() || start.0 == 0) else { return Vec::new() };
    let after = memrchr(b'\n', bytes).map_or(first, |newline| newline + 1).max(first);
    let mut starts = Vec::new();
    let whole = bytes.get(first..after).unwrap_or_default();
    each_match(&mut searcher(pattern), pattern, whole, |at, _| starts.push(from.plus(first as u64 + at)));
    if (starts.len() as u64) < count {
        starts.push(from.plus(after as u64));
    }
    if let Some(start) = starts.first_mut().filter(|start| bom > 0 && start.0 == bom as u64) {
        *start = ByteOffset(0);
    }
    starts
}

/// A look at the lines that match, good for one frame.
pub struct HitLook<'a> {
    pattern: &'a Pattern,
    lines: &'a Strides,
    end: End,
    fetch: &'a dyn Fn(Stride) -> Option<Starts>,
    missing: RefCell<Vec<Range<ByteOffset>>>,
}

impl HitLook<'_> {
    /// What they match.
    #[must_use]
    pub const fn pattern(&self) -> &Pattern {
        self.pattern
    }

    /// Whether what comes before `at` is not all searched yet.
    #[must_use]
    pub fn may_miss_from(&self, at: ByteOffset) -> bool {
        self.end == End::Open && at > self.lines.covered()
    }

    /// Whether more may come.
    #[must_use]
    pub fn open(&self) -> bool {
        self.end == End::Open
    }

    /// Whether the search was stopped before it was at the end.
    #[must_use]
    pub fn stopped(&self) -> bool {
        self.end == End::Stopped
    }

    /// How many there are so far.
    #[must_use]
    pub fn count(&self) -> u64 {
        self.lines.total()
    }

    /// The start of the first one that starts at `at` or after; `None` if there is none, unknown while one may come.
    #[must_use]
    pub fn next(&self, at: ByteOffset) -> Found<Option<ByteOffset>> {
        if self.lines.around(at).is_none() {
            return self.none();
        }
        if self.lines.within(at) > 0 {
            let Some(starts) = self.starts(at) else { return Found::Loading };
            if let Some(start) = starts.get(starts.partition_point(|start| *start < at)) {
                return Found::Here(Some(*start));
            }
        }
        match self.lines.first_after(at) {
            Some(stride) => match self.starts(stride) {
                Some(starts) => starts.first().map_or_else(|| self.none(), |start| Found::Here(Some(*start))),
                None => Found::Loading,
            },
            None => self.none(),
        }
    }

    /// The start of the last one that starts before `at`; `None` if there is none.
    #[must_use]
    pub fn previous(&self, at: ByteOffset) -> Found<Option<ByteOffset>> {
        let at = at.min(self.lines.covered());
        if self.lines.within(at) > 0 {
            let Some(starts) = self.starts(at) else { return Found::Loading };
            if let Some(start) = starts.iter().rev().find(|start| **start < at) {
                return Found::Here(Some(*start));
            }
        }
        match self.lines.last_before(at) {
            Some(stride) => match self.starts(stride) {
                Some(starts) => Found::Here(starts.last().copied()),
                None => Found::Loading,
            },
            None => Found::Here(None),
        }
    }

    /// The start of number `n`, from 0 on.
    #[must_use]
    pub fn nth(&self, n: u64) -> Found<ByteOffset> {
        let Some((stride, before)) = self.lines.of(n) else { return Found::Unknown };
        let Some(starts) = self.starts(stride) else { return Found::Loading };
        let at = usize::try_from(n - before).unwrap_or(usize::MAX);
        starts.get(at).map_or(Found::Unknown, |start| Found::Here(*start))
    }

    /// How many start before `at`.
    #[must_use]
    pub fn before(&self, at: ByteOffset) -> Found<u64> {
        let Some((stride, before)) = self.lines.around(at) else { return Found::Unknown };
        if self.lines.within(stride) == 0 {
            return Found::Here(before);
        }
        let Some(starts) = self.starts(stride) else { return Found::Loading };
        Found::Here(before + starts.partition_point(|start| *start < at) as u64)
    }

    /// Asks for the strides of the next `count` after `from` or, if it is negative, before; gives those that are known.
    pub(in super::super) fn ask_ahead(&self, from: ByteOffset, count: i64) -> Vec<ByteOffset> {
        let mut known = Vec::new();
        let mut left = count.unsigned_abs();
        let mut stride = Some(from).filter(|from| self.lines.around(*from).is_some());
        for _ in 0..MAX_ASKED {
            let Some(at) = stride.filter(|_| left > 0) else { break };
            let here = self.lines.within(at);
            if here > 0 {
                left = left.saturating_sub(here);
                known.extend(self.starts(at).iter().flat_map(|starts| starts.iter().copied()));
            }
            stride = if count < 0 { self.lines.last_before(at) } else { self.lines.first_after(at) };
        }
        known
    }

    fn none(&self) -> Found<Option<ByteOffset>> {
        if self.end == End::Open { Found::Unknown } else { Found::Here(None) }
    }

    /// Where those in the stride around `at` start, if it is at hand; it is asked for if not.
    fn starts(&self, at: ByteOffset) -> Option<Starts> {
        let (start, _) = self.lines.around(at)?;
        let stride = start..self.lines.end(start);
        let starts = (self.fetch)((stride.start, stride.end));
        let mut missing = self.missing.borrow_mut();
        if starts.is_none() && missing.len() < MAX_ASKED && !missing.contains(&stride) {
            missing.push(stride);
        }
        starts
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::counting::Counting;
    use super::super::scan::MatchScan;
    use super::*;
    use crate::document::LineEnding;
    use crate::jobs::JobError;
    use crate::source::testing::Bytes;

    /// A text of lines of these lengths, of which the odd ones match "b".
    fn text(lengths: &[usize]) -> (Bytes, Vec<u64>) {
        let (mut text, mut starts) = (Vec::new(), Vec::new());
        for length in lengths {
            if length % 2 == 1 {
                starts.push(text.len() as u64);
            }
            text.extend(vec![b'a'; length - length % 2]);
            text.extend(vec![b'b'; length % 2]);
            text.push(b'\n');
        }
        text.pop();
        // Without its newline, an empty last line is none.
        (Bytes(text), starts)
    }

    fn searched(text: &Bytes) -> Hits {
        let query = Query { pattern: "b".into(), ..Query::default() };
        let hits = Hits::new(query.clone(), query.compile(LineEnding::Lf).unwrap());
        let mut counting = Counting::begin(&hits, text.len_bytes());
        let mut scan = MatchScan::new(hits.pattern().clone());
        for block in text.0.chunks(50_000) {
            scan.feed(block, |start| counting.found(start));
            counting.settle(scan.settled());
            counting.publish().unwrap();
        }
        scan.finish(|start| counting.found(start));
        counting.finish(text.len_bytes()).unwrap();
        hits
    }

    /// Asks until nothing is lacking, as frame after frame does.
    fn answer<T>(hits: &Hits, text: &Bytes, ask: impl Fn(&HitLook<'_>) -> Found<T>) -> Found<T> {
        for _ in 0..10 {
            let (answer, missing) = hits.look(&ask);
            if missing.is_empty() {
                return answer;
            }
            for stride in missing {
                hits.resolve(stride, text).unwrap();
            }
        }
        panic!("it is never told");
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(24))]
        #[test]
        fn each_line_that_matches_is_found_from_both_sides_and_by_its_number(
            lengths in prop::collection::vec(prop_oneof![4 => 0_usize..200, 1 => 30_000_usize..200_000], 1..40),
            probes in prop::collection::vec(0.0_f64..1.1, 20),
        ) {
            let (text, starts) = text(&lengths);
            let hits = searched(&text);
            prop_assert_eq!(hits.tally().lines, starts.len() as u64);
            prop_assert!(hits.tally().complete);
            for (number, start) in starts.iter().enumerate() {
                prop_assert_eq!(answer(&hits, &text, |look| look.nth(number as u64)), Found::Here(ByteOffset(*start)));
            }
            #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, clippy::cast_precision_loss, reason = "a share")]
            let places = probes.iter().map(|probe| (text.len_bytes() as f64 * probe) as u64).chain(starts.iter().copied());
            for at in places {
                let next = starts.iter().copied().find(|start| *start >= at).map(ByteOffset);
                let previous = starts.iter().copied().rfind(|start| *start < at).map(ByteOffset);
                let before = starts.iter().filter(|start| **start < at).count() as u64;
                let at = ByteOffset(at);
                prop_assert_eq!(answer(&hits, &text, |look| look.next(at)), Found::Here(next));
                prop_assert_eq!(answer(&hits, &text, |look| look.previous(at)), Found::Here(previous));
                if at.0 <= text.len_bytes() {
                    prop_assert_eq!(answer(&hits, &text, |look| look.before(at)), Found::Here(before));
                }
            }
        }
    }

    #[test]
    fn a_search_that_goes_on_does_not_say_that_there_is_no_more() {
        let query = Query { pattern: "b".into(), ..Query::default() };
        let hits = Hits::new(query.clone(), query.compile(LineEnding::Lf).unwrap());
        let mut counting = Counting::begin(&hits, 3 * PAGE_BYTES);
        let (next, _) = hits.look(|look| look.next(ByteOffset(0)));
        assert_eq!(next, Found::Unknown);
        counting.settle(ByteOffset(2 * PAGE_BYTES));
        counting.publish().unwrap();
        assert_eq!(hits.look(|look| look.next(ByteOffset(0))).0, Found::Unknown);
        counting.reached(5 * PAGE_BYTES / 2).unwrap();
        assert_eq!(hits.tally().passed_bytes, 5 * PAGE_BYTES / 2);
        counting.finish(3 * PAGE_BYTES).unwrap();
        assert_eq!(hits.look(|look| look.next(ByteOffset(0))).0, Found::Here(None));
    }

    #[test]
    fn what_was_found_before_a_search_was_stopped_stays_found() {
        let query = Query { pattern: "b".into(), ..Query::default() };
        let hits = Hits::new(query.clone(), query.compile(LineEnding::Lf).unwrap());
        let mut counting = Counting::begin(&hits, 10 * PAGE_BYTES);
        counting.found(ByteOffset(3));
        counting.found(ByteOffset(PAGE_BYTES + 5));
        counting.stop(ByteOffset(PAGE_BYTES + 100));
        let tally = hits.tally();
        assert_eq!((tally.lines, tally.stopped), (2, true));
    }

    #[test]
    fn a_newer_search_takes_the_say_from_an_older_one() {
        let query = Query { pattern: "b".into(), ..Query::default() };
        let hits = Hits::new(query.clone(), query.compile(LineEnding::Lf).unwrap());
        let mut older = Counting::begin(&hits, 10);
        let mut newer = Counting::begin(&hits, 10);
        older.found(ByteOffset(0));
        assert!(matches!(older.finish(10), Err(JobError::Cancelled)));
        assert_eq!(newer.finish(10).unwrap(), 0);
    }
}
