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
use tokio_util::sync::CancellationToken;

use super::samples::{Compared, Piece, compare};
use super::{Filling, Hits, PAGE_BYTES};
use crate::jobs::{Wake, spawn_named};
use crate::source::{ByteOffset, Source, SourceChange, Until};

/// Pages kept for each document: 32 MB. Every page that one look needs has to be among them, or it would never be done:
/// several for each row of a screen where lines are longer than pages.
const KEPT: NonZeroUsize = NonZeroUsize::new(512).expect("is not zero");

/// How often a file is looked at for changes made by others.
const WATCH_INTERVAL: Duration = Duration::from_secs(1);
/// The same while somebody waits for what is appended.
const FOLLOW_INTERVAL: Duration = Duration::from_millis(100);

/// So long has a file to seem written over, though nothing of it that is remembered is another, for that to be told: while it
/// is appended to, the time of the last write may be seen to change before the length.
const DOUBT: Duration = Duration::from_secs(1);
/// How old the last look for changes may be when a page takes its place among older ones.
const FRESH: Duration = Duration::from_millis(50);
/// The most pages at hand that a file is compared with.
const MAX_COMPARED: usize = 64;

/// What happened to a file, and from where on it is another, if that can be told.
pub(super) type Seen = (SourceChange, Option<ByteOffset>);

type Notice = Box<dyn Fn(Option<Seen>) + Send>;

/// The page cache of one document. Dropping it ends its thread.
pub(super) struct Pages {
    /// The run of the filling that they belong to.
    pub(super) run: u64,
    /// What they are read from.
    pub(super) source: Arc<dyn Source>,
    /// Ends what the thread is at.
    stop: CancellationToken,
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
    touched: Vec<ByteOffset>,
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
    Touch(ByteOffset),
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
        let stop = CancellationToken::new();
        let own: Arc<dyn Source> = Arc::new(Until::new(Arc::clone(&source), stop.clone()));
        let run = filling.run;
        let reader = Reader {
            shared: Arc::clone(&shared),
            source: own,
            filling,
            wake,
            notice,
            seen: None,
            broken: None,
            touched: None,
            doubted: None,
            looked: None,
            unreadable: false,
        };
        drop(spawn_named(&format!("pages of {name}"), move || reader.run())?);
        Ok(Arc::new(Self { run, source, stop, shared }))
    }

    /// The page of that number, if it is at hand. One that the file no longer has is shorter, or empty.
    pub(super) fn get(&self, number: u64) -> Option<Arc<[u8]>> {
        self.shared.cache.lock().get(&number).cloned()
    }

    /// Has this page at hand, as somebody has come by its bytes; what was there before is forgotten.
    pub(super) fn put(&self, number: u64, page: Arc<[u8]>) {
        self.shared.cache.lock().put(number, page);
    }

    /// Asks for these bytes to be read, for what the source learns by it; what was asked for before and has not come is
    /// forgotten.
    pub(super) fn touch(&self, places: Vec<ByteOffset>) {
        self.shared.wishes.lock().touched = places;
        self.shared.wished.notify_one();
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
        // The thread may be at a read that takes long, and jobs at one that waits for others.
        self.stop.cancel();
        self.source.close();
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
    seen: Option<Seen>,
    /// What was done to it that no later growth undoes.
    broken: Option<Seen>,
    /// That it was written to, though nothing of it that is remembered is another.
    touched: Option<Seen>,
    /// Since when it seems so.
    doubted: Option<Instant>,
    /// When it was last looked at for changes.
    looked: Option<Instant>,
    unreadable: bool,
}

impl Reader {
    fn run(mut self) {
        self.looked = Some(Instant::now());
        loop {
            match self.next_task() {
                Task::End => return,
                Task::Page(number) => self.read_page(number),
                Task::Stride(wish) => self.resolve(&wish),
                Task::Touch(at) => self.touch(at),
                Task::Range(wish) => {
                    wish.sender.send(self.read(&wish.range));
                    (self.wake)();
                }
                Task::Watch => self.looked = None,
            }
            if self.looked.is_none_or(|looked| looked.elapsed() >= self.interval()) {
                self.watch();
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
            if let Some(at) = wishes.touched.pop() {
                return Task::Touch(at);
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
        let mut bytes = self.page(start);
        let short = (bytes.len() as u64) < PAGE_BYTES.min(self.source.len_bytes().saturating_sub(start.0));
        let told = self.seen;
        // What is new is not to stand beside what is old without a word.
        if short || self.looked.is_none_or(|looked| looked.elapsed() >= FRESH) {
            self.watch();
        }
        if self.seen != told {
            bytes = self.page(start);
        }
        let mut cache = self.shared.cache.lock();
        // While the document is filled, whoever fills it may have put more there meanwhile.
        if cache.peek(&number).is_none_or(|page| page.len() <= bytes.len()) {
            cache.put(number, bytes.into());
        }
        drop(cache);
        (self.wake)();
    }

    fn touch(&mut self, at: ByteOffset) {
        if let Err(error) = self.source.read_at(at, &mut [0]) {
            tracing::warn!(%error, at = at.0, "a line could not be looked up");
            self.unreadable = true;
        }
        (self.wake)();
    }

    /// The page that begins at `start`. One that can not be read is shown empty, and the person is told.
    fn page(&mut self, start: ByteOffset) -> Vec<u8> {
        self.read(&(start..start.plus(PAGE_BYTES))).unwrap_or_else(|error| {
            tracing::warn!(error, at = start.0, "a page could not be read");
            self.unreadable = true;
            Vec::new()
        })
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

    /// What was read before a change is not shown beside what is read after it.
    fn forget_from(&self, at: ByteOffset) {
        let mut cache = self.shared.cache.lock();
        let old: Vec<_> =
            cache.iter().map(|(number, _)| *number).filter(|number| *number >= at.0 / PAGE_BYTES).collect();
        for number in old {
            cache.pop(&number);
        }
    }

    /// Compares the file with what is remembered of it: what was scanned, and what is at hand.
    fn compared(&self) -> Compared {
        let mut known = self.filling.known();
        // What has to be made from other bytes would be made anew, perhaps from the beginning on.
        if !self.source.is_made() {
            let cache = self.shared.cache.lock();
            known.extend(cache.iter().take(MAX_COMPARED).map(|(number, page)| {
                let at = ByteOffset(number.saturating_mul(PAGE_BYTES));
                Piece { at, bytes: Arc::clone(page) }
            }));
        }
        compare(known, self.source.as_ref(), ByteOffset(self.source.len_bytes())).unwrap_or_else(|error| {
            tracing::warn!(%error, "a file that was changed could not be compared");
            Compared { after: None, same: false }
        })
    }

    /// What there is to tell of a file that is as long as it was, and was written to or, if not `surely`, may have been.
    fn rewritten(&mut self, surely: bool) -> Option<Seen> {
        let Compared { after, same } = self.compared();
        if after.is_some() {
            self.broken = Some((SourceChange::Rewritten, after));
            return self.broken;
        }
        if same || !surely {
            self.source.grow();
            self.doubted = None;
        } else if self.doubted.get_or_insert_with(Instant::now).elapsed() >= DOUBT {
            self.source.grow();
            self.doubted = None;
            self.touched = Some((SourceChange::Rewritten, None));
        }
        self.touched
    }

    /// What there is to tell of a file that was cut short to `len_bytes`: written anew, it is another even before that.
    fn cut_short(&mut self, len_bytes: u64) -> Option<Seen> {
        let cut = SourceChange::CutShort(len_bytes);
        if self.broken.is_none_or(|(change, _)| change != cut) {
            let end = ByteOffset(len_bytes);
            let after = self.compared().after.map_or(end, |after| after.min(end));
            self.broken = Some((cut, Some(after)));
        }
        self.broken
    }

    /// Takes in what was appended, as far as that is possible: there may be no end yet that it could be appended to.
    fn take_in(&mut self, end: ByteOffset) -> bool {
        let Some(from) = self.filling.tail_at() else { return false };
        if !self.filling.is_still_there(self.source.as_ref()).unwrap_or(false) {
            self.broken = Some((SourceChange::Rewritten, self.compared().after));
            return false;
        }
        self.doubted = None;
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
        self.looked = Some(Instant::now());
        let behind = self.filling.tail_at().filter(|at| at.0 < self.source.len_bytes());
        let change = match self.source.change() {
            // What was cut off, or written over, is not mended by what is appended.
            Some(SourceChange::Grew(_) | SourceChange::Rewritten | SourceChange::Touched) | None
                if self.broken.is_some() =>
            {
                self.broken
            }
            Some(SourceChange::Grew(len_bytes)) if self.take_in(ByteOffset(len_bytes)) => self.touched,
            // Of what was taken in before, the rest.
            None if behind.is_some() && self.take_in(ByteOffset(self.source.len_bytes())) => self.touched,
            Some(SourceChange::Grew(_)) if self.broken.is_some() => self.broken,
            Some(SourceChange::Rewritten) => self.rewritten(true),
            Some(SourceChange::Touched) => self.rewritten(false),
            Some(SourceChange::CutShort(len_bytes)) => self.cut_short(len_bytes),
            None => self.touched,
            Some(change) => Some((change, self.broken.and_then(|(_, after)| after))),
        };
        let change = change.or(self.unreadable.then_some((SourceChange::Unreadable, None)));
        if change != self.seen {
            self.seen = change;
            if let Some((_, Some(after))) = change {
                self.forget_from(after);
            }
            (self.notice)(change);
            (self.wake)();
        }
    }
}
