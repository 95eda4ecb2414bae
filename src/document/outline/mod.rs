//! The outline of a document of JSON, or of JSON lines: the pass that reads its structure, what is kept of that, and
//! the job that does it. It keeps some bytes for each stride of the document, so that a billion values cost as much as
//! one; which values there are is looked up from there, node by node.

mod broken;
#[cfg(test)]
mod conformance;
mod edges;
mod filling;
#[cfg(test)]
mod fuzz;
mod index;
mod node;
mod nodes;
mod reading;
mod structure;
mod tokens;

use std::path::PathBuf;
use std::sync::{Arc, Weak};
use std::time::{Duration, Instant};

use parking_lot::RwLock;

pub use broken::Broken;
pub use edges::{Edge, EdgeKind};
pub use node::{Lack, Node, NodeKind, Preview};
pub use nodes::Nodes;

use super::contents::{Contents, step_bytes};
use super::{Document, PAGE_BYTES, Reading};
use crate::jobs::{Failure, Job, JobContext, JobError, Kind, Outcome};
use crate::source::{Blocks, Source, address};
use crate::units;
use filling::Filling;
use index::Index;
use tokens::Scanner;

/// The outline of a document as far as it was read, as a handle that is cheap to clone. The last one to go ends the
/// reading.
#[derive(Clone, Debug)]
pub struct Outline {
    shared: Arc<Shared>,
}

#[derive(Debug)]
struct Shared {
    survey: RwLock<Survey>,
}

#[derive(Debug)]
struct Survey {
    /// Which pass has the say, and of which filling of the document it reads.
    run: u64,
    document_run: Option<u64>,
    index: Index,
    /// How far the pass has come in what lies behind, of how many bytes.
    passed_bytes: u64,
    whole_bytes: u64,
    end: End,
    values: u64,
    deepest: u32,
}

impl Survey {
    fn new(whole_bytes: u64, page_bytes: u64) -> Self {
        let index = Index::new(page_bytes);
        Self { run: 0, document_run: None, index, passed_bytes: 0, whole_bytes, end: End::Open, values: 0, deepest: 0 }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum End {
    /// More may come.
    Open,
    Complete,
    Broken(Broken),
    Stopped,
}

impl End {
    /// Whether nothing more comes because nothing is there, or nothing that could be read.
    fn is_final(self) -> bool {
        matches!(self, Self::Complete | Self::Broken(_))
    }
}

/// How far the reading of an outline has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Surveyed {
    /// The values so far, those in others among them.
    pub values: u64,
    /// The most arrays and objects that are in each other.
    pub depth: u32,
    /// How many bytes of the document were read.
    pub read_bytes: u64,
    /// How many bytes of what lies behind were passed.
    pub passed_bytes: u64,
    /// How many lie there.
    pub whole_bytes: u64,
    /// Whether that is all.
    pub complete: bool,
    /// Whether it ended before it was all.
    pub stopped: bool,
    /// Where and why it is no JSON, if it is none.
    pub broken: Option<Broken>,
}

impl Surveyed {
    /// Whether nothing of it was read, and nobody is at it.
    #[must_use]
    pub const fn is_unread(&self) -> bool {
        self.stopped && self.read_bytes == 0
    }
}

impl Outline {
    fn new() -> Self {
        Self { shared: Arc::new(Shared { survey: RwLock::new(Survey::new(0, PAGE_BYTES)) }) }
    }

    /// How far it has come.
    #[must_use]
    pub fn surveyed(&self) -> Surveyed {
        let survey = self.shared.survey.read_recursive();
        Surveyed {
            values: survey.values,
            depth: survey.deepest,
            read_bytes: survey.index.covered().0,
            passed_bytes: survey.passed_bytes,
            whole_bytes: survey.whole_bytes,
            complete: survey.end == End::Complete,
            stopped: survey.end == End::Stopped,
            broken: if let End::Broken(broken) = survey.end { Some(broken) } else { None },
        }
    }

    fn downgrade(&self) -> Weak<Shared> {
        Arc::downgrade(&self.shared)
    }

    fn upgrade(shared: &Weak<Shared>) -> Option<Self> {
        shared.upgrade().map(|shared| Self { shared })
    }

    /// Looks nodes up in pages of `page_bytes`, which `fetch` gives by number if it has them; gives those too that
    /// were lacking.
    fn look<T>(
        &self,
        (page_bytes, len_bytes): (u64, u64),
        fetch: &dyn Fn(u64) -> Option<Arc<[u8]>>,
        look: impl FnOnce(&Nodes<'_>) -> T,
    ) -> (T, Vec<u64>) {
        let survey = self.shared.survey.read_recursive();
        let nodes = Nodes::new(&survey, page_bytes, len_bytes, fetch);
        let seen = look(&nodes);
        (seen, nodes.into_missing())
    }
}

#[cfg(test)]
impl Outline {
    /// Looks nodes up in a text that is all there.
    pub(crate) fn look_at_text<T>(text: &[u8], look: impl FnOnce(&Nodes<'_>) -> T) -> T {
        let (outline, whole) = (Self::new(), text.len() as u64);
        let mut filling = Filling::begin(&outline, None, whole, PAGE_BYTES);
        let fed = filling.feed(text).and_then(|()| filling.finish());
        // The outline is held here.
        let _ = filling.end(fed.is_ok());
        let page = usize::try_from(PAGE_BYTES).unwrap_or(usize::MAX);
        let fetch = |number: u64| text.chunks(page).nth(usize::try_from(number).ok()?).map(Arc::from);
        outline.look((PAGE_BYTES, whole), &fetch, look).0
    }
}

/// Whether a document that begins so is JSON, or JSON lines: an array or an object, and no error in what is seen, or
/// whatever error if it is `called` so.
pub(super) fn begins(start: &[u8], called: bool) -> bool {
    let text = start.strip_prefix(b"\xef\xbb\xbf").unwrap_or(start).trim_ascii_start();
    matches!(text.first(), Some(b'[' | b'{')) && (called || Scanner::new().feed(text).is_ok())
}

impl Document {
    /// A job that reads the outline of this document, and the outline, which can be shown at once. The job ends when
    /// nobody holds either any more.
    #[must_use]
    pub fn outline(&self) -> (OutlineJob, Outline) {
        let outline = Outline::new();
        let shown = Some((self.downgrade(), outline.downgrade()));
        (OutlineJob { path: self.path().to_owned(), reading: Reading::default(), shown }, outline)
    }

    /// Looks things up in an outline of it; `None` until the document is open. Pages that are lacking are asked for
    /// when `look` has come back, and the window is woken when they are there.
    pub fn look_at_outline<T>(&self, outline: &Outline, look: impl FnOnce(&Nodes<'_>) -> T) -> Option<T> {
        let (facts, pages) = self.opened()?;
        let (seen, missing) = outline.look((PAGE_BYTES, facts.len_bytes), &|number| pages.get(number), look);
        if !missing.is_empty() {
            pages.want(missing);
        }
        Some(seen)
    }

    /// Whether `outline` is one of what is read now: the document may have been opened once more.
    #[must_use]
    pub fn is_outlined_by(&self, outline: &Outline) -> bool {
        let read = outline.shared.survey.read_recursive().document_run;
        read.is_none() || read == self.opened().map(|(_, pages)| pages.run)
    }
}

/// The reading of a file's outline.
#[derive(Clone, Debug, clap::Args, serde::Serialize, serde::Deserialize)]
pub struct OutlineJob {
    /// The file, or its http or https address
    pub path: PathBuf,
    /// How the file is read.
    #[command(flatten)]
    #[serde(flatten)]
    pub reading: Reading,
    /// What is read, and what the job fills, if there is a view that shows it.
    #[arg(skip)]
    #[serde(skip)]
    shown: Option<(Weak<super::Shared>, Weak<Shared>)>,
}

/// What is known of a file of JSON when it was read to its end.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct Outlined {
    /// Its values, those in others among them.
    pub values: u64,
    /// The most arrays and objects that are in each other.
    pub depth: u32,
    /// Its length.
    pub bytes: u64,
    /// How long it took.
    #[serde(serialize_with = "crate::units::as_seconds")]
    pub seconds: Duration,
}

/// What a job reads, and from which filling of a document, if from any.
struct Read {
    source: Arc<dyn Source>,
    document_run: Option<u64>,
    outline: Outline,
}

impl OutlineJob {
    /// Reads the outline of the file at `path`, and shows it nowhere.
    #[must_use]
    pub fn of_file(path: PathBuf) -> Self {
        Self { path, reading: Reading::default(), shown: None }
    }

    /// Says to whoever shows the outline that nothing more comes: the job may have been stopped before it could say so
    /// itself.
    pub fn give_up(&self) {
        if let Some(outline) = self.shown.as_ref().and_then(|(_, outline)| Outline::upgrade(outline)) {
            let mut survey = outline.shared.survey.write();
            if survey.end == End::Open {
                survey.end = End::Stopped;
            }
        }
    }

    fn opened(&self, context: &JobContext) -> Result<Read, JobError> {
        let read = if let Some((document, outline)) = &self.shown {
            let opened = Document::upgrade(document).and_then(|document| document.opened());
            let (opened, outline) = opened.zip(Outline::upgrade(outline)).ok_or(JobError::Cancelled)?;
            let (_, pages) = opened;
            Read { source: Arc::clone(&pages.source), document_run: Some(pages.run), outline }
        } else {
            let contents = Contents::open(&self.path, &self.reading, context).map_err(|error| context.failed(error))?;
            Read { source: contents.source, document_run: None, outline: Outline::new() }
        };
        Ok(read)
    }

    /// Of what is packed it may be the first to come so far.
    fn let_look_further(&self) {
        Document::let_look_further(self.shown.as_ref().map(|(document, _)| document));
    }

    fn broken(&self, broken: Broken) -> JobError {
        JobError::failed(OutlineError::Broken { broken, path: address::shown_path(&self.path) })
    }
}

impl Job for OutlineJob {
    type Outcome = Outlined;
    const KIND: Kind = Kind { name: "outline", at_once: 4, comes_back: false };

    fn title(&self) -> String {
        format!("Outline of {}", address::name_of(&self.path))
    }

    async fn run(self, context: JobContext) -> Result<Outlined, JobError> {
        let inner = context.clone();
        context.blocking(move || survey(&self, &inner)).await.and_then(|result| result)
    }
}

fn survey(job: &OutlineJob, context: &JobContext) -> Result<Outlined, JobError> {
    let began = Instant::now();
    let read = job.opened(context)?;
    let step_bytes = step_bytes(read.source.as_ref());
    let mut blocks = Blocks::of(read.source, &job.path)?;
    let mut filling = Filling::begin(&read.outline, read.document_run, blocks.whole_bytes(), PAGE_BYTES);
    // Without a view, nobody else holds the outline.
    let _own = job.shown.is_none().then_some(read.outline);
    let done = read_in_order(job, &mut blocks, &mut filling, step_bytes, context);
    let done = done.and_then(|bytes| filling.finish().map(|()| bytes).map_err(|broken| job.broken(broken)));
    let told = filling.end(done.is_ok());
    job.let_look_further();
    context.wake();
    let bytes = done?;
    let (values, depth) = told?;
    Ok(Outlined { values, depth, bytes, seconds: began.elapsed() })
}

/// Reads `blocks` to their end into `filling`; gives how many bytes there were.
fn read_in_order(
    job: &OutlineJob,
    blocks: &mut Blocks,
    filling: &mut Filling,
    step_bytes: u64,
    context: &JobContext,
) -> Result<u64, JobError> {
    context.progress().set_total(Some(blocks.whole_bytes()));
    let (mut bytes, mut look_due) = (0, step_bytes);
    while let Some(block) = blocks.next(context)? {
        bytes += block.len() as u64;
        filling.feed(block).map_err(|broken| job.broken(broken))?;
        if filling.publish_when_due(blocks.passed_bytes())? {
            context.wake();
        }
        if bytes >= look_due {
            job.let_look_further();
            look_due = bytes.saturating_add(step_bytes);
        }
        context.progress().set_done(blocks.passed_bytes());
    }
    Ok(bytes)
}

/// Why a file has no outline, or no whole one.
#[derive(Debug, thiserror::Error)]
enum OutlineError {
    #[error(
        "This is no JSON from line {}, column {} (byte {}) on: {}, in {}",
        units::number(.broken.line), units::number(.broken.column), units::number(.broken.at.0), .broken.reason(),
        .path.display()
    )]
    Broken { broken: Broken, path: PathBuf },
}

impl Failure for OutlineError {
    fn advice(&self) -> String {
        "Mend the file there; what comes before can be looked at as it is.".into()
    }
}

impl Outcome for Outlined {
    fn summary(&self) -> String {
        let (values, levels) = (units::count(self.values, "value"), units::count(self.depth.into(), "level"));
        format!("{values} · {levels} · {}", units::duration(self.seconds))
    }
}
