//! How well the window answers, measured where it can not be missed: around every callback of the event loop, and from a
//! watchdog thread that is not frozen when the window is. Plain data; knows no widgets and no runtime.
//!
//! [`Meter`] is written by the window's event loop and read by the app, both on the UI thread; its lock is held for
//! nanoseconds. The watchdog looks at atomics alone.

mod comparison;
mod history;
mod prober;
mod tally;
mod trace;
mod watchdog;

use std::io;
use std::sync::{Arc, OnceLock};
use std::time::{Duration, Instant};

use parking_lot::Mutex;

pub use comparison::{Comparison, Nature, Part, Run, Segment, Way};
pub use history::{Freeze, History, Waited};
pub use prober::Prober;
pub use tally::Tally;
pub use trace::Trace;
pub use watchdog::Watchdog;

/// A busy span of the UI thread from which on a person feels that the window stands still (Apple's "hang").
pub const FREEZE: Duration = Duration::from_millis(250);
/// A busy span from which on it is noted (a "long task" of the W3C).
pub const LONG_TASK: Duration = Duration::from_millis(50);
/// What a display shows one frame for, at 60 Hz.
pub const FRAME: Duration = Duration::from_nanos(16_666_667);

/// The bands of the meter, in milliseconds.
pub const BANDS_MS: [f32; 4] = [16.7, 50.0, 100.0, 250.0];

/// Puts a question, asked at this time, before the UI thread; never waits.
pub type Asker = Box<dyn Fn(Instant) + Send + Sync>;

/// The meter of one window.
#[derive(Clone)]
pub struct Meter {
    history: Arc<Mutex<History>>,
    tally: Arc<Mutex<Tally>>,
    asker: Arc<OnceLock<Asker>>,
    watchdog: Watchdog,
    trace: Trace,
}

/// What kind of callback the event loop is in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Span {
    /// Drawing a frame: logic, layout, tessellation, painting, presenting.
    Frame,
    /// Anything else.
    Event,
}

impl Meter {
    /// A meter that has seen nothing, with its watchdog.
    #[must_use]
    pub fn new(watchdog: Watchdog, trace: Trace) -> Self {
        Self {
            history: Arc::default(),
            asker: Arc::default(),
            tally: Arc::new(Mutex::new(Tally::new())),
            watchdog,
            trace,
        }
    }

    /// The watchdog that counts a freeze while it lasts.
    #[must_use]
    pub fn watchdog(&self) -> &Watchdog {
        &self.watchdog
    }

    /// The trace that freezes are written to.
    #[must_use]
    pub fn trace(&self) -> &Trace {
        &self.trace
    }

    /// What was seen so far.
    pub fn read<T>(&self, read: impl FnOnce(&History) -> T) -> T {
        read(&self.history.lock())
    }

    /// Says that the UI thread is busy from now on, until the guard goes.
    #[must_use]
    pub fn busy(&self, span: Span) -> Busy<'_> {
        let began = Instant::now();
        self.watchdog.begin(began);
        Busy { meter: self, span, began }
    }

    /// Says how questions reach the UI thread; what is said first holds.
    pub fn questions_go_by(&self, asker: Asker) {
        let _ = self.asker.set(asker);
    }

    /// Has the UI thread asked every few milliseconds, for as long as the prober lives.
    ///
    /// # Errors
    /// When the system gives no thread.
    pub fn probe(&self) -> io::Result<Prober> {
        let asker = Arc::clone(&self.asker);
        Prober::start(move |asked| {
            if let Some(ask) = asker.get() {
                ask(asked);
            }
        })
    }

    /// Begins to sum up anew, and gives what was summed up until now.
    #[must_use]
    pub fn sum_up_anew(&self) -> Tally {
        std::mem::replace(&mut *self.tally.lock(), Tally::new())
    }

    /// Notes that a question put to the event loop was answered after `delay`.
    pub fn answered(&self, delay: Duration) {
        self.tally.lock().answered(delay);
    }

    /// Notes a press of a button or key that the event loop delivers now.
    pub fn pressed(&self, waited: Waited) {
        self.history.lock().pressed(waited);
    }

    /// Notes that the event loop has delivered all that was waiting and goes to sleep.
    pub fn drained(&self) {
        let ended = self.history.lock().drained();
        if let Some(freeze) = ended {
            self.trace.freeze(&freeze);
        }
    }

    /// Says what the UI thread is about to be taken by, so that the freeze bears its name.
    pub fn blame(&self, cause: String) {
        self.history.lock().blame(cause);
    }
}

/// Marks the UI thread as busy for as long as it lives.
pub struct Busy<'a> {
    meter: &'a Meter,
    span: Span,
    began: Instant,
}

impl Drop for Busy<'_> {
    fn drop(&mut self) {
        let counted = self.meter.watchdog.end();
        let length = self.began.elapsed();
        self.meter.tally.lock().span(self.span, length);
        self.meter.history.lock().span(self.span, self.began, length, counted);
    }
}
