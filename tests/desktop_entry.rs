//! The desktop's entry for the program: that it says what desktops ask, and that it is installed and removed for one
//! person.
#![cfg(target_os = "linux")]
#![expect(clippy::disallowed_methods, reason = "what was installed is looked at")]
#![expect(clippy::expect_used, reason = "a test fails by a panic")]

#[path = "support/program.rs"]
mod program;

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use program::{Ended, Running, antifreeze};
use tempfile::TempDir;

const ENTRY: &str = "applications/antifreeze.desktop";
const ICON: &str = "icons/hicolor/scalable/apps/antifreeze.svg";

#[test]
fn the_entry_names_the_program_its_icon_and_the_files_that_it_opens() {
    let entry = keys(include_str!("../assets/antifreeze.desktop"));
    for (key, value) in
        [("Type", "Application"), ("Name", "Antifreeze"), ("Exec", "antifreeze %F"), ("Icon", "antifreeze")]
    {
        assert_eq!(entry.get(key).map(String::as_str), Some(value));
    }
    let kinds: Vec<_> = entry["MimeType"].split_terminator(';').collect();
    assert!(entry["MimeType"].ends_with(';') && kinds.is_sorted(), "{kinds:?}");
    let is_kind = |kind: &&str| kind.split_once('/').is_some_and(|(one, other)| !one.is_empty() && !other.is_empty());
    assert!(kinds.iter().all(is_kind), "{kinds:?}");
    for kind in [
        "text/plain",
        "text/csv",
        "application/json",
        "application/gzip",
        "application/zstd",
        "application/x-xz",
        "application/x-bzip2",
        "application/octet-stream",
        "image/png",
        "image/svg+xml",
    ] {
        assert!(kinds.contains(&kind), "{kind}");
    }
}

#[test]
fn it_is_installed_in_the_folder_for_data_and_removed_again() {
    let folder = TempDir::new().expect("a folder");
    for _ in 0..2 {
        let ended = desktop("install", folder.path());
        assert_eq!((ended.code, ended.err.as_str()), (Some(0), ""));
        assert!(ended.out.contains(ENTRY) && ended.out.contains(ICON), "{}", ended.out);
    }
    let installed = keys(&fs::read_to_string(folder.path().join(ENTRY)).expect("an entry"));
    let program = env!("CARGO_BIN_EXE_antifreeze");
    assert_eq!(installed["TryExec"], program);
    assert_eq!(installed["Exec"], format!("\"{program}\" %F"));
    let (mut installed, mut packaged) = (installed, keys(include_str!("../assets/antifreeze.desktop")));
    for key in ["Exec", "TryExec"] {
        assert!(installed.remove(key).is_some() && packaged.remove(key).is_some(), "{key}");
    }
    assert_eq!(installed, packaged);
    let icon = fs::read_to_string(folder.path().join(ICON)).expect("an icon");
    assert!(icon.starts_with("<svg"), "{icon}");

    let ended = desktop("remove", folder.path());
    assert_eq!((ended.code, ended.err.as_str()), (Some(0), ""));
    assert!(!folder.path().join(ENTRY).exists() && !folder.path().join(ICON).exists());
    assert_eq!(desktop("remove", folder.path()).code, Some(0), "what is not there is removed");
}

#[test]
fn where_it_can_not_be_written_the_path_is_told() {
    let folder = TempDir::new().expect("a folder");
    fs::write(folder.path().join("icons"), "a file in its way").expect("a file");
    let ended = desktop("install", folder.path());
    assert_eq!(ended.code, Some(1));
    assert!(ended.err.contains(&format!("Could not change {}", folder.path().join(ICON).display())), "{}", ended.err);
}

fn desktop(act: &str, data: &Path) -> Ended {
    Running::start(antifreeze(&["desktop", act]).env("XDG_DATA_HOME", data)).end()
}

/// What stands in an entry, by its keys. It has one group, and no key twice.
fn keys(entry: &str) -> BTreeMap<String, String> {
    let mut lines = entry.lines();
    assert_eq!(lines.next(), Some("[Desktop Entry]"));
    let mut keys = BTreeMap::new();
    for line in lines {
        let (key, value) = line.split_once('=').expect("a key and its value");
        assert_eq!(keys.insert(key.to_owned(), value.to_owned()), None, "{key} is there twice");
    }
    keys
}
