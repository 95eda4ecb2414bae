//! The first window's end of the witness: starts the process, tells it what the watchdog counts, and hears what it says.
//! Nothing here waits for the witness: its pipe takes what it can, and what does not fit is left out.

use std::io::{self, BufRead as _, BufReader, Write as _};
use std::path::Path;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::time::{Duration, Instant};

use parking_lot::Mutex;

use super::{Line, Place, Said};

/// How long a witness may take until its window is there.
const READY_LIMIT: Duration = Duration::from_secs(3);
/// The time between two counts that are told; the witness counts on by itself meanwhile.
const TELL_EVERY: Duration = Duration::from_millis(100);

/// A witness, or one that is to come. Dropped, it is gone.
pub struct Feed {
    pipe: Arc<Mutex<Option<ChildStdin>>>,
    shared: Arc<Shared>,
    began: Instant,
}

#[derive(Default)]
struct Shared {
    ready: AtomicBool,
    trouble: Mutex<Option<String>>,
}

impl Feed {
    /// Has `program` opened as a witness at this place, and calls `heard` with what it says later, on a thread of its own.
    #[must_use]
    pub fn start(program: &Path, place: Place, heard: impl Fn(Said) + Send + 'static) -> Self {
        let pipe = Arc::<Mutex<Option<ChildStdin>>>::default();
        let shared = Arc::<Shared>::default();
        let work = {
            let (program, pipe, shared) = (program.to_owned(), Arc::downgrade(&pipe), Arc::clone(&shared));
            move || {
                let result = start(&program, &place).and_then(|(mut child, input, output)| {
                    // Nobody may want it any more.
                    let Some(end) = pipe.upgrade() else {
                        drop(input);
                        return finish(&mut child);
                    };
                    *end.lock() = Some(input);
                    drop(end);
                    listen(output, &shared, heard);
                    finish(&mut child)
                });
                let why = result.map_or_else(|error| error.to_string(), |()| "it has ended".into());
                shared.trouble.lock().get_or_insert(why);
                shared.ready.store(false, Relaxed);
            }
        };
        // At the window's rank, which the process inherits: it has to count just when the cores are busy.
        if let Err(error) = std::thread::Builder::new().name("witness".into()).spawn(work) {
            *shared.trouble.lock() = Some(error.to_string());
        }
        Self { pipe, shared, began: Instant::now() }
    }

    /// Whether it is worth waiting for: it is not there yet, but may still come.
    #[must_use]
    pub fn comes(&self) -> bool {
        !self.is_there() && self.shared.trouble.lock().is_none() && self.began.elapsed() < READY_LIMIT
    }

    /// Whether its window is there.
    #[must_use]
    pub fn is_there(&self) -> bool {
        self.shared.ready.load(Relaxed)
    }

    /// Why it is not there and will not be.
    #[must_use]
    pub fn trouble(&self) -> Option<String> {
        let late = || (!self.is_there() && self.began.elapsed() >= READY_LIMIT).then(|| "it took too long".to_owned());
        self.shared.trouble.lock().clone().or_else(late)
    }

    /// Says that the UI thread is being taken by `what`; what is given back has to be called with what is counted, from
    /// any thread.
    #[must_use]
    pub fn taken(&self, what: &str) -> Box<dyn FnMut(Duration) + Send> {
        tell(&self.pipe, &Line::Taken(what.to_owned()));
        let pipe = Arc::clone(&self.pipe);
        let mut told = Duration::ZERO;
        Box::new(move |counted| {
            if counted >= told + TELL_EVERY {
                told = counted;
                tell(&pipe, &Line::Busy(millis(counted)));
            }
        })
    }

    /// Says that the UI thread is free again after `length`.
    pub fn free(&self, length: Duration) {
        tell(&self.pipe, &Line::Free(millis(length)));
    }
}

fn start(program: &Path, place: &Place) -> io::Result<(Child, ChildStdin, ChildStdout)> {
    let mut child = Command::new(program)
        .arg("witness")
        .arg("--at")
        .args(place.at.iter().map(i32::to_string))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()?;
    match (child.stdin.take(), child.stdout.take()) {
        (Some(input), Some(output)) => {
            // The watchdog writes to it, and must not wait for a witness that stands still itself.
            rustix::io::ioctl_fionbio(&input, true)?;
            Ok((child, input, output))
        }
        _ => Err(io::Error::other("it has no pipes")),
    }
}

/// Takes in what the witness says until it ends.
fn listen(output: ChildStdout, shared: &Shared, heard: impl Fn(Said)) {
    for line in BufReader::new(output).lines().map_while(Result::ok) {
        match serde_json::from_str(&line) {
            Ok(Said::Ready) => shared.ready.store(true, Relaxed),
            Ok(said) => heard(said),
            Err(error) => tracing::warn!(%error, line, "the witness said what makes no sense"),
        }
    }
}

fn finish(child: &mut Child) -> io::Result<()> {
    let status = child.wait()?;
    if status.success() { Ok(()) } else { Err(io::Error::other(format!("it ended with {status}"))) }
}

fn tell(pipe: &Mutex<Option<ChildStdin>>, line: &Line) {
    let mut pipe = pipe.lock();
    let Some(input) = &mut *pipe else { return };
    let Ok(mut text) = serde_json::to_string(line) else { return };
    text.push('\n');
    // Lines are far shorter than what a pipe takes as a whole (PIPE_BUF), so none is cut in two.
    match input.write_all(text.as_bytes()) {
        Err(error) if error.kind() != io::ErrorKind::WouldBlock => *pipe = None,
        _ => {}
    }
}

fn millis(time: Duration) -> u64 {
    u64::try_from(time.as_millis()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wait_for(feed: &Feed, mut holds: impl FnMut(&Feed) -> bool) {
        let deadline = Instant::now() + Duration::from_secs(20);
        while !holds(feed) {
            assert!(Instant::now() < deadline, "trouble: {:?}", feed.trouble());
            std::thread::park_timeout(Duration::from_millis(5));
        }
    }

    #[test]
    fn a_program_that_can_not_be_started_or_ends_is_told_and_waited_for_by_nobody() {
        let missing = Feed::start(Path::new("/nowhere/witness"), Place::default(), |_| {});
        wait_for(&missing, |feed| feed.trouble().is_some());
        assert!(!missing.comes() && !missing.is_there());
        // It reads nothing and says nothing.
        let silent = Feed::start(Path::new("false"), Place::default(), |_| {});
        wait_for(&silent, |feed| feed.trouble().is_some_and(|why| why.contains("exit status")));
        let mut count = silent.taken("a job");
        count(Duration::from_secs(1));
        silent.free(Duration::from_secs(1));
        assert!(!silent.is_there());
    }
}
