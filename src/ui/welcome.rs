//! The page of a window without documents: what this is, and ways to begin that need nothing.

use egui::{Frame, Margin, Rect, RichText, ScrollArea, Ui, vec2};

use super::icons;
use super::theme::{Colours, detail, line_of, medium, regular, semibold, show_focus};
use crate::command::{Command, Page, Panel};
use crate::jobs::Mode;

/// Draws the page and gives what the person chose on it.
pub(super) fn ui(ui: &mut Ui, recent: &[String], mode: Mode) -> Option<Command> {
    let mut command = None;
    let colours = Colours::of(ui);
    ScrollArea::vertical().auto_shrink(false).show(ui, |ui| {
        let side = ((ui.available_width() - 640.0) / 2.0).clamp(16.0, 120.0);
        #[expect(clippy::cast_possible_truncation, reason = "120 at most")]
        let margin = Margin { left: side as i8, right: 16, top: 40, bottom: 24 };
        Frame::NONE.inner_margin(margin).show(ui, |ui| {
            ui.set_max_width(ui.available_width().min(640.0));
            ui.label(RichText::new("Long tasks, and a window that never stops").font(semibold(20.0)));
            ui.label(
                RichText::new(
                    "Open files of any size and download: the work runs beside the window, never in its way.",
                )
                .color(colours.dim),
            );
            ui.add_space(16.0);
            for (icon, name, what, wish) in offers(mode) {
                if offer(ui, icon, name, what) {
                    command = Some(wish);
                }
            }
            if !recent.is_empty() {
                ui.add_space(16.0);
                ui.label(RichText::new("Recent").font(medium(13.0)).color(colours.dim));
                for target in recent.iter().take(8) {
                    let button = egui::Button::new(RichText::new(target).font(regular())).frame_when_inactive(false);
                    if ui.add(button.truncate()).clicked() {
                        command = Some(Command::Go(target.clone()));
                    }
                }
            }
        });
    });
    command
}

fn offers(mode: Mode) -> [(&'static str, &'static str, &'static str, Command); 6] {
    let (other, name, what) = match mode {
        Mode::Background => (
            Mode::Blocking,
            "Feel the freeze",
            "Turns the switch to Blocking: the same work then stops the window, and the meter says for how long",
        ),
        Mode::Blocking => (
            Mode::Background,
            "Leave Blocking",
            "Turns the switch back to Background: work runs beside the window again",
        ),
    };
    [
        (icons::FOLDER_OPEN, "Open a file…", "Of any size; the first screen is there at once", Command::ChooseFiles),
        (
            icons::FILE_PLUS,
            "Write and open a 1 GB sample",
            "A log file in the downloads folder, to try everything on",
            Command::OpenSample,
        ),
        (
            icons::DOWNLOAD,
            "Download from the practice server",
            "It runs on this machine alone and needs no network",
            Command::DownloadFromPractice,
        ),
        (
            icons::CHART,
            "Compare blocking with background",
            "The same work three ways in turn, with the figures side by side; half a minute",
            Command::Show(Panel::Page(Page::Compare)),
        ),
        (
            icons::BOOK,
            "How it works",
            "Five short lessons on asynchronous programs, each with something to try",
            Command::Show(Panel::Page(Page::Lessons)),
        ),
        (icons::LIGHTNING, name, what, Command::SetMode(other)),
    ]
}

fn offer(ui: &mut Ui, icon: &str, name: &str, what: &str) -> bool {
    let colours = Colours::of(ui);
    let width = ui.available_width() - 60.0;
    let what_wrapped = ui.painter().layout(what.to_owned(), detail(), colours.dim, width.max(1.0));
    let size = vec2(ui.available_width(), (36.0 + what_wrapped.size().y).max(52.0));
    let (rect, response) = ui.allocate_exact_size(size, egui::Sense::click());
    response.widget_info(|| egui::WidgetInfo::labeled(egui::Role::Button, true, name));
    let painter = ui.painter();
    if response.hovered() || response.has_focus() {
        painter.rect_filled(rect, 8, colours.raised);
    }
    painter.hline(rect.x_range(), rect.bottom() + 4.0, egui::Stroke::new(1.0, colours.line));
    painter.text(
        rect.left_center() + vec2(22.0, 0.0),
        egui::Align2::CENTER_CENTER,
        icon,
        regular_icon(),
        colours.accent,
    );
    painter.galley(
        rect.left_top() + vec2(48.0, 8.0),
        line_of(ui, name, medium(13.5), colours.text, width),
        colours.text,
    );
    let what_at = Rect::from_min_size(rect.left_top() + vec2(48.0, 28.0), what_wrapped.size());
    painter.galley(what_at.min, what_wrapped, colours.dim);
    // What is painted only, nobody can hear.
    let said = ui.interact(what_at, response.id.with("what"), egui::Sense::hover());
    said.widget_info(|| egui::WidgetInfo::labeled(egui::Role::Label, true, what));
    show_focus(ui, &response);
    response.clicked()
}

fn regular_icon() -> egui::FontId {
    egui::FontId::proportional(18.0)
}
