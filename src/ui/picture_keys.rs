//! The keys of a picture's view, as what they ask for. Takes them out of the input in the order in which they were pressed.

use egui::{Event, Key, Modifiers, Ui, Vec2, vec2};

/// Something that is asked of a picture's view, by a key or by what stands under it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Wish {
    /// So many times as large.
    Zoom(f32),
    /// All of it in sight.
    Fit,
    /// A pixel of the screen for each of the picture's.
    OneToOne,
    /// Moved by so many points.
    Move(Vec2),
    /// Let what moves stand still, or go on.
    Play,
}

/// By how much a key makes it larger.
const ZOOM_STEP: f32 = 1.25;
/// By how many points an arrow moves it.
const MOVE_STEP: f32 = 64.0;

/// What is asked for. What is not meant for a picture is left to others.
pub(super) fn wishes(ui: &Ui) -> Vec<Wish> {
    let mut wishes = Vec::new();
    ui.input_mut(|input| {
        input.events.retain(|event| {
            let wish = match event {
                Event::Key { key, pressed: true, modifiers, .. } => of_key(*key, *modifiers),
                _ => None,
            };
            wishes.extend(wish);
            wish.is_none()
        });
    });
    wishes
}

/// With Shift or without: that is how a plus is typed on many keyboards.
fn of_key(key: Key, modifiers: Modifiers) -> Option<Wish> {
    if modifiers.alt || modifiers.command || modifiers.ctrl {
        return None;
    }
    let wish = match key {
        Key::Plus | Key::Equals => Wish::Zoom(ZOOM_STEP),
        Key::Minus => Wish::Zoom(1.0 / ZOOM_STEP),
        Key::Num0 => Wish::Fit,
        Key::Num1 => Wish::OneToOne,
        // The arrows move what is looked through, so that the picture goes the other way.
        Key::ArrowRight => Wish::Move(vec2(-MOVE_STEP, 0.0)),
        Key::ArrowLeft => Wish::Move(vec2(MOVE_STEP, 0.0)),
        Key::ArrowDown => Wish::Move(vec2(0.0, -MOVE_STEP)),
        Key::ArrowUp => Wish::Move(vec2(0.0, MOVE_STEP)),
        Key::Space => Wish::Play,
        _ => return None,
    };
    Some(wish)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_keys_of_the_program_are_left_to_it() {
        assert_eq!(of_key(Key::Num0, Modifiers::NONE), Some(Wish::Fit));
        assert_eq!(of_key(Key::Plus, Modifiers::SHIFT), Some(Wish::Zoom(ZOOM_STEP)));
        assert_eq!(of_key(Key::Num0, Modifiers::COMMAND), None);
        assert_eq!(of_key(Key::Plus, Modifiers::CTRL), None);
        assert_eq!(of_key(Key::A, Modifiers::NONE), None);
    }
}
