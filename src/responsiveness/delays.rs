//! A distribution of durations: HDR histograms, which keep two digits from a microsecond to an hour in bounded memory.

use std::time::Duration;

use hdrhistogram::Histogram;

/// The longest that is told apart; what is longer counts as this.
const LONGEST_MICROS: u64 = 3_600_000_000;

/// How often delays of each length came.
#[derive(Clone, Debug)]
pub struct Delays(Option<Histogram<u64>>);

impl Default for Delays {
    fn default() -> Self {
        // Bounds that are right can not be refused.
        Self(Histogram::new_with_bounds(1, LONGEST_MICROS, 2).ok())
    }
}

impl Delays {
    /// How many there were.
    #[must_use]
    pub fn count(&self) -> u64 {
        self.0.as_ref().map_or(0, Histogram::len)
    }

    /// The delay within which this share of all was over, to two digits; zero if there was none.
    #[must_use]
    pub fn within(&self, share: f64) -> Duration {
        self.0.as_ref().map_or(Duration::ZERO, |delays| Duration::from_micros(delays.value_at_quantile(share)))
    }

    /// How many were at least `from` and shorter than `to`.
    #[must_use]
    pub fn between(&self, from: Duration, to: Duration) -> u64 {
        let (from, to) = (micros(from), micros(to));
        self.0.as_ref().filter(|_| to > from).map_or(0, |delays| delays.count_between(from, to - 1))
    }

    pub(super) fn record(&mut self, delay: Duration) {
        if let Some(delays) = &mut self.0 {
            delays.saturating_record(micros(delay).max(1));
        }
    }
}

fn micros(delay: Duration) -> u64 {
    u64::try_from(delay.as_micros()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_late_one_among_a_hundred_shows_in_the_high_percentiles_alone() {
        let ms = Duration::from_millis;
        let mut delays = Delays::default();
        assert_eq!((delays.count(), delays.within(0.99)), (0, Duration::ZERO));
        (0..99).for_each(|_| delays.record(ms(2)));
        delays.record(ms(500));
        assert!(delays.within(0.5).abs_diff(ms(2)) < Duration::from_micros(20));
        assert!(delays.within(1.0).abs_diff(ms(500)) < ms(5));
        assert_eq!((delays.between(ms(1), ms(50)), delays.between(ms(50), ms(600)), delays.count()), (99, 1, 100));
    }
}
