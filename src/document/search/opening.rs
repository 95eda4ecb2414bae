//! Opening a document of only some lines of a file: what is found is shown while the search goes on, and what was found so
//! far stays when it is stopped. Part of the job that opens documents; runs where that runs.

use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use super::super::contents::Contents;
use super::super::scan::Scan;
use super::super::tail::Tail;
use super::super::{Encoding, Facts, Filling, LineEnding, Opened, PAGE_BYTES, State};
use super::filtered::Filtered;
use super::pass::Pass;
use crate::jobs::{JobContext, JobError};
use crate::source::{ByteOffset, InOrder as _, ReadError, SourceError};

/// So often at least is told what was found.
const TELL_EVERY: Duration = Duration::from_millis(50);
/// The most that is found between two times.
const STEP_BYTES: u64 = 8 << 20;
/// So many of the first pages stay at hand as they were found: what matches is often little, and far apart.
const FIRST_PAGES: u64 = 256;

/// Fills a document with some lines of a file.
///
/// # Errors
/// When the job is to stop, nobody wants the document any more, or the file can not be read.
pub(in super::super) fn open_filtered(
    filling: &Filling,
    contents: &Contents,
    filtered: &Arc<Filtered>,
    context: &JobContext,
) -> Result<Opened, JobError> {
    let began = Instant::now();
    let path = filling.path()?;
    let ending = LineEnding::of_first(0, &contents.start);
    let facts = Facts { len_bytes: 0, packing: contents.packing, encoding: contents.encoding, ending };
    let waker = context.clone();
    filling.takes_from(filtered)?;
    filling.opened(facts, Arc::clone(&contents.source), Vec::<u8>::new().into(), Arc::new(move || waker.wake()))?;
    context.wake();
    let mut shown = Shown::new(filling);
    let result = go_through(&mut Pass::new(Arc::clone(filtered), &context.stop_token()), &mut shown, &path, context);
    // Of what breaks off too, what came before is shown.
    shown.tell()?;
    result?;
    let Shown { scan, at, .. } = shown;
    filling.index(|index| index.finish(scan.unterminated()))?;
    let is_other = contents.encoding == Encoding::Utf8 && !scan.is_utf8();
    let encoding = if is_other { Encoding::Other } else { contents.encoding };
    filling.change_facts(|facts| facts.encoding = encoding)?;
    let (lines, longest_line_bytes) = (scan.lines(), scan.longest_line_bytes());
    if filtered.grows() {
        let source = contents.source.as_ref();
        let mut first = vec![0; page_bytes()];
        // What can not be read any more is not there when it is looked for.
        let read = source.read_at(ByteOffset(0), &mut first).unwrap_or(0);
        first.truncate(read);
        filling.read_to_end(Tail::new(scan, ending, at, &first, source))?;
    }
    Ok(Opened { bytes: at.0, lines, encoding, longest_line_bytes, indexed: true, seconds: began.elapsed() })
}

fn go_through(pass: &mut Pass, shown: &mut Shown<'_>, path: &Path, context: &JobContext) -> Result<(), JobError> {
    let failed = |error: ReadError| JobError::failed(SourceError::of_read(error, path));
    let mut block = vec![0; page_bytes()];
    context.progress().set_total(Some(pass.whole_bytes()));
    loop {
        context.checkpoint_blocking()?;
        let more = pass.step();
        loop {
            let given = pass.give(block.get_mut(..shown.room()).unwrap_or_default()).map_err(failed)?;
            if given == 0 {
                break;
            }
            shown.feed(block.get(..given).unwrap_or_default());
            if shown.is_due() {
                shown.tell()?;
                context.checkpoint_blocking()?;
            }
        }
        if shown.is_due() {
            shown.tell()?;
        }
        context.progress().set_done(pass.passed_bytes());
        if !more {
            return pass.take_failure().map_or(Ok(()), |error| Err(failed(error)));
        }
    }
}

impl Filling {
    /// Says which lines it is going to have, and of what.
    fn takes_from(&self, filtered: &Arc<Filtered>) -> Result<(), JobError> {
        self.change(|shared| *shared.filtered.write() = Some(Arc::clone(filtered)))
    }

    /// Has these pages at hand from now on.
    fn put_pages(&self, put: Vec<(u64, Arc<[u8]>)>) -> Result<(), JobError> {
        self.change(|shared| {
            if let State::Open(_, pages) = &*shared.state.read_recursive() {
                for (number, page) in put {
                    pages.put(number, page);
                }
            }
        })
    }
}

fn page_bytes() -> usize {
    usize::try_from(PAGE_BYTES).unwrap_or(usize::MAX)
}

/// What was found, and how much of it was told.
struct Shown<'a> {
    filling: &'a Filling,
    scan: Scan,
    /// Bytes and newlines that were not told of, in pieces that do not go over the edge of a page.
    pieces: Vec<(u64, u64)>,
    /// The page that is not full yet, and its number.
    page: Vec<u8>,
    number: u64,
    /// Whether a part of it is shown.
    in_part: bool,
    /// Pages that are to be shown.
    full: Vec<(u64, Arc<[u8]>)>,
    at: ByteOffset,
    told_to: ByteOffset,
    told: Instant,
}

impl<'a> Shown<'a> {
    fn new(filling: &'a Filling) -> Self {
        Self {
            filling,
            scan: Scan::default(),
            pieces: Vec::new(),
            page: Vec::new(),
            number: 0,
            in_part: false,
            full: Vec::new(),
            at: ByteOffset(0),
            told_to: ByteOffset(0),
            told: Instant::now(),
        }
    }

    /// How many bytes there is place for in the page.
    fn room(&self) -> usize {
        page_bytes().saturating_sub(self.page.len())
    }

    fn feed(&mut self, bytes: &[u8]) {
        self.pieces.push((bytes.len() as u64, self.scan.feed(bytes)));
        self.at = self.at.plus(bytes.len() as u64);
        self.page.extend_from_slice(bytes);
        if self.room() == 0 {
            let page = std::mem::take(&mut self.page);
            if self.number < FIRST_PAGES || self.in_part {
                self.full.push((self.number, page.into()));
            }
            (self.number, self.in_part) = (self.number + 1, false);
        }
    }

    fn is_due(&self) -> bool {
        let found = self.at.since(self.told_to);
        found >= STEP_BYTES || self.told.elapsed() >= TELL_EVERY
    }

    fn tell(&mut self) -> Result<(), JobError> {
        let mut pages = std::mem::take(&mut self.full);
        if !self.page.is_empty() {
            pages.push((self.number, self.page.as_slice().into()));
            self.in_part = true;
        }
        // First the bytes and then how many there are: whoever looks meanwhile sees what was there before.
        self.filling.put_pages(pages)?;
        let (len_bytes, longest) = (self.at.0, self.scan.longest_line_bytes());
        self.filling.change_facts(|facts| facts.len_bytes = len_bytes)?;
        let pieces = std::mem::take(&mut self.pieces);
        self.filling.index(|index| {
            for (bytes, newlines) in pieces {
                index.push(bytes, newlines);
            }
            index.set_longest_line(longest);
        })?;
        (self.told_to, self.told) = (self.at, Instant::now());
        Ok(())
    }
}
