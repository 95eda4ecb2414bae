//! What the engine keeps of one job, how others see it, and what it tells of it.

use std::sync::Arc;
use std::time::{Duration, Instant};

use poll_promise::Promise;

use super::execution::Ended;
use super::progress::RateMeter;
use super::{Gate, Generation, JobError, JobId, Kind, Mode, Outcome, Priority, Progress, Reading, Status, Work};
use crate::units;

/// One job, with the ends of it that the engine holds.
pub(super) struct Entry<W: Work> {
    pub(super) id: JobId,
    pub(super) generation: Generation,
    pub(super) work: W,
    pub(super) title: String,
    pub(super) mode: Mode,
    pub(super) priority: Priority,
    pub(super) status: Status,
    pub(super) gate: Arc<Gate>,
    pub(super) progress: Arc<Progress>,
    pub(super) rate: RateMeter,
    pub(super) promise: Option<Promise<Ended<W::Outcome>>>,
    pub(super) result: Option<Result<W::Outcome, JobError>>,
    pub(super) asked: Instant,
    pub(super) started: Option<Instant>,
    pub(super) ended: Option<Instant>,
    pub(super) stopped_within: Option<Duration>,
}

impl<W: Work> Entry<W> {
    /// Whether it has no end and, at the moment, nothing to do.
    pub(super) fn rests(&self, now: Instant) -> bool {
        self.work.endless().is_some() && self.rate.rests(now)
    }

    /// Whether it was stopped because the program was left.
    pub(super) fn interrupted(&self) -> bool {
        matches!(self.result, Some(Err(JobError::Interrupted)))
    }

    /// Whether it has not ended, or only because the program was left.
    pub(super) fn unfinished(&self) -> bool {
        !self.status.ended() || self.interrupted()
    }

    pub(super) fn event(&self, change: Change) -> JobEvent {
        JobEvent { id: self.id, generation: self.generation, kind: self.work.kind(), change }
    }

    /// Takes in what came of the run if it has said so by now.
    pub(super) fn take_result(&mut self) -> Option<JobEvent> {
        match self.promise.take()?.try_take() {
            Err(pending) => {
                self.promise = Some(pending);
                None
            }
            Ok(ended) if ended.generation == self.generation => self.end(ended.result),
            Ok(_) => None,
        }
    }

    /// Takes in what came of the run, unless the job was over before. To leave the program is no cancel, though: what was
    /// past its last checkpoint by then, and is done, counts.
    pub(super) fn end(&mut self, result: Result<W::Outcome, JobError>) -> Option<JobEvent> {
        let status = match &result {
            Ok(_) => Status::Succeeded,
            Err(JobError::Cancelled | JobError::CancelledPartly(_)) => Status::Cancelled,
            Err(_) => Status::Failed,
        };
        if let (Some(Err(known @ JobError::Cancelled)), Err(told @ JobError::CancelledPartly(_))) =
            (&mut self.result, &result)
        {
            // That it is cancelled was known at once; what stays of it, only now.
            known.clone_from(told);
            return None;
        }
        if result.is_ok() && self.interrupted() {
            self.status = status;
        } else if !self.status.become_if_allowed(status) {
            return None;
        }
        if let Some(made) = result.as_ref().ok().and_then(Outcome::made) {
            // What it is called in the end is what the person looks for.
            self.title = units::plain_text(&units::file_name(&made));
        }
        self.result = Some(result);
        self.ended = Some(Instant::now());
        Some(self.event(Change::Ended(status)))
    }
}

/// A job as it can be seen from outside, good for one frame.
pub struct JobView<'a, W: Work> {
    pub(super) entry: &'a Entry<W>,
    pub(super) now: Instant,
}

impl<'a, W: Work> JobView<'a, W> {
    /// Which job.
    #[must_use]
    pub fn id(&self) -> JobId {
        self.entry.id
    }

    /// What it was asked to do.
    #[must_use]
    pub fn work(&self) -> &'a W {
        &self.entry.work
    }

    /// Its short name.
    #[must_use]
    pub fn title(&self) -> &'a str {
        &self.entry.title
    }

    /// Where it stands.
    #[must_use]
    pub fn status(&self) -> Status {
        self.entry.status
    }

    /// Whether it is to be offered again after a restart: it has not ended, or only because the program was left.
    #[must_use]
    pub fn unfinished(&self) -> bool {
        self.entry.unfinished()
    }

    /// When it was asked for, the last time.
    #[must_use]
    pub fn asked(&self) -> Instant {
        self.entry.asked
    }

    /// How it is or was run.
    #[must_use]
    pub fn mode(&self) -> Mode {
        self.entry.mode
    }

    /// How urgent it is while it waits.
    #[must_use]
    pub fn priority(&self) -> Priority {
        self.entry.priority
    }

    /// How far it is.
    #[must_use]
    pub fn reading(&self) -> Reading {
        self.entry.rate.reading(&self.entry.progress)
    }

    /// Whether it has no end and, at the moment, nothing to do.
    #[must_use]
    pub fn rests(&self) -> bool {
        self.entry.rests(self.now)
    }

    /// What came of it, once it is over.
    #[must_use]
    pub fn result(&self) -> Option<&'a Result<W::Outcome, JobError>> {
        self.entry.result.as_ref()
    }

    /// One line on what came of it: a summary, or the error.
    #[must_use]
    pub fn summary(&self) -> Option<String> {
        self.result().map(|result| match result {
            Ok(outcome) => outcome.summary(),
            Err(error) => error.to_string(),
        })
    }

    /// When it began and when it ended, once it is over; `None` too if it never ran.
    #[must_use]
    pub fn span(&self) -> Option<(Instant, Instant)> {
        Some((self.entry.started?, self.entry.ended?))
    }

    /// When it began; `None` if it never ran.
    #[must_use]
    pub fn began(&self) -> Option<Instant> {
        self.entry.started
    }

    /// How long a cancelled run took until nothing of it ran any more; `None` while it does, or if it was not cancelled.
    #[must_use]
    pub fn stopped_within(&self) -> Option<Duration> {
        self.entry.stopped_within
    }

    /// How long it has been running or did run; zero while it waits.
    #[must_use]
    pub fn elapsed(&self) -> Duration {
        let end = self.entry.ended.unwrap_or(self.now);
        self.entry.started.map_or(Duration::ZERO, |start| end.saturating_duration_since(start))
    }

    /// The end of the job's gate by which another thread, such as a watchdog, can stop it.
    #[must_use]
    pub fn gate(&self) -> Arc<Gate> {
        Arc::clone(&self.entry.gate)
    }
}

/// Something that happened to a job since the last poll.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct JobEvent {
    /// Which job.
    pub id: JobId,
    /// Which of its runs.
    pub generation: Generation,
    /// The kind of it.
    pub kind: Kind,
    /// What happened.
    pub change: Change,
}

/// What happened to a job.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Change {
    /// It was asked for, or again.
    Queued,
    /// It was started in this mode.
    Started(Mode),
    /// It holds still.
    Paused,
    /// It goes on.
    Resumed,
    /// It is over, in the state that its view tells.
    Ended(Status),
}
