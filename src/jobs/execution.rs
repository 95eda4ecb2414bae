//! Where the one choice of the program is made: the same job in the background, or blocking on the UI thread.
//!
//! The result of either way reaches the engine through a promise that it polls once a frame. This is the only file in
//! which the UI thread ever waits.

use std::future::Future;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;

use futures_util::FutureExt as _;
use poll_promise::{Promise, Sender};
use tokio::runtime::Handle;

use super::census::{Census, Counter};
use super::context::{JobContext, Pool, panic_message};
use super::{Gate, Generation, JobError, Progress};

/// Asks the window for another frame; called from any thread.
pub type Wake = Arc<dyn Fn() + Send + Sync>;

/// How a job is run.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Mode {
    /// On the workers, while the window goes on.
    #[default]
    Background,
    /// On the thread that asks, which does nothing else until the job has ended.
    Blocking,
}

/// What a run of a job leaves behind.
#[derive(Debug)]
pub(super) struct Ended<T> {
    pub(super) generation: Generation,
    pub(super) result: Result<T, JobError>,
}

/// Runs jobs one way or the other.
#[derive(Clone)]
pub struct Executor {
    runtime: Handle,
    wake: Wake,
    counter: Counter,
}

impl Executor {
    /// Jobs in the background run on `runtime`; `wake` is called after each result is there.
    #[must_use]
    pub fn new(runtime: Handle, wake: Wake) -> Self {
        Self { runtime, wake, counter: Counter::default() }
    }

    /// What the workers are at.
    #[must_use]
    pub fn census(&self) -> Census {
        self.counter.take(&self.runtime)
    }

    /// Runs `job` in the given mode. The promise is always kept: by a result, an error, a cancel or a caught panic.
    #[expect(clippy::disallowed_methods, reason = "the one place where the UI thread waits, because it was asked to")]
    pub(super) fn execute<T, F>(
        &self,
        mode: Mode,
        (generation, gate, progress): (Generation, Arc<Gate>, Arc<Progress>),
        job: impl FnOnce(JobContext) -> F,
    ) -> Promise<Ended<T>>
    where
        T: Send + 'static,
        F: Future<Output = Result<T, JobError>> + Send + 'static,
    {
        let (sender, promise) = Promise::new();
        let report = Report { sender: Some(sender), generation, wake: Arc::clone(&self.wake) };
        let context = |pool| JobContext::new(gate, progress, pool, Arc::clone(&self.wake), self.runtime.clone());
        match mode {
            Mode::Background => {
                let runtime = self.runtime.clone();
                let pool: Pool = Arc::new(move |work| drop(runtime.spawn_blocking(work)));
                let job = job(context(pool));
                let watched = self.counter.watch(async move { report.send(caught(job).await) });
                drop(self.runtime.spawn(watched));
            }
            Mode::Blocking => {
                let pool: Pool = Arc::new(|work| work());
                let job = job(context(pool));
                report.send(self.runtime.block_on(caught(job)));
            }
        }
        promise
    }
}

/// Sends the result exactly once, even if the job is dropped unfinished.
struct Report<T: Send + 'static> {
    sender: Option<Sender<Ended<T>>>,
    generation: Generation,
    wake: Wake,
}

impl<T: Send + 'static> Report<T> {
    fn send(mut self, result: Result<T, JobError>) {
        self.send_once(result);
    }

    fn send_once(&mut self, result: Result<T, JobError>) {
        if let Some(sender) = self.sender.take() {
            // First the result, then the wake-up: the other way round the frame would find nothing.
            sender.send(Ended { generation: self.generation, result });
            (self.wake)();
        }
    }
}

impl<T: Send + 'static> Drop for Report<T> {
    fn drop(&mut self) {
        self.send_once(Err(JobError::Lost));
    }
}

async fn caught<T>(job: impl Future<Output = Result<T, JobError>>) -> Result<T, JobError> {
    match AssertUnwindSafe(job).catch_unwind().await {
        Ok(result) => result,
        Err(panic) => Err(JobError::Panicked(panic_message(panic.as_ref()))),
    }
}
