//! What the desktop does for the program: file dialogs, its file manager, its notifications. All of it is awaited
//! beside the UI thread, never on it. It must not know egui.

use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::{Duration, Instant};

use poll_promise::Promise;
use tokio::runtime::Handle;

use crate::jobs::Wake;

/// A dialog that comes back sooner was never seen by anybody: a desktop without dialogs answers as if it was cancelled.
const UNSEEN: Duration = Duration::from_millis(400);

/// What came of a file dialog.
#[derive(Debug)]
pub enum Chosen {
    /// These files.
    Files(Vec<PathBuf>),
    /// The person closed it.
    Nothing,
    /// There is no dialog to be had here.
    NoDialog,
}

/// Lets the person choose files.
pub fn choose_files(runtime: &Handle, wake: Wake) -> Promise<Chosen> {
    let (sender, promise) = Promise::new();
    // On macOS the dialog has to be made on this thread; it is awaited elsewhere.
    let dialog = rfd::AsyncFileDialog::new().set_title("Open files").pick_files();
    runtime.spawn(async move {
        let asked = Instant::now();
        let chosen = match dialog.await {
            Some(files) => Chosen::Files(files.iter().map(|file| file.path().to_owned()).collect()),
            None if asked.elapsed() < UNSEEN => Chosen::NoDialog,
            None => Chosen::Nothing,
        };
        sender.send(chosen);
        wake();
    });
    promise
}

/// Shows the folder of `path` in the system's file manager. Gives what to tell the person if there is none that can be
/// started; nothing at all, if there is no thread to start it.
pub fn reveal(path: &Path, wake: Wake) -> Option<Promise<Option<String>>> {
    let folder = path.parent().unwrap_or(path).to_owned();
    let trouble = format!("No file manager could be started: the file is {}", path.display());
    let (sender, promise) = Promise::new();
    let started = beside("reveal", move || {
        let opener = if cfg!(target_os = "macos") { "open" } else { "xdg-open" };
        let quiet = std::process::Command::new(opener)
            .arg(&folder)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn();
        let ended = quiet.and_then(|mut child| child.wait());
        if let Err(error) = &ended {
            tracing::warn!(%error, folder = %folder.display(), "the file manager could not be started");
        }
        // The opener is there on many desktops that have nothing that it could open a folder with.
        sender.send(Some(trouble).filter(|_| !ended.is_ok_and(|status| status.success())));
        wake();
    });
    started.then_some(promise)
}

/// Tells the person that something has ended while the window was not looked at; what goes wrong is logged.
pub fn notify(title: String, text: String) {
    beside("notification", move || {
        let shown = notify_rust::Notification::new().appname("Antifreeze").summary(&title).body(&text).show();
        if let Err(error) = shown {
            tracing::debug!(%error, "no notification could be shown");
        }
    });
}

/// Runs `work` on a thread of its own, at the window's rank, which a program that it starts inherits; false if the system
/// gave none.
fn beside(name: &str, work: impl FnOnce() + Send + 'static) -> bool {
    let spawned = std::thread::Builder::new().name(name.to_owned()).spawn(work);
    if let Err(error) = &spawned {
        tracing::warn!(%error, name, "the system gave no thread");
    }
    spawned.is_ok()
}

/// Where downloads and samples go: a folder that is there. May block; to be asked for before the window opens.
#[must_use]
#[expect(clippy::disallowed_methods, reason = "a look at one folder before there is a window")]
pub fn downloads_folder() -> PathBuf {
    let folders = directories::UserDirs::new();
    let own = folders.as_ref().map(|folders| folders.download_dir().unwrap_or(folders.home_dir()));
    let there = own.filter(|folder| folder.is_dir()).or(folders.as_ref().map(directories::UserDirs::home_dir));
    there.map_or_else(std::env::temp_dir, Path::to_owned)
}
