//! Where a table view can be sent, and what place that is. A jump looks at the records around its target and no more.

use super::text_jumps::{Jump, JumpError, parse_jump};
use crate::document::table::{RecordNumber, Rows};
use crate::document::{Found, LineNumber};
use crate::source::ByteOffset;

/// The most rows that are walked in one frame.
const MAX_STEP_ROWS: i64 = 10_000;

/// Somewhere that the view goes as soon as it can be told where that is.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum RowJump {
    /// The row of that number, from 0 on, a header being none.
    Row(u64),
    /// The row that holds a byte.
    Byte(ByteOffset),
    /// The row that holds a byte, at the top.
    Top(ByteOffset),
    /// The row of that number, at the top.
    TopRow(u64),
    /// So many rows on, or back.
    Rows(i64),
    /// The first ragged row after the one that starts here, or of all.
    Ragged(Option<ByteOffset>),
    /// The row that is shown at a place, where rows are arranged.
    Place(u64),
    /// The same, at the top.
    TopPlace(u64),
}

/// Where a jump leads.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct RowLanding {
    /// The start of the topmost row.
    pub(super) top: ByteOffset,
    /// The start of the row that the person is at then.
    pub(super) chosen: Option<ByteOffset>,
    /// What is left of the jump, if it is done in stages.
    pub(super) left: Option<RowJump>,
    /// What there is to say about it.
    pub(super) said: Option<&'static str>,
}

impl RowLanding {
    pub(super) const fn at(top: ByteOffset) -> Self {
        Self { top, chosen: None, left: None, said: None }
    }
}

impl RowJump {
    /// Where it leads from `top`, where `in_sight` rows are seen.
    pub(super) fn follow(self, rows: &Rows<'_>, top: ByteOffset, in_sight: i64) -> Found<RowLanding> {
        let header = u64::from(rows.dialect().header);
        let start_of = |row: u64| rows.start_of(RecordNumber(row.saturating_add(header)));
        match self {
            Self::Top(at) if rows.arranged_rows().is_some() => {
                rows.row_from(at).map(|start| RowLanding::at(start.unwrap_or(top)))
            }
            Self::Top(at) => rows.row_around(at).map(RowLanding::at),
            Self::TopRow(row) => start_of(row).map(RowLanding::at),
            Self::Rows(count) => {
                let from = match rows.row_from(top) {
                    Found::Here(from) => from.unwrap_or(top),
                    Found::Loading => return Found::Loading,
                    Found::Unknown => return Found::Unknown,
                };
                let walked = rows.walk(from, count.clamp(-MAX_STEP_ROWS, MAX_STEP_ROWS));
                let left = Some(Self::Rows(walked.left)).filter(|_| walked.left != 0);
                Found::Here(RowLanding { left, ..RowLanding::at(walked.at) })
            }
            Self::Row(row) => choosing_shown(rows, start_of(row), top, in_sight),
            Self::Byte(at) => choosing_shown(rows, rows.row_around(at), top, in_sight),
            Self::Place(place) => at_place(rows, place, top, |start| choosing(rows, start, in_sight)),
            Self::TopPlace(place) => at_place(rows, place, top, RowLanding::at),
            Self::Ragged(from) => match rows.ragged_after(from) {
                Found::Here(Some(start)) => Found::Here(choosing(rows, start, in_sight)),
                // From the beginning again.
                Found::Here(None) => match rows.ragged_after(None) {
                    Found::Here(Some(start)) => {
                        let said = Some("That was the last ragged row: this is the first one");
                        Found::Here(RowLanding { said, ..choosing(rows, start, in_sight) })
                    }
                    Found::Here(None) => Found::Here(RowLanding::at(top)),
                    Found::Loading => Found::Loading,
                    Found::Unknown => Found::Unknown,
                },
                Found::Loading => Found::Loading,
                Found::Unknown => Found::Unknown,
            },
        }
    }
}

/// The row that was found, with some rows before it; where it is hidden, nothing moves, and that is said.
fn choosing_shown(rows: &Rows<'_>, found: Found<ByteOffset>, top: ByteOffset, in_sight: i64) -> Found<RowLanding> {
    let start = match found {
        Found::Here(start) => start,
        Found::Loading => return Found::Loading,
        Found::Unknown => return Found::Unknown,
    };
    rows.is_shown(start).map(|shown| {
        let said = Some("That row is hidden by the filter");
        if shown { choosing(rows, start, in_sight) } else { RowLanding { said, ..RowLanding::at(top) } }
    })
}

/// What `land` makes of the row at a place or, beyond the last, of that; where there is none, nothing moves.
fn at_place(
    rows: &Rows<'_>,
    place: u64,
    top: ByteOffset,
    land: impl FnOnce(ByteOffset) -> RowLanding,
) -> Found<RowLanding> {
    match rows.arranged_rows().and_then(|count| count.checked_sub(1)) {
        Some(last) => rows.row_at(place.min(last)).map(land),
        None => Found::Here(RowLanding::at(top)),
    }
}

/// The row that starts at `start`, with some rows before it.
fn choosing(rows: &Rows<'_>, start: ByteOffset, in_sight: i64) -> RowLanding {
    let walked = rows.walk(start, -in_sight / 3);
    let top = if walked.left == 0 { walked.at } else { start };
    RowLanding { chosen: Some(start), ..RowLanding::at(top) }
}

/// Why nobody can go where was asked for.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum RowJumpError {
    #[error("Type a row number, a share as 50%, or a byte as @4096")]
    Unclear,
    #[error("Rows are counted from 1 on")]
    NoRowZero,
    #[error("A share lies between 0% and 100%")]
    NoSuchShare,
}

/// Reads `12,345` as a row, `50%` as a share, `@4096` or `@1.5GB` as a byte. A share is one of the bytes or, where rows are
/// arranged, of those that are shown.
///
/// # Errors
/// When it is none of these, or can be in no table.
pub(super) fn parse_row_jump(text: &str, len_bytes: u64, arranged_rows: Option<u64>) -> Result<RowJump, RowJumpError> {
    let rows = arranged_rows.filter(|_| text.trim().ends_with('%'));
    match parse_jump(text, rows.unwrap_or(len_bytes)) {
        Ok(Jump::Byte(place)) if rows.is_some() => Ok(RowJump::Place(place.0)),
        Ok(Jump::Line(LineNumber(row))) => Ok(RowJump::Row(row)),
        Ok(Jump::Byte(byte)) => Ok(RowJump::Byte(byte)),
        Ok(_) | Err(JumpError::Unclear) => Err(RowJumpError::Unclear),
        Err(JumpError::NoLineZero) => Err(RowJumpError::NoRowZero),
        Err(JumpError::NoSuchShare) => Err(RowJumpError::NoSuchShare),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_shares_and_bytes_can_be_gone_to() {
        assert_eq!(parse_row_jump("12,345", 0, None), Ok(RowJump::Row(12_344)));
        assert_eq!(parse_row_jump("50%", 1_000, None), Ok(RowJump::Byte(ByteOffset(500))));
        assert_eq!(parse_row_jump("@4096", 9_999, None), Ok(RowJump::Byte(ByteOffset(4_096))));
        assert_eq!(parse_row_jump("50%", 1_000, Some(40)), Ok(RowJump::Place(20)));
        assert_eq!(parse_row_jump("7", 1_000, Some(40)), Ok(RowJump::Row(6)));
        assert_eq!(parse_row_jump("row", 1_000, None), Err(RowJumpError::Unclear));
        assert_eq!(parse_row_jump("0", 1_000, None), Err(RowJumpError::NoRowZero));
        assert_eq!(parse_row_jump("101%", 1_000, None), Err(RowJumpError::NoSuchShare));
    }
}
