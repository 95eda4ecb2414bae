//! The viewer for text of any size. Its place is a byte, not a row of a list, so that it works before the index is
//! there and in files of one line; only the rows and columns in sight are looked up, decoded and laid out. What keys and
//! pointer do, where the view goes, what it finds and what it copies are told each in a file of its own.

mod copying;
mod finding;
mod input;
mod moving;

use std::ops::Range;

use egui::{Key, Rect, Response, RichText, Role, Sense, Ui, WidgetInfo};
use poll_promise::Promise;

use super::text_find::{FindBar, Way};
use super::text_jumps::{Jump, parse_jump};
use super::text_origins;
use super::text_rows::{DrawnRow, Layout, Metrics};
use super::text_selection::{Selection, Step};
use super::text_status::{self, Switches};
use super::theme::{Colours, STATUS_BAR};
use super::viewer::View;
use super::{change_marks, missing};
use crate::command::Command;
use crate::document::{Document, Facts, Hits, LineNumber, Lines};
use crate::source::ByteOffset;
use crate::units;
use finding::hit_of;

/// When no more than this is missing of a line, it is seen.
const ORDINARY_LINE_BYTES: u64 = 4 << 10;

/// Where in a document a person is.
#[derive(Clone, Copy, Debug, Default, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct Place {
    /// The start of the topmost line in sight or, where lines are wrapped, a byte of the topmost row: it stays when the rows
    /// become wider.
    pub top: ByteOffset,
    /// The part of that row that is scrolled out of sight, in rows, from 0 to 1.
    pub part: f32,
    /// The leftmost column in sight.
    pub column: u64,
}

/// One view of one document.
pub(super) struct TextView {
    document: Document,
    place: Place,
    /// Whether lines are wrapped.
    wraps: bool,
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

impl TextView {
    pub(super) fn new(document: Document, place: Place) -> Self {
        Self {
            document,
            place,
            wraps: false,
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

    fn text(&mut self, ui: &mut Ui, rect: Rect, facts: Facts, in_front: bool, commands: &mut Vec<Command>) {
        let metrics = self.metrics(ui, rect, facts);
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
            self.go_with_the_end(facts, &metrics, commands);
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
        if let Some(jump) = metrics.scroll_bars(ui, &mut self.place, &self.document, facts, &self.drawn, &in_sight) {
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

    fn metrics(&mut self, ui: &Ui, rect: Rect, facts: Facts) -> Metrics {
        // As wide as it will be in the end, as far as that can be known: the text does not move while it is counted.
        self.most_lines = self.most_lines.max(self.document.expected_lines(facts.len_bytes));
        self.most_lines = self.most_lines.max(self.document.lines_of_file());
        // In a list of lines that match each takes one row, to be seen beside the others.
        let wraps = self.wraps && self.only.is_none();
        Metrics::new(ui, rect, &self.document, facts, (self.widest, self.most_lines), wraps)
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

    fn selected(&self) -> Range<ByteOffset> {
        self.selection.map_or(ByteOffset(0)..ByteOffset(0), Selection::range)
    }

    /// Where a person is: at the selection's end or, where that is out of sight, at the top. Who has gone to where the
    /// last line is seen is at the end.
    fn find_whereabouts(&self, layout: &Layout, metrics: &Metrics, facts: Facts) -> (Option<LineNumber>, u64) {
        let len = facts.len_bytes;
        let head = self.selection.map(|selection| selection.head.min(ByteOffset(len).minus(1)));
        let mut in_sight = layout.rows.iter().filter(|row| row.top < metrics.text.bottom());
        let current = head.and_then(|head| in_sight.find(|row| row.holds(head)));
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
        let now = Switches { follows: self.follows(), wraps: self.wraps };
        if let Some(wanted) =
            text_status::bar(ui, status, (&self.document, facts), place, self.waiting_for(), now, &mut commands)
        {
            if wanted.follows != now.follows {
                self.set_following(wanted.follows);
            }
            self.set_wrapping(wanted.wraps);
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
        let mut view = Self { finding, wraps: self.wraps, ..Self::new(document.clone(), self.place) };
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

    fn wrap(&mut self, wrap: bool) {
        self.set_wrapping(wrap);
    }

    fn wraps(&self) -> Option<bool> {
        Some(self.wraps)
    }
}
