//! The viewer for the outline of JSON and JSON lines of any size. Its place is a byte; only the values in sight are
//! looked up, and what is kept of the tree is what the person has opened.

use egui::{Align2, EventFilter, Rect, Response, Role, Sense, Ui, WidgetInfo};

use super::change_marks;
use super::outline_copies::{Copies, Wanted};
use super::outline_jumps::{Jump, Stand};
use super::outline_keys::{self, Wish};
use super::outline_path::Chosen;
use super::outline_rows::{Layout, Metrics, OutlineRow};
use super::outline_spot::Spot;
use super::outline_status::{self, StatusWish, Whereabouts};
use super::text_jumps::{self, parse_jump};
use super::text_status;
use super::text_view::{Outline as FocusLine, Place};
use super::theme::{Colours, STATUS_BAR, TEXT_ROW, regular};
use super::viewer::View;
use crate::command::Command;
use crate::document::{Document, Facts, Found, LineNumber, Node, Nodes, Outline, PAGE_BYTES, Surveyed};
use crate::source::ByteOffset;
use crate::units;

/// One view of the outline of one document.
pub(super) struct OutlineView {
    document: Document,
    place: Place,
    outline: Option<Outline>,
    /// Whether the person has asked to have it read, however far away the document is.
    asked: bool,
    /// Which reading of the document the rows were found in.
    run: u64,
    stand: Stand,
    jump: Option<Jump>,
    /// The line that is gone to, until it is known where it starts.
    line: Option<LineNumber>,
    rows: Vec<OutlineRow>,
    /// The first value at the top, and whether there are others, once that is known.
    first: Option<Node>,
    several: Option<bool>,
    /// Whether it was decided if the first value is open from the start.
    begun: bool,
    chosen: Option<Chosen>,
    copies: Copies,
    /// What is typed into the go-to field, while it is open, and whether it was opened just now.
    going: Option<(String, bool)>,
    /// The columns of the widest row that was drawn so far.
    widest: u64,
    focus: FocusLine,
}

impl OutlineView {
    pub(super) fn new(document: Document, place: Place) -> Self {
        Self {
            document,
            place,
            outline: None,
            asked: false,
            run: 0,
            stand: Stand { part: place.part, ..Stand::default() },
            jump: back_to(place),
            line: None,
            rows: Vec::new(),
            first: None,
            several: None,
            begun: false,
            chosen: None,
            copies: Copies::default(),
            going: None,
            widest: 0,
            focus: FocusLine::default(),
        }
    }

    /// The outline, of which the reading is asked for if there is none of what the document is now.
    fn outline(&mut self, commands: &mut Vec<Command>) -> Outline {
        let known = self.outline.take().filter(|outline| self.document.is_outlined_by(outline));
        let outline = known.unwrap_or_else(|| {
            let (job, outline) = self.document.outline();
            // What is far away is read to its end when the person asks for that.
            if self.asked || !self.document.is_far() {
                commands.push(Command::Start(job.into()));
            } else {
                job.give_up();
            }
            outline
        });
        self.outline = Some(outline.clone());
        outline
    }

    fn tree(
        &mut self,
        ui: &mut Ui,
        rect: Rect,
        facts: Facts,
        in_front: bool,
        (outline, surveyed): (&Outline, &Surveyed),
    ) {
        let metrics = Metrics::new(ui, rect, self.widest);
        let response = ui.interact(metrics.text, ui.scope_id().with("outline"), Sense::click());
        let label = format!("Outline of {}", self.document.name());
        response.widget_info(|| WidgetInfo::labeled(Role::Tree, true, label.clone()));
        // What stands before the window has the keys, even where nothing of it has the focus.
        let allowed = ui.memory(|memory| memory.allows_interaction(ui.layer_id()));
        if in_front && allowed && ui.memory(|memory| memory.focused().is_none()) && self.going.is_none() {
            response.request_focus();
        }
        self.wheel(ui, &response, &metrics);
        self.keys(ui, &response, &metrics);
        self.find_line();
        let document = self.document.clone();
        let looked =
            document.look_at_outline(outline, |nodes| (self.update(nodes, &metrics, surveyed), nodes.is_tired()));
        let Some((mut layout, tired)) = looked else { return };
        self.settle(ui, &layout, &metrics, tired);
        layout.place(ui, &metrics);
        self.widest = self.widest.max(layout.widest());
        let cursor = self.stand.cursor.as_ref().map(|cursor| cursor.node.at);
        if let Some(message) = self.nothing(surveyed) {
            let colour = Colours::of(ui).dim;
            ui.painter().text(metrics.text.center(), Align2::CENTER_CENTER, message, regular(), colour);
        } else {
            layout.paint(ui, &metrics, self.place, cursor, response.id);
        }
        let mark = self.document.mark();
        if change_marks::tick(ui, metrics.vertical, mark, facts.len_bytes) {
            self.jump = mark.map(|mark| Jump::to_top(mark.at));
        }
        if let Some(jump) = metrics.scroll_bars(ui, &mut self.place, facts, &layout) {
            self.stand.part = 0.0;
            self.jump = Some(jump);
            ui.ctx().request_repaint();
        }
        self.rows = layout.rows;
        self.pointer(ui, &response, &metrics);
        // Until a place of an earlier time is reached, that is still where the person is.
        if !matches!(self.jump, Some(Jump::Top(_))) {
            self.place.top = self.stand.top.as_ref().map_or(self.place.top, |top| top.node.at);
            self.place.part = self.stand.part;
        }
        if self.focus.shows(ui, &response) {
            let stroke = egui::Stroke::new(1.0, Colours::of(ui).accent);
            let inset = ui.painter().with_clip_rect(metrics.text);
            inset.rect_stroke(metrics.text, 0, stroke, egui::StrokeKind::Inside);
        }
    }

    /// Goes where it is asked to, as far as that can be told, and finds the rows there.
    fn update(&mut self, nodes: &Nodes<'_>, metrics: &Metrics, surveyed: &Surveyed) -> Layout {
        if self.run != nodes.run() {
            self.run = nodes.run();
            self.rows.clear();
            (self.first, self.several, self.chosen) = (None, None, None);
            (self.stand.top, self.stand.cursor) = (None, None);
            self.jump = self.jump.take().or_else(|| back_to(self.place));
        }
        self.begin(nodes, surveyed);
        if let Some(jump) = self.jump.take() {
            self.jump = jump.follow(&mut self.stand, nodes, &self.rows, metrics.full_rows());
        }
        let first = self.first.map(|first| Spot::top(first, Some(0)));
        self.stand.top = self.stand.top.take().or(first);
        if self.stand.cursor.is_none() && self.jump.is_none() {
            self.stand.cursor = self.stand.top.clone();
        }
        let rows = std::mem::take(&mut self.rows);
        let layout = Layout::new(nodes, &self.stand, self.first.map(|first| first.at), metrics, rows);
        if let Some(cursor) = &self.stand.cursor {
            let known = self.chosen.take().filter(|chosen| chosen.is_of(cursor));
            let mut chosen = known.unwrap_or_else(|| Chosen::of(cursor));
            chosen.fill(cursor, nodes, self.several == Some(true));
            self.chosen = Some(chosen);
        }
        layout
    }

    /// Finds the first value, and opens it if it is the only one: before that is known, if it is not read to its end.
    fn begin(&mut self, nodes: &Nodes<'_>, surveyed: &Surveyed) {
        self.first = self.first.or_else(|| nodes.first().here().flatten());
        let Some(first) = self.first.filter(|_| self.several.is_none()) else { return };
        let next = nodes.next_sibling(&first);
        self.several = next.here().map(|next| next.is_some());
        if self.several == Some(true)
            && let Some(chosen) = &mut self.chosen
        {
            chosen.forget_top();
        }
        let goes_on = next == Found::Unknown && (surveyed.read_bytes >= PAGE_BYTES || surveyed.stopped);
        if !self.begun && (self.several.is_some() || goes_on) {
            self.begun = true;
            if self.several != Some(true) && first.kind.is_container() {
                self.stand.opened.insert(first.at);
            }
        }
    }

    /// Corrects what only shows when the rows are there, and goes on with what is left to be done.
    fn settle(&mut self, ui: &Ui, layout: &Layout, metrics: &Metrics, tired: bool) {
        if self.widest > 0 {
            self.place.column = self.place.column.min(metrics.last_column());
        }
        if layout.empty_rows > 0 && !layout.at_start && self.jump.is_none() {
            self.stand.part = 0.0;
            self.jump = Some(Jump::Rows(-layout.empty_rows));
            ui.ctx().request_repaint();
        }
        if tired || self.chosen.as_ref().is_some_and(|chosen| chosen.tired) {
            ui.ctx().request_repaint();
        }
    }

    /// What is to be said where there is no row.
    fn nothing(&self, surveyed: &Surveyed) -> Option<&'static str> {
        let over = surveyed.complete || surveyed.broken.is_some();
        if surveyed.is_unread() {
            return Some("The outline is read when you ask for it, at the bottom right");
        }
        if self.first.is_some() || !over {
            return None;
        }
        Some(if surveyed.complete { "There is no value in this file" } else { "This file is no JSON" })
    }

    fn whereabouts(&self) -> Option<Whereabouts> {
        let (cursor, chosen) = self.stand.cursor.as_ref().zip(self.chosen.as_ref())?;
        let bytes = chosen.end.here().flatten().map(|end| end.since(cursor.node.value));
        Some(Whereabouts { path: chosen.last_part(), kind: cursor.node.kind, at: cursor.node.at, bytes })
    }

    /// What the view waits for, in words.
    fn waiting_for(&self, surveyed: &Surveyed) -> Option<String> {
        if let Some(line) = self.line {
            return Some(format!("Going to line {}", units::number(line.0 + 1)));
        }
        let byte = self.jump.as_ref().and_then(Jump::byte).filter(|byte| byte.0 >= surveyed.read_bytes)?;
        Some(format!("Going to {} %", text_status::share(byte.0, surveyed.whole_bytes)))
    }

    fn wheel(&mut self, ui: &Ui, response: &Response, metrics: &Metrics) {
        if !ui.rect_contains_pointer(response.rect) {
            return;
        }
        let delta = ui.input(egui::InputState::smooth_scroll_delta);
        if delta.y != 0.0 {
            self.scroll_rows(-delta.y / TEXT_ROW);
        }
        if delta.x != 0.0 {
            self.scroll_columns(-delta.x / metrics.char_width, metrics);
        }
    }

    #[expect(clippy::cast_possible_truncation, reason = "a few rows")]
    fn scroll_rows(&mut self, rows: f32) {
        let to = self.stand.part + rows;
        let whole = to.floor();
        self.stand.part = to - whole;
        let before = if let Some(Jump::Rows(rows)) = &self.jump { *rows } else { 0 };
        if whole != 0.0 {
            self.jump = Some(Jump::Rows(before + whole as i64));
        }
    }

    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a few columns, not below zero")]
    fn scroll_columns(&mut self, columns: f32, metrics: &Metrics) {
        let by = columns.abs().ceil() as u64;
        let column = self.place.column;
        self.place.column =
            if columns < 0.0 { column.saturating_sub(by) } else { (column + by).min(metrics.last_column()) };
    }

    fn keys(&mut self, ui: &Ui, response: &Response, metrics: &Metrics) {
        if !response.has_focus() || !ui.memory(|memory| memory.allows_interaction(ui.layer_id())) {
            return;
        }
        let filter = EventFilter { tab: false, horizontal_arrows: true, vertical_arrows: true, escape: false };
        ui.memory_mut(|memory| memory.set_focus_lock_filter(response.id, filter));
        for wish in outline_keys::wishes(ui, metrics.full_rows()) {
            let Some(cursor) = self.stand.cursor.clone() else { return };
            let open = self.stand.opened.contains(&cursor.node.at);
            match wish {
                Wish::Rows(rows) => {
                    let before = if let Some(Jump::Cursor(rows)) = &self.jump { *rows } else { 0 };
                    self.jump = Some(Jump::Cursor(before + rows));
                }
                Wish::First => self.jump = Some(Jump::First),
                Wish::Last => self.jump = Some(Jump::Last),
                Wish::In if open => self.jump = Some(Jump::Child),
                Wish::Out if !open => {
                    self.stand.cursor = Some(cursor.parent().unwrap_or(cursor));
                    self.jump = Some(Jump::Cursor(0));
                }
                Wish::In | Wish::Out | Wish::Toggle => {
                    self.toggle(&cursor);
                    self.jump = Some(Jump::Cursor(0));
                }
                Wish::CopyValue => self.copies.want(Wanted::Value),
                Wish::CopyPath => self.copies.want(Wanted::Path),
            }
        }
    }

    fn toggle(&mut self, spot: &Spot) {
        self.stand.toggle(spot);
        // What was drawn after it does not come after it any more.
        if let Some(row) = self.rows.iter().position(|row| row.spot.node.at == spot.node.at) {
            self.rows.truncate(row + 1);
        }
    }

    fn pointer(&mut self, ui: &Ui, response: &Response, metrics: &Metrics) {
        let pressed = ui.input(|input| input.pointer.primary_pressed());
        if response.clicked() {
            response.request_focus();
        }
        let Some(at) = response.interact_pointer_pos().filter(|at| metrics.text.contains(*at)) else { return };
        let Some(row) = self.rows.iter().find(|row| row.is_at(at.y)) else { return };
        let spot = row.spot.clone();
        let on_triangle = row.is_triangle_at(at.x, metrics, self.place);
        if pressed {
            self.stand.cursor = Some(spot.clone());
            ui.ctx().request_repaint();
        }
        if (pressed && on_triangle) || (response.double_clicked() && !on_triangle) {
            self.toggle(&spot);
            ui.ctx().request_repaint();
        }
    }

    fn go_to_field(&mut self, ui: &mut Ui, facts: Facts, has_keys: bool, commands: &mut Vec<Command>) {
        let Some((mut text, fresh)) = self.going.take() else { return };
        let (open, wanted) = text_status::go_to_field(ui, "Line, 50% or @byte", &mut text, fresh, has_keys);
        if open {
            self.going = Some((text.clone(), false));
        }
        if !wanted {
            return;
        }
        match parse_jump(&text, facts.len_bytes) {
            Ok(text_jumps::Jump::Line(line)) => (self.line, self.going) = (Some(line), None),
            Ok(text_jumps::Jump::Byte(byte)) => {
                let last = ByteOffset(facts.len_bytes.saturating_sub(1));
                (self.jump, self.going) = (Some(Jump::to_show(byte.min(last))), None);
            }
            Ok(_) => {}
            Err(error) => commands.push(Command::Say(error.to_string())),
        }
    }

    /// Goes to the line that was asked for, once it is known where it starts.
    fn find_line(&mut self) {
        let Some(line) = self.line else { return };
        let (count, complete) = self.document.line_count();
        let line = if complete { LineNumber(line.0.min(count.saturating_sub(1))) } else { line };
        match self.document.look(|lines| lines.start_of_line(line)) {
            Some(Found::Here(start)) => (self.line, self.jump) = (None, Some(Jump::to_show(start))),
            // Nothing more is counted, so it is nowhere.
            Some(Found::Unknown) if complete || self.document.index_stopped() => self.line = None,
            Some(Found::Loading | Found::Unknown) | None => {}
        }
    }
}

/// The way back to a place of an earlier time.
fn back_to(place: Place) -> Option<Jump> {
    Some(place.top).filter(|top| top.0 > 0).map(Jump::to_top)
}

impl View for OutlineView {
    fn place(&self) -> Place {
        self.place
    }

    fn ui(&mut self, ui: &mut Ui, facts: Facts, in_front: bool) -> Vec<Command> {
        let mut commands = Vec::new();
        let pane = ui.max_rect();
        let has_keys = in_front && ui.memory(|memory| memory.allows_interaction(ui.layer_id()));
        self.go_to_field(ui, facts, has_keys, &mut commands);
        let outline = self.outline(&mut commands);
        let surveyed = outline.surveyed();
        // In a pane that is narrower than what stands above, the rows still end with the pane.
        let area = ui.available_rect_before_wrap().intersect(pane);
        let status = Rect::from_min_max(egui::pos2(area.left(), area.bottom() - STATUS_BAR), area.max);
        let tree = Rect::from_min_max(area.min, egui::pos2(area.right(), status.top()));
        self.tree(ui, tree, facts, in_front, (&outline, &surveyed));
        let chosen = self.stand.cursor.as_ref().zip(self.chosen.as_ref());
        self.copies.finish(ui, &self.document, chosen, &mut commands);
        match outline_status::bar(
            ui,
            status,
            (&self.document, facts),
            &surveyed,
            self.whereabouts(),
            self.waiting_for(&surveyed),
            &mut commands,
        ) {
            Some(StatusWish::Error(at)) => self.jump = Some(Jump::to_show(at)),
            Some(StatusWish::Again) => (self.outline, self.asked) = (None, true),
            None => return commands,
        }
        ui.ctx().request_repaint();
        commands
    }

    fn ask_where(&mut self) {
        self.going = Some((String::new(), true));
    }
}
