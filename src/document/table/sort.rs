//! Sorting of rows by keys that compare byte by byte, in bounded memory: runs that fit are sorted and put aside in a file
//! without a name, and then merged. Rows of the same key come as they do in the file. Sees at least every some ten
//! milliseconds whether the job is to stop.

use std::io;
use std::ops::Range;

use super::merge::{merge, put};
use super::order::RowAt;
use crate::jobs::{JobContext, JobError};
use crate::source::Scratch;

/// How many rows pass between two looks whether the job is to stop.
const LOOK_ROWS: u64 = 4 << 10;

/// How much memory is taken.
#[derive(Clone, Copy, Debug)]
pub(super) struct SortLimits {
    /// What the keys of a run take together, and how many rows it has.
    pub(super) key_bytes: usize,
    pub(super) rows: usize,
    /// How many runs are merged at once, and what is read of each at a time.
    pub(super) runs: usize,
    pub(super) block_bytes: usize,
}

impl Default for SortLimits {
    /// 14 MB for runs, and 8 MB for merging them.
    fn default() -> Self {
        Self { key_bytes: 8 << 20, rows: 192 << 10, runs: 128, block_bytes: 64 << 10 }
    }
}

/// Why sorting has ended before its end.
#[derive(Debug)]
pub(super) enum Halt {
    /// The job is to stop, or could not go on.
    Job(JobError),
    /// The disk is full or fails.
    Disk(io::Error),
}

impl From<JobError> for Halt {
    fn from(error: JobError) -> Self {
        Self::Job(error)
    }
}

impl From<io::Error> for Halt {
    fn from(error: io::Error) -> Self {
        Self::Disk(error)
    }
}

/// Takes in rows in the order of the file, and gives them back in that of their keys.
pub(super) struct Sorter {
    limits: SortLimits,
    run: Run,
    /// The runs that were put aside, and where.
    disk: Option<Scratch>,
    runs: Vec<Range<u64>>,
    rows: u64,
}

/// Rows that are in memory.
struct Run {
    keys: Vec<u8>,
    rows: Vec<Entry>,
}

#[derive(Clone, Copy)]
struct Entry {
    /// The first bytes of the key: what they tell apart needs no other look.
    prefix: u64,
    /// Where the key is among all.
    from: u32,
    len: u32,
    row: RowAt,
}

impl Sorter {
    pub(super) fn new(limits: SortLimits) -> Self {
        // Taken at once, or it would be twice as much whenever it grows; what is not written to costs nothing.
        let run = Run { keys: Vec::with_capacity(limits.key_bytes), rows: Vec::with_capacity(limits.rows) };
        Self { limits, run, disk: None, runs: Vec::new(), rows: 0 }
    }

    /// Takes in the next row.
    ///
    /// # Errors
    /// When the job is to stop, or the disk fails.
    pub(super) fn push(&mut self, key: &[u8], row: RowAt, context: &JobContext) -> Result<(), Halt> {
        let is_full =
            self.run.keys.len() + key.len() > self.limits.key_bytes || self.run.rows.len() >= self.limits.rows;
        if is_full && !self.run.rows.is_empty() {
            self.put_aside(context)?;
        }
        self.run.push(key, row);
        self.rows += 1;
        Ok(())
    }

    /// Gives all rows to `take`, and tells `merged` from time to time how many of how many are done.
    ///
    /// # Errors
    /// When the job is to stop, or the disk fails.
    pub(super) fn finish(
        mut self,
        context: &JobContext,
        merged: &mut dyn FnMut(u64, u64) -> Result<(), JobError>,
        take: &mut dyn FnMut(RowAt) -> io::Result<()>,
    ) -> Result<(), Halt> {
        if self.disk.is_none() {
            self.run.sort();
            for (count, entry) in (1_u64..).zip(&self.run.rows) {
                if count.is_multiple_of(LOOK_ROWS) {
                    context.checkpoint_blocking()?;
                }
                take(entry.row)?;
            }
            return Ok(());
        }
        self.put_aside(context)?;
        self.run = Run { keys: Vec::new(), rows: Vec::new() };
        let total = self.rows.saturating_mul(self.passes());
        let mut done = 0_u64;
        let mut tell = || {
            done += 1;
            if done.is_multiple_of(LOOK_ROWS) {
                context.checkpoint_blocking()?;
                merged(done, total)?;
            }
            Ok::<(), JobError>(())
        };
        while self.runs.len() > self.limits.runs {
            self.merge_groups(&mut tell)?;
        }
        let Some(disk) = &self.disk else { return Ok(()) };
        merge(disk, &self.runs, self.limits.block_bytes, |_, row| {
            tell()?;
            take(row)?;
            Ok(())
        })
    }

    /// How often each row is merged.
    fn passes(&self) -> u64 {
        let (mut runs, mut passes) = (self.runs.len(), 1);
        while runs > self.limits.runs {
            runs = runs.div_ceil(self.limits.runs.max(2));
            passes += 1;
        }
        passes
    }

    /// Makes one run of each so many.
    fn merge_groups(&mut self, tell: &mut dyn FnMut() -> Result<(), JobError>) -> Result<(), Halt> {
        let Some(before) = self.disk.take() else { return Ok(()) };
        let (mut disk, mut runs, mut block) = (Scratch::new()?, Vec::new(), Vec::new());
        for group in self.runs.chunks(self.limits.runs.max(2)) {
            let begin = disk.len_bytes();
            merge(&before, group, self.limits.block_bytes, |key, row| {
                tell()?;
                put(key, row, &mut block);
                if block.len() >= self.limits.block_bytes {
                    disk.append(&block)?;
                    block.clear();
                }
                Ok(())
            })?;
            disk.append(&block)?;
            block.clear();
            runs.push(begin..disk.len_bytes());
        }
        (self.disk, self.runs) = (Some(disk), runs);
        Ok(())
    }

    /// Sorts what is in memory, and puts it aside.
    fn put_aside(&mut self, context: &JobContext) -> Result<(), Halt> {
        self.run.sort();
        let mut disk = match self.disk.take() {
            Some(disk) => disk,
            None => Scratch::new()?,
        };
        let (begin, mut block) = (disk.len_bytes(), Vec::with_capacity(self.limits.block_bytes));
        for entry in &self.run.rows {
            put(self.run.key(entry), entry.row, &mut block);
            if block.len() >= self.limits.block_bytes {
                context.checkpoint_blocking()?;
                disk.append(&block)?;
                block.clear();
            }
        }
        disk.append(&block)?;
        self.runs.push(begin..disk.len_bytes());
        self.disk = Some(disk);
        self.run.keys.clear();
        self.run.rows.clear();
        Ok(())
    }
}

impl Run {
    fn push(&mut self, key: &[u8], row: RowAt) {
        let narrow = |number: usize| u32::try_from(number).unwrap_or(u32::MAX);
        let (from, len) = (narrow(self.keys.len()), narrow(key.len()));
        self.keys.extend_from_slice(key);
        self.rows.push(Entry { prefix: prefix_of(key), from, len, row });
    }

    fn sort(&mut self) {
        let keys = &self.keys;
        self.rows.sort_unstable_by(|one, other| {
            let by_key = || key_in(keys, one).cmp(key_in(keys, other));
            let by_number = || one.row.number().cmp(&other.row.number());
            one.prefix.cmp(&other.prefix).then_with(by_key).then_with(by_number)
        });
    }

    fn key(&self, entry: &Entry) -> &[u8] {
        key_in(&self.keys, entry)
    }
}

fn key_in<'a>(keys: &'a [u8], entry: &Entry) -> &'a [u8] {
    let from = entry.from as usize;
    keys.get(from..from + entry.len as usize).unwrap_or_default()
}

/// The first bytes of a key as a number that compares as they do; zeros where there are fewer.
fn prefix_of(key: &[u8]) -> u64 {
    let mut prefix = [0; 8];
    prefix.iter_mut().zip(key).for_each(|(to, from)| *to = *from);
    u64::from_be_bytes(prefix)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::document::table::RecordNumber;
    use crate::source::ByteOffset;

    fn row(number: usize) -> RowAt {
        RowAt::new(ByteOffset(number as u64 * 7), RecordNumber(number as u64), number.is_multiple_of(3))
    }

    fn sorted(keys: &[Vec<u8>], limits: SortLimits) -> (Vec<RowAt>, Vec<(u64, u64)>) {
        let context = JobContext::for_tests();
        let mut sorter = Sorter::new(limits);
        for (number, key) in keys.iter().enumerate() {
            sorter.push(key, row(number), &context).unwrap();
        }
        let (mut rows, mut told) = (Vec::new(), Vec::new());
        let mut merged = |done, total| {
            told.push((done, total));
            Ok(())
        };
        let mut take = |row| {
            rows.push(row);
            Ok(())
        };
        sorter.finish(&context, &mut merged, &mut take).unwrap();
        (rows, told)
    }

    fn naive(keys: &[Vec<u8>]) -> Vec<RowAt> {
        let mut numbers: Vec<_> = (0..keys.len()).collect();
        numbers.sort_by_key(|number| &keys[*number]);
        numbers.into_iter().map(row).collect()
    }

    fn any_key() -> impl Strategy<Value = Vec<u8>> {
        prop::collection::vec(prop_oneof![Just(0_u8), Just(1), any::<u8>()], 0..12)
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]
        #[test]
        fn rows_come_in_the_order_of_their_keys_however_little_memory_there_is(
            keys in prop::collection::vec(any_key(), 0..200),
            key_bytes in 1_usize..200,
            rows in 1_usize..40,
            runs in 2_usize..6,
            block_bytes in 1_usize..60,
        ) {
            let expected = naive(&keys);
            prop_assert_eq!(&sorted(&keys, SortLimits { key_bytes, rows, runs, block_bytes }).0, &expected);
            let ample = SortLimits { key_bytes: 1 << 16, rows: 1 << 10, ..SortLimits::default() };
            prop_assert_eq!(&sorted(&keys, ample).0, &expected);
        }
    }

    #[test]
    fn how_much_is_merged_is_told_of_all_passes_together() {
        let keys: Vec<_> =
            (0..20_000_u32).map(|number| (number.wrapping_mul(2_654_435_761)).to_be_bytes().to_vec()).collect();
        let limits = SortLimits { key_bytes: 1 << 20, rows: 2_000, runs: 4, block_bytes: 4 << 10 };
        let (rows, told) = sorted(&keys, limits);
        assert!(rows == naive(&keys));
        let last = (u64::try_from(keys.len()).unwrap() * 2 / LOOK_ROWS) * LOOK_ROWS;
        assert_eq!(told.last(), Some(&(last, 40_000)), "ten runs are merged to three, and these to one");
    }
}
