//! What the keys, the wheel and the pointer do in a text view: it is told where to go, and goes there when it is drawn.

use egui::{EventFilter, Response, Ui};

use super::TextView;
use crate::document::{Facts, Found};
use crate::source::ByteOffset;
use crate::ui::text_jumps::Jump;
use crate::ui::text_keys::{self, Wish};
use crate::ui::text_rows::Metrics;
use crate::ui::text_selection::Selection;

/// The most steps of a selection that wait for the bytes that they pass.
const MAX_WAITING_STEPS: usize = 256;

impl TextView {
    pub(super) fn wheel(&mut self, ui: &Ui, response: &Response, metrics: &Metrics) {
        if !ui.rect_contains_pointer(response.rect) {
            return;
        }
        let delta = ui.input(egui::InputState::smooth_scroll_delta);
        if delta.y != 0.0 {
            self.scroll_rows(-delta.y / metrics.row_height);
        }
        if delta.x != 0.0 {
            self.scroll_columns(-delta.x / metrics.char_width, metrics);
        }
    }

    #[expect(clippy::cast_possible_truncation, reason = "a few rows")]
    fn scroll_rows(&mut self, rows: f32) {
        let to = self.place.part + rows;
        let whole = to.floor();
        self.place.part = to - whole;
        let before = if let Some(Jump::Rows(rows)) = self.jump { rows } else { 0 };
        if whole != 0.0 {
            self.jump = Some(Jump::Rows(before + whole as i64));
        }
        // Above the first line there is nothing to see a part of.
        if self.place.top.0 == 0 && whole < 0.0 {
            self.place.part = 0.0;
        }
    }

    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a few columns, not below zero")]
    fn scroll_columns(&mut self, columns: f32, metrics: &Metrics) {
        let by = columns.abs().ceil() as u64;
        let last = metrics.last_column();
        let column = self.place.column;
        self.place.column = if columns < 0.0 { column.saturating_sub(by) } else { (column + by).min(last) };
    }

    /// Does what keys ask for, but for the copy, of which it tells whether it is wanted.
    pub(super) fn keys(&mut self, ui: &Ui, response: &Response, metrics: &Metrics, facts: Facts) -> bool {
        if !response.has_focus() || !ui.memory(|memory| memory.allows_interaction(ui.layer_id())) {
            return false;
        }
        let mut copy = false;
        let filter = EventFilter { tab: false, horizontal_arrows: true, vertical_arrows: true, escape: false };
        ui.memory_mut(|memory| memory.set_focus_lock_filter(response.id, filter));
        let page = i64::try_from(metrics.full_rows()).unwrap_or(1);
        for wish in text_keys::wishes(ui, page, self.selection.is_some()) {
            match wish {
                Wish::Rows(rows) => {
                    let before = if let Some(Jump::Rows(rows)) = self.jump { rows } else { 0 };
                    self.jump = Some(Jump::Rows(before + rows));
                    self.place.part = 0.0;
                }
                Wish::Columns(columns) => self.scroll_columns(columns, metrics),
                Wish::FirstColumn if metrics.wrap.is_some() => self.jump = Some(Jump::FirstColumn),
                Wish::FirstColumn => self.place.column = 0,
                Wish::LastColumn => self.jump = Some(Jump::LastColumn),
                Wish::Start => {
                    self.place.column = 0;
                    self.place.part = 0.0;
                    self.jump = Some(Jump::Top(ByteOffset(0)));
                }
                Wish::End => self.jump = Some(Jump::End),
                Wish::Extend(step) if self.steps.len() < MAX_WAITING_STEPS => self.steps.push(step),
                Wish::Extend(_) => {}
                Wish::SelectAll => {
                    self.selection = Some(Selection::new(metrics.grid.text_start, ByteOffset(facts.len_bytes)));
                }
                Wish::Deselect => self.selection = None,
                Wish::Copy => copy = true,
            }
        }
        copy
    }

    pub(super) fn pointer(&mut self, ui: &Ui, response: &Response, metrics: &Metrics) {
        if response.clicked() || response.drag_started() {
            response.request_focus();
        }
        let Some(at) = response.interact_pointer_pos() else { return };
        if response.hovered() {
            ui.ctx().set_cursor_icon(egui::CursorIcon::Text);
        }
        let row = self.drawn.iter().rev().find(|row| at.y >= row.top).or(self.drawn.first());
        let Some(row) = row else { return };
        let byte = row.byte_at(at.x);
        let pressed = ui.input(|input| input.pointer.primary_pressed());
        let extending = ui.input(|input| input.modifiers.shift);
        if response.triple_clicked() {
            self.selection = Some(Selection::new(row.line.start.max(metrics.grid.text_start), row.line.end));
        } else if response.double_clicked() {
            let (line, under) = (row.line.start.max(metrics.grid.text_start)..row.line.end, row.byte_under(at.x));
            let word = self.document.look(|lines| lines.word_around(&line, under)).and_then(Found::here);
            self.selection = word.map(|word| Selection::new(word.start, word.end)).or(self.selection);
        } else if pressed && !extending {
            self.selection = Some(Selection::new(byte, byte));
        } else if response.dragged() || (pressed && extending) {
            let anchor = self.selection.map_or(byte, |selection| selection.anchor);
            self.selection = Some(Selection::new(anchor, byte));
        }
        // Dragged past an edge, the text runs along.
        if response.dragged() && !metrics.text.y_range().contains(at.y) {
            self.jump = Some(Jump::Rows(if at.y < metrics.text.top() { -1 } else { 1 }));
            ui.ctx().request_repaint_after(std::time::Duration::from_millis(30));
        }
    }
}
