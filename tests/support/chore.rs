//! Made-up jobs that end, wait, fail, panic, hang or do not listen, with the test's hand in each of their runs.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering::SeqCst};
use std::thread::{self, ThreadId};
use std::time::Instant;

use antifreeze::jobs::{Failure, JobContext, JobError, Kind, Outcome, Work};
use parking_lot::Mutex;
use tokio::sync::watch;

use crate::bench::DEADLINE;

/// A made-up job.
#[derive(Clone)]
pub struct Chore {
    pub kind: Kind,
    pub task: Task,
}

#[derive(Clone)]
pub enum Task {
    Succeed(u64),
    Fail,
    Panic(Place, fn()),
    /// Waits until its run is released, or cancelled.
    Wait(Arc<Hand>),
    /// Waits until its run is released; hears of no cancel.
    Deaf(Arc<Hand>),
    /// Counts steps, with a checkpoint before each, until it is told to stop; at least one.
    Count(Place, Arc<Hand>),
    /// Keeps its thread until it is told to stop, and listens to nothing else.
    Busy(Place, Arc<Hand>),
    /// Gives others of its kind a chance to run beside it.
    Meet(Arc<Hand>),
    /// Notes on which threads it is.
    Threads(Arc<Hand>),
    Endless,
}

#[derive(Clone, Copy)]
pub enum Place {
    Async,
    Pool,
}

#[derive(Clone, Debug, serde::Serialize)]
pub struct Done(pub u64);

impl Outcome for Done {
    fn summary(&self) -> String {
        format!("{} done", self.0)
    }
}

#[derive(Debug, thiserror::Error)]
#[error("Refused")]
pub struct Refused;

impl Failure for Refused {
    fn advice(&self) -> String {
        "Ask somebody else.".into()
    }
}

impl Work for Chore {
    type Outcome = Done;

    fn kind(&self) -> Kind {
        self.kind
    }

    fn title(&self) -> String {
        "A chore".into()
    }

    fn endless(&self) -> Option<&'static str> {
        matches!(self.task, Task::Endless).then_some("It has no end.")
    }

    fn in_folder(self, _: &std::path::Path) -> Self {
        self
    }

    fn for_keeping(self) -> Self {
        self
    }

    async fn run(self, context: JobContext) -> Result<Done, JobError> {
        let inner = context.clone();
        match self.task {
            Task::Succeed(value) => Ok(Done(value)),
            Task::Fail => Err(JobError::failed(Refused)),
            Task::Panic(Place::Async, burst) => {
                burst();
                Ok(Done(0))
            }
            Task::Panic(Place::Pool, burst) => context.blocking(burst).await.map(|()| Done(0)),
            Task::Wait(hand) => {
                let run = Run::begin(hand, &context);
                context.unless_cancelled(run.released()).await?;
                Ok(Done(run.number))
            }
            Task::Deaf(hand) => {
                let run = Run::begin(hand, &context);
                run.released().await;
                Ok(Done(run.number))
            }
            Task::Count(Place::Async, hand) => {
                let run = Run::begin(hand, &context);
                loop {
                    context.checkpoint().await?;
                    tokio::task::yield_now().await;
                    if run.step_was_last(&context) {
                        return Ok(Done(context.progress().done()));
                    }
                }
            }
            Task::Count(Place::Pool, hand) => context.blocking(move || count(hand, &inner)).await?,
            Task::Busy(Place::Async, hand) => Ok(keep_busy(hand, &context)),
            Task::Busy(Place::Pool, hand) => context.blocking(move || keep_busy(hand, &inner)).await,
            Task::Meet(hand) => {
                let run = Run::begin(hand, &context);
                for _ in 0..3 {
                    tokio::task::yield_now().await;
                }
                Ok(Done(run.number))
            }
            Task::Threads(hand) => {
                hand.note_thread();
                let shared = Arc::clone(&hand);
                context.blocking(move || shared.note_thread()).await?;
                tokio::task::yield_now().await;
                hand.note_thread();
                Ok(Done(0))
            }
            Task::Endless => context.unless_cancelled(std::future::pending()).await,
        }
    }
}

pub fn count(hand: Arc<Hand>, context: &JobContext) -> Result<Done, JobError> {
    let run = Run::begin(hand, context);
    loop {
        context.checkpoint_blocking()?;
        if run.step_was_last(context) {
            return Ok(Done(context.progress().done()));
        }
    }
}

pub fn keep_busy(hand: Arc<Hand>, context: &JobContext) -> Done {
    let run = Run::begin(hand, context);
    while !run.told_to_stop() {
        std::hint::spin_loop();
    }
    Done(0)
}

/// The test's hand in the runs of a job.
#[derive(Default)]
pub struct Hand {
    pub started: AtomicU64,
    pub running: AtomicU64,
    /// The most that ran at once.
    pub most: AtomicU64,
    pub stop: AtomicBool,
    /// Bit n is set when run n, from 0 on, may go on.
    pub released: watch::Sender<u64>,
    pub threads: Mutex<Vec<ThreadId>>,
}

impl Hand {
    pub fn started(&self) -> u64 {
        self.started.load(SeqCst)
    }

    pub fn running(&self) -> u64 {
        self.running.load(SeqCst)
    }

    pub fn release(&self, run: u64) {
        self.released.send_modify(|runs| *runs |= 1 << run);
    }

    pub fn stop(&self) {
        self.stop.store(true, SeqCst);
    }

    pub fn note_thread(&self) {
        self.threads.lock().push(thread::current().id());
    }
}

/// One run of a job, from its beginning until it is dropped.
pub struct Run {
    pub hand: Arc<Hand>,
    pub number: u64,
    pub began: Instant,
}

impl Run {
    pub fn begin(hand: Arc<Hand>, context: &JobContext) -> Self {
        let running = hand.running.fetch_add(1, SeqCst) + 1;
        hand.most.fetch_max(running, SeqCst);
        let number = hand.started.fetch_add(1, SeqCst);
        context.wake();
        Self { hand, number, began: Instant::now() }
    }

    pub async fn released(&self) {
        let mut runs = self.hand.released.subscribe();
        let wait = runs.wait_for(|runs| (runs >> self.number) & 1 == 1);
        let released = tokio::time::timeout(DEADLINE, wait).await.is_ok_and(|seen| seen.is_ok());
        assert!(released, "nobody released run {}", self.number);
    }

    pub fn step_was_last(&self, context: &JobContext) -> bool {
        context.progress().add(1);
        context.wake();
        self.told_to_stop()
    }

    /// A test that fails leaves nobody behind who keeps a core for ever.
    pub fn told_to_stop(&self) -> bool {
        assert!(self.began.elapsed() < 2 * DEADLINE, "nobody stopped run {}", self.number);
        self.hand.stop.load(SeqCst)
    }
}

impl Drop for Run {
    fn drop(&mut self) {
        self.hand.running.fetch_sub(1, SeqCst);
    }
}
