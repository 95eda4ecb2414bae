//! The bar under a table: how it is written, which can be changed here, what was counted so far, where the person is, and
//! what is still going on.

use egui::{Align, Button, Layout, Popup, Rect, RichText, Role, Stroke, Ui, UiBuilder, WidgetInfo, vec2};

use super::table_filter::rows_shown;
use super::text_find::switch;
use super::text_status::share;
use super::theme::{Colours, detail, line_of, medium, show_focus};
use super::{icons, reading_menu};
use crate::command::Command;
use crate::document::table::{Dialect, OrderFacts, TableTally, delimiter_name, parse_delimiter};
use crate::document::{Document, Facts, Shape};
use crate::units;

/// Delimiters that are offered.
const OFFERED: [u8; 6] = [b',', b';', b'\t', b'|', b':', b' '];
/// In a bar that is narrower than this there is place for what is told alone.
const ROOM_FOR_MENUS: f32 = 420.0;
/// In one that is narrower than this, there is none for the buttons either.
const ROOM_FOR_BUTTONS: f32 = 520.0;

/// What the bar tells.
pub(super) struct Told<'a> {
    pub(super) dialect: Dialect,
    pub(super) tally: &'a TableTally,
    /// What is known of the rows that are shown, if they are arranged.
    pub(super) arranged: Option<OrderFacts>,
    /// How many of those that are shown are ragged.
    pub(super) ragged: u64,
    /// How many columns are shown, and how many there are.
    pub(super) columns: (u64, u64),
    /// The number of the row that the person is at, from 0 on, and the name of the column.
    pub(super) row: Option<u64>,
    pub(super) column: Option<&'a str>,
    pub(super) percent: u64,
    pub(super) len_bytes: u64,
    /// What the view waits for, in words.
    pub(super) waiting: Option<String>,
}

/// What the person wants.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum StatusWish {
    /// To have the table read so.
    Dialect(Dialect),
    /// To go to the next ragged row.
    NextRagged,
    /// To have the rest read.
    GoOn,
    /// To see only some of the rows.
    Filter,
    /// To write what is shown to a file.
    Export,
}

/// Draws the bar; `typed` is what is typed for another delimiter.
pub(super) fn bar(
    ui: &mut Ui,
    rect: Rect,
    (document, facts): (&Document, Facts),
    told: &Told<'_>,
    typed: &mut String,
    commands: &mut Vec<Command>,
) -> Option<StatusWish> {
    let colours = Colours::of(ui);
    ui.painter().rect_filled(rect, 0, colours.panel);
    ui.painter().hline(rect.x_range(), rect.top(), Stroke::new(1.0, colours.line));
    let right = reading_menu::ui(ui, rect.shrink2(vec2(16.0, 0.0)), Shape::Table, (document, facts), commands);
    let place = UiBuilder::new().id_salt("table status").max_rect(right);
    let mut inner = ui.new_child(place.layout(Layout::right_to_left(Align::Center)));
    inner.spacing_mut().item_spacing.x = 20.0;
    let mut wish = progress(&mut inner, told);
    if let Some(waiting) = &told.waiting {
        inner.label(RichText::new(waiting).font(detail()).color(colours.amber));
    }
    inner.with_layout(Layout::left_to_right(Align::Center), |ui| {
        if rect.width() >= ROOM_FOR_MENUS {
            ui.spacing_mut().item_spacing.x = 4.0;
            wish = dialect_menus(ui, told.dialect, typed).map(StatusWish::Dialect).or(wish);
            if rect.width() >= ROOM_FOR_BUTTONS {
                wish = arranging_buttons(ui).or(wish);
            }
            ui.spacing_mut().item_spacing.x = 20.0;
        }
        let (before, after) = parts(told);
        write(ui, &before, &colours);
        if told.ragged > 0 && ragged_button(ui, told.ragged) {
            wish = Some(StatusWish::NextRagged);
        }
        write(ui, &after, &colours);
    });
    wish
}

/// What can be done with the rows.
fn arranging_buttons(ui: &mut Ui) -> Option<StatusWish> {
    let dim = Colours::of(ui).dim;
    let filter = small_button(ui, "Filter…", "Show only rows that hold conditions (Alt+L)", dim);
    let export = small_button(ui, "Export…", "Write the rows and columns that are shown to a file", dim);
    if filter { Some(StatusWish::Filter) } else { export.then_some(StatusWish::Export) }
}

/// What is going on, or has stopped.
fn progress(ui: &mut Ui, told: &Told<'_>) -> Option<StatusWish> {
    let colours = Colours::of(ui);
    let tally = told.tally;
    if tally.complete {
        if told.len_bytes > tally.scanned_bytes {
            let go_on = small_button(ui, "Go on", "Read what was appended", colours.accent);
            let appended = units::bytes(told.len_bytes - tally.scanned_bytes);
            ui.label(RichText::new(format!("{appended} appended")).font(detail()).color(colours.dim));
            return go_on.then_some(StatusWish::GoOn);
        }
        if tally.quote_open {
            let text = "In the last row a quote is never closed: all that comes after it is text of one cell";
            ui.label(RichText::new("Unclosed quote").font(detail()).color(colours.amber)).on_hover_text(text);
        }
        return None;
    }
    let scanned = share(tally.passed_bytes, tally.whole_bytes);
    if !tally.stopped {
        ui.label(RichText::new(format!("Indexing {scanned} %")).font(detail()).color(colours.accent));
        return None;
    }
    if is_unread(tally) {
        let index = small_button(ui, "Index", "Count the rows: all of the file is read", colours.accent);
        ui.label(RichText::new("Not indexed").font(detail()).color(colours.dim));
        return index.then_some(StatusWish::GoOn);
    }
    let go_on = small_button(ui, "Go on", "Read the rest of the table", colours.accent);
    ui.label(RichText::new(format!("Indexing stopped at {scanned} %")).font(detail()).color(colours.amber));
    go_on.then_some(StatusWish::GoOn)
}

/// Whether nothing of the table was counted, and nobody is at it.
const fn is_unread(tally: &TableTally) -> bool {
    tally.stopped && tally.scanned_bytes == 0
}

/// What is told before the ragged rows, and after.
fn parts(told: &Told<'_>) -> (Vec<String>, Vec<String>) {
    let tally = told.tally;
    let rows = tally.shape.records.saturating_sub(u64::from(told.dialect.header));
    let rows = match told.arranged {
        Some(facts) => rows_shown(facts),
        None => units::count(rows, "row") + if tally.complete { "" } else { " so far" },
    };
    let (shown, all) = told.columns;
    let columns = if shown == all {
        units::count(all, "column")
    } else {
        format!("{} of {}", units::number(shown), units::count(all, "column"))
    };
    let mut after = Vec::new();
    after.extend(told.row.map(|row| format!("row {}", units::number(row + 1))));
    after.extend(told.column.map(str::to_owned));
    after.push(format!("{} %", told.percent));
    after.push(units::bytes(told.len_bytes));
    (if is_unread(tally) && told.arranged.is_none() { vec![columns] } else { vec![rows, columns] }, after)
}

fn write(ui: &mut Ui, parts: &[String], colours: &Colours) {
    for part in parts {
        // In a narrow pane the last of it is left out, rather than written over what goes on.
        let width = line_of(ui, part, detail(), colours.dim, f32::INFINITY).size().x;
        if width > ui.available_width() {
            break;
        }
        ui.label(RichText::new(part).font(detail()).color(colours.dim));
    }
}

fn ragged_button(ui: &mut Ui, ragged: u64) -> bool {
    let text = format!("{}  {}", icons::WARNING, units::count(ragged, "ragged row"));
    let name = units::count(ragged, "ragged row");
    let amber = Colours::of(ui).amber;
    let hint = format!("{name}, with more or fewer fields than the first: go to the next one (F8)");
    let button = Button::new(RichText::new(text).font(detail()).color(amber)).frame_when_inactive(false);
    let response = ui.add(button).on_hover_text(hint);
    response.widget_info(|| WidgetInfo::labeled(Role::Button, true, name.clone()));
    show_focus(ui, &response);
    response.clicked()
}

fn small_button(ui: &mut Ui, text: &str, hint: &str, colour: egui::Color32) -> bool {
    let button = Button::new(RichText::new(text).font(medium(11.5)).color(colour)).frame_when_inactive(false);
    let response = ui.add(button).on_hover_text(hint);
    show_focus(ui, &response);
    response.clicked()
}

/// The delimiter with the quotes, and whether there is a header; what is wanted instead.
fn dialect_menus(ui: &mut Ui, dialect: Dialect, typed: &mut String) -> Option<Dialect> {
    let mut wanted = dialect;
    let name = delimiter_name(dialect.delimiter);
    let dim = Colours::of(ui).dim;
    let label = RichText::new(format!("{name}  {}", icons::CARET_DOWN)).font(detail()).color(dim);
    let response = ui.add(Button::new(label).frame_when_inactive(false)).on_hover_text("What stands between fields");
    response.widget_info(|| WidgetInfo::labeled(Role::Button, true, format!("Delimiter: {name}")));
    show_focus(ui, &response);
    Popup::menu(&response).close_behavior(egui::PopupCloseBehavior::CloseOnClickOutside).show(|ui| {
        ui.set_min_width(180.0);
        ui.spacing_mut().item_spacing.y = 2.0;
        for delimiter in OFFERED {
            if choice(ui, &delimiter_name(delimiter), delimiter == wanted.delimiter) {
                wanted.delimiter = delimiter;
                ui.close();
            }
        }
        other_delimiter(ui, typed, &mut wanted);
        ui.separator();
        for (quote, name) in [(Some(b'"'), "Quotes \""), (Some(b'\''), "Quotes '"), (None, "No quotes")] {
            if choice(ui, name, quote == wanted.quote) {
                wanted.quote = quote;
                ui.close();
            }
        }
    });
    switch(ui, "Header", "The first row names the columns", &mut wanted.header);
    // What stands between fields can not stand around them.
    wanted.quote = wanted.quote.filter(|quote| *quote != wanted.delimiter);
    (wanted != dialect).then_some(wanted)
}

/// A field for a delimiter that is not offered.
fn other_delimiter(ui: &mut Ui, typed: &mut String, wanted: &mut Dialect) {
    let edit = egui::TextEdit::singleline(typed).hint_text("Another: ^ or 0x1f").desired_width(150.0);
    let response = ui.add(edit);
    response.widget_info(|| WidgetInfo::labeled(Role::TextInput, true, "Another delimiter"));
    if response.lost_focus()
        && ui.input(|input| input.key_pressed(egui::Key::Enter))
        && let Ok(delimiter) = parse_delimiter(typed)
    {
        wanted.delimiter = delimiter;
        typed.clear();
        ui.close();
    }
}

/// One of several of which one is in force; true when it is taken.
fn choice(ui: &mut Ui, text: &str, on: bool) -> bool {
    let colours = Colours::of(ui);
    let text_colour = if on { colours.accent } else { colours.text };
    let button = Button::new(RichText::new(text).color(text_colour)).min_size(vec2(0.0, 26.0));
    let response = ui.add(button);
    response.widget_info(|| WidgetInfo::selected(Role::MenuItemRadio, true, on, text));
    response.clicked()
}
