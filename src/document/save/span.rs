//! What of a text is meant: all of it, or from one byte or line to another. Pure.

use std::ops::Range;

use super::SaveError;
use crate::document::measure::Measure;
use crate::source::ByteOffset;
use crate::units;

/// The part of a text that is meant; all of it where nothing is said.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::Args, serde::Serialize, serde::Deserialize)]
pub struct Span {
    /// Begin with this byte of the text, counted from 0 on, such as 1.5GB
    #[arg(long, value_name = "BYTE", value_parser = units::parse_bytes, conflicts_with_all = ["from_line", "to_line"])]
    #[serde(default)]
    pub from_byte: Option<u64>,
    /// End before this byte of the text
    #[arg(long, value_name = "BYTE", value_parser = units::parse_bytes, conflicts_with_all = ["from_line", "to_line"])]
    #[serde(default)]
    pub to_byte: Option<u64>,
    /// Begin with this line, counted from 1 on
    #[arg(long, value_name = "LINE", value_parser = clap::value_parser!(u64).range(1..))]
    #[serde(default)]
    pub from_line: Option<u64>,
    /// End with this line
    #[arg(long, value_name = "LINE", value_parser = clap::value_parser!(u64).range(1..))]
    #[serde(default)]
    pub to_line: Option<u64>,
}

impl Span {
    /// The bytes of a range.
    #[must_use]
    pub const fn of_bytes(range: &Range<ByteOffset>) -> Self {
        Self { from_byte: Some(range.start.0), to_byte: Some(range.end.0), from_line: None, to_line: None }
    }

    /// Looks whether there can be anything in it.
    ///
    /// # Errors
    /// When it ends before it begins.
    pub fn check(&self) -> Result<(), SaveError> {
        let bytes = self.to_byte.is_none_or(|to| self.from_byte.unwrap_or(0) < to);
        let lines = self.to_line.is_none_or(|to| self.from_line.unwrap_or(1) <= to);
        if bytes && lines { Ok(()) } else { Err(SaveError::NothingBetween) }
    }

    /// The bytes that are meant, if they are told as such.
    pub(super) fn bytes(&self) -> Option<Range<ByteOffset>> {
        let told = self.from_byte.is_some() || self.to_byte.is_some();
        told.then(|| ByteOffset(self.from_byte.unwrap_or(0))..ByteOffset(self.to_byte.unwrap_or(u64::MAX)))
    }

    /// How many of what comes before it, and of what.
    pub(super) fn before(&self) -> (u64, Measure) {
        if self.from_line.is_some() || self.to_line.is_some() {
            (self.from_line.unwrap_or(1).saturating_sub(1), Measure::Lines)
        } else {
            (self.from_byte.unwrap_or(0), Measure::Bytes)
        }
    }

    /// Cuts it out of the text.
    pub(super) fn cut(&self) -> Cut {
        let (skip, measure) = self.before();
        let left = self.to_line.or(self.to_byte).map(|to| to.saturating_sub(skip));
        Cut { measure, skip, left }
    }
}

/// Cuts a part out of a text that comes in blocks.
#[derive(Debug)]
pub(super) struct Cut {
    measure: Measure,
    /// What is still to be passed over.
    skip: u64,
    /// What is still to be given; `None` for all that comes.
    left: Option<u64>,
}

impl Cut {
    /// A cut that leaves nothing out.
    pub(super) const fn nothing() -> Self {
        Self { measure: Measure::Bytes, skip: 0, left: None }
    }

    /// Takes in the next block and gives what of it belongs to the part.
    pub(super) fn take<'a>(&mut self, block: &'a [u8]) -> &'a [u8] {
        let (_, rest) = self.measure.split(block, &mut self.skip);
        match &mut self.left {
            Some(left) => self.measure.split(rest, left).0,
            None => rest,
        }
    }

    /// Whether nothing more belongs to it.
    pub(super) fn is_over(&self) -> bool {
        self.left == Some(0)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn cut_out(span: Span, text: &[u8], cuts: &[usize]) -> Vec<u8> {
        let (mut cut, mut made, mut rest) = (span.cut(), Vec::new(), text);
        for size in cuts.iter().cycle() {
            if rest.is_empty() || cut.is_over() {
                break;
            }
            let (block, after) = rest.split_at((*size).min(rest.len()));
            made.extend_from_slice(cut.take(block));
            rest = after;
        }
        made
    }

    #[test]
    fn what_ends_before_it_begins_is_refused() {
        let bytes = |from, to| Span { from_byte: Some(from), to_byte: Some(to), ..Span::default() };
        let lines = |from, to| Span { from_line: Some(from), to_line: Some(to), ..Span::default() };
        assert_eq!([bytes(2, 2), bytes(3, 2), lines(3, 2)].map(|span| span.check().is_err()), [true; 3]);
        assert_eq!([bytes(2, 3), lines(2, 2), Span::default()].map(|span| span.check().is_ok()), [true; 3]);
    }

    proptest! {
        #[test]
        fn lines_and_bytes_are_cut_out_as_by_hand(
            text in "[a\n]{0,40}",
            (from, count) in (1_u64..12, 0_u64..12),
            cuts in prop::collection::vec(1_usize..6, 1..8),
        ) {
            let span = Span { from_line: Some(from), to_line: Some(from + count), ..Span::default() };
            let skip = usize::try_from(from - 1).unwrap();
            let lines = text.split_inclusive('\n').skip(skip).take(usize::try_from(count + 1).unwrap());
            prop_assert_eq!(cut_out(span, text.as_bytes(), &cuts), lines.collect::<String>().into_bytes());
            let to_the_end = Span { from_line: Some(from), ..Span::default() };
            let lines = text.split_inclusive('\n').skip(skip);
            prop_assert_eq!(cut_out(to_the_end, text.as_bytes(), &cuts), lines.collect::<String>().into_bytes());
            let span = Span { from_byte: Some(from), to_byte: Some(from + count + 1), ..Span::default() };
            let bytes = text.bytes().skip(skip + 1).take(usize::try_from(count + 1).unwrap());
            prop_assert_eq!(cut_out(span, text.as_bytes(), &cuts), bytes.collect::<Vec<_>>());
        }
    }
}
