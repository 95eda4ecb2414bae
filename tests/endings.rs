//! How lines end is shown: by one way, by several with how often each is, or by returns alone, which end lines too.
#![expect(clippy::disallowed_methods, reason = "files are made to see what the window makes of them")]
#![expect(clippy::expect_used, reason = "a test fails by a panic")]

#[path = "support/screen.rs"]
mod screen;

use std::fs::{self, File};
use std::io::Write as _;

use egui::Role;
use screen::{Window, find, names, open, tells, until};
use tempfile::TempDir;

#[test]
fn the_status_bar_shows_how_lines_end() {
    for (content, shown) in [
        ("one\ntwo\n", "LF"),
        ("one\r\ntwo\r\n", "CRLF"),
        ("one\rtwo\r", "CR"),
        ("one\ntwo\nthree\r\nfour\rfive\n", "Mixed: 3 LF, 1 CRLF, 1 CR"),
    ] {
        let (window, _folder) = shows(content.as_bytes());
        assert!(find(&window, Role::Label, shown).is_some(), "{shown}: {}", names(&window));
    }
}

#[test]
fn lines_that_end_by_returns_are_lines_and_more_of_them_are_taken_in() {
    let (mut window, folder) = shows("a line\r".repeat(3_000).as_bytes());
    assert!(tells(&window, "3,000 lines"), "{}", names(&window));
    let mut end = File::options().append(true).open(folder.path().join("a.txt")).expect("the file");
    end.write_all(b"another\r").expect("a longer file");
    until(&mut window, "it is taken in", |window| tells(window, "3,001 lines"));
    assert!(find(&window, Role::Label, "CR").is_some());
}

/// A window that shows a file with this content, whose lines are counted.
fn shows(content: &[u8]) -> (Window, TempDir) {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("a.txt");
    fs::write(&path, content).expect("a file");
    let mut window = screen::window([1_280.0, 800.0], screen::start(folder.path()));
    open(&mut window, &path);
    until(&mut window, "its lines are counted", |window| !tells(window, "so far") && tells(window, " lines"));
    (window, folder)
}
