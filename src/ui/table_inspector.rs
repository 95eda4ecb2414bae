//! The pane that shows a cell whole: what it says, wrapped, or its bytes, and where it is. Bounded, as a cell may be as long
//! as a file.

use egui::{Align, Label, Layout, Rect, RichText, ScrollArea, Sense, Stroke, Ui, UiBuilder, pos2};

use super::icons;
use super::table_cursor::CellAt;
use super::text_find::switch;
use super::theme::{Colours, detail, document, medium, quiet_button};
use crate::document::table::{Budget, CellBytes, RecordFields, Rows};
use crate::document::{Found, decode_row};
use crate::units;

/// The most of a cell that is shown.
const SHOWN_BYTES: u64 = 64 << 10;
/// The most that is shown as bytes, and how many of them are in a row.
const HEX_BYTES: usize = 4 << 10;
const HEX_ROW: usize = 16;
/// How much is looked through in a frame to find the cell.
const BUDGET: u64 = 4 << 20;
/// The least height of the pane and of what is above it, in points.
const LEAST_HEIGHT: f32 = 72.0;

/// The pane, while it is open.
pub(super) struct Inspector {
    /// How much of the height it has.
    share: f32,
    /// Whether the bytes are shown rather than what they say.
    bytes: bool,
    seen: Option<Seen>,
}

/// The cell that is shown.
struct Seen {
    cell: CellAt,
    fields: RecordFields,
    /// Of which filling of the document it is, and how it is quoted.
    basis: (u64, Option<u8>),
    /// Nothing where the record has fewer fields; not known yet where it is on its way.
    found: Found<Option<CellBytes>>,
}

impl Default for Inspector {
    fn default() -> Self {
        Self { share: 0.3, bytes: false, seen: None }
    }
}

impl Inspector {
    /// Looks for the cell that the person is at; whether there is more to do, though no page is lacking.
    pub(super) fn look(&mut self, rows: &Rows<'_>, cell: CellAt) -> bool {
        let basis = (rows.lines().run(), rows.dialect().quote);
        let Found::Here(extent) = rows.extent_of(cell.row) else {
            self.seen = self.seen.take().filter(|seen| seen.cell == cell);
            return false;
        };
        let record = cell.row..extent.end;
        let mut seen = match self.seen.take() {
            Some(seen) if seen.basis == basis && *seen.fields.record() == record => seen,
            _ => Seen { cell, fields: RecordFields::of(record), basis, found: Found::Loading },
        };
        if seen.cell != cell {
            (seen.cell, seen.found) = (cell, Found::Loading);
        }
        if !matches!(seen.found, Found::Here(_)) {
            seen.found = seen.fields.cell(cell.column, SHOWN_BYTES, rows, &mut Budget(BUDGET));
        }
        let unfinished = seen.found == Found::Unknown;
        self.seen = Some(seen);
        unfinished
    }

    /// The part of `rect` that the pane has, at its bottom.
    pub(super) fn place(&self, rect: Rect) -> Rect {
        let most = (rect.height() - LEAST_HEIGHT).max(LEAST_HEIGHT);
        let height = (rect.height() * self.share).clamp(LEAST_HEIGHT, most).min(rect.height());
        Rect::from_min_max(pos2(rect.left(), rect.bottom() - height), rect.max)
    }

    /// Draws it in `rect` with the names of the column and the row; whether it stays open.
    pub(super) fn ui(&mut self, ui: &mut Ui, rect: Rect, whole: Rect, name: &str) -> bool {
        let colours = Colours::of(ui);
        ui.painter().rect_filled(rect, 0, colours.background);
        ui.painter().hline(rect.x_range(), rect.top(), Stroke::new(1.0, colours.line));
        self.edge(ui, rect, whole);
        let mut open = true;
        let place = UiBuilder::new().id_salt("cell").max_rect(rect.shrink2(egui::vec2(16.0, 2.0)));
        ui.scope_builder(place, |ui| {
            ui.spacing_mut().item_spacing.y = 4.0;
            open = self.title(ui, name);
            let seen = self.seen.as_ref().map(|seen| (&seen.found, seen.basis.1));
            let (text, colour) = match seen {
                None | Some((Found::Loading | Found::Unknown, _)) => ("On its way…".to_owned(), colours.dim),
                Some((Found::Here(None), _)) => ("The row has no such field".to_owned(), colours.dim),
                Some((Found::Here(Some(cell)), quote)) => told(cell, quote, self.bytes, &colours),
            };
            ScrollArea::vertical().id_salt("what the cell says").auto_shrink(false).show(ui, |ui| {
                let label = Label::new(RichText::new(text).font(document()).color(colour));
                ui.add(label.wrap().selectable(true));
            });
        });
        open
    }

    /// Takes the height along with the pointer.
    fn edge(&mut self, ui: &Ui, rect: Rect, whole: Rect) {
        let handle = Rect::from_x_y_ranges(rect.x_range(), rect.top() - 3.0..=rect.top() + 3.0);
        let dragged = ui.interact(handle, ui.scope_id().with("edge of the cell"), Sense::DRAG);
        if dragged.hovered() || dragged.dragged() {
            ui.ctx().set_cursor_icon(egui::CursorIcon::ResizeVertical);
        }
        self.share = (self.share - dragged.drag_delta().y / whole.height().max(1.0)).clamp(0.05, 0.95);
    }

    /// The line above: whose cell it is, how long it is, and where; whether the pane stays open.
    fn title(&mut self, ui: &mut Ui, name: &str) -> bool {
        let colours = Colours::of(ui);
        let mut open = true;
        ui.horizontal(|ui| {
            ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
                ui.spacing_mut().item_spacing.x = 4.0;
                open = !quiet_button(ui, icons::X, "", "Close the cell").clicked();
                switch(ui, "0x", "Show the bytes", &mut self.bytes);
                ui.add_space(12.0);
                ui.with_layout(Layout::left_to_right(Align::Center), |ui| {
                    ui.spacing_mut().item_spacing.x = 16.0;
                    ui.add(Label::new(RichText::new(name).font(medium(13.0))).truncate());
                    let facts = RichText::new(self.facts()).font(detail()).color(colours.dim);
                    ui.add(Label::new(facts).truncate());
                });
            });
        });
        open
    }

    /// How long the cell is, and where.
    fn facts(&self) -> String {
        let Some(Seen { found: Found::Here(Some(cell)), basis: (_, quote), .. }) = &self.seen else {
            return String::new();
        };
        let length = units::count(cell.raw.len() as u64, "byte");
        let kind = if cell.raw.is_empty() {
            "NULL".to_owned()
        } else if !cell.whole {
            format!("the first {length}")
        } else if cell.raw.first().copied() == *quote && quote.is_some() {
            format!("{length} with quotes")
        } else {
            length
        };
        format!("{kind} · at byte {}", units::number(cell.start.0))
    }
}

/// What is shown of a cell.
fn told(cell: &CellBytes, quote: Option<u8>, bytes: bool, colours: &Colours) -> (String, egui::Color32) {
    if bytes {
        return (hex(&cell.raw), colours.text);
    }
    match cell.content(quote) {
        None => ("NULL".to_owned(), colours.dim),
        Some(said) if said.is_empty() => ("An empty text".to_owned(), colours.dim),
        Some(said) => {
            // What breaks lines breaks them here too; all else is shown as it is in a row.
            let lines = said.split(|byte| *byte == b'\n').map(|line| {
                let line = line.strip_suffix(b"\r").unwrap_or(line);
                decode_row(line, 0, usize::MAX, 4).text
            });
            (lines.collect::<Vec<_>>().join("\n"), colours.text)
        }
    }
}

/// Bytes as hexadecimal digits with what they are in ASCII beside them.
fn hex(bytes: &[u8]) -> String {
    let shown = bytes.get(..HEX_BYTES).unwrap_or(bytes);
    let rows = shown.chunks(HEX_ROW).enumerate().map(|(number, row)| {
        let digits: Vec<_> = row.iter().map(|byte| format!("{byte:02x}")).collect();
        let ascii = crate::document::decode_binary_row(row, HEX_ROW).text;
        format!("{:06x}  {:<width$}  {ascii}", number * HEX_ROW, digits.join(" "), width = HEX_ROW * 3 - 1)
    });
    let mut rows: Vec<_> = rows.collect();
    if shown.len() < bytes.len() {
        rows.push("…".into());
    }
    rows.join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_are_told_with_where_they_are_and_what_they_are_in_ascii() {
        let text = hex(b"one, two\nand three\xff");
        let lines: Vec<_> = text.lines().collect();
        assert_eq!(lines[0], "000000  6f 6e 65 2c 20 74 77 6f 0a 61 6e 64 20 74 68 72  one, two·and thr");
        assert_eq!(lines[1], format!("000010  {:<47}  ee·", "65 65 ff"));
        assert_eq!(hex(&[0; HEX_BYTES + 1]).lines().last(), Some("…"));
    }
}
