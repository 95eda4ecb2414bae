//! The keys of an outline, as what they ask for. Takes them out of the input in the order in which they were pressed.

use egui::{Event, Key, Modifiers, Ui};

/// Something that a key asks of an outline.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Wish {
    /// So many rows on, or back.
    Rows(i64),
    First,
    Last,
    /// Open what the person is at or, if it is open, go into it.
    In,
    /// Close what the person is at or, if it is closed, go to what it is in.
    Out,
    Toggle,
    CopyValue,
    CopyPath,
}

/// What is asked for, where a page has `page` rows.
pub(super) fn wishes(ui: &Ui, page: i64) -> Vec<Wish> {
    let mut wishes = Vec::new();
    ui.input_mut(|input| {
        input.events.retain(|event| {
            let wish = match event {
                Event::Key { key, pressed: true, modifiers, .. } => of_key(*key, *modifiers, page),
                Event::Copy => Some(Wish::CopyValue),
                _ => None,
            };
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
        (false, false, Key::ArrowRight) => Wish::In,
        (false, false, Key::ArrowLeft) => Wish::Out,
        (false, false, Key::Enter) => Wish::Toggle,
        (_, false, Key::Home) => Wish::First,
        (_, false, Key::End) => Wish::Last,
        (true, true, Key::C) => Wish::CopyPath,
        _ => return None,
    };
    Some(wish)
}
