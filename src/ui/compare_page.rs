//! The page that sets blocking beside the background: what to compare, how far it is, the figures, and what follows.

use egui::{Color32, Frame, Grid, Margin, Rect, RichText, ScrollArea, Sense, Stroke, TextEdit, Ui, pos2, vec2};

use super::theme::{Colours, detail, main_button, medium, regular, semibold};
use crate::command::Command;
use crate::compare::{Comparing, Size, Wanted};
use crate::responsiveness::{Comparison, Run, Way};
use crate::units;

const MAX_RUNS: usize = 9;
/// The heights of a job's lane and of all of them, in points.
const LANE: f32 = 4.0;
const LANES: f32 = 120.0;
const NAME_WIDTH: f32 = 96.0;

/// What the person has set up.
pub(super) struct ComparePage {
    set: Set,
    targets: String,
    runs: usize,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Set {
    Small,
    Large,
    Own,
}

impl Default for ComparePage {
    fn default() -> Self {
        Self { set: Set::Small, targets: String::new(), runs: 3 }
    }
}

impl ComparePage {
    pub(super) fn ui(&mut self, ui: &mut Ui, compared: Option<&Comparing>, commands: &mut Vec<Command>) {
        let colours = Colours::of(ui);
        ScrollArea::vertical().auto_shrink(false).show(ui, |ui| {
            let margin = Margin { left: 24, right: 24, top: 24, bottom: 24 };
            Frame::NONE.inner_margin(margin).show(ui, |ui| {
                ui.label(RichText::new("Compare blocking with background").font(semibold(20.0)));
                let what = "The same work, three ways in turn: on the UI thread, in the background one by one, and all together. \
                            While the first runs, this window stands still.";
                ui.label(RichText::new(what).color(colours.dim));
                ui.add_space(8.0);
                let under_way = compared.is_some_and(|comparing| comparing.end().is_none());
                ui.add_enabled_ui(!under_way, |ui| self.choice(ui));
                ui.add_space(4.0);
                self.buttons(ui, compared, under_way, commands);
                if let Some(comparing) = compared {
                    ui.add_space(12.0);
                    results(ui, comparing);
                }
            });
        });
    }

    fn choice(&mut self, ui: &mut Ui) {
        ui.horizontal_wrapped(|ui| {
            for (set, name) in [
                (Set::Small, "Practice set, half a minute"),
                (Set::Large, "Large set: 4 GB on disk, several minutes"),
                (Set::Own, "Own files and addresses"),
            ] {
                ui.radio_value(&mut self.set, set, name);
            }
        });
        if self.set == Set::Own {
            let field = TextEdit::multiline(&mut self.targets).desired_rows(3).desired_width(f32::INFINITY);
            let field = ui.add(field.hint_text("A path or an http(s) address on each line").font(regular()));
            field.widget_info(|| egui::WidgetInfo::labeled(egui::Role::TextInput, true, "Files and addresses"));
        }
        ui.horizontal(|ui| {
            let name = ui.label("Runs of each way");
            ui.add(egui::DragValue::new(&mut self.runs).range(1..=MAX_RUNS)).labelled_by(name.id);
        });
    }

    fn buttons(&self, ui: &mut Ui, compared: Option<&Comparing>, under_way: bool, commands: &mut Vec<Command>) {
        ui.horizontal(|ui| {
            if under_way {
                if main_button(ui, "Stop comparing").clicked() {
                    commands.push(Command::StopComparing);
                }
                let doing = compared.map(Comparing::doing).unwrap_or_default();
                ui.label(RichText::new(doing).color(Colours::of(ui).dim));
                return;
            }
            let wanted = self.wanted();
            let button = ui.add_enabled_ui(wanted.is_some(), |ui| main_button(ui, "Compare")).inner;
            if let Some(wanted) = wanted.filter(|_| button.clicked()) {
                commands.push(Command::Compare(wanted, self.runs));
            }
            let whole = compared.is_some_and(|comparing| comparing.end() == Some(&Ok(())));
            if whole && ui.button("Save report").clicked() {
                commands.push(Command::SaveReport);
            }
        });
    }

    fn wanted(&self) -> Option<Wanted> {
        match self.set {
            Set::Small => Some(Wanted::PracticeSet(Size::Small)),
            Set::Large => Some(Wanted::PracticeSet(Size::Large)),
            Set::Own => {
                let targets: Vec<_> =
                    self.targets.lines().map(str::trim).filter(|line| !line.is_empty()).map(str::to_owned).collect();
                (!targets.is_empty()).then_some(Wanted::Targets(targets))
            }
        }
    }
}

fn results(ui: &mut Ui, comparing: &Comparing) {
    let colours = Colours::of(ui);
    if let Some(Err(failure)) = comparing.end() {
        ui.label(RichText::new(format!("The comparison did not end. {failure}")).color(colours.red));
        return;
    }
    let comparison = comparing.comparison();
    if comparison.runs.is_empty() {
        return;
    }
    if comparing.end().is_some() {
        for verdict in comparison.verdicts() {
            ui.label(verdict);
        }
        ui.add_space(12.0);
    }
    table(ui, comparison);
    ui.add_space(12.0);
    timeline(ui, comparison);
}

fn table(ui: &mut Ui, comparison: &Comparison) {
    let colours = Colours::of(ui);
    ScrollArea::horizontal().id_salt("figures").show(ui, |ui| {
        // Rows of words, not of buttons.
        ui.spacing_mut().interact_size.y = 0.0;
        Grid::new("figures").spacing(vec2(if ui.available_width() < 560.0 { 12.0 } else { 24.0 }, 6.0)).show(
            ui,
            |ui| {
                ui.label("");
                for way in Way::ALL {
                    ui.label(RichText::new(way.name()).font(medium(13.0)).color(colour_of(&colours, way)));
                }
                ui.end_row();
                for (name, cells) in comparison.rows() {
                    ui.label(RichText::new(name).color(colours.dim));
                    for cell in cells {
                        let (median, spread) = cell.split_once(" (").map_or((cell.as_str(), ""), |parts| parts);
                        let response = ui.label(median);
                        if !spread.is_empty() {
                            response.on_hover_text(format!("From {}", spread.trim_end_matches(')')));
                        }
                    }
                    ui.end_row();
                }
            },
        );
    });
}

/// The last run of each way on one scale: a line a job.
fn timeline(ui: &mut Ui, comparison: &Comparison) {
    let colours = Colours::of(ui);
    let last = |way| comparison.runs.iter().rev().find(|run| run.way == way);
    let longest = Way::ALL.into_iter().filter_map(last).map(|run| run.wall_s).fold(0.001, f64::max);
    ui.label(RichText::new("When each job ran, in the last run of each way").font(medium(13.0)).color(colours.dim));
    for run in Way::ALL.into_iter().filter_map(last) {
        #[expect(clippy::cast_precision_loss, reason = "a few lanes")]
        let height = (run.jobs.len() as f32 * LANE).clamp(16.0, LANES);
        let (rect, response) = ui.allocate_exact_size(vec2(ui.available_width(), height + 6.0), Sense::hover());
        let words = format!("{}: {}", run.way.name(), units::duration(std::time::Duration::from_secs_f64(run.wall_s)));
        response.widget_info(|| egui::WidgetInfo::labeled(egui::Role::Image, true, words.clone()));
        let painter = ui.painter();
        painter.text(rect.left_top(), egui::Align2::LEFT_TOP, run.way.name(), detail(), colours.dim);
        let chart = Rect::from_min_max(rect.left_top() + vec2(NAME_WIDTH, 0.0), rect.right_bottom());
        painter.hline(chart.x_range(), chart.bottom(), Stroke::new(1.0, colours.line));
        bars(painter, chart, run, longest, colour_of(&colours, run.way));
    }
    let (rect, _) = ui.allocate_exact_size(vec2(ui.available_width(), 16.0), Sense::hover());
    let whole = units::duration(std::time::Duration::from_secs_f64(longest));
    ui.painter().text(rect.left_top() + vec2(NAME_WIDTH, 0.0), egui::Align2::LEFT_TOP, "0 s", detail(), colours.dim);
    ui.painter().text(rect.right_top(), egui::Align2::RIGHT_TOP, whole, detail(), colours.dim);
}

fn bars(painter: &egui::Painter, chart: Rect, run: &Run, longest_s: f64, colour: Color32) {
    #[expect(clippy::cast_possible_truncation, reason = "a share of a width")]
    let x = |at_s: f64| chart.left() + chart.width() * (at_s / longest_s) as f32;
    // The more there are, the lower is each: none lies where another one does.
    #[expect(clippy::cast_precision_loss, reason = "a few lanes")]
    let lane = ((chart.height() - 6.0) / run.jobs.len().max(1) as f32).min(LANE);
    for (at, job) in run.jobs.iter().enumerate() {
        #[expect(clippy::cast_precision_loss, reason = "a few lanes")]
        let top = chart.top() + at as f32 * lane;
        let right = x(job.ended_s).max(x(job.began_s) + 1.5);
        let bar = Rect::from_min_max(pos2(x(job.began_s), top), pos2(right, top + (lane - 1.0).max(lane / 2.0)));
        painter.rect_filled(bar, 0, colour);
    }
}

/// Amber is blocking, everywhere in the window.
const fn colour_of(colours: &Colours, way: Way) -> Color32 {
    match way {
        Way::Blocking => colours.amber,
        Way::OneByOne => colours.dim,
        Way::Together => colours.accent,
    }
}
