//! What a document is, by what it holds: which viewer fits it. Pure.

use std::path::Path;

use super::Facts;

/// What a document is to be looked at as.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Shape {
    /// Lines of text.
    Text,
}

impl Shape {
    /// All of them, in the order in which they are offered.
    pub const ALL: [Self; 1] = [Self::Text];

    /// What a document is whose first bytes are these.
    #[must_use]
    pub fn of(_path: &Path, _facts: Facts, _start: &[u8]) -> Self {
        Self::Text
    }

    /// Its name for people.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Text => "Text",
        }
    }
}
