//! What comes back after a restart, as a file: written beside the old one, synced and renamed, by a thread of its own, so
//! that a crash leaves the old or the new and a dead disk stops nobody. One of the few places that may use `std::fs`.
//!
//! It must not know what the state is of: to it, it is text.

use std::fs::{self, File};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, SyncSender, TrySendError, sync_channel};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use crate::jobs::spawn_named;

/// How long the end of the program waits for the last state.
const FINISH_LIMIT: Duration = Duration::from_millis(300);

/// The state of one program, which it reads once and writes whenever it has changed; by default nowhere.
#[derive(Default)]
pub struct StateFile {
    path: PathBuf,
    found: Option<String>,
    trouble: Option<String>,
    written: String,
    writer: Option<Writer>,
}

struct Writer {
    /// One may wait: it is the latest but for what comes while a disk is slow, and that comes again.
    texts: SyncSender<String>,
    thread: JoinHandle<()>,
}

impl StateFile {
    /// The state that is kept in `path`. Blocks; to be called before there is a window.
    #[must_use]
    pub fn at(path: PathBuf) -> Self {
        let (found, trouble) = match read(&path) {
            Ok(found) => (found, None),
            Err(error) => {
                (None, Some(format!("What was open last could not be read from {}: {error}", path.display())))
            }
        };
        let (texts, waiting) = sync_channel(1);
        let writer = match spawn_named("state", {
            let path = path.clone();
            move || write_all(&path, &waiting)
        }) {
            Ok(thread) => Some(Writer { texts, thread }),
            Err(error) => {
                tracing::warn!(%error, "the state will not be kept");
                None
            }
        };
        Self { path, found, trouble, written: String::new(), writer }
    }

    /// What was kept, once.
    pub fn take(&mut self) -> Option<String> {
        self.found.take()
    }

    /// What went wrong with reading it, once, as a sentence without its stop.
    pub fn take_trouble(&mut self) -> Option<String> {
        self.trouble.take()
    }

    /// Says that what was kept makes no sense to the program: it is put aside, and told. Blocks, as [`StateFile::at`].
    #[expect(clippy::disallowed_methods, reason = "what cannot be read is kept for who can")]
    pub fn refuse(&mut self, why: &str) {
        let aside = self.path.with_extension("unreadable");
        let where_to = match fs::rename(&self.path, &aside) {
            Ok(()) => format!("it is kept in {}", aside.display()),
            Err(error) => format!("nor put aside: {error}"),
        };
        self.trouble = Some(format!("What was open last could not be understood ({why}); {where_to}"));
    }

    /// Has `text` kept if it is another than the last time. Never waits: while the disk is slow, a later call does it.
    pub fn keep(&mut self, text: String) {
        let Some(writer) = &self.writer else { return };
        if text == self.written {
            return;
        }
        match writer.texts.try_send(text.clone()) {
            Ok(()) => self.written = text,
            Err(TrySendError::Full(_)) => {}
            Err(TrySendError::Disconnected(_)) => self.writer = None,
        }
    }

    /// Has `text` kept as the last one, and waits a moment for it.
    pub fn finish(&mut self, text: String) {
        let limit = Instant::now() + FINISH_LIMIT;
        // A disk that stalls must not hold up the end of the program.
        let wait = || {
            std::thread::park_timeout(Duration::from_millis(2));
            Instant::now() < limit
        };
        loop {
            self.keep(text.clone());
            if self.written == text || self.writer.is_none() || !wait() {
                break;
            }
        }
        let Some(Writer { texts, thread }) = self.writer.take() else { return };
        drop(texts);
        while !thread.is_finished() && wait() {}
    }
}

#[expect(clippy::disallowed_methods, reason = "a small file, read before there is a window")]
fn read(path: &Path) -> io::Result<Option<String>> {
    match fs::read_to_string(path) {
        Ok(text) => Ok(Some(text)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

fn write_all(path: &Path, texts: &Receiver<String>) {
    while let Ok(text) = texts.recv() {
        if let Err(error) = write(path, &text) {
            tracing::warn!(%error, path = %path.display(), "what is open could not be kept");
        }
    }
}

#[expect(clippy::disallowed_methods, reason = "the one file that is replaced, whole by whole")]
fn write(path: &Path, text: &str) -> io::Result<()> {
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder)?;
    }
    let beside = path.with_extension("new");
    let mut file = File::create(&beside)?;
    file.write_all(text.as_bytes())?;
    file.sync_all()?;
    fs::rename(&beside, path)
}

#[cfg(test)]
#[expect(clippy::disallowed_methods, reason = "tests make their own files")]
mod tests {
    use super::*;

    #[test]
    fn the_last_state_comes_back_and_one_that_was_cut_is_never_seen() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("below/state.json");
        let mut state = StateFile::at(path.clone());
        assert_eq!((state.take(), state.take_trouble()), (None, None));
        state.keep("one".into());
        state.finish("two".into());
        // A disk that is slow is waited for so long and no longer, and is done with it later.
        let deadline = Instant::now() + Duration::from_secs(20);
        while fs::read_to_string(&path).ok().as_deref() != Some("two") {
            assert!(Instant::now() < deadline, "the last state was never written");
            std::thread::park_timeout(Duration::from_millis(5));
        }
        assert!(!path.with_extension("new").exists());
        let mut state = StateFile::at(path.clone());
        assert_eq!(state.take().as_deref(), Some("two"));
        state.refuse("it is no object");
        assert!(state.take_trouble().is_some_and(|trouble| trouble.contains("state.unreadable")));
        assert_eq!(fs::read_to_string(path.with_extension("unreadable")).unwrap(), "two");
    }

    #[test]
    fn a_state_that_can_not_be_read_is_told() {
        let folder = tempfile::tempdir().unwrap();
        let mut state = StateFile::at(folder.path().to_owned());
        assert_eq!(state.take(), None);
        assert!(state.take_trouble().is_some_and(|trouble| trouble.contains("could not be read")));
    }
}
