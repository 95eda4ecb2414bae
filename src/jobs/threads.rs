//! Every thread of the program but the UI's: named, and at low priority where it can saturate a core.
//!
//! A background thread is not enough: while readers at the window's own priority kept two cores busy, the window was
//! measured to stall for 188 ms. Workers have the lowest niceness, so that whatever the window wants to do comes at once,
//! and Linux's batch policy, so that one which wakes up never interrupts a frame. Two cores, software rendering, three
//! jobs at full speed, the answers at p99: niceness 10 alone 25 to 30 ms, niceness 19 alone 14 to 19 ms, both 11 to 16 ms.
//! The idle policy does as well there, but is dear: the scheduler takes a core with a job on it for a free one, puts what
//! wakes up there, and one job alone took a tenth longer than on the UI thread.

use std::io;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::thread::JoinHandle;
use std::time::Duration;

use tokio::runtime::{Builder, Handle, Runtime};

/// How far below the window its helpers rank, in POSIX nice values.
#[cfg(target_os = "linux")]
const HELPER_NICE: i32 = 10;

/// How far below the window the workers rank: as far as can be.
#[cfg(target_os = "linux")]
const WORKER_NICE: i32 = 19;

/// The tokio runtime that all jobs share, and its end.
#[derive(Debug)]
pub struct Workers {
    runtime: Option<Runtime>,
}

impl Workers {
    /// Starts the worker threads, one a core and at least two, so that one job that never yields can not stop the rest.
    ///
    /// # Errors
    /// When the system gives no threads.
    pub fn start() -> io::Result<Self> {
        let cores = std::thread::available_parallelism().map_or(2, usize::from);
        Self::named("worker", cores.max(2))
    }

    /// Starts so many threads, which bear this name and a number.
    ///
    /// # Errors
    /// When the system gives no threads.
    pub fn named(name: &'static str, threads: usize) -> io::Result<Self> {
        let number = AtomicUsize::new(1);
        let runtime = Builder::new_multi_thread()
            .worker_threads(threads.max(1))
            .thread_name_fn(move || format!("{name} {}", number.fetch_add(1, Relaxed)))
            .on_thread_start(rank_as_worker)
            .enable_all()
            .build()?;
        Ok(Self { runtime: Some(runtime) })
    }

    /// What jobs are spawned on.
    ///
    /// # Errors
    /// After [`Workers::stop`].
    pub fn handle(&self) -> io::Result<Handle> {
        let runtime = self.runtime.as_ref().ok_or_else(|| io::Error::other("the workers have stopped"))?;
        Ok(runtime.handle().clone())
    }

    /// Ends the runtime; waits no longer than `limit` for threads that are at work.
    pub fn stop(&mut self, limit: Duration) {
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_timeout(limit);
        }
    }
}

impl Drop for Workers {
    fn drop(&mut self) {
        // Dropping a runtime would wait for its blocking threads for ever.
        self.stop(Duration::ZERO);
    }
}

/// Starts a thread of the given name, ranked below the window but above the workers: somebody looks at what it does. One
/// that a worker starts stays at the worker's rank, as only a privileged program may raise it.
///
/// # Errors
/// When the system gives no thread.
pub fn spawn_named(name: &str, work: impl FnOnce() + Send + 'static) -> io::Result<JoinHandle<()>> {
    std::thread::Builder::new().name(name.to_owned()).spawn(move || {
        rank_as_helper();
        work();
    })
}

/// Ranks the calling thread below everything that somebody waits for; on other systems it stays as it is.
fn rank_as_worker() {
    #[cfg(target_os = "linux")]
    {
        use thread_priority::{NormalThreadSchedulePolicy, ThreadPriority, ThreadSchedulePolicy, unix};
        let batch = ThreadSchedulePolicy::Normal(NormalThreadSchedulePolicy::Batch);
        if let Err(error) = unix::set_thread_priority_and_policy(unix::thread_native_id(), ThreadPriority::Min, batch) {
            tracing::debug!(?error, "a worker could not be told to let others go first");
        }
        rank(WORKER_NICE);
    }
}

/// Ranks the calling thread below the window's; on other systems it stays as it is.
fn rank_as_helper() {
    #[cfg(target_os = "linux")]
    if rustix::process::getpriority_process(None).is_ok_and(|nice| nice < HELPER_NICE) {
        rank(HELPER_NICE);
    }
}

#[cfg(target_os = "linux")]
fn rank(nice: i32) {
    if let Err(error) = rustix::process::setpriority_process(Some(rustix::thread::gettid()), nice) {
        tracing::warn!(%error, "a thread could not be ranked below the window");
    }
}

#[cfg(all(test, target_os = "linux"))]
#[expect(clippy::disallowed_methods, reason = "the test's own runtime")]
mod tests {
    use super::*;

    #[tokio::test]
    async fn workers_and_their_blocking_threads_have_names_and_rank_below_the_window() -> io::Result<()> {
        let facts = || {
            let name = std::thread::current().name().map(str::to_owned);
            let policy = thread_priority::unix::thread_schedule_policy();
            (name, rustix::process::getpriority_process(Some(rustix::thread::gettid())), policy)
        };
        let workers = Workers::start()?;
        let batch = thread_priority::NormalThreadSchedulePolicy::Batch;
        for (name, nice, policy) in
            [workers.handle()?.spawn(async move { facts() }).await?, workers.handle()?.spawn_blocking(facts).await?]
        {
            assert!(name.is_some_and(|name| name.starts_with("worker ")));
            assert_eq!(nice, Ok(WORKER_NICE));
            assert_eq!(policy, Ok(thread_priority::ThreadSchedulePolicy::Normal(batch)));
        }
        Ok(())
    }
}
