//! The comparison in the window: begun, carried on each frame, stopped and saved.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use egui::Context;
use poll_promise::Promise;

use super::App;
use crate::command::{Page, Panel};
use crate::compare::{self, Comparing, Size, Wanted};
use crate::jobs::{Failure as _, Mode, spawn_named};
use crate::responsiveness::Prober;

/// What the limit of a freeze has to be for the large set, whose blocking run takes two and a half minutes.
const LARGE_SET_SECS: u64 = 300;

/// A comparison, and what asks the UI thread meanwhile.
pub(super) struct Compared {
    pub(super) comparing: Comparing,
    /// Gone when it has ended: an idle window is asked nothing.
    prober: Option<Prober>,
    /// The frame that said that the next step blocks.
    announced_in: Option<u64>,
}

impl App {
    pub(super) fn compare(&mut self, wanted: Wanted, runs: usize) {
        if self.compared.as_ref().is_some_and(|compared| compared.comparing.end().is_none()) {
            return;
        }
        if self.engine.working() {
            // Time and memory are those of the whole program.
            return self
                .say("Other jobs are running and would be measured too: stop them, or wait for their end".into());
        }
        if matches!(wanted, Wanted::PracticeSet(Size::Large)) && self.settings.freeze_limit_secs < LARGE_SET_SECS {
            return self.say(format!(
                "The large set has the UI thread for three minutes: set the limit in the settings to {LARGE_SET_SECS} s first"
            ));
        }
        self.mistakes.stop();
        let Ok(prober) = compare::probe(&self.meter, &self.executor) else {
            return self.say("The system gave no thread to compare with".into());
        };
        let comparing = Comparing::new(self.executor.clone(), wanted, runs, std::env::temp_dir(), true);
        self.compared = Some(Compared { comparing, prober: Some(prober), announced_in: None });
        self.shell.show(Panel::Page(Page::Compare), &mut self.tabs);
    }

    pub(super) fn stop_comparing(&self) {
        if let Some(compared) = &self.compared {
            compared.comparing.stopper().stop("It was stopped".into());
        }
    }

    /// Whether a comparison is under way.
    pub(super) fn comparing(&self) -> bool {
        self.compared.as_ref().is_some_and(|compared| compared.prober.is_some())
    }

    /// Takes the comparison one step further; a step that is meant to block does, up to the limit of the settings.
    pub(super) fn carry_on_comparing(&mut self, ctx: &Context) {
        let Some(Compared { comparing, prober: Some(_), announced_in }) = &self.compared else { return };
        let blocks = comparing.about_to_block();
        if blocks {
            let announced = announced_in.is_some_and(|frame| frame < ctx.cumulative_frame_nr());
            if !announced || !self.witness_is_ready(ctx) {
                ctx.request_repaint();
                return;
            }
        }
        let taken = blocks.then(|| self.tell_the_witness("the comparison"));
        self.step_comparing(blocks);
        if let Some(since) = taken {
            self.tell_that_it_is_free(since);
        }
        if !self.comparing() && self.mode == Mode::Background {
            self.witnessing.end();
        }
    }

    fn step_comparing(&mut self, blocks: bool) {
        let Some(Compared { comparing, prober, announced_in }) = &mut self.compared else { return };
        let Some(asking) = prober else { return };
        if blocks {
            *announced_in = None;
            self.meter.blame("the comparison".into());
            let stopper = comparing.stopper();
            let limit_secs = self.settings.freeze_limit_secs;
            let why = format!("It had the UI thread for {limit_secs} s, the limit in the settings");
            self.meter.watchdog().limit(Duration::from_secs(limit_secs), move || stopper.stop(why));
            if self.interrupts.any() {
                return self.meter.watchdog().lift_limit();
            }
        }
        let ended = comparing.step(&self.meter, asking).is_some();
        if blocks {
            self.meter.watchdog().lift_limit();
        }
        if ended {
            *prober = None;
        }
    }

    /// Notes that this frame says what comes.
    pub(super) fn announce_comparing(&mut self, ctx: &Context) {
        if let Some(compared) = self.compared.as_mut().filter(|compared| compared.comparing.about_to_block()) {
            compared.announced_in.get_or_insert(ctx.cumulative_frame_nr());
        }
    }

    pub(super) fn save_report(&mut self) {
        let Some(compared) = self.compared.as_ref().filter(|_| self.saving.is_none()) else { return };
        let (comparison, folder) = (compared.comparing.comparison().clone(), self.downloads.clone());
        let (sender, saved) = Promise::new();
        let wake = Arc::clone(&self.wake);
        let save = move || {
            let words = match compare::save(&comparison, &folder) {
                Ok(paths) => format!("Saved {}", names(&paths)),
                Err(error) => format!("The report could not be saved. {error}. {}", error.advice()),
            };
            sender.send(words);
            wake();
        };
        if spawn_named("saves the report", save).is_ok() {
            self.saving = Some(saved);
        }
    }

    /// Says what has come of saving.
    pub(super) fn finish_saving(&mut self) {
        match self.saving.take().map(Promise::try_take) {
            None => {}
            Some(Err(pending)) => self.saving = Some(pending),
            Some(Ok(words)) => self.say(words),
        }
    }
}

fn names(paths: &[PathBuf]) -> String {
    paths.iter().map(|path| path.display().to_string()).collect::<Vec<_>>().join(" and ")
}
