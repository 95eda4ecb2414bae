//! A scroll bar over a range of any length: it knows a position and a share, from 0 to 1, not points.

use egui::{CornerRadius, PointerButton, Pos2, Rect, Response, Role, Sense, Ui, WidgetInfo, pos2, vec2};

use super::theme::{Colours, show_focus};

/// The width of a bar, in points.
pub(super) const WIDTH: f32 = 12.0;
const MIN_THUMB: f32 = 24.0;
/// A pull of less than this, in points, is none.
const STILL: f64 = 0.5;

/// Which way a bar runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Axis {
    Horizontal,
    Vertical,
}

/// Draws a bar in `rect`; `position` is where the visible part begins within what can be scrolled, `share` how much of
/// the whole is visible. Gives the position that the person drags or clicks it to: a thumb is held where it was taken,
/// and beside the thumb its middle comes to the pointer.
pub(super) fn bar(
    ui: &Ui,
    rect: Rect,
    axis: Axis,
    (name, position, share): (&str, f64, f64),
) -> (Response, Option<f64>) {
    let response = ui.interact(rect, ui.scope_id().with(("scroll bar", name)), Sense::CLICK | Sense::DRAG);
    let label = format!("{name}, {:.0} %", position * 100.0);
    response.widget_info(|| WidgetInfo::labeled(Role::ScrollBar, true, label.clone()));
    let (start, length) = match axis {
        Axis::Horizontal => (rect.left(), rect.width()),
        Axis::Vertical => (rect.top(), rect.height()),
    };
    #[expect(clippy::cast_possible_truncation, reason = "points on a screen")]
    let thumb = ((f64::from(length) * share) as f32).clamp(MIN_THUMB.min(length), length);
    let travel = f64::from(length - thumb);
    #[expect(clippy::cast_possible_truncation, reason = "points on a screen")]
    let thumb_at = |position: f64| start + (travel * position) as f32;
    let wanted = pulled_to(&response).filter(|_| travel > 0.0).and_then(|at| {
        let along = if axis == Axis::Horizontal { at.x } else { at.y };
        let hold = hold(ui, &response, along - thumb_at(position), thumb);
        let wanted = (f64::from(along - start - hold) / travel).clamp(0.0, 1.0);
        // A thumb that is taken and not moved stays: its position may say more than a pixel can.
        ((wanted - position).abs() * travel >= STILL).then_some(wanted)
    });
    if ui.is_rect_visible(rect) && share < 1.0 {
        let at = thumb_at(wanted.unwrap_or(position));
        let thumb = match axis {
            Axis::Horizontal => Rect::from_min_size(pos2(at, rect.top() + 3.0), vec2(thumb, rect.height() - 6.0)),
            Axis::Vertical => Rect::from_min_size(pos2(rect.left() + 3.0, at), vec2(rect.width() - 6.0, thumb)),
        };
        let colours = Colours::of(ui);
        let strong = response.hovered() || response.is_pointer_button_down_on();
        ui.painter().rect_filled(thumb, CornerRadius::same(3), if strong { colours.dim } else { colours.faint });
    }
    show_focus(ui, &response);
    (response, wanted)
}

/// Where the pointer has the bar; a click of which press and release come in one frame counts too.
fn pulled_to(response: &Response) -> Option<Pos2> {
    let pulled = response.is_pointer_button_down_on()
        || response.dragged()
        || response.drag_stopped()
        || response.clicked_by(PointerButton::Primary);
    response.interact_pointer_pos().filter(|_| pulled)
}

/// How far into the thumb the pointer holds it, decided by the press, which was `into` its beginning.
fn hold(ui: &Ui, response: &Response, into: f32, thumb: f32) -> f32 {
    let id = response.id.with("hold");
    if ui.input(|input| input.pointer.any_pressed()) {
        let hold = if (0.0..=thumb).contains(&into) { into } else { thumb / 2.0 };
        ui.data_mut(|data| data.insert_temp(id, hold));
        return hold;
    }
    ui.data(|data| data.get_temp(id)).unwrap_or(thumb / 2.0)
}
