//! Opens the window: eframe's event loop, with a meter around each of its callbacks, so that every span for which the UI
//! thread is busy is seen, whatever it is busy with, and each phase of a frame is told apart.

use std::sync::{Arc, OnceLock};
use std::time::{Duration, Instant};

use eframe::egui_glow::CallbackFn;
use eframe::{EframeWinitApplication, Frame, NativeOptions, UserEvent, glow};
use egui::epaint::{ClippedShape, PaintCallback};
use egui::{FullOutput, Plugin, Rect, Shape, Vec2, ViewportCommand, ViewportInfo, vec2};
use winit::application::ApplicationHandler;
use winit::event::{DeviceEvent, DeviceId, ElementState, StartCause, WindowEvent};
use winit::event_loop::{ActiveEventLoop, EventLoop, EventLoopProxy};
use winit::window::WindowId;

use crate::app::{App, Start};
use crate::jobs::Wake;
use crate::responsiveness::{Meter, Phase, Span, Waited};
use crate::terminal::Interrupts;

/// How long a wake-up waits for others: of many that come together, one frame is enough.
const WAKE_DELAY: Duration = Duration::from_millis(4);
/// What a screen keeps for the window's frame and for a panel of the desktop, in points.
const SCREEN_MARGIN: f32 = 60.0;
/// Frames within which the screen is known, if it ever is.
const FITTING_FRAMES: u8 = 10;
/// The least size of the window, in points.
const MIN_SIZE: Vec2 = Vec2::new(640.0, 400.0);

/// A display that answers, on which a window can be opened.
pub struct Display(EventLoop<UserEvent>);

impl Display {
    /// The display that the environment names; `None` if it names none or nobody answers there.
    #[must_use]
    pub fn connect() -> Option<Self> {
        let set = |name| std::env::var_os(name).is_some_and(|value| !value.is_empty());
        if cfg!(target_os = "linux") && !set("DISPLAY") && !set("WAYLAND_DISPLAY") {
            return None;
        }
        let event_loop = EventLoop::with_user_event().build();
        event_loop.inspect_err(|error| tracing::warn!(%error, "the display does not answer")).ok().map(Self)
    }
}

/// Opens the window and comes back when it is closed.
///
/// # Errors
/// When there are no graphics to be had.
pub fn open(display: Display, mut start: Start) -> anyhow::Result<()> {
    let icon = eframe::icon_data::from_png_bytes(include_bytes!("../assets/icon.png"))?;
    let options = NativeOptions {
        viewport: egui::ViewportBuilder::default()
            .with_title("Antifreeze")
            .with_app_id("antifreeze")
            .with_icon(icon)
            // With a title bar it still fits a screen of 800 lines.
            .with_inner_size([1280.0, 760.0])
            .with_min_inner_size(MIN_SIZE),
        persist_window: true,
        // Nothing here has gradients; in software the noise would cost more than all else of a pixel.
        dithering: false,
        ..NativeOptions::default()
    };
    let meter = start.meter.clone();
    let event_loop = display.0;
    let wake = wake_by(event_loop.create_proxy());
    start.wake = Arc::clone(&wake);
    let watchdog = meter.watchdog().clone();
    start.interrupts = Interrupts::listen(&start.workers.handle()?, move || {
        // What has the UI thread would keep it from hearing of it.
        watchdog.pass_limit();
        wake();
    })?;
    let context = Arc::<OnceLock<egui::Context>>::default();
    let create = Box::new({
        let (meter, context) = (meter.clone(), Arc::clone(&context));
        move |creation: &eframe::CreationContext<'_>| {
            let _ = context.set(creation.egui_ctx.clone());
            creation.egui_ctx.add_plugin(PaintPhases { meter: meter.clone() });
            let app: Box<dyn eframe::App> =
                Box::new(Phased { app: App::new(creation, start)?, meter, fitting: FITTING_FRAMES });
            Ok(app)
        }
    });
    let proxy = event_loop.create_proxy();
    meter.questions_go_by(Box::new(move |asked| {
        // A loop that has ended answers nobody.
        let _ = proxy.send_event(to(question(), asked));
    }));
    let app = eframe::create_native("antifreeze", options, create, &event_loop);
    event_loop.run_app(&mut Metered { app, meter, context })?;
    Ok(())
}

/// Asks for a frame through the event loop. egui itself would ask under a lock that the UI thread needs for every frame,
/// and a worker of low rank that loses its core there would hold up the window.
fn wake_by(proxy: EventLoopProxy<UserEvent>) -> Wake {
    Arc::new(move || {
        let _ = proxy.send_event(to(wake_up(), Instant::now()));
    })
}

/// The program, with each phase that is its own announced to the meter.
struct Phased {
    app: App,
    meter: Meter,
    /// The frames in which the window may still be fitted to the screen.
    fitting: u8,
}

impl Phased {
    /// Once at the start, makes a window smaller that is larger than its screen: which one that is, no one tells before.
    fn fit_to_screen(&mut self, ctx: &egui::Context) {
        if self.fitting == 0 {
            return;
        }
        self.fitting -= 1;
        let size = ctx.content_rect().size();
        let (known, fitting) =
            ctx.input(|input| (input.viewport().monitor_size.is_some(), size_that_fits(input.viewport(), size)));
        if known {
            self.fitting = 0;
        }
        if let Some(size) = fitting {
            ctx.send_viewport_cmd(ViewportCommand::InnerSize(size));
        }
    }
}

/// What a window of this size has to become for all of it to be in sight, if it is to become anything.
fn size_that_fits(window: &ViewportInfo, size: Vec2) -> Option<Vec2> {
    if window.maximized == Some(true) || window.fullscreen == Some(true) {
        return None;
    }
    let screen = window.monitor_size.filter(|screen| screen.min_elem() > SCREEN_MARGIN)?;
    let fitting = size.min(vec2(screen.x, screen.y - SCREEN_MARGIN).max(MIN_SIZE));
    (fitting != size).then_some(fitting)
}

impl eframe::App for Phased {
    fn logic(&mut self, ctx: &egui::Context, frame: &mut Frame) {
        // Not every system says by an event that a window was minimized.
        self.meter.hide(ctx.input(|input| input.viewport().visible() == Some(false)));
        self.meter.enter(Phase::Logic);
        self.fit_to_screen(ctx);
        self.app.logic(ctx, frame);
    }

    fn ui(&mut self, ui: &mut egui::Ui, frame: &mut Frame) {
        self.meter.enter(Phase::Ui);
        self.app.ui(ui, frame);
    }

    fn clear_color(&self, visuals: &egui::Visuals) -> [f32; 4] {
        self.app.clear_color(visuals)
    }

    fn auto_save_interval(&self) -> Duration {
        self.app.auto_save_interval()
    }

    fn on_exit(&mut self, gl: Option<&glow::Context>) {
        self.app.on_exit(gl);
    }
}

/// Announces the phases in which eframe has the frame: tessellation begins when egui gives its shapes away, painting with
/// the first of them, and presenting after the last.
struct PaintPhases {
    meter: Meter,
}

impl Plugin for PaintPhases {
    fn debug_name(&self) -> &'static str {
        "phases of painting"
    }

    fn output_hook(&mut self, _: &egui::Context, output: &mut FullOutput) {
        let mark = |phase| {
            let meter = self.meter.clone();
            let callback = CallbackFn::new(move |_, _| meter.enter(phase));
            // It paints nothing, but what has no extent is not called.
            let rect = Rect::from_min_size(egui::Pos2::ZERO, egui::Vec2::splat(1.0));
            let shape = Shape::Callback(PaintCallback { rect, callback: Arc::new(callback) });
            ClippedShape { clip_rect: rect, shape, transform_after_tessellation: egui::emath::TSTransform::IDENTITY }
        };
        output.shapes.insert(0, mark(Phase::Paint));
        output.shapes.push(mark(Phase::Present));
        self.meter.enter(Phase::Tessellation);
    }
}

/// An application with a meter around each callback.
struct Metered<'a> {
    app: EframeWinitApplication<'a>,
    meter: Meter,
    /// Set when there is a window.
    context: Arc<OnceLock<egui::Context>>,
}

impl ApplicationHandler<UserEvent> for Metered<'_> {
    fn new_events(&mut self, event_loop: &ActiveEventLoop, cause: StartCause) {
        let _busy = self.meter.busy(Span::Event("timer"));
        self.app.new_events(event_loop, cause);
    }

    fn resumed(&mut self, event_loop: &ActiveEventLoop) {
        // Making the window is no freeze: there is nothing yet that could answer.
        self.app.resumed(event_loop);
    }

    fn user_event(&mut self, event_loop: &ActiveEventLoop, event: UserEvent) {
        if let UserEvent::RequestRepaint { viewport_id, when, .. } = &event
            && *viewport_id == question()
        {
            return self.meter.answered(when.elapsed());
        }
        let _busy = self.meter.busy(Span::Event("wake-up"));
        match (&event, self.context.get()) {
            (UserEvent::RequestRepaint { viewport_id, .. }, Some(context)) if *viewport_id == wake_up() => {
                context.request_repaint_after(WAKE_DELAY);
            }
            _ => self.app.user_event(event_loop, event),
        }
    }

    fn window_event(&mut self, event_loop: &ActiveEventLoop, id: WindowId, event: WindowEvent) {
        self.meter.pressed(waited(&event));
        let _busy = self.meter.busy(span_of(&event));
        self.app.window_event(event_loop, id, event);
    }

    fn device_event(&mut self, event_loop: &ActiveEventLoop, id: DeviceId, event: DeviceEvent) {
        let _busy = self.meter.busy(Span::Event("device"));
        self.app.device_event(event_loop, id, event);
    }

    fn about_to_wait(&mut self, event_loop: &ActiveEventLoop) {
        {
            let _busy = self.meter.busy(Span::Event("end of a turn"));
            self.app.about_to_wait(event_loop);
        }
        if self.meter.drained()
            && let Some(context) = self.context.get()
        {
            context.request_repaint();
        }
    }

    fn suspended(&mut self, event_loop: &ActiveEventLoop) {
        self.app.suspended(event_loop);
    }

    fn exiting(&mut self, event_loop: &ActiveEventLoop) {
        self.app.exiting(event_loop);
    }

    fn memory_warning(&mut self, event_loop: &ActiveEventLoop) {
        self.app.memory_warning(event_loop);
    }
}

/// A message to the event loop, in the guise of a wish to repaint a window that there is not: eframe never sees it.
fn to(whom: egui::ViewportId, when: Instant) -> UserEvent {
    UserEvent::RequestRepaint { viewport_id: whom, when, cumulative_pass_nr: 0 }
}

/// Marks a question by the meter.
fn question() -> egui::ViewportId {
    egui::ViewportId::from_hash_of("question")
}

/// Marks a wake-up by a job.
fn wake_up() -> egui::ViewportId {
    egui::ViewportId::from_hash_of("wake-up")
}

/// What of an event a person has pressed or dropped.
fn waited(event: &WindowEvent) -> Waited {
    match event {
        WindowEvent::MouseInput { state: ElementState::Pressed, .. } => Waited { clicks: 1, ..Waited::default() },
        WindowEvent::KeyboardInput { event, is_synthetic: false, .. }
            if event.state == ElementState::Pressed && !event.repeat =>
        {
            Waited { keys: 1, ..Waited::default() }
        }
        WindowEvent::DroppedFile(_) => Waited { files: 1, ..Waited::default() },
        _ => Waited::default(),
    }
}

const fn span_of(event: &WindowEvent) -> Span {
    match event {
        WindowEvent::RedrawRequested => Span::Frame,
        WindowEvent::KeyboardInput { .. } | WindowEvent::Ime(_) | WindowEvent::ModifiersChanged(_) => {
            Span::Event("key")
        }
        WindowEvent::MouseInput { .. } => Span::Event("click"),
        WindowEvent::MouseWheel { .. } => Span::Event("wheel"),
        WindowEvent::CursorMoved { .. } | WindowEvent::CursorEntered { .. } | WindowEvent::CursorLeft { .. } => {
            Span::Event("pointer")
        }
        WindowEvent::Resized(_) | WindowEvent::Moved(_) | WindowEvent::ScaleFactorChanged { .. } => {
            Span::Event("resize")
        }
        WindowEvent::DroppedFile(_) | WindowEvent::HoveredFile(_) | WindowEvent::HoveredFileCancelled => {
            Span::Event("drop")
        }
        _ => Span::Event("window"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_window_is_made_as_small_as_its_screen_but_no_smaller() {
        let on = |screen| ViewportInfo { monitor_size: screen, ..ViewportInfo::default() };
        let usual = vec2(1_280.0, 760.0);
        assert_eq!(size_that_fits(&on(Some(vec2(1_920.0, 1_080.0))), usual), None);
        assert_eq!(size_that_fits(&on(Some(vec2(1_366.0, 768.0))), usual), Some(vec2(1_280.0, 708.0)));
        assert_eq!(size_that_fits(&on(Some(vec2(800.0, 600.0))), usual), Some(vec2(800.0, 540.0)));
        assert_eq!(size_that_fits(&on(Some(vec2(320.0, 240.0))), usual), Some(MIN_SIZE));
        assert_eq!(size_that_fits(&on(None), usual), None);
        let maximized = ViewportInfo { maximized: Some(true), ..on(Some(vec2(800.0, 600.0))) };
        assert_eq!(size_that_fits(&maximized, usual), None);
    }
}
