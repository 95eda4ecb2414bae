//! Runs one job without a window, by the same engine: a progress bar on standard error, the result on standard output.
//! Runs on the main thread, which waits for wake-ups as the window would for frames. It must not know egui.

use std::io::{self, Write as _};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::sync::mpsc::{Receiver, sync_channel};
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use rustix::process::Signal;
use tokio::runtime::Handle;
use tokio::signal::unix::{SignalKind, signal};

use crate::jobs::{Engine, Executor, JobError, JobView, Limits, Mode, Reading, Unit, Work as _, Workers};
use crate::units;
use crate::work::{Product, Request};

/// How often the bar moves.
const TICK: Duration = Duration::from_millis(100);
/// How long a job may take to reach a safe point after an interrupt.
const STOP_LIMIT: Duration = Duration::from_millis(1_900);

/// What a run has come to, as an exit status says it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exit {
    /// The job did what was asked.
    Done = 0,
    /// The job failed.
    Failed = 1,
    /// The command line made no sense here.
    WrongUse = 2,
    /// Somebody pressed Ctrl+C.
    Interrupted = 130,
}

/// Runs `request` to its end, or until it is interrupted.
///
/// # Errors
/// When the terminal can not be written to or the system gives no threads; a job's own failure is an [`Exit`].
pub fn run(request: Request, json: bool) -> io::Result<Exit> {
    let mut workers = Workers::start()?;
    let runtime = workers.handle()?;
    // One waiting wake-up says as much as many.
    let (wake, woken) = sync_channel(1);
    let wake_up = Arc::new(move || {
        let _ = wake.try_send(());
    });
    // Asked for before anything is begun, so that an interrupt never finds the program without it.
    let interrupts = Interrupts::listen(&runtime, {
        let wake_up = Arc::clone(&wake_up);
        move || wake_up()
    })?;
    let mut engine = Engine::new(Executor::new(runtime, wake_up), Limits::default());
    let bar = bar();
    let announce = announcement(&request);
    let id = engine.submit(request, Mode::Background);

    let (mut announced, mut all_stopped) = (false, true);
    let exit = loop {
        engine.poll(Instant::now());
        if interrupts.any() {
            all_stopped = stop(&mut engine, &woken);
            break Exit::Interrupted;
        }
        if !announced && let Some(line) = announce() {
            writeln!(io::stdout(), "{line}")?;
            announced = true;
        }
        let Some(job) = engine.job(id) else { break Exit::Failed };
        if let Some(result) = job.result() {
            bar.finish_and_clear();
            break report(result, &job, json)?;
        }
        show(&bar, &job.reading());
        let _ = woken.recv_timeout(TICK);
    };
    bar.finish_and_clear();
    if exit == Exit::Interrupted {
        let rest =
            if all_stopped { "nothing unfinished was left behind" } else { "a .part file may have been left behind" };
        writeln!(io::stderr(), "antifreeze: interrupted; {rest}")?;
    }
    workers.stop(Duration::from_millis(100));
    Ok(exit)
}

/// What to say once a job is under way that never ends by itself: where the practice server listens.
fn announcement(request: &Request) -> impl Fn() -> Option<String> + use<> {
    let address = match request {
        Request::Serve(serve) => Some(Arc::clone(&serve.address)),
        _ => None,
    };
    move || address.as_ref()?.lock().map(|address| format!("http://{address}"))
}

/// Whether somebody has pressed Ctrl+C, closed the terminal or asked the program to end; by default nobody listens.
#[derive(Default)]
pub struct Interrupts {
    any: Arc<AtomicBool>,
}

impl Interrupts {
    /// Listens from now on, and calls `heard` at the first.
    ///
    /// # Errors
    /// When the system does not pass signals on.
    pub fn listen(runtime: &Handle, heard: impl FnOnce() + Send + 'static) -> io::Result<Self> {
        let (mut interrupts, mut ends, mut hang_ups) = {
            let _runtime = runtime.enter();
            // Once it is listened for, a write past the limit on a file's size fails, and no longer kills the process.
            drop(signal(SignalKind::from_raw(Signal::XFSZ.as_raw()))?);
            let hang_ups = if outlives_terminal() { None } else { Some(signal(SignalKind::hangup())?) };
            (signal(SignalKind::interrupt())?, signal(SignalKind::terminate())?, hang_ups)
        };
        let any = Arc::<AtomicBool>::default();
        let seen = Arc::clone(&any);
        runtime.spawn(async move {
            tokio::select! {
                _ = interrupts.recv() => {}
                _ = ends.recv() => {}
                Some(()) = async { hang_ups.as_mut()?.recv().await } => {}
            }
            seen.store(true, Relaxed);
            heard();
        });
        Ok(Self { any })
    }

    /// Whether there was one.
    #[must_use]
    pub fn any(&self) -> bool {
        self.any.load(Relaxed)
    }
}

/// Whether whoever started the program has it live on when the terminal closes, as `nohup` does, so that to listen for
/// that would undo it.
#[expect(clippy::disallowed_methods, reason = "a page that the system makes up, read once before anything is begun")]
fn outlives_terminal() -> bool {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let ignored = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    let ignored = ignored.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok()).unwrap_or_default();
    ignored & (1 << (Signal::HUP.as_raw() - 1)) != 0
}

/// Whether all has reached a safe point in time.
fn stop(engine: &mut Engine<Request>, woken: &Receiver<()>) -> bool {
    engine.interrupt_all();
    let limit = Instant::now() + STOP_LIMIT;
    while engine.busy() && Instant::now() < limit {
        let _ = woken.recv_timeout(Duration::from_millis(10));
        engine.poll(Instant::now());
    }
    !engine.busy()
}

fn report(result: &Result<Product, JobError>, job: &JobView<'_, Request>, json: bool) -> io::Result<Exit> {
    match result {
        Ok(product) if json => {
            let line = serde_json::to_string(product)?;
            writeln!(io::stdout(), "{}", units::plain_json(&line))?;
            Ok(Exit::Done)
        }
        Ok(product) => {
            let facts = serde_json::to_value(product)?;
            let mut out = io::stdout().lock();
            for (name, value) in facts.as_object().into_iter().flatten() {
                writeln!(out, "{:<20} {}", name.replace('_', " "), plain(name, value))?;
            }
            Ok(Exit::Done)
        }
        Err(error) => {
            let mut err = io::stderr().lock();
            writeln!(err, "antifreeze: {}: {}", job.work().kind().name, units::plain_text(&error.to_string()))?;
            writeln!(err, "{}", units::plain_text(&error.advice()))?;
            for cause in error.details().lines() {
                writeln!(err, "  cause: {}", units::plain_text(cause))?;
            }
            Ok(Exit::Failed)
        }
    }
}

/// A value for the eye: numbers with separators, strings without quotes.
fn plain(name: &str, value: &serde_json::Value) -> String {
    match value {
        serde_json::Value::String(text) => units::plain_text(text),
        serde_json::Value::Number(number) if name != "seconds" => {
            number.as_u64().map_or_else(|| number.to_string(), units::number)
        }
        other => other.to_string(),
    }
}

fn bar() -> ProgressBar {
    let bar = ProgressBar::with_draw_target(None, ProgressDrawTarget::stderr());
    // The template is a constant; should it not parse, the bar's own is as good.
    if let Ok(style) = ProgressStyle::with_template("{bar:32} {msg}") {
        bar.set_style(style);
    }
    bar
}

fn show(bar: &ProgressBar, reading: &Reading) {
    if let Some(total) = reading.total {
        bar.set_length(total);
    }
    bar.set_position(reading.done);
    let done = match reading.unit {
        Unit::Bytes => format!("{} · {}", units::bytes(reading.done), units::rate(reading.rate)),
        Unit::Items => units::number(reading.done),
    };
    let left = reading.left().map_or_else(String::new, |left| format!(" · {} left", units::duration(left)));
    bar.set_message(format!("{done}{left} {}", reading.note));
}
