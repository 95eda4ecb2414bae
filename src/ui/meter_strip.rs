//! The strip at the bottom: whether the window answers, how its last ten seconds were, and what a freeze has cost.

use std::f32::consts::TAU;
use std::fmt::Write as _;
use std::time::{Duration, Instant};

use egui::{Align2, FontId, Rect, Role, Sense, Stroke, Ui, Vec2, WidgetInfo, pos2, vec2};

use super::theme::{Colours, detail, line_of, medium, show_focus};
use crate::command::{Command, Page, Panel};
use crate::responsiveness::{BANDS, Freeze, History, Meter};
use crate::units;

/// The milliseconds at the top of the chart; what is longer touches it.
const TOP_MS: f32 = 250.0;
const SECONDS_SHOWN: f32 = 10.0;
const BAR_WIDTH: f32 = 4.0;

/// What the strip is told each frame.
pub(super) struct Strip<'a> {
    pub(super) meter: &'a Meter,
    /// The job that is about to take the UI thread.
    pub(super) about_to_block: Option<&'a str>,
    /// How many mistakes are made on purpose.
    pub(super) mistakes: usize,
    /// Whether anything runs, so that the pulse turns.
    pub(super) working: bool,
    pub(super) now: Instant,
}

impl Strip<'_> {
    /// Draws it; gives the page that it opens into, if that was asked for.
    pub(super) fn ui(&self, ui: &mut Ui) -> Option<Command> {
        let colours = Colours::of(ui);
        let rect = ui.max_rect();
        ui.painter().hline(rect.x_range(), rect.top(), Stroke::new(1.0, colours.line));
        self.pulse(ui, pos2(rect.left() + 26.0, rect.center().y));
        let words = self.meter.read(|history| self.words(history));
        let mut left = rect.left() + 40.0;
        let warns = self.about_to_block.is_some() || self.mistakes > 0;
        let state_colour = if warns { colours.amber } else { colours.text };
        for (text, font, colour) in [
            (&words.state, medium(13.0), state_colour),
            (&words.rate, detail(), colours.dim),
            (&words.pause, detail(), colours.dim),
        ] {
            let galley = line_of(ui, text, font, colour, rect.right() - left - 12.0);
            let at = pos2(left, rect.center().y - galley.size().y / 2.0);
            left += galley.size().x + if text.is_empty() { 0.0 } else { 16.0 };
            ui.painter().galley(at, galley, colour);
        }
        let colour = if words.alarm { colours.red } else { colours.dim };
        let story = line_of(ui, &words.story, detail(), colour, (rect.right() - left - 16.0).max(0.0));
        let story_left = rect.right() - 16.0 - story.size().x;
        ui.painter().galley(pos2(story_left, rect.center().y - story.size().y / 2.0), story, colour);
        // The columns of words keep their places while their numbers change.
        let chart_left = left.max(rect.left() + 300.0);
        let chart = Rect::from_x_y_ranges(chart_left..=story_left - 52.0, rect.top() + 8.0..=rect.bottom() - 6.0);
        if chart.width() > 80.0 {
            self.meter.read(|history| chart_of(ui, chart, history, self.now));
        }
        let response = ui.interact(rect, ui.scope_id().with("meter"), Sense::click());
        let parts = [&words.state, &words.rate, &words.pause, &words.story].map(String::as_str);
        let label = parts.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(", ");
        response.widget_info(|| WidgetInfo::labeled(Role::Button, true, label.clone()));
        show_focus(ui, &response);
        let page = Command::Show(if self.mistakes > 0 { Panel::WhatIf } else { Panel::Page(Page::Responsiveness) });
        response.on_hover_text(words.explanation).clicked().then_some(page)
    }

    /// Turns once in four seconds while anything runs.
    fn pulse(&self, ui: &Ui, at: egui::Pos2) {
        let colours = Colours::of(ui);
        #[expect(clippy::cast_possible_truncation, reason = "an angle")]
        let angle = if self.working { (ui.input(|input| input.time) * 0.25).fract() as f32 * TAU } else { 0.0 };
        let stroke = Stroke::new(1.3, colours.accent);
        // Drawn, not written: glyphs are only sharp where they stand upright.
        for sixth in [0.0, 1.0, 2.0, 3.0, 4.0, 5.0] {
            let arm = Vec2::angled(angle + TAU * sixth / 6.0);
            let fork = at + 4.0 * arm;
            ui.painter().line_segment([at, at + 8.0 * arm], stroke);
            for side in [-1.0, 1.0] {
                ui.painter().line_segment([fork, fork + 3.0 * Vec2::angled(arm.angle() + side * TAU / 8.0)], stroke);
            }
        }
        let response =
            ui.interact(Rect::from_center_size(at, vec2(18.0, 18.0)), ui.scope_id().with("pulse"), Sense::hover());
        let name = if self.working { "Pulse, turning" } else { "Pulse, at rest" };
        response.widget_info(|| WidgetInfo::labeled(Role::Image, true, name));
    }

    fn words(&self, history: &History) -> Words {
        // What is painted now stands there during the freeze: it is of that one alone.
        let calm = self.about_to_block.is_none();
        let last = history.last_freeze().filter(|_| calm);
        let story = match last {
            Some(freeze) => story_of(freeze, self.now),
            None if calm => "no freeze".to_owned(),
            None => String::new(),
        };
        let sentence = if story.ends_with('.') { story.clone() } else { format!("There was {story}.") };
        let recent =
            last.is_some_and(|freeze| self.now.saturating_duration_since(freeze.began + freeze.length) < RECENT);
        Words {
            state: match self.about_to_block {
                Some(title) => format!("The UI thread is about to be taken by {title}"),
                None if self.mistakes > 0 => format!("{} turned on", units::count(self.mistakes as u64, "mistake")),
                None => "Answering".into(),
            },
            rate: if !calm {
                String::new()
            } else if self.working {
                format!("{} fps", history.frames_per_second(self.now))
            } else {
                "at rest".into()
            },
            pause: if calm {
                format!("longest pause {}", units::duration(history.longest_pause(self.now)))
            } else {
                String::new()
            },
            story,
            alarm: recent,
            // At the right of the strip the sentence may have been cut.
            explanation: format!(
                "{sentence}\n\nA frame costs {} here. The bars are the frames of the last ten seconds, as high as the UI thread was busy with them. \
                          The lines are 16.7 ms (one frame at 60 Hz), 50, 100, 200 and 250 ms, from which on a person feels a freeze.",
                units::duration(history.frame_cost())
            ),
        }
    }
}

/// How long the last freeze is told in full.
const RECENT: Duration = Duration::from_mins(1);

struct Words {
    state: String,
    rate: String,
    pause: String,
    story: String,
    alarm: bool,
    explanation: String,
}

/// `The window stood still for 4.2 s: 252 frames were missed, 7 clicks waited.`
fn story_of(freeze: &Freeze, now: Instant) -> String {
    let since = now.saturating_duration_since(freeze.began + freeze.length);
    if since > RECENT {
        return format!("no freeze in {}", units::duration(since));
    }
    let missed = freeze.missed_frames();
    let mut text = format!(
        "The window stood still for {}: {} {} missed",
        units::duration(freeze.length),
        units::count(u64::try_from(missed).unwrap_or(u64::MAX), "frame"),
        if missed == 1 { "was" } else { "were" },
    );
    for (count, what) in [(freeze.waited.clicks, "click"), (freeze.waited.keys, "key"), (freeze.waited.files, "file")] {
        if count > 0 {
            let _ = write!(text, ", {} waited", units::count(u64::from(count), what));
        }
    }
    text.push('.');
    text
}

fn chart_of(ui: &Ui, rect: Rect, history: &History, now: Instant) {
    let colours = Colours::of(ui);
    let painter = ui.painter();
    for band in BANDS.iter().filter(|band| band.from_ms <= TOP_MS) {
        let y = rect.bottom() - height_of(band.from_ms, rect.height());
        painter.hline(rect.x_range(), y, Stroke::new(1.0, colours.line));
    }
    painter.text(
        pos2(rect.right() + 6.0, rect.top() + 2.0),
        Align2::LEFT_CENTER,
        "250 ms",
        FontId::proportional(10.0),
        colours.dim,
    );
    painter.text(
        pos2(rect.right() + 6.0, rect.bottom() - 5.0),
        Align2::LEFT_CENTER,
        "16.7",
        FontId::proportional(10.0),
        colours.dim,
    );
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a number of bars")]
    let count = (rect.width() / BAR_WIDTH).floor() as usize;
    let mut longest = vec![0.0_f32; count];
    let ago = |began| now.saturating_duration_since(began).as_secs_f32();
    let in_sight = |(began, length): &(Instant, Duration)| ago(*began + *length) < SECONDS_SHOWN;
    for (began, length) in history.frames().rev().take_while(in_sight) {
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            clippy::cast_precision_loss,
            reason = "a bar's place"
        )]
        let [first, last] = [began, began + length].map(|at| {
            let bar = ((1.0 - ago(at) / SECONDS_SHOWN) * count as f32) as usize;
            bar.min(count.saturating_sub(1))
        });
        for bar in longest.get_mut(first..=last).unwrap_or_default() {
            *bar = bar.max(length.as_secs_f32() * 1e3);
        }
    }
    for (number, ms) in longest.into_iter().enumerate().filter(|(_, ms)| *ms > 0.0) {
        #[expect(clippy::cast_precision_loss, reason = "a bar's place")]
        let x = rect.left() + number as f32 * BAR_WIDTH;
        let height = height_of(ms, rect.height()).max(1.0);
        let bar = Rect::from_min_max(pos2(x, rect.bottom() - height), pos2(x + BAR_WIDTH - 1.0, rect.bottom()));
        painter.rect_filled(bar, 0, colours.of_pause(Duration::from_secs_f32(ms / 1e3)));
    }
}

/// The square root spreads what is short, where the bands lie close together.
fn height_of(ms: f32, height: f32) -> f32 {
    (ms.min(TOP_MS) / TOP_MS).sqrt() * height
}
