//! What the program has to say to nobody in particular: a few short notices in a corner, each for as long as it takes to
//! read, or until it is closed. They are words to screen readers too; an idle window is not kept awake by them.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

use egui::{Align, Align2, Area, Frame, Label, Layout, Margin, Order, RichText, Stroke, TextStyle, Ui, vec2};

use super::icons;
use super::theme::{Colours, quiet_button, regular};

/// How long a notice stays.
const STAYS_FOR: Duration = Duration::from_secs(6);
/// More than so many would hide what they are about.
const MOST: usize = 3;
const WIDTH: f32 = 340.0;
/// The side of the button that closes a notice, in points.
const BUTTON: f32 = 28.0;

/// The notices that stand now, the oldest first.
#[derive(Debug, Default)]
pub struct Notices {
    standing: VecDeque<(Instant, String)>,
}

impl Notices {
    /// Adds a notice, unless it stands already; the oldest makes place.
    pub fn say(&mut self, text: String) {
        if self.standing.iter().any(|(_, known)| *known == text) {
            return;
        }
        if self.standing.len() == MOST {
            self.standing.pop_front();
        }
        self.standing.push_back((Instant::now(), text));
    }

    /// Draws them over everything else, above the meter.
    pub fn ui(&mut self, ui: &Ui) {
        self.standing.retain(|(since, _)| since.elapsed() < STAYS_FOR);
        if let Some((since, _)) = self.standing.front() {
            ui.ctx().request_repaint_after(STAYS_FOR.saturating_sub(since.elapsed()));
        }
        let mut closed = None;
        let area = Area::new(egui::Id::unique("notices")).order(Order::Foreground);
        area.anchor(Align2::RIGHT_BOTTOM, vec2(-16.0, -72.0)).show(ui.ctx(), |ui| {
            for (at, (_, text)) in self.standing.iter().enumerate() {
                if notice(ui, text) {
                    closed = Some(at);
                }
            }
        });
        if let Some(at) = closed {
            self.standing.remove(at);
            ui.ctx().request_repaint();
        }
    }
}

/// Draws one notice; true if it was closed.
fn notice(ui: &mut Ui, text: &str) -> bool {
    let colours = Colours::of(ui);
    let frame = Frame::NONE
        .fill(colours.raised)
        .stroke(Stroke::new(1.0, colours.line))
        .corner_radius(8)
        .inner_margin(Margin::symmetric(12, 8));
    let close = |ui: &mut Ui| {
        let width = WIDTH.min(ui.ctx().content_rect().width() - 56.0);
        ui.set_width(width);
        // The height is given: a row that takes what is left would take what the area had in the frame before.
        ui.allocate_ui_with_layout(vec2(width, BUTTON), Layout::left_to_right(Align::Min), |ui| {
            let above = ((BUTTON - ui.text_style_height(&TextStyle::Body)) / 2.0).max(0.0);
            ui.vertical(|ui| {
                ui.set_width(width - BUTTON - ui.spacing().item_spacing.x);
                ui.spacing_mut().item_spacing.y = 0.0;
                ui.add_space(above);
                ui.add(Label::new(RichText::new(text).font(regular())).wrap());
                ui.add_space(above);
            });
            quiet_button(ui, icons::X, "", "Close the notice").clicked()
        })
        .inner
    };
    frame.show(ui, close).inner
}
