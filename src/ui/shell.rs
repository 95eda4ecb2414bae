//! The window as a whole: where the parts are, which of them are open, and what is drawn before them.

use std::time::Instant;

use egui::{CentralPanel, Frame, Id, Panel as Side, Ui};

use super::actions;
use super::command_bar::CommandBar;
use super::dialogs::{self, FormDialog, Settings, Told};
use super::jobs_panel::JobsPanel;
use super::meter_strip::Strip;
use super::responsiveness::{self, Section};
use super::tabs::Tabs;
use super::theme::{COMMAND_BAR, Colours, JOBS_PANEL, METER_STRIP};
use crate::command::{Command, Panel};
use crate::compare::Comparing;
use crate::jobs::{Engine, Mode};
use crate::mistakes::Mistakes;
use crate::responsiveness::{Meter, SelfTest};
use crate::work::Request;

/// What the shell may see of the program in this frame.
pub struct Sight<'a> {
    /// All jobs.
    pub engine: &'a Engine<Request>,
    /// How the window answers.
    pub meter: &'a Meter,
    /// How the next jobs run.
    pub mode: Mode,
    /// What was opened before, the last first.
    pub recent: &'a [String],
    /// The job that takes the UI thread after this frame.
    pub about_to_block: Option<&'a str>,
    /// What runs, if the person is to be asked whether to stop it and quit.
    pub quitting: Option<&'a [String]>,
    /// The comparison, if there was one.
    pub compared: Option<&'a Comparing>,
    /// The test of the meter, if there was one.
    pub self_test: Option<&'a SelfTest>,
    /// The mistakes that are made on purpose.
    pub mistakes: &'a Mistakes,
    /// Whether anything moves.
    pub working: bool,
    /// The time of this frame.
    pub now: Instant,
}

/// The open and closed parts of the window.
#[derive(Default)]
pub struct Shell {
    command_bar: CommandBar,
    jobs_panel: JobsPanel,
    jobs_folded: bool,
    form: Option<FormDialog>,
    settings_open: bool,
    focus: FocusBefore,
}

/// What had the keyboard's focus before a dialog, which gives it back.
#[derive(Default)]
struct FocusBefore {
    id: Option<Id>,
    /// A dialog stands, or stood in the frame before.
    lent: bool,
}

impl FocusBefore {
    /// Before a frame is drawn: gives the focus back as soon as nothing stands before the window any more.
    fn give_back(&mut self, ui: &Ui, dialog: bool) {
        let free = !dialog && ui.memory(|memory| memory.allows_interaction(ui.layer_id()));
        if self.lent && free {
            self.lent = false;
            if let Some(id) = self.id.take() {
                ui.memory_mut(|memory| memory.request_focus(id));
            }
        }
    }

    /// After a frame is drawn, with whether a dialog stood at its beginning and stands at its end: keeps what has the
    /// focus, unless it is the dialog's.
    fn note(&mut self, ui: &Ui, stood: bool, stands: bool) {
        self.lent |= stood || stands;
        if !self.lent {
            self.id = ui.memory(egui::Memory::focused);
        } else if !stands {
            // For egui the dialog stands for one frame more, in which nothing behind it can have the focus.
            ui.ctx().request_repaint();
        }
    }
}

impl Shell {
    /// A window in which nothing is open but the jobs, or not even they.
    #[must_use]
    pub fn new(jobs_folded: bool) -> Self {
        Self { jobs_folded, ..Self::default() }
    }

    /// Whether the jobs panel is folded away.
    #[must_use]
    pub const fn jobs_folded(&self) -> bool {
        self.jobs_folded
    }

    /// Opens the form of such a job, filled with what is asked for.
    pub fn ask(&mut self, request: &Request) {
        self.form = FormDialog::of_request(request);
    }

    /// Opens a part of the window.
    pub fn show(&mut self, panel: Panel, tabs: &mut Tabs) {
        match panel {
            Panel::Palette => self.command_bar.summon(),
            Panel::Form(_) => self.form = dialogs::of_panel(panel),
            Panel::Save => {
                if let Some(view) = tabs.front_view() {
                    self.form = FormDialog::of_request(&view.save().into());
                }
            }
            Panel::GoTo => {
                if let Some(view) = tabs.front_view() {
                    view.view().ask_where();
                }
            }
            Panel::Find => {
                if let Some(view) = tabs.front_view() {
                    view.find();
                }
            }
            Panel::Jobs => self.jobs_folded = !self.jobs_folded,
            Panel::Page(page) => tabs.show_page(page),
            Panel::SelfTest => tabs.show_responsiveness(Section::SelfTest),
            Panel::WhatIf => tabs.show_responsiveness(Section::WhatIf),
            Panel::Settings => self.settings_open = true,
        }
    }

    /// Draws the window and gives what the person wants, in the order in which it was asked for.
    pub fn ui(&mut self, ui: &mut Ui, tabs: &mut Tabs, settings: &mut Settings, sight: &Sight<'_>) -> Vec<Command> {
        let mut commands = Vec::new();
        if let Some(test) = sight.self_test.filter(|test| !test.is_over()) {
            // All else would make frames dear, and the dearer they are, the less alike.
            CentralPanel::no_frame().show(ui, |ui| responsiveness::self_test_alone(ui, test, &mut commands));
            return commands;
        }
        let dialog = self.dialog(sight);
        self.focus.give_back(ui, dialog);
        if !dialog {
            commands.extend(actions::pressed(ui.ctx(), sight.mode));
        }
        let fill = Frame::NONE.fill(Colours::of(ui).panel);
        let bare = |panel: Side, height: f32| panel.exact_size(height).show_separator_line(false).resizable(false);
        bare(Side::top("command bar"), COMMAND_BAR).frame(fill).show(ui, |ui| {
            self.command_bar.ui(ui, sight.mode, sight.recent, &mut commands);
        });
        let strip = Strip {
            meter: sight.meter,
            about_to_block: sight.about_to_block,
            mistakes: sight.mistakes.count(),
            working: sight.working,
            now: sight.now,
        };
        bare(Side::bottom("meter"), METER_STRIP).frame(fill).show(ui, |ui| commands.extend(strip.ui(ui)));
        if !self.jobs_folded {
            let panel = Side::left("jobs").default_size(JOBS_PANEL).min_size(180.0).max_size(480.0).frame(fill);
            panel.show(ui, |ui| self.jobs_panel.ui(ui, sight.engine, &mut commands));
        }
        CentralPanel::no_frame().show(ui, |ui| tabs.ui(ui, sight, &mut commands));
        self.dialogs(ui, settings, sight, &mut commands);
        let stands = self.dialog(sight);
        self.focus.note(ui, dialog, stands);
        commands
    }

    /// Whether a dialog stands before the window.
    fn dialog(&self, sight: &Sight<'_>) -> bool {
        self.form.is_some() || self.settings_open || self.jobs_panel.explained.is_some() || sight.quitting.is_some()
    }

    fn dialogs(&mut self, ui: &Ui, settings: &mut Settings, sight: &Sight<'_>, commands: &mut Vec<Command>) {
        if let Some(form) = &mut self.form
            && !form.ui(ui, commands)
        {
            self.form = None;
        }
        if self.settings_open {
            self.settings_open = dialogs::settings(ui, settings);
        }
        let explained = self.jobs_panel.explained.and_then(|id| sight.engine.job(id));
        match explained.map_or(Told::Done, |job| dialogs::failure(ui, &job, commands)) {
            Told::Open => {}
            Told::Done => self.jobs_panel.explained = None,
            Told::Change(form) => (self.jobs_panel.explained, self.form) = (None, Some(form)),
        }
        if let Some(running) = sight.quitting {
            dialogs::quit(ui, running, commands);
        }
        if let Some(job) = sight.about_to_block {
            dialogs::about_to_block(ui, job, settings.freeze_limit_secs);
        }
    }
}
