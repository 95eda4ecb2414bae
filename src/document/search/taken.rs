//! Which lines of a text are taken, in constant memory however many they are: how much is taken of each stride of the text,
//! and what its lines have to know of those around. Which they are is found out by searching a stride once more. Pure.

use memchr::{memchr, memchr_iter};

use super::filtering::{Marks, Page};
use super::pattern::Pattern;
use super::scan::{BOM, each_match, searcher};
use crate::source::ByteOffset;

/// The most strides that are kept: at 18 bytes each, 5 MB.
const MAX_STRIDES: usize = 1 << 18;

/// What is taken of a text, as far as it was searched.
pub(super) struct Taken {
    page_bytes: u64,
    stride_bytes: u64,
    most: usize,
    /// What comes before each stride, and last before `covered`.
    before: Vec<Before>,
    /// Of each stride.
    marks: Vec<Marks>,
    covered: ByteOffset,
}

#[derive(Clone, Copy, Default)]
struct Before {
    taken_bytes: u64,
    lines: u64,
}

/// A part of the text, and what is taken of the lines that start in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct Stride {
    pub(super) start: ByteOffset,
    pub(super) end: ByteOffset,
    /// Where that begins and ends among all that is taken.
    pub(super) from: ByteOffset,
    pub(super) to: ByteOffset,
    /// How many lines start before it.
    pub(super) lines_before: u64,
    pub(super) marks: Marks,
}

/// Lines that are taken and come one after the other in the text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in super::super) struct Run {
    /// Where the first one starts among all that is taken.
    pub(in super::super) at: ByteOffset,
    /// Where it starts in the text.
    pub(in super::super) start: ByteOffset,
    /// Its number in the text, from 0 on.
    pub(in super::super) line: u64,
}

impl Taken {
    /// Nothing searched yet, in strides of, at first, a page.
    pub(super) fn new(page_bytes: u64) -> Self {
        Self::bounded(page_bytes, MAX_STRIDES)
    }

    pub(super) fn bounded(page_bytes: u64, most: usize) -> Self {
        let page_bytes = page_bytes.max(1);
        Self {
            page_bytes,
            stride_bytes: page_bytes,
            most: most.max(2),
            before: vec![Before::default()],
            marks: Vec::new(),
            covered: ByteOffset(0),
        }
    }

    /// Takes in what comes next; what does not, it knows already.
    pub(super) fn push(&mut self, page: &Page) {
        let end = page.start.plus(page.bytes);
        if page.start.plus(self.page_bytes) >= end {
            if page.start == self.covered && page.bytes > 0 {
                self.push_page(page);
            }
            return;
        }
        // Pages in which no line starts.
        let mut start = page.start.max(self.covered);
        while start == self.covered && start < end {
            let bytes = self.page_bytes.min(end.since(start));
            self.push_page(&Page { start, bytes, ..*page });
            start = start.plus(bytes);
        }
    }

    fn push_page(&mut self, page: &Page) {
        let mut total = self.total();
        total.taken_bytes = total.taken_bytes.saturating_add(page.taken_bytes);
        total.lines = total.lines.saturating_add(page.lines);
        if self.covered.0.is_multiple_of(self.stride_bytes) {
            self.before.push(total);
            self.marks.push(page.marks);
        } else if let (Some(last), Some(marks)) = (self.before.last_mut(), self.marks.last_mut()) {
            (*last, *marks) = (total, marks.joined(page.marks));
        }
        self.covered = self.covered.plus(page.bytes);
        if self.marks.len() >= self.most && self.covered.0.is_multiple_of(self.stride_bytes * 2) {
            self.before = self.before.iter().step_by(2).copied().collect();
            let pair = |pair: &[Marks]| pair.iter().fold(Marks::NO_LINE, |before, next| before.joined(*next));
            self.marks = self.marks.chunks(2).map(pair).collect();
            self.stride_bytes *= 2;
        }
    }

    /// Forgets the stride around `at` and all that comes after it; gives that stride as it was.
    pub(super) fn forget_from(&mut self, at: ByteOffset) -> Option<Stride> {
        let number = usize::try_from(at.0 / self.stride_bytes).ok()?;
        let stride = self.stride(number)?;
        self.before.truncate(number + 1);
        self.marks.truncate(number);
        self.covered = stride.start;
        Some(stride)
    }

    /// The stride around `at`, if it was searched.
    pub(super) fn around(&self, at: ByteOffset) -> Option<Stride> {
        self.stride(usize::try_from(at.0 / self.stride_bytes).ok()?)
    }

    /// Up to where the text was searched.
    pub(super) const fn covered(&self) -> ByteOffset {
        self.covered
    }

    /// How many bytes are taken.
    pub(super) fn bytes(&self) -> u64 {
        self.total().taken_bytes
    }

    /// How many lines start in what was searched.
    pub(super) fn lines(&self) -> u64 {
        self.total().lines
    }

    /// The stride of which the byte at `at` of all that is taken is.
    pub(super) fn of(&self, at: ByteOffset) -> Option<Stride> {
        if at.0 >= self.bytes() {
            return None;
        }
        self.stride(self.before.partition_point(|before| before.taken_bytes <= at.0).checked_sub(1)?)
    }

    /// The stride in which the line of this number starts.
    pub(super) fn of_line(&self, line: u64) -> Option<Stride> {
        if line >= self.lines() {
            return None;
        }
        self.stride(self.before.partition_point(|before| before.lines <= line).checked_sub(1)?)
    }

    fn total(&self) -> Before {
        self.before.last().copied().unwrap_or_default()
    }

    fn stride(&self, number: usize) -> Option<Stride> {
        let (before, after) = (self.before.get(number)?, self.before.get(number.checked_add(1)?)?);
        let start = ByteOffset((number as u64).saturating_mul(self.stride_bytes));
        Some(Stride {
            start,
            end: start.plus(self.stride_bytes).min(self.covered),
            from: ByteOffset(before.taken_bytes),
            to: ByteOffset(after.taken_bytes),
            lines_before: before.lines,
            marks: *self.marks.get(number)?,
        })
    }
}

impl Stride {
    /// From where on the text is to be read to find its lines: one may start after a newline that is the byte before it.
    pub(super) const fn read_from(&self) -> ByteOffset {
        self.start.minus(1)
    }

    /// The runs of lines that are taken in it, by what there is to read from [`Stride::read_from`] to its end. Whether a
    /// line is taken that ends beyond, and how long that is, is known from before.
    pub(super) fn runs(&self, bytes: &[u8], pattern: &Pattern, context: u8) -> Vec<Run> {
        let starts = self.line_starts(bytes);
        let taken = self.taken(bytes, &starts, pattern, context);
        let mut runs = Vec::new();
        let (mut at, mut goes_on) = (self.from, false);
        let ends = starts.iter().skip(1).copied().map(Some).chain([None]);
        for (number, ((start, end), is_taken)) in (0_u64..).zip(starts.iter().copied().zip(ends).zip(taken)) {
            if is_taken && !goes_on {
                let line = self.lines_before + number;
                runs.push(Run { at, start: self.read_from().plus(start as u64), line });
            }
            if is_taken {
                at = end.map_or(self.to, |end| at.plus((end - start) as u64));
            }
            goes_on = is_taken;
        }
        runs
    }

    /// Where in `bytes` lines start.
    fn line_starts(&self, bytes: &[u8]) -> Vec<usize> {
        let mut starts = Vec::new();
        if self.start.0 == 0 && !bytes.is_empty() {
            starts.push(if bytes.starts_with(BOM) { BOM.len() } else { 0 });
        }
        starts.extend(memchr_iter(b'\n', bytes).map(|newline| newline + 1));
        starts.retain(|start| *start < bytes.len());
        starts
    }

    fn taken(&self, bytes: &[u8], starts: &[usize], pattern: &Pattern, context: u8) -> Vec<bool> {
        let (Some(first), Some(last)) = (starts.first().copied(), starts.last().copied()) else { return Vec::new() };
        let end = memchr(b'\n', bytes.get(last..).unwrap_or_default()).map_or(last, |newline| last + newline + 1);
        let mut found = Vec::new();
        let whole = bytes.get(first..end).unwrap_or_default();
        each_match(&mut searcher(pattern), pattern, whole, |at, _| found.push(first as u64 + at));
        let mut found = found.into_iter().peekable();
        let mut matches: Vec<_> =
            starts.iter().map(|start| found.next_if(|next| *next == *start as u64).is_some()).collect();
        if let Some(last) = matches.last_mut() {
            *last = self.marks.ahead == 0;
        }
        let mut taken = Vec::with_capacity(matches.len());
        let mut owed = self.marks.owed;
        for matches in &matches {
            taken.push(*matches || owed > 0);
            owed = if *matches { context } else { owed.saturating_sub(1) };
        }
        let mut ahead = self.marks.ahead;
        for (taken, matches) in taken.iter_mut().zip(&matches).rev() {
            ahead = if *matches { 0 } else { ahead };
            *taken |= ahead <= context;
            ahead = ahead.saturating_add(1);
        }
        taken
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::filtering::Filtering;
    use super::super::pattern::Query;
    use super::*;
    use crate::document::LineEnding;

    /// The lines that `grep -C` prints: with where each starts, and its number.
    fn naive(text: &[u8], pattern: &Pattern, context: u8) -> Vec<(usize, u64, Vec<u8>)> {
        let mut at = 0;
        let lines: Vec<_> = text
            .split_inclusive(|byte| *byte == b'\n')
            .map(|line| {
                at += line.len();
                (at - line.len(), line)
            })
            .collect();
        let matches = |line: &[u8]| {
            let mut matches = false;
            each_match(&mut searcher(pattern), pattern, line, |_, _| matches = true);
            matches
        };
        let matching: Vec<_> = lines.iter().map(|(_, line)| matches(line)).collect();
        let near = |at: usize| {
            let from = at.saturating_sub(usize::from(context));
            matching.iter().skip(from).take(at - from + usize::from(context) + 1).any(|matches| *matches)
        };
        let numbered = lines.into_iter().enumerate().filter(|(number, _)| near(*number));
        numbered.map(|(number, (start, line))| (start, number as u64, line.to_vec())).collect()
    }

    /// What a pass takes of a text that comes in such blocks, in strides that begin with a page of so many bytes.
    fn passed(text: &[u8], filtering: &mut Filtering, taken: &mut Taken, cuts: &[usize]) -> Vec<u8> {
        let (mut rest, mut given) = (text, Vec::new());
        let mut give = |filtering: &mut Filtering| {
            for page in filtering.take_settled() {
                taken.push(&page);
            }
            while let Some(range) = filtering.next_range(3) {
                let place = |at: ByteOffset| usize::try_from(at.0).unwrap();
                given.extend_from_slice(&text[place(range.start)..place(range.end)]);
            }
            assert_eq!(given.len() as u64, taken.bytes(), "what is settled can be given");
        };
        for cut in cuts.iter().cycle() {
            if rest.is_empty() {
                break;
            }
            let (block, after) = rest.split_at((*cut).min(rest.len()));
            filtering.feed(block);
            give(&mut *filtering);
            rest = after;
        }
        filtering.finish();
        give(&mut *filtering);
        given
    }

    /// The lines that are found by searching each stride once more: where they start, and their numbers.
    fn found(text: &[u8], taken: &Taken, pattern: &Pattern, context: u8) -> Vec<(u64, u64, u64)> {
        let (mut found, mut at) = (Vec::new(), ByteOffset(0));
        while let Some(stride) = taken.of(at) {
            let place = |at: ByteOffset| usize::try_from(at.0).unwrap();
            let runs = stride.runs(&text[place(stride.read_from())..place(stride.end)], pattern, context);
            found.extend(runs.iter().map(|run| (run.at.0, run.start.0, run.line)));
            at = stride.to;
        }
        found
    }

    fn texts() -> impl Strategy<Value = Vec<u8>> {
        let bytes = prop_oneof![4 => Just(b'a'), 1 => Just(b'b'), 3 => Just(b'\n')];
        prop::collection::vec(bytes, 0..160)
    }

    fn pattern_of(pattern: &str, invert: bool) -> Pattern {
        Query { pattern: pattern.into(), invert, ..Query::default() }.compile(LineEnding::Lf).unwrap()
    }

    proptest! {
        #[test]
        fn what_is_taken_is_what_grep_prints_however_the_bytes_are_cut(
            (text, invert) in (texts(), any::<bool>()),
            pattern in prop_oneof![Just("b"), Just("^a"), Just("a$"), Just("^$"), Just("x")],
            context in 0_u8..5,
            cuts in prop::collection::vec(1_usize..30, 1..10),
            (page_bytes, most) in (1_u64..20, 2_usize..12),
        ) {
            let pattern = pattern_of(pattern, invert);
            let expected = naive(&text, &pattern, context);
            let mut filtering = Filtering::new(pattern.clone(), context, page_bytes);
            let mut taken = Taken::bounded(page_bytes, most);
            let given = passed(&text, &mut filtering, &mut taken, &cuts);
            let all: Vec<u8> = expected.iter().flat_map(|(_, _, line)| line.iter().copied()).collect();
            prop_assert_eq!(given, all);
            prop_assert_eq!(taken.covered(), ByteOffset(text.len() as u64));
            prop_assert!(taken.marks.len() <= most + 1);

            // Each line is in a run, at its place in the text and with its number.
            let runs = found(&text, &taken, &pattern, context);
            let (mut at, mut next) = (0, runs.iter().peekable());
            let mut run = (0, 0, 0);
            for (start, number, line) in expected {
                if let Some(begins) = next.next_if(|run| run.0 == at) {
                    run = *begins;
                    prop_assert_eq!(run.2, number);
                }
                prop_assert_eq!(run.1 + (at - run.0), start as u64, "at {}", at);
                at += line.len() as u64;
            }
            prop_assert_eq!(next.next(), None);
        }

        #[test]
        fn a_text_that_grows_is_taken_as_if_it_had_been_there_whole(
            (text, cut, invert) in (texts(), 0.0_f64..1.0, any::<bool>()),
            context in 0_u8..4,
            (page_bytes, most) in (1_u64..20, 2_usize..12),
        ) {
            let pattern = pattern_of("b", invert);
            #[expect(
                clippy::cast_possible_truncation, clippy::cast_sign_loss, clippy::cast_precision_loss, reason = "a share"
            )]
            let cut = (text.len() as f64 * cut) as usize;
            let mut filtering = Filtering::new(pattern.clone(), context, page_bytes);
            let mut taken = Taken::bounded(page_bytes, most);
            passed(&text[..cut], &mut filtering, &mut taken, &[7]);

            let (mut again, mut from) = (Filtering::new(pattern.clone(), context, page_bytes), ByteOffset(0));
            if let Some(stride) = taken.forget_from(filtering.may_change_from()) {
                let rest = &text[usize::try_from(stride.read_from().0).unwrap()..];
                from = stride.read_from().plus(stride.line_starts(rest)[0] as u64);
                again.resume_at(stride.start, from, stride.marks.owed);
            }
            again.feed(&text[usize::try_from(from.0).unwrap()..]);
            again.finish();
            for page in again.take_settled() {
                taken.push(&page);
            }
            let expected = naive(&text, &pattern, context);
            let all: u64 = expected.iter().map(|(_, _, line)| line.len() as u64).sum();
            prop_assert_eq!((taken.bytes(), taken.covered()), (all, ByteOffset(text.len() as u64)));
            let runs = found(&text, &taken, &pattern, context);
            let starts: Vec<_> = expected.iter().map(|(start, number, _)| (*start as u64, *number)).collect();
            prop_assert!(runs.iter().all(|(_, start, line)| starts.contains(&(*start, *line))));
        }
    }

    #[test]
    fn a_mark_of_a_stretch_without_lines_says_nothing() {
        let (some, other) = (Marks { owed: 1, ahead: 2 }, Marks { owed: 3, ahead: 0 });
        assert_eq!(some.joined(Marks::NO_LINE), some);
        assert_eq!(Marks::NO_LINE.joined(some), some);
        assert_eq!(some.joined(other), Marks { owed: 1, ahead: 0 });
    }
}
