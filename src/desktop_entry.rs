//! The entry by which a desktop's menu and file manager offer the program, and its icon: written for one person, where
//! the XDG Base Directory Specification says. Asked for on the command line alone, so it may block; one of the few places
//! that may use `std::fs`. It must not know egui, nor how anything is opened.

use std::fs;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::process::Stdio;

/// The entry as packages install it, with the program on the search path.
const ENTRY: &str = include_str!("../assets/antifreeze.desktop");
/// The icon, by the name that the entry has for it.
const ICON: &[u8] = include_bytes!("../assets/icon.svg");

/// What is to be done with the entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::Subcommand)]
pub enum EntryAct {
    /// Offer this program in the menu and for files in the file manager
    Install,
    /// Offer it no longer
    Remove,
}

/// Why the entry could not be written or removed.
#[derive(Debug, thiserror::Error)]
#[expect(missing_docs, reason = "each message says what its fields are")]
pub enum EntryError {
    /// The system has no such entries.
    #[error("Only Linux desktops have entries that can be installed so")]
    NotHere,
    /// There is no folder for it.
    #[error("There is no home folder to install it in; set HOME or XDG_DATA_HOME")]
    NoHome,
    /// Where the program is can not be told.
    #[error("The system does not tell where this program is")]
    NoProgram(#[source] io::Error),
    /// An entry is text of one line for each thing.
    #[error("An entry can not name this program, as its path is no plain text: {}", .path.display())]
    NoText { path: PathBuf },
    /// The system failed.
    #[error("Could not change {}", .path.display())]
    Unwritable { path: PathBuf, source: io::Error },
}

/// Does it for the person who runs the program; gives the files that were written or removed.
///
/// # Errors
/// When the system has no such entries, or the files can not be written or removed.
pub fn run(act: EntryAct) -> Result<Vec<PathBuf>, EntryError> {
    if cfg!(not(target_os = "linux")) {
        return Err(EntryError::NotHere);
    }
    let folders = directories::BaseDirs::new().ok_or(EntryError::NoHome)?;
    let files = Files::below(folders.data_dir());
    let changed = match act {
        EntryAct::Install => {
            let program = std::env::current_exe().map_err(EntryError::NoProgram)?;
            let entry = entry_for(&program)?;
            replace(&files.icon, ICON)?;
            replace(&files.entry, entry.as_bytes())?;
            vec![files.entry.clone(), files.icon]
        }
        EntryAct::Remove => {
            let removed = [files.entry.clone(), files.icon].into_iter().map(remove).collect::<Result<Vec<_>, _>>()?;
            removed.into_iter().flatten().collect()
        }
    };
    tell_desktop(&files.entry);
    Ok(changed)
}

/// Where the files of an entry are.
struct Files {
    entry: PathBuf,
    icon: PathBuf,
}

impl Files {
    fn below(data: &Path) -> Self {
        Self {
            entry: data.join("applications/antifreeze.desktop"),
            icon: data.join("icons/hicolor/scalable/apps/antifreeze.svg"),
        }
    }
}

/// The entry with the program where it is: it need not be on the search path.
fn entry_for(program: &Path) -> Result<String, EntryError> {
    let path = program.to_str().filter(|path| !path.contains(char::is_control));
    let path = path.ok_or_else(|| EntryError::NoText { path: program.to_owned() })?;
    let line = |line: &str| match line.split_once('=') {
        Some(("Exec", _)) => format!("Exec={} %F\n", quoted(path)),
        Some(("TryExec", _)) => format!("TryExec={}\n", path.replace('\\', r"\\")),
        _ => format!("{line}\n"),
    };
    Ok(ENTRY.lines().map(line).collect::<Vec<_>>().concat())
}

/// An argument of a command line, as the Desktop Entry Specification has it quoted: by a backslash, which the file itself
/// escapes by another one, and with each per cent sign doubled.
fn quoted(argument: &str) -> String {
    let mut quoted = String::from('"');
    for c in argument.chars() {
        match c {
            '\\' => quoted.push_str(r"\\\\"),
            '"' | '`' | '$' => quoted.extend(['\\', '\\', c]),
            '%' => quoted.push_str("%%"),
            c => quoted.push(c),
        }
    }
    quoted.push('"');
    quoted
}

/// Writes a file beside the one that may be there, and puts it in its place.
#[expect(clippy::disallowed_methods, reason = "the entry owns its files and the folders that they are in")]
fn replace(path: &Path, bytes: &[u8]) -> Result<(), EntryError> {
    let folder = path.parent().unwrap_or(path);
    let written = fs::create_dir_all(folder).and_then(|()| {
        let mut file = tempfile::NamedTempFile::new_in(folder)?;
        file.write_all(bytes)?;
        file.persist(path).map_err(|error| error.error)
    });
    written.map(drop).map_err(|source| EntryError::Unwritable { path: path.to_owned(), source })
}

/// Removes a file, if it is there; gives its path if it was.
#[expect(clippy::disallowed_methods, reason = "the entry owns its files")]
fn remove(path: PathBuf) -> Result<Option<PathBuf>, EntryError> {
    match fs::remove_file(&path) {
        Ok(()) => Ok(Some(path)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(source) => Err(EntryError::Unwritable { path, source }),
    }
}

/// Has the list anew of what opens which kind of file; desktops without it look for themselves.
fn tell_desktop(entry: &Path) {
    let quiet = std::process::Command::new("update-desktop-database")
        .arg("-q")
        .arg(entry.parent().unwrap_or(entry))
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status();
    if let Err(error) = quiet {
        tracing::debug!(%error, "the list of what opens which file was not made anew");
    }
}

#[cfg(test)]
#[expect(clippy::disallowed_methods, reason = "what was written is looked at")]
mod tests {
    use super::*;

    #[test]
    fn a_program_is_named_so_that_a_desktop_starts_it_wherever_it_is() {
        let entry = entry_for(Path::new("/opt/a b/100% \"$x\"\\antifreeze")).unwrap();
        assert!(entry.contains("\nExec=\"/opt/a b/100%% \\\\\"\\\\$x\\\\\"\\\\\\\\antifreeze\" %F\n"), "{entry}");
        assert!(entry.contains("\nTryExec=/opt/a b/100% \"$x\"\\\\antifreeze\n"), "{entry}");
        assert_eq!(entry.lines().count(), ENTRY.lines().count());
        assert!(matches!(entry_for(Path::new("/opt/a\nb")), Err(EntryError::NoText { .. })));
    }

    #[test]
    fn what_is_there_is_replaced_and_what_is_not_is_no_trouble_to_remove() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("below/it/entry");
        replace(&path, b"one").unwrap();
        replace(&path, b"two").unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"two");
        assert_eq!(path.parent().unwrap().read_dir().unwrap().count(), 1, "something is left beside it");
        assert_eq!(remove(path.clone()).unwrap(), Some(path.clone()));
        assert_eq!(remove(path).unwrap(), None);
    }
}
