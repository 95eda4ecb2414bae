//! What a job yields: bytes plus what has been learned of them so far. Shared between the job that learns, the page
//! reader that fetches what is on screen, and the view that draws; no lock in here is ever held across I/O, so that the
//! UI thread may take each of them.
//!
//! It must not know egui, nor how anything looks.

mod line_index;
mod lines;
mod open;
mod pages;
mod scan;
mod text;

use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::SystemTime;

use parking_lot::RwLock;
use poll_promise::Promise;

pub use line_index::{LineIndex, LineNumber};
pub use lines::{Found, Lines};
pub use open::{Open, Opened};
pub use scan::{Encoding, LineEnding};
pub use text::{Row, decode_row};

use crate::jobs::Wake;
use crate::source::{ByteOffset, Source, SourceChange};
use pages::Pages;

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
    state: RwLock<State>,
    index: RwLock<LineIndex>,
    change: RwLock<Option<Changed>>,
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
    /// Its length when it was opened.
    pub len_bytes: u64,
    /// What its first page says; the whole may tell more.
    pub encoding: Encoding,
    /// How its first line ends.
    pub ending: LineEnding,
}

/// That the file behind a document is not any more what was opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Changed {
    /// What happened.
    pub change: SourceChange,
    /// When it was noticed.
    pub noticed: SystemTime,
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

impl Document {
    /// A document that is still to be opened, by an [`Open`] job.
    #[must_use]
    pub fn at(path: PathBuf) -> Self {
        Self {
            shared: Arc::new(Shared {
                path,
                state: RwLock::new(State::Opening),
                index: RwLock::new(LineIndex::new(PAGE_BYTES)),
                change: RwLock::new(None),
            }),
        }
    }

    /// Where it is.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.shared.path
    }

    /// The last part of its path.
    #[must_use]
    pub fn name(&self) -> String {
        self.path().file_name().unwrap_or(self.path().as_os_str()).to_string_lossy().into_owned()
    }

    /// How it stands now.
    #[must_use]
    pub fn standing(&self) -> Standing {
        match &*self.shared.state.read() {
            State::Opening => Standing::Opening,
            State::Open(facts, _) => Standing::Open(*facts),
            State::Failed { message, advice } => Standing::Failed { message: message.clone(), advice: advice.clone() },
        }
    }

    /// How many lines are known, and whether that is all of them.
    #[must_use]
    pub fn line_count(&self) -> (u64, bool) {
        let index = self.shared.index.read();
        (index.lines(), index.complete())
    }

    /// The longest line that is known, in bytes without its ending.
    #[must_use]
    pub fn longest_line_bytes(&self) -> u64 {
        self.shared.index.read().longest_line_bytes()
    }

    /// How many bytes from the beginning on are indexed.
    #[must_use]
    pub fn indexed_bytes(&self) -> u64 {
        self.shared.index.read().covered().0
    }

    /// What happened to the file since it was opened.
    #[must_use]
    pub fn change(&self) -> Option<Changed> {
        *self.shared.change.read()
    }

    /// Looks things up in the lines; `None` until the document is open. Pages that it lacks are asked for when `look`
    /// has come back, and the window is woken when they are there.
    pub fn look<T>(&self, look: impl FnOnce(&Lines<'_>) -> T) -> Option<T> {
        let (facts, pages) = match &*self.shared.state.read() {
            State::Open(facts, pages) => (*facts, Arc::clone(pages)),
            State::Opening | State::Failed { .. } => return None,
        };
        let index = self.shared.index.read();
        let fetch = |number| pages.get(number);
        let lines = Lines::new(&index, PAGE_BYTES, facts.len_bytes, &fetch);
        let seen = look(&lines);
        let missing = lines.into_missing();
        drop(index);
        if !missing.is_empty() {
            pages.want(missing);
        }
        Some(seen)
    }

    /// Reads a range of bytes, off this thread; the promise is kept with what could be read or with an error's text.
    #[must_use]
    pub fn read_range(&self, range: Range<ByteOffset>) -> Option<Promise<Result<Vec<u8>, String>>> {
        match &*self.shared.state.read() {
            State::Open(_, pages) => Some(pages.read_range(range)),
            State::Opening | State::Failed { .. } => None,
        }
    }

    fn opened(&self, facts: Facts, source: Arc<dyn Source>, first_page: Arc<[u8]>, wake: Wake) -> std::io::Result<()> {
        let shared = Arc::downgrade(&self.shared);
        let notice = move |change: Option<SourceChange>| {
            let Some(shared) = shared.upgrade() else { return };
            *shared.change.write() = change.map(|change| Changed { change, noticed: SystemTime::now() });
        };
        let pages = Pages::start(&self.name(), source, first_page, wake, Box::new(notice))?;
        *self.shared.state.write() = State::Open(facts, pages);
        Ok(())
    }

    fn learned(&self, encoding: Encoding) {
        if let State::Open(facts, _) = &mut *self.shared.state.write() {
            facts.encoding = encoding;
        }
    }

    fn failed(&self, message: String, advice: String) {
        let mut state = self.shared.state.write();
        if matches!(*state, State::Opening) {
            *state = State::Failed { message, advice };
        }
    }

    fn index(&self) -> &RwLock<LineIndex> {
        &self.shared.index
    }
}
