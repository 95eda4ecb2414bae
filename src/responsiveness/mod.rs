//! How well the window answers, measured where it can not be missed: around every callback of the event loop, and from a
//! watchdog thread that is not frozen when the window is. Plain data; knows no widgets and no runtime.
//!
//! [`Meter`] is written by the window's event loop and read by the app, both on the UI thread; its lock is held for
//! nanoseconds. The watchdog looks at atomics alone. All times are of the monotonic clock, which no step of the
//! calendar's clock moves and which stands still while the machine sleeps.

mod bands;
mod comparison;
mod delays;
mod history;
mod load;
mod phase;
mod picture;
mod prober;
mod selftest;
mod tally;
mod totals;
mod trace;
mod verdict;
mod watchdog;

use std::io;
use std::sync::{Arc, OnceLock};
use std::time::{Duration, Instant};

use parking_lot::{Mutex, MutexGuard};

pub use bands::{BANDS, Band};
pub use comparison::{Comparison, Nature, Part, Run, Segment, Way};
pub use delays::Delays;
pub use history::{Freeze, History, Spell, Waited};
pub use load::{Load, Loads};
pub use phase::{Phase, Phases};
pub use prober::Prober;
pub use selftest::SelfTest;
pub use tally::Tally;
pub use totals::{Measure, Totals};
pub use trace::Trace;
pub use verdict::Verdict;
pub use watchdog::Watchdog;

use crate::jobs::Census;
use phase::Stamps;

/// A busy span of the UI thread from which on a person feels that the window stands still (Apple's "hang").
pub const FREEZE: Duration = Duration::from_millis(250);
/// A busy span from which on it is noted (a "long task" of the W3C).
pub const LONG_TASK: Duration = Duration::from_millis(50);
/// What a display shows one frame for, at 60 Hz.
pub const FRAME: Duration = Duration::from_nanos(16_666_667);

/// Puts a question, asked at this time, before the UI thread; never waits.
pub type Asker = Box<dyn Fn(Instant) + Send + Sync>;

/// Is called when a callback enters a phase, on the UI thread: a stall that is injected here is one of that phase.
type Staller = Box<dyn FnMut(Phase) + Send>;

/// The meter of one window.
#[derive(Clone)]
pub struct Meter {
    seen: Arc<Mutex<Seen>>,
    loads: Arc<Mutex<Loads>>,
    asker: Arc<OnceLock<Asker>>,
    watchdog: Watchdog,
    trace: Trace,
}

/// All that the UI thread writes.
#[derive(Default)]
struct Seen {
    history: History,
    tally: Tally,
    totals: Totals,
    stamps: Option<Stamps>,
    another_frame_follows: bool,
    staller: Option<Staller>,
}

/// What kind of callback the event loop is in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Span {
    /// Drawing a frame: logic, layout, tessellation, painting, presenting.
    Frame,
    /// Anything else, by what it is about in a word or two.
    Event(&'static str),
}

impl Meter {
    /// A meter that has seen nothing, with its watchdog.
    #[must_use]
    pub fn new(watchdog: Watchdog, trace: Trace) -> Self {
        Self { seen: Arc::default(), loads: Arc::default(), asker: Arc::default(), watchdog, trace }
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
        read(&self.seen.lock().history)
    }

    /// The distributions of what was measured so far.
    pub fn totals<T>(&self, read: impl FnOnce(&Totals) -> T) -> T {
        read(&self.seen.lock().totals)
    }

    /// Begins all distributions anew.
    pub fn set_totals_back(&self) {
        self.seen.lock().totals = Totals::default();
    }

    /// What the workers were at, as far as somebody looked.
    pub fn loads<T>(&self, read: impl FnOnce(&Loads) -> T) -> T {
        read(&self.loads.lock())
    }

    /// Says that the UI thread is busy from now on, until the guard goes.
    #[must_use]
    pub fn busy(&self, span: Span) -> Busy<'_> {
        let began = Instant::now();
        self.watchdog.begin(began);
        self.seen.lock().stamps = Some(Stamps::begin(began));
        if matches!(span, Span::Event(_)) {
            self.stall(Phase::Event);
        }
        Busy { meter: self, span, began }
    }

    /// Says that the callback has come to this phase.
    pub fn enter(&self, phase: Phase) {
        if let Some(stamps) = &mut self.seen.lock().stamps {
            stamps.enter(phase, Instant::now());
        }
        self.stall(phase);
    }

    /// Says whether another frame follows the present one at the display's pace, as something moves.
    pub fn another_frame_follows(&self, follows: bool) {
        self.seen.lock().another_frame_follows = follows;
    }

    /// Says whether the window can be seen: nobody feels it when one that can not stands still.
    pub fn hide(&self, hidden: bool) {
        let mut seen = self.seen.lock();
        seen.history.hide(hidden);
        if hidden {
            seen.totals.rest();
        }
    }

    /// Says how questions reach the UI thread; what is said first holds.
    pub fn questions_go_by(&self, asker: Asker) {
        let _ = self.asker.set(asker);
    }

    /// Has the UI thread asked every so often, for as long as the prober lives, and what the workers count looked at.
    ///
    /// # Errors
    /// When the system gives no thread.
    pub fn probe(&self, every: Duration, workers: impl Fn() -> Census + Send + 'static) -> io::Result<Prober> {
        let (asker, loads) = (Arc::clone(&self.asker), Arc::clone(&self.loads));
        let ask = move |asked| {
            if let Some(ask) = asker.get() {
                ask(asked);
            }
        };
        Prober::start(every, ask, move || {
            // Asked first: under the lock, a worker that has lost its core could hold up the window.
            let census = workers();
            loads.lock().take(Instant::now(), census);
        })
    }

    /// Begins to sum up anew, and gives what was summed up until now.
    #[must_use]
    pub fn sum_up_anew(&self) -> Tally {
        std::mem::take(&mut self.seen.lock().tally)
    }

    /// Notes that a question put to the event loop was answered after `delay`.
    pub fn answered(&self, delay: Duration) {
        let mut seen = self.seen.lock();
        seen.tally.answered(delay);
        seen.totals.answered(delay);
        let now = Instant::now();
        let ended = now.checked_sub(delay).and_then(|asked| seen.history.answered(asked, now));
        self.told(seen, ended);
    }

    /// Notes a press of a button or key, or a dropped file, that the event loop delivers now.
    pub fn pressed(&self, waited: Waited) {
        self.seen.lock().history.pressed(Instant::now(), waited);
    }

    /// Notes that the event loop has delivered all that was waiting and goes to sleep; true if a freeze that was felt can now
    /// be told.
    #[must_use]
    pub fn drained(&self) -> bool {
        let mut seen = self.seen.lock();
        let ended = seen.history.drained();
        let tells = ended.as_ref().is_some_and(Freeze::felt);
        self.told(seen, ended);
        tells
    }

    /// Passes on that a freeze is over and all that waited in it is known.
    fn told(&self, mut seen: MutexGuard<'_, Seen>, freeze: Option<Freeze>) {
        if let Some(freeze) = freeze {
            seen.tally.had_to_wait(freeze.waited);
            drop(seen);
            self.trace.freeze(&freeze);
        }
    }

    /// Says what the UI thread is about to be taken by, so that the freeze bears its name.
    pub fn blame(&self, cause: String) {
        self.seen.lock().history.blame(cause);
    }

    /// Has `staller` called whenever a callback enters a phase; `None` for nobody.
    fn stall_by(&self, staller: Option<Staller>) {
        self.seen.lock().staller = staller;
    }

    fn stall(&self, phase: Phase) {
        let staller = self.seen.lock().staller.take();
        if let Some(mut staller) = staller {
            staller(phase);
            self.seen.lock().staller.get_or_insert(staller);
        }
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
        let mut seen = self.meter.seen.lock();
        let now = Instant::now();
        let phases = seen.stamps.take().unwrap_or(Stamps::begin(self.began)).end(now);
        let spell = Spell { began: self.began, span: self.span, phases };
        let follows = seen.another_frame_follows;
        if !seen.history.is_hidden() {
            seen.tally.span(self.span, spell.length());
            seen.totals.span(&spell, follows);
        }
        let ended = seen.history.span(spell, counted);
        self.meter.told(seen, ended);
    }
}
