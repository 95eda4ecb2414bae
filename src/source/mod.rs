//! Bytes at an offset, whatever lies behind them, and the files that new ones come from. Read by jobs and by page readers on their own threads, never by the
//! UI thread. It must not know egui, nor what the bytes mean.

pub mod address;
mod arriving;
mod content_range;
mod derived;
pub mod file_name;
#[cfg(test)]
mod fuzz;
mod gzip;
mod http;
mod in_order;
mod lanes;
mod local;
mod packing;
mod part_file;
mod remote;
mod remote_error;
mod restart_points;
mod scratch;
mod spool;
#[cfg(test)]
mod stopping;
mod stretch;
mod until;

use std::io;
use std::path::PathBuf;
use std::sync::Arc;

use rustix::io::Errno;
use tokio_util::sync::CancellationToken;

pub use arriving::{Arrival, ArrivalState, Arrived, Arriving, Begun};
pub use derived::{Codec, Derived, Input, Stream};
pub use in_order::{Blocks, InOrder, ReadError};
#[cfg(test)]
pub(crate) use lanes::in_lanes_of;
pub use lanes::{Chunk, in_lanes};
pub use local::LocalFile;
pub use packing::{Opened, Packing, open, open_raw};
pub use part_file::{PartFile, Target, WriteError};
pub use remote_error::{Cause, RemoteError};
pub(crate) use scratch::Scratch;
pub use stretch::Stretch;
pub use until::Until;

/// A path as a person types it: what begins with `~` is in their home folder.
#[must_use]
pub fn as_typed(path: &std::path::Path) -> PathBuf {
    let in_home = path.strip_prefix("~").ok().and_then(|rest| Some(std::env::home_dir()?.join(rest)));
    in_home.unwrap_or_else(|| path.to_owned())
}

/// A position in a source, in bytes from its beginning.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
#[serde(transparent)]
pub struct ByteOffset(pub u64);

impl ByteOffset {
    /// The position `bytes` further on; stays at the largest there is.
    #[must_use]
    pub const fn plus(self, bytes: u64) -> Self {
        Self(self.0.saturating_add(bytes))
    }

    /// The position `bytes` before, or the beginning.
    #[must_use]
    pub const fn minus(self, bytes: u64) -> Self {
        Self(self.0.saturating_sub(bytes))
    }

    /// How many bytes lie between `earlier` and here; zero if it is not earlier.
    #[must_use]
    pub const fn since(self, earlier: Self) -> u64 {
        self.0.saturating_sub(earlier.0)
    }
}

/// Something that gives bytes at an offset. Reads may block; many threads may read at once.
pub trait Source: Send + Sync {
    /// How many bytes there were when the source was opened, or when it last grew; of what is made from other bytes, how
    /// many were made so far by whoever goes through it in order.
    fn len_bytes(&self) -> u64;

    /// Reads into `buffer` from `offset` on until it is full or the source ends; gives the number of bytes read.
    ///
    /// # Errors
    /// What the system says of a failed read.
    fn read_at(&self, offset: ByteOffset, buffer: &mut [u8]) -> io::Result<usize>;

    /// The same until `stop` says that nobody wants it any more: then a read that takes long ends with an error.
    ///
    /// # Errors
    /// As [`Source::read_at`].
    fn read_at_until(&self, offset: ByteOffset, buffer: &mut [u8], stop: &CancellationToken) -> io::Result<usize> {
        // Where nothing has to be made for it, it takes no longer than the system does.
        let _ = stop;
        self.read_at(offset, buffer)
    }

    /// Looks whether what lies behind has changed since it was opened, or since growth was taken in. May block.
    fn change(&self) -> Option<SourceChange>;

    /// Takes in that it has grown, or was written to, as [`Source::change`] said last: as it was then, it is as it should be
    /// from now on.
    fn grow(&self);

    /// All of it, from the beginning on. May block.
    fn in_order(self: Arc<Self>) -> Box<dyn InOrder>;

    /// Whether its bytes have to be made in order, which takes longer than to read them.
    fn is_made(&self) -> bool {
        false
    }

    /// Whether it is best gone through in order, by one thread and ahead of whoever looks: what has to be made, or comes over a
    /// network.
    fn goes_in_order(&self) -> bool {
        self.is_made() || self.far_bytes() > 0
    }

    /// The same until `stop` says that nobody wants it any more: then a read that waits for others ends with an error.
    fn in_order_until(self: Arc<Self>, stop: &CancellationToken) -> Box<dyn InOrder> {
        // Where nobody else is waited for, whoever reads it can stop between two reads.
        let _ = stop;
        self.in_order()
    }

    /// The same from `at` on, where it can be begun there and is gone through faster than by reads at its places.
    fn in_order_from(self: Arc<Self>, at: ByteOffset, stop: &CancellationToken) -> Option<Box<dyn InOrder>> {
        let _ = (at, stop);
        None
    }

    /// How much there is to be fetched over the network to go through it, in bytes; none where it is on this machine.
    fn far_bytes(&self) -> u64 {
        0
    }

    /// Says that nobody reads it any more: reads that wait for others end with an error.
    fn close(&self) {}

    /// How much of the disk it takes for a copy of its own, in bytes, if it has one.
    fn spooled_bytes(&self) -> Option<u64> {
        None
    }
}

/// What happened to a source since it was opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SourceChange {
    /// Bytes were added at its end; this is its length now.
    Grew(u64),
    /// It was cut short to this length.
    CutShort(u64),
    /// It has the same length, but was written to.
    Rewritten,
    /// It has the same length, and something was done to it that may have been to its bytes.
    Touched,
    /// Another file bears its name now; what is shown is the old one.
    Replaced,
    /// Some of it could not be read.
    Unreadable,
    /// It has another name now, and none bears its old one.
    Moved,
    /// Its name is gone; what is shown is still there until it is closed.
    Deleted,
}

impl SourceChange {
    /// What it means for bytes that are made from those that changed: lengths say nothing there.
    const fn of_what_lies_behind(self) -> Self {
        match self {
            Self::Grew(_) | Self::CutShort(_) => Self::Rewritten,
            other => other,
        }
    }
}

/// That what a packed file holds takes more of the disk than it may without the person being asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OverLimit {
    /// The most that it may take, in bytes.
    pub limit_bytes: u64,
    /// How much all of it takes: as the file says or, where it does not, by how much was unpacked of how much.
    pub wanted_bytes: u64,
    /// How much is free where it is copied to, with what the copy has taken by now, if the file system tells.
    pub free_bytes: Option<u64>,
}

/// Why a source could not be opened or read.
#[derive(Debug, thiserror::Error)]
#[expect(missing_docs, reason = "each message says what its fields are")]
pub enum SourceError {
    /// There is nothing of that name.
    #[error("There is no file {}", .path.display())]
    NotFound { path: PathBuf, source: io::Error },
    /// The system does not let this user read it.
    #[error("No permission to read {}", .path.display())]
    NoPermission { path: PathBuf, source: io::Error },
    /// It is something that can not be opened as a file.
    #[error("This is {what}, not a file: {}", .path.display())]
    NotAFile { what: &'static str, path: PathBuf },
    /// A part of its path is no folder.
    #[error("{} is a file and no folder, so there is nothing at {}", .file.display(), .path.display())]
    NotAFolder { file: PathBuf, path: PathBuf, source: io::Error },
    /// Its links lead to themselves.
    #[error("The links on this path lead in a circle: {}", .path.display())]
    LinkLoop { path: PathBuf, source: io::Error },
    /// The system failed in another way.
    #[error("Could not read {}", .path.display())]
    Unreadable { path: PathBuf, source: io::Error },
    /// It ended before the length that it had when it was opened.
    #[error("The file was cut short to {} while it was read: {}", crate::units::count(*.len_bytes, "byte"), .path.display())]
    CutShort { len_bytes: u64, path: PathBuf },
    /// What it holds is packed or encoded, and breaks off or is damaged.
    #[error("After {} of the file, {what}: {}", crate::units::bytes(.at.0), .path.display())]
    Broken { what: &'static str, at: ByteOffset, path: PathBuf },
    /// The copy of what it holds got too long.
    #[error(
        "Unpacked it takes some {} on disk, more than the limit of {}: {}",
        crate::units::bytes(.over.wanted_bytes), crate::units::bytes(.over.limit_bytes), .path.display()
    )]
    OverLimit { over: OverLimit, path: PathBuf },
    /// There is no place for a copy of what it holds.
    #[error("The unpacked copy could not be written for {}", .path.display())]
    NoSpool { path: PathBuf, source: io::Error },
    /// The system gave no thread.
    #[error("The system gave no thread to read with: {}", .path.display())]
    NoThread { path: PathBuf, source: io::Error },
    /// Nobody wants it any more.
    #[error("It was closed before it was read: {}", .path.display())]
    Closed { path: PathBuf },
    /// It is on a server, and could not be opened or read there.
    #[error(transparent)]
    Remote(#[from] RemoteError),
}

impl crate::jobs::Failure for SourceError {
    fn advice(&self) -> String {
        match self {
            Self::NotFound { .. } => "Check the path; the file may have been moved or deleted.",
            Self::NoPermission { .. } => "Ask its owner for the right to read it, or open a copy.",
            Self::NotAFile { what: "a folder", .. } => "Choose a file inside it.",
            Self::NotAFile { .. } => "Only regular files can be opened; save what it gives to a file first.",
            Self::NotAFolder { .. } => "Check the path: it leads through a file.",
            Self::LinkLoop { .. } => "Mend the link, or open the file that it should lead to.",
            Self::Unreadable { .. } => "Check that the disk or the network share is there, then retry.",
            Self::CutShort { .. } => "Something else is writing to it; open it again to see what is left.",
            Self::Broken { .. } => "What comes before that is shown. Fetch the file again from where it came.",
            Self::OverLimit { over, .. } => {
                let free = over.free_bytes.map(|free| format!("{} are free there. ", crate::units::bytes(free)));
                return free.unwrap_or_default() + "Unpack it anyway, or raise the limit in the settings.";
            }
            Self::NoSpool { .. } => "Make room in the folder for caches, then retry.",
            Self::NoThread { .. } => "Close some documents or other programs, then retry.",
            Self::Closed { .. } => "Open it again.",
            Self::Remote(error) => return crate::jobs::Failure::advice(error),
        }
        .into()
    }
}

impl SourceError {
    /// Whether it can be had, but only as a whole: by a download.
    #[must_use]
    pub const fn comes_only_whole(&self) -> bool {
        matches!(self, Self::Remote(RemoteError::NoParts { .. }))
    }

    /// What there is to ask the person, if that is why.
    #[must_use]
    pub const fn over_limit(&self) -> Option<OverLimit> {
        match self {
            Self::OverLimit { over, .. } => Some(*over),
            _ => None,
        }
    }

    /// What was the matter with reading the file at `path`.
    pub(crate) fn of_read(error: ReadError, path: &std::path::Path) -> Self {
        let path = address::shown_path(path);
        match error {
            ReadError::Remote(error) => Self::Remote(error),
            ReadError::System(source) => Self::Unreadable { path, source },
            ReadError::CutShort { len_bytes } => Self::CutShort { len_bytes, path },
            ReadError::Broken { what, at } => Self::Broken { what, at, path },
            ReadError::OverLimit(over) => Self::OverLimit { over, path },
            ReadError::Spool(source) => Self::NoSpool { path, source },
            ReadError::Stopped => Self::Closed { path },
        }
    }

    fn of(path: PathBuf, source: io::Error) -> Self {
        match source.kind() {
            io::ErrorKind::NotFound => Self::NotFound { path, source },
            io::ErrorKind::PermissionDenied => Self::NoPermission { path, source },
            io::ErrorKind::NotADirectory => Self::NotAFolder { file: local::file_in_the_way(&path), path, source },
            _ if Errno::from_io_error(&source) == Some(Errno::LOOP) => Self::LinkLoop { path, source },
            _ => Self::Unreadable { path, source },
        }
    }
}

/// Sources for tests.
#[cfg(test)]
pub(crate) mod testing {
    use super::in_order::Plain;
    use super::*;

    /// What `source` gives in blocks of this size, and how it ends if it breaks off.
    pub(crate) fn in_blocks(source: Arc<dyn Source>, block_bytes: usize) -> (Vec<u8>, Option<ReadError>) {
        let (mut pass, mut all, mut block) = (source.in_order(), Vec::new(), vec![0; block_bytes]);
        loop {
            match InOrder::read(pass.as_mut(), &mut block) {
                Ok(0) => return (all, None),
                Ok(read) => all.extend_from_slice(&block[..read]),
                Err(error) => return (all, Some(error)),
            }
        }
    }

    /// Bytes in memory.
    pub(crate) struct Bytes(pub(crate) Vec<u8>);

    impl Source for Bytes {
        fn len_bytes(&self) -> u64 {
            self.0.len() as u64
        }

        fn read_at(&self, offset: ByteOffset, buffer: &mut [u8]) -> io::Result<usize> {
            let rest = self.0.get(usize::try_from(offset.0).unwrap_or(usize::MAX)..).unwrap_or_default();
            buffer.iter_mut().zip(rest).for_each(|(to, from)| *to = *from);
            Ok(rest.len().min(buffer.len()))
        }

        fn change(&self) -> Option<SourceChange> {
            None
        }

        fn grow(&self) {}

        fn in_order(self: Arc<Self>) -> Box<dyn InOrder> {
            Box::new(Plain::new(self))
        }
    }
}
