//! The viewer for the bytes of a document of any size. Where a row is follows from its number, so that the end is as near
//! as the beginning; only the bytes in sight are looked up, and drawn as a placeholder until they are there. Owns where the
//! person is and what they have selected; runs on the UI thread.

use std::borrow::Cow;
use std::ops::Range;
use std::time::Duration;

use egui::{EventFilter, Rect, Response, RichText, Role, Sense, Ui, WidgetInfo, pos2};
use poll_promise::Promise;

use super::hex_cursor::{self, Cursor, Step, Wish};
use super::hex_find::{HexFind, HexFindWish};
use super::hex_grid::Grid;
use super::hex_rows::{HexRows, Seen, hex_text};
use super::hex_status::{self, Switches, parse_offset};
use super::text_find::Way;
use super::text_status;
use super::text_view::{Outline, Place};
use super::theme::{Colours, STATUS_BAR, TEXT_ROW, document};
use super::viewer::View;
use super::{change_marks, hex_inspector, missing, scroll};
use crate::command::Command;
use crate::document::{ByteOrder, Changed, Document, Facts, INSPECTED_BYTES, Lines};
use crate::source::{ByteOffset, SourceChange};
use crate::units;

/// The most that is put on the clipboard: as digits it is three times as much.
const MAX_COPY_BYTES: u64 = 1 << 20;
/// In a view that is narrower than this the bytes need all of it, and the inspector is folded away.
const ROOM_FOR_INSPECTOR: f32 = 920.0;
/// The height that the inspector needs to show anything.
const MIN_INSPECTOR: f32 = 100.0;
/// How much of a narrow view the inspector takes at most.
const MAX_INSPECTOR_SHARE: f32 = 0.6;
/// How often the rows run along while somebody drags past their edge.
const DRAG_INTERVAL: Duration = Duration::from_millis(30);

/// One view of the bytes of one document.
pub(super) struct HexView {
    document: Document,
    place: Place,
    cursor: Cursor,
    reveal: Option<Reveal>,
    copying: Option<Promise<Result<Vec<u8>, String>>>,
    copies_text: bool,
    /// What is typed into the go-to field, while it is open, and whether it was opened just now.
    going: Option<(String, bool)>,
    /// The bar that searches, while it is open.
    finding: Option<HexFind>,
    /// Whether the inspector is to be shown; until the person says so, where there is room.
    inspector: Option<bool>,
    order: ByteOrder,
    outline: Outline,
}

/// How the cursor is brought into sight, if it is out of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Reveal {
    /// By as little as it takes.
    Nearest,
    /// With some rows before it.
    InContext,
}

impl HexView {
    /// A view of `document` whose topmost row is the one around the byte at which `place` begins.
    pub(super) fn new(document: Document, place: Place) -> Self {
        Self {
            document,
            place,
            cursor: Cursor::new(place.top),
            reveal: None,
            copying: None,
            copies_text: false,
            going: None,
            finding: None,
            inspector: None,
            order: ByteOrder::default(),
            outline: Outline::default(),
        }
    }

    /// Draws the rows in `rect` and does what keys and pointer ask for; gives the bytes at the cursor, if they are there.
    fn bytes(
        &mut self,
        ui: &mut Ui,
        rect: Rect,
        facts: Facts,
        in_front: bool,
        commands: &mut Vec<Command>,
    ) -> Option<Cow<'static, [u8]>> {
        let char_width = ui.ctx().fonts_mut(|fonts| fonts.glyph_width(&document(), '0')).max(1.0);
        // Where bytes are still to come, the rows and the scroll bar have room for them.
        let whole_bytes = missing::whole_bytes(&self.document, facts.len_bytes);
        let grid = Grid::new(rect, char_width, whole_bytes);
        let response = ui.interact(grid.area, ui.scope_id().with("bytes"), Sense::click_and_drag());
        let label = format!("Bytes of {}", self.document.name());
        response.widget_info(|| WidgetInfo::labeled(Role::Document, true, label.clone()));
        // What stands before the window has the keys, even where nothing of it has the focus.
        let allowed = ui.memory(|memory| memory.allows_interaction(ui.layer_id()));
        if in_front && allowed && ui.memory(|memory| memory.focused().is_none()) && self.going.is_none() {
            response.request_focus();
        }
        if facts.len_bytes == 0 {
            let words = RichText::new("This file is empty").color(Colours::of(ui).dim);
            ui.put(grid.area, egui::Label::new(words));
            return None;
        }
        self.place = grid.settled(self.place);
        self.wheel(ui, &response, &grid);
        if allowed && response.has_focus() {
            self.keys(ui, &response, &grid, facts, commands);
        }
        self.pointer(ui, &response, &grid);
        self.place = match self.reveal.take() {
            Some(Reveal::Nearest) => grid.revealing(self.place, self.cursor.at),
            Some(Reveal::InContext) => grid.showing(self.place, self.cursor.at),
            None => self.place,
        };

        let (place, at) = (self.place, self.cursor.at);
        let sought = self.finding.as_ref().and_then(HexFind::pattern);
        let looked = self.document.look(|lines| (HexRows::look(lines, &grid, place, sought), bytes_from(lines, at)));
        let (rows, at_cursor) = looked?;
        let seen = Seen { cursor: self.cursor, has_keys: response.has_focus(), lacking: self.lacking() };
        rows.paint(ui, &grid, &seen);
        self.mark_change(ui, &grid, facts);
        self.draw_missing(ui, &grid, facts.len_bytes..whole_bytes);
        let (position, share) = grid.scrolled_to(self.place);
        let (_, wanted) = scroll::bar(ui, grid.scroll_bar, scroll::Axis::Vertical, ("Bytes", position, share));
        if let Some(wanted) = wanted {
            self.place = grid.at_position(wanted);
            ui.ctx().request_repaint();
        }
        self.finish_copy(ui, commands);
        if self.outline.shows(ui, &response) {
            let stroke = egui::Stroke::new(1.0, Colours::of(ui).accent);
            let inset = ui.painter().with_clip_rect(grid.area);
            inset.rect_stroke(grid.area, 0, stroke, egui::StrokeKind::Inside);
        }
        at_cursor
    }

    /// Shows in the rows, and beside the scroll bar, from where on the file was changed.
    fn mark_change(&mut self, ui: &Ui, grid: &Grid, facts: Facts) {
        let Some(mark) = self.document.mark() else { return };
        let top = grid.row_of(self.place.top);
        for number in 0..grid.rows() {
            let start = grid.start_of(top.saturating_add(number));
            if start.0 < facts.len_bytes {
                let rect = grid.row_rect(self.place, number).intersect(grid.area);
                change_marks::row(ui, rect, (start, start.plus(grid.row_bytes())), mark);
            }
        }
        if change_marks::tick(ui, grid.scroll_bar, Some(mark), facts.len_bytes) {
            (self.cursor, self.reveal) = (Cursor::new(mark.at), Some(Reveal::InContext));
        }
    }

    /// Draws the rows in sight whose bytes, from the start of `lacking` to its end, are still to come.
    fn draw_missing(&self, ui: &Ui, grid: &Grid, lacking: Range<u64>) {
        let Some(begun) = missing::of(&self.document) else { return };
        let top = grid.row_of(self.place.top);
        let first = lacking.start.div_ceil(grid.row_bytes()).max(top);
        let end = lacking.end.div_ceil(grid.row_bytes()).min(top.saturating_add(grid.rows()));
        if first < end {
            let (highest, lowest) = (grid.row_rect(self.place, first - top), grid.row_rect(self.place, end - 1 - top));
            let area = highest.union(lowest).intersect(grid.area);
            if area.is_positive() {
                missing::area(ui, area, &begun);
            }
        }
    }

    /// Why bytes that the document should have are not there.
    fn lacking(&self) -> &'static str {
        match self.document.change() {
            Some(Changed { change: SourceChange::CutShort(_), .. }) => "These bytes are gone: the file was cut short",
            _ => "These bytes could not be read",
        }
    }

    fn wheel(&mut self, ui: &Ui, response: &Response, grid: &Grid) {
        let delta = ui.input(egui::InputState::smooth_scroll_delta).y;
        if delta != 0.0 && ui.rect_contains_pointer(response.rect) {
            self.place = grid.scrolled(self.place, -delta / TEXT_ROW);
        }
    }

    fn keys(&mut self, ui: &Ui, response: &Response, grid: &Grid, facts: Facts, commands: &mut Vec<Command>) {
        let filter = EventFilter { tab: false, horizontal_arrows: true, vertical_arrows: true, escape: false };
        ui.memory_mut(|memory| memory.set_focus_lock_filter(response.id, filter));
        let page = i64::try_from(grid.full_rows()).unwrap_or(1);
        for wish in hex_cursor::wishes(ui, page, self.cursor.selects()) {
            match wish {
                Wish::Go(step) | Wish::Extend(step) => {
                    let to = self.cursor.after(step, grid.row_bytes(), facts.len_bytes);
                    let extends = matches!(wish, Wish::Extend(_));
                    self.cursor = if extends { self.cursor.extended(to) } else { Cursor::new(to) };
                    self.reveal = Some(Reveal::Nearest);
                    // The rows turn with the cursor, a page at a time.
                    if let Step::Rows(rows) = step
                        && rows.abs() == page
                    {
                        self.place = grid.turned(self.place, rows);
                    }
                }
                Wish::SelectAll => self.cursor = Cursor::on(&(ByteOffset(0)..ByteOffset(facts.len_bytes))),
                Wish::Deselect => self.cursor = self.cursor.alone(),
                Wish::Copy => self.copy(commands),
            }
        }
    }

    fn pointer(&mut self, ui: &Ui, response: &Response, grid: &Grid) {
        if response.clicked() || response.drag_started() {
            response.request_focus();
        }
        let Some(pos) = response.interact_pointer_pos() else { return };
        let under = grid.byte_at(self.place, pos);
        let (pressed, extending) = ui.input(|input| (input.pointer.primary_pressed(), input.modifiers.shift));
        if pressed && !extending {
            self.cursor = Cursor::new(under);
        } else if pressed || response.dragged() {
            self.cursor = self.cursor.extended(under);
        }
        // Dragged past an edge, the rows run along.
        if response.dragged() && !grid.area.y_range().contains(pos.y) {
            self.place = grid.turned(self.place, if pos.y < grid.area.top() { -1 } else { 1 });
            ui.ctx().request_repaint_after(DRAG_INTERVAL);
        }
    }

    fn copy(&mut self, commands: &mut Vec<Command>) {
        let selected = self.cursor.range();
        let bytes = selected.end.since(selected.start);
        if bytes > MAX_COPY_BYTES {
            let (bytes, most) = (units::bytes(bytes), units::bytes(MAX_COPY_BYTES));
            commands.push(Command::Say(format!(
                "{bytes} are selected; at most {most} can be copied. Save them to a file instead"
            )));
        } else {
            self.copying = self.document.read_range(selected);
        }
    }

    fn finish_copy(&mut self, ui: &Ui, commands: &mut Vec<Command>) {
        match self.copying.take().map(Promise::try_take) {
            None => {}
            Some(Err(pending)) => self.copying = Some(pending),
            Some(Ok(Ok(bytes))) if self.copies_text => {
                ui.ctx().copy_text(String::from_utf8_lossy(&bytes).into_owned());
            }
            Some(Ok(Ok(bytes))) => ui.ctx().copy_text(hex_text(&bytes)),
            Some(Ok(Err(error))) => commands.push(Command::Say(format!("Could not copy: {error}"))),
        }
    }

    fn find_bar(&mut self, ui: &mut Ui, has_keys: bool, commands: &mut Vec<Command>) {
        let Some(mut bar) = self.finding.take() else { return };
        match bar.ui(ui, &self.document, self.cursor.at, has_keys, commands) {
            Some(HexFindWish::Close) => return,
            Some(HexFindWish::Go(found)) => {
                (self.cursor, self.reveal) = (Cursor::on(&found), Some(Reveal::InContext));
            }
            None => {}
        }
        self.finding = Some(bar);
    }

    fn go_to_field(&mut self, ui: &mut Ui, facts: Facts, has_keys: bool, commands: &mut Vec<Command>) {
        let Some((mut text, fresh)) = self.going.take() else { return };
        let (open, wanted) = text_status::go_to_field(ui, "4096, 0x1000 or 50%", &mut text, fresh, has_keys);
        if open {
            self.going = Some((text.clone(), false));
        }
        if !wanted {
            return;
        }
        match parse_offset(&text, facts.len_bytes) {
            Ok(to) => {
                if to.0 > facts.len_bytes {
                    let bytes = units::count(facts.len_bytes, "byte");
                    commands.push(Command::Say(format!("There are no more than {bytes}")));
                }
                (self.cursor, self.reveal) = (Cursor::new(to), Some(Reveal::InContext));
                self.going = None;
            }
            Err(error) => commands.push(Command::Say(error.to_string())),
        }
    }
}

/// The bytes from `at` on that are told more of; `None` while they are on their way.
fn bytes_from(lines: &Lines<'_>, at: ByteOffset) -> Option<Cow<'static, [u8]>> {
    let first = lines.bytes(at..at.plus(1))?;
    // Where the first one could not be read, those that follow are others.
    if first.is_empty() { Some(first) } else { lines.bytes(at..at.plus(INSPECTED_BYTES)) }
}

impl View for HexView {
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
        // What was gone to or found may have been cut off since.
        self.cursor = self.cursor.within(facts.len_bytes);
        // In a pane that is narrower than what stands above, the rows still end with the pane.
        let area = ui.available_rect_before_wrap().intersect(pane);
        let status = Rect::from_min_max(pos2(area.left(), area.bottom() - STATUS_BAR), area.max);
        let above = Rect::from_min_max(area.min, pos2(area.right(), status.top()));
        let inspector = self.inspector.unwrap_or(above.width() >= ROOM_FOR_INSPECTOR);
        let beside = if inspector && above.height() > MIN_INSPECTOR && facts.len_bytes > 0 {
            hex_inspector::WIDTH.min(above.width() * MAX_INSPECTOR_SHARE)
        } else {
            0.0
        };
        let (rows, beside) = above.split_left_right_at_x(above.right() - beside);
        let at_cursor = self.bytes(ui, rows, facts, in_front, &mut commands);
        if beside.width() > 0.0 {
            hex_inspector::ui(ui, beside, at_cursor.as_deref(), &mut self.order);
        }
        let mut switches = Switches { inspector, copies_text: self.copies_text };
        hex_status::bar(ui, status, (&self.document, facts), self.cursor, &mut switches, &mut commands);
        self.copies_text = switches.copies_text;
        if switches.inspector != inspector {
            self.inspector = Some(switches.inspector);
            ui.ctx().request_repaint();
        }
        commands
    }

    fn ask_where(&mut self) {
        self.going = Some((String::new(), true));
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
        self.cursor.selects().then(|| self.cursor.range())
    }

    /// Set as it was.
    fn read_again(&mut self, document: &Document) -> Option<Box<dyn View>> {
        let finding = self.finding.take().map(HexFind::anew);
        let (copies_text, inspector, order) = (self.copies_text, self.inspector, self.order);
        let new = Self::new(document.clone(), self.place);
        Some(Box::new(Self { cursor: self.cursor, finding, copies_text, inspector, order, ..new }))
    }
}

#[cfg(test)]
#[expect(clippy::disallowed_methods, reason = "a file is made to be shown")]
mod tests {
    use std::sync::Arc;
    use std::time::Instant;

    use egui::{Event, Key, Modifiers, OutputCommand};
    use egui_kittest::Harness;
    use egui_kittest::kittest::Queryable as _;
    use tempfile::TempDir;

    use super::*;
    use crate::document::Open;
    use crate::jobs::{Engine, Executor, Limits, Mode, Workers};
    use crate::work::Request;

    const NONE: Modifiers = Modifiers::NONE;
    /// How long anything may take.
    const DEADLINE: Duration = Duration::from_secs(30);

    type Window = Harness<'static, Shown>;

    struct Shown {
        view: HexView,
        said: Vec<String>,
        _folder: TempDir,
    }

    /// A window of this width that shows these bytes and nothing else.
    fn opened(bytes: &[u8], width: f32) -> Window {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("some.bin");
        std::fs::write(&path, bytes).unwrap();
        let (open, document) = Open::new(path);
        let workers = Workers::start().unwrap();
        let executor = Executor::new(workers.handle().unwrap(), Arc::new(|| {}));
        let mut engine: Engine<Request> = Engine::new(executor, Limits::default());
        engine.submit(open.into(), Mode::Blocking);
        engine.poll(Instant::now());
        engine.run_blocking();
        let shown = Shown { view: HexView::new(document, Place::default()), said: Vec::new(), _folder: folder };
        let draw = |ui: &mut Ui, shown: &mut Shown| {
            let crate::document::Standing::Open(facts) = shown.view.document.standing() else { return };
            for command in shown.view.ui(ui, facts, true) {
                if let Command::Say(words) = command {
                    shown.said.push(words);
                }
            }
        };
        let builder = Harness::builder().with_size([width, 600.0]).with_context_setup(crate::ui::install);
        let mut window = builder.build_ui_state(draw, shown);
        window.run_steps(3);
        window
    }

    fn press(window: &mut Window, modifiers: Modifiers, key: Key) {
        window.key_press_modifiers(modifiers, key);
        window.step();
        window.run_steps(2);
    }

    fn enter(window: &mut Window, field: &str, words: &str) {
        window.run_steps(3);
        window.get_by_role_and_label(Role::TextInput, field).type_text(words);
        window.step();
        press(window, NONE, Key::Enter);
    }

    fn click(window: &mut Window, button: &str) {
        window.get_by_role_and_label(Role::Button, button).click();
        window.step();
        window.run_steps(3);
    }

    fn tells(window: &Window, words: &str) -> bool {
        window.query_all_by_role_and_label(Role::Label, words).next().is_some()
    }

    fn until(window: &mut Window, what: &str, mut holds: impl FnMut(&Window) -> bool) {
        let deadline = Instant::now() + DEADLINE;
        while !holds(window) {
            assert!(Instant::now() < deadline, "not until {what}, but {:?}", window.state().said);
            window.step();
            // The readers get what is left over: a test that spins would leave them nothing.
            std::thread::park_timeout(Duration::from_millis(1));
        }
    }

    /// What a copy puts on the clipboard.
    fn copied(window: &mut Window) -> String {
        window.input_mut().events.push(Event::Copy);
        let mut copied = None;
        until(window, "something is copied", |window| {
            let commands = window.output().platform_output.commands.iter();
            let text = |command: &OutputCommand| match command {
                OutputCommand::CopyText(text) => Some(text.clone()),
                _ => None,
            };
            copied = commands.filter_map(text).next_back();
            copied.is_some()
        });
        copied.unwrap()
    }

    #[test]
    fn keys_move_and_select_and_what_is_selected_is_copied_as_digits_or_as_text() {
        let mut window = opened(b"0123456789abcdefABCDEF", 1_000.0);
        assert!(window.get_by_role_and_label(Role::Document, "Bytes of some.bin").is_focused());
        press(&mut window, NONE, Key::ArrowDown);
        assert!(tells(&window, "0x10") && tells(&window, "byte 16"));
        assert!(tells(&window, "A  U+0041"), "the inspector does not follow");
        assert_eq!(copied(&mut window), "41");
        press(&mut window, Modifiers::SHIFT, Key::ArrowRight);
        assert!(tells(&window, "2 bytes selected"));
        assert_eq!(copied(&mut window), "41 42");
        click(&mut window, "Copy bytes as text, not as digits");
        assert_eq!(copied(&mut window), "AB");
        press(&mut window, NONE, Key::Escape);
        assert!(!tells(&window, "2 bytes selected"));
    }

    #[test]
    fn a_search_goes_on_from_the_other_end_only_when_it_is_asked_again() {
        let bytes = [vec![0; 100], b"needle".to_vec(), vec![0; 194], b"needle".to_vec()].concat();
        let mut window = opened(&bytes, 1_000.0);
        window.state_mut().view.find();
        enter(&mut window, "Find", "needle");
        until(&mut window, "the first is found", |window| tells(window, "byte 100"));
        assert!(tells(&window, "6 bytes selected"));
        let further = |window: &mut Window, way| window.state_mut().view.go_among_hits(way);
        further(&mut window, Way::Next);
        until(&mut window, "the second is found", |window| tells(window, "byte 300"));
        further(&mut window, Way::Next);
        let said = "There is no match from here to the end: search once more to go on from the beginning";
        until(&mut window, "it is said", |window| window.state().said == [said]);
        assert!(tells(&window, "byte 300"), "it went elsewhere");
        further(&mut window, Way::Next);
        until(&mut window, "the first is found again", |window| tells(window, "byte 100"));
        further(&mut window, Way::Previous);
        until(&mut window, "that is said too", |window| window.state().said.len() == 2);
        further(&mut window, Way::Previous);
        until(&mut window, "the last is found", |window| tells(window, "byte 300"));
    }

    #[test]
    fn an_offset_is_gone_to_and_a_narrow_view_shows_the_inspector_when_it_is_asked_to() {
        let mut window = opened(&vec![0; 100_000], 700.0);
        assert!(!tells(&window, "At the cursor"));
        window.state_mut().view.ask_where();
        enter(&mut window, "Go to", "0xfa0");
        until(&mut window, "it is there", |window| tells(window, "byte 4,000"));
        assert!(window.state().view.place().top <= ByteOffset(4_000) && window.state().view.place().top.0 > 0);
        click(&mut window, "Values at the cursor");
        assert!(tells(&window, "At the cursor"));
        assert_eq!(window.unnamed_widgets(), [""; 0]);
    }
}
