//! What stands before the window for a moment: forms, settings, the story of a failure, and the question before quitting.

use egui::{Align, CollapsingHeader, Id, Key, Layout, Modal, Response, RichText, ScrollArea, Ui, vec2};

use super::forms::Form;
use super::theme::{Colours, detail, line_of, main_button, medium, regular, show_ring};
use crate::command::{Command, Panel};
use crate::document::COPY_LIMIT_BYTES;
use crate::jobs::{JobView, Limits};
use crate::work::{self, Request};

/// The width of every dialog, in points.
const WIDTH: f32 = 440.0;
/// The height of the row of buttons, in points. It has to be fixed: a row that takes what is left would keep a dialog as
/// high as it once was.
const BUTTONS: f32 = 28.0;

/// The height of the settings without the list of limits, and of what remains of the window around them, in points.
const AROUND_LIMITS: f32 = 262.0;

/// How many bytes a gigabyte has.
const GB: u64 = 1_000_000_000;

/// What a person can set for good.
#[derive(Clone, Debug, serde::Serialize, serde::Deserialize)]
#[serde(default)]
pub struct Settings {
    /// After how many seconds the watchdog ends a job that runs on the UI thread.
    pub freeze_limit_secs: u64,
    /// How much of the disk an unpacked copy of a file may take without the person being asked, in GB.
    pub copy_limit_gb: u64,
    /// How many jobs of each kind run at once.
    pub limits: Limits,
}

impl Settings {
    /// How much of the disk an unpacked copy of a file may take without the person being asked, in bytes.
    #[must_use]
    pub const fn copy_limit_bytes(&self) -> u64 {
        self.copy_limit_gb.saturating_mul(GB)
    }
}

impl Default for Settings {
    fn default() -> Self {
        Self { freeze_limit_secs: 60, copy_limit_gb: COPY_LIMIT_BYTES / GB, limits: Limits::default() }
    }
}

/// A form in its dialog.
pub(super) struct FormDialog {
    form: Box<dyn Form>,
    fresh: bool,
    missing: Option<String>,
}

impl FormDialog {
    /// The form of the kind of that name.
    pub(super) fn of_kind(name: &str) -> Option<Self> {
        let form = work::forms().into_iter().find(|form| form.kind().name == name)?;
        Some(Self { form, fresh: true, missing: None })
    }

    /// The form of what was asked for before, filled with it.
    pub(super) fn of_request(asked: &Request) -> Option<Self> {
        let mut forms = work::forms().into_iter();
        let form = forms.find_map(|mut form| form.fill(asked).then_some(form))?;
        Some(Self { form, fresh: true, missing: None })
    }

    /// Draws the dialog; false when it is done.
    pub(super) fn ui(&mut self, ui: &Ui, commands: &mut Vec<Command>) -> bool {
        let mut open = true;
        let shown = modal(ui, self.form.kind().name).show(ui.ctx(), |ui| {
            title(ui, self.form.title());
            self.form.fields(ui, std::mem::take(&mut self.fresh));
            if let Some(missing) = &self.missing {
                ui.label(RichText::new(missing).color(Colours::of(ui).red));
            }
            // The question before quitting may stand before this dialog; its Enter is not this one's.
            let on_top = ui.memory(|memory| memory.is_above_modal_layer(ui.layer_id()));
            let enter = on_top && ui.input(|input| input.key_pressed(Key::Enter));
            let (go, cancel) = buttons(ui, Some(self.form.action()), "Cancel");
            open = !cancel.clicked();
            if go || (enter && open) {
                match self.form.request() {
                    Ok(request) => {
                        commands.push(Command::Start(request));
                        open = false;
                    }
                    Err(missing) => {
                        self.missing = Some(missing);
                        self.fresh = true;
                        ui.ctx().request_repaint();
                    }
                }
            }
        });
        open && !shown.should_close()
    }
}

/// Draws the settings; false when they are done.
pub(super) fn settings(ui: &Ui, settings: &mut Settings) -> bool {
    let mut open = true;
    let shown = modal(ui, "settings").show(ui.ctx(), |ui| {
        title(ui, "Settings");
        ui.horizontal(|ui| {
            let name = ui.label("A job on the UI thread is stopped after");
            ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
                let value = egui::DragValue::new(&mut settings.freeze_limit_secs).range(1..=3_600).suffix(" s");
                ui.add(value).labelled_by(name.id);
            });
        });
        ui.horizontal(|ui| {
            let name = ui.label("An unpacked copy takes unasked at most");
            ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
                let value = egui::DragValue::new(&mut settings.copy_limit_gb).range(1..=1_000_000).suffix(" GB");
                let hint = "Of zstd, bzip2 and xz a copy is written to the disk while they are shown";
                ui.add(value).labelled_by(name.id).on_hover_text(hint);
            });
        });
        ui.add_space(8.0);
        ui.label(RichText::new("How many run at once").color(Colours::of(ui).dim));
        // With large text in a small window, what lies around the list takes most of it.
        let room = (ui.ctx().content_rect().height() - AROUND_LIMITS).max(3.0 * BUTTONS);
        ScrollArea::vertical().max_height(room).auto_shrink([false, true]).show(ui, |ui| {
            for form in work::forms() {
                limit(ui, form.as_ref(), &mut settings.limits);
            }
        });
        let (_, close) = buttons(ui, None, "Close");
        open = !close.clicked();
    });
    open && !shown.should_close()
}

/// How many of a kind may run at once.
fn limit(ui: &mut Ui, form: &dyn Form, limits: &mut Limits) {
    let kind = form.kind();
    let mut at_once = limits.of(kind);
    ui.horizontal(|ui| {
        let name = ui.label(form.plural());
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            if ui.add(egui::DragValue::new(&mut at_once).range(1..=64)).labelled_by(name.id).changed() {
                limits.set(kind, at_once);
            }
        });
    });
}

/// What is to become of the dialog that tells of a failure.
pub(super) enum Told {
    Open,
    Done,
    /// It is followed by the form of what was asked for.
    Change(FormDialog),
}

/// Tells what happened to a job that failed.
pub(super) fn failure(ui: &Ui, job: &JobView<'_, Request>, commands: &mut Vec<Command>) -> Told {
    let Some(Err(error)) = job.result() else { return Told::Done };
    let (mut open, mut changed) = (true, None);
    let shown = modal(ui, "failure").show(ui.ctx(), |ui| {
        title(ui, job.title());
        ui.label(RichText::new(error.to_string()).color(Colours::of(ui).red));
        ui.label(error.advice());
        let details = error.details();
        if !details.is_empty() {
            let shown = CollapsingHeader::new("Details").show(ui, |ui| {
                ui.add(egui::Label::new(RichText::new(&details).font(detail())).selectable(true));
            });
            show_ring(ui, &shown.header_response);
        }
        let form = FormDialog::of_request(job.work());
        let (retry, close, change) = three_buttons(ui, "Retry", "Close", form.is_some().then_some("Change…"));
        if retry {
            commands.push(Command::Retry(job.id()));
        }
        changed = form.filter(|_| change);
        open = !retry && !close.clicked();
    });
    match changed {
        Some(form) => Told::Change(form),
        None if open && !shown.should_close() => Told::Open,
        None => Told::Done,
    }
}

/// Asks before jobs are stopped by quitting.
pub(super) fn quit(ui: &Ui, running: &[String], commands: &mut Vec<Command>) {
    let mut answered = false;
    let modal = modal(ui, "quit");
    let opens = !ui.memory(|memory| memory.areas().visible_last_frame(&modal.area.layer()));
    let shown = modal.show(ui.ctx(), |ui| {
        title(ui, "Quit while jobs run?");
        for name in running.iter().take(5) {
            ui.add(egui::Label::new(format!("• {name}")).truncate());
        }
        if running.len() > 5 {
            ui.label(format!("and {} more", running.len() - 5));
        }
        ui.label(
            RichText::new("They are stopped, and what is unfinished is removed. Downloads are offered again next time, from their beginning.")
                .color(Colours::of(ui).dim),
        );
        let (stop, keep) = buttons(ui, Some("Stop and quit"), "Keep working");
        if opens {
            keep.request_focus();
        }
        if stop || keep.clicked() {
            commands.push(if stop { Command::StopAndQuit } else { Command::KeepWorking });
            answered = true;
        }
    });
    if !answered && shown.should_close() {
        commands.push(Command::KeepWorking);
    }
}

/// Says, in the frame before the freeze, that it comes. Painted, not laid out: a new area would be invisible in the one
/// frame that there is.
pub(super) fn about_to_block(ui: &Ui, job: &str, limit_secs: u64) {
    let colours = Colours::of(ui);
    let painter = ui.ctx().layer_painter(egui::LayerId::new(egui::Order::Tooltip, Id::unique("about to block")));
    let what = format!("This window stands still until it is done, {limit_secs} s at most. Try to click.");
    let width = 460.0_f32.min(ui.ctx().content_rect().width() - 32.0);
    let words = format!("Now {job} takes the UI thread");
    let title = line_of(ui, &words, medium(14.0), colours.amber, width - 32.0);
    let what = line_of(ui, &what, regular(), colours.text, width - 32.0);
    let top = ui.ctx().content_rect().center_top() + egui::vec2(-width / 2.0, 64.0);
    let rect = egui::Rect::from_min_size(top, egui::vec2(width, 64.0));
    let response = ui.interact(rect, Id::unique("about to block, said"), egui::Sense::hover());
    response.widget_info(|| egui::WidgetInfo::labeled(egui::Role::Label, true, words.clone()));
    painter.rect(rect, 8, colours.raised, egui::Stroke::new(1.0, colours.amber), egui::StrokeKind::Inside);
    painter.galley(rect.min + egui::vec2(16.0, 12.0), title, colours.amber);
    painter.galley(rect.min + egui::vec2(16.0, 35.0), what, colours.text);
}

/// The dialog of that name. egui keeps the size of each, so that no two may share one.
fn modal(ui: &Ui, name: &'static str) -> Modal {
    Modal::new(Id::unique(("dialog", name))).frame(egui::Frame::popup(ui.style()).inner_margin(20))
}

fn title(ui: &mut Ui, text: &str) {
    ui.set_width(WIDTH.min(ui.ctx().content_rect().width() - 64.0));
    ui.label(RichText::new(text).heading());
    ui.add_space(4.0);
}

/// The buttons at the end of a dialog: whether the one that does it was clicked, and the one that does not.
fn buttons(ui: &mut Ui, main: Option<&str>, other: &str) -> (bool, Response) {
    ui.add_space(8.0);
    let row = vec2(ui.available_width(), BUTTONS);
    ui.allocate_ui_with_layout(row, Layout::right_to_left(Align::Center), |ui| {
        let main = main.is_some_and(|main| main_button(ui, main).clicked());
        let other = ui.button(other);
        show_ring(ui, &other);
        (main, other)
    })
    .inner
}

/// The same with a third one, whether that was clicked too.
fn three_buttons(ui: &mut Ui, main: &str, other: &str, third: Option<&str>) -> (bool, Response, bool) {
    ui.add_space(8.0);
    let row = vec2(ui.available_width(), BUTTONS);
    ui.allocate_ui_with_layout(row, Layout::right_to_left(Align::Center), |ui| {
        let main = main_button(ui, main).clicked();
        let third = third.map(|third| ui.button(third)).inspect(|third| show_ring(ui, third));
        let other = ui.button(other);
        show_ring(ui, &other);
        (main, other, third.is_some_and(|third| third.clicked()))
    })
    .inner
}

/// Which dialog a command opens.
pub(super) fn of_panel(panel: Panel) -> Option<FormDialog> {
    match panel {
        Panel::Form(kind) => FormDialog::of_kind(kind),
        _ => None,
    }
}
