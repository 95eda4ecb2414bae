//! An engine with its workers, owned by one test, which polls it at a time of its own. Waits are for wake-ups, never for
//! time to pass.
#![expect(clippy::expect_used, reason = "a test fails by a panic")]

use std::sync::Arc;
use std::sync::mpsc::{Receiver, sync_channel};
use std::time::{Duration, Instant};

use antifreeze::jobs::{Change, Engine, Executor, JobEvent, JobId, Kind, Limits, Mode, Status, Wake, Workers};

use crate::chore::{Chore, Hand, Task};

/// How long anything may take that is not measured.
pub const DEADLINE: Duration = Duration::from_secs(20);

/// As many of it run at once as there are.
pub const MANY: Kind = Kind { name: "many", at_once: 1_000, comes_back: false };

/// An engine and its workers, at a time that the test sets.
pub struct Bench {
    // Dropped in this order: jobs are told to stop before their threads go.
    pub engine: Engine<Chore>,
    pub now: Instant,
    pub woken: Receiver<()>,
    pub events: Vec<JobEvent>,
    pub workers: Workers,
}

impl Bench {
    pub fn new() -> Self {
        let workers = Workers::start().expect("threads");
        // One place is enough: a wake-up says that there is something, not how much.
        let (wake, woken) = sync_channel(1);
        let wake: Wake = Arc::new(move || {
            let _ = wake.try_send(());
        });
        let executor = Executor::new(workers.handle().expect("a runtime"), wake);
        Self {
            engine: Engine::new(executor, Limits::default()),
            now: Instant::now(),
            woken,
            events: Vec::new(),
            workers,
        }
    }

    pub fn submit(&mut self, kind: Kind, task: Task) -> JobId {
        self.submit_to(Mode::Background, kind, task)
    }

    pub fn submit_to(&mut self, mode: Mode, kind: Kind, task: Task) -> JobId {
        self.engine.submit(Chore { kind, task }, mode)
    }

    /// Submits a job that the test has a hand in.
    pub fn offer(&mut self, kind: Kind, task: impl FnOnce(Arc<Hand>) -> Task) -> (JobId, Arc<Hand>) {
        let hand = Arc::<Hand>::default();
        (self.submit(kind, task(Arc::clone(&hand))), hand)
    }

    /// The same, and waits until it runs.
    #[track_caller]
    pub fn run(&mut self, kind: Kind, task: impl FnOnce(Arc<Hand>) -> Task) -> (JobId, Arc<Hand>) {
        let (id, hand) = self.offer(kind, task);
        self.until("the job runs", |_| hand.started() == 1);
        (id, hand)
    }

    pub fn poll(&mut self) {
        self.events.extend(self.engine.poll(self.now));
    }

    /// Polls at each wake-up until something is so.
    #[track_caller]
    pub fn until(&mut self, what: &str, is_so: impl Fn(&Engine<Chore>) -> bool) {
        let deadline = Instant::now() + DEADLINE;
        loop {
            self.poll();
            if is_so(&self.engine) {
                return;
            }
            let left = deadline.saturating_duration_since(Instant::now());
            let woken = !left.is_zero() && self.woken.recv_timeout(left).is_ok();
            assert!(woken, "waited for {DEADLINE:?}, but not until {what}");
        }
    }

    #[track_caller]
    pub fn until_ended(&mut self, id: JobId) {
        while self.engine.waiting_to_block().is_some() {
            self.engine.run_blocking();
        }
        self.until("the job has ended", |engine| engine.job(id).is_some_and(|job| job.status().ended()));
    }

    /// Has other jobs run to their end, in async code and in the pool: time in which whoever could go on would.
    #[track_caller]
    pub fn others_go_on(&mut self) {
        for value in 0..20 {
            let id = self.submit(MANY, Task::Threads(Arc::default()));
            let other = self.submit(MANY, Task::Succeed(value));
            self.until("other jobs have ended", |engine| {
                [id, other].iter().all(|id| engine.job(*id).is_some_and(|job| job.status() == Status::Succeeded))
            });
        }
    }

    pub fn status(&self, id: JobId) -> Status {
        self.engine.job(id).expect("a job of this bench").status()
    }

    /// Where a job stands and, as text, what came of it.
    pub fn standing(&self, id: JobId) -> (Status, String) {
        let result = self.engine.job(id).and_then(|job| job.result());
        (self.status(id), result.map_or_else(|| "nothing".into(), |result| format!("{result:?}")))
    }

    /// All that was told of a job so far, with the number of its run.
    pub fn story(&self, id: JobId) -> Vec<(u32, Change)> {
        let events = self.events.iter().filter(|event| event.id == id);
        events.map(|event| (event.generation.0, event.change)).collect()
    }
}

pub fn done(engine: &Engine<Chore>, id: JobId) -> u64 {
    engine.job(id).expect("a job of this bench").reading().done
}
