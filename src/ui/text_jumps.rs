//! Where a text view can be sent, and what place that is. A jump looks at the lines around its target and no more.

use super::text_find::Way;
use super::text_rows::{DrawnRow, Metrics};
use super::text_selection::Selection;
use super::text_view::Place;
use super::text_wrap;
use crate::document::{Found, LineNumber, Lines};
use crate::source::ByteOffset;
use crate::units;

/// The most rows that are walked in one frame.
pub(super) const MAX_STEP_ROWS: i64 = 10_000;

/// How much of a line is looked through for what matches in it.
const MARKED_BYTES: u64 = 16 << 10;

/// Somewhere that the view goes as soon as it can be told where that is.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Jump {
    Line(LineNumber),
    /// The line that has this number in the file, of which there may be only some lines.
    OfFile(LineNumber),
    Byte(ByteOffset),
    Rows(i64),
    TopLine(LineNumber),
    Top(ByteOffset),
    /// A line that matches, as seen from a byte.
    Hit(ByteOffset, Way),
    /// The line that starts here, with what matches in it marked.
    Mark(ByteOffset),
    /// The line that matches of that number, from 0 on, at the top.
    TopHit(u64),
    /// The end of the document.
    End,
    /// The last lines, in the columns that are in sight.
    LastLines,
    /// The beginning of the line at the top, where that is wrapped.
    FirstColumn,
    /// The columns at which the lines in sight end.
    LastColumn,
    /// What is at the top left, now that lines are wrapped or no longer are.
    Stay,
    /// The line of this byte at the top, and the byte at the left: it is there by now, where the pieces of long lines have
    /// become other ones.
    Keep(ByteOffset),
}

/// Where a jump leads.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Landing {
    pub(super) place: Place,
    /// What it marks there.
    pub(super) marked: Option<Selection>,
    /// What is left of the jump, if it is done in stages: what is reached is kept, whatever becomes of the pages.
    pub(super) left: Option<Jump>,
    /// What there is to say about it.
    pub(super) said: Option<&'static str>,
}

impl Landing {
    pub(super) const fn at(place: Place) -> Self {
        Self { place, marked: None, left: None, said: None }
    }
}

impl Jump {
    /// Where it leads from `place`, where `drawn` is in sight.
    pub(super) fn follow(
        self,
        lines: &Lines<'_>,
        metrics: &Metrics,
        place: Place,
        drawn: &[DrawnRow],
    ) -> Found<Landing> {
        let last = lines.end().minus(1);
        if let Some(found) =
            metrics.wrap.as_ref().and_then(|wrap| text_wrap::follow(self, lines, (metrics, wrap), place, drawn))
        {
            return found;
        }
        match self {
            Self::Top(top) => lines.start_of(top.min(last)).map(|top| Landing::at(Place { top, ..place })),
            Self::Rows(rows) => {
                let walked = lines.walk(place.top, rows.clamp(-MAX_STEP_ROWS, MAX_STEP_ROWS));
                let left = Some(Self::Rows(walked.left)).filter(|_| walked.left != 0);
                // Above the first line there is nothing to see a part of.
                let part = if rows < 0 && walked.at == place.top { 0.0 } else { place.part };
                Found::Here(Landing { left, ..Landing::at(Place { top: walked.at, part, ..place }) })
            }
            Self::TopLine(number) => lines.start_of_line(number).map(|top| Landing::at(Place { top, ..place })),
            Self::Line(number) | Self::OfFile(number) => go_to_start(self.start(lines, number), lines, metrics),
            Self::Byte(byte) => go_to_byte(byte.min(last), lines, metrics),
            Self::Hit(from, way) => go_among_hits(from, way, lines, metrics, place),
            Self::Mark(start) => go_to_hit(start, lines, metrics),
            Self::TopHit(number) => match lines.hits() {
                Some(hits) => hits.nth(number).map(|top| Landing::at(Place { top, ..place })),
                None => Found::Unknown,
            },
            Self::End => go_to_end(last, lines, metrics),
            Self::LastLines => match lines.line_around(last) {
                Found::Here(line) => lines
                    .step(line.start, -rows_below_top(metrics))
                    .map(|top| Landing::at(Place { top, part: 0.0, ..place })),
                Found::Loading => Found::Loading,
                Found::Unknown => Found::Unknown,
            },
            Self::LastColumn => {
                // A row may be drawn though the page of its beginning is not at hand any more.
                let column_of = |row: &DrawnRow| metrics.grid.column_of(lines, row.start, row.end);
                let widest = drawn.iter().map(|row| column_of(row).unwrap_or_else(|| row.columns())).max().unwrap_or(0);
                let column = (widest + 1).saturating_sub(metrics.full_columns());
                Found::Here(Landing::at(Place { column, ..place }))
            }
            Self::FirstColumn => Found::Here(Landing::at(Place { column: 0, ..place })),
            Self::Stay => stay(lines, metrics, place),
            Self::Keep(byte) => keep(byte, lines, metrics, place),
        }
    }
}

impl Jump {
    /// Where the line of that number starts.
    fn start(self, lines: &Lines<'_>, number: LineNumber) -> Found<ByteOffset> {
        if matches!(self, Self::OfFile(_)) { lines.start_of_origin(number) } else { lines.start_of_line(number) }
    }
}

/// Why nobody can go where was asked for.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum JumpError {
    #[error("Type a line number, a share as 50%, or a byte as @4096")]
    Unclear,
    #[error("Lines are counted from 1 on")]
    NoLineZero,
    #[error("A share lies between 0% and 100%")]
    NoSuchShare,
}

/// Reads `12,345` as a line, `50%` as a share, `@4096` or `@1.5GB` as a byte.
///
/// # Errors
/// When it is none of these, or can be in no document.
pub(super) fn parse_jump(text: &str, len_bytes: u64) -> Result<Jump, JumpError> {
    let text = text.trim();
    if let Some(share) = text.strip_suffix('%') {
        let share: f64 = share.trim().parse().map_err(|_| JumpError::Unclear)?;
        if !(0.0..=100.0).contains(&share) {
            return Err(JumpError::NoSuchShare);
        }
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            clippy::cast_precision_loss,
            reason = "a share"
        )]
        return Ok(Jump::Byte(ByteOffset((len_bytes as f64 * share / 100.0) as u64)));
    }
    if let Some(byte) = text.strip_prefix('@') {
        let byte = units::parse_bytes(&byte.replace(',', "")).map_err(|_| JumpError::Unclear)?;
        return Ok(Jump::Byte(ByteOffset(byte)));
    }
    let line: u64 = text.replace([',', ' '], "").parse().map_err(|_| JumpError::Unclear)?;
    line.checked_sub(1).map(|line| Jump::Line(LineNumber(line))).ok_or(JumpError::NoLineZero)
}

/// The place from which the line at `start` is in sight, and its beginning as what is marked there.
fn go_to_start(start: Found<ByteOffset>, lines: &Lines<'_>, metrics: &Metrics) -> Found<Landing> {
    let start = match start {
        Found::Here(start) => start,
        Found::Loading => return Found::Loading,
        Found::Unknown => return Found::Unknown,
    };
    let Some(top) = with_context(start, lines, metrics) else { return Found::Loading };
    let caret = start.max(metrics.grid.text_start);
    let marked = Some(Selection::new(caret, caret));
    Found::Here(Landing { marked, ..Landing::at(Place { top, ..Place::default() }) })
}

/// The place from which the byte at `byte` is in sight, and that character as what is marked there.
fn go_to_byte(byte: ByteOffset, lines: &Lines<'_>, metrics: &Metrics) -> Found<Landing> {
    let line = lines.line_around(byte);
    let character = metrics.grid.character_around(lines, byte);
    let (Found::Here(line), Found::Here(character)) = (line, character) else { return Found::Loading };
    let Some(place) = seeing(character.start, line.start, lines, metrics) else { return Found::Loading };
    let first = metrics.grid.text_start;
    let marked = Selection::new(character.end.max(first), character.start.max(first));
    Found::Here(Landing { marked: Some(marked), ..Landing::at(place) })
}

/// The line that matches and lies `way` of the line around `from`; beyond the last one comes the first.
fn go_among_hits(from: ByteOffset, way: Way, lines: &Lines<'_>, metrics: &Metrics, place: Place) -> Found<Landing> {
    let Some(hits) = lines.hits() else { return Found::Here(Landing::at(place)) };
    let Found::Here(line) = lines.start_of(from.min(lines.end().minus(1))) else { return Found::Loading };
    let (found, said) = match way {
        Way::Here => (hits.next(line), "From here on there is no match: this is the first one"),
        Way::Next => (hits.next(line.plus(1)), "That was the last match: this is the first one"),
        // What lies between here and where the search is may still match.
        Way::Previous if hits.may_miss_from(line) => (Found::Unknown, ""),
        Way::Previous => (hits.previous(line), "That was the first match: this is the last one"),
    };
    let said = if hits.stopped() { "The search was stopped: there is no further match before that" } else { said };
    let around = match found {
        Found::Here(None) if way == Way::Previous && hits.open() => Found::Unknown,
        Found::Here(None) if way == Way::Previous => hits.previous(lines.end().plus(1)),
        Found::Here(None) => hits.next(ByteOffset(0)),
        found => found,
    };
    match around {
        Found::Here(Some(start)) => {
            let wrapped = found == Found::Here(None);
            go_to_hit(start, lines, metrics).map(|landing| Landing { said: Some(said).filter(|_| wrapped), ..landing })
        }
        Found::Here(None) => Found::Here(Landing::at(place)),
        Found::Loading => Found::Loading,
        Found::Unknown => Found::Unknown,
    }
}

/// The line that starts at `start`, with what matches in it marked and in sight.
fn go_to_hit(start: ByteOffset, lines: &Lines<'_>, metrics: &Metrics) -> Found<Landing> {
    let Found::Here(end) = lines.end_of(start) else { return Found::Loading };
    let Some(bytes) = lines.bytes(start..end.min(start.plus(MARKED_BYTES))) else { return Found::Loading };
    let mark = lines.hits().and_then(|hits| hits.pattern().marks(&bytes).into_iter().next()).unwrap_or(0..0);
    let first = metrics.grid.text_start;
    let place_of = |at: usize| start.plus(at as u64).max(first);
    let marked = Selection::new(place_of(mark.start), place_of(mark.end));
    let Some(place) = seeing(marked.head, start, lines, metrics) else { return Found::Loading };
    Found::Here(Landing { marked: Some(marked), ..Landing::at(place) })
}

/// The place from which the end of the last line's text is in sight: beyond it there are only blanks.
fn go_to_end(last: ByteOffset, lines: &Lines<'_>, metrics: &Metrics) -> Found<Landing> {
    if let Some(hits) = lines.only() {
        let Found::Here(last) = hits.previous(last.plus(1)) else { return Found::Loading };
        let last = last.unwrap_or_default();
        let last = lines.step(last, i64::from(lines.context())).here().unwrap_or(last);
        let top = lines.step(last, -rows_below_top(metrics)).here().unwrap_or(last);
        return Found::Here(Landing::at(Place { top, ..Place::default() }));
    }
    let Found::Here(line) = lines.line_around(last) else { return Found::Loading };
    let Some(end) = metrics.grid.end_of_text(lines, &line) else { return Found::Loading };
    let Some(column) = metrics.grid.column_of(lines, line.start, end) else { return Found::Loading };
    let top = lines.step(line.start, -rows_below_top(metrics)).here().unwrap_or(line.start);
    Found::Here(Landing::at(Place { top, part: 0.0, column: column_to_see(column, 0, metrics) }))
}

/// The place from which the byte at `byte`, in the line at `start`, is seen with some lines before it.
fn seeing(byte: ByteOffset, start: ByteOffset, lines: &Lines<'_>, metrics: &Metrics) -> Option<Place> {
    if metrics.wrap.is_some() {
        return Some(Place { top: with_context(byte, lines, metrics)?, ..Place::default() });
    }
    let column = metrics.grid.column_of(lines, start, byte)?;
    let top = with_context(start, lines, metrics)?;
    Some(Place { top, part: 0.0, column: column_to_see(column, 0, metrics) })
}

/// Where lines are not wrapped any more: the line whose row was at the top, and of that what was seen of it.
fn stay(lines: &Lines<'_>, metrics: &Metrics, place: Place) -> Found<Landing> {
    let Found::Here(line) = lines.line_around(place.top) else { return Found::Loading };
    let Some(column) = metrics.grid.column_of(lines, line.start, place.top) else { return Found::Loading };
    let column = column_to_see(column, place.column, metrics);
    Found::Here(Landing::at(Place { top: line.start, column, ..place }))
}

/// Where the byte at `byte` is at the left, in the topmost row.
fn keep(byte: ByteOffset, lines: &Lines<'_>, metrics: &Metrics, place: Place) -> Found<Landing> {
    let Found::Here(line) = lines.line_around(byte) else { return Found::Loading };
    let Some(column) = metrics.grid.column_of(lines, line.start, byte) else { return Found::Loading };
    Found::Here(Landing::at(Place { top: line.start, column, ..place }))
}

/// `place` or, where the byte at `byte` is not in sight from there, the nearest from which it is.
pub(super) fn reveal(byte: ByteOffset, lines: &Lines<'_>, metrics: &Metrics, place: Place) -> Option<Place> {
    if let Some(wrap) = &metrics.wrap {
        return text_wrap::reveal(byte, lines, (metrics, wrap), place);
    }
    let line = lines.line_around(byte).here()?;
    let column = metrics.grid.column_of(lines, line.start, byte)?;
    let top = if line.start <= place.top {
        line.start
    } else {
        let bottom = lines.step(place.top, rows_below_top(metrics)).here()?;
        if line.start <= bottom { place.top } else { lines.step(line.start, -rows_below_top(metrics)).here()? }
    };
    Some(Place { top, part: 0.0, column: column_to_see(column, place.column, metrics) })
}

/// The first column in sight, if `column` is to be: `now`, or one from which half of the row's columns come before it.
fn column_to_see(column: u64, now: u64, metrics: &Metrics) -> u64 {
    let columns = metrics.full_columns();
    if (now..now.saturating_add(columns)).contains(&column) {
        now
    } else if column < columns {
        0
    } else {
        column - columns / 2
    }
}

/// How many rows there are below the top one that are in sight as a whole.
pub(super) fn rows_below_top(metrics: &Metrics) -> i64 {
    i64::try_from(metrics.full_rows()).unwrap_or(1) - 1
}

/// The top from which the line at `start` or, where lines are wrapped, the row around that is seen with some before it.
/// `None` while the pages of these rows are on their way.
fn with_context(start: ByteOffset, lines: &Lines<'_>, metrics: &Metrics) -> Option<ByteOffset> {
    let context = i64::try_from(metrics.rows / 3).unwrap_or(0);
    if let Some(wrap) = &metrics.wrap {
        let walked = lines.walk_rows(start, -context, wrap);
        return (walked.left == 0).then_some(walked.at);
    }
    Some(lines.step(start, -context).here().unwrap_or(start))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_shares_and_bytes_can_be_gone_to() {
        assert_eq!(parse_jump("12,345", 0), Ok(Jump::Line(LineNumber(12_344))));
        assert_eq!(parse_jump(" 50% ", 1_000), Ok(Jump::Byte(ByteOffset(500))));
        assert_eq!(parse_jump("@4096", 4_096), Ok(Jump::Byte(ByteOffset(4_096))));
        assert_eq!(parse_jump("@1.5GB", u64::MAX), Ok(Jump::Byte(ByteOffset(1_500_000_000))));
        for (wrong, why) in [
            ("", JumpError::Unclear),
            ("0", JumpError::NoLineZero),
            ("-1", JumpError::Unclear),
            ("101%", JumpError::NoSuchShare),
            ("NaN%", JumpError::NoSuchShare),
            ("@", JumpError::Unclear),
            ("line", JumpError::Unclear),
        ] {
            assert_eq!(parse_jump(wrong, 1_000), Err(why), "{wrong}");
        }
    }
}
