//! What a search through all open documents has found, as rows one under the other: each document, and after it its lines
//! that match. Only the rows in sight are looked up, whatever their number.

use std::ops::Range;
use std::path::PathBuf;

use egui::text::{LayoutJob, TextFormat};

use super::text_rows::MARK_STRENGTH;
use super::theme::{Colours, document};
use crate::document::{Document, Hits, LineNumber, Lines, Reading, Shows, decode_row};
use crate::source::ByteOffset;

/// How much of a line is looked at.
const SEEN_BYTES: u64 = 4 << 10;
/// So much of a line is shown before the first match, where that is further on.
const LEAD_BYTES: usize = 40;
/// A match up to here needs nothing left out before it.
const NEAR_BYTES: usize = 120;
/// The most columns that are shown of what is between two matches, and the most matches.
const COLUMNS: usize = 400;
const MAX_MARKS: usize = 32;

/// What was found in one document.
pub(super) struct FoundIn {
    pub(super) name: String,
    pub(super) path: PathBuf,
    pub(super) reading: Reading,
    pub(super) document: Document,
    pub(super) hits: Hits,
}

/// What a row shows: a document, or one of its lines that match.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Spot {
    Document(usize),
    Line(usize, u64),
}

/// A line that matches, as it is shown.
pub(super) struct FoundLine {
    pub(super) start: ByteOffset,
    pub(super) number: Option<LineNumber>,
    /// Its text, and what of it matches.
    pieces: Vec<(String, bool)>,
}

/// How many rows there are.
pub(super) fn count(counts: &[u64]) -> u64 {
    counts.iter().fold(0, |all: u64, lines| all.saturating_add(*lines).saturating_add(1))
}

/// What is in a row, where there are so many lines in each document.
pub(super) fn spot(counts: &[u64], mut row: u64) -> Option<Spot> {
    for (document, lines) in counts.iter().enumerate() {
        match row.checked_sub(1) {
            None => return Some(Spot::Document(document)),
            Some(line) if line < *lines => return Some(Spot::Line(document, line)),
            Some(line) => row = line - lines,
        }
    }
    None
}

impl FoundIn {
    /// Some of the lines that match; `None` for those that are still to come.
    pub(super) fn lines(&self, numbers: Range<u64>) -> Vec<Option<FoundLine>> {
        let look = |lines: &Lines<'_>| numbers.clone().map(|number| FoundLine::of(lines, number)).collect();
        self.document.look_at_hits(&self.hits, Shows::All, look).unwrap_or_default()
    }
}

impl FoundLine {
    fn of(lines: &Lines<'_>, number: u64) -> Option<Self> {
        let hits = lines.hits()?;
        let start = hits.nth(number).here()?;
        let end = lines.end_of(start).here()?;
        let bytes = lines.bytes(start..end.min(start.plus(SEEN_BYTES)))?;
        let marks = hits.pattern().marks(&bytes);
        let number = lines.origin_of(start).here().map(|origin| origin.number);
        Some(Self { start, number, pieces: pieces(&bytes, &marks) })
    }

    /// The same as words.
    pub(super) fn text(&self) -> String {
        self.pieces.iter().map(|(text, _)| text.as_str()).collect()
    }

    /// The same, ready to be drawn.
    pub(super) fn laid_out(&self, colours: &Colours) -> LayoutJob {
        let mut job = LayoutJob { break_on_newline: false, ..LayoutJob::default() };
        for (text, matches) in &self.pieces {
            let mut format = TextFormat::simple(document(), colours.text);
            if *matches {
                format.background = colours.amber.gamma_multiply(MARK_STRENGTH);
            }
            job.append(text, 0.0, format);
        }
        job
    }
}

/// A line cut where a match begins and ends, without its beginning if the first one is far from that.
fn pieces(bytes: &[u8], marks: &[Range<usize>]) -> Vec<(String, bool)> {
    let bytes = bytes.strip_suffix(b"\r").unwrap_or(bytes);
    let first = marks.first().map_or(0, |mark| mark.start);
    let from = if first > NEAR_BYTES { first - LEAD_BYTES } else { 0 };
    // No character is cut.
    let rest = bytes.get(from..).unwrap_or_default().iter().take(3).take_while(|byte| **byte & 0xc0 == 0x80).count();
    let mut at = from + rest;
    let text = |range: Range<usize>| decode_row(bytes.get(range).unwrap_or_default(), 0, COLUMNS, 1).text;
    let mut pieces = Vec::new();
    if at > 0 {
        pieces.push(("…".to_owned(), false));
    }
    for mark in marks.iter().take(MAX_MARKS) {
        pieces.push((text(at..mark.start), false));
        pieces.push((text(mark.clone()), true));
        at = mark.end;
    }
    pieces.push((text(at..bytes.len()), false));
    pieces.retain(|(text, _)| !text.is_empty());
    pieces
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_document_is_followed_by_its_lines() {
        let counts = [2, 0, 1];
        let rows: Vec<_> = (0..count(&counts)).map(|row| spot(&counts, row)).collect();
        let (document, line) = (|n| Some(Spot::Document(n)), |n, line| Some(Spot::Line(n, line)));
        assert_eq!(rows, [document(0), line(0, 0), line(0, 1), document(1), document(2), line(2, 0)]);
        assert_eq!((spot(&counts, 6), spot(&[], 0)), (None, None));
    }

    #[test]
    fn a_line_is_cut_into_what_matches_and_what_does_not() {
        let cut = |text: &str, marks: &[Range<usize>]| {
            let pieces = pieces(text.as_bytes(), marks);
            pieces
                .into_iter()
                .map(|(text, matches)| if matches { format!("[{text}]") } else { text })
                .collect::<String>()
        };
        assert_eq!(cut("one two\r", &[0..3, 4..7]), "[one] [two]");
        assert_eq!(cut("none", &[]), "none");
        let far = format!("{}needle", "ä".repeat(100));
        assert_eq!(cut(&far, std::slice::from_ref(&(200..206))), format!("…{}[needle]", "ä".repeat(20)));
    }
}
