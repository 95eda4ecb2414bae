//! The page that searches all open documents at once: what for, how far it has come, and what was found in each, one
//! document after the other. A click or Enter leads to a line in its document. What is found is held here; the jobs that find
//! it end when it goes.

use egui::{
    Align2, Event, EventFilter, Key, Margin, Modifiers, Rect, Response, RichText, Role, Sense, Stroke, TextWrapMode,
    Ui, WidgetInfo, pos2, vec2,
};

use super::scroll::{self, Axis};
use super::search_history::Recall;
use super::search_rows::{FoundIn, FoundLine, Spot, count, spot};
use super::text_find::switches;
use super::text_status::share;
use super::theme::{Colours, TEXT_ROW, detail, document, line_of, main_button, medium};
use crate::command::Command;
use crate::document::{LineEnding, Query, Tally};
use crate::units;

/// Where the numbers of lines end, and their text begins, in points from the left.
const NUMBERS: f32 = 92.0;
const TEXT: f32 = 108.0;

/// The page, and what was found.
pub(super) struct SearchPage {
    query: Query,
    recall: Recall,
    fresh: bool,
    error: Option<String>,
    found: Vec<FoundIn>,
    /// The topmost row, and the part of it that is scrolled out of sight, from 0 to 1.
    top: u64,
    part: f32,
    /// The row that the person is at.
    cursor: u64,
    /// Whether the keyboard is to go on among them.
    to_list: bool,
}

/// The rows of one frame, and how many of them are in sight as a whole.
struct Rows {
    counts: Vec<u64>,
    rect: Rect,
    full: u64,
}

impl Default for SearchPage {
    fn default() -> Self {
        Self {
            query: Query { fixed: true, ignore_case: true, ..Query::default() },
            recall: Recall::default(),
            fresh: true,
            error: None,
            found: Vec::new(),
            top: 0,
            part: 0.0,
            cursor: 0,
            to_list: false,
        }
    }
}

impl SearchPage {
    /// Puts the keyboard into its field.
    pub(super) const fn summon(&mut self) {
        self.fresh = true;
    }

    /// Shows what is found of this from now on.
    pub(super) fn show(&mut self, query: &Query, found: Vec<FoundIn>) {
        *self = Self { query: query.clone(), fresh: false, found, to_list: true, ..Self::default() };
    }

    pub(super) fn ui(&mut self, ui: &mut Ui, commands: &mut Vec<Command>) {
        let pane = ui.max_rect();
        self.bar(ui, commands);
        let area = ui.available_rect_before_wrap().intersect(pane);
        if self.found.is_empty() {
            let words = RichText::new("Type what to search for in all documents that are open");
            ui.put(area, egui::Label::new(words.color(Colours::of(ui).dim)));
            return;
        }
        self.list(ui, area, commands);
    }

    fn bar(&mut self, ui: &mut Ui, commands: &mut Vec<Command>) {
        let colours = Colours::of(ui);
        egui::Frame::NONE.fill(colours.panel).inner_margin(Margin::symmetric(12, 4)).show(ui, |ui| {
            ui.set_width(ui.available_width());
            ui.horizontal_wrapped(|ui| {
                ui.spacing_mut().item_spacing.x = 4.0;
                let entered = self.field(ui);
                switches(ui, &mut self.query);
                if main_button(ui, "Search all").clicked() || entered {
                    match self.query.compile(LineEnding::None) {
                        Ok(_) => commands.push(Command::SearchAll(self.query.clone())),
                        Err(error) => self.error = Some(error.to_string()),
                    }
                }
                ui.add_space(4.0);
                let (words, colour) = match &self.error {
                    Some(error) => (error.clone(), colours.red),
                    None => (self.status(), colours.dim),
                };
                let words = RichText::new(words).font(detail()).color(colour);
                ui.add(egui::Label::new(words).wrap_mode(TextWrapMode::Wrap));
            });
        });
    }

    /// The field for what is searched for; true when Enter was pressed in it.
    fn field(&mut self, ui: &mut Ui) -> bool {
        let id = ui.make_persistent_id("find in all");
        let recalled = self.recall.keys(ui, id, &mut self.query);
        let edit = egui::TextEdit::singleline(&mut self.query.pattern).id(id).hint_text("Find in all documents");
        let edit = edit.desired_width(ui.available_width().clamp(0.0, 260.0)).margin(egui::vec2(8.0, 5.0));
        let mut shown = edit.show(ui);
        let response = shown.response.response;
        response.widget_info(|| WidgetInfo::labeled(Role::TextInput, true, "Find in all documents"));
        if std::mem::take(&mut self.fresh) || recalled {
            response.request_focus();
            let all = egui::text::CCursorRange::select_all(&shown.galley);
            shown.state.cursor.set_char_range(Some(all));
            shown.state.store(ui.ctx(), response.id);
        }
        if response.changed() {
            self.error = None;
            self.recall.begin_anew();
        }
        response.lost_focus() && ui.input(|input| input.key_pressed(Key::Enter))
    }

    /// How much was found, and how far the search has come.
    fn status(&self) -> String {
        if self.found.is_empty() {
            return String::new();
        }
        let tallies: Vec<Tally> = self.found.iter().map(|found| found.hits.tally()).collect();
        let lines: u64 = tallies.iter().map(|tally| tally.lines).sum();
        let with = tallies.iter().filter(|tally| tally.lines > 0).count() as u64;
        let all = units::count(tallies.len() as u64, "document");
        let told = format!("{} in {} of {all}", units::count(lines, "line"), units::number(with));
        if tallies.iter().all(|tally| tally.complete) {
            return told;
        }
        let whole = |of: fn(&Tally) -> u64| tallies.iter().map(of).fold(0, u64::saturating_add);
        let done = share(whole(|tally| tally.passed_bytes), whole(|tally| tally.whole_bytes));
        let stopped = tallies.iter().all(|tally| tally.complete || tally.stopped);
        format!("{told}, {} {done} %", if stopped { "stopped at" } else { "searching" })
    }

    fn list(&mut self, ui: &Ui, area: Rect, commands: &mut Vec<Command>) {
        let rect = Rect::from_min_max(area.min, pos2(area.right() - scroll::WIDTH, area.bottom()));
        let counts: Vec<_> = self.found.iter().map(|found| found.hits.tally().lines).collect();
        let rows = Rows { counts, rect, full: full_rows(rect.height()) };
        let response = ui.interact(rect, ui.scope_id().with("found"), Sense::click());
        response.widget_info(|| WidgetInfo::labeled(Role::ListBox, true, "Lines that match in all documents"));
        if std::mem::take(&mut self.to_list) {
            response.request_focus();
        }
        self.wheel(ui, &response);
        let entered = self.keys(ui, &response, &rows);
        let last = count(&rows.counts).saturating_sub(rows.full);
        if self.top >= last {
            (self.top, self.part) = (last, 0.0);
        }
        let clicked = self.rows(ui, &rows, entered, commands);
        if clicked {
            response.request_focus();
        }
        self.scroll_bar(ui, area, last, rows.full);
    }

    /// Draws the rows in sight; gives whether one of them was clicked.
    fn rows(&mut self, ui: &Ui, rows: &Rows, entered: bool, commands: &mut Vec<Command>) -> bool {
        let (cursor, id) = (self.cursor, ui.scope_id());
        let mut clicked = false;
        let (mut row, end) = (self.top, self.top.saturating_add(rows.full + 2));
        while let Some(spot) = spot(&rows.counts, row).filter(|_| row < end) {
            match spot {
                Spot::Document(number) => {
                    self.heading(ui, rows.rect_of(row - self.top, self.part), number, rows);
                    row += 1;
                }
                Spot::Line(number, line) => {
                    let Some(found) = self.found.get(number) else { break };
                    let lines = rows.counts.get(number).copied().unwrap_or(line);
                    let to = lines.min(line.saturating_add(end - row));
                    for (shown, place) in found.lines(line..to).iter().zip(row..) {
                        let rect = rows.rect_of(place - self.top, self.part);
                        let seen = rect.intersect(rows.rect);
                        if !seen.is_positive() {
                            continue;
                        }
                        let response = ui.interact(seen, id.with(("found", place)), Sense::CLICK);
                        paint_line(ui, rect, shown.as_ref(), place == cursor, &response);
                        let wanted = response.clicked() || entered && place == cursor;
                        if let Some(shown) = shown.as_ref().filter(|_| wanted) {
                            (self.cursor, clicked) = (place, clicked || response.clicked());
                            let reading = Box::new(found.reading.clone());
                            commands.push(Command::OpenAt(found.path.clone(), reading, shown.start));
                        }
                    }
                    row = row.saturating_add(to - line);
                }
            }
        }
        clicked
    }

    /// Draws the name of a document, and how many of its lines match.
    fn heading(&self, ui: &Ui, rect: Rect, number: usize, rows: &Rows) {
        let (Some(found), Some(lines)) = (self.found.get(number), rows.counts.get(number)) else { return };
        let colours = Colours::of(ui);
        let painter = ui.painter().with_clip_rect(rows.rect);
        painter.rect_filled(rect, 0, colours.panel);
        let words = if *lines == 0 && found.hits.tally().complete {
            "no line matches".to_owned()
        } else {
            units::count(*lines, "line")
        };
        let name = line_of(ui, &found.name, medium(13.0), colours.text, (rect.width() - 220.0).max(80.0));
        let at = pos2(rect.left() + 12.0, rect.center().y - name.size().y / 2.0);
        let right = pos2(at.x + name.size().x + 12.0, rect.center().y);
        painter.galley(at, name, colours.text);
        painter.text(right, Align2::LEFT_CENTER, &words, detail(), colours.dim);
        let response = ui.interact(rect.intersect(rows.rect), ui.scope_id().with(("in", number)), Sense::hover());
        let spoken = format!("{}: {words}", found.name);
        response.widget_info(|| WidgetInfo::labeled(Role::Label, true, spoken.clone()));
    }

    fn wheel(&mut self, ui: &Ui, response: &Response) {
        if ui.rect_contains_pointer(response.rect) {
            let delta = ui.input(egui::InputState::smooth_scroll_delta).y;
            self.scroll_rows(-delta / TEXT_ROW);
        }
    }

    #[expect(clippy::cast_possible_truncation, reason = "a few rows")]
    fn scroll_rows(&mut self, rows: f32) {
        let to = self.part + rows;
        let whole = to.floor();
        self.part = to - whole;
        let top = self.top.checked_add_signed(whole as i64);
        // Above the first row there is nothing to see a part of.
        self.part = if top.is_none() { 0.0 } else { self.part };
        self.top = top.unwrap_or(0);
    }

    /// Does what keys ask for; gives whether that is to go to the line that the person is at.
    fn keys(&mut self, ui: &Ui, response: &Response, rows: &Rows) -> bool {
        if !response.has_focus() || !ui.memory(|memory| memory.allows_interaction(ui.layer_id())) {
            return false;
        }
        let filter = EventFilter { tab: false, horizontal_arrows: false, vertical_arrows: true, escape: false };
        ui.memory_mut(|memory| memory.set_focus_lock_filter(response.id, filter));
        let last = count(&rows.counts).saturating_sub(1);
        let (mut cursor, mut entered, mut moved) = (self.cursor.min(last), false, false);
        ui.input_mut(|input| {
            input.events.retain(|event| {
                let Event::Key { key, pressed: true, modifiers, .. } = event else { return true };
                if *modifiers != Modifiers::NONE {
                    return true;
                }
                let to = match key {
                    Key::ArrowDown => cursor + 1,
                    Key::ArrowUp => cursor.saturating_sub(1),
                    Key::PageDown => cursor + rows.full,
                    Key::PageUp => cursor.saturating_sub(rows.full),
                    Key::Home => 0,
                    Key::End => last,
                    Key::Enter => {
                        entered = true;
                        return false;
                    }
                    _ => return true,
                };
                (cursor, moved) = (to.min(last), true);
                false
            });
        });
        self.cursor = cursor;
        if moved {
            let top = self.top.clamp((cursor + 1).saturating_sub(rows.full), cursor);
            (self.top, self.part) = (top, 0.0);
        }
        entered
    }

    #[expect(
        clippy::cast_precision_loss,
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "the place of a thumb; a drag is as exact as a screen"
    )]
    fn scroll_bar(&mut self, ui: &Ui, area: Rect, last: u64, full: u64) {
        let rect = Rect::from_min_max(pos2(area.right() - scroll::WIDTH, area.top()), area.max);
        let position = (self.top as f64 / last.max(1) as f64).min(1.0);
        let share = full as f64 / (last + full).max(1) as f64;
        let (_, wanted) = scroll::bar(ui, rect, Axis::Vertical, ("Lines found", position, share.min(1.0)));
        if let Some(wanted) = wanted {
            (self.top, self.part) = ((wanted * last as f64).round() as u64, 0.0);
            ui.ctx().request_repaint();
        }
    }
}

impl Rows {
    /// Where the row of that number is, counted from the topmost.
    #[expect(clippy::cast_precision_loss, reason = "rows of a screen")]
    fn rect_of(&self, row: u64, part: f32) -> Rect {
        let top = (self.rect.top() + (row as f32 - part) * TEXT_ROW).round();
        Rect::from_min_size(pos2(self.rect.left(), top), vec2(self.rect.width(), TEXT_ROW))
    }
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "rows of a screen")]
fn full_rows(height: f32) -> u64 {
    (height / TEXT_ROW).floor().max(1.0) as u64
}

fn paint_line(ui: &Ui, rect: Rect, line: Option<&FoundLine>, is_cursor: bool, response: &Response) {
    let colours = Colours::of(ui);
    let painter = ui.painter().with_clip_rect(response.rect.intersect(ui.clip_rect()));
    if is_cursor || response.hovered() {
        painter.rect_filled(rect, 0, colours.raised);
    }
    if is_cursor {
        painter.vline(rect.left() + 1.0, rect.y_range(), Stroke::new(2.0, colours.accent));
    }
    let number = line.and_then(|line| line.number).map_or_else(|| "…".to_owned(), |number| units::number(number.0 + 1));
    let at = pos2(rect.left() + NUMBERS, rect.center().y);
    painter.text(at, Align2::RIGHT_CENTER, &number, document(), colours.faint);
    let spoken = match line {
        Some(line) => format!("{number}: {}", line.text()),
        None => "Loading".to_owned(),
    };
    response.widget_info(|| WidgetInfo::selected(Role::ListBoxOption, true, is_cursor, spoken.clone()));
    if let Some(line) = line {
        let galley = painter.layout_job(line.laid_out(&colours));
        let at = pos2(rect.left() + TEXT, rect.center().y - galley.size().y / 2.0);
        painter.galley(at, galley, colours.text);
    }
}
