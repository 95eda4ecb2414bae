//! The keys of a table view, as what they ask for. Takes them out of the input in the order in which they were pressed.

use egui::{Event, Key, Modifiers, Ui};

use super::table_cursor::Step;

/// Something that a key asks of a table view.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Wish {
    /// Goes to another cell, or draws the block of cells out to it.
    Step(Step, bool),
    ChooseAll,
    Copy,
    /// Shows the whole of the cell.
    Inspect,
    /// Chooses one cell again, or shows none whole.
    Back,
    NextRagged,
    /// Opens the bar that filters.
    Filter,
    Column(ColumnWish),
}

/// Something that is asked of the column that the person is at.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum ColumnWish {
    /// So many places to the right, or to the left.
    Move(i64),
    /// So many points wider, or narrower.
    Widen(f32),
    Fit,
    Hide,
    ShowAll,
    /// Keeps it and those before it in sight, or no longer any.
    Freeze,
    /// Sorts by it, beside what is sorted by already or by it alone: the smallest first, the largest first, not at all.
    Sort {
        too: bool,
    },
}

/// By how much a key makes a column wider or narrower, in points.
const WIDEN: f32 = 16.0;

/// What is asked for, where a page has `page` rows. If there is nothing to go back from, Escape is left to others.
pub(super) fn wishes(ui: &Ui, page: i64, can_go_back: bool) -> Vec<Wish> {
    let mut wishes = Vec::new();
    ui.input_mut(|input| {
        input.events.retain(|event| {
            let wish = match event {
                Event::Key { key, pressed: true, modifiers, .. } => of_key(*key, *modifiers, page),
                Event::Copy => Some(Wish::Copy),
                _ => None,
            };
            let wish = wish.filter(|wish| can_go_back || *wish != Wish::Back);
            wishes.extend(wish);
            wish.is_none()
        });
    });
    wishes
}

fn of_key(key: Key, modifiers: Modifiers, page: i64) -> Option<Wish> {
    if modifiers.alt && key == Key::L {
        return Some(Wish::Filter);
    }
    if modifiers.alt {
        return of_column_key(key, modifiers).map(Wish::Column);
    }
    let step = match (modifiers.command, key) {
        (false, Key::ArrowDown) => Some(Step::Rows(1)),
        (false, Key::ArrowUp) => Some(Step::Rows(-1)),
        (false, Key::PageDown) => Some(Step::Rows(page)),
        (false, Key::PageUp) => Some(Step::Rows(-page)),
        (false, Key::ArrowRight) => Some(Step::Columns(1)),
        (false, Key::ArrowLeft) => Some(Step::Columns(-1)),
        (false, Key::Home) => Some(Step::FirstColumn),
        (false, Key::End) => Some(Step::LastColumn),
        (true, Key::Home) => Some(Step::FirstCell),
        (true, Key::End) => Some(Step::LastCell),
        _ => None,
    };
    match (modifiers.command, modifiers.shift, key) {
        (true, false, Key::A) => Some(Wish::ChooseAll),
        (false, false, Key::Enter) => Some(Wish::Inspect),
        (false, false, Key::Escape) => Some(Wish::Back),
        (false, false, Key::F8) => Some(Wish::NextRagged),
        _ => step.map(|step| Wish::Step(step, modifiers.shift)),
    }
}

fn of_column_key(key: Key, modifiers: Modifiers) -> Option<ColumnWish> {
    let wish = match (modifiers.command, modifiers.shift, key) {
        (false, false, Key::ArrowLeft) => ColumnWish::Move(-1),
        (false, false, Key::ArrowRight) => ColumnWish::Move(1),
        (false, true, Key::ArrowLeft) => ColumnWish::Widen(-WIDEN),
        (false, true, Key::ArrowRight) => ColumnWish::Widen(WIDEN),
        (false, false, Key::F) => ColumnWish::Fit,
        (false, false, Key::H) => ColumnWish::Hide,
        (false, true, Key::H) => ColumnWish::ShowAll,
        (false, false, Key::Z) => ColumnWish::Freeze,
        (false, too, Key::S) => ColumnWish::Sort { too },
        _ => return None,
    };
    Some(wish)
}
