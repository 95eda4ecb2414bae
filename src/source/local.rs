//! A file on this machine's file systems, read at offsets: no memory maps, as a mapped file that is cut short kills the
//! process. One of the few places that may use `std::fs`.

use std::fs::{File, Metadata, OpenOptions};
use std::io::{self, Read as _};
use std::os::unix::fs::{FileExt as _, FileTypeExt as _, MetadataExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::SystemTime;

use parking_lot::Mutex;

use super::in_order::Plain;
use super::{ByteOffset, InOrder, Source, SourceChange, SourceError};

/// Files that lie about their size, such as those of `/proc` and `/sys`, say that they are no larger than this.
const SMALL_BYTES: u64 = 4 << 10;
/// The most that is read of such a file.
const SIZELESS_LIMIT_BYTES: u64 = 16 << 20;

/// A regular file, held open.
#[derive(Debug)]
pub struct LocalFile {
    path: PathBuf,
    content: Content,
    /// What belongs to it, and what was seen of it since.
    known: Mutex<Known>,
}

#[derive(Debug)]
struct Known {
    len_bytes: u64,
    touched: Touched,
    /// The length that it has grown to, and when it was written to by then.
    grown: Option<(u64, Touched)>,
}

/// When something was done to a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Touched {
    /// When its bytes were written to; whoever writes may set that back.
    modified: Option<SystemTime>,
    /// When anything was done to it, in seconds and nanoseconds.
    changed: (i64, i64),
}

impl Touched {
    fn of(metadata: &Metadata) -> Self {
        Self { modified: metadata.modified().ok(), changed: (metadata.ctime(), metadata.ctime_nsec()) }
    }
}

#[derive(Debug)]
enum Content {
    OnDisk(File),
    /// What a file that lies about its size gave when it was read to its end.
    Sizeless(Vec<u8>),
}

impl LocalFile {
    /// Opens the file at `path`. May block.
    ///
    /// # Errors
    /// When there is none, it may not be read, or it is not a regular file: opening a pipe without a writer would hang,
    /// and a device may have no end.
    #[expect(clippy::disallowed_methods, reason = "the local source is where files are opened")]
    pub fn open(path: &Path) -> Result<Self, SourceError> {
        let failed = |source| SourceError::of(path.to_owned(), source);
        require_regular(path, &std::fs::metadata(path).map_err(failed)?)?;
        // Between the look and the opening a pipe may take the file's place; non-blocking, it does no harm.
        let nonblocking = i32::try_from(rustix::fs::OFlags::NONBLOCK.bits()).unwrap_or(0);
        let file = OpenOptions::new().read(true).custom_flags(nonblocking).open(path).map_err(failed)?;
        let opened = file.metadata().map_err(failed)?;
        require_regular(path, &opened)?;
        // One byte shows what a failing disk or a missing right has to say.
        file.read_at(&mut [0], 0).map_err(failed)?;
        let mut bytes = Vec::new();
        if opened.len() <= SMALL_BYTES {
            (&file).take(SIZELESS_LIMIT_BYTES).read_to_end(&mut bytes).map_err(failed)?;
        }
        if bytes.len() as u64 == SIZELESS_LIMIT_BYTES {
            return Err(SourceError::NotAFile { what: "a file without an end", path: path.to_owned() });
        }
        let lies = opened.len() <= SMALL_BYTES && bytes.len() as u64 != opened.len();
        let same = file.metadata().map_err(failed)?.len() == opened.len();
        let content = if lies && same { Content::Sizeless(bytes) } else { Content::OnDisk(file) };
        let known = Known { len_bytes: opened.len(), touched: Touched::of(&opened), grown: None };
        Ok(Self { path: path.to_owned(), content, known: Mutex::new(known) })
    }

    /// Where it was opened.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }
}

impl Source for LocalFile {
    fn len_bytes(&self) -> u64 {
        match &self.content {
            Content::OnDisk(_) => self.known.lock().len_bytes,
            Content::Sizeless(bytes) => bytes.len() as u64,
        }
    }

    fn read_at(&self, offset: ByteOffset, buffer: &mut [u8]) -> io::Result<usize> {
        match &self.content {
            Content::OnDisk(file) => read_full(file, offset, buffer),
            Content::Sizeless(bytes) => {
                let start = usize::try_from(offset.0).unwrap_or(usize::MAX).min(bytes.len());
                let rest = bytes.get(start..).unwrap_or_default();
                let count = rest.len().min(buffer.len());
                for (to, from) in buffer.iter_mut().zip(rest) {
                    *to = *from;
                }
                Ok(count)
            }
        }
    }

    #[expect(clippy::disallowed_methods, reason = "the local source is where files are looked at")]
    fn change(&self) -> Option<SourceChange> {
        let Content::OnDisk(file) = &self.content else { return None };
        let now = file.metadata().ok()?;
        match std::fs::metadata(&self.path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound && now.nlink() > 0 => {
                return Some(SourceChange::Moved);
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Some(SourceChange::Deleted),
            Ok(named) if (named.dev(), named.ino()) != (now.dev(), now.ino()) => return Some(SourceChange::Replaced),
            _ => {}
        }
        let mut known = self.known.lock();
        if now.len() < known.len_bytes {
            return Some(SourceChange::CutShort(now.len()));
        }
        let touched = Touched::of(&now);
        known.grown = Some((now.len(), touched));
        if now.len() > known.len_bytes {
            return Some(SourceChange::Grew(now.len()));
        }
        if touched.modified != known.touched.modified {
            return Some(SourceChange::Rewritten);
        }
        (touched != known.touched).then_some(SourceChange::Touched)
    }

    fn grow(&self) {
        let mut known = self.known.lock();
        if let Some((len_bytes, touched)) = known.grown.take() {
            (known.len_bytes, known.touched) = (len_bytes, touched);
        }
    }

    fn in_order(self: Arc<Self>) -> Box<dyn InOrder> {
        Box::new(Plain::new(self))
    }
}

/// How much may still be written to the file system that `file` is on, in bytes; some do not tell. May block.
pub(super) fn free_bytes(file: &File) -> Option<u64> {
    let disk = rustix::fs::fstatvfs(file).ok().filter(|disk| disk.f_blocks > 0)?;
    let blocks = if rustix::process::geteuid().is_root() { disk.f_bfree } else { disk.f_bavail };
    Some(blocks.saturating_mul(disk.f_frsize))
}

/// What stands in the way to `path`: the outermost of what should be its folders that is none. May block.
#[expect(clippy::disallowed_methods, reason = "the local source is where files are looked at")]
pub(super) fn file_in_the_way(path: &Path) -> PathBuf {
    let folders = path.ancestors().skip(1).filter(|folder| !folder.as_os_str().is_empty());
    let no_folder = |folder: &&Path| folder.metadata().is_ok_and(|metadata| !metadata.is_dir());
    folders.filter(no_folder).last().unwrap_or(path).to_owned()
}

pub(super) fn read_full(file: &File, offset: ByteOffset, buffer: &mut [u8]) -> io::Result<usize> {
    let mut filled = 0;
    while let Some(rest) = buffer.get_mut(filled..).filter(|rest| !rest.is_empty()) {
        match file.read_at(rest, offset.0 + filled as u64) {
            Ok(0) => break,
            Ok(count) => filled += count,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(filled)
}

fn require_regular(path: &Path, metadata: &Metadata) -> Result<(), SourceError> {
    let kind = metadata.file_type();
    let what = if kind.is_file() {
        return Ok(());
    } else if kind.is_dir() {
        "a folder"
    } else if kind.is_fifo() {
        "a pipe"
    } else if kind.is_socket() {
        "a socket"
    } else if kind.is_char_device() || kind.is_block_device() {
        "a device"
    } else {
        "something special"
    };
    Err(SourceError::NotAFile { what, path: path.to_owned() })
}

#[cfg(test)]
#[expect(clippy::disallowed_methods, reason = "tests make their own files")]
mod tests {
    use std::io::Write as _;

    use super::*;
    use crate::jobs::Failure as _;

    #[test]
    fn what_is_not_a_regular_file_is_refused_by_name_and_at_once() {
        let folder = tempfile::tempdir().unwrap();
        let pipe = folder.path().join("pipe");
        rustix::fs::mknodat(rustix::fs::CWD, &pipe, rustix::fs::FileType::Fifo, 0o600.into(), 0).unwrap();
        let socket = folder.path().join("socket");
        let _listener = std::os::unix::net::UnixListener::bind(&socket).unwrap();
        for (path, words) in [
            (folder.path(), "a folder"),
            (pipe.as_path(), "a pipe"),
            (socket.as_path(), "a socket"),
            (Path::new("/dev/zero"), "a device"),
        ] {
            let message = LocalFile::open(path).unwrap_err().to_string();
            assert!(message.contains(words), "{message}");
        }
        let missing = LocalFile::open(&folder.path().join("missing")).unwrap_err();
        assert!(matches!(missing, SourceError::NotFound { .. }));
    }

    #[test]
    fn a_path_that_leads_through_a_file_or_in_a_circle_is_told_as_that() {
        let folder = tempfile::tempdir().unwrap();
        let (file, link) = (folder.path().join("file"), folder.path().join("link"));
        std::fs::write(&file, b"").unwrap();
        std::os::unix::fs::symlink(&link, &link).unwrap();
        for path in [file.join("inner"), file.join("folder/inner")] {
            let message = LocalFile::open(&path).unwrap_err().to_string();
            let (file, path) = (file.display(), path.display());
            assert_eq!(message, format!("{file} is a file and no folder, so there is nothing at {path}"));
        }
        let looped = LocalFile::open(&link).unwrap_err();
        assert!(matches!(looped, SourceError::LinkLoop { .. }), "{looped}");
        for error in [LocalFile::open(&file.join("inner")).unwrap_err(), looped] {
            assert!(!error.advice().contains("disk"), "{}", error.advice());
        }
    }

    #[test]
    #[cfg(target_os = "linux")]
    fn a_file_that_says_size_0_is_read_to_its_end() {
        let file = LocalFile::open(Path::new("/proc/self/status")).unwrap();
        assert!(file.len_bytes() > 100);
        let mut start = [0; 5];
        assert_eq!(file.read_at(ByteOffset(0), &mut start).unwrap(), 5);
        assert_eq!(&start, b"Name:");
    }

    #[test]
    fn a_file_that_is_written_to_and_stays_as_long_is_told_whatever_its_times_say() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("log");
        std::fs::write(&path, b"one").unwrap();
        let written = OpenOptions::new().write(true).open(&path).unwrap();
        let long_ago = SystemTime::UNIX_EPOCH;
        written.set_modified(long_ago).unwrap();
        let file = LocalFile::open(&path).unwrap();
        assert_eq!(file.change(), None);
        written.write_all_at(b"two", 0).unwrap();
        assert_eq!(file.change(), Some(SourceChange::Rewritten));
        file.grow();
        assert_eq!(file.change(), None);
        let file = LocalFile::open(&path).unwrap();
        // A file's clock has steps of some milliseconds.
        while file.change().is_none() {
            written.set_modified(long_ago).unwrap();
            written.set_modified(file_time(&file)).unwrap();
        }
        assert_eq!(file.change(), Some(SourceChange::Touched));
    }

    fn file_time(file: &LocalFile) -> SystemTime {
        file.known.lock().touched.modified.unwrap()
    }

    #[test]
    fn what_happens_to_an_open_file_is_told() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("log");
        let other = folder.path().join("other");
        std::fs::write(&path, b"one\ntwo\n").unwrap();
        std::fs::write(&other, b"another").unwrap();
        let file = LocalFile::open(&path).unwrap();
        assert_eq!(file.change(), None);
        OpenOptions::new().append(true).open(&path).unwrap().write_all(b"three\n").unwrap();
        assert_eq!((file.change(), file.len_bytes()), (Some(SourceChange::Grew(14)), 8));
        file.grow();
        assert_eq!((file.change(), file.len_bytes()), (None, 14));
        OpenOptions::new().write(true).open(&path).unwrap().set_len(3).unwrap();
        assert_eq!(file.change(), Some(SourceChange::CutShort(3)));
        let mut buffer = [0; 8];
        assert_eq!(file.read_at(ByteOffset(0), &mut buffer).unwrap(), 3);

        let file = LocalFile::open(&path).unwrap();
        let moved = folder.path().join("log.1");
        std::fs::rename(&path, &moved).unwrap();
        assert_eq!(file.change(), Some(SourceChange::Moved));
        std::fs::rename(&moved, &path).unwrap();
        std::fs::rename(&other, &path).unwrap();
        assert_eq!(file.change(), Some(SourceChange::Replaced));
        std::fs::remove_file(&path).unwrap();
        assert_eq!(file.change(), Some(SourceChange::Deleted));
    }
}
