//! The one thing by which a job is held or stopped from outside: a cancel token and a pause gate.
//!
//! Shared by the engine, the watchdog and the job's context; waited on by async code and by threads alike.
//! No lock is held while anything else is done.

use parking_lot::{Condvar, Mutex};
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;

use super::JobError;

/// Lets a job through, holds it, or stops it for good.
#[derive(Debug, Default)]
pub struct Gate {
    cancel: CancellationToken,
    paused: Mutex<bool>,
    opened: Condvar,
    opened_async: Notify,
}

impl Gate {
    /// Stops the job at its next checkpoint, whether or not it is paused.
    pub fn cancel(&self) {
        self.cancel.cancel();
        // The lock orders this wake after a waiter's look at the token, so that none sleeps through it.
        drop(self.paused.lock());
        self.opened.notify_all();
        self.opened_async.notify_waiters();
    }

    /// Whether the job was asked to stop.
    #[must_use]
    pub fn cancelled(&self) -> bool {
        self.cancel.is_cancelled()
    }

    /// Holds the job at its next checkpoint (`true`) or lets it go on (`false`).
    pub fn pause(&self, paused: bool) {
        *self.paused.lock() = paused;
        if !paused {
            self.opened.notify_all();
            self.opened_async.notify_waiters();
        }
    }

    /// Waits while paused, without a thread.
    ///
    /// # Errors
    /// [`JobError::Cancelled`] once the job was asked to stop.
    pub async fn pass(&self) -> Result<(), JobError> {
        loop {
            let opened = self.opened_async.notified();
            tokio::pin!(opened);
            // Registered before the look, so that a resume in between is not missed.
            opened.as_mut().enable();
            if self.cancelled() {
                return Err(JobError::Cancelled);
            }
            if !*self.paused.lock() {
                return Ok(());
            }
            opened.await;
        }
    }

    /// Waits while paused, holding the calling thread.
    ///
    /// # Errors
    /// [`JobError::Cancelled`] once the job was asked to stop.
    pub fn pass_blocking(&self) -> Result<(), JobError> {
        let mut paused = self.paused.lock();
        while *paused && !self.cancelled() {
            self.opened.wait(&mut paused);
        }
        if self.cancelled() { Err(JobError::Cancelled) } else { Ok(()) }
    }

    /// Is cancelled when the job is asked to stop.
    #[must_use]
    pub fn token(&self) -> CancellationToken {
        self.cancel.clone()
    }

    /// Resolves when the job is asked to stop.
    pub async fn stopped(&self) {
        self.cancel.cancelled().await;
    }
}

#[cfg(test)]
#[expect(clippy::disallowed_methods, reason = "the runtime of the test itself")]
mod tests {
    use std::sync::Arc;

    use super::*;

    #[tokio::test]
    async fn a_paused_job_goes_on_when_resumed_and_stops_when_cancelled() {
        let gate = Arc::new(Gate::default());
        gate.pause(true);
        let waiting = tokio::spawn({
            let gate = Arc::clone(&gate);
            async move { gate.pass().await }
        });
        tokio::task::yield_now().await;
        assert!(!waiting.is_finished());
        gate.pause(false);
        assert!(waiting.await.is_ok_and(|passed| passed.is_ok()));

        gate.pause(true);
        let thread = std::thread::Builder::new().spawn({
            let gate = Arc::clone(&gate);
            move || gate.pass_blocking()
        });
        gate.cancel();
        let passed = thread.map(std::thread::JoinHandle::join);
        assert!(matches!(passed, Ok(Ok(Err(JobError::Cancelled)))));
        let passed = gate.pass().await;
        assert!(matches!(passed, Err(JobError::Cancelled)));
    }
}
