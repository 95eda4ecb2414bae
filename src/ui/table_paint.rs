//! How the rows of a table view look: numbers and marks at the left, cells between thin lines, and what is chosen.

use std::ops::Range;

use egui::{Align2, FontId, Painter, Rect, Role, Sense, Stroke, StrokeKind, Ui, WidgetInfo, pos2, vec2};

use super::icons;
use super::table_columns::{ColumnInSight, TableColumns};
use super::table_cursor::Cursor;
use super::table_rows::{Kind, PADDING, ROW, ShownCell, TableLayout, TableMetrics, TableRow};
use super::theme::{Colours, detail, document, line_of, medium};
use crate::document::table::{RowOrder, RowSpan};
use crate::units;

/// Cells that are narrower than this between their edges show nothing.
const LEAST_TEXT: f32 = 4.0;

impl TableMetrics {
    /// Where a column is in a row, or in the header.
    pub(super) fn cell(&self, column: &ColumnInSight, row: Rect) -> Rect {
        let left = self.cells_left() + column.left;
        Rect::from_x_y_ranges(left..=left + column.width, row.y_range())
    }

    /// The part of a rectangle in which a column may be seen: frozen ones cover the others.
    pub(super) fn in_sight(&self, column: &ColumnInSight, sight: &[ColumnInSight], within: Rect) -> Rect {
        let frozen = sight.iter().filter(|other| other.frozen).map(|other| other.left + other.width);
        let covered = if column.frozen { 0.0 } else { frozen.fold(0.0, f32::max) };
        Rect::from_min_max(pos2(self.cells_left() + covered, within.top()), within.max)
    }

    fn row(&self, top: f32) -> Rect {
        Rect::from_min_size(pos2(self.body.left(), top), vec2(self.body.width(), ROW))
    }
}

impl TableLayout {
    /// Draws all rows but what can be clicked in them.
    pub(super) fn paint(
        &self,
        ui: &Ui,
        metrics: &TableMetrics,
        sight: &[ColumnInSight],
        columns: &TableColumns,
        (cursor, order): (Option<Cursor>, Option<&RowOrder>),
    ) {
        let colours = Colours::of(ui);
        let body = ui.painter().with_clip_rect(metrics.body);
        let chosen =
            cursor.map(|cursor| Chosen { cursor, rows: cursor.rows(order), places: cursor.places(&columns.order) });
        for row in &self.drawn.rows {
            let rect = metrics.row(row.top);
            let is_current = cursor.is_some_and(|cursor| cursor.head.row == row.start);
            if is_current {
                body.rect_filled(rect, 0, colours.raised);
            }
            self.paint_number(&body, metrics, row, (rect, is_current), &colours);
        }
        for (place, column) in sight.iter().enumerate() {
            let painter = ui.painter().with_clip_rect(metrics.in_sight(column, sight, metrics.body));
            let numeric = columns.is_numeric(column.column);
            for row in &self.drawn.rows {
                let rect = metrics.cell(column, metrics.row(row.top));
                if let Some(chosen) = &chosen {
                    chosen.paint(&painter, row, column, rect, &colours);
                }
                match row.cells.get(place).and_then(Option::as_ref) {
                    Some(cell) => paint_cell(ui, &painter, rect, cell, numeric, &colours),
                    None => paint_placeholder(&painter, rect, &colours),
                }
            }
            for below in 0..self.loading {
                let row = metrics.row(self.top_of(self.drawn.rows.len() + below, metrics));
                paint_placeholder(&painter, metrics.cell(column, row), &colours);
            }
            let edge = metrics.cells_left() + column.left + column.width;
            painter.vline(edge, metrics.body.y_range(), Stroke::new(1.0, colours.line));
        }
        let gutter = metrics.cells_left();
        body.vline(gutter, metrics.body.y_range(), Stroke::new(1.0, colours.line));
        let frozen = sight.iter().rfind(|column| column.frozen);
        if let Some(last) = frozen {
            // What is scrolled goes under this edge.
            body.vline(gutter + last.left + last.width, metrics.body.y_range(), Stroke::new(1.0, colours.edge));
        }
    }

    fn paint_number(
        &self,
        painter: &Painter,
        metrics: &TableMetrics,
        row: &TableRow,
        (rect, is_current): (Rect, bool),
        colours: &Colours,
    ) {
        let number = row.number.map_or_else(|| "…".to_owned(), |number| units::number(number + 1));
        let at = pos2(metrics.cells_left() - metrics.char_width, rect.center().y);
        let colour = if is_current { colours.text } else { colours.faint };
        painter.text(at, Align2::RIGHT_CENTER, number, document(), colour);
        if row.ragged(self.expected, self.has_header).is_some() {
            let at = mark(rect).center();
            painter.text(at, Align2::CENTER_CENTER, icons::WARNING, FontId::proportional(13.0), colours.amber);
        }
    }

    /// Says of each ragged row in sight what is amiss with it, where its mark is.
    pub(super) fn tell_ragged(&self, ui: &Ui, metrics: &TableMetrics) {
        for row in &self.drawn.rows {
            let Some(amiss) = row.ragged(self.expected, self.has_header) else { continue };
            let rect = mark(metrics.row(row.top)).intersect(metrics.body);
            if !rect.is_positive() {
                continue;
            }
            let response = ui.interact(rect, ui.scope_id().with(("ragged row", row.start.0)), Sense::hover());
            let told = row.number.map_or_else(String::new, |number| format!("Row {}: ", units::number(number + 1)));
            let told = format!("{told}{amiss}");
            response.widget_info(|| WidgetInfo::labeled(Role::Label, true, told.clone()));
            response.on_hover_text(amiss);
        }
    }

    /// The name of a column that is number `place` of those in sight.
    pub(super) fn name_of(&self, place: usize, column: u64) -> String {
        let name = self.drawn.header.as_ref().and_then(|header| header.cells.get(place)?.as_ref());
        match name {
            Some(name) if name.kind != Kind::Null && !name.text.is_empty() => name.text.clone(),
            _ => format!("Column {}", units::number(column.saturating_add(1))),
        }
    }

    /// Makes columns that are in sight for the first time as wide as what they have there; whether there was any.
    pub(super) fn size_columns(
        &self,
        ui: &Ui,
        metrics: &TableMetrics,
        sight: &[ColumnInSight],
        columns: &mut TableColumns,
    ) -> bool {
        let mut known = self.drawn.rows.iter().chain(&self.drawn.header);
        if known.any(|row| row.lacking) || self.drawn.rows.is_empty() {
            return false;
        }
        let mut any = false;
        for (place, column) in sight.iter().enumerate() {
            if columns.is_unsized(column.column) {
                let (width, numeric) = self.width_of(ui, metrics, place, column.column);
                columns.size(column.column, width, numeric);
                any = true;
            }
        }
        any
    }

    /// How wide a column has to be for what it has in sight, and whether that is mostly numbers.
    #[expect(clippy::cast_precision_loss, reason = "a few characters")]
    pub(super) fn width_of(&self, ui: &Ui, metrics: &TableMetrics, place: usize, column: u64) -> (f32, bool) {
        let cells = || self.drawn.rows.iter().filter_map(move |row| row.cells.get(place)?.as_ref());
        let longest = cells().map(|cell| cell.text.chars().count()).max().unwrap_or(0);
        let of_kind = |kind: Kind| cells().filter(|cell| cell.kind == kind).count();
        let name = line_of(ui, &self.name_of(place, column), medium(13.0), Colours::of(ui).text, f32::INFINITY);
        // A point more, or what just fits would be cut.
        let width = (longest as f32 * metrics.char_width).max(name.size().x + ARROW) + 2.0 * PADDING + 1.0;
        (width, of_kind(Kind::Number) > of_kind(Kind::Text))
    }
}

/// Room for how a column is sorted, beside its name, in points.
const ARROW: f32 = 16.0;

/// Where the mark of a ragged row is.
fn mark(row: Rect) -> Rect {
    Rect::from_min_size(row.min, vec2(24.0, ROW))
}

/// What is chosen, told once for all cells.
struct Chosen {
    cursor: Cursor,
    /// Nothing while it is not known where they are.
    rows: Option<RowSpan>,
    places: Range<u64>,
}

impl Chosen {
    fn paint(&self, painter: &Painter, row: &TableRow, column: &ColumnInSight, rect: Rect, colours: &Colours) {
        let in_rows = self.rows.as_ref().is_some_and(|rows| rows.contains(row.start, row.place));
        let chosen = in_rows && self.places.contains(&column.place);
        if chosen && self.cursor.is_block() {
            painter.rect_filled(rect, 0, colours.accent_ground);
        }
        if self.cursor.head.row == row.start && self.cursor.head.column == column.column {
            painter.rect_stroke(rect, 0, Stroke::new(1.5, colours.accent), StrokeKind::Inside);
        }
    }
}

fn paint_cell(ui: &Ui, painter: &Painter, rect: Rect, cell: &ShownCell, numeric: bool, colours: &Colours) {
    let room = rect.width() - 2.0 * PADDING;
    if cell.text.is_empty() || room < LEAST_TEXT || !painter.clip_rect().intersects(rect) {
        return;
    }
    let (font, colour) = if cell.kind == Kind::Null { (detail(), colours.dim) } else { (document(), colours.text) };
    let galley = line_of(ui, &cell.text, font, colour, room);
    let left = if numeric { rect.right() - PADDING - galley.size().x } else { rect.left() + PADDING };
    painter.galley(pos2(left.round(), rect.center().y - galley.size().y / 2.0), galley, colour);
}

fn paint_placeholder(painter: &Painter, rect: Rect, colours: &Colours) {
    let width = (rect.width() - 2.0 * PADDING).max(0.0) * 0.6;
    let bar = Rect::from_min_size(pos2(rect.left() + PADDING, rect.center().y - 3.5), vec2(width, 7.0));
    painter.rect_filled(bar, 3, colours.panel);
}
