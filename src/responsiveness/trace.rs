//! One line of JSON for every job event and every freeze, on one monotonic clock that an outside probe can read too.
//! Written by a thread of its own; the UI thread hands lines over a bounded channel and never waits. One of the few
//! places that may use `std::fs`.

use std::fs::File;
use std::io::{self, BufWriter, Write as _};
use std::path::Path;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, TrySendError, sync_channel};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use parking_lot::Mutex;
use serde_json::{Value, json};

use super::{Freeze, Span};

/// Lines that may wait for the disk; more are counted and left out.
const MAX_WAITING: usize = 8_192;
/// How long the end of the program waits for the last lines.
const FINISH_LIMIT: Duration = Duration::from_millis(300);
/// How long a line may wait in memory.
const FLUSH: Duration = Duration::from_millis(100);

/// Where events go; by default nowhere.
#[derive(Clone, Default)]
pub struct Trace {
    writer: Option<Arc<Mutex<Writer>>>,
}

struct Writer {
    lines: Option<SyncSender<Value>>,
    left_out: u64,
    thread: Option<JoinHandle<()>>,
    /// The same moment on both clocks.
    zero: (Instant, f64),
}

impl Trace {
    /// Writes to `path`, which must not exist yet.
    ///
    /// # Errors
    /// When the file can not be created or the system gives no thread.
    #[expect(clippy::disallowed_methods, reason = "the one file that the trace owns, made before there is a window")]
    pub fn to(
        path: &Path,
        spawn: impl FnOnce(Box<dyn FnOnce() + Send>) -> io::Result<JoinHandle<()>>,
    ) -> io::Result<Self> {
        let file = BufWriter::new(File::create_new(path)?);
        let (lines, waiting) = sync_channel(MAX_WAITING);
        let thread = spawn(Box::new(move || write(file, &waiting)))?;
        let zero = same_moment();
        let writer = Writer { lines: Some(lines), left_out: 0, thread: Some(thread), zero };
        Ok(Self { writer: Some(Arc::new(Mutex::new(writer))) })
    }

    /// Writes an event: `fields` of an object, to which the time is added.
    pub fn event(&self, at: Instant, event: &str, fields: Value) {
        let Some(writer) = &self.writer else { return };
        let mut writer = writer.lock();
        let mut line = json!({ "monotonic_s": writer.secs(at), "event": event });
        if let (Value::Object(line), Value::Object(fields)) = (&mut line, fields) {
            line.extend(fields);
        }
        let sent = writer.lines.as_ref().map(|lines| lines.try_send(line));
        if let Some(Err(TrySendError::Full(_))) = sent {
            writer.left_out += 1;
        }
    }

    /// Writes that there was a freeze.
    pub fn freeze(&self, freeze: &Freeze) {
        let fields = json!({
            "length_s": freeze.length.as_secs_f64(),
            "counted_s": freeze.counted.as_secs_f64(),
            "felt": freeze.felt(),
            "missed_frames": u64::try_from(freeze.missed_frames()).unwrap_or(u64::MAX),
            "clicks_waited": freeze.waited.clicks,
            "keys_waited": freeze.waited.keys,
            "files_waited": freeze.waited.files,
            "cause": freeze.cause,
            "callback": match freeze.span { Span::Frame => "frame", Span::Event(event) => event },
            "phase": freeze.phases.longest(),
            "hidden": freeze.hidden,
        });
        self.event(freeze.began, "freeze", fields);
    }

    /// Writes what is waiting and closes the file.
    pub fn finish(&self) {
        let Some(writer) = &self.writer else { return };
        let left_out = writer.lock().left_out;
        if left_out > 0 {
            self.event(Instant::now(), "left_out", json!({ "lines": left_out }));
        }
        let thread = {
            let mut writer = writer.lock();
            writer.lines = None;
            writer.thread.take()
        };
        // A disk that stalls must not hold up the end of the program.
        let limit = Instant::now() + FINISH_LIMIT;
        while thread.as_ref().is_some_and(|thread| !thread.is_finished()) && Instant::now() < limit {
            std::thread::park_timeout(Duration::from_millis(2));
        }
    }
}

impl Writer {
    fn secs(&self, at: Instant) -> f64 {
        let (zero, secs) = self.zero;
        match at.checked_duration_since(zero) {
            Some(after) => secs + after.as_secs_f64(),
            None => secs - zero.saturating_duration_since(at).as_secs_f64(),
        }
    }
}

fn write(mut file: BufWriter<File>, lines: &Receiver<Value>) {
    loop {
        let result = match lines.recv_timeout(FLUSH) {
            Ok(line) => writeln!(file, "{line}"),
            Err(RecvTimeoutError::Timeout) if file.buffer().is_empty() => match lines.recv() {
                Ok(line) => writeln!(file, "{line}"),
                Err(_) => return,
            },
            Err(RecvTimeoutError::Timeout) => file.flush(),
            Err(RecvTimeoutError::Disconnected) => {
                if let Err(error) = file.flush() {
                    tracing::error!(%error, "the end of the trace could not be written");
                }
                return;
            }
        };
        if let Err(error) = result {
            tracing::error!(%error, "the trace could not be written and ends here");
            return;
        }
    }
}

/// The system's monotonic clock, which other processes can read too.
fn monotonic_secs() -> f64 {
    let now = rustix::time::clock_gettime(rustix::time::ClockId::Monotonic);
    #[expect(clippy::cast_precision_loss, reason = "exact to the nanosecond for the first months of uptime")]
    let secs = now.tv_sec as f64 + now.tv_nsec as f64 / 1e9;
    secs
}

/// One moment on both clocks. Of several looks the quickest counts, as the system may take the core away between two.
fn same_moment() -> (Instant, f64) {
    let look = || {
        let before = Instant::now();
        let secs = monotonic_secs();
        let took = before.elapsed();
        (took, (before + took / 2, secs))
    };
    (0..8).fold(look(), |best, _| std::cmp::min_by_key(best, look(), |(took, _)| *took)).1
}

#[cfg(test)]
#[expect(clippy::disallowed_methods, reason = "tests make their own files")]
mod tests {
    use super::*;

    #[test]
    fn each_event_is_a_line_on_the_clock_that_others_can_read() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("trace.jsonl");
        let trace = Trace::to(&path, |work| std::thread::Builder::new().spawn(work)).unwrap();
        let before = monotonic_secs();
        trace.event(Instant::now(), "job", json!({ "id": 7 }));
        trace.finish();
        let text = std::fs::read_to_string(&path).unwrap();
        let line: Value = serde_json::from_str(text.lines().next().unwrap()).unwrap();
        assert_eq!((line["event"].as_str(), line["id"].as_u64()), (Some("job"), Some(7)));
        let at = line["monotonic_s"].as_f64().unwrap();
        assert!(at >= before - 1e-3 && at <= monotonic_secs() + 1e-3);
        let again = Trace::to(&path, |work| std::thread::Builder::new().spawn(work));
        assert!(again.is_err(), "an old trace was overwritten");
    }
}
