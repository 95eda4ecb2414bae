//! Closing the window while jobs run: asks once, stops them at a safe point, and leaves within two seconds.

use std::time::{Duration, Instant};

use egui::{Context, ViewportCommand};

use super::App;

/// How long jobs may take to reach a safe point when the window closes.
const STOP_LIMIT: Duration = Duration::from_millis(1_500);

#[derive(Debug, PartialEq)]
pub(super) enum Quitting {
    No,
    Asking,
    Stopping { since: Instant },
    Now,
}

impl App {
    /// What would be stopped by quitting, while the person is asked whether it may be.
    pub(super) fn asked_about(&self) -> Option<Vec<String>> {
        let running = self.engine.jobs().filter(|job| !job.status().ended()).map(|job| job.title().to_owned());
        let comparison = self.comparing().then(|| "The comparison".to_owned());
        (self.quitting == Quitting::Asking).then(|| running.chain(comparison).collect())
    }

    pub(super) fn close_safely(&mut self, ctx: &Context) {
        if ctx.input(|input| input.viewport().close_requested())
            && self.quitting != Quitting::Now
            && (self.engine.unfinished() || self.comparing())
        {
            ctx.send_viewport_cmd(ViewportCommand::CancelClose);
            if self.quitting == Quitting::No {
                self.quitting = Quitting::Asking;
            }
        }
        if self.quitting == Quitting::Asking && !self.engine.unfinished() && !self.comparing() {
            // All has ended meanwhile: there is nothing left to ask about.
            self.quitting = Quitting::Now;
            ctx.send_viewport_cmd(ViewportCommand::Close);
        }
        if self.interrupts.any() && !matches!(self.quitting, Quitting::Stopping { .. } | Quitting::Now) {
            // Whoever asks by a signal is not asked back.
            self.quitting = Quitting::Stopping { since: Instant::now() };
        }
        if let Quitting::Stopping { since } = self.quitting {
            self.engine.interrupt_all();
            self.stop_comparing();
            if !self.engine.busy() && !self.comparing() || since.elapsed() > STOP_LIMIT {
                self.quitting = Quitting::Now;
                ctx.send_viewport_cmd(ViewportCommand::Close);
            }
            ctx.request_repaint_after(Duration::from_millis(10));
        }
    }
}
