//! What keys, wheel and pointer do in a table view.

use egui::{EventFilter, Popup, Pos2, Rect, Response, Ui};

use super::table_columns::ColumnInSight;
use super::table_cursor::{CellAt, Cursor, Step};
use super::table_jumps::RowJump;
use super::table_keys::{self, Wish};
use super::table_rows::{ROW, TableMetrics};
use super::table_view::TableView;
use crate::source::ByteOffset;

/// The most steps of the cursor that wait for the bytes that they pass.
const MAX_WAITING_STEPS: usize = 256;
/// How far a drag beyond an edge scrolls sideways in a frame, in points.
const DRAG_POINTS: f32 = 24.0;

/// What is under the pointer.
enum Under {
    Cell(CellAt),
    /// The number of the row that starts here.
    Number(ByteOffset),
}

impl TableView {
    pub(super) fn wheel(&mut self, ui: &Ui, response: &Response, metrics: &TableMetrics) {
        if !ui.rect_contains_pointer(response.rect.union(metrics.header)) {
            return;
        }
        let delta = ui.input(egui::InputState::smooth_scroll_delta);
        if delta.y != 0.0 {
            self.scroll_rows(-delta.y / ROW);
        }
        if delta.x != 0.0 {
            self.columns.scroll(-delta.x, metrics.room());
        }
    }

    #[expect(clippy::cast_possible_truncation, reason = "a few rows")]
    fn scroll_rows(&mut self, rows: f32) {
        let to = self.place.part + rows;
        let whole = to.floor();
        self.place.part = to - whole;
        if whole != 0.0 {
            self.walk(whole as i64);
        }
    }

    fn walk(&mut self, rows: i64) {
        let before = if let Some(RowJump::Rows(rows)) = self.jump { rows } else { 0 };
        self.jump = Some(RowJump::Rows(before.saturating_add(rows)));
    }

    /// Does what keys ask for, but for the copy, of which it tells whether it is wanted.
    pub(super) fn keys(&mut self, ui: &Ui, response: &Response, metrics: &TableMetrics) -> bool {
        let allowed = ui.memory(|memory| memory.allows_interaction(ui.layer_id())) && !Popup::is_any_open(ui.ctx());
        if !response.has_focus() || !allowed {
            return false;
        }
        let mut copy = false;
        let filter = EventFilter { tab: false, horizontal_arrows: true, vertical_arrows: true, escape: false };
        ui.memory_mut(|memory| memory.set_focus_lock_filter(response.id, filter));
        let can_go_back = self.inspector.is_some() || self.cursor.is_some_and(Cursor::is_block);
        for wish in table_keys::wishes(ui, metrics.full_rows(), can_go_back) {
            match wish {
                Wish::Step(step, extend) => self.step(step, extend),
                Wish::ChooseAll => {
                    self.step(Step::FirstCell, false);
                    self.step(Step::LastCell, true);
                }
                Wish::Copy => copy = true,
                Wish::Inspect => self.toggle_inspector(),
                Wish::Back => self.go_back(),
                Wish::Filter => self.filter.summon(),
                Wish::NextRagged => self.jump = Some(self.next_ragged()),
                Wish::Column(wish) => self.column_wishes.push(wish),
            }
        }
        copy
    }

    fn step(&mut self, step: Step, extend: bool) {
        if self.steps.len() < MAX_WAITING_STEPS {
            self.steps.push((step, extend));
        }
    }

    fn toggle_inspector(&mut self) {
        self.inspector = if self.inspector.is_some() { None } else { Some(Box::default()) };
    }

    /// Makes one cell of a block, or closes what shows the cell whole.
    fn go_back(&mut self) {
        match self.cursor.filter(|cursor| cursor.is_block()) {
            Some(cursor) => self.cursor = Some(Cursor::at(cursor.head)),
            None => self.inspector = None,
        }
    }

    pub(super) fn pointer(&mut self, ui: &Ui, response: &Response, metrics: &TableMetrics, sight: &[ColumnInSight]) {
        if response.clicked() || response.drag_started() {
            response.request_focus();
        }
        let Some(at) = response.interact_pointer_pos() else { return };
        let Some(under) = self.under(at, metrics, sight) else { return };
        let pressed = ui.input(|input| input.pointer.primary_pressed());
        let extending = ui.input(|input| input.modifiers.shift);
        if response.double_clicked() {
            self.inspector.get_or_insert_default();
        }
        if pressed || response.dragged() {
            self.choose(under, extending || !pressed);
            ui.ctx().request_repaint();
        }
        // Dragged past an edge, the table runs along.
        if response.dragged() && !metrics.body.contains(at) {
            self.run_along(at, metrics.body, metrics.room());
            ui.ctx().request_repaint_after(std::time::Duration::from_millis(30));
        }
    }

    fn choose(&mut self, under: Under, extend: bool) {
        let order = &self.columns.order;
        let last = order.at(order.shown().saturating_sub(1));
        let chosen = match under {
            Under::Cell(cell) => self.cursor.unwrap_or(Cursor::at(cell)).with_head(cell, extend),
            // A whole row, or more of them.
            Under::Number(row) => {
                let (Some(first), Some(last)) = (order.at(0), last) else { return };
                let from = self.cursor.filter(|_| extend).map_or(row, |cursor| cursor.anchor.row);
                Cursor { anchor: CellAt { row: from, column: first }, head: CellAt { row, column: last } }
            }
        };
        self.cursor = Some(chosen);
    }

    fn run_along(&mut self, at: Pos2, body: Rect, room: f32) {
        if at.y < body.top() || at.y > body.bottom() {
            self.walk(if at.y < body.top() { -1 } else { 1 });
        }
        if at.x < body.left() || at.x > body.right() {
            self.columns.scroll(if at.x < body.left() { -DRAG_POINTS } else { DRAG_POINTS }, room);
        }
    }

    /// The cell at `at`, or the one nearest to it, or the number of a row.
    fn under(&self, at: Pos2, metrics: &TableMetrics, sight: &[ColumnInSight]) -> Option<Under> {
        let rows = &self.drawn.rows;
        let row = rows.iter().rev().find(|row| at.y >= row.top).or(rows.first())?.start;
        let along = at.x - metrics.cells_left();
        if along < 0.0 {
            return Some(Under::Number(row));
        }
        // Frozen ones come first, and cover the others.
        let column = sight.iter().find(|column| (column.left..column.left + column.width).contains(&along));
        let column = column.or(sight.last())?.column;
        Some(Under::Cell(CellAt { row, column }))
    }
}
