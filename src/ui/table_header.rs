//! The header of a table view: the names of the columns in sight, each a button with what can be done with the column, and
//! between them what makes them wider. What is to be done is told; the view does it.

use egui::{
    CursorIcon, Painter, Popup, Rect, Response, Role, Sense, SetOpenCommand, Stroke, Ui, WidgetInfo, pos2, vec2,
};

use super::icons;
use super::table_arranging::{Sorted, TableArranging};
use super::table_columns::{ColumnInSight, TableColumns};
use super::table_rows::{PADDING, TableLayout, TableMetrics};
use super::theme::{Colours, line_of, medium, show_focus};
use crate::units;

/// How wide what makes a column wider is, in points.
const HANDLE: f32 = 8.0;

/// What the person wants of a column.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum HeaderWish {
    /// So many points wider.
    Widen(u64, f32),
    /// As wide as what it has in sight.
    Fit(u64),
    Hide(u64),
    ShowAll,
    /// So many columns are to stay in sight.
    Freeze(u64),
    /// To be shown at a place, told as if the column was taken out before.
    Move(u64, u64),
    /// Rows are to be sorted by it, the smallest first or the largest,
    Sort {
        column: u64,
        descending: bool,
    },
    /// or in turns, beside what they are sorted by already or by it alone.
    TurnSort {
        column: u64,
        too: bool,
    },
    /// Rows are to be filtered.
    Filter,
}

/// The header's own state.
#[derive(Debug, Default)]
pub(super) struct Header {
    /// The column that is dragged to another place.
    dragged: Option<u64>,
}

impl Header {
    /// Draws the header, and gives what the person wants of a column.
    pub(super) fn ui(
        &mut self,
        ui: &Ui,
        layout: &TableLayout,
        metrics: &TableMetrics,
        sight: &[ColumnInSight],
        columns: &TableColumns,
        arranged: &TableArranging,
    ) -> Vec<HeaderWish> {
        let colours = Colours::of(ui);
        let painter = ui.painter().with_clip_rect(metrics.header);
        painter.rect_filled(metrics.header, 0, colours.panel);
        painter.hline(metrics.header.x_range(), metrics.header.bottom(), Stroke::new(1.0, colours.line));
        let (mut wishes, mut edges) = (Vec::new(), Vec::new());
        for (place, column) in sight.iter().enumerate() {
            let within = metrics.in_sight(column, sight, metrics.header);
            let rect = metrics.cell(column, metrics.header);
            if !rect.intersects(within) {
                continue;
            }
            let name = layout.name_of(place, column.column);
            let painter = ui.painter().with_clip_rect(within);
            let sorted = arranged.sorted(column.column);
            let right = rect.right() - PADDING - sorted.map_or(0.0, |sorted| arrow(ui, &painter, rect, sorted));
            let galley = line_of(ui, &name, medium(13.0), colours.text, right - rect.left() - PADDING);
            let numeric = columns.is_numeric(column.column);
            let left = if numeric { right - galley.size().x } else { rect.left() + PADDING };
            painter.galley(pos2(left.round(), rect.center().y - galley.size().y / 2.0), galley, colours.text);
            painter.vline(rect.right(), rect.y_range(), Stroke::new(1.0, colours.line));
            let response = name_button(ui, rect.intersect(within), column.column, &name, sorted);
            let too = ui.input(|input| input.modifiers.shift);
            wishes.extend(response.clicked().then_some(HeaderWish::TurnSort { column: column.column, too }));
            wishes.extend(menu(&response, column, columns));
            wishes.extend(self.drag(ui, &response, metrics, sight, column));
            let edge = Rect::from_center_size(pos2(rect.right(), rect.center().y), vec2(HANDLE, rect.height()));
            edges.push((edge.intersect(within), column.column, name));
        }
        // Before the names, which they reach into.
        wishes.extend(edges.into_iter().filter_map(|(edge, column, name)| widen(ui, edge, column, &name)));
        wishes
    }

    /// Takes a column along with the pointer; where it is let go, it is put.
    fn drag(
        &mut self,
        ui: &Ui,
        response: &Response,
        metrics: &TableMetrics,
        sight: &[ColumnInSight],
        column: &ColumnInSight,
    ) -> Option<HeaderWish> {
        if response.drag_started() {
            self.dragged = Some(column.column);
        }
        let at = response.interact_pointer_pos().filter(|_| self.dragged == Some(column.column))?;
        let along = at.x - metrics.cells_left();
        let before = sight.iter().find(|other| along < other.left + other.width / 2.0);
        let edge = before.map(|other| other.left).or(sight.last().map(|last| last.left + last.width))?;
        let place = before.map(|other| other.place).or(sight.last().map(|last| last.place + 1))?;
        if response.dragged() {
            let colours = Colours::of(ui);
            let across = metrics.header.top()..=metrics.body.bottom();
            ui.painter().vline(metrics.cells_left() + edge, across, Stroke::new(2.0, colours.accent));
            ui.ctx().set_cursor_icon(CursorIcon::Grabbing);
        }
        if !response.drag_stopped() {
            return None;
        }
        self.dragged = None;
        // What is taken out before leaves one place less.
        let place = if place > column.place { place - 1 } else { place };
        (place != column.place).then_some(HeaderWish::Move(column.column, place))
    }
}

/// Shows at the right of a name how its column is sorted, and gives how much room that takes, in points.
fn arrow(ui: &Ui, painter: &Painter, rect: Rect, sorted: Sorted) -> f32 {
    let icon = if sorted.descending { icons::CARET_DOWN } else { icons::CARET_UP };
    let words = if sorted.of > 1 { format!("{icon}{}", sorted.rank + 1) } else { icon.to_owned() };
    let colour = Colours::of(ui).accent;
    let galley = line_of(ui, &words, medium(11.5), colour, f32::INFINITY);
    let size = galley.size();
    let at = pos2((rect.right() - PADDING - size.x).round(), rect.center().y - size.y / 2.0);
    painter.galley(at, galley, colour);
    size.x + 4.0
}

fn name_button(ui: &Ui, rect: Rect, column: u64, name: &str, sorted: Option<Sorted>) -> Response {
    let response = ui.interact(rect, ui.scope_id().with(("column", column)), Sense::click_and_drag());
    let said =
        sorted.map(|sorted| if sorted.descending { "Sorted, the largest first" } else { "Sorted, the smallest first" });
    response.widget_info(|| WidgetInfo {
        current_text_value: said.map(str::to_owned),
        ..WidgetInfo::labeled(Role::ColumnHeader, true, name)
    });
    if response.hovered() {
        ui.painter().rect_filled(rect, 0, Colours::of(ui).text.gamma_multiply(0.06));
    }
    show_focus(ui, &response);
    let number = units::number(column.saturating_add(1));
    let hint = format!("{name}\nColumn {number}\nClick to sort, with Shift beside others; right-click for more");
    response.on_hover_text(hint)
}

/// What makes a column wider or narrower by being dragged, and as wide as its cells by a double click.
fn widen(ui: &Ui, rect: Rect, column: u64, name: &str) -> Option<HeaderWish> {
    if !rect.is_positive() {
        return None;
    }
    let response = ui.interact(rect, ui.scope_id().with(("column edge", column)), Sense::CLICK | Sense::DRAG);
    response.widget_info(|| WidgetInfo::labeled(Role::Splitter, true, format!("Width of {name}")));
    if response.hovered() || response.dragged() {
        ui.ctx().set_cursor_icon(CursorIcon::ResizeHorizontal);
        let edge = Rect::from_center_size(rect.center(), vec2(2.0, rect.height()));
        ui.painter().rect_filled(edge, 0, Colours::of(ui).accent);
    }
    if response.double_clicked() {
        return Some(HeaderWish::Fit(column));
    }
    response.dragged().then(|| HeaderWish::Widen(column, response.drag_delta().x))
}

/// What can be done with a column, where its name was clicked by the other button.
fn menu(response: &Response, column: &ColumnInSight, columns: &TableColumns) -> Option<HeaderWish> {
    let popup = Popup::menu(response).open_memory(response.secondary_clicked().then_some(SetOpenCommand::Toggle));
    let mut wish = None;
    popup.show(|ui| {
        ui.set_min_width(220.0);
        ui.spacing_mut().item_spacing.y = 2.0;
        let number = column.column;
        let last = columns.order.shown().saturating_sub(1);
        let mut item = |text: &str, key: &str, enabled: bool, wanted: HeaderWish| {
            let button = egui::Button::new(text).shortcut_text(key).min_size(vec2(0.0, 26.0));
            let response = ui.add_enabled(enabled, button);
            response.widget_info(|| WidgetInfo::labeled(Role::MenuItem, enabled, text));
            if response.clicked() {
                wish = Some(wanted);
            }
        };
        item("Sort, the smallest first", "Alt+S", true, HeaderWish::Sort { column: number, descending: false });
        item("Sort, the largest first", "", true, HeaderWish::Sort { column: number, descending: true });
        item("Filter rows…", "Alt+L", true, HeaderWish::Filter);
        item("Fit to what is in sight", "Alt+F", true, HeaderWish::Fit(number));
        let left = column.place.saturating_sub(1);
        item("Move to the left", "Alt+←", column.place > 0, HeaderWish::Move(number, left));
        item("Move to the right", "Alt+→", column.place < last, HeaderWish::Move(number, column.place + 1));
        if columns.frozen() == column.place + 1 {
            item("Let all columns scroll", "Alt+Z", true, HeaderWish::Freeze(0));
        } else {
            item("Keep in sight up to here", "Alt+Z", true, HeaderWish::Freeze(column.place + 1));
        }
        item("Hide", "Alt+H", last > 0, HeaderWish::Hide(number));
        let hidden = columns.order.hidden();
        if hidden > 0 {
            let show = format!("Show {}", units::count(hidden, "hidden column"));
            item(&show, "Shift+Alt+H", true, HeaderWish::ShowAll);
        }
    });
    wish
}
