//! What the UI thread did in the last minute, what was pressed meanwhile, and every freeze, as plain data.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

use super::phase::Phases;
use super::{FRAME, FREEZE, LONG_TASK, Phase, Span};

/// How far back the strip shows.
pub const WINDOW: Duration = Duration::from_secs(10);
/// How far back the timeline shows.
pub const KEPT: Duration = Duration::from_mins(1);
/// Long tasks that are remembered.
const MAX_FREEZES: usize = 256;
/// Presses that are remembered.
const MAX_PRESSES: usize = 1_024;
/// A span that is no frame and shorter than this adds nothing that could be shown.
const SHORT: Duration = Duration::from_millis(1);

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
    /// Buttons and keys that were pressed, and files that were dropped, meanwhile and had to wait.
    pub waited: Waited,
    /// The job that had the UI thread, if it was one.
    pub cause: Option<String>,
    /// The callback that did not come back.
    pub span: Span,
    /// How long each phase of it took.
    pub phases: Phases,
    /// Whether nobody could see the window, which then stood still for nobody.
    pub hidden: bool,
}

/// A callback of the event loop that is over.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Spell {
    /// When it began.
    pub began: Instant,
    /// What it was.
    pub span: Span,
    /// How long each phase of it took.
    pub phases: Phases,
}

impl Spell {
    /// How long the UI thread was busy with it.
    #[must_use]
    pub fn length(&self) -> Duration {
        self.phases.sum()
    }
}

/// What waited in a freeze.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Waited {
    /// Presses of mouse buttons.
    pub clicks: u32,
    /// Presses of keys.
    pub keys: u32,
    /// Files that were dropped.
    pub files: u32,
}

impl Waited {
    /// Whether nothing waited.
    #[must_use]
    pub fn is_none(&self) -> bool {
        *self == Self::default()
    }
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
        self.length >= FREEZE && !self.hidden
    }

    /// What had the UI thread, in a few words: the job, or else the phase and the callback.
    #[must_use]
    pub fn culprit(&self) -> String {
        match (&self.cause, self.span) {
            (Some(job), _) => job.clone(),
            (None, Span::Frame) => format!("the frame's {}", self.phases.longest().name()),
            (None, Span::Event(event)) => format!("an event: {event}"),
        }
    }
}

/// What the meter has seen.
#[derive(Debug, Default)]
pub struct History {
    spells: VecDeque<Spell>,
    presses: VecDeque<(Instant, Waited)>,
    /// How many spells there were before the first that is kept.
    forgotten: u64,
    hidden: bool,
    freezes: VecDeque<Freeze>,
    /// A long span has ended, but what waited in it is still being delivered.
    open: Option<Freeze>,
    /// Whether the event loop has gone round since the open freeze ended.
    drained_once: bool,
    cause: Option<String>,
}

impl History {
    /// The callbacks of the last minute, the oldest first; of those that were no frame, the ones that took a millisecond.
    #[must_use]
    pub fn spells(&self) -> impl DoubleEndedIterator<Item = &Spell> + Clone {
        self.spells.iter()
    }

    /// The callbacks that have come since so many were counted, as far as they are kept, and how many there are now.
    pub fn spells_since(&self, counted: u64) -> (impl Iterator<Item = &Spell>, u64) {
        let skip = usize::try_from(counted.saturating_sub(self.forgotten)).unwrap_or(usize::MAX);
        (self.spells.iter().skip(skip), self.forgotten + self.spells.len() as u64)
    }

    /// What was pressed in the last minute, and when the event loop delivered it.
    #[must_use]
    pub fn presses(&self) -> impl DoubleEndedIterator<Item = (Instant, Waited)> + '_ {
        self.presses.iter().copied()
    }

    /// The frames of the last minute: when each began, and how long the UI thread was busy with it.
    #[must_use]
    pub fn frames(&self) -> impl DoubleEndedIterator<Item = (Instant, Duration)> + '_ {
        self.spells.iter().filter(|spell| spell.span == Span::Frame).map(|spell| (spell.began, spell.length()))
    }

    /// How many frames began within the second before `now`.
    #[must_use]
    pub fn frames_per_second(&self, now: Instant) -> usize {
        let within = |began: &(Instant, Duration)| now.saturating_duration_since(began.0) <= Duration::from_secs(1);
        self.frames().rev().take_while(within).count()
    }

    /// The longest span within ten seconds before `now`, frames and all other callbacks alike.
    #[must_use]
    pub fn longest_pause(&self, now: Instant) -> Duration {
        let lengths = self.spells.iter().rev().map(|spell| (spell.began, spell.length()));
        let recent = lengths.take_while(|(began, length)| now.saturating_duration_since(*began + *length) <= WINDOW);
        recent.map(|(_, length)| length).max().unwrap_or_default()
    }

    /// How long the UI thread is busy with a frame, usually: the median of the last ones.
    #[must_use]
    pub fn frame_cost(&self) -> Duration {
        let mut costs: Vec<_> = self.frames().rev().take(COSTED_FRAMES).map(|(_, cost)| cost).collect();
        costs.sort_unstable();
        costs.get(costs.len() / 2).copied().unwrap_or_default()
    }

    /// The callbacks that can be shown, the oldest first: of those that are forgotten the long ones are still known.
    pub fn shown(&self) -> impl Iterator<Item = Spell> {
        let kept_from = self.spells.front().map(|spell| spell.began);
        let old = self.freezes.iter().take_while(move |freeze| kept_from.is_none_or(|kept| freeze.began < kept));
        let old = old.map(|freeze| Spell { began: freeze.began, span: freeze.span, phases: freeze.phases });
        old.chain(self.spells.iter().copied())
    }

    /// The last freeze that a person could feel.
    #[must_use]
    pub fn last_freeze(&self) -> Option<&Freeze> {
        self.freezes.iter().rev().find(|freeze| freeze.felt())
    }

    /// Every span of 50 ms and more, the oldest first.
    #[must_use]
    pub fn long_tasks(&self) -> impl ExactSizeIterator<Item = &Freeze> + DoubleEndedIterator {
        self.freezes.iter()
    }

    /// Takes in a callback that is over; gives the freeze before it, if that was still open: what comes now has not waited
    /// in that one any more.
    pub(super) fn span(&mut self, spell: Spell, counted: Duration) -> Option<Freeze> {
        let Spell { began, span, phases } = spell;
        if !self.hidden && (span == Span::Frame || spell.length() > SHORT) {
            self.spells.push_back(spell);
        }
        while self.spells.front().is_some_and(|spell| began.saturating_duration_since(spell.began) > KEPT) {
            self.spells.pop_front();
            self.forgotten += 1;
        }
        let length = if self.hidden {
            // What brings a picture to the screen may wait there until somebody looks.
            phases.sum().saturating_sub(phases.of(Phase::Present))
        } else {
            phases.sum()
        };
        let cause = self.cause.take().filter(|_| length >= LONG_TASK);
        if length < LONG_TASK {
            return None;
        }
        let before = self.close();
        let (waited, hidden) = (Waited::default(), self.hidden);
        self.open = Some(Freeze { began, length, counted, waited, cause, span, phases, hidden });
        self.drained_once = false;
        before
    }

    /// Takes in an answer that was asked for at `asked` and came at `now`: the event loop may have stood still between two
    /// callbacks too, when the system gave its thread no time. Gives the freeze before, as [`History::span`] does.
    pub(super) fn answered(&mut self, asked: Instant, now: Instant) -> Option<Freeze> {
        if self.hidden || now.saturating_duration_since(asked) < FREEZE {
            return None;
        }
        let (began, length) = self.longest_gap(asked, now);
        if length < FREEZE {
            return None;
        }
        let before = self.close();
        let mut phases = Phases::default();
        phases.add(Phase::Event, length);
        let span = Span::Event("waiting for a core");
        let at = self.spells.partition_point(|spell| spell.began <= began);
        self.spells.insert(at, Spell { began, span, phases });
        let (counted, waited) = (Duration::ZERO, Waited::default());
        let cause = Some("the system, which gave the window no time".into());
        self.open = Some(Freeze { began, length, counted, waited, cause, span, phases, hidden: false });
        self.drained_once = false;
        before
    }

    /// The longest stretch from `from` to `to` in which there was no callback.
    fn longest_gap(&self, from: Instant, to: Instant) -> (Instant, Duration) {
        let end_of = |spell: &Spell| spell.began + spell.length();
        let first = self.spells.iter().rposition(|spell| end_of(spell) <= from).map_or(0, |at| at + 1);
        let (mut at, mut longest) = (from, (from, Duration::ZERO));
        let spells = self.spells.iter().skip(first).map(|spell| (spell.began, end_of(spell)));
        for (began, ended) in spells.chain([(to, to)]) {
            let gap = began.min(to).saturating_duration_since(at);
            if gap > longest.1 {
                longest = (at, gap);
            }
            at = at.max(ended);
        }
        longest
    }

    pub(super) fn hide(&mut self, hidden: bool) {
        self.hidden = hidden;
    }

    pub(super) const fn is_hidden(&self) -> bool {
        self.hidden
    }

    pub(super) fn pressed(&mut self, now: Instant, waited: Waited) {
        if waited.is_none() {
            return;
        }
        self.presses.push_back((now, waited));
        if self.presses.len() > MAX_PRESSES {
            self.presses.pop_front();
        }
        if let Some(freeze) = &mut self.open {
            freeze.waited.clicks += waited.clicks;
            freeze.waited.keys += waited.keys;
            freeze.waited.files += waited.files;
        }
    }

    /// The event loop goes to sleep twice after a freeze before all that waited in it is delivered: once at the end of
    /// the turn that froze, once after the turn that found what had waited.
    pub(super) fn drained(&mut self) -> Option<Freeze> {
        self.open.as_ref()?;
        if !std::mem::replace(&mut self.drained_once, true) {
            return None;
        }
        self.close()
    }

    fn close(&mut self) -> Option<Freeze> {
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

#[cfg(test)]
mod tests {
    use super::*;

    const fn ms(milliseconds: u64) -> Duration {
        Duration::from_millis(milliseconds)
    }

    fn spell(span: Span, began: Instant, phase: Phase, length: Duration) -> Spell {
        let mut phases = Phases::default();
        phases.add(phase, length);
        Spell { began, span, phases }
    }

    #[test]
    fn what_is_delivered_in_the_turn_after_a_freeze_has_waited_in_it() {
        let mut history = History::default();
        let start = Instant::now();
        history.blame("access.log".into());
        let _ = history.span(spell(Span::Frame, start, Phase::Logic, ms(4_200)), ms(4_190));
        assert_eq!(history.drained(), None);
        (0..7).for_each(|_| history.pressed(start, Waited { clicks: 1, ..Waited::default() }));
        let freeze = history.drained().unwrap();
        assert_eq!((freeze.missed_frames(), freeze.waited.clicks), (251, 7));
        assert_eq!((freeze.culprit(), freeze.phases.longest()), ("access.log".into(), Phase::Logic));
        history.pressed(start, Waited { clicks: 1, ..Waited::default() });
        assert_eq!(history.last_freeze(), Some(&freeze));
        assert_eq!(history.presses().count(), 8);
    }

    #[test]
    fn a_late_answer_is_a_freeze_unless_a_callback_accounts_for_it() {
        let mut history = History::default();
        let start = Instant::now();
        let _ = history.span(spell(Span::Frame, start, Phase::Ui, ms(40)), ms(0));
        let _ = history.span(spell(Span::Frame, start + ms(50), Phase::Ui, ms(40)), ms(0));
        assert_eq!(history.answered(start, start + ms(330)), None, "the longest it did nothing is 240 ms");
        assert!(history.open.is_none());
        let _ = history.answered(start + ms(60), start + ms(5_090));
        // The next question had waited in the same one.
        assert_eq!(history.answered(start + ms(110), start + ms(5_095)), None);
        history.pressed(start, Waited { clicks: 2, ..Waited::default() });
        let freeze = history.drained().or_else(|| history.drained()).unwrap();
        assert_eq!((freeze.length, freeze.waited.clicks, freeze.felt()), (ms(5_000), 2, true));
        assert_eq!(history.longest_pause(start + ms(6_000)), ms(5_000));
    }

    #[test]
    fn a_long_frame_right_after_a_freeze_takes_nothing_from_it() {
        let mut history = History::default();
        let start = Instant::now();
        assert_eq!(history.span(spell(Span::Frame, start, Phase::Logic, ms(4_200)), ms(4_190)), None);
        assert_eq!(history.drained(), None);
        history.pressed(start, Waited { clicks: 2, ..Waited::default() });
        let freeze = history.span(spell(Span::Frame, start + ms(4_200), Phase::Ui, ms(60)), ms(50)).unwrap();
        assert_eq!((freeze.length, freeze.waited.clicks), (ms(4_200), 2));
        assert_eq!(history.drained(), None);
        assert_eq!(history.drained().map(|freeze| freeze.length), Some(ms(60)));
        assert_eq!(history.long_tasks().len(), 2);
    }

    #[test]
    fn the_longest_pause_is_forgotten_after_ten_seconds() {
        let mut history = History::default();
        let start = Instant::now();
        let _ = history.span(spell(Span::Event("key"), start, Phase::Event, ms(80)), ms(60));
        let _ = history.span(spell(Span::Frame, start + ms(100), Phase::Ui, ms(9)), ms(0));
        assert_eq!(history.longest_pause(start + ms(9_000)), ms(80));
        assert_eq!(history.longest_pause(start + ms(10_090)), ms(9));
        assert_eq!(history.frames_per_second(start + ms(200)), 1);
    }

    #[test]
    fn a_hidden_window_stands_still_for_nobody_and_may_wait_to_be_shown() {
        let mut history = History::default();
        let start = Instant::now();
        history.hide(true);
        let _ = history.span(spell(Span::Frame, start, Phase::Present, ms(3_000)), ms(2_990));
        assert_eq!((history.drained(), history.drained()), (None, None));
        let _ = history.span(spell(Span::Frame, start, Phase::Logic, ms(3_000)), ms(2_990));
        let _ = history.drained();
        assert!(history.drained().is_some_and(|freeze| freeze.hidden && !freeze.felt()));
        assert_eq!((history.last_freeze(), history.longest_pause(start)), (None, ms(0)));
    }

    #[test]
    fn spells_are_given_once_to_who_counts_and_forgotten_after_a_minute() {
        let mut history = History::default();
        let start = Instant::now();
        let frame = |at| spell(Span::Frame, start + ms(at), Phase::Ui, ms(2));
        let _ = history.span(frame(0), ms(0));
        let _ = history.span(frame(16), ms(0));
        let counted = history.spells_since(0).1;
        assert_eq!(counted, 2);
        let _ = history.span(frame(61_000), ms(0));
        let (new, counted) = history.spells_since(counted);
        assert_eq!((new.copied().collect::<Vec<_>>(), counted), (vec![frame(61_000)], 3));
        assert_eq!(history.spells().count(), 1);
    }
}
