//! How it works: five lessons of five sentences each, with something to try and the file of this program to read.

use egui::{Frame, Margin, RichText, ScrollArea, Ui};

use super::shell::Sight;
use super::theme::{Colours, main_button, segments, semibold};
use crate::command::{Command, Page, Panel};
use crate::jobs::{JobId, JobView, Status};
use crate::mistakes::Mistake;
use crate::practice::{Crowd, Endpoint};
use crate::units;
use crate::work::Request;

/// Which lesson is open.
#[derive(Default)]
pub(super) struct LessonsPage {
    lesson: Lesson,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Lesson {
    #[default]
    NonBlocking,
    Overlap,
    Concurrency,
    Cancellation,
    BackPressure,
}

impl Lesson {
    const ALL: [(Self, &'static str); 5] = [
        (Self::NonBlocking, "Nothing blocks"),
        (Self::Overlap, "Waits overlap"),
        (Self::Concurrency, "Concurrency is not parallelism"),
        (Self::Cancellation, "Cancellation"),
        (Self::BackPressure, "Back-pressure"),
    ];

    const fn text(self) -> [&'static str; 5] {
        match self {
            Self::NonBlocking => [
                "A window is one thread that goes round: it takes events, lays out, paints, and begins again.",
                "Whatever it waits for in between, it waits for instead of you.",
                "So a job that takes time is handed to other threads, and the window gets a promise in return.",
                "Once a frame it looks whether the promise is kept, which takes no time at all.",
                "The job is no quicker for it, but the window never stops.",
            ],
            Self::Overlap => [
                "Most of what takes time is waiting: for a disk, a server, a database.",
                "Who waits does nothing, so many can wait at once.",
                "One after the other, twenty waits take as long as their sum; together they take as long as the longest.",
                "That is where asynchronous programs win, by far.",
                "Nothing was computed faster, and nothing had to be.",
            ],
            Self::Concurrency => [
                "Concurrency is having several things under way; parallelism is doing several at the same instant.",
                "A thousand requests that wait need one thread, as nearly all of the time there is nothing to do.",
                "A task gives its thread back where it awaits, and is taken up again when its answer is there.",
                "What computes does not wait, so it only gains from more cores.",
                "Ask for a computation instead of a wait, and see that one thread serves them one after the other.",
            ],
            Self::Cancellation => [
                "What can be started has to be stopped, soon and in a safe state.",
                "No thread is killed: the job looks at a token between two steps, and a wait is given up where it stands.",
                "So a step has to be short; this program looks every few milliseconds.",
                "What was half done is undone: an unfinished file never bears its final name, and is removed.",
                "A result that comes too late is dropped, for it belongs to a run that is over.",
            ],
            Self::BackPressure => [
                "When something is made faster than it is used, the rest has to go somewhere.",
                "A queue without a bound takes it all, until the memory is gone or one frame has to empty it.",
                "A bounded queue makes the maker wait, which is what you want.",
                "For what only the latest matters, as progress does, no queue is needed: one value is overwritten.",
                "Turn the mistake on, and see what emptying a backlog in one frame does to the window.",
            ],
        }
    }

    /// The file that does it here.
    const fn file(self) -> &'static str {
        match self {
            Self::NonBlocking => "src/jobs/execution.rs",
            Self::Overlap => "src/compare/mod.rs",
            Self::Concurrency => "src/practice/crowd.rs",
            Self::Cancellation => "src/jobs/gate.rs",
            Self::BackPressure => "src/jobs/progress.rs",
        }
    }
}

impl LessonsPage {
    pub(super) fn ui(&mut self, ui: &mut Ui, sight: &Sight<'_>, commands: &mut Vec<Command>) {
        let colours = Colours::of(ui);
        ScrollArea::vertical().auto_shrink(false).show(ui, |ui| {
            Frame::NONE.inner_margin(Margin::symmetric(24, 20)).show(ui, |ui| {
                ui.set_max_width(ui.available_width().min(760.0));
                ui.label(RichText::new("How it works").font(semibold(20.0)));
                ui.add_space(4.0);
                ui.horizontal_wrapped(|ui| segments(ui, &mut self.lesson, &Lesson::ALL));
                ui.add_space(8.0);
                for sentence in self.lesson.text() {
                    ui.label(RichText::new(sentence).size(14.0));
                }
                ui.add_space(12.0);
                ui.label(RichText::new("Try it").font(semibold(15.0)));
                self.experiment(ui, sight, commands);
                ui.add_space(12.0);
                ui.horizontal(|ui| {
                    ui.label(RichText::new("Read").color(colours.dim));
                    ui.label(RichText::new(self.lesson.file()).monospace().color(colours.accent));
                });
            });
        });
    }

    fn experiment(&self, ui: &mut Ui, sight: &Sight<'_>, commands: &mut Vec<Command>) {
        match self.lesson {
            Lesson::NonBlocking => mistake(ui, sight, Mistake::BlockingCall, commands),
            Lesson::BackPressure => mistake(ui, sight, Mistake::UnboundedChannel, commands),
            Lesson::Overlap => {
                crowds(
                    ui,
                    sight,
                    &[
                        ("20 waits, one after the other", crowd(20, 200, true)),
                        ("20 waits at once", crowd(20, 200, false)),
                    ],
                    commands,
                );
            }
            Lesson::Concurrency => {
                let computing = Crowd { endpoint: Endpoint::Compute, ..crowd(100, 0, false) };
                crowds(
                    ui,
                    sight,
                    &[
                        ("1,000 waits on one thread", crowd(1_000, 1_000, false)),
                        ("100 computations on one thread", computing),
                    ],
                    commands,
                );
            }
            Lesson::Cancellation => cancellation(ui, sight, commands),
        }
    }
}

fn crowd(users: u32, wait_ms: u32, one_by_one: bool) -> Crowd {
    let attendance = std::sync::Arc::default();
    Crowd { users, endpoint: Endpoint::Wait, wait_ms, threads: 1, one_by_one, attendance }
}

/// A mistake to be turned on and off, with what it does.
fn mistake(ui: &mut Ui, sight: &Sight<'_>, mistake: Mistake, commands: &mut Vec<Command>) {
    let colours = Colours::of(ui);
    let on = sight.mistakes.is_on(mistake);
    ui.label(RichText::new(mistake.what()).color(colours.dim));
    ui.horizontal_wrapped(|ui| {
        if main_button(ui, if on { "Stop it" } else { "Do it wrong" }).clicked() {
            commands.push(Command::Turn(mistake, !on));
        }
        if ui.button("See the timeline").clicked() {
            commands.push(Command::Show(Panel::Page(Page::Responsiveness)));
        }
        if let Some(story) = sight.mistakes.story(mistake) {
            ui.label(RichText::new(story).color(colours.amber));
        }
    });
}

/// Crowds to be started, with what came of the last one of each.
fn crowds(ui: &mut Ui, sight: &Sight<'_>, crowds: &[(&str, Crowd)], commands: &mut Vec<Command>) {
    let colours = Colours::of(ui);
    let same = |one: &Crowd, other: &Crowd| {
        let parts = |crowd: &Crowd| (crowd.users, crowd.endpoint, crowd.wait_ms, crowd.one_by_one);
        parts(one) == parts(other)
    };
    for (name, crowd) in crowds {
        ui.horizontal_wrapped(|ui| {
            if main_button(ui, name).clicked() {
                commands.push(Command::Start(crowd.clone().into()));
            }
            let asked =
                sight.engine.jobs().filter(|job| matches!(job.work(), Request::Crowd(asked) if same(asked, crowd)));
            if let Some(last) = asked.max_by_key(JobView::id) {
                let told = last.summary().unwrap_or_else(|| format!("{} so far", units::number(last.reading().done)));
                ui.label(RichText::new(told).color(colours.dim));
            }
        });
    }
    if ui.button("See each of them").clicked() {
        commands.push(Command::Show(Panel::Page(Page::Crowd)));
    }
}

/// A job to be started and stopped, with how long it took to stop.
fn cancellation(ui: &mut Ui, sight: &Sight<'_>, commands: &mut Vec<Command>) {
    let colours = Colours::of(ui);
    let crowds = sight.engine.jobs().filter(|job| matches!(job.work(), Request::Crowd(asked) if is_long(asked)));
    let last: Option<(JobId, Status, Option<std::time::Duration>)> =
        crowds.max_by_key(JobView::id).map(|job| (job.id(), job.status(), job.stopped_within()));
    ui.horizontal_wrapped(|ui| match last {
        Some((id, status, _)) if !status.ended() => {
            if main_button(ui, "Cancel them").clicked() {
                commands.push(Command::Cancel(id));
            }
            ui.label(RichText::new("A hundred users wait a minute for their answers.").color(colours.dim));
        }
        _ => {
            if main_button(ui, "Let a hundred users wait a minute").clicked() {
                commands.push(Command::Start(long_crowd().into()));
            }
            if let Some((_, Status::Cancelled, Some(took))) = last {
                let told = format!("{} after the click nothing of it ran any more.", units::duration(took));
                ui.label(RichText::new(told).color(colours.dim));
            }
        }
    });
}

fn long_crowd() -> Crowd {
    crowd(100, 60_000, false)
}

fn is_long(crowd: &Crowd) -> bool {
    crowd.users == 100 && crowd.wait_ms == 60_000
}
