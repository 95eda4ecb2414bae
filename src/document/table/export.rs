//! The job that writes rows of a table to another file: those that a filter lets through, in the order of some keys, of some
//! columns; for a view just what it shows. Bounded memory, off the async workers. The new file bears its name only once it is
//! whole and on disk, and never takes that of another. It must not know egui.

mod error;
mod fetching;
mod format;
mod pass;
mod writer;

use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Weak};
use std::time::{Duration, Instant};

pub use error::ExportError;
pub use format::ExportFormat;

use super::column_name::{ColumnName, Names};
use super::gather::Subject;
use super::record_cells::Most;
use super::{ArrangeError, Arrangement, Dialect, RowOrder, Table, Written};
use crate::document::naming::unpacked_name;
use crate::document::{Document, Reading};
use crate::jobs::{Job, JobContext, JobError, Kind, Outcome};
use crate::source::{Blocks, Packing, PartFile, Target, address, as_typed};
use crate::units;
use pass::Pass;
use writer::RowWriter;

/// The longest record that is written, in bytes.
const MAX_RECORD_BYTES: usize = 8 << 20;
const MOST: Most = Most { of_cell: MAX_RECORD_BYTES, of_record: MAX_RECORD_BYTES };

/// How the table may be packed.
const PACKINGS: [Packing; 4] = [Packing::Gzip, Packing::Zstd, Packing::Bzip2, Packing::Xz];

/// Rows of a table, to be written to another file.
#[derive(Clone, Debug, clap::Args, serde::Serialize, serde::Deserialize)]
pub struct Export {
    /// The table, or its http or https address
    pub path: PathBuf,
    /// Where to write it: a file that does not exist yet, or a folder
    #[arg(value_name = "TO")]
    pub output: PathBuf,
    /// How to write it [default: as the name of the file says, else CSV]
    #[arg(long, value_enum)]
    #[serde(default)]
    pub format: Option<ExportFormat>,
    /// Write this column, or several of them in this order: a name, or #3 for the third one [default: all]
    #[arg(long = "column", value_name = "COLUMN", value_parser = parse_column)]
    #[serde(default)]
    pub columns: Vec<ColumnName>,
    /// Which rows, and in which order.
    #[command(flatten)]
    #[serde(flatten)]
    pub arrangement: Arrangement,
    /// How the table is written.
    #[command(flatten)]
    #[serde(flatten)]
    pub written: Written,
    /// How the file is read.
    #[command(flatten)]
    #[serde(flatten)]
    pub reading: Reading,
    /// What is shown of it, if that is what is written.
    #[arg(skip)]
    #[serde(skip)]
    shown: Option<Shown>,
}

/// What a view shows of a table.
#[derive(Clone, Debug)]
struct Shown {
    document: Weak<crate::document::Shared>,
    dialect: Dialect,
    order: Option<RowOrder>,
    columns: Vec<Range<u64>>,
}

/// What was written.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct Exported {
    /// Where it is.
    #[serde(serialize_with = "crate::units::as_text")]
    pub path: PathBuf,
    /// How many rows, without a header.
    pub rows: u64,
    /// Its length.
    pub bytes: u64,
    /// How long it took.
    #[serde(serialize_with = "crate::units::as_seconds")]
    pub seconds: Duration,
}

impl Export {
    /// All rows of the table at `path`, to be written to `output`.
    #[must_use]
    pub fn new(path: PathBuf, output: PathBuf) -> Self {
        Self {
            path,
            output,
            format: None,
            columns: Vec::new(),
            arrangement: Arrangement::default(),
            written: Written::default(),
            reading: Reading::default(),
            shown: None,
        }
    }

    /// How many rows are written, if it is known that it is those that are shown, arranged.
    #[must_use]
    pub fn shown_rows(&self) -> Option<u64> {
        Some(self.shown.as_ref()?.order.as_ref()?.facts().rows)
    }

    /// Whether it is what a view shows that is written.
    #[must_use]
    pub const fn is_shown(&self) -> bool {
        self.shown.is_some()
    }

    fn format(&self) -> ExportFormat {
        self.format.or_else(|| ExportFormat::of_name(&self.output)).unwrap_or_default()
    }

    /// What is written, and in which order, if its rows are arranged.
    fn opened(&self, context: &JobContext) -> Result<(Subject, Option<RowOrder>), JobError> {
        if let Some(shown) = &self.shown {
            return Ok((Subject::shown(&shown.document, shown.dialect)?, shown.order.clone()));
        }
        let subject = Subject::open(&self.path, &self.reading, &self.written, context)?;
        if self.arrangement.is_none() {
            return Ok((subject, None));
        }
        let order = subject.gather(&self.arrangement, context, &mut |_| Ok(()))?;
        Ok((subject, Some(order)))
    }

    fn runs(&self, names: &Names) -> Result<Vec<Range<u64>>, JobError> {
        if let Some(shown) = &self.shown {
            return Ok(shown.columns.clone());
        }
        if self.columns.is_empty() {
            let all = 0..u64::MAX;
            return Ok(vec![all]);
        }
        let run = |column: &ColumnName| -> Result<Range<u64>, JobError> {
            let column = column.resolve(names).map_err(|error| JobError::failed(ArrangeError::from(error)))?;
            Ok(column..column.saturating_add(1))
        };
        self.columns.iter().map(run).collect()
    }

    /// What the file may be called where nothing else is said.
    fn name(&self) -> String {
        let names = PACKINGS.map(|packing| unpacked_name(&self.path, Some(packing)));
        let name = names.into_iter().min_by_key(String::len).unwrap_or_default();
        let stem = Path::new(&name).file_stem().unwrap_or_default().to_string_lossy();
        format!("{stem}.{}", self.format().ending())
    }
}

impl Document {
    /// A job that writes what is shown of a table of this document, of which the first row is a header or not: rows in this
    /// order, and these columns; where to is still to be said.
    #[must_use]
    pub fn export(&self, table: &Table, header: bool, order: Option<RowOrder>, columns: Vec<Range<u64>>) -> Export {
        let dialect = Dialect { header, ..table.dialect() };
        let shown = Shown { document: self.downgrade(), dialect, order, columns };
        Export { shown: Some(shown), ..Export::new(self.path().to_owned(), PathBuf::new()) }
    }
}

fn parse_column(text: &str) -> Result<ColumnName, String> {
    ColumnName::parse(text).ok_or_else(|| format!("“{text}” is no column; write a name, or #3 for the third one"))
}

impl Job for Export {
    type Outcome = Exported;
    const KIND: Kind = Kind { name: "export", at_once: 2, comes_back: false };

    fn title(&self) -> String {
        format!("Export of {}", address::name_of(&self.path))
    }

    fn in_folder(mut self, folder: &Path) -> Self {
        self.output =
            if self.output.as_os_str().is_empty() { folder.to_owned() } else { folder.join(as_typed(&self.output)) };
        self
    }

    fn for_keeping(mut self) -> Self {
        self.path = address::for_keeping(&self.path);
        self
    }

    async fn run(self, context: JobContext) -> Result<Exported, JobError> {
        let inner = context.clone();
        context.blocking(move || export(&self, &inner)).await.and_then(|result| result)
    }
}

fn export(job: &Export, context: &JobContext) -> Result<Exported, JobError> {
    let began = Instant::now();
    let target = Target::new(Some(&job.output), Path::new(""), job.name());
    let part = PartFile::create(target).map_err(JobError::failed)?;
    let (subject, order) = job.opened(context)?;
    let mut blocks = Blocks::of(Arc::clone(&subject.source), &subject.path)?;
    let start = subject.names(&mut blocks, context)?;
    let columns = job.runs(&start.names)?;
    let writer = RowWriter::new(job.format(), subject.dialect.quote, columns, start.names);
    let mut pass = Pass { subject: &subject, context, writer, part, begun: false, rows: 0, bytes: 0 };
    match order {
        Some(order) => {
            drop(blocks);
            pass.in_order(&order)?;
        }
        None => pass.as_in_file(&start.head, &mut blocks)?,
    }
    pass.put()?;
    let Pass { part, rows, bytes, .. } = pass;
    context.progress().set_note("Syncing to disk");
    part.sync().map_err(JobError::failed)?;
    // Who cancels while the disk is slow does not want the file.
    context.checkpoint_blocking()?;
    let path = part.commit().map_err(JobError::failed)?;
    Ok(Exported { path, rows, bytes, seconds: began.elapsed() })
}

impl Outcome for Exported {
    fn summary(&self) -> String {
        let (rows, bytes) = (units::count(self.rows, "row"), units::bytes(self.bytes));
        format!("{rows} · {bytes} · {}", units::duration(self.seconds))
    }

    fn made(&self) -> Option<PathBuf> {
        Some(self.path.clone())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_called_after_the_table_and_by_how_it_is_written() {
        let mut export = Export::new("/data/orders.tsv".into(), "/out".into());
        assert_eq!(export.name(), "orders.csv");
        export.path = "/data/orders.csv.gz".into();
        export.output = "/out/a.md".into();
        assert_eq!((export.name().as_str(), export.format()), ("orders.md", ExportFormat::Markdown));
        export.format = Some(ExportFormat::JsonLines);
        assert_eq!(export.name(), "orders.jsonl", "what is said goes before what a name says");
    }

    #[test]
    fn columns_that_are_called_by_name_have_to_be_there() {
        let mut export = Export::new("/a.csv".into(), "/out".into());
        let names = Some(vec![b"id".to_vec(), b"name".to_vec()]);
        let all = 0..u64::MAX;
        assert_eq!(export.runs(&names).unwrap(), [all]);
        export.columns = ["name", "#1"].map(|column| parse_column(column).unwrap()).to_vec();
        assert_eq!(export.runs(&names).unwrap(), [1..2, 0..1]);
        export.columns.push(parse_column("x").unwrap());
        assert_eq!(export.runs(&names).unwrap_err().to_string(), "There is no column “x”");
    }

    #[test]
    fn how_many_rows_were_written_is_told_on_the_card() {
        let exported = Exported { path: "/a.csv".into(), rows: 1_234, bytes: 12, seconds: Duration::from_millis(9) };
        assert_eq!(exported.summary(), "1,234 rows · 12 B · 9 ms");
    }
}
