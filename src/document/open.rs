//! The job that opens a document and builds its line index at scan speed. The first page is on screen before the scan
//! begins.

use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Weak};
use std::time::Instant;

use super::contents::{Contents, step_bytes};
use super::scan::Scan;
use super::search::open_filtered;
use super::tail::Tail;
use super::{Document, Encoding, Facts, Filling, LineEnding, PAGE_BYTES, Reading, Shared};
use crate::jobs::{Failure, Job, JobContext, JobError, Kind, Outcome};
use crate::source::{Arriving, Blocks, ByteOffset, Chunk, Source, address, in_lanes};
use crate::units;

/// A file to be opened.
#[derive(Clone, Debug, clap::Args, serde::Serialize, serde::Deserialize)]
pub struct Open {
    /// The file, or its http or https address
    pub path: PathBuf,
    /// How it is to be read.
    #[command(flatten)]
    #[serde(flatten)]
    pub reading: Reading,
    /// What the job fills; a view may show it from the start.
    #[arg(skip)]
    #[serde(skip)]
    document: Option<Weak<Shared>>,
    /// Whether it is read to its end however far away it is.
    #[arg(skip)]
    #[serde(skip)]
    index: bool,
    /// The most that an unpacked copy may take, in bytes, where nothing is said of this file.
    #[arg(skip)]
    #[serde(skip)]
    pub(super) copy_limit_bytes: Option<u64>,
}

/// What is known of a file when it was read to its end, or of its beginning.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct Opened {
    /// Its length; of a packed file, that of what it holds.
    pub bytes: u64,
    /// Its newlines, and one more if the last line has none.
    pub lines: u64,
    /// How it is to be read.
    pub encoding: Encoding,
    /// Its longest line in UTF-8, without the newline.
    pub longest_line_bytes: u64,
    /// Whether it was read to its end; of what was not, only the length of the file is known.
    #[serde(skip)]
    pub indexed: bool,
    /// How long it took.
    #[serde(serialize_with = "crate::units::as_seconds")]
    pub seconds: std::time::Duration,
}

impl Open {
    /// Opens `path` into a document that can be shown at once. The job ends when nobody holds the document any more.
    #[must_use]
    pub fn new(path: PathBuf) -> (Self, Document) {
        Self::read_as(path, Reading::default())
    }

    /// The same, read in a way that a person has chosen.
    #[must_use]
    pub fn read_as(path: PathBuf, reading: Reading) -> (Self, Document) {
        let document = Document::of(path.clone(), reading.only.clone());
        (Self::filling(path, reading, &document), document)
    }

    fn filling(path: PathBuf, reading: Reading, document: &Document) -> Self {
        Self { path, reading, document: Some(document.downgrade()), index: false, copy_limit_bytes: None }
    }

    /// Indexes a document that was opened without, and is read in this way; `None` if that is not so.
    #[must_use]
    pub fn index_of(document: &Document, reading: Reading) -> Option<Self> {
        let index = || Self { index: true, ..Self::filling(document.path().to_owned(), reading, document) };
        document.waits_for_index().then(index)
    }

    /// The same for a file that is still arriving at `path`: what comes is taken in as it comes.
    #[must_use]
    pub fn arriving(path: PathBuf, reading: Reading, arriving: Arriving) -> (Self, Document) {
        let document = Document::that_arrives(path.clone(), arriving);
        (Self::filling(path, reading, &document), document)
    }

    /// Reads `path` to its end for what can be learned of it, and shows it nowhere.
    #[must_use]
    pub fn unshown(path: PathBuf) -> Self {
        Self { path, reading: Reading::default(), document: None, index: true, copy_limit_bytes: None }
    }

    /// Whether both fill the same document.
    #[must_use]
    pub fn fills_with(&self, other: &Self) -> bool {
        self.document.as_ref().zip(other.document.as_ref()).is_some_and(|(one, other)| one.ptr_eq(other))
    }

    /// The document that it fills, if somebody still holds it.
    #[must_use]
    pub fn document(&self) -> Option<Document> {
        Document::upgrade(self.document.as_ref()?)
    }
}

impl Job for Open {
    type Outcome = Opened;
    const KIND: Kind = Kind { name: "open", at_once: 4, comes_back: false };

    fn title(&self) -> String {
        let name = address::name_of(&self.path);
        self.reading.only.as_ref().map_or(name.clone(), |only| only.name(&name))
    }

    fn for_keeping(mut self) -> Self {
        self.path = address::for_keeping(&self.path);
        self
    }

    async fn run(self, context: JobContext) -> Result<Opened, JobError> {
        // Without a window nobody else holds the document.
        let own = self.document.is_none().then(|| Document::at(self.path.clone()));
        let begin = |document: Document| {
            let unindexed = if self.index { document.go_on() } else { None };
            unindexed.map_or_else(|| (document.fill(), None), |(filling, contents)| (filling, Some(contents)))
        };
        let (filling, unindexed) = own.clone().or_else(|| self.document()).map(begin).ok_or(JobError::Cancelled)?;
        let (shared, inner, reading) = (filling.clone(), context.clone(), self.reading.clone());
        // What is shown nowhere is not read at any place, and needs no copy.
        let copy_bytes = own.is_none().then(|| self.copy_bytes());
        let whole = self.index || own.is_some();
        let is_shown = unindexed.is_some();
        let work = move || {
            let since = Instant::now();
            let contents = match unindexed {
                Some(contents) => contents,
                None => open(&shared, &reading, copy_bytes, &inner)?,
            };
            if let Some(filtered) = &contents.filtered {
                return open_filtered(&shared, &contents, filtered, &inner);
            }
            if !is_shown {
                show(&shared, &contents, &inner)?;
            }
            if whole || !contents.are_far() {
                index(&shared, &contents, since, &inner)
            } else {
                leave_unindexed(&shared, contents, since)
            }
        };
        let result = context.blocking(work).await.and_then(|result| result);
        if let Err(error) = &result {
            filling.ask_for_room(error);
            filling.failed(error.to_string(), error.advice());
            context.wake();
        }
        result
    }
}

/// Opens the contents.
fn open(
    filling: &Filling,
    reading: &Reading,
    copy_bytes: Option<u64>,
    context: &JobContext,
) -> Result<Contents, JobError> {
    let path = filling.path()?;
    if address::is_address(&path) {
        context.progress().set_note("Connecting");
    }
    let contents = match copy_bytes {
        Some(copy_bytes) => Contents::open_to_show(&path, reading, copy_bytes, context),
        None => Contents::open(&path, reading, context),
    };
    context.progress().set_note("");
    contents.map_err(|error| {
        if error.comes_only_whole() {
            filling.comes_only_whole();
        }
        context.failed(error)
    })
}

/// Shows the first page of the contents.
fn show(filling: &Filling, contents: &Contents, context: &JobContext) -> Result<(), JobError> {
    let facts = Facts {
        len_bytes: contents.source.len_bytes(),
        packing: contents.packing,
        encoding: contents.encoding,
        ending: if contents.has_returns() { LineEnding::Cr } else { LineEnding::of_first(0, &contents.start) },
    };
    let waker = context.clone();
    let first_page = Arc::from(contents.start.as_slice());
    filling.opened(facts, Arc::clone(&contents.source), first_page, Arc::new(move || waker.wake()))?;
    context.wake();
    Ok(())
}

/// Leaves the contents to be indexed when somebody asks for it.
fn leave_unindexed(filling: &Filling, contents: Contents, began: Instant) -> Result<Opened, JobError> {
    let (bytes, encoding) = (contents.source.far_bytes(), contents.encoding);
    filling.leave_unindexed(contents)?;
    Ok(Opened { bytes, lines: 0, encoding, longest_line_bytes: 0, indexed: false, seconds: began.elapsed() })
}

/// Reads the contents to their end, and builds the index.
fn index(filling: &Filling, contents: &Contents, began: Instant, context: &JobContext) -> Result<Opened, JobError> {
    let path = filling.path()?;
    let mut pass = Pass::new(filling, contents.source.as_ref());
    let result = if contents.source.goes_in_order() {
        pass.go_in_order(contents, &path, context)
    } else {
        pass.go_in_lanes(contents, &path, context)
    };
    // Of what breaks off too, what came before is shown.
    pass.publish()?;
    result?;
    let Pass { scan, ending, at, .. } = pass;
    let ending = if contents.has_returns() && ending != LineEnding::None { LineEnding::Cr } else { ending };
    filling.index(|index| index.finish(scan.unterminated()))?;
    let is_utf8 = matches!(contents.encoding, Encoding::Utf8 | Encoding::Utf8Bom);
    let encoding = if is_utf8 && !scan.is_utf8() { Encoding::Other } else { contents.encoding };
    filling.change_facts(|facts| (facts.encoding, facts.ending) = (encoding, ending))?;
    let (lines, longest_line_bytes) = (scan.lines(), scan.longest_line_bytes());
    // What is far away is not looked at for what is appended.
    if contents.is_plain() && contents.source.far_bytes() == 0 {
        filling.read_to_end(Tail::new(scan, ending, at, &contents.start, contents.source.as_ref()))?;
    }
    let bytes = contents.encoded.len_bytes();
    Ok(Opened { bytes, lines, encoding, longest_line_bytes, indexed: true, seconds: began.elapsed() })
}

/// How the line ends whose newline comes after so many bytes.
fn ending_at(newline: u64, source: &dyn Source) -> LineEnding {
    let mut before = [0];
    let read = newline.checked_sub(1).map_or(Ok(0), |before_it| source.read_at(ByteOffset(before_it), &mut before));
    // What can not be read any more ends as it may.
    if read.is_ok_and(|read| read == 1) && before == *b"\r" { LineEnding::CrLf } else { LineEnding::Lf }
}

/// The way through the contents that builds the index.
struct Pass<'a> {
    filling: &'a Filling,
    source: &'a dyn Source,
    scan: Scan,
    /// How the first line ends, as far as it has come to that.
    ending: LineEnding,
    /// Bytes and newlines of each page that was seen and not told of.
    pages: Pages,
    at: ByteOffset,
}

/// Bytes and newlines of pages one after the other.
type Pages = Vec<(u64, u64)>;

impl<'a> Pass<'a> {
    fn new(filling: &'a Filling, source: &'a dyn Source) -> Self {
        Self { filling, source, scan: Scan::default(), ending: LineEnding::None, pages: Vec::new(), at: ByteOffset(0) }
    }

    fn go_in_order(&mut self, contents: &Contents, path: &Path, context: &JobContext) -> Result<(), JobError> {
        let mut blocks = Blocks::of(Arc::clone(&contents.source), path)?;
        context.progress().set_total(Some(blocks.whole_bytes()));
        let (mut told, step_bytes, mut before) = (ByteOffset(0), step_bytes(self.source), 0);
        while let Some(block) = blocks.next(context)? {
            for page in block.chunks(usize::try_from(PAGE_BYTES).unwrap_or(usize::MAX)) {
                self.pages.push((page.len() as u64, self.scan.feed(page)));
                if self.ending == LineEnding::None {
                    self.ending = LineEnding::of_first(before, page);
                    before = page.last().copied().unwrap_or(before);
                }
            }
            self.at = self.at.plus(block.len() as u64);
            if self.at.since(told) >= step_bytes {
                self.publish()?;
                context.progress().set_done(blocks.passed_bytes());
                told = self.at;
            }
        }
        context.progress().set_done(blocks.whole_bytes());
        Ok(())
    }

    /// The same, where any place can be read at once.
    fn go_in_lanes(&mut self, contents: &Contents, path: &Path, context: &JobContext) -> Result<(), JobError> {
        context.progress().set_total(Some(contents.source.len_bytes()));
        in_lanes(
            Arc::clone(&contents.source),
            path,
            context,
            || scanned,
            |_, (pages, scan, error)| {
                self.at = pages.iter().fold(self.at, |at, (bytes, _)| at.plus(*bytes));
                self.pages.extend(pages);
                self.scan.append(&scan);
                self.publish()?;
                context.progress().set_done(self.at.0);
                error.map_or(Ok(ControlFlow::Continue(())), Err)
            },
        )?;
        self.ending = self.scan.first_line_bytes().map_or(LineEnding::None, |newline| ending_at(newline, self.source));
        Ok(())
    }

    fn publish(&mut self) -> Result<(), JobError> {
        let len_bytes = self.source.len_bytes();
        self.filling.change_facts(|facts| facts.len_bytes = len_bytes)?;
        let (pages, longest, endings) = (&mut self.pages, self.scan.longest_line_bytes(), self.scan.endings());
        self.filling.index(|index| {
            for (bytes, newlines) in pages.drain(..) {
                index.push(bytes, newlines);
            }
            index.set_longest_line(longest);
            index.set_endings(endings);
        })
    }
}

/// What is learned of a chunk, and why no more, if it breaks off.
type Scanned = (Pages, Scan, Option<JobError>);

#[expect(clippy::unnecessary_wraps, reason = "what every look at a chunk gives")]
fn scanned(chunk: &mut Chunk<'_>) -> Result<Scanned, JobError> {
    let mut scan = if chunk.start.0 == 0 { Scan::default() } else { Scan::in_the_middle() };
    let (mut at, mut pages) = (chunk.start, Vec::new());
    while at < chunk.end {
        let page = match chunk.read(at) {
            Ok(page) => page,
            Err(error) => return Ok((pages, scan, Some(error))),
        };
        pages.push((page.len() as u64, scan.feed(page)));
        at = at.plus(page.len() as u64);
    }
    // What can not be read there is for the next chunk to tell.
    if at < chunk.source_end
        && let Ok(next) = chunk.read(at)
    {
        scan.end_character(next);
    }
    Ok((pages, scan, None))
}

/// Why a file that could be opened can not be shown.
#[derive(Debug, thiserror::Error)]
pub(super) enum OpenError {
    #[error("The system gave no thread to read the file with")]
    NoThread(#[source] std::io::Error),
}

impl Failure for OpenError {
    fn advice(&self) -> String {
        "Close some documents or other programs, then retry.".into()
    }
}

impl Outcome for Opened {
    fn summary(&self) -> String {
        if !self.indexed {
            return format!("{} · opened, not indexed", units::bytes(self.bytes));
        }
        let (size, lines) = (units::bytes(self.bytes), units::count(self.lines, "line"));
        format!("{size} · {lines} · {}", units::duration(self.seconds))
    }
}
