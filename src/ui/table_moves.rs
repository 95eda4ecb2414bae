//! How a table view moves: where jumps and steps lead, as far as it can be told in this frame, and where the person is
//! then.

use egui::Ui;

use super::table_columns::ColumnInSight;
use super::table_cursor::{CellAt, Cursor, Step};
use super::table_jumps::{RowJump, RowLanding};
use super::table_rows::{Drawn, TableLayout, TableMetrics, TableRow};
use super::table_view::TableView;
use super::text_status;
use super::text_view::Place;
use crate::command::Command;
use crate::document::table::{Rows, TableTally};
use crate::document::{Facts, Found};
use crate::source::ByteOffset;
use crate::units;

/// What becomes of a view by the jumps and steps that can be told.
pub(super) struct Moved {
    pub(super) place: Place,
    pub(super) cursor: Option<Cursor>,
    /// What has to wait.
    jump: Option<RowJump>,
    steps: Vec<(Step, bool)>,
    /// Why it went elsewhere than it was sent to, if it did.
    said: Option<String>,
}

impl TableView {
    /// Where the jump and the steps lead that were asked for, as far as it can be told.
    pub(super) fn moved(&self, rows: &Rows<'_>, metrics: &TableMetrics, tally: &TableTally, drawn: &Drawn) -> Moved {
        let mut moved = Moved { place: self.place, cursor: self.cursor, jump: None, steps: Vec::new(), said: None };
        if let Some(jump) = self.jump {
            self.follow(jump, rows, metrics, tally, &mut moved);
        }
        let mut steps = self.steps.iter();
        for (step, extend) in steps.by_ref() {
            let next = match moved.cursor {
                Some(cursor) => cursor.moved(*step, *extend, rows, &self.columns.order),
                // Whoever is nowhere yet is at the first cell in sight.
                None => drawn.rows.first().and_then(|row| self.cell_in_row(row.start)).map(Cursor::at),
            };
            let seen = next.and_then(|cursor| reveal(cursor.head.row, rows, metrics, moved.place));
            let (Some(cursor), Some(place)) = (next, seen) else {
                moved.steps.push((*step, *extend));
                break;
            };
            (moved.cursor, moved.place) = (Some(cursor), place);
        }
        moved.steps.extend(steps);
        moved
    }

    fn follow(&self, jump: RowJump, rows: &Rows<'_>, metrics: &TableMetrics, tally: &TableTally, moved: &mut Moved) {
        let (nearest, said) = nearest(jump, tally, rows.dialect().header);
        match nearest.follow(rows, self.place.top, metrics.full_rows()) {
            Found::Here(RowLanding { top, chosen, left, said: on_the_way }) => {
                let stays = match jump {
                    // Above the first row there is nothing to see a part of.
                    RowJump::Rows(count) => count > 0 || top != self.place.top,
                    RowJump::Top(_) => true,
                    _ => false,
                };
                let part = if stays { self.place.part } else { 0.0 };
                moved.place = Place { top, part, ..self.place };
                moved.cursor = chosen.and_then(|row| self.cell_in_row(row)).map(Cursor::at).or(self.cursor);
                moved.jump = left;
                moved.said = said.or_else(|| on_the_way.map(str::to_owned));
            }
            // Nothing more is going to be known. To go elsewhere would pass the wrong row off as the one that was meant.
            Found::Unknown if tally.complete || tally.stopped => {
                let asked = matches!(jump, RowJump::Row(_) | RowJump::Byte(_));
                let words = if tally.stopped {
                    "Only what is indexed can be gone to: the indexing was stopped"
                } else {
                    "That row is gone: the file has changed since it was opened"
                };
                let any = tally.shape.records > 0;
                moved.said = said.or_else(|| (asked && any).then(|| words.to_owned()));
            }
            Found::Loading | Found::Unknown => moved.jump = Some(jump),
        }
    }

    /// Takes over what was found out.
    pub(super) fn take(&mut self, moved: Moved, commands: &mut Vec<Command>) {
        (self.place, self.cursor) = (moved.place, moved.cursor);
        (self.jump, self.steps) = (moved.jump, moved.steps);
        commands.extend(moved.said.map(Command::Say));
    }

    /// The cell of a row that is in the column of the person, or in the leftmost one in sight.
    fn cell_in_row(&self, row: ByteOffset) -> Option<CellAt> {
        let column = self.cursor.map(|cursor| cursor.head.column);
        let column = column.or_else(|| self.columns.order.at(self.columns.left())).or_else(|| self.columns.order.at(0));
        column.map(|column| CellAt { row, column })
    }

    /// Brings the column of the person into sight.
    pub(super) fn reveal_column(&mut self, ui: &Ui, metrics: &TableMetrics) {
        let place = self.cursor.and_then(|cursor| self.columns.order.place_of(cursor.head.column));
        if let Some(place) = place {
            self.columns.reveal(place, metrics.room());
            ui.ctx().request_repaint();
        }
    }

    /// Leaves a column that is going to be hidden for the one beside it.
    pub(super) fn step_off(&mut self, column: u64) {
        let order = &self.columns.order;
        let Some(cursor) =
            self.cursor.filter(|cursor| [cursor.head, cursor.anchor].iter().any(|at| at.column == column))
        else {
            return;
        };
        let place = order.place_of(column).unwrap_or(0);
        let beside = order.at(place + 1).or_else(|| order.at(place.checked_sub(1)?));
        let head = if cursor.head.column == column { beside } else { Some(cursor.head.column) };
        self.cursor = head.map(|column| Cursor::at(CellAt { column, ..cursor.head }));
    }

    /// The way to the ragged row after the one that the person is at.
    pub(super) fn next_ragged(&self) -> RowJump {
        // A row that is at the top may be one.
        let above = || Some(self.place.top.minus(1)).filter(|_| self.arranged.order().is_none());
        RowJump::Ragged(self.cursor.map(|cursor| cursor.head.row).or_else(above))
    }

    /// What the view waits for, in words.
    pub(super) fn waiting_for(&self) -> Option<String> {
        match self.jump {
            Some(RowJump::Row(row)) => Some(format!("Going to row {}", units::number(row.saturating_add(1)))),
            Some(RowJump::Byte(_)) => Some("Going there".into()),
            Some(RowJump::Ragged(_)) => Some("Looking for a ragged row".into()),
            _ => None,
        }
    }

    /// Where a person is: at the cursor or, where that is out of sight, at the top. Who has gone to where the last row is
    /// seen is at the end.
    pub(super) fn find_whereabouts(
        &self,
        layout: &TableLayout,
        metrics: &TableMetrics,
        sight: &[ColumnInSight],
        facts: Facts,
    ) -> (Option<u64>, Option<String>, u64) {
        let head = self.cursor.map(|cursor| cursor.head);
        let column = head.map(|head| match sight.iter().position(|column| column.column == head.column) {
            Some(place) => layout.name_of(place, head.column),
            None => format!("Column {}", units::number(head.column.saturating_add(1))),
        });
        let mut in_sight = layout.drawn.rows.iter().filter(|row| row.top < metrics.body.bottom());
        let current = head.and_then(|head| in_sight.find(|row| row.start == head.row));
        let at = current.or(layout.drawn.rows.first());
        let last = layout.last_in_sight(metrics).filter(|last| current.is_none_or(|row| row.start == last.start));
        if let Some(last) = last {
            let begins = layout.drawn.rows.first().is_some_and(TableRow::is_first);
            let at = if begins { at } else { Some(last) };
            return (at.and_then(|row| row.number), column, 100);
        }
        let arranged = self.arranged.order().zip(at.and_then(|row| row.place));
        let percent = match arranged {
            Some((order, place)) => text_status::share(place, order.facts().rows),
            None => text_status::share(at.map_or(self.place.top, |row| row.start).0, facts.len_bytes),
        };
        (at.and_then(|row| row.number), column, percent)
    }
}

/// Where `jump` leads: once all rows are known, a row beyond them is the last one, and a sentence says so.
fn nearest(jump: RowJump, tally: &TableTally, header: bool) -> (RowJump, Option<String>) {
    let count = tally.shape.records.saturating_sub(u64::from(header));
    let all = units::count(count, "row");
    let last = RowJump::Row(count.saturating_sub(1));
    match jump {
        RowJump::Row(row) if row < count => (jump, None),
        RowJump::Row(_) if tally.complete => (last, Some(format!("There are no more than {all}"))),
        RowJump::Row(_) if tally.stopped => (last, Some(format!("Only {all} are known: the indexing was stopped"))),
        _ => (jump, None),
    }
}

/// `place` or, where the row that starts at `row` is not in sight from there, the nearest from which it is.
fn reveal(row: ByteOffset, rows: &Rows<'_>, metrics: &TableMetrics, place: Place) -> Option<Place> {
    let below = metrics.full_rows() - 1;
    let walked = |from: ByteOffset, count: i64| Some(rows.walk(from, count)).filter(|walked| walked.left == 0);
    let top = if !rows.is_before(place.top, row)? {
        row
    } else if !rows.is_before(walked(place.top, below)?.at, row)? {
        place.top
    } else {
        walked(row, -below)?.at
    };
    Some(Place { top, part: 0.0, ..place })
}
