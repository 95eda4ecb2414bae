//! The mistakes, made. Every one of them is forbidden elsewhere in this program, and says so by an `expect`.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::{
    AtomicBool,
    Ordering::{Acquire, Release},
};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::time::{Duration, Instant};

use parking_lot::Mutex;
use poll_promise::Promise;
use tokio::runtime::Handle;

use super::Mistake;
use crate::jobs::spawn_named;
use crate::units;

/// What acts now and then acts so often.
const EVERY: Duration = Duration::from_secs(1);
/// What the call in the frame waits.
const BLOCKING_CALL: Duration = Duration::from_millis(120);
/// For how long the worker keeps its lock, and for how long it lets it go.
const LOCK_HELD: Duration = Duration::from_millis(150);
const LOCK_FREE: Duration = Duration::from_millis(600);
/// How many messages come at a time.
const BACKLOG: usize = 400_000;
/// For how long a worker is held.
const WORKER_HELD: Duration = Duration::from_millis(400);
/// How long the task takes whose result nobody is woken for.
const QUIET_WORK: Duration = Duration::from_millis(300);

/// The mistakes that are turned on.
#[derive(Default)]
pub struct Mistakes {
    made: Vec<Made>,
}

/// A mistake that is being made.
struct Made {
    mistake: Mistake,
    act: Act,
    /// What it did last, in a sentence.
    story: String,
}

enum Act {
    BlockingCall { due: Instant },
    HeldLock { lock: Arc<Mutex<u64>>, _on: On },
    UnboundedChannel { messages: Receiver<String>, full: Arc<AtomicBool>, _on: On },
    RepaintStorm { frames: u64, since: Instant },
    LostWakeUp { ready: Arc<Mutex<Option<Instant>>> },
    HoldsWorkers { due: Instant, hold: fn() },
    DroppedPromise { promise: Promise<()>, since: Instant },
}

/// Says to a thread that it is still wanted; gone, it is not.
struct On(Arc<AtomicBool>);

impl Drop for On {
    fn drop(&mut self) {
        self.0.store(false, Release);
    }
}

impl Mistakes {
    /// Whether this one is turned on.
    #[must_use]
    pub fn is_on(&self, mistake: Mistake) -> bool {
        self.made.iter().any(|made| made.mistake == mistake)
    }

    /// How many are turned on.
    #[must_use]
    pub const fn count(&self) -> usize {
        self.made.len()
    }

    /// Whether the window has to paint on for what is turned on.
    #[must_use]
    pub fn move_the_window(&self) -> bool {
        self.made.iter().any(|made| made.mistake.moves())
    }

    /// Whether the next frame is asked for at once, for nothing.
    #[must_use]
    pub fn storm(&self) -> bool {
        self.is_on(Mistake::RepaintStorm)
    }

    /// What a mistake that is turned on did last, in a sentence.
    #[must_use]
    pub fn story(&self, mistake: Mistake) -> Option<&str> {
        self.made.iter().find(|made| made.mistake == mistake).map(|made| made.story.as_str())
    }

    /// Turns a mistake on, or off.
    pub fn turn(&mut self, mistake: Mistake, on: bool, workers: &Handle) {
        self.made.retain(|made| made.mistake != mistake);
        if on {
            let (act, story) = begin(mistake, workers);
            self.made.push(Made { mistake, act, story });
        }
    }

    /// Turns all of them off.
    pub fn stop(&mut self) {
        self.made.clear();
    }

    /// Makes what is turned on; to be called once a frame, on the UI thread.
    pub fn act(&mut self, workers: &Handle) {
        for made in &mut self.made {
            let story = act(&mut made.act, workers);
            made.story = story.unwrap_or(std::mem::take(&mut made.story));
        }
    }
}

fn begin(mistake: Mistake, workers: &Handle) -> (Act, String) {
    let now = Instant::now();
    let soon = "It begins within a second.".to_owned();
    match mistake {
        Mistake::BlockingCall => (Act::BlockingCall { due: now + EVERY }, soon),
        Mistake::HeldLock => {
            let lock = Arc::<Mutex<u64>>::default();
            (Act::HeldLock { lock: Arc::clone(&lock), _on: hold_lock(lock) }, soon)
        }
        Mistake::UnboundedChannel => {
            #[expect(clippy::disallowed_methods, reason = "this is the mistake")]
            let (send, messages) = channel();
            let full = Arc::<AtomicBool>::default();
            (Act::UnboundedChannel { messages, full: Arc::clone(&full), _on: send_without_end(send, full) }, soon)
        }
        Mistake::RepaintStorm => (Act::RepaintStorm { frames: 0, since: now }, soon),
        Mistake::LostWakeUp => (Act::LostWakeUp { ready: work_quietly(workers) }, "Leave the mouse alone now.".into()),
        Mistake::SleepInAsync => (Act::HoldsWorkers { due: now + EVERY, hold: sleep }, soon),
        Mistake::ComputingInAsync => (Act::HoldsWorkers { due: now + EVERY, hold: compute }, soon),
        Mistake::DroppedPromise => {
            let (sender, promise) = Promise::new();
            drop(workers.spawn(async move { drop(sender) }));
            (Act::DroppedPromise { promise, since: now }, "The answer was asked for just now.".into())
        }
    }
}

fn act(act: &mut Act, workers: &Handle) -> Option<String> {
    let now = Instant::now();
    match act {
        Act::BlockingCall { due } if now >= *due => {
            *due = now + EVERY;
            stand_still(BLOCKING_CALL);
            Some(format!("The frame waited {} for the disk.", units::duration(now.elapsed())))
        }
        Act::HeldLock { lock, .. } => {
            // A lock that is free takes no time.
            let _locked = lock.lock();
            (now.elapsed() > Duration::from_millis(1))
                .then(|| format!("The frame waited {} for the lock.", units::duration(now.elapsed())))
        }
        Act::UnboundedChannel { messages, full, .. } if full.load(Acquire) => {
            // As a log does that is sorted while it comes in.
            let sorted: BTreeSet<String> = messages.try_iter().collect();
            let count = units::number(sorted.len() as u64);
            drop(sorted);
            full.store(false, Release);
            Some(format!("The frame took out and sorted {count} messages, in {}.", units::duration(now.elapsed())))
        }
        Act::RepaintStorm { frames, since } => {
            *frames += 1;
            let second = now.saturating_duration_since(*since) >= EVERY;
            second.then(|| {
                let story = format!("{} in the last second, all of the same picture.", units::count(*frames, "frame"));
                (*frames, *since) = (0, now);
                story
            })
        }
        Act::LostWakeUp { ready } => {
            let since = ready.lock().take()?;
            *ready = work_quietly(workers);
            let lay = units::duration(now.saturating_duration_since(since));
            Some(format!("The last result lay ready for {lay} before a frame looked."))
        }
        Act::HoldsWorkers { due, hold } if now >= *due => {
            *due = now + EVERY;
            let (hold, count) = (*hold, workers.metrics().num_workers());
            for _ in 0..count {
                drop(workers.spawn(async move { hold() }));
            }
            Some(format!("Held {} for {}.", units::count(count as u64, "worker"), units::duration(WORKER_HELD)))
        }
        Act::DroppedPromise { promise, since } => {
            // `ready` would tell by a panic; this one says "not yet", for ever.
            let waits = promise.ready_mut().is_none();
            waits.then(|| format!("Still no answer after {}.", units::duration(now.saturating_duration_since(*since))))
        }
        Act::BlockingCall { .. } | Act::UnboundedChannel { .. } | Act::HoldsWorkers { .. } => None,
    }
}

fn hold_lock(lock: Arc<Mutex<u64>>) -> On {
    let on = Arc::new(AtomicBool::new(true));
    let wanted = Arc::clone(&on);
    let work = move || {
        while wanted.load(Acquire) {
            stand_still(LOCK_FREE);
            let mut held = lock.lock();
            // As a worker does that reads a file under its lock.
            stand_still(LOCK_HELD);
            *held += 1;
        }
    };
    begin_thread("what if: lock", work);
    On(on)
}

fn send_without_end(send: Sender<String>, full: Arc<AtomicBool>) -> On {
    let on = Arc::new(AtomicBool::new(true));
    let wanted = Arc::clone(&on);
    let work = move || {
        while wanted.load(Acquire) {
            stand_still(EVERY);
            // Only one backlog at a time: a window that is hidden takes out nothing, and the memory is the person's.
            if full.load(Acquire) {
                continue;
            }
            if (0..BACKLOG).any(|number| send.send(format!("message {number}")).is_err()) {
                return;
            }
            full.store(true, Release);
        }
    };
    begin_thread("what if: channel", work);
    On(on)
}

/// Keeps the thread from everything else for so long.
fn stand_still(length: Duration) {
    let until = Instant::now() + length;
    while let Some(left) = until.checked_duration_since(Instant::now()).filter(|left| !left.is_zero()) {
        // Somebody may wake it sooner.
        std::thread::park_timeout(left);
    }
}

fn begin_thread(name: &str, work: impl FnOnce() + Send + 'static) {
    if let Err(error) = spawn_named(name, work) {
        tracing::warn!(%error, name, "the system gave no thread for a mistake");
    }
}

/// A task that puts its result in place and wakes nobody.
fn work_quietly(workers: &Handle) -> Arc<Mutex<Option<Instant>>> {
    let ready = Arc::<Mutex<Option<Instant>>>::default();
    let place = Arc::clone(&ready);
    drop(workers.spawn(async move {
        tokio::time::sleep(QUIET_WORK).await;
        *place.lock() = Some(Instant::now());
    }));
    ready
}

#[expect(clippy::disallowed_methods, reason = "this is the mistake")]
fn sleep() {
    std::thread::sleep(WORKER_HELD);
}

fn compute() {
    let began = Instant::now();
    let mut sum = 0_u64;
    while began.elapsed() < WORKER_HELD {
        sum = (0..10_000).fold(sum, |sum, number| std::hint::black_box(sum.wrapping_mul(31).wrapping_add(number)));
    }
}

#[cfg(test)]
#[expect(clippy::disallowed_methods, reason = "the test's own runtime")]
mod tests {
    use super::*;

    fn act_until(mistakes: &mut Mistakes, mistake: Mistake, told: &str) -> Duration {
        let deadline = Instant::now() + Duration::from_secs(20);
        let mut longest = Duration::ZERO;
        loop {
            let began = Instant::now();
            mistakes.act(&Handle::current());
            longest = longest.max(began.elapsed());
            let story = mistakes.story(mistake).unwrap_or_default();
            if story.contains(told) {
                return longest;
            }
            assert!(Instant::now() < deadline, "{mistake:?} said {story:?}");
            std::thread::park_timeout(Duration::from_millis(5));
        }
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn what_is_made_in_the_frame_makes_the_frame_long() {
        let mut mistakes = Mistakes::default();
        for (mistake, told, at_least) in [
            (Mistake::BlockingCall, "for the disk", BLOCKING_CALL),
            (Mistake::HeldLock, "for the lock", Duration::from_millis(1)),
            (Mistake::UnboundedChannel, "messages", Duration::from_millis(1)),
        ] {
            mistakes.turn(mistake, true, &Handle::current());
            let longest = act_until(&mut mistakes, mistake, told);
            assert!(longest >= at_least, "{mistake:?} made a frame of {longest:?}");
            mistakes.turn(mistake, false, &Handle::current());
            assert_eq!(mistakes.story(mistake), None);
        }
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 1)]
    async fn a_sleep_inside_async_keeps_every_other_task_waiting() {
        let mut mistakes = Mistakes::default();
        mistakes.turn(Mistake::SleepInAsync, true, &Handle::current());
        // The test itself is on a thread of its own; the one worker is held.
        act_until(&mut mistakes, Mistake::SleepInAsync, "Held 1 worker");
        let sent = Instant::now();
        let took = tokio::spawn(async move { sent.elapsed() }).await.unwrap();
        assert!(took >= WORKER_HELD / 2, "the next task was taken up after {took:?}");
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn a_result_without_a_wake_up_lies_ready_and_a_dropped_promise_is_never_kept() {
        let mut mistakes = Mistakes::default();
        mistakes.turn(Mistake::LostWakeUp, true, &Handle::current());
        mistakes.turn(Mistake::DroppedPromise, true, &Handle::current());
        assert!(!mistakes.move_the_window(), "a window that paints would look by itself");
        tokio::time::sleep(QUIET_WORK * 2).await;
        act_until(&mut mistakes, Mistake::LostWakeUp, "lay ready for 3");
        act_until(&mut mistakes, Mistake::DroppedPromise, "Still no answer");
        mistakes.stop();
        assert!(Mistake::ALL.into_iter().all(|mistake| !mistakes.is_on(mistake)));
    }
}
