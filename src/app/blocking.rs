//! The frame before a freeze says so; the next one lets the job have the UI thread, up to the limit that the person set.

use std::sync::Arc;
use std::sync::atomic::{
    AtomicBool,
    Ordering::{Acquire, Release},
};
use std::time::{Duration, Instant};

use egui::Context;

use super::App;
use crate::jobs::{JobError, JobId};

/// A job that takes the UI thread as soon as a frame has said so.
pub(super) struct Announced {
    pub(super) id: JobId,
    pub(super) title: String,
    /// The frame that said so.
    pub(super) painted_in: Option<u64>,
}

impl App {
    /// Lets the next job that is to be run on this thread have it, once a frame has said so.
    pub(super) fn let_block(&mut self, ctx: &Context) {
        let Some(job) = self.engine.waiting_to_block() else {
            self.about_to_block = None;
            return;
        };
        let (id, title, gate) = (job.id(), job.title().to_owned(), job.gate());
        ctx.request_repaint();
        match &self.about_to_block {
            Some(Announced { id: announced, painted_in: Some(frame), .. })
                if *announced == id && *frame < ctx.cumulative_frame_nr() => {}
            Some(announced) if announced.id == id => return,
            _ => {
                self.about_to_block = Some(Announced { id, title, painted_in: None });
                return;
            }
        }
        if !self.witness_is_ready(ctx) {
            return;
        }
        let limit = Duration::from_secs(self.settings.freeze_limit_secs);
        self.meter.blame(title.clone());
        let passed = Arc::new(AtomicBool::new(false));
        let limit_passed = Arc::clone(&passed);
        self.meter.watchdog().limit(limit, move || {
            limit_passed.store(true, Release);
            gate.cancel();
        });
        // Looked at only now: a signal from here on passes the limit.
        if self.interrupts.any() {
            return self.meter.watchdog().lift_limit();
        }
        let since = self.tell_the_witness(&title);
        self.engine.run_blocking();
        self.tell_that_it_is_free(since);
        self.meter.watchdog().lift_limit();
        self.about_to_block = None;
        let events = self.engine.poll(Instant::now());
        if self.interrupts.any() {
            self.engine.blame(id, JobError::Interrupted);
        } else if passed.load(Acquire) {
            self.engine.blame(id, JobError::FrozeTooLong(limit));
            let secs = limit.as_secs();
            self.say(format!("{title} was stopped: it had the UI thread for {secs}\u{a0}s, the limit in the settings"));
        }
        for event in events {
            self.hear(ctx, event);
        }
    }
}
