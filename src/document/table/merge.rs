//! Runs of sorted rows in a file without a name: how they are written, and how several are merged to one.

use std::cmp::Ordering;
use std::collections::BinaryHeap;
use std::collections::binary_heap::PeekMut;
use std::io;
use std::ops::Range;

use super::order::{ROW_BYTES, RowAt};
use super::sort::Halt;
use crate::source::Scratch;

/// Before each row stands the length of its key.
const LENGTH_BYTES: usize = 4;

/// Writes a row as it is put aside.
pub(super) fn put(key: &[u8], row: RowAt, block: &mut Vec<u8>) {
    block.extend_from_slice(&u32::try_from(key.len()).unwrap_or(u32::MAX).to_le_bytes());
    block.extend_from_slice(key);
    block.extend_from_slice(&row.to_bytes());
}

/// Gives the rows of several runs in the order of their keys.
///
/// # Errors
/// When the disk fails, or `take` does.
pub(super) fn merge(
    disk: &Scratch,
    runs: &[Range<u64>],
    block_bytes: usize,
    mut take: impl FnMut(&[u8], RowAt) -> Result<(), Halt>,
) -> Result<(), Halt> {
    let mut heads = BinaryHeap::with_capacity(runs.len());
    for run in runs {
        let mut head = Head { key: Vec::new(), row: None, run: RunReader::of(run, block_bytes) };
        if head.next(disk)? {
            heads.push(head);
        }
    }
    while let Some(mut head) = heads.peek_mut() {
        if let Some(row) = head.row {
            take(&head.key, row)?;
        }
        if !head.next(disk)? {
            PeekMut::pop(head);
        }
    }
    Ok(())
}

/// The first row of a run that was not given yet.
struct Head {
    key: Vec<u8>,
    row: Option<RowAt>,
    run: RunReader,
}

impl Head {
    /// Goes to the next row; false if there is none.
    fn next(&mut self, disk: &Scratch) -> io::Result<bool> {
        self.row = self.run.next(disk, &mut self.key)?;
        Ok(self.row.is_some())
    }

    fn place(&self) -> (&[u8], Option<u64>) {
        (self.key.as_slice(), self.row.map(|row| row.number().0))
    }
}

impl Ord for Head {
    /// The first one is the greatest, as a heap gives that.
    fn cmp(&self, other: &Self) -> Ordering {
        other.place().cmp(&self.place())
    }
}

impl PartialOrd for Head {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Head {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}

impl Eq for Head {}

/// A run from its beginning to its end.
struct RunReader {
    at: u64,
    end: u64,
    block_bytes: usize,
    block: Vec<u8>,
    taken: usize,
}

impl RunReader {
    fn of(run: &Range<u64>, block_bytes: usize) -> Self {
        Self { at: run.start, end: run.end, block_bytes, block: Vec::new(), taken: 0 }
    }

    /// The next row, and its key in `key`.
    fn next(&mut self, disk: &Scratch, key: &mut Vec<u8>) -> io::Result<Option<RowAt>> {
        if self.taken == self.block.len() && self.at == self.end {
            return Ok(None);
        }
        let broken = || io::Error::from(io::ErrorKind::UnexpectedEof);
        let length = self.peek(disk, LENGTH_BYTES)?.first_chunk().copied().ok_or_else(broken)?;
        let length = usize::try_from(u32::from_le_bytes(length)).map_err(io::Error::other)?;
        let whole = LENGTH_BYTES + length + ROW_BYTES;
        let (head, row) = self.peek(disk, whole)?.split_at_checked(LENGTH_BYTES + length).ok_or_else(broken)?;
        key.clear();
        key.extend_from_slice(head.get(LENGTH_BYTES..).unwrap_or_default());
        let row = RowAt::of_bytes(row).ok_or_else(broken)?;
        self.taken += whole;
        Ok(Some(row))
    }

    /// The next `bytes` bytes and those at hand after them, or what there is.
    fn peek(&mut self, disk: &Scratch, bytes: usize) -> io::Result<&[u8]> {
        if self.block.len() - self.taken < bytes {
            self.block.drain(..self.taken);
            self.taken = 0;
            let have = self.block.len();
            let left = usize::try_from(self.end - self.at).unwrap_or(usize::MAX);
            let wanted = self.block_bytes.max(bytes - have).min(left);
            self.block.resize(have + wanted, 0);
            let read = disk.read_at(self.at, self.block.get_mut(have..).unwrap_or_default())?;
            self.block.truncate(have + read);
            self.at += read as u64;
        }
        Ok(self.block.get(self.taken..).unwrap_or_default())
    }
}
