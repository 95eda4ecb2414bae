//! How far a job is: the latest value, never a queue. Written by the job with relaxed atomics, read by the engine once
//! a frame, so that neither can hold up the other.

use std::sync::atomic::{AtomicU8, AtomicU64, Ordering::Relaxed};
use std::time::{Duration, Instant};

use parking_lot::Mutex;

const UNKNOWN: u64 = u64::MAX;
/// How long after something was done a job is still seen to move.
const RESTS_AFTER: Duration = Duration::from_secs(1);

/// What a job counts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Unit {
    /// Bytes, shown in SI units.
    #[default]
    Bytes,
    /// Things of a kind that the note names, such as requests served.
    Items,
}

/// The latest progress of one run of a job.
#[derive(Debug)]
pub struct Progress {
    done: AtomicU64,
    total: AtomicU64,
    unit: AtomicU8,
    note: Mutex<String>,
}

impl Default for Progress {
    fn default() -> Self {
        Self {
            done: AtomicU64::new(0),
            total: AtomicU64::new(UNKNOWN),
            unit: AtomicU8::new(Unit::Bytes as u8),
            note: Mutex::new(String::new()),
        }
    }
}

impl Progress {
    /// Adds to what is done, in the job's unit.
    pub fn add(&self, done: u64) {
        self.done.fetch_add(done, Relaxed);
    }

    /// Sets what is done, in the job's unit.
    pub fn set_done(&self, done: u64) {
        self.done.store(done, Relaxed);
    }

    /// Sets what there is to do, in the job's unit; `None` while nobody knows.
    pub fn set_total(&self, total: Option<u64>) {
        self.total.store(total.unwrap_or(UNKNOWN), Relaxed);
    }

    /// Sets what is counted; bytes at first.
    pub fn set_unit(&self, unit: Unit) {
        self.unit.store(unit as u8, Relaxed);
    }

    /// Says in a few words what the job is at, such as `Connecting`; empty for nothing.
    pub fn set_note(&self, note: impl Into<String>) {
        *self.note.lock() = note.into();
    }

    /// What is done, in the job's unit.
    #[must_use]
    pub fn done(&self) -> u64 {
        self.done.load(Relaxed)
    }

    fn total(&self) -> Option<u64> {
        Some(self.total.load(Relaxed)).filter(|total| *total != UNKNOWN)
    }
}

/// A reading of a job's progress for the eye: what a card shows.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Reading {
    /// What is done, in `unit`.
    pub done: u64,
    /// What there is to do, if it is known.
    pub total: Option<u64>,
    /// What is counted.
    pub unit: Unit,
    /// Smoothed speed in units a second; zero until it is known.
    pub rate: f64,
    /// What the job is at, in a few words; may be empty.
    pub note: String,
}

impl Reading {
    /// The share that is done, from 0 to 1; `None` when the total is not known.
    #[must_use]
    #[expect(clippy::cast_precision_loss, clippy::cast_possible_truncation, reason = "a share for the eye")]
    pub fn fraction(&self) -> Option<f32> {
        self.total.map(|total| if total == 0 { 1.0 } else { (self.done as f64 / total as f64).min(1.0) as f32 })
    }

    /// The time left at the present speed.
    #[must_use]
    #[expect(clippy::cast_precision_loss, reason = "an estimate")]
    pub fn left(&self) -> Option<Duration> {
        let left = self.total?.saturating_sub(self.done) as f64;
        if self.rate <= 0.0 {
            return None;
        }
        Duration::try_from_secs_f64(left / self.rate).ok()
    }
}

/// Turns progress into readings, with the speed smoothed over about two seconds.
#[derive(Debug, Default)]
pub(super) struct RateMeter {
    last: Option<(Instant, u64)>,
    rate: f64,
    /// What was done when it was last seen to be more, and when that was.
    moved: Option<(Instant, u64)>,
}

impl RateMeter {
    /// Takes a sample; closer than 100 ms to the last one, it only waits.
    #[expect(clippy::cast_precision_loss, reason = "a speed for the eye")]
    pub(super) fn sample(&mut self, progress: &Progress, now: Instant) {
        const SMOOTHING_SECS: f64 = 2.0;
        let done = progress.done();
        if self.moved.is_none_or(|(_, before)| before != done) {
            self.moved = Some((now, done));
        }
        let Some((then, before)) = self.last else {
            self.last = Some((now, done));
            return;
        };
        let elapsed = now.saturating_duration_since(then).as_secs_f64();
        if elapsed < 0.1 {
            return;
        }
        let rate = done.saturating_sub(before) as f64 / elapsed;
        let weight = if self.rate == 0.0 { 1.0 } else { 1.0 - (-elapsed / SMOOTHING_SECS).exp() };
        self.rate += (rate - self.rate) * weight;
        self.last = Some((now, done));
    }

    /// Whether nothing has been done for a while.
    pub(super) fn rests(&self, now: Instant) -> bool {
        self.moved.is_some_and(|(then, _)| now.saturating_duration_since(then) > RESTS_AFTER)
    }

    pub(super) fn reading(&self, progress: &Progress) -> Reading {
        Reading {
            done: progress.done(),
            total: progress.total(),
            unit: if progress.unit.load(Relaxed) == Unit::Items as u8 { Unit::Items } else { Unit::Bytes },
            rate: self.rate,
            note: progress.note.lock().clone(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_rate_is_done_over_time_and_gives_the_time_left() {
        let progress = Progress::default();
        let mut meter = RateMeter::default();
        let start = Instant::now();
        progress.set_total(Some(1_000));
        meter.sample(&progress, start);
        progress.add(100);
        meter.sample(&progress, start + Duration::from_secs(1));
        let reading = meter.reading(&progress);
        assert!((reading.rate - 100.0).abs() < 1e-9);
        assert_eq!(reading.fraction(), Some(0.1));
        assert_eq!(reading.left(), Some(Duration::from_secs(9)));
    }

    #[test]
    fn without_a_total_there_is_no_share_and_no_time_left() {
        let reading = RateMeter::default().reading(&Progress::default());
        assert_eq!((reading.fraction(), reading.left()), (None, None));
    }
}
