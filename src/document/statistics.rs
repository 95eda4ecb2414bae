//! The job that counts what a text has: lines and how they end, words, characters, its longest line, and how many values of
//! a column differ. One pass in constant memory, off the async workers; nothing of it is shown. It must not know egui.

mod column;
mod counts;
mod distinct;

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use super::characters::WholeCharacters;
use super::contents::Contents;
use super::naming::unpacked_name;
use super::{Encoding, Reading};
use crate::jobs::{Job, JobContext, JobError, Kind, Outcome};
use crate::source::{Blocks, address};
use crate::units;
use column::{Column, Which};
use counts::Counts;

/// A byte order mark in UTF-8: it is no part of the first value.
const MARK: &[u8] = b"\xef\xbb\xbf";

/// A file whose text is to be counted.
#[derive(Clone, Debug, PartialEq, Eq, clap::Args, serde::Serialize, serde::Deserialize)]
pub struct Statistics {
    /// The file, or its http or https address
    pub path: PathBuf,
    /// How it is to be read.
    #[command(flatten)]
    #[serde(flatten)]
    pub reading: Reading,
    /// Count the values of this column too, counted from 1 on, and how many of them differ
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..))]
    #[serde(default)]
    pub column: Option<u64>,
    /// What stands between two columns: a character of ASCII, or `tab` [default: a tab in a file *.tsv, else a comma]
    #[arg(long, value_name = "CHARACTER", value_parser = parse_delimiter, requires = "column")]
    #[serde(default)]
    pub delimiter: Option<char>,
    /// The first row holds the names of the columns, and no values
    #[arg(long, requires = "column")]
    #[serde(default)]
    pub header: bool,
}

/// What a text has.
#[derive(Clone, Debug, PartialEq, serde::Serialize)]
pub struct Counted {
    /// The file's length; of a packed file, that of what it holds.
    pub bytes: u64,
    /// Its newlines, and one more if the last line has none.
    pub lines: u64,
    /// Runs of characters that are no white space, as `wc -w` counts them.
    pub words: u64,
    /// Its characters; what is not UTF-8 has none.
    pub characters: u64,
    /// Its longest line in UTF-8, without the newline.
    pub longest_line_bytes: u64,
    /// The number of the first line that is so long, from 1 on; `None` if there is no line.
    pub longest_line: Option<u64>,
    /// Lines that hold nothing.
    pub empty_lines: u64,
    /// How lines end, as far as they do.
    pub line_endings: LineEndings,
    /// Newlines without a return before them.
    pub lf_endings: u64,
    /// Newlines with a return before them.
    pub crlf_endings: u64,
    /// Returns without a newline after them: they end no line here, but do elsewhere.
    pub cr_endings: u64,
    /// Bytes that are not UTF-8, and so no text.
    pub invalid_bytes: u64,
    /// How it is encoded.
    pub encoding: Encoding,
    /// The values of the column, if one was asked for.
    #[serde(flatten)]
    pub column: Option<ColumnCount>,
    /// How long it took.
    #[serde(serialize_with = "crate::units::as_seconds")]
    pub seconds: Duration,
}

/// What a column has.
#[derive(Clone, Copy, Debug, PartialEq, serde::Serialize)]
pub struct ColumnCount {
    /// Its values: one for each row that has the column.
    #[serde(rename = "column_values")]
    pub values: u64,
    /// How many of them differ.
    #[serde(rename = "distinct_values")]
    pub distinct: u64,
    /// By how many per cent that may be wrong, in 19 of 20 cases; `None` if it is exact.
    #[serde(rename = "distinct_error_percent", skip_serializing_if = "Option::is_none")]
    pub error_percent: Option<f64>,
}

/// How the lines of a text end.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize)]
pub enum LineEndings {
    /// There is none that ends.
    #[serde(rename = "none")]
    None,
    /// By a newline.
    #[serde(rename = "LF")]
    Lf,
    /// By a return and a newline.
    #[serde(rename = "CRLF")]
    CrLf,
    /// By a return.
    #[serde(rename = "CR")]
    Cr,
    /// In more than one way.
    #[serde(rename = "mixed")]
    Mixed,
}

impl LineEndings {
    const fn of(lf: u64, crlf: u64, cr: u64) -> Self {
        match (lf > 0, crlf > 0, cr > 0) {
            (false, false, false) => Self::None,
            (true, false, false) => Self::Lf,
            (false, true, false) => Self::CrLf,
            (false, false, true) => Self::Cr,
            _ => Self::Mixed,
        }
    }
}

/// What can stand between two columns, as a person writes it.
///
/// # Errors
/// A sentence that shows what can.
pub fn parse_delimiter(text: &str) -> Result<char, String> {
    let named = match text.to_ascii_lowercase().as_str() {
        "tab" | "\\t" => Some('\t'),
        _ => None,
    };
    let mut characters = text.chars();
    let single = characters.next().filter(|_| characters.next().is_none());
    let delimiter =
        named.or(single).filter(|delimiter| delimiter.is_ascii() && !matches!(delimiter, '"' | '\n' | '\r'));
    delimiter.ok_or_else(|| format!("“{text}” is no delimiter; write a comma, a semicolon, a tab, or the word tab"))
}

impl Statistics {
    /// Counts the text of the file at `path`, and no column.
    #[must_use]
    pub fn of(path: PathBuf) -> Self {
        Self { path, reading: Reading::default(), column: None, delimiter: None, header: false }
    }

    /// The column that is meant, of a file of this name.
    fn which(&self, name: &str) -> Option<Which> {
        let number = self.column?.saturating_sub(1);
        let ending = Path::new(name).extension().unwrap_or_default();
        let is_tabbed = ["tsv", "tab"].iter().any(|known| ending.eq_ignore_ascii_case(known));
        let usual = if is_tabbed { '\t' } else { ',' };
        let delimiter = u8::try_from(self.delimiter.unwrap_or(usual)).unwrap_or(b',');
        Some(Which { number, delimiter, header: self.header })
    }
}

impl Job for Statistics {
    type Outcome = Counted;
    const KIND: Kind = Kind { name: "statistics", at_once: 2, comes_back: false };

    fn title(&self) -> String {
        format!("Statistics of {}", address::name_of(&self.path))
    }

    async fn run(self, context: JobContext) -> Result<Counted, JobError> {
        let inner = context.clone();
        context.blocking(move || count(&self, &inner)).await.and_then(|result| result)
    }
}

fn count(job: &Statistics, context: &JobContext) -> Result<Counted, JobError> {
    let began = Instant::now();
    let contents = Contents::open(&job.path, &job.reading, context).map_err(|error| context.failed(error))?;
    let which = job.which(&unpacked_name(&job.path, contents.packing));
    let (mut counts, mut characters) = (Counts::default(), WholeCharacters::default());
    let mut column = which.map(Column::new);
    let mut blocks = Blocks::of(Arc::clone(&contents.as_written), &job.path)?;
    context.progress().set_total(Some(blocks.whole_bytes()));
    let mut begins = true;
    while let Some(block) = blocks.next(context)? {
        characters.feed(block, |piece| counts.feed(piece));
        if let Some(column) = &mut column {
            // The first block is longer than a mark, unless that is all.
            let text = block.strip_prefix(MARK).filter(|_| begins).unwrap_or(block);
            column.feed(text);
        }
        begins = false;
        context.progress().set_done(blocks.passed_bytes());
    }
    characters.finish(|piece| counts.feed(piece));
    let bytes = contents.encoded.len_bytes();
    Ok(told(bytes, contents.encoding, &counts, column, began.elapsed()))
}

/// What is told of what was counted.
fn told(bytes: u64, encoding: Encoding, counts: &Counts, column: Option<Column>, seconds: Duration) -> Counted {
    let (lf_endings, crlf_endings) = (counts.newlines.saturating_sub(counts.pairs), counts.pairs);
    let cr_endings = counts.returns.saturating_sub(counts.pairs);
    let longest = counts.longest_line();
    let is_other = counts.invalid_bytes > 0 && matches!(encoding, Encoding::Utf8 | Encoding::Utf8Bom);
    let column = column.map(|mut column| {
        column.finish();
        let distinct = column.distinct();
        ColumnCount {
            values: column.values(),
            // An estimate may be a little more than there can be.
            distinct: distinct.count().min(column.values()),
            error_percent: distinct.error_percent(),
        }
    });
    Counted {
        bytes,
        lines: counts.lines(),
        words: counts.words,
        characters: counts.characters,
        longest_line_bytes: longest.map_or(0, |(bytes, _)| bytes),
        longest_line: longest.map(|(_, number)| number),
        empty_lines: counts.empty_lines,
        line_endings: LineEndings::of(lf_endings, crlf_endings, cr_endings),
        lf_endings,
        crlf_endings,
        cr_endings,
        invalid_bytes: counts.invalid_bytes,
        encoding: if is_other { Encoding::Other } else { encoding },
        column,
        seconds,
    }
}

impl Outcome for Counted {
    fn summary(&self) -> String {
        let (lines, words) = (units::count(self.lines, "line"), units::count(self.words, "word"));
        let (size, time) = (units::bytes(self.bytes), units::duration(self.seconds));
        match self.column {
            None => format!("{lines} · {words} · {size} · {time}"),
            Some(ColumnCount { distinct, error_percent, .. }) => {
                let values = units::count(distinct, "distinct value");
                let values = error_percent.map_or(values.clone(), |error| format!("about {values} (± {error:.1} %)"));
                format!("{values} · {lines} · {time}")
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn counted(text: &[u8], column: Option<u64>) -> Counted {
        let mut counts = Counts::default();
        counts.feed(text);
        let which = column.map(|number| Which { number, delimiter: b',', header: false });
        let column = which.map(|which| {
            let mut column = Column::new(which);
            column.feed(text);
            column
        });
        told(text.len() as u64, Encoding::Utf8, &counts, column, Duration::from_millis(9))
    }

    #[test]
    fn endings_have_a_name_together() {
        let of = |text: &[u8]| counted(text, None).line_endings;
        let single = [LineEndings::Lf, LineEndings::CrLf, LineEndings::Cr, LineEndings::None];
        assert_eq!([of(b"a\nb"), of(b"a\r\nb"), of(b"a\rb"), of(b"a")], single);
        assert_eq!([of(b"a\nb\r\n"), of(b"a\r\nb\r"), of(b"a\n\r")], [LineEndings::Mixed; 3]);
    }

    #[test]
    fn bytes_that_are_not_utf_8_make_it_another_encoding() {
        assert_eq!(counted(b"a\xff", None).encoding, Encoding::Other);
        assert_eq!(counted(b"a", None).encoding, Encoding::Utf8);
    }

    #[test]
    fn the_card_shows_first_what_was_asked_for() {
        assert_eq!(counted(b"a b\nc\n", None).summary(), "2 lines · 3 words · 6 B · 9 ms");
        let of_column = counted(b"a,b\nc,b\n", Some(1));
        assert_eq!(of_column.summary(), "1 distinct value · 2 lines · 9 ms");
        let estimate = ColumnCount { values: 9_000_000, distinct: 3_000_000, error_percent: Some(0.8125) };
        let of_column = Counted { column: Some(estimate), ..of_column };
        assert_eq!(of_column.summary(), "about 3,000,000 distinct values (± 0.8 %) · 2 lines · 9 ms");
    }

    #[test]
    fn a_delimiter_is_a_character_of_ascii_or_the_word_for_a_tab() {
        assert_eq!(["\t", "tab", "\\t", "TAB"].map(|text| parse_delimiter(text).ok()), [Some('\t'); 4]);
        assert_eq!([";", "|", " "].map(parse_delimiter), [Ok(';'), Ok('|'), Ok(' ')]);
        assert!(["", ";;", "\"", "\n", "ä"].iter().all(|wrong| parse_delimiter(wrong).is_err()));
    }

    #[test]
    fn the_name_of_a_file_tells_what_stands_between_its_columns() {
        let job = Statistics { column: Some(3), ..Statistics::of("/a.tsv".into()) };
        let which = |job: &Statistics, name: &str| job.which(name).map(|which| (which.number, which.delimiter));
        assert_eq!(which(&job, "a.tsv"), Some((2, b'\t')));
        assert_eq!(which(&job, "a.csv"), Some((2, b',')));
        assert_eq!(which(&Statistics { delimiter: Some(';'), ..job.clone() }, "a.tsv"), Some((2, b';')));
        assert_eq!(which(&Statistics { column: None, ..job }, "a.csv"), None);
    }
}
