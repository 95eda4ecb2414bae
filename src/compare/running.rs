//! One run of the work one way: its jobs, and what can be told of them.
//!
//! It must not know of the runs before and after it, nor measure the window.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

use tempfile::TempDir;

use crate::jobs::{Engine, JobId, JobView, Mode, Status, Unit};
use crate::responsiveness::{Segment, Way};
use crate::work::Request;

/// A run under way.
pub(super) struct Running {
    pub(super) way: Way,
    pub(super) began: Instant,
    pub(super) cpu: Duration,
    pub(super) folder: TempDir,
    pub(super) waiting: VecDeque<(usize, Request)>,
    pub(super) jobs: Vec<(usize, JobId)>,
}

impl Running {
    pub(super) fn submit_all(&mut self, engine: &mut Engine<Request>, mode: Mode) {
        while !self.waiting.is_empty() {
            self.submit_one(engine, mode);
        }
    }

    pub(super) fn submit_one(&mut self, engine: &mut Engine<Request>, mode: Mode) {
        let Some((part, request)) = self.waiting.pop_front() else { return };
        self.jobs.push((part, engine.submit(request, mode)));
    }

    pub(super) fn all_ended(&self, engine: &Engine<Request>) -> bool {
        self.jobs.iter().all(|(_, id)| engine.job(*id).is_none_or(|job| job.status().ended()))
    }

    pub(super) fn failure(&self, engine: &Engine<Request>) -> Option<String> {
        let failed = |job: &JobView<'_, Request>| job.status().ended() && job.status() != Status::Succeeded;
        let job = self.jobs.iter().filter_map(|(_, id)| engine.job(*id)).find(failed)?;
        Some(format!("{} did not succeed: {}", job.title(), job.summary().unwrap_or_default()))
    }

    /// What the jobs have read, received or written.
    pub(super) fn bytes(&self, engine: &Engine<Request>) -> u64 {
        let readings = self.jobs.iter().filter_map(|(_, id)| engine.job(*id)).map(|job| job.reading());
        readings.filter(|reading| reading.unit == Unit::Bytes).map(|reading| reading.done).sum()
    }

    pub(super) fn segments(&self, engine: &Engine<Request>) -> Vec<Segment> {
        let since = |at: Instant| at.saturating_duration_since(self.began).as_secs_f64();
        let segment = |(part, id): &(usize, JobId)| {
            let job = engine.job(*id)?;
            let (began, ended) = job.span()?;
            Some(Segment { part: *part, title: job.title().to_owned(), began_s: since(began), ended_s: since(ended) })
        };
        self.jobs.iter().filter_map(segment).collect()
    }
}

/// How long all threads of the program have computed.
pub(super) fn cpu_time() -> Duration {
    let time = rustix::time::clock_gettime(rustix::time::ClockId::ProcessCPUTime);
    let (secs, nanos) = (u64::try_from(time.tv_sec).unwrap_or(0), u32::try_from(time.tv_nsec).unwrap_or(0));
    Duration::new(secs, nanos)
}
