//! The lines around those that were found, where only these are shown: which come next, seen from any line. A look goes
//! through no more lines than come along with one that was found. Pure, as the lines are.

use super::HitLook;
use crate::document::{Found, Lines};
use crate::source::ByteOffset;

impl Lines<'_> {
    /// The start of the first line that is shown from the one on that starts at `line`.
    pub(in super::super) fn shown_from(&self, hits: &HitLook<'_>, line: ByteOffset) -> Found<Option<ByteOffset>> {
        let next = hits.next(line).or_none();
        if self.context() == 0 || next == Found::Here(Some(line)) {
            return next;
        }
        // One that was found before it may be near.
        match self.last_around(hits.previous(line.plus(1))) {
            Found::Here(Some(last)) if last >= line => return Found::Here(Some(line)),
            Found::Here(_) => {}
            Found::Loading | Found::Unknown => return Found::Loading,
        }
        match self.first_around(next) {
            Found::Here(first) => Found::Here(first.map(|first| first.max(line))),
            Found::Loading | Found::Unknown => Found::Loading,
        }
    }

    /// The same where it is still to be told where that line starts.
    pub(in super::super) fn shown_at_or_after(
        &self,
        hits: &HitLook<'_>,
        line: Found<Option<ByteOffset>>,
    ) -> Found<Option<ByteOffset>> {
        match line {
            Found::Here(Some(line)) => self.shown_from(hits, line),
            other => other,
        }
    }

    /// The start of the last line that is shown up to the one that starts at `line`, if there is one.
    pub(in super::super) fn shown_at_or_before(
        &self,
        hits: &HitLook<'_>,
        line: Found<Option<ByteOffset>>,
    ) -> Found<Option<ByteOffset>> {
        let Found::Here(Some(line)) = line else { return line };
        match self.first_around(hits.next(line).or_none()) {
            Found::Here(Some(first)) if first <= line => return Found::Here(Some(line)),
            Found::Here(_) => {}
            Found::Loading | Found::Unknown => return Found::Loading,
        }
        match self.last_around(hits.previous(line.plus(1))) {
            Found::Here(last) => Found::Here(last.map(|last| last.min(line))),
            Found::Loading | Found::Unknown => Found::Loading,
        }
    }

    /// The first line that comes along with the one that was found.
    fn first_around(&self, found: Found<Option<ByteOffset>>) -> Found<Option<ByteOffset>> {
        self.go(found, Self::previous_line)
    }

    /// The last line that comes along with the one that was found.
    fn last_around(&self, found: Found<Option<ByteOffset>>) -> Found<Option<ByteOffset>> {
        self.go(found, Self::next_line)
    }

    /// Goes on from what was found as far as the context reaches, or to the end.
    fn go(
        &self,
        found: Found<Option<ByteOffset>>,
        step: impl Fn(&Self, ByteOffset) -> Found<Option<ByteOffset>>,
    ) -> Found<Option<ByteOffset>> {
        let Found::Here(Some(mut at)) = found else { return found };
        for _ in 0..self.context() {
            match step(self, at) {
                Found::Here(Some(next)) => at = next,
                Found::Here(None) => break,
                Found::Loading | Found::Unknown => return Found::Loading,
            }
        }
        Found::Here(Some(at))
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use proptest::prelude::*;

    use super::super::counting::Counting;
    use super::super::hits::Hits;
    use super::super::pattern::Query;
    use super::super::scan::MatchScan;
    use super::*;
    use crate::document::{LineEnding, LineIndex, PAGE_BYTES, Shows};
    use crate::source::Source as _;
    use crate::source::testing::Bytes;

    /// What `look` sees of the lines around those with a "b", once nothing is lacking.
    fn seen<T>(text: &Bytes, context: u8, look: impl Fn(&Lines<'_>) -> T) -> T {
        let query = Query { pattern: "b".into(), ..Query::default() };
        let hits = Hits::new(query.clone(), query.compile(LineEnding::Lf).unwrap());
        let (mut counting, mut scan) =
            (Counting::begin(&hits, text.len_bytes()), MatchScan::new(hits.pattern().clone()));
        scan.feed(&text.0, |start| counting.found(start));
        scan.finish(|start| counting.found(start));
        counting.finish(text.len_bytes()).unwrap();
        let mut index = LineIndex::new(PAGE_BYTES);
        index.push(text.len_bytes(), bytecount::naive_count(&text.0, b'\n') as u64);
        index.finish(text.0.last().is_some_and(|last| *last != b'\n'));
        let fetch = |number: u64| (number == 0).then(|| Arc::from(text.0.as_slice()));
        for _ in 0..10 {
            let (seen, missing) = hits.look(|found| {
                let lines = Lines::new(&index, PAGE_BYTES, text.len_bytes(), &fetch);
                look(&lines.with_hits(found, Shows::Matching { context }))
            });
            if missing.is_empty() {
                return seen;
            }
            for stride in missing {
                hits.resolve(stride, text).unwrap();
            }
        }
        panic!("it is never told");
    }

    proptest! {
        #[test]
        fn the_lines_that_grep_prints_are_met_one_after_the_other_from_both_ends(
            text in prop::collection::vec(prop_oneof![4 => Just(b'a'), 1 => Just(b'b'), 3 => Just(b'\n')], 1..120),
            context in 0_u8..5,
        ) {
            let lines: Vec<_> = text.split_inclusive(|byte| *byte == b'\n').collect();
            let found: Vec<_> = lines.iter().map(|line| line.contains(&b'b')).collect();
            let (mut at, mut expected) = (0, Vec::new());
            for (number, line) in lines.iter().enumerate() {
                let from = number.saturating_sub(usize::from(context));
                let near = found.iter().skip(from).take(number - from + usize::from(context) + 1).any(|found| *found);
                expected.extend(near.then_some(ByteOffset(at)));
                at += line.len() as u64;
            }
            let text = Bytes(text);
            let on = seen(&text, context, |lines| {
                let (mut on, mut next) = (Vec::new(), lines.first_shown(ByteOffset(0)));
                while let Found::Here(Some(start)) = next {
                    on.push(start);
                    next = lines.end_of(start).here().map_or(Found::Unknown, |end| lines.shown_after(end));
                }
                on
            });
            prop_assert_eq!(&on, &expected);
            if let Some(last) = expected.last().copied() {
                let back = seen(&text, context, |lines| {
                    (0_i64..).zip(&expected).map(|(count, _)| lines.step(last, -count)).collect::<Vec<_>>()
                });
                let expected: Vec<_> = expected.into_iter().rev().map(Found::Here).collect();
                prop_assert_eq!(back, expected);
            }
        }
    }
}
