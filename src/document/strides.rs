//! Counts along bytes in constant memory: how many of something lie before each stride. Whoever wants to know more looks
//! into one stride at most. When the list grows past its bound, the stride doubles.

use crate::source::ByteOffset;

/// The most strides that are kept: at 8 bytes each, 4 MB.
const MAX_STRIDES: usize = 1 << 19;

/// How many of something are before each stride, as far as it was counted.
#[derive(Clone, Debug)]
pub struct Strides {
    stride_bytes: u64,
    most: usize,
    /// The count before the beginning of each stride, and last before `covered`; never shrinks along the list.
    before: Vec<u64>,
    /// What is noted of the beginning of each stride; of none, where nothing is noted of any.
    marks: Vec<u8>,
    covered: ByteOffset,
}

impl Strides {
    /// Nothing counted yet, in strides of, at first, `stride_bytes`.
    #[must_use]
    pub fn new(stride_bytes: u64) -> Self {
        Self::bounded(stride_bytes, MAX_STRIDES)
    }

    /// The same with `most` strides at the most.
    pub(super) fn bounded(stride_bytes: u64, most: usize) -> Self {
        let stride_bytes = stride_bytes.max(1);
        Self { stride_bytes, most: most.max(2), before: vec![0], marks: Vec::new(), covered: ByteOffset(0) }
    }

    /// Takes in the next `bytes` bytes, in which there are `count`. All calls but the last give the size of the stride
    /// that [`Strides::new`] was told.
    pub fn push(&mut self, bytes: u64, count: u64) {
        if bytes == 0 {
            return;
        }
        let total = self.total().saturating_add(count);
        if self.covered.0.is_multiple_of(self.stride_bytes) {
            self.before.push(total);
        } else if let Some(last) = self.before.last_mut() {
            *last = total;
        }
        self.covered = self.covered.plus(bytes);
        if self.before.len() > self.most && self.covered.0.is_multiple_of(self.stride_bytes * 2) {
            keep_every_other(&mut self.before);
            keep_every_other(&mut self.marks);
            self.stride_bytes *= 2;
        }
    }

    /// The same where `mark` is noted of the place at which these bytes begin, if a stride does: the state in which a scan
    /// came there. Either all calls note something or none does.
    pub fn push_marked(&mut self, bytes: u64, count: u64, mark: u8) {
        if bytes > 0 && self.covered.0.is_multiple_of(self.stride_bytes) {
            self.marks.push(mark);
        }
        self.push(bytes, count);
    }

    /// What is noted of the beginning of the stride around `at`; `None` where there is nothing.
    #[must_use]
    pub fn mark(&self, at: ByteOffset) -> Option<u8> {
        self.marks.get(usize::try_from(at.0 / self.stride_bytes).ok()?).copied()
    }

    /// Up to where it was counted.
    #[must_use]
    pub const fn covered(&self) -> ByteOffset {
        self.covered
    }

    /// The count so far.
    #[must_use]
    pub fn total(&self) -> u64 {
        self.before.last().copied().unwrap_or(0)
    }

    /// The start of the stride around `at`, and the count before it; `None` where nothing was counted yet.
    #[must_use]
    pub fn around(&self, at: ByteOffset) -> Option<(ByteOffset, u64)> {
        if at > self.covered {
            return None;
        }
        self.stride(usize::try_from(at.0 / self.stride_bytes).ok()?)
    }

    /// The stride that holds number `n` (from 0 on): its start, and the count before it.
    #[must_use]
    pub fn of(&self, n: u64) -> Option<(ByteOffset, u64)> {
        if n >= self.total() {
            return None;
        }
        self.stride(self.before.partition_point(|before| *before <= n).checked_sub(1)?)
    }

    /// The start of the last stride before the one around `at` in which something was counted; `None` if none is.
    #[must_use]
    pub fn last_before(&self, at: ByteOffset) -> Option<ByteOffset> {
        let (_, count) = self.around(at)?;
        self.of(count.checked_sub(1)?).map(|(start, _)| start)
    }

    /// The start of the first stride after the one around `at` in which something was counted; `None` if none is.
    #[must_use]
    pub fn first_after(&self, at: ByteOffset) -> Option<ByteOffset> {
        let next = usize::try_from(at.0 / self.stride_bytes).ok()?.checked_add(1)?;
        let count = *self.before.get(next)?;
        self.of(count).map(|(start, _)| start)
    }

    /// The end of the stride around `at`, as far as it was counted.
    #[must_use]
    pub fn end(&self, at: ByteOffset) -> ByteOffset {
        ByteOffset((at.0 / self.stride_bytes + 1).saturating_mul(self.stride_bytes)).min(self.covered)
    }

    /// The count in the stride around `at`.
    #[must_use]
    pub fn within(&self, at: ByteOffset) -> u64 {
        let Ok(number) = usize::try_from(at.0 / self.stride_bytes) else { return 0 };
        match self.before.get(number..=number.saturating_add(1)) {
            Some([before, after]) => after.saturating_sub(*before),
            _ => 0,
        }
    }

    fn stride(&self, number: usize) -> Option<(ByteOffset, u64)> {
        let before = *self.before.get(number)?;
        Some((ByteOffset((number as u64).saturating_mul(self.stride_bytes)), before))
    }
}

/// Drops every second one, so that two strides become one, which begins where the first did.
fn keep_every_other<T>(list: &mut Vec<T>) {
    let mut at = 0_usize;
    list.retain(|_| {
        at += 1;
        at % 2 == 1
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_list_stays_bounded_and_right_however_much_is_pushed() {
        let mut strides = Strides::bounded(4, 8);
        for _ in 0..1_000 {
            strides.push(4, 1);
        }
        strides.push(2, 0);
        assert!(strides.before.len() <= 10, "{}", strides.before.len());
        assert_eq!((strides.covered(), strides.total()), (ByteOffset(4_002), 1_000));
        for n in 0..1_000 {
            let (start, before) = strides.of(n).unwrap();
            assert_eq!(start.0 / 4, before);
            assert!(before <= n && n < before + strides.stride_bytes / 4);
        }
        assert_eq!(strides.of(1_000), None);
    }
    #[test]
    fn a_mark_stays_with_the_place_that_it_was_noted_of_however_often_strides_are_put_together() {
        let mark = |at: u64| u8::try_from(at % 251).unwrap();
        let mut strides = Strides::bounded(4, 8);
        for at in (0..1_000).step_by(4) {
            strides.push_marked(3, 1, mark(at));
            strides.push_marked(1, 0, u8::MAX);
            let (start, _) = strides.around(ByteOffset(at)).unwrap();
            assert_eq!(strides.mark(ByteOffset(at)), Some(mark(start.0)), "at {at}");
        }
        assert!(strides.marks.len() <= 10, "{}", strides.marks.len());
        for at in 0..1_000 {
            let (start, _) = strides.around(ByteOffset(at)).unwrap();
            assert_eq!(strides.mark(ByteOffset(at)), Some(mark(start.0)), "at {at}");
        }
        assert_eq!(strides.mark(ByteOffset(1_000 + strides.stride_bytes)), None);
    }
}
