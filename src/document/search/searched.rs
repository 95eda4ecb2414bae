//! What a search has come to, as its card and the command line tell it.

use std::path::PathBuf;
use std::time::Duration;

use crate::jobs::Outcome;
use crate::units;

/// What a search has come to.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct Searched {
    /// How often the pattern is there; of lines without it, how many there are.
    pub matches: u64,
    /// The lines that match.
    pub matching_lines: u64,
    /// How much was searched.
    pub bytes: u64,
    /// How long it took.
    #[serde(serialize_with = "crate::units::as_seconds")]
    pub seconds: Duration,
    /// Where the lines were written to, if they were.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub path: Option<WrittenTo>,
}

/// The path of a file that was written.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
#[serde(transparent)]
pub struct WrittenTo(#[serde(serialize_with = "crate::units::as_text")] pub PathBuf);

impl Outcome for Searched {
    fn summary(&self) -> String {
        format!("{} · {}", units::count(self.matching_lines, "line"), units::duration(self.seconds))
    }

    fn made(&self) -> Option<PathBuf> {
        self.path.clone().map(|path| path.0)
    }
}
