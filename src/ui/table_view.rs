//! The viewer for tables of any size. Its place is a byte, not a row of a list, so that it works before the index is there;
//! only the rows and columns in sight are looked up, decoded and laid out. How it moves is told by `table_moves`, what keys
//! and pointer do by `table_input`.

use egui::{Popup, Rect, Response, RichText, Role, Sense, Ui, WidgetInfo, pos2};
use poll_promise::Promise;

use super::change_marks;
use super::scroll::{self, Axis};
use super::table_arranging::TableArranging;
use super::table_columns::{ColumnInSight, TableColumns};
use super::table_cursor::{Cursor, Step};
use super::table_filter::FilterBar;
use super::table_header::Header;
use super::table_inspector::Inspector;
use super::table_jumps::RowJump;
use super::table_keys::ColumnWish;
use super::table_moves::Moved;
use super::table_rows::{Drawn, TableLayout, TableMetrics, TableRow};
use super::table_status::{self, StatusWish, Told};
use super::text_view::{Outline, Place};
use super::theme::{Colours, STATUS_BAR};
use super::viewer::View;
use crate::command::Command;
use crate::document::table::{Copied, CopyError, Dialect, RowOrder, Rows, Table, TableTally};
use crate::document::{Document, Facts};
use crate::source::ByteOffset;
use crate::units;

/// How soon it is looked again whether a copy is there, in seconds.
const COPY_POLL_SECS: f32 = 0.05;

/// One view of one document as a table.
pub(super) struct TableView {
    pub(super) document: Document,
    pub(super) place: Place,
    pub(super) reading: Option<Reading>,
    pub(super) arranged: TableArranging,
    pub(super) filter: FilterBar,
    pub(super) columns: TableColumns,
    pub(super) cursor: Option<Cursor>,
    /// Steps of the cursor that are still to be done, each with whether it draws out the block.
    pub(super) steps: Vec<(Step, bool)>,
    pub(super) jump: Option<RowJump>,
    /// What is still to be done with the column that the person is at.
    pub(super) column_wishes: Vec<ColumnWish>,
    /// Whether it was only guessed that a row begins at the top.
    guessed: bool,
    pub(super) drawn: Drawn,
    header: Header,
    pub(super) inspector: Option<Box<Inspector>>,
    copying: Option<Promise<Copied>>,
    /// What is typed into the go-to field, while it is open, and whether it was opened just now.
    pub(super) going: Option<(String, bool)>,
    /// What is typed for another delimiter.
    typed: String,
    /// The most rows that it was expected to have, and the most fields that were seen in one.
    most_rows: u64,
    most_fields: u64,
    outline: Outline,
    /// The number of the row that the person is at, the name of the column, and the per cent.
    whereabouts: (Option<u64>, Option<String>, u64),
}

/// How the document is read.
pub(super) struct Reading {
    pub(super) table: Table,
    /// Whether the first record is a header: it can be changed without reading anything again.
    pub(super) header: bool,
    /// Which filling of the document is read, once it is known.
    run: Option<u64>,
}

impl TableView {
    pub(super) fn new(document: Document, place: Place) -> Self {
        Self {
            document,
            place,
            reading: None,
            arranged: TableArranging::default(),
            filter: FilterBar::default(),
            columns: TableColumns::at_place(place.column),
            cursor: None,
            steps: Vec::new(),
            jump: Some(RowJump::Top(place.top)),
            column_wishes: Vec::new(),
            guessed: false,
            drawn: Drawn::default(),
            header: Header::default(),
            inspector: None,
            copying: None,
            going: None,
            typed: String::new(),
            most_rows: 0,
            most_fields: 0,
            outline: Outline::default(),
            whereabouts: (None, None, 0),
        }
    }

    /// Has the document read as a table, if it is not yet.
    fn begin(&mut self, commands: &mut Vec<Command>) {
        if self.reading.is_none()
            && let Some(dialect) = self.document.dialect()
        {
            self.read_as(dialect, commands);
            self.arrange(self.arranged.wanted().clone(), commands);
        }
    }

    fn read_as(&mut self, dialect: Dialect, commands: &mut Vec<Command>) {
        let (job, table) = self.document.table(dialect);
        // What is far away is read to its end when the person asks for that.
        if self.document.is_far() {
            job.give_up();
        } else {
            commands.push(Command::Start(job.into()));
        }
        self.reading = Some(Reading { table, header: dialect.header, run: None });
        self.look_anew();
        self.columns = TableColumns::at_place(self.columns.left());
        (self.most_rows, self.most_fields) = (0, 0);
    }

    /// Forgets what was drawn, and where the person was but for the top.
    fn look_anew(&mut self) {
        (self.drawn, self.cursor, self.steps) = (Drawn::default(), None, Vec::new());
        self.jump = Some(RowJump::Top(self.place.top));
    }

    fn table(&mut self, ui: &mut Ui, rect: Rect, facts: Facts, in_front: bool, commands: &mut Vec<Command>) {
        if self.take_arranged() {
            ui.ctx().request_repaint();
        }
        let Some(reading) = &self.reading else { return };
        let (table, header, tally) = (reading.table.clone(), reading.header, reading.table.tally());
        self.columns.order.set_count(tally.shape.most.max(self.most_fields));
        // As wide as it will be in the end, as far as that can be known: nothing moves while rows are counted.
        self.most_rows = self.most_rows.max(expected_records(&tally));
        let metrics = TableMetrics::new(ui, rect, self.most_rows, &self.columns);
        self.columns.settle(metrics.room());
        let response = self.interact(ui, &metrics, in_front);
        self.wheel(ui, &response, &metrics);
        let copy = self.keys(ui, &response, &metrics);
        let (sight, order) = (self.columns.in_sight(metrics.room()), self.arranged.order().cloned());
        let looked = self.look(&table, header, &metrics, &sight);
        let Some((moved, mut layout, run, indexed)) = looked else { return };
        let has_moved = moved.cursor != self.cursor;
        self.take(moved, commands);
        if has_moved {
            self.reveal_column(ui, &metrics);
        }
        self.settle(ui, &layout, run, indexed);
        // After the steps that came with it.
        if copy {
            self.copy(&table, commands);
        }
        layout.place(&metrics);
        layout.paint(ui, &metrics, &sight, &self.columns, (self.cursor, order.as_ref()));
        layout.tell_ragged(ui, &metrics);
        self.whereabouts = self.find_whereabouts(&layout, &metrics, &sight, facts);
        let wishes = self.header.ui(ui, &layout, &metrics, &sight, &self.columns, &self.arranged);
        if layout.size_columns(ui, &metrics, &sight, &mut self.columns) {
            ui.ctx().request_repaint();
        }
        self.change_columns(ui, wishes, &layout, &metrics, &sight, commands);
        self.drawn = layout.drawn;
        let hides_all = order.is_some_and(|order| order.facts().rows == 0);
        if facts.len_bytes == 0 || hides_all {
            let words = if hides_all { "No row is left" } else { "This file is empty" };
            ui.put(metrics.body, egui::Label::new(RichText::new(words).color(Colours::of(ui).dim)));
            return;
        }
        self.pointer(ui, &response, &metrics, &sight);
        self.scroll_bars(ui, &metrics, &tally, facts);
        self.finish_copy(ui, commands);
        if self.outline.shows(ui, &response) {
            let stroke = egui::Stroke::new(1.0, Colours::of(ui).accent);
            ui.painter().rect_stroke(metrics.body, 0, stroke, egui::StrokeKind::Inside);
        }
    }

    /// Looks up the rows in sight, and where jumps and steps lead; with which filling of the document was looked at, and
    /// up to where that is indexed.
    fn look(
        &mut self,
        table: &Table,
        header: bool,
        metrics: &TableMetrics,
        sight: &[ColumnInSight],
    ) -> Option<(Moved, TableLayout, u64, ByteOffset)> {
        let (drawn, mut inspector) = (std::mem::take(&mut self.drawn), self.inspector.take());
        let (order, tally) = (self.arranged.order().cloned(), table.tally());
        let looked = self.document.look_at_rows(table, header, |rows: &Rows<'_>| {
            let rows = &rows.arranged(order.as_ref());
            let moved = self.moved(rows, metrics, &tally, &drawn);
            let mut layout = TableLayout::new(rows, moved.place, metrics, sight, drawn);
            if let (Some(inspector), Some(cursor)) = (&mut inspector, moved.cursor) {
                layout.unfinished |= inspector.look(rows, cursor.head);
            }
            (moved, layout, rows.lines().run(), rows.indexed())
        });
        self.inspector = inspector;
        looked
    }

    /// What the pointer and the keys are at. Whoever can not see the table hears what the cell says.
    fn interact(&self, ui: &Ui, metrics: &TableMetrics, in_front: bool) -> Response {
        let response = ui.interact(metrics.body, ui.scope_id().with("table"), Sense::click_and_drag());
        let label = format!("Table of {}", self.document.name());
        let said = self.cell_in_words();
        response.widget_info(|| WidgetInfo {
            current_text_value: said.clone(),
            ..WidgetInfo::labeled(Role::Table, true, label.clone())
        });
        // What stands before the window has the keys, even where nothing of it has the focus.
        let allowed = ui.memory(|memory| memory.allows_interaction(ui.layer_id())) && !Popup::is_any_open(ui.ctx());
        if in_front && allowed && ui.memory(|memory| memory.focused().is_none()) && self.going.is_none() {
            response.request_focus();
        }
        response
    }

    fn cell_in_words(&self) -> Option<String> {
        let head = self.cursor?.head;
        let row = self.drawn.rows.iter().find(|row| row.start == head.row)?;
        let place = row.place_of(head.column)?;
        let text = row.cells.get(place)?.as_ref().map(|cell| cell.text.clone())?;
        let number = row.number.map_or_else(String::new, |number| format!("row {}, ", units::number(number + 1)));
        let column = self.whereabouts.1.clone().unwrap_or_default();
        Some(format!("{number}{column}: {text}"))
    }

    /// Corrects what only shows when the rows are there.
    fn settle(&mut self, ui: &Ui, layout: &TableLayout, run: u64, indexed: ByteOffset) {
        let fields = layout.drawn.rows.iter().chain(&layout.drawn.header).filter_map(|row| row.fields).max();
        let more = fields.is_some_and(|fields| fields > self.columns.order.count());
        self.most_fields = self.most_fields.max(fields.unwrap_or(0));
        // A table that ends above the bottom is drawn down to it.
        let first = layout.drawn.rows.first().is_none_or(TableRow::is_first);
        let above = layout.empty_rows > 0 && !first && self.jump.is_none();
        if above {
            self.jump = Some(RowJump::Rows(-layout.empty_rows));
            self.place.part = 0.0;
        }
        // What was guessed is looked at again as soon as it is known.
        let known = self.guessed && self.place.top <= indexed && self.jump.is_none();
        if known {
            self.jump = Some(RowJump::Top(self.place.top));
        }
        self.guessed = self.place.top > indexed && self.arranged.order().is_none();
        let Some(reading) = &mut self.reading else { return };
        let another = reading.run.is_some_and(|before| before != run);
        reading.run = Some(run);
        if another {
            self.reading = None;
            self.arranged.lose_order();
            self.look_anew();
        }
        if more || above || known || another || layout.unfinished {
            ui.ctx().request_repaint();
        }
    }

    fn copy(&mut self, table: &Table, commands: &mut Vec<Command>) {
        let Some(cursor) = self.cursor else { return };
        let order = self.arranged.order();
        match cursor.block(&self.columns.order, order) {
            Some(block) => self.copying = table.copy(&self.document, block, order.cloned()),
            None => commands.push(Command::Say("Where that begins is still looked for: copy it again".into())),
        }
    }

    fn finish_copy(&mut self, ui: &Ui, commands: &mut Vec<Command>) {
        match self.copying.take().map(Promise::try_take) {
            None | Some(Ok(Err(CopyError::GivenUp))) => {}
            Some(Err(pending)) => {
                self.copying = Some(pending);
                ui.ctx().request_repaint_after_secs(COPY_POLL_SECS);
            }
            Some(Ok(Ok(text))) => ui.ctx().copy_text(text),
            Some(Ok(Err(error))) => commands.push(Command::Say(error.to_string())),
        }
    }

    fn inspect(&mut self, ui: &mut Ui, rect: Rect, whole: Rect) {
        let row = self.whereabouts.0.map_or_else(String::new, |row| format!(" · row {}", units::number(row + 1)));
        let name = match self.cursor.and(self.whereabouts.1.as_ref()) {
            Some(column) => format!("{column}{row}"),
            None => "No cell is chosen".into(),
        };
        let open = self.inspector.as_mut().is_none_or(|inspector| inspector.ui(ui, rect, whole, &name));
        if !open {
            self.inspector = None;
        }
    }

    #[expect(
        clippy::cast_precision_loss,
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "the place of a thumb; a drag is as exact as a screen"
    )]
    fn scroll_bars(&mut self, ui: &Ui, metrics: &TableMetrics, tally: &TableTally, facts: Facts) {
        if metrics.flat.height() > 0.0 {
            let last = self.columns.last(metrics.room()).max(1) as f64;
            let share = 1.0 - last / self.columns.order.shown().max(1) as f64;
            let position = (self.columns.left() as f64 / last).min(1.0);
            let shown = ("Columns", position, share.clamp(0.0, 0.99));
            let (_, wanted) = scroll::bar(ui, metrics.flat, Axis::Horizontal, shown);
            if let Some(wanted) = wanted {
                self.columns.go_to((wanted * last).round() as u64, metrics.room());
                ui.ctx().request_repaint();
            }
        }
        let header = self.reading.as_ref().is_some_and(|reading| reading.header);
        let arranged = self.arranged.order().map(|order| order.facts().rows);
        let count = arranged.unwrap_or(tally.shape.records.saturating_sub(u64::from(header)));
        let last = count.saturating_sub(metrics.full_rows().unsigned_abs()) as f64;
        let first = self.drawn.rows.first();
        // Rows once all are known, bytes before: the thumb never waits for the index.
        let number = match arranged {
            Some(_) => Some(first.and_then(|row| row.place).unwrap_or(0)),
            None => first.and_then(|row| row.number).filter(|_| tally.complete),
        };
        let (position, share) = match number {
            Some(number) => (number as f64 / last.max(1.0), 1.0 - last / count.max(1) as f64),
            None => (self.place.top.0 as f64 / facts.len_bytes.max(1) as f64, 0.0),
        };
        let shown = ("Rows", position.min(1.0), share);
        let (_, wanted) = scroll::bar(ui, metrics.upright, Axis::Vertical, shown);
        let mark = self.document.mark();
        if change_marks::tick(ui, metrics.upright, mark, facts.len_bytes) {
            self.jump = mark.map(|mark| RowJump::Top(mark.at));
        }
        if let Some(wanted) = wanted {
            self.place.part = 0.0;
            self.jump = Some(match number {
                Some(_) if arranged.is_some() => RowJump::TopPlace((wanted * last).round() as u64),
                Some(_) => RowJump::TopRow((wanted * last).round() as u64),
                None => RowJump::Top(ByteOffset((wanted * facts.len_bytes as f64) as u64)),
            });
            ui.ctx().request_repaint();
        }
    }

    fn status(&mut self, ui: &mut Ui, rect: Rect, facts: Facts, commands: &mut Vec<Command>) {
        let Some(reading) = &self.reading else { return };
        let (table, tally) = (reading.table.clone(), reading.table.tally());
        let told = Told {
            dialect: Dialect { header: reading.header, ..table.dialect() },
            tally: &tally,
            arranged: self.arranged.order().map(RowOrder::facts),
            ragged: self.arranged.order().map_or(tally.shape.ragged(), RowOrder::ragged_rows),
            columns: (self.columns.order.shown(), self.columns.order.count()),
            row: self.whereabouts.0,
            column: self.cursor.and(self.whereabouts.1.as_deref()),
            percent: self.whereabouts.2,
            len_bytes: facts.len_bytes,
            waiting: self.waiting_for(),
        };
        let before = told.dialect;
        match table_status::bar(ui, rect, (&self.document, facts), &told, &mut self.typed, commands) {
            None => {}
            // Whether the first record is a header changes nothing of where records are.
            Some(StatusWish::Dialect(dialect)) if Dialect { header: before.header, ..dialect } == before => {
                if let Some(reading) = &mut self.reading {
                    reading.header = dialect.header;
                }
                self.look_anew();
                self.arranged.lose_order();
                self.arrange(self.arranged.wanted().clone(), commands);
                ui.ctx().request_repaint();
            }
            Some(StatusWish::Dialect(dialect)) => {
                // Other columns are no more those that were meant.
                (self.arranged, self.filter) = (TableArranging::default(), FilterBar::default());
                self.read_as(dialect, commands);
                ui.ctx().request_repaint();
            }
            Some(StatusWish::NextRagged) => {
                self.jump = Some(self.next_ragged());
                ui.ctx().request_repaint();
            }
            Some(StatusWish::Filter) => self.filter.summon(),
            Some(StatusWish::Export) => {
                let (order, columns) = (self.arranged.order().cloned(), self.columns.order.runs());
                commands.push(Command::Ask(self.document.export(&table, before.header, order, columns).into()));
            }
            Some(StatusWish::GoOn) => commands.push(Command::Start(self.document.table_on(&table).into())),
        }
    }
}

impl View for TableView {
    fn place(&self) -> Place {
        Place { column: self.columns.left(), ..self.place }
    }

    fn ui(&mut self, ui: &mut Ui, facts: Facts, in_front: bool) -> Vec<Command> {
        let mut commands = Vec::new();
        let pane = ui.max_rect();
        // Of two panes the one in front has the keys, and what stands before the window has them all.
        let has_keys = in_front && ui.memory(|memory| memory.allows_interaction(ui.layer_id()));
        self.go_to_field(ui, facts, has_keys, &mut commands);
        self.filter_bar(ui, facts, has_keys, &mut commands);
        // In a pane that is narrower than what stands above, the table still ends with the pane.
        let area = ui.available_rect_before_wrap().intersect(pane);
        let status = Rect::from_min_max(pos2(area.left(), area.bottom() - STATUS_BAR), area.max);
        let content = Rect::from_min_max(area.min, pos2(area.right(), status.top()));
        self.begin(&mut commands);
        let cell = self.inspector.as_ref().map(|inspector| inspector.place(content));
        let bottom = cell.map_or(content.bottom(), |cell| cell.top());
        self.table(ui, Rect::from_min_max(content.min, pos2(content.right(), bottom)), facts, in_front, &mut commands);
        if let Some(cell) = cell {
            self.inspect(ui, cell, content);
        }
        self.status(ui, status, facts, &mut commands);
        commands
    }

    fn ask_where(&mut self) {
        self.going = Some((String::new(), true));
    }

    /// With rows that are arranged as they are here.
    fn read_again(&mut self, document: &Document) -> Option<Box<dyn View>> {
        let (arranged, filter) = (self.arranged.anew(), self.filter.anew());
        Some(Box::new(Self { arranged, filter, ..Self::new(document.clone(), self.place) }))
    }
}

/// How many records there will be, if the rest is as what is known.
fn expected_records(tally: &TableTally) -> u64 {
    let rest = u128::from(tally.whole_bytes.saturating_sub(tally.passed_bytes));
    let expected = rest * u128::from(tally.shape.records) / u128::from(tally.passed_bytes.max(1));
    tally.shape.records.saturating_add(u64::try_from(expected).unwrap_or(u64::MAX))
}
