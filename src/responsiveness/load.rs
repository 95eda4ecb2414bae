//! What the workers are at, sampled while something runs: how busy they were, what waits for them, and how soon they take
//! up something new. Plain data; where it comes from is the caller's to say.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

use super::history::KEPT;
use crate::jobs::Census;

/// What the workers were at between two looks.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Load {
    /// When it was looked at; the look before was the sample before.
    pub at: Instant,
    /// The share of the workers' time that they were busy, from 0 to 1.
    pub busy: f32,
    /// The counters at that moment.
    pub census: Census,
}

/// The loads of the last minute.
#[derive(Debug, Default)]
pub struct Loads {
    loads: VecDeque<Load>,
    last: Option<(Instant, Census)>,
}

/// A look further back than this is another stretch of work.
const GAP: Duration = Duration::from_secs(1);

impl Loads {
    /// All samples of the last minute, the oldest first.
    #[must_use]
    pub fn iter(&self) -> impl DoubleEndedIterator<Item = &Load> {
        self.loads.iter()
    }

    pub(super) fn take(&mut self, at: Instant, census: Census) {
        let before = self.last.replace((at, census));
        let Some((then, before)) = before.filter(|(then, _)| at.saturating_duration_since(*then) < GAP) else { return };
        #[expect(clippy::cast_precision_loss, reason = "a few workers")]
        let offered = at.saturating_duration_since(then).as_secs_f32() * census.workers as f32;
        let busy = census.busy.saturating_sub(before.busy).as_secs_f32() / offered.max(f32::MIN_POSITIVE);
        self.loads.push_back(Load { at, busy: busy.min(1.0), census });
        // What holds a worker is told when it lets go: it belongs to the samples before.
        let mut over = (busy - 1.0).max(0.0);
        for earlier in self.loads.iter_mut().rev().skip(1) {
            let taken = (1.0 - earlier.busy).min(over);
            earlier.busy += taken;
            over -= taken;
        }
        while self.loads.front().is_some_and(|load| at.saturating_duration_since(load.at) > KEPT) {
            self.loads.pop_front();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_worker_that_was_held_was_busy_before_it_let_go() {
        let (start, ms) = (Instant::now(), Duration::from_millis);
        let mut loads = Loads::default();
        for (at, busy) in [(0, 0), (50, 0), (100, 0), (150, 150)] {
            loads.take(start + ms(at), Census { workers: 1, busy: ms(busy), ..Census::default() });
        }
        assert!(loads.iter().all(|load| load.busy > 0.99), "{loads:?}");
    }

    #[test]
    fn the_busy_share_is_of_all_workers_and_a_long_pause_between_two_looks_says_nothing() {
        let (start, ms) = (Instant::now(), Duration::from_millis);
        let mut loads = Loads::default();
        let census = |busy| Census { workers: 2, busy: ms(busy), ..Census::default() };
        loads.take(start, census(0));
        loads.take(start + ms(100), census(50));
        loads.take(start + ms(5_000), census(5_000));
        let busy: Vec<_> = loads.iter().map(|load| load.busy).collect();
        assert!(matches!(busy.as_slice(), [busy] if (busy - 0.25).abs() < 1e-3), "{busy:?}");
    }
}
