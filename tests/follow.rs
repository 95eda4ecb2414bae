//! A file that grows, in the window: its end stays in sight while it is followed, until the person goes elsewhere, and a file
//! that takes its name, or is begun anew, is read in its place.
#![expect(clippy::disallowed_methods, reason = "files are made and changed to see what the window makes of them")]
#![expect(clippy::expect_used, reason = "a test fails by a panic")]

#[path = "support/screen.rs"]
mod screen;

use std::fs::{self, File};
use std::io::Write as _;
use std::path::{Path, PathBuf};

use egui::{Key, Modifiers, Role};
use screen::{Window, find, is_on, open, tells, until};
use tempfile::TempDir;

const FOLLOW: &str = "Follow the end of the file";

#[test]
fn the_end_stays_in_sight_until_the_person_goes_elsewhere() {
    let (mut window, _folder, path) = followed();
    append(&path, 500);
    until(&mut window, "the new end is shown", |window| is_at(window, "1,000"));
    append(&path, 1);
    until(&mut window, "and the next", |window| is_at(window, "1,001"));
    window.key_press(Key::PageUp);
    until(&mut window, "it is let go", |window| !is_on(window, Role::Button, FOLLOW) && !is_at(window, "1,001"));
    append(&path, 9);
    until(&mut window, "what is appended is counted all the same", |window| tells(window, "1,010 lines"));
    assert!(!is_at(&window, "1,010"));
}

#[test]
fn a_file_that_takes_the_name_or_is_begun_anew_is_followed_in_its_place() {
    let (mut window, folder, path) = followed();
    fs::rename(&path, folder.path().join("log.1")).expect("a rotated file");
    fs::write(&path, lines(3)).expect("a new file");
    until(&mut window, "the new one is shown", |window| tells(window, "3 lines"));
    assert!(tells(&window, "log was begun anew: this is what bears its name now"), "{}", screen::names(&window));
    until(&mut window, "it is followed", |window| is_on(window, Role::Button, FOLLOW));
    append(&path, 4);
    until(&mut window, "it grows", |window| tells(window, "7 lines"));
    File::options().write(true).truncate(true).open(&path).expect("the file");
    append(&path, 2);
    until(&mut window, "it is read anew", |window| tells(window, "2 lines"));
    until(&mut window, "and followed", |window| is_on(window, Role::Button, FOLLOW));
}

/// A window that follows a file of 500 lines.
fn followed() -> (Window, TempDir, PathBuf) {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("log");
    fs::write(&path, lines(500)).expect("a file");
    let mut window = screen::window([1_200.0, 800.0], screen::start(folder.path()));
    open(&mut window, &path);
    until(&mut window, "its lines are counted", |window| tells(window, "500 lines"));
    window.key_press_modifiers(Modifiers::COMMAND, Key::T);
    until(&mut window, "its end is shown", |window| is_at(window, "500") && is_on(window, Role::Button, FOLLOW));
    (window, folder, path)
}

fn lines(count: usize) -> String {
    "a line of the log\n".repeat(count)
}

fn append(path: &Path, count: usize) {
    let mut end = File::options().append(true).open(path).expect("the file");
    end.write_all(lines(count).as_bytes()).expect("a longer file");
}

/// Whether the status bar tells this line.
fn is_at(window: &Window, line: &str) -> bool {
    find(window, Role::Label, &format!("line {line}")).is_some()
}
