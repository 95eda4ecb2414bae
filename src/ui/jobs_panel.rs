//! The panel of jobs: a card each, of which only those in sight are laid out.

use std::collections::HashMap;
use std::time::Duration;

use egui::{Align2, FontId, Rect, Response, Role, ScrollArea, Sense, Stroke, Ui, WidgetInfo, pos2, vec2};

use super::icons;
use super::theme::{Colours, detail, line_of, medium, quiet_button, semibold, show_focus};
use crate::command::Command;
use crate::jobs::{Engine, JobError, JobId, JobView, Mode, Outcome as _, Reading, Status, Unit, Work as _};
use crate::units;
use crate::work::{self, Request};

type View<'a> = JobView<'a, Request>;

/// The heights of cards with and without a bar, in points.
const TALL: f32 = 62.0;
const SHORT: f32 = 50.0;
/// The side of a button on a card.
const BUTTON: f32 = 24.0;
/// How long the cards stay where they are after a cancel, in seconds.
const HELD_S: f64 = 1.5;
const SHOW: &str = "Show in folder";

/// The panel's own state.
#[derive(Debug, Default)]
pub(super) struct JobsPanel {
    /// The failed job whose story is told in a dialog.
    pub(super) explained: Option<JobId>,
    /// The order and heights of the cards when one was cancelled, and until when it holds by egui's clock: a second press there is to
    /// meet no other job.
    held: Option<(f64, Vec<(JobId, f32)>)>,
}

impl JobsPanel {
    pub(super) fn ui(&mut self, ui: &mut Ui, engine: &Engine<Request>, commands: &mut Vec<Command>) {
        let mut jobs = in_order(engine);
        let next = next_in_line(&jobs);
        self.hold(ui, &mut jobs);
        header(ui, &jobs, commands);
        let before = commands.len();
        let cards: Vec<_> = jobs.iter().zip(self.heights(&jobs)).collect();
        let height: f32 = cards.iter().map(|(_, height)| height).sum();
        ScrollArea::vertical().auto_shrink(false).show_viewport(ui, |ui, viewport| {
            ui.set_height(height);
            let origin = ui.max_rect().min;
            let width = ui.available_width();
            let mut top = 0.0;
            for (job, height) in cards.iter().map(|(job, height)| (*job, *height)) {
                let rect = Rect::from_min_size(origin + vec2(0.0, top), vec2(width, height)).shrink2(vec2(8.0, 1.0));
                // One more at either edge, so that the keyboard's focus can go on to it.
                if top + 2.0 * height >= viewport.top() && top - height <= viewport.bottom() {
                    self.card(ui, rect, job, next.contains(&job.id()), commands);
                }
                top += height;
            }
            let mut new = commands.iter().skip(before);
            if new.any(|command| matches!(command, Command::Cancel(_))) {
                self.held = Some((
                    ui.input(|input| input.time) + HELD_S,
                    cards.iter().map(|(job, height)| (job.id(), *height)).collect(),
                ));
            }
            if jobs.is_empty() {
                let colours = Colours::of(ui);
                let words = "What runs is shown here";
                let hint = line_of(ui, words, detail(), colours.dim, width - 32.0);
                let rect = Rect::from_min_size(origin + vec2(16.0, 8.0), hint.size());
                ui.painter().galley(rect.min, hint, colours.dim);
                let said = ui.interact(rect, ui.scope_id().with("no jobs"), Sense::hover());
                said.widget_info(|| WidgetInfo::labeled(Role::Label, true, words));
            }
        });
    }

    /// Keeps the cards in their places for a moment after a cancel; what is new meanwhile comes last.
    fn hold(&mut self, ui: &Ui, jobs: &mut [View<'_>]) {
        let now = ui.input(|input| input.time);
        self.held = self.held.take().filter(|(until, _)| now < *until);
        if let Some((until, order)) = &self.held {
            let places: HashMap<_, _> = order.iter().map(|(id, _)| *id).zip(0_usize..).collect();
            jobs.sort_by_key(|job| places.get(&job.id()).copied().unwrap_or(usize::MAX));
            ui.ctx().request_repaint_after(Duration::from_secs_f64(until - now));
        }
    }

    fn heights(&self, jobs: &[View<'_>]) -> Vec<f32> {
        let held: HashMap<JobId, f32> = self.held.iter().flat_map(|(_, cards)| cards.iter().copied()).collect();
        jobs.iter().map(|job| held.get(&job.id()).copied().unwrap_or_else(|| card_height(job.status()))).collect()
    }

    fn card(&mut self, ui: &mut Ui, rect: Rect, job: &View<'_>, is_next: bool, commands: &mut Vec<Command>) {
        let colours = Colours::of(ui);
        let id = ui.scope_id().with(("job", job.id()));
        // A card that leads nowhere is no button.
        let leads = leads_to(job);
        let (sense, role) =
            if leads.is_some() { (Sense::click(), Role::Button) } else { (Sense::hover(), Role::ListItem) };
        let response = ui.interact(rect, id, sense);
        let reading = job.reading();
        let detail_text = detail_of(job, &reading, is_next);
        let label = format!("{}, {detail_text}", job.title());
        response.widget_info(|| WidgetInfo::labeled(role, true, label.clone()));
        let lit = response.hovered() || response.has_focus() || ui.rect_contains_pointer(rect);
        if lit && leads.is_some() {
            ui.painter().rect_filled(rect, 8, colours.raised);
        }
        show_focus(ui, &response);

        let (icon, colour) = sign(job, &colours);
        let icon_at = pos2(rect.left() + 17.0, rect.top() + 15.0);
        ui.painter().text(icon_at, Align2::CENTER_CENTER, icon, FontId::proportional(15.0), colour);
        let buttons = self.buttons(ui, rect, job, commands);
        let lit = lit || buttons.iter().any(Response::has_focus);
        if response.gained_focus() || buttons.iter().any(Response::gained_focus) {
            ui.scroll_to_rect(rect, None);
        }
        for button in &buttons {
            paint_button(ui, button, lit);
        }
        let taken = if lit { width_of(buttons.len()) } else { 0.0 };
        let title = line_of(ui, job.title(), medium(13.0), colours.text, rect.width() - 42.0 - taken);
        ui.painter().galley(rect.min + vec2(34.0, 6.0), title, colours.text);
        let colour = if job.status() == Status::Failed { colours.red } else { colours.dim };
        let line = line_of(ui, &detail_text, detail(), colour, rect.width() - 42.0);
        ui.painter().galley(rect.min + vec2(34.0, 25.0), line, colour);
        if !job.status().ended() {
            let bar = Rect::from_min_size(rect.min + vec2(34.0, 45.0), vec2(rect.width() - 46.0, 4.0));
            progress_bar(ui, bar, job, &reading);
        }
        let response = if detail_text.chars().count() > 34 { response.on_hover_text(detail_text) } else { response };
        if response.clicked() {
            match leads {
                Some(Leads::ToStory) => self.explained = Some(job.id()),
                Some(Leads::ToDocument) => commands.push(Command::OpenResult(job.id())),
                None => {}
            }
        }
    }

    fn buttons(&self, ui: &Ui, card: Rect, job: &View<'_>, commands: &mut Vec<Command>) -> Vec<Response> {
        let id = job.id();
        let made = has_made(job);
        let wishes: &[(&str, &str, Command)] = match job.status() {
            Status::Queued => {
                &[(icons::ARROW_LINE_UP, "Start next", Command::First(id)), (icons::X, "Cancel", Command::Cancel(id))]
            }
            Status::Running if arrives(job) => &[
                (icons::FILE_TEXT, "Open while it arrives", Command::OpenResult(id)),
                (icons::PAUSE, "Pause", Command::Pause(id, true)),
                (icons::X, "Cancel", Command::Cancel(id)),
            ],
            Status::Running => {
                &[(icons::PAUSE, "Pause", Command::Pause(id, true)), (icons::X, "Cancel", Command::Cancel(id))]
            }
            Status::Paused => {
                &[(icons::PLAY, "Resume", Command::Pause(id, false)), (icons::X, "Cancel", Command::Cancel(id))]
            }
            Status::Failed | Status::Cancelled if job.unfinished() => {
                &[(icons::RETRY, "Retry", Command::Retry(id)), (icons::X, "Give up", Command::Cancel(id))]
            }
            Status::Failed | Status::Cancelled => &[(icons::RETRY, "Retry", Command::Retry(id))],
            Status::Succeeded if made => &[(icons::FOLDER, SHOW, Command::Reveal(id))],
            Status::Succeeded => &[],
        };
        // From left to right, for the keyboard goes from one to the next in the order in which they are made. Each is known
        // by its place counted from the right, so that the focus stays where one takes the place of another.
        let mut left = card.right() - 6.0 - width_of(wishes.len());
        let mut responses = Vec::new();
        for (place, (icon, name, command)) in (0..wishes.len()).rev().zip(wishes) {
            let rect = Rect::from_min_size(pos2(left, card.top() + 3.0), vec2(BUTTON, BUTTON));
            left += BUTTON;
            let response = ui.interact(rect, ui.scope_id().with(("job button", id, place)), Sense::click());
            // Without the comma it would be heard as the name of a folder.
            let joint = if *name == SHOW { "," } else { "" };
            let label = format!("{name}{joint} {}", job.title());
            response.widget_info(|| WidgetInfo::labeled(Role::Button, true, label.clone()));
            // Retry comes where Cancel was.
            let meant = self.held.is_none() || !job.status().ended();
            if response.clicked() && meant {
                commands.push(command.clone());
            }
            ui.ctx().data_mut(|data| data.insert_temp(response.id, (*icon).to_owned()));
            responses.push(response.on_hover_text(*name));
        }
        responses
    }
}

/// Where a click on a card leads.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Leads {
    /// To a dialog that says why it failed.
    ToStory,
    /// To what it reads or has made.
    ToDocument,
}

fn leads_to(job: &View<'_>) -> Option<Leads> {
    match job.result() {
        Some(Err(error)) if !matches!(error, JobError::Cancelled) => Some(Leads::ToStory),
        _ if matches!(job.work(), Request::Open(_)) || has_made(job) || arrives(job) => Some(Leads::ToDocument),
        _ => None,
    }
}

/// Whether it is a download of which something is there while more comes.
fn arrives(job: &View<'_>) -> bool {
    matches!(job.work(), Request::Download(download) if download.arriving().part().is_some())
}

fn has_made(job: &View<'_>) -> bool {
    job.result().is_some_and(|result| result.as_ref().is_ok_and(|outcome| outcome.made().is_some()))
}

/// What works comes first, then what waits in the order in which it will start, then what is over, the newest first.
fn in_order(engine: &Engine<Request>) -> Vec<View<'_>> {
    let (mut waiting, mut others): (Vec<_>, Vec<_>) = engine.jobs().partition(|job| job.status() == Status::Queued);
    let order: HashMap<_, _> = engine.waiting().into_iter().zip(0_usize..).collect();
    waiting.sort_by_key(|job| order.get(&job.id()).copied());
    others.reverse();
    others.sort_by_key(|job| job.status().ended());
    let working = others.partition_point(|job| !job.status().ended());
    others.splice(working..working, waiting);
    others
}

/// The jobs that start as soon as there is a place for them: kinds have places of their own, and so has Blocking.
fn next_in_line(jobs: &[View<'_>]) -> Vec<JobId> {
    let mut lines = Vec::new();
    let waiting = jobs.iter().filter(|job| job.status() == Status::Queued);
    let first = waiting.filter(|job| {
        let line = (job.mode() == Mode::Background).then(|| job.work().kind().name);
        let is_first = !lines.contains(&line);
        lines.push(line);
        is_first
    });
    first.map(JobView::id).collect()
}

fn width_of(buttons: usize) -> f32 {
    BUTTON * f32::from(u8::try_from(buttons).unwrap_or(u8::MAX))
}

fn paint_button(ui: &Ui, button: &Response, lit: bool) {
    if !lit {
        return;
    }
    let colours = Colours::of(ui);
    let icon: String = ui.ctx().data(|data| data.get_temp(button.id)).unwrap_or_default();
    let colour = if button.hovered() || button.has_focus() { colours.text } else { colours.dim };
    ui.painter().text(button.rect.center(), Align2::CENTER_CENTER, icon, FontId::proportional(15.0), colour);
    show_focus(ui, button);
}

fn header(ui: &mut Ui, jobs: &[View<'_>], commands: &mut Vec<Command>) {
    let colours = Colours::of(ui);
    let count = |wanted: &[Status]| jobs.iter().filter(|job| wanted.contains(&job.status())).count();
    let (running, paused) = (count(&[Status::Running]), count(&[Status::Paused]));
    let (waiting, over) = (count(&[Status::Queued]), jobs.iter().filter(|job| !job.unfinished()).count());
    ui.horizontal(|ui| {
        ui.set_height(36.0);
        ui.add_space(16.0);
        ui.label(egui::RichText::new("Jobs").font(semibold(13.0)).color(colours.dim));
        ui.with_layout(egui::Layout::right_to_left(egui::Align::Center), |ui| {
            ui.add_space(8.0);
            if over > 0 && quiet_button(ui, "Clear", "", "Clear jobs that are over").clicked() {
                commands.push(Command::ClearEnded);
            }
            counts(ui, &[(running, "running"), (paused, "paused"), (waiting, "waiting")]);
        });
    });
}

/// `4 running · 1 paused · 6 waiting`, or `4 running · 7 more` where there is no room for that.
fn counts(ui: &mut Ui, parts: &[(usize, &str)]) {
    let colour = Colours::of(ui).dim;
    let mut parts = parts.iter().filter(|part| part.0 > 0);
    let Some((first, what)) = parts.next() else { return };
    let first = format!("{} {what}", units::number(*first as u64));
    let (mut full, mut more) = (first.clone(), 0);
    for (count, what) in parts {
        full = format!("{full} · {} {what}", units::number(*count as u64));
        more += count;
    }
    let fits = line_of(ui, &full, detail(), colour, f32::INFINITY).size().x <= ui.available_width();
    let text = if fits || more == 0 { full.clone() } else { format!("{first} · {} more", units::number(more as u64)) };
    let text = egui::RichText::new(text).font(detail()).color(colour);
    let response = ui.add(egui::Label::new(text).truncate().show_tooltip_when_elided(false));
    response.widget_info(|| WidgetInfo::labeled(Role::Label, true, full.clone()));
    if !fits {
        response.on_hover_text(full);
    }
}

const fn card_height(status: Status) -> f32 {
    if status.ended() { SHORT } else { TALL }
}

fn sign(job: &View<'_>, colours: &Colours) -> (&'static str, egui::Color32) {
    let kind = job.work().kind().name;
    let own = work::forms().iter().find(|form| form.kind().name == kind).map_or(icons::CLOCK, |form| form.icon());
    match job.status() {
        Status::Queued => (icons::CLOCK, colours.dim),
        Status::Running => (own, colours.accent),
        Status::Paused => (icons::PAUSE, colours.amber),
        Status::Succeeded => (icons::CHECK_CIRCLE, colours.green),
        Status::Failed => (icons::WARNING_CIRCLE, colours.red),
        Status::Cancelled => (icons::PROHIBIT, colours.dim),
    }
}

/// The line under the title: `71 % · 1.9 GB/s · 1 s left`, or what came of it.
fn detail_of(job: &View<'_>, reading: &Reading, is_next: bool) -> String {
    match job.status() {
        Status::Queued if is_next && job.mode() == Mode::Blocking => "Takes the UI thread next".into(),
        Status::Queued if is_next => "Next in line".into(),
        Status::Queued => "Waiting for a place".into(),
        Status::Running | Status::Paused => progress_line(job.status(), reading),
        Status::Succeeded | Status::Failed | Status::Cancelled => job.summary().unwrap_or_default(),
    }
}

fn progress_line(status: Status, reading: &Reading) -> String {
    let mut parts = Vec::new();
    if status == Status::Paused {
        parts.push("Paused".to_owned());
    }
    if !reading.note.is_empty() {
        parts.push(reading.note.clone());
    }
    match (reading.unit, reading.fraction()) {
        // What is not over is never said to be.
        (Unit::Bytes, Some(share)) => parts.push(format!("{} %", (share * 100.0).floor().min(99.0))),
        (Unit::Bytes, None) if reading.done > 0 => parts.push(units::bytes(reading.done)),
        (Unit::Bytes, None) => {}
        (Unit::Items, Some(_)) => {
            let total = reading.total.unwrap_or_default();
            parts.push(format!("{} of {}", units::number(reading.done), units::number(total)));
        }
        (Unit::Items, None) => parts.push(units::count(reading.done, "request")),
    }
    if status == Status::Running && reading.unit == Unit::Bytes && reading.rate > 0.0 {
        parts.push(units::rate(reading.rate));
        parts.extend(reading.left().map(|left| format!("{} left", units::duration(left))));
    }
    parts.join(" · ")
}

fn progress_bar(ui: &Ui, rect: Rect, job: &View<'_>, reading: &Reading) {
    let colours = Colours::of(ui);
    ui.painter().rect_filled(rect, 2, colours.line);
    let colour = if job.status() == Status::Paused { colours.amber } else { colours.accent };
    let filled = match (job.status(), reading.fraction()) {
        (Status::Queued, _) => return,
        (Status::Running, None) if job.rests() => return,
        (_, Some(share)) => Rect::from_min_size(rect.min, vec2(rect.width() * share, rect.height())),
        (Status::Running, None) => {
            // Nobody knows how much there is: a piece runs to and fro while the job does.
            let turn = (ui.input(|input| input.time) * 0.6).fract();
            #[expect(clippy::cast_possible_truncation, reason = "a share")]
            let at = (1.0 - (turn * 2.0 - 1.0).abs()) as f32;
            let width = rect.width() * 0.25;
            Rect::from_min_size(rect.min + vec2((rect.width() - width) * at, 0.0), vec2(width, rect.height()))
        }
        (_, None) => return,
    };
    ui.painter().rect_filled(filled, 2, colour);
    if job.status() == Status::Paused {
        ui.painter().rect_stroke(rect, 2, Stroke::new(1.0, colours.amber), egui::StrokeKind::Outside);
    }
}
