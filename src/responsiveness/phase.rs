//! What the UI thread does within one callback of the event loop, told apart. Plain data.

use std::time::{Duration, Instant};

/// A part of a callback of the event loop.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Phase {
    /// Taking in events and asking for frames: all that is not one of the others.
    Event,
    /// The program's own state: promises polled, commands applied, and a job that was let onto the UI thread.
    Logic,
    /// Laying out what is shown.
    Ui,
    /// Turning shapes into triangles.
    Tessellation,
    /// Handing the triangles to the graphics.
    Paint,
    /// Bringing the picture to the screen; without a graphics card this is where it is rasterized.
    Present,
}

impl Phase {
    /// All phases, in the order of a frame.
    pub const ALL: [Self; 6] = [Self::Event, Self::Logic, Self::Ui, Self::Tessellation, Self::Paint, Self::Present];

    /// Its name for people.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Event => "events",
            Self::Logic => "logic",
            Self::Ui => "ui",
            Self::Tessellation => "tessellation",
            Self::Paint => "paint",
            Self::Present => "present",
        }
    }
}

/// How long each phase took.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Phases([Duration; Phase::ALL.len()]);

impl Phases {
    /// How long this phase took.
    #[must_use]
    pub fn of(&self, phase: Phase) -> Duration {
        self.0.get(phase as usize).copied().unwrap_or_default()
    }

    /// The phase that took longest.
    #[must_use]
    pub fn longest(&self) -> Phase {
        Phase::ALL.into_iter().max_by_key(|phase| self.of(*phase)).unwrap_or(Phase::Event)
    }

    /// All of them together.
    #[must_use]
    pub fn sum(&self) -> Duration {
        self.0.iter().sum()
    }

    pub(super) fn add(&mut self, phase: Phase, time: Duration) {
        if let Some(sum) = self.0.get_mut(phase as usize) {
            *sum += time;
        }
    }
}

/// Where a callback stands: which phase it is in, and what those before have taken.
#[derive(Clone, Copy, Debug)]
pub(super) struct Stamps {
    phase: Phase,
    since: Instant,
    spent: Phases,
}

impl Stamps {
    pub(super) fn begin(now: Instant) -> Self {
        Self { phase: Phase::Event, since: now, spent: Phases::default() }
    }

    pub(super) fn enter(&mut self, phase: Phase, now: Instant) {
        self.spent.add(self.phase, now.saturating_duration_since(self.since));
        (self.phase, self.since) = (phase, now);
    }

    pub(super) fn end(mut self, now: Instant) -> Phases {
        self.enter(Phase::Event, now);
        self.spent
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_moment_belongs_to_the_phase_that_was_entered_last() {
        let (start, ms) = (Instant::now(), Duration::from_millis);
        let mut stamps = Stamps::begin(start);
        stamps.enter(Phase::Logic, start + ms(1));
        stamps.enter(Phase::Ui, start + ms(30));
        stamps.enter(Phase::Logic, start + ms(32));
        let phases = stamps.end(start + ms(42));
        assert_eq!(Phase::ALL.map(|phase| phases.of(phase)), [ms(1), ms(39), ms(2), ms(0), ms(0), ms(0)]);
        assert_eq!((phases.longest(), phases.sum()), (Phase::Logic, ms(42)));
    }
}
