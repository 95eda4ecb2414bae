//! Files that hold other files, by what they begin with: which way they are packed, and a source of what they hold.

use std::path::Path;
use std::sync::Arc;

use super::gzip::Gzip;
use super::remote::RemoteFile;
use super::spool::Spool;
use super::{ByteOffset, Derived, LocalFile, Source, SourceError, address};
use crate::jobs::JobContext;

/// The longest of the beginnings by which packed files are known, and by which they say how much they hold (RFC 8878,
/// section 3.1.1).
const START_BYTES: usize = 18;

/// A way in which a file is packed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Packing {
    /// RFC 1952.
    Gzip,
    /// RFC 8878.
    Zstd,
    /// As `bzip2` writes it.
    Bzip2,
    /// The XZ file format, version 1.2.
    Xz,
}

impl Packing {
    /// What a file is that begins so; `None` if it is not packed.
    #[must_use]
    pub fn of_start(bytes: &[u8]) -> Option<Self> {
        match bytes {
            [0x1f, 0x8b, 8, ..] => Some(Self::Gzip),
            [0x28, 0xb5, 0x2f, 0xfd, ..] | [0x50..=0x5f, 0x2a, 0x4d, 0x18, ..] => Some(Self::Zstd),
            // The size of its blocks, and then the first block or, where there is none, the end: by the digits of two
            // well-known numbers.
            [b'B', b'Z', b'h', b'1'..=b'9', 0x31, 0x41, 0x59, 0x26, 0x53, 0x59, ..]
            | [b'B', b'Z', b'h', b'1'..=b'9', 0x17, 0x72, 0x45, 0x38, 0x50, 0x90, ..] => Some(Self::Bzip2),
            [0xfd, b'7', b'z', b'X', b'Z', 0, ..] => Some(Self::Xz),
            _ => None,
        }
    }

    /// Its name for people.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Gzip => "gzip",
            Self::Zstd => "zstd",
            Self::Bzip2 => "bzip2",
            Self::Xz => "xz",
        }
    }
}

/// A file as it is opened to be looked at.
pub struct Opened {
    /// Its bytes, or those that it holds.
    pub source: Arc<dyn Source>,
    /// How they are packed in it, if they are.
    pub packing: Option<Packing>,
}

/// Opens the file at `path`, which may be an address, for its own bytes. May block, but on a server no longer than until the
/// job is to stop.
///
/// # Errors
/// As [`LocalFile::open`], and when a server does not give it, or no parts of it.
pub fn open_raw(path: &Path, context: &JobContext) -> Result<Arc<dyn Source>, SourceError> {
    if let Some(address) = address::of_path(path) {
        return Ok(Arc::new(RemoteFile::open(address, context)?));
    }
    Ok(Arc::new(LocalFile::open(path)?))
}

/// Opens the file at `path` for what it holds: unpacked, if it is packed, with a copy on disk of no more than `copy_bytes`
/// where it takes one to read it at any place; without that it can be gone through in order alone. May block.
///
/// # Errors
/// As [`open_raw`], and when there is no place for a copy that is needed.
pub fn open(path: &Path, copy_bytes: Option<u64>, context: &JobContext) -> Result<Opened, SourceError> {
    let file = open_raw(path, context)?;
    let mut start = [0; START_BYTES];
    let read = file
        .read_at(ByteOffset(0), &mut start)
        .map_err(|source| SourceError::Unreadable { path: address::shown_path(path), source })?;
    let start = start.get(..read).unwrap_or_default();
    let packing = Packing::of_start(start);
    let source: Arc<dyn Source> = match packing {
        None => file,
        Some(Packing::Gzip) => Arc::new(Derived::new(file, Gzip)),
        // They have no restart points that are cheap: each block needs much that comes before it.
        Some(packing) => Arc::new(match copy_bytes {
            Some(limit_bytes) => Spool::new(file, packing, start, limit_bytes)
                .map_err(|source| SourceError::NoSpool { path: address::shown_path(path), source })?,
            None => Spool::passing(file, packing),
        }),
    };
    Ok(Opened { source, packing })
}
