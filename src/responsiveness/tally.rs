//! What the UI thread did from one moment on, summed up: enough to set two ways of doing the same work side by side.

use std::time::Duration;

use hdrhistogram::Histogram;

use super::{FRAME, LONG_TASK, Span};

/// Sums since it was made.
#[derive(Clone, Debug)]
pub struct Tally {
    frames: u64,
    missed_frames: u64,
    longest_pause: Duration,
    stood_still: Duration,
    /// Delays until a question was answered, in microseconds up to an hour, to three digits.
    answers: Option<Histogram<u64>>,
}

impl Tally {
    /// Nothing was seen yet.
    pub(super) fn new() -> Self {
        Self {
            frames: 0,
            missed_frames: 0,
            longest_pause: Duration::ZERO,
            stood_still: Duration::ZERO,
            // Bounds that are right can not be refused.
            answers: Histogram::new_with_bounds(1, 3_600_000_000, 3).ok(),
        }
    }

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

    /// The delay within which the given share of all questions was answered, to three digits; zero if none was asked.
    #[must_use]
    pub fn answered_within(&self, share: f64) -> Duration {
        let answers = self.answers.as_ref();
        answers.map_or(Duration::ZERO, |answers| Duration::from_micros(answers.value_at_quantile(share)))
    }

    pub(super) fn span(&mut self, span: Span, length: Duration) {
        self.frames += u64::from(span == Span::Frame);
        self.missed_frames += u64::try_from(length.as_nanos() / FRAME.as_nanos()).unwrap_or(u64::MAX);
        self.longest_pause = self.longest_pause.max(length);
        if length >= LONG_TASK {
            self.stood_still += length;
        }
    }

    pub(super) fn answered(&mut self, delay: Duration) {
        if let Some(answers) = &mut self.answers {
            answers.saturating_record(u64::try_from(delay.as_micros()).unwrap_or(u64::MAX));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_long_stands_still_and_misses_frames_and_late_answers_show_in_the_high_percentiles() {
        let mut tally = Tally::new();
        let ms = Duration::from_millis;
        for _ in 0..99 {
            tally.span(Span::Frame, ms(2));
            tally.answered(ms(1));
        }
        tally.span(Span::Event, ms(49));
        tally.span(Span::Frame, ms(500));
        tally.answered(ms(500));
        assert_eq!((tally.frames(), tally.missed_frames()), (100, 2 + 29));
        assert_eq!((tally.longest_pause(), tally.stood_still()), (ms(500), ms(500)));
        assert_eq!(tally.answered_within(0.5), ms(1));
        let last = tally.answered_within(1.0);
        assert!(last.abs_diff(ms(500)) < ms(1), "{last:?}");
    }
}
