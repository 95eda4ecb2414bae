//! What a test of the meter has shown: each stall as it was injected and as it was seen, and whether that is good enough.
//!
//! It must not know how stalls are made.

use std::fmt::Write as _;
use std::time::Duration;

use super::Phase;
use crate::units;

/// From this length on every stall has to be seen.
pub(super) const SEEN_FROM: Duration = Duration::from_millis(20);
/// How far what is seen may be from what was injected.
const MAX_ERROR: Duration = Duration::from_millis(2);
/// What the meter's own calls may cost in a frame, in microseconds.
const MAX_COST_US: f64 = 50.0;

/// One stall, as it was injected and as it was seen.
#[derive(Clone, Copy, Debug, PartialEq, serde::Serialize)]
pub struct Stall {
    /// The phase that it was injected into.
    pub phase: Phase,
    /// What was to be injected, in milliseconds.
    pub planned_ms: f64,
    /// What was injected: the system wakes nobody to the microsecond.
    pub injected_ms: f64,
    /// What the meter saw of that phase beyond what it usually takes; `None` if it saw nothing then.
    pub seen_ms: Option<f64>,
}

/// What came of the test.
#[derive(Clone, Debug, Default, PartialEq, serde::Serialize)]
pub struct Verdict {
    /// Every stall, in the order in which they were injected.
    pub stalls: Vec<Stall>,
    /// For how long nothing was injected at the end, in seconds.
    pub quiet_s: f64,
    /// What the meter took for a stall meanwhile, in milliseconds.
    pub false_stalls_ms: Vec<f64>,
    /// Whether a stall could not be injected, as the window was not shown.
    pub gave_up: bool,
    /// What the meter's own calls cost in each frame, in microseconds.
    pub cost_us: f64,
}

impl Stall {
    /// How far what was seen is from what was injected, in milliseconds; all of it if it was not seen.
    #[must_use]
    pub fn error_ms(&self) -> f64 {
        self.seen_ms.unwrap_or(0.0) - self.injected_ms
    }

    /// Whether it was seen as well as it has to be; a short one need not be seen.
    #[must_use]
    pub fn holds(&self) -> bool {
        self.injected_ms < SEEN_FROM.as_secs_f64() * 1e3 || self.error_ms().abs() <= MAX_ERROR.as_secs_f64() * 1e3
    }
}

impl Verdict {
    /// Whether every stall of 20 ms and more was seen within 2 ms, and nothing where there was none.
    #[must_use]
    pub fn holds(&self) -> bool {
        let cheap = self.cost_us <= MAX_COST_US && !self.gave_up;
        cheap && !self.stalls.is_empty() && self.stalls.iter().all(Stall::holds) && self.false_stalls_ms.is_empty()
    }

    /// The rows of the table: phase, injected, seen, error, and whether that is good enough.
    #[must_use]
    pub fn rows(&self) -> Vec<([String; 4], bool)> {
        let mut stalls = self.stalls.clone();
        let order = |stall: &Stall| (stall.phase as usize, stall.planned_ms);
        stalls
            .sort_unstable_by(|one, other| order(one).partial_cmp(&order(other)).unwrap_or(std::cmp::Ordering::Equal));
        let row = |stall: &Stall| {
            let seen = stall.seen_ms.map_or_else(|| "not seen".to_owned(), milliseconds);
            let injected = milliseconds(stall.injected_ms);
            ([stall.phase.name().to_owned(), injected, seen, format!("{:+.2} ms", stall.error_ms())], stall.holds())
        };
        stalls.iter().map(row).collect()
    }

    /// What follows, one sentence each.
    #[must_use]
    pub fn sentences(&self) -> Vec<String> {
        let counted: Vec<_> = self.stalls.iter().filter(|stall| stall.planned_ms >= 20.0).collect();
        let good = counted.iter().filter(|stall| stall.holds()).count();
        let worst = counted.iter().map(|stall| stall.error_ms().abs()).fold(0.0, f64::max);
        let longest = self.false_stalls_ms.iter().copied().fold(0.0, f64::max);
        let false_ones = match self.false_stalls_ms.len() {
            0 => "nothing was taken for one".to_owned(),
            1 => format!("one pause of {longest:.0} ms was seen that nobody had injected"),
            several => format!("{several} pauses of up to {longest:.0} ms were seen that nobody had injected"),
        };
        [
            format!(
                "{good} of {} stalls of 20 ms and more were seen within 2 ms; the largest error was {worst:.2} ms.",
                counted.len()
            ),
            format!("In {:.0} s without a stall {false_ones}.", self.quiet_s),
            format!("The meter's own calls cost {:.1} µs a frame.", self.cost_us),
        ]
        .into_iter()
        .chain(self.gave_up.then(|| "It was given up, as the window was not shown.".to_owned()))
        .collect()
    }

    /// The table as text for a terminal, with what follows.
    #[must_use]
    pub fn as_text(&self) -> String {
        let mut text = format!("{:14}{:>12}{:>12}{:>12}\n", "phase", "injected", "seen", "error");
        for ([phase, injected, seen, error], holds) in self.rows() {
            let mark = if holds { "" } else { "   missed" };
            let _ = writeln!(text, "{phase:14}{injected:>12}{seen:>12}{error:>12}{mark}");
        }
        text.push('\n');
        for sentence in self.sentences() {
            let _ = writeln!(text, "{sentence}");
        }
        text
    }
}

/// To a tenth, with thousands apart.
fn milliseconds(ms: f64) -> String {
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a few seconds")]
    let tenths = (ms * 10.0).round().max(0.0) as u64;
    format!("{}.{} ms", units::number(tenths / 10), tenths % 10)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stall(injected_ms: f64, seen_ms: Option<f64>) -> Stall {
        Stall { phase: Phase::Ui, planned_ms: injected_ms, injected_ms, seen_ms }
    }

    #[test]
    fn a_stall_that_is_missed_or_seen_wrong_fails_but_a_short_one_need_not_be_seen() {
        let verdict = |stalls: &[Stall], false_stalls_ms: &[f64]| Verdict {
            stalls: stalls.to_vec(),
            false_stalls_ms: false_stalls_ms.to_vec(),
            ..Verdict::default()
        };
        assert!(verdict(&[stall(20.0, Some(21.9)), stall(5.0, None)], &[]).holds());
        assert!(!verdict(&[stall(20.0, Some(22.1))], &[]).holds());
        assert!(!verdict(&[stall(20.0, None)], &[]).holds());
        assert!(!verdict(&[stall(20.0, Some(20.0))], &[31.0]).holds());
        assert!(!verdict(&[], &[]).holds(), "a test without a stall has shown nothing");
    }
}
