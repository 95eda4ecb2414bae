//! Has the same work done in three ways, in turn, and measures each: blocking, in the background one by one, and in the
//! background all together. Owned by a frame loop, which calls [`Comparing::step`] once a frame; it has an engine of its
//! own, so that it waits for nobody else's; time and memory are those of the whole program all the same.
//!
//! It must not know how anything is drawn. Folders are made and removed on a thread of their own.

mod practice_set;
mod report;
mod running;

use std::collections::VecDeque;
use std::io;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{
    AtomicBool,
    Ordering::{Acquire, Release},
};
use std::time::{Duration, Instant};

use parking_lot::Mutex;
use poll_promise::Promise;
use tempfile::TempDir;

pub use practice_set::Size;
pub use report::{can_save, save};

use crate::document::Open;
use crate::jobs::{Engine, Executor, Gate, Job as _, Limits, Mode, Work as _, spawn_named};
use crate::responsiveness::{Comparison, Meter, Nature, Part, Prober, Run, Way};
use crate::transfer::Download;
use crate::units;
use crate::work::Request;
use practice_set::PracticeSet;
use running::{Running, cpu_time};

/// The time between two questions to the UI thread.
const ASK_EVERY: Duration = Duration::from_millis(10);

/// A part of the set, with its jobs.
type Portion = (Part, Vec<Request>);

/// What is to be compared.
#[derive(Clone, Debug)]
pub enum Wanted {
    /// Work that this program makes for itself.
    PracticeSet(Size),
    /// Files to index and addresses to download.
    Targets(Vec<String>),
}

/// A comparison under way. It is over when [`Comparing::step`] says so; only then do no jobs of it run any more.
pub struct Comparing {
    engine: Engine<Request>,
    stage: Stage,
    wanted: Wanted,
    to_come: VecDeque<Way>,
    work: Vec<(usize, Request)>,
    comparison: Comparison,
    stopper: Arc<Stopper>,
    /// Holds the practice set and the folders of the runs.
    scratch: Option<TempDir>,
    /// What a comparison that was stopped has left: removed when no job of it runs any more.
    left: Vec<TempDir>,
    being_made: Option<Promise<io::Result<TempDir>>>,
}

/// Stops a comparison from any thread, even while it has the UI thread.
#[derive(Debug, Default)]
pub struct Stopper {
    stopped: AtomicBool,
    why: Mutex<String>,
    /// That of the job that has the UI thread.
    gate: Mutex<Option<Arc<Gate>>>,
}

impl Stopper {
    /// Stops it at its next safe point, for the reason given, as a sentence without its stop.
    pub fn stop(&self, why: String) {
        *self.why.lock() = why;
        // First said, then looked: the UI thread does it the other way round, so that one of both sees the other.
        self.stopped.store(true, Release);
        if let Some(gate) = &*self.gate.lock() {
            gate.cancel();
        }
    }
}

enum Stage {
    Starting(Promise<io::Result<TempDir>>),
    Preparing(PracticeSet),
    /// What the last run left is being removed, and a folder for the next made.
    Clearing(Promise<io::Result<TempDir>>),
    /// A run begins with the next frame.
    Announced(Running),
    Running(Running),
    /// All jobs have ended; what the window missed meanwhile is counted with the end of this frame.
    Over {
        running: Running,
        ended: Instant,
    },
    /// It will end so when no job runs any more.
    Ending(Result<(), String>),
    /// It will end so when its files are gone.
    Sweeping(Promise<io::Result<()>>, Result<(), String>),
    Ended(Result<(), String>),
}

impl Comparing {
    /// A comparison of `wanted`, each way `runs` times in turn; its files go into a new folder inside `folder`.
    /// `painted` says whether there is a display on which the frames appear.
    #[must_use]
    pub fn new(executor: Executor, wanted: Wanted, runs: usize, folder: PathBuf, painted: bool) -> Self {
        let make = move || tempfile::Builder::new().prefix("antifreeze-compare-").tempdir_in(folder);
        Self {
            engine: Engine::new(executor, unlimited()),
            stage: Stage::Starting(beside(make)),
            wanted,
            // Each round begins with another way, so that none always finds the files in memory.
            to_come: (0..runs.max(1)).flat_map(|round| rotated(Way::ALL, round)).collect(),
            work: Vec::new(),
            comparison: Comparison { painted, ..Comparison::default() },
            stopper: Arc::default(),
            scratch: None,
            left: Vec::new(),
            being_made: None,
        }
    }

    /// Goes on as far as can be gone without waiting, but for the runs that are meant to block. To be called once a frame;
    /// gives the end, once it is there: nothing, or what went wrong.
    pub fn step(&mut self, meter: &Meter, prober: &Prober) -> Option<&Result<(), String>> {
        self.engine.poll(Instant::now());
        if self.stopper.stopped.load(Acquire)
            && !matches!(self.stage, Stage::Ending(_) | Stage::Sweeping(..) | Stage::Ended(_))
        {
            let stage = std::mem::replace(&mut self.stage, Stage::Ended(Ok(())));
            let why = self.stopper.why.lock().clone();
            self.stage = self.abandon(stage, why);
        }
        let stage = std::mem::replace(&mut self.stage, Stage::Ended(Ok(())));
        self.stage = match stage {
            Stage::Starting(folder) => self.start(folder),
            Stage::Preparing(set) => self.prepare(set),
            Stage::Clearing(folder) => self.clear(folder),
            Stage::Announced(mut running) => {
                // What was measured up to here belongs to no run.
                drop(meter.sum_up_anew());
                let _ = prober.take_peak_memory_bytes();
                (running.began, running.cpu) = (Instant::now(), cpu_time());
                self.run(running)
            }
            Stage::Running(running) => self.run(running),
            Stage::Over { running, ended } => self.note(running, ended, meter, prober),
            Stage::Ending(end) => {
                self.engine.interrupt_all();
                if self.engine.busy() || !self.has_been_made() { Stage::Ending(end) } else { self.sweep(end) }
            }
            Stage::Sweeping(swept, end) => match swept.try_take() {
                Err(pending) => Stage::Sweeping(pending, end),
                Ok(Ok(())) => Stage::Ended(end),
                Ok(Err(error)) => Stage::Ended(Err(format!("Its files could not all be removed. {error}"))),
            },
            ended @ Stage::Ended(_) => ended,
        };
        self.end()
    }

    /// How it ended, once it has: nothing, or what went wrong.
    #[must_use]
    pub const fn end(&self) -> Option<&Result<(), String>> {
        match &self.stage {
            Stage::Ended(end) => Some(end),
            _ => None,
        }
    }

    /// Whether the next step takes the UI thread for as long as all its work takes.
    #[must_use]
    pub const fn about_to_block(&self) -> bool {
        matches!(&self.stage, Stage::Announced(running) if matches!(running.way, Way::Blocking))
    }

    /// What stops it from any thread.
    #[must_use]
    pub fn stopper(&self) -> Arc<Stopper> {
        Arc::clone(&self.stopper)
    }

    /// What was measured so far.
    #[must_use]
    pub const fn comparison(&self) -> &Comparison {
        &self.comparison
    }

    /// The jobs of the run that is under way.
    #[must_use]
    pub const fn engine(&self) -> &Engine<Request> {
        &self.engine
    }

    /// What is being done, in a few words.
    #[must_use]
    pub fn doing(&self) -> String {
        match &self.stage {
            Stage::Starting(_) | Stage::Preparing(_) => "preparing".into(),
            Stage::Clearing(_) => "between two runs".into(),
            Stage::Ending(_) | Stage::Sweeping(..) => "clearing up".into(),
            Stage::Announced(running) | Stage::Running(running) | Stage::Over { running, .. } => {
                let done = self.comparison.runs.len();
                format!("run {} of {}: {}", done + 1, done + self.to_come.len() + 1, running.way.name())
            }
            Stage::Ended(_) => String::new(),
        }
    }

    fn start(&mut self, folder: Promise<io::Result<TempDir>>) -> Stage {
        let scratch = match folder.try_take() {
            Err(pending) => return Stage::Starting(pending),
            Ok(Err(error)) => return Stage::Ending(Err(no_folder(&error))),
            Ok(Ok(scratch)) => scratch,
        };
        let path = scratch.path().to_owned();
        self.scratch = Some(scratch);
        match &self.wanted {
            Wanted::PracticeSet(size) => Stage::Preparing(PracticeSet::prepare(*size, &mut self.engine, &path)),
            Wanted::Targets(targets) => {
                let parts = parts_of(targets);
                self.take_up(parts)
            }
        }
    }

    fn prepare(&mut self, set: PracticeSet) -> Stage {
        match set.parts(&self.engine) {
            None => Stage::Preparing(set),
            Some(Err(error)) => Stage::Ending(Err(error)),
            Some(Ok(parts)) => self.take_up(parts),
        }
    }

    fn take_up(&mut self, parts: Vec<Portion>) -> Stage {
        for (number, (part, requests)) in parts.into_iter().enumerate() {
            self.work.extend(requests.into_iter().map(|request| (number, request)));
            self.comparison.parts.push(part);
        }
        self.make_room(None)
    }

    /// Gives up where it stands; its folders stay until nothing writes into them any more.
    fn abandon(&mut self, stage: Stage, why: String) -> Stage {
        match stage {
            Stage::Announced(running) | Stage::Running(running) | Stage::Over { running, .. } => {
                self.left.push(running.folder);
            }
            Stage::Starting(folder) | Stage::Clearing(folder) => self.being_made = Some(folder),
            Stage::Preparing(_) | Stage::Ending(_) | Stage::Sweeping(..) | Stage::Ended(_) => {}
        }
        Stage::Ending(Err(why))
    }

    /// Whether no folder is being made or removed any more.
    fn has_been_made(&mut self) -> bool {
        match self.being_made.take().map(Promise::try_take) {
            None => true,
            Some(Err(pending)) => {
                self.being_made = Some(pending);
                false
            }
            Some(Ok(made)) => {
                self.left.extend(made.ok());
                true
            }
        }
    }

    fn sweep(&mut self, end: Result<(), String>) -> Stage {
        let (scratch, left) = (self.scratch.take(), std::mem::take(&mut self.left));
        let remove = |folder: TempDir| match folder.close() {
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
            removed => removed,
        };
        let sweep = move || left.into_iter().chain(scratch).try_for_each(remove);
        Stage::Sweeping(beside(sweep), end)
    }

    /// Removes the folder of a run and makes one for the next.
    fn make_room(&self, used: Option<TempDir>) -> Stage {
        let scratch = self.scratch.as_ref().map(|scratch| scratch.path().to_owned()).unwrap_or_default();
        Stage::Clearing(beside(move || {
            drop(used);
            tempfile::tempdir_in(scratch)
        }))
    }

    fn clear(&mut self, folder: Promise<io::Result<TempDir>>) -> Stage {
        let folder = match folder.try_take() {
            Err(pending) => return Stage::Clearing(pending),
            Ok(Err(error)) => return Stage::Ending(Err(no_folder(&error))),
            Ok(Ok(folder)) => folder,
        };
        let Some(way) = self.to_come.pop_front() else { return Stage::Ending(Ok(())) };
        let waiting =
            self.work.iter().map(|(part, request)| (*part, request.clone().in_folder(folder.path()))).collect();
        // It begins with the next frame: this one says so first.
        Stage::Announced(Running { way, began: Instant::now(), cpu: Duration::ZERO, folder, waiting, jobs: Vec::new() })
    }

    fn run(&mut self, mut running: Running) -> Stage {
        match running.way {
            Way::Blocking => {
                running.submit_all(&mut self.engine, Mode::Blocking);
                while let Some(gate) = self.engine.waiting_to_block().map(|job| job.gate()) {
                    *self.stopper.gate.lock() = Some(gate);
                    if self.stopper.stopped.load(Acquire) {
                        break;
                    }
                    self.engine.run_blocking();
                    self.engine.poll(Instant::now());
                }
                *self.stopper.gate.lock() = None;
            }
            Way::OneByOne if running.all_ended(&self.engine) => running.submit_one(&mut self.engine, Mode::Background),
            Way::OneByOne => {}
            Way::Together => running.submit_all(&mut self.engine, Mode::Background),
        }
        self.engine.poll(Instant::now());
        if self.stopper.stopped.load(Acquire) {
            // The next step ends it, and says why.
            return Stage::Running(running);
        }
        if let Some(failure) = running.failure(&self.engine) {
            return self.abandon(Stage::Running(running), failure);
        }
        if !running.waiting.is_empty() || !running.all_ended(&self.engine) {
            return Stage::Running(running);
        }
        Stage::Over { running, ended: Instant::now() }
    }

    fn note(&mut self, running: Running, ended: Instant, meter: &Meter, prober: &Prober) -> Stage {
        let tally = meter.sum_up_anew();
        self.comparison.runs.push(Run {
            way: running.way,
            wall_s: ended.saturating_duration_since(running.began).as_secs_f64(),
            longest_pause_s: tally.longest_pause().as_secs_f64(),
            stood_still_s: tally.stood_still().as_secs_f64(),
            frames: tally.frames(),
            missed_frames: tally.missed_frames(),
            answer_p99_s: tally.answers().within(0.99).as_secs_f64(),
            input_waited: tally.waited(),
            bytes: running.bytes(&self.engine),
            cpu_s: cpu_time().saturating_sub(running.cpu).as_secs_f64(),
            peak_memory_bytes: prober.take_peak_memory_bytes(),
            jobs: running.segments(&self.engine),
        });
        self.engine.clear_ended();
        self.make_room(Some(running.folder))
    }
}

/// What a thread of its own gives, once it does.
fn beside<T: Send + 'static>(work: impl FnOnce() -> io::Result<T> + Send + 'static) -> Promise<io::Result<T>> {
    let (sender, promise) = Promise::new();
    match spawn_named("folders to compare in", move || sender.send(work())) {
        Ok(_) => promise,
        Err(error) => Promise::from_ready(Err(error)),
    }
}

fn no_folder(error: &io::Error) -> String {
    format!("No folder could be made for the files of a run: {error}")
}

fn rotated(mut ways: [Way; 3], by: usize) -> [Way; 3] {
    ways.rotate_left(by % Way::ALL.len());
    ways
}

/// As many of every kind at once as there are.
fn unlimited() -> Limits {
    let mut limits = Limits::default();
    limits.set(Open::KIND, usize::MAX);
    limits.set(Download::KIND, usize::MAX);
    limits
}

/// Targets by what is done with them: files are indexed, addresses downloaded.
fn parts_of(targets: &[String]) -> Vec<Portion> {
    let (addresses, files): (Vec<_>, Vec<_>) =
        targets.iter().cloned().partition(|target: &String| target.contains("://"));
    let part = |verb: &str, what: &str, nature, requests: Vec<Request>| {
        let jobs = requests.len();
        (Part { name: format!("{verb} {}", units::count(jobs as u64, what)), nature, jobs }, requests)
    };
    let opens = files.into_iter().map(|path| Open::unshown(path.into()).into()).collect();
    let downloads = addresses.into_iter().map(|url| Download::new(url, None).into()).collect();
    [part("Index", "file", Nature::Computing, opens), part("Download", "address", Nature::Waiting, downloads)]
        .into_iter()
        .filter(|(part, _)| part.jobs > 0)
        .collect()
}

/// Has the UI thread asked and the workers looked at as closely as a comparison needs.
///
/// # Errors
/// When the system gives no thread.
pub fn probe(meter: &Meter, executor: &Executor) -> io::Result<Prober> {
    let executor = executor.clone();
    meter.probe(ASK_EVERY, move || executor.census())
}
