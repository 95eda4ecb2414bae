//! Reads the command line, then opens the window or runs one job without it.

use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use antifreeze::app::{Errand, Start};
use antifreeze::desktop::downloads_folder;
use antifreeze::desktop_entry::{self, EntryAct};
use antifreeze::headless::{self, Compare, SelfTest};
use antifreeze::jobs::{Mode, Workers, spawn_named};
use antifreeze::practice::Serve;
use antifreeze::responsiveness::{Meter, Trace, Watchdog};
use antifreeze::state::StateFile;
use antifreeze::terminal::{self, Exit};
use antifreeze::units::plain_text;
use antifreeze::window::{self, Display};
use antifreeze::work::Request;
use anyhow::Context as _;
use clap::{Parser, Subcommand};

const NO_DISPLAY: &str = "antifreeze: there is no display to open a window on; \
     run a job without one by `antifreeze run`, or start a virtual display such as Xvfb and set DISPLAY.";

const INSTEAD: &str = "antifreeze: there is no display to open a window on, so here is what the window would show: \
     the same work blocking and in the background (antifreeze compare). It takes half a minute.";

/// A workbench for long tasks: opens files of any size and downloads, in a window that never stops answering.
#[derive(Debug, Parser)]
#[command(version, args_conflicts_with_subcommands = true)]
struct CommandLine {
    /// Files or http(s) addresses to open in the window
    #[arg(value_name = "TARGET")]
    targets: Vec<String>,
    /// Start with the switch at Blocking: jobs run on the UI thread, and the window freezes for as long
    #[arg(long)]
    blocking: bool,
    /// Write a line of JSON for every job event and every freeze to this file
    #[arg(long, value_name = "FILE")]
    trace: Option<PathBuf>,
    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Run one job without a window, with a progress bar
    Run {
        /// Print the result as one JSON object
        #[arg(long, global = true)]
        json: bool,
        #[command(subcommand)]
        request: Box<Request>,
    },
    /// Run the practice server until it is interrupted
    Serve(Serve),
    /// Do the same work blocking and in the background, and set the figures side by side
    Compare(Compare),
    /// Offer this program in the desktop's menu and file manager, or no longer
    Desktop {
        #[command(subcommand)]
        act: EntryAct,
    },
    /// Count how long another window does not answer, as it tells over standard input
    #[command(hide = true)]
    Witness(antifreeze::witness::Place),
    /// Inject stalls of known lengths into the window, and hold them against what its meter sees
    Selftest(SelfTest),
}

fn main() -> anyhow::Result<ExitCode> {
    tracing_subscriber::fmt()
        .with_env_filter(tracing_subscriber::EnvFilter::from_default_env())
        .with_writer(std::io::stderr)
        .init();
    let line = CommandLine::parse();
    let exit = match line.command {
        Some(Command::Run { json, request }) => terminal::run(*request, json)?,
        Some(Command::Serve(serve)) => terminal::run(Request::Serve(serve), false)?,
        Some(Command::Compare(compare)) => headless::run(compare, Meter::new(watchdog()?, Trace::default()))?,
        Some(Command::Witness(place)) => {
            antifreeze::witness::open(&place).map_err(|error| anyhow::anyhow!("no window for the witness: {error}"))?;
            Exit::Done
        }
        Some(Command::Desktop { act }) => change_entry(act)?,
        Some(Command::Selftest(test)) => self_test(&test)?,
        None => open_window(line)?,
    };
    Ok(ExitCode::from(exit as u8))
}

fn change_entry(act: EntryAct) -> anyhow::Result<Exit> {
    let did = if act == EntryAct::Install { "installed" } else { "removed" };
    for path in desktop_entry::run(act)? {
        println!("{did} {}", plain_text(&path.display().to_string()));
    }
    Ok(Exit::Done)
}

/// It keeps the window's own rank: it has to see a freeze while the workers are busy.
fn watchdog() -> std::io::Result<Watchdog> {
    let spawn = |work| std::thread::Builder::new().name("watchdog".into()).spawn(work);
    Watchdog::start(|work| spawn(work).map(|thread| thread.thread().clone()))
}

/// In the window where there is a display, else in a frame loop that draws for nobody.
fn self_test(test: &SelfTest) -> anyhow::Result<Exit> {
    let meter = Meter::new(watchdog()?, Trace::default());
    let Some(display) = Display::connect() else { return Ok(headless::self_test(test, &meter)?) };
    let verdict = Arc::default();
    let start = Start {
        errand: Some(Errand::SelfTest(Duration::from_secs(test.quiet), Arc::clone(&verdict))),
        ..Start::new(Workers::start()?, meter, downloads_folder())
    };
    window::open(display, start)
        .context("the window could not be opened; without DISPLAY the test runs in the terminal")?;
    let verdict = verdict.lock().take();
    Ok(headless::report_on_meter(verdict.as_ref(), test)?)
}

fn open_window(line: CommandLine) -> anyhow::Result<Exit> {
    let Some(display) = Display::connect() else {
        if !line.targets.is_empty() || line.blocking || line.trace.is_some() {
            eprintln!("{NO_DISPLAY}");
            return Ok(Exit::WrongUse);
        }
        eprintln!("{INSTEAD}");
        return Ok(headless::run(Compare::default(), Meter::new(watchdog()?, Trace::default()))?);
    };
    let trace = match &line.trace {
        Some(path) => Trace::to(path, |work| spawn_named("trace", work))
            .with_context(|| format!("could not write the trace {}", path.display()))?,
        None => Trace::default(),
    };
    let state = eframe::storage_dir("antifreeze").map(|folder| StateFile::at(folder.join("state.json")));
    let start = Start {
        targets: line.targets,
        mode: if line.blocking { Mode::Blocking } else { Mode::Background },
        state: state.unwrap_or_default(),
        witness: std::env::current_exe().ok(),
        ..Start::new(Workers::start()?, Meter::new(watchdog()?, trace), downloads_folder())
    };
    window::open(display, start).context("the window could not be opened; `antifreeze run` works without one")?;
    Ok(Exit::Done)
}
