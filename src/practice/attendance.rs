//! What became of each of many users, written by client and server while they run and read by whoever draws it: atomics
//! alone, so that nobody waits for anybody.

use std::sync::atomic::{AtomicU32, Ordering::Relaxed};
use std::time::{Duration, Instant};

/// The record of a crowd. Times are told from when it was made.
#[derive(Debug)]
pub struct Attendance {
    epoch: Instant,
    visits: Box<[Stamps]>,
}

/// Moments in microseconds since the epoch, plus one; zero for what has not come yet. An hour and more fits.
#[derive(Debug, Default)]
struct Stamps {
    sent: AtomicU32,
    began: AtomicU32,
    served: AtomicU32,
    answered: AtomicU32,
}

/// What became of one user so far.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Visit {
    /// When the user asked.
    pub sent: Duration,
    /// When the server began to serve.
    pub began: Option<Duration>,
    /// When the server was done.
    pub served: Option<Duration>,
    /// When the answer was there.
    pub answered: Option<Duration>,
}

/// A figure of a crowd whose users have been answered, all or in part.
#[derive(Clone, Copy, Debug, Default, PartialEq, serde::Serialize)]
pub struct Figures {
    /// How many were answered.
    pub answered: usize,
    /// How long half of them waited at most, in seconds.
    pub p50_s: f64,
    /// How long 99 of 100 waited at most, in seconds.
    pub p99_s: f64,
    /// From the first question to the last answer, in seconds.
    pub seconds: f64,
    /// Answers a second.
    pub per_second: f64,
    /// How many were being served at once, at most.
    pub at_once: usize,
}

impl Attendance {
    pub(super) fn of(users: usize) -> Self {
        Self { epoch: Instant::now(), visits: std::iter::repeat_with(Stamps::default).take(users).collect() }
    }

    pub(super) fn sent(&self, user: usize) {
        self.stamp(user, |visit| &visit.sent);
    }

    pub(super) fn began(&self, user: usize) {
        self.stamp(user, |visit| &visit.began);
    }

    pub(super) fn served(&self, user: usize) {
        self.stamp(user, |visit| &visit.served);
    }

    pub(super) fn answered(&self, user: usize) {
        self.stamp(user, |visit| &visit.answered);
    }

    fn stamp(&self, user: usize, moment: impl Fn(&Stamps) -> &AtomicU32) {
        let now = u32::try_from(self.epoch.elapsed().as_micros()).unwrap_or(u32::MAX - 1).saturating_add(1);
        if let Some(visit) = self.visits.get(user) {
            moment(visit).store(now, Relaxed);
        }
    }

    /// How many users there are.
    #[must_use]
    pub fn users(&self) -> usize {
        self.visits.len()
    }

    /// How much time has passed.
    #[must_use]
    pub fn elapsed(&self) -> Duration {
        self.epoch.elapsed()
    }

    /// What became of this user, once the user has asked.
    #[must_use]
    pub fn visit(&self, user: usize) -> Option<Visit> {
        let stamps = self.visits.get(user)?;
        let moment = |stamp: &AtomicU32| {
            stamp.load(Relaxed).checked_sub(1).map(|micros| Duration::from_micros(u64::from(micros)))
        };
        Some(Visit {
            sent: moment(&stamps.sent)?,
            began: moment(&stamps.began),
            served: moment(&stamps.served),
            answered: moment(&stamps.answered),
        })
    }

    /// All users that have asked.
    pub fn visits(&self) -> impl Iterator<Item = Visit> + '_ {
        (0..self.users()).filter_map(|user| self.visit(user))
    }

    /// The figures of those that were answered so far.
    #[must_use]
    pub fn figures(&self) -> Figures {
        let visits: Vec<_> = self.visits().collect();
        let mut waits: Vec<_> =
            visits.iter().filter_map(|visit| Some(visit.answered?.saturating_sub(visit.sent))).collect();
        waits.sort_unstable();
        let first = visits.iter().map(|visit| visit.sent).min().unwrap_or_default();
        let last = visits.iter().filter_map(|visit| visit.answered).max().unwrap_or_default();
        let seconds = last.saturating_sub(first).as_secs_f64();
        #[expect(clippy::cast_precision_loss, reason = "a rate")]
        let per_second = if seconds > 0.0 { waits.len() as f64 / seconds } else { 0.0 };
        Figures {
            answered: waits.len(),
            p50_s: quantile(&waits, 50).as_secs_f64(),
            p99_s: quantile(&waits, 99).as_secs_f64(),
            seconds,
            per_second,
            at_once: most_at_once(&visits),
        }
    }
}

/// The least of `sorted` that so many of a hundred do not exceed.
fn quantile(sorted: &[Duration], of_hundred: usize) -> Duration {
    let rank = (sorted.len() * of_hundred).div_ceil(100);
    sorted.get(rank.saturating_sub(1)).copied().unwrap_or_default()
}

fn most_at_once(visits: &[Visit]) -> usize {
    let mut changes: Vec<(Duration, bool)> = visits
        .iter()
        .filter_map(|visit| visit.began.map(|began| (began, visit.served)))
        .flat_map(|(began, served)| [(began, true)].into_iter().chain(served.map(|served| (served, false))))
        .collect();
    // Of two changes at one moment the end comes first.
    changes.sort_unstable();
    let (mut now, mut most) = (0_usize, 0);
    for (_, begins) in changes {
        now = if begins { now + 1 } else { now.saturating_sub(1) };
        most = most.max(now);
    }
    most
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_are_of_those_that_were_answered() {
        let attendance = Attendance::of(3);
        let set = |user: usize, stamps: [u32; 4]| {
            let visit = &attendance.visits[user];
            for (stamp, value) in [&visit.sent, &visit.began, &visit.served, &visit.answered].into_iter().zip(stamps) {
                stamp.store(value, Relaxed);
            }
        };
        set(0, [1, 1, 900_001, 1_000_001]);
        set(1, [1, 500_001, 1_900_001, 2_000_001]);
        set(2, [1, 0, 0, 0]);
        let figures = attendance.figures();
        assert_eq!((figures.answered, figures.at_once), (2, 2));
        let about = |value: f64, wanted: f64| (value - wanted).abs() < 1e-9;
        assert!(
            about(figures.p50_s, 1.0) && about(figures.p99_s, 2.0) && about(figures.per_second, 1.0),
            "{figures:?}"
        );
        assert_eq!(
            attendance.visit(2),
            Some(Visit { sent: Duration::ZERO, began: None, served: None, answered: None })
        );
        assert_eq!(Attendance::of(1).figures(), Figures::default());
    }

    #[test]
    fn services_that_follow_each_other_are_one_at_a_time() {
        let ms = Duration::from_millis;
        let visit = |began, served| Visit {
            sent: ms(0),
            began: Some(ms(began)),
            served: Some(ms(served)),
            answered: Some(ms(served + 40)),
        };
        assert_eq!(most_at_once(&[visit(0, 10), visit(10, 20), visit(20, 30)]), 1);
        assert_eq!(most_at_once(&[visit(0, 30), visit(10, 20), visit(12, 15)]), 3);
    }
}
