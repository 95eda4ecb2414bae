//! What is shown of a file that was changed under the reader: a bar over the view that says what happened, from which byte
//! on and when, and a mark at that place, in the rows and beside the scroll bar. Where it is, the document knows by itself:
//! nothing is searched for it. Lives for one frame, on the UI thread.

use egui::{Align, Label, Layout, Margin, Rect, Role, Sense, Stroke, Ui, WidgetInfo, pos2, vec2};

use super::icons;
use super::theme::{Colours, quiet_button, sign};
use crate::document::{Changed, Document, Mark};
use crate::source::{ByteOffset, SourceChange};
use crate::units;

/// The height of the bar without its margins, in points.
const HEIGHT: f32 = 32.0;
/// How wide the strip is beside what was read after a change, in points.
const STRIP: f32 = 2.0;
/// The height of the mark beside a scroll bar, and of what can be pressed around it, in points.
const TICK: f32 = 2.0;
const TICK_REACH: f32 = 8.0;
/// How wide the mark beside a scroll bar is, in points.
const TICK_WIDTH: f32 = 6.0;

/// Says what happened to the file since it was opened, if there is something to say; true when the person wants to read it
/// again.
pub(super) fn bar(ui: &mut Ui, document: &Document) -> bool {
    let Some(changed) = document.change() else { return false };
    let (_, complete) = document.line_count();
    // Its name goes when all of it is there, or no more comes, which is said where that lacks.
    if document.arriving().is_some() && matches!(changed.change, SourceChange::Moved | SourceChange::Deleted) {
        return false;
    }
    // What is appended while it is still read to its end is taken in after that.
    if matches!(changed.change, SourceChange::Grew(_)) && !complete && !document.index_stopped() {
        return false;
    }
    let colours = Colours::of(ui);
    let text = words(changed);
    let mut reload = false;
    egui::Frame::NONE.fill(colours.raised).inner_margin(Margin::symmetric(12, 2)).show(ui, |ui| {
        ui.horizontal(|ui| {
            ui.set_min_height(HEIGHT);
            sign(ui, icons::WARNING, 15.0, colours.amber);
            ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
                let there = !matches!(changed.change, SourceChange::Deleted | SourceChange::Moved);
                reload = there && quiet_button(ui, icons::RETRY, "Reload", "").clicked();
                ui.with_layout(Layout::left_to_right(Align::Center), |ui| ui.add(Label::new(text).truncate()));
            });
        });
    });
    reload
}

/// What happened, from which byte on, and when.
fn words(Changed { change, after, time, .. }: Changed) -> String {
    match (change, after) {
        (SourceChange::Grew(len), _) => format!("Grown to {}, at {time}", units::bytes(len)),
        (SourceChange::CutShort(len), Some(after)) if after.0 < len => {
            format!("Begun anew {}, at {time}: it has {} now", after_byte(after), units::bytes(len))
        }
        (SourceChange::CutShort(len), _) => {
            format!("Cut short to {}, at {time}: what lay behind that is gone", units::bytes(len))
        }
        (SourceChange::Rewritten, Some(after)) => {
            format!(
                "Changed {}, at {time}: what is shown from there on is new, and its lines are not counted",
                after_byte(after)
            )
        }
        (SourceChange::Rewritten | SourceChange::Touched, _) => {
            format!("Written to, at {time}: what is shown may be old or new")
        }
        (SourceChange::Replaced, _) => {
            format!("Another file bears this name since {time}: what is shown is the old one")
        }
        (SourceChange::Unreadable, _) => {
            format!("Some of it could not be read, at {time}: the disk, the network or the server may be failing")
        }
        (SourceChange::Moved, _) => {
            format!("Moved or renamed, at {time}: what is shown is there until this tab is closed")
        }
        (SourceChange::Deleted, _) => format!("Deleted, at {time}: what is shown is there until this tab is closed"),
    }
}

fn after_byte(after: ByteOffset) -> String {
    if after.0 == 0 { "from its first byte on".into() } else { format!("after byte {}", units::number(after.0)) }
}

/// What is told of a mark to who comes near it.
fn told(mark: Mark) -> String {
    format!("Changed {}, at {}", after_byte(mark.at), mark.time)
}

/// Marks where a file of `len_bytes` was changed beside the upright scroll bar in `bar`; true when the person wants to go
/// there.
#[expect(clippy::cast_precision_loss, clippy::cast_possible_truncation, reason = "a place on a screen")]
pub(super) fn tick(ui: &Ui, bar: Rect, mark: Option<Mark>, len_bytes: u64) -> bool {
    let Some(mark) = mark.filter(|mark| mark.at.0 > 0 && mark.at.0 <= len_bytes) else { return false };
    let share = (mark.at.0 as f64 / len_bytes.max(1) as f64) as f32;
    let top = bar.top() + (bar.height() - TICK).max(0.0) * share;
    let tick = Rect::from_min_size(pos2(bar.right() - TICK_WIDTH, top), vec2(TICK_WIDTH, TICK));
    ui.painter().rect_filled(tick, 0, Colours::of(ui).amber);
    let reach = Rect::from_center_size(tick.center(), vec2(TICK_WIDTH, TICK_REACH));
    let response = ui.interact(reach, ui.scope_id().with("where it was changed"), Sense::CLICK);
    let label = told(mark);
    response.widget_info(|| WidgetInfo::labeled(Role::Button, true, label.clone()));
    response.on_hover_text(label.clone()).clicked()
}

/// Marks the row in `rect`, whose bytes begin at `start` and end before `end`: a line over the one in which the change
/// begins and, until the file is read again, a strip beside those that were read since.
pub(super) fn row(ui: &Ui, rect: Rect, (start, end): (ByteOffset, ByteOffset), mark: Mark) {
    let colour = Colours::of(ui).amber;
    if !rect.is_positive() {
        return;
    }
    if mark.at.0 > 0 && start <= mark.at && mark.at < end {
        ui.painter().hline(rect.x_range(), rect.top() + 0.5, Stroke::new(1.0, colour));
    }
    if !mark.read_again && end > mark.at {
        let strip = Rect::from_min_size(rect.min, vec2(STRIP, rect.height()));
        ui.painter().rect_filled(strip, 0, colour);
    }
}

#[cfg(test)]
mod tests {
    use std::time::SystemTime;

    use super::*;
    use crate::document::TimeOfDay;

    #[test]
    fn a_change_is_told_with_its_place_and_its_time() {
        let noticed = SystemTime::UNIX_EPOCH;
        let told = |change, after: Option<u64>| {
            words(Changed { change, after: after.map(ByteOffset), noticed, time: TimeOfDay::default() })
        };
        let changed = told(SourceChange::Rewritten, Some(1_048_576));
        assert!(changed.starts_with("Changed after byte 1,048,576, at 00:00:00: "), "{changed}");
        let cut = told(SourceChange::CutShort(500), Some(500));
        assert_eq!(cut, "Cut short to 500 B, at 00:00:00: what lay behind that is gone");
        let anew = told(SourceChange::CutShort(500), Some(0));
        assert_eq!(anew, "Begun anew from its first byte on, at 00:00:00: it has 500 B now");
        let touched = told(SourceChange::Rewritten, None);
        assert_eq!(touched, "Written to, at 00:00:00: what is shown may be old or new");
    }
}
