//! Many users of one server: what is to be tried, and each user's wait and service as bars while they run.

use std::sync::Arc;
use std::time::{Duration, Instant};

use egui::{Frame, Margin, Rect, RichText, Role, ScrollArea, Sense, Stroke, Ui, WidgetInfo, pos2, vec2};

use super::forms::{CrowdForm, Form as _};
use super::shell::Sight;
use super::theme::{Colours, detail, main_button, medium, semibold};
use crate::command::Command;
use crate::jobs::JobId;
use crate::practice::{Attendance, Crowd, Figures, Visit};
use crate::units;
use crate::work::Request;

/// The most rows of bars; with more users than that every so manyeth is drawn.
const MAX_ROWS: usize = 240;
const CHART: f32 = 300.0;

/// What the person has set up.
#[derive(Default)]
pub(super) struct CrowdPage {
    form: CrowdForm,
    /// The figures of a crowd, whether it ran, and when they were taken.
    figures: Option<(JobId, bool, Instant, Figures)>,
}

/// How often figures are taken while a crowd runs: they are of all users.
const FIGURES_EVERY: Duration = Duration::from_millis(250);

impl CrowdPage {
    pub(super) fn ui(&mut self, ui: &mut Ui, sight: &Sight<'_>, commands: &mut Vec<Command>) {
        let colours = Colours::of(ui);
        ScrollArea::vertical().auto_shrink(false).show(ui, |ui| {
            Frame::NONE.inner_margin(Margin::symmetric(24, 20)).show(ui, |ui| {
                ui.label(RichText::new("Many users, one server").font(semibold(20.0)));
                ui.label(
                    RichText::new(
                        "All users ask at the same moment. A server that waits for one after the other keeps the last waiting for \
                         all; one thread that is asynchronous serves them all at once. What has to be computed gains nothing from it.",
                    )
                    .color(colours.dim),
                );
                ui.add_space(8.0);
                self.form.fields(ui, false);
                let last = last_crowd(sight);
                ui.horizontal(|ui| {
                    match &last {
                        Some((id, _, _, true)) => {
                            if main_button(ui, "Stop").clicked() {
                                commands.push(Command::Cancel(*id));
                            }
                        }
                        _ => {
                            if main_button(ui, "Start").clicked()
                                && let Ok(request) = self.form.request()
                            {
                                commands.push(Command::Start(request));
                            }
                        }
                    }
                });
                if let Some((id, crowd, summary, runs)) = last {
                    ui.add_space(12.0);
                    let elapsed = sight.engine.job(id).map(|job| job.elapsed()).unwrap_or_default();
                    self.result(ui, (id, runs, elapsed), crowd, summary.filter(|_| !runs));
                }
            });
        });
    }
}

/// The crowd that was asked for last, what is said of it, and whether it still runs.
fn last_crowd<'a>(sight: &Sight<'a>) -> Option<(JobId, &'a Crowd, Option<String>, bool)> {
    let mut crowds = sight.engine.jobs().filter_map(|job| match job.work() {
        Request::Crowd(crowd) => Some((job.id(), crowd, job.summary(), !job.status().ended())),
        _ => None,
    });
    let first = crowds.next()?;
    Some(crowds.fold(first, |last, next| if next.0 > last.0 { next } else { last }))
}

impl CrowdPage {
    /// Figures that are not older than they may be.
    fn figures_of(&mut self, id: JobId, runs: bool, attendance: &Attendance) -> Figures {
        let now = Instant::now();
        let fresh = |known: &&(JobId, bool, Instant, Figures)| {
            known.0 == id && known.1 == runs && (!runs || now.saturating_duration_since(known.2) < FIGURES_EVERY)
        };
        if let Some((.., figures)) = self.figures.as_ref().filter(fresh) {
            return *figures;
        }
        let figures = attendance.figures();
        self.figures = Some((id, runs, now, figures));
        figures
    }

    fn result(&mut self, ui: &mut Ui, job: (JobId, bool, Duration), crowd: &Crowd, summary: Option<String>) {
        let (id, runs, elapsed) = job;
        let colours = Colours::of(ui);
        let attendance: Option<Arc<Attendance>> = crowd.attendance.lock().clone();
        let Some(attendance) = attendance else {
            ui.label(RichText::new(summary.unwrap_or_else(|| "Waiting for a place".into())).color(colours.dim));
            return;
        };
        let figures = self.figures_of(id, runs, &attendance);
        let way = if crowd.one_by_one { "one after the other" } else { "all at once" };
        let threads = units::count(u64::from(crowd.threads), "thread");
        let title = format!("{}, {way}, on {threads}", units::count(u64::from(crowd.users), "user"));
        ui.label(RichText::new(title).font(medium(14.0)));
        ui.horizontal_wrapped(|ui| {
            ui.spacing_mut().item_spacing.x = 20.0;
            let time = |secs: f64| {
                if figures.answered == 0 { "–".to_owned() } else { units::duration(Duration::from_secs_f64(secs)) }
            };
            for (name, value) in [
                ("answered", units::number(figures.answered as u64)),
                ("p50", time(figures.p50_s)),
                ("p99", time(figures.p99_s)),
                ("answers a second", format!("{:.0}", figures.per_second)),
                ("served at once, at most", units::number(figures.at_once as u64)),
                ("all of it", time(figures.seconds)),
            ] {
                ui.label(RichText::new(format!("{name}  {value}")).color(colours.dim));
            }
        });
        ui.add_space(4.0);
        chart(ui, &attendance, if runs { attendance.elapsed() } else { elapsed });
        ui.horizontal_wrapped(|ui| {
            for (colour, name) in [(colours.line, "waits"), (colours.accent, "is served")] {
                let (rect, _) = ui.allocate_exact_size(vec2(10.0, 10.0), Sense::hover());
                ui.painter().rect_filled(rect, 2, colour);
                ui.label(RichText::new(name).font(detail()).color(colours.dim));
            }
            if let Some(summary) = summary.filter(|_| figures.answered < attendance.users()) {
                ui.label(RichText::new(summary).font(detail()).color(colours.amber));
            }
        });
    }
}

fn chart(ui: &mut Ui, attendance: &Attendance, now: Duration) {
    let colours = Colours::of(ui);
    let (rect, response) = ui.allocate_exact_size(vec2(ui.available_width(), CHART), Sense::hover());
    let users = attendance.users();
    let words = format!("Bars of {}: wait and service", units::count(users as u64, "user"));
    response.widget_info(|| WidgetInfo::labeled(Role::Image, true, words.clone()));
    let step = users.div_ceil(MAX_ROWS).max(1);
    let rows: Vec<Visit> = (0..users).step_by(step).filter_map(|user| attendance.visit(user)).collect();
    let whole = now.max(Duration::from_millis(1));
    let painter = ui.painter_at(rect);
    painter.rect_stroke(rect, 0, Stroke::new(1.0, colours.line), egui::StrokeKind::Inside);
    #[expect(clippy::cast_precision_loss, reason = "a few hundred rows")]
    let height = rect.height() / users.div_ceil(step).max(1) as f32;
    let x = |at: Duration| rect.left() + rect.width() * (at.as_secs_f32() / whole.as_secs_f32()).min(1.0);
    for (number, visit) in (0_u16..).zip(&rows) {
        let top = rect.top() + f32::from(number) * height;
        let bottom = top + (height - f32::from(height > 3.0)).max(0.5);
        let bar = |from: Duration, to: Duration| Rect::from_min_max(pos2(x(from), top), pos2(x(to), bottom));
        let began = visit.began.unwrap_or(now);
        painter.rect_filled(bar(visit.sent, began), 0, colours.line);
        if visit.began.is_some() {
            painter.rect_filled(bar(began, visit.served.unwrap_or(now)), 0, colours.accent);
        }
    }
    let right = pos2(rect.right() - 6.0, rect.bottom() - 4.0);
    painter.text(right, egui::Align2::RIGHT_BOTTOM, units::duration(whole), detail(), colours.text);
}
