//! A file as it is looked at: what it holds, unpacked and as text in UTF-8, if it is text. How that is read is found out
//! from its beginning. Used by jobs.

use std::path::Path;
use std::sync::Arc;
use std::{fmt, io};

use tokio_util::sync::CancellationToken;

use super::decoding::Decoding;
use super::returns::Returns;
use super::search::{Filtered, Only};
use super::{COPY_LIMIT_BYTES, Encoding, LineEnding, PAGE_BYTES};
use crate::jobs::JobContext;
use crate::source::{self, ByteOffset, Derived, Packing, ReadError, Source, SourceError};

/// How often a job that goes through contents tells what it has found, in bytes: each some milliseconds of work;
const STEP_BYTES: u64 = 8 << 20;
/// where they come over a network, these may be seconds, and a person looks on.
const FAR_STEP_BYTES: u64 = 256 << 10;
/// So much is fetched over a network to be indexed though nobody has asked for it.
const UNASKED_BYTES: u64 = 8 << 20;

/// How a file is to be read, as far as a person has said so.
#[derive(Clone, Debug, Default, PartialEq, Eq, clap::Args, serde::Serialize, serde::Deserialize)]
pub struct Reading {
    /// Read the text in this encoding, whatever it says itself: UTF-8, UTF-16 LE, windows-1252, Big5, …
    #[arg(long)]
    #[serde(default)]
    pub encoding: Option<Encoding>,
    /// Read the file's own bytes: what is packed is not unpacked, and no text is decoded
    #[arg(long, conflicts_with = "encoding")]
    #[serde(default)]
    pub raw: bool,
    /// The most disk that an unpacked copy may take, in bytes, where the packed file has to have one to be shown and the
    /// person has said so of this one.
    #[arg(skip)]
    #[serde(default)]
    pub spool_limit: Option<u64>,
    /// Which of its lines are shown, if not all are.
    #[arg(skip)]
    #[serde(default)]
    pub only: Option<Only>,
}

/// What there is to look at.
pub(super) struct Contents {
    /// Bytes that are UTF-8, if they are text at all, with lines that end by newlines.
    pub(super) source: Arc<dyn Source>,
    /// The same, or the text whose lines end by returns.
    pub(super) as_written: Arc<dyn Source>,
    /// What they are decoded from, or the same.
    pub(super) encoded: Arc<dyn Source>,
    /// How that is packed in the file.
    pub(super) packing: Option<Packing>,
    /// How it is encoded, as far as its beginning tells.
    pub(super) encoding: Encoding,
    /// The first page of `source` or, where only some lines are shown, of what they are taken from.
    pub(super) start: Vec<u8>,
    /// `source` again, where only some lines are shown.
    pub(super) filtered: Option<Arc<Filtered>>,
}

impl Contents {
    /// Opens the file at `path`, which may be an address, to go through it in order: nothing of it is copied to disk,
    /// unless some of its lines alone are wanted. May block.
    ///
    /// # Errors
    /// When it can not be opened, or its beginning not be read.
    pub(super) fn open(path: &Path, reading: &Reading, context: &JobContext) -> Result<Self, SourceError> {
        // Lines are taken from wherever they are.
        let copy_bytes = reading.only.as_ref().map(|_| reading.spool_limit.unwrap_or(COPY_LIMIT_BYTES));
        Self::open_with(path, reading, copy_bytes, context)
    }

    /// The same to be shown, and so read at any place: with an unpacked copy of no more than `copy_bytes` where it takes one.
    ///
    /// # Errors
    /// As [`Contents::open`], and when there is no place for the copy, or it is known to get too long.
    pub(super) fn open_to_show(
        path: &Path,
        reading: &Reading,
        copy_bytes: u64,
        context: &JobContext,
    ) -> Result<Self, SourceError> {
        Self::open_with(path, reading, Some(copy_bytes), context)
    }

    fn open_with(
        path: &Path,
        reading: &Reading,
        copy_bytes: Option<u64>,
        context: &JobContext,
    ) -> Result<Self, SourceError> {
        let whole = Self::whole(path, reading, copy_bytes, context)?;
        let Some(only) = &reading.only else { return Ok(whole) };
        whole.only(only).map_err(|source| SourceError::Unreadable { path: path.to_owned(), source })
    }

    fn whole(
        path: &Path,
        reading: &Reading,
        copy_bytes: Option<u64>,
        context: &JobContext,
    ) -> Result<Self, SourceError> {
        let unreadable = |error| SourceError::of_read(error, path);
        if reading.raw {
            return Self::raw(path, context);
        }
        let stop = context.stop_token();
        let opened = source::open(path, copy_bytes, context)?;
        let start = first_page(&opened.source, &stop).map_err(unreadable)?;
        let encoding = match reading.encoding {
            Some(chosen) => chosen,
            None => guess(opened.source.as_ref(), &start),
        };
        let Encoding::Coded(how) = encoding else {
            let (source, encoded) = (Arc::clone(&opened.source), opened.source);
            let as_written = Arc::clone(&source);
            let packing = opened.packing;
            return Ok(Self { source, as_written, encoded, packing, encoding, start, filtered: None }.by_newlines());
        };
        let decoding = Decoding::new(how, encoding.mark_bytes(&start));
        let source: Arc<dyn Source> = Arc::new(Derived::new(Arc::clone(&opened.source), decoding));
        let start = first_page(&source, &stop).map_err(unreadable)?;
        let (as_written, encoded, packing) = (Arc::clone(&source), opened.source, opened.packing);
        Ok(Self { source, as_written, encoded, packing, encoding, start, filtered: None }.by_newlines())
    }

    /// Some of its lines alone.
    fn only(self, only: &Only) -> io::Result<Self> {
        let ending = LineEnding::of_first(0, &self.start);
        let refused = |error| io::Error::new(io::ErrorKind::InvalidInput, error);
        let filtered = Arc::new(Filtered::new(Arc::clone(&self.source), only, ending).map_err(refused)?);
        // A byte order mark is no part of a line.
        let encoding = if self.encoding == Encoding::Utf8Bom { Encoding::Utf8 } else { self.encoding };
        let source = Arc::clone(&filtered) as Arc<dyn Source>;
        let as_written = Arc::clone(&source);
        Ok(Self { source, as_written, encoding, filtered: Some(filtered), ..self })
    }

    fn raw(path: &Path, context: &JobContext) -> Result<Self, SourceError> {
        let source = source::open_raw(path, context)?;
        let start = first_page(&source, &context.stop_token()).map_err(|error| SourceError::of_read(error, path))?;
        let encoding = match Encoding::of_start(&start) {
            Encoding::Coded(_) => Encoding::Other,
            plain => plain,
        };
        let (as_written, encoded) = (Arc::clone(&source), Arc::clone(&source));
        Ok(Self { source, as_written, encoded, packing: None, encoding, start, filtered: None })
    }

    /// Whether its bytes are those of the file, so that its length is known and what is appended to one is to the other.
    pub(super) fn is_plain(&self) -> bool {
        self.packing.is_none() && Arc::ptr_eq(&self.as_written, &self.encoded)
    }

    /// Whether the lines end by returns, which are read as newlines.
    pub(super) fn has_returns(&self) -> bool {
        !Arc::ptr_eq(&self.source, &self.as_written)
    }

    /// The same with lines that end by newlines, if they end by returns alone.
    fn by_newlines(mut self) -> Self {
        if self.encoding != Encoding::Binary && Returns::end_lines(self.source.as_ref(), &self.start) {
            self.source = Arc::new(Returns::new(Arc::clone(&self.as_written)));
            self.start.iter_mut().filter(|byte| **byte == b'\r').for_each(|byte| *byte = b'\n');
        }
        self
    }

    /// Whether they are so much, and so far away, that they are read to the end only when somebody asks for it.
    pub(super) fn are_far(&self) -> bool {
        is_far(self.source.as_ref())
    }
}

impl fmt::Debug for Contents {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Contents").finish_non_exhaustive()
    }
}

/// Whether `source` is so much, and so far away, that it is read to the end only when somebody asks for it.
pub(super) fn is_far(source: &dyn Source) -> bool {
    source.far_bytes() > UNASKED_BYTES
}

/// How often a job that goes through `source` tells what it has found, in bytes.
pub(super) fn step_bytes(source: &dyn Source) -> u64 {
    if source.far_bytes() > 0 { FAR_STEP_BYTES } else { STEP_BYTES }
}

/// What `source` begins with. Where that breaks off, what there is.
fn first_page(source: &Arc<dyn Source>, stop: &CancellationToken) -> Result<Vec<u8>, ReadError> {
    let mut page = vec![0; usize::try_from(PAGE_BYTES).unwrap_or(usize::MAX)];
    let read = match Arc::clone(source).in_order_until(stop).read(&mut page) {
        Err(ReadError::CutShort { .. }) => 0,
        read => read?,
    };
    page.truncate(read);
    Ok(page)
}

/// What the first page says and, if that is nothing but ASCII, pages from further on.
fn guess(source: &dyn Source, start: &[u8]) -> Encoding {
    let encoding = Encoding::of_start(start);
    // Over a network each look would be waited for.
    if encoding != Encoding::Utf8 || !start.is_ascii() || source.far_bytes() > 0 {
        return encoding;
    }
    let len_bytes = source.len_bytes();
    let mut page = vec![0; start.len()];
    let samples = [len_bytes / 2, len_bytes.saturating_sub(PAGE_BYTES)].into_iter().filter(|at| *at >= PAGE_BYTES);
    for at in samples {
        // What can not be read here will be told when it is its turn.
        let read = source.read_at(ByteOffset(at), &mut page).unwrap_or(0);
        let sample = page.get(..read).unwrap_or_default();
        if let Some(encoding) = Encoding::of_sample(sample) {
            return encoding;
        }
    }
    encoding
}
