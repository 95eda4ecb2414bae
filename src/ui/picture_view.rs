//! The viewer for pictures. It has the picture decoded when it is first drawn, and hands it to the graphics card a part a
//! frame. Owns how the person looks at it; runs on the UI thread.

use std::sync::Arc;

use egui::{CursorIcon, EventFilter, Rect, Response, Role, Sense, Ui, UiBuilder, WidgetInfo, pos2, vec2};

use super::picture_framing::{Framing, Stage};
use super::picture_keys::{self, Wish};
use super::picture_shown::{Shown, pixel_at, points};
use super::picture_status::{self, Seen};
use super::picture_tiles::Fields;
use super::text_find::Way;
use super::text_status;
use super::text_view::{Outline, Place};
use super::theme::{Colours, STATUS_BAR};
use super::viewer::View;
use crate::command::Command;
use crate::document::{Document, Facts, Picture, PictureStanding, Raster};
use crate::units;

/// The points of a turned wheel by which a picture gets so many times as large as the base of the natural logarithm, as
/// egui has it for a wheel that is turned with Ctrl held.
const WHEEL_POINTS: f32 = 200.0;

/// One view of a document as a picture.
pub(super) struct PictureView {
    document: Document,
    /// Where the person is in the other viewers of the document.
    place: Place,
    /// The picture, once it is asked for.
    picture: Option<Picture>,
    /// Whether the person has asked for it, however far away the document is.
    asked: bool,
    /// What of it is on the graphics card.
    shown: Option<Shown>,
    fields: Fields,
    framing: Framing,
    /// Whether what moves is let move.
    playing: bool,
    outline: Outline,
    /// What is to be told the person.
    said: Option<&'static str>,
}

impl PictureView {
    /// A view of `document`; `place` is kept for its other viewers.
    pub(super) fn new(document: Document, place: Place) -> Self {
        Self {
            document,
            place,
            picture: None,
            asked: false,
            shown: None,
            fields: Fields::default(),
            framing: Framing::default(),
            playing: true,
            outline: Outline::default(),
            said: None,
        }
    }

    /// How the picture stands, which is asked for now if it was not before.
    fn standing(&mut self, commands: &mut Vec<Command>) -> PictureStanding {
        let picture = self.picture.get_or_insert_with(|| {
            let (job, picture) = self.document.picture();
            commands.push(Command::Start(job.into()));
            picture
        });
        picture.standing()
    }

    /// Draws the picture in `area` and does what keys and pointer ask for; gives what is seen of it, for the bar.
    fn picture<'a>(&mut self, ui: &mut Ui, area: Rect, raster: &'a Arc<Raster>, in_front: bool) -> Seen<'a> {
        let response = ui.interact(area, ui.scope_id().with("picture"), Sense::click_and_drag());
        let sides = [raster.width, raster.height].map(|side| units::number(side.into()));
        let label = format!("Picture {}, {} pixels", self.document.name(), sides.join(" by "));
        response.widget_info(|| WidgetInfo::labeled(Role::Image, true, label.clone()));
        // What stands before the window has the keys, even where nothing of it has the focus.
        let allowed = ui.memory(|memory| memory.allows_interaction(ui.layer_id()));
        if in_front && allowed && ui.memory(|memory| memory.focused().is_none()) {
            response.request_focus();
        }
        let mut shown =
            self.shown.take().filter(|shown| shown.is(raster)).unwrap_or_else(|| Shown::new(Arc::clone(raster)));
        let size = vec2(points(raster.width), points(raster.height));
        let sharp_to = shown.pixels().map_or(1.0, |pixels| points(pixels.width()) / size.x).max(1.0);
        let stage = Stage { area, pixels_per_point: ui.ctx().pixels_per_point(), size, sharp_to };
        if allowed && response.has_focus() {
            let filter = EventFilter { tab: false, horizontal_arrows: true, vertical_arrows: true, escape: false };
            ui.memory_mut(|memory| memory.set_focus_lock_filter(response.id, filter));
            for wish in picture_keys::wishes(ui) {
                self.grant(wish, &stage);
            }
        }
        self.pointer(ui, &response, &stage);
        let under = self.paint(ui, &response, &stage, &mut shown);
        self.shown = Some(shown);
        let (zoom, fits) = (self.framing.zoom(&stage), self.framing.fits());
        Seen { raster: raster.as_ref(), zoom, fits, playing: self.playing, under }
    }

    /// Draws it, and gives the pixel under the pointer.
    fn paint(&mut self, ui: &Ui, response: &Response, stage: &Stage, shown: &mut Shown) -> Option<[u8; 4]> {
        shown.go_on(ui.ctx(), self.playing);
        let painter = ui.painter().with_clip_rect(stage.area.intersect(ui.clip_rect()));
        let rect = self.framing.rect(stage);
        if shown.is_seen_through() {
            self.fields.paint(&painter, rect.intersect(stage.area), Colours::of(ui));
        }
        shown.paint(&painter, rect);
        if self.outline.shows(ui, response) {
            let stroke = egui::Stroke::new(1.0, Colours::of(ui).accent);
            painter.rect_stroke(stage.area, 0, stroke, egui::StrokeKind::Inside);
        }
        let share = self.framing.share_at(stage, response.hover_pos()?);
        pixel_at(shown.pixels()?, share)
    }

    fn pointer(&mut self, ui: &Ui, response: &Response, stage: &Stage) {
        if response.clicked() || response.drag_started() {
            response.request_focus();
        }
        if response.dragged() {
            self.framing = self.framing.moved(stage, response.drag_delta());
        }
        if let Some(at) = response.hover_pos().filter(|_| ui.rect_contains_pointer(response.rect)) {
            // With Ctrl held the wheel says it as a zoom, as two fingers do.
            let (turned, pinched) = ui.input(|input| (input.smooth_scroll_delta(), input.zoom_delta()));
            let by = pinched * (turned.y / WHEEL_POINTS).exp();
            if (by - 1.0).abs() > f32::EPSILON {
                self.framing = self.framing.zoomed(stage, by, at);
            }
            if turned.x != 0.0 {
                self.framing = self.framing.moved(stage, vec2(turned.x, 0.0));
            }
        }
        if self.framing.overflows(stage) {
            if response.dragged() {
                ui.ctx().set_cursor_icon(CursorIcon::Grabbing);
            } else if response.hovered() {
                ui.ctx().set_cursor_icon(CursorIcon::Grab);
            }
        }
    }

    fn grant(&mut self, wish: Wish, stage: &Stage) {
        match wish {
            Wish::Zoom(by) => self.framing = self.framing.zoomed(stage, by, stage.area.center()),
            Wish::Move(by) => self.framing = self.framing.moved(stage, by),
            Wish::Fit | Wish::OneToOne | Wish::Play => self.set(wish),
        }
    }

    /// Does what needs no measures.
    fn set(&mut self, wish: Wish) {
        match wish {
            Wish::Fit => self.framing = Framing::default(),
            Wish::OneToOne => self.framing = self.framing.at(1.0),
            Wish::Play => self.playing = !self.playing,
            Wish::Zoom(_) | Wish::Move(_) => {}
        }
    }
}

impl View for PictureView {
    fn place(&self) -> Place {
        self.place
    }

    fn ui(&mut self, ui: &mut Ui, facts: Facts, in_front: bool) -> Vec<Command> {
        let mut commands = Vec::new();
        let pane = ui.max_rect();
        commands.extend(self.said.take().map(|words| Command::Say(words.to_owned())));
        // In a pane that is narrower than what stands above, the picture still ends with the pane.
        let area = ui.available_rect_before_wrap().intersect(pane);
        let status = Rect::from_min_max(pos2(area.left(), area.bottom() - STATUS_BAR), area.max);
        let above = Rect::from_min_max(area.min, pos2(area.right(), status.top()));
        let told = UiBuilder::new().max_rect(above);
        // What is far away is read to its end when the person asks for that.
        let waits = !self.asked && self.document.is_far();
        let standing = (!waits).then(|| self.standing(&mut commands));
        let seen = match &standing {
            None => {
                let message = format!("This picture is far away, and its file has {}", units::bytes(facts.len_bytes));
                let advice = "It is shown once all of it was fetched.";
                if ui.scope_builder(told, |ui| text_status::question(ui, &message, advice, "Fetch it")).inner {
                    self.asked = true;
                    ui.ctx().request_repaint();
                }
                None
            }
            Some(PictureStanding::Decoding) => {
                ui.scope_builder(told, |ui| text_status::centred(ui, "Decoding…", "", None));
                None
            }
            Some(PictureStanding::Failed { message, advice }) => {
                let advice = format!("{advice} Hex, in the menu at the bottom left, shows its bytes.");
                let tell = |ui: &mut Ui| text_status::centred(ui, message, &advice, Some("Try again"));
                if ui.scope_builder(told, tell).inner {
                    commands.push(Command::Reload);
                }
                None
            }
            Some(PictureStanding::Decoded(raster)) => Some(self.picture(ui, above, raster, in_front)),
        };
        if let Some(wish) = picture_status::bar(ui, status, (&self.document, facts), seen, &mut commands) {
            self.set(wish);
            ui.ctx().request_repaint();
        }
        commands
    }

    fn ask_where(&mut self) {
        self.said = Some("A picture has no lines to go to: choose Text or Hex in the menu at its bottom left");
    }

    fn find(&mut self) -> bool {
        self.said = Some("A picture has no text to search: choose Text or Hex in the menu at its bottom left");
        true
    }

    fn go_among_hits(&mut self, _: Way) {
        self.find();
    }

    /// Looked at as it was.
    fn read_again(&mut self, document: &Document) -> Option<Box<dyn View>> {
        let new = Self::new(document.clone(), self.place);
        Some(Box::new(Self { framing: self.framing, playing: self.playing, ..new }))
    }
}

#[cfg(test)]
#[expect(clippy::disallowed_methods, reason = "a file is made to be shown")]
mod tests {
    use std::time::Instant;

    use egui::{Key, Modifiers};
    use egui_kittest::Harness;
    use egui_kittest::kittest::Queryable as _;
    use image::codecs::gif::GifEncoder;
    use image::codecs::png::PngEncoder;
    use image::{Delay, ExtendedColorType, Frame, ImageEncoder as _, Rgba, RgbaImage};
    use tempfile::TempDir;

    use super::*;
    use crate::document::Open;
    use crate::jobs::{Engine, Executor, Limits, Mode, Workers};
    use crate::work::Request;

    const NONE: Modifiers = Modifiers::NONE;

    type Window = Harness<'static, Bench>;

    struct Bench {
        view: PictureView,
        engine: Engine<Request>,
        said: Vec<String>,
        _workers: Workers,
        _folder: TempDir,
    }

    impl Bench {
        fn run(engine: &mut Engine<Request>, request: Request) {
            engine.submit(request, Mode::Blocking);
            engine.poll(Instant::now());
            engine.run_blocking();
            engine.poll(Instant::now());
        }

        fn draw(&mut self, ui: &mut Ui) {
            let crate::document::Standing::Open(facts) = self.view.document.standing() else { return };
            for command in self.view.ui(ui, facts, true) {
                match command {
                    Command::Start(request) => Self::run(&mut self.engine, request),
                    Command::Say(words) => self.said.push(words),
                    _ => {}
                }
            }
        }
    }

    /// A window that shows a file with these bytes and nothing else, in 800 by 600 points within its margins.
    fn opened(bytes: &[u8]) -> Window {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.png");
        std::fs::write(&path, bytes).unwrap();
        let (open, document) = Open::new(path);
        let workers = Workers::start().unwrap();
        let mut engine = Engine::new(Executor::new(workers.handle().unwrap(), Arc::new(|| {})), Limits::default());
        Bench::run(&mut engine, open.into());
        let view = PictureView::new(document, Place::default());
        let bench = Bench { view, engine, said: Vec::new(), _workers: workers, _folder: folder };
        let draw = |ui: &mut Ui, bench: &mut Bench| bench.draw(ui);
        let builder = Harness::builder().with_size([816.0, 644.0]).with_context_setup(crate::ui::install);
        let mut window = builder.build_ui_state(draw, bench);
        window.run_steps(8);
        window
    }

    fn png(width: u32, height: u32) -> Vec<u8> {
        let mut bytes = Vec::new();
        let pixels = vec![200; usize::try_from(width * height).unwrap()];
        PngEncoder::new(&mut bytes).write_image(&pixels, width, height, ExtendedColorType::L8).unwrap();
        bytes
    }

    fn press(window: &mut Window, key: Key) {
        window.key_press_modifiers(NONE, key);
        window.step();
        window.run_steps(2);
    }

    fn tells(window: &Window, words: &str) -> bool {
        window.query_all_by_role_and_label(Role::Label, words).next().is_some()
    }

    #[test]
    fn a_picture_is_fitted_and_zoomed_by_keys_and_switches() {
        let mut window = opened(&png(1_600, 1_200));
        assert!(window.get_by_role_and_label(Role::Image, "Picture a.png, 1,600 by 1,200 pixels").is_focused());
        assert!(tells(&window, "PNG") && tells(&window, "1,600 × 1,200") && tells(&window, "50 %"));
        press(&mut window, Key::Num1);
        assert!(tells(&window, "100 %"));
        press(&mut window, Key::Plus);
        assert!(tells(&window, "125 %"));
        press(&mut window, Key::Minus);
        press(&mut window, Key::Minus);
        assert!(tells(&window, "80 %"));
        window.get_by_role_and_label(Role::Button, "Fit the picture into the view").click();
        window.step();
        window.run_steps(3);
        assert!(tells(&window, "50 %"));
        assert_eq!(window.unnamed_widgets(), [""; 0]);
    }

    #[test]
    fn what_is_no_picture_says_why_and_where_its_bytes_are_seen() {
        let mut window = opened(b"plain text");
        for words in ["This is no picture", "Hex, in the menu"] {
            assert!(window.query_all_by_label_contains(words).next().is_some(), "{words} is not told");
        }
        let menu = window.query_all_by_role_and_label(Role::Button, "Picture: show the document as").next();
        assert!(menu.is_some());
        window.state_mut().view.find();
        window.run_steps(2);
        assert!(window.state().said[0].contains("no text to search"));
    }

    #[test]
    fn what_moves_goes_on_after_its_delay_until_it_is_held() {
        let mut bytes = Vec::new();
        let mut encoder = GifEncoder::new(&mut bytes);
        for grey in [0, 255] {
            let buffer = RgbaImage::from_pixel(8, 8, Rgba([grey, grey, grey, 255]));
            let frame = Frame::from_parts(buffer, 0, 0, Delay::from_numer_denom_ms(10_000, 1));
            encoder.encode_frame(frame).unwrap();
        }
        drop(encoder);
        let mut window = opened(&bytes);
        let frame = |window: &Window| window.state().view.shown.as_ref().map(Shown::frame);
        let go_on = |window: &mut Window, secs: f64| {
            let time = window.ctx.input(|input| input.time);
            window.input_mut().time = Some(time + secs);
            window.step();
        };
        assert_eq!(frame(&window), Some(0));
        assert!(tells(&window, "2 frames"));
        go_on(&mut window, 11.0);
        assert_eq!(frame(&window), Some(1));
        go_on(&mut window, 11.0);
        assert_eq!(frame(&window), Some(0));
        press(&mut window, Key::Space);
        go_on(&mut window, 50.0);
        assert_eq!(frame(&window), Some(0));
    }
}
