//! The beginning of each document's status bar: what it is shown as, and how its text is encoded, each with a menu by which
//! the person chooses otherwise.

use egui::containers::menu::MenuButton;
use egui::{Align, Button, Layout, Rect, RichText, ScrollArea, Ui, UiBuilder};

use super::theme::{Colours, detail, show_focus};
use crate::command::Command;
use crate::document::{Document, Encoding, Facts, Shape};
use crate::units;

/// The height of a name in the bar, in points.
const BUTTON_HEIGHT: f32 = 22.0;
/// What is left free after them, in points.
const GAP: f32 = 16.0;
/// The most of a menu that is seen at once, in points.
const MENU_HEIGHT: f32 = 320.0;

/// Draws both at the left of `bar`, and gives what is left of it. They come first, so that a menu that is open stays so
/// whatever else comes and goes in the bar.
pub(super) fn ui(
    ui: &mut Ui,
    bar: Rect,
    shape: Shape,
    (document, facts): (&Document, Facts),
    commands: &mut Vec<Command>,
) -> Rect {
    let place = UiBuilder::new().max_rect(bar).layout(Layout::left_to_right(Align::Center));
    let mut inner = ui.new_child(place);
    inner.spacing_mut().item_spacing.x = 4.0;
    menus(&mut inner, shape, (document, facts), commands);
    let right = inner.min_rect().right() + GAP;
    Rect::from_min_max(egui::pos2(right.min(bar.right()), bar.top()), bar.max)
}

fn menus(ui: &mut Ui, shape: Shape, (document, facts): (&Document, Facts), commands: &mut Vec<Command>) {
    let colours = Colours::of(ui);
    menu(ui, shape.name(), "Show the document as", |ui| {
        let shapes =
            Shape::ALL.into_iter().filter(|other| ui.selectable_label(*other == shape, other.name()).clicked());
        commands.extend(shapes.map(Command::ShowAs));
    });
    if shape != Shape::Bytes {
        menu(ui, facts.encoding.name(), "Read the text in another encoding", |ui| {
            if ui.selectable_label(false, "As it seems to be").clicked() {
                commands.push(Command::ReadIn(None));
            }
            let choices = Encoding::choices().into_iter();
            let chosen = choices.filter(|other| ui.selectable_label(*other == facts.encoding, other.name()).clicked());
            commands.extend(chosen.map(|encoding| Command::ReadIn(Some(encoding))));
        });
    }
    if let Some(packing) = facts.packing {
        let spooled = document.spooled_bytes();
        let copy = spooled.map_or_else(String::new, |bytes| format!(", {} on disk", units::bytes(bytes)));
        ui.label(RichText::new(format!("{}{copy}", packing.name())).font(detail()).color(colours.dim));
    }
}

fn menu(ui: &mut Ui, text: &str, name: &str, choices: impl FnOnce(&mut Ui)) {
    let words = RichText::new(text).font(detail()).color(Colours::of(ui).dim);
    let button = Button::new(words).frame_when_inactive(false).min_size(egui::vec2(0.0, BUTTON_HEIGHT));
    let (response, _) = MenuButton::from_button(button).ui(ui, |ui| {
        ScrollArea::vertical().max_height(MENU_HEIGHT).show(ui, choices);
    });
    let response = response.on_hover_text(name);
    let label = format!("{text}: {}", name.to_lowercase());
    response.widget_info(|| egui::WidgetInfo::labeled(egui::Role::Button, true, label.clone()));
    show_focus(ui, &response);
}
