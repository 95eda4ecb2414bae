//! Opens the window: eframe's event loop, with a meter around each of its callbacks, so that every span for which the UI
//! thread is busy is seen, whatever it is busy with.

use eframe::{EframeWinitApplication, NativeOptions, UserEvent};
use winit::application::ApplicationHandler;
use winit::event::{DeviceEvent, DeviceId, ElementState, StartCause, WindowEvent};
use winit::event_loop::{ActiveEventLoop, EventLoop};
use winit::window::WindowId;

use crate::app::{App, Start};
use crate::responsiveness::{Meter, Span, Waited};

/// Whether there is a display that a window could be opened on.
#[must_use]
pub fn display_available() -> bool {
    let set = |name| std::env::var_os(name).is_some_and(|value| !value.is_empty());
    !cfg!(target_os = "linux") || set("DISPLAY") || set("WAYLAND_DISPLAY")
}

/// Opens the window and comes back when it is closed.
///
/// # Errors
/// When there is no display or no graphics to be had.
pub fn open(start: Start) -> anyhow::Result<()> {
    let icon = eframe::icon_data::from_png_bytes(include_bytes!("../assets/icon.png"))?;
    let options = NativeOptions {
        viewport: egui::ViewportBuilder::default()
            .with_title("Antifreeze")
            .with_app_id("antifreeze")
            .with_icon(icon)
            // With a title bar it still fits a screen of 800 lines.
            .with_inner_size([1280.0, 760.0])
            .with_min_inner_size([640.0, 400.0]),
        persist_window: true,
        // Nothing here has gradients; in software the noise would cost more than all else of a pixel.
        dithering: false,
        ..NativeOptions::default()
    };
    let meter = start.meter.clone();
    let event_loop = EventLoop::<UserEvent>::with_user_event().build()?;
    let create = Box::new(move |creation: &eframe::CreationContext<'_>| {
        let app: Box<dyn eframe::App> = Box::new(App::new(creation, start)?);
        Ok(app)
    });
    let proxy = event_loop.create_proxy();
    meter.questions_go_by(Box::new(move |asked| {
        // A wake-up for a window that there is not: eframe never sees it. A loop that has ended answers nobody.
        let question = UserEvent::RequestRepaint { viewport_id: question(), when: asked, cumulative_pass_nr: 0 };
        let _ = proxy.send_event(question);
    }));
    let app = eframe::create_native("antifreeze", options, create, &event_loop);
    event_loop.run_app(&mut Metered { app, meter })?;
    Ok(())
}

/// An application with a meter around each callback.
struct Metered<'a> {
    app: EframeWinitApplication<'a>,
    meter: Meter,
}

impl ApplicationHandler<UserEvent> for Metered<'_> {
    fn new_events(&mut self, event_loop: &ActiveEventLoop, cause: StartCause) {
        let _busy = self.meter.busy(Span::Event);
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
        let _busy = self.meter.busy(Span::Event);
        self.app.user_event(event_loop, event);
    }

    fn window_event(&mut self, event_loop: &ActiveEventLoop, id: WindowId, event: WindowEvent) {
        self.meter.pressed(waited(&event));
        let span = if matches!(event, WindowEvent::RedrawRequested) { Span::Frame } else { Span::Event };
        let _busy = self.meter.busy(span);
        self.app.window_event(event_loop, id, event);
    }

    fn device_event(&mut self, event_loop: &ActiveEventLoop, id: DeviceId, event: DeviceEvent) {
        let _busy = self.meter.busy(Span::Event);
        self.app.device_event(event_loop, id, event);
    }

    fn about_to_wait(&mut self, event_loop: &ActiveEventLoop) {
        {
            let _busy = self.meter.busy(Span::Event);
            self.app.about_to_wait(event_loop);
        }
        self.meter.drained();
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

/// Marks a question by the meter.
fn question() -> egui::ViewportId {
    egui::ViewportId::from_hash_of("question")
}

/// What of an event a person has pressed.
fn waited(event: &WindowEvent) -> Waited {
    match event {
        WindowEvent::MouseInput { state: ElementState::Pressed, .. } => Waited { clicks: 1, keys: 0 },
        WindowEvent::KeyboardInput { event, is_synthetic: false, .. }
            if event.state == ElementState::Pressed && !event.repeat =>
        {
            Waited { clicks: 0, keys: 1 }
        }
        _ => Waited::default(),
    }
}
