//! The lines of a source that match, and some around each, as a source of their own: what is taken is known stride by
//! stride, and read again from what lies behind when it is looked at. Read by jobs and by page readers; the UI thread only
//! asks where lines come from that are at hand.

use std::fmt;
use std::io;
use std::num::NonZeroUsize;
use std::sync::Arc;

use lru::LruCache;
use memchr::memchr;
use parking_lot::Mutex;
use tokio_util::sync::CancellationToken;

use super::filtering::{Filtering, Marks};
use super::only::Only;
use super::pass::{BLOCK_BYTES, Pass, Window};
use super::pattern::{Pattern, PatternError};
use super::taken::{Run, Stride, Taken};
use crate::document::{Found, LineEnding, PAGE_BYTES};
use crate::source::{ByteOffset, InOrder, Source, SourceChange, Until};

/// The most that is searched at a time of what was appended.
const STEP_BYTES: u64 = 32 << 20;
/// The most strides kept of which it is known which lines are taken.
const KEPT: NonZeroUsize = NonZeroUsize::new(4 << 10).expect("is not zero");
/// As many are kept in any case: what is in sight may lie in two.
const MIN_KEPT: usize = 4;
/// The most runs of lines kept beyond these, at 24 bytes each, 6 MB.
const MAX_KEPT_RUNS: usize = 1 << 18;

/// The lines of a source that match, and some around each.
pub(in super::super) struct Filtered {
    base: Arc<dyn Source>,
    pattern: Pattern,
    context: u8,
    page_bytes: u64,
    known: Mutex<Known>,
    resolved: Mutex<Resolved>,
}

struct Known {
    taken: Taken,
    /// How far somebody has come in what lies behind, and how long that is.
    passed_bytes: u64,
    whole_bytes: u64,
    /// Whether all of it was searched that there was.
    complete: bool,
    /// Where one has to go on if something is appended.
    may_change_from: ByteOffset,
    /// How much of what is taken was told of as growth.
    told_bytes: u64,
}

/// The strides that were searched once more.
struct Resolved {
    strides: LruCache<Stride, Arc<[Run]>>,
    /// How many runs there are in all of them.
    runs: usize,
}

/// Where in a source to go on from for a line of another one: so many newlines further, but no further than `to`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in super::super) struct Way {
    pub(in super::super) from: ByteOffset,
    pub(in super::super) newlines: u64,
    pub(in super::super) to: ByteOffset,
}

impl Filtered {
    /// Those lines of `base`, whose lines end so.
    ///
    /// # Errors
    /// When they can not be searched for.
    pub(in super::super) fn new(base: Arc<dyn Source>, only: &Only, ending: LineEnding) -> Result<Self, PatternError> {
        let pattern = only.query.compile(ending)?;
        Ok(Self::paged(base, pattern, only.context, PAGE_BYTES))
    }

    fn paged(base: Arc<dyn Source>, pattern: Pattern, context: u8, page_bytes: u64) -> Self {
        let known = Known {
            taken: Taken::new(page_bytes),
            passed_bytes: 0,
            whole_bytes: 0,
            complete: false,
            may_change_from: ByteOffset(0),
            told_bytes: 0,
        };
        Self {
            base,
            pattern,
            context: context.min(Only::MAX_CONTEXT),
            page_bytes,
            known: Mutex::new(known),
            resolved: Mutex::new(Resolved { strides: LruCache::new(KEPT), runs: 0 }),
        }
    }

    /// What lies behind.
    pub(super) const fn base(&self) -> &Arc<dyn Source> {
        &self.base
    }

    /// A pass over what lies behind that has not begun.
    pub(super) fn filtering(&self) -> Filtering {
        Filtering::new(self.pattern.clone(), self.context, self.page_bytes)
    }

    /// How many lines come along on each side of one that matches.
    pub(in super::super) const fn context(&self) -> u8 {
        self.context
    }

    /// Whether what is appended to what lies behind is taken in.
    pub(in super::super) fn grows(&self) -> bool {
        !self.base.is_made()
    }

    /// How far what lies behind was searched, and how long that is.
    pub(in super::super) fn passed(&self) -> (u64, u64) {
        let known = self.known.lock();
        (known.passed_bytes, known.whole_bytes)
    }

    /// How many lines there are in what was searched.
    pub(in super::super) fn base_lines(&self) -> u64 {
        self.known.lock().taken.lines()
    }

    /// The run of lines in which the byte at `at` is.
    pub(in super::super) fn run_of(&self, at: ByteOffset) -> Found<Run> {
        let Some(stride) = self.known.lock().taken.of(at) else { return Found::Unknown };
        let Some(runs) = self.resolved.lock().strides.get(&stride).cloned() else { return Found::Loading };
        let before = runs.partition_point(|run| run.at <= at).checked_sub(1);
        before.and_then(|number| runs.get(number)).map_or(Found::Unknown, |run| Found::Here(*run))
    }

    /// The way to the line of what lies behind that has this number or, where that is not taken, to the next one that is.
    pub(in super::super) fn way_to_line(&self, number: u64) -> Found<Way> {
        let Some(stride) = self.known.lock().taken.of_line(number) else { return Found::Unknown };
        let straight = |at: ByteOffset| Found::Here(Way { from: at, newlines: 0, to: at });
        if stride.from == stride.to {
            return straight(stride.to);
        }
        // The byte by which the stride is asked for, while its runs are lacking.
        let Some(runs) = self.resolved.lock().strides.get(&stride).cloned() else { return Found::Loading };
        let next = runs.partition_point(|run| run.line <= number);
        let to = runs.get(next).map_or(stride.to, |run| run.at);
        match next.checked_sub(1).and_then(|before| runs.get(before)) {
            Some(run) => Found::Here(Way { from: run.at, newlines: number - run.line, to }),
            None => straight(to),
        }
    }

    /// A byte of the stride in which the line of this number is, to be read where that is lacking.
    pub(in super::super) fn byte_near_line(&self, number: u64) -> Option<ByteOffset> {
        self.known.lock().taken.of_line(number).map(|stride| stride.from)
    }

    /// The runs of a stride, by searching it once more if they are not at hand. May block.
    fn runs(&self, stride: &Stride, base: &dyn Source) -> io::Result<Arc<[Run]>> {
        if let Some(runs) = self.resolved.lock().strides.get(stride) {
            return Ok(Arc::clone(runs));
        }
        let from = stride.read_from();
        let mut bytes = vec![0; usize::try_from(stride.end.since(from)).unwrap_or(0)];
        let read = base.read_at(from, &mut bytes);
        // What can not be read has no lines to be shown, or it would be asked for for ever.
        bytes.truncate(*read.as_ref().unwrap_or(&0));
        let runs: Arc<[Run]> = stride.runs(&bytes, &self.pattern, self.context).into();
        self.resolved.lock().put(*stride, Arc::clone(&runs));
        read.map(|_| runs)
    }

    /// Reads what is taken, `base` being what lies behind.
    fn read(&self, offset: ByteOffset, buffer: &mut [u8], base: &dyn Source) -> io::Result<usize> {
        let (mut filled, mut window) = (0, Window::default());
        while let Some(rest) = buffer.get_mut(filled..).filter(|rest| !rest.is_empty()) {
            let at = offset.plus(filled as u64);
            let Some(stride) = self.known.lock().taken.of(at) else { break };
            let runs = self.runs(&stride, base)?;
            let Some(number) = runs.partition_point(|run| run.at <= at).checked_sub(1) else { break };
            let Some(run) = runs.get(number) else { break };
            let end = runs.get(number + 1).map_or(stride.to, |next| next.at);
            let wanted = usize::try_from(end.since(at)).unwrap_or(usize::MAX).min(rest.len());
            let start = run.start.plus(at.since(run.at));
            let read = window.read(base, start, rest.get_mut(..wanted).unwrap_or_default())?;
            if read == 0 {
                break;
            }
            filled += read;
        }
        Ok(filled)
    }

    /// Takes in what a pass has learned, which has come so far in what lies behind.
    pub(super) fn learn(&self, filtering: &mut Filtering, (passed_bytes, whole_bytes): (u64, u64), complete: bool) {
        let pages = filtering.take_settled();
        let mut known = self.known.lock();
        // One that comes later may know more than was there when the first one began.
        if known.complete {
            return;
        }
        for page in &pages {
            known.taken.push(page);
        }
        known.passed_bytes = known.passed_bytes.max(passed_bytes);
        known.whole_bytes = whole_bytes;
        if complete {
            known.complete = true;
            known.told_bytes = known.taken.bytes();
            known.may_change_from = filtering.may_change_from();
        }
    }

    /// Searches what was appended, or the first of it; tells what has become of what is taken.
    fn take_in(&self) -> Option<SourceChange> {
        match self.try_take_in() {
            Ok(change) => change,
            Err(error) => {
                tracing::warn!(%error, "what was appended could not be searched");
                Some(SourceChange::Unreadable)
            }
        }
    }

    fn try_take_in(&self) -> io::Result<Option<SourceChange>> {
        let (before, end, stride) = {
            let known = self.known.lock();
            let end = known.taken.covered().plus(STEP_BYTES).min(ByteOffset(self.base.len_bytes()));
            (known.taken.bytes(), end, known.taken.around(known.may_change_from))
        };
        let mut filtering = self.filtering();
        let mut at = ByteOffset(0);
        if let Some(stride) = stride {
            at = self.first_line(&stride)?;
            let owed = if stride.marks == Marks::NO_LINE { 0 } else { stride.marks.owed };
            filtering.resume_at(stride.start, at, owed);
        }
        let mut block = vec![0; BLOCK_BYTES];
        while at < end {
            let wanted = usize::try_from(end.since(at)).unwrap_or(usize::MAX).min(block.len());
            let read = self.base.read_at(at, block.get_mut(..wanted).unwrap_or_default())?;
            if read == 0 {
                break;
            }
            filtering.feed(block.get(..read).unwrap_or_default());
            at = at.plus(read as u64);
        }
        filtering.finish();
        let mut known = self.known.lock();
        let place = known.may_change_from;
        known.taken.forget_from(place);
        for page in &filtering.take_settled() {
            known.taken.push(page);
        }
        known.may_change_from = filtering.may_change_from();
        (known.passed_bytes, known.whole_bytes) = (at.0, self.base.len_bytes());
        let now = known.taken.bytes();
        Ok(if now < before {
            // A last line that was whole now goes on, and matches no longer.
            Some(SourceChange::Rewritten)
        } else {
            (now > known.told_bytes).then_some(SourceChange::Grew(now))
        })
    }

    /// Where the first line starts that starts in a stride.
    fn first_line(&self, stride: &Stride) -> io::Result<ByteOffset> {
        if stride.start.0 == 0 {
            return Ok(stride.start);
        }
        let (mut at, mut block) = (stride.read_from(), [0; 512]);
        while at < stride.end {
            let read = self.base.read_at(at, &mut block)?;
            let bytes = block.get(..read).unwrap_or_default();
            if let Some(newline) = memchr(b'\n', bytes) {
                return Ok(at.plus(newline as u64 + 1));
            }
            if read == 0 {
                break;
            }
            at = at.plus(read as u64);
        }
        Ok(stride.end)
    }
}

impl fmt::Debug for Filtered {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Filtered").finish_non_exhaustive()
    }
}

impl Resolved {
    fn put(&mut self, stride: Stride, runs: Arc<[Run]>) {
        self.runs += runs.len();
        if let Some((_, gone)) = self.strides.push(stride, runs) {
            self.runs -= gone.len();
        }
        while self.strides.len() > MIN_KEPT && self.runs > MAX_KEPT_RUNS {
            let Some((_, gone)) = self.strides.pop_lru() else { break };
            self.runs -= gone.len();
        }
    }
}

impl Source for Filtered {
    fn len_bytes(&self) -> u64 {
        self.known.lock().taken.bytes()
    }

    fn read_at(&self, offset: ByteOffset, buffer: &mut [u8]) -> io::Result<usize> {
        self.read(offset, buffer, self.base.as_ref())
    }

    fn read_at_until(&self, offset: ByteOffset, buffer: &mut [u8], stop: &CancellationToken) -> io::Result<usize> {
        self.read(offset, buffer, &Until::new(Arc::clone(&self.base), stop.clone()))
    }

    fn change(&self) -> Option<SourceChange> {
        let (complete, covered) = {
            let known = self.known.lock();
            (known.complete, known.taken.covered())
        };
        match self.base.change() {
            // Who goes through it for the first time goes no further than where the end was.
            Some(SourceChange::Grew(_)) if self.grows() && !complete => None,
            Some(SourceChange::Grew(_)) if self.grows() => {
                self.base.grow();
                self.take_in()
            }
            None if complete && self.grows() && covered.0 < self.base.len_bytes() => self.take_in(),
            // Lengths of what lies behind say nothing of what is taken of it.
            Some(SourceChange::Grew(_) | SourceChange::CutShort(_)) => Some(SourceChange::Rewritten),
            change => change,
        }
    }

    fn grow(&self) {
        let mut known = self.known.lock();
        known.told_bytes = known.taken.bytes();
    }

    fn in_order(self: Arc<Self>) -> Box<dyn InOrder> {
        self.in_order_until(&CancellationToken::new())
    }

    fn in_order_until(self: Arc<Self>, stop: &CancellationToken) -> Box<dyn InOrder> {
        Box::new(Pass::new(self, stop))
    }

    fn far_bytes(&self) -> u64 {
        self.base.far_bytes()
    }

    fn close(&self) {
        self.base.close();
    }

    fn is_made(&self) -> bool {
        true
    }

    fn spooled_bytes(&self) -> Option<u64> {
        self.base.spooled_bytes()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::scan::{each_match, searcher};
    use super::*;
    use crate::document::Query;
    use crate::source::testing::{Bytes, in_blocks};

    /// Bytes in memory of which more and more are there.
    struct Growing {
        whole: Bytes,
        len_bytes: Mutex<u64>,
    }

    impl Source for Growing {
        fn len_bytes(&self) -> u64 {
            *self.len_bytes.lock()
        }

        fn read_at(&self, offset: ByteOffset, buffer: &mut [u8]) -> io::Result<usize> {
            let wanted = usize::try_from(ByteOffset(self.len_bytes()).since(offset)).unwrap().min(buffer.len());
            self.whole.read_at(offset, &mut buffer[..wanted])
        }

        fn change(&self) -> Option<SourceChange> {
            let whole = self.whole.len_bytes();
            (self.len_bytes() < whole).then_some(SourceChange::Grew(whole))
        }

        fn grow(&self) {
            *self.len_bytes.lock() = self.whole.len_bytes();
        }

        fn in_order(self: Arc<Self>) -> Box<dyn InOrder> {
            let begun = self.whole.0[..usize::try_from(self.len_bytes()).unwrap()].to_vec();
            Arc::new(Bytes(begun)).in_order()
        }
    }

    fn naive(text: &[u8], pattern: &Pattern, context: u8) -> Vec<u8> {
        let lines: Vec<_> = text.split_inclusive(|byte| *byte == b'\n').collect();
        let matches = |line: &[u8]| {
            let mut matches = false;
            each_match(&mut searcher(pattern), pattern, line, |_, _| matches = true);
            matches
        };
        let matching: Vec<_> = lines.iter().map(|line| matches(line)).collect();
        let near = |at: usize| {
            let from = at.saturating_sub(usize::from(context));
            matching.iter().skip(from).take(at - from + usize::from(context) + 1).any(|matches| *matches)
        };
        lines.iter().enumerate().filter(|(at, _)| near(*at)).flat_map(|(_, line)| line.iter().copied()).collect()
    }

    fn texts() -> impl Strategy<Value = Vec<u8>> {
        prop::collection::vec(prop_oneof![4 => Just(b'a'), 1 => Just(b'b'), 3 => Just(b'\n')], 0..160)
    }

    fn pattern(invert: bool) -> Pattern {
        Query { pattern: "b".into(), invert, ..Query::default() }.compile(LineEnding::Lf).unwrap()
    }

    fn read(source: &Filtered, offset: usize, count: usize) -> Vec<u8> {
        let mut bytes = vec![0; count];
        let read = source.read_at(ByteOffset(offset as u64), &mut bytes).unwrap();
        bytes.truncate(read);
        bytes
    }

    proptest! {
        #[test]
        fn what_is_taken_can_be_read_in_order_and_anywhere_and_each_byte_knows_where_it_comes_from(
            (text, invert) in (texts(), any::<bool>()),
            (context, page_bytes) in (0_u8..4, 1_u64..20),
            (block_bytes, offset, count) in (1_usize..40, 0_usize..160, 1_usize..60),
        ) {
            let pattern = pattern(invert);
            let expected = naive(&text, &pattern, context);
            let source = Arc::new(Filtered::paged(Arc::new(Bytes(text.clone())), pattern, context, page_bytes));
            let (all, error) = in_blocks(Arc::clone(&source) as Arc<dyn Source>, block_bytes);
            prop_assert!(error.is_none());
            prop_assert_eq!(&all, &expected);
            prop_assert_eq!(source.len_bytes(), expected.len() as u64);
            let (again, _) = in_blocks(Arc::clone(&source) as Arc<dyn Source>, 7);
            prop_assert_eq!(&again, &expected, "who comes later finds the same");
            let part = expected.get(offset..).unwrap_or_default();
            prop_assert_eq!(read(&source, offset, count), &part[..part.len().min(count)]);
            for (at, byte) in expected.iter().enumerate() {
                read(&source, at, 1);
                let run = source.run_of(ByteOffset(at as u64)).here().unwrap();
                let place = usize::try_from(run.start.0).unwrap() + (at - usize::try_from(run.at.0).unwrap());
                prop_assert_eq!(text[place], *byte);
                let line = bytecount::naive_count(&text[..usize::try_from(run.start.0).unwrap()], b'\n');
                prop_assert_eq!(line as u64, run.line);
            }
        }

        #[test]
        fn what_is_appended_is_searched_and_comes_after_what_was_there(
            text in texts(),
            cut in 0_usize..160,
            (context, page_bytes) in (0_u8..4, 1_u64..20),
        ) {
            let pattern = pattern(false);
            let cut = cut.min(text.len());
            let growing = Growing { whole: Bytes(text.clone()), len_bytes: Mutex::new(cut as u64) };
            let source = Arc::new(Filtered::paged(Arc::new(growing), pattern.clone(), context, page_bytes));
            let (before, _) = in_blocks(Arc::clone(&source) as Arc<dyn Source>, 16);
            let expected = naive(&text, &pattern, context);
            prop_assert!(expected.starts_with(&before));
            let change = source.change();
            let grew = (expected.len() > before.len()).then_some(SourceChange::Grew(expected.len() as u64));
            prop_assert_eq!(change, grew);
            source.grow();
            prop_assert_eq!(source.change(), None);
            prop_assert_eq!(read(&source, 0, expected.len() + 9), expected);
        }
    }

    #[test]
    fn a_last_line_that_goes_on_and_matches_no_longer_is_told_as_a_file_that_was_written_over() {
        let growing = Growing { whole: Bytes(b"a\naab\n".to_vec()), len_bytes: Mutex::new(4) };
        let source = Arc::new(Filtered::paged(Arc::new(growing), pattern(true), 0, 4));
        assert_eq!(in_blocks(Arc::clone(&source) as Arc<dyn Source>, 16).0, b"a\naa");
        assert_eq!(source.change(), Some(SourceChange::Rewritten));
    }

    #[test]
    fn the_way_to_a_line_that_is_not_taken_leads_to_the_next_that_is() {
        let text = b"b\na\na\nb\nb\na\n".to_vec();
        let source = Arc::new(Filtered::paged(Arc::new(Bytes(text)), pattern(false), 0, 64));
        in_blocks(Arc::clone(&source) as Arc<dyn Source>, 16);
        assert_eq!(source.way_to_line(1), Found::Loading);
        read(&source, usize::try_from(source.byte_near_line(1).unwrap().0).unwrap(), 1);
        let way = |line: u64| source.way_to_line(line).here().map(|way| (way.from.0, way.newlines, way.to.0));
        assert_eq!([way(0), way(1), way(3)], [Some((0, 0, 2)), Some((0, 1, 2)), Some((2, 0, 6))]);
        assert_eq!((way(5), way(6)), (Some((2, 2, 6)), None));
    }
}
