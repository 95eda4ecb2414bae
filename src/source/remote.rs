//! A file on a server, read by parts, so that it is opened without being downloaded. What is read lies in blocks, of which a
//! few are kept; who goes through it in order has one long answer of its own, which is gone on with where a connection breaks
//! off. There are never more than two requests at once: one for a block, and one long one.
//!
//! Reads block, on whatever thread they are made; the requests run on the program's runtime. It must not know how HTTP is
//! spoken.

use std::io;
use std::num::NonZeroUsize;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel};
use std::time::Duration;

use lru::LruCache;
use parking_lot::Mutex;
use tokio::runtime::Handle;
use tokio::sync::Semaphore;
use tokio_util::sync::{CancellationToken, DropGuard};
use url::Url;

use super::address::{shown, shown_text};
use super::http::{Parts, Run};
use super::{ByteOffset, InOrder, ReadError, RemoteError, Source, SourceChange};
use crate::jobs::JobContext;

/// What is fetched at a time: several pages, so that scrolling makes no request for each.
const BLOCK_BYTES: u64 = 512 << 10;
/// Blocks that are kept: 8 MB.
const KEPT_BLOCKS: NonZeroUsize = NonZeroUsize::new(16).expect("is not zero");
/// Pieces of a long answer that may wait to be taken, each of half a megabyte at most.
const PIECES_AHEAD: usize = 16;
/// Longer than any request takes, with all its attempts: nobody waits for a runtime that stands still.
const LONGEST_WAIT: Duration = Duration::from_mins(3);

/// A file on a server, open for as long as this is held.
pub struct RemoteFile {
    runtime: Handle,
    parts: Arc<Parts>,
    kept: Arc<Kept>,
    /// Blocks are fetched one after the other.
    block_turn: Arc<Semaphore>,
    /// Of those who go through it in order, one has a long answer; the others read blocks meanwhile.
    run_turn: Arc<Semaphore>,
    closed: CancellationToken,
    /// Whether the server has another file by now.
    changed: AtomicBool,
}

type Answer<T> = Result<T, RemoteError>;

impl RemoteFile {
    /// Opens the file at `address`, with its first bytes. Blocks, but no longer than until the job is to stop.
    ///
    /// # Errors
    /// When there is none, it can not be fetched, or the server gives no parts of files.
    pub fn open(address: &str, context: &JobContext) -> Result<Self, RemoteError> {
        let url = Url::parse(address.trim())
            .map_err(|source| RemoteError::NotAnAddress { address: shown_text(address), source })?;
        let runtime = context.runtime().clone();
        let shown = shown(&url);
        let (parts, start) = wait_for(&runtime, context.stop_token().cancelled_owned(), &shown, Parts::open(url))?;
        Ok(Self {
            runtime,
            parts: Arc::new(parts),
            kept: Arc::new(Kept { start, blocks: Mutex::new(LruCache::new(KEPT_BLOCKS)) }),
            block_turn: Arc::new(Semaphore::new(1)),
            run_turn: Arc::new(Semaphore::new(1)),
            closed: CancellationToken::new(),
            changed: AtomicBool::new(false),
        })
    }

    /// Reads some of what there is from `at` on, which is before the end, until `stop` says that nobody wants it any more.
    fn read_some(&self, at: u64, buffer: &mut [u8], stop: &CancellationToken) -> Answer<usize> {
        let copied = self.kept.copy(at, buffer);
        if copied > 0 {
            return Ok(copied);
        }
        let block = self.block(at / BLOCK_BYTES, stop)?;
        match copy(&block, at % BLOCK_BYTES, buffer) {
            0 => Err(RemoteError::BrokenOff { address: self.parts.shown(), source: None }),
            copied => Ok(copied),
        }
    }

    /// Fetches the block of that number.
    fn block(&self, number: u64, stop: &CancellationToken) -> Answer<Arc<[u8]>> {
        if self.changed.load(Relaxed) {
            return Err(RemoteError::Changed { address: self.parts.shown() });
        }
        let fetch = fetch(number, Arc::clone(&self.parts), Arc::clone(&self.kept), Arc::clone(&self.block_turn));
        let (closed, stop) = (self.closed.clone(), stop.clone());
        let unwanted = async move {
            tokio::select! {
                () = closed.cancelled() => {}
                () = stop.cancelled() => {}
            }
        };
        self.noted(wait_for(&self.runtime, unwanted, &self.parts.shown(), fetch))
    }

    /// Asks for all that there is from `at` on, until `stop` says that nobody wants it any more; `None` while somebody else
    /// has such an answer.
    fn run(&self, at: u64, stop: &CancellationToken) -> Option<Pieces> {
        let turn = Arc::clone(&self.run_turn).try_acquire_owned().ok()?;
        let (sender, receiver) = sync_channel(PIECES_AHEAD);
        let room = Arc::new(Semaphore::new(PIECES_AHEAD));
        let run = Run::new(Arc::clone(&self.parts), at..self.parts.len_bytes());
        let work = pass_on(run, sender, Arc::clone(&room));
        let (closed, stop) = (self.closed.clone(), stop.child_token());
        let stopped = stop.clone();
        drop(self.runtime.spawn(async move {
            tokio::select! {
                biased;
                () = closed.cancelled() => {}
                () = stopped.cancelled() => {}
                () = work => {}
            }
            drop(turn);
        }));
        Some(Pieces { receiver, room, address: self.parts.shown(), _stop: stop.drop_guard() })
    }

    /// Takes note of what an answer says of the file as a whole.
    fn noted<T>(&self, answer: Answer<T>) -> Answer<T> {
        if matches!(answer, Err(RemoteError::Changed { .. })) {
            self.changed.store(true, Relaxed);
        }
        answer
    }
}

impl Source for RemoteFile {
    fn len_bytes(&self) -> u64 {
        self.parts.len_bytes()
    }

    fn read_at(&self, offset: ByteOffset, buffer: &mut [u8]) -> io::Result<usize> {
        self.read_at_until(offset, buffer, &CancellationToken::new())
    }

    fn read_at_until(&self, offset: ByteOffset, buffer: &mut [u8], stop: &CancellationToken) -> io::Result<usize> {
        let rest = usize::try_from(ByteOffset(self.len_bytes()).since(offset)).unwrap_or(usize::MAX);
        let wanted = rest.min(buffer.len());
        let mut filled = 0;
        while let Some(rest) = buffer.get_mut(filled..wanted).filter(|rest| !rest.is_empty()) {
            filled += self.read_some(offset.plus(filled as u64).0, rest, stop).map_err(io::Error::other)?;
        }
        Ok(filled)
    }

    /// What the last answer said: nobody is asked for it.
    fn change(&self) -> Option<SourceChange> {
        self.changed.load(Relaxed).then_some(SourceChange::Replaced)
    }

    fn grow(&self) {}

    fn in_order(self: Arc<Self>) -> Box<dyn InOrder> {
        self.in_order_until(&CancellationToken::new())
    }

    fn in_order_until(self: Arc<Self>, stop: &CancellationToken) -> Box<dyn InOrder> {
        Box::new(Pass::new(self, ByteOffset(0), stop))
    }

    fn in_order_from(self: Arc<Self>, at: ByteOffset, stop: &CancellationToken) -> Option<Box<dyn InOrder>> {
        Some(Box::new(Pass::new(self, at, stop)))
    }

    fn far_bytes(&self) -> u64 {
        self.parts.len_bytes()
    }

    fn close(&self) {
        self.closed.cancel();
    }
}

impl Drop for RemoteFile {
    fn drop(&mut self) {
        self.closed.cancel();
    }
}

/// What is at hand of the file.
struct Kept {
    /// What came with the first answer.
    start: Vec<u8>,
    /// The blocks that were read last, by their numbers.
    blocks: Mutex<LruCache<u64, Arc<[u8]>>>,
}

impl Kept {
    fn block(&self, number: u64) -> Option<Arc<[u8]>> {
        self.blocks.lock().get(&number).cloned()
    }

    /// Copies what is at hand from `at` on, as far as it is in one piece; gives how many bytes.
    fn copy(&self, at: u64, buffer: &mut [u8]) -> usize {
        match copy(&self.start, at, buffer) {
            0 => self.block(at / BLOCK_BYTES).map_or(0, |block| copy(&block, at % BLOCK_BYTES, buffer)),
            copied => copied,
        }
    }
}

/// Somebody's way through it.
struct Pass {
    file: Arc<RemoteFile>,
    stop: CancellationToken,
    at: u64,
    /// The long answer, if it has one.
    pieces: Option<Pieces>,
    /// What has come of it, of which the first bytes were given.
    piece: Vec<u8>,
    given: usize,
    /// What is to be told once what came before it is read.
    failed: Option<RemoteError>,
}

impl Pass {
    fn new(file: Arc<RemoteFile>, at: ByteOffset, stop: &CancellationToken) -> Self {
        Self { file, stop: stop.clone(), at: at.0, pieces: None, piece: Vec::new(), given: 0, failed: None }
    }

    /// Reads some of what comes next, which is before the end.
    fn some(&mut self, buffer: &mut [u8]) -> Answer<usize> {
        if self.pieces.is_none() {
            let copied = self.file.kept.copy(self.at, buffer);
            if copied > 0 {
                return Ok(copied);
            }
            self.pieces = self.file.run(self.at, &self.stop);
        }
        let Some(pieces) = &self.pieces else { return self.file.read_some(self.at, buffer, &self.stop) };
        while self.given >= self.piece.len() {
            (self.piece, self.given) = (pieces.next()?, 0);
        }
        let copied = copy(&self.piece, self.given as u64, buffer);
        self.given += copied;
        Ok(copied)
    }
}

impl InOrder for Pass {
    fn read(&mut self, buffer: &mut [u8]) -> Result<usize, ReadError> {
        let mut filled = 0;
        while self.failed.is_none()
            && self.at < self.file.len_bytes()
            && let Some(rest) = buffer.get_mut(filled..).filter(|rest| !rest.is_empty())
        {
            let read = self.some(rest);
            match self.file.noted(read) {
                Ok(read) => {
                    filled += read;
                    self.at = self.at.saturating_add(read as u64);
                }
                Err(error) => self.failed = Some(error),
            }
        }
        match self.failed.take() {
            Some(error) if filled == 0 => Err(ReadError::Remote(error)),
            error => {
                self.failed = error;
                Ok(filled)
            }
        }
    }

    fn passed_bytes(&self) -> u64 {
        self.at
    }

    fn whole_bytes(&self) -> u64 {
        self.file.len_bytes()
    }
}

/// The end of a long answer at which its pieces are taken; dropping it ends the request.
struct Pieces {
    receiver: Receiver<Answer<Vec<u8>>>,
    /// Places for pieces that wait.
    room: Arc<Semaphore>,
    address: String,
    _stop: DropGuard,
}

impl Pieces {
    /// The next piece.
    fn next(&self) -> Answer<Vec<u8>> {
        match self.receiver.recv_timeout(LONGEST_WAIT) {
            Ok(piece) => {
                self.room.add_permits(1);
                piece
            }
            Err(RecvTimeoutError::Timeout) => Err(RemoteError::TimedOut { address: self.address.clone() }),
            Err(RecvTimeoutError::Disconnected) => Err(RemoteError::Closed),
        }
    }
}

/// Fetches the block of that number when it is its turn, unless somebody else has done so meanwhile.
async fn fetch(number: u64, parts: Arc<Parts>, kept: Arc<Kept>, turn: Arc<Semaphore>) -> Answer<Arc<[u8]>> {
    // It is never closed.
    let _turn = turn.acquire().await;
    if let Some(block) = kept.block(number) {
        return Ok(block);
    }
    let start = number.saturating_mul(BLOCK_BYTES);
    let end = start.saturating_add(BLOCK_BYTES).min(parts.len_bytes());
    let mut run = Run::new(parts, start..end);
    let mut bytes = Vec::with_capacity(usize::try_from(end.saturating_sub(start)).unwrap_or(0));
    while let Some(piece) = run.next().await? {
        bytes.extend_from_slice(&piece);
    }
    let block = Arc::<[u8]>::from(bytes);
    kept.blocks.lock().put(number, Arc::clone(&block));
    Ok(block)
}

/// Sends the pieces of `run` on, no more of them than there is room for, until the last or the first error.
async fn pass_on(mut run: Run, sender: SyncSender<Answer<Vec<u8>>>, room: Arc<Semaphore>) {
    while let Some(piece) = run.next().await.transpose() {
        let over = piece.is_err();
        let Ok(place) = room.acquire().await else { return };
        // It is free again when the piece is taken.
        place.forget();
        if sender.try_send(piece).is_err() || over {
            return;
        }
    }
}

/// Has the runtime do `work`, and waits until it is done or nobody wants it any more; `address` is what it is about.
fn wait_for<T: Send + 'static>(
    runtime: &Handle,
    unwanted: impl Future<Output = ()> + Send + 'static,
    address: &str,
    work: impl Future<Output = Answer<T>> + Send + 'static,
) -> Answer<T> {
    let (sender, receiver) = sync_channel(1);
    let task = runtime.spawn(async move {
        let answer = tokio::select! {
            biased;
            () = unwanted => Err(RemoteError::Closed),
            answer = work => answer,
        };
        // There is room for it; whoever has waited too long is gone.
        let _ = sender.try_send(answer);
    });
    match receiver.recv_timeout(LONGEST_WAIT) {
        Ok(answer) => answer,
        Err(RecvTimeoutError::Timeout) => {
            task.abort();
            Err(RemoteError::TimedOut { address: address.to_owned() })
        }
        // The runtime is gone, and the program is left.
        Err(RecvTimeoutError::Disconnected) => Err(RemoteError::Closed),
    }
}

/// Copies what there is of `bytes` from `from` on, as much as `buffer` holds; gives how many.
fn copy(bytes: &[u8], from: u64, buffer: &mut [u8]) -> usize {
    let rest = usize::try_from(from).ok().and_then(|from| bytes.get(from..)).unwrap_or_default();
    buffer.iter_mut().zip(rest).for_each(|(to, from)| *to = *from);
    rest.len().min(buffer.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn block(number: u64) -> Arc<[u8]> {
        vec![u8::try_from(number).unwrap(); usize::try_from(BLOCK_BYTES).unwrap()].into()
    }

    #[test]
    fn no_more_is_kept_than_a_few_blocks_and_of_these_the_last_that_were_read() {
        let kept = Kept { start: vec![255; 100], blocks: Mutex::new(LruCache::new(KEPT_BLOCKS)) };
        for number in 0..100 {
            kept.blocks.lock().put(number, block(number));
            assert!(kept.block(0).is_some(), "it was read just now");
        }
        assert_eq!(kept.blocks.lock().len(), KEPT_BLOCKS.get());
        assert!(kept.block(50).is_none() && kept.block(99).is_some());
    }

    #[test]
    fn what_is_at_hand_is_copied_up_to_the_end_of_its_piece() {
        let kept = Kept { start: vec![255; 100], blocks: Mutex::new(LruCache::new(KEPT_BLOCKS)) };
        kept.blocks.lock().put(1, block(1));
        let mut buffer = [0; 8];
        assert_eq!((kept.copy(96, &mut buffer), buffer), (4, [255, 255, 255, 255, 0, 0, 0, 0]));
        assert_eq!((kept.copy(100, &mut buffer), kept.copy(BLOCK_BYTES - 1, &mut buffer)), (0, 0));
        assert_eq!((kept.copy(BLOCK_BYTES, &mut buffer), buffer), (8, [1; 8]));
        assert_eq!(kept.copy(2 * BLOCK_BYTES - 3, &mut buffer), 3);
        assert_eq!((kept.copy(2 * BLOCK_BYTES, &mut buffer), kept.copy(u64::MAX, &mut buffer)), (0, 0));
    }
}
