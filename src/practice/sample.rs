//! The job that writes a sample file: of any size and of several kinds, the same bytes for the same seed, so that every
//! other job can be tried on something large.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use super::{Generator, SampleKind};
use crate::jobs::{Job, JobContext, JobError, Kind, Outcome};
use crate::source::{PartFile, Target, as_typed};
use crate::units;

/// What is written in one go, and the least that is cut at the end.
const BLOCK_BYTES: usize = 1 << 20;

/// A sample file to be written.
#[derive(Clone, Debug, PartialEq, Eq, clap::Args, serde::Serialize, serde::Deserialize)]
pub struct Sample {
    /// What it holds
    #[arg(value_enum)]
    pub kind: SampleKind,
    /// Where to write it: a file that does not exist yet, or a folder
    #[arg(value_name = "FILE")]
    pub output: PathBuf,
    /// How large it is to be, to the byte, as 500MB, 4GiB or 1000
    #[arg(long, value_parser = units::parse_bytes)]
    pub size: u64,
    /// Which of all samples of its kind and size it is
    #[arg(long, default_value_t = 0)]
    pub seed: u64,
}

/// What was written.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct Written {
    /// Where it is.
    #[serde(serialize_with = "crate::units::as_text")]
    pub path: PathBuf,
    /// Its length.
    pub bytes: u64,
    /// How long it took.
    #[serde(serialize_with = "crate::units::as_seconds")]
    pub seconds: Duration,
}

impl Job for Sample {
    type Outcome = Written;
    const KIND: Kind = Kind { name: "sample", at_once: 2, comes_back: true };

    fn title(&self) -> String {
        if self.output.is_absolute() && self.output.extension().is_some() {
            units::file_name(&self.output)
        } else {
            self.name()
        }
    }

    fn in_folder(mut self, folder: &Path) -> Self {
        self.output =
            if self.output.as_os_str().is_empty() { folder.to_owned() } else { folder.join(as_typed(&self.output)) };
        self
    }

    async fn run(self, context: JobContext) -> Result<Written, JobError> {
        let inner = context.clone();
        context.blocking(move || self.write(&inner)).await?
    }
}

impl Sample {
    fn name(&self) -> String {
        let extension = match self.kind {
            SampleKind::Log => "log",
            SampleKind::Csv => "csv",
            SampleKind::JsonLines => "jsonl",
            SampleKind::Binary => "bin",
        };
        format!("sample-{}.{extension}", units::bytes(self.size).replace(' ', ""))
    }

    fn write(self, context: &JobContext) -> Result<Written, JobError> {
        let began = Instant::now();
        context.progress().set_total(Some(self.size));
        let target = Target::new(Some(&self.output), Path::new(""), self.name());
        let mut part = PartFile::create(target).map_err(JobError::failed)?;
        part.check_room(self.size).map_err(JobError::failed)?;
        let mut generator = Generator::new(self.kind, self.seed);
        let mut block = Vec::with_capacity(2 * BLOCK_BYTES);
        let mut left = self.size;
        while left > 0 {
            context.checkpoint_blocking()?;
            block.clear();
            match usize::try_from(left).ok().filter(|left| *left <= BLOCK_BYTES) {
                Some(left) => fill_to_the_end(&mut generator, self.kind, &mut block, left),
                None => generator
                    .fill(&mut block, BLOCK_BYTES.min(usize::try_from(left).unwrap_or(BLOCK_BYTES) - RECORD_BYTES)),
            }
            part.write(&block).map_err(JobError::failed)?;
            left -= block.len() as u64;
            context.progress().add(block.len() as u64);
        }
        // It can be made again from its seed, so nobody waits for the disk.
        let path = part.commit_unsynced().map_err(JobError::failed)?;
        Ok(Written { path, bytes: self.size, seconds: began.elapsed() })
    }
}

/// More than any record has: what a block may be longer than asked for.
const RECORD_BYTES: usize = 640;

/// Fills `block` with exactly `bytes`: the last record is made longer with spaces before its newline, so that it is one.
fn fill_to_the_end(generator: &mut Generator, kind: SampleKind, block: &mut Vec<u8>, bytes: usize) {
    let mut whole = 0;
    while block.len() <= bytes {
        whole = block.len();
        generator.fill(block, whole + 1);
    }
    if kind != SampleKind::Binary {
        block.truncate(whole.saturating_sub(1));
        block.resize(bytes - 1, b' ');
        block.push(b'\n');
    }
    block.truncate(bytes);
}

impl Outcome for Written {
    fn summary(&self) -> String {
        format!("{} · {}", units::bytes(self.bytes), units::duration(self.seconds))
    }

    fn made(&self) -> Option<PathBuf> {
        Some(self.path.clone())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn end_of(kind: SampleKind, bytes: usize) -> Vec<u8> {
        let mut block = Vec::new();
        fill_to_the_end(&mut Generator::new(kind, 3), kind, &mut block, bytes);
        block
    }

    #[test]
    fn a_sample_is_as_long_as_asked_for_and_ends_with_a_whole_record() {
        for kind in [SampleKind::Log, SampleKind::Csv, SampleKind::JsonLines, SampleKind::Binary] {
            for bytes in [1, 2, 100, 5_000, 5_001, 65_536] {
                let block = end_of(kind, bytes);
                assert_eq!(block.len(), bytes, "{kind:?}");
                if kind != SampleKind::Binary {
                    assert_eq!(block.last(), Some(&b'\n'), "{kind:?} of {bytes}");
                }
            }
        }
        let text = String::from_utf8(end_of(SampleKind::JsonLines, 65_537)).unwrap();
        for line in text.lines() {
            assert!(serde_json::from_str::<serde_json::Value>(line).is_ok(), "{line}");
        }
        assert!(std::str::from_utf8(&end_of(SampleKind::Csv, 65_537)).is_ok());
    }
}
