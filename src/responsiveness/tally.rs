//! What the UI thread did from one moment on, summed up: enough to set two ways of doing the same work side by side.

use std::time::Duration;

use super::{Delays, FRAME, LONG_TASK, Span, Waited};

/// Sums since it was made.
#[derive(Clone, Debug, Default)]
pub struct Tally {
    frames: u64,
    missed_frames: u64,
    longest_pause: Duration,
    stood_still: Duration,
    waited: u64,
    answers: Delays,
}

impl Tally {
    /// How many frames were drawn.
    #[must_use]
    pub const fn frames(&self) -> u64 {
        self.frames
    }

    /// How many frames of a 60 Hz display passed while the UI thread was busy with one thing.
    #[must_use]
    pub const fn missed_frames(&self) -> u64 {
        self.missed_frames
    }

    /// The longest span for which the UI thread was busy with one thing.
    #[must_use]
    pub const fn longest_pause(&self) -> Duration {
        self.longest_pause
    }

    /// The sum of all spans of [`LONG_TASK`] and more.
    #[must_use]
    pub const fn stood_still(&self) -> Duration {
        self.stood_still
    }

    /// How many clicks, keys and dropped files waited in a span of [`LONG_TASK`] and more.
    #[must_use]
    pub const fn waited(&self) -> u64 {
        self.waited
    }

    /// The delays until a question was answered.
    #[must_use]
    pub const fn answers(&self) -> &Delays {
        &self.answers
    }

    pub(super) fn span(&mut self, span: Span, length: Duration) {
        self.frames += u64::from(span == Span::Frame);
        self.missed_frames += u64::try_from(length.as_nanos() / FRAME.as_nanos()).unwrap_or(u64::MAX);
        self.longest_pause = self.longest_pause.max(length);
        if length >= LONG_TASK {
            self.stood_still += length;
        }
    }

    pub(super) fn had_to_wait(&mut self, waited: Waited) {
        self.waited += u64::from(waited.clicks) + u64::from(waited.keys) + u64::from(waited.files);
    }

    pub(super) fn answered(&mut self, delay: Duration) {
        self.answers.record(delay);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_long_stands_still_and_misses_frames_and_what_waited_is_counted() {
        let mut tally = Tally::default();
        let ms = Duration::from_millis;
        for _ in 0..99 {
            tally.span(Span::Frame, ms(2));
        }
        tally.span(Span::Event("key"), ms(49));
        tally.span(Span::Frame, ms(500));
        tally.had_to_wait(Waited { clicks: 2, keys: 1, files: 1 });
        assert_eq!((tally.frames(), tally.missed_frames(), tally.waited()), (100, 2 + 29, 4));
        assert_eq!((tally.longest_pause(), tally.stood_still()), (ms(500), ms(500)));
    }
}
