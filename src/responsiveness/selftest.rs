//! How well the meter sees: stalls of known lengths are injected at random moments into each phase, and what was injected
//! is held against what the meter says of the same moment. Then it has to stay quiet while nothing is injected.
//!
//! Owned by a frame loop, which calls [`SelfTest::step`] once a frame and draws frames without a pause meanwhile.

use std::collections::{HashMap, VecDeque};
use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

use parking_lot::Mutex;

use super::history::Spell;
use super::phase::Phases;
use super::verdict::{SEEN_FROM, Stall, Verdict};
use super::{Meter, Phase, Span};

/// What is injected into each phase, in milliseconds.
const STALLS_MS: [u64; 6] = [5, 20, 50, 100, 250, 1_000];
/// What a phase usually takes is the median of so many frames, which are drawn before the first stall.
const USUAL_OF: usize = 31;
/// The time between two stalls: at least this, and up to so much more.
const GAP: Duration = Duration::from_millis(150);
const MORE_GAP: Duration = Duration::from_millis(300);
/// After so long a stall that is to be made is given up.
const GIVES_UP: Duration = Duration::from_secs(10);
/// How often the meter's own calls are made to learn what they cost.
const COST_ROUNDS: u32 = 2_000;

/// A test of the meter under way.
pub struct SelfTest {
    planned: VecDeque<(Phase, Duration)>,
    quiet: Duration,
    random: fastrand::Rng,
    due: Instant,
    quiet_since: Option<Instant>,
    armed: Arc<Mutex<Armed>>,
    counted: u64,
    /// What the phases of the last frames took that had no stall.
    usual: HashMap<Phase, VecDeque<Duration>>,
    verdict: Verdict,
    over: bool,
}

/// Shared with the place where stalls are made.
#[derive(Default)]
struct Armed {
    next: Option<(Phase, Duration)>,
    made: VecDeque<Made>,
}

/// A stall as it was made.
#[derive(Clone, Copy, Debug)]
struct Made {
    phase: Phase,
    planned: Duration,
    began: Instant,
    length: Duration,
}

impl SelfTest {
    /// A test of the meter with stalls in these phases, followed by a stretch without any.
    #[must_use]
    pub fn new(meter: &Meter, phases: &[Phase], quiet: Duration) -> Self {
        let mut random = fastrand::Rng::new();
        let mut planned: Vec<_> =
            phases.iter().flat_map(|phase| STALLS_MS.map(|ms| (*phase, Duration::from_millis(ms)))).collect();
        random.shuffle(&mut planned);
        let armed = Arc::<Mutex<Armed>>::default();
        let cost_us = own_cost(meter).as_secs_f64() * 1e6;
        meter.stall_by(Some(Box::new({
            let armed = Arc::clone(&armed);
            move |phase| stall_if_due(&armed, phase)
        })));
        Self {
            planned: planned.into(),
            quiet,
            random,
            due: Instant::now(),
            quiet_since: None,
            armed,
            counted: meter.read(|history| history.spells_since(0).1),
            usual: HashMap::new(),
            verdict: Verdict { cost_us, ..Verdict::default() },
            over: false,
        }
    }

    /// Takes in what the meter has seen since the last frame and arms the next stall; gives the verdict at the end.
    pub fn step(&mut self, meter: &Meter, now: Instant) -> Option<&Verdict> {
        if self.over {
            return Some(&self.verdict);
        }
        let (spells, counted) = meter.read(|history| {
            let (spells, counted) = history.spells_since(self.counted);
            (spells.copied().collect::<Vec<_>>(), counted)
        });
        self.counted = counted;
        for spell in &spells {
            self.take(spell);
        }
        let pending = {
            let armed = self.armed.lock();
            armed.next.is_some() || !armed.made.is_empty()
        };
        if pending && now.saturating_duration_since(self.due) > GIVES_UP {
            // A window that nobody sees draws nothing, and has no such phase.
            self.verdict.gave_up = true;
            self.stop(meter);
            return Some(&self.verdict);
        }
        if pending {
            return None;
        }
        if !self.knows_what_is_usual() {
            self.due = now;
        } else if let Some(planned) = self.planned.pop_front_if(|_| now >= self.due) {
            self.armed.lock().next = Some(planned);
            // What was made is seen when its callback is over, a frame later.
            self.due = now + planned.1 + self.random_gap();
        } else if self.planned.is_empty() {
            let since = *self.quiet_since.get_or_insert(now);
            let quiet = now.saturating_duration_since(since);
            self.verdict.quiet_s = quiet.as_secs_f64();
            self.over = quiet >= self.quiet;
            if self.over {
                meter.stall_by(None);
            }
        }
        self.over.then_some(&self.verdict)
    }

    /// Whether it has come to its end, or was stopped.
    #[must_use]
    pub fn is_over(&self) -> bool {
        self.over
    }

    /// Ends it before its time.
    pub fn stop(&mut self, meter: &Meter) {
        meter.stall_by(None);
        self.over = true;
    }

    /// What is known so far.
    #[must_use]
    pub fn verdict(&self) -> &Verdict {
        &self.verdict
    }

    /// How far it is, from 0 to 1.
    #[must_use]
    #[expect(clippy::cast_precision_loss, clippy::cast_possible_truncation, reason = "a share for the eye")]
    pub fn progress(&self) -> f32 {
        let (done, left) = (self.verdict.stalls.len() as f32, self.planned.len() as f32);
        // A stall with its gap takes about half a second.
        let (stalls_s, quiet_s) = (0.55 * (done + left), self.quiet.as_secs_f32());
        let passed_s = 0.55 * done + self.verdict.quiet_s as f32;
        (passed_s / (stalls_s + quiet_s).max(f32::MIN_POSITIVE)).min(1.0)
    }

    fn random_gap(&mut self) -> Duration {
        GAP + MORE_GAP.mul_f64(self.random.f64())
    }

    fn knows_what_is_usual(&self) -> bool {
        self.usual.get(&Phase::Ui).is_some_and(|frames| frames.len() >= USUAL_OF)
    }

    /// Holds a callback against the stall that was made in it, if one was, and else takes it for what is usual.
    fn take(&mut self, spell: &Spell) {
        let is_frame = spell.span == Span::Frame;
        let end = spell.began + spell.length();
        let within = |made: &mut Made| made.began >= spell.began && made.began <= end;
        let made = self.armed.lock().made.pop_front_if(within);
        if let Some(made) = made {
            let seen = self.beyond_usual(is_frame, &spell.phases, made.phase);
            self.verdict.stalls.push(Stall {
                phase: made.phase,
                planned_ms: made.planned.as_secs_f64() * 1e3,
                injected_ms: made.length.as_secs_f64() * 1e3,
                seen_ms: (seen > Duration::ZERO).then_some(seen.as_secs_f64() * 1e3),
            });
            return;
        }
        for phase in Phase::ALL {
            let beyond = self.beyond_usual(is_frame, &spell.phases, phase);
            if beyond >= SEEN_FROM && self.quiet_since.is_some() {
                self.verdict.false_stalls_ms.push(beyond.as_secs_f64() * 1e3);
            }
            if !is_frame {
                continue;
            }
            let usual = self.usual.entry(phase).or_default();
            usual.push_back(spell.phases.of(phase));
            if usual.len() > USUAL_OF {
                usual.pop_front();
            }
        }
    }

    fn beyond_usual(&self, is_frame: bool, phases: &Phases, phase: Phase) -> Duration {
        if !is_frame {
            // Usually it takes so little that it is not kept.
            return phases.of(phase);
        }
        let mut usual: Vec<_> = self.usual.get(&phase).into_iter().flatten().copied().collect();
        usual.sort_unstable();
        phases.of(phase).saturating_sub(usual.get(usual.len() / 2).copied().unwrap_or_default())
    }
}

impl Drop for SelfTest {
    fn drop(&mut self) {
        // The place where stalls are made lives on with the meter.
        self.armed.lock().next = None;
    }
}

fn stall_if_due(armed: &Mutex<Armed>, phase: Phase) {
    let Some((_, planned)) = armed.lock().next.take_if(|(wanted, _)| *wanted == phase) else { return };
    let began = Instant::now();
    let until = began + planned;
    while let Some(left) = until.checked_duration_since(Instant::now()).filter(|left| !left.is_zero()) {
        thread::park_timeout(left);
    }
    armed.lock().made.push_back(Made { phase, planned, began, length: began.elapsed() });
}

/// What the calls cost that the meter gets in one frame, measured on a meter that is as this one.
fn own_cost(meter: &Meter) -> Duration {
    let meter = Meter::new(meter.watchdog.clone(), super::Trace::default());
    let began = Instant::now();
    for _ in 0..COST_ROUNDS {
        let _busy = meter.busy(Span::Frame);
        for phase in [Phase::Logic, Phase::Ui, Phase::Tessellation, Phase::Paint, Phase::Present] {
            meter.enter(phase);
        }
        meter.another_frame_follows(true);
        let _ = meter.drained();
    }
    began.elapsed() / COST_ROUNDS
}

#[cfg(test)]
mod tests {
    use super::super::{Trace, Watchdog};
    use super::*;

    fn meter() -> Meter {
        let watchdog = Watchdog::start(|work| Ok(thread::Builder::new().spawn(work)?.thread().clone())).unwrap();
        Meter::new(watchdog, Trace::default())
    }

    #[test]
    fn what_is_injected_into_a_loop_of_frames_is_seen_in_its_phase() {
        let meter = meter();
        let mut test = SelfTest::new(&meter, &[Phase::Event, Phase::Logic, Phase::Ui], Duration::ZERO);
        // The long ones would only make the test long.
        test.planned.retain(|(_, length)| *length <= Duration::from_millis(50));
        let deadline = Instant::now() + Duration::from_mins(1);
        let verdict = loop {
            assert!(Instant::now() < deadline, "it came to no end: {:?}", test.verdict());
            drop(meter.busy(Span::Event("wake-up")));
            {
                let _busy = meter.busy(Span::Frame);
                meter.enter(Phase::Logic);
                meter.enter(Phase::Ui);
                thread::park_timeout(Duration::from_millis(2));
            }
            let _ = meter.drained();
            if let Some(verdict) = test.step(&meter, Instant::now()) {
                break verdict.clone();
            }
        };
        assert_eq!(verdict.stalls.len(), 9);
        for stall in verdict.stalls.iter().filter(|stall| stall.planned_ms >= 20.0) {
            // A busy neighbour may take the core for a while, in the stall as out of it.
            assert!(stall.seen_ms.is_some_and(|seen| (seen - stall.injected_ms).abs() < 15.0), "{stall:?}");
        }
    }
}
