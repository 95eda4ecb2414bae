//! Going from one row of a table view to the next as they are shown, for whoever draws them from the top down.

use super::table_rows::TableRow;
use crate::document::Found;
use crate::document::table::{RecordNumber, Rows};
use crate::source::ByteOffset;

/// A row that is to be drawn.
#[derive(Clone, Copy)]
pub(super) struct NextRow {
    pub(super) start: ByteOffset,
    pub(super) number: Option<RecordNumber>,
    /// Where it is shown, if rows are arranged.
    pub(super) place: Option<u64>,
}

impl NextRow {
    /// The one that starts at `start`.
    pub(super) fn at(rows: &Rows<'_>, start: ByteOffset) -> Found<Option<Self>> {
        if rows.arranged_rows().is_none() {
            return Found::Here(Some(Self { start, number: rows.number_of(start).here(), place: None }));
        }
        let Some((place, row)) = rows.arranged_at(start) else { return Found::Loading };
        Found::Here(Some(Self { start, number: Some(row.number()), place: Some(place) }))
    }

    /// The one after it, which was found to be `row`.
    pub(super) fn after(self, rows: &Rows<'_>, row: &TableRow) -> Found<Option<Self>> {
        let Some(place) = self.place else {
            let number = self.number.map(|number| RecordNumber(number.0 + 1));
            let next = row.extent.next.map(|start| Self { start, number, place: None });
            // Where its end is not known, it is not known either what comes after it.
            return if row.extent.whole { Found::Here(next) } else { Found::Loading };
        };
        if rows.arranged_rows().is_some_and(|count| place + 1 >= count) {
            return Found::Here(None);
        }
        match rows.row_at(place + 1) {
            Found::Here(start) => Self::at(rows, start),
            Found::Loading | Found::Unknown => Found::Loading,
        }
    }

    /// Asks for the pages of this row and of those after it.
    pub(super) fn ask_ahead(self, rows: &Rows<'_>, count: usize) {
        let Some(place) = self.place else {
            return rows.ask_ahead(self.start, i64::try_from(count).unwrap_or(i64::MAX));
        };
        for at in (place..).take(count) {
            if let Found::Here(start) = rows.row_at(at) {
                // What its end lacks is asked for.
                let _ = rows.extent_of(start);
            }
        }
    }
}
