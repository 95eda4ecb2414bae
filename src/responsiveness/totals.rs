//! The distributions of everything that the meter measures, since the program began or since they were set back.

use std::time::{Duration, Instant};

use super::history::Spell;
use super::{Delays, Phase, Span};

/// What the meter measures.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Measure {
    /// The delay from a question put to the event loop until it is handled, asked while something runs.
    Answer,
    /// The time from the beginning of a frame to the beginning of the next, while something moves.
    Interval,
    /// How long the UI thread is busy with a frame.
    Frame,
    /// How long it is busy with any other callback.
    Event,
    /// The share of a phase in that.
    Phase(Phase),
}

impl Measure {
    /// All of them, in the order in which they are shown.
    pub const ALL: [Self; 10] = [
        Self::Answer,
        Self::Interval,
        Self::Event,
        Self::Frame,
        Self::Phase(Phase::Event),
        Self::Phase(Phase::Logic),
        Self::Phase(Phase::Ui),
        Self::Phase(Phase::Tessellation),
        Self::Phase(Phase::Paint),
        Self::Phase(Phase::Present),
    ];

    /// Its name for people.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Answer => "answers",
            Self::Interval => "frame interval",
            Self::Frame => "a frame",
            Self::Event => "any other event",
            Self::Phase(phase) => phase.name(),
        }
    }
}

/// One distribution a measure.
#[derive(Clone, Debug, Default)]
pub struct Totals {
    delays: [Delays; Measure::ALL.len()],
    /// When the last frame began, if another was to follow.
    frame_before: Option<Instant>,
}

impl Totals {
    /// The distribution of a measure.
    #[must_use]
    pub fn of(&self, measure: Measure) -> Option<&Delays> {
        self.delays.get(place(measure))
    }

    pub(super) fn span(&mut self, spell: &Spell, another_follows: bool) {
        let is_frame = spell.span == Span::Frame;
        self.record(if is_frame { Measure::Frame } else { Measure::Event }, spell.length());
        if !is_frame {
            return;
        }
        for phase in Phase::ALL {
            self.record(Measure::Phase(phase), spell.phases.of(phase));
        }
        if let Some(before) = self.frame_before.replace(spell.began) {
            self.record(Measure::Interval, spell.began.saturating_duration_since(before));
        }
        if !another_follows {
            // What comes after a rest is no late frame.
            self.frame_before = None;
        }
    }

    /// What comes next follows no frame.
    pub(super) fn rest(&mut self) {
        self.frame_before = None;
    }

    pub(super) fn answered(&mut self, delay: Duration) {
        self.record(Measure::Answer, delay);
    }

    fn record(&mut self, measure: Measure, delay: Duration) {
        if let Some(delays) = self.delays.get_mut(place(measure)) {
            delays.record(delay);
        }
    }
}

const fn place(measure: Measure) -> usize {
    match measure {
        Measure::Answer => 0,
        Measure::Interval => 1,
        Measure::Event => 2,
        Measure::Frame => 3,
        Measure::Phase(phase) => 4 + phase as usize,
    }
}

#[cfg(test)]
mod tests {
    use super::super::phase::Phases;
    use super::*;

    #[test]
    fn an_interval_is_measured_from_frame_to_frame_but_not_over_a_rest() {
        let (start, ms) = (Instant::now(), Duration::from_millis);
        let mut totals = Totals::default();
        let mut phases = Phases::default();
        phases.add(Phase::Ui, ms(3));
        for (at, follows) in [(0, true), (20, false), (9_000, true)] {
            totals.span(&Spell { began: start + ms(at), span: Span::Frame, phases }, follows);
        }
        let counts = |measure| totals.of(measure).map(Delays::count);
        assert_eq!((counts(Measure::Interval), counts(Measure::Frame)), (Some(1), Some(3)));
        assert!(totals.of(Measure::Interval).unwrap().within(1.0).abs_diff(ms(20)) < ms(1));
        assert!(totals.of(Measure::Phase(Phase::Ui)).unwrap().within(0.5).abs_diff(ms(3)) < ms(1));
    }

    #[test]
    fn each_measure_has_a_place_of_its_own() {
        assert!(Measure::ALL.into_iter().map(place).eq(0..Measure::ALL.len()));
    }
}
