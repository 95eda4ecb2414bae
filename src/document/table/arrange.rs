//! The job that gathers the rows of a table as they are to be shown: those that a filter lets through, sorted. For a view it
//! makes an order of rows, and no copy of them; without one it tells how many are left. It must not know egui.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Weak};
use std::time::{Duration, Instant};

use super::arranging::{self, Arranging};
use super::gather::{Gathered, Subject};
use super::job::text_start;
use super::{Arrangement, Dialect, RowOrder, Table, Written};
use crate::document::contents::Contents;
use crate::document::{Document, PAGE_BYTES, Reading};
use crate::jobs::{Job, JobContext, JobError, Kind, Outcome};
use crate::source::address;
use crate::units;

/// A table whose rows are to be shown in some way.
#[derive(Clone, Debug, clap::Args, serde::Serialize, serde::Deserialize)]
pub struct Arrange {
    /// The table, or its http or https address
    pub path: PathBuf,
    /// Which of its rows, and in which order.
    #[command(flatten)]
    #[serde(flatten)]
    pub arrangement: Arrangement,
    /// How it is written.
    #[command(flatten)]
    #[serde(flatten)]
    pub written: Written,
    /// How the file is read.
    #[command(flatten)]
    #[serde(flatten)]
    pub reading: Reading,
    /// What is read, and who waits for it, if there is a view that shows it.
    #[arg(skip)]
    #[serde(skip)]
    shown: Option<Shown>,
}

/// A table that a view shows.
#[derive(Clone, Debug)]
struct Shown {
    document: Weak<crate::document::Shared>,
    dialect: Dialect,
    arranging: Weak<arranging::Shared>,
}

/// What was gathered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize)]
pub struct Arranged {
    /// The rows that are left.
    pub rows: u64,
    /// Those that the filter has hidden.
    pub hidden_rows: u64,
    /// Those that are left and have other than the number of fields that the first one has.
    pub ragged_rows: u64,
    /// How long it took.
    #[serde(serialize_with = "crate::units::as_seconds")]
    pub seconds: Duration,
}

impl Arrange {
    /// Gathers the rows of the file at `path`, and shows them nowhere.
    #[must_use]
    pub fn of_file(path: PathBuf, arrangement: Arrangement) -> Self {
        Self { path, arrangement, written: Written::default(), reading: Reading::default(), shown: None }
    }

    /// Whether a view waits for the rows.
    #[must_use]
    pub const fn is_shown(&self) -> bool {
        self.shown.is_some()
    }

    /// Says to whoever waits for the rows that they do not come: the job may have been stopped before it could say so itself.
    pub fn give_up(&self, error: &JobError) {
        if let Some(arranging) = self.arranging() {
            arranging.finish(Err(error));
        }
    }

    fn arranging(&self) -> Option<Arranging> {
        self.shown.as_ref().and_then(|shown| Arranging::upgrade(&shown.arranging))
    }

    fn gather(&self, context: &JobContext) -> Result<RowOrder, JobError> {
        let subject = match &self.shown {
            Some(shown) => Subject::shown(&shown.document, shown.dialect)?,
            None => Subject::open(&self.path, &self.reading, &self.written, context)?,
        };
        let waits = self.shown.is_some();
        let mut tell = |gathered: Gathered| match self.arranging() {
            Some(arranging) => {
                arranging.tell(gathered);
                Ok(())
            }
            // Nobody wants to know any more.
            None if waits => Err(JobError::Cancelled),
            None => Ok(()),
        };
        subject.gather(&self.arrangement, context, &mut tell)
    }
}

impl Subject {
    /// The table that is shown of a document.
    ///
    /// # Errors
    /// When nobody shows it any more.
    pub(super) fn shown(document: &Weak<crate::document::Shared>, dialect: Dialect) -> Result<Self, JobError> {
        let document = Document::upgrade(document).ok_or(JobError::Cancelled)?;
        let (facts, pages) = document.opened().ok_or(JobError::Cancelled)?;
        let (path, source) = (document.path().to_owned(), Arc::clone(&pages.source));
        Ok(Self { path, source, dialect, text_start: text_start(facts.encoding) })
    }

    /// The table in the file at `path`. May block.
    ///
    /// # Errors
    /// When it can not be opened.
    pub(super) fn open(
        path: &Path,
        reading: &Reading,
        written: &Written,
        context: &JobContext,
    ) -> Result<Self, JobError> {
        let contents = Contents::open(path, reading, context).map_err(|error| context.failed(error))?;
        let dialect = written.dialect(&contents.start, (contents.start.len() as u64) < PAGE_BYTES);
        let text_start = text_start(contents.encoding);
        Ok(Self { path: path.to_owned(), source: contents.source, dialect, text_start })
    }
}

impl Document {
    /// A job that gathers the rows of a table of this document, of which the first is a header or not, and what it comes to.
    /// The job ends when nobody holds either any more.
    #[must_use]
    pub fn arrange(&self, table: &Table, header: bool, arrangement: Arrangement) -> (Arrange, Arranging) {
        let arranging = Arranging::new();
        let dialect = Dialect { header, ..table.dialect() };
        let shown = Shown { document: self.downgrade(), dialect, arranging: arranging.downgrade() };
        let of_file = Arrange::of_file(self.path().to_owned(), arrangement);
        (Arrange { shown: Some(shown), ..of_file }, arranging)
    }
}

impl Job for Arrange {
    type Outcome = Arranged;
    const KIND: Kind = Kind { name: "arrange", at_once: 2, comes_back: false };

    fn title(&self) -> String {
        let what = if self.arrangement.sort.is_empty() { "Filtered rows" } else { "Sorted rows" };
        format!("{what} of {}", address::name_of(&self.path))
    }

    async fn run(self, context: JobContext) -> Result<Arranged, JobError> {
        let inner = context.clone();
        context.blocking(move || arrange(&self, &inner)).await.and_then(|result| result)
    }
}

fn arrange(job: &Arrange, context: &JobContext) -> Result<Arranged, JobError> {
    let began = Instant::now();
    if let Some(arranging) = job.arranging() {
        arranging.begin();
    }
    let result = job.gather(context);
    if let Some(arranging) = job.arranging() {
        arranging.finish(result.as_ref().cloned());
        context.wake();
    }
    let order = result?;
    let facts = order.facts();
    let (rows, hidden_rows, ragged_rows) = (facts.rows, facts.hidden, order.ragged_rows());
    Ok(Arranged { rows, hidden_rows, ragged_rows, seconds: began.elapsed() })
}

impl Outcome for Arranged {
    fn summary(&self) -> String {
        let (rows, time) = (units::count(self.rows, "row"), units::duration(self.seconds));
        match self.hidden_rows {
            0 => format!("{rows} · {time}"),
            hidden => format!("{rows} · {} hidden · {time}", units::number(hidden)),
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::cells::content;
    use super::super::naive::{any_table, naive_records};
    use super::super::order::testing::here;
    use super::super::sort_key::SortKey;
    use super::*;
    use crate::source::ByteOffset;
    use crate::source::testing::Bytes;

    fn subject(text: &[u8], header: bool) -> Subject {
        let dialect = Dialect { header, ..Dialect::default() };
        let source = Arc::new(Bytes(text.to_vec()));
        Subject { path: "a.csv".into(), source, dialect, text_start: ByteOffset(0) }
    }

    fn gathered(subject: &Subject, filter: &str, sort: &[&str]) -> Result<RowOrder, JobError> {
        let sort = sort.iter().map(|key| SortKey::parse(key).unwrap()).collect();
        let arrangement = Arrangement { filter: filter.into(), sort };
        subject.gather(&arrangement, &JobContext::for_tests(), &mut |_| Ok(()))
    }

    fn numbers(order: &RowOrder) -> Vec<u64> {
        (0..order.facts().rows).map(|place| here(|| order.at(place)).number().0).collect()
    }

    proptest! {
        #[test]
        fn rows_are_gathered_as_a_list_of_them_would_be_sorted_and_none_is_lost(
            text in any_table(30),
            header in any::<bool>(),
            descending in any::<bool>(),
        ) {
            let records = naive_records(&text, Dialect::default());
            let said = |record: &[std::ops::Range<usize>], column: usize| {
                let cell = record.get(column).map(|cell| &text[cell.clone()]);
                cell.and_then(|cell| content(cell, Some(b'"'))).map(|said| said.to_ascii_lowercase())
            };
            let first = usize::from(header);
            let mut expected: Vec<_> = (first..records.len()).collect();
            // Nothing comes last, and there is one number alone in these tables, which comes before texts.
            expected.sort_by_key(|number| said(&records[*number], 1).map_or((2, None), |said| {
                (u8::from(said != b"12.5"), Some(said))
            }));
            if descending {
                let last = expected.partition_point(|number| said(&records[*number], 1).is_some());
                expected[..last].sort_by_key(|number| {
                    let said = said(&records[*number], 1).unwrap();
                    std::cmp::Reverse((u8::from(said != b"12.5"), said))
                });
            }
            let key = if descending { "-#2" } else { "#2" };
            let order = gathered(&subject(&text, header), "", &[key]).unwrap();
            let expected: Vec<_> = expected.into_iter().map(|number| number as u64).collect();
            prop_assert_eq!(numbers(&order), expected);
            let fields = records.first().map_or(0, Vec::len);
            let ragged = records.iter().skip(first).filter(|record| record.len() != fields).count() as u64;
            prop_assert_eq!((order.ragged_rows(), order.facts().hidden), (ragged, 0));
        }

        #[test]
        fn what_a_filter_lets_through_and_what_it_hides_is_all_there_is(
            text in any_table(30),
            header in any::<bool>(),
        ) {
            let records = naive_records(&text, Dialect::default());
            let holds = |record: &[std::ops::Range<usize>]| record.first().is_some_and(|cell| text[cell.clone()] == *b"a");
            let numbered = records.iter().enumerate().skip(usize::from(header));
            let expected: Vec<_> =
                numbered.filter(|(_, record)| holds(record)).map(|(number, _)| number as u64).collect();
            let order = gathered(&subject(&text, header), "#1 = a", &[]).unwrap();
            prop_assert_eq!(numbers(&order), expected.clone());
            let all = records.len().saturating_sub(usize::from(header)) as u64;
            prop_assert_eq!(order.facts().hidden, all - expected.len() as u64);
        }
    }

    #[test]
    fn columns_are_called_by_the_names_in_the_header_however_it_is_cut_by_blocks() {
        let names = (0..20_000).map(|number| format!("name {number}")).collect::<Vec<_>>().join(",");
        let text = format!("{names}\r\n3\r\n1\r\n2\r\n");
        let order = gathered(&subject(text.as_bytes(), true), "\"name 0\" > 1", &["-NAME 0"]).unwrap();
        assert_eq!(numbers(&order), [1, 3]);
        let error = gathered(&subject(text.as_bytes(), true), "", &["name"]).unwrap_err();
        assert_eq!(error.to_string(), "There is no column “name”");
        assert!(gathered(&subject(text.as_bytes(), false), "", &["name"]).is_err());
    }

    #[test]
    fn a_byte_order_mark_is_no_part_of_the_first_row() {
        let marked = Subject { text_start: ByteOffset(3), ..subject(b"\xef\xbb\xbf\"b\"\na\n", false) };
        let order = gathered(&marked, "", &["#1"]).unwrap();
        assert_eq!(numbers(&order), [1, 0]);
        assert_eq!((here(|| order.at(1)).start, order.facts().covered), (ByteOffset(3), ByteOffset(9)));
        let named = Subject { text_start: ByteOffset(3), ..subject(b"\xef\xbb\xbfb\n2\n1\n", true) };
        assert_eq!(numbers(&gathered(&named, "", &["b"]).unwrap()), [2, 1]);
    }

    #[test]
    fn a_job_that_is_stopped_or_that_nobody_waits_for_ends_at_once() {
        let arrangement = Arrangement { filter: String::new(), sort: vec![SortKey::parse("#1").unwrap()] };
        let told =
            subject(b"1\n2\n", false).gather(&arrangement, &JobContext::for_tests(), &mut |_| Err(JobError::Cancelled));
        assert!(matches!(told, Err(JobError::Cancelled)));
        let arranging = Arranging::new();
        arranging.finish(Err(&JobError::Cancelled));
        assert!(matches!(arranging.end(), Some(super::super::Gathering::Ended(None))));
    }

    #[test]
    fn how_many_rows_are_hidden_is_told_on_the_card() {
        let arranged = Arranged { rows: 1_234, hidden_rows: 0, ragged_rows: 1, seconds: Duration::from_millis(9) };
        assert_eq!(arranged.summary(), "1,234 rows · 9 ms");
        assert_eq!(Arranged { hidden_rows: 4_444, ..arranged }.summary(), "1,234 rows · 4,444 hidden · 9 ms");
    }
}
