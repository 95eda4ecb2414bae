//! The job that opens a document and builds its line index at scan speed. The first page is on screen before the scan
//! begins.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Weak};
use std::time::Instant;

use super::contents::Contents;
use super::scan::Scan;
use super::tail::Tail;
use super::{Document, Encoding, Facts, Filling, LineEnding, PAGE_BYTES, Reading, Shared};
use crate::jobs::{Failure, Job, JobContext, JobError, Kind, Outcome};
use crate::source::{Blocks, ByteOffset};
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
        ending: LineEnding::of_first(0, start),
    };
    let waker = context.clone();
    filling.opened(facts, Arc::clone(&contents.source), Arc::from(start), Arc::new(move || waker.wake()))?;
    context.wake();

    let mut pass = Pass::new(filling, &contents);
    let result = pass.go_to_the_end(&path, context);
    // Of what breaks off too, what came before is shown.
    pass.publish()?;
    result?;
    let Pass { scan, ending, at, last, .. } = pass;
    filling.index(|index| index.finish(scan.unterminated()))?;
    let is_utf8 = matches!(encoding, Encoding::Utf8 | Encoding::Utf8Bom);
    let encoding = if is_utf8 && !scan.is_utf8() { Encoding::Other } else { encoding };
    filling.change_facts(|facts| (facts.encoding, facts.ending) = (encoding, ending))?;
    let (lines, longest_line_bytes) = (scan.lines(), scan.longest_line_bytes());
    if contents.is_plain() {
        filling.read_to_end(Tail::new(scan, ending, at, start, &last))?;
    }
    let bytes = contents.encoded.len_bytes();
    Ok(Opened { bytes, lines, encoding, longest_line_bytes, seconds: began.elapsed() })
}

/// The way through the contents that builds the index.
struct Pass<'a> {
    filling: &'a Filling,
    contents: &'a Contents,
    scan: Scan,
    /// How the first line ends, and the byte before what is to be seen next while none has.
    ending: LineEnding,
    before: u8,
    /// Bytes and newlines of each page that was seen and not told of.
    pages: Vec<(u64, u64)>,
    at: ByteOffset,
    /// The end of what was seen last.
    last: Vec<u8>,
}

impl<'a> Pass<'a> {
    fn new(filling: &'a Filling, contents: &'a Contents) -> Self {
        Self {
            filling,
            contents,
            scan: Scan::default(),
            ending: LineEnding::None,
            before: 0,
            pages: Vec::new(),
            at: ByteOffset(0),
            last: Vec::new(),
        }
    }

    fn go_to_the_end(&mut self, path: &Path, context: &JobContext) -> Result<(), JobError> {
        let mut blocks = Blocks::of(Arc::clone(&self.contents.source), path)?;
        context.progress().set_total(Some(blocks.whole_bytes()));
        let mut told = ByteOffset(0);
        while let Some(block) = blocks.next(context)? {
            self.take(block);
            if self.at.since(told) >= STEP_BYTES {
                self.publish()?;
                context.progress().set_done(blocks.passed_bytes());
                told = self.at;
            }
        }
        context.progress().set_done(blocks.whole_bytes());
        Ok(())
    }

    fn take(&mut self, block: &[u8]) {
        if self.ending == LineEnding::None {
            self.ending = LineEnding::of_first(self.before, block);
            self.before = block.last().copied().unwrap_or_default();
        }
        for page in block.chunks(usize::try_from(PAGE_BYTES).unwrap_or(usize::MAX)) {
            self.pages.push((page.len() as u64, self.scan.feed(page)));
        }
        self.at = self.at.plus(block.len() as u64);
        Tail::remember(&mut self.last, block);
    }

    fn publish(&mut self) -> Result<(), JobError> {
        let len_bytes = self.contents.source.len_bytes();
        self.filling.change_facts(|facts| facts.len_bytes = len_bytes)?;
        let (pages, longest) = (&mut self.pages, self.scan.longest_line_bytes());
        self.filling.index(|index| {
            for (bytes, newlines) in pages.drain(..) {
                index.push(bytes, newlines);
            }
            index.set_longest_line(longest);
        })
    }
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
