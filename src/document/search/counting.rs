//! How the pass of a search tells what it finds: a count for each stride, told in bounded pieces, and only by the search that
//! has the say.

use std::sync::Weak;

use super::super::PAGE_BYTES;
use super::hits::{Counted, End, Hits, Shared};
use crate::jobs::JobError;
use crate::source::ByteOffset;

/// The most strides that are told in one go: for so long the window may have to wait.
const MAX_TOLD: u64 = 1 << 16;

/// The counts of one search, as they are given by its pass.
pub(super) struct Counting {
    hits: Weak<Shared>,
    run: u64,
    /// Which stride is counted, and how many lines of it match so far.
    stride: u64,
    count: u64,
    /// What is settled and not told yet: how many lines match in each of so many strides.
    ready: Vec<(u64, u64)>,
}

impl Counting {
    /// Begins to count in `whole_bytes` bytes, from nothing; whoever was counting has no say any more.
    pub(super) fn begin(hits: &Hits, whole_bytes: u64) -> Self {
        let mut counted = hits.shared.counted.write();
        *counted = Counted::new(counted.run + 1, whole_bytes);
        hits.shared.resolved.lock().clear();
        Self { hits: hits.downgrade(), run: counted.run, stride: 0, count: 0, ready: Vec::new() }
    }

    /// Counts a line that starts at `start`.
    pub(super) fn found(&mut self, start: ByteOffset) {
        self.found_all(start, 1);
    }

    /// Counts so many lines that start in the stride around `start`.
    pub(super) fn found_all(&mut self, start: ByteOffset, count: u64) {
        self.settle(start);
        self.count += count;
    }

    /// No line before `at` comes any more.
    pub(super) fn settle(&mut self, at: ByteOffset) {
        let Some(strides) = (at.0 / PAGE_BYTES).checked_sub(self.stride).filter(|strides| *strides > 0) else { return };
        self.ready.push((std::mem::take(&mut self.count), 1));
        if strides > 1 {
            self.ready.push((0, strides - 1));
        }
        self.stride += strides;
    }

    /// Tells what is settled.
    ///
    /// # Errors
    /// When nobody wants to know any more.
    pub(super) fn publish(&mut self) -> Result<(), JobError> {
        for (count, mut strides) in std::mem::take(&mut self.ready) {
            while strides > 0 {
                let now = strides.min(MAX_TOLD);
                self.change(|counted| (0..now).for_each(|_| counted.lines.push(PAGE_BYTES, count)))?;
                strides -= now;
            }
        }
        // Whether or not there is anything: nobody may want to know any more.
        self.change(|_| {})
    }

    /// Tells how far the search has come in what lies behind, which may be within a line of which nothing is settled.
    ///
    /// # Errors
    /// When nobody wants to know any more.
    pub(super) fn reached(&self, passed_bytes: u64) -> Result<(), JobError> {
        self.change(|counted| counted.passed_bytes = passed_bytes)
    }

    /// Tells that all `len_bytes` bytes are counted.
    ///
    /// # Errors
    /// When nobody wants to know any more.
    pub(super) fn finish(&mut self, len_bytes: u64) -> Result<u64, JobError> {
        self.settle(ByteOffset(len_bytes));
        self.publish()?;
        self.end(ByteOffset(len_bytes), End::Complete)
    }

    /// Tells of the last stride, which ends at `at`; gives how many lines match in all.
    fn end(&self, at: ByteOffset, end: End) -> Result<u64, JobError> {
        let (rest, count) = (at.0 % PAGE_BYTES, self.count);
        let mut total = 0;
        self.change(|counted| {
            if rest > 0 {
                counted.lines.push(rest, count);
            }
            counted.end = end;
            total = counted.lines.total();
        })?;
        Ok(total)
    }

    /// Tells what was found before `at`, and that no more comes though there is more.
    pub(super) fn stop(&mut self, at: ByteOffset) {
        self.settle(at);
        // Who has no say any more, or is heard by nobody, has nothing to tell.
        let _ = self.publish().and_then(|()| self.end(at, End::Stopped));
    }

    fn change(&self, change: impl FnOnce(&mut Counted)) -> Result<(), JobError> {
        let shared = self.hits.upgrade().ok_or(JobError::Cancelled)?;
        let mut counted = shared.counted.write();
        if counted.run != self.run {
            return Err(JobError::Cancelled);
        }
        change(&mut counted);
        Ok(())
    }
}
