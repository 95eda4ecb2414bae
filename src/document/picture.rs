//! The job that decodes a picture beside the window, and the picture that it fills. It reads the document's source into
//! memory, up to a limit, asks the header how large the picture is before anything is decoded, and makes it smaller in the
//! job where it has more pixels than are shown. It must not know egui.
//!
//! A cancel is seen at each block that is read, where a decoder asks for more, between frames, and at each row that is made
//! smaller; what decodes in one go is told in `raster` and `drawing`.

mod drawing;
mod error;
mod format;
mod handle;
mod motion;
mod pixels;
mod raster;
mod watched;

use std::path::{Path, PathBuf};
use std::sync::{Arc, Weak};
use std::time::{Duration, Instant};

pub use error::PictureError;
pub use format::PictureFormat;
pub use handle::{Picture, PictureFrame, PictureStanding, Raster};
pub use pixels::Pixels;

use super::contents::Contents;
use super::{Document, Reading};
use crate::jobs::{Job, JobContext, JobError, Kind, Outcome};
use crate::source::{Blocks, Source, address};
use crate::units;
use handle::{Asked, Filling};
use watched::Watch;

/// The most that a picture's file may have, as it is held in memory while it is decoded.
const MAX_ENCODED_BYTES: u64 = 64_000_000;

/// A picture to be decoded.
#[derive(Clone, Debug, clap::Args, serde::Serialize, serde::Deserialize)]
pub struct PictureJob {
    /// The file, or its http or https address
    pub path: PathBuf,
    /// How it is to be read.
    #[command(flatten)]
    #[serde(flatten)]
    pub reading: Reading,
    /// What is decoded, and what the job fills, if there is a view that shows it.
    #[arg(skip)]
    #[serde(skip)]
    shown: Option<(Weak<super::Shared>, Asked)>,
}

/// What a picture was when it was decoded.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct DecodedPicture {
    /// The format that it was in.
    pub format: PictureFormat,
    /// Its width in pixels.
    pub width: u32,
    /// Its height in pixels.
    pub height: u32,
    /// Its length in this format.
    pub bytes: u64,
    /// Whether it is damaged or cut off, so that some of it is lacking.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub incomplete: bool,
    /// How long it took.
    #[serde(serialize_with = "crate::units::as_seconds")]
    pub seconds: Duration,
}

impl PictureJob {
    /// Decodes the picture in the file at `path`, and shows it nowhere.
    #[must_use]
    pub fn in_file(path: PathBuf) -> Self {
        Self { path, reading: Reading::default(), shown: None }
    }

    /// Says to whoever shows the picture that none comes: the job may have been stopped before it could say so itself.
    pub fn give_up(&self, error: &JobError) {
        if let Some((_, asked)) = &self.shown {
            asked.give_up(error);
        }
    }

    /// What is decoded.
    fn source(&self, context: &JobContext) -> Result<Arc<dyn Source>, JobError> {
        if let Some((document, _)) = &self.shown {
            return Document::upgrade(document).and_then(|document| document.source()).ok_or(JobError::Cancelled);
        }
        let contents = Contents::open(&self.path, &self.reading, context);
        contents.map(|contents| contents.source).map_err(|error| context.failed(error))
    }
}

impl Document {
    /// A job that decodes this document as a picture, and the picture, which can be shown at once. The job ends when nobody
    /// holds either any more.
    #[must_use]
    pub fn picture(&self) -> (PictureJob, Picture) {
        let (picture, asked) = Picture::new();
        let shown = Some((self.downgrade(), asked));
        (PictureJob { path: self.path().to_owned(), reading: Reading::default(), shown }, picture)
    }
}

impl Job for PictureJob {
    type Outcome = DecodedPicture;
    // One at a time: it is the memory that they would share.
    const KIND: Kind = Kind { name: "picture", at_once: 1, comes_back: false };

    fn title(&self) -> String {
        format!("Picture {}", address::name_of(&self.path))
    }

    async fn run(self, context: JobContext) -> Result<DecodedPicture, JobError> {
        let inner = context.clone();
        context.blocking(move || decode(&self, &inner)).await.and_then(|result| result)
    }
}

fn decode(job: &PictureJob, context: &JobContext) -> Result<DecodedPicture, JobError> {
    let began = Instant::now();
    let filling = job.shown.as_ref().map(|(_, asked)| asked.begin()).transpose()?;
    let (watch, path) = (watch(context.clone(), filling.clone()), address::shown_path(&job.path));
    let encoded = job.source(context).and_then(|source| encoded(source, &path, &watch, context));
    let decoded = encoded.and_then(|bytes| {
        context.progress().set_note("Decoding");
        let len = bytes.len() as u64;
        raster_of(bytes, &path, &watch).map(|raster| (Arc::new(raster), len))
    });
    if let (Some(filling), Err(error)) = (&filling, &decoded) {
        filling.failed(error);
        context.wake();
    }
    let (raster, bytes) = decoded?;
    let (format, width, height, incomplete) = (raster.format, raster.width, raster.height, raster.incomplete);
    if let Some(filling) = filling {
        filling.decoded(raster)?;
        context.wake();
    }
    Ok(DecodedPicture { format, width, height, bytes, incomplete, seconds: began.elapsed() })
}

/// What tells the decoders whether to go on.
fn watch(context: JobContext, filling: Option<Filling>) -> Watch {
    Arc::new(move || {
        context.checkpoint_blocking()?;
        if filling.as_ref().is_none_or(Filling::is_wanted) { Ok(()) } else { Err(JobError::Cancelled) }
    })
}

/// Reads all of `source`, which is at `path`.
fn encoded(source: Arc<dyn Source>, path: &Path, watch: &Watch, context: &JobContext) -> Result<Vec<u8>, JobError> {
    let too_long = || {
        let limit_bytes = MAX_ENCODED_BYTES;
        JobError::failed(PictureError::TooLong { limit_bytes, path: path.to_owned() })
    };
    if source.len_bytes() > MAX_ENCODED_BYTES {
        return Err(too_long());
    }
    let mut blocks = Blocks::of(source, path)?;
    context.progress().set_total(Some(blocks.whole_bytes()));
    let mut bytes = Vec::new();
    while let Some(block) = blocks.next(context)? {
        watch()?;
        // Of what is unpacked the length is not known before.
        if bytes.len() as u64 + block.len() as u64 > MAX_ENCODED_BYTES {
            return Err(too_long());
        }
        bytes.extend_from_slice(block);
        context.progress().set_done(blocks.passed_bytes());
    }
    Ok(bytes)
}

fn raster_of(bytes: Vec<u8>, path: &Path, watch: &Watch) -> Result<Raster, JobError> {
    match PictureFormat::of_start(&bytes) {
        Some(PictureFormat::Svg) => drawing::draw(&bytes, path, watch),
        Some(format) => raster::decode(format, bytes, path, watch),
        None => Err(JobError::failed(PictureError::NoPicture { path: path.to_owned() })),
    }
}

impl Outcome for DecodedPicture {
    fn summary(&self) -> String {
        let [width, height] = [self.width, self.height].map(|side| units::number(side.into()));
        let (size, time) = (units::bytes(self.bytes), units::duration(self.seconds));
        let incomplete = if self.incomplete { " · incomplete" } else { "" };
        format!("{} · {width} × {height} · {size} · {time}{incomplete}", self.format.name())
    }
}

#[cfg(test)]
#[expect(clippy::disallowed_methods, reason = "files are made to be decoded")]
mod tests {
    use image::codecs::png::PngEncoder;
    use image::{ExtendedColorType, ImageEncoder as _};
    use tempfile::TempDir;

    use super::*;
    use crate::document::Open;
    use crate::jobs::{Engine, Executor, JobId, Limits, Mode, Workers};
    use crate::work::{Product, Request};

    /// What runs jobs to their ends, and a folder for their files.
    struct Bench {
        engine: Engine<Request>,
        _workers: Workers,
        folder: TempDir,
    }

    impl Bench {
        fn new() -> Self {
            let workers = Workers::start().unwrap();
            let executor = Executor::new(workers.handle().unwrap(), Arc::new(|| {}));
            let engine = Engine::new(executor, Limits::default());
            Self { engine, _workers: workers, folder: tempfile::tempdir().unwrap() }
        }

        fn run(&mut self, request: impl Into<Request>) -> JobId {
            let id = self.engine.submit(request.into(), Mode::Blocking);
            self.engine.poll(Instant::now());
            self.engine.run_blocking();
            self.engine.poll(Instant::now());
            id
        }

        fn file(&self, bytes: &[u8]) -> PathBuf {
            let path = self.folder.path().join("a.png");
            std::fs::write(&path, bytes).unwrap();
            path
        }

        fn opened(&mut self, bytes: &[u8]) -> Document {
            let (open, document) = Open::new(self.file(bytes));
            self.run(open);
            document
        }
    }

    fn png() -> Vec<u8> {
        let mut bytes = Vec::new();
        let grey = ExtendedColorType::L8;
        PngEncoder::new(&mut bytes).write_image(&[10, 20, 30, 40, 50, 60], 3, 2, grey).unwrap();
        bytes
    }

    #[test]
    fn a_document_is_decoded_into_the_picture_that_a_view_holds() {
        let mut bench = Bench::new();
        let document = bench.opened(&png());
        let (job, picture) = document.picture();
        assert_eq!(job.title(), "Picture a.png");
        assert!(matches!(picture.standing(), PictureStanding::Decoding));
        bench.run(job);
        let PictureStanding::Decoded(raster) = picture.standing() else { panic!("{:?}", picture.standing()) };
        assert_eq!((raster.format, raster.width, raster.height), (PictureFormat::Png, 3, 2));
        assert_eq!(raster.frames[0].pixels.at(2, 1), Some([60, 60, 60, 255]));
    }

    #[test]
    fn a_document_that_nobody_holds_any_more_is_not_decoded() {
        let mut bench = Bench::new();
        let (job, picture) = bench.opened(&png()).picture();
        bench.run(job);
        assert!(matches!(picture.standing(), PictureStanding::Failed { .. }));
    }

    #[test]
    fn what_is_no_picture_says_so_to_the_view_and_to_the_card() {
        let mut bench = Bench::new();
        let document = bench.opened(b"plain text");
        let (job, picture) = document.picture();
        let id = bench.run(job);
        let PictureStanding::Failed { message, advice } = picture.standing() else { panic!("it was decoded") };
        assert!(message.starts_with("This is no picture") && !advice.is_empty(), "{message} {advice}");
        let job = bench.engine.job(id).unwrap();
        let Some(Err(error)) = job.result() else { panic!("it succeeded") };
        assert_eq!(error.to_string(), message);
    }

    #[test]
    fn a_file_is_decoded_without_a_view_and_told_of() {
        let mut bench = Bench::new();
        let path = bench.file(&png());
        let id = bench.run(PictureJob::in_file(path));
        let job = bench.engine.job(id).unwrap();
        let Some(Ok(Product::Picture(decoded))) = job.result() else { panic!("{:?}", job.result()) };
        assert_eq!((decoded.format, decoded.width, decoded.height), (PictureFormat::Png, 3, 2));
        assert_eq!(decoded.bytes, png().len() as u64);
        let told = serde_json::to_string(decoded).unwrap();
        assert!(told.starts_with(r#"{"format":"png","width":3,"height":2,"bytes":"#), "{told}");
    }

    #[test]
    fn a_file_that_is_too_long_is_not_read() {
        let mut bench = Bench::new();
        let path = bench.file(b"");
        std::fs::File::options().write(true).open(&path).unwrap().set_len(MAX_ENCODED_BYTES + 1).unwrap();
        let id = bench.run(PictureJob::in_file(path));
        let job = bench.engine.job(id).unwrap();
        let Some(Err(error)) = job.result() else { panic!("it was read") };
        assert!(error.to_string().contains("64 MB at most"), "{error}");
    }

    #[test]
    fn a_card_tells_the_format_and_the_size() {
        let decoded = DecodedPicture {
            format: PictureFormat::Jpeg,
            width: 4_000,
            height: 3_000,
            bytes: 2_500_000,
            incomplete: false,
            seconds: Duration::from_millis(90),
        };
        assert_eq!(decoded.summary(), "JPEG · 4,000 × 3,000 · 2.5 MB · 90 ms");
        assert_eq!(DecodedPicture { incomplete: true, ..decoded }.summary().split(" · ").last(), Some("incomplete"));
    }
}
