//! Where a text view goes and how its selection is extended while long lines are wrapped: from row to row. Looks at the
//! rows on the way and no more.

use super::text_columns::Columns;
use super::text_jumps::{Jump, Landing, MAX_STEP_ROWS, rows_below_top};
use super::text_rows::{DrawnRow, Metrics};
use super::text_selection::{Selection, Step};
use super::text_view::Place;
use crate::document::{Found, Lines, Wrap};
use crate::source::ByteOffset;

/// Where `jump` leads from `place`, where `drawn` is in sight; `None` if it leads to the same lines as without rows.
pub(super) fn follow(
    jump: Jump,
    lines: &Lines<'_>,
    (metrics, wrap): (&Metrics, &Wrap),
    place: Place,
    drawn: &[DrawnRow],
) -> Option<Found<Landing>> {
    let last = lines.end().minus(1);
    let found = match jump {
        // The byte itself, not the row's first: it stays at the top, however wide the rows become.
        Jump::Top(top) => Found::Here(Place { top: top.min(last), column: 0, ..place }),
        Jump::Rows(rows) => return Some(Found::Here(step(rows, lines, wrap, place))),
        Jump::End | Jump::LastLines => at_bottom(last, lines, (metrics, wrap)),
        Jump::FirstColumn => {
            lines.line_around(place.top).map(|line| Place { top: line.start, part: 0.0, ..Place::default() })
        }
        Jump::LastColumn => to_end_of_line(lines, (metrics, wrap), place, drawn),
        Jump::Stay => stay(lines, metrics.grid, place),
        _ => return None,
    };
    Some(found.map(Landing::at))
}

/// `place` or, where the byte at `byte` is not in sight from there, the nearest from which it is. `None` while the pages
/// to tell it are on their way.
pub(super) fn reveal(
    byte: ByteOffset,
    lines: &Lines<'_>,
    (metrics, wrap): (&Metrics, &Wrap),
    place: Place,
) -> Option<Place> {
    let row = lines.row_around(byte, wrap)?.bytes.start;
    let top = lines.row_around(place.top, wrap)?.bytes.start;
    let at = |top| Some(Place { top, ..Place::default() });
    if row <= top {
        return at(row);
    }
    let bottom = lines.walk_rows(top, rows_below_top(metrics), wrap);
    // It is in sight if it comes before what of the way is done.
    if row <= bottom.at {
        return at(place.top);
    }
    if bottom.left != 0 {
        return None;
    }
    at_bottom(row, lines, (metrics, wrap)).here()
}

fn step(rows: i64, lines: &Lines<'_>, wrap: &Wrap, place: Place) -> Landing {
    let walked = lines.walk_rows(place.top, rows.clamp(-MAX_STEP_ROWS, MAX_STEP_ROWS), wrap);
    let left = Some(Jump::Rows(walked.left)).filter(|_| walked.left != 0);
    // Above the first row there is nothing to see a part of.
    let part = if rows < 0 && walked.at.0 == 0 { 0.0 } else { place.part };
    Landing { left, ..Landing::at(Place { top: walked.at, part, column: 0 }) }
}

/// The place from which the row around `byte` is the last that is in sight as a whole.
fn at_bottom(byte: ByteOffset, lines: &Lines<'_>, (metrics, wrap): (&Metrics, &Wrap)) -> Found<Place> {
    let walked = lines.walk_rows(byte, -rows_below_top(metrics), wrap);
    if walked.left == 0 { Found::Here(Place { top: walked.at, ..Place::default() }) } else { Found::Loading }
}

/// The place from which the end of that line is seen which goes on below what is in sight.
fn to_end_of_line(
    lines: &Lines<'_>,
    (metrics, wrap): (&Metrics, &Wrap),
    place: Place,
    drawn: &[DrawnRow],
) -> Found<Place> {
    let Some(row) = drawn.iter().take(metrics.full_rows()).next_back() else { return Found::Here(place) };
    if row.whole() {
        return Found::Here(place);
    }
    let Found::Here(line) = lines.line_around(row.start) else { return Found::Loading };
    at_bottom(line.end, lines, (metrics, wrap))
}

/// Where lines have come to be wrapped: what was at the top left.
fn stay(lines: &Lines<'_>, grid: Columns, place: Place) -> Found<Place> {
    if place.column == 0 {
        return Found::Here(Place { top: place.top.min(lines.end().minus(1)), ..place });
    }
    let Found::Here(line) = lines.line_around(place.top) else { return Found::Loading };
    let top = grid.byte_at(lines, &line, place.column);
    top.map_or(Found::Loading, |top| Found::Here(Place { top, column: 0, ..place }))
}

impl Selection {
    /// The selection after `step` where lines are wrapped: up, down and to the ends of rows. `None` while the bytes to tell
    /// it are on their way.
    pub(super) fn extended_by_rows(
        self,
        lines: &Lines<'_>,
        (columns, wrap): (Columns, &Wrap),
        step: Step,
    ) -> Option<Self> {
        let row = || lines.row_around(self.head, wrap);
        let (to, column) = match step {
            Step::LineStart => (row()?.bytes.start, None),
            Step::LineEnd => {
                let row = row()?;
                let end = if row.ends_line() { columns.end_of(lines, &row.bytes)? } else { row.bytes.end };
                (end, None)
            }
            Step::Lines(count) => {
                let row = row()?;
                let kept = match self.column {
                    Some(column) => column,
                    None => columns.column_in(lines, &row, self.head)?,
                };
                let walked = lines.walk_rows(row.bytes.start, count, wrap);
                let to = match lines.row_at(walked.at, wrap)? {
                    _ if walked.left != 0 => return None,
                    // From the first row up is its start, from the last one down its end.
                    there if there.bytes.start == row.bytes.start && count < 0 => row.bytes.start,
                    there if there.bytes.start == row.bytes.start => columns.end_of(lines, &row.bytes)?,
                    there => columns.byte_in(lines, &there, kept)?,
                };
                (to, Some(kept))
            }
            Step::NextCharacter | Step::PreviousCharacter | Step::Start | Step::End => {
                return self.extended(lines, columns, step);
            }
        };
        Some(Self { anchor: self.anchor, head: to.max(columns.text_start), column })
    }
}
