//! What a job gets to work with: cancel, pause, progress and the blocking pool. Cloned into whatever part of the job
//! needs it; the engine keeps the other ends.

use std::future::Future;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use tokio::runtime::Handle;
use tokio::sync::oneshot;
use tokio_util::sync::CancellationToken;

use super::execution::Wake;
use super::{Failure, Gate, JobError, Progress};

/// Runs a piece of blocking work somewhere; where is the executor's choice.
pub(super) type Pool = Arc<dyn Fn(Box<dyn FnOnce() + Send>) + Send + Sync>;

/// All that crosses between a job and the engine.
#[derive(Clone)]
pub struct JobContext {
    gate: Arc<Gate>,
    progress: Arc<Progress>,
    pool: Pool,
    wake: Wake,
    runtime: Handle,
}

impl JobContext {
    pub(super) fn new(gate: Arc<Gate>, progress: Arc<Progress>, pool: Pool, wake: Wake, runtime: Handle) -> Self {
        Self { gate, progress, pool, wake, runtime }
    }

    /// A context that nobody holds the other ends of.
    #[cfg(test)]
    pub(crate) fn for_tests() -> Self {
        // Nothing drives it: tests of remote files have workers of their own.
        static RUNTIME: std::sync::LazyLock<tokio::runtime::Runtime> =
            std::sync::LazyLock::new(|| tokio::runtime::Builder::new_current_thread().build().expect("a runtime"));
        let runtime = RUNTIME.handle().clone();
        Self::new(Arc::default(), Arc::default(), Arc::new(|work| work()), Arc::new(|| {}), runtime)
    }

    /// Where the job says how far it is.
    #[must_use]
    pub fn progress(&self) -> &Progress {
        &self.progress
    }

    /// To be called between steps: waits while the job is paused.
    ///
    /// # Errors
    /// [`JobError::Cancelled`] once the job was asked to stop.
    pub async fn checkpoint(&self) -> Result<(), JobError> {
        self.gate.pass().await
    }

    /// [`JobContext::checkpoint`] for code inside [`JobContext::blocking`]; to be called at least every 50 ms.
    ///
    /// # Errors
    /// [`JobError::Cancelled`] once the job was asked to stop.
    pub fn checkpoint_blocking(&self) -> Result<(), JobError> {
        self.gate.pass_blocking()
    }

    /// What drives futures beside the job, for what it makes that outlives it.
    #[must_use]
    pub const fn runtime(&self) -> &Handle {
        &self.runtime
    }

    /// Is cancelled when the job is asked to stop, for code that waits for something else meanwhile.
    #[must_use]
    pub fn stop_token(&self) -> CancellationToken {
        self.gate.token()
    }

    /// What a job that failed of `failure` has come to: to be asked to stop may be what has led to it.
    #[must_use]
    pub fn failed(&self, failure: impl Failure) -> JobError {
        if self.gate.cancelled() { JobError::Cancelled } else { JobError::failed(failure) }
    }

    /// Waits for `future`, but no longer than until the job is asked to stop.
    ///
    /// # Errors
    /// [`JobError::Cancelled`] once the job was asked to stop; `future` is then dropped where it stands.
    pub async fn unless_cancelled<F: Future>(&self, future: F) -> Result<F::Output, JobError> {
        tokio::select! {
            biased;
            () = self.gate.stopped() => Err(JobError::Cancelled),
            output = future => Ok(output),
        }
    }

    /// Runs work that blocks or computes, off the async workers. It is waited for even after a cancel, so that what it
    /// owns is in a safe state when the job ends: long work calls [`JobContext::checkpoint_blocking`].
    ///
    /// # Errors
    /// [`JobError::Panicked`] if it panics, [`JobError::Lost`] if the pool is gone.
    pub async fn blocking<T: Send + 'static>(&self, work: impl FnOnce() -> T + Send + 'static) -> Result<T, JobError> {
        let (sender, receiver) = oneshot::channel();
        (self.pool)(Box::new(move || {
            // The receiver is gone only if the job was dropped; then nobody wants the result.
            let _ = sender.send(catch_unwind(AssertUnwindSafe(work)));
        }));
        match receiver.await {
            Ok(Ok(output)) => Ok(output),
            Ok(Err(panic)) => Err(JobError::Panicked(panic_message(panic.as_ref()))),
            Err(_) => Err(JobError::Lost),
        }
    }

    /// Asks the window for a look: something new can be seen.
    pub fn wake(&self) {
        (self.wake)();
    }
}

/// The text of a caught panic.
pub(super) fn panic_message(panic: &(dyn std::any::Any + Send)) -> String {
    let text = panic.downcast_ref::<&str>().map(|text| (*text).to_owned());
    text.or_else(|| panic.downcast_ref::<String>().cloned()).unwrap_or_else(|| "a panic without a message".into())
}
