//! What becomes of a table view by what the person asks of its columns and rows, in the header, by keys, in the bar that filters
//! and in the field that goes to a row.

use egui::Ui;

use super::table_columns::ColumnInSight;
use super::table_filter::FilterWish;
use super::table_header::HeaderWish;
use super::table_jumps::{RowJump, parse_row_jump};
use super::table_keys::ColumnWish;
use super::table_rows::{TableLayout, TableMetrics};
use super::table_view::TableView;
use super::text_status;
use crate::command::Command;
use crate::document::Facts;
use crate::document::table::Arrangement;
use crate::units;

impl TableView {
    /// Does what was asked of columns, by keys or in the header.
    pub(super) fn change_columns(
        &mut self,
        ui: &Ui,
        mut wishes: Vec<HeaderWish>,
        layout: &TableLayout,
        metrics: &TableMetrics,
        sight: &[ColumnInSight],
        commands: &mut Vec<Command>,
    ) {
        let asked = std::mem::take(&mut self.column_wishes);
        let column = self.cursor.map(|cursor| cursor.head.column);
        let place = column.and_then(|column| self.columns.order.place_of(column));
        if let (Some(column), Some(place)) = (column, place) {
            wishes.extend(asked.into_iter().map(|wish| match wish {
                ColumnWish::Move(by) => HeaderWish::Move(column, place.saturating_add_signed(by)),
                ColumnWish::Widen(points) => HeaderWish::Widen(column, points),
                ColumnWish::Fit => HeaderWish::Fit(column),
                ColumnWish::Hide => HeaderWish::Hide(column),
                ColumnWish::ShowAll => HeaderWish::ShowAll,
                ColumnWish::Freeze if self.columns.frozen() == place + 1 => HeaderWish::Freeze(0),
                ColumnWish::Freeze => HeaderWish::Freeze(place + 1),
                ColumnWish::Sort { too } => HeaderWish::TurnSort { column, too },
            }));
        }
        if !wishes.is_empty() {
            ui.ctx().request_repaint();
        }
        for wish in wishes {
            match wish {
                HeaderWish::Widen(column, points) => self.columns.resize(column, self.columns.width(column) + points),
                HeaderWish::Fit(column) => {
                    if let Some(place) = sight.iter().position(|other| other.column == column) {
                        let (width, _) = layout.width_of(ui, metrics, place, column);
                        self.columns.resize(column, width);
                    }
                }
                HeaderWish::Hide(column) => {
                    self.step_off(column);
                    self.columns.hide(column);
                }
                HeaderWish::ShowAll => self.columns.order.show_all(),
                HeaderWish::Freeze(count) => self.columns.freeze(count),
                HeaderWish::Move(column, place) => {
                    self.columns.order.move_to(column, place);
                    self.reveal_column(ui, metrics);
                }
                HeaderWish::TurnSort { column, too } => {
                    let wanted = self.arranged.with_turned_sort(column, too);
                    self.arrange(wanted, commands);
                }
                HeaderWish::Sort { column, descending } => {
                    let wanted = self.arranged.with_sort(column, descending, false);
                    self.arrange(wanted, commands);
                }
                HeaderWish::Filter => self.filter.summon(),
            }
        }
    }

    /// Has rows shown in another way.
    pub(super) fn arrange(&mut self, wanted: Arrangement, commands: &mut Vec<Command>) {
        let Some(reading) = &self.reading else { return };
        let of = (&self.document, &reading.table, reading.header);
        if self.arranged.ask(wanted, of, commands) {
            self.rearranged();
        }
    }

    /// Takes over rows that were gathered; whether there were any.
    pub(super) fn take_arranged(&mut self) -> bool {
        let taken = self.arranged.poll();
        if taken {
            self.rearranged();
        }
        taken
    }

    /// Finds a place where rows are shown in another way than before: at the first one or, where all are shown as they are
    /// in the file again, where the person was.
    fn rearranged(&mut self) {
        self.steps.clear();
        self.columns.outdate();
        self.place.part = 0.0;
        self.jump = Some(match (self.arranged.order(), self.cursor) {
            (Some(_), Some(_)) => RowJump::Place(0),
            (Some(_), None) => RowJump::TopPlace(0),
            (None, Some(cursor)) => RowJump::Byte(cursor.head.row),
            (None, None) => RowJump::Top(self.place.top),
        });
    }

    /// The bar that filters, while it is shown.
    pub(super) fn filter_bar(&mut self, ui: &mut Ui, facts: Facts, has_keys: bool, commands: &mut Vec<Command>) {
        let wish = self.filter.ui(ui, &self.arranged, facts.len_bytes, has_keys);
        let wanted = match wish {
            None => return,
            Some(FilterWish::Filter(filter)) => Arrangement { filter, ..self.arranged.wanted().clone() },
            Some(FilterWish::Again) => self.arranged.wanted().clone(),
            Some(FilterWish::Clear) => Arrangement::default(),
        };
        self.arrange(wanted, commands);
        ui.ctx().request_repaint();
    }

    pub(super) fn go_to_field(&mut self, ui: &mut Ui, facts: Facts, has_keys: bool, commands: &mut Vec<Command>) {
        let Some((mut text, fresh)) = self.going.take() else { return };
        let (open, wanted) = text_status::go_to_field(ui, "Row, 50% or @byte", &mut text, fresh, has_keys);
        if open {
            self.going = Some((text.clone(), false));
        }
        let arranged_rows = self.arranged.order().map(|order| order.facts().rows);
        if wanted {
            match parse_row_jump(&text, facts.len_bytes, arranged_rows) {
                Ok(jump) => {
                    if matches!(jump, RowJump::Byte(byte) if byte.0 > facts.len_bytes) {
                        let bytes = units::count(facts.len_bytes, "byte");
                        commands.push(Command::Say(format!("There are no more than {bytes}")));
                    }
                    self.jump = Some(jump);
                    self.going = None;
                }
                Err(error) => commands.push(Command::Say(error.to_string())),
            }
        }
    }
}
