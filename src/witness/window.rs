//! The second process: a window that shows for how long the first has not answered. It reads lines from standard input on a
//! thread of its own, and ends with them.

use std::io::{self, BufRead as _, Write as _};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering::Relaxed};
use std::time::{Duration, Instant};

use egui::{CentralPanel, Context, Frame, RichText, ViewportBuilder, ViewportCommand, WindowLevel};
use parking_lot::Mutex;

use super::{Line, Place, SIZE, Said, clicks};
use crate::responsiveness::FREEZE;
use crate::ui::witness_face;
use crate::units;

/// How often the count is drawn while it runs.
const TICK: Duration = Duration::from_millis(20);

/// Frames that are drawn before it says that it is ready.
const WARM: u32 = 4;

/// What is known of the first window.
#[derive(Default)]
struct Known {
    /// What has the UI thread, and since when by this process's clock.
    taken: Option<(String, Instant)>,
    /// What the window shows of that.
    shown: Duration,
    /// How long it took, when it was over.
    over: Option<Duration>,
    /// What stood here before: it is told until what has the UI thread now can be felt.
    before: Option<(String, Duration)>,
    clicks: Option<Arc<AtomicU32>>,
    clicks_before: u32,
    ended: bool,
}

/// Opens the window, and comes back when standard input ends.
///
/// # Errors
/// When there is no display or no graphics to be had.
pub fn open(place: &Place) -> Result<(), eframe::Error> {
    #[expect(clippy::cast_precision_loss, reason = "pixels of a screen")]
    let point = |pair: &[i32]| pair.iter().map(|pixels| *pixels as f32).collect::<Vec<_>>();
    let (at, size) = (point(&place.at), point(&SIZE));
    let viewport = ViewportBuilder::default()
        .with_title("Antifreeze: the witness")
        .with_app_id("antifreeze-witness")
        .with_inner_size([size.first().copied().unwrap_or(380.0), size.get(1).copied().unwrap_or(116.0)])
        // Where it is from the beginning: one that is moved would leave a hole in a window that can not paint.
        .with_position([at.first().copied().unwrap_or(0.0), at.get(1).copied().unwrap_or(0.0)])
        .with_resizable(false)
        .with_active(false)
        .with_window_level(WindowLevel::AlwaysOnTop);
    let options = eframe::NativeOptions { viewport, persist_window: false, dithering: false, ..Default::default() };
    let create = move |creation: &eframe::CreationContext<'_>| -> Result<Box<dyn eframe::App>, _> {
        crate::ui::install(&creation.egui_ctx);
        let known = Arc::new(Mutex::new(Known { clicks: clicks::count(), ..Known::default() }));
        let (place, context) = (Arc::clone(&known), creation.egui_ctx.clone());
        std::thread::Builder::new().name("first window".into()).spawn(move || listen(&place, &context))?;
        Ok(Box::new(Witness { known, frames: 0 }))
    };
    eframe::run_native("antifreeze-witness", options, Box::new(create))
}

struct Witness {
    known: Arc<Mutex<Known>>,
    frames: u32,
}

impl eframe::App for Witness {
    fn logic(&mut self, ctx: &Context, _: &mut eframe::Frame) {
        // Here, as a window that is minimized draws nothing.
        if self.known.lock().ended {
            ctx.send_viewport_cmd(ViewportCommand::Close);
        }
    }

    fn ui(&mut self, ui: &mut egui::Ui, _: &mut eframe::Frame) {
        // The first frames are slow: glyphs and shaders are made. Ready is who has drawn some.
        self.frames = self.frames.saturating_add(1);
        match self.frames {
            ..WARM => {
                // A window manager takes no such wish for a window that it does not show yet; and a click on the first
                // window would put it over this one.
                ui.ctx().send_viewport_cmd(ViewportCommand::WindowLevel(WindowLevel::AlwaysOnTop));
                ui.ctx().request_repaint();
            }
            WARM => say(&Said::Ready),
            _ => {}
        }
        let mut known = self.known.lock();
        if let (Some((_, since)), None) = (&known.taken, known.over) {
            known.shown = since.elapsed();
        }
        let known = known;
        CentralPanel::default_margins().frame(Frame::NONE.inner_margin(16)).show(ui, |ui| {
            let clicks = known.clicks().filter(|clicks| *clicks > 0);
            let waits = clicks.map_or_else(String::new, |clicks| {
                format!("; {} {}", units::count(u64::from(clicks), "click"), if clicks == 1 { "waits" } else { "wait" })
            });
            let felt = known.over.unwrap_or(known.shown) >= FREEZE;
            match (&known.taken, known.over) {
                (Some(_), _) if let (Some((what, over)), false) = (&known.before, felt) => stood_still(ui, *over, what),
                (Some((what, _)), None) => {
                    let text = format!("The other window has not answered for {}{waits}", seconds(known.shown));
                    witness_face(ui, &seconds(known.shown), &text, what);
                }
                (Some((what, _)), Some(over)) => stood_still(ui, over, what),
                (None, _) if self.frames < WARM => witness_face(ui, "0123456789. s", "The other window", ""),
                (None, _) => {
                    ui.label(RichText::new("This window counts for how long the other one stands still.").size(14.0));
                }
            }
        });
        if known.taken.is_some() && known.over.is_none() {
            ui.ctx().request_repaint_after(TICK);
        }
    }

    fn clear_color(&self, visuals: &egui::Visuals) -> [f32; 4] {
        visuals.panel_fill.to_normalized_gamma_f32()
    }
}

fn stood_still(ui: &mut egui::Ui, length: Duration, what: &str) {
    let text = format!("The other window stood still for {} and answers again", seconds(length));
    witness_face(ui, &seconds(length), &text, what);
}

impl Known {
    /// Clicks since the UI thread was taken; `None` where nobody can know.
    fn clicks(&self) -> Option<u32> {
        let clicks = self.clicks.as_ref()?.load(Relaxed);
        Some(clicks.saturating_sub(self.clicks_before))
    }

    fn take(&mut self, line: Line) {
        match line {
            Line::Taken(what) => {
                if let (Some((what, _)), Some(over)) = (self.taken.take(), self.over)
                    && over >= FREEZE
                {
                    self.before = Some((what, over));
                }
                (self.taken, self.over, self.shown) = (Some((what, Instant::now())), None, Duration::ZERO);
                self.clicks_before = self.clicks.as_ref().map_or(0, |clicks| clicks.load(Relaxed));
            }
            Line::Busy(milliseconds) => {
                // What the watchdog counts is truer than when the news came.
                let counted = Duration::from_millis(milliseconds);
                if let Some((_, since)) = &mut self.taken {
                    *since = Instant::now().checked_sub(counted).unwrap_or(*since);
                }
            }
            Line::Free(milliseconds) => {
                if self.taken.is_none() {
                    return;
                }
                let shown = u64::try_from(self.shown.as_millis()).unwrap_or(u64::MAX);
                say(&Said::Counted { milliseconds: shown, clicks: self.clicks() });
                self.over = Some(Duration::from_millis(milliseconds));
            }
        }
    }
}

fn listen(known: &Mutex<Known>, context: &Context) {
    for line in io::stdin().lock().lines().map_while(Result::ok) {
        match serde_json::from_str(&line) {
            Ok(line) => known.lock().take(line),
            Err(error) => tracing::warn!(%error, line, "the first window said what makes no sense"),
        }
        context.request_repaint();
    }
    known.lock().ended = true;
    context.request_repaint();
    // A loop that is never asked for a frame must not keep a witness of nothing.
    std::thread::park_timeout(Duration::from_secs(1));
    std::process::exit(0);
}

fn say(said: &Said) {
    let Ok(line) = serde_json::to_string(said) else { return };
    let mut out = io::stdout().lock();
    if let Err(error) = writeln!(out, "{line}").and_then(|()| out.flush()) {
        tracing::debug!(%error, "nobody listens to the witness any more");
    }
}

/// `3.2 s`, always to the tenth, so that it counts evenly.
fn seconds(time: Duration) -> String {
    format!("{:.1} s", time.as_secs_f64())
}
