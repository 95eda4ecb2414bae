//! What is selected in a text view, and how the keyboard moves its end. A step looks at the lines that it passes and no
//! more.

use std::ops::Range;

use super::text_columns::Columns;
use crate::document::{Found, Lines};
use crate::source::ByteOffset;

/// A selection: where it began, and where it ends, after that or before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Selection {
    pub(super) anchor: ByteOffset,
    pub(super) head: ByteOffset,
    /// The column that steps from line to line keep to, though lines between are shorter.
    pub(super) column: Option<u64>,
}

/// A step of a selection's end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Step {
    NextCharacter,
    PreviousCharacter,
    /// So many lines on, or back.
    Lines(i64),
    LineStart,
    LineEnd,
    Start,
    End,
}

impl Selection {
    pub(super) fn new(anchor: ByteOffset, head: ByteOffset) -> Self {
        Self { anchor, head, column: None }
    }

    /// What is between both ends.
    pub(super) fn range(self) -> Range<ByteOffset> {
        self.anchor.min(self.head)..self.anchor.max(self.head)
    }

    /// The selection after `step`; `None` while the bytes to tell it are on their way.
    pub(super) fn extended(self, lines: &Lines<'_>, columns: Columns, step: Step) -> Option<Self> {
        let head = self.head;
        let mut column = None;
        let to = match step {
            Step::Start => ByteOffset(0),
            Step::End => lines.end(),
            Step::NextCharacter => columns.character_around(lines, head).here()?.end,
            Step::PreviousCharacter if head <= columns.text_start => head,
            Step::PreviousCharacter => columns.character_around(lines, head.minus(1)).here()?.start,
            Step::LineStart => lines.line_around(head).here()?.start,
            Step::LineEnd => columns.end_of(lines, &lines.line_around(head).here()?)?,
            Step::Lines(count) => {
                let line = lines.line_around(head).here()?;
                let kept = self.column.or_else(|| columns.column_of(lines, line.start, head))?;
                column = Some(kept);
                let start = lines.step(line.start, count).here()?;
                match lines.end_of(start) {
                    // From the first line up is its start, from the last one down its end.
                    Found::Here(_) if start == line.start && count < 0 => start,
                    Found::Here(end) if start == line.start => columns.end_of(lines, &(start..end))?,
                    Found::Here(end) => columns.byte_at(lines, &(start..end), kept)?,
                    Found::Loading | Found::Unknown => return None,
                }
            }
        };
        Some(Self { anchor: self.anchor, head: to.max(columns.text_start), column })
    }
}
