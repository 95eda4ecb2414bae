//! What a document is, by what it holds: which viewer fits it. Pure.

use std::path::Path;

use super::{Encoding, Facts};

/// What a document is to be looked at as.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Shape {
    /// Lines of text.
    Text,
    /// Bytes, whatever they say.
    Bytes,
}

impl Shape {
    /// All of them, in the order in which they are offered.
    pub const ALL: [Self; 2] = [Self::Text, Self::Bytes];

    /// What a document is whose first bytes are these.
    #[must_use]
    pub fn of(_path: &Path, facts: Facts, _start: &[u8]) -> Self {
        if facts.encoding == Encoding::Binary { Self::Bytes } else { Self::Text }
    }

    /// Its name for people.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Text => "Text",
            Self::Bytes => "Hex",
        }
    }
}
