//! The program looks at itself: what asks the UI thread while something runs, the test of the meter, and the mistakes that
//! are made on purpose.

use std::sync::Arc;
use std::time::{Duration, Instant};

use egui::{Context, ViewportCommand};
use parking_lot::Mutex;

use super::App;
use crate::command::Panel;
use crate::mistakes::Mistake;
use crate::responsiveness::{Phase, Prober, SelfTest, Verdict};

/// The time between two questions to the UI thread while something runs.
const ASK_EVERY: Duration = Duration::from_millis(50);
/// For how long the meter has to stay quiet in a test.
pub(super) const SELF_TEST_QUIET: Duration = Duration::from_mins(1);

/// What looks at the program while it works.
#[derive(Default)]
pub(super) struct Watched {
    /// Gone while nothing runs: an idle window is asked nothing.
    prober: Option<Prober>,
    pub(super) self_test: Option<SelfTest>,
}

/// What a window is opened for alone: it begins at once, and the window closes at its end.
#[derive(Clone)]
pub enum Errand {
    /// Test the meter, with so long a stretch without stalls, and leave the verdict here.
    SelfTest(Duration, Arc<Mutex<Option<Verdict>>>),
}

impl App {
    /// Whether anything moves, so that one frame follows the other.
    pub(super) fn moves(&self) -> bool {
        let runs = self.engine.moving() || self.about_to_block.is_some();
        runs || self.comparing() || self.testing() || self.mistakes.move_the_window()
    }

    /// Has the UI thread asked and the workers looked at while something moves.
    pub(super) fn watch(&mut self, moves: bool) {
        if !moves || self.comparing() {
            self.watched.prober = None;
        } else if self.watched.prober.is_none() {
            let executor = self.executor.clone();
            match self.meter.probe(ASK_EVERY, move || executor.census()) {
                Ok(prober) => self.watched.prober = Some(prober),
                Err(error) => tracing::warn!(%error, "the system gave no thread to ask the window"),
            }
        }
    }

    /// Whether the meter is being tested.
    pub(super) fn testing(&self) -> bool {
        self.watched.self_test.as_ref().is_some_and(|test| !test.is_over())
    }

    pub(super) fn begin_errand(&mut self) {
        if let Some(Errand::SelfTest(quiet, _)) = self.errand {
            self.self_test(quiet);
        }
    }

    pub(super) fn self_test(&mut self, quiet: Duration) {
        if self.engine.moving() || self.comparing() {
            return self.say("Other jobs are running and would be taken for stalls: wait for their end".into());
        }
        self.mistakes.stop();
        self.watched.self_test = Some(SelfTest::new(&self.meter, &Phase::ALL, quiet));
        self.shell.show(Panel::SelfTest, &mut self.tabs);
    }

    pub(super) fn stop_self_test(&mut self) {
        if let Some(test) = &mut self.watched.self_test {
            test.stop(&self.meter);
        }
    }

    pub(super) fn carry_on_self_test(&mut self, ctx: &Context) {
        let Some(test) = self.watched.self_test.as_mut().filter(|test| !test.is_over()) else { return };
        let Some(verdict) = test.step(&self.meter, Instant::now()) else { return };
        if let Some(Errand::SelfTest(_, place)) = &self.errand {
            *place.lock() = Some(verdict.clone());
            ctx.send_viewport_cmd(ViewportCommand::Close);
        }
    }

    pub(super) fn turn(&mut self, mistake: Mistake, on: bool) {
        if let Ok(workers) = self.workers.handle() {
            self.mistakes.turn(mistake, on, &workers);
        }
    }

    /// Lets the mistakes that are turned on happen, in the frame as everything that is wrong in a frame.
    pub(super) fn make_mistakes(&mut self, ctx: &Context) {
        if let Ok(workers) = self.workers.handle() {
            self.mistakes.act(&workers);
        }
        if self.mistakes.storm() {
            ctx.request_repaint();
        }
    }
}
