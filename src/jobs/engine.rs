//! The engine's front: every job there is, in the order of the cards. Owned by one thread, which polls it once a frame;
//! it never waits, except in [`Engine::run_blocking`], which is asked for by name.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::{Duration, Instant};

use poll_promise::Promise;

use super::entry::{Change, Entry, JobEvent, JobView};
use super::execution::Ended;
use super::progress::RateMeter;
use super::queue::Queue;
use super::{Executor, Generation, JobError, JobId, Kind, Limits, Mode, Priority, Status, Work};
use crate::units;

/// How long a cancelled run that does not end keeps its place; after that it is on its own.
const STOPPING_GRACE: Duration = Duration::from_secs(2);

/// All jobs of the program, running, waiting and over.
pub struct Engine<W: Work> {
    executor: Executor,
    limits: Limits,
    jobs: Vec<Entry<W>>,
    queue: Queue,
    to_block: VecDeque<JobId>,
    stopping: Vec<Stopping<W>>,
    events: Vec<JobEvent>,
    next_id: u64,
    now: Instant,
}

/// A run that was cancelled and has not said yet that it has ended.
struct Stopping<W: Work> {
    id: JobId,
    kind: Kind,
    since: Instant,
    promise: Promise<Ended<W::Outcome>>,
}

impl<W: Work> Engine<W> {
    /// An engine without jobs.
    #[must_use]
    pub fn new(executor: Executor, limits: Limits) -> Self {
        Self {
            executor,
            limits,
            jobs: Vec::new(),
            queue: Queue::default(),
            to_block: VecDeque::new(),
            stopping: Vec::new(),
            events: Vec::new(),
            next_id: 1,
            now: Instant::now(),
        }
    }

    /// Queues a job. One that has no end of its own is run in the background whatever the mode.
    pub fn submit(&mut self, work: W, mode: Mode) -> JobId {
        let id = self.shelve(work);
        self.retry(id, mode);
        id
    }

    /// Takes in a job that an earlier run of the program has left unfinished; it waits for a retry.
    pub fn shelve(&mut self, work: W) -> JobId {
        let id = JobId(self.next_id);
        self.next_id += 1;
        self.jobs.push(Entry {
            id,
            generation: Generation(0),
            title: units::plain_text(&work.title()),
            work,
            mode: Mode::Background,
            priority: Priority::Normal,
            status: Status::Cancelled,
            gate: Arc::default(),
            progress: Arc::default(),
            rate: RateMeter::default(),
            promise: None,
            result: Some(Err(JobError::Interrupted)),
            asked: Instant::now(),
            started: None,
            ended: None,
            stopped_within: None,
        });
        id
    }

    /// Queues a job that failed or was cancelled again, from its beginning, as a new generation.
    pub fn retry(&mut self, id: JobId, mode: Mode) {
        let Some(entry) = self.jobs.iter_mut().find(|entry| entry.id == id) else { return };
        if !entry.status.become_if_allowed(Status::Queued) {
            return;
        }
        entry.generation.0 += 1;
        entry.mode = if entry.work.endless().is_some() { Mode::Background } else { mode };
        entry.gate = Arc::default();
        entry.progress = Arc::default();
        entry.rate = RateMeter::default();
        entry.promise = None;
        entry.result = None;
        entry.asked = Instant::now();
        entry.started = None;
        entry.ended = None;
        entry.stopped_within = None;
        match entry.mode {
            Mode::Background => self.queue.push(id, entry.work.kind(), entry.priority),
            Mode::Blocking => self.to_block.push_back(id),
        }
        let event = entry.event(Change::Queued);
        self.events.push(event);
    }

    /// Keeps the promises that are due, starts what may start, and tells what happened since the last poll.
    pub fn poll(&mut self, now: Instant) -> Vec<JobEvent> {
        self.now = now;
        self.collect();
        let running = |kind: Kind| {
            // What is paused leaves its place to others; once resumed, it goes on whether there is one or not.
            let works = |entry: &&Entry<W>| entry.promise.is_some() && entry.status != Status::Paused;
            let jobs = self.jobs.iter().filter(works).filter(|entry| entry.work.kind() == kind);
            jobs.count() + self.stopping.iter().filter(|stopping| stopping.kind == kind).count()
        };
        let ready = self.queue.take_ready(&self.limits, running);
        for id in ready {
            self.start(id);
        }
        std::mem::take(&mut self.events)
    }

    /// The next job that waits to be run on this very thread.
    #[must_use]
    pub fn waiting_to_block(&self) -> Option<JobView<'_, W>> {
        self.to_block.front().and_then(|id| self.job(*id))
    }

    /// Says why a job was cancelled that no person has cancelled.
    pub fn blame(&mut self, id: JobId, why: JobError) {
        let entry = self.jobs.iter_mut().find(|entry| entry.id == id);
        if let Some(Some(Err(cancelled @ JobError::Cancelled))) = entry.map(|entry| &mut entry.result) {
            *cancelled = why;
        }
    }

    /// Runs the next job that waits for it on this very thread and comes back when it has ended.
    pub fn run_blocking(&mut self) {
        if let Some(id) = self.to_block.pop_front() {
            self.start(id);
            self.now = Instant::now();
        }
    }

    /// Cancels a job for good: whatever its run still says is dropped. It ends at its next safe point. One that was
    /// interrupted, and waits to be taken up again, is given up.
    pub fn cancel(&mut self, id: JobId) {
        self.stop(id, JobError::Cancelled);
        if let Some(entry) = self.jobs.iter_mut().find(|entry| entry.id == id && entry.interrupted()) {
            entry.result = Some(Err(JobError::Cancelled));
        }
    }

    /// Stops every job that is not over, because the program is left.
    pub fn interrupt_all(&mut self) {
        let ids: Vec<_> = self.jobs.iter().filter(|entry| !entry.status.ended()).map(|entry| entry.id).collect();
        for id in ids {
            self.stop(id, JobError::Interrupted);
        }
    }

    fn stop(&mut self, id: JobId, why: JobError) {
        self.queue.remove(id);
        self.to_block.retain(|waiting| *waiting != id);
        let Some(entry) = self.jobs.iter_mut().find(|entry| entry.id == id) else { return };
        // What has ended by itself counts as what it is, though no poll has seen it yet.
        self.events.extend(entry.take_result());
        entry.gate.cancel();
        if !entry.status.become_if_allowed(Status::Cancelled) {
            return;
        }
        let now = self.now;
        entry.result = Some(Err(why));
        entry.ended = Some(Instant::now());
        let event = entry.event(Change::Ended(Status::Cancelled));
        let kind = entry.work.kind();
        if let Some(promise) = entry.promise.take() {
            self.stopping.push(Stopping { id, kind, since: now, promise });
        }
        self.events.push(event);
    }

    /// Holds a running job at its next checkpoint, or lets a paused one go on.
    pub fn pause(&mut self, id: JobId, paused: bool) {
        let Some(entry) = self.jobs.iter_mut().find(|entry| entry.id == id) else { return };
        let (next, change) = if paused { (Status::Paused, Change::Paused) } else { (Status::Running, Change::Resumed) };
        if (entry.status == Status::Paused) != paused && entry.promise.is_some() && entry.status.become_if_allowed(next)
        {
            entry.gate.pause(paused);
            entry.rate = RateMeter::default();
            let event = entry.event(change);
            self.events.push(event);
        }
    }

    /// Changes how urgent a waiting job is.
    pub fn set_priority(&mut self, id: JobId, priority: Priority) {
        self.queue.set_priority(id, priority);
        if let Some(entry) = self.jobs.iter_mut().find(|entry| entry.id == id) {
            entry.priority = priority;
        }
    }

    /// Puts a waiting job before all others of its priority, or before all others that are to block.
    pub fn move_to_front(&mut self, id: JobId) {
        self.queue.move_to_front(id);
        if let Some(at) = self.to_block.iter().position(|waiting| *waiting == id) {
            self.to_block.remove(at);
            self.to_block.push_front(id);
        }
    }

    /// Forgets every job that is over. One that was only interrupted is not: it waits to be taken up again.
    pub fn clear_ended(&mut self) {
        self.jobs.retain(Entry::unfinished);
    }

    /// All jobs in the order in which they were asked for.
    #[must_use]
    pub fn jobs(&self) -> impl DoubleEndedIterator<Item = JobView<'_, W>> + ExactSizeIterator {
        self.jobs.iter().map(|entry| JobView { entry, now: self.now })
    }

    /// One job, if it was not forgotten.
    #[must_use]
    pub fn job(&self, id: JobId) -> Option<JobView<'_, W>> {
        self.jobs.iter().find(|entry| entry.id == id).map(|entry| JobView { entry, now: self.now })
    }

    /// The jobs that wait, in the order in which they start as places come free; those that are to block come first.
    #[must_use]
    pub fn waiting(&self) -> Vec<JobId> {
        self.to_block.iter().copied().chain(self.queue.ids()).collect()
    }

    /// Whether anything is at work: a run that has not ended, be it cancelled or not. Paused jobs are not.
    #[must_use]
    pub fn working(&self) -> bool {
        !self.stopping.is_empty() || self.jobs.iter().any(|entry| entry.status == Status::Running)
    }

    /// Whether anything moves: what is at work, but for jobs without an end that have had nothing to do for a while. The
    /// window has to be woken when they have.
    #[must_use]
    pub fn moving(&self) -> bool {
        let moves = |entry: &Entry<W>| entry.status == Status::Running && !entry.rests(self.now);
        !self.stopping.is_empty() || self.jobs.iter().any(moves)
    }

    /// Whether any job is not over, or any run has not ended.
    #[must_use]
    pub fn unfinished(&self) -> bool {
        self.busy() || self.jobs.iter().any(|entry| !entry.status.ended())
    }

    /// Whether any run has not ended, paused ones among them; false means that the program can be left safely.
    #[must_use]
    pub fn busy(&self) -> bool {
        !self.stopping.is_empty() || self.jobs.iter().any(|entry| entry.promise.is_some())
    }

    /// The limits in force; a change counts from the next poll on.
    pub const fn limits_mut(&mut self) -> &mut Limits {
        &mut self.limits
    }

    fn start(&mut self, id: JobId) {
        let Some(entry) = self.jobs.iter_mut().find(|entry| entry.id == id) else { return };
        if !entry.status.become_if_allowed(Status::Running) {
            return;
        }
        entry.started = Some(Instant::now());
        let event = entry.event(Change::Started(entry.mode));
        self.events.push(event);
        let work = entry.work.clone();
        let run = (entry.generation, Arc::clone(&entry.gate), Arc::clone(&entry.progress));
        entry.promise = Some(self.executor.execute(entry.mode, run, |context| work.run(context)));
    }

    fn collect(&mut self) {
        let now = self.now;
        for stopping in std::mem::take(&mut self.stopping) {
            let waited = now.saturating_duration_since(stopping.since);
            match stopping.promise.try_take() {
                Err(promise) if waited < STOPPING_GRACE => self.stopping.push(Stopping { promise, ..stopping }),
                Err(_) => {}
                Ok(ended) => {
                    let this = |entry: &&mut Entry<W>| (entry.id, entry.generation) == (stopping.id, ended.generation);
                    if let Some(entry) = self.jobs.iter_mut().find(this) {
                        entry.stopped_within = Some(waited);
                        self.events.extend(entry.end(ended.result));
                    }
                }
            }
        }
        for entry in &mut self.jobs {
            if entry.status == Status::Running {
                entry.rate.sample(&entry.progress, now);
            }
            self.events.extend(entry.take_result());
        }
    }
}

impl<W: Work> Drop for Engine<W> {
    fn drop(&mut self) {
        for entry in &self.jobs {
            entry.gate.cancel();
        }
    }
}
