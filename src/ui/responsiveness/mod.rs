//! The page that the meter opens into: the timeline, the figures, the mistakes to watch, and the test of the meter itself.
//! Draws what the meter has seen; measures nothing.

mod figures;
mod lanes;
mod self_test;
mod timeline;
mod what_if;

use egui::{Frame, Margin, RichText, ScrollArea, Ui};

use super::shell::Sight;
use super::theme::{Colours, segments, semibold};
use crate::command::Command;
use figures::Figures;
pub(super) use self_test::alone as self_test_alone;
use timeline::Timeline;

/// What the person looks at.
#[derive(Default)]
pub(super) struct ResponsivenessPage {
    pub(super) section: Section,
    timeline: Timeline,
    figures: Figures,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Section {
    #[default]
    Timeline,
    Figures,
    WhatIf,
    SelfTest,
}

impl Section {
    const ALL: [(Self, &'static str); 4] = [
        (Self::Timeline, "Timeline"),
        (Self::Figures, "Figures"),
        (Self::WhatIf, "What if"),
        (Self::SelfTest, "Self-test"),
    ];
}

impl ResponsivenessPage {
    pub(super) fn ui(&mut self, ui: &mut Ui, sight: &Sight<'_>, commands: &mut Vec<Command>) {
        ScrollArea::vertical().auto_shrink(false).show(ui, |ui| {
            Frame::NONE.inner_margin(Margin::symmetric(24, 20)).show(ui, |ui| {
                ui.horizontal_wrapped(|ui| {
                    ui.label(RichText::new("Responsiveness").font(semibold(20.0)));
                    ui.add_space(12.0);
                    segments(ui, &mut self.section, &Section::ALL);
                });
                ui.add_space(4.0);
                match self.section {
                    Section::Timeline => self.timeline.ui(ui, sight),
                    Section::Figures => self.figures.ui(ui, sight, commands),
                    Section::WhatIf => what_if::ui(ui, sight.mistakes, commands),
                    Section::SelfTest => self_test::ui(ui, sight.self_test, commands),
                }
            });
        });
    }
}

/// A line of explanation under a title.
fn explain(ui: &mut Ui, text: &str) {
    ui.label(RichText::new(text).color(Colours::of(ui).dim));
}
