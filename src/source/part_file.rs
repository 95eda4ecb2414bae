//! A file that is being written under a name that says so, and gets its final name only when all of it is on disk.
//! Dropped before that, it is removed. Used by jobs on the blocking pool; one of the few places that may use `std::fs`.

use std::fs::{File, OpenOptions};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use rustix::fs::{CWD, RenameFlags, renameat_with};

use super::file_name::numbered;
use super::local::{file_in_the_way, free_bytes};
use crate::jobs::{Failure, spawn_named};
use crate::units;

/// After so many taken names something else is wrong.
const MAX_NUMBER: u32 = 9_999;

/// Where a file is to go.
#[derive(Clone, Debug)]
pub enum Target {
    /// To this very name, or nowhere.
    Exactly(PathBuf),
    /// Into this folder, under the first free name like this one.
    #[expect(missing_docs, reason = "said above")]
    Folder { folder: PathBuf, name: String },
}

/// The unfinished file.
#[derive(Debug)]
pub struct PartFile {
    file: File,
    path: PathBuf,
    target: Target,
    /// Which of the numbered names of the target is meant.
    number: u32,
    keep: bool,
}

impl Target {
    /// `output` if it is given, be it a file or a folder that is there, else `suggested` in `folder`. May block.
    #[must_use]
    #[expect(clippy::disallowed_methods, reason = "part files are where it is seen where to write")]
    pub fn new(output: Option<&Path>, folder: &Path, suggested: String) -> Self {
        match output {
            Some(output) if output.is_dir() => Self::Folder { folder: output.to_owned(), name: suggested },
            Some(output) => Self::Exactly(output.to_owned()),
            None => Self::Folder { folder: folder.to_owned(), name: suggested },
        }
    }

    fn path(&self, number: u32) -> PathBuf {
        match self {
            Self::Exactly(path) => path.clone(),
            Self::Folder { folder, name } => folder.join(numbered(name, number)),
        }
    }

    const fn last_number(&self) -> u32 {
        match self {
            Self::Exactly(_) => 0,
            Self::Folder { .. } => MAX_NUMBER,
        }
    }
}

impl PartFile {
    /// Creates the unfinished file beside the first name of `target` that is free.
    ///
    /// # Errors
    /// When the name that was asked for is taken, or the folder can not be written to.
    #[expect(clippy::disallowed_methods, reason = "part files are where downloads are written")]
    pub fn create(target: Target) -> Result<Self, WriteError> {
        let mut refusal = WriteError::TargetExists { path: target.path(0) };
        for number in 0..=target.last_number() {
            let wanted = target.path(number);
            if wanted.symlink_metadata().is_ok() {
                continue;
            }
            let path = part_of(&wanted);
            match OpenOptions::new().write(true).create_new(true).open(&path) {
                Ok(file) => return Ok(Self { file, path, target, number, keep: false }),
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
                    refusal = WriteError::PartExists { part: path };
                }
                Err(source) if source.kind() == io::ErrorKind::NotFound => {
                    return Err(WriteError::NoFolder { folder: path.parent().unwrap_or(&path).to_owned(), source });
                }
                Err(error) => return Err(WriteError::of(error, path)),
            }
        }
        Err(refusal)
    }

    /// Looks whether so much can be written.
    ///
    /// # Errors
    /// When there is no room for so much.
    pub fn check_room(&self, bytes: u64) -> Result<(), WriteError> {
        match free_bytes(&self.file) {
            Some(free) if bytes > free => Err(WriteError::NoRoom {
                wanted: units::bytes(bytes),
                free: units::bytes(free),
                path: self.path.clone(),
            }),
            _ => Ok(()),
        }
    }

    /// Where it is until it is whole.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The name that it will have, unless another file takes it meanwhile; `None` if it is no text.
    #[must_use]
    pub fn name(&self) -> Option<String> {
        Some(self.target.path(self.number).file_name()?.to_str()?.to_owned())
    }

    /// Appends a block.
    ///
    /// # Errors
    /// When the disk is full or fails.
    pub fn write(&mut self, block: &[u8]) -> Result<(), WriteError> {
        self.file.write_all(block).map_err(|error| WriteError::of(error, self.path.clone()))
    }

    /// Makes sure that all of it is on disk, which may take long; it can still be given up afterwards.
    ///
    /// # Errors
    /// When the disk is full or fails.
    pub fn sync(&self) -> Result<(), WriteError> {
        self.file.sync_all().map_err(|error| WriteError::of(error, self.path.clone()))
    }

    /// Makes sure that all of it is on disk, then gives it its final name, which it never takes from another file.
    ///
    /// # Errors
    /// When the disk fails, or the name that was asked for is taken by now; the whole file is then kept as it is.
    pub fn commit(mut self) -> Result<PathBuf, WriteError> {
        self.sync()?;
        // From here on it is whole: whatever happens to its name, it is not thrown away.
        self.keep = true;
        let path = self.commit_unsynced()?;
        if let Err(error) = sync_folder_of(&path) {
            tracing::warn!(%error, path = %path.display(), "the folder of a finished file could not be synced");
        }
        Ok(path)
    }

    /// [`PartFile::commit`] for what can be made again: the system may keep it in memory for a while.
    ///
    /// # Errors
    /// As [`PartFile::commit`].
    pub fn commit_unsynced(mut self) -> Result<PathBuf, WriteError> {
        for number in self.number..=self.target.last_number() {
            let wanted = self.target.path(number);
            match rename_without_replacing(&self.path, &wanted) {
                Ok(()) => {
                    self.keep = true;
                    return Ok(wanted);
                }
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
                Err(source) if self.keep && self.path.symlink_metadata().is_ok() => {
                    return Err(WriteError::NotRenamed { wanted, kept: self.path.clone(), source });
                }
                Err(error) => return Err(WriteError::of(error, wanted)),
            }
        }
        self.keep = true;
        Err(WriteError::TargetAppeared { kept: self.path.clone() })
    }
}

impl Drop for PartFile {
    #[expect(clippy::disallowed_methods, reason = "part files are where downloads are written")]
    fn drop(&mut self) {
        if self.keep {
            return;
        }
        if let Err(error) = std::fs::remove_file(&self.path) {
            tracing::warn!(%error, path = %self.path.display(), "an unfinished download could not be removed");
        }
        // The name is gone at once, but the system takes a tenth of a second a gigabyte for the rest: no job waits for it.
        if let Ok(last) = self.file.try_clone() {
            let _ = spawn_named("gives back space", move || drop(last));
        }
    }
}

/// Why a file could not be written.
#[derive(Debug, thiserror::Error)]
#[expect(missing_docs, reason = "each message says what its fields are")]
pub enum WriteError {
    /// The name that was asked for is taken.
    #[error("There is already a file {}", .path.display())]
    TargetExists { path: PathBuf },
    /// The file is whole, but another one has taken its name meanwhile.
    #[error("Another file took the name meanwhile. What was written is whole, in {}", .kept.display())]
    TargetAppeared { kept: PathBuf },
    /// The name that it has until it is whole is taken.
    #[error("Another job may be writing this file, or one that was ended has left a part of it: {}", .part.display())]
    PartExists { part: PathBuf },
    /// The file is whole, but does not get its name.
    #[error("Could not name it {}. What was written is whole, in {}", .wanted.display(), .kept.display())]
    NotRenamed { wanted: PathBuf, kept: PathBuf, source: io::Error },
    /// The disk is full.
    #[error("The disk is full: {}", .path.display())]
    DiskFull { path: PathBuf, source: io::Error },
    /// It would not fit on the disk.
    #[error("{wanted} are to be written where there is room for {free}: {}", .path.display())]
    NoRoom { wanted: String, free: String, path: PathBuf },
    /// The folder is not there.
    #[error("There is no folder {}", .folder.display())]
    NoFolder { folder: PathBuf, source: io::Error },
    /// A part of the path is no folder.
    #[error("What should be a folder is a file: {}", .file.display())]
    NotAFolder { file: PathBuf, source: io::Error },
    /// The file system takes no name of this length.
    #[error("The name is too long, with the .part that it has until the file is whole: {}", .path.display())]
    NameTooLong { path: PathBuf, source: io::Error },
    /// The file has got as large as the system lets this process, or the file system lets any file, become.
    #[error("A file can not become larger here: {}", .path.display())]
    TooLarge { path: PathBuf, source: io::Error },
    /// The target can not be written.
    #[error("Could not write {}", .path.display())]
    Unwritable { path: PathBuf, source: io::Error },
}

impl WriteError {
    fn of(source: io::Error, path: PathBuf) -> Self {
        match source.kind() {
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => Self::DiskFull { path, source },
            io::ErrorKind::AlreadyExists => Self::TargetExists { path },
            io::ErrorKind::NotADirectory => Self::NotAFolder { file: file_in_the_way(&path), source },
            io::ErrorKind::InvalidFilename => Self::NameTooLong { path, source },
            io::ErrorKind::FileTooLarge => Self::TooLarge { path, source },
            _ => Self::Unwritable { path, source },
        }
    }
}

impl Failure for WriteError {
    fn advice(&self) -> String {
        match self {
            Self::TargetExists { .. } => "Choose another name; nothing is ever overwritten.",
            Self::PartExists { .. } => {
                "Choose another name, or wait for that job; what is left of one that was ended may be deleted."
            }
            Self::TargetAppeared { .. } | Self::NotRenamed { .. } => "Rename it to what you like.",
            Self::DiskFull { .. } | Self::NoRoom { .. } => "Make room or choose another folder, then retry.",
            Self::NoFolder { .. } => "Make it, or choose a folder that is there, then retry.",
            Self::NotAFolder { .. } => "Choose a path that leads through folders alone, then retry.",
            Self::NameTooLong { .. } => "Choose a shorter name, then retry.",
            Self::TooLarge { .. } => {
                "Raise the limit on the size of files (ulimit -f), or choose another disk, then retry."
            }
            Self::Unwritable { .. } => "Choose a folder that you may write to, then retry.",
        }
        .into()
    }
}

fn part_of(path: &Path) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(".part");
    name.into()
}

#[expect(clippy::disallowed_methods, reason = "part files are where downloads are written")]
fn rename_without_replacing(from: &Path, to: &Path) -> io::Result<()> {
    match renameat_with(CWD, from, CWD, to, RenameFlags::NOREPLACE) {
        Ok(()) => Ok(()),
        // Some file systems do not know the flag; a hard link does not replace either.
        Err(rustix::io::Errno::INVAL | rustix::io::Errno::NOSYS | rustix::io::Errno::NOTSUP) => {
            std::fs::hard_link(from, to)?;
            std::fs::remove_file(from)
        }
        Err(error) => Err(error.into()),
    }
}

#[expect(clippy::disallowed_methods, reason = "part files are where downloads are written")]
fn sync_folder_of(path: &Path) -> io::Result<()> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    File::open(folder)?.sync_all()
}

#[cfg(test)]
#[expect(clippy::disallowed_methods, reason = "tests make their own files")]
mod tests {
    use super::*;

    fn into(folder: &Path) -> Target {
        Target::new(None, folder, "a.txt".into())
    }

    #[test]
    fn two_downloads_of_one_name_get_two_names() {
        let folder = tempfile::tempdir().unwrap();
        let mut first = PartFile::create(into(folder.path())).unwrap();
        let second = PartFile::create(into(folder.path())).unwrap();
        first.write(b"first").unwrap();
        assert_eq!(second.commit().unwrap(), folder.path().join("a (1).txt"));
        assert_eq!(first.commit().unwrap(), folder.path().join("a.txt"));
        assert_eq!(std::fs::read(folder.path().join("a.txt")).unwrap(), b"first");
    }

    #[test]
    fn a_name_that_is_taken_meanwhile_is_not_overwritten() {
        let folder = tempfile::tempdir().unwrap();
        let taken = folder.path().join("a.txt");
        let part = PartFile::create(into(folder.path())).unwrap();
        std::fs::write(&taken, b"theirs").unwrap();
        assert_eq!(part.commit().unwrap(), folder.path().join("a (1).txt"));

        let exact = folder.path().join("b.txt");
        let part = PartFile::create(Target::Exactly(exact.clone())).unwrap();
        std::fs::write(&exact, b"theirs").unwrap();
        let error = part.commit().unwrap_err();
        assert!(matches!(&error, WriteError::TargetAppeared { kept } if kept.exists()), "{error}");
        assert_eq!(std::fs::read(&exact).unwrap(), b"theirs");
        assert!(matches!(PartFile::create(Target::Exactly(exact)), Err(WriteError::TargetExists { .. })));
    }

    #[test]
    fn what_is_whole_but_gets_no_name_is_kept_and_said_where() {
        let folder = tempfile::tempdir().unwrap();
        let mut part = PartFile::create(into(folder.path())).unwrap();
        part.write(b"whole").unwrap();
        part.target = Target::Exactly(folder.path().join("gone/a.txt"));
        let kept = part.path.clone();
        let error = part.commit().unwrap_err();
        assert!(error.to_string().contains(kept.to_str().unwrap()), "does not say where it is: {error}");
        assert_eq!(std::fs::read(kept).unwrap(), b"whole");
    }

    #[test]
    fn what_is_dropped_unfinished_leaves_nothing() {
        let folder = tempfile::tempdir().unwrap();
        drop(PartFile::create(into(folder.path())).unwrap());
        assert_eq!(folder.path().read_dir().unwrap().count(), 0);
    }
}
