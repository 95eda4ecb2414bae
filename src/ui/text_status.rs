//! What stands around the text: the status bar, the go-to field, and pages without text.

use egui::{Align, Key, Layout, Margin, Modifiers, Rect, RichText, Stroke, Ui, UiBuilder};

use super::text_find::switch;
use super::theme::{Colours, detail, line_of, main_button, medium, quiet_button, sign};
use super::{icons, reading_menu};
use crate::command::Command;
use crate::document::{Document, Facts, LineNumber, Shape};
use crate::units;

/// What can be turned on and off in the bar under a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Switches {
    /// Whether the end is followed.
    pub(super) follows: bool,
    /// Whether long lines are wrapped.
    pub(super) wraps: bool,
}

/// The bar under a document: encoding, line ending, lines, place, size, and on the right what is still going on and what
/// is `on`; gives what is to be, if the person has changed that.
pub(super) fn bar(
    ui: &mut Ui,
    rect: Rect,
    (document, facts): (&Document, Facts),
    (line, percent): (Option<LineNumber>, u64),
    waiting: Option<String>,
    mut on: Switches,
    commands: &mut Vec<Command>,
) -> Option<Switches> {
    let colours = Colours::of(ui);
    ui.painter().rect_filled(rect, 0, colours.panel);
    ui.painter().hline(rect.x_range(), rect.top(), Stroke::new(1.0, colours.line));
    let (lines, complete) = document.line_count();
    let unindexed = document.waits_for_index();
    let counted = units::count(lines, "line") + if complete { "" } else { " so far" };
    let line = line.map(|line| format!("line {}", units::number(line.0 + 1)));
    let parts = [
        (Weight::Endings, document.endings().words(facts.ending)),
        (Weight::Lines, if unindexed { String::new() } else { counted }),
        (Weight::Line, line.unwrap_or_default()),
        (Weight::Place, format!("{percent} %")),
        (Weight::Size, units::bytes(facts.len_bytes)),
    ];
    let right = reading_menu::ui(ui, rect.shrink2(egui::vec2(16.0, 0.0)), Shape::Text, (document, facts), commands);
    let place = UiBuilder::new().max_rect(right);
    let mut inner = ui.new_child(place.layout(Layout::right_to_left(Align::Center)));
    inner.spacing_mut().item_spacing.x = 20.0;
    let before = on;
    switch(&mut inner, "Follow", "Follow the end of the file", &mut on.follows);
    switch(&mut inner, "Wrap", "Wrap long lines", &mut on.wraps);
    if unindexed {
        offer_index(&mut inner, commands);
    } else if !complete {
        let searched = document.searched().map(|searched| ("Searching", searched));
        let (what, (part, whole)) = searched.unwrap_or(("Indexing", (document.indexed_bytes(), facts.len_bytes)));
        let done = share(part, whole);
        let (text, colour) = if document.index_stopped() {
            (format!("{what} stopped at {done} %"), colours.amber)
        } else {
            (format!("{what} {done} %"), colours.accent)
        };
        inner.label(RichText::new(text).font(detail()).color(colour));
    }
    if let Some(waiting) = waiting {
        inner.label(RichText::new(waiting).font(detail()).color(colours.amber));
    }
    inner.with_layout(Layout::left_to_right(Align::Center), |ui| {
        for part in fitting(ui, parts) {
            ui.label(RichText::new(part).font(detail()).color(colours.dim));
        }
    });
    (on != before).then_some(on)
}

/// The parts of the status, the first to be left out last.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Weight {
    Endings,
    Size,
    Lines,
    Line,
    Place,
}

/// Those parts for which there is room: in a narrow pane the least of them are left out, rather than written over what goes
/// on.
fn fitting(ui: &Ui, parts: [(Weight, String); 5]) -> Vec<String> {
    let colour = Colours::of(ui).dim;
    let width = |part: &str| line_of(ui, part, detail(), colour, f32::INFINITY).size().x + ui.spacing().item_spacing.x;
    let mut parts: Vec<_> = parts.into_iter().filter(|(_, part)| !part.is_empty()).collect();
    let room = ui.available_width() + ui.spacing().item_spacing.x;
    while parts.iter().map(|(_, part)| width(part)).sum::<f32>() > room
        && let Some(least) = parts.iter().enumerate().min_by_key(|(_, (weight, _))| *weight).map(|(at, _)| at)
    {
        parts.remove(least);
    }
    parts.into_iter().map(|(_, part)| part).collect()
}

/// Says that the document is not indexed, and offers to do that; into a row that goes from right to left.
pub(super) fn offer_index(ui: &mut Ui, commands: &mut Vec<Command>) {
    if quiet_button(ui, "Index", "", "Index the document: all of it is fetched").clicked() {
        commands.push(Command::Index);
    }
    ui.label(RichText::new("Not indexed").font(detail()).color(Colours::of(ui).dim));
}

/// How many whole per cent of `whole` are `part`.
pub(super) fn share(part: u64, whole: u64) -> u64 {
    u64::try_from(u128::from(part) * 100 / u128::from(whole.max(1))).unwrap_or(100)
}

/// A page without text: what is the matter, what to do, and a button; true when it is pressed.
pub(super) fn centred(ui: &mut Ui, message: &str, advice: &str, button: Option<&str>) -> bool {
    let warning = (icons::WARNING_CIRCLE, Colours::of(ui).red);
    page(ui, button.map(|_| warning), (message, advice), button)
}

/// A page without text that asks whether to go on; true when the person wants that.
pub(super) fn question(ui: &mut Ui, message: &str, advice: &str, button: &str) -> bool {
    let sign = (icons::DOWNLOAD, Colours::of(ui).accent);
    page(ui, Some(sign), (message, advice), Some(button))
}

fn page(
    ui: &mut Ui,
    icon: Option<(&str, egui::Color32)>,
    (message, advice): (&str, &str),
    button: Option<&str>,
) -> bool {
    let colours = Colours::of(ui);
    let mut pressed = false;
    ui.vertical_centered(|ui| {
        ui.add_space((ui.available_height() * 0.3).max(16.0));
        if let Some((icon, colour)) = icon {
            sign(ui, icon, 28.0, colour);
        }
        ui.set_max_width(560.0_f32.min(ui.available_width() - 48.0));
        ui.label(RichText::new(message).font(medium(14.0)));
        if !advice.is_empty() {
            ui.label(RichText::new(advice).color(colours.dim));
        }
        if let Some(button) = button {
            ui.add_space(8.0);
            pressed = main_button(ui, button).clicked();
        }
    });
    pressed
}

/// The field that goes to a place, which `hint` shows how to write: whether it stays open, and whether it is to go there now.
pub(super) fn go_to_field(
    ui: &mut Ui,
    hint: &'static str,
    text: &mut String,
    fresh: bool,
    has_keys: bool,
) -> (bool, bool) {
    let colours = Colours::of(ui);
    let (mut open, mut go) = (true, false);
    egui::Frame::NONE.fill(colours.panel).inner_margin(Margin::symmetric(12, 4)).show(ui, |ui| {
        ui.set_width(ui.available_width());
        ui.horizontal(|ui| {
            let name = ui.label(RichText::new("Go to").color(colours.dim));
            // The button after it has to fit in too, whatever the width of the pane.
            let room = ui.available_width() - 3.0 * ui.spacing().interact_size.x;
            let edit = egui::TextEdit::singleline(text).hint_text(hint);
            let edit = edit.desired_width(room.clamp(0.0, 220.0));
            let response = ui.add(edit.margin(egui::vec2(8.0, 5.0))).labelled_by(name.id);
            if fresh {
                response.request_focus();
            }
            go = response.lost_focus() && ui.input(|input| input.key_pressed(Key::Enter));
            // Taken out of the input: in the text Escape would give up what is selected.
            let escaped = has_keys && ui.input_mut(|input| input.consume_key(Modifiers::NONE, Key::Escape));
            let closed = quiet_button(ui, icons::X, "", "Close the go-to field").clicked();
            open = !escaped && !closed;
            if go {
                response.request_focus();
            }
        });
    });
    (open, go)
}
