//! Searching a document: what for, the pass that finds, what was found, and the job that does it. It needs no line index,
//! and keeps no more than a count for each stride, so that a hundred million lines cost as much as one.

mod around;
mod counting;
mod filtered;
mod filtering;
#[cfg(test)]
mod fuzz;
mod hits;
mod only;
mod opening;
mod pass;
mod pattern;
mod scan;
mod searched;
mod taken;
mod writing;

use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Weak};
use std::time::Instant;

use memchr::memchr;

pub(super) use filtered::Filtered;
pub use hits::{HitLook, Hits, Tally};
pub use only::Only;
pub(super) use opening::open_filtered;
pub use pattern::{Pattern, PatternError, Query};
pub use searched::Searched;

use super::contents::{Contents, step_bytes};
use super::{Document, LineEnding, PAGE_BYTES, Reading};
use crate::jobs::{Job, JobContext, JobError, Kind};
use crate::source::{Blocks, ByteOffset, Chunk, Source, address, as_typed, in_lanes};
use counting::Counting;
use scan::MatchScan;

/// How far a line that starts in a chunk is gone through beyond it.
const LONGEST_OVERRUN_BYTES: u64 = 8 << 20;

/// A search through a file.
#[derive(Clone, Debug, clap::Args, serde::Serialize, serde::Deserialize)]
pub struct Search {
    /// What to search for.
    #[command(flatten)]
    #[serde(flatten)]
    pub query: Query,
    /// The file, or its http or https address
    pub path: PathBuf,
    /// How it is to be read.
    #[command(flatten)]
    #[serde(flatten)]
    pub reading: Reading,
    /// Write the lines that match to this file, which is not there yet, or into this folder
    #[arg(long, short, value_name = "TO")]
    #[serde(default)]
    pub output: Option<PathBuf>,
    /// Write so many lines before and after each of them too
    #[arg(long, short = 'C', value_name = "LINES", default_value_t, requires = "output",
        value_parser = clap::value_parser!(u8).range(..=i64::from(Only::MAX_CONTEXT)))]
    #[serde(default)]
    pub context: u8,
    /// What is searched, and what the job fills, if there is a view that shows it.
    #[arg(skip)]
    #[serde(skip)]
    shown: Option<(Weak<super::Shared>, Weak<hits::Shared>)>,
}

impl Search {
    /// Counts the lines of the file at `path` that match, and shows them nowhere.
    ///
    /// # Errors
    /// When the query can not be searched for.
    pub fn in_file(query: Query, path: PathBuf) -> Result<Self, PatternError> {
        query.compile(LineEnding::None)?;
        Ok(Self { query, path, reading: Reading::default(), output: None, context: 0, shown: None })
    }

    /// What is searched, and what is to be filled.
    fn opened(&self, context: &JobContext) -> Result<(Arc<dyn Source>, Hits), JobError> {
        if let Some((document, hits)) = &self.shown {
            let source = Document::upgrade(document).and_then(|document| document.source());
            return source.zip(Hits::upgrade(hits)).ok_or(JobError::Cancelled);
        }
        let contents = Contents::open(&self.path, &self.reading, context).map_err(|error| context.failed(error))?;
        let pattern = self.query.compile(LineEnding::of_first(0, &contents.start)).map_err(JobError::failed)?;
        Ok((contents.source, Hits::new(self.query.clone(), pattern)))
    }

    /// Whether there was something that shows what it finds, and is no longer.
    fn is_closed(&self) -> bool {
        self.shown.as_ref().is_some_and(|(document, _)| document.strong_count() == 0)
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
        let (path, reading) = (self.path().to_owned(), Reading::default());
        Ok((Search { query, path, reading, output: None, context: 0, shown }, hits))
    }
}

impl Job for Search {
    type Outcome = Searched;
    const KIND: Kind = Kind { name: "search", at_once: 4, comes_back: false };

    fn title(&self) -> String {
        format!("{} in {}", self.query.pattern, address::name_of(&self.path))
    }

    fn in_folder(self, folder: &Path) -> Self {
        let output = self.output.map(|output| folder.join(as_typed(&output)));
        Self { output, ..self }
    }

    async fn run(self, context: JobContext) -> Result<Searched, JobError> {
        let inner = context.clone();
        context.blocking(move || search(&self, &inner)).await.and_then(|result| result)
    }
}

fn search(job: &Search, context: &JobContext) -> Result<Searched, JobError> {
    if let Some(output) = &job.output {
        return writing::write(job, output, context);
    }
    let began = Instant::now();
    let (source, hits) = job.opened(context)?;
    let pattern = hits.pattern().clone();
    let mut counting;
    // Without a view, nobody else holds what is found.
    let own = job.shown.is_none().then(|| hits.clone());
    let result = if source.goes_in_order() {
        let step_bytes = step_bytes(source.as_ref());
        let blocks = Blocks::of(source, &job.path)?;
        counting = Counting::begin(&hits, blocks.whole_bytes());
        drop(hits);
        // Of what is packed it may be the first to come so far.
        let tell = || Document::let_look_further(job.shown.as_ref().map(|(document, _)| document));
        count_in_order(blocks, ByteOffset(0), &mut counting, pattern, (step_bytes, &tell), context)
    } else {
        counting = Counting::begin(&hits, source.len_bytes());
        drop(hits);
        count_in_lanes(source, &job.path, &mut counting, &pattern, context)
    };
    drop(own);
    if result.is_err() {
        context.wake();
    }
    // What is closed can not be read any more, which is no failure.
    let result = if job.is_closed() { result.map_err(|_| JobError::Cancelled) } else { result };
    let Counts { matches, matching_lines, bytes } = result?;
    Ok(Searched { matches, matching_lines, bytes, seconds: began.elapsed(), path: None })
}

/// What a search has counted.
struct Counts {
    matches: u64,
    matching_lines: u64,
    bytes: u64,
}

/// Counts the lines that match in `blocks`, which begin at `at`, where a line starts; and the bytes that there are. After
/// each step of so many bytes `tell` is called.
fn count_in_order(
    mut blocks: Blocks,
    mut at: ByteOffset,
    counting: &mut Counting,
    pattern: Pattern,
    (step_bytes, tell): (u64, &dyn Fn()),
    context: &JobContext,
) -> Result<Counts, JobError> {
    context.progress().set_total(Some(blocks.whole_bytes()));
    let mut scan = MatchScan::new(pattern);
    scan.begin_at(at, ByteOffset(u64::MAX));
    let mut told = at;
    loop {
        match blocks.next(context) {
            Ok(Some(block)) => {
                scan.feed(block, |start| counting.found(start));
                at = at.plus(block.len() as u64);
            }
            Ok(None) => break,
            Err(error) => {
                counting.stop(scan.settled());
                return Err(error);
            }
        }
        if at.since(told) >= step_bytes {
            counting.settle(scan.settled());
            counting.publish()?;
            counting.reached(blocks.passed_bytes())?;
            context.progress().set_done(blocks.passed_bytes());
            tell();
            told = at;
        }
    }
    scan.finish(|start| counting.found(start));
    counting.reached(blocks.whole_bytes())?;
    context.progress().set_done(blocks.whole_bytes());
    tell();
    Ok(Counts { matches: scan.take_matches(), matching_lines: counting.finish(at.0)?, bytes: at.0 })
}

/// The same, where any place can be read at once.
fn count_in_lanes(
    source: Arc<dyn Source>,
    path: &Path,
    counting: &mut Counting,
    pattern: &Pattern,
    context: &JobContext,
) -> Result<Counts, JobError> {
    let end = ByteOffset(source.len_bytes());
    context.progress().set_total(Some(end.0));
    let mut at = ByteOffset(0);
    let look = || {
        let mut scan = MatchScan::new(pattern.clone());
        move |chunk: &mut Chunk<'_>| matches_in(chunk, &mut scan)
    };
    let (mut long, mut matches) = (None, 0);
    let result = in_lanes(Arc::clone(&source), path, context, look, |chunk_end, found| {
        match found {
            Found::Pages(pages, here) => {
                matches += here;
                for (number, count) in pages.into_iter().enumerate().filter(|(_, count)| *count > 0) {
                    counting.found_all(at.plus(number as u64 * PAGE_BYTES), count);
                }
            }
            Found::Broken(pages, here, settled, error) => {
                matches += here;
                for (number, count) in pages.into_iter().enumerate().filter(|(_, count)| *count > 0) {
                    counting.found_all(at.plus(number as u64 * PAGE_BYTES), count);
                }
                at = settled;
                return Err(error);
            }
            Found::LongLine(start) => {
                long = Some(start);
                return Ok(ControlFlow::Break(()));
            }
        }
        at = chunk_end;
        counting.settle(at);
        counting.publish()?;
        counting.reached(at.0)?;
        context.progress().set_done(at.0);
        Ok(ControlFlow::Continue(()))
    });
    if let Err(error) = result {
        counting.stop(at);
        return Err(error);
    }
    match long {
        Some(start) => {
            let step_bytes = step_bytes(source.as_ref());
            let blocks = Blocks::plain_from(source, path, start)?;
            let rest = count_in_order(blocks, start, counting, pattern.clone(), (step_bytes, &|| ()), context)?;
            Ok(Counts { matches: matches + rest.matches, ..rest })
        }
        None => Ok(Counts { matches, matching_lines: counting.finish(end.0)?, bytes: end.0 }),
    }
}

/// What a look at a chunk comes to.
enum Found {
    /// How many lines match of those that start in each page, and how often the pattern is in them.
    Pages(Vec<u64>, u64),
    /// The same of what comes before the place where no more could be read, and why.
    Broken(Vec<u64>, u64, ByteOffset, JobError),
    /// A line is so long that it is better gone through once, from where the first line of the chunk starts.
    LongLine(ByteOffset),
}

/// How many lines match of those that start in each page of a chunk; the last of them may end far beyond it.
fn matches_in(chunk: &mut Chunk<'_>, scan: &mut MatchScan) -> Result<Found, JobError> {
    let (start, end) = (chunk.start, chunk.end);
    let mut pages = vec![0; usize::try_from(end.since(start).div_ceil(PAGE_BYTES)).unwrap_or(0)];
    let Some(first) = first_start_in(chunk)? else { return Ok(Found::Pages(pages, 0)) };
    let mut at = first;
    let mut found = |line: ByteOffset| {
        let page = usize::try_from(line.since(start) / PAGE_BYTES).unwrap_or(usize::MAX);
        if let Some(count) = pages.get_mut(page).filter(|_| line < end) {
            *count += 1;
        }
    };
    scan.begin_at(at, end);
    loop {
        let bytes = match chunk.read(at) {
            Ok(bytes) => bytes,
            Err(error) => {
                let settled = scan.settled().min(end);
                return Ok(Found::Broken(pages, scan.take_matches(), settled, error));
            }
        };
        at = at.plus(bytes.len() as u64);
        if bytes.is_empty() {
            scan.finish(&mut found);
            return Ok(Found::Pages(pages, scan.take_matches()));
        }
        scan.feed(bytes, &mut found);
        if scan.open_line() >= end {
            return Ok(Found::Pages(pages, scan.take_matches()));
        }
        if at.since(end) > LONGEST_OVERRUN_BYTES {
            return Ok(Found::LongLine(first));
        }
    }
}

/// Where the first line starts that starts in a chunk.
fn first_start_in(chunk: &mut Chunk<'_>) -> Result<Option<ByteOffset>, JobError> {
    if chunk.start.0 == 0 {
        return Ok(Some(chunk.start));
    }
    // A line starts after the end of another, which may be the last byte before.
    let mut at = chunk.start.minus(1);
    while at < chunk.end {
        let bytes = chunk.read(at)?;
        if let Some(newline) = memchr(b'\n', bytes) {
            return Ok(Some(at.plus(newline as u64 + 1)).filter(|start| *start < chunk.end));
        }
        at = at.plus(bytes.len() as u64);
    }
    Ok(None)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::source::in_lanes_of;
    use crate::source::testing::Bytes;

    proptest! {
        #[test]
        fn each_line_is_counted_in_the_one_chunk_in_which_it_starts(
            pattern in prop_oneof![Just("ab"), Just("^a"), Just("b$"), Just("^$"), Just("x*")],
            invert in any::<bool>(),
            text in prop::collection::vec(prop_oneof![4 => Just(b'a'), 3 => Just(b'b'), 2 => Just(b'\n')], 0..200),
            chunk_bytes in 1_u64..40,
            block_bytes in 1_usize..20,
        ) {
            let pattern = Query { pattern: pattern.into(), invert, ..Query::default() }.compile(LineEnding::Lf).unwrap();
            let mut whole = MatchScan::new(pattern.clone());
            let mut expected = Vec::new();
            whole.feed(&text, |start| expected.push(start.0));
            whole.finish(|start| expected.push(start.0));
            let look = || {
                let mut scan = MatchScan::new(pattern.clone());
                move |chunk: &mut Chunk<'_>| matches_in(chunk, &mut scan)
            };
            let (mut from, mut counts, mut matches) = (0, Vec::new(), 0);
            let source = Arc::new(Bytes(text.clone()));
            let context = JobContext::for_tests();
            in_lanes_of((chunk_bytes, block_bytes), source, Path::new("a"), &context, look, |end, found| {
                let Found::Pages(pages, here_matches) = found else { unreachable!() };
                matches += here_matches;
                let here = expected.iter().filter(|start| (from..end.0).contains(*start)).count() as u64;
                counts.push((from, pages.iter().sum::<u64>(), here));
                from = end.0;
                Ok(ControlFlow::Continue(()))
            }).unwrap();
            for (from, count, here) in counts {
                prop_assert_eq!(count, here, "from {}", from);
            }
            prop_assert_eq!((from, matches), (text.len() as u64, whole.take_matches()));
        }
    }

    #[test]
    fn a_long_line_is_gone_through_to_its_end_by_the_chunk_in_which_it_starts() {
        let line = [vec![b'x'; 1_022], b"ab".to_vec()].concat().repeat(6 << 10);
        let text = [line, b"\nab\n".to_vec()].concat();
        let pattern = Query { pattern: "ab".into(), ..Query::default() }.compile(LineEnding::Lf).unwrap();
        let look = || {
            let mut scan = MatchScan::new(pattern.clone());
            move |chunk: &mut Chunk<'_>| matches_in(chunk, &mut scan)
        };
        let (mut lines, mut matches) = (0, 0);
        let (source, context) = (Arc::new(Bytes(text)), JobContext::for_tests());
        in_lanes_of((1 << 20, 64 << 10), source, Path::new("a"), &context, look, |_, found| {
            let Found::Pages(pages, here) = found else { unreachable!() };
            (lines, matches) = (lines + pages.iter().sum::<u64>(), matches + here);
            Ok(ControlFlow::Continue(()))
        })
        .unwrap();
        assert_eq!((lines, matches), (2, (6 << 10) + 1));
    }
}
