//! The bar under an outline: what the person is at and where that is, and on the right how far the document was read,
//! or where and why it is no JSON.

use egui::{Align, Layout, Rect, RichText, Stroke, Ui, UiBuilder};

use super::outline_words::kind_name;
use super::text_status::share;
use super::theme::{Colours, detail, line_of, quiet_button};
use super::{icons, reading_menu};
use crate::command::Command;
use crate::document::{Document, Facts, NodeKind, Shape, Surveyed};
use crate::source::ByteOffset;
use crate::units;

/// The most of the bar that a reason takes.
const REASON_SHARE: f32 = 0.5;

/// What the person is at.
pub(super) struct Whereabouts {
    pub(super) path: String,
    pub(super) kind: NodeKind,
    pub(super) at: ByteOffset,
    /// How long its value is, if that is known.
    pub(super) bytes: Option<u64>,
}

/// What the person wants of an outline by its bar.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum StatusWish {
    /// To be where it is no JSON.
    Error(ByteOffset),
    /// To have it read once more.
    Again,
}

/// Draws the bar, and gives what the person wants of the outline.
pub(super) fn bar(
    ui: &mut Ui,
    rect: Rect,
    (document, facts): (&Document, Facts),
    surveyed: &Surveyed,
    whereabouts: Option<Whereabouts>,
    waiting: Option<String>,
    commands: &mut Vec<Command>,
) -> Option<StatusWish> {
    let colours = Colours::of(ui);
    ui.painter().rect_filled(rect, 0, colours.panel);
    ui.painter().hline(rect.x_range(), rect.top(), Stroke::new(1.0, colours.line));
    let right = reading_menu::ui(ui, rect.shrink2(egui::vec2(16.0, 0.0)), Shape::Outline, (document, facts), commands);
    let place = UiBuilder::new().max_rect(right);
    let mut inner = ui.new_child(place.layout(Layout::right_to_left(Align::Center)));
    inner.spacing_mut().item_spacing.x = 20.0;
    let wish = progress(&mut inner, surveyed);
    if let Some(waiting) = waiting {
        inner.label(RichText::new(waiting).font(detail()).color(colours.amber));
    }
    inner.with_layout(Layout::left_to_right(Align::Center), |ui| {
        if let Some(whereabouts) = whereabouts {
            tell(ui, &whereabouts, surveyed);
        }
    });
    wish
}

/// How far it was read, or why no farther.
fn progress(ui: &mut Ui, surveyed: &Surveyed) -> Option<StatusWish> {
    let colours = Colours::of(ui);
    if let Some(broken) = surveyed.broken {
        let wished = quiet_button(ui, icons::WARNING_CIRCLE, "Go to the error", "").clicked();
        let (line, column) = (units::number(broken.line), units::number(broken.column));
        let text = format!("Line {line}, column {column}: {}", broken.reason());
        let width = ui.available_width() * REASON_SHARE;
        let shown = line_of(ui, &text, detail(), colours.red, width);
        let cut = shown.elided;
        let response = ui.add(egui::Label::new(shown));
        if cut {
            drop(response.on_hover_text(text));
        }
        return wished.then_some(StatusWish::Error(broken.at));
    }
    let read = share(surveyed.passed_bytes, surveyed.whole_bytes);
    if surveyed.is_unread() {
        let wished = quiet_button(ui, "Read", "", "Read the outline: all of the file is read").clicked();
        ui.label(RichText::new("Not read").font(detail()).color(colours.dim));
        return wished.then_some(StatusWish::Again);
    }
    if surveyed.stopped {
        let again = quiet_button(ui, icons::RETRY, "Read again", "").clicked();
        ui.label(RichText::new(format!("Reading stopped at {read} %")).font(detail()).color(colours.amber));
        return again.then_some(StatusWish::Again);
    }
    let (text, colour) = if surveyed.complete {
        (units::count(surveyed.values, "value"), colours.dim)
    } else {
        (format!("Reading {read} %"), colours.accent)
    };
    ui.label(RichText::new(text).font(detail()).color(colour));
    None
}

fn tell(ui: &mut Ui, whereabouts: &Whereabouts, surveyed: &Surveyed) {
    let colours = Colours::of(ui);
    let mut parts = vec![kind_name(whereabouts.kind).to_owned()];
    parts.push(format!("byte {}", units::number(whereabouts.at.0)));
    parts.extend(whereabouts.bytes.map(units::bytes));
    parts.push(format!("{} %", share(whereabouts.at.0, surveyed.whole_bytes)));
    let width_of = |text: &str| line_of(ui, text, detail(), colours.dim, f32::INFINITY).size().x;
    let space = ui.spacing().item_spacing.x;
    let room = ui.available_width();
    let others = parts.iter().map(|part| width_of(part) + space).sum::<f32>();
    // In a narrow pane the last of the rest is left out, rather than the path.
    let path = cut_at_left(&units::plain_text(&whereabouts.path), (room - others).max(room * 0.5), width_of);
    ui.label(RichText::new(path).font(detail()).color(colours.text));
    for part in parts {
        if line_of(ui, &part, detail(), colours.dim, f32::INFINITY).size().x > ui.available_width() {
            break;
        }
        ui.label(RichText::new(part).font(detail()).color(colours.dim));
    }
}

/// `text`, with an ellipsis at its beginning where it is wider than `width`.
fn cut_at_left(text: &str, width: f32, width_of: impl Fn(&str) -> f32) -> String {
    if width_of(text) <= width {
        return text.to_owned();
    }
    let cut = |at: usize| format!("…{}", text.get(at..).unwrap_or_default());
    let starts: Vec<_> = text.char_indices().map(|(at, _)| at).collect();
    let first = starts.partition_point(|at| width_of(&cut(*at)) > width);
    cut(starts.get(first).copied().unwrap_or(text.len()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_that_is_too_long_keeps_its_end() {
        let width_of = |text: &str| f32::from(u16::try_from(text.chars().count()).unwrap());
        assert_eq!(cut_at_left("$.äöü[3].name", 13.0, width_of), "$.äöü[3].name");
        assert_eq!(cut_at_left("$.äöü[3].name", 8.0, width_of), "…3].name");
        assert_eq!(cut_at_left("$.a", 0.0, width_of), "…");
    }
}
