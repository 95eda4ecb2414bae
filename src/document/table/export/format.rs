//! The ways in which rows can be written for others to read. Pure.

use std::path::Path;

use super::super::cells::is_number;

/// More digits than these are not kept by all who read JSON, as many make floats of all numbers.
const MAX_EXACT_DIGITS: usize = 15;

/// A way to write rows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ExportFormat {
    /// Commas between fields; NULL is nothing, an empty text is "", as PostgreSQL's COPY has it
    #[default]
    Csv,
    /// The same with tabs
    Tsv,
    /// An object in each line, with the names of the columns
    #[value(name = "jsonl")]
    JsonLines,
    /// A table of Markdown
    Markdown,
}

impl ExportFormat {
    /// All of them, in the order in which they are offered.
    pub const ALL: [Self; 4] = [Self::Csv, Self::Tsv, Self::JsonLines, Self::Markdown];

    /// Its name for people.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Csv => "CSV",
            Self::Tsv => "TSV",
            Self::JsonLines => "JSON lines",
            Self::Markdown => "Markdown",
        }
    }

    /// What the names of such files end with.
    #[must_use]
    pub const fn ending(self) -> &'static str {
        match self {
            Self::Csv => "csv",
            Self::Tsv => "tsv",
            Self::JsonLines => "jsonl",
            Self::Markdown => "md",
        }
    }

    /// What the name of a file says of how it is written.
    pub(super) fn of_name(path: &Path) -> Option<Self> {
        match path.extension()?.to_str()?.to_ascii_lowercase().as_str() {
            "csv" => Some(Self::Csv),
            "tsv" | "tab" => Some(Self::Tsv),
            "jsonl" | "ndjson" | "json" => Some(Self::JsonLines),
            "md" | "markdown" => Some(Self::Markdown),
            _ => None,
        }
    }

    /// What stands between fields, if nothing else does.
    const fn delimiter(self) -> u8 {
        if matches!(self, Self::Tsv) { b'\t' } else { b',' }
    }

    /// Appends the names of the columns, if they have to be told and there are some.
    pub(super) fn write_names(self, names: &[String], is_told: bool, text: &mut Vec<u8>) {
        let cells: Vec<_> = names.iter().map(|name| Some(name.as_bytes())).collect();
        match self {
            Self::Csv | Self::Tsv if is_told => self.write_row(names, &cells, text),
            Self::Csv | Self::Tsv | Self::JsonLines => {}
            Self::Markdown => {
                self.write_row(names, &cells, text);
                text.push(b'|');
                text.extend_from_slice(&b" --- |".repeat(names.len()));
                text.push(b'\n');
            }
        }
    }

    /// Appends a row of cells, which are nothing where they say NULL or are lacking.
    pub(super) fn write_row(self, names: &[String], cells: &[Option<&[u8]>], text: &mut Vec<u8>) {
        match self {
            Self::Csv | Self::Tsv => {
                for (place, cell) in cells.iter().enumerate() {
                    if place > 0 {
                        text.push(self.delimiter());
                    }
                    write_field(*cell, self.delimiter(), text);
                }
            }
            Self::JsonLines => write_object(names, cells, text),
            Self::Markdown => {
                text.push(b'|');
                for cell in cells {
                    text.push(b' ');
                    write_markdown(cell.unwrap_or_default(), text);
                    text.extend_from_slice(b" |");
                }
            }
        }
        text.push(b'\n');
    }
}

/// Appends a field so that it is read as what it is: NULL as nothing, and in quotes what would be read as something else.
fn write_field(cell: Option<&[u8]>, delimiter: u8, text: &mut Vec<u8>) {
    let Some(cell) = cell else { return };
    let tears = |byte: &u8| *byte == delimiter || matches!(*byte, b'"' | b'\n' | b'\r');
    // For PostgreSQL the last of these is the end of all rows.
    if !cell.is_empty() && !cell.iter().any(tears) && cell != b"\\." {
        text.extend_from_slice(cell);
        return;
    }
    text.push(b'"');
    for byte in cell {
        text.push(*byte);
        if *byte == b'"' {
            text.push(b'"');
        }
    }
    text.push(b'"');
}

fn write_object(names: &[String], cells: &[Option<&[u8]>], text: &mut Vec<u8>) {
    let string = |said: &str| serde_json::Value::from(said).to_string();
    text.push(b'{');
    for (place, (name, cell)) in names.iter().zip(cells).enumerate() {
        if place > 0 {
            text.push(b',');
        }
        text.extend_from_slice(string(name).as_bytes());
        text.push(b':');
        match cell {
            None => text.extend_from_slice(b"null"),
            Some(cell) if is_exact_number(cell) => text.extend_from_slice(cell),
            Some(cell) => text.extend_from_slice(string(&String::from_utf8_lossy(cell)).as_bytes()),
        }
    }
    text.push(b'}');
}

/// Whether a cell is a number of JSON as it stands, and one that whoever reads it keeps.
fn is_exact_number(cell: &[u8]) -> bool {
    let digits = cell.iter().filter(|byte| byte.is_ascii_digit()).count();
    let begins = cell.first().is_some_and(|byte| *byte == b'-' || byte.is_ascii_digit());
    let ends = cell.last().is_some_and(u8::is_ascii_digit);
    begins
        && ends
        && digits <= MAX_EXACT_DIGITS
        && is_number(cell)
        && serde_json::from_slice::<serde_json::Number>(cell).is_ok()
}

/// Appends a cell of a table of Markdown, which is in one line.
fn write_markdown(cell: &[u8], text: &mut Vec<u8>) {
    for byte in cell {
        match byte {
            b'|' => text.extend_from_slice(b"\\|"),
            b'\n' => text.extend_from_slice(b"<br>"),
            b'\r' => {}
            byte => text.push(*byte),
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::super::Dialect;
    use super::super::super::cells::content;
    use super::super::super::naive::naive_records;
    use super::*;

    fn names(names: &[&str]) -> Vec<String> {
        names.iter().map(|name| (*name).to_owned()).collect()
    }

    fn written(format: ExportFormat, cells: &[Option<&[u8]>]) -> String {
        let mut text = Vec::new();
        format.write_row(&names(&["a", "b \"c\"", "d"]), cells, &mut text);
        String::from_utf8(text).unwrap()
    }

    proptest! {
        #[test]
        fn what_is_written_with_delimiters_is_read_as_the_same_cells(
            rows in prop::collection::vec(
                prop::collection::vec(prop::option::of("[a\",;\t\r\n\\\\. ]{0,6}"), 2..5),
                1..8,
            ),
            tabs in any::<bool>(),
        ) {
            let format = if tabs { ExportFormat::Tsv } else { ExportFormat::Csv };
            let mut text = Vec::new();
            for row in &rows {
                let cells: Vec<_> = row.iter().map(|cell| cell.as_ref().map(String::as_bytes)).collect();
                format.write_row(&[], &cells, &mut text);
            }
            let dialect = Dialect { delimiter: format.delimiter(), ..Dialect::default() };
            let said = |cell: std::ops::Range<usize>| {
                content(&text[cell], dialect.quote).map(|said| String::from_utf8(said.into_owned()).unwrap())
            };
            let read: Vec<Vec<_>> =
                naive_records(&text, dialect).into_iter().map(|record| record.into_iter().map(said).collect()).collect();
            prop_assert_eq!(read, rows);
        }
    }

    #[test]
    fn numbers_of_json_stay_numbers_and_what_others_would_change_is_text() {
        let object = |cells: [&str; 3]| written(ExportFormat::JsonLines, &cells.map(|cell| Some(cell.as_bytes())));
        assert_eq!(object(["-12.50", "1e3", "007"]), "{\"a\":-12.50,\"b \\\"c\\\"\":1e3,\"d\":\"007\"}\n");
        assert_eq!(object(["1,234", " 5", "12 %"]), "{\"a\":\"1,234\",\"b \\\"c\\\"\":\" 5\",\"d\":\"12 %\"}\n");
        assert_eq!(
            object(["12345678901234567890", "x\ny", ""]),
            "{\"a\":\"12345678901234567890\",\"b \\\"c\\\"\":\"x\\ny\",\"d\":\"\"}\n"
        );
        assert_eq!(
            written(ExportFormat::JsonLines, &[None, Some(b"\xff".as_slice())]),
            "{\"a\":null,\"b \\\"c\\\"\":\"\u{fffd}\"}\n"
        );
    }

    #[test]
    fn a_cell_of_markdown_is_in_one_line_and_ends_none_of_its_neighbours() {
        let row = written(ExportFormat::Markdown, &[Some(b"a|b".as_slice()), None, Some(b"one\r\ntwo".as_slice())]);
        assert_eq!(row, "| a\\|b |  | one<br>two |\n");
        let mut text = Vec::new();
        ExportFormat::Markdown.write_names(&names(&["x", "y"]), false, &mut text);
        assert_eq!(text, b"| x | y |\n| --- | --- |\n");
    }

    #[test]
    fn the_name_of_a_file_says_how_it_is_written() {
        let told = |name: &str| ExportFormat::of_name(Path::new(name));
        assert_eq!(
            ExportFormat::ALL.map(|format| told(&format!("a.{}", format.ending()))),
            ExportFormat::ALL.map(Some)
        );
        assert_eq!((told("a.JSON"), told("a.txt"), told("csv")), (Some(ExportFormat::JsonLines), None, None));
    }
}
