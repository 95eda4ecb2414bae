//! The viewer for text of any size. Its place is a byte, not a row of a list, so that it works before the index is
//! there and in files of one line; only the rows and columns in sight are looked up, decoded and laid out.

use std::ops::Range;

use egui::{EventFilter, Key, Modifiers, Rect, Response, Role, Sense, Ui, WidgetInfo};
use poll_promise::Promise;

use super::text_rows::{DrawnRow, Layout, Metrics};
use super::text_status;
use super::theme::{Colours, STATUS_BAR};
use crate::command::Command;
use crate::document::{Document, Facts, Found, LineNumber, Lines, Standing};
use crate::source::ByteOffset;
use crate::units;

/// The most that is put on the clipboard.
const MAX_COPY_BYTES: u64 = 16 << 20;
/// The most rows that are walked in one frame.
const MAX_STEP_ROWS: i64 = 10_000;
/// Columns that stay visible before a byte that was gone to.
const COLUMNS_BEFORE: u64 = 16;

/// Where in a document a person is.
#[derive(Clone, Copy, Debug, Default, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct Place {
    /// The start of the topmost line in sight.
    pub top: ByteOffset,
    /// The part of that line that is scrolled out of sight, in rows, from 0 to 1.
    pub part: f32,
    /// The leftmost column in sight.
    pub column: u64,
}

/// One view of one document.
pub(super) struct TextView {
    document: Document,
    place: Place,
    /// Where a selection began, and where it ends: after it or before it.
    selection: Option<(ByteOffset, ByteOffset)>,
    jump: Option<Jump>,
    copying: Option<Promise<Result<Vec<u8>, String>>>,
    /// What is typed into the go-to field, while it is open, and whether it was opened just now.
    pub(super) going: Option<(String, bool)>,
    drawn: Vec<DrawnRow>,
}

/// Somewhere that the view goes as soon as it can be told where that is.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Jump {
    Line(LineNumber),
    Byte(ByteOffset),
    Rows(i64),
    TopLine(LineNumber),
    Top(ByteOffset),
}

impl TextView {
    pub(super) fn new(document: Document, place: Place) -> Self {
        let jump = Some(Jump::Top(place.top));
        Self { document, place, selection: None, jump, copying: None, going: None, drawn: Vec::new() }
    }

    pub(super) fn document(&self) -> &Document {
        &self.document
    }

    pub(super) fn place(&self) -> Place {
        self.place
    }

    /// Opens the go-to field.
    pub(super) fn ask_where(&mut self) {
        self.going = Some((String::new(), true));
    }

    pub(super) fn ui(&mut self, ui: &mut Ui, in_front: bool) -> Vec<Command> {
        let mut commands = Vec::new();
        let facts = match self.document.standing() {
            Standing::Opening => {
                text_status::centred(ui, "Opening…", "", None);
                return commands;
            }
            Standing::Failed { message, advice } => {
                if text_status::centred(ui, &message, &advice, Some("Try again")) {
                    commands.push(Command::Reload);
                }
                return commands;
            }
            Standing::Open(facts) => facts,
        };
        if text_status::change_banner(ui, self.document.change()) {
            commands.push(Command::Reload);
        }
        self.go_to_field(ui, facts, &mut commands);
        let area = ui.available_rect_before_wrap();
        let status = Rect::from_min_max(egui::pos2(area.left(), area.bottom() - STATUS_BAR), area.max);
        let text = Rect::from_min_max(area.min, egui::pos2(area.right(), status.top()));
        self.text(ui, text, facts, in_front, &mut commands);
        let current = self.drawn.iter().find(|row| self.is_current(row)).or(self.drawn.first());
        let number = current.and_then(|row| row.number);
        let at = self.selection.map_or(self.place.top.plus(self.place.column), |(_, head)| head);
        text_status::bar(ui, status, &self.document, facts, number, at, self.waiting_for());
        commands
    }

    fn text(&mut self, ui: &mut Ui, rect: Rect, facts: Facts, in_front: bool, commands: &mut Vec<Command>) {
        let metrics = Metrics::new(ui, rect, &self.document, facts);
        let response = ui.interact(metrics.text, ui.scope_id().with("text"), Sense::click_and_drag());
        let label = format!("Text of {}", self.document.name());
        response.widget_info(|| WidgetInfo::labeled(Role::Document, true, label.clone()));
        // What stands before the window has the keys, even where nothing of it has the focus.
        let allowed = ui.memory(|memory| memory.allows_interaction(ui.layer_id()));
        if in_front && allowed && ui.memory(|memory| memory.focused().is_none()) && self.going.is_none() {
            response.request_focus();
        }
        self.wheel(ui, &response, &metrics);
        self.keys(ui, &response, &metrics, facts, commands);

        let jump = self.jump.take();
        let place = self.place;
        let looked = self.document.look(|lines| {
            let (place, waiting, marked) = self.resolve(lines, jump, &metrics);
            let layout = Layout::new(lines, place, &metrics, self.document.change());
            (place, waiting, marked, layout)
        });
        let Some((place, waiting, marked, mut layout)) = looked else {
            self.place = place;
            return;
        };
        self.place = place;
        self.jump = waiting;
        if let Some(byte) = marked {
            self.selection = Some((byte, byte));
        }
        // A document that ends above the bottom is drawn down to it.
        if layout.empty_rows > 0 && self.place.top.0 > 0 && self.jump.is_none() {
            self.jump = Some(Jump::Rows(-layout.empty_rows));
            self.place.part = 0.0;
            ui.ctx().request_repaint();
        }
        let selected = self.selected();
        layout.place(ui, &metrics);
        layout.paint(ui, &metrics, &selected, self.selection.map(|(_, head)| head));
        self.drawn = layout.rows;
        self.pointer(ui, &response, &metrics);
        if let Some(jump) = metrics.scroll_bars(ui, &mut self.place, &self.document, facts, self.drawn.first()) {
            self.jump = Some(jump);
            ui.ctx().request_repaint();
        }
        self.finish_copy(ui, commands);
        let inset = ui.painter().with_clip_rect(metrics.text);
        if response.has_focus() && ui.input(|input| input.key_pressed(Key::Tab)) {
            inset.rect_stroke(
                metrics.text,
                0,
                egui::Stroke::new(1.0, Colours::of(ui).accent),
                egui::StrokeKind::Inside,
            );
        }
    }

    /// The place that a jump leads to, what of it has to wait, and the byte that it marks.
    fn resolve(
        &self,
        lines: &Lines<'_>,
        jump: Option<Jump>,
        metrics: &Metrics,
    ) -> (Place, Option<Jump>, Option<ByteOffset>) {
        let mut place = self.place;
        let Some(jump) = jump else { return (place, None, None) };
        let mut marked = None;
        let found = match jump {
            Jump::Top(top) => lines.start_of(top),
            Jump::Rows(rows) => lines.step(place.top, rows.clamp(-MAX_STEP_ROWS, MAX_STEP_ROWS)),
            Jump::Line(number) | Jump::TopLine(number) => lines.start_of_line(number),
            Jump::Byte(byte) => lines.start_of(byte.min(lines.end().minus(1))),
        };
        match found {
            Found::Here(start) => {
                place.top = start;
                match jump {
                    Jump::Line(_) => (place.part, place.column, marked) = (0.0, 0, Some(start)),
                    Jump::Byte(byte) => {
                        let column = byte.since(start);
                        let in_sight = column < metrics.columns as u64;
                        place.part = 0.0;
                        place.column = if in_sight { 0 } else { column.saturating_sub(COLUMNS_BEFORE) };
                        marked = Some(byte);
                    }
                    Jump::Rows(_) | Jump::TopLine(_) | Jump::Top(_) => {}
                }
                if matches!(jump, Jump::Line(_) | Jump::Byte(_)) {
                    // Some lines before it give it a context.
                    let context = i64::try_from(metrics.rows / 3).unwrap_or(0);
                    place.top = lines.step(start, -context).here().unwrap_or(start);
                }
                (place, None, marked)
            }
            // Once no more is indexed there is no such line, and the last one is nearest; until then it may come.
            Found::Unknown if self.document.line_count().1 || self.document.index_stopped() => {
                (place, Some(Jump::Top(self.last_indexed(lines))), None)
            }
            Found::Loading | Found::Unknown => (place, Some(jump), None),
        }
    }

    fn last_indexed(&self, lines: &Lines<'_>) -> ByteOffset {
        ByteOffset(self.document.indexed_bytes()).min(lines.end()).minus(1)
    }

    /// What the view waits for, in words.
    fn waiting_for(&self) -> Option<String> {
        match self.jump {
            Some(Jump::Line(number)) => Some(format!("Going to line {}", units::number(number.0 + 1))),
            _ => None,
        }
    }

    fn wheel(&mut self, ui: &Ui, response: &Response, metrics: &Metrics) {
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
        let last = metrics.last_column;
        let column = self.place.column;
        self.place.column = if columns < 0.0 { column.saturating_sub(by) } else { (column + by).min(last) };
    }

    fn keys(&mut self, ui: &Ui, response: &Response, metrics: &Metrics, facts: Facts, commands: &mut Vec<Command>) {
        if !response.has_focus() || !ui.memory(|memory| memory.allows_interaction(ui.layer_id())) {
            return;
        }
        let filter = EventFilter { tab: false, horizontal_arrows: true, vertical_arrows: true, escape: false };
        ui.memory_mut(|memory| memory.set_focus_lock_filter(response.id, filter));
        let page = i64::try_from(metrics.rows.saturating_sub(2)).unwrap_or(1);
        let none = Modifiers::NONE;
        let moves = [
            (none, Key::ArrowDown, Jump::Rows(1)),
            (none, Key::ArrowUp, Jump::Rows(-1)),
            (none, Key::PageDown, Jump::Rows(page)),
            (none, Key::PageUp, Jump::Rows(-page)),
            (Modifiers::COMMAND, Key::Home, Jump::Top(ByteOffset(0))),
            (Modifiers::COMMAND, Key::End, Jump::Top(ByteOffset(facts.len_bytes.saturating_sub(1)))),
        ];
        for (modifiers, key, jump) in moves {
            let times = ui.input_mut(|input| input.count_and_consume_key(modifiers, key));
            if times > 0 {
                let times = i64::try_from(times).unwrap_or(1);
                self.jump = Some(if let Jump::Rows(rows) = jump { Jump::Rows(rows * times) } else { jump });
                self.place.part = 0.0;
            }
        }
        let pressed = |key| ui.input_mut(|input| input.consume_key(none, key));
        if pressed(Key::ArrowRight) {
            self.scroll_columns(8.0, metrics);
        }
        if pressed(Key::ArrowLeft) {
            self.scroll_columns(-8.0, metrics);
        }
        if pressed(Key::Home) {
            self.place.column = 0;
        }
        if pressed(Key::End) {
            self.place.column = metrics.last_column;
        }
        if self.selection.is_some() && pressed(Key::Escape) {
            self.selection = None;
        }
        if ui.input_mut(|input| input.consume_key(Modifiers::COMMAND, Key::A)) {
            self.selection = Some((ByteOffset(0), ByteOffset(facts.len_bytes)));
        }
        if ui.input(|input| input.events.iter().any(|event| matches!(event, egui::Event::Copy))) {
            self.copy(commands);
        }
    }

    fn pointer(&mut self, ui: &Ui, response: &Response, metrics: &Metrics) {
        if response.clicked() || response.drag_started() {
            response.request_focus();
        }
        let Some(at) = response.interact_pointer_pos() else { return };
        if response.hovered() {
            ui.ctx().set_cursor_icon(egui::CursorIcon::Text);
        }
        let Some(byte) = self.drawn.iter().rev().find(|row| at.y >= row.top).map(|row| row.byte_at(at.x)) else {
            return;
        };
        let pressed = ui.input(|input| input.pointer.primary_pressed());
        let extending = ui.input(|input| input.modifiers.shift);
        if pressed && !extending {
            self.selection = Some((byte, byte));
        } else if response.dragged() || (pressed && extending) {
            let anchor = self.selection.map_or(byte, |(anchor, _)| anchor);
            self.selection = Some((anchor, byte));
        }
        // Dragged past an edge, the text runs along.
        if response.dragged() && !metrics.text.y_range().contains(at.y) {
            self.jump = Some(Jump::Rows(if at.y < metrics.text.top() { -1 } else { 1 }));
            ui.ctx().request_repaint_after(std::time::Duration::from_millis(30));
        }
    }

    fn selected(&self) -> Range<ByteOffset> {
        self.selection.map_or(ByteOffset(0)..ByteOffset(0), |(anchor, head)| anchor.min(head)..anchor.max(head))
    }

    fn is_current(&self, row: &DrawnRow) -> bool {
        self.selection.is_some_and(|(_, head)| row.start <= head && head <= row.end)
    }

    fn copy(&mut self, commands: &mut Vec<Command>) {
        let selected = self.selected();
        let bytes = selected.end.since(selected.start);
        if bytes > MAX_COPY_BYTES {
            let (bytes, most) = (units::bytes(bytes), units::bytes(MAX_COPY_BYTES));
            commands.push(Command::Say(format!("{bytes} are selected; at most {most} fit on the clipboard")));
        } else if bytes > 0 {
            self.copying = self.document.read_range(selected);
        }
    }

    fn finish_copy(&mut self, ui: &Ui, commands: &mut Vec<Command>) {
        match self.copying.take().map(Promise::try_take) {
            None => {}
            Some(Err(pending)) => self.copying = Some(pending),
            Some(Ok(Ok(bytes))) => ui.ctx().copy_text(String::from_utf8_lossy(&bytes).into_owned()),
            Some(Ok(Err(error))) => commands.push(Command::Say(format!("Could not copy: {error}"))),
        }
    }

    fn go_to_field(&mut self, ui: &mut Ui, facts: Facts, commands: &mut Vec<Command>) {
        let Some((mut text, fresh)) = self.going.take() else { return };
        let (open, wanted) = text_status::go_to_field(ui, &mut text, fresh);
        if open {
            self.going = Some((text.clone(), false));
        }
        if wanted {
            match parse_jump(&text, facts.len_bytes) {
                Some(jump) => {
                    self.jump = Some(jump);
                    self.going = None;
                }
                None => commands.push(Command::Say("Type a line number, a share as 50%, or a byte as @4096".into())),
            }
        }
    }
}

/// Reads `12,345` as a line, `50%` as a share, `@4096` or `@1.5GB` as a byte.
fn parse_jump(text: &str, len_bytes: u64) -> Option<Jump> {
    let text = text.trim();
    if let Some(share) = text.strip_suffix('%') {
        let share: f64 = share.trim().parse().ok().filter(|share| (0.0..=100.0).contains(share))?;
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            clippy::cast_precision_loss,
            reason = "a share"
        )]
        return Some(Jump::Byte(ByteOffset((len_bytes as f64 * share / 100.0) as u64)));
    }
    if let Some(byte) = text.strip_prefix('@') {
        return units::parse_bytes(&byte.replace(',', "")).ok().map(|byte| Jump::Byte(ByteOffset(byte)));
    }
    let line: u64 = text.replace([',', ' '], "").parse().ok()?;
    Some(Jump::Line(LineNumber(line.checked_sub(1)?)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_shares_and_bytes_can_be_gone_to() {
        assert_eq!(parse_jump("12,345", 0), Some(Jump::Line(LineNumber(12_344))));
        assert_eq!(parse_jump(" 50% ", 1_000), Some(Jump::Byte(ByteOffset(500))));
        assert_eq!(parse_jump("@4096", 0), Some(Jump::Byte(ByteOffset(4_096))));
        assert_eq!(parse_jump("@1.5GB", 0), Some(Jump::Byte(ByteOffset(1_500_000_000))));
        for wrong in ["", "0", "-1", "101%", "@", "line", "NaN%"] {
            assert_eq!(parse_jump(wrong, 1_000), None, "{wrong}");
        }
    }
}
