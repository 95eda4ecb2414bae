//! The byte that a person is at in a hex view, what is selected from there, and how the keys move both. Only offsets are
//! counted: no byte has to be there for it, so that no step ever waits.

use std::ops::Range;

use egui::{Event, Key, Modifiers, Ui};

use crate::source::ByteOffset;

/// Where a person is, and what they have selected.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Cursor {
    /// The byte that they are at.
    pub(super) at: ByteOffset,
    /// The byte at the other end of what is selected, if anything is; both ends belong to it.
    anchor: Option<ByteOffset>,
}

/// Where a key leads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Step {
    /// So many bytes on, or back.
    Bytes(i64),
    /// So many rows on, or back.
    Rows(i64),
    RowStart,
    RowEnd,
    Start,
    End,
}

/// Something that a key asks of a hex view.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Wish {
    Go(Step),
    /// The same, with what lies between selected.
    Extend(Step),
    SelectAll,
    Deselect,
    Copy,
}

impl Cursor {
    /// At this byte, with nothing selected.
    pub(super) const fn new(at: ByteOffset) -> Self {
        Self { at, anchor: None }
    }

    /// At the first byte of a range that is not empty, with all of it selected.
    pub(super) fn on(range: &Range<ByteOffset>) -> Self {
        Self { at: range.start, anchor: Some(range.end.minus(1).max(range.start)) }
    }

    /// What is selected; without a selection, the byte that the person is at.
    pub(super) fn range(self) -> Range<ByteOffset> {
        let other = self.anchor.unwrap_or(self.at);
        self.at.min(other)..self.at.max(other).plus(1)
    }

    /// Whether anything is selected.
    pub(super) const fn selects(self) -> bool {
        self.anchor.is_some()
    }

    /// The same with nothing selected.
    pub(super) const fn alone(self) -> Self {
        Self::new(self.at)
    }

    /// At another byte, with what lies between selected too; without a selection, who stays has none after it.
    pub(super) fn extended(self, to: ByteOffset) -> Self {
        if self.anchor.is_none() && to == self.at {
            return self;
        }
        Self { at: to, anchor: Some(self.anchor.unwrap_or(self.at)) }
    }

    /// The same in a document of `len_bytes`, which may have become shorter.
    pub(super) fn within(self, len_bytes: u64) -> Self {
        let last = ByteOffset(len_bytes).minus(1);
        Self { at: self.at.min(last), anchor: self.anchor.map(|anchor| anchor.min(last)) }
    }

    /// The byte that `step` leads to in a document of `len_bytes`, in rows of `row_bytes`.
    pub(super) fn after(self, step: Step, row_bytes: u64, len_bytes: u64) -> ByteOffset {
        let (last, row_bytes) = (len_bytes.saturating_sub(1), row_bytes.max(1));
        let (row, column) = (self.at.0 / row_bytes, self.at.0 % row_bytes);
        let to = match step {
            Step::Bytes(count) => self.at.0.saturating_add_signed(count),
            Step::Rows(count) => {
                let row = row.saturating_add_signed(count).min(last / row_bytes);
                (row * row_bytes).saturating_add(column)
            }
            Step::RowStart => row * row_bytes,
            Step::RowEnd => (row * row_bytes).saturating_add(row_bytes - 1),
            Step::Start => 0,
            Step::End => last,
        };
        ByteOffset(to.min(last))
    }
}

/// What is asked for, where a page has `page` rows: taken out of the input in the order in which the keys were pressed.
/// Without a selection, Escape is left to others.
pub(super) fn wishes(ui: &Ui, page: i64, selects: bool) -> Vec<Wish> {
    let mut wishes = Vec::new();
    ui.input_mut(|input| {
        input.events.retain(|event| {
            let wish = match event {
                Event::Key { key, pressed: true, modifiers, .. } => of_key(*key, *modifiers, page),
                Event::Copy => Some(Wish::Copy),
                _ => None,
            };
            let wish = wish.filter(|wish| selects || *wish != Wish::Deselect);
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
    let step = match (modifiers.command, key) {
        (false, Key::ArrowRight) => Step::Bytes(1),
        (false, Key::ArrowLeft) => Step::Bytes(-1),
        (false, Key::ArrowDown) => Step::Rows(1),
        (false, Key::ArrowUp) => Step::Rows(-1),
        (false, Key::PageDown) => Step::Rows(page),
        (false, Key::PageUp) => Step::Rows(-page),
        (false, Key::Home) => Step::RowStart,
        (false, Key::End) => Step::RowEnd,
        (true, Key::Home) => Step::Start,
        (true, Key::End) => Step::End,
        (true, Key::A) if !modifiers.shift => return Some(Wish::SelectAll),
        (false, Key::Escape) if !modifiers.shift => return Some(Wish::Deselect),
        _ => return None,
    };
    Some(if modifiers.shift { Wish::Extend(step) } else { Wish::Go(step) })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const ROW: u64 = 16;

    fn after(at: u64, step: Step, len_bytes: u64) -> u64 {
        Cursor::new(ByteOffset(at)).after(step, ROW, len_bytes).0
    }

    #[test]
    fn a_step_stays_in_the_document_and_a_row_keeps_its_column() {
        for (at, step, to) in [
            (5, Step::Bytes(1), 6),
            (0, Step::Bytes(-1), 0),
            (99, Step::Bytes(1), 99),
            (5, Step::Rows(1), 21),
            (5, Step::Rows(-1), 5),
            (21, Step::Rows(-1), 5),
            // The last row has four bytes.
            (85, Step::Rows(1), 99),
            (5, Step::Rows(1_000), 99),
            (2, Step::Rows(1_000), 98),
            (21, Step::RowStart, 16),
            (21, Step::RowEnd, 31),
            (97, Step::RowEnd, 99),
            (50, Step::Start, 0),
            (50, Step::End, 99),
        ] {
            assert_eq!(after(at, step, 100), to, "{step:?} from {at}");
        }
        assert_eq!(after(u64::MAX - 1, Step::Rows(1), u64::MAX), u64::MAX - 1);
        assert_eq!(after(0, Step::End, 0), 0);
    }

    #[test]
    fn both_ends_of_a_selection_belong_to_it() {
        let cursor = Cursor::new(ByteOffset(5));
        assert_eq!((cursor.range(), cursor.selects()), (ByteOffset(5)..ByteOffset(6), false));
        let back = cursor.extended(ByteOffset(3));
        assert_eq!((back.range(), back.at), (ByteOffset(3)..ByteOffset(6), ByteOffset(3)));
        assert_eq!(back.extended(ByteOffset(7)).range(), ByteOffset(5)..ByteOffset(8));
        assert_eq!(cursor.extended(cursor.at), cursor, "who does not move selects nothing");
        assert_eq!(back.alone(), Cursor::new(ByteOffset(3)));
        let found = Cursor::on(&(ByteOffset(8)..ByteOffset(12)));
        assert_eq!((found.at, found.range()), (ByteOffset(8), ByteOffset(8)..ByteOffset(12)));
        assert_eq!(found.within(10).range(), ByteOffset(8)..ByteOffset(10));
        assert_eq!(found.within(4).range(), ByteOffset(3)..ByteOffset(4));
    }

    #[test]
    fn shift_extends_and_other_keys_are_left_to_others() {
        let page = 20;
        let asked = |key, modifiers| of_key(key, modifiers, page);
        assert_eq!(asked(Key::PageUp, Modifiers::NONE), Some(Wish::Go(Step::Rows(-20))));
        assert_eq!(asked(Key::PageUp, Modifiers::SHIFT), Some(Wish::Extend(Step::Rows(-20))));
        assert_eq!(asked(Key::End, Modifiers::COMMAND.plus(Modifiers::SHIFT)), Some(Wish::Extend(Step::End)));
        for (key, modifiers) in [
            (Key::ArrowUp, Modifiers::ALT),
            (Key::ArrowUp, Modifiers::COMMAND),
            (Key::A, Modifiers::NONE),
            (Key::Tab, Modifiers::NONE),
        ] {
            assert_eq!(asked(key, modifiers), None, "{key:?}");
        }
    }

    proptest! {
        #[test]
        fn many_steps_are_one_after_the_other(at in 0_u64..500, count in 0_i64..40, back: bool, len_bytes in 1_u64..500) {
            let sign = if back { -1 } else { 1 };
            let cursor = Cursor::new(ByteOffset(at)).within(len_bytes);
            let (mut on_bytes, mut on_rows) = (cursor, cursor);
            for _ in 0..count {
                on_bytes = Cursor::new(on_bytes.after(Step::Bytes(sign), ROW, len_bytes));
                on_rows = Cursor::new(on_rows.after(Step::Rows(sign), ROW, len_bytes));
            }
            prop_assert_eq!(cursor.after(Step::Bytes(sign * count), ROW, len_bytes), on_bytes.at);
            prop_assert_eq!(cursor.after(Step::Rows(sign * count), ROW, len_bytes), on_rows.at);
        }
    }
}
