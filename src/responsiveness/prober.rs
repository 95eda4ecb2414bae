//! A thread that asks the UI thread every few milliseconds whether it is there, and looks meanwhile at what the workers do
//! and at the program's memory. How a question reaches the UI thread is the caller's to say.

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel};
use std::time::{Duration, Instant};

/// The time between two looks at workers and memory.
const LOOK_EVERY: Duration = Duration::from_millis(50);

/// Ends the thread when it is dropped.
#[derive(Debug)]
pub struct Prober {
    peak_memory_bytes: Arc<AtomicU64>,
    _alive: SyncSender<()>,
}

impl Prober {
    /// Starts the thread at the rank of the window, as it has to ask just when the workers are busy. `ask` puts a question,
    /// asked at the given time, before the UI thread `every` so often; `look` is called now and then. Neither must wait.
    ///
    /// # Errors
    /// When the system gives no thread.
    pub fn start(
        every: Duration,
        ask: impl FnMut(Instant) + Send + 'static,
        look: impl FnMut() + Send + 'static,
    ) -> io::Result<Self> {
        let (alive, end) = sync_channel(0);
        let peak_memory_bytes = Arc::<AtomicU64>::default();
        let peak = Arc::clone(&peak_memory_bytes);
        drop(
            std::thread::Builder::new()
                .name("prober".into())
                .spawn(move || ask_until(&end, every, ask, look, &peak))?,
        );
        Ok(Self { peak_memory_bytes, _alive: alive })
    }

    /// The most memory that the program was seen to have, in bytes, since this was asked last; zero where the system does
    /// not say, or nobody looked.
    #[must_use]
    pub fn take_peak_memory_bytes(&self) -> u64 {
        self.peak_memory_bytes.swap(0, Relaxed)
    }
}

fn ask_until(
    end: &Receiver<()>,
    every: Duration,
    mut ask: impl FnMut(Instant),
    mut look: impl FnMut(),
    peak_memory_bytes: &AtomicU64,
) {
    let mut due = Instant::now();
    let mut look_due = due;
    while end.recv_timeout(due.saturating_duration_since(Instant::now())) == Err(RecvTimeoutError::Timeout) {
        // Of a question that this thread itself puts late, the delay counts from when it was due: else none would be put
        // just when answers are late.
        ask(due);
        if due >= look_due {
            look();
            if let Some(memory) = memory_stats::memory_stats() {
                peak_memory_bytes.fetch_max(memory.physical_mem as u64, Relaxed);
            }
            look_due = due + LOOK_EVERY;
        }
        due += every;
    }
}
