//! The keys of a text view, as what they ask for. Takes them out of the input in the order in which they were pressed.

use egui::{Event, Key, Modifiers, Ui};

use super::text_selection::Step;

/// Something that a key asks of a text view.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Wish {
    /// So many rows on, or back.
    Rows(i64),
    /// So many columns to the right, or to the left.
    Columns(f32),
    FirstColumn,
    LastColumn,
    Start,
    End,
    Extend(Step),
    SelectAll,
    Deselect,
    Copy,
}

/// Columns that an arrow key scrolls by.
const ARROW_COLUMNS: f32 = 8.0;

/// What is asked for, where a page has `page` rows. Without a selection, Escape is left to others.
pub(super) fn wishes(ui: &Ui, page: i64, selected: bool) -> Vec<Wish> {
    let mut wishes = Vec::new();
    ui.input_mut(|input| {
        input.events.retain(|event| {
            let wish = match event {
                Event::Key { key, pressed: true, modifiers, .. } => of_key(*key, *modifiers, page),
                Event::Copy => Some(Wish::Copy),
                _ => None,
            };
            let wish = wish.filter(|wish| selected || *wish != Wish::Deselect);
            wishes.extend(wish);
            wish.is_none()
        });
    });
    wishes
}

fn of_key(key: Key, modifiers: Modifiers, page: i64) -> Option<Wish> {
    if modifiers.alt {
        return None;
    }
    let wish = match (modifiers.command, modifiers.shift, key) {
        (false, false, Key::ArrowDown) => Wish::Rows(1),
        (false, false, Key::ArrowUp) => Wish::Rows(-1),
        (false, false, Key::PageDown) => Wish::Rows(page),
        (false, false, Key::PageUp) => Wish::Rows(-page),
        (false, false, Key::ArrowRight) => Wish::Columns(ARROW_COLUMNS),
        (false, false, Key::ArrowLeft) => Wish::Columns(-ARROW_COLUMNS),
        (false, false, Key::Home) => Wish::FirstColumn,
        (false, false, Key::End) => Wish::LastColumn,
        (true, false, Key::Home) => Wish::Start,
        (true, false, Key::End) => Wish::End,
        (false, true, Key::ArrowDown) => Wish::Extend(Step::Lines(1)),
        (false, true, Key::ArrowUp) => Wish::Extend(Step::Lines(-1)),
        (false, true, Key::PageDown) => Wish::Extend(Step::Lines(page)),
        (false, true, Key::PageUp) => Wish::Extend(Step::Lines(-page)),
        (false, true, Key::ArrowRight) => Wish::Extend(Step::NextCharacter),
        (false, true, Key::ArrowLeft) => Wish::Extend(Step::PreviousCharacter),
        (false, true, Key::Home) => Wish::Extend(Step::LineStart),
        (false, true, Key::End) => Wish::Extend(Step::LineEnd),
        (true, true, Key::Home) => Wish::Extend(Step::Start),
        (true, true, Key::End) => Wish::Extend(Step::End),
        (true, false, Key::A) => Wish::SelectAll,
        (false, false, Key::Escape) => Wish::Deselect,
        _ => return None,
    };
    Some(wish)
}
