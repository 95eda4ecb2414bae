//! The job that opens a document and builds its line index at scan speed. The first page is on screen before the scan
//! begins.

use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Weak};
use std::time::Instant;

use super::contents::Contents;
use super::scan::Scan;
use super::tail::Tail;
use super::{Document, Encoding, Facts, Filling, LineEnding, PAGE_BYTES, Reading, Shared};
use crate::jobs::{Failure, Job, JobContext, JobError, Kind, Outcome};
use crate::source::{Arriving, Blocks, ByteOffset, Chunk, Source, in_lanes};
use crate::units;

/// Bytes between two publications of the index: some two milliseconds of scanning.
const STEP_BYTES: u64 = 8 << 20;

/// A file to be opened.
#[derive(Clone, Debug, clap::Args, serde::Serialize, serde::Deserialize)]
pub struct Open {
    /// The file
    pub path: PathBuf,
    /// How it is to be read.
    #[command(flatten)]
    #[serde(flatten)]
    pub reading: Reading,
    /// What the job fills; a view may show it from the start.
    #[arg(skip)]
    #[serde(skip)]
    document: Option<Weak<Shared>>,
}

/// What is known of a file when it was read to its end.
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
        let document = Document::at(path.clone());
        (Self { path, reading, document: Some(document.downgrade()) }, document)
    }

    /// The same for a file that is still arriving at `path`: what comes is taken in as it comes.
    #[must_use]
    pub fn arriving(path: PathBuf, reading: Reading, arriving: Arriving) -> (Self, Document) {
        let document = Document::that_arrives(path.clone(), arriving);
        (Self { path, reading, document: Some(document.downgrade()) }, document)
    }

    /// Reads `path` to its end for what can be learned of it, and shows it nowhere.
    #[must_use]
    pub fn unshown(path: PathBuf) -> Self {
        Self { path, reading: Reading::default(), document: None }
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
        units::file_name(&self.path)
    }

    async fn run(self, context: JobContext) -> Result<Opened, JobError> {
        // Without a window nobody else holds the document.
        let own = self.document.is_none().then(|| Document::at(self.path.clone()));
        let filling = own.as_ref().or(self.document().as_ref()).ok_or(JobError::Cancelled)?.fill();
        let shared = filling.clone();
        let (inner, reading) = (context.clone(), self.reading.clone());
        let result = context.blocking(move || open(&shared, &reading, &inner)).await.and_then(|result| result);
        if let Err(error) = &result {
            filling.failed(error.to_string(), error.advice());
            context.wake();
        }
        result
    }
}

fn open(filling: &Filling, reading: &Reading, context: &JobContext) -> Result<Opened, JobError> {
    let began = Instant::now();
    let path = filling.path()?;
    let contents = Contents::open(&path, reading).map_err(JobError::failed)?;
    let (start, encoding) = (contents.start.as_slice(), contents.encoding);
    let facts = Facts {
        len_bytes: contents.source.len_bytes(),
        packing: contents.packing,
        encoding,
        ending: if contents.has_returns() { LineEnding::Cr } else { LineEnding::of_first(0, start) },
    };
    let waker = context.clone();
    filling.opened(facts, Arc::clone(&contents.source), Arc::from(start), Arc::new(move || waker.wake()))?;
    context.wake();

    let mut pass = Pass::new(filling, contents.source.as_ref());
    let result = if contents.source.is_made() {
        pass.go_in_order(&contents, &path, context)
    } else {
        pass.go_in_lanes(&contents, &path, context)
    };
    // Of what breaks off too, what came before is shown.
    pass.publish()?;
    result?;
    let Pass { scan, at, .. } = pass;
    let ending = match scan.first_line_bytes() {
        Some(_) if contents.has_returns() => LineEnding::Cr,
        Some(newline) => ending_at(newline, contents.source.as_ref()),
        None => LineEnding::None,
    };
    filling.index(|index| index.finish(scan.unterminated()))?;
    let is_utf8 = matches!(encoding, Encoding::Utf8 | Encoding::Utf8Bom);
    let encoding = if is_utf8 && !scan.is_utf8() { Encoding::Other } else { encoding };
    filling.change_facts(|facts| (facts.encoding, facts.ending) = (encoding, ending))?;
    let (lines, longest_line_bytes) = (scan.lines(), scan.longest_line_bytes());
    if contents.is_plain() {
        filling.read_to_end(Tail::new(scan, ending, at, start, contents.source.as_ref()))?;
    }
    let bytes = contents.encoded.len_bytes();
    Ok(Opened { bytes, lines, encoding, longest_line_bytes, seconds: began.elapsed() })
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
    /// Bytes and newlines of each page that was seen and not told of.
    pages: Pages,
    at: ByteOffset,
}

/// Bytes and newlines of pages one after the other.
type Pages = Vec<(u64, u64)>;

impl<'a> Pass<'a> {
    fn new(filling: &'a Filling, source: &'a dyn Source) -> Self {
        Self { filling, source, scan: Scan::default(), pages: Vec::new(), at: ByteOffset(0) }
    }

    fn go_in_order(&mut self, contents: &Contents, path: &Path, context: &JobContext) -> Result<(), JobError> {
        let mut blocks = Blocks::of(Arc::clone(&contents.source), path)?;
        context.progress().set_total(Some(blocks.whole_bytes()));
        let mut told = ByteOffset(0);
        while let Some(block) = blocks.next(context)? {
            for page in block.chunks(usize::try_from(PAGE_BYTES).unwrap_or(usize::MAX)) {
                self.pages.push((page.len() as u64, self.scan.feed(page)));
            }
            self.at = self.at.plus(block.len() as u64);
            if self.at.since(told) >= STEP_BYTES {
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
        )
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
        let (size, lines) = (units::bytes(self.bytes), units::count(self.lines, "line"));
        format!("{size} · {lines} · {}", units::duration(self.seconds))
    }
}
