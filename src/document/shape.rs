//! What a document is, by what it holds: which viewer fits it. Pure.

use std::path::Path;

use super::table::Dialect;
use super::{Encoding, Facts, PictureFormat, outline};
use crate::source::address;

/// What a document is to be looked at as.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Shape {
    /// Lines of text.
    Text,
    /// Records of fields: CSV, TSV and what is like them.
    Table,
    /// JSON, or JSON lines.
    Outline,
    /// A picture.
    Picture,
    /// Bytes, whatever they say.
    Bytes,
}

impl Shape {
    /// All of them, in the order in which they are offered.
    pub const ALL: [Self; 5] = [Self::Text, Self::Table, Self::Outline, Self::Picture, Self::Bytes];

    /// What a document is whose first bytes are these. Its name helps where they leave a doubt.
    #[must_use]
    pub fn of(path: &Path, facts: Facts, start: &[u8]) -> Self {
        let whole = start.len() as u64 == facts.len_bytes;
        if PictureFormat::of_start(start).is_some() {
            Self::Picture
        } else if facts.encoding == Encoding::Binary {
            Self::Bytes
        } else if outline::begins(start, is_called(path, &["json", "jsonl", "ndjson", "geojson"])) {
            Self::Outline
        } else if Dialect::fits(start, whole) || (is_called(path, &["csv", "tsv", "tab", "psv"]) && !start.is_empty()) {
            Self::Table
        } else {
            Self::Text
        }
    }

    /// Its name for people.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Text => "Text",
            Self::Table => "Table",
            Self::Outline => "JSON",
            Self::Picture => "Picture",
            Self::Bytes => "Hex",
        }
    }
}

/// Whether a name ends in one of these, packed or not.
fn is_called(path: &Path, endings: &[&str]) -> bool {
    let name = address::name_of(path).to_ascii_lowercase();
    let name = ["gz", "bgz", "zst", "bz2", "xz"]
        .iter()
        .find_map(|packed| name.strip_suffix(&format!(".{packed}")))
        .unwrap_or(&name);
    name.rsplit_once('.').is_some_and(|(_, ending)| endings.contains(&ending))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::document::LineEnding;

    fn shape(name: &str, start: &str) -> Shape {
        let facts = Facts {
            len_bytes: start.len() as u64,
            packing: None,
            encoding: Encoding::of_start(start.as_bytes()),
            ending: LineEnding::Lf,
        };
        Shape::of(Path::new(name), facts, start.as_bytes())
    }

    #[test]
    fn what_a_document_holds_tells_what_it_is_and_its_name_where_that_leaves_a_doubt() {
        let table = "id;name;price\n1;Ann;2.5\n2;Bob;3.5\n3;\"C;D\";4\n";
        assert_eq!((shape("a", table), shape("a.txt", "one\ntwo\n")), (Shape::Table, Shape::Text));
        assert_eq!((shape("a.CSV", "one\ntwo\n"), shape("a.csv.gz", "a,b\n")), (Shape::Table, Shape::Table));
        let log = "2026-11-24 10:00:01 INFO started, 3 workers\n2026-11-24 10:00:02 WARN slow\nand more, and, more\n";
        assert_eq!(shape("a.log", log), Shape::Text);
        let json = "\u{feff}{\"a\": [1, 2]}\n{\"a\": [3";
        assert_eq!((shape("a", json), shape("a", "[2026-11-24] INFO started\n")), (Shape::Outline, Shape::Text));
        let (text, outline) = (Shape::Text, Shape::Outline);
        assert_eq!((shape("a", "1, 2\n"), shape("a", "{a: 1}"), shape("a.json", "{a: 1}")), (text, text, outline));
        assert_eq!(shape("https://host/a.csv.gz?token=1", "a,b\n"), Shape::Table);
        assert_eq!(shape("a.csv", ""), Shape::Text);
        assert_eq!(shape("a.csv", "\0\u{1}\0 \u{2}"), Shape::Table, "what is UTF-8 is text");
    }

    #[test]
    fn a_picture_is_known_by_what_it_holds_whatever_its_name_and_encoding() {
        let of = |name: &str, encoding: Encoding, start: &[u8]| {
            let facts = Facts { len_bytes: start.len() as u64, packing: None, encoding, ending: LineEnding::None };
            Shape::of(Path::new(name), facts, start)
        };
        assert_eq!(of("a.txt", Encoding::Binary, b"\x89PNG\r\n\x1a\n\0"), Shape::Picture);
        assert_eq!(of("a.log", Encoding::Utf8, b"GIF89a"), Shape::Picture);
        assert_eq!(of("a.xml", Encoding::Utf8Bom, b"\xef\xbb\xbf<?xml version='1.0'?><svg>"), Shape::Picture);
        assert_eq!(of("a.png", Encoding::Utf8, b"no picture"), Shape::Text);
        assert_eq!(of("a.svg", Encoding::Utf8, b"<html><svg></svg></html>"), Shape::Text);
        assert_eq!(of("a.jpg", Encoding::Binary, b"\0\x01\xff"), Shape::Bytes);
    }
}
