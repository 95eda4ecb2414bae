//! A scroll bar over a range of any length: it knows a position and a share, from 0 to 1, not points.

use egui::{CornerRadius, Rect, Response, Role, Sense, Ui, WidgetInfo, pos2, vec2};

use super::theme::{Colours, show_focus};

/// The width of a bar, in points.
pub(super) const WIDTH: f32 = 12.0;
const MIN_THUMB: f32 = 24.0;

/// Which way a bar runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Axis {
    Horizontal,
    Vertical,
}

/// Draws a bar in `rect`; `position` is where the visible part begins within what can be scrolled, `share` how much of
/// the whole is visible. Gives the position that the person drags it to.
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
    let dragged =
        response.interact_pointer_pos().filter(|_| response.dragged() || response.is_pointer_button_down_on());
    let wanted = dragged.filter(|_| travel > 0.0).map(|at| {
        let along = if axis == Axis::Horizontal { at.x } else { at.y };
        (f64::from(along - start - thumb / 2.0) / travel).clamp(0.0, 1.0)
    });
    if ui.is_rect_visible(rect) && share < 1.0 {
        #[expect(clippy::cast_possible_truncation, reason = "points on a screen")]
        let at = start + (travel * wanted.unwrap_or(position)) as f32;
        let thumb = match axis {
            Axis::Horizontal => Rect::from_min_size(pos2(at, rect.top() + 3.0), vec2(thumb, rect.height() - 6.0)),
            Axis::Vertical => Rect::from_min_size(pos2(rect.left() + 3.0, at), vec2(rect.width() - 6.0, thumb)),
        };
        let colours = Colours::of(ui);
        let strong = response.hovered() || wanted.is_some();
        ui.painter().rect_filled(thumb, CornerRadius::same(3), if strong { colours.dim } else { colours.faint });
    }
    show_focus(ui, &response);
    (response, wanted)
}
