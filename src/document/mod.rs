//! What a job yields: bytes plus what has been learned of them so far. Shared between the job that learns, the page
//! reader that fetches what is on screen, and the view that draws; no lock in here is ever held across I/O, so that the
//! UI thread may take each of them; reads are recursive, as a look may ask the document again.
//!
//! It must not know egui, nor how anything looks.

mod byte_pattern;
mod byte_search;
mod characters;
mod contents;
mod copying;
mod decoding;
mod encoding;
mod far;
#[cfg(test)]
mod fuzz;
mod hash;
mod inspect;
mod line_endings;
mod line_index;
mod lines;
mod measure;
mod naming;
mod open;
mod origins;
mod outline;
mod pages;
mod picture;
mod returns;
mod samples;
mod save;
mod scan;
mod search;
mod shape;
mod split;
mod statistics;
mod strides;
pub mod table;
mod tail;
mod text;
mod time_of_day;
mod walk;
mod wrapped;

use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::atomic::{
    AtomicBool, AtomicU64,
    Ordering::{AcqRel, Acquire, Release},
};
use std::sync::{Arc, Weak};
use std::time::SystemTime;

use parking_lot::{Mutex, RwLock};
use poll_promise::Promise;

pub use byte_pattern::{BytePattern, BytePatternError, MAX_PATTERN_BYTES};
pub use byte_search::{ByteSearch, Towards};
pub use contents::Reading;
pub use copying::COPY_LIMIT_BYTES;
pub use encoding::Encoding;
pub use hash::{Algorithm, Hash, HashError, Hashed};
pub use inspect::{ByteOrder, INSPECTED_BYTES, Inspected, utc_text};
pub use line_endings::{EndingCounts, LineEnding};
pub use line_index::{LineIndex, LineNumber};
pub use lines::{Found, Lines, Shows};
pub use open::{Open, Opened};
pub use origins::Origin;
pub use outline::{
    Broken, Edge, EdgeKind, Lack, Node, NodeKind, Nodes, Outline, OutlineJob, Outlined, Preview, Surveyed,
};
pub use picture::{
    DecodedPicture, Picture, PictureError, PictureFormat, PictureFrame, PictureJob, PictureStanding, Pixels, Raster,
};
pub use save::{Endings, Save, SaveError, Saved, Span};
pub use search::{HitLook, Hits, Only, Pattern, PatternError, Query, Search, Searched, Tally};
pub use shape::Shape;
pub use split::{Parts, Split, SplitError};
pub use statistics::{ColumnCount, Counted, LineEndings, Statistics, parse_delimiter};
pub use strides::Strides;
pub use text::{Row, decode_binary_row, decode_row};
pub use time_of_day::TimeOfDay;
pub use walk::Walked;
pub use wrapped::{Wrap, WrappedRow};

use crate::jobs::{JobError, Wake};
use crate::source::{Arriving, ByteOffset, OverLimit, Packing, Source, SourceChange, address};
use crate::units;
use contents::Contents;
use pages::{Pages, Seen};
use samples::Piece;
use search::Filtered;
use tail::Tail;

/// The unit in which bytes are fetched and cached, and the finest grain of the line index.
pub const PAGE_BYTES: u64 = 64 << 10;

/// A document, as a handle that is cheap to clone; the last one to go ends its page reader.
#[derive(Clone, Debug)]
pub struct Document {
    shared: Arc<Shared>,
}

#[derive(Debug)]
struct Shared {
    path: PathBuf,
    /// Which of the file's lines it has, if not all.
    only: Option<Only>,
    /// What knows where these come from, once it is open.
    filtered: RwLock<Option<Arc<Filtered>>>,
    /// Which filling has the say, and the right to ask; never taken by the UI thread.
    run: AtomicU64,
    say: Mutex<()>,
    state: RwLock<State>,
    index: RwLock<LineIndex>,
    change: RwLock<Option<Changed>>,
    /// Where it was changed before it was read again.
    mark: RwLock<Option<Mark>>,
    /// Where it goes on if something is appended, once it was read to its end; never taken by the UI thread.
    tail: Mutex<Option<Tail>>,
    /// Whether somebody waits for what is appended.
    followed: AtomicBool,
    /// How much is there of it, if it is still arriving.
    arriving: Option<Arriving>,
    /// What is indexed only when somebody asks for it.
    unindexed: RwLock<Option<Contents>>,
    /// Whether it could not be opened because it comes only as a whole.
    only_whole: AtomicBool,
    /// What there is to ask the person, where its unpacked copy would take too much of the disk.
    over_limit: RwLock<Option<OverLimit>>,
}

#[derive(Debug)]
enum State {
    Opening,
    Open(Facts, Arc<Pages>),
    Failed { message: String, advice: String },
}

/// What is known of a document from its first page on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Facts {
    /// How much there is to look at: its length when it was opened or, of what has to be unpacked or decoded, so far.
    pub len_bytes: u64,
    /// How the file is packed.
    pub packing: Option<Packing>,
    /// How its text is encoded, as its first page says; the whole may tell more.
    pub encoding: Encoding,
    /// How its first line ends.
    pub ending: LineEnding,
}

/// That the file behind a document is not any more what was opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Changed {
    /// What happened.
    pub change: SourceChange,
    /// From where on it is another, as far as that can be told by comparing it with what is remembered of it.
    pub after: Option<ByteOffset>,
    /// When it was noticed,
    pub noticed: SystemTime,
    /// and what the clock showed then.
    pub time: TimeOfDay,
}

/// A place from which on a file was changed under the reader.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Mark {
    /// What comes before it is as it was, as far as that can be told.
    pub at: ByteOffset,
    /// When that was noticed.
    pub time: TimeOfDay,
    /// Whether the file was read again since.
    pub read_again: bool,
}

impl Changed {
    fn new((change, after): Seen) -> Self {
        let noticed = SystemTime::now();
        Self { change, after, noticed, time: TimeOfDay::here(noticed) }
    }

    /// Whether what is shown at `at` is still what was read first.
    #[must_use]
    pub fn spares(&self, at: ByteOffset) -> bool {
        self.after.is_none_or(|after| at <= after)
    }
}

/// What a view can show of a document in this frame.
#[derive(Clone, Debug)]
pub enum Standing {
    /// Nothing is known yet.
    Opening,
    /// It can be read.
    Open(Facts),
    /// It could not be opened: what happened, and what to do.
    #[expect(missing_docs, reason = "said above")]
    Failed { message: String, advice: String },
}

impl Facts {
    /// Whether what is looked at has to be made from the bytes of the file.
    #[must_use]
    pub const fn is_made(&self) -> bool {
        self.packing.is_some() || matches!(self.encoding, Encoding::Coded(_)) || matches!(self.ending, LineEnding::Cr)
    }
}

impl Document {
    /// A document that is still to be opened, by an [`Open`] job; `path` may be an address.
    #[must_use]
    pub fn at(path: PathBuf) -> Self {
        Self::new(path, None, None)
    }

    /// The same of a file of which more comes.
    fn that_arrives(path: PathBuf, arriving: Arriving) -> Self {
        Self::new(path, Some(arriving), None)
    }

    /// The same of only some lines of the file, if it is said which.
    fn of(path: PathBuf, only: Option<Only>) -> Self {
        Self::new(path, None, only)
    }

    fn new(path: PathBuf, arriving: Option<Arriving>, only: Option<Only>) -> Self {
        Self {
            shared: Arc::new(Shared {
                path,
                only,
                filtered: RwLock::new(None),
                run: AtomicU64::new(0),
                say: Mutex::new(()),
                state: RwLock::new(State::Opening),
                index: RwLock::new(LineIndex::new(PAGE_BYTES)),
                change: RwLock::new(None),
                mark: RwLock::new(None),
                tail: Mutex::new(None),
                followed: AtomicBool::new(false),
                arriving,
                unindexed: RwLock::new(None),
                only_whole: AtomicBool::new(false),
                over_limit: RwLock::new(None),
            }),
        }
    }

    /// What is there of it, if it is looked at while it arrives.
    #[must_use]
    pub fn arriving(&self) -> Option<&Arriving> {
        self.shared.arriving.as_ref()
    }

    /// Where it is.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.shared.path
    }

    /// The last part of its path and, if it is not all of the file, which lines it has; as it may be shown.
    #[must_use]
    pub fn name(&self) -> String {
        let name = units::plain_text(&address::name_of(self.path()));
        self.only().map_or(name.clone(), |only| only.name(&name))
    }

    /// How it stands now.
    #[must_use]
    pub fn standing(&self) -> Standing {
        match &*self.shared.state.read_recursive() {
            State::Opening => Standing::Opening,
            State::Open(facts, _) => Standing::Open(*facts),
            State::Failed { message, advice } => Standing::Failed { message: message.clone(), advice: advice.clone() },
        }
    }

    /// How many lines are known, and whether that is all of them.
    #[must_use]
    pub fn line_count(&self) -> (u64, bool) {
        let index = self.shared.index.read_recursive();
        (index.lines(), index.complete())
    }

    /// How many lines are to be expected in `len_bytes`, by those that are known.
    #[must_use]
    pub fn expected_lines(&self, len_bytes: u64) -> u64 {
        self.shared.index.read_recursive().expected_lines(len_bytes)
    }

    /// The longest line that is known, in bytes without its newline.
    #[must_use]
    pub fn longest_line_bytes(&self) -> u64 {
        self.shared.index.read_recursive().longest_line_bytes()
    }

    /// How the lines end that are known.
    #[must_use]
    pub fn endings(&self) -> EndingCounts {
        self.shared.index.read_recursive().endings()
    }

    /// How many bytes from the beginning on are indexed.
    #[must_use]
    pub fn indexed_bytes(&self) -> u64 {
        self.shared.index.read_recursive().covered().0
    }

    /// Whether the index ended before it was complete, because it failed or was cancelled.
    #[must_use]
    pub fn index_stopped(&self) -> bool {
        self.shared.index.read_recursive().stopped()
    }

    /// Says that a document that is still to be opened will not be.
    pub fn give_up(&self, message: String, advice: String) {
        let mut state = self.shared.state.write();
        if matches!(*state, State::Opening) {
            *state = State::Failed { message, advice };
        }
    }

    /// Says whether somebody waits for what is appended: then it is looked for often.
    pub fn follow(&self, follow: bool) {
        if self.shared.followed.swap(follow, AcqRel) != follow
            && let Some((_, pages)) = self.opened()
        {
            pages.watch_now();
        }
    }

    /// What happened to the file since it was opened.
    #[must_use]
    pub fn change(&self) -> Option<Changed> {
        *self.shared.change.read_recursive()
    }

    /// From where on the file was changed, be it since it was opened or before it was read again.
    #[must_use]
    pub fn mark(&self) -> Option<Mark> {
        let since =
            self.change().and_then(|changed| Some(Mark { at: changed.after?, time: changed.time, read_again: false }));
        since.or(*self.shared.mark.read_recursive())
    }

    /// Keeps the mark of the document in whose place this one is shown, unless it is of another file.
    pub fn keep_mark_of(&self, before: &Self) {
        let replaced = before.change().is_some_and(|changed| changed.change == SourceChange::Replaced);
        let mark = before.mark().filter(|_| !replaced);
        *self.shared.mark.write() = mark.map(|mark| Mark { read_again: true, ..mark });
    }

    /// Looks things up in the lines; `None` until the document is open. Pages that it lacks are asked for when `look`
    /// has come back, and the window is woken when they are there.
    pub fn look<T>(&self, look: impl FnOnce(&Lines<'_>) -> T) -> Option<T> {
        self.look_with(None, look)
    }

    /// The same with what a search has found, of which the strides that are lacking are asked for too.
    pub fn look_at_hits<T>(&self, hits: &Hits, shows: Shows, look: impl FnOnce(&Lines<'_>) -> T) -> Option<T> {
        let (seen, missing) = hits.look(|found| self.look_with(Some((found, shows)), look));
        if let (false, Some((_, pages))) = (missing.is_empty(), self.opened()) {
            pages.want_strides(hits, missing);
        }
        seen
    }

    fn look_with<T>(&self, hits: Option<(&HitLook<'_>, Shows)>, look: impl FnOnce(&Lines<'_>) -> T) -> Option<T> {
        let (facts, pages) = self.opened()?;
        let index = self.shared.index.read_recursive();
        let fetch = |number| pages.get(number);
        let filtered = self.filtered();
        let lines = Lines::new(&index, PAGE_BYTES, facts.len_bytes, &fetch).in_run(pages.run);
        let lines = lines.taken_from(filtered.as_deref());
        let lines = match hits {
            Some((hits, shows)) => lines.with_hits(hits, shows),
            None => lines,
        };
        let seen = look(&lines);
        let strange = lines.strange();
        let missing = lines.into_missing();
        drop(index);
        if !strange.is_empty() {
            pages.touch(strange);
        }
        if !missing.is_empty() {
            pages.want(missing);
        }
        Some(seen)
    }

    fn opened(&self) -> Option<(Facts, Arc<Pages>)> {
        match &*self.shared.state.read_recursive() {
            State::Open(facts, pages) => Some((*facts, Arc::clone(pages))),
            State::Opening | State::Failed { .. } => None,
        }
    }

    /// How much of the disk an unpacked copy takes, in bytes, if there is one.
    #[must_use]
    pub fn spooled_bytes(&self) -> Option<u64> {
        self.source()?.spooled_bytes()
    }

    /// What it is read from, once it is open.
    fn source(&self) -> Option<Arc<dyn Source>> {
        self.opened().map(|(_, pages)| Arc::clone(&pages.source))
    }

    /// Reads a range of bytes, off this thread; the promise is kept with what could be read or with an error's text.
    #[must_use]
    pub fn read_range(&self, range: Range<ByteOffset>) -> Option<Promise<Result<Vec<u8>, String>>> {
        self.opened().map(|(_, pages)| pages.read_range(range))
    }

    /// Begins to fill the document, from nothing; whoever was filling it has no say any more.
    fn fill(&self) -> Filling {
        let _say = self.shared.say.lock();
        let run = self.shared.run.fetch_add(1, AcqRel) + 1;
        *self.shared.state.write() = State::Opening;
        *self.shared.index.write() = LineIndex::new(PAGE_BYTES);
        *self.shared.change.write() = None;
        *self.shared.tail.lock() = None;
        *self.shared.unindexed.write() = None;
        self.shared.only_whole.store(false, Release);
        *self.shared.over_limit.write() = None;
        *self.shared.filtered.write() = None;
        Filling { shared: Arc::downgrade(&self.shared), run }
    }

    fn downgrade(&self) -> Weak<Shared> {
        Arc::downgrade(&self.shared)
    }

    fn upgrade(shared: &Weak<Shared>) -> Option<Self> {
        shared.upgrade().map(|shared| Self { shared })
    }
}

/// The right of one run of a job to fill a document. It ends when another run begins, or when nobody holds the document
/// any more: closing the last view of it ends the job.
#[derive(Clone)]
struct Filling {
    shared: Weak<Shared>,
    run: u64,
}

impl Filling {
    fn opened(&self, facts: Facts, source: Arc<dyn Source>, first_page: Arc<[u8]>, wake: Wake) -> Result<(), JobError> {
        let filling = self.clone();
        let notice = move |seen: Option<Seen>| {
            let noticed = seen.map(Changed::new);
            // A document that is gone has nobody to tell.
            let _ = filling.change(|shared| *shared.change.write() = noticed);
        };
        let name = address::name_of(&self.path()?);
        let pages = Pages::start(&name, self.clone(), source, first_page, wake, Box::new(notice))
            .map_err(|source| JobError::failed(open::OpenError::NoThread(source)))?;
        self.change(|shared| *shared.state.write() = State::Open(facts, pages))
    }

    fn change_facts(&self, change: impl FnOnce(&mut Facts)) -> Result<(), JobError> {
        self.change(|shared| {
            if let State::Open(facts, _) = &mut *shared.state.write() {
                change(facts);
            }
        })
    }

    /// Says that it was read to its end, and where it goes on if something is appended.
    fn read_to_end(&self, tail: Tail) -> Result<(), JobError> {
        self.change(|shared| *shared.tail.lock() = Some(tail))
    }

    /// Up to where it was read, if that is its end.
    fn tail_at(&self) -> Option<ByteOffset> {
        self.shared.upgrade()?.tail.lock().as_ref().map(Tail::at)
    }

    /// Whether what was read is still there, as far as can be told.
    fn is_still_there(&self, source: &dyn Source) -> std::io::Result<bool> {
        let Some(shared) = self.shared.upgrade() else { return Ok(true) };
        let tail = shared.tail.lock();
        tail.as_ref().map_or(Ok(true), |tail| tail.is_still_there(source))
    }

    /// What is remembered of what was read.
    fn known(&self) -> Vec<Piece> {
        let Some(shared) = self.shared.upgrade() else { return Vec::new() };
        let tail = shared.tail.lock();
        tail.as_ref().map(Tail::known).unwrap_or_default()
    }

    /// Takes in what was appended up to `end`, or the first of it, and gives up to where.
    fn take_in(&self, source: &dyn Source, end: ByteOffset) -> std::io::Result<ByteOffset> {
        let Some(shared) = self.shared.upgrade() else { return Ok(end) };
        // Taken out, for what it tells takes the say.
        let Some(mut tail) = shared.tail.lock().take() else { return Ok(end) };
        let at = tail.take_in(source, end, self);
        let _ = self.change(|shared| *shared.tail.lock() = Some(tail));
        at
    }

    /// Whether somebody waits for what is appended.
    fn followed(&self) -> bool {
        self.shared.upgrade().is_some_and(|shared| {
            shared.followed.load(Acquire) || shared.arriving.as_ref().is_some_and(Arriving::is_under_way)
        })
    }

    fn index(&self, change: impl FnOnce(&mut LineIndex)) -> Result<(), JobError> {
        self.change(|shared| change(&mut shared.index.write()))
    }

    fn path(&self) -> Result<PathBuf, JobError> {
        self.shared.upgrade().map(|shared| shared.path.clone()).ok_or(JobError::Cancelled)
    }

    /// Says that no more comes, and why; what is there already stays.
    fn failed(&self, message: String, advice: String) {
        let _ = self.change(|shared| {
            shared.index.write().stop();
            let mut state = shared.state.write();
            if matches!(*state, State::Opening) {
                *state = State::Failed { message, advice };
            }
        });
    }

    fn change(&self, change: impl FnOnce(&Shared)) -> Result<(), JobError> {
        let shared = self.shared.upgrade().ok_or(JobError::Cancelled)?;
        // Held while it is changed, so that a run that begins meanwhile begins after it.
        let _say = shared.say.lock();
        if shared.run.load(Acquire) == self.run {
            change(&shared);
            Ok(())
        } else {
            Err(JobError::Cancelled)
        }
    }
}
