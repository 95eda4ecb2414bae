//! The viewer for text of any size. Its place is a byte, not a row of a list, so that it works before the index is
//! there and in files of one line; only the rows and columns in sight are looked up, decoded and laid out.

mod finding;

use std::ops::Range;
use std::time::Duration;

use egui::{EventFilter, Key, Rect, Response, RichText, Role, Sense, Ui, WidgetInfo};
use poll_promise::Promise;

use super::text_find::{FindBar, Way};
use super::text_jumps::{Jump, Landing, parse_jump, reveal};
use super::text_keys::{self, Wish};
use super::text_origins;
use super::text_rows::{DrawnRow, Layout, Metrics};
use super::text_selection::{Selection, Step};
use super::text_status;
use super::theme::{Colours, STATUS_BAR};
use super::viewer::View;
use super::{change_marks, missing};
use crate::command::Command;
use crate::document::{Changed, Document, Facts, Found, Hits, LineNumber, Lines};
use crate::source::{ByteOffset, SourceChange};
use crate::units;
use finding::hit_of;

/// The most that is put on the clipboard.
const MAX_COPY_BYTES: u64 = 16 << 20;
/// The most steps of a selection that wait for the bytes that they pass.
const MAX_WAITING_STEPS: usize = 256;

/// So long has a file to seem written over for it to be so.
const REWRITTEN_FOR: Duration = Duration::from_secs(1);

/// When no more than this is missing of a line, it is seen.
const ORDINARY_LINE_BYTES: u64 = 4 << 10;

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
    selection: Option<Selection>,
    /// Steps of the selection's end that are still to be done.
    steps: Vec<Step>,
    jump: Option<Jump>,
    /// The columns of the widest line that was drawn so far; tabs make it more than its bytes.
    widest: u64,
    /// The most lines that it was expected to have.
    most_lines: u64,
    copying: Option<Promise<Result<Vec<u8>, String>>>,
    /// What is typed into the go-to field, while it is open, and whether it was opened just now.
    pub(super) going: Option<(String, bool)>,
    /// The bar that searches, while it is open, and under the text the lines that match.
    finding: Option<FindBar>,
    list: Option<Box<Self>>,
    /// How much of the height the list has.
    list_share: f32,
    /// How long the document was when its end was last brought into sight, while that is followed.
    following: Option<u64>,
    /// What was found, if only that is shown.
    only: Option<Hits>,
    /// How many lines around each of these.
    context: u8,
    /// How many lines that match come before the top or, where all are shown, which of them the person is at.
    hit: Option<u64>,
    /// To which of them the list was last brought.
    listed: Option<u64>,
    drawn: Vec<DrawnRow>,
    outline: Outline,
    /// The line and the per cent that a person is at.
    whereabouts: (Option<LineNumber>, u64),
}

/// The line around a text that has the focus. Who has come to it by Tab sees it for as long as the text has the focus; who
/// has clicked into it knows, and a text that has the keys because nothing else wants them needs none.
#[derive(Default)]
pub(super) struct Outline {
    shown: bool,
    /// The frame in which Tab was last pressed. The focus comes in that frame or, backwards, in the next.
    tab_in: Option<u64>,
}

impl Outline {
    pub(super) fn shows(&mut self, ui: &Ui, text: &Response) -> bool {
        let frame = ui.ctx().cumulative_frame_nr();
        if ui.input(|input| input.key_pressed(Key::Tab)) {
            self.tab_in = Some(frame);
        }
        if text.gained_focus() && self.tab_in.is_some_and(|tab_in| frame - tab_in <= 1) {
            self.shown = true;
        }
        let clicked = text.is_pointer_button_down_on() || text.clicked();
        self.shown &= text.has_focus() && !clicked;
        self.shown
    }
}

/// What becomes of a view by the jumps and steps that can be told.
#[derive(Default)]
struct Moved {
    place: Place,
    selection: Option<Selection>,
    /// What has to wait.
    jump: Option<Jump>,
    steps: Vec<Step>,
    /// Why it went elsewhere than it was sent to, if it did.
    said: Option<String>,
}

impl TextView {
    pub(super) fn new(document: Document, place: Place) -> Self {
        Self {
            document,
            place,
            selection: None,
            steps: Vec::new(),
            jump: Some(Jump::Top(place.top)),
            widest: 0,
            most_lines: 0,
            copying: None,
            going: None,
            finding: None,
            list: None,
            list_share: 0.35,
            following: None,
            only: None,
            context: 0,
            hit: None,
            listed: None,
            drawn: Vec::new(),
            outline: Outline::default(),
            whereabouts: (None, 0),
        }
    }

    /// Keeps the end in sight as it grows, or no longer.
    fn set_following(&mut self, follow: bool) {
        self.following = follow.then_some(0);
        self.jump = if follow { Some(Jump::LastLines) } else { self.jump };
        self.document.follow(follow);
    }

    /// Goes to the end if it is followed and has moved. Whoever goes elsewhere follows no longer; a file that bears the
    /// name now, or was begun anew, is read in its place.
    fn go_with_the_end(&mut self, facts: Facts, commands: &mut Vec<Command>) {
        let Some(seen) = self.following else { return };
        if matches!(self.jump, Some(Jump::Rows(rows)) if rows < 0)
            || matches!(
                self.jump,
                Some(
                    Jump::Line(_)
                        | Jump::OfFile(_)
                        | Jump::Byte(_)
                        | Jump::TopLine(_)
                        | Jump::Top(_)
                        | Jump::Hit(..)
                        | Jump::Mark(_)
                )
            )
        {
            self.set_following(false);
            return;
        }
        if facts.len_bytes != seen {
            self.following = Some(facts.len_bytes);
            self.jump = Some(Jump::LastLines);
        }
        let anew = self.document.change().is_some_and(|Changed { change, after, noticed, .. }| match change {
            SourceChange::Replaced | SourceChange::CutShort(_) => true,
            // While it is appended to, the time of the last write may be seen to change before the length.
            SourceChange::Rewritten | SourceChange::Touched => {
                after.is_some() && noticed.elapsed().is_ok_and(|elapsed| elapsed > REWRITTEN_FOR)
            }
            SourceChange::Grew(_) | SourceChange::Unreadable | SourceChange::Moved | SourceChange::Deleted => false,
        });
        if anew {
            commands.push(Command::FollowAnew(self.document.path().to_owned()));
        }
    }

    fn text(&mut self, ui: &mut Ui, rect: Rect, facts: Facts, in_front: bool, commands: &mut Vec<Command>) {
        // As wide as it will be in the end, as far as that can be known: the text does not move while it is counted.
        self.most_lines = self.most_lines.max(self.document.expected_lines(facts.len_bytes));
        self.most_lines = self.most_lines.max(self.document.lines_of_file());
        let metrics = Metrics::new(ui, rect, &self.document, facts, (self.widest, self.most_lines));
        let response = ui.interact(metrics.text, ui.scope_id().with("text"), Sense::click_and_drag());
        let label = format!("Text of {}", self.document.name());
        response.widget_info(|| WidgetInfo::labeled(Role::Document, true, label.clone()));
        // What stands before the window has the keys, even where nothing of it has the focus.
        let allowed = ui.memory(|memory| memory.allows_interaction(ui.layer_id()));
        if in_front && allowed && ui.memory(|memory| memory.focused().is_none()) && self.going.is_none() {
            response.request_focus();
        }
        self.wheel(ui, &response, &metrics);
        let follow = self.only.is_none();
        let copy = self.keys(ui, &response, &metrics, facts);

        if follow {
            self.go_with_the_end(facts, commands);
        }
        let drawn = std::mem::take(&mut self.drawn);
        let hits = self.hits();
        let look = |lines: &Lines<'_>| {
            let moved = self.moved(lines, &metrics, &drawn);
            let search = hits.map(|(hits, _)| hits.id());
            let layout = Layout::new(lines, moved.place, &metrics, self.document.change(), drawn, search);
            let hit = hit_of(lines, &moved);
            (moved, layout, hit)
        };
        let looked = match hits {
            Some((hits, shows)) => self.document.look_at_hits(hits, shows, look),
            None => self.document.look(look),
        };
        let Some((moved, mut layout, hit)) = looked else { return };
        self.hit = hit;
        (self.place, self.selection) = (moved.place, moved.selection);
        (self.jump, self.steps) = (moved.jump, moved.steps);
        commands.extend(moved.said.map(Command::Say));
        // After the steps that came with it.
        if copy {
            self.copy(commands);
        }
        self.settle(ui, &layout, &metrics);
        layout.place(ui, &metrics);
        layout.paint(ui, &metrics, &self.selected(), self.selection.map(|selection| selection.head));
        self.whereabouts = self.find_whereabouts(&layout, &metrics, facts);
        self.drawn = layout.rows;
        self.mark_change(ui, &metrics);
        if facts.len_bytes == 0 {
            let words = RichText::new(text_origins::empty_words(&self.document)).color(Colours::of(ui).dim);
            ui.put(metrics.text, egui::Label::new(words));
            return;
        }
        self.pointer(ui, &response, &metrics);
        let at = self.selection.map_or(self.place.top, |selection| selection.head).min(ByteOffset(facts.len_bytes - 1));
        commands.extend(text_origins::wish(ui, &response, &self.document, at));
        let in_sight = self.hits_in_sight();
        let marked = self.document.mark();
        if change_marks::tick(ui, metrics.scroll_bar(), marked, facts.len_bytes) {
            self.jump = marked.map(|mark| Jump::Byte(mark.at));
        }
        if let Some(jump) =
            metrics.scroll_bars(ui, &mut self.place, &self.document, facts, self.drawn.first(), &in_sight)
        {
            self.jump = Some(jump);
            ui.ctx().request_repaint();
        }
        self.finish_copy(ui, commands);
        if self.outline.shows(ui, &response) {
            let stroke = egui::Stroke::new(1.0, Colours::of(ui).accent);
            let inset = ui.painter().with_clip_rect(metrics.text);
            inset.rect_stroke(metrics.text, 0, stroke, egui::StrokeKind::Inside);
        }
    }

    /// Shows in the rows from where on the file was changed.
    fn mark_change(&self, ui: &Ui, metrics: &Metrics) {
        let Some(mark) = self.document.mark() else { return };
        for row in &self.drawn {
            let rect = Rect::from_min_size(
                egui::pos2(metrics.text.left(), row.top),
                egui::vec2(metrics.text.width(), metrics.row_height),
            );
            change_marks::row(ui, rect.intersect(metrics.text), (row.start, row.end.plus(1)), mark);
        }
    }

    /// Corrects what only shows when the rows are there.
    fn settle(&mut self, ui: &Ui, layout: &Layout, metrics: &Metrics) {
        self.widest = layout.rows.iter().map(DrawnRow::columns).fold(self.widest, u64::max);
        // A document that ends above the bottom is drawn down to it.
        if layout.empty_rows > 0 && self.place.top.0 > 0 && self.jump.is_none() && self.following.is_none() {
            self.jump = Some(Jump::Rows(-layout.empty_rows));
            self.place.part = 0.0;
            ui.ctx().request_repaint();
        }
        // A place of an earlier time may be beyond all lines that there are now.
        let last = metrics.last_column_of(self.widest.max(self.document.longest_line_bytes()));
        if self.place.column > last && self.document.line_count().1 {
            self.place.column = last;
            ui.ctx().request_repaint();
        }
    }

    /// Where the jump and the steps lead that were asked for, as far as it can be told.
    fn moved(&self, lines: &Lines<'_>, metrics: &Metrics, drawn: &[DrawnRow]) -> Moved {
        let mut moved = Moved { place: self.place, selection: self.selection, ..Moved::default() };
        if let Some(jump) = self.jump {
            let (nearest, said) = self.nearest(jump, lines);
            let found = match nearest.follow(lines, metrics, self.place, drawn) {
                // Of a file that was cut short some lines are gone that the index knows. To go elsewhere would pass the
                // wrong line off as the one that was meant.
                Found::Unknown if matches!(nearest, Jump::Line(_)) && self.document.line_count().1 => {
                    moved.said = Some("That line is gone: the file has changed since it was opened".into());
                    return moved;
                }
                // What is searched for may still come.
                Found::Unknown if matches!(nearest, Jump::Hit(..) | Jump::TopHit(_)) => Found::Unknown,
                // Once no more is indexed there is no such line, and the last one is nearest; until then it may come.
                Found::Unknown if self.document.line_count().1 || self.document.index_stopped() => {
                    Jump::Top(self.last_indexed(lines)).follow(lines, metrics, self.place, drawn)
                }
                found => found,
            };
            match found {
                Found::Here(Landing { place, marked, left, said: on_the_way }) => {
                    (moved.place, moved.selection, moved.jump) = (place, marked.or(self.selection), left);
                    moved.said = said.or_else(|| on_the_way.map(str::to_owned));
                }
                Found::Loading | Found::Unknown => moved.jump = Some(jump),
            }
        }
        let mut steps = self.steps.iter();
        for step in steps.by_ref() {
            let from = moved.selection.unwrap_or_else(|| {
                let caret = moved.place.top.max(metrics.grid.text_start);
                Selection::new(caret, caret)
            });
            let extended = from.extended(lines, metrics.grid, *step);
            let seen = extended.and_then(|selection| reveal(selection.head, lines, metrics, moved.place));
            let (Some(selection), Some(place)) = (extended, seen) else {
                moved.steps.push(*step);
                break;
            };
            (moved.selection, moved.place) = (Some(selection), place);
        }
        moved.steps.extend(steps);
        moved
    }

    /// Where `jump` leads: once all lines are known, a line beyond them is the last one, and a sentence says so.
    fn nearest(&self, jump: Jump, lines: &Lines<'_>) -> (Jump, Option<String>) {
        let (count, complete) = self.document.line_count();
        let all = units::count(count, "line");
        match jump {
            Jump::Line(number) if number.0 < count => (jump, None),
            Jump::Line(_) if complete => {
                (Jump::Line(LineNumber(count.saturating_sub(1))), Some(format!("There are no more than {all}")))
            }
            Jump::Line(_) if self.document.index_stopped() => {
                let unindexed = self.document.waits_for_index();
                let why = if unindexed { "the document is not indexed" } else { "the indexing was stopped" };
                let said = format!("Only {all} are known: {why}");
                (Jump::Top(self.last_indexed(lines)), Some(said))
            }
            _ => (jump, None),
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
        let last = metrics.last_column();
        let column = self.place.column;
        self.place.column = if columns < 0.0 { column.saturating_sub(by) } else { (column + by).min(last) };
    }

    /// Does what keys ask for, but for the copy, of which it tells whether it is wanted.
    fn keys(&mut self, ui: &Ui, response: &Response, metrics: &Metrics, facts: Facts) -> bool {
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

    fn pointer(&mut self, ui: &Ui, response: &Response, metrics: &Metrics) {
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
            self.selection = Some(Selection::new(row.start.max(metrics.grid.text_start), row.end));
        } else if response.double_clicked() {
            let (line, under) = (row.start.max(metrics.grid.text_start)..row.end, row.byte_under(at.x));
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

    fn selected(&self) -> Range<ByteOffset> {
        self.selection.map_or(ByteOffset(0)..ByteOffset(0), Selection::range)
    }

    /// Where a person is: at the selection's end or, where that is out of sight, at the top. Who has gone to where the
    /// last line is seen is at the end.
    fn find_whereabouts(&self, layout: &Layout, metrics: &Metrics, facts: Facts) -> (Option<LineNumber>, u64) {
        let len = facts.len_bytes;
        let head = self.selection.map(|selection| selection.head.min(ByteOffset(len).minus(1)));
        let mut in_sight = layout.rows.iter().filter(|row| row.top < metrics.text.bottom());
        let current = head.and_then(|head| in_sight.find(|row| row.start <= head && head <= row.end));
        let number = current.or(layout.rows.first()).and_then(|row| row.shown);
        let last = layout.last_in_sight(metrics).filter(|last| current.is_none_or(|row| row.start == last.start));
        if let Some(last) = last {
            // But of a file that is all one line there may be much to come.
            let hidden = last.end.since(last.seen_to());
            let at_end = hidden < ORDINARY_LINE_BYTES.max(len / 100);
            let number = if self.place.top.0 > 0 { last.shown } else { number };
            return (number, if at_end { 100 } else { text_status::share(last.seen_to().0, len) });
        }
        let at = if current.is_some() { head } else { None }.unwrap_or(self.place.top.plus(self.place.column));
        (number, text_status::share(at.0, len))
    }

    fn copy(&mut self, commands: &mut Vec<Command>) {
        let selected = self.selected();
        let bytes = selected.end.since(selected.start);
        if bytes > MAX_COPY_BYTES {
            let (bytes, most) = (units::bytes(bytes), units::bytes(MAX_COPY_BYTES));
            commands.push(Command::Say(format!(
                "{bytes} are selected; at most {most} fit on the clipboard. Save them to a file instead"
            )));
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

    fn go_to_field(&mut self, ui: &mut Ui, facts: Facts, has_keys: bool, commands: &mut Vec<Command>) {
        let Some((mut text, fresh)) = self.going.take() else { return };
        let (open, wanted) = text_status::go_to_field(ui, "Line, 50% or @byte", &mut text, fresh, has_keys);
        if open {
            self.going = Some((text.clone(), false));
        }
        if wanted {
            match parse_jump(&text, facts.len_bytes) {
                Ok(jump) => {
                    if matches!(jump, Jump::Byte(byte) if byte.0 > facts.len_bytes) {
                        let bytes = units::count(facts.len_bytes, "byte");
                        commands.push(Command::Say(format!("There are no more than {bytes}")));
                    }
                    self.jump = Some(match jump {
                        Jump::Line(number) if self.document.only().is_some() => Jump::OfFile(number),
                        jump => jump,
                    });
                    self.going = None;
                }
                Err(error) => commands.push(Command::Say(error.to_string())),
            }
        }
    }
}

impl View for TextView {
    fn place(&self) -> Place {
        self.place
    }

    fn ui(&mut self, ui: &mut Ui, facts: Facts, in_front: bool) -> Vec<Command> {
        let mut commands = Vec::new();
        let pane = ui.max_rect();
        // Of two panes the one in front has the keys, and what stands before the window has them all.
        let has_keys = in_front && ui.memory(|memory| memory.allows_interaction(ui.layer_id()));
        self.go_to_field(ui, facts, has_keys, &mut commands);
        self.find_bar(ui, has_keys, &mut commands);
        // In a pane that is narrower than what stands above, the text still ends with the pane.
        let area = ui.available_rect_before_wrap().intersect(pane);
        let status = Rect::from_min_max(egui::pos2(area.left(), area.bottom() - STATUS_BAR), area.max);
        let text = Rect::from_min_max(area.min, egui::pos2(area.right(), status.top()));
        let text = missing::below(ui, text, &self.document);
        let text = self.list(ui, text, facts, &mut commands);
        self.text(ui, text, facts, in_front, &mut commands);
        let (number, percent) = self.whereabouts;
        let place = (number, percent);
        if let Some(follow) = text_status::bar(
            ui,
            status,
            (&self.document, facts),
            place,
            self.waiting_for(),
            self.follows(),
            &mut commands,
        ) {
            self.set_following(follow);
            ui.ctx().request_repaint();
        }
        commands
    }

    fn ask_where(&mut self) {
        self.going = Some((String::new(), true));
    }

    fn go_to(&mut self, at: ByteOffset) -> bool {
        self.jump = Some(Jump::Mark(at));
        true
    }

    fn find(&mut self) -> bool {
        self.finding.get_or_insert_default().summon();
        true
    }

    /// Without a search, asks what to search for.
    fn go_among_hits(&mut self, way: Way) {
        match self.finding.as_mut().filter(|bar| !bar.is_empty()) {
            Some(bar) => bar.ask(way),
            None => {
                self.find();
            }
        }
    }

    fn selected_bytes(&self) -> Option<Range<ByteOffset>> {
        Some(self.selected()).filter(|selected| !selected.is_empty())
    }

    /// With the same search, and at the end if that is followed.
    fn read_again(&mut self, document: &Document) -> Option<Box<dyn View>> {
        let follows = self.follows();
        let finding = self.finding.take().map(|bar| bar.anew(follows));
        let mut view = Self { finding, ..Self::new(document.clone(), self.place) };
        if follows {
            view.set_following(true);
        }
        Some(Box::new(view))
    }

    fn follow(&mut self, follow: bool) -> bool {
        self.set_following(follow);
        true
    }

    fn follows(&self) -> bool {
        self.following.is_some()
    }
}
