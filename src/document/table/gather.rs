//! The pass over a table that gathers the rows to be shown: those that a filter lets through, in the order of some keys. What
//! it comes to is where they are, no copy of them. Bounded memory, off the async workers.

use std::ops::ControlFlow;
use std::path::PathBuf;
use std::sync::Arc;

use super::column_name::Names;
use super::filter::{Filter, Sieve};
use super::order::{OrderWriter, RowAt, RowOrder};
use super::record_cells::{Most, Record, RecordCells, Wanted};
use super::sort::{Halt, SortLimits, Sorter};
use super::sort_key::{KeyOf, MAX_TEXT_BYTES};
use super::{ArrangeError, Arrangement, Dialect, RecordNumber};
use crate::jobs::{JobContext, JobError, Unit, Wake};
use crate::source::{Blocks, ByteOffset, Source, address};

/// The longest header of which the names are read.
const MAX_HEADER_BYTES: usize = 16 << 20;
/// What is looked at of a cell by a filter.
const MAX_CELL_BYTES: usize = 64 << 10;

/// A table that is gone through.
pub(super) struct Subject {
    pub(super) path: PathBuf,
    pub(super) source: Arc<dyn Source>,
    pub(super) dialect: Dialect,
    pub(super) text_start: ByteOffset,
}

/// How far a pass has come.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Gathered {
    /// How many rows were looked at.
    pub rows: u64,
    /// How many bytes of what lies behind were passed, and how many lie there.
    pub passed_bytes: u64,
    /// How many lie there.
    pub whole_bytes: u64,
    /// Of how many rows how many were merged, once they are.
    pub merged: Option<(u64, u64)>,
}

/// Who hears how far it has come, and may say that nobody wants it any more.
pub(super) type Tell<'a> = &'a mut dyn FnMut(Gathered) -> Result<(), JobError>;

impl Subject {
    /// Gathers the rows as they are to be shown.
    ///
    /// # Errors
    /// When the job is to stop, a column is not there, something can not be read, or there is no room for what is put aside.
    pub(super) fn gather(
        &self,
        arrangement: &Arrangement,
        context: &JobContext,
        tell: Tell<'_>,
    ) -> Result<RowOrder, JobError> {
        let filter = Filter::parse(&arrangement.filter).map_err(JobError::failed)?;
        let mut blocks = Blocks::of(Arc::clone(&self.source), &self.path)?;
        context.progress().set_total(Some(blocks.whole_bytes()));
        let needs_names = filter.needs_names() || arrangement.needs_names();
        let begun = if needs_names { self.names(&mut blocks, context)? } else { Begun::default() };
        let mut pass = Pass::new(self, &filter, arrangement, &begun.names, context)?;
        pass.feed(&begun.head)?;
        // What was read for the names is not needed twice.
        drop(begun);
        while let Some(block) = blocks.next(context)? {
            pass.feed(block)?;
            let (passed_bytes, whole_bytes) = (blocks.passed_bytes(), blocks.whole_bytes());
            tell(Gathered { rows: pass.taker.rows, passed_bytes, whole_bytes, merged: None })?;
            context.progress().set_done(passed_bytes);
        }
        pass.finish(blocks.whole_bytes(), tell)
    }

    /// Reads on until the names of the columns are there, if there are any.
    pub(super) fn names(&self, blocks: &mut Blocks, context: &JobContext) -> Result<Begun, JobError> {
        let mut begun = Begun::default();
        if !self.dialect.header {
            return Ok(begun);
        }
        let mut cells = self.records(Wanted::All, Most { of_cell: MAX_TEXT_BYTES, of_record: MAX_HEADER_BYTES });
        let quote = self.dialect.quote;
        while begun.names.is_none()
            && let Some(block) = blocks.next(context)?
        {
            let text = self.text_of(block, ByteOffset(begun.head.len() as u64));
            if let ControlFlow::Break(names) = cells.feed(text, |record| ControlFlow::Break(record.texts(quote))) {
                begun.names = Some(names);
            }
            begun.head.extend_from_slice(block);
            if begun.names.is_none() && begun.head.len() > MAX_HEADER_BYTES {
                let path = address::shown_path(&self.path);
                return Err(JobError::failed(ArrangeError::LongHeader { path }));
            }
        }
        if begun.names.is_none()
            && let ControlFlow::Break(names) = cells.finish(|record| ControlFlow::Break(record.texts(quote)))
        {
            begun.names = Some(names);
        }
        Ok(begun)
    }

    /// A pass over the records from the first one on.
    pub(super) fn records(&self, wanted: Wanted, most: Most) -> RecordCells {
        RecordCells::new(self.dialect, wanted, most, self.text_start)
    }

    /// What is text of a block that begins at `at`: a byte order mark is none.
    pub(super) fn text_of<'a>(&self, block: &'a [u8], at: ByteOffset) -> &'a [u8] {
        let before = usize::try_from(self.text_start.since(at)).unwrap_or(usize::MAX);
        block.get(before..).unwrap_or_default()
    }

    /// What tells of a disk that fails while rows are put aside.
    pub(super) fn halted(&self, halt: Halt) -> JobError {
        match halt {
            Halt::Job(error) => error,
            Halt::Disk(source) => {
                JobError::failed(ArrangeError::NoScratch { path: address::shown_path(&self.path), source })
            }
        }
    }
}

/// The beginning of a table.
#[derive(Default)]
pub(super) struct Begun {
    /// What was read.
    pub(super) head: Vec<u8>,
    /// The names of the columns, if they were to be read and there are some.
    pub(super) names: Names,
}

/// A pass that goes on.
struct Pass<'a> {
    subject: &'a Subject,
    context: &'a JobContext,
    cells: RecordCells,
    /// Up to where it was fed.
    at: ByteOffset,
    taker: Taker,
}

/// What becomes of the records.
struct Taker {
    has_header: bool,
    sieve: Sieve,
    keys: Vec<KeyOf>,
    quote: Option<u8>,
    decimal_comma: bool,
    /// How many fields each record should have.
    expected: Option<u64>,
    rows: u64,
    hidden: u64,
    key: Vec<u8>,
    sorter: Option<Sorter>,
    writer: OrderWriter,
}

impl<'a> Pass<'a> {
    fn new(
        subject: &'a Subject,
        filter: &Filter,
        arrangement: &Arrangement,
        names: &Names,
        context: &'a JobContext,
    ) -> Result<Self, JobError> {
        let dialect = subject.dialect;
        // Where commas stand within numbers, fields are delimited by something else.
        let decimal_comma = dialect.delimiter == b';';
        let sieve = filter.resolve(names, dialect, decimal_comma).map_err(JobError::failed)?;
        let keys = arrangement.keys(names).map_err(JobError::failed)?;
        let mut columns: Vec<_> = sieve.columns().chain(keys.iter().map(|key| key.column)).collect();
        columns.sort_unstable();
        columns.dedup();
        let of_record = MAX_CELL_BYTES.saturating_mul(columns.len());
        let most = Most { of_cell: MAX_CELL_BYTES, of_record };
        let sorter = (!keys.is_empty()).then(|| Sorter::new(SortLimits::default()));
        let taker = Taker {
            has_header: dialect.header,
            sieve,
            keys,
            quote: dialect.quote,
            decimal_comma,
            expected: None,
            rows: 0,
            hidden: 0,
            key: Vec::new(),
            sorter,
            writer: OrderWriter::new(),
        };
        let cells = subject.records(Wanted::Columns(columns), most);
        Ok(Self { subject, context, cells, at: ByteOffset(0), taker })
    }

    fn feed(&mut self, block: &[u8]) -> Result<(), JobError> {
        let Self { subject, context, cells, at, taker } = self;
        let flow = cells.feed(subject.text_of(block, *at), |record| taker.take(record, context));
        *at = at.plus(block.len() as u64);
        match flow {
            ControlFlow::Continue(()) => Ok(()),
            ControlFlow::Break(halt) => Err(subject.halted(halt)),
        }
    }

    /// Says that nothing more comes.
    fn finish(self, whole_bytes: u64, tell: Tell<'_>) -> Result<RowOrder, JobError> {
        let Self { subject, context, mut cells, at, mut taker } = self;
        if let ControlFlow::Break(halt) = cells.finish(|record| taker.take(record, context)) {
            return Err(subject.halted(halt));
        }
        let Taker { sorter, mut writer, rows, hidden, .. } = taker;
        let as_in_file = sorter.is_none();
        let mut told = Gathered { rows, passed_bytes: whole_bytes, whole_bytes, merged: None };
        tell(told)?;
        if let Some(sorter) = sorter {
            context.progress().set_unit(Unit::Items);
            context.progress().set_note("Merging rows");
            let mut merged = |done, total| {
                context.progress().set_total(Some(total));
                context.progress().set_done(done);
                told.merged = Some((done, total));
                tell(told)
            };
            let sorted = sorter.finish(context, &mut merged, &mut |row| writer.push(row));
            sorted.map_err(|halt| subject.halted(halt))?;
        }
        let for_wake = context.clone();
        let wake: Wake = Arc::new(move || for_wake.wake());
        let name = address::name_of(&subject.path);
        writer.finish((hidden, as_in_file, at), &name, wake).map_err(|error| subject.halted(error.into()))
    }
}

impl Taker {
    fn take(&mut self, record: &Record<'_>, context: &JobContext) -> ControlFlow<Halt> {
        let expected = *self.expected.get_or_insert(record.fields);
        if self.has_header && record.number == 0 {
            return ControlFlow::Continue(());
        }
        self.rows += 1;
        if !self.sieve.passes(record) {
            self.hidden += 1;
            return ControlFlow::Continue(());
        }
        let row = RowAt::new(record.start, RecordNumber(record.number), record.fields != expected);
        let taken = match &mut self.sorter {
            None => self.writer.push(row).map_err(Halt::from),
            Some(sorter) => {
                self.key.clear();
                for key in &self.keys {
                    key.push(record, self.quote, self.decimal_comma, &mut self.key);
                }
                sorter.push(&self.key, row, context)
            }
        };
        match taken {
            Ok(()) => ControlFlow::Continue(()),
            Err(halt) => ControlFlow::Break(halt),
        }
    }
}
