//! The job that opens a document and builds its line index at scan speed. The first page is on screen before the scan
//! begins.

use std::path::PathBuf;
use std::sync::{Arc, Weak};
use std::time::Instant;

use super::scan::Scan;
use super::tail::Tail;
use super::{Document, Encoding, Facts, Filling, LineEnding, PAGE_BYTES, Shared};
use crate::jobs::{Failure, Job, JobContext, JobError, Kind, Outcome};
use crate::source::{ByteOffset, LocalFile, Source, SourceChange, SourceError};
use crate::units;

/// Bytes between two publications of the index: some two milliseconds of scanning.
const STEP_BYTES: u64 = 8 << 20;

/// A file to be opened.
#[derive(Clone, Debug, clap::Args, serde::Serialize, serde::Deserialize)]
pub struct Open {
    /// The file
    pub path: PathBuf,
    /// What the job fills; a view may show it from the start.
    #[arg(skip)]
    #[serde(skip)]
    document: Option<Weak<Shared>>,
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
    /// Opens `path` into a document that can be shown at once. The job ends when nobody holds the document any more.
    #[must_use]
    pub fn new(path: PathBuf) -> (Self, Document) {
        let document = Document::at(path.clone());
        (Self { path, document: Some(document.downgrade()) }, document)
    }

    /// Reads `path` to its end for what can be learned of it, and shows it nowhere.
    #[must_use]
    pub const fn unshown(path: PathBuf) -> Self {
        Self { path, document: None }
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
        let inner = context.clone();
        let result = context.blocking(move || open(&shared, &inner)).await.and_then(|result| result);
        if let Err(error) = &result {
            filling.failed(error.to_string(), error.advice());
            context.wake();
        }
        result
    }
}

fn open(filling: &Filling, context: &JobContext) -> Result<Opened, JobError> {
    let began = Instant::now();
    let path = filling.path()?;
    let file: Arc<dyn Source> = Arc::new(LocalFile::open(&path).map_err(JobError::failed)?);
    let len_bytes = file.len_bytes();
    context.progress().set_total(Some(len_bytes));
    let unreadable = |source| JobError::failed(SourceError::Unreadable { path: path.clone(), source });

    let mut block = vec![0; usize::try_from(PAGE_BYTES).unwrap_or(usize::MAX)];
    let first = file.read_at(ByteOffset(0), &mut block).map_err(unreadable)?;
    let first_page = block.get(..first).unwrap_or_default();
    let encoding = Encoding::of_start(first_page);
    let facts = Facts { len_bytes, encoding, ending: LineEnding::of_first(0, first_page) };
    let waker = context.clone();
    filling.opened(facts, Arc::clone(&file), Arc::from(first_page), Arc::new(move || waker.wake()))?;
    context.wake();

    let first = first_page.to_vec();
    let (scan, ending) = index(filling, file.as_ref(), &mut block, context)?;
    let is_utf8 = matches!(encoding, Encoding::Utf8 | Encoding::Utf8Bom);
    let encoding = if is_utf8 && !scan.is_utf8() { Encoding::Other } else { encoding };
    filling.change_facts(|facts| (facts.encoding, facts.ending) = (encoding, ending))?;
    let (lines, longest_line_bytes) = (scan.lines(), scan.longest_line_bytes());
    // The last block is the last page, or what there is of it.
    let last = usize::try_from(len_bytes % PAGE_BYTES).unwrap_or(0);
    let last = block.get(..if last == 0 && len_bytes > 0 { block.len() } else { last }).unwrap_or_default();
    filling.read_to_end(Tail::new(scan, ending, ByteOffset(len_bytes), &first, last))?;
    Ok(Opened { bytes: len_bytes, lines, encoding, longest_line_bytes, seconds: began.elapsed() })
}

/// Scans the file to its end, through `block`, and gives what was learned and how its first line ends.
fn index(
    filling: &Filling,
    file: &dyn Source,
    block: &mut [u8],
    context: &JobContext,
) -> Result<(Scan, LineEnding), JobError> {
    let mut scan = Scan::default();
    let (mut ending, mut before) = (LineEnding::None, 0);
    let mut strides = Vec::new();
    let mut at = ByteOffset(0);
    let end = ByteOffset(file.len_bytes());
    while at < end {
        let step_end = at.plus(STEP_BYTES).min(end);
        while at < step_end {
            context.checkpoint_blocking()?;
            let wanted = usize::try_from(step_end.since(at)).unwrap_or(usize::MAX).min(block.len());
            let buffer = block.get_mut(..wanted).unwrap_or_default();
            let read = file.read_at(at, buffer).map_err(|source| unreadable(filling, source))?;
            let bytes = buffer.get(..read).unwrap_or_default();
            if ending == LineEnding::None {
                ending = LineEnding::of_first(before, bytes);
                before = bytes.last().copied().unwrap_or_default();
            }
            strides.push((read as u64, scan.feed(bytes)));
            at = at.plus(read as u64);
            if read < wanted {
                publish(filling, &mut strides, &scan)?;
                // Of a file that has lost its name too, only how far it could be read is known.
                let len_bytes = match file.change() {
                    Some(SourceChange::CutShort(len_bytes)) => len_bytes,
                    _ => at.0,
                };
                return Err(JobError::failed(SourceError::CutShort { len_bytes, path: filling.path()? }));
            }
        }
        publish(filling, &mut strides, &scan)?;
        context.progress().set_done(at.0);
    }
    filling.index(|index| index.finish(scan.unterminated()))?;
    Ok((scan, ending))
}

fn unreadable(filling: &Filling, source: std::io::Error) -> JobError {
    match filling.path() {
        Ok(path) => JobError::failed(SourceError::Unreadable { path, source }),
        Err(gone) => gone,
    }
}

fn publish(filling: &Filling, strides: &mut Vec<(u64, u64)>, scan: &Scan) -> Result<(), JobError> {
    filling.index(|index| {
        for (bytes, newlines) in strides.drain(..) {
            index.push(bytes, newlines);
        }
        index.set_longest_line(scan.longest_line_bytes());
    })
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
