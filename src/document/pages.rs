//! The pages of a document that are at hand, and the thread that fetches what is not. The UI thread only looks and asks;
//! a disk that stalls holds up this thread alone. The newest wish replaces the one before: never a pile.

use std::fmt;
use std::io;
use std::num::NonZeroUsize;
use std::ops::Range;
use std::sync::Arc;
use std::time::{Duration, Instant};

use lru::LruCache;
use parking_lot::{Condvar, Mutex};
use poll_promise::{Promise, Sender};

use super::{Filling, Hits, PAGE_BYTES};
use crate::jobs::{Wake, spawn_named};
use crate::source::{ByteOffset, Source, SourceChange};

/// Pages kept for each document: 32 MB. Every page that one look needs has to be among them, or it would never be done:
/// several for each row of a screen where lines are longer than pages.
const KEPT: NonZeroUsize = NonZeroUsize::new(512).expect("is not zero");

/// How often a file is looked at for changes made by others.
const WATCH_INTERVAL: Duration = Duration::from_secs(1);
/// The same while somebody waits for what is appended.
const FOLLOW_INTERVAL: Duration = Duration::from_millis(100);

type Notice = Box<dyn Fn(Option<SourceChange>) + Send>;

/// The page cache of one document. Dropping it ends its thread.
pub(super) struct Pages {
    /// The run of the filling that they belong to.
    pub(super) run: u64,
    /// What they are read from.
    pub(super) source: Arc<dyn Source>,
    shared: Arc<Shared>,
}

struct Shared {
    cache: Mutex<LruCache<u64, Arc<[u8]>>>,
    wishes: Mutex<Wishes>,
    wished: Condvar,
}

#[derive(Default)]
struct Wishes {
    pages: Vec<u64>,
    strides: Vec<StrideWish>,
    range: Option<RangeWish>,
    watch: bool,
    closed: bool,
}

/// A stride of which it is asked where its lines are that match.
struct StrideWish {
    hits: Hits,
    stride: Range<ByteOffset>,
}

struct RangeWish {
    range: Range<ByteOffset>,
    sender: Sender<Result<Vec<u8>, String>>,
}

enum Task {
    Page(u64),
    Stride(StrideWish),
    Range(RangeWish),
    Watch,
    End,
}

impl Pages {
    /// Starts the reader thread of a document named `name`, for one filling of it. `notice` hears of each change of the
    /// file once.
    pub(super) fn start(
        name: &str,
        filling: Filling,
        source: Arc<dyn Source>,
        first_page: Arc<[u8]>,
        wake: Wake,
        notice: Notice,
    ) -> io::Result<Arc<Self>> {
        let mut cache = LruCache::new(KEPT);
        cache.put(0, first_page);
        let shared = Arc::new(Shared { cache: Mutex::new(cache), wishes: Mutex::default(), wished: Condvar::new() });
        let own = Arc::clone(&source);
        let run = filling.run;
        let reader = Reader {
            shared: Arc::clone(&shared),
            source: own,
            filling,
            wake,
            notice,
            seen: None,
            broken: None,
            unreadable: false,
        };
        drop(spawn_named(&format!("pages of {name}"), move || reader.run())?);
        Ok(Arc::new(Self { run, source, shared }))
    }

    /// The page of that number, if it is at hand. One that the file no longer has is shorter, or empty.
    pub(super) fn get(&self, number: u64) -> Option<Arc<[u8]>> {
        self.shared.cache.lock().get(&number).cloned()
    }

    /// Looks at once whether the file has changed.
    pub(super) fn watch_now(&self) {
        self.shared.wishes.lock().watch = true;
        self.shared.wished.notify_one();
    }

    /// Asks for pages, in the order of their urgency; what was asked for before and has not come is forgotten.
    pub(super) fn want(&self, mut pages: Vec<u64>) {
        pages.reverse();
        self.shared.wishes.lock().pages = pages;
        self.shared.wished.notify_one();
    }

    /// Asks where the lines that match are in some strides, the most urgent first; what was asked for before for the same
    /// search and has not come is forgotten.
    pub(super) fn want_strides(&self, hits: &Hits, strides: Vec<Range<ByteOffset>>) {
        let mut wishes = self.shared.wishes.lock();
        wishes.strides.retain(|wish| wish.hits.id() != hits.id());
        wishes.strides.extend(strides.into_iter().rev().map(|stride| StrideWish { hits: hits.clone(), stride }));
        drop(wishes);
        self.shared.wished.notify_one();
    }

    /// Asks for a range in one piece; one that was asked for before is given up.
    pub(super) fn read_range(&self, range: Range<ByteOffset>) -> Promise<Result<Vec<u8>, String>> {
        let (sender, promise) = Promise::new();
        let before = self.shared.wishes.lock().range.replace(RangeWish { range, sender });
        if let Some(before) = before {
            before.sender.send(Err("Given up for a newer one".into()));
        }
        self.shared.wished.notify_one();
        promise
    }
}

impl Drop for Pages {
    fn drop(&mut self) {
        self.shared.wishes.lock().closed = true;
        self.shared.wished.notify_one();
    }
}

impl fmt::Debug for Pages {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Pages").finish_non_exhaustive()
    }
}

/// What the thread owns.
struct Reader {
    shared: Arc<Shared>,
    source: Arc<dyn Source>,
    filling: Filling,
    wake: Wake,
    notice: Notice,
    seen: Option<SourceChange>,
    /// What was done to it that no later growth undoes.
    broken: Option<SourceChange>,
    unreadable: bool,
}

impl Reader {
    fn run(mut self) {
        let mut looked = Some(Instant::now());
        loop {
            match self.next_task() {
                Task::End => return,
                Task::Page(number) => self.read_page(number),
                Task::Stride(wish) => self.resolve(&wish),
                Task::Range(wish) => {
                    wish.sender.send(self.read(&wish.range));
                    (self.wake)();
                }
                Task::Watch => looked = None,
            }
            if looked.is_none_or(|looked| looked.elapsed() >= self.interval()) {
                self.watch();
                looked = Some(Instant::now());
            }
        }
    }

    fn interval(&self) -> Duration {
        if self.filling.followed() { FOLLOW_INTERVAL } else { WATCH_INTERVAL }
    }

    fn next_task(&self) -> Task {
        // Before the lock: the document may go meanwhile, and its end takes it too.
        let interval = self.interval();
        let mut wishes = self.shared.wishes.lock();
        loop {
            if wishes.closed {
                // A promise whose sender is dropped would panic in whoever polls it.
                if let Some(wish) = wishes.range.take() {
                    wish.sender.send(Err("The document was closed".into()));
                }
                return Task::End;
            }
            if let Some(number) = wishes.pages.pop() {
                return Task::Page(number);
            }
            if let Some(wish) = wishes.strides.pop() {
                return Task::Stride(wish);
            }
            if let Some(wish) = wishes.range.take() {
                return Task::Range(wish);
            }
            if std::mem::take(&mut wishes.watch) || self.shared.wished.wait_for(&mut wishes, interval).timed_out() {
                return Task::Watch;
            }
        }
    }

    fn read_page(&mut self, number: u64) {
        if self.shared.cache.lock().contains(&number) {
            return;
        }
        let start = ByteOffset(number.saturating_mul(PAGE_BYTES));
        // A page that can not be read is shown empty, and the person is told.
        let bytes = self.read(&(start..start.plus(PAGE_BYTES))).unwrap_or_else(|error| {
            tracing::warn!(error, page = number, "a page could not be read");
            self.unreadable = true;
            Vec::new()
        });
        if (bytes.len() as u64) < PAGE_BYTES.min(self.source.len_bytes().saturating_sub(start.0)) {
            self.watch();
        }
        self.shared.cache.lock().put(number, bytes.into());
        (self.wake)();
    }

    fn resolve(&mut self, wish: &StrideWish) {
        if let Err(error) = wish.hits.resolve(wish.stride.clone(), self.source.as_ref()) {
            tracing::warn!(%error, stride = wish.stride.start.0, "a stride could not be searched again");
            self.unreadable = true;
        }
        (self.wake)();
    }

    fn read(&self, range: &Range<ByteOffset>) -> Result<Vec<u8>, String> {
        let end = range.end.min(ByteOffset(self.source.len_bytes()));
        let mut bytes = vec![0; usize::try_from(end.since(range.start)).map_err(|error| error.to_string())?];
        let read = self.source.read_at(range.start, &mut bytes).map_err(|error| error.to_string())?;
        bytes.truncate(read);
        Ok(bytes)
    }

    /// What is no longer in the file is not shown from memory as if it were.
    fn forget_beyond(&self, len_bytes: u64) {
        for (number, page) in self.shared.cache.lock().iter_mut() {
            let left = len_bytes.saturating_sub(number.saturating_mul(PAGE_BYTES));
            let left = usize::try_from(left).unwrap_or(usize::MAX);
            if let Some(rest) = page.get(..left) {
                *page = rest.into();
            }
        }
    }

    /// Takes in what was appended, as far as that is possible: there may be no end yet that it could be appended to.
    fn take_in(&mut self, end: ByteOffset) -> bool {
        let Some(from) = self.filling.tail_at() else { return false };
        if !self.filling.is_still_there(self.source.as_ref()).unwrap_or(false) {
            self.broken = Some(SourceChange::Rewritten);
            return false;
        }
        self.source.grow();
        // The last page first: whoever looks meanwhile sees what was there before, or all.
        let number = from.0 / PAGE_BYTES;
        let start = ByteOffset(number * PAGE_BYTES);
        if let Ok(bytes) = self.read(&(start..start.plus(PAGE_BYTES))) {
            self.shared.cache.lock().put(number, bytes.into());
        }
        match self.filling.take_in(self.source.as_ref(), end) {
            Ok(at) if from < at && at < end => self.watch_again(),
            Ok(_) => {}
            Err(error) => {
                tracing::warn!(%error, "what was appended could not be read");
                self.unreadable = true;
            }
        }
        (self.wake)();
        true
    }

    fn watch_again(&self) {
        self.shared.wishes.lock().watch = true;
    }

    fn watch(&mut self) {
        let behind = self.filling.tail_at().filter(|at| at.0 < self.source.len_bytes());
        let change = match self.source.change() {
            // What was cut off, or written over, is not mended by what is appended.
            Some(SourceChange::Grew(_) | SourceChange::Rewritten) | None if self.broken.is_some() => self.broken,
            Some(SourceChange::Grew(len_bytes)) if self.take_in(ByteOffset(len_bytes)) => None,
            // Of what was taken in before, the rest.
            None if behind.is_some() && self.take_in(ByteOffset(self.source.len_bytes())) => None,
            Some(SourceChange::Grew(_)) if self.broken.is_some() => self.broken,
            change => change,
        };
        if let Some(SourceChange::CutShort(_)) = change {
            self.broken = change;
        }
        let change = change.or(self.unreadable.then_some(SourceChange::Unreadable));
        if change != self.seen {
            self.seen = change;
            if let Some(SourceChange::CutShort(len_bytes)) = change {
                self.forget_beyond(len_bytes);
            }
            (self.notice)(change);
            (self.wake)();
        }
    }
}
