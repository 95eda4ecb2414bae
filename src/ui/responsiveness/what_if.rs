//! The switchboard of mistakes: each with what happens, how it is done right, and the file of this program that does.

use egui::{RichText, Ui};

use super::explain;
use crate::command::Command;
use crate::mistakes::{Mistake, Mistakes};
use crate::ui::theme::{Colours, detail, medium};

pub(super) fn ui(ui: &mut Ui, mistakes: &Mistakes, commands: &mut Vec<Command>) {
    let colours = Colours::of(ui);
    explain(
        ui,
        "Mistakes that freeze programs, to be turned on and watched: the pulse, the meter below and the timeline show what \
         each of them does. They touch nothing of yours, and end when they are turned off.",
    );
    for mistake in Mistake::ALL {
        ui.add_space(6.0);
        ui.separator();
        ui.horizontal_wrapped(|ui| {
            let mut on = mistakes.is_on(mistake);
            if ui.checkbox(&mut on, RichText::new(mistake.name()).font(medium(13.0))).changed() {
                commands.push(Command::Turn(mistake, on));
            }
            if let Some(story) = mistakes.story(mistake) {
                ui.label(RichText::new(story).color(colours.amber));
            }
        });
        let (instead, file) = mistake.instead();
        ui.label(RichText::new(mistake.what()).color(colours.dim));
        ui.horizontal_wrapped(|ui| {
            ui.label(RichText::new("Instead:").font(detail()).color(colours.green));
            ui.label(RichText::new(instead).font(detail()));
            ui.label(RichText::new(file).monospace().size(11.5).color(colours.dim));
        });
    }
}
