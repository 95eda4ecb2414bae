//! What the witness shows: a large count, what it means, and who has the UI thread.

use egui::{RichText, Ui};

use super::theme::{Colours, detail, medium, semibold};

/// Draws a count with the sentence that explains it, and what caused it.
pub fn witness_face(ui: &mut Ui, count: &str, text: &str, cause: &str) {
    let colours = Colours::of(ui);
    ui.horizontal(|ui| {
        ui.label(RichText::new(count).font(semibold(30.0)).color(colours.amber));
        ui.vertical(|ui| {
            ui.label(RichText::new(text).font(medium(13.0)));
            ui.add(egui::Label::new(RichText::new(cause).font(detail()).color(colours.dim)).truncate());
        });
    });
}
