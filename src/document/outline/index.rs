//! What is kept of a document's structure, in constant memory: for each stride of bytes how it begins, the lowest
//! depth in it, and how many marks are at that depth. Pure; filled by the pass, read by the look-ups.
//!
//! A mark parts the values of a container: the commas in it or, at the top, where there are none, the beginnings of
//! values. That is all it takes, at any depth: within a container no place is lower than its values, so that a stride
//! which lies in it either has its lowest depth there, and counts its marks, or has none. And where it ends, a stride
//! goes lower. Neighbours are put together by the same rule, into larger strides as into the groups by which they are
//! searched.

use std::cmp::Ordering;
use std::ops::Range;

use crate::source::ByteOffset;

/// The most strides that are kept: at 12 bytes each, and a little for their groups, some 7 MB.
const MAX_STRIDES: usize = 1 << 19;
/// How many strides make a group, and groups a larger one.
const GROUP: usize = 16;
/// So many bits of a [`Low`] count marks; those above them are the depth.
const MARK_BITS: u32 = 40;
const MOST_MARKS: u64 = (1 << MARK_BITS) - 1;

/// Where in a token a place is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Within {
    /// In none.
    #[default]
    Between,
    /// In a number or a word, such as `true`.
    Scalar,
    Text,
    /// In a string, after a backslash.
    Escape,
}

/// How a place lies: how many containers it is in, and where in a token.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Start(u32);

impl Start {
    pub(super) fn new(depth: u32, within: Within) -> Self {
        Self((depth << 2) | within as u32)
    }

    pub(super) const fn depth(self) -> u32 {
        self.0 >> 2
    }

    pub(super) const fn within(self) -> Within {
        match self.0 & 3 {
            0 => Within::Between,
            1 => Within::Scalar,
            2 => Within::Text,
            _ => Within::Escape,
        }
    }
}

/// The lowest depth in a stretch of bytes, both of its ends included, and the number of marks at that depth.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Low(u64);

impl Low {
    /// More marks than 2^40 are counted as that many.
    pub(super) fn new(lowest: u32, marks: u64) -> Self {
        Self((u64::from(lowest) << MARK_BITS) | marks.min(MOST_MARKS))
    }

    fn lowest(self) -> u32 {
        u32::try_from(self.0 >> MARK_BITS).unwrap_or(u32::MAX)
    }

    fn marks(self) -> u64 {
        self.0 & MOST_MARKS
    }

    /// The same for this stretch and the next as one.
    fn then(self, next: Self) -> Self {
        match self.lowest().cmp(&next.lowest()) {
            Ordering::Less => self,
            Ordering::Greater => next,
            Ordering::Equal => Self::new(self.lowest(), self.marks() + next.marks()),
        }
    }

    /// Whether there is a place in it that is not as deep.
    pub(super) fn is_below(self, depth: u32) -> bool {
        self.lowest() < depth
    }

    /// Whether something ends or is parted in it, as seen from a place in a container whose values lie at `depth`.
    pub(super) fn concerns(self, depth: u32) -> bool {
        self.is_below(depth) || self.marks_at(depth) > 0
    }

    /// The marks at `depth`, if no place in it is lower.
    fn marks_at(self, depth: u32) -> u64 {
        if self.lowest() == depth { self.marks() } else { 0 }
    }
}

/// What the pass tells of a stretch of bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Stretch {
    pub(super) start: Start,
    pub(super) low: Low,
    /// How what follows it begins.
    pub(super) end: Start,
}

/// The structure of a document, as far as it was read.
#[derive(Clone, Debug)]
pub(super) struct Index {
    stride_bytes: u64,
    most: usize,
    starts: Vec<Start>,
    /// Of each stride, then of each group of these, and so on up to a single one.
    lows: Vec<Vec<Low>>,
    covered: ByteOffset,
    end: Start,
    /// Where the first value may begin: after a byte order mark.
    pub(super) text_start: ByteOffset,
}

impl Index {
    /// Nothing read yet, in strides of, at first, `stride_bytes`.
    pub(super) fn new(stride_bytes: u64) -> Self {
        Self::bounded(stride_bytes, MAX_STRIDES)
    }

    pub(super) fn bounded(stride_bytes: u64, most: usize) -> Self {
        Self {
            stride_bytes: stride_bytes.max(1),
            most: most.max(2),
            starts: Vec::new(),
            lows: vec![Vec::new()],
            covered: ByteOffset(0),
            end: Start::default(),
            text_start: ByteOffset(0),
        }
    }

    /// Takes in the next `bytes` bytes. All calls but the last give the size of the stride that [`Index::new`] was
    /// told.
    pub(super) fn push(&mut self, bytes: u64, stretch: Stretch) {
        if bytes == 0 {
            return;
        }
        let begins = self.covered.0.is_multiple_of(self.stride_bytes);
        let Some(lows) = self.lows.first_mut() else { return };
        if begins {
            self.starts.push(stretch.start);
            lows.push(stretch.low);
        } else if let Some(last) = lows.last_mut() {
            *last = last.then(stretch.low);
        }
        self.end = stretch.end;
        self.covered = self.covered.plus(bytes);
        if self.starts.len() > self.most && self.covered.0.is_multiple_of(self.stride_bytes * 2) {
            self.put_together();
        } else {
            self.raise(self.starts.len().saturating_sub(1));
        }
    }

    /// Up to where it was read.
    pub(super) const fn covered(&self) -> ByteOffset {
        self.covered
    }

    /// How that place lies.
    pub(super) const fn end(&self) -> Start {
        self.end
    }

    /// The stride around `at`; `None` where nothing was read yet.
    pub(super) fn stride_of(&self, at: ByteOffset) -> Option<usize> {
        Some(self.number(at)).filter(|_| at < self.covered)
    }

    /// The number of the stride around `at`, which may be still to come.
    pub(super) fn number(&self, at: ByteOffset) -> usize {
        usize::try_from(at.0 / self.stride_bytes).unwrap_or(usize::MAX)
    }

    /// Where a stride begins.
    pub(super) fn begin_of(&self, stride: usize) -> ByteOffset {
        ByteOffset((stride as u64).saturating_mul(self.stride_bytes))
    }

    /// Where a stride ends, as far as it was read.
    pub(super) fn end_of(&self, stride: usize) -> ByteOffset {
        self.begin_of(stride).plus(self.stride_bytes).min(self.covered)
    }

    /// How the beginning of a stride lies.
    pub(super) fn start(&self, stride: usize) -> Option<Start> {
        self.starts.get(stride).copied()
    }

    /// The first stride after this one that is `wanted`; whatever is wanted of one has to show in its groups.
    pub(super) fn first_after(&self, stride: usize, wanted: impl Fn(Low) -> bool) -> Option<usize> {
        let (mut at, mut level) = (stride, 0);
        let is_wanted = |lows: &[Low], at: usize| lows.get(at).is_some_and(|low| wanted(*low));
        loop {
            let lows = self.lows.get(level)?;
            let group_end = ((at / GROUP + 1) * GROUP).min(lows.len());
            if let Some(found) = (at + 1..group_end).find(|next| is_wanted(lows, *next)) {
                at = found;
                break;
            }
            at /= GROUP;
            level += 1;
        }
        while level > 0 {
            level -= 1;
            let lows = self.lows.get(level)?;
            at = (at * GROUP..(at + 1) * GROUP).find(|next| is_wanted(lows, *next))?;
        }
        Some(at)
    }

    /// The last stride before this one that is `wanted`.
    pub(super) fn last_before(&self, stride: usize, wanted: impl Fn(Low) -> bool) -> Option<usize> {
        let (mut at, mut level) = (stride, 0);
        let is_wanted = |lows: &[Low], at: usize| lows.get(at).is_some_and(|low| wanted(*low));
        loop {
            let lows = self.lows.get(level)?;
            if let Some(found) = (at / GROUP * GROUP..at).rev().find(|before| is_wanted(lows, *before)) {
                at = found;
                break;
            }
            at /= GROUP;
            level += 1;
        }
        while level > 0 {
            level -= 1;
            let lows = self.lows.get(level)?;
            at = (at * GROUP..(at + 1) * GROUP).rev().find(|before| is_wanted(lows, *before))?;
        }
        Some(at)
    }

    /// How many marks at `depth` are in these strides, none of which goes lower.
    pub(super) fn marks(&self, strides: Range<usize>, depth: u32) -> u64 {
        let (mut from, mut to, mut marks) = (strides.start, strides.end, 0);
        for lows in &self.lows {
            let marks_at = |at: usize| lows.get(at).map_or(0, |low| low.marks_at(depth));
            while from < to && !from.is_multiple_of(GROUP) {
                marks += marks_at(from);
                from += 1;
            }
            while from < to && !to.is_multiple_of(GROUP) {
                to -= 1;
                marks += marks_at(to);
            }
            (from, to) = (from / GROUP, to / GROUP);
        }
        marks
    }

    /// The stride, this one or a later one, that holds mark number `n` at `depth`, and which of its marks that is; or
    /// the first that goes lower, in which it may be.
    pub(super) fn stride_of_mark(&self, stride: usize, n: u64, depth: u32) -> Option<(usize, u64)> {
        let (mut at, mut left, mut level) = (stride, n, 0);
        let holds = |low: Low, left: u64| low.is_below(depth) || low.marks_at(depth) > left;
        loop {
            let lows = self.lows.get(level)?;
            if !holds(*lows.get(at)?, left) {
                left -= lows.get(at)?.marks_at(depth);
                at += 1;
                // At the end of its group, the search goes on from the next one.
                while at.is_multiple_of(GROUP) && level + 1 < self.lows.len() {
                    (at, level) = (at / GROUP, level + 1);
                }
            } else if level == 0 {
                return Some((at, left));
            } else {
                (at, level) = (at * GROUP, level - 1);
            }
        }
    }

    /// Puts each two neighbours together.
    fn put_together(&mut self) {
        let Some(lows) = self.lows.first_mut() else { return };
        let together: Vec<_> = lows.chunks(2).filter_map(|pair| pair.iter().copied().reduce(Low::then)).collect();
        *lows = together;
        let mut at = 0_usize;
        self.starts.retain(|_| {
            at += 1;
            at % 2 == 1
        });
        self.stride_bytes *= 2;
        self.lows.truncate(1);
        for stride in (0..self.starts.len()).step_by(GROUP) {
            self.raise(stride);
        }
    }

    /// Brings the groups that hold a stride up to date, of which all that come before are.
    fn raise(&mut self, stride: usize) {
        let (mut at, mut level) = (stride / GROUP, 0);
        while let Some(lows) = self.lows.get(level).filter(|lows| lows.len() > 1) {
            let members = lows.get(at * GROUP..((at + 1) * GROUP).min(lows.len())).unwrap_or_default();
            let Some(low) = members.iter().copied().reduce(Low::then) else { return };
            level += 1;
            if level == self.lows.len() {
                self.lows.push(Vec::new());
            }
            let Some(groups) = self.lows.get_mut(level) else { return };
            match groups.get_mut(at) {
                Some(group) => *group = low,
                None => groups.push(low),
            }
            at /= GROUP;
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// The lowest depth and its marks of each stride of the bytes, from depths and whether there is a mark.
    fn lows(steps: &[(u32, bool)], stride: usize) -> Vec<(u32, u64)> {
        let depth_at = |at: usize| steps.get(at).or(steps.last()).map_or(0, |step| step.0);
        (0..steps.len())
            .step_by(stride)
            .map(|from| {
                let to = (from + stride).min(steps.len());
                let lowest = (from..=to).map(depth_at).min().unwrap_or(0);
                let marks = steps[from..to].iter().filter(|step| step.1 && step.0 == lowest).count();
                (lowest, marks as u64)
            })
            .collect()
    }

    /// The index of bytes at these depths, in pages of `page`, of which no more than `most` are kept.
    fn index_of(steps: &[(u32, bool)], page: usize, most: usize) -> Index {
        let mut index = Index::bounded(page as u64, most);
        let depth_at = |at: usize| steps.get(at).or(steps.last()).map_or(0, |step| step.0);
        for (number, (lowest, marks)) in lows(steps, page).into_iter().enumerate() {
            let (from, to) = (number * page, ((number + 1) * page).min(steps.len()));
            let start = |at| Start::new(depth_at(at), Within::Between);
            let stretch = Stretch { start: start(from), low: Low::new(lowest, marks), end: start(to) };
            index.push((to - from) as u64, stretch);
        }
        index
    }

    proptest! {
        #[test]
        fn strides_are_found_as_by_looking_at_each_however_many_were_put_together(
            steps in prop::collection::vec((0_u32..4, any::<bool>()), 1..900),
            page in 1_usize..4,
            most in prop_oneof![2_usize..40, Just(10_000)],
            probes in prop::collection::vec((0_usize..900, 0_usize..900, 0_u32..5, 0_u64..40), 20),
        ) {
            let index = index_of(&steps, page, most);
            prop_assert!(index.starts.len() <= most.max(2) + 2);
            prop_assert_eq!(index.covered(), ByteOffset(steps.len() as u64));
            let stride = usize::try_from(index.stride_bytes).unwrap();
            let lows = lows(&steps, stride);
            prop_assert_eq!(lows.len(), index.starts.len());
            let concerns = |at: &usize, depth| lows[*at].0 < depth || lows[*at].0 == depth && lows[*at].1 > 0;
            for (one, other, depth, n) in probes {
                let (one, other) = (one % lows.len(), other % lows.len());
                let after = (one + 1..lows.len()).find(|at| concerns(at, depth));
                prop_assert_eq!(index.first_after(one, |low| low.concerns(depth)), after);
                let before = (0..one).rev().find(|at| lows[*at].0 < depth);
                prop_assert_eq!(index.last_before(one, |low| low.is_below(depth)), before);
                let marks_at = |at: usize| if lows[at].0 == depth { lows[at].1 } else { 0 };
                let (from, to) = (one.min(other), one.max(other));
                if (from..to).all(|at| lows[at].0 >= depth) {
                    prop_assert_eq!(index.marks(from..to, depth), (from..to).map(marks_at).sum::<u64>());
                }
                let mut left = n;
                let mut holding = None;
                for (at, low) in lows.iter().enumerate().skip(one) {
                    if low.0 < depth || marks_at(at) > left {
                        holding = Some((at, left));
                        break;
                    }
                    left -= marks_at(at);
                }
                prop_assert_eq!(index.stride_of_mark(one, n, depth), holding);
            }
        }
    }

    #[test]
    fn a_place_and_a_low_say_what_they_were_told() {
        for within in [Within::Between, Within::Scalar, Within::Text, Within::Escape] {
            let start = Start::new(super::super::tokens::MAX_DEPTH, within);
            assert_eq!((start.depth(), start.within()), (super::super::tokens::MAX_DEPTH, within));
        }
        let low = Low::new(super::super::tokens::MAX_DEPTH, u64::MAX);
        assert_eq!((low.lowest(), low.marks()), (super::super::tokens::MAX_DEPTH, MOST_MARKS));
        assert_eq!(low.then(low), low, "what can not be counted stays at the most");
    }
}
