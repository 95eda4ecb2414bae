//! The test of the meter: begun here, how far it is, and what was injected beside what was seen.

use egui::{Grid, ProgressBar, RichText, ScrollArea, Ui, vec2};

use super::explain;
use crate::command::Command;
use crate::responsiveness::SelfTest;
use crate::ui::theme::{Colours, detail, main_button, medium};

/// The window while the test runs: how far it is, and nothing that would make a frame dear.
pub(in crate::ui) fn alone(ui: &mut Ui, test: &SelfTest, commands: &mut Vec<Command>) {
    let colours = Colours::of(ui);
    ui.vertical_centered(|ui| {
        ui.add_space(ui.available_height() / 3.0);
        ui.label(RichText::new("The meter is being tested").font(medium(14.0)));
        ui.label(RichText::new("The window stands still now and then, for a second at most.").color(colours.dim));
        ui.add_space(8.0);
        ui.add(ProgressBar::new(test.progress()).desired_width(220.0).desired_height(4.0).fill(colours.accent));
        let (done, quiet) = (test.verdict().stalls.len(), test.verdict().quiet_s);
        let doing = if quiet > 0.0 { format!("quiet for {quiet:.0} s") } else { format!("{done} stalls so far") };
        ui.label(RichText::new(doing).color(colours.dim));
        ui.add_space(8.0);
        if main_button(ui, "Stop the test").clicked() {
            commands.push(Command::StopSelfTest);
        }
    });
}

pub(super) fn ui(ui: &mut Ui, test: Option<&SelfTest>, commands: &mut Vec<Command>) {
    let colours = Colours::of(ui);
    explain(
        ui,
        "Stalls of 5 to 1,000 ms are injected at random moments into each phase of the UI thread, and held against what the \
         meter says. Then nothing is injected for a minute, and the meter has to see nothing. It takes a minute and a half.",
    );
    ui.add_space(8.0);
    if main_button(ui, "Test the meter").clicked() {
        commands.push(Command::SelfTest);
    }
    let Some(test) = test else { return };
    let verdict = test.verdict();
    if verdict.stalls.is_empty() {
        return;
    }
    ui.add_space(12.0);
    for sentence in verdict.sentences() {
        ui.label(sentence);
    }
    ui.add_space(12.0);
    ScrollArea::horizontal().id_salt("stalls").show(ui, |ui| {
        ui.spacing_mut().interact_size.y = 0.0;
        Grid::new("stalls").spacing(vec2(32.0, 6.0)).show(ui, |ui| {
            for heading in ["phase", "injected", "seen", "error", ""] {
                ui.label(RichText::new(heading).font(medium(13.0)).color(colours.dim));
            }
            ui.end_row();
            for (cells, holds) in verdict.rows() {
                for cell in cells {
                    ui.label(cell);
                }
                if !holds {
                    ui.label(RichText::new("missed").font(detail()).color(colours.red));
                }
                ui.end_row();
            }
        });
    });
}
