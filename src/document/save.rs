//! The job that writes what a file holds to another one: unpacked and decoded, all of it or a part, in another encoding or
//! with other line endings. Constant memory; it runs off the async workers. The new file bears its name only once it is
//! whole and on disk, and never takes that of another. It must not know egui.

mod conversion;
mod encoder;
mod endings;
mod error;
mod span;

use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Weak};
use std::time::{Duration, Instant};

pub use endings::Endings;
pub use error::SaveError;
pub use span::Span;

use super::contents::Contents;
use super::measure::Measure;
use super::naming::{lines_name, unpacked_name};
use super::{Document, Encoding, Facts, LineEnding, Reading, Shared};
use crate::jobs::{Job, JobContext, JobError, Kind, Outcome};
use crate::source::{Blocks, ByteOffset, Packing, PartFile, Source, Stretch, Target, address, as_typed};
use crate::units;
use conversion::Conversion;
use encoder::Lacking;
use span::Cut;

/// What a file holds, to be written to another one.
#[derive(Clone, Debug, clap::Args, serde::Serialize, serde::Deserialize)]
pub struct Save {
    /// The file, or its http or https address
    pub path: PathBuf,
    /// Where to write it: a file that does not exist yet, or a folder
    #[arg(value_name = "TO")]
    pub output: PathBuf,
    /// How it is to be read.
    #[command(flatten)]
    #[serde(flatten)]
    pub reading: Reading,
    /// Write it in this encoding: UTF-8, UTF-8 with BOM, UTF-16 LE, … [default: UTF-8, and what is no text as it is]
    #[arg(long, value_name = "ENCODING")]
    #[serde(default)]
    pub to_encoding: Option<Encoding>,
    /// How its lines are to end; a CR alone ends none, and stays
    #[arg(long, value_enum, default_value_t)]
    #[serde(default)]
    pub endings: Endings,
    /// Write ? for a character that the encoding lacks, in UTF-8 and UTF-16 U+FFFD for what is no text
    #[arg(long)]
    #[serde(default)]
    pub lossy: bool,
    /// What of it is meant.
    #[command(flatten)]
    #[serde(flatten)]
    pub span: Span,
    /// Where it is shown, if it is: what is saved is then what is seen, whatever has become of the file.
    #[arg(skip)]
    #[serde(skip)]
    shown: Option<Weak<Shared>>,
}

/// What was written.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct Saved {
    /// Where it is.
    #[serde(serialize_with = "crate::units::as_text")]
    pub path: PathBuf,
    /// Its length.
    pub bytes: u64,
    /// How many characters were replaced, because the encoding lacks them or they were no text.
    pub replaced_characters: u64,
    /// How long it took.
    #[serde(serialize_with = "crate::units::as_seconds")]
    pub seconds: Duration,
}

/// The text that is saved.
struct Text {
    source: Arc<dyn Source>,
    /// What is still to be cut out of it.
    cut: Cut,
    /// What the file may be called where nothing else is said.
    name: String,
    /// How many bytes there are, if that is known.
    bytes: Option<u64>,
}

impl Save {
    /// All that the file at `path` holds, as it is, to be written to `output`.
    #[must_use]
    pub fn new(path: PathBuf, output: PathBuf) -> Self {
        let (reading, span) = (Reading::default(), Span::default());
        Self { path, output, reading, to_encoding: None, endings: Endings::Keep, lossy: false, span, shown: None }
    }

    /// The encodings that a person may choose, the usual ones first.
    #[must_use]
    pub fn encodings() -> Vec<Encoding> {
        let mut all = Encoding::choices();
        all.insert(all.len().min(1), Encoding::Utf8Bom);
        all
    }

    /// Looks whether what is asked for can be done; reads nothing.
    ///
    /// # Errors
    /// When the part ends before it begins.
    pub fn check(&self) -> Result<(), SaveError> {
        self.span.check()
    }

    fn text(&self, context: &JobContext) -> Result<Text, JobError> {
        let (source, packing, is_plain) = self.opened(context)?;
        let name = unpacked_name(&self.path, packing);
        let name = if self.reading.only.is_some() { lines_name(&name) } else { name };
        let (source, cut) = match self.span.bytes().filter(|_| is_plain) {
            Some(range) => (Arc::new(Stretch::of(source, range)) as Arc<dyn Source>, Cut::nothing()),
            None => (source, self.span.cut()),
        };
        let is_whole = self.span.bytes().is_some() || self.span == Span::default();
        let bytes = (is_plain && is_whole).then(|| source.len_bytes());
        Ok(Text { source, cut, name, bytes })
    }

    /// What is saved from, how it is packed, and whether its bytes are those of the file.
    fn opened(&self, context: &JobContext) -> Result<SavedFrom, JobError> {
        let shown = self.shown.as_ref().and_then(Document::upgrade).and_then(|document| document.opened());
        // As they are, lines that end by returns stay so, though they are shown as if they ended by newlines.
        let as_written = |facts: Facts| self.endings == Endings::Keep && facts.ending == LineEnding::Cr;
        if let Some((facts, pages)) = shown.filter(|(facts, _)| !as_written(*facts)) {
            return Ok((Arc::clone(&pages.source), facts.packing, !facts.is_made()));
        }
        let contents = Contents::open(&self.path, &self.reading, context).map_err(|error| context.failed(error))?;
        let is_plain = contents.is_plain();
        let source = if self.endings == Endings::Keep { contents.as_written } else { contents.source };
        Ok((source, contents.packing, is_plain))
    }

    /// What is told of something that the encoding lacks.
    fn refused(&self, lacking: Lacking) -> JobError {
        let (before, of) = match self.span.before() {
            (before, Measure::Lines) => (before, ""),
            (before, Measure::Bytes) => (0, if before > 0 { " of the part" } else { "" }),
        };
        let line = before.saturating_add(lacking.lines_before).saturating_add(1);
        let (path, encoding) = (address::shown_path(&self.path), self.to_encoding.unwrap_or_default().name());
        JobError::failed(match lacking.character {
            Some(character) => SaveError::Lacking { line, of, character, encoding, path },
            None => SaveError::NoText { line, of, path },
        })
    }
}

/// What is saved from, how it is packed, and whether its bytes are those of the file.
type SavedFrom = (Arc<dyn Source>, Option<Packing>, bool);

impl Document {
    /// A job that saves a part of what is shown; where to is still to be said. `reading` is how the document is read.
    #[must_use]
    pub fn save(&self, reading: Reading, range: Option<&Range<ByteOffset>>) -> Save {
        let span = range.map(Span::of_bytes).unwrap_or_default();
        let save = Save::new(self.path().to_owned(), PathBuf::new());
        Save { reading, span, shown: Some(self.downgrade()), ..save }
    }
}

impl Job for Save {
    type Outcome = Saved;
    const KIND: Kind = Kind { name: "save", at_once: 2, comes_back: true };

    fn title(&self) -> String {
        format!("Copy of {}", address::name_of(&self.path))
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

    async fn run(self, context: JobContext) -> Result<Saved, JobError> {
        let inner = context.clone();
        context.blocking(move || save(&self, &inner)).await.and_then(|result| result)
    }
}

fn save(job: &Save, context: &JobContext) -> Result<Saved, JobError> {
    let began = Instant::now();
    job.check().map_err(JobError::failed)?;
    // Of what nobody holds any more no more is read.
    let _shown = job.shown.as_ref().and_then(Document::upgrade);
    let text = job.text(context)?;
    let target = Target::new(Some(&job.output), Path::new(""), text.name.clone());
    let mut part = PartFile::create(target).map_err(JobError::failed)?;
    let mut conversion = Conversion::new(job.endings, job.to_encoding, job.lossy);
    if let Some(bytes) = text.bytes.filter(|_| job.to_encoding.is_none()) {
        part.check_room(bytes).map_err(JobError::failed)?;
    }
    let bytes = write(job, text, &mut conversion, &mut part, context)?;
    context.progress().set_note("Syncing to disk");
    part.sync().map_err(JobError::failed)?;
    // Who cancels while the disk is slow does not want the file.
    context.checkpoint_blocking()?;
    let path = part.commit().map_err(JobError::failed)?;
    Ok(Saved { path, bytes, replaced_characters: conversion.replaced(), seconds: began.elapsed() })
}

/// Writes the text, converted, and gives how many bytes that took.
fn write(
    job: &Save,
    text: Text,
    conversion: &mut Conversion,
    part: &mut PartFile,
    context: &JobContext,
) -> Result<u64, JobError> {
    let mut cut = text.cut;
    let mut blocks = Blocks::of(text.source, &job.path)?;
    context.progress().set_total(Some(blocks.whole_bytes()));
    part.write(conversion.mark()).map_err(JobError::failed)?;
    let (mut read, mut written) = (0, conversion.mark().len() as u64);
    while !cut.is_over()
        && let Some(block) = blocks.next(context)?
    {
        let block = cut.take(block);
        read += block.len() as u64;
        let made = conversion.feed(block).map_err(|lacking| job.refused(lacking))?;
        part.write(made).map_err(JobError::failed)?;
        written += made.len() as u64;
        context.progress().set_done(blocks.passed_bytes());
    }
    let (before, measure) = job.span.before();
    if before > 0 && read == 0 {
        return Err(JobError::failed(SaveError::not_so_long((before, measure), address::shown_path(&job.path))));
    }
    let made = conversion.finish().map_err(|lacking| job.refused(lacking))?;
    part.write(made).map_err(JobError::failed)?;
    Ok(written + made.len() as u64)
}

impl Outcome for Saved {
    fn summary(&self) -> String {
        let told = format!("{} · {}", units::bytes(self.bytes), units::duration(self.seconds));
        match self.replaced_characters {
            0 => told,
            replaced => format!("{told} · {} replaced", units::count(replaced, "character")),
        }
    }

    fn made(&self) -> Option<PathBuf> {
        Some(self.path.clone())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_replaced_is_told_on_the_card() {
        let path = PathBuf::from("/a.txt");
        let saved = Saved { path, bytes: 12, replaced_characters: 0, seconds: Duration::from_millis(9) };
        assert_eq!(saved.summary(), "12 B · 9 ms");
        assert_eq!(Saved { replaced_characters: 2, ..saved }.summary(), "12 B · 9 ms · 2 characters replaced");
    }

    #[test]
    fn what_is_kept_of_a_job_asks_for_the_same_when_it_comes_back() {
        let save = Save {
            to_encoding: Some(Encoding::Utf8Bom),
            endings: Endings::CrLf,
            span: Span { from_line: Some(2), ..Span::default() },
            ..Save::new("/a.txt".into(), "/b.txt".into())
        };
        let again: Save = serde_json::from_str(&serde_json::to_string(&save).unwrap()).unwrap();
        assert_eq!((again.to_encoding, again.endings, again.span), (save.to_encoding, save.endings, save.span));
        assert_eq!((again.path, again.output), (save.path, save.output));
    }

    #[test]
    fn every_encoding_that_is_offered_can_be_written() {
        let all = Save::encodings();
        assert_eq!(all.first(), Some(&Encoding::Utf8));
        assert_eq!(all.get(1), Some(&Encoding::Utf8Bom));
        assert!(all.into_iter().all(|encoding| encoder::TextEncoder::new(encoding, false).is_some()));
    }
}
