//! The job engine: runs work that takes time, in the background or, when asked to, on the UI thread.
//!
//! Owned by the app (or by `run` without a window), which calls [`Engine::poll`] once a frame; the work itself runs on
//! tokio's workers and its blocking pool, all at low priority. A job is one async function of a request and a
//! [`JobContext`]; nothing else crosses.
//!
//! It must not know egui, and none of the kinds of job there are: it is generic over the closed enum [`Work`].

mod census;
mod context;
mod engine;
mod entry;
mod error;
mod execution;
mod gate;
mod progress;
mod queue;
mod status;
mod threads;

pub use census::Census;
pub use context::JobContext;
pub use engine::Engine;
pub use entry::{Change, JobEvent, JobView};
pub use error::{Failure, JobError};
pub use execution::{Executor, Mode, Wake};
pub use gate::Gate;
pub use progress::{Progress, Reading, Unit};
pub use queue::{Limits, Priority};
pub use status::Status;
pub use threads::{Workers, spawn_named};

use std::future::Future;
use std::path::{Path, PathBuf};

/// Names one job for as long as the program runs; never used twice.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, serde::Serialize)]
pub struct JobId(pub u64);

/// Counts the runs of one job: a retry is a new generation, and results of an older one are dropped.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, serde::Serialize)]
pub struct Generation(pub u32);

/// What is the same for every job of a kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Kind {
    /// The word for it on the command line and in traces, such as `download`.
    pub name: &'static str,
    /// How many of the kind run at once unless the person sets another number.
    pub at_once: usize,
    /// Whether one that was not over when the window closed is offered again the next time.
    pub comes_back: bool,
}

/// One kind of job: the request is the value, the work is [`Job::run`].
pub trait Job: Clone + Send + 'static {
    /// What comes back when the work succeeds.
    type Outcome: Outcome;
    /// The kind's name and limit.
    const KIND: Kind;

    /// A short name for a card, such as the file's name.
    fn title(&self) -> String;

    /// Why the job has no end of its own and so can not be run on the UI thread; `None` if it ends.
    fn endless(&self) -> Option<&'static str> {
        None
    }

    /// The same request with `folder` for what it writes, unless it says itself where to.
    #[must_use]
    fn in_folder(self, folder: &Path) -> Self {
        let _ = folder;
        self
    }

    /// The same request as it may be kept on disk until the program is started again: without secrets.
    #[must_use]
    fn for_keeping(self) -> Self {
        self
    }

    /// Does the work.
    ///
    /// # Errors
    /// [`JobError::Cancelled`] once the context says so, else whatever the work failed of.
    fn run(self, context: JobContext) -> impl Future<Output = Result<Self::Outcome, JobError>> + Send;
}

/// What a job has to say when it has succeeded; serialized, it is what `--json` prints.
pub trait Outcome: Clone + Send + serde::Serialize + 'static {
    /// One short line for the card, such as `1.07 GB · 2.1 s`.
    fn summary(&self) -> String;

    /// The file that the job made and that is to be opened next.
    fn made(&self) -> Option<PathBuf> {
        None
    }
}

/// The closed set of what can be asked for, one variant a kind of job.
pub trait Work: Clone + Send + 'static {
    /// The closed set of what can come back.
    type Outcome: Outcome;

    /// The kind that this request is of.
    fn kind(&self) -> Kind;
    /// See [`Job::title`].
    fn title(&self) -> String;
    /// See [`Job::endless`].
    fn endless(&self) -> Option<&'static str>;
    /// See [`Job::in_folder`].
    #[must_use]
    fn in_folder(self, folder: &Path) -> Self;
    /// See [`Job::for_keeping`].
    #[must_use]
    fn for_keeping(self) -> Self;
    /// See [`Job::run`].
    ///
    /// # Errors
    /// As [`Job::run`].
    fn run(self, context: JobContext) -> impl Future<Output = Result<Self::Outcome, JobError>> + Send;
}
