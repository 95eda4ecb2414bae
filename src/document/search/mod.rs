//! Searching a document: what for, the pass that finds, what was found, and the job that does it. It needs no line index,
//! and keeps no more than a count for each stride, so that a hundred million lines cost as much as one.

mod counting;
mod hits;
mod pattern;
mod scan;

use std::path::PathBuf;
use std::sync::{Arc, Weak};
use std::time::{Duration, Instant};

pub use hits::{HitLook, Hits, Tally};
pub use pattern::{Pattern, PatternError, Query};

use super::{Document, Encoding, LineEnding};
use crate::jobs::{Job, JobContext, JobError, Kind, Outcome};
use crate::source::{ByteOffset, LocalFile, Source, SourceError};
use crate::units;
use counting::Counting;
use scan::MatchScan;

/// What is read and searched at a time; small enough to stay in the processor's cache.
const BLOCK_BYTES: usize = 64 << 10;
/// Bytes between two publications of what was found: some milliseconds of searching.
const STEP_BYTES: u64 = 8 << 20;

/// A search through a file.
#[derive(Clone, Debug, clap::Args, serde::Serialize, serde::Deserialize)]
pub struct Search {
    /// What to search for.
    #[command(flatten)]
    #[serde(flatten)]
    pub query: Query,
    /// The file
    pub path: PathBuf,
    /// What is searched, and what the job fills, if there is a view that shows it.
    #[arg(skip)]
    #[serde(skip)]
    shown: Option<(Weak<super::Shared>, Weak<hits::Shared>)>,
}

/// What a search has come to.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct Searched {
    /// The lines that match.
    pub matching_lines: u64,
    /// How much was searched.
    pub bytes: u64,
    /// How long it took.
    #[serde(serialize_with = "crate::units::as_seconds")]
    pub seconds: Duration,
}

impl Search {
    /// Counts the lines of the file at `path` that match, and shows them nowhere.
    ///
    /// # Errors
    /// When the query can not be searched for.
    pub fn in_file(query: Query, path: PathBuf) -> Result<Self, PatternError> {
        query.compile(LineEnding::None)?;
        Ok(Self { query, path, shown: None })
    }

    /// What is searched, and what is to be filled. Reads the beginning into `block`.
    fn opened(&self, block: &mut [u8]) -> Result<(Arc<dyn Source>, Hits), JobError> {
        let source = match &self.shown {
            Some((document, _)) => Document::upgrade(document).and_then(|document| document.source()),
            None => Some(Arc::new(LocalFile::open(&self.path).map_err(JobError::failed)?) as Arc<dyn Source>),
        };
        let source = source.ok_or(JobError::Cancelled)?;
        let read = source.read_at(ByteOffset(0), block).map_err(|source| self.unreadable(source))?;
        let start = block.get(..read).unwrap_or_default();
        if let Some(error) = PatternError::of_encoding(Encoding::of_start(start)) {
            return Err(JobError::failed(error));
        }
        let hits = if let Some((_, hits)) = &self.shown {
            Hits::upgrade(hits).ok_or(JobError::Cancelled)?
        } else {
            let pattern = self.query.compile(LineEnding::of_first(0, start)).map_err(JobError::failed)?;
            Hits::new(self.query.clone(), pattern)
        };
        Ok((source, hits))
    }

    /// Says to whoever shows what it finds that nothing more comes: it may have been stopped before it could say so itself.
    pub fn give_up(&self) {
        if let Some(hits) = self.shown.as_ref().and_then(|(_, hits)| Hits::upgrade(hits)) {
            hits.give_up();
        }
    }

    fn unreadable(&self, source: std::io::Error) -> JobError {
        JobError::failed(SourceError::Unreadable { path: self.path.clone(), source })
    }
}

impl Document {
    /// A job that searches this document, and what it finds, which can be shown at once. The job ends when nobody holds
    /// either any more.
    ///
    /// # Errors
    /// When the query can not be searched for.
    pub fn search(&self, query: Query) -> Result<(Search, Hits), PatternError> {
        let facts = self.opened().map(|(facts, _)| facts);
        if let Some(error) = facts.and_then(|facts| PatternError::of_encoding(facts.encoding)) {
            return Err(error);
        }
        let ending = facts.map_or(LineEnding::None, |facts| facts.ending);
        let hits = Hits::new(query.clone(), query.compile(ending)?);
        let shown = Some((self.downgrade(), hits.downgrade()));
        Ok((Search { query, path: self.path().to_owned(), shown }, hits))
    }
}

impl Job for Search {
    type Outcome = Searched;
    const KIND: Kind = Kind { name: "search", at_once: 4, comes_back: false };

    fn title(&self) -> String {
        format!("{} in {}", self.query.pattern, units::file_name(&self.path))
    }

    async fn run(self, context: JobContext) -> Result<Searched, JobError> {
        let inner = context.clone();
        context.blocking(move || search(&self, &inner)).await.and_then(|result| result)
    }
}

fn search(job: &Search, context: &JobContext) -> Result<Searched, JobError> {
    let began = Instant::now();
    let mut block = vec![0; BLOCK_BYTES];
    let (source, hits) = job.opened(&mut block)?;
    let end = ByteOffset(source.len_bytes());
    let (mut counting, pattern) = (Counting::begin(&hits, end.0), hits.pattern().clone());
    // Without a view, nobody else holds what is found.
    let _own = job.shown.is_none().then_some(hits);
    context.progress().set_total(Some(end.0));
    let mut scan = MatchScan::new(pattern);
    let result = count(job, source.as_ref(), &mut counting, &mut scan, &mut block, context);
    if result.is_err() {
        counting.stop(scan.settled());
        context.wake();
    }
    Ok(Searched { matching_lines: result?, bytes: end.0, seconds: began.elapsed() })
}

/// Counts the lines of `source` that match, through `block`.
fn count(
    job: &Search,
    source: &dyn Source,
    counting: &mut Counting,
    scan: &mut MatchScan,
    block: &mut [u8],
    context: &JobContext,
) -> Result<u64, JobError> {
    let end = ByteOffset(source.len_bytes());
    let mut at = ByteOffset(0);
    while at < end {
        let step_end = at.plus(STEP_BYTES).min(end);
        while at < step_end {
            context.checkpoint_blocking()?;
            let wanted = usize::try_from(step_end.since(at)).unwrap_or(usize::MAX).min(block.len());
            let buffer = block.get_mut(..wanted).unwrap_or_default();
            let read = source.read_at(at, buffer).map_err(|source| job.unreadable(source))?;
            if read == 0 {
                return Err(JobError::failed(SourceError::CutShort { len_bytes: at.0, path: job.path.clone() }));
            }
            scan.feed(buffer.get(..read).unwrap_or_default(), |start| counting.found(start));
            at = at.plus(read as u64);
        }
        counting.settle(scan.settled());
        counting.publish()?;
        counting.reached(at)?;
        context.progress().set_done(at.0);
    }
    scan.finish(|start| counting.found(start));
    counting.finish(end.0)
}

impl Outcome for Searched {
    fn summary(&self) -> String {
        format!("{} · {}", units::count(self.matching_lines, "line"), units::duration(self.seconds))
    }
}
