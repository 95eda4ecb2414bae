//! The job that cuts what a file holds in parts, each a file of its own. Constant memory; it runs off the async workers. A
//! part bears its name once it is whole and on disk, so that whenever the job is stopped, what has a name is right. It must
//! not know egui.

mod cutter;
mod error;

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

pub use error::SplitError;

use super::contents::Contents;
use super::naming::{part_name, unpacked_name};
use super::{Encoding, Reading};
use crate::jobs::{Job, JobContext, JobError, Kind, Outcome};
use crate::source::{Blocks, PartFile, Source, Target, address, as_typed};
use crate::units;
use cutter::{Cutter, Next, PartSize};
use error::what_stays;

/// With more parts than this a folder is no help any more.
const MAX_PARTS: u64 = 99_999;

/// A file to be cut in parts.
#[derive(Clone, Debug, PartialEq, Eq, clap::Args, serde::Serialize, serde::Deserialize)]
pub struct Split {
    /// The file, or its http or https address
    pub path: PathBuf,
    /// The folder that the parts go to [default: here]
    #[arg(short, long, value_name = "FOLDER")]
    pub output: Option<PathBuf>,
    /// How it is to be read. Text in another encoding stays as it is, but in UTF-16, or if it is told how it is encoded, it
    /// becomes UTF-8.
    #[command(flatten)]
    #[serde(flatten)]
    pub reading: Reading,
    /// The most bytes that a part may have, such as 100MB: it ends with the last line that fits
    #[arg(long, value_parser = units::parse_bytes, required_unless_present = "lines", conflicts_with = "lines")]
    pub bytes: Option<u64>,
    /// How many lines a part has
    #[arg(long)]
    pub lines: Option<u64>,
    /// Give each part just as many bytes, wherever that cuts lines and characters
    #[arg(long, conflicts_with = "lines")]
    #[serde(default)]
    pub exact: bool,
}

/// What a file was cut in.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct Parts {
    /// How many there are.
    pub parts: u64,
    /// Where they are.
    #[serde(serialize_with = "crate::units::as_text")]
    pub folder: PathBuf,
    /// How long they are together.
    pub bytes: u64,
    /// How long it took.
    #[serde(serialize_with = "crate::units::as_seconds")]
    pub seconds: Duration,
}

impl Split {
    /// Looks whether parts can be made so; reads nothing.
    ///
    /// # Errors
    /// When they would have no size.
    pub fn check(&self) -> Result<(), SplitError> {
        self.size()?;
        Ok(())
    }

    fn size(&self) -> Result<PartSize, SplitError> {
        match (self.bytes.filter(|bytes| *bytes > 0), self.lines.filter(|lines| *lines > 0)) {
            (Some(bytes), None) if self.exact => Ok(PartSize::Exactly(bytes)),
            (Some(bytes), None) => Ok(PartSize::WholeLines(bytes)),
            (None, Some(lines)) => Ok(PartSize::Lines(lines)),
            _ => Err(SplitError::NoSize),
        }
    }

    /// What is cut: the bytes that the file holds, so that the parts together are the same.
    fn source(&self, contents: &Contents) -> Arc<dyn Source> {
        let of_pairs = [Encoding::UTF_16_LE, Encoding::UTF_16_BE].contains(&contents.encoding);
        Arc::clone(if of_pairs || self.reading.encoding.is_some() { &contents.as_written } else { &contents.encoded })
    }
}

impl Job for Split {
    type Outcome = Parts;
    // What it has left behind when it was stopped would be in its way.
    const KIND: Kind = Kind { name: "split", at_once: 2, comes_back: false };

    fn title(&self) -> String {
        format!("Parts of {}", address::name_of(&self.path))
    }

    fn in_folder(mut self, folder: &Path) -> Self {
        self.output = Some(self.output.map_or_else(|| folder.to_owned(), |output| folder.join(as_typed(&output))));
        self
    }

    async fn run(self, context: JobContext) -> Result<Parts, JobError> {
        let inner = context.clone();
        context.blocking(move || split(&self, &inner)).await.and_then(|result| result)
    }
}

fn split(job: &Split, context: &JobContext) -> Result<Parts, JobError> {
    let began = Instant::now();
    let size = job.size().map_err(JobError::failed)?;
    let contents = Contents::open(&job.path, &job.reading, context).map_err(|error| context.failed(error))?;
    let source = job.source(&contents);
    let known = contents.is_plain().then(|| source.len_bytes());
    if let (Some(len_bytes), PartSize::Exactly(bytes) | PartSize::WholeLines(bytes)) = (known, size)
        && len_bytes.div_ceil(bytes) > MAX_PARTS
    {
        return Err(JobError::failed(SplitError::TooMany { path: address::shown_path(&job.path) }));
    }
    let name = unpacked_name(&job.path, contents.packing);
    let mut writer = Writer::new(job, name, known);
    match cut(job, source, size, &mut writer, context) {
        Ok(()) => {
            Ok(Parts { parts: writer.finished, folder: writer.folder, bytes: writer.bytes, seconds: began.elapsed() })
        }
        Err(error) => Err(writer.stopped(error)),
    }
}

fn cut(
    job: &Split,
    source: Arc<dyn Source>,
    size: PartSize,
    writer: &mut Writer,
    context: &JobContext,
) -> Result<(), JobError> {
    let mut cutter = Cutter::new(size);
    let mut blocks = Blocks::of(source, &job.path)?;
    context.progress().set_total(Some(blocks.whole_bytes()));
    while let Some(block) = blocks.next(context)? {
        cutter.feed(block, |next| writer.take(next, context))?;
        context.progress().set_done(blocks.passed_bytes());
    }
    cutter.finish(|next| writer.take(next, context))?;
    writer.end(context)
}

/// Writes one part after the other.
struct Writer {
    /// The file that is cut, and what its parts are called after.
    path: PathBuf,
    name: String,
    folder: PathBuf,
    /// What all parts will have together, as far as that is known.
    expected: Option<u64>,
    open: Option<PartFile>,
    finished: u64,
    /// What all parts have so far.
    bytes: u64,
}

impl Writer {
    fn new(job: &Split, name: String, expected: Option<u64>) -> Self {
        let folder = job.output.clone().unwrap_or_else(|| PathBuf::from("."));
        Self { path: address::shown_path(&job.path), name, folder, expected, open: None, finished: 0, bytes: 0 }
    }

    fn take(&mut self, next: Next<'_>, context: &JobContext) -> Result<(), JobError> {
        match next {
            Next::Bytes(bytes) => {
                if self.open.is_none() {
                    self.open = Some(self.create()?);
                }
                if let Some(part) = &mut self.open {
                    part.write(bytes).map_err(JobError::failed)?;
                }
                self.bytes += bytes.len() as u64;
                Ok(())
            }
            Next::End => self.end(context),
        }
    }

    fn create(&self) -> Result<PartFile, JobError> {
        if self.finished >= MAX_PARTS {
            return Err(JobError::failed(SplitError::TooMany { path: self.path.clone() }));
        }
        let path = self.folder.join(part_name(&self.name, self.finished + 1));
        let part = PartFile::create(Target::Exactly(path)).map_err(JobError::failed)?;
        if let Some(expected) = self.expected {
            part.check_room(expected.saturating_sub(self.bytes)).map_err(JobError::failed)?;
        }
        Ok(part)
    }

    /// Ends the part that is open, if one is.
    fn end(&mut self, context: &JobContext) -> Result<(), JobError> {
        let Some(part) = self.open.take() else { return Ok(()) };
        part.sync().map_err(JobError::failed)?;
        // Who cancels while the disk is slow does not want the part.
        context.checkpoint_blocking()?;
        part.commit().map_err(JobError::failed)?;
        self.finished += 1;
        Ok(())
    }

    /// What is told when it was stopped: whatever it was, the parts that are finished stay.
    fn stopped(&self, error: JobError) -> JobError {
        let (parts, folder) = (self.finished, self.folder.clone());
        match error {
            JobError::Cancelled if parts > 0 => JobError::CancelledPartly(what_stays(parts, &folder)),
            JobError::Failed(cause) if parts > 0 => JobError::failed(SplitError::Stopped { cause, parts, folder }),
            other => other,
        }
    }
}

impl Outcome for Parts {
    fn summary(&self) -> String {
        let (parts, time) = (units::count(self.parts, "part"), units::duration(self.seconds));
        format!("{parts} in {} · {} · {time}", self.folder.display(), units::bytes(self.bytes))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sized(bytes: Option<u64>, lines: Option<u64>, exact: bool) -> Split {
        Split { path: "/a.log".into(), output: None, reading: Reading::default(), bytes, lines, exact }
    }

    #[test]
    fn parts_have_one_size_that_is_more_than_none() {
        assert_eq!(sized(Some(9), None, false).size().unwrap(), PartSize::WholeLines(9));
        assert_eq!(sized(Some(9), None, true).size().unwrap(), PartSize::Exactly(9));
        assert_eq!(sized(None, Some(9), false).size().unwrap(), PartSize::Lines(9));
        for (bytes, lines) in [(None, None), (Some(0), None), (None, Some(0)), (Some(1), Some(1))] {
            assert!(sized(bytes, lines, false).check().is_err(), "{bytes:?} {lines:?}");
        }
    }

    #[test]
    fn the_card_says_how_many_there_are_and_where() {
        let parts = Parts { parts: 12, folder: "/out".into(), bytes: 3_000, seconds: Duration::from_millis(9) };
        assert_eq!(parts.summary(), "12 parts in /out · 3 kB · 9 ms");
        assert_eq!(what_stays(1, Path::new("/out")), "1 finished part stays in /out");
        assert_eq!(what_stays(3, Path::new("/out")), "3 finished parts stay in /out");
    }
}
