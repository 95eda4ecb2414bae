//! The comparison without a display: a frame loop at 60 Hz that draws the program's own window, but shows it to nobody.
//! Questions and wake-ups reach it as they reach the window's event loop, between two frames.

use std::io::{self, Write as _};
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, sync_channel};
use std::time::{Duration, Instant};

use egui::{RawInput, Rect, pos2, vec2};
use indicatif::{ProgressBar, ProgressDrawTarget};

use crate::compare::{self, Comparing, Size, Wanted};
use crate::jobs::{Engine, Executor, Failure as _, Limits, Mode, Wake, Workers};
use crate::mistakes::Mistakes;
use crate::responsiveness::{self, FRAME, Meter, Phase, Span, Verdict};
use crate::source::WriteError;
use crate::terminal::{Exit, Interrupts};
use crate::ui::{self, Settings, Shell, Sight, Tabs};
use crate::units;
use crate::work::Request;

/// What can wait for the UI thread: a freeze of five minutes' questions.
const MAX_WAITING: usize = 30_000;

/// The same work blocking and in the background, as a report
#[derive(Clone, Debug, clap::Args)]
pub struct Compare {
    /// Files to index and http(s) addresses to download [default: a practice set that is made for this]
    #[arg(value_name = "TARGET")]
    pub targets: Vec<String>,
    /// How often each way is run
    #[arg(long, default_value_t = 3, value_parser = clap::value_parser!(u16).range(1..=100))]
    pub runs: u16,
    /// Take the large practice set: 4 GB to index, 8 downloads of 128 MB at 8 MB/s, 200 answers of 100 ms
    #[arg(long, conflicts_with = "targets")]
    pub large: bool,
    /// Print the figures as one JSON object
    #[arg(long)]
    pub json: bool,
    /// Write the report as Markdown, JSON and a picture into this folder
    #[arg(long, value_name = "FOLDER")]
    pub save: Option<PathBuf>,
}

impl Default for Compare {
    fn default() -> Self {
        Self { targets: Vec::new(), runs: 3, large: false, json: false, save: None }
    }
}

/// What reaches the UI thread between two frames.
enum Message {
    Question(Instant),
    WakeUp,
}

/// Compares, and prints the report.
///
/// # Errors
/// When the system gives no threads or no folder, or the report can not be written.
pub fn run(compare: Compare, meter: Meter) -> io::Result<Exit> {
    if let Some(Err(error)) = compare.save.as_deref().map(compare::can_save) {
        return not_saved(&error);
    }
    let mut workers = Workers::start()?;
    let runtime = workers.handle()?;
    let (send, messages) = sync_channel(MAX_WAITING);
    let wake: Wake = Arc::new({
        let send = send.clone();
        move || {
            // A line that is full wakes as well.
            let _ = send.try_send(Message::WakeUp);
        }
    });
    meter.questions_go_by(Box::new(move |asked| {
        let _ = send.try_send(Message::Question(asked));
    }));
    let executor = Executor::new(runtime.clone(), wake);
    let prober = compare::probe(&meter, &executor)?;
    let wanted = match compare.targets.as_slice() {
        [] if compare.large => Wanted::PracticeSet(Size::Large),
        [] => Wanted::PracticeSet(Size::Small),
        targets => Wanted::Targets(targets.to_vec()),
    };
    let folder = std::env::temp_dir();
    let mut comparing = Comparing::new(executor, wanted, compare.runs.into(), folder, false);

    let stopper = comparing.stopper();
    let interrupts = Interrupts::listen(&runtime, move || stopper.stop("It was interrupted".into()))?;
    let mut window = Unseen::new();
    let bar = ProgressBar::with_draw_target(None, ProgressDrawTarget::stderr());
    let end = loop {
        let began = Instant::now();
        let end = {
            let _busy = meter.busy(Span::Frame);
            meter.enter(Phase::Logic);
            let end = comparing.step(&meter, &prober).cloned();
            window.draw(comparing.engine(), &meter);
            bar.set_message(comparing.doing());
            bar.tick();
            end
        };
        let _ = meter.drained();
        if let Some(end) = end {
            break if interrupts.any() { None } else { Some(end) };
        }
        wait(&messages, &meter, began + FRAME);
    };
    bar.finish_and_clear();
    let exit = match end {
        None => {
            writeln!(io::stderr(), "antifreeze: interrupted; nothing was compared, and nothing is left behind")?;
            Exit::Interrupted
        }
        Some(Err(failure)) => {
            writeln!(
                io::stderr(),
                "antifreeze: {}\nNothing was compared. Run the failing job alone to see more: antifreeze run --help",
                units::plain_text(&failure)
            )?;
            Exit::Failed
        }
        Some(Ok(())) => report(&comparing, &compare)?,
    };
    workers.stop(Duration::from_millis(500));
    // Only now is its folder sure to be left alone.
    drop(comparing);
    Ok(exit)
}

/// Test how well the meter sees
#[derive(Clone, Debug, clap::Args)]
pub struct SelfTest {
    /// For how many seconds nothing is injected at the end, to see whether the meter sees something all the same
    #[arg(long, default_value_t = 60, value_parser = clap::value_parser!(u64).range(0..=3_600))]
    pub quiet: u64,
    /// Print the figures as one JSON object
    #[arg(long)]
    pub json: bool,
}

/// Tests the meter in a frame loop that paints for nobody, and so has no phases of painting; prints what came of it.
///
/// # Errors
/// When the terminal can not be written to.
pub fn self_test(test: &SelfTest, meter: &Meter) -> io::Result<Exit> {
    let phases = [Phase::Event, Phase::Logic, Phase::Ui, Phase::Tessellation];
    let mut running = responsiveness::SelfTest::new(meter, &phases, Duration::from_secs(test.quiet));
    let mut window = Unseen::new();
    let (_nobody, messages) = sync_channel(1);
    let workers = Workers::start()?;
    let engine = Engine::new(Executor::new(workers.handle()?, Arc::new(|| {})), Limits::default());
    let bar = ProgressBar::with_draw_target(Some(1_000), ProgressDrawTarget::stderr());
    loop {
        let began = Instant::now();
        drop(meter.busy(Span::Event("turn")));
        let over = {
            let _busy = meter.busy(Span::Frame);
            meter.enter(Phase::Logic);
            let over = running.step(meter, Instant::now()).is_some();
            window.draw(&engine, meter);
            over
        };
        let _ = meter.drained();
        if over {
            break;
        }
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a share of a thousand")]
        bar.set_position((running.progress() * 1_000.0) as u64);
        wait(&messages, meter, began + FRAME);
    }
    bar.finish_and_clear();
    report_on_meter(Some(running.verdict()), test)
}

/// Prints what came of a test of the meter; there is nothing if it was stopped.
///
/// # Errors
/// When the terminal can not be written to.
pub fn report_on_meter(verdict: Option<&Verdict>, test: &SelfTest) -> io::Result<Exit> {
    let Some(verdict) = verdict else {
        writeln!(io::stderr(), "antifreeze: the test was stopped before its end")?;
        return Ok(Exit::Interrupted);
    };
    if test.json {
        writeln!(io::stdout(), "{}", serde_json::to_string(verdict)?)?;
    } else {
        write!(io::stdout(), "{}", verdict.as_text())?;
        if !verdict.stalls.iter().any(|stall| stall.phase == Phase::Present) {
            writeln!(io::stdout(), "Painting and presenting were not tested: there is no display.")?;
        }
    }
    Ok(if verdict.holds() { Exit::Done } else { Exit::Failed })
}

/// Waits for the next frame, which a wake-up brings about sooner, and answers questions meanwhile; those that have waited
/// through a frame are answered whatever the time.
fn wait(messages: &Receiver<Message>, meter: &Meter, due: Instant) {
    let mut woken = false;
    loop {
        let message = if woken {
            messages.try_recv().ok()
        } else {
            messages.recv_timeout(due.saturating_duration_since(Instant::now())).ok()
        };
        match message {
            Some(Message::Question(asked)) => meter.answered(asked.elapsed()),
            Some(Message::WakeUp) => woken = true,
            None => return,
        }
    }
}

fn report(comparing: &Comparing, compare: &Compare) -> io::Result<Exit> {
    let comparison = comparing.comparison();
    // First to disk: the terminal may be gone by now.
    let saved = compare.save.as_ref().map(|folder| compare::save(comparison, folder));
    let mut out = io::stdout().lock();
    if compare.json {
        writeln!(out, "{}", serde_json::to_string(comparison)?)?;
    } else {
        write!(out, "{}", comparison.as_text())?;
    }
    match saved {
        Some(Err(error)) => not_saved(&error),
        None | Some(Ok(_)) => Ok(Exit::Done),
    }
}

fn not_saved(error: &WriteError) -> io::Result<Exit> {
    writeln!(io::stderr(), "antifreeze: the report could not be saved. {error}\n{}", error.advice())?;
    Ok(Exit::Failed)
}

/// The window, drawn as it would be, on nothing.
struct Unseen {
    ctx: egui::Context,
    shell: Shell,
    tabs: Tabs,
    settings: Settings,
    mistakes: Mistakes,
}

impl Unseen {
    fn new() -> Self {
        let ctx = egui::Context::default();
        ui::install(&ctx);
        Self {
            ctx,
            shell: Shell::default(),
            tabs: Tabs::default(),
            settings: Settings::default(),
            mistakes: Mistakes::default(),
        }
    }

    fn draw(&mut self, engine: &Engine<Request>, meter: &Meter) {
        let input = RawInput {
            screen_rect: Some(Rect::from_min_size(pos2(0.0, 0.0), vec2(1280.0, 800.0))),
            ..RawInput::default()
        };
        let sight = Sight {
            engine,
            meter,
            mode: Mode::Background,
            recent: &[],
            about_to_block: None,
            quitting: None,
            compared: None,
            self_test: None,
            mistakes: &self.mistakes,
            working: true,
            now: Instant::now(),
        };
        meter.enter(Phase::Ui);
        let mut output =
            self.ctx.run_ui(input, |ui| drop(self.shell.ui(ui, &mut self.tabs, &mut self.settings, &sight)));
        meter.enter(Phase::Tessellation);
        // There is no painter that would take it up.
        output.textures_delta.clear();
        drop(self.ctx.tessellate(output.shapes, output.pixels_per_point));
    }
}
