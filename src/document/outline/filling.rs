//! How the pass of an outline tells what it reads: a stretch for each page, told in steps, and only by the pass that
//! has the say.

use std::sync::Weak;

use super::broken::Broken;
use super::index::Stretch;
use super::tokens::Scanner;
use super::{End, Outline, Shared, Survey};
use crate::jobs::JobError;
use crate::source::ByteOffset;

/// Bytes between two publications of what was read: some ten milliseconds.
const STEP_BYTES: u64 = 8 << 20;

/// The right of one pass to fill an outline.
pub(super) struct Filling {
    outline: Weak<Shared>,
    run: u64,
    page_bytes: u64,
    scanner: Scanner,
    broken: Option<Broken>,
    /// What was cut into pages and not told yet, and up to where.
    ready: Vec<(u64, Stretch)>,
    cut: ByteOffset,
    /// From where on it is to be told again.
    due: ByteOffset,
    /// How far the pass has come in what lies behind.
    passed_bytes: u64,
}

impl Filling {
    /// Begins to fill `outline` from nothing, from the document's filling `document_run`; whoever was filling it has
    /// no say any more.
    pub(super) fn begin(outline: &Outline, document_run: Option<u64>, whole_bytes: u64, page_bytes: u64) -> Self {
        let mut survey = outline.shared.survey.write();
        *survey = Survey { run: survey.run + 1, document_run, ..Survey::new(whole_bytes, page_bytes) };
        Self {
            outline: outline.downgrade(),
            run: survey.run,
            page_bytes,
            scanner: Scanner::new(),
            broken: None,
            ready: Vec::new(),
            cut: ByteOffset(0),
            due: ByteOffset(0),
            passed_bytes: 0,
        }
    }

    /// Takes in the next bytes.
    ///
    /// # Errors
    /// Where they are no JSON.
    pub(super) fn feed(&mut self, block: &[u8]) -> Result<(), Broken> {
        let mut rest = block;
        while !rest.is_empty() {
            let room = self.page_bytes - self.scanner.at().0 % self.page_bytes;
            let (piece, after) = rest.split_at(usize::try_from(room).unwrap_or(usize::MAX).min(rest.len()));
            let fed = self.scanner.feed(piece);
            if fed.is_ok() && self.scanner.at().0.is_multiple_of(self.page_bytes) {
                self.cut();
            }
            self.broken = fed.err();
            fed?;
            rest = after;
        }
        Ok(())
    }

    /// Says that there is no more.
    ///
    /// # Errors
    /// When there should be.
    pub(super) fn finish(&mut self) -> Result<(), Broken> {
        let finished = self.scanner.finish();
        self.broken = finished.err();
        finished
    }

    /// Tells what was read, if there is enough of it: whether it was told for the first time.
    ///
    /// # Errors
    /// When nobody wants to know any more.
    pub(super) fn publish_when_due(&mut self, passed_bytes: u64) -> Result<bool, JobError> {
        self.passed_bytes = passed_bytes;
        if self.cut < self.due || self.ready.is_empty() {
            return Ok(false);
        }
        let first = self.due.0 == 0;
        // The first screen does not wait for a whole step.
        self.due = self.cut.plus(self.cut.0.min(STEP_BYTES));
        self.publish(None)?;
        Ok(first)
    }

    /// Tells of the rest, and how it ended: well, where it is no JSON, or before either. Gives how many values there
    /// are, and how many containers are in each other.
    ///
    /// # Errors
    /// When nobody wants to know any more.
    pub(super) fn end(&mut self, complete: bool) -> Result<(u64, u32), JobError> {
        self.cut();
        let end = match self.broken {
            Some(broken) => End::Broken(broken),
            None if complete => End::Complete,
            None => End::Stopped,
        };
        self.publish(Some(end))?;
        Ok((self.scanner.values(), self.scanner.deepest()))
    }

    fn cut(&mut self) {
        let bytes = self.scanner.at().since(self.cut);
        if bytes > 0 {
            self.ready.push((bytes, self.scanner.take_stretch()));
            self.cut = self.scanner.at();
        }
    }

    fn publish(&mut self, end: Option<End>) -> Result<(), JobError> {
        let shared = self.outline.upgrade().ok_or(JobError::Cancelled)?;
        let mut survey = shared.survey.write();
        if survey.run != self.run {
            return Err(JobError::Cancelled);
        }
        for (bytes, stretch) in self.ready.drain(..) {
            survey.index.push(bytes, stretch);
        }
        survey.index.text_start = self.scanner.text_start();
        (survey.values, survey.deepest) = (self.scanner.values(), self.scanner.deepest());
        survey.passed_bytes = self.passed_bytes;
        survey.end = end.unwrap_or(survey.end);
        Ok(())
    }
}
