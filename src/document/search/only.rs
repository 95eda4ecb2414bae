//! Which lines of a text are shown where not all of them are: those that match, and so many around each. Pure.

use super::Query;
use crate::units;

/// The lines of a text that are shown as a document of their own.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Only {
    /// What is in them or, turned round, what is not.
    pub query: Query,
    /// How many lines before and after each of them come along, up to [`Only::MAX_CONTEXT`].
    #[serde(default)]
    pub context: u8,
}

impl Only {
    /// The most lines that come along on each side.
    pub const MAX_CONTEXT: u8 = 99;

    /// What the lines of a file of that name are called.
    #[must_use]
    pub fn name(&self, file: &str) -> String {
        let which = if self.query.invert { "all but" } else { "only" };
        let around = if self.context > 0 { format!(" ±{}", self.context) } else { String::new() };
        format!("{which} “{}”{around} of {file}", units::plain_text(&self.query.pattern))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_tells_what_is_in_the_lines_how_many_come_along_and_of_what_file_they_are() {
        let query = Query { pattern: "GET\u{1b}".into(), ..Query::default() };
        let only = Only { query: query.clone(), context: 0 };
        assert_eq!(only.name("a.log"), "only “GET\\u{1b}” of a.log");
        let only = Only { query: Query { invert: true, ..query }, context: 3 };
        assert_eq!(only.name("a.log"), "all but “GET\\u{1b}” ±3 of a.log");
    }
}
