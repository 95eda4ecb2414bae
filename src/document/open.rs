//! The job that opens a document and builds its line index at scan speed. The first page is on screen before the scan
//! begins.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Instant;

use super::scan::Scan;
use super::{Document, Encoding, Facts, LineEnding, LineIndex, PAGE_BYTES};
use crate::jobs::{Failure, Job, JobContext, JobError, Kind, Outcome};
use crate::source::{ByteOffset, LocalFile, Source, SourceError};
use crate::units;

/// Bytes between two looks at the gate and two publications of the index: some two milliseconds of scanning.
const STEP_BYTES: u64 = 8 << 20;

/// A file to be opened.
#[derive(Clone, Debug, clap::Args, serde::Serialize, serde::Deserialize)]
pub struct Open {
    /// The file
    pub path: PathBuf,
    /// What the job fills; a view may show it from the start.
    #[arg(skip)]
    #[serde(skip)]
    document: Option<Document>,
}

/// What is known of a file when it was read to its end.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct Opened {
    /// Its length.
    pub bytes: u64,
    /// Its newlines, and one more if the last line has none.
    pub lines: u64,
    /// How it is to be read.
    pub encoding: Encoding,
    /// Its longest line, without the newline.
    pub longest_line_bytes: u64,
    /// How long it took.
    #[serde(serialize_with = "crate::units::as_seconds")]
    pub seconds: std::time::Duration,
}

impl Open {
    /// Opens `path` into a document that can be shown at once.
    #[must_use]
    pub fn new(path: PathBuf) -> (Self, Document) {
        let document = Document::at(path.clone());
        (Self { path, document: Some(document.clone()) }, document)
    }
}

impl Job for Open {
    type Outcome = Opened;
    const KIND: Kind = Kind { name: "open", at_once: 4, comes_back: false };

    fn title(&self) -> String {
        units::file_name(&self.path)
    }

    async fn run(self, context: JobContext) -> Result<Opened, JobError> {
        let document = self.document.unwrap_or_else(|| Document::at(self.path));
        let shared = document.clone();
        let inner = context.clone();
        let result = context.blocking(move || open(&shared, &inner)).await.and_then(|result| result);
        if let Err(error) = &result {
            document.failed(error.to_string(), error.advice());
            context.wake();
        }
        result
    }
}

fn open(document: &Document, context: &JobContext) -> Result<Opened, JobError> {
    let began = Instant::now();
    // A retry starts from nothing.
    *document.index().write() = LineIndex::new(PAGE_BYTES);
    let file: Arc<dyn Source> = Arc::new(LocalFile::open(document.path()).map_err(JobError::failed)?);
    let len_bytes = file.len_bytes();
    context.progress().set_total(Some(len_bytes));
    let unreadable = |source| JobError::failed(SourceError::Unreadable { path: document.path().to_owned(), source });

    let mut block = vec![0; usize::try_from(PAGE_BYTES).unwrap_or(usize::MAX)];
    let first = file.read_at(ByteOffset(0), &mut block).map_err(unreadable)?;
    let first_page = block.get(..first).unwrap_or_default();
    let facts = Facts { len_bytes, encoding: Encoding::of_start(first_page), ending: LineEnding::of_start(first_page) };
    let waker = context.clone();
    document
        .opened(facts, Arc::clone(&file), Arc::from(first_page), Arc::new(move || waker.wake()))
        .map_err(|source| JobError::failed(OpenError::NoThread(source)))?;
    context.wake();

    let scan = index(document, file.as_ref(), &mut block, context)?;
    let mut encoding = facts.encoding;
    if encoding == Encoding::Utf8 && !scan.is_utf8() {
        encoding = Encoding::Other;
    }
    document.learned(encoding);
    let (lines, _) = document.line_count();
    let longest_line_bytes = scan.longest_line_bytes();
    Ok(Opened { bytes: len_bytes, lines, encoding, longest_line_bytes, seconds: began.elapsed() })
}

fn index(document: &Document, file: &dyn Source, block: &mut [u8], context: &JobContext) -> Result<Scan, JobError> {
    let mut scan = Scan::default();
    let mut strides = Vec::new();
    let mut at = ByteOffset(0);
    let end = ByteOffset(file.len_bytes());
    while at < end {
        context.checkpoint_blocking()?;
        let step_end = at.plus(STEP_BYTES).min(end);
        while at < step_end {
            let wanted = usize::try_from(step_end.since(at)).unwrap_or(usize::MAX).min(block.len());
            let buffer = block.get_mut(..wanted).unwrap_or_default();
            let read = file.read_at(at, buffer).map_err(|source| {
                JobError::failed(SourceError::Unreadable { path: document.path().to_owned(), source })
            })?;
            strides.push((read as u64, scan.feed(buffer.get(..read).unwrap_or_default())));
            at = at.plus(read as u64);
            if read < wanted {
                publish(document, &mut strides, &scan);
                let path = document.path().to_owned();
                return Err(JobError::failed(SourceError::CutShort { at: at.0, path }));
            }
        }
        publish(document, &mut strides, &scan);
        context.progress().set_done(at.0);
    }
    document.index().write().finish(scan.unterminated());
    Ok(scan)
}

fn publish(document: &Document, strides: &mut Vec<(u64, u64)>, scan: &Scan) {
    let mut index = document.index().write();
    for (bytes, newlines) in strides.drain(..) {
        index.push(bytes, newlines);
    }
    index.set_longest_line(scan.longest_line_bytes());
}

/// Why a file that could be opened can not be shown.
#[derive(Debug, thiserror::Error)]
enum OpenError {
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
