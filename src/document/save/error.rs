//! Why what a file holds can not be written to another one as was asked.

use std::path::PathBuf;

use crate::document::measure::Measure;
use crate::jobs::Failure;
use crate::units;

/// Why nothing was saved.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[expect(missing_docs, reason = "each message says what its fields are")]
pub enum SaveError {
    /// There is nothing between both ends.
    #[error("The part to be saved ends before it begins")]
    NothingBetween,
    /// The text has less than what comes before the part.
    #[error("The text ends before {what} {}: {}", units::number(*.number), .path.display())]
    NotSoLong { what: &'static str, number: u64, path: PathBuf },
    /// A character that there are no bytes for.
    #[error(
        "Line {}{of} holds “{character}” (U+{:04X}), which {encoding} lacks: {}",
        units::number(*.line), u32::from(*.character), .path.display()
    )]
    Lacking { line: u64, of: &'static str, character: char, encoding: &'static str, path: PathBuf },
    /// Bytes that are no character.
    #[error("Line {}{of} holds bytes that are no text: {}", units::number(*.line), .path.display())]
    NoText { line: u64, of: &'static str, path: PathBuf },
}

impl SaveError {
    /// That a text has nothing after `before` bytes or lines.
    pub(super) fn not_so_long((before, measure): (u64, Measure), path: PathBuf) -> Self {
        match measure {
            Measure::Bytes => Self::NotSoLong { what: "byte", number: before, path },
            Measure::Lines => Self::NotSoLong { what: "line", number: before.saturating_add(1), path },
        }
    }
}

impl Failure for SaveError {
    fn advice(&self) -> String {
        match self {
            Self::NothingBetween => "Give an end that comes after the beginning.",
            Self::NotSoLong { .. } => "Look how long it is, and begin earlier.",
            Self::Lacking { .. } => {
                "Choose UTF-8, which has all characters, or let what is lacking be replaced (--lossy)."
            }
            Self::NoText { .. } => {
                "Tell the encoding that it is in, or let what is no text be replaced (--lossy); without an encoding to \
                 write in, bytes stay as they are."
            }
        }
        .into()
    }
}
