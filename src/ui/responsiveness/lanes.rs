//! The lanes of the timeline: what each of them draws of the stretch of time that is shown.

use std::time::{Duration, Instant};

use egui::{Align2, Color32, Painter, Rect, RichText, Sense, Stroke, Ui, pos2, vec2};

use crate::jobs::Status;
use crate::responsiveness::{BANDS, History, Phase, Spell, Waited};
use crate::ui::shell::Sight;
use crate::ui::theme::{Colours, detail, line_of};
use crate::units;

pub(super) const JOB_LANE: f32 = 16.0;
const MAX_JOB_LANES: usize = 8;
/// The milliseconds at the top of the UI thread's lane; what is longer touches it.
const TOP_MS: f32 = 250.0;
/// A callback that is wider than this shows its phases.
const WIDE: f32 = 6.0;

/// Where a moment lies on the screen.
#[derive(Clone, Copy)]
pub(super) struct Scale {
    pub(super) rect: Rect,
    pub(super) end: Instant,
    pub(super) length: Duration,
}

impl Scale {
    #[expect(clippy::cast_possible_truncation, reason = "points on a screen")]
    fn x(&self, at: Instant) -> f32 {
        let before_end = self.end.saturating_duration_since(at).as_secs_f64();
        let after_end = at.saturating_duration_since(self.end).as_secs_f64();
        let share = 1.0 - (before_end - after_end) / self.length.as_secs_f64();
        self.rect.left() + (share * f64::from(self.rect.width())) as f32
    }

    fn begin(&self) -> Instant {
        self.end.checked_sub(self.length).unwrap_or(self.end)
    }

    /// How long a number of points is.
    pub(super) fn time(&self, points: f32) -> Duration {
        self.length.mul_f32((points.abs() / self.rect.width().max(1.0)).min(100.0))
    }

    fn span(&self, began: Instant, length: Duration) -> (f32, f32) {
        // In a pane that is narrower than its margins there is less than nothing to draw in.
        let clamp = |x: f32| x.min(self.rect.right()).max(self.rect.left());
        (clamp(self.x(began)), clamp(self.x(began + length)))
    }

    pub(super) fn shows(&self, began: Instant, length: Duration) -> bool {
        began <= self.end && began + length >= self.begin()
    }
}

/// The square root spreads what is short, where the bands lie close together.
fn height_of(length: Duration, lane: Rect) -> f32 {
    let ms = length.as_secs_f32() * 1e3;
    (ms.min(TOP_MS) / TOP_MS).sqrt() * lane.height()
}

pub(super) fn draw_spells(painter: &Painter, lane: Rect, scale: Scale, history: &History, colours: &Colours) {
    for band in BANDS.iter().filter(|band| band.from_ms <= TOP_MS) {
        let y = lane.bottom() - height_of(Duration::from_secs_f32(band.from_ms / 1e3), lane);
        painter.hline(lane.x_range(), y, Stroke::new(1.0, colours.line));
    }
    // Of many callbacks in one column of pixels the longest is drawn: no frame draws more than the screen can show.
    let mut columns: Vec<(f32, Duration)> = Vec::new();
    for spell in history.shown().filter(|spell| scale.shows(spell.began, spell.length())) {
        let (left, right) = scale.span(spell.began, spell.length());
        if right - left >= WIDE {
            draw_phases(painter, lane, scale, &spell, colours);
            continue;
        }
        match columns.last_mut() {
            Some((x, longest)) if left - *x < 1.0 => *longest = (*longest).max(spell.length()),
            _ => columns.push((left, spell.length())),
        }
    }
    for (x, longest) in columns {
        let top = lane.bottom() - height_of(longest, lane).max(1.0);
        let bar = Rect::from_min_max(pos2(x, top), pos2(x + 1.0, lane.bottom()));
        painter.rect_filled(bar, 0, colours.of_pause(longest));
    }
}

/// A callback from left to right, phase by phase, as they follow each other.
fn draw_phases(painter: &Painter, lane: Rect, scale: Scale, spell: &Spell, colours: &Colours) {
    let top = lane.bottom() - height_of(spell.length(), lane);
    let mut began = spell.began;
    for phase in Phase::ALL {
        let length = spell.phases.of(phase);
        let (left, right) = scale.span(began, length);
        began += length;
        if right > left {
            let bar = Rect::from_min_max(pos2(left, top), pos2(right, lane.bottom()));
            painter.rect_filled(bar, 0, colour_of(phase, colours));
        }
    }
    let (left, right) = scale.span(spell.began, spell.length());
    painter.hline(left..=right, top, Stroke::new(2.0, colours.of_pause(spell.length())));
}

const fn colour_of(phase: Phase, colours: &Colours) -> Color32 {
    match phase {
        Phase::Event => colours.text,
        Phase::Logic => colours.amber,
        Phase::Ui => colours.calm,
        Phase::Tessellation => colours.green,
        Phase::Paint => colours.dim,
        Phase::Present => colours.accent_ground,
    }
}

pub(super) fn legend(ui: &mut Ui, colours: &Colours) {
    ui.horizontal_wrapped(|ui| {
        for phase in Phase::ALL {
            let (rect, _) = ui.allocate_exact_size(vec2(10.0, 10.0), Sense::hover());
            ui.painter().rect_filled(rect, 2, colour_of(phase, colours));
            ui.label(RichText::new(phase.name()).font(detail()).color(colours.dim));
        }
    });
}

pub(super) fn draw_presses(painter: &Painter, lane: Rect, scale: Scale, history: &History, colours: &Colours) {
    for (at, press) in history.presses().filter(|(at, _)| scale.shows(*at, Duration::ZERO)) {
        let (sign, colour) = match press {
            Waited { clicks: 1.., .. } => ("c", colours.accent),
            Waited { keys: 1.., .. } => ("k", colours.text),
            _ => ("f", colours.green),
        };
        painter.text(pos2(scale.x(at), lane.center().y), Align2::CENTER_CENTER, sign, detail(), colour);
    }
}

/// A job on the timeline: its name, and where it lies.
pub(super) struct JobBar {
    title: String,
    left: f32,
    right: f32,
    colour: fn(&Colours) -> Color32,
}

/// The jobs that ran in the stretch that is shown, the last first; without a place they say how many lanes there are.
pub(super) fn jobs_shown(sight: &Sight<'_>, scale: Scale) -> Vec<JobBar> {
    let mut jobs = Vec::new();
    for job in sight.engine.jobs() {
        let Some(began) = job.began() else { continue };
        let length = job.elapsed();
        if !scale.shows(began, length) {
            continue;
        }
        jobs.push((began, length, job.title().to_owned(), job.status()));
    }
    jobs.sort_by_key(|(began, ..)| std::cmp::Reverse(*began));
    jobs.truncate(MAX_JOB_LANES);
    jobs.into_iter()
        .map(|(began, length, title, status)| {
            let unit = Scale { rect: Rect::from_min_size(pos2(0.0, 0.0), vec2(1.0, 1.0)), ..scale };
            let (left, right) = unit.span(began, length);
            JobBar { title, left, right, colour: colour_of_status(status) }
        })
        .collect()
}

fn colour_of_status(status: Status) -> fn(&Colours) -> Color32 {
    match status {
        Status::Failed => |colours| colours.red,
        Status::Succeeded => |colours| colours.green,
        Status::Queued | Status::Paused | Status::Cancelled => |colours| colours.dim,
        Status::Running => |colours| colours.accent,
    }
}

pub(super) fn draw_jobs(ui: &Ui, painter: &Painter, lanes: Rect, jobs: &[JobBar], colours: &Colours) {
    for (number, job) in (0_u8..).zip(jobs) {
        let top = lanes.top() + f32::from(number) * JOB_LANE;
        let x = |share: f32| lanes.left() + share * lanes.width();
        let bar =
            Rect::from_min_max(pos2(x(job.left), top + 11.0), pos2(x(job.right).max(x(job.left) + 2.0), top + 14.0));
        painter.rect_filled(bar, 1, (job.colour)(colours));
        let room = (lanes.right() - bar.left()).max(80.0);
        let name = line_of(ui, &job.title, egui::FontId::proportional(10.0), colours.text, room);
        let left = bar.left().min(lanes.right() - name.size().x);
        painter.galley(pos2(left, top - 1.0), name, colours.text);
    }
}

pub(super) fn draw_load(painter: &Painter, lane: Rect, scale: Scale, sight: &Sight<'_>, colours: &Colours) {
    sight.meter.loads(|loads| {
        let mut before: Option<Instant> = None;
        for load in loads.iter() {
            let began = before.filter(|before| load.at.saturating_duration_since(*before) < Duration::from_secs(1));
            before = Some(load.at);
            let Some(began) = began.filter(|began| scale.shows(*began, load.at - *began)) else { continue };
            let (left, right) = scale.span(began, load.at - began);
            let top = lane.bottom() - load.busy * lane.height();
            painter.rect_filled(
                Rect::from_min_max(pos2(left, top), pos2(right.max(left + 1.0), lane.bottom())),
                0,
                colours.accent_ground,
            );
            painter.hline(left..=right, top, Stroke::new(1.0, colours.accent));
            if load.census.taken_up_after >= Duration::from_millis(50) {
                // Nobody took up what came: something holds the workers.
                painter.hline(left..=right, lane.top() + 1.0, Stroke::new(2.0, colours.red));
            }
        }
    });
}

pub(super) fn draw_axis(painter: &Painter, lane: Rect, scale: Scale, colours: &Colours) {
    for part in 0..=4_u8 {
        let share = f32::from(part) / 4.0;
        let x = lane.left() + share * lane.width();
        let ago = scale.length.mul_f32(1.0 - share);
        let text = if part == 4 { "end".to_owned() } else { format!("−{}", units::duration(ago)) };
        let align = match part {
            0 => Align2::LEFT_TOP,
            4 => Align2::RIGHT_TOP,
            _ => Align2::CENTER_TOP,
        };
        painter.text(pos2(x, lane.top()), align, text, egui::FontId::proportional(10.0), colours.dim);
    }
}

#[cfg(test)]
mod tests {
    use egui::pos2;

    use super::*;

    #[test]
    fn what_lies_in_a_lane_of_less_than_no_width_has_none() {
        let end = Instant::now();
        let rect = Rect::from_min_max(pos2(1_348.0, 0.0), pos2(1_347.0, 10.0));
        let scale = Scale { rect, end, length: Duration::from_secs(10) };
        let (left, right) = scale.span(end, Duration::from_secs(1));
        assert_eq!(left.to_bits(), right.to_bits());
    }
}
