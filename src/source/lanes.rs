//! A source gone through by two threads at once, chunk by chunk, with what they come to taken in order: for looks that
//! need to know nothing of what comes before a chunk. Only for sources whose bytes need not be made. Used by jobs.

use std::collections::BTreeMap;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering::Relaxed};
use std::time::Duration;

use parking_lot::{Condvar, Mutex};

use super::{ByteOffset, ReadError, Source, SourceChange, SourceError};
use crate::jobs::{JobContext, JobError, spawn_named};
use crate::units;

/// What one look goes over: a whole number of pages, and some milliseconds of work.
const CHUNK_BYTES: u64 = 8 << 20;
/// What is read at a time: little enough to stay in the processor's cache.
const BLOCK_BYTES: usize = 64 << 10;
/// How often whoever waits for the other looks whether it is still there.
const LOOK_UP: Duration = Duration::from_millis(20);

/// A part of a source, to be looked at.
pub struct Chunk<'a> {
    /// Where it begins.
    pub start: ByteOffset,
    /// Where it ends, which is where the next one begins.
    pub end: ByteOffset,
    /// Where the source ends.
    pub source_end: ByteOffset,
    source: &'a dyn Source,
    path: &'a Path,
    context: &'a JobContext,
    /// Whether nobody wants what it comes to any more.
    over: &'a AtomicBool,
    block: &'a mut [u8],
}

impl Chunk<'_> {
    /// Some bytes from `at` on, which may be beyond the chunk; none at the end of the source, and no more than to the next
    /// multiple of a page.
    ///
    /// # Errors
    /// When the job is to stop, or they can not be read.
    pub fn read(&mut self, at: ByteOffset) -> Result<&[u8], JobError> {
        self.context.checkpoint_blocking()?;
        if self.over.load(Relaxed) {
            return Err(JobError::Cancelled);
        }
        let block = self.block.len() as u64;
        let end = ByteOffset((at.0 / block + 1).saturating_mul(block)).min(self.source_end);
        let wanted = usize::try_from(end.since(at)).unwrap_or(0);
        let read = self.source.read_at(at, self.block.get_mut(..wanted).unwrap_or_default());
        let failed = |error| JobError::failed(SourceError::of_read(error, self.path));
        match read {
            Ok(0) if wanted > 0 => {
                let len_bytes = match self.source.change() {
                    Some(SourceChange::CutShort(len_bytes)) => len_bytes,
                    _ => at.0,
                };
                Err(failed(ReadError::CutShort { len_bytes }))
            }
            Ok(read) => Ok(self.block.get(..read).unwrap_or_default()),
            Err(error) => Err(failed(error.into())),
        }
    }
}

/// What both threads share.
struct Lanes<T> {
    source: Arc<dyn Source>,
    path: PathBuf,
    end: ByteOffset,
    chunk_bytes: u64,
    next: AtomicU64,
    done: Mutex<BTreeMap<u64, Result<T, JobError>>>,
    changed: Condvar,
    over: AtomicBool,
}

impl<T> Lanes<T> {
    fn chunks(&self) -> u64 {
        self.end.0.div_ceil(self.chunk_bytes)
    }

    /// Looks at the next chunk that nobody has; gives whether there was one.
    fn look_at_next(
        &self,
        look: &mut impl FnMut(&mut Chunk<'_>) -> Result<T, JobError>,
        context: &JobContext,
        block: &mut [u8],
    ) -> bool {
        let number = self.next.fetch_add(1, Relaxed);
        if number >= self.chunks() {
            return false;
        }
        let start = ByteOffset(number * self.chunk_bytes);
        let end = start.plus(self.chunk_bytes).min(self.end);
        let (source, path) = (self.source.as_ref(), self.path.as_path());
        let (source_end, over) = (self.end, &self.over);
        let found = look(&mut Chunk { start, end, source_end, source, path, context, over, block });
        self.done.lock().insert(number, found);
        self.changed.notify_one();
        true
    }
}

/// Lets `look` see each chunk of `source`, which is at `path`, and `take` what it comes to, in order, with where the chunk
/// ends, until it wants no more. Each thread has a look of its own.
///
/// # Errors
/// When the job is to stop, something can not be read, or the system gives no thread; and what `take` says.
pub fn in_lanes<T, L>(
    source: Arc<dyn Source>,
    path: &Path,
    context: &JobContext,
    new_look: impl Fn() -> L,
    take: impl FnMut(ByteOffset, T) -> Result<ControlFlow<()>, JobError>,
) -> Result<(), JobError>
where
    T: Send + 'static,
    L: FnMut(&mut Chunk<'_>) -> Result<T, JobError> + Send + 'static,
{
    in_lanes_of((CHUNK_BYTES, BLOCK_BYTES), source, path, context, new_look, take)
}

pub(crate) fn in_lanes_of<T, L>(
    (chunk_bytes, block_bytes): (u64, usize),
    source: Arc<dyn Source>,
    path: &Path,
    context: &JobContext,
    new_look: impl Fn() -> L,
    mut take: impl FnMut(ByteOffset, T) -> Result<ControlFlow<()>, JobError>,
) -> Result<(), JobError>
where
    T: Send + 'static,
    L: FnMut(&mut Chunk<'_>) -> Result<T, JobError> + Send + 'static,
{
    let lanes = Arc::new(Lanes {
        end: ByteOffset(source.len_bytes()),
        source,
        path: path.to_owned(),
        chunk_bytes,
        next: AtomicU64::new(0),
        done: Mutex::default(),
        changed: Condvar::new(),
        over: AtomicBool::new(false),
    });
    let _over = Over(Arc::clone(&lanes));
    let other = if lanes.chunks() > 1 {
        let (lanes, context, mut look) = (Arc::clone(&lanes), context.clone(), new_look());
        let look_on = move || {
            let mut block = vec![0; block_bytes];
            let mut more = true;
            while more && !lanes.over.load(Relaxed) {
                more = lanes.look_at_next(&mut look, &context, &mut block);
            }
        };
        let failed = |source| JobError::failed(SourceError::NoThread { path: path.to_owned(), source });
        Some(spawn_named(&format!("second reader of {}", units::file_name(path)), look_on).map_err(failed)?)
    } else {
        None
    };
    let (mut look, mut block) = (new_look(), vec![0; block_bytes]);
    for due in 0..lanes.chunks() {
        let found = loop {
            if let Some(found) = lanes.done.lock().remove(&due) {
                break found?;
            }
            context.checkpoint_blocking()?;
            if !lanes.look_at_next(&mut look, context, &mut block) {
                let mut done = lanes.done.lock();
                if !done.contains_key(&due) {
                    lanes.changed.wait_for(&mut done, LOOK_UP);
                }
                // It never goes before its last word, unless it panicked.
                if !done.contains_key(&due) && other.as_ref().is_none_or(std::thread::JoinHandle::is_finished) {
                    return Err(JobError::Lost);
                }
            }
        };
        if take(ByteOffset((due + 1) * chunk_bytes).min(lanes.end), found)?.is_break() {
            break;
        }
    }
    Ok(())
}

/// Tells the other thread that nobody wants more.
struct Over<T>(Arc<Lanes<T>>);

impl<T> Drop for Over<T> {
    fn drop(&mut self) {
        self.0.over.store(true, Relaxed);
    }
}
