//! The job that reads a document as a table, from its beginning or from where it was read to before: counts records and
//! fields, and tells of them in bounded pieces, as long as it has the say.

use std::path::PathBuf;
use std::sync::{Arc, Weak};
use std::time::{Duration, Instant};

use super::index::Scanned;
use super::records::{RecordScan, Shape};
use super::{BOM, Counted, Dialect, PAGE_BYTES, RecordIndex, Shared, Table, dialect};
use crate::document::contents::{Contents, step_bytes};
use crate::document::{Document, Encoding, Reading};
use crate::jobs::{Job, JobContext, JobError, Kind, Outcome};
use crate::source::{Blocks, ByteOffset, Source, address};
use crate::units;

/// A table to be read to its end.
#[derive(Clone, Debug, clap::Args, serde::Serialize, serde::Deserialize)]
pub struct TableJob {
    /// The file, or its http or https address
    pub path: PathBuf,
    /// What stands between fields: a byte such as ;, tab, or 0x1f; told from the file where it is not given
    #[arg(long, short, value_parser = dialect::parse_delimiter)]
    pub delimiter: Option<u8>,
    /// Take the first row for one like all others, not for the names of the columns
    #[arg(long)]
    pub no_header: bool,
    /// How the file is read.
    #[command(flatten)]
    #[serde(flatten)]
    pub reading: Reading,
    /// What is read, and what the job fills, if there is a view that shows it.
    #[arg(skip)]
    #[serde(skip)]
    shown: Option<(Weak<crate::document::Shared>, Weak<Shared>)>,
}

/// What is known of a table when it was read to its end.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct TableFacts {
    /// Its records, without a header.
    pub rows: u64,
    /// The fields that most of them have.
    pub columns: u64,
    /// The records that have other than the number of fields that the first one has.
    pub ragged_rows: u64,
    /// Its length.
    pub bytes: u64,
    /// How long it took.
    #[serde(serialize_with = "crate::units::as_seconds")]
    pub seconds: Duration,
}

/// What a job reads.
struct Opened {
    source: Arc<dyn Source>,
    table: Table,
    /// Which filling of a document that is.
    filling: u64,
    text_start: ByteOffset,
    header: bool,
}

impl TableJob {
    /// Counts the rows of the file at `path`, and shows them nowhere. What is not said of how it is written is told from
    /// its beginning.
    #[must_use]
    pub fn of_file(path: PathBuf, delimiter: Option<u8>, no_header: bool) -> Self {
        Self { path, delimiter, no_header, reading: Reading::default(), shown: None }
    }

    pub(super) fn shown(document: &Document, table: &Table) -> Self {
        Self {
            path: document.path().to_owned(),
            delimiter: Some(table.dialect().delimiter),
            no_header: !table.dialect().header,
            reading: Reading::default(),
            shown: Some((document.downgrade(), Arc::downgrade(&table.shared))),
        }
    }

    /// Says to whoever shows what it reads that nothing more comes: it may have been stopped before it could say so itself.
    pub fn give_up(&self) {
        if let Some(shared) = self.shown.as_ref().and_then(|(_, table)| table.upgrade()) {
            Table { shared }.give_up();
        }
    }

    /// What is to be read, and what is to be filled.
    fn opened(&self, context: &JobContext) -> Result<Opened, JobError> {
        if let Some((document, shared)) = &self.shown {
            let opened = Document::upgrade(document).and_then(|document| document.opened());
            let ((facts, pages), shared) = opened.zip(shared.upgrade()).ok_or(JobError::Cancelled)?;
            let table = Table { shared };
            let (source, header) = (Arc::clone(&pages.source), table.dialect().header);
            return Ok(Opened { source, table, filling: pages.run, text_start: text_start(facts.encoding), header });
        }
        let contents = Contents::open(&self.path, &self.reading, context).map_err(|error| context.failed(error))?;
        let (source, text_start) = (contents.source, text_start(contents.encoding));
        let whole = (contents.start.len() as u64) < PAGE_BYTES;
        let table = Table::new(self.dialect_of(&contents.start, whole), text_start, source.len_bytes());
        let header = table.dialect().header;
        Ok(Opened { source, table, filling: 0, text_start, header })
    }

    fn dialect_of(&self, start: &[u8], whole: bool) -> Dialect {
        let told = match self.delimiter {
            Some(delimiter) => Dialect::with_delimiter(start, whole, delimiter),
            None => Dialect::of_start(start, whole),
        };
        Dialect { header: told.header && !self.no_header, ..told }
    }
}

/// Where the text begins, after a byte order mark.
pub(super) fn text_start(encoding: Encoding) -> ByteOffset {
    ByteOffset(if encoding == Encoding::Utf8Bom { BOM.len() as u64 } else { 0 })
}

impl Job for TableJob {
    type Outcome = TableFacts;
    const KIND: Kind = Kind { name: "table", at_once: 4, comes_back: false };

    fn title(&self) -> String {
        format!("Rows of {}", address::name_of(&self.path))
    }

    async fn run(self, context: JobContext) -> Result<TableFacts, JobError> {
        let inner = context.clone();
        context.blocking(move || read(&self, &inner)).await.and_then(|result| result)
    }
}

fn read(job: &TableJob, context: &JobContext) -> Result<TableFacts, JobError> {
    let began = Instant::now();
    let Opened { source, table, filling, text_start, header } = job.opened(context)?;
    let mut counting = Counting::begin(&table, filling, text_start, &source);
    // Without a view, nobody else holds what is counted.
    let _own = job.shown.is_none().then_some(table);
    let result = count(job, source, &mut counting, context);
    if result.is_err() {
        counting.stop();
        context.wake();
    }
    let shape = result?;
    Ok(TableFacts {
        rows: shape.records.saturating_sub(u64::from(header)),
        columns: shape.usual(),
        ragged_rows: shape.ragged(),
        bytes: counting.at.0,
        seconds: began.elapsed(),
    })
}

/// Counts the records of `source` from where `counting` is.
fn count(
    job: &TableJob,
    source: Arc<dyn Source>,
    counting: &mut Counting,
    context: &JobContext,
) -> Result<Shape, JobError> {
    let step_bytes = step_bytes(source.as_ref());
    // What has to be made is made from its beginning on.
    let (mut blocks, mut at) = if source.is_made() {
        (Blocks::of(source, &job.path)?, ByteOffset(0))
    } else {
        (Blocks::plain_from(source, &job.path, counting.at)?, counting.at)
    };
    context.progress().set_total(Some(blocks.whole_bytes()));
    // Of what is packed it may be the first to come so far.
    let look_further = || Document::let_look_further(job.shown.as_ref().map(|(document, _)| document));
    let mut told = counting.at;
    while let Some(block) = blocks.next(context)? {
        let known = usize::try_from(counting.at.since(at)).unwrap_or(usize::MAX).min(block.len());
        at = at.plus(block.len() as u64);
        let mut rest = block.get(known..).unwrap_or_default();
        while !rest.is_empty() {
            // No piece goes over the edge of a page, so that none goes over that of a stride.
            let page = usize::try_from(PAGE_BYTES - counting.at.0 % PAGE_BYTES).unwrap_or(usize::MAX);
            let (piece, after) = rest.split_at(page.min(rest.len()));
            counting.feed(piece);
            rest = after;
        }
        if counting.at.since(told) >= step_bytes {
            counting.publish(blocks.passed_bytes(), blocks.whole_bytes())?;
            context.progress().set_done(blocks.passed_bytes());
            look_further();
            told = counting.at;
        }
    }
    counting.publish(blocks.whole_bytes(), blocks.whole_bytes())?;
    look_further();
    context.progress().set_done(blocks.whole_bytes());
    counting.finish()
}

/// The counts of one job, as they are given by its pass.
struct Counting {
    table: Weak<Shared>,
    run: u64,
    text_start: ByteOffset,
    /// Up to where it was scanned, and how it goes on.
    at: ByteOffset,
    scan: RecordScan,
    /// What was scanned and is not told yet.
    ready: Vec<Scanned>,
}

impl Counting {
    /// Begins to count where another job of the same filling of the document has come to, if there is as much in `source`,
    /// or from nothing. Whoever was counting has no say any more.
    fn begin(table: &Table, filling: u64, text_start: ByteOffset, source: &Arc<dyn Source>) -> Self {
        let whole_bytes = source.len_bytes();
        let mut counted = table.shared.counted.write();
        let run = counted.run + 1;
        let goes_on = counted.filling == filling && counted.index.covered().0 <= whole_bytes;
        if !goes_on {
            counted.index = RecordIndex::new(PAGE_BYTES, table.dialect(), text_start);
        }
        counted.index.set_end(false, false);
        (counted.run, counted.filling, counted.whole_bytes) = (run, filling, whole_bytes);
        let (at, scan) = (counted.index.covered(), counted.index.scan());
        Self { table: Arc::downgrade(&table.shared), run, text_start, at, scan, ready: Vec::new() }
    }

    /// Takes in the next bytes, which do not go over the edge of a page.
    fn feed(&mut self, bytes: &[u8]) {
        let state = self.scan.state();
        let before_text = usize::try_from(self.text_start.since(self.at)).unwrap_or(usize::MAX).min(bytes.len());
        let fed = self.scan.feed(bytes.get(before_text..).unwrap_or_default());
        self.ready.push(Scanned { bytes: bytes.len() as u64, state, fed });
        self.at = self.at.plus(bytes.len() as u64);
    }

    /// Tells what was scanned, and how far that is in what lies behind.
    ///
    /// # Errors
    /// When nobody wants to know any more.
    fn publish(&mut self, passed_bytes: u64, whole_bytes: u64) -> Result<(), JobError> {
        let (ready, scan) = (std::mem::take(&mut self.ready), self.scan);
        self.change(|counted| {
            (counted.passed_bytes, counted.whole_bytes) = (passed_bytes, whole_bytes);
            for scanned in ready {
                counted.index.push(scanned);
            }
            counted.index.set_scan(scan);
        })
    }

    /// Tells that this is all; gives what is known of it.
    ///
    /// # Errors
    /// When nobody wants to know any more.
    fn finish(&mut self) -> Result<Shape, JobError> {
        self.change(|counted| counted.index.set_end(true, false))?;
        Ok(self.scan.whole_shape())
    }

    /// Tells what was scanned, and that no more comes though there is more.
    fn stop(&mut self) {
        // Who has no say any more, or is heard by nobody, has nothing to tell.
        let _ = self.tell_rest().and_then(|()| self.change(|counted| counted.index.set_end(false, true)));
    }

    fn tell_rest(&mut self) -> Result<(), JobError> {
        let mut passed = (0, 0);
        self.change(|counted| passed = (counted.passed_bytes, counted.whole_bytes))?;
        self.publish(passed.0, passed.1)
    }

    fn change(&self, change: impl FnOnce(&mut Counted)) -> Result<(), JobError> {
        let shared = self.table.upgrade().ok_or(JobError::Cancelled)?;
        let mut counted = shared.counted.write();
        if counted.run != self.run {
            return Err(JobError::Cancelled);
        }
        change(&mut counted);
        Ok(())
    }
}

impl Outcome for TableFacts {
    fn summary(&self) -> String {
        let (rows, columns) = (units::count(self.rows, "row"), units::count(self.columns, "column"));
        let ragged = match self.ragged_rows {
            0 => String::new(),
            ragged => format!(" · {}", units::count(ragged, "ragged row")),
        };
        format!("{rows} · {columns}{ragged} · {}", units::duration(self.seconds))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::naive::{any_table, naive_records};
    use super::*;
    use crate::source::testing::Bytes;

    const FILLING: u64 = 7;

    fn feed(counting: &mut Counting, bytes: &[u8]) {
        let page = usize::try_from(PAGE_BYTES).unwrap();
        let mut rest = bytes;
        while !rest.is_empty() {
            let at = usize::try_from(counting.at.0).unwrap();
            let (piece, after) = rest.split_at((page - at % page).min(rest.len()));
            counting.feed(piece);
            rest = after;
        }
        counting.publish(0, 0).unwrap();
    }

    fn of_len(bytes: usize) -> Arc<dyn Source> {
        Arc::new(Bytes(vec![0; bytes]))
    }

    fn begin(table: &Table, whole_bytes: usize) -> Counting {
        Counting::begin(table, FILLING, ByteOffset(0), &of_len(whole_bytes))
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(32))]
        #[test]
        fn a_job_that_goes_on_where_another_came_to_counts_what_one_alone_does(
            text in any_table(12),
            repeat in 1_usize..600,
            cut in 0.0_f64..1.0,
        ) {
            let text = [text, b"\n".to_vec()].concat().repeat(repeat);
            #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, clippy::cast_precision_loss, reason = "a share")]
            let cut = (text.len() as f64 * cut) as usize;
            let table = Table::new(Dialect::default(), ByteOffset(0), 0);
            let mut first = begin(&table, cut);
            feed(&mut first, &text[..cut]);
            first.finish().unwrap();
            let mut second = begin(&table, text.len());
            prop_assert_eq!(second.at, ByteOffset(cut as u64));
            feed(&mut second, &text[cut..]);
            let shape = second.finish().unwrap();
            let records = naive_records(&text, Dialect::default());
            prop_assert_eq!(shape.records, records.len() as u64);
            let tally = table.tally();
            prop_assert_eq!((tally.shape, tally.scanned_bytes, tally.complete), (shape, text.len() as u64, true));
        }
    }

    #[test]
    fn what_was_counted_before_a_job_was_stopped_stays_counted_and_a_newer_one_takes_the_say() {
        let table = Table::new(Dialect::default(), ByteOffset(0), 10);
        let mut older = begin(&table, 10);
        older.feed(b"a,b\n1,2\n3");
        older.stop();
        let tally = table.tally();
        assert_eq!((tally.shape.records, tally.stopped, tally.scanned_bytes), (2, true, 9));
        let mut newer = begin(&table, 10);
        assert!(!table.tally().stopped);
        assert!(matches!(older.publish(0, 0), Err(JobError::Cancelled)));
        newer.feed(b",");
        newer.publish(0, 0).unwrap();
        assert_eq!(newer.finish().unwrap().records, 3);
        drop(table);
        assert!(matches!(newer.publish(0, 0), Err(JobError::Cancelled)), "nobody wants to know any more");
    }

    #[test]
    fn another_content_is_counted_anew_and_a_byte_order_mark_is_no_part_of_it() {
        let table = Table::new(Dialect::default(), ByteOffset(0), 0);
        let mut older = begin(&table, 4);
        feed(&mut older, b"a\nb\n");
        let text = b"\xef\xbb\xbf\"a\nb\",c\n";
        let mut newer = Counting::begin(&table, FILLING + 1, ByteOffset(3), &of_len(text.len()));
        assert_eq!(newer.at, ByteOffset(0));
        newer.feed(&text[..2]);
        newer.feed(&text[2..]);
        newer.publish(0, 0).unwrap();
        let shape = newer.finish().unwrap();
        assert_eq!((shape.records, shape.expected), (1, 2));
    }
}
