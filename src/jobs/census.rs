//! What the workers are at, as counters: looked at from any thread, at any time, without waiting. Plain data for whoever
//! draws or compares it.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::time::{Duration, Instant};

use tokio::runtime::Handle;
use tokio_metrics::TaskMonitor;

/// A task that holds its worker for longer than this keeps others waiting (tokio's own advice is far less).
const SLOW_POLL: Duration = Duration::from_millis(50);

/// Counters of the workers at one moment.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Census {
    /// How many async workers there are.
    pub workers: usize,
    /// For how long all of them together have been busy since they began; what holds a worker counts when it lets go.
    pub busy: Duration,
    /// Tasks that wait for a worker and belong to none yet.
    pub queued: usize,
    /// Tasks that have not ended.
    pub tasks: usize,
    /// How often a job held its worker for 50 ms and more at once.
    pub slow_polls: u64,
    /// For how long a task that does nothing had to wait for a worker; while one waits, how long it has.
    pub taken_up_after: Duration,
}

/// Counts what the workers do; its clones share the counts.
#[derive(Clone)]
pub(super) struct Counter {
    monitor: TaskMonitor,
    asked: Arc<Asked>,
}

/// A task that does nothing, sent to see how soon a worker takes it up. One at a time.
struct Asked {
    epoch: Instant,
    /// When it was sent, in microseconds since `epoch`, plus one; zero if none waits.
    sent: AtomicU64,
    /// How long the last one waited, in microseconds.
    waited: AtomicU64,
}

impl Default for Counter {
    fn default() -> Self {
        let asked = Asked { epoch: Instant::now(), sent: AtomicU64::new(0), waited: AtomicU64::new(0) };
        let mut monitor = TaskMonitor::builder();
        monitor.with_slow_poll_threshold(SLOW_POLL);
        Self { monitor: monitor.build(), asked: Arc::new(asked) }
    }
}

impl Counter {
    /// Watches how long each poll of a job's future takes.
    pub(super) fn watch<F: Future>(&self, job: F) -> impl Future<Output = F::Output> + use<F> {
        self.monitor.instrument(job)
    }

    /// Counts, and sends the next task that does nothing if none waits.
    pub(super) fn take(&self, runtime: &Handle) -> Census {
        let metrics = runtime.metrics();
        let workers = metrics.num_workers();
        Census {
            workers,
            busy: (0..workers).map(|worker| metrics.worker_total_busy_duration(worker)).sum(),
            queued: metrics.global_queue_depth(),
            tasks: metrics.num_alive_tasks(),
            slow_polls: self.monitor.cumulative().total_slow_poll_count,
            taken_up_after: self.ask(runtime),
        }
    }

    fn ask(&self, runtime: &Handle) -> Duration {
        let now = self.asked.now();
        let sent = self.asked.sent.load(Relaxed);
        if sent != 0 {
            return Duration::from_micros(now.saturating_sub(sent));
        }
        self.asked.sent.store(now, Relaxed);
        let asked = Arc::clone(&self.asked);
        drop(runtime.spawn(async move {
            asked.waited.store(asked.now().saturating_sub(now), Relaxed);
            asked.sent.store(0, Relaxed);
        }));
        Duration::from_micros(self.asked.waited.load(Relaxed))
    }
}

impl Asked {
    fn now(&self) -> u64 {
        u64::try_from(self.epoch.elapsed().as_micros()).unwrap_or(u64::MAX - 1) + 1
    }
}

#[cfg(test)]
#[expect(clippy::disallowed_methods, reason = "the test's own runtime")]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_task_that_waits_for_a_worker_is_told_while_it_waits() {
        let counter = Counter::default();
        // On this runtime of one thread nothing is taken up before the test itself waits.
        let runtime = Handle::current();
        assert_eq!(counter.take(&runtime).taken_up_after, Duration::ZERO);
        std::thread::park_timeout(Duration::from_millis(20));
        let census = counter.take(&runtime);
        assert!(census.taken_up_after >= Duration::from_millis(20), "{census:?}");
        assert_eq!(census.tasks, 1);
        tokio::task::yield_now().await;
        assert_eq!(counter.take(&runtime).taken_up_after.as_millis() / 20, 1);
    }

    #[tokio::test]
    async fn a_poll_that_holds_its_worker_is_counted() {
        let counter = Counter::default();
        counter.watch(async { std::thread::park_timeout(SLOW_POLL * 2) }).await;
        counter.watch(tokio::time::sleep(SLOW_POLL * 2)).await;
        assert_eq!(counter.take(&Handle::current()).slow_polls, 1);
    }
}
