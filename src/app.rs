//! The program behind the window: owns all state, polls what is running, applies what was asked for. Runs on the UI
//! thread and never waits there; `logic` drains results before each frame, `ui` draws.
//!
//! It must not know how HTTP or databases are spoken, nor touch files.

mod blocking;
mod comparing;
mod measuring;
mod opening;
mod practice;
mod quitting;
mod restoring;
mod searching;
mod witnessing;

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering::AcqRel};
use std::time::{Duration, Instant};

use eframe::{CreationContext, Frame};
use egui::{Context, ViewportCommand};
use poll_promise::Promise;
use serde_json::json;

use crate::command::Command;
use crate::desktop::{self, Chosen};
use crate::document::Open;
use crate::jobs::{
    Change, Engine, Executor, Job as _, JobEvent, JobId, Mode, Outcome as _, Priority, Status, Wake, Work as _, Workers,
};
use crate::mistakes::Mistakes;
use crate::responsiveness::{FRAME, Meter};
use crate::state::StateFile;
use crate::terminal::Interrupts;
use crate::ui::{self, Notices, Outlook, Searches, Settings, Shell, Sight, Tabs};
use crate::work::{Product, Request};
use blocking::Announced;
use comparing::Compared;
pub use measuring::Errand;
use measuring::{SELF_TEST_QUIET, Watched};
use practice::first_sample;
use quitting::Quitting;
use restoring::Saved;
use witnessing::Witnessing;

/// How long a job has to have run for its end to be told while the window is not looked at.
const LONG_WORK: Duration = Duration::from_secs(5);
/// Drawing may take one in so many parts of the UI thread's time while nobody touches the window.
const DRAWING_SHARE: u32 = 16;
/// Slower than this the pulse would not be seen to turn.
const SLOWEST_PACE: Duration = Duration::from_millis(200);
/// What is pressed within this time of asking for a job belongs to the asking.
const AT_ONCE: Duration = Duration::from_millis(300);
/// With so many tabs, what a job has made is not opened by itself any more.
const MAX_TABS_OPENED_UNASKED: usize = 24;
/// What the window is started with.
pub struct Start {
    /// Files or addresses to open.
    pub targets: Vec<String>,
    /// How jobs run at first.
    pub mode: Mode,
    /// The threads that jobs run on.
    pub workers: Workers,
    /// What measures the window.
    pub meter: Meter,
    /// Where downloads go unless they are sent elsewhere.
    pub downloads: PathBuf,
    /// What comes back of the last time, and is kept for the next.
    pub state: StateFile,
    /// What the window is opened for alone, if it is.
    pub errand: Option<Errand>,
    /// The program that can be a witness, which is this one; `None` for no witness.
    pub witness: Option<PathBuf>,
    /// Asks for a frame; called from any thread.
    pub wake: Wake,
    /// Whether the program was asked from outside to end.
    pub interrupts: Interrupts,
}

impl Start {
    /// A window without documents that keeps nothing.
    #[must_use]
    pub fn new(workers: Workers, meter: Meter, downloads: PathBuf) -> Self {
        Self {
            targets: Vec::new(),
            mode: Mode::Background,
            workers,
            meter,
            downloads,
            state: StateFile::default(),
            errand: None,
            witness: None,
            wake: Arc::new(|| {}),
            interrupts: Interrupts::default(),
        }
    }
}

/// The state of the program.
pub struct App {
    engine: Engine<Request>,
    executor: Executor,
    workers: Workers,
    meter: Meter,
    mode: Mode,
    downloads: PathBuf,
    shell: Shell,
    tabs: Tabs,
    settings: Settings,
    recent: Vec<String>,
    searches: Searches,
    notices: Notices,
    wake: Wake,
    /// Cleared each frame: wake-ups that come before the next one are one.
    woken: Arc<AtomicBool>,
    compared: Option<Compared>,
    watched: Watched,
    witnessing: Witnessing,
    mistakes: Mistakes,
    errand: Option<Errand>,
    state: StateFile,
    keep_due: Instant,
    /// When the person last pressed, turned or typed something.
    pressed: Instant,
    interrupts: Interrupts,
    saving: Option<Promise<String>>,
    revealing: Option<Promise<Option<String>>>,
    choosing: Option<Promise<Chosen>>,
    about_to_block: Option<Announced>,
    practice_waits: bool,
    quitting: Quitting,
}

impl App {
    /// The program as it was left, with what it is started with on top.
    ///
    /// # Errors
    /// When the workers have no threads.
    pub fn new(creation: &CreationContext<'_>, mut start: Start) -> std::io::Result<Self> {
        ui::install(&creation.egui_ctx);
        let woken = Arc::new(AtomicBool::new(false));
        let wake: Wake = Arc::new({
            let (wake, woken) = (start.wake, Arc::clone(&woken));
            move || {
                if !woken.swap(true, AcqRel) {
                    wake();
                }
            }
        });
        let saved = Saved::of(&mut start.state);
        let executor = Executor::new(start.workers.handle()?, Arc::clone(&wake));
        let mut app = Self {
            engine: Engine::new(executor.clone(), saved.settings.limits.clone()),
            executor,
            workers: start.workers,
            meter: start.meter,
            mode: Mode::Background,
            downloads: start.downloads,
            shell: Shell::new(saved.jobs_folded),
            tabs: Tabs::default(),
            settings: saved.settings,
            recent: saved.recent,
            searches: saved.searches,
            notices: Notices::default(),
            wake,
            woken,
            compared: None,
            watched: Watched::default(),
            witnessing: Witnessing::by(start.witness),
            mistakes: Mistakes::default(),
            errand: start.errand,
            state: start.state,
            keep_due: Instant::now(),
            pressed: Instant::now(),
            interrupts: start.interrupts,
            saving: None,
            revealing: None,
            choosing: None,
            about_to_block: None,
            practice_waits: false,
            quitting: Quitting::No,
        };
        app.reopen(saved.tabs);
        for request in saved.unfinished {
            app.engine.shelve(request);
        }
        app.set_mode(&creation.egui_ctx, start.mode);
        for target in start.targets {
            app.go(&target);
        }
        if let Some(trouble) = app.state.take_trouble() {
            app.say(trouble);
        }
        app.begin_errand();
        Ok(app)
    }

    fn apply(&mut self, ctx: &Context, command: Command) {
        if self.comparing() && starts_work(&command) {
            return self.say("The comparison would measure it too: wait for its end, or stop it".into());
        }
        match command {
            Command::ChooseFiles => self.choose_files(),
            Command::Go(target) => self.go(&target),
            Command::OpenAddress(address) => self.open(PathBuf::from(address), Outlook::default()),
            Command::Start(request) => self.start(request),
            Command::Ask(request) => self.shell.ask(&request),
            Command::OpenSample => self.start(first_sample().into()),
            Command::DownloadFromPractice => self.download_from_practice(),
            Command::Compare(wanted, runs) => self.compare(wanted, runs),
            Command::StopComparing => self.stop_comparing(),
            Command::SaveReport => self.save_report(),
            Command::SelfTest => self.self_test(SELF_TEST_QUIET),
            Command::StopSelfTest => self.stop_self_test(),
            Command::SetTotalsBack => self.meter.set_totals_back(),
            Command::Turn(mistake, on) => self.turn(mistake, on),
            Command::SetMode(mode) => self.set_mode(ctx, mode),
            Command::Show(panel) => self.shell.show(panel, &mut self.tabs),
            Command::Cancel(id) => self.engine.cancel(id),
            Command::Pause(id, paused) => self.engine.pause(id, paused),
            Command::Retry(id) => self.retry(id),
            Command::First(id) => {
                self.engine.set_priority(id, Priority::High);
                self.engine.move_to_front(id);
            }
            Command::ClearEnded => self.engine.clear_ended(),
            Command::OpenResult(id) => self.open_result(id),
            Command::OpenArriving => self.open_last_arriving(),
            Command::Reveal(id) => self.reveal(id),
            Command::CloseTab => self.tabs.close_front(),
            Command::TurnTabs(by) => self.tabs.turn(by),
            Command::SplitTab => self.tabs.split(),
            Command::Reload => self.reload(),
            Command::Index => self.index(),
            Command::UnpackAnyway => self.unpack_anyway(),
            Command::ReadIn(encoding) => self.read_in(encoding),
            Command::ShowAs(shape) => self.show_as(shape),
            Command::Follow => self.tabs.toggle_follow(),
            Command::Wrap => {
                if !self.tabs.toggle_wrap() {
                    self.say("Only text is wrapped".to_owned());
                }
            }
            Command::FollowAnew(path) => self.follow_anew(path),
            Command::FindNext(forward) => self.tabs.find_next(forward),
            Command::ShowOnly(only) => self.show_only(only),
            Command::GoToOrigin(at) => self.go_to_origin(at),
            Command::OpenAt(path, reading, at) => self.open_at(path, *reading, at),
            Command::SearchAll(query) => self.search_all(&query),
            Command::SetTheme(theme) => ctx.set_theme(theme),
            Command::Zoom(None) => ctx.set_zoom_factor(1.0),
            Command::Zoom(Some(factor)) => ctx.set_zoom_factor((ctx.zoom_factor() * factor).clamp(0.6, 3.0)),
            Command::Say(text) => self.say(text),
            Command::Quit => ctx.send_viewport_cmd(ViewportCommand::Close),
            Command::KeepWorking => self.quitting = Quitting::No,
            Command::StopAndQuit => self.quitting = Quitting::Stopping { since: Instant::now() },
        }
    }

    fn start(&mut self, request: Request) {
        if let Request::Search(search) = &request {
            self.searches.remember(&search.query);
        }
        match request {
            Request::Open(open) => self.open(open.path, Outlook { reading: open.reading, ..Outlook::default() }),
            other => {
                self.submit(other.in_folder(&self.downloads));
            }
        }
    }

    fn submit(&mut self, request: impl Into<Request>) -> JobId {
        let request = match request.into() {
            Request::Open(open) => open.copying_at_most(self.settings.copy_limit_bytes()).into(),
            other => other,
        };
        if let Some(reason) = request.endless().filter(|_| self.mode == Mode::Blocking) {
            self.say(reason.to_owned());
        }
        self.engine.submit(request, self.mode)
    }

    /// The time between two frames while something runs: the display's, unless drawing is so dear, as it is in software,
    /// that it would take the cores from the jobs.
    fn pace(&self) -> Duration {
        self.meter.read(|history| history.frame_cost() * DRAWING_SHARE).clamp(FRAME, SLOWEST_PACE)
    }

    fn retry(&mut self, id: JobId) {
        match self.engine.job(id).map(|job| job.work().clone()) {
            // The document that it was to fill is closed: it is opened anew.
            Some(Request::Open(open)) if open.document().is_none() => {
                self.open(open.path, Outlook { reading: open.reading, ..Outlook::default() });
            }
            _ => self.engine.retry(id, self.mode),
        }
    }

    /// Tells the person something in a corner, for as long as it takes to read.
    fn say(&mut self, text: String) {
        self.notices.say(text);
    }

    fn set_mode(&mut self, ctx: &Context, mode: Mode) {
        self.mode = mode;
        if mode == Mode::Background {
            self.witnessing.end();
        }
        ui::set_mode(ctx, mode);
    }

    fn hear(&mut self, ctx: &Context, event: JobEvent) {
        self.note(event);
        let Change::Ended(status) = event.change else { return };
        self.remember_opened(event.id);
        let Some(job) = self.engine.job(event.id) else { return };
        let (title, summary) = (job.title().to_owned(), job.summary().unwrap_or_default());
        let busy_since = self.pressed > job.asked() + AT_ONCE;
        let made = job.result().and_then(|result| result.as_ref().ok()).and_then(Product::made);
        let part = match job.work() {
            Request::Download(download) => download.arriving().begun().map(|begun| begun.part),
            _ => None,
        };
        if let (Request::Open(open), Some(Err(error))) = (job.work(), job.result())
            && let Some(document) = open.document()
        {
            // It may have been stopped before it could say so itself.
            document.give_up(error.to_string(), error.advice());
        }
        match (job.work(), job.result()) {
            (Request::Search(search), Some(Err(_))) => search.give_up(),
            (Request::Table(table), Some(Err(_))) => table.give_up(),
            (Request::Arrange(arrange), Some(Err(error))) => arrange.give_up(error),
            (Request::Outline(outline), Some(Err(_))) => outline.give_up(),
            (Request::Picture(picture), Some(Err(error))) => picture.give_up(error),
            _ => {}
        }
        let focused = ctx.input(|input| input.viewport().focused.unwrap_or(true));
        if !focused && status != Status::Cancelled && job.elapsed() >= LONG_WORK {
            desktop::notify(title.clone(), summary.clone());
        }
        if status == Status::Failed && job.work().kind() != Open::KIND {
            self.say(format!("{title}: {summary}"));
        }
        // Of a hundred downloads nobody wants a hundred tabs; a click on its card opens each of them.
        if let Some(path) = made.filter(|_| self.tabs.count() < MAX_TABS_OPENED_UNASKED) {
            // Who has gone on with something else meanwhile is not to be taken away from it.
            self.open_made(path, part, busy_since);
        }
    }

    fn note(&self, event: JobEvent) {
        let (change, mode, status) = match event.change {
            Change::Queued => ("queued", None, None),
            Change::Started(mode) => ("started", Some(mode), None),
            Change::Paused => ("paused", None, None),
            Change::Resumed => ("resumed", None, None),
            Change::Ended(status) => ("ended", None, Some(status)),
        };
        let seconds = self.engine.job(event.id).map(|job| job.elapsed().as_secs_f64());
        let fields = json!({
            "id": event.id, "generation": event.generation, "kind": event.kind.name, "change": change,
            "mode": mode, "status": status, "seconds": seconds,
        });
        self.meter.trace().event(Instant::now(), "job", fields);
    }
}

/// Whether the person does something by it.
fn is_press(event: &egui::Event) -> bool {
    use egui::Event::{Key, MouseWheel, Paste, PointerButton, Text};
    matches!(
        event,
        Key { pressed: true, .. } | PointerButton { pressed: true, .. } | Text(_) | Paste(_) | MouseWheel { .. }
    )
}

impl eframe::App for App {
    fn logic(&mut self, ctx: &Context, _: &mut Frame) {
        // From here on a wake-up asks for another frame.
        self.woken.swap(false, AcqRel);
        *self.engine.limits_mut() = self.settings.limits.clone();
        if ctx.input(|input| input.events.iter().any(is_press)) {
            self.pressed = Instant::now();
        }
        self.finish_choosing();
        self.finish_saving();
        self.finish_revealing();
        self.carry_on_comparing(ctx);
        self.carry_on_self_test(ctx);
        self.make_mistakes(ctx);
        self.ask_practice();
        self.let_block(ctx);
        // Once more for what the first round has asked for.
        for _ in 0..2 {
            for event in self.engine.poll(Instant::now()) {
                self.hear(ctx, event);
            }
        }
        self.close_safely(ctx);
        let moves = self.moves();
        self.watch(moves);
        self.meter.another_frame_follows(moves);
        if moves {
            ctx.request_repaint_after(self.pace());
        }
        self.keep_state();
    }

    fn ui(&mut self, ui: &mut egui::Ui, _: &mut Frame) {
        self.take_dropped(ui.ctx());
        self.searches.hand_out(ui.ctx());
        if let Some(announced) = &mut self.about_to_block {
            announced.painted_in.get_or_insert(ui.ctx().cumulative_frame_nr());
        }
        self.announce_comparing(ui.ctx());
        let compared = self.compared.as_ref().map(|compared| &compared.comparing);
        let comparison = compared.filter(|comparing| comparing.about_to_block()).map(|_| "the comparison");
        let quitting = self.asked_about();
        let sight = Sight {
            engine: &self.engine,
            meter: &self.meter,
            mode: self.mode,
            recent: &self.recent,
            about_to_block: self.about_to_block.as_ref().map(|announced| announced.title.as_str()).or(comparison),
            quitting: quitting.as_deref(),
            compared,
            self_test: self.watched.self_test.as_ref(),
            mistakes: &self.mistakes,
            working: self.moves(),
            now: Instant::now(),
        };
        let commands = self.shell.ui(ui, &mut self.tabs, &mut self.settings, &sight);
        self.notices.ui(ui);
        let any = !commands.is_empty();
        for command in commands {
            self.apply(ui.ctx(), command);
        }
        if any {
            ui.ctx().request_repaint();
        }
    }

    fn clear_color(&self, visuals: &egui::Visuals) -> [f32; 4] {
        // The ground of documents is what is cleared to: painted over it, it would cost as much as all else in software.
        visuals.extreme_bg_color.to_normalized_gamma_f32()
    }

    fn auto_save_interval(&self) -> Duration {
        // What eframe keeps is the place of the window and the widths of panels: at the end is soon enough.
        Duration::MAX
    }

    fn on_exit(&mut self, _: Option<&eframe::glow::Context>) {
        self.engine.interrupt_all();
        self.stop_comparing();
        self.mistakes.stop();
        let last = self.saved();
        self.state.finish(last);
        self.workers.stop(Duration::from_millis(200));
        self.meter.trace().finish();
    }
}

/// Whether a command makes something run.
const fn starts_work(command: &Command) -> bool {
    matches!(
        command,
        Command::ChooseFiles
            | Command::Go(_)
            | Command::OpenAddress(_)
            | Command::Start(_)
            | Command::OpenSample
            | Command::DownloadFromPractice
            | Command::Retry(_)
            | Command::OpenResult(_)
            | Command::OpenArriving
            | Command::Reload
            | Command::Index
            | Command::UnpackAnyway
            | Command::ShowOnly(_)
            | Command::GoToOrigin(_)
            | Command::OpenAt(..)
            | Command::SearchAll(_)
            | Command::SelfTest
            | Command::Turn(_, true)
    )
}
