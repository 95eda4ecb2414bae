//! Jobs run as the program runs them, without a window: an engine on workers of its own, polled whenever a job asks for
//! it, and every wait with a deadline. Below it, an empty folder for downloads, and what their results are asked.
//!
//! Owned by the test that makes it. Dropping it cancels what still runs.
#![allow(dead_code, reason = "each test program uses a part of this module, so `expect` would fail in some")]
#![expect(clippy::expect_used, clippy::panic, reason = "a test fails by a panic")]

use std::error::Error;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, sync_channel};
use std::time::{Duration, Instant};

use antifreeze::jobs::{Engine, Executor, Failure, JobError, JobId, JobView, Limits, Mode, Status, Workers};
use antifreeze::transfer::{Download, Downloaded};
use antifreeze::work::{Product, Request};
use tempfile::TempDir;

/// How long anything may take that is not measured.
pub const DEADLINE: Duration = Duration::from_secs(20);
/// How often progress, which wakes nobody, is looked at.
const LOOK: Duration = Duration::from_millis(5);

/// Runs one job in the background to its end.
pub fn run(request: impl Into<Request>) -> Result<Product, JobError> {
    let (mut session, id) = start(request);
    session.result(id)
}

/// Starts one job in the background.
pub fn start(request: impl Into<Request>) -> (Session, JobId) {
    let mut session = Session::new();
    let id = session.submit(request);
    (session, id)
}

/// Runs one job on this very thread, as a frozen window would.
pub fn run_blocking(request: impl Into<Request>) -> Result<Product, JobError> {
    let mut session = Session::new();
    let id = session.engine.submit(request.into(), Mode::Blocking);
    session.engine.poll(Instant::now());
    assert!(session.engine.waiting_to_block().is_some(), "the job does not wait to be run on this thread");
    session.engine.run_blocking();
    session.engine.poll(Instant::now());
    assert!(session.job(id).status().ended(), "a blocking run came back before its job had ended");
    session.result(id)
}

/// An engine with all that it needs.
pub struct Session {
    // Dropped in this order: jobs are told to stop before their threads go.
    engine: Engine<Request>,
    wakes: Receiver<()>,
    _workers: Workers,
}

impl Session {
    /// An engine without jobs.
    pub fn new() -> Self {
        let workers = Workers::start().expect("threads");
        // One place is enough: a wake-up says that there is something, not how much.
        let (wake, wakes) = sync_channel(1);
        let wake = Arc::new(move || {
            let _ = wake.try_send(());
        });
        let executor = Executor::new(workers.handle().expect("a runtime"), wake);
        Self { engine: Engine::new(executor, Limits::default()), wakes, _workers: workers }
    }

    /// The engine, to give orders to.
    pub fn engine(&mut self) -> &mut Engine<Request> {
        &mut self.engine
    }

    /// Asks for a job in the background and has it started.
    pub fn submit(&mut self, request: impl Into<Request>) -> JobId {
        let id = self.engine.submit(request.into(), Mode::Background);
        self.engine.poll(Instant::now());
        id
    }

    /// A job of this engine.
    pub fn job(&self, id: JobId) -> JobView<'_, Request> {
        self.engine.job(id).expect("a job of this engine")
    }

    /// How far a job is.
    pub fn done(&self, id: JobId) -> u64 {
        self.job(id).reading().done
    }

    /// Waits until a job is over and tells what came of it.
    pub fn result(&mut self, id: JobId) -> Result<Product, JobError> {
        self.wait("the job has ended", DEADLINE, |session| session.job(id).status().ended());
        self.job(id).result().expect("a job that is over has a result").clone()
    }

    /// Cancels a job and waits until nothing of it runs any more, which is to take no longer than `limit`.
    pub fn cancel_within(&mut self, limit: Duration, id: JobId) {
        self.engine.cancel(id);
        self.wait("the cancelled job runs no more", limit, |session| !session.engine.busy());
        assert_eq!(self.job(id).status(), Status::Cancelled);
        let result = self.job(id).result();
        assert!(matches!(result, Some(Err(JobError::Cancelled))), "a cancelled job ended with {result:?}");
    }

    /// Polls the engine until a condition holds. Panics when it does not within `limit`.
    pub fn wait(&mut self, until: &str, limit: Duration, mut holds: impl FnMut(&Self) -> bool) {
        let deadline = Instant::now() + limit;
        loop {
            self.engine.poll(Instant::now());
            if holds(self) {
                return;
            }
            let left = deadline.saturating_duration_since(Instant::now());
            assert!(!left.is_zero(), "waited for {limit:?}, but not until {until}: {}", self.account());
            // Either way it is time for another look.
            let _ = self.wakes.recv_timeout(left.min(LOOK));
        }
    }

    /// Where all jobs stand, for messages.
    fn account(&self) -> String {
        let of = |job: JobView<'_, Request>| format!("{:?} {:?} {:?}", job.work(), job.status(), job.reading());
        self.engine.jobs().map(of).collect::<Vec<_>>().join("; ")
    }
}

/// A folder for downloads, empty at first; removed when dropped.
pub struct Folder(TempDir);

impl Folder {
    /// A new one.
    pub fn new() -> Self {
        Self(tempfile::tempdir().expect("a folder"))
    }

    /// The folder, or what would be of that name in it.
    pub fn path(&self, name: &str) -> PathBuf {
        if name.is_empty() { self.0.path().to_owned() } else { self.0.path().join(name) }
    }

    /// All names in it, sorted.
    pub fn names(&self) -> Vec<String> {
        let entries = self.0.path().read_dir().expect("a folder that can be listed");
        let name = |entry: std::io::Result<std::fs::DirEntry>| entry.expect("an entry").file_name();
        let mut names: Vec<_> = entries.map(|entry| name(entry).to_string_lossy().into_owned()).collect();
        names.sort();
        names
    }

    /// Downloads into it under the server's name.
    pub fn fetch(&self, url: &str) -> Result<Product, JobError> {
        run(download(url, self.0.path()))
    }

    /// Asserts that a download failed of an error of the variant of this name, with advice, and left nothing behind.
    /// Gives what the person is told.
    #[track_caller]
    pub fn assert_failed(&self, variant: &str, result: &Result<Product, JobError>) -> String {
        let failure = failure(result);
        let actual = format!("{failure:?}");
        assert_eq!(actual.split(' ').next(), Some(variant), "failed in another way: {actual}");
        assert_eq!(self.names(), [""; 0], "left behind after: {failure}");
        failure.to_string()
    }
}

/// The order for a download to a file or into a folder.
pub fn download(url: &str, output: &Path) -> Download {
    Download::new(url.to_owned(), Some(output.to_owned()))
}

/// What a download brought. Panics when it failed.
#[track_caller]
pub fn downloaded(result: Result<Product, JobError>) -> Downloaded {
    match result {
        Ok(Product::Download(downloaded)) => downloaded,
        other => panic!("a download was to succeed: {other:?}"),
    }
}

/// What a download failed of. Panics when it did not, or has no advice.
#[track_caller]
pub fn failure(result: &Result<Product, JobError>) -> &dyn Failure {
    let Err(JobError::Failed(failure)) = result else { panic!("a download was to fail: {result:?}") };
    assert!(!failure.advice().is_empty(), "no advice for: {failure}");
    failure.as_ref()
}

/// [`failure`] as what it is. Panics when it is something else.
#[track_caller]
pub fn failure_as<E: Failure>(result: &Result<Product, JobError>) -> &E {
    let error: &(dyn Error + 'static) = failure(result);
    error.downcast_ref().unwrap_or_else(|| panic!("failed in another way: {error:?}"))
}
