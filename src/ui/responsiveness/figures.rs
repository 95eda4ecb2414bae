//! The distributions: percentiles of everything that is measured, one of them as a histogram, how many pauses were in each
//! band, and what the workers are at.

use std::time::Duration;

use egui::{Grid, Rect, RichText, Role, ScrollArea, Sense, Stroke, Ui, WidgetInfo, pos2, vec2};

use super::explain;
use crate::command::Command;
use crate::responsiveness::{BANDS, Band, Delays, Measure, Meter, Totals};
use crate::ui::shell::Sight;
use crate::ui::theme::{Colours, detail, medium};
use crate::units;

/// Bars of the histogram: five a factor of ten, from a hundredth of a millisecond to ten seconds.
const BARS: u32 = 30;
const BARS_A_DECADE: f64 = 5.0;
const SHORTEST_S: f64 = 1e-5;
const HEIGHT: f32 = 96.0;

/// Which measure is shown as a histogram.
pub(super) struct Figures {
    shown: Measure,
}

impl Default for Figures {
    fn default() -> Self {
        Self { shown: Measure::Frame }
    }
}

impl Figures {
    pub(super) fn ui(&mut self, ui: &mut Ui, sight: &Sight<'_>, commands: &mut Vec<Command>) {
        explain(
            ui,
            "Since the program began, or since the figures were set back. Answers are asked for while something runs: a question \
             is posted to the event loop, as the desktop does, and its delay is measured.",
        );
        ui.add_space(4.0);
        if ui.button("Set the figures back").clicked() {
            commands.push(Command::SetTotalsBack);
        }
        ui.add_space(8.0);
        let totals = sight.meter.totals(Totals::clone);
        self.table(ui, &totals);
        ui.add_space(12.0);
        if let Some(delays) = totals.of(self.shown) {
            histogram(ui, self.shown, delays);
        }
        ui.add_space(12.0);
        bands(ui, &totals);
        ui.add_space(12.0);
        workers(ui, sight.meter);
    }

    fn table(&mut self, ui: &mut Ui, totals: &Totals) {
        let colours = Colours::of(ui);
        ScrollArea::horizontal().id_salt("percentiles").show(ui, |ui| {
            ui.spacing_mut().interact_size.y = 20.0;
            Grid::new("percentiles").spacing(vec2(if ui.available_width() < 560.0 { 8.0 } else { 20.0 }, 2.0)).show(
                ui,
                |ui| {
                    for heading in ["", "count", "p50", "p95", "p99", "p99.9", "longest"] {
                        ui.label(RichText::new(heading).font(medium(13.0)).color(colours.dim));
                    }
                    ui.end_row();
                    for measure in Measure::ALL {
                        let indent = if matches!(measure, Measure::Phase(_)) { "   " } else { "" };
                        let name = format!("{indent}{}", measure.name());
                        if ui.selectable_label(self.shown == measure, name).clicked() {
                            self.shown = measure;
                        }
                        let delays = totals.of(measure).filter(|delays| delays.count() > 0);
                        ui.label(units::number(delays.map_or(0, Delays::count)));
                        for share in [0.5, 0.95, 0.99, 0.999, 1.0] {
                            ui.label(delays.map_or_else(|| "–".to_owned(), |delays| short(delays.within(share))));
                        }
                        ui.end_row();
                    }
                },
            );
        });
    }
}

/// A time to a hundredth of a millisecond where it is short.
fn short(time: Duration) -> String {
    let ms = time.as_secs_f64() * 1e3;
    if ms < 0.005 {
        "< 0.01 ms".into()
    } else if ms < 10.0 {
        format!("{ms:.2} ms")
    } else {
        units::duration(time)
    }
}

fn histogram(ui: &mut Ui, measure: Measure, delays: &Delays) {
    let colours = Colours::of(ui);
    let title = format!("How long: {}", measure.name());
    ui.label(RichText::new(&title).font(medium(13.0)).color(colours.dim));
    let (rect, response) = ui.allocate_exact_size(vec2(ui.available_width().min(640.0), HEIGHT + 16.0), Sense::hover());
    response.widget_info(|| WidgetInfo::labeled(Role::Image, true, title.clone()));
    let chart = Rect::from_min_size(rect.min, vec2(rect.width(), HEIGHT));
    let counts: Vec<u64> = (0..BARS).map(|bar| delays.between(edge(bar), edge(bar + 1))).collect();
    let most = counts.iter().copied().max().unwrap_or(0).max(1);
    #[expect(clippy::cast_precision_loss, reason = "bars for the eye")]
    let width = chart.width() / BARS as f32;
    let painter = ui.painter();
    painter.hline(chart.x_range(), chart.bottom(), Stroke::new(1.0, colours.line));
    for (bar, count) in (0_u8..).zip(&counts) {
        let left = chart.left() + f32::from(bar) * width;
        #[expect(clippy::cast_precision_loss, reason = "bars for the eye")]
        // The square root lets what is rare be seen beside what is common.
        let height = if *count == 0 { 0.0 } else { ((*count as f32 / most as f32).sqrt() * chart.height()).max(2.0) };
        let of_band = colours.of_pause(edge(u32::from(bar)));
        let shape = Rect::from_min_max(pos2(left + 1.0, chart.bottom() - height), pos2(left + width, chart.bottom()));
        painter.rect_filled(shape, 0, of_band);
        if bar.is_multiple_of(5) {
            let at = pos2(left, chart.bottom() + 3.0);
            painter.text(at, egui::Align2::LEFT_TOP, axis(edge(u32::from(bar))), detail(), colours.dim);
        }
    }
    if let Some(pointer) = response.hover_pos() {
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a bar's number")]
        let bar = ((pointer.x - chart.left()) / width) as u32;
        let count = counts.get(bar as usize).copied().unwrap_or(0);
        let words = format!("{} to {}: {}", axis(edge(bar)), axis(edge(bar + 1)), units::number(count));
        response.on_hover_text(words);
    }
}

/// Where a bar begins.
fn edge(bar: u32) -> Duration {
    Duration::from_secs_f64(SHORTEST_S * 10_f64.powf(f64::from(bar) / BARS_A_DECADE))
}

fn axis(time: Duration) -> String {
    let ms = time.as_secs_f64() * 1e3;
    match ms {
        ms if ms < 0.095 => format!("{ms:.2} ms"),
        ms if ms < 0.95 => format!("{ms:.1} ms"),
        ms if ms < 950.0 => format!("{ms:.0} ms"),
        ms => format!("{:.1} s", ms / 1e3),
    }
}

/// How many pauses of the UI thread were in each band.
fn bands(ui: &mut Ui, totals: &Totals) {
    let colours = Colours::of(ui);
    ui.label(RichText::new("Pauses of the UI thread, by what they are called").font(medium(13.0)).color(colours.dim));
    ui.spacing_mut().interact_size.y = 0.0;
    ScrollArea::horizontal().id_salt("bands").show(ui, |ui| {
        Grid::new("bands").spacing(vec2(20.0, 4.0)).show(ui, |ui| {
            for (number, Band { from_ms, name, source }) in BANDS.into_iter().enumerate() {
                let from = Duration::from_secs_f32(from_ms / 1e3);
                let to = BANDS
                    .get(number + 1)
                    .map_or(Duration::from_hours(1), |next| Duration::from_secs_f32(next.from_ms / 1e3));
                let count: u64 = [Measure::Frame, Measure::Event]
                    .into_iter()
                    .filter_map(|measure| totals.of(measure))
                    .map(|delays| delays.between(from, to))
                    .sum();
                let colour = if count == 0 { colours.dim } else { colours.of_pause(from) };
                ui.label(RichText::new(units::number(count)).color(colour));
                ui.label(name);
                ui.label(RichText::new(format!("from {}", axis(from))).color(colours.dim));
                ui.label(RichText::new(source).font(detail()).color(colours.dim));
                ui.end_row();
            }
        });
    });
}

/// What the workers were at when it was looked at last.
fn workers(ui: &mut Ui, meter: &Meter) {
    let colours = Colours::of(ui);
    ui.label(RichText::new("The workers, when they were looked at last").font(medium(13.0)).color(colours.dim));
    let Some(load) = meter.loads(|loads| loads.iter().next_back().copied()) else {
        ui.label(RichText::new("Nothing has run yet.").color(colours.dim));
        return;
    };
    let census = load.census;
    let rows = [
        ("workers", units::number(census.workers as u64)),
        ("busy", format!("{:.0} %", load.busy * 100.0)),
        ("tasks that have not ended", units::number(census.tasks as u64)),
        ("tasks that wait for a worker", units::number(census.queued as u64)),
        ("a new task is taken up after", short(census.taken_up_after)),
        ("polls of jobs that held a worker for 50 ms and more", units::number(census.slow_polls)),
    ];
    Grid::new("workers").spacing(vec2(20.0, 4.0)).show(ui, |ui| {
        for (name, value) in rows {
            ui.label(RichText::new(name).color(colours.dim));
            ui.label(value);
            ui.end_row();
        }
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_bars_reach_from_a_hundredth_of_a_millisecond_to_ten_seconds() {
        assert_eq!([0, 10, 25, BARS].map(|bar| axis(edge(bar))), ["0.01 ms", "1 ms", "1.0 s", "10.0 s"]);
        assert_eq!([15, 20].map(|bar| axis(edge(bar))), ["10 ms", "100 ms"]);
    }
}
