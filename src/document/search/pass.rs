//! Somebody's way through the lines of a source that match: it searches what lies behind block by block, tells what it has
//! learned, and reads again what is taken. Runs wherever somebody reads in order: a job, or a reader ahead of one.

use std::io;
use std::sync::Arc;

use tokio_util::sync::CancellationToken;

use super::filtered::Filtered;
use super::filtering::Filtering;
use crate::source::{ByteOffset, InOrder, ReadError, Source, Until};

/// What is searched at a time: some tenths of a millisecond of work.
pub(super) const BLOCK_BYTES: usize = 256 << 10;
/// How much of what lies behind is read at a time where little of it is taken.
const WINDOW_BYTES: usize = 64 << 10;

/// Somebody's way from the beginning to the end.
pub(in super::super) struct Pass {
    filtered: Arc<Filtered>,
    base: Arc<dyn Source>,
    input: Box<dyn InOrder>,
    block: Vec<u8>,
    filtering: Filtering,
    window: Window,
    over: bool,
    /// What is to be told once what came before it is given.
    failed: Option<ReadError>,
}

impl Pass {
    /// At the beginning; what takes long ends with an error once `stop` says so.
    pub(in super::super) fn new(filtered: Arc<Filtered>, stop: &CancellationToken) -> Self {
        let base: Arc<dyn Source> = Arc::new(Until::new(Arc::clone(filtered.base()), stop.clone()));
        let input = Arc::clone(&base).in_order();
        let filtering = filtered.filtering();
        let block = vec![0; BLOCK_BYTES];
        Self { filtered, base, input, block, filtering, window: Window::default(), over: false, failed: None }
    }

    /// Searches the next bytes of what lies behind; gives whether there were any. What is found is to be given before.
    pub(in super::super) fn step(&mut self) -> bool {
        if self.over {
            return false;
        }
        match self.input.as_mut().read(&mut self.block) {
            Ok(0) => self.over = true,
            Ok(read) => self.filtering.feed(self.block.get(..read).unwrap_or_default()),
            Err(error) => (self.over, self.failed) = (true, Some(error)),
        }
        if self.over {
            self.filtering.finish();
        }
        let progress = (self.input.passed_bytes(), self.input.whole_bytes());
        self.filtered.learn(&mut self.filtering, progress, self.over && self.failed.is_none());
        !self.over
    }

    /// Gives what was found, as far as there is place for it; gives how many bytes that is.
    ///
    /// # Errors
    /// When what lies behind can not be read again.
    pub(in super::super) fn give(&mut self, buffer: &mut [u8]) -> Result<usize, ReadError> {
        let mut filled = 0;
        while let Some(rest) = buffer.get_mut(filled..).filter(|rest| !rest.is_empty())
            && let Some(range) = self.filtering.next_range(rest.len() as u64)
        {
            let bytes = usize::try_from(range.end.since(range.start)).unwrap_or(usize::MAX).min(rest.len());
            let place = rest.get_mut(..bytes).unwrap_or_default();
            let read = self.window.read(self.base.as_ref(), range.start, place)?;
            if read < bytes {
                return Err(ReadError::CutShort { len_bytes: range.start.0 + read as u64 });
            }
            filled += read;
        }
        Ok(filled)
    }

    /// Why it came to its end, if it was not that of what lies behind; once.
    pub(in super::super) fn take_failure(&mut self) -> Option<ReadError> {
        self.failed.take()
    }

    /// How often the pattern was found, in how many lines, and in how many bytes.
    pub(super) fn counts(&mut self) -> (u64, u64, u64) {
        self.filtering.counts()
    }
}

impl InOrder for Pass {
    fn read(&mut self, buffer: &mut [u8]) -> Result<usize, ReadError> {
        let mut filled = 0;
        while let Some(rest) = buffer.get_mut(filled..).filter(|rest| !rest.is_empty()) {
            let given = self.give(rest)?;
            filled += given;
            if given == 0 && !self.step() {
                let last = self.give(buffer.get_mut(filled..).unwrap_or_default())?;
                filled += last;
                // There may be more than there is place for now.
                if last == 0 {
                    break;
                }
            }
        }
        match self.take_failure() {
            Some(error) if filled == 0 => Err(error),
            error => {
                self.failed = error;
                Ok(filled)
            }
        }
    }

    fn passed_bytes(&self) -> u64 {
        self.input.passed_bytes()
    }

    fn whole_bytes(&self) -> u64 {
        self.input.whole_bytes()
    }
}

/// A part of what lies behind that is kept while one goes on in it, so that many short lines are one read.
#[derive(Default)]
pub(super) struct Window {
    at: ByteOffset,
    bytes: Vec<u8>,
}

impl Window {
    /// Reads from `from` on until `buffer` is full or the source ends; gives the number of bytes read.
    pub(super) fn read(&mut self, source: &dyn Source, from: ByteOffset, buffer: &mut [u8]) -> io::Result<usize> {
        let mut filled = 0;
        while let Some(rest) = buffer.get_mut(filled..).filter(|rest| !rest.is_empty()) {
            let at = from.plus(filled as u64);
            if rest.len() >= WINDOW_BYTES {
                return Ok(filled + source.read_at(at, rest)?);
            }
            let into = if at < self.at { usize::MAX } else { usize::try_from(at.since(self.at)).unwrap_or(usize::MAX) };
            let here = self.bytes.get(into..).unwrap_or_default();
            if here.is_empty() {
                self.look(source, at)?;
                if self.bytes.is_empty() {
                    break;
                }
                continue;
            }
            let count = here.len().min(rest.len());
            if let (Some(to), Some(bytes)) = (rest.get_mut(..count), here.get(..count)) {
                to.copy_from_slice(bytes);
            }
            filled += count;
        }
        Ok(filled)
    }

    fn look(&mut self, source: &dyn Source, at: ByteOffset) -> io::Result<()> {
        self.bytes.resize(WINDOW_BYTES, 0);
        let read = source.read_at(at, &mut self.bytes);
        // Of a read that failed nothing is kept.
        self.bytes.truncate(*read.as_ref().unwrap_or(&0));
        self.at = at;
        read.map(drop)
    }
}
