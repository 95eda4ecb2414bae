//! The spans of the last ten seconds and every freeze, as plain data.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

use super::{FRAME, FREEZE, LONG_TASK, Span};

/// How far back the strip shows.
pub const WINDOW: Duration = Duration::from_secs(10);
/// Long tasks that are remembered.
const MAX_FREEZES: usize = 256;

/// Frames that say what a frame costs.
const COSTED_FRAMES: usize = 15;

/// A span in which the window did not answer.
#[derive(Clone, Debug, PartialEq)]
pub struct Freeze {
    /// When it began.
    pub began: Instant,
    /// How long it was.
    pub length: Duration,
    /// What the watchdog had counted when it last looked: less than `length` by one look at most.
    pub counted: Duration,
    /// Buttons and keys that were pressed meanwhile and had to wait.
    pub waited: Waited,
    /// The job that had the UI thread, if it was one.
    pub cause: Option<String>,
}

/// What waited in a freeze.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Waited {
    /// Presses of mouse buttons.
    pub clicks: u32,
    /// Presses of keys.
    pub keys: u32,
}

impl Freeze {
    /// How many frames of a 60 Hz display were missed.
    #[must_use]
    pub const fn missed_frames(&self) -> u128 {
        self.length.as_nanos() / FRAME.as_nanos()
    }

    /// Whether a person feels it.
    #[must_use]
    pub fn felt(&self) -> bool {
        self.length >= FREEZE
    }
}

/// What the meter has seen.
#[derive(Debug, Default)]
pub struct History {
    frames: VecDeque<(Instant, Duration)>,
    spans: VecDeque<(Instant, Duration)>,
    freezes: VecDeque<Freeze>,
    /// A long span has ended, but what waited in it is still being delivered.
    open: Option<Freeze>,
    /// Whether the event loop has gone round since the open freeze ended.
    drained_once: bool,
    cause: Option<String>,
}

impl History {
    /// The frames of the last ten seconds: when each began, and how long the UI thread was busy with it.
    #[must_use]
    pub fn frames(&self) -> impl DoubleEndedIterator<Item = (Instant, Duration)> + '_ {
        self.frames.iter().copied()
    }

    /// How many frames began within the second before `now`.
    #[must_use]
    pub fn frames_per_second(&self, now: Instant) -> usize {
        let within = |began: &&(Instant, Duration)| now.saturating_duration_since(began.0) <= Duration::from_secs(1);
        self.frames.iter().rev().take_while(within).count()
    }

    /// The longest span within ten seconds before `now`, frames and all other callbacks alike.
    #[must_use]
    pub fn longest_pause(&self, now: Instant) -> Duration {
        let recent =
            self.spans.iter().filter(|(began, length)| now.saturating_duration_since(*began + *length) <= WINDOW);
        recent.map(|(_, length)| *length).max().unwrap_or_default()
    }

    /// How long the UI thread is busy with a frame, usually: the median of the last ones.
    #[must_use]
    pub fn frame_cost(&self) -> Duration {
        let mut costs: Vec<_> = self.frames.iter().rev().take(COSTED_FRAMES).map(|(_, cost)| *cost).collect();
        costs.sort_unstable();
        costs.get(costs.len() / 2).copied().unwrap_or_default()
    }

    /// The last freeze that a person could feel.
    #[must_use]
    pub fn last_freeze(&self) -> Option<&Freeze> {
        self.freezes.iter().rev().find(|freeze| freeze.felt())
    }

    /// Every span of 50 ms and more, the oldest first.
    #[must_use]
    pub fn long_tasks(&self) -> impl ExactSizeIterator<Item = &Freeze> {
        self.freezes.iter()
    }

    pub(super) fn span(&mut self, span: Span, began: Instant, length: Duration, counted: Duration) {
        if span == Span::Frame {
            self.frames.push_back((began, length));
            forget(&mut self.frames, began);
        }
        // A shorter span than the last few adds nothing that could be shown.
        if length > Duration::from_millis(1) {
            self.spans.push_back((began, length));
            forget(&mut self.spans, began);
        }
        let cause = self.cause.take().filter(|_| length >= LONG_TASK);
        if length >= LONG_TASK {
            self.open = Some(Freeze { began, length, counted, waited: Waited::default(), cause });
            self.drained_once = false;
        }
    }

    pub(super) fn pressed(&mut self, waited: Waited) {
        if let Some(freeze) = &mut self.open {
            freeze.waited.clicks += waited.clicks;
            freeze.waited.keys += waited.keys;
        }
    }

    /// The event loop goes to sleep twice after a freeze before all that waited in it is delivered: once at the end of
    /// the turn that froze, once after the turn that found what had waited.
    pub(super) fn drained(&mut self) -> Option<Freeze> {
        self.open.as_ref()?;
        if !std::mem::replace(&mut self.drained_once, true) {
            return None;
        }
        let freeze = self.open.take()?;
        self.freezes.push_back(freeze.clone());
        if self.freezes.len() > MAX_FREEZES {
            self.freezes.pop_front();
        }
        Some(freeze)
    }

    pub(super) fn blame(&mut self, cause: String) {
        self.cause = Some(cause);
    }
}

fn forget(spans: &mut VecDeque<(Instant, Duration)>, now: Instant) {
    while spans.front().is_some_and(|(began, _)| now.saturating_duration_since(*began) > WINDOW) {
        spans.pop_front();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn ms(milliseconds: u64) -> Duration {
        Duration::from_millis(milliseconds)
    }

    #[test]
    fn what_is_delivered_in_the_turn_after_a_freeze_has_waited_in_it() {
        let mut history = History::default();
        let start = Instant::now();
        history.blame("access.log".into());
        history.span(Span::Frame, start, ms(4_200), ms(4_190));
        assert_eq!(history.drained(), None);
        (0..7).for_each(|_| history.pressed(Waited { clicks: 1, keys: 0 }));
        let freeze = history.drained().unwrap();
        assert_eq!((freeze.missed_frames(), freeze.waited.clicks), (251, 7));
        assert_eq!(freeze.cause.as_deref(), Some("access.log"));
        history.pressed(Waited { clicks: 1, keys: 0 });
        assert_eq!(history.last_freeze(), Some(&freeze));
    }

    #[test]
    fn the_longest_pause_is_forgotten_after_ten_seconds() {
        let mut history = History::default();
        let start = Instant::now();
        history.span(Span::Event, start, ms(80), ms(60));
        history.span(Span::Frame, start + ms(100), ms(9), ms(0));
        assert_eq!(history.longest_pause(start + ms(9_000)), ms(80));
        assert_eq!(history.longest_pause(start + ms(10_090)), ms(9));
        assert_eq!(history.frames_per_second(start + ms(200)), 1);
    }
}
