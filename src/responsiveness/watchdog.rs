//! The thread that is not frozen: it counts for how long the UI thread has been busy, while it is, and stops the job
//! that was let onto the UI thread when a limit is passed. It sleeps while the UI thread does.

use std::io;
use std::sync::Arc;
use std::sync::atomic::{
    AtomicBool, AtomicU64,
    Ordering::{AcqRel, Acquire, Relaxed, Release},
};
use std::thread::{self, Thread};
use std::time::{Duration, Instant};

use parking_lot::Mutex;

/// How often it looks while the UI thread is busy.
const LOOK: Duration = Duration::from_millis(10);
/// Looks without work after which it sleeps until it is needed.
const IDLE_LOOKS: u32 = 20;

/// How long it sleeps at a time while nothing needs it.
const ASLEEP: Duration = Duration::from_secs(1);

/// A handle to the watchdog.
#[derive(Clone)]
pub struct Watchdog {
    shared: Arc<Shared>,
    thread: Option<Thread>,
}

struct Shared {
    epoch: Instant,
    /// When the UI thread became busy, in nanoseconds since `epoch`, plus one; zero while it is not.
    busy_since: AtomicU64,
    /// For how long the present busy span has lasted, in nanoseconds, as this thread last saw.
    counted: AtomicU64,
    asleep: AtomicBool,
    limit: Mutex<Option<Limit>>,
    teller: Mutex<Option<Teller>>,
}

/// Is told what was counted, from the watchdog's thread, and must not wait.
pub type Teller = Box<dyn FnMut(Duration) + Send>;

/// What is done when the UI thread is busy for too long.
struct Limit {
    after: Duration,
    stop: Box<dyn FnOnce() + Send>,
}

impl Watchdog {
    /// Starts the thread; `spawn` gives it a name and a rank.
    ///
    /// # Errors
    /// When the system gives no thread.
    pub fn start(spawn: impl FnOnce(Box<dyn FnOnce() + Send>) -> io::Result<Thread>) -> io::Result<Self> {
        let shared = Arc::new(Shared {
            epoch: Instant::now(),
            busy_since: AtomicU64::new(0),
            counted: AtomicU64::new(0),
            asleep: AtomicBool::new(false),
            limit: Mutex::new(None),
            teller: Mutex::new(None),
        });
        let watched = Arc::downgrade(&shared);
        let thread = spawn(Box::new(move || {
            let mut idle = 0;
            while let Some(shared) = watched.upgrade() {
                idle = if shared.look() { 0 } else { idle + 1 };
                if idle < IDLE_LOOKS {
                    drop(shared);
                    thread::park_timeout(LOOK);
                    continue;
                }
                // Said first, then looked: the UI thread does it the other way round, so that one of both sees the other.
                shared.asleep.swap(true, AcqRel);
                let busy = shared.busy_since.load(Acquire) != 0;
                drop(shared);
                if !busy {
                    thread::park_timeout(ASLEEP);
                }
                if let Some(shared) = watched.upgrade()
                    && !shared.asleep.swap(false, AcqRel)
                {
                    idle = 0;
                }
            }
        }))?;
        Ok(Self { shared, thread: Some(thread) })
    }

    /// For how long the UI thread has been busy, as the watchdog last saw; zero if it is not.
    #[must_use]
    pub fn counted(&self) -> Duration {
        Duration::from_nanos(self.shared.counted.load(Relaxed))
    }

    /// Calls `stop` from the watchdog's thread if the busy span that comes or lasts is longer than `after`.
    pub fn limit(&self, after: Duration, stop: impl FnOnce() + Send + 'static) {
        *self.shared.limit.lock() = Some(Limit { after, stop: Box::new(stop) });
    }

    /// Stops at once what a limit was set for.
    pub fn pass_limit(&self) {
        let limit = self.shared.limit.lock().take();
        if let Some(limit) = limit {
            (limit.stop)();
        }
    }

    /// Forgets the limit.
    pub fn lift_limit(&self) {
        *self.shared.limit.lock() = None;
    }

    /// Has `teller` told at every look for how long the UI thread has been busy; `None` for nobody.
    pub fn tell(&self, teller: Option<Teller>) {
        *self.shared.teller.lock() = teller;
    }

    pub(super) fn begin(&self, now: Instant) {
        self.shared.counted.store(0, Relaxed);
        self.shared.busy_since.swap(self.shared.nanos(now) + 1, AcqRel);
        if self.shared.asleep.swap(false, AcqRel)
            && let Some(thread) = &self.thread
        {
            thread.unpark();
        }
    }

    /// Ends the busy span and gives what was counted of it.
    pub(super) fn end(&self) -> Duration {
        self.shared.busy_since.store(0, Release);
        self.counted()
    }
}

impl Shared {
    /// Counts, and enforces the limit; false if the UI thread is not busy.
    fn look(&self) -> bool {
        let since = self.busy_since.load(Acquire);
        if since == 0 {
            return false;
        }
        let busy = self.nanos(Instant::now()).saturating_sub(since - 1);
        self.counted.store(busy, Relaxed);
        if let Some(tell) = &mut *self.teller.lock() {
            tell(Duration::from_nanos(busy));
        }
        let mut limit = self.limit.lock();
        let passed = limit.take_if(|limit| Duration::from_nanos(busy) > limit.after);
        drop(limit);
        if let Some(limit) = passed {
            (limit.stop)();
        }
        true
    }

    fn nanos(&self, at: Instant) -> u64 {
        u64::try_from(at.saturating_duration_since(self.epoch).as_nanos()).unwrap_or(u64::MAX - 1)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc::sync_channel;

    use super::*;

    fn start() -> Watchdog {
        Watchdog::start(|work| Ok(thread::Builder::new().spawn(work)?.thread().clone())).unwrap()
    }

    #[test]
    fn a_busy_span_is_counted_while_it_lasts_and_stopped_at_the_limit() {
        let watchdog = start();
        let (stop, stopped) = sync_channel(1);
        let counting = watchdog.clone();
        watchdog.limit(Duration::from_millis(60), move || stop.send(counting.counted()).unwrap());
        let began = Instant::now();
        watchdog.begin(began);
        let counted = stopped.recv_timeout(Duration::from_secs(10)).unwrap();
        assert!(counted > Duration::from_millis(60) && counted <= began.elapsed(), "{counted:?}");
        assert!(watchdog.end() >= counted);
    }

    #[test]
    fn it_wakes_from_its_sleep_when_the_ui_thread_becomes_busy() {
        let watchdog = start();
        let deadline = Instant::now() + Duration::from_secs(10);
        while !watchdog.shared.asleep.load(Acquire) {
            assert!(Instant::now() < deadline, "it never slept");
            thread::yield_now();
        }
        let (stop, stopped) = sync_channel(1);
        watchdog.limit(Duration::ZERO, move || stop.send(()).unwrap());
        let began = Instant::now();
        watchdog.begin(began);
        stopped.recv_timeout(Duration::from_secs(10)).unwrap();
        assert!(began.elapsed() < Duration::from_millis(500), "it slept on for {:?}", began.elapsed());
    }
}
