//! A source from its beginning to its end, block by block, as jobs look at it.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel};
use std::time::Duration;

use tokio_util::sync::{CancellationToken, DropGuard};

use super::{ByteOffset, OverLimit, RemoteError, Source, SourceChange, SourceError, address};
use crate::jobs::{JobContext, JobError, spawn_named};

/// What is read at a time: a whole number of pages, and little enough to stay in the processor's cache.
const BLOCK_BYTES: usize = 64 << 10;
/// What is made at a time, where each block takes far longer than to wake a thread.
const BLOCK_AHEAD_BYTES: usize = 256 << 10;
/// How many of these there are: one that is looked at, one that is filled, and two between.
const BLOCKS_AHEAD: usize = 4;
/// How often a job that waits for a block sees whether it is to stop.
const LOOK_UP: Duration = Duration::from_millis(20);

/// The bytes of a source, one after the other.
pub trait InOrder: Send {
    /// Reads the next bytes until `buffer` is full or there are no more; gives how many.
    ///
    /// # Errors
    /// When they can not be read. What came before stands.
    fn read(&mut self, buffer: &mut [u8]) -> Result<usize, ReadError>;

    /// How far it has come in what lies behind, in bytes of that.
    fn passed_bytes(&self) -> u64;

    /// How many bytes lie behind.
    fn whole_bytes(&self) -> u64;
}

/// Why bytes could not be read, still without the path.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    /// The system failed.
    #[error(transparent)]
    System(#[from] io::Error),
    /// There is less than there was.
    #[error("it was cut short")]
    #[expect(missing_docs, reason = "the length that it has now")]
    CutShort { len_bytes: u64 },
    /// What is packed or encoded breaks off, or is damaged.
    #[error("{what}")]
    #[expect(missing_docs, reason = "what is the matter, and where in what lies behind")]
    Broken { what: &'static str, at: ByteOffset },
    /// What it holds is more than may be copied to disk.
    #[error("it holds more than may be copied")]
    OverLimit(OverLimit),
    /// It could not be copied to disk.
    #[error("it could not be copied")]
    Spool(#[source] io::Error),
    /// Nobody wants it any more.
    #[error("it was closed before it was read")]
    Stopped,
    /// It is on a server, and could not be read there.
    #[error(transparent)]
    Remote(#[from] RemoteError),
}

impl ReadError {
    /// What an unpacker says that had come to `at`, which may be what its input has said.
    pub(super) fn of_unpacker(error: io::Error, at: ByteOffset) -> Self {
        let what = match error.kind() {
            io::ErrorKind::UnexpectedEof => "it breaks off",
            io::ErrorKind::OutOfMemory => "it takes more memory to unpack than it may",
            _ => "it is damaged",
        };
        match error.downcast::<Self>() {
            Ok(own) => own,
            Err(error) if error.raw_os_error().is_some() => Self::System(error),
            Err(_) => Self::Broken { what, at },
        }
    }
}

/// Is an error once `stop` says that nobody wants any more: to be asked before each read of what lies behind.
pub(super) fn unless_stopped(stop: &CancellationToken) -> Result<(), ReadError> {
    if stop.is_cancelled() { Err(ReadError::Stopped) } else { Ok(()) }
}

impl From<ReadError> for io::Error {
    fn from(error: ReadError) -> Self {
        match error {
            ReadError::System(error) => error,
            other => Self::other(other),
        }
    }
}

/// A source whose bytes lie behind just as they are read.
pub(super) struct Plain<S: ?Sized> {
    source: Arc<S>,
    at: ByteOffset,
    end: ByteOffset,
}

impl<S: Source> Plain<S> {
    /// From the beginning to where the end is now.
    pub(super) fn new(source: Arc<S>) -> Self {
        Self::from(source, ByteOffset(0))
    }
}

impl<S: Source + ?Sized> Plain<S> {
    fn from(source: Arc<S>, at: ByteOffset) -> Self {
        let end = ByteOffset(source.len_bytes());
        Self { source, at, end }
    }
}

impl<S: Source + ?Sized> InOrder for Plain<S> {
    fn read(&mut self, buffer: &mut [u8]) -> Result<usize, ReadError> {
        let wanted = usize::try_from(self.end.since(self.at)).unwrap_or(usize::MAX).min(buffer.len());
        let read = self.source.read_at(self.at, buffer.get_mut(..wanted).unwrap_or_default())?;
        self.at = self.at.plus(read as u64);
        if read == 0 && wanted > 0 {
            // Of a file that has lost its name too, only how far it could be read is known.
            let len_bytes = match self.source.change() {
                Some(SourceChange::CutShort(len_bytes)) => len_bytes,
                _ => self.at.0,
            };
            return Err(ReadError::CutShort { len_bytes });
        }
        Ok(read)
    }

    fn passed_bytes(&self) -> u64 {
        self.at.0
    }

    fn whole_bytes(&self) -> u64 {
        self.end.0
    }
}

/// The blocks of a source in order. What has to be made or fetched is so ahead, by a thread of its own; what only has to be read is
/// read when it is its turn, as to wake a thread for each block was measured to take longer than to read it.
pub struct Blocks {
    path: PathBuf,
    whole_bytes: u64,
    way: Way,
    block: Block,
    over: bool,
    /// Whoever is waited for is told when this is dropped.
    _stop: DropGuard,
}

enum Way {
    Direct(Box<dyn InOrder>),
    Ahead(Receiver<Result<Block, ReadError>>, SyncSender<Vec<u8>>),
}

#[derive(Default)]
struct Block {
    bytes: Vec<u8>,
    filled: usize,
    /// How far the source had come when it was filled.
    passed_bytes: u64,
}

impl Block {
    fn filled_from(reader: &mut dyn InOrder, mut bytes: Vec<u8>) -> Result<Self, ReadError> {
        let filled = reader.read(&mut bytes)?;
        Ok(Self { bytes, filled, passed_bytes: reader.passed_bytes() })
    }
}

impl Blocks {
    /// Begins to read `source`, which is at `path`.
    ///
    /// # Errors
    /// When the system gives no thread.
    pub fn of(source: Arc<dyn Source>, path: &Path) -> Result<Self, JobError> {
        let ahead = source.goes_in_order();
        let stop = CancellationToken::new();
        let reader = source.in_order_until(&stop);
        Self::new(reader, ahead, path, stop)
    }

    /// Begins to read `source` at `at`, where its bytes need not be made.
    ///
    /// # Errors
    /// When the system gives no thread.
    pub fn plain_from(source: Arc<dyn Source>, path: &Path, at: ByteOffset) -> Result<Self, JobError> {
        let stop = CancellationToken::new();
        match Arc::clone(&source).in_order_from(at, &stop) {
            Some(reader) => Self::new(reader, true, path, stop),
            None => Self::new(Box::new(Plain::from(source, at)), false, path, stop),
        }
    }

    fn new(reader: Box<dyn InOrder>, ahead: bool, path: &Path, stop: CancellationToken) -> Result<Self, JobError> {
        let whole_bytes = reader.whole_bytes();
        let (way, block) = if ahead {
            (Self::ahead(reader, path)?, Block::default())
        } else {
            (Way::Direct(reader), Block { bytes: vec![0; BLOCK_BYTES], ..Block::default() })
        };
        Ok(Self { path: path.to_owned(), whole_bytes, way, block, over: false, _stop: stop.drop_guard() })
    }

    fn ahead(mut reader: Box<dyn InOrder>, path: &Path) -> Result<Way, JobError> {
        let (fill, filled) = sync_channel(BLOCKS_AHEAD);
        let (emptied, empty) = sync_channel::<Vec<u8>>(BLOCKS_AHEAD);
        for _ in 0..BLOCKS_AHEAD {
            // There is room for all.
            let _ = emptied.try_send(vec![0; BLOCK_AHEAD_BYTES]);
        }
        let name = format!("reader of {}", address::name_of(path));
        let read_on = move || {
            while let Ok(bytes) = empty.recv() {
                let block = Block::filled_from(reader.as_mut(), bytes);
                let over = !block.as_ref().is_ok_and(|block| block.filled > 0);
                if fill.send(block).is_err() || over {
                    return;
                }
            }
        };
        let failed = |source| JobError::failed(SourceError::NoThread { path: address::shown_path(path), source });
        spawn_named(&name, read_on).map_err(failed)?;
        Ok(Way::Ahead(filled, emptied))
    }

    /// How many bytes lie behind the source, for the progress.
    #[must_use]
    pub const fn whole_bytes(&self) -> u64 {
        self.whole_bytes
    }

    /// How many of them are behind what [`Blocks::next`] has given.
    #[must_use]
    pub const fn passed_bytes(&self) -> u64 {
        self.block.passed_bytes
    }

    /// The next block, `None` after the last: all but the last have the same size, a whole number of pages. Waits while
    /// the job is paused.
    ///
    /// # Errors
    /// When the job is to stop, or no more can be read.
    pub fn next(&mut self, context: &JobContext) -> Result<Option<&[u8]>, JobError> {
        context.checkpoint_blocking()?;
        if self.over {
            return Ok(None);
        }
        self.over = true;
        let bytes = std::mem::take(&mut self.block.bytes);
        let block = match &mut self.way {
            Way::Direct(reader) => Block::filled_from(reader.as_mut(), bytes),
            Way::Ahead(filled, emptied) => {
                if !bytes.is_empty() {
                    // Who reads no more has no use for it.
                    let _ = emptied.send(bytes);
                }
                next_of(filled, context)?
            }
        };
        self.block = block.map_err(|error| JobError::failed(SourceError::of_read(error, &self.path)))?;
        let bytes = self.block.bytes.get(..self.block.filled).unwrap_or_default();
        self.over = bytes.is_empty();
        Ok((!self.over).then_some(bytes))
    }
}

/// Waits for the next block, but no longer than until the job is to stop.
fn next_of(
    filled: &Receiver<Result<Block, ReadError>>,
    context: &JobContext,
) -> Result<Result<Block, ReadError>, JobError> {
    loop {
        match filled.recv_timeout(LOOK_UP) {
            Ok(block) => return Ok(block),
            Err(RecvTimeoutError::Timeout) => context.checkpoint_blocking()?,
            // It never goes before its last word, unless it panicked.
            Err(RecvTimeoutError::Disconnected) => return Err(JobError::Lost),
        }
    }
}
