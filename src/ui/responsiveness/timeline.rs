//! The UI thread, what was pressed, the jobs and the workers on one clock, to be zoomed and moved, and the story of each
//! freeze. In a window at rest it rests too.

use std::fmt::Write as _;
use std::time::{Duration, Instant};

use egui::{Align2, Key, Rect, Response, RichText, Role, Sense, Stroke, Ui, WidgetInfo, pos2, vec2};

use super::explain;
use super::lanes::{JOB_LANE, Scale, draw_axis, draw_jobs, draw_load, draw_presses, draw_spells, jobs_shown, legend};
use crate::responsiveness::{Band, Freeze, History, Phase, Span, Spell, Waited};
use crate::ui::shell::Sight;
use crate::ui::theme::{Colours, detail, medium, show_focus};
use crate::units;

const NAMES: f32 = 76.0;
const UI_LANE: f32 = 84.0;
const INPUT_LANE: f32 = 20.0;
const WORKERS_LANE: f32 = 36.0;
const AXIS: f32 = 18.0;
const LONGEST: Duration = Duration::from_mins(1);
const SHORTEST: Duration = Duration::from_millis(50);
/// Freezes that are listed.
const LISTED: usize = 8;

/// Which stretch of time is looked at.
pub(super) struct Timeline {
    length: Duration,
    /// The right edge; `None` follows the time.
    end: Option<Instant>,
    /// The freeze whose story is told, by its beginning.
    told: Option<Instant>,
}

impl Default for Timeline {
    fn default() -> Self {
        Self { length: Duration::from_secs(10), end: None, told: None }
    }
}

impl Timeline {
    pub(super) fn ui(&mut self, ui: &mut Ui, sight: &Sight<'_>) {
        explain(
            ui,
            "Each bar is a callback of the event loop, as high as it was long; bars that are wide enough show their phases. \
             Turn the wheel to zoom, drag to move; with the keyboard: + − and the arrows.",
        );
        ui.add_space(4.0);
        self.tools(ui, sight);
        let jobs = jobs_shown(sight, self.scale(Rect::ZERO, sight.now));
        #[expect(clippy::cast_precision_loss, reason = "a few lanes")]
        let lanes = jobs.len().max(1) as f32 * JOB_LANE;
        let height = UI_LANE + INPUT_LANE + lanes + WORKERS_LANE + AXIS + 12.0;
        let (rect, response) = ui.allocate_exact_size(vec2(ui.available_width(), height), Sense::click_and_drag());
        response.widget_info(|| WidgetInfo::labeled(Role::Image, true, "Timeline of the UI thread, jobs and workers"));
        let mut lane = rect;
        lane.min.x = (lane.min.x + NAMES).min(lane.max.x);
        self.steer(ui, &response, self.scale(lane, sight.now), sight.now);
        let scale = self.scale(lane, sight.now);
        let painter = ui.painter_at(rect);
        let colours = Colours::of(ui);
        let mut top = rect.top();
        let mut next = |name: &str, height: f32| {
            let lane = Rect::from_min_size(pos2(lane.left(), top), vec2(lane.width(), height));
            painter.text(pos2(rect.left(), top + 2.0), Align2::LEFT_TOP, name, detail(), colours.dim);
            painter.hline(rect.x_range(), lane.bottom() + 1.5, Stroke::new(1.0, colours.line));
            top += height + 4.0;
            lane
        };
        let (ui_lane, input, job_lanes, load) =
            (next("UI thread", UI_LANE), next("Input", INPUT_LANE), next("Jobs", lanes), next("Workers", WORKERS_LANE));
        let hit = sight.meter.read(|history| {
            draw_spells(&painter, ui_lane, scale, history, &colours);
            draw_presses(&painter, input, scale, history, &colours);
            hit(&response, scale, history)
        });
        draw_jobs(ui, &painter, job_lanes, &jobs, &colours);
        draw_load(&painter, load, scale, sight, &colours);
        draw_axis(&painter, Rect::from_min_max(pos2(lane.left(), top), rect.max), scale, &colours);
        show_focus(ui, &response);
        if let Some((spell, freeze)) = hit {
            if response.clicked() {
                self.told = freeze.as_ref().map(|freeze| freeze.began);
            }
            response.on_hover_text(words_of(&spell));
        }
        legend(ui, &colours);
        self.stories(ui, sight);
    }

    fn scale(&self, rect: Rect, now: Instant) -> Scale {
        Scale { rect, end: self.end.unwrap_or(now), length: self.length }
    }

    fn tools(&mut self, ui: &mut Ui, sight: &Sight<'_>) {
        ui.horizontal_wrapped(|ui| {
            let live = self.end.is_none();
            if ui.selectable_label(live, "Follow").on_hover_text("Keep the present at the right edge").clicked() {
                self.end = if live { Some(sight.now) } else { None };
            }
            if ui.button("Zoom in").clicked() {
                self.zoom(0.5);
            }
            if ui.button("Zoom out").clicked() {
                self.zoom(2.0);
            }
            let dim = Colours::of(ui).dim;
            ui.label(RichText::new(format!("{} shown", units::duration(self.length))).color(dim));
        });
    }

    fn zoom(&mut self, factor: f32) {
        self.length = self.length.mul_f32(factor).clamp(SHORTEST, LONGEST);
    }

    /// Wheel, drag and keys.
    fn steer(&mut self, ui: &Ui, response: &Response, scale: Scale, now: Instant) {
        if response.clicked() || response.drag_started() {
            response.request_focus();
        }
        let mut moved = -response.drag_delta().x;
        if response.has_focus() {
            ui.input(|input| {
                let pressed = |key| i8::from(input.key_pressed(key));
                moved += f32::from(pressed(Key::ArrowRight) - pressed(Key::ArrowLeft)) * scale.rect.width() / 8.0;
                if input.key_pressed(Key::Plus) || input.key_pressed(Key::Equals) {
                    self.zoom(0.5);
                }
                if input.key_pressed(Key::Minus) {
                    self.zoom(2.0);
                }
            });
            ui.memory_mut(|memory| {
                let filter = egui::EventFilter { horizontal_arrows: true, ..egui::EventFilter::default() };
                memory.set_focus_lock_filter(response.id, filter);
            });
        }
        if moved != 0.0 {
            let by = scale.time(moved);
            let end = if moved > 0.0 { scale.end + by } else { scale.end.checked_sub(by).unwrap_or(scale.end) };
            self.end = (end < now).then_some(end);
        }
        if let Some(pointer) = response.hover_pos() {
            // The wheel is the timeline's while the pointer is over it.
            let wheel = ui.input_mut(|input| std::mem::take(&mut input.smooth_scroll_delta.y));
            if wheel != 0.0 {
                // What is under the pointer stays there.
                let right = scale.time(scale.rect.right() - pointer.x);
                let before = self.length;
                self.zoom((-wheel / 200.0).exp2());
                let right_after = right.mul_f64(self.length.as_secs_f64() / before.as_secs_f64());
                let under = scale.end.checked_sub(right).unwrap_or(scale.end);
                let end = under + right_after;
                self.end = (end < now && self.end.is_some() || end + before / 50 < now).then_some(end);
            }
        }
    }

    /// The last freezes, each with its story on a click.
    fn stories(&mut self, ui: &mut Ui, sight: &Sight<'_>) {
        let colours = Colours::of(ui);
        let freezes: Vec<Freeze> =
            sight.meter.read(|history| history.long_tasks().rev().take(LISTED).cloned().collect());
        ui.add_space(12.0);
        ui.label(RichText::new("Pauses of 50 ms and more, the last first").font(medium(13.0)).color(colours.dim));
        if freezes.is_empty() {
            ui.label(RichText::new("None yet. Turn the switch to Blocking and open something.").color(colours.dim));
        }
        for freeze in freezes {
            let open = self.told == Some(freeze.began);
            let ago = units::duration(sight.now.saturating_duration_since(freeze.began));
            let name = format!("{} ago: {} by {}", ago, units::duration(freeze.length), freeze.culprit());
            let text = RichText::new(name).color(colours.of_pause(freeze.length));
            if ui.add(egui::Button::selectable(open, text).truncate()).clicked() {
                self.told = if open { None } else { Some(freeze.began) };
                self.look_at(&freeze, sight.now);
            }
            if open {
                ui.indent("story", |ui| story(ui, &freeze));
            }
        }
    }

    /// Brings a freeze into the middle, with some time around it.
    fn look_at(&mut self, freeze: &Freeze, now: Instant) {
        self.length = (freeze.length * 3).clamp(Duration::from_millis(500), LONGEST);
        let end = freeze.began + freeze.length * 2;
        self.end = (end < now).then_some(end);
    }
}

/// Everything that is known of a freeze.
fn story(ui: &mut Ui, freeze: &Freeze) {
    let colours = Colours::of(ui);
    let band = Band::of(freeze.length)
        .map_or_else(String::new, |band| format!("{} ({}). ", units::capital(band.name), band.source));
    let missed = units::count(u64::try_from(freeze.missed_frames()).unwrap_or(u64::MAX), "frame");
    ui.label(format!("{band}{missed} missed; {} waited.", waited(freeze.waited)));
    let phases: Vec<_> = Phase::ALL
        .into_iter()
        .filter(|phase| !freeze.phases.of(*phase).is_zero())
        .map(|phase| format!("{} {}", phase.name(), units::duration(freeze.phases.of(phase))))
        .collect();
    ui.label(RichText::new(phases.join(" · ")).color(colours.dim));
    let counted = units::duration(freeze.counted);
    ui.label(RichText::new(format!("The watchdog had counted {counted} when it looked last.")).color(colours.dim));
    if freeze.hidden {
        ui.label(RichText::new("The window could not be seen meanwhile, so nobody felt it.").color(colours.dim));
    }
}

fn waited(waited: Waited) -> String {
    let parts: Vec<_> = [(waited.clicks, "click"), (waited.keys, "key"), (waited.files, "file")]
        .into_iter()
        .filter(|(count, _)| *count > 0)
        .map(|(count, what)| units::count(u64::from(count), what))
        .collect();
    if parts.is_empty() { "nothing".into() } else { parts.join(", ") }
}

/// What a callback was, in a few words.
fn words_of(spell: &Spell) -> String {
    let what = match spell.span {
        Span::Frame => "A frame",
        Span::Event(event) => event,
    };
    let mut words = format!("{what}: {:.1} ms", spell.length().as_secs_f64() * 1e3);
    for phase in Phase::ALL {
        let ms = spell.phases.of(phase).as_secs_f64() * 1e3;
        if ms >= 0.05 {
            let _ = write!(words, "\n{} {ms:.1} ms", phase.name());
        }
    }
    words
}

/// The callback under the pointer, with its freeze if it is one.
fn hit(response: &Response, scale: Scale, history: &History) -> Option<(Spell, Option<Freeze>)> {
    let at = response.hover_pos().filter(|at| scale.rect.x_range().contains(at.x))?;
    let time = scale.end.checked_sub(scale.time(scale.rect.right() - at.x))?;
    let near = scale.time(2.0);
    let over = |spell: &Spell| spell.began <= time + near && spell.began + spell.length() + near >= time;
    let spell = history.shown().filter(over).max_by_key(Spell::length)?;
    let freeze = history.long_tasks().find(|freeze| freeze.began == spell.began).cloned();
    Some((spell, freeze))
}
