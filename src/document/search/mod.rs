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

use super::contents::Contents;
use super::{Document, LineEnding, Reading};
use crate::jobs::{Job, JobContext, JobError, Kind, Outcome};
use crate::source::{Blocks, ByteOffset, Source};
use crate::units;
use counting::Counting;
use scan::MatchScan;

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
    /// How it is to be read.
    #[command(flatten)]
    #[serde(flatten)]
    pub reading: Reading,
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
        Ok(Self { query, path, reading: Reading::default(), shown: None })
    }

    /// What is searched, and what is to be filled.
    fn opened(&self) -> Result<(Arc<dyn Source>, Hits), JobError> {
        if let Some((document, hits)) = &self.shown {
            let source = Document::upgrade(document).and_then(|document| document.source());
            return source.zip(Hits::upgrade(hits)).ok_or(JobError::Cancelled);
        }
        let contents = Contents::open(&self.path, &self.reading).map_err(JobError::failed)?;
        let pattern = self.query.compile(LineEnding::of_first(0, &contents.start)).map_err(JobError::failed)?;
        Ok((contents.source, Hits::new(self.query.clone(), pattern)))
    }

    /// Says to whoever shows what it finds that nothing more comes: it may have been stopped before it could say so itself.
    pub fn give_up(&self) {
        if let Some(hits) = self.shown.as_ref().and_then(|(_, hits)| Hits::upgrade(hits)) {
            hits.give_up();
        }
    }
}

impl Document {
    /// A job that searches this document, and what it finds, which can be shown at once. The job ends when nobody holds
    /// either any more.
    ///
    /// # Errors
    /// When the query can not be searched for.
    pub fn search(&self, query: Query) -> Result<(Search, Hits), PatternError> {
        let ending = self.opened().map_or(LineEnding::None, |(facts, _)| facts.ending);
        let hits = Hits::new(query.clone(), query.compile(ending)?);
        let shown = Some((self.downgrade(), hits.downgrade()));
        Ok((Search { query, path: self.path().to_owned(), reading: Reading::default(), shown }, hits))
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
    let (source, hits) = job.opened()?;
    let blocks = Blocks::of(source, &job.path)?;
    context.progress().set_total(Some(blocks.whole_bytes()));
    let (mut counting, pattern) = (Counting::begin(&hits, blocks.whole_bytes()), hits.pattern().clone());
    // Without a view, nobody else holds what is found.
    let _own = job.shown.is_none().then_some(hits);
    let mut scan = MatchScan::new(pattern);
    let result = count(blocks, &mut counting, &mut scan, context);
    if result.is_err() {
        counting.stop(scan.settled());
        context.wake();
    }
    let (matching_lines, bytes) = result?;
    Ok(Searched { matching_lines, bytes, seconds: began.elapsed() })
}

/// Counts the lines that match in `blocks`, and the bytes that there are.
fn count(
    mut blocks: Blocks,
    counting: &mut Counting,
    scan: &mut MatchScan,
    context: &JobContext,
) -> Result<(u64, u64), JobError> {
    let (mut at, mut told) = (ByteOffset(0), ByteOffset(0));
    while let Some(block) = blocks.next(context)? {
        scan.feed(block, |start| counting.found(start));
        at = at.plus(block.len() as u64);
        if at.since(told) >= STEP_BYTES {
            counting.settle(scan.settled());
            counting.publish()?;
            counting.reached(blocks.passed_bytes())?;
            context.progress().set_done(blocks.passed_bytes());
            told = at;
        }
    }
    scan.finish(|start| counting.found(start));
    counting.reached(blocks.whole_bytes())?;
    context.progress().set_done(blocks.whole_bytes());
    Ok((counting.finish(at.0)?, at.0))
}

impl Outcome for Searched {
    fn summary(&self) -> String {
        format!("{} · {}", units::count(self.matching_lines, "line"), units::duration(self.seconds))
    }
}
