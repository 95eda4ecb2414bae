//! The job that tells the digest of a file, and whether it is the one that was expected. It reads the file once, in
//! order, off the async workers, and keeps no more of it than a block; nothing of it is shown. It must not know egui.

mod algorithm;
mod error;
#[cfg(test)]
mod fuzz;
mod sums;

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

pub use algorithm::Algorithm;
pub use error::HashError;

use crate::jobs::{Job, JobContext, JobError, Kind, Outcome};
use crate::source::{self, Blocks, ByteOffset, LocalFile, Source, SourceError, address};
use crate::units;
use algorithm::Hasher;

/// The most that a list of checksums may have.
const MAX_LIST_BYTES: u64 = 16_000_000;

/// A file to be hashed.
#[derive(Clone, Debug, PartialEq, Eq, clap::Args, serde::Serialize, serde::Deserialize)]
pub struct Hash {
    /// The file, or its http or https address
    pub path: PathBuf,
    /// How it is hashed
    #[arg(long, value_enum, default_value_t)]
    pub algorithm: Algorithm,
    /// The value that it is to have: in hexadecimal, or the line of it in a list of checksums
    #[arg(long, value_name = "VALUE", conflicts_with = "sums")]
    pub expect: Option<String>,
    /// A list of checksums, as sha256sum writes it, with a line for the file's name
    #[arg(long, value_name = "FILE")]
    pub sums: Option<PathBuf>,
}

/// What a file is known by.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct Hashed {
    /// The digest, in hexadecimal and small letters.
    pub digest: String,
    /// How much was hashed.
    pub bytes: u64,
    /// Whether it was held against a value that was expected; one that is not it is an error.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub verified: bool,
    /// How long it took.
    #[serde(serialize_with = "crate::units::as_seconds")]
    pub seconds: Duration,
}

impl Hash {
    /// Looks whether the value that is expected can be one of the algorithm; reads nothing.
    ///
    /// # Errors
    /// When it is no value, or one of another algorithm.
    pub fn check(&self) -> Result<(), HashError> {
        self.given()?;
        Ok(())
    }

    /// The value that was given as such.
    fn given(&self) -> Result<Option<String>, HashError> {
        self.expect.as_deref().map(|text| sums::value_in(text, self.algorithm)).transpose()
    }
}

impl Job for Hash {
    type Outcome = Hashed;
    const KIND: Kind = Kind { name: "hash", at_once: 2, comes_back: false };

    fn title(&self) -> String {
        format!("{} of {}", self.algorithm, address::name_of(&self.path))
    }

    async fn run(self, context: JobContext) -> Result<Hashed, JobError> {
        let inner = context.clone();
        context.blocking(move || hash(&self, &inner)).await.and_then(|result| result)
    }
}

fn hash(job: &Hash, context: &JobContext) -> Result<Hashed, JobError> {
    let began = Instant::now();
    // Before anything is read: nobody is to wait for a comparison that can not hold.
    let given = job.given().map_err(JobError::failed)?;
    let file = source::open_raw(&job.path, context).map_err(|error| context.failed(error))?;
    let expected = match &job.sums {
        Some(list) if given.is_none() => {
            let text = list_at(list)?;
            let named =
                if address::is_address(&job.path) { address::name_of(&job.path).into() } else { job.path.clone() };
            let listed = sums::value_for(&named, job.algorithm, &text, list);
            Some(listed.map_err(JobError::failed)?)
        }
        _ => given,
    };
    let bytes = file.len_bytes();
    let actual = digest(file, job, context)?;
    match expected {
        Some(expected) if expected != actual => {
            let (algorithm, path) = (job.algorithm, address::shown_path(&job.path));
            Err(JobError::failed(HashError::Mismatch { algorithm, expected, actual, path }))
        }
        expected => Ok(Hashed { digest: actual, bytes, verified: expected.is_some(), seconds: began.elapsed() }),
    }
}

/// Reads `file` in order, up to the end that it had when it was opened, and gives its digest.
fn digest(file: Arc<dyn Source>, job: &Hash, context: &JobContext) -> Result<String, JobError> {
    let mut hasher = Hasher::new(job.algorithm);
    let mut blocks = Blocks::of(file, &job.path)?;
    context.progress().set_total(Some(blocks.whole_bytes()));
    while let Some(block) = blocks.next(context)? {
        hasher.update(block);
        context.progress().set_done(blocks.passed_bytes());
    }
    Ok(hasher.finish())
}

/// Reads a list of checksums whole.
fn list_at(path: &Path) -> Result<Vec<u8>, JobError> {
    let list = LocalFile::open(path).map_err(JobError::failed)?;
    if list.len_bytes() > MAX_LIST_BYTES {
        return Err(JobError::failed(HashError::ListTooLarge { list: path.to_owned() }));
    }
    let mut text = vec![0; usize::try_from(list.len_bytes()).unwrap_or(0)];
    let unreadable = |source| JobError::failed(SourceError::Unreadable { path: path.to_owned(), source });
    let read = list.read_at(ByteOffset(0), &mut text).map_err(unreadable)?;
    text.truncate(read);
    Ok(text)
}

impl Outcome for Hashed {
    fn summary(&self) -> String {
        let (size, time) = (units::bytes(self.bytes), units::duration(self.seconds));
        // The digest is what is looked for, unless it is known to be right.
        if self.verified {
            format!("Verified · {size} · {time} · {}", self.digest)
        } else {
            format!("{} · {size} · {time}", self.digest)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_card_names_the_algorithm_and_shows_first_what_is_looked_for() {
        let (path, algorithm) = ("/logs/big.log".into(), Algorithm::Sha256);
        assert_eq!(Hash { path, algorithm, expect: None, sums: None }.title(), "SHA-256 of big.log");
        let told = Hashed { digest: "1f".into(), bytes: 12, verified: false, seconds: Duration::from_millis(9) };
        assert_eq!(told.summary(), "1f · 12 B · 9 ms");
        assert_eq!(Hashed { verified: true, ..told }.summary(), "Verified · 12 B · 9 ms · 1f");
    }

    #[test]
    fn what_can_not_be_a_value_of_the_algorithm_is_refused_without_a_file() {
        let hash = |expect: &str| Hash {
            path: "/nowhere".into(),
            algorithm: Algorithm::Crc32,
            expect: Some(expect.into()),
            sums: None,
        };
        assert_eq!(hash(" 352441C2 ").check(), Ok(()));
        let error = hash("a9993e364706816aba3e25717850c26c9cd0d89d").check().unwrap_err();
        assert!(error.to_string().contains("SHA-1"), "{error}");
    }
}
